"""A table in CSV as it came, in any encoding and with any separator that spreadsheets and platforms write.

What nothing is written to stays as it is, byte for byte.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from autograder.errors import DescentError

# Far more than any class has.
SIZE_LIMIT, ROWS_LIMIT = 20_000_000, 50_000
SAVE_ANEW = "save it anew as CSV in UTF-8"
# What spreadsheet programs put before a text, and what it then is in.
MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
DELIMITERS = (",", ";", "\t")
QUOTED = re.compile(r'"(?:[^"]++|"")*+"')
BREAK = re.compile(r"\r\n|\r|\n")
# Lines before the heads: empty ones, and the one by which spreadsheet programs are told the delimiter.
EMPTY_LINES = rf"(?:[ \t,;]*+(?:{BREAK.pattern}))*+"
BEFORE = re.compile(
    rf'{EMPTY_LINES}(?:"?sep=([,;\t])"?[ \t,;]*+(?:{BREAK.pattern}|\Z){EMPTY_LINES})?', re.IGNORECASE
)
# What a workbook begins with: a zip, or what Excel wrote before.
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


class SheetError(DescentError):
    """A file is no CSV that can be used; the sentence says why, and what to do."""


@dataclass
class Sheet:
    """The cells of a CSV file.

    Attributes:
        mark: the bytes before the text; empty where there are none.
        encoding: of the text.
        delimiter: between cells.
        raw: the cells of each record as they stand in the file, with their quotation marks.
        ends: how each record ends: a line break, or nothing at the end of the file.
        before: how many lines stood before the heads, empty or for spreadsheet programs; they are left out.
    """

    path: Path
    mark: bytes
    encoding: str
    delimiter: str
    raw: list[list[str]]
    ends: list[str] = field(repr=False)
    before: int = 0

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file: in UTF-8, UTF-16 or Windows' own, with commas, semicolons or tabs.

        Raises:
            SheetError: it is missing, no CSV, or has nothing in it.
        """
        data = _bytes(path)
        mark, encoding = next((known for known in MARKS if data.startswith(known[0])), (b"", "utf-8"))
        text = _decoded(data[len(mark) :], encoding)
        if text is None and not mark:
            encoding = "cp1252"
            text = _decoded(data, encoding)
        if text is None or "\0" in text:
            raise SheetError(f"{path.name} is no text: {SAVE_ANEW}.")
        before = BEFORE.match(text)
        assert before is not None  # it may be empty
        rest = text[before.end() :]
        if not rest.strip(" \t\r\n,;"):
            raise SheetError(f"{path.name} is empty: {SAVE_ANEW}.")
        first = BREAK.split(QUOTED.sub("", rest), maxsplit=1)[0]
        delimiter = before[1] or max(DELIMITERS, key=first.count)
        lines = len(BREAK.findall(before[0]))
        raw, ends = _records(rest, delimiter, path, lines)
        return cls(path, mark, encoding, delimiter, raw, ends, lines)

    def __len__(self) -> int:
        """How many records there are; the first has the names of the columns."""
        return len(self.raw)

    def cell(self, record: int, column: int) -> str:
        """What a cell says; empty where the record ends before it."""
        cells = self.raw[record]
        return _said(cells[column]) if column < len(cells) else ""

    def names(self) -> list[str]:
        """The names of the columns."""
        return [_said(cell).strip() for cell in self.raw[0]]

    def lines(self) -> Iterator[int]:
        """The number in the file of each record's last line, from 1 on."""
        line = self.before
        for cells in self.raw:
            line += 1 + sum(len(BREAK.findall(cell)) for cell in cells if cell.startswith('"'))
            yield line

    def put(self, record: int, column: int, text: str) -> None:
        """Write a cell; a record that ends before it is made longer."""
        cells = self.raw[record]
        cells += [""] * (column + 1 - len(cells))
        cells[column] = quoted(text, self.delimiter)

    def append(self, name: str) -> int:
        """Make an empty column at the end; returns its place."""
        place = len(self.raw[0])
        for cells in self.raw:
            if cells != [""]:  # an empty line stays one
                cells += [""] * (place + 1 - len(cells))
        self.put(0, place, name)
        return place

    def data(self) -> bytes:
        """The file."""
        lines = (self.delimiter.join(cells) + end for cells, end in zip(self.raw, self.ends, strict=True))
        return self.mark + "".join(lines).encode(self.encoding)


def quoted(text: str, delimiter: str = ",") -> str:
    """A cell as it stands in a file."""
    if any(character in text for character in (delimiter, '"', "\n", "\r")):
        return '"' + text.replace('"', '""') + '"'
    return text


def _bytes(path: Path) -> bytes:
    if path.is_dir():
        raise SheetError(f"{path} is a folder: name the table in CSV in it.")
    if not path.is_file():
        raise SheetError(f"There is no file {path}: name a table in CSV.")
    if path.stat().st_size > SIZE_LIMIT:
        raise SheetError(
            f"{path.name} is larger than {SIZE_LIMIT // 1_000_000} MB: no class has such a table."
        )
    data = path.read_bytes()
    if data.startswith(WORKBOOKS):
        raise SheetError(f"{path.name} is a workbook: {SAVE_ANEW}.")
    return data


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _said(cell: str) -> str:
    return cell[1:-1].replace('""', '"') if cell.startswith('"') else cell


def _records(text: str, delimiter: str, path: Path, before: int) -> tuple[list[list[str]], list[str]]:
    """The cells of each record as they stand in the text, and how each record ends.

    Args:
        before: how many lines of the file stand before the text.
    """
    between = re.escape(delimiter)
    pattern = re.compile(rf'({QUOTED.pattern}|[^"{between}\r\n][^{between}\r\n]*+|)({between}|\r\n|\n|\r|\Z)')
    raw: list[list[str]] = [[]]
    ends: list[str] = []
    position = 0
    while True:
        found = pattern.match(text, position)
        if found is None:
            line = before + len(BREAK.findall(text, 0, position)) + 1
            raise SheetError(
                f"{path.name} is no CSV: the quotation marks in line {line} do not fit together: {SAVE_ANEW}."
            )
        cell, end = found.groups()
        raw[-1].append(cell)
        position = found.end()
        if end == delimiter:
            continue
        ends.append(end)
        if position == len(text):
            return raw, ends
        if len(raw) > ROWS_LIMIT:
            raise SheetError(f"{path.name} has more than {ROWS_LIMIT} rows: no class has so many students.")
        raw.append([])
