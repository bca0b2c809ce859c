"""Predictions and quizzes as a page asks them: elements that ``book/looks/answers.js`` brings to life."""

from __future__ import annotations

import base64
import json
import re
from html import escape
from itertools import cycle

from course.questions.asked import Prediction, Question

PREDICT = re.compile(r'predict\("(\w+)", \.\.\.\)')
QUIZ = re.compile(r'quiz\("(\w+)", \.\.\.\)')
# What `reveal` says below a figure where nothing was guessed.
REVEALED = re.compile(r"It is (.+)\.")


def prediction(asked: Prediction) -> str:
    """Where a reader commits to a guess, as HTML without an empty line."""
    choices, unit = escape(json.dumps(asked.choices)), escape(asked.unit)
    return (
        f'<div class="guess" id="predict-{asked.id}" data-choices="{choices}" data-unit="{unit}">'
        f"<p>Make a guess before you look: {escape(asked.wanted)}.</p></div>"
    )


def revealed(asked: Prediction, found: str) -> str:
    """What a figure turned out to show, as HTML: the sentence below it.

    Args:
        found: as ``reveal`` says it: ``'"SGD"'``, or ``"11 steps"``.
    """
    return (
        f'<p class="found" data-guess="predict-{asked.id}" data-found="{escape(found)}">'
        f"It is {escape(found)}.</p>"
    )


def question(asked: Question) -> str:
    """Where a reader answers a question of the quiz, as HTML without an empty line; its answer is sealed."""
    letters = sorted(map(str, (asked.right, *asked.wrong))) if isinstance(asked.right, str) else []
    said = {
        "right": asked.right,
        "because": asked.because,
        "wrong": [[usual, why] for usual, why in asked.wrong.items()],
        "otherwise": asked.otherwise,
        "rtol": asked.rtol,
    }
    return (
        f'<div class="question" id="quiz-{asked.id}" data-choices="{escape(json.dumps(letters))}" '
        f'data-sealed="{sealed(said, asked.id)}">'
        f"<p>Answer with {escape(asked.wanted)}.</p></div>"
    )


def sealed(said: object, key: str) -> str:
    """What is said to answers, out of plain sight: not kept from anyone who wants to read it."""
    text = json.dumps(said).encode()
    return base64.b64encode(bytes(one ^ other for one, other in zip(text, cycle(key.encode())))).decode()
