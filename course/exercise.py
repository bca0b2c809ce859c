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
import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np

from course.formulas import Where
from course.problems import ENDED, Problem, ending
from course.readings import Reading

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

    @builtins.property  # in this class `property` is the case's
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


@dataclass(frozen=True)
class Evidence:
    """What an implementation did on one case, in the order in which it happened.

    Attributes:
        readings: for each step and each quantity, a copy of its array.
        problem: why the readings stop early; None when the case ran to its end.
    """

    readings: Mapping[Reading, np.ndarray]
    problem: Problem | None = None

    def beside(self, other: Evidence) -> Evidence:
        """With the readings of another that are not the exercise's own; what is here stays as it is."""
        aside = {key: array for key, array in other.readings.items() if key.earlier}
        return replace(self, readings={**self.readings, **aside})


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
        looks_at: the ids of the readings that it is about, where a wrong value elsewhere is another
            property's affair; all of them when empty.
        telling: whether being right on its cases takes a formula of the exercise: neither the inputs
            handed back nor constants are right there. See ``course.judging.follow``.
    """

    id: str
    name: str
    points: float = 0.0
    rtol: float = 1e-10
    atol: float = 1e-12
    looks_at: frozenset[str] = frozenset()
    telling: bool = False

    def worth(self, points: float, *, rtol: float | None = None, atol: float | None = None) -> Property:
        """The same property with points, and where they are given with tolerances of its own."""
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
        sure: False where it explains most of the evidence, and not all.
    """

    id: str
    name: str
    hint: str
    sure: bool = True


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
        misconceptions: the known mistakes that explain the evidence together: none, one, or two.
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
class Uses:
    """An earlier exercise whose answer the student's code uses: judged with that as it is, and saying so.

    The probe writes down what the earlier answer does on the same inputs, under its own name; whether that
    is right is told from it where the oracle is, by ``course.judging.earlier``.

    Attributes:
        earlier: the earlier exercise.
        as_case: what a case of the exercise comes to for the earlier one; None where it is not tried on it.
        found_by: the earlier answer, from the student's object and the earlier exercise's id; None where
            the object does not use it. ``course.families.earlier`` has three ways.
        said: what a failing case adds where the earlier answer is wrong.
        without: around calls of the student's object, puts a stand-in in the place of the earlier answer;
            ``course.families.earlier`` has two ways.
    """

    earlier: Exercise
    as_case: Callable[[Case], Case | None]
    found_by: Callable[[Any, str], Any]
    said: str
    without: Callable[[Any], AbstractContextManager[None]] | None = None

    def witness(self, student_object: Any, case: Case) -> dict[Reading, np.ndarray]:
        """What the student's earlier answer does on a case, under names to be put beside the evidence."""
        answer = self.found_in(student_object)
        smaller = None if answer is None else self.as_case(case)
        if smaller is None:
            return {}
        # Not its probe: what the earlier answer uses in turn is a witness of its own.
        evidence = self.earlier.observe(answer, smaller)
        readings = dict(evidence.readings)
        if evidence.problem:
            readings[ENDED] = np.array(ending(evidence.problem))
        return {self.named(reading): array for reading, array in readings.items()}

    def found_in(self, student_object: Any) -> Any:
        """The student's earlier answer, or None."""
        try:
            return self.found_by(student_object, self.earlier.id)
        except Exception:
            return None  # an object that raises when it is looked at

    def named(self, reading: Reading) -> Reading:
        """A reading of the earlier exercise as it stands among those of this one."""
        return reading._replace(earlier=self.earlier.id)


