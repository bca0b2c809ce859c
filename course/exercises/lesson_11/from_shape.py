"""Lesson 11: functions that go by the shape of a weight; two of them draw it, from a generator of NumPy's.

PyTorch's initialisers fill a tensor whose ``uniform_`` and ``normal_`` draw from NumPy: so the bounds and the
deviations are PyTorch's, and the numbers those that the student's function should draw.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NotRequired, TypedDict, cast

import numpy as np
import torch

from course.exercise import Case, Evidence, Exercise, Level, Property
from course.families.recorder import Recorder
from course.readings import Reading

MATRIX = Property("matrix", "the two fans of a matrix", telling=True)
KERNEL = Property("kernel", "the kernels of a convolution")
REFUSES = Property("refuses", "ValueError where it is due")
WORKED = Property("worked", "the worked example")
SQUARE = Property("square", "the bound where both fans are the same", telling=True)
BOTH_FANS = Property("both_fans", "the bound where the fans differ")
GAIN = Property("gain", "the gain multiplies the bound")
DRAWS = Property("draws", "draws from rng, each number once")
FAN_IN = Property("fan_in", "the standard deviation by fan_in, of a matrix", telling=True)
MODE = Property("mode", 'by fan_out where the mode is "fan_out"')
SLOPE = Property("slope", "the slope of a leaky ReLU")

W, BOTH = Reading(0, "W"), (Reading(0, "fan_in"), Reading(0, "fan_out"))
WORKED_SEED = 0


class ShapeCall(TypedDict):
    """The inputs of a case.

    shape: that of the weight; the student's function gets it as a tuple.
    seed: where the function takes a generator: it gets ``np.random.default_rng(seed)``.
    options: the arguments that have a default, by name.
    apart: the fans are those of ``stand_in_fans``.
    from_matrix: each fan is written down in proportion to what the answer gives for the matrix alone.
    """

    shape: list[int]
    seed: NotRequired[int]
    options: NotRequired[dict[str, Any]]
    apart: NotRequired[bool]
    from_matrix: NotRequired[bool]


@dataclass(frozen=True)
class FromShape(Exercise):
    """A case is one call; where ``REFUSES`` is judged the evidence is whether it raised ValueError."""

    @abstractmethod
    def expected(self, shape: tuple[int, ...], apart: bool, *rng: np.random.Generator, **options: Any) -> Any:
        """What PyTorch gives."""

    @abstractmethod
    def write_down(
        self, recorder: Recorder, judged: str, returned: Any, rng: np.random.Generator | None
    ) -> None:
        """What came back."""

    def observe(self, student_object: Any, case: Case) -> Evidence:
        recorder = Recorder(self.id, self.signature)
        shape, rng, options = _arguments(case)
        with recorder.running():
            if case.property == REFUSES.id:
                refused, _ = recorder.refuses(student_object, shape, *rng, **options)
                recorder.record(0, "refused", refused, of=_words(shape, options))
            else:
                returned = recorder.call(student_object, shape, *rng, **options)
                self.write_down(recorder, case.property, returned, *(rng or (None,)))
        return recorder.evidence()

    def oracle(self, case: Case) -> Evidence:
        recorder = Recorder(self.id, self.signature)
        shape, rng, options = _arguments(case)
        apart = case.inputs.get("apart", False)
        if case.property == REFUSES.id:
            refused, _ = recorder.refuses(self.expected, shape, apart, *rng, **options)
            recorder.record(0, "refused", refused, of=_words(shape, options))
        else:
            returned = self.expected(shape, apart, *rng, **options)
            self.write_down(recorder, case.property, returned, *(rng or (None,)))
        return recorder.evidence()


def _arguments(case: Case) -> tuple[tuple[int, ...], tuple[np.random.Generator, ...], dict[str, Any]]:
    """The arguments of the call: the shape, a fresh generator if there is one, the rest by name."""
    inputs = cast(ShapeCall, case.inputs)
    rng = (np.random.default_rng(inputs["seed"]),) if "seed" in inputs else ()
    return tuple(inputs["shape"]), rng, dict(inputs.get("options", {}))


def _words(shape: tuple[int, ...], options: Mapping[str, Any]) -> str:
    """The arguments as a sentence names them: 'shape = (3,)', "mode = 'fan_avg'"."""
    return ", ".join(f"{name} = {value!r}" for name, value in (options or {"shape": shape}).items())


class Fans(FromShape):
    """``fans``: both numbers, by what PyTorch counts."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases = []

        def add(judged: Property, *shape: int) -> None:
            # Which fan is which is told from matrices: of a kernel it is judged what it adds to them.
            from_matrix = judged == KERNEL and shape[0] != shape[1]
            inputs: ShapeCall = {"shape": list(shape), "from_matrix": from_matrix}
            cases.append(Case(judged.id, inputs, f"shape = {shape}"))

        for _ in range(1 if level == "public" else 4):
            small, large = sorted(rng.choice(np.arange(2, 40), size=2, replace=False).tolist())
            k, m = sorted(rng.choice(np.arange(2, 8), size=2, replace=False).tolist())
            add(MATRIX, small, large)
            add(MATRIX, large, small)
            add(MATRIX, 1, large)
            add(KERNEL, small, large, k)
            add(KERNEL, small, small, m, m)
            add(KERNEL, large, large, k, m)
            add(KERNEL, small, small, 1, 1)
            add(KERNEL, small, small, k, m, 2)
            add(REFUSES)
            add(REFUSES, large)
            add(REFUSES, small, large)
        return cases

    def expected(
        self, shape: tuple[int, ...], apart: bool, *rng: np.random.Generator, **options: Any
    ) -> tuple[int, int]:
        return torch.nn.init._calculate_fan_in_and_fan_out(torch.zeros(shape))

    def write_down(
        self, recorder: Recorder, judged: str, returned: Any, rng: np.random.Generator | None
    ) -> None:
        fans = recorder.unpack(returned, ("fan_in", "fan_out"))
        arrays = [recorder.record(*key[:2], fan) for key, fan in zip(BOTH, fans, strict=True)]
        if judged == MATRIX.id:
            recorder.record(0, "fan_is_no_int", any(array.dtype.kind not in "iu" for array in arrays))

    def observe(self, student_object: Any, case: Case) -> Evidence:
        evidence, shape = super().observe(student_object, case), case.inputs["shape"]
        if not case.inputs.get("from_matrix"):
            return evidence
        matrix = super().observe(student_object, replace(case, inputs={"shape": shape[:2]})).readings
        readings = dict(evidence.readings)
        for fan, right in zip(BOTH, shape[1::-1], strict=True):
            own = matrix.get(fan)
            if fan in readings and own is not None and own.size == 1 and own.any() and own != right:
                readings[fan] = np.asarray(readings[fan] * right / own)
        return replace(evidence, readings=readings)


