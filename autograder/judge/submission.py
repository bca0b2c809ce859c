"""A submitted notebook: read it, tell which lesson it is, and put its checked cells back in order.

Nothing that a student can change about a check cell (text, type, place, tags, copies) has any effect:
before a notebook runs, every locked cell is the one that was handed out.
"""

from __future__ import annotations

import copy
import json
import logging
import re
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.validator import normalize
from traitlets.log import get_logger

from autograder.catalogue.lesson import CHECK, Lesson, grade_id
from autograder.errors import DescentError
from autograder.judge import reach

# A notebook with every output of the course has less than one.
SIZE_LIMIT = 50_000_000
# No lesson has a hundred cells, nor a tenth of a megabyte of text. To look at what is far above that takes
# longer than to run it.
CELLS_LIMIT, TEXT_LIMIT = 1000, 2_000_000
# Characters of one text of the student's own, and of all, that a page shows: how long it takes to make a page
# of Markdown grows with the square.
SHOWN_TEXT, SHOWN_TEXTS = 10_000, 100_000

# Formgrader shows the HTML of a text as it is, scripts and all, in a page that can set grades: a student's is
# shown as it was typed.
TAG = re.compile(r"<(?=[A-Za-z/!?])")
ACTIVE = re.compile(r"<\s*(?:script|iframe|object|embed)\b|<[^<>]*\son\w+\s*=|javascript:", re.IGNORECASE)


class Unreadable(DescentError):
    """The file is no notebook; the sentence says why."""


@dataclass
class Submission:
    """A submission ready to run.

    Attributes:
        notebook: with every locked cell as it was handed out.
        flags: what a person should look at, each a short sentence.
    """

    notebook: NotebookNode
    flags: list[str]


