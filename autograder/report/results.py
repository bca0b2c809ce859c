"""What a graded class looks like as numbers: the source of the table and of the report."""

from __future__ import annotations

import math
import os
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from autograder.catalogue.lesson import Lesson
from autograder.grade.folder import CourseFolder
from autograder.grade.marks import class_marks
from autograder.judge.judgement import ExerciseResult, Judgement, RecognisedMistake
from autograder.report.asked import asked_in
from course import questions
from course.trial import State


@dataclass(frozen=True)
class Row:
    """One student.

    Attributes:
        score: the gradebook's, which counts: manual grades and late penalties are in it.
        page: where the student's feedback is, from the folder on.
    """

    student: str
    judgement: Judgement
    score: float
    page: str

    @property
    def exercises(self) -> dict[str, ExerciseResult]:
        return {entry.id: entry for entry in self.judgement.exercises}

    @property
    def mistakes(self) -> list[tuple[str, RecognisedMistake]]:
        """The exercise and each mistake that was recognised in it; two made at once are two."""
        return [(entry.id, mistake) for entry in self.judgement.exercises for mistake in entry.mistakes]


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
class GuessCount:
    """What a class predicted of one figure.

    Attributes:
        question: as the lesson asks it.
        answer: what the reference solution finds, in words.
        counts: how many students gave each answer, in words, and whether that is right. A number is said by
            how it compares with the answer.
    """

    question: str
    answer: str
    counts: list[tuple[str, int, bool]]

    @property
    def guessed(self) -> int:
        """How many students guessed at all."""
        return sum(count for _, count, _ in self.counts)


@dataclass(frozen=True)
class Results:
    """A lesson's class.

    Attributes:
        max_score: what the gradebook gives at most.
    """

    lesson: Lesson
    max_score: float
    rows: list[Row]
    exercises: list[ExerciseCount]
    mistakes: list[MistakeCount]
    guesses: list[GuessCount]

    @property
    def unprotected(self) -> list[str]:
        """The students whose code ran without the sandbox."""
        return [row.student for row in self.rows if row.judgement.flagged("unprotected")]

    @property
    def scores(self) -> list[float]:
        return [row.score for row in self.rows]

    @property
    def states(self) -> Counter[State]:
        return Counter(row.judgement.state for row in self.rows)


def results(folder: CourseFolder, lesson: Lesson) -> Results:
    """Everything that a folder's judgements and gradebook say of one lesson.

    Raises:
        DescentError: a judgement is of another version; the sentence says to grade again.
    """
    marks = class_marks(folder, [lesson]).lessons[lesson.name]
    rows = [
        Row(mark.student, judgement, score, _page(folder, mark.student, lesson))
        for mark, judgement, score in marks.judged
    ]
    return Results(
        lesson,
        marks.max_score,
        rows,
        _exercises(lesson, rows),
        _mistakes(rows),
        # Reading a lesson takes a while: where nobody has guessed, it is not asked what.
        _guesses(lesson, rows) if rows else [],
    )


def _page(folder: CourseFolder, student: str, lesson: Lesson) -> str:
    return Path(os.path.relpath(folder.feedback(student, lesson), folder.path)).as_posix()


def _exercises(lesson: Lesson, rows: list[Row]) -> list[ExerciseCount]:
    found: dict[str, list[ExerciseResult]] = defaultdict(list)
    for row in rows:
        for entry in row.judgement.exercises:
            found[entry.id].append(entry)
    counts = []
    for exercise in lesson.exercises:
        everybody = found[exercise.id]
        tried = [entry for entry in everybody if entry.attempted]
        counts.append(
            ExerciseCount(
                exercise.id,
                exercise.points,
                full=sum(entry.score == entry.max_score for entry in tried),
                part=sum(0 < entry.score < entry.max_score for entry in tried),
                none=sum(entry.score == 0 for entry in tried),
                not_attempted=len(everybody) - len(tried),
                mean=sum(entry.score for entry in everybody) / max(1, len(everybody)),
            )
        )
    return counts


def _mistakes(rows: list[Row]) -> list[MistakeCount]:
    """Most frequent first."""
    counts: dict[tuple[str, str], MistakeCount] = {}
    for row in rows:
        for exercise, made in row.mistakes:
            new = MistakeCount(exercise, made.id, made.name, made.hint)
            counts.setdefault((exercise, made.id), new).students.append(row.student)
    return sorted(counts.values(), key=lambda entry: (-len(entry.students), entry.exercise, entry.id))


# How a guessed number compares with the answer, from below to above: up to which share of it, and the words.
SHARES = (
    (0.5, "less than half of it"),
    (0.9, "less"),
    (1.1, "within 10 % of it"),
    (2.0, "more"),
    (math.inf, "more than twice as much"),
)


def _guesses(lesson: Lesson, rows: list[Row]) -> list[GuessCount]:
    texts = asked_in(lesson)
    counts = []
    for asked in questions.predictions(lesson.name):
        given = [row.judgement.predictions[asked.id] for row in rows if asked.id in row.judgement.predictions]
        words = Counter(_compared(guess, asked) for guess in given)
        possible = list(asked.choices) or [word for _, word in SHARES]
        right = _compared(asked.answer, asked)
        counts.append(
            GuessCount(
                texts.get(asked.id, asked.id),
                asked.said(asked.answer),
                [(word, words[word], word == right) for word in possible],
            )
        )
    return counts


def _compared(guess: questions.Guess, asked: questions.Prediction) -> str:
    if isinstance(guess, str):
        return guess
    answer = float(asked.answer)
    share = guess / answer if answer else math.copysign(math.inf, guess) if guess else 1.0
    return next(word for most, word in SHARES if share <= most)
