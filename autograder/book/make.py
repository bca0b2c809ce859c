"""From the project to the pages: the sources are written, and Sphinx makes pages of them."""

from __future__ import annotations

import importlib.util
import os
import runpy
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from autograder.book import sources
from autograder.catalogue.lesson import Lesson
from autograder.errors import DescentError

# A warning is a mistake. Where there are several, all are told.
OPTIONS = ("-q", "-W", "--keep-going", "-E", "-j", "auto", "-b", "html")
# Sphinx writes no date; should something beneath it, it is always this one.
EPOCH = "0"


def make(pages: Path, root: Path, lessons: Sequence[Lesson]) -> None:
    """Make the book in a folder; what was in it is removed once the new pages are there.

    Raises:
        DescentError: Sphinx is not installed or finds something wrong, or a lesson is not as a page needs it.
    """
    if not all(map(importlib.util.find_spec, ("sphinx", "myst_nb", "sphinx_book_theme"))):
        raise DescentError("The book is made with Sphinx: install it with `pip install -e '.[site]'`.")
    if pages.exists() and not (pages / "searchindex.js").is_file() and any(pages.iterdir()):
        raise DescentError(f"{pages} holds something else than the book: choose another folder.")
    with tempfile.TemporaryDirectory(dir=root, prefix=".build-site-") as made:
        folder = Path(made)
        sources.write(folder, root, lessons)
        _join_figures(root / "book" / "play" / "join.py", folder / "beside" / "_static" / "play")
        _sphinx(folder, root)
        if pages.exists():
            shutil.rmtree(pages)
        shutil.move(folder / "pages", pages)


def _join_figures(script: Path, folder: Path) -> None:
    """Write the script of the figures that move; its own page of samples is not the book's."""
    if script.is_file():
        runpy.run_path(str(script))["write"](folder)
        (folder / "index.html").unlink(missing_ok=True)


def _sphinx(folder: Path, root: Path) -> None:
    places = ("-c", root / "book", "-d", folder / "read", folder / "source", folder / "pages")
    environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH, "DESCENT_BESIDE": str(folder / "beside")}
    command = [sys.executable, "-m", "sphinx", *OPTIONS, *map(str, places)]
    if subprocess.run(command, env=environment).returncode:
        raise DescentError("Sphinx could not make the pages, or warned: what it said stands above.")
