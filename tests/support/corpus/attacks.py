"""Wrong answers that want points all the same.

``OWN_CELLS`` run before a wrong ``adam_update``; ``ANSWERS`` are whole answers to ``Adam`` or others; ``EDITS``
change the notebook itself. None may get more than the wrong answer gets by itself.
"""

from __future__ import annotations

from collections.abc import Callable

import nbformat
from nbformat import NotebookNode

from autograder.catalogue.lesson import Lesson
from corpus.entry import Entry, cell_of, notebook

WRONG = "def adam_update(theta, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):\n    return theta, m, v\n"

# name -> (a cell before the answer, what a flag must say)
OWN_CELLS = {
    "numpy compares nothing": ("import numpy as np\nnp.testing.assert_allclose = lambda *a, **k: None", ""),
    "numpy and torch find everything close": (
        "import numpy as np, torch\nnp.isclose = np.allclose = torch.allclose = lambda *a, **k: True",
        "",
    ),
    "an AST transformer empties later cells": (
        "import ast\nclass Empty(ast.NodeTransformer):\n"
        "    def visit_Module(self, node):\n        node.body = []\n        return node\n"
        "get_ipython().ast_transformers.append(Empty())",
        "get_ipython",
    ),
    "run_cell is replaced": ("get_ipython().run_cell = lambda *a, **k: None", "get_ipython"),
    "the check is replaced": (
        "import course\ncourse.check = lambda *a, **k: 3.0\ncheck = course.check",
        "",
    ),
    "the judge is replaced": (
        "import course.judging.judge, course.check\ncourse.judging.judge.judge = course.check.judge = lambda *a, **k: 3.0",
        "course.judging.judge",
    ),
    "the probe gives what the oracle gives": (
        "from course.exercises import EXERCISES\nkind = type(EXERCISES['adam_update'])\n"
        "kind.observe = lambda self, answer, case: self.oracle(case)",
        "course.exercises",
    ),
    "tolerances are infinite": (
        "from course.exercises import EXERCISES\nfor p in EXERCISES['adam_update'].properties:\n"
        "    object.__setattr__(p, 'rtol', float('inf')); object.__setattr__(p, 'atol', float('inf'))",
        "course.exercises",
    ),
    "properties are worth more": (
        "from course.exercises import EXERCISES\nfor p in EXERCISES['adam_update'].properties:\n"
        "    object.__setattr__(p, 'points', 100.0)",
        "course.exercises",
    ),
    "the recorder writes nothing": (
        "from course.families.recorder import Recorder\nRecorder.record = lambda self, *a: None",
        "course.families.recorder",
    ),
    "evidence is empty": (
        "import course.wire as w, sys\nw.encode_evidence = lambda e: b'[]'\n"
        "sys.modules['autograder.sandbox.interpreter'].encode_evidence = lambda e: b'[]'",
        "modules",
    ),
    "evidence is a pickle": (
        "import sys, pickle\nsys.modules['autograder.sandbox.interpreter'].encode_evidence = "
        "lambda e: pickle.dumps(print)",
        "pickle",
    ),
    "evidence is endless": (
        "import sys\nsys.modules['autograder.sandbox.interpreter'].encode_evidence = lambda e: b'[' * 7_000_000",
        "modules",
    ),
    "frames are forged": (
        "import os\nfor number in range(3, 64):\n    try: os.write(number, b'D\\0\\0\\0\\0' * 3)\n    except OSError: pass",
        "",
    ),
    "a sentence of megabytes": (
        "import json, sys\nsys.modules['autograder.sandbox.interpreter'].encode_evidence = lambda e: json.dumps("
        "[{'readings': [], 'problem': {'id': 'raised', 'values': {'name': 'f', 'exception': 'E', "
        "'text': 'x' * 3_000_000}}}]).encode()",
        "modules",
    ),
    "outputs without end past what cuts them": (
        "import gc, socket, struct\ngc.unfreeze()\n"
        "loop = next(o for o in gc.get_objects() if isinstance(o, socket.socket))\n"
        "import json\nstream = {'output_type': 'stream', 'name': 'stdout', 'text': '<b>' * 10**6}\n"
        "text = json.dumps(stream).encode()\n"
        "for _ in range(3): loop.sendall(struct.pack('!cI', b'O', len(text)) + text)",
        "socket",
    ),
    "frames lie about their length": (
        "import os\nfor number in range(3, 64):\n    try: os.write(number, b'E\\xff\\xff\\xff\\xff')\n"
        "    except OSError: pass",
        "",
    ),
    "the sandboxed loop is asked for its connection": (
        "import sys\nloop = sys._getframe()\nwhile loop and 'connection' not in loop.f_locals: loop = loop.f_back\n"
        "loop.f_locals['connection'].sendall(b'D\\0\\0\\0\\0')",
        "_getframe",
    ),
    "points are displayed": ("from IPython.display import display\ndisplay(3.0)\n3.0", ""),
    "points are printed to stderr": ("import sys\nprint('3.0', file=sys.stderr)", ""),
    "manual scores are written to the gradebook": (
        "import sqlite3, glob\nfor path in glob.glob('/**/gradebook.db', recursive=False) + glob.glob('../*/gradebook.db'):\n"
        "    sqlite3.connect(path).execute('update grade set manual_score = 3')",
        "sqlite3",
    ),
    "the grader and everybody else is killed": (
        "import os, signal\ntry: os.kill(os.getppid(), signal.SIGKILL)\nexcept OSError: pass\n"
        "for number in map(int, filter(str.isdigit, os.listdir('/proc'))):\n"
        "    if number != os.getpid():\n        try: os.kill(number, signal.SIGKILL)\n        except OSError: pass",
        "kill",
    ),
    "another process's memory is written": (
        "import os\nfor number in filter(str.isdigit, os.listdir('/proc')):\n"
        "    try: open(f'/proc/{number}/mem', 'r+b').write(b'x')\n    except OSError: pass",
        "",
    ),
    "limits are raised": (
        "import resource\nfor limit in (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_NPROC):\n"
        "    try: resource.setrlimit(limit, (-1, -1))\n    except (ValueError, OSError): pass",
        "resource",
    ),
    "it becomes root": (
        "import os\nfor become in (os.setuid, os.setgid):\n    try: become(0)\n    except OSError: pass",
        "",
    ),
    "a profile hook watches every call": (
        "import sys\nsys.setprofile(lambda frame, event, argument: None)\nsys.settrace(lambda *a: None)",
        "settrace",
    ),
    "a thread patches later": (
        "import threading, time, numpy as np\ndef later():\n    time.sleep(0.05)\n    np.isclose = lambda *a, **k: True\n"
        "threading.Thread(target=later, daemon=True).start()",
        "",
    ),
    "importing is hooked": (
        "import sys\nclass Finder:\n    def find_spec(self, *a): return None\nsys.meta_path.insert(0, Finder())",
        "meta_path",
    ),
}

