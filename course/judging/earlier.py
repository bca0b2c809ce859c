"""Whether the student's earlier answers, with which an exercise was judged, are right themselves."""

from __future__ import annotations

from course.exercise import Case, Evidence, Exercise, Uses
from course.judging.difference import first_difference
from course.problems import ENDED


def remark(exercise: Exercise, case: Case, observed: Evidence) -> str:
    """What to add to a failing case: that an earlier answer, which the student's code uses, is wrong on it.

    Of the first of ``exercise.uses`` alone; "" where all are right, or where one is not written yet, which
    the evidence's own problem says.
    """
    for used in exercise.uses:
        if _not_written(used.earlier, observed):
            return ""
        if _is_wrong(used, case, observed):
            return exercise.remark(used, observed)
    return ""


def is_right_alone(exercise: Exercise, case: Case, observed: Evidence) -> bool:
    """Whether the student's code does on this case, with stand-ins for earlier answers, what it should.

    PyTorch's results with the same stand-ins are what it is compared with, so that there is nothing in it to
    forge: who has these right has written the exercise.
    """
    apart = exercise.apart(case)
    if apart is None:
        return False
    expected = exercise.oracle(apart)
    own = {
        reading: observed.readings[exercise.alone(reading)]
        for reading in expected.readings
        if exercise.alone(reading) in observed.readings
    }
    judged = exercise.property_of(case)
    return first_difference(exercise, judged, apart, Evidence(own), expected) is None


def _not_written(earlier: Exercise, observed: Evidence) -> bool:
    """Whether the case ended at the stub of an earlier exercise."""
    stub = observed.problem.values.get("stub", "") if observed.problem else ""
    return str(stub).partition(".")[0] == earlier.id


def _is_wrong(used: Uses, case: Case, observed: Evidence) -> bool:
    """Whether the evidence holds what an earlier answer does on this case, and it is not right."""
    if used.named(ENDED) in observed.readings:
        return True
    smaller = used.as_case(case)
    if smaller is None:
        return False
    expected = used.earlier.oracle(smaller)
    own = {
        reading: observed.readings[used.named(reading)]
        for reading in expected.readings
        if used.named(reading) in observed.readings
    }
    judged = used.earlier.property_of(smaller)
    return bool(own) and first_difference(used.earlier, judged, smaller, Evidence(own), expected) is not None
