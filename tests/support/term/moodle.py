"""Moodle as an instructor meets it: a zip and a worksheet of each assignment, and both taken back.

Names and columns are those of ``mod/assign/classes/downloader.php`` and ``mod/assign/feedback/offline`` in
https://github.com/moodle/moodle.
"""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from corpus.archives import zipped
from platforms import moodle_feedback, moodle_import

from autograder.catalogue.lesson import Lesson
from term.people import Person, Work

HEADER = (
    *("Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade", "Grade can be changed"),
    *("Last modified (submission)", "Last modified (grade)", "Feedback comments"),
)
MAXIMUM = 100


class Moodle:
    """A course in Moodle; its files stand in a folder.

    Attributes:
        heading: of its week in docs/instructor.md.
        zips: students hand in what they like.
        tells_times: when something was handed in is known.
        has_roster: the gradebook knows everybody by name.
        here: the folder in which the commands are typed.
        settings: lines for nbgrader_config.py.
    """

    name, heading = "moodle", "From Moodle"
    zips, tells_times, has_roster = True, True, True
    here, settings = "", ""

    def __init__(self, place: Path, everybody: list[Person], lessons: Sequence[Lesson]):
        self.place = place
        self.participants: dict[str, dict[int, Person]] = {}
        rows = [("student", "name", "email"), *((one.id, one.name, one.email) for one in everybody)]
        (place / "class.csv").write_text(table(rows), encoding="utf-8")

    def gives(self, lesson: Lesson, handed_in: list[Work]) -> None:
        """What is downloaded of an assignment, in which everybody has another number."""
        first = 4000 + 1000 * len(self.participants)
        numbers = {first + 7 * work.person.number % 997: work.person for work in handed_in}
        self.participants[lesson.name] = numbers
        files, rows = {}, [HEADER]
        for (number, person), work in zip(numbers.items(), handed_in, strict=True):
            for name, data in work.files:
                # A file that is handed in twice is named as the browser named it.
                own = name.replace("-1.", " (1).")
                files[f"{person.name}_{number}_assignsubmission_file_/{own}"] = data
            rows.append(_row(number, work))
        (self.place / f"{lesson.name}.zip").write_bytes(zipped(files))
        (self.place / f"{lesson.name}-worksheet.csv").write_text(table(rows), encoding="utf-8")

    def grades(self, lesson: Lesson) -> dict[str, float]:
        """What Moodle enters of the worksheet that comes back, by student, as a share of the maximum."""
        entered = moodle_import((self.place / f"{lesson.name}-grades.csv").read_bytes())
        numbers = self.participants[lesson.name]
        return {numbers[number].id: grade / MAXIMUM for number, grade in entered.items()}

    def pages(self, lesson: Lesson) -> dict[str, bytes]:
        """What Moodle gives to each student of the zip that comes back."""
        numbers = self.participants[lesson.name]
        found = moodle_feedback((self.place / f"{lesson.name}-feedback.zip").read_bytes(), set(numbers))
        return {numbers[number].id: page for number, files in found.items() for page in files.values()}


def _row(number: int, work: Work) -> tuple[str, ...]:
    when = "Tuesday, 3 February 2026, 8:00 AM" if work.late else "Monday, 2 February 2026, 9:15 PM"
    status = "Submitted for grading - " if work.files else "No submission - "
    person = (f"Participant {number}", work.person.name, work.person.email)
    return (*person, status, "", f"{MAXIMUM:.2f}", "Yes", when if work.files else "-", "-", "")


def table(rows: list[tuple[str, ...]]) -> str:
    made = io.StringIO(newline="")
    csv.writer(made).writerows(rows)
    return made.getvalue()
