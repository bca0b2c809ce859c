"""Numbers behind a lesson's figures that take longer than a notebook may run: several seeds, wide grids.

``autograder build`` computes them from ``solutions/measurements/`` with the reference solutions, once for the
same inputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent
# The name under which the digest of the inputs is stored.
DIGEST = "digest"


def lessons() -> list[str]:
    """The lessons of which something is stored, in their order."""
    return sorted(path.stem for path in FOLDER.glob("*.npz"))


def measured(lesson: str) -> Mapping[str, np.ndarray]:
    """The stored arrays of a lesson, "05_adam", by name; their shapes stand in its measurements.

    Raises:
        FileNotFoundError: nothing was measured for that lesson.
    """
    with np.load(FOLDER / f"{lesson}.npz", allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files if name != DIGEST}
