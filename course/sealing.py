"""Refuses what a lesson builds: for good where answers are graded, on a student's machine during a check.

Functions in Python get other code, whoever holds them; compiled ones another in their place; native kernels
are registered anew. Modules that are never to be loaded are left to ``autograder.sandbox.seal``.
"""

from __future__ import annotations

import contextlib
import re
import sys
import threading
import types
import warnings
from collections.abc import Callable, Iterator
from functools import _lru_cache_wrapper, lru_cache
from typing import Any, NoReturn

import torch

from course.sealed import NotAvailable, Sealed

# Where kernels are registered: some have one for every device, and each can be called by its key.
KEYS = (
    "CPU",
    "CompositeExplicitAutograd",
    "CompositeExplicitAutogradNonFunctional",
    "CompositeImplicitAutograd",
    "MkldnnCPU",
    "NestedTensorCPU",
    "QuantizedCPU",
    "Meta",
)

# What is said now: the last of them. One check may run inside another.
_refusals = [Sealed(words=("parts",)).refusal]
# Two threads that exchange the same code would leave each other's behind.
_one_at_a_time = threading.RLock()


def refuse(*arguments: Any, **keywords: Any) -> NoReturn:
    """What stands in the place of a kernel or a compiled function.

    Raises:
        NotAvailable: with the sentence of what is sealed.
    """
    raise NotAvailable(f"{_refusals[-1]}.")


def refuse_for_good(sealed: Sealed) -> tuple[Any, list[Any]]:
    """Refuse what is sealed in this process from now on.

    Returns:
        The registry of the refusals of kernels, which ends them when it is freed; and what was taken out of
        compiled modules, which others may still hold.
    """
    _refusals.append(sealed.refusal)
    registry = _register(sealed)
    for function, code in exchanges(sealed):
        function.__code__ = code
    taken = []
    for module, name, value in _compiled(sealed):
        setattr(module, name, refuse)
        taken.append(value)
    return registry, taken


@contextlib.contextmanager
def refused(sealed: Sealed) -> Iterator[None]:
    """Refuse what is sealed until the end of the block; then everything is as it was, whatever happened.

    A block may stand inside another one. Blocks of several threads wait for each other; what else runs in
    other threads meanwhile is refused the same.
    """
    with _one_at_a_time:
        functions = [(function, function.__code__, code) for function, code in exchanges(sealed)]
        compiled = _compiled(sealed)
        depth = len(_refusals)
        registries: list[Any] = []

        def put_back() -> None:
            for function, before, _ in functions:
                function.__code__ = before
            for module, name, value in compiled:
                setattr(module, name, value)
            for registry in registries:
                registry.reset()
            del _refusals[depth:]

        try:
            _refusals.append(sealed.refusal)
            registries.append(_register(sealed))
            for module, name, _ in compiled:
                setattr(module, name, refuse)
            for function, _, code in functions:
                function.__code__ = code
            yield
        finally:
            try:
                put_back()
            except KeyboardInterrupt:
                put_back()
                raise


# Kernels


