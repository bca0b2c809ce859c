"""Which names a file, a folder or a student may have, and which of them are the same."""

from __future__ import annotations

import re
import unicodedata

from autograder.grade.handed_in import NAME_LIMIT
from course.printable import is_plain_name, printable

# What Windows opens as a device, whatever ending follows.
DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(\..*)?", re.IGNORECASE)
# What file systems, editors and browsers leave behind.
LEFT_BEHIND = re.compile(
    r"\..*|__MACOSX|__pycache__|Thumbs\.db|desktop\.ini|Icon\r?|.*-checkpoint\.ipynb", re.IGNORECASE
)
# "05_adam (1)" of a browser, "05_adam-1" of Canvas, "05_adam - Copy", "05_adam-Copy1" of JupyterLab.
COPY = re.compile(
    r"(?:\s*\((?P<browser>\d{1,6})\)|-(?P<canvas>\d{1,6})|[ -]+(?:copy|kopie|copie)(?P<editor>\d{0,6}))$",
    re.IGNORECASE,
)
# What `python -m course reset` keeps of before: older than the one beside it.
KEPT = re.compile(r"_kept_(?P<number>\d{1,6})$")
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


def uncopied(stem: str) -> tuple[str, int]:
    """The name of a file without what browsers, platforms and editors add, and which copy it is.

    Args:
        stem: its name without the ending.

    Returns:
        The copy is 0 where nothing is added, greater for a later and less for an earlier one.
    """
    if kept := KEPT.search(stem):
        # The first was kept first.
        return stem[: kept.start()], int(kept["number"]) - 10**6
    number = 0
    while copy := COPY.search(stem):
        stem = stem[: copy.start()]
        number += int(copy["browser"] or copy["canvas"] or copy["editor"] or 1)
    return stem, number


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
