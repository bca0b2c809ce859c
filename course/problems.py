"""Why a case could not go on: ids and values, and the one table of the sentences that are made of them.

A student's process sends an id and values and never a sentence: that is composed where it is shown. What a
value may hold is limited: only what is the student's own, a message, a line of code or a signature, is shown
as it is. What an exercise has to say of answers of its own shape is one more entry of ``SENTENCES``, and the
probe ends the case with ``recorder.stop("its_id", name=...)``.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from string import Formatter
from typing import Any, NamedTuple

from course.printable import printable
from course.readings import NAME_LIMIT, Reading, expect_number, expect_reading

Value = str | int | Reading

# An exception's message is shown to a person: longer ones say no more.
MESSAGE_LIMIT = 200
# No class of Python's or of a library's has so long a name.
EXCEPTION_LIMIT = 60
# Characters of what else is the student's own: a line of code, a signature.
LINE_LIMIT = 200
# Characters of how a cell ended, which holds a message.
REASON_LIMIT = 300
# Characters of what a probe calls things: "adam_update", "reading self.lr", "grads[0] at optimizer.step()".
PHRASE_LIMIT = 160


def whole(text: str) -> str:
    """Any text, as a file can hold it: Python's can have halves of characters."""
    return text.encode("utf-8", "replace").decode()


def exception_name(value: str) -> str:
    """The name of an exception's class; "Exception" for one that is no name, which a class can have, too."""
    return value if value.isidentifier() and len(value) <= EXCEPTION_LIMIT else "Exception"


def _cut(value: Any, limit: int) -> str:
    if not isinstance(value, str):
        raise ValueError(f"a text is expected, not {type(value).__name__}")
    return printable(value[:limit])[:limit]


def _message(value: Any) -> str:
    return _cut(value, MESSAGE_LIMIT)


def _line(value: Any) -> str:
    return _cut(value.expandtabs(4) if isinstance(value, str) else value, LINE_LIMIT)


def _reason(value: Any) -> str:
    return _cut(value, REASON_LIMIT)


def _phrase(value: Any) -> str:
    return re.sub(r"[^\w ()\[\],.=*/+'-]", "?", _cut(value, PHRASE_LIMIT))


def _name(value: Any) -> str:
    """Whatever it holds, it is one word."""
    return re.sub(r"\s", "?", _cut(value, NAME_LIMIT))


def _exception(value: Any) -> str:
    return exception_name(_cut(value, NAME_LIMIT))


def _quantity(value: Any) -> Reading:
    """A reading; on its way from another process it has become a list."""
    reading = value if isinstance(value, Reading) else expect_reading(value)
    return reading._replace(id=_name(reading.id), of=_name(reading.of))


# Values that have words of their own: what each of them stands for.
WORDS: dict[str, dict[str, str]] = {
    "place": {"cell": "your cell", "file": "the file"},
    "advice": {
        "no_grad": "Autograd watches the parameters; change them inside `with torch.no_grad():`",
        "none": (
            "One of the two is None: the `.grad` of a parameter that took no part in the loss, which is to "
            "be skipped, or something that was never set"
        ),
    },
}

# The other values, and what is made of one that is too long or holds what it should not.
VALUES: dict[str, Callable[[Any], Value]] = {
    "name": _phrase,  # what was called, or read, or set
    "quantity": _quantity,
    "wanted": _phrase,  # the results, or the list, that there should be
    "call": _phrase,
    "method": _phrase,
    "attribute": _phrase,
    "shape": _phrase,
    "found": _phrase,
    "type": _name,
    "exception": _exception,
    "stub": _name,  # the function that is not written yet
    "count": expect_number,
    "line": expect_number,
    "text": _message,
    "source": _line,
    "signature": _line,
    "reason": _reason,
}


class Sentence(NamedTuple):
    """What is said of a problem.

    Attributes:
        kind: what problems are told apart by where a mistake is recognised.
        pieces: templates, the first always shown, each other one where all of its values are given.
        ours: whether only the grader says so, and a student's process never.
    """

    kind: str
    pieces: tuple[str, ...]
    ours: bool = False

    def values(self) -> tuple[set[str], set[str]]:
        """The names of the values that it needs, and of those that it may have."""
        needed, *optional = map(_fields, self.pieces)
        return needed, needed.union({"exception"} if self.kind == "raised" else (), *optional)


