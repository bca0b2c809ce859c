"""Behind figures of lesson 16: logs of a right step and of five with one mistake each, and recipes with a piece less."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.func import functional_call, grad, stack_module_state, vmap
from torch.nn import functional as F

from autograder.catalogue.answers import answer, misconceptions
from autograder.catalogue.answers import answers as answers_of
from autograder.catalogue.lesson import find
from course.data import digits
from course.figures import lesson_16_remedies as remedies
from course.figures import lesson_16_runs as runs
from course.figures.lesson_16_few import Pieces
from course.figures.lesson_16_networks import Convolutional, Norm, Recurrent, Transformer, seeded
from course.training import network

# In the order of the quiz: the ids of the mistakes.
BROKEN = ("sum_of_means", "not_zeroed", "never_clips", "zero_in_loop", "scheduler_first")
PIECES, MAX_NORM = (60, 60, 8), 0.2
# The plan: warm-up over four updates, and then the peak.
RATES = (0.1, 0.2, 0.3, 0.4, 0.4, 0.4)
EARLIER = ("03_momentum", "05_adam", "06_lr_decay", "09_warmup", "11_initialisation")
SEEDS = 5
# Of a Transformer: its rates, updates, those of warm-up, and the digits of a batch.
PEAKS, UPDATES, WARMUP, DIGITS, DECAY = (0.005, 0.01, 0.02), 100, 50, 16, 0.01
CNN_RATES, RNN_RATES, HYBRID_RATES = (0.1, 0.3, 1.0), (0.01, 0.03, 0.1), (0.01, 0.02)


def measure(answers: SimpleNamespace) -> dict[str, np.ndarray]:
    """The arrays that the figures read; accuracies are shares of test digits.

    names: (runs,), "right" and then the mistakes.
    rates: (updates,), the plan.
    logs: (runs, updates, 4): loss, grad_norm and lr as the step returned them, and how far the parameters moved.
    peaks: (3,), rates of a Transformer.
    transformer: (2, 3, seeds), accuracy clipped, and clipped and warmed up, at each of these rates.
    first: (4, seeds), as it is, clipped, warmed up, both, at the last of them.
    cnn_rates, rnn_rates, hybrid_rates: those of the other recipes.
    cnn: (2, 3, seeds), accuracy by the recipe and without its batch norm.
    rnn: (3, 3, seeds), by the recipe, without its clipping, without its start.
    hybrid: (2, seeds), convolutions and then a Transformer.
    attention: (3, seeds), the same Transformer without convolutions, at each of peaks.
    And those of ``lesson_16_remedies.measure``.
    """
    lesson = find("16_recipes")
    solution = lesson.solutions()["training_step"]
    known = {each.misconception.id: each for each in misconceptions(lesson, "training_step")}
    steps = {"right": answers.training_step}
    steps |= {id: answer(lesson, "training_step", known[id].code(solution)) for id in BROKEN}
    earlier = (*EARLIER, "12_normalisation")
    pieces = SimpleNamespace(
        **vars(answers),
        **{name: made for each in earlier for name, made in answers_of(find(each), {}).items()},
    )
    plain, transformer = (
        np.array([_transformers(pieces, 4, warmup, limit, peaks) for warmup in (0, WARMUP)])
        for limit, peaks in ((np.inf, PEAKS[-1:]), (1.0, PEAKS))
    )
    return {
        "names": np.array(list(steps)),
        "rates": np.array(RATES),
        "logs": np.array([_log(step) for step in steps.values()]),
        "peaks": np.array(PEAKS),
        "transformer": transformer,
        "first": np.stack([plain[0, 0], transformer[0, -1], plain[1, 0], transformer[1, -1]]),
        "attention": _transformers(pieces, 2, WARMUP, 1.0, PEAKS),
        "cnn_rates": np.array(CNN_RATES),
        "cnn": _each(partial(_cnn, pieces), (nn.BatchNorm1d, lambda _: nn.Identity()), CNN_RATES),
        "rnn_rates": np.array(RNN_RATES),
        "rnn": _each(partial(_rnn, pieces), ((True, 1.0), (True, np.inf), (False, 1.0)), RNN_RATES),
        "hybrid_rates": np.array(HYBRID_RATES),
        "hybrid": _each(partial(_hybrid, pieces), (None,), HYBRID_RATES)[0],
        **remedies.measure(
            Pieces(
                answers.mixup,
                answers.label_smoothing_cross_entropy,
                answers.param_groups,
                answers.EarlyStopping,
            )
        ),
    }


def _each(run: Any, kinds: Any, rates: Any) -> np.ndarray:
    """(kinds, rates, seeds) accuracies."""
    return np.array([[[run(kind, lr, seed) for seed in range(SEEDS)] for lr in rates] for kind in kinds])


def _cnn(pieces: SimpleNamespace, norm: Norm, lr: float, seed: int, updates: int = 40) -> float:
    model = seeded(lambda: Convolutional(norm), seed)
    sgd = partial(pieces.MomentumSGD, momentum=0.9)
    optimizer = runs.Grouped(sgd, pieces.param_groups(model, 1e-4), lr)
    plan = runs.Plan(optimizer, lambda update: pieces.cosine_decay(lr, 0.0, updates, update))
    runs.trained(pieces.training_step, model, optimizer, plan, updates, seed=seed)
    return runs.accuracy(model)


def _rnn(pieces: SimpleNamespace, kind: tuple[bool, float], lr: float, seed: int, updates: int = 60) -> float:
    orthogonal, max_norm = kind
    model = seeded(Recurrent, seed)
    if orthogonal:
        runs.start_recurrent(model, pieces.xavier_uniform, seed)
    optimizer = runs.Grouped(pieces.Adam, pieces.param_groups(model, 0.0), lr)
    plan = runs.Plan(optimizer, lambda update: pieces.step_decay(lr, 0.3, 20, update))
    runs.trained(pieces.training_step, model, optimizer, plan, updates, max_norm, seed=seed)
    return runs.accuracy(model)


def _hybrid(pieces: SimpleNamespace, _: None, lr: float, seed: int) -> float:
    model = seeded(lambda: Transformer(nn.LayerNorm, 2, 16, nn.BatchNorm1d), seed)
    optimizer = runs.Grouped(pieces.AdamW, pieces.param_groups(model, DECAY), lr)
    plan = runs.Plan(optimizer, lambda update: pieces.warmup_cosine(lr, 0.0, WARMUP, UPDATES, update))
    runs.trained(pieces.training_step, model, optimizer, plan, UPDATES, 1.0, DIGITS, seed)
    return runs.accuracy(model)


def _transformers(
    pieces: SimpleNamespace, layers: int, warmup: int, max_norm: float, among: tuple[float, ...]
) -> np.ndarray:
    """(rates, seeds) accuracies after training with AdamW, all networks side by side, in float32."""
    chosen = [(peak, seed) for peak in among for seed in range(SEEDS)]
    models = [seeded(lambda: Transformer(nn.LayerNorm, layers, 16), seed).float() for _, seed in chosen]
    params = {name: each.detach() for name, each in stack_module_state(models)[0].items()}
    first = {name: torch.zeros_like(each) for name, each in params.items()}
    second = {name: torch.zeros_like(each) for name, each in params.items()}
    data = digits()
    X, X_test = torch.from_numpy(data.X_train).float(), torch.from_numpy(data.X_test).float()
    y, y_test = torch.from_numpy(data.y_train), torch.from_numpy(data.y_test)

    def loss(own: dict[str, torch.Tensor], x: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return F.cross_entropy(functional_call(models[0], own, (x,)), labels)

    gradient = vmap(grad(loss))
    peaks = torch.tensor([peak for peak, _ in chosen])
    rngs = [np.random.default_rng(seed) for _, seed in chosen]
    for update in range(UPDATES):
        rows = torch.from_numpy(np.stack([rng.permutation(len(X))[:DIGITS] for rng in rngs]))
        gradients = gradient(params, X[rows], y[rows])
        squares = [each.flatten(1).square().sum(dim=1) for each in gradients.values()]
        norms = torch.stack(squares).sum(dim=0).sqrt()
        scale = (max_norm / (norms + 1e-6)).clamp(max=1)
        lr = peaks * float(pieces.warmup_cosine(1.0, 0.0, warmup, UPDATES, update))
        for name, param in params.items():
            beside = (-1,) + (1,) * (param.ndim - 1)
            g = gradients[name] * scale.view(beside)
            first[name].lerp_(g, 0.1)
            second[name].lerp_(g.square(), 0.001)
            corrected = (second[name] / (1 - 0.999 ** (update + 1))).sqrt() + 1e-8
            if param.ndim > 2:  # a stack of matrices
                param.mul_(1 - lr.view(beside) * DECAY)
            param.sub_(lr.view(beside) * first[name] / (1 - 0.9 ** (update + 1)) / corrected)
    answered = vmap(lambda own: functional_call(models[0], own, (X_test,)))(params).argmax(dim=-1)
    right = (answered == y_test).double().mean(dim=1)
    return np.asarray(right.numpy().reshape(len(among), SEEDS))


def _log(training_step: Any) -> list[list[float]]:
    """A run of the digits network with plain gradient descent, of which each update is written down."""
    data, model = digits(), network(seed=0)
    rng = np.random.default_rng(0)
    optimizer = torch.optim.SGD(model.parameters(), lr=RATES[0])
    scheduler = runs.Plan(optimizer, lambda update: RATES[min(update, len(RATES) - 1)])
    log = []
    for _ in RATES:
        rows = np.split(rng.permutation(len(data.X_train))[: sum(PIECES)], np.cumsum(PIECES)[:-1])
        batches = [(torch.tensor(data.X_train[part]), torch.tensor(data.y_train[part])) for part in rows]
        before = torch.nn.utils.parameters_to_vector(model.parameters()).detach().clone()
        loss, norm, lr = training_step(model, F.cross_entropy, batches, optimizer, scheduler, MAX_NORM)
        after = torch.nn.utils.parameters_to_vector(model.parameters()).detach()
        log.append([loss, norm, lr, float(torch.linalg.vector_norm(after - before))])
    return log
