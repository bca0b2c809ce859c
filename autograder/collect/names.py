"""Names of files: what is left behind by programs, what is added to copies."""

from __future__ import annotations

import re

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
