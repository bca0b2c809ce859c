"""Problems: one table of sentences, and what a process of a student's can put into them."""

import pickle
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.cases import public_cases
from course.exercise import Evidence
from course.exercises import EXERCISES
from course.families.recorder import ADVICE, Stop
from course.judging.earlier import remark
from course.judging.mistakes import trace
from course.printable import printable
from course.problems import (
    LINE_LIMIT,
    MESSAGE_LIMIT,
    PHRASE_LIMIT,
    SENTENCES,
    VALUES,
    WORDS,
    Problem,
    exception_name,
)
from course.readings import NAME_LIMIT, Reading
from course.sealed import NotAvailable

PROSE = "This is full marks! " * 200
STUDENTS_OWN = {"text": MESSAGE_LIMIT, "source": LINE_LIMIT, "signature": LINE_LIMIT}


def filled(id, value):
    """A problem that has all of its values, each text being ``value``."""
    _, allowed = SENTENCES[id].values()
    values = {name: next(iter(WORDS[name])) if name in WORDS else value for name in allowed}
    values |= {name: 3 for name in allowed & {"count", "line"}}
    return Problem(id, values | {name: Reading(1, value, of=value) for name in allowed & {"quantity"}})


@pytest.mark.parametrize("id", SENTENCES)
def test_every_sentence_can_be_said_and_ends(id):
    assert SENTENCES[id].values()[1] <= VALUES.keys() | WORDS.keys()
    sentence = filled(id, "word").sentence
    assert sentence.endswith((".", "?"))
    assert not {"{", "}"} & set(sentence)


def test_the_advice_that_is_given_has_words():
    assert set(ADVICE.values()) == WORDS["advice"].keys()


@pytest.mark.parametrize("id", [id for id, sentence in SENTENCES.items() if not sentence.ours])
def test_no_prose_comes_through_but_the_students_own(id):
    problem = filled(id, PROSE)
    for name, value in problem.values.items():
        if name in STUDENTS_OWN:
            assert value == PROSE[: STUDENTS_OWN[name]]
        elif isinstance(value, Reading):
            for text in (value.words, value._replace(id="length").words.removeprefix("the length of ")):
                assert len(text) == NAME_LIMIT
                assert " " not in text
        elif name == "exception":
            assert value == "Exception"
        elif isinstance(value, str) and name not in WORDS:
            assert len(value) <= max(NAME_LIMIT, PHRASE_LIMIT)
            assert "!" not in value or " " not in value


@given(st.text(st.characters()))
def test_a_name_is_one_word_and_of_any_text_everything_is_seen(text):
    values = Problem("raised", {"name": "f", "exception": text, "text": text, "source": text}).values
    assert values["exception"].isidentifier()
    for name in ("text", "source"):
        assert printable(values[name]) == values[name]
        values[name].encode()


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("ValueError", "ValueError"),
        ("Überlauf", "Überlauf"),
        ("_ArrayMemoryError", "_ArrayMemoryError"),
        ("E" * 60, "E" * 60),
        ("E" * 61, "Exception"),
        ("\x1b]52;c;x", "Exception"),
        ("E\nzoe graded", "Exception"),
        ("E\u202e", "Exception"),
        ("a: b", "Exception"),
        ("", "Exception"),
    ],
    ids=ascii,
)
def test_an_exception_is_called_by_a_name_or_not_at_all(name, seen):
    assert exception_name(name) == seen
    assert Problem("raised", {"name": "f", "exception": name}).sentence == f"f raised {seen}."


def test_a_line_of_code_is_seen_as_it_is_indented():
    values = {"name": "f", "exception": "E", "line": 3, "place": "cell", "source": "\tx = 1\t# \x1b[2J"}
    assert r"`    x = 1   # \x1b[2J`" in Problem("raised", values).sentence


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
def test_what_the_course_calls_things_is_never_cut(exercise):
    expected = public_cases(exercise.id)[1]
    for name in (exercise.id, f"{exercise.id}{exercise.signature}"):
        assert Problem("returned_none", {"name": name, "wanted": name}).values == {
            "name": name,
            "wanted": name,
        }
    for reading in {reading for evidence in expected for reading in evidence.readings}:
        # Whether a statement holds is the probe's to say: it is always there.
        if reading.form != "statement":
            assert Problem("is_none", {"quantity": reading}).values["quantity"] == reading


@pytest.mark.parametrize(
    ("problem", "code"),
    [
        (Problem("not_written", {"name": "f"}), "not written "),
        (Problem("calls_unwritten", {"name": "f", "stub": "g", "exception": "Mine"}), "raised Mine"),
        (Problem("unavailable", {"name": "f", "exception": "RuntimeError"}), "raised RuntimeError"),
        (Problem("no_method", {"name": "f", "method": "step()"}), "signature "),
        (Problem("is_none", {"quantity": Reading(1, "v")}), "returned "),
        (Problem("missing_name", {"name": "f"}), "missing "),
    ],
    ids=lambda entry: entry.id if isinstance(entry, Problem) else "",
)
def test_a_trace_knows_a_problem_by_its_kind_and_exception(problem, code):
    assert trace([Evidence({}, problem)], [Evidence({})]) == [float(zlib.crc32(code.encode()))]


def test_a_stop_can_be_sent_to_another_process():
    stop = pickle.loads(pickle.dumps(Stop(Problem("not_written", {"name": "f"}))))
    assert stop.problem == Problem("not_written", {"name": "f"})


def test_what_the_sealed_parts_of_pytorch_raise_is_known_without_its_words():
    def ema(x, beta):
        raise NotAvailable("not to be had")

    def caught(x, beta):
        try:
            ema(x, beta)
        except RuntimeError as error:
            raise ValueError("something else") from error

    def own(x, beta):
        raise RuntimeError("PyTorch's own optimisers are not available while grading.")

    cases, _ = public_cases("ema")
    assert EXERCISES["ema"].probe(ema, cases[0]).problem.id == "unavailable"
    assert EXERCISES["ema"].probe(caught, cases[0]).problem.id == "unavailable"
    assert EXERCISES["ema"].probe(own, cases[0]).problem.id == "raised"


LOOP = """
import numpy as np

def minibatch_indices(n, batch_size, rng=None, drop_last=False):
    {first}

def mse_gradient(X, y, w, b, l2=0.0):
    return np.zeros_like(w), 1.0

def fit_linear(X, y, batch_size, lr, epochs, rng):
    batches = minibatch_indices(len(X), batch_size, rng)
    raise ValueError("fit_linear calls minibatch_indices", mse_gradient(X, y, X[0], 0.0))
"""


@pytest.mark.parametrize(
    ("first", "remarked"), [("raise NotImplementedError", False), ("return [np.arange(n)]", True)]
)
def test_a_remark_on_an_earlier_answer_goes_by_the_problem_and_not_by_its_words(first, remarked):
    names = {}
    exec(LOOP.format(first=first), names)
    exercise = EXERCISES["fit_linear"]
    case = next(
        case for case in public_cases("fit_linear")[0] if len(case.inputs["X"]) == case.inputs["batch_size"]
    )
    observed = exercise.probe(names["fit_linear"], case)
    assert "calls minibatch_indices" in observed.problem.sentence
    assert ("is not right yet" in remark(exercise, case, observed)) == remarked
