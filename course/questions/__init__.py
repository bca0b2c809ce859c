"""What a lesson asks and students answer in one line: predictions before a figure, and a quiz at the end.

``predict("two_paths", 14)`` commits to a guess; the figure that follows says what it is with ``reveal``.
Nothing depends on a guess. ``quiz("step_length", "c")`` says whether an answer is right, and why. Both work
in any editor, as the answer stands in the cell itself and is saved with the notebook; in its place are three
dots until then. What a lesson asks is in its module here, ``lesson_05`` for the lesson ``05_adam``.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from functools import cache
from html import escape
from types import EllipsisType

from course.progress import note_prediction, note_quiz
from course.questions.asked import Guess, Prediction, Question
from course.questions.collected import collected

# The modules of the lessons that ask something, in their order.
MODULES = tuple(name for _, name, _ in pkgutil.iter_modules(__path__) if name.startswith("lesson_"))

__all__ = ["Guess", "Prediction", "Question", "guesses", "predict", "quiz", "reveal"]

_guesses: dict[str, float | str] = {}


def predict(id: str, guess: Guess | EllipsisType) -> None:
    """Note a guess about what the next figure shows, and say which one it is.

    Args:
        id: of one of the lesson's predictions.
        guess: a number, or the name of one of the choices; three dots for none yet.
    """
    asked = _predictions().get(id)
    if asked is None:
        _say(_unknown(id, "prediction"))
    elif isinstance(guess, EllipsisType):
        _guesses.pop(id, None)
        _say(f"Your guess goes in place of the three dots: {asked.wanted}.")
    elif (read := asked.read(guess)) is None:
        _guesses.pop(id, None)
        _say(f"{guess!r} can't be a guess here. Write {asked.wanted}.")
    else:
        _guesses[id] = read
        note_prediction(id)
        _say(f"Your guess: {asked.said(read)}. Now look.")


def reveal(id: str, found: Guess) -> None:
    """Say under a figure what it shows, beside what was guessed.

    Args:
        id: of one of the lesson's predictions.
        found: the number that was measured, or the choice that turned out true.
    """
    asked = _predictions()[id]
    if id not in _guesses:
        _say(f"It is {asked.said(found)}.")
    elif asked.said(_guesses[id]) == asked.said(found):
        _say(f"You said {asked.said(found)}, and so it is.")
    else:
        _say(f"You said {asked.said(_guesses[id])}; it is {asked.said(found)}.")


def quiz(id: str, answer: Guess | EllipsisType) -> None:
    """Say whether an answer of the lesson's quiz is right, and why it is or is not.

    Args:
        id: of one of the lesson's questions.
        answer: a number or the letter of a choice; three dots for none yet.
    """
    asked = _questions().get(id)
    if asked is None:
        _say(_unknown(id, "question"))
    elif isinstance(answer, EllipsisType):
        _say(f"Your answer goes in place of the three dots: {asked.wanted}.")
    else:
        if (right := asked.is_right(answer)) is not None:
            note_quiz(id, right)
        _say(asked.response(answer))


def predictions(lesson: str) -> tuple[Prediction, ...]:
    """What a lesson, "05_adam", lets students predict, in its order; nothing for a lesson without."""
    return _asked(_module(lesson))[0]


def questions(lesson: str) -> tuple[Question, ...]:
    """A lesson's quiz, in its order; nothing for a lesson without."""
    return _asked(_module(lesson))[1]


def guesses(lesson: str, cells: Iterable[str]) -> dict[str, Guess]:
    """What a notebook of a lesson predicts, by id, from the text of its code cells; nothing is run."""
    found = collected(cells).predictions
    read = {asked.id: asked.read(found.get(asked.id)) for asked in predictions(lesson)}
    return {id: guess for id, guess in read.items() if guess is not None}


def _say(sentence: str) -> None:
    """Show a sentence below the cell: in a notebook as words of the page, which breaks what is printed in
    the middle of a word where there is no room for it."""
    # Not for the commands, which only read what is asked, also where nothing is installed yet.
    from IPython import get_ipython
    from IPython.display import display

    if getattr(get_ipython(), "kernel", None) is None:
        print(sentence)
    else:
        display(
            {"text/plain": sentence, "text/html": f'<p style="margin:4px 6px">{escape(sentence)}</p>'},
            raw=True,
        )


def _module(lesson: str) -> str:
    return f"lesson_{lesson[:2]}"


@cache
def _asked(module: str) -> tuple[tuple[Prediction, ...], tuple[Question, ...]]:
    if module not in MODULES:
        return (), ()
    asks = importlib.import_module(f"{__name__}.{module}")
    return asks.PREDICTIONS, asks.QUIZ


def _predictions() -> dict[str, Prediction]:
    return {asked.id: asked for module in MODULES for asked in _asked(module)[0]}


def _questions() -> dict[str, Question]:
    return {asked.id: asked for module in MODULES for asked in _asked(module)[1]}


def _unknown(id: str, kind: str) -> str:
    return f'There is no {kind} "{id}": leave the first word of the cell as it was.'
