"""The words of the whole project: case, evidence, property, exercise, verdict.

An exercise is judged in four steps, and each step knows nothing of the others:

1. ``Exercise.cases`` makes inputs: plain arrays and numbers.
2. ``Exercise.probe`` calls the student's code on one case and writes down what it did: the evidence.
3. ``Exercise.oracle`` does the same with PyTorch.
4. ``course.judging.judge.judge`` compares the two and gives a verdict.

Steps 1, 3 and 4 run where they can be trusted; step 2 runs where the student's code runs.
"""

from __future__ import annotations

import builtins
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

import numpy as np

from course.problems import Problem

Level = Literal["public", "graded"]


@dataclass(frozen=True)
class Case:
    """One set of inputs that an exercise is tried on.

    Attributes:
        property: id of the property that the case belongs to.
        inputs: what the probe and the oracle need: float64 arrays, numbers, strings, None, and
            lists and string-keyed dicts of these. Nothing else crosses to the student's process.
        note: what is special about the case, ready to follow "with": "eps = 0.001".
    """

    property: str
    inputs: Mapping[str, Any]
    note: str = ""

    @builtins.property
    def size(self) -> int:
        """How many array elements the inputs hold: the smallest failing case is shown first."""
        return _count_elements(self.inputs)


def _count_elements(value: Any) -> int:
    if isinstance(value, np.ndarray):
        return value.size
    if isinstance(value, Mapping):
        return sum(_count_elements(item) for item in value.values())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return sum(_count_elements(item) for item in value)
    return 0


class Reading(NamedTuple):
    """Names one array of the evidence: which quantity, after which step.

    ``step`` counts from 1; 0 means that the exercise has no steps.
    """

    step: int
    name: str


@dataclass(frozen=True)
class Evidence:
    """What an implementation did on one case, in the order in which it happened.

    Attributes:
        readings: for each step and each quantity, a copy of its array.
        problem: why the readings stop early; None when the case ran to its end.
    """

    readings: Mapping[Reading, np.ndarray]
    problem: Problem | None = None


@dataclass(frozen=True)
class Property:
    """Something a right implementation does, and its worth.

    Families and lessons name what they judge once; an exercise says with ``worth`` what it gives for it.

    Attributes:
        id: what code, JSON and tests know it by: ``"five_steps"``; no two of an exercise are the same.
        name: as the report shows it: "five steps with changing gradients".
        points: what passing every case of the property is worth.
        rtol: relative tolerance; a larger one than the default needs its reason beside it.
        atol: absolute floor for values near zero.
    """

    id: str
    name: str
    points: float = 0.0
    rtol: float = 1e-10
    atol: float = 1e-12

    def worth(self, points: float, rtol: float | None = None, atol: float | None = None) -> Property:
        """The same property with points, and with tolerances of its own where they are given."""
        return replace(
            self,
            points=points,
            rtol=self.rtol if rtol is None else rtol,
            atol=self.atol if atol is None else atol,
        )


@dataclass(frozen=True)
class Misconception:
    """A known way to get an exercise wrong.

    Attributes:
        id: ``"no_bias_correction"``.
        name: one line: "the bias correction is missing".
        hint: points to the formula and never gives the code.
    """

    id: str
    name: str
    hint: str


@dataclass(frozen=True)
class Difference:
    """The first place where the evidence and the oracle part.

    Attributes:
        reading: the step and the quantity.
        sentence: what was expected, what came, and where to look.
        note: what is special about the case, in a sentence; may be empty.
        expected, found: the quantity's trajectory, one number a step, for the small figure; empty
            where there is none to draw.
    """

    reading: Reading | None
    sentence: str
    note: str = ""
    expected: tuple[float, ...] = ()
    found: tuple[float, ...] = ()


@dataclass(frozen=True)
class PropertyVerdict:
    """Whether one property holds; ``difference`` is None exactly when it does."""

    property: Property
    difference: Difference | None = None

    @builtins.property
    def passed(self) -> bool:
        return self.difference is None

    @builtins.property
    def message(self) -> str:
        return f"{self.difference.sentence} {self.difference.note}".strip() if self.difference else ""


@dataclass(frozen=True)
class Verdict:
    """The judgement of one exercise: the score is the sum of the properties that hold.

    Attributes:
        misconceptions: the known mistakes that explain all of the evidence together: none, one, or two.
    """

    exercise: str
    properties: tuple[PropertyVerdict, ...]
    attempted: bool = True
    misconceptions: tuple[Misconception, ...] = ()

    @property
    def score(self) -> float:
        return round(sum((entry.property.points for entry in self.properties if entry.passed), 0.0), 6)

    @property
    def max_score(self) -> float:
        return round(sum((entry.property.points for entry in self.properties), 0.0), 6)


@dataclass(frozen=True)
class Exercise(ABC):
    """One exercise of a lesson. Families of exercises implement ``probe``; see ``course.families``.

    Attributes:
        id: the name of the function or class to write, and of its solution cell.
        signature: as the student should have written it, for messages.
        properties: what is judged, in the order in which the report shows it.
        look_at: where the lesson says how a quantity is computed, by the reading's name:
            ``{"m": "formula (1)"}``.
        float32: whether it may be given float32 arrays too, and then answer in their precision. Not where
            the exercise makes float64 arrays of its own, and not where it divides by a standard deviation
            that may be next to nothing, which magnifies rounding.
    """

    id: str
    signature: str
    properties: tuple[Property, ...]
    look_at: Mapping[str, str] = field(default_factory=dict)
    float32: bool = False

    @property
    def points(self) -> float:
        return round(sum(entry.points for entry in self.properties), 6)

    def property_of(self, case: Case) -> Property:
        """The property that a case belongs to; raises KeyError where the exercise has none of that id."""
        return {entry.id: entry for entry in self.properties}[case.property]

    def judges(self, judged: Property) -> bool:
        """Whether the exercise gives points for a property of its family."""
        return judged.id in {entry.id for entry in self.properties}

    @abstractmethod
    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        """Inputs to try the exercise on, smallest first within a property.

        ``public`` cases are what students run; ``graded`` ones are more and harsher, drawn from a
        secret seed. Every property of the exercise has at least one case at either level.
        """

    @abstractmethod
    def probe(self, student_object: Any, case: Case) -> Evidence:
        """Run the student's function or class on one case and write down every step.

        Never raises for what the student's code does: that becomes ``Evidence.problem``.
        """

    @abstractmethod
    def oracle(self, case: Case) -> Evidence:
        """The same readings from PyTorch. The order of the readings is the order of the formulas."""

    def remark(self, case: Case, observed: Evidence) -> str:
        """What else to say about a failing case: that an earlier function it builds on is wrong, say."""
        return ""
