"""While a check runs an answer, it refuses what grading refuses in the same words; then all is as it was."""

import dis
import gc
import importlib
import re
import sys
import threading
import types

import numpy as np
import optuna
import pandas as pd
import pytest
import torch
from corpus.points import ADAM, ADAMW, BASES
from torch import nn
from torch.nn import functional as F
from torch.optim.sgd import sgd

from course import check
from course.cases import probed, public_cases
from course.exercise import Evidence
from course.exercises import EXERCISES, SEALED, lesson_of
from course.families.handed import HandedOptimizer
from course.sealed import (
    AVERAGES,
    CLIPPING,
    COMMON,
    COSINES,
    CROSS_ENTROPY,
    DIVERGENCE,
    INITIALISERS,
    NORMALISATION,
    OPTIMISERS,
    OPTUNA,
    SOFTMAX_CROSS_ENTROPY,
    NotAvailable,
    Sealed,
)
from course.sealing import exchanges, refused

X = torch.arange(12.0).reshape(4, 3) ** 2
SERIES = pd.Series([1.0, 2.0, 4.0])
MADE_BEFORE = torch.optim.SGD([nn.Parameter(torch.ones(2))], lr=0.1)
MADE_BEFORE.param_groups[0]["params"][0].grad = torch.ones(2)
NORMALISED = nn.utils.parametrizations.spectral_norm(nn.Linear(3, 2))


SETTINGS = {
    "d_p_list": [torch.ones(2)],
    "momentum_buffer_list": [None],
    "weight_decay": 0.0,
    "momentum": 0.0,
    "lr": 0.1,
    "dampening": 0.0,
    "nesterov": False,
    "maximize": False,
}


class Inherited(torch.optim.Adam):
    pass


def a_gradient():
    theta = nn.Parameter(torch.ones(2))
    theta.grad = torch.full((2,), 3.0)
    return theta


def fused():
    tensors = [[torch.ones(2)] for _ in range(4)]
    torch._fused_adam_(
        *tensors,
        [],
        [torch.ones(())],
        lr=0.1,
        beta1=0.9,
        beta2=0.9,
        weight_decay=0.0,
        eps=1e-8,
        amsgrad=False,
        maximize=False,
    )


