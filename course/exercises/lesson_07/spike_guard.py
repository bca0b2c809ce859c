"""Lesson 07, the challenge: a limit that follows the norms of the past; what is far above is left out.

The limit is that of Seetharaman and others (2020, arXiv:2007.14469), of earlier batches alone.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import nn

from course.exercise import Case, Evidence, Level, Property
from course.exercises.lesson_07.stand_ins import stand_in_clip, stand_in_norm
from course.families.classes import ClassExercise, Instance, Script
from course.families.earlier import called, standing_in
from course.readings import Reading

# What is skipped is seen without the arrays, and hardly depends on how exactly the limit is computed.
SKIPPED = frozenset({"batch_skipped"})

THRESHOLD = Property("threshold", "the limit is the quantile of earlier norms", telling=True)
RISES = Property("rises", "the limit rises when norms do", telling=True)
WINDOW = Property("window", "forgets all but the last norms", looks_at=SKIPPED)
NOT_FINITE = Property("not_finite", "skips NaN and infinite gradients, without a trace", looks_at=SKIPPED)
SPIKES = Property("spikes", "skips what is far above the limit, without a trace", looks_at=SKIPPED)
INSTANCES = Property("instances", "two instances share nothing", looks_at=SKIPPED)

SHAPES: tuple[tuple[int, ...], ...] = ((2, 2), (3,), ())
# No batch here comes near so many times the limit.
NEVER = 1e6


class GuardScript(Script):
    """The inputs of a case.

    settings: the constructor's arguments by name.
    batches: the gradients of each call of ``clip()``.
    """

    settings: dict[str, Any]
    batches: list[list[np.ndarray]]


@dataclass(frozen=True)
class Guard(ClassExercise[GuardScript]):
    """``SpikeGuard``. A case is a row of batches; the evidence is what comes back for each of them."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases = []

        def add(
            judged: Property,
            settings: Mapping[str, Any],
            norms: Sequence[float] | np.ndarray,
            note: str,
            **flags: bool,
        ) -> None:
            scale = rng.uniform(0.2, 5.0)
            script: GuardScript = {
                "settings": dict(settings),
                "batches": [_batch(rng, scale * norm) for norm in norms],
            }
            cases.append(Case(judged.id, {**script, **flags}, note))

        for _ in range(1 if level == "public" else 3):
            quantile = float(rng.uniform(0.55, 0.95))
            patient = {"window": 50, "quantile": quantile, "skip_above": NEVER}
            falling = _falling(rng, 6)
            # Each is below all before it, and passes whole: only the last is clipped.
            add(THRESHOLD, patient, [*falling, 1.5 * falling[0]], f"quantile = {quantile:.3g}")
            add(THRESHOLD, {}, [*_falling(rng, 5), 3.0], "the default settings")
            add(THRESHOLD, patient, [1.0], "one batch")
            rising = np.linspace(1.0, 3.0, 12) * rng.uniform(0.8, 1.25, size=12)
            add(RISES, patient, rising, f"norms that go up and down, and quantile = {quantile:.3g}")
            middle = float(rng.uniform(0.5, 0.7))
            window = int(rng.integers(8, 13))
            careful = {"window": window, "quantile": middle, "skip_above": float(rng.uniform(2.5, 3.5))}
            early, late = 8.0 * _falling(rng, 8), _falling(rng, 8)
            # Where nothing is forgotten, 25 is let pass and 125 is not; where nothing new is kept, both are.
            longest = {"window": 8, "quantile": 0.7, "skip_above": 20.0}
            add(WINDOW, longest, [*early, *late, 25.0, 125.0], "window = 8")
            for value, said in ((math.nan, "one NaN"), (math.inf, "one inf"), (-math.inf, "one -inf")):
                add(NOT_FINITE, careful, [*_falling(rng, 8), 0.6, 8.0, 0.7], f"{said} in the ninth batch")
                cases[-1].inputs["batches"][8][0][0, 1] = value
            first = [1.0, *_falling(rng, 8), 8.0, 0.7]
            add(NOT_FINITE, careful, first, "one inf in the first batch")
            cases[-1].inputs["batches"][0][1][0] = math.inf
            row = [*_falling(rng, 8), *rng.uniform(5.0, 6.0, size=8), 0.6]
            add(SPIKES, careful, row, f"eight spikes in a row, and skip_above = {careful['skip_above']:.3g}")
            for share, said in ((0.9, "below"), (1.1, "above")):
                norms = [*np.ones(8), share * careful["skip_above"]]
                add(SPIKES, careful, norms, f"a last norm a little {said} skip_above times the limit")
            exactly = {**careful, "skip_above": float(rng.integers(2, 6))}
            add(SPIKES, exactly, [], "a last norm of exactly skip_above times the limit")
            cases[-1].inputs["batches"].extend(map(_exact, (1.0, exactly["skip_above"])))
            twins = [1.0, 1.4, 0.8, 1.9, 1.2]
            add(INSTANCES, careful, twins, "two instances that take turns", twins=True)
        # One norm too many raises so high a quantile; the batch's own never lifts it above itself.
        # Small, and the last of all: what instances share is forgotten in time, and spoils no other case.
        small = 1e-3 * np.array([*8.0 * _falling(rng, 8), *_falling(rng, window), 1.25])
        strict = {"window": window, "quantile": 0.95, "skip_above": 1.0}
        add(WINDOW, strict, small, f"window = {window}, and skip_above = 1")
        return cases

    def torch_class(self) -> type[_TorchGuard]:
        return _TorchGuard

    def oracle(self, case: Case) -> Evidence:
        settings = {**case.inputs["settings"], "apart": case.inputs.get("apart", False)}
        return super().oracle(replace(case, inputs={**case.inputs, "settings": settings}))

    def script(self, instance: Instance, inputs: GuardScript, judged: str) -> Iterator[None]:
        """Hand over one batch after the other, and write down whether it is skipped or what comes back."""
        instance.construct(**inputs["settings"])
        yield
        for step, batch in enumerate(inputs["batches"], start=1):
            # The second of twins gets gradients so long that the first one's limit would skip them all.
            own = [np.asarray(instance.scale**10 * grad) for grad in batch]
            result = instance.call("clip", own, takes="grads")
            instance.record(step, "batch_skipped", result is None)
            if isinstance(result, (list, tuple)):
                instance.record(step, "length", len(result), of="grads")
                for place, grad in enumerate(result):
                    instance.record(step, "grads", grad, (place,))
            elif result is not None:
                shape = str(np.shape(result))
                instance.recorder.stop(
                    "one_array", name="clip(grads)", quantity=Reading(step, "grads"), shape=shape
                )
            yield


