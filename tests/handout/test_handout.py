"""What students are handed out: enough to work every lesson, nothing that gives an answer away, the same every time."""

import ast
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path, PurePosixPath
from zipfile import ZipFile

import nbformat
import pytest
from code_lines import lines_of, solution_regions
from nbclient import NotebookClient
from nbgrader.utils import determine_grade
from packaging.utils import canonicalize_name
from without import without

from autograder.build.first_cell import GRADE_ID
from autograder.build.own import is_as_built
from autograder.catalogue.answers import misconceptions
from autograder.catalogue.lesson import find, lessons
from autograder.handout.pack import FOLDER, HandoutError, pack
from autograder.handout.requirements import requirements
from autograder.handout.zipped import unzipped
from course.cells import EXPERIMENT, grade_id

ROOT = Path(__file__).parents[2]
LESSONS = [lesson.name for lesson in lessons()]
ADDRESS = "https://example.org/course"
# What a fork of students' or of teaching assistants' need not have.
INSTRUCTORS = ("solutions", "tests", "docs", "work", "gradebook", ".*", "__pycache__", "*.egg-info")
# A place as people have them.
UNUSUAL = "Übungen für Anna & Co"


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    return pack(tmp_path_factory.mktemp("handout") / "descent.zip")


@pytest.fixture(scope="module")
def files(packed):
    """What the zip's files hold, by their names in the students' folder."""
    held = {PurePosixPath(name): data for name, data in unzipped(packed.path.read_bytes()).items()}
    assert {name.parts[0] for name in held} == {FOLDER}
    return {str(name.relative_to(FOLDER)): data for name, data in held.items()}


@pytest.fixture(scope="module")
def wheel(files):
    """The same of the wheel in it."""
    (name,) = [name for name in files if name.endswith(".whl")]
    return unzipped(files[name])


@pytest.mark.slow
def test_it_holds_what_students_need_and_nothing_else(packed, files, wheel):
    assert packed.lessons == tuple(LESSONS)
    (package,) = [name for name in files if name.endswith(".whl")]
    course = {name for name in files if name.startswith("course/")}
    assert set(files) - course == {
        *("README.md", "LICENSE", "LICENSE-lessons", "pyproject.toml"),
        *("requirements.txt", "constraints.txt", package),
        *(f"lessons/{name}.ipynb" for name in LESSONS),
    }
    there = (path.relative_to(ROOT) for path in (ROOT / "course").rglob("*") if path.is_file())
    assert course == {path.as_posix() for path in there if "__pycache__" not in path.parts}
    assert {name: data for name, data in wheel.items() if name.startswith("course/")} == {
        name: files[name] for name in course
    }
    assert packed.size == packed.path.stat().st_size < 6_000_000


@pytest.mark.slow
def test_a_tree_without_solutions_gives_the_same_bytes(packed, tmp_path):
    fork = tmp_path / "fork"
    # New files, with other times, that nobody else may read.
    before = os.umask(0o077)
    try:
        shutil.copytree(
            ROOT, fork, copy_function=shutil.copyfile, ignore=shutil.ignore_patterns(*INSTRUCTORS)
        )
    finally:
        os.umask(before)
    (fork / "course" / ".notes.py").write_text("mine\n")
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "handout", "again.zip"],
        cwd=fork, env={**os.environ, "PYTHONPATH": str(fork)}, umask=0o077,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    again = (fork / "again.zip").read_bytes()
    assert again == packed.path.read_bytes()
    digest = hashlib.sha256(again).hexdigest()
    assert packed.digest == digest
    assert done.stdout == f"again.zip: {len(LESSONS)} lessons, {len(again) / 1e6:.1f} MB, SHA-256 {digest}\n"


@pytest.fixture(scope="module")
def given(files):
    """Every line of code and text that students are given."""
    notebooks = [data for name, data in files.items() if name.endswith(".ipynb")]
    # Of all lessons: what lesson 06 asks for must not stand in lesson 08.
    texts = [cell.source for data in notebooks for cell in nbformat.reads(data, as_version=4).cells]
    texts += [data.decode() for name, data in files.items() if name.endswith((".py", ".md", ".toml"))]
    return {line.split("#")[0].strip() for text in texts for line in text.splitlines()}


@pytest.mark.slow
@pytest.mark.parametrize("name", LESSONS)
def test_nothing_of_a_solution_is_in_what_students_are_given(name, given):
    for region in solution_regions(name):
        assert lines_of(region) & given == set()


# The recursion of other course notes, which lesson 02 shows beside its own to warn of it.
SHOWN = "fed_back"


def written(lines):
    """Lines without those that stand in the stub already, which are no mistake and no answer."""
    return {line for line in lines if not line.startswith(("def ", "class "))}


@pytest.mark.slow
@pytest.mark.parametrize("name", LESSONS)
def test_nothing_of_a_mistake_is_in_what_students_are_given(name, given):
    for entry in misconceptions(find(name)):
        for _, new in entry.edits:
            assert written(lines_of(new) & given) == set() or entry.misconception.id == SHOWN, (
                entry.misconception.id
            )


