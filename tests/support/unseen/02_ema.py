# %% ema: shares_exchanged
# Wrong: beta and 1 - beta are exchanged.
def ema(x, beta):
    v = np.zeros_like(x)
    prev = np.zeros(x.shape[1:])
    for t in range(len(x)):
        prev = (1 - beta) * prev + beta * x[t]
        v[t] = prev
    return v

# %% ema: starts_at_the_first_value
# Wrong: starts at v_1 = x_1 instead of v_0 = 0 (as pandas with adjust=False).
def ema(x, beta):
    v = np.empty_like(x)
    v[0] = x[0]
    for t in range(1, x.shape[0]):
        v[t] = beta * v[t - 1] + (1 - beta) * x[t]
    return v

# %% ema: corrected_at_once
# Wrong: returns the bias-corrected average, formula (4), instead of (1).
def ema(x, beta):
    out = []
    v = np.zeros(np.shape(x)[1:])
    for t, value in enumerate(x, start=1):
        v = beta * v + (1 - beta) * value
        out.append(v / (1 - beta**t))
    return np.array(out)

# %% ema: fading_sum
# Wrong: the factor 1 - beta is missing, so it is a fading sum.
def ema(x, beta):
    v = np.zeros(x.shape)
    total = 0
    for t in range(x.shape[0]):
        total = beta * total + x[t]
        v[t] = total
    return v

# %% ema: one_day_late
# Wrong: row 0 holds v_0 = 0 and every later row is a day late, the last day never enters.
def ema(x, beta):
    v = np.zeros_like(x)
    for t in range(1, len(x)):
        v[t] = beta * v[t - 1] + (1 - beta) * x[t - 1]
    return v

# %% ema: v_0_included
# Wrong: the result has T + 1 rows and begins with v_0 = 0.
def ema(x, beta):
    v = [np.zeros_like(x[0])]
    for x_t in x:
        v.append(beta * v[-1] + (1 - beta) * x_t)
    return np.stack(v)

# %% ema: old_value_of_x
# Wrong: mixes today's and yesterday's x (beta * x_{t-1} + (1-beta) * x_t) and not yesterday's average.
def ema(x, beta):
    before = np.concatenate([np.zeros_like(x[:1]), x[:-1]])
    return beta * before + (1 - beta) * x

# %% ema: weights_the_wrong_way_round
# Wrong: weighs by beta**(i-1): the oldest value counts most.
def ema(x, beta):
    v = np.zeros_like(x)
    for t in range(1, len(x) + 1):
        w = (1 - beta) * beta ** np.arange(t)
        v[t - 1] = np.tensordot(w, x[:t], axes=1)
    return v

# %% ema: written_into_x
# Wrong: v is x itself, so the series is overwritten (and the result shares its memory).
def ema(x, beta):
    v = x
    v[0] = (1 - beta) * x[0]
    for t in range(1, len(x)):
        v[t] = beta * v[t - 1] + (1 - beta) * x[t]
    return v

# %% ema: same_array_for_beta_0
# Wrong: for beta = 0 it returns x itself.
def ema(x, beta):
    if beta == 0:
        return x
    v, rows = np.zeros(x.shape[1:]), []
    for row in x:
        v = beta * v + (1 - beta) * row
        rows.append(v)
    return np.array(rows)

# %% ema: one_array_in_all_rows
# Wrong: updates one array in place and appends it each time, so all rows are the last one.
def ema(x, beta):
    v = np.zeros(x.shape[1:])
    history = []
    for t in range(x.shape[0]):
        v *= beta
        v += (1 - beta) * x[t]
        history.append(v)
    return np.array(history)

# %% ema: last_value_only
# Wrong: returns v_T only and not the whole series.
def ema(x, beta):
    v = 0.0
    for x_t in x:
        v = beta * v + (1 - beta) * x_t
    return v

# %% ema: time_on_the_last_axis
# Wrong: takes the last axis for time instead of the first (equal for one axis).
def ema(x, beta):
    v = np.zeros_like(x)
    current = np.zeros(x.shape[:-1])
    for t in range(x.shape[-1]):
        current = beta * current + (1 - beta) * x[..., t]
        v[..., t] = current
    return v

# %% ema: mean_of_a_window
# Wrong: misunderstands the average: the plain mean of the newest 1/(1-beta) values.
def ema(x, beta):
    n = max(1, int(round(1 / (1 - beta))))
    return np.array([x[max(0, t - n + 1) : t + 1].mean(axis=0) for t in range(len(x))])

# %% ema: span_of_pandas
# Wrong: takes beta for pandas' alpha, with adjusted weights (1-alpha)**age that add up to 1.
def ema(x, beta):
    alpha = beta
    out = np.empty_like(x)
    num, den = np.zeros(x.shape[1:]), 0.0
    for t in range(len(x)):
        num = x[t] + (1 - alpha) * num
        den = 1 + (1 - alpha) * den
        out[t] = num / den
    return out

# %% ema: float32
# Wrong: calculates in float32 and returns a float32 array.
def ema(x, beta):
    v = torch.zeros(x.shape[1:], dtype=torch.float32)
    xs = torch.tensor(x, dtype=torch.float32)
    out = []
    for row in xs:
        v = beta * v + (1 - beta) * row
        out.append(v)
    return torch.stack(out).numpy()

# %% ema: elements_averaged
# Wrong: keeps a single number and averages the elements of each x_t into it, all elements of a row are the same.
def ema(x, beta):
    v = np.zeros_like(x)
    number = 0.0
    for t in range(len(x)):
        number = beta * number + (1 - beta) * np.mean(x[t])
        v[t] = number
    return v

# %% ema: closed_form_with_negative_powers
# Wrong: the closed form with beta**-t overflows for long series and divides by 0 for beta = 0 (nan).
def ema(x, beta):
    T = x.shape[0]
    powers = np.power(float(beta), np.arange(1, T + 1)).reshape((T,) + (1,) * (x.ndim - 1))
    with np.errstate(all="ignore"):
        return (1 - beta) * powers * np.cumsum(x / powers, axis=0)

# %% ema: first_day_and_list
# Wrong: two slips: starts at x_1 and returns a list instead of an array.
def ema(x, beta):
    result = [x[0].copy() if hasattr(x[0], "copy") else x[0]]
    for t in range(1, len(x)):
        result.append(beta * result[t - 1] + (1 - beta) * x[t])
    return result

