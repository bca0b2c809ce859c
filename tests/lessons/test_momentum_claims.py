"""What lesson 03 says in numbers, read from its text and computed again with PyTorch."""

import numpy as np
import pytest
import torch
from claims import said

from course.exercises import LESSONS
from course.exercises.lesson_03.momentum import DAMPENING, DECAY, MOMENTUM_SGD, NESTEROV, PLAIN, TOGETHER
from course.families import optimizers
from course.figures import ravine
from course.figures.lesson_03 import BETAS, GOAL, LRS
from course.measured import measured
from course.questions import predictions, questions

LESSON = "03_momentum"
ANSWERS = {asked.id: asked.answer for asked in predictions(LESSON)}
CURVATURE, START, settled = ravine.CURVATURE, ravine.START, ravine.settled
CONSTANT, HALVED = (0.1, 0.1), (0.1, 0.05)
RATES = np.arange(0.001, 0.0805, 0.001)


def walk(lr, mu, nesterov=False, steps=100):
    """The points of torch.optim.SGD on the lesson's ravine, (steps + 1, 2)."""
    theta = torch.tensor(START)
    optimizer = torch.optim.SGD([theta], lr=lr, momentum=mu, nesterov=nesterov)
    points = [theta.tolist()]
    for _ in range(steps):
        theta.grad = torch.from_numpy(CURVATURE) * theta
        optimizer.step()
        points.append(theta.tolist())
    return np.array(points)


def average(lr, beta, steps=100):
    """The averaging form: PyTorch's with a rate that is 1 - beta times as large."""
    return walk(lr * (1 - beta), beta, steps=steps)


def fewest(mu, nesterov=False, rates=RATES, steps=100):
    return ravine.fewest_steps(
        lambda params: torch.optim.SGD(params, lr=1.0, momentum=mu, nesterov=nesterov), rates, steps
    )


def test_sgd_crawls_or_explodes_where_momentum_arrives():
    crawls = said(LESSON, "from wall to wall and needs {} steps")
    assert settled(walk(0.038, 0.0)) == crawls
    assert np.abs(walk(0.045, 0.0)[-1]).max() > 1e6
    arrives = said(LESSON, "Momentum swings a few times and has settled after {}")
    assert settled(walk(0.045, 0.7)) == arrives < crawls
    assert ANSWERS["past_limit"] == "arrives sooner"
    least, most, apart, best = said(LESSON, "of {} to {}, in steps of {}, none settles in fewer than {}.")
    assert min(settled(walk(lr, 0.0)) for lr in np.arange(least, most + apart / 2, apart)) == best == crawls


def test_the_average_alone_gains_next_to_nothing():
    alone, plain = said(LESSON, "{} steps instead of {}: an average")
    assert settled(average(0.038, 0.7)) == alone == ANSWERS["same_rate"]
    assert settled(walk(0.038, 0.0)) == plain
    assert said(LESSON, "SGD needs {} steps. How many does it take") == plain


def test_how_often_the_ball_goes_uphill():
    lr, beta = said(LESSON, "step by step, with $lr = {}$ and $\\beta = {}$")
    heights = ravine.loss(*average(lr, beta)[:21].T)
    uphill, steps = said(LESSON, "In {} of the first {} steps the loss rises")
    assert (np.diff(heights)[: int(steps)] > 0).sum() == uphill == ANSWERS["uphill_steps"]


def test_what_the_average_keeps_of_the_swings():
    v, kept = 0.0, []
    for g in CURVATURE[1] * walk(0.038, 0.0)[:31, 1]:
        v = 0.9 * v + 0.1 * g
        kept.append(abs(v))
    assert kept.index(max(kept)) == 0
    assert max(kept) == pytest.approx(ANSWERS["kept_swing"])


def test_the_goal_of_the_game_takes_both_sliders():
    needed = np.array([[settled(average(lr, beta)) for lr in LRS] for beta in BETAS])
    assert said(LESSON, "**Goal:** settle in {} steps or fewer") == GOAL
    assert (needed <= GOAL).sum() == 2
    row, column = BETAS.index(0.9), LRS.index(0.02)
    assert needed[row].min() > GOAL
    assert needed[:, column].min() > GOAL
    low, high = said(LESSON, "almost nothing changes: {} to {} steps")
    assert (needed[:, column].min(), needed[:, column].max()) == (low, high)
    assert needed[BETAS.index(0.95)].min() > said(LESSON, "that of 0.95 never gets below {}")


@pytest.mark.parametrize(("beta", "words"), [(0.0, "that is {} with $\\beta = 0$"), (0.7, "$\\beta = 0$, {} with 0.7"),
                                             (0.9, "with 0.7 and {} with 0.9")])  # fmt: skip
