"""Lesson 12, groups of channels: group normalisation (Wu and He 2018), and instance normalisation with it."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import torch
from torch.nn import functional as F

from course.exercise import Case, Evidence, Level, Property
from course.exercises.lesson_12.affine import (
    ANY_AXES_ID,
    EPS,
    INPUTS,
    PLAIN_EPS,
    THE_WORKED,
    THE_WORKED_SHAPES,
    WORKED,
    AffineExercise,
    alike,
    uneven,
)
from course.families.draws import parameters
from course.families.functions import Call
from course.families.recorder import Recorder
from course.formulas import Formulas

GROUPS = Property("groups", "one mean and one variance for each group of neighbouring channels", telling=True)
ENDS = Property("ends", "a single group, and a group for each channel", telling=True)
AFFINE = Property("affine", "gamma scales and beta shifts, one number a channel")
ANY_AXES = Property(ANY_AXES_ID, "any axes after the channels, also none")
REFUSED = Property("refused", "groups that do not divide the channels raise ValueError")

WORKED_X = np.array([[1.0, 3.0, 2.0, 6.0]])
WORKED_GAMMA, WORKED_BETA = np.array([1.0, 2.0, 3.0, 4.0]), np.array([0.0, 0.0, 1.0, 1.0])


class GroupNorm(AffineExercise):
    """``group_norm``."""

    affine = AFFINE

    def beside(self, x: np.ndarray, vector: np.ndarray) -> np.ndarray:
        return vector.reshape(-1, *[1] * (x.ndim - 2))

    def as_plain_axes(self, x: np.ndarray) -> np.ndarray:
        return x.reshape(*x.shape[:2], -1, 1)

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        worked = {"x": WORKED_X, "groups": 2, "gamma": WORKED_GAMMA, "beta": WORKED_BETA, "eps": PLAIN_EPS}
        cases = [Case(WORKED.id, {"given": worked}, THE_WORKED)]

        def add(
            judged: Property, x: np.ndarray, groups: int, note: str = "", plain: bool = True, **changes: Any
        ) -> None:
            channels = x.shape[1]
            drawn = [parameters(rng, (channels,)) for _ in range(2)]
            gamma, beta = (np.ones(channels), np.zeros(channels)) if plain else drawn
            given = {"x": x, "groups": groups, "gamma": gamma, "beta": beta, **changes}
            if judged in (GROUPS, ENDS, ANY_AXES):
                given["eps"] = PLAIN_EPS
            note = note or f"x of shape {x.shape} and groups = {groups}"
            cases.append(Case(judged.id, {"given": given, "watch": judged == INPUTS}, note))

        if level == "graded":
            add(WORKED, uneven(rng, (1, 4)), 2, THE_WORKED_SHAPES, plain=False)
        for _ in range(1 if level == "public" else 3):
            add(GROUPS, uneven(rng, (2, 6, 2, 2)), 2)
            add(GROUPS, uneven(rng, (3, 6, 2, 3)), 3)
            add(ENDS, uneven(rng, (2, 2, 2, 3)), 1)
            add(ENDS, uneven(rng, (2, 3, 2, 2)), 3)
            add(AFFINE, uneven(rng, (2, 4, 2, 2)), 2, plain=False)
            # The same two numbers in every channel: whichever are taken together.
            same = np.tile(alike(rng, 3, 2)[..., None], (1, 2, 1, 1))
            for eps in (rng.uniform(0.05, 0.2), rng.uniform(0.5, 1.0)):
                add(EPS, same, 2, f"eps = {eps:.3g}", eps=float(eps))
            add(EPS, np.full((2, 4, 2, 2), 3.0), 2, "channels that do not vary")
            for shape in ((2, 4), (3, 4, 3), (2, 4, 2, 1, 3)):
                add(ANY_AXES, uneven(rng, shape), 2)
            for channels, groups in (
                (4, 3),
                (2, 4),
                (int(rng.integers(3, 9)) * 2, 2 * int(rng.integers(9, 20))),
            ):
                add(REFUSED, uneven(rng, (2, channels, 2, 2)), groups)
            add(INPUTS, uneven(rng, (2, 4, 2, 1)), 2, plain=False)
            add(
                INPUTS,
                np.array([[[1.0, -1.0], [-1.0, 1.0]]]),
                1,
                "an x that is normalised already",
                eps=PLAIN_EPS,
            )
        return cases

    def observe(self, student_object: Any, case: Case) -> Evidence:
        if case.property != REFUSED.id:
            return super().observe(student_object, case)
        recorder = Recorder(self.id, self.signature)
        with recorder.running():
            given = cast(Call, case.inputs)["given"]
            arguments = [np.array(value) if name != "groups" else value for name, value in given.items()]
            refused, _ = recorder.refuses(student_object, *arguments)
            self._record(recorder, refused, given)
        return recorder.evidence()

    def oracle(self, case: Case) -> Evidence:
        if case.property != REFUSED.id:
            return super().oracle(case)
        recorder = Recorder(self.id, self.signature)
        given = cast(Call, case.inputs)["given"]
        try:
            self.expected(**given)
        except RuntimeError:  # which PyTorch raises in the place of ValueError
            self._record(recorder, True, given)
        return recorder.evidence()

    def _record(self, recorder: Recorder, refused: bool, given: dict[str, Any]) -> None:
        channels = given["x"].shape[1]
        recorder.record(0, "refused", refused, of=f"groups = {given['groups']} for {channels} channels")

    def expected(
        self, x: np.ndarray, groups: int, gamma: np.ndarray, beta: np.ndarray, eps: float = 1e-5
    ) -> tuple[torch.Tensor]:
        arrays = torch.tensor(x), torch.tensor(gamma), torch.tensor(beta)
        if groups == x.shape[1] and x.ndim > 2:
            return (F.instance_norm(arrays[0], None, None, *arrays[1:], eps=eps),)
        return (F.group_norm(arrays[0], groups, *arrays[1:], eps),)


GROUP_NORM = GroupNorm(
    id="group_norm",
    signature="(x, groups, gamma, beta, eps=1e-5)",
    properties=(
        WORKED.worth(0.125),
        GROUPS.worth(0.5),
        ENDS.worth(0.25),
        AFFINE.worth(0.375),
        EPS.worth(0.25),
        ANY_AXES.worth(0.25),
        REFUSED.worth(0.125),
        INPUTS.worth(0.125),
    ),
    look_at={
        "y": Formulas(
            plain=(7, 3, 4),
            properties={GROUPS.id: (7,), ENDS.id: (7,), ANY_AXES.id: (7,), AFFINE.id: (4,), EPS.id: (3,)},
        )
    },
    returns=("y",),
)