# These end the process they run in: it sends more than an honest one ever does, or is in the group it kills.
ENDED = (
    "a sentence of megabytes",
    "evidence is endless",
    "frames lie about their length",
    "the grader and everybody else is killed",
)

TORCH = "import torch\nclass Adam:\n    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):\n"
HANDS_ON = (
    "        self._own = found(list(params), lr=lr, betas=betas, eps=eps, weight_decay=weight_decay)\n"
    "    @property\n    def lr(self): return self._own.param_groups[0]['lr']\n"
    "    @lr.setter\n    def lr(self, value): self._own.param_groups[0]['lr'] = value\n"
    "    def step(self): self._own.step()\n    def zero_grad(self): self._own.zero_grad()\n"
)

# Ways to torch.optim.Adam: lines that leave it in `found`; what a flag must say.
WAYS = {
    "import": ("import torch.optim\nfound = torch.optim.Adam", "torch.optim"),
    "from import": ("from torch.optim import Adam as found", "torch.optim"),
    "the submodule": ("from torch.optim.adam import Adam as found", "torch.optim"),
    "getattr": ("import torch\nfound = getattr(torch, 'op' + 'tim').Adam", "not available"),
    "the module's dictionary": ("import torch\nfound = vars(torch)['op' + 'tim'].Adam", "not available"),
    "importlib": ("import importlib\nfound = importlib.import_module('torch.op' + 'tim').Adam", "importlib"),
    "__import__": ("found = __import__('torch.op' + 'tim', fromlist=['Adam']).Adam", "__import__"),
    "sys.modules": ("import sys\nfound = sys.modules['torch.op' + 'tim'].Adam", "modules"),
    "a fresh import without the finder": (
        "import sys, importlib\nsys.meta_path[:] = [f for f in sys.meta_path if 'seal' not in type(f).__module__]\n"
        "for name in [n for n in sys.modules if n.startswith('torch.op' + 'tim')]: del sys.modules[name]\n"
        "found = importlib.import_module('torch.op' + 'tim').Adam",
        "meta_path",
    ),
    "the garbage collector": (
        "import gc\nfound = next(o for o in gc.get_objects() if isinstance(o, type) and o.__name__ == 'Adam')",
        "gc",
    ),
    "subclasses of object": (
        "found = next(c for c in object.__subclasses__() if c.__name__ in ('Optimizer', 'Adam'))",
        "__subclasses__",
    ),
    "its source on disk": (
        "import torch, os\ntext = open(os.path.join(torch.__path__[0], 'optim', 'adam.py')).read()\n"
        "space = {'__name__': 'torch.optim.adam', '__package__': 'torch.optim'}\nexec(text, space)\nfound = space['Adam']",
        "exec",
    ),
    "any copy of its source on disk": (
        "import os\nfound = None\nfor root, _, files in os.walk('/usr/lib'):\n"
        "    for name in files:\n        if name == 'adam.py': found = os.path.join(root, name)\n"
        "assert found",
        "",
    ),
    "its compiled source": (
        "import torch, os, glob, marshal\n"
        "path = glob.glob(os.path.join(torch.__path__[0], 'optim', '__pycache__', 'adam.*'))[0]\n"
        "space = {}\nexec(marshal.loads(open(path, 'rb').read()[16:]), space)\nfound = space['Adam']",
        "marshal",
    ),
    "inspect": ("import inspect, torch\nfound = inspect.getmodule(torch.optim.Adam).Adam", "inspect"),
    "distributed": ("from torch.distributed.optim import _FunctionalAdam as found", ""),
    "a fresh Python": (
        "import subprocess, sys\n"
        "subprocess.run([sys.executable, '-c', 'import torch; torch.optim.Adam'], check=True)\nfound = print",
        "subprocess",
    ),
    "the oracle": (
        "from course.exercises import EXERCISES\nimport numpy as np\nexercise = EXERCISES['Adam']\n"
        "case = exercise.cases(np.random.default_rng(0), 'public')[0]\nevidence = exercise.oracle(case)\n"
        "assert evidence.problem is None\nfound = print",
        "course.exercises",
    ),
}

