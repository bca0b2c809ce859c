"""What lesson 07 says, each claim on its own: of PyTorch, of the speller over five seeds, of the cliff."""

import math

import numpy as np
import pytest
import torch
from claims import said
from torch import nn

from autograder.catalogue.answers import answer
from autograder.catalogue.lesson import find
from course import characters, questions
from course.figures import cliff
from course.figures.lesson_07 import FIT
from course.measured import measured

LESSON = "07_clipping"
RUNS = measured(LESSON)
# Below this a run has survived the page.
ALIVE = said(LESSON, "survive the page, that is, end below {}?")
PAGE = 150

GRADS = ([3.0, -4.0], 12.0)
LIMIT = 4.0


def tensors(grads=GRADS):
    params = [torch.zeros_like(torch.tensor(g, dtype=torch.float64)) for g in grads]
    for param, g in zip(params, grads, strict=True):
        param.grad = torch.tensor(g, dtype=torch.float64)
    return params


def flat(params):
    return torch.cat([param.grad.flatten() for param in params]).numpy()


def pytorch(limit):
    params = tensors()
    nn.utils.clip_grad_norm_(params, limit)
    return flat(params)


def pascanu(limit):
    """Algorithm 1 of Pascanu, Mikolov and Bengio (2013)."""
    g = flat(tensors())
    norm = np.linalg.norm(g)
    return limit / norm * g if norm >= limit else g


def tensorflow(limit):
    """The documented rule of clip_by_global_norm: t_list[i] * clip_norm / max(global_norm, clip_norm)."""
    g = flat(tensors())
    return g * limit / max(np.linalg.norm(g), limit)


def keras_clipnorm(limit):
    """The documented rule: the gradient of each weight is clipped so that its norm is no higher than this."""
    return np.concatenate(
        [g * min(1, limit / np.linalg.norm(g)) for g in (np.array([3.0, -4.0]), np.array([12.0]))]
    )


def optax(limit):
    """The rule of clip_by_global_norm: unchanged below the limit, else divided by the norm and times the limit."""
    g = flat(tensors())
    norm = np.linalg.norm(g)
    return g if norm < limit else g / norm * limit


def by_value(limit):
    params = tensors()
    assert nn.utils.clip_grad_value_(params, limit) is None
    return flat(params)


@pytest.mark.parametrize(
    ("rule", "result", "degrees"),
    [
        (pytorch, [0.923, -1.231, 3.692], 0.0),
        (pascanu, [0.923, -1.231, 3.692], 0.0),
        (tensorflow, [0.923, -1.231, 3.692], 0.0),
        (optax, [0.923, -1.231, 3.692], 0.0),
        (keras_clipnorm, [2.4, -3.2, 4.0], 22.4),
        (by_value, [3.0, -4.0, 4.0], 28.7),
    ],
)
def test_row_of_the_conventions_table(rule, result, degrees):
    found, g = rule(LIMIT), flat(tensors())
    np.testing.assert_allclose(found, result, atol=5e-4)
    cosine = found @ g / np.linalg.norm(found) / np.linalg.norm(g)
    assert math.degrees(math.acos(min(1.0, cosine))) == pytest.approx(degrees, abs=0.05)


def test_exactly_at_the_limit_only_pytorch_shrinks():
    g = flat(tensors())
    np.testing.assert_allclose(pytorch(13.0), g * 13 / 13.000001, rtol=1e-14)
    assert not np.array_equal(pytorch(13.0), g)
    np.testing.assert_array_equal(pascanu(13.0), g)
    np.testing.assert_array_equal(tensorflow(13.0), g)
    np.testing.assert_allclose(optax(13.0), g, rtol=1e-15)


def test_the_three_global_rules_agree_to_six_digits():
    np.testing.assert_allclose(pytorch(LIMIT), pascanu(LIMIT), rtol=1e-6)


def test_pytorch_returns_the_norm_before_clipping():
    assert nn.utils.clip_grad_norm_(tensors(), LIMIT).item() == 13.0


def test_nan_and_infinity():
    for value, expected in ((math.nan, [math.nan] * 4), (math.inf, [0, 0, 0, math.nan])):
        params = tensors(([1.0, 2.0], [3.0, value]))
        norm = nn.utils.clip_grad_norm_(params, 1.0).item()
        assert math.isnan(norm) if math.isnan(value) else norm == math.inf
        np.testing.assert_array_equal(flat(params), expected)
        with pytest.raises(RuntimeError, match="non-finite"):
            nn.utils.clip_grad_norm_(params, 1.0, error_if_nonfinite=True)


