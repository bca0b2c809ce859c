"""A lesson that builds on others finds their answers in the notebooks, and says what it did not find."""

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from course.desk.pieces import own, piece

ROOT = Path(__file__).parents[2]


def written(folder, lesson, *cells):
    nbformat.write(new_notebook(cells=[new_code_cell(cell) for cell in cells]), folder / f"{lesson}.ipynb")


def test_an_answer_is_found_with_what_it_inherits():
    found = piece("AdamW", ROOT / "solutions")
    assert found.state == "own"
    assert found.made.__mro__[1].__name__ == "Adam"


def test_a_stub_is_not_written_yet():
    assert piece("AdamW", ROOT / "lessons").state == "not_written"


def test_a_notebook_that_is_not_there_leaves_what_stands_in(tmp_path, capsys):
    assert own(tmp_path, AdamW=len).AdamW is len
    assert capsys.readouterr().out == "AdamW: PyTorch's stands in: there is no 05_adam.ipynb here.\n"


def test_a_wrong_answer_is_not_used(tmp_path):
    written(tmp_path, "05_adam", "class AdamW:\n    def __init__(self, params, lr=0.1):\n        pass")
    assert piece("AdamW", tmp_path).state == "not_right"


def test_nothing_but_definitions_is_run(tmp_path):
    written(tmp_path, "01_mini_batch", "raise SystemExit", "x = 1 / 0", "def minibatch_indices(n): return n")
    assert piece("minibatch_indices", tmp_path).state == "not_right"


@pytest.mark.parametrize("text", ("", "{}", "no notebook"))
def test_a_file_that_is_no_notebook_defines_nothing(tmp_path, text):
    (tmp_path / "05_adam.ipynb").write_text(text)
    assert piece("AdamW", tmp_path).state == "not_written"


def test_an_unknown_name_is_said():
    with pytest.raises(ValueError, match="There is no exercise Adagrad"):
        own(Adagrad=None)