def read(path: Path) -> NotebookNode:
    """The notebook in ``path``; raises Unreadable for anything that is not one."""
    if path.is_symlink():
        # It may lead to a notebook that is somebody else's.
        raise Unreadable(f"{path.name} is a link to another file: the file itself is needed.")
    try:
        if path.exists() and not path.is_file():
            raise Unreadable(f"{path.name} is not a file.")
        if path.stat().st_size > SIZE_LIMIT:
            raise Unreadable(f"{path.name} is larger than {SIZE_LIMIT // 1_000_000} MB.")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise Unreadable(f"{path.name} can't be opened: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise Unreadable(f"{path.name} is not a notebook: it is not text in UTF-8.") from error
    if not text.strip():
        raise Unreadable(f"{path.name} is empty.")
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:  # ValueError: Python reads no number of thousands of digits
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise Unreadable(f"{path.name} is not a notebook: it is not JSON{where}.") from error
    if not isinstance(content, dict):
        raise Unreadable(f"{path.name} is JSON, but not a notebook.")
    cells = content.get("cells")
    if isinstance(cells, list) and len(cells) > CELLS_LIMIT:
        raise Unreadable(f"{path.name} has more than {CELLS_LIMIT} cells.")
    if "\\ud" in text.lower():
        # JSON can name halves of characters, which no file can hold.
        text = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace").decode()
    try:
        with warnings.catch_warnings(), _nbformat_quiet():
            warnings.simplefilter("ignore")
            # Other editors leave cell ids out or repeat them: that is mended, not held against anyone.
            _, notebook = normalize(nbformat.reads(text, as_version=4))
            nbformat.validate(notebook, relax_add_props=True)
    except Exception as error:  # nbformat raises many kinds for what JSON can hold
        raise Unreadable(f"{path.name} is JSON, but not a notebook.") from error
    if sum(len(cell.source) for cell in notebook.cells) > TEXT_LIMIT:
        raise Unreadable(f"The cells of {path.name} hold more than {TEXT_LIMIT // 1_000_000} MB of text.")
    return notebook


@contextmanager
def _nbformat_quiet() -> Iterator[None]:
    """nbformat logs what it also raises."""
    logger = get_logger()
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


def restore(notebook: NotebookNode, lesson: Lesson) -> Submission:
    """Put back what was handed out: locked cells, their order after their exercise, no copies."""
    flags: list[str] = []
    given = lesson.student_notebook()
    handed_out = {grade_id(cell): cell for cell in given.cells if grade_id(cell)}
    texts = {cell.source for cell in given.cells}
    cells: list[NotebookNode] = []
    seen: Counter[str] = Counter()
    for cell in notebook.cells:
        name = grade_id(cell)
        seen[name] += bool(name)
        if name not in handed_out or seen[name] > 1:
            if name in handed_out:
                flags.append(f"cell {name} is there more than once: the first counts")
            if name.startswith(CHECK):
                continue  # a copy of a check
            cells.append(_ordinary(cell, texts, flags))
        elif handed_out[name].metadata.nbgrader.solution:
            cells.append(_solution(cell, handed_out[name], flags))
        else:
            if name.startswith(CHECK) and cell.source.strip() != handed_out[name].source.strip():
                flags.append(f"cell {name} was changed: restored")
            if cell.cell_type != handed_out[name].cell_type:
                flags.append(f"cell {name} was turned into {cell.cell_type}: restored")
            elif _settings(cell) != _settings(handed_out[name]):
                flags.append(f"cell {name} had its tags or settings changed: restored")
            cells.append(copy.deepcopy(handed_out[name]))
    for exercise in lesson.exercises:
        _put_back(exercise.id, cells, handed_out, flags)
        _put_back(CHECK + exercise.id, cells, handed_out, flags)
    _shorten(cells, texts, flags)
    flags += _reaches(cells, {exercise.id for exercise in lesson.exercises})
    fixed = nbformat.v4.new_notebook(cells=cells, metadata=given.metadata)
    fixed.nbformat_minor = given.nbformat_minor
    _number_ids(fixed)
    return Submission(fixed, list(dict.fromkeys(flags)))


def _reaches(cells: list[NotebookNode], exercises: set[str]) -> Iterator[str]:
    """What the student's cells use that an answer does not need."""
    for cell in cells:
        name = grade_id(cell)
        if cell.cell_type != "code" or (name and name not in exercises):
            continue
        place = f"a solution cell ({name})" if name else "a cell of the student's own"
        found = reach.unusual(cell.source)
        if name and reach.TORCH_OPTIM in found:
            yield f"imports {reach.TORCH_OPTIM} in {place}"
        if others := [used for used in found if used != reach.TORCH_OPTIM]:
            yield f"uses {', '.join(others)} in {place}"


def _ordinary(cell: NotebookNode, given: set[str], flags: list[str]) -> NotebookNode:
    """A cell of the student's own: no nbgrader identity, no tags that change what runs, no HTML.

    Args:
        given: the texts of the cells that were handed out.
    """
    cell = copy.deepcopy(cell)
    cell.metadata = NotebookNode()
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
    elif cell.source not in given:
        if ACTIVE.search(cell.source):
            flags.append("a text of the student's own holds a script: shown as text")
        cell.source = TAG.sub("&lt;", cell.source)
    cell.pop("attachments", None)
    return cell


def _shorten(cells: list[NotebookNode], given: set[str], flags: list[str]) -> None:
    """Cut what is too long of the student's own texts, for whoever waits for the page."""
    left = SHOWN_TEXTS
    for cell in cells:
        if cell.cell_type != "code" and cell.source not in given:
            if len(cell.source) > (most := min(SHOWN_TEXT, left)):
                flags.append("the student's own texts are longer than a page shows: cut")
                cell.source = cell.source[:most]
            left -= len(cell.source)


def _settings(cell: NotebookNode) -> tuple:
    """What of a cell's metadata could change how it is run or graded."""
    tags, nbgrader = cell.metadata.get("tags", []), cell.metadata.get("nbgrader", {})
    # The checksum is nbgrader's own way to the same end.
    return tags, {name: value for name, value in nbgrader.items() if name != "checksum"}


def _solution(cell: NotebookNode, handed_out: NotebookNode, flags: list[str]) -> NotebookNode:
    """The student's text in the cell that was handed out for it."""
    if cell.cell_type != "code":
        flags.append(f"cell {grade_id(handed_out)} was turned into {cell.cell_type}: restored")
    fixed = copy.deepcopy(handed_out)
    fixed.source = cell.source
    return fixed


def _put_back(
    name: str, cells: list[NotebookNode], handed_out: dict[str, NotebookNode], flags: list[str]
) -> None:
    """Add a missing cell at the end of what stood before it in the lesson."""
    if any(grade_id(cell) == name for cell in cells):
        return
    flags.append(f"cell {name} is missing: put back")
    order = list(handed_out)
    before = set(order[: order.index(name)])
    place = max((i for i, cell in enumerate(cells) if grade_id(cell) in before), default=-1) + 1
    cells.insert(place, copy.deepcopy(handed_out[name]))


def _number_ids(notebook: NotebookNode) -> None:
    """Ids that repeat are an error to nbformat; the student's own cells are numbered anew."""
    own = {grade_id(cell) for cell in notebook.cells} - {""}
    for number, cell in enumerate(notebook.cells):
        if grade_id(cell) not in own or cell.get("id") != grade_id(cell):
            cell["id"] = grade_id(cell) or f"own-{number:03d}"
