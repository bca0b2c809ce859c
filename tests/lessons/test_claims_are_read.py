"""The numbers of a claim are those of the lesson's text, and a claim that the text has lost is noticed."""

import pytest
from claims import said


def test_numbers_are_read_from_the_text():
    assert (
        said("03_momentum", "a loss of two parameters: $L(a, b) = \\frac12\\left(a^2 + {}\\, b^2\\right)$")
        == 50
    )


@pytest.mark.parametrize("sentence", ["a sentence that nobody wrote {}", "the {}"])
def test_a_claim_that_stands_nowhere_or_often_is_no_claim(sentence):
    with pytest.raises(AssertionError, match="times in lesson"):
        said("03_momentum", sentence)
