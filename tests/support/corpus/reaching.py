"""Cells that reach for what answers do without, and honest ones that look a little like it.

``WAYS`` go round Python or the course; each stands in an otherwise right answer, and must be flagged with its cell.
``HONEST`` are cells as students write them: not one flag. ``RIGHTLY`` are honest too, with the flag that they get.
"""

from __future__ import annotations

# name -> (code, what the flag of the text names, the id of what is told while it runs); "" where there is none
WAYS = {
    "os.system": ("import os\nos.system('true')", "os.system", "started_programs"),
    "os.popen": ("import os\nos.popen('true').read()", "os.popen", "started_programs"),
    "os.posix_spawn": (
        "import os\nos.posix_spawn('/bin/true', ['true'], {})",
        "os.posix_spawn",
        "started_programs",
    ),
    "fork by a name that is worked out": (
        "import os\nif getattr(os, 'fo' + 'rk')() == 0: os._exit(0)",
        "getattr",
        "started_programs",
    ),
    "a daemon of os.system": (
        "import os\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0: os.system('sleep 1')\n    os._exit(0)",
        "os.fork",
        "started_programs",
    ),
    "torch.ctypes": ("import torch\nlibrary = torch.ctypes.CDLL(None)", "torch.ctypes", "went_below_python"),
    "torch.ctypes by another name": (
        "import torch as t\nsame = t\nfrom torch import ctypes as c\nlibrary = c.CDLL(None)",
        "torch.ctypes",
        "went_below_python",
    ),
    "torch.inspect": ("import torch\ntorch.inspect.currentframe()", "torch.inspect", ""),
    "numpy.ctypeslib": (
        "import numpy as np\nlibrary = np.ctypeslib.ctypes.CDLL(None)",
        "numpy.ctypeslib",
        "went_below_python",
    ),
    "cffi": ("import cffi", "cffi", "imported_modules"),
    "sys.modules by vars": ("import torch\nvars(torch.sys)['modules']", "torch.sys", ""),
    "memory maps of the process": (
        "len(open('/proc/' + 'self/maps').read())",
        "/proc",
        "opened_system_files",
    ),
    "memory maps by a place that is worked out": (
        "import os\nopen(os.sep + 'proc' + '/self/maps').read()",
        "",
        "opened_system_files",
    ),
    "memory maps from where it stands": (
        "import os\nhere = os.getcwd()\nos.chdir('/' + 'proc')\nopen('self/maps').read()\nos.chdir(here)",
        "",
        "opened_system_files",
    ),
    "exercises as attributes": ("import course\ncourse.exercises.EXERCISES", "course.exercises", ""),
    "the handed optimizer": (
        "import course\nSGD = course.exercises.lesson_07.clipped_step",
        "course.exercises",
        "",
    ),
    "the registry found in memory": (
        "import gc\ngc.unfreeze()\nfound = [held for held in gc.get_objects() if type(held).__name__ == '_DispatchModule']",
        "gc.get_objects",
        "searched_memory",
    ),
    "a frame": ("import sys\nsys._getframe(0)", "_getframe", "entered_interpreter"),
    "a frame of a traceback": (
        "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    error.__traceback__.tb_frame",
        "tb_frame",
        "entered_interpreter",
    ),
    "a frame of a generator": ("(x for x in ()).gi_frame", "gi_frame", "entered_interpreter"),
    "code of another function": (
        "import torch\ntorch.no_grad.__init__.__code__",
        "__code__",
        "entered_interpreter",
    ),
    "text that becomes code": ("exec('made = 1')", "exec", "made_code"),
    "builtins of a builtin": ("print.__self__.exec('made = 1')", "__self__", "made_code"),
    "a pickle that runs code": (
        "import pickle\nclass Runs:\n    def __reduce__(self): return eval, ('1',)\npickle.loads(pickle.dumps(Runs()))",
        "pickle",
        "unpickled_code",
    ),
    "memory of its own to run": ("import mmap\nmmap.mmap(-1, 4096, prot=7)", "mmap", "went_below_python"),
    "the network": (
        "import socket\ntry: socket.create_connection(('127.0.0.1', 9))\nexcept OSError: pass",
        "socket",
        "used_network",
    ),
    "a program started by pandas": (
        "import os, pandas as pd\npd.Series(['true']).apply(getattr(os, 'system'))",
        "os.system",
        "started_programs",
    ),
    "a program started by a thread": (
        "import os, threading\nthread = threading.Thread(target=os.system, args=('true',))\nthread.start(); thread.join()",
        "os.system",
        "started_programs",
    ),
    "a program started by a task": (
        "import asyncio\ntask = asyncio.ensure_future(asyncio.create_subprocess_shell('true'))\n"
        "try: await (await task).wait()\nexcept OSError: pass",
        "asyncio.create_subprocess_shell",
        "started_programs",
    ),
    "a program started by a data loader": (
        "import os, torch\nloader = torch.utils.data.DataLoader(['true'], collate_fn=lambda batch: batch)\n"
        "loader = torch.utils.data.DataLoader(['true'], batch_size=None, collate_fn=os.system)\nlist(loader)",
        "os.system",
        "started_programs",
    ),
    "a process of multiprocessing": (
        "import torch.multiprocessing as m\nchild = m.Process(target=print)\nchild.start(); child.join()",
        "torch.multiprocessing.Process",
        "started_programs",
    ),
    "a hook before ours": ("import sys\nsys.addaudithook(print)", "sys.addaudithook", "entered_interpreter"),
    "PyTorch's own text": (
        "import torch\nopen(torch.__path__[0] + '/functional.py').read()",
        "",
        "opened_system_files",
    ),
    "torch._refs": ("import torch\ntorch._refs", "torch._refs", ""),
    "torch.ops": ("import torch\nlook = torch.ops.aten", "torch.ops", ""),
    "a library that is another in each turn": (
        "import numpy, torch\nfor library in (numpy, torch):\n    getattr(library, 'cty' + 'pes', None)",
        "getattr",
        "",
    ),
    "a command of the shell": ("!python -c 'import torch'", "!python", ""),
    "Python in a command of the shell": ("!echo {print(1)}", "!echo", ""),
    "a cell of the shell": ("%%bash\ntrue", "%%bash", ""),
    "behind %time": ("import os\n%time os.system('true')", "os.system", "started_programs"),
    "in a cell that is timed": ("%%time\nimport os\nos.system('true')", "os.system", "started_programs"),
    "with the prompt of a session": (
        ">>> import os\n>>> found = os.system('true')",
        "os.system",
        "started_programs",
    ),
    "a patched library": ("import numpy as np\nnp.isclose = lambda *a, **k: True", "numpy.isclose =", ""),
    "a walk over memory": (
        "import ctypes\nctypes.string_at(id(1), 8)",
        "ctypes",
        "went_below_python",
    ),
}