# %% ema: from_the_end
# Wrong: misunderstands the direction of time: runs backwards and so looks into the future.
def ema(x, beta):
    v = np.zeros_like(x)
    acc = np.zeros_like(x[0])
    for t in reversed(range(len(x))):
        acc = beta * acc + (1 - beta) * x[t]
        v[t] = acc
    return v

# %% ema: only_the_first_day
# Wrong: unfinished: the first two days are right, the rest stays 0.
def ema(x, beta):
    v = np.zeros_like(x)
    v[0] = (1 - beta) * x[0]
    if len(x) > 1:
        v[1] = beta * v[0] + (1 - beta) * x[1]
    # and so on
    return v

# %% ema: convolution_of_one_axis
# Wrong: np.convolve raises ValueError for series of arrays (it is right for numbers).
def ema(x, beta):
    kernel = (1 - beta) * float(beta) ** np.arange(len(x))
    return np.convolve(x, kernel)[: len(x)]

# %% ema: lower_triangle
# Right: a lower triangular matrix of all weights times the series flattened to columns.
def ema(x, beta):
    T = x.shape[0]
    age = np.subtract.outer(np.arange(T), np.arange(T))
    W = np.where(age >= 0, (1 - beta) * np.power(float(beta), np.maximum(age, 0)), 0.0)
    return (W @ x.reshape(T, -1)).reshape(x.shape)

# %% ema: accumulate
# Right: itertools.accumulate with a lambda for one day, the start dropped afterwards.
def ema(x, beta):
    from itertools import accumulate, islice
    nudge = lambda v, value: beta * v + (1.0 - beta) * value
    states = accumulate(x, nudge, initial=np.zeros(x.shape[1:]))
    return np.array(list(islice(states, 1, None)), dtype=np.float64)

# %% ema_weights: newest_first
# Wrong: the newest weight comes first.
def ema_weights(beta, t):
    return (1 - beta) * float(beta) ** np.arange(t)

# %% ema_weights: powers_alone
# Wrong: the factor 1 - beta is missing.
def ema_weights(beta, t):
    i = np.arange(1, t + 1)
    return np.power(float(beta), t - i)

# %% ema_weights: shares_exchanged
# Wrong: beta and 1 - beta are exchanged: beta * (1-beta)**(t-i).
def ema_weights(beta, t):
    w = np.zeros(t)
    for i in range(1, t + 1):
        w[i - 1] = beta * (1 - beta) ** (t - i)
    return w

# %% ema_weights: age_from_one
# Wrong: the exponents run from t down to 1 instead of from t-1 to 0.
def ema_weights(beta, t):
    exponents = np.arange(t, 0, -1)
    return (1 - beta) * float(beta) ** exponents

# %% ema_weights: normalised
# Wrong: the weights are divided by their sum, so they add up to 1 and not to 1 - beta**t.
def ema_weights(beta, t):
    w = (1 - beta) * float(beta) ** np.arange(t)[::-1]
    return w / w.sum()

# %% ema_weights: first_value_whole
# Wrong: the oldest weight is beta**(t-1) without 1 - beta, as of an average that starts at x_1.
def ema_weights(beta, t):
    w = [(1 - beta) * beta ** (t - i) for i in range(1, t + 1)]
    w[0] = beta ** (t - 1)
    return np.array(w, dtype=float)

# %% ema_weights: weight_of_the_start_too
# Wrong: t + 1 weights, the first is beta**t, that of v_0.
def ema_weights(beta, t):
    ages = np.arange(t, -1, -1)
    w = (1 - beta) * float(beta) ** ages
    w[0] = float(beta) ** t
    return w

# %% ema_weights: one_missing
# Wrong: i runs from 1 to t - 1 only, so the newest weight is missing.
def ema_weights(beta, t):
    i = np.arange(1, t)
    return (1 - beta) * np.power(float(beta), t - i)

# %% ema_weights: negative_ages
# Wrong: the exponent is i - t and not t - i, so old values weigh more than new ones.
def ema_weights(beta, t):
    i = np.arange(1, t + 1)
    with np.errstate(all="ignore"):
        return (1 - beta) * np.power(float(beta), (i - t).astype(float))

# %% ema_weights: e_function
# Wrong: exp(-(1-beta) age), an approximation of beta**age that holds near 1 only.
def ema_weights(beta, t):
    age = np.arange(t - 1, -1, -1)
    return (1 - beta) * np.exp(-(1 - beta) * age)

# %% ema_weights: alpha_of_span
# Wrong: takes 1/(1-beta) days as pandas' span: alpha = 2/(span+1) in place of 1 - beta.
def ema_weights(beta, t):
    span = 1 / (1 - beta)
    alpha = 2 / (span + 1)
    return alpha * (1 - alpha) ** np.arange(t - 1, -1, -1.0)

# %% ema_weights: cut_after_the_memory
# Wrong: weights older than 1/(1-beta) days are set to 0, as if the window had a sharp edge.
def ema_weights(beta, t):
    age = np.arange(t)[::-1]
    w = (1 - beta) * float(beta) ** age
    w[age >= 1 / (1 - beta)] = 0
    return w

# %% ema_weights: whole_numbers
# Wrong: an integer array is filled, so all weights below 1 become 0.
def ema_weights(beta, t):
    w = np.arange(t)
    for k in range(t):
        w[k] = (1 - beta) * beta ** (t - 1 - k)
    return w

# %% ema_weights: list_of_numbers
# Wrong: returns a list and not an array.
def ema_weights(beta, t):
    weights = []
    for i in range(1, t + 1):
        weights.append((1 - beta) * beta ** (t - i))
    return weights

# %% ema_weights: a_column
# Wrong: the shape is (t, 1) and not (t,).
def ema_weights(beta, t):
    i = np.arange(1, t + 1)[:, None]
    return (1 - beta) * np.power(float(beta), t - i)

# %% ema_weights: float32
# Wrong: the result is float32.
def ema_weights(beta, t):
    powers = torch.tensor(float(beta)) ** torch.arange(t - 1, -1, -1)
    return ((1 - beta) * powers).numpy()

