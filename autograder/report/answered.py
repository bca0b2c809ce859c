"""What a class answered: its guesses before figures, and the lesson's quiz, counted."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograder.catalogue.lesson import Lesson
from autograder.report.asked import Words
from course import questions
from course.questions import Guess

# How a guessed number compares with the answer, from below to above: up to which share of it, and the words.
SHARES = (
    (0.5, "less than half of it"),
    (0.9, "less"),
    (1.1, "within 10 % of it"),
    (2.0, "more"),
    (math.inf, "more than twice as much"),
)
OTHER = "another number"


@dataclass(frozen=True)
class Answered:
    """What a class answered to one question.

    Attributes:
        question: as the lesson asks it.
        answer: what is right, in words.
        counts: how many students gave each answer, in words, and whether that is right.
    """

    question: str
    answer: str
    counts: list[tuple[str, int, bool]]

    @property
    def given(self) -> int:
        """How many students answered at all."""
        return sum(count for _, count, _ in self.counts)


def predicted(
    lesson: Lesson, words: Mapping[str, Words], given: Sequence[Mapping[str, Guess]]
) -> list[Answered]:
    """The guesses of a class. A number is said by how it compares with the answer.

    Args:
        words: what the lesson asks, by id.
        given: the guesses of each student, by id.
    """
    found = []
    for asked in questions.predictions(lesson.name):
        counts = Counter(_compared(guesses[asked.id], asked) for guesses in given if asked.id in guesses)
        possible = list(asked.choices) or [word for _, word in SHARES]
        right = _compared(asked.answer, asked)
        question = words[asked.id].question if asked.id in words else asked.id
        rows = [(word, counts[word], word == right) for word in possible]
        found.append(Answered(question, asked.said(asked.answer), rows))
    return found


def quizzed(
    lesson: Lesson, words: Mapping[str, Words], given: Sequence[Mapping[str, Guess]]
) -> list[Answered]:
    """The answers of a class to the quiz; of numbers, those that are usual have a row of their own.

    Args:
        words, given: as for ``predicted``.
    """
    found = []
    for asked in questions.questions(lesson.name):
        said = words.get(asked.id, Words(asked.id, {}))
        usual = [asked.right, *asked.wrong]
        if isinstance(asked.right, str):
            usual = sorted(usual, key=str)
        answers = [answers[asked.id] for answers in given if asked.id in answers]
        counts = Counter(_usual(answer, usual, asked) for answer in answers)
        rows = [(_named(answer, said), counts[answer], answer == asked.right) for answer in usual]
        if not isinstance(asked.right, str):
            rows.append((OTHER, counts[None], False))
        found.append(Answered(said.question, _named(asked.right, said), rows))
    return found


def _compared(guess: Guess, asked: questions.Prediction) -> str:
    if isinstance(guess, str):
        return guess
    answer = float(asked.answer)
    share = guess / answer if answer else math.copysign(math.inf, guess) if guess else 1.0
    return next(word for most, word in SHARES if share <= most)


def _usual(answer: Guess, usual: Sequence[Guess], asked: questions.Question) -> Guess | None:
    """Which of the usual answers this is: of letters as they were typed; None for any other number."""
    if isinstance(answer, str):
        return next((one for one in usual if str(one) in answer.casefold()), None)
    near = (one for one in usual if math.isclose(answer, float(one), rel_tol=asked.rtol))
    return next(near, None)


def _named(answer: Guess, said: Words) -> str:
    if not isinstance(answer, str):
        return f"{answer:g}"
    return f"({answer}) {said.choices.get(answer, '')}".strip()
