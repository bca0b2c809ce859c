"""What lesson 00 says of slopes, directions and rates, each claim on its own."""

import inspect
import math

import numpy as np
import pytest
import torch
from claims import said, text

from autograder.catalogue.answers import answers
from autograder.catalogue.lesson import find
from course import data, questions, training
from course.cells import grade_id
from course.figures import lesson_00_runs as runs

LESSON = "00_gradients"
ANSWERS = answers(find(LESSON), {})
DIGITS = data.digits()
QUIZ = {question.id: question for question in questions.questions(LESSON)}
numerical_gradient, directional_derivative = (
    ANSWERS["numerical_gradient"],
    ANSWERS["directional_derivative"],
)
steepest_ascent, descend_quadratic, Dual = (
    ANSWERS["steepest_ascent"],
    ANSWERS["descend_quadratic"],
    ANSWERS["Dual"],
)


def cells_of_the_lesson(*names):
    """What these cells of the lesson define."""
    namespace = {"np": np, "training": training, "data": data, **ANSWERS}
    for cell in find(LESSON).source().cells:
        if grade_id(cell) in names:
            exec(cell.source, namespace)
    return namespace


CELLS = cells_of_the_lesson("network", "loss_after")

# The hill.


def test_the_hill_is_the_one_of_the_text():
    top, in_x, in_y, x, y = said(
        LESSON, "the ground lies ${} - {}\\,x^2 - {}\\,y^2$ metres high, and you are at $x = {}$, $y = {}$."
    )
    assert runs.HERE.tolist() == [x, y]
    assert runs.height(*runs.HERE) == top - in_x * x**2 - in_y * y**2


def test_two_slopes_settle_the_steepest():
    east, north = said(LESSON, "the two slopes are {} and {} m/km")
    first, second, steepest = said(LESSON, "The steepest slope is $\\sqrt{{}^2 + {}^2} = {}$")
    grad = numerical_gradient(lambda at: runs.height(*at), runs.HERE)
    np.testing.assert_allclose(grad, [east, north], rtol=1e-8)
    np.testing.assert_allclose(runs.slope_here(), grad, rtol=1e-8)
    assert (first, second) == (east, north)
    assert np.linalg.norm(grad) == pytest.approx(steepest)
    around = [grad @ runs.turned(angle) for angle in np.linspace(0, 2 * np.pi, 3601)]
    assert max(around) == pytest.approx(steepest, rel=1e-5)
    # Not where the top is.
    to_the_top = -runs.HERE / np.linalg.norm(runs.HERE)
    assert grad @ to_the_top < 0.98 * steepest


def test_the_slope_is_half_at_60_degrees():
    degrees = said(LESSON, "half of the slope is where the cosine is 1/2, at {}°")
    grad = runs.slope_here()
    ascent = math.atan2(grad[1], grad[0])
    slopes = np.array(
        [directional_derivative(grad, runs.turned(ascent + angle)) for angle in np.radians(range(360))]
    )
    assert slopes[int(degrees)] == pytest.approx(slopes[0] / 2)
    assert np.mean(slopes > slopes[0] / 2 + 1e-9) == pytest.approx(1 / 3, abs=0.01)
    assert slopes[90] == pytest.approx(0.0, abs=1e-9)
    assert slopes.argmin() == 180


# Differences.


def median_error(h, central):
    return float(
        np.median(
            runs.central_errors(numerical_gradient, runs.POINTS, h)
            if central
            else runs.one_sided_errors(runs.POINTS, h)
        )
    )


def test_differences_by_hand():
    one_sided = said(LESSON, "would have given {} for the first")

    def f(x):
        return x[0] ** 2 * x[1]

    x = np.array([2.0, 1.0])
    np.testing.assert_allclose(
        numerical_gradient(f, x, h=0.5), said(LESSON, "= (2 x_0 x_1,\\; x_0^2) = ({}, {})")
    )
    assert (f(np.array([2.5, 1.0])) - f(x)) / 0.5 == one_sided


