"""A file that was handed in becomes a notebook, or a sentence that says why it is none.

No step does more than linear work on at most ``SIZE_LIMIT`` bytes: how much there is of something is counted
before anything is done with it, and nbformat is given no more than the cells' kinds, ids and texts.
"""

from __future__ import annotations

import json
import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, cast

import nbformat
from nbformat import NotebookNode
from nbformat.validator import normalize
from traitlets.log import get_logger

from autograder.judge.own_file import Unreadable, contents
from course.problems import whole
from course.trial import SIZE_LIMIT

# The lists and objects of its JSON. The course's own notebooks have a thousand, and one with megabytes of
# interactive figures some ten thousand.
CONTAINERS_LIMIT = 1_000_000
# A text in JSON, or what is left of one at the end; no place in it is looked at twice.
STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
# No lesson has a hundred cells, nor a tenth of a megabyte of text. To look at what is far above that takes
# longer than to run it.
CELLS_LIMIT, TEXT_LIMIT = 1000, 2_000_000
# Settings, tags and pictures of a cell, and characters of a setting, a tag or an id: far above what is used.
ENTRIES_LIMIT, ENTRY_LIMIT = 50, 200
PICTURES = ("image/png", "image/jpeg", "image/gif")
# Where the versions of the format keep the text of a cell.
TEXTS = {1: ("code", "text"), 2: ("input", "source"), 3: ("input", "source"), 4: ("source",)}
HEADINGS = range(1, 7)


def read(path: Path, root: Path | None = None) -> NotebookNode:
    """The notebook in ``path``, without outputs; cells keep nbgrader's settings, tags and pasted pictures.

    Args:
        root: the folder below which no part of the path may be a link; the file's own when None.

    Raises:
        Unreadable: it is no notebook; the sentence says why.
    """
    return parse(contents(path, path.parent if root is None else root, SIZE_LIMIT), path)


