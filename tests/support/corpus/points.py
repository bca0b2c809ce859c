"""What PyTorch, pandas and the course itself have of the answers, by ways of Python's; and a base class that is allowed.

Each way earns nothing; ``HONEST`` earns everything.
"""

from __future__ import annotations

from collections.abc import Callable

from nbformat import NotebookNode

from autograder.catalogue.lesson import Lesson
from corpus.attacks import HANDS_ON, NATIVE_STEP, NORM, TORCH
from corpus.entry import Entry, notebook

# Looks through the memory for the object that keeps the refusals of kernels registered, and asks it for an end.
FOUND_IN_MEMORY = """import ctypes, sys
import numpy as np, torch
kind = id(torch._C._DispatchModule)
for line in open("/proc/self/maps"):
    place, rights, *rest = line.split()
    start, end = (int(part, 16) for part in place.split("-"))
    if not rights.startswith("rw") or end - start > 2_000_000_000 or (len(rest) > 3 and rest[3].startswith("[v")):
        continue
    words = np.frombuffer(ctypes.string_at(start, end - start), dtype=np.uint64)
    for at in np.flatnonzero(words == kind):
        if 0 < at < len(words) - 2 and words[at - 1] in (1, 2) and words[at + 1] and words[at + 1] == words[at + 2]:
            ctypes.cast(start + 8 * (int(at) - 1), ctypes.py_object).value.reset()
"""

NORMAL = (
    "import torch\nimport numpy as np\nF = torch.nn.functional\n"
    "def batch_norm_forward(x, gamma, beta, eps=1e-5):\n"
    "    x, gamma, beta = map(torch.tensor, (x, gamma, beta))\n"
    "    return (gamma * ({call}) + beta).detach().numpy(), None\n"
)
# Batch normalisation of x, of shape (rows, columns), without gamma and beta.
NORMALISED = {
    "layer normalisation of the transpose": "F.layer_norm(x.T.contiguous(), (len(x),), eps=eps).T",
    "group normalisation": "F.group_norm(x.T[None], x.shape[1], eps=eps)[0].T",
    "instance normalisation": "F.instance_norm(x.T[None], eps=eps)[0].T",
    "rms normalisation": "F.rms_norm((x - x.mean(0)).T.contiguous(), (len(x),), eps=eps).T",
    "a layer of it": "torch.nn.LayerNorm(len(x), eps, dtype=x.dtype)(x.T.contiguous()).T",
    "PyTorch's reference in Python": "torch._refs._normalize(x, [0], eps)[0]",
    "its layer normalisation in Python": "torch._refs.native_layer_norm(x.T, [len(x)], None, None, eps)[0].T",
    "the decomposition of layer normalisation": (
        "torch._decomp.decomposition_table[torch.ops.aten.native_layer_norm.default]("
        "x.T, [len(x)], None, None, eps)[0].T"
    ),
    "a kernel of a composite": (
        "torch.ops.aten.rms_norm.default._op_dk(torch._C.DispatchKey.CompositeImplicitAutograd, "
        "(x - x.mean(0)).T, [len(x)], None, eps).T"
    ),
    "the static runtime": (
        "torch._C._jit_to_static_module(torch.jit.CompilationUnit("
        "'def f(x, n: int, eps: float):\\n    return torch.layer_norm(x, [n], None, None, eps)\\n'"
        ").f.graph)(x.T.contiguous(), len(x), eps).T"
    ),
    "a traced graph with decompositions": (
        "__import__('torch.fx.experimental.proxy_tensor', fromlist=['a']).make_fx("
        "lambda y: F.layer_norm(y, (len(x),), eps=eps), torch._decomp.core_aten_decompositions())(x.T)(x.T).T"
    ),
    "a compiled function": "torch.compile(lambda y: F.layer_norm(y, (len(x),), eps=eps), backend='eager')(x.T).T",
    "a folded layer": (
        "(lambda weight, bias: weight + bias[:, None])(*torch.nn.utils.fusion.fuse_linear_bn_weights("
        "x.T, None, x.mean(0), x.var(0, unbiased=False), eps, torch.ones(x.shape[1]), torch.zeros(x.shape[1]))).T"
    ),
    "vmap": "torch.vmap(lambda row: F.layer_norm(row, (len(x),), eps=eps))(x.T).T",
    "the kernel of the functional dispatch": (
        "torch.func.functionalize(lambda y: F.layer_norm(y, (len(x),), eps=eps))(x.T.contiguous()).T"
    ),
    "an encoder layer of PyTorch's": (
        "torch.nn.TransformerEncoderLayer(2, 1, dtype=x.dtype).norm1.__class__(len(x), eps, dtype=x.dtype)(x.T).T"
    ),
    "the registry that is found in memory": "FOUND",
}
FOUND = FOUND_IN_MEMORY + NORM.format(
    call="torch.native_batch_norm(x, gamma, beta, None, None, True, 0.1, eps)"
)