def test_a_nan_is_lost_in_pythons_min_and_not_in_numpys():
    assert min(1.0, math.nan) == 1.0
    assert math.isnan(np.minimum(1.0, math.nan))


def test_clipping_by_value_keeps_the_angle_below_90_degrees():
    rng = np.random.default_rng(0)
    for _ in range(100):
        g = rng.normal(size=20) * 10.0 ** rng.uniform(-3, 3, size=20)
        assert g @ np.clip(g, -0.01, 0.01) > 0


def test_a_constant_factor_cancels_in_adam_and_a_spike_stays():
    def steps(grads):
        theta = torch.zeros(1, dtype=torch.float64, requires_grad=True)
        optimizer = torch.optim.Adam([theta], lr=1.0)
        positions = [0.0]
        for g in grads:
            theta.grad = torch.tensor([g], dtype=torch.float64)
            optimizer.step()
            positions.append(theta.item())
        return -np.diff(positions)

    ones = np.ones(1100)
    np.testing.assert_allclose(steps(ones), steps(0.1 * ones), rtol=1e-6)
    spike = ones.copy()
    spike[50] = 100.0
    # A thousand updates after the spike.
    assert steps(spike)[-1] < 0.6


def ends(name):
    """The median over the seeds, by rate or threshold."""
    grid = RUNS["thresholds" if "thresholds" in name else "rates"]
    return dict(zip(np.round(grid, 3).tolist(), np.median(RUNS[name], axis=1), strict=True))


def runs(name):
    grid = RUNS["thresholds" if "thresholds" in name else "rates"]
    return dict(zip(np.round(grid, 3).tolist(), RUNS[name], strict=True))


def answers(exercise):
    lesson = find(LESSON)
    return answer(lesson, exercise, lesson.solutions()[exercise])


def foretold(id):
    return next(asked.answer for asked in questions.predictions(LESSON) if asked.id == id)


def test_the_text_and_blind_guessing():
    symbols, nats = said(LESSON, "guessing blindly among the {} characters costs $\\ln 36 = {}$")
    assert len(characters.CHARACTERS) == symbols
    assert round(math.log(symbols), 1) == nats


def test_five_runs_are_healthy_until_the_page_and_none_comes_back():
    before = said(LESSON, "The loss was {} before the page")
    losses = RUNS["plain_losses"]
    np.testing.assert_allclose(losses[:, 129:149].mean(axis=1), before, atol=0.1)
    assert (losses[:, 150:] > before).all()
    assert foretold("after_the_page") == "not in 100 updates"
    # "four of the five networks do worse than blind guessing"
    assert np.sum(losses[:, 150:170].mean(axis=1) > math.log(len(characters.CHARACTERS))) == 4


def test_the_gradient_of_the_page_is_far_longer_than_usual():
    norms = RUNS["plain_norms"]
    usual = np.median(norms[:, 49:149], axis=1)
    times = said(LESSON, "The gradient of the page is some {} times as long as usual")
    assert np.median(norms[:, 149] / usual) == pytest.approx(times, rel=0.2)
    low, high = said(LESSON, "The page's gradient is {} to {} long")
    assert low == math.floor(norms[:, 149].min()) and high == round(norms[:, 149].max())


def test_the_rate_is_the_largest_at_which_all_learn_without_the_page():
    lr = said(LESSON, "SGD runs at $lr = {}$, the largest")
    healthy = [rate for rate, own in runs("clean_plain").items() if (own < ALIVE).all()]
    assert max(healthy) == lr


def test_products_through_time():
    base, steps, product = said(LESSON, "$({})^{{}} \\approx {}$".replace("({})", "{}"))
    assert round(base**steps, -3) == product
    assert (
        pytest.approx(said(LESSON, "shortened it by a quarter, {} of it would be left"), rel=0.5) == 0.75**39
    )


def test_tanh_shortens_and_only_a_longer_u_outweighs_it():
    def first(gain):
        lengths = [characters.gradient_through_time(gain, seed) for seed in range(5)]
        return np.array([length[0] / length[-1] for length in lengths])

    np.testing.assert_allclose(first(1.0), 1e-3, rtol=0.5)
    assert (first(1.25) < 1).all() and (first(1.5) > 1).all()
    assert foretold("back_through_time") == "shorter"


