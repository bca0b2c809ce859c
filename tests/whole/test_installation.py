"""The commands of the README, for somebody who has just this folder, an ordinary account and the system's Python."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.request
from importlib import metadata
from pathlib import Path
from urllib.error import URLError

import nbformat
import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
# Of the lessons, enough to see what happens to them.
LESSONS = ("02_ema", "05_adam")
NOBODY = 65_534
# The lowest that pyproject.toml claims, and those that came after it.
PYTHONS = ("3.11", "3.12", "3.13")
# Says whether wheels are there, and installs nothing.
ASK_FOR_WHEELS = (
    *(sys.executable, "-m", "pip", "install", "--quiet", "--dry-run"),
    *("--ignore-installed", "--no-deps", "--only-binary=:all:"),
)
SYSTEM_PYTHON = Path("/usr/bin/python3")
LEFT_BEHIND = (".*_cache", ".venv", ".git", ".hypothesis", "__pycache__", "gradebook", "work", "*.egg-info")


def pins():
    """The version of every package in constraints.txt."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return {canonicalize_name(name): version for name, version in (line.split("==") for line in lines)}


def wanted_on(version):
    """What is asked for on a Python, and by whom: by the project, and by every package that is pinned."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    # An extra that asks for others of the project's own has their packages.
    own = f"{project['name']}["
    asked = {"the project": project["dependencies"]}
    asked |= {
        f"the project's extra {extra}": [line for line in extras[extra] if not line.startswith(own)]
        for extra in extras
    }
    asked |= {name: metadata.requires(name) or [] for name in pins()}
    there = {"python_version": version, "python_full_version": f"{version}.0", "extra": ""}
    for name, lines in asked.items():
        for requirement in map(Requirement, lines):
            if not requirement.marker or requirement.marker.evaluate(there):
                yield name, requirement


@pytest.mark.parametrize("version", PYTHONS)
def test_the_pins_fit_together_on_every_python_that_is_claimed(version):
    pinned = pins()
    for name, found in pinned.items():
        assert Version(metadata.version(name)).public == found, f"{name} is not installed as it is pinned"
        python = metadata.metadata(name)["Requires-Python"]
        assert not python or SpecifierSet(python).contains(f"{version}.0"), f"{name} wants Python {python}"
    for name, requirement in wanted_on(version):
        found = pinned.get(canonicalize_name(requirement.name))
        assert found, f"{name} wants {requirement}, which is not pinned"
        assert requirement.specifier.contains(found), f"{name} wants {requirement}, not {found}"


def test_what_is_compiled_is_there_for_every_python_that_is_claimed(tmp_path):
    compiled = [f"{name}=={found}" for name, found in pins().items() if "-cp3" in tags(name)]
    assert len(compiled) > 10
    # On the lowest everything is installed below.
    asked = {
        version: subprocess.Popen(
            [*ASK_FOR_WHEELS, "--python-version", version, "--target", tmp_path, *compiled],
            stderr=subprocess.PIPE,
            text=True,
        )
        for version in PYTHONS[1:]
    }
    for version, process in asked.items():
        _, said = process.communicate()
        assert process.returncode == 0, f"Python {version}: {said}"


def tags(name):
    """For which Pythons and systems the installed wheel of a package is: "Tag: cp311-cp311-linux_x86_64"."""
    found = metadata.distribution(name).read_text("WHEEL") or ""
    return " ".join(line.replace("Tag: ", "-") for line in found.splitlines() if line.startswith("Tag: "))


def ordinary_user():
    """How to run as a user of no rights: as ourselves, unless we are root."""
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


def system_python():
    """The system's own Python where it is new enough, else the one that runs the tests."""
    new_enough = "import sys; sys.exit(sys.version_info < (3, 11))"
    if (
        SYSTEM_PYTHON.is_file()
        and not subprocess.run([SYSTEM_PYTHON, "-c", new_enough], check=False).returncode
    ):
        return SYSTEM_PYTHON
    return Path(sys.executable).resolve()


