"""Right answers of lesson 14 in other styles. Each is the text of a solution cell; see autograder.catalogue."""

import itertools
import math

import numpy as np
import torch

from autograder.catalogue import variant

# grid


@variant("grid")
def with_product(space):
    return [dict(zip(space, values, strict=True)) for values in itertools.product(*space.values())]


@variant("grid")
def by_recursion(space):
    if not space:
        return [{}]
    (name, values), *rest = space.items()
    return [{name: value} | point for value in values for point in by_rest(dict(rest))]


def by_rest(space):
    if not space:
        return [{}]
    (name, values), *rest = space.items()
    return [{name: value} | point for value in values for point in by_rest(dict(rest))]


@variant("grid")
def by_counting(space):
    lengths = [len(values) for values in space.values()]
    points = []
    for number in range(math.prod(lengths)):
        point = {}
        for name in reversed(list(space)):
            number, place = divmod(number, len(space[name]))
            point[name] = space[name][place]
        points.append(point)
    return points


@variant("grid")
def with_ndindex(space):
    shape = tuple(len(values) for values in space.values())
    points = []
    for places in np.ndindex(*shape):
        points.append({name: space[name][place] for name, place in zip(space, places, strict=True)})
    return points


# random_points


@variant("random_points")
def in_logarithms(space, n, rng):
    def value(domain):
        u = rng.random()
        match domain:
            case ("uniform", low, high):
                return (1 - u) * low + u * high
            case ("log", low, high):
                return math.exp(math.log(low) + u * math.log(high / low))
            case ("int", low, high):
                return list(range(low, high + 1))[math.floor(u * (high + 1 - low))]
            case ("choice", values):
                return values[math.floor(len(values) * u)]

    return [{name: value(domain) for name, domain in space.items()} for _ in range(n)]


@variant("random_points")
def table_of_draws(space, n, rng):
    draws = rng.random((n, len(space)))
    points = [{} for _ in range(n)]
    for point, row in zip(points, draws, strict=True):
        for (name, domain), u in zip(space.items(), row, strict=True):
            if domain[0] == "choice":
                point[name] = domain[1][int(len(domain[1]) * u)]
            elif domain[0] == "int":
                point[name] = domain[1] + int((domain[2] - domain[1] + 1) * u)
            elif domain[0] == "log":
                point[name] = 10 ** (np.log10(domain[1]) + u * (np.log10(domain[2]) - np.log10(domain[1])))
            else:
                point[name] = domain[1] + (domain[2] - domain[1]) * u
    return points


@variant("random_points")
def with_functions(space, n, rng):
    kinds = {
        "uniform": lambda u, low, high: low + (high - low) * u,
        "log": lambda u, low, high: np.exp((1 - u) * np.log(low) + u * np.log(high)),
        "int": lambda u, low, high: np.int64(np.floor(u * (high - low + 1))) + low,
        "choice": lambda u, values: values[int(u * len(values))],
    }
    points = []
    while len(points) < n:
        points.append({name: kinds[kind](rng.random(), *rest) for name, (kind, *rest) in space.items()})
    return points


@variant("random_points")
def with_uniform(space, n, rng):
    points = [dict.fromkeys(space) for _ in range(n)]
    for point in points:
        for name in point:
            kind = space[name][0]
            if kind == "uniform":
                point[name] = rng.uniform(space[name][1], space[name][2])
            elif kind == "log":
                point[name] = np.exp(rng.uniform(np.log(space[name][1]), np.log(space[name][2])))
            elif kind == "int":
                point[name] = (
                    int(np.floor(rng.uniform(0, space[name][2] - space[name][1] + 1))) + space[name][1]
                )
            else:
                point[name] = space[name][1][int(rng.uniform(0, len(space[name][1])))]
    return points


# gp_posterior


@variant("gp_posterior")
def by_cholesky(X, y, X_new, length=1.0, noise=1e-6):
    def kernel(A, B):
        return np.array([[np.exp(-np.sum((a - b) ** 2) / (2 * length**2)) for b in B] for a in A])

    L = np.linalg.cholesky(kernel(X, X) + np.diag(np.full(len(X), float(noise))))
    v = np.linalg.solve(L, kernel(X, X_new))
    var = np.clip(1 - (v**2).sum(axis=0), 0, None)
    return v.T @ np.linalg.solve(L, y), np.sqrt(var)


