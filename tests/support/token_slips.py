"""Slips of the pen in right answers, by their tokens alone: nothing of the changes that a search tries."""

import io
import keyword
import random
import tokenize
from collections import defaultdict
from dataclasses import dataclass

from autograder.catalogue.answers import earlier_answers, variants
from autograder.catalogue.changes import TimeUp, no_longer_than
from autograder.catalogue.lesson import lessons
from course.exercise import Exercise
from course.exercises import EXERCISES
from course.judging.difference import first_difference
from course.problems import SIGNATURE
from course.repair.tries import tries
from course.sealing import refused

ALIKE = (
    *(("+", "-"), ("*", "/"), ("*", "+"), ("*", "**"), ("//", "/"), ("@", "*"), ("<", "<="), (">", ">=")),
    *(("<", ">"), ("==", "!="), ("+=", "-="), ("*=", "/="), ("+=", "="), ("and", "or"), ("max", "min")),
    *(("maximum", "minimum"), ("sum", "mean"), ("sqrt", "square"), ("sqrt", "abs"), ("zeros", "ones")),
    *(("zeros_like", "ones_like"), ("exp", "log"), ("sin", "cos"), ("floor", "ceil"), ("var", "std")),
    *(("True", "False"), ("argmax", "argmin"), ("continue", "break"), ("is", "=="), ("uniform", "normal")),
)
SWAPS = defaultdict(set)
for _one, _other in ALIKE:
    SWAPS[_one].add(_other)
    SWAPS[_other].add(_one)
SIGNS = {"+", "-", "*", "/", "//", "**", "@", "%"}
METHODS = {"copy", "detach", "clone", "item", "sqrt", "abs", "mean", "sum", "float"}
FUNCTIONS = {"sqrt", "abs", "sign", "square", "maximum", "minimum", "copy", "array", "asarray", "exp", "log"}
MODULES = {"np", "torch", "nn", "math", "F"}
# Seconds for all public cases of an exercise.
SECONDS = 10.0


@dataclass(frozen=True)
class Slip:
    """A right answer with one slip that the checks catch.

    Attributes:
        line: where it is, from 1.
    """

    lesson: str
    exercise: str
    kind: str
    code: str
    line: int


