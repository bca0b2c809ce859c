"""Building a lesson: twice the same, nothing of the solution handed out, nothing half written."""

import copy
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from code_lines import lines_of, solution_regions

from autograder.build.compare import compare, compare_numbers, compare_words
from autograder.build.first_cell import GRADE_ID
from autograder.build.notebooks import BuildError, build, check, execute, hand_out
from autograder.catalogue.answers import misconceptions
from autograder.catalogue.lesson import LessonError, UnknownLesson, find, lessons
from course.known import DIGEST, known

pytestmark = pytest.mark.slow

TINY = '''# ---
# jupyter:
#   kernelspec:
#     display_name: Some other Python
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Doubling

# %% nbgrader={"grade": false, "grade_id": "double", "locked": false, "schema_version": 3, "solution": true, "task": false}
def double(x):
    """Twice x."""
    ### BEGIN SOLUTION
    twice_the_number = 2 * x
    return twice_the_number
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_double", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
1.0 if double(2) == 4 else 0.0

# %%
print("one")
print("two", flush=True)
from IPython.display import display
print("three")

# %%
# As course.plots.show leaves it.
summary = {"axes": [{"title": "It bends upwards", "lines": [{"x": [0.0, 1.0, 2.0], "y": [0.0, 1.0, 4.0]}]}]}
data = {"image/png": "iVBORw0KGgo=", "text/plain": "A curve that bends upwards."}
display(data, raw=True, metadata={"figure": summary})

# %%
from ipywidgets import IntSlider
view = IntSlider()._repr_mimebundle_()["application/vnd.jupyter.widget-view+json"]
display({"text/plain": "A slider.", "application/vnd.jupyter.widget-view+json": view}, raw=True)
'''

ROOT = Path(__file__).parents[2]
LESSONS = [lesson.name for lesson in lessons()]


@pytest.fixture
def project(tmp_path):
    """A project folder with one lesson, 01_tiny."""
    source = tmp_path / "solutions" / "01_tiny.py"
    source.parent.mkdir()
    source.write_text(TINY, encoding="utf-8")
    return tmp_path


def rewrite(project, old, new):
    source = project / "solutions" / "01_tiny.py"
    text = source.read_text(encoding="utf-8")
    assert old in text
    source.write_text(text.replace(old, new), encoding="utf-8")


def files(project):
    return {path.relative_to(project): path.read_bytes() for path in project.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """The built solution notebook of 01_tiny; tests change copies of it."""
    root = tmp_path_factory.mktemp("project")
    (root / "solutions").mkdir()
    (root / "solutions" / "01_tiny.py").write_text(TINY, encoding="utf-8")
    return execute(find("01_tiny", root))


def cell_of(notebook, identity):
    return next(cell for cell in notebook.cells if cell.id == identity)


def test_a_second_build_changes_no_byte(project):
    assert {path.name for path in build(root=project)} == {"01_tiny.ipynb", "01_tiny.json", "01_tiny.npz"}
    first = files(project)
    assert build(["01_tiny"], project) == []
    assert files(project) == first
    assert check(root=project) == []
    find("01_tiny", project).notebook_path.unlink()  # So that it is run again.
    assert build(root=project) == [find("01_tiny", project).notebook_path]
    assert files(project) == first
    assert find("01_tiny", project).grade_ids == {GRADE_ID, "double", "check_double"}


def test_a_lesson_that_looks_for_answers_to_others_finds_their_solutions(project):
    shutil.copy(ROOT / "solutions" / "03_momentum.py", project / "solutions")
    rewrite(project, 'print("one")', "from course.desk.pieces import own\nown(heavy_ball_update=None)")
    cells = execute(find("01_tiny", project)).cells
    (said,) = (cell.outputs[0].text for cell in cells if "course.desk.pieces" in cell.source)
    assert said.startswith("heavy_ball_update: yours, from 03_momentum.ipynb.\n")


def test_the_solution_notebook_says_nothing_of_the_run_or_the_machine(tiny):
    nbformat.validate(tiny)
    assert [cell.id for cell in tiny.cells] == [
        "cell-001", GRADE_ID, "double", "check_double", "cell-004", "cell-005", "cell-006",
    ]  # fmt: skip
    assert [cell.execution_count for cell in tiny.cells if cell.cell_type == "code"] == [1, 2, 3, 4, 5, 6]
    assert tiny.metadata.kernelspec.display_name == "Python 3 (ipykernel)"
    assert set(tiny.metadata) == {"kernelspec", "language_info"}
    assert "version" not in tiny.metadata.language_info
    assert [output.text for output in cell_of(tiny, "cell-004").outputs] == ["one\ntwo\nthree\n"]
    assert [dict(output.data) for output in cell_of(tiny, "cell-006").outputs] == [
        {"text/plain": "A slider."}
    ]
    assert all("execution" not in cell.metadata for cell in tiny.cells)


def test_the_student_notebook_has_the_stub_and_nothing_of_the_solution(project, tiny):
    student = hand_out(find("01_tiny", project), tiny)
    assert cell_of(student, "double").source == (
        'def double(x):\n    """Twice x."""\n    # YOUR CODE HERE\n    raise NotImplementedError("write double")'
    )
    assert "twice_the_number" not in nbformat.writes(student)
    assert "checksum" in cell_of(student, "check_double").metadata.nbgrader
    assert all(cell.outputs == [] for cell in student.cells if cell.cell_type == "code")


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.name)
def test_every_stub_says_which_exercise_waits(lesson):
    student = hand_out(lesson, nbformat.read(lesson.notebook_path, as_version=4))
    number = 0
    for exercise in lesson.exercises:
        stubs = set(re.findall(r"raise NotImplementedError\((.*)\)", cell_of(student, exercise.id).source))
        if stubs != {f'"Challenge: write {exercise.id}"'}:
            number += 1
            assert stubs == {f'"Exercise {number}: write {exercise.id}"'}


