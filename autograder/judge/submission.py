"""A submitted notebook: tell which lesson it is, and put its checked cells back in order.

Nothing that a student can change about a check cell (text, type, place, tags, copies) has any effect:
before a notebook runs, every locked cell is the one that was handed out.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.catalogue.lesson import Lesson
from autograder.judge import reach
from autograder.judge.flags import Flag, distinct, flag
from autograder.judge.handed_out import HandedOut
from autograder.judge.noticed import named
from autograder.judge.paths import TORCH_OPTIM
from course.cells import CHECK, grade_id


@dataclass(frozen=True)
class Submission:
    """A submission ready to run.

    Attributes:
        notebook: with every locked cell as it was handed out.
        flags: what a person should look at.
    """

    notebook: NotebookNode
    flags: tuple[Flag, ...]


def recognise(notebook: NotebookNode, lessons: list[Lesson]) -> Lesson | None:
    """The lesson that a notebook is a copy of, by its cells; its file name does not matter."""
    ids = {grade_id(cell) for cell in notebook.cells}
    counts = {lesson: len(ids & lesson.grade_ids) for lesson in lessons}
    best = max(counts, key=counts.__getitem__, default=None)
    return best if best is not None and counts[best] else None


def restore(notebook: NotebookNode, given: HandedOut) -> Submission:
    """Put back what was handed out: locked cells, their order after their exercise, no copies."""
    flags: list[Flag] = []
    cells: list[NotebookNode] = []
    seen: Counter[str] = Counter()
    for cell in notebook.cells:
        name = grade_id(cell)
        if name:
            seen[name] += 1
        if name not in given.cells or seen[name] > 1:
            if name in given.cells:
                flags.append(flag("cell_repeated", cell=name))
            if name.startswith(CHECK):
                continue  # a copy of a check
            kept = _ordinary(cell)
        else:
            flags += _changes(cell, given.cells[name])
            kept = _restored(cell, given.cells[name])
        cells.append(kept)
    for name in given.missing(cells):
        flags.append(flag("cell_missing", cell=name))
        cells.insert(given.place(name, cells), copy.deepcopy(given.cells[name]))
    flags += _shown(cells, given)
    flags += _reaches(cells, given.exercises)
    fixed = nbformat.v4.new_notebook(cells=cells, metadata=given.notebook.metadata)
    fixed.nbformat_minor = given.notebook.nbformat_minor
    _number_ids(fixed)
    return Submission(fixed, distinct(flags))


def _shown(cells: list[NotebookNode], given: HandedOut) -> Iterator[Flag]:
    """Make the student's own texts such that any page may show them; the others keep what they were given."""
    own = []
    for cell in cells:
        if cell.cell_type == "code":
            continue
        if cell.source not in given.texts:
            own.append(cell)
        elif attachments := given.texts[cell.source]:
            cell.attachments = copy.deepcopy(attachments)
        else:
            cell.pop("attachments", None)
    if own:
        # Few have any, and nbconvert takes a while to load.
        from autograder.judge.own_text import make_safe

        yield from make_safe(own)


def _changes(cell: NotebookNode, given: NotebookNode) -> Iterator[Flag]:
    """What a student changed of a cell that was handed out, besides the text of a solution."""
    name = grade_id(given)
    if given.metadata.nbgrader.solution:
        if cell.cell_type != given.cell_type:
            yield flag("cell_turned", cell=name, kind=cell.cell_type)
        return
    if name.startswith(CHECK) and cell.source.strip() != given.source.strip():
        yield flag("cell_changed", cell=name)
    if cell.cell_type != given.cell_type:
        yield flag("cell_turned", cell=name, kind=cell.cell_type)
    elif _settings(cell) != _settings(given):
        yield flag("cell_settings_changed", cell=name)


def _restored(cell: NotebookNode, given: NotebookNode) -> NotebookNode:
    """The cell that was handed out, with the student's text where a solution is asked for."""
    fixed = copy.deepcopy(given)
    if given.metadata.nbgrader.solution:
        fixed.source = cell.source
        if "attachments" in cell and fixed.cell_type != "code":
            fixed.attachments = cell.attachments
    return fixed


def _reaches(cells: list[NotebookNode], exercises: Container[str]) -> Iterator[Flag]:
    """What the student's cells use that an answer does not need."""
    reader = reach.Reader()
    for cell in cells:
        name = grade_id(cell)
        if cell.cell_type != "code" or (name and name not in exercises):
            continue
        try:
            found = set(reader.read(cell.source))
        except reach.NotLookedThrough:
            yield flag("not_looked_through", cell=name or "one of the student's own")
            continue
        if name and TORCH_OPTIM in found:
            yield flag("imports_torch_optim", cell=name)
        if others := named(found - {TORCH_OPTIM}):
            yield (
                flag("solution_uses", names=others, cell=name)
                if name
                else flag("own_cell_uses", names=others)
            )


def _ordinary(cell: NotebookNode) -> NotebookNode:
    """A cell of the student's own: no nbgrader identity, no tags that change what runs."""
    cell = copy.deepcopy(cell)
    cell.metadata = NotebookNode()
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
        cell.pop("attachments", None)
    return cell


def _settings(cell: NotebookNode) -> tuple[Any, dict[str, Any]]:
    """What of a cell's metadata could change how it is run or graded."""
    tags, nbgrader = cell.metadata.get("tags", []), cell.metadata.get("nbgrader", {})
    # The checksum is nbgrader's own way to the same end.
    return tags, {name: value for name, value in nbgrader.items() if name != "checksum"}


def _number_ids(notebook: NotebookNode) -> None:
    """Ids that repeat are an error to nbformat; the student's own cells are numbered anew."""
    own = {grade_id(cell) for cell in notebook.cells} - {""}
    for number, cell in enumerate(notebook.cells):
        if grade_id(cell) not in own or cell.get("id") != grade_id(cell):
            cell["id"] = grade_id(cell) or f"own-{number:03d}"
