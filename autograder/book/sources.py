"""The folder that Sphinx reads: it lies like the project, so that links between pages lead where they did."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import nbformat

from autograder.book import cards
from autograder.book.lesson_page import LessonPage
from autograder.book.moving import places
from autograder.catalogue.lesson import Lesson
from autograder.errors import DescentError

# What instructors and authors read, as it stands in the project.
DOCUMENTS = (
    *("docs/instructor.md", "docs/grading.md", "docs/checks.md", "docs/lessons.md", "docs/api.md"),
    "CONTRIBUTING.md",
)
# Written for the book; the first stands for README, whose sections it takes over.
OWN = ("index.md", "play.md")
# Links, but for what looks like one in code, which is found first.
LINK = re.compile(
    r"```.*?```|`[^`\n]*`|(?P<sign>!?)\[(?P<text>[^\]]*)\]\((?P<to>[^)\s#:]+)(?P<at>#[^)\s]*)?\)", re.DOTALL
)
# In the start page: the place of a section of README, and of a card.
SECTION = re.compile(r"<!-- README: (.+?) -->")
CARD = re.compile(r"<!-- card: (\w+)/(\w+) -->")


def write(folder: Path, root: Path, lessons: Sequence[Lesson]) -> None:
    """Write the sources of the book.

    Args:
        folder: gets ``source``, what Sphinx reads, and ``beside``, what stands beside the pages as it is.
        root: the project's folder.

    Raises:
        DescentError: a lesson is not as a page needs it.
    """
    source, beside = folder / "source", folder / "beside"
    pages = {*DOCUMENTS, *OWN, *(f"lessons/{lesson.name}.ipynb" for lesson in lessons)}
    for name in (*DOCUMENTS, *OWN):
        text = (root / ("book" if name in OWN else ".") / name).read_text(encoding="utf-8")
        if name in OWN:
            text = _filled(text, root, lessons)
        _put(source / name, linked(text, PurePosixPath(name), pages, root, source))
    moving = places(root / "book" / "moving.toml")
    for lesson in lessons:
        page = LessonPage(lesson, [place for place in moving if place.lesson == lesson.name])
        _put(source / "lessons" / f"{lesson.name}.ipynb", nbformat.writes(page.notebook()) + "\n")
        for name, picture in page.pictures.items():
            path = beside / "lessons" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(picture)
        shutil.copyfile(lesson.student_path, beside / "lessons" / lesson.student_path.name)


def linked(text: str, name: PurePosixPath, pages: set[str], root: Path, source: Path) -> str:
    """A document whose links lead to pages of the book: what leads elsewhere in the project becomes words.

    Args:
        name: the document's, from the project's folder.
        pages: what becomes a page, by the same kind of name.
        source: where the pictures that it shows are copied to.
    """

    def led(found: re.Match[str]) -> str:
        if not found["to"]:
            return found[0]
        target = os.path.normpath(name.parent / found["to"])
        if found["sign"]:
            (source / target).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / target, source / target)
            return found[0]
        if target == "README.md":
            target = "index.md"
        if target in pages:
            way = os.path.relpath(target, name.parent)
            return f"[{found['text']}]({way}{found['at'] or ''})"
        return found["text"]

    return LINK.sub(led, text)


def _filled(text: str, root: Path, lessons: Sequence[Lesson]) -> str:
    """A page of the book's own with what it takes from elsewhere."""
    readme = (root / "README.md").read_text(encoding="utf-8")
    text = SECTION.sub(lambda found: _section(readme, found[1]), text)
    by_name = {lesson.name: lesson for lesson in lessons}
    return CARD.sub(
        lambda found: cards.card(by_name[found[1]], cards.typical(by_name[found[1]], found[2])), text
    )


def _section(readme: str, title: str) -> str:
    """What stands below a heading of README, as far as the next."""
    _, heading, after = readme.partition(f"\n## {title}\n")
    if not heading:
        raise DescentError(f'README.md has no section "{title}", which the book\'s start page takes over.')
    return after.partition("\n## ")[0].strip()


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
