"""Where a path of names leads: ``("torch", "nn", "Linear")`` is ``torch.nn.Linear``.

The modules that are loaded here tell; nothing is imported.
"""

from __future__ import annotations

import sys
from types import ModuleType

from autograder.sandbox.allowed import OPEN, PARTS, unusual_step, words

Path = tuple[str, ...]

TORCH_OPTIM = "torch.optim"
# Names with two underscores on each side, of a module: the others lead anywhere.
OF_MODULES = words("__all__ __doc__ __file__ __name__ __path__ __version__")
# Where functions and classes come from that a library may hold by their own name.
ELSEWHERE = words(
    """_ctypes ctypes importlib importlib.util inspect marshal multiprocessing.context os pickle _pickle posix
    runpy socket subprocess sys"""
)


def held_by(path: Path) -> object:
    """What is there under a path of names in the modules that are loaded here; None where nothing is."""
    held: object = sys.modules.get(path[0])
    for end in range(1, len(path)):
        if not isinstance(held, ModuleType):
            return None
        loaded = sys.modules.get(".".join(path[: end + 1]))
        held = vars(held).get(path[end], loaded)
    return held


def is_module(path: Path) -> bool:
    """Whether a module is known to be there, or may be: a library need not be loaded here."""
    held = held_by(path)
    return isinstance(held, ModuleType) or (held is None and (len(path) == 1 or is_module(path[:-1])))


def unusual_path(path: Path) -> str | None:
    """How far a path of names goes before it leaves what answers use; None when it stays there."""
    if path[0] not in OPEN and path[0] not in PARTS:
        return path[0]
    if path[:2] == ("torch", "optim"):
        # Its base class computes nothing, by either of its places.
        used = path[3:] if path[2:3] == ("optimizer",) else path[2:]
        return TORCH_OPTIM if used and used[0] != "Optimizer" else None
    for end in range(1, len(path)):
        owner, name, here = ".".join(path[:end]), path[end], ".".join(path[: end + 1])
        if unusual_step(owner, name):
            return here
        if owner in PARTS or here in PARTS:
            continue
        if name.startswith("__") and name.endswith("__"):
            return None if name in OF_MODULES else here
        held = held_by(path[: end + 1])
        if isinstance(held, ModuleType):
            actual = tuple(held.__name__.split("."))
            if actual == path[: end + 1]:
                continue  # in its own place
            if actual[0] not in OPEN:
                return here
            if actual[0] != path[0]:
                # Another library's module: as far as it may be used by its own name.
                return unusual_path((*actual, *path[end + 1 :]))
        elif held is not None:
            return here if getattr(held, "__module__", None) in ELSEWHERE else None
        elif name in PARTS or (name in sys.stdlib_module_names and name not in OPEN):
            return here
    return None
