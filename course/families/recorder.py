"""Runs a student's code one call at a time and writes down what came of it."""

from __future__ import annotations

import contextlib
import inspect
import io
import linecache
import traceback
import warnings
from collections.abc import Callable, Iterator
from itertools import dropwhile
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import torch

from course.exercise import Evidence, Kind, Problem, Reading

# An exception's text is shown to a person: longer ones say no more.
MESSAGE_LIMIT = 300

# Where PyTorch's own code lies.
TORCH = str(Path(torch.__file__).parent)

# What PyTorch says to the two mistakes that nearly every first optimiser makes, and what to do.
ADVICE = {
    "a leaf Variable that requires grad is being used in an in-place operation": (
        "Autograd watches the parameters; change them inside `with torch.no_grad():`"
    ),
    "a view of a leaf Variable that requires grad is being used in an in-place operation": (
        "Autograd watches the parameters; change them inside `with torch.no_grad():`"
    ),
    "unsupported operand type(s) for *: 'float' and 'NoneType'": (
        "One of the two is None: the `.grad` of a parameter that took no part in the loss, which is to be "
        "skipped, or something that was never set"
    ),
}


class Stop(Exception):
    """The case can't go on; carries the problem to write into the evidence."""

    def __init__(self, problem: Problem):
        super().__init__(problem)
        self.problem = problem


class Recorder:
    """Collects the evidence of one case.

    Args:
        name: the student's function or class, for messages.
        signature: how it should look, for messages.
    """

    def __init__(self, name: str, signature: str):
        self.name = name
        self.signature = signature
        self.readings: dict[Reading, np.ndarray] = {}
        self.problem: Problem | None = None

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Around a whole case: a stop ends it, prints and warnings of the student go nowhere.

        So does what the student's code left behind for the check to stumble over: a parameter of
        another shape, which takes no gradient.
        """
        silence = io.StringIO()
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(silence),
            contextlib.redirect_stderr(silence),
        ):
            warnings.simplefilter("ignore")
            try:
                yield
            except Stop:
                pass
            except Exception as error:
                said = f"After {self.name} ran, the check could not go on: {_text(error)}"
                self.problem = Problem("raised", f"{said.rstrip('.')}.", type(error).__name__)

    def evidence(self) -> Evidence:
        return Evidence(self.readings, self.problem)

    def stop(self, kind: Kind, sentence: str, exception: str = "") -> NoReturn:
        """End the case with a sentence; always raises ``Stop``."""
        self.problem = Problem(kind, sentence, exception)
        raise Stop(self.problem)

    def call(self, function: Any, *arguments: Any, called: str = "", **keywords: Any) -> Any:
        """``function(*arguments, **keywords)``, its faults turned into sentences.

        Args:
            called: the name to show when it is not the exercise's own: "step()".
        """
        shown = called or self.name
        if not callable(function):
            found = type(function).__name__
            self.stop("signature", f"{shown} should be something to call; yours is of type {found}.")
        try:
            return function(*arguments, **keywords)
        except NotImplementedError as error:
            # Raised by a stub: this one, or one of an earlier exercise that the student's code calls.
            stub = traceback.extract_tb(error.__traceback__)[-1].name
            if stub not in (getattr(function, "__name__", stub), "__init__"):
                self.stop("raised", f"{shown} calls {stub}, which is not written yet.", type(error).__name__)
            self.stop("not written", f"{shown} is not written yet: it raises NotImplementedError.")
        except (Exception, SystemExit) as error:
            if isinstance(error, TypeError):
                self._check_signature(function, arguments, keywords, shown)
            self.stop("raised", _describe(error, shown), type(error).__name__)

    def refuses(self, function: Any, *arguments: Any, called: str = "", **keywords: Any) -> tuple[bool, Any]:
        """Whether a call raises ValueError, and what it returned; another exception ends the case."""
        try:
            return False, function(*arguments, **keywords)
        except ValueError:
            return True, None
        except (Exception, SystemExit):
            # Once more, for the sentence.
            return False, self.call(function, *arguments, called=called, **keywords)

    def _check_signature(
        self, function: Callable[..., Any], arguments: tuple[Any, ...], keywords: dict[str, Any], shown: str
    ) -> None:
        """Stop the case when it was the call itself that did not fit."""
        try:
            signature = inspect.signature(function)
        except (TypeError, ValueError):
            return  # some callables have none to look at
        try:
            signature.bind(*arguments, **keywords)
        except TypeError:
            should = f"{self.name}{self.signature}" if shown == self.name else shown
            self.stop("signature", f"It should be called as {should}; yours takes {signature}.")

    def record(self, step: int, name: str, value: Any) -> np.ndarray:
        """Copy ``value`` into the evidence as a plain array, and return that.

        Takes arrays, tensors, numbers, booleans and (nested) lists of numbers; anything else stops
        the case with a sentence.
        """
        if value is None:
            self.stop("returned", f"{name} is None; it should be an array. Is a `return` missing?")
        if isinstance(value, torch.Tensor):
            value = value.detach().cpu().numpy()
        try:
            # np.array of a subclass gives the base class: no subclass that equals everything.
            array = np.array(value)
        except Exception:
            array = np.array(None)
        if array.dtype.kind not in "biuf":
            self.stop(
                "returned", f"{name} should be an array of numbers; yours is of type {type(value).__name__}."
            )
        self.readings[Reading(step, name)] = array
        return array

    def unpack(self, value: Any, names: tuple[str, ...]) -> tuple[Any, ...]:
        """What a function returned, as one object for each of ``names``."""
        wanted = names[0] if len(names) == 1 else f"({', '.join(names)})"
        if value is None:
            self.stop(
                "returned", f"{self.name} returned None; it should return {wanted}. Is the `return` missing?"
            )
        if len(names) == 1:
            return (value,)
        if not isinstance(value, (tuple, list)):
            found = type(value).__name__
            self.stop("returned", f"{self.name} should return {wanted}; yours returns one {found}.")
        if len(value) != len(names):
            self.stop("returned", f"{self.name} should return {wanted}; yours returns {len(value)} things.")
        return tuple(value)


def _text(error: BaseException) -> str:
    return " ".join(str(error).split())[:MESSAGE_LIMIT]


def _describe(error: BaseException, shown: str) -> str:
    """One sentence for an exception in the student's code, with the line it came from."""
    text = _text(error)
    sentence = f"{shown} raised {type(error).__name__}" + (f": {text}" if text else "")
    # Frames below ours; of those, the deepest in the file that the student's function is in. Around it may be
    # a decorator of PyTorch's: step() has @torch.no_grad().
    below = traceback.extract_tb(error.__traceback__)[1:]
    frames = list(dropwhile(lambda frame: frame.filename.startswith(TORCH), below))
    own = [frame for frame in frames if frame.filename == frames[0].filename] if frames else []
    if own and (line := linecache.getline(own[-1].filename, own[-1].lineno or 0).strip()):
        where = "the cell" if "ipykernel" in own[-1].filename else "the file"
        sentence = f"{sentence.rstrip('.')}, in line {own[-1].lineno} of {where}: `{line}`"
    advice = next((advice for start, advice in ADVICE.items() if text.startswith(start)), "")
    return sentence.rstrip(".") + "." + (f" {advice}." if advice else "")
