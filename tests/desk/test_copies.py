"""Copies of the lessons: nothing that a student does with `lab` and `reset` loses an answer."""

import json
import os
import sys

import nbformat
import pytest
from elsewhere import AS_A_COMMAND, in_a_sandbox, started

from course import progress
from course.desk.copies import bring, reset
from course.desk.lessons import lessons


def answer(path):
    """Save an answer as an editor does; gives the bytes of the file."""
    notebook = nbformat.read(path, as_version=4)
    cell = next(cell for cell in notebook.cells if "NotImplementedError" in cell.source)
    cell.source = "def mine():\n    return 'ä'"
    nbformat.write(notebook, path)
    return path.read_bytes()


def hand_out_anew(place, name):
    """A newer handout is unpacked over the folder: the lesson is another version of it."""
    path = place.lessons / f"{name}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].source += "\n\nOne more sentence."
    notebook.metadata["descent"]["built"] = "another"
    nbformat.write(notebook, path)
    return path.read_bytes()


def files(place):
    return sorted(path.name for path in place.work.iterdir() if not path.name.endswith(".lock"))


def test_lab_copies_what_has_no_copy_and_nothing_else(place):
    assert bring(place).new == ("02_ema", "05_adam")
    assert files(place) == ["02_ema.ipynb", "05_adam.ipynb", "progress.json"]
    for name in ("02_ema", "05_adam"):
        assert place.copy(name).read_bytes() == (place.lessons / f"{name}.ipynb").read_bytes()
    mine = answer(place.copy("05_adam"))
    place.copy("02_ema").unlink()
    again = bring(place)
    assert (again.new, again.newer, again.said) == (("02_ema",), (), "")
    assert place.copy("05_adam").read_bytes() == mine


def test_a_new_handout_over_an_old_one_leaves_copies_and_says_which_lessons_are_newer(place):
    bring(place)
    mine = answer(place.copy("05_adam"))
    progress.update(place.work, lambda old: progress.Progress({"adam_update": (2.5, 2.5)}))
    hand_out_anew(place, "05_adam")
    assert bring(place).newer == ("05_adam",)
    assert place.copy("05_adam").read_bytes() == mine
    assert progress.read(place.work).exercises == {"adam_update": (2.5, 2.5)}


def test_reset_keeps_what_was_written_however_often(place):
    bring(place)
    kept = {}
    for _ in range(3):
        mine = answer(place.copy("05_adam"))
        kept[reset(place, "05_adam")] = mine
        fresh = (place.lessons / "05_adam.ipynb").read_bytes()
        assert place.copy("05_adam").read_bytes() == fresh
    assert sorted(path.name for path in kept) == [f"05_adam_kept_{number}.ipynb" for number in (1, 2, 3)]
    assert all(path.read_bytes() == mine for path, mine in kept.items())
    assert reset(place, "05_adam") is None
    assert len(files(place)) == 6


def test_reset_begins_the_progress_of_that_lesson_anew(place):
    bring(place)
    noted = progress.Progress(
        {"adam_update": (2.5, 2.5), "ema": (1.5, 1.5)},
        {"adam_memory": True, "late_turn": True},
        ("first_step_length", "two_years"),
        "adam_memory",
    )
    progress.update(place.work, lambda old: noted)
    reset(place, "05_adam")
    assert progress.read(place.work) == progress.Progress(
        {"ema": (1.5, 1.5)}, {"late_turn": True}, ("two_years",), ""
    )


def test_reset_gives_the_newer_lesson(place):
    bring(place)
    mine = answer(place.copy("05_adam"))
    newer = hand_out_anew(place, "05_adam")
    assert reset(place, "05_adam").read_bytes() == mine
    assert place.copy("05_adam").read_bytes() == newer
    assert bring(place).newer == ()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cells": 3}'])
def test_a_copy_that_is_broken_stays_and_can_be_reset(place, text):
    bring(place)
    place.copy("05_adam").write_text(text)
    assert bring(place).newer == ()
    assert place.copy("05_adam").read_text() == text
    assert reset(place, "05_adam").read_text() == text


