# %% numerical_gradient: one_sided
# Wrong: the forward difference (f(x+h) - f(x)) / h instead of the central one.
def numerical_gradient(f, x, h=1e-5):
    grad = np.zeros_like(x)
    base = f(x)
    for idx in np.ndindex(x.shape):
        moved = x.copy()
        moved[idx] += h
        grad[idx] = (f(moved) - base) / h
    return grad

# %% numerical_gradient: divides_by_h
# Wrong: the difference of both sides is divided by h and not by 2h.
def numerical_gradient(f, x, h=1e-5):
    g = np.empty(x.shape)
    for i in np.ndindex(*x.shape):
        e = np.zeros(x.shape)
        e[i] = h
        g[i] = (f(x + e) - f(x - e)) / h
    return g

# %% numerical_gradient: two_times_h_by_precedence
# Wrong: writes / 2 * h, which divides by 2 and multiplies by h.
def numerical_gradient(f, x, h=1e-5):
    result = np.zeros(x.shape)
    it = np.nditer(x, flags=["multi_index", "zerosize_ok"])
    for _ in it:
        k = it.multi_index
        right, left = np.array(x), np.array(x)
        right[k] = x[k] + h
        left[k] = x[k] - h
        result[k] = (f(right) - f(left)) / 2 * h
    return result

# %% numerical_gradient: backward
# Wrong: the backward difference (f(x) - f(x-h)) / h.
def numerical_gradient(f, x, h=1e-5):
    here = f(x.copy())
    out = np.zeros(x.size)
    for i in range(x.size):
        flat = x.flatten()
        flat[i] -= h
        out[i] = (here - f(flat.reshape(x.shape))) / h
    return out.reshape(x.shape)

# %% numerical_gradient: sides_exchanged
# Wrong: f(x-h) minus f(x+h), so the sign of the gradient is turned.
def numerical_gradient(f, x, h=1e-5):
    def shifted(place, by):
        copy = x.copy()
        copy[place] += by
        return f(copy)

    slopes = [(shifted(p, -h) - shifted(p, h)) / (2 * h) for p in np.ndindex(x.shape)]
    return np.array(slopes, dtype=float).reshape(x.shape)

# %% numerical_gradient: half_steps
# Wrong: steps by h/2 to both sides and divides by h.
def numerical_gradient(f, x, h=1e-5):
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[i] = 1.0
        grad[i] = (f(x + h / 2 * e) - f(x - h / 2 * e)) / h
    return grad

# %% numerical_gradient: unit_vector_not_cleared
# Wrong: the array with the step is made once and never cleared, so all earlier coordinates are stepped too.
def numerical_gradient(f, x, h=1e-5):
    step = np.zeros_like(x)
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        step[i] = h
        grad[i] = (f(x + step) - f(x - step)) / (2 * h)
    return grad

# %% numerical_gradient: adds_and_takes_off
# Wrong: shifts x itself by +h, -2h and +h, so the last bit of x is changed after the call.
def numerical_gradient(f, x, h=1e-5):
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        x[i] += h
        up = f(x)
        x[i] -= 2 * h
        down = f(x)
        x[i] += h
        grad[i] = (up - down) / (2 * h)
    return grad

# %% numerical_gradient: returns_it_flat
# Wrong: the gradient comes back flat, with shape (x.size,), not in the shape of x.
def numerical_gradient(f, x, h=1e-5):
    flat = x.flatten()
    grad = np.zeros(flat.size)
    for i in range(flat.size):
        plus = flat.copy()
        minus = flat.copy()
        plus[i] += h
        minus[i] -= h
        grad[i] = (f(plus.reshape(x.shape)) - f(minus.reshape(x.shape))) / (2 * h)
    return grad

# %% numerical_gradient: gives_f_a_flat_array
# Wrong: f is called with flattened arrays instead of arrays of x's shape.
def numerical_gradient(f, x, h=1e-5):
    v = np.ravel(x)
    eye = np.eye(v.size)
    grad = np.array([(f(v + h * row) - f(v - h * row)) / (2 * h) for row in eye])
    return grad.reshape(x.shape)

# %% numerical_gradient: first_axis_only
# Wrong: loops over the first axis only, so that in a matrix a whole row is stepped at once (its elements all get the row's total).
def numerical_gradient(f, x, h=1e-5):
    x = np.asarray(x)
    if x.ndim == 0:
        return np.array((f(x + h) - f(x - h)) / (2 * h))
    grad = np.zeros_like(x)
    for i in range(x.shape[0]):
        xp, xm = x.copy(), x.copy()
        xp[i] = xp[i] + h
        xm[i] = xm[i] - h
        grad[i] = (f(xp) - f(xm)) / (2 * h)
    return grad

# %% numerical_gradient: all_coordinates_at_once
# Wrong: misunderstands the partial derivative: h is added to all of x at once and every element gets the same number.
def numerical_gradient(f, x, h=1e-5):
    slope = (f(x + h) - f(x - h)) / (2 * h)
    return np.full(x.shape, slope)

# %% numerical_gradient: h_ignored
# Wrong: always steps by 1e-5, whatever h is.
def numerical_gradient(f, x, h=1e-5):
    EPS = 1e-5
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        d = np.zeros_like(x)
        d[i] = EPS
        grad[i] = (f(x + d) - f(x - d)) / (2 * EPS)
    return grad

# %% numerical_gradient: step_relative_to_x
# Wrong: the step is h * max(1, |x_i|), as numerical libraries do it, and not h.
def numerical_gradient(f, x, h=1e-5):
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        hi = h * max(1.0, abs(x[i]))
        a = x.copy()
        b = x.copy()
        a[i] += hi
        b[i] -= hi
        grad[i] = (f(a) - f(b)) / (2 * hi)
    return grad

# %% numerical_gradient: five_points
# Wrong: the five-point stencil of another course, which is not formula (3).
def numerical_gradient(f, x, h=1e-5):
    g = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        def at(k):
            z = x.copy()
            z[i] += k * h
            return f(z)
        g[i] = (-at(2) + 8 * at(1) - 8 * at(-1) + at(-2)) / (12 * h)
    return g

# %% numerical_gradient: complex_step
# Wrong: uses the complex step Im f(x + ih) / h instead of the central difference.
def numerical_gradient(f, x, h=1e-5):
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        z = x.astype(complex)
        z[i] += 1j * h
        grad[i] = np.imag(f(z)) / h
    return grad

# %% numerical_gradient: float32_result
# Wrong: the result is a float32 array and loses half of the digits.
def numerical_gradient(f, x, h=1e-5):
    grad = np.zeros(x.shape, dtype=np.float32)
    for i in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[i] = h
        grad[i] = (f(x + e) - f(x - e)) / (2 * h)
    return grad

# %% numerical_gradient: unit_gradient
# Wrong: brings the gradient to length 1 in the end, as if only its direction were asked for.
def numerical_gradient(f, x, h=1e-5):
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[i] = 1
        grad[i] = (f(x + h * e) - f(x - h * e)) / (2 * h)
    length = np.sqrt((grad ** 2).sum())
    return grad / length if length > 0 else grad

# %% numerical_gradient: copies_that_are_none
# Wrong: both shifted arrays are x itself, so their values are the same and the gradient is 0 (and x may change).
def numerical_gradient(f, x, h=1e-5):
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        x_plus = x
        x_plus[i] += h
        x_minus = x
        x_minus[i] -= h
        grad[i] = (f(x_plus) - f(x_minus)) / (2 * h)
    return grad

# %% numerical_gradient: forward_and_not_reset
# Wrong: two slips: a one-sided difference, and each coordinate starts from where the one before was stepped to.
def numerical_gradient(f, x, h=1e-5):
    grad = np.zeros(x.shape)
    z = x.copy()
    f0 = f(x)
    for i in np.ndindex(x.shape):
        z[i] += h
        grad[i] = (f(z) - f0) / h
    return grad

# %% numerical_gradient: last_axis_missing
# Wrong: unfinished: only the first element's partial derivative is measured, the others stay 0.
def numerical_gradient(f, x, h=1e-5):
    grad = np.zeros_like(x)
    first = (0,) * x.ndim
    e = np.zeros_like(x)
    e[first] = h
    grad[first] = (f(x + e) - f(x - e)) / (2 * h)
    # TODO the rest
    return grad

# %% numerical_gradient: len_of_a_number
# Wrong: raises TypeError for x of shape (), since it takes len(x).
def numerical_gradient(f, x, h=1e-5):
    rows = len(x)
    grad = np.zeros_like(x).reshape(rows, -1)
    columns = x.size // rows if rows else 0
    for r in range(rows):
        for c in range(columns):
            e = np.zeros((rows, columns))
            e[r, c] = h
            e = e.reshape(x.shape)
            grad[r, c] = (f(x + e) - f(x - e)) / (2 * h)
    return grad.reshape(x.shape)

# %% numerical_gradient: identity_matrix
# Right: all unit arrays at once from an identity matrix reshaped, then a comprehension over pairs.
def numerical_gradient(f, x, h=1e-5):
    steps = h * np.eye(x.size).reshape((x.size,) + x.shape)
    pairs = ((f(x + s), f(x - s)) for s in steps)
    return np.fromiter(((a - b) / (2 * h) for a, b in pairs), dtype=float, count=x.size).reshape(x.shape)

# %% numerical_gradient: recursive_with_where
# Right: vectorised bookkeeping with np.where on the numbers of the elements, one element after the other by map.
def numerical_gradient(f, x, h=1e-5):
    number = np.arange(x.size).reshape(x.shape)

    def slope(k):
        high = f(np.where(number == k, x + h, x))
        low = f(np.where(number == k, x - h, x))
        return float(high - low) / (h + h)

    return np.reshape(np.array(list(map(slope, range(x.size))), dtype=np.float64), x.shape)

