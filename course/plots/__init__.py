"""The course's figures: one look, and the drawings that lessons share.

Importing this package sets the look. A lesson draws on ordinary matplotlib axes, with the helpers below where
they fit, and ends with ``show(figure, alt)``. Lessons use the names as ``plots.curves``, ``plots.show``.
"""

from course.plots.controls import play, sliders
from course.plots.fields import arrow, contours, heatmap, path
from course.plots.lines import bands, curves
from course.plots.look import OPTIMISERS, PALETTE, label, line_styles, readable, use_style
from course.plots.output import show

__all__ = [
    "OPTIMISERS",
    "PALETTE",
    "arrow",
    "bands",
    "contours",
    "curves",
    "heatmap",
    "label",
    "line_styles",
    "path",
    "play",
    "readable",
    "show",
    "sliders",
    "use_style",
]

use_style()
