"""A question as data: what can be answered, and what is said to an answer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from numbers import Real

Guess = float | str


@dataclass(frozen=True)
class Prediction:
    """What students guess before a figure shows it. Its question stands in the lesson's text.

    Attributes:
        id: its name in ``predict`` and ``reveal``; no two of the course have the same.
        answer: what the reference solution finds, for those who read a class's guesses.
        choices: the answers that there are; empty where a number is guessed.
        unit: what a number counts, as it follows the number: "steps", or "%".
    """

    id: str
    answer: Guess
    choices: tuple[str, ...] = ()
    unit: str = ""

    @property
    def wanted(self) -> str:
        """What a guess has to be, ready to follow "Write"."""
        if self.choices:
            return "one of " + ", ".join(f'"{choice}"' for choice in self.choices)
        return f"a number ({self.unit})" if self.unit else "a number"

    def read(self, guess: object) -> Guess | None:
        """The guess as it is kept; None where it can't be one."""
        if not self.choices:
            return _number(guess)
        known = {choice.casefold(): choice for choice in self.choices}
        return known.get(guess.strip().casefold()) if isinstance(guess, str) else None

    def said(self, value: Guess) -> str:
        """A guess, or what was found, as a sentence shows it."""
        if isinstance(value, str):
            return f'"{value}"'
        if not math.isfinite(value):  # what answers that are not right yet lead to
            return "no finite number"
        blank = "" if self.unit.startswith("%") else " "
        return f"{_short(value)}{blank}{self.unit}".rstrip()


@dataclass(frozen=True)
class Question:
    """One question of a quiz. Its text and its choices stand in the lesson.

    Attributes:
        id: its name in ``quiz``; no two of the course have the same.
        right: the letter of the right choice, or a number.
        because: what is said to the right answer.
        wrong: what is said to each wrong choice, by its letter; of numbers, to those that are usual.
        otherwise: what is said to any other number.
        rtol: how far a number may be off, relative to ``right``.
    """

    id: str
    right: Guess
    because: str
    wrong: Mapping[Guess, str] = field(default_factory=dict)
    otherwise: str = ""
    rtol: float = 0.01

    @property
    def wanted(self) -> str:
        """What an answer has to be, ready to follow "Answer with"."""
        if not isinstance(self.right, str):
            return "a number"
        letters = sorted(f'"{letter}"' for letter in (self.right, *self.wrong))
        return f"{', '.join(letters[:-1])} or {letters[-1]}"

    def response(self, answer: object) -> str:
        """What is said to an answer: right or not, and why."""
        if isinstance(self.right, str):
            given = answer.strip().strip("().").casefold() if isinstance(answer, str) else None
            if given == self.right:
                return f"Right. {self.because}"
            if given is not None and given in self.wrong:
                return f"Not quite. {self.wrong[given]}"
        elif (number := _number(answer)) is not None:
            if math.isclose(number, float(self.right), rel_tol=self.rtol):
                return f"Right. {self.because}"
            for usual, why in self.wrong.items():
                if isinstance(usual, float | int) and math.isclose(number, usual, rel_tol=self.rtol):
                    return f"Not quite. {why}"
            return f"Not quite. {self.otherwise}"
        return f"{answer!r} can't be an answer here. Answer with {self.wanted}."


def _number(value: object) -> float | None:
    """Python's and NumPy's numbers; no truth value, nothing infinite."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    return float(value) if math.isfinite(value) else None


def _short(value: float) -> str:
    """At most three digits of a number that is no whole one."""
    return f"{value:,.0f}" if value == round(value) and abs(value) < 1e6 else f"{value:.3g}"
