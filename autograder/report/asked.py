"""The words of a lesson's predictions and of its quiz, as they stand in its text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from autograder.catalogue.lesson import Lesson
from course.questions.collected import collected

# What begins a question in a lesson: "**Predict.**", and "**3.**" in its quiz.
PREDICT, NUMBER = "**Predict.**", re.compile(r"\*\*\d+\.\*\*")
# What makes a formula of "$\\beta = 0.9$", where formulas are not set.
TEX = re.compile(r"\$|\\(?=[a-zA-Z])")
CHOICE = re.compile(r"^- \((\w)\) (.*)$", re.MULTILINE)


class Words(NamedTuple):
    """What is asked, and the choices of a quiz by their letters."""

    question: str
    choices: Mapping[str, str]


@cache
def asked_in(lesson: Lesson) -> dict[str, Words]:
    """The words of each question, by its id: the text before its cell, from where the question begins."""
    found: dict[str, Words] = {}
    text = ""
    for cell in lesson.source().cells:
        if cell.cell_type == "markdown":
            text = cell.source
        elif cell.cell_type == "code":
            asked = collected([cell.source])
            for id in asked.predictions:
                found[id] = Words(_plain(text.rpartition(PREDICT)[2]), {})
            for id in asked.answers:
                question = NUMBER.split(text)[-1]
                choices = {letter: _plain(said) for letter, said in CHOICE.findall(question)}
                found[id] = Words(_plain(CHOICE.split(question, maxsplit=1)[0]), choices)
    return found


def _plain(text: str) -> str:
    return TEX.sub("", " ".join(text.split()))
