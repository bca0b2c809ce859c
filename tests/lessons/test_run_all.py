"""Run All in JupyterLab on a lesson that nobody has worked in: it reaches the end, and says what waits for what."""

import re
import tempfile

import nbformat
import pytest
from editor import run_all, warm_kernels

from autograder.build.compare import different_figures
from autograder.catalogue.lesson import find, lessons
from course.cells import grade_id

# A kernel that is forked has loaded the course before it was one.
BEFORE = "from course.waiting import watch_for_stubs\nwatch_for_stubs()"
LINK = re.compile(r'href="#cell-id=([^"]+)"')


def ran(notebook):
    """Its cells after Run All."""
    notebook.cells.insert(0, nbformat.v4.new_code_cell(BEFORE))
    # Of a short name: sockets stand in it.
    with tempfile.TemporaryDirectory() as folder:
        run_all(notebook, kernel_manager_class=warm_kernels(folder), shutdown_kernel="immediate")
    return [cell for cell in notebook.cells[1:] if cell.cell_type == "code"]


def stop_of(cell):
    """The one output of a cell that waits for an exercise; None of any other."""
    said = [
        output
        for output in cell.outputs
        if output.get("data", {}).get("text/plain", "").startswith("This cell ")
    ]
    if not said:
        return None
    (stop,) = said
    assert cell.outputs == said, "a cell that waits shows nothing else"
    return stop


def pictures(cells):
    return [output for cell in cells for output in cell.outputs if "image/png" in output.get("data", {})]


@pytest.mark.slow
@pytest.mark.runs_lesson
@pytest.mark.parametrize("name", [lesson.name for lesson in lessons()])
def test_an_untouched_lesson(name):
    lesson = find(name)
    built = {cell.id: cell for cell in nbformat.read(lesson.notebook_path, 4).cells}
    exercises = {entry.id for entry in lesson.exercises}
    cells = ran(lesson.student_notebook())
    assert {grade_id(cell): cell.id for cell in cells if grade_id(cell) in exercises} == {
        id: id for id in exercises
    }
    assert [cell.metadata.status for cell in cells] == ["ok"] * len(cells)
    stopped = [cell for cell in cells if stop_of(cell)]
    assert stopped
    for cell in stopped:
        (target,) = LINK.findall(stop_of(cell).data["text/html"])
        assert target in exercises
        assert f"your {target}" in stop_of(cell).data["text/plain"]
    for cell in cells:
        kinds = {output.output_type for output in cell.outputs}
        assert "error" not in kinds
        assert not any(output.get("name") == "stderr" for output in cell.outputs)
        # A picture that is there is whole: it draws what it draws where every exercise is written.
        assert not list(different_figures(pictures([built[cell.id]]), pictures([cell]))) or not pictures(
            [cell]
        )
