"""Lesson 14: the genetic search, generation by generation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NotRequired, cast

import numpy as np
import torch

from course.exercise import Case, Evidence, Level, Property
from course.exercises.lesson_14.torch_search import TorchSearch
from course.families.classes import ClassExercise, Instance, Script, as_tries
from course.readings import Reading

START = Property("start", "the first generation", telling=True)
ELITE = Property("elite", "the best of a generation stay, in order", looks_at=frozenset({"elite"}))
CROSSOVER = Property(
    "crossover", "children mix two of the elite", looks_at=frozenset({"children"}), telling=True
)
MUTATION = Property("mutation", "and mutate", looks_at=frozenset({"children"}), telling=True)
CLIP = Property("clip", "but stay in their range", looks_at=frozenset({"children"}))
BEST = Property("best", "best and best_loss, over all generations", looks_at=frozenset({"best", "best_loss"}))
NAN = Property("nan", "a loss that is no number is the last", looks_at=frozenset({"elite", "best_loss"}))
BAD_HYPER = Property("bad_hyper", "ValueError for what can't be")
ALONE = Property("alone", "ask() gives copies; two searches share nothing")

EQUAL = "the two lowest losses equal"
AS_GOOD = "a loss as low as the best of the generation before"
ALL_NAN = "nothing but NaN in the first generation"

FOUND = ("best", "best_loss")
# By property, which rule a child is made by.
RULES = {CROSSOVER.id: "rule 3", MUTATION.id: "rule 4", CLIP.id: "rule 5"}
# By property, what of the best is written down.
WRITTEN = {BEST.id: FOUND, NAN.id: ("best_loss",)}


class SearchScript(Script):
    """The inputs of a case.

    low, high: shape (d,).
    size, elite, sigma: the constructor's; elite and sigma None for the default.
    seed: of ``rng``.
    losses: one a generation, each of shape (size,).
    spoilt: what ``ask()`` gave is overwritten before the losses are told.
    """

    low: np.ndarray
    high: np.ndarray
    size: int
    elite: int | None
    sigma: float | None
    seed: int
    losses: list[np.ndarray]
    spoilt: NotRequired[bool]


class GeneticSearchClass(ClassExercise[SearchScript]):
    """An exercise whose answer is the class; the oracle reckons with tensors, from the same draws."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases: list[Case] = []

        def add(
            judged: Property,
            note: str,
            generations: int = 1,
            size: int = 5,
            elite: int | None = 3,
            sigma: float | None = 0.05,
            **flags: Any,
        ) -> None:
            d = int(rng.integers(2, 5))
            low = rng.uniform(-4, 2, size=d)
            high = low + np.array([0.5, 8.0, 2.0, 5.0])[:d] * rng.uniform(0.7, 1.4, size=d)
            losses = [rng.permutation(size) + rng.uniform(0.1, 0.9, size=size) for _ in range(generations)]
            if judged == NAN:
                counts = (size, 1) if note == ALL_NAN else (1, 2, size - 1)
                for each, count in zip(losses, counts, strict=True):
                    each[rng.permutation(size)[:count]] = np.nan
            if note == EQUAL:
                losses[0][-2:] = -1.0
            if judged == BEST and generations > 2:
                # Each generation is worse than the first, and has its best elsewhere than in front; only the
                # last has a better one.
                losses = [each + 10.0 for each in losses]
                losses[0] -= 2.0 * size
                losses[1] = np.roll(losses[1], int(losses[1].argmin() == 0))
                losses[-1][-1] = -2.0 * size
            if note == AS_GOOD:
                losses[1] += 10.0
                losses[1][1] = losses[0].min()
            script: SearchScript = {
                "low": low,
                "high": high,
                "size": size,
                "elite": elite,
                "sigma": sigma,
                "seed": int(rng.integers(2**31)),
                "losses": losses,
            }
            cases.append(Case(judged.id, {**script, **flags}, note))

        generations = 3 if level == "public" else 4
        for _ in range(1 if level == "public" else 3):
            add(START, "no losses told yet", 0)
            add(START, "no losses told yet", 0, size=3, elite=None, sigma=None)
            add(ELITE, "size = 5, elite = 3")
            add(ELITE, "size = 4, elite = 4: no children", 2, size=4, elite=4)
            add(ELITE, EQUAL, size=6)
            add(CROSSOVER, "sigma = 0", size=7, sigma=0.0)
            add(CROSSOVER, "sigma = 0", generations, size=8, sigma=0.0)
            add(MUTATION, "elite = 1: both parents are the same", size=4, elite=1, sigma=0.02)
            add(MUTATION, "the default elite and sigma", 2, size=6, elite=None, sigma=None)
            add(CLIP, "sigma = 0.7", 2, size=6, sigma=0.7)
            add(BEST, "one generation")
            add(BEST, f"{generations} generations", generations)
            add(BEST, AS_GOOD, 2)
            add(NAN, "losses that are NaN", 3, size=5)
            add(NAN, ALL_NAN, 2, size=5)
            add(ALONE, "what ask() gave is overwritten", 2, spoilt=True)
            add(ALONE, "two searches that take turns", 2, twins=True)
            tried: list[dict[str, Any]] = [
                {"elite": 0},
                {"elite": 5},
                {"sigma": -0.1},
                {"elite": 4},
                {"elite": 1},
                {"sigma": 0.0},
            ]
            cases.append(as_tries(BAD_HYPER, tried, rng, level))
        return cases

    def arguments(self, tried: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        return (np.zeros(2), np.ones(2), 4, np.random.default_rng(0)), dict(tried)

    def torch_class(self) -> type[TorchSearch]:
        return TorchSearch

    def script(self, instance: Instance, inputs: SearchScript, judged: str) -> Iterator[None]:
        """Construct, ask, tell; write down each generation, and the best after it."""
        inputs = _of_twin(inputs, instance.number)
        named = {name: inputs[name] for name in ("elite", "sigma") if inputs[name] is not None}
        instance.construct(
            np.array(inputs["low"]),
            np.array(inputs["high"]),
            inputs["size"],
            np.random.default_rng(inputs["seed"]),
            **named,
        )
        yield
        population = self._ask(instance, inputs, 0)
        instance.record(0, "population", population)
        if judged == START.id:
            nothing = instance.recorder.call(getattr, instance.made, "best", 0, called="reading best")
            instance.record(0, "best_too_soon", nothing is not None)
            instance.record(0, "best_loss", instance.read("best_loss"))
        elite = inputs["elite"] or 2
        for step, losses in enumerate(inputs["losses"], start=1):
            if inputs.get("spoilt"):
                population *= 0.0
            instance.call("tell", np.array(losses), takes="losses")
            yield
            population = self._ask(instance, inputs, step)
            instance.record(step, "elite", population[:elite])
            instance.record(step, "children", population[elite:])
            for name in WRITTEN.get(judged, ()):
                instance.record(step, name, instance.read(name))
            yield

    def _ask(self, instance: Instance, inputs: SearchScript, step: int) -> np.ndarray:
        asked = instance.call("ask", returns="the population")
        if not isinstance(asked, (np.ndarray, torch.Tensor)):
            quantity = Reading(step, "population")
            instance.recorder.stop("not_an_array", quantity=quantity, type=type(asked).__name__)
        return cast(np.ndarray, asked)

    def has_plainer(self, case: Case) -> bool:
        return case.property == ALONE.id

    def observe_plainer(
        self, student_object: Any, case: Case, observed: Evidence
    ) -> Mapping[Reading, np.ndarray]:
        """What ask() gave is left alone; each of two searches alone."""
        inputs = cast(SearchScript, case.inputs)
        plain = {key: value for key, value in inputs.items() if key not in ("twins", "spoilt")}
        found: dict[Reading, np.ndarray] = {}
        for number, owner in enumerate((1, 2) if inputs.get("twins") else (0,)):
            alone = _of_twin(cast(SearchScript, plain), number)
            readings = self._run(student_object, replace(case, inputs={**alone}), is_torch=False).readings
            found |= {reading._replace(owner=owner): array for reading, array in readings.items()}
        return found

    def follow(self, case: Case, observed: Evidence, expected: Evidence) -> Evidence:
        """Each generation from the one before as it was, its children from the elite as it was or is."""
        if "tries" in case.inputs or self.has_plainer(case):
            return super().follow(case, observed, expected)
        inputs, readings = cast(SearchScript, case.inputs), dict(expected.readings)
        search = _as_inputs_say(inputs)
        before = observed.readings.get(Reading(0, "population"))
        for step, losses in enumerate(inputs["losses"], start=1):
            if before is None or before.shape != (inputs["size"], len(inputs["low"])):
                break
            search.population = torch.tensor(before.astype(np.float64))
            own, children = (observed.readings.get(Reading(step, id)) for id in ("elite", "children"))
            search.rank(losses)
            made: dict[str, Any] = {"elite": search.kept, "children": _children(search, own, children)}
            made |= {name: getattr(search, name) for name in FOUND}
            for id, value in made.items():
                if Reading(step, id) in readings:
                    readings[Reading(step, id)] = torch.as_tensor(value, dtype=torch.float64).numpy()
            before = (
                np.concatenate([own, children])
                if own is not None and children is not None and own.shape[1:] == children.shape[1:]
                else None
            )
        return Evidence(readings)


def _of_twin(inputs: SearchScript, number: int) -> SearchScript:
    """The second of twins has other draws, and gets the losses in reverse."""
    if number == 0:
        return inputs
    losses = [each[::-1] for each in inputs["losses"]]
    return {**inputs, "seed": inputs["seed"] + number, "losses": losses}


def _as_inputs_say(inputs: SearchScript) -> TorchSearch:
    named: Any = {name: inputs[name] for name in ("elite", "sigma") if inputs[name] is not None}
    rng = np.random.default_rng(inputs["seed"])
    return TorchSearch(inputs["low"], inputs["high"], inputs["size"], rng, **named)


def _children(search: TorchSearch, own: np.ndarray | None, children: np.ndarray | None) -> torch.Tensor:
    """The children that the elite should have had, from where the answer stands.

    Its parents are the elite, or what it kept in the place of the elite, or the elite where none of them
    stay and the first children take their places; the first of these that its children come from.
    """
    size, kept = len(search.population), search.kept
    parents = kept if own is None or own.shape != kept.shape else torch.tensor(own.astype(np.float64))
    drawn, bred = search.rng.bit_generator.state, torch.empty(0)
    for them, count in ((kept, size - search.elite), (kept, size), (parents, size - search.elite)):
        search.rng.bit_generator.state = drawn
        born = search.bear(them, count)
        bred = torch.stack(born)[search.elite - size :] if size > search.elite else kept[:0]
        if children is not None and children.shape == bred.shape and np.allclose(children, bred):
            break
    return bred


GENETIC_SEARCH = GeneticSearchClass(
    id="GeneticSearch",
    signature="(low, high, size, rng, elite=2, sigma=0.1)",
    properties=(
        START.worth(0.25),
        ELITE.worth(0.5),
        CROSSOVER.worth(0.625),
        MUTATION.worth(0.375),
        CLIP.worth(0.25),
        BEST.worth(0.375),
        NAN.worth(0.25),
        BAD_HYPER.worth(0.125),
        ALONE.worth(0.25),
    ),
    look_at={
        "population": "rule 1",
        "elite": "rule 2",
        "children": lambda judged, reading, given: RULES.get(judged, "rules 3 to 5"),
        "best": "rule 2",
        "best_loss": "rule 2",
    },
)
