"""What a check and a stub show in a real kernel: one output a check, and one sentence for what is not written."""

import nbformat
import pytest
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
)


class Editor(NotebookClient):
    """Runs cells as JupyterLab does: the request says which cell it is."""

    async def async_start_new_kernel_client(self):
        client = await super().async_start_new_kernel_client()
        session, send = client.session, client.session.send

        def send_with_cell(stream, message, *args, **keywords):
            if isinstance(message, dict) and message["header"]["msg_type"] == "execute_request":
                message["metadata"] = {"cellId": "one"}
            return send(stream, message, *args, **keywords)

        session.send = send_with_cell
        return client


def run(kind):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    for cell in notebook.cells[1:5]:
        cell.metadata["nbgrader"] = {"grade": True, "solution": False, "points": 1.5}
    kind(notebook, kernel_name="python3", timeout=120, allow_errors=True).execute()
    return notebook.cells


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
    assert NOT_ATTEMPTED in cells[1].outputs[0].data["text/html"]
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
    assert "<p " in output.data["text/html"]


def test_a_program_still_sees_the_exception(executed):
    (output,) = executed[5].outputs
    assert (output.output_type, output.ename) == ("error", "NotImplementedError")


def test_what_is_no_exercise_raises_as_everywhere(edited):
    (output,) = edited[6].outputs
    assert (output.ename, output.evalue) == ("NotImplementedError", "later")
