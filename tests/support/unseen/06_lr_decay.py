# %% inverse_time_decay: power_of_the_bracket
# Wrong: takes 1 + k to the power of e instead of 1 + k * e.
def inverse_time_decay(lr0, decay_rate, epoch):
    return lr0 / (1 + decay_rate) ** epoch

# %% inverse_time_decay: counts_from_one
# Wrong: off by one, uses e + 1, so epoch 0 has already decayed.
def inverse_time_decay(lr0, decay_rate, epoch):
    e = epoch + 1
    return lr0 / (1 + decay_rate * e)

# %% inverse_time_decay: brackets_forgotten
# Wrong: no brackets around the denominator, it computes lr0 / 1 + k * e.
def inverse_time_decay(lr0, decay_rate, epoch):
    lr = lr0 / 1 + decay_rate * epoch
    return lr

# %% inverse_time_decay: bracket_too_early
# Wrong: the bracket is closed too early, it computes lr0 / ((1 + k) * e), with e = 0 set to 1.
def inverse_time_decay(lr0, decay_rate, epoch):
    e = np.maximum(epoch, 1)
    return lr0 / ((1 + decay_rate) * e)

# %% inverse_time_decay: multiplied
# Wrong: multiplies by 1 + k * e, so the rate rises.
def inverse_time_decay(lr0, decay_rate, epoch):
    growth = 1 + np.multiply(decay_rate, epoch)
    return lr0 * growth

# %% inverse_time_decay: root_of_time
# Wrong: divides by the root of 1 + k * e, the other well-known decay.
def inverse_time_decay(lr0, decay_rate, epoch):
    return lr0 / np.sqrt(1 + decay_rate * epoch)

# %% inverse_time_decay: root_of_the_epoch
# Wrong: takes the root of the epoch, k * sqrt(e).
def inverse_time_decay(lr0, decay_rate, epoch):
    return lr0 / (1.0 + decay_rate * np.sqrt(epoch))

# %% inverse_time_decay: whole_epochs_of_decay
# Wrong: rounds k * e down, as with a staircase, so fractional decay rates give steps.
def inverse_time_decay(lr0, decay_rate, epoch):
    n = np.floor(decay_rate * epoch)
    return lr0 / (1 + n)

# %% inverse_time_decay: exponential_of_the_notes
# Wrong: computes lr0 * exp(-k * e), the exponential decay of other notes.
def inverse_time_decay(lr0, decay_rate, epoch):
    return lr0 * np.exp(-decay_rate * epoch)

# %% inverse_time_decay: keras_decay_steps
# Wrong: divides the epoch by Keras' decay_steps of 1000.
def inverse_time_decay(lr0, decay_rate, epoch, decay_steps=1000):
    return lr0 / (1 + decay_rate * epoch / decay_steps)

# %% inverse_time_decay: old_rate_divided_again
# Wrong: the loop of many tutorials, the rate of the epoch before is divided by 1 + k * e again and again.
def inverse_time_decay(lr0, decay_rate, epoch):
    def up_to(last):
        lr = lr0
        for e in range(1, last + 1):
            lr = lr / (1 + decay_rate * e)
        return lr

    if np.ndim(epoch) == 0:
        return up_to(epoch)
    return np.array([up_to(int(e)) for e in epoch], dtype=float)

# %% inverse_time_decay: never_below_a_hundredth
# Wrong: adds a lower limit of a hundredth of lr0, as practical schedules have.
def inverse_time_decay(lr0, decay_rate, epoch):
    lr = lr0 / (1 + decay_rate * epoch)
    return np.maximum(lr, 0.01 * lr0)

# %% inverse_time_decay: array_of_ints
# Wrong: fills an array made by zeros_like(epoch), whose ints cut the rates off.
def inverse_time_decay(lr0, decay_rate, epoch):
    if isinstance(epoch, (int, np.integer)):
        return lr0 / (1 + decay_rate * epoch)
    rates = np.zeros_like(epoch)
    for i, e in enumerate(epoch):
        rates[i] = lr0 / (1 + decay_rate * e)
    return rates

# %% inverse_time_decay: sorted_epochs
# Wrong: sorts the epochs first, so the rates come in another order than the epochs.
def inverse_time_decay(lr0, decay_rate, epoch):
    if np.ndim(epoch) == 0:
        return lr0 / (1 + decay_rate * epoch)
    ordered = np.sort(epoch)
    return lr0 / (1 + decay_rate * ordered)

# %% inverse_time_decay: increments_the_epochs
# Wrong: adds 1 to the caller's array in place and subtracts it only in the formula, so the epochs change.
def inverse_time_decay(lr0, decay_rate, epoch):
    epoch += 1   # count from 1
    return lr0 / (1 + decay_rate * (epoch - 1))

# %% inverse_time_decay: no_decay_shortcut
# Wrong: with a decay rate of 0 it returns the number lr0, for an array of epochs as well.
def inverse_time_decay(lr0, decay_rate, epoch):
    if decay_rate == 0:
        return lr0
    return lr0 / (1 + decay_rate * epoch)

# %% inverse_time_decay: list_of_rates_from_one
# Wrong: two slips, an array gives a Python list, and epochs are counted from 1 (e - 1, at least 0).
def inverse_time_decay(lr0, decay_rate, epoch):
    try:
        return [lr0 / (1 + decay_rate * max(e - 1, 0)) for e in epoch]
    except TypeError:
        return lr0 / (1 + decay_rate * max(epoch - 1, 0))

# %% inverse_time_decay: float32_and_square
# Wrong: two slips, the epoch is squared and the array is float32.
def inverse_time_decay(lr0, decay_rate, epoch):
    e = np.asarray(epoch, dtype=np.float32) ** 2
    lr = np.float32(lr0) / (np.float32(1) + np.float32(decay_rate) * e)
    return float(lr) if lr.ndim == 0 else lr

# %% inverse_time_decay: positions_instead_of_epochs
# Wrong: takes the array for its length only, computes the rates of epochs 0 to n - 1.
def inverse_time_decay(lr0, decay_rate, epoch):
    if isinstance(epoch, np.ndarray):
        e = np.arange(len(epoch))
    else:
        e = epoch
    return lr0 / (1 + decay_rate * e)

# %% inverse_time_decay: amount_taken_away
# Wrong: misunderstands what to return, gives what has been lost of lr0 since epoch 0 and not the rate.
def inverse_time_decay(lr0, decay_rate, epoch):
    lr = lr0 / (1 + decay_rate * epoch)
    return lr0 - lr

# %% inverse_time_decay: last_epoch_only
# Wrong: unfinished, for an array it returns a single number, the rate of its largest epoch.
def inverse_time_decay(lr0, decay_rate, epoch):
    # TODO: arrays
    e = int(np.max(epoch))
    return lr0 / (1 + decay_rate * e)

# %% inverse_time_decay: times_equals
# Wrong: epoch *= decay_rate raises an error for an array of ints when the rate is a float (a single int works).
def inverse_time_decay(lr0, decay_rate, epoch):
    epoch *= decay_rate
    epoch = epoch + 1
    return lr0 / epoch

# %% inverse_time_decay: polynomial
# Right: the denominator is a polynomial of the epoch, evaluated by np.polyval.
def inverse_time_decay(lr0, decay_rate, epoch):
    return lr0 / np.polyval([float(decay_rate), 1.0], epoch)

# %% inverse_time_decay: one_or_many
# Right: a match on the number of dimensions and a generator through np.fromiter.
def inverse_time_decay(lr0, decay_rate, epoch):
    match np.ndim(epoch):
        case 0:
            return float(lr0 / (decay_rate * int(epoch) + 1))
        case _:
            rates = (inverse_time_decay(lr0, decay_rate, e) for e in np.asarray(epoch).tolist())
            return np.fromiter(rates, dtype=np.float64, count=len(epoch))

# %% step_decay: no_floor
# Wrong: e / s is not rounded down, the rate falls smoothly (ExponentialDecay of Keras).
def step_decay(lr0, gamma, step_size, epoch):
    return lr0 * gamma ** (epoch / step_size)

# %% step_decay: rounded_up
# Wrong: rounds e / s up, so the first drop comes at epoch 1.
def step_decay(lr0, gamma, step_size, epoch):
    drops = np.ceil(np.asarray(epoch) / step_size)
    return lr0 * gamma**drops

# %% step_decay: to_the_nearest
# Wrong: rounds e / s to the nearest whole number.
def step_decay(lr0, gamma, step_size, epoch):
    k = np.round(np.divide(epoch, step_size))
    return lr0 * np.power(float(gamma), k)

# %% step_decay: factor_not_power
# Wrong: multiplies by gamma times the number of drops (1 before the first) and not by a power.
def step_decay(lr0, gamma, step_size, epoch):
    n = np.asarray(epoch) // step_size
    return np.where(n == 0, lr0, lr0 * gamma * n)[()]

# %% step_decay: remainder
# Wrong: the power is the remainder e % s.
def step_decay(lr0, gamma, step_size, epoch):
    n = epoch % step_size
    return lr0 * gamma**n

