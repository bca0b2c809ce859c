"""From evidence to verdict: which properties hold, and what the first difference is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from course.exercise import (
    Case,
    Difference,
    Evidence,
    Exercise,
    Misconception,
    PropertyVerdict,
    Verdict,
)
from course.judging.difference import first_difference, right_in_float32
from course.judging.earlier import is_right_alone, remark
from course.judging.follow import difference_followed, may_follow
from course.judging.forms import formed, misshapen
from course.judging.ignored import ignored
from course.judging.mistakes import Explanation, recognise, trace
from course.judging.nearly import nearly_right
from course.judging.pairs import Explain
from course.judging.raised import raised
from course.judging.relations import related
from course.judging.statements import stated
from course.judging.where import only_where
from course.problems import SIGNATURE, Problem

# Characters that all the errors in one report may take: several different ones, each with its message and its
# line. A report has no room for what a process of the student's could say of every case that it is sent.
ERRORS_LIMIT = 1200

# Names what an answer did by other cases, or part by part; see ``course.judging.slips``.
NameSlips = Callable[[], tuple[Misconception, ...]]


class _Failure(NamedTuple):
    case: Case
    found: Evidence
    should: Evidence
    difference: Difference

    @property
    def is_rounded(self) -> bool:
        return right_in_float32(self.found, self.should)

    @property
    def rank(self) -> tuple[bool, int]:
        """The lowest is shown: what says the cause of the others, and of the rest the smallest case."""
        problem, reading = self.found.problem, self.difference.reading
        tells = problem.kind == SIGNATURE if problem else reading is not None and reading.is_input
        return not tells, self.case.size


def judge(
    exercise: Exercise,
    cases: Sequence[Case],
    observed: Sequence[Evidence],
    expected: Sequence[Evidence],
    mistakes: Sequence[Explanation] = (),
    pairs: Explain | None = None,
    slips: NameSlips | None = None,
) -> Verdict:
    """The verdict on one implementation.

    Args:
        cases, observed, expected: one entry a case, in the same order.
        mistakes: the known mistakes, as evidence on the same cases; see ``course.judging.mistakes``.
        pairs: what two of them do at once; see ``course.judging.pairs``.
        slips: asked where neither explains the evidence.

    Raises:
        ValueError: cases, observed and expected are not equally many.
    """
    if _is_left(observed):
        return not_attempted(exercise)
    failed = _failed(exercise, cases, observed, expected)
    # A float32 shows nearly everywhere, also where it costs nothing because all that follows is right from
    # there; a small mistake, in a default for one, where that counts alone.
    single = 2 * sum(failure.is_rounded for failure in failed) >= len(cases)
    blames_earlier = _blames_earlier(exercise, failed)
    if blames_earlier:
        failed = [failure for failure in failed if not is_right_alone(exercise, failure.case, failure.found)]
    # Where all that tells is right, an answer stands where it should: what fails is wrong for its own reason.
    stands_elsewhere = any(exercise.property_of(failure.case).telling for failure in failed)
    follows = (stands_elsewhere or blames_earlier) and may_follow(exercise, cases, observed, expected)
    failures: dict[str, list[_Failure]] = {}
    for failure in _not_followed(exercise, failed) if follows else failed:
        failures.setdefault(failure.case.property, []).append(failure)
    properties = tuple(_properties(exercise, failures, single))
    named: tuple[Misconception, ...] = ()
    if failures and not blames_earlier:
        # An answer's numbers may be none that can be counted with.
        with np.errstate(all="ignore"):
            named = recognise(trace(observed, expected), mistakes, pairs) or (slips() if slips else ())
            if not named or not all(entry.sure for entry in named):
                named = _seen(exercise, failed, cases) or named or _limited(exercise, failed, cases)
    return Verdict(exercise.id, properties, misconceptions=named)


def may_be_named(
    exercise: Exercise, cases: Sequence[Case], observed: Sequence[Evidence], expected: Sequence[Evidence]
) -> bool:
    """Whether a verdict may name what is wrong: something is, and no earlier answer is to blame for it.

    Args:
        cases, observed, expected: those of ``judge``.
    """
    failed = [] if _is_left(observed) else _failed(exercise, cases, observed, expected)
    return bool(failed) and not _blames_earlier(exercise, failed)


def _is_left(observed: Sequence[Evidence]) -> bool:
    """Whether the exercise was left as it was handed out."""
    return all(entry.problem and entry.problem.id == "not_written" for entry in observed)


def _failed(
    exercise: Exercise, cases: Sequence[Case], observed: Sequence[Evidence], expected: Sequence[Evidence]
) -> list[_Failure]:
    return [
        _Failure(case, found, should, difference)
        for case, found, should in zip(cases, observed, expected, strict=True)
        if (difference := first_difference(exercise, exercise.property_of(case), case, found, should))
    ]


def _seen(exercise: Exercise, failed: Sequence[_Failure], cases: Sequence[Case]) -> tuple[Misconception, ...]:
    """What the evidence itself says, of an answer that does what no known mistake does."""
    shown = [failure[:3] for failure in failed]
    passed = _passed(failed, cases)
    if facts := stated(exercise, shown):
        return facts
    found = (
        raised(exercise, shown, passed)
        or formed(exercise, shown)
        or ignored(exercise, shown, passed)
        or related(exercise, shown)
        or misshapen(exercise, shown)
    )
    return (found,) if found else ()


def _limited(
    exercise: Exercise, failed: Sequence[_Failure], cases: Sequence[Case]
) -> tuple[Misconception, ...]:
    """At least, how far all is right, or what the failing cases have in common."""
    if near := nearly_right(exercise, [failure[:3] for failure in failed]):
        return (near,)
    where = only_where(exercise, [failure.case for failure in failed], _passed(failed, cases))
    hint = "Every other case is right."
    return (
        (Misconception("seen_where", f"a slip that shows only where {where}", hint, False),) if where else ()
    )


def _passed(failed: Sequence[_Failure], cases: Sequence[Case]) -> list[Case]:
    wrong = {id(failure.case) for failure in failed}
    return [case for case in cases if id(case) not in wrong]


def _not_followed(exercise: Exercise, failed: Sequence[_Failure]) -> Iterator[_Failure]:
    """Those that are wrong for their own reason, with the difference that shows it."""
    for failure in failed:
        case, found, should, _ = failure
        entry = exercise.property_of(case)
        # What an earlier answer broke is judged without it: what tells and still fails is what is wrong.
        own = should if exercise.uses and entry.telling else None
        difference = difference_followed(exercise, entry, case, found, should, own)
        if difference:
            yield failure._replace(difference=difference)


def _blames_earlier(exercise: Exercise, failed: Sequence[_Failure]) -> bool:
    """Whether an earlier answer is wrong on a case that fails: that is then what explains it."""
    return any(
        remark(exercise, failure.case, failure.found) and not exercise.is_judged_alone(failure.found)
        for failure in failed
    )


def _properties(
    exercise: Exercise, failures: Mapping[str, list[_Failure]], single: bool
) -> Iterator[PropertyVerdict]:
    """Each property with the difference of one failing case, the easiest to follow by hand."""
    errors: set[str] = set()
    for entry in exercise.properties:
        if entry.id not in failures:
            yield PropertyVerdict(entry)
            continue
        failure = min(failures[entry.id], key=lambda failure: failure.rank)
        case, found, should, difference = failure
        if single and failure.is_rounded:
            difference = first_difference(exercise, entry, case, found, should, single) or difference
        if found.problem:
            errors.add(found.problem.sentence)
            if sum(map(len, errors)) > ERRORS_LIMIT:
                errors.remove(found.problem.sentence)
                cut = replace(found, problem=Problem("another_error", {"name": exercise.id}))
                difference = first_difference(exercise, entry, case, cut, should) or difference
        note = f"{difference.note} {remark(exercise, case, found)}".strip()
        yield PropertyVerdict(entry, replace(difference, note=note))


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
