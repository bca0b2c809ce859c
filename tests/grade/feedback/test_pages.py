"""Pages in step with the gradebook: made with the grades, and again when anything that they show has changed."""

import json
import os
import re
from datetime import UTC, datetime

import nbformat
import pytest
from bs4 import BeautifulSoup
from small_class import HONEST, LESSON, copy_of, submit

from autograder.catalogue.sample import answered
from autograder.grade import feedback
from autograder.grade.folder import CourseFolder
from autograder.grade.grade_class import grade_class
from autograder.measure.graders import ITS_OWN_FEEDBACK, run_nbgrader

pytestmark = pytest.mark.slow


def page(folder, student):
    return BeautifulSoup(folder.feedback(student, LESSON).read_text(), "html.parser")


def rows(soup):
    """The words of each row of the table of points."""
    return [[" ".join(cell.text.split()) for cell in row.find_all(("th", "td"))] for row in soup.table("tr")]


def graded_again(folder, **how):
    (done,) = grade_class(folder, [LESSON], seed=11, **how)
    return done


@pytest.fixture
def folder(graded, tmp_path):
    return copy_of(graded[0], tmp_path)


def in_gradebook(folder, change):
    with folder.open() as gradebook:
        change(gradebook)
        gradebook.db.commit()


def find_grade(gradebook, student="wrong"):
    return gradebook.find_grade("check_AdamW", LESSON.name, LESSON.name, student)


def find_comment(gradebook, student="wrong"):
    return gradebook.find_comment("AdamW", LESSON.name, LESSON.name, student)


def test_a_page_says_whose_it_is_and_what_it_earned(graded):
    folder, done = graded
    soup = page(folder, "wrong")
    assert soup.h1.text == soup.title.text.partition(":")[0] == LESSON.title
    facts = {pair.dt.text: " ".join(pair.dd.text.split()) for pair in soup.dl.find_all("div")}
    day = datetime.fromtimestamp(folder.autograded("wrong", LESSON).stat().st_mtime, UTC)
    assert facts == {
        "Student": "wrong",
        "Graded": f"{day.day} {day:%B %Y}",
        "Points": f"{done['wrong'].score:g} of 10",
    }
    table = {row[0]: row[1:] for row in rows(soup)[1:]}
    assert table["adam_update"] == ["✓ right", "2.5", "2.5 of 2.5"]
    assert table["AdamW"][0] == "◐ partly right"
    assert table["Together"] == [f"{done['wrong'].score:g} of 10"]
    assert rows(page(folder, "untouched"))[1][1] == "✗ not attempted"


def test_nothing_is_stale_after_grading_and_nothing_is_made_again(folder):
    assert feedback.stale(folder, LESSON) == []
    before = {path: path.stat().st_mtime_ns for path in folder.path.glob("feedback/*/*/*")}
    done = graded_again(folder)
    assert (done.graded, done.renewed, done.without_page) == ([], 0, [])
    assert {path: path.stat().st_mtime_ns for path in folder.path.glob("feedback/*/*/*")} == before


