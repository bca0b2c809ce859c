"""Cases and evidence survive the crossing; anything else is refused with a sentence."""

import contextlib
import json
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.catalogue.answers import answers
from autograder.catalogue.lesson import lessons
from course.exercise import Case, Evidence
from course.exercises import EXERCISES
from course.problems import SENTENCES, VALUES, WORDS, Problem
from course.readings import NAME_LIMIT, NUMBER_LIMIT, OF_LIMIT, PLACE_LIMIT, Reading
from course.wire import SIZE_LIMIT, WireError, decode_cases, decode_evidence, encode_cases, encode_evidence

ARRAYS = hnp.arrays(
    dtype=st.sampled_from([np.float64, np.float32, np.int64, np.bool_]),
    shape=hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)


NUMBERS = st.integers(0, NUMBER_LIMIT)
# Any text but halves of characters, which no JSON in UTF-8 can hold.
NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=NAME_LIMIT)
READINGS = st.builds(
    Reading,
    step=NUMBERS,
    id=NAMES,
    place=st.lists(NUMBERS, max_size=PLACE_LIMIT).map(tuple),
    owner=NUMBERS,
    of=NAMES | st.just("x" * OF_LIMIT),
    earlier=NAMES,
)


@given(st.dictionaries(READINGS, ARRAYS, max_size=5))
def test_evidence_survives_with_its_order(readings):
    (back,) = decode_evidence(encode_evidence([Evidence(readings)]))
    assert list(back.readings) == list(readings)
    assert all(isinstance(reading, Reading) for reading in back.readings)
    for sent, received in zip(readings.values(), back.readings.values(), strict=True):
        assert received.dtype == sent.dtype
        assert received.shape == sent.shape
        np.testing.assert_array_equal(received, sent)
    assert back.problem is None


def values_of(name):
    """Any text, number or word for a value of this name, most of them too long or not what it may hold."""
    if name in WORDS:
        return st.sampled_from(list(WORDS[name]))
    if name == "quantity":
        return READINGS
    return st.integers(0, 10**9) if VALUES[name] in (VALUES["count"],) else st.text(st.characters())


@st.composite
def problems(draw):
    id = draw(st.sampled_from([id for id, sentence in SENTENCES.items() if not sentence.ours]))
    needed, allowed = SENTENCES[id].values()
    more = draw(st.sets(st.sampled_from(sorted(allowed))))
    return Problem(id, {name: draw(values_of(name)) for name in sorted(needed | more)})


@given(problems())
def test_a_problem_survives_and_says_the_same(problem):
    (back,) = decode_evidence(encode_evidence([Evidence({}, problem)]))
    assert back.problem == problem
    assert back.problem.sentence == problem.sentence
    assert (back.problem.kind, back.problem.exception) == (problem.kind, problem.exception)


def test_only_an_id_and_values_cross():
    problem = Problem("returned_many", {"name": "ema", "wanted": "v", "count": 3})
    (sent,) = json.loads(encode_evidence([Evidence({}, problem)]))
    assert sent["problem"] == {"id": "returned_many", "values": {"name": "ema", "wanted": "v", "count": 3}}


