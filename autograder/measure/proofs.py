"""What came of trying the known answers of a lesson, stored beside a digest of all that it depends on.

As long as the digest is the same, the same comes out: ``autograder sensitivity --page`` tries the answers of
those lessons alone where something has changed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, get_args

from autograder.catalogue import inputs
from autograder.catalogue.lesson import Lesson
from autograder.machine.workers import workers
from autograder.measure import costs, sensitivity
from autograder.measure.costs import Cost
from autograder.measure.matrix import Matrix, PairTrial, Trial
from course.exercise import Level

FOLDER = "solutions/proofs"


@dataclass(frozen=True)
class Proof:
    """The trials of one lesson, and what each mistake costs.

    Attributes:
        seeds: of the graded cases.
    """

    seeds: list[int]
    matrix: Matrix
    costs: list[Cost]


def up_to_date(lesson: Lesson, seeds: Sequence[int] | None = None) -> bool:
    """Whether what is stored comes from the inputs as they are, and nobody has changed it since.

    Args:
        seeds: those that it has to be of; any unless given.
    """
    path = path_of(lesson)
    if not path.is_file():
        return False
    stored = json.loads(path.read_text(encoding="utf-8"))
    digest = stored.pop("digest")
    return digest == _digest(lesson, stored) and (seeds is None or list(seeds) == stored["seeds"])


def load(lesson: Lesson) -> Proof:
    """What is stored of a lesson."""
    return _read(lesson, json.loads(path_of(lesson).read_text(encoding="utf-8")))


def renew(lessons: Iterable[Lesson], seeds: Sequence[int]) -> list[Path]:
    """Try the known answers of the lessons of which nothing stands stored, and store what came of it.

    Returns:
        The files that were written.
    """
    stale = [lesson for lesson in lessons if not up_to_date(lesson, seeds)]
    with workers(sensitivity.WORKERS) as pool:
        return list(pool.map(partial(_try, seeds=seeds), stale))


def _try(lesson: Lesson, seeds: Sequence[int]) -> Path:
    matrix, paid = sensitivity.of_lesson(lesson, seeds), costs.of_lesson(lesson)
    made = _written(Proof(list(seeds), matrix, paid))
    path = path_of(lesson)
    path.parent.mkdir(exist_ok=True)
    path.write_text(_lines({"digest": _digest(lesson, made), **made}), encoding="utf-8")
    return path


def path_of(lesson: Lesson) -> Path:
    return lesson.root / FOLDER / f"{lesson.name}.json"


def _digest(lesson: Lesson, stored: dict[str, Any]) -> str:
    """Of what was tried, and of what came of it."""
    depends = inputs.digest(lesson, sensitivity.__name__, costs.__name__)
    return hashlib.sha256(f"{depends}\n{json.dumps(stored)}".encode()).hexdigest()


def _written(proof: Proof) -> dict[str, Any]:
    """As lists, to be small; trials that differ in their seed alone become one."""
    seeds: dict[str, list[int]] = {}
    for trial in proof.matrix.trials:
        failed = [id for id, passed in trial.passed.items() if not passed]
        row = [trial.exercise, trial.kind, trial.id, trial.level, trial.dtype]
        came_of_it = [failed, trial.named, trial.named_without]
        seeds.setdefault(json.dumps(row + came_of_it), []).extend([] if trial.seed is None else [trial.seed])
    pairs: dict[tuple[str, str], dict[Level, bool]] = {}
    for pair in proof.matrix.pairs:
        pairs.setdefault((pair.exercise, pair.id), {})[pair.level] = pair.named
    return {
        "seeds": proof.seeds,
        "properties": {trial.exercise: list(trial.passed) for trial in proof.matrix.trials},
        "trials": [[*json.loads(row), drawn] for row, drawn in seeds.items()],
        "pairs": [[*pair, named["public"], named["graded"]] for pair, named in pairs.items()],
        "costs": [[cost.exercise, cost.mistake, cost.lost, cost.of, cost.elsewhere] for cost in proof.costs],
    }


def _read(lesson: Lesson, stored: dict[str, Any]) -> Proof:
    name, levels = lesson.name, get_args(Level)
    trials = []
    for exercise, kind, id, level, dtype, failed, named, without, seeds in stored["trials"]:
        passed = {property: property not in failed for property in stored["properties"][exercise]}
        for seed in seeds or [None]:
            trials.append(Trial(name, exercise, kind, id, level, seed, dtype, passed, named, without))
    pairs = [
        PairTrial(name, exercise, id, level, known)
        for exercise, id, *named in stored["pairs"]
        for level, known in zip(levels, named, strict=True)
    ]
    paid = [Cost(name, *entry) for entry in stored["costs"]]
    return Proof(stored["seeds"], Matrix(trials, pairs), paid)


def _lines(stored: dict[str, Any]) -> str:
    """JSON with a line for each entry of a list: what changed is seen in a comparison."""
    parts = []
    for key, value in stored.items():
        text = json.dumps(value, ensure_ascii=False)
        if key in ("trials", "pairs", "costs"):
            text = "[\n" + ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in value) + "\n]"
        parts.append(f"{json.dumps(key)}: {text}")
    return "{\n" + ",\n".join(parts) + "\n}\n"
