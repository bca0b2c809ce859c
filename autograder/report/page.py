"""The report of a graded class: one self-contained HTML file."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from autograder.catalogue.lesson import lessons
from autograder.errors import DescentError
from autograder.grade.folder import CourseFolder
from autograder.machine.whole import put_whole
from autograder.report.looks import KINDS
from autograder.report.results import ClassResults, Results, class_results
from autograder.report.views import NONE, packed, views
from course.printable import printable

NAME = "report.html"
# Where formgrader is, unless the page comes from a Jupyter itself or is told another address.
JUPYTER = "http://localhost:8888/"
# More names in a sentence nobody reads; the table has them all.
FEW = 12


def write(folder: CourseFolder, found: ClassResults | None = None) -> Path:
    """Write ``report.html`` into the gradebook folder.

    Args:
        found: what it shows; every lesson that was graded there unless given.

    Raises:
        DescentError: nothing is graded.
    """
    found = found or class_results(folder, lessons())
    if not found.lessons:
        raise DescentError(f"Nothing is graded in {folder.path} yet: run `autograder grade LESSON` first.")
    path = folder.path / NAME
    put_whole(path, page(folder, found).encode())
    return path


def page(folder: CourseFolder, found: ClassResults) -> str:
    """The file. Its one script and its style are allowed by their digests, and nothing else is."""
    made = views(found)
    environment = _environment()
    structure = folder.directory.directory_structure
    return environment.get_template("report.html").render(
        results=found,
        views=made,
        rows=packed(made),
        kinds=KINDS,
        place=structure.format(
            nbgrader_step=folder.directory.submitted_directory, student_id="STUDENT", assignment_id="LESSON"
        ),
        now=datetime.now().astimezone(),
        jupyter=JUPYTER,
        style=_source(environment, "report.css"),
        script=_source(environment, "report.js"),
    )


def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("autograder.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    made.filters |= {
        "digest": _digest,
        "few": _few,
        "histogram": _histogram,
        "median": median,
        "points": lambda value: NONE if value is None else f"{value:.4g}",
        "printable": printable,
    }
    return made


def _source(environment: Environment, name: str) -> Markup:
    loader: Any = environment.loader
    return Markup(loader.get_source(environment, name)[0])


def _digest(text: str) -> str:
    """As a content security policy names what it allows."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _few(students: Sequence[str]) -> str:
    more = f" and {len(students) - FEW} more" if len(students) > FEW else ""
    return printable(", ".join(students[:FEW])) + more


def _histogram(entry: Results) -> list[int]:
    """How many students have each number of points, rounded."""
    counts = Counter(int(score + 0.5) for score in entry.scores)
    return [counts[points] for points in range(max([int(entry.max_score), *counts]) + 1)]
