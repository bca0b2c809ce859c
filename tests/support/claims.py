"""Numbers read from a lesson's own words, for tests that compute them again."""

import ast
import re
from functools import cache

from autograder.catalogue.lesson import find, project

COUNTING = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
WORDS = {word: float(value) for value, word in enumerate(COUNTING)}
WORDS |= {"no": 0.0, "none": 0.0, "half": 0.5, "once": 1.0, "twice": 2.0, "double": 2.0, "a third": 1 / 3}
NUMBER = rf"(-?\d+(?:,\d{{3}})+|-?\d*\.?\d+|{'|'.join(WORDS)})"


@cache
def text(lesson):
    """Everything that a lesson says: its own text, and the strings that its figures and its quiz hold."""
    name = find(lesson).name
    said = [cell.source for cell in find(lesson).source().cells]
    for room in ("figures", "questions"):
        for path in sorted((project() / "course" / room).glob(f"lesson_{name[:2]}*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            said += [
                node.value
                for node in ast.walk(tree)
                if isinstance(node, ast.Constant) and isinstance(node.value, str)
            ]
    return " ".join(" ".join(said).split())


def said(lesson, sentence):
    """The numbers that stand for ``{}`` in a sentence, which has to stand once in the lesson's text.

    Args:
        lesson: "03_momentum".
        sentence: a piece of the text, word by word, with ``{}`` in place of each number. Other braces stand
            for themselves.

    Returns:
        A float, or a tuple of them where the sentence has several.
    """
    pattern = NUMBER.join(re.escape(piece) for piece in " ".join(sentence.split()).split("{}"))
    found = re.findall(rf"(?<![\d.]){pattern}", text(lesson))
    assert len(found) == 1, f"{sentence!r} stands {len(found)} times in lesson {lesson}"
    numbers = found[0] if isinstance(found[0], tuple) else (found[0],)
    values = tuple(WORDS[one] if one in WORDS else float(one.replace(",", "")) for one in numbers)
    return values if len(values) > 1 else values[0]