class Copy:
    """A copy of the project that belongs to an ordinary user, with two of its lessons."""

    def __init__(self, folder):
        self.root = folder / "descent"
        self.environment = {
            **{name: value for name, value in os.environ.items() if name.startswith(("PIP_", "LANG", "LC_"))},
            "HOME": str(folder),
            # What is never imported here need not be compiled.
            "PIP_NO_COMPILE": "1",
            "PATH": os.defpath,
        }
        shutil.copytree(ROOT, self.root, ignore=shutil.ignore_patterns(*LEFT_BEHIND))
        for path in (self.root / "solutions").glob("[0-9][0-9]_*.py"):
            if path.stem not in LESSONS:
                path.unlink()
        if os.geteuid() == 0:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, NOBODY, NOBODY)

    def run(self, *command):
        return subprocess.run(
            command, cwd=self.root, env=self.environment, **ordinary_user(),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip


@pytest.fixture(scope="module")
def copy():
    # pytest's own folders are closed to other users.
    folder = Path(tempfile.mkdtemp(prefix="descent-installed-"))
    folder.chmod(0o755)
    yield Copy(folder)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def answered(copy):
    """Answers in work/ and in lessons/, by path, after `make demo`."""
    for name in LESSONS:
        (copy.root / "work").mkdir(exist_ok=True)
        shutil.copy(copy.root / "lessons" / f"{name}.ipynb", copy.root / "work")
    paths = [copy.root / "work" / f"{name}.ipynb" for name in LESSONS]
    paths.append(copy.root / "lessons" / "02_ema.ipynb")
    for path in paths:
        notebook = nbformat.read(path, as_version=4)
        cell = next(cell for cell in notebook.cells if "NotImplementedError" in cell.source)
        cell.source = re.sub(r"raise NotImplementedError\(.*\)", "return x", cell.source)
        nbformat.write(notebook, path)
    answers = {path: path.read_bytes() for path in paths}
    done = copy.run("make", "demo", f"PYTHON={system_python()}")
    assert done.returncode == 0, done.stdout
    assert "Report: " in done.stdout
    return answers


def kept(answers):
    return all(path.read_bytes() == text for path, text in answers.items())


def test_make_demo_grades_a_sample_class_for_an_ordinary_user_and_keeps_answers(copy, answered):
    report = (copy.root / "gradebook" / "report.html").read_text()
    assert all(f'id="{name}"' in report for name in LESSONS)
    assert "Graded without the sandbox" not in report
    assert kept(answered)


def test_building_keeps_answers_and_says_what_to_do(copy, answered):
    (copy.root / "solutions" / "05_adam.py").unlink()
    done = copy.run("make", "build")
    # No more than the command itself.
    assert done.stdout.splitlines()[0] == "autograder build"
    assert done.returncode != 0
    assert (
        "lessons/02_ema.ipynb holds more than build wrote there, and was left as it is: move it to work/"
        in done.stdout
    )
    assert "Traceback" not in done.stdout
    assert kept(answered)


def asked_for(address):
    """What a server answers that may not be listening yet."""
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(address, timeout=30) as answer:
                return json.load(answer)
        except URLError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_make_lab_opens_work_with_the_flags_it_is_given_also_as_root(copy, answered):
    (copy.root / "work" / "05_adam.ipynb").unlink()
    # As whoever runs the tests: root, in a container.
    lab = subprocess.Popen(
        ["make", "lab", "LAB=--no-browser --ip 127.0.0.1 --ServerApp.token=t"],
        cwd=copy.root, env=copy.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
    )  # fmt: skip
    try:
        said = []
        for line in lab.stdout:
            said.append(line)
            if found := re.search(r"(http://127\.0\.0\.1:\d+)/lab", line):
                break
        assert found, "".join(said)
        listed = {entry["name"] for entry in asked_for(f"{found[1]}/api/contents?token=t")["content"]}
    finally:
        os.killpg(lab.pid, signal.SIGKILL)
        lab.communicate()
    assert {path.name for path in (ROOT / "lessons").glob("*.ipynb")} <= listed
    fresh = copy.root / "work" / "05_adam.ipynb"
    assert fresh.read_bytes() == (copy.root / "lessons" / "05_adam.ipynb").read_bytes()
    del answered[fresh]
    assert kept(answered)


def test_another_python_makes_another_environment(copy, answered):
    make = ("make", "--dry-run", "lab")
    assert "-m venv" not in copy.run(*make).stdout
    (copy.root / ".venv" / "made-with").write_text("3.11:/elsewhere/python3.11\n")
    assert "-m venv --clear .venv" in copy.run(*make).stdout
