"""What a check and a stub show in a real kernel: one output a check, and one sentence for what is not written."""

import re

import nbformat
import pytest
from editor import Editor, run_all
from nbclient import NotebookClient
from nbgrader.utils import determine_grade

from course.report.card import NOT_ATTEMPTED

CELLS = (
    "import matplotlib.pyplot as plt\n"
    "import numpy as np\n"
    "from course import check\n"
    "def ema(x, beta):\n    raise NotImplementedError()\n"
    "def ema_weights(beta, t):\n    return (1 - beta) * beta ** np.arange(t - 1.0, -1.0, -1.0)\n"
    "def mine():\n    raise NotImplementedError('later')",
    'check("ema", ema)',
    'check("ema_weights", ema_weights)',
    'check("ema_weight", ema_weights)',
    'points = check("ema_weights", ema_weights)\nprint(points + 1)',
    "figure, ax = plt.subplots()\nax.plot(ema(np.ones(3), 0.9))",
    "mine()",
    "later = ema(np.ones(3), 0.9)",
    "later + later",
    "from course import plots\nplots.sliders(lambda beta=0.9: ema(np.ones(3), beta), beta=[0.5, 0.9])",
    "undefined",
    "later = 3\nlater + later",
    "from course.figures import lesson_08\n"
    "batch_norm_forward = lambda x, *more: (x * np.nan,)\n"
    "lesson_08.neighbours_map(batch_norm_forward)",
    "lesson_08.neighbours_map(lambda *more: 1 / 0)",
)


def run(kind):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    for cell in notebook.cells[1:5]:
        cell.metadata["nbgrader"] = {"grade": True, "solution": False, "points": 1.5}
    return run_all(notebook, kind)


@pytest.fixture(scope="module")
def edited():
    return run(Editor)


@pytest.fixture(scope="module")
def executed():
    return run(NotebookClient)


@pytest.mark.parametrize("cells", ["edited", "executed"])
def test_a_check_has_one_output_that_is_its_card_and_from_which_nbgrader_reads_the_points(cells, request):
    cells = request.getfixturevalue(cells)
    for cell, points in zip(cells[1:4], (0.0, 1.5, 0.0), strict=True):
        (output,) = cell.outputs
        assert output.output_type == "execute_result"
        assert output.data["text/plain"] == repr(points)
        assert determine_grade(cell) == (points, 1.5)
    assert NOT_ATTEMPTED in re.sub("</?a[^>]*>", "", cells[1].outputs[0].data["text/html"])
    assert "ema_weights" in cells[2].outputs[0].data["text/html"]
    assert "Did you mean" in cells[3].outputs[0].data["text/html"]
    assert cells[4].outputs[1].text == "2.5\n"


def test_an_experiment_that_meets_a_stub_says_which_exercise_waits_and_shows_no_empty_picture(edited):
    (output,) = edited[5].outputs
    assert output.output_type == "display_data"
    assert output.data["text/plain"] == (
        "This cell runs your ema, which is not written yet: fill in its cell above, run that, and then this "
        "one again."
    )
    assert output.data["text/html"].startswith("<p ")
    assert 'your <a href="#cell-id=ema">ema</a>, which' in output.data["text/html"]


def test_the_cells_after_it_run_and_say_what_they_need(edited):
    (output,) = edited[8].outputs
    assert output.data["text/plain"] == (
        "This cell needs later, which a cell above makes as soon as your ema is written: fill that in, and run "
        "the cells from there."
    )
    assert 'your <a href="#cell-id=ema">ema</a> is' in output.data["text/html"]
    assert [output.output_type for output in edited[9].outputs] == ["display_data"]
    assert "your ema, which is not written yet" in edited[9].outputs[0].data["text/plain"]
    # What is no exercise's doing is an error as everywhere, and a name that is there is there.
    assert edited[10].outputs[0].evalue == "name 'undefined' is not defined"
    assert edited[11].outputs[0].data["text/plain"] == "6"


def test_a_figure_that_cannot_be_drawn_from_a_wrong_answer_says_so(edited):
    (output,) = edited[12].outputs
    assert re.fullmatch(
        r"This figure can't be drawn from what your batch_norm_forward gives \(\w+Error: [^()]+\): look at the "
        "checks above.",
        output.data["text/plain"],
    )
    assert (
        'your <a href="#cell-id=batch_norm_forward">batch_norm_forward</a> gives' in output.data["text/html"]
    )
    # What the student's own code raises is theirs to see.
    (output,) = edited[13].outputs
    assert output.ename == "ZeroDivisionError"


def test_run_all_goes_on_after_a_cell_that_was_explained(edited, executed):
    assert [cell.metadata.status for cell in edited[5:]] == [
        *("ok", "error", "ok", "ok", "ok", "error", "ok", "ok", "error"),
    ]
    assert [cell.metadata.status for cell in executed[5:]] == ["error"] * 6 + ["ok", "error", "error"]


def test_a_check_of_what_is_not_written_links_to_its_cell(edited):
    assert 'Fill in <a href="#cell-id=ema">the cell above</a>' in edited[1].outputs[0].data["text/html"]


def test_a_program_still_sees_the_exception(executed):
    (output,) = executed[5].outputs
    assert (output.output_type, output.ename) == ("error", "NotImplementedError")


def test_what_is_no_exercise_raises_as_everywhere(edited):
    (output,) = edited[6].outputs
    assert (output.ename, output.evalue) == ("NotImplementedError", "later")


SLIP = (
    "import numpy as np\nfrom course import check\nprint('ready')",
    "\n%matplotlib inline\ndef ema_weights(beta, t):\n    steps = np.arange(1.0, t + 1.0)\n"
    "    return (1 - beta) * beta ** (t + steps)",
    'check("ema_weights", ema_weights)',
    'check("ema_weights", ema_weights, explain=True)',
    "import ipywidgets\nfrom ipywidgets.widgets.widget import _instances\n"
    "buttons = [each for each in _instances.values() if isinstance(each, ipywidgets.Button)]\n"
    "for button in buttons:\n    button.click()",
)
LINE = "Line 5 of your cell is where it goes wrong: <code>return (1 - beta) * beta ** (t + steps)</code>"
WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.mark.slow
def test_a_check_says_the_line_that_is_wrong_when_asked_to_by_its_argument_or_by_its_button():
    cells = run_all(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in SLIP]))
    card, button, said = cells[2].outputs
    assert LINE not in card.data["text/html"]
    assert (button.output_type, dict(button.data)) == ("display_data", {"text/plain": ""}), "other cells ran"
    assert LINE in said.data["text/html"]
    (explained,) = cells[3].outputs
    assert LINE in explained.data["text/html"]
    assert determine_grade(as_check(cells[3])) == (float(explained.data["text/plain"]), 1.5)


@pytest.mark.slow
def test_below_a_card_is_a_button_until_another_cell_runs():
    cells = run_all(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in SLIP[:3]])
    )
    _, button, said = cells[2].outputs
    assert (button.output_type, button.data["text/plain"]) == ("display_data", "")
    assert button.data[WIDGET]["model_id"]
    assert said.data["text/plain"] == ""


@pytest.mark.slow
def test_where_nobody_can_press_it_there_is_no_button():
    cells = run_all(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in SLIP[:3]]),
        NotebookClient,
    )
    (card,) = cells[2].outputs
    assert card.output_type == "execute_result"


def as_check(cell):
    cell.metadata["nbgrader"] = {"grade": True, "solution": False, "points": 1.5}
    return cell