# %% directional_derivative: not_brought_to_length_1
# Wrong: the direction is used as it is, without dividing by its length.
def directional_derivative(grad, direction):
    if not np.any(direction):
        raise ValueError("direction is zero")
    return float(np.sum(grad * direction))

# %% directional_derivative: root_forgotten
# Wrong: divides by the sum of squares, not by its root.
def directional_derivative(grad, direction):
    length = np.sum(direction ** 2)
    if length == 0:
        raise ValueError("zero direction")
    u = direction / length
    return np.sum(grad * u)

# %% directional_derivative: length_of_the_gradient
# Wrong: divides by the length of grad instead of that of direction.
def directional_derivative(grad, direction):
    if np.all(direction == 0):
        raise ValueError("no direction")
    norm = np.sqrt(np.sum(np.square(grad)))
    if norm == 0:
        return 0.0
    return np.sum(grad * direction) / norm

# %% directional_derivative: cosine
# Wrong: divides by both lengths and so returns the cosine of the angle.
def directional_derivative(grad, direction):
    g, d = np.ravel(grad), np.ravel(direction)
    if not d.any():
        raise ValueError("direction must not be zero")
    if not g.any():
        return 0.0
    return float(g @ d / (np.linalg.norm(g) * np.linalg.norm(d)))

# %% directional_derivative: sum_of_sizes
# Wrong: the length is the sum of absolute values (norm 1).
def directional_derivative(grad, direction):
    total = np.abs(direction).sum()
    if total == 0:
        raise ValueError("direction is all zeros")
    return (grad * direction / total).sum()

# %% directional_derivative: largest_element
# Wrong: divides by the largest absolute value (the infinity norm) instead of the length.
def directional_derivative(grad, direction):
    biggest = np.max(np.abs(direction))
    if biggest == 0:
        raise ValueError("direction has no length")
    unit = direction / biggest
    return float(np.sum(grad * unit))

# %% directional_derivative: mean_for_sum
# Wrong: the mean of the products and not their sum.
def directional_derivative(grad, direction):
    norm = np.sqrt((direction * direction).sum())
    if not norm > 0:
        raise ValueError("direction has length 0")
    return np.mean(grad * direction / norm)

# %% directional_derivative: downhill
# Wrong: the sign is turned, the slope counts as positive downhill.
def directional_derivative(grad, direction):
    norm = np.linalg.norm(np.ravel(direction))
    if norm == 0:
        raise ValueError("zero vector")
    return -float(np.vdot(grad, direction)) / norm

# %% directional_derivative: matrix_product
# Wrong: uses the matrix product, so for matrices the result is a matrix.
def directional_derivative(grad, direction):
    length = np.sqrt(np.sum(direction ** 2))
    if length == 0:
        raise ValueError("direction is zero")
    return np.dot(grad, direction) / length

# %% directional_derivative: nan_for_no_direction
# Wrong: does not raise for a direction of zeros, it returns nan.
def directional_derivative(grad, direction):
    with np.errstate(all="ignore"):
        u = direction / np.sqrt(np.sum(direction ** 2))
    return np.sum(grad * u)

# %% directional_derivative: zero_for_no_direction
# Wrong: returns 0.0 for a direction of zeros where ValueError should be raised.
def directional_derivative(grad, direction):
    n = np.sqrt((np.asarray(direction) ** 2).sum())
    return float((grad * direction).sum() / n) if n else 0.0

# %% directional_derivative: any_zero_raises
# Wrong: raises ValueError as soon as one element of the direction is 0.
def directional_derivative(grad, direction):
    if np.any(direction == 0):
        raise ValueError("Every element of direction is 0")
    unit = direction / np.linalg.norm(direction)
    return np.sum(grad * unit)

# %% directional_derivative: sum_is_zero_raises
# Wrong: raises ValueError where the elements add up to 0, as in (1, -1).
def directional_derivative(grad, direction):
    if direction.sum() == 0:
        raise ValueError("direction is 0")
    d = direction / np.sqrt(np.square(direction).sum())
    return (d * grad).sum()

# %% directional_derivative: normalises_in_place
# Wrong: divides the direction in place, so the input is changed.
def directional_derivative(grad, direction):
    length = np.sqrt(np.sum(direction ** 2))
    if length == 0:
        raise ValueError("The direction has no length.")
    direction /= length
    return np.sum(grad * direction)

# %% directional_derivative: epsilon_in_the_length
# Wrong: adds 1e-8 to the length, as cosine similarity in libraries does, which is seen for short directions.
def directional_derivative(grad, direction):
    if not np.any(direction != 0):
        raise ValueError("direction")
    return np.sum(grad * direction) / (np.sqrt(np.sum(direction ** 2)) + 1e-8)

# %% directional_derivative: refuses_short_ones
# Wrong: treats directions shorter than 1e-6 as zero and raises, although any length above 0 is allowed.
def directional_derivative(grad, direction):
    length = float(np.sqrt(np.sum(direction * direction)))
    if np.isclose(length, 0, atol=1e-6):
        raise ValueError("direction is zero")
    return float(np.sum(grad * direction)) / length

# %% directional_derivative: spectral_norm
# Wrong: np.linalg.norm(direction, 2) is the spectral norm for matrices (and raises for more than two axes).
def directional_derivative(grad, direction):
    if (direction == 0).all():
        raise ValueError("zero direction")
    if direction.ndim == 0:
        return float(grad * np.sign(direction))
    return np.sum(grad * (direction / np.linalg.norm(direction, 2)))

# %% directional_derivative: only_first_axis_summed
# Wrong: the sums of length and slope run over axis 0 only, so a matrix yields an array.
def directional_derivative(grad, direction):
    if not direction.any():
        raise ValueError("all zero")
    g, d = np.atleast_1d(grad), np.atleast_1d(direction)
    u = d / np.sqrt((d ** 2).sum(axis=0))
    s = (g * u).sum(axis=0)
    return float(s) if s.ndim == 0 else s

# %% directional_derivative: angle_in_degrees
# Wrong: misunderstands the task: returns the angle between gradient and direction in degrees.
def directional_derivative(grad, direction):
    g = grad.flatten()
    d = direction.flatten()
    if np.linalg.norm(d) == 0:
        raise ValueError("direction is zero")
    length_g = np.linalg.norm(g)
    if length_g == 0:
        return 90.0
    cos = np.clip(g.dot(d) / length_g / np.linalg.norm(d), -1, 1)
    return float(np.degrees(np.arccos(cos)))

# %% directional_derivative: projection
# Wrong: returns the projection of the gradient onto the direction, an array, and not the slope.
def directional_derivative(grad, direction):
    sq = np.sum(direction * direction)
    if sq == 0:
        raise ValueError("cannot project on zero")
    return np.sum(grad * direction) / sq * direction

# %% directional_derivative: compares_the_array
# Wrong: "if direction == 0" is ambiguous for arrays, so every direction of more than one element raises ValueError.
def directional_derivative(grad, direction):
    if direction == 0:
        raise ValueError("direction is 0")
    norm = np.sqrt(np.sum(direction ** 2))
    return np.sum(grad * direction / norm)

# %% directional_derivative: product_left_open
# Wrong: unfinished: the products g_i u_i are returned without being added up.
def directional_derivative(grad, direction):
    norm = np.sqrt(np.sum(np.power(direction, 2)))
    if norm == 0.0:
        raise ValueError("direction has norm zero")
    u = np.divide(direction, norm)
    slope = grad * u
    return slope

# %% directional_derivative: hypot_of_all
# Right: math.hypot for the length and math.fsum for the sum, scalars unpacked from lists.
def directional_derivative(grad, direction):
    from math import fsum, hypot
    d = np.asarray(direction, dtype=float).ravel().tolist()
    length = hypot(*d)
    if not any(d):
        raise ValueError("a direction needs at least one element that is not 0")
    big = max(map(abs, d))
    d = [value / big for value in d]
    length = hypot(*d)
    return fsum(g * (e / length) for g, e in zip(np.ravel(grad).tolist(), d))

# %% directional_derivative: einsum
# Right: einsum over everything, scaled by the largest element first so that nothing under- or overflows.
def directional_derivative(grad, direction):
    top = np.abs(direction).max()
    if top == 0:
        raise ValueError("direction is nothing but zeros")
    d = direction / top
    return float(np.einsum("...,...->...", grad, d).sum() / np.einsum("i,i", d.ravel(), d.ravel()) ** 0.5)

# %% Dual: product_of_the_tangents
# Wrong: in __mul__ the tangents are multiplied with each other instead of the product rule (numbers count with tangent 0).
class Dual:
    def __init__(self, value, tangent=0.0):
        self.value = value
        self.tangent = tangent

    def _dual(self, other):
        return other if isinstance(other, Dual) else Dual(other)

    def __neg__(self):
        return Dual(-self.value, -self.tangent)

    def __add__(self, other):
        other = self._dual(other)
        return Dual(self.value + other.value, self.tangent + other.tangent)

    def __radd__(self, other):
        return self + other

    def __sub__(self, other):
        return self + (-self._dual(other))

    def __rsub__(self, other):
        return self._dual(other) - self

    def __mul__(self, other):
        other = self._dual(other)
        return Dual(self.value * other.value, self.tangent * other.tangent)

    def __rmul__(self, other):
        return self * other

    def __truediv__(self, other):
        o = self._dual(other)
        return Dual(self.value / o.value, (self.tangent * o.value - self.value * o.tangent) / o.value**2)

    def __rtruediv__(self, other):
        return self._dual(other) / self

    def __pow__(self, n):
        return Dual(self.value**n, n * self.value ** (n - 1) * self.tangent)

    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value) * self.tangent)

    def log(self):
        return Dual(np.log(self.value), self.tangent / self.value)

    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value) * self.tangent)