# PyTorch's kernels, called by name: each is a whole Adam.
NATIVE = {
    "torch": "torch._fused_adam_",
    "torch.ops": "torch.ops.aten._fused_adam_",
    "the default overload": "torch.ops.aten._fused_adam_.default",
    "the bindings": "torch._C._VariableFunctions._fused_adam_",
    "text": "getattr(torch, '_fu' + 'sed_adam_')",
}
NATIVE_STEP = """import torch
class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        self.params, self.lr, self.betas, self.eps, self.decay = list(params), lr, betas, eps, weight_decay
        self.state = {{}}
    @torch.no_grad()
    def step(self):
        for p in self.params:
            if p.grad is None: continue
            m, v, t = self.state.setdefault(p, (torch.zeros_like(p), torch.zeros_like(p), torch.zeros(())))
            t += 1
            {kernel}([p], [p.grad], [m], [v], [], [t], lr=self.lr, beta1=self.betas[0], beta2=self.betas[1],
                weight_decay=self.decay, eps=self.eps, amsgrad=False, maximize=False)
    def zero_grad(self):
        for p in self.params: p.grad = None
"""

# PyTorch's batch normalisation where it does not go by its kernel for the CPU: the call, of x, gamma, beta and eps.
NORMS = {
    "the decomposition in Python": (
        "torch._decomp.decompositions.native_batch_norm(x, gamma, beta, None, None, True, 0.1, eps)"
    ),
    "the table of decompositions": (
        "torch._decomp.decomposition_table[torch.ops.aten.native_batch_norm.default]("
        "x, gamma, beta, None, None, True, 0.1, eps)"
    ),
    "the kernel of another dispatch key": (
        "torch.ops.aten.native_batch_norm.default._op_dk("
        "torch._C.DispatchKey.Meta, x, gamma, beta, None, None, True, 0.1, eps)"
    ),
    "a kernel for every device": (
        "torch.ops.aten._batch_norm_no_update(x, gamma, beta, x.mean(0), x.var(0, unbiased=False), 0.1, eps)"
    ),
}
NORM = """import torch
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    x, gamma, beta = map(torch.tensor, (x, gamma, beta))
    return {call}[0].numpy(), None
"""

