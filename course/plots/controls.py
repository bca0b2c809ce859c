"""Sliders, and steps that play: figures that a student moves."""

from __future__ import annotations

import asyncio
import html
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets
import matplotlib.pyplot as plt
from IPython.display import display
from matplotlib.figure import Figure

from course.plots.look import DPI
from course.plots.output import SHARP, as_html, png

# While something moves, its figure is drawn with fewer pixels and its axes stay where they were, which takes
# half the time; so many seconds after it stopped, it is drawn in full.
REST = 0.25
# Milliseconds between two steps.
PACE = 400

# ipywidgets names neither the handle of a slider nor the buttons of Play, and says of a choice of values its
# place in the list. This runs whenever a picture of ours is shown, below them; they may come up after it.
NAME_CONTROLS = """
(picture => {
  const nameAll = left => {
    const box = picture.closest('.widget-vbox');
    const sliders = box ? [...box.querySelectorAll('.widget-slider')].filter(nameOne).length : 0;
    box?.querySelectorAll('.widget-play button').forEach((button, place) =>
      button.setAttribute('aria-label', ['Play or pause', 'Stop', 'Repeat'][place]));
    if (sliders < Number(picture.dataset.sliders) && left) setTimeout(nameAll, 100, left - 1);
  };
  const nameOne = slider => {
    const handle = slider.querySelector('[role=slider]');
    const name = slider.querySelector('.widget-label'), value = slider.querySelector('.widget-readout');
    if (!handle || !name || !value) return false;
    if (handle.hasAttribute('aria-label')) return true;
    const say = () => {
      if (handle.getAttribute('aria-valuetext') !== value.textContent)
        handle.setAttribute('aria-valuetext', value.textContent);
    };
    handle.setAttribute('aria-label', name.textContent);
    new MutationObserver(say).observe(handle, {attributes: true, attributeFilter: ['aria-valuetext']});
    new MutationObserver(say).observe(value, {childList: true, characterData: true, subtree: true});
    say();
    return true;
  };
  nameAll(600);
})(this)
"""
_ON_LOAD = f' onload="{html.escape(" ".join(NAME_CONTROLS.split()))}"'
# Nothing else makes a picture in a widget smaller where there is less room for it.
_FITS = ' style="max-width:100%;height:auto"'

Drawn = Figure | tuple[Figure, str]


def sliders(draw: Callable[..., Drawn], **ranges: Sequence[float]) -> None:
    """Display a slider for each range and the figure that ``draw`` makes of their values.

    The sliders start at the defaults of ``draw``'s parameters. Where ``draw`` fails, one sentence says so.

    Args:
        draw: called with one keyword for each range; returns a figure, whose titles are its alt text, or a
            pair of a figure and its alt text.
        ranges: the values that a slider stops at, by parameter name; each holds that parameter's default.

    Raises:
        ValueError: no range, one that ``draw`` has no parameter for, or one that does not hold its default.
    """
    if not ranges:
        raise ValueError("sliders needs at least one range: sliders(draw, lr=[0.1, 0.2, 0.4]).")
    defaults = {name: _default(draw, name, values) for name, values in ranges.items()}
    # One width for all names, so that the sliders stand one below the other; an m is wider than a ch.
    width = f"{max(map(len, ranges)) + 2}ch"
    controls = {
        name: ipywidgets.SelectionSlider(
            options=[(f"{value:g}", value) for value in values],
            value=defaults[name],
            description=name.replace("_", " "),
            style={"description_width": width},
        )
        for name, values in ranges.items()
    }
    count = ("One slider", "Two sliders", "Three sliders", "Four sliders")[min(len(ranges), 4) - 1]
    names = " and ".join(filter(None, [", ".join(list(ranges)[:-1]), list(ranges)[-1]]))
    sentence = f"{count}, {names}: open this notebook in JupyterLab and run this cell to move them."
    _show_moving(draw, controls, list(controls.values()), sentence)


