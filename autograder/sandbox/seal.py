"""Keeps what the lessons build out of a process: "from scratch" is then not a matter of trust.

Used before ``torch`` is imported, so that no optimiser is ever in the process's memory: its modules are
replaced by ones whose names can be imported and not used, and PyTorch's native kernels by ones that raise. On
disk the sandbox hides the files.
"""

from __future__ import annotations

import ctypes
import gc
import importlib.abc
import importlib.machinery
import re
import sys
import types
import warnings
from typing import Any, NoReturn

SEALED = ("torch.optim", "torch.nn.utils.clip_grad", "torch._decomp.decompositions_for_jvp")
REFUSAL = "PyTorch's own optimisers, clipping and batch normalisation are not available while grading"
# The optimisers and batch normalisation exist as kernels too, with overloads and a backward pass.
NATIVE = re.compile(r"aten::(_fused_(?:adam|adamw|sgd|adagrad)_|\w*batch_norm\w*)(?:\.(\w+))?")
# Where they are registered: some have one kernel for every device, and each can be called by its key.
KEYS = ("CPU", "CompositeExplicitAutograd", "MkldnnCPU", "Meta")


class Unavailable:
    """Stands for every class and function of a sealed module; using it raises RuntimeError."""

    def __init__(self, *arguments: Any, **keywords: Any):
        _refuse()


class _Sealed(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Unavailable


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Answers for the sealed modules and everything below them."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if any(name == sealed or name.startswith(f"{sealed}.") for sealed in SEALED):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _Sealed(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        pass


def seal() -> None:
    """Import torch without what the lessons build.

    Raises:
        RuntimeError: torch is imported already.
    """
    if "torch" in sys.modules:
        raise RuntimeError("torch.optim can only be kept out of a process that has not imported torch yet")
    sys.meta_path.insert(0, _Finder())
    import torch

    # Not torch.library: what it registers can be found, and taken back.
    registry = torch._C._dispatch_library("IMPL", "aten", "", __file__, 0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch warns of replaced kernels
        for key in KEYS:
            for registered in torch._C._dispatch_get_registrations_for_dispatch_key(key):
                if found := NATIVE.fullmatch(registered):
                    name, overload = found.groups()
                    registry.impl(f"{name}.{overload}" if overload else name, key, _refuse)
    _empty(torch._decomp.decompositions)
    # The kernels come back when the registry is freed: it is kept where no Python code can find it.
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(registry))


def _empty(decompositions: types.ModuleType) -> None:
    """Leave nothing in the functions that say in Python what batch normalisation does, whoever holds them.

    PyTorch can't be imported without their module, and hands them on to many places.
    """
    for held in gc.get_objects():
        if (
            type(held) is types.FunctionType  # isinstance would ask the object, and some warn when asked
            and "batch_norm" in held.__name__
            and held.__code__.co_filename == decompositions.__file__
        ):
            held.__code__ = _emptied.__code__


def _emptied(*arguments: Any, **keywords: Any) -> NoReturn:
    from autograder.sandbox.seal import _refuse  # as part of another module it has another's globals

    _refuse()


def _refuse(*arguments: Any, **keywords: Any) -> NoReturn:
    refusal = RuntimeError(f"{REFUSAL}.")
    refusal.unavailable = True  # type: ignore[attr-defined]  # how the recorder of a case knows it
    raise refusal
