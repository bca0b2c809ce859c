"""A lesson is run again where something has changed, and only there."""

import copy
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from autograder.build import runs
from autograder.catalogue import inputs
from autograder.catalogue.lesson import Lesson, find, lessons
from course.exercises import MODULES

ROOT = Path(__file__).parents[2]
EMA = find("02_ema")
CLIPPING = find("07_clipping")


def committed(lesson):
    return nbformat.read(lesson.notebook_path, as_version=4)


def code(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def test_what_build_left_stands():
    assert runs.stands(EMA, committed(EMA))


def edit_code(notebook):
    notebook.cells[1].source += "\n"


def edit_text(notebook):
    output = next(each for cell in notebook.cells for each in cell.get("outputs", []) if "text" in each)
    output.text += "."


def edit_numbers(notebook):
    output = next(
        each
        for cell in notebook.cells
        for each in cell.get("outputs", [])
        if "figure" in each.get("metadata", {})
    )
    output.metadata["figure"]["title"] += "."


def edit_outputs(notebook):
    next(cell for cell in notebook.cells if cell.get("outputs")).outputs = []


@pytest.mark.parametrize("edit", [edit_code, edit_text, edit_numbers, edit_outputs])
def test_code_and_outputs_are_part_of_it(edit):
    changed = copy.deepcopy(committed(EMA))
    edit(changed)
    assert not runs.stands(EMA, changed)


def test_prose_is_not():
    changed = copy.deepcopy(committed(EMA))
    next(cell for cell in changed.cells if cell.cell_type == "markdown").source += " More."
    assert runs.stands(EMA, changed)


def test_a_notebook_that_is_not_there_or_is_none_has_not_been_run(tmp_path):
    elsewhere = Lesson(EMA.name, tmp_path)
    assert not runs.stands(elsewhere, committed(EMA))
    elsewhere.notebook_path.parent.mkdir()
    elsewhere.notebook_path.write_text("no notebook", encoding="utf-8")
    assert not runs.stands(elsewhere, committed(EMA))


@pytest.mark.parametrize("name", ["torch", "matplotlib", "numpy"])
def test_another_version_of_a_library_is_part_of_it(monkeypatch, name):
    known = runs.metadata.version
    monkeypatch.setattr(runs.metadata, "version", lambda asked: "0.0" if asked == name else known(asked))
    assert not runs.stands(EMA, committed(EMA))


@pytest.mark.parametrize(
    ("part", "changed"), [("modules", "course.figures.lesson_02"), ("data", "02_ema.npz")]
)
def test_files_are_part_of_it(monkeypatch, tmp_path, part, changed):
    other = tmp_path / "other"
    other.write_text("# another", encoding="utf-8")
    if part == "modules":
        reached = runs.reached
        monkeypatch.setattr(runs, "reached", lambda *asked: {**reached(*asked), changed: other})
    else:
        data = runs._data
        monkeypatch.setattr(
            runs, "_data", lambda lesson: [other if path.name == changed else path for path in data(lesson)]
        )
    assert not runs.stands(EMA, committed(EMA))


def test_a_lesson_that_uses_others_depends_on_them():
    recipes = find("16_recipes")
    used = runs.built_on(recipes, committed(recipes))
    assert [other.name for other in used] == [other.name for other in lessons() if other != recipes]
    assert runs.built_on(EMA, committed(EMA)) == []
    assert "course.exercises.lesson_02.ema" in runs.reached(used, code(committed(recipes)))


@pytest.mark.slow
@pytest.mark.parametrize("lesson", [EMA, CLIPPING], ids=lambda lesson: lesson.name)
def test_all_that_a_lesson_loads_is_reached(lesson):
    cells = code(committed(lesson))
    imports = "\n".join(
        line for cell in cells for line in cell.splitlines() if line.startswith(("import ", "from "))
    )
    listed = "import sys; print(*(name for name in sys.modules if name.partition('.')[0] == 'course'))"
    told = subprocess.run(
        [sys.executable, "-c", f"{imports}\n{listed}"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    # With the exercises of one lesson come those of all, and what makes their evidence.
    with_others = inputs.closure(module.__name__ for module in MODULES.values())
    assert set(told) - inputs.GATHERING <= set(runs.reached([lesson], cells)) | set(with_others)


@pytest.mark.slow
def test_tests_run_what_has_changed_and_one_lesson_in_any_case():
    command = [sys.executable, "-m", "pytest", "--nbval", "--collect-only", "-q", "-p", "no:cacheprovider"]
    paths = ["solutions/02_ema.ipynb", "solutions/07_clipping.ipynb", "tests/lessons/test_run_all.py"]
    known = {lesson.name for lesson in lessons()}

    def collected(*options):
        done = subprocess.run(
            [*command, *options, *paths], cwd=ROOT, capture_output=True, text=True, check=False
        )
        ran = [line for line in done.stdout.splitlines() if "::" in line]
        return {name for name in known for line in ran if f"{name}.ipynb" in line or f"[{name}]" in line}

    assert collected() == known
    changed = {lesson.name for lesson in lessons() if not runs.stands(lesson, committed(lesson))}
    assert collected("--changed") == {EMA.name} | changed
