"""What came of one notebook: the type that is printed, stored beside a gradebook, and read back.

This module alone writes and reads its JSON form, a line of ``autograder judge``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self, get_args

from autograder.errors import DescentError
from autograder.judge.flags import Flag
from course.exercise import Verdict
from course.questions import Guess
from course.repair.search import Place
from course.trial import State

FORMAT = 1


class FormatError(DescentError):
    """What should be a judgement is none, or one that another version wrote."""

    def __init__(self) -> None:
        super().__init__("This is no judgement that this version reads: grade the submission again.")


@dataclass(frozen=True)
class PropertyResult:
    """Whether one property of an exercise holds, with its points and, where it does not, the reason."""

    id: str
    name: str
    passed: bool
    points: float
    message: str


@dataclass(frozen=True)
class RecognisedMistake:
    """A known mistake that explains the evidence.

    Attributes:
        id, name, hint: those of the ``Misconception``.
        sure: False where it only looks like that for the most part.
    """

    id: str
    name: str
    hint: str
    sure: bool = True


@dataclass(frozen=True)
class ExerciseResult:
    """The judgement of one exercise; the score is the sum of the properties that hold.

    Attributes:
        mistakes: those that explain all of the evidence together.
        line: of the student's cell, that a change would mend; None where none was found or looked for.
    """

    id: str
    attempted: bool
    properties: tuple[PropertyResult, ...]
    mistakes: tuple[RecognisedMistake, ...] = ()
    line: int | None = None

    @classmethod
    def of(cls, verdict: Verdict, place: Place | None = None) -> Self:
        properties = tuple(
            PropertyResult(
                entry.property.id, entry.property.name, entry.passed, entry.property.points, entry.message
            )
            for entry in verdict.properties
        )
        mistakes = tuple(
            RecognisedMistake(entry.id, entry.name, entry.hint, entry.sure)
            for entry in verdict.misconceptions
        )
        return cls(verdict.exercise, verdict.attempted, properties, mistakes, place.line if place else None)

    @property
    def score(self) -> float:
        return round(sum((entry.points for entry in self.properties if entry.passed), 0.0), 6)

    @property
    def max_score(self) -> float:
        return round(sum((entry.points for entry in self.properties), 0.0), 6)

    def to_line(self) -> dict[str, Any]:
        mistakes = [asdict(entry) for entry in self.mistakes]
        return {
            "id": self.id,
            "score": self.score,
            "max": self.max_score,
            "attempted": self.attempted,
            "properties": [asdict(entry) for entry in self.properties],
            "misconception": mistakes[0] if mistakes else None,
            "misconceptions": mistakes,
            "line": self.line,
        }

    @classmethod
    def from_line(cls, line: Mapping[str, Any]) -> Self:
        return cls(
            line["id"],
            line["attempted"],
            tuple(
                PropertyResult(entry["id"], entry["name"], entry["passed"], entry["points"], entry["message"])
                for entry in line["properties"]
            ),
            tuple(
                RecognisedMistake(entry["id"], entry["name"], entry["hint"], entry["sure"])
                for entry in line["misconceptions"]
            ),
            line["line"],
        )


@dataclass(frozen=True)
class Judgement:
    """What came of one notebook.

    Attributes:
        notebook: the path as it was given.
        lesson: the lesson's name; None when it is not known.
        exercises: in the order of the lesson.
        flags: what a person should look at.
        predictions: the guesses that stand in it, by the prediction's id; they earn nothing.
        answers: those to the quiz, by the question's id; they earn nothing either.
    """

    notebook: str
    lesson: str | None
    state: State
    exercises: tuple[ExerciseResult, ...] = ()
    flags: tuple[Flag, ...] = ()
    predictions: Mapping[str, Guess] = field(default_factory=dict)
    answers: Mapping[str, Guess] = field(default_factory=dict)

    @property
    def score(self) -> float:
        return round(sum((entry.score for entry in self.exercises), 0.0), 6)

    @property
    def max_score(self) -> float:
        return round(sum((entry.max_score for entry in self.exercises), 0.0), 6)

    @property
    def sentences(self) -> list[str]:
        """The flags in words."""
        return [entry.sentence for entry in self.flags]

    def flagged(self, id: str) -> bool:
        """Whether there is a flag with that id."""
        return any(entry.id == id for entry in self.flags)

    def to_line(self) -> dict[str, Any]:
        """As ``autograder judge`` prints it; fields are added, never taken away."""
        return {
            "format": FORMAT,
            "notebook": self.notebook,
            "lesson": self.lesson,
            "state": self.state,
            "score": self.score,
            "max": self.max_score,
            "exercises": [entry.to_line() for entry in self.exercises],
            "flags": self.sentences,
            "flagged": [{"id": entry.id, "values": dict(entry.values)} for entry in self.flags],
            "predictions": dict(self.predictions),
            "answers": dict(self.answers),
        }

    @classmethod
    def from_line(cls, line: object) -> Self:
        """Read back what ``to_line`` wrote; raises FormatError for anything else."""
        if (
            not isinstance(line, dict)
            or line.get("format") != FORMAT
            or line.get("state") not in get_args(State)
        ):
            raise FormatError
        try:
            return cls(
                line["notebook"],
                line["lesson"],
                line["state"],
                tuple(ExerciseResult.from_line(entry) for entry in line["exercises"]),
                tuple(Flag(entry["id"], entry["values"]) for entry in line["flagged"]),
                line.get("predictions", {}),  # lines of before have none
                line.get("answers", {}),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise FormatError from error