def test_cases_survive_with_their_nesting():
    inputs = {
        "grads": [[np.array([1.0, 2.0]), None], [np.array(3.0), np.zeros((0, 2))]],
        "hyper": {"lr": 0.1},
        "t": 3,
    }
    (back,) = decode_cases(encode_cases([Case("first_step", inputs, "a note")]))
    assert (back.property, back.note, back.inputs["hyper"], back.inputs["t"]) == (
        "first_step",
        "a note",
        {"lr": 0.1},
        3,
    )
    assert back.inputs["grads"][0][1] is None
    assert back.inputs["grads"][1][0].shape == ()
    assert back.inputs["grads"][1][1].shape == (0, 2)
    back.inputs["grads"][0][0][0] = 5.0  # an array of its own, and writable


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
def test_cases_and_evidence_of_every_exercise_cross_unchanged(exercise):
    cases = exercise.cases(np.random.default_rng(3), "graded")
    evidence = [exercise.oracle(case) for case in decode_cases(encode_cases(cases))]
    for case, found in zip(cases, decode_evidence(encode_evidence(evidence)), strict=True):
        expected = exercise.oracle(case)
        assert expected.problem is None
        assert list(found.readings) == list(expected.readings)
        for reading, array in expected.readings.items():
            np.testing.assert_array_equal(found.readings[reading], array)


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.name)
def test_what_answers_do_crosses_unchanged(lesson):
    made = answers(lesson, {})
    for exercise in lesson.exercises:
        cases = exercise.cases(np.random.default_rng(3), "graded")
        evidence = [exercise.probe(made[exercise.id], case) for case in cases]
        for before, after in zip(evidence, decode_evidence(encode_evidence(evidence)), strict=True):
            assert list(after.readings) == list(before.readings)
            for reading, array in before.readings.items():
                np.testing.assert_array_equal(after.readings[reading], array)


def test_extended_precision_is_sent_as_float64():
    (back,) = decode_evidence(
        encode_evidence([Evidence({Reading(1, "theta"): np.array([1.5], dtype=np.float16)})])
    )
    assert back.readings[Reading(1, "theta")].dtype == np.float64


ONE = {"dtype": "float64", "shape": [2], "data": "AAAAAAAA8D8AAAAAAAAAQA=="}


THETA = [1, "theta", [0], 2, "", "ema"]


def packed(array, problem=None, reading=THETA):
    return json.dumps([{"readings": [[reading, array]], "problem": problem}]).encode()


def test_the_hand_written_form_is_read():
    (back,) = decode_evidence(packed(ONE))
    theta = Reading(1, "theta", place=(0,), owner=2, earlier="ema")
    np.testing.assert_array_equal(back.readings[theta], [1.0, 2.0])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda values: st.lists(values, max_size=7) | st.dictionaries(st.text(max_size=3), values, max_size=3),
)
BAD_FIELDS = {
    "step": [-1, NUMBER_LIMIT + 1, 1.0, True, "1", None, [1]],
    "id": ["x" * (NAME_LIMIT + 1), 1, None, ["theta"], ONE],
    "place": [None, 0, "0", {"0": 0}, [0] * (PLACE_LIMIT + 1), [-1], [1.0], [True], [[0]], ["0"]],
    "owner": [-1, NUMBER_LIMIT + 1, 1.0, False, "", None],
    "of": ["x" * (OF_LIMIT + 1), 1, None, ["theta"]],
    "earlier": ["x" * (NAME_LIMIT + 1), 1, None, ["ema"]],
}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param(field, value, id=f"{field}-{number}")
        for field, values in BAD_FIELDS.items()
        for number, value in enumerate(values)
    ],
)
def test_a_reading_with_a_field_of_another_form_is_refused(field, value):
    sent = dict(zip(Reading._fields, THETA, strict=True)) | {field: value}
    with pytest.raises(WireError):
        decode_evidence(packed(ONE, reading=list(sent.values())))


