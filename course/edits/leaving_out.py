"""Something of an expression left out: a term, a factor, a power, a call, an index, an argument."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from course.edits.code import Change, Code, Splice
from course.edits.words import ARGUMENTS, CALLED, Words, called, of_module


def changes(code: Code, words: Words, node: ast.AST) -> Iterator[Change]:
    """Each way to leave out a part of this node."""
    if isinstance(node, ast.BinOp):
        yield from _of_operation(code, words, node)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        if not isinstance(node.operand, ast.Constant) or not isinstance(
            code.parent[node], ast.Slice | ast.Subscript | ast.keyword
        ):
            yield code.instead(node, code.atom(node.operand), "sign_left_out", "the minus is missing")
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert):
        yield code.instead(node, code.atom(node.operand), "not_left_out", "it is the other way round")
    elif isinstance(node, ast.Call) and not code.in_raise(node):
        yield from _of_call(code, node)
        yield from _arguments(code, words, node)
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        yield code.instead(node, code.atom(node.value), "index_left_out", "the index is missing")
    elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and node.attr == "T":
        yield code.instead(node, code.atom(node.value), "transpose_left_out", "the transpose is missing")
    elif isinstance(node, ast.Slice):
        yield from _of_slice(code, node)
    elif isinstance(node, ast.BoolOp):
        yield from _of_conditions(code, node)
    elif isinstance(node, ast.IfExp):
        for kept in (node.body, node.orelse):
            yield code.instead(node, code.atom(kept), "choice_left_out", "two cases are treated alike")
    elif isinstance(node, ast.Compare) and len(node.ops) > 1:
        yield from _of_chain(code, node)
    elif isinstance(node, ast.FunctionDef):
        yield from _default(code, words, node)
    elif isinstance(node, ast.ListComp | ast.GeneratorExp | ast.DictComp | ast.SetComp):
        yield from _filter(code, node)
    elif isinstance(node, ast.Tuple) and isinstance(code.parent[node], ast.Return):
        yield from _result(code, node)


def _of_operation(code: Code, words: Words, node: ast.BinOp) -> Iterator[Change]:
    left, right = code.atom(node.left), code.atom(node.right)
    if isinstance(node.op, ast.Add | ast.Sub):
        minus = "" if isinstance(node.op, ast.Add) else "-"
        yield code.instead(node, left, "term_left_out", f"{words.of(node.right)} is missing")
        yield code.instead(
            node,
            f"({minus}{right})" if minus else right,
            "term_left_out",
            f"{words.of(node.left)} is missing",
        )
    elif isinstance(node.op, ast.Mult | ast.MatMult):
        for kept, dropped in ((node.left, node.right), (node.right, node.left)):
            said = _lost(words, dropped, "factor")
            yield code.instead(node, code.atom(kept), "factor_left_out", said)
    elif isinstance(node.op, ast.Div | ast.FloorDiv | ast.Mod):
        by = words.of(node.right, "another quantity")
        yield code.instead(node, left, "divisor_left_out", f"the division by {by} is missing")
        if not isinstance(node.left, ast.Constant):
            said = f"{words.of(node.left, 'the numerator')} is missing"
            yield code.instead(node, f"(1 / {right})", "numerator_left_out", said)
    elif isinstance(node.op, ast.Pow):
        yield code.instead(node, left, "power_left_out", _power(words, node.right))
    elif isinstance(node.op, ast.BitAnd | ast.BitOr):
        for part in (left, right):
            yield code.instead(node, part, "condition_left_out", "a part of the condition is missing")


def _lost(words: Words, node: ast.expr, kind: str) -> str:
    """ "the factor 1 - beta1 is missing": a difference is said where its parts may be."""
    known = words.known(node)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
        left, right = words.known(node.left), words.known(node.right)
        short = f"{left} - {right}"
        known = short if left and right and len(short) < 12 else ""
    return f"the {kind} {known} is missing" if known else f"a {kind} is missing"


def _power(words: Words, exponent: ast.expr) -> str:
    if isinstance(exponent, ast.Constant) and exponent.value == 2:
        return "the square is missing"
    if isinstance(exponent, ast.Constant) and exponent.value in (0.5, -0.5):
        return "the root is missing"
    known = words.known(exponent)
    return f"the power {known} is missing" if known else "the power is missing"


def _of_call(code: Code, node: ast.Call) -> Iterator[Change]:
    """The call left out: what it is given, or what it is a method of, stands alone."""
    name = called(node)
    said = f"{CALLED.get(name, 'a step')} is missing"
    if isinstance(code.parent[node], ast.Expr | ast.withitem):
        return  # a statement of its own, which is left out as a whole
    if isinstance(node.func, ast.Attribute) and not of_module(node):
        yield code.instead(node, code.atom(node.func.value), "call_left_out", said)
        return
    given = [each for each in node.args if not isinstance(each, ast.Starred)]
    if name in ("range", "zip", "isinstance", "super", "len", "enumerate"):
        return
    for position, kept in enumerate(given[:3]):
        if (name == "where" and position == 0) or (position and name not in CALLED):
            continue
        if isinstance(kept, ast.GeneratorExp):
            continue
        yield code.instead(node, code.atom(kept), "call_left_out", said)


def _arguments(code: Code, words: Words, node: ast.Call) -> Iterator[Change]:
    """One argument left out: any with a name, and the last one without."""
    parts = [*node.args, *node.keywords]
    droppable: list[ast.expr | ast.keyword] = [each for each in node.keywords if each.arg != "strict"]
    if len(node.args) > 1 and called(node) not in ("isinstance", "zip", "where", "maximum", "minimum"):
        droppable.append(node.args[-1])
    for dropped in droppable:
        kept = ", ".join(code.text(each) for each in parts if each is not dropped)
        if isinstance(dropped, ast.keyword):
            said = f"{ARGUMENTS.get(dropped.arg or '', 'an argument')} is missing"
        else:
            said = f"{words.of(dropped, 'an argument')} is missing"
        yield code.instead(node, f"{code.text(node.func)}({kept})", "argument_left_out", said)


def _of_slice(code: Code, node: ast.Slice) -> Iterator[Change]:
    for bound in (node.lower, node.upper, node.step):
        if bound is not None:
            yield code.instead(bound, "", "bound_left_out", "a bound of the range is missing")


def _of_conditions(code: Code, node: ast.BoolOp) -> Iterator[Change]:
    word = " and " if isinstance(node.op, ast.And) else " or "
    for dropped in node.values:
        kept = [each for each in node.values if each is not dropped]
        text = word.join(code.atom(each) for each in kept)
        text = text if len(kept) == 1 else f"({text})"
        yield code.instead(node, text, "condition_left_out", "a part of the condition is missing")


def _of_chain(code: Code, node: ast.Compare) -> Iterator[Change]:
    """``0 <= beta < 1`` without its one or its other bound."""
    left, middle, right = code.text(node.left), *map(code.text, (node.comparators[0], node.comparators[-1]))
    signs = [COMPARED[type(op)] for op in node.ops]
    said = "a bound of the condition is missing"
    if len(node.ops) == 2:
        yield code.instead(node, f"({middle} {signs[1]} {right})", "bound_left_out", said)
        yield code.instead(node, f"({left} {signs[0]} {middle})", "bound_left_out", said)


COMPARED: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}


def _default(code: Code, words: Words, node: ast.FunctionDef) -> Iterator[Change]:
    """The first default left out: with a later one, the rest would be no Python."""
    arguments = node.args
    if arguments.defaults:
        first = arguments.defaults[0]
        given = (arguments.posonlyargs + arguments.args)[-len(arguments.defaults)]
        said = f"the default of {words.name(given.arg, 'an argument')} is missing"
        place = Splice(code.end(given), code.end(first), "")
        yield Change("default_left_out", said, first, (place,))


def _filter(
    code: Code, node: ast.ListComp | ast.GeneratorExp | ast.DictComp | ast.SetComp
) -> Iterator[Change]:
    for generator in node.generators:
        for condition in generator.ifs:
            yield code.instead(
                condition, "True", "condition_left_out", "nothing is left out where it should be"
            )


def _result(code: Code, node: ast.Tuple) -> Iterator[Change]:
    for dropped in node.elts if len(node.elts) > 1 else ():
        kept = [each for each in node.elts if each is not dropped]
        if not isinstance(kept[0], ast.Starred):
            yield code.instead(
                node, ", ".join(map(code.text, kept)), "result_left_out", "a result is missing"
            )
