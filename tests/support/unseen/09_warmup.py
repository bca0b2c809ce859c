# %% warmup_cosine: from_zero
# Wrong: the rise is t / w as in Hugging Face, so the first update has rate 0.
def warmup_cosine(lr0, lr_min, warmup, total, step):
    t = np.asarray(step, dtype=float)
    s = np.minimum((t - warmup) / (total - warmup), 1)
    cosine = lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * s)) / 2
    rise = lr0 * t / max(warmup, 1)
    lr = np.where(t < warmup, rise, cosine)
    return lr if lr.ndim else float(lr)


# %% warmup_cosine: peak_one_early
# Wrong: the rise is (t + 1) / w as in lesson 06, so the last step of the warm-up is at the peak already.
def warmup_cosine(lr0, lr_min, warmup, total, step):
    def one(t):
        if t < warmup:
            return lr0 * (t + 1) / warmup
        s = min((t - warmup) / (total - warmup), 1)
        return lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * s)) / 2

    if isinstance(step, np.ndarray):
        return np.array([one(t) for t in step], dtype=float)
    return one(step)


# %% warmup_cosine: cosine_counts_from_zero
# Wrong: the cosine counts from step 0, t / T, so it is a piece down already when the warm-up ends.
def warmup_cosine(lr0, lr_min, warmup, total, step):
    progress = np.clip(step / total, 0, 1) if not isinstance(step, int) else min(step / total, 1)
    falling = lr_min + 0.5 * (lr0 - lr_min) * (1 + np.cos(np.pi * progress))
    rising = lr0 * (step + 1) / (warmup + 1)
    result = np.where(np.less(step, warmup), rising, falling)
    return result[()]


# %% warmup_cosine: rises_again
# Wrong: s is not held at 1, so past total the rate climbs up the cosine again.
def warmup_cosine(lr0, lr_min, warmup, total, step):
    step = np.asarray(step)
    up = lr0 * (step + 1) / (warmup + 1)
    down = lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * (step - warmup) / (total - warmup))) / 2
    return np.where(step < warmup, up, down)[()]


# %% warmup_cosine: lowest_one_early
# Wrong: the cosine has T - w - 1 in its denominator, so it arrives one step before total.
def warmup_cosine(lr0, lr_min, warmup, total, step):
    t = np.asarray(step, dtype=np.float64)
    out = np.empty_like(t)
    first = t < warmup
    out[first] = lr0 * (t[first] + 1) / (warmup + 1)
    s = np.minimum((t[~first] - warmup) / max(total - warmup - 1, 1), 1.0)
    out[~first] = lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * s)) / 2
    return out[()]


# %% warmup_cosine: total_without_the_warmup
# Wrong: total is taken for the length of the cosine alone, so the lowest rate comes w steps late.
def warmup_cosine(lr0, lr_min, warmup, total, step):
    t = np.array(step)
    k = np.minimum(t - warmup, total)
    lr = np.where(
        t < warmup,
        lr0 * (t + 1) / (warmup + 1),
        lr_min + (lr0 - lr_min) * 0.5 * (1 + np.cos(np.pi * k / total)),
    )
    return lr[()]


# %% warmup_cosine: amplitude_is_lr0
# Wrong: the cosine is multiplied by lr0 and not by lr0 - lr_min, so the peak is too high by lr_min.
def warmup_cosine(lr0, lr_min, warmup, total, step):
    scalar = np.isscalar(step)
    rates = []
    for t in [step] if scalar else step:
        if t < warmup:
            rate = lr0 * (t + 1) / (warmup + 1)
        elif t >= total:
            rate = lr_min
        else:
            rate = lr_min + lr0 * (1 + np.cos(np.pi * (t - warmup) / (total - warmup))) / 2
        rates.append(float(rate))
    return rates[0] if scalar else np.array(rates)


# %% warmup_cosine: rises_from_lr_min
# Wrong: the warm-up starts from lr_min instead of 0: lr_min + (lr0 - lr_min)(t + 1)/(w + 1).
def warmup_cosine(lr0, lr_min, warmup, total, step):
    t = np.asarray(step)
    share_up = (t + 1) / (warmup + 1)
    share_down = (1 + np.cos(np.pi * np.clip((t - warmup) / (total - warmup), 0, 1))) / 2
    share = np.where(t < warmup, share_up, share_down)
    return (lr_min + (lr0 - lr_min) * share)[()]


# %% warmup_cosine: linear_lr_habit
# Wrong: the warm-up is PyTorch's LinearLR, from a third of the rate upwards.
def warmup_cosine(lr0, lr_min, warmup, total, step):
    t = np.asarray(step, dtype=float)
    start = 1 / 3
    rise = lr0 * (start + (1 - start) * t / warmup) if warmup else np.full_like(t, lr0)
    s = np.minimum(np.maximum(t - warmup, 0) / (total - warmup), 1)
    fall = lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * s)) / 2
    return np.where(t < warmup, rise, fall)[()]


# %% warmup_cosine: zero_after_the_end
# Wrong: from step total on the rate is 0, as some training scripts have it, and not lr_min.
def warmup_cosine(lr0, lr_min, warmup, total, step):
    def rate(t):
        if t < warmup:
            return lr0 * (t + 1) / (warmup + 1)
        if t < total:
            return lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * (t - warmup) / (total - warmup))) / 2
        return 0.0

    return np.vectorize(rate, otypes=[float])(step)[()]


# %% warmup_cosine: lr_min_as_a_floor
# Wrong: the cosine falls to 0 and lr_min is only a floor, max(lr_min, ...), as in other training code.
def warmup_cosine(lr0, lr_min, warmup, total, step):
    t = np.asarray(step)
    s = np.minimum((t - warmup) / (total - warmup), 1)
    decayed = np.maximum(lr_min, lr0 * (1 + np.cos(np.pi * s)) / 2)
    return np.where(t < warmup, lr0 * (t + 1) / (warmup + 1), decayed)[()]


# %% warmup_cosine: quarter_cosine
# Wrong: a quarter of a cosine, cos(pi s / 2), as another paper has it.
def warmup_cosine(lr0, lr_min, warmup, total, step):
    t = np.asarray(step) * 1.0
    warm = (t + 1) / (warmup + 1) * lr0
    s = np.minimum((t - warmup) / (total - warmup), 1)
    cool = lr_min + (lr0 - lr_min) * np.cos(0.5 * np.pi * s)
    return np.choose((t >= warmup).astype(int), [warm, cool])[()]


# %% warmup_cosine: shifts_the_steps
# Wrong: warmup is subtracted from the caller's array of steps in place.
def warmup_cosine(lr0, lr_min, warmup, total, step):
    step -= warmup
    before = step < 0
    s = np.minimum(step / (total - warmup), 1)
    falling = lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * s)) / 2
    rising = lr0 * (step + warmup + 1) / (warmup + 1)
    return np.where(before, rising, falling)[()]


# %% warmup_cosine: array_of_ints
# Wrong: for an array the result takes the int type of the steps, so rates below 1 become 0.
def warmup_cosine(lr0, lr_min, warmup, total, step):
    if np.ndim(step) == 0:
        if step < warmup:
            return lr0 * (step + 1) / (warmup + 1)
        s = min(1, (step - warmup) / (total - warmup))
        return lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * s)) / 2
    lr = np.zeros_like(step)
    for i in range(len(step)):
        lr[i] = warmup_cosine(lr0, lr_min, warmup, total, int(step[i]))
    return lr


# %% warmup_cosine: steps_in_order
# Wrong: for an array it takes the place in the array for the step, so other orders or gaps go wrong.
def warmup_cosine(lr0, lr_min, warmup, total, step):
    if isinstance(step, (int, np.integer)):
        t = np.arange(step + 1)
    else:
        t = np.arange(len(step))
    rise = lr0 * (t[:warmup] + 1) / (warmup + 1)
    s = np.minimum((t[warmup:] - warmup) / (total - warmup), 1)
    fall = lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * s)) / 2
    plan = np.concatenate([rise, fall])
    return plan[-1] if isinstance(step, (int, np.integer)) else plan


# %% warmup_cosine: always_an_array
# Wrong: a single step gives an array of shape (1,) and no number.
def warmup_cosine(lr0, lr_min, warmup, total, step):
    t = np.atleast_1d(step)
    rate = lr0 * (t + 1.0) / (warmup + 1)
    late = t >= warmup
    s = np.minimum((t[late] - warmup) / (total - warmup), 1)
    rate[late] = lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * s)) / 2
    return rate


# %% warmup_cosine: no_half_and_no_minimum
# Wrong: two slips: the half of (1 + cos) / 2 is missing, and past total the rate is not held.
def warmup_cosine(lr0, lr_min, warmup, total, step):
    t = np.asarray(step)
    a = lr0 * (t + 1) / (warmup + 1)
    b = lr_min + (lr0 - lr_min) * (1 + np.cos((t - warmup) * np.pi / (total - warmup)))
    return np.where(t < warmup, a, b)[()]


