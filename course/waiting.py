"""A cell that needs an exercise which is not written yet says so in one sentence, and Run All goes on.

So does a cell that needs what such a cell would have made, and one whose figure can't be drawn from what a
wrong answer gives. Programs, which look for the exception, see it.
"""

from __future__ import annotations

import re
import symtable
import sys
import warnings
from collections.abc import Iterator
from html import escape
from traceback import walk_tb
from types import TracebackType
from typing import Any

from IPython import get_ipython
from IPython.display import display

from course.exercises import EXERCISES
from course.families.recorder import stub_of
from course.report.card import as_note, link
from course.trial import said_of

# The modules, by their names, that cells are parts of; that lessons' figures are in; and that draw them.
CELL, FIGURES, DRAWN = "__main__", r"course\.figures\b", r"course\.(figures|plots)\b"

# What cells would have made that met an exercise which is not written: the exercise, by the name.
_unmade: dict[str, str] = {}
# The exceptions of the running cell that were explained.
_explained: list[BaseException] = []


def watch_for_stubs() -> None:
    """From now on a stub that a notebook's cell calls ends it with a sentence; elsewhere do nothing."""
    shell = get_ipython()
    if getattr(shell, "kernel", None) is not None:
        shell.set_custom_exc((Exception,), _explain)
        shell.events.register("post_run_cell", _forgive)
        # Drawn from a wrong answer, figures divide by zero: to read of their lines helps nobody.
        warnings.filterwarnings("ignore", module=DRAWN)


def _explain(
    shell: Any,
    kind: type[BaseException],
    error: Exception,
    trace: TracebackType,
    tb_offset: int | None = None,
) -> None:
    """What the kernel does with the exception, which ends the cell in every case."""
    waits_for = _waits_for(error)
    modules = [frame.f_globals.get("__name__", "") for frame, _ in walk_tb(trace)]
    met_by = [name for name in modules if name == CELL or re.match(FIGURES, name)]
    # By a lesson's figure, and not by code of a cell that this calls.
    is_drawing = bool(met_by) and met_by[-1] != CELL
    if (waits_for or set(met_by) - {CELL}) and "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")  # the axes are empty that were to show it
    if not (waits_for or is_drawing) or not has_reader(shell):
        shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
        return
    _explained.append(error)
    if waits_for is not None:
        _unmade.update(dict.fromkeys(_made_by(shell), waits_for))
        _say(_waiting(error, waits_for), waits_for)
    else:
        used = next((name for name in _names(shell) if name in EXERCISES), None)
        _say(
            f"This figure can't be drawn from what your {used or 'code'} gives "
            f"({said_of(kind.__name__, str(error))}): look at the checks above.",
            used,
        )


def _say(said: str, exercise: str | None) -> None:
    """Show a sentence, in which "your adam_update" leads to its cell."""
    html = as_note(said)
    if exercise is not None:
        html = html.replace(f"your {escape(exercise)}", f"your {link(exercise)}")
    display({"text/plain": said, "text/html": html}, raw=True)


def _waiting(error: Exception, exercise: str) -> str:
    if isinstance(error, NameError):
        return (
            f"This cell needs {error.name}, which a cell above makes as soon as your {exercise} is written: "
            "fill that in, and run the cells from there."
        )
    return (
        f"This cell runs your {exercise}, which is not written yet: fill in its cell above, run that, "
        "and then this one again."
    )


def _waits_for(error: Exception) -> str | None:
    """The exercise that has to be written first; None where it is another kind of error."""
    if isinstance(error, NameError):
        return _unmade.get(error.name or "")
    if isinstance(error, NotImplementedError):
        return next((part for part in stub_of(error).split(".") if part in EXERCISES), None)
    return None


def _made_by(shell: Any) -> Iterator[str]:
    """The names that the running cell gives to what it makes."""
    return (name for name, symbol in _names(shell).items() if symbol.is_assigned() or symbol.is_imported())


def _names(shell: Any) -> dict[str, symtable.Symbol]:
    """What the running cell says of the names in it, functions' own left out."""
    try:
        table = symtable.symtable(shell.transform_cell(shell.user_ns["In"][-1]), "cell", "exec")
    except (SyntaxError, ValueError, LookupError):
        return {}
    return {symbol.get_name(): symbol for symbol in table.get_symbols()}


def _forgive(result: Any) -> None:
    """A cell whose exception was explained has ended well: the editor runs those after it."""
    if result is not None and any(result.error_in_exec is error for error in _explained):
        result.error_in_exec = None
    _explained.clear()


def has_reader(shell: Any) -> bool:
    """Whether a person's editor runs the cell, which says which it is; programs look for the exception."""
    kernel = getattr(shell, "kernel", None)
    return kernel is not None and "cellId" in kernel.get_parent("shell").get("metadata", {})
