"""What an optimiser class does in a plainer situation, which says what it should do in a case.

With weight decay a class does what it does without, given the gradient plus the decay. A parameter whose
gradient is sometimes None goes where it goes alone, in its other steps. After ``self.lr`` has changed, a step
is that of an optimiser that had this rate all along. So each of these is judged by what the student's own
class does, wrong as that may be.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import torch

from course.exercise import Evidence
from course.families.classes import tensors
from course.families.optimizer_script import OptimizerScript, linear_loss
from course.readings import Reading

# Constructs the class with parameters and hyper-parameters.
Make = Callable[[list[torch.Tensor], Mapping[str, Any]], Any]

# How an exercise's hyper-parameters come down to a plainer class:
# "l2": weight_decay * theta is part of the gradient; "decoupled": theta shrinks by lr * weight_decay first;
# "dampened": of each gradient but the first, the part ``dampening`` is taken off;
# "ahead": with Nesterov a step is the one that would come after it for the same gradient;
# "summed": momentum sums the steps that there are without it.
Relation = Literal["l2", "decoupled", "dampened", "ahead", "summed"]

# What is set to make a class plain; left alone where it is not given.
PLAIN: Mapping[Relation, tuple[str, Any]] = {
    "l2": ("weight_decay", 0.0),
    "decoupled": ("weight_decay", 0.0),
    "dampened": ("dampening", 0.0),
    "ahead": ("nesterov", False),
    "summed": ("momentum", 0.0),
}


class Before(NamedTuple):
    """What a step of a case finds: where each parameter is, its gradient or None, and the rate."""

    owner: int
    before: list[np.ndarray]
    grads: list[Any]
    lr: float


class Path(NamedTuple):
    """One parameter of a case, and the steps in which it has a gradient.

    Attributes:
        grads: its gradient in each of them.
        before: where it was before each of them, in the case.
        lrs: the rate in each of them.
    """

    grads: Sequence[np.ndarray]
    before: Sequence[np.ndarray]
    lrs: Sequence[float]


def walks(inputs: OptimizerScript, lr: float, observed: Evidence) -> Iterator[list[Before]]:
    """For each instance, what each step of the case finds, as far as the case came."""
    for number, owner in enumerate((1, 2) if inputs.get("twins") else (0,)):
        params = tensors(inputs["params"], number)
        walk: list[Before] = []
        last: list[Any] = []
        for step, grads in enumerate(inputs["grads"]):
            if "x" in inputs:
                loss = linear_loss(params, inputs["x"], inputs["y"])
                last = [grad.numpy() for grad in torch.autograd.grad(loss, params)]
            elif grads is not None:
                last = [None if grad is None else (1.0 + number) * grad for grad in grads]
            rate = lr if inputs["lrs"] is None else inputs["lrs"][step]
            walk.append(Before(owner, [param.detach().numpy().copy() for param in params], last, rate))
            after = [
                observed.readings.get(Reading(step + 1, "params", (index,), owner))
                for index in range(len(params))
            ]
            if any(
                place is None or place.shape != tuple(param.shape)
                for place, param in zip(after, params, strict=True)
            ):
                break
            with torch.no_grad():
                for param, place in zip(params, after, strict=True):
                    param.copy_(torch.tensor(place))
        if walk:
            yield walk


def walked(
    make: Make, walk: Sequence[Before], hyper: Mapping[str, Any], relations: Sequence[Relation], anew: int
) -> dict[Reading, np.ndarray]:
    """Where the plainer class takes each parameter in each step, alone and as a row of numbers.

    Args:
        make, hyper, relations: those of ``steps_of``.
        anew: the number of steps after which another instance takes over.
    """
    found: dict[Reading, np.ndarray] = {}
    for index, start in enumerate(walk[0].before):
        present = [step for step, entry in enumerate(walk) if entry.grads[index] is not None]
        after: dict[int, np.ndarray] = {}
        for part in (present[: bisect_left(present, anew)], present[bisect_left(present, anew) :]):
            path = Path(
                [np.ravel(walk[step].grads[index]) for step in part],
                [np.ravel(walk[step].before[index]) for step in part],
                [walk[step].lr for step in part],
            )
            after |= zip(part, steps_of(make, path, hyper, relations), strict=True)
        for step, entry in enumerate(walk):
            place = after.get(step, entry.before[index])
            found[Reading(step + 1, "params", (index,), entry.owner)] = place.reshape(np.shape(start))
    return found


def steps_of(
    make: Make,
    path: Path,
    hyper: Mapping[str, Any],
    relations: Sequence[Relation],
) -> list[np.ndarray]:
    """Where the plainer class takes the parameter in each step, from where the case had it.

    Args:
        make: constructs the class with parameters and hyper-parameters.
        hyper: those of the case, defaults and all.
        relations: those that the class has.
    """
    relations = [relation for relation in relations if hyper[PLAIN[relation][0]] != PLAIN[relation][1]]
    plain = {**hyper, **dict(PLAIN[relation] for relation in relations)}
    decay = hyper.get("weight_decay", 0.0)
    grads, before = list(path.grads), list(path.before)
    if "l2" in relations:
        grads = [grad + decay * theta for grad, theta in zip(grads, before, strict=True)]
    if "decoupled" in relations:
        before = [theta * (1.0 - lr * decay) for theta, lr in zip(before, path.lrs, strict=True)]
    if "dampened" in relations:
        grads[1:] = [grad * (1.0 - hyper["dampening"]) for grad in grads[1:]]
    if "summed" in relations:
        moved = _walk(make, plain, grads, before)
        return _summed(moved, before, path.lrs, hyper["momentum"], hyper["lr"])
    if "ahead" not in relations and set(path.lrs) == {hyper["lr"]}:
        return _walk(make, plain, grads, before)
    found = []
    for step, lr in enumerate(path.lrs, start=1):
        last = [step - 1] if "ahead" in relations else []
        taken = [*range(step), *last]
        walked = _walk(make, {**plain, "lr": lr}, [grads[k] for k in taken], [before[k] for k in taken])
        found.append(walked[-1])
    return found


def _summed(
    moved: Sequence[np.ndarray],
    before: Sequence[np.ndarray],
    lrs: Sequence[float],
    momentum: float,
    lr: float,
) -> list[np.ndarray]:
    total, found = np.zeros_like(before[0]) if before else np.zeros(()), []
    for after, start, now in zip(moved, before, lrs, strict=True):
        total = momentum * total + (after - start) / lr
        found.append(start + now * total)
    return found


def _walk(
    make: Make,
    hyper: Mapping[str, Any],
    grads: Sequence[np.ndarray],
    before: Sequence[np.ndarray],
) -> list[np.ndarray]:
    """Steps of a new instance, each from where it is put."""
    if not grads:
        return []
    param = torch.tensor(before[0], requires_grad=True)
    optimizer, found = make([param], hyper), []
    for grad, start in zip(grads, before, strict=True):
        with torch.no_grad():
            param.copy_(torch.tensor(start))
        param.grad = torch.tensor(grad)
        optimizer.call("step")
        found.append(param.detach().numpy().copy())
    return found