# %% Dual: quotient_plus
# Wrong: the quotient rule has a plus where the minus belongs.
def to_dual(z):
    if isinstance(z, Dual):
        return z
    return Dual(z, 0.0)

class Dual:
    def __init__(self, value, tangent=0.0):
        self.value, self.tangent = value, tangent
    def __neg__(self):
        return Dual(-self.value, -self.tangent)
    def __add__(self, other):
        y = to_dual(other)
        return Dual(self.value + y.value, self.tangent + y.tangent)
    def __radd__(self, other):
        return to_dual(other) + self
    def __sub__(self, other):
        y = to_dual(other)
        return Dual(self.value - y.value, self.tangent - y.tangent)
    def __rsub__(self, other):
        return to_dual(other) - self
    def __mul__(self, other):
        y = to_dual(other)
        return Dual(self.value * y.value, self.tangent * y.value + self.value * y.tangent)
    def __rmul__(self, other):
        return to_dual(other) * self
    def __truediv__(self, other):
        y = to_dual(other)
        return Dual(self.value / y.value, (self.tangent * y.value + self.value * y.tangent) / y.value ** 2)
    def __rtruediv__(self, other):
        return to_dual(other) / self
    def __pow__(self, n):
        return Dual(self.value ** n, n * self.value ** (n - 1) * self.tangent)
    def exp(self):
        e = np.exp(self.value)
        return Dual(e, e * self.tangent)
    def log(self):
        return Dual(np.log(self.value), self.tangent / self.value)
    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value) * self.tangent)

# %% Dual: numerator_turned_round
# Wrong: the quotient rule's numerator is x y' - x' y, so its sign is turned.
class Dual:
    def __init__(self, value, tangent=0.0):
        self.value = value
        self.tangent = tangent
    def __neg__(self):
        return Dual(-self.value, -self.tangent)
    def __add__(self, other):
        if isinstance(other, Dual):
            return Dual(self.value + other.value, self.tangent + other.tangent)
        return Dual(self.value + other, self.tangent)
    __radd__ = __add__
    def __sub__(self, other):
        if isinstance(other, Dual):
            return Dual(self.value - other.value, self.tangent - other.tangent)
        return Dual(self.value - other, self.tangent)
    def __rsub__(self, other):
        return Dual(other - self.value, -self.tangent)
    def __mul__(self, other):
        if isinstance(other, Dual):
            return Dual(self.value * other.value, self.tangent * other.value + self.value * other.tangent)
        return Dual(self.value * other, self.tangent * other)
    __rmul__ = __mul__
    def __truediv__(self, other):
        if not isinstance(other, Dual):
            other = Dual(other)
        return Dual(self.value / other.value, (self.value * other.tangent - self.tangent * other.value) / other.value**2)
    def __rtruediv__(self, other):
        return Dual(other) / self
    def __pow__(self, n):
        return Dual(self.value**n, n * self.value ** (n - 1) * self.tangent)
    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value) * self.tangent)
    def log(self):
        return Dual(np.log(self.value), 1 / self.value * self.tangent)
    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value) * self.tangent)

# %% Dual: denominator_not_squared
# Wrong: the quotient rule divides by y and not by y squared.
class Dual:
    def __init__(self, value, tangent=0.0):
        self.value = value
        self.tangent = tangent

    @staticmethod
    def of(z):
        return z if isinstance(z, Dual) else Dual(z)

    def __neg__(self):
        return Dual(-self.value, -self.tangent)

    def __add__(self, other):
        a, b = self, Dual.of(other)
        return Dual(a.value + b.value, a.tangent + b.tangent)

    def __radd__(self, other):
        return self.__add__(other)

    def __sub__(self, other):
        a, b = self, Dual.of(other)
        return Dual(a.value - b.value, a.tangent - b.tangent)

    def __rsub__(self, other):
        return (-self).__add__(other)

    def __mul__(self, other):
        a, b = self, Dual.of(other)
        return Dual(a.value * b.value, a.tangent * b.value + a.value * b.tangent)

    def __rmul__(self, other):
        return self.__mul__(other)

    def __truediv__(self, other):
        a, b = self, Dual.of(other)
        return Dual(a.value / b.value, (a.tangent * b.value - a.value * b.tangent) / b.value)

    def __rtruediv__(self, other):
        return Dual.of(other).__truediv__(self)

    def __pow__(self, n):
        return Dual(self.value**n, n * self.value ** (n - 1) * self.tangent)

    def exp(self):
        v = np.exp(self.value)
        return Dual(v, v * self.tangent)

    def log(self):
        return Dual(np.log(self.value), self.tangent / self.value)

    def sin(self):
        return Dual(np.sin(self.value), self.tangent * np.cos(self.value))

# %% Dual: rsub_is_sub
# Wrong: __rsub__ returns self - other, the sides are not changed.
class Dual:
    def __init__(self, value, tangent=0.0):
        self.value = value; self.tangent = tangent
    def _w(self, o): return o if isinstance(o, Dual) else Dual(o, 0.0)
    def __neg__(self): return Dual(-self.value, -self.tangent)
    def __add__(self, o): o = self._w(o); return Dual(self.value + o.value, self.tangent + o.tangent)
    def __radd__(self, o): return self.__add__(o)
    def __sub__(self, o): o = self._w(o); return Dual(self.value - o.value, self.tangent - o.tangent)
    def __rsub__(self, o): return self.__sub__(o)
    def __mul__(self, o): o = self._w(o); return Dual(self.value * o.value, self.tangent * o.value + self.value * o.tangent)
    def __rmul__(self, o): return self.__mul__(o)
    def __truediv__(self, o):
        o = self._w(o)
        return Dual(self.value / o.value, (self.tangent * o.value - self.value * o.tangent) / (o.value * o.value))
    def __rtruediv__(self, o): return self._w(o).__truediv__(self)
    def __pow__(self, n): return Dual(self.value ** n, n * self.value ** (n - 1) * self.tangent)
    def exp(self): return Dual(np.exp(self.value), self.tangent * np.exp(self.value))
    def log(self): return Dual(np.log(self.value), self.tangent / self.value)
    def sin(self): return Dual(np.sin(self.value), self.tangent * np.cos(self.value))

# %% Dual: rtruediv_without_minus
# Wrong: the tangent of number / Dual lacks the minus: c x' / x**2 instead of -c x' / x**2.
class Dual:
    def __init__(self, value, tangent=0.0):
        self.value = value
        self.tangent = tangent
    def __neg__(self):
        return Dual(-self.value, -self.tangent)
    def __add__(self, other):
        if not isinstance(other, Dual): other = Dual(other)
        return Dual(self.value + other.value, self.tangent + other.tangent)
    def __radd__(self, other):
        return Dual(other + self.value, self.tangent)
    def __sub__(self, other):
        if not isinstance(other, Dual): other = Dual(other)
        return Dual(self.value - other.value, self.tangent - other.tangent)
    def __rsub__(self, other):
        return Dual(other - self.value, -self.tangent)
    def __mul__(self, other):
        if not isinstance(other, Dual): other = Dual(other)
        return Dual(self.value * other.value, self.tangent * other.value + self.value * other.tangent)
    def __rmul__(self, other):
        return Dual(other * self.value, other * self.tangent)
    def __truediv__(self, other):
        if not isinstance(other, Dual): other = Dual(other)
        return Dual(self.value / other.value,
                    (self.tangent * other.value - self.value * other.tangent) / other.value ** 2)
    def __rtruediv__(self, other):
        return Dual(other / self.value, other * self.tangent / self.value ** 2)
    def __pow__(self, n):
        return Dual(self.value ** n, n * self.value ** (n - 1) * self.tangent)
    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value) * self.tangent)
    def log(self):
        return Dual(np.log(self.value), self.tangent / self.value)
    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value) * self.tangent)

# %% Dual: power_without_inner_derivative
# Wrong: __pow__ leaves out x', its tangent is n * x**(n-1).
import math

class Dual:
    def __init__(self, value, tangent=0.0):
        self.value, self.tangent = value, tangent

    def _parts(self, other):
        if isinstance(other, Dual):
            return other.value, other.tangent
        return other, 0.0

    def __neg__(self):
        return Dual(-self.value, -self.tangent)

    def __add__(self, other):
        v, t = self._parts(other)
        return Dual(self.value + v, self.tangent + t)

    __radd__ = __add__

    def __sub__(self, other):
        v, t = self._parts(other)
        return Dual(self.value - v, self.tangent - t)

    def __rsub__(self, other):
        return -self + other

    def __mul__(self, other):
        v, t = self._parts(other)
        return Dual(self.value * v, self.tangent * v + self.value * t)

    __rmul__ = __mul__

    def __truediv__(self, other):
        v, t = self._parts(other)
        return Dual(self.value / v, (self.tangent * v - self.value * t) / v**2)

    def __rtruediv__(self, other):
        return Dual(other) / self

    def __pow__(self, n):
        return Dual(self.value**n, n * self.value ** (n - 1))

    def exp(self):
        return Dual(math.exp(self.value), math.exp(self.value) * self.tangent)

    def log(self):
        return Dual(math.log(self.value), self.tangent / self.value)

    def sin(self):
        return Dual(math.sin(self.value), math.cos(self.value) * self.tangent)

