"""Right answers of lesson 09 in other styles. Each is the text of a solution cell; see autograder.catalogue."""

import bisect
import itertools
import math

import numpy as np
import torch

from autograder.catalogue import variant


def at_each_step(rate, step):
    """rate(step), or an array of it."""
    return np.array([rate(int(t)) for t in step]) if isinstance(step, np.ndarray) else rate(step)


# warmup_cosine


@variant("warmup_cosine")
def three_cases(lr0, lr_min, warmup, total, step):
    def rate(t):
        if t < warmup:
            return lr0 * (t + 1) / (warmup + 1)
        if t >= total:
            return lr_min
        angle = math.pi * (t - warmup) / (total - warmup)
        return lr_min + 0.5 * (lr0 - lr_min) * (1 + math.cos(angle))

    return at_each_step(rate, step)


@variant("warmup_cosine")
def square_of_a_cosine(lr0, lr_min, warmup, total, step):
    quarter = np.pi / 2 * np.clip((np.asarray(step) - warmup) / (total - warmup), 0, 1)
    lr = lr_min + (lr0 - lr_min) * np.cos(quarter) ** 2
    return np.where(np.asarray(step) < warmup, lr0 * (np.asarray(step) + 1) / (warmup + 1), lr)


@variant("warmup_cosine")
def a_table(lr0, lr_min, warmup, total, step):
    rise = np.linspace(0, lr0, warmup + 2)[1:-1]
    fall = lr_min + (lr0 - lr_min) * (1 + np.cos(np.linspace(0, np.pi, total - warmup + 1))) / 2
    return np.concatenate([rise, fall])[np.minimum(step, total)]


@variant("warmup_cosine")
def written_into_an_array(lr0, lr_min, warmup, total, step):
    t = np.atleast_1d(np.array(step, dtype=np.float64))
    lr = np.full(t.shape, float(lr_min))
    early, late = t < warmup, (t >= warmup) & (t < total)
    lr[early] = lr0 * (t[early] + 1) / (warmup + 1)
    lr[late] += (lr0 - lr_min) / 2 * (1 + np.cos(np.pi * (t[late] - warmup) / (total - warmup)))
    return lr if np.ndim(step) else lr[0]


@variant("warmup_cosine")
def through_torch(lr0, lr_min, warmup, total, step):
    t = torch.as_tensor(step, dtype=torch.float64)
    share = ((t - warmup) / (total - warmup)).clamp(max=1)
    falling = lr_min + (lr0 - lr_min) * (1 + torch.cos(math.pi * share)) / 2
    return torch.where(t < warmup, lr0 * (t + 1) / (warmup + 1), falling).numpy()


# noam


@variant("noam")
def two_cases(d_model, warmup, step):
    t = np.asarray(step, dtype=np.float64)
    return np.where(t < warmup, t / warmup / np.sqrt(warmup), 1 / np.sqrt(t)) / np.sqrt(d_model)


@variant("noam")
def peak_times_share(d_model, warmup, step):
    peak = 1 / math.sqrt(d_model * warmup)
    return peak * np.minimum(step / warmup, np.sqrt(warmup / step))


@variant("noam")
def step_by_step(d_model, warmup, step):
    return at_each_step(lambda t: min(t**-0.5, t * warmup**-1.5) / d_model**0.5, step)


@variant("noam")
def smallest_of_a_stack(d_model, warmup, step):
    t = torch.as_tensor(step, dtype=torch.float64)
    return (torch.stack([t.rsqrt(), t * warmup**-1.5]).amin(dim=0) * d_model**-0.5).numpy()


# SequentialSchedule


@variant("SequentialSchedule")
class FindsThePhase:
    def __init__(self, optimizer, factors, milestones):
        if len(factors) != len(milestones) + 1:
            raise ValueError("factors and milestones do not fit")
        self.optimizer, self.factors, self.milestones = optimizer, list(factors), list(milestones)
        self.base = tuple(group["lr"] for group in optimizer.param_groups)
        self.count = -1
        self.step()

    def step(self):
        self.count += 1
        phase = bisect.bisect_right(self.milestones, self.count)
        since = self.count - (self.milestones[phase - 1] if phase else 0)
        self.last = [lr * self.factors[phase](since) for lr in self.base]
        for group, lr in zip(self.optimizer.param_groups, self.last, strict=True):
            group["lr"] = lr

    def get_last_lr(self):
        return list(self.last)


@variant("SequentialSchedule")
class MovesOn:
    def __init__(self, optimizer, factors, milestones):
        if len(milestones) - len(factors) != -1:
            raise ValueError("one milestone fewer than factors is needed")
        self.groups = optimizer.param_groups
        for group in self.groups:
            group.setdefault("initial_lr", group["lr"])
        self.waiting = list(zip(milestones, factors[1:], strict=True))
        self.factor, self.own, self.t = factors[0], 0, 0
        self._apply()

    def _apply(self):
        for group in self.groups:
            group["lr"] = group["initial_lr"] * self.factor(self.own)

    def step(self):
        self.t, self.own = self.t + 1, self.own + 1
        if self.waiting and self.waiting[0][0] == self.t:
            _, self.factor = self.waiting.pop(0)
            self.own = 0
        self._apply()

    def get_last_lr(self):
        return [float(group["lr"]) for group in self.groups]