@dataclass(frozen=True)
class Exercise(ABC):
    """One exercise of a lesson. Families of exercises implement ``observe``; see ``course.families``.

    Attributes:
        id: the name of the function or class to write, and of its solution cell.
        signature: as the student should have written it, for messages.
        properties: what is judged, in the order in which the report shows it.
        look_at: where the lesson says how a quantity is computed, by the reading's id:
            ``{"m": "formula (1)"}``, or a function of the case, see ``course.formulas``.
        float32: whether it may be given float32 arrays too, and then answer in their precision. Not where
            the exercise makes float64 arrays of its own, and not where it divides by a standard deviation
            that may be next to nothing, which magnifies rounding.
        uses: the earlier exercises whose answers the student's code uses, in the order of their calls.
    """

    id: str
    signature: str
    properties: tuple[Property, ...]
    look_at: Mapping[str, Where] = field(default_factory=dict)
    float32: bool = False
    uses: tuple[Uses, ...] = ()

    @cached_property
    def defaults(self) -> dict[str, Any]:
        """The arguments that have a default in ``signature``, and what it is."""
        return {entry.name: entry.default for entry in self._parameters if entry.default is not entry.empty}

    @cached_property
    def argument_names(self) -> tuple[str, ...]:
        """The names of the arguments in ``signature``."""
        return tuple(entry.name for entry in self._parameters)

    @cached_property
    def _parameters(self) -> list[inspect.Parameter]:
        namespace: dict[str, Any] = {}
        exec(f"def written{self.signature}: ...", namespace)
        return list(inspect.signature(namespace["written"]).parameters.values())

    @property
    def optional(self) -> frozenset[str]:
        """The names of the arguments that have a default in ``signature``."""
        return frozenset(self.defaults)

    def where(self, case: Case, reading: Reading) -> str:
        """What a failing case points to for a quantity: "formulas (3) and (4)"; may be empty."""
        where = self.look_at.get(reading.id, "")
        if isinstance(where, str):
            return where
        given = {**case.inputs, **case.inputs.get("given", {}), **case.inputs.get("hyper", {})}
        return where(case.property, reading, given)

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
        secret seed. Every property of the exercise has at least one case at either level, and at least
        one graded case that no seed shares with another.
        """

    def probe(self, student_object: Any, case: Case) -> Evidence:
        """Run the student's function or class on one case and write down every step.

        After the readings of ``observe`` come those of ``aside``, which only tell why a case fails: of many
        cases they are asked for where one does, see ``course.cases.probed``.

        Never raises for what the student's code does: that becomes ``Evidence.problem``.
        """
        observed = self.observe(student_object, case)
        return observed.beside(self.aside(student_object, case, observed))

    def aside(self, student_object: Any, case: Case, observed: Evidence) -> Evidence:
        """What the object does beside a case: why it fails there, and what is right from where it stands.

        The readings are those of the earlier answers that the object uses, of the object with stand-ins in
        their place, and of the object in a plainer situation; all under names of their own.

        Args:
            observed: what it did on the case itself.
        """
        readings: dict[Reading, np.ndarray] = {}
        for used in self.uses:
            readings |= used.witness(student_object, case)
        found = self.observe_alone(student_object, case)
        if found and not found.problem:  # what did not come to its end is not right, and says nothing
            readings |= {self.alone(key): array for key, array in found.readings.items()}
        plainer = self.observe_plainer(student_object, case, observed) if self.has_plainer(case) else {}
        # Computed with arrays without axes, they come out as numbers, which do not cross to the grader.
        readings |= {self.own(reading): np.asarray(array) for reading, array in plainer.items()}
        return Evidence(readings)

    def observe_alone(self, student_object: Any, case: Case) -> Evidence | None:
        """What the object does with stand-ins for the earlier answers; None where it uses none."""
        apart = self.apart(case)
        if apart is None or all(used.found_in(student_object) is None for used in self.uses):
            return None
        with ExitStack() as stand_ins:
            for used in self.uses:
                if used.without:
                    stand_ins.enter_context(used.without(student_object))
            return self.observe(student_object, apart)

    def own(self, reading: Reading) -> Reading:
        """The name under which the evidence holds what the object does in a plainer situation."""
        return reading._replace(earlier=self.id)

    def alone(self, reading: Reading) -> Reading:
        """The name under which the evidence holds what the object does with stand-ins for earlier answers."""
        return reading._replace(earlier=f"{self.id}, alone")

    def apart(self, case: Case) -> Case | None:
        """The case with stand-ins for the earlier answers, None where the exercise has none; see ``Uses``.

        Its inputs say ``apart``: then ``oracle`` calls the stand-ins itself.
        """
        if not any(used.without for used in self.uses):
            return None
        return replace(case, inputs={**case.inputs, "apart": True})

    def is_judged_alone(self, observed: Evidence) -> bool:
        """Whether something right took the place of a wrong earlier answer in the evidence itself."""
        return False

    @abstractmethod
    def observe(self, student_object: Any, case: Case) -> Evidence:
        """What ``probe`` writes down of the object itself."""

    @abstractmethod
    def oracle(self, case: Case) -> Evidence:
        """The readings of ``observe`` from PyTorch, in the order of the formulas."""

    def has_plainer(self, case: Case) -> bool:
        """Whether ``observe_plainer`` is asked of a case; what stands under its names elsewhere is forged."""
        return True

    def observe_plainer(
        self, student_object: Any, case: Case, observed: Evidence
    ) -> Mapping[Reading, np.ndarray]:
        """What the object should have done on a case by what it does itself in a plainer situation.

        An array of epochs gives what one epoch after the other gives; weight decay gives what the same class
        gives without it for the gradient plus the decay. So it shows whether an answer adds rightly to what
        may be wrong elsewhere. Under the names of ``observe``; nothing where no situation is plainer.
        """
        return {}

    def follow(self, case: Case, observed: Evidence, expected: Evidence) -> Evidence:
        """What a right implementation would have done from where this one stands.

        It takes the place of ``expected`` where the answer is wrong for another reason than the case's own;
        see ``course.judging.follow``. Exercises whose evidence shows an intermediate result go on from that
        with PyTorch; the rest go by ``observe_plainer``.
        """
        if self.property_of(case).telling or not self.has_plainer(case):
            return expected  # the formula itself is compared with PyTorch's
        own = {
            reading: observed.readings.get(self.own(reading), array)
            for reading, array in expected.readings.items()
        }
        return Evidence(own)

    def shown(self, case: Case, reading: Reading, value: float) -> str:
        """A number of the evidence as a message says it, where it stands for something; empty where not."""
        return ""

    def starts_from(self, case: Case, reading: Reading) -> np.ndarray | None:
        """What a quantity was before the first step, where how far it came tells more than where it is."""
        return None

    def remark(self, used: Uses, observed: Evidence) -> str:
        """What a failing case adds where an earlier answer, which the student's code uses, is wrong on it."""
        return used.said
