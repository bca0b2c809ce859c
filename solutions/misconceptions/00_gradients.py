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
    wrong(
        "numerical_gradient", "one_sided_backwards", "the differences are to one side, backwards",
        "Formula (3) steps to both sides of x. A step back alone errs by much more.",
        LIBRARIES, (DIFFERENCE, "(f(x) - f(x - h * e)) / h"),
    ),
    wrong(
        "numerical_gradient", "two_names_for_x", "both points are the same array, so that all slopes are 0",
        "A second name for x is no second array. The two points in formula (3) have memory of their own.",
        CLASSROOM,
        (STEP, "        up, down = x, x\n        up[i] += h\n        down[i] -= h\n"
               "        grad[i] = (f(up) - f(down)) / (2 * h)\n"),
    ),
    wrong(
        "numerical_gradient", "half_steps", "the two points are half a step away each",
        "In formula (3) each side is a whole h away from x, and the two points lie 2h apart.",
        LIBRARIES, (DIFFERENCE, "(f(x + h / 2 * e) - f(x - h / 2 * e)) / h"),
    ),
    wrong(
        "numerical_gradient", "relative_step", "the step grows with the coordinate",
        "The step in formula (3) is h itself, however large x is.",
        LIBRARIES, ("e[i] = 1.0\n", "e[i] = 1.0\n        step = h * max(1.0, abs(float(x[i])))\n"),
        (DIFFERENCE, "(f(x + step * e) - f(x - step * e)) / (2 * step)"),
    ),
    wrong(
        "numerical_gradient", "first_axis_only", "only the first index of a place is counted",
        "A place i may have several indices, and for shape () none: go through all elements of x.",
        CLASSROOM, ("for i in np.ndindex(x.shape):", "for i in range(len(x)):"),
    ),
    wrong(
        "numerical_gradient", "row_of_slopes", "the gradient comes back as one row of numbers",
        "The gradient has the shape of x: where x is a matrix, it is a matrix.",
        CLASSROOM, ("    return grad", "    return grad.ravel()"),
    ),
    wrong(
        "numerical_gradient", "mean_slope", "the gradient is divided by the number of coordinates",
        "Each partial derivative in formula (3) stands by itself: nothing is averaged.",
        CLASSROOM, ("    return grad", "    return grad / x.size"),
    ),
    wrong(
        "numerical_gradient", "written_into_x", "the slopes are written into x",
        "The gradient is a new array. x stays what it is, also while the later coordinates are measured.",
        CLASSROOM, (COPY, "    grad = x\n"),
    ),
    wrong(
        "numerical_gradient", "slope_of_all", "every element is the slope along all coordinates together",
        "Each e_i of formula (3) gives one number, which belongs to place i alone.",
        CLASSROOM, ("        grad[i] = (", "        grad += ("),
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
    wrong(
        "directional_derivative", "length_of_each_row", "each row of the direction is brought to length 1",
        "The sum in formula (4) runs over all elements: the whole array has one length.",
        CLASSROOM,
        (UNIT, "u = direction / np.maximum(np.sqrt(np.sum(direction**2, axis=-1, keepdims=True)), 1e-300)"),
    ),
    wrong(
        "directional_derivative", "norm_of_a_matrix", "a matrix is measured by its spectral norm",
        "np.linalg.norm with ord=2 is another length for matrices. Formula (4) sums the squares of all elements.",
        LIBRARIES, (LENGTH, "length = np.linalg.norm(direction, 2) if direction.ndim == 2 else "
                            "np.linalg.norm(np.ravel(direction))"),
    ),
    wrong(
        "directional_derivative", "largest_as_length", "the length is the largest element in size",
        "The length in formula (4) is the root of the sum of squares.",
        CLASSROOM, (LENGTH, "length = np.max(np.abs(direction))"),
    ),
    wrong(
        "directional_derivative", "sum_over_one_axis", "the sum runs over the last axis alone",
        "The sum of formula (5) runs over all elements and gives one number.",
        CLASSROOM, (SLOPE, "return np.sum(np.atleast_1d(grad * u), axis=-1)"),
    ),
    wrong(
        "directional_derivative", "never_negative", "the slope has no sign",
        "Downhill the sum of formula (5) is negative: keep its sign.",
        CLASSROOM, (SLOPE, "return float(abs(np.sum(grad * u)))"),
    ),
    wrong(
        "directional_derivative", "another_exception", "a direction of zeros raises another exception than ValueError",
        "The docstring says which exception: who calls you waits for that one.",
        CLASSROOM, ("raise ValueError(", "raise ZeroDivisionError("),
    ),
    wrong(
        "directional_derivative", "any_zero_refused", "a direction with a 0 in it is refused",
        "Only where every element is 0 the direction points nowhere. Along an axis all but one are 0.",
        CLASSROOM, ("if length == 0:", "if not np.all(direction):"),
    ),
    wrong(
        "directional_derivative", "flat_ground_refused", "a gradient of zeros is refused",
        "On flat ground the slope is 0 in every direction. ValueError is for the direction alone.",
        CLASSROOM, ("if length == 0:", "if length == 0 or not np.any(grad):"),
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
    wrong(
        "Dual", "numbers_have_tangent_1", "a plain number is given the tangent 1",
        "A plain number c is c + 0 eps: it does not depend on anything.",
        CLASSROOM,
        ("else Dual(other)\n        return Dual(self.value +", "else Dual(other, 1.0)\n        return Dual(self.value +"),
        ("else Dual(other)\n        tangent", "else Dual(other, 1.0)\n        tangent"),
        ("else Dual(other)\n        slope", "else Dual(other, 1.0)\n        slope"),
    ),
    wrong(
        "Dual", "no_plain_numbers", "only Duals are understood, and no plain numbers",
        "The other side may be a plain number c: take it for c + 0 eps first.",
        CLASSROOM,
        ("        other = other if isinstance(other, Dual) else Dual(other)\n        return Dual(self.value +",
         "        return Dual(self.value +"),
        ("        other = other if isinstance(other, Dual) else Dual(other)\n        tangent", "        tangent"),
        ("        other = other if isinstance(other, Dual) else Dual(other)\n        slope", "        slope"),
    ),
    wrong(
        "Dual", "number_scales_value_alone", "a number as a factor or divisor leaves the tangent as it is",
        "With a plain number for y, (9) and (10) still have one term: the tangent is scaled like the value.",
        CLASSROOM,
        ("        other = other if isinstance(other, Dual) else Dual(other)\n        tangent",
         "        if not isinstance(other, Dual):\n"
         "            return Dual(self.value * other, self.tangent)\n        tangent"),
        ("        other = other if isinstance(other, Dual) else Dual(other)\n        slope",
         "        if not isinstance(other, Dual):\n"
         "            return Dual(self.value / other, self.tangent)\n        slope"),
    ),
    wrong(
        "Dual", "number_added_to_both", "a number is added to the tangent as well",
        "With a plain number for y, formula (8) adds 0 to the tangent.",
        CLASSROOM,
        ("else Dual(other)\n        return Dual(self.value +", "else Dual(other, other)\n        return Dual(self.value +"),
    ),
    wrong(
        "Dual", "sign_of_number_minus", "c - x has the tangent of x, without the minus",
        "Take formula (8) with c + 0 eps on the left: the tangent is 0 - x'.",
        CLASSROOM, ("return Dual(other) - self", "return Dual(other - self.value, self.tangent)"),
    ),
    wrong(
        "Dual", "number_over_dual", "c / x has the tangent of c times 1/x with the wrong sign",
        "Take formula (10) with c + 0 eps above: what is left of its numerator has a minus.",
        CLASSROOM,
        ("return Dual(other) / self", "return Dual(other / self.value, other * self.tangent / self.value**2)"),
    ),
    wrong(
        "Dual", "quotient_of_tangents", "the tangents are divided by each other",
        "The slope of a quotient is no quotient of slopes: formula (10) has two terms over a square.",
        CLASSROOM,
        ("slope / other.value**2", "self.tangent / other.tangent if other.tangent else self.tangent"),
    ),
    wrong(
        "Dual", "functions_of_both", "exp, log and sin are taken of the tangent as well",
        "In formula (12) the function is taken of the value alone; the tangent is multiplied by its slope there.",
        CLASSROOM,
        ("np.exp(self.value) * self.tangent", "np.exp(self.tangent)"),
        ("self.tangent / self.value)", "np.log(np.abs(self.tangent)))"),
        ("np.cos(self.value) * self.tangent", "np.sin(self.tangent)"),
    ),
    wrong(
        "Dual", "degrees", "the sine takes its angle in degrees",
        "The docstring of sin asks for radians, as np.sin does.",
        CLASSROOM,
        ("np.sin(self.value), np.cos(self.value)", "np.sin(np.radians(self.value)), np.cos(np.radians(self.value))"),
    ),
    wrong(
        "Dual", "decimal_logarithm", "the logarithm is to base 10",
        "The docstring of log asks for the natural logarithm.",
        CLASSROOM,
        ("np.log(self.value), self.tangent / self.value",
         "np.log10(self.value), self.tangent / (self.value * np.log(10.0))"),
    ),
    wrong(
        "Dual", "power_by_products", "a power is made of as many products",
        "That serves whole numbers above 0 alone. Formula (11) holds for every n, also 0.5 and -2.",
        CLASSROOM,
        ("        return Dual(self.value**n, n * self.value ** (n - 1) * self.tangent)  # (11)\n",
         "        result = self\n        for _ in range(int(n) - 1):\n            result = result * self\n"
         "        return result\n"),
    ),
    wrong(
        "Dual", "power_by_logarithm", "a power is made of exp and log",
        "Where x is negative or 0 it has no logarithm, and yet it has a square. Formula (11) needs none.",
        CLASSROOM,
        ("return Dual(self.value**n, n * self.value ** (n - 1) * self.tangent)  # (11)",
         "return (self.log() * n).exp()"),
    ),
    wrong(
        "Dual", "product_in_place", "a product changes its left operand",
        "x * y is a new Dual. And formula (9) has the old value of x: here it is overwritten before it is used.",
        CLASSROOM,
        ("        tangent = self.tangent * other.value + self.value * other.tangent  # (9)\n"
         "        return Dual(self.value * other.value, tangent)",
         "        self.value = self.value * other.value\n"
         "        self.tangent = self.tangent * other.value + self.value * other.tangent\n        return self"),
    ),
    wrong(
        "Dual", "plain_results", "exp, log and sin return plain numbers",
        "Every operation returns a new Dual: formula (12) has a value and a tangent.",
        CLASSROOM,
        ("Dual(np.exp(self.value), np.exp(self.value) * self.tangent)", "np.exp(self.value)"),
        ("Dual(np.log(self.value), self.tangent / self.value)", "np.log(self.value)"),
        ("Dual(np.sin(self.value), np.cos(self.value) * self.tangent)", "np.sin(self.value)"),
    ),
    wrong(
        "Dual", "right_hand_calls_itself", "c + x and c * x ask for themselves without end",
        "In __radd__ the plain number is on the left again, so that Python calls __radd__ once more: change the sides.",
        CLASSROOM,
        ("        return self + other\n", "        return other + self\n"),
        ("        return self * other\n", "        return other * self\n"),
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
    wrong(
        "descend_quadratic", "columns_alone", "the gradient has the columns of A alone",
        "In formula (13) each coordinate stands on both sides of A. Formula (14) has the rows and the columns.",
        NOTES, (GRADIENT, "g = A.T @ x - b"),
    ),
    wrong(
        "descend_quadratic", "gradient_of_the_start", "every step takes the gradient at x0",
        "In formula (15) g is taken at x_t, where the last step came to.",
        CLASSROOM,
        (START, "path = [x0]\n    g = 0.5 * (A + A.T) @ x0 - b"), ("        " + GRADIENT + "\n", ""),
    ),
    wrong(
        "descend_quadratic", "always_from_the_start", "every step starts from x0",
        "In formula (15) x_(t+1) follows from x_t, and x_t is the row before.",
        CLASSROOM, ("x = path[-1]", "x = x0"),
    ),
    wrong(
        "descend_quadratic", "gradients_add_up", "the gradients of all steps so far are added up",
        "Formula (15) takes the gradient at x_t alone. Those before have had their step.",
        CLASSROOM, (START, "path, g = [x0], 0.0"), (GRADIENT, "g = g + 0.5 * (A + A.T) @ x - b"),
    ),
    wrong(
        "descend_quadratic", "rate_falls", "the rate becomes smaller with every step",
        "lr in formula (15) is the same in all steps.",
        LIBRARIES, ("for _ in range(steps):", "for t in range(steps):"),
        (APPEND, "path.append(x - lr / (t + 1) * g)"),
    ),
    wrong(
        "descend_quadratic", "steps_of_one_length", "the gradient is brought to length 1",
        "In formula (15) the gradient keeps its length: where it is steep, the step is long.",
        CLASSROOM, (APPEND, "path.append(x - lr * g / max(np.sqrt(np.sum(g**2)), 1e-300))"),
    ),
    wrong(
        "descend_quadratic", "one_coordinate_after_another", "later coordinates see those that have moved already",
        "All coordinates of g(x_t) in formula (15) belong to the same point.",
        CLASSROOM,
        ("        " + GRADIENT + "\n",
         "        new = x.copy()\n        for i in range(len(x)):\n"
         "            new[i] -= lr * (0.5 * (A + A.T)[i] @ new - b[i])\n"),
        (APPEND, "path.append(new)"),
    ),
    wrong(
        "descend_quadratic", "diagonal_alone", "only the diagonal of A is used",
        "In formula (14) every coordinate meets all the others: it is a matrix product.",
        CLASSROOM, (GRADIENT, "g = np.diag(A) * x - b"),
    ),
    wrong(
        "descend_quadratic", "mean_gradient", "the gradient is divided by the number of coordinates",
        "Nothing in formula (14) is averaged over the coordinates.",
        CLASSROOM, (GRADIENT, "g = (0.5 * (A + A.T) @ x - b) / len(x)"),
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
    wrong(
        "steepest_ascent", "rate_of_euclid", "the rate is the gradient's Euclidean length, whatever p is",
        "That is the slope for p = 2. The rate is the sum of formula (5) for the direction that you return.",
        NOTES, (RATE, "rate = float(np.sqrt(np.sum(grad**2)))"),
    ),
    wrong(
        "steepest_ascent", "budget_shared_out", "for p = 1 all coordinates get the same share of the step",
        "With p = 1 each bit of the budget rises by the slope of its own coordinate: where does it rise most?",
        CLASSROOM, (ONE, "direction = np.sign(grad) / max(np.sum(np.abs(np.sign(grad))), 1.0)"),
    ),
    wrong(
        "steepest_ascent", "gradient_shares_budget", "for p = 1 the budget is divided in proportion to the gradient",
        "Another norm has another steepest direction. A bit of budget spent on a gentler slope is lost.",
        CLASSROOM, (ONE, "direction = grad / max(np.sum(np.abs(grad)), 1e-300)"),
    ),
    wrong(
        "steepest_ascent", "scaled_to_the_largest", "for p = inf the gradient is only scaled to a largest element of 1",
        "With p = inf every coordinate may go its full step, whatever the others do.",
        CLASSROOM, (SIGNS, "direction = grad / max(np.max(np.abs(grad)), 1e-300)"),
    ),
    wrong(
        "steepest_ascent", "zero_has_a_sign", "for p = inf an element that is 0 goes a full step",
        "Where the slope is 0 a step rises by nothing: the docstring asks for 0 there.",
        CLASSROOM, (SIGNS, "direction = np.where(grad >= 0, 1.0, -1.0)"),
    ),
    wrong(
        "steepest_ascent", "largest_of_each_row", "for p = 1 each row has a direction of its own",
        "The sums of (16) run over all elements: one coordinate of the whole array goes.",
        CLASSROOM,
        (ONE, "sizes = np.atleast_1d(np.abs(grad))\n"
              "        largest = sizes == np.max(sizes, axis=-1, keepdims=True)\n"
              "        direction = np.sign(grad) * largest.reshape(grad.shape)"),
    ),
    wrong(
        "steepest_ascent", "flat_index", "for p = 1 the place in the flat array is used as an index",
        "np.argmax counts through all elements in a row. A matrix needs two indices, and shape () none.",
        CLASSROOM, (LARGEST, "largest = int(np.argmax(np.abs(grad)))"),
    ),
    wrong(
        "steepest_ascent", "zero_refused", "a gradient of zeros is refused",
        "Where the gradient is 0 no direction rises: the docstring says what to return.",
        CLASSROOM,
        ("    direction = np.zeros_like(grad)\n",
         "    direction = np.zeros_like(grad)\n    if not np.any(grad):\n        raise ValueError(\"flat\")\n"),
    ),
    wrong(
        "steepest_ascent", "scaled_in_place", "for p = 2 the gradient that was handed in is changed",
        "The direction is a new array. And the rate needs the gradient with its own length.",
        CLASSROOM, (EUCLIDEAN, "direction = grad\n        direction /= np.sqrt(np.sum(grad**2))"),
    ),
    wrong(
        "steepest_ascent", "rate_of_the_largest", "the rate is the largest element in size, whatever p is",
        "That is the slope for p = 1. The rate is the sum of formula (5) for the direction that you return.",
        CLASSROOM, (RATE, "rate = float(np.max(np.abs(grad)))"),
    ),
)  # fmt: skip

MISCONCEPTIONS = NUMERICAL + DIRECTIONAL + DUAL + DESCENT + STEEPEST
