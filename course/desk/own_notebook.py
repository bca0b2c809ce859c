"""``ready("05_adam")`` in a notebook: is the file that it is saved in ready to be handed in?"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from IPython import get_ipython

from course.definitions import last_definitions
from course.desk import DeskError
from course.desk.inside import INSIDE

if TYPE_CHECKING:
    from course.desk.ready import Readiness

# Which file a kernel's notebook is: JupyterLab says it in the environment, VS Code among the cells' names.
IN_JUPYTER, IN_CODE = "JPY_SESSION_NAME", "__vsc_ipynb_file__"


def ready(lesson: str, file: str | os.PathLike[str] | None = None) -> None:
    """Try the notebook as grading does, as it was last saved, and say what it would hand in.

    Args:
        lesson: "05_adam".
        file: the notebook; needed only where the editor does not tell which one it is.
    """
    if INSIDE in os.environ:
        print("This notebook is being tried already.")
        return
    path = _own_file() if file is None else Path(file)
    if path is None:
        print(
            "This editor does not tell which file the notebook is saved in. Save it, and run in a new cell, "
            f'with the name of your file: ready("{lesson}", "{lesson}.ipynb")'
        )
        return
    # Loaded when it is needed: a kernel that only runs cells has no use for what starts kernels.
    from course.desk.ready import ready, say

    try:
        readiness = ready(path)
    except DeskError as error:
        print(error)
        return
    print("\n".join([say(readiness), *_unsaved(readiness)]))


def _own_file() -> Path | None:
    """The file of the notebook that is running, where its editor says so and it is there."""
    shell = get_ipython()
    names = shell.user_ns if shell is not None else {}
    said = names.get(IN_CODE) or os.environ.get(IN_JUPYTER)
    path = Path(said) if said else None
    return path if path is not None and path.suffix == ".ipynb" and path.is_file() else None


def _unsaved(readiness: Readiness) -> Iterator[str]:
    """A sentence where the file does not hold the answers that were last run here."""
    shell = get_ipython()
    ran = last_definitions(
        shell.history_manager.input_hist_raw if shell is not None else [],
        [entry.exercise for entry in readiness.answers],
    )
    other = [
        entry.exercise
        for entry in readiness.answers
        if entry.exercise in ran and ran[entry.exercise].strip() != entry.source.strip()
    ]
    if other:
        yield (
            f"The file does not hold the {', '.join(other)} that you last ran here. What is handed in is the "
            "file: save the notebook (Ctrl+S, on a Mac Cmd+S) and run this cell again."
        )
