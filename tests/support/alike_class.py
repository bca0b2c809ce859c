"""A class whose honest students write by themselves, and copies planted among them, made of known answers.

Answers are variants and misconceptions of a lesson, each with names and comments of the student's own. Where
half of them are kept from the command, all that students write is new to it.
"""

import ast
import re
from dataclasses import dataclass
from functools import cache
from itertools import count

from nbformat.v4 import new_code_cell

from autograder.alike.tokens import tokens
from autograder.catalogue.answers import misconceptions, variants
from autograder.catalogue.lesson import find
from autograder.catalogue.sample import answered
from course.cells import grade_id

# Whose known answers are somebody's own helpers in another lesson.
HELPERS_OF = ("00_gradients", "08_batch_norm", "13_fusing_weights", "14_search")
# How somebody else would call the same, and what students note beside it.
OTHERS = (
    "{}_new",
    "new_{}",
    "{}1",
    "next_{}",
    "my_{}",
    "{}_",
    "cur_{}",
    "{}_t",
    "the_{}",
    "{}_val",
    "tmp_{}",
)
VERBS = (
    *(
        "update",
        "compute",
        "take",
        "keep",
        "check",
        "get",
        "calculate",
        "make",
        "don't forget",
        "first",
        "now",
    ),
    *("then", "this is", "see"),
)
NOUNS = (
    *(
        "the average",
        "the gradient",
        "the step",
        "the formula",
        "the mean",
        "the state",
        "the shape",
        "a copy",
    ),
    *("the new value", "the parameters", "the weights", "the loss", "the result", "the inputs", "the rate"),
)
TAILS = (
    *("", "", "", "here", "again", "as in the text", "of the last step", "for every element", "in place"),
    *("without changing it", "like formula (2)", "(why?)", "from above", "before returning", "as torch does"),
)


@dataclass(frozen=True)
class Student:
    """What somebody hands in.

    Attributes:
        answers: the text of each solution cell.
        drawn: the known answer that each was made of.
        own: texts of own cells.
    """

    answers: dict
    drawn: dict
    own: tuple = ()


@cache
def entries(lesson):
    """The known answers of each exercise, by exercise: text after text."""
    found = {exercise: [] for exercise in lesson.solutions()}
    for answer in variants(lesson):
        found[answer.exercise].append(answer.code)
    for mistake in misconceptions(lesson):
        found[mistake.exercise].append(mistake.code(lesson.solutions()[mistake.exercise]))
    return found


def honest(lesson, size, rng, once=False):
    """Students who each draw their answers anew.

    Args:
        once: whether no two draw the same, as long as there are others.
    """
    known = {name: list(found) for name, found in entries(lesson).items()}
    helpers = [
        text for text in helper_texts() if all(text not in found for found in entries(lesson).values())
    ]
    rng.shuffle(helpers)
    for _ in range(size):
        drawn = {name: rng.choice(found) for name, found in known.items() if found}
        for name, text in drawn.items() if once else ():
            known[name].remove(text)
        # Short trials of everybody's, and for some a helper that nobody else has.
        own = [f"{next(iter(drawn))}({rng.randrange(9)}, {rng.random():.1f})"] * (rng.random() < 0.3)
        if rng.random() < 0.5 and helpers:
            own.append(styled(helpers.pop(), rng))
        yield Student({name: styled(text, rng) for name, text in drawn.items()}, drawn, tuple(own))


@cache
def helper_texts():
    return [entry.code for name in HELPERS_OF for entry in variants(find(name))]


def styled(text, rng):
    """The text with some names and comments of one student's own."""
    new = {name: rng.choice(OTHERS).format(name) for name in sorted(locals_of(text)) if rng.random() < 0.4}
    return with_lines(renamed(text, new), [f"# {comment(rng)}" for _ in range(rng.randrange(4))], rng)


def comment(rng):
    return " ".join(filter(None, (rng.choice(VERBS), rng.choice(NOUNS), rng.choice(TAILS))))


def with_lines(text, added, rng):
    """The text with further lines, each in front of a statement, indented as it is."""
    lines = text.split("\n")
    statements = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.stmt)]
    places = sorted({(node.lineno, node.col_offset) for node in statements if not decorators(node)})
    for (line, column), more in sorted(
        zip(rng.choices(places, k=len(added)), added, strict=True), reverse=True
    ):
        lines.insert(line - 1, " " * column + more)
    return "\n".join(lines)


def decorators(node):
    return getattr(node, "decorator_list", [])


def locals_of(text):
    """The names that a text gives to what it computes."""
    return {
        node.id
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def renamed(text, new):
    made, end = [], 0
    for token in tokens(text):
        made += [
            text[end : token.start],
            new.get(token.text, token.text) if token.kind == "name" else token.text,
        ]
        end = token.end
    return "".join(made) + text[end:]


def without_comments(text):
    return re.sub(r"(?m)^[ \t]*#.*\n?", "", text)


def with_comments_moved(text, rng):
    """Every comment that has a line to itself, in front of another statement."""
    moved = [line.strip() for line in text.split("\n") if line.strip().startswith("#")]
    return with_lines(without_comments(text), moved, rng)


def notebook(lesson, student, shuffled=None):
    """What the student hands in; ``shuffled`` is a source of chance that puts own cells anywhere."""
    made = answered(lesson, student.answers)
    for text in student.own:
        where = shuffled.randrange(len(made.cells)) if shuffled else len(made.cells)
        made.cells.insert(where, new_code_cell(text))
    if shuffled:
        solutions = [place for place, cell in enumerate(made.cells) if grade_id(cell) in student.answers]
        cells = [made.cells[place] for place in solutions]
        for place, cell in zip(solutions, reversed(cells), strict=True):
            made.cells[place] = cell
    return made


def copies(lesson, student, other, rng):
    """Of one student's work, what somebody else hands in, by how it was changed.

    Args:
        other: who writes answers alone, and copies own cells.
    """
    number = count()
    new = {
        name: f"value{next(number)}"
        for text in (*student.answers.values(), *student.own)
        for name in sorted(locals_of(text))
    }
    every = {name: renamed(text, new) for name, text in student.answers.items()}
    bare = {name: without_comments(text) for name, text in every.items()}
    moved = {name: with_comments_moved(text, rng) for name, text in student.answers.items()}
    return {
        "identical": notebook(lesson, student),
        "renamed": notebook(lesson, Student(every, {})),
        "renamed, no comments": notebook(lesson, Student(bare, {})),
        "comments moved": notebook(lesson, Student(moved, {})),
        "other order": notebook(lesson, student, rng),
        "own cells": notebook(lesson, Student(other.answers, {}, student.own)),
    }