# %% ema_weights: divided_powers
# Wrong: beta**t / beta**i is 0/0 for beta = 0 and where the powers underflow (nan).
def ema_weights(beta, t):
    i = np.arange(1, t + 1)
    b = float(beta)
    with np.errstate(all="ignore"):
        return (1 - beta) * np.power(b, t) / np.power(b, i)

# %% ema_weights: newest_first_powers_alone
# Wrong: two slips: the newest comes first, and the factor 1 - beta is missing.
def ema_weights(beta, t):
    w = [1.0]
    while len(w) < t:
        w.append(w[-1] * beta)
    return np.array(w)

# %% ema_weights: cumulated
# Wrong: misunderstands the weights: gives the shares held by all values up to x_i (a cumulative sum).
def ema_weights(beta, t):
    w = (1 - beta) * float(beta) ** np.arange(t - 1, -1, -1)
    return np.cumsum(w)

# %% ema_weights: all_the_same
# Wrong: misunderstands the weights: each value gets (1 - beta**t) / t.
def ema_weights(beta, t):
    return np.full(t, (1 - beta**t) / t)

# %% ema_weights: two_days
# Wrong: unfinished: only the newest two weights are filled in.
def ema_weights(beta, t):
    w = np.zeros(t)
    w[-1] = 1 - beta
    if t > 1:
        w[-2] = (1 - beta) * beta
    return w

# %% ema_weights: logarithm
# Wrong: goes over math.log(beta), which raises ValueError for beta = 0.
import math

def ema_weights(beta, t):
    rate = math.log(beta)
    return (1 - beta) * np.exp(rate * np.arange(t - 1, -1, -1))

# %% ema_weights: impulses
# Right: sends unit impulses through the recursion (1), the columns of an identity matrix.
def ema_weights(beta, t):
    v = np.zeros(t)
    for impulse in np.eye(t):
        v = beta * v + (1 - beta) * impulse
    return v

# %% ema_weights: cumulated_product
# Right: a cumulative product that begins with 1 - beta, turned round.
def ema_weights(beta, t):
    factors = np.concatenate(([1.0 - beta], np.repeat(float(beta), t - 1)))
    return np.flip(np.cumprod(factors)).copy()

# %% ema_corrected: t_from_zero
# Wrong: t starts at 0, so the first row is divided by 1 - beta**0 = 0.
def ema_corrected(x, beta):
    v = ema(x, beta)
    with np.errstate(all="ignore"):
        for t in range(len(x)):
            v[t] = v[t] / (1 - np.float64(beta) ** t)
    return v

# %% ema_corrected: t_from_two
# Wrong: t starts at 2: row 0 is divided by 1 - beta**2.
def ema_corrected(x, beta):
    v = ema(x, beta)
    return np.array([v[k] / (1 - beta ** (k + 2)) for k in range(len(v))])

# %% ema_corrected: one_factor_for_all
# Wrong: all rows are divided by 1 - beta**T, the correction of the last one.
def ema_corrected(x, beta):
    T = x.shape[0]
    return ema(x, beta) / (1 - beta**T)

# %% ema_corrected: divides_by_one_minus_beta
# Wrong: divides by 1 - beta at every step.
def ema_corrected(x, beta):
    return ema(x, beta) / (1 - beta)

# %% ema_corrected: product_for_power
# Wrong: beta * t in place of beta to the power t.
def ema_corrected(x, beta):
    v = ema(x, beta)
    hat = np.empty_like(v)
    with np.errstate(divide="ignore", invalid="ignore"):
        for t in range(1, len(x) + 1):
            hat[t - 1] = v[t - 1] / (1 - np.float64(beta) * t)
    return hat

# %% ema_corrected: multiplied
# Wrong: multiplies by 1 - beta**t instead of dividing.
def ema_corrected(x, beta):
    v = ema(x, beta)
    t = np.arange(1, v.shape[0] + 1).reshape(-1, *[1] * (v.ndim - 1))
    return v * (1 - beta**t)

# %% ema_corrected: power_of_the_other_share
# Wrong: divides by 1 - (1-beta)**t.
def ema_corrected(x, beta):
    v = ema(x, beta)
    result = []
    for t, v_t in enumerate(v, 1):
        denominator = np.float64(1 - (1 - beta) ** t)
        with np.errstate(all="ignore"):
            result.append(v_t / denominator)
    return np.array(result)

# %% ema_corrected: fed_back
# Wrong: the corrected value goes on into the next step.
def ema_corrected(x, beta):
    out = np.zeros_like(x)
    v = np.zeros(x.shape[1:])
    for t in range(1, len(x) + 1):
        v = beta * v + (1 - beta) * x[t - 1]
        v = v / (1 - beta**t)
        out[t - 1] = v
    return out

# %% ema_corrected: starts_at_the_first_value
# Wrong: avoids the false start by beginning at v_1 = x_1, which is not formula (4).
def ema_corrected(x, beta):
    v = x.copy()
    for t in range(1, len(x)):
        v[t] = beta * v[t - 1] + (1 - beta) * v[t]
    return v

# %% ema_corrected: not_corrected
# Wrong: the plain average, nothing is corrected.
def ema_corrected(x, beta):
    v_hat = ema(x, beta)
    return v_hat

# %% ema_corrected: x_corrected
# Wrong: divides each x_t by 1 - beta**t before averaging, not the average.
def ema_corrected(x, beta):
    scaled = np.stack([x[k] / (1 - beta ** (k + 1)) for k in range(len(x))])
    return ema(scaled, beta)

# %% ema_corrected: root_of_the_correction
# Wrong: divides by the square root of 1 - beta**t, as in Adam's second moment step size.
def ema_corrected(x, beta):
    v = ema(x, beta)
    steps = np.arange(1, len(x) + 1, dtype=float)
    c = np.sqrt(1 - beta**steps)
    return (v.T / c).T

# %% ema_corrected: epsilon
# Wrong: adds 1e-8 in the denominator, which is seen in the last digits of a constant series.
def ema_corrected(x, beta):
    v = ema(x, beta)
    out = np.zeros(v.shape)
    for i in range(v.shape[0]):
        out[i] = v[i] / (1 - beta ** (i + 1) + 1e-8)
    return out

