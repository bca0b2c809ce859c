"""Curves, bands and the names at their ends: each name is at its curve, and none is over another."""

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.text import Text

from course import plots
from course.plots.lines import settle


@pytest.fixture
def ax():
    plt.switch_backend("agg")
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


def settled(ax):
    """The place of each name in pixels, and whether a line ties it to its curve."""
    settle(ax.figure)
    ax.figure.draw_without_rendering()
    # The extent of a whole annotation holds its line too.
    return {
        text.get_text(): (Text.get_window_extent(text), text.arrow_patch.get_visible()) for text in ax.texts
    }


def height(ax, value):
    return ax.transData.transform((0, value))[1]


def test_names_do_not_overlap_and_those_that_moved_are_tied(ax):
    ax.set_ylim(0, 1)
    plots.curves(ax, {"SGD": [0, 0.5], "momentum": [0, 0.5], "RMSprop": [0, 0.505], "Adam": [0, 0.2]})
    found = settled(ax)
    boxes = sorted((box for box, _ in found.values()), key=lambda box: box.y0)
    assert len(boxes) == 4
    assert all(lower.y1 <= upper.y0 for lower, upper in pairwise(boxes))
    # Of three at one height the middle one stays.
    assert [name for name, (_, tied) in found.items() if tied] == ["SGD", "RMSprop"]


def test_names_keep_the_order_of_their_curves_and_stay_within_the_axes(ax):
    ax.set_ylim(0, 1)
    plots.curves(ax, {f"at {end}": [0.5, end] for end in (0.0, 0.01, 0.02, 0.97, 0.98, 1.0)})
    found = settled(ax)
    middles = [(box.y0 + box.y1) / 2 for box, _ in found.values()]
    assert middles == sorted(middles)
    assert height(ax, 0) - 1 <= middles[0]
    assert middles[-1] <= height(ax, 1) + 1


def test_a_title_set_later_moves_the_names_along(ax):
    plots.curves(ax, {"Adam": [0.0, 1.0], "SGD": [0.0, 0.9]})
    ax.set(title="Two\nlines", xlabel="step", ylim=(0, 4))
    for name, end in (("Adam", 1.0), ("SGD", 0.9)):
        box, _ = settled(ax)[name]
        assert abs((box.y0 + box.y1) / 2 - height(ax, end)) < 20


def test_a_noisy_curve_is_named_at_the_height_where_it_ends(ax):
    values = np.full(100, 0.2)
    values[-1] = 0.9
    ax.set_ylim(0, 1)
    plots.curves(ax, {"noisy": values})
    box, _ = settled(ax)["noisy"]
    assert box.y0 < height(ax, 0.2) < box.y1


@pytest.mark.parametrize("beyond", [1e3, np.inf])
def test_a_curve_that_leaves_the_axes_is_named_inside_them_where_it_does(ax, beyond):
    ax.set(ylim=(0, 1), xlim=(0, 50))
    plots.curves(ax, {"gone": [*np.linspace(0, 1, 20), *[beyond] * 31], "stays": np.full(51, 0.5)})
    box, _ = settled(ax)["gone"]
    frame = ax.get_window_extent()
    assert frame.y0 < box.y0 and box.y1 < frame.y1
    assert ax.transData.transform((19, 0))[0] < box.x0 and box.x1 < ax.transData.transform((35, 0))[0]


def test_names_can_be_read_on_white(ax):
    for color in (*plots.PALETTE, "yellow", "0.9", "white"):
        assert contrast_on_white(plots.label(ax, 0.5, 0.5, "name", color).get_color()) >= 4.5
    assert plots.readable("black") == (0, 0, 0)
    with pytest.raises(ValueError, match="'greenish' is no colour that matplotlib knows"):
        plots.label(ax, 0, 0, "name", "greenish")


def contrast_on_white(color):
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color]
    return 1.05 / (0.05 + 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])


def test_a_band_holds_all_runs_and_a_line_their_median(ax):
    runs = np.array([[1.0, 4.0], [2.0, 5.0], [9.0, 6.0]])
    plots.bands(ax, {"Adam": runs}, x=[10, 20])
    (line,), (band,) = ax.lines, ax.collections
    assert line.get_xdata().tolist() == [10, 20]
    assert line.get_ydata().tolist() == [2, 5]
    vertices = band.get_paths()[0].vertices
    for at, low, high in ((10, 1, 9), (20, 4, 6)):
        heights = vertices[vertices[:, 0] == at, 1]
        assert (heights.min(), heights.max()) == (low, high)


@pytest.mark.parametrize("lost", [np.inf, np.nan])
@pytest.mark.parametrize("scale", ["linear", "log"])
def test_a_run_that_blew_up_lifts_the_band_out_of_the_axes_and_leaves_the_scale_alone(ax, lost, scale):
    runs = np.full((5, 4), 1.0) + np.arange(5)[:, None]
    runs[0, 2:], runs[1, 3], runs[2, 3] = lost, lost, lost
    ax.set_yscale(scale)
    plots.bands(ax, {"SGD": runs})
    assert np.isfinite(ax.lines[0].get_ydata()).tolist() == [True, True, True, False]
    assert ax.get_ylim()[1] < 10
    vertices = ax.collections[0].get_paths()[0].vertices
    assert vertices[vertices[:, 0] == 2, 1].max() > ax.get_ylim()[1]
    settled(ax)


def test_runs_that_all_blew_up_at_once_are_no_error(ax):
    plots.bands(ax, {"SGD": np.full((5, 3), np.nan), "Adam": np.ones((5, 3))})
    assert set(settled(ax)) == {"Adam"}


@pytest.mark.parametrize(
    ("draw", "said"),
    [
        (
            lambda ax: plots.bands(ax, {"SGD": [1, 2, 3]}),
            r"\"SGD\" has the shape \(3,\): .* of shape \(seeds, n\)",
        ),
        (
            lambda ax: plots.curves(ax, {"SGD": [[1, 2]]}),
            r"\"SGD\" has the shape \(1, 2\): .* of shape \(n,\)",
        ),
        (lambda ax: plots.curves(ax, {"SGD": []}), r"\"SGD\" has the shape \(0,\)"),
        (lambda ax: plots.curves(ax, {"SGD": [1, 2]}, x=[1]), r"2 values and positions of shape \(1,\)"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(ax, draw, said):
    with pytest.raises(ValueError, match=said):
        draw(ax)
