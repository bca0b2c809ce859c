"""Runs a submission in a kernel of its own and brings back its evidence.

The seam for every kind of isolation: cases go in, typed bytes come out, and nothing that the kernel
says besides them is believed.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import copy
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from autograder.lesson import CHECK, Lesson
from autograder.numerics import PINNED
from autograder.provisioner import notebook_client
from autograder.submission import grade_id
from course.exercise import Case, Evidence, Problem
from course.gather import MIME
from course.wire import WireError, decode_evidence, encode_cases

GATHER = "from course.gather import gather as _gather; _gather({exercise!r}, {cases!r})"


@dataclass
class Run:
    """What came of running one submission.

    Attributes:
        notebook: the submission with the outputs of the student's cells.
        state: ``"graded"``, ``"timeout"`` or ``"crashed"``.
        evidence: for each exercise that got that far, one entry a case.
        flags: what a person should look at.
    """

    notebook: NotebookNode
    state: str = "graded"
    evidence: dict[str, list[Evidence]] = field(default_factory=dict)
    flags: list[str] = field(default_factory=list)


def run(
    notebook: NotebookNode, lesson: Lesson, cases: Mapping[str, Sequence[Case]], cell_timeout: int
) -> Run:
    """Run every cell but checks and experiments; probe each exercise where its check stands.

    A cell that raises does not stop the cells after it. A cell that runs longer than
    ``cell_timeout`` seconds, or that takes the kernel down, ends the run; what was judged before
    stays judged.
    """
    result = Run(copy.deepcopy(notebook))
    with TemporaryDirectory() as folder:
        place = Path(folder, "work")
        place.mkdir()
        client = notebook_client(result.notebook, folder, timeout=cell_timeout, allow_errors=True)
        asyncio.run(
            _run_cells(client, result, {CHECK + exercise.id for exercise in lesson.exercises}, cases, place)
        )
    return result


async def _run_cells(
    client: NotebookClient, result: Run, checks: set[str], cases: Mapping[str, Sequence[Case]], place: Path
) -> None:
    errors: dict[str, str] = {}
    name = ""
    try:
        async with client.async_setup_kernel(env={**os.environ, **PINNED}, cwd=str(place)):
            for index, cell in enumerate(result.notebook.cells):
                name = grade_id(cell)
                if name in checks:
                    exercise = name.removeprefix(CHECK)
                    found = await _probe(client, exercise, list(cases[exercise]))
                    result.evidence[exercise] = _explain(found, errors.get(exercise, ""))
                elif cell.cell_type == "code" and "experiment" not in cell.metadata.get("tags", []):
                    await client.async_execute_cell(cell, index)
                    errors[name] = _error(cell)
                    if errors[name] and CHECK + name in checks:
                        kind = errors[name].partition(":")[0]
                        result.flags.append(f"the cell of {name} ended with {kind}")
    except CellTimeoutError:
        result.state = "timeout"
        result.flags.append(f"a cell ran for more than {client.timeout} s ({name or 'one of its own'})")
    except DeadKernelError:
        result.state = "crashed"
        result.flags.append(f"the kernel died in a cell ({name or 'one of its own'})")


async def _probe(client: NotebookClient, exercise: str, cases: list[Case]) -> list[Evidence]:
    """Ask the kernel for the evidence on ``cases``; anything but evidence counts as none at all."""
    packed = base64.b64encode(encode_cases(cases)).decode()
    cell = nbformat.v4.new_code_cell(GATHER.format(exercise=exercise, cases=packed))
    # nbclient runs cells of its notebook only: this one is there while it runs.
    client.nb.cells.append(cell)
    try:
        await client.async_execute_cell(cell, len(client.nb.cells) - 1, store_history=False)
    finally:
        client.nb.cells.pop()
    try:
        published = next(output.data[MIME] for output in cell.outputs if MIME in output.get("data", {}))
        evidence = decode_evidence(base64.b64decode(published, validate=True))
    except (StopIteration, WireError, binascii.Error, TypeError, ValueError):
        evidence = []
    if len(evidence) != len(cases):
        nothing = Problem("missing", f"{exercise} could not be judged: the notebook gave no evidence of it.")
        evidence = [Evidence({}, nothing) for _ in cases]
    return evidence


def _error(cell: NotebookNode) -> str:
    """How a cell ended, when it ended with an error: "NameError: name 'x' is not defined"."""
    for output in cell.outputs:
        if output.output_type == "error":
            return " ".join(f"{output.ename}: {output.evalue}".split())[:300]
    return ""


def _explain(evidence: list[Evidence], error: str) -> list[Evidence]:
    """Where the object is missing because its cell ended with an error, say which."""
    if not error or not all(entry.problem and entry.problem.kind == "missing" for entry in evidence):
        return evidence
    reason = Problem("missing", f"The cell ended with an error before it was done: {error.rstrip('.')}.")
    return [Evidence({}, reason) for _ in evidence]
