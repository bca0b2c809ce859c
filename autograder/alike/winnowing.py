"""Fingerprints of a sequence, by winnowing.

S. Schleimer, D. S. Wilkerson and A. Aiken, "Winnowing: local algorithms for document fingerprinting",
SIGMOD 2003.
The package copydetect winnows too, but leaves out names and comments, compares every text with every other
and loads matplotlib's pyplot.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import blake2b

# Symbols of a fingerprint, which is the noise that the paper speaks of: what is shorter says nothing. A line
# such as `m = beta1 * m + (1 - beta1) * grad` has 13.
LENGTH = 16
# Of so many in a row one is kept: what is alike over LENGTH + WINDOW - 1 symbols is always found.
WINDOW = 4


def fingerprints(symbols: Sequence[str]) -> Iterator[tuple[bytes, int]]:
    """The fingerprints that are kept, each with where it begins: of every window the least, and of equal
    ones the last."""
    hashes = [
        blake2b("\0".join(symbols[start : start + LENGTH]).encode(), digest_size=8).digest()
        for start in range(len(symbols) - LENGTH + 1)
    ]
    kept = -1
    for first in range(max(len(hashes) - WINDOW + 1, min(1, len(hashes)))):
        window = range(first, min(first + WINDOW, len(hashes)))
        least = min(window, key=lambda place: (hashes[place], -place))
        if least != kept:
            kept = least
            yield hashes[least], least
