"""Answers that no check was written for: each exercise has enough of them, and they are told apart."""

from dataclasses import replace
from pathlib import Path

import pytest

from autograder.catalogue.answers import variants
from autograder.catalogue.lesson import LessonError, find, lessons
from autograder.catalogue.unseen import FOLDER, UnseenAnswer, unseen

NAMES = [lesson.name for lesson in lessons()]


@pytest.mark.parametrize("name", NAMES)
def test_every_exercise_has_twenty_wrong_ones_and_two_right_ones(name):
    lesson = find(name)
    answers = unseen(lesson)
    for exercise in lesson.exercises:
        own = [answer for answer in answers if answer.exercise == exercise.id]
        assert sum(answer.wrong for answer in own) >= 20, exercise.id
        assert sum(not answer.wrong for answer in own) >= 2, exercise.id
        assert len({answer.code for answer in own}) == len(own)


@pytest.mark.parametrize("name", NAMES)
def test_none_is_a_known_right_answer(name):
    lesson = find(name)
    known = {variant.code.strip() for variant in variants(lesson)} | set(lesson.solutions().values())
    assert not [answer.id for answer in unseen(lesson) if answer.code.strip() in known]


def written(tmp_path, text):
    path = tmp_path / FOLDER / "05_adam.py"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    (tmp_path / "solutions").symlink_to(Path(find("05_adam").source_path).parent)
    return replace(find("05_adam"), root=tmp_path)


ONE = "# %% adam_update: none\n# Wrong: it does nothing.\ndef adam_update(theta, *given):\n    return theta\n"


def test_an_answer_is_a_name_a_sentence_and_the_text_of_a_cell(tmp_path):
    code = "def adam_update(theta, *given):\n    return theta\n"
    assert unseen(written(tmp_path, ONE)) == [
        UnseenAnswer("adam_update", "none", True, "it does nothing.", code)
    ]


@pytest.mark.parametrize("text", [ONE + "\n" + ONE, ONE.replace("adam_update: none", "sgd: none")])
def test_two_of_one_name_and_an_unknown_exercise_are_refused_in_a_sentence(tmp_path, text):
    with pytest.raises(LessonError, match="is of no exercise, or stands there twice"):
        unseen(written(tmp_path, text))


def test_a_lesson_without_any_has_none(tmp_path):
    assert unseen(replace(find("05_adam"), root=tmp_path)) == []