def test_the_cosine_of_1():
    assert math.cos(1) == pytest.approx(said(LESSON, "where the slope is $\\cos 1 = {}$"), abs=5e-5)


def test_errors_fall_with_h_and_with_its_square():
    first, second, three, four = said(
        LESSON,
        "its error falls from $10^{{}}$ to $10^{{}}$. With one-sided differences, as in (1), it falls from {} to {}.",
    )
    assert round(math.log10(median_error(0.1, True))) == first
    assert round(math.log10(median_error(0.01, True))) == second
    assert median_error(0.1, False) == pytest.approx(three, rel=0.3)
    assert median_error(0.01, False) == pytest.approx(four, rel=0.3)


def test_where_differences_are_best():
    power, digit, below, own_digit, own_below, better, much = said(
        LESSON,
        "one side is best near $h = 10^{{}}$, with an error of ${} \\cdot 10^{{}}$, and (3) near ${} \\cdot 10^{{}}$, with ${} \\cdot 10^{{}}$",
    )
    steps = 10.0 ** np.arange(-12, -2, 0.1)
    for central, at, error in (
        (False, 10.0**power, digit * 10.0**below),
        (True, own_digit * 10.0**own_below, better * 10.0**much),
    ):
        errors = np.array([median_error(h, central) for h in steps])
        assert steps[errors.argmin()] == pytest.approx(at, rel=1.5)
        assert errors.min() == pytest.approx(error, rel=0.6)
        assert median_error(at, central) == pytest.approx(error, rel=0.6)
    ratio = (digit * 10.0**below) / (better * 10.0**much)
    assert 500 < ratio < 2000  # "a thousand times better"


def test_a_tiny_step_rounds():
    assert questions.predictions(LESSON)[1].answer == "about 1e-5"
    assert 10**-5.5 < median_error(1e-12, True) < 10**-4.5


def test_the_goal_of_the_slider_can_be_reached_and_not_by_all():
    errors = [
        float(runs.central_errors(numerical_gradient, np.array([1.0]), 10.0**k)[0])
        for k in range(-1, -16, -1)
    ]
    goal = 10.0 ** said(LESSON, "an error below $10^{{}}$. What becomes")
    assert 1 <= sum(error < goal for error in errors) <= 3


def test_in_float32_a_step_of_a_hundredth_is_best():
    power, below = said(
        LESSON, "the slope of $\\sin$ is best near $h = 10^{{}}$, with an error of $10^{{}}$."
    )
    points, errors = runs.POINTS.astype(np.float32), {}
    for k in range(1, 7):
        h = np.float32(10.0**-k)
        slopes = (np.sin(points + h) - np.sin(points - h)) / (2 * h)
        errors[-k] = np.median(np.abs(slopes - np.cos(runs.POINTS)))
    assert errors[int(power)] <= 1.1 * min(errors.values())
    assert round(math.log10(errors[int(power)])) == below
    assert errors[-5] > 1e-3  # the quiz: off by 1% or so


# The network whose gradient is wrong.


def right(network, lr):
    return np.array([runs.per_cent_right(network, DIGITS, seed, lr) for seed in range(5)])


@pytest.mark.slow
def test_the_wrong_gradient_trains():
    guessing, with_the_right = said(
        LESSON, "Guessing gets {}% of them right. With the right gradient it is {}%."
    )
    wrong = said(LESSON, "so the loss falls, and {}% are right.")
    *rates, last = said(LESSON, "Both go at a rate of 1: of {}, {}, {} and {} none is better for either.")
    assert last == runs.LR
    best_right, best_wrong = right(runs.with_the_right_slope, last), right(CELLS["network"], last)
    assert np.median(best_right) == pytest.approx(with_the_right, abs=0.6)
    assert np.median(best_wrong) == pytest.approx(wrong, abs=0.6)
    assert (best_right > best_wrong).sum() >= 4
    assert guessing == 100 / 10
    for lr in rates:
        assert np.median(right(runs.with_the_right_slope, lr)) <= np.median(best_right)
        assert np.median(right(CELLS["network"], lr)) <= np.median(best_wrong)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_the_gradient_check_finds_it(seed, monkeypatch):
    first = runs.start
    monkeypatch.setattr(runs, "start", lambda _: first(seed))
    formulas, measured = runs.gradients(CELLS["network"], numerical_gradient, DIGITS)
    apart = [runs.relative_difference(a, n) for a, n in zip(formulas, measured, strict=True)]
    assert min(apart[:2]) > 1e-3  # W1, b1
    assert max(apart[2:]) < 1e-8  # "eight digits or more"
    mended, measured = runs.gradients(runs.with_the_right_slope, numerical_gradient, DIGITS)
    assert max(runs.relative_difference(a, n) for a, n in zip(mended, measured, strict=True)) < 1e-6
    # "mostly within" 90 degrees of the right one
    wrong, own = (np.concatenate([np.ravel(array) for array in grads]) for grads in (formulas, mended))
    assert wrong @ own / np.linalg.norm(wrong) / np.linalg.norm(own) > 0.5