def test_a_failing_cell_is_named_and_leaves_what_was_there(project):
    build(root=project)
    before = files(project)
    rewrite(project, 'print("one")', 'print("one")\nraise ValueError("no such\\nthing")')
    with pytest.raises(BuildError) as caught:
        build(root=project)
    assert str(caught.value) == '01_tiny: cell cell-004 (`print("one")`) raised ValueError: no such'
    after = files(project)
    del before[Path("solutions/01_tiny.py")], after[Path("solutions/01_tiny.py")]
    assert after == before
    assert check(root=project) == [str(caught.value)]


@pytest.mark.parametrize("where", ["lessons/01_tiny.ipynb", "solutions/01_tiny.ipynb"])
@pytest.mark.parametrize("change", ["answer", "comment", "output", "other file"])
def test_what_somebody_did_in_a_built_notebook_is_never_written_over(project, where, change):
    build(root=project)
    path = project / where
    notebook = nbformat.read(path, as_version=4)
    if change == "answer":
        cell_of(notebook, "double").source = "def double(x):\n    return x + x"
    elif change == "comment":
        notebook.cells.append(nbformat.v4.new_markdown_cell("My notes"))
    elif change == "output":
        cell_of(notebook, "check_double").outputs = [nbformat.v4.new_output("stream", text="mine\n")]
    path.write_text("mine" if change == "other file" else nbformat.writes(notebook))
    rewrite(project, 'print("one")', 'print("1")')
    before = files(project)
    with pytest.raises(BuildError) as caught:
        build(root=project)
    assert str(caught.value) == (
        f"{where} holds more than build wrote there, and was left as it is: "
        "move it to work/ if somebody's answers are in it, or delete it, and build again."
    )
    assert files(project) == before
    path.unlink()
    assert {path.name for path in build(root=project)} == {"01_tiny.ipynb"}


def test_what_an_editor_writes_of_itself_does_not_stop_build(project):
    build(root=project)
    path = project / "lessons" / "01_tiny.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.language_info["version"] = "3.13.0"
    path.write_text(nbformat.writes(notebook, indent=4))
    rewrite(project, 'print("one")', 'print("1")')
    assert path in build(root=project)


def test_a_lesson_that_fails_does_not_stop_another(project):
    (project / "solutions" / "02_wrong.py").write_text("# %%\n1 / 0\n", encoding="utf-8")
    with pytest.raises(
        BuildError, match=re.escape("02_wrong: cell cell-001 (`1 / 0`) raised ZeroDivisionError")
    ):
        build(root=project)
    assert (project / "lessons" / "01_tiny.ipynb").is_file()
    assert not (project / "lessons" / "02_wrong.ipynb").exists()


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("1.0 if double(2) == 4 else 0.0", "", "01_tiny: cell 3 is an empty code cell: remove it."),
        ('print("one")', "import warnings; warnings.warn('x')", "wrote to stderr, which a lesson must not"),
        ('print("one")', "import os; os._exit(1)", "ended its kernel."),
        (
            "    ### END SOLUTION\n",
            "",
            "nbgrader can't make the student notebook: no end solution statement found",
        ),
        ('"check_double"', '"check_twice"', "the solution cell double has no check cell check_double."),
        ('"check_double"', '"double"', "a cell's nbgrader metadata is wrong: Duplicate grade id: double."),
        ('print("one")', "import time; time.sleep(60)", "took more than 3 seconds."),
    ],
    ids=[
        "empty cell",
        "warning",
        "dead kernel",
        "no end of the solution",
        "no check cell",
        "same id",
        "slow",
    ],
)
def test_what_is_wrong_with_a_lesson_is_one_sentence(project, monkeypatch, old, new, sentence):
    monkeypatch.setattr("autograder.build.notebooks.CELL_TIMEOUT", 3)
    rewrite(project, old, new)
    with pytest.raises(BuildError, match=re.escape(sentence)) as caught:
        build(root=project)
    assert "\n" not in str(caught.value)


