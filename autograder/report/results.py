"""What a graded class looks like as numbers: the source of the table and of the report."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from autograder.catalogue.answers import misconceptions
from autograder.catalogue.lesson import Lesson
from autograder.grade.folder import CourseFolder
from autograder.judge.grader import UNPROTECTED


@dataclass(frozen=True)
class Row:
    """One student.

    Attributes:
        line: the judgement, as ``autograder judge`` prints it.
        score: the gradebook's, which counts: manual grades and late penalties are in it.
    """

    student: str
    line: dict
    score: float

    @property
    def state(self) -> str:
        return self.line["state"]

    @property
    def mistakes(self) -> list[tuple[str, str]]:
        """The exercise and the id of each mistake that was recognised; two made at once are two."""
        return [
            (entry["id"], mistake)
            for entry in self.line["exercises"]
            if entry["misconception"]
            for mistake in entry["misconception"]["id"].split("+")
        ]

    @property
    def unsolved(self) -> list[str]:
        """The exercises that were tried and did not get full marks."""
        return [
            entry["id"]
            for entry in self.line["exercises"]
            if entry["attempted"] and entry["score"] < entry["max"]
        ]

    @property
    def untried(self) -> list[str]:
        return [entry["id"] for entry in self.line["exercises"] if not entry["attempted"]]


@dataclass(frozen=True)
class ExerciseCount:
    """How a class did on one exercise, in students."""

    id: str
    max: float
    full: int
    part: int
    none: int
    not_attempted: int
    mean: float


@dataclass(frozen=True)
class MistakeCount:
    """A mistake that was recognised, and who made it."""

    exercise: str
    id: str
    name: str
    hint: str
    students: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Results:
    """A lesson's class."""

    lesson: Lesson
    rows: list[Row]
    exercises: list[ExerciseCount]
    mistakes: list[MistakeCount]

    @property
    def max_score(self) -> float:
        return sum(exercise.points for exercise in self.lesson.exercises)

    @property
    def unprotected(self) -> list[str]:
        """The students whose code ran without the sandbox."""
        return [row.student for row in self.rows if UNPROTECTED in row.line["flags"]]

    @property
    def scores(self) -> list[float]:
        return [row.score for row in self.rows]

    @property
    def states(self) -> Counter[str]:
        return Counter(row.state for row in self.rows)


def results(folder: CourseFolder, lesson: Lesson) -> Results:
    """Everything that a folder's autograded notebooks and gradebook say of one lesson."""
    rows = [Row(student, said["judgement"], score) for student, said, score in folder.judged(lesson)]
    return Results(lesson, rows, _exercises(lesson, rows), _mistakes(lesson, rows))


def _exercises(lesson: Lesson, rows: list[Row]) -> list[ExerciseCount]:
    found: dict[str, list[dict]] = defaultdict(list)
    for row in rows:
        for entry in row.line["exercises"]:
            found[entry["id"]].append(entry)
    counts = []
    for exercise in lesson.exercises:
        tried = [entry for entry in found[exercise.id] if entry["attempted"]]
        counts.append(
            ExerciseCount(
                exercise.id,
                exercise.points,
                full=sum(entry["score"] == entry["max"] for entry in tried),
                part=sum(0 < entry["score"] < entry["max"] for entry in tried),
                none=sum(entry["score"] == 0 for entry in tried),
                not_attempted=len(found[exercise.id]) - len(tried),
                mean=sum(entry["score"] for entry in found[exercise.id]) / max(1, len(found[exercise.id])),
            )
        )
    return counts


def _mistakes(lesson: Lesson, rows: list[Row]) -> list[MistakeCount]:
    """Most frequent first."""
    students: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows:
        for made in row.mistakes:
            students[made].append(row.student)
    catalogue = {
        (entry.exercise, entry.misconception.id): entry.misconception for entry in misconceptions(lesson)
    }
    counts = [
        MistakeCount(exercise, found, catalogue[exercise, found].name, catalogue[exercise, found].hint, who)
        for (exercise, found), who in students.items()
        if (exercise, found) in catalogue
    ]
    return sorted(counts, key=lambda entry: (-len(entry.students), entry.exercise, entry.id))
