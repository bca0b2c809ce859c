"""Runs a term for one platform, and compares what comes out with what went in."""

import csv
import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.catalogue.lesson import Lesson, find
from autograder.grade.folder import CourseFolder
from term import commands
from term.canvas import Canvas
from term.commands import Ran
from term.exchange import Exchange
from term.moodle import Moodle
from term.people import Work, people, works

LESSONS = tuple(map(find, ("01_mini_batch", "03_momentum", "05_adam")))
PLATFORMS = ("moodle", "canvas", "jupyterhub")
# The sections of docs/instructor.md.
BEFORE, AFTER = "Before the term", "At the end"
WEEK = {"moodle": "From Moodle", "canvas": "From Canvas", "jupyterhub": "From JupyterHub"}
# Grades travel with four digits after the point.
CLOSE = 1e-5


@dataclass(frozen=True)
class Done:
    """A command of a term.

    Attributes:
        lesson: its name; empty for a command of the whole term.
        submissions: how many it was about.
    """

    platform: str
    lesson: str
    submissions: int
    ran: Ran


def term(
    platform: str, students: int, place: Path, lessons: Sequence[Lesson], tell: Callable[[Done], None]
) -> None:
    """Go through a term in an empty folder; raises AssertionError where something is not as it should be.

    Args:
        tell: told of each command once it has ended.
    """
    everybody = people(students)
    if platform == "moodle":
        desk: Moodle | Canvas | Exchange = Moodle(place, everybody)
    elif platform == "canvas":
        desk = Canvas(place, everybody, list(lessons))
    else:
        desk = Exchange(place, everybody)
    for ran in commands.run(BEFORE, place):
        tell(Done(platform, "", 0, ran))
    folder, here = CourseFolder(place / "gradebook"), place
    if isinstance(desk, Exchange):
        # Whose commands are nbgrader's own is in the gradebook folder, where nbgrader looks for its settings.
        here = folder.path
        with (here / "nbgrader_config.py").open("a") as settings:
            settings.write(desk.settings)
    totals = dict.fromkeys((one.id for one in everybody), 0.0)
    for turn, lesson in enumerate(lessons):
        handed_in = works(lesson, everybody, turn, desk.zips)
        desk.gives(lesson, handed_in)
        said = ""
        for ran in commands.run(WEEK[platform], here, lesson.name):
            tell(Done(platform, lesson.name, sum(bool(work.files) for work in handed_in), ran))
            said += ran.said
        for student, points in compare(desk, folder, lesson, handed_in, said).items():
            totals[student] += points
    for ran in commands.run(AFTER, here):
        tell(Done(platform, "", len(lessons) * students, ran))
    compare_table(here / "grades.csv", totals)
    assert (folder.path / "report.html").is_file()


def compare(
    desk: Moodle | Canvas | Exchange, folder: CourseFolder, lesson: Lesson, handed_in: list[Work], said: str
) -> dict[str, float]:
    """Compare what the platform takes back with nbgrader's gradebook, and that with what was handed in.

    Returns:
        The points of everybody who has some, as nbgrader's own API reads them.
    """
    with folder.open() as gradebook:
        most = gradebook.find_assignment(lesson.name).max_score
        points = {
            entry.student_id: max(0.0, entry.score - entry.late_submission_penalty)
            for entry in gradebook.assignment_submissions(lesson.name)
        }
        known = {student.id for student in gradebook.students}
    there = {work.person.id for work in handed_in if work.is_collected}
    assert set(points) == there
    grades = desk.grades(lesson)
    assert set(grades) == there
    assert {
        student: grade for student, grade in grades.items() if abs(grade - points[student] / most) > CLOSE
    } == {}
    pages = desk.pages(lesson)
    assert set(pages) == there
    for work in handed_in:
        student, name = work.person.id, html.escape(work.person.name)
        if not work.is_collected:
            # Whose work does not arrive is named, with the reason; who has handed in nothing is in the class.
            assert work.kind == "absent" or work.person.name in said or student in said
            assert desk.name == "jupyterhub" or student in known
            continue
        assert pages[student] == folder.feedback(student, lesson).read_bytes()
        assert (
            desk.name == "jupyterhub"
            or name in html.unescape(pages[student].decode())
            or name in pages[student].decode()
        )
        if work.kind == "empty":
            assert points[student] == 0
        elif not work.late:
            assert (points[student] == most) == (work.kind != "wrong"), (student, work.kind, points[student])
    return points


def compare_table(path: Path, totals: dict[str, float]) -> None:
    """Compare the table of everything with the points of all lessons together."""
    with path.open(encoding="utf-8-sig") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    (total,) = (head for head in next(iter(rows.values())) if head.startswith("total of "))
    assert set(rows) <= set(totals)
    for student, points in totals.items():
        said = rows[student][total] if student in rows else ""
        assert abs(float(said or 0) - points) < CLOSE, (student, said, points)
