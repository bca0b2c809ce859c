"""Where an answer of the running notebook goes wrong: asked for with a check, or by a button below it."""

from __future__ import annotations

from collections.abc import Sequence

import ipywidgets
from IPython import get_ipython
from IPython.display import display

from course.definitions import as_python, last_definitions
from course.repair.place import search_apart, sentence
from course.report.card import with_code

ASKED, LOOKING = "Where does it go wrong?", "Looking for the line..."
NO_CELL = "Where it goes wrong can be looked for in a notebook, in the cell that defines {name}."
WIDGET = "application/vnd.jupyter.widget-view+json"
# Of all that ran, so many cells from the last.
CELLS_LIMIT = 300


def where(exercise_id: str) -> str:
    """A sentence that says which line of the exercise's cell a single change would mend; some seconds."""
    cells = _cells()
    source = last_definitions(cells, [exercise_id]).get(exercise_id)
    if source is None:
        return NO_CELL.format(name=exercise_id)
    return sentence(search_apart(exercise_id, source, cells), source)


def offer(exercise_id: str) -> None:
    """Display a button that says where it goes wrong, for as long as no other cell runs.

    A notebook that is opened later says of a button only that it is broken, and code that has changed since
    is not what the card is about: the next cell that runs hides it. What it said is no part of it and stays.
    """
    button = ipywidgets.Button(description=ASKED, layout={"width": "auto"})
    view = {"version_major": 2, "version_minor": 0, "model_id": button.model_id}
    shown = display({"text/plain": "", WIDGET: view}, raw=True, display_id=True)
    said = display(_spoken(""), raw=True, display_id=True)
    events = get_ipython().events

    def look(_: ipywidgets.Button) -> None:
        # Not disabled, which would take the focus from the keyboard.
        button.description = LOOKING
        said.update(_spoken(where(exercise_id)), raw=True)
        button.description = ASKED

    def hide(*_: object) -> None:
        events.unregister("pre_run_cell", hide)
        shown.update({"text/plain": ""}, raw=True)

    button.on_click(look)
    events.register("pre_run_cell", hide)


def _spoken(sentence: str) -> dict[str, str]:
    """A sentence that is read out when it comes."""
    return {"text/plain": sentence, "text/html": f'<div role="status">{with_code(sentence)}</div>'}


def _cells() -> Sequence[str]:
    """The cells that ran, in their order; what is no Python as it stands, as IPython makes it one."""
    shell = get_ipython()
    ran = shell.history_manager.input_hist_raw[-CELLS_LIMIT:] if shell is not None else []
    return [as_python(text, shell.transform_cell) for text in ran]
