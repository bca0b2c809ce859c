"""Lesson 15: stabilising GANs."""

from course.exercises.lesson_15.losses import DISCRIMINATOR_LOSS, GENERATOR_LOSS
from course.exercises.lesson_15.noise import INSTANCE_NOISE
from course.exercises.lesson_15.penalty import GRADIENT_PENALTY
from course.exercises.lesson_15.trainer import GAN_TRAINER
from course.sealed import COMMON, CROSS_ENTROPY

__all__ = ["EXERCISES", "SEALED"]

EXERCISES = (DISCRIMINATOR_LOSS, GENERATOR_LOSS, GAN_TRAINER, INSTANCE_NOISE, GRADIENT_PENALTY)

SEALED = COMMON | CROSS_ENTROPY