class Answer:
    """The text of a right answer in tokens, and the slips that it can be given."""

    def __init__(self, code):
        self.code = code
        self._lines = code.splitlines(keepends=True)
        every = list(tokenize.generate_tokens(io.StringIO(code).readline))
        raised = {token.start[0] for token in every if token.string in ("raise", "import", "class")}
        self._tokens = [
            token
            for token in every
            if token.start[0] not in raised and token.type in (tokenize.NAME, tokenize.NUMBER, tokenize.OP)
        ]
        self._in_call = list(self._inside())
        self._names = sorted(
            {token.string for at, token in enumerate(self._tokens) if self._is_quantity(at)}
            | {
                f"self.{self._tokens[at + 2].string}"
                for at in range(len(self._tokens) - 2)
                if self._is_own(at)
            }
        )

    def _string(self, at):
        return self._tokens[at].string if 0 <= at < len(self._tokens) else ""

    def _inside(self):
        """Of each token, whether the innermost bracket around it is that of a call."""
        opened = []
        for at, token in enumerate(self._tokens):
            if token.string in (")", "]", "}"):
                opened.pop()
            yield bool(opened) and opened[-1]
            if token.string in ("(", "[", "{"):
                before = self._tokens[at - 1]
                is_name = before.type == tokenize.NAME and not keyword.iskeyword(before.string)
                opened.append(token.string == "(" and is_name and self._string(at - 2) != "def")

    def _is_own(self, at):
        return self._string(at) == "self" and self._string(at + 1) == "." and self._string(at + 3) != "("

    def _is_quantity(self, at):
        token = self._tokens[at]
        return (
            token.type == tokenize.NAME
            and not keyword.iskeyword(token.string)
            and token.string not in ("self", *MODULES)
            and self._string(at - 1) not in (".", "def", "class", "@")
            and self._string(at + 1) not in ("(", ".", "=")
        )

    def _is_operand(self, at):
        return 0 <= at < len(self._tokens) and (
            self._tokens[at].type == tokenize.NUMBER or self._is_quantity(at)
        )

    def _changed(self, first, last, text):
        """The code with the tokens from ``first`` to ``last`` replaced, and the line; they share one line."""
        (line, start), (end_line, end) = self._tokens[first].start, self._tokens[last].end
        if line != end_line:
            return None
        lines = list(self._lines)
        lines[line - 1] = lines[line - 1][:start] + text + lines[line - 1][end:]
        return "".join(lines), line

    def _closing(self, at):
        """The place of the bracket that closes the one here."""
        depth = 0
        for place in range(at, len(self._tokens)):
            depth += (self._string(place) in "([{") - (self._string(place) in ")]}")
            if depth == 0:
                return place
        return at

    def slips(self):
        """Code and line of each, by kind."""
        found = defaultdict(list)
        for at in range(len(self._tokens)):
            for kind, first, last, text in self._at(at):
                if changed := self._changed(first, last, text):
                    found[kind].append(changed)
        for place in range(1, len(self._lines)):
            self._of_lines(place, found)
        return found

    def _at(self, at):
        token, text = self._tokens[at], self._string(at)
        for other in sorted(SWAPS.get(text, ())):
            yield "exchanged", at, at, other
        if token.type == tokenize.NUMBER:
            value = float(text)
            others = {value + 1, value - 1} if value == int(value) else {value / 10, value * 10, 1 - value}
            for other in sorted(others):
                yield "number", at, at, f"{other:g}"
        if self._is_quantity(at):
            for other in self._names:
                if other != text and not other.startswith("self."):
                    yield "name", at, at, other
        if self._is_own(at):
            for other in self._names:
                if other.startswith("self.") and other != f"self.{self._string(at + 2)}":
                    yield "name", at, at + 2, other
        if text in SIGNS:
            if self._is_operand(at + 1) and self._string(at + 2) not in (".", "[", "(", "**"):
                yield "operand left out", at, at + 1, ""
            if self._is_operand(at - 1) and self._string(at - 2) not in (".", *SIGNS):
                yield "operand left out", at - 1, at, "-" if text == "-" else ""
        if text == "not" or (text == "-" and self._string(at - 1) in ("(", "=", ",", "return", *SIGNS)):
            yield "sign left out", at, at, ""
        is_method = text == "." and self._string(at + 1) in METHODS and self._string(at + 2) == "("
        if is_method and self._string(at - 1) not in MODULES:
            yield "call left out", at, self._closing(at + 2), ""
        if text == "(":
            yield from self._of_brackets(at)
        if text == "," and self._string(at + 2) == "=" and self._in_call[at]:
            value = at + 3 + (self._string(at + 3) == "-")
            if self._string(value + 1) in (",", ")"):
                yield "argument left out", at, value, ""
        is_pair = text == "," and self._is_operand(at - 1) and self._is_operand(at + 1)
        if is_pair and self._string(at - 2) in ("(", ",") and self._string(at + 2) in (")", ","):
            yield "arguments exchanged", at - 1, at + 1, f"{self._string(at + 1)}, {self._string(at - 1)}"
        if self._is_operand(at) and self._string(at + 1) in (*SIGNS, ")", "") and self._string(at - 1) != "=":
            yield "step added", at, at, f"{text}**2"
            yield "step added", at, at, f"({text} + 1)"

    def _of_brackets(self, at):
        last = self._closing(at)
        opens, closes = self._tokens[at], self._tokens[last]
        if last <= at + 1 or opens.start[0] != closes.start[0]:
            return
        inside = self._lines[opens.start[0] - 1][opens.end[1] : closes.start[1]]
        name = self._string(at - 1)
        if name in FUNCTIONS and self._string(at - 2) == ".":
            yield "call left out", at - 3, last, f"({inside.split(',')[0]})"
        elif name in (*SIGNS, "=", "(", "return", ","):
            yield "brackets left out", at, last, inside

    def _of_lines(self, place, found):
        def indent(line):
            return len(line) - len(line.lstrip())

        line, lines = self._lines[place], list(self._lines)
        after = lines[place + 1] if place + 1 < len(lines) else ""
        is_pair = "=" in line and "=" in after and indent(line) == indent(after) >= 4
        if is_pair and not any(each.rstrip().endswith((*":([{,",)) or '"' in each for each in (line, after)):
            lines[place : place + 2] = [after, line]
            found["lines exchanged"].append(("".join(lines), place + 1))


def caught(exercise: Exercise, lesson, code: str) -> bool:
    """Whether the checks catch it by what it computes: an exception, and a wrong signature, tell their line."""
    try:
        namespace = earlier_answers(lesson, exercise.id)
        given = tries(exercise)
        with no_longer_than(SECONDS), refused(lesson.sealed):
            exec(compile(code, "<slip>", "exec"), namespace)
            found = [exercise.observe(namespace[exercise.id], entry.case) for entry in given]
    except (Exception, TimeUp):
        return False
    problems = [each.problem for each in found if each.problem]
    return not any(each.values.get("line") or each.kind == SIGNATURE for each in problems) and any(
        first_difference(exercise, exercise.property_of(entry.case), entry.case, each, entry.expected)
        for entry, each in zip(given, found, strict=True)
    )


def sampled(seed: int, count: int) -> list[Slip]:
    """So many slips, of each lesson about as many, of right answers in every style that is stored."""
    rng = random.Random(seed)
    pools = {}
    for lesson in lessons():
        pool = [*lesson.solutions().items(), *((each.exercise, each.code) for each in variants(lesson))]
        if pool:
            pools[lesson] = pool
    found: dict[str, Slip] = {}
    for turn in range(10 * count):
        if len(found) >= count:
            break
        lesson = list(pools)[turn % len(pools)]
        exercise, code = rng.choice(pools[lesson])
        kinds = Answer(code).slips()
        if not kinds:
            continue
        kind = rng.choice(sorted(kinds))
        changed, line = rng.choice(kinds[kind])
        if changed not in found and caught(EXERCISES[exercise], lesson, changed):
            found[changed] = Slip(lesson.name, exercise, kind, changed, line)
    return list(found.values())
