"""Every rule by an example."""

import ast

import pytest

from autograder.catalogue.lesson import find
from course.edits import edits

NAMES = ("m", "v", "t", "grad", "eps", "beta1", "beta2", "lr", "theta")


def function(*lines, arguments="theta, m, v, grad, t, lr, beta1, beta2, eps"):
    return "\n    ".join([f"def f({arguments}):", *lines]) + "\n"


def of(source, rule, **options):
    """What a rule makes of a text: the texts, without what all of them begin with, and the words."""
    made = [edit for edit in edits(source, NAMES, **options) if edit.rule == rule]
    return {(" ".join(edit.text.split()), edit.said) for edit in made}


@pytest.mark.parametrize(
    ("line", "rule", "changed", "said"),
    [
        ("m = beta1 * m + grad", "term_left_out", "m = (beta1 * m)", "grad is missing"),
        ("m = beta1 * m", "factor_left_out", "m = m", "the factor beta1 is missing"),
        ("m = (1 - beta1) * m", "factor_left_out", "m = m", "the factor 1 - beta1 is missing"),
        ("m = m / t", "divisor_left_out", "m = m", "the division by t is missing"),
        ("v = grad**2", "power_left_out", "v = grad", "the square is missing"),
        ("v = -grad", "sign_left_out", "v = grad", "the minus is missing"),
        ("v = np.sqrt(v)", "call_left_out", "v = v", "the root is missing"),
        ("v = grad.clone()", "call_left_out", "v = grad", "the copy is missing"),
        (
            "v = grad.sum(axis=0)",
            "argument_left_out",
            "v = grad.sum()",
            "the axis is missing",
        ),
        ("v = m[t]", "index_left_out", "v = m", "the index is missing"),
        ("v = m[1:]", "bound_left_out", "v = m[:]", "a bound of the range is missing"),
        ("return m, v", "result_left_out", "return m", "a result is missing"),
        ("v = m if t else v", "choice_left_out", "v = m", "two cases are treated alike"),
        ("theta -= lr * m", "statement_left_out", "pass", "theta is not updated"),
        ("v = (1 - beta1) * m", "complement_left_out", "v = (beta1) * m", "beta1 stands in place of the rest to 1"),
        ("v = beta1 * m + (1 - beta1)", "complement", "v = (1 - beta1) * m + (1 - beta1)", "the rest to 1 stands in place of beta1"),
        ("v = beta2 * v", "name_exchanged", "v = beta1 * v", "beta1 stands in place of beta2"),
        ("w = t - 1", "constant_exchanged", "w = t - 2", "2 stands in place of 1"),
        ("for t in range(1, 9): m = m", "constant_exchanged", "for t in range(0, 9): m = m", "t counts from 0"),
        ("for t in range(9): m = m", "one_off", "for t in range(1, 9): m = m", "t counts from 1"),
        ("m = beta1**t", "one_off", "m = beta1**(t - 1)", "t is one too small"),
        ("m = v.mean(axis=0)", "axis_exchanged", "m = v.mean(axis=None)", "it goes along another axis"),
        ("m = v + grad", "operator_exchanged", "m = (v - grad)", "a minus stands where it should not"),
        ("m = v / grad", "sides_exchanged", "m = (grad / v)", "the two sides are exchanged"),
        ("m = v.mean()", "function_exchanged", "m = v.sum()", "the sum stands in place of the mean"),
        ("w = t < 3", "comparison_exchanged", "w = (t <= 3)", "a bound is taken in that belongs outside"),
        ("w = t and m", "and_or_exchanged", "w = (t or m)", '"or" joins the conditions'),
        ("w = v.var()", "spread_exchanged", "w = v.var(ddof=1)", "the variance is divided by one less"),
        ("w = lr * (v + m)", "brackets_moved", "w = ((lr * v) + m)", "a bracket is missing"),
        ("w = lr / t * m", "brackets_moved", "w = (lr / (t * m))", "a bracket is too much"),
        ("w = np.sqrt(v) + eps", "moved_into_call", "w = np.sqrt(v + eps)", "eps stands inside the root"),
        ("w = np.sqrt(v + eps)", "moved_out_of_call", "w = (np.sqrt(v) + eps)", "eps stands outside the root"),
        ("w = 1 if t else 2", "condition_negated", "w = 1 if not t else 2", "a condition is the other way round"),
        ("return m, v", "results_exchanged", "return v, m", "the results stand in another order"),
        ("m = m - lr", "in_place", "m -= lr", "m is changed in place"),
        ("m -= lr", "new_in_place_of_old", "m = m - lr", "m is made anew and not changed in place"),
        ("m -= lr", "update_exchanged", "m = lr", "m is set and not changed"),
        ("w = (m - lr) + (m - lr)", "sides_exchanged", "w = ((lr - m)) + ((lr - m))", "the two sides are exchanged, in every place"),
    ],
)  # fmt: skip
def test_a_change_in_a_line(line, rule, changed, said):
    assert (f"def f(theta, m, v, grad, t, lr, beta1, beta2, eps): {changed}", said) in of(
        function(line), rule
    )


