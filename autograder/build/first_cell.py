"""The first code cell of every lesson: where ``course`` is missing, it says in one sentence what to run.

Elsewhere it does nothing. It is the same in all lessons: build puts it there, and a handout writes into it
the address that the instructor gives.
"""

from __future__ import annotations

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from nbgrader.utils import compute_checksum

from course.cells import grade_id

GRADE_ID = "course_is_installed"
# In the folder that students have, by whatever version: a shell finds it.
WHEEL = "descent_course-*.whl"
UPLOAD = "(upload that file of your course folder first) "

# IPython shows an exception as it asks to be shown: the sentence alone. Running all cells ends there.
SOURCE = """\
# Where the course is installed this cell does nothing. Elsewhere, as on Colab or Kaggle, it says what to run.
COURSE = "{where}"


class NotInstalled(Exception):
    def _render_traceback_(self):
        return [str(self)]


try:
    import course
except ModuleNotFoundError as missing:
    package = f"--no-deps {{COURSE}}" if missing.name == "course" else missing.name
    raise NotInstalled(
        f"There is no package {{missing.name}} here: choose the kernel of your course folder's .venv or, on "
        f"Colab, Kaggle and the like, run %pip install {{package}} in a new cell "
        "{upload}and then this again."
    ) from None"""


def put_first(notebook: NotebookNode) -> None:
    """Put the cell before the first code cell of a lesson, for nbgrader a locked one."""
    known = {"grade": False, "grade_id": GRADE_ID, "locked": True}
    known |= {"schema_version": 3, "solution": False, "task": False}
    cell = new_code_cell(_source(), id=GRADE_ID, metadata={"nbgrader": known})
    kinds = [entry.cell_type for entry in notebook.cells]
    notebook.cells.insert(kinds.index("code") if "code" in kinds else len(kinds), cell)


def get_from(notebook: NotebookNode, address: str) -> None:
    """Have the cell of a student notebook install the course from an address, which pip understands."""
    (cell,) = [entry for entry in notebook.cells if grade_id(entry) == GRADE_ID]
    cell.source = _source(address)
    cell.metadata.nbgrader.checksum = compute_checksum(cell)


def _source(address: str | None = None) -> str:
    return SOURCE.format(where=address or WHEEL, upload="" if address else UPLOAD)
