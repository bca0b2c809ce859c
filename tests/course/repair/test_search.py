"""Slips in several lessons, each found by its line; what can't be mended by one change, and what never ends."""

import pytest

from autograder.catalogue.lesson import lessons
from course.definitions import definitions_alone
from course.exercises import EXERCISES, SEALED, lesson_of
from course.repair.search import Place, find_line
from course.repair.tries import decode_tries, encode_tries, tries
from course.sealing import refused

SOLUTIONS = {exercise: code for lesson in lessons() for exercise, code in lesson.solutions().items()}
IMPORTS = "import numpy as np\nimport torch\n"
SLIPS = [
    ("directional_derivative", "direction / length", "direction"),
    ("mse_gradient", "l2 / m * w", "l2 * w"),
    ("ema", "(1 - beta) * x_t", "x_t"),
    ("momentum_update", "theta - lr * v", "theta + lr * v"),
    ("rmsprop_update", "np.sqrt(s) + eps", "np.sqrt(s + eps)"),
    ("adam_update", "(1 - beta2**t)", "(1 - beta2 * t)"),
    ("step_decay", "epoch // step_size", "epoch / step_size"),
    ("clip_by_value", "np.maximum(-clip_value", "np.maximum(clip_value"),
    ("batch_norm_forward", "np.sqrt(var + eps)", "np.sqrt(var) + eps"),
    ("noam", "step**-0.5", "step**0.5"),
    ("lion_update", "np.sign(c)", "c"),
    ("he_normal", "1 + slope**2", "1 + slope"),
    ("rms_norm", "mean(axis=-1, keepdims=True)", "mean(axis=0, keepdims=True)"),
    ("ties_merge", "base + scale * merged", "scale * merged"),
    ("expected_improvement", "(z**2)", "(z)"),
    ("instance_noise", "1.0 - step / total", "step / total"),
    ("mixup", "lam * Y + (1 - lam)", "lam * Y + lam"),
    ("SGD", "continue", "break"),
    ("ReduceOnPlateau", "self.bad_epochs > self.patience", "self.bad_epochs >= self.patience"),
    ("Adam", "self.t[i] += 1", "self.t[i] += 2"),
]


def searched(exercise_id, code, **options):
    """The place that is found, with the reference solutions of the lesson's earlier exercises."""
    namespace = {}
    exec(IMPORTS, namespace)
    lesson = next(lesson for lesson in lessons() if exercise_id in lesson.solutions())
    for earlier, solution in lesson.solutions().items():
        if earlier == exercise_id:
            break
        exec(solution, namespace)
    exercise = EXERCISES[exercise_id]
    given = decode_tries(encode_tries(tries(exercise)))
    with refused(SEALED[lesson_of(exercise_id)]):
        return find_line(exercise, code, namespace, given, **options)


@pytest.mark.slow
@pytest.mark.parametrize(("exercise", "right", "wrong"), SLIPS, ids=[slip[0] for slip in SLIPS])
def test_a_slip_is_found_by_its_line(exercise, right, wrong):
    solution = SOLUTIONS[exercise]
    assert right in solution
    code = solution.replace(right, wrong, 1)
    (line,) = [
        number
        for number, pair in enumerate(zip(solution.splitlines(), code.splitlines(), strict=True), start=1)
        if pair[0] != pair[1]
    ]
    assert searched(exercise, code) == Place(line, alone=True)


def test_a_right_answer_and_one_that_is_no_python_have_no_line():
    assert searched("matching_lr", SOLUTIONS["matching_lr"]) is None
    assert searched("matching_lr", "def matching_lr(lr, beta:") is None
    assert searched("matching_lr", "matching_lr = 3") is None
    assert searched("matching_lr", f"def matching_lr(lr, beta):\n    return lr{' ' * 40_000}") is None


TWICE = "def matching_lr(lr, beta):\n    return {}"


def test_what_no_single_change_mends_is_said_so():
    assert searched("matching_lr", TWICE.format("np.log(lr) + beta**7")) is None


TWO_SLIPS = [
    ("momentum_update", [("beta * v + (1 - beta) * grad", "beta * v + grad"), ("theta - lr", "theta + lr")]),
    ("adam_update", [("grad**2", "grad"), ("theta - lr", "theta + lr")]),
    ("directional_derivative", [("direction / length", "direction"), ("length == 0", "length < 0")]),
]


@pytest.mark.slow
@pytest.mark.parametrize(("exercise", "slips"), TWO_SLIPS, ids=[each[0] for each in TWO_SLIPS])
def test_of_two_slips_one_is_found_and_said_not_to_be_the_only_one(exercise, slips):
    code = solution = SOLUTIONS[exercise]
    for right, wrong in slips:
        assert right in code
        code = code.replace(right, wrong, 1)
    pairs = zip(solution.splitlines(), code.splitlines(), strict=True)
    lines = [number for number, pair in enumerate(pairs, start=1) if pair[0] != pair[1]]
    assert searched(exercise, code) in [Place(line, alone=False) for line in lines]


ENDLESS = """
import sys

def ema(x, beta):
    v, t, averages = 0 * x[0], 0, np.empty(x.shape)
    while t < len(x):
        v = beta * v + (1 - beta) * x[t]
        averages[t] = v
        t += 0
    return averages

print(ema(np.ones(3), 0.9))
sys.exit()
"""


@pytest.mark.slow
def test_an_endless_loop_is_found_and_what_else_a_cell_does_is_not_done(capsys):
    assert searched("ema", ENDLESS, seconds=20) == Place(9, alone=True)
    assert capsys.readouterr().out == ""


def test_definitions_keep_their_lines():
    source = "import sys\nprint(\n  1)\n@torch.no_grad()\ndef f(): pass\nx = 3; print(x)\ny = f()\n"
    kept = "import sys\n\n\n@torch.no_grad()\ndef f(): pass\nx = 3; print(x)\n\n"
    assert definitions_alone(source) == kept


def test_an_earlier_answer_that_is_wrong_is_no_fault_of_this_one():
    wrong_adam = SOLUTIONS["Adam"].replace("self.t[i] += 1", "self.t[i] += 2")
    exercise = EXERCISES["AdamW"]
    namespace, given = {}, tries(exercise)
    exec(IMPORTS + wrong_adam, namespace)
    with refused(SEALED["05_adam"]):
        assert find_line(exercise, SOLUTIONS["AdamW"], namespace, given) is None
