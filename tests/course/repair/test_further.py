"""Slips of the pen, each undone by a change of its line."""

import pytest

from course.repair.further import further, never_read

SLIPS = [
    ("v = beta * v + 1 - beta * g", "v = beta * v + (1 - beta) * g"),
    ("v = beta * (v + g)", "v = beta * v + g"),
    ("v = beta * v * (1 - beta) * g", "v = beta * v + (1 - beta) * g"),
    ("v = g < beta", "v = (not (g < beta))"),
    ("v = beta**-15", "v = beta**-1.5"),
    ("v, g = g, v", "g, v = g, v"),
    ("beta = g", "v = g"),
    ("v = g.sum(axis=1)", "v = g.sum(axis=1, keepdims=True)"),
    ("v = g.sum(1)", "v = g.sum(1, keepdim=True)"),
    ("v = beta * g", "v = beta * (g + v * beta)"),
]
DEFAULTS, ORDER = {"beta": 0.9}, ["v", "g", "beta"]


@pytest.mark.parametrize(("wrong", "right"), SLIPS)
def test_a_slip_is_undone(wrong, right):
    form = "def f(v, g, beta=0.9):\n    {}\n    return v\n"
    mended = [edit for edit in further(form.format(wrong), "f", DEFAULTS, ORDER)]
    assert 2 in [edit.line for edit in mended if edit.text == form.format(right)]


@pytest.mark.parametrize("header", ["(g, v, beta=0.9)", "(v, g, beta=0.99)"])
@pytest.mark.parametrize(
    "form",
    ["def f{}:\n    pass\n", "class f:\n    def __init__{}:\n        pass\n"],
    ids=["function", "class"],
)
def test_arguments_stand_in_their_order_with_their_defaults(form, header):
    own = "(self, " if "self" in form or "class" in form else "("
    asked = form.format(f"{own}v, g, beta=0.9)")
    found = [edit.text for edit in further(form.format(own + header[1:]), "f", DEFAULTS, ORDER)]
    assert asked in found


def test_what_is_set_and_never_read():
    source = (
        "class C:\n    def f(self, lr, g):\n        self.lr = lr\n        m = g\n        return self.v * 2\n"
    )
    assert never_read(source) == {"self.lr", "m"}


def test_of_what_is_no_python_there_are_no_changes():
    assert not list(further("def f(:", "f", {}, []))
