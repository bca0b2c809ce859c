"""What lesson 09 says, each claim on its own; numbers are read from its text."""

import math
from functools import cache

import numpy as np
import pytest
import torch
from claims import said
from torch.optim import lr_scheduler

from autograder.catalogue.answers import answers
from autograder.catalogue.lesson import find
from course import data, questions, training
from course.figures.lesson_09 import GOAL
from course.measured import measured

NAME = "09_warmup"


@cache
def own():
    """The reference solutions, by exercise."""
    return answers(find(NAME), {})


@cache
def cells(*grade_ids):
    """The names that some of the lesson's cells define, above the figures that they call."""
    names = {"np": np, "torch": torch, "training": training, "data": data, **own()}
    names["digits"] = data.digits()
    names["X"], names["y"] = (torch.from_numpy(rows) for rows in names["digits"][:2])
    for cell in find(NAME).source().cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") in grade_ids:
            exec(cell.source.partition("\nfigures.")[0], names)
    return names


def ends(lr, warmup):
    """The final losses of five transformers, measured with the reference."""
    found = measured(NAME)
    place = found["rates"].tolist().index(lr), found["warmups"].tolist().index(warmup)
    return found["ends"][place]


def test_without_a_warm_up_the_transformer_never_starts():
    ignorant, warm = said(NAME, "$\\ln 10 = {}$ nats. The run that takes its time ends at {}.")
    assert math.log(10) == pytest.approx(ignorant, abs=0.005)
    assert np.median(ends(0.01, 30)) == pytest.approx(warm, abs=0.006)
    assert np.all(np.abs(ends(0.01, 0) - math.log(10)) < 0.05)


def test_the_best_of_three_rates_without_a_warm_up_and_with_one():
    *rates, without, updates, best, low = said(
        NAME,
        "At the best of three rates, {}, {} and {}, it ends at {}. With {} updates of warm-up the best of the"
        " three is {}, which ends at {}.",
    )
    assert rates == measured(NAME)["rates"].tolist()
    assert min(np.median(ends(lr, 0)) for lr in rates) == pytest.approx(without, abs=0.006)
    medians = {lr: np.median(ends(lr, int(updates))) for lr in rates}
    assert min(medians, key=medians.get) == best
    assert medians[best] == pytest.approx(low, abs=0.006)
    assert np.sum(ends(best, int(updates)) < ends(0.003, 0)) >= 4


def test_what_a_warm_up_buys_at_each_rate():
    numbers = said(
        NAME,
        "At {} the loss falls from {} without a warm-up to {} with {} updates of it, at {} from {} to {}, at {}"
        " from {} to {}.",
    )
    updates = int(numbers[3])
    rows = [numbers[:3], numbers[4:7], numbers[7:]]
    for lr, without, warm in rows:
        assert np.median(ends(lr, 0)) == pytest.approx(without, abs=0.006)
        assert np.median(ends(lr, updates)) == pytest.approx(warm, abs=0.006)
        assert np.sum(ends(lr, updates) < ends(lr, 0)) >= 4
    gains = [without - warm for _, without, warm in rows]
    assert gains == sorted(gains)
    short, lr, stuck, high = said(
        NAME, "after {} updates up to {}, {} of the five networks end at {} or above"
    )
    assert np.sum(ends(lr, int(short)) > high - 0.005) == stuck


def test_the_goal_of_the_sliders():
    assert said(NAME, "**Goal:** end below {}.") == GOAL
    reached = np.median(measured(NAME)["ends"], axis=2) < GOAL
    assert reached.sum() == 1
    assert np.median(ends(0.01, 30)) < GOAL


def test_pre_norm_layers_need_no_warm_up():
    lr, at_once, updates, warm = said(
        NAME, "trains at {} from the first update on: it ends at {}, with {} updates of warm-up at {}"
    )
    assert (lr, updates) == (0.01, 30)
    np.testing.assert_allclose(np.median(measured(NAME)["pre"], axis=1), [at_once, warm], atol=0.006)