@given(JSON)
def test_whatever_stands_for_a_reading_is_one_or_is_refused(value):
    with contextlib.suppress(WireError):
        (back,) = decode_evidence(packed(ONE, reading=value))
        ((step, _, place, owner, _, _),) = back.readings
        assert all(type(number) is int for number in (step, owner, *place))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not JSON",
        b"\xff\xfe",
        b"[1, 2]",
        b"{}" * 3,
        b"[" * 100_000,
        packed(2.0),
        b'[{"readings": [[1, "theta", 2.0]], "problem": null}]',
        packed(ONE, reading=[1, "theta"]),
        packed(ONE, reading=[*THETA, 0]),
        packed(ONE, reading="thetas"),
        packed({**ONE, "dtype": "object"}),
        packed({**ONE, "dtype": "<U4"}),
        packed({**ONE, "shape": [3]}),
        packed({**ONE, "shape": [-2]}),
        packed({**ONE, "shape": [10**12, 10**12]}),
        packed({**ONE, "data": "!"}),
        packed(ONE, problem={"kind": "raised", "sentence": "Full marks."}),
        packed(ONE, problem={"id": "raised"}),
        packed(ONE, problem={"id": "raised", "values": {}}),
        packed(ONE, problem={"id": "well_done", "values": {}}),
        packed(ONE, problem={"id": ["raised"], "values": {}}),
        packed(ONE, problem={"id": "missing_name", "values": ["name"]}),
        packed(ONE, problem={"id": "missing_name", "values": {"name": "ema"}, "sentence": "Full marks."}),
        packed(ONE, problem={"id": "missing_name", "values": {"name": "ema", "text": "Full marks."}}),
        packed(ONE, problem={"id": "missing_name", "values": {"name": 1}}),
        packed(ONE, problem={"id": "missing_name", "values": {"name": ONE}}),
        packed(ONE, problem={"id": "returned_many", "values": {"name": "f", "wanted": "v", "count": "3"}}),
        packed(ONE, problem={"id": "returned_many", "values": {"name": "f", "wanted": "v", "count": True}}),
        packed(ONE, problem={"id": "returned_many", "values": {"name": "f", "wanted": "v", "count": -1}}),
        packed(ONE, problem={"id": "raised", "values": {"name": "f", "exception": "E", "advice": "Well."}}),
        packed(ONE, problem={"id": "is_none", "values": {"quantity": "Full marks."}}),
        packed(ONE, problem={"id": "is_none", "values": {"quantity": [1, "theta"]}}),
        packed(ONE, problem={"id": "stopped", "values": {"name": "f", "reason": "is right"}}),
        b"[" + b" " * SIZE_LIMIT + b"]",
    ],
    ids=range(35),
)
def test_anything_else_is_refused(data):
    with pytest.raises(WireError):
        decode_evidence(data)


def of(readings, problem="null"):
    return f'[{{"readings": {readings}, "problem": {problem}}}]'.encode()


SHAPED = '[[[1, "theta", [], 0, "", ""], {{"dtype": "float64", "shape": {shape}, "data": ""}}]]'
# What takes long to look at, or is a number that breaks what looks at it.
HOSTILE = {
    "lengths that are huge numbers": of(SHAPED.format(shape="[" + ", ".join(["1e308"] * 2000) + "]")),
    "huge lengths": of(SHAPED.format(shape="[" + ", ".join(["9" * 4000] * 1000) + "]")),
    "a length that is infinite": of(SHAPED.format(shape="[Infinity]")),
    "a length that is none": of(SHAPED.format(shape="[NaN, true, 0.0]")),
    "more dimensions than arrays have": of(SHAPED.format(shape="[0, 1, 1, 1, 1, 1, 1, 1, 1]")),
    "a shape that is none": of(SHAPED.format(shape='{"0": 0}')),
    "an infinite step": of('[[[Infinity, "m", [], 0, "", ""], 0]]'),
    "a step of before": of('[[Infinity, "m", 0]]'),
    "a problem with an infinite number": of(
        "[]", '{"id": "raised", "values": {"name": "f", "exception": "E", "line": Infinity}}'
    ),
    "a reading twice": of(json.dumps([[THETA, ONE]] * 2)),
    "millions of objects": b"[" + b"{}, " * 1_900_000 + b"{}]",
    "millions of lists": b"[" + b"[]," * 2_600_000 + b"[]]",
    "millions of numbers": of("[" + "1," * 3_900_000 + "1]"),
    "millions of keys": of("[]", "{" + ",".join(f'"{number:x}":1' for number in range(700_000)) + "}"),
    "a text of megabytes": of("[]", '"' + "x" * 7_900_000 + '"'),
}


@pytest.mark.parametrize("attack", HOSTILE)
def test_what_takes_long_to_look_at_is_refused_at_once(attack):
    assert len(HOSTILE[attack]) <= SIZE_LIMIT
    start = time.monotonic()
    with pytest.raises(WireError):
        decode_evidence(HOSTILE[attack])
    assert time.monotonic() - start < 5
