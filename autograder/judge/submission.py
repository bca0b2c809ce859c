"""A submitted notebook: read it, tell which lesson it is, and put its checked cells back in order.

Nothing that a student can change about a check cell (text, type, place, tags, copies) has any effect:
before a notebook runs, every locked cell is the one that was handed out.
"""

from __future__ import annotations

import copy
import json
import logging
import warnings
from collections import Counter
from collections.abc import Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.validator import normalize
from traitlets.log import get_logger

from autograder.catalogue.lesson import CHECK, Lesson, grade_id
from autograder.errors import DescentError
from autograder.judge import reach
from autograder.judge.flags import Flag, Value, distinct, flag
from autograder.judge.handed_out import HandedOut
from course.problems import whole

# A notebook with every output of the course has less than one.
SIZE_LIMIT = 50_000_000
# No lesson has a hundred cells, nor a tenth of a megabyte of text. To look at what is far above that takes
# longer than to run it.
CELLS_LIMIT, TEXT_LIMIT = 1000, 2_000_000


class Unreadable(DescentError):
    """The file is no notebook; the sentence says why.

    Attributes:
        flag: the same, for code.
    """

    def __init__(self, id: str, path: Path, **values: Value):
        self.flag = flag(id, file=path.name, **values)
        super().__init__(self.flag.sentence)


@dataclass(frozen=True)
class Submission:
    """A submission ready to run.

    Attributes:
        notebook: with every locked cell as it was handed out.
        flags: what a person should look at.
    """

    notebook: NotebookNode
    flags: tuple[Flag, ...]


def read(path: Path) -> NotebookNode:
    """The notebook in ``path``; raises Unreadable for anything that is not one."""
    if path.is_symlink():
        # It may lead to a notebook that is somebody else's.
        raise Unreadable("link", path)
    try:
        if path.exists() and not path.is_file():
            raise Unreadable("not_a_file", path)
        if path.stat().st_size > SIZE_LIMIT:
            raise Unreadable("too_large", path, limit=SIZE_LIMIT // 1_000_000)
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise Unreadable("cannot_open", path, reason=str(error.strerror)) from error
    except UnicodeDecodeError as error:
        raise Unreadable("not_text", path) from error
    if not text.strip():
        raise Unreadable("empty", path)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:  # ValueError: Python reads no number of thousands of digits
        if isinstance(error, json.JSONDecodeError):
            raise Unreadable("not_json_from_line", path, line=error.lineno) from error
        raise Unreadable("not_json", path) from error
    if not isinstance(content, dict):
        raise Unreadable("not_a_notebook", path)
    cells = content.get("cells")
    if isinstance(cells, list) and len(cells) > CELLS_LIMIT:
        raise Unreadable("too_many_cells", path, limit=CELLS_LIMIT)
    if "\\ud" in text.lower():
        # JSON can name halves of characters, which no file can hold.
        text = whole(json.dumps(content, ensure_ascii=False))
    try:
        with warnings.catch_warnings(), _nbformat_quiet():
            warnings.simplefilter("ignore")
            # Other editors leave cell ids out or repeat them: that is mended, not held against anyone.
            _, notebook = normalize(nbformat.reads(text, as_version=4))
            nbformat.validate(notebook, relax_add_props=True)
    except Exception as error:  # nbformat raises many kinds for what JSON can hold
        raise Unreadable("not_a_notebook", path) from error
    if sum(len(cell.source) for cell in notebook.cells) > TEXT_LIMIT:
        raise Unreadable("too_much_text", path, limit=TEXT_LIMIT // 1_000_000)
    return notebook


@contextmanager
def _nbformat_quiet() -> Iterator[None]:
    """nbformat logs what it also raises."""
    logger = get_logger()
    if isinstance(logger, logging.LoggerAdapter):
        logger = logger.logger
    level, logger.level = logger.level, logging.CRITICAL
    try:
        yield
    finally:
        logger.level = level


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
    for cell in cells:
        name = grade_id(cell)
        if cell.cell_type != "code" or (name and name not in exercises):
            continue
        found = reach.unusual(cell.source)
        others = ", ".join(used for used in found if used != reach.TORCH_OPTIM)
        if name and reach.TORCH_OPTIM in found:
            yield flag("imports_torch_optim", cell=name)
        if others:
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