# %% step_decay: share_taken_away
# Wrong: gamma is taken for the share that is lost, the factor is 1 - gamma.
def step_decay(lr0, gamma, step_size, epoch):
    keep = 1 - gamma
    return lr0 * keep ** (epoch // step_size)

# %% step_decay: power_before_division
# Wrong: the brackets are missing, gamma ** epoch is divided by step_size and rounded down.
def step_decay(lr0, gamma, step_size, epoch):
    return lr0 * (gamma ** epoch // step_size)

# %% step_decay: one_drop_late
# Wrong: off by one, the drop comes at epoch s + 1 because e - 1 is divided.
def step_decay(lr0, gamma, step_size, epoch):
    number = np.maximum(np.asarray(epoch) - 1, 0) // step_size
    return (lr0 * np.asarray(gamma, dtype=float) ** number)[()]

# %% step_decay: one_plus_epoch
# Wrong: the formula of many Keras tutorials, floor((1 + e) / s), drops one epoch early.
def step_decay(lr0, gamma, step_size, epoch):
    return lr0 * np.power(float(gamma), np.floor((1 + epoch) / step_size))

# %% step_decay: divided_by_gamma
# Wrong: divides by gamma to the power, as in "divide the rate by 10 every s epochs".
def step_decay(lr0, gamma, step_size, epoch):
    steps_done = epoch // step_size
    return lr0 / gamma**steps_done

# %% step_decay: exp_of_minus_gamma
# Wrong: takes exp(-gamma) per step, the habit of notes with a decay constant k.
def step_decay(lr0, gamma, step_size, epoch):
    return lr0 * np.exp(-gamma * (epoch // step_size))

# %% step_decay: smallest_rate
# Wrong: a lower limit of 1e-3 that nobody asked for, as schedules with min_lr have.
def step_decay(lr0, gamma, step_size, epoch):
    lr = lr0 * gamma ** (epoch // step_size)
    return np.clip(lr, 1e-3, None)

# %% step_decay: floor_divide_in_place
# Wrong: epoch //= step_size changes the caller's array.
def step_decay(lr0, gamma, step_size, epoch):
    epoch //= step_size
    return lr0 * gamma**epoch

# %% step_decay: full_like_of_ints
# Wrong: np.full_like(epoch, lr0) makes an array of ints, so rates are cut off.
def step_decay(lr0, gamma, step_size, epoch):
    if np.ndim(epoch) == 0:
        return lr0 * gamma ** (epoch // step_size)
    lr = np.full_like(epoch, lr0)
    for i in range(len(epoch)):
        lr[i] = lr0 * gamma ** (epoch[i] // step_size)
    return lr

# %% step_decay: always_an_array
# Wrong: a single epoch gives an array of shape (1,) and not a number.
def step_decay(lr0, gamma, step_size, epoch):
    epochs = np.array(epoch, ndmin=1)
    return lr0 * np.power(float(gamma), epochs // step_size)

# %% step_decay: by_position
# Wrong: walks along the array and drops at every s-th position, whatever epochs stand there.
def step_decay(lr0, gamma, step_size, epoch):
    if isinstance(epoch, (int, np.integer)):
        return lr0 * gamma ** (epoch // step_size)
    lr, out = lr0, []
    for i, _ in enumerate(epoch):
        if i > 0 and i % step_size == 0:
            lr *= gamma
        out.append(lr)
    return np.array(out, dtype=float)

# %% step_decay: up_and_late
# Wrong: two slips, the power is e // (s + 1) and the result for arrays is a list.
def step_decay(lr0, gamma, step_size, epoch):
    period = step_size + 1
    if np.ndim(epoch):
        return [float(lr0 * gamma ** (e // period)) for e in epoch]
    return lr0 * gamma ** (epoch // period)

# %% step_decay: linear_and_nearest
# Wrong: two slips, gamma times the drops is subtracted from 1 instead of a power, and e / s is rounded to the nearest.
def step_decay(lr0, gamma, step_size, epoch):
    drops = np.rint(np.asarray(epoch) / step_size)
    return (lr0 * (1 - gamma * drops))[()]

# %% step_decay: a_single_step
# Wrong: takes "step" for one step, the rate drops once at epoch s and then stays.
def step_decay(lr0, gamma, step_size, epoch):
    return np.where(np.asarray(epoch) < step_size, lr0, lr0 * gamma)[()]

# %% step_decay: drops_only_in_that_epoch
# Wrong: misunderstands the schedule, the rate is lr0 * gamma in multiples of s only and lr0 in all other epochs.
def step_decay(lr0, gamma, step_size, epoch):
    e = np.asarray(epoch)
    special = (e > 0) & (e % step_size == 0)
    return (lr0 * np.where(special, float(gamma), 1.0))[()]

# %% step_decay: ints_only
# Wrong: unfinished, arrays get a constant lr0 for all epochs.
def step_decay(lr0, gamma, step_size, epoch):
    if isinstance(epoch, int):
        return lr0 * gamma ** (epoch // step_size)
    lr = np.full(np.shape(epoch), float(lr0))
    # still to do: the drops
    return lr

# %% step_decay: while_on_an_array
# Wrong: a while loop compares the array with step_size, which raises ValueError for more than one epoch.
def step_decay(lr0, gamma, step_size, epoch):
    lr = lr0
    remaining = epoch
    while remaining >= step_size:
        lr = lr * gamma
        remaining = remaining - step_size
    return lr

# %% step_decay: table_of_powers
# Right: builds the table of all rates up to the last epoch with repeat, then looks the epochs up.
def step_decay(lr0, gamma, step_size, epoch):
    last = int(np.max(epoch, initial=0))
    steps = [float(lr0)]
    while len(steps) * step_size <= last:
        steps.append(lr0 * float(gamma) ** len(steps))
    table = np.repeat(steps, step_size)
    return table[epoch]

# %% step_decay: divmod_and_vectorize
# Right: the quotient of divmod, lifted to arrays by np.vectorize; a number is unpacked at the end.
def step_decay(lr0, gamma, step_size, epoch):
    def one(e):
        whole, _ = divmod(int(e), step_size)
        return float(lr0) * float(gamma) ** whole

    lr = np.vectorize(one, otypes=[np.float64])(epoch)
    return lr.item() if np.ndim(epoch) == 0 else lr

# %% multistep_decay: milestone_belongs_to_before
# Wrong: counts milestones below e, so the drop comes one epoch after the milestone.
def multistep_decay(lr0, gamma, milestones, epoch):
    n = np.searchsorted(np.array(milestones, dtype=float), epoch, side="left")
    return lr0 * np.power(float(gamma), n)

# %% multistep_decay: one_epoch_early
# Wrong: off by one, compares e + 1 with the milestones, so each drop comes an epoch early.
def multistep_decay(lr0, gamma, milestones, epoch):
    e = np.asarray(epoch)
    lr = np.full(e.shape, float(lr0))
    for m in milestones:
        lr = np.where(e + 1 >= m, lr * gamma, lr)
    return lr[()]

# %% multistep_decay: gamma_times_count
# Wrong: multiplies by gamma times the number of milestones passed (and by 1 before the first).
def multistep_decay(lr0, gamma, milestones, epoch):
    e = np.asarray(epoch)
    count = sum(((e >= m).astype(int) for m in milestones), np.zeros(e.shape, int))
    return (lr0 * np.where(count > 0, gamma * count, 1.0))[()]

# %% multistep_decay: only_the_first
# Wrong: drops once, at the first milestone, and ignores the others.
def multistep_decay(lr0, gamma, milestones, epoch):
    e = np.asarray(epoch)
    if len(milestones) == 0:
        return np.full(e.shape, float(lr0))[()]
    return np.where(e >= milestones[0], float(lr0 * gamma), float(lr0))[()]

# %% multistep_decay: powers_add_up
# Wrong: at milestone i it multiplies by gamma^i and not by gamma, so the drops add up to 1, 3, 6, ... powers.
def multistep_decay(lr0, gamma, milestones, epoch):
    e = np.asarray(epoch, dtype=float)
    lr = lr0 * np.ones_like(e)
    for i, m in enumerate(milestones, start=1):
        lr = lr * np.where(e >= m, float(gamma) ** i, 1.0)
    return lr[()]

# %% multistep_decay: ceiling_of_the_last
# Wrong: the last milestone is left out by a range that ends too early.
def multistep_decay(lr0, gamma, milestones, epoch):
    e = np.asarray(epoch)
    n = np.zeros(e.shape)
    for i in range(len(milestones) - 1):
        n = n + (e >= milestones[i])
    return (lr0 * float(gamma) ** n)[()]

# %% multistep_decay: milestones_still_ahead
# Wrong: the comparison is turned round, it counts the milestones not yet reached, so the rate rises.
def multistep_decay(lr0, gamma, milestones, epoch):
    def rate(e):
        n = len([m for m in milestones if m > e])
        return float(lr0 * gamma**n)

    if np.ndim(epoch) == 0:
        return rate(epoch)
    return np.array([rate(e) for e in epoch], dtype=float)

# %% multistep_decay: gamma_is_lost
# Wrong: takes gamma for the share that is taken away, the factor is 1 - gamma.
def multistep_decay(lr0, gamma, milestones, epoch):
    keep = 1.0 - gamma
    n = np.searchsorted(list(milestones) or [np.inf], epoch, side="right")
    return lr0 * keep**n

# %% multistep_decay: periods
# Wrong: reads the milestones as lengths of the stages and adds them up.
def multistep_decay(lr0, gamma, milestones, epoch):
    ends = np.cumsum(np.array(milestones, dtype=float))
    n = np.searchsorted(ends, epoch, side="right")
    return lr0 * float(gamma) ** n

# %% multistep_decay: divides_by_gamma
# Wrong: the rate is divided by gamma at each milestone ("divide by 10").
def multistep_decay(lr0, gamma, milestones, epoch):
    n = np.searchsorted(np.asarray(milestones, float), epoch, side="right")
    return lr0 / float(gamma) ** n

# %% multistep_decay: drop_is_absolute
# Wrong: Keras' piecewise constants, gamma is taken as the value of the rate after the first milestone and its powers as the later values, lr0 counts only before.
def multistep_decay(lr0, gamma, milestones, epoch):
    values = np.array([lr0] + [gamma ** (i + 1) for i in range(len(milestones))], dtype=float)
    index = np.searchsorted(np.asarray(milestones, float), epoch, side="right")
    return values[index]

# %% multistep_decay: back_after_the_drop
# Wrong: as PyTorch's recursive form misread, the factor counts only in the milestone's own epoch and not from then on.
def multistep_decay(lr0, gamma, milestones, epoch):
    hit = np.isin(epoch, milestones)
    return (lr0 * np.where(hit, float(gamma), 1.0))[()]

# %% multistep_decay: number_for_empty_list
# Wrong: with no milestones it returns the number lr0, for an array of epochs as well.
def multistep_decay(lr0, gamma, milestones, epoch):
    if not milestones:
        return lr0
    n = np.searchsorted(milestones, epoch, side="right")
    return lr0 * float(gamma) ** n

# %% multistep_decay: sentinel_left_behind
# Wrong: appends infinity to the caller's list of milestones.
def multistep_decay(lr0, gamma, milestones, epoch):
    milestones.append(float("inf"))

    def rate(e):
        n = 0
        while e >= milestones[n]:
            n += 1
        return float(lr0 * gamma**n)

    return rate(epoch) if np.ndim(epoch) == 0 else np.array([rate(e) for e in epoch], dtype=float)

# %% multistep_decay: sum_over_the_wrong_axis
# Wrong: sums the comparisons over the epochs and not over the milestones, so an array gives a result of the wrong shape.
def multistep_decay(lr0, gamma, milestones, epoch):
    e = np.atleast_1d(epoch)
    passed = np.array(milestones, dtype=float)[:, None] <= e[None, :]
    if np.ndim(epoch) == 0:
        return float(lr0 * gamma ** passed.sum())
    return lr0 * float(gamma) ** passed.sum(axis=1)

# %% multistep_decay: cursor_over_sorted_epochs
# Wrong: a cursor that never goes back assumes increasing epochs, in another order later ones get too low a rate.
def multistep_decay(lr0, gamma, milestones, epoch):
    if np.ndim(epoch) == 0:
        return lr0 * gamma ** sum(m <= epoch for m in milestones)
    out = np.empty(len(epoch))
    lr, position = lr0, 0
    for i, e in enumerate(epoch):
        while position < len(milestones) and milestones[position] <= e:
            lr *= gamma
            position += 1
        out[i] = lr
    return out

# %% multistep_decay: strict_and_ints
# Wrong: two slips, milestones count only after their epoch (strictly below e), and arrays come back as ints.
def multistep_decay(lr0, gamma, milestones, epoch):
    if np.ndim(epoch) == 0:
        return lr0 * gamma ** len([m for m in milestones if m < epoch])
    result = np.zeros_like(epoch)
    for i, e in enumerate(epoch):
        result[i] = lr0 * gamma ** len([m for m in milestones if m < e])
    return result

# %% multistep_decay: early_and_share
# Wrong: two slips, each drop comes an epoch early and takes gamma away instead of leaving it.
def multistep_decay(lr0, gamma, milestones, epoch):
    earlier = np.array([m - 1 for m in milestones], dtype=float)
    n = np.searchsorted(earlier, epoch, side="right")
    return lr0 * (1 - gamma) ** n

# %% multistep_decay: whole_plan
# Wrong: misunderstands n(e), the number of milestones in the whole list is used for every epoch from the first milestone on.
def multistep_decay(lr0, gamma, milestones, epoch):
    n = len(milestones)
    first = milestones[0] if n else np.inf
    return np.where(np.asarray(epoch) >= first, lr0 * float(gamma) ** n, float(lr0))[()]

# %% multistep_decay: decays_from_the_milestone
# Wrong: thinks that from the first milestone on the rate falls in every epoch, gamma to the epochs since the last milestone plus one.
def multistep_decay(lr0, gamma, milestones, epoch):
    def rate(e):
        passed = [m for m in milestones if m <= e]
        if not passed:
            return float(lr0)
        return float(lr0 * gamma ** (e - passed[-1] + 1))

    if np.ndim(epoch) == 0:
        return rate(int(epoch))
    return np.array([rate(int(e)) for e in epoch], dtype=float)

# %% multistep_decay: first_epoch_of_the_array
# Wrong: unfinished, for an array it uses the first epoch only and fills the result with its rate.
def multistep_decay(lr0, gamma, milestones, epoch):
    if isinstance(epoch, np.ndarray):
        # one for all, for now
        e = epoch[0] if len(epoch) else 0
        n = sum(1 for m in milestones if m <= e)
        return np.full(len(epoch), lr0 * float(gamma) ** n)
    n = sum(1 for m in milestones if m <= epoch)
    return lr0 * gamma**n

# %% multistep_decay: if_array_passes
# Wrong: "if epoch >= m" raises ValueError for an array with more than one epoch.
def multistep_decay(lr0, gamma, milestones, epoch):
    lr = lr0
    for m in milestones:
        if epoch >= m:
            lr *= gamma
    return lr

# %% multistep_decay: digitize
# Right: np.digitize with an infinite last edge, which also serves the empty list.
def multistep_decay(lr0, gamma, milestones, epoch):
    edges = np.array([*milestones, np.inf])
    return float(lr0) * np.power(float(gamma), np.digitize(epoch, edges))

# %% multistep_decay: recursion_on_the_list
# Right: recursive, the rate for a list of milestones is that for all but the last, times gamma where the last is reached.
def multistep_decay(lr0, gamma, milestones, epoch):
    if len(milestones) == 0:
        return float(lr0) if np.ndim(epoch) == 0 else np.full(np.shape(epoch), float(lr0))
    *earlier, last = milestones
    factor = np.where(np.less_equal(last, epoch), float(gamma), 1.0)[()]
    return multistep_decay(lr0, gamma, earlier, epoch) * factor

# %% exponential_decay: minus_in_the_exponential
# Wrong: puts gamma into exp(-gamma * e), as if it were the k of other notes.
def exponential_decay(lr0, gamma, epoch):
    return lr0 * np.exp(-gamma * epoch)

# %% exponential_decay: times_instead_of_power
# Wrong: multiplies gamma by the epoch instead of raising it to the power.
def exponential_decay(lr0, gamma, epoch):
    return lr0 * gamma * epoch

# %% exponential_decay: share_lost
# Wrong: takes gamma for the share that is taken away, (1 - gamma) ** e.
def exponential_decay(lr0, gamma, epoch):
    remaining = 1 - gamma
    return lr0 * remaining ** np.asarray(epoch)[()]

# %% exponential_decay: first_epoch_already_less
# Wrong: off by one, gamma to the power e + 1.
def exponential_decay(lr0, gamma, epoch):
    return lr0 * np.power(float(gamma), epoch + 1)

# %% exponential_decay: starts_a_power_late
# Wrong: off by one the other way, gamma to the power e - 1 with epoch 0 and 1 both at lr0.
def exponential_decay(lr0, gamma, epoch):
    power = np.maximum(np.asarray(epoch) - 1, 0)
    return (lr0 * float(gamma) ** power)[()]

# %% exponential_decay: base_and_exponent_exchanged
# Wrong: computes e ** gamma.
def exponential_decay(lr0, gamma, epoch):
    return lr0 * np.power(np.asarray(epoch, dtype=float), gamma)[()]

# %% exponential_decay: power_of_the_product
# Wrong: raises lr0 * gamma to the power, brackets too wide.
def exponential_decay(lr0, gamma, epoch):
    return (lr0 * gamma) ** epoch

# %% exponential_decay: divides
# Wrong: divides by gamma ** e, the rate rises.
def exponential_decay(lr0, gamma, epoch):
    factor = float(gamma) ** np.array(epoch)
    return (lr0 / factor)[()]

# %% exponential_decay: decay_steps
# Wrong: ExponentialDecay of Keras with its decay_steps, e / 1000 in the exponent.
def exponential_decay(lr0, gamma, epoch, decay_steps=1000):
    return lr0 * gamma ** (epoch / decay_steps)

# %% exponential_decay: converted_twice
# Wrong: converts gamma to k = 1 - gamma and takes exp(-k e), which is only nearly the same.
def exponential_decay(lr0, gamma, epoch):
    k = 1 - gamma
    return lr0 * np.exp(-k * np.asarray(epoch))[()]

# %% exponential_decay: tutorial_form
# Wrong: the form gamma ** e / sqrt(1 + e) mixes in the root decay of another course.
def exponential_decay(lr0, gamma, epoch):
    e = np.asarray(epoch, dtype=float)
    return (lr0 * gamma**e / np.sqrt(1 + e))[()]

# %% exponential_decay: floor_of_1e_4
# Wrong: never lets the rate fall below 1e-4 of lr0, a limit from training scripts.
def exponential_decay(lr0, gamma, epoch):
    lr = lr0 * gamma**epoch
    return np.maximum(lr, 1e-4 * lr0)

# %% exponential_decay: cumulative_product
# Wrong: a cumulative product along the array, the value depends on the position and not on the epoch.
def exponential_decay(lr0, gamma, epoch):
    if np.ndim(epoch) == 0:
        return lr0 * gamma**epoch
    factors = np.full(len(epoch), float(gamma))
    factors[:1] = 1.0
    return lr0 * np.cumprod(factors)

# %% exponential_decay: sorts_the_callers_epochs
# Wrong: sorts the caller's array in place before it computes.
def exponential_decay(lr0, gamma, epoch):
    if isinstance(epoch, np.ndarray):
        epoch.sort()
    return lr0 * float(gamma) ** epoch

# %% exponential_decay: copy_of_ints
# Wrong: writes the rates into a copy of the epochs, whose ints cut them off.
def exponential_decay(lr0, gamma, epoch):
    if np.ndim(epoch) == 0:
        return lr0 * gamma**epoch
    rates = epoch.copy()
    for i in range(rates.size):
        rates[i] = lr0 * gamma ** epoch[i]
    return rates

# %% exponential_decay: vector_even_for_one
# Wrong: a single int comes back as an array of shape (1,).
def exponential_decay(lr0, gamma, epoch):
    epochs = np.asarray(epoch).reshape(-1)
    return np.array([lr0 * gamma ** int(e) for e in epochs], dtype=np.float64)

# %% exponential_decay: late_and_single_precision
# Wrong: two slips, epochs are counted from 1 (e - 1, so epoch 0 has lr0 / gamma) and the numbers are float32.
def exponential_decay(lr0, gamma, epoch):
    power = np.asarray(epoch, dtype=np.float32) - np.float32(1)
    return (np.float32(lr0) * np.float32(gamma) ** power)[()]

# %% exponential_decay: list_and_lost_share
# Wrong: two slips, a list for an array of epochs, and 1 - gamma for gamma.
def exponential_decay(lr0, gamma, epoch):
    if np.ndim(epoch) > 0:
        return [lr0 * (1 - gamma) ** int(e) for e in epoch]
    return lr0 * (1 - gamma) ** epoch

# %% exponential_decay: straight_line
# Wrong: misreads "the same share" as the same amount, lr0 * (1 - gamma) is subtracted in every epoch, down to 0.
def exponential_decay(lr0, gamma, epoch):
    lost = lr0 * (1 - gamma) * np.asarray(epoch)
    return np.maximum(lr0 - lost, 0.0)[()]

# %% exponential_decay: sum_of_all_rates
# Wrong: returns the sum of the rates up to the epoch, the geometric series, and not the rate itself.
def exponential_decay(lr0, gamma, epoch):
    e = np.asarray(epoch)
    if gamma == 1:
        return (lr0 * (e + 1.0))[()]
    return (lr0 * (1 - float(gamma) ** (e + 1)) / (1 - gamma))[()]

# %% exponential_decay: one_epoch_of_it
# Wrong: unfinished, it multiplies by gamma once for every epoch above 0, the power is missing.
def exponential_decay(lr0, gamma, epoch):
    lr = np.where(np.asarray(epoch) > 0, lr0 * gamma, float(lr0))
    # ... and so on for the later epochs
    return lr[()]

# %% exponential_decay: range_of_an_array
# Wrong: loops over range(epoch), which raises TypeError for an array.
def exponential_decay(lr0, gamma, epoch):
    lr = lr0
    for _ in range(epoch):
        lr = lr * gamma
    return lr

# %% exponential_decay: square_and_multiply
# Right: exponentiation by squaring on a copy of the epochs, bit by bit.
def exponential_decay(lr0, gamma, epoch):
    left = np.array(epoch, dtype=np.int64)
    lr = np.full(left.shape, float(lr0))
    base = float(gamma)
    while (left > 0).any():
        lr = np.where(left % 2 == 1, lr * base, lr)
        left = left // 2
        base = base * base if (left > 0).any() else base
    return float(lr) if lr.ndim == 0 else lr

# %% exponential_decay: reduce_over_repeat
# Right: functools.reduce multiplies by gamma once an epoch, np.vectorize does the rest.
def exponential_decay(lr0, gamma, epoch):
    from functools import reduce
    from itertools import repeat

    one = lambda e: reduce(lambda lr, g: lr * g, repeat(float(gamma), int(e)), float(lr0))
    rates = np.vectorize(one, otypes=[float])(epoch)
    return rates if rates.ndim else float(rates)

# %% cosine_decay: cosine_without_half
# Wrong: multiplies by the cosine itself, which runs from 1 to -1.
def cosine_decay(lr0, lr_min, t_max, epoch):
    return lr_min + (lr0 - lr_min) * np.cos(np.pi * epoch / t_max)

# %% cosine_decay: full_turn
# Wrong: 2 pi, a whole turn, so the rate is back at lr0 at the end.
def cosine_decay(lr0, lr_min, t_max, epoch):
    phase = 2 * np.pi * epoch / t_max
    return lr_min + (lr0 - lr_min) * (1 + np.cos(phase)) / 2

# %% cosine_decay: lr_min_added_only
# Wrong: lr_min is not subtracted from lr0 in the bracket, epoch 0 has lr0 + lr_min.
def cosine_decay(lr0, lr_min, t_max, epoch):
    return lr_min + lr0 * 0.5 * (1 + np.cos(np.pi * epoch / t_max))

# %% cosine_decay: half_forgotten
# Wrong: not divided by 2.
def cosine_decay(lr0, lr_min, t_max, epoch):
    wave = 1 + np.cos(np.pi * epoch / t_max)
    return lr_min + (lr0 - lr_min) * wave

# %% cosine_decay: rising
# Wrong: 1 - cos, the rate rises from lr_min to lr0.
def cosine_decay(lr0, lr_min, t_max, epoch):
    return lr_min + 0.5 * (lr0 - lr_min) * (1 - np.cos(np.pi * np.asarray(epoch)[()] / t_max))

# %% cosine_decay: last_is_t_max_minus_one
# Wrong: off by one, e / (T - 1) as if T epochs ended at T - 1.
def cosine_decay(lr0, lr_min, t_max, epoch):
    share = epoch / max(t_max - 1, 1)
    return lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * share)) / 2

# %% cosine_decay: pi_missing
# Wrong: no pi, cos(e / T) stops at cos(1).
def cosine_decay(lr0, lr_min, t_max, epoch):
    x = np.divide(epoch, t_max)
    return lr_min + (lr0 - lr_min) * (1 + np.cos(x)) / 2

# %% cosine_decay: half_of_the_cosine_only
# Wrong: brackets, 1 + cos / 2 instead of (1 + cos) / 2.
def cosine_decay(lr0, lr_min, t_max, epoch):
    c = np.cos(np.pi * epoch / t_max)
    return lr_min + (lr0 - lr_min) * (1 + c / 2)

# %% cosine_decay: keras_alpha
# Wrong: Keras' alpha, lr_min is used as a share of lr0.
def cosine_decay(lr0, lr_min, t_max, epoch):
    cosine = 0.5 * (1 + np.cos(np.pi * epoch / t_max))
    decayed = (1 - lr_min) * cosine + lr_min
    return lr0 * decayed

# %% cosine_decay: hugging_face
# Wrong: Hugging Face's form goes to 0, lr_min is not used.
def cosine_decay(lr0, lr_min, t_max, epoch):
    return lr0 * np.maximum(0.0, 0.5 * (1.0 + np.cos(np.pi * epoch / t_max)))

# %% cosine_decay: warm_restart
# Wrong: restarts as in SGDR, e % T makes the last epoch jump back to lr0.
def cosine_decay(lr0, lr_min, t_max, epoch):
    t_cur = epoch % t_max
    return lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * t_cur / t_max)) / 2

# %% cosine_decay: floor_at_lr_min
# Wrong: decays to 0 and cuts off at lr_min, instead of scaling the curve between the two.
def cosine_decay(lr0, lr_min, t_max, epoch):
    lr = lr0 * (1 + np.cos(np.pi * epoch / t_max)) / 2
    return np.maximum(lr, lr_min)

# %% cosine_decay: linspace_over_positions
# Wrong: spreads half a turn over the length of the array with linspace, whatever epochs stand in it.
def cosine_decay(lr0, lr_min, t_max, epoch):
    if np.ndim(epoch) == 0:
        angle = np.pi * epoch / t_max
    else:
        angle = np.linspace(0, np.pi, len(epoch))
    return lr_min + (lr0 - lr_min) * (1 + np.cos(angle)) / 2

# %% cosine_decay: float32_angle
# Wrong: makes a float32 tensor of the epochs, so the rates come back as float32.
def cosine_decay(lr0, lr_min, t_max, epoch):
    e = torch.as_tensor(epoch, dtype=torch.float32)
    lr = lr_min + (lr0 - lr_min) * (1 + torch.cos(torch.pi * e / t_max)) / 2
    return lr.item() if lr.ndim == 0 else lr.numpy()

# %% cosine_decay: zeros_like_epoch
# Wrong: fills zeros_like(epoch), an array of ints, so rates below 1 become 0.
def cosine_decay(lr0, lr_min, t_max, epoch):
    def at(e):
        return lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * e / t_max)) / 2

    if np.ndim(epoch) == 0:
        return at(epoch)
    lrs = np.zeros_like(epoch)
    for k in range(len(epoch)):
        lrs[k] = at(epoch[k])
    return lrs

# %% cosine_decay: reversed_in_place
# Wrong: turns the caller's epochs into T - e in place, the values are right but the input changes.
def cosine_decay(lr0, lr_min, t_max, epoch):
    epoch -= t_max
    epoch *= -1      # epochs that are left
    return lr_min + (lr0 - lr_min) * (1 - np.cos(np.pi * epoch / t_max)) / 2

# %% cosine_decay: quarter_turn_swapped_ends
# Wrong: two slips, a quarter turn without the half, and lr0 and lr_min change places.
def cosine_decay(lr0, lr_min, t_max, epoch):
    quarter = np.cos(np.pi * epoch / (2 * t_max))
    return lr0 + (lr_min - lr0) * quarter

# %% cosine_decay: degrees_and_list
# Wrong: two slips, the angle is in degrees (180 e / T) for a function that takes radians, and an array gives a list.
def cosine_decay(lr0, lr_min, t_max, epoch):
    es = [epoch] if np.ndim(epoch) == 0 else epoch
    out = [lr_min + (lr0 - lr_min) * (1 + float(np.cos(180 * e / t_max))) / 2 for e in es]
    return out[0] if np.ndim(epoch) == 0 else out

# %% cosine_decay: straight_down
# Wrong: misses the shape, a straight line from lr0 to lr_min has the same ends.
def cosine_decay(lr0, lr_min, t_max, epoch):
    share = np.asarray(epoch)[()] / t_max
    return lr0 + (lr_min - lr0) * share

# %% cosine_decay: cosine_of_the_rate
# Wrong: takes the schedule to be a multiplication of the rate by cos at each epoch, the product over all epochs so far.
def cosine_decay(lr0, lr_min, t_max, epoch):
    def upto(last):
        lr = float(lr0)
        for e in range(int(last) + 1):
            lr = lr_min + (lr - lr_min) * (1 + np.cos(np.pi * e / t_max)) / 2
        return lr

    if np.ndim(epoch) == 0:
        return upto(epoch)
    return np.array([upto(e) for e in epoch], dtype=float)

# %% cosine_decay: ends_only
# Wrong: unfinished, returns lr0 in the first half and lr_min in the second.
def cosine_decay(lr0, lr_min, t_max, epoch):
    # TODO: the curve in between
    return np.where(np.asarray(epoch) * 2 < t_max, float(lr0), float(lr_min))[()]

# %% cosine_decay: math_cos
# Wrong: math.cos raises TypeError for an array of more than one epoch.
def cosine_decay(lr0, lr_min, t_max, epoch):
    import math
    return lr_min + (lr0 - lr_min) * (1 + math.cos(math.pi * epoch / t_max)) / 2

# %% cosine_decay: cosine_squared
# Right: (1 + cos x) / 2 is the square of cos(x / 2), and the rate a mean weighted with it and with the squared sine.
def cosine_decay(lr0, lr_min, t_max, epoch):
    half = np.multiply(epoch, np.pi / 2 / t_max)
    return lr0 * np.cos(half) ** 2 + lr_min * np.sin(half) ** 2

# %% cosine_decay: complex_exponential
# Right: the cosine as the real part of a complex exponential, looked up in a table of all epochs.
def cosine_decay(lr0, lr_min, t_max, epoch):
    circle = np.exp(1j * np.pi * np.arange(t_max + 1) / t_max).real
    table = np.interp(circle, [-1.0, 1.0], [0.0, 1.0]) * (lr0 - lr_min) + lr_min
    return table[epoch]

# %% ReduceOnPlateau: best_is_always_the_minimum
# Wrong: the best metric also follows small gains in bad epochs, so a slow steady fall never counts as good.
class ReduceOnPlateau:
    def __init__(self, lr, factor=0.1, patience=10, threshold=1e-4, cooldown=0, min_lr=0.0):
        if lr < 0 or factor >= 1:
            raise ValueError("lr must not be negative and factor must be below 1")
        self.lr, self.factor, self.patience = lr, factor, patience
        self.threshold, self.cooldown, self.min_lr = threshold, cooldown, min_lr
        self.best = float("inf")
        self.bad = 0
        self.wait = 0

    def step(self, metric):
        good = metric < (1 - self.threshold) * self.best
        if metric < self.best:
            self.best = metric
        if good:
            self.bad = 0
        else:
            self.bad += 1
        if self.wait > 0:
            self.wait -= 1
            self.bad = 0
        if self.bad > self.patience:
            self.lr = max(self.factor * self.lr, self.min_lr)
            self.bad = 0
            self.wait = self.cooldown
        return self.lr

# %% ReduceOnPlateau: cooldown_blind
# Wrong: returns at once during a cooldown, so a good metric there does not set the best.
class ReduceOnPlateau:
    def __init__(self, lr, factor=0.1, patience=10, threshold=1e-4, cooldown=0, min_lr=0.0):
        if lr < 0:
            raise ValueError("negative lr")
        if factor >= 1:
            raise ValueError("factor too large")
        self.lr = lr
        self.factor = factor
        self.patience = patience
        self.threshold = threshold
        self.cooldown = cooldown
        self.min_lr = min_lr
        self.m_best = np.inf
        self.n_bad = 0
        self.cooling = 0

    def step(self, metric):
        if self.cooling > 0:
            self.cooling -= 1
            return self.lr
        if metric < (1 - self.threshold) * self.m_best:
            self.m_best = metric
            self.n_bad = 0
        else:
            self.n_bad += 1
            if self.n_bad > self.patience:
                self.lr = max(self.lr * self.factor, self.min_lr)
                self.n_bad = 0
                self.cooling = self.cooldown
        return self.lr

# %% ReduceOnPlateau: total_of_bad_epochs
# Wrong: the count is not set back by a good epoch, it counts all bad epochs and not those in a row.
class ReduceOnPlateau:
    def __init__(self, lr, factor=0.1, patience=10, threshold=1e-4, cooldown=0, min_lr=0.0):
        if lr < 0 or not factor < 1:
            raise ValueError(f"lr={lr}, factor={factor}")
        vars(self).update(lr=lr, f=factor, patience=patience, tau=threshold, cooldown=cooldown, floor=min_lr)
        self.best, self.bad, self.rest = float("inf"), 0, 0

    def step(self, metric):
        if metric < (1 - self.tau) * self.best:
            self.best = metric
        elif self.rest == 0:
            self.bad += 1
        self.rest = max(self.rest - 1, 0)
        if self.bad > self.patience:
            self.lr, self.bad, self.rest = max(self.f * self.lr, self.floor), 0, self.cooldown
        return self.lr

# %% ReduceOnPlateau: cooldown_one_too_short
# Wrong: off by one, the cooldown is counted down in the very epoch of the drop.
class ReduceOnPlateau:
    def __init__(self, lr, factor=0.1, patience=10, threshold=1e-4, cooldown=0, min_lr=0.0):
        if lr < 0 or factor >= 1.0:
            raise ValueError("wrong settings")
        self.lr = lr
        self.settings = factor, patience, threshold, cooldown, min_lr
        self.best = float("inf")
        self.bad_epochs = 0
        self.cooldown_left = 0

    def step(self, metric):
        factor, patience, threshold, cooldown, min_lr = self.settings
        if metric < self.best * (1 - threshold):
            self.best = metric
            self.bad_epochs = 0
        else:
            self.bad_epochs += 1
        if self.cooldown_left > 0:
            self.bad_epochs = 0
        if self.bad_epochs > patience:
            self.lr = max(min_lr, factor * self.lr)
            self.bad_epochs = 0
            self.cooldown_left = cooldown
        if self.cooldown_left > 0:
            self.cooldown_left -= 1
        return self.lr

# %% ReduceOnPlateau: nan_is_good
# Wrong: asks whether the metric is too large, so a NaN counts as a good epoch and becomes the best.
class ReduceOnPlateau:
    def __init__(self, lr, factor=0.1, patience=10, threshold=1e-4, cooldown=0, min_lr=0.0):
        if lr < 0 or factor >= 1:
            raise ValueError
        self.lr, self.factor, self.patience, self.threshold = lr, factor, patience, threshold
        self.cooldown, self.min_lr = cooldown, min_lr
        self.best = np.inf
        self.count = 0
        self.pause = 0

    def step(self, metric):
        if metric >= (1 - self.threshold) * self.best:
            self.count += 1
        else:
            self.best = metric
            self.count = 0
        if self.pause:
            self.pause -= 1
            self.count = 0
        if self.count > self.patience:
            self.lr = max(self.lr * self.factor, self.min_lr)
            self.count = 0
            self.pause = self.cooldown
        return self.lr

# %% ReduceOnPlateau: first_metric_is_best
# Wrong: takes the first metric for the best unseen, so a NaN at the start stays the best for ever.
class ReduceOnPlateau:
    def __init__(self, lr, factor=0.1, patience=10, threshold=1e-4, cooldown=0, min_lr=0.0):
        if lr < 0:
            raise ValueError("lr")
        if factor >= 1:
            raise ValueError("factor")
        self.lr = lr
        self.factor = factor
        self.patience = patience
        self.threshold = threshold
        self.cooldown = cooldown
        self.min_lr = min_lr
        self.best = None
        self.bad = 0
        self.cool = 0

    def step(self, metric):
        if self.best is None:
            self.best = metric
            return self.lr
        if metric < (1 - self.threshold) * self.best:
            self.best = metric
            self.bad = 0
        else:
            self.bad += 1
        if self.cool > 0:
            self.cool -= 1
            self.bad = 0
        if self.bad > self.patience:
            self.lr = max(self.factor * self.lr, self.min_lr)
            self.cool = self.cooldown
            self.bad = 0
        return self.lr

# %% ReduceOnPlateau: no_last_drop
# Wrong: leaves out a drop that would go below min_lr instead of stopping at min_lr.
class ReduceOnPlateau:
    def __init__(self, lr, factor=0.1, patience=10, threshold=1e-4, cooldown=0, min_lr=0.0):
        if lr < 0 or factor >= 1:
            raise ValueError("lr < 0 or factor >= 1")
        self.lr = lr
        self.factor = factor
        self.patience = patience
        self.threshold = threshold
        self.cooldown = cooldown
        self.min_lr = min_lr
        self.best = float("inf")
        self.bad = 0
        self.left = 0

    def step(self, metric):
        if metric < (1 - self.threshold) * self.best:
            self.best, self.bad = metric, 0
        else:
            self.bad += 1
        if self.left > 0:
            self.left, self.bad = self.left - 1, 0
        if self.bad > self.patience:
            if self.lr * self.factor >= self.min_lr:
                self.lr *= self.factor
            self.bad, self.left = 0, self.cooldown
        return self.lr

# %% ReduceOnPlateau: count_goes_on
# Wrong: the count does not begin anew after a drop, so from then on every further bad epoch drops the rate.
class ReduceOnPlateau:
    def __init__(self, lr, factor=0.1, patience=10, threshold=1e-4, cooldown=0, min_lr=0.0):
        if lr < 0 or factor >= 1:
            raise ValueError("invalid lr or factor")
        self.lr = lr
        self.factor = factor
        self.patience = patience
        self.threshold = threshold
        self.cooldown = cooldown
        self.min_lr = min_lr
        self.best = np.inf
        self.bad = 0
        self.cooling = 0

    def step(self, metric):
        if metric < (1 - self.threshold) * self.best:
            self.best = metric
            self.bad = 0
        elif self.cooling == 0:
            self.bad += 1
        if self.cooling > 0:
            self.cooling -= 1
            self.bad = 0
        elif self.bad > self.patience:
            self.lr = max(self.factor * self.lr, self.min_lr)
            self.cooling = self.cooldown
        return self.lr

# %% ReduceOnPlateau: keras_patience
# Wrong: drops at bad epoch number patience as Keras does, one epoch too early (with patience 0 at the first bad one).
class ReduceOnPlateau:
    def __init__(self, lr, factor=0.1, patience=10, threshold=1e-4, cooldown=0, min_lr=0.0):
        if lr < 0 or factor >= 1.0:
            raise ValueError("ReduceOnPlateau does not support this lr or factor")
        self.lr = lr
        self.factor = factor
        self.patience = patience
        self.threshold = threshold
        self.cooldown = cooldown
        self.min_lr = min_lr
        self.cooldown_counter = 0
        self.wait = 0
        self.best = np.inf

    def step(self, metric):
        if self.cooldown_counter > 0:
            in_cooldown = True
            self.cooldown_counter -= 1
            self.wait = 0
        else:
            in_cooldown = False
        if metric < (1 - self.threshold) * self.best:
            self.best = metric
            self.wait = 0
        elif not in_cooldown:
            self.wait += 1
            if self.wait >= self.patience:
                self.lr = max(self.lr * self.factor, self.min_lr)
                self.cooldown_counter = self.cooldown
                self.wait = 0
        return self.lr

# %% ReduceOnPlateau: min_delta
# Wrong: the threshold is subtracted from the best (Keras' min_delta) and not a share of it.
class ReduceOnPlateau:
    def __init__(self, lr, factor=0.1, patience=10, threshold=1e-4, cooldown=0, min_lr=0.0):
        if lr < 0 or factor >= 1:
            raise ValueError("bad value")
        self.lr, self.factor, self.patience, self.min_delta = lr, factor, patience, threshold
        self.cooldown, self.min_lr, self.best, self.bad, self.cool = cooldown, min_lr, np.inf, 0, 0

    def step(self, metric):
        if metric < self.best - self.min_delta:
            self.best = metric
            self.bad = 0
        else:
            self.bad += 1
        if self.cool > 0:
            self.cool -= 1
            self.bad = 0
        if self.bad > self.patience:
            self.lr = max(self.factor * self.lr, self.min_lr)
            self.cool = self.cooldown
            self.bad = 0
        return self.lr

# %% ReduceOnPlateau: pytorch_eps
# Wrong: leaves out a drop that changes the rate by no more than 1e-8, as PyTorch does.
class ReduceOnPlateau:
    def __init__(self, lr, factor=0.1, patience=10, threshold=1e-4, cooldown=0, min_lr=0.0):
        if factor >= 1.0:
            raise ValueError("Factor should be < 1.0.")
        if lr < 0:
            raise ValueError("Learning rate should be >= 0.")
        self.lr = lr
        self.factor = factor
        self.patience = patience
        self.threshold = threshold
        self.cooldown = cooldown
        self.min_lr = min_lr
        self.eps = 1e-8
        self.best = float("inf")
        self.num_bad_epochs = 0
        self.cooldown_counter = 0

    def step(self, metrics):
        current = float(metrics)
        if current < self.best * (1.0 - self.threshold):
            self.best = current
            self.num_bad_epochs = 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            new_lr = max(self.lr * self.factor, self.min_lr)
            if self.lr - new_lr > self.eps:
                self.lr = new_lr
            self.cooldown_counter = self.cooldown
            self.num_bad_epochs = 0
        return self.lr

# %% ReduceOnPlateau: gain_of_the_absolute_value
# Wrong: for negative metrics it asks for m < best - tau * |best|, a habit from other libraries, and not for (7) as it is.
class ReduceOnPlateau:
    def __init__(self, lr, factor=0.1, patience=10, threshold=1e-4, cooldown=0, min_lr=0.0):
        if lr < 0 or factor >= 1:
            raise ValueError("invalid argument")
        self.lr, self.factor, self.patience, self.threshold = lr, factor, patience, threshold
        self.cooldown, self.min_lr = cooldown, min_lr
        self.best, self.bad, self.cool = None, 0, 0

    def _improved(self, metric):
        if self.best is None:
            return metric < float("inf")
        return metric < self.best - self.threshold * abs(self.best)

    def step(self, metric):
        if self._improved(metric):
            self.best = metric
            self.bad = 0
        else:
            self.bad += 1
        if self.cool > 0:
            self.cool -= 1
            self.bad = 0
        if self.bad > self.patience:
            self.lr = max(self.lr * self.factor, self.min_lr)
            self.bad = 0
            self.cool = self.cooldown
        return self.lr

# %% ReduceOnPlateau: zero_means_nothing_seen
# Wrong: "if not self.best" takes a best of 0 for "no metric yet", so after a 0 any metric is good.
class ReduceOnPlateau:
    def __init__(self, lr, factor=0.1, patience=10, threshold=1e-4, cooldown=0, min_lr=0.0):
        if lr < 0 or factor >= 1:
            raise ValueError("lr or factor")
        self.lr = lr
        self.factor = factor
        self.patience = patience
        self.threshold = threshold
        self.cooldown = cooldown
        self.min_lr = min_lr
        self.best = None
        self.bad = 0
        self.cooldown_left = 0

    def step(self, metric):
        limit = (1 - self.threshold) * self.best if self.best else float("inf")
        if metric < limit:
            self.best = metric
            self.bad = 0
        else:
            self.bad += 1
        if self.cooldown_left > 0:
            self.cooldown_left -= 1
            self.bad = 0
        if self.bad > self.patience:
            self.lr = max(self.lr * self.factor, self.min_lr)
            self.bad = 0
            self.cooldown_left = self.cooldown
        return self.lr

# %% ReduceOnPlateau: history_in_the_class
# Wrong: the list of metrics is an attribute of the class, so instances see each other's best.
class ReduceOnPlateau:
    seen = []

    def __init__(self, lr, factor=0.1, patience=10, threshold=1e-4, cooldown=0, min_lr=0.0):
        if lr < 0 or factor >= 1:
            raise ValueError("settings")
        self.lr, self.factor, self.patience, self.threshold = lr, factor, patience, threshold
        self.cooldown, self.min_lr, self.bad, self.cool = cooldown, min_lr, 0, 0

    def step(self, metric):
        best = self.seen[-1] if self.seen else float("inf")
        if metric < (1 - self.threshold) * best:
            self.seen.append(metric)
            self.bad = 0
        else:
            self.bad += 1
        if self.cool > 0:
            self.cool -= 1
            self.bad = 0
        if self.bad > self.patience:
            self.lr = max(self.factor * self.lr, self.min_lr)
            self.bad = 0
            self.cool = self.cooldown
        return self.lr

# %% ReduceOnPlateau: tells_whether
# Wrong: step returns whether the rate was lowered and not the rate.
class ReduceOnPlateau:
    def __init__(self, lr, factor=0.1, patience=10, threshold=1e-4, cooldown=0, min_lr=0.0):
        if lr < 0 or factor >= 1:
            raise ValueError("settings")
        self.lr = lr
        self.factor = factor
        self.patience = patience
        self.threshold = threshold
        self.cooldown = cooldown
        self.min_lr = min_lr
        self.best = float("inf")
        self.bad = 0
        self.cool = 0

    def step(self, metric):
        reduced = False
        if metric < (1 - self.threshold) * self.best:
            self.best = metric
            self.bad = 0
        else:
            self.bad += 1
        if self.cool > 0:
            self.cool -= 1
            self.bad = 0
        if self.bad > self.patience:
            self.lr = max(self.factor * self.lr, self.min_lr)
            reduced = True
            self.bad = 0
            self.cool = self.cooldown
        return reduced

# %% ReduceOnPlateau: factor_of_one_passes
# Wrong: the checks are off, a factor of exactly 1 is accepted and an lr of 0 is refused.
class ReduceOnPlateau:
    def __init__(self, lr, factor=0.1, patience=10, threshold=1e-4, cooldown=0, min_lr=0.0):
        if lr <= 0:
            raise ValueError("lr must be positive")
        if factor > 1:
            raise ValueError("factor must not exceed 1")
        self.lr, self.factor, self.patience, self.threshold = lr, factor, patience, threshold
        self.cooldown, self.min_lr = cooldown, min_lr
        self.best, self.bad, self.cool = float("inf"), 0, 0

    def step(self, metric):
        if metric < (1 - self.threshold) * self.best:
            self.best, self.bad = metric, 0
        else:
            self.bad += 1
        if self.cool:
            self.cool, self.bad = self.cool - 1, 0
        if self.bad > self.patience:
            self.lr, self.bad, self.cool = max(self.factor * self.lr, self.min_lr), 0, self.cooldown
        return self.lr

# %% ReduceOnPlateau: best_forgotten_and_no_floor
# Wrong: two slips, a drop sets the best back to infinity, and min_lr is not used.
class ReduceOnPlateau:
    def __init__(self, lr, factor=0.1, patience=10, threshold=1e-4, cooldown=0, min_lr=0.0):
        if lr < 0 or factor >= 1:
            raise ValueError("lr/factor")
        self.lr = lr
        self.factor = factor
        self.patience = patience
        self.threshold = threshold
        self.cooldown = cooldown
        self.min_lr = min_lr
        self.reset()
        self.cool = 0

    def reset(self):
        self.best = float("inf")
        self.bad = 0

    def step(self, metric):
        if metric < (1 - self.threshold) * self.best:
            self.best = metric
            self.bad = 0
        else:
            self.bad += 1
        if self.cool > 0:
            self.cool -= 1
            self.bad = 0
        if self.bad > self.patience:
            self.lr = self.lr * self.factor
            self.reset()
            self.cool = self.cooldown
        return self.lr

# %% ReduceOnPlateau: early_and_cooldown_by_bad_epochs
# Wrong: two slips, it drops when the count reaches patience, and the cooldown is counted down only by bad epochs.
class ReduceOnPlateau:
    def __init__(self, lr, factor=0.1, patience=10, threshold=1e-4, cooldown=0, min_lr=0.0):
        if lr < 0 or factor >= 1:
            raise ValueError("lr/factor")
        self.lr, self.factor, self.patience, self.threshold = lr, factor, patience, threshold
        self.cooldown, self.min_lr = cooldown, min_lr
        self.best, self.bad, self.cool = float("inf"), 0, 0

    def step(self, metric):
        if metric < (1 - self.threshold) * self.best:
            self.best = metric
            self.bad = 0
            return self.lr
        if self.cool > 0:
            self.cool -= 1
            return self.lr
        self.bad += 1
        if self.bad >= max(self.patience, 1):
            self.lr = max(self.factor * self.lr, self.min_lr)
            self.bad = 0
            self.cool = self.cooldown
        return self.lr

# %% ReduceOnPlateau: better_than_last_time
# Wrong: misunderstands the best metric, every metric is compared with the one of the epoch before.
class ReduceOnPlateau:
    def __init__(self, lr, factor=0.1, patience=10, threshold=1e-4, cooldown=0, min_lr=0.0):
        if lr < 0 or factor >= 1:
            raise ValueError("lr/factor")
        self.lr = lr
        self.factor = factor
        self.patience = patience
        self.threshold = threshold
        self.cooldown = cooldown
        self.min_lr = min_lr
        self.previous = float("inf")
        self.bad = 0
        self.cool = 0

    def step(self, metric):
        if metric < (1 - self.threshold) * self.previous:
            self.bad = 0
        else:
            self.bad += 1
        self.previous = metric
        if self.cool > 0:
            self.cool -= 1
            self.bad = 0
        if self.bad > self.patience:
            self.lr = max(self.factor * self.lr, self.min_lr)
            self.bad = 0
            self.cool = self.cooldown
        return self.lr

# %% ReduceOnPlateau: decays_while_stalled
# Wrong: misunderstands the drop, the rate is the first rate times factor for as long as the metric stalls and comes back with a good epoch.
class ReduceOnPlateau:
    def __init__(self, lr, factor=0.1, patience=10, threshold=1e-4, cooldown=0, min_lr=0.0):
        if lr < 0 or factor >= 1:
            raise ValueError("lr/factor")
        self.first = lr
        self.lr = lr
        self.factor = factor
        self.patience = patience
        self.threshold = threshold
        self.cooldown = cooldown
        self.min_lr = min_lr
        self.best = float("inf")
        self.bad = 0

    def step(self, metric):
        if metric < (1 - self.threshold) * self.best:
            self.best = metric
            self.bad = 0
        else:
            self.bad += 1
        if self.bad > self.patience:
            self.lr = max(self.factor * self.first, self.min_lr)
        else:
            self.lr = self.first
        return self.lr

# %% ReduceOnPlateau: cooldown_to_do
# Wrong: unfinished, cooldown is stored and never used.
class ReduceOnPlateau:
    def __init__(self, lr, factor=0.1, patience=10, threshold=1e-4, cooldown=0, min_lr=0.0):
        if lr < 0 or factor >= 1:
            raise ValueError("lr/factor")
        self.lr = lr
        self.factor = factor
        self.patience = patience
        self.threshold = threshold
        self.cooldown = cooldown  # not yet
        self.min_lr = min_lr
        self.best = float("inf")
        self.bad = 0

    def step(self, metric):
        if metric < (1 - self.threshold) * self.best:
            self.best = metric
            self.bad = 0
            return self.lr
        self.bad += 1
        if self.bad > self.patience:
            self.lr = max(self.factor * self.lr, self.min_lr)
            self.bad = 0
        return self.lr

# %% ReduceOnPlateau: refuses_nan
# Wrong: raises ValueError for a NaN metric, which should make a bad epoch.
class ReduceOnPlateau:
    def __init__(self, lr, factor=0.1, patience=10, threshold=1e-4, cooldown=0, min_lr=0.0):
        if lr < 0 or factor >= 1:
            raise ValueError("lr/factor")
        self.lr, self.factor, self.patience, self.threshold = lr, factor, patience, threshold
        self.cooldown, self.min_lr = cooldown, min_lr
        self.best, self.bad, self.cool = float("inf"), 0, 0

    def step(self, metric):
        if np.isnan(metric):
            raise ValueError("the metric is NaN")
        if metric < (1 - self.threshold) * self.best:
            self.best = metric
            self.bad = 0
        else:
            self.bad += 1
        if self.cool > 0:
            self.cool -= 1
            self.bad = 0
        if self.bad > self.patience:
            self.lr = max(self.factor * self.lr, self.min_lr)
            self.bad = 0
            self.cool = self.cooldown
        return self.lr

# %% ReduceOnPlateau: generator_keeps_the_books
# Right: a generator does the bookkeeping, and step sends it the metric.
class ReduceOnPlateau:
    def __init__(self, lr, factor=0.1, patience=10, threshold=1e-4, cooldown=0, min_lr=0.0):
        if lr < 0 or not factor < 1:
            raise ValueError(f"lr must be 0 or more, factor below 1: {lr}, {factor}")
        self.lr = float(lr)

        def watch():
            best, bad, rest, drop = float("inf"), 0, 0, False
            while True:
                metric = yield drop
                good = metric < (1 - threshold) * best
                best = metric if good else best
                bad = 0 if good or rest > 0 else bad + 1
                rest = rest - 1 if rest > 0 else 0
                drop = bad > patience
                if drop:
                    bad, rest = 0, cooldown

        self._watch = watch()
        next(self._watch)
        self._drop_to = lambda: max(factor * self.lr, min_lr)

    def step(self, metric):
        if self._watch.send(metric):
            self.lr = float(self._drop_to())
        return self.lr

# %% ReduceOnPlateau: epoch_numbers
# Right: instead of counting down, remembers the epoch up to which no bad epoch counts; the streak is a difference of epochs.
class ReduceOnPlateau:
    def __init__(self, lr, factor=0.1, patience=10, threshold=1e-4, cooldown=0, min_lr=0.0):
        problem = "lr is negative" if lr < 0 else "factor is 1 or more" if factor >= 1 else None
        if problem:
            raise ValueError(problem)
        self.lr = float(lr)
        self.rules = dict(factor=factor, patience=patience, gain=1 - threshold, cooldown=cooldown, floor=min_lr)
        self.now = 0
        self.clean = 0  # the last epoch that left the count at zero, which may still be to come
        self.best = np.inf

    def step(self, metric):
        self.now += 1
        if metric < self.rules["gain"] * self.best:
            self.best = metric
            self.clean = max(self.clean, self.now)
        if self.now - self.clean > self.rules["patience"]:
            self.lr = float(max(self.rules["factor"] * self.lr, self.rules["floor"]))
            self.clean = self.now + self.rules["cooldown"]
        return self.lr

# %% LambdaSchedule: factor_on_the_current_rate
# Wrong: multiplies the rate as it is now by the factor, so the factors pile up.
class LambdaSchedule:
    def __init__(self, optimizer, lr_lambda):
        self.optimizer = optimizer
        self.lr_lambda = lr_lambda
        self.epoch = 0
        for group in optimizer.param_groups:
            group["lr"] *= lr_lambda(0)

    def step(self):
        self.epoch += 1
        for group in self.optimizer.param_groups:
            group["lr"] = group["lr"] * self.lr_lambda(self.epoch)

    def get_last_lr(self):
        return [group["lr"] for group in self.optimizer.param_groups]

# %% LambdaSchedule: one_rate_for_all_groups
# Wrong: remembers the initial rate of the first group only and uses it for all.
class LambdaSchedule:
    def __init__(self, optimizer, lr_lambda):
        self.groups = optimizer.param_groups
        self.base = self.groups[0]["lr"]
        self.f = lr_lambda
        self.e = 0
        self._apply()

    def _apply(self):
        lr = self.base * self.f(self.e)
        for g in self.groups:
            g["lr"] = lr

    def step(self):
        self.e += 1
        self._apply()

    def get_last_lr(self):
        return [float(g["lr"]) for g in self.groups]

# %% LambdaSchedule: epoch_zero_not_set
# Wrong: the constructor does not apply lr_lambda(0), the groups keep their own rates in epoch 0.
class LambdaSchedule:
    def __init__(self, optimizer, lr_lambda):
        self.optimizer = optimizer
        self.lr_lambda = lr_lambda
        self.initial = [group["lr"] for group in optimizer.param_groups]
        self.last = list(self.initial)
        self.epoch = 0

    def step(self):
        self.epoch += 1
        factor = self.lr_lambda(self.epoch)
        self.last = [lr * factor for lr in self.initial]
        for group, lr in zip(self.optimizer.param_groups, self.last):
            group["lr"] = lr

    def get_last_lr(self):
        return list(self.last)

# %% LambdaSchedule: counts_after_setting
# Wrong: the first step() sets the rates of epoch 0 again, because the epoch is increased after the rates are set.
class LambdaSchedule:
    def __init__(self, optimizer, lr_lambda):
        self.optimizer, self.lr_lambda = optimizer, lr_lambda
        self.base_lrs = [g["lr"] for g in optimizer.param_groups]
        self.epoch = 0
        for g, lr in zip(optimizer.param_groups, self.base_lrs):
            g["lr"] = lr * lr_lambda(0)

    def step(self):
        for g, lr in zip(self.optimizer.param_groups, self.base_lrs):
            g["lr"] = lr * self.lr_lambda(self.epoch)
        self.epoch += 1

    def get_last_lr(self):
        return [g["lr"] for g in self.optimizer.param_groups]

# %% LambdaSchedule: base_after_the_first_factor
# Wrong: the initial rates are remembered only after lr_lambda(0) was applied.
class LambdaSchedule:
    def __init__(self, optimizer, lr_lambda):
        self.optimizer = optimizer
        self.lr_lambda = lr_lambda
        self.epoch = 0
        for group in self.optimizer.param_groups:
            group["lr"] = group["lr"] * lr_lambda(0)
        self.initial = [group["lr"] for group in self.optimizer.param_groups]

    def step(self):
        self.epoch = self.epoch + 1
        for i in range(len(self.initial)):
            self.optimizer.param_groups[i]["lr"] = self.initial[i] * self.lr_lambda(self.epoch)

    def get_last_lr(self):
        return [group["lr"] for group in self.optimizer.param_groups]

# %% LambdaSchedule: epochs_from_one
# Wrong: off by one, the constructor already uses lr_lambda(1).
class LambdaSchedule:
    def __init__(self, optimizer, lr_lambda):
        self.opt = optimizer
        self.fn = lr_lambda
        self.lr0 = [pg["lr"] for pg in optimizer.param_groups]
        self.last_epoch = 0
        self.step()

    def step(self):
        self.last_epoch += 1
        for lr0, pg in zip(self.lr0, self.opt.param_groups):
            pg["lr"] = lr0 * self.fn(self.last_epoch)

    def get_last_lr(self):
        return [pg["lr"] for pg in self.opt.param_groups]

# %% LambdaSchedule: an_epoch_for_each_group
# Wrong: the epoch is increased inside the loop over the groups, so with two groups it runs twice as fast and they differ.
class LambdaSchedule:
    def __init__(self, optimizer, lr_lambda):
        self.optimizer = optimizer
        self.lr_lambda = lr_lambda
        self.epoch = 0
        self.rates = [g["lr"] for g in optimizer.param_groups]
        for g, rate in zip(optimizer.param_groups, self.rates):
            g["lr"] = rate * lr_lambda(0)

    def step(self):
        for g, rate in zip(self.optimizer.param_groups, self.rates):
            self.epoch += 1
            g["lr"] = rate * self.lr_lambda(self.epoch)

    def get_last_lr(self):
        return [g["lr"] for g in self.optimizer.param_groups]

# %% LambdaSchedule: last_group_left_out
# Wrong: the loop ends one group too early, the last group's rate never changes (a single group never does).
class LambdaSchedule:
    def __init__(self, optimizer, lr_lambda):
        self.optimizer = optimizer
        self.lr_lambda = lr_lambda
        self.epoch = 0
        self.initial = []
        for g in optimizer.param_groups:
            self.initial.append(g["lr"])
        self.set_rates()

    def set_rates(self):
        factor = self.lr_lambda(self.epoch)
        for i in range(len(self.initial) - 1):
            self.optimizer.param_groups[i]["lr"] = factor * self.initial[i]

    def step(self):
        self.epoch += 1
        self.set_rates()

    def get_last_lr(self):
        return [g["lr"] for g in self.optimizer.param_groups]

# %% LambdaSchedule: keras_scheduler
# Wrong: takes the function's value for the rate itself, as Keras' LearningRateScheduler does, and not for a factor.
class LambdaSchedule:
    def __init__(self, optimizer, lr_lambda):
        self.optimizer = optimizer
        self.schedule = lr_lambda
        self.epoch = 0
        self._set(self.schedule(0))

    def _set(self, lr):
        for group in self.optimizer.param_groups:
            group["lr"] = float(lr)

    def step(self):
        self.epoch += 1
        self._set(self.schedule(self.epoch))

    def get_last_lr(self):
        return [group["lr"] for group in self.optimizer.param_groups]

# %% LambdaSchedule: rate_of_the_optimizer
# Wrong: the habit of hand-written optimisers, sets optimizer.lr and leaves the param groups as they are after the constructor.
class LambdaSchedule:
    def __init__(self, optimizer, lr_lambda):
        self.optimizer = optimizer
        self.lr_lambda = lr_lambda
        self.initial = [g["lr"] for g in optimizer.param_groups]
        self.epoch = 0
        for g in optimizer.param_groups:
            g["lr"] *= lr_lambda(0)

    def step(self):
        self.epoch += 1
        self.optimizer.lr = self.initial[0] * self.lr_lambda(self.epoch)

    def get_last_lr(self):
        factor = self.lr_lambda(self.epoch)
        return [lr * factor for lr in self.initial]

# %% LambdaSchedule: drives_the_optimizer_too
# Wrong: step() also calls the optimiser's own step(), so every update at the end of an epoch happens twice.
class LambdaSchedule:
    def __init__(self, optimizer, lr_lambda):
        self.optimizer = optimizer
        self.lr_lambda = lr_lambda
        self.base_lrs = [g["lr"] for g in optimizer.param_groups]
        self.epoch = 0
        self._update()

    def _update(self):
        for g, base in zip(self.optimizer.param_groups, self.base_lrs):
            g["lr"] = base * self.lr_lambda(self.epoch)

    def step(self):
        self.optimizer.step()
        self.epoch += 1
        self._update()

    def get_last_lr(self):
        return [g["lr"] for g in self.optimizer.param_groups]

# %% LambdaSchedule: never_up
# Wrong: the factor is cut off at 1 because a schedule "decays".
class LambdaSchedule:
    def __init__(self, optimizer, lr_lambda):
        self.optimizer = optimizer
        self.factor = lambda e: min(1.0, lr_lambda(e))
        self.initial_lr = tuple(g["lr"] for g in optimizer.param_groups)
        self.e = -1
        self.step()

    def step(self):
        self.e += 1
        for g, lr in zip(self.optimizer.param_groups, self.initial_lr):
            g["lr"] = lr * self.factor(self.e)

    def get_last_lr(self):
        return [g["lr"] for g in self.optimizer.param_groups]

# %% LambdaSchedule: new_dicts
# Wrong: replaces the optimiser's param_groups by new dicts that hold only the rate, so the tensors are lost.
class LambdaSchedule:
    def __init__(self, optimizer, lr_lambda):
        self.optimizer = optimizer
        self.lr_lambda = lr_lambda
        self.initial = [g["lr"] for g in optimizer.param_groups]
        self.epoch = 0
        self.optimizer.param_groups = [{"lr": lr * lr_lambda(0)} for lr in self.initial]

    def step(self):
        self.epoch += 1
        factor = self.lr_lambda(self.epoch)
        self.optimizer.param_groups = [{"lr": lr * factor} for lr in self.initial]

    def get_last_lr(self):
        return [g["lr"] for g in self.optimizer.param_groups]

# %% LambdaSchedule: rates_of_the_class
# Wrong: the list of initial rates belongs to the class and grows with every instance, so a second schedule reads those of the first.
class LambdaSchedule:
    initial = []

    def __init__(self, optimizer, lr_lambda):
        self.optimizer = optimizer
        self.lr_lambda = lr_lambda
        for group in optimizer.param_groups:
            self.initial.append(group["lr"])
        self.epoch = 0
        self.update()

    def update(self):
        for i, group in enumerate(self.optimizer.param_groups):
            group["lr"] = self.initial[i] * self.lr_lambda(self.epoch)

    def step(self):
        self.epoch += 1
        self.update()

    def get_last_lr(self):
        return [group["lr"] for group in self.optimizer.param_groups]

# %% LambdaSchedule: first_number_only
# Wrong: get_last_lr returns a single number, the rate of the first group, and not a list.
class LambdaSchedule:
    def __init__(self, optimizer, lr_lambda):
        self.optimizer, self.lr_lambda, self.epoch = optimizer, lr_lambda, 0
        self.start = [g["lr"] for g in optimizer.param_groups]
        for g, s in zip(optimizer.param_groups, self.start):
            g["lr"] = s * lr_lambda(0)

    def step(self):
        self.epoch += 1
        for g, s in zip(self.optimizer.param_groups, self.start):
            g["lr"] = s * self.lr_lambda(self.epoch)

    def get_last_lr(self):
        return float(self.optimizer.param_groups[0]["lr"])

# %% LambdaSchedule: hands_out_the_initial_list
# Wrong: get_last_lr returns the list of the initial rates, not of those that were set last.
class LambdaSchedule:
    def __init__(self, optimizer, lr_lambda):
        self.optimizer = optimizer
        self.lr_lambda = lr_lambda
        self.epoch = 0
        self.lrs = [g["lr"] for g in optimizer.param_groups]
        self.apply()

    def apply(self):
        for g, lr in zip(self.optimizer.param_groups, self.lrs):
            g["lr"] = lr * self.lr_lambda(self.epoch)

    def step(self):
        self.epoch += 1
        self.apply()

    def get_last_lr(self):
        return list(self.lrs)

# %% LambdaSchedule: zero_skipped_and_epoch_late
# Wrong: two slips, a factor of 0 is ignored ("or 1"), and the first step() sets epoch 0 again.
class LambdaSchedule:
    def __init__(self, optimizer, lr_lambda):
        self.optimizer = optimizer
        self.lr_lambda = lr_lambda
        self.initial = [g["lr"] for g in optimizer.param_groups]
        self.next_epoch = 0
        self._set(0)

    def _set(self, epoch):
        factor = self.lr_lambda(epoch) or 1.0
        for g, lr in zip(self.optimizer.param_groups, self.initial):
            g["lr"] = lr * factor

    def step(self):
        self._set(self.next_epoch)
        self.next_epoch += 1

    def get_last_lr(self):
        return [g["lr"] for g in self.optimizer.param_groups]

# %% LambdaSchedule: mean_rate_and_no_start
# Wrong: two slips, all groups get the mean of the initial rates times the factor, and lr_lambda(0) is not applied.
class LambdaSchedule:
    def __init__(self, optimizer, lr_lambda):
        self.optimizer = optimizer
        self.lr_lambda = lr_lambda
        rates = [g["lr"] for g in optimizer.param_groups]
        self.mean = sum(rates) / len(rates)
        self.epoch = 0

    def step(self):
        self.epoch += 1
        for g in self.optimizer.param_groups:
            g["lr"] = self.mean * self.lr_lambda(self.epoch)

    def get_last_lr(self):
        return [g["lr"] for g in self.optimizer.param_groups]

# %% LambdaSchedule: subtracts_the_factor
# Wrong: misunderstands the factor as the share to take away, the rate is lr * (1 - lambda).
class LambdaSchedule:
    def __init__(self, optimizer, lr_lambda):
        self.optimizer = optimizer
        self.lr_lambda = lr_lambda
        self.initial = [group["lr"] for group in optimizer.param_groups]
        self.epoch = 0
        self.decay()

    def decay(self):
        share = self.lr_lambda(self.epoch)
        for group, lr in zip(self.optimizer.param_groups, self.initial):
            group["lr"] = lr - lr * share

    def step(self):
        self.epoch += 1
        self.decay()

    def get_last_lr(self):
        return [group["lr"] for group in self.optimizer.param_groups]

# %% LambdaSchedule: log_of_all_rates
# Wrong: misunderstands get_last_lr as the log of the run, it returns the first group's rates of all epochs so far.
class LambdaSchedule:
    def __init__(self, optimizer, lr_lambda):
        self.optimizer = optimizer
        self.lr_lambda = lr_lambda
        self.initial = [group["lr"] for group in optimizer.param_groups]
        self.log = []
        self.epoch = -1
        self.step()

    def step(self):
        self.epoch += 1
        for group, lr in zip(self.optimizer.param_groups, self.initial):
            group["lr"] = lr * self.lr_lambda(self.epoch)
        self.log.append(self.optimizer.param_groups[0]["lr"])

    def get_last_lr(self):
        return list(self.log)

# %% LambdaSchedule: constructor_and_nothing_else
# Wrong: unfinished, the constructor is right but step() only counts the epoch.
class LambdaSchedule:
    def __init__(self, optimizer, lr_lambda):
        self.optimizer = optimizer
        self.lr_lambda = lr_lambda
        self.initial = [group["lr"] for group in optimizer.param_groups]
        self.epoch = 0
        for group in optimizer.param_groups:
            group["lr"] *= lr_lambda(0)

    def step(self):
        self.epoch += 1
        # TODO set the rates

    def get_last_lr(self):
        return [group["lr"] for group in self.optimizer.param_groups]

# %% LambdaSchedule: ratio_of_factors
# Wrong: divides by the factor of the epoch before, which raises ZeroDivisionError after a factor of 0.
class LambdaSchedule:
    def __init__(self, optimizer, lr_lambda):
        self.optimizer = optimizer
        self.lr_lambda = lr_lambda
        self.epoch = 0
        for group in optimizer.param_groups:
            group["lr"] = group["lr"] * lr_lambda(0)

    def step(self):
        ratio = self.lr_lambda(self.epoch + 1) / self.lr_lambda(self.epoch)
        self.epoch += 1
        for group in self.optimizer.param_groups:
            group["lr"] = group["lr"] * ratio

    def get_last_lr(self):
        return [group["lr"] for group in self.optimizer.param_groups]

# %% LambdaSchedule: itertools_count
# Right: step is driven by a map over itertools.count, whose items are the lists of rates.
class LambdaSchedule:
    def __init__(self, optimizer, lr_lambda):
        from itertools import count

        self._groups = optimizer.param_groups
        first = [float(g["lr"]) for g in self._groups]

        def rates(epoch):
            factor = float(lr_lambda(epoch))
            return [lr * factor for lr in first]

        self._plan = map(rates, count())
        self.step()

    def step(self):
        self._last = next(self._plan)
        for group, lr in zip(self._groups, self._last, strict=True):
            group.update(lr=lr)

    def get_last_lr(self):
        return self._last.copy()

# %% LambdaSchedule: setters
# Right: one small setter function per group remembers its own initial rate; the epoch is the length of a list.
class LambdaSchedule:
    def __init__(self, optimizer, lr_lambda):
        def setter(group):
            lr = group["lr"]

            def set_to(factor):
                group["lr"] = float(lr * factor)
                return group["lr"]

            return set_to

        self.lr_lambda = lr_lambda
        self.setters = [setter(group) for group in optimizer.param_groups]
        self.history = []
        self.step()

    def step(self):
        factor = self.lr_lambda(len(self.history))
        self.history.append([set_to(factor) for set_to in self.setters])

    def get_last_lr(self):
        return [*self.history[-1]]

# %% planned_rates: short_batch_left_out
# Wrong: rounds the batches of an epoch down, the short last batch is not counted (at least 1).
def planned_rates(peak, lr_min, warmup_epochs, epochs, rows, batch_size):
    per_epoch = max(rows // batch_size, 1)
    total, w = epochs * per_epoch, warmup_epochs * per_epoch
    top = max(w - 1, 0)
    rates = []
    for i in range(total):
        if i < w:
            rates.append(peak * (i + 1) / w)
        else:
            share = (i - top) / max(total - 1 - top, 1)
            rates.append(lr_min + (peak - lr_min) * (1 + np.cos(np.pi * share)) / 2)
    return np.array(rates)

# %% planned_rates: warm_up_from_zero
# Wrong: the first update of the warm-up has rate 0 and the last one is a step short of the peak (i / w).
def planned_rates(peak, lr_min, warmup_epochs, epochs, rows, batch_size):
    n = -(-rows // batch_size)
    total = epochs * n
    warm = warmup_epochs * n
    i = np.arange(total)
    start = max(warm - 1, 0)
    cosine = lr_min + (peak - lr_min) * (1 + np.cos(np.pi * (i - start) / (total - 1 - start))) / 2
    return np.where(i < warm, peak * i / max(warm, 1), cosine)

# %% planned_rates: warm_up_from_lr_min
# Wrong: the warm-up rises from lr_min to the peak and not from 0.
def planned_rates(peak, lr_min, warmup_epochs, epochs, rows, batch_size):
    steps = int(np.ceil(rows / batch_size))
    total = steps * epochs
    warmup = steps * warmup_epochs
    rates = np.empty(total)
    for k in range(warmup):
        rates[k] = lr_min + (peak - lr_min) * (k + 1) / warmup
    first = max(warmup - 1, 0)
    for k in range(warmup, total):
        x = (k - first) / (total - 1 - first)
        rates[k] = lr_min + 0.5 * (peak - lr_min) * (1 + np.cos(np.pi * x))
    return rates

# %% planned_rates: peak_twice
# Wrong: the cosine begins one update late, the first update after the warm-up runs at the peak as well.
def planned_rates(peak, lr_min, warmup_epochs, epochs, rows, batch_size):
    per = (rows + batch_size - 1) // batch_size
    w, total = warmup_epochs * per, epochs * per
    up = peak * np.arange(1, w + 1) / max(w, 1)
    left = total - w
    angle = np.linspace(0, np.pi, left) if left > 1 else np.array([np.pi])
    down = lr_min + (peak - lr_min) * (1 + np.cos(angle)) / 2
    return np.concatenate([up, down])

# %% planned_rates: warm_up_in_updates
# Wrong: counts the warm-up in updates and not in epochs.
def planned_rates(peak, lr_min, warmup_epochs, epochs, rows, batch_size):
    per_epoch = -(-rows // batch_size)
    total = epochs * per_epoch
    w = warmup_epochs
    a = max(w - 1, 0)
    i = np.arange(total)
    falling = lr_min + (peak - lr_min) * (1 + np.cos(np.pi * (i - a) / max(total - 1 - a, 1))) / 2
    rising = peak * (i + 1) / max(w, 1)
    return np.where(i < w, rising, falling)

# %% planned_rates: extra_warm_up_epochs
# Wrong: the warm-up epochs are added to the epochs of the run, which gets too long.
def planned_rates(peak, lr_min, warmup_epochs, epochs, rows, batch_size):
    per_epoch = -(-rows // batch_size)
    warm = [peak * (k + 1) / (warmup_epochs * per_epoch) for k in range(warmup_epochs * per_epoch)]
    n = epochs * per_epoch
    if warm:
        shares = [(k + 1) / n for k in range(n)]
    else:
        shares = [k / (n - 1) for k in range(n)]
    return np.array(warm + [lr_min + (peak - lr_min) * (1 + np.cos(np.pi * s)) / 2 for s in shares])

# %% planned_rates: batches_across_epochs
# Wrong: counts batches over the whole run, ceil(epochs * rows / batch_size), as if a batch could reach into the next epoch.
def planned_rates(peak, lr_min, warmup_epochs, epochs, rows, batch_size):
    total = -(-rows * epochs // batch_size)
    w = -(-rows * warmup_epochs // batch_size)
    a = max(w - 1, 0)
    rates = []
    for u in range(total):
        if u < w:
            rates.append(peak * (u + 1) / w)
        else:
            angle = np.pi * (u - a) / max(total - 1 - a, 1)
            rates.append(lr_min + (peak - lr_min) * (1 + np.cos(angle)) / 2)
    return rates

# %% planned_rates: below_the_peak_without_warm_up
# Wrong: the cosine always starts from an update before the first falling one, so without a warm-up the first update is below the peak.
def planned_rates(peak, lr_min, warmup_epochs, epochs, rows, batch_size):
    n = int(np.ceil(rows / batch_size))
    w, total = n * warmup_epochs, n * epochs
    up = np.linspace(0, peak, w + 1)[1:]
    k = np.arange(1, total - w + 1)
    down = lr_min + (peak - lr_min) * (1 + np.cos(np.pi * k / (total - w))) / 2
    return np.concatenate([up, down])

# %% planned_rates: transformers_style
# Wrong: Hugging Face's fence posts, a first rate of 0, the peak after the warm-up, and a last update one short of the end.
def planned_rates(peak, lr_min, warmup_epochs, epochs, rows, batch_size):
    per_epoch = -(-rows // batch_size)
    warmup, total = warmup_epochs * per_epoch, epochs * per_epoch

    def lr(step):
        if step < warmup:
            return peak * step / max(1, warmup)
        progress = (step - warmup) / max(1, total - warmup)
        return lr_min + (peak - lr_min) * 0.5 * (1 + np.cos(np.pi * progress))

    return np.array([lr(s) for s in range(total)])

# %% planned_rates: end_of_a_scheduler
# Wrong: as with PyTorch's T_max = number of updates, the warm-up and the start are right but the last update does not reach lr_min.
def planned_rates(peak, lr_min, warmup_epochs, epochs, rows, batch_size):
    m = -(-rows // batch_size)
    w, total = m * warmup_epochs, m * epochs
    first = w - 1 if w else 0
    out = []
    for i in range(total):
        if i < w:
            out.append(peak * (i + 1) / w)
        else:
            out.append(lr_min + (peak - lr_min) * (1 + np.cos(np.pi * (i - first) / (total - first))) / 2)
    return np.array(out)

# %% planned_rates: epoch_by_epoch
# Wrong: the habit of one rate an epoch, all updates of an epoch share it.
def planned_rates(peak, lr_min, warmup_epochs, epochs, rows, batch_size):
    per_epoch = -(-rows // batch_size)
    top = max(warmup_epochs - 1, 0)
    by_epoch = []
    for e in range(epochs):
        if e < warmup_epochs:
            by_epoch.append(peak * (e + 1) / warmup_epochs)
        else:
            share = (e - top) / max(epochs - 1 - top, 1)
            by_epoch.append(lr_min + (peak - lr_min) * (1 + np.cos(np.pi * share)) / 2)
    return np.repeat(np.array(by_epoch, dtype=float), per_epoch)

# %% planned_rates: warm_up_times_cosine
# Wrong: multiplies a cosine over the whole run by the warm-up, so the peak is never reached.
def planned_rates(peak, lr_min, warmup_epochs, epochs, rows, batch_size):
    per_epoch = -(-rows // batch_size)
    total = epochs * per_epoch
    i = np.arange(total)
    cosine = lr_min + (peak - lr_min) * (1 + np.cos(np.pi * i / (total - 1))) / 2
    ramp = np.minimum(1.0, (i + 1) / max(warmup_epochs * per_epoch, 1))
    return cosine * ramp

# %% planned_rates: one_row_an_epoch
# Wrong: returns an array of shape (epochs, updates of an epoch) and not (updates,).
def planned_rates(peak, lr_min, warmup_epochs, epochs, rows, batch_size):
    per_epoch = -(-rows // batch_size)
    total, w = epochs * per_epoch, warmup_epochs * per_epoch
    a = max(w - 1, 0)
    i = np.arange(total)
    rates = lr_min + (peak - lr_min) * (1 + np.cos(np.pi * (i - a) / (total - 1 - a))) / 2
    rates[:w] = peak * (i[:w] + 1) / max(w, 1)
    return rates.reshape(epochs, per_epoch)

# %% planned_rates: single_precision_of_torch
# Wrong: builds the rates with torch in float32 and returns a float32 array.
def planned_rates(peak, lr_min, warmup_epochs, epochs, rows, batch_size):
    per_epoch = -(-rows // batch_size)
    total, w = epochs * per_epoch, warmup_epochs * per_epoch
    start = max(w - 1, 0)
    up = peak * torch.arange(1, w + 1, dtype=torch.float32) / max(w, 1)
    share = torch.arange(w - start, total - start, dtype=torch.float32) / (total - 1 - start)
    down = lr_min + (peak - lr_min) * (1 + torch.cos(torch.pi * share)) / 2
    return torch.cat([up, down]).numpy()

# %% planned_rates: a_dict_of_updates
# Wrong: returns a dict from the number of the update to its rate, not an array or a list.
def planned_rates(peak, lr_min, warmup_epochs, epochs, rows, batch_size):
    per_epoch = -(-rows // batch_size)
    total, w = epochs * per_epoch, warmup_epochs * per_epoch
    plan = {}
    top = w if w > 0 else 1
    for u in range(1, total + 1):
        if u <= w:
            plan[u] = peak * u / w
        else:
            share = (u - top) / (total - top)
            plan[u] = lr_min + (peak - lr_min) * (1 + float(np.cos(np.pi * share))) / 2
    return plan

# %% planned_rates: always_a_short_batch
# Wrong: one batch too many, rows // batch_size + 1 adds a batch also when batch_size divides the rows.
def planned_rates(peak, lr_min, warmup_epochs, epochs, rows, batch_size):
    per_epoch = rows // batch_size + 1
    total, w = epochs * per_epoch, warmup_epochs * per_epoch
    a = max(w - 1, 0)
    i = np.arange(total)
    rates = lr_min + (peak - lr_min) * (1 + np.cos(np.pi * (i - a) / (total - 1 - a))) / 2
    rates[:w] = peak * (i[:w] + 1) / max(w, 1)
    return rates

# %% planned_rates: floor_and_lr_min_as_limit
# Wrong: two slips, the short batch is left out, and the cosine goes to 0 and is cut off at lr_min.
def planned_rates(peak, lr_min, warmup_epochs, epochs, rows, batch_size):
    per_epoch = max(1, int(rows / batch_size))
    total, w = epochs * per_epoch, warmup_epochs * per_epoch
    a = max(w - 1, 0)
    rates = np.zeros(total)
    for i in range(total):
        if i < w:
            rates[i] = peak * (i + 1) / w
        else:
            rates[i] = max(lr_min, peak * (1 + np.cos(np.pi * (i - a) / max(total - 1 - a, 1))) / 2)
    return rates

# %% planned_rates: linspace_and_early_end
# Wrong: two slips, linspace(0, peak, w) begins the warm-up at 0, and the cosine is divided by the number of falling updates so that it stops short of lr_min.
def planned_rates(peak, lr_min, warmup_epochs, epochs, rows, batch_size):
    per_epoch = -(-rows // batch_size)
    total, w = epochs * per_epoch, warmup_epochs * per_epoch
    up = np.linspace(0, peak, w)
    k = np.arange(total - w)
    down = lr_min + (peak - lr_min) * (1 + np.cos(np.pi * k / (total - w))) / 2
    return np.concatenate([up, down])

# %% planned_rates: triangle
# Wrong: takes the plan to be a triangle, the rate falls in a straight line after the warm-up.
def planned_rates(peak, lr_min, warmup_epochs, epochs, rows, batch_size):
    n = -(-rows // batch_size)
    total, w = epochs * n, warmup_epochs * n
    top = max(w - 1, 0)
    return np.interp(np.arange(total), [-1, top, total - 1] if w else [0, total - 1],
                     [0.0, peak, lr_min] if w else [peak, lr_min])

# %% planned_rates: a_wave_per_epoch
# Wrong: misunderstands "half a cosine", every epoch after the warm-up falls from the peak to lr_min anew.
def planned_rates(peak, lr_min, warmup_epochs, epochs, rows, batch_size):
    n = -(-rows // batch_size)
    w = warmup_epochs * n
    warm = [peak * (i + 1) / w for i in range(w)]
    wave = [lr_min + (peak - lr_min) * (1 + np.cos(np.pi * i / max(n - 1, 1))) / 2 for i in range(n)]
    return np.array(warm + wave * (epochs - warmup_epochs))

# %% planned_rates: stays_at_the_peak
# Wrong: unfinished, after the warm-up the rate stays at the peak.
def planned_rates(peak, lr_min, warmup_epochs, epochs, rows, batch_size):
    updates = -(-rows // batch_size)
    rates = np.full(epochs * updates, float(peak))
    w = warmup_epochs * updates
    for i in range(w):
        rates[i] = peak * (i + 1) / w
    # cosine: todo
    return rates

# %% planned_rates: no_warm_up_no_result
# Wrong: divides by the length of the warm-up before asking whether there is one, ZeroDivisionError without a warm-up.
def planned_rates(peak, lr_min, warmup_epochs, epochs, rows, batch_size):
    n = -(-rows // batch_size)
    total, w = n * epochs, n * warmup_epochs
    step = peak / w
    rates = [step * (i + 1) for i in range(w)]
    for i in range(w, total):
        rates.append(lr_min + (peak - lr_min) * (1 + np.cos(np.pi * (i - w + 1) / (total - w))) / 2)
    return rates

# %% planned_rates: piecewise_angle
# Right: one np.interp for the ramp and one for the angle, joined by np.where; batches counted with len(range).
def planned_rates(peak, lr_min, warmup_epochs, epochs, rows, batch_size):
    in_epoch = len(range(0, rows, batch_size))
    update = np.arange(1, epochs * in_epoch + 1)
    warm = warmup_epochs * in_epoch
    top = max(warm, 1)
    angle = np.interp(update, [top, update[-1]], [0.0, np.pi])
    falling = lr_min + (peak - lr_min) * np.cos(angle / 2) ** 2
    rates = np.where(update < top, update / top * peak, falling)
    rates[-1] = lr_min
    return rates

# %% planned_rates: walks_through_the_run
# Right: plays the run, epoch by epoch and batch by batch, and yields a rate at each slice of rows.
def planned_rates(peak, lr_min, warmup_epochs, epochs, rows, batch_size):
    import math

    slices = [
        (epoch, begin)
        for epoch in range(epochs)
        for begin in range(0, rows, batch_size)
    ]
    rising = [s for s in slices if s[0] < warmup_epochs]
    shown = max(len(rising), 1)
    steps_down = len(slices) - shown

    def play():
        for number, _ in enumerate(slices, start=1):
            if number < shown:
                yield float(peak) * number / shown
            else:
                gone = (number - shown) / steps_down
                yield lr_min + (peak - lr_min) * (1 + math.cos(math.pi * gone)) / 2

    return list(play())