@pytest.mark.parametrize(
    ("rule", "changed"),
    [
        ("power_added", "w = m ** 2"),
        ("root_added", "w = m ** 0.5"),
        ("sign_added", "w = (-m)"),
        ("complement", "w = (1 - m)"),
        ("one_added", "w = (m + 1)"),
        ("copy_added", "w = m.copy()"),
        ("detach_added", "w = m.detach()"),
        ("abs_added", "w = abs(m)"),
        ("bound_added", "w = max(m, 0)"),
        ("term_added", "w = (m + eps)"),
        ("factor_added", "w = (m * lr)"),
        ("divisor_added", "w = (m / t)"),
    ],
)
def test_what_is_added_and_when_it_is_not(rule, changed):
    texts = [text for text, _ in of(function("w = m"), rule)]
    assert f"def f(theta, m, v, grad, t, lr, beta1, beta2, eps): {changed}" in texts
    assert not of(function("w = m"), rule, adding=False)


LOOP = function(
    "a = 0", "for t in m:", "    v = grad + a", "    a = v * t", "return a", arguments="m, v, grad"
)


@pytest.mark.parametrize(
    ("rule", "changed", "said"),
    [
        ("statements_exchanged", "for t in m: a = v * t v = grad + a return a", "two steps are exchanged"),
        ("statement_moved_in", "v = grad + a a = v * t return a", "a result is returned too early"),
        ("statement_moved_in", "for t in m: a = 0 v = grad + a", "a step stands in a block that it is not of"),
        ("statement_moved_out", "v = grad + a for t in m: a", "a step stands outside the block that it is of"),
        ("old_value", "value_before = v; v = grad + a a = value_before * t", "v is read as it was before its update"),
    ],
)  # fmt: skip
def test_statements_elsewhere(rule, changed, said):
    assert any(changed in text and said == words for text, words in of(LOOP, rule))


def test_moved_statements_are_in_the_block_that_they_are_moved_to():
    made = {edit.text for edit in edits(LOOP) if edit.rule == "statement_moved_in"}
    assert LOOP.replace("    return a", "        return a") in made
    made = {edit.text for edit in edits(LOOP) if edit.rule == "statement_moved_out"}
    assert LOOP.replace("        a = v * t", "    a = v * t") in made


CLASS = '''class C:
    """A class."""

    @staticmethod
    def nothing():
        pass

    def __init__(self, m):
        self.m = []
        self.t = 0

    def step(self):
        self.t += 1
        self.m[0] = self.m[0] * self.t
'''


def test_state_of_the_class_in_place_of_the_instance():
    shared = of(CLASS, "state_shared")
    assert any("type(self).m = []" in text and said == "all instances share m" for text, said in shared)
    ((made_once, _),) = of(CLASS, "made_once")
    assert '"""A class.""" m = [] @staticmethod' in made_once
    assert any("def nothing" in text and "@" not in text for text, _ in of(CLASS, "mark_left_out"))


def test_two_names_are_exchanged_throughout():
    made = of(function("m = beta1 * m + t", "return m * beta1 / beta2"), "names_swapped")
    assert any(
        "m = beta2 * m + t return m * beta2 / beta1" in text and said == "beta1 and beta2 are exchanged"
        for text, said in made
    )


@pytest.mark.parametrize(
    ("line", "target"),
    [
        ("m = beta1 * m", "m"),
        ("self.v[t] = beta1 * m", "v"),
        ("grad, m = beta1 * v, lr", "grad"),
        ("lr, m = 3, beta1 * v", "m"),
        ("theta -= beta1 * v", "theta"),
        ("theta.sub_(beta1 * v)", "theta"),
        ("return beta1 * v", ""),
    ],
)
def test_the_line_and_what_it_assigns(line, target):
    made = [edit for edit in edits(function("", line)) if edit.rule == "factor_left_out"]
    assert made
    assert {(edit.line, edit.target) for edit in made} == {(3, target)}


@pytest.mark.parametrize("source", ["def f(", "\0", "%timeit f()", "", "(" * 500])
def test_what_is_no_python_has_no_changes(source):
    assert list(edits(source)) == []


@pytest.mark.parametrize(
    "source",
    [
        "def f(x):\n\treturn x ** 2 + 1\n",
        "def f(größe):\r\n    return 'é', größe ** 2\r\n",
        "def f(x): return(x)",
        'def f(x):\n    return f"{x ** 2}", x[::-1], (yield x)\n',
        "def f(x):\n    a = 1; b = 2\n    if x: return a\n    elif b: return not x\n    else: pass",
        "def f(x):\n    with open(x) as y, open(y):\n        return sum(z for z in x if z), *x\n",
    ],
)
def test_whatever_is_python_can_be_changed(source):
    made = list(edits(source))
    assert made
    for edit in made:
        ast.parse(edit.text)


def test_the_order_is_from_simple_to_far():
    rules = [edit.rule for edit in edits(find("05_adam").solutions()["adam_update"])]
    kinds = [
        "term_left_out",
        "operator_exchanged",
        "name_exchanged",
        "old_value",
        "power_added",
        "term_added",
    ]
    places = [rules.index(kind) for kind in kinds]
    assert places == sorted(places)
