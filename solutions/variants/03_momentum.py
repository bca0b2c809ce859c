"""Right answers of lesson 03 in other styles. Each is the text of a solution cell; see autograder.catalogue."""

import math

import numpy as np
import torch

from autograder.catalogue import variant

# momentum_update


@variant("momentum_update")
def loops(theta, grad, v, lr, beta):
    theta, v = np.array(theta), np.array(v)
    for index in np.ndindex(theta.shape):
        v[index] = beta * v[index] + (1 - beta) * grad[index]
        theta[index] -= lr * v[index]
    return theta, v


@variant("momentum_update")
def move_towards_the_gradient(theta, grad, v, lr, beta):
    v_next = v + (1 - beta) * (grad - v)
    return theta - lr * v_next, v_next


@variant("momentum_update")
def in_place_on_copies(theta, grad, v, lr, beta):
    theta = np.array(theta, dtype=np.float64, copy=True)
    v = np.array(v, dtype=np.float64, copy=True)
    v *= beta
    v += (1 - beta) * grad
    theta -= lr * v
    return theta, v


@variant("momentum_update")
def through_torch(theta, grad, v, lr, beta):
    theta, grad, v = (torch.tensor(array, dtype=torch.float64) for array in (theta, grad, v))
    v = torch.lerp(v, grad, 1 - beta)
    return theta.sub(v, alpha=lr).numpy(), v.numpy()


@variant("momentum_update")
def scaled_sum(theta, grad, v, lr, beta):
    total = beta * (v / (1 - beta)) + grad
    return [theta - lr * (1 - beta) * total, (1 - beta) * total]


# heavy_ball_update


@variant("heavy_ball_update")
def element_by_element(theta, grad, buf, lr, mu):
    new_theta, new_buf = np.empty(theta.shape), np.empty(theta.shape)
    for index in np.ndindex(theta.shape):
        new_buf[index] = math.fsum((mu * float(buf[index]), float(grad[index])))
        new_theta[index] = theta[index] - lr * new_buf[index]
    return new_theta, new_buf


@variant("heavy_ball_update")
def out_arguments(theta, grad, buf, lr, mu):
    buf_next, work = np.empty(np.shape(theta)), np.empty(np.shape(theta))
    np.add(np.multiply(buf, mu, out=buf_next), grad, out=buf_next)
    return np.subtract(theta, np.multiply(buf_next, lr, out=work), out=work), buf_next


@variant("heavy_ball_update")
def two_parts_of_the_step(theta, grad, buf, lr, mu):
    downhill = lr * grad
    inertia = lr * mu * buf
    return theta - downhill - inertia, np.add(grad, mu * buf)


@variant("heavy_ball_update")
def with_tensors(theta, grad, buf, lr, mu):
    theta, grad, buf = (torch.tensor(array, dtype=torch.float64) for array in (theta, grad, buf))
    buf.mul_(mu).add_(grad)
    theta.add_(buf, alpha=-lr)
    return theta.numpy(), buf.numpy()


def fading_sum(mu):
    return lambda total, value: mu * total + value


@variant("heavy_ball_update")
def closures(theta, grad, buf, lr, mu):
    buf = fading_sum(mu)(buf, grad)
    return theta - lr * buf, buf


# matching_lr


@variant("matching_lr")
def multiplied_out(lr, beta):
    return lr - lr * beta


@variant("matching_lr")
def divided(lr, beta):
    return float(lr / (1.0 / (1.0 - beta)))


@variant("matching_lr")
def as_an_array(lr, beta):
    return np.multiply(lr, np.subtract(1.0, beta))


@variant("matching_lr")
def by_the_first_step(lr, beta):
    v, buf = beta * 0.0 + (1 - beta) * 1.0, beta * 0.0 + 1.0
    return lr * v / buf


# MomentumSGD


@variant("MomentumSGD")
class StateInADict:
    def __init__(self, params, lr, momentum=0.9, dampening=0.0, nesterov=False, weight_decay=0.0):
        if lr < 0.0:
            raise ValueError(f"lr is {lr}, below 0")
        if momentum < 0.0 or momentum >= 1.0:
            raise ValueError(f"momentum is {momentum}, outside [0, 1)")
        if weight_decay < 0.0:
            raise ValueError(f"weight_decay is {weight_decay}, below 0")
        if nesterov and (momentum <= 0.0 or dampening != 0.0):
            raise ValueError("Nesterov needs momentum and takes no dampening")
        self.lr, self.momentum, self.dampening = lr, momentum, dampening
        self.nesterov, self.weight_decay = nesterov, weight_decay
        self.params = [p for p in params]
        self.state = {}

    def step(self):
        with torch.no_grad():
            for p in self.params:
                if p.grad is None:
                    continue
                g = p.grad.clone()
                if self.weight_decay != 0:
                    g += self.weight_decay * p
                if self.momentum != 0:
                    if id(p) in self.state:
                        self.state[id(p)] = self.momentum * self.state[id(p)] + (1 - self.dampening) * g
                    else:
                        self.state[id(p)] = g.clone()
                    g = g + self.momentum * self.state[id(p)] if self.nesterov else self.state[id(p)]
                p -= self.lr * g

    def zero_grad(self):
        for p in self.params:
            if p.grad is not None:
                p.grad.zero_()


