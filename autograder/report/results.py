"""What a graded class looks like as numbers: the source of the table and of the report."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from autograder.catalogue.lesson import Lesson
from autograder.grade.folder import CourseFolder
from autograder.grade.marks import LessonMarks, Mark, class_marks
from autograder.grade.scores import Person
from autograder.judge.judgement import ExerciseResult, RecognisedMistake
from autograder.policy.terms import Counting
from autograder.report.answered import Answered, predicted, quizzed
from autograder.report.asked import asked_in
from autograder.report.items import Item, items
from autograder.report.looks import ORDER, Kind, Look, looks, to_do
from course.cells import CHECK
from course.exercise import Exercise


@dataclass(frozen=True)
class Row:
    """One student in one lesson.

    Attributes:
        mark: the points, which are the gradebook's: manual grades and late penalties are in them.
        page: the address of the student's feedback, from the folder on; None where there is none.
        looks: what is to be seen; the state first.
    """

    student: str
    mark: Mark
    page: str | None
    looks: tuple[Look, ...]

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Of what is to be seen, each once; the state first."""
        return tuple(dict.fromkeys(look.kind for look in self.looks))

    @property
    def worst(self) -> Kind:
        return min(self.kinds, key=ORDER.__getitem__)

    @property
    def sentences(self) -> list[str]:
        return [look.sentence for look in self.looks if look.sentence]

    @property
    def mistakes(self) -> list[tuple[str, RecognisedMistake]]:
        """The exercise and each mistake that was recognised in it; two made at once are two."""
        found = self.mark.judgement.exercises if self.mark.judgement else ()
        return [(entry.id, mistake) for entry in found for mistake in entry.mistakes]


@dataclass(frozen=True)
class Part:
    """What gives points.

    Attributes:
        most: the points of a right answer; those of extra credit are above the maximum of the lesson.
        counting: how it counts where that is not as usual.
    """

    name: str
    most: float
    counting: Counting | None = None


@dataclass(frozen=True)
class ExerciseCount:
    """How a class did on one exercise as the checks saw it, in students."""

    id: str
    counting: Counting | None
    full: int
    part: int
    none: int
    not_attempted: int


@dataclass(frozen=True)
class MistakeCount:
    """A mistake that was recognised, and who made it."""

    exercise: str
    id: str
    name: str
    hint: str
    students: list[str]


@dataclass(frozen=True)
class Results:
    """A class in one lesson.

    Attributes:
        max_score: what the gradebook gives at most.
        cells: what gives points, by the cell; exercises first, also those that do not count.
        rows: everybody whom the gradebook knows or who has a submission.
    """

    lesson: Lesson
    max_score: float
    cells: Mapping[str, Part]
    rows: list[Row]

    @property
    def handed_in(self) -> list[Row]:
        return [row for row in self.rows if row.looks[0].kind not in ("missing", "misplaced")]

    @property
    def missing(self) -> list[str]:
        """Who handed nothing in."""
        return [row.student for row in self.rows if row.looks[0].kind == "missing"]

    @property
    def unprotected(self) -> list[str]:
        """The students whose code ran without the sandbox."""
        return [row.student for row in self.rows if any(flag.id == "unprotected" for flag in row.mark.flags)]

    @property
    def scores(self) -> list[float]:
        return [row.mark.score for row in self.rows if row.mark.score is not None]

    @property
    def kinds(self) -> Counter[Kind]:
        """In how many rows there is what, worst first."""
        counts = Counter(kind for row in self.rows for kind in row.kinds)
        return Counter({kind: counts[kind] for kind in sorted(counts, key=ORDER.__getitem__)})

    @property
    def to_do(self) -> list[Row]:
        """Those where a person should do something, worst first."""
        return sorted((row for row in self.rows if to_do(row.worst)), key=lambda row: ORDER[row.worst])

    @cached_property
    def exercises(self) -> list[ExerciseCount]:
        found: dict[str, list[ExerciseResult]] = defaultdict(list)
        for mark in self._judged:
            for entry in mark.judgement.exercises if mark.judgement else ():
                found[entry.id].append(entry)
        counts = []
        for exercise in self.lesson.exercises:
            tried = [entry for entry in found[exercise.id] if entry.attempted]
            counts.append(
                ExerciseCount(
                    exercise.id,
                    self._part(exercise).counting,
                    full=sum(entry.score == entry.max_score for entry in tried),
                    part=sum(0 < entry.score < entry.max_score for entry in tried),
                    none=sum(entry.score == 0 for entry in tried),
                    not_attempted=len(found[exercise.id]) - len(tried),
                )
            )
        return counts

    @cached_property
    def mistakes(self) -> list[MistakeCount]:
        """Most frequent first."""
        counts: dict[tuple[str, str], MistakeCount] = {}
        for row in self.rows:
            for exercise, made in row.mistakes:
                new = MistakeCount(exercise, made.id, made.name, made.hint, [])
                counts.setdefault((exercise, made.id), new).students.append(row.student)
        return sorted(counts.values(), key=lambda entry: (-len(entry.students), entry.exercise, entry.id))

    @cached_property
    def items(self) -> list[Item]:
        """How each property did, in the order of the lesson; with the points that it gives in this class."""
        shares = {
            exercise.id: self._part(exercise).most / exercise.points for exercise in self.lesson.exercises
        }
        return items([mark.judgement for mark in self._judged if mark.judgement], shares)

    @cached_property
    def predictions(self) -> list[Answered]:
        given = [mark.judgement.predictions for mark in self._judged if mark.judgement]
        return predicted(self.lesson, asked_in(self.lesson), given)

    @cached_property
    def quiz(self) -> list[Answered]:
        given = [mark.judgement.answers for mark in self._judged if mark.judgement]
        return quizzed(self.lesson, asked_in(self.lesson), given)

    def _part(self, exercise: Exercise) -> Part:
        return self.cells.get(CHECK + exercise.id) or Part(exercise.id, exercise.points)

    @property
    def _judged(self) -> list[Mark]:
        return [row.mark for row in self.rows if row.mark.judgement]


