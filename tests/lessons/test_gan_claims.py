"""What lesson 15 says about GANs and PyTorch, each claim on its own."""

import numpy as np
import pytest
import torch
from claims import said
from torch import nn
from torch.nn import functional as F

from autograder.catalogue.answers import answer
from autograder.catalogue.lesson import find
from course import questions
from course.figures import lesson_15_games as games
from course.measured import measured

LESSON = "15_gan"
REAL, FAKE = torch.tensor([0.0, 2.0]).double(), torch.tensor([-2.0, 2.0]).double()


def reference(name):
    lesson = find(LESSON)
    return answer(lesson, name, lesson.solutions()[name])


def cross_entropy(s, y):
    return F.binary_cross_entropy_with_logits(s, torch.full_like(s, y)).item()


# By hand, and the table of conventions


def test_the_discriminators_loss_by_hand():
    each, log_2 = said(LESSON, r"Here $\log(1 + e^{-2}) = {}$ and $\log 2 = {}$.")
    assert [round(cross_entropy(torch.tensor([s]), 1.0), 3) for s in (2.0, 0.0)] == [each, log_2]
    mean_real = said(LESSON, "By (3) the real rows lose 0.693 and 0.127, mean {};")
    mean_fake, total = said(LESSON, "the fake ones 0.127 and 2.127, mean {}. So $L_D = {}$.")
    found = cross_entropy(REAL, 1.0), cross_entropy(FAKE, 0.0)
    assert [round(each, 3) for each in (*found, sum(found))] == [mean_real, mean_fake, total]


def test_the_generators_losses_by_hand():
    loss = said(LESSON, "$L_G = (2.127 + 0.127)/2 = {}$ with gradients")
    saturating = said(LESSON, "$L_{sat} = -(0.127 + 2.127)/2 = {}$ with")
    assert round(cross_entropy(FAKE, 1.0), 3) == loss
    assert round(F.logsigmoid(-FAKE).mean().item(), 3) == saturating


CERTAIN = torch.tensor([-1000.0]).double()
# Keras' documented epsilon.
KERAS = 1e-7
ROWS = {
    "two means, added | {} |": lambda: cross_entropy(REAL, 1.0) + cross_entropy(FAKE, 0.0),
    "the same with the label 0.9 for real rows | {} |": lambda: (
        cross_entropy(REAL, 0.9) + cross_entropy(FAKE, 0.0)
    ),
    "| half of the sum | {} |": lambda: (cross_entropy(REAL, 1.0) + cross_entropy(FAKE, 0.0)) / 2,
    "| from logits, as (3) | {} |": lambda: cross_entropy(CERTAIN, 1.0),
    "count as \u2212100 | {} |": lambda: nn.BCELoss()(torch.sigmoid(CERTAIN), torch.ones(1).double()).item(),
    "| probabilities from 1e-7 to 1 - 1e-7 | {} |": lambda: -np.log(KERAS),
}


@pytest.mark.parametrize("row", ROWS)
def test_row_of_the_conventions_table(row):
    value = said(LESSON, row)
    assert round(ROWS[row](), 1 if value == 16.1 else 3) == value


def test_a_clamped_logarithm_gives_no_gradient():
    s = torch.tensor([-1000.0], dtype=torch.float64, requires_grad=True)
    nn.BCELoss()(torch.sigmoid(s), torch.ones(1).double()).backward()
    assert s.grad.item() == 0
    s.grad = None
    F.binary_cross_entropy_with_logits(s, torch.ones(1).double()).backward()
    assert s.grad.item() == -1


def test_slopes_where_samples_are_bad():
    steep = said(LESSON, "the slope of (6) is {} in size")
    s = torch.tensor([-5.0], dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(-F.logsigmoid(s).mean(), s)
    assert round(-slope.item(), 3) == steep
    (slope,) = torch.autograd.grad(F.logsigmoid(-s).mean(), s)
    asked = {prediction.id: prediction.answer for prediction in questions.predictions(LESSON)}
    assert -slope.item() == pytest.approx(asked["saturated_slope"], rel=1e-3)


def test_soft_labels_have_a_lowest_point_and_labels_above_1_have_none():
    s = torch.linspace(-50, 50, 10001, dtype=torch.float64)
    for label in (0.7, 0.9):
        each = F.softplus(s) - label * s
        assert s[each.argmin()].item() == pytest.approx(np.log(label / (1 - label)), abs=0.01)
    assert (F.softplus(s) - 1.2 * s).argmin() == len(s) - 1
    assert (F.softplus(s) - 1.2 * s).min() < -9


def test_batch_norm_mixes_the_slopes_of_rows():
    torch.manual_seed(0)
    plain = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))
    mixing = nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4), nn.Tanh(), nn.Linear(4, 1))
    x = torch.randn(5, 2)
    for critic, alone in ((plain, True), (mixing, False)):
        points = x.clone().requires_grad_()
        (slopes,) = torch.autograd.grad(critic(points)[0].sum(), points)
        assert bool((slopes[1:] == 0).all()) == alone


