"""Zips that no platform makes, and what students put into theirs: each costs a sentence, and writes nothing.

``ZIPS`` are by name what makes the bytes, and the id of the reason. Those in which a notebook stands would give
it to a student if they were not refused.
"""

from __future__ import annotations

import copy
import io
import lzma
import stat
import struct
import tarfile
import warnings
import zlib
from collections.abc import Callable
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_LZMA, ZIP_STORED, ZipFile, ZipInfo

from autograder.catalogue.lesson import find

NOTEBOOK = find("05_adam").student_path.read_bytes()
FILE = "jane/05_adam.ipynb"


def zipped(files: dict[str, bytes], method: int = ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with ZipFile(made, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(ZipInfo(name) if name.endswith("/") else name, data, method)
    return made.getvalue()


def named(name: str) -> bytes:
    """A zip with a notebook of just this name: ZipInfo mends some."""
    made = io.BytesIO()
    with ZipFile(made, "w") as archive:
        info = ZipInfo("x")
        info.filename = info.orig_filename = name
        archive.writestr(info, NOTEBOOK)
    return made.getvalue()


def of_kind(kind: int) -> bytes:
    made = io.BytesIO()
    with ZipFile(made, "w") as archive:
        info = ZipInfo(FILE)
        info.create_system, info.external_attr = 3, (kind | 0o644) << 16
        archive.writestr(info, b"/etc/passwd")
    return made.getvalue()


def listed(change: Callable[[ZipFile], None]) -> bytes:
    """A zip of one notebook whose list of files says something else than what is in it."""
    made = io.BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        archive.writestr(FILE, NOTEBOOK)
        change(archive)
    return made.getvalue()


def _set(**values: int) -> Callable[[ZipFile], None]:
    def change(archive: ZipFile) -> None:
        for name, value in values.items():
            setattr(archive.filelist[0], name, value)

    return change


def _again(count: int, comment: bytes = b"") -> Callable[[ZipFile], None]:
    """The same bytes listed under other names."""

    def change(archive: ZipFile) -> None:
        for number in range(count):
            other = copy.copy(archive.filelist[0])
            other.filename, other.comment = f"s{number}/05_adam.ipynb", comment
            archive.filelist.append(other)

    return change


def _twice(*names: str) -> bytes:
    made = io.BytesIO()
    with ZipFile(made, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile knows that this is no good idea
        for number, name in enumerate(names):
            info = ZipInfo(f"{number}")
            info.filename = info.orig_filename = name
            archive.writestr(info, NOTEBOOK)
    return made.getvalue()


def _nested(count: int) -> bytes:
    data = zipped({"05_adam.ipynb": NOTEBOOK})
    for _ in range(count):
        data = zipped({"work.zip": data})
    return data


def _damaged() -> bytes:
    data = bytearray(zipped({FILE: NOTEBOOK}, ZIP_STORED))
    data[200] ^= 1
    return bytes(data)


def _other_name() -> bytes:
    """The file calls itself something else than the list does."""
    data = bytearray(zipped({FILE: NOTEBOOK}))
    data[30 : 30 + len(FILE)] = FILE.replace("jane", "jean").encode()
    return bytes(data)


def _tar() -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        info = tarfile.TarInfo(FILE)
        info.size = len(NOTEBOOK)
        archive.addfile(info, io.BytesIO(NOTEBOOK))
    return made.getvalue()


def _many_gigabytes() -> bytes:
    """A member that says of itself that it is small, and of which the list says otherwise."""
    return listed(_set(file_size=0xFFFFFF00))


def _packed_twice() -> bytes:
    return listed(_again(5000))


def _cut() -> bytes:
    return zipped({FILE: NOTEBOOK})[:-40]


def _no_end() -> bytes:
    data = zipped({FILE: NOTEBOOK})
    return data.replace(b"PK\x05\x06", b"PK\x05\x07")


def _endless() -> bytes:
    """An end that says that the list is longer than the file."""
    data = zipped({FILE: NOTEBOOK})
    end = data.rindex(b"PK\x05\x06")
    return data[: end + 12] + struct.pack("<LL", 0xFFFFFF00, 0) + data[end + 20 :]


ZEROS = bytes(51_000_000)
ZIPS: dict[str, tuple[Callable[[], bytes], str]] = {
    # No zip.
    "nothing": (lambda: b"", "no_zip"),
    "a page that asks to log in": (lambda: b"<!doctype html><title>Log in</title>", "no_zip"),
    "a tar": (_tar, "no_zip"),
    "an xz": (lambda: lzma.compress(NOTEBOOK), "no_zip"),
    "a notebook": (lambda: NOTEBOOK, "no_zip"),
    "cut off": (_cut, "no_zip"),
    "without its end": (_no_end, "no_zip"),
    "a list longer than the file": (_endless, "no_zip"),
    # Damaged.
    "a flipped bit": (_damaged, "damaged"),
    "a size that is a lie": (lambda: listed(_set(file_size=10)), "damaged"),
    "a checksum that is a lie": (lambda: listed(_set(CRC=1)), "damaged"),
    "a place beyond the end": (lambda: listed(_set(header_offset=10**8)), "damaged"),
    "another name within": (_other_name, "damaged"),
    # Paths.
    "an absolute path": (lambda: named("/tmp/05_adam.ipynb"), "leads_out"),
    "the folder above": (lambda: named("../05_adam.ipynb"), "leads_out"),
    "above, in the middle": (lambda: named("jane/../../05_adam.ipynb"), "leads_out"),
    "above, as Windows writes it": (lambda: named("..\\..\\05_adam.ipynb"), "leads_out"),
    "a drive": (lambda: named("C:\\Users\\05_adam.ipynb"), "leads_out"),
    "a drive without a folder": (lambda: named("c:05_adam.ipynb"), "leads_out"),
    "another machine": (lambda: named("\\\\server\\share\\05_adam.ipynb"), "leads_out"),
    "a thousand folders": (lambda: named("a/" * 1000 + "05_adam.ipynb"), "deep"),
    "a name of two thousand": (lambda: named("a" * 2000 + ".ipynb"), "deep"),
    # What is no file.
    "a link": (lambda: of_kind(stat.S_IFLNK), "holds_link"),
    "a device": (lambda: of_kind(stat.S_IFCHR), "holds_device"),
    "a disk": (lambda: of_kind(stat.S_IFBLK), "holds_device"),
    "a pipe": (lambda: of_kind(stat.S_IFIFO), "holds_device"),
    "a socket": (lambda: of_kind(stat.S_IFSOCK), "holds_device"),
    # Bombs.
    "gigabytes of one file": (_many_gigabytes, "bomb"),
    "files on top of each other": (_packed_twice, "overlapping"),
    "two files in one place": (lambda: listed(_again(1)), "overlapping"),
    "a hundred thousand files": (lambda: listed(_again(60_000)), "too_many"),
    "a list of megabytes": (lambda: listed(_again(300, bytes(60_000))), "too_many"),
    "fifty megabytes of zeros": (lambda: zipped({FILE: ZEROS}), "too_large"),
    "a zip in a zip in a zip in a zip": (lambda: _nested(4), "nested"),
    # Closed.
    "a password": (lambda: listed(_set(flag_bits=1)), "encrypted"),
    "bzip2": (lambda: zipped({FILE: NOTEBOOK}, ZIP_BZIP2), "odd_packing"),
    "lzma": (lambda: zipped({FILE: NOTEBOOK}, ZIP_LZMA), "odd_packing"),
    "an unknown method": (lambda: listed(_set(compress_type=97)), "odd_packing"),
    # Names.
    "a name twice": (lambda: _twice(FILE, FILE), "twice"),
    "a name twice, spelt in two ways": (
        lambda: _twice("Zo\u00eb/05_adam.ipynb", "Zoe\u0308/05_adam.ipynb"),
        "twice",
    ),
    "a NUL in a name": (lambda: named("jane\0/05_adam.ipynb"), "not_seen"),
    "an escape sequence": (lambda: named("jane\x1b[2K/05_adam.ipynb"), "not_seen"),
    "a line break": (lambda: named("jane\n/05_adam.ipynb"), "not_seen"),
    "a name from right to left": (lambda: named("\u202egnp.jane/05_adam.ipynb"), "not_seen"),
    "a character of no width": (lambda: named("ja\u200bne/05_adam.ipynb"), "not_seen"),
    "a device of Windows": (lambda: named("CON/05_adam.ipynb"), "reserved"),
    "a device with an ending": (lambda: named("jane/aux.05_adam.ipynb"), "reserved"),
    "a port": (lambda: named("com1.ipynb"), "reserved"),
    "a dot at the end": (lambda: named("jane./05_adam.ipynb"), "reserved"),
    "a space at the end": (lambda: named("jane /05_adam.ipynb"), "reserved"),
    "a formula": (lambda: named("=cmd|' calc'!A1/05_adam.ipynb"), "no_folder_name"),
    "a tag": (lambda: named("<script>/05_adam.ipynb"), "no_folder_name"),
    "a very long name": (lambda: named("a" * 200 + "/05_adam.ipynb"), "no_folder_name"),
    # In a student's own zip.
    "a path in a zip in it": (lambda: zipped({"jane.zip": named("../x/05_adam.ipynb")}), "leads_out"),
    "a link in a zip in it": (lambda: zipped({"jane.zip": of_kind(stat.S_IFLNK)}), "holds_link"),
    "a password in a zip in it": (lambda: zipped({"jane.zip": listed(_set(flag_bits=1))}), "encrypted"),
    "a bomb in a zip in it": (lambda: zipped({"jane.zip": _many_gigabytes()}), "bomb"),
    "no zip in it": (lambda: zipped({"jane.zip": zlib.compress(NOTEBOOK)}), "no_zip"),
    # Nothing of use.
    "a rar": (lambda: zipped({"jane/work.rar": b"Rar!"}), "other_archive"),
    "a picture": (lambda: zipped({"jane/05_adam.png": b"\x89PNG"}), "not_a_notebook"),
}
