"""Lesson 02, wrong on purpose: what each mistake changes in the reference solution; see autograder.catalogue."""

from autograder.catalogue import wrong

NOTES = "course notes"
LIBRARIES = "another library's convention"
CLASSROOM = "common in first implementations"

# What the edits replace.
START = "v = np.zeros(x.shape[1:])"
AVERAGE = "v = beta * v + (1 - beta) * x_t  # (1)"
LOOP = """    for t, x_t in enumerate(x):
        v = beta * v + (1 - beta) * x_t  # (1)
        averages[t] = v
"""
WEIGHTS = "w = (1 - beta) * beta ** (t - i)  # (2)"
BY_EMA = "v = ema(x, beta)"
CORRECTION = "v_hat[t - 1] = v[t - 1] / (1 - beta**t)  # (4)"
CORRECTED = """    v = ema(x, beta)
    v_hat = np.empty(x.shape)
    for t in range(1, len(x) + 1):
        v_hat[t - 1] = v[t - 1] / (1 - beta**t)  # (4)
"""
REFUSAL = """        if not 0 <= decay < 1:
            raise ValueError("decay must be at least 0 and less than 1.")
"""
COPIES = "self.shadow = [p.detach().clone() for p in params]"
COUNT = """        self.t += 1
        for"""
FIRST = "s.copy_(p)  # (5), left"
FIRST_AND_LATER = """            if self.t == 1:
                s.copy_(p)  # (5), left
            else:
                s.copy_(self.decay * s + (1 - self.decay) * p)  # (5), right
"""
LATER = "s.copy_(self.decay * s + (1 - self.decay) * p)  # (5), right"

