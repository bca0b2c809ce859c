"""Right answers of lesson 00 in other styles. Each is the text of a solution cell; see autograder.catalogue."""

import math
import typing

import numpy as np

from autograder.catalogue import variant

# numerical_gradient


@variant("numerical_gradient")
def by_flat_index(f, x, h=1e-5):
    slopes = []
    for k in range(x.size):
        up, down = x.copy(), x.copy()
        up.flat[k] += h
        down.flat[k] -= h
        slopes.append((f(up) - f(down)) / (2 * h))
    return np.array(slopes).reshape(x.shape)


@variant("numerical_gradient")
def saved_and_put_back(f, x, h=1e-5):
    grad = np.empty(x.shape)
    for place in np.ndindex(*x.shape):
        saved = x[place]
        x[place] = saved + h
        above = f(x)
        x[place] = saved - h
        below = f(x)
        x[place] = saved
        grad[place] = 0.5 * (above - below) / h
    return grad


@variant("numerical_gradient")
def rows_of_the_identity(f, x, h=1e-5):
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.reshape([f(x + e) - f(x - e) for e in steps], x.shape) / (2 * h)


@variant("numerical_gradient")
def where_it_is_this_one(f, x, h=1e-5):
    numbers = np.arange(x.size).reshape(x.shape)
    grad = np.zeros(x.shape)
    for k in range(x.size):
        e = np.where(numbers == k, h, 0.0)
        grad = grad + np.where(numbers == k, (f(x + e) - f(x - e)) / (h + h), 0.0)
    return grad


# directional_derivative


@variant("directional_derivative")
def by_vdot(grad, direction):
    length = np.linalg.norm(np.ravel(direction))
    if not length > 0:
        raise ValueError("no direction")
    return np.vdot(grad, direction) / length


@variant("directional_derivative")
def by_a_loop(grad, direction):
    if not np.any(direction):
        raise ValueError("all zeros")
    pairs = list(zip(grad.flat, direction.flat, strict=True))
    return sum(g * d for g, d in pairs) / math.sqrt(sum(d * d for _, d in pairs))


@variant("directional_derivative")
def by_hypot(grad, direction):
    length = math.hypot(*direction.ravel().tolist())
    if length == 0.0:
        raise ValueError("a direction needs a length")
    return math.fsum((grad.ravel() * (direction.ravel() / length)).tolist())


@variant("directional_derivative")
def with_tensors(grad, direction):
    import torch  # the lesson does without

    g, d = torch.tensor(grad).flatten(), torch.tensor(direction).flatten()
    if d.norm() == 0:
        raise ValueError("zeros")
    return torch.dot(g, d / d.norm()).item()


# Dual


def _lift(x, kind):
    return x if isinstance(x, kind) else kind(x, 0.0)


@variant("Dual")
class Lifted:
    def __init__(self, value, tangent=0.0):
        self.value, self.tangent = value, tangent

    def __add__(self, other):
        other = _lift(other, type(self))
        return type(self)(self.value + other.value, self.tangent + other.tangent)

    def __sub__(self, other):
        other = _lift(other, type(self))
        return type(self)(self.value - other.value, self.tangent - other.tangent)

    def __mul__(self, other):
        other = _lift(other, type(self))
        return type(self)(self.value * other.value, self.value * other.tangent + other.value * self.tangent)

    def __truediv__(self, other):
        return self * _lift(other, type(self)) ** -1

    def __rsub__(self, other):
        return -self + other

    def __rtruediv__(self, other):
        return self**-1 * other

    def __neg__(self):
        return self * -1

    def __pow__(self, n):
        return type(self)(self.value**n, n * self.value ** (n - 1) * self.tangent)

    def exp(self):
        value = np.exp(self.value)
        return type(self)(value, value * self.tangent)

    def log(self):
        return type(self)(np.log(self.value), self.tangent / self.value)

    def sin(self):
        return type(self)(np.sin(self.value), self.tangent * np.cos(self.value))

    __radd__, __rmul__ = __add__, __mul__


