"""Right answers of lesson 07 in other styles. Each is the text of a solution cell; see autograder.catalogue."""

import collections
import math

import numpy as np
import torch

from autograder.catalogue import variant

# clip_by_value


@variant("clip_by_value")
def numpy_clip(grads, clip_value):
    return [np.clip(grad, -clip_value, clip_value) for grad in grads]


@variant("clip_by_value")
def masks(grads, clip_value):
    clipped = []
    for grad in grads:
        new = np.array(grad, dtype=float)
        new[new > clip_value] = clip_value
        new[new < -clip_value] = -clip_value
        clipped.append(new)
    return clipped


@variant("clip_by_value")
def sign_and_size(grads, clip_value):
    return [np.sign(grad) * np.minimum(np.abs(grad), clip_value) for grad in grads]


@variant("clip_by_value")
def nested_where(grads, clip_value):
    return [
        np.where(grad > clip_value, clip_value, np.where(grad < -clip_value, -clip_value, grad))
        for grad in grads
    ]


@variant("clip_by_value")
def tensor_clamp(grads, clip_value):
    return [torch.tensor(grad).clamp(-clip_value, clip_value).numpy() for grad in grads]


@variant("clip_by_value")
def a_tuple(grads, clip_value):
    return tuple(np.maximum(np.minimum(g, clip_value), -clip_value) for g in grads)


# global_norm


@variant("global_norm")
def one_long_vector(grads, p=2.0):
    flat = np.concatenate([np.ravel(grad) for grad in grads])
    return float(np.linalg.norm(flat, ord=p))


@variant("global_norm")
def norm_of_norms(grads, p=2.0):
    norms = [np.linalg.norm(np.ravel(grad), ord=p) for grad in grads]
    return np.linalg.norm(norms, ord=p)


@variant("global_norm")
def running_sum(grads, p=2.0):
    if p == math.inf:
        largest = np.array([np.abs(grad).max() for grad in grads])
        return float(largest.max())
    total = 0.0
    for grad in grads:
        total += float(np.power(np.abs(grad), p).sum())
    return total ** (1.0 / p)


@variant("global_norm")
def taken_by_cases(grads, p=2.0):
    flat = np.hstack([g.reshape(-1) for g in grads])
    if np.isinf(p):
        return np.abs(flat).max()
    if p == 2:
        return np.sqrt(flat @ flat)
    return np.sum(np.abs(flat) ** p) ** (1 / p)


@variant("global_norm")
def through_torch(grads, p=2.0):
    flat = torch.cat([torch.tensor(grad, dtype=torch.float64).flatten() for grad in grads])
    return torch.linalg.vector_norm(flat, p).item()


# clip_by_global_norm


@variant("clip_by_global_norm")
def np_minimum(grads, max_norm, p=2.0):
    norm = global_norm(grads, p=p)
    factor = np.minimum(1.0, max_norm / (norm + 1e-6))
    return [np.multiply(grad, factor) for grad in grads], norm


@variant("clip_by_global_norm")
def by_cases(grads, max_norm, p=2.0):
    norm = global_norm(grads, p)
    clip_coef = max_norm / (norm + 1e-6)
    if clip_coef > 1:
        return [grad.copy() for grad in grads], norm
    return [grad * clip_coef for grad in grads], norm


@variant("clip_by_global_norm")
def written_out(grads, max_norm, p=2.0):
    flat = np.concatenate([np.ravel(grad) for grad in grads])
    norm = np.linalg.norm(flat, ord=p)
    scaled = np.clip(max_norm / (norm + 1e-6), None, 1.0) * flat
    ends = np.cumsum([grad.size for grad in grads])[:-1]
    pieces = np.split(scaled, ends)
    return [piece.reshape(grad.shape) for piece, grad in zip(pieces, grads, strict=True)], float(norm)


@variant("clip_by_global_norm")
def tensors_scaled_in_place(grads, max_norm, p=2.0):
    tensors = [torch.tensor(grad) for grad in grads]
    norm = torch.linalg.vector_norm(torch.cat([tensor.flatten() for tensor in tensors]), p)
    for tensor in tensors:
        tensor.mul_(torch.clamp(max_norm / (norm + 1e-6), max=1.0))
    return [tensor.numpy() for tensor in tensors], norm.item()


@variant("clip_by_global_norm")
def divides(grads, max_norm, p=2.0):
    norm = np.float64(global_norm(grads, p))
    too_large = np.maximum((norm + 1e-6) / max_norm, 1.0)
    return [np.array(grad) / too_large for grad in grads], norm


# clipped_training_step


@variant("clipped_training_step")
def numpy_functions(model, loss_fn, x, y, optimizer, max_norm):
    optimizer.zero_grad()
    loss = loss_fn(model(x), y)
    loss.backward()
    used = [theta for theta in model.parameters() if theta.grad is not None]
    grads, norm = clip_by_global_norm([theta.grad.numpy() for theta in used], max_norm)
    for theta, grad in zip(used, grads, strict=True):
        theta.grad.copy_(torch.as_tensor(grad))
    optimizer.step()
    return loss.item(), float(norm)