# Whole answers by PyTorch's kernels, called below Python: lesson, exercise and code.
KERNELS = {
    "at::cpu::_fused_adam_": (
        "05_adam",
        "Adam",
        """import os
import torch

c = torch.ctypes
library = c.CDLL(os.path.join(torch.__path__[0], "lib", "libtorch_cpu.so"))
kernel = library[
    "_ZN2at3cpu12_fused_adam_EN3c108ArrayRefINS_6TensorEEES4_S4_S4_S4_S4_dddddbbRKSt8optionalIS3_ES8_"
]


class Tensors(c.Structure):
    _fields_ = [("data", c.POINTER(c.c_void_p)), ("length", c.c_size_t)]


class Maybe(c.Structure):
    _fields_ = [("tensor", c.c_void_p), ("there", c.c_bool)]


kernel.argtypes = [Tensors] * 6 + [c.c_double] * 5 + [c.c_bool] * 2 + [c.POINTER(Maybe)] * 2
kernel.restype = None


def tensors(*those):
    held = (c.c_void_p * max(len(those), 1))(*(tensor._cdata for tensor in those))
    return Tensors(c.cast(held, c.POINTER(c.c_void_p)), len(those))


class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        if lr < 0 or eps < 0 or weight_decay < 0 or not all(0 <= beta < 1 for beta in betas):
            raise ValueError("no such setting")
        self.params, self.lr, self.betas, self.eps, self.decay = list(params), lr, betas, eps, weight_decay
        self.state = {}

    @torch.no_grad()
    def step(self):
        for p in self.params:
            if p.grad is None:
                continue
            m, v, t = self.state.setdefault(p, (torch.zeros_like(p), torch.zeros_like(p), torch.zeros(())))
            t += 1
            kernel(tensors(p), tensors(p.grad), tensors(m), tensors(v), tensors(), tensors(t), self.lr,
                *self.betas, self.decay, self.eps, False, False, Maybe(), Maybe())

    def zero_grad(self):
        for p in self.params:
            p.grad = None
""",
    ),
    "at::cpu::native_batch_norm_outf": (
        "08_batch_norm",
        "batch_norm_forward",
        """import os
import numpy as np
import torch

c = torch.ctypes
library = c.CDLL(os.path.join(torch.__path__[0], "lib", "libtorch_cpu.so"))
kernel = library[
    "_ZN2at3cpu22native_batch_norm_outfERKNS_6TensorERKSt8optionalIS1_ES7_S7_S7_bddRS1_S8_S8_"
]


class Maybe(c.Structure):
    _fields_ = [("tensor", c.c_void_p), ("there", c.c_bool)]


def batch_norm_forward(x, gamma, beta, eps=1e-5):
    x, gamma, beta = (torch.tensor(part) for part in (x, gamma, beta))
    out, mean, scale = torch.empty_like(x), torch.empty_like(gamma), torch.empty_like(gamma)
    at = lambda tensor: c.byref(c.c_void_p(tensor._cdata))
    maybe = lambda tensor: c.byref(Maybe(tensor._cdata, True))
    none = c.byref(Maybe())
    returned = (c.c_void_p * 3)()
    kernel(c.byref(returned), at(x), maybe(gamma), maybe(beta), none, none, c.c_bool(True), c.c_double(0.1),
        c.c_double(eps), at(out), at(mean), at(scale))
    return out.numpy(), None
""",
    ),
}

