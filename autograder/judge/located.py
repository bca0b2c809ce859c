"""Where answers go wrong: the line of a student's cell that a change would mend, searched for apart.

The search runs in the sandbox, after everything is judged, and is given public cases alone. What the process
says is believed to be a number of a line within the cell, and nothing else.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from functools import cache

from nbformat import NotebookNode

from autograder.judge.attempt import runs
from autograder.sandbox.process import Isolation, Stopped, StudentProcess
from course.cells import CHECK, grade_id
from course.exercises import EXERCISES
from course.repair.place import OVER, place_in
from course.repair.search import SECONDS, Place
from course.repair.tries import encode_tries, tries
from course.sealed import Sealed
from course.trial import RESTARTS


def places(
    notebook: NotebookNode, exercises: Collection[str], sealed: Sealed, isolation: Isolation
) -> dict[str, Place]:
    """Of each exercise, where a line is found, its place in the exercise's cell.

    Args:
        notebook: a submission as it is run.
        exercises: those that are looked into.
    """
    search = _Search(notebook, exercises, isolation)
    for _ in range(RESTARTS if exercises else 0):
        with isolation.start(sealed) as process:
            if search.play(process):
                break
    return search.found


class _Search:
    """One notebook on its way, over as many processes as it takes, within the time that a notebook has."""

    def __init__(self, notebook: NotebookNode, exercises: Collection[str], isolation: Isolation):
        self.found: dict[str, Place] = {}
        self._cells = notebook.cells
        self._texts = {grade_id(cell): cell.source for cell in notebook.cells}
        self._left = set(exercises)
        self._left_out: set[int] = set()
        self._cell = isolation.limits.cell
        self._deadline = time.monotonic() + isolation.limits.notebook

    def play(self, process: StudentProcess) -> bool:
        """Run the cells, and search where an exercise's check stands; whether there is nothing left to do."""
        for index, cell in enumerate(self._cells):
            if not self._left or time.monotonic() > self._deadline:
                return True
            exercise = grade_id(cell).removeprefix(CHECK)
            try:
                if grade_id(cell).startswith(CHECK):
                    if exercise in self._left:
                        self._left.discard(exercise)  # whatever becomes of it
                        self._look(process, exercise)
                elif runs(cell) and index not in self._left_out:
                    process.run(cell.source, self._cell)
            except Stopped:
                self._left_out.add(index)
                return False
        return True

    def _look(self, process: StudentProcess, exercise: str) -> None:
        source = self._texts.get(exercise, "")
        said = process.locate(exercise, source, _tries(exercise), SECONDS + OVER)
        place = place_in(said, source)
        if place is not None:
            self.found[exercise] = place


@cache
def _tries(exercise: str) -> bytes:
    return encode_tries(tries(EXERCISES[exercise]))
