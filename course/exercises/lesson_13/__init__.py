"""Lesson 13: fusing weights."""

from course.exercises.lesson_13.distillation import DISTILLATION_LOSS
from course.exercises.lesson_13.ewc import EWC
from course.exercises.lesson_13.fusing import FUSE, SIMILARITY_WEIGHTS
from course.exercises.lesson_13.ties import TIES_MERGE
from course.sealed import COMMON, COSINES, DIVERGENCE

__all__ = ["EXERCISES", "SEALED"]

EXERCISES = (FUSE, SIMILARITY_WEIGHTS, DISTILLATION_LOSS, EWC, TIES_MERGE)
# torch.nn.utils.prune may be used: what it keeps torch.topk finds too, and the challenge is what comes next.
SEALED = COMMON | DIVERGENCE | COSINES
