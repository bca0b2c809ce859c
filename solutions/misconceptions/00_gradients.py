"""Lesson 00, wrong on purpose: what each mistake changes in the reference solution; see autograder.catalogue."""

from autograder.catalogue import wrong

NOTES = "course notes"
LIBRARIES = "another library's convention"
CLASSROOM = "common in first implementations"

# What the edits replace.
STEP = """        e = np.zeros_like(x)
        e[i] = 1.0
        grad[i] = (f(x + h * e) - f(x - h * e)) / (2 * h)  # (3)
"""
COPY = "    grad = np.zeros_like(x)\n"
DIFFERENCE = "(f(x + h * e) - f(x - h * e)) / (2 * h)  # (3)"
LENGTH = "length = np.sqrt(np.sum(direction**2))"
UNIT = "u = direction / length  # (4)"
SLOPE = "return float(np.sum(grad * u))  # (5)"
ADD = "return Dual(self.value + other.value, self.tangent + other.tangent)  # (8)"
PRODUCT = "self.tangent * other.value + self.value * other.tangent  # (9)"
QUOTIENT = "self.tangent * other.value - self.value * other.tangent  # (10)"
POWER = "n * self.value ** (n - 1) * self.tangent"
GRADIENT = "g = 0.5 * (A + A.T) @ x - b  # (14)"
START = "path = [x0]"
APPEND = "path.append(x - lr * g)  # (15)"
EUCLIDEAN = "direction = grad / np.sqrt(np.sum(grad**2))"
SIGNS = "direction = np.sign(grad)"
LARGEST = "largest = np.unravel_index(np.argmax(np.abs(grad)), grad.shape)"
ONE = "direction[largest] = np.sign(grad[largest])"
RATE = "rate = float(np.sum(grad * direction))"

NUMERICAL = (
    wrong(
        "numerical_gradient", "one_sided", "the differences are to one side",
        "Formula (3) steps to both sides of x. One side alone, as in (2), errs by much more.",
        NOTES, (DIFFERENCE, "(f(x + h * e) - f(x)) / h"),
    ),
    wrong(
        "numerical_gradient", "divided_by_h", "the difference is divided by h, not by 2h",
        "The two points of formula (3) lie 2h apart.",
        CLASSROOM, ("/ (2 * h)", "/ h"),
    ),
    wrong(
        "numerical_gradient", "all_at_once", "all coordinates move at once",
        "In formula (3) e_i has one 1: every partial derivative holds all other coordinates fixed.",
        CLASSROOM, ("e[i] = 1.0", "e[...] = 1.0"),
    ),
    wrong(
        "numerical_gradient", "x_not_restored", "x is changed and not brought back to the last bit",
        "x + h - 2h + h is not x: rounding leaves a rest. Step away from x without changing it.",
        CLASSROOM,
        (STEP, "        x[i] += h\n        up = f(x)\n        x[i] -= 2 * h\n"
               "        grad[i] = (up - f(x)) / (2 * h)\n        x[i] += h\n"),
    ),
    wrong(
        "numerical_gradient", "steps_pile_up", "each coordinate starts from where the one before was left",
        "Each row of formula (3) starts from x itself: only coordinate i is not what it was.",
        CLASSROOM,
        (COPY, COPY + "    x = x.copy()\n"),
        (STEP, "        x[i] += h\n        up = f(x)\n        x[i] -= 2 * h\n"
               "        grad[i] = (up - f(x)) / (2 * h)\n"),
    ),
    wrong(
        "numerical_gradient", "flat_argument", "f is given a flat row and not an array of x's shape",
        "f is made for arrays of x's shape. Give it no other: a network would not know which number is which.",
        CLASSROOM, (DIFFERENCE, "(f((x + h * e).ravel()) - f((x - h * e).ravel())) / (2 * h)"),
    ),
    wrong(
        "numerical_gradient", "own_step", "h is not used: the step is always the same",
        "The step of formula (3) is the argument h.",
        CLASSROOM, (COPY, COPY + "    h = 1e-5\n"),
    ),
)  # fmt: skip

DIRECTIONAL = (
    wrong(
        "directional_derivative", "not_unit", "the direction keeps its length",
        "Only where a direction points should count. Formula (4) comes first.",
        LIBRARIES, (UNIT, "u = direction"),
    ),
    wrong(
        "directional_derivative", "squared_length", "the direction is divided by the square of its length",
        "The length in formula (4) is a root.",
        CLASSROOM, (UNIT, "u = direction / length**2"),
    ),
    wrong(
        "directional_derivative", "unit_gradient", "the gradient is brought to length 1, the direction is not",
        "Formula (4) is about the direction. The gradient's length is how steep it is: keep it.",
        CLASSROOM, (UNIT, "u = direction"),
        (SLOPE, "return float(np.sum(grad * u) / max(np.sqrt(np.sum(grad**2)), 1e-300))"),
    ),
    wrong(
        "directional_derivative", "cosine", "the slope is divided by the gradient's length",
        "That is the cosine in formula (6). The slope of formula (5) is the gradient's length times it.",
        NOTES, (SLOPE, "return float(np.sum(grad * u) / max(np.sqrt(np.sum(grad**2)), 1e-300))"),
    ),
    wrong(
        "directional_derivative", "nowhere_is_a_direction", "a direction of zeros is accepted",
        "It points nowhere, and 0/0 is no slope: the docstring asks for ValueError.",
        CLASSROOM, ("if length == 0:", "if False:"),
    ),
    wrong(
        "directional_derivative", "matrix_product", "the product is a matrix product",
        "The sum of formula (5) runs over all elements, whatever the shape. For matrices and for shape () @ does "
        "something else.",
        CLASSROOM, (SLOPE, "return grad @ u"),
    ),
    wrong(
        "directional_derivative", "length_by_sizes", "the length is the sum of the sizes",
        "The length in formula (4) is the root of the sum of squares.",
        CLASSROOM, (LENGTH, "length = np.sum(np.abs(direction))"),
    ),
)  # fmt: skip

