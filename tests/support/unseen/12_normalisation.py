# %% layer_norm_forward: down_the_columns
# Wrong: mean and variance run over axis 0, the batch, as in batch norm.
def layer_norm_forward(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=0, keepdims=True)
    var = x.var(axis=0, keepdims=True)
    std = np.sqrt(var + eps)
    x_hat = (x - mu) / std
    return gamma * x_hat + beta, (x_hat, gamma, std)


# %% layer_norm_forward: sample_variance
# Wrong: the variance is divided by D - 1 and not by D.
def layer_norm_forward(x, gamma, beta, eps=1e-5):
    D = x.shape[-1]
    centred = x - np.sum(x, axis=-1, keepdims=True) / D
    variance = np.sum(centred ** 2, axis=-1, keepdims=True) / (D - 1)
    std = np.sqrt(variance + eps)
    x_hat = centred / std
    y = x_hat * gamma + beta
    cache = (x_hat, gamma, std)
    return y, cache


# %% layer_norm_forward: eps_beside_the_root
# Wrong: eps is added to the standard deviation, outside the root.
def layer_norm_forward(x, gamma, beta, eps=1e-5):
    m = np.mean(x, axis=-1, keepdims=True)
    s = np.std(x, axis=-1, keepdims=True) + eps
    norm = (x - m) / s
    return norm * gamma + beta, (norm, gamma, s)


# %% layer_norm_forward: no_root_taken
# Wrong: divides by var + eps, the root is missing.
def layer_norm_forward(x, gamma, beta, eps=1e-5):
    mean = x.mean(-1)[..., None]
    var = ((x - mean) ** 2).mean(-1)[..., None]
    x_hat = (x - mean) / (var + eps)
    out = gamma * x_hat + beta
    return out, (x_hat, gamma, var + eps)


# %% layer_norm_forward: mean_left_in
# Wrong: the mean is used for the variance but not subtracted from x itself.
def layer_norm_forward(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=-1, keepdims=True)
    var = ((x - mu) ** 2).mean(axis=-1, keepdims=True)
    std = np.sqrt(var + eps)
    x_hat = x / std
    return gamma * x_hat + beta, (x_hat, gamma, std)


# %% layer_norm_forward: shift_before_scale
# Wrong: beta is added before gamma multiplies, so the shift is scaled too.
def layer_norm_forward(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=-1, keepdims=True)
    std = np.sqrt(x.var(axis=-1, keepdims=True) + eps)
    x_hat = (x - mu) / std
    y = gamma * (x_hat + beta)
    return y, (x_hat, gamma, std)


# %% layer_norm_forward: one_mean_for_everything
# Wrong: one mean and one variance for the whole array, no axis given.
def layer_norm_forward(x, gamma, beta, eps=1e-5):
    mu = np.mean(x)
    sigma = np.sqrt(np.var(x) + eps)
    z = (x - mu) / sigma
    return z * gamma + beta, (z, gamma, np.full(x.shape[:-1] + (1,), sigma))


# %% layer_norm_forward: larger_of_var_and_eps
# Wrong: eps is taken as a lower limit of the variance instead of being added to it.
def layer_norm_forward(x, gamma, beta, eps=1e-5):
    centre = x - x.mean(axis=-1, keepdims=True)
    var = np.maximum((centre * centre).mean(axis=-1, keepdims=True), eps)
    root = var ** 0.5
    x_hat = centre / root
    return x_hat * gamma + beta, (x_hat, gamma, root)


# %% layer_norm_forward: keras_default
# Wrong: Keras' default eps of 1e-3 in the signature.
def layer_norm_forward(x, gamma, beta, eps=1e-3):
    mean = np.mean(x, axis=-1, keepdims=True)
    variance = np.mean(np.square(x - mean), axis=-1, keepdims=True)
    std = np.sqrt(variance + eps)
    normalized = (x - mean) / std
    return normalized * gamma + beta, (normalized, gamma, std)


# %% layer_norm_forward: all_axes_but_the_first
# Wrong: normalises over every axis but the first, so with three axes the words of a sentence share a mean.
def layer_norm_forward(x, gamma, beta, eps=1e-5):
    axes = tuple(range(1, x.ndim)) if x.ndim > 1 else (0,)
    mu = x.mean(axis=axes, keepdims=True)
    var = x.var(axis=axes, keepdims=True)
    std = np.sqrt(var + eps)
    x_hat = (x - mu) / std
    return x_hat * gamma + beta, (x_hat, gamma, std)


# %% layer_norm_forward: t5s_variance
# Wrong: T5's habit, the "variance" is the mean square of x itself, although the mean is subtracted above.
def layer_norm_forward(x, gamma, beta, eps=1e-5):
    t = torch.from_numpy(x)
    variance = t.pow(2).mean(-1, keepdim=True)
    hidden = (t - t.mean(-1, keepdim=True)) * torch.rsqrt(variance + eps)
    x_hat = hidden.numpy()
    return x_hat * gamma + beta, (x_hat, gamma, np.sqrt(variance.numpy() + eps))


# %% layer_norm_forward: running_averages
# Wrong: batch norm's habit, the statistics are mixed with running averages of earlier calls.
_running = {}


def layer_norm_forward(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=-1, keepdims=True)
    var = x.var(axis=-1, keepdims=True)
    key = x.shape
    if key in _running:
        old_mu, old_var = _running[key]
        mu = 0.9 * old_mu + 0.1 * mu
        var = 0.9 * old_var + 0.1 * var
    _running[key] = (mu, var)
    std = np.sqrt(var + eps)
    x_hat = (x - mu) / std
    return gamma * x_hat + beta, (x_hat, gamma, std)


# %% layer_norm_forward: centres_its_input
# Wrong: x -= mean works on the caller's array and changes it.
def layer_norm_forward(x, gamma, beta, eps=1e-5):
    x -= x.mean(axis=-1, keepdims=True)
    var = (x ** 2).mean(axis=-1, keepdims=True)
    std = np.sqrt(var + eps)
    x_hat = x / std
    return gamma * x_hat + beta, (x_hat, gamma, std)


# %% layer_norm_forward: y_alone
# Wrong: returns y and no cache.
def layer_norm_forward(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=-1, keepdims=True)
    var = x.var(axis=-1, keepdims=True)
    return gamma * (x - mu) / np.sqrt(var + eps) + beta


# %% layer_norm_forward: two_axes_only
# Wrong: the axis is written as 1, so three axes are normalised along the middle one and a single row fails.
def layer_norm_forward(x, gamma, beta, eps=1e-5):
    mean_of_rows = np.mean(x, axis=1, keepdims=True)
    var_of_rows = np.var(x, axis=1, keepdims=True)
    std_of_rows = np.sqrt(var_of_rows + eps)
    x_hat = (x - mean_of_rows) / std_of_rows
    y = x_hat * gamma + beta
    return y, (x_hat, gamma, std_of_rows)


# %% layer_norm_forward: single_precision
# Wrong: computes in float32 and returns float32.
def layer_norm_forward(x, gamma, beta, eps=1e-5):
    h = x.astype(np.float32)
    mu = h.mean(axis=-1, keepdims=True)
    std = np.sqrt(h.var(axis=-1, keepdims=True) + np.float32(eps))
    x_hat = (h - mu) / std
    y = gamma.astype(np.float32) * x_hat + beta.astype(np.float32)
    return y, (x_hat, gamma, std)


# %% layer_norm_forward: d_minus_one_and_eps_outside
# Wrong: two slips, the variance divides by D - 1 and eps stands outside the root.
def layer_norm_forward(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=-1, keepdims=True)
    std = x.std(axis=-1, keepdims=True, ddof=1) + eps
    x_hat = (x - mu) / std
    return x_hat * gamma + beta, (x_hat, gamma, std)


# %% layer_norm_forward: columns_and_cache_first
# Wrong: two slips, the mean runs over axis 0 (only the variance over the row), and the cache comes first.
def layer_norm_forward(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=0)
    var = x.var(axis=-1, keepdims=True)
    std = np.sqrt(var + eps)
    x_hat = (x - mu) / std
    cache = (x_hat, gamma, std)
    return cache, gamma * x_hat + beta