# Ways that honest students take, and what of PyTorch's or pandas' they lead to.
WAYS = {
    "an optimiser": (OPTIMISERS, lambda: torch.optim.Adam([a_gradient()])),
    "an optimiser made before": (OPTIMISERS, MADE_BEFORE.step),
    "a class that inherits": (OPTIMISERS, lambda: Inherited([a_gradient()])),
    "a method of a class": (OPTIMISERS, lambda: torch.optim.SGD.step(MADE_BEFORE)),
    "an optimiser's function": (OPTIMISERS, lambda: sgd([torch.ones(2)], **SETTINGS)),
    "a schedule": (OPTIMISERS, lambda: torch.optim.lr_scheduler.StepLR(torch.optim.SGD([a_gradient()]), 2)),
    "an average of weights": (OPTIMISERS, lambda: torch.optim.swa_utils.AveragedModel(nn.Linear(1, 1))),
    "a fused kernel": (OPTIMISERS, fused),
    "clipping": (CLIPPING, lambda: nn.utils.clip_grad_norm_([a_gradient()], 1.0)),
    "the norm of all gradients": (CLIPPING, lambda: nn.utils.get_total_norm([torch.ones(2)])),
    "renorm": (CLIPPING, lambda: X.renorm(2, 0, 1.0)),
    "a layer": (NORMALISATION, lambda: nn.BatchNorm1d(3)(X)),
    "another layer": (NORMALISATION, lambda: nn.LayerNorm(3)(X)),
    "a function": (NORMALISATION, lambda: F.batch_norm(X, None, None, training=True)),
    "layer normalisation": (NORMALISATION, lambda: F.layer_norm(X, (3,))),
    "rms normalisation": (NORMALISATION, lambda: F.rms_norm(X, (3,))),
    "a kernel": (NORMALISATION, lambda: torch.ops.aten.native_layer_norm(X, [3], None, None, 1e-5)),
    "a kernel below autograd": (NORMALISATION, lambda: F.group_norm(X.clone().requires_grad_(), 1)),
    "a reference in Python": (NORMALISATION, lambda: torch._refs._normalize(X, [0], 1e-5)),
    "spectral normalisation": (
        NORMALISATION,
        lambda: nn.utils.parametrizations.spectral_norm(nn.Linear(3, 2)),
    ),
    "a weight that is normalised": (NORMALISATION, lambda: NORMALISED.weight),
    "spectral normalisation as it was": (NORMALISATION, lambda: nn.utils.spectral_norm(nn.Linear(3, 2))),
    "group normalisation": (NORMALISATION, lambda: nn.GroupNorm(1, 3)(X)),
    "instance normalisation": (NORMALISATION, lambda: F.instance_norm(X[None])),
    "a loss from logits": (CROSS_ENTROPY, lambda: F.binary_cross_entropy_with_logits(X, X / 121)),
    "a loss from probabilities": (CROSS_ENTROPY, lambda: nn.BCELoss()(X / 121, X / 121)),
    "a loss as a kernel": (
        CROSS_ENTROPY,
        lambda: torch.ops.aten.binary_cross_entropy_with_logits(X, X / 121),
    ),
    "smoothed labels": (
        SOFTMAX_CROSS_ENTROPY,
        lambda: F.cross_entropy(X, torch.tensor([0, 1, 2, 0]), label_smoothing=0.1),
    ),
    "labels as probabilities": (SOFTMAX_CROSS_ENTROPY, lambda: nn.CrossEntropyLoss()(X, X / 121)),
    "smoothed labels, a kernel": (
        SOFTMAX_CROSS_ENTROPY,
        lambda: torch.ops.aten.cross_entropy_loss(X, torch.tensor([0, 1, 2, 0]), label_smoothing=0.1),
    ),
    "smoothed labels after a layer": (
        SOFTMAX_CROSS_ENTROPY,
        lambda: F.linear_cross_entropy(X, torch.eye(3), torch.tensor([0, 1, 2, 0]), label_smoothing=0.1),
    ),
    "a divergence": (DIVERGENCE, lambda: F.kl_div(X.log_softmax(1), X.softmax(1), reduction="batchmean")),
    "a divergence as a layer": (
        DIVERGENCE,
        lambda: nn.KLDivLoss(reduction="batchmean")(X.log_softmax(1), X.softmax(1)),
    ),
    "a divergence of distributions": (
        DIVERGENCE,
        lambda: torch.distributions.kl_divergence(*[torch.distributions.Categorical(logits=X)] * 2),
    ),
    "a cosine": (COSINES, lambda: F.cosine_similarity(X, X)),
    "a cosine as a loss": (COSINES, lambda: F.cosine_embedding_loss(X, X, torch.ones(4))),
    "an average of pandas'": (AVERAGES, lambda: SERIES.ewm(alpha=0.5).mean()),
}


# Exercises whose lessons seal what others do not.
BUILT_BY = {
    CROSS_ENTROPY: "generator_loss",
    SOFTMAX_CROSS_ENTROPY: "label_smoothing_cross_entropy",
    DIVERGENCE: "distillation_loss",
    COSINES: "similarity_weights",
}


@pytest.mark.parametrize("way", WAYS)
def test_everything_is_refused_and_then_as_it_was(way):
    sealed, call = WAYS[way]
    call()
    with refused(sealed), pytest.raises(NotAvailable, match=f"^{re.escape(sealed.refusal)}[.]$"):
        call()
    call()