@pytest.mark.slow
def test_more_than_a_quarter_of_the_first_steps_goes_the_other_way():
    names = cells("two_batches")
    agree = {}
    for size in (4, 16, 64, 256):
        found = names["pairs"][size]
        shares = [np.mean(a == b, where=(a != 0) & (b != 0), axis=1) for a, b in found]
        agree[size] = np.mean(shares, axis=0)
    assert np.all((agree[64] > 0.65) & (agree[64] < 0.75))
    assert np.median(agree[4]) < np.median(agree[16]) < np.median(agree[64]) < np.median(agree[256])
    assert np.median(agree[256]) == pytest.approx(5 / 6, abs=0.03)


@pytest.mark.slow
def test_the_first_stride_is_the_whole_rate():
    moved = cells("strides")["strides"](np.full(40, 0.01))
    first = moved[0][moved[0] > 0]
    assert np.mean(first > 0.0099) > 0.99
    middle = [np.median(row[row > 0]) for row in moved]
    assert middle[1] < 0.8 * middle[0]
    assert middle[-1] < 0.3 * middle[0]
    planned = own()["warmup_cosine"](0.01, 0.01, 20, 40, np.arange(40))
    assert max(np.median(row[row > 0]) for row in cells("strides")["strides"](planned)) < 0.006


def test_where_noam_peaks():
    width, warmup, peak = said(NAME, "For $d = {}$ and $w = {}$ that is {}.")
    rates = own()["noam"](int(width), int(warmup), np.arange(1, 20001))
    assert np.argmax(rates) + 1 == warmup
    assert rates.max() == pytest.approx(peak, abs=5e-6)
    assert rates.max() == pytest.approx(1 / math.sqrt(width * warmup))


def test_the_lambda_of_the_notes_stops_at_step_0():
    optimizer = torch.optim.Adam([torch.zeros(1)], lr=1.0)
    with pytest.raises(ZeroDivisionError):
        lr_scheduler.LambdaLR(optimizer, lambda step: min(step**-0.5, step * 4000**-1.5))
    mended = lr_scheduler.LambdaLR(optimizer, lambda step: own()["noam"](512, 4000, step + 1))
    assert mended.get_last_lr()[0] == pytest.approx(own()["noam"](512, 4000, 1))


def torch_rates(make, count, lr=1.0):
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=lr)
    schedulers, rates = make(optimizer), []
    for step in range(count):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        (schedulers if not callable(schedulers) else schedulers(step)).step()
    return rates


def test_in_sequence_and_chained():
    def parts(optimizer):
        return [
            lr_scheduler.LinearLR(optimizer, 0.25, total_iters=4),
            lr_scheduler.ExponentialLR(optimizer, 0.9),
        ]

    sequence = torch_rates(lambda o: lr_scheduler.SequentialLR(o, parts(o), milestones=[4]), 6)
    np.testing.assert_allclose(sequence, [0.25, 0.44, 0.62, 0.81, 1, 0.9], atol=0.006)
    chain = torch_rates(lambda o: lr_scheduler.ChainedScheduler(parts(o)), 12)
    np.testing.assert_allclose(chain[:6], [0.25, 0.39, 0.51, 0.59, 0.66, 0.59], atol=0.006)
    asked = {each.id: each for each in questions.predictions(NAME)}["chained_peak"]
    assert max(chain) == pytest.approx(asked.answer, abs=0.005)


def test_a_cosine_that_is_stepped_to_0_by_hand_is_not_left_by_step_lr():
    def two(optimizer):
        cosine = lr_scheduler.CosineAnnealingLR(optimizer, 10)
        stairs = lr_scheduler.StepLR(optimizer, 3, gamma=0.5)
        return lambda step: cosine if step < 10 else stairs

    rates = torch_rates(two, 25, lr=0.1)
    assert rates[0] == 0.1
    np.testing.assert_allclose(rates[10:], 0.0, atol=1e-12)


def test_sequential_lr_starts_each_phase_from_the_initial_rate():
    def phases(optimizer):
        first = lr_scheduler.LambdaLR(optimizer, lambda k: 0.5**k)
        second = lr_scheduler.LambdaLR(optimizer, lambda k: 0.5)
        return lr_scheduler.SequentialLR(optimizer, [first, second], milestones=[3])

    asked = {each.id: each for each in questions.questions(NAME)}["first_of_phase_two"]
    assert torch_rates(phases, 5, lr=0.4)[3] == pytest.approx(asked.right)
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.4)
    ours = own()["SequentialSchedule"](optimizer, [lambda k: 0.5**k, lambda k: 0.5], [3])
    for _ in range(3):
        ours.step()
    assert ours.get_last_lr() == pytest.approx([asked.right])


