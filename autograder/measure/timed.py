"""``python -m autograder.measure.timed``: grades a folder and prints when each submission was recorded.

A process of its own, so that the time that Python takes to start and to load is measured too.
"""

from __future__ import annotations

import json
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from autograder.errors import DescentError
from autograder.machine.prepare import prepare
from autograder.sandbox.confine import Limits
from autograder.sandbox.launch import load_ahead


def main(
    path: Path,
    name: str,
    workers: Annotated[int, typer.Option()],
    cell_seconds: Annotated[float, typer.Option()] = Limits.cell,
    with_feedback: Annotated[bool, typer.Option("--with-feedback")] = False,
) -> None:
    """Grade the lesson ``name`` in the gradebook folder ``path``, all of it anew."""
    prepare()
    load_ahead()
    from autograder.catalogue.lesson import find
    from autograder.grade import feedback
    from autograder.grade.class_run import ClassRun
    from autograder.grade.folder import CourseFolder
    from autograder.judge.grader import Grader

    folder, lesson = CourseFolder(path), find(name)
    limits = Limits(cell=cell_seconds, notebook=3 * cell_seconds)
    given = {lesson.name: folder.student_notebook(lesson)}
    grader = Grader(folder.seed(), limits, hidden=folder.hidden(), handed_out=given)
    run = ClassRun(folder, lesson, grader, force=True)
    with feedback.Writer(folder, lesson, workers) if with_feedback else nullcontext() as pages:
        recorded = {}
        for graded in run.run(workers):
            recorded[graded.student] = time.monotonic()
            if pages:
                pages.begin([graded.student])
        made = list(pages.rest()) if pages else []
    if problems := [tried.problem for tried in made if tried.problem]:
        raise DescentError(f"A page could not be made: {problems[0]}.")
    print(json.dumps(recorded))


if __name__ == "__main__":
    typer.run(main)
