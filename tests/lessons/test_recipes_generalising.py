"""What lesson 16 says of new digits: the protocol, what helped, a rare class, and the student's own pieces."""

import numpy as np
import pytest
import torch
from claims import said, text

from autograder.catalogue.answers import answer
from autograder.catalogue.lesson import find
from course.figures import lesson_16_few as few
from course.figures import lesson_16_generalising as generalising
from course.figures import lesson_16_remedies as remedies
from course.measured import measured
from course.questions import lesson_16 as questions

LESSON = "16_recipes"
STORED = measured(LESSON)
NAMES = [str(name) for name in STORED["remedies"]]
NEW = dict(zip(NAMES, STORED["new"], strict=True))
GAINS = dict(zip(NAMES, generalising.gains(STORED["new"]), strict=True))


def reference(name):
    lesson = find(LESSON)
    return answer(lesson, name, lesson.solutions()[name])


@pytest.fixture(scope="module")
def pieces():
    return few.Pieces(
        *map(reference, ("mixup", "label_smoothing_cross_entropy", "param_groups", "EarlyStopping"))
    )


def expected(id):
    return next(each.answer for each in questions.PREDICTIONS if each.id == id)


# The protocol


def test_nothing_that_is_learned_from_is_new_and_no_two_seeds_learn_the_same():
    every = [few.parts(seed, few.Remedy(digits=600)) for seed in range(few.SEEDS)]
    for each in every:
        assert len(np.unique(np.concatenate(each))) == sum(map(len, each)) == 1500
    learned = np.concatenate([few.parts(seed, few.Remedy()).learned for seed in range(few.SEEDS)])
    assert len(np.unique(learned)) == len(learned)
    digits, new = (
        said(LESSON, "learn {} digits each, no two of them the same,"),
        said(LESSON, "read {} new ones."),
    )
    assert len(learned) == few.SEEDS * digits
    assert len(few.new_digits(0)[0]) == new
    assert len(every[0].chosen_by) == said(LESSON, "has its best setting, by {} other digits:")


def test_the_settings_are_those_that_the_text_names():
    tried = {name: list(each) for name, each in remedies.TRIED.items()}
    assert said(LESSON, "in {} updates of") == remedies.UPDATES
    assert said(LESSON, "updates of {} digits, with batch norm") == few.BATCH
    low, usual, rest = said(LESSON, "| the rates {} and {}; all others have {} |")
    assert [each.rate for each in tried["nothing"]] == [low, usual]
    assert usual == rest == few.Remedy().rate
    assert {each.rate for name in tried for each in tried[name] if "dense" not in name} == {low, usual}
    assert [each.shifts for each in tried["shifts"]] == list(said(LESSON, "| {} or {} of the rows"))
    drop, smooth = said(LESSON, "| 0.5 and {}; 0.1 and {} |")
    assert [each.dropout for each in tried["dropout"]] == [0.5, drop]
    assert [each.smoothing for each in tried["label smoothing"]] == [0.1, smooth]
    *decays, mix = said(LESSON, "| {}, {} and {}; alpha 0.2 and {} |")
    assert [each.decay for each in tried["weight decay"]] == decays
    assert [each.mixup for each in tried["mixup"]] == [0.2, mix]
    *patience, held_out = said(LESSON, "| patience {} and {}, with {} of the 150 digits held out |")
    assert [each.patience for each in tried["early stopping"]] == patience
    assert held_out == few.HELD_OUT
    assert tried["120 digits"][0].digits == few.FEW - held_out


def test_the_dense_network_has_as_many_parameters():
    sizes = [
        sum(each.numel() for each in few.networks(few.Remedy(dense=dense), 1).parameters())
        for dense in (False, True)
    ]
    assert sizes[1] == pytest.approx(sizes[0], rel=0.02)


