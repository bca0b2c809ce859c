"""The small figure of a failing check: one number over the steps, PyTorch's and yours."""

from __future__ import annotations

import math
from collections.abc import Sequence

BLUE, ORANGE = "#0173b2", "#d55e00"
WIDTH, HEIGHT, MARGIN = 430, 130, 22
# Room at the right for the two labels, and below for the steps.
LABELS, FOOT = 130, 14


def figure(expected: Sequence[float], found: Sequence[float]) -> str:
    """An inline SVG of two series of one number a step.

    Plain SVG rather than a plotting library: it is drawn in every failing check, has to be the same
    to the byte on every machine, and is twenty lines.
    """
    finite = [value for value in (*expected, *found) if math.isfinite(value)]
    if not finite:
        return ""
    low, high = min(finite), max(finite)
    span = high - low or 1.0
    steps = max(len(expected), len(found)) - 1 or 1

    def place(step: int, value: float) -> tuple[float, float]:
        x = MARGIN + step * (WIDTH - LABELS - 2 * MARGIN) / steps
        return x, HEIGHT - FOOT - MARGIN - (value - low) / span * (HEIGHT - FOOT - 2 * MARGIN)

    def series(values: Sequence[float], name: str, colour: str, dash: str, shift: int) -> str:
        points = [place(step, value) for step, value in enumerate(values) if math.isfinite(value)]
        if not points:
            return ""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{colour}"/>' for x, y in points)
        x, y = points[-1]
        return (
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.8" '
            f'stroke-dasharray="{dash}"/>'
            f'{dots}<text x="{x + 8:.1f}" y="{y + shift:.1f}" fill="{colour}">{name} {values[-1]:.4g}</text>'
        )

    feet = "".join(
        f'<text x="{place(step, low)[0]:.1f}" y="{HEIGHT - 2}" text-anchor="middle" fill="#767676">'
        f"{word}</text>"
        for step, word in ((0, "step 1"), (steps, f"step {steps + 1}"))
    )
    # The labels stand apart even where the two series end at one point.
    expected_above = not found or expected[-1] >= found[-1]
    alt = f"That number over {steps + 1} steps: PyTorch's ends at {expected[-1]:.4g}"
    alt += f", yours at {found[-1]:.4g}." if found else "; yours has no values."
    return (
        f'<svg role="img" aria-label="{alt}" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" style="max-width:100%" font-size="12" font-family="sans-serif">'
        f"<title>{alt}</title>"
        + series(expected, "PyTorch", BLUE, "none", -2 if expected_above else 12)
        + series(found, "yours", ORANGE, "5 3", 12 if expected_above else -2)
        + feet
        + "</svg>"
    )