# %% ema_corrected: along_the_last_axis
# Wrong: the corrections lie along the last axis: for square series other elements are divided by them, else ValueError (right for one axis).
def ema_corrected(x, beta):
    t = np.arange(1, x.shape[0] + 1)
    return ema(x, beta) / (1 - float(beta) ** t)

# %% ema_corrected: warm_up_only
# Wrong: corrects during the first 1/(1-beta) steps only, afterwards the plain average is taken.
def ema_corrected(x, beta):
    v = ema(x, beta)
    limit = 1 / (1 - beta)
    for t in range(1, len(v) + 1):
        if t <= limit:
            v[t - 1] /= 1 - beta**t
    return v

# %% ema_corrected: same_array_for_beta_0
# Wrong: returns x itself for beta = 0.
def ema_corrected(x, beta):
    if beta == 0:
        return x
    v = ema(x, beta)
    for t in range(len(v)):
        v[t] /= 1 - beta ** (t + 1)
    return v

# %% ema_corrected: averages_in_x
# Wrong: overwrites x with the result, so the series is changed.
def ema_corrected(x, beta):
    v = np.zeros(x.shape[1:])
    for t in range(1, len(x) + 1):
        v = beta * v + (1 - beta) * x[t - 1]
        x[t - 1] = v / (1 - beta**t)
    return x.copy()

# %% ema_corrected: pair_of_both
# Wrong: returns a tuple (v, v_hat) and not v_hat alone.
def ema_corrected(x, beta):
    v = ema(x, beta)
    factor = 1 - float(beta) ** np.arange(1, len(x) + 1)
    v_hat = v / factor.reshape((len(x),) + (1,) * (x.ndim - 1))
    return v, v_hat

# %% ema_corrected: late_and_from_x_1
# Wrong: two slips: the correction is one day late (t-1, with none on day 1), and the average starts at x_1.
def ema_corrected(x, beta):
    v = np.array(x, dtype=float)
    for t in range(1, len(v)):
        v[t] = beta * v[t - 1] + (1 - beta) * x[t]
    out = v.copy()
    for t in range(1, len(v)):
        out[t] = v[t] / (1 - beta**t)
    return out

# %% ema_corrected: cumulated_mean
# Wrong: misunderstands the correction: the mean of all values so far in the first 1/(1-beta) days, then (1) from there.
def ema_corrected(x, beta):
    out = np.zeros_like(x)
    v = 0.0
    for t in range(1, len(x) + 1):
        b = min(beta, (t - 1) / t)
        v = b * v + (1 - b) * x[t - 1]
        out[t - 1] = v
    return out

# %% ema_corrected: first_row_only
# Wrong: unfinished: only the first row is corrected.
def ema_corrected(x, beta):
    v = ema(x, beta)
    v[0] = v[0] / (1 - beta)
    return v

# %% ema_corrected: powers_in_an_int_array
# Wrong: an integer array is multiplied in place by a float beta, which raises UFuncTypeError.
def ema_corrected(x, beta):
    v = ema(x, beta)
    power = np.ones(len(x), dtype=int)
    for k in range(len(x)):
        power[k:] *= beta
    return v / (1 - power).reshape(-1, *(1,) * (x.ndim - 1))

# %% ema_corrected: both_averaged
# Right: sends the series and a series of ones through ema and divides the two.
def ema_corrected(x, beta):
    return np.divide(ema(x, beta), ema(np.ones(x.shape), beta))

# %% ema_corrected: moving_share
# Right: one recursion in v_hat with the share (1-beta)/(1-beta**t) for the newest value.
def ema_corrected(x, beta):
    hat = np.array(x, dtype=np.float64)
    for t in range(2, hat.shape[0] + 1):
        share = (1 - beta) / (1 - beta**t)
        hat[t - 1] = (1 - share) * hat[t - 2] + share * x[t - 1]
    return hat

# %% ema_with_gaps: gaps_do_not_age
# Wrong: on a missing day nothing ages (pandas' ignore_na=True): the average of the measured values as if they were neighbours.
def ema_with_gaps(x, beta):
    v = np.zeros(x.shape[1:])
    w = np.zeros(x.shape[1:])
    out = np.full(x.shape, np.nan)
    for t in range(len(x)):
        there = ~np.isnan(x[t])
        v = np.where(there, beta * v + (1 - beta) * x[t], v)
        w = np.where(there, beta * w + (1 - beta), w)
        out[t] = np.where(w > 0, v / np.where(w > 0, w, 1), np.nan)
    return out

# %% ema_with_gaps: nan_as_zero
# Wrong: missing values enter as 0 with their full weight.
def ema_with_gaps(x, beta):
    return ema_corrected(np.nan_to_num(x), beta)

# %% ema_with_gaps: filled_forward
# Wrong: fills each gap with the last measured value and averages that, so a filled day weighs like a measured one.
def ema_with_gaps(x, beta):
    filled = x.copy()
    for t in range(1, len(x)):
        filled[t] = np.where(np.isnan(x[t]), filled[t - 1], x[t])
    started = np.logical_or.accumulate(~np.isnan(x), axis=0)
    v = np.zeros(x.shape[1:])
    w = np.zeros(x.shape[1:])
    out = np.empty_like(x)
    for t in range(len(x)):
        v = beta * v + (1 - beta) * np.where(started[t], filled[t], 0)
        w = beta * w + (1 - beta) * started[t]
        out[t] = np.where(w > 0, v / np.maximum(w, 1e-300), np.nan)
    return out

# %% ema_with_gaps: calendar_correction
# Wrong: divides by 1 - beta**t with the calendar's t, not by the sum of the weights that are there.
def ema_with_gaps(x, beta):
    v = np.zeros(x.shape[1:])
    out = []
    seen = np.zeros(x.shape[1:], dtype=bool)
    for t, row in enumerate(x, start=1):
        seen = seen | ~np.isnan(row)
        v = beta * v + (1 - beta) * np.where(np.isnan(row), 0.0, row)
        out.append(np.where(seen, v / (1 - beta**t), np.nan))
    return np.array(out)

