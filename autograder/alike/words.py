"""What is said of what is alike: in the terminal and on the page in the same words, plain and fair."""

from __future__ import annotations

from autograder.alike.groups import Beside, Row, Side
from course.printable import printable

SHOWS = (
    "What few others in this class share: stretches of code that are the same but for their names, names, "
    "and lines of comments and other text. What was handed out, the solutions and other answers that the "
    "course knows, and what many in the class have weigh nothing."
)
CANNOT = (
    "It can't show why: who worked together as they were allowed to, who was helped by the same person, book "
    "or program, and who wrote the same by chance look the same here, and nobody can see who wrote first. "
    "Nor does it see everything: short answers leave little choice, and what was written anew does not show. "
    "Read both, and ask, before you conclude anything."
)
NOTHING = "Nothing that few others share is alike enough to look at."
# Characters of a line that is quoted, and lines and names that are.
QUOTED, LINES, NAMES = 70, 3, 8


def shared(beside: Beside) -> list[str]:
    """Sentences on what two submissions share; or on what several students handed in to the letter."""
    said = []
    if beside.right is None:
        said.append("All that they wrote is the same to the letter.")
    if beside.words:
        more = len(beside.words) - LINES
        quoted = "; ".join(f"“{_short(line)}”" for line in beside.words[:LINES])
        said.append(f"Words that few others have: {quoted}{f' and {more} more' if more > 0 else ''}.")
    if beside.names:
        more = len(beside.names) - NAMES
        listed = ", ".join(map(_short, beside.names[:NAMES]))
        said.append(f"Names that few others use: {listed}{f' and {more} more' if more > 0 else ''}.")
    return said


def place(side: Side | None) -> str:
    """Where something alike stands: ``"AdamW, lines 3 to 12"``; nothing where it stands elsewhere."""
    if side is None:
        return ""
    spans = [*side.spans, *side.rare]
    first = 1 + side.place.text.count("\n", 0, min(start for start, _ in spans))
    last = 1 + side.place.text.count("\n", 0, max(end for _, end in spans))
    where = f"line {first}" if first == last else f"lines {first} to {last}"
    return f"{printable(side.place.name)}, {where}"


def kind(row: Row) -> str:
    """How two places are alike."""
    if row.is_same:
        return "the same text"
    sides = [side for side in (row.left, row.right) if side]
    parts = [
        "code" if any(side.spans for side in sides) else "",
        "names or words" if any(side.rare for side in sides) else "",
    ]
    return " and ".join(filter(None, parts))


def _short(text: str) -> str:
    shown = printable(text)
    return shown if len(shown) <= QUOTED else f"{shown[: QUOTED - 1]}…"
