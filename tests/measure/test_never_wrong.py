"""Never a wrong name: mistakes that are not known, two at once, and right answers in other styles with one."""

import pytest

from autograder.catalogue.lesson import find
from autograder.measure.doubtful import FALSE, SEEN, counted, doubtful, merged

pytestmark = pytest.mark.slow

# Of the lessons whose answers are tried soonest; so many pairs and so many answers in other styles an exercise.
LESSONS, PAIRS, SINGLES = ("02_ema", "06_lr_decay", "07_clipping"), 12, 12