@pytest.mark.parametrize("dense", [False, True], ids=["conv", "dense"])
def test_a_network_side_by_side_goes_the_way_that_it_goes_alone(dense):
    remedy = few.Remedy(dense=dense)
    torch.manual_seed(0)
    models = few.networks(remedy, 3).double()
    single = [few.alone(models, remedy, place, 3).train() for place in range(3)]
    images = torch.rand(6, 3, 8, 8, dtype=torch.float64)
    for _ in range(3):
        for place, model in [
            (slice(None), models),
            *((slice(i, i + 1), each) for i, each in enumerate(single)),
        ]:
            model.zero_grad()
            model(images[:, place]).square().sum().backward()
            for param in model.parameters():
                param.data -= 1e-3 * param.grad
    together = models.eval()(images).reshape(6, 3, 10)
    for place, model in enumerate(single):
        torch.testing.assert_close(
            model.eval()(images[:, place : place + 1]).reshape(6, 10),
            together[:, place],
            rtol=1e-9,
            atol=1e-9,
        )


def test_a_shift_moves_a_digit_by_a_pixel_at_most_and_a_share_of_the_rows():
    image = np.zeros((1, 8, 8))
    image[0, 3, 4] = 1.0
    rows = few.shifted(np.repeat(image.reshape(1, 64), 900, axis=0), 1.0, np.random.default_rng(0))
    places = {divmod(int(place), 8) for place in rows.argmax(axis=1)}
    assert places == {(3 + down, 4 + right) for down in (-1, 0, 1) for right in (-1, 0, 1)}
    half = few.shifted(np.repeat(image.reshape(1, 64), 900, axis=0), 0.5, np.random.default_rng(0))
    assert np.mean(half.argmax(axis=1) != 28) == pytest.approx(0.5 * 8 / 9, abs=0.05)


def test_labels_are_mixed_or_smoothed():
    with pytest.raises(ValueError, match="leave one of the two at 0"):
        few.Remedy(mixup=0.2, smoothing=0.1)


# What helped


def ahead(first, second):
    """In how many of the five pairs the first reads more."""
    return int((NEW[first] > NEW[second]).sum())


def test_shifts_gain_most_nearly_as_much_as_twice_the_digits():
    assert expected("helps_most") == max(generalising.ASKED, key=GAINS.get) == "shifts"
    assert ahead("shifts", "nothing") == ahead("twice the digits", "nothing") == 5
    for other in ("dropout", "mixup", "weight decay", "label smoothing", "dense layers", "early stopping"):
        assert ahead("shifts", other) >= 4, other
    assert 0 < GAINS["twice the digits"] - GAINS["shifts"] < 1.5


def test_a_moved_digit_is_a_new_one_to_a_network_that_saw_none():
    moved = dict(zip(NAMES, np.median(STORED["moved"], axis=1), strict=True))
    plain, shifts = said(LESSON, "of new digits that are moved so it reads {}%, after shifts {}%.")
    assert round(moved["nothing"]) == plain
    assert round(moved["shifts"]) == shifts
    assert (STORED["moved"][NAMES.index("shifts")] > 2 * STORED["moved"][NAMES.index("nothing")] - 5).all()


def test_what_gains_little_nothing_or_less():
    # CIFAR-10 and ImageNet are what the paper of mixup trains on.
    assert "Decay gains a little in each pair. Smoothing does nothing here, and mixup harm" in text(LESSON)
    assert ahead("weight decay", "nothing") == 5
    assert 0 < GAINS["weight decay"] < GAINS["shifts"]
    assert abs(GAINS["label smoothing"]) < 0.5
    assert ahead("nothing", "mixup") == 5
    assert "So dense layers are hardly behind." in text(LESSON)
    assert -1 < GAINS["dense layers"] < 0.5


def test_early_stopping_costs_what_it_holds_out():
    digits, fewer, stopped = said(LESSON, "{} digits lose {} points without it, {} with it.")
    assert digits == few.FEW - few.HELD_OUT
    assert round(-GAINS["120 digits"], 1) == fewer
    assert round(-GAINS["early stopping"], 1) == stopped
    assert ahead("nothing", "early stopping") == 5


