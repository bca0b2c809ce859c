"""The wheel of ``course``, a package of its own, made by the build backend that pyproject.toml names."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment

from autograder.errors import DescentError
from autograder.handout.requirements import Requirements
from autograder.handout.zipped import unzipped, zipped

# Not `descent`, nor `course`: strangers' packages have these names.
NAME = "descent-course"
LICENCES = ("LICENSE", "LICENSE-lessons")
# Left by tools, and never the course's.
LEFT_BEHIND = shutil.ignore_patterns(".*", "__pycache__")
BACKEND = "import sys; from {backend} import build_wheel; build_wheel(sys.argv[1])"


class BuildError(DescentError):
    """The backend made no wheel."""


@dataclass(frozen=True)
class Wheel:
    """A built wheel.

    Attributes:
        file: its name.
        data: its bytes, the same for the same course.
        settings: the pyproject.toml that it was made from, and is made from again where a student's folder is
            installed, or a repository that holds it.
        course: the files of the package, by their names below the students' folder.
    """

    file: str
    data: bytes
    settings: str
    course: dict[str, bytes]


def wheel(root: Path, environment: Environment, required: Requirements) -> Wheel:
    """Build the wheel.

    Its version ends in what follows from its files: pip puts a changed course in the older one's place.

    Args:
        root: the project's folder.
        environment: where the template of pyproject.toml is.

    Raises:
        BuildError: the backend failed; the sentence has its last line.
    """
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "descent")
        shutil.copytree(root / "course", place / "course", ignore=LEFT_BEHIND)
        for name in LICENCES:
            shutil.copy(root / name, place)
        settings = _settings(place, environment, required)
        Path(place, "pyproject.toml").write_text(settings, encoding="utf-8")
        backend = required.settings["build-system"]["build-backend"]
        done = subprocess.run(
            [sys.executable, "-c", BACKEND.format(backend=backend), folder],
            cwd=place, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, encoding="utf-8", errors="replace",
        )  # fmt: skip
        if done.returncode:
            last = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
            raise BuildError(f"{backend} could not make the wheel of course: {last[0]}.")
        (made,) = Path(folder).glob("*.whl")
        files = unzipped(made.read_bytes())
        course = {name: data for name, data in files.items() if name.startswith("course/")}
        return Wheel(made.name, zipped(files), settings, course)


def _settings(place: Path, environment: Environment, required: Requirements) -> str:
    """The pyproject.toml of the students' package, of which ``place`` holds the files."""
    project = required.settings["project"]
    template = environment.get_template("pyproject.toml.j2")

    def settings(version: str) -> str:
        return template.render(
            build=required.settings["build-system"]["requires"],
            name=NAME,
            version=version,
            description=project["description"],
            python=project["requires-python"],
            license=project["license"],
            dependencies=required.direct,
            data=required.settings["tool"]["setuptools"]["package-data"]["course"],
        )

    held = {path.relative_to(place).as_posix(): path for path in place.rglob("*") if path.is_file()}
    digests = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in held.items()}
    everything = json.dumps([settings(""), digests], sort_keys=True)
    # A letter first: a version has no number with leading zeros.
    return settings(f"{project['version']}+c{hashlib.sha256(everything.encode()).hexdigest()[:8]}")
