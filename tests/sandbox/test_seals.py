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
from course.sealed import (
    AVERAGES,
    CLIPPING,
    COMMON,
    COSINES,
    CROSS_ENTROPY,
    DIVERGENCE,
    INITIALISERS,
    NORMALISATION,
    OPTIMISERS,
    OPTUNA,
    ORACLES,
    SOFTMAX_CROSS_ENTROPY,
    Sealed,
)

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
    own = {
        "11_initialisation": COMMON | INITIALISERS,
        "13_fusing_weights": COMMON | DIVERGENCE | COSINES,
        "14_search": COMMON | OPTUNA,
        "15_gan": COMMON | CROSS_ENTROPY,
        # Clipping may be used there.
        "16_recipes": OPTIMISERS | NORMALISATION | SOFTMAX_CROSS_ENTROPY | AVERAGES | ORACLES,
    }
    for name, sealed in SEALED.items():
        assert warm_process(sealed) is warm_process(own.get(name, COMMON))
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
    "a reference": "torch._refs.nn.functional.layer_norm(w, (3,))",
    "a composite kernel": "torch.rms_norm(w, (3,))",
    "a composite kernel by its key": "torch.ops.aten.layer_norm.default._op_dk(torch._C.DispatchKey.CompositeImplicitAutograd, w, [3], None, None, 1e-5, False)",
    "a functional kernel": "torch.ops.aten._fused_sgd.default([w], [w], [], weight_decay=0, momentum=0, lr=1, dampening=0, nesterov=False, maximize=False, is_first_step=True)",
    "nested tensors": "torch.nn.functional.layer_norm(torch.nested.nested_tensor([w, w], layout=torch.jagged), (3,))",
    "rows that are scaled down": "w.renorm(2, 0, 1.0)",
    "a layer that is folded into another": "torch.nn.utils.fusion.fuse_linear_bn_weights(w, w[:, 0], w, w, 1e-5, w, w)",
    "the static runtime": "torch._C._jit_to_static_module(None)",
    "the static runtime's class": "torch._C.StaticModule(None)",
    "a method of a class": "torch.optim.Adam.step(None)",
    "an average of weights": "torch.optim.swa_utils.get_ema_multi_avg_fn(0.9)",
    "another package's optimisers": "import torch.distributed.optim as o; o._FunctionalAdam([w])",
    "how PyTorch tests it": "import torch.testing._internal.common_modules as m; m.no_such_reference()",
    "pandas' averages": "import pandas as pd; pd.Series([1.0, 2.0]).ewm(alpha=0.5).mean()",
    "pandas' averages of groups": "import pandas as pd; pd.DataFrame({'a': [1, 1]}).groupby('a').ewm(alpha=0.5)",
    "pandas' compiled averages": "import pandas._libs.window.aggregations as a; a.ewm()",
    "pandas' averages for Numba": "import pandas.core.window.numba_ as n; n.generate_numba_ewm_func(False, False, False, 0.1, False, None, True)",
    "an oracle": "import course; course.exercises.EXERCISES['ema'].expected(w, 0.9)",
}