# %% layer_norm_forward: between_zero_and_one
# Wrong: takes normalising for min-max scaling of each row.
def layer_norm_forward(x, gamma, beta, eps=1e-5):
    lo = x.min(axis=-1, keepdims=True)
    hi = x.max(axis=-1, keepdims=True)
    x_hat = (x - lo) / (hi - lo + eps)
    return gamma * x_hat + beta, (x_hat, gamma, hi - lo + eps)


# %% layer_norm_forward: absolute_deviation
# Wrong: takes the mean absolute deviation for the standard deviation.
def layer_norm_forward(x, gamma, beta, eps=1e-5):
    d = x - x.mean(axis=-1, keepdims=True)
    spread = np.abs(d).mean(axis=-1, keepdims=True) + eps
    return gamma * (d / spread) + beta, (d / spread, gamma, spread)


# %% layer_norm_forward: stops_at_x_hat
# Wrong: unfinished, formula (4) is missing and x_hat itself is returned as y.
def layer_norm_forward(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=-1, keepdims=True)
    var = ((x - mu) ** 2).mean(axis=-1, keepdims=True)
    std = np.sqrt(var + eps)
    x_hat = (x - mu) / std
    # TODO gamma, beta
    y = x_hat.copy()
    return y, (x_hat, gamma, std)


# %% layer_norm_forward: forgot_keepdims
# Wrong: no keepdims, so two or more axes raise (or line up wrongly where the array is square).
def layer_norm_forward(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=-1)
    var = x.var(axis=-1)
    std = np.sqrt(var + eps)
    x_hat = (x - mu) / std
    return gamma * x_hat + beta, (x_hat, gamma, std)


# %% layer_norm_forward: products_with_ones
# Right: sums are products with a column of ones and einsums, the cache has the usual form.
def layer_norm_forward(x, gamma, beta, eps=1e-5):
    D = x.shape[-1]
    deviation = x - x @ np.ones((D, 1)) / D if x.ndim > 1 else x - x.sum() / D
    power = np.einsum("...j,...j->...", deviation, deviation)[..., np.newaxis] / D
    std = np.sqrt(power + eps)
    x_hat = deviation / std
    return np.add(np.multiply(x_hat, gamma), beta), (x_hat, gamma, std)


# %% layer_norm_forward: row_by_row
# Right: a Python loop over the rows of the flattened array.
def layer_norm_forward(x, gamma, beta, eps=1e-5):
    rows = x.reshape(-1, x.shape[-1])
    hats, stds = [], []
    for row in rows:
        mu = sum(row) / len(row)
        var = sum((a - mu) ** 2 for a in row) / len(row)
        std = (var + eps) ** 0.5
        stds.append(std)
        hats.append([(a - mu) / std for a in row])
    x_hat = np.array(hats).reshape(x.shape)
    std = np.array(stds).reshape(x.shape[:-1] + (1,))
    return x_hat * gamma + beta, (x_hat, gamma, std)


# %% rms_norm: still_centres
# Wrong: subtracts the mean from the numerator, as layer norm does.
def rms_norm(x, gamma, eps=1e-6):
    ms = np.mean(x ** 2, axis=-1, keepdims=True)
    return gamma * (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(ms + eps)


# %% rms_norm: takes_variance_literally
# Wrong: divides by the root of the variance, not of the mean square.
def rms_norm(x, gamma, eps=1e-6):
    variance = x.var(axis=-1, keepdims=True)
    return gamma * x / np.sqrt(variance + eps)


# %% rms_norm: mean_square_without_root
# Wrong: divides by the mean square, the root is missing.
def rms_norm(x, gamma, eps=1e-6):
    mean_square = (x * x).sum(axis=-1, keepdims=True) / x.shape[-1]
    y = gamma * x / (mean_square + eps)
    return y


# %% rms_norm: eps_after_the_root
# Wrong: eps is added after the root.
def rms_norm(x, gamma, eps=1e-6):
    rms = np.sqrt((x ** 2).mean(-1, keepdims=True))
    return x / (rms + eps) * gamma


# %% rms_norm: sum_of_squares
# Wrong: the sum of the squares and not their mean, so rows get length 1.
def rms_norm(x, gamma, eps=1e-6):
    length = np.sqrt(np.sum(np.square(x), axis=-1, keepdims=True) + eps)
    return gamma * (x / length)


# %% rms_norm: layer_norms_eps
# Wrong: the default eps is layer norm's 1e-5.
def rms_norm(x, gamma, eps=1e-5):
    rms = np.sqrt(np.mean(np.square(x), axis=-1, keepdims=True) + eps)
    return gamma * x / rms


# %% rms_norm: over_the_batch
# Wrong: the mean square is taken over axis 0.
def rms_norm(x, gamma, eps=1e-6):
    rms = np.sqrt((x ** 2).mean(axis=0, keepdims=True) + eps)
    return x * gamma / rms


# %% rms_norm: square_of_the_root_mean
# Wrong: squares the mean instead of averaging the squares.
def rms_norm(x, gamma, eps=1e-6):
    m = x.mean(axis=-1, keepdims=True) ** 2
    return gamma * x / np.sqrt(m + eps)


# %% rms_norm: one_plus_gamma
# Wrong: Gemma's convention, the scale is 1 + gamma.
def rms_norm(x, gamma, eps=1e-6):
    inv = 1.0 / np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + eps)
    return x * inv * (1.0 + gamma)


# %% rms_norm: llama_in_float32
# Wrong: goes through float32, as Llama's and T5's code do, and so loses digits.
def rms_norm(x, gamma, eps=1e-6):
    hidden = x.astype(np.float32)
    variance = (hidden ** 2).mean(-1, keepdims=True)
    hidden = hidden * (1 / np.sqrt(variance + np.float32(eps)))
    return (gamma * hidden).astype(np.float64)


# %% rms_norm: eps_by_precision
# Wrong: PyTorch's habit, the default eps is the precision of the type and not 1e-6.
def rms_norm(x, gamma, eps=None):
    if eps is None:
        eps = np.finfo(x.dtype).eps
    t = torch.as_tensor(x)
    out = t * torch.rsqrt(t.pow(2).mean(-1, keepdim=True) + eps)
    return out.numpy() * gamma


# %% rms_norm: normalized_shape
# Wrong: the mean square runs over every axis but the first.
def rms_norm(x, gamma, eps=1e-6):
    axes = tuple(range(1, x.ndim)) or (0,)
    return gamma * x / np.sqrt(np.mean(x ** 2, axis=axes, keepdims=True) + eps)


# %% rms_norm: divides_in_place
# Wrong: x /= changes the caller's array.
def rms_norm(x, gamma, eps=1e-6):
    x /= np.sqrt((x ** 2).mean(axis=-1, keepdims=True) + eps)
    return x * gamma


# %% rms_norm: with_a_cache
# Wrong: returns a pair (y, cache) as layer norm does, not y.
def rms_norm(x, gamma, eps=1e-6):
    rms = np.sqrt((x ** 2).mean(axis=-1, keepdims=True) + eps)
    y = gamma * x / rms
    cache = (x, gamma, rms)
    return y, cache


# %% rms_norm: zeros_where_small
# Wrong: rows whose mean square is at most eps are set to 0 and the others get no eps.
def rms_norm(x, gamma, eps=1e-6):
    ms = (x ** 2).mean(axis=-1, keepdims=True)
    safe = np.where(ms > eps, ms, 1.0)
    return np.where(ms > eps, gamma * x / np.sqrt(safe), 0.0)


# %% rms_norm: row_at_a_time
# Wrong: loops over the first axis and takes the mean over all of x[i], so it fails for a single row and mixes with three axes.
def rms_norm(x, gamma, eps=1e-6):
    y = np.empty_like(x)
    for i in range(x.shape[0]):
        total = 0.0
        for value in x[i].flatten():
            total += value ** 2
        root = np.sqrt(total / len(x[i].flatten()) + eps)
        y[i, :] = gamma * x[i] / root
    return y


# %% rms_norm: std_and_eps_outside
# Wrong: two slips, the standard deviation in the place of the root mean square and eps outside the root.
def rms_norm(x, gamma, eps=1e-6):
    return gamma * x / (np.std(x, axis=-1, keepdims=True) + eps)


# %% rms_norm: d_minus_one_and_squared_eps
# Wrong: two slips, the squares are divided by D - 1, and eps is squared.
def rms_norm(x, gamma, eps=1e-6):
    d = x.shape[-1]
    ms = (x ** 2).sum(axis=-1, keepdims=True) / max(d - 1, 1)
    return gamma * x / np.sqrt(ms + eps ** 2)