EMA = (
    wrong(
        "ema", "starts_at_the_first_value", "the average starts at the first value instead of 0",
        "Formula (1) starts from v_0 = 0, so that v_1 is only (1 - beta) times x_1. Other libraries start at x_1, "
        "and lesson 02 mends the start later, with formula (4).",
        LIBRARIES, (START, "v = x[0]"),
    ),
    wrong(
        "ema", "beta_and_one_minus_beta_swapped", "beta and 1 - beta have changed places",
        "In formula (1) beta is the share of the old average. With beta = 0.9 nine tenths of it stay.",
        LIBRARIES, (AVERAGE, "v = (1 - beta) * v + beta * x_t"),
    ),
    wrong(
        "ema", "sum_instead_of_average", "the new value is added whole, without its factor",
        "In formula (1) the new value is weighted with 1 - beta. Without it v is a sum that grows to 1/(1 - beta) "
        "times the values.",
        "the momentum buffer of torch.optim.SGD", (AVERAGE, "v = beta * v + x_t"),
    ),
    wrong(
        "ema", "already_corrected", "this is the corrected average",
        "ema is formula (1) alone. The division of formula (4) belongs to ema_corrected.",
        CLASSROOM, ("averages[t] = v\n", "averages[t] = v / (1 - beta ** (t + 1))\n"),
    ),
    wrong(
        "ema", "previous_value_instead_of_average", "each value is mixed with the value before, not with the average",
        "v_(t-1) in formula (1) is the average of the step before, which holds all earlier values, and not x_(t-1).",
        CLASSROOM, (AVERAGE, "v = beta * (x[t - 1] if t else 0.0) + (1 - beta) * x_t"),
    ),
    wrong(
        "ema", "one_step_late", "row 0 holds v_0 instead of v_1: everything is one step late",
        "Row t - 1 of the result holds v_t of formula (1): take in the value first, then write the average down.",
        CLASSROOM, (LOOP, LOOP.replace(f"        {AVERAGE}\n        averages[t] = v\n",
                                       f"        averages[t] = v\n        {AVERAGE}\n")),
    ),
    wrong(
        "ema", "last_axis_as_time", "the average runs along the last axis instead of axis 0",
        "The index t of formula (1) is the first axis of x: x[0] holds the whole of x_1, whatever its shape.",
        CLASSROOM,
        ("x.shape[1:]", "x.shape[:-1]"), ("enumerate(x)", "enumerate(np.moveaxis(x, -1, 0))"),
        ("averages[t] = v\n", "averages[..., t] = v\n"),
    ),
    wrong(
        "ema", "all_elements_share_one_average", "all elements of a step share one average",
        "In formula (1) v_t has the shape of x_t: each element keeps an average of its own.",
        CLASSROOM, (AVERAGE, "v = beta * v + (1 - beta) * np.mean(x_t)"),
    ),
    wrong(
        "ema", "writes_into_the_series", "the averages are written into x",
        "The result must be a new array: one that shares memory with x overwrites the caller's series.",
        CLASSROOM, ("averages = np.empty(x.shape)", "averages = x"),
    ),
    wrong(
        "ema", "returns_x_itself_for_beta_0", "for beta = 0 the series itself is returned",
        "With beta = 0 formula (1) gives v_t = x_t, but the result must be a copy: it shares no memory with x.",
        CLASSROOM, ("    averages = np.empty", "    if beta == 0:\n        return x\n    averages = np.empty"),
    ),
    wrong(
        "ema", "division_by_powers", "the sum is divided by powers of beta, which overflow",
        "Formula (2) with the factor beta**t taken out of the sum is right on paper. In float64 its powers overflow "
        "for long series, and beta = 0 divides by zero. Go step by step with formula (1).",
        "a known way to avoid the loop",
        (
            LOOP,
            "    t = np.arange(1.0, len(x) + 1).reshape(-1, *[1] * (x.ndim - 1))\n"
            "    averages = (1 - beta) * beta**t * np.cumsum(x * np.power(beta, -t), axis=0)\n",
        ),
    ),
    wrong(
        "ema", "first_row_is_the_first_value", "row 0 is the first value, and the start at 0 goes on without it",
        "In formula (1) v_1 is made from v_0 = 0 like every other: it is (1 - beta) times x_1.",
        CLASSROOM, ("    return averages", "    averages[0] = x[0]\n    return averages"),
    ),
    wrong(
        "ema", "plain_mean", "this is the plain mean of all values so far",
        "In formula (1) the weights fall with age, and beta says how fast.",
        CLASSROOM, ("averages[t] = v\n", "averages[t] = x[: t + 1].mean(axis=0)\n"),
    ),
    wrong(
        "ema", "moving_window", "this is a mean over the newest 1/(1 - beta) values",
        "1/(1 - beta) is a rule of thumb. In formula (1) every past value counts, each with its own weight.",
        CLASSROOM,
        ("averages[t] = v\n",
         "averages[t] = x[max(0, t + 1 - round(1 / (1 - beta))) : t + 1].mean(axis=0)\n"),
    ),
    wrong(
        "ema", "beta_taken_for_a_span", "beta is made from a number of days, as if it were a span",
        "beta in formula (1) is the share itself that stays.",
        "pandas' span", (START, START + "\n    beta = 1 - 2 / (1 / (1 - beta) + 1)"),
    ),
    wrong(
        "ema", "filtered_twice", "the series is averaged twice",
        "Formula (1) goes over the series once.",
        CLASSROOM, ("    return averages", "    v = np.zeros(x.shape[1:])\n    for t in range(len(x)):\n"
                    "        averages[t] = v = beta * v + (1 - beta) * averages[t]\n    return averages"),
    ),
    wrong(
        "ema", "runs_backwards", "the average runs from the last value to the first",
        "Formula (1) starts with x_1, which x[0] holds, and goes on with the time.",
        CLASSROOM, ("    for t, x_t in enumerate(x):\n", "    for t, x_t in reversed(list(enumerate(x))):\n"),
    ),
)  # fmt: skip

