"""Right answers of lesson 16 in other styles. Each is the text of a solution cell; see autograder.catalogue."""

import copy
import io
import math

import numpy as np
import torch

from autograder.catalogue import variant

# label_smoothing_cross_entropy


@variant("label_smoothing_cross_entropy")
def two_losses_mixed(logits, labels, smoothing=0.1):
    rows = np.arange(len(labels))
    log_p = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    hard = -log_p[rows, labels].mean()
    even = -log_p.mean(axis=1).mean()
    grad = np.exp(log_p) - smoothing / logits.shape[1]
    grad[rows, labels] -= 1 - smoothing
    return float((1 - smoothing) * hard + smoothing * even), grad / len(labels)


@variant("label_smoothing_cross_entropy")
def through_autograd(logits, labels, smoothing=0.1):
    z = torch.tensor(logits, requires_grad=True)
    hot = torch.eye(z.shape[1], dtype=z.dtype)[torch.as_tensor(labels)]
    target = smoothing / z.shape[1] + (1 - smoothing) * hot
    loss = -(target * torch.log_softmax(z, dim=1)).sum(dim=1).mean()
    loss.backward()
    return loss.item(), z.grad.numpy()


@variant("label_smoothing_cross_entropy")
def row_by_row(logits, labels, smoothing=0.1):
    m, classes = logits.shape
    losses, grads = [], []
    for z, label in zip(logits, labels, strict=True):
        target = [smoothing / classes + (1 - smoothing) * (k == label) for k in range(classes)]
        top = max(z)
        log_sum = top + math.log(sum(math.exp(each - top) for each in z))
        losses.append(sum(q * (log_sum - each) for q, each in zip(target, z, strict=True)))
        grads.append([(math.exp(each - log_sum) - q) / m for q, each in zip(target, z, strict=True)])
    return sum(losses) / m, np.array(grads)


@variant("label_smoothing_cross_entropy")
def scattered_by_hand(logits, labels, smoothing=0.1):
    z = torch.from_numpy(np.array(logits))
    rows, classes = z.shape
    hot = torch.zeros_like(z).scatter_(1, torch.tensor(labels)[:, None], 1.0 - smoothing)
    target = hot + smoothing / classes
    log_p = z - z.logsumexp(1, keepdim=True)
    loss = -torch.einsum("ik,ik->", target, log_p) / rows
    return loss.item(), ((log_p.exp() - target) / rows).numpy()


# mixup


@variant("mixup")
def away_from_the_other(X, labels, classes, alpha, rng):
    lam, order = rng.beta(alpha, alpha), rng.permutation(X.shape[0])
    Y = (np.asarray(labels)[:, None] == np.arange(classes)).astype(float)
    return X[order] + lam * (X - X[order]), Y[order] + lam * (Y - Y[order])


@variant("mixup")
def targets_filled_in(X, labels, classes, alpha, rng):
    lam = rng.beta(alpha, alpha)
    others = rng.permutation(len(labels))
    targets = np.zeros((len(labels), classes))
    for row, other in enumerate(others):
        targets[row, labels[row]] += lam
        targets[row, labels[other]] += 1 - lam
    return np.add(lam * X, (1 - lam) * np.take(X, others, axis=0)), targets


@variant("mixup")
def a_matrix_that_mixes(X, labels, classes, alpha, rng):
    lam = rng.beta(alpha, alpha)
    m = len(X)
    mix = lam * np.eye(m) + (1 - lam) * np.eye(m)[rng.permutation(m)]
    return np.tensordot(mix, X, axes=1), mix @ np.eye(classes)[labels]


@variant("mixup")
def with_pytorch(X, labels, classes, alpha, rng):
    weight = rng.beta(alpha, alpha)
    order = torch.as_tensor(rng.permutation(len(X)))
    rows = torch.as_tensor(X)
    hot = torch.nn.functional.one_hot(torch.as_tensor(labels), classes).double()
    return tuple(torch.lerp(each[order], each, weight).numpy() for each in (rows, hot))


# param_groups


@variant("param_groups")
def two_comprehensions(model, weight_decay):
    trained = [p for p in model.parameters() if p.requires_grad]
    return [
        dict(params=[p for p in trained if p.dim() > 1], weight_decay=weight_decay),
        dict(params=[p for p in trained if p.dim() <= 1], weight_decay=0.0),
    ]


@variant("param_groups")
def by_id(model, weight_decay):
    groups = [{"params": [], "weight_decay": weight_decay}, {"params": [], "weight_decay": 0.0}]
    seen = set()
    for _, p in model.named_parameters(remove_duplicate=False):
        if id(p) in seen or not p.requires_grad:
            continue
        seen.add(id(p))
        groups[len(p.shape) < 2]["params"].append(p)
    return groups


@variant("param_groups")
def filters_of_a_dict(model, weight_decay):
    unique = {id(p): p for p in model.parameters()}.values()
    trained = list(filter(lambda p: p.requires_grad, unique))
    decay = list(filter(lambda p: p.ndim >= 2, trained))
    rest = list(filter(lambda p: p.ndim < 2, trained))
    return [
        {"params": decay, "weight_decay": weight_decay},
        {"params": rest, "weight_decay": 0.0},
    ]


@variant("param_groups")
def module_by_module(model, weight_decay):
    seen, held = set(), {True: [], False: []}
    for module in model.modules():
        for p in module.parameters(recurse=False):
            if p.requires_grad and p not in seen:
                seen.add(p)
                held[len(p.size()) > 1] += [p]
    return [{"params": held[many], "weight_decay": weight_decay * many} for many in (True, False)]


# EarlyStopping


