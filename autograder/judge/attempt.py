"""Runs a submission in a process of its own and brings back its evidence.

Cases go in, typed bytes come out, and nothing that the process says besides them is believed.
"""

from __future__ import annotations

import base64
import copy
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import nbformat
from nbformat import NotebookNode

from autograder.catalogue.lesson import CHECK, Lesson, grade_id
from autograder.sandbox.frames import SHOWN
from autograder.sandbox.process import Isolation, Stopped, StudentProcess
from course.exercise import Evidence
from course.problems import Problem
from course.wire import WireError, decode_evidence

# What an honest process shows of a notebook, which cuts it itself: outputs, and characters of all of them.
OUTPUTS_LIMIT, OUTPUTS_TEXT = 600, 2_000_000
# How a cell ended has a few hundred characters.
SENTENCE_LIMIT = 2000
# How often a notebook is started anew without the cell that ended it.
RESTARTS = 8


@dataclass
class Run:
    """What came of running one submission.

    Attributes:
        notebook: the submission with the outputs of the student's cells.
        state: ``"graded"``, ``"timeout"``, ``"out_of_memory"`` or ``"crashed"``: the first thing that
            went wrong with the process.
        evidence: for each exercise that got that far, one entry a case.
        flags: what a person should look at.
        longest: seconds of the cell or probe that took longest.
    """

    notebook: NotebookNode
    state: str = "graded"
    longest: float = 0.0
    evidence: dict[str, list[Evidence]] = field(default_factory=dict)
    flags: list[str] = field(default_factory=list)


class Packed(NamedTuple):
    """The cases of one exercise: how many, and the bytes that a process is sent."""

    count: int
    cases: bytes


def run(
    notebook: NotebookNode,
    lesson: Lesson,
    cases: Mapping[str, Packed],
    isolation: Isolation,
    seconds: float | None = None,
) -> Run | None:
    """Run every cell but checks and experiments; probe each exercise where its check stands.

    A cell that raises does not stop the cells after it. One that ends the process, or is stopped for
    the time or the memory it takes, is left out and the notebook started anew, so that what does not
    depend on it is judged all the same, within the time that a notebook has.

    Args:
        cases: by exercise id.
        seconds: give up, and return None, when a cell or a probe takes longer.
    """
    limits = isolation.limits
    deadline = time.monotonic() + limits.notebook
    attempt = _Attempt(notebook, lesson, cases, limits.cell if seconds is None else seconds, deadline)
    for _ in range(RESTARTS):
        with isolation.start() as process:
            if attempt.play(process):
                break
        if seconds is not None and attempt.result.state == "timeout":
            return None
        if attempt.deadline <= time.monotonic():
            break
    return attempt.result