# %% ema_with_gaps: days_since_the_first_value
# Wrong: divides by 1 - beta**n, where n counts all days since the element's first measured one, missing days too.
def ema_with_gaps(x, beta):
    v, n = np.zeros_like(x[0]), np.zeros_like(x[0])
    out = np.zeros_like(x)
    with np.errstate(all="ignore"):
        for t in range(x.shape[0]):
            ok = np.isfinite(x[t])
            v = beta * v + np.where(ok, (1 - beta) * x[t], 0)
            n = np.where(ok | (n > 0), n + 1, n)
            out[t] = v / (1 - beta**n)
    return out

# %% ema_with_gaps: nan_on_missing_days
# Wrong: the result is nan on every missing day instead of what it was the day before.
def ema_with_gaps(x, beta):
    v = np.zeros(x.shape[1:])
    w = np.zeros(x.shape[1:])
    v_hat = np.empty(x.shape)
    for t in range(len(x)):
        m = ~np.isnan(x[t])
        v = beta * v + (1 - beta) * np.where(m, x[t], 0)
        w = beta * w + (1 - beta) * m
        with np.errstate(all="ignore"):
            v_hat[t] = np.where(m, v / w, np.nan)
    return v_hat

# %% ema_with_gaps: zero_before_the_first
# Wrong: 0 and not nan as long as nothing has been measured.
def ema_with_gaps(x, beta):
    num = den = 0.0
    rows = []
    for value in x:
        num = beta * num + np.where(np.isnan(value), 0, value)
        den = beta * den + np.where(np.isnan(value), 0, 1)
        rows.append(np.where(den > 0, num / np.where(den > 0, den, 1), 0.0))
    return np.array(rows)

# %% ema_with_gaps: weight_stays_on_missing_days
# Wrong: the sum of weights does not age on a missing day, though v does, so the average falls there.
def ema_with_gaps(x, beta):
    v = np.zeros(x.shape[1:])
    w = np.zeros(x.shape[1:])
    out = np.zeros_like(x)
    with np.errstate(invalid="ignore"):
        for t in range(len(x)):
            missing = np.isnan(x[t])
            v = beta * v + (1 - beta) * np.where(missing, 0, x[t])
            w = np.where(missing, w, beta * w + (1 - beta))
            out[t] = v / w
    return out

# %% ema_with_gaps: average_stays_on_missing_days
# Wrong: v does not age on a missing day, though the sum of weights does, so the average grows there.
def ema_with_gaps(x, beta):
    total = np.zeros(x.shape[1:])
    weight = np.zeros(x.shape[1:])
    result = np.full_like(x, np.nan)
    for t in range(len(x)):
        present = ~np.isnan(x[t])
        total = np.where(present, beta * total + x[t], total)
        weight = beta * weight + present
        result[t] = np.where(weight > 0, total / np.where(weight > 0, weight, 1), np.nan)
    return result

# %% ema_with_gaps: whole_day_missing
# Wrong: if one element of a day is missing, the whole day is taken as missing for all elements.
def ema_with_gaps(x, beta):
    v = np.zeros(x.shape[1:])
    w = 0.0
    out = np.full(x.shape, np.nan)
    for t in range(len(x)):
        v, w = beta * v, beta * w
        if not np.isnan(x[t]).any():
            v = v + (1 - beta) * x[t]
            w = w + (1 - beta)
        if w > 0:
            out[t] = v / w
    return out

# %% ema_with_gaps: one_weight_for_all_elements
# Wrong: the sum of weights is one number for the day (it counts a day as measured if any element is), not one for each element.
def ema_with_gaps(x, beta):
    v = np.zeros(x.shape[1:])
    w = 0.0
    out = []
    for row in x:
        gap = np.isnan(row)
        v = beta * v + (1 - beta) * np.where(gap, 0, row)
        w = beta * w + (1 - beta) * float(not gap.all())
        out.append(v / w if w > 0 else np.full(x.shape[1:], np.nan))
    return np.array(out)

# %% ema_with_gaps: nan_spreads
# Wrong: no special case: from the first missing value on everything is nan.
def ema_with_gaps(x, beta):
    v = np.zeros(x.shape[1:])
    w = 0
    result = np.empty_like(x)
    for t in range(len(x)):
        v = beta * v + (1 - beta) * x[t]
        w = beta * w + (1 - beta)
        result[t] = v / w
    return result

# %% ema_with_gaps: x_filled_in_place
# Wrong: writes 0 into the gaps of x itself, so the series is changed.
def ema_with_gaps(x, beta):
    mask = ~np.isnan(x)
    x[~mask] = 0.0
    v = ema(x, beta)
    w = ema(mask.astype(float), beta)
    with np.errstate(invalid="ignore"):
        return v / w

# %% ema_with_gaps: starts_at_the_first_measured
# Wrong: starts at the first measured value (adjust=False) and stays put on missing days, so the weights are not in proportion to beta**age.
def ema_with_gaps(x, beta):
    out = np.empty_like(x)
    current = np.full(x.shape[1:], np.nan)
    for t in range(len(x)):
        new = np.where(np.isnan(current), x[t], beta * current + (1 - beta) * x[t])
        current = np.where(np.isnan(x[t]), current, new)
        out[t] = current
    return out

# %% ema_with_gaps: mean_of_all_measured
# Wrong: the plain mean of all values measured so far, beta is not used.
def ema_with_gaps(x, beta):
    present = ~np.isnan(x)
    sums = np.cumsum(np.where(present, x, 0.0), axis=0)
    counts = np.cumsum(present, axis=0)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)

# %% ema_with_gaps: gaps_interpolated
# Wrong: fills the gaps by straight lines between measured days (it looks into the future) and averages as if nothing were missing.
def ema_with_gaps(x, beta):
    flat = x.reshape(len(x), -1).copy()
    days = np.arange(len(x))
    for j in range(flat.shape[1]):
        ok = ~np.isnan(flat[:, j])
        if ok.any():
            flat[:, j] = np.interp(days, days[ok], flat[ok, j])
    return ema_corrected(flat.reshape(x.shape), beta)

# %% ema_with_gaps: gaps_left_out
# Wrong: drops the missing values and returns a shorter, flat series without the missing days.
def ema_with_gaps(x, beta):
    measured = x[~np.isnan(x)]
    if measured.size == 0:
        return np.full(x.shape, np.nan)
    return ema_corrected(measured, beta)

