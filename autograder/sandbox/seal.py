"""Keeps what a lesson builds out of a process: "from scratch" is then not a matter of trust.

Used before ``torch`` is imported, so that what is sealed is never in the process's memory: its modules are
replaced by ones whose names can be imported and not used; functions and native kernels that PyTorch can't
be imported without are refused by ``course.sealing``. On disk the sandbox hides the files.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import importlib.abc
import importlib.machinery
import inspect
import sys
import types
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

# Words of an instance of pybind11's: Python's two, the pointer to the C++ object, the two that may own it,
# the list of weak references, flags.
WORDS_OF_INSTANCE = 7


def _refuse(*arguments: Any, **keywords: Any) -> NoReturn:
    from course.sealing import refuse

    refuse()


class _Names(type):
    """What a class that is not there has: every name, and each refuses when it is called."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _refuse


class Unavailable(metaclass=_Names):
    """Stands for every class and function of a sealed module; using it raises NotAvailable."""

    def __init__(self, *arguments: Any, **keywords: Any):
        _refuse()


class _Sealed(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Unavailable


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Answers for the sealed modules and what is below them, but for those of the classes to inherit from."""

    def __init__(self, modules: Sequence[str], bases: Sequence[Sequence[str]]):
        self._modules = modules
        self._real = [module for module, _ in bases]

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if not any(name == sealed or name.startswith(f"{sealed}.") for sealed in self._modules):
            return None
        if name in self._real:
            package, *between, _ = name.split(".")
            folders = ["/".join((folder, *between)) for folder in sys.modules[package].__path__]
            return importlib.machinery.PathFinder.find_spec(name, folders)
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _Sealed(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        pass


def seal(told: Mapping[str, Any]) -> None:
    """Import torch and the course without what a lesson builds.

    Args:
        told: the fields of a ``course.sealed.Sealed``, as plain data: ``course`` itself imports torch.

    Raises:
        RuntimeError: torch is imported already.
    """
    if "torch" in sys.modules:
        raise RuntimeError("PyTorch's parts can only be kept out of a process that has not imported it yet")
    sys.meta_path.insert(0, _Finder(told["modules"], told["bases"]))
    from course.sealed import Sealed
    from course.sealing import refuse_for_good

    sealed = Sealed(**{name: tuple(_hashable(entry) for entry in told[name]) for name in told})
    for module, _ in (*sealed.functions, *sealed.compiled):
        importlib.import_module(module)
    for module, name in sealed.bases:
        _open(module, name)
    registry, taken = refuse_for_good(sealed)
    _lose(registry)
    _forget(taken)


def _hashable(entry: Any) -> Any:
    return tuple(entry) if isinstance(entry, list) else entry


def _open(module: str, name: str) -> None:
    """Put a class to inherit from where it is looked for: in its own module, and in the package of that."""
    base = getattr(importlib.import_module(module), name)
    setattr(sys.modules[module.rpartition(".")[0]], name, base)
    # Around some methods is what loads PyTorch's compiler at the first call.
    around = sys.modules["torch._compile"].__file__
    for held, method in list(vars(base).items()):
        if isinstance(method, types.FunctionType) and method.__code__.co_filename == around:
            setattr(base, held, inspect.unwrap(method))


def _lose(registry: Any) -> None:
    """Leave the C++ object of a registry, which keeps its kernels registered, and no way to it from Python.

    Whoever found the Python object could call its ``reset()``, and PyTorch's own kernels would be back.

    Raises:
        RuntimeError: the object is laid out in another way than it is known to be.
    """
    words = (ctypes.c_void_p * WORDS_OF_INSTANCE).from_address(id(registry))
    known = type(registry).__basicsize__ == WORDS_OF_INSTANCE * ctypes.sizeof(ctypes.c_void_p)
    if not (known and words[1] == id(type(registry)) and words[2] and words[2] == words[3]):
        raise RuntimeError("This PyTorch's kernels can't be sealed: use the version that is pinned")
    # Without its pointers the Python object ends as one that was never initialised.
    words[2] = words[3] = None


def _forget(taken: Sequence[Any]) -> None:
    """Leave nothing of what was taken out of compiled modules, whoever holds it."""
    for kind in (value for value in taken if isinstance(value, type)):
        for name, method in list(vars(kind).items()):
            if callable(method):
                setattr(kind, name, _refuse)
    gone = set(map(id, taken))
    for holder in gc.get_referrers(*taken):
        if isinstance(holder, dict):
            holder.update({name: _refuse for name, held in holder.items() if id(held) in gone})
