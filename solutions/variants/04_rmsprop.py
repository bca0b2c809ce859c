"""Right answers of lesson 04 in other styles. Each is the text of a solution cell; see autograder.catalogue."""

import math

import numpy as np
import torch

from autograder.catalogue import variant

# adagrad_update


@variant("adagrad_update")
def loops(theta, grad, acc, lr, eps=1e-10):
    theta, acc = np.array(theta), np.array(acc)
    for index in np.ndindex(theta.shape):
        g = grad[index]
        acc[index] += g * g
        theta[index] -= lr * g / (math.sqrt(acc[index]) + eps)
    return theta, acc


@variant("adagrad_update")
def rate_for_each_element(theta, grad, acc, lr, eps=1e-10):
    summed = np.square(grad) + acc
    rates = lr / (summed**0.5 + eps)
    return theta - rates * grad, summed


@variant("adagrad_update")
def in_place_on_copies(theta, grad, acc, lr, eps=1e-10):
    theta = np.array(theta, dtype=np.float64, copy=True)
    acc = np.array(acc, dtype=np.float64, copy=True)
    acc += grad**2
    theta -= lr * grad / (np.sqrt(acc) + eps)
    return theta, acc


@variant("adagrad_update")
def through_torch(theta, grad, acc, lr, eps=1e-10):
    theta, grad, acc = (torch.tensor(array, dtype=torch.float64) for array in (theta, grad, acc))
    acc = torch.addcmul(acc, grad, grad)
    theta = torch.addcdiv(theta, grad, acc.sqrt() + eps, value=-lr)
    return theta.numpy(), acc.numpy()


@variant("adagrad_update")
def returns_a_list(theta, grad, acc, lr, eps=1e-10):
    root = np.hypot(np.sqrt(acc), grad)
    return [np.subtract(theta, lr * np.divide(grad, root + eps)), np.add(acc, np.multiply(grad, grad))]


# rmsprop_update


@variant("rmsprop_update")
def element_by_element(theta, grad, s, lr, alpha=0.99, eps=1e-8):
    theta, s = np.array(theta), np.array(s)
    for index in np.ndindex(theta.shape):
        s[index] = alpha * s[index] + (1 - alpha) * grad[index] ** 2
        theta[index] -= lr * grad[index] / (math.sqrt(s[index]) + eps)
    return theta, s


@variant("rmsprop_update")
def move_towards_the_square(theta, grad, s, lr, alpha=0.99, eps=1e-8):
    s_next = s + (1 - alpha) * (np.square(grad) - s)
    return theta - lr / (eps + s_next**0.5) * grad, s_next


@variant("rmsprop_update")
def out_arguments(theta, grad, s, lr, alpha=0.99, eps=1e-8):
    theta, grad = np.asarray(theta), np.asarray(grad)
    s_next, work = np.empty(theta.shape), np.empty(theta.shape)
    np.multiply(s, alpha, out=s_next)
    np.add(s_next, np.multiply(np.square(grad, out=work), 1 - alpha, out=work), out=s_next)
    np.add(np.sqrt(s_next, out=work), eps, out=work)
    return np.subtract(theta, np.multiply(np.divide(grad, work, out=work), lr, out=work)), s_next


@variant("rmsprop_update")
def with_lerp(theta, grad, s, lr, alpha=0.99, eps=1e-8):
    theta, grad, s = (torch.tensor(array, dtype=torch.float64) for array in (theta, grad, s))
    s = torch.lerp(s, grad.square(), 1 - alpha)
    return (theta - lr * grad / s.sqrt().add(eps)).numpy(), s.numpy()


def running_average(alpha):
    def advance(average, value):
        return alpha * average + (1 - alpha) * value

    return advance


@variant("rmsprop_update")
def closure(theta, grad, s, lr, alpha=0.99, eps=1e-8):
    s = running_average(alpha)(s, grad * grad)
    direction = grad / (np.sqrt(s) + eps)
    return theta - lr * direction, s


# RMSprop


@variant("RMSprop")
class StateInADict:
    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False):
        if lr < 0.0 or eps < 0.0 or weight_decay < 0.0:
            raise ValueError("lr, eps and weight_decay must be 0 or more")
        if alpha < 0.0 or alpha >= 1.0 or momentum < 0.0 or momentum >= 1.0:
            raise ValueError("alpha and momentum must be in [0, 1)")
        self.lr, self.alpha, self.eps = lr, alpha, eps
        self.weight_decay, self.momentum, self.centered = weight_decay, momentum, centered
        self.params = [p for p in params]
        self.state = {}

    def step(self):
        with torch.no_grad():
            for p in self.params:
                if p.grad is None:
                    continue
                if id(p) not in self.state:
                    self.state[id(p)] = {name: torch.zeros_like(p) for name in ("s", "g_bar", "buf")}
                state = self.state[id(p)]
                g = p.grad + self.weight_decay * p
                state["s"] = self.alpha * state["s"] + (1 - self.alpha) * g**2
                if self.centered:
                    state["g_bar"] = self.alpha * state["g_bar"] + (1 - self.alpha) * g
                    denominator = (state["s"] - state["g_bar"] ** 2).sqrt() + self.eps
                else:
                    denominator = state["s"].sqrt() + self.eps
                if self.momentum > 0:
                    state["buf"] = self.momentum * state["buf"] + g / denominator
                    p -= self.lr * state["buf"]
                else:
                    p -= self.lr * g / denominator

    def zero_grad(self):
        for p in self.params:
            if p.grad is not None:
                p.grad.zero_()


