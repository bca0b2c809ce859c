"""The page that a student gets back: one HTML file that needs nothing else, and in which nothing runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup
from nbformat import NotebookNode

from autograder.grade.feedback.cells import Cells, outputs
from autograder.grade.scores import CellScore, Person, SubmissionScores
from autograder.judge.judgement import Judgement
from autograder.policy.terms import Counting
from course.cells import CHECK, grade_id

# The name under which a page keeps the digest of what it shows.
MARK = "descent-feedback"
# What is said of a notebook that was not graded to its end; of one that can't be read its first cell does.
STATES: Mapping[str, str] = MappingProxyType(
    {
        "timeout": "Something in it took longer than its time and was stopped: the rest is graded.",
        "out_of_memory": "Something in it used more memory than there is: the rest is graded.",
        "crashed": "Something in it ended Python: the rest is graded.",
    }
)


@dataclass(frozen=True)
class Row:
    """One line of the table of points.

    Attributes:
        answer: the id of the cell that the points are for.
        state: "full", "part" or "none"; empty where nothing can be said yet.
        sign, words: the same for eyes and for everybody.
        maximum: the points of a right answer.
        counting: how it counts where that is not as usual, or empty.
    """

    name: str
    answer: str
    points: CellScore
    state: str
    sign: str
    words: str
    maximum: float
    counting: str = ""


@dataclass(frozen=True)
class _Cell:
    id: str
    kind: str
    source: Markup
    outputs: list[Markup]
    label: str = ""
    is_text: bool = False
    row: Row | None = None
    comment: Markup | None = None


def page(
    title: str,
    notebook: NotebookNode,
    made: Cells,
    student: Person,
    scores: SubmissionScores,
    graded: date,
    judgement: Judgement | None,
    digest: str,
    counting: Mapping[str, tuple[Counting, float]] = MappingProxyType({}),
) -> str:
    """The whole page.

    Args:
        title: the lesson's.
        notebook: as it was graded, with outputs; its texts are such that a page may show them.
        graded: on which day.
        judgement: the notebook's; None where another program graded it, whose HTML is not shown.
        digest: of what the page shows.
        counting: how exercises count that do not as usual, and the points of a right answer, by id.
    """
    rows = dict(_rows(notebook, scores, judgement, counting))
    cells = [_cell(cell, made, rows, scores, judgement is not None) for cell in notebook.cells]
    return _template().render(
        title=title,
        student=student,
        scores=scores,
        graded=graded,
        state=STATES.get(judgement.state) if judgement else None,
        rows=rows.values(),
        others=[row for row in rows.values() if row.counting == "points"],
        any_by_hand=any(row.points.manual is not None or row.points.extra for row in rows.values()),
        comments=[
            {"cell": cell.id, "name": cell.label, "made": cell.comment} for cell in cells if cell.comment
        ],
        cells=cells,
        mark=MARK,
        digest=digest,
        style=_style(),
    )


def _cell(
    cell: NotebookNode, made: Cells, rows: Mapping[str, Row], scores: SubmissionScores, with_cards: bool
) -> _Cell:
    name = grade_id(cell)
    settings = cell.metadata.get("nbgrader", {})
    label, kind = "", "text"
    if settings.get("solution") or settings.get("task"):
        kind, label = "answer", f"Your answer: {name}"
    elif settings.get("grade"):
        kind, label = "check", f"Check: {name.removeprefix(CHECK)}"
    elif cell.cell_type == "code":
        kind, label = ("given", "") if made.is_handed_out(cell) else ("own", "Your own cell")
    comment = scores.comments.get(name) if name else None
    return _Cell(
        cell.get("id") or name,
        kind,
        Markup(made.source(cell)),
        [Markup(shown) for shown in outputs(cell, with_cards and name.startswith(CHECK)) if shown],
        label,
        cell.cell_type != "code",
        rows.get(name) if name else None,
        Markup(made.text(comment)) if comment else None,
    )


def _rows(
    notebook: NotebookNode,
    scores: SubmissionScores,
    judgement: Judgement | None,
    counting: Mapping[str, tuple[Counting, float]],
) -> Iterator[tuple[str, Row]]:
    """What earns points, by the name of its cell, in the order of the notebook."""
    attempted = {entry.id: entry.attempted for entry in judgement.exercises} if judgement else {}
    for cell in notebook.cells:
        name = grade_id(cell)
        if name in scores.cells:
            exercise, points = name.removeprefix(CHECK), scores.cells[name]
            kind, full = counting.get(exercise, ("", points.maximum))
            how = (
                ("", "\u2013", "does not count")
                if kind == "excluded"
                else _how(points, full, attempted.get(exercise, True))
            )
            yield name, Row(exercise, exercise, points, *how, full, kind)


def _how(points: CellScore, full: float, attempted: bool) -> tuple[str, str, str]:
    if points.needs_manual or points.score is None:
        return "", "…", "is graded by hand later"
    if points.score >= full > 0:
        return "full", "✓", "right"
    if points.score > 0:
        return "part", "◐", "partly right"
    return "none", "✗", "not right yet" if attempted else "not attempted"


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("autograder.grade.feedback"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["points"] = lambda value: "\u2013" if value is None else f"{value:.4g}"
    made.filters["date"] = lambda day: f"{day.day} {day:%B %Y}"
    made.filters["moment"] = lambda time: f"{time.day} {time:%B %Y, %H:%M} UTC"
    made.filters["anchor"] = lambda cell: f"cell-id={cell}"
    return made


@cache
def _template() -> Template:
    return _environment().get_template("page.html")


@cache
def _style() -> Markup:
    source: Any = _environment().loader
    return Markup(source.get_source(_environment(), "page.css")[0])