# %% warmup_cosine: squeezed_and_lr_min_forgotten
# Wrong: two slips: the warm-up is divided by w + 2, and the cosine goes to 0 instead of lr_min.
def warmup_cosine(lr0, lr_min, warmup, total, step):
    def f(t):
        if t < warmup:
            return lr0 * (t + 1) / (warmup + 2)
        return lr0 * (1 + np.cos(np.pi * min((t - warmup) / (total - warmup), 1))) / 2

    return f(step) if np.isscalar(step) else np.array([f(t) for t in step])


# %% warmup_cosine: both_multiplied
# Wrong: chains the two instead of putting one after the other: the warm-up factor times a cosine over all steps.
def warmup_cosine(lr0, lr_min, warmup, total, step):
    t = np.asarray(step)
    factor = np.minimum((t + 1) / (warmup + 1), 1)
    s = np.minimum(t / total, 1)
    cosine = lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * s)) / 2
    return (factor * cosine)[()]


# %% warmup_cosine: one_hump
# Wrong: takes the plan for one whole hump of a sine over 0 to total, with the peak in its middle; warmup has no part in it.
def warmup_cosine(lr0, lr_min, warmup, total, step):
    t = np.minimum(step, total)
    wave = (1 - np.cos(2 * np.pi * t / total)) / 2
    return lr_min + (lr0 - lr_min) * wave


# %% warmup_cosine: warm_up_then_flat
# Wrong: unfinished: after the warm-up the rate stays at lr0 until total, the cosine is missing.
def warmup_cosine(lr0, lr_min, warmup, total, step):
    t = np.asarray(step)
    lr = np.minimum(lr0 * (t + 1) / (warmup + 1), lr0)
    lr = np.where(t >= total, lr_min, lr)  # TODO the cosine between
    return lr[()]


# %% warmup_cosine: for_an_int_only
# Wrong: raises for an array of steps, since it asks "if step < warmup".
def warmup_cosine(lr0, lr_min, warmup, total, step):
    if step < warmup:
        return lr0 * (step + 1) / (warmup + 1)
    if step > total:
        return lr_min
    s = (step - warmup) / (total - warmup)
    return lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * s)) / 2


# %% warmup_cosine: cosine_squared
# Right: the square of the cosine of half the angle, as weights between lr0 and lr_min, and the warm-up by np.piecewise.
def warmup_cosine(lr0, lr_min, warmup, total, step):
    t = np.array(step, dtype=np.float64, ndmin=1)

    def fall(u):
        weight = np.cos(np.pi / 2 * np.fmin(1.0, (u - warmup) / (total - warmup))) ** 2
        return weight * lr0 + (1 - weight) * lr_min

    rates = np.piecewise(t, [t < warmup], [lambda u: (u + 1) * lr0 / (warmup + 1), fall])
    return rates.item() if np.ndim(step) == 0 else rates


# %% warmup_cosine: complex_exponential
# Right: the real part of a complex exponential, a dictionary of two branches, int and array through np.fromiter.
def warmup_cosine(lr0, lr_min, warmup, total, step):
    middle, radius = (lr0 + lr_min) / 2, (lr0 - lr_min) / 2
    branch = {
        True: lambda t: lr0 / (warmup + 1) * (t + 1),
        False: lambda t: middle + radius * np.exp(1j * np.pi * (min(t, total) - warmup) / (total - warmup)).real,
    }
    found = np.fromiter((branch[int(t) < warmup](int(t)) for t in np.ravel(step)), dtype=np.float64)
    return found if isinstance(step, np.ndarray) and step.ndim else float(found[0])


# %% noam: counts_from_zero
# Wrong: takes the step for counted from 0 and adds 1.
def noam(d_model, warmup, step):
    t = np.asarray(step) + 1.0
    return (d_model**-0.5 * np.minimum(t**-0.5, t * warmup**-1.5))[()]


# %% noam: the_larger_one
# Wrong: takes the maximum of the two terms.
def noam(d_model, warmup, step):
    t = np.asarray(step, dtype=float)
    falling = 1 / np.sqrt(t)
    rising = t / warmup**1.5
    return np.maximum(falling, rising) / np.sqrt(d_model)


# %% noam: no_width
# Wrong: the factor of the model's width is missing.
def noam(d_model, warmup, step):
    s = np.asarray(step, dtype=np.float64)
    return np.minimum(s**-0.5, s * warmup**-1.5)


# %% noam: times_the_root_of_d
# Wrong: multiplies by the root of d_model instead of dividing by it.
def noam(d_model, warmup, step):
    scale = d_model**0.5
    if isinstance(step, np.ndarray):
        return np.array([scale * min(t**-0.5, t * warmup**-1.5) for t in step.tolist()])
    return scale * min(step**-0.5, step * warmup**-1.5)


# %% noam: warmup_to_the_minus_half
# Wrong: w has the exponent -1/2 and not -3/2.
def noam(d_model, warmup, step):
    step = np.array(step, dtype=float)
    arg1 = step ** (-0.5)
    arg2 = step * warmup ** (-0.5)
    return d_model ** (-0.5) * np.minimum(arg1, arg2)


# %% noam: minus_three_halves_without_brackets
# Wrong: w**-3/2 without brackets is w to the power -3, halved.
def noam(d_model, warmup, step):
    t = np.asarray(step) * 1.0
    lr = d_model**-0.5 * np.minimum(t**-0.5, t * float(warmup) ** -3 / 2)
    return lr


# %% noam: minus_one_half_without_brackets
# Wrong: t**-1/2 and d**-1/2 without brackets are 1/(2t) and 1/(2d).
def noam(d_model, warmup, step):
    t = np.asarray(step, dtype=float)
    d = float(d_model)
    w = float(warmup)
    return d**-1 / 2 * np.minimum(t**-1 / 2, t * w ** (-3 / 2))


# %% noam: without_the_roots_of_the_step
# Wrong: falls with 1/t, and rises with t / w squared, instead of roots.
def noam(d_model, warmup, step):
    t = np.asarray(step, dtype=float)
    return 1 / np.sqrt(d_model) * np.minimum(1 / t, t / warmup**2)


# %% noam: peak_is_one_over_root_d
# Wrong: normalises as newer code does, min(t / w, sqrt(w / t)), so the peak is 1/sqrt(d) and not 1/sqrt(d w).
def noam(d_model, warmup, step):
    step = np.asarray(step)
    return np.minimum(step / warmup, np.sqrt(warmup / step)) / np.sqrt(d_model)


# %% noam: factor_of_two
# Wrong: has the constant 2.0 in front that tensor2tensor's settings have.
def noam(d_model, warmup, step):
    constant = 2.0
    step = np.asarray(step, dtype=np.float64)
    lr = constant
    lr = lr * np.minimum(1.0, step / warmup)
    lr = lr / np.sqrt(np.maximum(step, warmup))
    return lr / np.sqrt(d_model)


# %% noam: a_factor_for_lambda_lr
# Wrong: returns a factor for LambdaLR whose peak is 1, not the rate itself.
def noam(d_model, warmup, step):
    t = np.asarray(step, dtype=float)
    peak = (d_model * warmup) ** -0.5
    rate = d_model**-0.5 * np.minimum(t**-0.5, t * warmup**-1.5)
    return rate / peak


# %% noam: linear_decay_after_the_peak
# Wrong: behind the peak the rate falls in a line to 0 at 10 w, as in BERT, and not with the root.
def noam(d_model, warmup, step):
    t = np.asarray(step, dtype=float)
    peak = 1 / np.sqrt(d_model * warmup)
    fall = peak * np.maximum(0.0, (10 * warmup - t) / (9 * warmup))
    return np.where(t <= warmup, peak * t / warmup, fall)[()]


# %% noam: smallest_of_all
# Wrong: np.min takes one minimum over all steps and both terms, so an array gives a single number.
def noam(d_model, warmup, step):
    step = np.asarray(step, dtype=float)
    return d_model**-0.5 * np.min([step**-0.5, step * warmup**-1.5])


# %% noam: list_of_floats
# Wrong: an array of steps gives a list and no array.
def noam(d_model, warmup, step):
    if np.ndim(step) > 0:
        return [noam(d_model, warmup, int(t)) for t in step]
    return d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)


# %% noam: single_precision
# Wrong: computes in float32, and returns it.
def noam(d_model, warmup, step):
    t = np.asarray(step).astype(np.float32)
    d = np.float32(d_model)
    w = np.float32(warmup)
    return np.minimum(1 / np.sqrt(t), t / (w * np.sqrt(w))) / np.sqrt(d)


# %% noam: sorted_first
# Wrong: the steps are sorted (in place in the caller's array), and the rates come in that order.
def noam(d_model, warmup, step):
    if np.isscalar(step):
        return min(step**-0.5, step * warmup**-1.5) / d_model**0.5
    step.sort()
    k = np.searchsorted(step, warmup)
    rise = step[:k] * warmup**-1.5
    fall = 1 / np.sqrt(step[k:])
    return np.concatenate([rise, fall]) / d_model**0.5


