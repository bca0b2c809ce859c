"""How far a student is: each lesson with what is done in it, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

from course import progress
from course.desk import DeskError
from course.desk.lessons import Lesson, lessons
from course.desk.place import Place
from course.progress import Progress


@dataclass(frozen=True)
class Standing:
    """What is done in a lesson.

    Attributes:
        lesson: which.
        points: of the last check of each exercise, together.
        done: how many exercises have all their points.
        right: how many questions of its quiz are answered rightly.
        guessed: how many predictions were made.
        open: the exercises that lack points, in the lesson's order.
    """

    lesson: Lesson
    points: float
    done: int
    right: int
    guessed: int
    open: tuple[str, ...]

    @property
    def most(self) -> float:
        """The points there are."""
        return sum(self.lesson.exercises.values())

    @property
    def complete(self) -> bool:
        return not self.open and self.right == len(self.lesson.questions)

    @property
    def begun(self) -> bool:
        return bool(self.points or self.right or self.guessed)


@dataclass(frozen=True)
class Step:
    """What to do next.

    Attributes:
        sentence: in words.
        lesson: the lesson to open; None when everything is done.
    """

    sentence: str
    lesson: Lesson | None = None


def state(place: Place) -> tuple[list[Standing], Step]:
    """How far a student is in each lesson, and what is next.

    Raises:
        DeskError: a lesson or the file of progress can't be read.
    """
    try:
        noted = progress.read(place.work)
    except progress.NotOurs as error:
        raise DeskError(str(error)) from error
    standing = standings(lessons(place.lessons), noted)
    return standing, next_step(standing, noted)


def standings(handed_out: list[Lesson], noted: Progress) -> list[Standing]:
    """How far a student is in each lesson. An exercise whose points have changed since counts as it was."""
    return [_standing(lesson, noted) for lesson in handed_out]


def _standing(lesson: Lesson, noted: Progress) -> Standing:
    scores = {id: noted.exercises.get(id, (0.0, most)) for id, most in lesson.exercises.items()}
    unfinished = tuple(id for id, (score, most) in scores.items() if score < most)
    return Standing(
        lesson,
        round(sum(score for score, _ in scores.values()), 6),
        len(scores) - len(unfinished),
        sum(noted.answers.get(id, False) for id in lesson.questions),
        sum(id in noted.guesses for id in lesson.predictions),
        unfinished,
    )


def next_step(standing: list[Standing], noted: Progress) -> Step:
    """What to do next: go on in the lesson that was worked in last, then with those that follow it."""
    latest = next((at for at, entry in enumerate(standing) if noted.last in entry.lesson.ids), 0)
    for entry in chain(standing[latest:], standing[:latest]):
        if not entry.complete:
            return _in(entry)
    return Step("Everything is done: all points, all quizzes.")


def _in(entry: Standing) -> Step:
    lesson = entry.lesson
    if not entry.begun:
        return Step(f"Begin with {lesson.title}.", lesson)
    if entry.open:
        return Step(f"Go on with {entry.open[0]} in {lesson.title}.", lesson)
    missing = len(lesson.questions) - entry.right
    questions = f"{missing} questions" if missing > 1 else "one question"
    return Step(f"Answer {questions} of the quiz at the end of {lesson.title}.", lesson)