@variant("MomentumSGD")
class BuffersAndFlags:
    def __init__(self, params, lr, momentum=0.9, dampening=0.0, nesterov=False, weight_decay=0.0):
        if not (lr >= 0 and weight_decay >= 0 and 0 <= momentum < 1):
            raise ValueError("a hyper-parameter is out of its range")
        if nesterov and not (momentum > 0 and dampening == 0):
            raise ValueError("Nesterov needs momentum and takes no dampening")
        self.params = list(params)
        self.lr, self.weight_decay, self.nesterov = lr, weight_decay, nesterov
        self.mu, self.tau = momentum, dampening if momentum else 0.0
        self.buf = [torch.zeros_like(p) for p in self.params]
        self.started = [False] * len(self.params)

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            g = p.grad.add(p, alpha=self.weight_decay)
            self.buf[i].mul_(self.mu).add_(g, alpha=1 - self.tau if self.started[i] else 1.0)
            self.started[i] = True
            p.add_(g.add(self.buf[i], alpha=self.mu) if self.nesterov else self.buf[i], alpha=-self.lr)

    def zero_grad(self):
        for p in self.params:
            p.grad = None


@variant("MomentumSGD")
class ThroughTheUpdateRule:
    def __init__(self, params, lr, momentum=0.9, dampening=0.0, nesterov=False, weight_decay=0.0):
        if lr < 0 or weight_decay < 0 or momentum < 0 or momentum >= 1:
            raise ValueError("a hyper-parameter is out of its range")
        if nesterov and (momentum == 0 or dampening != 0):
            raise ValueError("Nesterov needs momentum and takes no dampening")
        self.lr, self.momentum, self.dampening = lr, momentum, dampening
        self.nesterov, self.weight_decay = nesterov, weight_decay
        self.slots = [{"p": p, "buf": np.zeros(p.shape), "seen": 0} for p in params]

    def step(self):
        for slot in self.slots:
            p = slot["p"]
            if p.grad is None:
                continue
            theta = p.detach().numpy().copy()
            g = p.grad.numpy() + self.weight_decay * theta
            keep = 1 if slot["seen"] == 0 or self.momentum == 0 else 1 - self.dampening
            ahead, slot["buf"] = heavy_ball_update(theta, keep * g, slot["buf"], self.lr, self.momentum)
            if self.nesterov:
                ahead = theta - self.lr * (g + self.momentum * slot["buf"])
            slot["seen"] += 1
            with torch.no_grad():
                p.copy_(torch.as_tensor(ahead))

    def zero_grad(self):
        for slot in self.slots:
            slot["p"].grad = None


class Ball:
    """What one parameter remembers."""

    def __init__(self, mu, dampening):
        self.mu, self.dampening, self.buf = mu, dampening, None

    def push(self, g):
        if self.mu == 0:
            return g
        if self.buf is None:
            self.buf = g.clone()
        else:
            self.buf = self.mu * self.buf + g - self.dampening * g
        return self.buf


@variant("MomentumSGD")
class HelperClass:
    def __init__(self, params, lr, momentum=0.9, dampening=0.0, nesterov=False, weight_decay=0.0):
        for name, value in (("lr", lr), ("momentum", momentum), ("weight_decay", weight_decay)):
            if value < 0:
                raise ValueError(f"{name} is negative")
        if momentum >= 1:
            raise ValueError("momentum must be below 1")
        if nesterov and (momentum == 0 or dampening):
            raise ValueError("Nesterov needs momentum and takes no dampening")
        params = tuple(params)
        self.balls = {p: Ball(momentum, dampening) for p in params}
        self.lr, self.mu, self.nesterov, self.weight_decay = lr, momentum, nesterov, weight_decay

    def step(self):
        for p, ball in self.balls.items():
            if p.grad is not None:
                with torch.no_grad():
                    g = p.grad + self.weight_decay * p
                    buf = ball.push(g)
                    p.sub_(self.lr * (g + self.mu * buf if self.nesterov else buf))

    def zero_grad(self):
        for p in self.balls:
            p.grad = None if p.grad is None else torch.zeros_like(p)


@variant("MomentumSGD")
class NumPyBuffers:
    def __init__(self, params, lr, momentum=0.9, dampening=0.0, nesterov=False, weight_decay=0.0):
        if min(lr, weight_decay, momentum) < 0 or momentum >= 1:
            raise ValueError("a hyper-parameter is out of its range")
        if nesterov and (momentum == 0 or dampening != 0):
            raise ValueError("Nesterov needs momentum and takes no dampening")
        self.params = [*params]
        self.lr, self.momentum, self.dampening = lr, momentum, dampening
        self.nesterov, self.weight_decay = nesterov, weight_decay
        self.buffers = [None] * len(self.params)

    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            theta = p.detach().numpy()  # shares the parameter's memory
            g = p.grad.numpy() + self.weight_decay * theta
            buf = self.buffers[i]
            if buf is None or self.momentum == 0:
                buf = np.copy(g)
            else:
                buf = self.momentum * buf + (1 - self.dampening) * g
            self.buffers[i] = buf
            theta -= self.lr * (g + self.momentum * buf if self.nesterov else buf)

    def zero_grad(self):
        for p in self.params:
            if p.grad is not None:
                p.grad = None


# polyak_to_torch


@variant("polyak_to_torch")
def step_by_step(lrs, mus):
    torch_lrs, torch_mus, before = [], [], None
    for lr, mu in zip(lrs, mus, strict=True):
        torch_lrs.append(float(lr))
        torch_mus.append(float(mu if before is None else mu * before / lr))
        before = lr
    return torch_lrs, torch_mus


@variant("polyak_to_torch")
def with_a_rate_before_the_first(lrs, mus):
    earlier = np.concatenate([lrs[:1], lrs[:-1]])
    return np.array(lrs), mus * earlier / lrs


@variant("polyak_to_torch")
def rolled(lrs, mus):
    ratio = np.roll(lrs, 1) / lrs
    ratio[0] = 1.0
    return 1.0 * lrs, ratio * mus


@variant("polyak_to_torch")
def by_logarithms(lrs, mus):
    growth = np.diff(np.log(lrs), prepend=np.log(lrs[0]))
    return lrs + 0.0, mus * np.exp(-growth)