@pytest.mark.slow
def test_a_switch_needs_a_rate_of_its_own_and_wins_little_of_adam_at_its_best():
    names = cells("switch")
    by_sgd, then, alone = names["switched"], names["then"], names["alone"]
    medians, after, adams = (
        {lr: np.median(losses) for lr, losses in runs.items()} for runs in (by_sgd, then, alone)
    )
    assert min(medians, key=medians.get) == 0.2
    assert np.sum(by_sgd[0.2] < by_sgd[0.01]) == 5
    adam_best, adam_end, sgd, best, end, wins, seeds = said(
        NAME,
        "Alone it is best at {} and ends at {}; with a switch to SGD at {} it is best at {} and ends at {}, lower"
        " in {} of {} seeds.",
    )
    assert (min(adams, key=adams.get), min(after, key=after.get)) == (adam_best, best)
    assert adams[adam_best] == pytest.approx(adam_end, abs=0.001)
    assert after[best] == pytest.approx(end, abs=0.001)
    assert np.sum(then[best] < alone[adam_best]) == wins
    assert (len(then[best]), sgd) == (seeds, 0.2)
    lr, switch, single = said(
        NAME, "Compare at {} alone, and the switch seems to win by more: {} against {}."
    )
    assert medians[sgd] == pytest.approx(switch, abs=0.001)
    assert adams[lr] == pytest.approx(single, abs=0.001)
    assert single - switch > 2 * (adam_end - end)
    lr, sgd, high = said(NAME, "A switch from Adam at {} to SGD at {} ends at {}, three times as high")
    assert medians[sgd] == pytest.approx(high, abs=0.005)
    assert medians[sgd] / adams[lr] == pytest.approx(3, abs=0.1)
    assert np.sum(by_sgd[sgd] > alone[lr]) >= 4


@pytest.mark.slow
def test_the_estimate_of_sgds_rate():
    first, last, median, low, high = said(
        NAME, "the median of (5) over updates {} to {} is {}, while single values go from {} to {}."
    )
    models, digits, seen = training.networks(5), data.digits(), []

    def flat(tensors):
        return torch.cat([tensor.detach().reshape(5, -1) for tensor in tensors], dim=1).numpy().copy()

    places = [flat(models.parameters())]

    def after(update, optimizer):
        places.append(flat(models.parameters()))
        p, g = places[-1] - places[-2], flat(param.grad for param in models.parameters())
        seen.append((p * p).sum(axis=1) / -(p * g).sum(axis=1))

    def make(params):
        return torch.optim.Adam(params, lr=0.01)

    training.train_each(models, make, digits.X_train, digits.y_train, int(last), after_step=after)
    values = np.array(seen)[int(first) - 1 :]
    assert np.median(values) == pytest.approx(median, abs=0.03)
    assert values.min() == pytest.approx(low, abs=1)
    assert values.max() == pytest.approx(high, rel=0.1)
    tenth = said(NAME, "so take a tenth of it, {}: about a quarter of the best of the four.")
    assert 0.1 * median == pytest.approx(tenth)
    assert tenth / 0.2 == pytest.approx(1 / 4, abs=0.04)


@pytest.mark.slow
def test_restarts_end_a_little_lower_and_are_not_ahead_on_the_way():
    best, low, high = said(NAME, "Both are best at {}. Restarts end at {}, the single cosine at {}:")
    runs = cells("restarts")["runs"]
    firsts = cells("restarts")["firsts"]
    chosen = {}
    for way, losses in runs.items():
        place = int(np.median(losses[:, -1], axis=1).argmin())
        assert firsts[place] == best
        chosen[way] = losses[place]
    one, again = chosen["one cosine"], chosen["restarts"]
    assert np.median(again[-1]) == pytest.approx(low, abs=0.001)
    assert np.median(one[-1]) == pytest.approx(high, abs=0.001)
    assert np.all(again[-1] < one[-1])
    on_the_way, cosine = said(NAME, "restarts are at {} and the long cosine at {}, and the lower")
    assert np.median(again[2]) == pytest.approx(on_the_way, abs=0.002)
    assert np.median(one[2]) == pytest.approx(cosine, abs=0.002)
    assert 0 < np.sum(again[2] < one[2]) < 5
    assert said(NAME, "the single cosine is at {}, and it would have ended at {}.") == (cosine, high)


