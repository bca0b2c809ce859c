"""Judges notebooks: what is the same for a whole run is worked out once, then one notebook at a time."""

from __future__ import annotations

import html
import secrets
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import numpy as np
from nbformat import NotebookNode

from autograder.catalogue.lesson import CHECK, Lesson, grade_id, lessons, project
from autograder.catalogue.pairs import KnownRuns
from autograder.errors import DescentError
from autograder.judge.attempt import Packed, run
from autograder.judge.submission import Unreadable, read, recognise, restore
from autograder.sandbox.confine import Limits
from autograder.sandbox.launch import warm_process
from autograder.sandbox.process import Isolation
from course.exercise import Case, Evidence, Exercise, Verdict
from course.exercises import EXERCISES
from course.judging.judge import judge, not_attempted, not_reached
from course.report.card import as_html, as_text, looks_like
from course.wire import encode_cases

UNPROTECTED = "graded without the sandbox"


@dataclass(frozen=True)
class Judgement:
    """What came of one notebook.

    Attributes:
        notebook: the path as it was given.
        lesson: the lesson's name; None when it is not known.
        state: ``graded``, ``timeout``, ``out_of_memory``, ``crashed``, ``unreadable`` or
            ``unknown_lesson``.
        verdicts: one for each exercise of the lesson, in its order.
        flags: what a person should look at.
        longest: seconds of the cell or exercise that took longest.
        graded: the notebook with its outputs, each check cell's report and points; None when there
            is no lesson to tell what it should hold.
    """

    notebook: str
    lesson: str | None
    state: str
    verdicts: tuple[Verdict, ...] = ()
    flags: tuple[str, ...] = ()
    longest: float = 0.0
    graded: NotebookNode | None = field(default=None, repr=False)

    @property
    def score(self) -> float:
        return round(sum((verdict.score for verdict in self.verdicts), 0.0), 6)

    @property
    def max_score(self) -> float:
        return round(sum((verdict.max_score for verdict in self.verdicts), 0.0), 6)

    def line(self) -> dict:
        """As ``autograder judge`` prints it."""
        return {
            "notebook": self.notebook,
            "lesson": self.lesson,
            "state": self.state,
            "score": self.score,
            "max": self.max_score,
            "exercises": [_exercise_line(verdict) for verdict in self.verdicts],
            "flags": list(self.flags),
        }


def _exercise_line(verdict: Verdict) -> dict:
    found = verdict.misconceptions
    return {
        "id": verdict.exercise,
        "score": verdict.score,
        "max": verdict.max_score,
        "attempted": verdict.attempted,
        "properties": [
            {
                "name": entry.property.name,
                "passed": entry.passed,
                "points": entry.property.points,
                "message": entry.message,
            }
            for entry in verdict.properties
        ],
        "misconception": {"id": "+".join(entry.id for entry in found), "hint": looks_like(found)[1]}
        if found
        else None,
    }


@dataclass(frozen=True)
class Battery:
    """The secret cases of one exercise, what PyTorch does on them, and what known mistakes and pairs do."""

    cases: list[Case]
    expected: list[Evidence]
    known: KnownRuns


def graded_cases(exercise: Exercise, seed: int) -> tuple[list[Case], list[Evidence]]:
    """The cases that a seed gives an exercise, and what PyTorch does on them."""
    cases = exercise.cases(np.random.default_rng([seed, zlib.crc32(exercise.id.encode())]), "graded")
    return cases, [exercise.oracle(case) for case in cases]


