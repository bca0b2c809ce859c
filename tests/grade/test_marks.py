"""The one reader of grades: states, points and who handed in nothing, for everybody at once."""

import json
import shutil
import time
import warnings

import pytest
from entered_class import ADAM, DECAY, POINTS, entered_class
from small_class import LESSON, copy_of, grade, submit
from sqlalchemy import event
from sqlalchemy.exc import SAWarning

from autograder.errors import DescentError
from autograder.grade.folder import CourseFolder
from autograder.grade.marks import class_marks
from autograder.grade.misplaced import misplaced


@pytest.fixture(scope="module")
def entered(tmp_path_factory):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)
        return entered_class(tmp_path_factory.mktemp("entered") / "gradebook")


def marks_of(folder, lesson=ADAM):
    return class_marks(folder, [lesson]).lessons[lesson.name].marks


def test_points_are_the_gradebooks_and_what_is_ungraded_is_none(entered):
    marks = marks_of(entered)
    assert {student: mark.total for student, mark in marks.items()} == {
        "ann": 10.0,
        "bob": 7.125,
        "carl": None,
        "dora": None,
        "emil": None,
        "fred": 11.0,
        "hugo": 7.0,
        "zoé": 0.0,
    }
    assert (marks["emil"].score, marks["emil"].needs_manual) == (7.5, True)
    assert not any(marks[student].needs_manual for student in POINTS if student != "emil")
    assert (marks["carl"].score, marks["carl"].cells) == (None, {})


def test_parts_add_up(entered):
    for mark in marks_of(entered).values():
        if mark.total is not None:
            assert mark.automatic + (mark.manual or 0.0) - mark.penalty == mark.total
    fred, ann, hugo = (marks_of(entered)[student] for student in ("fred", "ann", "hugo"))
    assert (fred.automatic, fred.manual, fred.exercises["amsgrad_update"].score) == (9.0, 2.0, 2.5)
    assert (ann.manual, ann.penalty) == (None, 0.0)
    assert (hugo.automatic, hugo.penalty) == (9.0, 2.0)


def test_scores_are_those_that_nbgrader_exports(entered):
    marks = marks_of(entered)
    with entered.open() as gradebook:
        for submission in gradebook.assignment_submissions(ADAM.name):
            exported = max(0.0, submission.score - submission.late_submission_penalty)
            assert marks[submission.student_id].score == exported
            assert marks[submission.student_id].needs_manual == submission.needs_manual_grade
        assert class_marks(entered, [ADAM]).lessons[ADAM.name].max_score == (
            gradebook.find_assignment(ADAM.name).max_score
        )


def test_states_of_what_has_no_judgement(entered):
    marks = marks_of(entered)
    assert (marks["ann"].state, marks["carl"].state, marks["dora"].state) == (
        "unjudged",
        "waiting",
        "missing",
    )
    assert [mark.state for mark in marks_of(entered, DECAY).values()].count("missing") == len(marks) - 1
    assert list(class_marks(entered, [DECAY, ADAM]).lessons) == [DECAY.name, ADAM.name]


def test_notebooks_at_a_wrong_level_are_named_with_whose_they_may_be(entered, tmp_path):
    folder = CourseFolder(shutil.copytree(entered.path, tmp_path / "gradebook"))
    wrong = ("dora/05_adam.ipynb", "05_adam/ida/answers.ipynb", "loose.ipynb", "ann/week 5/05_adam.ipynb")
    right = ("ann/05_adam/other.ipynb", "ann/05_adam/deeper/x.ipynb", ".hidden/a.ipynb", "ann/notes.txt")
    for name in (*wrong, *right):
        path = folder.path / "submitted" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    (folder.path / "submitted" / "link").symlink_to(folder.path / "submitted" / "ann" / "week 5")
    found = class_marks(folder, [DECAY])
    assert {entry.path for entry in found.misplaced} == {f"submitted/{name}" for name in wrong}
    dora = marks_of(folder)["dora"]
    assert (dora.state, dora.misplaced) == ("misplaced", ("submitted/dora/05_adam.ipynb",))
    assert marks_of(folder)["ann"].misplaced == ()
    shutil.rmtree(folder.path / "submitted")
    assert misplaced(folder, [ADAM.name]) == ()


def test_the_database_is_asked_as_often_for_many_students_as_for_one(entered, tmp_path):
    folder = CourseFolder(shutil.copytree(entered.path, tmp_path / "gradebook"))
    before = questions(folder)
    with folder.open() as gradebook:
        for student in range(50):
            gradebook.update_or_create_student(f"new{student}")
    assert questions(folder) == before < 60


def questions(folder):
    """How often the database is asked for a class's marks."""
    asked = []
    with folder.open() as gradebook:
        kind = type(gradebook.engine)
    event.listen(kind, "before_cursor_execute", count := lambda *what: asked.append(what[2]))
    try:
        class_marks(folder, [ADAM, DECAY])
    finally:
        event.remove(kind, "before_cursor_execute", count)
    return len(asked)


@pytest.mark.slow
def test_a_graded_class_has_its_judgements(graded):
    folder, done = graded
    found = class_marks(folder, [LESSON]).lessons[LESSON.name]
    assert {mark.student: score for mark, _, score in found.judged} == {
        student: judgement.score for student, judgement in done.items()
    }
    assert found.marks["O'Neil, Jr"].state == "unreadable"
    assert [flag.id for flag in found.marks["renamed"].flags] == ["renamed"]
    assert not any(mark.changed for mark in found.marks.values())


@pytest.mark.slow
def test_what_is_handed_in_again_is_told_until_it_is_graded(graded, tmp_path):
    folder = copy_of(graded[0], tmp_path)
    assert not any(mark.changed for mark in marks_of(folder).values())
    time.sleep(0.02)
    submit(folder, "right", (folder.path / "submitted" / "wrong" / LESSON.name / "05_adam.ipynb").read_text())
    assert [mark.student for mark in marks_of(folder).values() if mark.changed] == ["right"]
    grade(folder)
    assert not any(mark.changed for mark in marks_of(folder).values())


@pytest.mark.slow
def test_a_judgement_of_another_version_is_one_sentence(graded, tmp_path):
    folder = copy_of(graded[0], tmp_path)
    path = folder.path / "judgements" / "right" / LESSON.name / "judgement.json"
    content = json.loads(path.read_text())
    content["judgement"]["format"] = 0
    path.write_text(json.dumps(content))
    mark = marks_of(folder)["right"]
    assert mark.total == 10.0
    with pytest.raises(DescentError, match=r"run `autograder grade 05_adam` to grade again\.$"):
        mark.state  # noqa: B018 - it is read when it is asked for
