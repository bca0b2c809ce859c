"""What can go wrong before there is anything to grade."""


class DescentError(Exception):
    """One sentence that says what is wrong and what to do next. Commands print it and exit with 2."""