@variant("RMSprop")
class InPlaceOperations:
    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False):
        if not (lr >= 0 and eps >= 0 and weight_decay >= 0 and 0 <= alpha < 1 and 0 <= momentum < 1):
            raise ValueError("a hyper-parameter is out of its range")
        self.params = list(params)
        self.lr, self.alpha, self.eps, self.weight_decay = lr, alpha, eps, weight_decay
        self.momentum, self.centered = momentum, centered
        self.square_avg = [torch.zeros_like(p) for p in self.params]
        self.grad_avg = [torch.zeros_like(p) for p in self.params]
        self.momentum_buffer = [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        state = zip(self.params, self.square_avg, self.grad_avg, self.momentum_buffer, strict=True)
        for p, square_avg, grad_avg, buffer in state:
            if p.grad is None:
                continue
            g = p.grad.add(p, alpha=self.weight_decay)
            square_avg.mul_(self.alpha).addcmul_(g, g, value=1 - self.alpha)
            denominator = square_avg.clone()
            if self.centered:
                grad_avg.lerp_(g, 1 - self.alpha)
                denominator.addcmul_(grad_avg, grad_avg, value=-1)
            denominator.sqrt_().add_(self.eps)
            buffer.mul_(self.momentum).addcdiv_(g, denominator)
            p.add_(buffer, alpha=-self.lr)

    def zero_grad(self):
        for p in self.params:
            p.grad = None


@variant("RMSprop")
class NumPyState:
    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False):
        if min(lr, eps, weight_decay) < 0 or not all(0.0 <= value < 1.0 for value in (alpha, momentum)):
            raise ValueError("a hyper-parameter is out of its range")
        self.lr, self.alpha, self.eps = lr, alpha, eps
        self.weight_decay, self.momentum, self.centered = weight_decay, momentum, centered
        self.params = [p for p in params]
        self.s, self.g_bar, self.buf = ([np.zeros(tuple(p.shape)) for p in self.params] for _ in range(3))

    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            theta = p.detach().numpy()  # shares the parameter's memory
            g = p.grad.numpy() + self.weight_decay * theta
            self.s[i] = self.alpha * self.s[i] + (1 - self.alpha) * np.square(g)
            self.g_bar[i] = self.alpha * self.g_bar[i] + (1 - self.alpha) * g
            variance = self.s[i] - self.g_bar[i] ** 2 if self.centered else self.s[i]
            # Rounding can take a variance of zero just below zero.
            scaled = g / (np.sqrt(np.maximum(variance, 0.0)) + self.eps)
            self.buf[i] = self.momentum * self.buf[i] + scaled
            theta -= self.lr * self.buf[i]

    def zero_grad(self):
        for p in self.params:
            if p.grad is not None:
                p.grad.zero_()


@variant("RMSprop")
class ThroughTheUpdateRule:
    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False):
        for name, value in (("lr", lr), ("eps", eps), ("weight_decay", weight_decay)):
            if value < 0:
                raise ValueError(f"{name} is negative")
        for name, value in (("alpha", alpha), ("momentum", momentum)):
            if not 0 <= value < 1:
                raise ValueError(f"{name} is outside [0, 1)")
        self.lr, self.alpha, self.eps = lr, alpha, eps
        self.weight_decay, self.momentum, self.centered = weight_decay, momentum, centered
        self.slots = [{"p": p, **{name: np.zeros(p.shape) for name in ("s", "mean", "buf")}} for p in params]

    def step(self):
        for slot in self.slots:
            p = slot["p"]
            if p.grad is None:
                continue
            g = p.grad.numpy() + self.weight_decay * p.detach().numpy()
            # From zero, with lr = -1, the update rule gives the scaled gradient itself.
            step = rmsprop_update(np.zeros(p.shape), g, slot["s"], -1.0, self.alpha, self.eps)
            scaled, slot["s"] = step
            if self.centered:
                slot["mean"] = slot["mean"] + (1 - self.alpha) * (g - slot["mean"])
                scaled = g / (np.sqrt(slot["s"] - np.square(slot["mean"])) + self.eps)
            slot["buf"] = self.momentum * slot["buf"] + scaled
            with torch.no_grad():
                p.sub_(torch.as_tensor(self.lr * slot["buf"]))

    def zero_grad(self):
        for slot in self.slots:
            slot["p"].grad = None


