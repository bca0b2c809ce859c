"""Keeps ``torch.optim`` out of a process: "from scratch" is then not a matter of trust.

Used before ``torch`` is imported, so that no optimiser is ever in the process's memory: the package is
replaced by one whose names can be imported and not used, and PyTorch's native optimiser kernels by ones that
raise. On disk the sandbox hides the package's files.
"""

from __future__ import annotations

import ctypes
import importlib.abc
import importlib.machinery
import re
import sys
import types
import warnings
from typing import Any, NoReturn

PACKAGE = "torch.optim"
SENTENCE = "torch.optim is not available while a notebook is graded."
# The optimisers that exist as kernels, with each of their overloads.
NATIVE = re.compile(r"aten::(_fused_(?:adam|adamw|sgd|adagrad)_)(?:\.(\w+))?")


class Unavailable:
    """Stands for every class and function of ``torch.optim``; using it raises RuntimeError."""

    def __init__(self, *arguments: Any, **keywords: Any):
        raise RuntimeError(SENTENCE)


class _Sealed(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Unavailable


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Answers for the package and everything below it."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name == PACKAGE or name.startswith(f"{PACKAGE}."):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _Sealed(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        pass


def seal() -> None:
    """Import torch without its optimisers.

    Raises:
        RuntimeError: torch is imported already.
    """
    if "torch" in sys.modules:
        raise RuntimeError("torch.optim can only be kept out of a process that has not imported torch yet")
    sys.meta_path.insert(0, _Finder())
    import torch

    kernels = torch.library.Library("aten", "IMPL")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch warns of replaced kernels
        for registered in torch._C._dispatch_get_registrations_for_dispatch_key("CPU"):
            if found := NATIVE.fullmatch(registered):
                name, overload = found.groups()
                kernels.impl(f"{name}.{overload}" if overload else name, _refuse, "CPU")
    # The kernels come back when the registration is freed: it is kept where no Python code can find it.
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(kernels.m))
    kernels.m = None


def _refuse(*arguments: Any, **keywords: Any) -> NoReturn:
    raise RuntimeError(SENTENCE)
