"""Lesson 15, the class: a step of two networks that train against each other.

A case is a script of calls. The student's class and a loop in PyTorch go through the same script; the
optimisers are handed to both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NotRequired, cast

import numpy as np
import torch
from torch import nn

from course.exercise import Case, Evidence, Level, Property
from course.exercises.lesson_15.torch_loop import TorchTrainer, TwoLayers
from course.families.classes import ClassExercise, Instance, Script, as_tries, tensors
from course.families.draws import parameters
from course.families.handed import HandedOptimizer, params_of, torch_sgd
from course.readings import Reading

OF_D, OF_G = frozenset({"d_grad", "d_params"}), frozenset({"g_grad", "g_params"})
COUNTED = frozenset({"calls", "g_updated"})
D_UPDATE = Property("d_update", "the discriminator's update", looks_at=OF_D, telling=True)
REAL_LABEL = Property("real_label", "real_label for real rows, 0 for fake ones", looks_at=OF_D)
DETACHED = Property(
    "detached",
    "the discriminator's update leaves the generator alone",
    looks_at=frozenset({"generator_reached"}),
)
G_UPDATE = Property(
    "g_update", "the generator's update, through the new discriminator", looks_at=OF_G, telling=True
)
G_LABEL = Property("g_label", "label 1 for the generator, whatever real_label is", looks_at=OF_G)
LOSSES = Property("losses", "returns both losses", looks_at=frozenset({"loss_d", "loss_g"}))
SEVERAL = Property("several", "clears the gradients of before", looks_at=frozenset({"d_grad", "g_grad"}))
D_STEPS = Property("d_steps", "the generator at every d_steps-th call, else None", looks_at=COUNTED)
INSTANCES = Property("instances", "two instances share nothing", looks_at=COUNTED)
BAD_HYPER = Property("bad_hyper", "refuses d_steps below 1 and a real_label outside (0, 1]")

OPT_D, OPT_G = "opt_d.step()", "opt_g.step()"
# What every parameter holds in .grad where something is left of before.
OLD = 3.0


class TrainerScript(Script):
    """The inputs of a case.

    g, d: the initial parameters of the generator and of the discriminator: W1, b1, W2, b2 each.
    column: the discriminator returns (m, 1) in the place of (m,).
    lrs: the rates of the two optimisers, the generator's first.
    hyper: what the constructor gets besides.
    real, z: shapes (calls, m, 2) and (calls, n, 3).
    old: before the first call every parameter has a gradient already.
    """

    g: list[np.ndarray]
    d: list[np.ndarray]
    column: bool
    lrs: list[float]
    hyper: dict[str, Any]
    real: np.ndarray
    z: np.ndarray
    old: NotRequired[bool]


class Trainer(ClassExercise[TrainerScript]):
    """``GANTrainer``. The evidence is what each optimiser found, and where the parameters went."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases: list[Case] = []

        def add(judged: Property, note: str, calls: int = 1, **changes: Any) -> None:
            script: TrainerScript = {
                "g": [parameters(rng, shape) for shape in ((3, 2), (2,), (2, 2), (2,))],
                "d": [parameters(rng, shape) for shape in ((2, 3), (3,), (3, 1), (1,))],
                "column": bool(rng.integers(2)),
                "lrs": [float(rng.uniform(0.05, 0.2)), float(rng.uniform(0.3, 0.6))],
                "hyper": {"real_label": 1.0},
                "real": rng.normal(size=(calls, 3, 2)),
                "z": rng.normal(size=(calls, 3, 3)),
            }
            cases.append(Case(judged.id, {**script, **changes}, note))

        for _ in range(1 if level == "public" else 3):
            label = float(rng.uniform(0.6, 0.85))
            add(D_UPDATE, "one call, real_label = 1")
            add(
                D_UPDATE,
                "one call, real_label = 1, and fewer real rows than fake",
                real=rng.normal(size=(1, 2, 2)),
            )
            add(REAL_LABEL, "real_label as it is by default", hyper={"d_steps": 2})
            add(REAL_LABEL, f"real_label = {label:.3g}", hyper={"real_label": label, "d_steps": 2})
            add(DETACHED, "one call that does not update the generator", hyper={"d_steps": 2})
            add(G_UPDATE, "one call, real_label = 1")
            add(G_UPDATE, "one call, real_label = 1, and other networks")
            add(G_LABEL, f"real_label = {label:.3g}", hyper={"real_label": label})
            add(LOSSES, "one call, real_label = 1")
            add(LOSSES, "three calls, real_label = 1", 3)
            add(SEVERAL, "old gradients on every parameter", old=True)
            add(SEVERAL, "three calls", 3)
            every = 2 if level == "public" else int(rng.integers(2, 5))
            add(D_STEPS, f"d_steps = {every}", 2 * every + 1, hyper={"d_steps": every})
            add(D_STEPS, "d_steps = 3", 7, hyper={"d_steps": 3})
            add(D_STEPS, "d_steps as it is by default", 2, hyper={})
            add(
                INSTANCES,
                "d_steps = 2 and two instances that take turns",
                4,
                hyper={"d_steps": 2},
                twins=True,
            )
        bad: list[dict[str, float]] = [
            {"d_steps": 0},
            {"d_steps": -int(rng.integers(1, 100))},
            {"real_label": 0.0},
        ]
        bad += [{"real_label": 1.2}, {"real_label": -0.1}]
        good: list[dict[str, float]] = [
            {"d_steps": 1, "real_label": 1.0},
            {"d_steps": 7, "real_label": float(rng.uniform(0.1, 0.9))},
        ]
        cases.append(as_tries(BAD_HYPER, [*bad, *good], rng, level))
        return cases

    def arguments(self, tried: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        networks = [nn.Linear(2, 2), nn.Linear(2, 1)]
        optimizers = [HandedOptimizer([{"params": [*each.parameters()], "lr": 0.1}]) for each in networks]
        return (*networks, *optimizers), dict(tried)

    def torch_class(self) -> type[TorchTrainer]:
        return TorchTrainer

    def script(self, instance: Instance, inputs: TrainerScript, judged: str) -> Iterator[None]:
        """Call step(real, z) and write down what both optimisers found and what became of both networks."""
        generator = TwoLayers(tensors(inputs["g"], instance.number))
        discriminator = TwoLayers(tensors(inputs["d"], instance.number), flat=not inputs["column"])
        networks = {"g": generator, "d": discriminator}
        make: Any = torch_sgd if instance.is_torch else HandedOptimizer
        optimizers = {
            name: make([{"params": list(network.held), "lr": lr}])
            for (name, network), lr in zip(networks.items(), inputs["lrs"], strict=True)
        }
        instance.construct(generator, discriminator, optimizers["g"], optimizers["d"], **inputs["hyper"])
        if inputs.get("old"):
            for network in networks.values():
                for param in network.held:
                    param.grad = torch.full_like(param, OLD)
        yield
        for call, (real, z) in enumerate(zip(inputs["real"], inputs["z"], strict=True), start=1):
            for optimizer in optimizers.values():
                optimizer.seen.clear()
            arguments = (torch.tensor(instance.scale * real), torch.tensor(instance.scale * z))
            returned = instance.call("step", *arguments, takes="real, z")
            loss_d, loss_g = instance.recorder.unpack(returned, ("loss_d", "loss_g"))
            updated = loss_g is not None
            if judged == LOSSES.id:
                instance.record(call, "loss_d", loss_d)
                instance.record(call, "loss_g", loss_g)
            if judged in (D_STEPS.id, INSTANCES.id):
                for name, optimizer in ((OPT_D, optimizers["d"]), (OPT_G, optimizers["g"])):
                    instance.record(call, "calls", len(optimizer.seen), of=name)
                instance.record(call, "g_updated", updated)
            elif judged == DETACHED.id:
                reached = any(param.grad is not None and bool(param.grad.any()) for param in generator.held)
                instance.record(call, "generator_reached", reached)
            else:
                for name in ("d", "g"):
                    _record_update(instance, call, name, optimizers[name])
            yield

    def has_plainer(self, case: Case) -> bool:
        return False

    def follow(self, case: Case, observed: Evidence, expected: Evidence) -> Evidence:
        """Each update from where the networks are, the generator's through its own discriminator."""
        if case.property in (D_UPDATE.id, REAL_LABEL.id) or "tries" in case.inputs:
            return expected
        inputs, readings = cast(TrainerScript, case.inputs), dict(expected.readings)
        if not any(reading.id == "g_params" for reading in readings):
            return expected
        label = inputs["hyper"].get("real_label", self.defaults["real_label"])
        for call, (real, z) in enumerate(zip(inputs["real"], inputs["z"], strict=True), start=1):
            before = {name: _own(inputs, observed, name, call - 1) for name in ("g", "d")}
            after = _own(inputs, observed, "d", call)
            if before["g"] is None or before["d"] is None or after is None:
                break
            trainer = TorchTrainer(
                TwoLayers(before["g"]), TwoLayers(before["d"], flat=True), None, None, real_label=label
            )
            rows, noise = torch.tensor(real), torch.tensor(z)
            loss_d, d_grads = trainer.torch_discriminator(rows, noise)
            trainer.discriminator = TwoLayers(after, flat=True)
            loss_g, g_grads = trainer.torch_generator(noise)
            found: dict[str, Sequence[torch.Tensor]] = {
                "d_grad": d_grads,
                "g_grad": g_grads,
                "d_params": after,
            }
            found["g_params"] = [
                param - inputs["lrs"][0] * grad for param, grad in zip(before["g"], g_grads, strict=True)
            ]
            for name, arrays in found.items():
                for index, array in enumerate(arrays):
                    readings[Reading(call, name, (index,))] = array.detach().numpy()
            for name, loss in (("loss_d", loss_d), ("loss_g", loss_g)):
                if Reading(call, name) in readings:
                    readings[Reading(call, name)] = loss.detach().numpy()
        return Evidence(readings)


def _record_update(instance: Instance, call: int, name: str, optimizer: Any) -> None:
    """What the optimiser of one network found at its last step, and where its parameters are."""
    for grads in optimizer.seen[-1:]:
        for index, grad in enumerate(grads):
            if grad is not None:
                instance.record(call, f"{name}_grad", grad, (index,))
    for index, param in enumerate(params_of(optimizer)):
        instance.record(call, f"{name}_params", param, (index,))


def _own(inputs: TrainerScript, observed: Evidence, name: str, call: int) -> list[torch.Tensor] | None:
    """Where the evidence has the parameters of a network after a call; None where it does not."""
    starts = inputs["g"] if name == "g" else inputs["d"]
    if call == 0:
        return tensors(starts)
    found = [observed.readings.get(Reading(call, f"{name}_params", (index,))) for index in range(len(starts))]
    arrays = [
        array
        for array, start in zip(found, starts, strict=True)
        if array is not None and array.shape == start.shape
    ]
    return tensors([array.astype(np.float64) for array in arrays]) if len(arrays) == len(starts) else None


GAN_TRAINER = Trainer(
    id="GANTrainer",
    signature="(generator, discriminator, opt_g, opt_d, real_label=0.9, d_steps=1)",
    properties=(
        D_UPDATE.worth(0.5),
        REAL_LABEL.worth(0.375),
        DETACHED.worth(0.25),
        G_UPDATE.worth(0.5),
        G_LABEL.worth(0.25),
        LOSSES.worth(0.125),
        SEVERAL.worth(0.25),
        D_STEPS.worth(0.375),
        INSTANCES.worth(0.125),
        BAD_HYPER.worth(0.25),
    ),
    look_at={
        "loss_d": "formula (2)",
        "d_grad": "formula (2)",
        "d_params": "formula (2)",
        "loss_g": "formula (6)",
        "g_grad": "formula (6)",
        "g_params": "formula (6)",
    },
)
