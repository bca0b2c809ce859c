"""A failing check points to the formulas that its case exercises, and not to the whole exercise."""

import numpy as np
import pytest

from course.exercises import EXERCISES
from course.formulas import Formulas, numbered
from course.readings import Reading


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ((), ""),
        ((3,), "formula (3)"),
        ((4, 3), "formulas (3) and (4)"),
        ((1, 2, 3, 4), "formulas (1) to (4)"),
        ((1, 2, 3, 4, 6), "formulas (1) to (4) and (6)"),
        ((3, 4, 6, 8), "formulas (3), (4), (6) and (8)"),
        ((3, 3), "formula (3)"),
    ],
)
def test_how_formulas_are_listed(numbers, words):
    assert numbered(*numbers) == words


OF_A_RULE = Formulas(plain=(1, 2), options={"decay": (3,), "nesterov": (4,)}, properties={"shared": ()})


@pytest.mark.parametrize(
    ("judged", "settings", "words"),
    [
        ("five_steps", {"lr": 0.1}, "formulas (1) and (2)"),
        ("five_steps", {"lr": 0.1, "decay": 0.0, "nesterov": False}, "formulas (1) and (2)"),
        ("decay", {"lr": 0.1, "decay": 0.3}, "formula (3)"),
        ("together", {"decay": 0.3, "nesterov": True}, "formulas (3) and (4)"),
        ("shared", {"decay": 0.3}, ""),
    ],
)
def test_an_option_with_its_neutral_value_leaves_its_formulas_out(judged, settings, words):
    assert OF_A_RULE(judged, Reading(1, "params", (0,)), settings) == words


def pointed_to(exercise_id, property_id):
    """What the cases of a property point to, whichever of their readings is wrong."""
    exercise = EXERCISES[exercise_id]
    cases = exercise.cases(np.random.default_rng(0), "public")
    return {
        exercise.where(case, reading)
        for case in cases
        if case.property == property_id
        for reading in exercise.oracle(case).readings
    }


@pytest.mark.parametrize(
    ("exercise_id", "property_id", "words"),
    [
        ("MomentumSGD", "five_steps", {"formulas (3) and (4)"}),
        ("MomentumSGD", "decay", {"formula (6)", ""}),  # whether a gradient changed is about no formula
        ("MomentumSGD", "dampening", {"formula (7)", ""}),
        ("MomentumSGD", "nesterov", {"formula (8)", ""}),
        ("MomentumSGD", "together", {"formulas (6) and (8)", "formulas (6) and (7)", ""}),
        ("MomentumSGD", "instances", {""}),
        ("RMSprop", "other_hyper", {"formulas (3) and (4)"}),
        ("RMSprop", "together", {"formulas (5) to (7)", ""}),
        ("Adam", "first_step", {"formulas (1) to (4)"}),
        ("Adam", "l2", {"formula (5)", ""}),
        ("AdamW", "decoupled", {"formula (6)", ""}),
        ("global_norm", "largest", {"formula (3)", ""}),
        ("global_norm", "any_p", {"formula (2)", ""}),
        ("fit_linear", "whole_batch", {"formula (5)"}),
        ("fit_linear", "new_order", {"formula (1)"}),
        ("fit_linear", "losses", {"formula (2)", ""}),  # how many there are is about no formula
        ("BatchNorm1d", "training", {"formulas (1) to (4)"}),
        (
            "BatchNorm1d",
            "evaluation",
            {"formulas (1) to (4)", "formulas (3), (4) and (10)", "formula (8)", "formula (9)"},
        ),
    ],
)
def test_a_case_points_to_what_it_exercises(exercise_id, property_id, words):
    assert pointed_to(exercise_id, property_id) <= words
    assert pointed_to(exercise_id, property_id) - {""} == words - {""}