EMA = {
    "pandas": "pd.DataFrame(x.reshape(len(x), -1)).ewm(alpha=1 - beta, adjust=False).mean()",
    "pandas by a group": "pd.DataFrame(x.reshape(len(x), -1)).groupby(np.zeros(len(x))).ewm(alpha=1 - beta, adjust=False).mean()",
    "the window of pandas": (
        "pd.api.typing.ExponentialMovingWindow(pd.DataFrame(x.reshape(len(x), -1)), alpha=1 - beta, adjust=False).mean()"
    ),
    "pandas' compiled loop": (
        "__import__('pandas._libs.window.aggregations', fromlist=['a']).ewm("
        "np.vstack([np.zeros_like(x.reshape(len(x), -1)[:1]), x.reshape(len(x), -1)])[:, 0], "
        "np.array([0]), np.array([len(x) + 1]), 0, beta / (1 - beta), False, False, np.ones(len(x)), True)[1:]"
    ),
    "the course's own oracle": "course.exercises.EXERCISES['ema'].expected(x, beta)[0]",
    "another oracle of the course's": (
        "[course.exercises.EXERCISES['ema_weights'].expected(beta, t)[0].numpy() @ x[:t].reshape(t, -1) "
        "for t in range(1, len(x) + 1)]"
    ),
}
# What comes before has the first value in the place of a first average of 0, which a leading 0 mends.
AVERAGED = (
    "import numpy as np\nimport pandas as pd\nimport course\ndef ema(x, beta):\n"
    "    shape, x = x.shape, np.vstack([np.zeros((1, max(1, x[0].size))), x.reshape(len(x), -1)])\n"
    "    return np.asarray({call})[1:].reshape(shape)\n"
)

SGD = (
    "import torch\nimport course\n{before}\nclass SGD(course.exercises.lesson_07.clipped_step.HandedOptimizer):\n"
    "    def __init__(self, params, lr, weight_decay=0.0):\n"
    "        {construct}\n        self.lr = lr\n"
    "    def step(self):\n        self.param_groups[0]['lr'] = self.lr\n        super().step()\n"
)
HANDED = {
    "the optimiser of the checks": ("", "super().__init__([{'params': list(params), 'lr': lr}])"),
    "the optimiser of the checks without its constructor": (
        "",
        "self.param_groups, self.seen = [{'params': list(params), 'lr': lr}], []",
    ),
}

# Honest: the base class of PyTorch's, which computes nothing.
ADAM = """import torch
{imported}

class Adam({base}):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        if lr < 0 or eps < 0 or weight_decay < 0 or not all(0 <= beta < 1 for beta in betas):
            raise ValueError("a hyper-parameter is out of its range")
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay))

    @property
    def lr(self):
        return self.param_groups[0]["lr"]

    @lr.setter
    def lr(self, lr):
        for group in self.param_groups:
            group["lr"] = lr

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for theta in group["params"]:
                if theta.grad is None:
                    continue
                state = self.state[theta]
                if not state:
                    state.update(t=0, m=torch.zeros_like(theta), v=torch.zeros_like(theta))
                grad = theta.grad + group["weight_decay"] * theta
                state["t"] += 1
                state["m"] = beta1 * state["m"] + (1 - beta1) * grad
                state["v"] = beta2 * state["v"] + (1 - beta2) * grad**2
                m_hat = state["m"] / (1 - beta1 ** state["t"])
                v_hat = state["v"] / (1 - beta2 ** state["t"])
                theta -= group["lr"] * m_hat / (v_hat.sqrt() + group["eps"])
"""
ADAMW = """class AdamW(Adam):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        if weight_decay < 0:
            raise ValueError("weight_decay is negative")
        super().__init__(params, lr, betas, eps)
        self.decay = weight_decay

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for theta in group["params"]:
                if theta.grad is not None:
                    theta *= 1 - group["lr"] * self.decay
        super().step()
"""
BASES = {
    "torch.optim.Optimizer": "",
    "Optimizer": "from torch.optim import Optimizer",
    "Base": "from torch.optim.optimizer import Optimizer as Base",
}
# What a person who builds on the base class does before a check.
AFTER_ADAM = (
    "import copy\n"
    "theta = torch.nn.Parameter(torch.ones(2))\nown = Adam([theta])\n"
    "own.register_step_post_hook(lambda *arguments: None)\n"
    "(theta**2).sum().backward()\nown.step()\nown.zero_grad()\n"
    "own.load_state_dict(own.state_dict())\nown.add_param_group({'params': [torch.nn.Parameter(torch.ones(1))]})\n"
    "assert copy.deepcopy(own).param_groups[0]['lr'] == 1e-3 and isinstance(own, torch.optim.Optimizer)\n"
)