# %% noam: whole_division_and_one_late
# Wrong: two slips: t // w in the rise is a whole number, and the fall counts from step - 1.
def noam(d_model, warmup, step):
    t = np.asarray(step)
    rise = (t // warmup) / np.sqrt(warmup)
    fall = 1 / np.sqrt(np.maximum(t - 1, 1))
    return np.where(t < warmup, rise, np.minimum(fall, 1 / np.sqrt(warmup))) / np.sqrt(d_model)


# %% noam: width_and_warmup_swapped_max
# Wrong: two slips: d_model and warmup have changed places, and the width's exponent is -1.
def noam(d_model, warmup, step):
    t = np.asarray(step, dtype=float)
    return warmup**-1.0 * np.minimum(t**-0.5, t * d_model**-1.5)


# %% noam: stays_at_the_peak
# Wrong: takes it for a warm-up alone: behind step w the rate stays at its peak.
def noam(d_model, warmup, step):
    t = np.minimum(step, warmup)
    return d_model**-0.5 * t * warmup**-1.5


# %% noam: only_the_fall
# Wrong: unfinished: only the first term is there, the warm-up is missing.
def noam(d_model, warmup, step):
    rate = d_model**-0.5 * np.asarray(step, dtype=float) ** -0.5
    # still to do: min with the line
    return rate


# %% noam: pythons_min
# Wrong: raises for an array of more than one step, as Python's own min cannot compare arrays.
def noam(d_model, warmup, step):
    return d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)


# %% noam: through_logarithms
# Right: the minimum of two logarithms, and the exponential of it.
def noam(d_model, warmup, step):
    t, w, d = np.log(step), np.log(warmup), np.log(d_model)
    exponent = -d / 2 + np.minimum(-t / 2, t - 3 * w / 2)
    return np.exp(exponent)


# %% noam: recursive_over_the_array
# Right: the peak times min(t/w, sqrt(w/t)); an array is mapped number by number.
def noam(d_model, warmup, step):
    if isinstance(step, np.ndarray) and step.shape:
        return np.array(list(map(lambda t: noam(d_model, warmup, t), step.tolist())), dtype=np.float64)
    ratio = int(step) / warmup
    return (d_model * warmup) ** -0.5 * (ratio if ratio <= 1 else ratio**-0.5)


# %% noam: fall_counts_from_the_peak
# Wrong: behind the peak the root is that of the steps since the peak, not of the step.
def noam(d_model, warmup, step):
    t = np.asarray(step, dtype=float)
    since = np.maximum(t - warmup, 0) + 1
    peak = (d_model * warmup) ** -0.5
    return np.where(t < warmup, peak * t / warmup, peak / np.sqrt(since))[()]


# %% SequentialSchedule: takes_over_one_late
# Wrong: a milestone is compared with > and not >=, so each phase takes over one step late.
class SequentialSchedule:
    def __init__(self, optimizer, factors, milestones):
        if len(milestones) != len(factors) - 1:
            raise ValueError("one milestone fewer than factors, please")
        self.optimizer = optimizer
        self.factors = list(factors)
        self.milestones = [0] + list(milestones)
        self.base = [group["lr"] for group in optimizer.param_groups]
        self.t = 0
        self._set()

    def _set(self):
        i = 0
        for k in range(1, len(self.milestones)):
            if self.t > self.milestones[k]:
                i = k
        factor = self.factors[i](self.t - self.milestones[i])
        self.last = [lr * factor for lr in self.base]
        for group, lr in zip(self.optimizer.param_groups, self.last):
            group["lr"] = lr

    def step(self):
        self.t += 1
        self._set()

    def get_last_lr(self):
        return list(self.last)


# %% SequentialSchedule: the_whole_step
# Wrong: a factor gets t and not t - m_i: later phases do not count from 0.
class SequentialSchedule:
    def __init__(self, optimizer, factors, milestones):
        if len(factors) != len(milestones) + 1:
            raise ValueError("milestones must be one fewer than factors")
        self.opt, self.factors, self.milestones = optimizer, factors, milestones
        self.initial = [g["lr"] for g in optimizer.param_groups]
        self.count = -1
        self.step()

    def step(self):
        self.count += 1
        phase = sum(m <= self.count for m in self.milestones)
        f = self.factors[phase](self.count)
        self.rates = []
        for g, lr0 in zip(self.opt.param_groups, self.initial):
            g["lr"] = lr0 * f
            self.rates.append(g["lr"])

    def get_last_lr(self):
        return self.rates[:]


# %% SequentialSchedule: multiplies_the_last_rate
# Wrong: every step multiplies the group's present rate, not its initial one.
class SequentialSchedule:
    def __init__(self, optimizer, factors, milestones):
        if len(milestones) + 1 != len(factors):
            raise ValueError(f"{len(factors)} factors need {len(factors) - 1} milestones")
        self.optimizer = optimizer
        self.factors = factors
        self.starts = [0, *milestones]
        self.now = 0
        self.apply()

    def apply(self):
        i = max(k for k, m in enumerate(self.starts) if m <= self.now)
        for group in self.optimizer.param_groups:
            group["lr"] *= self.factors[i](self.now - self.starts[i])

    def step(self):
        self.now += 1
        self.apply()

    def get_last_lr(self):
        return [group["lr"] for group in self.optimizer.param_groups]


# %% SequentialSchedule: goes_on_from_the_last_phase
# Wrong: each phase starts from the rate at which the last one ended and not from the initial rate.
class SequentialSchedule:
    def __init__(self, optimizer, factors, milestones):
        if len(factors) - len(milestones) != 1:
            raise ValueError("wrong number of milestones")
        self.optimizer = optimizer
        self.factors = factors
        self.milestones = milestones
        self.base_lrs = [g["lr"] for g in optimizer.param_groups]
        self.phase = 0
        self.k = 0
        self.t = 0
        self._write()

    def _write(self):
        for g, base in zip(self.optimizer.param_groups, self.base_lrs):
            g["lr"] = base * self.factors[self.phase](self.k)
        self._last = [float(g["lr"]) for g in self.optimizer.param_groups]

    def step(self):
        self.t += 1
        self.k += 1
        if self.phase < len(self.milestones) and self.t == self.milestones[self.phase]:
            self.phase += 1
            self.k = 0
            self.base_lrs = self._last
        self._write()

    def get_last_lr(self):
        return list(self._last)


# %% SequentialSchedule: nothing_at_the_start
# Wrong: the constructor does not apply factors[0](0), so step 0 runs at the initial rate.
class SequentialSchedule:
    def __init__(self, optimizer, factors, milestones):
        if len(milestones) != len(factors) - 1:
            raise ValueError("milestones and factors do not fit")
        self.optimizer = optimizer
        self.factors = factors
        self.milestones = milestones
        self.lr0 = [group["lr"] for group in optimizer.param_groups]
        self.lrs = list(self.lr0)
        self.t = 0

    def step(self):
        self.t += 1
        i, start = 0, 0
        for j, m in enumerate(self.milestones, 1):
            if m <= self.t:
                i, start = j, m
        for n, group in enumerate(self.optimizer.param_groups):
            self.lrs[n] = self.lr0[n] * self.factors[i](self.t - start)
            group["lr"] = self.lrs[n]

    def get_last_lr(self):
        return self.lrs.copy()


# %% SequentialSchedule: first_step_repeats_zero
# Wrong: the counter moves on after the rate is set, so the first step() sets the rate of step 0 again.
class SequentialSchedule:
    def __init__(self, optimizer, factors, milestones):
        if len(factors) != 1 + len(milestones):
            raise ValueError("len(milestones) has to be len(factors) - 1")
        self.optimizer, self.factors, self.milestones = optimizer, factors, [0] + milestones
        self.base = [g["lr"] for g in optimizer.param_groups]
        self.t = 0
        self.set_rates()

    def set_rates(self):
        i = len([m for m in self.milestones if m <= self.t]) - 1
        lam = self.factors[i](self.t - self.milestones[i])
        for g, b in zip(self.optimizer.param_groups, self.base):
            g["lr"] = b * lam

    def step(self):
        self.set_rates()
        self.t += 1

    def get_last_lr(self):
        return [g["lr"] for g in self.optimizer.param_groups]


# %% SequentialSchedule: milestones_as_lengths
# Wrong: milestones are taken for the lengths of the phases and added up.
class SequentialSchedule:
    def __init__(self, optimizer, factors, milestones):
        if len(factors) != len(milestones) + 1:
            raise ValueError("one length for every factor but the last")
        self.optimizer = optimizer
        self.factors = factors
        self.starts = np.cumsum([0] + list(milestones)).tolist()
        self.initial = [g["lr"] for g in optimizer.param_groups]
        self.t = -1
        self.step()

    def step(self):
        self.t += 1
        i = len(self.starts) - 1
        while self.starts[i] > self.t:
            i -= 1
        scale = self.factors[i](self.t - self.starts[i])
        self.last = [scale * lr for lr in self.initial]
        for g, lr in zip(self.optimizer.param_groups, self.last):
            g["lr"] = lr

    def get_last_lr(self):
        return list(self.last)


