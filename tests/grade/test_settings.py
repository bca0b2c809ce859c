"""The settings of a folder: where its gradebook's database is."""

import stat

import pytest

from autograder.errors import DescentError
from autograder.grade.settings import SETTINGS, choose_database, course_directory


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2"])
def test_an_address_of_postgresql_gets_the_driver_that_nbgrader_works_with(tmp_path, scheme):
    (tmp_path / SETTINGS).write_text(
        f"c = get_config()\nc.CourseDirectory.db_url = '{scheme}://me:p%40@h:1/g'\n"
    )
    assert course_directory(tmp_path).db_url == "postgresql+psycopg2://me:p%40@h:1/g"


def test_a_new_folder_keeps_the_address_that_was_chosen(tmp_path):
    folder = tmp_path / "gradebook"
    choose_database(folder, "postgresql://me:p%40@h/g")
    assert course_directory(folder).db_url == "postgresql+psycopg2://me:p%40@h/g"
    assert stat.S_IMODE((folder / SETTINGS).stat().st_mode) == 0o600
    before = (folder / SETTINGS).read_bytes()
    choose_database(folder, "postgresql://me:p%40@h/g")
    with pytest.raises(DescentError, match=r"is there already: set c\.CourseDirectory\.db_url"):
        choose_database(folder, "postgresql://h/other")
    assert (folder / SETTINGS).read_bytes() == before


@pytest.mark.parametrize("said", ["nonsense", "sqlite:///g.db", "postgresql://me@h", "mysql://h/g"])
def test_what_is_no_address_of_postgresql_is_one_sentence_and_nothing_is_written(tmp_path, said):
    with pytest.raises(DescentError, match="takes an address like"):
        choose_database(tmp_path / "gradebook", said)
    assert not (tmp_path / "gradebook").exists()
