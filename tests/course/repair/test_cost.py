"""What a check costs that is not asked where it goes wrong: the card is there at once."""

import time

import pytest

from autograder.catalogue.answers import answer, misconceptions
from autograder.catalogue.lesson import lessons
from course.check import check

# Seconds of the processor's, which do not grow when others use it too; of the quickest of a few.
AT_ONCE, REPEATS = 0.3, 3


@pytest.mark.slow
@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.name)
def test_a_wrong_answers_card_is_there_at_once(lesson, capsys):
    for exercise in lesson.exercises:
        mistake = next(iter(misconceptions(lesson, exercise.id)))
        made = answer(lesson, exercise.id, mistake.code(lesson.solutions()[exercise.id]))
        taken = []
        for _ in range(REPEATS):
            start = time.process_time()
            assert check(exercise.id, made) < exercise.points
            taken.append(time.process_time() - start)
        assert min(taken) < AT_ONCE, exercise.id
