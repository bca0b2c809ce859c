"""The class in the terminal: counts and whom to look at, in 80 columns."""

import io
from dataclasses import replace

import pytest
from large_class import enlarge
from rich.console import Console
from small_class import LESSON, copy_of

from autograder.report.results import results
from autograder.report.table import summary, table

pytestmark = pytest.mark.slow


def printed(*parts, width=80):
    console = Console(file=io.StringIO(), width=width)
    for part in parts:
        console.print(part)
    return console.file.getvalue()


def test_a_small_class_is_shown_whole_and_fits(graded):
    found = results(graded[0], LESSON)
    assert table(found).row_count == len(graded[1])
    lines = printed(*summary(found)).splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0].startswith(f"05_adam: {len(graded[1])} submissions, mean ")
    assert any("O'Neil, Jr" in line and "unreadable" in line for line in lines)
    # Words are whole.
    assert "the cell of adam_update" in " ".join("\n".join(lines).split())


def test_of_a_large_class_those_who_need_a_person(graded, tmp_path):
    folder = copy_of(graded[0], tmp_path)
    enlarge(folder, LESSON, 210)
    with folder.open() as gradebook:
        for number in range(7):
            gradebook.update_or_create_student(f"absent{number}")
    text = printed(*summary(results(folder, LESSON)))
    assert "30 unreadable" in text
    assert "10 more to look at: the report has them all." in text
    assert "Nothing handed in (7): absent0, absent1, absent2, absent3, absent4 and 2 more." in text
    assert len(text.splitlines()) < 60
    assert "student00000" not in printed(*summary(results(folder, LESSON), ["right"]))


def test_points_of_a_person_are_said_to_be(graded, tmp_path):
    folder = copy_of(graded[0], tmp_path)
    with folder.open() as gradebook:
        gradebook.find_grade("check_Adam", LESSON.name, LESSON.name, "untouched").manual_score = 2.0
        gradebook.db.commit()
    (line,) = (line for line in printed(table(results(folder, LESSON))).splitlines() if "untouched" in line)
    assert "2 manual" in line


def test_names_in_the_table_are_no_markup(graded):
    found = results(graded[0], LESSON)
    (row,) = (row for row in found.rows if row.student == "right")
    found.rows[:] = [replace(row, student="[/]")]
    assert "[/]" in printed(table(found))
