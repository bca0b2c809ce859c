"""Behind figures of lesson 15: five games at each of four pairs of rates, and with one change each at two of them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from course.figures.lesson_15_games import STEPS, Game, played

SEEDS = 5
KEPT = 150
SLOW, QUICK = 0.001, 0.005


def measure(answers: SimpleNamespace) -> dict[str, np.ndarray]:
    """The arrays that the figures read.

    names: (games,), the rates of generator and discriminator, and what was changed.
    modes: (games, seeds, looks), modes found at each look.
    steps: (looks,).
    losses: (games,), D's loss in the last 100 steps, the mean of all seeds.
    samples: (seeds, n, 2), the last samples of the games at the first pair of rates.
    """

    def penalty(critic: Any, real: Any, fake: Any, eps: Any) -> Any:
        return answers.gradient_penalty(critic, real, fake, eps, weight=0.1)

    def fading() -> Any:
        rng = np.random.default_rng(0)
        return lambda x, step: answers.instance_noise(x, step, STEPS, 0.5, rng)

    def play(lr_g: float, lr_d: float, label: float = 0.9, **made: Any) -> Game:
        return played(answers.GANTrainer, Game(SEEDS, lr_g, lr_d, **made), real_label=label)

    games = {
        "0.005, 0.001": play(QUICK, SLOW),
        "0.005, 0.001, noise": play(QUICK, SLOW, noise=fading()),
        "0.005, 0.001, penalty": play(QUICK, SLOW, penalty=penalty),
        "0.005, 0.001, spectral norm": play(QUICK, SLOW, spectral=True),
        "0.001, 0.001": play(SLOW, SLOW),
        "0.005, 0.005": play(QUICK, QUICK),
        "0.001, 0.005": play(SLOW, QUICK),
        "0.001, 0.005, label 1": play(SLOW, QUICK, label=1.0),
        "0.001, 0.005, noise": play(SLOW, QUICK, noise=fading()),
        "0.001, 0.005, penalty": play(SLOW, QUICK, penalty=penalty),
        "0.001, 0.005, spectral norm": play(SLOW, QUICK, spectral=True),
        "0.001, 0.005, data times 60": play(SLOW, QUICK, scale=60.0),
    }
    return {
        "names": np.array(list(games)),
        "modes": np.array([game.modes() for game in games.values()]),
        "steps": np.array(next(iter(games.values())).steps),
        "losses": np.array([np.mean(game.losses[-100:]) for game in games.values()]),
        "samples": games["0.005, 0.001"].samples[-1][:, :KEPT].astype(np.float32),
    }