class _Attempt:
    """One notebook on its way, over as many processes as it takes."""

    def __init__(
        self,
        notebook: NotebookNode,
        lesson: Lesson,
        cases: Mapping[str, Packed],
        cell: float,
        deadline: float,
    ):
        self.result = Run(copy.deepcopy(notebook))
        self.deadline = deadline
        self._checks = {CHECK + exercise.id for exercise in lesson.exercises}
        self._cases = cases
        self._cell = cell
        self._left_out: dict[int, str] = {}

    def play(self, process: StudentProcess) -> bool:
        """Run what has not been judged yet; whether the end was reached."""
        errors: dict[str, str] = {}
        self._outputs, self._text = OUTPUTS_LIMIT, OUTPUTS_TEXT
        for index, cell in enumerate(self.result.notebook.cells):
            name = grade_id(cell)
            start = time.monotonic()
            seconds = min(self._cell, max(self.deadline - start, 0.01))
            try:
                if name in self._checks:
                    exercise = name.removeprefix(CHECK)
                    if exercise not in self.result.evidence:
                        self._probe(process, exercise, errors.get(exercise, ""), seconds)
                elif _runs(cell):
                    errors[name] = self._left_out.get(index) or self._run(process, cell, name, seconds)
            except Stopped as stopped:
                self._note(stopped, index, name)
                return False
            self.result.longest = max(self.result.longest, time.monotonic() - start)
        return True

    def _run(self, process: StudentProcess, cell: NotebookNode, name: str, seconds: float) -> str:
        shown, error = process.run(cell.source, seconds)
        error = _whole(error)[:SENTENCE_LIMIT]
        cell.outputs = list(self._kept(shown))
        if error.startswith("MemoryError") or "can't allocate memory" in error:
            self._state("out_of_memory")
        if error and CHECK + name in self._checks:
            self._flag(f"the cell of {name} ended with {error.partition(':')[0]}")
        return f"ended with an error before it was done: {error.rstrip('.')}" if error else ""

    def _kept(self, shown: list[bytes]) -> Iterator[NotebookNode]:
        """The outputs that the notebook still has room for."""
        for output in _outputs(shown[: self._outputs]):
            self._outputs -= 1
            self._text -= _characters(output)
            if self._text < 0:
                return
            yield output

    def _probe(self, process: StudentProcess, exercise: str, error: str, seconds: float) -> None:
        """Bring in the evidence of one exercise; whatever is missing of it is explained."""
        count, cases = self._cases[exercise]
        evidence: list[Evidence] = []
        missing = Problem("no_evidence", {"name": exercise})
        try:
            for packed in process.probe(exercise, cases, seconds):
                evidence += _decode(packed)
        except Stopped as stopped:
            missing = Problem("stopped", {"name": exercise, "reason": stopped.sentence})
            raise
        finally:
            if len(evidence) > count:
                evidence = []
            evidence += [Evidence({}, missing)] * (count - len(evidence))
            self.result.evidence[exercise] = _explain(evidence, error)
            if any(entry.problem and entry.problem.id == "unavailable" for entry in evidence):
                self._flag(f"{exercise} calls what PyTorch has of it, which is not available")

    def _note(self, stopped: Stopped, index: int, name: str) -> None:
        """Remember what ended the process, so that the next one goes without it."""
        self._state(stopped.state)
        where = name.removeprefix(CHECK) or "one of the student's own"
        if name in self._checks:
            self._flag(f"{where} {stopped.sentence}")
            return
        self._flag(f"a cell {stopped.sentence} ({where})")
        self._left_out[index] = stopped.sentence
        said = f"This cell {stopped.sentence}."
        cell = self.result.notebook.cells[index]
        cell.outputs = [nbformat.v4.new_output("stream", name="stderr", text=said)]

    def _state(self, state: str) -> None:
        if self.result.state == "graded":
            self.result.state = state

    def _flag(self, sentence: str) -> None:
        if sentence not in self.result.flags:
            self.result.flags.append(sentence)


def _runs(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and "experiment" not in cell.metadata.get("tags", [])


def _decode(packed: bytes) -> list[Evidence]:
    """The evidence of one case; of none, when it is not what a probe writes."""
    try:
        (evidence,) = decode_evidence(packed)
    except (WireError, ValueError):
        return [Evidence({}, Problem("unreadable"))]
    return [evidence]


def _whole(text: str) -> str:
    """Python's text can hold halves of characters, which no file can."""
    return text.encode("utf-8", "replace").decode()


def _explain(evidence: list[Evidence], error: str) -> list[Evidence]:
    """Where the object is missing because its cell did not get to its end, say why."""
    if not error or not all(entry.problem and entry.problem.kind == "missing" for entry in evidence):
        return evidence
    reason = Problem("cell_failed", {"reason": error})
    return [Evidence({}, reason) for _ in evidence]


def _outputs(shown: list[bytes]) -> Iterator[NotebookNode]:
    """What a cell showed, as a notebook holds it; what is not of that form is left out."""
    for packed in shown:
        try:
            output = json.loads(_whole(json.dumps(json.loads(packed), ensure_ascii=False)))
            made = _output(output) if isinstance(output, dict) else None
        except (ValueError, RecursionError):
            continue
        if made is not None:
            yield made


def _characters(output: NotebookNode) -> int:
    """How much text there is in an output; pictures are none."""
    data = output.get("data", {})
    texts = (output.get(name, "") for name in ("text", "ename", "evalue"))
    return sum(map(len, (*texts, *output.get("traceback", ()), data.get("text/plain", ""))))


def _output(said: dict) -> NotebookNode | None:
    kind = said.get("output_type")
    if kind == "stream" and said.get("name") in ("stdout", "stderr"):
        return nbformat.v4.new_output("stream", name=said["name"], text=str(said.get("text")))
    if kind == "error":
        lines = said.get("traceback")
        traceback = [str(line) for line in lines] if isinstance(lines, list) else []
        return nbformat.v4.new_output(
            "error", ename=str(said.get("ename")), evalue=str(said.get("evalue")), traceback=traceback
        )
    if kind in ("display_data", "execute_result") and isinstance(said.get("data"), dict):
        data = {kind: _shown(kind, str(said["data"][kind])) for kind in SHOWN if kind in said["data"]}
        return nbformat.v4.new_output("display_data", data)
    return None


def _shown(kind: str, data: str) -> str:
    # A page holds a picture's text as it is: it has to be base64 and nothing else.
    return base64.b64encode(base64.b64decode(data)).decode() if kind.startswith("image/") else data
