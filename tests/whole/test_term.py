"""A term of a small class by the commands of docs/instructor.md, for each platform; `make term` has 300 students."""

import pytest
from term.term import LESSONS, Term

pytestmark = pytest.mark.slow

STUDENTS = 12


# One lesson each, the policy's with Moodle: a test takes less than a minute.
@pytest.mark.parametrize(
    ("platform", "lesson"), list(zip(("jupyterhub", "canvas", "moodle"), LESSONS, strict=True))
)
def test_nobody_is_lost_and_every_point_arrives(platform, lesson, tmp_path):
    done = []
    Term(platform, STUDENTS, tmp_path, [lesson], done.append).go()
    assert {entry.lesson for entry in done} == {"", lesson.name}
