"""Runs a submission in a process of its own and brings back its evidence.

Cases go in, typed bytes come out, and nothing that the process says besides them is believed. What the
submission's page shows comes from a process that saw no case.
"""

from __future__ import annotations

import base64
import copy
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import nbformat
from nbformat import NotebookNode

from autograder.judge.flags import Flag, flag
from autograder.judge.noticed import noticed
from autograder.judge.pictures import LEFT_OUT, Pictures
from autograder.sandbox.frames import SHOWN
from autograder.sandbox.process import UNASKED, Isolation, Notice, Stopped, StudentProcess
from course.cells import CHECK, EXPERIMENT, grade_id
from course.exercise import Evidence
from course.problems import Problem, exception_name, whole
from course.sealed import Sealed
from course.trial import RESTARTS, State, explained, not_done, said_of
from course.wire import WireError, decode_evidence

# What an honest process shows of a notebook, which cuts it itself: outputs, and characters of all of them.
OUTPUTS_LIMIT, OUTPUTS_TEXT = 600, 2_000_000
# Stands where outputs would have to come from a process that saw the cases.
NOT_SHOWN = "What this cell showed is left out: run a second time, the notebook did not get this far."


@dataclass
class Run:
    """What came of running one submission.

    Attributes:
        notebook: the submission with the outputs of the student's cells.
        state: the first thing that went wrong with the process; ``"graded"`` when nothing did.
        evidence: for each exercise that got that far, one entry a case.
        public: the same on the public cases, of those exercises of which it was asked for.
        flags: what a person should look at.
        longest: seconds of the cell or probe that took longest.
    """

    notebook: NotebookNode
    state: State = "graded"
    longest: float = 0.0
    evidence: dict[str, list[Evidence]] = field(default_factory=dict)
    public: dict[str, list[Evidence]] = field(default_factory=dict)
    flags: list[Flag] = field(default_factory=list)


@dataclass(frozen=True)
class Packed:
    """The cases of one exercise as a process is sent them.

    Attributes:
        count: how many they are.
        cases: as bytes.
        failing: of what was observed on them, the numbers of the cases beside which more is asked.
    """

    count: int
    cases: bytes
    failing: Callable[[Sequence[Evidence]], list[int]]


# From an exercise and its evidence to the public cases, where what is done on these tells more of it.
AskMore = Callable[[str, list[Evidence]], Packed | None]


def run(
    notebook: NotebookNode,
    cases: Mapping[str, Packed],
    sealed: Sealed,
    isolation: Isolation,
    seconds: float | None = None,
    ask_more: AskMore | None = None,
) -> Run | None:
    """Run every cell but checks and experiments; probe each exercise where its check stands.

    A cell that raises does not stop the cells after it. One that ends the process, or is stopped for
    the time or the memory it takes, is left out and the notebook started anew, so that what does not
    depend on it is judged all the same, within the time that a notebook has. Where anything is shown after
    cases were there to be shown, all is run once more without them, for what it shows alone.

    Args:
        cases: of each exercise that is judged, by its id.
        sealed: what of PyTorch is not there for the student's code.
        seconds: give up, and return None, when a cell or a probe takes longer.
        ask_more: whether the answer is tried on the public cases too; it is not, unless given.
    """
    limits = isolation.limits
    deadline = time.monotonic() + limits.notebook
    attempt = _Attempt(notebook, cases, limits.cell if seconds is None else seconds, deadline, ask_more)
    for _ in range(RESTARTS):
        with isolation.start(sealed) as process:
            if attempt.play(process):
                break
        if seconds is not None and attempt.result.state == "timeout":
            return None
        if attempt.deadline <= time.monotonic():
            break
    if attempt.may_show_cases:
        with isolation.start(sealed) as process:
            stopped = attempt.show(process)
        if seconds is not None and stopped == "timeout":
            return None
    return attempt.result