HONEST = {
    "a progress bar": "try:\n    from tqdm.auto import tqdm\nexcept ImportError:\n    tqdm = iter\nfor _ in tqdm(range(3)):\n    pass",
    "a plotting helper": (
        "import matplotlib.pyplot as plt\nimport seaborn as sns\nsns.set_theme()\n"
        "def show(losses, label=None, ax=None):\n    ax = ax or plt.gca()\n    ax.plot(losses, label=label)\n    ax.set_yscale('log')\n"
        "    ax.legend()\nshow([3, 2, 1], 'loss')\nplt.rcParams['figure.figsize'] = (6, 4)\nplt.savefig('loss.png')\nplt.show()"
    ),
    "more of matplotlib": (
        "import matplotlib as mpl\nfrom matplotlib import cm, colors\nfrom matplotlib.animation import FuncAnimation\n"
        "from mpl_toolkits.mplot3d import Axes3D\nmpl.rcParams['figure.dpi'] = 90\ncm.viridis(0.5)"
    ),
    "paths": (
        "import os\nfrom pathlib import Path\nos.makedirs('figures', exist_ok=True)\nPath('notes.txt').write_text('a')\n"
        "print(os.path.join('a', 'b'), os.path.exists('notes.txt'), Path.cwd().name, os.listdir('.'), os.sep)\n"
        "with open('notes.txt') as file:\n    file.read()"
    ),
    "the environment": "import os\nos.environ['KMP_DUPLICATE_LIB_OK'] = 'TRUE'\nos.environ.get('HOME')\nos.getenv('USER')",
    "a path of modules": "import sys\nsys.path.append('..')\nprint(sys.version, sys.executable, file=sys.stderr)\nsys.maxsize",
    "a class with dunders": (
        "class Vector:\n    __slots__ = ('x',)\n    def __init__(self, x): self.x = x\n    def __repr__(self): return f'{type(self).__name__}({self.x})'\n"
        "    def __add__(self, other): return self.__class__(self.x + other.x)\n    def __eq__(self, other): return self.x == other.x\n"
        "    def __hash__(self): return hash(self.x)\n    def __enter__(self): return self\n    def __exit__(self, *error): return None\n"
        "    def __getattr__(self, name): raise AttributeError(name)\n    @property\n    def double(self): return 2 * self.x\n"
        "    @double.setter\n    def double(self, value): self.x = value / 2\n    @classmethod\n    def of(cls, x): return cls(x)\n"
        "    @staticmethod\n    def zero(): return Vector(0)\nwith Vector(1) as v:\n    v.double = 4\nprint(v + Vector.of(2), Vector.__doc__, v.__class__.__name__)"
    ),
    "attributes by name": (
        "class Settings: pass\ns = Settings()\nfor name, value in {'lr': 1, 'eps': 2}.items():\n    setattr(s, name, value)\n"
        "print(getattr(s, 'lr'), [getattr(s, name) for name in ('lr', 'eps')], hasattr(s, 'beta'), vars(s), s.__dict__)"
    ),
    "functools and itertools": (
        "import functools, itertools, operator, collections\nfrom functools import partial, reduce, wraps, lru_cache\n"
        "def logged(f):\n    @wraps(f)\n    def inner(*a, **k): return f(*a, **k)\n    return inner\n"
        "@logged\n@lru_cache(maxsize=None)\ndef f(x, y=1): return x * y\npartial(f, y=2)(3)\n"
        "reduce(operator.mul, [1, 2, 3]), list(itertools.product('ab', repeat=2)), collections.Counter('aab'), sorted({'a': 1}.items(), key=operator.itemgetter(1))"
    ),
    "dataclasses and types": (
        "from __future__ import annotations\nfrom dataclasses import dataclass, field\nfrom typing import Any, Callable, NamedTuple, Optional\n"
        "from collections import namedtuple\nfrom enum import Enum\nfrom abc import ABC, abstractmethod\n"
        "@dataclass(frozen=True)\nclass Point:\n    x: float = 0.0\n    tags: list[str] = field(default_factory=list)\n"
        "class Mode(Enum):\n    ON = 1\nclass State(NamedTuple):\n    m: Any = None\nPair = namedtuple('Pair', 'a b')\n"
        "class Base(ABC):\n    @abstractmethod\n    def step(self): ...\nprint(Point(1), Mode.ON, State(), Pair(1, 2))"
    ),
    "a network": (
        "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\nfrom torch import Tensor, nn as layers\n"
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.layers = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))\n"
        "        for module in self.modules():\n            if isinstance(module, nn.Linear): nn.init.zeros_(module.bias)\n"
        "    def forward(self, x: Tensor) -> Tensor: return F.log_softmax(self.layers(x), dim=-1)\n"
        "net = Net()\nnet.train(); net.eval()\nloss = F.nll_loss(net(torch.randn(3, 4)), torch.tensor([0, 1, 1]))\nloss.backward()\n"
        "print(sum(p.numel() for p in net.parameters()), net.state_dict().keys(), loss.item())\n"
        "torch.save(net.state_dict(), 'net.pt')\nnet.load_state_dict(torch.load('net.pt'))"
    ),
    "a data loader with workers": (
        "import torch\nfrom torch.utils.data import DataLoader, Dataset, TensorDataset, random_split\n"
        "rows = TensorDataset(torch.randn(8, 2), torch.arange(8))\nfor x, y in DataLoader(rows, batch_size=4, shuffle=True, num_workers=1): x.sum()"
    ),
    "devices and seeds": (
        "import random\nimport numpy as np\nimport torch\ndef set_seed(seed=0):\n    random.seed(seed); np.random.seed(seed); torch.manual_seed(seed)\n"
        "    if torch.cuda.is_available(): torch.cuda.manual_seed_all(seed)\n    torch.backends.cudnn.deterministic = True\n    torch.backends.cudnn.benchmark = False\n"
        "set_seed()\ndevice = torch.device('cuda' if torch.cuda.is_available() else 'cpu')\nprint(torch.__version__, np.__version__, torch.backends.mps.is_available(), device)"
    ),
    "autograd": (
        "import torch\nclass Square(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x):\n        ctx.save_for_backward(x)\n        return x ** 2\n"
        "    @staticmethod\n    def backward(ctx, g): return 2 * ctx.saved_tensors[0] * g\nx = torch.tensor(3.0, requires_grad=True)\nSquare.apply(x).backward()\n"
        "torch.autograd.grad(x * x, x)\nwith torch.no_grad(), torch.inference_mode(): x * 2\nprint(x.grad, x.data, x.data_ptr())"
    ),
    "NumPy": (
        "import numpy as np\nfrom numpy.linalg import norm\nfrom numpy.random import default_rng\nrng = default_rng(0)\nnp.testing.assert_allclose(1, 1)\n"
        "a = np.ones((2, 3))\na.ctypes.data\nnp.save('a.npy', a)\nnp.load('a.npy')\nnp.lib.stride_tricks.sliding_window_view(a, 2, axis=1)\nnorm(a), np.errstate(all='ignore'), np.vectorize(abs)(a), np.ma.masked_array(a)"
    ),
    "frames of pandas": (
        "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2], 'b': [3, 4]})\ndf.to_csv('d.csv', index=False)\npd.read_csv('d.csv').groupby('a').agg('mean')\n"
        "df.query('a > 1'); df.eval('c = a + b'); df.apply(lambda row: row.a, axis=1)\npd.options.display.max_rows = 20\npd.set_option('display.precision', 3)\ndf.style.format('{:.1f}').to_html()\ndf.describe()"
    ),
    "time": "import time, timeit, datetime\nstart = time.perf_counter()\ntimeit.timeit(lambda: 1, number=2)\nprint(f'{time.perf_counter() - start:.3f} s', datetime.datetime.now())",
    "a main part": "def main() -> None:\n    print('done')\n\nif __name__ == '__main__':\n    main()",
    "errors": (
        "import traceback, warnings, contextlib, logging\ntry:\n    raise KeyError('a')\nexcept (KeyError, ValueError) as error:\n    print(f'{error!r}', type(error).__name__, error.args)\n    traceback.print_exc()\n"
        "finally:\n    pass\nwith contextlib.suppress(ZeroDivisionError), warnings.catch_warnings():\n    warnings.simplefilter('ignore')\n    1 / 0\nlogging.getLogger(__name__).info('x')"
    ),
    "an error of PyTorch's": "import torch, traceback\ntry:\n    torch.nn.Linear(3, 2)(torch.ones(2))\nexcept RuntimeError:\n    traceback.print_exc()",
    "magics": "%matplotlib inline\n%load_ext autoreload\n%autoreload 2\n%config InlineBackend.figure_format = 'retina'\nimport numpy as np\n%timeit -n 1 -r 1 np.ones(3).sum()\n%time x = 1\n%who",
    "a timed cell": "%%time\ntotal = sum(range(10))",
    "commands of the shell": "!pip install numpy\n%pip install -q torchinfo\n!ls\n!nvidia-smi\n!python --version\nfiles = !ls",
    "help": "import torch\ntorch.nn.Linear?\n?print",
    "Colab": "try:\n    from google.colab import drive\n    drive.mount('/content/drive')\nexcept ImportError:\n    pass\nimport sys\nIN_COLAB = 'google.colab' in sys.modules",
    "signatures": "import inspect\ndef f(a, b=1): ...\ninspect.signature(f).parameters",
    "every value is shown": "from IPython.core.interactiveshell import InteractiveShell\nInteractiveShell.ast_node_interactivity = 'last_expr'",
    "display": "from IPython.display import HTML, Markdown, clear_output, display\nclear_output(wait=True)\ndisplay(HTML('<b>x</b>'), Markdown('x'))",
    "widgets": "import ipywidgets as widgets\nfrom ipywidgets import interact\ninteract(lambda lr: lr, lr=(0.0, 1.0))",
    "threads and async": (
        "import asyncio, threading\nfrom concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(2) as pool: list(pool.map(abs, [1, -2]))\n"
        "thread = threading.Thread(target=print)\nthread.start(); thread.join()\nasync def wait():\n    await asyncio.sleep(0.01)\nawait wait()"
    ),
    "temporary files": "import json, tempfile, csv, io, shutil, glob\nwith tempfile.TemporaryDirectory() as folder:\n    with open(f'{folder}/a.json', 'w') as file: json.dump({'a': 1}, file)\n    glob.glob(f'{folder}/*')",
    "memory and copies": "import copy, gc, sys, weakref\ncopy.deepcopy([1])\ngc.collect()\nsys.getsizeof([])\nsys.setrecursionlimit(3000)",
    "names from the locals": "a = 1\nprint('a' in globals(), 'b' not in locals())",
    "a base class": "import torch\nfrom torch.optim import Optimizer\nclass Mine(Optimizer): pass\nclass Other(torch.optim.Optimizer): pass",
    "names of its own for what modules are called": "data = {'x': 1}\nF = 9.81\nnn = type('Box', (), {})()\nnn.weight = nn._bias = 3\nplots = []\nplots.append(data)\ndef step(training, data):\n    training.lr = data._x\nsignal = code = resource = 1",
    "either library": "import numpy as np, torch\ndef mean(x):\n    library = torch if isinstance(x, torch.Tensor) else np\n    return library.mean(x)\nmean(np.ones(2))",
    "reading the course's data": "from course import data\ndata.digits().X_train.shape",
    "the machine": "import os, platform, multiprocessing, torch\nprint(platform.platform(), platform.processor(), os.cpu_count(), multiprocessing.cpu_count(), torch.get_num_threads())",
    "functions of functions": "import torch\nfrom torch.func import grad\ntorch.utils.checkpoint\ntorch.profiler.profile",
    "as a notebook is exported": "get_ipython().run_line_magic('matplotlib', 'inline')\nIN_COLAB = 'google.colab' in str(get_ipython())",
    "a cell that is not finished": "def half_done(x:\n    return",
    "a slip": "x = (1 + 2))",
}

# name -> (code, what the flag names): a person who looks will smile at the student, not at the flag.
RIGHTLY = {
    "a package that is not needed": ("import requests", "requests"),
    "a file that was pickled": (
        "import pickle\nwith open('a.pkl', 'wb') as file:\n    pickle.dump([1], file)",
        "pickle",
    ),
    "a choice by name from a library": (
        "import torch.nn as nn\nname = 'ReLU'\nlayer = getattr(nn, name)()",
        "getattr",
    ),
    "compiled": ("import torch\ncompiled = torch.jit.script", "torch.jit"),
    "a child process": ("import subprocess\nsubprocess.run(['true'])", "subprocess"),
    "text that is calculated": ("eval('1 + 1')", "eval"),
}
