"""Sliders and frames that play: what they draw, say and refuse. What a browser makes of them: tests/whole/test_pages.py."""

import asyncio
import io
import re
from base64 import b64decode

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np
import pytest
from bs4 import BeautifulSoup
from PIL import Image

from course import plots

WIDGET = "application/vnd.jupyter.widget-view+json"


pytestmark = pytest.mark.usefixtures("no_window")


def widgets(output):
    """The rows of what was displayed: controls, then the picture, then the message."""
    model = output["data"][WIDGET]["model_id"]
    return ipywidgets.widgets.widget._instances[model].children


def picture(widget):
    """The alt text of what a widget shows, and its pixels."""
    (shown,) = BeautifulSoup(widget.value, "html.parser").find_all()
    return shown["alt"], Image.open(io.BytesIO(b64decode(shown["src"].partition(",")[2]))).size


def draw_line(slope=2.0, n_points=3):
    figure, ax = plt.subplots()
    plots.curves(ax, {"Adam": slope * np.arange(n_points)})
    ax.set(title=f"Slope {slope:g}, {n_points} points", xlabel="step", ylabel="loss")
    return figure


def test_sliders_say_one_plain_sentence_and_redraw(displayed):
    plots.sliders(draw_line, slope=[1.0, 2.0, 4.0], n_points=[3, 5])
    (output,) = displayed
    assert output["data"]["text/plain"] == (
        "Two sliders, slope and n_points: open this notebook in JupyterLab and run this cell to move them."
    )
    slope, points, shown, _ = widgets(output)
    assert (slope.value, points.value) == (2.0, 3)
    assert (slope.description, points.description) == ("slope", "n points")
    assert picture(shown) == ("Slope 2, 3 points.", (1400, 800))
    before = shown.value
    slope.value = 4.0
    assert picture(shown)[0] == "Slope 4, 3 points."
    slope.value = 2.0
    assert shown.value == before


def test_the_alt_text_may_be_said(displayed):
    def draw(lr=0.1):
        return draw_line(), f"A line & at {lr}."

    plots.sliders(draw, lr=[0.1, 0.2])
    slider, shown, _ = widgets(displayed[0])
    slider.value = 0.2
    assert picture(shown)[0] == "A line & at 0.2."


def test_what_moves_is_drawn_with_fewer_pixels_until_it_rests(displayed):
    plots.sliders(draw_line, slope=[1.0, 2.0, 4.0])
    slider, shown, _ = widgets(displayed[0])
    seen = []

    async def move():
        for value in (1.0, 4.0):
            slider.value = value
            seen.append(picture(shown))
        while picture(shown)[1] == (700, 400):
            await asyncio.sleep(0.05)

    asyncio.run(asyncio.wait_for(move(), 30))
    assert seen == [("Slope 1, 3 points.", (700, 400)), ("Slope 4, 3 points.", (700, 400))]
    assert picture(shown) == ("Slope 4, 3 points.", (1400, 800))


def draw_only_small(size=1):
    if size > 1:
        plt.subplots()
        raise OverflowError("too large")
    return draw_line()


def test_sliders_say_in_a_sentence_what_can_not_be_drawn(displayed):
    plots.sliders(draw_only_small, size=[1, 2])
    size, _, message = widgets(displayed[0])
    size.value = 2
    assert message.value == "This setting can't be drawn (OverflowError: too large). Choose another one."
    size.value = 1
    assert message.value == ""


def draw_nothing():
    return draw_line()


@pytest.mark.parametrize(
    ("draw", "ranges", "said"),
    [
        (draw_line, {}, "needs at least one range"),
        (draw_nothing, {"lr": [1]}, "a range for lr, and draw has no parameter"),
        (draw_line, {"slope": [1.0, 3.0]}, "does not hold its default"),
        (draw_line, {"slope": []}, "does not hold its default"),
    ],
)
def test_sliders_refuse_ranges_that_do_not_fit(draw, ranges, said):
    with pytest.raises(ValueError, match=said):
        plots.sliders(draw, **ranges)


def draw_frame(frame):
    figure = draw_line()
    return figure, f"The ball at {frame}."


def test_play_shows_each_frame(displayed):
    plots.play(draw_frame, ["a", "b", "c"], label="epoch", start=1)
    (output,) = displayed
    assert output["data"]["text/plain"] == (
        "Something that moves, epoch by epoch: open this notebook in JupyterLab and run this cell."
    )
    row, shown, _ = widgets(output)
    button, slider = row.children
    assert (button.max, button.value, slider.description) == (2, 1, "epoch")
    assert picture(shown)[0] == "The ball at b."
    slider.index = 2
    assert picture(shown)[0] == "The ball at c."


def test_play_counts_frames_from_0(displayed):
    plots.play(draw_frame, 3)
    row, shown, _ = widgets(displayed[0])
    assert [words for words, _ in row.children[1].options] == ["0", "1", "2"]
    assert picture(shown)[0] == "The ball at 0."


@pytest.mark.parametrize(("frames", "start"), [(0, 0), ([], 0), (3, 3), (3, -1)])
def test_play_needs_a_frame_to_start_with(frames, start):
    said = re.escape(f"there is none at place {start} to start with")
    with pytest.raises(ValueError, match=said):
        plots.play(draw_frame, frames, start=start)
