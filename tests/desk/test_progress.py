"""The file of progress: what is noted, by whom, and what happens where that can't be."""

import json
import random
import signal
import sys
import time

import numpy as np
import pytest
from elsewhere import AS_A_COMMAND, in_a_sandbox, started

from course import check, predict, progress, quiz


def ema_of_a_student(x, beta):
    v, average = 0.0, []
    for value in x:
        v = beta * v + (1 - beta) * value
        average.append(v)
    return np.array(average)


@pytest.fixture
def work(tmp_path, monkeypatch):
    """A folder that `lab` made, with the notebook's kernel in it."""
    progress.update(tmp_path, lambda old: old)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_checks_predictions_and_quizzes_are_noted(work, capsys):
    points = check("ema", ema_of_a_student)
    check("ema_weights", lambda beta, t: np.zeros(t))
    predict("first_step_length", 3)
    quiz("adam_memory", 40)
    quiz("gradient_stops", "b")
    assert progress.read(work) == progress.Progress(
        {"ema": (points, 1.5), "ema_weights": (0.0, 1.5)},
        {"adam_memory": False, "gradient_stops": True},
        ("first_step_length",),
        "gradient_stops",
    )
    quiz("adam_memory", 80)
    assert progress.read(work).answers["adam_memory"]
    assert "progress" not in capsys.readouterr().out


def test_what_is_no_answer_is_not_noted(work):
    before = (work / progress.FILE).read_bytes()
    predict("first_step_length", ...)
    predict("first_step_length", "long")
    quiz("adam_memory", ...)
    quiz("adam_memory", "many")
    check("no_such_exercise", ema_of_a_student)
    assert (work / progress.FILE).read_bytes() == before


def test_nothing_is_written_in_a_folder_that_lab_did_not_make(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    check("ema", ema_of_a_student)
    quiz("adam_memory", 80)
    assert not list(tmp_path.iterdir())


UNREADABLE = {
    "empty": "",
    "cut off": "{",
    "zeros": "\0" * 80,
    "nothing in it": '{"descent": 1}',
    "another format": '{"descent": 2, "exercises": {}}',
    "no table": '{"descent": 1, "exercises": 3, "answers": {}, "guesses": [], "last": ""}',
    "no points": '{"descent": 1, "exercises": {"ema": 1}, "answers": {}, "guesses": [], "last": ""}',
    "too deep": "[" * 100_000,
}


@pytest.mark.parametrize("text", UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_can_not_be_read_is_kept_and_progress_goes_on(work, capsys, text):
    (work / progress.FILE).write_text(text)
    quiz("adam_memory", 80)
    assert (
        "progress.json could not be read: it is kept as progress_unreadable_1.json" in capsys.readouterr().out
    )
    assert (work / "progress_unreadable_1.json").read_text() == text
    assert progress.read(work).answers == {"adam_memory": True}
    quiz("gradient_stops", "a")
    assert "could not be read" not in capsys.readouterr().out


def test_bytes_that_are_no_text_are_kept_too(work):
    (work / progress.FILE).write_bytes(b"\xff\xfe\x00")
    progress.note_check("ema", 1, 1.5)
    assert (work / "progress_unreadable_1.json").read_bytes() == b"\xff\xfe\x00"


@pytest.mark.parametrize("text", ["[1, 2]", '{"epoch": 3}', "7"])
def test_another_program_s_file_is_left_alone(work, capsys, text):
    (work / progress.FILE).write_text(text)
    quiz("adam_memory", 80)
    assert (work / progress.FILE).read_text() == text
    assert len(list(work.glob("*.json"))) == 1
    assert "Traceback" not in capsys.readouterr().out


NOTE = """
import os, sys
from course.progress import note_check
os.chdir({folder!r})
print("ready", flush=True)
sys.stdin.readline()
for number in range({count}):
    note_check(f"{name}_{{number}}", number, 100)
"""


def noting(folder, name, count):
    code = NOTE.format(folder=str(folder), name=name, count=count)
    process = started(sys.executable, "-c", AS_A_COMMAND + code, stdin=-1)
    assert process.stdout.readline() == "ready\n", process.stderr.read()
    return process


@pytest.mark.slow
def test_two_kernels_at_once_lose_nothing(work):
    processes = [noting(work, name, 60) for name in ("one", "two")]
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    for process in processes:
        _, errors = process.communicate()
        assert process.returncode == 0, errors
    assert set(progress.read(work).exercises) == {
        f"{name}_{number}" for name in ("one", "two") for number in range(60)
    }


@pytest.mark.slow
def test_a_killed_kernel_leaves_a_whole_file_and_no_lock(work):
    chance = random.Random(0)
    for name in ("one", "two", "three"):
        process = noting(work, name, 100_000)
        process.stdin.write("\n")
        process.stdin.flush()
        while not any(id.startswith(name) for id in progress.read(work).exercises):
            time.sleep(0.01)
        time.sleep(chance.uniform(0, 0.05))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert progress.is_readable(work)
        known = set(progress.read(work).exercises)
        began = time.monotonic()
        progress.note_quiz(name, True)
        assert time.monotonic() - began < progress.LOCK_SECONDS
        assert known <= set(progress.read(work).exercises)
    assert set(progress.read(work).answers) == {"one", "two", "three"}


FULL = """
import json, os
from pathlib import Path
os.chdir({folder!r})
from course import progress
from course.questions import quiz
progress.update(Path(), lambda old: old)
quiz("adam_memory", 80)
before = Path(progress.FILE).read_bytes()
with open("filler", "wb", buffering=0) as filler:
    try:
        while filler.write(b"x" * 512):
            pass
    except OSError:
        pass
quiz("gradient_stops", "b")
full = Path(progress.FILE).read_bytes() == before, sorted(os.listdir())
os.remove("filler")
quiz("gradient_stops", "b")
print(json.dumps([full, progress.read(Path()).answers]))
"""


@pytest.mark.slow
def test_on_a_full_disk_a_quiz_answers_and_the_file_stays(tmp_path):
    disk = ("--size", "65536", "--tmpfs", str(tmp_path))
    printed = in_a_sandbox(FULL.format(folder=str(tmp_path)), *disk)
    *said, last = printed.splitlines()
    assert len(said) == 3 and all(line.startswith("Right. ") for line in said)
    (unchanged, there), answers = json.loads(last)
    assert unchanged
    assert there == [".progress.lock", "filler", progress.FILE]
    assert answers == {"adam_memory": True, "gradient_stops": True}


@pytest.mark.slow
def test_in_a_folder_that_can_not_be_written_a_quiz_answers(work):
    code = f"import os\nos.chdir({str(work)!r})\nfrom course.questions import quiz\nquiz('adam_memory', 80)"
    before = (work / progress.FILE).read_bytes()
    printed = in_a_sandbox(code, "--ro-bind", str(work), str(work))
    assert printed.startswith("Right. ") and len(printed.splitlines()) == 1
    assert (work / progress.FILE).read_bytes() == before
