"""Five small networks, each with 150 digits of its own: the runs behind what lesson 16 says of new digits."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import numpy as np
import torch
from torch import nn
from torch.func import functional_call, stack_module_state, vmap

from course.data import digits
from course.figures.lesson_16_networks import CLASSES, SIDE, Convolutional, seeded

SEEDS, FEW = 5, 150
UPDATES, BATCH, EPOCH = 150, 25, 6
HELD_OUT = 30
WIDTH = 8
RARE, RARE_ROWS = 8, 3
# Hidden units of the dense network, which has as many parameters as the convolutional one.
HIDDEN = 51

data = digits()


class Pieces(NamedTuple):
    """The student's own answers that the runs are made of."""

    mixup: Callable[..., Any]
    smoothed_loss: Callable[..., Any]
    param_groups: Callable[..., Any]
    early_stopping: Callable[..., Any]


@dataclass(frozen=True)
class Remedy:
    """What a run does about new digits; as it stands, nothing.

    Attributes:
        rate: the first one; it falls to 0 along half a cosine.
        digits: how many each network learns from, up to 600.
        dense: one hidden layer in place of two convolutions, with as many parameters.
        shifts: the share of rows that are moved by up to a pixel either way, each time they are seen.
        mixup: alpha; 0 for none.
        smoothing: of labels.
        dropout: the share of features that is left out before the last layer.
        decay: of weights.
        patience: of early stopping, in epochs; 0 for none. 30 digits are held out for it, and the rate stays.
        rare: only three of the digits that are learned from are an 8.
        balance: a class counts by the number of its digits to the power of minus this: 1 for all alike.
    """

    rate: float = 0.05
    digits: int = FEW
    dense: bool = False
    shifts: float = 0.0
    mixup: float = 0.0
    smoothing: float = 0.0
    dropout: float = 0.0
    decay: float = 0.0
    patience: int = 0
    rare: bool = False
    balance: float = 0.0

    def __post_init__(self) -> None:
        if self.mixup and self.smoothing:
            raise ValueError("Labels are either mixed or smoothed: leave one of the two at 0.")


class Parts(NamedTuple):
    """The rows of ``X_train`` that a seed learns from, chooses settings by, and never meets."""

    learned: np.ndarray
    chosen_by: np.ndarray
    new: np.ndarray


def parts(seed: int, remedy: Remedy) -> Parts:
    """No two seeds learn from the same 150 digits."""
    order = np.roll(np.random.default_rng(0).permutation(len(data.y_train)), -FEW * seed)
    learned = order[: remedy.digits]
    if remedy.rare:
        of_rare = learned[data.y_train[learned] == RARE]
        learned = learned[~np.isin(learned, of_rare[RARE_ROWS:])]
    return Parts(learned, order[1200:], order[600:1200])


