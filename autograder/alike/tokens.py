"""A cell's text as tokens: in one pass, whatever it holds, and never run.

Python's own tokenizer refuses what is no Python, which students hand in too. pygments takes it, and half a
minute for 20,000 opening brackets: no place in a text is looked at twice here.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterator
from typing import NamedTuple

# What stands the same in everybody's code, whatever they call their own.
FIXED = frozenset(keyword.kwlist) | frozenset(dir(builtins))
TOKEN = re.compile(
    r"""(?x)
    (?P<comment> \#[^\n]*+ )
    | (?P<string> (?i:[rbuft]{1,2})?+ (?:
        \"{3} (?:[^"\\]|\\.|"(?!""))*+ (?:\"{3})?+ | '{3} (?:[^'\\]|\\.|'(?!''))*+ (?:'{3})?+
        | " (?:[^"\\\n]|\\.)*+ "?+ | ' (?:[^'\\\n]|\\.)*+ '?+ ) )
    | (?P<number> \.?+ \d [\w.]*+ )
    | (?P<name> \w++ )
    | (?P<sign> \*\* | // | [-+*/@%&|^<>=!:]= | -> | \S )
    """,
    re.DOTALL,
)


class Token(NamedTuple):
    """A piece of a text.

    Attributes:
        kind: "comment", "string", "number", "name" or "sign".
        start, end: its place in the text.
    """

    kind: str
    text: str
    start: int
    end: int


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a text, in order; a string that does not end goes on to the end of the line or text."""
    for found in TOKEN.finditer(text):
        yield Token(found.lastgroup or "", found[0], *found.span())


def shape(found: list[Token]) -> list[tuple[str, Token]]:
    """What stays of code when its author renames things, changes texts and moves comments.

    Returns:
        For each token that counts, a symbol and the token. Names that an author chooses have one symbol, as
        have texts; numbers, signs, Python's own names and those of a library's parts stand for themselves.
    """
    kept: list[tuple[str, Token]] = []
    for token in found:
        if token.kind == "comment" or token.text.lstrip("rRbBuUfFtT")[:3] in ('"""', "'''"):
            continue
        symbol = token.text
        if token.kind == "string":
            symbol = "'"
        elif token.kind == "name" and symbol not in FIXED and not _is_of_library(kept):
            symbol = "a"
        kept.append((symbol, token))
    return kept


def _is_of_library(before: list[tuple[str, Token]]) -> bool:
    """Whether what follows is a part of something else than ``self``: the ``sqrt`` of ``np.sqrt``."""
    return len(before) > 1 and before[-1][1].text == "." and before[-2][1].text != "self"