def test_limit_of_the_averaging_form(beta, words):
    limit = 0.04 * (1 + beta) / (1 - beta)
    assert said(LESSON, words) == pytest.approx(limit, abs=5e-3)
    assert abs(average(0.99 * limit, beta, steps=3000)[-1, 1]) < 1e-3
    assert abs(average(1.01 * limit, beta, steps=3000)[-1, 1]) > 1e3


def test_limits_of_nesterov_and_of_momentum():
    ahead, plain = said(LESSON, "here {} instead of {}.")
    for limit, nesterov, words in ((2 / 50 * 1.9 / 2.8, True, ahead), (2 / 50 * 1.9, False, plain)):
        assert words == pytest.approx(limit, abs=5e-4)
        assert abs(walk(0.99 * limit, 0.9, nesterov, steps=3000)[-1, 1]) < 1e-3
        assert abs(walk(1.01 * limit, 0.9, nesterov, steps=3000)[-1, 1]) > 1e3


def test_a_constant_gradient_makes_steps_of_lr_over_1_minus_mu():
    for mu in (0.5, 0.9, 0.95):
        theta = torch.zeros(1, dtype=torch.float64)
        optimizer = torch.optim.SGD([theta], lr=1.0, momentum=mu)
        positions = [0.0]
        for _ in range(500):
            theta.grad = torch.ones_like(theta)
            optimizer.step()
            positions.append(theta.item())
        lengths = -np.diff(positions)
        assert lengths[-1] == pytest.approx(1 / (1 - mu))
    reached, whole = said(LESSON, "After 60 steps with 0.95 it has reached {} of the {}")
    assert round(lengths[59]) == reached == ANSWERS["even_slope"]
    assert lengths[-1] == pytest.approx(whole)


def test_a_copied_rate_explodes():
    assert abs(walk(0.2, 0.9)[10, 1]) > 1e6


def test_how_the_points_of_the_class_are_divided():
    itself, options, manners = said(
        LESSON,
        "Of the points {} are for momentum itself, {} for the options of (6) to (8), and {} for what "
        "every optimiser",
    )
    points = {entry.id: entry.points for entry in MOMENTUM_SGD.properties}
    of_options = [entry.id for entry in (DECAY, DAMPENING, NESTEROV, TOGETHER)]
    of_all = [
        optimizers.NONE_GRADIENT.id, optimizers.LEARNING_RATE.id, optimizers.IN_PLACE.id,
        optimizers.INSTANCES.id, optimizers.ZERO_GRAD.id, optimizers.BAD_HYPER.id,
    ]  # fmt: skip
    assert sum(points.pop(id) for id in of_options) == options
    assert sum(points.pop(id) for id in of_all) == manners
    assert PLAIN.id in points
    assert sum(points.values()) == itself


def test_momentum_of_1_and_more_is_accepted_by_torch_and_swings_for_ever():
    parameter = torch.zeros(1, requires_grad=True)
    torch.optim.SGD([parameter], lr=0.1, momentum=1.5)
    with pytest.raises(ValueError, match="momentum"):
        torch.optim.SGD([parameter], lr=0.1, momentum=-0.1)
    points = np.abs(walk(0.01, 1.0, steps=5000)[:, 1])
    assert points[-500:].max() == pytest.approx(points[:500].max(), rel=1e-3)


def test_what_nesterov_buys_when_each_has_its_best_rate():
    asked, ahead = said(LESSON, "At $\\mu = 0.9$ ordinary momentum needs {} steps"), ANSWERS["ahead_at_09"]
    assert (fewest(0.9), fewest(0.9, nesterov=True)) == (asked, ahead)
    mus = np.arange(0.05, 0.96, 0.05)
    plain, looking = ([fewest(mu, nesterov) for mu in mus] for nesterov in (False, True))
    both, best, best_ahead = said(
        LESSON, "both settle after {} steps: momentum with $\\mu = {}$, Nesterov with {}."
    )
    assert min(plain) == min(looking) == both
    assert mus[np.argmin(plain)] == pytest.approx(best)
    assert mus[np.argmin(looking)] == pytest.approx(best_ahead)
    last = said(LESSON, "Up to {} ordinary momentum is ahead")
    for mu, one, other in zip(mus, plain, looking, strict=True):
        assert (one < other) == (mu < last + 0.01)
    low, high, both_again, at, ordinary, with_it = said(
        LESSON,
        "momentum is best at {}, Nesterov at {}, both with {} steps; at {} momentum needs {} and Nesterov "
        "{}.",
    )
    assert (low, high, both_again) == (best, best_ahead, both)
    assert (at, ordinary, with_it) == (0.9, asked, ahead)


