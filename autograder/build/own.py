"""Tells a notebook that build made from one that somebody has worked in: build writes over its own alone.

A built notebook carries a digest of what its cells hold. Whoever saves an answer in it leaves a digest that
does not fit any more.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

# In the notebook's metadata, which every editor keeps.
KEY, DIGEST = "descent", "built"


def stamp(notebook: NotebookNode) -> None:
    """Write into a notebook that its cells are as build made them."""
    notebook.metadata[KEY] = {DIGEST: _digest(notebook)}


def may_be_replaced(path: Path, new: NotebookNode) -> bool:
    """Whether nothing is lost when ``new`` takes the place of the notebook in ``path``.

    That is so where there is none, where build made it and nobody has changed it since, and where its cells
    hold what those of ``new`` hold.
    """
    if not path.exists():
        return True
    try:
        old = nbformat.read(path, as_version=4)
        digest = _digest(old)
        return digest in (_digest(new), old.metadata.get(KEY, {}).get(DIGEST))
    except Exception:  # what is no notebook raises many kinds, and is not build's
        return False


def is_as_built(notebook: NotebookNode) -> bool:
    """Whether build made a notebook and nobody has worked in it since."""
    return bool(notebook.metadata.get(KEY, {}).get(DIGEST) == _digest(notebook))


def _digest(notebook: NotebookNode) -> str:
    """Of everything in the cells that a person could have written, or have had computed."""
    cells = [
        [
            cell.get("id"),
            cell.cell_type,
            cell.source,
            cell.get("attachments"),
            texts(cell.get("outputs", [])),
            # What else stands there is the editor's.
            cell.metadata.get("nbgrader"),
            cell.metadata.get("tags"),
        ]
        for cell in notebook.cells
    ]
    return hashlib.sha256(json.dumps(cells, sort_keys=True).encode()).hexdigest()


def texts(outputs: list[NotebookNode]) -> list[Any]:
    """The outputs without their pictures: the same figure has other bytes on another processor."""
    return [
        {kind: data for kind, data in output["data"].items() if not kind.startswith("image/")}
        if "data" in output
        else output
        for output in outputs
    ]
