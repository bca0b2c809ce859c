"""What the cells of a lesson are known by: the names that nbgrader keeps, and a tag."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # `python -m course doctor` runs where it is not installed
    from nbformat import NotebookNode

# Before an exercise's id, the name of the cell that checks it.
CHECK = "check_"
# Tags a cell that only shows something: it takes its time and gives no points, so it is not run for a grade.
EXPERIMENT = "experiment"


def grade_id(cell: NotebookNode) -> str:
    """The name by which grading knows a cell; empty for a cell that nbgrader does not know."""
    entry = cell.metadata.get("nbgrader")
    return str(entry.get("grade_id", "")) if isinstance(entry, dict) else ""