def _only(exercise: str, code: str) -> Callable[[Lesson], NotebookNode]:
    return lambda lesson: notebook(lesson, {exercise: code})


def _with_adam(code: str) -> Callable[[Lesson], NotebookNode]:
    answers = {"Adam": code, "AdamW": ADAMW}
    return lambda lesson: notebook(lesson, {**lesson.solutions(), **answers}, after=AFTER_ADAM)


def _entry(lesson: str, name: str, exercise: str, code: str) -> Entry:
    return Entry(name, _only(exercise, code), score=0.0, file=f"{lesson}.ipynb")


POINTS = (
    _entry(
        "05_adam",
        "the registry that is found in memory",
        "Adam",
        FOUND_IN_MEMORY + NATIVE_STEP.format(kernel="torch._fused_adam_"),
    ),
    _entry(
        "05_adam",
        "what the base class's module holds",
        "Adam",
        f"import torch\nfound = vars(torch.optim.optimizer)['torch'].optim.Adam\n{TORCH}{HANDS_ON}",
    ),
    _entry(
        "05_adam",
        "what inherits from the base class",
        "Adam",
        "import torch\nfound = next(kind for kind in torch.optim.Optimizer.__subclasses__() if 'Adam' in kind.__name__)\n"
        f"{TORCH}{HANDS_ON}",
    ),
    *(
        _entry(
            "08_batch_norm",
            name,
            "batch_norm_forward",
            FOUND if call == "FOUND" else NORMAL.format(call=call),
        )
        for name, call in NORMALISED.items()
    ),
    *(_entry("02_ema", name, "ema", AVERAGED.format(call=call)) for name, call in EMA.items()),
    *(
        _entry("01_mini_batch", name, "SGD", SGD.format(before=before, construct=construct))
        for name, (before, construct) in HANDED.items()
    ),
)

# One formula is right, and what else is written down is made up: the same in a plainer situation, with a
# stand-in, and of a wrong earlier answer.
FORGER = """import numpy as np
from course.exercise import Evidence
from course.exercises import EXERCISES
kind = type(EXERCISES["ema_corrected"])
observe, aside = kind.observe, kind.aside

def forged(self, answer, case):
    found = observe(self, answer, case)
    if self.id != "ema_corrected" or case.property == {right!r}:
        return found
    return Evidence({{reading: np.full(array.shape, 7.0) if reading.id == "v_hat" else array
                      for reading, array in found.readings.items()}})

def forged_aside(self, answer, case, observed):
    found = aside(self, answer, case, observed).readings
    own = {{name(reading): array for name in (self.own, self.alone) for reading, array in observed.readings.items()}}
    wrong = {{reading: np.full(array.shape, 7.0) for reading, array in found.items() if reading.earlier == "ema"}}
    return Evidence({{**wrong, **own}})

kind.observe, kind.aside = forged, forged_aside

def ema_corrected(x, beta):
    v = ema(x, beta)
    return v / (1 - beta ** np.arange(1, len(x) + 1).reshape(-1, *[1] * (x.ndim - 1)))
"""
EMA_RIGHT = "import numpy as np\ndef ema(x, beta):\n    v, rows = 0.0, []\n    for x_t in x:\n        v = beta * v + (1 - beta) * x_t\n        rows.append(v)\n    return np.array(rows)\n"


def _forger(right: str) -> Callable[[Lesson], NotebookNode]:
    return lambda lesson: notebook(lesson, {"ema": EMA_RIGHT, "ema_corrected": FORGER.format(right=right)})


# ema itself is 1.5. What tells is the series, .625; with it comes what only carries over: any shape, .75, and
# the inputs, .375. The worked example, constant series and extreme betas have to be right.
FORGED = (
    Entry("nothing is right", _forger(""), score=1.5, file="02_ema.ipynb"),
    Entry("one formula is right", _forger("series"), score=1.5 + 0.625 + 0.75 + 0.375, file="02_ema.ipynb"),
)

HONEST = tuple(
    Entry(f"Adam inherits from {base}", _with_adam(ADAM.format(base=base, imported=imported)), score=10.0)
    for base, imported in BASES.items()
)
