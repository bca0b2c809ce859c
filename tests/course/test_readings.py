"""Readings: what they are is data, and how they are said is one table."""

import re
from functools import cache

import numpy as np
import pytest

from course.cases import probed, public_cases
from course.exercises import EXERCISES
from course.readings import WORDS, Reading


@cache
def graded(id):
    """The readings of an exercise on its graded cases, one dict a case."""
    exercise = EXERCISES[id]
    return [exercise.oracle(case).readings for case in exercise.cases(np.random.default_rng(0), "graded")]


@pytest.mark.parametrize(
    ("reading", "words", "form"),
    [
        (Reading(1, "theta"), "theta", "symbol"),
        (Reading(1, "self.lr"), "self.lr", "symbol"),
        (Reading(1, "params", (1,)), "params[1]", "symbol"),
        (Reading(1, "params", (1,), owner=2), "params[1] of instance 2", "quantity"),
        (Reading(1, "batches", (1, 0)), "batches[1][0]", "symbol"),
        (Reading(0, "length", of="shadow"), "the length of shadow", "quantity"),
        (Reading(0, "argument", (2,), of="grads"), "grads[2]", "quantity"),
        (Reading(0, "argument", of="theta"), "theta", "quantity"),
        (Reading(0, "argument_length", of="grads"), "the length of grads", "quantity"),
        (Reading(0, "argument", of="states[0]['bias']"), "states[0]['bias']", "quantity"),
        (Reading(0, "fused", of="conv1.weight"), "layer conv1.weight", "quantity"),
        (Reading(0, "similarity", of="bias"), "the weights of layer bias", "quantity"),
        (Reading(3, "group_lr", (1,), owner=2), "lr of param group 1 of optimiser 2", "quantity"),
        (Reading(0, "initial_group_lr", (1,), owner=2), "lr of param group 1 of optimiser 2 after the constructor", "quantity"),
        (Reading(3, "last_lr", (1,)), "get_last_lr()[1]", "symbol"),
        (Reading(0, "initial_last_lr", (1,)), "get_last_lr()[1] after the constructor", "quantity"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_the_words_of_a_reading(reading, words, form):
    assert (reading.words, reading.form) == (words, form)
    assert reading._replace(earlier="ema").words == words


@pytest.mark.parametrize(
    ("reading", "holds", "sentence"),
    [
        (Reading(0, "refused", of="lr = -0.1"), False, "SGD accepted lr = -0.1; it should raise ValueError"),
        (Reading(0, "refused", of="lr = 0"), True, "SGD refused lr = 0, which is allowed"),
        (Reading(1, "row_refused"), False, "SGD accepted a single row in training; it should raise ValueError"),
        (Reading(2, "gradient_left", (0,)), True, "zero_grad() left a gradient in params[0]; it should be None or zeros"),
        (Reading(2, "shadow_shared", owner=1), True, "shadow of instance 1 shares memory with a parameter; it should hold copies"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_statement_says_what_was_done_and_then_what_should_have_been(reading, holds, sentence):
    assert reading.statement("SGD", holds) == sentence


@pytest.mark.parametrize("id", EXERCISES)
def test_an_id_is_a_name_and_what_is_true_or_false_is_a_statement(id):
    for readings in (*graded(id), *(evidence.readings for evidence in public_cases(id)[1])):
        for reading, array in readings.items():
            assert reading.id in WORDS or re.fullmatch(r"[^\W\d]\w*(\.\w+)*", reading.id)
            assert (reading.form == "statement") == (array.dtype == bool)


@pytest.mark.parametrize("id", EXERCISES)
def test_what_a_lesson_points_to_is_among_its_readings(id):
    found = {reading.id for readings in graded(id) for reading in readings}
    assert EXERCISES[id].look_at.keys() <= found


def test_all_words_are_said_of_some_reading():
    found = {reading.id for id in EXERCISES for readings in graded(id) for reading in readings}
    # Where a point is no dict, a problem names the point.
    observed = probed(EXERCISES["grid"], lambda space: [0], *public_cases("grid"))
    found |= {evidence.problem.values["quantity"].id for evidence in observed}
    assert WORDS.keys() <= found
