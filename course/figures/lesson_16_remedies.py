"""What may help on new digits, with the settings that are tried, and what came of each at its best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import nn

from course.figures import lesson_16_few as few
from course.figures.lesson_16_few import Remedy

UPDATES = 200
# In the order of the text. Where there are several settings, 300 other digits of each seed choose.
TRIED: dict[str, Sequence[Remedy]] = {
    "nothing": (Remedy(rate=0.02), Remedy()),
    "twice the digits": (Remedy(digits=300),),
    "shifts": (Remedy(shifts=0.5), Remedy(shifts=0.8)),
    "dropout": (Remedy(dropout=0.5), Remedy(dropout=0.75)),
    "label smoothing": (Remedy(smoothing=0.1), Remedy(smoothing=0.3)),
    "weight decay": (Remedy(decay=0.03), Remedy(decay=0.1), Remedy(decay=0.3)),
    "mixup": (Remedy(mixup=0.2), Remedy(mixup=1.0)),
    "dense layers": (Remedy(dense=True),),
    "early stopping": (Remedy(patience=3), Remedy(patience=6)),
    "120 digits": (Remedy(digits=few.FEW - few.HELD_OUT),),
    "shifts, decay": (Remedy(shifts=0.5, decay=0.03), Remedy(shifts=0.5, decay=0.1)),
    "all four": (Remedy(shifts=0.5, dropout=0.5, smoothing=0.1, decay=0.03),),
}
# What becomes of the 8s, in the order of the figure.
RARE = {
    "all its 8s": Remedy(),
    "three 8s": Remedy(rare=True),
    "three, balanced": Remedy(rare=True, balance=1.0),
    "three, shifts": Remedy(rare=True, shifts=0.5),
}


def trained(pieces: few.Pieces, remedy: Remedy) -> list[nn.Sequential]:
    """The five networks of a remedy. What is stored may round as float32 does, in half of the time."""
    return few.run(pieces, replace(remedy, updates=UPDATES), torch.float32)


def measure(pieces: few.Pieces) -> dict[str, np.ndarray]:
    """The arrays that the section's figures read.

    remedies: (remedies,), names in the order of ``TRIED``.
    new: (remedies, seeds), accuracy on new digits in percent, each remedy at its best setting.
    moved: (remedies, seeds), the same where every new digit is moved by up to a pixel either way.
    chosen: (remedies,), which of the settings in ``TRIED`` was best.
    rare: (4, 2, seeds), of ``RARE``, on new 8s, then on all other new digits.
    """
    new, moved, chosen = [], [], []
    for settings in TRIED.values():
        runs = [trained(pieces, remedy) for remedy in settings]
        best = int(np.argmax([few.chosen_by(each) for each in runs]))
        new.append(few.on_new(runs[best]))
        moved.append(few.on_new(runs[best], moved=True))
        chosen.append(best)
    rare = [few.on_rare(trained(pieces, remedy)) for remedy in RARE.values()]
    return {
        "remedies": np.array(list(TRIED)),
        "new": np.array(new),
        "moved": np.array(moved),
        "chosen": np.array(chosen),
        "rare": np.array(rare),
    }