# %% SequentialSchedule: phases_after_the_first_from_one
# Wrong: a later phase counts its steps from 1, t - m_i + 1.
class SequentialSchedule:
    def __init__(self, optimizer, factors, milestones):
        if len(milestones) != len(factors) - 1:
            raise ValueError("milestones: one fewer than factors")
        self.groups = optimizer.param_groups
        self.initial = tuple(g["lr"] for g in self.groups)
        self.factors = tuple(factors)
        self.milestones = tuple(milestones)
        self.t = 0
        self.k = 0
        self.i = 0
        self._apply()

    def _apply(self):
        factor = self.factors[self.i](self.k)
        for g, lr in zip(self.groups, self.initial):
            g["lr"] = lr * factor

    def step(self):
        self.t += 1
        if self.t in self.milestones:
            self.i += 1
            self.k = 0
        self.k += 1
        self._apply()

    def get_last_lr(self):
        return [g["lr"] for g in self.groups]


# %% SequentialSchedule: one_lambda_per_group
# Wrong: as with LambdaLR's list, group n gets the n-th factor (if there is one) and phases are picked only beyond that.
class SequentialSchedule:
    def __init__(self, optimizer, factors, milestones):
        if len(milestones) != len(factors) - 1:
            raise ValueError("milestones are not one fewer than factors")
        self.optimizer = optimizer
        self.factors = factors
        self.milestones = [0] + list(milestones)
        self.base_lrs = [g["lr"] for g in optimizer.param_groups]
        self.last_epoch = -1
        self.step()

    def step(self):
        self.last_epoch += 1
        i = sum(1 for m in self.milestones if m <= self.last_epoch) - 1
        self._last_lr = []
        for n, group in enumerate(self.optimizer.param_groups):
            which = min(max(i, n), len(self.factors) - 1)
            k = max(self.last_epoch - self.milestones[which], 0)
            group["lr"] = self.base_lrs[n] * self.factors[which](k)
            self._last_lr.append(group["lr"])

    def get_last_lr(self):
        return list(self._last_lr)


# %% SequentialSchedule: initial_lr_in_the_group
# Right: like PyTorch it keeps "initial_lr" in the group and takes one that is there already; one schedule an optimiser is all that is asked.
class SequentialSchedule:
    def __init__(self, optimizer, factors, milestones):
        if len(factors) != len(milestones) + 1:
            raise ValueError("expected len(milestones) == len(factors) - 1")
        for group in optimizer.param_groups:
            group.setdefault("initial_lr", group["lr"])
        self.optimizer = optimizer
        self.factors = factors
        self.milestones = milestones
        self.last_epoch = 0
        self._update()

    def _update(self):
        idx = np.searchsorted(self.milestones, self.last_epoch, side="right") if self.milestones else 0
        start = self.milestones[idx - 1] if idx > 0 else 0
        self._last_lr = []
        for group in self.optimizer.param_groups:
            group["lr"] = group["initial_lr"] * self.factors[idx](self.last_epoch - start)
            self._last_lr.append(group["lr"])

    def step(self):
        self.last_epoch += 1
        self._update()

    def get_last_lr(self):
        return list(self._last_lr)


# %% SequentialSchedule: defaults_of_the_optimizer
# Wrong: takes the initial rate from optimizer.defaults, which misses the rates of single groups and is not part of the contract.
class SequentialSchedule:
    def __init__(self, optimizer, factors, milestones):
        if len(milestones) != len(factors) - 1:
            raise ValueError("milestones")
        self.optimizer = optimizer
        self.lr0 = optimizer.defaults["lr"]
        self.factors = factors
        self.milestones = milestones
        self.t = 0
        self.apply()

    def apply(self):
        start, factor = 0, self.factors[0]
        for m, f in zip(self.milestones, self.factors[1:]):
            if self.t >= m:
                start, factor = m, f
        self.lr = self.lr0 * factor(self.t - start)
        for group in self.optimizer.param_groups:
            group["lr"] = self.lr

    def step(self):
        self.t += 1
        self.apply()

    def get_last_lr(self):
        return [self.lr for _ in self.optimizer.param_groups]


# %% SequentialSchedule: chained_phases
# Wrong: all phases that have begun are multiplied, as in PyTorch's ChainedScheduler.
class SequentialSchedule:
    def __init__(self, optimizer, factors, milestones):
        if len(milestones) != len(factors) - 1:
            raise ValueError("number of milestones")
        self.optimizer = optimizer
        self.phases = list(zip([0] + list(milestones), factors))
        self.initial = [g["lr"] for g in optimizer.param_groups]
        self.t = 0
        self._apply()

    def _apply(self):
        product = 1.0
        for start, factor in self.phases:
            if start <= self.t:
                product *= factor(self.t - start)
        self.last = [lr * product for lr in self.initial]
        for g, lr in zip(self.optimizer.param_groups, self.last):
            g["lr"] = lr

    def step(self):
        self.t += 1
        self._apply()

    def get_last_lr(self):
        return self.last.copy()


# %% SequentialSchedule: no_value_error
# Wrong: does not raise where milestones are not one fewer than factors.
class SequentialSchedule:
    def __init__(self, optimizer, factors, milestones):
        self.optimizer = optimizer
        self.initial = [g["lr"] for g in optimizer.param_groups]
        self.phases = list(zip(factors, [0] + list(milestones)))
        self.t = 0
        self._go()

    def _go(self):
        factor, start = [p for p in self.phases if p[1] <= self.t][-1]
        self.lrs = [lr * factor(self.t - start) for lr in self.initial]
        for g, lr in zip(self.optimizer.param_groups, self.lrs):
            g["lr"] = lr

    def step(self):
        self.t += 1
        self._go()

    def get_last_lr(self):
        return list(self.lrs)


# %% SequentialSchedule: eats_its_lists
# Wrong: pops phases off the caller's lists, so a second schedule with the same lists starts in another phase.
class SequentialSchedule:
    def __init__(self, optimizer, factors, milestones):
        if len(milestones) != len(factors) - 1:
            raise ValueError("need one milestone between each two factors")
        self.optimizer = optimizer
        self.factors = factors
        self.milestones = milestones
        self.base = [g["lr"] for g in optimizer.param_groups]
        self.t = 0
        self.start = 0
        self.set()

    def set(self):
        f = self.factors[0](self.t - self.start)
        for g, lr in zip(self.optimizer.param_groups, self.base):
            g["lr"] = lr * f

    def step(self):
        self.t += 1
        if self.milestones and self.t >= self.milestones[0]:
            self.start = self.milestones.pop(0)
            self.factors.pop(0)
        self.set()

    def get_last_lr(self):
        return [g["lr"] for g in self.optimizer.param_groups]


# %% SequentialSchedule: first_group_only
# Wrong: only the first group's rate is set, and get_last_lr has one number.
class SequentialSchedule:
    def __init__(self, optimizer, factors, milestones):
        if len(milestones) != len(factors) - 1:
            raise ValueError("wrong lengths")
        self.group = optimizer.param_groups[0]
        self.lr0 = self.group["lr"]
        self.factors = factors
        self.bounds = [0] + list(milestones) + [float("inf")]
        self.t = 0
        self.group["lr"] = self.lr0 * factors[0](0)

    def step(self):
        self.t += 1
        for i, factor in enumerate(self.factors):
            if self.bounds[i] <= self.t < self.bounds[i + 1]:
                self.group["lr"] = self.lr0 * factor(self.t - self.bounds[i])

    def get_last_lr(self):
        return [self.group["lr"]]


# %% SequentialSchedule: steps_the_optimizer_too
# Wrong: step() also calls the optimiser's step(), which the loop does already.
class SequentialSchedule:
    def __init__(self, optimizer, factors, milestones):
        if len(milestones) != len(factors) - 1:
            raise ValueError("milestones must be one fewer than factors")
        self.optimizer = optimizer
        self.factors = factors
        self.milestones = milestones
        self.initial_lrs = [float(g["lr"]) for g in optimizer.param_groups]
        self.current = 0
        self._set_rates(0)

    def _set_rates(self, t):
        phase = 0
        begin = 0
        while phase < len(self.milestones) and self.milestones[phase] <= t:
            begin = self.milestones[phase]
            phase += 1
        factor = self.factors[phase](t - begin)
        for group, lr in zip(self.optimizer.param_groups, self.initial_lrs):
            group["lr"] = lr * factor

    def step(self):
        self.optimizer.step()
        self.current += 1
        self._set_rates(self.current)

    def get_last_lr(self):
        return [group["lr"] for group in self.optimizer.param_groups]


# %% SequentialSchedule: late_and_counting_on
# Wrong: two slips: a phase takes over one step late, and its first step is then counted as 0, so all of it is shifted; and get_last_lr gives a single number when there is one group.
class SequentialSchedule:
    def __init__(self, optimizer, factors, milestones):
        if len(milestones) != len(factors) - 1:
            raise ValueError("lengths")
        self.o, self.f, self.m = optimizer, factors, milestones
        self.b = [g["lr"] for g in optimizer.param_groups]
        self.t = self.i = self.k = 0
        self.put()

    def put(self):
        for g, b in zip(self.o.param_groups, self.b):
            g["lr"] = b * self.f[self.i](self.k)

    def step(self):
        self.t += 1
        self.k += 1
        if self.i < len(self.m) and self.t > self.m[self.i]:
            self.i += 1
            self.k = 0
        self.put()

    def get_last_lr(self):
        rates = [g["lr"] for g in self.o.param_groups]
        return rates[0] if len(rates) == 1 else rates


