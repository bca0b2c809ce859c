"""The start page and the table of progress: what is done, and what is next."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from course import progress
from course.desk import start
from course.desk.copies import bring
from course.desk.lessons import lessons
from course.desk.standing import next_step, standings, state
from course.desk.table import table
from course.progress import Progress

ROOT = Path(__file__).parents[2]
ADAM = {"adam_update": (2.5, 2.5), "Adam": (3.5, 3.5), "AdamW": (1.0, 2.5), "amsgrad_update": (0.0, 1.5)}
WHOLE = {id: (most, most) for id, (_, most) in ADAM.items()}


@pytest.fixture
def course():
    return lessons(ROOT / "lessons")


def sentence(course, noted):
    return next_step(standings(course, noted), noted).sentence


def test_the_next_step_goes_on_where_the_student_was(course):
    (adam,) = (lesson for lesson in course if lesson.name == "05_adam")
    quiz = dict.fromkeys(adam.questions, True)
    assert sentence(course, Progress()) == "Begin with 00 Gradients and directions."
    assert sentence(course, Progress(ADAM, last="AdamW")) == "Go on with AdamW in 05 Adam and AdamW."
    assert sentence(course, Progress(WHOLE, last="Adam")) == (
        "Answer 6 questions of the quiz at the end of 05 Adam and AdamW."
    )
    almost = {**quiz, "decay_alone": False}
    assert sentence(course, Progress(WHOLE, almost, last="decay_alone")).startswith("Answer one question")
    done = Progress(WHOLE, quiz, last="decay_alone")
    assert sentence(course, done) == "Begin with 06 Learning-rate decay."
    assert sentence([adam], done) == "Everything is done: all points, all quizzes."
    # After the last lesson come those before it.
    until = [lesson for lesson in course if lesson.name <= "05_adam"]
    assert sentence(until, done) == "Begin with 00 Gradients and directions."


def test_the_table_fits_into_80_columns_with_every_lesson_in_it(course):
    noted = Progress(
        {id: (most, most) for lesson in course for id, most in lesson.exercises.items()},
        {id: True for lesson in course for id in lesson.questions},
    )
    written = table(standings(course, noted), next_step(standings(course, noted), noted))
    lines = written.splitlines()
    assert max(map(len, lines)) < 80
    assert [line[:2] for line in lines[1:-3]] == [lesson.name[:2] for lesson in course]
    rows = {line[:2]: re.split("  +", line) for line in lines}
    assert rows["05"] == ["05 Adam and AdamW", "02, 03, 04", "4 of 4", "10 of 10", "6 of 6"]
    assert (rows["00"][1], rows["01"][1]) == ("-", "00")
    exercises = sum(len(lesson.exercises) for lesson in course)
    questions = sum(len(lesson.questions) for lesson in course)
    points = 10 * len(course)
    assert rows["al"] == ["all lessons", *(f"{most} of {most}" for most in (exercises, points, questions))]
    assert lines[-1] == "Next: Everything is done: all points, all quizzes."


def test_a_title_that_is_too_long_is_shortened(course):
    long = [replace(course[0], title="17 " + "very " * 20 + "long")]
    assert max(map(len, table(standings(long, Progress()), next_step([], Progress())).splitlines())) < 80


def test_the_page_says_what_holds_and_links_to_the_copies(place):
    bring(place)
    progress.update(place.work, lambda old: Progress(ADAM, last="AdamW"))
    page = nbformat.read(start.write(place), as_version=4)
    nbformat.validate(page)
    shown = page.cells[1].outputs[0].data
    assert shown["text/plain"] == table(*state(place))
    html = shown["text/html"]
    assert "<strong>Next:</strong> Go on with AdamW in " in html
    assert html.count('href="05_adam.ipynb"') == 2 and html.count('href="02_ema.ipynb"') == 1
    assert ">2 of 4<" in html and ">7 of 10<" in html


def test_the_page_is_written_when_something_is_new_and_only_then(place):
    bring(place)
    path = start.write(place)
    os.utime(path, (0, 0))
    start.write(place)
    assert path.stat().st_mtime == 0
    progress.note_check("ema", 1, 1.5)  # not in the folder of work: nothing is noted
    start.write(place)
    assert path.stat().st_mtime == 0
    progress.update(place.work, lambda old: Progress({"ema": (1.0, 1.5)}))
    start.write(place)
    assert path.stat().st_mtime > 0 and "1 of 10" in path.read_text()


def test_what_a_student_writes_into_the_page_stays(place):
    bring(place)
    path = start.write(place)
    page = nbformat.read(path, as_version=4)
    page.cells[0].source += "\n\nMy plan: two lessons a week."
    page.cells.insert(1, nbformat.v4.new_code_cell("1 + 1  # ä"))
    page.cells[2].source = "show_something_else()"
    nbformat.write(page, path)
    for number in (1.0, 1.5):
        progress.update(place.work, lambda old, number=number: Progress({"ema": (number, 1.5)}))
        page = nbformat.read(start.write(place), as_version=4)
        nbformat.validate(page)
        assert [cell.id for cell in page.cells[:2]] == [start.WORDS, start.SHOWN]
        assert [cell.source for cell in page.cells[2:]] == [
            f"{start.INTRODUCTION}\n\nMy plan: two lessons a week.",
            "1 + 1  # ä",
            "show_something_else()",
        ]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cells": 3}', "{}"])
def test_a_page_that_can_not_be_read_is_kept(place, text):
    bring(place)
    (place.work / start.PAGE).write_text(text)
    nbformat.validate(nbformat.read(start.write(place), as_version=4))
    assert (place.work / "start_unreadable_1.ipynb").read_text() == text


@pytest.mark.slow
def test_the_cell_of_the_page_gives_a_fresh_look_in_a_kernel(place, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    bring(place)
    page = nbformat.read(start.write(place), as_version=4)
    page.cells.insert(
        1,
        nbformat.v4.new_code_cell(
            "from course import check, predict, quiz\n"
            "def ema_weights(beta, t):\n    return [(1 - beta) * beta ** (t - k) for k in range(1, t + 1)]\n"
            "points = check('ema_weights', ema_weights)\n"
            "import os\nos.chdir('/')\n"
            "predict('first_step_length', 3)\nquiz('adam_memory', 80)\n"
            f"os.chdir({str(place.work)!r})"
        ),
    )
    resources = {"metadata": {"path": str(place.work)}}
    NotebookClient(page, kernel_name="python3", timeout=120, resources=resources).execute()
    noted = json.loads((place.work / progress.FILE).read_text())
    assert (noted["answers"], noted["guesses"]) == ({"adam_memory": True}, ["first_step_length"])
    assert list(noted["exercises"]) == ["ema_weights"] and noted["last"] == "adam_memory"
    (shown,) = page.cells[2].outputs
    assert shown.data["text/plain"] == table(*state(place))
    assert "Go on with adam_update in " in shown.data["text/html"]


def test_the_cell_says_in_a_sentence_where_the_lessons_are_gone(place, monkeypatch, capsys):
    bring(place)
    shutil.rmtree(place.lessons)
    monkeypatch.chdir(place.work)
    start.show()
    assert capsys.readouterr().out == (
        f"There are no lessons in {place.lessons}: put those that you were handed out there.\n"
    )


@pytest.mark.slow
def test_the_cell_says_in_a_sentence_that_its_kernel_has_no_course(place):
    """A Python without any package, as an editor's first choice may be."""
    bring(place)
    source = nbformat.read(start.write(place), as_version=4).cells[1].source
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", source], capture_output=True, text=True, check=True
    )
    assert done.stdout == (
        "There is no package course here: choose the kernel of your course folder's .venv.\n"
    )