def _fields(piece: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(piece) if name}


MISSING, UNWRITTEN, SIGNATURE, RETURNED, RAISED = "missing", "not written", "signature", "returned", "raised"

_RAISED = (
    "{name} raised {exception}",
    ": {text}",
    ", in line {line} of {place}: `{source}`",
    ".",
    " {advice}.",
)

SENTENCES: dict[str, Sentence] = {
    # Of the call
    "not_written": Sentence(UNWRITTEN, ("{name} is not written yet: it raises NotImplementedError.",)),
    "calls_unwritten": Sentence(RAISED, ("{name} calls {stub}, which is not written yet.", " {text}.")),
    "raised": Sentence(RAISED, _RAISED),
    # It asked for what PyTorch has of the exercise, which is sealed.
    "unavailable": Sentence(RAISED, _RAISED),
    "after_run": Sentence(RAISED, ("After {name} ran, the check could not go on: {text}.",)),
    "not_callable": Sentence(
        SIGNATURE,
        (
            "{name} should be something to call; yours is of type {type}. "
            "Pass {name} to the check as it is, without ().",
        ),
    ),
    "is_instance": Sentence(
        SIGNATURE, ("The check got one {name}, and needs the class: pass {name} without ().",)
    ),
    "hidden_method": Sentence(
        SIGNATURE,
        (
            "self.{attribute} is of type {type} and hides the method {method}: "
            "give the attribute another name.",
        ),
    ),
    "wrong_signature": Sentence(SIGNATURE, ("It should be called as {call}; yours takes {signature}.",)),
    "no_method": Sentence(SIGNATURE, ("{name} has no method {method}.",)),
    "no_attribute": Sentence(RETURNED, ("{name} has no attribute {attribute}.",)),
    # Of what came back
    "returned_none": Sentence(
        RETURNED, ("{name} returned None; it should return {wanted}. Is the `return` missing?",)
    ),
    "returned_one": Sentence(RETURNED, ("{name} should return {wanted}; yours returns one {type}.",)),
    "returned_many": Sentence(RETURNED, ("{name} should return {wanted}; yours returns {count} things.",)),
    "is_none": Sentence(RETURNED, ("{quantity} is None; it should be an array. Is a `return` missing?",)),
    "not_an_array": Sentence(
        RETURNED, ("{quantity} should be an array of numbers; yours is of type {type}.",)
    ),
    "not_tensors": Sentence(RETURNED, ("{quantity} should be a list of tensors; yours is of type {type}.",)),
    "not_losses": Sentence(RETURNED, ("{quantity} should be a list or an array; yours is a {type}.",)),
    "wrong_shape": Sentence(
        RETURNED, ("{quantity} should have the shape of x, {shape}; yours has {found}.",)
    ),
    "not_one_row": Sentence(
        RETURNED, ("{quantity} should be one number for each update; yours have the shape {shape}.",)
    ),
    "not_a_list": Sentence(RETURNED, ("{name} should be a list of arrays; yours is of type {type}.",)),
    "not_pairs": Sentence(RETURNED, ("{name} should return {wanted}, a pair for each layer.",)),
    "one_array": Sentence(
        RETURNED,
        ("{name} should return {quantity} as a list; yours is one array of shape {shape}.",),
    ),
    "one_list": Sentence(RETURNED, ("{name} should return {wanted}; yours returns a list of arrays alone.",)),
    "another_shape": Sentence(
        RETURNED, ("{name} should return {wanted} of shape {shape}; yours has the shape {found}.",)
    ),
    "many_arrays": Sentence(
        RETURNED, ("{name} should return {wanted}, one array; yours returns a {type} of {count}.",)
    ),
    "not_a_dict": Sentence(
        RETURNED, ("{name} should return a dict of arrays by name; yours returns one {type}.",)
    ),
    "wrong_names": Sentence(
        RETURNED, ("{name} should return a dict with the names {wanted}; yours has {found}.",)
    ),
    "no_batches": Sentence(
        RETURNED,
        ("{name} should return a list of arrays; yours returned None. Is the `return` missing?",),
    ),
    "not_batches": Sentence(RETURNED, ("{name} should return a list of arrays; yours returned a {type}.",)),
    "no_floats": Sentence(RETURNED, ("{name} should return a list of floats; yours returned None.",)),
    "not_floats": Sentence(RETURNED, ("{name} should return a list of floats; yours returned one {type}.",)),
    "not_groups": Sentence(
        RETURNED, ("{name} should be a list of dicts, as an optimiser's is; yours is of type {type}.",)
    ),
    "group_names": Sentence(
        RETURNED, ("A group of {name} should have the names {wanted}; yours has {found}.",)
    ),
    "not_parameters": Sentence(
        RETURNED,
        ('"params" in a group of {name} should hold parameters of the model; yours holds another {type}.',),
    ),
    "read_once": Sentence(
        RETURNED, ('"params" in a group of {name} should be a list; yours, a {type}, can be read only once.',)
    ),
    # Of points of a search
    "not_points": Sentence(RETURNED, ("{name} should return a list of dicts; yours is of type {type}.",)),
    "not_a_point": Sentence(RETURNED, ("{quantity} should be a dict; yours is of type {type}.",)),
    "other_names": Sentence(
        RETURNED, ("{quantity} should have the names of the space, {wanted}; yours has {found}.",)
    ),
    # Of the notebook
    "missing_name": Sentence(
        MISSING, ("There is no {name} in the notebook: its cell is missing or did not run.",)
    ),
    "no_evidence": Sentence(
        MISSING, ("{name} could not be judged: the notebook gave no evidence of it.",), ours=True
    ),
    "unreadable": Sentence(MISSING, ("What the notebook gave of this case is no evidence.",), ours=True),
    "cell_failed": Sentence(MISSING, ("The cell {reason}.",), ours=True),
    "another_error": Sentence(RAISED, ("{name} ended with yet another error here.",), ours=True),
    "stopped": Sentence(RAISED, ("{name} {reason}.",), ours=True),
}