@variant("gp_posterior")
def by_inverse(X, y, X_new, length=1.0, noise=1e-6):
    both = np.concatenate([X, X_new]) / length
    distance = np.linalg.norm(both[:, None] - both[None], axis=-1)
    K = np.exp(-0.5 * distance**2)
    n = len(X)
    inverse = np.linalg.inv(K[:n, :n] + noise * np.identity(n))
    across = K[n:, :n]
    covariance = K[n:, n:] - across @ inverse @ across.T
    std = np.sqrt(np.abs(np.diag(covariance)))
    return across @ inverse @ y, std


@variant("gp_posterior")
def in_torch(X, y, X_new, length=1.0, noise=1e-6):
    A, B = torch.tensor(X), torch.tensor(X_new)
    K = torch.exp(-((A[:, None] - A) ** 2).sum(-1) / (2 * length**2)) + noise * torch.eye(len(A)).double()
    across = torch.exp(-((A[:, None] - B) ** 2).sum(-1) / (2 * length**2))
    weights = torch.linalg.solve(K, across)
    var = 1 - (across * weights).sum(0)
    return (weights.T @ torch.tensor(y)).numpy(), var.clamp(min=0).sqrt().numpy()


@variant("gp_posterior")
def one_new_point_at_a_time(X, y, X_new, length=1.0, noise=1e-6):
    K = np.zeros((len(X), len(X)))
    for i, a in enumerate(X):
        for j, b in enumerate(X):
            K[i, j] = np.exp(-0.5 * np.sum(((a - b) / length) ** 2)) + noise * (i == j)
    mean, std = np.empty(len(X_new)), np.empty(len(X_new))
    for k, new in enumerate(X_new):
        near = np.exp(-0.5 * np.sum(((X - new) / length) ** 2, axis=1))
        mean[k] = near @ np.linalg.solve(K, y)
        std[k] = max(0.0, 1.0 - near @ np.linalg.solve(K, near)) ** 0.5
    return mean, std


# expected_improvement


@variant("expected_improvement")
def with_normal(mean, std, best, xi=0.0):
    mean, std = torch.tensor(mean), torch.tensor(std)
    gain = best - xi - mean
    safe = torch.where(std > 0, std, 1)
    normal = torch.distributions.Normal(torch.zeros_like(mean), torch.ones_like(mean))
    ei = gain * normal.cdf(gain / safe) + std * torch.exp(normal.log_prob(gain / safe))
    return torch.where(std > 0, ei, torch.relu(gain)).numpy()


@variant("expected_improvement")
def with_erf(mean, std, best, xi=0.0):
    def one(mu, sigma):
        gain = best - mu - xi
        if sigma == 0:
            return max(gain, 0.0)
        z = gain / sigma
        return gain * (1 + math.erf(z / math.sqrt(2))) / 2 + sigma * math.exp(-z * z / 2) / math.sqrt(
            2 * math.pi
        )

    return np.vectorize(one, otypes=[float])(mean, std)


@variant("expected_improvement")
def with_mask(mean, std, best, xi=0.0):
    gain = np.asarray(best - mean - xi)
    improvement = np.maximum(gain, 0.0)
    doubt = np.asarray(std) > 0
    z = gain[doubt] / std[doubt]
    phi = np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)
    Phi = 0.5 * torch.erfc(torch.tensor(-z / np.sqrt(2))).numpy()
    improvement = np.array(improvement)
    improvement[doubt] = std[doubt] * (z * Phi + phi)
    return improvement


@variant("expected_improvement")
def dividing_quietly(mean, std, best, xi=0.0):
    gain = (best - xi) - mean
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.divide(gain, std)
        value = (
            std * np.exp(-z * z / 2) * (2 * np.pi) ** -0.5
            + gain * torch.special.ndtr(torch.tensor(z)).numpy()
        )
    return np.where(std == 0, np.clip(gain, 0, None), value)


# GeneticSearch


@variant("GeneticSearch")
class LookingForTheBest:
    def __init__(self, low, high, size, rng, elite=2, sigma=0.1):
        if elite < 1 or elite > size:
            raise ValueError("elite")
        if sigma < 0:
            raise ValueError("sigma")
        self.low, self.high = np.array(low), np.array(high)
        self.rng, self.n, self.k, self.s = rng, size, elite, sigma
        self.now = rng.uniform(low, high, (size, len(low)))
        self.best = None
        self.best_loss = float("inf")

    def ask(self):
        return np.array(self.now)

    def tell(self, losses):
        ranked = sorted(
            range(self.n), key=lambda i: (np.isnan(losses[i]), losses[i] if losses[i] == losses[i] else 0)
        )
        for point, loss in zip(self.now, losses, strict=True):
            if loss < self.best_loss:
                self.best, self.best_loss = point.copy(), loss
        following = [self.now[i] for i in ranked[: self.k]]
        d = len(self.low)
        while len(following) < self.n:
            a, b = self.rng.integers(self.k, size=2)
            from_a = self.rng.random(d) < 0.5
            noise = self.rng.normal(0, self.s, d) * (self.high - self.low)
            child = self.now[ranked[b]].copy()
            child[from_a] = self.now[ranked[a]][from_a]
            following.append(np.minimum(np.maximum(child + noise, self.low), self.high))
        self.now = np.stack(following)


