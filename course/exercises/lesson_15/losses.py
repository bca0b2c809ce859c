"""Lesson 15: the two losses of a GAN from logits (Goodfellow and others 2014), each with its gradient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from course.exercise import Case, Evidence, Level, Property
from course.families.functions import WATCHED, Call, FunctionExercise
from course.formulas import Formulas
from course.readings import Reading

WORKED = Property("worked", "the worked example")
LOSS = Property("loss", "the loss", looks_at=frozenset({"loss"}), telling=True)
GRADIENTS = Property("gradients", "the gradients", looks_at=frozenset({"d_real", "d_fake"}), telling=True)
LABELS = Property("labels", "labels between 0 and 1, each on its own side")
SIZES = Property("sizes", "two means, over as many rows as each side has")
LARGE = Property("large", "logits up to 1000 in size")
INPUTS = Property("inputs", "leaves its inputs unchanged", looks_at=WATCHED)
GRADIENT = Property("gradient", "the gradient", looks_at=frozenset({"grad"}), telling=True)
SATURATING = Property("saturating", "the saturating loss and its gradient")

# A logit that leaves no loss on its right side: exp(-50) is far below any tolerance.
CERTAIN = 50.0
# Large logits over this are still so certain that softplus is 0 or the logit itself.
SMALLER = 20.0


def logits(rng: np.random.Generator, count: int) -> np.ndarray:
    """Logits of either sign, of order one, none so near 0 that its sign could not be seen."""
    return np.asarray(rng.choice([-1.0, 1.0], size=count) * rng.uniform(0.3, 3.0, size=count))


def large(rng: np.random.Generator, count: int) -> np.ndarray:
    """Logits of either sign, 800 to 1000 in size."""
    sign = np.where(np.arange(count) % 2, 1.0, -1.0)
    return np.asarray(sign * rng.uniform(800.0, 1000.0, size=count))


class DiscriminatorLoss(FunctionExercise):
    """``discriminator_loss``."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        worked = {"real_logits": np.array([0.0, 2.0]), "fake_logits": np.array([-2.0, 2.0])}
        cases = [Case(WORKED.id, {"given": worked}, "the numbers of the worked example")]

        def add(
            judged: Property, real: np.ndarray, fake: np.ndarray, note: str = "", **labels: float
        ) -> None:
            given = {"real_logits": real, "fake_logits": fake, **labels}
            note = note or ", ".join(f"{name} = {value:.3g}" for name, value in labels.items())
            cases.append(Case(judged.id, {"given": given, "watch": judged == INPUTS}, note))

        if level == "graded":
            add(WORKED, logits(rng, 2), logits(rng, 2), "the shapes of the worked example")
        for _ in range(1 if level == "public" else 3):
            for judged in (LOSS, GRADIENTS):
                add(judged, logits(rng, 3), logits(rng, 3), "3 logits on each side")
                add(judged, logits(rng, 4), logits(rng, 4), "4 logits on each side")
            smooth = float(rng.uniform(0.7, 0.95))
            add(LABELS, logits(rng, 3), logits(rng, 3), real_label=smooth)
            add(LABELS, logits(rng, 3), logits(rng, 3), fake_label=float(rng.uniform(0.05, 0.3)))
            add(LABELS, logits(rng, 3), logits(rng, 3), real_label=smooth, fake_label=0.2)
            # As the generator's own loss has them: the sides change places.
            add(LABELS, logits(rng, 3), logits(rng, 3), real_label=0.0, fake_label=1.0)
            add(SIZES, logits(rng, 2), logits(rng, 5), "2 real logits and 5 fake ones")
            add(SIZES, logits(rng, 4), logits(rng, 1), "4 real logits and 1 fake one")
            add(LARGE, large(rng, 4), large(rng, 4), "logits up to 1000 in size")
            add(INPUTS, logits(rng, 3), logits(rng, 2), "logits that are looked at again after the call")
        return cases

    def expected(
        self,
        real_logits: np.ndarray,
        fake_logits: np.ndarray,
        real_label: float = 1.0,
        fake_label: float = 0.0,
    ) -> tuple[Any, ...]:
        with torch.enable_grad():
            sides = [torch.tensor(side, requires_grad=True) for side in (real_logits, fake_logits)]
            losses = [
                F.binary_cross_entropy_with_logits(side, torch.full_like(side, label))
                for side, label in zip(sides, (real_label, fake_label), strict=True)
            ]
            loss = losses[0] + losses[1]
            return (loss, *torch.autograd.grad(loss, sides))

    def has_plainer(self, case: Case) -> bool:
        return case.property in (LABELS.id, SIZES.id, LARGE.id)

    def observe_plainer(
        self, student_object: Any, case: Case, observed: Evidence
    ) -> Mapping[Reading, np.ndarray]:
        """Each side by itself, beside as many logits of the other that leave no loss, with hard labels.

        A label between 0 and 1 weights the two hard ones. Large logits are tried smaller, where the loss is
        the logit itself or nothing.
        """
        given = case.inputs["given"]
        shrink = SMALLER if case.property == LARGE.id else 1.0
        labels = (given.get("real_label", 1.0), given.get("fake_label", 0.0))
        loss: Any = 0.0
        found: dict[Reading, np.ndarray] = {}
        for name, label in zip(("real", "fake"), labels, strict=True):
            side = given[f"{name}_logits"] / shrink
            certain = np.full(len(side), CERTAIN)
            gradient: Any = np.zeros(len(side))
            for weight, pair, place in (
                (label, (side, -certain), "d_real"),
                (1 - label, (certain, side), "d_fake"),
            ):
                inputs: Call = {"given": dict(zip(("real_logits", "fake_logits"), pair, strict=True))}
                readings = self.observe(student_object, replace(case, inputs=inputs)).readings
                own = readings.get(Reading(0, place)), readings.get(Reading(0, "loss"))
                if own[0] is None or own[1] is None or own[0].shape != side.shape or own[1].shape != ():
                    return {}
                gradient = gradient + weight * own[0]
                loss = loss + weight * shrink * own[1]
            found[Reading(0, f"d_{name}")] = gradient
        return {Reading(0, "loss"): np.asarray(loss), **found}


