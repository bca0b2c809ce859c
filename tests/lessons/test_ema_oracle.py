"""Lesson 02's oracles against the formulas of the text, and every number of its table of conventions."""

import math

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from judging import judged
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from course import data
from course.exercise import Case
from course.exercises.lesson_02.ema import EMA, EMA_CORRECTED, EMA_WEIGHTS, MODEL_EMA, WORKED_SERIES
from course.families import averages
from course.readings import Reading

FLOATS = st.floats(-10, 10).filter(lambda value: value == 0 or abs(value) > 1e-3)
SERIES = hnp.arrays(np.float64, hnp.array_shapes(min_dims=1, max_dims=3, max_side=6), elements=FLOATS)
BETAS = st.floats(0.0, 0.999)


def average(x, beta):
    v, rows = 0.0, []
    for x_t in x:
        v = beta * v + (1 - beta) * x_t  # (1)
        rows.append(v)
    return np.array(rows)


def by_step(exercise, name, x, beta):
    readings = exercise.oracle(Case("any", {"given": {"x": x, "beta": beta}})).readings
    return np.array([readings[Reading(t, name)] for t in range(1, len(x) + 1)])


@given(x=SERIES, beta=BETAS)
def test_ema_follows_formula_1(x, beta):
    np.testing.assert_allclose(by_step(EMA, "v", x, beta), average(x, beta), rtol=1e-10, atol=1e-12)


@given(x=SERIES, beta=BETAS)
def test_ema_corrected_follows_formula_4(x, beta):
    corrected = [v / (1 - beta**t) for t, v in enumerate(average(x, beta), start=1)]
    np.testing.assert_allclose(by_step(EMA_CORRECTED, "v_hat", x, beta), corrected, rtol=1e-10, atol=1e-11)


@given(level=FLOATS, beta=BETAS, steps=st.integers(1, 15))
def test_a_constant_series_stays_constant(level, beta, steps):
    v_hat = by_step(EMA_CORRECTED, "v_hat", np.full(steps, level), beta)
    np.testing.assert_allclose(v_hat, level, rtol=1e-10)


@given(beta=BETAS, t=st.integers(1, 60))
def test_weights_follow_formulas_2_and_3(beta, t):
    ((_, w),) = EMA_WEIGHTS.oracle(Case("any", {"given": {"beta": beta, "t": t}})).readings.items()
    np.testing.assert_allclose(
        w, [(1 - beta) * beta ** (t - i) for i in range(1, t + 1)], rtol=1e-10, atol=1e-300
    )
    np.testing.assert_allclose(w.sum(), 1 - beta**t, rtol=1e-10)


@given(values=st.lists(hnp.arrays(np.float64, (2,), elements=FLOATS), min_size=1, max_size=6), decay=BETAS)
def test_model_average_follows_formula_5(values, decay):
    script = {"params": [np.array([5.0, 7.0])], "values": [[value] for value in values], "decay": decay}
    readings = MODEL_EMA.oracle(Case("any", script)).readings
    np.testing.assert_array_equal(readings[Reading(0, "shadow", (0,))], [5.0, 7.0])
    for t, p in enumerate(values, start=1):
        s = p if t == 1 else decay * s + (1 - decay) * p  # noqa: F821 - set at t = 1
        np.testing.assert_allclose(readings[Reading(t, "shadow", (0,))], s, rtol=1e-10, atol=1e-12)


def test_worked_example_has_the_numbers_of_the_text():
    np.testing.assert_allclose(by_step(EMA, "v", WORKED_SERIES, 0.9), [1, 2.1, 2.99])
    np.testing.assert_allclose(
        by_step(EMA_CORRECTED, "v_hat", WORKED_SERIES, 0.9), [10, 11.0526, 11.0332], atol=5e-5
    )
    case = next(iter(EMA_WEIGHTS.cases(np.random.default_rng(0), "public")))
    np.testing.assert_allclose(EMA_WEIGHTS.oracle(case).readings[Reading(0, "w")], [0.081, 0.09, 0.1])


def test_torch_refuses_what_the_students_class_must_refuse_and_one_value_less():
    case = next(
        c for c in MODEL_EMA.cases(np.random.default_rng(0), "public") if c.property == averages.BAD_DECAY.id
    )
    refused = [bool(value) for value in MODEL_EMA.oracle(case).readings.values()]
    assert [tried["decay"] for tried in case.inputs["tries"]] == [-0.1, 1.0, 1.5, 0.0, 0.5]
    assert refused == [True, True, True, False, False]
    for decay in (-0.1, 1.5):
        with pytest.raises(ValueError, match="Invalid decay value"):
            get_ema_multi_avg_fn(decay)
    assert callable(get_ema_multi_avg_fn(1.0))


def test_a_result_of_another_shape_is_said_in_one_sentence():
    message = judged(EMA, lambda x, beta: average(x, beta)[-1]).properties[0].message
    assert message.startswith("v should have the shape of x, (3,); yours has ().")


def corrected(divisor):
    """The verdict on an ema_corrected that divides a wrong ema by something."""
    namespace = {"np": np}
    exec(
        "def ema(x, beta):\n    return x.copy()\n"
        "def ema_corrected(x, beta):\n"
        "    powers = (beta ** np.arange(1.0, len(x) + 1)).reshape(-1, *[1] * (x.ndim - 1))\n"
        f"    return ema(x, beta) / ({divisor})\n",
        namespace,
    )
    return judged(EMA_CORRECTED, namespace["ema_corrected"])


