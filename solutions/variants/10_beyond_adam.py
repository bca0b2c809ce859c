"""Right answers of lesson 10 in other styles. Each is the text of a solution cell; see autograder.catalogue."""

import math

import numpy as np
import torch

from autograder.catalogue import variant

# lion_update


@variant("lion_update")
def loops(theta, grad, m, lr=1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0):
    theta, m = np.array(theta), np.array(m)
    for index in np.ndindex(theta.shape):
        c = beta1 * m[index] + (1 - beta1) * grad[index]
        theta[index] *= 1 - lr * weight_decay
        if c > 0:
            theta[index] -= lr
        elif c < 0:
            theta[index] += lr
        m[index] = beta2 * m[index] + (1 - beta2) * grad[index]
    return theta, m


@variant("lion_update")
def step_then_decay(theta, grad, m, lr=1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0):
    direction = np.sign(m + (1 - beta1) * (grad - m))
    return theta - lr * (direction + weight_decay * theta), m + (1 - beta2) * (grad - m)


@variant("lion_update")
def by_comparison(theta, grad, m, lr=1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0):
    theta, grad, m = np.asarray(theta), np.asarray(grad), np.asarray(m)
    c = np.multiply(m, beta1) + np.multiply(grad, 1 - beta1)
    up, down = (c > 0).astype(theta.dtype), (c < 0).astype(theta.dtype)
    return theta * (1 - lr * weight_decay) - lr * up + lr * down, beta2 * m + (1 - beta2) * grad


@variant("lion_update")
def through_torch(theta, grad, m, lr=1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0):
    theta, grad, m = (torch.tensor(array) for array in (theta, grad, m))
    direction = torch.sign(beta1 * m + (1 - beta1) * grad)
    theta = theta * (1 - lr * weight_decay) - lr * direction
    return theta.numpy(), (m * beta2 + grad * (1 - beta2)).numpy()


@variant("lion_update")
def in_place_on_copies(theta, grad, m, lr=1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0):
    theta, average = np.array(theta, copy=True), np.array(m, copy=True)
    average *= beta1
    average += (1 - beta1) * grad
    theta -= lr * weight_decay * theta
    theta -= lr * np.sign(average)
    return theta, (1 - beta2) * grad + beta2 * m


# adafactor_update


def rms_of(array):
    return np.linalg.norm(array) / np.sqrt(np.size(array))


@variant("adafactor_update")
def by_norms(theta, grad, row, col, t, lr=1e-2, d=1.0, eps1=2**-52, eps2=1e-3):
    beta = 1 - t**-0.8
    row = beta * row + (1 - beta) * np.linalg.norm(grad, axis=1) ** 2 / grad.shape[1]
    col = beta * col + (1 - beta) * np.linalg.norm(grad, axis=0) ** 2 / grad.shape[0]
    V = row[:, None] * col[None, :] / np.maximum(row.mean(), eps1)
    U = grad * np.maximum(V, eps1 * eps1) ** -0.5
    length = max(eps2, rms_of(theta)) * min(lr, t**-0.5)
    return theta - length / max(1.0, rms_of(U) / d) * U, row, col


@variant("adafactor_update")
def loops_over_entries(theta, grad, row, col, t, lr=1e-2, d=1.0, eps1=2**-52, eps2=1e-3):
    rows, cols = grad.shape
    w = 1 / t**0.8
    new_row, new_col, update = np.array(row), np.array(col), np.empty_like(grad)
    for i in range(rows):
        new_row[i] = (1 - w) * row[i] + w * sum(grad[i, j] ** 2 for j in range(cols)) / cols
    for j in range(cols):
        new_col[j] = (1 - w) * col[j] + w * sum(grad[i, j] ** 2 for i in range(rows)) / rows
    middle = max(sum(new_row) / rows, eps1)
    for i in range(rows):
        for j in range(cols):
            v = max(new_row[i] * new_col[j] / middle, eps1**2)
            update[i, j] = grad[i, j] / math.sqrt(v)
    rms = math.sqrt((update**2).sum() / update.size)
    if rms > d:
        update = update * (d / rms)
    size = math.sqrt((theta**2).sum() / theta.size)
    return theta - max(eps2, size) * min(lr, 1 / math.sqrt(t)) * update, new_row, new_col


@variant("adafactor_update")
def through_einsum(theta, grad, row, col, t, lr=1e-2, d=1.0, eps1=2**-52, eps2=1e-3):
    w = float(t) ** (-4 / 5)
    row = row + w * (np.einsum("ij,ij->i", grad, grad) / grad.shape[1] - row)
    col = col + w * (np.einsum("ij,ij->j", grad, grad) / grad.shape[0] - col)
    mean = np.clip(row.mean(), eps1, None)
    root = np.sqrt(np.clip(np.einsum("i,j->ij", row, col) / mean, eps1**2, None))
    U = grad / root
    U = U / np.clip(np.sqrt((U * U).mean()) / d, 1.0, None)
    return theta - np.clip(np.sqrt((theta * theta).mean()), eps2, None) * min(lr, t**-0.5) * U, row, col


