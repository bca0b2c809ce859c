"""What can be alike in two texts: stretches of code whatever its names, names, comments and other words."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Literal, NamedTuple

from autograder.alike.tokens import FIXED, Token, shape, tokens
from autograder.alike.winnowing import LENGTH, fingerprints

Kind = Literal["shape", "words", "name"]
Span = tuple[int, int]
# Words of a line of text, and characters: fewer are written by chance.
WORDS, CHARACTERS = 3, 12
# What weighs most of a line: further words are no further coincidence.
MOST_WORDS = 8


class Trait(NamedTuple):
    """Something that two texts may share.

    Attributes:
        kind: "shape" for a stretch of code but for its names, "words" for a line of a comment or of a text,
            "name" for a name.
        value: what is compared.
    """

    kind: Kind
    value: str | bytes

    @property
    def weight(self) -> float:
        """How much it says that two share this and nobody else does; a name is one."""
        if self.kind == "words":
            return min(len(str(self.value).split()), MOST_WORDS) / 4
        return 0.5 if self.kind == "shape" else 1.0


def traits(text: str, is_code: bool = True) -> dict[Trait, list[Span]]:
    """All traits of a text, each with its places there."""
    found: dict[Trait, list[Span]] = defaultdict(list)
    for trait, span in _of_code(text) if is_code else _words(text, 0):
        found[trait].append(span)
    return found


def _of_code(text: str) -> Iterator[tuple[Trait, Span]]:
    found = list(tokens(text))
    for token in found:
        if token.kind in ("comment", "string"):
            yield from _words(token.text, token.start)
        elif _is_chosen(token):
            yield Trait("name", token.text), (token.start, token.end)
    symbols = shape(found)
    for value, first in fingerprints([symbol for symbol, _ in symbols]):
        last = min(first + LENGTH, len(symbols)) - 1
        yield Trait("shape", value), (symbols[first][1].start, symbols[last][1].end)


def _is_chosen(token: Token) -> bool:
    """Whether it is a name that authors choose: no single letter, and none of Python's own."""
    return (
        token.kind == "name"
        and len(token.text) > 1
        and token.text not in FIXED
        and not token.text.startswith("__")
    )


def _words(text: str, offset: int) -> Iterator[tuple[Trait, Span]]:
    """The lines of a text that are long enough, whatever their marks and capitals."""
    for line in re.finditer(r"[^\n]++", text):
        words = re.findall(r"\w++", line[0].lower())
        if len(words) >= WORDS or sum(map(len, words)) >= CHARACTERS:
            yield Trait("words", " ".join(words)), (offset + line.start(), offset + line.end())
