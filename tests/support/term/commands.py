"""The commands of docs/instructor.md, run as they stand there and timed."""

import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "instructor.md"
PROGRAMS = ("autograder", "nbgrader")
# The lesson that the page speaks of.
LESSON = "05_adam"


@dataclass(frozen=True)
class Ran:
    """A command that was run.

    Attributes:
        command: as it was typed.
        said: what it printed, also as errors.
    """

    command: str
    seconds: float
    said: str


def section(title: str) -> str:
    """What stands below a heading, up to the next."""
    text = PAGE.read_text(encoding="utf-8")
    found = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#+ |\Z)", text, re.DOTALL | re.MULTILINE)
    assert found, f"docs/instructor.md has no heading {title!r}"
    return found[1]


def blocks(text: str, kind: str = "") -> list[str]:
    """What stands between the fences of a text that are of a kind; those of commands are of none."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [block for named, block in found if named == kind]


def commands(text: str) -> list[list[str]]:
    """The words of every command in the blocks of a text, without remarks."""
    lines = (line for block in blocks(text) for line in block.splitlines())
    return [shlex.split(line, comments=True) for line in lines if line.startswith(PROGRAMS)]


def run(title: str, folder: Path, lesson: str = LESSON) -> Iterator[Ran]:
    """Run the commands of a section for a lesson, in a folder; each has to succeed."""
    for words in commands(section(title)):
        own = [word.replace(LESSON, lesson) for word in words]
        began = time.monotonic()
        ended = subprocess.run(
            [sys.executable, "-m", *own],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, f"{shlex.join(own)}\n{ended.stdout}"
        assert "Traceback" not in ended.stdout, ended.stdout
        yield Ran(shlex.join(own), time.monotonic() - began, ended.stdout)
