"""A lesson that is opened where the course is missing says in one sentence what to run; elsewhere it does nothing."""

import copy

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from without import without

from autograder.build.first_cell import GRADE_ID, get_from
from autograder.build.notebooks import hand_out
from autograder.catalogue.lesson import find, lessons
from autograder.judge.handed_out import HandedOut
from autograder.judge.submission import restore
from course.cells import grade_id

LESSON = find("02_ema")
ADDRESS = "git+https://example.org/course/descent"


def first_code_cell(notebook):
    return next(cell for cell in notebook.cells if cell.cell_type == "code")


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.name)
def test_every_lesson_begins_with_the_same_cell_and_it_shows_nothing(lesson):
    cell = first_code_cell(lesson.student_notebook())
    assert grade_id(cell) == GRADE_ID
    assert cell.source == first_code_cell(LESSON.student_notebook()).source
    executed = first_code_cell(nbformat.read(lesson.notebook_path, as_version=4))
    assert (executed.source, executed.outputs) == (cell.source, [])


def said_without(folder, notebook, *packages):
    """What Run All shows of a lesson where packages are missing."""
    notebook = copy.deepcopy(notebook)
    with pytest.raises(CellExecutionError):
        NotebookClient(notebook, kernel_name="python3").execute(env=without(folder, *packages))
    first, *others = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert not any(cell.outputs for cell in others)
    (output,) = first.outputs
    return "\n".join(output.traceback)


@pytest.mark.slow
def test_where_the_course_is_missing_one_sentence_says_what_to_run(tmp_path):
    assert said_without(tmp_path, LESSON.student_notebook(), "course") == (
        "There is no package course here: choose the kernel of your course folder's .venv or, on Colab, Kaggle "
        "and the like, run %pip install --no-deps descent_course-*.whl in a new cell (upload that file of your "
        "course folder first) and then this again."
    )


@pytest.mark.slow
def test_it_names_the_address_that_the_instructor_gave(tmp_path):
    notebook = LESSON.student_notebook()
    get_from(notebook, ADDRESS)
    said = said_without(tmp_path, notebook, "course")
    assert f"run %pip install --no-deps {ADDRESS} in a new cell and then this again." in said


@pytest.mark.slow
def test_where_something_else_is_missing_it_names_that(tmp_path):
    said = said_without(tmp_path, LESSON.student_notebook(), "threadpoolctl")
    assert said.startswith("There is no package threadpoolctl here: ")
    assert "run %pip install threadpoolctl in a new cell" in said


def test_a_lesson_with_an_address_is_graded_like_any_other():
    notebook = LESSON.student_notebook()
    get_from(notebook, ADDRESS)
    assert ADDRESS in first_code_cell(notebook).source
    fixed = restore(notebook, HandedOut(LESSON))
    assert fixed.flags == ()
    assert [cell.source for cell in fixed.notebook.cells] == [
        cell.source for cell in LESSON.student_notebook().cells
    ]


def test_nbgrader_takes_the_address_for_what_was_handed_out():
    """Its Validate compares each locked cell with what the cell's own checksum says."""
    notebook = LESSON.student_notebook()
    get_from(notebook, ADDRESS)
    with_checksum = first_code_cell(notebook).metadata.nbgrader.checksum
    assert with_checksum != first_code_cell(LESSON.student_notebook()).metadata.nbgrader.checksum
    notebook.cells = [first_code_cell(notebook)]
    assert first_code_cell(hand_out(LESSON, notebook)).metadata.nbgrader.checksum == with_checksum