# %% ema_with_gaps: mean_put_into_the_gaps
# Wrong: puts the mean of the measured values into the gaps and averages with the correction 1 - beta**t.
def ema_with_gaps(x, beta):
    missing = np.isnan(x)
    n = (~missing).sum(axis=0)
    mean = np.where(missing, 0, x).sum(axis=0) / np.maximum(n, 1)
    mean = np.where(n > 0, mean, np.nan)
    return ema_corrected(np.where(missing, mean, x), beta)

# %% ema_with_gaps: plain_weights_and_zeros
# Wrong: two slips: v does not age on missing days while the correction uses the calendar's t, and before the first value the result is 0 and not nan.
def ema_with_gaps(x, beta):
    v = np.zeros(x.shape[1:])
    out = np.zeros(x.shape)
    for t in range(1, len(x) + 1):
        ok = ~np.isnan(x[t - 1])
        v = np.where(ok, beta * v + (1 - beta) * x[t - 1], v)
        out[t - 1] = v / (1 - beta**t)
    return out

# %% ema_with_gaps: single_numbers_only
# Wrong: "if np.isnan(value)" raises ValueError for series of arrays (right for series of numbers).
def ema_with_gaps(x, beta):
    num, den, out = 0.0, 0.0, []
    for value in x:
        num *= beta
        den *= beta
        if np.isnan(value):
            pass
        else:
            num += value
            den += 1
        out.append(num / den if den > 0 else np.nan)
    return np.array(out)

# %% ema_with_gaps: sum_not_divided
# Wrong: unfinished: missing days weigh nothing, but the division by the sum of weights is not there.
def ema_with_gaps(x, beta):
    present = ~np.isnan(x)
    v = ema(np.where(present, x, 0.0), beta)
    v[~np.logical_or.accumulate(present, axis=0)] = np.nan
    return v

# %% ema_with_gaps: fading_from_the_first_day
# Wrong: misunderstands the age: weighs x_i by beta**i counted from the first day, so old values weigh most.
def ema_with_gaps(x, beta):
    present = ~np.isnan(x)
    w = (beta ** np.arange(len(x))).reshape((-1,) + (1,) * (x.ndim - 1)) * present
    top = np.cumsum(w * np.where(present, x, 0), axis=0)
    bottom = np.cumsum(w, axis=0)
    with np.errstate(invalid="ignore"):
        return top / bottom

# %% ema_with_gaps: share_of_the_newest
# Right: one recursion in the mean: the sum of weights S ages each day, and a measured value gets the share 1/S.
def ema_with_gaps(x, beta):
    S = np.zeros(x.shape[1:])
    mean = np.full(x.shape[1:], np.nan)
    days = []
    for value in x:
        measured = ~np.isnan(value)
        S = beta * S + measured
        share = np.where(measured, 1 / np.where(measured, S, 1.0), 0.0)
        before = np.where(np.isnan(mean), 0.0, mean)
        mean = np.where(measured, (1 - share) * before + share * np.where(measured, value, 0.0), mean)
        days.append(mean)
    return np.array(days, dtype=np.float64).reshape(x.shape)

# %% ema_with_gaps: from_the_definition
# Right: straight from the definition: for each element and day a weighted mean of the measured values, by the age from the newest of them.
def ema_with_gaps(x, beta):
    T = x.shape[0]
    columns = x.reshape(T, -1)
    out = np.full(columns.shape, np.nan)
    for j, column in enumerate(columns.T):
        days = np.flatnonzero(~np.isnan(column))
        for t in range(T):
            known = days[days <= t]
            if known.size:
                weights = np.power(float(beta), known[-1] - known)
                out[t, j] = np.dot(weights, column[known]) / weights.sum()
    return out.reshape(x.shape)

# %% ModelEMA: shadow_is_the_parameter
# Wrong: the shadow keeps the parameters themselves, no copies: it moves with them, and the update writes into the model.
class ModelEMA:
    def __init__(self, params, decay):
        if not 0 <= decay < 1:
            raise ValueError("decay")
        self.decay = decay
        self.shadow = list(params)
        self.first = True

    @torch.no_grad()
    def update(self, params):
        for s, p in zip(self.shadow, params):
            if self.first:
                s.copy_(p)
            else:
                s.mul_(self.decay).add_((1 - self.decay) * p)
        self.first = False

# %% ModelEMA: detached_only
# Wrong: detach() without clone(): the shadow shares the memory of the parameters until the second update.
class ModelEMA:
    def __init__(self, params, decay):
        if decay < 0 or decay >= 1:
            raise ValueError("decay must be in [0, 1)")
        self.decay = decay
        self.shadow = [p.detach() for p in params]
        self.updates = 0

    @torch.no_grad()
    def update(self, params):
        self.updates += 1
        if self.updates == 1:
            self.shadow = [p.detach() for p in params]
        else:
            self.shadow = [self.decay * s + (1 - self.decay) * p for s, p in zip(self.shadow, params)]

# %% ModelEMA: still_requires_grad
# Wrong: the copies of the constructor are clones inside the graph, so before any update they require a gradient.
class ModelEMA:
    def __init__(self, params, decay):
        if not (0.0 <= decay < 1.0):
            raise ValueError(f"decay {decay}")
        self.decay = decay
        self.shadow = [p.clone() for p in params]
        self.started = False

    @torch.no_grad()
    def update(self, params):
        params = list(params)
        if not self.started:
            self.shadow = [p.clone() for p in params]
            self.started = True
            return
        self.shadow = [torch.add(self.decay * s, p, alpha=1 - self.decay) for s, p in zip(self.shadow, params)]

# %% ModelEMA: first_update_averaged
# Wrong: the first update already averages with the parameters of the constructor instead of copying.
class ModelEMA:
    def __init__(self, params, decay):
        if decay < 0 or decay >= 1:
            raise ValueError("decay has to be in [0, 1)")
        self.decay = decay
        self.shadow = [p.detach().clone() for p in params]

    @torch.no_grad()
    def update(self, params):
        for s, p in zip(self.shadow, params):
            s.mul_(self.decay).add_(p, alpha=1 - self.decay)

# %% ModelEMA: starts_at_zero
# Wrong: the shadow starts as zeros and the first update averages with them.
class ModelEMA:
    def __init__(self, params, decay):
        if not 0 <= decay < 1:
            raise ValueError("decay outside [0, 1)")
        self.decay = decay
        self.shadow = [torch.zeros_like(p, requires_grad=False) for p in params]

    @torch.no_grad()
    def update(self, params):
        d = self.decay
        for i, p in enumerate(params):
            self.shadow[i] = d * self.shadow[i] + (1 - d) * p.detach()