@variant("Dual")
class WithMath:
    __slots__ = ("tangent", "value")

    def __init__(self, value, tangent=0.0):
        self.value = float(value)
        self.tangent = float(tangent)

    def _of(self, value, slope):
        return self.__class__(value, slope * self.tangent)

    def __neg__(self):
        return self._of(-self.value, -1)

    def __add__(self, other):
        if isinstance(other, (int, float)):
            return self._of(self.value + other, 1)
        return self.__class__(self.value + other.value, self.tangent + other.tangent)

    def __radd__(self, other):
        return self._of(other + self.value, 1)

    def __sub__(self, other):
        if isinstance(other, (int, float)):
            return self._of(self.value - other, 1)
        return self.__class__(self.value - other.value, self.tangent - other.tangent)

    def __rsub__(self, other):
        return self._of(other - self.value, -1)

    def __mul__(self, other):
        if isinstance(other, (int, float)):
            return self._of(self.value * other, other)
        slope = self.tangent * other.value + self.value * other.tangent
        return self.__class__(self.value * other.value, slope)

    def __rmul__(self, other):
        return self._of(other * self.value, other)

    def __truediv__(self, other):
        if isinstance(other, (int, float)):
            return self._of(self.value / other, 1 / other)
        quotient = self.value / other.value
        return self.__class__(quotient, (self.tangent - quotient * other.tangent) / other.value)

    def __rtruediv__(self, other):
        return self._of(other / self.value, -other / self.value**2)

    def __pow__(self, n):
        return self._of(self.value**n, n * self.value ** (n - 1))

    def exp(self):
        return self._of(math.exp(self.value), math.exp(self.value))

    def log(self):
        return self._of(math.log(self.value), 1 / self.value)

    def sin(self):
        return self._of(math.sin(self.value), math.cos(self.value))


@variant("Dual")
class ATuple(typing.NamedTuple):
    value: float
    tangent: float = 0.0

    def __neg__(self):
        return 0.0 - self

    def __add__(self, other):
        a, b = other if isinstance(other, tuple) else (other, 0.0)
        return self._replace(value=self.value + a, tangent=self.tangent + b)

    def __radd__(self, other):
        return self + other

    def __sub__(self, other):
        a, b = other if isinstance(other, tuple) else (other, 0.0)
        return self._replace(value=self.value - a, tangent=self.tangent - b)

    def __rsub__(self, other):
        return self._replace(value=other - self.value, tangent=0.0 - self.tangent)

    def __mul__(self, other):
        a, b = other if isinstance(other, tuple) else (other, 0.0)
        return self._replace(value=self.value * a, tangent=self.tangent * a + self.value * b)

    def __rmul__(self, other):
        return self * other

    def __truediv__(self, other):
        a, b = other if isinstance(other, tuple) else (other, 0.0)
        return self._replace(value=self.value / a, tangent=(self.tangent * a - self.value * b) / (a * a))

    def __rtruediv__(self, other):
        return self._replace(value=other, tangent=0.0) / self

    def __pow__(self, n):
        slope = n * self.value ** (n - 1)
        return self._replace(value=self.value**n, tangent=slope * self.tangent)

    def exp(self):
        return self._replace(value=math.exp(self.value), tangent=math.exp(self.value) * self.tangent)

    def log(self):
        return self._replace(value=math.log(self.value), tangent=self.tangent / self.value)

    def sin(self):
        return self._replace(value=math.sin(self.value), tangent=math.cos(self.value) * self.tangent)


@variant("Dual")
class AsAMatrix:
    """x + x' eps as the matrix [[x, x'], [0, x]]: products of such matrices follow the rules by themselves."""

    def __init__(self, value, tangent=0.0):
        self.matrix = np.array([[value, tangent], [0.0, value]])

    @property
    def value(self):
        return self.matrix[0, 0]

    @property
    def tangent(self):
        return self.matrix[0, 1]

    def made(self, matrix):
        return self.__class__(matrix[0, 0], matrix[0, 1])

    def of(self, other):
        return other.matrix if hasattr(other, "matrix") else other * np.eye(2)

    def __neg__(self):
        return self.made(-self.matrix)

    def __add__(self, other):
        return self.made(self.matrix + self.of(other))

    def __radd__(self, other):
        return self + other

    def __sub__(self, other):
        return self.made(self.matrix - self.of(other))

    def __rsub__(self, other):
        return self.made(self.of(other) - self.matrix)

    def __mul__(self, other):
        return self.made(self.matrix @ self.of(other))

    def __rmul__(self, other):
        return self * other

    def __truediv__(self, other):
        return self.made(np.linalg.solve(self.of(other), self.matrix))

    def __rtruediv__(self, other):
        return self.made(np.linalg.solve(self.matrix, self.of(other)))

    def __pow__(self, n):
        return self.__class__(self.value**n, n * self.value ** (n - 1) * self.tangent)

    def exp(self):
        return self.__class__(np.exp(self.value), np.exp(self.value) * self.tangent)

    def log(self):
        return self.__class__(np.log(self.value), self.tangent / self.value)

    def sin(self):
        return self.__class__(np.sin(self.value), np.cos(self.value) * self.tangent)


