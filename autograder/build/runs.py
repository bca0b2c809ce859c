"""Tells whether a built notebook shows what running it would show, without running it.

Build leaves a digest in each solution notebook: of all that its run depended on, and of what came of it. As
long as that is the same, the outputs stand: build takes them over, and tests run the other notebooks alone.
"""

from __future__ import annotations

import ast
import hashlib
import json
import platform
import re
import sys
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from packaging.requirements import Requirement

from autograder.build import own
from autograder.catalogue import inputs
from autograder.catalogue.lesson import Lesson, lessons
from course.exercises import MODULES

COURSE = inputs.PACKAGES["course"]
# Beside the digest of what the cells hold.
DIGEST = "ran"
# What a lesson imports that uses answers to others, which it finds beside itself.
PIECES = "course.desk.pieces"


def sign(lesson: Lesson, notebook: NotebookNode) -> None:
    """Write into a stamped notebook that its outputs are what running it gave."""
    notebook.metadata[own.KEY][DIGEST] = _digest(lesson, notebook)


def stands(lesson: Lesson, notebook: NotebookNode) -> bool:
    """Whether running a notebook would give the outputs that it has, as the committed one says.

    Args:
        notebook: the committed one, or what the lesson's source makes, with its outputs.
    """
    there = committed(lesson)
    return bool(there and there.metadata.get(own.KEY, {}).get(DIGEST) == _digest(lesson, notebook))


def committed(lesson: Lesson) -> NotebookNode | None:
    """The lesson's notebook as build left it, or whoever wrote to it since; None where there is none."""
    try:
        return nbformat.read(lesson.notebook_path, as_version=4)
    except Exception:  # what is no notebook raises many kinds
        return None


def _digest(lesson: Lesson, notebook: NotebookNode) -> str:
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    shown = [(cell.id, cell.source, own.texts(cell.outputs), _summaries(cell.outputs)) for cell in code]
    made = hashlib.sha256(json.dumps(shown, sort_keys=True).encode())
    for text in (f"{sys.version_info[:2]} {platform.machine()}", *_libraries()):
        made.update(text.encode() + b"\0")
    others = built_on(lesson, notebook)
    modules = reached([lesson, *others], [cell.source for cell in code])
    sources = [other.source_path for other in others]
    for path in (*(modules[name] for name in sorted(modules)), *sources, *_data(lesson)):
        made.update(path.read_bytes() + b"\0")
    return made.hexdigest()


def _summaries(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """The numbers that stand beside pictures."""
    return [output.get("metadata", {}) for output in outputs]


def built_on(lesson: Lesson, notebook: NotebookNode) -> list[Lesson]:
    """The other lessons, where a lesson uses answers to them; none where it does not."""
    if not any(PIECES in cell.source for cell in notebook.cells if cell.cell_type == "code"):
        return []
    return [other for other in lessons(lesson.root) if other.name != lesson.name]


def reached(used: Iterable[Lesson], cells: Iterable[str]) -> dict[str, Path]:
    """The modules of Descent that running cells loads: their files, by name.

    Args:
        used: the lessons whose exercises and questions count, besides what all lessons load.
    """
    names = list(inputs.imported(COURSE / "__init__.py"))
    for lesson in used:
        if lesson.name in MODULES:
            exercises = MODULES[lesson.name].__name__
            names += [exercises, exercises.replace(".exercises.", ".questions.")]
    for cell in cells:
        names += inputs.names(ast.parse(cell))
    return inputs.closure(names)


def _libraries() -> Iterator[str]:
    """The versions of what Descent needs installed."""
    for line in metadata.requires("descent") or ():
        wanted = Requirement(line)
        if wanted.marker is None or wanted.marker.evaluate({"extra": ""}):
            yield f"{wanted.name} {metadata.version(wanted.name).partition('+')[0]}"


def _data(lesson: Lesson) -> Iterator[Path]:
    """The data, and what was measured for the lesson and for those before it.

    No hints: they are for wrong answers, and the notebook holds the right ones.
    """
    for folder in ("data", "measured"):
        for path in sorted((COURSE / folder).iterdir()):
            other = re.match(r"\d\d_", path.name) and path.stem > lesson.name
            if path.is_file() and not other:
                yield path
