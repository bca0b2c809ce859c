"""One operator for another, the two sides exchanged, one function for its neighbour."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from course.edits.code import Change, Code
from course.edits.leaving_out import COMPARED
from course.edits.words import CALLED, Words, called

SIGNS: dict[type[ast.operator], tuple[str, ...]] = {
    ast.Add: ("-",),
    ast.Sub: ("+",),
    ast.Mult: ("/", "+", "**", "@"),
    ast.Div: ("*", "//"),
    ast.FloorDiv: ("/", "%"),
    ast.Mod: ("//",),
    ast.Pow: ("*",),
    ast.MatMult: ("*",),
    ast.BitAnd: ("|",),
    ast.BitOr: ("&",),
}
SIDES = (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult)
COMPARISONS: dict[type[ast.cmpop], tuple[str, ...]] = {
    ast.Lt: ("<=", ">"),
    ast.LtE: ("<", ">="),
    ast.Gt: (">=", "<"),
    ast.GtE: (">", "<="),
    ast.Eq: ("!=", ">=", "<="),
    ast.NotEq: ("==",),
    ast.Is: ("is not",),
    ast.IsNot: ("is",),
    ast.In: ("not in",),
    ast.NotIn: ("in",),
}
SAID = {"+": "a plus", "-": "a minus", "*": "a product", "/": "a quotient", "//": "a whole quotient"}
FUNCTIONS: dict[str, tuple[str, ...]] = {
    "mean": ("sum",),
    "sum": ("mean",),
    "max": ("min",),
    "min": ("max",),
    "maximum": ("minimum",),
    "minimum": ("maximum",),
    "floor": ("ceil", "round"),
    "ceil": ("floor", "round"),
    "round": ("floor", "ceil"),
    "sin": ("cos",),
    "cos": ("sin",),
    "zeros": ("ones",),
    "ones": ("zeros",),
    "zeros_like": ("ones_like",),
    "ones_like": ("zeros_like",),
    "std": ("var",),
    "var": ("std",),
    "argmax": ("argmin",),
    "argmin": ("argmax",),
    "sqrt": ("square", "abs"),
    "abs": ("square", "sign"),
    "sign": ("abs",),
    "exp": ("log",),
    "log": ("exp", "log10"),
    "log1p": ("log", "expm1"),
    "tanh": ("cosh",),
    "normal": ("uniform",),
    "cumsum": ("cumprod",),
    "prod": ("sum",),
    "add_": ("sub_",),
    "sub_": ("add_",),
    "mul_": ("div_",),
    "div_": ("mul_",),
    "any": ("all",),
    "all": ("any",),
    "append": ("extend",),
}
SPREAD = ("var", "std")


def changes(code: Code, words: Words, node: ast.AST) -> Iterator[Change]:
    """Each other operator or function at this node."""
    if isinstance(node, ast.BinOp):
        yield from _operation(code, node)
    elif isinstance(node, ast.Compare):
        yield from _comparison(code, node)
    elif isinstance(node, ast.BoolOp):
        word = "or" if isinstance(node.op, ast.And) else "and"
        text = f" {word} ".join(code.atom(each) for each in node.values)
        yield code.instead(node, f"({text})", "and_or_exchanged", f'"{word}" joins the conditions')
    elif isinstance(node, ast.AugAssign):
        yield from _updated(code, words, node)
    elif isinstance(node, ast.Call):
        yield from _function(code, node)


def _operation(code: Code, node: ast.BinOp) -> Iterator[Change]:
    left, right = code.atom(node.left), code.atom(node.right)
    for sign in SIGNS.get(type(node.op), ()):
        said = f"{SAID.get(sign, 'another operation')} stands where it should not"
        yield code.instead(node, f"({left} {sign} {right})", "operator_exchanged", said)
    if isinstance(node.op, ast.Pow) and isinstance(node.right, ast.Constant) and node.right.value == 2:
        said = "the absolute value stands in place of the square"
        yield code.instead(node, f"abs({code.text(node.left)})", "operator_exchanged", said)
        product = f"({left} @ {left})"
        yield code.instead(
            node, product, "operator_exchanged", "a product of matrices stands in place of squares"
        )
    if isinstance(node.op, SIDES) and left != right:
        sign = next(sign for kind, sign in _SIGN.items() if isinstance(node.op, kind))
        yield code.instead(node, f"({right} {sign} {left})", "sides_exchanged", "the two sides are exchanged")


_SIGN: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.MatMult: "@",
    ast.BitAnd: "&",
    ast.BitOr: "|",
}


def sign_of(operator: ast.operator) -> str:
    """The operator as it is written; empty for those that no lesson needs."""
    return _SIGN.get(type(operator), "")


def _comparison(code: Code, node: ast.Compare) -> Iterator[Change]:
    sides = [node.left, *node.comparators]
    for place, operator in enumerate(node.ops):
        for other in COMPARISONS[type(operator)]:
            signs = [COMPARED[type(each)] for each in node.ops]
            signs[place] = other
            text = code.atom(sides[0]) + "".join(
                f" {sign} {code.atom(side)}" for sign, side in zip(signs, sides[1:], strict=True)
            )
            yield code.instead(node, f"({text})", "comparison_exchanged", _compared(operator, other))


def _compared(operator: ast.cmpop, other: str) -> str:
    if isinstance(operator, ast.Lt | ast.Gt) and other in ("<=", ">="):
        return "a bound is taken in that belongs outside"
    if isinstance(operator, ast.LtE | ast.GtE) and other in ("<", ">"):
        return "a bound is left out that belongs inside"
    return "a comparison is the wrong way round"


def _updated(code: Code, words: Words, node: ast.AugAssign) -> Iterator[Change]:
    """Another operator in ``x -= y``, or none; and a new array in place of a change in place."""
    target, value, sign = code.text(node.target), code.text(node.value), sign_of(node.op)
    name = words.of(node.target, "it")
    for other in [each for each in SIGNS.get(type(node.op), ()) if each != "//"]:
        said = f"{SAID.get(other, 'another operation')} stands where it should not"
        yield code.instead(node, f"{target} {other}= {value}", "operator_exchanged", said)
    yield code.instead(node, f"{target} = {value}", "update_exchanged", f"{name} is set and not changed")
    if sign:
        text = f"{target} = {target} {sign} {code.atom(node.value)}"
        yield code.instead(node, text, "new_in_place_of_old", f"{name} is made anew and not changed in place")


def _function(code: Code, node: ast.Call) -> Iterator[Change]:
    name = called(node)
    function, parts = code.text(node.func), [*node.args, *node.keywords]
    inside = ", ".join(code.text(each) for each in parts)
    for other in FUNCTIONS.get(name, ()):
        if function.endswith(name) and (
            function != name or other in ("max", "min", "sum", "abs", "round", "any", "all")
        ):
            text = f"{function.removesuffix(name)}{other}({inside})"
            said = (
                f"{CALLED.get(other, 'another step')} stands in place of {CALLED.get(name, 'the right one')}"
            )
            yield code.instead(node, text, "function_exchanged", said)
    if name in SPREAD and not any(each.arg in ("ddof", "unbiased", "correction") for each in node.keywords):
        for setting, said in (("ddof=1", "one less"), ("correction=0", "all of them")):
            text = f"{function}({f'{inside}, ' if inside else ''}{setting})"
            yield code.instead(node, text, "spread_exchanged", f"the variance is divided by {said}")
    if name in ("argsort", "sorted", "sort") and node.args:
        if name == "sorted":
            text, said = f"{function}({inside}, reverse=True)", "the order is the other way round"
        else:
            rest = "".join(f", {code.text(each)}" for each in parts[1:])
            text, said = f"{function}(-{code.atom(node.args[0])}{rest})", "the order is the other way round"
        yield code.instead(node, text, "order_reversed", said)
    if name.endswith("_") and not name.endswith("__") and isinstance(node.func, ast.Attribute):
        text = f"{function.removesuffix('_')}({inside})"
        yield code.instead(
            node, text, "new_in_place_of_old", "a new one is made in place of a change in place"
        )