# %% SequentialSchedule: one_base_and_zero_is_one
# Wrong: two slips: all groups start from the first group's rate, and a factor of 0 is taken for 1.
class SequentialSchedule:
    def __init__(self, optimizer, factors, milestones):
        if len(milestones) != len(factors) - 1:
            raise ValueError("lengths of factors and milestones")
        self.optimizer = optimizer
        self.factors = factors
        self.milestones = milestones
        self.base = optimizer.param_groups[0]["lr"]
        self.t = 0
        self.update()

    def update(self):
        starts = [0] + [m for m in self.milestones if m <= self.t]
        factor = self.factors[len(starts) - 1](self.t - starts[-1]) or 1.0
        for g in self.optimizer.param_groups:
            g["lr"] = self.base * factor

    def step(self):
        self.t += 1
        self.update()

    def get_last_lr(self):
        return [g["lr"] for g in self.optimizer.param_groups]


# %% SequentialSchedule: one_phase_each_step
# Wrong: misunderstands phases: goes round the factors step by step, and milestones have no part in it.
class SequentialSchedule:
    def __init__(self, optimizer, factors, milestones):
        if len(milestones) != len(factors) - 1:
            raise ValueError("milestones are not one fewer than factors")
        self.optimizer = optimizer
        self.factors = factors
        self.initial = [g["lr"] for g in optimizer.param_groups]
        self.t = 0
        self._apply()

    def _apply(self):
        n = len(self.factors)
        scale = self.factors[self.t % n](self.t // n)
        self.last = [lr * scale for lr in self.initial]
        for g, lr in zip(self.optimizer.param_groups, self.last):
            g["lr"] = lr

    def step(self):
        self.t += 1
        self._apply()

    def get_last_lr(self):
        return list(self.last)


# %% SequentialSchedule: factor_is_the_rate
# Wrong: misunderstands a factor: what it returns is written into the groups as the rate itself.
class SequentialSchedule:
    def __init__(self, optimizer, factors, milestones):
        if len(factors) - 1 != len(milestones):
            raise ValueError("milestones must have one entry fewer")
        self.optimizer = optimizer
        self.factors = factors
        self.milestones = milestones
        self.t = 0
        self._write()

    def _write(self):
        i = sum(self.t >= m for m in self.milestones)
        k = self.t - (self.milestones[i - 1] if i else 0)
        for group in self.optimizer.param_groups:
            group["lr"] = float(self.factors[i](k))

    def step(self):
        self.t += 1
        self._write()

    def get_last_lr(self):
        return [group["lr"] for group in self.optimizer.param_groups]


# %% SequentialSchedule: two_phases_only
# Wrong: unfinished: knows only the first milestone, a third phase never begins.
class SequentialSchedule:
    def __init__(self, optimizer, factors, milestones):
        if len(milestones) != len(factors) - 1:
            raise ValueError("milestones are not one fewer than factors")
        self.optimizer = optimizer
        self.factors = factors
        self.milestones = milestones
        self.initial = [g["lr"] for g in optimizer.param_groups]
        self.t = 0
        self._set()

    def _set(self):
        if not self.milestones or self.t < self.milestones[0]:
            factor = self.factors[0](self.t)
        else:
            factor = self.factors[1](self.t - self.milestones[0])
        for g, lr in zip(self.optimizer.param_groups, self.initial):
            g["lr"] = lr * factor

    def step(self):
        self.t += 1
        self._set()

    def get_last_lr(self):
        return [g["lr"] for g in self.optimizer.param_groups]


# %% SequentialSchedule: divides_by_the_last_factor
# Wrong: gets the initial rate back by dividing by the last factor, which raises after a factor of 0.
class SequentialSchedule:
    def __init__(self, optimizer, factors, milestones):
        if len(milestones) != len(factors) - 1:
            raise ValueError("milestones")
        self.optimizer = optimizer
        self.factors = factors
        self.milestones = milestones
        self.t = 0
        self.last_factor = factors[0](0)
        for g in optimizer.param_groups:
            g["lr"] *= self.last_factor

    def step(self):
        self.t += 1
        i, m = 0, 0
        for j in range(len(self.milestones)):
            if self.milestones[j] <= self.t:
                i, m = j + 1, self.milestones[j]
        factor = self.factors[i](self.t - m)
        for g in self.optimizer.param_groups:
            g["lr"] = g["lr"] / self.last_factor * factor
        self.last_factor = factor

    def get_last_lr(self):
        return [g["lr"] for g in self.optimizer.param_groups]


# %% SequentialSchedule: a_generator_of_factors
# Right: a generator yields one factor after the other, nested phases by itertools, and step() takes the next.
class SequentialSchedule:
    def __init__(self, optimizer, factors, milestones):
        factors, milestones = list(factors), list(milestones)
        if len(factors) != len(milestones) + 1:
            raise ValueError("there must be one milestone fewer than factors")

        def plan():
            import itertools

            begin = 0
            for factor, end in zip(factors, milestones + [None]):
                for k in itertools.count() if end is None else range(end - begin):
                    yield factor(k)
                begin = end

        self._plan = plan()
        self._optimizer, self._initial = optimizer, [group["lr"] for group in optimizer.param_groups]
        self.step()

    def step(self):
        factor = next(self._plan)
        self._last = [float(initial * factor) for initial in self._initial]
        for group, lr in zip(self._optimizer.param_groups, self._last):
            group["lr"] = lr

    def get_last_lr(self):
        return self._last[:]


# %% SequentialSchedule: bisect_and_update
# Right: the phase by bisect, the groups written with dict.update, rates kept as a NumPy array until they are asked for.
class SequentialSchedule:
    def __init__(self, optimizer, factors, milestones):
        from bisect import bisect_right

        try:
            pairs = list(zip((0, *milestones), factors, strict=True))
        except ValueError:
            raise ValueError("milestones must be one fewer than factors") from None
        starts = [start for start, _ in pairs]
        initial = np.array([group["lr"] for group in optimizer.param_groups], dtype=np.float64)

        def rates(t):
            start, factor = pairs[bisect_right(starts, t) - 1]
            return initial * float(factor(t - start))

        self._optimizer, self._rates, self._t = optimizer, rates, 0
        self._write()

    def _write(self):
        self._last = self._rates(self._t).tolist()
        for place, group in enumerate(self._optimizer.param_groups):
            group.update(lr=self._last[place])

    def step(self):
        self._t += 1
        self._write()

    def get_last_lr(self):
        return [*self._last]


# %% SwitchOptimizer: one_step_too_many
# Wrong: first makes switch_at + 1 steps, as the count is compared with <=.
class SwitchOptimizer:
    def __init__(self, first, second, switch_at):
        if switch_at < 0:
            raise ValueError("switch_at is negative")
        self.first, self.second, self.switch_at = first, second, switch_at
        self.count = 0

    def _active(self):
        return self.first if self.count <= self.switch_at else self.second

    @property
    def param_groups(self):
        return self._active().param_groups

    def step(self):
        self._active().step()
        self.count += 1

    def zero_grad(self):
        self.first.zero_grad()
        self.second.zero_grad()


# %% SwitchOptimizer: one_step_too_few
# Wrong: the counter is raised before the turn is decided, so first makes one step too few.
class SwitchOptimizer:
    def __init__(self, first, second, switch_at):
        if switch_at < 0:
            raise ValueError("switch_at must not be negative")
        self.optimizers = (first, second)
        self.switch_at = switch_at
        self.calls = 0

    @property
    def param_groups(self):
        return self.optimizers[self.calls >= self.switch_at].param_groups

    def step(self):
        self.calls += 1
        if self.calls < self.switch_at:
            self.optimizers[0].step()
        else:
            self.optimizers[1].step()

    def zero_grad(self):
        for o in self.optimizers:
            o.zero_grad()


# %% SwitchOptimizer: groups_of_the_last_step
# Wrong: param_groups are those of the optimiser that stepped last, not of the next.
class SwitchOptimizer:
    def __init__(self, first, second, switch_at):
        if switch_at < 0:
            raise ValueError("negative switch_at")
        self.first = first
        self.second = second
        self.switch_at = switch_at
        self.done = 0
        self.current = first if switch_at > 0 else second

    @property
    def param_groups(self):
        return self.current.param_groups

    def step(self):
        if self.done < self.switch_at:
            self.current = self.first
        else:
            self.current = self.second
        self.current.step()
        self.done += 1

    def zero_grad(self):
        self.current.zero_grad()


# %% SwitchOptimizer: both_step_at_the_switch
# Wrong: in the last call of first the second one steps too, since the turn is looked up again after counting.
class SwitchOptimizer:
    def __init__(self, first, second, switch_at):
        if switch_at < 0:
            raise ValueError("switch_at < 0")
        self.first, self.second = first, second
        self.left = switch_at

    @property
    def param_groups(self):
        return self.first.param_groups if self.left > 0 else self.second.param_groups

    def step(self):
        if self.left > 0:
            self.first.step()
            self.left -= 1
        if self.left == 0:
            self.second.step()

    def zero_grad(self):
        self.first.zero_grad()
        self.second.zero_grad()


# %% SwitchOptimizer: zero_grad_counts
# Wrong: the count is raised in zero_grad() instead of step(), so it counts calls of zero_grad.
class SwitchOptimizer:
    def __init__(self, first, second, switch_at):
        if switch_at < 0:
            raise ValueError("switch_at must be 0 or more")
        self.first = first
        self.second = second
        self.switch_at = switch_at
        self.n = -1

    def _current(self):
        return self.first if max(self.n, 0) < self.switch_at else self.second

    @property
    def param_groups(self):
        return self._current().param_groups

    def step(self):
        self._current().step()

    def zero_grad(self):
        self.n += 1
        self.first.zero_grad()
        self.second.zero_grad()


# %% SwitchOptimizer: order_of_the_two
# Wrong: second makes the first steps and first all others.
class SwitchOptimizer:
    def __init__(self, first, second, switch_at):
        if switch_at < 0:
            raise ValueError("switch_at")
        self.queue = [first] + [second] * switch_at
        self.everyone = first, second

    @property
    def param_groups(self):
        return self.queue[-1].param_groups

    def step(self):
        self.queue[-1].step()
        if len(self.queue) > 1:
            self.queue.pop()

    def zero_grad(self):
        for optimizer in self.everyone:
            optimizer.zero_grad()


# %% SwitchOptimizer: all_groups_together
# Wrong: param_groups is a new list with the groups of both optimisers.
class SwitchOptimizer:
    def __init__(self, first, second, switch_at):
        if switch_at < 0:
            raise ValueError("switch_at may not be negative")
        self.first = first
        self.second = second
        self.switch_at = switch_at
        self.steps = 0

    @property
    def param_groups(self):
        return self.first.param_groups + self.second.param_groups

    def step(self):
        (self.first if self.steps < self.switch_at else self.second).step()
        self.steps += 1

    def zero_grad(self):
        for group in self.param_groups:
            for p in group["params"]:
                p.grad = None


# %% SwitchOptimizer: zero_refused
# Wrong: ValueError is raised for switch_at = 0 as well.
class SwitchOptimizer:
    def __init__(self, first, second, switch_at):
        if not switch_at > 0:
            raise ValueError("switch_at must be positive")
        self._first, self._second, self._at, self._t = first, second, switch_at, 0

    @property
    def _turn(self):
        return self._first if self._t < self._at else self._second

    @property
    def param_groups(self):
        return self._turn.param_groups

    def step(self):
        self._turn.step()
        self._t += 1

    def zero_grad(self):
        self._turn.zero_grad()


# %% SwitchOptimizer: rate_handed_over
# Wrong: at the switch first's rates are copied into second's groups, as a restored checkpoint would.
class SwitchOptimizer:
    def __init__(self, first, second, switch_at):
        if switch_at < 0:
            raise ValueError("switch_at is negative")
        self.first, self.second, self.switch_at, self.t = first, second, switch_at, 0

    @property
    def param_groups(self):
        return (self.first if self.t < self.switch_at else self.second).param_groups

    def step(self):
        if self.t < self.switch_at:
            self.first.step()
        else:
            self.second.step()
        self.t += 1
        if self.t == self.switch_at:
            for old, new in zip(self.first.param_groups, self.second.param_groups):
                new["lr"] = old["lr"]

    def zero_grad(self):
        self.first.zero_grad()
        self.second.zero_grad()


# %% SwitchOptimizer: state_handed_over
# Wrong: at the switch the state of first is handed to second by state_dict, which is more than the contract lets it use and mixes Adam's state into SGD.
class SwitchOptimizer:
    def __init__(self, first, second, switch_at):
        if switch_at < 0:
            raise ValueError("switch_at is negative")
        self.active = first if switch_at else second
        self.second = second
        self.switch_at = switch_at
        self.t = 0

    @property
    def param_groups(self):
        return self.active.param_groups

    def step(self):
        self.active.step()
        self.t += 1
        if self.t == self.switch_at:
            state = self.active.state_dict()["state"]
            new = self.second.state_dict()
            new["state"] = state
            self.second.load_state_dict(new)
            self.active = self.second

    def zero_grad(self):
        self.active.zero_grad()


# %% SwitchOptimizer: second_keeps_warm
# Wrong: second steps along with a rate of 0 while it is first's turn, so that its averages fill up.
class SwitchOptimizer:
    def __init__(self, first, second, switch_at):
        if switch_at < 0:
            raise ValueError("switch_at must be at least 0")
        self.first, self.second = first, second
        self.switch_at = switch_at
        self.t = 0

    @property
    def param_groups(self):
        return self.first.param_groups if self.t < self.switch_at else self.second.param_groups

    def step(self):
        if self.t < self.switch_at:
            rates = [g["lr"] for g in self.second.param_groups]
            for g in self.second.param_groups:
                g["lr"] = 0.0
            self.second.step()
            for g, lr in zip(self.second.param_groups, rates):
                g["lr"] = lr
            self.first.step()
        else:
            self.second.step()
        self.t += 1

    def zero_grad(self):
        self.first.zero_grad()
        self.second.zero_grad()


# %% SwitchOptimizer: zero_in_place_by_slice
# Wrong: zero_grad writes grad[:] = 0, which raises for a parameter of shape ().
class SwitchOptimizer:
    def __init__(self, first, second, switch_at):
        if switch_at < 0:
            raise ValueError("switch_at has to be 0 or above")
        self.first = first
        self.second = second
        self.remaining = switch_at

    @property
    def param_groups(self):
        if self.remaining > 0:
            return self.first.param_groups
        return self.second.param_groups

    def step(self):
        if self.remaining > 0:
            self.first.step()
            self.remaining -= 1
        else:
            self.second.step()

    def zero_grad(self):
        for group in self.first.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.grad[:] = 0


# %% SwitchOptimizer: copies_of_the_groups
# Wrong: param_groups returns copies of the dicts, so a rate that a schedule writes reaches no optimiser.
class SwitchOptimizer:
    def __init__(self, first, second, switch_at):
        if switch_at < 0:
            raise ValueError("switch_at should not be negative")
        self.first, self.second, self.switch_at = first, second, switch_at
        self.step_count = 0

    @property
    def param_groups(self):
        groups = self.first.param_groups
        if self.step_count >= self.switch_at:
            groups = self.second.param_groups
        return [dict(g) for g in groups]

    def step(self):
        if self.step_count < self.switch_at:
            self.first.step()
        else:
            self.second.step()
        self.step_count += 1

    def zero_grad(self):
        self.first.zero_grad()
        self.second.zero_grad()


# %% SwitchOptimizer: count_in_the_class
# Wrong: the count of steps is kept in the class and shared by all instances.
class SwitchOptimizer:
    count = 0

    def __init__(self, first, second, switch_at):
        if switch_at < 0:
            raise ValueError("negative")
        self.first = first
        self.second = second
        self.switch_at = switch_at

    @property
    def param_groups(self):
        if SwitchOptimizer.count < self.switch_at:
            return self.first.param_groups
        return self.second.param_groups

    def step(self):
        if SwitchOptimizer.count < self.switch_at:
            self.first.step()
        else:
            self.second.step()
        SwitchOptimizer.count += 1

    def zero_grad(self):
        self.first.zero_grad()
        self.second.zero_grad()


# %% SwitchOptimizer: negative_is_fine
# Wrong: a negative switch_at raises nothing and is taken for 0.
class SwitchOptimizer:
    def __init__(self, first, second, switch_at):
        self.first, self.second = first, second
        self.switch_at = max(0, switch_at)
        self.t = 0

    @property
    def optimizer(self):
        return [self.first, self.second][int(self.t >= self.switch_at)]

    @property
    def param_groups(self):
        return self.optimizer.param_groups

    def step(self):
        self.optimizer.step()
        self.t += 1

    def zero_grad(self):
        self.optimizer.zero_grad()


# %% SwitchOptimizer: none_grads_trip_it
# Wrong: zero_grad calls grad.zero_() without asking whether grad is None, which raises.
class SwitchOptimizer:
    def __init__(self, first, second, switch_at):
        if switch_at < 0:
            raise ValueError("switch_at is below 0")
        self.optimizers = iter([first] * switch_at)
        self.second = second
        self.now = next(self.optimizers, second)

    @property
    def param_groups(self):
        return self.now.param_groups

    def step(self):
        self.now.step()
        self.now = next(self.optimizers, self.second)

    def zero_grad(self):
        for group in self.param_groups:
            for p in group["params"]:
                p.grad.zero_()


# %% SwitchOptimizer: late_and_first_groups_for_ever
# Wrong: two slips: first makes one step too many, and param_groups are always first's.
class SwitchOptimizer:
    def __init__(self, first, second, switch_at):
        if switch_at < 0:
            raise ValueError("switch_at is negative")
        self.first, self.second, self.switch_at = first, second, switch_at
        self.t = 0

    @property
    def param_groups(self):
        return self.first.param_groups

    def step(self):
        if self.t > self.switch_at:
            self.second.step()
        else:
            self.first.step()
        self.t += 1

    def zero_grad(self):
        self.first.zero_grad()


# %% SwitchOptimizer: zero_grad_starts_again_and_no_error
# Wrong: two slips: zero_grad() sets the count back to 0, and a negative switch_at raises nothing.
class SwitchOptimizer:
    def __init__(self, first, second, switch_at):
        self.first = first
        self.second = second
        self.switch_at = switch_at
        self.counter = 0

    def chosen(self):
        if self.counter < self.switch_at:
            return self.first
        else:
            return self.second

    @property
    def param_groups(self):
        return self.chosen().param_groups

    def step(self):
        self.chosen().step()
        self.counter = self.counter + 1

    def zero_grad(self):
        self.counter = 0
        self.first.zero_grad()
        self.second.zero_grad()


# %% SwitchOptimizer: back_and_forth
# Wrong: misunderstands the switch as periodic: after switch_at steps of second it goes back to first.
class SwitchOptimizer:
    def __init__(self, first, second, switch_at):
        if switch_at < 0:
            raise ValueError("switch_at")
        self.pair = [first, second]
        self.switch_at = switch_at
        self.t = 0

    def _which(self):
        if self.switch_at == 0:
            return self.pair[1]
        return self.pair[(self.t // self.switch_at) % 2]

    @property
    def param_groups(self):
        return self._which().param_groups

    def step(self):
        self._which().step()
        self.t += 1

    def zero_grad(self):
        self.pair[0].zero_grad()
        self.pair[1].zero_grad()


# %% SwitchOptimizer: both_all_the_time
# Wrong: misunderstands the pair: first steps for ever and second is added from switch_at on.
class SwitchOptimizer:
    def __init__(self, first, second, switch_at):
        if switch_at < 0:
            raise ValueError("switch_at must be zero or more")
        self.first, self.second, self.switch_at, self.t = first, second, switch_at, 0

    @property
    def param_groups(self):
        return self.first.param_groups if self.t < self.switch_at else self.second.param_groups

    def step(self):
        self.first.step()
        if self.t >= self.switch_at:
            self.second.step()
        self.t += 1

    def zero_grad(self):
        self.first.zero_grad()
        self.second.zero_grad()


# %% SwitchOptimizer: zero_grad_to_do
# Wrong: unfinished: zero_grad does nothing, the gradients stay.
class SwitchOptimizer:
    def __init__(self, first, second, switch_at):
        if switch_at < 0:
            raise ValueError("switch_at is negative")
        self.first = first
        self.second = second
        self.switch_at = switch_at
        self.t = 0

    @property
    def param_groups(self):
        return self.first.param_groups if self.t < self.switch_at else self.second.param_groups

    def step(self):
        opt = self.first if self.t < self.switch_at else self.second
        opt.step()
        self.t += 1

    def zero_grad(self):
        pass  # TODO


# %% SwitchOptimizer: sets_the_property
# Wrong: raises: the constructor assigns to self.param_groups, a property without a setter.
class SwitchOptimizer:
    def __init__(self, first, second, switch_at):
        if switch_at < 0:
            raise ValueError("switch_at is negative")
        self.first = first
        self.second = second
        self.switch_at = switch_at
        self.t = 0
        self.param_groups = first.param_groups

    @property
    def param_groups(self):
        if self.t < self.switch_at:
            return self.first.param_groups
        return self.second.param_groups

    def step(self):
        if self.t < self.switch_at:
            self.first.step()
        else:
            self.second.step()
        self.t += 1

    def zero_grad(self):
        self.first.zero_grad()
        self.second.zero_grad()


# %% SwitchOptimizer: chained_iterators
# Right: an endless itertools chain hands out whose turn is next, the turn is taken one ahead.
class SwitchOptimizer:
    def __init__(self, first, second, switch_at):
        from itertools import chain, repeat

        if switch_at < 0:
            raise ValueError("switch_at counts steps and cannot be negative")
        self._turns = chain(repeat(first, switch_at), repeat(second))
        self._all = (first, second)
        self._next = next(self._turns)

    @property
    def param_groups(self):
        return self._next.param_groups

    def step(self):
        stepping = self._next
        stepping.step()
        self._next = next(self._turns)

    def zero_grad(self):
        [optimizer.zero_grad() for optimizer in self._all]


# %% SwitchOptimizer: swaps_two_attributes
# Right: holds only the present optimiser and a countdown, and makes param_groups with property() and a lambda.
class SwitchOptimizer:
    def __init__(self, first, second, switch_at):
        if min(switch_at, 0):
            raise ValueError("switch_at is negative")
        self._countdown = int(switch_at)
        self._stack = [second, first][: 2 if self._countdown else 1]

    param_groups = property(lambda self: self._stack[-1].param_groups)

    def step(self):
        self._stack[-1].step()
        self._countdown -= 1
        if self._countdown == 0:
            del self._stack[1:]

    def zero_grad(self):
        for optimizer in (self._stack[0], self._stack[-1]):
            optimizer.zero_grad()


# %% cosine_restarts: bottom_in_the_last_step
# Wrong: each cycle reaches lr_min in its last step, its cosine is divided by the length less 1.
def cosine_restarts(lr0, lr_min, t_0, t_mult, step):
    def one(t):
        length = t_0
        while t >= length:
            t -= length
            length *= t_mult
        s = t / (length - 1) if length > 1 else 0
        return lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * s)) / 2

    if np.ndim(step):
        return np.array([one(int(t)) for t in step])
    return one(step)


# %% cosine_restarts: cycle_by_logarithm
# Wrong: the number of the cycle comes from a logarithm, which is a rounding error too small at some restarts.
def cosine_restarts(lr0, lr_min, t_0, t_mult, step):
    t = np.asarray(step, dtype=float)
    if t_mult == 1:
        position, length = t % t_0, t_0
    else:
        n = np.floor(np.log(t / t_0 * (t_mult - 1) + 1) / np.log(t_mult))
        position = t - t_0 * (t_mult**n - 1) / (t_mult - 1)
        length = t_0 * t_mult**n
    return (lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * position / length)) / 2)[()]