# %% Dual: power_by_logarithm
# Wrong: __pow__ goes over exp(n log x), which fails (nan) for 0 and for negative bases.
class Dual:
    def __init__(self, value, tangent=0.0):
        self.value = value
        self.tangent = tangent
    def _lift(self, c):
        return c if isinstance(c, Dual) else Dual(c)
    def __neg__(self):
        return Dual(0 - self.value, 0 - self.tangent)
    def __add__(self, other):
        other = self._lift(other)
        return Dual(self.value + other.value, self.tangent + other.tangent)
    def __radd__(self, other):
        return self._lift(other) + self
    def __sub__(self, other):
        return self + -self._lift(other)
    def __rsub__(self, other):
        return self._lift(other) + -self
    def __mul__(self, other):
        other = self._lift(other)
        return Dual(self.value * other.value, self.tangent * other.value + self.value * other.tangent)
    def __rmul__(self, other):
        return self._lift(other) * self
    def __truediv__(self, other):
        other = self._lift(other)
        return Dual(self.value / other.value, (self.tangent * other.value - self.value * other.tangent) / other.value**2)
    def __rtruediv__(self, other):
        return self._lift(other) / self
    def __pow__(self, n):
        return (n * self.log()).exp()
    def exp(self):
        y = np.exp(self.value)
        return Dual(y, y * self.tangent)
    def log(self):
        return Dual(np.log(self.value), self.tangent / self.value)
    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value) * self.tangent)

# %% Dual: power_by_range
# Wrong: __pow__ multiplies in a loop: raises TypeError for n = 0.5 and gives 1 for negative n.
class Dual:
    def __init__(self, value, tangent=0.0):
        self.value = value
        self.tangent = tangent

    def __neg__(self):
        return self * -1

    def __add__(self, other):
        other = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.value + other.value, self.tangent + other.tangent)

    def __radd__(self, other):
        return self + other

    def __sub__(self, other):
        return self + other * -1

    def __rsub__(self, other):
        return self * -1 + other

    def __mul__(self, other):
        other = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.value * other.value, self.tangent * other.value + self.value * other.tangent)

    def __rmul__(self, other):
        return self * other

    def __truediv__(self, other):
        other = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.value / other.value, (self.tangent * other.value - self.value * other.tangent) / other.value**2)

    def __rtruediv__(self, other):
        return Dual(other) / self

    def __pow__(self, n):
        product = Dual(1.0)
        for _ in range(n):
            product = product * self
        return product

    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value) * self.tangent)

    def log(self):
        return Dual(np.log(self.value), self.tangent / self.value)

    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value) * self.tangent)

# %% Dual: exp_keeps_the_tangent
# Wrong: exp hands the tangent on as it is, without the factor e**x.
def _d(a):
    return a if isinstance(a, Dual) else Dual(a)

class Dual:
    def __init__(self, value, tangent=0.0):
        self.value = value
        self.tangent = tangent
    def __neg__(self): return Dual(-self.value, -self.tangent)
    def __add__(self, other): return Dual(self.value + _d(other).value, self.tangent + _d(other).tangent)
    def __radd__(self, other): return _d(other) + self
    def __sub__(self, other): return Dual(self.value - _d(other).value, self.tangent - _d(other).tangent)
    def __rsub__(self, other): return _d(other) - self
    def __mul__(self, other):
        o = _d(other)
        return Dual(self.value * o.value, self.tangent * o.value + self.value * o.tangent)
    def __rmul__(self, other): return _d(other) * self
    def __truediv__(self, other):
        o = _d(other)
        return Dual(self.value / o.value, (self.tangent * o.value - self.value * o.tangent) / o.value**2)
    def __rtruediv__(self, other): return _d(other) / self
    def __pow__(self, n): return Dual(self.value**n, n * self.value ** (n - 1) * self.tangent)
    def exp(self): return Dual(np.exp(self.value), self.tangent)
    def log(self): return Dual(np.log(self.value), self.tangent / self.value)
    def sin(self): return Dual(np.sin(self.value), np.cos(self.value) * self.tangent)

# %% Dual: no_chain_in_functions
# Wrong: exp, log and sin have f'(x) as their tangent, without the factor x'.
class Dual:
    def __init__(self, value, tangent=0.0):
        self.value = value
        self.tangent = tangent

    def __neg__(self):
        return Dual(-1 * self.value, -1 * self.tangent)

    def __add__(self, other):
        if isinstance(other, Dual):
            return Dual(self.value + other.value, self.tangent + other.tangent)
        else:
            return Dual(self.value + other, self.tangent)

    def __radd__(self, other):
        return Dual(other + self.value, self.tangent)

    def __sub__(self, other):
        if isinstance(other, Dual):
            return Dual(self.value - other.value, self.tangent - other.tangent)
        else:
            return Dual(self.value - other, self.tangent)

    def __rsub__(self, other):
        return Dual(other - self.value, -self.tangent)

    def __mul__(self, other):
        if isinstance(other, Dual):
            return Dual(self.value * other.value, self.tangent * other.value + self.value * other.tangent)
        else:
            return Dual(self.value * other, self.tangent * other)

    def __rmul__(self, other):
        return Dual(other * self.value, other * self.tangent)

    def __truediv__(self, other):
        if isinstance(other, Dual):
            return Dual(self.value / other.value,
                        (self.tangent * other.value - self.value * other.tangent) / other.value ** 2)
        else:
            return Dual(self.value / other, self.tangent / other)

    def __rtruediv__(self, other):
        return Dual(other / self.value, -other * self.tangent / self.value ** 2)

    def __pow__(self, n):
        return Dual(self.value ** n, n * self.value ** (n - 1) * self.tangent)

    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value))

    def log(self):
        return Dual(np.log(self.value), 1 / self.value)

    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value))

# %% Dual: slope_of_sin_minus_cos
# Wrong: the slope of sin is taken as -cos.
class Dual:
    def __init__(self, value, tangent=0.0):
        self.value, self.tangent = value, tangent

    def chain(self, value, slope):
        return Dual(value, slope * self.tangent)

    def __neg__(self):
        return self.chain(-self.value, -1)

    def __add__(self, other):
        if isinstance(other, Dual):
            return Dual(self.value + other.value, self.tangent + other.tangent)
        return self.chain(self.value + other, 1)

    def __radd__(self, other):
        return self + other

    def __sub__(self, other):
        return self + (-other)

    def __rsub__(self, other):
        return -self + other

    def __mul__(self, other):
        if isinstance(other, Dual):
            return Dual(self.value * other.value, self.tangent * other.value + self.value * other.tangent)
        return self.chain(self.value * other, other)

    def __rmul__(self, other):
        return self * other

    def __truediv__(self, other):
        if isinstance(other, Dual):
            return self * other**-1
        return self.chain(self.value / other, 1 / other)

    def __rtruediv__(self, other):
        return self**-1 * other

    def __pow__(self, n):
        return self.chain(float(self.value) ** n, n * float(self.value) ** (n - 1))

    def exp(self):
        return self.chain(np.exp(self.value), np.exp(self.value))

    def log(self):
        return self.chain(np.log(self.value), 1 / self.value)

    def sin(self):
        return self.chain(np.sin(self.value), -np.cos(self.value))

# %% Dual: minus_sign_for_the_value_only
# Wrong: __neg__ turns the value but leaves the tangent, and so does number - Dual, which uses it.
class Dual:
    def __init__(self, value, tangent=0.0):
        self.value = value
        self.tangent = tangent
    def _c(self, o):
        return o if isinstance(o, Dual) else Dual(o)
    def __neg__(self):
        return Dual(-self.value, self.tangent)
    def __add__(self, o):
        o = self._c(o)
        return Dual(self.value + o.value, self.tangent + o.tangent)
    def __radd__(self, o):
        return self + o
    def __sub__(self, o):
        o = self._c(o)
        return Dual(self.value - o.value, self.tangent - o.tangent)
    def __rsub__(self, o):
        return -self + o
    def __mul__(self, o):
        o = self._c(o)
        return Dual(self.value * o.value, self.value * o.tangent + self.tangent * o.value)
    def __rmul__(self, o):
        return self * o
    def __truediv__(self, o):
        o = self._c(o)
        return Dual(self.value / o.value, self.tangent / o.value - self.value * o.tangent / o.value**2)
    def __rtruediv__(self, o):
        return self._c(o) / self
    def __pow__(self, n):
        return Dual(self.value**n, n * self.value ** (n - 1) * self.tangent)
    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value) * self.tangent)
    def log(self):
        return Dual(np.log(self.value), self.tangent / self.value)
    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value) * self.tangent)

# %% Dual: constants_with_slope_1
# Wrong: a plain number is lifted with the tangent 1 instead of 0.
class Dual:
    def __init__(self, value, tangent=0.0):
        self.value = value
        self.tangent = tangent

    def lift(self, other):
        if isinstance(other, Dual):
            return other
        return Dual(other, 1.0)

    def __neg__(self):
        return Dual(-self.value, -self.tangent)

    def __add__(self, other):
        other = self.lift(other)
        return Dual(self.value + other.value, self.tangent + other.tangent)

    def __radd__(self, other):
        return self.lift(other) + self

    def __sub__(self, other):
        other = self.lift(other)
        return Dual(self.value - other.value, self.tangent - other.tangent)

    def __rsub__(self, other):
        return self.lift(other) - self

    def __mul__(self, other):
        other = self.lift(other)
        return Dual(self.value * other.value, self.tangent * other.value + self.value * other.tangent)

    def __rmul__(self, other):
        return self.lift(other) * self

    def __truediv__(self, other):
        other = self.lift(other)
        return Dual(self.value / other.value,
                    (self.tangent * other.value - self.value * other.tangent) / other.value**2)

    def __rtruediv__(self, other):
        return self.lift(other) / self

    def __pow__(self, n):
        return Dual(self.value**n, n * self.value ** (n - 1) * self.tangent)

    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value) * self.tangent)

    def log(self):
        return Dual(np.log(self.value), self.tangent / self.value)

    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value) * self.tangent)