@dataclass(frozen=True)
class ClassResults:
    """A class in some lessons.

    Attributes:
        people: everybody, by id.
        lessons: those of which something is graded.
        waiting: how many submissions there are of each other lesson, by its name.
        astray: notebooks that nothing looks at where they are.
        left_out: a sentence for each folder whose name no gradebook can carry.
    """

    people: Mapping[str, Person]
    lessons: list[Results]
    waiting: Mapping[str, int]
    astray: list[str]
    left_out: list[str]


def class_results(folder: CourseFolder, lessons: Sequence[Lesson]) -> ClassResults:
    """Everything that a folder's judgements and gradebook say of some lessons.

    Raises:
        DescentError: a judgement is of another version; the sentence says to grade again.
    """
    found = class_marks(folder, lessons)
    graded = [marks for marks in found.lessons.values() if marks.judged]
    waiting = {
        marks.lesson.name: sum(mark.handed_in for mark in marks.marks.values())
        for marks in found.lessons.values()
        if not marks.judged
    }
    return ClassResults(
        found.people,
        [_results(folder, marks) for marks in graded],
        {name: count for name, count in waiting.items() if count},
        [entry.path for entry in found.misplaced],
        list(dict.fromkeys(flag.sentence for marks in found.lessons.values() for flag in marks.left_out)),
    )


def results(folder: CourseFolder, lesson: Lesson) -> Results:
    """Everything that a folder's judgements and gradebook say of one lesson; raises as above."""
    return _results(folder, class_marks(folder, [lesson]).lessons[lesson.name])


def _results(folder: CourseFolder, marks: LessonMarks) -> Results:
    rows = []
    for student, mark in sorted(marks.marks.items(), key=lambda entry: (entry[0].casefold(), entry[0])):
        page = folder.feedback(student, marks.lesson)
        there = mark.score is not None and page.is_file()
        rows.append(Row(student, mark, _address(page, folder.path) if there else None, looks(mark, there)))
    parts = {CHECK + name: Part(name, most, how) for name, (how, most) in marks.worths.items()}
    cells = {cell: part for cell, part in parts.items() if cell in marks.max_scores}
    own = sorted(marks.max_scores.keys() - cells.keys())  # an instructor's
    cells |= {cell: Part(cell, marks.max_scores[cell]) for cell in own}
    return Results(marks.lesson, marks.max_score, cells, rows)


def _address(page: Path, start: Path) -> str:
    """As a link in the folder says it, whatever a student is called."""
    return quote(os.fsencode(Path(os.path.relpath(page, start)).as_posix()))
