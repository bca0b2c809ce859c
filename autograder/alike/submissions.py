"""What students wrote themselves, taken out of their notebooks, and what everybody has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from nbformat import NotebookNode

from autograder.alike.traits import Span, Trait, traits
from autograder.catalogue.answers import misconceptions, variants
from autograder.catalogue.lesson import Lesson, lessons
from course.cells import grade_id

# Characters of a student's own that are looked at. The reference solutions of a lesson have 5,000 at most.
LIMIT = 40_000


@dataclass(frozen=True)
class Place:
    """A cell that a student wrote or changed.

    Attributes:
        name: of a cell that was handed out, the exercise's among them; "own cell 2" of a new one.
        text: what stands there.
        is_code: whether it is a code cell.
    """

    name: str
    text: str
    is_code: bool

    @cached_property
    def traits(self) -> Mapping[Trait, list[Span]]:
        return traits(self.text, self.is_code)


@dataclass(frozen=True)
class Submission:
    """What one student wrote, or several if it is the same to the letter.

    Attributes:
        students: their ids.
        places: the cells, those of exercises first.
        cut: whether there is more than was looked at.
    """

    students: tuple[str, ...]
    places: tuple[Place, ...]
    cut: bool = False

    @cached_property
    def traits(self) -> frozenset[Trait]:
        return frozenset().union(*(place.traits for place in self.places))

    @property
    def names(self) -> str:
        return ", ".join(self.students)


def submission(student: str, notebook: NotebookNode, given: NotebookNode) -> Submission:
    """What of a notebook is the student's own: all cells whose text was not handed out.

    Args:
        given: what students were given.
    """
    handed_out = {cell.source.strip() for cell in given.cells}
    known = {grade_id(cell) for cell in given.cells} - {""}
    own = [cell for cell in notebook.cells if cell.source.strip() not in handed_out | {""}]
    new = 0
    places, left = [], LIMIT
    for cell in sorted(own, key=lambda cell: grade_id(cell) not in known):
        name = grade_id(cell)
        if name not in known:
            new += 1
            name = f"own cell {new}"
        places.append(Place(name, cell.source[:left].strip("\n"), cell.cell_type == "code"))
        left -= len(cell.source)
        if left <= 0:
            break
    return Submission((student,), tuple(places), left < 0)


def everybodys(lesson: Lesson, given: Iterable[NotebookNode]) -> set[Trait]:
    """What says nothing wherever it stands: what was handed out, the solutions, and all known answers.

    Students carry over what they wrote in other lessons: what those ask for is everybody's too.

    Args:
        given: what students were given of the lesson.
    """
    found: set[Trait] = set()
    for text, is_code in _known(lesson, given):
        found |= traits(text, is_code).keys()
    return found


def _known(lesson: Lesson, given: Iterable[NotebookNode]) -> Iterator[tuple[str, bool]]:
    for notebook in (*given, *(other.source() for other in lessons())):
        yield from ((cell.source, cell.cell_type == "code") for cell in notebook.cells)
    solutions = lesson.solutions()
    for answer in variants(lesson):
        yield answer.code, True
    for mistake in misconceptions(lesson):
        yield mistake.code(solutions[mistake.exercise]), True
