"""A sample class: real notebooks, right and wrong, made from the catalogue of a lesson."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import chain, cycle, islice, zip_longest

import nbformat
from nbformat import NotebookNode

from autograder.catalogue.answers import Variant, misconceptions, variants
from autograder.catalogue.lesson import Lesson
from course.cells import grade_id
from course.questions import predictions, questions

# Invented names, one for each submission.
NAMES = (
    *("abebe", "amara", "beatriz", "bjorn", "chidi", "dalia", "emeka", "farah"),
    *("grace", "hugo", "ines", "jonas", "kavya", "leila", "mateo", "nadia"),
)


# Few enough that some of them are made by several students.
MISTAKES = 4


def answered(lesson: Lesson, cells: dict[str, str]) -> NotebookNode:
    """The student notebook with these texts in its solution cells, the reference in the others."""
    notebook = lesson.student_notebook()
    texts = {**lesson.solutions(), **cells}
    for cell in notebook.cells:
        if grade_id(cell) in texts:
            cell.source = texts[grade_id(cell)]
    return notebook


# What students of the sample class take the answer times, one after the other, where a number is guessed.
FACTORS = (1.0, 2.5, 0.3, 1.0, 1.5)


def guessed(lesson: Lesson, notebook: NotebookNode, turn: int) -> NotebookNode:
    """The notebook with each prediction guessed and each question of the quiz answered; ``turn`` says how."""
    for number, asked in enumerate(predictions(lesson.name), start=turn):
        guess = (
            asked.choices[number % len(asked.choices)]
            if asked.choices
            else float(asked.answer) * FACTORS[number % len(FACTORS)]
        )
        for cell in notebook.cells:
            if cell.source == f'predict("{asked.id}", ...)':
                cell.source = f'predict("{asked.id}", {json.dumps(guess)})'
    for number, question in enumerate(questions(lesson.name), start=turn):
        usual = (question.right, *question.wrong)
        for cell in notebook.cells:
            if cell.source == f'quiz("{question.id}", ...)':
                cell.source = f'quiz("{question.id}", {json.dumps(usual[number % len(usual)])})'
    return notebook


def right_answers(lesson: Lesson) -> Iterator[dict[str, str]]:
    """The variants of the lesson's exercises, the first of each together, then the second of each ..."""
    by_exercise: dict[str, list[Variant]] = {}
    for variant in variants(lesson):
        by_exercise.setdefault(variant.exercise, []).append(variant)
    for row in zip_longest(*by_exercise.values()):
        chosen = [variant for variant in row if variant is not None]
        reference = {variant.after for variant in chosen}
        yield {variant.exercise: variant.code for variant in chosen if variant.exercise not in reference}


def wrong_answers(lesson: Lesson) -> Iterator[dict[str, str]]:
    """The first MISTAKES misconceptions, one exercise after the other in turn; again and again."""
    by_exercise: dict[str, list[dict[str, str]]] = {}
    for mistake in misconceptions(lesson):
        code = mistake.code(lesson.solutions()[mistake.exercise])
        by_exercise.setdefault(mistake.exercise, []).append({mistake.exercise: code})
    in_turn = chain.from_iterable(zip(*by_exercise.values(), strict=False))
    return cycle(islice(in_turn, MISTAKES))


def faults(lesson: Lesson) -> Iterator[tuple[str, str]]:
    """File names and texts of what is handed in besides answers, right or wrong."""
    name = f"{lesson.name}.ipynb"
    first = lesson.exercises[0].id
    untouched = lesson.student_notebook()
    stubs = {grade_id(cell): cell.source for cell in untouched.cells if grade_id(cell) in lesson.solutions()}
    yield name, nbformat.writes(untouched)
    yield name, nbformat.writes(answered(lesson, {**stubs, first: lesson.solutions()[first]}))
    yield name, nbformat.writes(answered(lesson, {first: "raise RuntimeError('I gave up here')\n"}))
    yield name, nbformat.writes(answered(lesson, {first: f"def {first}(:\n    pass\n"}))
    yield f"{lesson.name} (final) copy.ipynb", nbformat.writes(answered(lesson, {}))
    yield name, "This was meant to be a notebook.\n"


def handed_in(lesson: Lesson, answers: Iterable[dict[str, str]]) -> Iterator[tuple[str, str]]:
    """File name and text for each set of answers, every student with other guesses."""
    for turn, cells in enumerate(answers):
        yield f"{lesson.name}.ipynb", nbformat.writes(guessed(lesson, answered(lesson, cells), turn))


def sample_class(lesson: Lesson, students: int = len(NAMES)) -> Iterator[tuple[str, str, str]]:
    """For each student of a sample class: id, file name and text of what is handed in.

    Three in eight hand in something right, three in eight something odd, the others make a mistake.
    """
    share = max(1, 3 * students // 8)
    right = handed_in(lesson, right_answers(lesson))
    wrong = handed_in(lesson, wrong_answers(lesson))
    class_of_all = chain(islice(right, share), islice(faults(lesson), share), wrong)
    for student, (file, text) in zip(NAMES[:students], class_of_all, strict=False):
        yield student, file, text