EMA_WEIGHTS = (
    wrong(
        "ema_weights", "newest_first", "the weights are in the wrong order: the newest comes first",
        "In formula (2) the weight of x_i has the exponent t - i. The oldest value, x_1, comes first and weighs least.",
        CLASSROOM, ("beta ** (t - i)", "beta ** (i - 1)"),
    ),
    wrong(
        "ema_weights", "factor_missing", "the factor 1 - beta is missing",
        "Formula (2) has 1 - beta before the power: the newest value weighs 1 - beta and not 1.",
        CLASSROOM, ("(1 - beta) * beta **", "beta **"),
    ),
    wrong(
        "ema_weights", "exponent_off_by_one", "the exponents are all too large by one",
        "In formula (2) the exponent is the age t - i, and x_t has the age 0.",
        CLASSROOM, ("beta ** (t - i)", "beta ** (t - i + 1)"),
    ),
    wrong(
        "ema_weights", "made_to_add_up_to_one", "the weights are those of the corrected average",
        "These are the weights in v_t of formula (1). They add up to 1 - beta**t, as formula (3) says, and not to 1.",
        CLASSROOM, ("return w", "return w / w.sum()"),
    ),
    wrong(
        "ema_weights", "beta_and_one_minus_beta_swapped", "beta and 1 - beta have changed places",
        "In formula (2) the power is one of beta, since each further step multiplies by beta once more.",
        LIBRARIES, (WEIGHTS, "w = beta * (1 - beta) ** (t - i)"),
    ),
    wrong(
        "ema_weights", "first_value_weighs_more", "the weights are those of an average that starts at the first value",
        "Formula (1) starts from v_0 = 0. The weight that is missing to 1 belongs to that 0 and not to x_1.",
        LIBRARIES, ("return w", "w[0] = beta ** (t - 1)\n    return w"),
    ),
    wrong(
        "ema_weights", "one_weight_too_many", "there are t + 1 weights: one is for v_0",
        "The sum in formula (2) runs from i = 1 to t. The start v_0 is 0 and needs no weight.",
        CLASSROOM, ("np.arange(1, t + 1)", "np.arange(0, t + 1)"),
    ),
    wrong(
        "ema_weights", "equal_weights", "all weights are the same",
        "In formula (2) the weights fall with age. Those of a plain mean do not.",
        CLASSROOM, (WEIGHTS, "w = np.full(t, (1 - beta**t) / t)"),
    ),
    wrong(
        "ema_weights", "divided_powers", "beta**t is divided by beta**i, which fails for beta = 0",
        "In formula (2) the exponent is t - i. Take the difference first: beta = 0 has no quotient.",
        CLASSROOM, (WEIGHTS, "w = (1 - beta) * np.float64(beta) ** t / np.float64(beta) ** i"),
    ),
)  # fmt: skip