# Answers to adam_update that do no arithmetic.
SLY = {
    "an array that equals everything": (
        "import numpy as np\nclass Equal(np.ndarray):\n    def __eq__(self, other): return True\n"
        "    def __array_function__(self, *a, **k): return True\n    def __array_ufunc__(self, *a, **k): return True\n"
        "def adam_update(theta, grad, m, v, t, **hyper):\n"
        "    return tuple(np.array(x).view(Equal) for x in (theta, m, v))",
        "",
    ),
    "a tensor that equals everything": (
        "import torch\nclass Equal(torch.Tensor):\n    @classmethod\n"
        "    def __torch_function__(cls, *a, **k): return True\n"
        "def adam_update(theta, grad, m, v, t, **hyper):\n    return tuple(torch.tensor(x).as_subclass(Equal) for x in (theta, m, v))",
        "",
    ),
    "nothing but NaN": (
        "def adam_update(theta, grad, m, v, t, **hyper):\n    return theta * float('nan'), m * float('nan'), v * float('nan')",
        "",
    ),
    "nothing but infinity": (
        "def adam_update(theta, grad, m, v, t, **hyper):\n    return theta + float('inf'), m + float('inf'), v + float('inf')",
        "",
    ),
    "objects": (
        "import numpy as np\nclass Any:\n    def __eq__(self, other): return True\n    def __sub__(self, other): return 0.0\n"
        "    __rsub__ = __sub__\ndef adam_update(theta, grad, m, v, t, **hyper):\n    return np.array([Any()]), m, v",
        "",
    ),
    "the frames of whoever called": (
        "import sys\ndef adam_update(theta, grad, m, v, t, **hyper):\n    frame = sys._getframe()\n    while frame:\n"
        "        for value in list(frame.f_locals.values()):\n"
        "            if hasattr(value, 'oracle'):\n"
        "                case = next(c for c in frame.f_locals.values() if hasattr(c, 'inputs'))\n"
        "                return tuple(value.oracle(case).readings.values())[:3]\n        frame = frame.f_back\n    return theta, m, v",
        "_getframe",
    ),
    "inputs changed to look right": (
        "def adam_update(theta, grad, m, v, t, **hyper):\n    theta *= 0; grad *= 0; m *= 0; v *= 0\n    return theta, m, v",
        "",
    ),
    "another answer at each call": (
        "import random\ndef adam_update(theta, grad, m, v, t, **hyper):\n    return theta * random.random(), m * random.random(), v",
        "",
    ),
}


def _with_own_cell(code: str) -> Callable[[Lesson], NotebookNode]:
    return lambda lesson: notebook(lesson, {"adam_update": WRONG}, before=code)


def _answer(exercise: str, code: str) -> Callable[[Lesson], NotebookNode]:
    return lambda lesson: notebook(lesson, {exercise: code})


