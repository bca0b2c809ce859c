"""What a lesson asks of a student: words, lines, minutes, questions, and the seeds behind its figures."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode

from autograder.catalogue.lesson import Lesson, LessonError
from course import questions

# How fast a lesson is read: words and lines of given code a minute.
WORDS, LINES = 150, 15
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
# "*2.5 points · difficulty 2 of 5 · about 10 minutes*", below the heading of an exercise.
EFFORT = re.compile(r"^\*[\d.]+ points? · difficulty \d of 5 · about (\d+) minutes\*$", re.MULTILINE)
TOTAL = re.compile(r"[Aa]bout (\d+) minutes,")
# What a student answers in one line is neither given nor an exercise.
ASKS = ("predict(", "quiz(")
TABLE = re.compile(r"^\|.*$", re.MULTILINE)
FORMULA = re.compile(r"\$\$.*?\$\$|\$[^$]*\$", re.DOTALL)
TAG = re.compile(r"</?[a-z][^>]*>")


@dataclass(frozen=True)
class Figure:
    """A figure of the built lesson; ``seeds`` is None where nothing in it is random."""

    title: str
    seeds: int | None


@dataclass(frozen=True)
class Reading:
    """One lesson, counted.

    Attributes:
        words: of its text and its docstrings; a formula is one.
        given, written: lines of code without blanks and docstrings, those that stand there and those that a
            student writes.
        exercises: minutes for each, as the lesson says.
        said: minutes for all, as it says.
        predictions, quiz: how many questions.
        figures: in their order.
    """

    lesson: str
    words: int
    given: int
    written: int
    exercises: tuple[int, ...]
    said: int
    predictions: int
    quiz: int
    figures: tuple[Figure, ...]

    @property
    def minutes(self) -> float:
        """What reading and exercises come to."""
        return self.words / WORDS + self.given / LINES + sum(self.exercises)

    @property
    def seeds(self) -> str:
        """Of how many figures chance has a part in, and the seeds behind them: "3: 5 to 8"."""
        seeds = sorted(figure.seeds for figure in self.figures if figure.seeds is not None)
        if not seeds:
            return "0"
        few, many = seeds[0], seeds[-1]
        return f"{len(seeds)}: {few}" + (f" to {many}" if many > few else "")


def reading(lesson: Lesson) -> Reading:
    """Count one lesson, from its source and its built notebook.

    Raises:
        LessonError: the notebook has not been built.
    """
    if not lesson.notebook_path.is_file():
        raise LessonError(
            f"solutions/{lesson.name}.ipynb is missing: make it with `autograder build {lesson.name}`."
        )
    cells = lesson.source().cells
    text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    code = [cell.source for cell in cells if cell.cell_type == "code"]
    owned = [own for source in code for own in _owned(source)]
    docstrings = [ast.get_docstring(node) or "" for source in code for node in _documented(source)]
    total = TOTAL.search(text)
    return Reading(
        lesson.name,
        words(text) + sum(map(words, docstrings)),
        owned.count(False),
        owned.count(True),
        tuple(map(int, EFFORT.findall(text))),
        int(total[1]) if total else 0,
        len(questions.predictions(lesson.name)),
        len(questions.questions(lesson.name)),
        tuple(_figures(nbformat.read(lesson.notebook_path, as_version=4))),
    )


def words(text: str) -> int:
    """How many words a text has; a formula is one, a table none."""
    return len(TAG.sub(" ", FORMULA.sub("x", TABLE.sub("", text))).split())


def _owned(source: str) -> Iterator[bool]:
    """Of each line of code in a cell, whether a student writes it."""
    docstrings = {
        number
        for node in _documented(source)
        for number in range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)
    }
    own = False
    for number, line in enumerate(source.splitlines(), start=1):
        if line.strip() in (BEGIN, END):
            own = line.strip() == BEGIN
        elif line.strip() and number not in docstrings and not line.startswith(ASKS):
            yield own


def _documented(source: str) -> list[ast.FunctionDef | ast.ClassDef]:
    """The functions and classes of a cell that have a docstring."""
    nodes = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef | ast.ClassDef))
    return [node for node in nodes if ast.get_docstring(node) is not None]


def _figures(notebook: NotebookNode) -> Iterator[Figure]:
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if drawn := output.get("metadata", {}).get("figure"):
                title = drawn.get("title") or next((ax["title"] for ax in drawn["axes"] if ax["title"]), "")
                yield Figure(title, drawn.get("seeds"))
