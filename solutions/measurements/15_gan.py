"""Behind figures of lesson 15: five games at the rates of the first figure, and exchanged with one change each."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from course.figures.lesson_15_games import Game, played

SEEDS, STEPS = 5, 1500
KEPT = 150
# The generator's rate first: that of the first figure, and exchanged.
BAD, GOOD = {"lr_g": 0.005, "lr_d": 0.001}, {"lr_g": 0.001, "lr_d": 0.005}


def measure(answers: SimpleNamespace) -> dict[str, np.ndarray]:
    """The arrays that the figures read.

    names: (changes,), what was changed.
    modes: (changes, seeds, looks), modes found at each look.
    steps: (looks,).
    losses: (changes,), D's loss in the last 100 steps, the mean of all seeds.
    samples: (seeds, n, 2), the last samples of the games in which nothing was changed.
    """

    def play(rates: dict[str, float], made: dict[str, Any] | None = None, **options: Any) -> Game:
        return played(answers.GANTrainer, Game(SEEDS, **rates, **(made or {})), STEPS, **options)

    def penalty(critic: Any, real: Any, fake: Any, eps: Any) -> Any:
        return answers.gradient_penalty(critic, real, fake, eps, weight=0.1)

    rng = np.random.default_rng(0)

    def noise(x: np.ndarray, step: int) -> np.ndarray:
        return np.asarray(answers.instance_noise(x, step, STEPS, 0.5, rng))

    games = {
        "nothing": play(BAD),
        "penalty alone": play(BAD, {"penalty": penalty}),
        "rates exchanged": play(GOOD),
        "and label 1": play(GOOD, real_label=1.0),
        "and noise": play(GOOD, {"noise": noise}),
        "and penalty": play(GOOD, {"penalty": penalty}),
        "and spectral norm": play(GOOD, {"spectral": True}),
        "and data times 60": play(GOOD, {"scale": 60.0}),
    }
    return {
        "names": np.array(list(games)),
        "modes": np.array([game.modes() for game in games.values()]),
        "steps": np.array(games["nothing"].steps),
        "losses": np.array([np.mean(game.losses[-100:]) for game in games.values()]),
        "samples": games["nothing"].samples[-1][:, :KEPT].astype(np.float32),
    }
