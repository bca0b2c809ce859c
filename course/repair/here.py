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
    """Display a button that says where it goes wrong; a page without a kernel shows nothing in its place."""
    button = ipywidgets.Button(description=ASKED, layout={"width": "auto"})
    box = ipywidgets.VBox([button])

    def look(_: ipywidgets.Button) -> None:
        button.disabled, button.description = True, LOOKING
        box.children = [ipywidgets.HTML(f'<span role="status">{with_code(where(exercise_id))}</span>')]

    button.on_click(look)
    view = {"version_major": 2, "version_minor": 0, "model_id": box.model_id}
    display({"text/plain": "", WIDGET: view}, raw=True)


def _cells() -> Sequence[str]:
    """The cells that ran, in their order; what is no Python as it stands, as IPython makes it one."""
    shell = get_ipython()
    ran = shell.history_manager.input_hist_raw[-CELLS_LIMIT:] if shell is not None else []
    return [as_python(text, shell.transform_cell) for text in ran]
