"""What a card says of a slip: what the student's code did, what it should have done, and never something else."""

import pytest

from autograder.catalogue.answers import answer
from autograder.catalogue.lesson import find
from course.cases import public_cases
from course.exercises import EXERCISES, lesson_of
from course.judging.judge import judge

ADAM_STUB = """class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        self.params, self.lr = list(params), lr
    def step(self):
        raise NotImplementedError("Exercise 2: write Adam above.")
    def zero_grad(self):
        pass

"""


def edited(exercise_id, *edits):
    """The reference solution with some of its text replaced, as a student would have it."""
    lesson = find(lesson_of(exercise_id))
    code = lesson.solutions()[exercise_id]
    for old, new in edits:
        assert code.count(old) == 1, f"{old!r} stands {code.count(old)} times"
        code = code.replace(old, new)
    return answer(lesson, exercise_id, code)


def verdict_on(exercise_id, student_object):
    exercise = EXERCISES[exercise_id]
    cases, expected = public_cases(exercise_id)
    return judge(exercise, cases, [exercise.probe(student_object, case) for case in cases], expected)


def messages(exercise_id, student_object):
    """What is said of each property that fails, by its id."""
    verdict = verdict_on(exercise_id, student_object)
    return {entry.property.id: entry.message for entry in verdict.properties if not entry.passed}


REFUSALS = [
    ("        if lr < 0 or weight_decay < 0:\n", "        if weight_decay < 0:\n", "SGD accepted lr = -0.1; it should raise ValueError."),
    ('            raise ValueError("lr and', '            raise TypeError("lr and', "With lr = -0.1, SGD raised TypeError: lr and weight_decay must not be negative. It should raise ValueError."),
    ("        if lr < 0 or", "        if lr <= 0 or", "SGD refused lr = 0, which is allowed."),
    ("        self.lr = lr\n", "        self.lr = lr\n        1 / lr\n", "With lr = 0, SGD raised ZeroDivisionError: float division by zero. That is allowed, and should raise nothing."),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "said"), REFUSALS)
def test_a_refusal_says_what_was_done_with_which_setting(old, new, said):
    assert messages("SGD", edited("SGD", (old, new)))["bad_hyper"] == said


CHANGED = [
    ("clip_by_value", "inputs", "    clipped = []\n    for g in grads:\n        clipped.append(np.minimum(clip_value, np.maximum(-clip_value, g)))  # (1)\n    return clipped", "    for i, g in enumerate(grads):\n        grads[i] = np.clip(g, -clip_value, clip_value)\n    return grads", "clip_by_value changed grads[0]: element [0] was "),
    ("multistep_decay", "inputs", "    passed =", "    milestones.pop()\n    passed =", "multistep_decay changed milestones: its shape was (3,) and is (2,)."),
    ("multistep_decay", "inputs", "    passed =", "    milestones[0] = 0\n    passed =", "multistep_decay changed milestones: element [0] was "),
    ("batch_norm_backward", "inputs", "    dx_hat = dy * gamma  # (6)", "    dx_hat = dy * gamma\n    x_hat *= 0.5", "In step 1, batch_norm_backward changed the cache; it should leave it as it is."),
    ("adam_update", "inputs", "    m = beta1 * m + (1 - beta1) * grad  # (1)", "    m *= beta1\n    m += (1 - beta1) * grad", "In step 1, adam_update changed m: element [0] was 0 before the call and is "),
    ("SGD", "decay", "            g = theta.grad\n            theta -= self.lr * (g + self.weight_decay * theta)  # (7)", "            g = theta.grad\n            g += self.weight_decay * theta\n            theta -= 2 * self.lr * g", "In step 1, step() changed a gradient; it should leave every .grad as it is."),
]  # fmt: skip


@pytest.mark.parametrize(("exercise_id", "property_id", "old", "new", "said"), CHANGED)
def test_what_was_handed_in_and_changed_is_called_so_before_any_value(
    exercise_id, property_id, old, new, said
):
    assert messages(exercise_id, edited(exercise_id, (old, new)))[property_id].startswith(said)


def test_an_earlier_answer_that_changes_what_it_is_handed_is_named():
    def mse_gradient(X, y, w, b, l2=0.0):
        error = X @ w + b - y
        w[:] = 2 / len(y) * (X.T @ error)
        return w, 2 / len(y) * error.sum()

    fit = edited("fit_linear")
    fit.__globals__["mse_gradient"] = mse_gradient
    for message in messages("fit_linear", fit).values():
        assert "your mse_gradient is not right yet" in message


SINGLE = "That is right to float32 precision: is something float32?"


