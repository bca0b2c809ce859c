"""CONTRIBUTING.md is followed to the letter in a copy of the project: the lesson it adds works."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from autograder.catalogue.lesson import project
from course.judging.judge import judge

PAGE = (project() / "CONTRIBUTING.md").read_text(encoding="utf-8")
FILE = re.compile(r"^`(?P<path>[\w/.]+)`\n```python\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The project with the page's files written into it, and its module registered as the page says."""
    root = tmp_path_factory.mktemp("contributing")
    for folder in ("course", "autograder"):
        shutil.copytree(project() / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    files = {match["path"]: match["text"] for match in FILE.finditer(PAGE)}
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
    (line,) = re.findall(r'`("20_sign": lesson_20)`', PAGE)
    text = registry.read_text().replace(
        "from course.exercises import (\n", "from course.exercises import (\n    lesson_20,\n"
    )
    registry.write_text(text.replace("= {\n", f"= {{\n    {line},\n", 1))
    return root


def autograder(root, *arguments, code=0):
    environment = {**os.environ, "PYTHONPATH": str(root)}
    command = [sys.executable, "-c", "from autograder.cli import run; run()", *map(str, arguments)]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout


@pytest.mark.slow
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
    assert "missing: here two mistakes and three variants." in " ".join(PAGE.split())
    *table, mistakes, variants = autograder(copy, "sensitivity", "20_sign", code=1).splitlines()
    assert "sign_update" in "".join(table)
    assert mistakes == (
        "sign_update has 1 mistake; a function of one point needs 3: "
        "write 2 more in solutions/misconceptions/20_sign.py."
    )
    assert variants == (
        "sign_update has 1 variant; an exercise needs 4: write 3 more in solutions/variants/20_sign.py."
    )


def adadelta_update(theta, grad, s, d, lr=1.0, rho=0.9, eps=1e-6):
    s = rho * s + (1 - rho) * grad**2
    step = np.sqrt(d + eps) / np.sqrt(s + eps) * grad
    return theta - lr * step, s, rho * d + (1 - rho) * step**2


def steps_uphill(theta, grad, s, d, **hyper):
    after, s, d = adadelta_update(theta, grad, s, d, **hyper)
    return 2 * theta - after, s, d


class Undecided(torch.optim.Adadelta):
    def step(self):
        super().step()
        super().step()


def test_the_example_of_an_update_rule_and_an_optimiser_judges_both():
    (example,) = re.findall(
        r"^## Update rules and optimisers$.*?^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL
    )
    names = {}
    exec(example, names)
    for exercise, right, wrong in (
        (names["UPDATE"], adadelta_update, steps_uphill),
        (names["CLASS"], torch.optim.Adadelta, Undecided),
    ):
        for level in ("public", "graded"):
            cases = exercise.cases(np.random.default_rng(0), level)
            expected = [exercise.oracle(case) for case in cases]
            scores = [
                judge(exercise, cases, [exercise.probe(answer, case) for case in cases], expected).score
                for answer in (right, wrong)
            ]
            assert scores[0] == exercise.points > scores[1]


def test_the_map_names_every_room():
    for side in ("course", "autograder"):
        start = PAGE.index(f"| in `{side}/` |")
        rooms = set(re.findall(r"`(\w+)/`", PAGE[start : PAGE.index("\n\n", start)]))
        assert {
            place.name
            for place in (project() / side).iterdir()
            if place.is_dir() and not place.name.startswith(("_", "."))
        } == rooms - {side}
    for place in re.findall(
        r"`((?:course|solutions|tests|lessons)/[\w/.*]+)`", PAGE[PAGE.index("## Where things") :]
    ):
        assert list(project().glob(place)), place
