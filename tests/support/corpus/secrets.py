"""Hand-ins that want to know the secret cases: what one of them met, for the next to answer from a table."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import nbformat
import numpy as np
from nbformat import NotebookNode

from autograder.catalogue.lesson import Lesson
from corpus.entry import WITHOUT_ADAM, Entry, cell_of, notebook
from course.cases import public_cases
from course.cells import CHECK, grade_id
from course.exercise import Case, Evidence

# Stands in whatever is kept of a case, and in no cell: a page that holds it holds cases.
MARK = "theta0 is "

# Answers to adam_update that keep the arguments of every call, each with the cell that shows what was kept. The
# answer's own cell comes before the check, the other one after it.
_KEEP = """
kept = []
def adam_update(theta, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    said = f"theta%d is {theta!r}, {grad!r}, {m!r}, {v!r}, {t}, {lr!r}, {beta1!r}, {beta2!r}, {eps!r}" % 0
    {how}
    return theta, m, v
"""


def _keeping(how: str) -> str:
    return _KEEP.replace("{how}", how).lstrip()


_KEPT = _keeping("kept.append(said)")
RECORDERS = {
    "a later cell prints them": (_KEPT, "print(kept)"),
    "a later cell's value": (_KEPT, "kept"),
    "on stderr": (_KEPT, "import sys\nprint(kept, file=sys.stderr)"),
    "the text of an exception": (_KEPT, "raise ValueError(str(kept))"),
    "the name of an exception": (_KEPT, "raise type(''.join(kept), (Exception,), {})"),
    "a warning": (_KEPT, "import warnings\nwarnings.warn(str(kept))"),
    "the frames of a traceback": (
        _KEPT,
        "namespace = {}\nexec(compile('def ' + 'f():\\n raise KeyError(str(kept))', str(kept), 'exec'), globals())\nf()",
    ),
    "a display of its own": (
        _KEPT,
        "from IPython.display import display\ndisplay({'text/plain': str(kept)}, raw=True)",
    ),
    "files in the notebook's folder": (
        _keeping("open('kept.txt', 'a').write(said)"),
        "print(open('kept.txt').read())",
    ),
    "files in /tmp": (
        _keeping("open('/tmp/kept.txt', 'a').write(said)"),
        "import pathlib\nprint([path.read_text() for path in pathlib.Path('/tmp').glob('kept*')])",
    ),
    "shared memory": (
        _keeping("open('/dev/shm/kept', 'a').write(said)"),
        "print(open('/dev/shm/kept').read())",
    ),
    "written inside the probe": (
        "import sys\nstream = sys.stdout\n" + _keeping("print(said); stream.write(said); stream.flush()"),
        "print('on')",
    ),
    "a thread that prints later": (
        _KEPT
        + "\nimport sys, threading, time\nstream = sys.stdout\n"
        + "def later():\n    while True:\n        time.sleep(0.01)\n"
        + "        if kept: stream.write(kept[-1])\n"
        + "threading.Thread(target=later, daemon=True).start()",
        "import time\ntime.sleep(0.1)",
    ),
    "a thread, and no cell": (
        _KEPT
        + "\nimport sys, threading, time\nstream = sys.stdout\n"
        + "def later():\n    while True:\n        time.sleep(0.001)\n"
        + "        if kept: stream.write(kept[-1])\n"
        + "threading.Thread(target=later, daemon=True).start()",
        "",
    ),
    "an object that is shown when it goes": (
        _KEPT
        + "\nimport sys\nstream = sys.stdout\nclass Last:\n    def __del__(self): stream.write(str(kept))\nlast = Last()",
        "del last",
    ),
    "the end of the process": (
        _KEPT + "\nimport atexit, sys\nstream = sys.stdout\natexit.register(lambda: stream.write(str(kept)))",
        "import atexit\natexit._run_exitfuncs()",
    ),
    "IPython's own memory of values": (
        _KEPT + "\nNone",
        "Out['kept'] = list(kept)\nprint(Out)\nprint(_ if _ else '')",
    ),
    "a function that IPython calls": (
        _KEPT + "\nget_ipython().events.register('post_run_cell', lambda result: print(kept))",
        "1",
    ),
    "an object with a representation of its own": (
        _KEPT,
        "class Shown:\n    def _repr_png_(self): return ''.join(kept).encode()\n    def __repr__(self): return str(kept)\nShown()",
    ),
    "a cell that ends the process after it has shown them": (
        _KEPT,
        "import os, sys\nprint(kept)\nsys.stdout.flush()\nif kept: os._exit(0)",
    ),
    "a cell that ends any process but the one that saw cases": (
        _KEPT,
        "import os\nprint(kept)\nif not kept: os._exit(0)",
    ),
    "a cell that never ends but where cases were seen": (_KEPT, "print(kept)\nwhile not kept: pass"),
}


def recording(lesson: Lesson, answer: str, later: str) -> NotebookNode:
    """The notebook with that answer to ``adam_update``, and a cell right after its check."""
    made = notebook(lesson, {"adam_update": answer})
    place = made.cells.index(cell_of(made, f"{CHECK}adam_update")) + 1
    if later:
        made.cells.insert(place, nbformat.v4.new_code_cell(later, id="shows-cases"))
    return made


def shown(made: NotebookNode) -> str:
    """All outputs of a judged notebook that are not a report."""
    return str([cell.get("outputs") for cell in made.cells if not grade_id(cell).startswith(CHECK)])


def table(cases: Sequence[Case], expected: Sequence[Evidence]) -> str:
    """An answer to ``adam_update`` that knows these cases, and nothing about Adam."""
    answers: dict[str, list[Any]] = {}
    # First the cases that say what becomes of theta: others start from the same numbers.
    for case, evidence in sorted(zip(cases, expected, strict=True), key=_without_theta):
        for key, results in _calls(case.inputs, evidence, answers):
            answers[key] = results
    return textwrap.dedent(
        f"""
        import numpy as np
        ANSWERS = {answers!r}
        def adam_update(theta, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
            numbers = [float(a) for x in (theta, grad, m, v, t, lr, beta1, beta2, eps) for a in np.ravel(x)]
            key = " ".join("%.8g" % a for a in numbers)
            return tuple(np.array(a) for a in ANSWERS[key])
        """
    )


_DEFAULTS = {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}


def _without_theta(pair: tuple[Case, Evidence]) -> bool:
    return not any(reading.id == "theta" for reading in pair[1].readings)


def _calls(
    inputs: Mapping[str, Any], evidence: Evidence, known: Mapping[str, list[Any]]
) -> Iterator[tuple[str, list[Any]]]:
    """Each call of a case, as the table knows it, with what it must return.

    What nobody looks at is what it is for the same arguments elsewhere, or stays as it was.
    """
    by_step = {(entry.step, entry.id): array for entry, array in evidence.readings.items()}
    theta, state = inputs["theta"], [inputs["state"]["m"], inputs["state"]["v"]]
    hyper = _DEFAULTS | inputs["hyper"]
    for step, grad in enumerate(inputs["grads"], start=1):
        arguments = (theta, grad, *state, inputs["t"] + step - 1, *hyper.values())
        key = " ".join(f"{number:.8g}" for array in arguments for number in np.ravel(array))
        elsewhere = known.get(key, [theta])[0]
        theta = by_step.get((step, "theta"), np.array(elsewhere))
        state = [by_step[step, name] for name in ("m", "v")]
        yield key, [array.tolist() for array in (theta, *state)]


def published(lesson: Lesson) -> NotebookNode:
    """The functions of lesson 06 as tables of everything that its checks ask at home, and nothing else."""
    answers = {}
    for exercise in (
        "inverse_time_decay",
        "step_decay",
        "multistep_decay",
        "exponential_decay",
        "cosine_decay",
    ):
        cases, expected = public_cases(exercise)
        known = {
            _as_text(*case.inputs["given"].values()): next(iter(evidence.readings.values())).tolist()
            for case, evidence in zip(cases, expected, strict=True)
        }
        answers[exercise] = (
            f"import numpy as np\nKNOWN = {known!r}\ndef {exercise}(*given, known=KNOWN):\n"
            "    return np.array(known[repr([np.asarray(entry).tolist() for entry in given])])"
        )
    cases, expected = public_cases("ReduceOnPlateau")
    rates = {
        _by_name(case.inputs["settings"]): _rates(evidence)
        for case, evidence in zip(cases, expected, strict=True)
        if "settings" in case.inputs
    }
    refused = [
        _by_name(tried)
        for case, evidence in zip(cases, expected, strict=True)
        for tried, refused in zip(case.inputs.get("tries", ()), evidence.readings.values(), strict=False)
        if refused
    ]
    answers["ReduceOnPlateau"] = (
        f"RATES, REFUSED = {rates!r}, {refused!r}\n"
        "class ReduceOnPlateau:\n"
        "    def __init__(self, **given):\n"
        "        if repr(sorted(given.items())) in REFUSED: raise ValueError\n"
        "        self.lr, self.rates = given['lr'], list(RATES.get(repr(sorted(given.items())), []))\n"
        "    def step(self, metric):\n"
        "        self.lr = self.rates.pop(0)\n        return self.lr\n"
    )
    return notebook(lesson, answers)


def _as_text(*given: Any) -> str:
    return repr([np.asarray(entry).tolist() for entry in given])


def _by_name(given: Mapping[str, Any]) -> str:
    return repr(sorted(given.items()))


def _rates(evidence: Evidence) -> list[float]:
    return [float(array) for entry, array in evidence.readings.items() if entry.id == "lr"]


# What a process calls things says nothing of its state; (answer to Adam, the flag it must have).
CALLED = {
    "MemoryError is raised": ("raise MemoryError", "ended with MemoryError"),
    "an allocator's words": (
        'raise RuntimeError("DefaultCPUAllocator: can\'t allocate memory")',
        "ended with RuntimeError",
    ),
    "a name with escape sequences": (
        "raise type('\\x1b]52;c;aGk=\\x07\\x1b[2K', (Exception,), {})",
        "ended with Exception",
    ),
    "a name with line breaks": (
        "raise type('X\\n zoe  graded  10 / 10', (Exception,), {})",
        "ended with Exception",
    ),
    "a name that is long": ("raise type('X' * 61, (Exception,), {})", "ended with Exception"),
    "how it ended is forged": (
        "import sys\nsys.modules['autograder.sandbox.interpreter']._named = lambda error: 'X\\n zoe\\x1b[2K: ' + 'y' * 5000\n1 / 0",
        "ended with Exception",
    ),
}

SECRETS = tuple(
    Entry(
        name,
        lambda lesson, code=code: notebook(lesson, {**lesson.solutions(), "Adam": code}),
        "graded",
        WITHOUT_ADAM,
        flag,
    )
    for name, (code, flag) in CALLED.items()
)
