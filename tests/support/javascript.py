"""The mathematics of the book's figures as answers to the course's exercises: each call goes to a page."""

import importlib.util
from pathlib import Path

import numpy as np
import torch
from playwright.sync_api import Error

from course.exercises import EXERCISES

PLAY = Path(__file__).parents[2] / "book/play"


def join():
    """The module ``book/play/join.py``."""
    spec = importlib.util.spec_from_file_location("join", PLAY / "join.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class JavaScript:
    """What the modules of a joined script export, on an empty page that has loaded it."""

    def __init__(self, page, script):
        page.add_script_tag(content=script)
        self._page = page

    def __call__(self, module, function, *given):
        """Call a function of ``mathematics/MODULE.js`` and of what is given; its RangeError is a ValueError here.

        Args:
            function: in JavaScript: "(module, x, beta) => module.ema(x, beta)".
        """
        name = f"mathematics/{module}.js".replace("mathematics/../", "")
        try:
            return self._page.evaluate(
                f"([name, given]) => ({function})(descentPlay[name], ...given)", [name, plain(list(given))]
            )
        except Error as error:
            if "RangeError" in str(error):
                raise ValueError(str(error)) from None
            raise


def plain(value):
    """A value as JavaScript gets it."""
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def update_rule(record, states, renamed=None, counts=False, unused=()):
    """``(theta, grad, *state, [t], **hyper) -> (theta, *state)`` by an optimiser's step.

    Args:
        states: their names, the exercise's and JavaScript's.
        renamed: hyper-parameters that the exercise calls otherwise.
        counts: whether t comes after the state.
        unused: what JavaScript's state holds besides, for hyper-parameters that the exercise does not have.
    """
    stepped = f"""({{{record}, settings}}, theta, grad, state, hyper) =>
        {record}.step(theta, grad, state, settings({record}, hyper))"""

    def made(js, exercise):
        def update(theta, grad, *rest, **given):
            flat = [np.ravel(array) for array in (theta, grad, *rest[: len(states)])]
            state = dict(zip(states, flat[2:], strict=True)) | dict.fromkeys(unused, 0 * flat[0])
            if counts:
                state["t"] = rest[len(states)] - 1
            hyper = {(renamed or {}).get(name, name): value for name, value in given.items()}
            moved, after = js("optimizers", stepped, flat[0], flat[1], state, hyper)
            return tuple(
                np.reshape(array, theta.shape) for array in (moved, *(after[name] for name in states))
            )

        return update

    return made


def optimizer_class(record):
    """A class with the interface of ``torch.optim``, whose steps are those of an optimiser's record.

    The tensors and the gradients are this class's affair, and so is what is judged of them alone.
    """
    begun = f"""({{{record}, settings}}, given, starts) =>
        [settings({record}, given), starts.map({record}.start)]"""
    stepped = f"""({{{record}}}, thetas, grads, states, hyper) =>
        thetas.map((theta, i) => grads[i] ? {record}.step(theta, grads[i], states[i], hyper) : [theta, states[i]])"""

    def made(js, exercise):
        class Optimizer:
            def __init__(self, params, **given):
                if "betas" in given:
                    given["beta1"], given["beta2"] = given.pop("betas")
                self._params = list(params)
                self._hyper, self._states = js("optimizers", begun, given, flat(self._params))
                self.lr = self._hyper["lr"]

            @torch.no_grad()
            def step(self):
                grads = flat(param.grad for param in self._params)
                hyper = {**self._hyper, "lr": self.lr}
                found = js("optimizers", stepped, flat(self._params), grads, self._states, hyper)
                thetas, self._states = zip(*found, strict=True)
                put(self._params, thetas)

            def zero_grad(self):
                for param in self._params:
                    param.grad = None

        return Optimizer

    return made


def flat(tensors):
    return [None if tensor is None else tensor.detach().numpy().ravel() for tensor in tensors]


def put(params, values):
    for param, value in zip(params, values, strict=True):
        param.copy_(torch.tensor(value, dtype=param.dtype).reshape(param.shape))


def averaging_class(record):
    """The same with ``eval()``, which shows where the loss is measured, and ``train()``."""
    evaluated = f"({{{record}}}, states) => states.map({record}.evaluated)"

    def made(js, exercise):
        class Averaging(optimizer_class(record)(js, exercise)):
            _training = None

            @torch.no_grad()
            def eval(self):
                if self._training is None:
                    self._training = [array.copy() for array in flat(self._params)]
                    put(self._params, js("optimizers", evaluated, self._states))

            @torch.no_grad()
            def train(self):
                if self._training is not None:
                    put(self._params, self._training)
                    self._training = None

        return Averaging

    return made


def schedule(function):
    at_one = f"(schedules, settings, at) => schedules.{function}(settings, at)"
    at_each = f"(schedules, settings, at) => at.map(each => schedules.{function}(settings, each))"

    def made(js, exercise):
        def rate(*given):
            *settings, at = given
            settings = dict(zip(exercise.argument_names, settings, strict=False))
            if np.ndim(at):
                return np.array(js("schedules", at_each, settings, at))
            return js("schedules", at_one, settings, at)

        return rate

    return made


def clip_by_value(js, exercise):
    def clip(grads, clip_value):
        clipped = js("clipping", "(c, grads, limit) => c.clipByValue(grads, limit)", rows(grads), clip_value)
        return shaped_as(grads, clipped)

    return clip


def global_norm(js, exercise):
    return lambda grads, p=2.0: js("clipping", "(c, grads, p) => c.globalNorm(grads, p)", rows(grads), p)


def clip_by_global_norm(js, exercise):
    call = "(c, grads, limit, p) => c.clipByGlobalNorm(grads, limit, p)"

    def clip(grads, max_norm, p=2.0):
        clipped, norm = js("clipping", call, rows(grads), max_norm, p)
        return shaped_as(grads, clipped), norm

    return clip


def rows(arrays):
    return [np.ravel(array) for array in arrays]


def shaped_as(arrays, values):
    return [np.reshape(value, array.shape) for value, array in zip(values, arrays, strict=True)]


def series(function):
    columnwise = f"(averages, columns, beta) => columns.map(x => averages.{function}(x, beta))"

    def made(js, exercise):
        def average(x, beta):
            columns = js("averages", columnwise, x.reshape(len(x), -1).T, beta)
            return np.stack(columns, axis=-1).reshape(x.shape)

        return average

    return made


def weights(js, exercise):
    return lambda beta, t: np.array(js("averages", "({emaWeights}, beta, t) => emaWeights(beta, t)", beta, t))


def normalised(js, x, norm, **options):
    """x of shape (N, C, ...)."""
    shape = [*x.shape[:2], int(np.prod(x.shape[2:]))]
    call = "({normalise}, ...given) => normalise(...given).y"
    return np.reshape(js("norms", call, np.ravel(x), shape, norm, options), x.shape)


def batch_norm(js, exercise):
    def forward(x, gamma, beta, eps=1e-5):
        y = normalised(js, x, "batch norm", gamma=gamma, beta=beta, eps=eps)
        return (y, None) if exercise.id == "batch_norm_forward" else y

    return forward


def layer_norm(js, exercise):
    def forward(x, gamma, beta, eps=1e-5):
        rows = x.reshape(-1, x.shape[-1])
        y = normalised(js, rows, "layer norm", gamma=gamma, beta=beta, eps=eps)
        return y.reshape(x.shape), None

    return forward


def group_norm(js, exercise):
    """Layer norm is one group, instance norm a group for each channel: these are judged here too."""

    def forward(x, groups, gamma, beta, eps=1e-5):
        norm = {1: "layer norm", x.shape[1]: "instance norm"}.get(groups, "group norm")
        groups = {"groups": groups} if norm == "group norm" else {}
        return normalised(js, x, norm, gamma=gamma, beta=beta, eps=eps, **groups)

    return forward


# By exercise: the module, what of it is judged, and how that becomes an answer.
ANSWERS = {
    "SGD": ("optimizers", "sgd", optimizer_class("sgd")),
    "momentum_update": ("optimizers", "averaging", update_rule("averaging", ["v"])),
    "heavy_ball_update": ("optimizers", "momentum", update_rule("momentum", ["buf"], {"mu": "momentum"})),
    "MomentumSGD": ("optimizers", "momentum", optimizer_class("momentum")),
    "adagrad_update": ("optimizers", "adagrad", update_rule("adagrad", ["acc"])),
    "rmsprop_update": ("optimizers", "rmsprop", update_rule("rmsprop", ["s"], unused=["mean", "buf"])),
    "RMSprop": ("optimizers", "rmsprop", optimizer_class("rmsprop")),
    "adam_update": ("optimizers", "adam", update_rule("adam", ["m", "v"], counts=True)),
    "Adam": ("optimizers", "adam", optimizer_class("adam")),
    "AdamW": ("optimizers", "adamw", optimizer_class("adamw")),
    "amsgrad_update": ("optimizers", "amsgrad", update_rule("amsgrad", ["m", "v", "v_max"], counts=True)),
    "lion_update": ("optimizers", "lion", update_rule("lion", ["m"])),
    "ScheduleFreeSGD": ("optimizers", "scheduleFree", averaging_class("scheduleFree")),
    "inverse_time_decay": ("schedules", "inverseTimeDecay", schedule("inverseTimeDecay")),
    "step_decay": ("schedules", "stepDecay", schedule("stepDecay")),
    "multistep_decay": ("schedules", "multistepDecay", schedule("multistepDecay")),
    "exponential_decay": ("schedules", "exponentialDecay", schedule("exponentialDecay")),
    "cosine_decay": ("schedules", "cosineDecay", schedule("cosineDecay")),
    "warmup_cosine": ("schedules", "warmupCosine", schedule("warmupCosine")),
    "noam": ("schedules", "noam", schedule("noam")),
    "cosine_restarts": ("schedules", "cosineRestarts", schedule("cosineRestarts")),
    "clip_by_value": ("clipping", "clipByValue", clip_by_value),
    "global_norm": ("clipping", "globalNorm", global_norm),
    "clip_by_global_norm": ("clipping", "clipByGlobalNorm", clip_by_global_norm),
    "ema": ("averages", "ema", series("ema")),
    "ema_corrected": ("averages", "emaCorrected", series("emaCorrected")),
    "ema_weights": ("averages", "emaWeights", weights),
    "batch_norm_forward": ("norms", "normalise", batch_norm),
    "batch_norm_2d": ("norms", "normalise", batch_norm),
    "layer_norm_forward": ("norms", "normalise", layer_norm),
    "group_norm": ("norms", "normalise", group_norm),
}


def answer(js, exercise_id):
    """The exercise, and its answer in JavaScript."""
    exercise = EXERCISES[exercise_id]
    return exercise, ANSWERS[exercise_id][2](js, exercise)
