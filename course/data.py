"""Real data, shipped with the course. Source and licence stand beside each file in ``data/``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

FOLDER = Path(__file__).with_name("data")
TRAIN_ROWS = 1500
SPLIT_SEED = 0


class Digits(NamedTuple):
    """Handwritten digits as plain arrays.

    Attributes:
        X_train, X_test: (1500, 64) and (297, 64) float64, one image of 8 x 8 pixels a row, from 0 (white)
            to 1 (black).
        y_train, y_test: (1500,) and (297,) int64, which digit it is, 0 to 9.
    """

    X_train: np.ndarray
    y_train: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray


def digits() -> Digits:
    """1797 handwritten digits, the same split every time; the arrays are the caller's own.

    Source: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning
    Repository, 1998, CC BY 4.0; see ``data/digits.md``.
    """
    rows = np.loadtxt(FOLDER / "digits.csv", delimiter=",", skiprows=1, dtype=np.int64)
    rows = rows[np.random.default_rng(SPLIT_SEED).permutation(len(rows))]
    X, y = rows[:, :64] / 16.0, rows[:, 64]
    return Digits(X[:TRAIN_ROWS].copy(), y[:TRAIN_ROWS].copy(), X[TRAIN_ROWS:].copy(), y[TRAIN_ROWS:].copy())


class Temperatures(NamedTuple):
    """Daily temperatures as plain arrays.

    Attributes:
        dates: (731,) datetime64[D], every day of 2012 and 2013.
        celsius: (731,) float64, the day's maximum in degrees Celsius.
    """

    dates: np.ndarray
    celsius: np.ndarray


def temperatures() -> Temperatures:
    """Two years of daily maximum temperatures in Seattle; the arrays are the caller's own.

    Source: NOAA National Climatic Data Center, public domain; see ``data/temperatures.md``.
    """
    rows = np.loadtxt(FOLDER / "temperatures.csv", delimiter=",", skiprows=1, dtype=np.str_)
    return Temperatures(rows[:, 0].astype("datetime64[D]"), rows[:, 1].astype(np.float64))


def sonnets() -> str:
    """Twelve of Shakespeare's sonnets, 7111 characters: small letters, and one space between two words.

    Source: W. Shakespeare, Sonnets, 1609, public domain; see ``data/sonnets.md``.
    """
    text = (FOLDER / "sonnets.txt").read_text(encoding="utf-8").lower().replace("'", "")
    return re.sub("[^a-z]+", " ", text).strip()


def alice() -> str:
    """The first page of a book, some 2600 characters in lower case, with single spaces.

    Source: L. Carroll, Alice's Adventures in Wonderland, 1865, public domain; see ``data/alice.md``.
    """
    return " ".join((FOLDER / "alice.txt").read_text(encoding="ascii").lower().split())