def test_pytorchs_step_of_an_epoch_misses_two_restarts():
    for t_mult, step in ((3, 121), (10, 111)):
        sent, counted = (
            lr_scheduler.CosineAnnealingWarmRestarts(torch.optim.SGD([torch.zeros(1)], lr=1.0), 1, t_mult)
            for _ in range(2)
        )
        sent.step(step)
        counted.optimizer.step()
        for _ in range(step):
            counted.step()
        assert sent.get_last_lr()[0] == pytest.approx(0.0, abs=1e-12)
        assert counted.get_last_lr() == [1.0]
    assert math.log(243) / math.log(3) == said(NAME, "two logarithms is {}, which is cut to 4.")


def test_the_table_of_warm_ups():
    text = "\n".join(cell.source for cell in find(NAME).source().cells)
    lesson_06 = answers(find("06_lr_decay"), {})["planned_rates"](0.8, 0.0, 1, 3, 3, 1)
    rows = {
        "yours": own()["warmup_cosine"](0.8, 0.0, 3, 9, np.arange(4)),
        "LinearLR": torch_rates(lambda o: lr_scheduler.LinearLR(o, total_iters=3), 4, lr=0.8),
        "t / w": 0.8 * np.arange(4) / 3,
    }
    for row in rows.values():
        assert f"| {' | '.join(f'{rate:.4f}' for rate in row)} |" in text
    assert f"| {' | '.join(f'{rate:.4f}' for rate in lesson_06[:3])} | falls |" in text
    assert lesson_06[3] < lesson_06[2]
    assert torch_rates(lambda o: lr_scheduler.LinearLR(o), 1, lr=0.06)[0] == pytest.approx(0.02)


def test_the_table_of_what_else_differs():
    share = said(NAME, "| last rate of a cycle of 10 | {} of the first")
    assert own()["cosine_restarts"](1.0, 0.0, 10, 1, 9) == pytest.approx(share, abs=5e-5)
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.1, momentum=0.9)
    cyclic = lr_scheduler.CyclicLR(optimizer, 0.01, 0.1, step_size_up=4)
    before = optimizer.param_groups[0]["momentum"]
    optimizer.step()
    cyclic.step()
    assert optimizer.param_groups[0]["momentum"] < before
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.1, momentum=0.9)
    one = lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=10)
    before = optimizer.param_groups[0]["momentum"]
    optimizer.step()
    one.step()
    assert optimizer.param_groups[0]["momentum"] != before
    rates = torch_rates(lambda o: lr_scheduler.CosineAnnealingLR(o, 10), 15)
    assert rates[14] > rates[10]
    default = lr_scheduler.CosineAnnealingWarmRestarts(torch.optim.SGD([torch.zeros(1)], lr=1.0), 5)
    assert default.T_mult == 1


def test_the_quizs_numbers():
    quiz = {each.id: each for each in questions.questions(NAME)}
    assert own()["cosine_restarts"](1.0, 0.0, 4, 1, 3) == pytest.approx(
        quiz["end_of_a_cycle"].right, rel=1e-3
    )
    noam = own()["noam"]
    assert noam(1, 4000, quiz["half_of_noam"].right) == pytest.approx(noam(1, 4000, 4000) / 2)
    assert noam(1, 4000, 8000) / noam(1, 4000, 4000) == pytest.approx(0.71, abs=0.005)


def test_in_lesson_06_a_warm_up_alone_did_not_beat_the_best_fixed_rate():
    fixed, _, rise, _ = measured("06_lr_decay")["alone"][:, :, 0]
    assert np.median(rise, axis=1).min() > np.median(fixed, axis=1).min()
