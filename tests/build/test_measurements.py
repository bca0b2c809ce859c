"""Stored measurements are those of the inputs as they are."""

import shutil

import numpy as np
import pytest

from autograder.build import measurements
from autograder.catalogue import inputs
from autograder.catalogue.lesson import Lesson, find, lessons, project

MEASURE = """
import numpy as np

def measure(answers):
    theta, _ = answers.momentum_update(np.ones(2), np.ones(2), np.zeros(2), 0.1, 0.5)
    return {"theta": theta}
"""


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.name)
def test_what_is_stored_is_up_to_date(lesson):
    assert measurements.up_to_date(lesson), f"run `autograder build {lesson.name}`"


@pytest.fixture
def lesson(tmp_path):
    for folder in ("solutions/measurements", "course/measured"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(project() / "solutions" / "03_momentum.py", tmp_path / "solutions")
    made = Lesson("03_momentum", tmp_path)
    made.measurements_path.write_text(MEASURE)
    return made


def test_they_are_computed_once_and_again_when_an_input_changes(lesson):
    assert not measurements.up_to_date(lesson)
    assert measurements.refresh(lesson) == lesson.measured_path
    assert measurements.refresh(lesson) is None
    with np.load(lesson.measured_path) as stored:
        np.testing.assert_allclose(stored["theta"], [0.95, 0.95])
    lesson.measurements_path.write_text(MEASURE.replace("0.1", "0.2"))
    assert not measurements.up_to_date(lesson)
    measurements.refresh(lesson)
    with np.load(lesson.measured_path) as stored:
        np.testing.assert_allclose(stored["theta"], [0.9, 0.9])


def test_they_go_when_nothing_is_measured_any_more(lesson):
    measurements.refresh(lesson)
    lesson.measurements_path.unlink()
    assert not measurements.up_to_date(lesson)
    measurements.refresh(lesson)
    assert not lesson.measured_path.exists()
    assert measurements.up_to_date(lesson)


def test_they_depend_on_what_they_import():
    lesson = find("12_normalisation")
    reached = inputs.closure(inputs.imported(lesson.measurements_path))
    assert {"course.training", "course.data", "course.figures.lesson_12_runs"} <= set(reached)
    assert not [name for name in reached if name.startswith("course.plots")]