# %% Dual: adds_into_itself
# Wrong: + and - (with anything) write into self and return it, so operands change.
class Dual:
    def __init__(self, value, tangent=0.0):
        self.value = value
        self.tangent = tangent
    def _of(self, other):
        return (other.value, other.tangent) if isinstance(other, Dual) else (other, 0.0)
    def __neg__(self):
        return Dual(-self.value, -self.tangent)
    def __add__(self, other):
        v, t = self._of(other)
        self.value = self.value + v
        self.tangent = self.tangent + t
        return self
    def __radd__(self, other):
        return self + other
    def __sub__(self, other):
        v, t = self._of(other)
        self.value = self.value - v
        self.tangent = self.tangent - t
        return self
    def __rsub__(self, other):
        return -self + other
    def __mul__(self, other):
        v, t = self._of(other)
        return Dual(self.value * v, self.tangent * v + self.value * t)
    def __rmul__(self, other):
        return self * other
    def __truediv__(self, other):
        v, t = self._of(other)
        return Dual(self.value / v, (self.tangent * v - self.value * t) / v ** 2)
    def __rtruediv__(self, other):
        return Dual(other) / self
    def __pow__(self, n):
        return Dual(self.value ** n, n * self.value ** (n - 1) * self.tangent)
    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value) * self.tangent)
    def log(self):
        return Dual(np.log(self.value), self.tangent / self.value)
    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value) * self.tangent)

# %% Dual: number_times_dual_loses_the_factor
# Wrong: number * Dual leaves the tangent as it was, only the value is multiplied.
class Dual:
    def __init__(self, value, tangent=0.0):
        self.value = value
        self.tangent = tangent
    def __neg__(self):
        return Dual(-self.value, -self.tangent)
    def __add__(self, other):
        try:
            return Dual(self.value + other.value, self.tangent + other.tangent)
        except AttributeError:
            return Dual(self.value + other, self.tangent)
    def __radd__(self, other):
        return Dual(self.value + other, self.tangent)
    def __sub__(self, other):
        try:
            return Dual(self.value - other.value, self.tangent - other.tangent)
        except AttributeError:
            return Dual(self.value - other, self.tangent)
    def __rsub__(self, other):
        return Dual(other - self.value, -self.tangent)
    def __mul__(self, other):
        try:
            return Dual(self.value * other.value, self.tangent * other.value + self.value * other.tangent)
        except AttributeError:
            return Dual(self.value * other, self.tangent * other)
    def __rmul__(self, other):
        return Dual(other * self.value, self.tangent)
    def __truediv__(self, other):
        try:
            return Dual(self.value / other.value, (self.tangent * other.value - self.value * other.tangent) / other.value**2)
        except AttributeError:
            return Dual(self.value / other, self.tangent / other)
    def __rtruediv__(self, other):
        return Dual(other, 0) / self
    def __pow__(self, n):
        return Dual(self.value**n, n * self.value ** (n - 1) * self.tangent)
    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value) * self.tangent)
    def log(self):
        return Dual(np.log(self.value), self.tangent / self.value)
    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value) * self.tangent)

# %% Dual: decimal_logarithm
# Wrong: log is the logarithm to base 10, in value and tangent alike.
class Dual:
    def __init__(self, value, tangent=0.0):
        self.value = float(value)
        self.tangent = float(tangent)

    def __neg__(self):
        return Dual(-self.value, -self.tangent)

    def __add__(self, other):
        b = other if type(other) is Dual else Dual(other)
        return Dual(self.value + b.value, self.tangent + b.tangent)

    def __radd__(self, other):
        return Dual(other) + self

    def __sub__(self, other):
        b = other if type(other) is Dual else Dual(other)
        return Dual(self.value - b.value, self.tangent - b.tangent)

    def __rsub__(self, other):
        return Dual(other) - self

    def __mul__(self, other):
        b = other if type(other) is Dual else Dual(other)
        return Dual(self.value * b.value, self.tangent * b.value + self.value * b.tangent)

    def __rmul__(self, other):
        return Dual(other) * self

    def __truediv__(self, other):
        b = other if type(other) is Dual else Dual(other)
        return Dual(self.value / b.value, (self.tangent * b.value - self.value * b.tangent) / b.value**2)

    def __rtruediv__(self, other):
        return Dual(other) / self

    def __pow__(self, n):
        return Dual(self.value**n, n * self.value ** (n - 1) * self.tangent)

    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value) * self.tangent)

    def log(self):
        return Dual(np.log10(self.value), self.tangent / (self.value * np.log(10)))

    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value) * self.tangent)

# %% Dual: kept_in_the_class
# Wrong: value and tangent are stored on the class, so all Duals share the newest pair.
class Dual:
    value = 0.0
    tangent = 0.0

    def __init__(self, value, tangent=0.0):
        Dual.value = value
        Dual.tangent = tangent

    def __neg__(self):
        return Dual(-self.value, -self.tangent)

    def __add__(self, other):
        if isinstance(other, Dual):
            return Dual(self.value + other.value, self.tangent + other.tangent)
        return Dual(self.value + other, self.tangent)

    def __radd__(self, other):
        return self + other

    def __sub__(self, other):
        if isinstance(other, Dual):
            return Dual(self.value - other.value, self.tangent - other.tangent)
        return Dual(self.value - other, self.tangent)

    def __rsub__(self, other):
        return Dual(other - self.value, -self.tangent)

    def __mul__(self, other):
        if isinstance(other, Dual):
            return Dual(self.value * other.value, self.tangent * other.value + self.value * other.tangent)
        return Dual(self.value * other, self.tangent * other)

    def __rmul__(self, other):
        return self * other

    def __truediv__(self, other):
        if isinstance(other, Dual):
            return Dual(self.value / other.value, (self.tangent * other.value - self.value * other.tangent) / other.value**2)
        return Dual(self.value / other, self.tangent / other)

    def __rtruediv__(self, other):
        return Dual(other / self.value, -other * self.tangent / self.value**2)

    def __pow__(self, n):
        return Dual(self.value**n, n * self.value ** (n - 1) * self.tangent)

    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value) * self.tangent)

    def log(self):
        return Dual(np.log(self.value), self.tangent / self.value)

    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value) * self.tangent)

# %% Dual: differences_inside
# Wrong: misunderstands "exact": exp, log, sin and pow measure their slope by one-sided differences of 1e-4.
class Dual:
    def __init__(self, value, tangent=0.0):
        self.value = value
        self.tangent = tangent

    def _by_difference(self, f, h=1e-4):
        return Dual(f(self.value), (f(self.value + h) - f(self.value)) / h * self.tangent)

    def __neg__(self):
        return Dual(-self.value, -self.tangent)

    def __add__(self, other):
        other = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.value + other.value, self.tangent + other.tangent)

    def __radd__(self, other):
        return self + other

    def __sub__(self, other):
        other = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.value - other.value, self.tangent - other.tangent)

    def __rsub__(self, other):
        return Dual(other) - self

    def __mul__(self, other):
        other = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.value * other.value, self.tangent * other.value + self.value * other.tangent)

    def __rmul__(self, other):
        return self * other

    def __truediv__(self, other):
        other = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.value / other.value, (self.tangent * other.value - self.value * other.tangent) / other.value**2)

    def __rtruediv__(self, other):
        return Dual(other) / self

    def __pow__(self, n):
        return self._by_difference(lambda z: z**n)

    def exp(self):
        return self._by_difference(np.exp)

    def log(self):
        return self._by_difference(np.log)

    def sin(self):
        return self._by_difference(np.sin)

# %% Dual: swapped_sides_and_exponent
# Wrong: two slips: number / Dual is calculated as Dual / number, and __pow__ keeps the exponent n in the tangent (n x**n x').
class Dual:
    def __init__(self, value, tangent=0.0):
        self.value = value
        self.tangent = tangent

    def __neg__(self):
        return Dual(-self.value, -self.tangent)

    def __add__(self, other):
        if not isinstance(other, Dual):
            other = Dual(other)
        return Dual(self.value + other.value, self.tangent + other.tangent)

    __radd__ = __add__

    def __sub__(self, other):
        if not isinstance(other, Dual):
            other = Dual(other)
        return Dual(self.value - other.value, self.tangent - other.tangent)

    def __rsub__(self, other):
        return Dual(other) - self

    def __mul__(self, other):
        if not isinstance(other, Dual):
            other = Dual(other)
        return Dual(self.value * other.value, self.tangent * other.value + self.value * other.tangent)

    __rmul__ = __mul__

    def __truediv__(self, other):
        if not isinstance(other, Dual):
            other = Dual(other)
        num = self.tangent * other.value - self.value * other.tangent
        return Dual(self.value / other.value, num / other.value ** 2)

    __rtruediv__ = __truediv__

    def __pow__(self, n):
        return Dual(self.value ** n, n * self.value ** n * self.tangent)

    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value) * self.tangent)

    def log(self):
        return Dual(np.log(self.value), self.tangent / self.value)

    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value) * self.tangent)

# %% Dual: functions_return_numbers
# Wrong: unfinished: exp, log and sin return the plain number without any tangent, not a Dual.
class Dual:
    def __init__(self, value, tangent=0.0):
        self.value = value
        self.tangent = tangent
    def __neg__(self):
        return 0 - self
    def __add__(self, other):
        o = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.value + o.value, self.tangent + o.tangent)
    def __radd__(self, other):
        return self + other
    def __sub__(self, other):
        o = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.value - o.value, self.tangent - o.tangent)
    def __rsub__(self, other):
        return Dual(other) - self
    def __mul__(self, other):
        o = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.value * o.value, self.tangent * o.value + self.value * o.tangent)
    def __rmul__(self, other):
        return self * other
    def __truediv__(self, other):
        o = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.value / o.value, (self.tangent * o.value - self.value * o.tangent) / o.value**2)
    def __rtruediv__(self, other):
        return Dual(other) / self
    def __pow__(self, n):
        return Dual(self.value**n, n * self.value ** (n - 1) * self.tangent)
    def exp(self):
        return np.exp(self.value)
    def log(self):
        return np.log(self.value)
    def sin(self):
        return np.sin(self.value)

