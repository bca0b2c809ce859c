"""Right answers of lesson 02 in other styles. Each is the text of a solution cell; see autograder.catalogue."""

import numpy as np
import torch

from autograder.catalogue import variant

# ema


@variant("ema")
def row_by_row(x, beta):
    v = np.zeros_like(x)
    v[0] = (1 - beta) * x[0]
    for t in range(1, x.shape[0]):
        v[t] = beta * v[t - 1] + (1 - beta) * x[t]
    return v


@variant("ema")
def list_then_stack(x, beta):
    v, averages = 0.0, []
    for value in x:
        v = v + (1 - beta) * (value - v)
        averages.append(v)
    return np.stack(averages)


@variant("ema")
def matrix_of_weights(x, beta):
    t = np.arange(len(x))
    age = t[:, None] - t[None, :]
    weights = np.tril((1 - beta) * float(beta) ** np.abs(age))
    return np.einsum("ts,s...->t...", weights, x)


@variant("ema")
def through_torch(x, beta):
    series = torch.tensor(x, dtype=torch.float64)
    v = torch.zeros(series.shape[1:], dtype=torch.float64)
    rows = []
    for value in series:
        v = torch.lerp(v, value, 1 - beta)
        rows.append(v)
    return torch.stack(rows).numpy()


def averages_of(x, beta):
    v = 0.0
    for value in x:
        v = beta * v + (1 - beta) * value
        yield v


@variant("ema")
def generator(x, beta):
    return np.array(list(averages_of(x, beta)))


# ema_weights


@variant("ema_weights")
def ages_reversed(beta, t):
    ages = np.arange(t)[::-1]
    return (1.0 - beta) * np.power(float(beta), ages)


@variant("ema_weights")
def loop(beta, t):
    w = np.zeros(t)
    weight = 1 - beta
    for i in range(t - 1, -1, -1):
        w[i] = weight
        weight *= beta
    return w


@variant("ema_weights")
def by_unit_vectors(beta, t):
    return ema(np.eye(t), beta)[-1]


@variant("ema_weights")
def list_of_floats(beta, t):
    return [(1 - beta) * beta ** (t - i) for i in range(1, t + 1)]


@variant("ema_weights")
def growing(beta, t):
    w = np.array([])
    for _ in range(t):
        w = np.append(beta * w, 1 - beta)
    return w


# ema_corrected


@variant("ema_corrected")
def broadcast(x, beta):
    t = np.arange(1, len(x) + 1).reshape(-1, *[1] * (x.ndim - 1))
    return ema(x, beta) / (1 - np.power(float(beta), t))


@variant("ema_corrected")
def one_loop(x, beta):
    v, v_hat = np.zeros(x.shape[1:]), []
    for t, x_t in enumerate(x, start=1):
        v = beta * v + (1 - beta) * x_t
        v_hat.append(v / (1 - beta**t))
    return np.array(v_hat)


@variant("ema_corrected")
def running_power(x, beta):
    v, power, v_hat = 0.0, 1.0, np.empty_like(x)
    for t in range(len(x)):
        power *= beta
        v = beta * v + (1 - beta) * x[t]
        v_hat[t] = v / (1.0 - power)
    return v_hat


@variant("ema_corrected")
def changing_rate(x, beta):
    # The corrected average is an average with a rate of its own: (1 - beta) / (1 - beta**t).
    v_hat = np.zeros(x.shape)
    for t in range(1, len(x) + 1):
        rate = (1 - beta) / (1 - beta**t)
        before = v_hat[t - 2] if t > 1 else 0.0
        v_hat[t - 1] = before + rate * (x[t - 1] - before)
    return v_hat


@variant("ema_corrected")
def weighted_means(x, beta):
    rows = []
    for t in range(1, len(x) + 1):
        w = beta ** np.arange(t - 1.0, -1.0, -1.0)
        rows.append(np.tensordot(w / w.sum(), x[:t], axes=1))
    return np.stack(rows)


# ModelEMA


@variant("ModelEMA")
class MultiplyAndAdd:
    def __init__(self, params, decay):
        if decay < 0 or decay >= 1:
            raise ValueError(f"decay is {decay}, outside [0, 1)")
        self.decay = decay
        self.shadow = []
        for p in params:
            self.shadow.append(p.data.clone())
        self.started = False

    def update(self, params):
        with torch.no_grad():
            for s, p in zip(self.shadow, params, strict=True):
                if self.started:
                    s.mul_(self.decay).add_(p, alpha=1 - self.decay)
                else:
                    s.copy_(p)
        self.started = True


