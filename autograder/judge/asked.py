"""What a notebook's text answers of what its lesson asks: nothing that runs has a say in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from course import questions
from course.questions import Guess
from course.questions.collected import collected


def answers(lesson: str, cells: Iterable[str]) -> Mapping[str, Guess]:
    """The answers to a lesson's quiz, by the question's id; what can't be an answer is none.

    Args:
        cells: the text of the notebook's code cells.
    """
    given = collected(cells).answers
    return {
        asked.id: answer
        for asked in questions.questions(lesson)
        if (answer := given.get(asked.id)) is not None and asked.is_right(answer) is not None
    }