class _TorchGuard:
    """What is asked for, from ``torch.quantile`` and ``clip_grad_norm_``; ``apart``, from the stand-ins."""

    def __init__(
        self, window: int = 100, quantile: float = 0.9, skip_above: float = 5.0, apart: bool = False
    ):
        self.window, self.quantile, self.skip_above, self.apart = window, quantile, skip_above, apart
        self.norms: list[torch.Tensor] = []

    def clip(self, grads: list[np.ndarray]) -> list[np.ndarray] | None:
        params = [torch.zeros(np.shape(grad), dtype=torch.float64) for grad in grads]
        for param, grad in zip(params, grads, strict=True):
            param.grad = torch.tensor(grad, dtype=torch.float64)
        norm = nn.utils.get_total_norm([param.grad for param in params if param.grad is not None])
        if self.apart:
            norm = torch.tensor(stand_in_norm(grads), dtype=torch.float64)
        earlier = self.norms[-self.window :]
        limit = torch.quantile(torch.stack(earlier), self.quantile).item() if earlier else math.inf
        if not torch.isfinite(norm) or norm > self.skip_above * limit:
            return None
        self.norms.append(norm)
        if self.apart:
            return stand_in_clip(grads, limit)[0]
        nn.utils.clip_grad_norm_(params, limit)
        return [param.grad.numpy() for param in params if param.grad is not None]


def called_by_clip(student_object: Any, name: str) -> Any:
    """The student's answer to an earlier exercise where ``clip`` calls it; else None."""
    return called(student_object.clip, name)


@contextlib.contextmanager
def standing_in_clip(student_object: Any, stand_ins: Mapping[str, Any]) -> Iterator[None]:
    """Around uses of the student's class: what its ``clip`` finds in the notebook by these names."""
    with standing_in(getattr(student_object, "clip", None), stand_ins):
        yield


def telling_batch(case: Case) -> list[np.ndarray]:
    """The gradients of one call: of the first that are not finite, or else of the last."""
    batches = case.inputs["batches"]
    spoilt = [batch for batch in batches if not all(np.isfinite(grad).all() for grad in batch)]
    return [np.array(grad) for grad in (*spoilt, batches[-1])[0]]


def _falling(rng: np.random.Generator, count: int) -> np.ndarray:
    """Norms from about 1 down to about 0.5, each below all before it."""
    return np.linspace(1.0, 0.5, count) * rng.uniform(0.98, 1.0, size=count)


def _exact(norm: float) -> list[np.ndarray]:
    """Gradients whose norm is exactly that, by whichever way: one element alone is not zero."""
    return [*(np.zeros(shape) for shape in SHAPES[:-1]), np.array(norm)]


def _batch(rng: np.random.Generator, norm: float) -> list[np.ndarray]:
    """Gradients of three shapes that point anywhere and are so long together."""
    grads = [np.asarray(rng.normal(size=shape)) for shape in SHAPES]
    length = math.sqrt(sum(float((grad**2).sum()) for grad in grads))
    return [np.asarray(norm / length * grad) for grad in grads]
