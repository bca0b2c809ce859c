"""Right answers of lesson 13 in other styles. Each is the text of a solution cell; see autograder.catalogue."""

import numpy as np
import torch

from autograder.catalogue import variant

# fuse


@variant("fuse")
def added_up(states, weights=None):
    result = {}
    for name in states[0]:
        own = weights.get(name) if isinstance(weights, dict) else weights
        own = [1] * len(states) if own is None else own
        total = sum(own)
        layer = 0.0
        for share, state in zip(own, states, strict=True):
            layer = layer + state[name] * (share / total)
        result[name] = layer
    return result


@variant("fuse")
def by_numpys_average(states, weights=None):
    def of(name):
        return weights[name] if isinstance(weights, dict) else weights

    return {
        name: np.average([state[name] for state in states], axis=0, weights=of(name)) for name in states[0]
    }


@variant("fuse")
def through_torch(states, weights=None):
    fused = {}
    for name, first in states[0].items():
        own = weights[name] if type(weights) is dict else weights
        w = torch.ones(len(states)) if own is None else torch.as_tensor(own)
        w = w.double() / w.double().sum()
        layers = torch.stack([torch.tensor(state[name]).reshape(-1) for state in states])
        fused[name] = (w @ layers).reshape(first.shape).numpy()
    return fused


@variant("fuse")
def running_average(states, weights=None):
    fused = {}
    for name in sorted(states[-1]):
        own = weights[name] if isinstance(weights, dict) else weights
        average, seen = np.zeros_like(states[0][name]), 0.0
        for index, state in enumerate(states):
            share = 1.0 if own is None else float(own[index])
            if share > 0:
                seen += share
                average = average + (state[name] - average) * share / seen
        fused[name] = average
    return fused


# similarity_weights


@variant("similarity_weights")
def with_the_students_fuse(states, temperature=1.0):
    mean = fuse(states)
    weights = {}
    for name, middle in mean.items():
        scores = np.zeros(len(states))
        for k, state in enumerate(states):
            length = np.sqrt((state[name] ** 2).sum()) * np.sqrt((middle**2).sum())
            if length > 0:
                scores[k] = (state[name] * middle).sum() / length / temperature
        shares = np.exp(scores - max(scores))
        weights[name] = shares / shares.sum()
    return weights


@variant("similarity_weights")
def unit_vectors(states, temperature=1.0):
    def unit(vector):
        length = np.linalg.norm(vector)
        return vector / length if length else vector

    weights = {}
    for name in states[0]:
        flat = [np.ravel(state[name]) for state in states]
        middle = unit(sum(flat) / len(flat))
        z = np.array([unit(row) @ middle for row in flat]) / temperature
        weights[name] = np.exp(z - np.log(np.exp(z - z.max()).sum()) - z.max())
    return weights


@variant("similarity_weights")
def in_torch(states, temperature=1.0):
    weights = {}
    for name in states[0]:
        rows = torch.stack([torch.tensor(state[name]).flatten() for state in states])
        mean = rows.mean(dim=0)
        lengths = rows.norm(dim=1) * mean.norm()
        cosines = torch.where(lengths > 0, (rows * mean).sum(dim=1) / lengths, 0.0)
        weights[name] = torch.softmax(cosines / temperature, dim=0).numpy()
    return weights


@variant("similarity_weights")
def nan_to_zero(states, temperature=1.0):
    K = len(states)
    result = dict.fromkeys(states[0])
    for name in result:
        matrix = np.array([state[name] for state in states]).reshape(K, -1)
        mean = matrix.sum(0) / K
        with np.errstate(invalid="ignore", divide="ignore"):
            c = np.nan_to_num((matrix @ mean) / np.sqrt((matrix**2).sum(1) * (mean @ mean)))
        differences = (c[None, :] - c[:, None]) / temperature
        with np.errstate(over="ignore"):
            result[name] = 1.0 / np.exp(differences).sum(axis=1)
    return result


# distillation_loss


@variant("distillation_loss")
def row_by_row(student_logits, teacher_logits, labels, temperature=2.0, alpha=0.5):
    def log_soft(z):
        return z - z.max() - np.log(np.exp(z - z.max()).sum())

    n = len(labels)
    loss, grad = 0.0, np.zeros(student_logits.shape)
    for i in range(n):
        log_p = log_soft(teacher_logits[i] / temperature)
        log_q = log_soft(student_logits[i] / temperature)
        log_one = log_soft(student_logits[i])
        divergence = sum(np.exp(log_p) * (log_p - log_q))
        loss += alpha * temperature**2 * divergence - (1 - alpha) * log_one[labels[i]]
        grad[i] = alpha * temperature * (np.exp(log_q) - np.exp(log_p)) + (1 - alpha) * np.exp(log_one)
        grad[i, labels[i]] -= 1 - alpha
    return loss / n, grad / n


