"""Judges notebooks: what is the same for a whole run is worked out once, then one notebook at a time."""

from __future__ import annotations

import copy
import hashlib
import html
import secrets
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import nbformat
from nbformat import NotebookNode

from autograder.catalogue.lesson import Lesson, find, lessons, project
from autograder.errors import DescentError
from autograder.judge.asked import answers
from autograder.judge.attempt import Packed, Run, run
from autograder.judge.battery import Batteries, Battery, packed_cases
from autograder.judge.flags import Flag, flag
from autograder.judge.handed_out import HandedOut
from autograder.judge.judgement import ExerciseResult, Judgement
from autograder.judge.located import places
from autograder.judge.own_file import Unreadable, contents
from autograder.judge.reading import read
from autograder.judge.submission import recognise, restore
from autograder.sandbox.confine import Limits
from autograder.sandbox.launch import warm_process
from autograder.sandbox.process import Isolation
from course.cases import public_cases
from course.cells import CHECK, grade_id
from course.exercise import Evidence, Exercise, Verdict
from course.judging.judge import judge, may_be_named, not_attempted, not_reached
from course.judging.mistakes import recognise as recognise_mistake
from course.judging.mistakes import trace
from course.known import known
from course.printable import printable
from course.questions import guesses
from course.repair.place import sentence
from course.repair.search import Place
from course.report.card import as_html
from course.trial import NOT_REACHED, SIZE_LIMIT, State


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