EMA_CORRECTED = (
    wrong(
        "ema_corrected", "fed_back", "the corrected value goes into the next step",
        "The v_(t-1) of formula (1) is the uncorrected average. The value of formula (4) is a copy to read, and is "
        "never fed back.",
        NOTES,
        (
            CORRECTED,
            "    v_hat = np.empty(x.shape)\n"
            "    v = np.zeros(x.shape[1:])\n"
            "    for t, x_t in enumerate(x, start=1):\n"
            "        v = (beta * v + (1 - beta) * x_t) / (1 - beta**t)\n"
            "        v_hat[t - 1] = v\n",
        ),
    ),
    wrong(
        "ema_corrected", "t_from_zero", "t is counted from 0, so that the first step divides by zero",
        "In formula (4) t counts from 1: row 0 of the series holds t = 1.",
        CLASSROOM, (CORRECTION, "v_hat[t - 1] = v[t - 1] / np.float64(1 - beta ** (t - 1))"),
    ),
    wrong(
        "ema_corrected", "t_from_two", "t is ahead by one",
        "In formula (4) the power of beta is t, and row 0 of the series holds t = 1. Check that v_hat_1 is x_1.",
        CLASSROOM, (CORRECTION, "v_hat[t - 1] = v[t - 1] / (1 - beta ** (t + 1))"),
    ),
    wrong(
        "ema_corrected", "power_missing", "every step is divided by 1 - beta, without the power t",
        "In formula (4) beta is raised to the power t, so that the correction fades as the average fills up.",
        CLASSROOM, (CORRECTION, "v_hat[t - 1] = v[t - 1] / (1 - beta)"),
    ),
    wrong(
        "ema_corrected", "beta_times_t", "beta is multiplied by t, not raised to the power t",
        "In formula (4) t is an exponent: on each day one more factor beta.",
        CLASSROOM, (CORRECTION, "v_hat[t - 1] = v[t - 1] / np.float64(1 - beta * t)"),
    ),
    wrong(
        "ema_corrected", "multiplied", "the average is multiplied by 1 - beta**t, not divided by it",
        "v_t is too small, and formula (4) divides by a number below 1 to make it larger.",
        CLASSROOM, (CORRECTION, "v_hat[t - 1] = v[t - 1] * (1 - beta**t)"),
    ),
    wrong(
        "ema_corrected", "not_corrected", "the correction is missing",
        "This is v_t of formula (1). Formula (4) divides it by what its weights add up to.",
        CLASSROOM, (CORRECTION, "v_hat[t - 1] = v[t - 1]"),
    ),
    wrong(
        "ema_corrected", "starts_at_the_first_value", "the average starts at the first value, in place of a correction",
        "A start at x_1 gives that one day far too much weight. Formula (4) keeps v_0 = 0 and divides by what the "
        "weights add up to.",
        LIBRARIES,
        (BY_EMA, "v = x[0] + ema(x - x[0], beta)"), (CORRECTION, "v_hat[t - 1] = v[t - 1]"),
    ),
    wrong(
        "ema_corrected", "corrected_from_the_first_value", "the average starts at the first value and is corrected as well",
        "Formula (4) takes out a start at 0. An average that starts at x_1 needs no correction, and this one is "
        "too large: check that v_hat_1 is x_1.",
        CLASSROOM, (BY_EMA, "v = x[0] + ema(x - x[0], beta)"),
    ),
    wrong(
        "ema_corrected", "plain_mean", "this is the plain mean of all values so far",
        "In formula (4) the weights still fall with age, as in formula (2). Only their sum is made 1.",
        CLASSROOM, (CORRECTION, "v_hat[t - 1] = x[:t].mean(axis=0)"),
    ),
    wrong(
        "ema_corrected", "one_minus_beta_to_the_power", "1 - beta is raised to the power t, not beta",
        "In formula (4) the power belongs to beta alone: 1 minus beta to the power t.",
        CLASSROOM, (CORRECTION, "v_hat[t - 1] = v[t - 1] / (1 - beta) ** t"),
    ),
    wrong(
        "ema_corrected", "writes_into_the_series", "the averages are written into x",
        "The result must be a new array: one that shares memory with x overwrites the caller's series.",
        CLASSROOM, ("v_hat = np.empty(x.shape)", "v_hat = x"),
    ),
    wrong(
        "ema_corrected", "returns_x_itself_for_beta_0", "for beta = 0 the series itself is returned",
        "With beta = 0 every average is its newest value, but the result must be a copy: it shares no memory with x.",
        CLASSROOM, (f"    {BY_EMA}", f"    if beta == 0:\n        return x\n    {BY_EMA}"),
    ),
    wrong(
        "ema_corrected", "same_power_for_all", "every step is divided by 1 - beta**T, with the length of the series",
        "In formula (4) t is the step's own: the first is divided by 1 - beta, and each later one by more.",
        CLASSROOM, (CORRECTION, "v_hat[t - 1] = v[t - 1] / (1 - beta ** len(x))"),
    ),
    wrong(
        "ema_corrected", "first_step_alone", "only the first step is corrected",
        "Formula (4) holds for every t: the correction fades, but it does not stop.",
        CLASSROOM, (CORRECTION, "v_hat[t - 1] = v[t - 1] / (1 - beta) if t == 1 else v[t - 1]"),
    ),
    wrong(
        "ema_corrected", "values_corrected", "the values are divided before they go into the average",
        "Formula (4) divides the average v_t, which formula (1) makes of the values as they are.",
        CLASSROOM,
        (BY_EMA, "t = np.arange(1, len(x) + 1).reshape(-1, *[1] * (x.ndim - 1))\n    v = ema(x / (1 - beta**t), beta)"),
        (CORRECTION, "v_hat[t - 1] = v[t - 1]"),
    ),
    wrong(
        "ema_corrected", "first_row_set_apart", "t is counted from 0, and row 0 is set to the first value",
        "In formula (4) every row is divided by its own 1 - beta**t, with t counted from 1.",
        CLASSROOM, (CORRECTION, "v_hat[t - 1] = v[t - 1] / (1 - beta ** (t - 1)) if t > 1 else x[0]"),
    ),
    wrong(
        "ema_corrected", "rate_corrected", "the average is divided by the root of 1 - beta**t",
        "Formula (4) has no root: that one belongs to the second average of Adam, lesson 05.",
        "Adam's step size", (CORRECTION, "v_hat[t - 1] = v[t - 1] * np.sqrt(1 - beta**t) / (1 - beta**t)"),
    ),
    wrong(
        "ema_corrected", "missing_share_added", "what is missing is made up for by the newest value",
        "In formula (4) the weights keep their proportions: all are divided by their sum.",
        CLASSROOM, (CORRECTION, "v_hat[t - 1] = v[t - 1] + beta**t * x[t - 1]"),
    ),
    wrong(
        "ema_corrected", "correction_along_last_axis", "t runs along the last axis",
        "In formula (4) t is the first axis of v: one factor for each row, whatever its shape.",
        CLASSROOM,
        (CORRECTION, "v_hat[t - 1] = v[t - 1] / (1 - beta ** (np.arange(x.shape[-1]) + 1 if x.ndim > 1 else t))"),
    ),
)  # fmt: skip