@variant("distillation_loss")
def by_autograd(student_logits, teacher_logits, labels, temperature=2.0, alpha=0.5):
    z = torch.tensor(student_logits, requires_grad=True)
    log_p = torch.log_softmax(torch.tensor(teacher_logits) / temperature, dim=1)
    log_q = torch.log_softmax(z / temperature, dim=1)
    soft = (log_p.exp() * (log_p - log_q)).sum(dim=1).mean()
    chosen = torch.log_softmax(z, dim=1).gather(1, torch.tensor(labels)[:, None])
    loss = alpha * temperature**2 * soft - (1 - alpha) * chosen.mean()
    loss.backward()
    return loss.item(), z.grad.numpy()


@variant("distillation_loss")
def entropies(student_logits, teacher_logits, labels, temperature=2.0, alpha=0.5):
    def log_q(z):
        return z - np.logaddexp.reduce(z, axis=1, keepdims=True)

    teacher, student = log_q(teacher_logits / temperature), log_q(student_logits / temperature)
    p = np.exp(teacher)
    soft = np.einsum("ij,ij->i", p, teacher) - np.einsum("ij,ij->i", p, student)
    hard = log_q(student_logits)
    picked = np.take_along_axis(hard, labels[:, None], axis=1)[:, 0]
    each = alpha * temperature**2 * soft - (1 - alpha) * picked
    target = np.zeros_like(hard)
    np.put_along_axis(target, labels[:, None], 1.0, axis=1)
    grad = alpha * temperature * (np.exp(student) - p) + (1 - alpha) * (np.exp(hard) - target)
    return np.mean(each), grad / len(labels)


@variant("distillation_loss")
def in_two_parts(student_logits, teacher_logits, labels, temperature=2.0, alpha=0.5):
    def soften(z):
        powers = np.exp(z - z.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)

    def logs(z):
        z = z - z.max(axis=1, keepdims=True)
        return z - np.log(np.exp(z).sum(axis=1, keepdims=True))

    rows, T = range(len(labels)), temperature
    p = soften(teacher_logits / T)
    soft = np.mean((p * (logs(teacher_logits / T) - logs(student_logits / T))).sum(axis=1))
    soft_grad = (soften(student_logits / T) - p) / T / len(labels)
    hard = -np.mean(logs(student_logits)[rows, labels])
    hard_grad = soften(student_logits)
    hard_grad[rows, labels] -= 1
    share = alpha * T**2
    return share * soft + (1 - alpha) * hard, share * soft_grad + (1 - alpha) * hard_grad / len(labels)


# EWC


@variant("EWC")
class OneSampleAtATime:
    def __init__(self, params, strength):
        if not strength >= 0:
            raise ValueError("a strength is at least 0")
        self.strength, self.params = strength, [*params]
        self.fisher = [torch.zeros(p.shape, dtype=p.dtype) for p in self.params]
        self._keep()

    def _keep(self):
        self.anchor = [p.data.clone() for p in self.params]

    def consolidate(self, losses):
        every = list(losses)
        for loss in every:
            found = torch.autograd.grad(loss, self.params, retain_graph=True, allow_unused=True)
            for fisher, grad in zip(self.fisher, found, strict=True):
                if grad is not None:
                    fisher += grad * grad / len(every)
        self._keep()

    def penalty(self):
        pieces = [
            (f * (p - a).square()).sum()
            for f, p, a in zip(self.fisher, self.params, self.anchor, strict=True)
        ]
        return 0.5 * self.strength * torch.stack(pieces).sum()


@variant("EWC")
class StackedGradients:
    def __init__(self, params, strength):
        if strength < 0:
            raise ValueError("strength")
        self.params = tuple(params)
        self.strength = strength
        self.fisher = [torch.zeros_like(p, requires_grad=False) for p in self.params]
        self.anchor = [p.detach().clone() for p in self.params]

    def consolidate(self, losses):
        rows = []
        for loss in losses:
            grads = torch.autograd.grad(
                loss, self.params, retain_graph=True, allow_unused=True, materialize_grads=True
            )
            rows.append(grads)
        means = [torch.stack(column).pow(2).mean(dim=0) for column in zip(*rows, strict=True)]
        self.fisher = [old + new for old, new in zip(self.fisher, means, strict=True)]
        self.anchor = [p.detach().clone() for p in self.params]

    def penalty(self):
        total = 0
        for i, p in enumerate(self.params):
            total = total + torch.sum(self.fisher[i] * (p - self.anchor[i]) ** 2)
        return total * self.strength / 2


