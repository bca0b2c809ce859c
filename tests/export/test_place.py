"""Nothing is written over but what an export wrote."""

import pytest

from autograder.errors import DescentError
from autograder.export.place import put


def test_an_export_goes_over_an_older_one_and_over_nothing_else(folder, tmp_path):
    path = tmp_path / "grades.csv"
    put(folder, path, b"one", ".csv")
    put(folder, path, b"two", ".csv")
    put(folder, path, b"one", ".csv")
    assert path.read_bytes() == b"one"
    path.write_text("one, and what I added")
    for there in (path, tmp_path / "folder.csv", tmp_path / "link.csv"):
        if there.name == "folder.csv":
            there.mkdir()
        if there.name == "link.csv":
            there.symlink_to(tmp_path / "nowhere")
        with pytest.raises(DescentError, match="is there already, and not as an export left it"):
            put(folder, there, b"two", ".csv")
    assert path.read_text() == "one, and what I added"
    assert sorted(entry.name for entry in tmp_path.iterdir() if entry.name.endswith(".new")) == []


@pytest.mark.parametrize("name", ["grades.xlsx", "grades", ".csv"])
def test_a_name_says_what_the_file_is(folder, tmp_path, name):
    with pytest.raises(DescentError, match=r"name it .+\.csv"):
        put(folder, tmp_path / name, b"", ".csv")
