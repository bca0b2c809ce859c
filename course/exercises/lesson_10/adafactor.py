"""Lesson 10: Adafactor's update of a matrix (Shazeer and Stern 2018), as PyTorch has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from course.exercise import Case, Level, Property
from course.families import updates
from course.families.updates import Steps, UpdateRule

STATE = Property("state", "the averages along rows and columns", telling=True)
# A step is judged from the answer's own averages.
THETA = frozenset({"theta"})
FACTORED = Property(
    "factored", "a step by the factored average, nothing clipped", looks_at=THETA, telling=True
)
CLIPPED = Property("clipped", "d limits the RMS of the update", looks_at=THETA, telling=True)
SCALE = Property("scale", "a step's length: RMS(theta), lr and t", looks_at=THETA, telling=True)
FLOORS = Property("floors", "zero gradients, and eps1 and eps2 that count", looks_at=THETA)
# Where nothing should be clipped.
NO_CLIP = 20.0
# From here on 1/sqrt(t) is below any lr that is drawn.
LATE = 10_000


class AdafactorUpdate(UpdateRule):
    """``adafactor_update``: the state is an average of squares for each row and one for each column."""

    def draw_hyper(self, rng: np.random.Generator) -> dict[str, float]:
        return {"lr": rng.uniform(0.02, 0.1), "d": NO_CLIP, "eps1": 1e-8, "eps2": 1e-3}

    def torch_optimizer(self, theta: torch.Tensor, hyper: Mapping[str, Any]) -> torch.optim.Optimizer:
        given = {**self.defaults, **hyper}
        eps = (given["eps1"], given["eps2"])
        return torch.optim.Adafactor([theta], lr=given["lr"], d=given["d"], eps=eps)

    def load_state(self, state: Mapping[str, np.ndarray], t: int) -> dict[str, torch.Tensor]:
        return {
            "step": torch.tensor(float(t - 1)),
            "row_var": torch.tensor(state["row"])[:, None],
            "col_var": torch.tensor(state["col"])[None, :],
        }

    def read_state(self, torch_state: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        return {"row": torch_state["row_var"][:, 0], "col": torch_state["col_var"][0]}

    def state_shapes(self, shape: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
        return {"row": shape[:1], "col": shape[1:]}

    def has_plainer(self, case: Case) -> bool:
        return case.property == updates.DEFAULTS.id

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        rounds, steps = (1, 5) if level == "public" else (3, 9)
        cases = [Case(updates.WORKED.id, WORKED, "the numbers of the worked example")]

        def add(
            judged: Property,
            shape: tuple[int, ...],
            note: str,
            ones: bool = False,
            sudden: bool = False,
            **kinds: Any,
        ) -> None:
            inputs = self._draw(rng, shape, **{"steps": 1, "state": sudden, **kinds})
            if sudden:  # after a quiet time, of which the averages still tell
                inputs["state"] = {name: 1e-3 * average for name, average in inputs["state"].items()}
            if ones:  # an RMS of 1 is no factor: the length of the step is another property's affair
                inputs["theta"] = np.sign(inputs["theta"])
            cases.append(Case(judged.id, inputs, note))

        if level == "graded":
            add(updates.WORKED, (2, 2), "the shapes of the worked example", steps=2)
        for _ in range(rounds):
            far = int(rng.integers(2, 30))
            add(STATE, (2, 3), "one step from the start")
            add(STATE, (2, 3), f"averages of zero, t = {far}", t=far)
            add(STATE, (3, 3), "as many rows as columns", steps=steps)
            add(STATE, (3, 2), "a state that is not zero", steps=steps, t=far, state=True)
            for shape in ((2, 3), (3, 3), (4, 1), (1, 4)):
                add(FACTORED, shape, f"theta of shape {shape}, t = {far}, d = {NO_CLIP:g}", ones=True, t=far,
                    state=True)  # fmt: skip
            for d in (1.0, rng.uniform(1.2, 1.8)):
                note = f"d = {d:.3g} and a sudden gradient"
                add(CLIPPED, (2, 3), note, ones=True, sudden=True, t=far + 30, changes={"d": d})
            # Clipped: a factor of all of U is no matter of these.
            clipped: dict[str, Any] = {"sudden": True, "changes": {"d": 1.0}}
            for factor in (rng.uniform(3.0, 5.0), rng.uniform(0.1, 0.3)):
                add(SCALE, (3, 2), f"t = {far + 30}", t=far + 30, **clipped)
                cases[-1].inputs["theta"][...] *= factor
            add(SCALE, (2, 3), f"t = {LATE}", ones=True, t=LATE, **clipped)
            add(SCALE, (2, 3), "theta = 0", t=far + 30, **clipped)
            cases[-1].inputs["theta"][...] = 0.0
            add(FLOORS, (2, 2), "gradients that are zero, from a state of zero", zero="all")
            add(FLOORS, (3, 2), "gradients that are zero", zero="all", state=True, t=far)
            for large in ({"eps1": 2.0}, {"eps2": 3.0}):
                ((name, value),) = large.items()
                add(FLOORS, (2, 3), f"{name} = {value:g}", t=far, state=True, changes=large)
            add(updates.DEFAULTS, (2, 3), "the default hyper-parameters", t=far, state=True, default=True)
            add(updates.INPUTS, (2, 3), "", watch=True, steps=2)
            add(updates.INPUTS, (2, 2), "a gradient of zero", watch=True, zero="all", state=True, t=2)
        return cases


WORKED: Steps = {
    "theta": np.array([[3.0, -3.0], [3.0, 3.0]]),
    "grads": np.array([[[1.0, -1.0], [3.0, 1.0]], [[0.0, 2.0], [2.0, -2.0]]]),
    "state": {"row": np.zeros(2), "col": np.zeros(2)},
    "t": 1,
    "hyper": {"lr": 0.1, "d": 1.0},
    "watch": False,
}

ADAFACTOR = AdafactorUpdate(
    id="adafactor_update",
    signature="(theta, grad, row, col, t, lr=1e-2, d=1.0, eps1=2**-52, eps2=1e-3)",
    properties=(
        updates.WORKED.worth(0.25),
        STATE.worth(0.875),
        FACTORED.worth(0.625),
        CLIPPED.worth(0.375),
        SCALE.worth(0.375),
        FLOORS.worth(0.125),
        updates.DEFAULTS.worth(0.125),
        updates.INPUTS.worth(0.25),
    ),
    look_at={"row": "formula (4)", "col": "formula (4)", "theta": "formulas (5) to (7)"},
    states=("row", "col"),
    squares=frozenset({"row", "col"}),
    counts_steps=True,
    stepping=frozenset({FACTORED.id, CLIPPED.id, SCALE.id, FLOORS.id}),
)
