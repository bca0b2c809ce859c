"""What a person should look at in a student's work on a lesson, worst first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from autograder.grade.marks import Mark, Standing

Kind = Literal[Standing, "changed", "manual", "no_page", "flagged", "noted", "by_hand"]

# In words; worst first. From "noted" on there is nothing to do.
KINDS: Mapping[Kind, str] = MappingProxyType(
    {
        "misplaced": "in a wrong place",
        "waiting": "not graded yet",
        "changed": "handed in again since",
        "unjudged": "graded by nbgrader alone",
        "unreadable": "unreadable",
        "unknown_lesson": "unknown lesson",
        "crashed": "crashed",
        "out_of_memory": "out of memory",
        "timeout": "timeout",
        "manual": "waits for a person",
        "flagged": "flagged",
        "no_page": "no feedback page",
        "noted": "with a note",
        "missing": "nothing handed in",
        "by_hand": "points by hand",
        "graded": "graded",
    }
)
ORDER: Mapping[Kind, int] = MappingProxyType({kind: place for place, kind in enumerate(KINDS)})
# Flags of what happens to honest students, of what the grader has put right, or of what the state says.
NOTES = frozenset(
    {
        *("late", "renamed", "unprotected", "texts_cut", "calls_pytorch"),
        *("cell_repeated", "cell_changed", "cell_turned", "cell_settings_changed", "cell_missing"),
        *("cell_raised", "cell_stopped", "own_cell_stopped", "exercise_stopped"),
    }
)
# Where these flags say why there is nothing to grade.
UNREAD = frozenset({"unreadable", "unknown_lesson"})


class Look(NamedTuple):
    """One thing to look at; the sentence is empty where the kind says it all."""

    kind: Kind
    sentence: str = ""


def looks(mark: Mark, has_page: bool) -> tuple[Look, ...]:
    """What is to be seen of a mark: its state first, then the rest as it comes.

    Args:
        has_page: whether the student's feedback is there.
    """
    return (Look(mark.state, _state(mark)), *_more(mark, has_page))


def _state(mark: Mark) -> str:
    grade = f"run `autograder grade {mark.lesson.name}`"
    if mark.state == "misplaced":
        return f"nothing looks at {', '.join(mark.misplaced)}: move it and {grade}"
    if mark.state == "waiting":
        return f"is handed in: {grade}"
    return f"has no judgement: {grade}" if mark.state == "unjudged" else ""


def _more(mark: Mark, has_page: bool) -> Iterator[Look]:
    grade = f"run `autograder grade {mark.lesson.name}`"
    if mark.changed:
        yield Look("changed", f"handed in again since it was graded: {grade}")
    if mark.needs_manual:
        yield Look("manual", "waits for a manual grade in formgrader")
    if any(cell.manual is not None or cell.extra for cell in mark.cells.values()):
        yield Look("by_hand")
    for flag in mark.flags:
        noted = flag.id in NOTES or mark.state in UNREAD
        yield Look("noted" if noted else "flagged", flag.sentence)
    if mark.score is not None and not has_page:
        yield Look("no_page", f"has no feedback page: {grade}")


def to_do(kind: Kind) -> bool:
    """Whether a person should do something."""
    return ORDER[kind] < ORDER["noted"]