@variant("EarlyStopping")
class WithDeepcopy:
    def __init__(self, patience, min_delta=0.0):
        if not (patience >= 1 and min_delta >= 0):
            raise ValueError("patience of at least 1 and a min_delta of at least 0 are needed")
        self.patience, self.min_delta = patience, min_delta
        self.best, self.left, self.state = math.inf, patience, {}

    def step(self, metric, model):
        if self.best - metric > self.min_delta:
            self.best, self.left = metric, self.patience
            self.state = copy.deepcopy(model.state_dict())
            return False
        self.left -= 1
        return self.left <= 0

    def restore(self, model):
        if self.state:
            model.load_state_dict(self.state)


@variant("EarlyStopping")
class TensorByTensor:
    def __init__(self, patience, min_delta=0.0):
        if patience <= 0:
            raise ValueError("patience")
        if min_delta < 0:
            raise ValueError("min_delta")
        self.patience = patience
        self.min_delta = min_delta
        self.best = np.inf
        self.bad = 0
        self.copies = None

    def step(self, metric, model):
        better = metric < self.best - self.min_delta
        self.bad = 0 if better else self.bad + 1
        if better:
            self.best = metric
            held = [*model.parameters(), *model.buffers()]
            self.copies = [each.detach().clone() for each in held]
        return self.bad == self.patience

    @torch.no_grad()
    def restore(self, model):
        if self.copies is None:
            return
        for own, kept in zip([*model.parameters(), *model.buffers()], self.copies, strict=True):
            own.copy_(kept)


@variant("EarlyStopping")
class ByTheHistory:
    def __init__(self, patience, min_delta=0.0):
        if patience < 1 or min_delta < 0:
            raise ValueError("out of range")
        self.patience, self.min_delta = patience, min_delta
        self.bests, self.saved = [float("inf")], []

    @property
    def best(self):
        return self.bests[-1]

    def step(self, metric, model):
        if metric < self.best - self.min_delta:
            self.bests += [metric]
            self.saved = [{k: v.numpy(force=True).copy() for k, v in model.state_dict().items()}]
        else:
            self.bests += [self.best]
        last = self.bests[-self.patience - 1 :]
        return len(last) > self.patience and last[0] == last[-1]

    def restore(self, model):
        for state in self.saved:
            model.load_state_dict({k: torch.from_numpy(np.array(v)) for k, v in state.items()})


@variant("EarlyStopping")
class InABuffer:
    def __init__(self, patience, min_delta=0.0):
        for bad in (patience < 1, min_delta < 0):
            if bad:
                raise ValueError("patience is at least 1, min_delta at least 0")
        self.patience, self.min_delta, self.best = patience, min_delta, float("inf")
        self.calls, self.best_call, self.file = 0, 0, None

    def step(self, metric, model):
        self.calls += 1
        if not math.isnan(metric) and metric < self.best - self.min_delta:
            self.best, self.best_call, self.file = metric, self.calls, io.BytesIO()
            torch.save(model.state_dict(), self.file)
        return self.calls - self.best_call >= self.patience

    def restore(self, model):
        if self.file is not None:
            self.file.seek(0)
            model.load_state_dict(torch.load(self.file))


# training_step


@variant("training_step")
def scaled_at_the_end(model, loss_fn, batches, optimizer, scheduler, max_norm):
    optimizer.zero_grad()
    total, rows = 0.0, 0
    for x, y in batches:
        loss = loss_fn(model(x), y) * len(x)
        loss.backward()
        total, rows = total + loss.item(), rows + len(x)
    for p in model.parameters():
        if p.grad is not None:
            p.grad /= rows
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    lr = optimizer.param_groups[0]["lr"]
    optimizer.step()
    scheduler.step()
    return total / rows, float(norm), lr


@variant("training_step")
def one_graph(model, loss_fn, batches, optimizer, scheduler, max_norm):
    lr = optimizer.param_groups[0]["lr"]
    rows = sum(y.shape[0] for _, y in batches)
    loss = sum(y.shape[0] / rows * loss_fn(model(x), y) for x, y in batches)
    optimizer.zero_grad()
    loss.backward()
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    norm = torch.stack([g.square().sum() for g in grads]).sum().sqrt()
    for g in grads:
        g.mul_(min(1.0, max_norm / (norm.item() + 1e-6)))
    optimizer.step()
    scheduler.step()
    return loss.item(), norm.item(), lr


@variant("training_step")
def gradients_asked_for(model, loss_fn, batches, optimizer, scheduler, max_norm):
    params = [p for p in model.parameters() if p.requires_grad]
    sizes = [len(x) for x, _ in batches]
    sums, total = [torch.zeros_like(p) for p in params], 0.0
    for size, (x, y) in zip(sizes, batches, strict=True):
        loss = loss_fn(model(x), y)
        total += size * loss.item() / sum(sizes)
        for held, grad in zip(sums, torch.autograd.grad(loss, params), strict=True):
            held += grad * size / sum(sizes)
    for p, held in zip(params, sums, strict=True):
        p.grad = held
    norm = torch.nn.utils.clip_grad_norm_(params, max_norm)
    lr = optimizer.param_groups[0]["lr"]
    optimizer.step()
    scheduler.step()
    return total, norm.item(), lr


@variant("training_step")
def joined_by_hand(model, loss_fn, batches, optimizer, scheduler, max_norm):
    x, y = (torch.cat(list(parts)) for parts in zip(*batches, strict=True))
    loss = loss_fn(model(x), y)
    model.zero_grad()
    loss.backward()
    flat = torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None])
    norm = torch.linalg.vector_norm(flat)
    if norm > max_norm:
        for p in model.parameters():
            if p.grad is not None:
                p.grad *= max_norm / norm
    used = optimizer.param_groups[0]["lr"]
    optimizer.step()
    scheduler.step()
    return float(loss.detach()), float(norm), used