def _register(sealed: Sealed) -> Any:
    """A registry with a refusal for each native kernel that is sealed, until it is ``reset`` or freed."""
    # Not torch.library: what that registers can be found, and taken back.
    registry = torch._C._dispatch_library("IMPL", "aten", "", __file__, 0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch warns of replaced kernels
        for key, name in _kernels(sealed.kernels):
            registry.impl(name, key, refuse)
    return registry


@lru_cache
def _kernels(patterns: tuple[str, ...]) -> list[tuple[str, str]]:
    """Of each sealed kernel the key that it is registered for, and its name with the overload."""
    sealed = re.compile(rf"aten::((?:{'|'.join(patterns)})(?:\.\w+)?)")
    return [
        (key, found[1])
        for key in (KEYS if patterns else ())
        for registered in torch._C._dispatch_get_registrations_for_dispatch_key(key)
        if (found := sealed.fullmatch(registered))
    ]


# Compiled functions


def _compiled(sealed: Sealed) -> list[tuple[types.ModuleType, str, Any]]:
    """Of what is sealed in compiled modules the module, the name and what it stands for."""
    return [
        (module, name, value)
        for place, pattern in sealed.compiled
        if (module := sys.modules.get(place))
        for name, value in vars(module).items()
        if re.fullmatch(pattern, name)
    ]


# Functions in Python


def exchanges(sealed: Sealed) -> list[tuple[types.FunctionType, types.CodeType]]:
    """The functions that say how it is done, as far as they are loaded, and the code that each gets."""
    patterns = {**dict.fromkeys(sealed.modules, ".*"), **_joined(sealed.functions)}
    below = tuple(f"{name}." for name in patterns)
    loaded = [name for name in list(sys.modules) if name in patterns or name.startswith(below)]
    return _exchanges(tuple(loaded), tuple(patterns.items()), tuple(module for module, _ in sealed.bases))


def _joined(functions: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """One pattern for each module."""
    patterns: dict[str, str] = {}
    for module, pattern in functions:
        patterns[module] = f"{patterns[module]}|{pattern}" if module in patterns else pattern
    return patterns


@lru_cache(maxsize=16)
def _exchanges(
    loaded: tuple[str, ...], patterns: tuple[tuple[str, str], ...], spared: tuple[str, ...]
) -> list[tuple[types.FunctionType, types.CodeType]]:
    files: dict[str, tuple[str, str]] = {}
    for name in loaded:
        file = getattr(sys.modules[name], "__file__", None)
        if file and name not in spared:
            own = (pattern for place, pattern in patterns if f"{name}.".startswith(f"{place}."))
            files[file] = name, "|".join(own)
    found = []
    for function in _functions_of([vars(sys.modules[name]) for name, _ in files.values()]):
        # What another module has wrapped around one of these calls it, and needs no other code.
        name, pattern = files.get(function.__code__.co_filename, ("", ""))
        named = any(re.fullmatch(pattern, given) for given in (function.__name__, function.__qualname__))
        if named and (code := _code_instead(name, function)):
            found.append((function, code))
    return found


def _functions_of(namespaces: list[Any]) -> Iterator[types.FunctionType]:
    """Every function that the names lead to: methods, and what decorators are wrapped around."""
    waiting = [held for namespace in namespaces for held in namespace.values()]
    seen: set[int] = set()
    while waiting:
        held = waiting.pop()
        if id(held) in seen:
            continue
        seen.add(id(held))
        kind = type(held)  # isinstance would ask the object, and some warn when asked
        if kind is types.FunctionType:
            yield held
            waiting += vars(held).values()
            waiting += [cell.cell_contents for cell in held.__closure__ or () if _is_filled(cell)]
        elif issubclass(kind, type):
            waiting += vars(held).values()
        elif kind in (staticmethod, classmethod):
            waiting.append(held.__func__)
        elif kind is _lru_cache_wrapper:
            waiting.append(held.__wrapped__)
        elif kind is property:
            waiting += [held.fget, held.fset]


def _is_filled(cell: types.CellType) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False


def _code_instead(module: str, function: types.FunctionType) -> types.CodeType | None:
    """Code that refuses, or does what layers need of the function; None where it only calls such a one."""
    around = len(function.__code__.co_freevars)
    if stand_in := STAND_INS.get(f"{module}.{function.__name__}"):
        return None if around else stand_in.__code__
    return _emptied(around)


@lru_cache
def _emptied(around: int) -> types.CodeType:
    """Code that refuses, with as many variables of functions around it as Python asks for.

    They are compiled in, for code that was only told to have them crashes whoever looks at its variables,
    as tracebacks do.
    """
    names = "".join(f"around_{number}, " for number in range(around))
    # As part of another module it has another's globals.
    text = f"""
def function({names}):
    def refused(*arguments, **keywords):
        ({names})
        from course.sealing import refuse
        refuse()
"""
    (outer,) = _codes_in(compile(text, "<sealed>", "exec"))
    (inner,) = _codes_in(outer)
    return inner


def _codes_in(code: types.CodeType) -> list[types.CodeType]:
    return [part for part in code.co_consts if isinstance(part, types.CodeType)]


# What PyTorch's layers need of what is sealed, and no more. In another module these import what they use.


def _kaiming_uniform_(
    tensor: Any, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Any = None
) -> Any:
    """What a layer starts from, the same draws: between plus and minus 1 / sqrt(inputs)."""
    import math

    from course.sealing import refuse

    if a != math.sqrt(5) or mode != "fan_in":
        refuse()
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
