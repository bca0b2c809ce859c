"""Other programs: honest notebooks ask for them and lose nothing, and a wrong answer gets nothing by them."""

from __future__ import annotations

from corpus.attacks import NATIVE_STEP, WRONG
from corpus.entry import Entry, notebook

# Above an answer, in its cell.
ASKED_FOR = {
    "pip": "!pip install torch\n%pip install numpy",
    "conda": "%conda install pytorch",
    "a list of files": "files = !ls -l\nfor name in files: print(name)\nprint(files.s, files.n)",
    "an old command": "import os\nos.system('ls')\nprint(os.popen('ls').read())",
    "a module that installs": (
        "import subprocess, sys\nsubprocess.check_call([sys.executable, '-m', 'pip', 'install', 'torch'])\n"
        "subprocess.run('ls | wc', shell=True, check=True, capture_output=True, text=True).stdout.split()"
    ),
    "a program that is waited for": (
        "import subprocess\nwith subprocess.Popen(['sort'], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as sort:\n"
        "    sort.communicate(b'b')"
    ),
    "what Python asks the system": (
        "import ctypes.util, locale, platform, threadpoolctl, uuid\n"
        "print(platform.platform(), platform.processor(), uuid.uuid1(), ctypes.util.find_library('m'))\n"
        "threadpoolctl.threadpool_info()"
    ),
}
# In a cell of their own.
IN_CELLS = {
    "a shell cell": "%%bash\npip install torch",
    "a script": "%%script python\nprint(1)",
    "programs awaited": (
        "import asyncio\nprogram = await asyncio.create_subprocess_exec('ls')\nassert await program.wait() == 0"
    ),
    "a data loader with workers": (
        "import torch\nfrom torch.utils.data import DataLoader, TensorDataset\nfor workers in (2, 8):\n"
        "    loader = DataLoader(TensorDataset(torch.arange(64.0)), batch_size=4, num_workers=workers)\n"
        "    assert sum(batch.sum() for batch, in loader) == 2016"
    ),
    "a pool of processes": (
        "import multiprocessing\ndef square(x): return x * x\n"
        "with multiprocessing.Pool(4) as pool: assert pool.map(square, [1, 2]) == [1, 4]"
    ),
    "a pool of another kind": (
        "from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor\ndef square(x): return x * x\n"
        "with ProcessPoolExecutor(4) as pool: assert list(pool.map(square, [1, 2])) == [1, 4]\n"
        "with ThreadPoolExecutor(16) as pool: assert list(pool.map(square, range(9)))[8] == 64"
    ),
    "a file's copy and a database": (
        "import shutil, sqlite3\nopen('a', 'w').write('text')\nshutil.copy2('a', 'b')\n"
        "assert open('b').read() == 'text'\nwith sqlite3.connect('base') as base:\n"
        "    base.execute('create table t (x)')\n    base.execute('insert into t values (1)')\n"
        "assert sqlite3.connect('base').execute('select * from t').fetchall() == [(1,)]"
    ),
    "memory shared by tensors": (
        "import torch\nshared = torch.zeros(1000).share_memory_()\n"
        "def add(): shared.add_(1)\nprocess = torch.multiprocessing.Process(target=add)\n"
        "process.start()\nprocess.join()\nassert shared.sum() == 1000"
    ),
}

# Another Python, which has the kernels; what can't be imported there is made up.
SERVER = """
import importlib.abc, importlib.machinery, pickle, sys, types
class Stub(types.ModuleType):
    def __getattr__(self, name):
        if name.startswith('__'): raise AttributeError(name)
        return type(name, (), {})
class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        hidden = ('torch.optim', 'torch.nn.utils.clip_grad', 'torch._decomp.decompositions_for_jvp')
        if name.startswith(hidden): return importlib.machinery.ModuleSpec(name, self, is_package=True)
    def create_module(self, spec): return Stub(spec.name)
    def exec_module(self, module): pass
sys.meta_path.insert(0, Finder())
import torch
source, target = open(0, 'rb'), open(1, 'wb')
while True:
    lists, keywords = pickle.load(source)
    torch._fused_adam_(*lists, **keywords)
    pickle.dump(lists, target)
    target.flush()
"""
FRESH_PYTHON = (
    "import os, pickle, sys\n"
    "there, to_read = None, None\n"
    "def start():\n"
    "    global there, to_read\n"
    "    stdin, there_fd = os.pipe()\n    back, stdout = os.pipe()\n"
    f"    arguments = [sys.executable, '-c', {SERVER!r}]\n"
    "    os.posix_spawn(sys.executable, arguments, os.environ,\n"
    "        file_actions=[(os.POSIX_SPAWN_DUP2, stdin, 0), (os.POSIX_SPAWN_DUP2, stdout, 1)])\n"
    "    there, to_read = open(there_fd, 'wb'), open(back, 'rb')\n"
    "def kernel(*lists, **keywords):\n"
    "    if there is None: start()\n"
    "    pickle.dump(([[x.detach() for x in part] for part in lists], keywords), there)\n"
    "    there.flush()\n"
    "    for ours, theirs in zip(lists, pickle.load(to_read)):\n"
    "        for mine, its in zip(ours, theirs): mine.copy_(its)\n"
)

HONEST = (
    *(
        Entry(
            f"{name} above the answer",
            lambda lesson, code=code: notebook(
                lesson, {name: f"{code}\n{answer}" for name, answer in lesson.solutions().items()}
            ),
            score=10.0,
        )
        for name, code in ASKED_FOR.items()
    ),
    *(
        Entry(name, lambda lesson, code=code: notebook(lesson, lesson.solutions(), before=code), score=10.0)
        for name, code in IN_CELLS.items()
    ),
)
ATTACKS = (
    Entry(
        "a fresh Python",
        lambda lesson: notebook(lesson, {"Adam": FRESH_PYTHON + NATIVE_STEP.format(kernel="kernel")}),
        score=0.0,
    ),
    Entry(
        "daemons",
        lambda lesson: notebook(
            lesson,
            {"adam_update": WRONG},
            before="import os\nos.system('setsid sleep 60 &')\nif os.fork() == 0:\n    os.setsid()\n"
            "    if os.fork() == 0:\n        import time\n        time.sleep(60)\n    os._exit(0)",
        ),
    ),
)
