"""What a student reads below a check: one clear sentence for each way to be wrong, never a traceback."""

import numpy as np
import pytest
import torch

from autograder.catalogue.answers import answer
from autograder.catalogue.lesson import lessons
from course import check
from course.cases import public_cases
from course.exercises import EXERCISES
from course.judging.judge import judge
from course.report.card import as_html, as_text


def verdict(exercise_id, student_object):
    exercise = EXERCISES[exercise_id]
    cases, expected = public_cases(exercise_id)
    return judge(exercise, cases, [exercise.probe(student_object, case) for case in cases], expected)


@pytest.fixture(scope="module")
def solution():
    """The reference answer to every exercise of the course."""
    return {
        name: answer(lesson, name, code) for lesson in lessons() for name, code in lesson.solutions().items()
    }


def adam_update_that(body):
    """An adam_update with this body, as a student would have typed it."""
    head = "def adam_update(theta, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):\n"
    namespace = {"np": np, "torch": torch}
    exec(head + "".join(f"    {line}\n" for line in body.splitlines()), namespace)
    return namespace["adam_update"]


@pytest.mark.parametrize("exercise_id", EXERCISES)
def test_public_cases_are_the_same_every_time(exercise_id):
    before, _ = public_cases(exercise_id)
    public_cases.cache_clear()
    after, _ = public_cases(exercise_id)
    assert repr(before) == repr(after)


def test_check_returns_the_points_as_a_float(solution, capsys):
    points = check("adam_update", solution["adam_update"])
    assert (points, type(points)) == (2.5, float)
    assert "adam_update: 2.5 of 2.5 points" in capsys.readouterr().out


@pytest.mark.parametrize("exercise_id", EXERCISES)
def test_the_solution_has_full_marks(exercise_id, solution):
    judged = verdict(exercise_id, solution[exercise_id])
    assert judged.score == judged.max_score, as_text(judged)


def test_first_difference_names_step_element_and_formula():
    judged = verdict(
        "adam_update",
        adam_update_that(
            "m = beta1 * m + (1 - beta1) * grad\n"
            "v = beta2 * v + (1 - beta2) * grad**2\n"
            "return theta - lr * m / (np.sqrt(v) + eps), m, v"
        ),
    )
    first = judged.properties[0]
    assert first.message == (
        "In step 1, m and v are right, but theta should be 0.9, yours is 0.6838. "
        "Look at formulas (3) and (4). This case has the numbers of the worked example."
    )


def test_steps_before_the_difference_are_called_right():
    judged = verdict(
        "adam_update",
        adam_update_that(
            "m = beta1 * m + (1 - beta1) * grad\n"
            "v = beta2 * v + (1 - beta2) * grad**2\n"
            "return theta - lr * (m / (1 - beta1)) / (np.sqrt(v / (1 - beta2)) + eps), m, v"
        ),
    )
    assert judged.properties[0].message.startswith(
        "Step 1 is right. In step 2, m and v are right, but theta should be"
    )


WAYS_TO_BE_WRONG = {
    "pass": "adam_update returned None; it should return (theta, m, v). Is the `return` missing?",
    "return theta": "adam_update should return (theta, m, v); yours returns one ndarray.",
    "return theta, m": "adam_update should return (theta, m, v); yours returns 2 things.",
    "return theta, None, v": "m is None; it should be an array. Is a `return` missing?",
    "return theta, 'm', v": "m should be an array of numbers; yours is of type str.",
    "return theta, np.zeros(7), v": "In step 1, m should have the shape (), yours has (7,).",
    "return theta / undefined, m, v": "adam_update raised NameError: name 'undefined' is not defined.",
    "raise SystemExit(3)": "adam_update raised SystemExit: 3.",
    "return adam_update(theta, grad, m, v, t)": "adam_update raised RecursionError: maximum recursion depth exceeded",
}


@pytest.mark.parametrize("body", WAYS_TO_BE_WRONG)
def test_one_clear_sentence(body, capsys):
    judged = verdict("adam_update", adam_update_that(body))
    assert judged.properties[0].message.startswith(WAYS_TO_BE_WRONG[body])
    assert judged.score == 0.0
    assert check("adam_update", adam_update_that(body)) == 0.0
    assert "Traceback" not in capsys.readouterr().out


def test_wrong_signature():
    judged = verdict("adam_update", lambda theta, grad: theta)
    assert judged.properties[0].message.startswith(
        "It should be called as adam_update(theta, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8); "
        "yours takes (theta, grad)."
    )


@pytest.mark.parametrize("thing", [3, None, "adam_update", np.zeros(3)])
def test_not_a_function(thing):
    judged = verdict("adam_update", thing)
    assert judged.properties[0].message.startswith(
        "adam_update should be something to call; yours is of type"
    )


