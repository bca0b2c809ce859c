"""Right answers of lesson 06 in other styles. Each is the text of a solution cell; see autograder.catalogue."""

import bisect
import functools
import math

import numpy as np
import torch

from autograder.catalogue import variant


def at_each_epoch(rate, epoch):
    """rate(epoch), or an array of it."""
    return np.array([rate(int(e)) for e in epoch]) if isinstance(epoch, np.ndarray) else rate(epoch)


# inverse_time_decay


@variant("inverse_time_decay")
def one_expression(lr0, decay_rate, epoch):
    return 1 / (1 + decay_rate * epoch) * lr0


@variant("inverse_time_decay")
def epoch_by_epoch(lr0, decay_rate, epoch):
    return at_each_epoch(lambda e: lr0 / (1 + decay_rate * e), epoch)


@variant("inverse_time_decay")
def as_a_power(lr0, decay_rate, epoch):
    return np.multiply(lr0, np.power(1.0 + decay_rate * np.asarray(epoch, dtype=np.float64), -1.0))


@variant("inverse_time_decay")
def through_torch(lr0, decay_rate, epoch):
    return (lr0 / (1 + decay_rate * torch.as_tensor(epoch, dtype=torch.float64))).numpy()


# step_decay


@variant("step_decay")
def floor_of_a_quotient(lr0, gamma, step_size, epoch):
    return lr0 * np.power(gamma, np.floor(np.asarray(epoch) / step_size))


@variant("step_decay")
def a_product_for_each_stair(lr0, gamma, step_size, epoch):
    def rate(e):
        lr = lr0
        for _ in range(step_size, e + 1, step_size):
            lr *= gamma
        return lr

    return at_each_epoch(rate, epoch)


@variant("step_decay")
def without_the_remainder(lr0, gamma, step_size, epoch):
    return lr0 * gamma ** ((epoch - epoch % step_size) / step_size)


@variant("step_decay")
def through_logarithms(lr0, gamma, step_size, epoch):
    return np.exp(np.log(lr0) + np.log(gamma) * np.floor_divide(epoch, step_size))


# multistep_decay


@variant("multistep_decay")
def sum_of_comparisons(lr0, gamma, milestones, epoch):
    passed = np.zeros(np.shape(epoch))
    for milestone in milestones:
        passed += epoch >= milestone if np.ndim(epoch) == 0 else np.where(epoch >= milestone, 1, 0)
    return lr0 * gamma**passed


@variant("multistep_decay")
def bisection(lr0, gamma, milestones, epoch):
    return at_each_epoch(lambda e: lr0 * gamma ** bisect.bisect_right(milestones, e), epoch)


@variant("multistep_decay")
def one_drop_after_the_other(lr0, gamma, milestones, epoch):
    lr = np.full(np.shape(epoch), lr0)
    for milestone in milestones:
        lr = np.where(np.asarray(epoch) >= milestone, gamma * lr, lr)
    return lr


@variant("multistep_decay")
def broadcast(lr0, gamma, milestones, epoch):
    reached = np.asarray(epoch)[..., None] >= np.asarray(milestones, dtype=np.int64)
    return lr0 * np.prod(np.where(reached, gamma, 1.0), axis=-1)


# exponential_decay


@variant("exponential_decay")
def natural(lr0, gamma, epoch):
    return lr0 * np.exp(np.log(gamma) * epoch)


@variant("exponential_decay")
def repeated_products(lr0, gamma, epoch):
    return at_each_epoch(lambda e: functools.reduce(lambda lr, _: gamma * lr, range(e), lr0), epoch)


@variant("exponential_decay")
def a_table(lr0, gamma, epoch):
    rates = np.cumprod(np.concatenate([[lr0], np.full(np.max(epoch), gamma)]))
    return rates[epoch]


@variant("exponential_decay")
def numpy_power(lr0, gamma, epoch):
    return np.power(float(gamma), epoch) * lr0


# cosine_decay


@variant("cosine_decay")
def square_of_a_cosine(lr0, lr_min, t_max, epoch):
    return lr_min + (lr0 - lr_min) * np.cos(np.pi * epoch / (2 * t_max)) ** 2


@variant("cosine_decay")
def middle_and_swing(lr0, lr_min, t_max, epoch):
    middle, swing = (lr0 + lr_min) / 2, (lr0 - lr_min) / 2
    return middle + swing * np.cos(np.linspace(0.0, np.pi, t_max + 1))[epoch]


@variant("cosine_decay")
def scalars_with_math(lr0, lr_min, t_max, epoch):
    return at_each_epoch(lambda e: lr_min + 0.5 * (lr0 - lr_min) * (1 + math.cos(math.pi * e / t_max)), epoch)


@variant("cosine_decay")
def weighted_mean(lr0, lr_min, t_max, epoch):
    share = 0.5 + 0.5 * np.cos(np.pi * (np.asarray(epoch) / t_max))
    return share * lr0 + (1 - share) * lr_min