def test_an_unknown_lesson_lists_the_lessons(project):
    with pytest.raises(UnknownLesson, match='There is no lesson "tiny": the lessons are 01_tiny'):
        build(["tiny"], project)


def test_a_lesson_tells_its_exercises(project):
    lesson = find("01_tiny", project)
    assert lesson.points() == {"double": 3.0}
    assert list(lesson.solutions()) == ["double"]
    assert lesson.grade_ids == frozenset()
    with pytest.raises(LessonError, match=r"01_tiny\.ipynb is missing: make it with"):
        lesson.student_notebook()


def test_compare_reports_a_changed_source(tiny):
    changed = copy.deepcopy(tiny)
    cell_of(changed, "double").source += "\n# more"
    (sentence,) = compare(changed, tiny)
    assert sentence == "cell double: the source differs: line 7 is '# more' and should be ''."


def test_compare_reports_changed_text(tiny):
    changed = copy.deepcopy(tiny)
    cell_of(changed, "cell-004").outputs[0].text = "one\n2\nthree\n"
    cell_of(changed, "check_double").outputs[0].data["text/plain"] = "0.0"
    assert compare(changed, tiny) == [
        "cell check_double: the text/plain output differs: line 1 is '0.0' and should be '1.0'.",
        "cell cell-004: the printed text differs: line 2 is '2' and should be 'two'.",
    ]


def test_compare_reports_changed_metadata_points_and_cells(tiny):
    changed = copy.deepcopy(tiny)
    cell_of(changed, "check_double").metadata.nbgrader.points = 3.001
    cell_of(changed, "cell-004").outputs = []
    del changed.cells[5]
    assert compare(changed, tiny) == [
        "cell check_double: the metadata differ: nbgrader.points is 3.001 and should be 3.",
        "cell cell-004: the outputs are nothing and should be stream.",
        "where the build has cell cell-005, the committed notebook has cell cell-006.",
    ]


def test_compare_goes_by_a_figures_numbers_not_its_bytes(tiny):
    changed = copy.deepcopy(tiny)
    (output,) = cell_of(changed, "cell-005").outputs
    output.data["image/png"] = "AAAA"
    (line,) = output.metadata["figure"]["axes"][0]["lines"]
    line["y"] = [1e-9, 1.0, 4.001]
    assert compare(changed, tiny) == []
    line["y"][2] = 4.1
    assert compare(changed, tiny) == [
        "cell cell-005: the output's metadata differ: figure.axes[0].lines[0].y[2] is 4.1 and should be 4.0."
    ]


def test_nbval_compares_the_numbers_of_figures(tiny, tmp_path):
    for name, value in (("near", 4.001), ("far", 4.1)):
        changed = copy.deepcopy(tiny)
        (output,) = cell_of(changed, "cell-005").outputs
        output.metadata["figure"]["axes"][0]["lines"][0]["y"][2] = value
        nbformat.write(changed, tmp_path / f"{name}.ipynb")
    shutil.copy(ROOT / "solutions" / "conftest.py", tmp_path)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "1 failed, 11 passed" in done.stdout, done.stdout
    assert re.search(r"FAILED far.ipynb::Cell \d", done.stdout)
    assert "lines[0].y[2] is 4.1 and should be 4.0" in done.stdout


@pytest.mark.parametrize("name", LESSONS)
def test_committed_lessons_are_what_build_makes(name):
    # Their outputs are compared where they are run: `pytest --nbval solutions/*.ipynb`.
    assert check([name], run=False) == []


@pytest.mark.parametrize("name", LESSONS)
def test_every_code_cell_of_a_solution_was_run(name):
    notebook = nbformat.read(find(name).notebook_path, as_version=4)
    assert all(cell.execution_count for cell in notebook.cells if cell.cell_type == "code")


