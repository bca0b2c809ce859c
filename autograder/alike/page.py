"""What is alike, as a page: side by side, with what is shared marked. One file that asks for no other."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from autograder.alike import words
from autograder.alike.compare import Compared
from autograder.alike.groups import Beside, Group, Side
from autograder.alike.said import notes
from autograder.errors import DescentError
from autograder.machine.whole import put_whole
from course.printable import printable

# What a page holds in full, so that a browser shows it: the others are counted.
BESIDES = 200
# Lines of a place that stand on the page, from a little before the first that is marked.
LINES, BEFORE = 150, 2
# The first words of every such page: nothing else is written over.
MARK = "<!DOCTYPE html><!-- autograder alike -->"


@dataclass(frozen=True)
class Piece:
    """A part of a text, and how it is marked: "code", "same" or not at all."""

    text: str
    mark: str


@dataclass(frozen=True)
class Shown:
    """A group, with what of it stands on the page."""

    group: Group
    besides: list[Beside]


def require_place(path: Path) -> None:
    """Raise DescentError, with what to do, unless a page can be written there: over an older one alone."""
    if path.suffix.lower() not in (".html", ".htm"):
        raise DescentError(f"The page is HTML: name it {path.stem or 'alike'}.html.")
    if path.exists() or path.is_symlink():
        before = path.read_bytes()[: len(MARK)] if path.is_file() else b""
        if before != MARK.encode():
            raise DescentError(f"{path} is there already, and is no such page: choose another name.")


def write(compared: Compared, path: Path) -> None:
    """Write the page, whole or not at all; see ``require_place``."""
    require_place(path)
    put_whole(path, rendered(compared).encode())


def rendered(compared: Compared) -> str:
    """The page's HTML; all that students wrote is text in it, of which all is seen."""
    environment = Environment(
        loader=PackageLoader("autograder.alike"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["printable"] = printable
    left = iter(range(BESIDES))
    shown = [
        Shown(group, [beside for beside, _ in zip(group.besides, left, strict=False)])
        for group in compared.groups
    ]
    page = environment.get_template("alike.html").render(
        compared=compared,
        shown=shown,
        words=words,
        notes=notes(compared),
        pieces=pieces,
        first_line=_first_line,
        is_cut=lambda side: side.place.text.count("\n") + 1 - _first_line(side) + 1 > LINES,
    )
    return f"{MARK}\n{page}"


def pieces(side: Side) -> list[Piece]:
    """The lines of a place that are shown, in pieces."""
    text = side.place.text
    lines = text.split("\n")
    skipped = _first_line(side) - 1
    start = sum(len(line) + 1 for line in lines[:skipped])
    end = start + len("\n".join(islice(lines, skipped, skipped + LINES)))
    ends = {start, end}
    ends.update(place for span in (*side.spans, *side.rare) for place in span if start < place < end)
    ordered = sorted(ends)
    return [Piece(_seen(text[here:there]), _mark(here, side)) for here, there in pairwise(ordered)]


def _mark(place: int, side: Side) -> str:
    for spans, mark in ((side.rare, "same"), (side.spans, "code")):
        before = bisect_right(spans, place, key=lambda span: span[0])
        if before and place < spans[before - 1][1]:
            return mark
    return ""


def _first_line(side: Side) -> int:
    first = min(start for start, _ in (*side.spans, *side.rare))
    return max(1, 1 + side.place.text.count("\n", 0, first) - BEFORE)


def _seen(text: str) -> str:
    """Each line with all that is in it to be seen."""
    return "\n".join(printable(line.expandtabs(4)) for line in text.split("\n"))
