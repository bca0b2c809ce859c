"""The family of classes that a script drives, on a class of three lines."""

from dataclasses import dataclass

import numpy as np
import pytest

from course.exercise import Case, Property
from course.families.classes import ClassExercise
from course.readings import Reading

ANY = Property("any", "any numbers")
BAD = Property("bad", "refuses a bad start")

ANSWER = """
class Sum:
    def __init__(self, start, factor=1.0):
        if start < 0:
            raise ValueError("start is negative")
        self.total = start
        self.factor = factor

    def add(self, number):
        self.total += self.factor * number
        return self.total
"""


class OracleSum:
    def __init__(self, start, factor=1.0):
        if not 0 <= start < 9:
            raise ValueError
        self._all, self.factor = [start], factor

    def add(self, number):
        self._all.append(self.factor * number)
        return self.total

    @property
    def total(self):
        return np.sum(self._all)


@dataclass(frozen=True)
class SumExercise(ClassExercise):
    def cases(self, rng, level):
        return [Case(ANY.id, {"numbers": [1.0, 2.0]}), Case(BAD.id, {"tries": [{"start": -1.0}]})]

    def torch_class(self):
        return OracleSum

    def script(self, instance, inputs, judged):
        instance.construct(10.0 * instance.number)
        yield
        for step, number in enumerate(inputs["numbers"], start=1):
            if "factor" in inputs:
                instance.set("factor", inputs["factor"], "self.factor")
            added = instance.call("add", instance.scale * number, takes="number", returns="the total")
            instance.record(step, "added", added)
            instance.record(step, "total", instance.read("total", "self.total"))
            yield


SUM = SumExercise(id="Sum", signature="(start, factor=1.0)", properties=(ANY.worth(1.0), BAD.worth(1.0)))


def evidence(code=ANSWER, judged=ANY, **inputs):
    namespace = {}
    exec(code, namespace)
    return SUM.probe(namespace["Sum"], Case(judged.id, {"numbers": [1.0, 2.0], **inputs}))


def changed(old, new):
    assert old in ANSWER
    return ANSWER.replace(old, new)


def test_the_students_class_and_the_oracles_go_through_the_same_script():
    (case, _) = SUM.cases(np.random.default_rng(0), "public")
    oracle = SUM.oracle(case)
    assert oracle.problem is None
    assert evidence().readings == oracle.readings
    assert list(oracle.readings) == [Reading(step, name) for step in (1, 2) for name in ("added", "total")]
    assert [float(array) for array in oracle.readings.values()] == [1.0, 1.0, 3.0, 3.0]


def test_twins_get_other_numbers_and_take_turns():
    readings = evidence(twins=True).readings
    assert list(readings) == [
        Reading(step, name, owner=owner) for step in (1, 2) for owner in (1, 2) for name in ("added", "total")
    ]
    assert [reading.words for reading in list(readings)[:4:3]] == [
        "added of instance 1",
        "total of instance 2",
    ]
    assert readings[Reading(2, "total", owner=1)] == 3.0
    assert readings[Reading(2, "total", owner=2)] == 6.0 + 10.0


def test_what_twins_share_shows():
    # Both are there before the first step: the second constructor has set the total back to 10.
    code = changed("self.total = start", "type(self).total = start").replace(
        "self.total += self.factor * number", "type(self).total += number"
    )
    assert evidence(code).problem is None
    assert evidence(code, twins=True).readings[Reading(1, "total", owner=1)] == 11.0


@pytest.mark.parametrize(
    ("code", "kind", "sentence"),
    [
        (changed("def add(", "def plus("), "signature", "Sum has no method add(number)."),
        (
            changed("        return self.total\n", ""),
            "returned",
            "add(number) returned None; it should return the total. Is the `return` missing?",
        ),
        (
            changed(
                "        return self.total\n",
                "        total, self.total = self.total, None\n        return total\n",
            ),
            "returned",
            "Sum has no attribute total.",
        ),
        (
            changed("start, factor=1.0", "factor"),
            "raised",
            "Sum raised NameError: name 'start' is not defined.",
        ),
        (
            changed("start, factor=1.0", ""),
            "signature",
            "It should be called as Sum(start, factor=1.0); yours takes ().",
        ),
        (
            "Sum = 3",
            "signature",
            "Sum should be something to call; yours is of type int. "
            "Pass Sum to the check as it is, without ().",
        ),
        (
            changed("        self.total = start\n", "        self.total = self.add = start\n"),
            "signature",
            "self.add is of type float and hides the method add(number): give the attribute another name.",
        ),
        (
            changed("self.total += self.factor * number", "raise NotImplementedError"),
            "not written",
            "add(number) is not written yet: it raises NotImplementedError.",
        ),
    ],
)
def test_what_a_class_lacks_is_one_sentence(code, kind, sentence):
    problem = evidence(code).problem
    assert (problem.kind, problem.sentence) == (kind, sentence)


def test_a_reading_that_raises_is_one_sentence():
    code = changed("        self.total = start\n", "        self.sum = start\n").replace(
        "self.total", "self.sum"
    )
    code += "\n    @property\n    def total(self):\n        return 1 / 0\n"
    assert evidence(code).problem.sentence == "reading self.total raised ZeroDivisionError: division by zero."


def test_an_attribute_that_cannot_be_set_is_one_sentence():
    code = changed("        self.factor = factor\n", "") + "\n    factor = property(lambda self: 1.0)\n"
    assert evidence(code).problem is None
    problem = evidence(code, factor=2.0).problem
    assert problem.sentence.startswith("setting self.factor raised AttributeError: ")
    assert evidence(factor=2.0).readings[Reading(2, "total")] == 6.0


def test_refused_arguments_are_evidence():
    tries = [{"start": -1.0}, {"start": 9.0}, {"start": 1.0, "factor": 1e-8}]
    words = ["start = -1", "start = 9", "start = 1, factor = 1e-08"]
    said = [f"Sum accepted {tried}; it should raise ValueError" for tried in words]
    found, oracle = evidence(tries=tries), SUM.oracle(Case(BAD.id, {"tries": tries}))
    assert list(found.readings) == list(oracle.readings)
    assert [reading.statement("Sum", holds=False) for reading in oracle.readings] == said
    assert [bool(array) for array in found.readings.values()] == [True, False, False]
    assert [bool(array) for array in oracle.readings.values()] == [True, True, False]


def test_another_exception_than_valueerror_is_no_refusal():
    found = evidence(changed("raise ValueError(", "raise KeyError("), tries=[{"start": 1.0}, {"start": -1.0}])
    assert list(found.readings) == [Reading(0, "refused", of="start = 1")]
    assert found.problem.kind == "raised"
    assert found.problem.sentence == "Sum raised KeyError: 'start is negative'."
