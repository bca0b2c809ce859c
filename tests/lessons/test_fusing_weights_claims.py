"""What lesson 13 says about fused weights and PyTorch, each claim on its own."""

import warnings

import nbformat
import numpy as np
import pytest
import torch
from claims import said
from torch import nn
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel

from autograder.catalogue.answers import answer
from autograder.catalogue.lesson import find
from course import questions, training
from course.figures import lesson_13 as figures
from course.figures import lesson_13_runs as runs
from course.measured import measured

LESSON = "13_fusing_weights"


def reference(name):
    lesson = find(LESSON)
    return answer(lesson, name, lesson.solutions()[name])


def accuracies(states):
    return np.array([runs.evaluated(state)[1] for state in states])


# By hand


def test_the_worked_similarity_weights():
    near, far = (
        said(LESSON, r"19/(5\sqrt{17}) = {}$, twice, and $13/"),
        said(LESSON, r"13/(5\sqrt{17}) = {}$."),
    )
    rows = np.array([[3.0, 4.0], [3.0, 4.0], [-3.0, 4.0]])
    cosines = rows @ rows.mean(axis=0) / 5 / np.linalg.norm(rows.mean(axis=0))
    np.testing.assert_allclose(cosines, [near, near, far], atol=5e-4)
    stated = said(LESSON, "With $T = 1$ the weights are {}, {} and {}.")
    weights = reference("similarity_weights")([{"row": row} for row in rows])["row"]
    np.testing.assert_allclose(weights, stated, atol=5e-4)


def test_the_worked_distillation_loss():
    kl = said(LESSON, r"0.25 \log 0.5 = {}$,")
    soft, hard, loss = said(LESSON, r"$L = 2 \cdot {} + 0.5 \cdot {} = {}$.")
    found = reference("distillation_loss")(
        np.zeros((1, 2)), np.array([[2 * np.log(3), 0.0]]), np.array([0]), 2.0, 0.5
    )
    assert round(0.75 * np.log(1.5) + 0.25 * np.log(0.5), 3) == kl == soft
    assert round(np.log(2), 3) == hard
    assert round(found[0], 3) == loss
    assert found[1][0, 0] == pytest.approx(said(LESSON, r"+ 0.5 \cdot (-0.5) = {}$."))


def test_the_worked_penalty():
    fisher, of_mean = said(LESSON, "$F = (1 + 9)/2 = {}$; the square of the mean would be {}.")
    assert np.mean([1, 9]) == fisher
    assert np.mean([1, -3]) ** 2 == of_mean
    assert 2 / 2 * fisher * 0.5**2 == said(LESSON, r"\cdot 5 \cdot 0.25 = {}$.")


# The table of conventions


def test_lerp_gives_the_weight_to_the_end():
    assert torch.lerp(torch.tensor(0.0), torch.tensor(1.0), 0.25) == 0.25


def test_averaged_model_counts_all_alike_and_leaves_buffers_to_update_bn():
    models = [nn.Sequential(nn.Linear(1, 1), nn.BatchNorm1d(1)) for _ in range(3)]
    average = AveragedModel(models[0])
    for place, model in enumerate(models):
        nn.init.constant_(model[0].weight, float(place))
        model[1].running_mean.fill_(float(place))
        average.update_parameters(model)
        if not place:
            assert average.module[0].weight.item() == 0  # copied
    assert average.module[0].weight.item() == pytest.approx(1)
    assert average.module[1].running_mean.item() == 2  # the last model's


def test_kl_div_takes_logarithms_first_and_divides_by_classes_too():
    p, q = torch.softmax(torch.randn(2, 4, 10, generator=torch.Generator().manual_seed(0)).double(), dim=2)
    by_rows = (p * (p / q).log()).sum() / 4
    torch.testing.assert_close(F.kl_div(q.log(), p, reduction="batchmean"), by_rows)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a mean that is no divergence
        torch.testing.assert_close(10 * F.kl_div(q.log(), p), by_rows)


def test_the_cosine_with_zeros_is_0():
    assert F.cosine_similarity(torch.zeros(1, 3), torch.ones(1, 3)).item() == 0


# What figures show


def test_guessing():
    assert round(np.log(10), 1) == said(LESSON, "Guessing has a loss of {}.")