DUAL = (
    wrong(
        "Dual", "half_product_rule", "the product rule has one term",
        "The bracket in formula (9) has two terms: each factor has its turn to change.",
        CLASSROOM, (PRODUCT, "self.tangent * other.value"),
    ),
    wrong(
        "Dual", "product_of_tangents", "the tangents are multiplied",
        "The product of the tangents comes with the square of eps, which is 0. Look at formula (9).",
        CLASSROOM, (PRODUCT, "self.tangent * other.tangent"),
    ),
    wrong(
        "Dual", "quotient_sign", "the quotient rule has a plus",
        "In formula (10) the tangent of what stands below is taken off.",
        CLASSROOM, (QUOTIENT, "self.tangent * other.value + self.value * other.tangent"),
    ),
    wrong(
        "Dual", "quotient_turned", "the two terms of the quotient rule have changed places",
        "In formula (10) the tangent of what stands above comes first.",
        CLASSROOM, (QUOTIENT, "self.value * other.tangent - self.tangent * other.value"),
    ),
    wrong(
        "Dual", "denominator_not_squared", "the denominator of the quotient rule is not squared",
        "Look at what formula (10) divides by.",
        CLASSROOM, ("slope / other.value**2", "slope / other.value"),
    ),
    wrong(
        "Dual", "power_without_chain", "the power leaves the tangent out",
        "Formula (11) ends with the tangent of x: the chain rule.",
        CLASSROOM, (POWER, "n * self.value ** (n - 1)"),
    ),
    wrong(
        "Dual", "exponent_kept", "the exponent is not lowered",
        "In formula (11) the exponent in front of eps is lower by 1.",
        CLASSROOM, (POWER, "n * self.value**n * self.tangent"),
    ),
    wrong(
        "Dual", "functions_without_chain", "exp, log and sin leave the tangent out",
        "Formula (12) multiplies the slope of the function by the tangent.",
        CLASSROOM,
        ("np.exp(self.value) * self.tangent", "np.exp(self.value)"),
        ("self.tangent / self.value)", "1 / self.value)"),
        ("np.cos(self.value) * self.tangent", "np.cos(self.value)"),
    ),
    wrong(
        "Dual", "slope_of_sine", "the slope of the sine has the wrong sign",
        "Formula (12) with the rule of school: which function is the slope of the sine, and with which sign?",
        CLASSROOM, ("np.cos(self.value) * self.tangent", "-np.cos(self.value) * self.tangent"),
    ),
    wrong(
        "Dual", "differences_add", "a difference adds the tangents",
        "In formula (8) the tangents have the sign of the values.",
        CLASSROOM,
        ("return self + (-other)",
         "other = other if isinstance(other, Dual) else Dual(other)\n"
         "        return Dual(self.value - other.value, self.tangent + other.tangent)"),
    ),
    wrong(
        "Dual", "minus_turned", "a number minus a Dual comes out with the sides changed",
        "Python calls __rsub__ of what stands on the right: it is what is taken off.",
        CLASSROOM, ("return Dual(other) - self", "return self - other"),
    ),
    wrong(
        "Dual", "division_turned", "a number divided by a Dual comes out upside down",
        "Python calls __rtruediv__ of what stands on the right: it is what is divided by.",
        CLASSROOM, ("return Dual(other) / self", "return self / other"),
    ),
    wrong(
        "Dual", "no_right_hand", "a number on the left is not understood",
        "A plain number knows nothing of your class. For c + x Python asks x for __radd__, and so on for - * /.",
        CLASSROOM,
        ("def __radd__", "def added_to"), ("def __rsub__", "def taken_from"),
        ("def __rmul__", "def multiplied_with"), ("def __rtruediv__", "def dividing"),
    ),
    wrong(
        "Dual", "constant_changes", "a Dual that is given no tangent has the tangent 1",
        "A number that does not depend on anything has the tangent 0. Only what you differentiate by has 1.",
        CLASSROOM, ("self.tangent = tangent", "self.tangent = tangent or 1.0"),
    ),
    wrong(
        "Dual", "sum_in_place", "a sum changes its left operand",
        "x + y is a new Dual: whoever still uses x wants its old value.",
        CLASSROOM,
        (ADD, "self.value, self.tangent = self.value + other.value, self.tangent + other.tangent\n"
              "        return self"),
    ),
)  # fmt: skip

