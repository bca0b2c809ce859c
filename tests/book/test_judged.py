"""The JavaScript behind the book's figures is judged like a student's answer, by the checks of the lessons."""

from functools import partial

import numpy as np
import pytest
from javascript import ANSWERS, PLAY, JavaScript, answer, join

from course import data
from course.cases import probed, public_cases
from course.figures import cliff, ravine
from course.judging.judge import judge
from course.known import known

pytestmark = pytest.mark.slow

# What figures need besides what is judged.
HELPERS = {"optimizers": {"optimizers", "settings"}, "norms": {"norms"}}


@pytest.fixture(scope="module")
def script():
    return join().joined()


@pytest.fixture(scope="module")
def js(browser, script):
    page = browser.new_page()
    yield JavaScript(page, script)
    page.close()


def verdict(js, exercise_id):
    """What `check` says of an answer in JavaScript."""
    exercise, made = answer(js, exercise_id)
    cases, expected = public_cases(exercise_id)
    observed, stored = probed(exercise, made, cases, expected), known(exercise_id)
    slips = partial(stored.slips.naming, exercise, cases, observed, expected)
    return judge(exercise, cases, observed, expected, stored.mistakes, stored.pairs.explaining, slips)


def graded(js, exercise_id):
    """What grading says of it, on more and harsher cases: not of a class, whose cases are mostly about tensors."""
    exercise, made = answer(js, exercise_id)
    cases = exercise.cases(np.random.default_rng(0), "graded")
    expected = [exercise.oracle(case) for case in cases]
    return judge(exercise, cases, probed(exercise, made, cases, expected), expected)


def differences(found, exercise_id):
    """By name, what is wrong; empty where nothing is."""
    module, name, _ = ANSWERS[exercise_id]
    mistakes = "".join(f" This looks like: {entry.name}." for entry in found.misconceptions)
    return [
        f"{name} of {module}.js, as {exercise_id}: {entry.property.name}: {entry.message}{mistakes}"
        for entry in found.properties
        if not entry.passed
    ]


@pytest.mark.parametrize("exercise_id", ANSWERS)
def test_it_agrees_with_pytorch(js, exercise_id):
    assert differences(verdict(js, exercise_id), exercise_id) == []


@pytest.mark.parametrize("exercise_id", [id for id in ANSWERS if id == id.lower()])
def test_it_agrees_with_pytorch_on_harsher_cases(js, exercise_id):
    assert differences(graded(js, exercise_id), exercise_id) == []


def test_nothing_goes_unjudged(js):
    for module in ("optimizers", "schedules", "clipping", "averages", "norms"):
        judged = {name for place, name, _ in ANSWERS.values() if place == module}
        # The same function with Nesterov's look ahead on, which MomentumSGD tries.
        judged |= {"nesterov"} if module == "optimizers" else set()
        exported = set(js(module, "module => Object.keys(module)"))
        assert exported - HELPERS.get(module, set()) == judged


