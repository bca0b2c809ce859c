"""How the student's earlier answers are found, and what is said when they are wrong."""

import functools

import numpy as np
import pytest

from course.exercise import Case, Uses
from course.exercises.lesson_02.ema import EMA, EMA_CORRECTED
from course.exercises.lesson_07.clipping import CLIP_BY_GLOBAL_NORM
from course.families.earlier import called, in_notebook, inherited
from course.judging.earlier import remark
from course.readings import Reading

ANSWERS = """
import functools

class Adam: ...
class AdamW(Adam): ...

def ema(x, beta):
    averages, v = [], 0.0
    for value in x:
        v = beta * v + (1.0 - beta) * value
        averages.append(v)
    return np.array(averages)

def ema_corrected(x, beta):
    t = np.arange(1, len(x) + 1).reshape(-1, *[1] * (x.ndim - 1))
    return ema(x, beta) / (1.0 - beta**t)

def alone(x, beta):
    return x
"""
SAID = "On this series your ema is not right yet, and it is used as you wrote it: mend ema first."


def notebook(old="", new=""):
    namespace = {"np": np}
    exec(ANSWERS.replace(old, new) if old else ANSWERS, namespace)
    return namespace


def test_a_function_that_is_called_is_found_where_it_is_called():
    names = notebook()
    assert called(names["ema_corrected"], "ema") is names["ema"]
    assert called(functools.cache(names["ema_corrected"]), "ema") is names["ema"]
    assert called(names["alone"], "ema") is None
    assert called(names["AdamW"], "ema") is None
    assert called(3, "ema") is None


def test_a_function_that_stands_in_the_notebook_is_found_without_being_called():
    names = notebook()
    assert in_notebook(names["alone"], "ema") is names["ema"]
    assert in_notebook(names["alone"], "other") is None
    assert in_notebook(None, "ema") is None


def test_a_class_is_found_where_it_is_inherited_from():
    names = notebook()
    assert inherited(names["AdamW"], "Adam") is names["Adam"]
    assert inherited(names["Adam"], "Adam") is None
    assert inherited(names["ema"], "Adam") is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("", "", ""),
        ("(1.0 - beta) * value", "value", SAID),
        ("    averages, v = [], 0.0", "    raise NotImplementedError", ""),
        ("    averages, v = [], 0.0", "    1 / 0", SAID),
        (
            "    return np.array(averages)",
            "    result = np.array(averages)\n    x += 1.0\n    return result",
            SAID,
        ),
    ],
    ids=["right", "wrong", "not written", "raises", "changes its input"],
)
def test_a_wrong_earlier_answer_is_remarked_on(old, new, said):
    answer = notebook(old, new)["ema_corrected"]
    for case in EMA_CORRECTED.cases(np.random.default_rng(0), "public"):
        # With a beta of 0 the mistake changes nothing.
        expected = said if case.inputs["given"]["beta"] > 0 or "value" not in new else ""
        assert remark(EMA_CORRECTED, case, EMA_CORRECTED.probe(answer, case)) == expected


def test_a_witness_stands_after_the_evidence_under_the_earlier_exercises_name():
    case = EMA_CORRECTED.cases(np.random.default_rng(0), "public")[0]
    names = notebook()
    readings = list(EMA_CORRECTED.probe(names["ema_corrected"], case).readings)
    own = list(EMA_CORRECTED.oracle(case).readings)
    earlier = list(EMA.oracle(EMA_CORRECTED.uses[0].as_case(case)).readings)
    witness = [reading._replace(earlier="ema") for reading in earlier]
    assert readings == [*own, *witness, *map(EMA_CORRECTED.alone, own)]


CLIPPING = """
import numpy as np

def global_norm(grads, p=2.0):
    return 5.0

def clip_by_global_norm(grads, max_norm, p=2.0):
    return [0.5 * grad for grad in grads], 2.0 * global_norm(grads, p)
"""


def test_a_witness_says_nothing_of_what_the_earlier_answer_uses_in_turn():
    names = {}
    exec(CLIPPING, names)
    case = Case("worked", {"given": {"grads": [np.array([3.0, 4.0])], "max_norm": 2.5}})
    evidence = CLIP_BY_GLOBAL_NORM.probe(names["clip_by_global_norm"], case)
    assert [reading.earlier for reading in evidence.readings if reading.id == "norm"] == [
        "",
        "global_norm",
        CLIP_BY_GLOBAL_NORM.alone(Reading(0, "norm")).earlier,
    ]
    used = Uses(CLIP_BY_GLOBAL_NORM, lambda case: case, lambda answer, name: answer, "")
    own = CLIP_BY_GLOBAL_NORM.observe(names["clip_by_global_norm"], case).readings
    witness = used.witness(names["clip_by_global_norm"], case)
    assert list(witness) == [reading._replace(earlier="clip_by_global_norm") for reading in own]
    assert witness[Reading(0, "norm", earlier="clip_by_global_norm")] == 10.0


def test_an_object_that_cannot_be_looked_through_uses_nothing():
    answer = notebook()["ema_corrected"]
    answer.__wrapped__ = answer
    case = EMA_CORRECTED.cases(np.random.default_rng(0), "public")[0]
    evidence = EMA_CORRECTED.probe(answer, case)
    assert evidence.problem is None
    assert list(evidence.readings) == list(EMA_CORRECTED.oracle(case).readings)