# %% cosine_restarts: restart_one_late
# Wrong: a cycle ends with > and not >=, so a cycle's first step is taken for the end of the last, at lr_min.
def cosine_restarts(lr0, lr_min, t_0, t_mult, step):
    scalar = np.ndim(step) == 0
    rates = []
    for t in np.atleast_1d(step).tolist():
        length = t_0
        while t > length:
            t = t - length
            length = length * t_mult
        rates.append(lr_min + (lr0 - lr_min) * 0.5 * (1 + np.cos(np.pi * t / length)))
    return rates[0] if scalar else np.array(rates)


# %% cosine_restarts: cycles_all_alike
# Wrong: t_mult is ignored, every cycle has t_0 steps.
def cosine_restarts(lr0, lr_min, t_0, t_mult, step):
    t = np.asarray(step)
    phase = (t % t_0) / t_0
    return (lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * phase)) / 2)[()]


# %% cosine_restarts: lengths_added
# Wrong: cycle i has t_0 times (1 + i (t_mult - 1)) steps: it grows by addition and not by multiplication.
def cosine_restarts(lr0, lr_min, t_0, t_mult, step):
    def rate(t):
        i = 0
        start = 0
        while True:
            length = t_0 * (1 + i * (t_mult - 1))
            if t < start + length:
                break
            start += length
            i += 1
        return lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * (t - start) / length)) / 2

    return np.array([rate(t) for t in step]) if isinstance(step, np.ndarray) else rate(step)


