"""What the text of a cell reaches for: everything that answers do without, and nothing else."""

import time

import pytest
import torch  # noqa: F401 - the grader has it loaded, and looks into it
from corpus.attacks import NATIVE, NATIVE_STEP
from corpus.noise import CELLS
from corpus.reaching import HONEST, RIGHTLY, WAYS

from autograder.catalogue.answers import variants
from autograder.catalogue.lesson import lessons
from autograder.judge.noticed import named
from autograder.judge.paths import TORCH_OPTIM
from autograder.judge.reach import NotLookedThrough, Reader, unusual


@pytest.mark.parametrize("way", [name for name, (_, names, _) in WAYS.items() if names])
def test_each_way_round_is_seen_in_the_text(way):
    code, names, _ = WAYS[way]
    assert names in " ".join(unusual(code))


@pytest.mark.parametrize("name", NATIVE)
def test_kernels_are_seen_by_whatever_name(name):
    assert unusual(NATIVE_STEP.format(kernel=NATIVE[name]))


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_cell_uses_nothing_unusual(name):
    assert unusual(HONEST[name]) == []


def test_honest_cells_use_nothing_unusual_one_after_the_other():
    reader = Reader()
    for cells in (HONEST, CELLS):
        assert {
            name: found
            for name, code in cells.items()
            if (found := reader.read(code)) not in ([], [TORCH_OPTIM])
        } == {}


@pytest.mark.parametrize("name", RIGHTLY)
def test_what_a_person_should_look_at_is_named(name):
    code, names = RIGHTLY[name]
    assert any(names in found for found in unusual(code))


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.name)
def test_no_right_answer_reaches_for_anything_unusual(lesson):
    codes = {**lesson.solutions(), **{entry.id: entry.code for entry in variants(lesson)}}
    assert {name: unusual(code) for name, code in codes.items() if unusual(code)} == {}
    # Nor do cells that were handed out, but for the experiments that show PyTorch's optimisers.
    cells = [cell.source for cell in lesson.student_notebook().cells if cell.cell_type == "code"]
    assert {found for source in cells for found in unusual(source)} <= {TORCH_OPTIM}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import torch.optim", False),
        ("import torch.optim as o", False),
        ("import torch.optim as o\no.Adam", True),
        ("from torch import optim\noptim.SGD([p], lr=1)", True),
        ("from torch.optim import Adam", True),
        ("from torch.optim import *", True),
        ("from torch.optim.adam import adam", True),
        ("from torch.optim import lr_scheduler", True),
        ("torch.optim.Adam([p])", True),
        ("getattr(torch.optim, 'Adam')", True),
        ("vars(torch.optim)", False),  # flagged as `vars`
        ("from torch.optim import Optimizer", False),
        ("class Adam(torch.optim.Optimizer): pass", False),
        ("from torch.optim.optimizer import Optimizer\nOptimizer.__init__", False),
        ("torch.optim.optimizer.torch.ctypes", True),
        ("import torch", False),
        ("self.optim = Adam(params)", False),
        ("# torch.optim does this", False),
        ("'torch.optim'", False),
        ("def (", False),
    ],
)
def test_use_of_torch_optim_is_seen(source, found):
    assert (TORCH_OPTIM in unusual(source)) is found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import gc", []),
        ("import gc\ngc.get_objects()", ["gc.get_objects"]),
        ("import os, sys\nsys.modules['torch']", ["sys.modules"]),
        ("from os import fork", ["os.fork"]),
        ("from os.path import os", ["os.path.os"]),
        ("import random\nrandom._os.system('x')", ["random._os"]),
        ("from course.exercises import EXERCISES", ["course.exercises"]),
        ("from course.check import judge", ["course.check.judge"]),
        ("from course import check\nimport course.plots", []),
        ("!ls\n%time x = 1", []),
        ("if True:\n    !ls\n    x = !rm -r y", ["!rm"]),
        ("torch._fused_adam_(p)", ["torch._fused_adam_"]),
        ("this does not parse", []),
        ("m.modules(); model.compile(); x.kill(); model.eval(); thing.fork", []),
        ("d = {'t': torch, 'o': os}\nd['o'].system('x')", ["os"]),
        ("{'o': os}['o'].system('x')", ["os", "os.system"]),
        ("(np, torch)[1].ctypes.CDLL(None)", ["numpy.ctypes", "torch.ctypes"]),
        ("def f(library=torch):\n    return library.ctypes", ["torch.ctypes"]),
        ("(t := torch).sys", ["torch.sys"]),
        ("b = a\na = torch\nb.inspect", ["torch.inspect"]),
        ("lookup = getattr\nlookup(torch, 'c' + 'types')", ["getattr"]),
        ("map(getattr, [torch], ['ctypes'])", ["getattr"]),
        ("list(map(eval, ['1']))", ["eval"]),
        ("eval.__call__('1')", ["eval"]),
        ("def eval(model): ...\neval(1)", []),
        ("torch.nn.modules.module.torch._C", ["torch.nn.modules.module.torch._C"]),
        ("torch.nn.functional.torch.ctypes", ["torch.nn.functional.torch.ctypes"]),
        ("torch.ops." + ".".join("abcdefghijklmnop"), ["torch.ops"]),
        ("getattr(lambda: 0, '__globals__')", ["__globals__"]),
        ("from numpy import *\nfrom course import *", []),
        ("from os import *\nsystem('x')", ["os"]),
        ("class Memory:\n    __array_interface__ = {}", ["__array_interface__"]),
        ("type('Memory', (), {'__array_interface__': {}})", ["__array_interface__"]),
        ("class Runs:\n    def __reduce__(self): ...", ["__reduce__"]),
        ("np.lib.stride_tricks.as_strided(x)", ["numpy.lib.stride_tricks.as_strided"]),
        ("%config InlineBackend.x = eval('1')", ["eval"]),
        ("%load_ext other", ["%load_ext other"]),
        ("%pip install .", ["%pip"]),
        ("%%timeit eval('1')\nx", ["eval"]),
        ("%%time\n%%bash\nls", ["%bash"]),
        ("%prun -s cumulative f()\n%timeit -n 1 -r 1 f()", []),
        ("\uff45val('1')", ["eval"]),
        ("if 0:\n    torch = None\ntorch.ctypes", ["torch.ctypes"]),
        ("%run other.py", ["%run"]),
        ("%sx ls", ["%sx"]),
        ("%cd {os.system('x')}", ["%cd"]),
        ("!pip install ./setup", ["!pip"]),
        ("!ls; python x.py", ["!ls"]),
        ("!ls ../data\n%ls ./x\n!cat /content/notes.txt", []),
        (",print a", [","]),
        ("%%script python\nimport torch", ["%%script"]),
        ("%%capture out\nimport ctypes", ["ctypes"]),
        ("   import ctypes", ["ctypes"]),
        ("In [1]: import ctypes\n   ...: x = 1", ["ctypes"]),
        ("!ls \\\n -l\nimport ctypes", ["ctypes"]),
        ("!ls \\\n; python x.py", ["!ls"]),
    ],
)
def test_what_an_answer_does_not_need_is_seen(source, found):
    assert unusual(source) == found


