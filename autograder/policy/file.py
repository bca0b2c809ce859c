"""The form of ``policy.toml``, and a sentence for each way in which a file does not have it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from autograder.policy.terms import Amount
from course.printable import printable

UNITS = {"minute": 60, "min": 60, "hour": 3600, "h": 3600, "day": 86400, "week": 604800}
SPAN = re.compile(rf"(\d+(?:\.\d+)?) *({'|'.join(UNITS)})s?")
SHARE = re.compile(r"(\d+(?:\.\d+)?) *%")
# Longer than any course.
LONGEST = timedelta(days=3660)
# More points than any lesson gives.
MOST = 100_000
# So many names are listed where one is not known.
MANY = 20
# What pydantic calls our own faults.
OURS = "value_error"


def _span(value: object) -> timedelta:
    match = SPAN.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f'should be a time such as "15 minutes", "2 hours" or "3 days", not {_shown(value)}')
    # Beyond what a float holds it is infinite, and longer too.
    seconds = min(float(match[1]) * UNITS[match[2]], 2 * LONGEST.total_seconds())
    if (span := timedelta(seconds=seconds)) > LONGEST:
        raise ValueError("is longer than ten years")
    return span


def _amount(value: object) -> Amount:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if not 0 <= value <= MOST:
            raise ValueError(f"should be from 0 to {MOST} points, not {_shown(value)}")
        return Amount(float(value))
    match = SHARE.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f'should be points, such as 0.5, or a share, such as "10 %", not {_shown(value)}')
    if (share := float(match[1])) > 100:
        raise ValueError(f'should be no more than "100 %", not {_shown(value)}')
    return Amount(share / 100, is_share=True)


def _points(value: object) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise ValueError(f"should be a number of points, not {_shown(value)}")
    if not 0 < value <= MOST:
        raise ValueError(
            f"should be more than 0 and up to {MOST} points, not {_shown(value)}: what counts for nobody is "
            "named in `excluded`"
        )
    return float(value)


Span = Annotated[timedelta, BeforeValidator(_span)]
Share = Annotated[Amount, BeforeValidator(_amount)]
Points = Annotated[float, BeforeValidator(_points)]


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, arbitrary_types_allowed=True)


class LateTable(Table):
    grace: Span = timedelta()
    per_hour: Share | None = None
    per_day: Share | None = None
    cap: Share | None = None
    zero_after: Span | None = None
    of: Literal["maximum", "reached"] = "maximum"


class LessonTable(Table):
    due: datetime | None = None
    late: LateTable | None = None
    points: dict[str, Points] = Field(default_factory=dict)
    excluded: list[str] = Field(default_factory=list)
    extra: list[str] = Field(default_factory=list)


class ExtensionTable(Table):
    students: list[str] = Field(default_factory=list)
    groups: list[str] = Field(default_factory=list)
    lessons: list[str] | None = None
    by: Span | None = None
    until: datetime | None = None


class File(Table):
    zone: str | None = None
    late: LateTable | None = None
    lessons: dict[str, LessonTable] = Field(default_factory=dict)
    groups: dict[str, list[str]] = Field(default_factory=dict)
    extensions: list[ExtensionTable] = Field(default_factory=list)


# What a name within the file leads to, and what should stand where something else does.
TABLES: dict[str, type[Table]] = {"late": LateTable, "lessons": LessonTable, "extensions": ExtensionTable}
WANTED = {
    "string_type": 'a text in quotes, such as "05_adam"',
    "datetime_type": "a date with its time and without quotes, such as 2026-02-01T23:59:00",
    "list_type": "a list in brackets, such as [...]",
    "dict_type": "a table, such as {name = value}",
    "model_type": "a table, such as {name = value}",
}


def checked(content: dict[str, Any]) -> tuple[File | None, list[str]]:
    """The file, or, where it has not that form, a sentence for each fault."""
    try:
        return File.model_validate(content), []
    except ValidationError as error:
        return None, [_sentence(entry) for entry in error.errors()]


def _sentence(error: Mapping[str, Any]) -> str:
    place, kind, value = error["loc"], error["type"], error["input"]
    if kind == "extra_forbidden":
        table: type[Table] = File
        for part in place[:-1]:
            table = TABLES.get(str(part), table)
        name = printable(str(place[-1]))
        return f'{where(*place[:-1])}there is no setting "{name}"{near(name, table.model_fields)}'
    if kind == OURS:
        said = str(error["ctx"]["error"])
    elif kind == "literal_error":
        said = f"should be {error['ctx']['expected']}, not {_shown(value)}".replace("'", '"')
    else:
        said = f"should be {WANTED.get(kind, 'something else')}, not {_shown(value)}"
    return f"{where(*place)}it {said}."


def where(*place: str | int) -> str:
    """Where in the file a fault is, to stand before its sentence; tables of a list are counted from 1."""
    names = (f"[{part + 1}]" if isinstance(part, int) else f".{printable(part)}" for part in place)
    return f"{''.join(names).removeprefix('.')}: " if place else ""


def near(name: str, known: Iterable[str], word: str = "there are") -> str:
    """The end of a sentence on a name that is not known: what may have been meant."""
    known = list(known)
    if found := get_close_matches(name, known, n=1):
        return f'; did you mean "{printable(found[0])}"?'
    return f": {word} {', '.join(map(printable, known[:MANY]))}." if 0 < len(known) <= MANY else "."


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return printable(f'"{value[:40]}"')
    if isinstance(value, (dict, list)):
        return "a table" if isinstance(value, dict) else "a list"
    return printable(str(value)[:40])
