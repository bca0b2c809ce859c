"""The command line: ``autograder build | handout | setup | judge | collect | grade | report | ...``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
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
from rich.text import Text

from autograder.errors import DescentError
from autograder.export.formats import Format, Platform
from autograder.machine.prepare import prepare
from autograder.sandbox.confine import Limits
from autograder.sandbox.launch import load_ahead

if TYPE_CHECKING:
    from autograder.grade.ruling import Ruled

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
ExplainOption = Annotated[
    bool,
    typer.Option(
        "--explain", help="Search for the line that is wrong in each answer: some seconds for each."
    ),
]
RosterOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE.csv", help="The class: a CSV with the columns student, name, email, lms_id."),
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
        from course.printable import printable  # what said it has loaded the course already

        said = escape("\n".join(map(printable, said.splitlines())))
        errors.print(f"[bold red]autograder:[/] {said}", highlight=False, soft_wrap=True)
        sys.exit(130 if isinstance(error, Interrupted) else 2)


def _here(folder: Path) -> Path:
    signs = ("nbgrader_config.py", "gradebook.db")
    return Path() if folder == Path("gradebook") and any(Path(name).is_file() for name in signs) else folder


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
    """Submissions a second, once there is a second to speak of."""

    def render(self, task: Task) -> Text:
        rate = task.finished_speed or task.speed
        return Text(f"{rate:.1f} a second" if rate and (task.elapsed or 0.0) >= 1 else "")


@app.command()
def judge(
    notebooks: Annotated[list[Path], typer.Argument(help="Notebooks of any lesson.")],
    seed: Annotated[
        int | None, typer.Option(min=0, help="Seed of the secret cases; drawn anew unless given.")
    ] = None,
    cell_seconds: CellSecondsOption = Limits.cell,
    no_sandbox: NoSandboxOption = False,
    explain: ExplainOption = False,
) -> None:
    """Judge notebooks without a gradebook: one JSON object a line, in order.

    The exit code is 0 whatever the scores, and 2 when none of the files is a notebook.
    """
    load_ahead()
    from autograder.judge.apart import judges
    from autograder.judge.grader import Grader

    limits = Limits(cell=cell_seconds, notebook=3 * cell_seconds)
    grader = Grader(seed, limits, not no_sandbox, explain=explain)
    unread: list[str] = []
    with judges(grader, 1) as processes:
        for path in notebooks:
            judgement = processes.judge(path).judgement
            # In ASCII alone, which says the same to a program and does nothing to a terminal.
            print(json.dumps(judgement.to_line()), flush=True)
            unread += judgement.sentences if judgement.state == "unreadable" else ()
    if len(unread) == len(notebooks):
        raise DescentError(unread[0])


@app.command()
def setup(gradebook: GradebookOption = Path("gradebook")) -> None:
    """Make a gradebook folder in nbgrader's format, with every lesson; or bring one up to date.

    A source or release notebook that was changed in the folder is left as it is, and named.
    """
    from autograder.catalogue.lesson import lessons
    from autograder.grade.folder import CourseFolder
    from autograder.grade.settings import SEND_TO_DESCENT, SETTINGS, TO_DESCENT

    folder = CourseFolder(_here(gradebook))
    for path in folder.setup(lessons()):
        errors.print(
            f"{escape(str(path))} was changed and is left as it is: delete it and run setup again to have "
            "the course's own.",
            soft_wrap=True,
        )
    # Of an older version, or an instructor's own.
    if CourseFolder(folder.path).config.Autograde.get("exporter_class") != TO_DESCENT:
        errors.print(
            f"formgrader's own button for grading runs students' code outside the sandbox: add to "
            f"{escape(str(folder.path / SETTINGS))} the line\n{SEND_TO_DESCENT}",
            highlight=False,
            soft_wrap=True,
        )
    place = folder.directory.directory_structure.format(
        nbgrader_step=folder.directory.submitted_directory, student_id="STUDENT", assignment_id="LESSON"
    )
    errors.print(f"{folder.path} is ready: put submissions in {place}/.")


@app.command()
def sample(
    lessons: Annotated[list[str] | None, typer.Argument(help="Lessons; all unless given.")] = None,
    students: Annotated[int, typer.Option(min=1, max=16, help="How many students hand in.")] = 16,
    gradebook: GradebookOption = Path("gradebook"),
) -> None:
    """Hand in a sample class: right answers, typical mistakes, broken notebooks."""
    from autograder.catalogue.lesson import find
    from autograder.catalogue.lesson import lessons as every_lesson
    from autograder.catalogue.sample import sample_class
    from autograder.grade.folder import CourseFolder

    folder = CourseFolder(_here(gradebook))
    for lesson in [find(name) for name in lessons or ()] or every_lesson():
        folder.require(lesson)
        handed_in = list(sample_class(lesson, students))
        for student, file, text in handed_in:
            folder.submit(student, lesson, text, file)
        place = folder.path / folder.directory.submitted_directory
        errors.print(f"{len(handed_in)} submissions of {lesson.name} are in {place}.")


@app.command()
def collect(
    lesson: Annotated[str, typer.Argument(help="The lesson that was handed in.")],
    source: Annotated[
        Path, typer.Argument(help="The zip that the platform gave, or the folder that it unpacked to.")
    ],
    roster: Annotated[
        Path | None,
        typer.Option(help="Who is in the class: a CSV with the columns student,name,email,lms_id."),
    ] = None,
    times: Annotated[
        Path | None, typer.Option(help="When it was handed in: Moodle's grading worksheet, a CSV.")
    ] = None,
    zone: Annotated[
        str,
        typer.Option(help="Time zone of the worksheet, such as Europe/Berlin; this machine's by default."),
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done; write nothing.")
    ] = False,
    gradebook: GradebookOption = Path("gradebook"),
) -> None:
    """Put what was handed in into the gradebook folder: from Moodle, Canvas, nbgrader or plain files.

    The newest attempt counts, older ones are kept in collected/; the same again changes nothing.
    """
    from autograder.catalogue.lesson import find
    from autograder.collect import table as collected_table
    from autograder.collect.collect import collect as collect_class
    from autograder.grade.folder import CourseFolder

    folder = CourseFolder(_here(gradebook))
    done = collect_class(folder, find(lesson), source, roster, times, zone, dry_run, _progress)
    for part in collected_table.rendered(done, dry_run):
        _console().print(part)


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
    explain: ExplainOption = False,
    students: Annotated[
        list[str] | None, typer.Option("--student", help="Grade this student alone; may be given again.")
    ] = None,
    exercise: Annotated[
        str | None,
        typer.Option(help="Grade again, as a whole, each notebook in which this exercise was attempted."),
    ] = None,
) -> None:
    """Grade every new submission of a lesson: into the gradebook, with feedback for each and a class report.

    Stopped at any moment, the same command goes on from there.
    """
    load_ahead()
    from autograder.catalogue.lesson import find
    from autograder.grade.folder import CourseFolder
    from autograder.grade.grade_class import grade_class
    from autograder.report import page as class_report
    from autograder.report import table as class_table
    from autograder.report.results import results
    from course.printable import printable

    folder = CourseFolder(_here(gradebook))
    limits = Limits(cell=cell_seconds, notebook=3 * cell_seconds)
    chosen = [find(name) for name in lessons]
    how = (workers, force, seed, limits, not no_sandbox, _progress, explain, students or None, exercise)
    for done in grade_class(folder, chosen, *how):
        name = done.lesson.name
        _say_ruled(done.ruled)
        if done.unchanged:
            errors.print(f"{done.unchanged} submissions of {name} are graded and have not changed.")
        if done.renewed:
            errors.print(f"{done.renewed} more pages of {name} show what has changed since.")
        if done.without_page:
            names = escape(printable(", ".join(done.without_page)))
            said = escape(printable(done.problem))
            errors.print(f"No page could be made for {names} ({said}): the grades are there.")
        for part in class_table.summary(results(folder, done.lesson), students or ()):
            _console().print(part)
        if done.changed:
            _console().print(class_table.changes(done.changed))
        for left_out in done.left_out:
            errors.print(escape(f"Not graded: {left_out.sentence}."), highlight=False, soft_wrap=True)
    print(f"Report: {class_report.write(folder)}")


def _say_ruled(ruled: Ruled, dry_run: bool = False) -> None:
    from autograder.grade import ruled_table

    if ruled.changed:
        _console().print(ruled_table.table(ruled, dry_run))
    for sentence in ruled_table.sentences(ruled):
        errors.print(escape(sentence), highlight=False, soft_wrap=True)


@app.command("policy")
def apply_policy(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show before and after; change nothing.")
    ] = False,
    workers: Annotated[int, typer.Option(min=1, help="How many pages are made at a time.")] = 2,
    gradebook: GradebookOption = Path("gradebook"),
) -> None:
    """Bring points, due dates and penalties in line with policy.toml, without running anybody's code again.

    `autograder grade` does it too. What the file no longer says is as it was before.
    """
    from autograder.grade import grade_class, ruled_table
    from autograder.grade.folder import CourseFolder
    from autograder.report import page as class_report
    from course.printable import printable

    folder = CourseFolder(_here(gradebook))
    changed = 0
    for done in grade_class.apply_policy(folder, workers, dry_run, _progress):
        if done.terms.due or done.terms.changes_points:
            said = ruled_table.holds(done.ruled.lesson, done.terms)
            errors.print(escape(said), highlight=False, soft_wrap=True)
        _say_ruled(done.ruled, dry_run)
        changed += len(done.ruled.changed)
        if done.without_page:
            names = escape(printable(", ".join(done.without_page)))
            errors.print(f"No page could be made for {names}: the points are there.")
    scores = "1 score" if changed == 1 else f"{changed} scores"
    errors.print(f"Changed by the policy: {scores}{', if it were not a dry run' if dry_run else ''}.")
    if changed and not dry_run:
        print(f"Report: {class_report.write(folder)}")


@app.command()
def report(
    lessons: Annotated[
        list[str] | None,
        typer.Argument(metavar="[LESSON...]", help="Lessons to report on; all that are graded unless given."),
    ] = None,
    html: Annotated[
        bool, typer.Option("--html", help="Write the page alone; print nothing of the class.")
    ] = False,
    gradebook: GradebookOption = Path("gradebook"),
) -> None:
    """Print whom to look at, and write report.html anew, from what the gradebook holds.

    Of several lessons the page has totals too.
    """
    from autograder.catalogue.lesson import find
    from autograder.catalogue.lesson import lessons as every_lesson
    from autograder.grade.folder import CourseFolder
    from autograder.report import page as class_report
    from autograder.report import table as class_table
    from autograder.report.results import class_results

    folder = CourseFolder(_here(gradebook))
    folder.require()
    found = class_results(folder, [find(name) for name in lessons or ()] or every_lesson())
    path = class_report.write(folder, found)
    for entry in found.lessons if not html else ():
        for part in class_table.summary(entry):
            _console().print(part)
    print(f"Report: {path}")


@app.command()
def alike(
    lesson: Annotated[str, typer.Argument(help="The lesson whose submissions are compared.")],
    html: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write what is alike side by side, as a page.")
    ] = None,
    gradebook: GradebookOption = Path("gradebook"),
) -> None:
    """List answers that are alike beyond what the exercise forces, for a person to look at.

    It runs nothing, keeps nothing and decides nothing: what few others share is put side by side.
    """
    from autograder.alike import page, said
    from autograder.alike.compare import compare
    from autograder.catalogue.lesson import find
    from autograder.grade.folder import CourseFolder

    folder, chosen = CourseFolder(_here(gradebook)), find(lesson)
    folder.require(chosen)
    if html:
        page.require_place(html)
    compared = compare(folder, chosen, _progress)
    said.say(_console(), compared)
    if html:
        page.write(compared, html)
        print(f"\nWritten: {html}")


@app.command()
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="The file to write.")],
    format: Annotated[Format, typer.Option(help="Who takes the grades; the table is for people.")],
    lesson: Annotated[
        list[str] | None,
        typer.Option(help="A lesson; may be repeated. All that were handed in unless given."),
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option(
            "--from", metavar="EXPORTED.csv", help="What the platform exported, which is filled in."
        ),
    ] = None,
    roster: RosterOption = None,
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="LESSON=COLUMN", help="The column of a lesson in Canvas's file."),
    ] = None,
    gradebook: GradebookOption = Path("gradebook"),
) -> None:
    """Write the grades of a class as Canvas or Moodle take them back, or as a table of everything.

    What is not graded stays empty. Who could not be matched is listed, with the reason.
    """
    from autograder.catalogue.lesson import find
    from autograder.export import said
    from autograder.export.export import export as write
    from autograder.grade.folder import CourseFolder

    folder = CourseFolder(_here(gradebook))
    folder.require()
    chosen = [find(name) for name in lesson or ()]
    said.say(_console(), file, write(folder, file, format, chosen, source, roster, column or ()))


@app.command("return")
def return_pages(
    lesson: Annotated[str, typer.Argument(metavar="LESSON", help="The lesson.")],
    file: Annotated[Path, typer.Argument(metavar="FILE.zip", help="The zip to write.")],
    format: Annotated[Platform, typer.Option(help="Who takes the pages.")],
    source: Annotated[
        Path | None, typer.Option("--from", metavar="WORKSHEET.csv", help="Moodle's grading worksheet.")
    ] = None,
    roster: RosterOption = None,
    gradebook: GradebookOption = Path("gradebook"),
) -> None:
    """Pack the feedback pages of a lesson into the zip that Canvas or Moodle take back."""
    from autograder.catalogue.lesson import find
    from autograder.export import export, said
    from autograder.grade.folder import CourseFolder

    folder, chosen = CourseFolder(_here(gradebook)), find(lesson)
    folder.require(chosen)
    said.say(_console(), file, export.give_back(folder, chosen, file, format, source, roster))


@app.command("lessons")
def count_lessons(
    page: Annotated[bool, typer.Option("--page", help="Write docs/lessons.md.")] = False,
) -> None:
    """Count what each lesson asks of a student: words, lines, minutes, questions, seeds behind figures."""
    from autograder.catalogue.lesson import lessons, project
    from autograder.measure import reading_table
    from autograder.measure.reading import reading

    counted = [reading(lesson) for lesson in lessons()]
    _console().print(reading_table.table(counted))
    if page:
        typer.echo(reading_table.write(counted, project()))


@app.command()
def sensitivity(
    lessons: Annotated[list[str] | None, typer.Argument(help="Lessons to try; all unless given.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Totals and every cell of the matrix, as JSON.")
    ] = False,
    page: Annotated[
        bool,
        typer.Option(
            "--page",
            help="Write docs/checks.md and its figure, of all lessons; only those are tried again of which "
            "something has changed since solutions/proofs was written.",
        ),
    ] = False,
    times: Annotated[bool, typer.Option("--times", help="Measure how long a check takes instead.")] = False,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the graded cases.")] = 0,
    seeds: Annotated[int, typer.Option(min=1, help="How many seeds in a row, from --seed on.")] = 1,
) -> None:
    """Try every known mistake and every known right answer on every check.

    Below the counts it says what a lesson lacks; the exit code is 1 then.
    """
    if page and lessons:
        raise DescentError("The page shows all lessons: name none with --page.")

    from autograder.catalogue.lesson import find, project
    from autograder.catalogue.lesson import lessons as every_lesson
    from autograder.measure import check_times, proofs, unseen_proofs
    from autograder.measure import page as checks_page
    from autograder.measure import table as sensitivity_table
    from autograder.measure.costs import costs
    from autograder.measure.matrix import Matrix
    from autograder.measure.missing import missing
    from autograder.measure.sensitivity import sensitivity as try_all

    chosen = [find(name) for name in lessons or ()] or every_lesson()
    if times:
        _console().print(check_times.table(chosen))
        return
    drawn = range(seed, seed + seeds)
    with errors.status("Trying every known answer"):
        if page:
            written = [*proofs.renew(chosen, drawn), *unseen_proofs.renew(chosen)]
            proved = [proofs.load(lesson) for lesson in chosen]
            matrix = sum((proof.matrix for proof in proved), Matrix())
            paid = [cost for proof in proved for cost in proof.costs]
        else:
            matrix = try_all(chosen, drawn)
            paid = costs(chosen)
    lacking = missing(chosen, matrix)
    if as_json:
        print(
            json.dumps(
                {
                    "totals": matrix.totals(),
                    "pairs": matrix.pair_totals(),
                    "missing": lacking,
                    "costs": [{**vars(cost), "share": cost.share} for cost in paid],
                    "matrix": [vars(trial) for trial in matrix.trials],
                }
            )
        )
    elif page:
        found = [entry for lesson in chosen for entry in unseen_proofs.load(lesson)]
        for path in (*written, *checks_page.write(matrix, paid, found, drawn, project())):
            print(path)
    else:
        _console().print(sensitivity_table.table(matrix, paid))
    if lacking:
        if not as_json:
            print("\n".join(lacking))
        raise typer.Exit(1)


@app.command("unseen")
def try_unseen(
    lessons: Annotated[list[str] | None, typer.Argument(help="Lessons to try; all unless given.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Counts and every answer, as JSON.")] = False,
) -> None:
    """Try the answers in tests/support/unseen, which no check was written for, on the public cases."""
    from autograder.catalogue.lesson import find
    from autograder.catalogue.lesson import lessons as every_lesson
    from autograder.measure import recognition, recognition_table

    chosen = [find(name) for name in lessons or ()] or every_lesson()
    with errors.status("Trying every unseen answer"):
        found = recognition.recognition(chosen)
    if as_json:
        print(json.dumps(recognition.as_json(found)))
        return
    _console().print(recognition_table.table(found))


@app.command()
def bench(
    lesson: Annotated[str, typer.Argument(help="The lesson that is graded.")] = "05_adam",
    students: Annotated[int, typer.Option(min=2, help="How many submissions are compared.")] = 60,
    workers: Annotated[int, typer.Option(min=1, help="How many notebooks run at a time.")] = 2,
    as_json: Annotated[bool, typer.Option("--json", help="The numbers as JSON.")] = False,
) -> None:
    """Grade the same submissions with stock nbgrader and with Descent; takes about half an hour."""
    from autograder.catalogue.lesson import find
    from autograder.measure import bench_table
    from autograder.measure.bench import bench as compare

    with errors.status("Measuring") as status:
        found = compare(find(lesson), students, workers, lambda what: status.update(f"Measuring: {what}"))
    if as_json:
        print(json.dumps(found))
        return
    _console().print(bench_table.table(lesson, found))
    print("\n".join(bench_table.sentences(found)))


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


@app.command()
def handout(
    file: Annotated[Path, typer.Argument(metavar="FILE.zip", help="The zip to write.")],
    address: Annotated[
        str | None,
        typer.Option(
            help="Where lessons on Colab and Kaggle get the course from: the zip's own address, or that of a "
            "repository with the unpacked zip. Without it students upload a file of the zip.",
        ),
    ] = None,
) -> None:
    """Pack what students need and nothing else: the same bytes every time.

    In it are a README of their own, course, lessons, requirements and licences. Solutions need not be here.
    """
    from autograder.handout.pack import pack

    with errors.status("Packing"):
        made = pack(file, address)
    print(f"{made.path}: {len(made.lessons)} lessons, {made.size / 1e6:.1f} MB, SHA-256 {made.digest}")
