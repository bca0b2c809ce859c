"""The report of a graded class: one self-contained HTML file."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from autograder.catalogue.lesson import lessons
from autograder.errors import DescentError
from autograder.grade.folder import CourseFolder
from autograder.report import figures as class_figures
from autograder.report.results import results
from autograder.report.table import look_at
from course.printable import printable

NAME = "report.html"


def write(folder: CourseFolder) -> Path:
    """Write ``report.html`` into the gradebook folder, over every lesson that was graded there."""
    graded = [entry for lesson in lessons() if (entry := results(folder, lesson)).rows]
    if not graded:
        raise DescentError(f"Nothing is graded in {folder.path} yet: run `autograder grade LESSON` first.")
    environment = Environment(
        loader=PackageLoader("autograder.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    environment.filters["printable"] = printable
    environment.filters["points"] = lambda value: f"{value:.4g}"
    page = environment.get_template("report.html").render(
        classes=[(entry, class_figures.scores(entry), class_figures.exercises(entry)) for entry in graded],
        # One lesson is a bar chart already.
        overview=class_figures.heat_map(graded) if len(graded) > 1 else None,
        look_at=look_at,
    )
    path = folder.path / NAME
    path.write_text(page, encoding="utf-8")
    return path