@variant("adafactor_update")
def in_torch(theta, grad, row, col, t, lr=1e-2, d=1.0, eps1=2**-52, eps2=1e-3):
    theta, grad, row, col = (torch.tensor(array) for array in (theta, grad, row, col))
    w = t**-0.8
    row = (1 - w) * row + w * grad.square().mean(dim=1)
    col = (1 - w) * col + w * grad.square().mean(dim=0)
    V = torch.outer(row, col) / row.mean().clamp(min=eps1)
    U = grad / V.clamp(min=eps1**2).sqrt()
    U = U / (U.square().mean().sqrt() / d).clamp(min=1.0)
    scale = theta.square().mean().sqrt().clamp(min=eps2)
    theta = theta - scale * min(lr, 1 / t**0.5) * U
    return theta.numpy(), row.numpy(), col.numpy()


# ScheduleFreeSGD


@variant("ScheduleFreeSGD")
class OnlyZ:
    """Keeps z alone: x follows from y and z."""

    def __init__(self, params, lr=1.0, momentum=0.9, weight_decay=0.0):
        if lr < 0 or weight_decay < 0 or momentum <= 0 or momentum >= 1:
            raise ValueError("a hyper-parameter is out of range")
        self.params, self.lr = list(params), lr
        self.momentum, self.weight_decay = momentum, weight_decay
        self.z = [p.detach().clone() for p in self.params]
        self.squares = [0.0 for _ in self.params]
        self.training = True

    @torch.no_grad()
    def step(self):
        mu = self.momentum
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            x = (p - (1 - mu) * self.z[i]) / mu
            self.z[i] -= self.lr * (p.grad + self.weight_decay * p)
            self.squares[i] += self.lr * self.lr
            c = 0.0 if self.squares[i] == 0 else self.lr * self.lr / self.squares[i]
            x = x.lerp(self.z[i], c)
            p.copy_(mu * x + (1 - mu) * self.z[i])

    @torch.no_grad()
    def eval(self):
        if self.training:
            for p, z in zip(self.params, self.z, strict=True):
                p.copy_(p / self.momentum - (1 / self.momentum - 1) * z)
        self.training = False

    @torch.no_grad()
    def train(self):
        if not self.training:
            for p, z in zip(self.params, self.z, strict=True):
                p.mul_(self.momentum).add_(z, alpha=1 - self.momentum)
        self.training = True

    def zero_grad(self):
        for p in self.params:
            if p.grad is not None:
                p.grad.zero_()


@variant("ScheduleFreeSGD")
class StateInADict:
    def __init__(self, params, lr=1.0, momentum=0.9, weight_decay=0.0):
        if lr < 0.0:
            raise ValueError(f"lr is {lr}")
        if weight_decay < 0.0:
            raise ValueError(f"weight_decay is {weight_decay}")
        if not (momentum > 0.0 and momentum < 1.0):
            raise ValueError(f"momentum is {momentum}")
        self.lr, self.momentum, self.weight_decay = lr, momentum, weight_decay
        self.state = {
            p: {"x": p.detach().clone(), "y": p.detach().clone(), "z": p.detach().clone(), "rates": []}
            for p in params
        }

    def step(self):
        with torch.no_grad():
            for p, s in self.state.items():
                if p.grad is None:
                    continue
                s["rates"].append(self.lr)
                s["z"] = s["z"] - self.lr * p.grad - self.lr * self.weight_decay * s["y"]
                total = sum(rate**2 for rate in s["rates"])
                if total:
                    s["x"] = s["x"] + (self.lr**2 / total) * (s["z"] - s["x"])
                s["y"] = s["z"] + self.momentum * (s["x"] - s["z"])
                p[...] = s["y"]

    def _show(self, name):
        with torch.no_grad():
            for p, s in self.state.items():
                p[...] = s[name]

    def eval(self):
        self._show("x")

    def train(self):
        self._show("y")

    def zero_grad(self):
        for p in self.state:
            p.grad = None


