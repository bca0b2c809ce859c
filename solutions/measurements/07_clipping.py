"""What lesson 07's figures draw over five seeds: the speller with its spoilt page, and the trainer."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn
from torch.utils.data import BatchSampler

from course import characters, data, training

SEEDS = range(5)
UPDATES, PAGE = 250, 150
RATES = (0.1, 0.3, 0.5, 1.0, 1.5, 2.0, 4.0)
THRESHOLDS = (0.03, 0.1, 0.3, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0)
LR, MAX_NORM = 1.5, 0.5
GAINS = (0.75, 1.0, 1.5, 2.0)
# Of the trainer: SGD with momentum 0.9, where lesson 03 left it.
TRAINER_RATES = (0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
TRAINER_THRESHOLDS = (0.3, 1.0, 3.0)
STEPS, BYTES_AT = 138, 70


class Setting(NamedTuple):
    """One run of the speller; an infinite ``max_norm`` is no clipping."""

    seed: int
    lr: float
    max_norm: float


def measure(answers: SimpleNamespace) -> dict[str, np.ndarray]:
    """The arrays; the first axis of the speller's runs is the seed, of the sweeps the setting.

    Returns:
        plain_losses, plain_norms, clipped_losses, clipped_norms: (seeds, 250), the page at update 150.
        page_plain, page_clipped, clean_plain, clean_clipped: (rates, seeds), losses at the end.
        thresholds, page_thresholds: the thresholds, and (thresholds, seeds) losses at the end.
        rates: the rates.
        clean_norms: (seeds, 250) norms of a run without the page and without clipping.
        guarded: (seeds,) losses at the end with ``SpikeGuard`` and the page; guard_skipped: (seeds, 250),
            whether it skipped the batch.
        through_time: (gains, seeds, 40) lengths of the gradient with respect to each state; gains: those.
        trainer, trainer_plain: (seeds,) the trainer's training losses with and without clipping, each at its
            best; trainer_setting: rate and threshold of the first, and the rate of the second.
        bytes_plain, bytes_clipped: the same where one batch is of raw bytes.
    """
    grid = [[Setting(seed, lr, tau) for seed in SEEDS] for lr in RATES for tau in (math.inf, MAX_NORM)]
    swept = [[Setting(seed, LR, tau) for seed in SEEDS] for tau in THRESHOLDS]
    paged = _together(answers, [*itertools.chain(*grid, *swept)], PAGE)
    clean = _together(answers, [*itertools.chain(*grid)], 0)
    at = len(SEEDS) * 2 * RATES.index(LR)
    plain, clipped = slice(at, at + len(SEEDS)), slice(at + len(SEEDS), at + 2 * len(SEEDS))
    ends, clean_ends = (_ends(losses) for losses, _ in (paged, clean))
    guarded = [_guarded(answers, seed) for seed in SEEDS]
    return {
        "plain_losses": paged[0][plain],
        "plain_norms": paged[1][plain],
        "clipped_losses": paged[0][clipped],
        "clipped_norms": paged[1][clipped],
        "page_plain": ends[: len(grid)][0::2],
        "page_clipped": ends[: len(grid)][1::2],
        "clean_plain": clean_ends[0::2],
        "clean_clipped": clean_ends[1::2],
        "page_thresholds": ends[len(grid) :],
        "thresholds": np.array(THRESHOLDS),
        "rates": np.array(RATES),
        "clean_norms": clean[1][plain],
        "guarded": np.array([end for end, _ in guarded]),
        "guard_skipped": np.array([skipped for _, skipped in guarded]),
        "through_time": np.array(
            [[characters.gradient_through_time(gain, seed) for seed in SEEDS] for gain in GAINS]
        ),
        "gains": np.array(GAINS),
        **_trainer(answers),
    }


def _together(
    answers: SimpleNamespace, settings: Sequence[Setting], page: int
) -> tuple[np.ndarray, np.ndarray]:
    """Losses and norms (settings, 250) of runs side by side, each clipped by the lesson's function."""
    model = characters.Speller([setting.seed for setting in settings])
    rngs = [np.random.default_rng(setting.seed) for setting in settings]
    losses, norms = np.empty((2, len(settings), UPDATES))
    for update in range(UPDATES):
        x, y = characters.batch(rngs, update + 1 == page)
        model.zero_grad()
        each = characters.loss_each(model(x), y)
        each.sum().backward()
        losses[:, update] = each.detach()
        for own, setting in enumerate(settings):
            grads = [theta.grad[own].numpy() for theta in model.parameters() if theta.grad is not None]
            clipped, norms[own, update] = answers.clip_by_global_norm(grads, setting.max_norm)
            with torch.no_grad():
                for theta, grad in zip(model.parameters(), clipped, strict=True):
                    theta[own] -= setting.lr * torch.from_numpy(grad)
    return losses, norms


