"""The judgement's line: exactly the fixed interface, read back as it was, and refused where it is another's."""

import json
import string

import pytest

from autograder.errors import DescentError
from autograder.judge.flags import SENTENCES, Flag, distinct, flag
from autograder.judge.judgement import (
    ExerciseResult,
    Judgement,
    PropertyResult,
    RecognisedMistake,
)

PROPERTIES = (
    PropertyResult("first_step", "first step", True, 0.5, ""),
    PropertyResult("five_steps", "five steps with changing gradients", False, 1.0, "After step 2 ..."),
)
MISTAKES = (
    RecognisedMistake("uphill", "uphill", "See (5)."),
    RecognisedMistake("other", "b", "c", sure=False),
)
FOUND = Judgement(
    "a.ipynb",
    "05_adam",
    "timeout",
    (
        ExerciseResult("adam_update", True, PROPERTIES, MISTAKES, line=4),
        ExerciseResult("Adam", False, PROPERTIES[1:]),
    ),
    (flag("late", points=2.5), flag("unprotected")),
    {"steps": 14.0, "winner": "Adam"},
    {"adam_memory": 80, "gradient_stops": "b"},
)
LINE = FOUND.to_line()


def test_the_line_is_the_fixed_interface():
    assert {
        "format": 1,
        "notebook": "a.ipynb",
        "lesson": "05_adam",
        "state": "timeout",
        "score": 0.5,
        "max": 2.5,
        "exercises": [
            {
                "id": "adam_update",
                "score": 0.5,
                "max": 1.5,
                "attempted": True,
                "properties": [vars(entry) for entry in PROPERTIES],
                "misconception": {"id": "uphill", "name": "uphill", "hint": "See (5).", "sure": True},
                "misconceptions": [
                    {"id": "uphill", "name": "uphill", "hint": "See (5).", "sure": True},
                    {"id": "other", "name": "b", "hint": "c", "sure": False},
                ],
                "line": 4,
            },
            {
                "id": "Adam",
                "score": 0.0,
                "max": 1.0,
                "attempted": False,
                "properties": [vars(PROPERTIES[1])],
                "misconception": None,
                "misconceptions": [],
                "line": None,
            },
        ],
        "flags": ["handed in late: 2.5 points less", "graded without the sandbox"],
        "flagged": [{"id": "late", "values": {"points": 2.5}}, {"id": "unprotected", "values": {}}],
        "predictions": {"steps": 14.0, "winner": "Adam"},
        "answers": {"adam_memory": 80, "gradient_stops": "b"},
    } == LINE


def test_what_is_written_is_read_back():
    assert Judgement.from_line(json.loads(json.dumps(LINE))) == FOUND
    # A later version may add to it.
    assert Judgement.from_line({**LINE, "more": 1}) == FOUND


@pytest.mark.parametrize(
    "line",
    [
        None,
        [],
        {},
        {name: value for name, value in LINE.items() if name != "format"},
        {**LINE, "format": 2},
        {**LINE, "state": "fine"},
        {**LINE, "exercises": [{"id": "adam_update"}]},
        {**LINE, "flagged": [{"id": "nothing that is known", "values": {}}]},
        {**LINE, "flagged": [{"id": "late", "values": {}}]},
    ],
    ids=range(9),
)
def test_what_another_version_wrote_is_one_sentence_that_says_to_grade_again(line):
    with pytest.raises(DescentError, match="grade the submission again") as error:
        Judgement.from_line(line)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("id", SENTENCES)
def test_every_flag_is_a_sentence_with_its_values(id):
    names = {name for _, name, _, _ in string.Formatter().parse(SENTENCES[id]) if name}
    whole = Flag(id, dict.fromkeys(names, 3))
    assert "{" not in whole.sentence
    assert "\n" not in whole.sentence
    if names:
        with pytest.raises(ValueError, match=id):
            Flag(id)


def test_flags_are_the_same_where_id_and_values_are():
    one, other = flag("cell_missing", cell="Adam"), flag("cell_missing", cell="AdamW")
    assert distinct([one, other, flag("cell_missing", cell="Adam")]) == (one, other)
