"""Right answers of lesson 05 in other styles. Each is the text of a solution cell; see autograder.catalogue."""

import math

import numpy as np
import torch

from autograder.catalogue import variant

# adam_update


@variant("adam_update")
def loops(theta, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    theta, m, v = np.array(theta), np.array(m), np.array(v)
    for index in np.ndindex(theta.shape):
        g = grad[index]
        m[index] = beta1 * m[index] + (1 - beta1) * g
        v[index] = beta2 * v[index] + (1 - beta2) * g * g
        m_hat = m[index] / (1 - beta1**t)
        v_hat = v[index] / (1 - beta2**t)
        theta[index] -= lr * m_hat / (math.sqrt(v_hat) + eps)
    return theta, m, v


@variant("adam_update")
def correction_in_the_rate(theta, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m_next = m + (1 - beta1) * (grad - m)
    v_next = v + (1 - beta2) * (np.square(grad) - v)
    root = np.sqrt(1 - beta2**t)
    step_size = lr * root / (1 - beta1**t)
    return theta - step_size * m_next / (np.sqrt(v_next) + root * eps), m_next, v_next


@variant("adam_update")
def in_place_on_copies(theta, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    theta, m, v = (np.array(array, dtype=np.float64, copy=True) for array in (theta, m, v))
    m *= beta1
    m += (1 - beta1) * grad
    v *= beta2
    v += (1 - beta2) * grad**2
    denominator = np.sqrt(v / (1 - beta2**t))
    denominator += eps
    theta -= lr * (m / (1 - beta1**t)) / denominator
    return theta, m, v


@variant("adam_update")
def out_arguments(theta, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    theta, grad = np.asarray(theta), np.asarray(grad)
    new_m, new_v, work = np.empty(theta.shape), np.empty(theta.shape), np.empty(theta.shape)
    np.multiply(m, beta1, out=new_m)
    np.add(new_m, np.multiply(grad, 1 - beta1, out=work), out=new_m)
    np.multiply(v, beta2, out=new_v)
    np.add(new_v, np.multiply(np.square(grad, out=work), 1 - beta2, out=work), out=new_v)
    np.sqrt(np.divide(new_v, 1 - np.power(beta2, t), out=work), out=work)
    np.add(work, eps, out=work)
    np.divide(new_m, work, out=work)
    return np.subtract(theta, np.multiply(work, lr / (1 - np.power(beta1, t)), out=work)), new_m, new_v


@variant("adam_update")
def through_torch(theta, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    theta, grad, m, v = (torch.tensor(array, dtype=torch.float64) for array in (theta, grad, m, v))
    m = torch.lerp(m, grad, 1 - beta1)
    v = beta2 * v + (1 - beta2) * grad.square()
    theta = theta - lr * (m / (1 - beta1**t)) / ((v / (1 - beta2**t)).sqrt() + eps)
    return theta.numpy(), m.numpy(), v.numpy()


def running_average(beta):
    def advance(average, value):
        return beta * average + (1 - beta) * value

    return advance


@variant("adam_update")
def closures(theta, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = running_average(beta1)(m, grad)
    v = running_average(beta2)(v, grad * grad)
    direction = (m / (1 - beta1**t)) / (eps + (v / (1 - beta2**t)) ** 0.5)
    return theta - lr * direction, m, v


# Adam


@variant("Adam")
class StateInADict:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        if lr < 0.0:
            raise ValueError(f"lr is {lr}, below 0")
        if eps < 0.0:
            raise ValueError(f"eps is {eps}, below 0")
        if weight_decay < 0.0:
            raise ValueError(f"weight_decay is {weight_decay}, below 0")
        for beta in betas:
            if beta < 0.0 or beta >= 1.0:
                raise ValueError(f"a beta is {beta}, outside [0, 1)")
        self.lr, self.betas, self.eps, self.weight_decay = lr, betas, eps, weight_decay
        self.params = [p for p in params]
        self.state = {}

    def step(self):
        beta1, beta2 = self.betas
        with torch.no_grad():
            for p in self.params:
                if p.grad is None:
                    continue
                state = self.state.setdefault(
                    id(p), {"t": 0, "m": torch.zeros_like(p), "v": torch.zeros_like(p)}
                )
                g = p.grad + self.weight_decay * p
                state["t"] += 1
                state["m"] = beta1 * state["m"] + (1 - beta1) * g
                state["v"] = beta2 * state["v"] + (1 - beta2) * g**2
                m_hat = state["m"] / (1 - beta1 ** state["t"])
                v_hat = state["v"] / (1 - beta2 ** state["t"])
                p -= self.lr * m_hat / (v_hat.sqrt() + self.eps)

    def zero_grad(self):
        for p in self.params:
            if p.grad is not None:
                p.grad.zero_()


@variant("Adam")
class StateInLists:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        if not (lr >= 0 and eps >= 0 and weight_decay >= 0):
            raise ValueError("lr, eps and weight_decay can't be negative")
        if not all(0 <= beta < 1 for beta in betas):
            raise ValueError("betas must be in [0, 1)")
        self.params = list(params)
        self.lr, self.eps, self.weight_decay = lr, eps, weight_decay
        self.beta1, self.beta2 = betas
        self.m = [torch.zeros_like(p) for p in self.params]
        self.v = [torch.zeros_like(p) for p in self.params]
        self.t = [0 for _ in self.params]

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            g = p.grad.add(p, alpha=self.weight_decay)
            self.t[i] += 1
            self.m[i].mul_(self.beta1).add_(g, alpha=1 - self.beta1)
            self.v[i].mul_(self.beta2).addcmul_(g, g, value=1 - self.beta2)
            root = math.sqrt(1 - self.beta2 ** self.t[i])
            denominator = self.v[i].sqrt().div_(root).add_(self.eps)
            p.addcdiv_(self.m[i], denominator, value=-self.lr / (1 - self.beta1 ** self.t[i]))

    def zero_grad(self):
        for p in self.params:
            p.grad = None


@variant("Adam")
class ThroughTheUpdateRule:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        if lr < 0 or eps < 0 or weight_decay < 0 or min(betas) < 0 or max(betas) >= 1:
            raise ValueError("a hyper-parameter is out of its range")
        self.lr, self.betas, self.eps, self.weight_decay = lr, betas, eps, weight_decay
        self.slots = [{"p": p, "t": 0, "m": np.zeros(p.shape), "v": np.zeros(p.shape)} for p in params]

    def step(self):
        for slot in self.slots:
            p = slot["p"]
            if p.grad is None:
                continue
            slot["t"] += 1
            theta = p.detach().numpy().copy()
            grad = p.grad.numpy() + self.weight_decay * theta
            theta, slot["m"], slot["v"] = adam_update(
                theta, grad, slot["m"], slot["v"], slot["t"], self.lr, *self.betas, self.eps
            )
            with torch.no_grad():
                p.copy_(torch.as_tensor(theta))

    def zero_grad(self):
        for slot in self.slots:
            slot["p"].grad = None


class Moments:
    """What one parameter remembers."""

    def __init__(self, p):
        self.t, self.m, self.v = 0, torch.zeros_like(p), torch.zeros_like(p)

    def advance(self, g, beta1, beta2):
        self.t += 1
        self.m = self.m.lerp(g, 1 - beta1)
        self.v = self.v.lerp(g * g, 1 - beta2)
        return self.m / (1 - beta1**self.t), self.v / (1 - beta2**self.t)


@variant("Adam")
class HelperClass:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        for name, value in (("lr", lr), ("eps", eps), ("weight_decay", weight_decay)):
            if value < 0:
                raise ValueError(f"{name} is negative")
        if any(not 0 <= beta < 1 for beta in betas):
            raise ValueError("betas must be in [0, 1)")
        params = tuple(params)
        self.memory = {p: Moments(p.detach()) for p in params}
        self.lr, self.betas, self.eps, self.weight_decay = lr, betas, eps, weight_decay

    def step(self):
        for p, moments in self.memory.items():
            if p.grad is not None:
                with torch.no_grad():
                    m_hat, v_hat = moments.advance(p.grad + self.weight_decay * p, *self.betas)
                    p.sub_(self.lr * m_hat / (torch.sqrt(v_hat) + self.eps))

    def zero_grad(self):
        for p in self.memory:
            p.grad = None if p.grad is None else torch.zeros_like(p)


@variant("Adam")
class StepsInAClosure:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        if lr < 0 or eps < 0 or weight_decay < 0:
            raise ValueError("lr, eps and weight_decay must be 0 or more")
        if not (0 <= betas[0] < 1) or not (0 <= betas[1] < 1):
            raise ValueError("betas must be in [0, 1)")
        self.lr = lr
        self.params = list(params)
        beta1, beta2 = betas

        def stepper(p):
            m, v, t = torch.zeros_like(p.data), torch.zeros_like(p.data), 0

            def step(lr):
                nonlocal m, v, t
                g = p.grad.detach() + weight_decay * p.detach()
                m, v, t = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g, t + 1
                p.data.sub_(lr / (1 - beta1**t) * m / ((v / (1 - beta2**t)) ** 0.5 + eps))

            return step

        self.steppers = [stepper(p) for p in self.params]

    def step(self):
        for p, step in zip(self.params, self.steppers, strict=True):
            if p.grad is not None:
                step(self.lr)

    def zero_grad(self):
        for p in self.params:
            p.grad = None


# AdamW


@variant("AdamW")
class OnTopOfAdam(Adam):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        if weight_decay < 0:
            raise ValueError("weight_decay must be 0 or more")
        self.decay = weight_decay
        self.decayed = list(params)
        super().__init__(self.decayed, lr=lr, betas=betas, eps=eps, weight_decay=0.0)

    def step(self):
        with torch.no_grad():
            for p in self.decayed:
                if p.grad is not None:
                    p.mul_(1 - self.lr * self.decay)
        super().step()


@variant("AdamW")
class DecayInsideTheStep:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        if lr < 0 or eps < 0 or weight_decay < 0 or any(beta < 0 or beta >= 1 for beta in betas):
            raise ValueError("a hyper-parameter is out of its range")
        self.lr, self.betas, self.eps, self.weight_decay = lr, betas, eps, weight_decay
        self.entries = [[p, torch.zeros_like(p), torch.zeros_like(p), 0] for p in params]

    @torch.no_grad()
    def step(self):
        beta1, beta2 = self.betas
        for entry in self.entries:
            p, m, v, t = entry
            if p.grad is None:
                continue
            t += 1
            m = beta1 * m + (1 - beta1) * p.grad
            v = beta2 * v + (1 - beta2) * p.grad**2
            entry[1:] = m, v, t
            m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
            # Both terms use the parameter before the step, so they can be taken off together.
            p -= self.lr * (m_hat / (v_hat.sqrt() + self.eps) + self.weight_decay * p)

    def zero_grad(self):
        for entry in self.entries:
            entry[0].grad = None


@variant("AdamW")
class NumPyState:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        if min(lr, eps, weight_decay) < 0 or not all(0.0 <= beta < 1.0 for beta in betas):
            raise ValueError("a hyper-parameter is out of its range")
        self.lr, (self.beta1, self.beta2), self.eps, self.weight_decay = lr, betas, eps, weight_decay
        self.params = [p for p in params]
        self.m = [np.zeros(tuple(p.shape)) for p in self.params]
        self.v = [np.zeros(tuple(p.shape)) for p in self.params]
        self.t = np.zeros(len(self.params), dtype=int)

    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            theta = p.detach().numpy()  # shares the parameter's memory
            g = p.grad.numpy()
            self.t[i] += 1
            self.m[i] = self.beta1 * self.m[i] + (1 - self.beta1) * g
            self.v[i] = self.beta2 * self.v[i] + (1 - self.beta2) * np.square(g)
            theta *= 1 - self.lr * self.weight_decay
            m_hat = self.m[i] / (1 - self.beta1 ** self.t[i])
            theta -= self.lr * m_hat / (np.sqrt(self.v[i] / (1 - self.beta2 ** self.t[i])) + self.eps)

    def zero_grad(self):
        for p in self.params:
            if p.grad is not None:
                p.grad.zero_()


@variant("AdamW")
class StateByTensor:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        if not lr >= 0:
            raise ValueError("lr must be 0 or more")
        if not eps >= 0:
            raise ValueError("eps must be 0 or more")
        if not weight_decay >= 0:
            raise ValueError("weight_decay must be 0 or more")
        if not 0 <= betas[0] < 1 or not 0 <= betas[1] < 1:
            raise ValueError("betas must be in [0, 1)")
        self.params = list(params)
        self.lr, self.betas, self.eps, self.weight_decay = lr, betas, eps, weight_decay
        self.m, self.v, self.t = {}, {}, {}

    def step(self):
        for p in filter(lambda p: p.grad is not None, self.params):
            with torch.no_grad():
                self.update(p, p.grad)

    def update(self, p, g):
        (beta1, beta2), zeros = self.betas, torch.zeros_like(p)
        t = self.t[p] = self.t.get(p, 0) + 1
        m = self.m[p] = torch.lerp(self.m.get(p, zeros), g, 1 - beta1)
        v = self.v[p] = torch.lerp(self.v.get(p, zeros), g.square(), 1 - beta2)
        p.mul_(1 - self.lr * self.weight_decay)
        p.addcdiv_(m / (1 - beta1**t), (v / (1 - beta2**t)).sqrt() + self.eps, value=-self.lr)

    def zero_grad(self):
        for p in self.params:
            p.grad = None


@variant("AdamW")
class DecayOnACopy:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        if lr < 0 or eps < 0 or weight_decay < 0 or min(betas) < 0 or max(betas) >= 1:
            raise ValueError("a hyper-parameter is out of its range")
        self.groups = [{"p": p, "t": 0, "m": 0.0, "v": 0.0} for p in params]
        self.lr, self.betas, self.eps, self.weight_decay = lr, betas, eps, weight_decay

    def step(self):
        beta1, beta2 = self.betas
        for group in self.groups:
            p = group["p"]
            if p.grad is None:
                continue
            g = p.grad.detach().clone()
            group["t"] += 1
            group["m"] = beta1 * group["m"] + (1 - beta1) * g
            group["v"] = beta2 * group["v"] + (1 - beta2) * g * g
            m_hat = group["m"] / (1 - beta1 ** group["t"])
            v_hat = group["v"] / (1 - beta2 ** group["t"])
            decayed = p.detach().clone() - self.lr * self.weight_decay * p.detach()
            with torch.no_grad():
                p.copy_(decayed - self.lr * m_hat / (v_hat**0.5 + self.eps))

    def zero_grad(self):
        for group in self.groups:
            if group["p"].grad is not None:
                group["p"].grad = None


@variant("AdamW")
class OneLoopEach:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        if lr < 0 or eps < 0 or weight_decay < 0 or any(not 0 <= beta < 1 for beta in betas):
            raise ValueError("a hyper-parameter is out of its range")
        self.lr, self.betas, self.eps, self.weight_decay = lr, betas, eps, weight_decay
        self.params = [*params]
        self.moments = [(torch.zeros_like(p), torch.zeros_like(p)) for p in self.params]
        self.steps = [0] * len(self.params)

    @torch.no_grad()
    def step(self):
        used = [i for i, p in enumerate(self.params) if p.grad is not None]
        for i in used:
            self.steps[i] += 1
            self.params[i].sub_(self.params[i], alpha=self.lr * self.weight_decay)
        for i in used:
            for moment, beta, power in zip(self.moments[i], self.betas, (1, 2), strict=True):
                moment.mul_(beta).add_((1 - beta) * self.params[i].grad ** power)
        for i in used:
            m_hat, v_hat = (
                moment / (1 - beta ** self.steps[i])
                for moment, beta in zip(self.moments[i], self.betas, strict=True)
            )
            self.params[i].sub_(self.lr * m_hat / (v_hat.sqrt() + self.eps))

    def zero_grad(self):
        for p in self.params:
            p.grad = None


# amsgrad_update


@variant("amsgrad_update")
def amsgrad_loops(theta, grad, m, v, v_max, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    theta, m, v, v_max = (np.array(array) for array in (theta, m, v, v_max))
    for index in np.ndindex(theta.shape):
        m[index] = beta1 * m[index] + (1 - beta1) * grad[index]
        v[index] = beta2 * v[index] + (1 - beta2) * grad[index] ** 2
        if v[index] > v_max[index]:
            v_max[index] = v[index]
        root = math.sqrt(v_max[index] / (1 - beta2**t))
        theta[index] -= lr * m[index] / (1 - beta1**t) / (root + eps)
    return theta, m, v, v_max


@variant("amsgrad_update")
def amsgrad_where(theta, grad, m, v, v_max, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = m + (1 - beta1) * (grad - m)
    v = v + (1 - beta2) * (np.square(grad) - v)
    largest = np.where(v > v_max, v, v_max)
    root = np.sqrt(1 - beta2**t)
    step = lr * root / (1 - beta1**t)
    return theta - step * m / (np.sqrt(largest) + root * eps), m, v, largest


@variant("amsgrad_update")
def amsgrad_through_torch(theta, grad, m, v, v_max, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    theta, grad, m, v, v_max = (torch.tensor(array) for array in (theta, grad, m, v, v_max))
    m = torch.lerp(m, grad, 1 - beta1)
    v = beta2 * v + (1 - beta2) * grad.square()
    v_max = torch.maximum(v_max, v)
    theta = theta - lr * (m / (1 - beta1**t)) / ((v_max / (1 - beta2**t)).sqrt() + eps)
    return theta.numpy(), m.numpy(), v.numpy(), v_max.numpy()


@variant("amsgrad_update", after="adam_update")
def amsgrad_on_adams_averages(theta, grad, m, v, v_max, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    # The averages from Adam's own update; its step is thrown away.
    _, m, v = adam_update(theta, grad, m, v, t, lr, beta1, beta2, eps)
    v_max = np.max([v_max, v], axis=0)
    denominator = np.sqrt(v_max / (1 - beta2**t)) + eps
    return theta - lr * m / (1 - beta1**t) / denominator, m, v, v_max


@variant("amsgrad_update")
def amsgrad_in_place_on_copies(theta, grad, m, v, v_max, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    theta, m, v, v_max = (np.array(array, copy=True) for array in (theta, m, v, v_max))
    m *= beta1
    m += (1 - beta1) * grad
    v *= beta2
    v += (1 - beta2) * grad**2
    np.maximum(v_max, v, out=v_max)
    theta -= lr * m / (1 - beta1**t) / (np.sqrt(v_max / (1 - beta2**t)) + eps)
    return theta, m, v, v_max