# %% cosine_restarts: always_divided_by_t_0
# Wrong: the cycles grow, but the position is divided by t_0 in all of them.
def cosine_restarts(lr0, lr_min, t_0, t_mult, step):
    def f(t):
        T = t_0
        while t >= T:
            t, T = t - T, T * t_mult
        return lr_min + (lr0 - lr_min) * (1 + np.cos(t / t_0 * np.pi)) / 2

    return np.array(list(map(f, step.tolist()))) if np.ndim(step) else f(step)


# %% cosine_restarts: first_cycle_multiplied
# Wrong: the length is multiplied once too early: the first cycle has t_0 t_mult steps.
def cosine_restarts(lr0, lr_min, t_0, t_mult, step):
    steps = np.atleast_1d(np.asarray(step))
    out = np.zeros(steps.shape, dtype=np.float64)
    for j, t in enumerate(steps):
        t = int(t)
        size = t_0 * t_mult
        while t >= size:
            t -= size
            size *= t_mult
        out[j] = lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * t / size)) / 2
    return float(out[0]) if np.isscalar(step) else out


# %% cosine_restarts: steps_from_one
# Wrong: steps are taken for counted from 1, so everything comes one step late.
def cosine_restarts(lr0, lr_min, t_0, t_mult, step):
    def rate(n):
        n = max(n - 1, 0)
        length = t_0
        while n >= length:
            n -= length
            length *= t_mult
        return lr_min + 0.5 * (lr0 - lr_min) * (1 + np.cos(np.pi * n / length))

    return np.vectorize(rate, otypes=[np.float64])(step)[()]


