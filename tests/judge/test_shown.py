"""What a student named or said is one line in which everything is seen: on a terminal, in pages, in JSON."""

import html
import io
import json
import re
import unicodedata
from dataclasses import replace

import nbformat
import pytest
from corpus.entry import notebook
from corpus.texts import RUBBED_OUT, SHOWN, with_text
from rich.console import Console

from autograder.catalogue.lesson import find
from autograder.catalogue.sample import answered
from autograder.grade import feedback
from autograder.grade.class_run import ClassRun
from autograder.grade.folder import CourseFolder
from autograder.judge.flags import SENTENCES, flag
from autograder.judge.grader import Grader
from autograder.report import page as class_report
from autograder.report.results import results
from autograder.report.table import changes, table
from autograder.sandbox.confine import Limits

pytestmark = pytest.mark.slow

LESSON = find("05_adam")
LIMITS = Limits(cell=5, notebook=15)
STUDENTS = {entry.name: f"student-{number}" for number, entry in enumerate(SHOWN)}
NAMES = ("\x1b]52;c;cm0=\x07", "a\x9b2Jb", "\u202egpj.zoe", "[red]x[/]", "a\u2066b")


def assert_seen(text):
    """No controls but line breaks, no formats: what a terminal or a page would act on."""
    assert {unicodedata.category(character) for character in set(text) - {"\n"}} & {"Cc", "Cf", "Cs"} == set()


def printed(*tables):
    console = Console(file=io.StringIO(), width=300, force_terminal=False)
    for entry in tables:
        console.print(entry)
    return console.file.getvalue()


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    folder = CourseFolder(tmp_path_factory.mktemp("shown") / "gradebook")
    folder.setup([LESSON])
    for entry in SHOWN:
        folder.submit(STUDENTS[entry.name], LESSON, entry.content(LESSON))
    folder.submit("zoe", LESSON, nbformat.writes(answered(LESSON, {})))
    folder.submit("unread", LESSON, "no notebook", "[x](javascript:alert(1)) $\\href{javascript:x}{y}$.ipynb")
    grader = Grader(folder.seed(), LIMITS, hidden=folder.hidden())
    done = {entry.student: entry for entry in ClassRun(folder, LESSON, grader).run(2)}
    list(feedback.write(folder, LESSON, feedback.stale(folder, LESSON), 2))
    return folder, done


@pytest.mark.parametrize("entry", SHOWN, ids=lambda entry: entry.name)
def test_flags_and_messages_are_lines_that_are_seen(graded, entry):
    found = graded[1][STUDENTS[entry.name]].judgement
    assert entry.state is None or found.state == entry.state
    assert entry.score is None or found.score == entry.score
    messages = [result.message for exercise in found.exercises for result in exercise.properties]
    for text in (*found.sentences, *messages):
        assert_seen(text)
        assert "\n" not in text
        assert len(text) < 1500


def test_an_exception_is_named_only_by_a_name(graded):
    said = {
        entry.name: " ".join(graded[1][STUDENTS[entry.name]].judgement.sentences)
        for entry in SHOWN
        if entry.name.startswith("an exception")
    }
    assert said.pop("an exception that says escapes").count("ended with E") == 1
    assert all("the cell of Adam ended with Exception" in text for text in said.values())


def test_nobody_adds_rows_to_the_table(graded):
    found = results(graded[0], LESSON)
    lines = [line for line in printed(table(found)).splitlines() if line.lstrip().startswith("zoe")]
    assert len(lines) == 1
    assert_seen(printed(table(found)))


def test_a_name_is_seen_wherever_it_is_shown(graded, tmp_path):
    folder, done = graded
    found = results(folder, LESSON)
    row, regraded = found.rows[0], next(iter(done.values()))
    for name in NAMES:
        found.rows[:] = [replace(row, student=name)]
        again = replace(regraded, student=name, before=1.0)
        text = printed(table(found), changes([again]))
        assert_seen(text)
        assert name.encode("unicode_escape").decode() in text


def test_the_report_and_the_pages_hold_no_picture_that_is_too_large(graded):
    folder, _ = graded
    student = STUDENTS["pictures of a billion pixels"]
    made = folder.feedback(student, LESSON).read_text()
    assert made.count("picture left out") >= 6  # the rest is cut: it is more than a page shows
    assert not re.search("data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAdT", made)
    assert_seen(class_report.write(folder).read_text())


def test_a_page_that_says_why_has_no_link_that_the_file_is_named_after(graded):
    made = graded[0].feedback("unread", LESSON).read_text()
    assert "This submission could not be graded." in made
    assert "javascript:alert(1)" in html.unescape(made)
    assert not re.search(r"href=\"javascript", html.unescape(made))


def test_judge_prints_ascii_alone_and_no_character_is_lost(command_line, tmp_path):
    path = tmp_path / f"Übung {RUBBED_OUT}.ipynb"
    path.write_text(nbformat.writes(notebook(LESSON, {})))
    code, out, _ = command_line("judge", "--seed", "1", path)
    assert code == 0
    assert out.isascii()
    assert_seen(out)
    line = json.loads(out)
    assert "Übung" in line["notebook"]
    assert_seen(json.dumps(line, ensure_ascii=False))


def test_what_is_said_of_a_file_that_can_not_be_read_is_seen(command_line, tmp_path):
    path = tmp_path / f"x{RUBBED_OUT}.ipynb"
    path.write_text("no notebook")
    code, out, errors = command_line("judge", path)
    assert code == 2
    for text in (out, errors):
        assert_seen(text)
    assert r"x\x1b[2K\x1b[1A\x9b2J\u202e.ipynb" in errors


@pytest.mark.parametrize("id", SENTENCES)
def test_every_flag_is_one_line(id):
    names = re.findall(r"\{(\w+)", SENTENCES[id])
    values = {
        name: 3 if name in ("points", "limit", "line", "seconds") else f"a\nb{RUBBED_OUT}" for name in names
    }
    assert_seen(flag(id, **values).sentence)
    assert "\n" not in flag(id, **values).sentence


def test_a_pasted_picture_costs_nobody_the_page(tmp_path):
    folder = CourseFolder(tmp_path / "gradebook")
    folder.setup([LESSON])
    made = with_text(notebook(LESSON, {}), "![x](attachment:gone.png)", {})
    folder.submit("eve", LESSON, nbformat.writes(made))
    grader = Grader(folder.seed(), LIMITS, hidden=folder.hidden())
    assert [entry.student for entry in ClassRun(folder, LESSON, grader).run(1)] == ["eve"]
    list(feedback.write(folder, LESSON, feedback.stale(folder, LESSON), 1))
    assert feedback.stale(folder, LESSON) == []
    assert "picture left out" in folder.feedback("eve", LESSON).read_text()