@variant("ScheduleFreeSGD")
class RunningSums:
    """x is a sum over a sum."""

    def __init__(self, params, lr=1.0, momentum=0.9, weight_decay=0.0):
        if min(lr, weight_decay) < 0 or not 0 < momentum < 1:
            raise ValueError("lr, weight_decay or momentum cannot be used")
        self.params = [*params]
        self.lr, self.momentum, self.weight_decay = lr, momentum, weight_decay
        self.start = [p.detach().clone() for p in self.params]
        self.z = [p.detach().clone() for p in self.params]
        self.weighted = [torch.zeros_like(p) for p in self.params]
        self.weights = [0.0] * len(self.params)

    def x(self, i):
        return self.weighted[i] / self.weights[i] if self.weights[i] else self.start[i]

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is not None:
                self.z[i] = self.z[i] - self.lr * (p.grad + self.weight_decay * p)
                self.weighted[i] = self.weighted[i] + self.lr**2 * self.z[i]
                self.weights[i] += self.lr**2
                p.copy_((1 - self.momentum) * self.z[i] + self.momentum * self.x(i))

    @torch.no_grad()
    def eval(self):
        for i, p in enumerate(self.params):
            p.copy_(self.x(i))

    @torch.no_grad()
    def train(self):
        for i, p in enumerate(self.params):
            p.copy_((1 - self.momentum) * self.z[i] + self.momentum * self.x(i))

    def zero_grad(self):
        for p in self.params:
            p.grad = None


@variant("ScheduleFreeSGD")
class InPlaceEverywhere:
    def __init__(self, params, lr=1.0, momentum=0.9, weight_decay=0.0):
        for name, value in (("lr", lr), ("weight_decay", weight_decay)):
            if value < 0:
                raise ValueError(f"{name} must not be negative")
        if momentum <= 0 or momentum >= 1:
            raise ValueError("momentum must lie inside (0, 1)")
        self.params = tuple(params)
        self.lr, self.momentum, self.weight_decay = lr, momentum, weight_decay
        self.points = [(p.detach().clone(), p.detach().clone()) for p in self.params]
        self.sums = [torch.zeros((), dtype=torch.float64) for _ in self.params]

    def step(self):
        for p, (x, z), total in zip(self.params, self.points, self.sums, strict=True):
            if p.grad is None:
                continue
            total += self.lr**2
            c = 0.0 if float(total) == 0.0 else self.lr**2 / float(total)
            z.sub_(p.grad + self.weight_decay * p.detach(), alpha=self.lr)
            x.mul_(1 - c).add_(z, alpha=c)
            p.data.copy_(self.momentum * x + (1 - self.momentum) * z)

    def eval(self):
        for p, (x, _) in zip(self.params, self.points, strict=True):
            p.data.copy_(x)

    def train(self):
        for p, (x, z) in zip(self.params, self.points, strict=True):
            p.data.copy_(self.momentum * x + (1 - self.momentum) * z)

    def zero_grad(self):
        for p in self.params:
            if p.grad is not None:
                p.grad = torch.zeros_like(p.grad)


# newton_schulz


@variant("newton_schulz")
def from_the_other_side(G, steps=5, coefficients=(3.4445, -4.7750, 2.0315)):
    a, b, c = coefficients
    X = np.array(G, dtype=np.float64) / max(np.sqrt((G**2).sum()), 1e-7)
    for _ in range(steps):
        B = X.T @ X
        X = X @ (a * np.eye(len(B)) + b * B + c * B @ B)
    return X


@variant("newton_schulz")
def transposed_where_tall(G, steps=5, coefficients=(3.4445, -4.7750, 2.0315)):
    a, b, c = coefficients
    X = G.T.copy() if G.shape[0] > G.shape[1] else G.copy()
    X /= max(np.linalg.norm(X, "fro"), 1e-7)
    for _ in range(steps):
        A = X @ X.T
        X = a * X + b * (A @ X) + c * (A @ (A @ X))
    return X.T.copy() if G.shape[0] > G.shape[1] else X


@variant("newton_schulz")
def by_decomposition(G, steps=5, coefficients=(3.4445, -4.7750, 2.0315)):
    U, values, Vt = np.linalg.svd(G / max(np.linalg.norm(G), 1e-7), full_matrices=False)
    for _ in range(steps):
        values = sum(k * values**power for k, power in zip(coefficients, (1, 3, 5), strict=True))
    return U * values @ Vt


@variant("newton_schulz")
def recursively(G, steps=5, coefficients=(3.4445, -4.7750, 2.0315)):
    def onwards(X, left):
        if left == 0:
            return X
        a, b, c = coefficients
        third = X @ X.T @ X
        fifth = X @ X.T @ third
        return onwards(a * X + b * third + c * fifth, left - 1)

    return onwards(G / np.maximum(np.linalg.norm(G), 1e-7), steps)


@variant("newton_schulz")
def multiplied_in_torch(G, steps=5, coefficients=(3.4445, -4.7750, 2.0315)):
    a, b, c = coefficients
    X = torch.tensor(G)
    X = X / X.norm().clamp(min=1e-7)
    for _ in range(steps):
        gram = X @ X.mT
        X = a * X + (b * gram + c * gram @ gram) @ X
    return X.numpy()