def test_remedies_do_not_add_up():
    shifts, decay = said(LESSON, "Shifts gain {} points, decay {}; decay on top")
    assert round(GAINS["shifts"], 1) == shifts
    assert round(GAINS["weight decay"], 1) == decay
    more = np.median(NEW["shifts, decay"] - NEW["shifts"])
    assert round(more, 1) == said(LESSON, "on top of shifts gains {} more.")
    assert more < GAINS["weight decay"]
    four, pairs = said(LESSON, "All four gain {}, less than shifts alone in {} of five pairs:")
    assert round(GAINS["all four"], 1) == four
    assert ahead("shifts", "all four") == pairs
    together = remedies.TRIED["all four"][0]
    assert min(together.shifts, together.decay, together.dropout, together.smoothing) > 0


# A rare class


def test_three_eights_are_too_few_and_the_whole_hardly_shows_it():
    (usual, three), *_ = np.median(STORED["rare"][:2], axis=2).T
    assert round(usual) == said(LESSON, "With all its 8s it reads {}% of the new ones.")
    assert round(three) == expected("three_eights")
    assert (STORED["rare"][1, 0] < STORED["rare"][0, 0] - 20).all()
    labels = [few.data.y_train[few.parts(seed, few.Remedy()).learned] for seed in range(few.SEEDS)]
    assert "Of each network's 150 digits about twelve are 8s." in text(LESSON)
    assert np.mean([np.sum(each == few.RARE) for each in labels]) == pytest.approx(12, abs=0.5)
    left = [few.data.y_train[few.parts(seed, few.Remedy(rare=True)).learned] for seed in range(few.SEEDS)]
    assert {int(np.sum(each == few.RARE)) for each in left} == {3}


def test_neither_weights_nor_shifts_are_a_cure():
    rare = dict(zip(remedies.RARE, STORED["rare"], strict=True))
    balanced, shifts = (
        np.median(rare[name] - rare["three 8s"], axis=1) for name in ("three, balanced", "three, shifts")
    )
    gained, lost = said(LESSON, "it brings {} point on new 8s and costs {} on the rest.")
    assert round(balanced[0]) == gained
    assert round(-balanced[1], 1) == lost
    assert round(shifts[0]) == said(LESSON, "Shifts do make more of them: they bring {} points.")
    for name in ("three, balanced", "three, shifts"):
        assert (rare[name][0] < rare["all its 8s"][0]).all()


def test_balanced_every_class_counts_alike():
    for seed in range(few.SEEDS):
        remedy = few.Remedy(rare=True, balance=1.0)
        labels = few.data.y_train[few.parts(seed, remedy).learned]
        weights = few.class_weights(remedy, seed)
        np.testing.assert_allclose(weights * np.bincount(labels), len(labels) / 10)


@pytest.mark.slow
def test_the_whole_falls_little_with_three_eights(pieces):
    before, after = said(LESSON, "all new digits together fall from {}% to {}% only.")
    found = [few.on_new(remedies.trained(pieces, remedies.RARE[name])) for name in ("all its 8s", "three 8s")]
    assert np.median(found, axis=1) == pytest.approx([before, after], abs=0.6)
    assert (found[0] > found[1]).all()


@pytest.mark.slow
def test_the_same_with_own_pieces(pieces, capsys):
    shown = {"nothing": {}, "weight decay": {"decay": 0.1}, "early stopping": {"patience": 3}}
    generalising.own_remedies(pieces, shown)
    _, *rows = capsys.readouterr().out.splitlines()
    assert [row[:18].strip() for row in rows] == list(shown)
    pairs = {row[:18].strip(): [float(each) for each in row[36:].split()] for row in rows}
    assert pairs["nothing"] == [0.0] * 5
    assert min(pairs["weight decay"]) > 0
    assert max(pairs["early stopping"]) < 0