def test_how_many_numbers_and_losses():
    count = said(LESSON, "has {} numbers to learn")
    assert sum(array.size for array in runs.start(0)) == count == 64 * 32 + 32 + 32 * 10 + 10
    twice, numbers = said(LESSON, "takes ${} \\cdot {}$ losses")
    calls = []

    def f(x):
        calls.append(x)
        return 0.0

    numerical_gradient(f, np.zeros(7))
    assert len(calls) == twice * 7
    assert numbers == count


def test_random_directions_are_flat():
    constant, count, per_cent = said(LESSON, "the median cosine is ${}/\\sqrt{{}}$, {}%.")
    best, found = said(LESSON, "The best of 1000 has about {}%."), []
    for seed in range(5):
        rng = np.random.default_rng(seed)
        grad = rng.normal(size=int(count))
        steepest = np.linalg.norm(grad)
        shares = (
            np.array([directional_derivative(grad, rng.normal(size=int(count))) for _ in range(1000)])
            / steepest
        )
        assert 100 * np.median(np.abs(shares)) == pytest.approx(per_cent, abs=0.15)
        found.append(100 * np.abs(shares).max())
    assert sum(abs(most - best) < 1 for most in found) >= 4
    assert constant / math.sqrt(count) == pytest.approx(per_cent / 100, rel=0.05)
    # On the hill "that is not bad".
    slopes = np.cos(np.random.default_rng(0).uniform(0, 2 * np.pi, 1000))
    assert np.mean(np.abs(slopes) > 0.5) == pytest.approx(2 / 3, abs=0.05)


# Dual numbers.


def test_the_dual_by_hand():
    x = Dual(2.0, 1.0)
    y = x * (x + 3) / 2
    assert (y.value, y.tangent) == (5.0, said(LESSON, "$f' = x + 1.5 = {}$"))


def test_a_dual_is_exact():
    assert abs(Dual(1.0, 1.0).sin().tangent - math.cos(1)) < 2e-16


def test_one_pass_gives_the_slope_in_a_direction():
    u = runs.turned(0.7)
    x, y = (Dual(value, tangent) for value, tangent in zip(runs.HERE, u, strict=True))
    assert runs.height(x, y).tangent == pytest.approx(directional_derivative(runs.slope_here(), u))


def test_the_slope_of_a_rate():
    zero = said(LESSON, "and 0 in between, at {}.")
    loss_after = CELLS["loss_after"]
    slopes = {lr: loss_after(Dual(lr, 1.0)).tangent for lr in (0.15, zero - 0.0005, zero + 0.0005, 0.19)}
    assert [slope > 0 for slope in slopes.values()] == [False, False, True, True]
    for lr, slope in slopes.items():
        assert slope == pytest.approx((loss_after(lr + 1e-6) - loss_after(lr - 1e-6)) / 2e-6, rel=1e-3)
    assert "a rate of about 0.176" in text(LESSON)


# Descent.


def steps_to_arrive(lr, ratio, start=runs.VALLEY_START):
    A = runs.valley_matrix(ratio)
    with np.errstate(all="ignore"):
        path = descend_quadratic(A, np.zeros(2), start, lr, 600)
        return runs.arrived(np.einsum("ti,ij,tj->t", path, A, path) / 2)


