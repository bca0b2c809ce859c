"""The command as an instructor types it, in a real gradebook folder: the terminal, the page, what is wrong."""

import re
import subprocess
import sys

import nbformat
import pytest
from in_browser import chromium
from nbformat.v4 import new_code_cell

from autograder.alike import page
from autograder.catalogue.lesson import find
from autograder.catalogue.sample import answered, right_answers
from autograder.grade.folder import CourseFolder

pytestmark = pytest.mark.slow

LESSON = find("02_ema")
HOSTILE = "<script>alert('[/] out')</script>"
# Names that pages, tables and terminals could stumble over.
ANN, BOB = "O'Neil & [bold]Ann[b]", "bob-" + "b" * 90
COPIED = f"""def wobble(quux, frobs):
    # the marmot told me {HOSTILE}
    zorp = [quux * 3 + frob ** 2 for frob in frobs if frob > 0.37]
    for blip, zap in enumerate(zorp):
        quux += zap / (blip + 7) - 2 * quux  # \u202eturned\x1b[2K
    return quux, zorp"""


def with_cell(text, turn=0):
    answers = list(right_answers(LESSON))
    made = answered(LESSON, answers[turn % len(answers)])
    return nbformat.writes(nbformat.from_dict({**made, "cells": [*made.cells, new_code_cell(text)]}))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Four honest students, two who share a cell, three with one notebook, and one that is none."""
    folder = CourseFolder(tmp_path_factory.mktemp("alike") / "gradebook")
    folder.setup([LESSON])
    for number in range(4):
        folder.submit(f"honest{number}", LESSON, with_cell(f"print({number})", number))
    folder.submit(ANN, LESSON, with_cell(COPIED))
    folder.submit(BOB, LESSON, with_cell(COPIED.replace("zorp", "zorpel"), 1), "mine.ipynb")
    for name in ("kim", "lee", "max"):
        folder.submit(
            name, LESSON, with_cell("def gadzooks(thingummy):\n    # one line that only we have here\n" * 4)
        )
    folder.submit("broken", LESSON, "no notebook")
    return folder


@pytest.fixture(scope="module")
def compared(folder):
    """What the command printed, typed in a terminal of its own, and the page that it wrote."""
    path = folder.path.parent / "alike.html"
    command = [sys.executable, "-m", "autograder", "alike", LESSON.name, "--html", path, "--gradebook"]
    ended = subprocess.run([*command, folder.path], capture_output=True, text=True, check=True)
    return ended.stdout, path


def test_the_terminal_shows_who_and_where_in_80_columns(compared):
    printed, path = compared
    listed, _, written = printed.partition("\nWritten: ")
    assert written.strip() == str(path)
    assert max(map(len, listed.splitlines())) <= 80
    words = re.sub(r"\s+", " ", printed)
    assert "02_ema: 9 submissions compared" in words
    assert "2 groups of 5 students to look at" in words
    assert "kim, lee, max" in words
    assert "All that they wrote is the same to the letter." in words
    assert "[bold]Ann[b]" in words
    assert "own cell 1, lines 1 to 6" in words
    assert "wobble" in words
    assert "honest" not in words
    assert "\x1b[2K" not in printed and "\u202e" not in printed
    assert "broken: " in words
    assert "It can't show why" in words


def test_it_runs_and_changes_nothing(folder, compared):
    assert {path.name for path in folder.path.iterdir()} <= {
        *("gradebook.db", "nbgrader_config.py", "policy.toml", "source", "release", "submitted")
    }


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 380)])
def test_the_page_shows_both_side_by_side(compared, browser, scheme, width):
    requests, trouble = [], []
    tab = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    tab.on("request", lambda request: requests.append(request.url))
    tab.on("console", lambda said: trouble.append(said.text))
    tab.goto(compared[1].as_uri())
    sides = tab.locator("article", has_text="Ann").first.locator(".side").all()
    (first, second) = [side.bounding_box() for side in sides[-2:]]
    assert (first["y"] == second["y"]) == (width > 1000)
    assert tab.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert tab.locator("mark.same", has_text="wobble").count() == 2
    assert tab.locator("pre", has_text="<script>alert('[/] out')</script>").count() == 2
    assert tab.locator("script").count() == 0
    assert tab.locator("nav li").count() == 2
    ground = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(255, 255, 255)") == (scheme == "light")
    assert requests == [compared[1].as_uri()]
    assert trouble == []
    tab.close()


def test_the_page_is_one_file_that_asks_for_no_other(compared):
    text = compared[1].read_text()
    assert text.startswith(page.MARK)
    assert "Content-Security-Policy" in text
    for sign in ("http://", "https://", "<script", "\x1b", "\u202e", "score"):
        assert sign not in text


def test_what_is_wrong_is_one_sentence(folder, tmp_path, command_line):
    other = tmp_path / "notes.html"
    other.write_text("mine")
    for arguments, sentence in (
        (["alike", "adam", "--gradebook", folder.path], "There is no lesson"),
        (["alike", LESSON.name, "--gradebook", tmp_path], "is no gradebook folder"),
        (["alike", LESSON.name, "--html", "out.txt", "--gradebook", folder.path], "name it out.html"),
        (["alike", LESSON.name, "--html", other, "--gradebook", folder.path], "is there already"),
        (
            ["alike", LESSON.name, "--html", tmp_path / "no" / "a.html", "--gradebook", folder.path],
            "No such file",
        ),
    ):
        code, _, said = command_line(*arguments)
        assert code == 2
        assert sentence in re.sub(r"\s+", " ", said)
        assert "Traceback" not in said
    assert other.read_text() == "mine"
