"""A cell's text as tokens, whatever it holds."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.alike.tokens import shape, tokens

PIECES = (
    "\n",
    " ",
    '"',
    "'''",
    'r"""\n',
    "\\",
    "(",
    'f"{',
    "a.",
    "1_",
    "'\n",
    "rb'\\",
    "#",
    "é",
    "\x00",
    "x",
)


def symbols(text):
    return [symbol for symbol, _ in shape(list(tokens(text)))]


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_tokens_are_the_text_without_its_spaces(text):
    found = list(tokens(text))
    assert all(text[token.start : token.end] == token.text for token in found)
    between = [0, *(place for token in found for place in (token.start, token.end)), len(text)]
    assert not "".join(text[a:b] for a, b in zip(between[::2], between[1::2], strict=True)).strip()


@pytest.mark.slow
@pytest.mark.parametrize("piece", PIECES)
def test_no_text_takes_long(piece):
    before = time.process_time()
    for _ in tokens(piece * (40_000 // len(piece))):
        pass
    assert time.process_time() - before < 2


def test_kinds():
    found = list(tokens("x = r'''a\n' b''' + f\"it\\\"s\"  # so\ny **= 1.5e3"))
    assert [token.kind for token in found] == [
        *("name", "sign", "string", "sign", "string", "comment", "name", "sign", "sign", "number")
    ]
    assert found[-1].text == "1.5e3"


def test_the_shape_stays_when_things_are_renamed_and_comments_moved():
    text = 'def f(theta, g):\n    """What it does."""\n    # a step\n    return theta - 0.1 * np.sign(g)'
    other = "def h(w, grad):\n    return w - 0.1 * np.sign(grad)  # the same"
    assert symbols(text) == symbols(other)
    assert symbols(text) != symbols(other.replace("sign", "sqrt"))
    assert symbols("self.m = 1") == symbols("self.first = 1")
    assert symbols("x = 'one'") == symbols('y = "two"')
    assert symbols("x = 0.9") != symbols("x = 0.99")
