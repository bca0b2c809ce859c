"""The command line: ``autograder build | setup | judge | grade | report | sample | sensitivity``."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from autograder.errors import DescentError
from autograder.numerics import PINNED

# Heavy imports (torch, nbgrader) wait until a command needs them: `--help` answers at once.
app = typer.Typer(
    help="Build, judge and grade the lessons of Descent.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
errors = Console(stderr=True)

GradebookOption = Annotated[
    Path, typer.Option("--gradebook", help="The nbgrader course folder; this folder when it is one.")
]


def run() -> None:
    """The console script. What is wrong with the input is said in one sentence, with exit code 2."""
    # Before torch is loaded: the same digits on every machine, whoever calls.
    os.environ.update(PINNED)
    # nbgrader calls its tools by name; they stand beside this one.
    os.environ["PATH"] = os.pathsep.join(
        [str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
    )
    try:
        app()
    except DescentError as error:
        errors.print(f"[bold red]autograder:[/] {error}", highlight=False, soft_wrap=True)
        sys.exit(2)


def _here(folder: Path) -> Path:
    return Path() if folder == Path("gradebook") and Path("gradebook.db").is_file() else folder


def _console() -> Console:
    """A terminal as wide as it is; a file or a pipe, which has no width of its own, 120 columns."""
    console = Console()
    return console if console.is_terminal else Console(width=120)


@contextmanager
def _progress(title: str, total: int) -> Iterator[Progress]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors) as progress:
        progress.add_task(title, total=total)
        yield progress


@app.command()
def judge(
    notebooks: Annotated[list[Path], typer.Argument(help="Notebooks of any lesson.")],
    seed: Annotated[
        int | None, typer.Option(help="Seed of the secret cases; drawn anew unless given.")
    ] = None,
) -> None:
    """Judge notebooks without a gradebook: one JSON object a line, in order.

    The exit code is 0 whatever the scores, and 2 when none of the files is a notebook.
    """
    from autograder.grader import Grader

    grader = Grader(seed)
    unread = []
    for path in notebooks:
        judgement = grader.judge(path)
        print(json.dumps(judgement.line(), ensure_ascii=False), flush=True)
        unread += judgement.flags if judgement.state == "unreadable" else ()
    if len(unread) == len(notebooks):
        raise DescentError(unread[0])


@app.command()
def setup(gradebook: GradebookOption = Path("gradebook")) -> None:
    """Make a gradebook folder in nbgrader's format, with every lesson; or bring one up to date."""
    from autograder.gradebook import CourseFolder
    from autograder.lesson import lessons

    known = lessons()
    CourseFolder(_here(gradebook)).setup(known)
    errors.print(
        f"{_here(gradebook).resolve()} is ready: put submissions in submitted/STUDENT/{known[-1].name}/."
    )


@app.command()
def sample(
    lessons: Annotated[list[str] | None, typer.Argument(help="Lessons; all unless given.")] = None,
    students: Annotated[int, typer.Option(min=1, max=16, help="How many students hand in.")] = 16,
    gradebook: GradebookOption = Path("gradebook"),
) -> None:
    """Hand in a sample class: right answers, typical mistakes, broken notebooks."""
    from autograder.gradebook import CourseFolder
    from autograder.lesson import find
    from autograder.lesson import lessons as every_lesson
    from autograder.sample import hand_in

    folder = CourseFolder(_here(gradebook))
    for lesson in [find(name) for name in lessons or ()] or every_lesson():
        folder.require(lesson)
        count = hand_in(lesson, folder.path / "submitted", students)
        errors.print(f"{count} submissions of {lesson.name} are in {folder.path / 'submitted'}.")


@app.command()
def grade(
    lessons: Annotated[list[str], typer.Argument(metavar="LESSON...", help="Lessons to grade.")],
    workers: Annotated[int, typer.Option(min=1, help="How many notebooks run at a time.")] = 2,
    gradebook: GradebookOption = Path("gradebook"),
    seed: Annotated[
        int | None, typer.Option(help="Seed of the secret cases; drawn anew unless given.")
    ] = None,
) -> None:
    """Grade every submission of a lesson: into the gradebook, with feedback for each and a class report."""
    from autograder import class_report, class_table
    from autograder.class_results import results
    from autograder.gradebook import CourseFolder
    from autograder.gradebook import grade as grade_class
    from autograder.grader import Grader
    from autograder.lesson import find

    folder = CourseFolder(_here(gradebook))
    chosen = [find(name) for name in lessons]
    for lesson in chosen:
        folder.require(lesson)
        if not folder.submissions(lesson):
            place = f"{folder.path}/submitted/STUDENT/{lesson.name}/"
            raise DescentError(f"There are no submissions of {lesson.name}: put them in {place}.")
    grader = Grader(seed)
    for lesson in chosen:
        with _progress(f"Grading {lesson.name}", len(folder.submissions(lesson))) as progress:
            for _ in grade_class(folder, lesson, grader, workers):
                progress.advance(progress.task_ids[0])
        with errors.status("Writing feedback"):
            folder.feedback(lesson)
        _console().print(class_table.table(results(folder, lesson)))
    print(f"Report: {class_report.write(folder)}")


@app.command()
def report(gradebook: GradebookOption = Path("gradebook")) -> None:
    """Write report.html anew from what the gradebook holds."""
    from autograder import class_report
    from autograder.gradebook import CourseFolder

    folder = CourseFolder(_here(gradebook))
    folder.require()
    print(f"Report: {class_report.write(folder)}")


@app.command()
def sensitivity(
    as_json: Annotated[
        bool, typer.Option("--json", help="Totals and every cell of the matrix, as JSON.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Seed of the graded cases.")] = 0,
) -> None:
    """Try every known mistake and every known right answer on every check."""
    from autograder import sensitivity as matrix
    from autograder.lesson import lessons

    trials = list(matrix.sensitivity(lessons(), seed))
    if as_json:
        print(json.dumps({"totals": matrix.totals(trials), "matrix": [trial.line() for trial in trials]}))
    else:
        _console().print(matrix.by_exercise(trials))


@app.command()
def build(
    lessons: Annotated[list[str] | None, typer.Argument(help="Lessons to build; all unless given.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; say what differs.")] = False,
) -> None:
    """Build solution and student notebooks, and the hints, from solutions/NN_name.py."""
    from autograder import build as builder

    if check:
        differences = builder.check(lessons or ())
        for difference in differences:
            print(difference)
        if differences:
            raise DescentError("What is committed is not what the sources make: run `autograder build`.")
        return
    with errors.status("Building"):
        changed = builder.build(lessons or ())
    for path in changed:
        print(path)
