"""Grading a class into a real nbgrader course folder, and stock nbgrader in the same folder."""

import html
import io
import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from rich.console import Console

from autograder.catalogue.answers import misconceptions
from autograder.catalogue.lesson import find, grade_id
from autograder.catalogue.sample import answered, hand_in, right_answers
from autograder.errors import DescentError
from autograder.grade import feedback
from autograder.grade.class_run import ClassRun
from autograder.grade.folder import CourseFolder
from autograder.judge.grader import Grader
from autograder.report import page as class_report
from autograder.report.results import results
from autograder.report.table import table

LESSON = find("05_adam")
BIN = Path(sys.executable).parent

WRONG = misconceptions(LESSON, "AdamW")[0]
# Submissions on which stock nbgrader is right.
HONEST = {
    "right": answered(LESSON, next(right_answers(LESSON))),
    "wrong": answered(LESSON, {"AdamW": WRONG.code(LESSON.solutions()["AdamW"])}),
    "untouched": LESSON.student_notebook(),
}
BROKEN = {"O'Neil, Jr": "not a notebook", "zoé": answered(LESSON, {"adam_update": "1 / 0"})}


def without_experiments(notebook):
    """Stock nbgrader runs every cell; the experiments take most of the time and give no points."""
    kept = [cell for cell in notebook.cells if "experiment" not in cell.metadata.get("tags", [])]
    return nbformat.from_dict({**notebook, "cells": kept})


def submit(folder, student, notebook, name="05_adam.ipynb"):
    place = folder / "submitted" / student / LESSON.name
    place.mkdir(parents=True)
    (place / name).write_text(notebook if isinstance(notebook, str) else nbformat.writes(notebook))
    return place


