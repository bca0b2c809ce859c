"""The mathematics of the book's figures as answers to the course's exercises: each call goes to a page."""

import importlib.util
from pathlib import Path

import numpy as np
import torch
from playwright.sync_api import Error

from course.exercises import EXERCISES

PLAY = Path(__file__).parents[2] / "book/play"
# Of a module of the joined script: call a function, or a method of a record, and hand back what it returns.
CALL = """([module, path, given]) => {
  const path_ = path.split('.'), last = path_.pop();
  const owner = path_.reduce((found, name) => found[name], descentPlay[module]);
  return owner[last](...given);
}"""


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

    def __call__(self, module, path, *given):
        """Call ``path`` ("ema", "adam.step") of ``mathematics/MODULE.js``; its RangeError is a ValueError here."""
        try:
            return self._page.evaluate(CALL, [f"mathematics/{module}.js", path, [plain(value) for value in given]])
        except Error as error:
            if "RangeError" in str(error):
                raise ValueError(str(error)) from None
            raise

    def exported(self, module):
        return self._page.evaluate("module => Object.keys(descentPlay[module])", f"mathematics/{module}.js")

    def read(self, module, path):
        """A value: the defaults of an optimiser for one."""
        return self._page.evaluate(
            "([module, path]) => path.split('.').reduce((found, name) => found[name], descentPlay[module])",
            [f"mathematics/{module}.js", path],
        )


def plain(value):
    """A value as JavaScript gets it."""
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def update_rule(record, states, renamed=None, counts=False):
    """``(theta, grad, *state, [t], **hyper) -> (theta, *state)`` by an optimiser's step.

    Args:
        states: their names, the exercise's and JavaScript's.
        renamed: hyper-parameters that the exercise calls otherwise.
        counts: whether t comes after the state.
    """

    def made(js, exercise):
        def update(theta, grad, *rest, **given):
            flat = [np.ravel(array) for array in (theta, grad, *rest[: len(states)])]
            state = dict(zip(states, flat[2:], strict=True))
            if counts:
                state["t"] = rest[len(states)] - 1
            hyper = {(renamed or {}).get(name, name): value for name, value in given.items()}
            hyper = js("optimizers", "settings", js.read("optimizers", record), hyper)
            moved, after = js("optimizers", f"{record}.step", flat[0], flat[1], state, hyper)
            return tuple(np.reshape(array, theta.shape) for array in (moved, *(after[name] for name in states)))

        return update

    return made


def optimizer_class(record):
    """A class with the interface of ``torch.optim``, whose steps are those of an optimiser's record."""

    def made(js, exercise):
        class Optimizer:
            def __init__(self, params, **given):
                if "betas" in given:
                    given["beta1"], given["beta2"] = given.pop("betas")
                self._hyper = js("optimizers", "settings", js.read("optimizers", record), given)
                self.lr = self._hyper["lr"]
                self._params = list(params)
                starts = [param.detach().numpy().ravel() for param in self._params]
                self._states = [js("optimizers", f"{record}.start", start) for start in starts]

            @torch.no_grad()
            def step(self):
                hyper = {**self._hyper, "lr": self.lr}
                for index, param in enumerate(self._params):
                    if param.grad is not None:
                        theta, grad = param.numpy().ravel(), param.grad.numpy().ravel()
                        moved, self._states[index] = js(
                            "optimizers", f"{record}.step", theta, grad, self._states[index], hyper
                        )
                        self._put(param, moved)

            def _put(self, param, values):
                param.copy_(torch.tensor(values, dtype=param.dtype).reshape(param.shape))

            def zero_grad(self):
                for param in self._params:
                    param.grad = None

        return Optimizer

    return made


def averaging_class(record):
    """The same with ``eval()``, which shows where the loss is measured, and ``train()``."""

    def made(js, exercise):
        class Averaging(optimizer_class(record)(js, exercise)):
            _training = None

            @torch.no_grad()
            def eval(self):
                if self._training is None:
                    self._training = [param.clone() for param in self._params]
                    for param, state in zip(self._params, self._states, strict=True):
                        self._put(param, js("optimizers", f"{record}.evaluated", state))

            @torch.no_grad()
            def train(self):
                if self._training is not None:
                    for param, before in zip(self._params, self._training, strict=True):
                        param.copy_(before)
                    self._training = None

        return Averaging

    return made


def schedule(function):
    def made(js, exercise):
        def rate(*given):
            *settings, at = given
            settings = dict(zip(exercise.argument_names, settings, strict=False))
            if np.ndim(at):
                return np.array([js("schedules", function, settings, each) for each in np.asarray(at).tolist()])
            return js("schedules", function, settings, at)

        return rate

    return made


def clipping(function, returns_norm=False):
    def made(js, exercise):
        def clip(grads, *limit, p=2.0):
            flat = [np.ravel(array).tolist() for array in grads]
            found = js("clipping", function, flat, *limit, *([p] if "p" in exercise.argument_names else []))
            if function == "globalNorm":
                return found
            arrays = found[0] if returns_norm else found
            clipped = [np.reshape(array, grad.shape) for array, grad in zip(arrays, grads, strict=True)]
            return (clipped, found[1]) if returns_norm else clipped

        return clip

    return made


def series(function):
    def made(js, exercise):
        def average(x, beta):
            columns = [js("averages", function, column, beta) for column in x.reshape(len(x), -1).T]
            return np.stack(columns, axis=-1).reshape(x.shape)

        return average

    return made


def weights(js, exercise):
    return lambda beta, t: np.array(js("averages", "emaWeights", beta, t))


def normalised(js, x, norm, **options):
    """x of shape (N, C, ...)."""
    shape = [*x.shape[:2], int(np.prod(x.shape[2:]))]
    return np.reshape(js("norms", "normalise", np.ravel(x), shape, norm, options)["y"], x.shape)


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
    "clip_by_value": ("clipping", "clipByValue", clipping("clipByValue")),
    "global_norm": ("clipping", "globalNorm", clipping("globalNorm")),
    "clip_by_global_norm": ("clipping", "clipByGlobalNorm", clipping("clipByGlobalNorm", returns_norm=True)),
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
