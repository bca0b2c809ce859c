"""Wrong answers that once had full marks."""

import pytest

from autograder.catalogue.answers import answers
from autograder.catalogue.lesson import find
from course.cases import probed, public_cases
from course.exercises import EXERCISES, lesson_of
from course.judging.judge import judge

EMPTIED = (
    "(params, lr, betas, eps, weight_decay=0.0)",
    "(params, lr, betas, eps, weight_decay=0.0); self.own = list(params)",
)
WRONG = {
    "a generator of parameters that are not decayed": (
        "AdamW",
        [
            EMPTIED,
            (
                "for theta in self.params:\n            if theta.grad is not None",
                "for theta in self.own:\n            if theta.grad is not None",
            ),
        ],
    ),
    "a class's state that a second optimiser goes on with": (
        "Adam",
        [
            ("class Adam:", "class Adam:\n    store = {}\n"),
            (
                "            m_hat = self.m[i]",
                "            self.store[theta] = self.m[i], self.v[i], self.t[i]\n            m_hat = self.m[i]",
            ),
            (
                "            self.t[i] += 1\n",
                "            if theta in self.store:\n                self.m[i], self.v[i], self.t[i] = self.store[theta]\n            self.t[i] += 1\n",
            ),
        ],
    ),
    "no correction from t = 1000 on": (
        "adam_update",
        [
            ("m_hat = m / (1 - beta1**t)", "m_hat = m / (1 - beta1**t) if t < 1000 else m"),
            ("v_hat = v / (1 - beta2**t)", "v_hat = v / (1 - beta2**t) if t < 1000 else v"),
        ],
    ),
    "a beta1 of 0 is taken for none": (
        "adam_update",
        [("m = beta1 * m", "beta1 = beta1 or 0.9\n    m = beta1 * m")],
    ),
    "betas of 0 are taken for none": (
        "Adam",
        [("self.beta1, self.beta2 = betas", "self.beta1, self.beta2 = betas[0] or 0.9, betas[1] or 0.999")],
    ),
    "an alpha of 0 is taken for none": (
        "RMSprop",
        [("self.eps = lr, alpha, eps", "self.eps = lr, alpha or 0.99, eps")],
    ),
}


@pytest.mark.parametrize(("exercise_id", "edits"), WRONG.values(), ids=WRONG)
def test_it_loses_points(exercise_id, edits):
    exercise, lesson = EXERCISES[exercise_id], find(lesson_of(exercise_id))
    code = lesson.solutions()[exercise_id]
    for old, new in edits:
        assert old in code
        code = code.replace(old, new)
    cases, expected = public_cases(exercise_id)
    verdict = judge(
        exercise,
        cases,
        probed(exercise, answers(lesson, {exercise_id: code})[exercise_id], cases, expected),
        expected,
    )
    assert 0 < verdict.score < verdict.max_score


def test_an_average_that_skips_frozen_parameters_loses_points():
    exercise, lesson = EXERCISES["ModelEMA"], find("02_ema")
    code = lesson.solutions()["ModelEMA"] + (
        "\nclass ModelEMA(ModelEMA):\n"
        "    def __init__(self, params, decay):\n"
        "        super().__init__([p for p in params if p.requires_grad], decay)\n"
        "    def update(self, params):\n"
        "        super().update([p for p in params if p.requires_grad])\n"
    )
    cases, expected = public_cases("ModelEMA")
    verdict = judge(
        exercise,
        cases,
        probed(exercise, answers(lesson, {"ModelEMA": code})["ModelEMA"], cases, expected),
        expected,
    )
    assert 0 < verdict.score < verdict.max_score


def test_a_floor_under_a_plateaus_drop_loses_points():
    exercise, lesson = EXERCISES["ReduceOnPlateau"], find("06_lr_decay")
    code = lesson.solutions()["ReduceOnPlateau"] + (
        "\nclass ReduceOnPlateau(ReduceOnPlateau):\n"
        "    def step(self, metric):\n"
        "        before = self.lr\n"
        "        super().step(metric)\n"
        "        if before - self.lr < 1e-8:\n"
        "            self.lr = before\n"
        "        return self.lr\n"
    )
    cases, expected = public_cases("ReduceOnPlateau")
    made = answers(lesson, {"ReduceOnPlateau": code})["ReduceOnPlateau"]
    verdict = judge(exercise, cases, probed(exercise, made, cases, expected), expected)
    assert 0 < verdict.score < verdict.max_score