@variant("clipped_training_step")
def new_gradients(model, loss_fn, x, y, optimizer, max_norm):
    model.zero_grad()
    loss = loss_fn(model(x), y)
    loss.backward()
    total = 0.0
    for theta in model.parameters():
        if theta.grad is not None:
            total += theta.grad.pow(2).sum().item()
    norm = total**0.5
    for theta in model.parameters():
        if theta.grad is not None:
            theta.grad = theta.grad * min(1.0, max_norm / (norm + 1e-6))
    optimizer.step()
    return loss.item(), norm


@variant("clipped_training_step")
def one_vector(model, loss_fn, x, y, optimizer, max_norm):
    for theta in model.parameters():
        theta.grad = None
    prediction = model(x)
    loss = loss_fn(prediction, y)
    loss.backward()
    grads = [theta.grad for theta in model.parameters() if theta.grad is not None]
    norm = torch.cat([grad.flatten() for grad in grads]).norm()
    if norm + 1e-6 > max_norm:
        for grad in grads:
            grad.mul_(max_norm / (norm + 1e-6))
    optimizer.step()
    return float(loss), float(norm)


@variant("clipped_training_step")
def without_backward(model, loss_fn, x, y, optimizer, max_norm):
    optimizer.zero_grad()
    loss = loss_fn(model(x), y)
    params = [theta for theta in model.parameters() if theta.requires_grad]
    grads = torch.autograd.grad(loss, params, allow_unused=True)
    norm = torch.sqrt(sum(grad.square().sum() for grad in grads if grad is not None))
    scale = torch.clamp(max_norm / (norm + 1e-6), max=1.0)
    for theta, grad in zip(params, grads, strict=True):
        theta.grad = None if grad is None else scale * grad
    optimizer.step()
    return loss.detach().item(), np.float64(norm)


@variant("clipped_training_step")
def zeroes_kept(model, loss_fn, x, y, optimizer, max_norm):
    optimizer.zero_grad(set_to_none=False)
    loss = loss_fn(model(x), y)
    loss.backward()
    with torch.no_grad():
        grads = [theta.grad for theta in model.parameters() if theta.grad is not None]
        norm = global_norm([grad.numpy() for grad in grads])
        for grad in grads:
            grad *= min(max_norm / (norm + 1e-6), 1.0)
    optimizer.step()
    return loss.item(), norm


# SpikeGuard


@variant("SpikeGuard")
class WithADeque:
    def __init__(self, window=100, quantile=0.9, skip_above=5.0):
        self.seen = collections.deque(maxlen=window)
        self.quantile = quantile
        self.skip_above = skip_above

    def clip(self, grads):
        norm = global_norm(grads)
        if not math.isfinite(norm):
            return None
        if not self.seen:
            self.seen.append(norm)
            return [np.array(grad) for grad in grads]
        limit = float(np.quantile(list(self.seen), self.quantile))
        if norm > self.skip_above * limit:
            return None
        self.seen.append(norm)
        return clip_by_global_norm(grads, limit)[0]


@variant("SpikeGuard")
class SlicedWhenRead:
    def __init__(self, window=100, quantile=0.9, skip_above=5.0):
        self.history = np.zeros(0)
        self.settings = window, quantile, skip_above

    def clip(self, grads):
        window, quantile, skip_above = self.settings
        flat = np.concatenate([np.ravel(grad) for grad in grads])
        norm = np.linalg.norm(flat)
        limit = np.inf
        if len(self.history) > 0:
            limit = np.percentile(self.history[-window:], 100 * quantile)
        if np.isfinite(norm) and norm <= skip_above * limit:
            self.history = np.append(self.history, norm)
            return [grad * min(1.0, limit / (norm + 1e-6)) for grad in grads]
        return None


@variant("SpikeGuard")
class ByHand:
    """The quantile from its definition, between the two neighbours of its place."""

    def __init__(self, window=100, quantile=0.9, skip_above=5.0):
        self.window = window
        self.quantile = quantile
        self.skip_above = skip_above
        self.norms = []

    def limit(self):
        if not self.norms:
            return math.inf
        ordered = sorted(self.norms)
        place = self.quantile * (len(ordered) - 1)
        below = math.floor(place)
        above = min(below + 1, len(ordered) - 1)
        return ordered[below] + (place - below) * (ordered[above] - ordered[below])

    def clip(self, grads):
        norm, limit = global_norm(grads), self.limit()
        broken = math.isnan(norm) or math.isinf(norm)
        if broken or norm > self.skip_above * limit:
            return
        clipped, before = clip_by_global_norm(grads, limit)
        self.norms.append(before)
        if len(self.norms) > self.window:
            self.norms.pop(0)
        return clipped


@variant("SpikeGuard")
class InTorch:
    def __init__(self, window=100, quantile=0.9, skip_above=5.0):
        self.window, self.quantile, self.skip_above = window, quantile, skip_above
        self.norms = torch.zeros(0, dtype=torch.float64)

    def clip(self, grads):
        tensors = [torch.as_tensor(grad) for grad in grads]
        norm = torch.sqrt(sum((tensor**2).sum() for tensor in tensors))
        limit = torch.quantile(self.norms, self.quantile) if len(self.norms) else torch.tensor(math.inf)
        if not torch.isfinite(norm) or norm > self.skip_above * limit:
            return None
        self.norms = torch.cat([self.norms, norm.reshape(1)])[-self.window :]
        return [(tensor * torch.clamp(limit / (norm + 1e-6), max=1.0)).numpy() for tensor in tensors]