# %% rms_norm: largest_entry
# Wrong: divides each row by its largest entry in size.
def rms_norm(x, gamma, eps=1e-6):
    biggest = np.abs(x).max(axis=-1, keepdims=True)
    return gamma * x / (biggest + eps)


# %% rms_norm: mean_of_sizes
# Wrong: takes the size of a row for the mean of the absolute values.
def rms_norm(x, gamma, eps=1e-6):
    size = np.mean(np.abs(x), axis=-1, keepdims=True)
    return gamma * (x / (size + eps))


# %% rms_norm: no_gamma_yet
# Wrong: unfinished, the scaling by gamma is missing.
def rms_norm(x, gamma, eps=1e-6):
    rms = np.sqrt(np.mean(x ** 2, axis=-1, keepdims=True) + eps)
    y = x / rms
    return y


# %% rms_norm: lost_axis
# Wrong: the mean square has lost its axis, two axes raise.
def rms_norm(x, gamma, eps=1e-6):
    rms = np.sqrt(np.mean(x ** 2, -1) + eps)
    return (x / rms) * gamma


# %% rms_norm: norm_over_root_d
# Right: hypot of the scaled length and of the root of eps is the same root.
def rms_norm(x, gamma, eps=1e-6):
    length = np.linalg.norm(x, axis=-1, keepdims=True) / np.sqrt(x.shape[-1])
    return x * (gamma / np.hypot(length, np.sqrt(eps)))


# %% rms_norm: einsum_and_transposes
# Right: the axis is moved to the front and the powers are written with einsum.
def rms_norm(x, gamma, eps=1e-6):
    squares = np.einsum("...i,...i->...", x, x)
    factor = (squares / len(gamma) + eps) ** -0.5
    front = np.moveaxis(x, -1, 0) * factor
    return np.array(np.moveaxis(front, 0, -1) * gamma)


# %% layer_norm_backward: batch_norm_with_another_axis
# Wrong: lesson 08's line with the axis changed, gamma stays in front of the bracket.
def layer_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    axes = tuple(range(dy.ndim - 1))
    dbeta = dy.sum(axis=axes)
    dgamma = (dy * x_hat).sum(axis=axes)
    m1 = dy.mean(axis=-1, keepdims=True)
    m2 = (dy * x_hat).mean(axis=-1, keepdims=True)
    dx = gamma / std * (dy - m1 - x_hat * m2)
    return dx, dgamma, dbeta


# %% layer_norm_backward: without_the_stretch
# Wrong: the third term, for the standard deviation, is missing.
def layer_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    g = dy * gamma
    dx = (g - g.mean(axis=-1, keepdims=True)) / std
    D = dy.shape[-1]
    flat, flat_hat = dy.reshape(-1, D), x_hat.reshape(-1, D)
    return dx, (flat * flat_hat).sum(axis=0), flat.sum(axis=0)


# %% layer_norm_backward: without_the_mean
# Wrong: the second term, the mean of g, is missing.
def layer_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    D = dy.shape[-1]
    g = dy * gamma
    dx = (g - x_hat * np.mean(g * x_hat, axis=-1, keepdims=True)) / std
    dgamma = np.sum((dy * x_hat).reshape(-1, D), axis=0)
    dbeta = np.sum(dy.reshape(-1, D), axis=0)
    return dx, dgamma, dbeta


# %% layer_norm_backward: sums_for_means
# Wrong: the two terms in the bracket are sums over the row, not means.
def layer_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    lead = tuple(range(dy.ndim - 1))
    dxhat = gamma * dy
    dx = (dxhat - dxhat.sum(-1, keepdims=True) - x_hat * (dxhat * x_hat).sum(-1, keepdims=True)) / std
    return dx, np.sum(dy * x_hat, axis=lead), np.sum(dy, axis=lead)


# %% layer_norm_backward: plus_the_stretch
# Wrong: the sign of the third term is plus.
def layer_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    d = dy.shape[-1]
    h = dy * gamma
    dx = (h - h.mean(-1, keepdims=True) + x_hat * (h * x_hat).mean(-1, keepdims=True)) / std
    dgamma = (dy * x_hat).reshape(-1, d).sum(0)
    dbeta = dy.reshape(-1, d).sum(0)
    return dx, dgamma, dbeta


# %% layer_norm_backward: gamma_in_one_mean_only
# Wrong: gamma is inside the first two terms, but the mean with x_hat is of dy without gamma.
def layer_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    axes = tuple(range(dy.ndim - 1))
    a = gamma * dy
    first = a.mean(axis=-1, keepdims=True)
    second = (dy * x_hat).mean(axis=-1, keepdims=True)
    dx = (a - first - x_hat * second) / std
    return dx, (dy * x_hat).sum(axis=axes), dy.sum(axis=axes)


# %% layer_norm_backward: forgot_std
# Wrong: dx is not divided by std.
def layer_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    g = dy * gamma
    mean_g = np.mean(g, axis=-1, keepdims=True)
    mean_gx = np.mean(g * x_hat, axis=-1, keepdims=True)
    dx = g - mean_g - x_hat * mean_gx
    dgamma = np.einsum("...j,...j->j", dy, x_hat)
    dbeta = np.einsum("...j->j", dy) + 0.0
    return dx, dgamma, dbeta


# %% layer_norm_backward: variance_below
# Wrong: divides by std squared.
def layer_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    g = dy * gamma
    dx = (g - g.mean(-1, keepdims=True) - x_hat * (g * x_hat).mean(-1, keepdims=True)) / std ** 2
    dgamma = np.einsum("...j,...j->j", dy, x_hat)
    dbeta = np.einsum("...j->j", dy).copy()
    return dx, dgamma, dbeta


# %% layer_norm_backward: lesson_08_as_it_stands
# Wrong: batch norm's backward pass word for word, all means over axis 0.
def layer_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    dbeta = np.sum(dy, axis=0)
    dgamma = np.sum(dy * x_hat, axis=0)
    dx = gamma / std * (dy - dy.mean(axis=0) - x_hat * (dy * x_hat).mean(axis=0))
    return dx, dgamma, dbeta


# %% layer_norm_backward: averages_the_parameters
# Wrong: dgamma and dbeta are means over the rows, as from a mean loss, and not sums.
def layer_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    d = x_hat.shape[-1]
    g = dy * gamma
    dx = (g - g.mean(axis=-1, keepdims=True) - x_hat * (g * x_hat).mean(axis=-1, keepdims=True)) / std
    return dx, (dy * x_hat).reshape(-1, d).mean(axis=0), dy.reshape(-1, d).mean(axis=0)


# %% layer_norm_backward: unbiased_factor
# Wrong: divides the third term by D - 1, as if the forward pass had used the sample variance.
def layer_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    D = x_hat.shape[-1]
    g = gamma * dy
    t1 = g.sum(axis=-1, keepdims=True) / D
    t2 = (g * x_hat).sum(axis=-1, keepdims=True) / (D - 1)
    dx = (g - t1 - x_hat * t2) / std
    rest = tuple(range(x_hat.ndim - 1))
    return dx, np.sum(dy * x_hat, axis=rest), np.sum(dy, axis=rest)


# %% layer_norm_backward: constants_of_the_row
# Wrong: treats mean and standard deviation as constants (detached), dx = dy * gamma / std.
def layer_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    axes = tuple(range(dy.ndim - 1))
    return dy * gamma / std, (dy * x_hat).sum(axis=axes), dy.sum(axis=axes)


# %% layer_norm_backward: beta_before_gamma
# Wrong: returns (dx, dbeta, dgamma), the last two exchanged.
def layer_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    k = dy.ndim - 1
    db = dy.sum(axis=tuple(range(k)))
    dg = (dy * x_hat).sum(axis=tuple(range(k)))
    g = dy * gamma
    dx = (g - g.mean(-1, keepdims=True) - x_hat * (g * x_hat).mean(-1, keepdims=True)) / std
    return dx, db, dg


