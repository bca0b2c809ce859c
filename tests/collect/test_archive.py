"""Zips as platforms, Macs and Windows make them are read; names come out as they were meant."""

import io
from zipfile import ZipFile, ZipInfo

import pytest

from autograder.collect.archive import Entry, entries, opened
from autograder.collect.reasons import Reason
from autograder.collect.source import source

NAME = "Zo\u00eb M\u00fcller_1_assignsubmission_file_/05_adam.ipynb"


def without_flag(name, encoding):
    """A zip with a name in bytes of an encoding that it does not tell: the flag for UTF-8 is not set."""
    stand_in = "x" * len(name.encode(encoding))
    made = io.BytesIO()
    with ZipFile(made, "w") as archive:
        archive.writestr(ZipInfo(stand_in), b"{}")
    return made.getvalue().replace(stand_in.encode(), name.encode(encoding))


def names(data):
    with opened(io.BytesIO(data), "a.zip") as archive:
        return [one.name for one in entries(archive, lambda name: 100)]


def with_flag(name):
    made = io.BytesIO()
    with ZipFile(made, "w") as archive:
        archive.writestr(name, b"{}")
    return made.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        with_flag(NAME),
        with_flag(NAME.replace("\u00eb", "e\u0308").replace("\u00fc", "u\u0308")),
        without_flag(NAME, "utf-8"),
        without_flag(NAME.replace("\u00eb", "e\u0308"), "utf-8"),
        without_flag(NAME, "cp437"),
        without_flag(NAME.replace("/", "\\"), "cp437"),
    ],
)
def test_names_are_read_as_they_were_meant(data):
    assert names(data) == [NAME]


def test_folders_are_no_files_and_dots_no_folders():
    made = io.BytesIO()
    with ZipFile(made, "w") as archive:
        archive.writestr("jane/", b"")
        archive.writestr("./jane//05_adam.ipynb", b"{}")
    assert names(made.getvalue()) == ["jane/05_adam.ipynb"]


def test_a_file_is_read_when_it_is_asked_for_and_within_its_limit():
    with opened(io.BytesIO(with_flag(NAME)), "a.zip") as archive:
        (one,) = entries(archive, lambda name: 100)
        assert isinstance(one, Entry)
        assert (one.read(), one.size) == (b"{}", 2)


def test_zips_in_zips_and_what_systems_leave_behind(tmp_path):
    inner = io.BytesIO()
    with ZipFile(inner, "w") as archive:
        archive.writestr("work/05_adam.ipynb", b"inner")
        archive.writestr("__MACOSX/work/._05_adam.ipynb", b"")
        archive.writestr("work/.ipynb_checkpoints/05_adam-checkpoint.ipynb", b"")
        archive.writestr("work/nul.txt", b"")
    with ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("jane/Work.ZIP", inner.getvalue())
        archive.writestr("jane/Thumbs.db", b"")
        archive.writestr(".DS_Store", b"")
    for path in (tmp_path / "a.zip", tmp_path):
        with source(path) as given:
            (one,) = [entry for entry in given.entries if entry.parts[-1] == "05_adam.ipynb"]
            assert one.name.endswith("jane/Work.ZIP/work/05_adam.ipynb")
            assert one.read() == b"inner"
            assert len(given.entries) == 1
            (refused,) = given.refused
            assert isinstance(refused, Reason)
            assert (refused.id, refused.values["file"].endswith("Work.ZIP/work/nul.txt")) == (
                "reserved",
                True,
            )
