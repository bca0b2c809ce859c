"""What holds of all changes of all reference solutions."""

import ast
import re

import pytest

from autograder.catalogue.lesson import lessons
from course.edits import edits

SOLUTIONS = {exercise: code for lesson in lessons() for exercise, code in lesson.solutions().items()}
SOLVED = re.compile("### BEGIN SOLUTION(.*?)### END SOLUTION", re.DOTALL)


def arguments(solution):
    return {node.arg for node in ast.walk(ast.parse(solution)) if isinstance(node, ast.arg)}


@pytest.mark.slow
@pytest.mark.parametrize("exercise", SOLUTIONS)
def test_they_are_python_and_no_two_are_the_same(exercise):
    solution = SOLUTIONS[exercise]
    made = list(edits(solution, adding=False))
    assert 15 <= len(made) <= 1700
    assert made == list(edits(solution, adding=False))
    more = list(edits(solution))
    assert more[: len(made)] == made
    assert len({edit.text for edit in more} | {solution}) == len(more) + 1
    for edit in [*made[::3], *more[len(made) :: 50]]:
        compile(edit.text, exercise, "exec")
    assert {edit.line for edit in more} <= set(range(1, solution.count("\n") + 2))


@pytest.mark.parametrize("exercise", SOLUTIONS)
def test_the_words_tell_no_code(exercise):
    solution, names = SOLUTIONS[exercise], arguments(SOLUTIONS[exercise])
    said = {edit.said for edit in edits(solution, names)}
    assert all(words and not words.endswith(".") for words in said)
    lines = [
        re.sub("#.*", "", line).strip() for part in SOLVED.findall(solution) for line in part.splitlines()
    ]
    own = {each.id for each in ast.walk(ast.parse(solution)) if isinstance(each, ast.Name)} - names
    for words in said:
        # Names of the signature are known to everybody.
        told = re.sub(r"\b({})\b".format("|".join(map(re.escape, names))), "", words)
        assert not any(told[i : i + 12] in line for i in range(len(told) - 11) for line in lines), words
        assert not {name for name in own if "_" in name} & set(re.findall(r"\w+", told)), words