def test_clipping_by_value_turns_the_gradient():
    clip = answers("clip_by_value")
    turned = []
    for seed in range(5):
        grads = characters.first_gradients(seed)
        g = np.concatenate([np.ravel(each) for each in grads])
        for limit in np.abs(g).max() * 10.0 ** np.linspace(0, -3, 301):
            c = np.concatenate([np.ravel(each) for each in clip(grads, limit)])
            if np.linalg.norm(c) < 0.5 * np.linalg.norm(g):
                turned.append(math.degrees(math.acos(c @ g / np.linalg.norm(c) / np.linalg.norm(g))))
                break
    assert np.median(turned) == pytest.approx(foretold("turned_by_value"), abs=1.5)


def test_clipped_the_page_is_over_at_once():
    back = [int(np.flatnonzero(own <= ALIVE)[0]) + 1 for own in RUNS["clipped_losses"][:, PAGE:]]
    assert foretold("back_after_clipping") == "1 to 5 updates"
    assert max(back) <= 5
    # "it catches more than half of the updates"
    assert ((RUNS["clipped_norms"] > 0.5).mean(axis=1) > 0.5).all()


def test_thresholds():
    survived = {tau: int((own < ALIVE).sum()) for tau, own in runs("page_thresholds").items()}
    assert max(tau for tau, count in survived.items() if count >= 4) == foretold("largest_threshold")
    low, high, apart = said(LESSON, "From {} to {} every run survives, and all end within {} of each other")
    inside = [own for tau, own in runs("page_thresholds").items() if low <= tau <= high]
    assert len(inside) == 4 and np.all(np.array(inside) < ALIVE)
    assert np.ptp(np.median(inside, axis=1)) < apart
    assert survived[3.0] == 4 and survived[5.0] == 0 and survived[10.0] == 0
    # The page's gradient was cut at 5, too.
    assert np.all(
        RUNS["plain_norms"][:, 149] > said(LESSON, "At 3 one run of five is lost, at {} all of them")
    )


def test_the_norms_of_healthy_runs():
    norms = RUNS["clean_norms"]
    assert np.median(norms) == pytest.approx(0.55, abs=0.05)
    assert np.quantile(norms, 0.9) == pytest.approx(
        said(LESSON, "The upper end of the bulk, about {},"), abs=0.05
    )
    assert np.mean((norms > 0.3) & (norms < 1)) > 0.95
    half, ten = said(LESSON, "Half of the average norm to ten times as much, {} to {},")
    assert half == round(norms.mean() / 2, 1) and ten == round(10 * norms.mean())


def test_no_smaller_rate_does_the_same():
    best = min(ends("page_clipped").values())
    survive = {rate: own for rate, own in runs("page_plain").items() if (own < ALIVE).all()}
    largest, end = said(LESSON, "Up to {} the plain runs survive, and end at {}.")
    assert max(survive) == largest
    assert np.median(survive[largest]) == pytest.approx(end, abs=0.05)
    assert np.median(survive[largest]) > best + 0.2
    assert foretold("a_smaller_rate") == "no"
    end, first, last = said(LESSON, "Clipped runs end at {} with rates from {} to {}, and even 4 works.")
    assert all(ends("page_clipped")[rate] == pytest.approx(end, abs=0.05) for rate in (first, last))
    assert (runs("page_clipped")[4.0] < ALIVE).all()


def test_without_the_page_clipping_gains_next_to_nothing():
    plain, clipped = said(LESSON, "plain SGD ends at {}, and clipping, at its best, at {}.")
    assert min(ends("clean_plain").values()) == pytest.approx(plain, abs=0.01)
    assert min(ends("clean_clipped").values()) == pytest.approx(clipped, abs=0.01)


def test_the_guard_ends_about_as_well_as_a_threshold_picked_by_hand():
    by_hand = RUNS["clipped_losses"][:, -20:].mean(axis=1)
    assert (RUNS["guarded"] < ALIVE).all()
    # A page of 5 to 11 is more than skip_above times a limit of 0.7: it is left out.
    assert [np.flatnonzero(own).tolist() for own in RUNS["guard_skipped"]] == [[PAGE - 1]] * 5
    assert np.median(RUNS["guarded"]) == pytest.approx(np.median(by_hand), abs=0.1)
    assert foretold("guarded") == "about as well"


