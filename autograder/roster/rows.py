"""The rows of a table by the names of its columns, however those are written and in whatever order."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.roster.sheet import Sheet, SheetError

CALLED = {",": "comma", ";": "semicolon", "\t": "tab"}


@dataclass(frozen=True)
class Row:
    """One row of a table.

    Attributes:
        line: its number in the file, from 1; of its last line where it has several.
        cells: what stands in each column, by the heads as ``plain`` has them, without spaces around it.
    """

    line: int
    cells: Mapping[str, str]


def plain(head: str) -> str:
    """The head of a column however it is written: "LMS ID" and "lms_id" are one."""
    return " ".join(head.replace("_", " ").split()).casefold()


def columns(
    sheet: Sheet, needed: Collection[str], others: Collection[str], what_to_do: str
) -> dict[str, int]:
    """The place of each column that has a name, by its head as ``plain`` has it.

    Args:
        needed: heads of columns that must be there.
        others: heads of columns that may be.
        what_to_do: ends the sentence where one is missing or there twice.

    Raises:
        SheetError: one is.
    """
    heads = [plain(name) for name in sheet.names()]
    if missing := [name for name in needed if plain(name) not in heads]:
        raise SheetError(f"{sheet.path.name} has no column {' and no column '.join(missing)}: {what_to_do}.")
    for name in (*needed, *others):
        if heads.count(plain(name)) > 1:
            raise SheetError(f"{sheet.path.name} has the column {name} more than once: {what_to_do}.")
    return {head: heads.index(head) for head in heads if head}


def rows(path: Path, needed: Collection[str], others: Collection[str], what_to_do: str) -> list[Row]:
    """The rows of a table, without empty ones; arguments are those of ``columns``.

    Raises:
        SheetError: it can't be read.
    """
    sheet = Sheet.read(path)
    places = columns(sheet, needed, others, what_to_do)
    width, found = len(sheet.raw[0]), []
    for record, line in enumerate(sheet.lines()):
        cells = [_text(sheet.cell(record, place)) for place in range(len(sheet.raw[record]))]
        if record == 0 or not any(cells):
            continue
        if any(cells[width:]):
            raise SheetError(
                f"{path.name}, line {line}, has more cells than the first line has heads: put "
                f"what holds a {CALLED[sheet.delimiter]} in quotation marks."
            )
        cells += [""] * (width - len(cells))
        found.append(Row(line, {head: cells[place] for head, place in places.items()}))
    return found


def _text(cell: str) -> str:
    return unicodedata.normalize("NFC", cell).strip()
