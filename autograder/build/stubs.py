"""What stands in the place of an answer in a student's notebook: an error that says which exercise waits."""

from __future__ import annotations

import re
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import ClearSolutions

from course.cells import grade_id

# The heading of an exercise, "## Exercise 2: the optimiser (4 points)", as far as its number.
HEADING = re.compile(r"^#+ +(Exercise \d+|Challenge)\b", re.MULTILINE)


class NamedStubs(ClearSolutions):
    """nbgrader's own preprocessor, with a stub that says the heading above it and what is to be written."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        self._heading = ""
        return super().preprocess(nb, resources)

    def preprocess_cell(
        self, cell: NotebookNode, resources: Any, cell_index: int
    ) -> tuple[NotebookNode, Any]:
        if cell.cell_type == "markdown":
            self._heading = (HEADING.findall(cell.source) or [self._heading])[-1]
        waits = ": ".join(filter(None, [self._heading, f"write {grade_id(cell)}"]))
        self.code_stub = {"python": f'# YOUR CODE HERE\nraise NotImplementedError("{waits}")'}
        return super().preprocess_cell(cell, resources, cell_index)