@variant("GeneticSearch")
class FilledInPlace:
    def __init__(self, low, high, size, rng, elite=2, sigma=0.1):
        if sigma < 0 or not 0 < elite <= size:
            raise ValueError("a search needs 1 to size elites and a sigma of 0 or more")
        self.__dict__.update(
            low=low, high=high, rng=rng, elite=elite, sigma=sigma, best=None, best_loss=np.inf
        )
        self.population = low + (high - low) * rng.random((size, len(low)))

    def ask(self):
        return self.population + 0.0

    def tell(self, losses):
        ranked = self.population[np.argsort(losses, kind="mergesort")]
        lowest = np.nanmin(losses) if np.isfinite(losses).any() else np.inf
        if lowest < self.best_loss:
            self.best, self.best_loss = ranked[0].copy(), lowest
        for i in range(self.elite, len(ranked)):
            pair = ranked[self.rng.integers(self.elite, size=2)]
            take = (self.rng.random(ranked.shape[1]) >= 0.5).astype(int)
            genes = pair[take, np.arange(ranked.shape[1])]
            width = self.high - self.low
            ranked[i] = (genes + self.sigma * self.rng.standard_normal(len(width)) * width).clip(
                self.low, self.high
            )
        self.population = ranked


@variant("GeneticSearch")
class WithHelpers:
    def __init__(self, low, high, size, rng, elite=2, sigma=0.1):
        self._refuse(size, elite, sigma)
        self.low, self.high, self.size, self.rng, self.elite, self.sigma = low, high, size, rng, elite, sigma
        self._population = rng.uniform(low, high, size=(size, low.size))
        self._found = (np.inf, None)

    @staticmethod
    def _refuse(size, elite, sigma):
        if elite not in range(1, size + 1):
            raise ValueError("elite")
        if not sigma >= 0:
            raise ValueError("sigma")

    @property
    def best(self):
        return self._found[1]

    @property
    def best_loss(self):
        return self._found[0]

    def ask(self):
        return self._population.copy()

    def _child(self, parents):
        a, b = self.rng.integers(self.elite, size=2)
        mask = self.rng.random(self.low.size) < 0.5
        child = mask * parents[a] + ~mask * parents[b]
        child += self.rng.normal(0, self.sigma, self.low.size) * (self.high - self.low)
        return np.clip(child, self.low, self.high)

    def tell(self, losses):
        order = np.argsort(np.where(np.isnan(losses), np.inf, losses), kind="stable")
        if losses[order[0]] < self.best_loss:
            self._found = (losses[order[0]], self._population[order[0]].copy())
        parents = self._population[order][: self.elite]
        made = [self._child(parents) for _ in range(self.size - self.elite)]
        self._population = np.vstack([parents, *made])


@variant("GeneticSearch")
class InTensors:
    def __init__(self, low, high, size, rng, elite=2, sigma=0.1):
        if not (1 <= elite <= size and sigma >= 0):
            raise ValueError("elite or sigma")
        self.low, self.high = torch.tensor(low), torch.tensor(high)
        self.rng, self.elite, self.sigma = rng, elite, sigma
        self.points = torch.tensor(rng.uniform(low, high, (size, len(low))))
        self.best, self.best_loss = None, np.inf

    def ask(self):
        return self.points.numpy().copy()

    def tell(self, losses):
        told = torch.tensor(losses)
        order = told.argsort(stable=True)
        if told[order[0]] < self.best_loss:
            self.best, self.best_loss = self.points[order[0]].numpy(), told[order[0]].item()
        d, kept = len(self.low), self.points[order[: self.elite]]
        rows = list(kept)
        for _ in range(len(told) - self.elite):
            a, b = self.rng.integers(self.elite, size=2)
            mask, noise = (
                torch.tensor(self.rng.random(d) < 0.5),
                torch.tensor(self.rng.normal(0, self.sigma, d)),
            )
            rows.append(
                torch.clamp(
                    torch.where(mask, kept[a], kept[b]) + noise * (self.high - self.low), self.low, self.high
                )
            )
        self.points = torch.stack(rows)
