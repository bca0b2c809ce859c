"""Which of a lesson's formulas a wrong value comes from: what a failing check points to.

An exercise says for each reading where to look (``Exercise.look_at``): a text, or a function of the property,
the reading and the case's settings, where one quantity comes from other formulas in other cases. ``Formulas``
is such a function.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from course.readings import Reading

Settings = Mapping[str, Any]
# From the property's id, the reading and the inputs of the case by name to the words after "Look at".
Where = str | Callable[[str, Reading, Settings], str]


def numbered(*numbers: int) -> str:
    """ "formula (3)", "formulas (3) and (5)", "formulas (1) to (4) and (6)"; empty where there are none."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    words = [
        word
        for run in runs
        for word in ([f"({run[0]}) to ({run[-1]})"] if len(run) > 2 else [f"({number})" for number in run])
    ]
    listed = " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
    return f"formula{'s' if len(set(numbers)) > 1 else ''} {listed}" if numbers else ""


@dataclass(frozen=True)
class Formulas:
    """The formulas of a quantity, by what a case switches on: an option whose default it takes counts as off.

    Attributes:
        plain: those of a case that switches nothing on.
        options: by the argument's name, those that it brings in where it is not 0, False or None. A case
            that switches options on points to theirs alone: the plain ones have cases of their own, which
            are shown first.
        properties: by a property's id, those that it is about whatever the case switches on; none where it
            is about no formula.
    """

    plain: tuple[int, ...]
    options: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    properties: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def __call__(self, judged: str, reading: Reading, settings: Settings) -> str:
        if judged in self.properties:
            return numbered(*self.properties[judged])
        switched = [number for name, own in self.options.items() if settings.get(name) for number in own]
        return numbered(*(switched or self.plain))