def grade(folder, seed, force=False, workers=2):
    """The judgements of what was graded, by student."""
    run = ClassRun(folder, LESSON, Grader(seed, hidden=[folder.path]), force)
    return {graded.student: graded.judgement for graded in run.run(workers)}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A folder with a small class, graded."""
    folder = CourseFolder(tmp_path_factory.mktemp("course") / "gradebook")
    folder.setup([LESSON])
    for student, notebook in {**HONEST, **BROKEN}.items():
        submit(folder.path, student, notebook)
    submit(folder.path, "renamed", answered(LESSON, {}), "my homework.ipynb")
    late = submit(folder.path, "late", answered(LESSON, {}))
    (late / "timestamp.txt").write_text("2026-01-02 03:04:05 UTC")
    done = grade(folder, seed=11)
    assert sum(feedback.write(folder, LESSON, feedback.missing(folder, LESSON), 2)) == len(done)
    return folder, done


def stored_scores(folder):
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "descent") as gradebook:
        return {entry.student.id: entry.score for entry in gradebook.assignment_submissions(LESSON.name)}


def test_everyone_is_graded(graded):
    folder, done = graded
    scores = stored_scores(folder.path)
    assert scores == {student: judgement.score for student, judgement in done.items()}
    assert (scores["right"], scores["renamed"], scores["late"]) == (10.0, 10.0, 10.0)
    assert (scores["untouched"], scores["O'Neil, Jr"], scores["zoé"]) == (0.0, 0.0, 7.0)
    assert 7.0 < scores["wrong"] < 10.0


def test_a_timestamp_that_is_none_is_told_and_stops_nobody(graded, tmp_path):
    folder = CourseFolder(shutil.copytree(graded[0].path, tmp_path / "again"))
    (folder.path / "submitted" / "right" / LESSON.name / "timestamp.txt").write_text("last night")
    assert list(grade(folder, seed=11)) == ["right"]
    (row,) = (row for row in results(folder, LESSON).rows if row.student == "right")
    assert row.score == 10.0
    assert any("timestamp.txt" in flag for flag in row.line["flags"])


def test_timestamps_reach_the_gradebook(graded):
    folder, _ = graded
    with folder.open() as gradebook:
        assert str(gradebook.find_submission(LESSON.name, "late").timestamp) == "2026-01-02 03:04:05"


def test_every_autograded_notebook_is_valid_and_holds_report_and_points(graded):
    folder, done = graded
    for student, judgement in done.items():
        notebook = nbformat.read(
            folder.path / "autograded" / student / "05_adam" / "05_adam.ipynb", as_version=4
        )
        nbformat.validate(notebook)
        checks = [cell for cell in notebook.cells if grade_id(cell).startswith("check_")]
        assert [float(cell.outputs[-1].data["text/plain"]) for cell in checks] == [
            verdict.score for verdict in judgement.verdicts
        ]
        assert all("points" in cell.outputs[0].data["text/html"] for cell in checks)


def test_every_student_gets_feedback_that_says_what_happened(graded):
    folder, done = graded
    pages = {
        student: (folder.path / "feedback" / student / "05_adam" / "05_adam.html").read_text()
        for student in done
    }
    assert "This submission could not be graded." in pages["O'Neil, Jr"]
    assert "it is not JSON" in pages["O'Neil, Jr"]
    assert "ZeroDivisionError" in pages["zoé"]
    assert WRONG.misconception.name in pages["wrong"]


def test_manual_grades_survive_grading_again(graded, tmp_path):
    folder, done = graded
    again = CourseFolder(shutil.copytree(folder.path, tmp_path / "again"))
    with again.open() as gradebook:
        entry = gradebook.find_grade("check_AdamW", "05_adam", "05_adam", "wrong")
        entry.manual_score = 2.5
        gradebook.find_comment("AdamW", "05_adam", "05_adam", "wrong").manual_comment = "Well tried."
        gradebook.db.commit()
    assert len(grade(again, seed=12, force=True)) == len(done)
    with again.open() as gradebook:
        assert gradebook.find_grade("check_AdamW", "05_adam", "05_adam", "wrong").score == 2.5
        comment = gradebook.find_comment("AdamW", "05_adam", "05_adam", "wrong")
        assert comment.comment == "Well tried."


def test_table_and_report_have_a_row_for_everyone(graded):
    folder, done = graded
    found = results(folder, LESSON)
    assert [row.student for row in found.rows] == sorted(done)
    assert table(found).row_count == len(done)
    page = class_report.write(folder).read_text()
    for student in ("O&#39;Neil, Jr", "zoé", "renamed"):
        assert f">{student}</a>" in page
    assert "http://" not in page
    assert "https://" not in page
    assert "<script" not in page
    assert page.count("<img") == page.count('alt="') == 2
    assert WRONG.misconception.hint.split("`")[0][:40].replace("'", "&#39;") in page


MEASURE = """<script>document.title = JSON.stringify({
  overflow: document.documentElement.scrollWidth - innerWidth,
  pictures: [...document.images].map(image => image.naturalWidth),
  text: document.body.innerText.length,
})</script>"""


@pytest.mark.parametrize("width", [1200, 500])
def test_the_report_fits_the_browser_and_its_pictures_load(graded, tmp_path, width):
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert browser, (
        "This test needs Chromium: `make test` installs it on Debian as root; elsewhere install it by hand."
    )
    page = tmp_path / "measured.html"
    page.write_text(class_report.write(graded[0]).read_text() + MEASURE)
    flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
    ]
    command = [
        browser,
        *flags,
        f"--user-data-dir={tmp_path}",
        f"--window-size={width},900",
        "--dump-dom",
        page.as_uri(),
    ]
    dom = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    measured = json.loads(html.unescape(re.search("<title>(.*?)</title>", dom)[1]))
    assert measured["overflow"] <= 0
    assert len(measured["pictures"]) == 2
    assert all(natural > 300 for natural in measured["pictures"])
    assert measured["text"] > 500


def test_exercise_counts_add_up(graded):
    folder, done = graded
    for count in results(folder, LESSON).exercises:
        assert count.full + count.part + count.none + count.not_attempted == len(done)


def test_a_sample_class_has_at_least_16_submissions_of_every_kind(tmp_path):
    count = hand_in(LESSON, tmp_path)
    files = list(tmp_path.glob("*/05_adam/*"))
    assert len(files) == count >= 16
    assert any(file.name != "05_adam.ipynb" for file in files)
    assert any(not file.read_text().startswith("{") for file in files)


def stock(folder, *arguments):
    done = subprocess.run(
        [BIN / "nbgrader", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def stock_folder(tmp_path_factory):
    """The same honest submissions in a folder where stock nbgrader does everything."""
    folder = tmp_path_factory.mktemp("stock")
    source = folder / "source" / LESSON.name
    source.mkdir(parents=True)
    nbformat.write(
        without_experiments(nbformat.read(LESSON.notebook_path, as_version=4)), source / "05_adam.ipynb"
    )
    (folder / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.course_id = 'descent'\nc.Execute.timeout = 120\n"
    )
    stock(folder, "generate_assignment", "05_adam")
    for student, notebook in HONEST.items():
        submit(folder, student, without_experiments(notebook))
    stock(folder, "autograde", "05_adam")
    return folder


def test_stock_generate_assignment_makes_the_same_student_notebook(stock_folder):
    made = nbformat.read(stock_folder / "release" / "05_adam" / "05_adam.ipynb", as_version=4)
    expected = without_experiments(LESSON.student_notebook())
    assert [cell.source for cell in made.cells] == [cell.source for cell in expected.cells]


def test_stock_autograde_gives_honest_submissions_the_same_scores(stock_folder, graded):
    _, done = graded
    assert stored_scores(stock_folder) == {student: done[student].score for student in HONEST}


def test_stock_feedback_works_on_what_stock_and_descent_graded(stock_folder, graded, tmp_path):
    stock(stock_folder, "generate_feedback", "05_adam")
    assert len(list((stock_folder / "feedback").glob("*/05_adam/05_adam.html"))) == len(HONEST)
    folder, done = graded
    again = shutil.copytree(folder.path, tmp_path / "again")
    shutil.rmtree(again / "feedback")
    stock(again, "generate_feedback", "05_adam", "--force")
    assert len(list((again / "feedback").glob("*/05_adam/05_adam.html"))) == len(done)


def test_stock_validate_tells_untouched_from_filled_in(tmp_path):
    filled, untouched = tmp_path / "filled.ipynb", tmp_path / "untouched.ipynb"
    nbformat.write(answered(LESSON, {}), filled)
    nbformat.write(LESSON.student_notebook(), untouched)
    assert "Success! Your notebook passes all the tests." in stock(tmp_path, "validate", str(filled))
    assert "failed" in stock(tmp_path, "validate", str(untouched))


def test_late_penalties_are_those_that_the_folder_is_set_to(graded, tmp_path):
    folder = CourseFolder(shutil.copytree(graded[0].path, tmp_path / "again"))
    with (folder.path / "nbgrader_config.py").open("a") as settings:
        settings.write('c.LateSubmissionPlugin.penalty_method = "zero"\n')
    with folder.open() as gradebook:
        gradebook.update_or_create_assignment(LESSON.name, duedate="2026-01-01 00:00:00")
    strict = CourseFolder(folder.path)
    grade(strict, seed=11, force=True)
    rows = {row.student: row for row in results(strict, LESSON).rows}
    assert (rows["late"].score, rows["right"].score) == (0.0, 10.0)
    assert "handed in late: 10 points less" in rows["late"].line["flags"]
    # Handed in again, in time: the penalty goes.
    (strict.path / "submitted" / "late" / LESSON.name / "timestamp.txt").write_text("2025-12-31 03:04:05 UTC")
    assert list(grade(strict, seed=11)) == ["late"]
    (row,) = (row for row in results(strict, LESSON).rows if row.student == "late")
    assert (row.score, row.line["flags"]) == (10.0, [])


def test_settings_that_cannot_be_read_are_one_sentence(tmp_path):
    (tmp_path / "nbgrader_config.py").write_text("c = get_config(\n")
    with pytest.raises(DescentError, match=r"nbgrader_config\.py can't be read \(SyntaxError") as error:
        CourseFolder(tmp_path)
    assert "\n" not in str(error.value)


def test_what_is_handed_in_is_read_up_to_a_limit_and_links_are_not_followed(tmp_path):
    folder = CourseFolder(tmp_path)
    place = submit(tmp_path, "sparse", "")
    with (place / "05_adam.ipynb").open("wb") as file:
        file.truncate(10**12)
    (tmp_path / "secret").write_text("2026-01-31 12:00:00 UTC")
    (place / "timestamp.txt").symlink_to(tmp_path / "secret")
    assert folder.digest("sparse", LESSON, place / "05_adam.ipynb")
    assert folder._timestamp("sparse", LESSON, []) == {}
    folder._write("sparse", LESSON, LESSON.student_notebook())
    assert not (tmp_path / "autograded" / "sparse" / LESSON.name / "timestamp.txt").exists()


@pytest.mark.parametrize("student", ["\udce9", "two\nlines"])
def test_a_folder_whose_name_is_no_line_is_named_before_anything_is_graded(tmp_path, student):
    submit(tmp_path, student, "")
    with pytest.raises(DescentError, match="rename it"):
        CourseFolder(tmp_path).submissions(LESSON)


def test_files_of_a_folder_that_cannot_be_read_are_one_sentence(tmp_path):
    (tmp_path / "secret_seed").write_text("none")
    (tmp_path / "gradebook.db").write_text("none")
    folder = CourseFolder(tmp_path)
    with pytest.raises(DescentError, match="secret_seed holds no number"):
        folder.seed()
    with pytest.raises(DescentError, match=r"gradebook\.db can't be opened"):
        folder.open()
    (tmp_path / "nbgrader_config.py").write_text("raise SystemExit")
    with pytest.raises(DescentError, match="SystemExit"):
        CourseFolder(tmp_path)


def test_names_in_the_table_are_no_markup(graded, tmp_path):
    folder = CourseFolder(shutil.copytree(graded[0].path, tmp_path / "again"))
    (row,) = (row for row in results(folder, LESSON).rows if row.student == "right")
    found = results(folder, LESSON)
    found.rows[:] = [replace(row, student="[/]")]
    console = Console(file=io.StringIO(), width=200)
    console.print(table(found))
    assert "[/]" in console.file.getvalue()


def test_a_page_that_cannot_be_made_keeps_no_other_from_being_made(graded, tmp_path, capfd):
    folder = CourseFolder(shutil.copytree(graded[0].path, tmp_path / "again"))
    shutil.rmtree(folder.path / "feedback")
    (folder.path / "autograded" / "right" / LESSON.name / f"{LESSON.name}.ipynb").write_text("{")
    everybody = feedback.missing(folder, LESSON)
    assert sum(feedback.write(folder, LESSON, everybody, 2)) == len(everybody) > 1
    assert feedback.missing(folder, LESSON) == ["right"]
    assert "Traceback" not in capfd.readouterr().err
