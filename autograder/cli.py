"""The command line: ``autograder build | setup | judge | grade | report | sample | sensitivity | bench``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from autograder.errors import DescentError
from autograder.machine.prepare import prepare
from autograder.sandbox.confine import Limits
from autograder.sandbox.launch import load_ahead

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
CellSecondsOption = Annotated[
    float,
    typer.Option(min=1, help="Seconds for one cell; a notebook has three times as many."),
]
NoSandboxOption = Annotated[
    bool, typer.Option("--no-sandbox", help="Run student code without protection; the report says so.")
]


class Interrupted(DescentError):
    """Ctrl-C; the sentence says how far it got."""


def run() -> None:
    """The console script. What is wrong with the input is said in one sentence, with exit code 2."""
    prepare()
    try:
        app()
    except (DescentError, OSError) as error:
        said = str(error)
        if isinstance(error, OSError):  # a folder that can't be written to, a full disk
            said = f"{error.filename or 'A file'}: {error.strerror}. Mend that and run the command again."
        errors.print(f"[bold red]autograder:[/] {escape(said)}", highlight=False, soft_wrap=True)
        sys.exit(130 if isinstance(error, Interrupted) else 2)


def _here(folder: Path) -> Path:
    return Path() if folder == Path("gradebook") and Path("gradebook.db").is_file() else folder


def _console() -> Console:
    """A terminal as wide as it is; a file or a pipe, which has no width of its own, 120 columns."""
    console = Console()
    return console if console.is_terminal else Console(width=120)


@contextmanager
def _progress(title: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar with rate and time left; Ctrl-C ends the command with one sentence."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    try:
        with Progress(*columns, console=errors) as progress:
            task = progress.add_task(title, total=total)
            yield lambda count: progress.advance(task, count)
    except KeyboardInterrupt:
        done = int(progress.tasks[0].completed)
        raise Interrupted(
            f"Stopped: {title[0].lower()}{title[1:]} got to {done} of {total}. "
            "Run the same command again to go on from there."
        ) from None


class _Rate(ProgressColumn):
    """Submissions a second, since the start."""

    def render(self, task: Task) -> Text:
        rate = task.finished_speed or task.speed
        return Text(f"{rate:.1f} a second" if rate else "")


@app.command()
def judge(
    notebooks: Annotated[list[Path], typer.Argument(help="Notebooks of any lesson.")],
    seed: Annotated[
        int | None, typer.Option(min=0, help="Seed of the secret cases; drawn anew unless given.")
    ] = None,
    cell_seconds: CellSecondsOption = Limits.cell,
    no_sandbox: NoSandboxOption = False,
) -> None:
    """Judge notebooks without a gradebook: one JSON object a line, in order.

    The exit code is 0 whatever the scores, and 2 when none of the files is a notebook.
    """
    load_ahead()
    from autograder.judge.grader import Grader

    grader = Grader(seed, Limits(cell=cell_seconds, notebook=3 * cell_seconds), not no_sandbox)
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
    from autograder.catalogue.lesson import lessons
    from autograder.grade.folder import CourseFolder

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
    from autograder.catalogue.lesson import find
    from autograder.catalogue.lesson import lessons as every_lesson
    from autograder.catalogue.sample import hand_in
    from autograder.grade.folder import CourseFolder

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
    force: Annotated[
        bool, typer.Option("--force", help="Grade again what has not changed, and say whose score changed.")
    ] = False,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Seed of the secret cases; the folder's own unless given.")
    ] = None,
    cell_seconds: CellSecondsOption = Limits.cell,
    no_sandbox: NoSandboxOption = False,
) -> None:
    """Grade every new submission of a lesson: into the gradebook, with feedback for each and a class report.

    Stopped at any moment, the same command goes on from there.
    """
    load_ahead()
    from autograder.catalogue.lesson import find
    from autograder.grade import feedback
    from autograder.grade.class_run import ClassRun
    from autograder.grade.folder import CourseFolder
    from autograder.judge.grader import Grader
    from autograder.report import page as class_report
    from autograder.report import table as class_table
    from autograder.report.results import results

    folder = CourseFolder(_here(gradebook))
    chosen = [find(name) for name in lessons]
    for lesson in chosen:
        folder.require(lesson)
        if not folder.submissions(lesson):
            place = f"{folder.path}/submitted/STUDENT/{lesson.name}/"
            raise DescentError(f"There are no submissions of {lesson.name}: put them in {place}.")
    limits = Limits(cell=cell_seconds, notebook=3 * cell_seconds)
    grader = Grader(folder.seed() if seed is None else seed, limits, not no_sandbox, [folder.path])
    with folder.lock():
        for lesson in chosen:
            run = ClassRun(folder, lesson, grader, force)
            if run.unchanged:
                errors.print(f"{run.unchanged} submissions of {lesson.name} are graded and have not changed.")
            changes = []
            with _progress(f"Grading {lesson.name}", len(run)) as advance:
                for graded in run.run(workers):
                    advance(1)
                    if graded.before not in (None, graded.after):
                        changes.append(graded)
            pages = feedback.missing(folder, lesson)
            with _progress(f"Feedback on {lesson.name}", len(pages)) as advance:
                for count in feedback.write(folder, lesson, pages, workers):
                    advance(count)
            if without := feedback.missing(folder, lesson):
                errors.print(
                    f"nbgrader could make no page for {escape(', '.join(without))}: the grades are there."
                )
            _console().print(class_table.table(results(folder, lesson)))
            if changes:
                _console().print(class_table.changes(changes))
    print(f"Report: {class_report.write(folder)}")


@app.command()
def report(gradebook: GradebookOption = Path("gradebook")) -> None:
    """Write report.html anew from what the gradebook holds."""
    from autograder.grade.folder import CourseFolder
    from autograder.report import page as class_report

    folder = CourseFolder(_here(gradebook))
    folder.require()
    print(f"Report: {class_report.write(folder)}")


@app.command()
def sensitivity(
    lessons: Annotated[list[str] | None, typer.Argument(help="Lessons to try; all unless given.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Totals and every cell of the matrix, as JSON.")
    ] = False,
    page: Annotated[
        bool, typer.Option("--page", help="Write docs/checks.md and its figure, of all lessons.")
    ] = False,
    times: Annotated[bool, typer.Option("--times", help="Measure how long a check takes instead.")] = False,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the graded cases.")] = 0,
    seeds: Annotated[int, typer.Option(min=1, help="How many seeds in a row, from --seed on.")] = 1,
) -> None:
    """Try every known mistake and every known right answer on every check."""
    if page and lessons:
        raise DescentError("The page shows all lessons: name none with --page.")

    from autograder.catalogue.lesson import find, project
    from autograder.catalogue.lesson import lessons as every_lesson
    from autograder.measure import check_times
    from autograder.measure import page as checks_page
    from autograder.measure import table as sensitivity_table
    from autograder.measure.sensitivity import sensitivity as try_all

    chosen = [find(name) for name in lessons or ()] or every_lesson()
    if times:
        _console().print(check_times.table(chosen))
        return
    drawn = range(seed, seed + seeds)
    with errors.status("Trying every known answer"):
        matrix = try_all(chosen, drawn)
    if as_json:
        print(
            json.dumps(
                {
                    "totals": matrix.totals(),
                    "pairs": matrix.pair_totals(),
                    "matrix": [vars(trial) for trial in matrix.trials],
                }
            )
        )
    elif page:
        for path in checks_page.write(matrix, drawn, project()):
            print(path)
    else:
        _console().print(sensitivity_table.table(matrix))


@app.command()
def bench(
    lesson: Annotated[str, typer.Argument(help="The lesson that is graded.")] = "05_adam",
    students: Annotated[int, typer.Option(min=2, help="How many submissions are compared.")] = 60,
    workers: Annotated[int, typer.Option(min=1, help="How many notebooks run at a time.")] = 2,
    as_json: Annotated[bool, typer.Option("--json", help="The numbers as JSON.")] = False,
) -> None:
    """Grade the same submissions with stock nbgrader and with Descent; takes about half an hour."""
    from autograder.catalogue.lesson import find
    from autograder.measure.bench import bench as compare

    with errors.status("Measuring") as status:
        found = compare(find(lesson), students, workers, lambda what: status.update(f"Measuring: {what}"))
    if as_json:
        print(json.dumps(found))
        return
    table = Table(
        title=f"{lesson}: seconds a submission, {workers} workers", title_justify="left", box=box.SIMPLE
    )
    for head in ("", "stock nbgrader", "Descent", "ratio"):
        table.add_column(head, justify="right" if head else "left")
    for name, row in (("without experiments", found), ("as handed in", found["as_handed_in"])):
        table.add_row(name, f"{row['stock_s']:.2f}", f"{row['descent_s']:.2f}", f"{row['ratio']:.1f}")
    _console().print(table)
    for size, seconds in found["cost"].items():
        print(f"{size:>5} submissions: {seconds:.3f} s each once started")
    loops = found["endless_loops"]
    print(
        f"With a third of the class in endless loops, the others are done after {loops['together_s']:.1f} s "
        f"instead of {loops['alone_s']:.1f} s."
    )
    print(f"Peak memory: {found['peak_memory_mb']} MB")


@app.command()
def build(
    lessons: Annotated[list[str] | None, typer.Argument(help="Lessons to build; all unless given.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; say what differs.")] = False,
) -> None:
    """Build solution and student notebooks, and the hints, from solutions/NN_name.py."""
    from autograder.build import notebooks as builder

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
