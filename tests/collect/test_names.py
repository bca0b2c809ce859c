"""Names of files: which are copies, and of which file."""

import pytest

from autograder.collect.names import uncopied


@pytest.mark.parametrize(
    ("stem", "plain", "number"),
    [
        ("05_adam", "05_adam", 0),
        ("05_adam (1)", "05_adam", 1),
        ("05_adam(12)", "05_adam", 12),
        ("05_adam-2", "05_adam", 2),
        ("05_adam-Copy1", "05_adam", 1),
        ("05_adam - Copy", "05_adam", 1),
        ("05_adam (1)-2", "05_adam", 3),
    ],
)
def test_what_is_added_to_a_copy_is_taken_off(stem, plain, number):
    assert uncopied(stem) == (plain, number)


def test_what_reset_keeps_is_older_than_the_lesson_and_in_its_order():
    first, second = uncopied("05_adam_kept_1"), uncopied("05_adam_kept_2")
    assert first[0] == second[0] == "05_adam"
    assert first[1] < second[1] < 0
