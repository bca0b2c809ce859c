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
from term.people import EXTENDED, Work, people, works

LESSONS = tuple(map(find, ("01_mini_batch", "03_momentum", "05_adam")))
DESKS = {desk.name: desk for desk in (Moodle, Canvas, Exchange)}
# Headings of docs/instructor.md.
BEFORE, POLICY, AFTER = "Before the term", "Policy", ("Who worked alike", "At the end")
# What the page's policy takes off for a day, as a share.
PER_DAY = 0.1
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


class Term:
    """A class that hands in on one platform.

    Args:
        platform: one of ``DESKS``.
        place: an empty folder.
        lessons: in their order; the policy is of ``commands.LESSON``, where it is the last of them.
        tell: told of each command once it has ended.
    """

    def __init__(
        self,
        platform: str,
        students: int,
        place: Path,
        lessons: Sequence[Lesson],
        tell: Callable[[Done], None],
    ):
        self.lessons = lessons
        self.everybody = people(students)
        self.place = place
        self.desk = DESKS[platform](place, self.everybody, lessons)
        self._tell = tell

    def go(self) -> None:
        """From the beginning to the end; raises AssertionError where something is not as it should be."""
        self._run(BEFORE, self.place)
        self.folder = CourseFolder(self.place / "gradebook")
        self.here = self.place / self.desk.here
        if self.desk.settings:
            with (self.folder.path / "nbgrader_config.py").open("a") as settings:
                settings.write(self.desk.settings)
        totals = dict.fromkeys((one.id for one in self.everybody), 0.0)
        for turn, lesson in enumerate(self.lessons):
            handed_in = works(lesson, self.everybody, turn, self.desk.zips)
            self.desk.gives(lesson, handed_in)
            points = self._week(lesson, handed_in)
            if lesson.name == commands.LESSON:
                points = self._policy(lesson, handed_in)
            totals = {student: total + points.get(student, 0.0) for student, total in totals.items()}
        for title in AFTER:
            self._run(title, self.here, self.lessons[-1], len(totals))
        self._compare_table(totals)
        assert (self.folder.path / "report.html").is_file()

    def _run(self, title: str, where: Path, lesson: Lesson | None = None, count: int = 0) -> str:
        """Run a section's commands; returns what they said."""
        said = ""
        for ran in commands.run(title, where, lesson.name if lesson else commands.LESSON):
            self._tell(Done(self.desk.name, lesson.name if lesson else "", count, ran))
            said += ran.said
        return said

    def _week(self, lesson: Lesson, handed_in: list[Work], per_day: float = 0.0) -> dict[str, float]:
        """The four commands of a week; returns everybody's points."""
        count = sum(bool(work.files) for work in handed_in)
        said = self._run(self.desk.heading, self.here, lesson, count)
        for work in handed_in:
            if not work.is_collected:
                # Whose work does not arrive is named.
                names = (work.person.id, work.person.name, work.called)
                assert not work.files or any(name in said for name in names), work
        return self._compare(lesson, handed_in, per_day if self.desk.tells_times else 0.0)

    def _policy(self, lesson: Lesson, handed_in: list[Work]) -> dict[str, float]:
        """The page's policy is put into force, and the week's commands run again."""
        (written,) = commands.blocks(commands.section(POLICY), "toml")
        (self.folder.path / "policy.toml").write_text(written)
        self._run(POLICY, self.here, lesson, len(handed_in))
        return self._week(lesson, handed_in, PER_DAY)

    def _compare(self, lesson: Lesson, handed_in: list[Work], per_day: float) -> dict[str, float]:
        """Compare what the platform takes back with nbgrader's gradebook, and that with what was handed in.

        Returns:
            The points of everybody who has some, as nbgrader's own API reads them.
        """
        with self.folder.open() as gradebook:
            most = gradebook.find_assignment(lesson.name).max_score
            points = {
                entry.student_id: max(0.0, entry.score - entry.late_submission_penalty)
                for entry in gradebook.assignment_submissions(lesson.name)
            }
            known = {student.id for student in gradebook.students}
        there = [work for work in handed_in if work.is_collected]
        grades, pages = self.desk.grades(lesson), self.desk.pages(lesson)
        assert set(points) == set(grades) == set(pages) == {work.person.id for work in there}
        assert known >= {one.id for one in self.everybody} or not self.desk.has_roster
        for work in there:
            student = work.person.id
            assert abs(grades[student] - points[student] / most) < CLOSE, work
            assert pages[student] == self.folder.feedback(student, lesson).read_bytes()
            said = work.person.name if self.desk.has_roster else student
            assert said in html.unescape(pages[student].decode())
            taken = per_day if work.late and student != EXTENDED else 0.0
            _compare_points(work, points[student] / most, taken)
        return points

    def _compare_table(self, totals: dict[str, float]) -> None:
        """Compare the table of everything with the points of all lessons together."""
        with (self.here / "grades.csv").open(encoding="utf-8-sig") as file:
            rows = {row["student"]: row for row in csv.DictReader(file)}
        (total,) = (head for head in next(iter(rows.values())) if head.startswith("total of "))
        assert set(rows) <= set(totals)
        for student, points in totals.items():
            said = rows[student][total] if student in rows else ""
            assert abs(float(said or 0) - points) < CLOSE, (student, said, points)


def _compare_points(work: Work, share: float, taken: float) -> None:
    """Compare the share of the points that somebody has with what was handed in."""
    if work.kind == "empty":
        assert share == 0
    elif work.kind == "wrong":
        assert share < 1 - taken
    else:
        assert abs(share - (1 - taken)) < CLOSE, (work.person, work.kind, share)
