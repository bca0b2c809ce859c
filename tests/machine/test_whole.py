"""A file is there whole, with its permissions, or what was there before is."""

import os
import stat

import pytest

from autograder.machine.whole import put_whole


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_takes_the_place_of_another_and_leaves_nothing_beside(tmp_path):
    path = tmp_path / "grades.csv"
    for data in (b"one", b"two"):
        put_whole(path, data)
        assert path.read_bytes() == data
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o664])
def test_permissions_are_those_that_are_asked_for(tmp_path, mode):
    before = os.umask(0o077)
    try:
        put_whole(tmp_path / "file", b"", mode)
        put_whole(tmp_path / "usual", b"")
    finally:
        os.umask(before)
    assert (mode_of(tmp_path / "file"), mode_of(tmp_path / "usual")) == (mode, 0o600)


def test_what_stands_beside_is_not_written_through(tmp_path):
    outside = tmp_path / "outside"
    outside.write_bytes(b"somebody's")
    (tmp_path / ".file.new").symlink_to(outside)
    put_whole(tmp_path / "file", b"ours")
    assert (outside.read_bytes(), (tmp_path / "file").read_bytes()) == (b"somebody's", b"ours")


def test_what_cannot_be_written_leaves_what_was_there_and_is_told_of_the_file(tmp_path):
    path = tmp_path / "folder"
    (path / "inner").mkdir(parents=True)
    for place in (path, tmp_path / "missing" / "file"):
        with pytest.raises(OSError) as error:
            put_whole(place, b"data")
        assert error.value.filename == str(place)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["folder"]
