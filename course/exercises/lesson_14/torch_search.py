"""Lesson 14: the genetic search as its docstring says it, in tensors."""

from __future__ import annotations

import numpy as np
import torch


class TorchSearch:
    """Rules 1 to 5; the draws are NumPy's, in the order that the docstring says.

    Attributes:
        population: (size, d), what ask() gives.
        kept: (elite, d), the elite of the losses that were told last.
        best, best_loss: of all generations.
    """

    def __init__(
        self,
        low: np.ndarray,
        high: np.ndarray,
        size: int,
        rng: np.random.Generator,
        elite: int = 2,
        sigma: float = 0.1,
    ):
        if not 1 <= elite <= size or sigma < 0:
            raise ValueError
        self.low, self.high = torch.tensor(low), torch.tensor(high)
        self.rng, self.elite, self.sigma = rng, elite, sigma
        self.population = torch.tensor(rng.uniform(low, high, (size, len(low))))
        self.kept = self.population[:elite]
        self.best: torch.Tensor | None = None
        self.best_loss = float("inf")

    def ask(self) -> torch.Tensor:
        return self.population.clone()

    def tell(self, losses: np.ndarray) -> None:
        self.rank(losses)
        self.population = torch.stack([*self.kept, *self.bear(self.kept, len(losses) - self.elite)])

    def rank(self, losses: np.ndarray) -> None:
        """Keep the elite and the best; the population stays."""
        told = torch.tensor(losses)
        order = torch.sort(torch.where(torch.isnan(told), torch.inf, told), stable=True).indices
        if told[order[0]] < self.best_loss:
            self.best, self.best_loss = self.population[order[0]].clone(), told[order[0]].item()
        self.kept = self.population[order[: self.elite]]

    def bear(self, parents: torch.Tensor, count: int) -> list[torch.Tensor]:
        """Children, one after the other."""
        return [self._child(parents) for _ in range(count)]

    def _child(self, parents: torch.Tensor) -> torch.Tensor:
        mother, father = self.rng.integers(self.elite, size=2)
        mask = torch.tensor(self.rng.random(len(self.low)) < 0.5)
        mutation = torch.tensor(self.rng.normal(0, self.sigma, len(self.low)))
        child = torch.where(mask, parents[mother], parents[father]) + mutation * (self.high - self.low)
        return torch.clamp(child, self.low, self.high)