def test_descent_by_hand():
    A = np.array([[2.0, 2.0], [0.0, 4.0]])
    path = descend_quadratic(A, np.array([1.0, 2.0]), np.array([2.0, 1.0]), 0.25, 2)
    np.testing.assert_allclose(path, [[2, 1], [1, 0], [0.75, 0.25]])
    other = said(LESSON, "for the worked example's first step $({}, {})$, not $({}, {})$")
    np.testing.assert_allclose(A @ path[0] - [1, 2], other[:2])
    np.testing.assert_allclose((path[0] - path[1]) / 0.25, other[2:])


def test_four_rates():
    slow, many, rate, few = said(LESSON, "At $lr = {}$ that takes {} steps, at {} only {}.")
    assert (steps_to_arrive(slow, 10), steps_to_arrive(rate, 10)) == (many, few)
    assert steps_to_arrive(0.18, 10) < few
    assert math.isinf(steps_to_arrive(said(LESSON, 'at $lr = {}$: "about 10 steps"'), 10))
    across, along = said(LESSON, "A valley that curves by {} across and by {} along")
    np.testing.assert_allclose(np.linalg.eigvalsh(runs.valley_matrix(across / along)), [along, across])


def test_the_limit_and_the_best_rate():
    limit = said(LESSON, "$2/\\lambda_{max} = {}$")
    best = said(LESSON, "$lr = 2/(\\lambda_{min} + \\lambda_{max}) = {}$")
    kept, of = said(LESSON, "there each step keeps {}/{} of the distance")
    assert limit == 2 / 10
    assert round(2 / 11, 2) == best
    rng = np.random.default_rng(0)
    for start in rng.normal(size=(5, 2)):
        assert math.isinf(steps_to_arrive(1.01 * limit, 10, start))
        assert steps_to_arrive(0.95 * limit, 10, start) < 600
    A = runs.valley_matrix(10)
    keeps = {lr: np.abs(np.linalg.eigvalsh(np.eye(2) - lr * A)).max() for lr in np.arange(0.001, 0.2, 0.001)}
    assert min(keeps, key=keeps.get) == pytest.approx(2 / 11, abs=0.001)
    assert np.abs(np.linalg.eigvalsh(np.eye(2) - 2 / 11 * A)) == pytest.approx([kept / of, kept / of])


def test_the_more_curvatures_differ_the_longer_it_takes():
    goal, ratio = said(LESSON, "arrive in at most {} steps at a ratio of {}. Then")
    rate, steps, swings = said(LESSON, "With {} it takes {} steps; at {} it swings for ever.")
    assert steps_to_arrive(rate, ratio) == steps == goal
    assert math.isinf(steps_to_arrive(swings, ratio))
    large, least, low, high, apart = said(
        LESSON, "at a ratio of {} at least {} steps, at the best rate of {} to {} in steps of {}."
    )
    assert min(steps_to_arrive(lr, large) for lr in np.arange(low, high, apart)) == least


# What is steepest.


def test_the_slopes_to_compare_with():
    slopes = said(LESSON, "for $g = (3, -4)$ the slopes are {}, {} and {}, in this order.")
    found = [steepest_ascent(np.array([3.0, -4.0]), p=p)[1] for p in (2, np.inf, 1)]
    np.testing.assert_allclose(found, slopes)


def test_on_the_hill_every_norm_has_a_way_of_its_own():
    assert questions.predictions(LESSON)[-1].answer == "north-east"
    ways = {p: steepest_ascent(runs.slope_here(), p=p) for p in (1, 2, np.inf)}
    np.testing.assert_allclose(ways[np.inf][0], [1, 1])
    np.testing.assert_allclose(ways[1][0], [0, 1])
    np.testing.assert_allclose(ways[2][0], [0.6, 0.8])


# Conventions, and where it breaks.