# %% Dual: only_duals_on_the_right
# Wrong: __sub__ and __truediv__ expect a Dual and raise AttributeError for Dual - number and Dual / number.
class Dual:
    def __init__(self, value, tangent=0.0):
        self.value = value
        self.tangent = tangent

    def __neg__(self):
        return Dual(-self.value, -self.tangent)

    def __add__(self, other):
        if isinstance(other, (int, float)):
            other = Dual(other)
        return Dual(self.value + other.value, self.tangent + other.tangent)

    def __radd__(self, other):
        return Dual(other).__add__(self)

    def __sub__(self, other):
        return Dual(self.value - other.value, self.tangent - other.tangent)

    def __rsub__(self, other):
        return Dual(other).__sub__(self)

    def __mul__(self, other):
        if isinstance(other, (int, float)):
            other = Dual(other)
        return Dual(self.value * other.value, self.tangent * other.value + self.value * other.tangent)

    def __rmul__(self, other):
        return Dual(other).__mul__(self)

    def __truediv__(self, other):
        return Dual(self.value / other.value,
                    (self.tangent * other.value - self.value * other.tangent) / other.value ** 2)

    def __rtruediv__(self, other):
        return Dual(other).__truediv__(self)

    def __pow__(self, n):
        return Dual(self.value ** n, n * self.value ** (n - 1) * self.tangent)

    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value) * self.tangent)

    def log(self):
        return Dual(np.log(self.value), self.tangent / self.value)

    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value) * self.tangent)

# %% Dual: two_partial_slopes
# Right: every operation names its value and its partial slopes, and one helper adds up slope times tangent.
class Dual:
    def __init__(self, value, tangent=0.0):
        self.value, self.tangent = value, tangent

    @classmethod
    def _result(cls, value, *terms):
        return cls(value, sum(slope * getattr(part, "tangent", 0.0) for part, slope in terms))

    @staticmethod
    def _v(z):
        return getattr(z, "value", z)

    def __neg__(self):
        return self._result(-self.value, (self, -1))

    def __add__(self, other):
        return self._result(self.value + self._v(other), (self, 1), (other, 1))

    def __radd__(self, other):
        return self._result(other + self.value, (self, 1))

    def __sub__(self, other):
        return self._result(self.value - self._v(other), (self, 1), (other, -1))

    def __rsub__(self, other):
        return self._result(other - self.value, (self, -1))

    def __mul__(self, other):
        y = self._v(other)
        return self._result(self.value * y, (self, y), (other, self.value))

    def __rmul__(self, other):
        return self._result(other * self.value, (self, other))

    def __truediv__(self, other):
        y = self._v(other)
        return self._result(self.value / y, (self, 1 / y), (other, -self.value / y**2))

    def __rtruediv__(self, other):
        return self._result(other / self.value, (self, -other / self.value**2))

    def __pow__(self, n):
        x = self.value
        return self._result(float(x) ** n, (self, n * float(x) ** (n - 1)))

    def exp(self):
        return self._result(np.exp(self.value), (self, np.exp(self.value)))

    def log(self):
        return self._result(np.log(self.value), (self, 1 / self.value))

    def sin(self):
        return self._result(np.sin(self.value), (self, np.cos(self.value)))

# %% Dual: matrices
# Right: calculates with 2 x 2 matrices [[x, x'], [0, x]], whose algebra is that of dual numbers.
class Dual:
    def __init__(self, value, tangent=0.0):
        self.value = value
        self.tangent = tangent

    @staticmethod
    def _matrix(z):
        x, t = (z.value, z.tangent) if isinstance(z, Dual) else (z, 0.0)
        return np.array([[x, t], [0.0, x]], dtype=float)

    @staticmethod
    def _from(m):
        return Dual(float(m[0, 0]), float(m[0, 1]))

    def __neg__(self):
        return self._from(-self._matrix(self))

    def __add__(self, other):
        return self._from(self._matrix(self) + self._matrix(other))

    def __radd__(self, other):
        return self._from(self._matrix(other) + self._matrix(self))

    def __sub__(self, other):
        return self._from(self._matrix(self) - self._matrix(other))

    def __rsub__(self, other):
        return self._from(self._matrix(other) - self._matrix(self))

    def __mul__(self, other):
        return self._from(self._matrix(self) @ self._matrix(other))

    def __rmul__(self, other):
        return self._from(self._matrix(other) @ self._matrix(self))

    def __truediv__(self, other):
        y = self._matrix(other)
        adjugate = np.array([[y[1, 1], -y[0, 1]], [0.0, y[0, 0]]])
        m = self._matrix(self) @ adjugate
        return Dual(float(self.value / y[0, 0]), float(m[0, 1] / y[0, 0] ** 2))

    def __rtruediv__(self, other):
        return Dual(other).__truediv__(self)

    def __pow__(self, n):
        x, t = float(self.value), self.tangent
        return Dual(x**n, (n * x ** (n - 1)) * t)

    def exp(self):
        return self * 0.0 + Dual(np.exp(self.value), np.exp(self.value) * self.tangent)

    def log(self):
        return Dual(np.log(self.value), 0.0) + Dual(0.0, self.tangent) / self.value

    def sin(self):
        return Dual(np.sin(self.value), 0.0) + Dual(0.0, self.tangent) * np.cos(self.value)

# %% descend_quadratic: as_if_symmetric
# Wrong: takes A @ x - b as the gradient, which holds for symmetric A only.
def descend_quadratic(A, b, x0, lr, steps):
    path = np.empty((steps + 1, len(x0)))
    path[0] = x0
    for t in range(steps):
        path[t + 1] = path[t] - lr * (A @ path[t] - b)
    return path

# %% descend_quadratic: half_forgotten
# Wrong: the factor 1/2 before (A + A.T) is missing.
def descend_quadratic(A, b, x0, lr, steps):
    H = A + A.T
    xs = [np.array(x0, dtype=float)]
    while len(xs) < steps + 1:
        x = xs[-1]
        xs.append(x - lr * (H @ x - b))
    return np.array(xs)

# %% descend_quadratic: half_of_b_too
# Wrong: the 1/2 is put before the whole gradient, so b is halved as well.
def descend_quadratic(A, b, x0, lr, steps):
    x = np.asarray(x0, dtype=float)
    points = [x]
    for _ in range(steps):
        g = 0.5 * ((A + A.T) @ x - b)
        x = x - lr * g
        points.append(x)
    return np.stack(points)

# %% descend_quadratic: plus_b
# Wrong: b is added to the gradient instead of taken off.
def descend_quadratic(A, b, x0, lr, steps):
    def gradient(x):
        return 0.5 * (A + A.T).dot(x) + b

    path = np.zeros((steps + 1, x0.shape[0]))
    path[0, :] = x0
    for k in range(1, steps + 1):
        path[k, :] = path[k - 1, :] - lr * gradient(path[k - 1, :])
    return path

# %% descend_quadratic: uphill
# Wrong: steps along the gradient and not against it.
def descend_quadratic(A, b, x0, lr, steps):
    path = [np.array(x0, float)]
    for i in range(steps):
        path += [path[i] + lr * ((A + A.T) / 2 @ path[i] - b)]
    return np.array(path)

# %% descend_quadratic: the_same_array_again
# Wrong: appends one and the same array each time, so all rows are the last point.
def descend_quadratic(A, b, x0, lr, steps):
    x = np.array(x0, dtype=float)
    path = [x]
    S = (A + A.T) / 2
    for _ in range(steps):
        x -= lr * (S @ x - b)
        path.append(x)
    return np.array(path)

# %% descend_quadratic: moves_the_start
# Wrong: x0 itself is moved in place, so the input is changed (the path is right).
def descend_quadratic(A, b, x0, lr, steps):
    x = x0
    path = [x.copy()]
    for _ in range(steps):
        x -= lr * (0.5 * (A + A.T) @ x - b)
        path.append(x.copy())
    return np.array(path)

# %% descend_quadratic: columns_alone
# Wrong: uses the transposed matrix alone, A.T @ x - b.
def descend_quadratic(A, b, x0, lr, steps):
    n = x0.size
    path = np.zeros((steps + 1, n))
    path[0] = x0
    for t in range(steps):
        for i in range(n):
            total = 0.0
            for j in range(n):
                total += A[j, i] * path[t, j]
            path[t + 1, i] = path[t, i] - lr * (total - b[i])
    return path

# %% descend_quadratic: start_left_out
# Wrong: row 0 is the point after the first step; one step too many is made so that the shape is right.
def descend_quadratic(A, b, x0, lr, steps):
    x = np.array(x0, dtype=np.float64)
    rows = []
    for _ in range(steps + 1):
        x = x - lr * (0.5 * (A + A.T) @ x - b)
        rows.append(x)
    return np.array(rows)

# %% descend_quadratic: only_steps_rows
# Wrong: the path has steps rows (x0 and steps - 1 further ones), the last point is missing.
def descend_quadratic(A, b, x0, lr, steps):
    path = np.zeros((steps, len(x0)))
    x = x0
    for t in range(steps):
        path[t] = x
        x = x - lr * (0.5 * (A @ x + A.T @ x) - b)
    return path

# %% descend_quadratic: gradient_only_at_the_start
# Wrong: the gradient is computed once at x0 and used for all steps.
def descend_quadratic(A, b, x0, lr, steps):
    g = 0.5 * (A + A.T) @ x0 - b
    t = np.arange(steps + 1)[:, None]
    return x0 - lr * t * g