@pytest.mark.parametrize("way", WAYS)
def test_a_check_refuses_it_and_names_the_problem(way):
    sealed, call = WAYS[way]
    name = BUILT_BY.get(sealed, "adam_update")
    cases, expected = public_cases(name)

    def answer(*arguments, **hyper):
        call()

    for evidence in probed(EXERCISES[name], answer, cases, expected):
        assert evidence.problem.id == "unavailable"
        assert SEALED[lesson_of(name)].refusal in evidence.problem.sentence


def test_the_card_says_it(capsys):
    class Adam(torch.optim.Adam):
        pass

    assert check("Adam", Adam) == 0.0
    assert f"Adam raised NotAvailable: {COMMON.refusal}" in " ".join(capsys.readouterr().out.split())
    Adam([a_gradient()]).step()


def test_what_stays_open_stays_open():
    linear = nn.Linear(3, 2)
    with refused(COMMON):
        assert SERIES.rolling(2).mean().tolist()[1:] == [1.5, 3.0]
        assert SERIES.expanding().mean().tolist()[:2] == [1.0, 1.5]
        loss = F.mse_loss(torch.tanh(linear(X)), torch.zeros(4, 2))
        loss.backward()
        assert torch.linalg.vector_norm(linear.weight.grad) > 0
        assert F.softmax(X, dim=1).sum() == pytest.approx(4.0)
        nn.init.xavier_uniform_(linear.weight)
    with refused(INITIALISERS):
        optimiser = torch.optim.SGD(linear.parameters(), lr=0.1)
        optimiser.step()
        with pytest.raises(NotAvailable):
            nn.init.xavier_uniform_(linear.weight)


def test_optuna_is_refused_to_answers_and_then_as_it_was():
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    for use in (optuna.create_study, study.ask, lambda: optuna.samplers.GridSampler({"lr": [0.1]})):
        with refused(OPTUNA), pytest.raises(NotAvailable, match=re.escape(OPTUNA.refusal)):
            use()
        use()


@pytest.mark.parametrize("error", (KeyboardInterrupt, SystemExit, MemoryError))
def test_whatever_ends_a_check_all_is_put_back(error):
    before = [function.__code__ for function, _ in exchanges(COMMON)]
    assert len(before) > 200

    def adam_update(*arguments, **hyper):
        raise error

    if error is KeyboardInterrupt:
        with pytest.raises(error):
            check("adam_update", adam_update)
    else:
        check("adam_update", adam_update)
    assert [function.__code__ for function, _ in exchanges(COMMON)] == before
    for _, call in WAYS.values():
        call()


def test_a_block_may_stand_inside_another():
    with refused(OPTIMISERS):
        with refused(COMMON), pytest.raises(NotAvailable, match=re.escape(COMMON.refusal)):
            SERIES.ewm(alpha=0.5).mean()
        with pytest.raises(NotAvailable, match=f"^{re.escape(OPTIMISERS.refusal)}"):
            MADE_BEFORE.step()
        SERIES.ewm(alpha=0.5).mean()
    MADE_BEFORE.step()


def test_checks_of_two_threads_leave_nothing_behind():
    inside, end = threading.Event(), threading.Event()

    def first():
        with refused(COMMON):
            inside.set()
            end.wait(10)

    def second():
        inside.wait(10)
        with refused(COMMON):
            pass

    threads = [threading.Thread(target=turn) for turn in (first, second)]
    for thread in threads:
        thread.start()
    inside.wait(10)
    end.set()
    for thread in threads:
        thread.join()
    for _, call in WAYS.values():
        call()


def test_no_function_is_missed_that_the_process_holds():
    """What is found by following names is all that there is, whoever holds it."""
    sealed = COMMON | INITIALISERS | CROSS_ENTROPY | SOFTMAX_CROSS_ENTROPY | DIVERGENCE
    found = {id(function) for function, _ in exchanges(sealed)}
    patterns = [*((module, ".*") for module in sealed.modules), *sealed.functions]
    files = {}
    for name, module in sys.modules.items():
        for place, pattern in patterns:
            if f"{name}.".startswith(f"{place}.") and name not in dict(sealed.bases):
                files.setdefault(getattr(module, "__file__", None), []).append(pattern)
    gc.collect()
    missed = {
        f"{held.__module__}.{held.__qualname__}"
        for held in gc.get_objects()
        if type(held) is types.FunctionType and id(held) not in found
        for pattern in files.get(held.__code__.co_filename, ())
        if re.fullmatch(pattern, held.__name__) or re.fullmatch(pattern, held.__qualname__)
    }
    assert missed == set()