def test_the_ridge_between_different_starts():
    stored = measured(LESSON)
    different, common = stored["line"]
    assert (different[:, 10] > 3 * np.maximum(different[:, 0], different[:, 20])).all()
    assert (common.max(axis=1) < 0.1).all()
    assert round(np.median(different[:, 10]), 2) == said(LESSON, "halfway the loss is {}.")
    ends = np.concatenate([stored["line"][:, :, 0], stored["line"][:, :, 20]])
    assert np.median(ends) == pytest.approx(said(LESSON, "All ends have a loss of about {}."), abs=0.01)
    each = said(LESSON, "each with {}% of the test digits right")
    assert np.median(stored["accuracies"][:, :, [0, 20]]) == pytest.approx(each, abs=0.5)


@pytest.mark.slow
def test_specialists_know_half_and_their_mixture_all():
    first, second = said(LESSON, "Test accuracy against the share of B: {}% for A alone, {}% for B alone")
    pairs = [runs.specialists(seed, runs.HALVES) for seed in range(runs.SEEDS)]
    found = np.array([accuracies([*pair, reference("fuse")(pair)]) for pair in pairs])
    assert np.round(np.median(found, axis=0))[:2].tolist() == [first, second]
    assert np.median(found[:, 2]) > 90
    starts = accuracies([runs.common_start(seed) for seed in range(runs.SEEDS)])
    assert (found[:, 2] > starts).sum() >= 4


def test_the_best_mixture_is_hardly_better_than_the_best_on_the_diagonal():
    fuse, grids = reference("fuse"), []
    for seed in range(runs.SEEDS):
        pair = runs.specialists(seed, runs.HALVES)
        by_layer = [
            {name: [1 - share, share] for name, share in zip(pair[0], (a, a, b, b), strict=True)}
            for a in figures.SHARES
            for b in figures.SHARES
        ]
        losses = [runs.evaluated(fuse(pair, weights))[0] for weights in by_layer]
        grids.append(np.reshape(losses, (len(figures.SHARES), -1)))
    for grid in grids:
        assert 0 <= np.diag(grid).min() - grid.min() < 0.01
    first, second = said(LESSON, "a little off the diagonal, with shares of {} and {}.")
    best, diagonal = said(LESSON, "Its loss is {}, the best on the diagonal {};")
    place = np.unravel_index(grids[0].argmin(), grids[0].shape)
    assert [figures.SHARES[index] for index in place] == [first, second]
    assert [round(grids[0].min(), 2), round(np.diag(grids[0]).min(), 2)] == [best, diagonal]


def test_a_twin_computes_the_same_and_their_average_does_not():
    networks = runs.networks()
    twins = [runs.twin_of(network, seed) for seed, network in enumerate(networks)]
    np.testing.assert_allclose(accuracies(twins), accuracies(networks))
    fused = accuracies([reference("fuse")(list(pair)) for pair in zip(networks, twins, strict=True)])
    assert round(np.median(fused)) == said(LESSON, "{}% are left in the median.")
    assert np.median(accuracies(networks)) == pytest.approx(
        said(LESSON, "Both get about {}% of the test digits right."), abs=0.5
    )


def halfway(first, second):
    return runs.evaluated(reference("fuse")([first, second]))[0]


def matched(first, second):
    """The second network with its hidden units in the first one's order, the most similar pairs first."""
    units = [
        np.hstack([state["0.weight"], state["0.bias"][:, None], state["2.weight"].T])
        for state in (first, second)
    ]
    alike = units[0] @ units[1].T
    order = np.empty(len(alike), dtype=int)
    for _ in order:
        row, column = np.unravel_index(alike.argmax(), alike.shape)
        order[row] = column
        alike[row], alike[:, column] = -np.inf, -np.inf
    return {
        "0.weight": second["0.weight"][order],
        "0.bias": second["0.bias"][order],
        "2.weight": second["2.weight"][:, order],
        "2.bias": second["2.bias"],
    }


def test_a_ridge_stands_before_every_twin_and_goes_where_units_are_matched():
    networks = runs.networks()
    for seed, network in enumerate(networks):
        end = runs.evaluated(network)[0]
        assert min(halfway(network, runs.twin_of(network, order)) for order in range(5)) > 3 * end
        other = networks[(seed + 1) % len(networks)]
        ends = (end + runs.evaluated(other)[0]) / 2
        ridge = halfway(network, other) - ends
        assert halfway(network, matched(network, other)) - ends < ridge / 2