# Lesson 12's: by name, by functional, by modules, by torch.ops, and within a layer that is run as one kernel.
NORMS = {
    "layer norm": "torch.layer_norm(w, (3,))",
    "layer norm, functional": "F.layer_norm(w, (3,))",
    "layer norm, a module": "nn.LayerNorm(3)(w)",
    "layer norm, a kernel": "torch.ops.aten.native_layer_norm(w, [3], None, None, 1e-5)",
    "layer norm, the way back": "torch.ops.aten.native_layer_norm_backward(w, w, [3], w[:, :1], w[:, :1], None, None, [True, False, False])",
    "layer norm, transformers": "torch._transformer_encoder_layer_fwd(x, 4, 1, q, b, o, c, False, False, 1e-5, c, c, c, c, o, c, o, c)",
    "RMS norm": "torch.rms_norm(w, (3,))",
    "RMS norm, functional": "F.rms_norm(w, (3,))",
    "RMS norm, a module": "nn.RMSNorm(3)(w)",
    "RMS norm, a kernel": "torch.ops.aten._fused_rms_norm(w, [3], None, 1e-6)",
    "group norm": "torch.group_norm(x, 1)",
    "group norm, functional": "F.group_norm(x, 1)",
    "group norm, a module": "nn.GroupNorm(1, 2)(x)",
    "group norm, a kernel": "torch.ops.aten.native_group_norm(x, None, None, 1, 2, 4, 1, 1e-5)",
    "instance norm": "torch.instance_norm(x, None, None, None, None, True, 0.1, 1e-5, False)",
    "instance norm, functional": "F.instance_norm(x)",
    "instance norm, a module": "nn.InstanceNorm1d(2)(x)",
    "instance norm, a kernel": "torch.ops.aten.instance_norm(x, None, None, None, None, True, 0.1, 1e-5, False)",
    "spectral norm": "nn.utils.parametrizations.spectral_norm(nn.Linear(2, 3))",
    "spectral norm, its class": "nn.utils.parametrizations._SpectralNorm(w)",
    "spectral norm, its old form": "nn.utils.spectral_norm(nn.Linear(2, 3))",
    "spectral norm, the old form's class": "from torch.nn.utils.spectral_norm import SpectralNorm as S; S.apply(nn.Linear(2, 3), 'weight', 1, 0, 1e-12)",
}
GIVEN = """
import torch
from torch import nn
from torch.nn import functional as F
w, x = torch.zeros(2, 3), torch.zeros(1, 2, 4)
q, b, o, c = torch.zeros(12, 4), torch.zeros(12), torch.zeros(4, 4), torch.zeros(4)
"""


@pytest.mark.parametrize("call", NORMS.values(), ids=NORMS)
def test_no_way_leads_to_the_relatives_of_batch_norm(processes, call):
    for process in processes:
        _, error = run(process, f"{GIVEN}{call}")
        assert error.startswith("NotAvailable: PyTorch's own optimisers, clipping, normalisation")


def test_the_relatives_of_batch_norm_are_called_as_they_should_be():
    for call in NORMS.values():
        here = {}
        exec(f"{GIVEN}{call}", here)


