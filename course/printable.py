"""Text of somebody else's, as it may be shown anywhere: on a terminal, in a table, a page, JSON or CSV."""

from __future__ import annotations

import unicodedata

# Controls (escape sequences, line breaks), halves of characters, and formats: marks that are not seen, and
# may turn the direction of what follows.
WRITTEN_OUT = {"Cc", "Cf", "Cs", "Zl", "Zp"}
# Two formats that whole languages are written with: they join letters, or keep them apart.
JOINERS = "\u200c\u200d"
# What spreadsheets take for the beginning of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
# What HTML is written with: nbgrader's pages hold names as they are.
TAGS = set('<>"')


def printable(text: str) -> str:
    """One line in which everything is seen: "a\\x1b[2Kb" for a text that would rub out a terminal's line."""
    return "".join(map(_written, text))


def _written(character: str) -> str:
    if unicodedata.category(character) not in WRITTEN_OUT or character in JOINERS:
        return character
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


def is_plain_name(name: str) -> bool:
    """Whether a name can stand anywhere as it is: all of it is seen, and no page or table acts on it."""
    return (
        bool(name.strip()) and printable(name) == name and not (name.startswith(FORMULA) or TAGS & set(name))
    )