@variant("EWC")
class GradsPutBack:
    def __init__(self, params, strength):
        if strength < 0:
            raise ValueError("strength should not be negative")
        self.weights = list(params)
        self.strength = strength
        self.fisher, self.anchor = [], []
        for p in self.weights:
            self.fisher.append(p.detach() * 0)
            self.anchor.append(p.detach() * 1)

    def consolidate(self, losses):
        before = [p.grad for p in self.weights]
        count = 0
        sums = [torch.zeros_like(p) for p in self.weights]
        for loss in losses:
            for p in self.weights:
                p.grad = None
            loss.backward(retain_graph=True)
            for i, p in enumerate(self.weights):
                if p.grad is not None:
                    sums[i] += p.grad**2
            count += 1
        for i, p in enumerate(self.weights):
            p.grad = before[i]
            self.fisher[i] = self.fisher[i] + sums[i] / count
            self.anchor[i] = p.detach().clone()

    def penalty(self):
        away = [p - a for p, a in zip(self.weights, self.anchor, strict=True)]
        return self.strength * sum((f * d * d).sum() / 2 for f, d in zip(self.fisher, away, strict=True))


@variant("EWC")
class RunningMean:
    def __init__(self, params, strength):
        if strength < 0:
            raise ValueError("strength should be at least 0")
        self.strength = strength
        self.params = [p for p in params]
        self.fisher = [torch.zeros_like(p) for p in self.params]
        self.anchor = [torch.clone(p.detach()) for p in self.params]

    def consolidate(self, losses):
        mean = [torch.zeros_like(p) for p in self.params]
        for n, loss in enumerate(losses, start=1):
            grads = torch.autograd.grad(loss, self.params, retain_graph=True, allow_unused=True)
            for i, grad in enumerate(grads):
                square = 0.0 if grad is None else grad**2
                mean[i] = mean[i] + (square - mean[i]) / n
        with torch.no_grad():
            for i, p in enumerate(self.params):
                self.fisher[i] += mean[i]
                self.anchor[i].copy_(p)

    def penalty(self):
        return sum(
            self.strength / 2 * torch.tensordot(f.flatten(), ((p - a) ** 2).flatten(), dims=1)
            for f, p, a in zip(self.fisher, self.params, self.anchor, strict=True)
        )


# ties_merge


@variant("ties_merge")
def loops(base, models, k, scale=1.0):
    K, P = models.shape
    changes = [[models[i, j] - base[j] for j in range(P)] for i in range(K)]
    for row in changes:
        for j in sorted(range(P), key=lambda j: abs(row[j]))[: P - k]:
            row[j] = 0.0
    result = np.array(base)
    for j in range(P):
        column = [row[j] for row in changes]
        total = sum(column)
        same = [change for change in column if change * total > 0]
        if same:
            result[j] += scale * sum(same) / len(same)
    return result


@variant("ties_merge")
def by_argpartition(base, models, k, scale=1.0):
    tau = models - base
    dropped = np.argpartition(np.abs(tau), -k, axis=1)[:, : tau.shape[1] - k]
    np.put_along_axis(tau, dropped, 0.0, axis=1)
    agree = tau * tau.sum(axis=0) > 0
    with np.errstate(invalid="ignore"):
        mean = np.nan_to_num((tau * agree).sum(axis=0) / agree.sum(axis=0))
    return base + scale * mean


@variant("ties_merge")
def with_topk(base, models, k, scale=1.0):
    start = torch.tensor(base)
    tau = torch.tensor(models) - start
    top = tau.abs().topk(k, dim=1).indices
    kept = torch.zeros_like(tau).scatter(1, top, tau.gather(1, top))
    sign = kept.sum(dim=0).sign()
    aligned = (kept * sign).clamp(min=0)
    count = (aligned > 0).sum(dim=0).clamp(min=1)
    return (start + scale * sign * aligned.sum(dim=0) / count).numpy()


@variant("ties_merge")
def weightier_side(base, models, k, scale=1.0):
    changes = models - base
    ranks = np.argsort(np.argsort(-np.abs(changes), axis=1), axis=1)
    kept = changes * (ranks < k)
    up, down = np.maximum(kept, 0), np.minimum(kept, 0)
    for_up, for_down = up.sum(axis=0), -down.sum(axis=0)
    mean_up = for_up / np.maximum((up > 0).sum(axis=0), 1)
    mean_down = for_down / np.maximum((down < 0).sum(axis=0), 1)
    merged = np.select([for_up > for_down, for_up < for_down], [mean_up, -mean_down], 0.0)
    return base + scale * merged