# %% descend_quadratic: coordinate_by_coordinate
# Wrong: updates the coordinates one after the other, so later ones already use the new values of earlier ones.
def descend_quadratic(A, b, x0, lr, steps):
    sym = 0.5 * (A + A.T)
    x = np.array(x0, dtype=float)
    path = [x.copy()]
    for _ in range(steps):
        for i in range(len(x)):
            x[i] = x[i] - lr * (sym[i] @ x - b[i])
        path.append(x.copy())
    return np.array(path)

# %% descend_quadratic: elementwise
# Wrong: uses only the diagonal of (A + A.T) / 2, from an elementwise product in place of the matrix product.
def descend_quadratic(A, b, x0, lr, steps):
    M = (A + A.T) / 2
    xs = [np.array(x0, dtype=float)]
    for _ in range(steps):
        g = np.diag(M * xs[-1]) - b
        xs.append(xs[-1] - lr * g)
    return np.array(xs)

# %% descend_quadratic: unit_steps
# Wrong: brings the gradient to length 1 before each step, as the direction of steepest descent.
def descend_quadratic(A, b, x0, lr, steps):
    x = np.array(x0, dtype=float)
    path = [x]
    for _ in range(steps):
        g = 0.5 * (A + A.T) @ x - b
        norm = np.linalg.norm(g)
        u = g / norm if norm > 0 else g
        x = x - lr * u
        path.append(x)
    return np.array(path)

# %% descend_quadratic: decaying_rate
# Wrong: the rate falls with lr / (t + 1), a habit of stochastic gradient descent from another course.
def descend_quadratic(A, b, x0, lr, steps):
    path = np.zeros((steps + 1, len(b)))
    path[0] = x0
    for t in range(steps):
        grad = (A + A.T) @ path[t] / 2 - b
        path[t + 1] = path[t] - lr / (t + 1) * grad
    return path

# %% descend_quadratic: stops_when_flat
# Wrong: stops as soon as the gradient is shorter than 1e-6 and returns fewer than steps + 1 rows.
def descend_quadratic(A, b, x0, lr, steps):
    S = 0.5 * (A + A.T)
    path = [np.array(x0, dtype=float)]
    for _ in range(steps):
        g = S @ path[-1] - b
        if np.linalg.norm(g) < 1e-6:
            break
        path.append(path[-1] - lr * g)
    return np.array(path)

# %% descend_quadratic: end_point
# Wrong: returns only the last point and not the path.
def descend_quadratic(A, b, x0, lr, steps):
    x = np.array(x0, dtype=float)
    for _ in range(steps):
        x = x - lr * (0.5 * (A + A.T) @ x - b)
    return x

# %% descend_quadratic: symmetrises_A_in_place
# Wrong: makes A symmetric in place (A[:] = ...), so the input is changed.
def descend_quadratic(A, b, x0, lr, steps):
    A[:] = (A + A.T) / 2
    path = np.empty((steps + 1, x0.size))
    path[0] = x0
    for t in range(1, steps + 1):
        path[t] = path[t - 1] - lr * (A @ path[t - 1] - b)
    return path

# %% descend_quadratic: newton
# Wrong: misunderstands descent: solves for the minimum and goes the share lr towards it (Newton's method).
def descend_quadratic(A, b, x0, lr, steps):
    target = np.linalg.lstsq((A + A.T) / 2, b, rcond=None)[0]
    path = [np.array(x0, dtype=float)]
    for _ in range(steps):
        path.append(path[-1] + lr * (target - path[-1]))
    return np.array(path)

# %% descend_quadratic: symmetric_and_lying
# Wrong: two slips: A is taken as symmetric, and the path is transposed, of shape (n, steps + 1).
def descend_quadratic(A, b, x0, lr, steps):
    path = np.zeros((len(x0), steps + 1))
    path[:, 0] = x0
    for t in range(steps):
        path[:, t + 1] = path[:, t] - lr * (A @ path[:, t] - b)
    return path

# %% descend_quadratic: one_step
# Wrong: unfinished: only the first step is made, the rows after it stay zero.
def descend_quadratic(A, b, x0, lr, steps):
    path = np.zeros((steps + 1, len(x0)))
    path[0] = x0
    if steps > 0:
        grad = 0.5 * (A + A.T) @ path[0] - b
        path[1] = path[0] - lr * grad
    return path

# %% descend_quadratic: no_steps_no_stack
# Wrong: raises ValueError for steps = 0, as there is nothing to stack.
def descend_quadratic(A, b, x0, lr, steps):
    x = np.array(x0, dtype=float)
    later = []
    for _ in range(steps):
        x = x - lr * (0.5 * (A + A.T) @ x - b)
        later.append(x)
    return np.vstack([np.array(x0, dtype=float)[None], np.stack(later)])

# %% descend_quadratic: accumulate
# Right: itertools.accumulate with a lambda that makes one step.
def descend_quadratic(A, b, x0, lr, steps):
    from itertools import accumulate, repeat
    start = np.array(x0, dtype=float)
    one = lambda x, _: x - lr * ((x @ A + A @ x) / 2 - b)
    return np.array(list(accumulate(repeat(None, steps), one, initial=start)))

# %% descend_quadratic: affine_map
# Right: a step as an affine map M x + c, applied row by row on a preallocated path.
def descend_quadratic(A, b, x0, lr, steps):
    n = np.shape(x0)[0]
    M = np.identity(n) - (lr / 2) * (A + np.transpose(A))
    c = np.multiply(lr, b)
    path = np.full((1 + steps, n), np.nan)
    path[0] = x0
    for before, after in zip(path[:-1], path[1:]):
        np.add(M @ before, c, out=after)
    return path

# %% steepest_ascent: one_and_inf_exchanged
# Wrong: the answers of p = 1 and p = inf are exchanged.
def steepest_ascent(grad, p=2.0):
    g = np.asarray(grad)
    if not g.any():
        return np.zeros(g.shape), 0.0
    if p == 2:
        n = np.sqrt((g * g).sum())
        return g / n, float(n)
    if p == 1:
        return np.sign(g), float(np.abs(g).sum())
    d = np.zeros(g.size)
    k = np.abs(g).argmax()
    d[k] = np.sign(g.flat[k])
    return d.reshape(g.shape), float(np.abs(g).max())

# %% steepest_ascent: gradient_scaled_to_each_norm
# Wrong: takes the gradient's direction for every p and only brings it to length 1 in that norm.
def steepest_ascent(grad, p=2.0):
    flat = grad.flatten()
    norm = np.linalg.norm(flat, p)
    if norm == 0:
        return np.zeros_like(grad), 0.0
    u = flat / norm
    return u.reshape(grad.shape), float(flat @ u)

# %% steepest_ascent: one_without_sign
# Wrong: with p = 1 the chosen element gets +1 also where the gradient is negative there.
def steepest_ascent(grad, p=2.0):
    if np.all(grad == 0):
        return np.zeros_like(grad), 0.0
    if p == 2:
        rate = np.sqrt(np.sum(grad**2))
        direction = grad / rate
    elif p == np.inf:
        direction = np.sign(grad)
        rate = np.sum(np.abs(grad))
    else:
        direction = np.zeros_like(grad)
        place = np.unravel_index(np.argmax(np.abs(grad)), grad.shape)
        direction[place] = 1.0
        rate = np.abs(grad[place])
    return direction, float(rate)

# %% steepest_ascent: largest_not_in_size
# Wrong: with p = 1 takes the largest element instead of the largest in size.
def steepest_ascent(grad, p=2.0):
    direction = np.zeros(grad.shape)
    if not np.any(grad):
        return direction, 0.0
    if p == 1:
        k = np.argmax(grad)
        direction.reshape(-1)[k] = np.sign(grad.flat[k])
    elif p == 2:
        direction = direction + grad / np.sqrt(np.sum(grad * grad))
    else:
        direction = np.sign(grad)
    return np.array(direction), float(np.sum(direction * grad))

# %% steepest_ascent: ones_for_inf
# Wrong: with p = inf every element goes +1, whatever the gradient's sign is (0 stays 0).
def steepest_ascent(grad, p=2.0):
    zero = np.zeros_like(grad)
    if (grad == 0).all():
        return zero, 0.0
    if p == np.inf:
        u = np.where(grad != 0, 1.0, 0.0)
    elif p == 1:
        biggest = np.abs(grad).max()
        u = np.where(np.abs(grad) == biggest, np.sign(grad), 0.0)
    else:
        u = grad / np.linalg.norm(grad.ravel())
    return u, float((u * grad).sum())

# %% steepest_ascent: rate_by_the_same_norm
# Wrong: the rate is the p-norm of the gradient (5, 4 and 7), not the slope along the direction (5, 7 and 4).
def steepest_ascent(grad, p=2.0):
    g = grad.ravel()
    rate = np.linalg.norm(g, ord=p)
    if rate == 0:
        return np.zeros(grad.shape), 0.0
    if p == 2:
        d = g / rate
    elif np.isinf(p):
        d = np.sign(g)
    else:
        d = np.sign(g) * (np.arange(g.size) == np.argmax(abs(g)))
    return d.reshape(grad.shape), float(rate)

# %% steepest_ascent: nan_where_flat
# Wrong: no case for a gradient of zeros: p = 2 then divides 0 by 0 and gives nan.
def steepest_ascent(grad, p=2.0):
    with np.errstate(invalid="ignore"):
        if p == 2:
            length = np.sqrt(np.sum(grad**2))
            return grad / length, float(length)
    if p == 1:
        u = np.where(np.abs(grad) == np.abs(grad).max(), np.sign(grad), 0.0)
        return u, float(np.abs(grad).max())
    return np.sign(grad), float(np.abs(grad).sum())

