"""Judges notebooks: what is the same for a whole run is worked out once, then one notebook at a time."""

from __future__ import annotations

import copy
import html
import secrets
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import nbformat
import numpy as np
from nbformat import NotebookNode

from autograder.catalogue.lesson import CHECK, Lesson, find, grade_id, lessons, project
from autograder.catalogue.pairs import KnownRuns
from autograder.errors import DescentError
from autograder.judge.attempt import Packed, run
from autograder.judge.flags import Flag, flag
from autograder.judge.handed_out import HandedOut
from autograder.judge.judgement import ExerciseResult, Judgement, State
from autograder.judge.submission import Unreadable, read, recognise, restore
from autograder.sandbox.confine import Limits
from autograder.sandbox.launch import warm_process
from autograder.sandbox.process import Isolation
from course.exercise import Case, Evidence, Exercise, Verdict
from course.exercises import EXERCISES
from course.judging.judge import judge, not_attempted, not_reached
from course.printable import printable
from course.report.card import as_html, as_text
from course.wire import encode_cases


class Judged(NamedTuple):
    """A judgement, and what is left of reaching it.

    Attributes:
        notebook: with its outputs, each check cell's report and points; None where there is no lesson to
            tell what it should hold.
        longest: seconds of the cell or exercise that took longest.
    """

    judgement: Judgement
    notebook: NotebookNode | None
    longest: float = 0.0


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
        handed_out: the student notebooks that differ from the lessons' own, by lesson name.

    Raises:
        SandboxError: there is no sandbox to be had here; the sentence says what to do.
        DescentError: a student notebook does not fit the lesson's exercises.
    """

    def __init__(
        self,
        seed: int | None = None,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        sandbox: bool = True,
        hidden: Sequence[Path] = (),
        handed_out: Mapping[str, NotebookNode] = MappingProxyType({}),
    ):
        self.seed = secrets.randbits(64) if seed is None else seed
        own = [project() / name for name in ("solutions", "autograder", "tests", ".git")]
        self.isolation = Isolation(limits, sandbox, [*own, *hidden])
        self.lessons = lessons()
        self._handed_out = {name: HandedOut(find(name), given) for name, given in handed_out.items()}
        self._batteries: dict[str, Battery] = {}
        self._packed: dict[str, Packed] = {}

    def prepare(self, lesson: Lesson) -> None:
        """Work out what is the same for every notebook of the lesson."""
        warm_process(lesson.sealed)  # which loads meanwhile
        for exercise in self.handed_out(lesson).exercises:
            if exercise not in self._packed:
                cases = self.battery(exercise, lesson).cases
                self._packed[exercise] = Packed(len(cases), encode_cases(cases))

    def handed_out(self, lesson: Lesson) -> HandedOut:
        """What students were given of the lesson."""
        if lesson.name not in self._handed_out:
            self._handed_out[lesson.name] = HandedOut(lesson)
        return self._handed_out[lesson.name]

    def judge(self, path: Path, lesson: Lesson | None = None) -> Judged:
        """Judge one notebook. Where that fails for a reason nobody thought of, it ends as ``crashed``.

        Args:
            path: the notebook.
            lesson: what it should be; told from its cells when None.
        """
        judged = self.judge_within(None, path, lesson)
        assert judged is not None  # there is no time after which it gives up
        return judged

    def judge_within(self, seconds: float | None, path: Path, lesson: Lesson | None = None) -> Judged | None:
        """The same; gives up, and returns None, when a cell or an exercise takes longer."""
        try:
            return self._judge(path, lesson, seconds)
        except DescentError:
            raise  # what keeps every notebook from being judged
        except Exception as error:
            said = f"{type(error).__name__}: {error}".partition("\n")[0][:300]
            return self._not_judged(path, lesson, "crashed", flag("grader_failed", error=said))

    def _judge(self, path: Path, lesson: Lesson | None, seconds: float | None) -> Judged | None:
        try:
            notebook = read(path)
        except Unreadable as error:
            return self._not_judged(path, lesson, "unreadable", error.flag)
        found = recognise(notebook, self.lessons)
        if found is None:
            return self._not_judged(path, lesson, "unknown_lesson", flag("no_lesson", file=path.name))
        if lesson is not None and found != lesson:
            other = flag("other_lesson", file=path.name, lesson=found.name)
            return self._not_judged(path, lesson, "unknown_lesson", other)
        given = self.handed_out(found)
        submission = restore(notebook, given)
        self.prepare(found)
        cases = {exercise: self._packed[exercise] for exercise in given.exercises}
        result = run(submission.notebook, cases, found.sealed, self.isolation, seconds)
        if result is None:
            return None
        verdicts = tuple(self._verdict(exercise, found, result.evidence) for exercise in given.exercises)
        flags = [*submission.flags, *result.flags]
        if not self.isolation.sandboxed:
            flags.append(flag("unprotected"))
        if path.stem != found.name:
            flags.append(flag("renamed", file=path.name, lesson=found.name))
        results = tuple(map(ExerciseResult.of, verdicts))
        judgement = Judgement(printable(str(path)), found.name, result.state, results, tuple(flags))
        return Judged(judgement, fill(result.notebook, verdicts), result.longest)

    def _not_judged(self, path: Path, lesson: Lesson | None, state: State, reason: Flag) -> Judged:
        """No points, and a notebook that says why where one is wanted."""
        if lesson is None:
            return Judged(Judgement(printable(str(path)), None, state, flags=(reason,)), None)
        given = self.handed_out(lesson)
        verdicts = tuple(map(not_attempted, given.exercises.values()))
        notebook = copy.deepcopy(given.notebook)
        # In HTML, which Markdown leaves alone: the sentence names the file, and a student names that.
        sentence = html.escape(reason.sentence)
        said = f"<div><strong>This submission could not be graded.</strong> {sentence}</div>"
        notebook.cells.insert(0, nbformat.v4.new_markdown_cell(said, id="not-graded"))
        results = tuple(map(ExerciseResult.of, verdicts))
        return Judged(
            Judgement(printable(str(path)), lesson.name, state, results, (reason,)), fill(notebook, verdicts)
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