@pytest.mark.slow
@pytest.mark.parametrize("name", LESSONS)
def test_no_right_answer_in_another_style_is_in_what_students_are_given(name, given):
    """Single lines may be: what judges an exercise is written in the same language."""
    source = find(name).variants_path.read_text(encoding="utf-8")
    answers = [node for node in ast.parse(source).body if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    assert len(answers) > 10
    for answer in answers:
        lines = written(lines_of(ast.get_source_segment(source, answer)))
        assert not lines or not lines <= given, answer.name


@pytest.mark.slow
def test_no_file_of_the_instructors_is_in_it(files, wheel):
    held = {hashlib.sha256(data).digest() for data in (*files.values(), *wheel.values()) if data}
    for folder in ("solutions", "tests", "autograder"):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and path.stat().st_size:
                assert hashlib.sha256(path.read_bytes()).digest() not in held, path


@pytest.mark.slow
def test_what_students_are_given_imports_what_they_install_and_nothing_of_the_instructors(files):
    code = {name: data.decode() for name, data in files.items() if name.endswith(".py")}
    for name, data in files.items():
        if name.endswith(".ipynb"):
            cells = nbformat.reads(data, as_version=4).cells
            code |= {f"{name}: {cell.id}": cell.source for cell in cells if cell.cell_type == "code"}
    students = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["descent"]["students"]
    packages = metadata.packages_distributions()
    for place, source in code.items():
        for node in ast.walk(ast.parse(source)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for module in {name.split(".")[0] for name in names} - {"course", *sys.stdlib_module_names}:
                found = {canonicalize_name(name) for name in packages.get(module, ())}
                assert found & set(students), f"{place} imports {module}"


def test_students_are_asked_for_a_part_of_the_projects_packages_each_with_its_version():
    required = requirements(ROOT)
    students = required.settings["tool"]["descent"]["students"]
    assert len(required.direct) == len(students)
    assert set(required.pins) < set((ROOT / "constraints.txt").read_text().splitlines())
    pinned = {canonicalize_name(line.split("==")[0]) for line in required.pins}
    # Its own, what those ask for, and what these ask for with an extra.
    assert set(students) | {"jupyter-server", "tornado", "rfc3339-validator"} <= pinned
    assert pinned.isdisjoint({"nbgrader", "pytest", "mypy", "typer", "jupytext"})
    assert required.pin("torch").startswith("torch==")


@pytest.mark.slow
def test_every_link_of_its_page_leads_somewhere(files):
    page = files["README.md"].decode()
    links = re.findall(r"\]\(([^)]+)\)", page)
    assert {f"lessons/{name}.ipynb" for name in LESSONS} < set(links) <= set(files)
    (package,) = [name for name in files if name.endswith(".whl")]
    assert f"`{package}`" in page
    *_, constraints, last = files["requirements.txt"].decode().splitlines()
    assert (constraints, last) == ("-c constraints.txt", f"./{package}")


@pytest.fixture(scope="module")
def unpacked(packed, tmp_path_factory):
    """The students' folder in an unusual place, and what pip makes of its requirements.txt there."""
    place = tmp_path_factory.mktemp("unpacked") / UNUSUAL
    with ZipFile(packed.path) as archive:
        archive.extractall(place)
    installed = place / "installed"
    # What it needs is there already, as in a lesson on Colab.
    pip_install(place / FOLDER, installed, "-r", "requirements.txt")
    return place / FOLDER, installed


def pip_install(folder, target, *what):
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    done = subprocess.run(
        [*command, "--target", target, *what], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_a_lesson_is_worked_in_what_was_unpacked(unpacked, tmp_path):
    folder, installed = unpacked
    lesson = find("05_adam")
    notebook = nbformat.read(folder / "lessons" / "05_adam.ipynb", as_version=4)
    for cell in notebook.cells:
        cell.source = lesson.solutions().get(grade_id(cell), cell.source)
    notebook.cells = [cell for cell in notebook.cells if EXPERIMENT not in cell.metadata.get("tags", ())]
    where = "import course, sys\nprint(course.__file__, {'autograder', 'nbgrader'} & set(sys.modules))"
    notebook.cells.append(nbformat.v4.new_code_cell(where))
    instructors = ("autograder", "nbgrader", "solutions", "tests", "pytest", "jupytext")
    environment = without(tmp_path, *instructors, path=[installed])
    (folder / "work").mkdir()
    NotebookClient(
        notebook, kernel_name="python3", resources={"metadata": {"path": str(folder / "work")}}
    ).execute(env=environment)
    (output,) = notebook.cells[-1].outputs
    assert output.text == f"{installed / 'course' / '__init__.py'} set()\n"
    points = {
        grade_id(cell): determine_grade(cell) for cell in notebook.cells if "points" in str(cell.metadata)
    }
    assert sum(got for got, _ in points.values()) == 10.0
    assert not any(path.name == "__pycache__" for path in (folder / "lessons").iterdir())


@pytest.mark.slow
def test_the_zip_itself_can_be_installed(packed, wheel, tmp_path):
    """As from an address in a lesson's first cell, or from a repository that holds what was unpacked."""
    pip_install(tmp_path, tmp_path / "installed", "--no-build-isolation", packed.path)
    course = tmp_path / "installed" / "course"
    made = {path.relative_to(course.parent).as_posix() for path in course.rglob("*") if path.is_file()}
    assert {name for name in made if "__pycache__" not in name} == {
        name for name in wheel if name.startswith("course/")
    }


@pytest.mark.slow
def test_an_address_stands_in_every_first_cell_and_another_course_is_another_version(packed, tmp_path):
    root = tmp_path / "changed"
    shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(*INSTRUCTORS))
    with (root / "course" / "data" / "alice.txt").open("a") as text:
        text.write("The End.\n")
    made = pack(tmp_path / "with.zip", ADDRESS, root)
    held = unzipped(made.path.read_bytes())
    for name in LESSONS:
        notebook = nbformat.reads(held[f"{FOLDER}/lessons/{name}.ipynb"], as_version=4)
        (cell,) = [cell for cell in notebook.cells if grade_id(cell) == GRADE_ID]
        assert f'COURSE = "git+{ADDRESS}"\n' in cell.source
        assert is_as_built(notebook)
    page = held[f"{FOLDER}/README.md"].decode()
    assert "Upload a notebook from `lessons/` and run its first cell." in page
    versions = {
        next(name for name in unzipped(zip.path.read_bytes()) if name.endswith(".whl"))
        for zip in (packed, made)
    }
    assert len(versions) == 2


@pytest.fixture
def tree(tmp_path):
    """As much of a project as is looked at before anything is packed."""
    (tmp_path / "lessons").mkdir()
    shutil.copy(ROOT / "lessons" / "02_ema.ipynb", tmp_path / "lessons")
    return tmp_path


def refused(tree, name="a.zip", address=None):
    before = sorted(tree.rglob("*"))
    with pytest.raises(HandoutError) as caught:
        pack(tree / name, address, tree)
    assert sorted(tree.rglob("*")) == before
    return str(caught.value).replace(f"{tree}/", "")


def test_it_is_put_over_an_older_handout_and_over_nothing_else(tree):
    (tree / "a.zip").write_text("mine")
    with ZipFile(tree / "b.zip", "w") as archive:
        archive.writestr("submissions/anna.ipynb", "{}")
    (tree / "c.zip").mkdir()
    for name in ("a.zip", "b.zip", "c.zip"):
        assert refused(tree, name) == (
            f"{name} is there already and is no handout: move it, or choose another name."
        )
    assert (tree / "a.zip").read_text() == "mine"
    assert refused(tree, "handout") == "A handout is a zip: name it handout.zip."


@pytest.mark.parametrize("change", ["answer", "output", "no notebook"])
def test_a_lesson_that_somebody_has_worked_in_is_not_handed_out(tree, change):
    path = tree / "lessons" / "02_ema.ipynb"
    notebook = nbformat.read(path, as_version=4)
    cell = next(cell for cell in notebook.cells if grade_id(cell) == "ema")
    if change == "answer":
        cell.source = find("02_ema").solutions()["ema"]
    elif change == "output":
        cell.outputs = [nbformat.v4.new_output("stream", text="v = beta * v + (1 - beta) * x_t\n")]
    path.write_text("mine" if change == "no notebook" else nbformat.writes(notebook), encoding="utf-8")
    assert refused(tree).startswith(
        "lessons/02_ema.ipynb is not as build made it, and may hold somebody's answers: move it to work/,"
    )
    path.unlink()
    assert refused(tree) == "lessons/ holds no lesson: make them with `autograder build`."


@pytest.mark.parametrize(
    "address", ["example.org/a.zip", "https://example.org/a b.zip", "https://a.org/';rm", "ftp://a.org/a.zip"]
)
def test_an_address_that_is_none_is_refused(tree, address):
    assert refused(tree, address=address) == (
        f'"{address}" is no address of a file or a repository: one begins with https:// and has no blanks, '
        "quotation marks or &."
    )


def test_what_is_wrong_is_one_sentence_of_the_command(command_line, tmp_path):
    code, printed, said = command_line("handout", tmp_path / "folder")
    assert (code, printed) == (2, "")
    assert said == "autograder: A handout is a zip: name it folder.zip.\n"
    code, _, said = command_line("handout", tmp_path / "missing" / "a.zip")
    assert code == 2
    assert "No such file or directory" in said


def test_json_is_toml_where_the_students_settings_use_it():
    """Their pyproject.toml is written with json.dumps: strings and lists of them mean the same in both."""
    values = ['a "b" \\ c', "é", "x>=1; sys_platform == 'linux'"]
    assert tomllib.loads(f"v = {json.dumps(values, ensure_ascii=False)}")["v"] == values