# %% ModelEMA: bias_corrected
# Wrong: averages from zeros and corrects by 1 - d**t, formula (4) instead of (5).
class ModelEMA:
    def __init__(self, params, decay):
        if not 0 <= decay < 1:
            raise ValueError("decay outside [0, 1)")
        params = [p.detach() for p in params]
        self.decay, self.t = decay, 0
        self.v = [torch.zeros_like(p) for p in params]
        self.shadow = [p.clone() for p in params]

    @torch.no_grad()
    def update(self, params):
        self.t += 1
        for v, s, p in zip(self.v, self.shadow, params):
            v.mul_(self.decay).add_(p, alpha=1 - self.decay)
            s.copy_(v / (1 - self.decay**self.t))

# %% ModelEMA: shares_exchanged
# Wrong: decay is the share of the new parameters: lerp with the weight d (as with BatchNorm's momentum).
class ModelEMA:
    def __init__(self, params, decay):
        if decay < 0 or not decay < 1:
            raise ValueError("0 <= decay < 1")
        self.decay = decay
        self.n = 0
        self.shadow = [p.detach().clone() for p in params]

    @torch.no_grad()
    def update(self, params):
        for s, p in zip(self.shadow, params):
            s.copy_(p) if self.n == 0 else s.lerp_(p, self.decay)
        self.n += 1

# %% ModelEMA: generator_read_twice
# Wrong: update goes through params twice, and a generator is used up the first time, so the first update alone takes effect.
class ModelEMA:
    def __init__(self, params, decay):
        if decay < 0 or decay >= 1:
            raise ValueError("decay is outside [0, 1)")
        self.decay = decay
        self.shadow = [p.detach().clone() for p in params]
        self.fresh = True

    @torch.no_grad()
    def update(self, params):
        total = sum(1 for _ in params)
        if self.fresh:
            self.fresh = False
            for s, p in zip(self.shadow, params):
                s.copy_(p)
        else:
            for s, p in zip(self.shadow, params):
                s += (1 - self.decay) * (p - s)

# %% ModelEMA: decay_1_accepted
# Wrong: a decay of exactly 1 is accepted, as PyTorch does it.
class ModelEMA:
    def __init__(self, params, decay):
        if decay < 0.0 or decay > 1.0:
            raise ValueError(f"Invalid decay value {decay} provided. Please provide a value in [0,1] range.")
        self.decay = decay
        self.n_averaged = 0
        self.shadow = [p.detach().clone() for p in params]

    @torch.no_grad()
    def update(self, params):
        for s, p in zip(self.shadow, params):
            if self.n_averaged == 0:
                s.copy_(p.detach())
            else:
                s.lerp_(p.detach().to(s.dtype), 1 - self.decay)
        self.n_averaged += 1

# %% ModelEMA: decay_0_refused
# Wrong: a decay of 0 is refused, although [0, 1) contains it.
class ModelEMA:
    def __init__(self, params, decay):
        if not 0 < decay < 1:
            raise ValueError("decay must lie between 0 and 1")
        self.decay = decay
        self.shadow = [p.detach().clone() for p in params]
        self.seen_any = False

    @torch.no_grad()
    def update(self, params):
        keep = self.decay if self.seen_any else 0.0
        self.seen_any = True
        for s, p in zip(self.shadow, params):
            s.copy_(keep * s + (1 - keep) * p)

# %% ModelEMA: nothing_refused
# Wrong: never raises ValueError.
class ModelEMA:
    def __init__(self, params, decay):
        self.decay = decay
        self.shadow = [p.detach().clone() for p in params]
        self.t = 0

    @torch.no_grad()
    def update(self, params):
        self.t += 1
        if self.t == 1:
            self.shadow = [p.detach().clone() for p in params]
            return
        for k, p in enumerate(params):
            self.shadow[k] = self.decay * self.shadow[k] + (1 - self.decay) * p

# %% ModelEMA: shadow_of_the_class
# Wrong: the shadow is a list of the class that is filled by every instance, so instances share it.
class ModelEMA:
    shadow = []

    def __init__(self, params, decay):
        if not 0 <= decay < 1:
            raise ValueError("decay must be in [0, 1)")
        self.decay = decay
        self.shadow.clear()
        for p in params:
            self.shadow.append(p.detach().clone())
        self.count = 0

    @torch.no_grad()
    def update(self, params):
        for i, p in enumerate(params):
            if self.count == 0:
                self.shadow[i].copy_(p)
            else:
                self.shadow[i].mul_(self.decay).add_((1 - self.decay) * p)
        self.count += 1

# %% ModelEMA: first_update_keeps_references
# Wrong: the first update stores the parameters themselves, so from then on the shadow shares their memory and later updates write into them.
class ModelEMA:
    def __init__(self, params, decay):
        if decay < 0 or decay >= 1:
            raise ValueError("decay")
        self.decay = decay
        self.shadow = [p.detach().clone() for p in params]
        self.initialised = False

    @torch.no_grad()
    def update(self, params):
        if not self.initialised:
            self.shadow = [p.detach() for p in params]
            self.initialised = True
        else:
            for s, p in zip(self.shadow, params):
                s.mul_(self.decay).add_(p, alpha=1 - self.decay)

# %% ModelEMA: average_written_back
# Wrong: writes the average back into the parameters after each update, so the model itself is changed.
class ModelEMA:
    def __init__(self, params, decay):
        if not 0 <= decay < 1:
            raise ValueError("decay must be in [0, 1)")
        self.decay = decay
        self.shadow = [p.detach().clone() for p in params]
        self.step = 0

    @torch.no_grad()
    def update(self, params):
        self.step += 1
        d = 0.0 if self.step == 1 else self.decay
        for s, p in zip(self.shadow, params):
            s.copy_(d * s + (1 - d) * p)
            p.copy_(s)

