"""Tables in CSV as spreadsheets and platforms write them: any of their encodings and separators."""

from __future__ import annotations

import codecs
import csv
import io
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import DescentError
from course.printable import printable

SIZE_LIMIT, ROWS_LIMIT = 20_000_000, 50_000
SEPARATORS = ",;\t"
SAVE_ANEW = "save it anew as CSV in UTF-8"


class SheetError(DescentError):
    """The table can't be read; the sentence says where and why."""


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


def rows(path: Path, needed: Collection[str]) -> list[Row]:
    """The rows of a table, without empty ones.

    Args:
        needed: heads of columns that must be there, as ``plain`` has them.

    Raises:
        SheetError: it can't be read.
    """
    text = _text(path)
    try:
        return list(_rows(path, text, needed))
    except csv.Error as error:
        raise SheetError(f"{path.name} is no table in CSV ({printable(str(error))}): {SAVE_ANEW}.") from error


def _text(path: Path) -> str:
    if not path.is_file():
        raise SheetError(f"There is no file {path}: name a table in CSV.")
    if path.stat().st_size > SIZE_LIMIT:
        raise SheetError(
            f"{path.name} is larger than {SIZE_LIMIT // 1_000_000} MB: no class has such a table."
        )
    data = path.read_bytes()
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    else:
        # What Excel saves as plain CSV is in the system's own, which in the West is the last.
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise SheetError(f"{path.name} is in no encoding that is read here: {SAVE_ANEW}.")
    if "\0" in text:
        raise SheetError(f"{path.name} holds characters that no table has: {SAVE_ANEW}.")
    return unicodedata.normalize("NFC", text)


def _rows(path: Path, text: str, needed: Collection[str]) -> Iterator[Row]:
    separator = _separator(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    heads: list[str] = []
    for count, cells in enumerate(reader):
        stripped = [cell.strip() for cell in cells]
        if not any(stripped) or (not heads and stripped[0].lower().startswith("sep=")):
            continue
        if not heads:
            heads = _heads(path, stripped, needed)
            continue
        if count > ROWS_LIMIT:
            raise SheetError(f"{path.name} has more than {ROWS_LIMIT} rows: no class has so many students.")
        if any(stripped[len(heads) :]):
            raise SheetError(
                f"{path.name}, line {reader.line_num}, has more cells than the first line has heads: put "
                f"what holds a {_called(separator)} in quotation marks."
            )
        padded = stripped + [""] * (len(heads) - len(stripped))
        yield Row(reader.line_num, dict(zip(heads, padded, strict=False)))
    if not heads:
        raise SheetError(f"{path.name} is empty: its first line has to be {','.join(needed)}.")


def _heads(path: Path, cells: list[str], needed: Collection[str]) -> list[str]:
    heads = [plain(cell) for cell in cells]
    missing = [name.replace(" ", "_") for name in needed if name not in heads]
    if missing:
        raise SheetError(
            f"{path.name} has no column {' and no column '.join(missing)}: its first line has to name them."
        )
    for name in needed:
        if heads.count(name) > 1:
            raise SheetError(f"{path.name} has the column {name} more than once: leave one.")
    return heads


def _separator(text: str) -> str:
    """The one that stands most often in the first line that is not empty."""
    lines = (line.strip() for line in text.splitlines())
    first = next(filter(None, lines), "")
    if first.lower().startswith("sep=") and first[4:5] in SEPARATORS:
        return first[4:5] or "\t"  # stripped
    return max(SEPARATORS, key=first.count)


def _called(separator: str) -> str:
    return {",": "comma", ";": "semicolon", "\t": "tab"}[separator]