# ReduceOnPlateau


@variant("ReduceOnPlateau")
class NoBestYet:
    def __init__(self, lr, factor=0.1, patience=10, threshold=1e-4, cooldown=0, min_lr=0.0):
        if lr < 0 or factor >= 1.0:
            raise ValueError("lr is negative, or factor is not below 1")
        self.lr, self.factor, self.patience = lr, factor, patience
        self.threshold, self.cooldown, self.min_lr = threshold, cooldown, min_lr
        self.best, self.bad, self.rest = None, 0, 0

    def step(self, metric):
        good = not np.isnan(metric) and (self.best is None or metric < self.best * (1 - self.threshold))
        if good:
            self.best = metric
        self.bad = 0 if good or self.rest > 0 else self.bad + 1
        self.rest = max(self.rest - 1, 0)
        if self.bad > self.patience:
            self.lr = max(self.lr * self.factor, self.min_lr)
            self.bad, self.rest = 0, self.cooldown
        return self.lr


@variant("ReduceOnPlateau")
class CountsDown:
    def __init__(self, lr, factor=0.1, patience=10, threshold=1e-4, cooldown=0, min_lr=0.0):
        if factor >= 1:
            raise ValueError("factor must be below 1")
        if lr < 0:
            raise ValueError("lr must be 0 or more")
        self.lr = lr
        self.settings = factor, patience, 1 - threshold, cooldown, min_lr
        self.best, self.left, self.cooling = float("inf"), patience + 1, 0

    def step(self, metric):
        factor, patience, share, cooldown, min_lr = self.settings
        if metric < share * self.best:
            self.best, self.left = metric, patience + 1
        elif not self.cooling:
            self.left -= 1
        if self.cooling:
            self.cooling, self.left = self.cooling - 1, patience + 1
        if self.left == 0:
            self.lr = factor * self.lr if factor * self.lr > min_lr else min_lr
            self.left, self.cooling = patience + 1, cooldown
        return float(self.lr)


@variant("ReduceOnPlateau")
class KeepsTheHistory:
    def __init__(self, lr, factor=0.1, patience=10, threshold=1e-4, cooldown=0, min_lr=0.0):
        if not lr >= 0:
            raise ValueError("lr is negative")
        if not factor < 1:
            raise ValueError("factor is 1 or more")
        self.initial, self.lr = lr, lr
        self.factor, self.patience, self.threshold = factor, patience, threshold
        self.cooldown, self.min_lr = cooldown, min_lr
        self.history = []

    def step(self, metric):
        self.history.append(metric)
        lr, best, bad, pause = self.initial, np.inf, 0, 0
        for value in self.history:
            bad += 1
            if value < best - self.threshold * best if best < np.inf else value < np.inf:
                best, bad = value, 0
            if pause:
                pause, bad = pause - 1, 0
            if bad == self.patience + 1:
                lr, bad, pause = max(lr * self.factor, self.min_lr), 0, self.cooldown
        self.lr = lr
        return self.lr


class Counter:
    """Counts bad epochs, unless it is told to rest."""

    def __init__(self, patience):
        self.patience, self.count, self.rest = patience, 0, 0

    def full(self, good):
        self.count = 0 if good else self.count + 1
        if self.rest:
            self.rest -= 1
            self.count = 0
        return self.count > self.patience


@variant("ReduceOnPlateau")
class HelperObject:
    def __init__(self, lr, factor=0.1, patience=10, threshold=1e-4, cooldown=0, min_lr=0.0):
        for bad in (lr < 0, factor >= 1):
            if bad:
                raise ValueError("lr or factor is out of its range")
        self.counter = Counter(patience)
        self._lr, self.factor, self.threshold, self.cooldown, self.min_lr = (
            lr,
            factor,
            threshold,
            cooldown,
            min_lr,
        )
        self.best = math.inf

    @property
    def lr(self):
        return self._lr

    def step(self, metric):
        good = bool(metric < self.best * (1 - self.threshold))
        self.best = metric if good else self.best
        if self.counter.full(good):
            self._lr = np.maximum(self._lr * self.factor, self.min_lr)
            self.counter.count, self.counter.rest = 0, self.cooldown
        return self.lr


# LambdaSchedule


@variant("LambdaSchedule")
class InitialRatesInTheGroups:
    def __init__(self, optimizer, lr_lambda):
        self.optimizer, self.lr_lambda, self.epoch = optimizer, lr_lambda, -1
        for group in optimizer.param_groups:
            group.setdefault("initial_lr", group["lr"])
        self.step()

    def step(self):
        self.epoch += 1
        for group in self.optimizer.param_groups:
            group["lr"] = group["initial_lr"] * self.lr_lambda(self.epoch)

    def get_last_lr(self):
        return [group["lr"] for group in self.optimizer.param_groups]


