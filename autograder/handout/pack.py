"""``autograder handout``: one zip with all that a student needs and nothing else, the same bytes every time.

Nothing is read from ``solutions/`` or ``tests/``, which need not be there.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile, is_zipfile

import nbformat
from jinja2 import Environment, PackageLoader, StrictUndefined
from nbformat import NotebookNode

from autograder.build import first_cell
from autograder.build.own import is_as_built, stamp
from autograder.catalogue.lesson import project
from autograder.errors import DescentError
from autograder.handout.requirements import requirements
from autograder.handout.wheel import LICENCES, wheel
from autograder.handout.zipped import zipped
from autograder.machine.whole import put_whole
from course.exercises import LESSONS

# The folder that unpacking makes.
FOLDER = "descent"
# Where pip gets it from as it is; any other address is a repository's.
ARCHIVE = re.compile(r"\.(whl|zip|tar\.gz)$")
ADDRESS = re.compile(r"(git\+)?https?://[\w.~:/?#@+,=%-]+", re.ASCII)


class HandoutError(DescentError):
    """Nothing can be handed out; the sentence says what is in the way."""


@dataclass(frozen=True)
class Handout:
    """What was packed.

    Attributes:
        path: the zip.
        lessons: the names of the lessons in it.
        size: its bytes.
        digest: their SHA-256, in hexadecimal digits.
    """

    path: Path
    lessons: tuple[str, ...]
    size: int
    digest: str


def pack(path: Path, address: str | None = None, root: Path | None = None) -> Handout:
    """Pack the zip, over an older handout but over no other file.

    Args:
        path: where it is put; its name ends in ``.zip``.
        address: where lessons that are opened on Colab, Kaggle and the like get the course from: this zip's
            address or its wheel's, or that of a repository which holds the unpacked zip; an uploaded file
            when None.
        root: the project's folder; the one that this package is in when None.

    Raises:
        HandoutError: there is something else in its place, the address is none, or somebody has worked in one
            of the lessons.
        BuildError: the course could not be made a package.
        DescentError: this package is not in a project's folder.
    """
    root = root or project("lessons")
    if path.suffix != ".zip":
        raise HandoutError(f"A handout is a zip: name it {path.name or 'descent'}.zip.")
    if path.exists() and not _is_handout(path):
        raise HandoutError(f"{path} is there already and is no handout: move it, or choose another name.")
    where = _understood(address) if address else None
    notebooks = {name: _student_notebook(root, name, where) for name in _lessons(root)}
    environment = Environment(
        loader=PackageLoader("autograder.handout"),
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["toml"] = lambda value: json.dumps(value, ensure_ascii=False)
    required = requirements(root)
    package = wheel(root, environment, required)
    titles = {name: _title(notebook) for name, notebook in notebooks.items()}
    readme = environment.get_template("README.md.j2").render(
        titles=titles, exercises=LESSONS, wheel=package.file, address=where, torch=required.pin("torch")
    )
    texts = {
        "README.md": readme,
        "pyproject.toml": package.settings,
        # What comes without a compiler's work; the course asks for the rest.
        "requirements.txt": f"--only-binary=:all:\n-c constraints.txt\n./{package.file}\n",
        "constraints.txt": "".join(f"{line}\n" for line in required.pins),
    }
    texts |= {f"lessons/{name}.ipynb": _written(notebook) for name, notebook in notebooks.items()}
    files = {name: text.encode() for name, text in texts.items()}
    files |= {name: (root / name).read_bytes() for name in LICENCES}
    files |= package.course | {package.file: package.data}
    data = zipped({f"{FOLDER}/{name}": content for name, content in files.items()})
    put_whole(path, data)
    return Handout(path, tuple(notebooks), len(data), hashlib.sha256(data).hexdigest())


def _is_handout(path: Path) -> bool:
    if not path.is_file() or not is_zipfile(path):
        return False
    with ZipFile(path) as archive:
        return {f"{FOLDER}/README.md", f"{FOLDER}/course/__init__.py"} <= set(archive.namelist())


def _understood(address: str) -> str:
    """An address as pip takes it: a file's as it is, and another as a repository's."""
    if not ADDRESS.fullmatch(address):
        raise HandoutError(
            f'"{address}" is no address of a file or a repository: one begins with https:// and has no '
            "blanks, quotation marks or &."
        )
    return address if ARCHIVE.search(address) or address.startswith("git+") else f"git+{address}"


def _lessons(root: Path) -> list[str]:
    names = sorted(path.stem for path in (root / "lessons").glob("[0-9][0-9]_*.ipynb"))
    if not names:
        raise HandoutError("lessons/ holds no lesson: make them with `autograder build`.")
    return names


def _student_notebook(root: Path, name: str, address: str | None) -> NotebookNode:
    """A lesson as build made it, but for the address."""
    path = root / "lessons" / f"{name}.ipynb"
    try:
        notebook: NotebookNode = nbformat.read(path, as_version=4)
        untouched = is_as_built(notebook)
    except Exception:  # what is no notebook raises many kinds
        untouched = False
    if not untouched:
        raise HandoutError(
            f"lessons/{name}.ipynb is not as build made it, and may hold somebody's answers: move it to "
            "work/, get the course's own back, and run the command again."
        )
    if address:
        first_cell.get_from(notebook, address)
        stamp(notebook)
    return notebook


def _title(notebook: NotebookNode) -> str:
    """The first heading: "05 Adam and AdamW"."""
    found = re.search(r"^# +(.+)", notebook.cells[0].source, re.MULTILINE)
    return found[1] if found else ""


def _written(notebook: NotebookNode) -> str:
    return nbformat.writes(notebook) + "\n"