def parse(data: bytes, path: Path) -> NotebookNode:
    """The notebook that the bytes of a file are; see ``read``.

    Args:
        data: ``SIZE_LIMIT`` of them at most.
        path: what the file is called where something is wrong with it.

    Raises:
        Unreadable: they are no notebook; the sentence says why.
    """
    content = _json(path, data)
    try:
        cells = list(islice(_cells(content), CELLS_LIMIT + 1))
        bare = [_bare(cell, content["nbformat"]) for cell in cells[:CELLS_LIMIT]]
    except (KeyError, TypeError, AttributeError) as error:
        raise Unreadable("not_a_notebook", path) from error
    if len(cells) > CELLS_LIMIT:
        raise Unreadable("too_many_cells", path, limit=CELLS_LIMIT)
    if sum(len(value) for cell in bare for value in cell.values() if isinstance(value, str)) > TEXT_LIMIT:
        raise Unreadable("too_much_text", path, limit=TEXT_LIMIT // 1_000_000)
    try:
        notebook = _notebook(content, bare)
        for cell, given in zip(notebook.cells, cells, strict=True):
            cell.metadata = _metadata(given)
            if cell.cell_type != "code" and (pictures := _pictures(given)):
                cell.attachments = pictures
    except MemoryError:
        raise
    except Exception as error:  # nbformat raises many kinds for what JSON can hold
        raise Unreadable("not_a_notebook", path) from error
    return notebook


def _json(path: Path, data: bytes) -> dict[str, Any]:
    """What a file holds; a format that it does not name is the first."""
    if not data.strip():
        raise Unreadable("empty", path)
    # Texts have brackets too, and are long only where something was printed.
    if _brackets(data) > CONTAINERS_LIMIT and _brackets(STRING.sub(b"", data)) > CONTAINERS_LIMIT:
        raise Unreadable("too_many_values", path, limit=CONTAINERS_LIMIT // 1_000_000)
    try:
        content = json.loads(data.decode())
    except UnicodeDecodeError as error:
        raise Unreadable("not_text", path) from error
    except json.JSONDecodeError as error:
        raise Unreadable("not_json_from_line", path, line=error.lineno) from error
    except (ValueError, RecursionError) as error:  # ValueError: Python reads no number of thousands of digits
        raise Unreadable("not_json", path) from error
    if not isinstance(content, dict):
        raise Unreadable("not_a_notebook", path)
    return {"nbformat": 1, **content}


def _brackets(data: bytes) -> int:
    return data.count(b"{") + data.count(b"[")


def _cells(content: dict[str, Any]) -> Iterator[Any]:
    """The cells, which the second and the third format have in worksheets."""
    for sheet in content["worksheets"] if content["nbformat"] in (2, 3) else [content]:
        yield from sheet["cells"]


def _bare(cell: dict[str, Any], version: int) -> dict[str, Any]:
    """A cell's kind, id and text; whatever else nbformat asks for is empty.

    Raises:
        KeyError, TypeError, AttributeError: it is no cell.
    """
    made: dict[str, Any] = {"cell_type": _short(cell["cell_type"]), "metadata": {}}
    if "id" in cell:
        made["id"] = _short(cell["id"])
    made |= {name: _text(cell[name], version) for name in TEXTS[version] if name in cell}
    if made["cell_type"] == "code":
        made |= {"outputs": [], "execution_count": None}
    if cell.get("level") in HEADINGS:
        made["level"] = cell["level"]
    return made


def _text(value: Any, version: int) -> str:
    if isinstance(value, str):
        return whole(value)
    # Before the fourth format the lines of a text may come without their ends.
    ended = version == 4 or not value or value[0].endswith(("\n", "\r"))
    return whole(("" if ended else "\n").join(value))


def _short(value: str) -> str:
    return whole(value[:ENTRY_LIMIT])


def _notebook(content: dict[str, Any], bare: list[dict[str, Any]]) -> NotebookNode:
    """The cells as a notebook of the present format."""
    made: dict[str, Any] = {"nbformat": content["nbformat"], "metadata": {}}
    if isinstance(content.get("nbformat_minor"), int):
        made["nbformat_minor"] = content["nbformat_minor"]
    made |= {"worksheets": [{"cells": bare}]} if content["nbformat"] in (2, 3) else {"cells": bare}
    with warnings.catch_warnings(), _nbformat_quiet():
        warnings.simplefilter("ignore")
        read: NotebookNode = cast(Any, nbformat).reads(json.dumps(made), as_version=4)
        # Other editors leave cell ids out or repeat them: that is mended, not held against anyone.
        _, mended = normalize(read)
        nbformat.validate(mended, relax_add_props=True)
    return cast(NotebookNode, mended)


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


def _metadata(cell: dict[str, Any]) -> dict[str, Any]:
    """nbgrader's settings of a cell, and its tags."""
    metadata = cell.get("metadata")
    if not isinstance(metadata, dict):
        return {}
    kept: dict[str, Any] = {}
    if isinstance(settings := metadata.get("nbgrader"), dict):
        entries = islice(settings.items(), ENTRIES_LIMIT)
        kept["nbgrader"] = {_short(name): _setting(value) for name, value in entries if _is_plain(value)}
    if isinstance(tags := metadata.get("tags"), list):
        kept["tags"] = [_short(tag) for tag in tags[:ENTRIES_LIMIT] if isinstance(tag, str)]
    return kept


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, (str, bool, int, float))


def _setting(value: Any) -> Any:
    return _short(value) if isinstance(value, str) else value


def _pictures(cell: dict[str, Any]) -> dict[str, dict[str, str]]:
    """The pictures that were pasted into a text, as base64, by their names and kinds."""
    pasted = cell.get("attachments")
    found = {}
    for name, kinds in islice(pasted.items(), ENTRIES_LIMIT) if isinstance(pasted, dict) else ():
        given = kinds if isinstance(kinds, dict) else {}
        data = {kind: whole(given[kind]) for kind in PICTURES if isinstance(given.get(kind), str)}
        if data:
            found[whole(name)] = data
    return found
