"""An exercise's signature is read as Python, not searched as text."""

from course.exercise import Case, Property
from course.families.functions import FunctionExercise

ANY = Property("any", "any numbers")


class Divided(FunctionExercise):
    def cases(self, rng, level):
        return [Case(ANY.id, {"given": {"s": 2.0, "t": 3.0, "eps": 0.5}})]

    def expected(self, s, t, eps=0.1):
        return (s / (t + eps),)


DIVIDED = Divided(
    id="divided", signature="(s, t, eps=0.1)", properties=(ANY.worth(1.0),), returns=("quotient",)
)


def test_only_whole_names_with_a_default_are_optional():
    assert DIVIDED.optional == {"eps"}


def test_an_argument_without_a_default_is_given_by_position():
    # "s=" stands in "eps=0.1" and is no default of s. Whoever calls it otherwise is called all the same.
    def divided(scale, t, eps=0.1):
        return scale / (t + eps)

    (case,) = DIVIDED.cases(None, "public")
    found = DIVIDED.probe(divided, case)
    assert found.problem is None
    assert found.readings == DIVIDED.oracle(case).readings
