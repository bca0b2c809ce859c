"""Single small changes of a function's or class's text, by rules over its syntax tree."""

from course.edits.edits import Edit, edits

__all__ = ["Edit", "edits"]
