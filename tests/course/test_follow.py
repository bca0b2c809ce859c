"""One slip costs what it breaks, and what follows through earns nothing for nothing."""

import numpy as np
import pytest

from course.cases import probed, public_cases
from course.exercise import Evidence
from course.exercises import EXERCISES
from course.judging.judge import judge

DOES_NOTHING = """
class Answer:
    def __init__(self, params, lr=0.1, **hyper):
        self.params, self.lr = list(params), lr
    def step(self):
        pass
    def zero_grad(self):
        for theta in self.params:
            theta.grad = None
"""
PLAIN_STEPS = DOES_NOTHING.replace(
    "        pass",
    "        for theta in self.params:\n"
    "            if theta.grad is not None:\n"
    "                theta.data -= self.lr * theta.grad",
)
OPTIMIZERS = ["SGD", "MomentumSGD", "RMSprop", "Adam", "AdamW"]
FUNCTIONS = [
    id
    for id in EXERCISES
    if id[0].islower() and id not in ("minibatch_indices", "clipped_training_step", "matching_lr")
]


def verdict_on(exercise_id, answer):
    exercise = EXERCISES[exercise_id]
    cases, expected = public_cases(exercise_id)
    return judge(exercise, cases, probed(exercise, answer, cases, expected), expected)


def written(code, name="Answer"):
    namespace = {}
    exec(code, namespace)
    return namespace[name]


def results(exercise_id):
    """How many things a function returns."""
    exercise = EXERCISES[exercise_id]
    named = {"fit_linear": 3, "batch_norm_backward": 3, "batch_norm_forward": 2}
    returns = getattr(exercise, "returns", ()) or ("theta", *getattr(exercise, "states", ()))
    return named.get(exercise_id, len(returns))


@pytest.mark.parametrize("exercise_id", OPTIMIZERS)
def test_a_class_that_does_nothing_earns_nothing_by_following_through(exercise_id):
    passed = {
        entry.property.id
        for entry in verdict_on(exercise_id, written(DOES_NOTHING)).properties
        if entry.passed
    }
    assert not passed


@pytest.mark.parametrize("exercise_id", ["Adam", "AdamW", "RMSprop"])
def test_plain_steps_under_another_name_earn_nothing_by_following_through(exercise_id):
    verdict = verdict_on(exercise_id, written(PLAIN_STEPS))
    assert verdict.score <= 0.1 * verdict.max_score


@pytest.mark.parametrize("exercise_id", FUNCTIONS)
@pytest.mark.parametrize("answer", ["nothing", "inputs", "zeros", "ones"])
def test_a_function_that_does_nothing_earns_next_to_nothing(exercise_id, answer):
    count = results(exercise_id)

    def trivial(*arguments, **keywords):
        if answer == "nothing":
            return None
        made = {
            "inputs": lambda array: array,
            "zeros": np.zeros_like,
            "ones": np.ones_like,
        }[answer]
        first = [made(entry) if isinstance(entry, np.ndarray) else entry for entry in arguments]
        first += [0.0] * count
        return first[0] if count == 1 else tuple(first[:count])

    verdict = verdict_on(exercise_id, trivial)
    # What is right of itself: clipping changes nothing below the limit.
    assert verdict.score <= 0.2 * verdict.max_score


@pytest.mark.parametrize("exercise_id", EXERCISES)
def test_arrays_that_fit_each_other_and_nothing_of_pytorch_earn_nothing(exercise_id):
    """A forger's: every reading the same number, the student's own in a plainer situation too."""
    exercise = EXERCISES[exercise_id]
    cases, expected = public_cases(exercise_id)
    forged = []
    for evidence in expected:
        made = {
            reading: np.full(array.shape, 7.0) if array.dtype.kind == "f" else array
            for reading, array in evidence.readings.items()
        }
        own = {exercise.own(reading): array for reading, array in made.items()}
        forged.append(Evidence({**made, **own}))
    without = [Evidence({r: a for r, a in each.readings.items() if not r.earlier}) for each in forged]
    assert judge(exercise, cases, forged, expected).score == judge(exercise, cases, without, expected).score


def forged_evidence(exercise, cases, expected, right):
    """Right in one case alone; everywhere else one number, the same in a plainer situation and alone."""
    forged = []
    for case, evidence in zip(cases, expected, strict=True):
        made = {
            reading: np.full(array.shape, 7.0) if array.dtype.kind == "f" and case is not right else array
            for reading, array in evidence.readings.items()
        }
        own = {exercise.own(reading): array for reading, array in made.items()}
        alone = {exercise.alone(reading): array for reading, array in made.items()}
        witness = {
            used.named(reading): np.full(array.shape, 7.0)
            for used in exercise.uses
            if (smaller := used.as_case(case))
            for reading, array in used.earlier.oracle(smaller).readings.items()
        }
        forged.append(Evidence({**made, **own, **alone, **witness}))
    return forged


@pytest.mark.parametrize("exercise_id", EXERCISES)
def test_a_forger_with_one_formula_right_gains_no_other_formula(exercise_id):
    """Nor does a wrong earlier answer that he forges open any."""
    exercise = EXERCISES[exercise_id]
    cases, expected = public_cases(exercise_id)
    telling = [case for case in cases if exercise.property_of(case).telling]
    for right in telling[:1]:
        forged = forged_evidence(exercise, cases, expected, right)
        passed = {
            entry.property.id for entry in judge(exercise, cases, forged, expected).properties if entry.passed
        }
        others = {case.property for case in cases if exercise.property_of(case).telling}
        alone = {id for id in others if [case for case in cases if case.property == id] == [right]}
        honest = [Evidence({r: a for r, a in each.readings.items() if not r.earlier}) for each in forged]
        own = {
            entry.property.id for entry in judge(exercise, cases, honest, expected).properties if entry.passed
        }
        assert passed & others <= alone | own


@pytest.mark.parametrize("exercise_id", [id for id, exercise in EXERCISES.items() if exercise.uses])
def test_a_forged_wrong_earlier_answer_earns_nothing(exercise_id):
    exercise = EXERCISES[exercise_id]
    cases, expected = public_cases(exercise_id)
    forged = forged_evidence(exercise, cases, expected, right=None)
    plain = [Evidence({r: a for r, a in each.readings.items() if not r.earlier}) for each in forged]
    assert judge(exercise, cases, forged, expected).score == judge(exercise, cases, plain, expected).score
