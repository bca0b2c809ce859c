"""A lesson that builds on others finds their answers in the notebooks, and says what it did not find."""

import os
import shutil
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from course.desk.pieces import own, pieces
from course.desk.played import Limits

ROOT = Path(__file__).parents[2]
# What the recipes of lesson 16 are made of.
OF_RECIPES = (
    *("MomentumSGD", "Adam", "AdamW", "cosine_decay", "step_decay", "clip_by_global_norm"),
    *("batch_norm_forward", "batch_norm_backward", "BatchNorm1d", "warmup_cosine", "xavier_uniform"),
    *("layer_norm_forward", "layer_norm_backward"),
)
RIGHT = "def heavy_ball_update(theta, grad, buf, lr, mu):\n    {}return theta - lr * (mu * buf + grad), mu * buf + grad"
SEALED = "import torch\ndef heavy_ball_update(*arguments, **hyper): return torch.optim.SGD([], lr=0.1)"


def written(folder, lesson, *cells, **graded):
    """A notebook of these cells; of one with a name it has the exercise's own cell."""
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    for name, source in graded.items():
        notebook.cells.append(new_code_cell(source, metadata={"nbgrader": {"grade_id": name}}))
    nbformat.write(notebook, folder / f"{lesson}.ipynb")


def found(folder, *exercises, **limits):
    return {
        name: (each.state, each.reason) if each.reason else each.state
        for name, each in pieces(exercises, folder, Limits(**limits)).items()
    }


@pytest.mark.slow
def test_every_piece_of_the_recipes_is_found_and_works(capsys):
    every = pieces(OF_RECIPES, ROOT / "solutions")
    assert {each.state for each in every.values()} == {"own"}
    assert every["AdamW"].made.__mro__[1].__name__ == "Adam"
    assert every["cosine_decay"].made(1.0, 0.0, 10, 10) == pytest.approx(0.0)
    assert every["AdamW"].sentence == "AdamW: yours, from 05_adam.ipynb."
    assert capsys.readouterr().out == ""


def test_a_notebook_that_is_not_there_leaves_what_stands_in(tmp_path, capsys):
    assert own(tmp_path, AdamW=len).AdamW is len
    assert capsys.readouterr().out == "AdamW: PyTorch's stands in: there is no 05_adam.ipynb here.\n"


@pytest.mark.slow
def test_what_is_wrong_with_a_notebook_is_said_in_a_line(tmp_path, capsys):
    shutil.copy(ROOT / "lessons" / "05_adam.ipynb", tmp_path)
    written(tmp_path, "03_momentum", "def heavy_ball_update(theta:", "x = 1 / 0", "raise SystemExit")
    written(tmp_path, "01_mini_batch", "def minibatch_indices(n): return n")
    (tmp_path / "06_lr_decay.ipynb").write_text("no notebook")
    (tmp_path / "07_clipping.ipynb").write_text("{}")
    with (tmp_path / "08_batch_norm.ipynb").open("wb") as file:
        file.truncate(60_000_000)
    asked = ("AdamW", "heavy_ball_update", "minibatch_indices", "step_decay", "clip_by_value", "BatchNorm1d")
    stand_ins = dict.fromkeys(asked, len)
    assert set(vars(own(tmp_path, **stand_ins)).values()) == {len}
    assert capsys.readouterr().out.replace("PyTorch's stands in: ", "").splitlines() == [
        "AdamW: it is not written in 05_adam.ipynb.",
        "heavy_ball_update: 03_momentum.ipynb has none that runs.",
        "minibatch_indices: yours in 01_mini_batch.ipynb has 0 of 2.5 points.",
        "step_decay: 06_lr_decay.ipynb can't be read as a notebook.",
        "clip_by_value: 07_clipping.ipynb can't be read as a notebook.",
        "BatchNorm1d: 08_batch_norm.ipynb can't be read as a notebook.",
    ]


@pytest.mark.slow
def test_what_never_ends_or_ends_its_process_is_left_out_and_the_rest_is_used(tmp_path):
    written(
        tmp_path,
        "03_momentum",
        "def momentum_update(*arguments, **hyper):\n    while True: pass",
        RIGHT.format("print('called'); "),
        "def matching_lr(*arguments, **hyper): return bytearray(2_000_000_000)",
    )
    written(tmp_path, "02_ema", "import os\ndef ema(x, beta): os._exit(0)")
    written(tmp_path, "01_mini_batch", "class Endless:\n    while True: pass")
    asked = (
        "minibatch_indices",
        "mse_gradient",
        "ema",
        "momentum_update",
        "matching_lr",
        "heavy_ball_update",
    )
    late = ("stopped", "ran for more than 4 s and was stopped")
    assert found(tmp_path, *asked, cell=4, memory=600_000_000) == {
        "minibatch_indices": late,
        "mse_gradient": late,
        "ema": ("stopped", "ended the Python process it ran in"),
        "momentum_update": late,
        "matching_lr": ("stopped", "used more than 600 MB of memory and was stopped"),
        "heavy_ball_update": "own",
    }


@pytest.mark.slow
def test_answers_are_found_under_another_name_and_in_work(tmp_path, monkeypatch, capfd):
    here, work = tmp_path / "lessons", tmp_path / "work"
    for folder in (here, work):
        folder.mkdir()
    written(here, "03_momentum", "def heavy_ball_update(*arguments, **hyper): raise NotImplementedError")
    written(work, "03_momentum", "scale = 1.0", RIGHT.format("print('called'); grad = scale * grad; "))
    wrong, right = "def ema(x, beta): return x", "def ema(x, beta):\n    v = [0.0 * x[0]] if len(x) else []\n"
    right += "    for each in x: v.append(beta * v[-1] + (1 - beta) * each)\n    return np.array(v[1:]).reshape(x.shape)"
    written(work, "02_ema (1)", ema=wrong)
    written(work, "mine", ema=right)
    written(work, "a_page", right)
    os.utime(work / "mine.ipynb", (1, 1))
    monkeypatch.chdir(here)
    taken = own(heavy_ball_update=None, ema=None)
    assert (
        capfd.readouterr().out
        == "heavy_ball_update: yours, from 03_momentum.ipynb.\nema: yours, from mine.ipynb.\n"
    )
    assert taken.heavy_ball_update(1.0, 1.0, 0.0, 0.5, 0.9) == (0.5, 1.0)


@pytest.mark.slow
def test_what_a_lesson_seals_is_refused_here_too(tmp_path):
    written(tmp_path, "03_momentum", SEALED)
    assert found(tmp_path, "heavy_ball_update") == {"heavy_ball_update": "not_right"}


def test_an_unknown_name_is_said():
    with pytest.raises(ValueError, match="There is no exercise Adagrad"):
        own(Adagrad=None)