class GeneratorLoss(FunctionExercise):
    """``generator_loss``."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        worked = {"fake_logits": np.array([-2.0, 2.0])}
        cases = [Case(WORKED.id, {"given": worked}, "the numbers of the worked example")]

        def add(judged: Property, fake: np.ndarray, note: str, **flags: bool) -> None:
            given = {"fake_logits": fake, **flags}
            cases.append(Case(judged.id, {"given": given, "watch": judged == INPUTS}, note))

        if level == "graded":
            add(WORKED, logits(rng, 2), "the shape of the worked example")
        for _ in range(1 if level == "public" else 3):
            for judged in (LOSS, GRADIENT):
                for count in (3, 4):
                    add(judged, logits(rng, count), f"{count} logits")
            for count in (3, 4):
                add(SATURATING, logits(rng, count), f"saturating = True and {count} logits", saturating=True)
            add(LARGE, large(rng, 4), "logits up to 1000 in size")
            add(LARGE, large(rng, 4), "saturating = True and logits up to 1000 in size", saturating=True)
            add(INPUTS, logits(rng, 3), "logits that are looked at again after the call")
        return cases

    def expected(self, fake_logits: np.ndarray, saturating: bool = False) -> tuple[Any, ...]:
        with torch.enable_grad():
            s = torch.tensor(fake_logits, requires_grad=True)
            loss = F.logsigmoid(-s).mean() if saturating else -F.logsigmoid(s).mean()
            return (loss, *torch.autograd.grad(loss, [s]))

    def has_plainer(self, case: Case) -> bool:
        return case.property in (SATURATING.id, LARGE.id)

    def observe_plainer(
        self, student_object: Any, case: Case, observed: Evidence
    ) -> Mapping[Reading, np.ndarray]:
        """Smaller logits in the place of large ones; for the saturating loss the other one, mirrored."""
        given = case.inputs["given"]
        shrink = SMALLER if case.property == LARGE.id else 1.0
        mirror = -1.0 if given.get("saturating") else 1.0
        inputs: Call = {"given": {"fake_logits": mirror * given["fake_logits"] / shrink}}
        readings = dict(self.observe(student_object, replace(case, inputs=inputs)).readings)
        if Reading(0, "loss") in readings:
            readings[Reading(0, "loss")] = np.asarray(mirror * shrink * readings[Reading(0, "loss")])
        return readings


DISCRIMINATOR_LOSS = DiscriminatorLoss(
    id="discriminator_loss",
    signature="(real_logits, fake_logits, real_label=1.0, fake_label=0.0)",
    properties=(
        WORKED.worth(0.125),
        LOSS.worth(0.375),
        GRADIENTS.worth(0.375),
        LABELS.worth(0.5),
        SIZES.worth(0.25),
        LARGE.worth(0.25),
        INPUTS.worth(0.125),
    ),
    look_at={
        "loss": Formulas(plain=(1, 2), properties={LARGE.id: (3,)}),
        "d_real": "formula (4)",
        "d_fake": "formula (4)",
    },
    returns=("loss", "d_real", "d_fake"),
)

GENERATOR_LOSS = GeneratorLoss(
    id="generator_loss",
    signature="(fake_logits, saturating=False)",
    properties=(
        WORKED.worth(0.1),
        LOSS.worth(0.2),
        GRADIENT.worth(0.2),
        SATURATING.worth(0.25),
        LARGE.worth(0.15),
        INPUTS.worth(0.1),
    ),
    look_at={
        "loss": Formulas(plain=(6,), options={"saturating": (5,)}, properties={SATURATING.id: (5,)}),
        "grad": Formulas(plain=(6,), options={"saturating": (5,)}, properties={SATURATING.id: (5,)}),
    },
    returns=("loss", "grad"),
)
