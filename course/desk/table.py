"""Progress as a table of plain text, for terminals of 80 columns."""

from __future__ import annotations

from collections.abc import Sequence

from course.desk.standing import Standing, Step

WIDTH = 79
HEAD = ("lesson", "builds on", "exercises", "points", "quiz")
GAP = "  "


def table(standing: Sequence[Standing], step: Step) -> str:
    """Every lesson with what is done in it, the sum, and the next step."""
    rows = [HEAD, *map(row, standing), total(standing)]
    widths = [max(len(line[column]) for line in rows) for column in range(len(HEAD))]
    widths[0] = min(widths[0], WIDTH - sum(widths[1:]) - len(GAP) * (len(HEAD) - 1))
    return "\n".join([*(_line(line, widths) for line in rows), "", f"Next: {step.sentence}"])


def row(entry: Standing) -> tuple[str, ...]:
    """What stands in a lesson's row, in the order of ``HEAD``."""
    lesson = entry.lesson
    return (
        lesson.title,
        ", ".join(lesson.builds_on) or "-",
        f"{entry.done} of {len(lesson.exercises)}",
        f"{entry.points:g} of {entry.most:g}",
        f"{entry.right} of {len(lesson.questions)}",
    )


def total(standing: Sequence[Standing]) -> tuple[str, ...]:
    """The row of all lessons together."""
    exercises = sum(len(entry.lesson.exercises) for entry in standing)
    questions = sum(len(entry.lesson.questions) for entry in standing)
    return (
        "all lessons",
        "",
        f"{sum(entry.done for entry in standing)} of {exercises}",
        f"{sum(entry.points for entry in standing):g} of {sum(entry.most for entry in standing):g}",
        f"{sum(entry.right for entry in standing)} of {questions}",
    )


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    title, builds_on, *numbers = cells
    if len(title) > widths[0]:
        title = f"{title[: widths[0] - 3]}..."
    left = (title.ljust(widths[0]), builds_on.ljust(widths[1]))
    return GAP.join((*left, *(text.rjust(width) for text, width in zip(numbers, widths[2:], strict=True))))
