"""Heat maps and arrows: what is written, framed and pointed at."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.patches import Rectangle

from course import plots


@pytest.fixture
def ax():
    plt.switch_backend("agg")
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


def lightness(ax, value):
    image = ax.images[0]
    return sum(image.cmap(image.norm(value))[:3])


@pytest.mark.parametrize(("good", "best"), [("low", 1.0), ("high", 4.0)])
@pytest.mark.parametrize("log", [False, True])
def test_dark_is_good_and_a_bar_says_so(ax, good, best, log):
    plots.heatmap(ax, [[1, 2], [3, 4]], ["a", "b"], [1, 2], "loss", good=good, log=log)
    assert min((1.0, 2.0, 3.0, 4.0), key=lambda value: lightness(ax, value)) == best
    (bar,) = [other for other in ax.figure.axes if other is not ax]
    assert bar.get_ylabel() == "loss (dark is good)"


@pytest.mark.parametrize(("good", "framed"), [("low", {(0, 0), (1, 0)}), ("high", {(0, 1)})])
def test_fields_that_reach_the_goal_are_framed_and_read_so(ax, good, framed):
    table = [[0.02, 0.02496, np.nan], [0.5, 0.025, 0.02504]]
    plots.heatmap(ax, table, ["a", "b"], [0.1, 0.2, 0.3], "loss", good=good, goal=0.025, decimals=3)
    frames = {
        (round(p.get_y() + 0.46), round(p.get_x() + 0.46)) for p in ax.patches if isinstance(p, Rectangle)
    }
    words = [text.get_text() for text in ax.texts]
    assert words == ["0.020", "0.02496", "-", "0.500", "0.025", "0.02504"]
    assert frames == ({(0, 0), (0, 1)} if good == "low" else {(1, 0), (1, 2)})


def test_a_number_that_is_not_0_is_not_written_as_0(ax):
    plots.heatmap(ax, [[0.0027, 0.0], [0.12, 3e-9]], ["a", "b"], [1, 2], "loss")
    assert [text.get_text() for text in ax.texts] == ["0.003", "0.00", "0.12", "0.000000"]


def test_numbers_can_be_read_on_their_fields(ax):
    from course.plots.look import contrast

    plots.heatmap(ax, np.linspace(0, 1, 25).reshape(5, 5), range(5), range(5), "loss")
    image = ax.images[0]
    for value, text in zip(image.get_array().ravel(), ax.texts, strict=True):
        assert contrast(image.cmap(image.norm(value))[:3], text.get_color()) >= 4.5


@pytest.mark.parametrize(
    ("values", "options", "said"),
    [
        ([[1, 2]], {}, r"shape \(1, 2\); 2 rows and 2 columns"),
        (np.full((2, 2), np.nan), {}, "No value is finite"),
        (np.zeros((2, 2)), {"log": True}, "draw it with log=False"),
        (np.zeros((2, 2)), {"good": "dark"}, "good is 'dark'"),
    ],
)
def test_a_table_that_can_not_be_drawn_is_refused_in_a_sentence(ax, values, options, said):
    with pytest.raises(ValueError, match=said):
        plots.heatmap(ax, values, "ab", "ab", "loss", **options)


def test_an_arrow_goes_where_its_vector_does_and_carries_its_name(ax):
    ax.set(xlim=(0, 4), ylim=(0, 4))
    plots.arrow(ax, (1, 2), (2, -1), "gradient")
    assert ax.lines[0].get_xydata().tolist() == [[1, 2], [3, 1]]
    assert [text.get_text() for text in ax.texts if text.get_text()] == ["gradient"]


def test_an_arrow_of_no_length_is_a_dot(ax):
    plots.arrow(ax, (1, 2), (0, 0), "velocity")
    assert ax.lines[0].get_marker() == "o"


@pytest.mark.parametrize("vector", [1.0, (1, 2, 3), (np.nan, 1)])
def test_an_arrow_needs_two_numbers(ax, vector):
    with pytest.raises(ValueError, match="An arrow's vector is two finite numbers; this is"):
        plots.arrow(ax, (0, 0), vector)
