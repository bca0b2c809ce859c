"""Where figures that move stand: in which lesson, after which cell."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Place:
    """One figure that moves, in a lesson's page; ``book/play/`` has the script that draws it.

    Attributes:
        lesson: the lesson's name.
        after: the cell that it follows, by its id.
        figure: its name, as the script knows it.
        sentence: what stands there for those who read without JavaScript.
        options: what the figure begins with.
    """

    lesson: str
    after: str
    figure: str
    sentence: str
    options: Mapping[str, Any] = field(default_factory=dict)

    def html(self) -> str:
        """The figure's element, as the script looks for it."""
        options = escape(json.dumps(dict(self.options)))
        return (
            f'<div class="play" data-figure="{escape(self.figure)}" data-options="{options}">'
            f"{escape(self.sentence)}</div>"
        )


def places(path: Path) -> list[Place]:
    """The figures that ``book/moving.toml`` gives a place, in its order."""
    return [Place(**entry) for entry in tomllib.loads(path.read_text(encoding="utf-8")).get("place", [])]
