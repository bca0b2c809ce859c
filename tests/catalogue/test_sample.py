"""The sample class: submissions of every kind."""

from autograder.catalogue.lesson import find
from autograder.catalogue.sample import sample_class

LESSON = find("05_adam")


def test_a_sample_class_has_16_submissions_of_every_kind():
    handed_in = list(sample_class(LESSON))
    assert len({student for student, _, _ in handed_in}) == len(handed_in) == 16
    assert any(file != "05_adam.ipynb" for _, file, _ in handed_in)
    assert any(not text.startswith("{") for _, _, text in handed_in)
