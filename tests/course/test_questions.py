"""Predictions and quizzes: what is said to every kind of answer."""

import nbformat
import numpy as np
import pytest

from autograder.catalogue.lesson import Lesson, lessons
from course import predict, questions, quiz
from course.questions import Prediction, Question
from course.questions.collected import collected

STEPS = Prediction("steps", 14, unit="steps")
WINNER = Prediction("winner", "Adam", ("SGD", "Adam", "neither"))
LENGTH = Question("length", 3.0, "It adds up.", {0.3: "That is the averaging form."}, "Add the series up.")
ORDER = Question("order", "b", "Clip last.", {"a": "Too early.", "c": "Too late."})


@pytest.fixture
def lesson(monkeypatch):
    monkeypatch.setattr(questions, "MODULES", ("lesson_99",))
    monkeypatch.setattr(questions, "_asked", lambda name: ((STEPS, WINNER), (LENGTH, ORDER)))
    monkeypatch.setattr(questions, "_guesses", {})


@pytest.mark.parametrize(
    ("id", "guess", "found", "said"),
    [
        ("steps", ..., 14, ["Your guess goes in place of the three dots: a number (steps).", "It is 14 steps."]),
        ("steps", 40, 14.0, ["Your guess: 40 steps. Now look.", "You said 40 steps; it is 14 steps."]),
        ("steps", np.float64(14), 14, ["Your guess: 14 steps. Now look.", "You said 14 steps, and so it is."]),
        ("steps", "many", 14, ["'many' can't be a guess here. Write a number (steps).", "It is 14 steps."]),
        ("steps", True, 14, ["True can't be a guess here. Write a number (steps).", "It is 14 steps."]),
        ("steps", float("inf"), 0.12345, ["inf can't be a guess here. Write a number (steps).", "It is 0.123 steps."]),
        ("steps", 40, float("inf"), ["Your guess: 40 steps. Now look.", "You said 40 steps; it is no finite number."]),
        ("steps", 40, float("nan"), ["Your guess: 40 steps. Now look.", "You said 40 steps; it is no finite number."]),
        ("winner", " adam", "Adam", ['Your guess: "Adam". Now look.', 'You said "Adam", and so it is.']),
        ("winner", 1, "Adam", ['1 can\'t be a guess here. Write one of "SGD", "Adam", "neither".', 'It is "Adam".']),
    ],
)  # fmt: skip
def test_a_figure_says_what_was_guessed(lesson, capsys, id, guess, found, said):
    predict(id, guess)
    questions.reveal(id, found)
    assert capsys.readouterr().out.splitlines() == said


def test_a_guess_that_is_taken_back_is_forgotten(lesson, capsys):
    predict("steps", 40)
    predict("steps", ...)
    questions.reveal("steps", 14)
    assert capsys.readouterr().out.splitlines()[-1] == "It is 14 steps."


@pytest.mark.parametrize(
    ("id", "answer", "said"),
    [
        ("length", ..., "Your answer goes in place of the three dots: a number."),
        ("length", 3, "Right. It adds up."),
        ("length", 0.3, "Not quite. That is the averaging form."),
        ("length", 7, "Not quite. Add the series up."),
        ("length", "b", "'b' can't be an answer here. Answer with a number."),
        ("length", float("nan"), "nan can't be an answer here. Answer with a number."),
        ("order", "(B)", "Right. Clip last."),
        ("order", "c", "Not quite. Too late."),
        ("order", "d", "'d' can't be an answer here. Answer with \"a\", \"b\" or \"c\"."),
        ("order", 2, "2 can't be an answer here. Answer with \"a\", \"b\" or \"c\"."),
    ],
)  # fmt: skip
def test_every_answer_of_a_quiz_is_answered(lesson, capsys, id, answer, said):
    quiz(id, answer)
    assert capsys.readouterr().out.splitlines() == [said]


@pytest.mark.parametrize("ask", [predict, quiz])
def test_an_unknown_id_gets_a_sentence(lesson, capsys, ask):
    ask("stepz", 3)
    assert "leave the first word of the cell as it was" in capsys.readouterr().out


ASKING = [lesson for lesson in lessons() if questions.questions(lesson.name)]


def test_no_two_questions_of_the_course_have_the_same_id():
    asked = [*map(questions.predictions, names()), *map(questions.questions, names())]
    ids = [one.id for group in asked for one in group]
    assert len(ids) == len(set(ids))


def names():
    return [lesson.name for lesson in ASKING]


@pytest.mark.parametrize("lesson", ASKING, ids=names())
def test_a_lesson_asks_what_its_module_holds_and_gives_no_answer(lesson: Lesson):
    found = collected(cell.source for cell in lesson.source().cells if cell.cell_type == "code")
    assert list(found.predictions) == [asked.id for asked in questions.predictions(lesson.name)]
    assert list(found.answers) == [asked.id for asked in questions.questions(lesson.name)]
    assert not {*found.predictions.values(), *found.answers.values()} - {None}


@pytest.mark.parametrize("lesson", ASKING, ids=names())
def test_what_a_module_holds_fits_together(lesson: Lesson):
    for prediction in questions.predictions(lesson.name):
        assert prediction.read(prediction.answer) == prediction.answer
        assert len(prediction.choices) != 1
    assert 4 <= len(questions.questions(lesson.name)) <= 6
    for question in questions.questions(lesson.name):
        assert question.response(question.right).startswith("Right. ")
        assert all(question.response(answer) == f"Not quite. {why}" for answer, why in question.wrong.items())
        assert isinstance(question.right, str) or question.otherwise
        assert question.wrong or not isinstance(question.right, str)


@pytest.mark.parametrize("lesson", ASKING, ids=names())
def test_what_is_declared_is_what_the_reference_finds(lesson: Lesson):
    """Below each prediction's cell a figure of the solution notebook says the declared answer."""
    cells = nbformat.read(lesson.notebook_path, as_version=4).cells
    for asked in questions.predictions(lesson.name):
        (place,) = (at for at, cell in enumerate(cells) if cell.source.startswith(f'predict("{asked.id}"'))
        below = [output for cell in cells[place + 1 :] for output in cell.get("outputs", [])]
        said = [output.get("text") or output.get("data", {}).get("text/plain", "") for output in below]
        assert f"It is {asked.said(asked.answer)}." in "\n".join(said).splitlines(), asked.id


def test_answers_are_read_from_a_notebook_and_never_run():
    cells = [
        'predict("steps", 14)',
        'predict("winner", "SGD")\nquiz("length", -0.3)',
        'predict("later", ...)',
        'predict("worked_out", 2 * 7); quiz("order", open("/etc/passwd").read())',
        "predict('broken', ",
        "%matplotlib inline\nquiz('order', 'b')",
        'predict("steps", 15)',
    ]
    found = collected(cells)
    assert found.predictions == {"steps": 15, "winner": "SGD", "later": None, "worked_out": None}
    assert found.answers == {"length": -0.3, "order": "b"}
