"""What an exception says, in plain words, of an answer that ends with it in every case that fails."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from course.exercise import Case, Evidence, Exercise, Misconception
from course.judging.where import only_where
from course.problems import RAISED

Failed = Sequence[tuple[Case, Evidence, Evidence]]
# The share of the failing cases that exceptions have to end to be named in part.
MOST = 1 / 2


def raised(exercise: Exercise, failed: Failed, passed: Sequence[Case]) -> Misconception | None:
    """What exceptions say of all failing cases, or of most; None where none of several things does."""
    said = [(case, _in_words(observed)) for case, observed, _ in failed if observed.problem]
    ((words, most),) = Counter(words for _, words in said).most_common(1) or [("", 0)]
    if not words or most < MOST * len(failed):
        return None
    ended = [(case, own) for case, own in said if own == words]
    if len(ended) < len(failed):
        hint = f"This explains {len(ended)} of the {len(failed)} cases that fail."
        return Misconception("seen_raised", words, hint, False)
    where = only_where(exercise, [case for case, _ in ended], passed)
    hint = f"It happens where {where}, and nowhere else." if where else "This explains every case that fails."
    return Misconception("seen_raised", words, hint)


def _in_words(observed: Evidence) -> str:
    problem = observed.problem
    if problem is None or problem.kind != RAISED:
        return ""
    message = f"{problem.exception}: {problem.values.get('text', '')}"
    return next((said for pattern, said in SAYINGS if pattern.search(message)), "")


# What Python, NumPy and PyTorch say, and what it means: the first that fits. The words hold nothing of the
# message, which is the student's own to choose.
SAYINGS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), said)
    for pattern, said in (
        (
            r"'(generator|map|filter|zip|\w*iterator)' (has no len\(\)|object is not subscriptable)",
            "what can only be gone through once is treated as a list",
        ),
        (
            r"len\(\) of (unsized object|a 0-d tensor)|has no len\(\)|iteration over a 0-d|applied to a 0-dim"
            r"|'(int|float|numpy.float64)' object is not subscriptable|object is not iterable"
            r"|array is 0-dimensional|invalid index to scalar|invalid index of a 0-dim tensor",
            "a single number is treated as an array",
        ),
        (
            r"only (length-1|size-1|0-dimensional|integer scalar) arrays|only one element tensors"
            r"|a Tensor with \d+ elements cannot be converted to Scalar",
            "an array is treated as a single number",
        ),
        (
            r"truth value of an array|Boolean value of Tensor",
            "a condition is asked of a whole array at once",
        ),
        (
            r"(not enough|too many) values to unpack",
            "more or fewer names are given than there are things to unpack",
        ),
        (
            r"matmul|not aligned|mat1 and mat2|mat and vec|inconsistent tensor size.*dot",
            "a matrix product is taken of shapes that do not fit",
        ),
        (
            r"could not be broadcast|could not broadcast|non-broadcastable|size of tensor a .* must match"
            r"|shape mismatch|output with shape .* doesn't match|incompatible dimension",
            "the shapes of two arrays do not fit together",
        ),
        (
            r"cannot reshape array of size|is invalid for input of size",
            "an array is given a shape for another number of entries",
        ),
        (
            r"axis -?\d+ is out of bounds|axes don't match|Dimension out of range|AxisError"
            r"|tuple index out of range",
            "an axis is asked for that the array does not have",
        ),
        (r"too many indices", "more axes are indexed than the array has"),
        (r"IndexError: .*out of (bounds|range)", "an entry is asked for that lies beyond the last"),
        (
            r"need at least one array|zero-size array|is an empty sequence|non-empty",
            "nothing is there to be put together",
        ),
        (
            r"must have (the )?same (shape|number)|must match exactly|equal size",
            "arrays of different shapes are put together",
        ),
        (r"ZeroDivisionError", "it divides by 0"),
        (r"math domain error", "a root or a logarithm is taken of what has none"),
        (r"OverflowError|cannot convert float", "a number gets too large, or is none"),
        (r"NoneType", "None is treated as a number or a tensor"),
        (
            r"takes (no|\d+|from \d+ to \d+) (positional )?arguments?"
            r"|takes at most \d+ (positional )?arguments?|unexpected keyword|missing \d+ required"
            r"|Cannot interpret '.*' as a data type",
            "something is called with other arguments than it takes",
        ),
        (r"NameError|UnboundLocalError", "a name is used that has no value there"),
        (r"KeyError", "a dict is asked for a key that it does not have"),
        (r"is not in (list|deque)|x not in list", "a list is searched for what it does not hold"),
        (r"AttributeError: .*has no setter", "a property that can only be read is assigned to"),
        (r"'(int|float|numpy.float64)' object has no attribute", "a plain number is treated as an object"),
        (r"'numpy.ndarray' object has no attribute", "a NumPy array is treated as a tensor"),
        (r"'Tensor' object has no attribute|expected np.ndarray", "a tensor is treated as a NumPy array"),
        (
            r"AttributeError: .*object has no attribute",
            "an object is asked for an attribute that it does not have",
        ),
        (
            r"unsupported operand.*'list'|'list' and 'list'|list indices must be",
            "a list is treated as an array",
        ),
        (
            r"unsupported operand|bad operand type|can't multiply sequence",
            "an operator is given what it does not take",
        ),
        (
            r"does not require grad|not have been used in the graph|requires_grad=False",
            "autograd is asked for a gradient of what it did not record",
        ),
        (r"leaf Variable that requires grad", "a parameter is changed in place while autograd records"),
        (r"backward through the graph a second time", "autograd's graph is used twice"),
        (r"Can't call numpy\(\)|that requires grad", "a tensor that autograd records is handed to NumPy"),
        (r"read-only", "an array is written to that is not to be changed"),
        (
            r"Cannot cast|can't be cast|expected scalar type|same dtype",
            "numbers of two types do not go together",
        ),
        (r"^AssertionError", "an `assert` ends it, which raises AssertionError"),
        (r"RecursionError", "it calls itself without an end"),
        (
            r"only integers, slices|cannot be interpreted as an integer|indices must be integers",
            "a number that is not an integer counts something",
        ),
        (
            r"argument of type|must be (a )?(real number|Tensor|tuple|list)|invalid combination of arguments",
            "a function is given something of another type than it takes",
        ),
    )
)