class _Attempt:
    """One notebook on its way, over as many processes as it takes."""

    def __init__(
        self,
        notebook: NotebookNode,
        cases: Mapping[str, Packed],
        cell: float,
        deadline: float,
        ask_more: AskMore | None,
    ):
        self.result = Run(copy.deepcopy(notebook))
        self.deadline = deadline
        self._checks = {CHECK + exercise for exercise in cases}
        self._cases = cases
        self._cell = cell
        self._ask_more = ask_more
        self._left_out: dict[int, str] = {}
        # The cells, by their index, whose outputs come from a process that was sent cases before.
        self._saw_cases: set[int] = set()

    @property
    def may_show_cases(self) -> bool:
        """Whether an output could hold anything of a case."""
        return bool(self._saw_cases)

    def play(self, process: StudentProcess) -> bool:
        """Run what has not been judged yet; whether the end was reached."""
        errors: dict[str, str] = {}
        probed = False
        self._make_room()
        for index, cell in enumerate(self.result.notebook.cells):
            name = grade_id(cell)
            start = time.monotonic()
            seconds = self._seconds(start)
            try:
                if name in self._checks:
                    exercise = name.removeprefix(CHECK)
                    if exercise not in self.result.evidence:
                        probed = True
                        fails = self._probe(process, exercise, errors.get(exercise, ""), seconds)
                        if fails and not self._probe_publicly(process, exercise):
                            return False
                elif runs(cell) and index in self._left_out:
                    errors[name] = self._left_out[index]
                elif runs(cell):
                    errors[name] = self._run(process, cell, name, seconds)
                    self._saw_cases.discard(index)
                    if probed and cell.outputs:
                        self._saw_cases.add(index)
            except Stopped as stopped:
                self._note(stopped, index, name)
                return False
            finally:
                self._notice(process.noticed(), name)
            self.result.longest = max(self.result.longest, time.monotonic() - start)
        return True

    def _run(self, process: StudentProcess, cell: NotebookNode, name: str, seconds: float) -> str:
        shown, error = process.run(cell.source, seconds)
        cell.outputs = list(self._kept(shown))
        if not error:
            return ""
        # The student's own words, an exception's name too: they are shown, and nothing follows from them.
        named, _, said = error.partition(":")
        exception = exception_name(named)
        if CHECK + name in self._checks:
            self._flag(flag("cell_raised", exercise=name, exception=exception))
        return not_done(said_of(exception, said))

    def show(self, process: StudentProcess) -> State | None:
        """Run the cells alone, for what they show; the state in which that ended, if it was before its end.

        Nothing but the outputs changes: what was judged stays, and so do its state and its flags.
        """
        self._make_room()
        for index, cell in enumerate(self.result.notebook.cells):
            if grade_id(cell) in self._checks or not runs(cell) or index in self._left_out:
                continue
            try:
                shown, _ = process.run(cell.source, self._seconds(time.monotonic()))
            except Stopped as stopped:
                for later in self._saw_cases:
                    if later >= index:
                        self._say(later, NOT_SHOWN)
                return cast(State, stopped.state)
            cell.outputs = list(self._kept(shown))
        return None

    def _make_room(self) -> None:
        """All that a notebook may show is still to come."""
        self._outputs, self._text, self._pictures = OUTPUTS_LIMIT, OUTPUTS_TEXT, Pictures()

    def _seconds(self, now: float) -> float:
        """How long the next step may take."""
        return min(self._cell, max(self.deadline - now, 0.01))

    def _kept(self, shown: list[bytes]) -> Iterator[NotebookNode]:
        """The outputs that the notebook still has room for."""
        for output in _outputs(shown[: self._outputs], self._pictures):
            self._outputs -= 1
            self._text -= _characters(output)
            if self._text < 0:
                return
            yield output

    def _probe(self, process: StudentProcess, exercise: str, error: str, seconds: float) -> bool:
        """Bring in the evidence of one exercise; whatever is missing of it is explained.

        Returns:
            Whether a case fails.
        """
        packed = self._cases[exercise]
        evidence: list[Evidence] = []
        missing = Problem("no_evidence", {"name": exercise})
        try:
            for sent in process.observe(exercise, packed.cases, seconds):
                evidence += _decode(sent)
        except Stopped as stopped:
            missing = Problem("stopped", {"name": exercise, "reason": stopped.sentence})
            raise
        finally:
            if len(evidence) > packed.count:
                self._notice([Notice(UNASKED)], CHECK + exercise)
                evidence = []
            evidence += [Evidence({}, missing)] * (packed.count - len(evidence))
            # Where the object is missing because its cell did not get to its end, it is said why.
            evidence = [explained(entry, error) for entry in evidence]
            self.result.evidence[exercise] = evidence
            if any(entry.problem and entry.problem.id == "unavailable" for entry in evidence):
                self._flag(flag("calls_pytorch", exercise=exercise))
        failing = packed.failing(evidence)
        if failing:
            self.result.evidence[exercise] = self._with_aside(process, exercise, evidence, failing)
        return bool(failing)

    def _with_aside(
        self, process: StudentProcess, exercise: str, observed: list[Evidence], failing: Sequence[int]
    ) -> list[Evidence]:
        """The evidence, and with it what there is beside each case that fails."""
        sent = process.aside(exercise, failing, self._seconds(time.monotonic()))
        asides = [entry for packed_entry in sent for entry in _decode(packed_entry)]
        found = dict(zip(failing, asides, strict=False))
        return [
            entry.beside(found[number]) if number in found else entry for number, entry in enumerate(observed)
        ]

    def _probe_publicly(self, process: StudentProcess, exercise: str) -> bool:
        """Bring in what is done on the public cases, where that is asked for; whether the process lives.

        Only names come of it: what ends the process here changes nothing else.
        """
        packed = self._ask_more(exercise, self.result.evidence[exercise]) if self._ask_more else None
        if packed is None:
            return True
        evidence: list[Evidence] = []
        try:
            for sent in process.observe(exercise, packed.cases, self._seconds(time.monotonic())):
                evidence += _decode(sent)
            if len(evidence) == packed.count:
                failing = packed.failing(evidence)
                self.result.public[exercise] = self._with_aside(process, exercise, evidence, failing)
        except Stopped:
            return False
        return True

    def _note(self, stopped: Stopped, index: int, name: str) -> None:
        """Remember what ended the process, so that the next one goes without it."""
        self._state(cast(State, stopped.state))
        if name in self._checks:
            self._flag(flag("exercise_stopped", exercise=name.removeprefix(CHECK), what=stopped.sentence))
            return
        if name:
            self._flag(flag("cell_stopped", cell=name.removeprefix(CHECK), what=stopped.sentence))
        else:
            self._flag(flag("own_cell_stopped", what=stopped.sentence))
        self._left_out[index] = stopped.sentence
        self._saw_cases.discard(index)
        self._say(index, f"This cell {stopped.sentence}.")

    def _say(self, index: int, sentence: str) -> None:
        """Put a sentence of ours in the place of what a cell showed."""
        output = nbformat.v4.new_output("stream", name="stderr", text=sentence)
        self.result.notebook.cells[index].outputs = [output]

    def _notice(self, notices: list[Notice], name: str) -> None:
        """Flag what the process did besides answering: each kind once for each place, whatever it tells."""
        places = {(known.id, known.values.get("where")) for known in self.result.flags}
        self.result.flags += [
            found for found in noticed(notices, name) if (found.id, found.values["where"]) not in places
        ]

    def _state(self, state: State) -> None:
        if self.result.state == "graded":
            self.result.state = state

    def _flag(self, flag: Flag) -> None:
        if flag not in self.result.flags:
            self.result.flags.append(flag)