class Memory:
    """What one parameter remembers: the averages of its gradient and of the square, and a buffer."""

    def __init__(self, p):
        self.mean, self.square, self.buffer = (torch.zeros_like(p) for _ in range(3))

    def advance(self, g, alpha, eps, momentum, centered):
        self.mean = self.mean.lerp(g, 1 - alpha)
        self.square = self.square.lerp(g * g, 1 - alpha)
        spread = torch.sqrt(self.square - self.mean**2 if centered else self.square)
        self.buffer = momentum * self.buffer + g / (spread + eps)
        return self.buffer


@variant("RMSprop")
class HelperClass:
    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False):
        if lr < 0 or eps < 0 or weight_decay < 0:
            raise ValueError("lr, eps and weight_decay must be 0 or more")
        if any(not 0 <= value < 1 for value in (alpha, momentum)):
            raise ValueError("alpha and momentum must be in [0, 1)")
        self.lr, self.weight_decay = lr, weight_decay
        self.settings = (alpha, eps, momentum, centered)
        self.memory = {p: Memory(p.detach()) for p in tuple(params)}

    def step(self):
        for p, memory in self.memory.items():
            if p.grad is not None:
                with torch.no_grad():
                    p.sub_(self.lr * memory.advance(p.grad + self.weight_decay * p, *self.settings))

    def zero_grad(self):
        for p in self.memory:
            p.grad = None if p.grad is None else torch.zeros_like(p)


@variant("RMSprop")
class StepsInAClosure:
    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False):
        if lr < 0 or eps < 0 or weight_decay < 0 or not (0 <= alpha < 1) or not (0 <= momentum < 1):
            raise ValueError("a hyper-parameter is out of its range")
        self.lr = lr
        self.params = list(params)

        def stepper(p):
            s = g_bar = buf = 0.0

            def step(lr):
                nonlocal s, g_bar, buf
                g = p.grad.detach().clone()
                if weight_decay:
                    g += weight_decay * p.detach()
                s, g_bar = alpha * s + (1 - alpha) * g * g, alpha * g_bar + (1 - alpha) * g
                root = (s - g_bar * g_bar) ** 0.5 if centered else s**0.5
                buf = momentum * buf + g / (root + eps)
                p.data.sub_(lr * buf)

            return step

        self.steppers = [stepper(p) for p in self.params]

    def step(self):
        for p, step in zip(self.params, self.steppers, strict=True):
            if p.grad is not None:
                step(self.lr)

    def zero_grad(self):
        for p in self.params:
            p.grad = None


# settings_from_log


@variant("settings_from_log")
def mean_over_parameters(theta, grads):
    steps = theta[1:3] - theta[:2]
    (step_1, step_2), (g_1, g_2) = steps, grads[:2]
    alpha = np.mean((g_2 * step_1 / (g_1 * step_2)) ** 2 - (g_2 / g_1) ** 2)
    return float(np.mean(-step_1 / np.sign(g_1)) * math.sqrt(1 - alpha)), float(alpha)


@variant("settings_from_log")
def all_steps_at_once(theta, grads):
    ratio = np.square(grads / np.diff(theta, axis=0))  # s_t / lr^2
    rows = np.stack([ratio[:-1] / ratio[1:], grads[1:] ** 2 / ratio[1:]], axis=-1).reshape(-1, 2)
    first = np.stack([np.zeros_like(grads[0]), grads[0] ** 2 / ratio[0]], axis=-1)
    rows = np.concatenate([first, rows])
    alpha, c = np.linalg.lstsq(rows, np.ones(len(rows)), rcond=None)[0]
    return np.sqrt((1 - alpha) / c), alpha


@variant("settings_from_log")
def by_bisection(theta, grads):
    """The ratio of two strides falls with alpha: halve the interval until it is found."""
    wanted = abs((theta[2, 0] - theta[1, 0]) / (theta[1, 0] - theta[0, 0]))
    low, high = 0.0, 1.0
    for _ in range(60):
        alpha = (low + high) / 2
        w_1, s = rmsprop_update(0.0, grads[0, 0], 0.0, 1.0, alpha, 0.0)
        w_2, s = rmsprop_update(w_1, grads[1, 0], s, 1.0, alpha, 0.0)
        low, high = (alpha, high) if abs((w_2 - w_1) / w_1) > wanted else (low, alpha)
    return abs(theta[1, 0] - theta[0, 0]) * (1 - alpha) ** 0.5, alpha


@variant("settings_from_log")
def unknown_squared_rate(theta, grads):
    g, h = float(grads[0, 0]), float(grads[1, 0])
    a, b = float(theta[0, 0] - theta[1, 0]), float(theta[1, 0] - theta[2, 0])
    # s_1 = (1 - alpha) g^2 and s_2 = alpha s_1 + (1 - alpha) h^2, in units of 1 - alpha: g^2 and alpha g^2 + h^2.
    alpha = ((h / b) ** 2 * (a / g) ** 2 * g**2 - h**2) / g**2
    return abs(a) * (1 - alpha) ** 0.5, np.float64(alpha)
