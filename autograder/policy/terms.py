"""The words of the policy: what holds for a lesson, and what being late costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal

from course.cells import CHECK
from course.exercise import Exercise

# The file's name, in the gradebook folder.
POLICY = "policy.toml"


# How an exercise counts: for other points, for none, or above the maximum.
Counting = Literal["points", "excluded", "extra"]


@dataclass(frozen=True)
class Amount:
    """What is taken off: points, or a share of some."""

    value: float
    is_share: bool = False

    def of(self, points: float) -> float:
        return self.value * points if self.is_share else self.value


@dataclass(frozen=True)
class Late:
    """What being late costs.

    Attributes:
        grace: up to which nothing is taken off; after it, lateness counts from the due date.
        per: what each begun ``unit`` takes off; None where time alone takes nothing off.
        cap: the most that ``per`` takes off.
        zero_after: from when on nothing counts.
        of: whether shares are of the lesson's maximum or of the points that were reached.
    """

    grace: timedelta = timedelta()
    per: Amount | None = None
    unit: Literal["hour", "day"] = "day"
    cap: Amount | None = None
    zero_after: timedelta | None = None
    of: Literal["maximum", "reached"] = "maximum"


@dataclass(frozen=True)
class Worth:
    """What an exercise counts for.

    Attributes:
        full: the points of a right answer.
        maximum: what it adds to the lesson's maximum: nothing where it is left out or extra credit.
    """

    full: float
    maximum: float


@dataclass(frozen=True)
class Terms:
    """What the policy says of one lesson.

    Attributes:
        due: None where it says nothing.
        extensions: until when a student may take, by student id.
        late: None where it says nothing.
        points: of exercises that give others than the course's own, by exercise id.
        excluded: exercises that count for nobody.
        extra: exercises whose points count above the maximum.
        zone: of the class; days are its days.
    """

    due: datetime | None = None
    extensions: Mapping[str, datetime] = field(default_factory=dict)
    late: Late | None = None
    points: Mapping[str, float] = field(default_factory=dict)
    excluded: frozenset[str] = frozenset()
    extra: frozenset[str] = frozenset()
    zone: tzinfo = UTC

    @property
    def says_nothing(self) -> bool:
        return not (self.due or self.late or self.changes_points)

    @property
    def changes_points(self) -> bool:
        return bool(self.points or self.excluded or self.extra)

    def extension(self, student: str) -> timedelta | None:
        """By how much a student may be later than the others; None where that is not said."""
        until = self.extensions.get(student)
        return until.astimezone(UTC) - self.due.astimezone(UTC) if until and self.due else None

    def worth(self, exercise: Exercise) -> Worth:
        if exercise.id in self.excluded:
            return Worth(0.0, 0.0)
        full = self.points.get(exercise.id, exercise.points)
        return Worth(full, 0.0 if exercise.id in self.extra else full)

    def counting(self, exercises: tuple[Exercise, ...]) -> dict[str, tuple[Counting, float]]:
        """How the exercises count that do not as usual, and the points of a right answer, by exercise id."""
        kinds: dict[str, Counting] = dict.fromkeys(self.points, "points")
        kinds |= dict.fromkeys(self.extra, "extra")
        kinds |= dict.fromkeys(self.excluded, "excluded")
        return {
            entry.id: (kinds[entry.id], self.worth(entry).full) for entry in exercises if entry.id in kinds
        }

    def worths(self, exercises: tuple[Exercise, ...]) -> dict[str, tuple[Worth, float]]:
        """What each counts for, and what it is judged out of, by the name of its check cell."""
        return {CHECK + exercise.id: (self.worth(exercise), exercise.points) for exercise in exercises}


@dataclass(frozen=True)
class Policy:
    """What the file says, by lesson name."""

    lessons: Mapping[str, Terms] = field(default_factory=dict)

    def terms(self, lesson: str) -> Terms:
        return self.lessons.get(lesson, Terms())
