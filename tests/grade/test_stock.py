"""Stock nbgrader beside Descent: the same scores, and each works on what the other made."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.validator import Validator
from small_class import HONEST, LESSON, copy_of, grade, judged_marks, submit, without_experiments

from autograder.catalogue.sample import answered
from autograder.grade import record
from autograder.grade.folder import CourseFolder
from autograder.measure.graders import ITS_OWN_AUTOGRADE, ITS_OWN_FEEDBACK

pytestmark = pytest.mark.slow

BIN = Path(sys.executable).parent


def stock(folder, *arguments):
    done = subprocess.run(
        [BIN / "nbgrader", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def stock_folder(tmp_path_factory):
    """The same honest submissions in a folder where stock nbgrader does everything."""
    path = tmp_path_factory.mktemp("stock")
    source = path / "source" / LESSON.name
    source.mkdir(parents=True)
    nbformat.write(
        without_experiments(nbformat.read(LESSON.notebook_path, as_version=4)), source / "05_adam.ipynb"
    )
    (path / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.course_id = 'descent'\nc.Execute.timeout = 120\n"
    )
    stock(path, "generate_assignment", "05_adam")
    folder = CourseFolder(path)
    for student, notebook in HONEST.items():
        submit(folder, student, without_experiments(notebook))
    stock(path, "autograde", "05_adam")
    return folder


def test_stock_generate_assignment_makes_the_same_student_notebook(stock_folder):
    made = stock_folder.student_notebook(LESSON)
    expected = without_experiments(LESSON.student_notebook())
    assert [cell.source for cell in made.cells] == [with_stub_of_stock(cell) for cell in expected.cells]


def with_stub_of_stock(cell):
    """The cell's source with nbgrader's own stub, which does not say which exercise waits."""
    return re.sub(r'raise NotImplementedError\(".*"\)', "raise NotImplementedError()", cell.source)


def test_stock_autograde_gives_honest_submissions_the_same_scores(stock_folder, graded):
    _, done = graded
    assert record.scores(stock_folder, LESSON) == {student: done[student].score for student in HONEST}


def test_stock_feedback_works_on_what_stock_and_descent_graded(stock_folder, graded, tmp_path):
    stock(stock_folder.path, "generate_feedback", "05_adam")
    assert len(list((stock_folder.path / "feedback").glob("*/05_adam/05_adam.html"))) == len(HONEST)
    again = copy_of(graded[0], tmp_path)
    shutil.rmtree(again.path / "feedback")
    stock(again.path, "generate_feedback", "05_adam", "--force", *ITS_OWN_FEEDBACK)
    assert len(list((again.path / "feedback").glob("*/05_adam/05_adam.html"))) == len(graded[1])
    # What we keep of a submission is nothing for students.
    assert not list((again.path / "feedback").rglob("*.json"))


def cells_of_gradebook(folder):
    """Everything that the database says of the lesson's cells, but for its own numbering."""
    with folder.open() as gradebook:
        notebook = gradebook.find_notebook(LESSON.name, LESSON.name)
        cells = [*notebook.source_cells, *notebook.grade_cells, *notebook.solution_cells]
        rows = [{**cell.to_dict(), "id": type(cell).__name__} for cell in cells]
        return notebook.kernelspec, sorted(rows, key=lambda row: (row["id"], row["name"]))


def test_a_folder_that_is_set_up_is_what_generate_assignment_makes_of_its_source(tmp_path):
    folder = CourseFolder(tmp_path)
    folder.setup([LESSON])
    given, cells = folder.student_notebook(LESSON), cells_of_gradebook(folder)
    stock(tmp_path, "generate_assignment", "05_adam", "--force")
    made = folder.student_notebook(LESSON)
    # nbgrader hands on what build wrote of the source.
    assert made.metadata.pop("descent") != given.metadata.pop("descent")
    assert made == given
    assert cells_of_gradebook(folder) == cells
    assert len(cells[1]) > 20


def test_what_stock_autograded_since_leaves_the_report_until_it_is_graded_again(graded, tmp_path):
    folder = copy_of(graded[0], tmp_path)
    submit(folder, "wrong", without_experiments(HONEST["wrong"]))
    wrong = ("--student=wrong", "--force", "--Execute.timeout=120")
    stock(folder.path, "autograde", "05_adam", *wrong, *ITS_OWN_AUTOGRADE)
    assert "wrong" not in judged_marks(folder)
    assert list(grade(folder)) == ["wrong"]
    assert "wrong" in judged_marks(folder)


def test_nbgrader_lists_the_folder_as_it_does_its_own(graded):
    folder, done = graded
    said = subprocess.run(
        [sys.executable, "-c", LIST, str(folder.path)], capture_output=True, text=True, check=True
    ).stdout
    assert said.split() == [LESSON.name, str(len(done)), "True"]


# What formgrader asks nbgrader for: the assignments, their submissions, and who is autograded.
LIST = """
import sys
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
api = NbGraderAPI(CourseDirectory(root=sys.argv[1], course_id="descent"))
(name,) = api.get_source_assignments()
print(name, api.get_assignment(name)["num_submissions"])
print(api.get_autograded_students(name) == api.get_submitted_students(name))
"""


def test_stock_validate_tells_untouched_from_filled_in(tmp_path):
    filled, untouched = tmp_path / "filled.ipynb", tmp_path / "untouched.ipynb"
    nbformat.write(without_experiments(answered(LESSON, {})), filled)
    nbformat.write(without_experiments(LESSON.student_notebook()), untouched)
    # What `nbgrader validate` calls; it says so where nothing failed.
    assert "failed" not in Validator().validate(str(filled))
    assert len(Validator().validate(str(untouched))["failed"]) == len(LESSON.exercises)