# %% cosine_restarts: peaks_fall
# Wrong: every restart begins at half the last peak, as Keras's m_mul = 0.5 does.
def cosine_restarts(lr0, lr_min, t_0, t_mult, step):
    m_mul = 0.5

    def rate(t):
        length, peak = t_0, lr0
        while t >= length:
            t -= length
            length *= t_mult
            peak *= m_mul
        return lr_min + (peak - lr_min) * (1 + np.cos(np.pi * t / length)) / 2

    if isinstance(step, np.ndarray):
        return np.array([rate(int(t)) for t in step])
    return rate(step)


# %% cosine_restarts: keras_alpha
# Wrong: lr_min is taken for Keras's alpha, a share of lr0, and not for a rate.
def cosine_restarts(lr0, lr_min, t_0, t_mult, step):
    def rate(t):
        n = t_0
        while t >= n:
            t -= n
            n *= t_mult
        cosine = (1 + np.cos(np.pi * t / n)) / 2
        return lr0 * ((1 - lr_min) * cosine + lr_min)

    return rate(step) if np.ndim(step) == 0 else np.array([rate(t) for t in step.tolist()])


# %% cosine_restarts: pytorch_annealing
# Wrong: uses the cosine of CosineAnnealingLR without restarts: past a cycle it rises again smoothly, with period 2 t_0.
def cosine_restarts(lr0, lr_min, t_0, t_mult, step):
    t = np.asarray(step)
    return (lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * t / t_0)) / 2)[()]


# %% cosine_restarts: warm_up_in_each_cycle
# Wrong: carries the lesson's warm-up over: every cycle's first step has half of lr0, and the cosine starts behind it.
def cosine_restarts(lr0, lr_min, t_0, t_mult, step):
    def rate(t):
        length = t_0
        while t >= length:
            t -= length
            length *= t_mult
        return warmup_cosine(lr0, lr_min, 1, length + 1, t)

    return np.array([rate(int(t)) for t in step]) if np.ndim(step) else rate(step)


# %% cosine_restarts: walks_in_the_array
# Wrong: the lengths are subtracted from the caller's array in place.
def cosine_restarts(lr0, lr_min, t_0, t_mult, step):
    if np.ndim(step) == 0:
        return float(cosine_restarts(lr0, lr_min, t_0, t_mult, np.array([step]))[0])
    length = np.full(len(step), t_0)
    while np.any(step >= length):
        over = step >= length
        step[over] -= length[over]
        length[over] *= t_mult
    return lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * step / length)) / 2


# %% cosine_restarts: rates_sorted_by_step
# Wrong: goes through the distinct steps in rising order and returns the rates in that order.
def cosine_restarts(lr0, lr_min, t_0, t_mult, step):
    found, start, length = [], 0, t_0
    for t in np.unique(step):
        t = int(t)
        while t - start >= length:
            start += length
            length *= t_mult
        found.append(lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * (t - start) / length)) / 2)
    return np.array(found) if np.ndim(step) else found[0]


# %% cosine_restarts: result_of_ints
# Wrong: the result for an array has the int type of the steps, so rates are cut to whole numbers.
def cosine_restarts(lr0, lr_min, t_0, t_mult, step):
    def rate(t):
        length = t_0
        while t >= length:
            t -= length
            length *= t_mult
        return lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * t / length)) / 2

    if not isinstance(step, np.ndarray):
        return rate(step)
    lr = step.copy()
    for i, t in enumerate(step):
        lr[i] = rate(t)
    return lr


# %% cosine_restarts: ten_cycles
# Wrong: the table of cycles has ten entries, steps behind the tenth stay at lr_min.
def cosine_restarts(lr0, lr_min, t_0, t_mult, step):
    starts = [0]
    for i in range(10):
        starts.append(starts[-1] + t_0 * t_mult**i)

    def rate(t):
        for a, b in zip(starts[:-1], starts[1:]):
            if a <= t < b:
                return lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * (t - a) / (b - a))) / 2
        return lr_min

    return rate(step) if np.ndim(step) == 0 else np.array([float(rate(t)) for t in step])


# %% cosine_restarts: no_lr_min_and_late
# Wrong: two slips: lr_min is only added and not taken off lr0, and the position counts from 1 within a cycle.
def cosine_restarts(lr0, lr_min, t_0, t_mult, step):
    def rate(t):
        T_i = t_0
        while t >= T_i:
            t = t - T_i
            T_i = T_i * t_mult
        T_cur = t + 1
        return lr_min + lr0 * (1 + np.cos(np.pi * T_cur / T_i)) / 2

    return np.array([rate(t) for t in step]) if isinstance(step, np.ndarray) else rate(step)


# %% cosine_restarts: no_half_and_lengths_by_number
# Wrong: two slips: the half of the cosine is missing, and cycle i has t_0 + i t_mult steps.
def cosine_restarts(lr0, lr_min, t_0, t_mult, step):
    out = []
    for t in np.ravel(step):
        t, i = int(t), 0
        while t >= t_0 + i * t_mult:
            t -= t_0 + i * t_mult
            i += 1
        out.append(lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * t / (t_0 + i * t_mult))))
    return np.array(out) if np.ndim(step) else out[0]


# %% cosine_restarts: faster_in_one_cycle
# Wrong: misunderstands t_mult: the cycles keep t_0 steps, and the cosine within runs t_mult times as fast.
def cosine_restarts(lr0, lr_min, t_0, t_mult, step):
    t = np.mod(step, t_0)
    angle = np.pi * t_mult * t / t_0
    return lr_min + (lr0 - lr_min) * (1 + np.cos(angle)) / 2


# %% cosine_restarts: restarts_to_the_present
# Wrong: misunderstands a restart: each cycle starts from the rate at which the last one ended.
def cosine_restarts(lr0, lr_min, t_0, t_mult, step):
    def rate(t):
        top, length = lr0, t_0
        while t >= length:
            top = lr_min + (top - lr_min) * (1 + np.cos(np.pi * (length - 1) / length)) / 2
            t -= length
            length *= t_mult
        return lr_min + (top - lr_min) * (1 + np.cos(np.pi * t / length)) / 2

    return rate(step) if np.ndim(step) == 0 else np.array([rate(int(t)) for t in step])


# %% cosine_restarts: first_cycle_only
# Wrong: unfinished: only the first cycle is right, behind it the rate is lr0 throughout.
def cosine_restarts(lr0, lr_min, t_0, t_mult, step):
    t = np.asarray(step)
    first = lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * t / t_0)) / 2
    # later cycles: to do
    return np.where(t < t_0, first, lr0)[()]


# %% cosine_restarts: divides_by_t_mult_less_one
# Wrong: raises with t_mult = 1: the start of a cycle is found by dividing by t_mult - 1.
def cosine_restarts(lr0, lr_min, t_0, t_mult, step):
    def start(i):
        return t_0 * (t_mult**i - 1) // (t_mult - 1)

    def rate(t):
        i = 0
        while start(i + 1) <= t:
            i += 1
        s = (t - start(i)) / (t_0 * t_mult**i)
        return lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * s)) / 2

    return np.array([rate(int(t)) for t in step]) if np.ndim(step) else rate(int(step))


# %% cosine_restarts: recursion_over_cycles
# Right: a function that calls itself for the rest of the steps in the next cycle; weights between lr0 and lr_min.
def cosine_restarts(lr0, lr_min, t_0, t_mult, step):
    if isinstance(step, np.ndarray) and step.ndim:
        return np.array([cosine_restarts(lr0, lr_min, t_0, t_mult, t) for t in step.tolist()], dtype=np.float64)
    step = int(step)
    if t_mult == 1:
        step %= t_0
    if step >= t_0:
        return cosine_restarts(lr0, lr_min, t_0 * t_mult, t_mult, step - t_0)
    share = float(np.cos(np.pi * step / (2 * t_0))) ** 2
    return share * lr0 + (1 - share) * lr_min


# %% cosine_restarts: table_of_starts
# Right: a table of all starts up to the largest step, searched with bisect on Python's whole numbers.
def cosine_restarts(lr0, lr_min, t_0, t_mult, step):
    from bisect import bisect_right

    steps = [int(s) for s in np.atleast_1d(np.asarray(step, dtype=object))]
    if t_mult == 1:
        steps = [s % t_0 for s in steps]
    starts, sizes = [0], [t_0]
    while starts[-1] + sizes[-1] <= max(steps, default=0):
        starts.append(starts[-1] + sizes[-1])
        sizes.append(sizes[-1] * t_mult)
    cycles = [bisect_right(starts, s) - 1 for s in steps]
    depths = np.array([(s - starts[c]) / sizes[c] for s, c in zip(steps, cycles)], dtype=np.float64)
    depths = np.sin(np.pi / 2 * depths) ** 2
    lr = lr0 * (1 - depths) + lr_min * depths
    return lr if np.ndim(step) else lr.item()