@variant("LambdaSchedule")
class KeepsTheLastRates:
    def __init__(self, optimizer, lr_lambda):
        self.groups = optimizer.param_groups
        self.base = tuple(group["lr"] for group in self.groups)
        self.lr_lambda, self.t = lr_lambda, 0
        self._apply()

    def _apply(self):
        factor = self.lr_lambda(self.t)
        self.last = [base * factor for base in self.base]
        for i in range(len(self.groups)):
            self.groups[i]["lr"] = self.last[i]

    def step(self):
        self.t += 1
        self._apply()

    def get_last_lr(self):
        return list(self.last)


@variant("LambdaSchedule")
class LooksAhead:
    def __init__(self, optimizer, lr_lambda):
        self.pairs = [(group, float(group["lr"])) for group in optimizer.param_groups]
        self.factors = map(lr_lambda, range(10**6))
        self.step()

    def step(self):
        factor = next(self.factors)
        for group, initial in self.pairs:
            group.update(lr=factor * initial)

    def get_last_lr(self):
        return tuple(group["lr"] for group, _ in self.pairs)


@variant("LambdaSchedule")
class AsAGenerator:
    def __init__(self, optimizer, lr_lambda):
        self.optimizer = optimizer
        self.schedule = self._epochs([group["lr"] for group in optimizer.param_groups], lr_lambda)
        self.rates = next(self.schedule)

    def _epochs(self, initial, lr_lambda):
        epoch = 0
        while True:
            rates = [lr * lr_lambda(epoch) for lr in initial]
            for group, lr in zip(self.optimizer.param_groups, rates, strict=True):
                group["lr"] = lr
            yield rates
            epoch += 1

    def step(self):
        self.rates = next(self.schedule)

    def get_last_lr(self):
        return self.rates


@variant("LambdaSchedule")
class NewDictionaries:
    def __init__(self, optimizer, lr_lambda):
        self.optimizer, self.lr_lambda = optimizer, lr_lambda
        self.initial = np.array([group["lr"] for group in optimizer.param_groups])
        self.set(0)

    def set(self, epoch):
        self.epoch = epoch
        self.rates = self.initial * self.lr_lambda(epoch)
        self.optimizer.param_groups = [
            {**group, "lr": lr.item()}
            for group, lr in zip(self.optimizer.param_groups, self.rates, strict=True)
        ]

    def step(self):
        self.set(self.epoch + 1)

    def get_last_lr(self):
        return self.rates.tolist()


# planned_rates


@variant("planned_rates")
def update_by_update(peak, lr_min, warmup_epochs, epochs, rows, batch_size):
    per_epoch = math.ceil(rows / batch_size)
    rising, updates = warmup_epochs * per_epoch, epochs * per_epoch
    rates = []
    for number in range(updates):
        if number < rising:
            rates.append(peak * (number + 1) / rising)
        else:
            start = max(rising - 1, 0)
            angle = math.pi * (number - start) / (updates - 1 - start)
            rates.append(lr_min + 0.5 * (peak - lr_min) * (1 + math.cos(angle)))
    return rates


@variant("planned_rates")
def two_pieces(peak, lr_min, warmup_epochs, epochs, rows, batch_size):
    per_epoch = (rows + batch_size - 1) // batch_size
    rise = np.linspace(0, peak, warmup_epochs * per_epoch + 1)[1:] if warmup_epochs else np.array([peak])
    left = epochs * per_epoch - len(rise)
    fall = lr_min + (peak - lr_min) * np.cos(np.pi / 2 * np.arange(1, left + 1) / left) ** 2
    return np.concatenate([rise, fall])


@variant("planned_rates")
def counted_in_batches(peak, lr_min, warmup_epochs, epochs, rows, batch_size):
    batches = [(epoch, start) for epoch in range(epochs) for start in range(0, rows, batch_size)]
    top = max(0, sum(epoch < warmup_epochs for epoch, _ in batches) - 1)
    rates = np.empty(len(batches))
    rates[: top + 1] = np.arange(1, top + 2) * (peak / (top + 1))
    turn = torch.linspace(0, math.pi, len(batches) - top, dtype=torch.float64)
    rates[top:] = (lr_min + (peak - lr_min) * (1 + torch.cos(turn)) / 2).numpy()
    return rates


@variant("planned_rates")
def as_a_tensor(peak, lr_min, warmup_epochs, epochs, rows, batch_size):
    per_epoch = len(torch.arange(rows).split(batch_size))
    update = torch.arange(epochs * per_epoch, dtype=torch.float64)
    top = max(warmup_epochs * per_epoch, 1) - 1
    share = (update - top).clamp(min=0) / (len(update) - 1 - top)
    falling = lr_min + (peak - lr_min) / 2 * (1 + torch.cos(torch.pi * share))
    return torch.where(update < top, peak * (update + 1) / (top + 1), falling)
