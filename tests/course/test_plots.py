"""Figures: what is displayed, what is said about it, and that it does not change from run to run."""

import base64
import io
import json

import matplotlib.pyplot as plt
import numpy as np
import pytest
from bs4 import BeautifulSoup
from PIL import Image

from course import plots
from course.figure_summary import summarise
from course.plots.output import png

pytestmark = pytest.mark.usefixtures("no_window")


def falling(title="The loss falls", values=(3.0, 2.0, 1.0)):
    figure, ax = plt.subplots()
    plots.curves(ax, {"Adam": values})
    ax.set(title=title, xlabel="step", ylabel="loss")
    return figure


def test_show_displays_one_picture_with_its_text_and_numbers(displayed):
    alt = 'A curve that falls from "3" to 1 & stays.'
    plots.show(falling(), alt, seeds=5)
    (output,) = displayed
    assert set(output["data"]) == {"text/html", "image/png", "text/plain"}
    assert output["data"]["text/plain"] == alt
    assert output["metadata"]["image/png"] == {"alt": alt, "width": 700}
    assert output["metadata"]["figure"]["seeds"] == 5
    (axes,) = output["metadata"]["figure"]["axes"]
    assert (axes["title"], axes["x"]["label"], axes["y"]["label"]) == ("The loss falls", "step", "loss")
    assert axes["lines"][0] == {
        "label": "Adam",
        "x": {"count": 3, "values": [0.0, 1.0, 2.0]},
        "y": {"count": 3, "values": [3.0, 2.0, 1.0]},
    }
    picture = Image.open(io.BytesIO(base64.b64decode(output["data"]["image/png"])))
    assert picture.size == (1400, 800)
    (shown,) = BeautifulSoup(output["data"]["text/html"], "html.parser").find_all()
    assert (shown.name, shown["alt"], shown["width"]) == ("img", alt, "700")
    assert shown["src"] == f"data:image/png;base64,{output['data']['image/png']}"


@pytest.mark.parametrize(
    ("alt", "seeds", "said"), [(" ", None, "needs an alt text"), ("x", 0, "seeds is 0: give")]
)
def test_show_refuses_what_says_too_little(displayed, alt, seeds, said):
    figure = falling()
    with pytest.raises(ValueError, match=said):
        plots.show(figure, alt, seeds)
    plt.close(figure)


def test_show_is_the_same_every_time(displayed):
    plots.show(falling(), "The same.")
    plots.show(falling(), "The same.")
    assert displayed[0] == displayed[1]


def test_the_ground_is_white_beside_shades_that_are_nearly_white(displayed):
    figure, (left, right) = plt.subplots(1, 2)
    left.imshow(np.linspace(-1, 1, 40 * 40).reshape(40, 40), cmap="RdBu")
    right.imshow(np.zeros((4, 4)), cmap="RdBu", vmin=-1, vmax=1)
    plots.show(figure, "Two fields.")
    (output,) = displayed
    picture = Image.open(io.BytesIO(base64.b64decode(output["data"]["image/png"]))).convert("RGB")
    assert picture.getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize("place", ["title", "xlabel"])
def test_show_refuses_words_that_would_be_cut(place):
    figure = falling()
    figure.axes[0].set(**{place: "Words that go on and on " * 5})
    with pytest.raises(ValueError, match="is wider than the figure: shorten it"):
        plots.show(figure, "A curve.")
    plt.close(figure)


@pytest.mark.parametrize("shades", [24, 3])
def test_the_ground_is_white_beside_what_is_nearly_white(shades):
    figure, ax = plt.subplots()
    table = np.linspace(1, 3, 8 * shades).reshape(8, shades)
    plots.heatmap(ax, table, range(8), range(shades), "loss", log=True)
    picture = Image.open(io.BytesIO(png(figure))).convert("RGB")
    assert {picture.getpixel((x, y)) for x in (1, picture.width - 2) for y in (1, picture.height - 2)} == {
        (255, 255, 255)
    }


def test_summary_is_plain_json_and_sees_every_kind_of_drawing():
    figure, axes = plt.subplots(2, 3)
    axes[0, 0].plot([1.0, np.nan, np.inf])
    axes[0, 1].scatter([1, 2], [3, 4])
    axes[0, 2].bar(["a", "b"], [1.5, 2.5])
    axes[1, 0].imshow(np.eye(2))
    plots.contours(axes[1, 1], lambda x, y: x**2 + y**2, (-1, 1), (-1, 1), lines=3)
    axes[1, 2].fill_between([0, 1], [0, 0], [1, 2])
    line, dots, bars, image, contour, area = json.loads(json.dumps(summarise(figure)))["axes"]
    plt.close(figure)
    assert line["lines"][0]["y"] == {"count": 3, "values": [1.0, "nan", "inf"]}
    assert dots["collections"][0]["y"] == {"count": 2, "values": [3.0, 4.0]}
    assert bars["bars"]["values"] == [1.5, 2.5]
    assert image["images"][0] == {"shape": [2, 2], "values": {"count": 4, "values": [1.0, 0.0, 0.0, 1.0]}}
    assert contour["collections"][0]["values"]["count"] == 3
    assert area["collections"][0]["values"]["count"] > 0


def test_summary_rounds_to_four_digits_and_keeps_eight_of_many():
    figure = falling(values=np.linspace(0, 1, 1000) / 3)
    numbers = summarise(figure)["axes"][0]["lines"][0]["y"]
    plt.close(figure)
    assert (numbers["count"], len(numbers["values"]), numbers["values"][-1]) == (1000, 8, 0.3333)


def test_an_optimiser_looks_the_same_in_every_figure():
    sgd, scaled, other = plots.line_styles(["SGD", "SGD, loss x 2", "batch of 64"])
    assert sgd == plots.OPTIMISERS["SGD"]
    assert scaled["color"] == sgd["color"]
    assert scaled["linestyle"] != sgd["linestyle"]
    assert other["color"] not in {style["color"] for style in (sgd, scaled)}
