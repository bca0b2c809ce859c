"""The colours of the report, readable on white and on the dark themes of JupyterLab and VS Code."""

from __future__ import annotations

# Of the colour-blind palette; each stands beside a sign and a word, never alone.
GREEN, RED, AMBER, BLUE, GREY = "#029e73", "#d55e00", "#de8f05", "#0173b2", "#767676"
# No one colour has a contrast of 4.5 to white and to a theme's near-black: so much of it, and of the text
# around it the rest, has at least 4.6 to either. A browser that cannot mix leaves the text as it is.
SHARE = 0.6


def tinted(colour: str) -> str:
    """The declaration that gives text this colour, made darker or lighter by the theme's own text."""
    return f"color:color-mix(in srgb,{colour} {SHARE:.0%},currentColor)"
