"""The card's small figure and its colours: drawn where they show something, and readable on any theme."""

import math
import re

import pytest

from course.report.colours import AMBER, BLUE, GREEN, RED, SHARE, tinted
from course.report.trajectory import figure


def luminance(colour):
    linear = [x / 12.92 if x <= 0.03928 else ((x + 0.055) / 1.055) ** 2.4 for x in colour]
    return sum(weight * x for weight, x in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def rgb(name):
    return [int(name[i : i + 2], 16) / 255 for i in (1, 3, 5)]


# Background and text: JupyterLab light and dark, VS Code dark, and the pages that are printed.
THEMES = [("#ffffff", "#212121"), ("#111111", "#ffffff"), ("#1e1e1e", "#d4d4d4"), ("#ffffff", "#000000")]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("colour", [GREEN, RED, AMBER, BLUE])
def test_text_in_every_colour_has_the_contrast_that_is_asked_for(colour, theme):
    background, text = map(rgb, theme)
    mixed = [SHARE * own + (1 - SHARE) * around for own, around in zip(rgb(colour), text, strict=True)]
    light, dark = sorted((luminance(mixed), luminance(background)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5
    assert tinted(colour) == f"color:color-mix(in srgb,{colour} 60%,currentColor)"


def test_no_other_colour_is_used_for_text():
    drawn = figure((1.0, 2.0), (1.0, 3.0))
    assert set(re.findall(r"#[0-9a-f]{6}", drawn)) == {BLUE, RED}
    assert set(re.findall(r'(?:fill|stroke)="([^"]*)"', drawn)) == {"none", "currentColor"}


def test_two_series_that_look_like_one_are_not_drawn():
    assert figure((1.0, 2.0, 3.0), (1.0, 2.0, 3.0 + 1e-9)) == ""
    assert figure((1.0, 2.0, 3.0), (1.0, 2.0, 3.03)) == ""
    assert "<svg" in figure((1.0, 2.0, 3.0), (1.0, 2.0, 3.1))
    assert "<svg" in figure((1.0, 2.0, 3.0), (1.0, 2.0))
    assert "<svg" in figure((1.0, 2.0, 3.0), (1.0, math.nan, 3.0))
    assert "<svg" in figure((1.0, 1.0), ())


def test_labels_are_text_of_the_page_and_not_of_the_picture():
    drawn = figure((1.0, 2.0), (1.0, 3.0))
    picture, labels = drawn.split("</svg>")
    assert "<text" not in picture
    assert "PyTorch ends at 2" in labels
    assert "yours ends at 3" in labels
    assert "steps 1 to 2" in labels
