"""The rooms stand on floors: a module imports from its own room and from floors below, and never in a circle."""

import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from autograder.catalogue import inputs

ROOT = Path(__file__).parents[2]
# From the ground up. What stands on one floor may import what stands before it.
FLOORS = {
    "autograder": (
        ("errors",),
        ("machine", "catalogue"),
        ("sandbox", "build"),
        ("judge", "policy"),
        ("grade",),
        ("roster",),
        ("report", "measure", "handout", "collect", "export", "alike", "book"),
        ("cli", "__main__"),
    ),
    "course": (
        ("printable", "progress", "cells", "definitions", "child"),
        (
            "numerics",
            "sealed",
            "readings",
            "formulas",
            "problems",
            "data",
            "figure_summary",
            "plots",
            "edits",
        ),
        ("training", "characters"),
        ("questions", "measured"),
        ("figures",),
        ("exercise", "wire", "sealing", "trial"),
        ("judging",),
        ("families",),
        ("exercises",),
        ("known", "report", "cases"),
        ("repair",),
        ("waiting", "check"),
        ("desk",),
        ("__init__",),
        ("__main__",),
    ),
}


def arrows(package):
    """From room to room: who imports whom, and where that stands."""
    rooms = {path.stem for path in (ROOT / package).iterdir() if path.suffix == ".py" or path.is_dir()}
    for path in sorted((ROOT / package).rglob("*.py")):
        room = path.relative_to(ROOT / package).parts[0].removesuffix(".py")
        for name in inputs.imported(path):
            parts = name.split(".")
            if parts[0] == package and len(parts) > 1 and parts[1] in rooms - {room}:
                yield room, parts[1], path.relative_to(ROOT)


@pytest.mark.parametrize("package", FLOORS)
def test_nothing_imports_upwards(package):
    order = [room for floor in FLOORS[package] for room in floor]
    assert len(order) == len(set(order))
    for room, imported, path in arrows(package):
        assert order.index(imported) < order.index(room), f"{path} imports {package}.{imported}"


@pytest.mark.parametrize("package", FLOORS)
def test_every_room_has_its_floor(package):
    places = {
        path.stem for path in (ROOT / package).iterdir() if list(path.rglob("*.py")) or path.suffix == ".py"
    }
    assert {room for floor in FLOORS[package] for room in floor} | {"__init__"} == places | {"__init__"}


def test_what_is_imported_is_declared():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {canonicalize_name(Requirement(line).name) for line in project["dependencies"]}
    packages = metadata.packages_distributions()
    for place in ("course", "autograder"):
        for path in (ROOT / place).rglob("*.py"):
            for module in (
                {name.split(".")[0] for name in inputs.imported(path)}
                - set(sys.stdlib_module_names)
                - set(FLOORS)
            ):
                found = {canonicalize_name(name) for name in packages[module]}
                assert found & declared, f"{path.relative_to(ROOT)} imports {module}"