@pytest.mark.slow
def test_federated_averaging_by_counts():
    found = {}
    for name, weights in (("equal", None), ("counts", list(runs.ROWS_OF_CLIENTS))):
        shared = [runs.fresh(seed) for seed in range(runs.SEEDS)]
        for turn in range(5):
            shared = [
                reference("fuse")(runs.clients(start, seed, turn), weights)
                for seed, start in enumerate(shared)
            ]
        found[name] = accuracies(shared)
    equal, counts = said(LESSON, "{}% of the test digits are right with equal weights, {}% by counts.")
    assert [round(np.median(found[name]), 1) for name in ("equal", "counts")] == [equal, counts]
    assert (found["counts"] >= found["equal"]).sum() >= 4
    order = [np.random.default_rng(seed).permutation(1500) for seed in range(runs.SEEDS)]
    alone = [
        accuracies(
            [
                runs.trained(runs.fresh(seed), rows, 100 * seed + client, 100)
                for client, rows in enumerate((*np.split(each, [1200, 1400]), each))
            ]
        )
        for seed, each in enumerate(order)
    ]
    *clients, together = np.median(alone, axis=0)
    reached = said(LESSON, "After 100 updates alone, the clients reach {}%, {}% and {}%:")
    assert np.round(clients, 1).tolist() == list(reached)
    assert abs(together - np.median(found["counts"])) < 1.5
    assert (found["counts"][:, None] > np.array(alone)[:, 1:3]).all()
    assert clients[0] >= np.median(found["counts"])


@pytest.mark.slow
def test_a_stranger_is_told_by_its_cosines():
    strange = said(LESSON, "in the first layer the stranger still has a weight of about {}, where")
    groups = [runs.with_stranger(seed) for seed in range(runs.SEEDS)]
    fuse, similar = reference("fuse"), reference("similarity_weights")
    weights = [similar(states)["0.weight"][3] for states in groups]
    assert np.median(weights) == pytest.approx(strange, abs=0.006)
    equal, at_one, stricter, strict, coldest, siblings = (
        accuracies([fuse(*given) for given in every])
        for every in (
            [(states,) for states in groups],
            [(states, similar(states)) for states in groups],
            [(states, similar(states, 0.3)) for states in groups],
            [(states, similar(states, 0.1)) for states in groups],
            [(states, similar(states, 0.001)) for states in groups],
            [(states[:3],) for states in groups],
        )
    )
    assert (at_one > equal).all()
    assert np.median(at_one) < np.median(siblings) - 0.5
    assert min(np.median(stricter), np.median(strict)) >= np.median(siblings) - 0.5
    assert np.median(coldest) < np.median(strict)


def test_the_soft_gradient_without_the_square():
    loss = reference("distillation_loss")
    for seed in range(5):
        z, teacher = 2.0 * np.random.default_rng(seed).normal(size=(2, 100, 10))
        sizes = {T: np.linalg.norm(loss(z, teacher, np.zeros(100, dtype=int), T, 1.0)[1]) for T in (1, 4)}
        assert 1 / 3 < sizes[4] / sizes[1] < 3  # with the square
        assert sizes[1] / (sizes[4] / 16) > 10
        differences = [
            np.linalg.norm(torch.softmax(torch.tensor(np.stack([z, teacher])) / T, dim=2).diff(dim=0))
            for T in (1, 4)
        ]
        flatter = said(LESSON, "is their difference: by another factor of {}.")
        assert differences[0] / differences[1] == pytest.approx(flatter, abs=0.15)


@pytest.mark.slow
def test_what_a_hundred_images_teach():
    found = runs.distilled(reference("distillation_loss"))
    labels, same, every, _ = found.values()
    assert round(np.median(labels)) == said(
        LESSON, "From labels alone the student gets about {}% of the test"
    )
    assert round(np.median(same)) == said(LESSON, "From the same hundred images it gets {}% right.")
    assert round(np.median(every)) == said(LESSON, "and no label, it gets {}%: the teacher")
    assert (same > labels).sum() >= 4
    assert (every > same).sum() >= 4


def test_a_teachers_first_choice_is_the_label():
    teachers = training.networks(runs.SEEDS, hidden=64)
    digits = runs.digits
    training.train_each(teachers, runs.adam, digits.X_train, digits.y_train, 300)
    with torch.no_grad():
        right = teachers(torch.from_numpy(digits.X_train)).argmax(dim=-1).numpy() == digits.y_train
    few = [np.random.default_rng(seed).permutation(right.shape[1])[: runs.LABELLED] for seed in range(5)]
    agreed = [right[seed, rows].sum() for seed, rows in enumerate(few)]
    assert min(agreed) == said(
        LESSON, "The teacher's first choice is the label for at least {} of the hundred"
    )