MODEL_EMA = (
    wrong(
        "ModelEMA", "first_update_averages", "the first update averages instead of copying",
        "Formula (5) starts with s_1 = p_1: the first update copies. The values that the constructor saw are "
        "from before the first step of training and do not count.",
        CLASSROOM, ("if self.t == 1:", "if self.t == 0:"),
    ),
    wrong(
        "ModelEMA", "starts_at_zero", "the shadow starts at zero",
        "Formula (5) starts with a copy of the parameters. A start at 0 is formula (1), and needs formula (4).",
        "the averages of lessons 03 to 05",
        (COPIES, "self.shadow = [torch.zeros_like(p.detach()) for p in params]"), ("if self.t == 1:", "if self.t == 0:"),
    ),
    wrong(
        "ModelEMA", "corrected_from_zero", "the shadow starts at zero and is corrected",
        "Formula (5) has no correction: it starts with s_1 = p_1. The two agree in the first update and part in the "
        "second.",
        "Adam's averages",
        (
            LATER,
            "share = (1 - self.decay) / (1 - self.decay**self.t)\n                s.copy_(s + share * (p - s))",
        ),
    ),
    wrong(
        "ModelEMA", "decay_swapped", "decay and 1 - decay have changed places",
        "In formula (5) d is the share of the shadow that stays: with d = 0.99 the new weights count one part in 100.",
        LIBRARIES, (LATER, "s.copy_((1 - self.decay) * s + self.decay * p)"),
    ),
    wrong(
        "ModelEMA", "plain_mean", "this is the plain mean of all weights so far",
        "In formula (5) the new weights always count 1 - d. In a plain mean they count 1/t.",
        "stochastic weight averaging, `get_swa_multi_avg_fn`", (LATER, "s.copy_(s + (p - s) / self.t)"),
    ),
    wrong(
        "ModelEMA", "copies_every_time", "every update copies: nothing is averaged",
        "Formula (5) copies once. From the second update on the shadow keeps the share d of itself.",
        CLASSROOM, (LATER, "s.copy_(p)"),
    ),
    wrong(
        "ModelEMA", "shadow_is_the_model", "the shadow is the parameters themselves, not copies",
        "The shadow must have memory of its own. Detaching a tensor does not copy it: both still share one memory.",
        CLASSROOM, (COPIES, "self.shadow = [p.detach() for p in params]"),
    ),
    wrong(
        "ModelEMA", "shadow_is_changed_in_place", "the shadow is the parameters themselves, and averages change them",
        "The shadow must have memory of its own: detaching a tensor does not copy it, and whatever is done to the "
        "shadow in place is done to the model.",
        CLASSROOM, (COPIES, "self.shadow = [p.detach() for p in params]"),
        (LATER, "s.mul_(self.decay).add_(p, alpha=1 - self.decay)"),
    ),
    wrong(
        "ModelEMA", "decay_warms_up", "the decay is smaller in the first updates",
        "Formula (5) has the same d in every update after the first. A warm-up of d is another library's choice.",
        "TensorFlow's ExponentialMovingAverage with num_updates; timm",
        (LATER, "d = min(self.decay, self.t / (9 + self.t))\n                s.copy_(d * s + (1 - d) * p)"),
    ),
    wrong(
        "ModelEMA", "first_update_shares_memory", "after the first update the shadow is the parameters themselves",
        "Formula (5) copies the values. A shadow that is the same tensor changes with every step of the optimiser.",
        CLASSROOM,
        ("for s, p in zip(self.shadow, params, strict=True):", "for i, (s, p) in enumerate(zip(self.shadow, params)):"),
        (FIRST, "self.shadow[i] = p.detach()"),
    ),
    wrong(
        "ModelEMA", "shadow_requires_gradients", "the shadow is still attached to autograd",
        "A shadow is numbers only: none of its tensors may require a gradient.",
        CLASSROOM, (COPIES, "self.shadow = [p.detach().clone().requires_grad_() for p in params]"),
    ),
    wrong(
        "ModelEMA", "ignores_what_it_is_handed", "update() looks at the constructor's tensors, not at its own argument",
        "p_t in formula (5) is what update() is handed, and that may be other tensors than the constructor got.",
        CLASSROOM,
        (COPIES, "self.params = list(params)\n        self.shadow = [p.detach().clone() for p in self.params]"),
        ("zip(self.shadow, params, strict=True)", "zip(self.shadow, self.params, strict=True)"),
    ),
    wrong(
        "ModelEMA", "generator_read_twice", "the generator of parameters is read twice",
        "A generator can be read only once. Keep a list of what it gives before you use it a second time.",
        CLASSROOM,
        (COPIES, "self.count = len([p for p in params])\n        self.shadow = [p.detach().clone() for p in params]"),
    ),
    wrong(
        "ModelEMA", "writes_into_the_model", "the average is written back into the model",
        "Formula (5) changes the shadow alone. A model that is set to its average after each update hardly learns.",
        CLASSROOM, (LATER, f"{LATER}\n                p.copy_(s)"),
    ),
    wrong(
        "ModelEMA", "shadow_of_the_class", "all instances share one shadow",
        "What is written under `class` belongs to all instances. Make the list in the constructor, with `self.`.",
        CLASSROOM,
        ("    def __init__(self, params, decay):", "    shadow = []\n\n    def __init__(self, params, decay):"),
        (COPIES, "self.shadow += [p.detach().clone() for p in params]"),
    ),
    wrong(
        "ModelEMA", "only_the_first_parameter", "only the first parameter is averaged",
        "Formula (5) holds for every parameter: the return stands inside the loop.",
        CLASSROOM, (FIRST_AND_LATER, f"{FIRST_AND_LATER}            return\n"),
    ),
    wrong(
        "ModelEMA", "no_check_of_decay", "a bad decay is accepted",
        "The constructor raises ValueError for a decay below 0, and for one of 1 or more: with d = 1 formula (5) "
        "never moves.",
        CLASSROOM, (REFUSAL, ""),
    ),
    wrong(
        "ModelEMA", "decay_of_one_accepted", "decay = 1 is accepted",
        "The range is [0, 1), without 1: with d = 1 formula (5) never moves.",
        "torch's own check", ("0 <= decay < 1", "0 <= decay <= 1"),
    ),
    wrong(
        "ModelEMA", "decay_of_zero_refused", "decay = 0 is refused",
        "The range is [0, 1), with 0: then the shadow is the newest weights.",
        CLASSROOM, ("0 <= decay < 1", "0 < decay < 1"),
    ),
    wrong(
        "ModelEMA", "first_update_does_nothing", "the first update does nothing",
        "Formula (5) starts with s_1 = p_1: what the constructor saw is from before the first step.",
        CLASSROOM, (FIRST, "pass"),
    ),
    wrong(
        "ModelEMA", "keeps_the_first_weights", "the shadow is averaged with the first weights, and not with itself",
        "In formula (5) s_(t-1) is the shadow of the update before, which holds all earlier weights.",
        CLASSROOM,
        (COPIES, COPIES + "\n        self.first = [s.clone() for s in self.shadow]"),
        ("for s, p in zip(self.shadow, params, strict=True):",
         "for s, p, first in zip(self.shadow, params, self.first, strict=True):"),
        (FIRST, "s.copy_(p)\n                first.copy_(p)"),
        (LATER, "s.copy_(self.decay * first + (1 - self.decay) * p)"),
    ),
    wrong(
        "ModelEMA", "counter_by_parameter", "the updates are counted for each parameter in turn, with one counter",
        "t in formula (5) counts calls of update(), the same for all parameters.",
        CLASSROOM, (COUNT, "        for"), ("            if self.t == 1:", "            self.t += 1\n            if self.t == 1:"),
    ),
    wrong(
        "ModelEMA", "means_of_each_tensor", "each shadow holds one number, the mean of its parameter",
        "In formula (5) s has the shape of p: each element has an average of its own.",
        CLASSROOM, (LATER, "s.copy_(self.decay * s + (1 - self.decay) * p.mean())"),
    ),
    wrong(
        "ModelEMA", "sum_instead_of_average", "the new weights are added whole, without 1 - d",
        "In formula (5) the new weights are weighted with 1 - d.",
        "the momentum buffer of torch.optim.SGD", (LATER, "s.copy_(self.decay * s + p)"),
    ),
    wrong(
        "ModelEMA", "frozen_left_out", "a parameter that asks for no gradient is not averaged",
        "Formula (5) holds for all tensors that are handed in: the docstring names no exception.",
        LIBRARIES,
        ("            if self.t == 1:", "            if not p.requires_grad:\n                continue\n"
                                          "            if self.t == 1:"),
    ),
    wrong(
        "ModelEMA", "counter_of_the_class", "all instances share one counter of updates",
        "What is written to the class belongs to all instances: keep it with `self.`.",
        CLASSROOM, ("        self.t = 0", "        ModelEMA.t = 0"),
        ("        self.t += 1\n", "        ModelEMA.t += 1\n"),
    ),
    wrong(
        "ModelEMA", "another_exception", "a bad decay raises another exception than ValueError",
        "The docstring says which exception: who calls you waits for that one.",
        CLASSROOM, ("raise ValueError(", "raise AssertionError("),
    ),
)  # fmt: skip

