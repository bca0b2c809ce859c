"""The words in which a change is told: of the code's names only those that may be said."""

from __future__ import annotations

import ast
from collections.abc import Collection

# What a function or method does, by its name.
CALLED = {
    "sqrt": "the root",
    "abs": "the absolute value",
    "absolute": "the absolute value",
    "fabs": "the absolute value",
    "mean": "the mean",
    "sum": "the sum",
    "copy": "the copy",
    "deepcopy": "the copy",
    "clone": "the copy",
    "array": "the copy",
    "detach": "the detaching from the graph",
    "item": "the conversion to a number",
    "float": "the conversion to a number",
    "int": "the conversion to a whole number",
    "list": "the list of its own",
    "tuple": "the list of its own",
    "max": "the larger of two",
    "maximum": "the larger of two",
    "min": "the smaller of two",
    "minimum": "the smaller of two",
    "where": "the choice",
    "sign": "the sign",
    "exp": "the exponential",
    "log": "the logarithm",
    "norm": "the norm",
    "square": "the square",
    "pow": "the power",
    "clip": "the clipping",
    "clamp": "the clipping",
    "reshape": "the change of shape",
    "flatten": "the change of shape",
    "ravel": "the change of shape",
    "cumsum": "the running sum",
    "cumprod": "the running product",
    "argsort": "the sorting",
    "sort": "the sorting",
    "sorted": "the sorting",
    "reversed": "the reversal",
    "std": "the standard deviation",
    "var": "the variance",
    "prod": "the product",
    "round": "the rounding",
    "floor": "the rounding",
    "ceil": "the rounding",
    "cos": "the cosine",
    "sin": "the sine",
    "requires_grad_": "the request for a gradient",
    "zero_grad": "the reset of the gradients",
    "backward": "the backward pass",
}
ARGUMENTS = {
    "axis": "the axis",
    "dim": "the axis",
    "keepdims": "keeping the axis",
    "keepdim": "keeping the axis",
    "ddof": "the correction of the variance",
    "unbiased": "the correction of the variance",
    "correction": "the correction of the variance",
    "dtype": "the type",
    "strict": "a setting",
}


class Words:
    """What may be said of a piece of code.

    Args:
        names: the names that its readers know already.
    """

    def __init__(self, names: Collection[str] = ()):
        self._names = frozenset(names)

    def known(self, node: ast.AST | None) -> str:
        """A name that may be said, or a number; empty for everything else."""
        if isinstance(node, ast.Name) and node.id in self._names:
            return node.id
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
            return node.attr if node.attr in self._names else ""
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Name):
            return self.known(node.value)
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            return f"{node.value:g}"
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return f"-{said}" if (said := self.known(node.operand)) else ""
        return ""

    def of(self, node: ast.AST | None, other: str = "a term") -> str:
        """A name or number, or the ``other`` word for what has none."""
        return self.known(node) or other

    def name(self, name: str, other: str = "another quantity") -> str:
        return name if name in self._names else other


def called(node: ast.Call) -> str:
    """The name of the function or method that a call is of; empty where it has none."""
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def of_module(node: ast.Call) -> bool:
    """Whether a call is of a module's function, ``np.sqrt(x)``, or of a plain name, and not of a method."""
    function = node.func
    while isinstance(function, ast.Attribute):
        function = function.value
    if node.func is function:
        return True
    return isinstance(function, ast.Name) and function.id in (
        "np",
        "numpy",
        "torch",
        "math",
        "F",
        "nn",
        "copy",
    )