@pytest.mark.parametrize("name", LESSONS)
def test_nothing_of_a_solution_is_handed_out(name):
    handed_out = {
        line.strip() for cell in find(name).student_notebook().cells for line in cell.source.splitlines()
    }
    trivial = {"return", "pass", "self", "else:", "continue", "for _ in range(steps):"}
    for source in find(name).solutions().values():
        regions = re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", source, flags=re.DOTALL)
        assert regions
        lines = {line.strip() for region in regions for line in region.splitlines()} - trivial - {""}
        assert lines.isdisjoint(handed_out)


@pytest.mark.parametrize("name", LESSONS)
def test_the_hints_are_numbers_and_words_without_code(name):
    lesson = find(name)
    code = {line for region in solution_regions(name) for line in lines_of(region)}
    code |= {line for entry in misconceptions(lesson) for _, new in entry.edits for line in lines_of(new)}
    words = lesson.hint_texts_path.read_text(encoding="utf-8")
    assert not [line for line in code if line in words]
    texts = json.loads(words)
    with np.load(lesson.hints_path, allow_pickle=False) as stored:
        assert set(stored) == {
            DIGEST,
            *(f"{id}{part}" for id in texts for part in ("", ".pairs", ".pair_sketches", ".parts")),
        }
        for id, texts_of in texts.items():
            assert len(stored[id]) == len(texts_of["mistakes"])
            # A number for each part of what each mistake and each small change does.
            assert len(stored[f"{id}.parts"]) == len(texts_of["mistakes"]) + len(texts_of["changes"])
            assert stored[f"{id}.parts"].dtype == np.uint32
            # A pair is two rows of the mistakes and a few sums.
            pairs, sketches = stored[f"{id}.pairs"], stored[f"{id}.pair_sketches"]
            assert (stored[id].dtype, pairs.dtype, sketches.dtype) == (np.uint32, np.uint16, np.uint32)
            assert pairs.shape == (len(sketches), 2)
            assert not pairs.size or pairs.max() < len(texts_of["mistakes"])


@pytest.mark.parametrize("name", LESSONS)
def test_the_hints_name_every_mistake_in_the_order_of_the_catalogue(name):
    lesson = find(name)
    for exercise in lesson.exercises:
        named = [mistake.misconception for mistake in known(exercise.id).mistakes]
        assert named == [entry.misconception for entry in misconceptions(lesson, exercise.id)]


def test_the_hints_of_all_lessons_leave_room_for_seventeen():
    """Of 4 MB in all: what a student downloads for nothing but names of mistakes."""
    paths = [path for lesson in lessons() for path in (lesson.hints_path, lesson.hint_texts_path)]
    assert sum(path.stat().st_size for path in paths) < 4_000_000 * len(lessons()) / 17


def test_hints_that_are_not_those_of_the_build_are_said_to_differ(tmp_path):
    lesson = find("01_mini_batch")
    words = lesson.hint_texts_path.read_text(encoding="utf-8")
    with np.load(lesson.hints_path) as stored:
        numbers = dict(stored)
    assert compare_words(lesson.hint_texts_path, words) == []
    assert compare_numbers(lesson.hints_path, numbers) == []
    # Another processor may sum up to another last bit.
    assert compare_numbers(lesson.hints_path, {**numbers, "SGD": numbers["SGD"] + np.uint32(2)}) == []
    for key in ("SGD", "SGD.pairs", "SGD.pair_sketches", "SGD.parts"):
        changed = {**numbers, key: numbers[key].copy()}
        changed[key][0, 0] += 1000
        assert compare_numbers(lesson.hints_path, changed) == [f"the numbers of {key} differ."]
    (sentence,) = compare_numbers(lesson.hints_path, {"SGD": numbers["SGD"]})
    assert sentence.endswith("and should have those of SGD.")
    # Their order says which numbers belong to which.
    turned = json.dumps(dict(reversed(json.loads(words).items())), ensure_ascii=False, indent=1)
    for changed in (words.replace('"name": "', '"name": "not ', 1), turned):
        (sentence,) = compare_words(lesson.hint_texts_path, changed)
        assert sentence.startswith("the known mistakes differ: line ")


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_gives_the_points_that_its_exercises_are_judged_with(name):
    lesson = find(name)
    assert lesson.points() == {exercise.id: exercise.points for exercise in lesson.exercises}
    assert sum(lesson.points().values()) == 10
