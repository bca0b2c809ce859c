"""nbgrader's exchange, as it stands on a JupyterHub: what students' own nbgrader leaves there, and finds there.

Names are those of ``exchange/default/submit.py`` and ``fetch_feedback.py`` of nbgrader.
"""

import csv
from collections.abc import Sequence
from pathlib import Path

from nbgrader.utils import notebook_hash

from autograder.catalogue.lesson import Lesson
from autograder.grade.settings import COURSE_ID
from term.people import Person, Work


class Exchange:
    """An exchange beside the gradebook folder. Attributes are those of ``Moodle``."""

    name, heading = "jupyterhub", "From JupyterHub"
    zips, tells_times, has_roster = False, True, False
    # nbgrader looks for its settings where it is called.
    here = "gradebook"

    def __init__(self, place: Path, everybody: list[Person], lessons: Sequence[Lesson]):
        self.place = place
        self.inbound = place / "exchange" / COURSE_ID / "inbound"
        self.inbound.mkdir(parents=True)
        self._secrets: dict[str, dict[str, str]] = {}

    @property
    def settings(self) -> str:
        """What says where the exchange is; its files here belong to one account."""
        return (
            f'\nc.Exchange.root = "{self.place / "exchange"}"\n'
            f'c.Exchange.cache = "{self.place / "cache"}"\nc.ExchangeCollect.check_owner = False\n'
        )

    def gives(self, lesson: Lesson, handed_in: list[Work]) -> None:
        self._secrets[lesson.name] = {}
        for work in handed_in:
            for hour, (_, data) in enumerate(work.files, start=20):
                when = f"2026-02-0{3 if work.late else 2} {hour}:15:00.123456 UTC"
                own = self.inbound / f"{work.person.id}+{lesson.name}+{when}+cmFuZG9t"
                own.mkdir()
                secret = f"{work.person.id}{hour}" * 16
                (own / f"{lesson.name}.ipynb").write_bytes(data)
                (own / "timestamp.txt").write_text(when)
                (own / "submission_secret.txt").write_text(secret)
                self._secrets[lesson.name][work.person.id] = secret

    def grades(self, lesson: Lesson) -> dict[str, float]:
        """What the table of everything says, by student, as a share of the maximum."""
        with (self.place / "gradebook" / f"{lesson.name}-grades.csv").open(encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
        (total,) = (head for head in rows[0] if head.startswith(f"{lesson.name} total of "))
        most = float(total.rpartition(" ")[2])
        return {row["student"]: float(row[total]) / most for row in rows if row[total]}

    def pages(self, lesson: Lesson) -> dict[str, bytes]:
        """What each student's nbgrader fetches: it knows the secret that went with what was handed in."""
        released = self.inbound.parent / "feedback"
        paths = {
            student: released / f"{notebook_hash(secret=secret, notebook_id=lesson.name)}.html"
            for student, secret in self._secrets[lesson.name].items()
        }
        return {student: path.read_bytes() for student, path in paths.items() if path.is_file()}