# %% layer_norm_backward: overwrites_dy
# Wrong: dy *= gamma changes the gradient that was handed in.
def layer_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    axes = tuple(range(dy.ndim - 1))
    dbeta = dy.sum(axis=axes)
    dgamma = (dy * x_hat).sum(axis=axes)
    dy *= gamma
    dx = dy - dy.mean(-1, keepdims=True)
    dx = dx - x_hat * (dy * x_hat).mean(-1, keepdims=True)
    return dx / std, dgamma, dbeta


# %% layer_norm_backward: first_axis_only
# Wrong: dgamma and dbeta are summed over axis 0 alone, wrong for three axes and for a single row.
def layer_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    g = dy * gamma
    dx = (g - np.mean(g, axis=-1, keepdims=True) - x_hat * np.mean(g * x_hat, axis=-1, keepdims=True)) / std
    return dx, dgamma, dbeta


# %% layer_norm_backward: eats_its_cache
# Wrong: works in place on x_hat of the cache, so a second call gives another result.
def layer_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    rows = tuple(range(dy.ndim - 1))
    dbeta, dgamma = dy.sum(axis=rows), (dy * x_hat).sum(axis=rows)
    g = dy * gamma
    c = (g * x_hat).mean(axis=-1, keepdims=True)
    x_hat *= c
    dx = (g - g.mean(axis=-1, keepdims=True) - x_hat) / std
    return dx, dgamma, dbeta


# %% layer_norm_backward: gamma_outside_and_sums
# Wrong: two slips, gamma stands in front of the bracket and dgamma lacks x_hat.
def layer_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    n = dy.shape[-1]
    dx = gamma * (dy - dy.mean(-1, keepdims=True) - x_hat * (dy * x_hat).mean(-1, keepdims=True)) / std
    dbeta = dy.reshape(-1, n).sum(0)
    dgamma = (dy * gamma).reshape(-1, n).sum(0)
    return dx, dgamma, dbeta


# %% layer_norm_backward: no_mean_and_kept_axes
# Wrong: two slips, the mean of g is not subtracted, and dgamma and dbeta keep axes of length 1.
def layer_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    axes = tuple(range(dy.ndim - 1))
    g = dy * gamma
    dx = (g - x_hat * (g * x_hat).mean(-1, keepdims=True)) / std
    return dx, (dy * x_hat).sum(axis=axes, keepdims=True), dy.sum(axis=axes, keepdims=True)


# %% layer_norm_backward: normalises_the_gradient
# Wrong: takes the way back for a layer norm of the gradient itself.
def layer_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    g = dy * gamma
    g = g - g.mean(axis=-1, keepdims=True)
    dx = g / np.sqrt((g ** 2).mean(axis=-1, keepdims=True) + 1e-5)
    axes = tuple(range(dy.ndim - 1))
    return dx, (dy * x_hat).sum(axis=axes), dy.sum(axis=axes)


# %% layer_norm_backward: undoes_the_forward
# Wrong: inverts the forward pass (times std, over gamma) instead of taking its derivative.
def layer_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    d = dy.shape[-1]
    safe = np.where(gamma == 0, 1.0, gamma)
    dx = dy / safe * std
    return dx, (dy * x_hat).reshape(-1, d).sum(axis=0), dy.reshape(-1, d).sum(axis=0)


# %% layer_norm_backward: parameters_first
# Wrong: unfinished, dgamma and dbeta are there and dx is an array of zeros.
def layer_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    axes = tuple(range(dy.ndim - 1))
    dbeta = dy.sum(axis=axes)
    dgamma = (dy * x_hat).sum(axis=axes)
    dx = np.zeros_like(dy)  # later
    return dx, dgamma, dbeta


# %% layer_norm_backward: unpacks_two_axes
# Wrong: N, D = dy.shape raises for every shape but two axes.
def layer_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    N, D = dy.shape
    dxhat = dy * gamma
    dx = (D * dxhat - dxhat.sum(1, keepdims=True) - x_hat * (dxhat * x_hat).sum(1, keepdims=True)) / (D * std)
    return dx, (dy * x_hat).sum(0), dy.sum(0)


# %% layer_norm_backward: jacobian_of_each_row
# Right: builds the Jacobian (I - 1/D - x_hat x_hat^T / D) / std of each row and multiplies by it.
def layer_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    D = gamma.size
    hats = x_hat.reshape(-1, D)
    grads = dy.reshape(-1, D)
    stds = std.reshape(-1)
    out = np.zeros((len(hats), D))
    dgamma, dbeta = np.zeros(D), np.zeros(D)
    for i, (h, g, s) in enumerate(zip(hats, grads, stds)):
        jac = (np.eye(D) - (1.0 + np.outer(h, h)) / D) / s
        out[i] = jac @ (gamma * g)
        dgamma += g * h
        dbeta += g
    return out.reshape(dy.shape), dgamma, dbeta


# %% layer_norm_backward: projection_in_one_go
# Right: the two directions are stacked and projected out with one matmul.
def layer_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    D = x_hat.shape[-1]
    pair = np.stack([np.ones_like(x_hat), x_hat], axis=-2)
    g = (dy * gamma)[..., None]
    part = np.swapaxes(pair, -1, -2) @ (pair @ g) / D
    dx = (g - part)[..., 0] / std
    totals = np.stack([dy * x_hat, dy]).reshape(2, -1, D).sum(axis=1)
    return dx, totals[0].copy(), totals[1].copy()