# descend_quadratic


@variant("descend_quadratic")
def filled_in(A, b, x0, lr, steps):
    path = np.empty((steps + 1, len(x0)))
    path[0] = x0
    for t in range(steps):
        path[t + 1] = path[t] - lr * ((A @ path[t] + A.T @ path[t]) / 2 - b)
    return path


@variant("descend_quadratic")
def symmetric_first(A, b, x0, lr, steps):
    symmetric = (A + A.T) / 2
    keep = np.eye(len(b)) - lr * symmetric
    x, rows = x0.copy(), [x0.copy()]
    while len(rows) <= steps:
        x = keep @ x + lr * b
        rows.append(x)
    return np.stack(rows)


@variant("descend_quadratic")
def by_itself(A, b, x0, lr, steps):
    def walk(x, left):
        if left == 0:
            return [x]
        rows_and_columns = x @ A + A @ x
        return [x, *walk(x - lr * (0.5 * rows_and_columns - b), left - 1)]

    return np.array(walk(x0, steps))


@variant("descend_quadratic")
def with_autograd(A, b, x0, lr, steps):
    import torch  # the lesson does without

    A, b, x = torch.tensor(A), torch.tensor(b), torch.tensor(x0)
    path = [x]
    for _ in range(steps):
        x = path[-1].clone().requires_grad_()
        (0.5 * x @ A @ x - b @ x).backward()
        path.append(x.detach() - lr * x.grad)
    return torch.stack(path).numpy()


# steepest_ascent


@variant("steepest_ascent")
def by_match(grad, p=2.0):
    if not np.any(grad):
        return np.zeros(grad.shape), 0.0
    if p == 1:
        direction = np.where(np.abs(grad) == np.abs(grad).max(), np.sign(grad), 0.0)
        return direction, np.abs(grad).max()
    if p == 2:
        norm = np.linalg.norm(grad.ravel())
        return grad / norm, norm
    return np.sign(grad), np.abs(grad).sum()


@variant("steepest_ascent")
def flat_and_back(grad, p=2.0):
    g = grad.ravel()
    u = np.zeros(g.size)
    if p == 2:
        u = g / (math.sqrt(float(g @ g)) or 1.0)
    elif math.isinf(p):
        u = np.sign(g)
    else:
        place = int(np.argmax(g**2))
        u[place] = np.sign(g[place])
    return u.reshape(grad.shape), float(g @ u)


@variant("steepest_ascent")
def one_by_one(grad, p=2.0):
    sizes = [abs(g) for g in grad.ravel().tolist()]
    if p == 2:
        rate = math.sqrt(sum(size**2 for size in sizes))
        weights = [size / rate if rate else 0.0 for size in sizes]
    elif p == 1:
        rate = max(sizes)
        weights = [float(size == rate) for size in sizes]
    else:
        rate = sum(sizes)
        weights = [1.0] * len(sizes)
    return np.reshape(weights, grad.shape) * np.sign(grad), rate


@variant("steepest_ascent")
def from_cases(grad, p=2.0):
    direction = np.sign(grad) * 1.0
    if p == 2:
        length = np.sqrt((grad * grad).sum())
        direction = grad / length if length > 0 else np.zeros(grad.shape)
    if p == 1:
        direction = direction * (np.abs(grad) >= np.max(np.abs(grad)))
    return direction, np.sum(direction * grad)
