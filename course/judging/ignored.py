"""Whether an argument makes no difference: the answer does what is right for its default.

Told by PyTorch itself, which is asked what would be right then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from course.exercise import Case, Evidence, Exercise, Misconception
from course.judging.difference import first_difference


def ignored(
    exercise: Exercise, failed: Sequence[tuple[Case, Evidence, Evidence]], passed: Sequence[Case]
) -> Misconception | None:
    """The argument whose default explains every case that fails; None where there is none, or several do.

    Args:
        passed: the cases in which the answer is right.
    """
    found = [
        name for name, default in exercise.defaults.items() if _explains(exercise, failed, name, default)
    ]
    if len(found) != 1:
        return None
    (name,) = found
    values = {_given(case.inputs, name) for case, _, _ in failed}
    default = exercise.defaults[name]
    elsewhere = any(_given(case.inputs, name) not in (None, default) for case in passed)
    if elsewhere and len(values) > 1:
        said = f"{name} is not used in some cases: there it is {default}"
    elif len(values) == 1:
        (value,) = values
        said = f"{name} = {value} is taken for the default, {default}"
    else:
        said = f"{name} is not used: it is always {default}"
    return Misconception("seen_ignored", said, "This explains every case that fails.")


def _explains(
    exercise: Exercise, failed: Sequence[tuple[Case, Evidence, Evidence]], name: str, default: Any
) -> bool:
    """Whether all failing cases give another value, and do what is right for the default."""
    if any(_given(case.inputs, name) in (None, default) for case, _, _ in failed):
        return False
    # The smallest first: it tells most arguments apart.
    for case, observed, _ in sorted(failed, key=lambda failure: failure[0].size):
        other = replace(case, inputs=_with(case.inputs, name, default))
        try:
            expected = exercise.oracle(other)
        except Exception:
            return False  # PyTorch refuses what is no case of the exercise
        if first_difference(exercise, exercise.property_of(case), case, observed, expected):
            return False
    return True


def _given(inputs: Mapping[str, Any], name: str) -> Any:
    """The value of an argument, a number, wherever in the inputs it stands; None where it does not."""
    for key, value in inputs.items():
        if isinstance(value, Mapping):
            if (inner := _given(value, name)) is not None:
                return inner
        elif key == name and isinstance(value, (int, float, str, bool)):
            return value
    return None


def _with(inputs: Mapping[str, Any], name: str, default: Any) -> dict[str, Any]:
    return {
        key: _with(value, name, default)
        if isinstance(value, Mapping)
        else default
        if key == name and isinstance(value, (int, float, str, bool))
        else value
        for key, value in inputs.items()
    }
