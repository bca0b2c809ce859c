"""What lesson 16 says of new digits: the protocol, what helped, a rare class, and the student's own pieces."""

import numpy as np
import pytest
import torch
from claims import said

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
    assert len(every[0].chosen_by) == said(LESSON, "gets its best setting, by {} other digits:")


def test_the_settings_are_those_that_the_text_names():
    tried = {name: list(each) for name, each in remedies.TRIED.items()}
    assert said(LESSON, "in {} updates of") == remedies.UPDATES
    assert said(LESSON, "updates of {} digits with momentum") == few.BATCH
    low, usual, rest = said(LESSON, "| the rates {} and {}; all others have {} |")
    assert [each.rate for each in tried["nothing"]] == [low, usual]
    assert usual == rest == few.Remedy().rate
    assert {each.rate for name in tried for each in tried[name] if "dense" not in name} == {low, usual}
    assert [each.shifts for each in tried["shifts"]] == list(said(LESSON, "| {} or {} of the rows"))
    drop, smooth = said(LESSON, "| {} and 0.5; 0.1 and {} |")
    assert [each.dropout for each in tried["dropout"]] == [drop, 0.5]
    assert [each.smoothing for each in tried["label smoothing"]] == [0.1, smooth]
    decay, mix = said(LESSON, "| {} and 0.03; alpha 0.2 and {} |")
    assert [each.decay for each in tried["weight decay"]] == [decay, 0.03]
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
