"""Lesson 08, the challenge: the gradient of every intermediate quantity, one stage after the other."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import torch

from course.exercise import Case, Evidence, Level, Property
from course.exercises.lesson_08.batch_norm_gradient import (
    THE_WORKED,
    WORKED_DY,
    WORKED_EPS,
    WORKED_GAMMA,
    WORKED_X,
)
from course.exercises.lesson_08.batch_norm_layer import batch
from course.families.draws import parameters
from course.families.functions import Call, FunctionExercise, watch
from course.families.recorder import Recorder

BY_HAND = Property("by_hand", "the worked example")
DX_HAT = Property("dx_hat", "dx_hat")
DSTD = Property("dstd", "dstd, one number a column")
DVAR = Property("dvar", "dvar, one number a column")
DCENTRED = Property("dcentred", "dcentred, where nothing comes back through var")
DMU = Property("dmu", "dmu, where nothing comes back through var")
DX = Property("dx", "dx, where nothing comes back through var")
ALL_PATHS = Property("all_paths", "all six, with every path open")
UNTOUCHED = Property("untouched", "leaves its inputs unchanged")

GRADIENTS = ("dx_hat", "dstd", "dvar", "dcentred", "dmu", "dx")
# One slip costs what it breaks. Where all paths come together everything is read, so that the first stage
# that went wrong is named.
READ = {
    BY_HAND.id: GRADIENTS,
    **{each.id: (each.id,) for each in (DX_HAT, DSTD, DVAR, DCENTRED, DMU, DX)},
    ALL_PATHS.id: GRADIENTS,
    UNTOUCHED.id: (),
}
NO_SPREAD = (DCENTRED, DMU, DX)
WITHOUT_GAMMA = (DSTD, DVAR, *NO_SPREAD)


class Stages(FunctionExercise):
    """``backward_by_stages``: with gamma 1, and a dy without a part along x_hat, other stages do no harm."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases = []

        def add(judged: Property, rows: int, columns: int, note: str = "", **changes: Any) -> None:
            drawn: dict[str, Any] = {
                "x": batch(rng, rows, columns),
                "gamma": np.ones(columns) if judged in WITHOUT_GAMMA else parameters(rng, (columns,)),
                "dy": batch(rng, rows, columns),
                "eps": float(rng.uniform(0.05, 0.5)),
                **changes,
            }
            forward = _stages(drawn["x"], drawn["eps"])
            if judged in NO_SPREAD:
                drawn["dy"] = _without_part_along(forward["x_hat"], drawn["dy"])
            given = {
                "dy": drawn["dy"],
                **{name: forward[name] for name in ("centred", "std", "x_hat")},
                "gamma": drawn["gamma"],
            }
            cases.append(Case(judged.id, {"given": given, "watch": judged == UNTOUCHED}, note))

        worked = {"x": WORKED_X, "gamma": WORKED_GAMMA, "dy": WORKED_DY, "eps": WORKED_EPS}
        add(BY_HAND, 4, 1, THE_WORKED, **worked)
        if level == "graded":
            add(BY_HAND, 4, 1, "the shapes of the worked example")
        for _ in range(1 if level == "public" else 3):
            for judged in (DX_HAT, DSTD, DVAR, *NO_SPREAD, ALL_PATHS):
                add(judged, 3, 2, "3 rows and 2 columns")
                add(judged, 4, 4, "as many rows as columns")
                add(judged, 5, 1, "a single column")
            still = np.hstack([batch(rng, 4, 1), np.full((4, 1), 3.0)])
            add(DSTD, 4, 2, "a second column of equal numbers", x=still)
            add(ALL_PATHS, 2, 2, "two rows")
            add(ALL_PATHS, 3, 3, "a dy of zeros", dy=np.zeros((3, 3)))
            add(UNTOUCHED, 3, 2)
        return cases

    def observe(self, student_object: Any, case: Case) -> Evidence:
        recorder = Recorder(self.id, self.signature)
        inputs = cast(Call, case.inputs)
        # Autograd would do the whole exercise: here nothing that is computed is recorded for it.
        with recorder.running(), torch.inference_mode():
            given = {name: np.array(array) for name, array in inputs["given"].items()}
            results = recorder.unpack(recorder.call(student_object, *given.values()), GRADIENTS)
            self._record(recorder, case, results)
            if inputs.get("watch"):
                watch(recorder, 0, given, results)
        return recorder.evidence()

    def oracle(self, case: Case) -> Evidence:
        recorder = Recorder(self.id, self.signature)
        inputs = cast(Call, case.inputs)
        self._record(recorder, case, self.expected(**inputs["given"]))
        if inputs.get("watch"):
            watch(recorder, 0, {name: np.array(array) for name, array in inputs["given"].items()}, ())
        return recorder.evidence()

    def _record(self, recorder: Recorder, case: Case, results: tuple[Any, ...]) -> None:
        for name, result in zip(GRADIENTS, results, strict=True):
            if name in READ[case.property]:
                recorder.record(0, name, result)

    def expected(
        self, dy: np.ndarray, centred: np.ndarray, std: np.ndarray, x_hat: np.ndarray, gamma: np.ndarray
    ) -> tuple[torch.Tensor, ...]:
        # Any mean will do: centred, and all that comes after it, are the same.
        x = torch.tensor(centred, requires_grad=True)
        with torch.enable_grad():
            mu = x.mean(dim=0)
            around = x - mu
            var = (around**2).mean(dim=0)
            eps = torch.tensor(std) ** 2 - var.detach()
            spread = torch.sqrt(var + eps)
            normalised = around / spread
            stages = (normalised, spread, var, around, mu)
            for stage in stages:
                stage.retain_grad()
            (torch.tensor(gamma) * normalised).backward(torch.tensor(dy))
        return tuple(stage.grad for stage in (*stages, x) if stage.grad is not None)


def _stages(x: np.ndarray, eps: float) -> dict[str, np.ndarray]:
    """The forward pass of the lesson, from PyTorch: what ``backward_by_stages`` is given."""
    rows = torch.tensor(x)
    x_hat, mean, inverse = torch.native_batch_norm(rows, None, None, None, None, True, 0.0, eps)
    centred = rows - mean
    return {"centred": centred.numpy(), "std": inverse.reciprocal().numpy(), "x_hat": x_hat.numpy()}


def _without_part_along(x_hat: np.ndarray, dy: np.ndarray) -> np.ndarray:
    """dy less what points along x_hat, column by column: then dstd and dvar are 0."""
    return np.asarray(dy - x_hat * (dy * x_hat).sum(axis=0) / (x_hat**2).sum(axis=0))


STAGES = Stages(
    id="backward_by_stages",
    signature="(dy, centred, std, x_hat, gamma)",
    properties=(
        BY_HAND.worth(0.1),
        DX_HAT.worth(0.25),
        DSTD.worth(0.4),
        DVAR.worth(0.25),
        DCENTRED.worth(0.2),
        DMU.worth(0.2),
        DX.worth(0.2),
        ALL_PATHS.worth(0.3),
        UNTOUCHED.worth(0.1),
    ),
    look_at={
        "dx_hat": "formula (6)",
        "dstd": "stage E and rule 2",
        "dvar": "stage D",
        "dcentred": "stages E and C, and rules 1 and 3",
        "dmu": "stage B and rule 2",
        "dx": "stages B and A, and rules 1 and 3",
    },
    returns=GRADIENTS,
)
