"""Right answers of lesson 11 in other styles. Each is the text of a solution cell; see autograder.catalogue."""

import math

import numpy as np
import torch

from autograder.catalogue import variant

# fans


@variant("fans")
def by_math_prod(shape):
    if len(shape) <= 1:
        raise ValueError
    return math.prod(shape[1:]), shape[0] * math.prod(shape[2:])


@variant("fans")
def one_side_after_the_other(shape):
    try:
        fan_out, fan_in = shape[0], shape[1]
    except IndexError as error:
        raise ValueError("two sizes at least") from error
    for side in shape[2:]:
        fan_in, fan_out = fan_in * side, fan_out * side
    return fan_in, fan_out


@variant("fans")
def from_an_array(shape):
    if np.ndim(np.empty(shape)) < 2:
        raise ValueError("a matrix, or more")
    weight = np.empty(shape)
    return weight[0].size, weight[:, 0].size


@variant("fans")
def from_a_tensor(shape):
    weight = torch.empty(shape)
    if weight.dim() < 2:
        raise ValueError("no fans")
    return weight[0].numel(), weight.numel() // weight.shape[1]


# xavier_uniform


@variant("xavier_uniform", after="fans")
def stretched(shape, rng, gain=1.0):
    bound = gain * math.sqrt(6.0 / sum(fans(shape)))
    return (2.0 * rng.random(shape) - 1.0) * bound


@variant("xavier_uniform", after="fans")
def by_the_variance(shape, rng, gain=1.0):
    variance = 2.0 / np.sum(fans(shape))
    limit = gain * np.sqrt(3.0 * variance)
    return rng.uniform(low=-limit, high=limit, size=shape)


@variant("xavier_uniform")
def on_its_own(shape, rng, gain=1.0):
    if len(shape) < 2:
        raise ValueError("two sizes or more")
    total = (shape[0] + shape[1]) * np.prod(shape[2:])
    return gain * rng.uniform(-1, 1, shape) * (6 / total) ** 0.5


@variant("xavier_uniform", after="fans")
def number_by_number(shape, rng, gain=1.0):
    fan_in, fan_out = fans(shape)
    a = gain * (6 / (fan_in + fan_out)) ** 0.5
    return np.array([rng.uniform(-a, a) for _ in range(math.prod(shape))]).reshape(shape)


# he_normal


@variant("he_normal", after="fans")
def standard_normal(shape, rng, mode="fan_in", slope=0.0):
    counted = dict(zip(("fan_in", "fan_out"), fans(shape), strict=True))
    if mode not in counted:
        raise ValueError(mode)
    return rng.standard_normal(shape) * math.sqrt(2 / (1 + slope * slope)) / math.sqrt(counted[mode])


@variant("he_normal", after="fans")
def by_index(shape, rng, mode="fan_in", slope=0.0):
    fan = fans(shape)[["fan_in", "fan_out"].index(mode)]
    return rng.normal(scale=(fan * (1 + slope**2) / 2) ** -0.5, size=shape)


@variant("he_normal")
def kernels_by_hand(shape, rng, mode="fan_in", slope=0.0):
    if len(shape) < 2 or mode not in {"fan_in", "fan_out"}:
        raise ValueError("no such fan")
    fan = math.prod(shape[1:]) if mode == "fan_in" else math.prod(shape) // shape[1]
    gain = np.sqrt(2.0) / np.hypot(1.0, slope)
    return gain / np.sqrt(fan) * rng.normal(size=shape)


@variant("he_normal", after="fans")
def by_match(shape, rng, mode="fan_in", slope=0.0):
    fan_in, fan_out = fans(shape)
    match mode:
        case "fan_in":
            variance = 2 / fan_in
        case "fan_out":
            variance = 2 / fan_out
        case _:
            raise ValueError(f"no mode {mode}")
    drawn = rng.normal(0, 1, math.prod(shape)).reshape(shape)
    return drawn * np.sqrt(variance / (1 + slope**2))


# MLP


@variant("MLP")
class KeepsItsMasks:
    def __init__(self, sizes, init, rng):
        shapes = [(sizes[i + 1], sizes[i]) for i in range(len(sizes) - 1)]
        self.weights = [init(shape, rng) for shape in shapes]
        self.biases = [np.zeros(shape[0]) for shape in shapes]

    def forward(self, x):
        self.seen, self.masks = [x], []
        last = len(self.weights) - 1
        for i in range(last):
            y = self.seen[-1] @ self.weights[i].T + self.biases[i]
            self.masks.append(y > 0)
            self.seen.append(np.where(self.masks[-1], y, 0.0))
        return self.seen[-1] @ self.weights[last].T + self.biases[last]

    def backward(self, dy):
        grads = [None] * len(self.weights)
        for i in range(len(self.weights) - 1, -1, -1):
            grads[i] = (dy.T @ self.seen[i], np.sum(dy, axis=0))
            if i:
                dy = np.where(self.masks[i - 1], dy @ self.weights[i], 0.0)
        return grads


