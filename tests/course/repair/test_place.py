"""The process that searches, whatever becomes of it; and the sentence."""

import psutil
import pytest

from course.repair.place import NOT_FOUND, place_in, search_apart, sentence
from course.repair.search import Place

MOMENTUM = """def momentum_update(theta, grad, v, lr, beta):
    v = beta * v + (1 - BETA) * grad
    return theta - lr * v, v
"""


@pytest.mark.slow
def test_what_other_cells_define_is_there_and_what_they_do_is_not():
    before = ["raise SystemExit", "import os\nBETA = 0.5", "os._exit(1)", "BETA = beta_of_mine = 0.9"]
    assert search_apart("momentum_update", MOMENTUM, before) == Place(2, alone=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    "code",
    [
        "import os\ndef momentum_update(*a): os._exit(1)",
        "def momentum_update(*a):\n    grown = [0]\n    while True: grown += grown",
    ],
)
def test_whatever_becomes_of_the_process_there_is_an_answer(code):
    assert search_apart("momentum_update", code) is None
    assert not [each for each in psutil.Process().children() if "course.repair.child" in each.cmdline()]


@pytest.mark.parametrize(
    "said",
    [
        [0, True],
        [-1, True],
        [4, True],
        [10**9, True],
        [True, True],
        [2.0, True],
        ["2", True],
        [2, 1],
        2,
        "<b>",
        None,
        [],
        {},
    ],
)
def test_what_a_process_says_is_a_line_of_the_cell_or_nothing(said):
    assert place_in(said, MOMENTUM) is None


def test_the_sentence_shows_the_students_own_line():
    assert place_in([2, True], MOMENTUM) == Place(2, alone=True)
    assert sentence(Place(2, alone=True), MOMENTUM) == (
        "Line 2 of your cell is where it goes wrong: `v = beta * v + (1 - BETA) * grad`"
    )
    assert sentence(Place(2, alone=False), MOMENTUM).startswith(
        "Line 2 of your cell is one place where it goes wrong, and not the only one: `v"
    )
    assert sentence(Place(1, alone=True), "x = '`\x1b[2K'" + "y" * 99) == (
        "Line 1 of your cell is where it goes wrong: `x = ''\\x1b[2K'" + "y" * 66 + "...`"
    )
    assert sentence(None, MOMENTUM) == NOT_FOUND
