"""Random inputs that every family draws from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def gradients(rng: np.random.Generator, steps: int, shape: tuple[int, ...]) -> np.ndarray:
    """Gradients that change from step to step, of shape (steps, *shape).

    Either sign, magnitudes between 0.1 and 10: an early gradient never drowns in a later one, so a
    wrong state shows at every step.
    """
    sign = rng.choice([-1.0, 1.0], size=(steps, *shape))
    return sign * 10.0 ** rng.uniform(-1.0, 1.0, size=(steps, *shape))


def other_numbers(rng: np.random.Generator, array: np.ndarray) -> np.ndarray:
    """Other numbers in the layout of a worked example: the same shape and signs, 0 where it has a 0."""
    return np.asarray(array * rng.uniform(0.5, 2.0, size=array.shape))


def parameters(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Parameters of order one, never so near zero that a decay could not be seen."""
    # A product of 0-d arrays is a NumPy scalar, and would cross to another process as a plain number.
    return np.asarray(rng.choice([-1.0, 1.0], size=shape) * rng.uniform(0.5, 2.0, size=shape))


def announced(note: str, shapes: Sequence[tuple[int, ...]]) -> str:
    """A case's note, with the shapes where one is (), which is easily forgotten, and it does not say so."""
    if () not in shapes or "()" in note or "0-d" in note:
        return note
    *most, last = map(str, shapes)
    return f"{note}, of shape {', '.join(most)} and {last}" if most else f"{note}, of shape {last}"
