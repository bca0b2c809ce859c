"""Lesson 07: what takes the place of wrong earlier answers while a later one is judged; see ``Uses.without``.

They do something else than what is asked for: nobody can take the right answers from them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def stand_in_norm(grads: Sequence[np.ndarray], p: float = 2.0) -> float:
    """In the place of ``global_norm``: another number, as far from zero, for each p."""
    return float(sum(np.abs(grad).sum() for grad in grads) + 1e-6 / p)


def stand_in_clip(
    grads: Sequence[np.ndarray], max_norm: float, p: float = 2.0
) -> tuple[list[np.ndarray], float]:
    """In the place of ``clip_by_global_norm``: it goes by ``stand_in_norm``."""
    norm = stand_in_norm(grads, p)
    scale = min(1.0, max_norm / (norm + 1e-6))
    return [np.asarray(grad * scale) for grad in grads], norm
