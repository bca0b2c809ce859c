"""The known mistakes and the known right answers of a lesson, as code.

A misconception is written as what it changes in the reference solution, so that a reader sees the mistake
and nothing else. A variant is a whole right answer in another style. Both become the text of a solution
cell: the same text is run here, put into sample submissions, and tried on every check.
"""

from __future__ import annotations

import ast
import runpy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import CodeType
from typing import Any, TypeVar

from autograder.catalogue.lesson import Lesson, LessonError
from autograder.errors import DescentError
from course.cases import probed
from course.exercise import Case, Evidence, Exercise, Misconception
from course.judging.mistakes import Mistake, trace

T = TypeVar("T")

# What the first cell of every lesson imports.
IMPORTS = "import numpy as np\nimport torch\n"


@dataclass(frozen=True)
class WrongAnswer:
    """A known mistake as code: the reference solution with some of its text replaced.

    Attributes:
        exercise: the exercise's id.
        misconception: its id, name and hint.
        source: where this mistake is known from.
        edits: pairs of old and new text; each old text stands exactly once in the solution. The
            single pair ``("", code)`` replaces the whole cell.
    """

    exercise: str
    misconception: Misconception
    source: str
    edits: tuple[tuple[str, str], ...]

    def code(self, solution: str) -> str:
        """The text of a solution cell with this mistake; raises DescentError where an edit does not fit."""
        if len(self.edits) == 1 and not self.edits[0][0]:
            return self.edits[0][1]
        for old, new in self.edits:
            if solution.count(old) != 1:
                raise DescentError(
                    f"The edit {old!r} of {self.exercise}/{self.misconception.id} stands "
                    f"{solution.count(old)} times in the solution: mend the misconception."
                )
            solution = solution.replace(old, new)
        return solution


def wrong(exercise: str, id: str, name: str, hint: str, source: str, *edits: tuple[str, str]) -> WrongAnswer:
    """One entry of a ``solutions/misconceptions`` module."""
    return WrongAnswer(exercise, Misconception(id, name, hint), source, edits)


@dataclass(frozen=True)
class Variant:
    """A right answer in another style: the text of a solution cell."""

    exercise: str
    id: str
    code: str
    after: str = ""


def variant(exercise: str, after: str = "") -> Callable[[T], T]:
    """Marks a function or class of a ``solutions/variants`` module as an answer to ``exercise``.

    ``after`` names an earlier exercise whose reference solution it needs: a backward pass that reads
    what the reference's forward pass keeps.

    Its own name says the style. As the text of a solution cell it takes the exercise's name, and
    brings along the module's unmarked functions and classes that it uses.
    """
    return lambda answer: answer


def misconceptions(lesson: Lesson, exercise: str | None = None) -> list[WrongAnswer]:
    """The catalogue of a lesson, or of one of its exercises; empty where there is none."""
    path = lesson.misconceptions_path
    known = runpy.run_path(str(path))["MISCONCEPTIONS"] if path.is_file() else ()
    return [mistake for mistake in known if exercise in (None, mistake.exercise)]


def variants(lesson: Lesson) -> list[Variant]:
    """The right answers of a lesson in other styles; empty where there are none.

    Raises:
        LessonError: one does not say which exercise it answers.
    """
    path = lesson.variants_path
    if not path.is_file():
        return []
    text = path.read_text(encoding="utf-8")
    body = ast.parse(text).body
    definitions = [node for node in body if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    # What an answer may need besides itself, by the name that it uses; numpy and torch are there already.
    helpers: dict[str, ast.stmt] = {node.names[0].name: node for node in body if isinstance(node, ast.Import)}
    helpers |= {node.name: node for node in definitions if not node.decorator_list}
    return [_as_cell(node, helpers, text, lesson) for node in definitions if node.decorator_list]


def _as_cell(
    node: ast.FunctionDef | ast.ClassDef, helpers: dict[str, ast.stmt], text: str, lesson: Lesson
) -> Variant:
    mark = node.decorator_list[0]
    if not isinstance(mark, ast.Call) or not mark.args:
        raise LessonError(
            f"solutions/variants/{lesson.name}.py: {node.name} does not say which exercise it answers: "
            'mark it with @variant("EXERCISE").'
        )
    exercise = ast.literal_eval(mark.args[0])
    after = next((ast.literal_eval(word.value) for word in mark.keywords), "")
    used = {name.id for name in ast.walk(node) if isinstance(name, ast.Name)} - {"torch"}
    pieces = [_segment(text, helper) for name, helper in helpers.items() if name in used]
    # The decorator is no part of the segment: the first line is the definition's own.
    first, _, rest = _segment(text, node).partition("\n")
    code = "\n\n\n".join([*pieces, f"{first.replace(node.name, exercise, 1)}\n{rest}"])
    return Variant(exercise, node.name, code, after)


def _segment(text: str, node: ast.stmt) -> str:
    """The lines of a statement at the left margin, without its decorators."""
    return "\n".join(text.splitlines()[node.lineno - 1 : node.end_lineno])


def answer(lesson: Lesson, exercise: str, code: str, file: str = "") -> Any:
    """The function or class that a solution cell with this text defines.

    The reference solutions of the lesson's earlier exercises are there, as in the notebook.

    Args:
        file: what the text's file is called where an exception tells its line.
    """
    namespace = earlier_answers(lesson, exercise)
    exec(compile(code, file or f"<{exercise}>", "exec"), namespace)
    return namespace[exercise]


def earlier_answers(lesson: Lesson, exercise: str) -> dict[str, Any]:
    """What a notebook has before an exercise: the lesson's imports and earlier reference solutions."""
    namespace = _imported(lesson)
    for earlier, solution in lesson.solutions().items():
        if earlier == exercise:
            break
        exec(_compiled(solution, f"<solution of {earlier}>"), namespace)
    return namespace


def answers(lesson: Lesson, instead: Mapping[str, str]) -> dict[str, Any]:
    """What the solution cells of a whole lesson define, by exercise.

    Args:
        instead: the texts of some cells in the place of the reference solutions.
    """
    namespace = _imported(lesson)
    for exercise, solution in lesson.solutions().items():
        exec(_compiled(instead.get(exercise, solution), f"<solution of {exercise}>"), namespace)
    return {exercise.id: namespace[exercise.id] for exercise in lesson.exercises}


def _imported(lesson: Lesson) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": f"solutions.{lesson.name}"}
    exec(IMPORTS, namespace)
    return namespace


# The solutions that stand before an answer are the same for the hundreds that are tried.
@cache
def _compiled(solution: str, name: str) -> CodeType:
    return compile(solution, name, "exec")


def trace_mistakes(
    exercise: Exercise,
    wrong_answers: Sequence[WrongAnswer],
    lesson: Lesson,
    cases: Sequence[Case],
    expected: Sequence[Evidence],
) -> tuple[Mistake, ...]:
    """What each known mistake does on ``cases``."""
    solution = lesson.solutions()[exercise.id] if wrong_answers else ""
    mistakes = []
    for wrong_answer in wrong_answers:
        made = answer(lesson, exercise.id, wrong_answer.code(solution))
        observed = probed(exercise, made, cases, expected)
        mistakes.append(Mistake(wrong_answer.misconception, trace(observed, expected)))
    return tuple(mistakes)
