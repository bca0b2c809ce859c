"""Lesson 01's oracle against the formulas of the text, on inputs that hypothesis chooses."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from judging import judged

from course.exercise import Case
from course.exercises.lesson_01.accumulated_step import LOSS as WHOLE_LOSS
from course.exercises.lesson_01.accumulated_step import PIECEWISE, UNEVEN, Model
from course.exercises.lesson_01.fit_linear import (
    LAST_USED,
    LOSSES,
    WORKED_LR,
    WORKED_SEED,
    WORKED_X,
    WORKED_Y,
)
from course.exercises.lesson_01.mini_batch import (
    ACCUMULATED,
    BAD_HYPER,
    EDGES,
    FIT,
    GOOD_HYPER,
    GRADIENT,
    INDICES,
    ONE_DRAW,
    SGD,
)
from course.families import optimizers
from course.readings import Reading

SEEDS = st.integers(0, 2**31)


def batches_of(n, batch_size, seed=None, drop_last=False):
    inputs = {"n": n, "batch_size": batch_size, "seed": seed, "drop_last": drop_last}
    readings = INDICES.oracle(Case(EDGES.id, inputs)).readings
    return [readings[Reading(0, "batches", (k,))] for k in range(int(readings[Reading(0, "batch_count")]))]


def gradient(X, y, w, b, l2=0.0):
    m = len(y)
    error = X @ w + b - y
    return 2 / m * X.T @ error + l2 / m * w, 2 / m * error.sum()  # (3), (4)


@given(n=st.integers(0, 60), batch_size=st.integers(1, 70), seed=st.none() | SEEDS, drop_last=st.booleans())
def test_batches_follow_formula_1_and_are_a_partition(n, batch_size, seed, drop_last):
    batches = batches_of(n, batch_size, seed, drop_last)
    assert len(batches) == (n // batch_size if drop_last else math.ceil(n / batch_size))
    order = np.arange(n) if seed is None else np.random.default_rng(seed).permutation(n)
    kept = n // batch_size * batch_size if drop_last else n
    assert np.concatenate([[], *batches]).tolist() == order[:kept].tolist()
    assert all(
        len(batch) == batch_size for batch in batches[: -1 if n % batch_size and not drop_last else None]
    )


@given(seed=SEEDS, n=st.integers(0, 40))
def test_one_permutation_is_drawn(seed, n):
    case = Case(ONE_DRAW.id, {"n": n, "batch_size": 3, "seed": seed, "drop_last": False})
    rng = np.random.default_rng(seed)
    rng.permutation(n)
    assert INDICES.oracle(case).readings[Reading(0, "next_draw")] == rng.random()


@given(seed=SEEDS, m=st.integers(1, 8), d=st.integers(1, 5), b=st.floats(-5, 5), l2=st.floats(0, 10))
def test_gradient_follows_formulas_3_and_4(seed, m, d, b, l2):
    rng = np.random.default_rng(seed)
    X, y, w = rng.normal(size=(m, d)), rng.normal(size=m), rng.normal(size=d)
    readings = GRADIENT.oracle(Case("any", {"given": {"X": X, "y": y, "w": w, "b": b, "l2": l2}})).readings
    dw, db = gradient(X, y, w, b, l2)
    np.testing.assert_allclose(readings[Reading(0, "dw")], dw, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(readings[Reading(0, "db")], db, rtol=1e-10, atol=1e-12)


@given(
    seed=SEEDS, lr=st.floats(0, 1), decay=st.floats(0, 1), theta=st.floats(-5, 5),
    grads=st.lists(st.floats(-5, 5), min_size=1, max_size=6),
)  # fmt: skip
def test_sgd_follows_formula_7(seed, lr, decay, theta, grads):
    inputs = {
        "params": [np.array([theta])], "grads": [[np.array([g])] for g in grads], "lrs": None,
        "hyper": {"lr": lr, "weight_decay": decay},
    }  # fmt: skip
    readings = SGD.oracle(Case("any", inputs)).readings
    for step, g in enumerate(grads, start=1):
        theta = theta - lr * (g + decay * theta)  # (7)
        np.testing.assert_allclose(readings[Reading(step, "params", (0,))], [theta], rtol=1e-10, atol=1e-12)


@given(
    seed=SEEDS,
    n=st.integers(1, 9),
    d=st.integers(1, 3),
    batch_size=st.integers(1, 10),
    epochs=st.integers(1, 4),
)
def test_fit_follows_formula_5(seed, n, d, batch_size, epochs):
    data = np.random.default_rng(seed)
    X, y = data.normal(size=(n, d)), data.normal(size=n)
    inputs = {"X": X, "y": y, "batch_size": batch_size, "lr": 0.01, "epochs": epochs, "seed": seed}
    steps = FIT.oracle(Case(LAST_USED.id, inputs | {"losses": False})).readings
    losses = FIT.oracle(Case(LOSSES.id, inputs | {"losses": True})).readings
    w, b, count, rng = np.zeros(d), 0.0, 0, np.random.default_rng(seed)
    for epoch in range(1, epochs + 1):
        order = rng.permutation(n)
        for start in range(0, n, batch_size):
            rows = order[start : start + batch_size]
            count += 1
            np.testing.assert_allclose(
                losses[Reading(count, "loss")], np.mean((X[rows] @ w + b - y[rows]) ** 2), rtol=1e-10
            )
            dw, db = gradient(X[rows], y[rows], w, b)
            w, b = w - 0.01 * dw, b - 0.01 * db
        np.testing.assert_allclose(steps[Reading(epoch, "w")], w, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(steps[Reading(epoch, "b")], b, rtol=1e-10, atol=1e-12)
    assert losses[Reading(0, "loss_count")] == count == epochs * math.ceil(n / batch_size)


def test_worked_example_has_the_numbers_of_the_text():
    assert [batch.tolist() for batch in batches_of(3, 2)] == [[0, 1], [2]]
    np.testing.assert_array_equal(np.random.default_rng(WORKED_SEED).permutation(3), [0, 1, 2])
    given = {"X": WORKED_X[:2], "y": WORKED_Y[:2], "w": np.array([0.0]), "b": 0.0}
    first = GRADIENT.oracle(Case("any", {"given": given})).readings
    np.testing.assert_allclose([first[Reading(0, "dw")].item(), first[Reading(0, "db")]], [-13, -8])
    given = {"X": WORKED_X[2:], "y": WORKED_Y[2:], "w": np.array([0.65]), "b": 0.4}
    second = GRADIENT.oracle(Case("any", {"given": given})).readings
    np.testing.assert_allclose([second[Reading(0, "dw")].item(), second[Reading(0, "db")]], [-27.9, -9.3])
    inputs = {
        "X": WORKED_X,
        "y": WORKED_Y,
        "batch_size": 2,
        "lr": WORKED_LR,
        "epochs": 1,
        "seed": WORKED_SEED,
    }
    fit = FIT.oracle(Case(LAST_USED.id, inputs | {"losses": False})).readings
    np.testing.assert_allclose([fit[Reading(1, "w")].item(), fit[Reading(1, "b")]], [2.045, 0.865])
    losses = FIT.oracle(Case(LOSSES.id, inputs | {"losses": True})).readings
    np.testing.assert_allclose([losses[Reading(1, "loss")], losses[Reading(2, "loss")]], [17, 21.6225])
    whole = [
        np.mean((WORKED_X[:, 0] * w + b - WORKED_Y) ** 2) for w, b in ((0, 0), (0.65, 0.4), (2.045, 0.865))
    ]
    np.testing.assert_allclose(whole, [27.6667, 12.105, 0.0034], atol=5e-5)


def test_torch_refuses_what_the_students_class_must_refuse():
    case = next(
        c for c in SGD.cases(np.random.default_rng(0), "public") if c.property == optimizers.BAD_HYPER.id
    )
    refused = [bool(value) for value in SGD.oracle(case).readings.values()]
    assert refused == [True] * len(BAD_HYPER) + [False] * len(GOOD_HYPER)


# fit_linear calls the student's earlier functions, which stand beside it in the notebook.
NOTEBOOK = """
import numpy as np

