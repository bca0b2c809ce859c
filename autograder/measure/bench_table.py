"""What ``autograder bench`` found, for the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.table import Table


def table(lesson: str, found: Mapping[str, Any]) -> Table:
    """Seconds a submission, stock nbgrader beside Descent.

    Args:
        found: what ``bench`` returns.
    """
    made = Table(
        title=f"{lesson}: seconds a submission, {found['workers']} workers",
        title_justify="left",
        box=box.SIMPLE,
    )
    for head in ("", "stock nbgrader", "Descent", "ratio"):
        made.add_column(head, justify="right" if head else "left")
    for name, compared in (
        ("without experiments", found),
        ("the same, with feedback", found["with_feedback"]),
        ("as handed in", found["as_handed_in"]),
    ):
        numbers = (f"{compared['stock_s']:.2f}", f"{compared['descent_s']:.2f}", f"{compared['ratio']:.1f}")
        made.add_row(name, *numbers)
    return made


def sentences(found: Mapping[str, Any]) -> list[str]:
    """What stands below the table: the cost by class size, endless loops, memory."""
    loops = found["endless_loops"]
    return [
        *(
            f"{size:>5} submissions: {seconds:.3f} s each once started"
            for size, seconds in found["cost"].items()
        ),
        "With a third of the class in endless loops, the others are done after "
        f"{loops['together_s']:.1f} s instead of {loops['alone_s']:.1f} s.",
        f"Peak memory: {found['peak_memory_mb']} MB",
    ]
