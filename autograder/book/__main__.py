"""``python -m autograder.book site``: make the book's pages in a folder, anew."""

import sys
from pathlib import Path

from autograder.book.make import make
from autograder.catalogue.lesson import lessons, project
from autograder.errors import DescentError

if len(sys.argv) < 2:
    sys.exit("Say where the pages go, and which lessons if not all: python -m autograder.book site 05_adam")
chosen = [lesson for lesson in lessons() if lesson.name in sys.argv[2:] or not sys.argv[2:]]
try:
    make(Path(sys.argv[1]), project(), chosen)
except DescentError as error:
    sys.exit(str(error))