def test_what_refuses_can_be_looked_at_as_tracebacks_do():
    """Python takes variables around a function for there where its code sets none up, and then crashes."""
    for function, code in exchanges(COMMON | INITIALISERS):
        steps = {step.opname: step.arg for step in dis.get_instructions(code)}
        assert len(code.co_freevars) == steps.get("COPY_FREE_VARS", 0), function.__qualname__
    with refused(OPTIMISERS), pytest.raises(NotAvailable) as error:
        torch.optim.SGD([a_gradient()])
    looked_at = [entry.frame.f_locals for entry in error.traceback]
    assert any("around_0" in found for found in looked_at) and any(
        "arguments" in found for found in looked_at
    )


@pytest.mark.parametrize(
    "part",
    (
        OPTIMISERS,
        CLIPPING,
        NORMALISATION,
        AVERAGES,
        INITIALISERS,
        CROSS_ENTROPY,
        SOFTMAX_CROSS_ENTROPY,
        DIVERGENCE,
        COSINES,
        OPTUNA,
    ),
)
def test_whatever_a_part_names_is_there(part):
    """A new version of PyTorch or pandas that has renamed something is seen here."""
    for module, pattern in part.functions:
        importlib.import_module(module)
        assert exchanges(Sealed(functions=((module, pattern),))), (module, pattern)
    for module, pattern in part.compiled:
        names = vars(importlib.import_module(module))
        assert any(re.fullmatch(pattern, name) for name in names), (module, pattern)
    kernels = torch._C._dispatch_get_all_op_names()
    for pattern in part.kernels:
        assert any(re.fullmatch(rf"aten::{pattern}", name.partition(".")[0]) for name in kernels)
    for module in part.modules:
        assert importlib.util.find_spec(module)
    for module, name in part.bases:
        assert isinstance(getattr(importlib.import_module(module), name), type)


@pytest.mark.parametrize("base", BASES)
def test_the_base_class_of_optimisers_may_be_inherited_from(base):
    names = {"torch": torch}
    exec(ADAM.format(base=base, imported=BASES[base]) + ADAMW, names)
    assert (check("Adam", names["Adam"]), check("AdamW", names["AdamW"])) == (3.5, 2.5)


def test_the_optimiser_of_the_checks_is_no_answer(capsys):
    class SGD(HandedOptimizer):
        def __init__(self, params, lr, weight_decay=0.0):
            super().__init__([{"params": list(params), "lr": lr}])

    class Quiet(SGD):
        def __init__(self, params, lr, weight_decay=0.0):
            self.param_groups, self.seen = [{"params": list(params), "lr": lr}], []

    assert check("SGD", SGD) == 0.0
    assert "NotAvailable" in capsys.readouterr().out
    theta = a_gradient()
    with pytest.raises(NotAvailable):
        HandedOptimizer([{"params": [theta], "lr": 0.1}])
    with pytest.raises(NotAvailable):
        Quiet([theta], 0.1).step()


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=lambda exercise: exercise.id)
def test_the_right_answers_of_the_course_are_refused_too(exercise):
    cases, expected = public_cases(exercise.id)
    with refused(COMMON), pytest.raises(NotAvailable):
        exercise.oracle(cases[0])
    again = exercise.oracle(cases[0])
    assert isinstance(again, Evidence)
    for reading, array in again.readings.items():
        np.testing.assert_array_equal(array, expected[0].readings[reading])
