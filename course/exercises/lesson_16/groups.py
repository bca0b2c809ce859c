"""Lesson 16: which parameters of a model decay (Loshchilov and Hutter 2019)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict, cast

import numpy as np
import torch
from torch import nn

from course.exercise import Case, Evidence, Exercise, Level, Property
from course.families.draws import parameters
from course.families.recorder import Recorder

SHAPES = Property(
    "shapes", "two or more dimensions decay, the rest do not", looks_at=frozenset({"in_group"}), telling=True
)
DECAYS = Property("decays", "the decay of each group", looks_at=frozenset({"group_decay"}))
FROZEN = Property("frozen", "leaves out what is frozen", looks_at=frozenset({"in_group"}), telling=True)
SHARED = Property("shared", "a parameter that is shared comes once", looks_at=frozenset({"in_group"}))
EMPTY = Property("empty", "a group without parameters stays", looks_at=frozenset({"in_group"}))
ALONE = Property("alone", "leaves the model as it is", looks_at=frozenset({"argument", "asks_changed"}))

# What a group has to say.
ENTRIES = ("params", "weight_decay")


class Grouped(TypedDict):
    """The inputs of a case: one model.

    params: its parameters by name; "norm.bias" is one of its layer "norm".
    frozen: the names of those that ask for no gradient.
    shared: another name, and the name of the parameter that it stands for.
    weight_decay: what the function gets.
    """

    params: dict[str, np.ndarray]
    frozen: NotRequired[list[str]]
    shared: NotRequired[dict[str, str]]
    weight_decay: float


class Held(nn.Module):
    """A model of nothing but parameters, some of them under two names."""

    def __init__(self, inputs: Grouped):
        super().__init__()
        for name, array in inputs["params"].items():
            grad = name not in inputs.get("frozen", [])
            layer, _, own = name.rpartition(".")
            parameter = nn.Parameter(torch.tensor(array), requires_grad=grad)
            self._layer(layer).register_parameter(own, parameter)
        for name, other in inputs.get("shared", {}).items():
            part = nn.Module()
            part.register_parameter("weight", self.get_parameter(other))
            self.add_module(name, part)

    def _layer(self, name: str) -> nn.Module:
        """The layer of that name, made where there is none yet; for no name the model itself."""
        if name and not hasattr(self, name):
            self.add_module(name, nn.Module())
        return self.get_submodule(name)

    def holds(self, other: object) -> bool:
        return any(other is parameter for parameter in self.parameters())


@dataclass(frozen=True)
class ParamGroups(Exercise):
    """``param_groups``. The evidence is how often each parameter is in each group."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases: list[Case] = []

        def add(judged: Property, note: str, params: Mapping[str, tuple[int, ...]], **changes: Any) -> None:
            inputs: Grouped = {
                "params": {name: parameters(rng, shape) for name, shape in params.items()},
                "weight_decay": float(rng.uniform(0.02, 0.5)),
            }
            cases.append(Case(judged.id, {**inputs, **changes}, note))

        both = {"weight": (2, 3), "bias": (3,)}
        for _ in range(1 if level == "public" else 3):
            size = int(rng.integers(2, 5))
            add(SHAPES, "a matrix and a vector", both)
            add(SHAPES, "kernels of four dimensions and a number", {"kernel": (size, 1, 2, 2), "scale": ()})
            add(
                SHAPES, "a vector called weight and a matrix called bias", {"weight": (3,), "bias": (2, size)}
            )
            add(SHAPES, "a layer with a matrix of one row", {"norm.weight": (1, size), "norm.bias": (size,)})
            add(DECAYS, "a matrix and a vector", both)
            add(DECAYS, "weight_decay = 0", both, weight_decay=0.0)
            add(FROZEN, "a frozen matrix", {**both, "embedding": (size, 2)}, frozen=["embedding"])
            add(FROZEN, "a frozen vector", {**both, "scale": (size,)}, frozen=["scale"])
            add(SHARED, "one matrix under two names", both, shared={"head": "weight"})
            add(SHARED, "one vector under two names", both, shared={"head": "bias"})
            add(EMPTY, "vectors alone", {"bias": (size,), "other_bias": (2,)})
            add(EMPTY, "matrices alone", {"weight": (size, 2), "other_weight": (2, 2)})
            add(EMPTY, "a model without parameters", {})
            add(ALONE, "a model that is looked at again", both)
            add(ALONE, "a frozen vector, looked at again", {**both, "scale": (size,)}, frozen=["scale"])
        return cases

    def observe(self, student_object: Any, case: Case) -> Evidence:
        recorder, inputs = Recorder(self.id, self.signature), cast(Grouped, case.inputs)
        with recorder.running(), torch.enable_grad():
            model = Held(inputs)
            returned = recorder.call(student_object, model, inputs["weight_decay"])
            groups = recorder.unpack(returned, ("decay", "no_decay"))
            for group in groups:
                if not isinstance(group, Mapping):
                    recorder.stop("not_groups", name=self.id, type=type(group).__name__)
                if not set(ENTRIES if case.property == DECAYS.id else ENTRIES[:1]) <= set(group):
                    found = ", ".join(map(str, group)) or "none"
                    recorder.stop("group_names", name=self.id, wanted=" and ".join(ENTRIES), found=found)
                if case.property == EMPTY.id and isinstance(group["params"], Iterator):
                    recorder.stop("read_once", name=self.id, type=type(group["params"]).__name__)
            read = [{**group, "params": list(group["params"])} for group in groups]
            for other in (each for group in read for each in group["params"] if not model.holds(each)):
                recorder.stop("not_parameters", name=self.id, type=type(other).__name__)
            self._write(recorder, case, model, read)
        return recorder.evidence()

    def oracle(self, case: Case) -> Evidence:
        recorder, inputs = Recorder(self.id, self.signature), cast(Grouped, case.inputs)
        model = Held(inputs)
        self._write(recorder, case, model, _torch_groups(model, inputs["weight_decay"]))
        return recorder.evidence()

    def _write(
        self, recorder: Recorder, case: Case, model: Held, groups: Iterable[Mapping[str, Any]]
    ) -> None:
        inputs = cast(Grouped, case.inputs)
        for number, group in enumerate(groups):
            if ENTRIES[1] in group:
                recorder.record(0, "group_decay", group["weight_decay"], (number,))
            held = [id(param) for param in group["params"]]
            for name in inputs["params"]:
                count = held.count(id(model.get_parameter(name)))
                # A float: it takes the rule to tell it, as it takes a formula to tell a value.
                recorder.record(0, "in_group", float(count), (number,), of=name)
        if case.property == ALONE.id:
            for key, parameter in model.named_parameters():
                recorder.record(0, "argument", parameter, of=key)
                frozen = key in inputs.get("frozen", [])
                recorder.record(0, "asks_changed", parameter.requires_grad == frozen, of=key)


def _torch_groups(model: Held, weight_decay: float) -> list[dict[str, Any]]:
    """As AdamW keeps them, whose own default of 0.01 stands where a group does not say."""
    trained = [param for param in model.parameters() if param.requires_grad]
    split = [{"params": [param for param in trained if (param.ndim >= 2) == many]} for many in (True, False)]
    decays = [{"weight_decay": weight_decay}, {"weight_decay": 0.0}]
    groups = [group | decay for group, decay in zip(split, decays, strict=True)]
    return torch.optim.AdamW(groups).param_groups


PARAM_GROUPS = ParamGroups(
    id="param_groups",
    signature="(model, weight_decay)",
    properties=(
        SHAPES.worth(0.5),
        DECAYS.worth(0.375),
        FROZEN.worth(0.25),
        SHARED.worth(0.375),
        EMPTY.worth(0.25),
        ALONE.worth(0.25),
    ),
    look_at={"in_group": "the rule of two dimensions", "group_decay": "the rule of two dimensions"},
)
