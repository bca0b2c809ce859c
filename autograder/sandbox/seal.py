"""Keeps what a lesson builds out of a process: "from scratch" is then not a matter of trust.

Used before ``torch`` is imported, so that what is sealed is never in the process's memory: its modules are
replaced by ones whose names can be imported and not used, the functions and native kernels that PyTorch can't
be imported without by ones that raise. On disk the sandbox hides the files.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import importlib.abc
import importlib.machinery
import re
import sys
import types
import warnings
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

# Where kernels are registered: some have one for every device, and each can be called by its key.
KEYS = ("CPU", "CompositeExplicitAutograd", "MkldnnCPU", "Meta")

_refusal = ""


class Unavailable:
    """Stands for every class and function of a sealed module; using it raises NotAvailable."""

    def __init__(self, *arguments: Any, **keywords: Any):
        _refuse()


class _Sealed(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Unavailable


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Answers for the sealed modules and everything below them."""

    def __init__(self, modules: Sequence[str]):
        self._modules = modules

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if any(name == sealed or name.startswith(f"{sealed}.") for sealed in self._modules):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _Sealed(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        pass


def seal(
    modules: Sequence[str],
    functions: Sequence[tuple[str, str]],
    kernels: Sequence[str],
    refusal: str,
) -> None:
    """Import torch without what a lesson builds; the arguments are those of a ``course.sealed.Sealed``.

    They come one by one, as plain data: ``course`` itself imports torch.

    Raises:
        RuntimeError: torch is imported already.
    """
    global _refusal
    if "torch" in sys.modules:
        raise RuntimeError("PyTorch's parts can only be kept out of a process that has not imported it yet")
    _refusal = refusal
    sys.meta_path.insert(0, _Finder(modules))
    _replace_kernels(kernels)
    _replace_functions(functions)


def _replace_kernels(kernels: Sequence[str]) -> None:
    import torch

    sealed = re.compile(rf"aten::({'|'.join(kernels)})(?:\.(\w+))?") if kernels else None
    # Not torch.library: what it registers can be found, and taken back.
    registry = torch._C._dispatch_library("IMPL", "aten", "", __file__, 0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch warns of replaced kernels
        for key in KEYS:
            for registered in torch._C._dispatch_get_registrations_for_dispatch_key(key):
                if found := sealed and sealed.fullmatch(registered):
                    name, overload = found.groups()
                    registry.impl(f"{name}.{overload}" if overload else name, key, _refuse)
    # The kernels come back when the registry is freed: it is kept where no Python code can find it.
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(registry))


def _replace_functions(functions: Sequence[tuple[str, str]]) -> None:
    """Leave nothing in the functions that say in Python how it is done, whoever holds them.

    PyTorch can't be imported without their modules, and hands them on to many places.
    """
    patterns = {importlib.import_module(module).__file__: (module, names) for module, names in functions}
    for held in gc.get_objects():
        if type(held) is not types.FunctionType:  # isinstance would ask the object, and some warn when asked
            continue
        module, names = patterns.get(held.__code__.co_filename, ("", ""))
        # What has variables of functions around it only calls one of the others.
        if re.fullmatch(names, held.__name__) and not held.__code__.co_freevars:
            held.__code__ = STAND_INS.get(f"{module}.{held.__name__}", _emptied).__code__


def _emptied(*arguments: Any, **keywords: Any) -> NoReturn:
    from autograder.sandbox.seal import _refuse  # as part of another module it has another's globals

    _refuse()


def _refuse(*arguments: Any, **keywords: Any) -> NoReturn:
    from course.sealed import NotAvailable

    raise NotAvailable(f"{_refusal}.")


# What PyTorch's layers need of what is sealed, and no more. In another module these import what they use.


def _kaiming_uniform_(
    tensor: Any, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Any = None
) -> Any:
    """What a layer starts from, the same draws: between plus and minus 1 / sqrt(inputs)."""
    import math

    from autograder.sandbox.seal import _refuse

    if a != math.sqrt(5) or mode != "fan_in":
        _refuse()
    # In PyTorch's order of operations: the last bit is the same.
    bound = math.sqrt(3) * (math.sqrt(1 / 3) / math.sqrt(math.prod(tensor.shape[1:]) or 1))
    tensor.detach().uniform_(-bound, bound, generator=generator)
    return tensor


def _calculate_fan_in_and_fan_out(tensor: Any) -> tuple[int, None]:
    """What a layer's bias asks for: the first of the two."""
    import math

    return math.prod(tensor.shape[1:]), None


STAND_INS: dict[str, Callable[..., Any]] = {
    "torch.nn.init.kaiming_uniform_": _kaiming_uniform_,
    "torch.nn.init._calculate_fan_in_and_fan_out": _calculate_fan_in_and_fan_out,
}