def play(
    draw: Callable[[Any], Drawn], frames: int | Sequence[Any], label: str = "step", start: int = 0
) -> None:
    """Display a figure that moves: a play button, a slider over the frames, and the frame that is chosen.

    Args:
        draw: called with one frame; returns what ``sliders`` takes.
        frames: the frames, or how many of them, counted from 0.
        label: what is counted, beside the slider.
        start: the place in ``frames`` that is shown first.

    Raises:
        ValueError: no frames, or a start that is none of them.
    """
    each = range(frames) if isinstance(frames, int) else list(frames)
    if not 0 <= start < len(each):
        raise ValueError(f"There are {len(each)} frames: there is none at place {start} to start with.")
    last = len(each) - 1
    slider = ipywidgets.SelectionSlider(
        options=[
            (f"{frame:g}" if isinstance(frame, float) else str(frame), place)
            for place, frame in enumerate(each)
        ],
        value=start,
        description=label,
        style={"description_width": "initial"},
        layout={"margin": "2px 2px 2px 12px"},  # away from the buttons
    )
    button = ipywidgets.Play(min=0, max=last, value=start, interval=PACE, description=f"Play each {label}")
    ipywidgets.jslink((button, "value"), (slider, "index"))
    sentence = (
        f"Something that moves, {label} by {label}: open this notebook in JupyterLab and run this cell."
    )

    def draw_place(place: int) -> Drawn:
        return draw(each[place])

    _show_moving(draw_place, {"place": slider}, [ipywidgets.HBox([button, slider])], sentence)


def _default(draw: Callable[..., Drawn], name: str, values: Sequence[float]) -> Any:
    parameter = inspect.signature(draw).parameters.get(name)
    if parameter is None:
        raise ValueError(f"There is a range for {name}, and draw has no parameter of that name.")
    if parameter.default not in list(values):
        raise ValueError(f"The range of {name} does not hold its default in draw: the slider starts there.")
    return parameter.default


def _show_moving(
    draw: Callable[..., Drawn], controls: Mapping[str, Any], rows: list[Any], sentence: str
) -> None:
    """Display rows of widgets above what ``draw`` makes of the controls' values."""
    picture = ipywidgets.HTML()
    message = ipywidgets.Label()
    waiting: list[asyncio.TimerHandle] = []

    places: list[Any] = []

    def redraw(moving: bool) -> None:
        before = plt.get_fignums()
        try:
            drawn = draw(**{name: control.value for name, control in controls.items()})
            figure, alt = drawn if isinstance(drawn, tuple) else (drawn, titles(drawn))
            if moving and len(figure.axes) == len(places):
                figure.set_layout_engine("none")
                for ax, place in zip(figure.axes, places, strict=True):
                    ax.set_position(place)
            width = round(figure.get_figwidth() * DPI)
            named = f' data-sliders="{len(controls)}"{_FITS}{_ON_LOAD}'
            picture.value = as_html(png(figure, 1 if moving else SHARP), alt, width, named)
            if not moving:
                places[:] = [ax.get_position(original=True) for ax in figure.axes]
            message.value = ""
        except Exception as error:
            for number in set(plt.get_fignums()) - set(before):
                plt.close(number)
            if isinstance(error, NotImplementedError) and not places:
                raise  # it draws with an exercise that is not written yet: there is nothing to move
            message.value = (
                f"This setting can't be drawn ({type(error).__name__}: {error}). Choose another one."
            )

    def moved(_: Any) -> None:
        while waiting:
            waiting.pop().cancel()
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # nothing to wait in: outside a notebook
            redraw(moving=False)
            return
        redraw(moving=True)
        waiting.append(loop.call_later(REST, redraw, False))

    for control in controls.values():
        control.observe(moved, names="value")
    redraw(moving=False)
    box = ipywidgets.VBox([*rows, picture, message])
    view = {"version_major": 2, "version_minor": 0, "model_id": box.model_id}
    display({"text/plain": sentence, "application/vnd.jupyter.widget-view+json": view}, raw=True)


def titles(figure: Figure) -> str:
    """The titles of a figure, a sentence each."""
    found = [figure.get_suptitle(), *(ax.get_title(loc) for ax in figure.axes for loc in ("left", "center"))]
    return " ".join(f"{title.rstrip('.')}." for title in found if title)