# What the edits of ema_with_gaps replace.
KNOWN = "known = ~np.isnan(x_t)"
GAP_AVERAGE = "v = beta * v + (1 - beta) * np.where(known, x_t, 0.0)"
GAP_TOTAL = "total = beta * total + (1 - beta) * known"
GAP_STEP = "v_hat[t] = v / total"

EMA_WITH_GAPS = (
    wrong(
        "ema_with_gaps", "gaps_do_not_age", "on a missing day the other days do not grow older",
        "A value of age a days weighs in proportion to beta**a, and a missing day is a day as well: every weight "
        "shrinks by beta, whether a value came in or not.",
        "pandas with ignore_na=True",
        (GAP_AVERAGE, "v = np.where(known, beta * v + (1 - beta) * x_t, v)"),
        (GAP_TOTAL, "total = np.where(known, beta * total + (1 - beta), total)"),
    ),
    wrong(
        "ema_with_gaps", "gaps_count_as_zero", "a missing day counts as a measured 0",
        "The weights of the measured days should add up to 1. Formula (3) counts the missing days too: add up the "
        "weights of those that are there.",
        CLASSROOM, (GAP_TOTAL, "total = beta * total + (1 - beta)"),
    ),
    wrong(
        "ema_with_gaps", "last_value_repeated", "the last value stands in for a missing one",
        "A missing day should weigh nothing. A value that is repeated weighs twice, and it is younger than it was.",
        "forward fill, common with series",
        ("    for t, x_t in enumerate(x):\n",
         "    last = np.full(x.shape[1:], np.nan)\n"
         "    for t, x_t in enumerate(x):\n"
         "        last = x_t = np.where(np.isnan(x_t), last, x_t)\n"),
    ),
    wrong(
        "ema_with_gaps", "one_gap_for_all", "where one element is missing the whole day is left out",
        "Each element has gaps of its own: what is known of the others on that day counts.",
        CLASSROOM,
        (KNOWN, "known = np.broadcast_to(~np.isnan(x_t).any(), x_t.shape)"),
    ),
    wrong(
        "ema_with_gaps", "zero_before_the_first_value", "it is 0 as long as nothing has been measured",
        "Of no values there is no mean: the result is nan until the first one.",
        CLASSROOM, (GAP_STEP, "v_hat[t] = np.nan_to_num(v / total)"),
    ),
    wrong(
        "ema_with_gaps", "nan_on_missing_days", "on a missing day it is nan",
        "The mean of the days before still stands on a missing day: both sums shrink by beta, and their ratio stays.",
        CLASSROOM, (GAP_STEP, "v_hat[t] = np.where(known, v / total, np.nan)"),
    ),
    wrong(
        "ema_with_gaps", "not_divided", "the sum is not divided by the weights of the days in it",
        "With nothing missing this is formula (1) and not (4): divide by what the weights of the measured days add "
        "up to.",
        CLASSROOM, (GAP_STEP, "v_hat[t] = np.where(total > 0, v, np.nan)"),
    ),
    wrong(
        "ema_with_gaps", "nan_spreads", "one missing value makes nan of every day after it",
        "nan plus anything is nan: leave the missing values out of the sum, with np.where for instance.",
        CLASSROOM, (GAP_AVERAGE, "v = beta * v + (1 - beta) * x_t"),
    ),
    wrong(
        "ema_with_gaps", "corrected_by_days_measured", "the sum is divided by 1 - beta**n, n being the number of days measured",
        "The weights depend on age, and missing days age the others: add up the weights, and do not count the days.",
        CLASSROOM,
        (GAP_TOTAL, "total = total + known"), (GAP_STEP, "v_hat[t] = v / (1 - beta**total)"),
    ),
    wrong(
        "ema_with_gaps", "average_stands_in", "the average so far stands in for a missing value",
        "A missing day should weigh nothing. An average that is taken for a value weighs in all later days.",
        CLASSROOM,
        (GAP_AVERAGE, "v = np.where(known, beta * v + (1 - beta) * x_t, v)"),
        (GAP_TOTAL, "total = beta * total + (1 - beta)"),
    ),
    wrong(
        "ema_with_gaps", "mean_of_the_values", "this is the plain mean of the values that were measured",
        "A value of age a days weighs in proportion to beta**a: the newer count for more.",
        CLASSROOM,
        (GAP_AVERAGE, "v = v + np.where(known, x_t, 0.0)"), (GAP_TOTAL, "total = total + known"),
    ),
    wrong(
        "ema_with_gaps", "gaps_filled_in_x", "the missing values are overwritten with 0 in x",
        "x stays unchanged: fill the gaps in an array of your own.",
        CLASSROOM, (KNOWN, KNOWN + "\n        x[t] = np.where(known, x_t, 0.0)"),
    ),
    wrong(
        "ema_with_gaps", "starts_at_the_first_value", "the average starts at the first value measured, in place of a division",
        "Such a start weighs the first value too much. The weights of the measured days should add up to 1.",
        LIBRARIES,
        (GAP_AVERAGE, "new = np.where(total > 0, beta * v + (1 - beta) * x_t, x_t)\n        v = np.where(known, new, v)"),
        (GAP_TOTAL, "total = total + known"), (GAP_STEP, "v_hat[t] = np.where(total > 0, v, np.nan)"),
    ),
    wrong(
        "ema_with_gaps", "one_total_for_all", "all elements share one sum of weights",
        "Each element has gaps of its own, and so a sum of weights of its own.",
        CLASSROOM, (GAP_TOTAL, "total = beta * total + (1 - beta) * np.mean(known)"),
    ),
    wrong(
        "ema_with_gaps", "gaps_left_out_of_time", "what is older than the last gap is forgotten",
        "A missing day ages the days before it. It does not make them worth nothing.",
        CLASSROOM,
        (GAP_AVERAGE, "v = np.where(known, beta * v + (1 - beta) * x_t, 0.0)"),
        (GAP_TOTAL, "total = np.where(known, beta * total + (1 - beta), 0.0)"),
    ),
)  # fmt: skip

MISCONCEPTIONS = (*EMA, *EMA_WEIGHTS, *EMA_CORRECTED, *EMA_WITH_GAPS, *MODEL_EMA)