DESCENT = (
    wrong(
        "descend_quadratic", "as_if_symmetric", "the gradient is A x - b, which is right for a symmetric A alone",
        "In formula (13) each coordinate stands on both sides of A. Formula (14) has the rows and the columns.",
        NOTES, (GRADIENT, "g = A @ x - b"),
    ),
    wrong(
        "descend_quadratic", "no_half", "the half is missing",
        "Formula (14) takes the mean of A and its transpose.",
        CLASSROOM, (GRADIENT, "g = (A + A.T) @ x - b"),
    ),
    wrong(
        "descend_quadratic", "half_of_everything", "b is halved, too",
        "The half in formula (14) belongs to the matrices alone.",
        CLASSROOM, (GRADIENT, "g = 0.5 * ((A + A.T) @ x - b)"),
    ),
    wrong(
        "descend_quadratic", "sign_of_b", "b is added to the gradient",
        "Look at the sign in front of b in formulas (13) and (14).",
        CLASSROOM, (GRADIENT, "g = 0.5 * (A + A.T) @ x + b"),
    ),
    wrong(
        "descend_quadratic", "uphill", "the steps go uphill",
        "The gradient points uphill. Look at the sign in formula (15).",
        CLASSROOM, (APPEND, "path.append(x + lr * g)"),
    ),
    wrong(
        "descend_quadratic", "start_left_out", "the path lacks its start",
        "Row 0 of the path is x0, so that there is one row more than there are steps.",
        CLASSROOM, ("return np.array(path)", "return np.array(path[1:])"),
    ),
    wrong(
        "descend_quadratic", "one_array", "all rows are one array, which moves",
        "An array that is changed in place changes in every row that holds it. Make a new one for each step.",
        CLASSROOM, (START, "path = [x0.copy()]"), (APPEND, "x -= lr * g\n        path.append(x)"),
    ),
    wrong(
        "descend_quadratic", "start_moves", "the first step changes x0 itself",
        "x0 is handed in, and stays as it is. Make a new array in formula (15).",
        CLASSROOM, (APPEND, "x -= lr * g\n        path.append(x.copy())"),
    ),
)  # fmt: skip

STEEPEST = (
    wrong(
        "steepest_ascent", "downhill", "the direction goes downhill",
        "Ascent goes up: the slope in the direction is positive.",
        CLASSROOM, (RATE, "direction = -direction\n    " + RATE),
    ),
    wrong(
        "steepest_ascent", "not_unit", "for p = 2 the gradient is returned with its own length",
        "The direction has length 1. For p = 2 formula (4) brings it there.",
        CLASSROOM, (EUCLIDEAN, "direction = grad.copy()"),
    ),
    wrong(
        "steepest_ascent", "nan_at_zero", "a zero gradient gives NaN for p = 2",
        "Where the gradient is 0 no direction rises: the docstring says what to return.",
        CLASSROOM, ("if p == 2 and np.any(grad):", "if p == 2:"),
    ),
    wrong(
        "steepest_ascent", "own_norm_as_rate", "the rate is the p-norm of the gradient",
        "The rate is the slope in the direction that you found, by formula (5). Compare the numbers for (3, -4).",
        CLASSROOM, (RATE, "rate = float(np.linalg.norm(np.ravel(grad), p))"),
    ),
    wrong(
        "steepest_ascent", "norms_swapped", "p = 1 and p = inf have changed places",
        "With p = 1 all coordinates share one budget; with p = inf each has its own. Look at (16).",
        CLASSROOM,
        ("elif p == np.inf:\n        direction = np.sign(grad)\n    elif p == 1:",
         "elif p == 1:\n        direction = np.sign(grad)\n    elif p == np.inf:"),
    ),
    wrong(
        "steepest_ascent", "scaled_gradient", "for p = 1 and p = inf the gradient is only scaled to length 1",
        "Another norm has another steepest direction, not only another length. Where would you spend the budget?",
        CLASSROOM,
        (SIGNS, "direction = grad / max(np.max(np.abs(grad)), 1e-300)"),
        (ONE, "direction = grad / max(np.sum(np.abs(grad)), 1e-300)"),
    ),
    wrong(
        "steepest_ascent", "largest_not_in_size", "for p = 1 the largest element is taken, not the largest in size",
        "A steep slope down is a steep slope up the other way: it is the size that counts.",
        CLASSROOM, (LARGEST, "largest = np.unravel_index(np.argmax(grad), grad.shape)"),
    ),
    wrong(
        "steepest_ascent", "sign_lost", "for p = 1 the direction is +1 wherever the slope is steepest",
        "Where the steepest slope is negative the way up leads to the other side.",
        CLASSROOM, (ONE, "direction[largest] = float(np.any(grad))"),
    ),
)  # fmt: skip

MISCONCEPTIONS = NUMERICAL + DIRECTIONAL + DUAL + DESCENT + STEEPEST