IN_FLOAT32 = [
    ("adam_update", [("    m = beta1 * m +", "    m = np.float32(beta1) * m.astype(np.float32) +")]),
    ("Adam", [("self.m = [torch.zeros_like(theta) for", "self.m = [torch.zeros(theta.shape) for"), ("self.m[i] = self.beta1 * self.m[i] + (1 - self.beta1) * g", "self.m[i].mul_(self.beta1).add_((1 - self.beta1) * g)")]),
    ("ModelEMA", [("p.detach().clone() for", "p.detach().float() for")]),
    ("batch_norm_forward", [("    mu = x.mean(axis=0)  # (1)", "    x = x.astype(np.float32)\n    mu = x.mean(axis=0)")]),
    ("ema_weights", [("return w", "return w.astype(np.float32)")]),
]  # fmt: skip


@pytest.mark.parametrize(("exercise_id", "edits"), IN_FLOAT32)
def test_a_float32_is_said_in_place_of_a_formula(exercise_id, edits):
    said = [
        message
        for property_id, message in messages(exercise_id, edited(exercise_id, *edits)).items()
        # Where a mean of 100 000 is taken away, float32 is not right to any digit.
        if property_id != "far"
    ]
    assert said
    assert [message for message in said if SINGLE not in message] == []
    assert not any("Look at" in message for message in said)


def test_a_small_mistake_in_a_default_is_no_float32():
    student = edited("adam_update", ("eps=1e-8", "eps=1e-7"))
    assert list(messages("adam_update", student)) == ["defaults"]
    assert SINGLE not in str(messages("adam_update", student))


@pytest.mark.parametrize(
    ("exercise_id", "edits", "zero"),
    [
        ("batch_norm_backward", [("(dx_hat - dx_hat.mean(axis=0) - x_hat", "(dx_hat - x_hat")], "should be 0, yours"),
        ("batch_norm_forward", [("    x_hat = (x - mu) / std  # (3)", "    x_hat = x / std")], "should be 0, yours"),
    ],
)  # fmt: skip
def test_a_rounded_zero_is_shown_as_zero(exercise_id, edits, zero):
    said = str(messages(exercise_id, edited(exercise_id, *edits)))
    assert zero in said
    assert "e-1" not in said.split("yours")[0]
    assert "should be -0," not in said


FORMS = [
    ("batch_norm_forward", "    mu = x.mean(axis=0)", "    mu = x.mean(axis=1)[:, None] + 0 * x[:, :1].T", "normalised", "y should have the shape (4, 1), yours has (4, 4)."),
    ("batch_norm_2d", "    return y", "    return y, None", "channels", "batch_norm_2d should return y, one array; yours returns a tuple of 2."),
    ("clip_by_global_norm", "    return clipped, norm", "    return clipped", "worked", "clip_by_global_norm should return (grads, norm); yours returns a list of arrays alone."),
    ("BatchNorm1d", "        self.training = False", "        self.train = False", "modes", "self.train is of type bool and hides the method train(): give the attribute another name."),
    ("BatchNorm1d", "    def __call__(self, x):", "    def forward(self, x):", "training", "BatchNorm1d has no method __call__(x)."),
]  # fmt: skip


@pytest.mark.parametrize(("exercise_id", "old", "new", "property_id", "said"), FORMS)
def test_an_answer_in_another_form_says_what_came_and_what_is_wanted(
    exercise_id, old, new, property_id, said
):
    found = messages(exercise_id, edited(exercise_id, (old, new)))
    assert said in found[property_id]


def test_a_forward_that_returns_y_alone_is_not_taken_apart_for_backward():
    backward = edited("batch_norm_backward")
    forward = backward.__globals__["batch_norm_forward"]
    backward.__globals__["batch_norm_forward"] = lambda *args, **keywords: forward(*args, **keywords)[0]
    assert messages("batch_norm_backward", backward) == {}


def test_an_instance_in_place_of_its_class():
    for exercise_id, arguments in (("BatchNorm1d", (2,)), ("Adam", ([],))):
        made = edited(exercise_id)(*arguments)
        for message in messages(exercise_id, made).values():
            assert (
                f"The check got one {exercise_id}, and needs the class: pass {exercise_id} without ()."
                in message
            )


def test_an_inherited_stub_is_named_and_the_heir_counts_as_attempted():
    lesson = find("05_adam")
    adamw = answer(
        lesson,
        "AdamW",
        ADAM_STUB
        + lesson.solutions()["AdamW"].replace(
            "super().__init__(params, lr, betas, eps, weight_decay=0.0)", "super().__init__(params)"
        ),
    )
    verdict = verdict_on("AdamW", adamw)
    assert verdict.attempted
    assert verdict.properties[0].message.startswith(
        "AdamW, in step(), calls Adam.step, which is not written yet. Exercise 2: write Adam above."
    ), verdict.properties[0].message


def test_results_in_another_order_are_said_to_be_that():
    adam = edited("adam_update", ("    return theta, m, v", "    return theta, v, m"))
    assert messages("adam_update", adam)["state"].startswith("In step 1, m and v have changed places.")
    heavy = edited("heavy_ball_update", ("return theta, buf", "return buf, theta"))
    assert messages("heavy_ball_update", heavy)["shapes"].startswith(
        "In step 1, buf and theta have changed places."
    )