@variant("SequentialSchedule")
class AsAGenerator:
    def __init__(self, optimizer, factors, milestones):
        if len(milestones) != len(factors) - 1:
            raise ValueError
        self.pairs = [(group, group["lr"]) for group in optimizer.param_groups]
        self.all = self._factors(factors, [0, *milestones, math.inf])
        self.step()

    def _factors(self, factors, bounds):
        for factor, (start, end) in zip(factors, itertools.pairwise(bounds), strict=True):
            for k in itertools.count():
                if start + k == end:
                    break
                yield factor(k)

    def step(self):
        factor = next(self.all)
        for group, lr in self.pairs:
            group.update(lr=lr * factor)

    def get_last_lr(self):
        return tuple(group["lr"] for group, _ in self.pairs)


@variant("SequentialSchedule")
class NewDictionaries:
    def __init__(self, optimizer, factors, milestones):
        if len(milestones) + 1 != len(factors):
            raise ValueError("There is a seam too many or too few.")
        self.optimizer, self.factors, self.milestones = optimizer, factors, np.array([0, *milestones])
        self.initial = np.array([group["lr"] for group in optimizer.param_groups])
        self.set(0)

    def set(self, t):
        self.t = t
        phase = np.searchsorted(self.milestones, t, side="right").item() - 1
        self.rates = self.initial * self.factors[phase](t - int(self.milestones[phase]))
        self.optimizer.param_groups = [
            {**group, "lr": lr.item()}
            for group, lr in zip(self.optimizer.param_groups, self.rates, strict=True)
        ]

    def step(self):
        self.set(self.t + 1)

    def get_last_lr(self):
        return self.rates.tolist()


# SwitchOptimizer


@variant("SwitchOptimizer")
class CountsDown:
    def __init__(self, first, second, switch_at):
        if not switch_at >= 0:
            raise ValueError("switch_at is negative")
        self.now, self.later, self.left = first, second, switch_at
        self._turn()

    def _turn(self):
        if self.left == 0:
            self.now = self.later

    @property
    def param_groups(self):
        return self.now.param_groups

    def step(self):
        self.now.step()
        self.left -= 1
        self._turn()

    def zero_grad(self):
        self.now.zero_grad()
        self.later.zero_grad()


@variant("SwitchOptimizer")
class KeepsTheGroups:
    def __init__(self, first, second, switch_at):
        if switch_at < 0:
            raise ValueError("a negative number of steps")
        self.optimizers = first, second
        self.switch_at, self.count = switch_at, 0
        self.param_groups = self.optimizers[self.count >= switch_at].param_groups

    def step(self):
        self.optimizers[self.count >= self.switch_at].step()
        self.count += 1
        self.param_groups = self.optimizers[self.count >= self.switch_at].param_groups

    def zero_grad(self):
        for group in self.param_groups:
            for param in group["params"]:
                param.grad = None


@variant("SwitchOptimizer")
class ARowOfTurns:
    def __init__(self, first, second, switch_at):
        if switch_at < 0:
            raise ValueError
        self.turns = itertools.chain(itertools.repeat(first, switch_at), itertools.repeat(second))
        self.next = next(self.turns)

    @property
    def param_groups(self):
        return list(self.next.param_groups)

    def step(self):
        self.next.step()
        self.next = next(self.turns)

    def zero_grad(self):
        for param in (param for group in self.next.param_groups for param in group["params"]):
            if param.grad is not None:
                param.grad = torch.zeros_like(param.grad)


@variant("SwitchOptimizer")
class ByBranches:
    def __init__(self, first, second, switch_at):
        self.first, self.second = first, second
        self.t, self.switch_at = 0, switch_at
        if switch_at < 0:
            raise ValueError("switch_at < 0")

    @property
    def param_groups(self):
        if self.t < self.switch_at:
            return self.first.param_groups
        return self.second.param_groups

    def step(self):
        self.t += 1
        if self.t <= self.switch_at:
            self.first.step()
        else:
            self.second.step()

    def zero_grad(self):
        self.first.zero_grad()


# cosine_restarts


@variant("cosine_restarts")
def subtracts_cycle_by_cycle(lr0, lr_min, t_0, t_mult, step):
    def rate(t):
        length = t_0
        while t >= length:
            t -= length
            length *= t_mult
        return lr_min + 0.5 * (lr0 - lr_min) * (1 + math.cos(math.pi * t / length))

    return at_each_step(rate, step)


@variant("cosine_restarts", after="warmup_cosine")
def by_the_earlier_answer(lr0, lr_min, t_0, t_mult, step):
    def rate(t):
        start, length = 0, t_0
        while start + length <= t:
            start, length = start + length, length * t_mult
        return warmup_cosine(lr0, lr_min, 0, length, t - start)

    return np.array([rate(t) for t in step.tolist()]) if np.ndim(step) else rate(step)


@variant("cosine_restarts")
def a_list_of_starts(lr0, lr_min, t_0, t_mult, step):
    starts = [0]
    lengths = [t_0]
    while starts[-1] + lengths[-1] <= np.max(step):
        starts.append(starts[-1] + lengths[-1])
        lengths.append(lengths[-1] * t_mult)
    cycle = np.searchsorted(starts, step, side="right") - 1
    share = (step - np.array(starts)[cycle]) / np.array(lengths)[cycle]
    return lr_min + (lr0 - lr_min) * np.cos(np.pi / 2 * share) ** 2


@variant("cosine_restarts")
def a_table_of_all(lr0, lr_min, t_0, t_mult, step):
    rates, length = [], t_0
    while len(rates) <= np.max(step):
        turn = torch.arange(length, dtype=torch.float64) * (math.pi / length)
        rates += (lr_min + (lr0 - lr_min) * (1 + torch.cos(turn)) / 2).tolist()
        length *= t_mult
    return np.array(rates)[step]