def _checked(name: str, value: Any) -> Value:
    if name not in WORDS:
        return VALUES[name](value)
    if value not in WORDS[name]:
        raise ValueError(f"{name} is one of {', '.join(WORDS[name])}")
    return str(value)


def _said(name: str, value: Value) -> str | int:
    if isinstance(value, Reading):
        return value.words
    return WORDS[name][str(value)] if name in WORDS else value


@dataclass(frozen=True)
class Problem:
    """Why the student's code could not go on with a case.

    Attributes:
        id: of ``SENTENCES``.
        values: what its sentence is made of; those that are too long are cut.

    Raises:
        ValueError: there is no such id, or it has other values.
    """

    id: str
    values: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.id not in SENTENCES:
            raise ValueError(f"there is no problem {self.id!r}")
        needed, allowed = SENTENCES[self.id].values()
        if not needed <= self.values.keys() <= allowed:
            raise ValueError(f"{self.id} has the values {', '.join(sorted(allowed))}")
        object.__setattr__(
            self, "values", {name: _checked(name, value) for name, value in self.values.items()}
        )

    @property
    def kind(self) -> str:
        return SENTENCES[self.id].kind

    @property
    def exception(self) -> str:
        """The exception's class name; empty where there was none."""
        return str(self.values.get("exception", ""))

    @property
    def sentence(self) -> str:
        """What happened and what to do next, one or two sentences."""
        said = {name: _said(name, value) for name, value in self.values.items()}
        pieces = SENTENCES[self.id].pieces
        return "".join(piece.format(**said) for piece in pieces if _fields(piece) <= said.keys())


# Under this reading stands how an earlier answer, or a class from which one inherits, ended before its time.
ENDED = Reading(0, "ended")


def ending(problem: Problem | None) -> float:
    """How a case ended, as a number: 0 where it ran to its end."""
    return float(zlib.crc32(f"{problem.kind} {problem.exception}".encode())) if problem else 0.0
