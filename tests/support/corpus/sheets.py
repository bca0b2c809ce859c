"""Tables that no roster and no worksheet is: each is refused in a sentence.

``ROSTERS`` and ``WORKSHEETS`` are by name the bytes, and words of the sentence.
"""

from __future__ import annotations

from corpus.archives import zipped

HEAD = "student,name,email,lms_id\n"
MOODLE = "Identifier,Full name,Email address,Last modified (submission)\n"


def _roster(*rows: str) -> bytes:
    return (HEAD + "\n".join(rows)).encode()


def _worksheet(time: str) -> bytes:
    return (MOODLE + f'Participant 1,Jane Doe,jane@example.org,"{time}"\n').encode()


ROSTERS: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "is empty"),
    "blank lines": (b"\n\n,,,\n", "is empty"),
    "heads alone": (HEAD.encode(), "names no students"),
    "no heads": (b"jane,Jane Doe,jane@example.org\n", "no column student"),
    "a column less": (b"student,name\njane,Jane Doe\n", "no column email"),
    "a column twice": (b"student,student,name,email\na,b,c,d\n", "more than once"),
    "a workbook": (zipped({"xl/workbook.xml": b"<workbook/>"}), "UTF-8"),
    "UTF-16 without its mark": (_roster("jane,,,").decode().encode("utf-16-le"), "is no text"),
    "a NUL": (_roster("ja\0ne,,,"), "is no text"),
    "bytes of no encoding": (HEAD.encode() + b"jane,\x81\x8d\x8f\xff,,\n", "is no text"),
    "a quotation mark too few": (_roster('jane,"Jane Doe,,', "bob,,,"), "is no CSV"),
    "a quotation mark within": (_roster('jane,"Jane"Doe,,'), "is no CSV"),
    "a comma too many": (_roster("jane,Doe, Jane,jane@example.org,1,2"), "quotation marks"),
    "a cell of megabytes": (_roster("jane," + "x" * 200_000 + ",,"), "more than 128 characters"),
    "a cell too long": (_roster("jane," + "x" * 200 + ",,"), "more than 128 characters"),
    "megabytes": (HEAD.encode() + b"x" * 20_000_001, "larger than 20 MB"),
    "a million students": (_roster(*(f"s{number},,," for number in range(50_001))), "more than 50000 rows"),
    "no id": (_roster(",Jane Doe,jane@example.org,1"), "line 2"),
    "a formula as id": (_roster("=1+1,Jane Doe,,"), "begins like a formula"),
    "a formula as name": (_roster("jane,=HYPERLINK(A1),,"), "begins like a formula"),
    "a formula as address": (_roster("jane,,@SUM(A1),"), "begins like a formula"),
    "a formula as number": (_roster("jane,,,-2+3"), "begins like a formula"),
    "a path as id": (_roster("../jane,,,"), "line 2"),
    "the folder above as id": (_roster("..,,,"), "line 2"),
    "the folder itself as id": (_roster(".,,,"), "line 2"),
    "a folder of Windows' as id": (_roster("ja\\ne,,,"), "line 2"),
    "a device as id": (_roster("con,,,"), "line 2"),
    "a tag as id": (_roster("<b>,,,"), "line 2"),
    "a very long id": (_roster("a" * 129 + ",,,"), "128"),
    "an escape sequence": (_roster("jane,Jane\x1b[2K,,"), r"\x1b"),
    "a name from right to left": (_roster("jane,\u202eenaJ,,"), r"\u202e"),
    "an id twice": (_roster("jane,,,", "bob,,,", "jane,,,"), "stands in line 2 already"),
    "an id twice but for case": (_roster("jane,,,", "Jane,,,"), "stands in line 2 already"),
    "an address twice": (_roster("jane,,a@example.org,", "bob,,A@example.org,"), "in line 2 already"),
    "a number twice": (_roster("jane,,,7", "bob,,,7"), "in line 2 already"),
}
WORKSHEETS: dict[str, tuple[bytes, str]] = {
    "a roster": (_roster("jane,,,"), "no column Identifier"),
    "a German time": (_worksheet("Montag, 2. Februar 2026, 23:59"), "language to English"),
    "a day or a month": (_worksheet("02/03/2026 23:59"), "language to English"),
    "no time": (_worksheet("yesterday evening"), "language to English"),
    "a time of no year": (_worksheet("Monday, 2 February 99999, 11:59 PM"), "language to English"),
    "a formula": (_worksheet("=NOW()"), "language to English"),
}