def runs(cell: NotebookNode) -> bool:
    """Whether a cell is run where answers are judged: experiments are not."""
    return cell.cell_type == "code" and EXPERIMENT not in cell.metadata.get("tags", [])


def _decode(packed: bytes) -> list[Evidence]:
    """The evidence of one case; of none, when it is not what a probe writes."""
    try:
        (evidence,) = decode_evidence(packed)
    except (WireError, ValueError):
        return [Evidence({}, Problem("unreadable"))]
    return [evidence]


def _outputs(shown: list[bytes], pictures: Pictures) -> Iterator[NotebookNode]:
    """What a cell showed, as a notebook holds it; what is not of that form is left out."""
    for packed in shown:
        try:
            output = json.loads(whole(json.dumps(json.loads(packed), ensure_ascii=False)))
            made = _output(output, pictures) if isinstance(output, dict) else None
        except (ValueError, RecursionError):
            continue
        if made is not None:
            yield made


def _characters(output: NotebookNode) -> int:
    """How much text there is in an output; pictures are none."""
    data = output.get("data", {})
    texts = (output.get(name, "") for name in ("text", "ename", "evalue"))
    return sum(map(len, (*texts, *output.get("traceback", ()), data.get("text/plain", ""))))


def _output(said: dict[str, Any], pictures: Pictures) -> NotebookNode | None:
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
        data = {kind: str(said["data"][kind]) for kind in SHOWN if kind in said["data"]}
        shown = _shown(data, pictures)
        # Beside a picture, words are what it shows: pages give them to who can't see it.
        alt = {"alt": shown["text/plain"]} if "text/plain" in shown else {}
        metadata = {kind: alt for kind in shown if alt and kind.startswith("image/")}
        return nbformat.v4.new_output("display_data", shown, metadata=metadata)
    return None


def _shown(data: dict[str, str], pictures: Pictures) -> dict[str, str]:
    """What a page can show of an output; a picture that it can't, in words."""
    kept = {}
    for kind, text in data.items():  # words come first
        if not kind.startswith("image/"):
            kept[kind] = text
        elif pictures.take(picture := base64.b64decode(text)) == kind:
            kept[kind] = base64.b64encode(picture).decode()
        else:
            kept["text/plain"] = f"[{LEFT_OUT}]"
    return kept
