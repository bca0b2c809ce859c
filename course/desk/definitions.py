"""What a notebook defines, without what else its cells do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat

from course.definitions import defined
from course.trial import SIZE_LIMIT


def cells_of(path: Path) -> list[nbformat.NotebookNode] | None:
    """The cells of a notebook; None where the file can't be read as one, or is larger than any is."""
    try:
        if path.stat().st_size > SIZE_LIMIT:
            return None
        cells: list[nbformat.NotebookNode] = nbformat.read(path, as_version=4).cells
        for cell in cells:
            _ = f"{cell.source}{cell.cell_type}{cell.metadata.get('nbgrader')}"
    except Exception:
        return None  # nbformat raises many kinds for what a file can hold
    return cells


def defined_in(path: Path) -> dict[str, Any]:
    """What ``course.definitions.defined`` finds in a notebook."""
    cells = enumerate(cells_of(path) or (), start=1)
    code = (
        (f"<{path.name}, cell {number}>", cell.source) for number, cell in cells if cell.cell_type == "code"
    )
    return defined(code, path.stem)