@variant("ModelEMA")
class NewTensorsEachTime:
    def __init__(self, params, decay):
        if not 0.0 <= decay < 1.0:
            raise ValueError("decay must be in [0, 1)")
        self.decay, self.updates = decay, 0
        self.shadow = [torch.clone(p).detach() for p in params]

    def update(self, params):
        current = [p.detach().clone() for p in params]
        if self.updates:
            self.shadow = [
                self.decay * s + (1 - self.decay) * p for s, p in zip(self.shadow, current, strict=True)
            ]
        else:
            self.shadow = current
        self.updates += 1


@variant("ModelEMA")
class DecayThatStartsAtZero:
    def __init__(self, params, decay):
        if decay < 0:
            raise ValueError("decay must be 0 or more")
        if decay >= 1:
            raise ValueError("decay must be less than 1")
        self.shadow = [torch.empty_like(p, requires_grad=False).copy_(p.detach()) for p in params]
        self.decay = decay
        self.next_decay = 0.0

    @torch.no_grad()
    def update(self, params):
        for s, p in zip(self.shadow, params, strict=True):
            s.lerp_(p, 1 - self.next_decay)
        self.next_decay = self.decay


@variant("ModelEMA")
class NumPyInside:
    def __init__(self, params, decay):
        if not (decay >= 0 and decay < 1):
            raise ValueError("decay must be at least 0 and below 1")
        self.decay = decay
        self.arrays = [np.array(p.detach().numpy()) for p in params]
        self.count = 0

    @property
    def shadow(self):
        return [torch.tensor(array) for array in self.arrays]

    def update(self, params):
        weight = 1.0 if self.count == 0 else 1.0 - self.decay
        self.arrays = [
            a + weight * (p.detach().numpy() - a) for a, p in zip(self.arrays, params, strict=True)
        ]
        self.count += 1


@variant("ModelEMA")
class OneTensorAtATime:
    def __init__(self, params, decay):
        if decay not in (0, 0.0) and not 0 < decay < 1:
            raise ValueError("decay must be at least 0 and less than 1")
        self.decay = decay
        with torch.no_grad():
            self.shadow = [p.detach().clone() for p in params]
        self.first = True

    def update(self, params):
        for i, p in enumerate(params):
            value = p.detach()
            self.shadow[i] = (
                value.clone() if self.first else value * (1 - self.decay) + self.shadow[i] * self.decay
            )
        self.first = False


# ema_with_gaps


@variant("ema_with_gaps")
def matrix_of_known_weights(x, beta):
    t = np.arange(len(x))
    weights = np.tril(float(beta) ** np.abs(t[:, None] - t))
    known = ~np.isnan(x)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.tensordot(weights, np.nan_to_num(x), 1) / np.tensordot(weights, known.astype(float), 1)


@variant("ema_with_gaps")
def step_towards_the_new_value(x, beta):
    v_hat, total = np.full(x.shape[1:], np.nan), np.zeros(x.shape[1:])
    rows = []
    for x_t in x:
        known = ~np.isnan(x_t)
        total = beta * total + known
        share = np.where(known, 1 / np.where(known, total, 1), 0.0)
        moved = np.where(np.isnan(v_hat), 0.0, v_hat)
        moved = moved + share * (np.where(known, x_t, 0.0) - moved)
        v_hat = np.where(total > 0, moved, np.nan)
        rows.append(v_hat)
    return np.array(rows)


@variant("ema_with_gaps")
def each_element_for_itself(x, beta):
    columns = x.reshape(len(x), -1)
    found = np.full(columns.shape, np.nan)
    for column in range(columns.shape[1]):
        above = below = 0.0
        for t, value in enumerate(columns[:, column]):
            above, below = beta * above, beta * below
            if value == value:
                above, below = above + value, below + 1.0
            if below:
                found[t, column] = above / below
    return found.reshape(x.shape)


@variant("ema_with_gaps")
def all_ages_through_torch(x, beta):
    series = torch.tensor(x, dtype=torch.float64)
    rows = []
    for t in range(1, len(series) + 1):
        seen = series[:t]
        ages = torch.arange(t - 1, -1, -1, dtype=torch.float64).reshape(-1, *[1] * (seen.dim() - 1))
        weights = torch.where(torch.isnan(seen), torch.zeros_like(seen), beta**ages)
        rows.append((weights * torch.nan_to_num(seen)).sum(dim=0) / weights.sum(dim=0))
    return torch.stack(rows).numpy()