def _edited(edit: Callable[[NotebookNode], None]) -> Callable[[Lesson], NotebookNode]:
    def make(lesson: Lesson) -> NotebookNode:
        made = notebook(lesson, {"adam_update": WRONG})
        edit(made)
        return made

    return make


def _tags(made: NotebookNode) -> None:
    cell_of(made, "check_adam_update").metadata.tags = ["skip-execution"]


def _markdown(made: NotebookNode) -> None:
    cell_of(made, "check_adam_update").cell_type = "markdown"


def _raw(made: NotebookNode) -> None:
    cell_of(made, "check_adam_update").cell_type = "raw"


def _source(made: NotebookNode) -> None:
    cell_of(made, "check_adam_update").source = "3.0"


def _points(made: NotebookNode) -> None:
    cell_of(made, "check_adam_update").metadata.nbgrader.points = 100


def _unlocked(made: NotebookNode) -> None:
    cell_of(made, "check_adam_update").metadata.nbgrader.update(grade=False, solution=True, locked=False)


def _renamed(made: NotebookNode) -> None:
    cell_of(made, "check_adam_update").metadata.nbgrader.grade_id = "check_nothing"


def _copied(made: NotebookNode) -> None:
    copy = nbformat.from_dict(cell_of(made, "check_adam_update"))
    copy.id, copy.source = "another", "3.0"
    made.cells.insert(0, copy)


def _filled_in(made: NotebookNode) -> None:
    cell = cell_of(made, "check_adam_update")
    cell.execution_count = 1
    cell.outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "3.0"}, execution_count=1)]


def _locked_cell(made: NotebookNode) -> None:
    cell_of(made, "setup").source += "\nimport course\ncourse.check = check = lambda *a: 3.0\n"


def _graded_already(made: NotebookNode) -> None:
    made.metadata["descent"] = {"judgement": {"score": 10.0}, "submission": ""}


def _script(made: NotebookNode) -> None:
    script = (
        "<script>fetch('/formgrader/api/grade/1', {method: 'PUT', body: '{\"manual_score\": 10}'})</script>"
    )
    made.cells.append(nbformat.v4.new_markdown_cell(script, id="script"))


EDITS = {
    "a tag skips the check": (_tags, "tags"),
    "the check is markdown": (_markdown, "turned into markdown"),
    "the check is raw text": (_raw, "turned into raw"),
    "the check says 3.0": (_source, "was changed"),
    "the check is worth 100": (_points, "tags or settings"),
    "the check is a solution cell": (_unlocked, "tags or settings"),
    "the check has another id": (_renamed, "missing"),
    "the check stands twice": (_copied, "more than once"),
    "the check has its points already": (_filled_in, ""),
    "a locked cell is changed": (_locked_cell, ""),
    "the notebook says it was graded": (_graded_already, ""),
    "a text holds a script for whoever grades": (_script, "holds a script"),
}

# Of lesson 08.
BORROWED_NORMS = tuple(
    Entry(name, _answer("batch_norm_forward", NORM.format(call=call)), score=0.0, file="08_batch_norm.ipynb")
    for name, call in NORMS.items()
)
ATTACKS = (
    *(
        Entry(name, _with_own_cell(code), "crashed" if name in ENDED else "graded", flag=flag)
        for name, (code, flag) in OWN_CELLS.items()
    ),
    *(
        Entry(f"torch.optim by {name}", _answer("Adam", f"{lines}\n{TORCH}{HANDS_ON}"), score=0.0, flag=flag)
        for name, (lines, flag) in WAYS.items()
    ),
    *(
        Entry(
            f"the native kernel by {name}",
            _answer("Adam", NATIVE_STEP.format(kernel=kernel)),
            flag="not available",
        )
        for name, kernel in NATIVE.items()
    ),
    *(Entry(name, _answer("adam_update", code), flag=flag) for name, (code, flag) in SLY.items()),
    *(Entry(name, _edited(edit), flag=flag) for name, (edit, flag) in EDITS.items()),
)