def minibatch_indices(n, batch_size, rng=None, drop_last=False):
    order = np.arange(n) if rng is None else rng.permutation(n)
    return [order[start : start + batch_size] for start in range(0, n, batch_size)]

def mse_gradient(X, y, w, b, l2=0.0):
    error = X @ w + b - y
    return 2 / len(y) * X.T @ error, 2 / len(y) * error.sum()

def fit_linear(X, y, batch_size, lr, epochs, rng):
    w, b, losses = np.zeros(X.shape[1]), 0.0, []
    for _ in range(epochs):
        for rows in minibatch_indices(len(y), batch_size, rng):
            losses.append(np.mean((X[rows] @ w + b - y[rows]) ** 2))
            dw, db = mse_gradient(X[rows], y[rows], w, b)
            w, b = w - lr * dw, b - lr * db
    return w, b, losses
"""


def verdict_on_fit(old="", new=""):
    namespace = {}
    exec(NOTEBOOK.replace(old, new) if old else NOTEBOOK, namespace)
    return judged(FIT, namespace["fit_linear"], seed=3)


def test_fit_with_right_earlier_functions_has_full_marks():
    assert verdict_on_fit().score == FIT.points


@pytest.mark.parametrize(
    ("old", "new", "blamed"),
    [
        ("X.T @ error", "X.T @ error**2", "mse_gradient"),
        ("0, n, batch_size", "0, n - 1, batch_size", "minibatch_indices"),
    ],
)
def test_a_wrong_earlier_function_is_named_below_a_loop_that_is_wrong_too(old, new, blamed):
    namespace = {}
    exec(NOTEBOOK.replace(old, new).replace("w - lr * dw", "w + lr * dw"), namespace)
    said = " ".join(entry.message for entry in judged(FIT, namespace["fit_linear"], seed=3).properties)
    assert f"On these rows your {blamed} is not right yet" in said
    others = {"mse_gradient", "minibatch_indices"} - {blamed}
    assert not any(f"your {other} is" in said for other in others)


@pytest.mark.parametrize("factor", [2, -1])
def test_a_gradient_that_is_a_multiple_costs_fit_nothing(factor):
    assert verdict_on_fit("X.T @ error", f"X.T @ error * {factor}").score == FIT.points


def test_a_mistake_of_fit_itself_blames_nothing_else():
    verdict = verdict_on_fit("w - lr * dw", "w + lr * dw")
    assert verdict.score < verdict.max_score
    assert not any("On these rows" in entry.message for entry in verdict.properties)


def test_an_earlier_stub_is_named_and_the_exercise_counts_as_attempted():
    verdict = verdict_on_fit("    error = X @ w + b - y\n", "    raise NotImplementedError\n")
    assert verdict.attempted
    assert verdict.properties[0].message == (
        "fit_linear calls mse_gradient, which is not written yet. This case has 4 rows, one update."
    )


@pytest.mark.parametrize(
    ("returned", "sentence"),
    [
        (
            "None",
            "minibatch_indices should return a list of arrays; yours returned None. Is the `return` missing?",
        ),
        (
            "(row for row in range(n))",
            "minibatch_indices should return a list of arrays; yours returned a generator.",
        ),
        (
            "[[0.0, 1.0], [2.0, 3.0]]",
            "minibatch_indices returned a batch of numbers that are not integers; it should hold row numbers.",
        ),
    ],
)
def test_what_is_no_list_of_index_arrays_is_said(returned, sentence):
    answer = eval(f"lambda n, batch_size, rng=None, drop_last=False: {returned}")
    assert judged(INDICES, answer).properties[0].message.startswith(sentence)


@given(seed=SEEDS, lengths=st.lists(st.integers(1, 6), min_size=1, max_size=5))
def test_pieces_come_to_the_step_of_their_rows_weighed_alike(seed, lengths):
    rng = np.random.default_rng(seed)
    params = [rng.normal(size=shape) for shape in ((2, 3), (3,), (3,), ())]
    batch = [[rng.normal(size=(rows, 2)), rng.normal(size=rows)] for rows in lengths]
    inputs = {"params": params, "batches": [batch], "loss": "mse", "lr": 0.1}
    found = ACCUMULATED.oracle(Case(UNEVEN.id, inputs)).readings
    model = Model(params)
    # The mean over all rows is the sum of the rows' own losses, divided by how many there are.
    losses = [
        (model(torch.tensor(X[i : i + 1])) - y[i]).square().sum() / sum(lengths)
        for X, y in batch
        for i in range(len(y))
    ]
    sum(losses).backward()
    for k, theta in enumerate(model.held):
        moved = theta.detach() - 0.1 * theta.grad
        np.testing.assert_allclose(found[Reading(1, "params", (k,))], moved, rtol=1e-9, atol=1e-12)
    loss = ACCUMULATED.oracle(Case(WHOLE_LOSS.id, inputs)).readings[Reading(1, "loss")]
    assert loss == pytest.approx(sum(losses).item())


STEP = """
def accumulated_step(model, loss_fn, pieces, optimizer):
    rows, total = sum(len(y) for _, y in pieces), 0.0
    optimizer.zero_grad()
    for X, y in pieces:
        loss = loss_fn(model(X), y) * (len(y) / rows)
        loss.backward()
        total += loss.item()
    optimizer.step()
    return total