def test_a_wrong_ema_costs_ema_corrected_nothing():
    verdict = corrected("1 - powers")
    assert verdict.score == verdict.max_score


def test_a_wrong_ema_is_named_below_an_ema_corrected_that_is_wrong_too():
    assert (
        corrected("1 + powers")
        .properties[0]
        .message.endswith(
            "On this series your ema is not right yet, and it is used as you wrote it: mend ema first."
        )
    )


@pytest.mark.parametrize(
    ("shadow", "sentence"),
    [
        ("torch.zeros(2)", "shadow should be a list of tensors; yours is of type Tensor."),
        ("[1.0]", "shadow should be a list of tensors; yours is of type list."),
        ("None", "ModelEMA has no attribute shadow."),
    ],
)
def test_a_shadow_that_is_no_list_of_tensors_is_said_in_one_sentence(shadow, sentence):
    class Student:
        def __init__(self, params, decay):
            self.shadow = eval(shadow)

    assert sentence in judged(MODEL_EMA, Student).properties[0].message


# The table of conventions: what each makes of 10, 12, 11 with beta = 0.9.

PLAIN, FROM_FIRST, SUM = [1.0, 2.1, 2.99], [10.0, 10.2, 10.28], [10.0, 21.0, 29.9]
CORRECTED = [10.0, 2.1 / 0.19, 2.99 / 0.271]


def follow(read):
    """What ``read`` gives after each value of the worked example, which it is handed as a tensor."""
    return [float(read(torch.tensor([value], dtype=torch.float64))) for value in WORKED_SERIES]


def test_adam_keeps_the_plain_average():
    theta = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.Adam([theta], betas=(0.9, 0.999))

    def read(value):
        theta.grad = value
        optimizer.step()
        return optimizer.state[theta]["exp_avg"]

    np.testing.assert_allclose(follow(read), PLAIN)


def test_batch_norm_weights_the_new_value_with_its_momentum_and_starts_at_0():
    norm = nn.BatchNorm1d(1, momentum=0.1, affine=False).double()

    def read(value):
        norm(value.repeat(2, 1))
        return norm.running_mean

    np.testing.assert_allclose(follow(read), PLAIN)


def test_pandas_corrects_unless_it_is_told_to_start_at_the_first_value():
    series = pd.Series(WORKED_SERIES)
    np.testing.assert_allclose(series.ewm(alpha=0.1).mean(), CORRECTED)
    np.testing.assert_allclose(series.ewm(span=19).mean(), CORRECTED)
    np.testing.assert_allclose(series.ewm(alpha=0.1, adjust=False).mean(), FROM_FIRST)


def test_averaged_model_starts_with_the_first_update():
    model = nn.Linear(1, 1, bias=False).double()
    averaged = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.9))

    def read(value):
        with torch.no_grad():
            model.weight.copy_(value)
        averaged.update_parameters(model)
        return averaged.module.weight.detach()

    np.testing.assert_allclose(follow(read), FROM_FIRST)


def test_the_momentum_of_sgd_is_a_sum():
    theta = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=1.0, momentum=0.9)

    def read(value):
        theta.grad = value
        optimizer.step()
        return optimizer.state[theta]["momentum_buffer"]

    np.testing.assert_allclose(follow(read), SUM)


# Other numbers of the text.


def test_the_memory_and_the_delay_of_an_average():
    assert [round(beta ** (1 / (1 - beta)), 3) for beta in (0.9, 0.98)] == [0.349, 0.364]
    assert [math.ceil(math.log(0.01) / math.log(beta)) for beta in (0.9, 0.98, 0.999)] == [44, 228, 4603]
    rising = np.arange(1.0, 3001.0)
    for beta in (0.5, 0.9, 0.98):
        np.testing.assert_allclose(rising[-1] - average(rising, beta)[-1], beta / (1 - beta))
        w = (1 - beta) * beta ** np.arange(5000)
        # The variance of a weighted sum of independent values is the sum of the squared weights.
        np.testing.assert_allclose(np.sqrt(np.sum(w**2)), np.sqrt((1 - beta) / (1 + beta)))


def test_feeding_the_corrected_value_back():
    v, fed_back = 0.0, []
    for t in range(1, 101):
        v = (0.9 * v + 0.1 * 10.0) / (1 - 0.9**t)
        fed_back.append(v)
    np.testing.assert_allclose(fed_back[:3], [10.0, 52.6316, 178.4813], atol=5e-5)
    assert (np.argmax(fed_back) + 1, round(max(fed_back))) == (21, 39451)


def test_batch_norm_statistics_come_from_the_model_unless_buffers_are_averaged():
    model = nn.BatchNorm1d(1)
    averaged = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.9))
    for value in (1.0, 2.0):
        model.running_mean.fill_(value)
        averaged.update_parameters(model)
    assert averaged.module.running_mean.item() == 2.0


def test_temperatures_are_two_years_without_a_gap():
    dates, celsius = data.temperatures()
    assert (dates.shape, celsius.shape, celsius.dtype) == ((731,), (731,), np.float64)
    assert set(np.diff(dates).astype(int)) == {1}
    assert (str(dates[0]), celsius[0], str(dates[celsius.argmax()])) == ("2012-01-01", 12.8, "2012-08-16")