@variant("MLP")
class WithEinsum:
    def __init__(self, sizes, init, rng):
        pairs = [(sizes[i], sizes[i + 1]) for i in range(len(sizes) - 1)]
        self.weights = [np.asarray(init((m, n), rng), dtype=float) for n, m in pairs]
        self.biases = [np.zeros((m,)) for _, m in pairs]

    def forward(self, x):
        self.cache = []
        for layer, (W, b) in enumerate(zip(self.weights, self.biases, strict=True)):
            h = x if layer == 0 else (abs(x) + x) / 2
            self.cache.append((h, W))
            x = np.einsum("ni,oi->no", h, W) + b
        return x

    def backward(self, dy):
        grads = []
        for h, W in self.cache[::-1]:
            grads.insert(0, [np.einsum("no,ni->oi", dy, h), np.einsum("no->o", dy)])
            dy = np.einsum("no,oi->ni", dy, W) * np.sign(h).clip(0)
        return grads


@variant("MLP")
class ThroughTorch:
    def __init__(self, sizes, init, rng):
        self.weights, self.biases = [], []
        for i in range(1, len(sizes)):
            self.weights.append(init((sizes[i], sizes[i - 1]), rng))
            self.biases.append(np.zeros(sizes[i]))

    def forward(self, x):
        self.leaves = []
        y = torch.tensor(x)
        for W, b in zip(self.weights, self.biases, strict=True):
            if self.leaves:
                y = torch.relu(y)
            self.leaves += [torch.tensor(W, requires_grad=True), torch.tensor(b, requires_grad=True)]
            y = torch.nn.functional.linear(y, self.leaves[-2], self.leaves[-1])
        self.y = y
        return y.detach().numpy().copy()

    def backward(self, dy):
        grads = torch.autograd.grad(self.y, self.leaves, torch.tensor(dy), retain_graph=True)
        return [(W.numpy(), b.numpy()) for W, b in zip(grads[::2], grads[1::2], strict=True)]


@variant("MLP")
class Recursive:
    def __init__(self, sizes, init, rng):
        self.weights = []
        for outputs, inputs in zip(sizes[1:], sizes, strict=False):
            self.weights += [init((outputs, inputs), rng)]
        self.biases = [np.zeros(len(W)) for W in self.weights]

    def forward(self, x):
        self.x = x
        return self.outputs(len(self.weights) - 1)

    def outputs(self, layer):
        return self.inputs(layer).dot(self.weights[layer].T) + self.biases[layer]

    def inputs(self, layer):
        return self.x if layer == 0 else self.outputs(layer - 1).clip(min=0.0)

    def backward(self, dy):
        grads, delta = [], dy.copy()
        for layer in reversed(range(len(self.weights))):
            h = self.inputs(layer)
            grads.append((delta.T @ h, np.ones(len(delta)) @ delta))
            delta = delta @ self.weights[layer]
            delta[h <= 0] = 0.0
        grads.reverse()
        return grads


# lsuv


@variant("lsuv")
def by_ratios(x, weights):
    # A ReLU knows no size: what all layers before have been scaled by carries over as one factor.
    h, before, scaled = x, 1.0, []
    for W in weights:
        y = h @ W.T
        scaled.append(W * (before / y.std()))
        before, h = y.std(), np.maximum(0.0, y)
    return scaled


@variant("lsuv")
def pass_by_pass(x, weights):
    scaled = [W.copy() for W in weights]
    for layer in range(len(scaled)):
        h = x
        for W in scaled[:layer]:
            h = np.clip(h @ W.T, 0, None)
        scaled[layer] /= np.sqrt(np.var(h @ scaled[layer].T))
    return scaled


@variant("lsuv")
def by_the_mean_square(x, weights):
    h, scaled = x.T, []
    for W in weights:
        y = W @ h
        y = y / np.sqrt((y**2).mean() - y.mean() ** 2)
        scaled.append(W / np.sqrt(((W @ h) ** 2).mean() - (W @ h).mean() ** 2))
        h = y * (y > 0)
    return scaled


@variant("lsuv")
def with_tensors(x, weights):
    h, scaled = torch.tensor(x), []
    for weight in weights:
        W = torch.tensor(weight)
        y = h @ W.mT
        std = torch.std(y, correction=0)
        scaled.append((W / std).numpy())
        h = torch.relu(y / std)
    return tuple(scaled)