"""


def verdict_on_step(*changes):
    text = STEP
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    namespace = {"torch": torch}
    exec(text, namespace)
    return judged(ACCUMULATED, namespace["accumulated_step"], seed=5)


@pytest.mark.parametrize(
    ("changes", "failed"),
    [
        ((), set()),
        # Right where all pieces are as long, and in nothing else.
        (((" * (len(y) / rows)", " / len(pieces)"),), {"uneven_pieces", "loss"}),
        ((("    optimizer.zero_grad()\n", ""),), {"zeroed"}),
        ((("total += loss.item()", "total = loss.item()"),), {"loss"}),
        ((("return total", "return torch.tensor(total)"),), {"loss"}),
        (
            (("    for X, y", "    pieces = [tuple(map(torch.cat, zip(*pieces)))]\n    for X, y"),),
            {PIECEWISE.id},
        ),
    ],
)
def test_each_slip_in_an_accumulated_step_costs_what_it_breaks(changes, failed):
    verdict = verdict_on_step(*changes)
    assert {entry.property.id for entry in verdict.properties if not entry.passed} == failed


def test_pieces_that_are_joined_are_called_that():
    verdict = verdict_on_step(("for X, y in pieces:", "for X, y in [tuple(map(torch.cat, zip(*pieces)))]:"))
    said = next(entry.message for entry in verdict.properties if entry.property.id == PIECEWISE.id)
    assert "the model got more rows at once than the longest piece has" in said
