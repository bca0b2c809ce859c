"""Never a wrong name: mistakes that are not known, two at once, and right answers in other styles with one."""

import pytest

from autograder.catalogue.answers import misconceptions
from autograder.catalogue.lesson import find
from autograder.measure.doubtful import FALSE, counted, doubtful, merged

# Of the lessons whose answers are tried soonest; so many pairs and so many answers in other styles an exercise.
LESSONS, PAIRS, SINGLES = ("02_ema", "06_lr_decay", "07_clipping"), 8, 8
# Of all that is tried: a name that is sure, and not so.
WRONG = 0.01


@pytest.mark.slow
@pytest.mark.parametrize("name", LESSONS)
def test_a_sure_name_is_true(name, capsys):
    lesson = find(name)
    found = list(doubtful(lesson, PAIRS, SINGLES))
    assert sum(entry.kind == "left out" for entry in found) >= 0.9 * len(misconceptions(lesson))
    wrong = [str(entry) for entry in found if entry.outcome == FALSE]
    with capsys.disabled():
        for kind, outcomes in counted(found).items():
            print(f"\n{name}, {kind}: " + ", ".join(f"{count} {said}" for said, count in outcomes.items()))
        print("\n".join(wrong))
    assert len(wrong) <= WRONG * len(found), wrong


def test_changes_are_made_together_where_they_do_not_touch():
    assert merged("a + b - c", ["x + b - c", "a + b - y"]) == "x + b - y"
    assert merged("a + b - c", ["a - b - c", "a * b - c"]) is None
    assert merged("a + b - c", ["a + b", "a + b - d"]) is None