def _ends(losses: np.ndarray) -> np.ndarray:
    """(settings, seeds): the mean loss of the last 20 updates."""
    return losses[:, -20:].mean(axis=1).reshape(-1, len(SEEDS))


def _guarded(answers: SimpleNamespace, seed: int) -> tuple[float, list[bool]]:
    guard, skipped = answers.SpikeGuard(), []

    def step(model: nn.Module, loss_fn: Any, x: Any, y: Any, optimizer: Any) -> tuple[float, float]:
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        params = list(model.parameters())
        grads = guard.clip([theta.grad.numpy() for theta in params if theta.grad is not None])
        skipped.append(grads is None)
        if grads is not None:
            for theta, grad in zip(params, grads, strict=True):
                theta.grad = torch.from_numpy(grad)
            optimizer.step()
        return loss.item(), 0.0

    losses, _ = characters.train(step, LR, UPDATES, PAGE, seed)
    return float(losses[-20:].mean()), skipped


def _trainer(answers: SimpleNamespace) -> dict[str, np.ndarray]:
    """The digits network: every setting on clean batches, and the best two with one batch of raw bytes."""
    run = partial(_digits, answers, data.digits())

    def each(lr: float, max_norm: float, bytes_at: int = 0) -> np.ndarray:
        return np.array([run(seed, lr, max_norm, bytes_at) for seed in SEEDS])

    grid = list(itertools.product(TRAINER_RATES, (math.inf, *TRAINER_THRESHOLDS)))
    found = {setting: each(*setting) for setting in grid}

    def best(clipped: bool) -> tuple[float, float]:
        rivals = [setting for setting in grid if math.isfinite(setting[1]) == clipped]
        return min(rivals, key=lambda setting: float(np.median(found[setting])))

    plain, clipped = best(False), best(True)
    return {
        "trainer": found[clipped],
        "trainer_plain": found[plain],
        "trainer_setting": np.array([*clipped, plain[0]]),
        "bytes_plain": each(*plain, BYTES_AT),
        "bytes_clipped": each(*clipped, BYTES_AT),
    }


def _digits(
    answers: SimpleNamespace, digits: data.Digits, seed: int, lr: float, max_norm: float, bytes_at: int
) -> float:
    """The training loss after 138 updates; the batch of update ``bytes_at`` has pixels from 0 to 255."""
    X, y = torch.from_numpy(digits.X_train), torch.from_numpy(digits.y_train)
    model, rng = training.network(seed), np.random.default_rng(seed)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    rows = itertools.chain.from_iterable(
        BatchSampler(rng.permutation(len(X)).tolist(), 64, drop_last=True) for _ in itertools.count()
    )
    for step, batch in enumerate(itertools.islice(rows, STEPS), start=1):
        scale = 255.0 if step == bytes_at else 1.0
        loss_fn = nn.functional.cross_entropy
        answers.clipped_training_step(model, loss_fn, scale * X[batch], y[batch], optimizer, max_norm)
    return training.evaluate(model, digits.X_train, digits.y_train)[0]
