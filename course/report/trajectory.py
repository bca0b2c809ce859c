"""The small figure of a failing check: one number over the steps, PyTorch's and yours."""

from __future__ import annotations

import math
from collections.abc import Sequence

from course.report.colours import BLUE, RED, tinted

WIDTH, HEIGHT, MARGIN = 300, 100, 8
# Two series that are nearer to each other than this share of the figure's height look like one.
VISIBLE = 0.02


def figure(expected: Sequence[float], found: Sequence[float]) -> str:
    """Two series of one number a step, an inline SVG with its labels beside it; empty where both look alike.

    Plain SVG rather than a plotting library: it is drawn in every failing check, has to be the same
    to the byte on every machine, and is twenty lines. The labels are text of the page: they keep their size
    where the picture has to shrink.
    """
    finite = [value for value in (*expected, *found) if math.isfinite(value)]
    if not finite or _look_alike(expected, found, max(finite) - min(finite)):
        return ""
    low, high = min(finite), max(finite)
    span = high - low or 1.0
    steps = max(len(expected), len(found)) - 1 or 1

    def place(step: int, value: float) -> tuple[float, float]:
        x = MARGIN + step * (WIDTH - 2 * MARGIN) / steps
        return x, HEIGHT - MARGIN - (value - low) / span * (HEIGHT - 2 * MARGIN)

    def series(values: Sequence[float], colour: str, dash: str) -> str:
        points = [place(step, value) for step, value in enumerate(values) if math.isfinite(value)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="currentColor"/>' for x, y in points)
        return (
            f'<g style="{tinted(colour)}"><polyline points="{path}" fill="none" stroke="currentColor" '
            f'stroke-width="1.8" stroke-dasharray="{dash}"/>{dots}</g>'
        )

    def label(values: Sequence[float], name: str, colour: str, line: str) -> str:
        ends = f"ends at {values[-1]:.4g}" if values else "has no values"
        return f'<div style="{tinted(colour)}">{line} {name} {ends}</div>'

    alt = f"That number over {steps + 1} steps: PyTorch's ends at {expected[-1]:.4g}"
    alt += f", yours at {found[-1]:.4g}." if found else "; yours has no values."
    return (
        '<div style="display:flex;flex-wrap:wrap;align-items:center;gap:2px 16px">'
        f'<svg role="img" aria-label="{alt}" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" style="max-width:100%;height:auto">'
        f"<title>{alt}</title>{series(expected, BLUE, 'none')}{series(found, RED, '5 3')}</svg>"
        f'<div aria-hidden="true">{label(expected, "PyTorch", BLUE, "&#9473;&#9473;")}'
        f"{label(found, 'yours', RED, '&#9477;&#9477;')}<div>steps 1 to {steps + 1}</div></div></div>"
    )


def _look_alike(expected: Sequence[float], found: Sequence[float], span: float) -> bool:
    if len(expected) != len(found) or not all(map(math.isfinite, (*expected, *found))):
        return False
    return max(abs(one - other) for one, other in zip(expected, found, strict=True)) < VISIBLE * span
