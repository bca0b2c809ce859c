"""What the database is asked: of some students, or of all, whatever their number."""

import warnings

import pytest
from entered_class import ADAM, DECAY, PEOPLE, POINTS, entered_class
from sqlalchemy.exc import SAWarning

from autograder.grade.scores import AT_ONCE, CellScore, max_scores, people, submissions


@pytest.fixture(scope="module")
def gradebook(tmp_path_factory):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)
        folder = entered_class(tmp_path_factory.mktemp("entered") / "gradebook")
    with folder.open() as opened:
        for student, said in (("bob", "Well *tried*."), ("fred", " \n")):
            comment = opened.find_comment("AdamW", ADAM.name, ADAM.name, student)
            comment.manual_comment, comment.auto_comment = said, "No response."
        opened.db.commit()
        yield opened


def test_a_submission_has_its_points_penalty_and_comments(gradebook):
    found = submissions(gradebook, [ADAM.name])
    assert {student for _, student in found} == POINTS.keys()
    bob, fred, hugo, emil = (found[ADAM.name, student] for student in ("bob", "fred", "hugo", "emil"))
    assert bob.comments == {"AdamW": "Well *tried*."}
    assert fred.comments == emil.comments == {}
    assert fred.cells["check_amsgrad_update"] == CellScore(0.5, 1.5, 1.0, False, 1.5)
    assert (bob.score, hugo.penalty, hugo.score, emil.score) == (7.125, 2.0, 7.0, 7.5)
    assert {entry.maximum for entry in found.values()} == {10.0}


def test_some_students_are_asked_for_as_many_as_they_are(gradebook):
    everybody = submissions(gradebook, [ADAM.name, DECAY.name])
    assert {student for (lesson, student) in everybody if lesson == DECAY.name} == {"ann"}
    few = ["ann", "zoé", "nobody"]
    many = [*few, *(f"student {number}" for number in range(AT_ONCE))]
    for asked in (few, many):
        found = submissions(gradebook, [ADAM.name, DECAY.name], asked)
        assert found == {key: entry for key, entry in everybody.items() if key[1] in few}
        assert list(people(gradebook, asked)) == ["ann", "zoé"]
    assert list(people(gradebook)) == sorted(PEOPLE)
    assert submissions(gradebook, [ADAM.name], []) == {}


def test_a_lesson_that_is_not_there_has_nothing(gradebook):
    assert max_scores(gradebook, ["20_sign"]) == {}
    assert submissions(gradebook, ["20_sign"]) == {}
