"""A term of a small class by the commands of docs/instructor.md, for each platform; `make term` has 300 students."""

import pytest
from term.term import LESSONS, PLATFORMS, term

pytestmark = pytest.mark.slow

STUDENTS = 12


@pytest.mark.parametrize(("platform", "lesson"), zip(PLATFORMS, LESSONS, strict=True))
def test_nobody_is_lost_and_every_point_arrives(platform, lesson, tmp_path):
    done = []
    term(platform, STUDENTS, tmp_path, [lesson], done.append)
    assert {entry.lesson for entry in done} == {"", lesson.name}
