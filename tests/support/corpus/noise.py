"""Right answers among honest noise: not a point may be lost."""

from __future__ import annotations

from corpus.entry import Entry, notebook

CELLS = {
    "warnings": "import warnings\nwarnings.warn('careful')\nwarnings.warn('old', DeprecationWarning)",
    "text on stderr": "import sys\nprint('a note', file=sys.stderr)",
    "logging": "import logging\nlogging.basicConfig(level='DEBUG')\nlogging.getLogger('me').warning('a note')",
    "a progress bar": "import sys\nfor i in range(100): print(f'\\r{i} %', end='', file=sys.stderr)",
    "a megabyte of prints": "print('x' * 10**6)",
    "slow imports": "import time\ntime.sleep(0.5)",
    "warnings are errors": "import warnings\nwarnings.simplefilter('error')",
    "numpy's errors raise": "import numpy as np\nnp.seterr(all='raise')",
    "another seed": "import random, numpy as np, torch\nrandom.seed(3); np.random.seed(3); torch.manual_seed(3)",
    "another default type": "import torch\ntorch.set_default_dtype(torch.float64)",
    "gradients are off": "import torch\ntorch.set_grad_enabled(False)",
    "other print options": "import numpy as np, torch\nnp.set_printoptions(precision=2)\ntorch.set_printoptions(precision=2)",
    "a figure": "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
    "a magic for figures": "%matplotlib inline\n%config InlineBackend.figure_format = 'retina'",
    "magics that time": "%time x = 1\n%timeit -n 1 -r 1 x",
    "torch.optim imported and unused": "import torch.optim as optim\nfrom torch.optim import Adam as TorchAdam, lr_scheduler",
    "a cell that fails": "1 / 0",
    "a data frame": "import pandas as pd\npd.DataFrame({'a': [1, 2]})",
    "names of its own": "Adam = AdamW = adam_update = check = 3",
    "more recursion": "import sys\nsys.setrecursionlimit(10_000)",
    "threads": "import threading\nthread = threading.Thread(target=print, args=('hello',))\nthread.start(); thread.join()",
    "more torch threads": "import torch\ntorch.set_num_threads(2)",
}

# The same inside each of the answers.
INSIDE = (
    "import sys, warnings\nwarnings.warn('careful')\nprint('a note', file=sys.stderr)\n{code}\nprint('done')"
)

NOISE = (
    *(
        Entry(
            name,
            lambda lesson, code=code: notebook(lesson, lesson.solutions(), before=code, after=code),
            "graded",
            10.0,
        )
        for name, code in CELLS.items()
    ),
    Entry(
        "noise inside the answers",
        lambda lesson: notebook(
            lesson, {name: INSIDE.format(code=code) for name, code in lesson.solutions().items()}
        ),
        "graded",
        10.0,
    ),
)