# %% steepest_ascent: zero_counts_as_positive
# Wrong: with p = inf an element of grad that is 0 gets +1 in the direction.
def steepest_ascent(grad, p=2.0):
    if not grad.any():
        return np.zeros_like(grad), 0.0
    if p == np.inf:
        direction = np.where(grad >= 0, 1.0, -1.0)
        return direction, float(np.sum(grad * direction))
    if p == 1:
        direction = np.zeros_like(grad)
        i = np.unravel_index(np.abs(grad).argmax(), grad.shape)
        direction[i] = np.sign(grad[i])
        return direction, float(abs(grad[i]))
    norm = float(np.sqrt(np.sum(grad**2)))
    return grad / norm, norm

# %% steepest_ascent: descent
# Wrong: the direction is that of steepest descent, with minus signs, and the rate is negative.
def steepest_ascent(grad, p=2.0):
    g = -grad
    if np.count_nonzero(g) == 0:
        return np.zeros_like(g), 0.0
    if p == 2:
        d = g / np.sqrt(np.sum(g * g))
    elif p == 1:
        d = np.sign(g) * (np.abs(g) == np.max(np.abs(g)))
    else:
        d = np.sign(g)
    return d, float(np.sum(grad * d))

# %% steepest_ascent: rate_first
# Wrong: returns (rate, direction), in the wrong order.
def steepest_ascent(grad, p=2.0):
    size = np.abs(grad)
    if size.max() == 0:
        return 0.0, np.zeros_like(grad)
    if p == 2:
        rate = float(np.sqrt((size**2).sum()))
        return rate, grad / rate
    if p == 1:
        return float(size.max()), np.sign(grad) * (size == size.max())
    return float(size.sum()), np.sign(grad)

# %% steepest_ascent: always_euclidean_rate
# Wrong: the rate is the Euclidean length of the gradient for every p.
def steepest_ascent(grad, p=2.0):
    length = float(np.linalg.norm(grad.reshape(-1)))
    if length == 0.0:
        return 0 * grad, 0.0
    if p == 2:
        return grad / length, length
    if p == np.inf:
        return np.sign(grad), length
    one_hot = np.zeros(grad.size)
    top = np.argmax(np.abs(grad))
    one_hot[top] = np.sign(grad.reshape(-1)[top])
    return one_hot.reshape(grad.shape), length

# %% steepest_ascent: flat_for_p_1
# Wrong: with p = 1 the direction comes back flat, not in the shape of grad.
def steepest_ascent(grad, p=2.0):
    if np.abs(grad).sum() == 0:
        return np.zeros(grad.shape), 0.0
    match p:
        case 1:
            d = np.zeros(grad.size)
            i = np.argmax(np.abs(grad))
            d[i] = np.copysign(1.0, grad.ravel()[i])
            return d, float(np.abs(grad).max())
        case 2:
            n = np.sqrt(np.sum(grad**2))
            return grad / n, float(n)
    return np.sign(grad), float(np.abs(grad).sum())

# %% steepest_ascent: argmax_into_rows
# Wrong: with p = 1 uses argmax's flat number as a row index: IndexError or a whole row for matrices and for ().
def steepest_ascent(grad, p=2.0):
    if np.max(np.abs(grad)) == 0:
        return np.zeros_like(grad), 0.0
    if p == 1:
        d = np.zeros_like(grad)
        i = np.argmax(np.abs(grad))
        d[i] = np.sign(grad[i])
    elif p == 2:
        d = grad / np.sqrt(np.sum(grad**2))
    elif p == np.inf:
        d = np.sign(grad)
    return d, float(np.sum(d * grad))

# %% steepest_ascent: grad_divided_in_place
# Wrong: with p = 2 divides grad in place, so the input is changed and returned.
def steepest_ascent(grad, p=2.0):
    if not np.any(grad):
        return np.zeros_like(grad), 0.0
    if p == 2:
        rate = np.sqrt(np.sum(grad * grad))
        grad /= rate
        return grad, float(rate)
    if p == 1:
        rate = np.max(np.abs(grad))
        return np.where(np.abs(grad) == rate, np.sign(grad), 0), float(rate)
    return np.sign(grad), float(np.sum(np.abs(grad)))

# %% steepest_ascent: zero_gradient_itself
# Wrong: where grad is all zeros, grad itself is returned and not a new array.
def steepest_ascent(grad, p=2.0):
    if not np.any(grad):
        return grad, 0.0
    a = np.abs(grad)
    if p == 2:
        r = np.sqrt(np.sum(a**2))
        return grad / r, float(r)
    if p == 1:
        return np.where(a == a.max(), np.sign(grad), 0.0), float(a.max())
    return np.sign(grad), float(a.sum())

# %% steepest_ascent: dual_exponent_by_formula
# Wrong: puts p into the formula q = p / (p - 1): ZeroDivisionError for p = 1 and nan for p = inf.
def steepest_ascent(grad, p=2.0):
    if not grad.any():
        return np.zeros_like(grad), 0.0
    q = p / (p - 1)
    rate = np.sum(np.abs(grad) ** q) ** (1 / q)
    direction = np.sign(grad) * (np.abs(grad) / rate) ** (q - 1)
    return direction, float(rate)

# %% steepest_ascent: corner_brought_to_length_1
# Wrong: with p = inf the signs are divided by the root of their number, so they have Euclidean length 1.
def steepest_ascent(grad, p=2.0):
    s = np.sign(grad)
    if not s.any():
        return s, 0.0
    if p == 2:
        u = grad / np.sqrt(np.square(grad).sum())
    elif p == 1:
        u = s * (np.abs(grad) >= np.abs(grad).max())
    else:
        u = s / np.sqrt(np.square(s).sum())
    return u, float(np.sum(u * grad))

# %% steepest_ascent: budget_shared_evenly
# Wrong: with p = 1 the step is divided evenly among all the elements that are not 0.
def steepest_ascent(grad, p=2.0):
    signs = np.sign(grad)
    count = np.count_nonzero(signs)
    if count == 0:
        return np.zeros_like(grad), 0.0
    if p == 1:
        direction = signs / count
    elif p == np.inf:
        direction = signs
    else:
        direction = grad / np.linalg.norm(grad.flatten())
    return direction, float((grad * direction).sum())

# %% steepest_ascent: rate_with_its_sign
# Wrong: with p = 1 the rate is the element with its sign, so it may be negative.
def steepest_ascent(grad, p=2.0):
    d = np.zeros_like(grad)
    if not grad.any():
        return d, 0.0
    if p == 1:
        where = np.unravel_index(np.argmax(np.abs(grad)), np.shape(grad))
        d[where] = np.sign(grad[where])
        return d, float(grad[where])
    if p == 2:
        d[...] = grad / np.sqrt(np.sum(grad**2))
    else:
        d[...] = np.sign(grad)
    return d, float(np.sum(grad * d))

# %% steepest_ascent: squared_rate_and_shared_budget
# Wrong: two slips: for p = 2 the rate is the squared length, and for p = 1 the direction is g / sum|g|.
def steepest_ascent(grad, p=2.0):
    if np.all(grad == 0):
        return np.zeros_like(grad), 0.0
    if p == 2:
        return grad / np.sqrt(np.sum(grad**2)), float(np.sum(grad * grad))
    if p == 1:
        u = grad / np.sum(np.abs(grad))
        return u, float(np.sum(u * grad))
    return np.sign(grad), float(np.sum(np.abs(grad)))

# %% steepest_ascent: always_the_gradient
# Wrong: misunderstands that the norm matters: p is ignored, it is the Euclidean answer every time.
def steepest_ascent(grad, p=2.0):
    rate = float(np.sqrt(np.sum(grad * grad)))
    if rate == 0:
        return np.zeros_like(grad), 0.0
    return grad / rate, rate

# %% steepest_ascent: p_1_still_to_do
# Wrong: unfinished: with p = 1 zeros and 0.0 are returned.
def steepest_ascent(grad, p=2.0):
    direction = np.zeros_like(grad)
    rate = 0.0
    if p == 2 and grad.any():
        rate = float(np.sqrt(np.sum(grad**2)))
        direction = grad / rate
    if p == np.inf:
        direction = np.sign(grad)
        rate = float(np.sum(np.abs(grad)))
    if p == 1:
        pass  # ???
    return direction, rate

# %% steepest_ascent: dictionary_of_recipes
# Right: three unnormalised candidates in a dictionary, the rate from the direction's sum afterwards.
def steepest_ascent(grad, p=2.0):
    g = np.array(grad, dtype=float)
    size = np.abs(g)
    top = size.max()
    if top == 0:
        return np.zeros(g.shape), 0.0
    recipe = {
        1.0: lambda: (size == top) * np.sign(g),
        2.0: lambda: (g / top) / np.sqrt(((g / top) ** 2).sum()),
        float("inf"): lambda: np.sign(g),
    }[float(p)]
    u = np.asarray(recipe(), dtype=float)
    return u, float((g * u).sum())

# %% steepest_ascent: lists_of_numbers
# Right: plain Python lists of numbers, put back into shape at the end.
def steepest_ascent(grad, p=2.0):
    import math
    numbers = [float(z) for z in np.ravel(grad)]
    biggest = max(abs(z) for z in numbers)
    sign = lambda z: (z > 0) - (z < 0)
    if biggest == 0.0:
        u = [0.0] * len(numbers)
    elif p == 1:
        u = [float(sign(z)) if abs(z) == biggest else 0.0 for z in numbers]
    elif p == 2:
        scaled = [z / biggest for z in numbers]
        length = math.sqrt(math.fsum(z * z for z in scaled))
        u = [z / length for z in scaled]
    else:
        u = [float(sign(z)) for z in numbers]
    slope = math.fsum(a * b for a, b in zip(numbers, u))
    return np.array(u).reshape(np.shape(grad)), slope
