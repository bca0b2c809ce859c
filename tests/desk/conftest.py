"""A student's folder: two real lessons, and the folder of work that the commands make."""

import shutil
from pathlib import Path

import pytest

from course import __main__ as commands
from course.desk.place import Place

ROOT = Path(__file__).parents[2]
LESSONS = ("02_ema", "05_adam")


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An unpacked folder with a blank and an umlaut in its path; it is the current one."""
    folder = tmp_path / "Übung eins"
    (folder / "lessons").mkdir(parents=True)
    for name in LESSONS:
        shutil.copy(ROOT / "lessons" / f"{name}.ipynb", folder / "lessons")
    monkeypatch.chdir(folder)
    return Place(folder / "lessons", folder / "work")


@pytest.fixture
def say(capsys):
    """Runs a command in this process; gives its exit code, and what it printed, also as errors."""

    def run(*arguments):
        try:
            code = commands.main(list(map(str, arguments)))
        except SystemExit as ended:  # argparse ends so
            code = ended.code
        return code, *capsys.readouterr()

    return run
