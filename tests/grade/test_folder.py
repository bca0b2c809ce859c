"""A course folder: where its settings put things, what is handed in, what cannot be read."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from corpus.entry import left_without
from small_class import LESSON, copy_of, grade, judged_marks, submit

from autograder.catalogue.sample import answered
from autograder.errors import DescentError
from autograder.grade.folder import CourseFolder
from autograder.grade.grade_class import grade_class
from autograder.grade.handed_in import digest, handed_in, timestamp
from autograder.judge.own_file import Unreadable
from autograder.report import page as class_report
from course.cells import grade_id

pytestmark = pytest.mark.slow

SETTINGS = """c = get_config()
c.CourseDirectory.course_id = "elsewhere"
c.CourseDirectory.db_url = "sqlite:///{database}"
c.CourseDirectory.submitted_directory = "{submitted}"
c.CourseDirectory.autograded_directory = "marked"
c.CourseDirectory.feedback_directory = "returned"
c.CourseDirectory.release_directory = "handed out"
c.CourseDirectory.directory_structure = "{{assignment_id}}/{{nbgrader_step}}/{{student_id}}"
"""


@pytest.fixture
def moved(tmp_path):
    """A folder whose settings put everything somewhere else than nbgrader does by itself."""
    path = tmp_path / "course [2026]"
    path.mkdir()
    (tmp_path / "db").mkdir()
    settings = SETTINGS.format(database=tmp_path / "db" / "g.db", submitted="in")
    (path / "nbgrader_config.py").write_text(settings)
    return CourseFolder(path)


def test_a_folder_is_set_up_graded_and_reported_where_its_settings_say(moved, tmp_path):
    with pytest.raises(DescentError, match="is no gradebook folder"):
        moved.require()
    assert not (tmp_path / "db" / "g.db").exists()
    moved.setup([LESSON])
    moved.require(LESSON)
    submit(moved, "zoé", answered(LESSON, {}))
    submit(moved, "..x", "not a notebook")
    assert (moved.path / "05_adam" / "in" / "zoé" / "05_adam.ipynb").is_file()
    (done,) = grade_class(moved, [LESSON], seed=3)
    assert [(entry.student, entry.after) for entry in done.graded] == [("..x", 0.0), ("zoé", 10.0)]
    assert (done.without_page, done.problem) == ([], "")
    assert {path.name for path in (tmp_path / "db").iterdir()} == {"g.db"}
    assert {path.name for path in (moved.path / "05_adam").iterdir()} == {
        *("source", "handed out", "in", "marked", "judgements", "returned")
    }
    page = class_report.write(moved).read_text()
    assert 'href="05_adam/returned/zo%C3%A9/05_adam.html"' in page
    assert (moved.path / "05_adam" / "returned" / "zoé" / "05_adam.html").is_file()
    assert [entry.unchanged for entry in grade_class(moved, [LESSON], seed=3)] == [2]


def test_what_the_settings_put_elsewhere_is_hidden_from_students_code(tmp_path):
    path = tmp_path / "course"
    path.mkdir()
    (path / "nbgrader_config.py").write_text(
        SETTINGS.format(database=tmp_path / "g.db", submitted=tmp_path / "in").replace(
            "{assignment_id}/{nbgrader_step}/{student_id}", "{nbgrader_step}/{student_id}/{assignment_id}"
        )
    )
    assert set(CourseFolder(path).hidden()) == {path, tmp_path / "in", tmp_path / "g.db"}


def test_what_an_instructor_makes_of_the_student_notebook_is_what_grading_restores(graded, tmp_path):
    folder = copy_of(graded[0], tmp_path)
    path = folder.path / "release" / "05_adam" / "05_adam.ipynb"
    notebook = nbformat.read(path, as_version=4)
    (given,) = (cell for cell in notebook.cells if grade_id(cell) == "check_Adam")
    given.source = "# One step at a time.\n" + given.source
    nbformat.write(notebook, path)
    submit(folder, "right", answered(LESSON, {}))
    submit(folder, "wrong", notebook)
    judgements = grade(folder)
    assert judgements["right"].sentences == ["cell check_Adam was changed: restored"]
    assert judgements["wrong"].flags == ()
    restored = nbformat.read(folder.autograded("right", LESSON), as_version=4)
    assert given.source in {cell.source for cell in restored.cells}


def test_an_exercise_that_an_instructor_leaves_out_is_not_judged(graded, tmp_path):
    folder = copy_of(graded[0], tmp_path)
    path = folder.path / "release" / "05_adam" / "05_adam.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if grade_id(cell) not in ("AdamW", "check_AdamW")]
    nbformat.write(notebook, path)
    submit(folder, "right", answered(LESSON, {}))
    submit(folder, "wrong", "no notebook")
    judgements = grade(folder)
    assert (judgements["right"].score, judgements["right"].max_score) == (left_without("AdamW"),) * 2
    assert [entry.id for entry in judgements["wrong"].exercises] == ["adam_update", "Adam", "amsgrad_update"]
    assert class_report.write(folder).is_file()


def test_points_that_are_not_what_is_judged_are_one_sentence(graded, tmp_path):
    folder = copy_of(graded[0], tmp_path)
    path = folder.path / "release" / "05_adam" / "05_adam.ipynb"
    path.write_text(path.read_text().replace('"points": 3.5', '"points": 40'))
    with pytest.raises(DescentError, match=r"gives 40 points for Adam, which is judged out of 3\.5") as error:
        next(grade_class(folder, [LESSON]))
    assert "\n" not in str(error.value)
    path.write_text("{")
    with pytest.raises(DescentError, match="make it anew with `autograder setup"):
        next(grade_class(folder, [LESSON]))


def test_setting_up_again_leaves_what_an_instructor_changed_and_names_it(graded, tmp_path):
    folder = copy_of(graded[0], tmp_path)
    assert folder.setup([LESSON]) == []
    release, source = (folder.path / step / "05_adam" / "05_adam.ipynb" for step in ("release", "source"))
    release.write_text(release.read_text().replace('"points": 3.5', '"points": 40'))
    changed = release.read_bytes()
    source.unlink()
    assert folder.setup([LESSON]) == [release]
    assert release.read_bytes() == changed
    assert source.read_bytes() == LESSON.notebook_path.read_bytes()
    release.unlink()
    assert folder.setup([LESSON]) == []
    assert folder.student_notebook(LESSON) == LESSON.student_notebook()


def test_handing_in_again_leaves_nothing_of_before(tmp_path):
    folder = CourseFolder(tmp_path)
    submit(folder, "a", "first", "my homework.ipynb")
    path = folder.submit("a", LESSON, b"second")
    assert path.read_bytes() == b"second"
    assert handed_in(folder, LESSON).notebooks == {"a": path}
    assert [entry.name for entry in path.parent.iterdir()] == ["05_adam.ipynb"]


@pytest.mark.parametrize("notebook", ["no notebook", LESSON.student_notebook()], ids=["broken", "untouched"])
def test_a_file_whose_name_is_no_text_is_graded_and_named(tmp_path, notebook):
    folder = CourseFolder(tmp_path)
    folder.setup([LESSON])
    submit(folder, "a", notebook, "caf\udce9.ipynb")
    judgement = grade(folder)["a"]
    assert "caf\\udce9.ipynb" in judgement.sentences[-1]
    (kept,) = judged_marks(folder).values()
    assert kept.judgement.notebook == "submitted/a/05_adam/caf\\udce9.ipynb"
    assert class_report.write(folder).is_file()


PLAIN = """
import sys
from pathlib import Path
from autograder.catalogue.lesson import find
from autograder.grade.folder import CourseFolder
from autograder.grade.grade_class import grade_class
lesson, folder = find("05_adam"), CourseFolder(Path(sys.argv[1]))
folder.setup([lesson])
folder.submit("a", lesson, lesson.student_path.read_text())
(done,) = grade_class(folder, [lesson])
print([(entry.student, entry.after) for entry in done.graded], done.without_page)
"""


def test_plain_python_without_the_command_line_sets_up_and_grades(tmp_path):
    # nbgrader calls alembic by name: Python's own folder is not among those that are searched.
    folders = [name for name in os.environ["PATH"].split(os.pathsep) if not Path(name, "alembic").exists()]
    done = subprocess.run(
        [sys.executable, "-c", PLAIN, str(tmp_path / "gradebook")],
        env={**os.environ, "PATH": os.pathsep.join(folders)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[-2] == "[('a', 0.0)] []"


def test_a_lesson_that_the_gradebook_cannot_hold_is_told_with_nbgraders_reason(graded, tmp_path):
    folder = copy_of(graded[0], tmp_path)
    with folder.open() as gradebook:
        gradebook.update_or_create_grade_cell(
            "check_more", LESSON.name, LESSON.name, max_score=1, cell_type="code"
        )
    with pytest.raises(DescentError, match="Cannot add or remove cells for notebook '05_adam'"):
        folder.setup([LESSON])


def test_settings_that_cannot_be_read_are_one_sentence(tmp_path):
    (tmp_path / "nbgrader_config.py").write_text("c = get_config(\n")
    with pytest.raises(DescentError, match=r"nbgrader_config\.py can't be read \(SyntaxError") as error:
        CourseFolder(tmp_path)
    assert "\n" not in str(error.value)


def test_what_is_handed_in_is_read_up_to_a_limit_and_links_are_not_followed(tmp_path):
    folder = CourseFolder(tmp_path)
    place = submit(folder, "sparse", "")
    with (place / "05_adam.ipynb").open("wb") as file:
        file.truncate(10**12)
    (tmp_path / "secret").write_text("2026-01-31 12:00:00 UTC")
    (place / "timestamp.txt").symlink_to(tmp_path / "secret")
    assert digest(folder, "sparse", LESSON, place / "05_adam.ipynb")
    with pytest.raises(Unreadable, match="is a link"):
        timestamp(folder, "sparse", LESSON)
    folder.setup([LESSON])
    judgement = grade(folder)["sparse"]
    assert (judgement.state, [flag.id for flag in judgement.flags]) == ("unreadable", ["too_large"])
    assert [entry.judgement.flagged("link") for entry in judged_marks(folder).values()] == [True]
    assert not (tmp_path / "autograded" / "sparse" / LESSON.name / "timestamp.txt").exists()
    with folder.open() as gradebook:
        assert gradebook.find_submission(LESSON.name, "sparse").timestamp is None


def test_files_of_a_folder_that_cannot_be_read_are_one_sentence(tmp_path):
    (tmp_path / "secret_seed").write_text("none")
    (tmp_path / "gradebook.db").write_text("none")
    folder = CourseFolder(tmp_path)
    with pytest.raises(DescentError, match="secret_seed holds no number"):
        folder.seed()
    with pytest.raises(DescentError, match=r"gradebook\.db can't be opened"):
        folder.open()
    with pytest.raises(DescentError, match=r"gradebook\.db can't be opened"):
        folder.require()
    (tmp_path / "nbgrader_config.py").write_text("raise SystemExit")
    with pytest.raises(DescentError, match="SystemExit"):
        CourseFolder(tmp_path)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nothing://", "nothing:// can't be opened"),
        ("nonsense", r"nbgrader_config\.py can't be read \(ArgumentError"),
        ("postgresql+psycopg2://me:secret@127.0.0.1:1/g", r"me:\*\*\*@127.0.0.1:1/g can't be opened"),
    ],
)
def test_a_database_that_cannot_be_reached_is_one_sentence_without_its_password(tmp_path, url, said):
    (tmp_path / "nbgrader_config.py").write_text(f"c = get_config()\nc.CourseDirectory.db_url = {url!r}\n")
    with pytest.raises(DescentError, match=said) as error:
        CourseFolder(tmp_path).require()
    assert "\n" not in str(error.value)
    assert "secret" not in str(error.value)
