"""Which names a file, a folder or a student may have, and which of them are the same."""

from __future__ import annotations

import re
import unicodedata

from autograder.grade.handed_in import NAME_LIMIT
from course.printable import is_plain_name, printable

# What Windows opens as a device, whatever ending follows.
DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(\..*)?", re.IGNORECASE)
# Letters that are no letter and a mark to Unicode.
LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"}
)
# How German writes them without dots.
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa"})


def unusable(part: str) -> str:
    """The id of the reason why no file or folder should be called so; empty where it may be."""
    if printable(part) != part:
        return "not_seen"
    # Dots and spaces at the end are dropped there, which makes it another name.
    return "reserved" if DEVICES.fullmatch(part) or part.endswith((".", " ")) else ""


def why_no_student(name: str) -> str:
    """Why no student can have that id, as a clause; empty where one can."""
    if not is_plain_name(name):
        return "it is empty, begins like a formula, or has what no table can show as it is"
    if len(name) > NAME_LIMIT:
        return f"it has more than {NAME_LIMIT} characters"
    if "/" in name or "\\" in name or unusable(name):
        return "no folder can have that name everywhere"
    return ""


def folded(name: str) -> set[str]:
    """A name as letters and digits, so that ways to write it become one: without case, accents, spaces.

    There are two for a name with umlauts: Müller is Muller and Mueller.
    """
    low = unicodedata.normalize("NFC", name).casefold().translate(LETTERS)
    return {_bare(low), _bare(low.translate(UMLAUTS))} - {""}


def _bare(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name)
    return "".join(character for character in plain if character.isalnum())


def words(name: str) -> list[str]:
    """The words of a name; an apostrophe parts none: O'Neil is one."""
    return [word for word in re.split(r"[^\w'`\u00b4\u02bc\u2019]+|_", name) if any(map(str.isalnum, word))]
