"""Something added to an expression: what a repair of somebody's own code may need."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from course.edits.code import Change, Code
from course.edits.quantities import Quantities
from course.edits.words import Words, called

WHOLE = (
    ("power_added", "{} ** 2", "a square is too much"),
    ("root_added", "{} ** 0.5", "a root is too much"),
    ("sign_added", "(-{})", "a minus is too much"),
    ("complement", "(1 - {})", "1 minus a quantity stands in its place"),
    ("one_added", "({} + 1)", "1 is added"),
    ("one_taken", "({} - 1)", "1 is taken away"),
    ("abs_added", "abs({})", "an absolute value is too much"),
    ("copy_added", "{}.copy()", "a copy is too much"),
    ("clone_added", "{}.clone()", "a copy is too much"),
    ("detach_added", "{}.detach()", "a quantity is cut off the graph"),
    ("item_added", "{}.item()", "a number is made of an array"),
    ("float_added", "float({})", "a number is made of an array"),
    ("list_added", "list({})", "a list is made"),
    ("bound_added", "max({}, 0)", "a bound is too much"),
    ("bound_added", "min({}, 1)", "a bound is too much"),
    ("bound_added", "{}.clip(0)", "a bound is too much"),
    ("bound_added", "{}.clip(max=1)", "a bound is too much"),
    ("factor_added", "(2 * {})", "a factor 2 is too much"),
    ("divisor_added", "({} / 2)", "a division by 2 is too much"),
    ("inverse_added", "(1 / {})", "the inverse stands in its place"),
    ("sign_taken_added", "np.sign({})", "a sign is taken that should not be"),
    ("sign_taken_added", "{}.sign()", "a sign is taken that should not be"),
    ("exp_added", "np.exp({})", "an exponential is too much"),
    ("log_added", "np.log({})", "a logarithm is too much"),
    ("transpose_added", "{}.T", "a transpose is too much"),
)
REDUCING = ("mean", "sum", "var", "std", "max", "min", "norm")
FACTORS = (
    ("term_added", "({} + {})"),
    ("factor_added", "({} * {})"),
    ("divisor_added", "({} / {})"),
    ("rest_added", "({} * (1 - {}))"),
    ("difference_added", "({} - {})"),
    ("index_added", "{}[{}]"),
    ("matrix_added", "({} @ {})"),
    ("raised_added", "({} ** {})"),
)
VALUES = (ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.BinOp)


AXES = ("axis=0", "axis=1", "axis=-1")
# Of which another argument is seldom missing.
BUILT_IN = ("range", "len", "zip", "enumerate", "isinstance", "list", "float", "int", "sum", "abs", "sqrt")


def changes(code: Code, words: Words, node: ast.AST) -> Iterator[Change]:
    """Each step that this quantity can take more."""
    if not isinstance(node, ast.expr) or not _is_value(code, node):
        return
    for rule, form, said in WHOLE:
        yield code.instead(node, form.format(code.atom(node)), rule, said)
    if (
        isinstance(node, ast.Call)
        and called(node) in REDUCING
        and not any(each.arg in ("keepdims", "keepdim") for each in node.keywords)
    ):
        inside = ", ".join([*(code.text(each) for each in (*node.args, *node.keywords)), "keepdims=True"])
        text = f"{code.text(node.func)}({inside})"
        yield code.instead(node, text, "keepdims_added", "an axis is kept")


def arguments(code: Code, words: Words, quantities: Quantities, node: ast.AST) -> Iterator[Change]:
    """Another argument for this call, and a quantity for this number."""
    if isinstance(node, ast.Call) and not code.in_raise(node):
        given = [code.text(each) for each in (*node.args, *node.keywords)]
        more: tuple[str, ...] = AXES if called(node) in REDUCING else ()
        if called(node) not in (*BUILT_IN, *REDUCING):
            more = tuple(name for name in quantities.readable(node) if name not in given)
        for other in more:
            if not any(each.arg == other.partition("=")[0] for each in node.keywords):
                parts = [*given[: len(node.args)], other, *given[len(node.args) :]]
                text = f"{code.text(node.func)}({', '.join(parts)})"
                yield code.instead(node, text, "argument_added", "an argument is too much")
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float) and not code.in_raise(node):
        for other in quantities.values(node):
            for text in (other, f"(1 / {other})"):
                said = f"{words.name(other.removeprefix('self.'))} stands in place of a number"
                yield code.instead(node, text, "name_added", said)


def joined(code: Code, words: Words, quantities: Quantities, node: ast.AST) -> Iterator[Change]:
    """Each other quantity as a term, a factor or a divisor more."""
    if not isinstance(node, ast.expr) or not _is_value(code, node):
        return
    here = code.text(node)
    for other in quantities.values(node):
        for rule, form in FACTORS:
            if other != here:
                said = f"{words.name(other.removeprefix('self.'))} is too much"
                yield code.instead(node, form.format(code.atom(node), other), rule, said)


def _is_value(code: Code, node: ast.expr) -> bool:
    """Whether an expression is read as a value of its own."""
    parent = code.parent[node]
    if not isinstance(node, VALUES) or isinstance(getattr(node, "ctx", None), ast.Store | ast.Del):
        return False
    if isinstance(parent, ast.Attribute | ast.Expr | ast.Starred | ast.ExceptHandler | ast.Raise):
        return False
    if (isinstance(parent, ast.Subscript) and parent.value is node) or isinstance(parent, ast.ClassDef):
        return False
    if isinstance(parent, ast.FunctionDef | ast.withitem) or (
        isinstance(parent, ast.Call) and parent.func is node
    ):
        return False
    return not code.in_raise(node) and not (isinstance(node, ast.Name) and node.id == "self")