def test_a_name_of_an_earlier_cell_is_known_in_later_ones():
    reader = Reader()
    assert reader.read("import torch as t\nsame = t") == []
    assert reader.read("same.ctypes") == ["torch.ctypes"]
    assert unusual("same.ctypes") == []


@pytest.mark.parametrize(
    "source",
    [
        "!x\n" * 40 + "y = '" + "x" * 80_000 + "'",
        "if x: pass\n" + "elif x: pass\n" * 100_000,
        "x = 1\n" * 20_000,
        "x = " + "-" * 40_000 + "1",
        "a" + ".b" * 20_000,
        "x = (1 +\n%matplotlib inline",
    ],
    ids=("magics", "elif", "long", "deep", "attributes", "neither Python nor IPython"),
)
def test_what_takes_long_or_can_not_be_read_is_said_to_be_so(source):
    with pytest.raises(NotLookedThrough):
        unusual(source)


def test_of_many_long_cells_only_the_first_are_looked_through():
    reader = Reader()
    for _ in range(4):
        assert reader.read("#" * 50_000) == []
    with pytest.raises(NotLookedThrough):
        reader.read("1")


@pytest.mark.parametrize(
    "line",
    [
        "!x {number}",
        "x{number}?",
        "%time y = torch.nn.a{number}",
        "x{number} = np.a.b.c",
        "elif x{number}: pass",
    ],
)
def test_the_work_grows_with_the_length(line):
    def seconds(lines):
        begin = "if x: pass\n" if line.startswith("elif") else ""
        source = begin + "\n".join(line.format(number=number) for number in range(lines))
        best = float("inf")
        for _ in range(3):
            start = time.process_time()
            unusual(source)
            best = min(best, time.process_time() - start)
        return best

    assert seconds(800) < 20 * max(seconds(100), 1e-4)  # 8 where it is linear, 64 where it is quadratic


def test_a_dozen_names_are_shown_of_many():
    assert (
        named(f"n{number:02d}" for number in range(40))
        == f"{', '.join(f'n{number:02d}' for number in range(12))} and 28 more"
    )
    assert named(["a\x1b[2J", "a\x1b[2J", "b" * 100]) == f"a\\x1b[2J, {'b' * 60}"