def test_the_range_of_pixels():
    assert ((np.array([0, 255]) - 127.5) / 127.5).tolist() == [-1, 1]


# What figures show


def last():
    stored = measured(LESSON)
    return dict(zip(stored["names"].tolist(), stored["modes"][:, :, -1], strict=True))


def test_the_games_that_are_stored_are_of_five_seeds():
    assert all(found.shape == (5,) for found in last().values())


FIRST, EXCHANGED, BOTH_QUICK = "0.005, 0.001", "0.001, 0.005", "0.005, 0.005"


def test_the_first_rates_find_next_to_nothing_whatever_is_added():
    most = said(LESSON, "No game ends with more than {} mode.")
    assert said(LESSON, "brings a game above {} mode") == most
    changes = [found for name, found in last().items() if name.startswith(FIRST)]
    assert len(changes) == 4
    assert max(found.max() for found in changes) == most


def test_rates_exchanged_find_most_modes():
    assert (last()[EXCHANGED] > games.MODES / 2).all()
    assert (last()[EXCHANGED] > last()[FIRST]).all()
    assert (last()[EXCHANGED] < games.MODES).any()


def test_the_penalty_finds_the_modes_that_are_left_and_noise_not_in_every_game():
    all_modes, less = said(
        LESSON,
        "With the penalty all five games end with all {} modes. With noise three of them do, and the other two "
        "have {} mode less than without",
    )
    noise, penalty = (last()[f"{EXCHANGED}, {change}"] for change in ("noise", "penalty"))
    assert (penalty == all_modes).all()
    assert (penalty >= last()[EXCHANGED]).all()
    assert (noise == all_modes).sum() == 3
    assert (last()[EXCHANGED] - noise)[noise < all_modes].tolist() == [less, less]


def test_what_is_gained_on_the_best_of_four_pairs_of_rates():
    most, *others = said(LESSON, "With 0.005 for both, three games find all {} modes, the others {} and {}:")
    assert sorted(last()[BOTH_QUICK], reverse=True) == [most, most, most, *others]
    pairs = {name: found.sum() for name, found in last().items() if name.count(",") == 1}
    assert len(pairs) == 4
    assert max(pairs, key=pairs.get) == BOTH_QUICK
    gained = said(LESSON, "the penalty gains {} modes in five games, noise none")
    assert (last()[f"{EXCHANGED}, penalty"] >= last()[BOTH_QUICK]).all()
    assert last()[f"{EXCHANGED}, penalty"].sum() - pairs[BOTH_QUICK] == gained
    assert last()[f"{EXCHANGED}, noise"].sum() <= pairs[BOTH_QUICK]


def test_the_label_makes_no_difference_that_five_games_show():
    ahead = last()[EXCHANGED] - last()[f"{EXCHANGED}, label 1"]
    assert max((ahead > 0).sum(), (ahead < 0).sum()) < 4


def test_a_loss_of_d_that_is_no_measure():
    stored = measured(LESSON)
    ended, undecided = said(LESSON, "ended at {}, close to the {} of a $D$ that knows nothing")
    assert round(float(stored["losses"][stored["names"].tolist().index(FIRST)]), 2) == ended
    assert round(2 * np.log(2), 3) == undecided


def test_data_that_nothing_normalises():
    assert last()[f"{EXCHANGED}, data times 60"].max() <= 2


def test_a_mode_is_found_where_the_text_says():
    share = said(
        LESSON, "A mode counts as found when at least {}% of the generator's points lie within three"
    )
    assert share / 100 == games.SHARE
    samples = np.repeat(games.CENTRES[:3], (50, 49, 1), axis=0)
    assert games.modes_found(samples) == 2
    assert games.modes_found(samples + np.array([0.0, 2.9 * games.SPREAD])) == 2
    assert games.modes_found(samples + np.array([0.0, 3.1 * games.SPREAD])) == 0


@pytest.mark.slow
def test_games_side_by_side_go_the_ways_that_they_go_alone_but_for_adams_eps():
    def play(seeds):
        game = games.Game(seeds, 0.005, 0.001)
        for optimizer in (game.opt_g, game.opt_d):
            # The loss is a mean over the games: each gradient is so much smaller.
            optimizer.param_groups[0]["eps"] /= seeds
        return games.played(reference("GANTrainer"), game, 100).samples[-1][0]

    np.testing.assert_allclose(play(3), play(1), rtol=1e-3, atol=1e-3)


def test_the_quizs_numbers():
    quiz = {question.id: question for question in questions.questions(LESSON)}
    zero = torch.zeros(1).double()
    both = cross_entropy(zero, 1.0) + cross_entropy(zero, 0.0)
    assert both == pytest.approx(quiz["undecided_loss"].right, abs=1e-3)
    assert quiz["pixel_of_zero"].right == (0 - 127.5) / 127.5
    assert quiz["penalty_of_a_steep_critic"].right == 10 * (3 - 1) ** 2