def test_gradcheck():
    eps = said(LESSON, "central differences, `eps={}e-6`")
    assert inspect.signature(torch.autograd.gradcheck).parameters["eps"].default == eps * 1e-6
    x = torch.tensor([0.7, 1.1], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: (x**2).sin().sum(), x)
    # It is for float64: float32 is warned of, and fails where the gradient is right.
    single = x.detach().float().requires_grad_()
    with (
        pytest.warns(UserWarning, match="double"),
        pytest.raises(torch.autograd.gradcheck.__globals__["GradcheckError"]),
    ):
        torch.autograd.gradcheck(lambda x: (x**2).sin().sum(), single)


def test_the_usual_step_of_one_sided_differences():
    h, times = said(
        LESSON, "`h = {}e-8`, the root of float64's precision | error {} times that of (3), each at its best"
    )
    assert np.sqrt(np.finfo(float).eps) == pytest.approx(h * 1e-8, rel=0.01)
    ratio = median_error(1e-8, False) / median_error(5e-6, True)
    assert ratio == pytest.approx(times, rel=0.6)


def test_numpys_gradient_takes_samples():
    samples = np.arange(5.0) ** 2
    assert np.gradient(samples).tolist() == [1, 2, 4, 6, 7]  # 0, 2, 4, 6, 8 is right


# PyTorch compiles what it needs for it in a way that it warns of itself.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_jvp_keeps_the_length_of_a_direction():
    longer, ours = said(LESSON, "{} for (1, 1) on the hill, not {} |")
    here = tuple(torch.tensor(value, dtype=torch.float64) for value in runs.HERE)
    one = torch.tensor(1.0, dtype=torch.float64)
    _, slope = torch.func.jvp(runs.height, here, (one, one))
    assert slope.item() == pytest.approx(longer)
    assert directional_derivative(runs.slope_here(), np.ones(2)) == pytest.approx(ours, abs=0.05)


@pytest.mark.parametrize("seed", range(5))
def test_the_larger_norm_divides_by_half_at_least(seed):
    rng = np.random.default_rng(seed)
    a, n = rng.normal(size=6), 3 * rng.normal(size=6)
    larger = np.linalg.norm(a - n) / max(np.linalg.norm(a), np.linalg.norm(n))
    assert runs.relative_difference(a, n) <= larger <= 2 * runs.relative_difference(a, n)


def test_a_kink():
    power, slope, measured = said(LESSON, "at $3 \\cdot 10^{{}}$ has the slope {}; (3) says {},")
    x = np.array(3 * 10.0**power)
    assert numerical_gradient(np.abs, x) == pytest.approx(measured)
    assert numerical_gradient(np.abs, x, h=1e-6) == pytest.approx(slope)


def test_other_units_turn_the_gradient():
    east, north = said(LESSON, "and the hill's gradient is $({}, {})$")
    grad = numerical_gradient(lambda at: runs.height(at[0], at[1] / 1000), runs.HERE * [1, 1000], h=1e-2)
    np.testing.assert_allclose(grad, [east, north], rtol=1e-6)


def test_flat_is_not_low():
    np.testing.assert_allclose(
        numerical_gradient(lambda x: x[0] ** 2 - x[1] ** 2, np.zeros(2)), 0, atol=1e-12
    )


# The quiz, and the predictions.


def test_the_quizs_numbers():
    g, d = np.array([3.0, 4.0, 12.0]), np.array([1.0, 2.0, 2.0])
    assert directional_derivative(g, d) == pytest.approx(QUIZ["slope_by_hand"].right)
    assert {35.0, 35 / 9, 13.0} <= set(map(float, QUIZ["slope_by_hand"].wrong))
    assert (1 / Dual(0.5, 1.0)).tangent == QUIZ["slope_of_one_over"].right
    rates = np.arange(0.001, 0.25, 0.001)
    keeps = [max(abs(1 - 2 * lr), abs(1 - 8 * lr)) for lr in rates]
    assert rates[int(np.argmin(keeps))] == pytest.approx(QUIZ["best_rate"].right)
    assert math.cos(math.radians(80)) == pytest.approx(1 / 6, abs=0.01)
    assert QUIZ["price_of_differences"].right == 2 * 1000