# %% ModelEMA: decay_that_warms_up
# Wrong: uses min(decay, (1 + t) / (10 + t)), TensorFlow's warm-up of the decay.
class ModelEMA:
    def __init__(self, params, decay):
        if not 0 <= decay < 1:
            raise ValueError("decay must be in [0, 1)")
        self.decay = decay
        self.num_updates = 0
        self.shadow = [p.detach().clone() for p in params]

    @torch.no_grad()
    def update(self, params):
        self.num_updates += 1
        if self.num_updates == 1:
            for s, p in zip(self.shadow, params):
                s.copy_(p)
            return
        d = min(self.decay, (1 + self.num_updates) / (10 + self.num_updates))
        for s, p in zip(self.shadow, params):
            s.sub_((1 - d) * (s - p))

# %% ModelEMA: float32_shadow
# Wrong: the shadow is float32 whatever the parameter's dtype is.
class ModelEMA:
    def __init__(self, params, decay):
        if not 0 <= decay < 1:
            raise ValueError("decay must be in [0, 1)")
        self.decay = decay
        self.shadow = [p.detach().clone().float() for p in params]
        self.empty = True

    @torch.no_grad()
    def update(self, params):
        d = 0 if self.empty else self.decay
        self.empty = False
        self.shadow = [d * s + (1 - d) * p.detach().float() for s, p in zip(self.shadow, params)]

# %% ModelEMA: numpy_arrays
# Wrong: the shadow holds NumPy arrays and not tensors.
class ModelEMA:
    def __init__(self, params, decay):
        if not 0 <= decay < 1:
            raise ValueError("decay must be in [0, 1)")
        self.decay = decay
        self.shadow = [np.array(p.detach()) for p in params]
        self.first = True

    @torch.no_grad()
    def update(self, params):
        new = [np.array(p.detach()) for p in params]
        if self.first:
            self.shadow, self.first = new, False
        else:
            self.shadow = [self.decay * s + (1 - self.decay) * p for s, p in zip(self.shadow, new)]

# %% ModelEMA: equal_mean
# Wrong: misunderstands the average: the plain mean of all parameters so far (SWA), decay is only checked.
class ModelEMA:
    def __init__(self, params, decay):
        if not 0 <= decay < 1:
            raise ValueError("decay must be in [0, 1)")
        self.decay = decay
        self.n = 0
        self.shadow = [p.detach().clone() for p in params]

    @torch.no_grad()
    def update(self, params):
        self.n += 1
        for s, p in zip(self.shadow, params):
            s.copy_(s + (p - s) / self.n)

# %% ModelEMA: watches_the_first_parameters
# Wrong: keeps the parameters of the constructor and ignores what update is given, so other tensors than those have no effect.
class ModelEMA:
    def __init__(self, params, decay):
        if not 0 <= decay < 1:
            raise ValueError("decay must be in [0, 1)")
        self.params = list(params)
        self.decay = decay
        self.shadow = [p.detach().clone() for p in self.params]
        self.t = 0

    @torch.no_grad()
    def update(self, params):
        self.t += 1
        for s, p in zip(self.shadow, self.params):
            if self.t == 1:
                s.copy_(p)
            else:
                s.mul_(self.decay).add_(p * (1 - self.decay))

# %% ModelEMA: from_init_and_unchecked_1
# Wrong: two slips: the first update averages instead of copying, and a decay of 1 or more is not refused.
class ModelEMA:
    def __init__(self, params, decay):
        if decay < 0:
            raise ValueError("decay must not be negative")
        self.decay = decay
        self.shadow = []
        for p in params:
            self.shadow.append(p.detach().clone())

    @torch.no_grad()
    def update(self, params):
        for k, p in enumerate(params):
            self.shadow[k] = self.shadow[k] * self.decay + p * (1 - self.decay)

# %% ModelEMA: always_the_newest
# Wrong: unfinished: each update copies the parameters, nothing is averaged.
class ModelEMA:
    def __init__(self, params, decay):
        if not 0 <= decay < 1:
            raise ValueError("decay must be in [0, 1)")
        self.decay = decay
        self.shadow = [p.detach().clone() for p in params]

    @torch.no_grad()
    def update(self, params):
        self.shadow = [p.detach().clone() for p in params]

# %% ModelEMA: length_of_a_generator
# Wrong: asserts len(params) == len(shadow), which raises TypeError for a generator in update.
class ModelEMA:
    def __init__(self, params, decay):
        if not 0 <= decay < 1:
            raise ValueError("decay must be in [0, 1)")
        self.decay = decay
        self.shadow = [p.detach().clone() for p in params]
        self.first = True

    @torch.no_grad()
    def update(self, params):
        assert len(params) == len(self.shadow)
        for i in range(len(params)):
            if self.first:
                self.shadow[i].copy_(params[i])
            else:
                self.shadow[i].mul_(self.decay).add_(params[i], alpha=1 - self.decay)
        self.first = False

# %% ModelEMA: iterator_of_one_item
# Right: an iterator with a single item tells the first update from all later ones.
class ModelEMA:
    def __init__(self, params, decay):
        if not (decay >= 0 and decay < 1):
            raise ValueError(f"decay must be at least 0 and below 1, not {decay}")
        self._keep = iter([0.0])
        self.decay = decay
        self.shadow = list(map(lambda p: p.detach().clone(), params))

    @torch.no_grad()
    def update(self, params):
        newest = [p.detach() for p in params]
        keep = next(self._keep, None)
        if keep is not None:
            self.shadow = [p.clone() for p in newest]
        else:
            self.shadow = [self.decay * s + (1 - self.decay) * p for s, p in zip(self.shadow, newest, strict=True)]

# %% ModelEMA: none_until_the_first
# Right: a decay that is None until the first update; later averages are added into fresh memory with out=.
class ModelEMA:
    def __init__(self, params, decay):
        if decay < 0 or 1 <= decay:
            raise ValueError("0 <= decay < 1, please")
        self.shadow = [torch.empty_like(p, requires_grad=False).copy_(p.detach()) for p in params]
        self._d = None
        self._decay = decay

    @torch.no_grad()
    def update(self, params):
        d = self._d
        self._d = self._decay
        for place, p in enumerate(params):
            if d is None:
                self.shadow[place] = torch.clone(p).detach().requires_grad_(False)
            else:
                mixed = torch.empty_like(self.shadow[place])
                torch.add(self.shadow[place] * d, p * (1 - d), out=mixed)
                self.shadow[place] = mixed
