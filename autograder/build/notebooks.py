"""Builds a lesson's two notebooks from its source, and says where the committed ones differ.

``solutions/NN_name.py`` becomes ``solutions/NN_name.ipynb``, executed, and ``lessons/NN_name.ipynb``, what
nbgrader's generate_assignment makes of that. The same source gives the same bytes on one machine.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import nbformat
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.nbgraderformat import MetadataValidator, SchemaTooNewError, SchemaTooOldError, ValidationError
from nbgrader.preprocessors import ClearSolutions, SaveCells

from autograder.build import first_cell, hints, measurements, runs
from autograder.build.compare import compare, compare_numbers, compare_words
from autograder.build.own import may_be_replaced, stamp
from autograder.build.provisioner import notebook_client
from autograder.build.stubs import NamedStubs
from autograder.catalogue.lesson import Lesson, find, lessons
from autograder.errors import DescentError
from autograder.machine.converter import ConversionError, convert
from autograder.machine.numerics import PINNED
from autograder.machine.workers import workers
from course.cells import grade_id

T = TypeVar("T")

CELL_TIMEOUT = 120  # seconds; a whole lesson takes 30 on an idle core
WORKERS = 2
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
# What the kernel says of itself, without the versions that differ between machines.
KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
}


class BuildError(DescentError):
    """Lessons that could not be built: one sentence a line, each naming the lesson and what is wrong."""


@dataclass(frozen=True)
class Built:
    """The two notebooks of a lesson and its hints, not yet written; no hints where those stored stand."""

    solution: NotebookNode
    student: NotebookNode
    hints: hints.Hints | None


def build(names: Iterable[str] = (), root: Path | None = None) -> list[Path]:
    """Build lessons and write their notebooks and hints. A lesson that fails leaves its files as they were.

    A lesson is run, and its numbers and hints are worked out, only where something that they depend on has
    changed.

    Args:
        names: the lessons; all of them when empty.
        root: the project's folder; the one that this package is in when None.

    Returns:
        The files that changed.

    Raises:
        UnknownLesson: there is no lesson of that name; nothing was built.
        BuildError: some lessons failed; the others were built and written.
    """
    chosen = [find(name, root) for name in names] or lessons(root)
    # Figures draw these. In processes of their own: it may take long, and can be interrupted.
    with workers(WORKERS) as processes:
        measured = list(processes.map(measurements.refresh, chosen))
    changed, failed = _for_each(chosen, _run, _write)
    if failed:
        raise BuildError("\n".join(failed))
    return [*filter(None, measured), *changed]


def check(names: Iterable[str] = (), root: Path | None = None, run: bool = True) -> list[str]:
    """Where the files of lessons are not what ``build`` would make, one sentence a difference.

    Writes nothing. A lesson that fails is one more sentence.

    Args:
        names, root: those of ``build``.
        run: False to take the committed outputs for those that running the lessons gives;
            ``pytest --nbval solutions/*.ipynb`` compares the two.
    """
    chosen = [find(name, root) for name in names] or lessons(root)
    stale = [
        f"{lesson.measured_path.relative_to(lesson.root)} was made from other inputs: make it with "
        f"`autograder build {lesson.name}`."
        for lesson in chosen
        if not measurements.up_to_date(lesson)
    ]
    make = execute if run else with_committed_outputs
    differences, failed = _for_each(chosen, make, _compare_all)
    return failed + stale + differences


def _for_each(
    chosen: Sequence[Lesson],
    make: Callable[[Lesson], NotebookNode],
    then: Callable[[Lesson, Built], list[T]],
) -> tuple[list[T], list[str]]:
    """What ``then`` returns for the lessons that can be built, and a sentence for each that can't.

    Args:
        make: the solution notebook of a lesson.
    """
    results: list[T] = []
    failed: list[str] = []
    # The hints are all computation: processes of their own do not keep the threads from their kernels. They
    # start first, while there is one thread to fork.
    with workers(WORKERS) as processes, ThreadPoolExecutor(WORKERS) as pool:
        traced = [processes.submit(hints.renewed, lesson) for lesson in chosen]
        executed = [pool.submit(make, lesson) for lesson in chosen]
        for lesson, execution, tracing in zip(chosen, executed, traced, strict=True):
            try:
                solution = execution.result()
                # In this thread: nbgrader changes the working directory of the process.
                student = hand_out(lesson, solution)
                for notebook in (solution, student):
                    stamp(notebook)
                runs.sign(lesson, solution)
                results += then(lesson, Built(solution, student, tracing.result()))
            except DescentError as error:
                failed.append(str(error))
    return results, failed


def _run(lesson: Lesson) -> NotebookNode:
    """The lesson's notebook in the form in which it is committed; run where something has changed."""
    notebook = with_committed_outputs(lesson)
    return notebook if runs.stands(lesson, notebook) else execute(lesson)


def _put_beside(lesson: Lesson, notebook: NotebookNode, place: Path) -> None:
    """The solutions of other lessons, where a lesson looks for answers in them; in ``solutions`` they are."""
    for other in runs.built_on(lesson, notebook):
        nbformat.write(other.source(), place / f"{other.name}.ipynb")


def execute(lesson: Lesson) -> NotebookNode:
    """The lesson's notebook, run from top to bottom, in the form in which it is committed."""
    notebook = lesson.source()
    _prepare(lesson, notebook)
    running = notebook.cells[0]

    def remember(cell: NotebookNode, cell_index: int) -> None:
        nonlocal running
        running = cell

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "work")
        place.mkdir()
        _put_beside(lesson, notebook, place)
        client = notebook_client(
            notebook,
            folder,
            timeout=CELL_TIMEOUT,
            resources={"metadata": {"path": str(place)}},
            store_widget_state=False,
            on_cell_execute=remember,
        )
        # The user's plotting backend, start-up files and history have no part in it.
        inherited = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
        environment = {**inherited, **PINNED, "IPYTHONDIR": str(place)}
        try:
            asyncio.run(client.async_execute(env=environment))
        except CellExecutionError as error:
            reason = f"{error.ename}: {error.evalue}".splitlines()[0].rstrip(": ")
            raise BuildError(f"{_place(lesson, running)} raised {reason}") from error
        except CellTimeoutError as error:
            raise BuildError(f"{_place(lesson, running)} took more than {CELL_TIMEOUT} seconds.") from error
        except DeadKernelError as error:
            raise BuildError(f"{_place(lesson, running)} ended its kernel.") from error
        except RuntimeError as error:
            raise BuildError(f"{lesson.name}: the kernel did not start: {error}.") from error
    _normalise(lesson, notebook)
    return notebook


def with_committed_outputs(lesson: Lesson) -> NotebookNode:
    """The lesson's notebook as ``execute`` makes it, with the outputs of the committed one, cell by cell."""
    notebook = lesson.source()
    _prepare(lesson, notebook)
    committed = runs.committed(lesson)
    code = [cell for cell in committed.cells if cell.cell_type == "code"] if committed else []
    outputs = {cell.id: cell.outputs for cell in code}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = outputs.get(cell.id, [])
    _normalise(lesson, notebook)
    return notebook


def _prepare(lesson: Lesson, notebook: NotebookNode) -> None:
    """Refuse what can be seen to be wrong; give every cell an id that does not change from build to build.

    What all lessons have in common is put in: the cell that looks for the course.
    """
    try:
        MetadataValidator().validate_nb(notebook)
    except (ValidationError, SchemaTooOldError, SchemaTooNewError) as error:
        reason = str(getattr(error, "message", error)).splitlines()[0]
        raise BuildError(f"{lesson.name}: a cell's nbgrader metadata is wrong: {reason}.") from error
    lesson.points()  # pairs every solution cell with its check, or says what is missing
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == "code" and not cell.source.strip():
            raise BuildError(f"{lesson.name}: cell {number} is an empty code cell: remove it.")
        cell["id"] = grade_id(cell) or f"cell-{number:03d}"
    first_cell.put_first(notebook)


def _place(lesson: Lesson, cell: NotebookNode) -> str:
    return f"{lesson.name}: cell {cell.id} (`{cell.source.strip().splitlines()[0][:60]}`)"


def _normalise(lesson: Lesson, notebook: NotebookNode) -> None:
    """Leave out of an executed notebook all that differs between two runs or two machines."""
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    kept = {key: value for key, value in notebook.metadata.items() if key not in ("jupytext", "widgets")}
    notebook.metadata = nbformat.from_dict({**kept, "kernelspec": KERNELSPEC, "language_info": LANGUAGE})
    code_cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for count, cell in enumerate(code_cells, start=1):
        cell.metadata.pop("execution", None)
        cell.execution_count = count
        cell.outputs = _normalise_outputs(cell.outputs, count)
        said = next((output.text for output in cell.outputs if output.get("name") == "stderr"), None)
        if said is not None:
            last = said.strip().splitlines()[-1]
            raise BuildError(f"{_place(lesson, cell)} wrote to stderr, which a lesson must not: {last}")


def _normalise_outputs(outputs: list[NotebookNode], count: int) -> list[NotebookNode]:
    kept: list[NotebookNode] = []
    for output in outputs:
        if output.output_type == "stream" and kept and kept[-1].get("name") == output.name:
            kept[-1].text += output.text
            continue
        if output.output_type == "execute_result":
            output.execution_count = count
        if "data" in output:
            output.data.pop(WIDGET_VIEW, None)
            output.metadata.pop(WIDGET_VIEW, None)
            if not output.data:
                continue
        kept.append(output)
    return kept


def hand_out(lesson: Lesson, solution: NotebookNode) -> NotebookNode:
    """The student notebook: what nbgrader's generate_assignment makes of an executed lesson.

    Not to be called from two threads at once: nbgrader changes the working directory meanwhile.
    """
    with tempfile.TemporaryDirectory() as folder:
        directory = CourseDirectory(root=folder, course_id="descent", assignment_id=lesson.name)
        source = Path(folder, "source", lesson.name, f"{lesson.name}.ipynb")
        source.parent.mkdir(parents=True)
        nbformat.write(solution, source)
        converter = GenerateAssignment(coursedir=directory, no_database=True)
        # The release is what matters here; the gradebook has its own folder, made by `autograder setup`.
        converter.preprocessors = [
            NamedStubs if step is ClearSolutions else step
            for step in converter.preprocessors
            if step is not SaveCells
        ]
        try:
            convert(converter)
        except ConversionError as error:
            raise BuildError(f"{lesson.name}: nbgrader can't make the student notebook: {error}.") from error
        return nbformat.read(Path(folder, "release", lesson.name, f"{lesson.name}.ipynb"), as_version=4)


def _write(lesson: Lesson, built: Built) -> list[Path]:
    """Write everything beside its place first, then move it there; returns what changed.

    Raises:
        BuildError: a notebook in one of the places is not as build made it: nothing is written.
    """
    for path, notebook in ((lesson.notebook_path, built.solution), (lesson.student_path, built.student)):
        if not may_be_replaced(path, notebook):
            raise BuildError(
                f"{path.relative_to(lesson.root)} holds more than build wrote there, and was left as it is: "
                "move it to work/ if somebody's answers are in it, or delete it, and build again."
            )
    with tempfile.TemporaryDirectory(dir=lesson.root, prefix=".build-") as folder:
        solution, student = Path(folder, "solution.ipynb"), Path(folder, "student.ipynb")
        nbformat.write(built.solution, solution)
        nbformat.write(built.student, student)
        places = {solution: lesson.notebook_path, student: lesson.student_path}
        if built.hints:
            numbers, texts = Path(folder, "hints.npz"), Path(folder, "hints.json")
            hints.write(built.hints, numbers, texts)
            places |= {numbers: lesson.hints_path, texts: lesson.hint_texts_path}
        changed = [
            new for new, old in places.items() if not old.is_file() or new.read_bytes() != old.read_bytes()
        ]
        for new in changed:
            places[new].parent.mkdir(parents=True, exist_ok=True)
            new.replace(places[new])
    return [places[new] for new in changed]


def _compare_all(lesson: Lesson, built: Built) -> list[str]:
    compared: list[tuple[Path, Callable[[Path], list[str]]]] = [
        (lesson.notebook_path, lambda path: compare(nbformat.read(path, as_version=4), built.solution)),
        (lesson.student_path, lambda path: compare(nbformat.read(path, as_version=4), built.student)),
    ]
    if made := built.hints:
        compared += [
            (lesson.hints_path, lambda path: compare_numbers(path, made.arrays)),
            (lesson.hint_texts_path, lambda path: compare_words(path, made.words)),
        ]
    found = []
    for path, differences in compared:
        file = path.relative_to(lesson.root)
        if path.is_file():
            found += [f"{file}: {difference}" for difference in differences(path)]
        else:
            found.append(f"{file} is missing: make it with `autograder build {lesson.name}`.")
    return found