class Several:
    """Networks of one kind, side by side: each learns as it would alone."""

    def __init__(self, each: Sequence[nn.Module]):
        self._each, self.kind = each, copy.deepcopy(each[0])
        self.params, self.buffers = stack_module_state(list(each))
        self._all = vmap(self._one, randomness="different")

    def _one(self, params: Any, buffers: Any, X: torch.Tensor) -> Any:
        return functional_call(self.kind, (params, buffers), (X,))

    def __call__(self, X: torch.Tensor) -> torch.Tensor:
        """(networks, rows, 64) to (networks, rows, 10)."""
        return cast(torch.Tensor, self._all(self.params, self.buffers, X))

    def groups(self, made: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Param groups of one network, ``kind``, as those of all."""
        names = {id(param): name for name, param in self.kind.named_parameters()}
        return [
            {**group, "params": [self.params[names[id(each)]] for each in group["params"]]} for group in made
        ]

    def alone(self, place: int) -> nn.Module:
        """One of the networks, as it is now, to be evaluated."""
        state = {name: every[place] for name, every in (self.params | self.buffers).items()}
        self._each[place].load_state_dict(state)
        return self._each[place].eval()


def network(remedy: Remedy, seed: int) -> nn.Module:
    """What learns, untrained."""

    def dense() -> nn.Module:
        return nn.Sequential(
            nn.Linear(SIDE**2, HIDDEN),
            nn.BatchNorm1d(HIDDEN),
            nn.ReLU(),
            nn.Dropout(remedy.dropout),
            nn.Linear(HIDDEN, CLASSES),
        )

    def convolutional() -> nn.Module:
        return Convolutional(nn.BatchNorm1d, width=WIDTH, dropout=remedy.dropout)

    return seeded(dense if remedy.dense else convolutional, seed)


def shifted(X: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """Rows of 64 pixels, of which a share is moved by -1, 0 or 1 pixels, down and to the right."""
    padded = np.pad(X.reshape(-1, SIDE, SIDE), ((0, 0), (1, 1), (1, 1)))
    moves = np.where(rng.random(len(X)) < share, rng.integers(0, 3, size=(2, len(X))), 1)
    down, right = moves[..., None, None]
    every, pixels = np.arange(len(X))[:, None, None], np.arange(SIDE)
    return cast(np.ndarray, padded[every, down + pixels[:, None], right + pixels].reshape(X.shape))


def run(pieces: Pieces, remedy: Remedy, seeds: int = SEEDS) -> list[nn.Module]:
    """The networks after training on their few digits, ready to be evaluated."""
    models = Several([network(remedy, seed) for seed in range(seeds)])
    groups = models.groups(pieces.param_groups(models.kind, remedy.decay))
    optimizer = torch.optim.SGD(groups, lr=remedy.rate, momentum=0.9)
    draws = [np.random.default_rng(seed) for seed in range(seeds)]
    stoppers = [pieces.early_stopping(remedy.patience) for _ in draws] if remedy.patience else []
    rows = [parts(seed, remedy).learned for seed in range(seeds)]
    held_out = [each[-HELD_OUT:] for each in rows]
    if stoppers:
        rows = [each[:-HELD_OUT] for each in rows]
    going = set(range(len(stoppers)))
    orders: list[np.ndarray] = []
    epoch = min(map(len, rows)) // BATCH
    with torch.random.fork_rng():
        torch.manual_seed(0)  # of dropout
        for update in range(UPDATES):
            if update % epoch == 0:
                orders = [rng.permutation(each) for rng, each in zip(draws, rows, strict=True)]
            at = update % epoch * BATCH
            batches = [order[at : at + BATCH] for order in orders]
            if not stoppers:
                for group in optimizer.param_groups:
                    group["lr"] = remedy.rate * 0.5 * (1 + np.cos(np.pi * update / UPDATES))
            _update(pieces, remedy, models, optimizer, batches, draws)
            if update % epoch == epoch - 1:
                for seed in sorted(going):
                    if stoppers[seed].step(_loss(models.alone(seed), held_out[seed]), models.alone(seed)):
                        going.remove(seed)
    trained = [models.alone(seed) for seed in range(seeds)]
    for stopper, model in zip(stoppers, trained, strict=False):
        stopper.restore(model)
    return trained


def _update(
    pieces: Pieces,
    remedy: Remedy,
    models: Several,
    optimizer: torch.optim.Optimizer,
    batches: Sequence[np.ndarray],
    draws: Sequence[np.random.Generator],
) -> None:
    inputs, targets = [], []
    for rows, rng in zip(batches, draws, strict=True):
        X, Y = data.X_train[rows], np.eye(CLASSES)[data.y_train[rows]]
        if remedy.shifts:
            X = shifted(X, remedy.shifts, rng)
        if remedy.mixup:
            X, Y = pieces.mixup(X, data.y_train[rows], CLASSES, remedy.mixup, rng)
        inputs.append(X)
        targets.append(Y)
    optimizer.zero_grad()
    logits = models(torch.from_numpy(np.array(inputs)))
    if remedy.smoothing:
        gradients = np.array(
            [
                pieces.smoothed_loss(each, data.y_train[rows], remedy.smoothing)[1]
                for each, rows in zip(logits.detach().numpy(), batches, strict=True)
            ]
        )
    else:
        gradients = (torch.softmax(logits.detach(), dim=2).numpy() - np.array(targets)) / len(batches[0])
    if remedy.balance:
        counts = np.array([_counts(remedy, seed) for seed in range(len(draws))])
        weights = counts**-remedy.balance
        weights /= (counts * weights).sum(axis=1, keepdims=True) / counts.sum(axis=1, keepdims=True)
        each = [weight[data.y_train[rows]] for weight, rows in zip(weights, batches, strict=True)]
        gradients *= np.array(each)[..., None]
    logits.backward(torch.from_numpy(gradients))
    optimizer.step()


def _counts(remedy: Remedy, seed: int) -> np.ndarray:
    """How many digits of each class a network learns from."""
    return np.bincount(data.y_train[parts(seed, remedy).learned], minlength=CLASSES).astype(float)


@torch.no_grad()
def _loss(model: nn.Module, rows: np.ndarray) -> float:
    scores = model(torch.from_numpy(data.X_train[rows]))
    return nn.functional.cross_entropy(scores, torch.from_numpy(data.y_train[rows])).item()


@torch.no_grad()
def right(model: nn.Module, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Of each row, whether the network reads it."""
    return cast(np.ndarray, model(torch.from_numpy(X)).argmax(dim=1).numpy() == y)


def chosen_by(models: Sequence[nn.Module]) -> float:
    """What settings are chosen by: the mean accuracy in percent on 300 digits for each network."""
    rows = [parts(seed, Remedy()).chosen_by for seed in range(len(models))]
    each = [right(model, data.X_train[at], data.y_train[at]) for model, at in zip(models, rows, strict=True)]
    return float(100 * np.mean(each))


def new_digits(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """897 digits that nothing of this seed has met: 600 of the training digits, and all test digits."""
    rows = parts(seed, Remedy()).new
    return np.concatenate([data.X_train[rows], data.X_test]), np.concatenate(
        [data.y_train[rows], data.y_test]
    )


def on_new(models: Sequence[nn.Module], moved: bool = False) -> np.ndarray:
    """Accuracy in percent on new digits, (seeds,); ``moved``: by up to a pixel either way."""
    found = []
    for seed, model in enumerate(models):
        X, y = new_digits(seed)
        if moved:
            X = shifted(X, 1.0, np.random.default_rng(seed))
        found.append(100 * right(model, X, y).mean())
    return np.array(found)


def on_rare(models: Sequence[nn.Module]) -> np.ndarray:
    """Accuracy in percent on new digits of the rare class, and on all others, (2, seeds)."""
    found = []
    for seed, model in enumerate(models):
        X, y = new_digits(seed)
        read, rare = right(model, X, y), y == RARE
        found.append([100 * read[rare].mean(), 100 * read[~rare].mean()])
    return np.array(found).T
