"""Points as a platform writes them: its scale, its decimal sign."""

from __future__ import annotations

import re
from collections.abc import Iterable

POINT, COMMA = re.compile(r"-?\d+\.\d+"), re.compile(r"-?\d+,\d+")
# Canvas shows two digits, Moodle keeps five.
DIGITS = 4


def number(text: str) -> float | None:
    """What a cell of a platform's says: "10.00", "10,00", "1,000.00"; None where it is no number."""
    bare = re.sub(r"[\s']", "", text)
    if "," in bare and "." in bare:
        thousands = "," if bare.rindex(".") > bare.rindex(",") else "."
        bare = bare.replace(thousands, "")
    try:
        return float(bare.replace(",", "."))
    except ValueError:
        return None


def has_commas(cells: Iterable[str]) -> bool:
    """Whether a file writes its numbers with a decimal comma."""
    cells = list(cells)
    return any(map(COMMA.fullmatch, cells)) and not any(map(POINT.fullmatch, cells))


def written(points: float, comma: bool) -> str:
    """Points as the file writes them."""
    text = f"{points:.{DIGITS}f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if comma else text