def stand_in_fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """In the place of ``fans``: two other numbers, which depend on all of the shape."""
    if len(shape) < 2:
        raise ValueError("a shape of two numbers or more is needed")
    return sum(shape) + 3, 2 * sum(shape) + shape[0]


class _Weight(torch.Tensor):
    """What PyTorch's initialisers fill: ``drawn`` is of ``wanted`` shape, and from the generator ``rng``."""

    rng: np.random.Generator
    wanted: tuple[int, ...]
    drawn: np.ndarray

    def uniform_(self, low: float = 0, high: float = 1, *, generator: Any = None) -> _Weight:
        self.drawn = self.rng.uniform(low, high, size=self.wanted)
        return self

    def normal_(self, mean: float = 0, std: float = 1, *, generator: Any = None) -> _Weight:
        self.drawn = self.rng.normal(mean, std, size=self.wanted)
        return self


class Drawn(FromShape):
    """A weight that is drawn: the evidence is the weight, or what the generator draws next."""

    def write_down(
        self, recorder: Recorder, judged: str, returned: Any, rng: np.random.Generator | None
    ) -> None:
        (weight,) = recorder.unpack(returned, ("W",))
        if judged == DRAWS.id and rng is not None:
            recorder.record(0, "next_draw", rng.random())
        else:
            recorder.record(0, "W", weight)

    def expected(
        self, shape: tuple[int, ...], apart: bool, *rng: np.random.Generator, **options: Any
    ) -> np.ndarray:
        fan_in, fan_out = stand_in_fans(shape) if apart else (0, 0)
        # A matrix of another shape has the fans of the stand-in.
        weight = torch.zeros((fan_out, fan_in) if apart else shape).as_subclass(_Weight)
        (weight.rng,), weight.wanted = rng, shape
        self.torch_fill(weight, **options)
        return weight.drawn

    @abstractmethod
    def torch_fill(self, weight: torch.Tensor, **options: Any) -> None:
        """Call PyTorch's initialiser."""

    @abstractmethod
    def plainer(self, case: Case) -> tuple[ShapeCall, float] | None:
        """A plainer call whose first numbers, times a factor, are those of the case; None for none."""

    def has_plainer(self, case: Case) -> bool:
        return self.plainer(case) is not None

    def observe_plainer(
        self, student_object: Any, case: Case, observed: Evidence
    ) -> Mapping[Reading, np.ndarray]:
        plainer = self.plainer(case)
        if plainer is None:
            return {}
        readings = self.observe(student_object, replace(case, inputs=plainer[0])).readings
        shape = tuple(case.inputs["shape"])
        count = int(np.prod(shape))
        return {
            reading: np.ravel(array)[:count].reshape(shape)
            for reading, array in readings.items()
            if array.size >= count
        }

    def follow(self, case: Case, observed: Evidence, expected: Evidence) -> Evidence:
        plainer, own = self.plainer(case), observed.readings.get(self.own(W))
        if plainer is None or own is None or self.property_of(case).telling:
            return expected
        return Evidence({W: own * plainer[1]})


