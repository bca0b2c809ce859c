"""Lesson 16: recipes."""

from course.exercises.lesson_16.groups import PARAM_GROUPS
from course.exercises.lesson_16.mixing import MIXUP
from course.exercises.lesson_16.smoothing import LABEL_SMOOTHING
from course.exercises.lesson_16.step import TRAINING_STEP
from course.exercises.lesson_16.stopping import EARLY_STOPPING
from course.sealed import AVERAGES, NORMALISATION, OPTIMISERS, ORACLES, SOFTMAX_CROSS_ENTROPY

__all__ = ["EXERCISES", "SEALED"]

EXERCISES = (LABEL_SMOOTHING, MIXUP, PARAM_GROUPS, EARLY_STOPPING, TRAINING_STEP)

# PyTorch's clipping may be used: what is built here is the order of the parts.
SEALED = OPTIMISERS | NORMALISATION | SOFTMAX_CROSS_ENTROPY | AVERAGES | ORACLES