def test_nesterov_with_a_change_of_variable_measures_the_gradient_ahead():
    theta, u, ahead = START, np.zeros(2), [START]
    for _ in range(50):
        look = theta + 0.9 * u
        u = 0.9 * u - 0.01 * CURVATURE * look
        theta = theta + u
        ahead.append(theta + 0.9 * u)
    np.testing.assert_allclose(walk(0.01, 0.9, nesterov=True, steps=50), ahead, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("nesterov", [True, False])
def test_how_fast_the_swings_shrink(nesterov):
    ahead, plain = said(LESSON, "on the left by {} instead of {}.")
    factor = ahead if nesterov else plain
    assert factor == pytest.approx(np.sqrt(0.9 * (1 - 0.01 * 50) if nesterov else 0.9), abs=5e-3)
    points = np.abs(walk(0.01, 0.9, nesterov, steps=240)[:, 1])
    # The highest points of two windows, far enough apart for many swings between them.
    assert points[40:80].max() * factor**40 == pytest.approx(points[80:120].max(), rel=0.35)


def torch_after_two(rates, **options):
    theta = torch.tensor([1.0], dtype=torch.float64)
    optimizer = torch.optim.SGD([theta], lr=rates[0], momentum=0.9, **options)
    for g, lr in zip((0.5, -0.25), rates, strict=True):
        optimizer.param_groups[0]["lr"] = lr
        theta.grad = torch.tensor([g], dtype=torch.float64)
        optimizer.step()
    return theta.item()


def keras_after_two(rates, nesterov):
    """Keras's documented rule: velocity = momentum * velocity - learning_rate * g."""
    w, velocity = 1.0, 0.0
    for g, lr in zip((0.5, -0.25), rates, strict=True):
        velocity = 0.9 * velocity - lr * g
        w = w + 0.9 * velocity - lr * g if nesterov else w + velocity
    return w


def polyak_after_two(rates):
    """Formula (9), without any memory but the last two positions."""
    before = now = 1.0
    for g, lr in zip((0.5, -0.25), rates, strict=True):
        before, now = now, now - lr * g + 0.9 * (now - before)
    return now


def optax_after_two(rates, nesterov):
    """optax's documented trace: t = g + decay * t, which the rate then scales; Nesterov's is g + decay * t."""
    w, trace = 1.0, 0.0
    for g, lr in zip((0.5, -0.25), rates, strict=True):
        trace = g + 0.9 * trace
        w -= lr * (g + 0.9 * trace if nesterov else trace)
    return w


def averaging_after_two(rates):
    theta, v = 1.0, 0.0
    for g, lr in zip((0.5, -0.25), rates, strict=True):
        v = 0.9 * v + 0.1 * g
        theta = theta - lr * v
    return theta


ROWS = [
    (averaging_after_two, {}, "| `-lr*v` | {} | {} |"),
    (torch_after_two, {}, "| `buf = mu*buf + g` | `-lr*buf` | {} | {} |"),
    (optax_after_two, {"nesterov": False}, "| `buf = mu*buf + g` | `-lr*buf` | {} | {} |"),
    (torch_after_two, {"dampening": 0.9}, "| (7) | `-lr*buf` | {} | {} |"),
    (polyak_after_two, {}, "| `+u` | {} | {} |"),
    (keras_after_two, {"nesterov": False}, "| `+u` | {} | {} |"),
    (torch_after_two, {"nesterov": True}, "| `-lr*(g + mu*buf)` | {} | {} |"),
    (optax_after_two, {"nesterov": True}, "| `-lr*(g + mu*buf)` | {} | {} |"),
    (keras_after_two, {"nesterov": True}, "| `mu*u - lr*g` | {} | {} |"),
]


@pytest.mark.parametrize(("run", "options", "row"), ROWS)
def test_row_of_the_conventions_table(run, options, row):
    np.testing.assert_allclose(
        [run(CONSTANT, **options), run(HALVED, **options)], said(LESSON, row), atol=5e-6
    )


def test_the_step_after_the_drop():
    lengths, step = [], 0.0
    for lr in np.repeat([1.0, 0.1], 30):
        step = 0.9 * step + lr
        lengths.append(step)
    assert lengths[29] == pytest.approx(said(LESSON, "The 30th step is {} long in both forms"), abs=0.05)
    assert lengths[30] == pytest.approx(said(LESSON, "9.6 + 0.1 = {}$"), abs=0.05)
    assert lengths[30] == pytest.approx(ANSWERS["coasting"], abs=0.05)


def test_momentum_gains_on_the_digits_where_sgd_meets_its_limit():
    stored = measured(LESSON)
    rates, losses = stored["effective"], stored["losses"]
    sgd, plain, ahead = losses[0], losses[2], losses[4]
    medians = {
        name: np.median(row, axis=1) for name, row in (("sgd", sgd), ("plain", plain), ("ahead", ahead))
    }
    least, most = said(LESSON, "at effective rates $lr/(1-\\mu)$ of {} to {}, eight to a decade")
    assert (rates[0], rates[-1]) == pytest.approx((least, most), abs=5e-2)
    for name, words in (
        ("sgd", "its best loss is {}, at {}, and"),
        ("plain", "Momentum goes on to {} and reaches {}."),
        ("ahead", "Nesterov goes on to {} and reaches {}."),
    ):
        values = said(LESSON, words)
        loss, rate = values if name == "sgd" else reversed(values)
        assert medians[name].min() == pytest.approx(loss, abs=1e-3)
        assert rates[medians[name].argmin()] == pytest.approx(rate, abs=0.05)
    best = [row[np.median(row, axis=1).argmin()] for row in (sgd, plain, ahead)]
    assert (best[1] < best[0]).sum() >= 4
    assert (best[2] < best[0]).sum() >= 4
    assert 0.25 < medians["plain"].min() / medians["sgd"].min() < 0.75
    assert ANSWERS["digits_gain"] == "about half"
    lr, slow, fast = said(LESSON, "at $lr = {}$, it would have been {} against {}:")
    assert rates[0] == pytest.approx(lr, abs=5e-3)
    assert medians["sgd"][0] == pytest.approx(slow, abs=5e-3)
    tenfold = np.isclose(rates, 10 * rates[0])
    assert medians["plain"][tenfold] == pytest.approx(fast, abs=5e-3)
    # "Up to an effective rate of 1, next to nothing"
    small = rates < 1.01
    for name in ("plain", "ahead"):
        np.testing.assert_allclose(medians[name][small], medians["sgd"][small], rtol=0.2)
    assert (sgd[rates > 1.5] > 1).sum(axis=1).min() >= 4  # "soon after it stops learning"


def test_the_trainers_row_is_the_best_of_all_and_nesterovs():
    stored = measured(LESSON)
    medians = np.median(stored["losses"], axis=2)
    row, rate = np.unravel_index(medians.argmin(), medians.shape)
    assert row == 4
    np.testing.assert_array_equal(stored["trainer"], stored["losses"][row, rate])


def leave_saddle(lr, mu):
    b, buf, step = 1e-3, 0.0, 0
    while abs(b) < 1:
        buf = mu * buf - b
        b, step = b - lr * buf, step + 1
    return step


def test_steps_to_leave_the_saddle():
    fast, slow = said(LESSON, "<summary>Explain</summary> {} steps, and {}. The average lags")
    assert (leave_saddle(0.03, 0.9), leave_saddle(0.003, 0.9)) == (fast, slow)
    assert leave_saddle(0.03, 0.0) == said(LESSON, "gradient descent needs {} steps until $b$ is 1")
    steps, at, plain, plain_at = said(LESSON, "form needs {} steps, at {}, and SGD {}, at {}.")
    for mu, few, rate in ((0.9, steps, at), (0.0, plain, plain_at)):
        # The walls bear a rate below 0.04 * (1 + mu).
        stable = [lr for lr in np.arange(0.001, 0.0755, 0.001) if lr < 0.04 * (1 + mu) - 1e-9]
        found = {lr: leave_saddle(lr, mu) for lr in stable}
        assert min(found.values()) == few
        assert min(found, key=found.get) == pytest.approx(rate)


def test_too_much_inertia():
    steps, plain = said(
        LESSON,
        "With 0.99 the ball needs {} steps to settle in our ravine, at the best rate of 0.0002 to 0.08. SGD needs {}.",
    )
    assert fewest(0.99, rates=np.arange(0.0002, 0.08, 0.0002), steps=600) == steps
    assert fewest(0.0) == plain


def test_answers_of_the_quiz():
    right = {asked.id: asked.right for asked in questions(LESSON)}
    assert right["recipe_of_099"] == pytest.approx(0.3 * (1 - 0.99))
    assert right["one_push"] == pytest.approx(sum(0.1 * 0.9**step for step in range(500)))
    assert right["memory_of_buf"] * 1e6 == 10e6 * torch.zeros(1).element_size()


def test_the_lesson_is_worth_10_points():
    assert sum(exercise.points for exercise in LESSONS[LESSON]) == 10