CHANGES = {
    "manual points": lambda gradebook: setattr(find_grade(gradebook), "manual_score", 2.25),
    "extra points": lambda gradebook: setattr(find_grade(gradebook), "extra_credit", 0.5),
    "a comment": lambda gradebook: setattr(find_comment(gradebook), "manual_comment", "Well *tried*: $x_1$."),
    "a name": lambda gradebook: gradebook.update_or_create_student("wrong", first_name="Zoë", last_name="Ng"),
    "a penalty": lambda gradebook: setattr(
        gradebook.find_submission(LESSON.name, "wrong").notebooks[0], "late_submission_penalty", 1.5
    ),
    "when it was handed in": lambda gradebook: gradebook.update_or_create_submission(
        LESSON.name, "wrong", timestamp="2026-02-03 04:05:06 UTC"
    ),
}
SAYS = {
    "manual points": "2.25 of 2.5",
    "extra points": "+0.5 extra",
    "a comment": "Well tried: x1.",
    "a name": "Zoë Ng (wrong)",
    "a penalty": "Handed in late \u22121.5",
    "when it was handed in": "3 February 2026",
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_changed_in_the_gradebook_is_on_the_page_after_the_next_run(folder, name):
    in_gradebook(folder, CHANGES[name])
    assert feedback.stale(folder, LESSON) == ["wrong"]
    done = graded_again(folder)
    assert (done.graded, done.renewed, done.without_page) == ([], 1, [])
    assert SAYS[name] in " ".join(page(folder, "wrong").get_text(" ", strip=True).split()).replace(
        "tried : x 1 .", "tried: x1."
    )
    assert feedback.stale(folder, LESSON) == []


def test_points_by_hand_stand_beside_those_that_were_checked(folder):
    in_gradebook(folder, CHANGES["manual points"])
    graded_again(folder)
    table = rows(page(folder, "wrong"))
    assert table[0] == ["Exercise", "How it went", "Checked", "By hand", "Points"]
    assert next(row for row in table if row[0] == "AdamW")[3:] == ["2.25", "2.25 of 2.5"]


def test_a_comment_stands_at_the_top_and_at_the_answer(folder):
    in_gradebook(folder, CHANGES["a comment"])
    graded_again(folder)
    soup = page(folder, "wrong")
    assert soup.find(id="comment-1").em.text == "tried"
    assert soup.find(id="comment-1").math
    assert "Well" in soup.find(id="cell-id=AdamW").find(class_="comment").text


def test_a_comment_runs_nothing(folder):
    typed = "<script>alert(1)</script><img src=x onerror=alert(1)>\n\n[x](javascript:alert(1))"
    in_gradebook(folder, lambda gradebook: setattr(find_comment(gradebook), "manual_comment", typed))
    graded_again(folder)
    made = folder.feedback("wrong", LESSON).read_text()
    assert not re.search("<script|onerror|href=.javascript:", made)


def test_a_page_of_another_program_or_none_is_made_again(folder):
    folder.feedback("right", LESSON).unlink()
    run_nbgrader(
        folder.path, "generate_feedback", LESSON.name, "--student=wrong", "--force", *ITS_OWN_FEEDBACK
    )
    assert feedback.stale(folder, LESSON) == ["right", "wrong"]
    assert graded_again(folder, students=["wrong"]).renewed == 1
    assert feedback.stale(folder, LESSON) == ["right"]


def test_the_day_is_that_of_grading_whenever_the_page_is_made(folder):
    os.utime(folder.autograded("right", LESSON), (1_767_225_600, 1_767_225_600))
    assert feedback.stale(folder, LESSON) == ["right"]
    graded_again(folder)
    assert "1 January 2026" in page(folder, "right").dl.text


def test_one_student_alone_is_graded(folder):
    for student in ("right", "wrong"):
        submit(folder, student, answered(LESSON, {"Adam": "1 / 0"}))
    done = graded_again(folder, students=["right"])
    assert [entry.student for entry in done.graded] == ["right"]
    assert "ZeroDivisionError" in folder.feedback("right", LESSON).read_text()
    assert "ZeroDivisionError" not in folder.feedback("wrong", LESSON).read_text()


def test_what_another_program_graded_is_shown_without_its_html(folder):
    path = folder.autograded("right", LESSON)
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "check_Adam":
            cell.outputs[0].data["text/html"] = "<section>forged</section><script>alert(1)</script>"
    notebook.cells.append(nbformat.v4.new_markdown_cell("<script>alert(1)</script> own", id="own-last"))
    nbformat.write(notebook, path)
    assert list(feedback.write(folder, LESSON, ["right"], 1)) == [feedback.Tried("right")]
    made = folder.feedback("right", LESSON).read_text()
    assert "<script" not in made
    assert "forged" not in made
    assert " own" in made


def test_a_page_is_the_same_to_the_byte_with_any_number_of_workers(graded, folder):
    for path in folder.path.glob("feedback/*/*/*.html"):
        path.unlink()
    assert not [
        tried.problem for tried in feedback.write(folder, LESSON, sorted(graded[1]), 1) if tried.problem
    ]
    for student in graded[1]:
        assert (
            folder.feedback(student, LESSON).read_bytes() == graded[0].feedback(student, LESSON).read_bytes()
        )


def test_grading_makes_the_pages_in_the_same_run(tmp_path):
    folder = CourseFolder(tmp_path / "gradebook")
    folder.setup([LESSON])
    for student, notebook in HONEST.items():
        submit(folder, student, notebook)
    done = graded_again(folder)
    assert (len(done.graded), done.renewed, done.problem) == (len(HONEST), 0, "")
    assert feedback.stale(folder, LESSON) == []
    submission = json.loads(
        (folder.path / "judgements" / "right" / LESSON.name / "judgement.json").read_text()
    )
    assert submission["judgement"]["score"] == 10


def test_what_the_exchange_finds_a_page_by_goes_with_it(folder, tmp_path):
    outside = tmp_path / "outside"
    outside.write_text("not the student's")
    submitted = {name: submit(folder, name, answered(LESSON, {})) for name in ("hub", "link", "right")}
    (submitted["hub"] / "submission_secret.txt").write_text("3f9a")
    (submitted["link"] / "submission_secret.txt").symlink_to(outside)
    assert not graded_again(folder).without_page
    kept = {name: folder.feedback(name, LESSON).with_name("submission_secret.txt") for name in submitted}
    assert kept["hub"].read_text() == "3f9a"
    assert [name for name, path in kept.items() if path.exists()] == ["hub"]
    assert folder.feedback("link", LESSON).is_file()
