"""The class of a term: who they are, and what each of them hands in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, count

from corpus.archives import named, zipped

from autograder.catalogue.lesson import Lesson, find
from autograder.catalogue.sample import handed_in, right_answers, wrong_answers

# Invented, and such as platforms and file systems write in more than one way.
FIRST = (
    "Abebe",
    "Björn",
    "Chloë",
    "Dalia",
    "Émile",
    "Farah",
    "Gül",
    "Håkon",
    "Inês",
    "Jürgen",
    "Kavya",
    "Łucja",
)
LAST = (
    "Adeyemi",
    "Müller",
    "O'Neil",
    "Ñúñez",
    "Sørensen",
    "Groß",
    "van der Berg",
    "Lévy-Bruhl",
    "Öztürk",
    "Li",
    "Doe",
)
EXTRA = find("07_clipping")
# To whom docs/instructor.md gives more time.
EXTENDED = "jane"


@dataclass(frozen=True)
class Person:
    """A student.

    Attributes:
        number: in the class, from 0 on.
        id: what the gradebook calls them.
    """

    number: int
    id: str
    first: str
    last: str

    @property
    def email(self) -> str:
        return f"{self.id}@example.org"

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"


@dataclass(frozen=True)
class Work:
    """What a student hands in of a lesson.

    Attributes:
        kind: "right", "wrong", "again" (a second attempt is right, the first is untouched), "zipped", "empty",
            "hostile", "other" (another lesson's notebook), or "absent".
        files: the name and the content of each, the oldest first; none where nothing is handed in.
    """

    person: Person
    kind: str
    late: bool
    files: tuple[tuple[str, bytes], ...]

    @property
    def called(self) -> str:
        """As Canvas writes the name."""
        return re.sub(r"\W", "", self.person.last + self.person.first).lower()

    @property
    def is_collected(self) -> bool:
        return self.kind not in ("absent", "hostile", "other")


def people(students: int) -> list[Person]:
    """The class; the second and the third have the same name."""
    names = [(FIRST[number % len(FIRST)], LAST[number % len(LAST)]) for number in range(students)]
    names[2] = names[1]
    ids = [EXTENDED, *(f"s{number:03d}" for number in range(1, students))]
    return [Person(number, id, *name) for number, (id, name) in enumerate(zip(ids, names, strict=True))]


def works(lesson: Lesson, everybody: list[Person], turn: int, zips: bool) -> list[Work]:
    """What a class hands in: half of it right; one in 25 nothing; one each empty, hostile and of another lesson.

    Args:
        turn: how many lessons came before; others hand in what is odd then.
        zips: whether the platform lets students hand in what they like.
    """
    right, wrong = (_notebooks(lesson, answers) for answers in (right_answers, wrong_answers))
    return [
        _work(lesson, person, _kind((person.number + 5 * turn) % len(everybody), zips), right, wrong)
        for person in everybody
    ]


def _kind(place: int, zips: bool) -> str:
    if place % 25 == 5:
        return "absent"
    odd = {3: "empty", 4: "again"} | ({6: "hostile", 7: "other", 8: "zipped"} if zips else {})
    return odd.get(place, "wrong" if place % 2 else "right")


def _work(lesson: Lesson, person: Person, kind: str, right: Iterator[bytes], wrong: Iterator[bytes]) -> Work:
    file, odd = f"{lesson.name}.ipynb", {"hostile": named(f"../../{lesson.name}.ipynb"), "empty": b""}
    if kind == "absent":
        files = []
    elif kind == "again":
        files = [(file, lesson.student_path.read_bytes()), (f"{lesson.name}-1.ipynb", next(right))]
    elif kind == "other":
        files = [(file, EXTRA.student_path.read_bytes())]
    elif kind == "zipped":
        files = [("my work.zip", zipped({f"Übung/{file}": next(right)}))]
    elif kind == "hostile":
        files = [("work.zip", odd[kind])]
    else:
        files = [(file, odd[kind] if kind in odd else next(wrong if kind == "wrong" else right))]
    return Work(person, kind, person.number % 10 == 0, tuple(files))


def _notebooks(lesson: Lesson, answers) -> Iterator[bytes]:
    """Notebooks for ever, every one with other guesses."""
    every = chain.from_iterable(answers(lesson) for _ in count())
    return (text.encode() for _, text in handed_in(lesson, every))
