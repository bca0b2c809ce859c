"""Runs a student's code one call at a time and writes down what came of it."""

from __future__ import annotations

import contextlib
import inspect
import io
import linecache
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from itertools import dropwhile
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import torch

from course.exercise import Evidence
from course.problems import MESSAGE_LIMIT, Problem, Value, whole
from course.readings import OF_LIMIT, Reading
from course.sealed import NotAvailable

# Where PyTorch's own code lies, and that of the probes.
TORCH, COURSE = str(Path(torch.__file__).parent), str(Path(__file__).parents[1])

# What PyTorch says to the two mistakes that nearly every first optimiser makes, and which advice helps.
ADVICE = {
    "a leaf Variable that requires grad is being used in an in-place operation": "no_grad",
    "a view of a leaf Variable that requires grad is being used in an in-place operation": "no_grad",
    "unsupported operand type(s) for *: 'float' and 'NoneType'": "none",
}

# What the names have that IPython gives to cells: ipykernel, and a shell without it, in which is graded.
CELLS = ("ipykernel", "<ipython-input-")

# Whose code runs: "" outside of any case, "probe", or "student" where a probe calls the student's.
_turn: ContextVar[str] = ContextVar("turn", default="")


def is_probes_turn() -> bool:
    """Whether a case is running, and not the student's code in it."""
    return _turn.get() == "probe"


@contextlib.contextmanager
def _turn_of(who: str) -> Iterator[None]:
    before = _turn.set(who)
    try:
        yield
    finally:
        _turn.reset(before)


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
            # Once it is the student's turn, it stays theirs.
            _turn_of(_turn.get() or "probe"),
            warnings.catch_warnings(),
            contextlib.redirect_stdout(silence),
            contextlib.redirect_stderr(silence),
        ):
            warnings.simplefilter("ignore")
            try:
                yield
            except Stop as stop:
                self.problem = stop.problem
            except Exception as error:
                text = _text(error).rstrip(".")
                values = {"name": self.name, "exception": type(error).__name__, "text": text}
                self.problem = Problem("after_run", values)

    def evidence(self) -> Evidence:
        return Evidence(self.readings, self.problem)

    def stop(self, id: str, **values: Value) -> NoReturn:
        """End the case with a problem of ``course.problems.SENTENCES``; always raises ``Stop``."""
        raise Stop(Problem(id, values))

    def call(self, function: Any, *arguments: Any, called: str = "", **keywords: Any) -> Any:
        """``function(*arguments, **keywords)``, its faults turned into sentences.

        Args:
            called: the name to show when it is not the exercise's own: "step()".
        """
        shown = called or self.name
        if not callable(function):
            self.stop("not_callable", name=shown, type=type(function).__name__)
        try:
            with _turn_of("student"):
                return function(*arguments, **keywords)
        except NotImplementedError as error:
            # Raised by a stub: this one, or one of an earlier exercise that the student's code calls.
            owner = type(function.__self__) if inspect.ismethod(function) else function
            if not {self.name, getattr(owner, "__name__", "")} & set((stub := stub_of(error)).split(".")):
                caller = f"{self.name}, in {shown}," if called else shown
                values = _text_of(error) | {"exception": type(error).__name__}
                self.stop("calls_unwritten", name=caller, stub=stub, **values)
            self.stop("not_written", name=shown)
        except (Exception, SystemExit) as error:
            if isinstance(error, TypeError):
                self._check_signature(function, arguments, keywords, shown)
            self.stop("unavailable" if _refused(error) else "raised", name=shown, **_described(error))

    def refuses(self, function: Any, *arguments: Any, called: str = "", **keywords: Any) -> tuple[bool, Any]:
        """Whether a call raises ValueError, and what it returned; another exception ends the case."""
        try:
            with _turn_of("student"):
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
            call = f"{self.name}{self.signature}" if shown == self.name else shown
            self.stop("wrong_signature", call=call, signature=str(signature))

    def record(
        self, step: int, id: str, value: Any, place: tuple[int, ...] = (), *, of: str = "", owner: int = 0
    ) -> np.ndarray:
        """Copy ``value`` into the evidence as a plain array, and return that.

        Args:
            value: an array, a tensor, a number, a boolean, or a (nested) list of numbers; anything else
                stops the case with a sentence.
            step, id, place, of, owner: what it is; see ``course.readings.Reading``.
        """
        # A student's own text, the name of a layer for one, may be too long to cross to the grader.
        reading = Reading(step, id, place, owner, whole(of)[:OF_LIMIT])
        if value is None:
            self.stop("is_none", quantity=reading)
        if isinstance(value, torch.Tensor):
            value = value.detach().cpu().numpy()
        try:
            # np.array of a subclass gives the base class: no subclass that equals everything.
            array = np.array(value)
        except Exception:
            array = np.array(None)
        if array.dtype.kind not in "biuf":
            self.stop("not_an_array", quantity=reading, type=type(value).__name__)
        self.readings[reading] = array
        return array

    def unpack(self, value: Any, names: tuple[str, ...]) -> tuple[Any, ...]:
        """What a function returned, as one object for each of ``names``."""
        wanted = names[0] if len(names) == 1 else f"({', '.join(names)})"
        if value is None:
            self.stop("returned_none", name=self.name, wanted=wanted)
        if len(names) == 1:
            return (value,)
        if not isinstance(value, (tuple, list)):
            self.stop("returned_one", name=self.name, wanted=wanted, type=type(value).__name__)
        if len(value) != len(names):
            self.stop("returned_many", name=self.name, wanted=wanted, count=len(value))
        return tuple(value)


def stub_of(error: NotImplementedError) -> str:
    """The function that raised it, as its code names it: "adam_update", "Adam.step"."""
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    return frame.f_code.co_qualname.rpartition("<locals>.")[2]


def _text(error: BaseException) -> str:
    return " ".join(str(error).split())[:MESSAGE_LIMIT]


def _text_of(error: BaseException) -> dict[str, Value]:
    """Its message, for a sentence; empty where it has none."""
    return {"text": text.rstrip(".")} if (text := _text(error)) else {}


def _refused(error: BaseException) -> bool:
    """Whether a sealed part of PyTorch raised it, or what led to it."""
    chain: list[BaseException | None] = [error]
    while (last := chain[-1]) is not None and last not in chain[:-1]:
        chain.append(last.__cause__ or last.__context__)
    return any(isinstance(link, NotAvailable) for link in chain)


def _described(error: BaseException) -> dict[str, Value]:
    """What is said of an exception in the student's code, with the line it came from."""
    text = _text(error)
    values: dict[str, Value] = {"exception": type(error).__name__} | _text_of(error)
    # Frames below ours; of those, the deepest in the file that the student's function is in. Around it may be
    # a decorator of PyTorch's, as step() has @torch.no_grad(), or an expression of a probe's.
    below = traceback.extract_tb(error.__traceback__)[1:]
    frames = list(dropwhile(lambda frame: frame.filename.startswith((TORCH, COURSE)), below))
    own = [frame for frame in frames if frame.filename == frames[0].filename] if frames else []
    if own and own[-1].lineno and (source := linecache.getline(own[-1].filename, own[-1].lineno).strip()):
        place = "cell" if any(part in own[-1].filename for part in CELLS) else "file"
        values |= {"line": own[-1].lineno, "place": place, "source": source}
    advice = next((advice for start, advice in ADVICE.items() if text.startswith(start)), None)
    return values | ({"advice": advice} if advice else {})