def test_untouched_stub_is_not_attempted(capsys):
    def adam_update(theta, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
        raise NotImplementedError()

    judged = verdict("adam_update", adam_update)
    assert not judged.attempted
    assert check("adam_update", adam_update) == 0.0
    assert "not attempted yet" in capsys.readouterr().out


def test_step_outside_no_grad_gets_advice():
    class Adam:
        def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
            self.params = list(params)

        def step(self):
            for p in self.params:
                p -= 0.1

        def zero_grad(self):
            pass

    message = verdict("Adam", Adam).properties[0].message
    assert "Autograd watches the parameters; change them inside `with torch.no_grad():`." in message
    assert "`p -= 0.1`" in message


def test_an_error_below_a_decorator_of_torch_is_shown_with_the_students_own_line():
    class SGD:
        def __init__(self, params, lr, weight_decay=0.0):
            self.params, self.lr = list(params), lr

        @torch.no_grad()
        def step(self):
            for p in self.params:
                p -= self.lr * self.speed

        def zero_grad(self):
            pass

    message = verdict("SGD", SGD).properties[0].message
    assert "has no attribute 'speed', in line " in message
    assert "`p -= self.lr * self.speed`" in message


def test_a_wrong_adam_is_named_in_the_report_of_the_adamw_that_inherits_from_it(solution):
    class Adam(solution["Adam"]):
        @torch.no_grad()
        def step(self):
            super().step()
            for p in self.params:
                p += 1e-3

    class AdamW(Adam):
        def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
            super().__init__(params, lr, betas, eps)
            self.decay = weight_decay

        def step(self):
            with torch.no_grad():
                for p in self.params:
                    if p.grad is not None:
                        p *= 1 - self.lr * self.decay
            super().step()

    # What it adds is right, and costs nothing; it does not refuse what it should.
    assert [entry.property.id for entry in verdict("AdamW", AdamW).properties if not entry.passed] == [
        "bad_hyper"
    ]

    class Forgetful(AdamW):
        def step(self):
            Adam.step(self)

    said = "Your Adam, from which this class inherits, is not right yet: mend it first."
    reasons = [entry.message for entry in verdict("AdamW", Forgetful).properties if not entry.passed]
    assert reasons
    assert any(said in reason for reason in reasons)
    lonely = type("AdamW", (solution["AdamW"],), {"step": lambda self: None})
    assert said not in verdict("AdamW", lonely).properties[0].message


def test_a_parameter_left_in_another_shape_is_one_sentence():
    class Adam:
        def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
            self.params = list(params)

        @torch.no_grad()
        def step(self):
            for theta in self.params:
                theta.data = theta.data.reshape(-1)

        def zero_grad(self):
            pass

    cases, _ = public_cases("Adam")
    problems = [EXERCISES["Adam"].probe(Adam, case).problem for case in cases]
    said = {problem.sentence for problem in problems if problem and problem.id == "after_run"}
    assert any(
        one.startswith("After Adam ran, the check could not go on: attempting to assign") for one in said
    )
    assert verdict("Adam", Adam).score < 4.0


def test_missing_method():
    class Adam:
        def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
            pass

    assert verdict("Adam", Adam).properties[0].message.startswith("Adam has no method step().")


def test_prints_and_warnings_of_the_student_do_not_reach_the_report(solution, capfd):
    def adam_update(*args, **kwargs):
        print("debugging")
        np.log(np.array([-1.0]))
        return solution["adam_update"](*args, **kwargs)

    assert check("adam_update", adam_update) == 2.5
    out, err = capfd.readouterr()
    assert "debugging" not in out + err
    assert "Warning" not in out + err


def test_unknown_exercise_is_said_with_the_nearest_name(capsys):
    assert check("adam_updat", print) == 0.0
    assert capsys.readouterr().out == 'There is no exercise "adam_updat". Did you mean "adam_update"?\n'


def test_html_says_the_same_and_escapes():
    judged = verdict("adam_update", adam_update_that("raise ValueError('<b>&')"))
    html = as_html(judged)
    assert "raised ValueError: &lt;b&gt;&amp;" in html
    assert "<b>" not in html
    assert 'aria-label="adam_update: 0 of 2.5 points"' in html


def test_html_has_a_figure_with_a_text_alternative():
    judged = verdict("adam_update", adam_update_that("return theta + lr, m * 0.5, v"))
    html = as_html(judged)
    assert html.count("<svg") == 1
    assert 'role="img" aria-label="That number over 2 steps: PyTorch' in html


def test_an_array_subclass_that_equals_everything_has_no_effect():
    code = (
        "class Yes(np.ndarray):\n"
        "    def __eq__(self, other): return np.ones(self.shape, bool)\n"
        "    def __sub__(self, other): return np.zeros(self.shape)\n"
        "    def __array_function__(self, *a, **k): return True\n"
        "    def __array_ufunc__(self, *a, **k): return True\n"
        "return np.zeros(theta.shape).view(Yes), m, v"
    )
    assert verdict("adam_update", adam_update_that(code)).score == 0.0