class XavierUniform(Drawn):
    """``xavier_uniform``."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        worked: ShapeCall = {"shape": [4, 2], "seed": WORKED_SEED}
        cases = [Case(WORKED.id, worked, "the numbers of the worked example")]
        add = _adder(cases, rng)
        if level == "graded":
            add(WORKED, 4, 2)
        for _ in range(1 if level == "public" else 3):
            n = int(rng.integers(3, 8))
            add(SQUARE, 2, 2)
            add(SQUARE, n, n)
            # Fans whose sum is even: a square matrix has the same bound.
            add(BOTH_FANS, 1, n + n % 2 + 1)
            add(BOTH_FANS, n + 2, n)
            add(BOTH_FANS, 2, 8)
            add(KERNEL, 4, 2, 3)
            add(KERNEL, 3, 1, 2, 3)
            add(KERNEL, 1, 3, 1, 1)
            for gain in (5 / 3, float(rng.uniform(0.3, 0.8))):
                add(GAIN, 3, 3, gain=gain)
            add(DRAWS, n, 3)
            add(DRAWS, 2, 2, 3, gain=0.5)
            add(REFUSES)
            add(REFUSES, n)
            add(REFUSES, n, 2)
        return cases

    def torch_fill(self, weight: torch.Tensor, **options: Any) -> None:
        torch.nn.init.xavier_uniform_(weight, **options)

    def plainer(self, case: Case) -> tuple[ShapeCall, float] | None:
        """A square matrix with the same bound, which holds as many numbers or more; the gain left out."""
        if case.property in (BOTH_FANS.id, KERNEL.id):
            outputs, inputs, *kernel = case.inputs["shape"]
            side = (outputs + inputs) * int(np.prod(kernel)) // 2
            return {"shape": [side, side], "seed": case.inputs["seed"]}, 1.0
        if case.property == GAIN.id:
            plain: ShapeCall = {"shape": case.inputs["shape"], "seed": case.inputs["seed"]}
            return plain, case.inputs["options"]["gain"]
        return None


class HeNormal(Drawn):
    """``he_normal``."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        worked: ShapeCall = {"shape": [3, 8], "seed": WORKED_SEED}
        cases = [Case(WORKED.id, worked, "the numbers of the worked example")]
        add = _adder(cases, rng)
        if level == "graded":
            add(WORKED, 3, 8)
        for _ in range(1 if level == "public" else 3):
            n = int(rng.integers(4, 9))
            slope = float(rng.uniform(0.2, 0.9))
            add(FAN_IN, 2, 3)
            add(FAN_IN, 3, n)
            add(MODE, 2, 3, mode="fan_out")
            add(MODE, n, 3, mode="fan_out")
            add(SLOPE, 2, 2, slope=slope)
            add(SLOPE, 3, 3, slope=-slope)
            add(KERNEL, 2, 3, 2)
            add(KERNEL, 3, 1, 2, 3)
            add(KERNEL, 1, n, 1, 1)
            add(DRAWS, n, 3)
            add(DRAWS, 2, 2, 3, mode="fan_out")
            add(REFUSES)
            add(REFUSES, n)
            add(REFUSES, n, 2)
            for mode in ("fan_avg", "in", "fan_sum"):
                add(REFUSES, 3, 2, mode=mode)
        return cases

    def torch_fill(self, weight: torch.Tensor, **options: Any) -> None:
        slope = options.pop("slope", 0.0)
        torch.nn.init.kaiming_normal_(weight, a=slope, nonlinearity="leaky_relu", **options)

    def plainer(self, case: Case) -> tuple[ShapeCall, float] | None:
        """A matrix with the same fan, by fan_in, which holds as many numbers; a ReLU without a slope."""
        if case.property not in (MODE.id, KERNEL.id, SLOPE.id):
            return None
        (outputs, inputs, *kernel), seed = case.inputs["shape"], case.inputs["seed"]
        if case.property == MODE.id:
            return {"shape": [inputs, outputs], "seed": seed}, 1.0
        matrix: ShapeCall = {"shape": [outputs, inputs * int(np.prod(kernel))], "seed": seed}
        return matrix, float(1 / np.hypot(1.0, case.inputs["options"].get("slope", 0.0)))


def _adder(cases: list[Case], rng: np.random.Generator) -> Any:
    def add(judged: Property, *shape: int, **options: Any) -> None:
        inputs: ShapeCall = {"shape": list(shape), "seed": int(rng.integers(2**31)), "options": options}
        said = [
            f"{name} = {value if isinstance(value, str) else f'{value:.4g}'}"
            for name, value in options.items()
        ]
        cases.append(Case(judged.id, inputs, ", ".join([f"shape = {shape}", *said])))

    return add
