"""Five small networks, each with 150 digits of its own: the runs behind what lesson 16 says of new digits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import numpy as np
import torch
from torch import nn

from course.data import digits
from course.figures.lesson_16_networks import CLASSES, SIDE

SEEDS, FEW = 5, 150
BATCH = 25
# Early stopping: digits that are held out, and after how many updates it looks at them.
HELD_OUT, CHECKED = 30, 5
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
        updates: how many, of 25 digits each.
        digits: how many each network learns from, up to 600.
        dense: one hidden layer in place of two convolutions, with as many parameters.
        shifts: the share of rows that are moved by up to a pixel either way, each time they are seen.
        mixup: alpha; 0 for none.
        smoothing: of labels.
        dropout: the share of features that is left out before the last layer.
        decay: of weights.
        patience: of early stopping, in looks; 0 for none. It looks each 5 updates at 30 digits that are held
            out for it, and the rate stays.
        rare: only three of the digits that are learned from are an 8.
        balance: a class counts by the number of its digits to the power of minus this: 1 for all alike.
    """

    rate: float = 0.05
    updates: int = 100
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


def networks(remedy: Remedy, count: int) -> nn.Sequential:
    """Untrained networks side by side, (rows, count, 8, 8) to (rows, count * 10, 1, 1).

    Each is a group of every convolution, and goes the way that it would go alone. A kernel as large as its
    input is a dense layer.
    """

    def layer(inputs: int, outputs: int, size: int, stride: int = 1, padding: int = 0) -> nn.Module:
        return nn.Conv2d(count * inputs, count * outputs, size, stride, padding, groups=count)

    def normed(width: int) -> tuple[nn.Module, nn.Module]:
        return nn.BatchNorm2d(count * width), nn.ReLU()

    dropout = nn.Dropout(remedy.dropout)
    if remedy.dense:
        return nn.Sequential(layer(1, HIDDEN, SIDE), *normed(HIDDEN), dropout, layer(HIDDEN, CLASSES, 1))
    return nn.Sequential(
        layer(1, WIDTH, 3, padding=1),
        *normed(WIDTH),
        layer(WIDTH, 2 * WIDTH, 3, padding=1, stride=2),
        *normed(2 * WIDTH),
        dropout,
        layer(2 * WIDTH, CLASSES, SIDE // 2),
    )


def alone(models: nn.Sequential, remedy: Remedy, place: int, count: int) -> nn.Sequential:
    """A copy of one of the networks, to be evaluated."""
    model = networks(remedy, 1).to(next(models.parameters()).dtype)
    state = models.state_dict()
    model.load_state_dict(
        {name: every.chunk(count)[place] if every.ndim else every for name, every in state.items()}
    )
    return model.eval()


def shifted(X: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """Rows of 64 pixels, of which a share is moved by -1, 0 or 1 pixels, down and to the right."""
    padded = np.pad(X.reshape(-1, SIDE, SIDE), ((0, 0), (1, 1), (1, 1)))
    moves = np.where(rng.random(len(X)) < share, rng.integers(0, 3, size=(2, len(X))), 1)
    down, right = moves[..., None, None]
    every, pixels = np.arange(len(X))[:, None, None], np.arange(SIDE)
    return cast(np.ndarray, padded[every, down + pixels[:, None], right + pixels].reshape(X.shape))


def run(
    pieces: Pieces, remedy: Remedy, dtype: torch.dtype = torch.float64, seeds: int = SEEDS
) -> list[nn.Sequential]:
    """The networks after training on their few digits, ready to be evaluated."""
    with torch.random.fork_rng():
        torch.manual_seed(0)  # of first weights and dropout
        models = networks(remedy, seeds).to(dtype)
        optimizer = torch.optim.SGD(pieces.param_groups(models, remedy.decay), lr=remedy.rate, momentum=0.9)
        draws = [np.random.default_rng(seed) for seed in range(seeds)]
        learned = [parts(seed, remedy).learned for seed in range(seeds)]
        if remedy.patience:
            return _until_stopped(pieces, remedy, models, optimizer, learned, draws)
        batches = _batches(learned, draws)
        for update in range(remedy.updates):
            for group in optimizer.param_groups:
                group["lr"] = remedy.rate * 0.5 * (1 + np.cos(np.pi * update / remedy.updates))
            _update(pieces, remedy, models, optimizer, next(batches), draws)
    return [alone(models, remedy, seed, seeds) for seed in range(seeds)]


def _until_stopped(
    pieces: Pieces,
    remedy: Remedy,
    models: nn.Sequential,
    optimizer: torch.optim.Optimizer,
    learned: Sequence[np.ndarray],
    draws: Sequence[np.random.Generator],
) -> list[nn.Sequential]:
    """Each network until it has not become better on what is held out, and as it was best."""
    count = len(draws)
    stoppers = [pieces.early_stopping(remedy.patience) for _ in draws]
    going = set(range(count))
    batches = _batches([rows[:-HELD_OUT] for rows in learned], draws)
    for update in range(1, remedy.updates + 1):
        _update(pieces, remedy, models, optimizer, next(batches), draws)
        if update % CHECKED == 0:
            for seed in sorted(going):
                model = alone(models, remedy, seed, count)
                if stoppers[seed].step(_loss(model, learned[seed][-HELD_OUT:]), model):
                    going.remove(seed)
        if not going:
            break
    best = [alone(models, remedy, seed, count) for seed in range(count)]
    for stopper, model in zip(stoppers, best, strict=True):
        stopper.restore(model)
    return best


def _batches(
    learned: Sequence[np.ndarray], draws: Sequence[np.random.Generator]
) -> Iterator[list[np.ndarray]]:
    """The rows of one update, for each network; in a new order each epoch, the last few left out."""
    while True:
        orders = [rng.permutation(rows) for rng, rows in zip(draws, learned, strict=True)]
        for start in range(0, min(map(len, orders)) - BATCH + 1, BATCH):
            yield [order[start : start + BATCH] for order in orders]


def _update(
    pieces: Pieces,
    remedy: Remedy,
    models: nn.Sequential,
    optimizer: torch.optim.Optimizer,
    batches: Sequence[np.ndarray],
    draws: Sequence[np.random.Generator],
) -> None:
    """One update of all networks: by its own digits each."""
    inputs, targets = [], []
    for rows, rng in zip(batches, draws, strict=True):
        X, Y = data.X_train[rows], np.eye(CLASSES)[data.y_train[rows]]
        if remedy.shifts:
            X = shifted(X, remedy.shifts, rng)
        if remedy.mixup:
            X, Y = pieces.mixup(X, data.y_train[rows], CLASSES, remedy.mixup, rng)
        inputs.append(X.reshape(-1, SIDE, SIDE))
        targets.append(Y)
    optimizer.zero_grad()
    scores = models(torch.from_numpy(np.stack(inputs, axis=1)).to(next(models.parameters()).dtype))
    logits = scores.reshape(BATCH, len(batches), CLASSES)
    each = logits.detach().double().numpy().swapaxes(0, 1)
    if remedy.smoothing:
        labels = [data.y_train[rows] for rows in batches]
        made = [pieces.smoothed_loss(*pair, remedy.smoothing)[1] for pair in zip(each, labels, strict=True)]
        gradients = np.array(made)
    else:
        gradients = (torch.softmax(torch.from_numpy(each), dim=2).numpy() - np.array(targets)) / BATCH
    if remedy.balance:
        for seed, (gradient, rows) in enumerate(zip(gradients, batches, strict=True)):
            gradient *= class_weights(remedy, seed)[data.y_train[rows], None]
    logits.backward(torch.from_numpy(gradients.swapaxes(0, 1)).to(logits.dtype))
    optimizer.step()


def class_weights(remedy: Remedy, seed: int) -> np.ndarray:
    """What a digit of each class counts, (10,); 1 in the mean over the digits that are learned from."""
    labels = data.y_train[parts(seed, remedy).learned]
    weights = np.bincount(labels, minlength=CLASSES) ** -remedy.balance
    return np.asarray(weights / weights[labels].mean())


@torch.no_grad()
def _scores(model: nn.Sequential, X: np.ndarray) -> torch.Tensor:
    images = torch.from_numpy(X.reshape(-1, 1, SIDE, SIDE)).to(next(model.parameters()).dtype)
    return cast(torch.Tensor, model(images).flatten(1))


def _loss(model: nn.Sequential, rows: np.ndarray) -> float:
    scores = _scores(model, data.X_train[rows])
    return nn.functional.cross_entropy(scores, torch.from_numpy(data.y_train[rows])).item()


def right(model: nn.Sequential, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Of each row, whether the network reads it."""
    return cast(np.ndarray, _scores(model, X).argmax(dim=1).numpy() == y)


def chosen_by(models: Sequence[nn.Sequential]) -> float:
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


def on_new(models: Sequence[nn.Sequential], moved: bool = False) -> np.ndarray:
    """Accuracy in percent on new digits, (seeds,); ``moved``: by up to a pixel either way."""
    found = []
    for seed, model in enumerate(models):
        X, y = new_digits(seed)
        if moved:
            X = shifted(X, 1.0, np.random.default_rng(seed))
        found.append(100 * right(model, X, y).mean())
    return np.array(found)


def on_rare(models: Sequence[nn.Sequential]) -> np.ndarray:
    """Accuracy in percent on new digits of the rare class, and on all others, (2, seeds)."""
    found = []
    for seed, model in enumerate(models):
        X, y = new_digits(seed)
        read, rare = right(model, X, y), y == RARE
        found.append([100 * read[rare].mean(), 100 * read[~rare].mean()])
    return np.array(found).T
