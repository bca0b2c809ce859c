"""The words of a lesson's predictions, as they stand in its text."""

from __future__ import annotations

import re

from autograder.catalogue.lesson import Lesson
from course.questions.collected import collected

# What begins a question in a lesson.
BEGINS = "**Predict.**"
# What makes a formula of "$\\beta = 0.9$", where formulas are not set.
TEX = re.compile(r"\$|\\(?=[a-zA-Z])")


def asked_in(lesson: Lesson) -> dict[str, str]:
    """The question of each prediction, by its id: the paragraphs before its cell, from "Predict" on."""
    found: dict[str, str] = {}
    question = ""
    for cell in lesson.source().cells:
        if cell.cell_type == "markdown":
            question = cell.source
        elif cell.cell_type == "code":
            for id in collected([cell.source]).predictions:
                found[id] = TEX.sub("", " ".join(question.rpartition(BEGINS)[2].split()))
    return found
