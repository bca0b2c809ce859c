"""The student's desk: the commands of ``python -m course``, and the page that lessons are opened from."""


class DeskError(Exception):
    """One sentence that says what is wrong and what to do next. Commands print it and exit with 2."""
