"""Right answers of lesson 01 in other styles. Each is the text of a solution cell; see autograder.catalogue."""

import numpy as np
import torch

from autograder.catalogue import variant

# minibatch_indices


@variant("minibatch_indices")
def yields_collected(n, batch_size, rng=None, drop_last=False):
    def deal():
        order = np.arange(n) if rng is None else rng.permutation(n)
        for start in range(0, n, batch_size):
            batch = order[start : start + batch_size]
            if drop_last and len(batch) < batch_size:
                return
            yield batch

    return list(deal())


@variant("minibatch_indices")
def array_split(n, batch_size, rng=None, drop_last=False):
    order = np.arange(n)
    if rng is not None:
        order = rng.permutation(n)
    if drop_last:
        order = order[: n // batch_size * batch_size]
    if order.size == 0:
        return []
    return np.split(order, np.arange(batch_size, order.size, batch_size))


@variant("minibatch_indices")
def counts_batches(n, batch_size, rng=None, drop_last=False):
    count = n // batch_size if drop_last else -(-n // batch_size)
    order = rng.permutation(n) if rng else np.array(range(n), dtype=int)
    return [np.copy(order[k * batch_size : (k + 1) * batch_size]) for k in range(count)]


@variant("minibatch_indices")
def one_row_at_a_time(n, batch_size, rng=None, drop_last=False):
    batches, batch = [], []
    for row in range(n) if rng is None else rng.permutation(n):
        batch.append(int(row))
        if len(batch) == batch_size:
            batches.append(np.array(batch))
            batch = []
    if batch and not drop_last:
        batches.append(np.array(batch))
    return batches


@variant("minibatch_indices")
def shuffles_in_place(n, batch_size, rng=None, drop_last=False):
    order = np.arange(n)
    if rng is not None:
        rng.shuffle(order)
    stop = n - n % batch_size if drop_last else n
    return [order[start : min(start + batch_size, stop)] for start in range(0, stop, batch_size)]


# mse_gradient


@variant("mse_gradient")
def loops(X, y, w, b, l2=0.0):
    m, d = X.shape
    dw, db = np.zeros(d), 0.0
    for i in range(m):
        error = sum(X[i, j] * w[j] for j in range(d)) + b - y[i]
        for j in range(d):
            dw[j] += 2 * error * X[i, j] / m
        db += 2 * error / m
    for j in range(d):
        dw[j] += l2 * w[j] / m
    return dw, db


@variant("mse_gradient")
def one_matrix(X, y, w, b, l2=0.0):
    A = np.column_stack([X, np.ones(len(X))])
    theta = np.append(w, b)
    gradient = 2 * A.T @ (A @ theta - y) / len(y)
    gradient[:-1] += l2 * w / len(y)
    return gradient[:-1].copy(), float(gradient[-1])


@variant("mse_gradient")
def means(X, y, w, b, l2=0.0):
    error = X.dot(w) - (y - b)
    return 2 * np.mean(error[:, None] * X, axis=0) + w * (l2 / X.shape[0]), 2 * error.mean()


@variant("mse_gradient")
def autograd(X, y, w, b, l2=0.0):
    weight = torch.tensor(w, requires_grad=True)
    bias = torch.tensor(float(b), dtype=weight.dtype, requires_grad=True)
    error = torch.tensor(X) @ weight + bias - torch.tensor(y)
    loss = (error**2).mean() + l2 / (2 * len(y)) * (weight**2).sum()
    loss.backward()
    return weight.grad.numpy(), bias.grad.item()


@variant("mse_gradient")
def einsum(X, y, w, b, l2=0.0):
    error = np.einsum("ij,j->i", X, w)
    error += b
    error -= y
    dw = np.einsum("ij,i->j", X, error)
    dw += l2 * w / 2
    dw *= 2 / len(error)
    return dw, 2.0 * float(np.sum(error)) / len(error)


# SGD


@variant("SGD")
class SubAlpha:
    def __init__(self, params, lr, weight_decay=0.0):
        if not lr >= 0.0 or not weight_decay >= 0.0:
            raise ValueError("lr and weight_decay can't be negative")
        self.params = [*params]
        self.lr, self.weight_decay = lr, weight_decay

    @torch.no_grad()
    def step(self):
        for p in self.params:
            if p.grad is not None:
                p.sub_(p.grad.add(p, alpha=self.weight_decay), alpha=self.lr)

    def zero_grad(self):
        for p in self.params:
            if p.grad is not None:
                p.grad.zero_()


@variant("SGD")
class ShrinksFirst:
    def __init__(self, params, lr, weight_decay=0.0):
        for name, value in (("lr", lr), ("weight_decay", weight_decay)):
            if value < 0:
                raise ValueError(f"{name} is {value}, below 0")
        self.params, self.lr, self.weight_decay = tuple(params), lr, weight_decay

    def step(self):
        with torch.no_grad():
            for p in self.params:
                if p.grad is None:
                    continue
                p.mul_(1 - self.lr * self.weight_decay).add_(-self.lr * p.grad)

    def zero_grad(self):
        for p in self.params:
            if p.grad is not None:
                p.grad = torch.zeros_like(p)


@variant("SGD")
class ThroughData:
    def __init__(self, params, lr, weight_decay=0.0):
        if lr < 0:
            raise ValueError("lr must not be negative")
        if weight_decay < 0:
            raise ValueError("weight_decay must not be negative")
        self.params = []
        for p in params:
            self.params.append(p)
        self.lr = lr
        self.weight_decay = weight_decay

    def step(self):
        for p in self.params:
            if p.grad is not None:
                g = p.grad.data.clone()
                g += self.weight_decay * p.data
                p.data -= self.lr * g

    def zero_grad(self):
        for p in self.params:
            p.grad = None


@variant("SGD")
class CopiesBack:
    def __init__(self, params, lr, weight_decay=0.0):
        if min(lr, weight_decay) < 0:
            raise ValueError("a hyper-parameter is negative")
        self.params = list(params)
        self.hyper = {"weight_decay": weight_decay}
        self.lr = lr

    def step(self):
        for p in filter(lambda p: p.grad is not None, self.params):
            old = p.detach().clone()
            with torch.no_grad():
                p[...] = old - self.lr * (p.grad + self.hyper["weight_decay"] * old)

    def zero_grad(self):
        for p in self.params:
            p.grad = None


# fit_linear


@variant("fit_linear")
def in_place(X, y, batch_size, lr, epochs, rng):
    w, b, losses = np.zeros(X.shape[1]), 0.0, []
    for _ in range(epochs):
        for rows in minibatch_indices(len(X), batch_size, rng=rng):
            X_batch, y_batch = X[rows], y[rows]
            dw, db = mse_gradient(X_batch, y_batch, w, b)
            losses.append(float(np.square(X_batch @ w + b - y_batch).mean()))
            w -= lr * dw
            b -= lr * db
    return w, b, losses


@variant("fit_linear")
def losses_as_an_array(X, y, batch_size, lr, epochs, rng):
    n, d = X.shape
    updates = -(-n // batch_size)
    losses = np.empty(epochs * updates)
    w, b, k = np.zeros(d), 0.0, 0
    for _ in range(epochs):
        batches = minibatch_indices(n, batch_size, rng)
        for rows in batches:
            losses[k] = np.mean((y[rows] - X[rows] @ w - b) ** 2)
            k += 1
            dw, db = mse_gradient(X[rows], y[rows], w, b)
            w, b = w - lr * dw, b - lr * db
    return w, b, losses


@variant("fit_linear")
def one_vector(X, y, batch_size, lr, epochs, rng):
    A = np.hstack([X, np.ones((len(X), 1))])
    theta, losses = np.zeros(A.shape[1]), []
    for _ in range(epochs):
        order = rng.permutation(len(y))
        while order.size:
            rows, order = order[:batch_size], order[batch_size:]
            error = A[rows] @ theta - y[rows]
            losses.append(error @ error / rows.size)
            theta = theta - lr * 2 * A[rows].T @ error / rows.size
    return theta[:-1].copy(), theta[-1], losses


@variant("fit_linear")
def shuffled_copies(X, y, batch_size, lr, epochs, rng):
    w, b, losses = np.zeros(X.shape[1]), 0.0, []
    for _ in range(epochs):
        order = np.concatenate(minibatch_indices(len(y), len(y), rng))
        X_new, y_new = X[order], y[order]
        for start in range(0, len(y), batch_size):
            some = slice(start, start + batch_size)
            losses += [np.mean((X_new[some] @ w + b - y_new[some]) ** 2)]
            dw, db = mse_gradient(X_new[some], y_new[some], w, b)
            w, b = w - lr * dw, b - lr * db
    return w, b, np.array(losses)


@variant("fit_linear")
def through_torch(X, y, batch_size, lr, epochs, rng):
    features, targets = torch.tensor(X), torch.tensor(y)
    w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
    b = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    losses = []
    for _ in range(epochs):
        for rows in minibatch_indices(len(y), batch_size, rng):
            loss = ((features[rows] @ w + b - targets[rows]) ** 2).mean()
            dw, db = torch.autograd.grad(loss, (w, b))
            with torch.no_grad():
                w -= lr * dw
                b -= lr * db
            losses.append(loss.item())
    return w.detach().numpy(), b.item(), losses


# accumulated_step


@variant("accumulated_step")
def divides_at_the_end(model, loss_fn, pieces, optimizer):
    optimizer.zero_grad()
    rows, total = 0, 0.0
    for X, y in pieces:
        loss = len(X) * loss_fn(model(X), y)
        loss.backward()
        rows += len(X)
        total += float(loss)
    for theta in model.parameters():
        if theta.grad is not None:
            theta.grad /= rows
    optimizer.step()
    return total / rows


@variant("accumulated_step")
def collects_gradients(model, loss_fn, pieces, optimizer):
    params = list(model.parameters())
    m = sum(X.shape[0] for X, _ in pieces)
    whole, mean = [torch.zeros_like(theta) for theta in params], 0.0
    for X, y in pieces:
        loss = loss_fn(model(X), y)
        for kept, grad in zip(whole, torch.autograd.grad(loss, params), strict=True):
            kept += y.numel() / m * grad
        mean += loss.item() * y.numel() / m
    for theta, kept in zip(params, whole, strict=True):
        theta.grad = kept
    optimizer.step()
    return mean


@variant("accumulated_step")
def row_by_row(model, loss_fn, pieces, optimizer):
    optimizer.zero_grad()
    m, losses = sum(len(y) for _, y in pieces), []
    for X, y in pieces:
        for i in range(len(y)):
            loss = loss_fn(model(X[i : i + 1]), y[i : i + 1])
            (loss / m).backward()
            losses.append(loss.item())
    optimizer.step()
    return sum(losses) / m


@variant("accumulated_step")
def running_mean(model, loss_fn, pieces, optimizer):
    model.zero_grad()
    seen, average = 0, 0.0
    for X, y in pieces:
        share = len(y) / (seen + len(y))
        for theta in model.parameters():
            if theta.grad is not None:
                theta.grad *= 1 - share
        loss = loss_fn(model(X), y)
        (share * loss).backward()
        average += share * (loss.item() - average)
        seen += len(y)
    optimizer.step()
    return average


@variant("accumulated_step")
def clears_after_the_step_too(model, loss_fn, pieces, optimizer):
    lengths = [len(y) for _, y in pieces]
    for theta in model.parameters():
        theta.grad = torch.zeros_like(theta)
    losses = np.zeros(len(pieces))
    for k, (X, y) in enumerate(pieces):
        loss = loss_fn(model(X), y)
        loss.backward(torch.tensor(lengths[k] / sum(lengths), dtype=loss.dtype))
        losses[k] = loss.detach()
    optimizer.step()
    optimizer.zero_grad()
    return float(np.average(losses, weights=lengths))
