"""What the names say that platforms give to what was handed in: whose it is, which attempt, when.

Moodle: ``mod/assign/classes/downloader.php``, get_student_prefix and load_submissionplugin_filelist. Canvas:
``lib/content_zipper.rb``, get_filename and add_upload_submission. nbgrader: ``exchange/default/submit.py``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from nbgrader.utils import parse_utc

from autograder.collect.archive import Entry, is_zip

MOODLE = re.compile(
    r"(?P<name>.+)_(?P<id>\d{1,18})_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<file>.*))?", re.DOTALL
)
CANVAS_SENDER = (
    r"(?:(?P<name>(?!(?:LATE_)?anon_)\w+?)_)?(?P<late>LATE_)?"
    r"(?:(?P<id>\d{1,18})|anon_(?P<hidden>[0-9A-Za-z]{1,10}))"
)
CANVAS = re.compile(CANVAS_SENDER + r"_(?P<number>\d{1,18})_(?P<file>.+)", re.DOTALL)
# Canvas makes a page of what was typed in, or of a link.
CANVAS_PAGE = re.compile(CANVAS_SENDER + r"_(?:text|link)\.html")
EXCHANGE = re.compile(
    r"(?P<name>.+)\+(?P<lesson>[^+]+)\+(?P<time>\d{4}-\d\d-\d\d \d\d[:_]\d\d[:_]\d\d[^+]*)(?:\+[^+]*)?",
    re.DOTALL,
)
# What Moodle calls everybody where it hides names.
HIDDEN = ("participant", "teilnehmer/in", "teilnehmerin", "participante", "partecipante")


@dataclass(frozen=True)
class Sender:
    """Who handed a file in, as far as its name tells.

    Attributes:
        name: of the student, or what stands for one.
        id: the platform's number.
        hidden: whether the platform hides names.
        late: whether the platform says that it is.
        number: greater for what was handed in later.
        time: when it was handed in, in UTC without a zone.
        lesson: which the name says; empty where it says none.
        typed: whether it is what was typed in on the platform, and no file.
        file: the student's own name of the file, without folders.
    """

    name: str
    id: str = ""
    hidden: bool = False
    late: bool = False
    number: int = 0
    time: datetime | None = None
    lesson: str = ""
    typed: bool = False
    file: str = ""


def _moodle(entry: Entry) -> Sender | None:
    for part in entry.parts:
        if match := MOODLE.fullmatch(part):
            own = match["file"] if part == entry.parts[-1] and match["file"] else entry.parts[-1]
            hidden = match["name"].casefold() in HIDDEN
            return Sender(match["name"], match["id"], hidden, typed=match["kind"] != "file", file=own)
    return None


def _canvas(entry: Entry) -> Sender | None:
    # Canvas names files; a folder that looks alike is somebody's own.
    for part in (part for part in entry.parts if part == entry.parts[-1] or is_zip(part)):
        if match := CANVAS.fullmatch(part) or CANVAS_PAGE.fullmatch(part):
            found = match.groupdict()
            own = found.get("file") if part == entry.parts[-1] else entry.parts[-1]
            return Sender(
                found["name"] or "",
                found["id"] or found["hidden"],
                hidden=found["hidden"] is not None or not found["name"],
                late=found["late"] is not None,
                number=int(found.get("number") or 0),
                typed="file" not in found,
                file=own or "",
            )
    return None


def _exchange(entry: Entry) -> Sender | None:
    for part in entry.parts[:-1]:
        if match := EXCHANGE.fullmatch(part):
            try:
                time = parse_utc(match["time"].replace("_", ":").strip())
            except (ValueError, OverflowError):
                return None
            return Sender(match["name"], time=time, lesson=match["lesson"], file=entry.parts[-1])
    return None


PLATFORMS: Mapping[str, Callable[[Entry], Sender | None]] = MappingProxyType(
    {"moodle": _moodle, "canvas": _canvas, "nbgrader": _exchange}
)
PLAIN = "plain"
# What the output calls them.
TITLES = MappingProxyType(
    {"moodle": "Moodle's download", "canvas": "Canvas's download", "nbgrader": "nbgrader's exchange"}
    | {PLAIN: "plain files"}
)


def recognised(entries: Iterable[Entry]) -> str:
    """The platform that the names are of: most of them have to be; ``PLAIN`` where none is."""
    found: Counter[str] = Counter()
    count = 0
    for entry in entries:
        count += 1
        for platform, sender in PLATFORMS.items():
            if sender(entry):
                found[platform] += 1
                break
    best = max(found, key=found.__getitem__, default=PLAIN)
    return best if 2 * found[best] > count else PLAIN


def number(platform: str, file: str) -> int:
    """The number of an attempt, from the name that was kept of it; 0 where it has none."""
    parts = tuple(file.split("/"))
    sender = PLATFORMS[platform](Entry(parts, 0, None, bytes)) if platform in PLATFORMS else None
    return sender.number if sender else 0