# %% group_norm: channels_per_group
# Wrong: takes `groups` for the number of channels in each group.
def group_norm(x, groups, gamma, beta, eps=1e-5):
    N, C = x.shape[:2]
    if groups < 1 or C % groups:
        raise ValueError("groups must divide C")
    rows = x.reshape(N, C // groups, -1)
    mu = rows.mean(axis=-1, keepdims=True)
    var = rows.var(axis=-1, keepdims=True)
    x_hat = ((rows - mu) / np.sqrt(var + eps)).reshape(x.shape)
    side = (C,) + (1,) * (x.ndim - 2)
    return x_hat * gamma.reshape(side) + beta.reshape(side)


# %% group_norm: every_other_channel
# Wrong: channels are dealt out in turn (0, G, 2G, ...), so groups are not neighbours.
def group_norm(x, groups, gamma, beta, eps=1e-5):
    C = x.shape[1]
    if groups < 1 or C % groups != 0:
        raise ValueError("groups")
    y = np.empty_like(x)
    for g in range(groups):
        part = x[:, g::groups]
        axes = tuple(range(1, part.ndim))
        mu = part.mean(axis=axes, keepdims=True)
        var = part.var(axis=axes, keepdims=True)
        y[:, g::groups] = (part - mu) / np.sqrt(var + eps)
    shape = (1, C) + (1,) * (x.ndim - 2)
    return y * gamma.reshape(shape) + beta.reshape(shape)


# %% group_norm: mixes_the_examples
# Wrong: mean and variance of a group are taken over all examples of the batch too.
def group_norm(x, groups, gamma, beta, eps=1e-5):
    n, c = x.shape[0], x.shape[1]
    if groups < 1 or c % groups:
        raise ValueError(f"{groups} does not divide {c}")
    r = x.reshape(n, groups, -1)
    mu = r.mean(axis=(0, 2), keepdims=True)
    var = r.var(axis=(0, 2), keepdims=True)
    x_hat = ((r - mu) / np.sqrt(var + eps)).reshape(n, c, -1)
    return (x_hat * gamma[:, None] + beta[:, None]).reshape(x.shape)


# %% group_norm: each_pixel_alone
# Wrong: averages over the channels of a group only, each pixel has statistics of its own.
def group_norm(x, groups, gamma, beta, eps=1e-5):
    N, C = x.shape[:2]
    if groups < 1 or C % groups:
        raise ValueError("C must be divisible by groups")
    z = x.reshape((N, groups, C // groups) + x.shape[2:])
    z = (z - z.mean(axis=2, keepdims=True)) / np.sqrt(z.var(axis=2, keepdims=True) + eps)
    z = z.reshape(x.shape)
    tail = (1,) * (x.ndim - 2)
    return z * gamma.reshape((C,) + tail) + beta.reshape((C,) + tail)


# %% group_norm: unbiased
# Wrong: ddof=1, the variance is divided by one less than the size of the group.
def group_norm(x, groups, gamma, beta, eps=1e-5):
    c = x.shape[1]
    if groups <= 0 or c % groups:
        raise ValueError
    flat = x.reshape(x.shape[0] * groups, -1)
    flat = flat - flat.mean(1, keepdims=True)
    flat = flat / np.sqrt(flat.var(1, ddof=1, keepdims=True) + eps)
    out = flat.reshape(x.shape)
    per_channel = [-1] + [1] * (x.ndim - 2)
    return out * gamma.reshape(per_channel) + beta.reshape(per_channel)


# %% group_norm: std_plus_eps
# Wrong: eps is added to the standard deviation outside the root.
def group_norm(x, groups, gamma, beta, eps=1e-5):
    N, C, *rest = x.shape
    if groups < 1 or C % groups:
        raise ValueError("bad groups")
    g = x.reshape(N, groups, -1)
    x_hat = (g - g.mean(2, keepdims=True)) / (g.std(2, keepdims=True) + eps)
    x_hat = x_hat.reshape(N, C, *rest)
    gamma = gamma.reshape(C, *[1] * len(rest))
    beta = beta.reshape(C, *[1] * len(rest))
    return gamma * x_hat + beta


# %% group_norm: variance_below_the_line
# Wrong: the root is missing, divides by the variance.
def group_norm(x, groups, gamma, beta, eps=1e-5):
    if groups < 1 or x.shape[1] % groups:
        raise ValueError("groups has to divide the channels")
    shape = (1, x.shape[1]) + (1,) * (x.ndim - 2)
    pieces = []
    for chunk in np.split(x, groups, axis=1):
        ax = tuple(range(1, x.ndim))
        m = chunk.mean(axis=ax, keepdims=True)
        v = ((chunk - m) ** 2).mean(axis=ax, keepdims=True)
        pieces.append((chunk - m) / (v + eps))
    return np.concatenate(pieces, axis=1) * gamma.reshape(shape) + beta.reshape(shape)


# %% group_norm: scale_of_the_group
# Wrong: gamma and beta of the first channel of each group are used for the whole group.
def group_norm(x, groups, gamma, beta, eps=1e-5):
    N, C = x.shape[:2]
    if groups < 1 or C % groups:
        raise ValueError("groups")
    k = C // groups
    z = x.reshape(N, groups, -1)
    z = (z - z.mean(-1, keepdims=True)) / np.sqrt(z.var(-1, keepdims=True) + eps)
    z = z * gamma[::k][None, :, None] + beta[::k][None, :, None]
    return z.reshape(x.shape)


# %% group_norm: channels_last
# Wrong: Keras' habit, the last axis is taken for the channels, which is only right where there are no pixels.
def group_norm(x, groups, gamma, beta, eps=1e-5):
    C = x.shape[-1]
    if groups < 1 or C % groups:
        raise ValueError("groups must divide the channels")
    z = x.reshape(x.shape[:-1] + (groups, C // groups))
    axes = tuple(range(1, x.ndim - 1)) + (x.ndim,)
    mu = z.mean(axis=axes, keepdims=True)
    var = z.var(axis=axes, keepdims=True)
    out = ((z - mu) / np.sqrt(var + eps)).reshape(x.shape)
    return out * gamma + beta


# %% group_norm: keras_eps
# Wrong: default eps 1e-3, as in Keras' GroupNormalization.
def group_norm(x, groups, gamma, beta, eps=1e-3):
    N, C = x.shape[:2]
    if groups < 1 or C % groups:
        raise ValueError("groups must divide C")
    rows = x.reshape(N, groups, -1)
    mu, var = rows.mean(-1, keepdims=True), rows.var(-1, keepdims=True)
    x_hat = (rows - mu) / np.sqrt(var + eps)
    scaled = x_hat.reshape(N, C, -1) * gamma.reshape(C, 1) + beta.reshape(C, 1)
    return scaled.reshape(x.shape)


# %% group_norm: torch_in_single
# Wrong: done in torch, converted to float32, which loses digits and the type.
def group_norm(x, groups, gamma, beta, eps=1e-5):
    t = torch.tensor(x, dtype=torch.float32)
    n, c = t.shape[:2]
    if groups < 1 or c % groups:
        raise ValueError("num_channels must be divisible by num_groups")
    g = t.reshape(n, groups, -1)
    g = (g - g.mean(-1, keepdim=True)) / (g.var(-1, unbiased=False, keepdim=True) + eps).sqrt()
    g = g.reshape(n, c, -1)
    g = g * torch.tensor(gamma, dtype=torch.float32)[:, None] + torch.tensor(beta, dtype=torch.float32)[:, None]
    return g.reshape(t.shape).numpy()


# %% group_norm: fits_the_groups
# Wrong: raises nothing, where groups does not divide C it takes the next smaller number that does.
def group_norm(x, groups, gamma, beta, eps=1e-5):
    N, C = x.shape[:2]
    groups = max(1, min(groups, C))
    while C % groups:
        groups -= 1
    z = x.reshape(N, groups, -1)
    z = (z - z.mean(2, keepdims=True)) / np.sqrt(z.var(2, keepdims=True) + eps)
    z = z.reshape(N, C, -1)
    return (z * gamma[None, :, None] + beta[None, :, None]).reshape(x.shape)


# %% group_norm: asserts
# Wrong: an assert stands where a ValueError was asked for.
def group_norm(x, groups, gamma, beta, eps=1e-5):
    batch, channels = x.shape[0], x.shape[1]
    assert groups > 0 and channels % groups == 0, "groups must divide channels"
    r = x.reshape(batch, groups, -1)
    r = (r - r.mean(axis=-1, keepdims=True)) / np.sqrt(r.var(axis=-1, keepdims=True) + eps)
    r = r.reshape(x.shape)
    b = (1, channels) + (1,) * (x.ndim - 2)
    return r * gamma.reshape(b) + beta.reshape(b)


# %% group_norm: through_the_view
# Wrong: reshape gives a view and -= and /= work on it, so x changes.
def group_norm(x, groups, gamma, beta, eps=1e-5):
    n, c = x.shape[:2]
    if groups < 1 or c % groups:
        raise ValueError("no")
    rows = x.reshape(n, groups, -1)
    rows -= rows.mean(axis=2, keepdims=True)
    rows /= np.sqrt((rows ** 2).mean(axis=2, keepdims=True) + eps)
    full = rows.reshape(n, c, -1)
    return (full * gamma[:, None] + beta[:, None]).reshape(x.shape)


# %% group_norm: gamma_from_the_right
# Wrong: gamma and beta are not reshaped, so they line up with the last axis (or raise) once there are pixels.
def group_norm(x, groups, gamma, beta, eps=1e-5):
    N, C = x.shape[:2]
    if groups < 1 or C % groups:
        raise ValueError("groups must divide C")
    rows = x.reshape(N, groups, -1)
    mu = rows.mean(axis=-1, keepdims=True)
    var = rows.var(axis=-1, keepdims=True)
    x_hat = ((rows - mu) / np.sqrt(var + eps)).reshape(x.shape)
    return gamma * x_hat + beta


# %% group_norm: stays_in_three_axes
# Wrong: the result has the shape (N, C, pixels) and not that of x.
def group_norm(x, groups, gamma, beta, eps=1e-5):
    N, C = x.shape[:2]
    if groups < 1 or C % groups:
        raise ValueError("groups")
    z = x.reshape(N, groups, -1)
    mean = z.mean(-1, keepdims=True)
    std = np.sqrt(z.var(-1, keepdims=True) + eps)
    z = ((z - mean) / std).reshape(N, C, -1)
    return z * gamma.reshape(1, C, 1) + beta.reshape(1, C, 1)


# %% group_norm: swapped_groups_and_no_error
# Wrong: two slips, the channels of a group are interleaved by a transposed reshape and nothing raises ValueError where groups is too large.
def group_norm(x, groups, gamma, beta, eps=1e-5):
    N, C = x.shape[:2]
    if C % groups and groups < C:
        raise ValueError("groups must divide C")
    if groups > C:
        groups = C
    z = x.reshape(N, C // groups, groups, -1)
    mu = z.mean(axis=(1, 3), keepdims=True)
    var = z.var(axis=(1, 3), keepdims=True)
    z = ((z - mu) / np.sqrt(var + eps)).reshape(N, C, -1)
    return (z * gamma[:, None] + beta[:, None]).reshape(x.shape)


# %% group_norm: unbiased_without_beta
# Wrong: two slips, the variance is the unbiased one and beta is not added.
def group_norm(x, groups, gamma, beta, eps=1e-5):
    if groups < 1 or x.shape[1] % groups:
        raise ValueError("groups must divide C")
    n, c = x.shape[:2]
    rows = x.reshape(n * groups, -1)
    count = rows.shape[1]
    mu = rows.sum(1, keepdims=True) / count
    var = ((rows - mu) ** 2).sum(1, keepdims=True) / (count - 1)
    hat = ((rows - mu) / np.sqrt(var + eps)).reshape(n, c, -1)
    return (gamma[:, None] * hat).reshape(x.shape)


# %% group_norm: instance_norm_always
# Wrong: each channel of each image is normalised by itself, whatever `groups` says.
def group_norm(x, groups, gamma, beta, eps=1e-5):
    N, C = x.shape[:2]
    if groups < 1 or C % groups:
        raise ValueError("groups must divide C")
    z = x.reshape(N, groups, C // groups, -1)
    z = (z - z.mean(axis=-1, keepdims=True)) / np.sqrt(z.var(axis=-1, keepdims=True) + eps)
    z = z.reshape(N, C, -1) * gamma[:, None] + beta[:, None]
    return z.reshape(x.shape)


# %% group_norm: layer_norm_always
# Wrong: checks groups but then normalises all channels and pixels of an example together.
def group_norm(x, groups, gamma, beta, eps=1e-5):
    C = x.shape[1]
    if groups < 1 or C % groups:
        raise ValueError("groups must divide the number of channels")
    axes = tuple(range(1, x.ndim))
    x_hat = (x - x.mean(axis=axes, keepdims=True)) / np.sqrt(x.var(axis=axes, keepdims=True) + eps)
    shape = (C,) + (1,) * (x.ndim - 2)
    return x_hat * gamma.reshape(shape) + beta.reshape(shape)


# %% group_norm: normalised_only
# Wrong: unfinished, gamma and beta are not used.
def group_norm(x, groups, gamma, beta, eps=1e-5):
    n, c = x.shape[:2]
    if groups < 1 or c % groups != 0:
        raise ValueError("groups")
    a = x.reshape(n, groups, -1)
    a = (a - a.mean(axis=2, keepdims=True)) / np.sqrt(a.var(axis=2, keepdims=True) + eps)
    return a.reshape(x.shape)


# %% group_norm: images_only
# Wrong: unpacks four axes and raises for rows without pixels or with one axis of them.
def group_norm(x, groups, gamma, beta, eps=1e-5):
    N, C, H, W = x.shape
    if groups < 1 or C % groups:
        raise ValueError("groups must divide C")
    x = x.reshape(N, groups, C // groups, H, W)
    mean = x.mean(axis=(2, 3, 4), keepdims=True)
    var = x.var(axis=(2, 3, 4), keepdims=True)
    x = ((x - mean) / np.sqrt(var + eps)).reshape(N, C, H, W)
    return x * gamma.reshape(1, C, 1, 1) + beta.reshape(1, C, 1, 1)


# %% group_norm: moments_by_reduceat
# Right: sums by np.add.reduceat over channels, statistics repeated to channels, and the axes moved so that channels are last.
def group_norm(x, groups, gamma, beta, eps=1e-5):
    channels = x.shape[1]
    if not (1 <= groups <= channels) or channels % groups:
        raise ValueError(f"{groups} groups do not divide {channels} channels")
    width = channels // groups
    starts = np.arange(0, channels, width)
    flat = x.reshape(len(x), channels, -1)
    entries = width * flat.shape[2]
    means = np.repeat(np.add.reduceat(flat.sum(axis=2), starts, axis=1) / entries, width, axis=1)
    centred = flat - means[:, :, None]
    power = np.add.reduceat((centred ** 2).sum(axis=2), starts, axis=1) / entries
    last = np.swapaxes(centred, 1, 2) * (gamma / np.sqrt(np.repeat(power, width, axis=1) + eps))[:, None, :] + beta
    return np.swapaxes(last, 1, 2).reshape(x.shape).copy()


# %% group_norm: one_group_of_one_example
# Right: plain loops over examples and groups, with a slice of channels each.
def group_norm(x, groups, gamma, beta, eps=1e-5):
    C = x.shape[1]
    if groups not in [g for g in range(1, C + 1) if C % g == 0]:
        raise ValueError("groups must divide C")
    width = C // groups
    y = np.zeros(x.shape)
    for n in range(x.shape[0]):
        for g in range(groups):
            start = g * width
            members = x[n, start:start + width]
            mu = members.sum() / members.size
            var = ((members - mu) ** 2).sum() / members.size
            for c in range(start, start + width):
                y[n, c] = gamma[c] * (x[n, c] - mu) / np.sqrt(var + eps) + beta[c]
    return y


# %% SpectralNorm: v_before_u
# Wrong: the order of Miyato's algorithm and of PyTorch, v is updated from the old u before u.
class SpectralNorm:
    def __init__(self, u, v, n_iterations=1):
        if n_iterations < 1:
            raise ValueError("n_iterations")
        self.u, self.v = np.array(u, dtype=float), np.array(v, dtype=float)
        self.n_iterations = n_iterations
        self.training = True

    def __call__(self, W):
        M = W.reshape(W.shape[0], -1)
        if self.training:
            for _ in range(self.n_iterations):
                self.v = M.T @ self.u
                self.v = self.v / np.linalg.norm(self.v)
                self.u = M @ self.v
                self.u = self.u / np.linalg.norm(self.u)
        return W / (self.u @ M @ self.v)

    def train(self):
        self.training = True

    def eval(self):
        self.training = False


# %% SpectralNorm: both_from_the_old
# Wrong: v is computed from the old u, both vectors move at the same time.
class SpectralNorm:
    def __init__(self, u, v, n_iterations=1):
        if n_iterations < 1:
            raise ValueError("at least one iteration")
        self.u = u.copy()
        self.v = v.copy()
        self.rounds = n_iterations
        self.is_training = True

    def __call__(self, W):
        mat = W.reshape(len(W), -1)
        if self.is_training:
            for i in range(self.rounds):
                a, b = mat @ self.v, mat.T @ self.u
                self.u, self.v = a / np.linalg.norm(a), b / np.linalg.norm(b)
        sigma = self.u.dot(mat.dot(self.v))
        return W / sigma

    def train(self):
        self.is_training = True

    def eval(self):
        self.is_training = False


# %% SpectralNorm: length_of_wv
# Wrong: sigma is the length of Wv of the last (8), from the v before (9), and not u^T W v.
class SpectralNorm:
    def __init__(self, u, v, n_iterations=1):
        if n_iterations < 1:
            raise ValueError("n_iterations must be 1 or more")
        self.u = np.array(u)
        self.v = np.array(v)
        self.n_iterations = n_iterations
        self.mode = "train"

    def __call__(self, W):
        A = W.reshape(W.shape[0], -1)
        if self.mode == "train":
            for _ in range(self.n_iterations):
                wv = A @ self.v
                sigma = np.sqrt((wv ** 2).sum())
                self.u = wv / sigma
                wu = A.T @ self.u
                self.v = wu / np.sqrt((wu ** 2).sum())
        else:
            sigma = self.u @ A @ self.v
        return W / sigma

    def train(self):
        self.mode = "train"

    def eval(self):
        self.mode = "eval"


# %% SpectralNorm: squared_lengths
# Wrong: divides by the squared length, so u and v are not of length 1.
class SpectralNorm:
    def __init__(self, u, v, n_iterations=1):
        if n_iterations < 1:
            raise ValueError
        self.u, self.v, self.n = u.copy(), v.copy(), n_iterations
        self.training = True

    def __call__(self, W):
        W2 = W.reshape(W.shape[0], -1)
        for _ in range(self.n if self.training else 0):
            t = W2 @ self.v
            self.u = t / (t @ t)
            t = W2.T @ self.u
            self.v = t / (t @ t)
        return W / (self.u @ W2 @ self.v)

    def train(self):
        self.training = True

    def eval(self):
        self.training = False


# %% SpectralNorm: one_round_always
# Wrong: n_iterations is checked and stored, but every call makes one round.
class SpectralNorm:
    def __init__(self, u, v, n_iterations=1):
        if n_iterations < 1:
            raise ValueError("n_iterations must be positive")
        self.u = np.copy(u)
        self.v = np.copy(v)
        self.n_iterations = n_iterations
        self.training = True

    def _update(self, M):
        u = M @ self.v
        self.u = u / np.linalg.norm(u)
        v = M.T @ self.u
        self.v = v / np.linalg.norm(v)

    def __call__(self, W):
        M = W.reshape(W.shape[0], -1)
        if self.training:
            self._update(M)
        return W / (self.u @ M @ self.v)

    def train(self):
        self.training = True

    def eval(self):
        self.training = False


# %% SpectralNorm: estimate_before_the_rounds
# Wrong: in training sigma is computed with the u and v from before the rounds, which only count for the next call.
class SpectralNorm:
    def __init__(self, u, v, n_iterations=1):
        if n_iterations < 1:
            raise ValueError("n_iterations below 1")
        self.u, self.v = np.array(u, float), np.array(v, float)
        self.n_iterations = n_iterations
        self.training = True

    def __call__(self, W):
        M = W.reshape(W.shape[0], -1)
        sigma = self.u @ M @ self.v
        if self.training:
            for _ in range(self.n_iterations):
                self.u = M @ self.v / np.linalg.norm(M @ self.v)
                self.v = M.T @ self.u / np.linalg.norm(M.T @ self.u)
        return W / sigma

    def train(self):
        self.training = True

    def eval(self):
        self.training = False


# %% SpectralNorm: zero_rounds_allowed
# Wrong: raises ValueError only for a negative n_iterations, 0 is let through.
class SpectralNorm:
    def __init__(self, u, v, n_iterations=1):
        if n_iterations < 0:
            raise ValueError("n_iterations must not be negative")
        self.u = u.copy()
        self.v = v.copy()
        self.k = n_iterations
        self.training = True

    def __call__(self, W):
        M = W.reshape(W.shape[0], -1)
        if self.training:
            for _ in range(self.k):
                self.u = M @ self.v
                self.u /= np.linalg.norm(self.u)
                self.v = M.T @ self.u
                self.v /= np.linalg.norm(self.v)
        return W / (self.u @ M @ self.v)

    def train(self):
        self.training = True

    def eval(self):
        self.training = False


# %% SpectralNorm: moves_in_evaluation
# Wrong: eval() sets a flag that nobody reads, the iteration goes on in evaluation.
class SpectralNorm:
    def __init__(self, u, v, n_iterations=1):
        if n_iterations < 1:
            raise ValueError("n_iterations must be at least 1")
        self.u, self.v = u.copy(), v.copy()
        self.n_iterations = n_iterations
        self.train()

    def __call__(self, W):
        flat = W.reshape(W.shape[0], -1)
        for _ in range(self.n_iterations):
            self.u = self._unit(flat @ self.v)
            self.v = self._unit(flat.T @ self.u)
        sigma = float(self.u @ flat @ self.v)
        return W / sigma

    @staticmethod
    def _unit(a):
        return a / np.sqrt(a @ a)

    def train(self):
        self.training = True

    def eval(self):
        self.training = False


# %% SpectralNorm: remembers_sigma
# Wrong: in evaluation the sigma of the last training call is used, and not (10) with the W of this call.
class SpectralNorm:
    def __init__(self, u, v, n_iterations=1):
        if n_iterations < 1:
            raise ValueError("n_iterations")
        self.u, self.v = np.array(u), np.array(v)
        self.n_iterations = n_iterations
        self.training = True
        self.sigma = None

    def __call__(self, W):
        M = W.reshape(W.shape[0], -1)
        if self.training:
            for _ in range(self.n_iterations):
                u = M @ self.v
                self.u = u / np.linalg.norm(u)
                v = M.T @ self.u
                self.v = v / np.linalg.norm(v)
            self.sigma = self.u @ M @ self.v
        elif self.sigma is None:
            self.sigma = self.u @ M @ self.v
        return W / self.sigma

    def train(self):
        self.training = True

    def eval(self):
        self.training = False


# %% SpectralNorm: channels_last_columns
# Wrong: Keras' habit, a convolution's input channels are moved last before flattening, so the columns are in another order.
class SpectralNorm:
    def __init__(self, u, v, n_iterations=1):
        if n_iterations < 1:
            raise ValueError("n_iterations must be >= 1")
        self.u = np.asarray(u).copy()
        self.v = np.asarray(v).copy()
        self.iterations = n_iterations
        self.training = True

    def __call__(self, W):
        if W.ndim > 2:
            M = np.moveaxis(W, 1, -1).reshape(W.shape[0], -1)
        else:
            M = W
        if self.training:
            for _ in range(self.iterations):
                self.u = M @ self.v
                self.u = self.u / np.linalg.norm(self.u)
                self.v = M.T @ self.u
                self.v = self.v / np.linalg.norm(self.v)
        return W / (self.u @ M @ self.v)

    def train(self):
        self.training = True

    def eval(self):
        self.training = False


# %% SpectralNorm: only_above_one
# Wrong: as in a Lipschitz clip, W is divided only where sigma is above 1.
class SpectralNorm:
    def __init__(self, u, v, n_iterations=1):
        if n_iterations < 1:
            raise ValueError("n_iterations must be >= 1")
        self.u, self.v = u.copy(), v.copy()
        self.n_iterations = n_iterations
        self.training = True

    def __call__(self, W):
        M = W.reshape(W.shape[0], -1)
        if self.training:
            for _ in range(self.n_iterations):
                self.u = M @ self.v
                self.u /= np.linalg.norm(self.u)
                self.v = M.T @ self.u
                self.v /= np.linalg.norm(self.v)
        sigma = self.u @ M @ self.v
        return W / max(1.0, sigma)

    def train(self):
        self.training = True

    def eval(self):
        self.training = False


# %% SpectralNorm: torch_warm_up
# Wrong: as PyTorch does, the first call in training makes 15 additional rounds.
class SpectralNorm:
    def __init__(self, u, v, n_iterations=1):
        if n_iterations < 1:
            raise ValueError("Expected n_iterations to be positive")
        self.u, self.v = np.array(u), np.array(v)
        self.n_power_iterations = n_iterations
        self.training = True
        self._fresh = True

    def _power_method(self, M, rounds):
        for _ in range(rounds):
            u = M @ self.v
            self.u = u / max(np.linalg.norm(u), 1e-12)
            v = M.T @ self.u
            self.v = v / max(np.linalg.norm(v), 1e-12)

    def __call__(self, W):
        M = W.reshape(W.shape[0], -1)
        if self.training:
            if self._fresh:
                self._power_method(M, 15)
                self._fresh = False
            self._power_method(M, self.n_power_iterations)
        return W / (self.u @ M @ self.v)

    def train(self):
        self.training = True

    def eval(self):
        self.training = False


# %% SpectralNorm: callers_vectors
# Wrong: u and v are not copied and are updated in place, so the caller's arrays move.
class SpectralNorm:
    def __init__(self, u, v, n_iterations=1):
        if n_iterations < 1:
            raise ValueError("n_iterations")
        self.u = np.asarray(u)
        self.v = np.asarray(v)
        self.n_iterations = n_iterations
        self.training = True

    def __call__(self, W):
        M = W.reshape(W.shape[0], -1)
        if self.training:
            for _ in range(self.n_iterations):
                self.u[:] = M @ self.v
                self.u /= np.linalg.norm(self.u)
                self.v[:] = M.T @ self.u
                self.v /= np.linalg.norm(self.v)
        return W / (self.u @ M @ self.v)

    def train(self):
        self.training = True

    def eval(self):
        self.training = False


# %% SpectralNorm: divides_the_weight_itself
# Wrong: W /= sigma changes the weight that was handed in and returns the same object.
class SpectralNorm:
    def __init__(self, u, v, n_iterations=1):
        if n_iterations < 1:
            raise ValueError("n_iterations must be >= 1")
        self.u, self.v = u.copy(), v.copy()
        self.n_iterations = n_iterations
        self.training = True

    def __call__(self, W):
        mat = W.reshape(W.shape[0], -1)
        if self.training:
            for _ in range(self.n_iterations):
                self.u = mat @ self.v
                self.u = self.u / np.linalg.norm(self.u)
                self.v = mat.T @ self.u
                self.v = self.v / np.linalg.norm(self.v)
        W /= self.u @ mat @ self.v
        return W

    def train(self):
        self.training = True

    def eval(self):
        self.training = False


# %% SpectralNorm: flattened_result
# Wrong: returns the flattened matrix, not an array in the shape of W.
class SpectralNorm:
    def __init__(self, u, v, n_iterations=1):
        if n_iterations < 1:
            raise ValueError("n_iterations must be >= 1")
        self.u, self.v = u.copy(), v.copy()
        self.n_iterations = n_iterations
        self.training = True

    def __call__(self, W):
        W = W.reshape(W.shape[0], -1)
        if self.training:
            for _ in range(self.n_iterations):
                Wv = W @ self.v
                self.u = Wv / np.linalg.norm(Wv)
                WTu = W.T @ self.u
                self.v = WTu / np.linalg.norm(WTu)
        sigma = self.u.T @ W @ self.v
        return W / sigma

    def train(self):
        self.training = True

    def eval(self):
        self.training = False


# %% SpectralNorm: a_mode_for_all
# Wrong: the mode is kept in the class, so eval() of one instance switches all of them.
class SpectralNorm:
    training = True

    def __init__(self, u, v, n_iterations=1):
        if n_iterations < 1:
            raise ValueError("n_iterations must be >= 1")
        SpectralNorm.training = True
        self.u, self.v = u.copy(), v.copy()
        self.n_iterations = n_iterations

    def __call__(self, W):
        M = W.reshape(W.shape[0], -1)
        if SpectralNorm.training:
            for _ in range(self.n_iterations):
                self.u = M @ self.v
                self.u /= np.linalg.norm(self.u)
                self.v = M.T @ self.u
                self.v /= np.linalg.norm(self.v)
        return W / (self.u @ M @ self.v)

    def train(self):
        SpectralNorm.training = True

    def eval(self):
        SpectralNorm.training = False


# %% SpectralNorm: v_first_and_no_error
# Wrong: two slips, v is updated before u, and no n_iterations raises ValueError.
class SpectralNorm:
    def __init__(self, u, v, n_iterations=1):
        self.u, self.v, self.n, self.train_mode = np.array(u), np.array(v), n_iterations, True

    def __call__(self, W):
        m = W.reshape(W.shape[0], -1)
        if self.train_mode:
            for _ in range(self.n):
                v = self.u @ m
                self.v = v / np.linalg.norm(v)
                u = m @ self.v
                self.u = u / np.linalg.norm(u)
        return W / np.dot(self.u, np.dot(m, self.v))

    def train(self):
        self.train_mode = True

    def eval(self):
        self.train_mode = False


# %% SpectralNorm: evaluation_first_and_multiplied
# Wrong: two slips, a new instance is in evaluation mode, and W is multiplied by sigma.
class SpectralNorm:
    def __init__(self, u, v, n_iterations=1):
        if n_iterations < 1:
            raise ValueError("n_iterations must be >= 1")
        self.u, self.v = u.copy(), v.copy()
        self.n_iterations = n_iterations
        self.training = False

    def __call__(self, W):
        M = W.reshape(W.shape[0], -1)
        if self.training:
            for _ in range(self.n_iterations):
                self.u = M @ self.v
                self.u /= np.linalg.norm(self.u)
                self.v = M.T @ self.u
                self.v /= np.linalg.norm(self.v)
        return W * (self.u @ M @ self.v)

    def train(self):
        self.training = True

    def eval(self):
        self.training = False


# %% SpectralNorm: frobenius
# Wrong: divides by the root of the sum of all squares, which is not the largest singular value; u and v still move.
class SpectralNorm:
    def __init__(self, u, v, n_iterations=1):
        if n_iterations < 1:
            raise ValueError("n_iterations must be >= 1")
        self.u, self.v = u.copy(), v.copy()
        self.n_iterations = n_iterations
        self.training = True

    def __call__(self, W):
        M = W.reshape(W.shape[0], -1)
        if self.training:
            for _ in range(self.n_iterations):
                self.u = M @ self.v
                self.u /= np.linalg.norm(self.u)
                self.v = M.T @ self.u
                self.v /= np.linalg.norm(self.v)
        return W / np.linalg.norm(M)

    def train(self):
        self.training = True

    def eval(self):
        self.training = False


# %% SpectralNorm: exact_decomposition
# Wrong: takes the exact largest singular value and sets u and v to the singular vectors, no power iteration.
class SpectralNorm:
    def __init__(self, u, v, n_iterations=1):
        if n_iterations < 1:
            raise ValueError("n_iterations must be >= 1")
        self.u, self.v = u.copy(), v.copy()
        self.training = True

    def __call__(self, W):
        U, S, Vt = np.linalg.svd(W.reshape(W.shape[0], -1), full_matrices=False)
        if self.training:
            self.u, self.v = U[:, 0].copy(), Vt[0].copy()
        return W / S[0]

    def train(self):
        self.training = True

    def eval(self):
        self.training = False


# %% SpectralNorm: evaluation_left_out
# Wrong: unfinished, in evaluation W comes back as it is (a copy).
class SpectralNorm:
    def __init__(self, u, v, n_iterations=1):
        if n_iterations < 1:
            raise ValueError("n_iterations must be >= 1")
        self.u, self.v = u.copy(), v.copy()
        self.n_iterations = n_iterations
        self.training = True

    def __call__(self, W):
        if not self.training:
            return W.copy()
        M = W.reshape(W.shape[0], -1)
        for _ in range(self.n_iterations):
            self.u = M @ self.v
            self.u /= np.linalg.norm(self.u)
            self.v = M.T @ self.u
            self.v /= np.linalg.norm(self.v)
        return W / (self.u @ M @ self.v)

    def train(self):
        self.training = True

    def eval(self):
        self.training = False


# %% SpectralNorm: no_flattening
# Wrong: W is not flattened, so the weight of a convolution raises.
class SpectralNorm:
    def __init__(self, u, v, n_iterations=1):
        if n_iterations < 1:
            raise ValueError("n_iterations must be >= 1")
        self.u, self.v = u.copy(), v.copy()
        self.n_iterations = n_iterations
        self.training = True

    def __call__(self, W):
        if self.training:
            for _ in range(self.n_iterations):
                self.u = W @ self.v / np.linalg.norm(W @ self.v)
                self.v = W.T @ self.u / np.linalg.norm(W.T @ self.u)
        return W / (self.u @ W @ self.v)

    def train(self):
        self.training = True

    def eval(self):
        self.training = False


# %% SpectralNorm: rounds_as_a_number
# Right: the mode is the number of rounds, 0 in evaluation, and the products are einsums.
class SpectralNorm:
    def __init__(self, u, v, n_iterations=1):
        if n_iterations < 1:
            raise ValueError("n_iterations must be 1 or more")
        self.u, self.v = np.array(u, dtype=np.float64), np.array(v, dtype=np.float64)
        self._full = n_iterations
        self.train()

    def __call__(self, W):
        matrix = W.reshape(W.shape[0], -1)
        u, v = self.u, self.v
        for _ in range(self._rounds):
            u = np.einsum("ij,j->i", matrix, v)
            u = u / np.sqrt(np.einsum("i,i", u, u))
            v = np.einsum("ij,i->j", matrix, u)
            v = v / np.sqrt(np.einsum("i,i", v, v))
        self.u, self.v = u, v
        return W * (1.0 / np.einsum("i,ij,j", u, matrix, v))

    def train(self):
        self._rounds = self._full

    def eval(self):
        self._rounds = 0


# %% SpectralNorm: swapped_methods
# Right: train and eval choose one of two functions, in training sigma is the length of W^T u.
class SpectralNorm:
    def __init__(self, u, v, n_iterations=1):
        if not n_iterations >= 1:
            raise ValueError(n_iterations)
        self.u, self.v = u + 0.0, v + 0.0
        self.n_iterations = n_iterations
        self._sigma = self._moving

    def _moving(self, M):
        length = 1.0
        for _ in range(self.n_iterations):
            stretched = M @ self.v
            self.u = stretched / np.linalg.norm(stretched)
            back = self.u @ M
            length = np.linalg.norm(back)
            self.v = back / length
        return length

    def _still(self, M):
        return np.inner(self.u, M @ self.v)

    def __call__(self, W):
        return np.divide(W, self._sigma(W.reshape(len(W), -1)))

    def train(self):
        self._sigma = self._moving

    def eval(self):
        self._sigma = self._still
