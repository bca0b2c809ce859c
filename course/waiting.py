"""A cell that needs an exercise which is not written yet says so in one sentence, and Run All goes on.

So does a cell that needs what such a cell would have made. Programs, which look for the exception, see it.
"""

from __future__ import annotations

import symtable
import sys
from collections.abc import Iterator
from html import escape
from types import TracebackType
from typing import Any

from IPython import get_ipython
from IPython.display import display

from course.exercises import EXERCISES
from course.families.recorder import stub_of
from course.report.card import as_note, link

# What cells would have made that met an exercise which is not written: the exercise, by the name.
_unmade: dict[str, str] = {}
# The exceptions of the running cell that were explained.
_explained: list[BaseException] = []


def watch_for_stubs() -> None:
    """From now on a stub that a notebook's cell calls ends it with a sentence; elsewhere do nothing."""
    shell = get_ipython()
    if getattr(shell, "kernel", None) is not None:
        shell.set_custom_exc((NotImplementedError, NameError), _explain)
        shell.events.register("post_run_cell", _forgive)


def _explain(
    shell: Any,
    kind: type[BaseException],
    error: NotImplementedError | NameError,
    trace: TracebackType,
    tb_offset: int | None = None,
) -> None:
    """What the kernel does with the exception, which ends the cell in every case."""
    exercise = _waits_for(error)
    if exercise and "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")  # the axes are empty that were to show it
    if exercise is None or not _has_reader(shell):
        shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
        return
    _unmade.update(dict.fromkeys(_made_by(shell), exercise))
    _explained.append(error)
    if isinstance(error, NameError):
        said = (
            f"This cell needs {error.name}, which a cell above makes as soon as your {exercise} is written: "
            "fill that in, and run the cells from there."
        )
    else:
        said = (
            f"This cell runs your {exercise}, which is not written yet: fill in its cell above, run that, "
            "and then this one again."
        )
    linked = as_note(said).replace(f"your {escape(exercise)}", f"your {link(exercise)}")
    display({"text/plain": said, "text/html": linked}, raw=True)


def _waits_for(error: NotImplementedError | NameError) -> str | None:
    """The exercise that has to be written first; None where it is another kind of error."""
    if isinstance(error, NameError):
        return _unmade.get(error.name or "")
    return next((part for part in stub_of(error).split(".") if part in EXERCISES), None)


def _made_by(shell: Any) -> Iterator[str]:
    """The names that the running cell gives to what it makes."""
    try:
        table = symtable.symtable(shell.transform_cell(shell.user_ns["In"][-1]), "cell", "exec")
    except (SyntaxError, ValueError, LookupError):
        return
    for symbol in table.get_symbols():
        if symbol.is_assigned() or symbol.is_imported():
            yield symbol.get_name()


def _forgive(result: Any) -> None:
    """A cell whose exception was explained has ended well: the editor runs those after it."""
    if result is not None and any(result.error_in_exec is error for error in _explained):
        result.error_in_exec = None
    _explained.clear()


def _has_reader(shell: Any) -> bool:
    """Whether a person's editor runs the cell, which says which it is; programs look for the exception."""
    return "cellId" in shell.kernel.get_parent("shell").get("metadata", {})
