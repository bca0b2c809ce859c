"""Lesson 14: what the two exercises share whose answer is a list of points, each a dict by name."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict, cast

import numpy as np

from course.exercise import Case, Evidence, Exercise, Property
from course.families.recorder import Recorder
from course.readings import Reading

EDGES_ID = "edges"
OWN = Property(
    "own",
    "each point is a dict of its own, the space stays as it is",
    looks_at=frozenset({"point_count", "space_changed", "dict_shared"}),
)

POINT_COUNT = Reading(0, "point_count")

# More points than this are counted and not looked at: no case has as many.
POINTS_LIMIT = 200


class Search(TypedDict):
    """The inputs of a case.

    space: by name the values, or how one is drawn: a list, whose first entry is the kind.
    n, seed: how many points are drawn, by ``np.random.default_rng(seed)``; where there is a generator.
    counted: how often each combination occurs is written down, in place of the points in their order.
    next_draw: what the generator draws next is written down too.
    """

    space: dict[str, list[Any]]
    n: NotRequired[int]
    seed: NotRequired[int]
    counted: NotRequired[bool]
    next_draw: NotRequired[bool]


class PointsExercise(Exercise):
    """A function from a space to points; the evidence is each value of each point.

    A value that is one of a list is written down as its place there: it may be a text.
    """

    @abstractmethod
    def choices(self, domain: Sequence[Any]) -> Sequence[Any] | None:
        """The values that a name chooses among; None where it takes numbers of a range."""

    @abstractmethod
    def handed(self, domain: Sequence[Any]) -> Any:
        """What a name stands for in the space as the student's function gets it, new each time."""

    @abstractmethod
    def expected(self, inputs: Search, rng: np.random.Generator | None) -> list[dict[str, Any]]:
        """PyTorch's points; a value that is one of a list as its place there."""

    def observe(self, student_object: Any, case: Case) -> Evidence:
        recorder, inputs = Recorder(self.id, self.signature), cast(Search, case.inputs)
        with recorder.running():
            space, before = self._space(inputs), self._space(inputs)
            rng = _rng(inputs)
            drawn = [] if rng is None else [inputs["n"], rng]
            points = self._as_points(recorder, recorder.call(student_object, space, *drawn), list(before))
            places = [
                {name: self._place(domain, point[name]) for name, domain in inputs["space"].items()}
                for point in points[:POINTS_LIMIT]
            ]
            changed = list(space.items()) != list(before.items())
            shared = len({id(point) for point in points}) < len(points)
            self._record(recorder, inputs, len(points), places, changed, shared)
            self._record_draw(recorder, inputs, rng)
        return recorder.evidence()

    def oracle(self, case: Case) -> Evidence:
        recorder, inputs = Recorder(self.id, self.signature), cast(Search, case.inputs)
        rng = _rng(inputs)
        points = self.expected(inputs, rng)
        self._record(recorder, inputs, len(points), points, False, False)
        self._record_draw(recorder, inputs, rng)
        return recorder.evidence()

    def follow(self, case: Case, observed: Evidence, expected: Evidence) -> Evidence:
        """Of any two points or more it shows whether they are dicts of their own."""
        count = observed.readings.get(POINT_COUNT)
        if case.property != OWN.id or count is None or count < 2:
            return super().follow(case, observed, expected)
        return Evidence({**expected.readings, POINT_COUNT: count})

    def shown(self, case: Case, reading: Reading, value: float) -> str:
        domain = case.inputs["space"].get(reading.of)
        values = self.choices(domain) if reading.id == "point" and domain else None
        if values is None:
            return ""
        return repr(values[int(value)]) if 0 <= value < len(values) else "none of its values"

    def _space(self, inputs: Search) -> dict[str, Any]:
        return {name: self.handed(domain) for name, domain in inputs["space"].items()}

    def _as_points(self, recorder: Recorder, returned: Any, names: list[str]) -> list[dict[str, Any]]:
        if returned is None:
            recorder.stop("returned_none", name=self.id, wanted="a list of points")
        if not isinstance(returned, (list, tuple)):
            recorder.stop("not_points", name=self.id, type=type(returned).__name__)
        for place, point in enumerate(returned):
            if not isinstance(point, dict):
                recorder.stop("not_a_point", quantity=_point(place), type=type(point).__name__)
            if point.keys() != set(names):
                wanted, found = _listed(names), _listed(point)
                recorder.stop("other_names", quantity=_point(place), wanted=wanted, found=found)
        return list(returned)

    def _place(self, domain: Sequence[Any], value: Any) -> Any:
        values = self.choices(domain)
        if values is None:
            return value
        # True equals 1, and an array equals nothing at all.
        equal = (place for place, each in enumerate(values) if _same(each, value))
        return float(next(equal, -1))

    def _record(
        self,
        recorder: Recorder,
        inputs: Search,
        count: int,
        points: Sequence[Mapping[str, Any]],
        changed: bool,
        shared: bool,
    ) -> None:
        recorder.record(0, "space_changed", changed)
        recorder.record(0, "point_count", count)
        if inputs.get("counted"):
            lengths = [len(self.choices(domain) or ()) for domain in inputs["space"].values()]
            counts = np.zeros(lengths)
            for point in points:
                if -1.0 not in point.values():
                    counts[tuple(map(int, point.values()))] += 1.0
            recorder.record(0, "combinations", counts)
        else:
            for place, point in enumerate(points):
                for name, value in point.items():
                    array = recorder.record(0, "point", value, (place,), of=name)
                    self.record_kind(recorder, inputs["space"][name], name, place, array)
        recorder.record(0, "dict_shared", shared)

    def record_kind(
        self, recorder: Recorder, domain: Sequence[Any], name: str, place: int, array: np.ndarray
    ) -> None:
        """Write down whether a value is of the kind that it should be of, where that is judged."""

    def _record_draw(self, recorder: Recorder, inputs: Search, rng: np.random.Generator | None) -> None:
        if rng is not None and inputs.get("next_draw"):
            recorder.record(0, "next_draw", rng.random())


def _rng(inputs: Search) -> np.random.Generator | None:
    return np.random.default_rng(inputs["seed"]) if "seed" in inputs else None


def _point(place: int) -> Reading:
    return Reading(0, "whole_point", (place,))


def _listed(names: Any) -> str:
    return ", ".join(map(str, names)) or "none"


def _same(one: Any, other: Any) -> bool:
    return isinstance(other, (str, int, float, np.generic)) and bool(one == other)
