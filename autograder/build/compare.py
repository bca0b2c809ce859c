"""Where a committed lesson differs from a freshly built one, a sentence for each place.

Sources, metadata and text are compared exactly. Pictures are not compared: processors differ in the last
bit, and one bit changes a PNG. Their numbers are, through the summary that ``course.plots.show`` leaves
beside them.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import takewhile, zip_longest
from pathlib import Path
from typing import Any

import numpy as np
from nbformat import NotebookNode

from autograder.build.own import KEY
from course.judging.sketch import same_sketch

# Of the numbers in a figure's summary.
RTOL, ATOL = 1e-3, 1e-6
FIGURE = "figure"
# In the HTML of a figure.
PICTURE = re.compile(r"(?<=data:image/png;base64,)[A-Za-z0-9+/=]+")


def compare(committed: NotebookNode, built: NotebookNode) -> list[str]:
    """The differences between a committed notebook and a freshly built one, in the order of the cells."""
    return list(_notebook(committed, built))


def compare_words(committed: Path, built: str) -> list[str]:
    """The differences between the texts of hints, their order included; see ``course.known.read_hints``."""
    old = committed.read_text(encoding="utf-8")
    return [] if old == built else [f"the known mistakes differ: {_first_line(old, built)}."]


def compare_numbers(committed: Path, built: Mapping[str, np.ndarray]) -> list[str]:
    """The differences between the numbers of hints; see ``course.known.read_hints``."""
    with np.load(committed) as old:
        if set(old) != set(built):
            return [f"it has the numbers of {_listed(old)} and should have those of {_listed(built)}."]
        return [f"the numbers of {key} differ." for key in built if not _same_numbers(old[key], built[key])]


def _same_numbers(old: np.ndarray, new: np.ndarray) -> bool:
    if (old.shape, old.dtype) != (new.shape, new.dtype):
        return False
    if new.dtype != np.uint32:
        return np.array_equal(old, new)
    # Sketches: processors differ in the last bit of what was summed up.
    return all(same_sketch(was, now, now.size) for was, now in zip(old, new, strict=True))


def _notebook(committed: NotebookNode, built: NotebookNode) -> Iterator[str]:
    if (committed.nbformat, committed.nbformat_minor) != (built.nbformat, built.nbformat_minor):
        yield f"the notebook's format is not {built.nbformat}.{built.nbformat_minor}."
    # What the digest says is told below, cell by cell.
    old_metadata, new_metadata = ({**notebook.metadata, KEY: None} for notebook in (committed, built))
    if old_metadata != new_metadata:
        yield f"the metadata differ: {_first(old_metadata, new_metadata, operator.eq)}."
    for old, new in zip_longest(committed.cells, built.cells):
        committed_id, built_id = (
            f"cell {cell.id}" if cell and "id" in cell else "nothing" for cell in (old, new)
        )
        if committed_id != built_id:
            yield f"where the build has {built_id}, the committed notebook has {committed_id}."
            return  # every cell after it is out of step
        for difference in _cell(old, new):
            yield f"{built_id}: {difference}"


def _cell(old: NotebookNode, new: NotebookNode) -> Iterator[str]:
    if old.cell_type != new.cell_type:
        yield f"is committed as {old.cell_type} and built as {new.cell_type}."
        return
    if old.source != new.source:
        yield f"the source differs: {_first_line(old.source, new.source)}."
    if old.metadata != new.metadata:
        yield f"the metadata differ: {_first(old.metadata, new.metadata, operator.eq)}."
    if new.cell_type != "code":
        return
    if old.execution_count != new.execution_count:
        yield f"the execution count is {old.execution_count} and should be {new.execution_count}."
    kinds = [[output.output_type for output in cell.outputs] for cell in (old, new)]
    if kinds[0] != kinds[1]:
        yield f"the outputs are {_listed(kinds[0])} and should be {_listed(kinds[1])}."
        return
    for old_output, new_output in zip(old.outputs, new.outputs, strict=True):
        yield from _output(old_output, new_output)


def _output(old: NotebookNode, new: NotebookNode) -> Iterator[str]:
    if new.output_type == "stream":
        if (old.name, old.text) != (new.name, new.text):
            yield f"the printed text differs: {_first_line(old.text, new.text)}."
        return
    if new.output_type == "error":
        if old != new:
            yield f"the error is {old.ename} ({old.evalue}) and should be {new.ename} ({new.evalue})."
        return
    if set(old.data) != set(new.data):
        yield f"the output is given as {_listed(old.data)} and should be given as {_listed(new.data)}."
        return
    for kind, value in new.data.items():
        if kind.startswith("image/") and kind != "image/svg+xml":
            continue
        was, now = (PICTURE.sub("", str(entry)) for entry in (old.data[kind], value))
        if was != now:
            yield f"the {kind} output differs: {_first_line(was, now)}."
    for key in sorted({*old.metadata, *new.metadata} - {FIGURE}):
        difference = _first(old.metadata.get(key), new.metadata.get(key), operator.eq, key)
        if difference:
            yield f"the output's metadata differ: {difference}."
    yield from different_figures([old], [new])


def different_figures(committed: Sequence[NotebookNode], built: Sequence[NotebookNode]) -> Iterator[str]:
    """Where the numbers that a cell's figures draw are others, a sentence for each figure."""
    old, new = (
        [output.get("metadata", {}).get(FIGURE) for output in outputs if "data" in output]
        for outputs in (committed, built)
    )
    for was, now in zip_longest(old, new):
        if difference := _first(was, now, _nearly, FIGURE):
            yield f"the output's metadata differ: {difference}."


def _first(old: Any, new: Any, same: Callable[[Any, Any], bool], where: str = "") -> str:
    """The first place where two trees of JSON values are not the same; empty where there is none."""
    place = where or "it"
    if isinstance(old, dict) and isinstance(new, dict):
        if set(old) != set(new):
            return f"{place} has the entries {_listed(old)} and should have {_listed(new)}"
        inside = [_first(old[key], new[key], same, f"{where}.{key}".lstrip(".")) for key in new]
    elif isinstance(old, list) and isinstance(new, list):
        if len(old) != len(new):
            return f"{place} has {len(old)} entries and should have {len(new)}"
        inside = [
            _first(was, now, same, f"{where}[{i}]") for i, (was, now) in enumerate(zip(old, new, strict=True))
        ]
    else:
        return "" if same(old, new) else f"{place} is {_short(repr(old))} and should be {_short(repr(new))}"
    return next(filter(None, inside), "")


def _nearly(old: Any, new: Any) -> bool:
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in (old, new)):
        return math.isclose(old, new, rel_tol=RTOL, abs_tol=ATOL) or (math.isnan(old) and math.isnan(new))
    return old == new


def _first_line(old: str, new: str) -> str:
    pairs = zip_longest(old.splitlines(), new.splitlines(), fillvalue="")
    for number, (was, now) in enumerate(pairs, start=1):
        if was != now:
            # A long line is shown from just before the place where the two part.
            shared = takewhile(lambda pair: pair[0] == pair[1], zip(was, now, strict=False))
            start = max(0, len(list(shared)) - 20)
            return f"line {number} is {_short(was[start:])!r} and should be {_short(now[start:])!r}"
    return "one of them ends with an empty line"


def _short(text: str, width: int = 60) -> str:
    return text if len(text) <= width else f"{text[: width - 3]}..."


def _listed(items: Iterable[str]) -> str:
    return ", ".join(items) or "nothing"