def test_what_links_elsewhere_is_kept_as_a_link(place, tmp_path):
    bring(place)
    elsewhere = tmp_path / "mine.ipynb"
    mine = place.copy("05_adam").read_bytes() + b"\n"
    elsewhere.write_bytes(mine)
    place.copy("05_adam").unlink()
    place.copy("05_adam").symlink_to(elsewhere)
    kept = reset(place, "05_adam")
    assert kept.is_symlink() and elsewhere.read_bytes() == mine
    assert not place.copy("05_adam").is_symlink()


def test_a_lesson_that_is_saved_while_it_is_reset_is_not_lost(place, monkeypatch):
    """An editor that is open saves between the two moves."""
    bring(place)
    mine = answer(place.copy("05_adam"))
    link = os.link

    def saved_first(source, path):
        place.copy("05_adam").write_bytes(b"saved in between")
        link(source, path)

    monkeypatch.setattr(os, "link", saved_first)
    assert reset(place, "05_adam").read_bytes() == mine
    assert place.copy("05_adam").read_bytes() == b"saved in between"


BRING = """
import os, sys
from course.desk.copies import bring, reset
from course.desk.place import find
os.chdir({folder!r})
place = find()
print("ready", flush=True)
sys.stdin.readline()
{command}
"""


@pytest.mark.slow
@pytest.mark.parametrize("command", ["bring(place)", "reset(place, '05_adam')"])
def test_two_at_once_lose_nothing(place, command):
    bring(place)
    mine = answer(place.copy("05_adam"))
    place.copy("02_ema").unlink()
    code = BRING.format(folder=str(place.work.parent), command=command)
    processes = [started(sys.executable, "-c", AS_A_COMMAND + code, stdin=-1) for _ in range(2)]
    for process in processes:
        assert process.stdout.readline() == "ready\n", process.stderr.read()
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    for process in processes:
        _, errors = process.communicate()
        assert process.returncode == 0, errors
    assert mine in [path.read_bytes() for path in place.work.glob("05_adam*.ipynb")]
    assert progress.is_readable(place.work)
    assert not list(place.work.glob(".*.ipynb"))


# Fills the disk but for less than a lesson needs, and tries both commands on it.
FULL = """
import json, os, shutil
from pathlib import Path
from course.__main__ import main
os.chdir({disk!r})
shutil.copytree({lessons!r}, "lessons")
os.mkdir("work")
mine = Path("lessons/05_adam.ipynb").read_bytes().replace(b"Adam keeps", b"I keep")
Path("work/05_adam.ipynb").write_bytes(mine)
with open("filler", "wb", buffering=0) as filler:
    try:
        while filler.write(b"x" * 4096):
            pass
    except OSError:
        pass
codes = main(["lab", "--no-browser"]), main(["reset", "05"])
print(json.dumps([codes, sorted(os.listdir("work")), Path("work/05_adam.ipynb").read_bytes() == mine]))
"""


@pytest.mark.slow
def test_on_a_full_disk_answers_stay_and_one_sentence_says_so(place, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    code = FULL.format(disk=str(disk), lessons=str(place.lessons))
    printed = in_a_sandbox(f"sys.stderr = sys.stdout\n{code}", "--size", "300000", "--tmpfs", str(disk))
    *said, last = printed.splitlines()
    assert len(said) == 2 and all("No space left on device" in line for line in said), said
    codes, there, unchanged = json.loads(last)
    assert codes == [2, 2] and unchanged
    assert there == [".progress.lock", "05_adam.ipynb"]


def test_the_lessons_say_what_they_build_on(place):
    ema, adam = lessons(place.lessons)
    assert (ema.title, ema.builds_on, ema.minutes) == ("02 Exponential moving averages", ("01",), 80)
    assert (adam.title, adam.builds_on, adam.minutes) == ("05 Adam and AdamW", ("02", "03", "04"), 80)
    assert adam.exercises == {"adam_update": 2.5, "Adam": 3.5, "AdamW": 2.5, "amsgrad_update": 1.5}
    assert len(adam.questions) == 6 and len(adam.predictions) == 8