def test_the_mean_gradient_of_a_trained_network_says_little():
    models = runs.after_first_task()
    digits, params = runs.digits, list(models.parameters())
    rows = np.random.default_rng(0).permutation(len(digits.y_train))[: runs.SAMPLES]
    assert len(rows) == said(LESSON, "next experiment, with {} samples, its square")
    X, y = torch.from_numpy(digits.X_train), torch.from_numpy(digits.y_train)
    each = [
        torch.autograd.grad(
            F.cross_entropy(models(X[row : row + 1])[:, 0], y[row].expand(runs.SEEDS), reduction="sum"),
            params,
        )
        for row in rows
    ]
    by_param = [torch.stack(column) for column in zip(*each, strict=True)]
    of_mean, of_squares = (
        sum(found.flatten(1).sum(dim=1) for found in arrays)
        for arrays in (
            [column.mean(dim=0).square() for column in by_param],
            [column.square().mean(dim=0) for column in by_param],
        )
    )
    percent = 100 * of_mean / of_squares
    stated = said(LESSON, "its square is about {}% of $F$")
    assert percent.median().item() == pytest.approx(stated, abs=0.5)
    assert percent.max() < 3


@pytest.mark.slow
def test_a_spring_keeps_the_first_task():
    ewc = reference("EWC")
    plain, held, stiff = (runs.second_task(ewc, strength) for strength in (0, 100, 1000))
    before = said(LESSON, "After A, about {}% of A's test digits are right.")
    assert np.median(plain["A"][:, 0]) == pytest.approx(before, abs=0.5)
    falls, keeps, reaches, had, both = said(
        LESSON,
        "Without a penalty A falls to {}%. With a strength of 100 it keeps {}%, and B reaches {}% where it had "
        "{}%; with 1000 both are at {}%.",
    )
    ends = [np.median(run[task][:, -1]) for run in (plain, held) for task in "AB"]
    np.testing.assert_allclose(ends, [falls, had, keeps, reaches], atol=0.6)
    assert [round(np.median(stiff[task][:, -1])) for task in "AB"] == [both, both]
    assert (held["A"][:, -1] > plain["A"][:, -1]).all()


def test_new_classes_are_beyond_the_penalty():
    stored = measured(LESSON)
    none, first, second = said(
        LESSON,
        "without a penalty {}% of the first half are right after the second, with a strength of 1000 it is {}%, and {}% of the second half",
    )
    old, new = np.median(stored["classes"], axis=2)
    assert [round(old[0]), round(old[-1]), round(new[-1])] == [none, first, second]


@pytest.mark.slow
def test_half_of_the_changes_is_nearly_all_and_ties_no_better_than_the_mean():
    merge, alone, merged, means = reference("ties_merge"), [], [], []
    for seed in range(runs.SEEDS):
        start = runs.common_start(seed)
        base = runs.flat(start)
        full = runs.flat(runs.trained(start, np.arange(1500), 77 + seed, 240))
        thirds = np.array([runs.flat(state) for state in runs.specialists(seed, runs.THIRDS)])
        assert len(base) == said(LESSON, "Of its {} changes")

        def right(row, like=start):
            return runs.evaluated(runs.unflat(row, like))[1]

        half = len(base) // 2
        alone.append([right(base), right(merge(base, full[None], half)), right(full)])
        merged.append(
            [
                right(merge(base, thirds, round(share * len(base)), scale))
                for share in figures.KEPT
                for scale in figures.SCALES
            ]
        )
        means.append([right(base + scale * (thirds - base).mean(axis=0)) for scale in figures.SCALES])
    every, without = said(LESSON, "With all of its changes the one network gets {}% right, without any {}%.")
    assert np.round(np.median(alone, axis=0))[[2, 0]].tolist() == [every, without]
    assert np.median(alone, axis=0)[1] > every - 2
    assert np.median(merged, axis=0).max() <= np.median(means, axis=0).max() + 0.5


def test_every_prediction_is_what_the_reference_finds():
    outputs = [
        output.data.get("text/plain", "")
        for cell in nbformat.read(find(LESSON).notebook_path, as_version=4).cells
        for output in cell.get("outputs", [])
        if output.output_type == "display_data"
    ]
    for asked in questions.predictions(LESSON):
        assert any(f"It is {asked.said(asked.answer)}." in text for text in outputs), asked.id


def test_the_quizs_numbers():
    quiz = {question.id: question for question in questions.questions(LESSON)}
    ends = [{"t": np.array(0.0)}, {"t": np.array(1.0)}]
    assert reference("fuse")(ends, [30, 10])["t"] == quiz["share_of_b"].right
    changes = np.array([[3.0], [-1.0], [-1.0]])
    assert reference("ties_merge")(np.zeros(1), changes, 1).tolist() == [quiz["elected"].right]
