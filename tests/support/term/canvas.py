"""Canvas as an instructor meets it: a zip of each assignment, one gradebook for all of them, and both taken back.

Names and columns are those of ``lib/content_zipper.rb`` and ``lib/gradebook_exporter.rb`` in
https://github.com/instructure/canvas-lms.
"""

from collections.abc import Sequence
from pathlib import Path

from corpus.archives import zipped
from platforms import canvas_feedback, canvas_import

from autograder.catalogue.lesson import Lesson
from term.moodle import table
from term.people import Person, Work

FIRST_STUDENT, FIRST_FILE = 20_000, 900_000
MAXIMUM = 20


class Canvas:
    """A course in Canvas; its files stand in a folder. Attributes are those of ``Moodle``."""

    name, heading = "canvas", "From Canvas"
    zips, tells_times, has_roster = True, False, True
    here, settings = "", ""

    def __init__(self, place: Path, everybody: list[Person], lessons: Sequence[Lesson]):
        self.place = place
        self.people = {str(FIRST_STUDENT + one.number): one for one in everybody}
        self.columns = {lesson.name: f"{lesson.title} ({4711 + n})" for n, lesson in enumerate(lessons)}
        self.attachments: dict[str, dict[int, int]] = {}
        roster = [(one.id, one.name, one.email, id) for id, one in self.people.items()]
        heads = ("student", "name", "email", "lms_id")
        (place / "class.csv").write_text(table([heads, *roster]), encoding="utf-8")
        (place / "canvas.csv").write_text(self._gradebook(), encoding="utf-8")

    def _gradebook(self) -> str:
        """The gradebook as Canvas exports it; an essay has points already."""
        fixed = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
        rows = [(*fixed, "Essay (12)", *self.columns.values(), "Final Score")]
        rows.append(("", *[""] * 4, "", *["Manual Posting"] * len(self.columns), ""))
        possible = [f"{MAXIMUM:.2f}"] * len(self.columns)
        rows.append(("    Points Possible", *[""] * 4, "10.00", *possible, "(read only)"))
        blank = [""] * len(self.columns)
        for id, one in self.people.items():
            rows.append((f"{one.last}, {one.first}", id, "", one.email, "Evening", "7.50", *blank, "75.00"))
        rows.append(("Student, Test", "99999", "", "9ca8f2e15b8f1c7a", "Evening", "", *blank, ""))
        return table(rows)

    def gives(self, lesson: Lesson, handed_in: list[Work]) -> None:
        """What is downloaded of an assignment; every file has a number that no other has."""
        self.attachments[lesson.name] = {}
        number = FIRST_FILE + 10_000 * len(self.attachments)
        files = {}
        for id, work in zip(self.people, handed_in, strict=True):
            late = "LATE_" if work.late else ""
            for name, data in work.files:
                number += 3
                files[f"{work.called}_{late}{id}_{number}_{name}"] = data
                self.attachments[lesson.name][int(id)] = number
        (self.place / f"{lesson.name}.zip").write_bytes(zipped(files))

    def grades(self, lesson: Lesson) -> dict[str, float]:
        """What Canvas enters of the gradebook that comes back, by student, as a share of the maximum."""
        points, grades = canvas_import((self.place / f"{lesson.name}-grades.csv").read_bytes())
        assert points["Essay (12)"] == "10.00"
        essays = {id: grade for (id, column), grade in grades.items() if column == "Essay (12)"}
        assert essays == dict.fromkeys(self.people, 7.5)
        own, most = self.columns[lesson.name], float(points[self.columns[lesson.name]])
        return {self.people[id].id: grade / most for (id, column), grade in grades.items() if column == own}

    def pages(self, lesson: Lesson) -> dict[str, bytes]:
        """What Canvas gives to each student of the zip that comes back."""
        data = (self.place / f"{lesson.name}-feedback.zip").read_bytes()
        found = canvas_feedback(data, self.attachments[lesson.name])
        return {self.people[str(id)].id: page for id, page in found.items()}
