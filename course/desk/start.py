"""The start page: a notebook in the folder of work, with all lessons, what is done, and what is next.

``lab`` writes it with what holds at that moment; its cell shows what holds when it is run. Whatever else a
student writes into it stays there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

import nbformat
from IPython.display import display
from nbformat import NotebookNode, v4

from course import progress
from course.desk import DeskError
from course.desk.place import Place
from course.desk.standing import Standing, Step, state
from course.desk.table import HEAD, row, table, total

PAGE = "start.ipynb"
# Opened with another kernel, it says which one to choose.
SOURCE = """\
try:
    from course.desk.start import show
except ModuleNotFoundError as missing:
    print(f"There is no package {{missing.name}} here: choose the kernel of your course folder's .venv.")
else:
    show({argument})"""
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
# The ids of the page's own cells, and what they carry in their metadata.
WORDS, SHOWN = "descent-words", "descent-progress"
STAMP = "descent"
INTRODUCTION = """\
# Descent

Click a lesson to open it. It is your own copy: no command ever writes over it. The cell below shows what your
checks and quizzes said so far; click it and press Shift+Enter for a fresh look. To keep the table beside a
lesson, right-click it and choose *Create New View for Cell Output*.

When a lesson is done, `python -m course ready LESSON` in a terminal says whether it is ready to hand in, and
`python -m course reset LESSON` begins it anew and keeps what you have."""


def show(lessons_folder: str = "../lessons") -> None:
    """Show all lessons, what is done and what is next, from the folder that the notebook stands in.

    Args:
        lessons_folder: where the lessons are as they were handed out.
    """
    try:
        standing, step = state(Place(Path(lessons_folder), Path()))
    except (DeskError, OSError) as error:
        print(error)
        return
    display(_shown(standing, step), raw=True)


def write(place: Place) -> Path:
    """Write the page anew, with what holds now. Cells that a student added or changed stay, below the page's.

    A page that can't be read is kept under another name.

    Raises:
        DeskError: a lesson can't be read.
        OSError: there is no room, or no right to write.
    """
    path = place.work / PAGE
    own = _cells(place, _shown(*state(place)))
    with progress.locked(place.work):
        notebook = _old(path)
        if notebook is None:
            if path.exists():
                path.rename(progress.free_name(path, "unreadable"))
            notebook = v4.new_notebook(metadata={"kernelspec": KERNEL})
        students = [_freed(cell) for cell in notebook.cells if not _is_ours(cell)]
        new = nbformat.from_dict({**notebook, "cells": [*own, *students]})
        if new != notebook:
            progress.replace_file(path, nbformat.writes(new))
    return path


def _shown(standing: Sequence[Standing], step: Step) -> dict[str, str]:
    return {"text/html": as_html(standing, step), "text/plain": table(standing, step)}


def as_html(standing: Sequence[Standing], step: Step) -> str:
    """The table as HTML, in the look of the reports: no script, no colour without a word."""
    cells = "".join(f'<th scope="col" style="{_side(at)}">{name}</th>' for at, name in enumerate(HEAD))
    rows = [_row(entry) for entry in standing]
    rows.append(_cells_of(f"<strong>{text}</strong>" for text in total(standing)))
    sentence = escape(step.sentence)
    if step.lesson:
        title = escape(step.lesson.title)
        sentence = sentence.replace(title, _link(step.lesson.name, title))
    return (
        f'<p style="font-size:1.1em"><strong>Next:</strong> {sentence}</p>'
        '<table style="border-collapse:collapse;margin:0;font-size:inherit">'
        f"<thead><tr>{cells}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def _row(entry: Standing) -> str:
    title, *others = map(escape, row(entry))
    state = "&#10003; done" if entry.complete else f"({entry.lesson.minutes} min)"
    return _cells_of((f"{_link(entry.lesson.name, title)} {state}", *others))


def _link(name: str, title: str) -> str:
    return f'<a href="{escape(name)}.ipynb">{title}</a>'


def _cells_of(texts: Iterable[str]) -> str:
    return "<tr>" + "".join(f'<td style="{_side(at)}">{text}</td>' for at, text in enumerate(texts)) + "</tr>"


def _side(at: int) -> str:
    """Words to the left, numbers to the right; they break where there is little room."""
    return f"text-align:{'left' if at < 2 else 'right'};padding:3px 5px"


def _cells(place: Place, shown: dict[str, str]) -> list[NotebookNode]:
    beside = place.lessons == place.work.parent / "lessons"
    argument = "" if beside else ascii(place.lessons.as_posix())
    source = SOURCE.format(argument=argument)
    output = v4.new_output("display_data", shown)
    return [
        v4.new_markdown_cell(INTRODUCTION, id=WORDS, metadata=_stamp(INTRODUCTION)),
        v4.new_code_cell(source, id=SHOWN, metadata=_stamp(source), outputs=[output]),
    ]


def _stamp(source: str) -> dict[str, dict[str, str]]:
    """Tells a cell that the page wrote from one that somebody has written in since."""
    return {STAMP: {"built": hashlib.sha256(source.encode()).hexdigest()}}


def _is_ours(cell: NotebookNode) -> bool:
    return cell.metadata.get(STAMP) == _stamp(cell.source)[STAMP]


def _freed(cell: NotebookNode) -> NotebookNode:
    """A student's cell, which gives back the id of the page's cell that it was."""
    return nbformat.from_dict({**cell, "id": v4.new_raw_cell().id}) if cell.id in (WORDS, SHOWN) else cell


def _old(path: Path) -> NotebookNode | None:
    """The page that is there; None where none is, or none that can be read."""
    try:
        found = nbformat.read(path, as_version=4)
        nbformat.validate(found)
        return found
    except FileNotFoundError:
        return None
    except Exception:  # what is no notebook raises many kinds
        return None
