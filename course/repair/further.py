"""Changes that mend slips of the pen: signs, brackets, names, numbers as written, whatever they mean.

The rules of ``course.edits`` make the mistakes that people believe in; these undo those that nobody does.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, pairwise
from typing import Any

from course.edits import Edit
from course.edits.code import SIMPLE, Change, Code, Splice
from course.edits.edits import target_of
from course.edits.operators import sign_of
from course.edits.quantities import Quantities

# What one sign is written for another, with the brackets as they stand.
SIGNS = {
    "+": ("-", "*", "/"),
    "-": ("+", "*", "/"),
    "*": ("**", "+", "-", "/", "@"),
    "/": ("*", "//", "-"),
    "//": ("/", "*"),
    "**": ("*",),
    "@": ("*",),
    "%": ("//",),
}
# Of so many operands in a row, brackets are set around some; of so many quantities, products are added.
ROW, MOST = 9, 10
TERM = "term_of_two_added"


def further(source: str, name: str, defaults: Mapping[str, Any], order: Sequence[str]) -> Iterator[Edit]:
    """Changes of an answer besides those of ``course.edits``, the simplest first.

    Args:
        source: the text; of one that is no Python there are none.
        name: of the function or class that is judged.
        defaults, order: what its arguments have as defaults, and all their names as they should stand.
    """
    try:
        code = Code(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for change in (
        *_headers(code, name, defaults, order),
        *_conditions(code),
        *_signs(code),
        *_brackets(code),
        *_numbers(code),
        *_names(code),
        *_in_order(code),
        *_axes(code),
        *_terms(code, Quantities(code)),
    ):
        line = getattr(change.node, "lineno", 1)
        yield Edit(code.applied(change.splices), line, change.rule, "", target_of(code, change.node))


def never_read(source: str) -> frozenset[str]:
    """The arguments, variables and attributes that are set somewhere and read nowhere: ``"self.lr"``."""
    code = Code(source)
    named = {node: code.text(node) for node in code.nodes if isinstance(node, ast.Name | ast.Attribute)}
    put = {text for node, text in named.items() if isinstance(node.ctx, ast.Store)}
    put |= {node.arg for node in code.nodes if isinstance(node, ast.arg)}
    read = {text for node, text in named.items() if isinstance(node.ctx, ast.Load)}
    return frozenset(put - read - {"self", "_"})


def _headers(code: Code, name: str, defaults: Mapping[str, Any], order: Sequence[str]) -> Iterator[Change]:
    """The arguments of what is judged, in the order and with the defaults that they should have."""
    for node in code.nodes:
        if not isinstance(node, ast.FunctionDef):
            continue
        is_maker = node.name == "__init__" and getattr(code.parent[node], "name", "") == name
        if not is_maker and node.name != name:
            continue
        given = node.args.args[1:] if is_maker else node.args.args
        names = [each.arg for each in given]
        if names != list(order) and sorted(names) == sorted(order):
            written = [f"{each}={defaults[each]!r}" if each in defaults else each for each in order]
            end = max(map(code.end, (*given, *node.args.defaults)))
            whole = Splice(code.start(given[0]), end, ", ".join(written))
            yield Change("arguments_in_order", "", given[0], (whole,))
        optional = given[len(given) - len(node.args.defaults) :]
        for argument, default in zip(optional, node.args.defaults, strict=False):
            if argument.arg in defaults:
                yield code.instead(default, repr(defaults[argument.arg]), "default_as_asked", "")


def _conditions(code: Code) -> Iterator[Change]:
    """What should not hold, where it says that it should."""
    for node in code.nodes:
        if isinstance(node, ast.Compare | ast.BoolOp) and not code.in_raise(node):
            yield code.instead(node, f"(not ({code.text(node)}))", "not_added", "")


def _signs(code: Code) -> Iterator[Change]:
    """Each other sign between two operands, with what then belongs together."""
    for node in code.nodes:
        if isinstance(node, ast.BinOp) and (sign := sign_of(node.op)) and not code.in_raise(node):
            start, end = code.end(node.left), code.start(node.right)
            at = code.source.encode().find(sign.encode(), start, end)
            for other in SIGNS.get(sign, ()) if at >= 0 else ():
                yield Change("sign_exchanged", "", node.right, (Splice(at, at + len(sign), other),))


def _brackets(code: Code) -> Iterator[Change]:
    """Brackets around some operands of a row, and none where there are some."""
    text = code.source.encode()
    for node in code.nodes:
        if not isinstance(node, ast.BinOp | ast.Compare | ast.UnaryOp) or code.in_raise(node):
            continue
        start, end = _with_brackets(code, node)
        if text[start : start + 1] == b"(" and not text[start - 1 : start].isalnum():
            inside = (Splice(start, start + 1, ""), Splice(end - 1, end, ""))
            yield Change("brackets_taken", "", node, inside)
        if isinstance(node, ast.UnaryOp) or _is_in_row(code, node):
            continue
        row = list(_row(code, node))[:ROW]
        for first, last in combinations(row, 2):
            if (first[0], last[1]) != (row[0][0], row[-1][1]):
                around = (Splice(first[0], first[0], "("), Splice(last[1], last[1], ")"))
                yield Change("brackets_set", "", node, around)


def _with_brackets(code: Code, node: ast.AST) -> tuple[int, int]:
    """The place of an operand with the brackets that are its own."""
    text, start, end = code.source.encode(), code.start(node), code.end(node)
    before, after = text[:start].rstrip(b" "), text[end:].lstrip(b" ")
    parent = code.parent[node]
    if before.endswith(b"(") and after.startswith(b")") and not isinstance(parent, ast.Call):
        return len(before) - 1, len(text) - len(after) + 1
    return start, end


def _is_in_row(code: Code, node: ast.expr) -> bool:
    """Whether an operation is an operand itself, and in no brackets."""
    is_bare = _with_brackets(code, node) == (code.start(node), code.end(node))
    return is_bare and isinstance(code.parent[node], ast.BinOp | ast.Compare)


def _row(code: Code, node: ast.expr) -> Iterator[tuple[int, int]]:
    """The places of the operands that stand beside each other without brackets."""
    parts = [node.left, node.right] if isinstance(node, ast.BinOp) else []
    if isinstance(node, ast.Compare):
        parts = [node.left, *node.comparators]
    for part in parts:
        if isinstance(part, ast.BinOp | ast.Compare) and _is_in_row(code, part):
            yield from _row(code, part)
        else:
            yield _with_brackets(code, part)


def _numbers(code: Code) -> Iterator[Change]:
    """Numbers with a digit more or less, or with the point elsewhere."""
    for node in code.nodes:
        value = node.value if isinstance(node, ast.Constant) else None
        if isinstance(value, int | float) and not isinstance(value, bool) and not code.in_raise(node):
            for other in (value + 1, value - 1, value * 10, value / 10, 1 - value, value * 2, value / 2):
                other = int(other) if isinstance(value, int) and other == int(other) else other
                yield code.instead(node, f"{other:.12g}", "number_exchanged", "")


def _names(code: Code) -> Iterator[Change]:
    """Each name for each other of its function, read or assigned; neighbours that are assigned exchanged."""
    for node in code.nodes:
        if isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Store):
            for first, second in pairwise(node.elts):
                places = (code.put(first, code.text(second)), code.put(second, code.text(first)))
                yield Change("targets_exchanged", "", first, places)
        is_own = isinstance(node, ast.Attribute) and code.text(node.value) == "self"
        if is_own or (isinstance(node, ast.Name) and node.id != "self" and not code.in_raise(node)):
            for other in _others(code, node, is_own):
                yield code.instead(node, other, "any_name_exchanged", "")


def _others(code: Code, node: ast.AST, is_own: bool) -> list[str]:
    """The attributes of a class, or the arguments and variables of a function, besides this one."""
    owners = [each for each in code.ancestors(node) if isinstance(each, ast.FunctionDef | ast.ClassDef)]
    kind = ast.ClassDef if is_own else ast.FunctionDef
    owner = next((each for each in owners if isinstance(each, kind)), None)
    found: dict[str, None] = {}
    for each in ast.walk(owner) if owner else ():
        if is_own and isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Store):
            found[code.text(each)] = None
        elif not is_own and isinstance(each, ast.arg):
            found[each.arg] = None
        elif not is_own and isinstance(each, ast.Name) and not _is_called(code, each):
            found[each.id] = None
    here = code.text(node)
    known = found if is_own or here in found else {}  # of a module or a function there is no other
    return [other for other in known if other not in (here, "self", "_")]


def _is_called(code: Code, node: ast.Name) -> bool:
    """Whether a name is that of a function or a module."""
    parent = code.parent.get(node)
    is_module = isinstance(parent, ast.Attribute) and isinstance(
        code.parent[parent], ast.Call | ast.Attribute
    )
    return is_module or (isinstance(parent, ast.Call) and parent.func is node)


def _in_order(code: Code) -> Iterator[Change]:
    """Neighbours of a block exchanged that read nothing of each other's: both may draw at random."""
    for block in code.blocks:
        for first, second in pairwise(block):
            one, other = code.lines(first), code.lines(second)
            if isinstance(first, SIMPLE) and isinstance(second, SIMPLE) and one and other:
                ended = other.text if other.text.endswith("\n") else f"{other.text}\n"
                places = (Splice(one.start, one.end, ended), Splice(other.start, other.end, one.text))
                yield Change("neighbours_exchanged", "", first, places)


