"""What may help on new digits, with the settings that are tried, and what came of each at its best."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from course.figures import lesson_16_few as few
from course.figures.lesson_16_few import Remedy

# In the order of the figure. Where there are several settings, 300 digits of each seed choose.
TRIED: dict[str, Sequence[Remedy]] = {
    "nothing": (Remedy(rate=0.02), Remedy(), Remedy(rate=0.1)),
    "twice the digits": (Remedy(digits=300),),
    "shifts": (Remedy(shifts=0.5), Remedy(shifts=0.8)),
    "dropout": (Remedy(dropout=0.25), Remedy(dropout=0.5)),
    "label smoothing": (Remedy(smoothing=0.1), Remedy(smoothing=0.3)),
    "weight decay": (Remedy(decay=0.01), Remedy(decay=0.03)),
    "mixup": (Remedy(mixup=0.2), Remedy(mixup=1.0)),
    "dense, not conv": (Remedy(dense=True), Remedy(dense=True, rate=0.1)),
    "early stopping": (Remedy(patience=3), Remedy(patience=10)),
    "shifts, decay": (Remedy(shifts=0.5, decay=0.01),),
    "all four": (Remedy(shifts=0.5, dropout=0.5, smoothing=0.3, decay=0.01),),
}
# Three 8s among the digits: as they are, and each class counting alike.
BALANCE = (0.0, 1.0)


def measure(pieces: few.Pieces) -> dict[str, np.ndarray]:
    """The arrays that the section's figures read.

    remedies: (remedies,), names in the order of the figure.
    new: (remedies, seeds), accuracy on new digits in percent, each remedy at its best setting.
    moved: (remedies, seeds), the same where every new digit is moved by up to a pixel either way.
    chosen: (remedies,), which of the settings in ``TRIED`` was best.
    rare: (2, 2, seeds), with three 8s: as it is, then balanced; on new 8s, then on all other new digits.
    """
    new, moved, chosen = [], [], []
    for settings in TRIED.values():
        runs = [few.run(pieces, remedy) for remedy in settings]
        best = int(np.argmax([few.chosen_by(each) for each in runs]))
        new.append(few.on_new(runs[best]))
        moved.append(few.on_new(runs[best], moved=True))
        chosen.append(best)
    rare = [few.on_rare(few.run(pieces, Remedy(rare=True, balance=power))) for power in BALANCE]
    return {
        "remedies": np.array(list(TRIED)),
        "new": np.array(new),
        "moved": np.array(moved),
        "chosen": np.array(chosen),
        "rare": np.array(rare),
    }
