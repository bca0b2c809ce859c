"""Lesson 09, what its three functions of the step share: how they are tried and compared with PyTorch."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from course.exercise import Case, Level, Property
from course.families.functions import WATCHED
from course.families.schedules import ARRAY_ID, RateFunction, torch_rates

ARRAY = Property(ARRAY_ID, "an array of steps, in any order")
INPUTS = Property("inputs", "leaves its inputs unchanged", looks_at=WATCHED)

# What a property is tried on: settings by name, and the steps, one call each.
Trial = tuple[Property, Mapping[str, Any], Sequence[int]]


@dataclass(frozen=True)
class StepRate(RateFunction):
    """A rate as a function of the step.

    Attributes:
        first: the number of the first step.
    """

    counted: str = "step"
    first: int = 0

    @abstractmethod
    def worked(self) -> list[Trial]:
        """The lesson's worked example."""

    @abstractmethod
    def trials(self, rng: np.random.Generator) -> list[Trial]:
        """Every property but those of arrays and inputs, with settings that are drawn."""

    @abstractmethod
    def whole_run(self, rng: np.random.Generator) -> tuple[dict[str, Any], list[int]]:
        """Settings, and four telling steps or more, with what comes after the end."""

    @abstractmethod
    def torch_scheduler(self, *args: Any, **settings: Any) -> Any:
        """A scheduler of ``torch.optim.lr_scheduler``, its optimiser included, that sets the same rates."""

    def torch_step(self, step: np.ndarray, settings: Mapping[str, Any]) -> np.ndarray:
        """How many times the scheduler has been stepped at a step."""
        return step - self.first

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases = []

        def add(judged: Property, settings: Mapping[str, Any], step: Any, watch: bool = False) -> None:
            given = {**settings, "step": step}
            cases.append(Case(judged.id, {"given": given, "watch": watch}, self.note(given)))

        trials = self.worked()
        for _ in range(1 if level == "public" else 3):
            trials += self.trials(rng)
        for judged, settings, steps in trials:
            for step in steps:
                add(judged, settings, int(step))
        for _ in range(1 if level == "public" else 3):
            settings, steps = self.whole_run(rng)
            add(ARRAY, settings, np.array([steps[-2]]))
            add(ARRAY, settings, np.array(steps))
            settings, steps = self.whole_run(rng)
            add(ARRAY, settings, rng.permutation([self.first, self.first + 1, *steps, steps[-1]]))
            settings, steps = self.whole_run(rng)
            add(INPUTS, settings, np.array(steps), watch=True)
        return cases

    def expected(self, step: Any, **settings: Any) -> tuple[np.ndarray]:
        at = self.torch_step(np.asarray(step), settings)
        return (np.asarray(torch_rates(self.torch_scheduler(**settings), int(at.max()) + 1)[at]),)


def draw_rates(rng: np.random.Generator) -> dict[str, float]:
    """A first rate and a lowest one."""
    return {"lr0": float(rng.uniform(0.1, 1.0)), "lr_min": float(rng.uniform(0.005, 0.05))}
