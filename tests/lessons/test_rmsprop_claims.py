"""What lesson 04 says about PyTorch, other frameworks and its own experiments is so."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from claims import said, text

from course import data
from course.figures import lesson_04_runs as runs
from course.measured import measured
from course.questions import predictions, questions
from course.training import network, softmax_regression, train

LESSON = "04_rmsprop"
STORED = measured(LESSON)


def adagrad(theta, grad, acc, lr):
    acc = acc + grad**2
    return theta - lr * grad / (np.sqrt(acc) + 1e-10), acc


def rmsprop(theta, grad, s, lr, alpha=0.99):
    s = alpha * s + (1 - alpha) * grad**2
    return theta - lr * grad / (np.sqrt(s) + 1e-8), s


def guessed(id):
    return next(asked.answer for asked in predictions(LESSON) if asked.id == id)


def right(id):
    return next(asked.right for asked in questions(LESSON) if asked.id == id)


# The two letters


def walk(update, steps):
    places, answer = runs.vowel_after("h", "x")
    w = state = np.zeros(2)
    points = [w]
    for _ in range(steps):
        w, state = update(w, places / places.sum() * (w - answer), state)
        points.append(w)
    return np.array(points)


def steps_needed(update):
    return runs.arrival(walk(update, 200), runs.vowel_after("h", "x")[1])


def turned(angle, lr):
    R = runs.rotation(angle)

    def step(w, grad, state):
        theta, state = adagrad(R @ w, R @ grad, state, lr)
        return R.T @ theta, state

    return step


def test_the_two_letters_are_counted_in_the_sonnets():
    places, answer = runs.vowel_after("h", "x")
    assert tuple(places) == said(LESSON, "It holds {} h's, but only {} x's")
    assert places.sum() == said(LESSON, "half the mean squared error over all {} places")
    curvature = places / places.sum()
    h, x = said(LESSON, "how common its letter is: {} along $w_h$, {} along $w_x$")
    assert (round(curvature[0], 3), round(curvature[1], 4)) == (h, x)
    assert round(2 / curvature[0], 2) == said(LESSON, "From $lr = {}$ on, $w_h$ never settles")
    assert round(1 / curvature[1]) == said(LESSON, "perfect for $w_h$, a rate of {} for $w_x$")
    slopes = curvature * answer
    assert round(slopes[0] / slopes[1]) == said(LESSON, "the gradient along $w_x$ is {} times smaller")


def test_what_gradient_descent_leaves_of_the_way():
    places, _ = runs.vowel_after("h", "x")
    lr, factor = said(
        LESSON, "Gradient descent with $lr = {}$ multiplies the error of $w_h$ by $1 - 0.985\\,lr = {}$"
    )
    h, x = places / places.sum()
    assert round(1 - lr * h, 2) == factor
    assert round(100 * (1 - lr * x) ** 60) == guessed("rare_letter_left")


def test_adagrad_is_quick_along_the_axes_alone():
    rates = (0.2, 0.5, 1.0, 2.0, 5.0)
    best = {angle: min(steps_needed(turned(angle, lr)) for lr in rates) for angle in (0, 45)}
    assert best[0] == said(LESSON, "At 0 degrees it is {} steps")
    assert best[45] == guessed("turned_valley")
    plain = min(
        steps_needed(lambda w, grad, state, lr=lr: (w - lr * grad, state)) for lr in (1.0, 1.5, 1.9, 2.0)
    )
    assert (best[45], plain) == said(
        LESSON, "It takes {} steps, more than plain gradient descent with its best rate, {}"
    )
    assert steps_needed(turned(0, 0.5)) == said(LESSON, "within 5% of their answers after {} steps")


def test_one_rate_of_the_sliders_reaches_the_goal():
    goal = said(LESSON, "arrive in fewer than {} steps")
    reached = [lr for lr in (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0) if steps_needed(turned(15, lr)) < goal]
    assert reached == [1.0]


def test_the_scale_of_a_parameters_gradients_cancels_in_adagrad():
    theta, acc = np.zeros(2), np.zeros(2)
    for grad in np.random.default_rng(0).normal(size=20):
        theta, acc = adagrad(theta, np.array([grad, 0.01 * grad]), acc, lr=0.1)
    assert theta[0] == pytest.approx(theta[1], rel=1e-6)


# All letters


def by_commonness():
    sonnets = data.sonnets()
    counts = np.array([sonnets[:-1].count(letter) for letter in runs.LETTERS])
    return np.argsort(-counts, kind="stable"), np.sort(counts)[::-1]


def groups():
    """Mean gaps by rule, rate, seed and group of nine letters."""
    gaps = STORED["letter_gaps"][..., by_commonness()[0]]
    return gaps.reshape(*gaps.shape[:3], 3, 9).mean(axis=-1)


def test_how_often_letters_have_their_turn():
    order, counts = by_commonness()
    assert runs.LETTERS[order[0]] == " "
    assert {runs.LETTERS[i] for i in order[-3:]} == {"j", "q", "z"}
    assert (counts[0], counts[-2]) == said(LESSON, "The space has its turn {} times, j and q {} times each")
    assert counts.sum() == said(LESSON, "The {} places come one at a time")


def test_adagrad_with_one_rate_beats_sgd_with_three():
    sgd, adagrad_gaps = groups()[:2]
    assert STORED["letter_rates"][1, 3] == 1.0
    own, best = adagrad_gaps[3], np.median(sgd, axis=1).min(axis=0)
    assert ((own < best).all(axis=1)).sum() >= 4
    assert guessed("one_for_all") == "all three"
    common = said(LESSON, "A fixed rate can't do both: {} against AdaGrad's {} for the common letters")
    rare = said(LESSON, "where SGD does best with 0.3, and {} against {} for the rare ones")
    assert (round(best[0], 3), round(np.median(own[:, 0]), 3)) == common
    assert (round(best[2], 3), round(np.median(own[:, 2]), 3)) == rare
    chosen = STORED["letter_rates"][0][np.median(sgd, axis=1).argmin(axis=0)]
    assert (chosen[0], chosen[2]) == (0.3, 3.0)


def test_only_q_and_z_are_learnt_better_by_the_large_rate():
    order, _ = by_commonness()
    at_three, at_one = (np.median(STORED["letter_gaps"][i][j], axis=0) for i, j in ((0, 4), (1, 3)))
    assert {runs.LETTERS[i] for i in order[-9:] if at_three[i] < at_one[i]} == {"q", "z"}


def test_rmsprop_is_worse_than_adagrad_on_rare_features():
    order, counts = by_commonness()
    overall = (STORED["letter_gaps"][..., order] * counts).sum(axis=-1) / counts.sum()
    medians = np.median(overall, axis=2).min(axis=1)
    forgets, keeps = said(LESSON, "ends {} above the least possible loss, AdaGrad {}")
    assert (round(medians[2], 3), round(medians[1], 3)) == (forgets, keeps)
    assert (overall[2].min(axis=0) > overall[1].min(axis=0)).all()
    # The best rate is inside its grid.
    assert 0 < np.median(overall[2], axis=1).argmin() < 5


# Strides


def strides(update, steps):
    theta = state = 0.0
    places = [theta]
    for t in range(1, steps + 1):
        theta, state = update(theta, 1.0 if t <= 300 else 0.1, state, 1.0)
        places.append(theta)
    return -np.diff(places)


def test_strides_out_of_a_steep_valley():
    assert round(strides(rmsprop, 301)[300], 3) == guessed("after_the_change")
    assert strides(rmsprop, 1200)[[0, 1199]] == pytest.approx([10, 1], rel=0.01)
    assert strides(adagrad, 1200)[[0, 299, 300, 1199]] == pytest.approx([1, 0.06, 0.006, 0.006], rel=0.06)


def test_how_long_rmsprop_takes_to_forget():
    assert [round(math.log(0.01) / math.log(alpha)) for alpha in (0.99, 0.9)] == [
        said(LESSON, "1/100$ at $k = {}$"),
        said(LESSON, "With $\\alpha = 0.9$ it would take {} steps"),
    ]


@pytest.mark.parametrize("alpha", [0.0, 0.5, 0.9, 0.99])
def test_without_options_no_step_is_longer_than_the_first(alpha):
    theta = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.RMSprop([theta], lr=1.0, alpha=alpha, eps=0.0)
    for gradient in (0.1, 50.0, -0.001, 1e6):
        before = theta.item()
        theta.grad = torch.full_like(theta, gradient)
        optimizer.step()
        assert abs(theta.item() - before) <= 1 / math.sqrt(1 - alpha) * (1 + 1e-9)


def test_with_options_steps_are_longer():
    centred = runs.lengths(torch.optim.RMSprop, 1500, centered=True)
    assert round(centred[-1]) == guessed("longest_stride") == said(LESSON, "It is {} $lr$ by step 1500")
    assert centred[-1] == centred.max()
    momentum = runs.lengths(torch.optim.RMSprop, 1500, momentum=0.9)
    longest, step = said(LESSON, "the long first steps, {} $lr$ at step {}")
    assert (round(momentum.max(), 1), momentum.argmax() + 1) == (longest, step)
    assert momentum[-1] == pytest.approx(10, rel=1e-4)


def test_centred_pytorch_breaks_on_gradients_that_never_vary():
    theta = torch.ones(1000, dtype=torch.float32, requires_grad=True)
    optimizer = torch.optim.RMSprop([theta], lr=1e-3, alpha=0.9, centered=True)
    for _ in range(150):
        theta.grad = torch.linspace(1, 2, 1000)
        optimizer.step()
    assert torch.isnan(theta).sum() > 333


def test_rmsprop_does_not_stop():
    lr, below, above = said(
        LESSON, "with $lr = {}$, both weights end up jumping from {} below their answer to {} above it"
    )
    away = walk(lambda w, grad, s: rmsprop(w, grad, s, lr), 2000)[-100:] - runs.vowel_after("h", "x")[1]
    assert np.round(away.min(axis=0), 2).tolist() == [-below] * 2
    assert np.round(away.max(axis=0), 2).tolist() == [above] * 2


def test_there_are_convex_problems_on_which_rmsprop_goes_the_wrong_way():
    alpha = said(LESSON, "over and over, and $\\alpha = {}$. Their mean is positive")
    gradients = (3.0, -1.0, -1.0)
    theta = s = 0.0
    for t in range(300):
        theta, s = rmsprop(theta, gradients[t % 3], s, 0.01, alpha)
    assert sum(gradients) > 0
    assert theta > 0.5


# The mistake in the first epoch, and the options


def best_of(losses):
    """The runs at the rate with the lowest median."""
    return losses[np.median(losses, axis=1).argmin()]


def test_adagrad_drags_the_first_epoch_along():
    sgd, ada, rms, long_memory, afresh = (best_of(losses) for losses in STORED["late"])
    assert (ada > 5 * rms).sum() >= 4
    assert guessed("late_correction") == "more than five times as high"
    found = [round(float(np.median(each)), 2) for each in (ada, sgd, afresh, rms, long_memory)]
    assert found == [
        said(LESSON, "At its best rate, 0.03, it ends at {}"),
        said(LESSON, "too small for the others: {}"),
        said(LESSON, "a fresh AdaGrad from the second epoch on ends at {}"),
        *said(LESSON, "With 0.9 it ends at {}; with 0.99, whose memory is four epochs long, at {}"),
    ]
    assert found[3] == said(LESSON, "RMSprop ends with a training loss of {}")
    chosen = [STORED["late_rates"][np.median(each, axis=1).argmin()] for each in STORED["late"]]
    assert chosen == pytest.approx([0.1, 0.0316, 0.01, 0.00316, 0.1], rel=0.01)


@pytest.mark.slow
def test_the_students_run_is_the_first_of_the_stored_ones():
    digits, model = data.digits(), network(seed=0)
    optimizer = runs.Driven(model.parameters(), rmsprop, lr=0.01, alpha=0.9)
    losses = [
        train(model, lambda params: optimizer, pixels, digits.y_train, steps)
        for pixels, steps in ((16 * digits.X_train, 23), (digits.X_train, 276))
    ]
    epochs = np.concatenate(losses).reshape(13, 23).mean(axis=1)
    np.testing.assert_allclose(epochs, STORED["late_epochs"][2, 0], rtol=1e-6)


def test_momentum_moves_the_best_rate_down():
    rates, losses = STORED["rates"], STORED["options"]
    plain, _, momentum = (rates[each.argmin(axis=0)] for each in losses)
    assert (np.round(plain / momentum) == 3).sum() >= 4
    assert guessed("momentum_rate") == "3 times smaller"
    small, large = said(LESSON, "$lr = 10^{-4}$ ends at {}, as plain RMSprop does at $10^{-3}$, with {}")
    medians = np.median(losses, axis=2)
    assert (round(medians[2, 1], 2), round(medians[0, 3], 2)) == (small, large)
    with_it, without = said(LESSON, "the loss there is lower, {} instead of {}")
    centred = said(LESSON, "Centring makes little difference here: {}")
    assert [round(each.min(), 3) for each in medians[[2, 0, 1]]] == [with_it, without, centred]


def test_what_the_trainer_can_do():
    plain, momentum = (round(float(np.median(best_of(each))), 3) for each in STORED["plain"])
    rms, sgd = said(LESSON, "RMSprop ends at {} and SGD at {}")
    both, with_momentum = said(
        LESSON, "on top it ends at {}, where SGD with momentum, at its best, ends at {}"
    )
    assert (plain, momentum) == (sgd, with_momentum)
    assert round(float(np.median(STORED["trainer"])), 3) == both
    assert round(float(np.median(best_of(STORED["options"][0]))), 3) == rms


def test_pixels_at_the_edge_have_the_largest_rates():
    digits, rng = data.digits(), np.random.default_rng(0)
    W = s = np.zeros((64, 10))
    for _ in range(300):
        rows = rng.integers(0, len(digits.X_train), 64)
        _, grad = softmax_regression(W, digits.X_train[rows], digits.y_train[rows])
        W, s = rmsprop(W, grad, s, 0.01)
    rates = np.median(0.01 / (np.sqrt(s) + 1e-8), axis=1).reshape(8, 8)
    assert np.median(rates[:, [0, 7]]) > 10 * np.median(rates[2:6, 2:6])
    assert (s.max(axis=1) == 0).sum() == 3
    assert guessed("pixel_rates") == "the left and right edge"


# The table of conventions

TABLE = {
    "Hinton's lecture": lambda g: g / math.sqrt(0.1 * g**2),
    "Keras": lambda g: g / math.sqrt(0.1 * g**2 + 1e-7),
    "optax": lambda g: g / math.sqrt(0.1 * g**2 + 1e-8),
    "TensorFlow 1": lambda g: g / math.sqrt(0.9 + 0.1 * g**2 + 1e-10),
    "fast.ai's course": lambda g: g / (math.sqrt(0.99 * g**2 + 0.01 * g**2) + 1e-5),
    "AdaGrad, Keras and optax": lambda g: g / math.sqrt(0.1 + g**2 + 1e-7),
    "PyTorch; this lesson": lambda g: first_step(torch.optim.RMSprop, g),
    "AdaGrad, PyTorch; this lesson": lambda g: first_step(torch.optim.Adagrad, g),
}


def first_step(make_optimizer, gradient, **options):
    """Length of the first step from zero, in units of lr."""
    theta = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    theta.grad = torch.full_like(theta, gradient)
    make_optimizer([theta], lr=1.0, **options).step()
    return -theta.item()


@pytest.mark.parametrize("where", TABLE)
def test_the_table_of_conventions(where):
    row = next(line for line in text(LESSON).split("| |") if line.strip().startswith(f"{where} |"))
    ordinary, tiny = [entry.strip() for entry in row.split("|")][5:7]
    assert [f"{TABLE[where](g):.3f}" for g in (0.5, 1e-6)] == [ordinary, tiny]


def test_epsilon_inside_the_root_acts_on_larger_gradients():
    percent, keras = said(
        LESSON, "It takes {}% off the first step at $g = 10^{-6}$ in PyTorch, and already at {} in Keras"
    )
    assert round(100 * (1 - first_step(torch.optim.RMSprop, 1e-6) / 10)) == percent
    assert round(100 * (1 - TABLE["Keras"](keras) * math.sqrt(0.1))) == percent


def test_at_a_constant_rate_lr_may_stand_inside_the_buffer():
    outside = inside = buf = buf_with_lr = 0.0
    for scaled in (1.0, -0.5, 2.0, 0.3):
        buf, buf_with_lr = 0.9 * buf + scaled, 0.9 * buf_with_lr + 0.1 * scaled
        outside, inside = outside - 0.1 * buf, inside - buf_with_lr
    assert outside == pytest.approx(inside)


# The quiz


def test_the_answers_of_the_quiz():
    assert right("stride_at_0999") == pytest.approx(
        first_step(torch.optim.RMSprop, 0.5, alpha=0.999), rel=1e-4
    )
    kept = torch.zeros(1, requires_grad=True)
    kept.grad = torch.ones(1)
    optimizer = torch.optim.RMSprop([kept], centered=True, momentum=0.9)
    optimizer.step()
    arrays = [value for name, value in optimizer.state[kept].items() if name != "step"]
    assert right("rmsprop_memory") == 7 * 4 * len(arrays)
    assert right("adagrad_step_400") == pytest.approx(1 / math.sqrt(400))
    slope = strides(lambda theta, grad, s, lr: rmsprop(theta, 1000 * grad, s, lr), 20)
    np.testing.assert_allclose(slope, strides(rmsprop, 20), rtol=1e-4)
    assert right("loss_times_1000") == "b"


def test_which_curve_is_which():
    """C comes back slowly, A soon, B never; the text of the quiz says so."""

    def after_the_spike(update, **settings):
        theta = state = 0.0
        places = [theta]
        for t in range(1, 501):
            theta, state = update(theta, 30.0 if t == 100 else 1.0, state, 1.0, **settings)
            places.append(theta)
        return -np.diff(places)

    slow, soon = after_the_spike(rmsprop, alpha=0.99), after_the_spike(rmsprop, alpha=0.9)
    never = after_the_spike(adagrad)
    assert soon[160] > 0.9 > 0.5 > slow[160]
    assert slow[499] > 0.9
    assert never[499] < 0.03
    assert right("which_curve") == "c"


def test_the_letters_of_the_text_are_27():
    sonnets = data.sonnets()
    assert set(sonnets) == set(runs.LETTERS)
    assert not any(a == b == " " for a, b in pairwise(sonnets))