# One slip in JavaScript, and the mistake of the catalogue that it is.
SLIPS = [
    ("adam_update", "no_bias_correction", (" / (1 - beta1 ** t)", ""), (" / (1 - beta2 ** t)", "")),
    ("adam_update", "eps_inside_root", ("(Math.sqrt(b) + eps)", "Math.sqrt(b + eps)")),
    ("Adam", "no_bias_correction", (" / (1 - beta1 ** t)", ""), (" / (1 - beta2 ** t)", "")),
    ("MomentumSGD", "first_gradient_is_dampened", ("state.buf, g) : g;", "state.buf, g) : g.map((d) => (1 - dampening) * d);")),
    ("AdamW", "l2_in_the_gradient", ("adam.step(shrunk, grad, state, { ...hyper, weight_decay: 0 })", "adam.step(theta, grad, state, { ...hyper, weight_decay })")),
    ("cosine_decay", "min_is_added", ("0.5 * (lr0 - lr_min)", "0.5 * lr0")),
    ("clip_by_global_norm", "always_scaled_to_the_limit", ("Math.min(1, max_norm / (norm + 1e-6))", "max_norm / (norm + 1e-6)")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("exercise_id", "mistake", "changes"), [(slip[0], slip[1], slip[2:]) for slip in SLIPS]
)
def test_a_slip_is_found_and_named_as_a_students_is(browser, script, exercise_id, mistake, changes):
    for right, wrong in changes:
        assert right in script
        script = script.replace(right, wrong, 1)
    page = browser.new_page()
    found = verdict(JavaScript(page, script), exercise_id)
    page.close()
    module, name, _ = ANSWERS[exercise_id]
    assert [entry.id for entry in found.misconceptions] == [mistake]
    assert differences(found, exercise_id)[0].startswith(f"{name} of {module}.js, as {exercise_id}: ")


def landscapes(js):
    return js(
        "landscapes",
        "({landscapes}) => landscapes.map(({name, x, y, start, lowest, goals}) => ({name, x, y, start, lowest, goals}))",
    )


def values(js, name, points):
    call = "({landscapes}, name, points) => points.map(landscapes.find((one) => one.name === name).value)"
    return np.array(js("landscapes", call, name, points))


def gradients(js, name, points):
    call = "({landscapes}, name, points) => points.map(landscapes.find((one) => one.name === name).gradient)"
    return np.array(js("landscapes", call, name, points))


def test_a_gradient_is_the_slope_of_its_landscape(js):
    for landscape in landscapes(js):
        low, high = np.array([landscape["x"], landscape["y"]]).T
        points = low + (high - low) * np.random.default_rng(0).uniform(size=(40, 2))
        slopes = []
        for step in np.diag(1e-6 * (high - low)):
            rise = values(js, landscape["name"], points + step) - values(js, landscape["name"], points - step)
            slopes.append(rise / (2 * step.sum()))
        found = gradients(js, landscape["name"], points)
        np.testing.assert_allclose(found, np.transpose(slopes), rtol=1e-5, atol=1e-6 * np.abs(found).max())


def test_a_goal_is_a_lowest_point(js):
    for landscape in landscapes(js):
        goals = np.array(landscape["goals"])
        np.testing.assert_allclose(values(js, landscape["name"], goals), landscape["lowest"], atol=1e-9)
        low, high = np.array([landscape["x"], landscape["y"]]).T
        grid = np.stack(np.meshgrid(*np.linspace(low, high, 60).T), axis=-1).reshape(-1, 2)
        assert values(js, landscape["name"], grid).min() >= landscape["lowest"]


def test_the_ravine_and_the_cliff_are_those_of_the_lessons(js):
    points = np.array([[0.6, 0.1], [1.2, 0.3], [1.3, -0.1]])
    lesson = np.array([cliff.gradient(point) for point in points])
    np.testing.assert_allclose(gradients(js, "a cliff", points), lesson, rtol=1e-10)
    np.testing.assert_allclose(values(js, "a cliff", points), cliff.loss(*points.T), rtol=1e-10)
    np.testing.assert_allclose(values(js, "a ravine", points), ravine.loss(*points.T), rtol=1e-10)


def test_the_temperatures_are_those_of_the_course(js):
    celsius, dates = data.temperatures().celsius, data.temperatures().dates
    found = js("../figures/temperatures", "({celsius, firstDay}) => [celsius, firstDay]")
    assert found == [celsius.tolist(), str(dates[0])]


def test_at_a_fixed_rate_the_noise_stays_where_formula_1_of_lesson_06_says(js):
    lr, curvature, noise = 0.3, 1.5, 0.7
    loss = {"curvature": curvature, "noise": noise, "start": 4.0}
    means = js("noise", "({meanLosses}, rates, loss) => meanLosses(rates, loss)", [lr] * 400, loss)
    np.testing.assert_allclose(means[-1], lr * noise**2 / (2 * (2 - lr * curvature)), rtol=1e-10)
    walks = js(
        "noise",
        "({noisyLosses, normals}, rates, loss) => Array.from({length: 4000}, (_, i) => noisyLosses(rates, loss, normals(i)))",
        [lr] * 12,
        loss,
    )
    np.testing.assert_allclose(np.mean(walks, axis=0), means[:13], rtol=0.1)


def test_the_best_rate_is_the_best_of_all(js):
    """On the ravine of lesson 03: SGD is at its best next to where it diverges, at 2 / 50."""
    call = """({bestRate, rates}) => {
      const {landscapes} = descentPlay['mathematics/landscapes.js'], {sgd} = descentPlay['mathematics/optimizers.js'];
      const ravine = landscapes.find(({name}) => name === 'a ravine');
      return [bestRate(sgd, {}, ravine, ravine.start, 100), rates];
    }"""
    best, rates = js("descents", call)
    start, curvature = ravine.START, ravine.CURVATURE
    with np.errstate(over="ignore"):
        ends = [ravine.loss(*(start * (1 - lr * curvature) ** 100)) for lr in rates]
    assert best == rates[int(np.argmin(ends))] == 0.03


def test_modules_that_would_be_joined_wrongly_are_refused(tmp_path):
    (tmp_path / "play.js").write_text('import * as all from "./other.js";\n')
    with pytest.raises(ValueError, match=r"play\.js has .import \* as all"):
        join().joined(tmp_path)
    (tmp_path / "play.js").write_text('import { a } from "./other.js";\n')
    (tmp_path / "other.js").write_text('import { b } from "./play.js";\n')
    with pytest.raises(ValueError, match="import each other"):
        join().joined(tmp_path)


def test_joined_twice_it_is_the_same(script):
    assert join().joined() == script
    assert all(f'modules["{path.relative_to(PLAY)}"] = ' in script for path in PLAY.rglob("*.js"))
