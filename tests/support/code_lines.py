"""Lines that tell where code comes from: too long to be the language's own words."""

import re

from autograder.catalogue.lesson import find


def lines_of(code):
    """The lines of some code. Shorter ones are words of the language: `continue`, `return w, b, losses`."""
    return {line for line in (line.split("#")[0].strip() for line in code.splitlines()) if len(line) > 30}


def solution_regions(name):
    """What students write in a lesson."""
    for source in find(name).solutions().values():
        yield from re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", source, flags=re.DOTALL)
