"""What is recorded of a submission: grades, timestamps, penalties, the notebook, the judgement, the page."""

import html
import json
import shutil

import nbformat
import pytest
from corpus.entry import left_without
from small_class import LESSON, WRONG, copy_of, grade, judged_marks

from autograder.grade import feedback, record
from autograder.grade.folder import CourseFolder
from autograder.judge.judgement import Judgement
from course.cells import grade_id

pytestmark = pytest.mark.slow


def recorded(folder, student):
    return judged_marks(folder)[student]


def test_everyone_is_graded(graded):
    folder, done = graded
    scores = record.scores(folder, LESSON)
    assert scores == {student: judgement.score for student, judgement in done.items()}
    assert (scores["right"], scores["renamed"], scores["late"]) == (10.0, 10.0, 10.0)
    assert (scores["untouched"], scores["O'Neil, Jr"], scores["zoé"]) == (
        0.0,
        0.0,
        left_without("adam_update"),
    )
    assert left_without("AdamW") < scores["wrong"] < 10.0


def test_a_timestamp_that_is_none_is_told_and_stops_nobody(graded, tmp_path):
    folder = copy_of(graded[0], tmp_path)
    (folder.path / "submitted" / "right" / LESSON.name / "timestamp.txt").write_text("last night")
    assert list(grade(folder)) == ["right"]
    found = recorded(folder, "right")
    assert found.score == 10.0
    assert found.judgement.flagged("no_date")
    assert any("timestamp.txt" in sentence for sentence in found.judgement.sentences)


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
            entry.score for entry in judgement.exercises
        ]
        assert all("points" in cell.outputs[0].data["text/html"] for cell in checks)


def test_every_student_gets_feedback_that_says_what_happened(graded):
    folder, done = graded
    pages = {
        student: html.unescape((folder.path / "feedback" / student / "05_adam" / "05_adam.html").read_text())
        for student in done
    }
    assert "This submission could not be graded." in pages["O'Neil, Jr"]
    assert "it is not JSON" in pages["O'Neil, Jr"]
    assert "ZeroDivisionError" in pages["zoé"]
    assert WRONG.misconception.name in pages["wrong"]


def test_manual_grades_survive_grading_again(graded, tmp_path):
    folder, done = graded
    again = copy_of(folder, tmp_path)
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


def test_late_penalties_are_those_that_the_folder_is_set_to(graded, tmp_path):
    folder = copy_of(graded[0], tmp_path)
    with (folder.path / "nbgrader_config.py").open("a") as settings:
        settings.write('c.LateSubmissionPlugin.penalty_method = "zero"\n')
    with folder.open() as gradebook:
        gradebook.update_or_create_assignment(LESSON.name, duedate="2026-01-01 00:00:00")
    strict = CourseFolder(folder.path)
    grade(strict, force=True)
    assert (recorded(strict, "late").score, recorded(strict, "right").score) == (0.0, 10.0)
    assert recorded(strict, "late").judgement.sentences == ["handed in late: 10 points less"]
    # Handed in again, in time: the penalty goes.
    (strict.path / "submitted" / "late" / LESSON.name / "timestamp.txt").write_text("2025-12-31 03:04:05 UTC")
    assert list(grade(strict)) == ["late"]
    assert (recorded(strict, "late").score, recorded(strict, "late").judgement.flags) == (10.0, ())


def test_a_page_that_cannot_be_made_keeps_no_other_from_being_made(graded, tmp_path, capfd):
    folder = copy_of(graded[0], tmp_path)
    shutil.rmtree(folder.path / "feedback")
    (folder.path / "autograded" / "right" / LESSON.name / f"{LESSON.name}.ipynb").write_text("{")
    everybody = feedback.stale(folder, LESSON)
    tried = {page.student: page.problem for page in feedback.write(folder, LESSON, everybody, 2)}
    assert tried.keys() == set(everybody)
    assert "JSON" in tried.pop("right")
    assert set(tried.values()) == {""}
    assert feedback.stale(folder, LESSON) == ["right"]
    assert "Traceback" not in capfd.readouterr().err


def test_what_is_kept_is_the_judgement_with_what_was_found_when_it_was_recorded(graded):
    folder, done = graded
    for student, judgement in done.items():
        path = folder.path / "judgements" / student / LESSON.name / "judgement.json"
        line = json.loads(path.read_text())["judgement"]
        assert line["notebook"].startswith(f"submitted/{student}/05_adam/")
        assert Judgement.from_line(line).exercises == judgement.exercises
        assert recorded(folder, student).judgement == Judgement.from_line(line)


def test_no_page_of_a_student_has_the_judgement_beside_it(graded):
    for step, endings in (("autograded", {".ipynb", ".txt"}), ("feedback", {".html", ".txt"})):
        assert {path.suffix for path in (graded[0].path / step).glob("*/*/*")} == endings


def test_what_somebody_else_graded_since_is_graded_again(graded, tmp_path):
    folder = copy_of(graded[0], tmp_path)
    assert grade(folder) == {}
    with folder.autograded("right", LESSON).open("a") as file:
        file.write("\n")
    assert "right" not in judged_marks(folder)
    folder.autograded("wrong", LESSON).unlink()
    assert sorted(grade(folder)) == ["right", "wrong"]
    assert len(judged_marks(folder)) == len(graded[1])
