"""From evidence to verdict: which properties hold, and what the first difference is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from course.exercise import Case, Difference, Evidence, Exercise, PropertyVerdict, Verdict
from course.judging.difference import first_difference
from course.judging.earlier import remark
from course.judging.mistakes import Explanation, recognise, trace
from course.judging.pairs import Explain


def judge(
    exercise: Exercise,
    cases: Sequence[Case],
    observed: Sequence[Evidence],
    expected: Sequence[Evidence],
    mistakes: Sequence[Explanation] = (),
    pairs: Explain | None = None,
) -> Verdict:
    """The verdict on one implementation.

    Args:
        cases, observed, expected: one entry a case, in the same order.
        mistakes: the known mistakes, as evidence on the same cases; see ``course.judging.mistakes``.
        pairs: what two of them do at once; see ``course.judging.pairs``.

    Raises:
        ValueError: cases, observed and expected are not equally many.
    """
    if all(entry.problem and entry.problem.id == "not_written" for entry in observed):
        return not_attempted(exercise)
    failures: dict[str, list[tuple[Case, Evidence, Difference]]] = {}
    for case, found, should in zip(cases, observed, expected, strict=True):
        difference = first_difference(exercise, exercise.property_of(case), case, found, should)
        if difference:
            failures.setdefault(case.property, []).append((case, found, difference))
    properties = tuple(
        PropertyVerdict(entry, _shown(exercise, failures[entry.id]) if entry.id in failures else None)
        for entry in exercise.properties
    )
    named = recognise(trace(observed, expected), mistakes, pairs) if failures else ()
    return Verdict(exercise.id, properties, misconceptions=named)


def _shown(exercise: Exercise, failed: list[tuple[Case, Evidence, Difference]]) -> Difference:
    """The difference of the smallest failing case, which is the easiest to follow by hand."""
    case, found, difference = min(failed, key=lambda entry: entry[0].size)
    return replace(difference, note=f"{difference.note} {remark(exercise, case, found)}".strip())


def not_attempted(exercise: Exercise) -> Verdict:
    """The verdict on an exercise that was left as it was handed out."""
    return _no_points(exercise, "Not attempted yet.", attempted=False)


def not_reached(exercise: Exercise, sentence: str) -> Verdict:
    """The verdict on an exercise that could not be judged, for a reason outside of it."""
    return _no_points(exercise, sentence, attempted=True)


def _no_points(exercise: Exercise, sentence: str, attempted: bool) -> Verdict:
    nothing = Difference(None, sentence)
    return Verdict(
        exercise.id, tuple(PropertyVerdict(entry, nothing) for entry in exercise.properties), attempted
    )
