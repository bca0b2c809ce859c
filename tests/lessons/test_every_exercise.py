"""What holds of every exercise of the course."""

import numpy as np
import pytest
import torch

from course.exercises import EXERCISES, LESSONS

# As the curriculum has them, in the order of each lesson. What is missing from 10 is its challenge's.
POINTS = {
    "00_gradients": [2, 1, 3, 2, 2],
    "01_mini_batch": [2.5, 1.5, 2.5, 2, 1.5],
    "02_ema": [1.5, 1.5, 2.5, 1.5, 3],
    "03_momentum": [1.5, 1.5, 1, 4.5, 1.5],
    "04_rmsprop": [1.5, 2.5, 4.5, 1.5],
    "05_adam": [2.5, 3.5, 2.5, 1.5],
    "06_lr_decay": [0.75, 0.75, 0.75, 0.75, 0.75, 2.5, 1.75, 2],
    "07_clipping": [1.5, 1.5, 2.5, 2.5, 2],
    "08_batch_norm": [1.5, 2, 2.5, 2.5, 1.5],
    "09_warmup": [2, 1, 3, 2, 2],
    "10_beyond_adam": [1, 3, 4, 2],
    "11_initialisation": [1, 2, 2, 3, 2],
    "12_normalisation": [2, 1, 2, 2, 3],
    "13_fusing_weights": [2, 1, 2, 3, 2],
    "14_search": [1, 2, 2, 2, 3],
    "15_gan": [2, 1, 3, 1, 3],
    "16_recipes": [2, 1, 2, 3, 2],
}


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
@pytest.mark.parametrize("level", ["public", "graded"])
def test_every_property_has_a_case_and_every_case_a_property(exercise, level):
    cases = exercise.cases(np.random.default_rng(1), level)
    assert {case.property for case in cases} == {entry.id for entry in exercise.properties}


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
def test_the_oracle_goes_through_every_case_and_leaves_its_inputs_alone(exercise):
    for case in exercise.cases(np.random.default_rng(2), "public"):
        before = repr(case)
        assert exercise.oracle(case).problem is None
        assert repr(case) == before
    assert torch.is_grad_enabled()


def test_points_are_the_curriculums():
    assert {name: [exercise.points for exercise in group] for name, group in LESSONS.items()} == POINTS