@pytest.mark.parametrize("call", REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_is_known_by_its_class_and_is_a_runtime_error(processes, call):
    common, _ = processes
    source = f"import torch\nw = torch.zeros(2, 3)\ntry: {call}\nexcept RuntimeError as error: print(type(error).__name__, error)"
    assert run(common, source) == (REFUSED.replace(":", "", 1), "")


def test_what_is_like_it_goes_on_working(processes):
    common, _ = processes
    source = (
        "import pandas as pd, torch\nx = torch.ones(2, 3)\n"
        "print(pd.Series([1.0, 3.0]).rolling(2).mean().tolist()[1], torch.softmax(x, 1).sum().item(), "
        "torch.nn.functional.normalize(x).norm().item() ** 2, torch.linalg.vector_norm(x).item() ** 2)"
    )
    output, error = run(common, source)
    assert (error, [round(float(number), 5) for number in output.split()]) == ("", [2.0, 2.0, 2.0, 6.0])


# Lesson 13's, and what is a mere part of its answers.
FUSED = {
    "divergence, functional": "F.kl_div(p.log(), p, reduction='batchmean')",
    "divergence, a module": "nn.KLDivLoss(reduction='batchmean')(p.log(), p)",
    "divergence, a kernel": "torch.ops.aten.kl_div(p.log(), p)",
    "divergence of distributions": "torch.distributions.kl_divergence(D(p), D(p))",
    "divergence of distributions, registered": "from torch.distributions.kl import _kl_categorical_categorical as kl; kl(D(p), D(p))",
    "cosines, functional": "F.cosine_similarity(p, p)",
    "cosines, a function": "torch.cosine_similarity(p, p)",
    "cosines, a module": "nn.CosineSimilarity()(p, p)",
    "cosines, a kernel": "torch.ops.aten.cosine_similarity(p, p)",
    "cosines, a loss": "F.cosine_embedding_loss(p, p, torch.ones(2))",
    "cosines, a loss's module": "nn.CosineEmbeddingLoss()(p, p, torch.ones(2))",
}
PARTS = {
    "cross-entropy": "F.cross_entropy(p, torch.tensor([0, 1]))",
    "log-softmax": "torch.log_softmax(p, 1)",
    "directions": "F.normalize(p)",
    "pruning": "prune.L1Unstructured(amount=2).compute_mask(p, torch.ones_like(p))",
}
GIVEN_FUSED = """
import torch
from torch import nn
from torch.distributions import Categorical as D
from torch.nn import functional as F
from torch.nn.utils import prune
p = torch.full((2, 4), 0.25)
"""


@pytest.fixture(scope="module")
def fusing(isolation):
    with isolation.start(SEALED["13_fusing_weights"]) as process:
        yield process


@pytest.mark.parametrize("call", FUSED.values(), ids=FUSED)
def test_no_way_leads_to_divergences_and_cosines(fusing, call):
    here = {}
    exec(f"{GIVEN_FUSED}{call}", here)
    refusal = SEALED["13_fusing_weights"].refusal
    assert "Kullback-Leibler divergence, cosine similarity and pandas'" in refusal
    assert run(fusing, f"{GIVEN_FUSED}{call}") == ("", f"NotAvailable: {refusal}.")


@pytest.mark.parametrize("call", PARTS.values(), ids=PARTS)
def test_what_divergences_and_pruning_are_made_of_is_there(fusing, call):
    assert run(fusing, f"{GIVEN_FUSED}print({call}.numel() > 0)") == ("True", "")


BASE = """
import copy, sys, torch
from torch.optim import Optimizer
from torch.optim.optimizer import Optimizer as Same
class Own(Optimizer):
    def __init__(self, params): super().__init__(params, {"lr": 0.5})
    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                self.state[p]["steps"] = self.state[p].get("steps", 0) + 1
                p.sub_(p.grad, alpha=group["lr"])
p, called = torch.nn.Parameter(torch.ones(2)), []
own = Own([p])
own.register_step_pre_hook(lambda *arguments: called.append("before"))
own.register_step_post_hook(lambda *arguments: called.append("after"))
(p**2).sum().backward()
own.step()
own.zero_grad()
again = Own([p])
again.load_state_dict(own.state_dict())
again.add_param_group({"params": [torch.nn.Parameter(torch.zeros(1))]})
copied = copy.deepcopy(again)
print(Optimizer is Same is torch.optim.Optimizer, p.tolist(), p.grad, called, len(copied.param_groups))
print(again.state[p], "torch._dynamo" in sys.modules, Optimizer.__subclasses__() == [Own])
print(sorted(name for name in vars(torch.optim) if name[0] != "_"))
"""


def test_the_base_class_of_optimisers_is_pytorchs_own_and_all_that_is_there(isolation):
    with isolation.start(COMMON) as process:
        printed, error = run(process, BASE)
    assert error == ""
    assert printed.splitlines() == [
        "True [0.0, 0.0] None ['before', 'after'] 2",
        "{'steps': 1} False True",
        "['Optimizer', 'optimizer']",
    ]


def test_the_files_of_what_is_sealed_are_empty(processes):
    common, more = processes
    source = (
        "from pathlib import Path\nimport torch\nplace = Path(torch.__file__).parent\n"
        "files = [*place.glob('nn/init.py'), *place.glob('nn/__pycache__/init.*'), *place.glob('optim/*'), *place.glob('_C.*.so')]\n"
        "print(any(path.stat().st_size for path in files))"
    )
    assert run(common, source) == ("True", "")
    assert run(more, source) == ("False", "")


def test_every_file_that_is_to_be_hidden_is_there():
    for part in (
        OPTIMISERS,
        CLIPPING,
        NORMALISATION,
        AVERAGES,
        INITIALISERS,
        CROSS_ENTROPY,
        SOFTMAX_CROSS_ENTROPY,
        DIVERGENCE,
        ORACLES,
    ):
        assert all(path.exists() for path in sealed_files(part))
        assert sealed_files(part) != sealed_files(Sealed())


def test_parts_are_combined_once():
    assert COMMON | OPTIMISERS == COMMON
    assert OPTIMISERS.refusal == "PyTorch's own optimisers are not available while checking or grading"
    assert f"NotAvailable: {COMMON.refusal}." == REFUSED
    assert f"NotAvailable: {(COMMON | INITIALISERS).refusal}." == BOTH_REFUSED