def _axes(code: Code) -> Iterator[Change]:
    """An axis that is kept, in the words of both libraries."""
    for node in code.nodes:
        if isinstance(node, ast.Call) and not any(
            str(each.arg).startswith("keepdim") for each in node.keywords
        ):
            names = {each.arg for each in node.keywords}
            words = [word for axis, word in (("axis", "keepdims"), ("dim", "keepdim")) if axis in names]
            if node.args and isinstance(node.args[-1], ast.Constant | ast.UnaryOp):
                words = ["keepdims", "keepdim"]
            inside = ", ".join(code.text(each) for each in (*node.args, *node.keywords))
            for word in words:
                text = f"{code.text(node.func)}({inside}, {word}=True)"
                yield code.instead(node, text, "axis_kept", "")


def _terms(code: Code, quantities: Quantities) -> Iterator[Change]:
    """The product of two quantities added to what is read, or taken from it."""
    for node in code.nodes:
        is_read = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
        statement = code.parent[node]
        is_whole = isinstance(statement, ast.Assign | ast.AugAssign | ast.Return) and node is statement.value
        if not isinstance(node, ast.expr) or not (is_read or is_whole) or code.in_raise(node):
            continue
        if isinstance(statement, ast.Attribute | ast.Call) and getattr(statement, "func", node) is node:
            continue
        for first, second in combinations(quantities.values(node)[:MOST], 2):
            for sign in "+-":
                text = f"({code.atom(node)} {sign} {first} * {second})"
                yield code.instead(node, text, TERM, "")
