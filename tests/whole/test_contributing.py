"""CONTRIBUTING.md is followed to the letter in a copy of the project: the lesson it adds works."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.catalogue.lesson import project

FILE = re.compile(r"^`(?P<path>[\w/.]+)`\n```python\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The project with the page's files written into it, and its module registered as the page says."""
    root = tmp_path_factory.mktemp("contributing")
    for folder in ("course", "autograder"):
        shutil.copytree(project() / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    page = (project() / "CONTRIBUTING.md").read_text()
    files = {match["path"]: match["text"] for match in FILE.finditer(page)}
    assert list(files) == [
        "course/exercises/lesson_20.py",
        "solutions/20_sign.py",
        "solutions/misconceptions/20_sign.py",
        "solutions/variants/20_sign.py",
    ]
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    registry = root / "course" / "exercises" / "__init__.py"
    (line,) = re.findall(r'`("20_sign": lesson_20\.EXERCISES)`', page)
    text = registry.read_text().replace(
        "from course.exercises import (\n", "from course.exercises import (\n    lesson_20,\n"
    )
    registry.write_text(text.replace("= {\n", f"= {{\n    {line},\n", 1))
    return root


def autograder(root, *arguments):
    environment = {**os.environ, "PYTHONPATH": str(root)}
    command = [sys.executable, "-c", "from autograder.cli import run; run()", *map(str, arguments)]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_page_adds_a_lesson(copy):
    autograder(copy, "build", "20_sign")
    lesson = copy / "lessons" / "20_sign.ipynb"
    assert "NotImplementedError" in lesson.read_text()
    assert "np.sign(grad)" not in lesson.read_text()
    solved, untouched = autograder(copy, "judge", copy / "solutions" / "20_sign.ipynb", lesson).splitlines()
    assert (json.loads(solved)["score"], json.loads(solved)["max"]) == (1.0, 1.0)
    assert json.loads(untouched)["exercises"][0]["attempted"] is False
    assert {path.name for path in (Path(copy) / "course" / "hints").glob("20_sign.*")} == {
        "20_sign.json",
        "20_sign.npz",
    }
