"""The formats there are."""

from __future__ import annotations

from enum import StrEnum


class Format(StrEnum):
    """Whose format a file of grades has."""

    CANVAS = "canvas"
    MOODLE = "moodle"
    TABLE = "table"


class Platform(StrEnum):
    """Who takes feedback pages back."""

    CANVAS = "canvas"
    MOODLE = "moodle"
