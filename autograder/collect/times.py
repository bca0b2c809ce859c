"""When it was handed in, from Moodle's grading worksheet: its zip does not say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nbgrader.utils import parse_utc

from autograder.collect.platforms import Sender
from autograder.errors import DescentError
from autograder.roster.names import folded
from autograder.roster.rows import Row, plain, rows
from autograder.roster.sheet import SheetError
from course.printable import printable

DOWNLOAD_IT = (
    "download it in Moodle, in English, from the assignment's submissions with Download grading worksheet"
)
IDENTIFIER, SUBMITTED = "Identifier", "Last modified (submission)"
NAME, EMAIL, NUMBER = "Full name", "Email address", "ID number"
# A month by its name, or the year first: 3/2/2026 is a day of February or of March.
PLAIN_DATE = re.compile(r".*[^\W\d_]{3}.*|\d{4}-\d\d-\d\d.*", re.DOTALL)


@dataclass(frozen=True)
class Line:
    """What the worksheet says of one student; texts are empty where it says nothing.

    Attributes:
        id: Moodle's number of the participant, which is in the names of the files.
        number: what the university calls the student.
        time: when it was handed in, in UTC without a zone; None where nothing was.
    """

    id: str
    name: str
    email: str
    number: str
    time: datetime | None


class Worksheet:
    """The lines of a worksheet.

    Args:
        lines: one a student.
        zone: the time zone that its times were read in, for people.
    """

    def __init__(self, lines: list[Line], zone: str):
        self.zone = zone
        self._by_id = {line.id: line for line in lines if line.id}
        self._by_name: dict[str, list[Line]] = {}
        for line in lines:
            for name in folded(line.name):
                self._by_name.setdefault(name, []).append(line)

    def of(self, sender: Sender) -> Line | None:
        """The line of whoever handed in a file; None where there is none, or it could be several."""
        if sender.id in self._by_id:
            return self._by_id[sender.id]
        found = [line for name in folded(sender.name) for line in self._by_name.get(name, ())]
        return found[0] if len(set(found)) == 1 else None


def read(path: Path, zone: str = "") -> Worksheet:
    """The grading worksheet, as Moodle writes it in English.

    Args:
        zone: the time zone of whoever downloaded it, such as "Europe/Berlin"; this machine's when empty.

    Raises:
        DescentError: there is no such zone.
        SheetError: it is no such worksheet, or a time in it can't be read.
    """
    try:
        where = ZoneInfo(zone) if zone else None
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise DescentError(
            f"There is no time zone {printable(zone)}: name it as in Europe/Berlin or America/New_York."
        ) from error
    lines = [
        _line(path, row, where)
        for row in rows(path, (IDENTIFIER, SUBMITTED), (NAME, EMAIL, NUMBER), DOWNLOAD_IT)
    ]
    return Worksheet(lines, zone or str(datetime.now().astimezone().tzname()))


def _line(path: Path, row: Row, zone: ZoneInfo | None) -> Line:
    said = row.cells[plain(SUBMITTED)]
    id = re.sub(r"\D", "", row.cells[plain(IDENTIFIER)])
    name, email, number = (row.cells.get(plain(head), "") for head in (NAME, EMAIL, NUMBER))
    try:
        time = None if said in ("", "-") else _utc(said, zone)
    except (ValueError, OverflowError, TypeError) as error:
        raise SheetError(
            f"{path.name}, line {row.line}: the time {printable(said[:60])!r} can't be read: set Moodle's "
            "language to English and download the worksheet again."
        ) from error
    return Line(id, name, email, number, time)


def _utc(said: str, zone: ZoneInfo | None) -> datetime:
    """A time of Moodle's, "Monday, 2 February 2026, 11:59 PM", in UTC without a zone."""
    if not PLAIN_DATE.fullmatch(said):
        raise ValueError(said)
    local = parse_utc(said)
    return local.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None)
