"""docs/api.md is what the docstrings say now, and has every name that lessons and exercises take from `course`."""

import ast
import importlib
import inspect
import re

import pytest

from autograder.build.api_page import page, public_names
from autograder.catalogue.lesson import lessons, project

TEXT = (project() / "docs" / "api.md").read_text(encoding="utf-8")
# A module's section, and the names in it.
SECTIONS = {
    section.partition("`")[0]: set(re.findall(r"^(?:#### |\| )`(\w+)`", section, flags=re.MULTILINE))
    for section in TEXT.split("\n### `")[1:]
}


def imported(source):
    """Module and name of everything that some code takes from `course` and its folders."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("course"):
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                yield (name, alias.name) if node.module == "course" else (node.module, alias.name)


def test_the_page_is_what_the_docstrings_make():
    assert page() == TEXT, "make docs/api.md with `python -m autograder.build.api_page`"


def test_every_name_on_the_page_exists_and_says_what_it_is_for():
    for module, names in SECTIONS.items():
        held = vars(importlib.import_module(module))
        for name in names:
            assert name in held, f"{module}.{name}"
            assert inspect.getdoc(held[name]), f"{module}.{name}"


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.name)
def test_every_name_that_a_lesson_imports_is_on_the_page(lesson):
    cells = lesson.student_notebook().cells
    source = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    taken = set(imported(source))
    assert taken
    for module, name in taken:
        if module.startswith("course.figures"):
            continue  # what a lesson draws is its own
        # `from course import check, plots`: a function, a whole module.
        found = getattr(importlib.import_module("course"), name, None)
        module = found.__module__ if inspect.isfunction(found) else module
        assert module in SECTIONS
        assert module.endswith(f".{name}") or name in SECTIONS[module], f"{module}.{name}"


def test_every_name_that_exercises_take_from_the_families_is_on_the_page():
    taken = {
        (module, name)
        for path in (project() / "course" / "exercises").rglob("*.py")
        for module, name in imported(path.read_text(encoding="utf-8"))
        if module in ("course.exercise", "course.readings", "course.problems", "course.sealed")
        or module.startswith("course.families.")
    }
    assert len(taken) > 10
    for module, name in taken:
        value = vars(importlib.import_module(module))[name]
        if inspect.isroutine(value) or inspect.isclass(value):
            assert name in SECTIONS[module], f"{module}.{name}"


def test_every_public_name_of_a_module_is_on_the_page():
    for module, names in SECTIONS.items():
        if module.startswith("course."):
            assert names == set(public_names(importlib.import_module(module)))
