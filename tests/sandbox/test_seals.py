"""What a lesson seals is gone from its students' processes and from nobody else's."""

import contextlib
import json
import subprocess
import sys

import pytest
import torch
from torch import nn

from autograder.sandbox.bubblewrap import sealed_files
from autograder.sandbox.confine import Limits
from autograder.sandbox.launch import warm_process
from autograder.sandbox.process import Isolation
from course.exercises import LESSONS, SEALED
from course.sealed import AVERAGES, CLIPPING, COMMON, INITIALISERS, NORMALISATION, OPTIMISERS, ORACLES, Sealed

pytestmark = pytest.mark.slow

REFUSED = (
    "NotAvailable: PyTorch's own optimisers, clipping, normalisation and pandas' exponential averages "
    "are not available while checking or grading."
)
BOTH_REFUSED = (
    "NotAvailable: PyTorch's own optimisers, clipping, normalisation, initialisers "
    "and pandas' exponential averages are not available while checking or grading."
)
SECONDS = 30


@pytest.fixture(scope="module")
def isolation():
    return Isolation(Limits(cell=SECONDS, notebook=3 * SECONDS))


@pytest.fixture(scope="module")
def processes(isolation):
    """Two students' processes at the same time: one of today's lessons, one that may not initialise either."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(isolation.start(sealed)) for sealed in (COMMON, COMMON | INITIALISERS)]


def run(process, source):
    """What a cell prints, and how it ended."""
    outputs, error = process.run(source, SECONDS)
    texts = [json.loads(output) for output in outputs]
    return "".join(entry.get("text", "") for entry in texts).strip(), error


def test_one_warm_process_serves_every_lesson_that_seals_the_same():
    assert SEALED.keys() == LESSONS.keys()
    assert {warm_process(sealed) for sealed in SEALED.values()} == {warm_process(COMMON)}
    assert warm_process(COMMON | INITIALISERS) is not warm_process(COMMON)


LOADED_AHEAD = """
import psutil, sys
from autograder.sandbox.launch import load_ahead, warm_process
assert "torch" not in sys.modules
load_ahead()
from course.exercises import SEALED
warm_process(SEALED["05_adam"]).wait()
print(len(psutil.Process().children()))
"""


def test_what_loads_ahead_serves_the_lesson():
    done = subprocess.run([sys.executable, "-c", LOADED_AHEAD], capture_output=True, check=True)
    assert done.stdout == b"1\n"


def test_two_sets_of_seals_stand_side_by_side(processes):
    common, more = processes
    xavier = (
        "import torch\nw = torch.zeros(2, 3)\ntorch.nn.init.xavier_uniform_(w)\nprint(bool((w != 0).all()))"
    )
    assert run(common, xavier) == ("True", "")
    assert run(more, xavier) == ("", BOTH_REFUSED)
    optimiser = "torch.optim.SGD([w], lr=0.1)"
    assert run(common, optimiser) == ("", REFUSED)
    assert run(more, optimiser) == ("", BOTH_REFUSED)


@pytest.mark.parametrize(
    "layer", ("nn.Linear(2, 3)", "nn.Linear(7, 5, bias=False)", "nn.Conv2d(3, 4, 3)", "nn.Embedding(5, 2)")
)
def test_layers_start_the_same_without_the_initialisers(processes, layer):
    source = f"torch.manual_seed(3)\nvalues = [p.tolist() for p in {layer}.parameters()]"
    here = {"torch": torch, "nn": nn}
    exec(source, here)
    for process in processes:
        assert run(process, f"import torch\nfrom torch import nn\n{source}\nprint(values)") == (
            str(here["values"]),
            "",
        )


INITIALISE = {
    "the function": "nn.init.kaiming_normal_(w)",
    "with another slope": "nn.init.kaiming_uniform_(w)",
    "by the other side": "nn.init.kaiming_uniform_(w, a=5 ** 0.5, mode='fan_out')",
    "its old name": "nn.init.xavier_normal(w)",
    "as a layer knows it": "nn.modules.linear.init.xavier_normal_(w)",
    "as another module holds it": "nn.modules.activation.xavier_uniform_(w)",
    "the gain": "nn.init.calculate_gain('relu')",
}


@pytest.mark.parametrize("call", INITIALISE.values(), ids=INITIALISE)
def test_no_way_leads_to_the_initialisers(processes, call):
    _, more = processes
    source = f"import torch, warnings\nfrom torch import nn\nwarnings.simplefilter('ignore')\nw = torch.ones(2, 3)\n{call}"
    assert run(more, source) == ("", BOTH_REFUSED)


def test_both_fans_of_a_weight_are_not_told(processes):
    _, more = processes
    source = (
        "from torch import nn\nimport torch\nprint(nn.init._calculate_fan_in_and_fan_out(torch.ones(2, 3)))"
    )
    assert run(more, source) == ("(3, None)", "")


REFUSALS = {
    "a module": "torch.nn.utils.clip_grad_norm_([], 1.0)",
    "a kernel": "torch._fused_sgd_([w], [w], [], weight_decay=0, momentum=0, lr=1, dampening=0, nesterov=False, maximize=False, is_first_step=True)",
    "a kernel below a layer": "torch.nn.BatchNorm1d(3)(torch.zeros(4, 3))",
    "a backward pass": "torch.ops.aten.native_batch_norm_backward(w, w, None, None, None, None, None, True, 1e-5, [True] * 3)",
    "a decomposition": "torch._decomp.decompositions.native_batch_norm(w, None, None, None, None, True, 0.1, 1e-5)",
}


@pytest.mark.parametrize("call", REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_is_known_by_its_class_and_is_a_runtime_error(processes, call):
    common, _ = processes
    source = f"import torch\nw = torch.zeros(2, 3)\ntry: {call}\nexcept RuntimeError as error: print(type(error).__name__, error)"
    assert run(common, source) == (REFUSED.replace(":", "", 1), "")


def test_the_files_of_what_is_sealed_are_empty(processes):
    common, more = processes
    source = (
        "from pathlib import Path\nimport torch\nplace = Path(torch.__file__).parent\n"
        "files = [*place.glob('nn/init.py'), *place.glob('nn/__pycache__/init.*'), *place.glob('optim/*')]\n"
        "print(any(path.stat().st_size for path in files))"
    )
    assert run(common, source) == ("True", "")
    assert run(more, source) == ("False", "")


def test_every_file_that_is_to_be_hidden_is_there():
    for part in (OPTIMISERS, CLIPPING, NORMALISATION, AVERAGES, INITIALISERS, ORACLES):
        assert all(path.exists() for path in sealed_files(part))
        assert sealed_files(part) != sealed_files(Sealed())


def test_parts_are_combined_once():
    assert COMMON | OPTIMISERS == COMMON
    assert OPTIMISERS.refusal == "PyTorch's own optimisers are not available while checking or grading"
    assert f"NotAvailable: {COMMON.refusal}." == REFUSED
    assert f"NotAvailable: {(COMMON | INITIALISERS).refusal}." == BOTH_REFUSED
