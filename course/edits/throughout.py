"""The same slip wherever it can be made: ``t - 1`` for every ``t``, two names exchanged."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations, pairwise

from course.edits.code import Change, Code, Splice
from course.edits.quantities import Quantities
from course.edits.words import Words

Place = tuple[str, str, str]


def alike(code: Code, changes: Iterable[Change]) -> Iterator[Change]:
    """Changes of equal texts into equal texts, two or more, made together."""
    groups: dict[Place, list[Change]] = defaultdict(list)
    for change in changes:
        if len(change.splices) == 1 and isinstance(change.node, ast.expr):
            groups[change.rule, code.text(change.node), change.splices[0].text].append(change)
    for group in groups.values():
        if len(group) > 1 and _apart([change.splices[0] for change in group]):
            first = group[0]
            places = tuple(change.splices[0] for change in group)
            yield Change(first.rule, f"{first.said}, in every place", first.node, places)


def _apart(places: list[Splice]) -> bool:
    """Whether no place is in another, nor touches it."""
    ordered = sorted(places, key=lambda place: place.start)
    return all(one.end < other.start for one, other in pairwise(ordered))


def swapped(code: Code, words: Words, quantities: Quantities) -> Iterator[Change]:
    """Two arguments of a function, or two attributes of a class, each read for the other throughout."""
    for owner, names in quantities.plain():
        readings: dict[str, list[ast.expr]] = defaultdict(list)
        for node in code.nodes:
            if not isinstance(node, ast.Name | ast.Attribute) or not isinstance(node.ctx, ast.Load):
                continue
            if owner in code.ancestors(node):
                readings[code.text(node)].append(node)
        for one, other in combinations([name for name in names if readings[name]], 2):
            places = [code.put(node, other) for node in readings[one]]
            places += [code.put(node, one) for node in readings[other]]
            parts = [words.known(readings[one][0]), words.known(readings[other][0])]
            said = (
                f"{parts[0]} and {parts[1]} are exchanged" if all(parts) else "two quantities are exchanged"
            )
            yield Change("names_swapped", said, readings[one][0], tuple(places))