class Grader:
    """Judges any number of notebooks on the same secret cases.

    Args:
        seed: of the secret cases; drawn anew when None.
        limits: what one notebook may use.
        sandbox: False to run student code without protection.
        hidden: folders that student code must not see, besides the course's own.

    Raises:
        SandboxError: there is no sandbox to be had here; the sentence says what to do.
    """

    def __init__(
        self,
        seed: int | None = None,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        sandbox: bool = True,
        hidden: Sequence[Path] = (),
    ):
        self.seed = secrets.randbits(64) if seed is None else seed
        own = [project() / name for name in ("solutions", "autograder", "tests", ".git")]
        self.isolation = Isolation(limits, sandbox, [*own, *hidden])
        self.lessons = lessons()
        self._batteries: dict[str, Battery] = {}
        self._packed: dict[str, Packed] = {}

    def prepare(self, lesson: Lesson) -> None:
        """Work out what is the same for every notebook of the lesson."""
        warm_process(lesson.sealed)  # which loads meanwhile
        for exercise in lesson.exercises:
            if exercise.id not in self._packed:
                cases = self.battery(exercise.id, lesson).cases
                self._packed[exercise.id] = Packed(len(cases), encode_cases(cases))

    def judge(
        self, path: Path, lesson: Lesson | None = None, seconds: float | None = None
    ) -> Judgement | None:
        """Judge one notebook. Where that fails for a reason nobody thought of, it ends as ``crashed``.

        Args:
            path: the notebook.
            lesson: what it should be; told from its cells when None.
            seconds: give up, and return None, when a cell or an exercise takes longer; to be tried
                again later.
        """
        try:
            return self._judge(path, lesson, seconds)
        except DescentError:
            raise  # what keeps every notebook from being judged
        except Exception as error:
            said = f"{type(error).__name__}: {error}".partition("\n")[0][:300]
            return _unread(path, lesson, "crashed", f"the grader failed on it ({said}): grade it by hand")

    def _judge(self, path: Path, lesson: Lesson | None, seconds: float | None) -> Judgement | None:
        try:
            notebook = read(path)
        except Unreadable as error:
            return _unread(path, lesson, "unreadable", str(error))
        found = recognise(notebook, self.lessons)
        if found is None or (lesson is not None and found != lesson):
            said = (
                f"{path.name} is lesson {found.name}" if found else f"{path.name} has no cell of any lesson"
            )
            return _unread(path, lesson, "unknown_lesson", f"{said}.")
        submission = restore(notebook, found)
        self.prepare(found)
        result = run(submission.notebook, found, self._packed, self.isolation, seconds)
        if result is None:
            return None
        verdicts = tuple(self._verdict(exercise.id, found, result.evidence) for exercise in found.exercises)
        flags = submission.flags + result.flags
        if not self.isolation.sandboxed:
            flags.append(UNPROTECTED)
        if path.stem != found.name:
            flags.append(f"the file is named {path.name}, not {found.name}.ipynb")
        return Judgement(
            str(path),
            found.name,
            result.state,
            verdicts,
            tuple(flags),
            result.longest,
            fill(result.notebook, verdicts),
        )

    def battery(self, exercise_id: str, lesson: Lesson) -> Battery:
        """The exercise's cases, drawn and worked out when first asked for."""
        if exercise_id not in self._batteries:
            exercise = EXERCISES[exercise_id]
            cases, expected = graded_cases(exercise, self.seed)
            known = KnownRuns(exercise, lesson, cases, expected)
            self._batteries[exercise_id] = Battery(cases, expected, known)
        return self._batteries[exercise_id]

    def _verdict(self, exercise_id: str, lesson: Lesson, evidence: dict[str, list[Evidence]]) -> Verdict:
        exercise, battery = EXERCISES[exercise_id], self.battery(exercise_id, lesson)
        if exercise_id not in evidence:
            return not_reached(exercise, "Not judged: the notebook was stopped before this check.")
        observed, known = evidence[exercise_id], battery.known
        return judge(exercise, battery.cases, observed, battery.expected, known.mistakes, known.explaining)


def fill(notebook: NotebookNode, verdicts: tuple[Verdict, ...]) -> NotebookNode:
    """Write each check cell's outputs: the report and, as the last value, the points.

    This is the form in which stock nbgrader reads partial credit.
    """
    by_cell = {CHECK + verdict.exercise: verdict for verdict in verdicts}
    for cell in notebook.cells:
        verdict = by_cell.get(grade_id(cell))
        if verdict:
            report = {"text/plain": as_text(verdict), "text/html": as_html(verdict)}
            cell.outputs = [
                nbformat.v4.new_output("display_data", report),
                nbformat.v4.new_output(
                    "execute_result", {"text/plain": repr(verdict.score)}, execution_count=None
                ),
            ]
    return notebook


def _unread(path: Path, lesson: Lesson | None, state: str, sentence: str) -> Judgement:
    """Nothing could be judged: no points, and a notebook that says why where one is wanted."""
    if lesson is None:
        return Judgement(str(path), None, state, flags=(sentence,))
    verdicts = tuple(not_attempted(exercise) for exercise in lesson.exercises)
    notebook = lesson.student_notebook()
    said = f"**This submission could not be graded.** {html.escape(sentence)}"
    notebook.cells.insert(0, nbformat.v4.new_markdown_cell(said, id="not-graded"))
    return Judgement(str(path), lesson.name, state, verdicts, (sentence,), graded=fill(notebook, verdicts))
