"""What answers and honest notebooks use of Python and its libraries: the rest is told to a person.

Both who reads a cell and who watches it run ask here. A library is known by its name, and used by its public
names: those without an underscore in front that are not another library's module.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


# Used as one likes, but for what stands in PARTS and CLOSED.
OPEN = words(
    """
    numpy torch pandas matplotlib mpl_toolkits seaborn scipy sklearn PIL ipywidgets tqdm sympy torchvision
    torchinfo torchmetrics torchsummary einops plotly altair bokeh skimage cv2 statsmodels networkx tabulate
    optuna rich
    __future__ abc argparse array asyncio base64 bisect cProfile calendar cmath collections colorsys
    concurrent contextlib contextvars copy csv dataclasses datetime decimal difflib enum fractions functools
    getpass glob graphlib gzip hashlib heapq html io itertools json locale logging math numbers pathlib
    platform pprint profile pstats queue random re secrets shutil statistics string struct tempfile textwrap
    threading time timeit traceback tracemalloc typing typing_extensions unicodedata unittest urllib uuid
    warnings weakref zipfile zlib
    """
)

# Of these only what is named, wherever it is reached from.
PARTS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "course": words(
            "characters check data desk figures measured plots predict questions quiz ready training"
        ),
        "course.desk": words("pieces"),
        "course.desk.pieces": words("own"),
        "course.check": words("check"),
        "os": words(
            """path environ getenv putenv getcwd chdir makedirs mkdir listdir scandir walk remove unlink rmdir
            removedirs rename replace stat sep linesep name cpu_count getpid devnull urandom fspath PathLike
            get_terminal_size pardir curdir extsep uname access F_OK R_OK W_OK X_OK"""
        ),
        "sys": words(
            """stdout stderr stdin version version_info path maxsize getsizeof setrecursionlimit
            getrecursionlimit platform argv exit executable float_info int_info byteorder getrefcount
            implementation hexversion prefix base_prefix __stdout__ __stderr__"""
        ),
        "gc": words("collect enable disable isenabled get_count get_threshold"),
        "importlib": words("metadata"),
        "inspect": words(
            """signature Signature Parameter BoundArguments getdoc cleandoc isfunction isclass ismethod
            isbuiltin isgenerator isgeneratorfunction ismodule getfullargspec isabstract"""
        ),
        "multiprocessing": words("cpu_count"),
        "operator": words(
            """add sub mul truediv floordiv mod pow neg pos matmul itemgetter eq ne lt le gt ge not_ and_ or_
            xor iadd isub imul itruediv contains getitem setitem index concat"""
        ),
        "psutil": words("virtual_memory cpu_count cpu_percent"),
        "types": words(
            """SimpleNamespace MappingProxyType MethodType NoneType GeneratorType UnionType EllipsisType
            GenericAlias ModuleType"""
        ),
        "IPython": words("core display version_info"),
        "IPython.core": words("display interactiveshell"),
        # An idiom: `InteractiveShell.ast_node_interactivity = "all"`.
        "IPython.core.interactiveshell": words("InteractiveShell"),
        "IPython.core.interactiveshell.InteractiveShell": words("ast_node_interactivity"),
        "google": words("colab"),
        "google.colab": words("drive files data_table output"),
        "torch.multiprocessing": words("cpu_count set_start_method set_sharing_strategy"),
    }
)

# Of what is open: ways to other code than a notebook's own, to compiled code and to other processes.
CLOSED = words(
    """
    numpy.core numpy.ctypeslib numpy.distutils numpy.f2py numpy.lib.stride_tricks.as_strided
    pandas.compat pandas.core
    torch.classes torch.compile torch.compiler torch.distributed torch.export torch.from_file torch.fx
    torch.hub torch.jit torch.library torch.onnx torch.ops torch.package torch.utils.backend_registration
    torch.utils.benchmark torch.utils.bundled_inputs torch.utils.collect_env torch.utils.cpp_backtrace
    torch.utils.cpp_extension torch.utils.model_dump
    asyncio.create_subprocess_exec asyncio.create_subprocess_shell asyncio.subprocess
    concurrent.futures.ProcessPoolExecutor concurrent.futures.process
    threading.setprofile threading.settrace traceback.walk_stack traceback.walk_tb
    """
)


def unusual_step(owner: str, name: str) -> bool:
    """Whether answers do without ``name`` of the module (or what else has PARTS) ``owner``."""
    if owner in PARTS:
        return name not in PARTS[owner]
    return f"{owner}.{name}" in CLOSED or (name.startswith("_") and not name.endswith("__"))


def unusual_module(name: str) -> bool:
    """Whether answers do without the module of that dotted name."""
    parts = name.split(".")
    if parts[0] not in OPEN and parts[0] not in PARTS:
        return True
    return any(unusual_step(".".join(parts[:end]), parts[end]) for end in range(1, len(parts)))