class Grader:
    """Judges any number of notebooks, each on one of the batteries of a secret seed.

    Args:
        seed: of the secret cases; drawn anew when None.
        limits: what one notebook may use.
        sandbox: False to run student code without protection.
        hidden: folders that student code must not see, besides the course's own.
        handed_out: the student notebooks that differ from the lessons' own, by lesson name.
        explain: search for the line that is wrong in each answer that is: some seconds for each.

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
        explain: bool = False,
    ):
        self.seed = secrets.randbits(64) if seed is None else seed
        own = [project() / name for name in ("solutions", "autograder", "tests", ".git")]
        self.isolation = Isolation(limits, sandbox, [*own, *hidden])
        self.explain = explain
        self.lessons = lessons()
        self._handed_out = {name: HandedOut(find(name), given) for name, given in handed_out.items()}
        self._batteries = Batteries(self.seed)

    def prepare(self, lesson: Lesson, hand_ins: Iterable[str], count: int) -> None:
        """Work out what some hand-ins of the lesson share with others.

        Args:
            hand_ins: of each what ``judge`` is told of it.
            count: how many processes share the work.
        """
        warm_process(lesson.sealed)  # which loads meanwhile
        met = map(self._batteries.number, hand_ins)
        self._batteries.work_out(self.handed_out(lesson).exercises, lesson, met, count)

    def _met(self, lesson: Lesson, hand_in: str) -> dict[str, Battery]:
        """The battery that a hand-in meets, of each exercise."""
        number = self._batteries.number(hand_in)
        exercises = self.handed_out(lesson).exercises
        return {exercise: self._batteries.of(exercise, lesson, number) for exercise in exercises}

    def handed_out(self, lesson: Lesson) -> HandedOut:
        """What students were given of the lesson."""
        if lesson.name not in self._handed_out:
            self._handed_out[lesson.name] = HandedOut(lesson)
        return self._handed_out[lesson.name]

    def judge(self, path: Path, lesson: Lesson | None = None, hand_in: str | None = None) -> Judged:
        """Judge one notebook. Where that fails for a reason nobody thought of, it ends as ``crashed``.

        Args:
            path: the notebook.
            lesson: what it should be; told from its cells when None.
            hand_in: what tells it from others, which says what cases it meets; the file's digest when None.
        """
        judged = self.judge_within(None, path, lesson, hand_in=hand_in)
        assert judged is not None  # there is no time after which it gives up
        return judged

    def judge_within(
        self,
        seconds: float | None,
        path: Path,
        lesson: Lesson | None = None,
        root: Path | None = None,
        hand_in: str | None = None,
    ) -> Judged | None:
        """The same; gives up, and returns None, when a cell or an exercise takes longer.

        Args:
            root: the folder below which no part of the path may be a link; the file's own when None.
        """
        try:
            return self._judge(seconds, path, lesson, root or path.parent, hand_in)
        except DescentError:
            raise  # what keeps every notebook from being judged
        except MemoryError:
            return self.not_judged(path, lesson, "crashed", flag("grader_memory"))
        except Exception as error:
            return self.not_judged(path, lesson, "crashed", flag("grader_failed", error=_said(error)))

    def _judge(
        self,
        seconds: float | None,
        path: Path,
        lesson: Lesson | None,
        root: Path,
        hand_in: str | None,
    ) -> Judged | None:
        try:
            notebook = read(path, root)
        except Unreadable as error:
            return self.not_judged(path, lesson, "unreadable", error.flag)
        found = recognise(notebook, self.lessons)
        if found is None:
            return self.not_judged(path, lesson, "unknown_lesson", flag("no_lesson", file=path.name))
        if lesson is not None and found != lesson:
            other = flag("other_lesson", file=path.name, lesson=found.name)
            return self.not_judged(path, lesson, "unknown_lesson", other)
        given = self.handed_out(found)
        submission = restore(notebook, given)
        hand_in = _digest(path, root) if hand_in is None else hand_in
        warm_process(found.sealed)  # which loads meanwhile
        batteries = self._met(found, hand_in)
        cases = {exercise: battery.packed for exercise, battery in batteries.items()}
        ask_more = partial(_ask_more, given, batteries)
        result = run(submission.notebook, cases, found.sealed, self.isolation, seconds, ask_more)
        if result is None:
            return None
        flags = [*submission.flags, *result.flags]
        verdicts, failed = self._verdicts(given, batteries, result)
        flags += failed
        state = "crashed" if failed and result.state == "graded" else result.state
        if not self.isolation.sandboxed:
            flags.append(flag("unprotected"))
        if path.stem != found.name:
            flags.append(flag("renamed", file=path.name, lesson=found.name))
        wrong = self._places(submission.notebook, verdicts, found)
        results = tuple(ExerciseResult.of(each, wrong.get(each.exercise)) for each in verdicts)
        # From the text alone: nothing that runs has a say in it.
        own = [cell.source for cell in submission.notebook.cells if cell.cell_type == "code"]
        asked = guesses(found.name, own), answers(found.name, own)
        judgement = Judgement(printable(str(path)), found.name, state, results, tuple(flags), *asked)
        texts = {grade_id(cell): cell.source for cell in submission.notebook.cells}
        said = {exercise: sentence(place, texts[exercise]) for exercise, place in wrong.items()}
        return Judged(judgement, fill(result.notebook, verdicts, said), result.longest)

    def _places(
        self, notebook: NotebookNode, verdicts: Iterable[Verdict], lesson: Lesson
    ) -> dict[str, Place]:
        """Where each answer is wrong that is, as far as a line is found."""
        if not self.explain:
            return {}
        wrong = [each.exercise for each in verdicts if each.attempted and each.score < each.max_score]
        return places(notebook, wrong, lesson.sealed, self.isolation)

    def not_judged(self, path: Path, lesson: Lesson | None, state: State, reason: Flag) -> Judged:
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

    def _verdicts(
        self, given: HandedOut, batteries: Mapping[str, Battery], result: Run
    ) -> tuple[tuple[Verdict, ...], list[Flag]]:
        """On each exercise; where to judge one fails for a reason nobody thought of, that is its alone."""
        verdicts, failed = [], []
        for name, exercise in given.exercises.items():
            try:
                evidence, public = result.evidence.get(name), result.public.get(name)
                verdicts.append(_verdict(exercise, batteries[name], evidence, public))
            except DescentError:
                raise
            except Exception as error:
                verdicts.append(not_reached(exercise, "Not judged: the grader failed on it."))
                failed.append(flag("grader_failed_on", exercise=name, error=_said(error)))
        return tuple(verdicts), failed


def _verdict(
    exercise: Exercise,
    battery: Battery,
    evidence: list[Evidence] | None,
    public: list[Evidence] | None = None,
) -> Verdict:
    """On the secret cases; what they do not name is named by the public ones, where these fail too."""
    if evidence is None:
        return not_reached(exercise, NOT_REACHED)
    own = battery.known
    slips = None
    if public is not None:
        cases, expected = public_cases(exercise.id)
        slips = partial(known(exercise.id).naming, exercise, cases, public, expected)
    return judge(exercise, battery.cases, evidence, battery.expected, own.mistakes, own.explaining, slips)


def _ask_more(
    given: HandedOut, batteries: Mapping[str, Battery], name: str, evidence: list[Evidence]
) -> Packed | None:
    """The public cases of an exercise in which something fails that no mistake of the catalogue explains."""
    exercise, battery = given.exercises[name], batteries[name]
    row = trace(evidence, battery.expected)
    if recognise_mistake(row, battery.known.mistakes, battery.known.explaining):
        return None
    if not may_be_named(exercise, battery.cases, evidence, battery.expected):
        return None
    return packed_cases(exercise, *public_cases(name))


def _digest(path: Path, root: Path) -> str:
    return hashlib.sha256(contents(path, root, SIZE_LIMIT)).hexdigest()


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".partition("\n")[0][:300]


def fill(
    notebook: NotebookNode, verdicts: tuple[Verdict, ...], places: Mapping[str, str] = MappingProxyType({})
) -> NotebookNode:
    """Write each check cell's output, as the check itself does: the report, and as its plain text the points.

    This is the form in which stock nbgrader reads partial credit.

    Args:
        places: where an answer goes wrong, in a sentence, by exercise.
    """
    by_cell = {CHECK + verdict.exercise: verdict for verdict in verdicts}
    for cell in notebook.cells:
        verdict = by_cell.get(grade_id(cell))
        if verdict:
            report = {
                "text/plain": repr(verdict.score),
                "text/html": as_html(verdict, places.get(verdict.exercise, "")),
            }
            cell.outputs = [nbformat.v4.new_output("execute_result", report, execution_count=None)]
    return notebook