def test_a_limit_made_of_clipped_norms_never_rises_above_the_first_norm():
    norms = np.linspace(1, 5, 500) * np.random.default_rng(0).uniform(0.8, 1.25, size=500)
    limits, after = [], [norms[0]]
    for norm in norms[1:]:
        limits.append(np.quantile(after[-100:], 0.9))
        after.append(min(norm, limits[-1]))
    assert max(limits) <= norms[0]
    assert np.quantile(norms[-100:], 0.9) > 4


def test_the_guard_skips_everything_once_norms_have_risen_for_good():
    guard = answers("SpikeGuard")()
    assert all(guard.clip([np.array([1.0])]) is not None for _ in range(20))
    assert all(guard.clip([np.array([6.0])]) is None for _ in range(200))


def test_the_trainer():
    clipped, plain = said(LESSON, "training loss of {}, its best plain ones at {}.")
    assert np.median(RUNS["trainer"]) == pytest.approx(clipped, abs=0.001)
    assert np.median(RUNS["trainer_plain"]) == pytest.approx(plain, abs=0.001)
    assert RUNS["trainer"].max() > RUNS["trainer_plain"].min()  # "The five seeds of the two overlap"
    low = said(LESSON, "The plain trainer ends above {} on four seeds of five")
    assert (RUNS["bytes_plain"] > low).sum() == 4
    assert (RUNS["bytes_clipped"] < said(LESSON, "with clipping it stays below {} on all of them")).all()


def descend(lr, max_norm, steps=60):
    clip = answers("clip_by_global_norm")
    points = [cliff.WALL]
    while len(points) <= steps and np.abs(points[-1]).max() < 5:
        (grad,), _ = clip([cliff.gradient(points[-1])], max_norm)
        points.append(points[-1] - lr * grad)
    return np.array(points)


def test_the_cliff():
    assert cliff.loss(*cliff.STAR) == pytest.approx(0, abs=1e-20)
    w, b = said(LESSON, "the star, $w = {}$ and $b = {}$.")
    np.testing.assert_allclose(cliff.STAR, [w, b], atol=5e-3)
    length = np.linalg.norm(cliff.gradient(cliff.WALL))
    assert length == pytest.approx(said(LESSON, "where the gradient is {} long."), abs=1)
    # Plain descent is stable up to 2 / the largest curvature.
    assert 2 / cliff.curvature(cliff.STAR) == pytest.approx(said(LESSON, "stable up to $lr = {}$."), abs=1e-3)
    assert np.linalg.norm(cliff.WALL - cliff.STAR) == pytest.approx(0.33, abs=0.01)


def test_which_settings_reach_the_star_in_time():
    steps = said(LESSON, "takes about {} steps: (0.1, 0.3) does it")
    for lr, tau in ((0.1, 0.3), (0.03, 1.0)):
        assert cliff.steps_to_star(descend(lr, tau)) == pytest.approx(steps, abs=2)
    assert len(descend(0.01, math.inf)) < 60
    assert cliff.steps_to_star(descend(0.01, 0.3)) > 15
    assert cliff.steps_to_star(descend(0.1, 3.0)) == math.inf


def test_on_the_cliff_curvature_grows_with_the_gradient():
    points = cliff.STAR + np.linspace(0.02, 1, 40)[:, None] * (cliff.WALL - cliff.STAR)
    lengths = np.array([np.linalg.norm(cliff.gradient(point)) for point in points])
    bends = np.array([cliff.curvature(point) for point in points])
    np.testing.assert_allclose(bends, FIT[0] + FIT[1] * lengths, rtol=0.2)
    L0, L1 = said(LESSON, "$L_0$ is about {} and $L_1$ about {}.")
    assert (L0, L1) == FIT
    rate, tau = said(LESSON, "a rate of $1/160 = {}$ and a threshold of $160/13.4 = {}$")
    assert (round(1 / L0, 3), round(L0 / L1)) == (rate, tau)


def test_the_quickest_setting_is_near_what_the_constants_say():
    found = {
        (lr, tau): cliff.steps_to_star(descend(lr, tau))
        for lr in (1e-4, 1e-3, 0.003, 0.01, 0.03, 0.1, 0.3)
        for tau in (0.03, 0.1, 0.3, 1.0, 3.0, 10.0, math.inf)
    }
    steps = said(LESSON, "One setting needs {} steps only: (0.01, 10).")
    assert min(found, key=found.get) == (0.01, 10.0)
    assert found[0.01, 10.0] == steps
