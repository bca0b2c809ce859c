# %% batch_norm_forward: sample_variance
# Wrong: the variance is divided by N - 1 (ddof=1) and not by N.
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=0)
    var = x.var(axis=0, ddof=1)
    std = np.sqrt(var + eps)
    x_hat = (x - mu) / std
    y = gamma * x_hat + beta
    return y, (x_hat, gamma, std)


# %% batch_norm_forward: eps_after_the_root
# Wrong: eps is added to the standard deviation and stands outside the root.
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    N, C = x.shape
    mean = np.sum(x, axis=0) / N
    diff = x - mean
    variance = np.sum(diff * diff, axis=0) / N
    denom = np.sqrt(variance) + eps
    xhat = diff / denom
    out = xhat * gamma + beta
    cache = (xhat, gamma, denom)
    return out, cache


# %% batch_norm_forward: divides_by_variance
# Wrong: divides by var + eps, the root is missing.
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    mu = np.mean(x, 0)
    var = np.mean((x - mu) ** 2, 0)
    x_hat = (x - mu) / (var + eps)
    return gamma * x_hat + beta, (x_hat, gamma, var + eps)


# %% batch_norm_forward: no_eps_at_all
# Wrong: eps is forgotten, so a constant column becomes nan and all others are slightly off.
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    mu, std = x.mean(0), x.std(0)
    x_hat = (x - mu) / std
    return x_hat * gamma + beta, (x_hat, gamma, std)


# %% batch_norm_forward: scale_and_shift_swapped
# Wrong: gamma and beta have changed places: beta scales and gamma shifts.
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=0)
    centred = x - mu
    std = np.sqrt((centred**2).mean(axis=0) + eps)
    x_hat = centred / std
    y = np.multiply(beta, x_hat)
    y = np.add(y, gamma)
    return y, (x_hat, gamma, std)


# %% batch_norm_forward: shift_before_scale
# Wrong: beta is added before the multiplication by gamma.
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=0)
    var = x.var(axis=0)
    std = np.sqrt(var + eps)
    x_hat = (x - mu) / std
    y = gamma * (x_hat + beta)
    return y, (x_hat, gamma, std)


# %% batch_norm_forward: mean_of_squares_minus_square
# Wrong: the variance is the mean of x squared less mu squared, which is lost in rounding at a mean of 100 000.
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    n = len(x)
    s1 = x.sum(axis=0)
    s2 = (x * x).sum(axis=0)
    mu = s1 / n
    var = s2 / n - mu * mu
    std = np.sqrt(np.maximum(var, 0) + eps)
    x_hat = (x - mu) / std
    return gamma * x_hat + beta, (x_hat, gamma, std)


# %% batch_norm_forward: sum_of_squares_only
# Wrong: the sum of squares is not divided by N.
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    N = x.shape[0]
    mu = x.sum(axis=0) / N
    var = ((x - mu) ** 2).sum(axis=0)
    x_hat = (x - mu) / np.sqrt(var + eps)
    y = gamma * x_hat + beta
    return y, (x_hat, gamma, np.sqrt(var + eps))


# %% batch_norm_forward: keras_epsilon
# Wrong: the default of eps is Keras's 1e-3 and not 1e-5.
def batch_norm_forward(x, gamma, beta, eps=1e-3):
    mean = x.mean(axis=0, keepdims=True)
    var = ((x - mean) ** 2).mean(axis=0, keepdims=True)
    inv = 1.0 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv
    return x_hat * gamma + beta, (x_hat, gamma, (1 / inv)[0])


# %% batch_norm_forward: layer_norm_habit
# Wrong: mean and variance are taken along each row (last axis), as layer normalisation does.
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=-1, keepdims=True)
    var = x.var(axis=-1, keepdims=True)
    std = np.sqrt(var + eps)
    x_hat = (x - mu) / std
    y = gamma * x_hat + beta
    return y, (x_hat, gamma, std)


# %% batch_norm_forward: standard_scaler_habit
# Wrong: like sklearn's StandardScaler, a std of 0 is replaced by 1 and eps is used nowhere else.
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    mu = np.average(x, axis=0)
    std = np.sqrt(np.average((x - mu) ** 2, axis=0))
    std = np.where(std == 0, 1.0, std)
    x_hat = (x - mu) / std
    return gamma * x_hat + beta, (x_hat, gamma, std)


# %% batch_norm_forward: floor_instead_of_sum
# Wrong: eps is a floor for the variance, max(var, eps), and is not added.
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    mu = x.mean(0)
    d = x - mu
    v = (d**2).mean(0)
    std = np.sqrt(np.clip(v, eps, None))
    x_hat = d / std
    y = gamma * x_hat + beta
    return y, (x_hat, gamma, std)


# %% batch_norm_forward: in_place
# Wrong: the caller's x is centred and divided in place.
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=0)
    var = x.var(axis=0)
    std = np.sqrt(var + eps)
    x -= mu
    x /= std
    y = gamma * x + beta
    return y, (x, gamma, std)


# %% batch_norm_forward: cache_first
# Wrong: the two results come in the wrong order, the cache first.
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=0)
    std = np.sqrt(x.var(axis=0) + eps)
    x_hat = (x - mu) / std
    cache = (x_hat, gamma, std)
    y = gamma * x_hat + beta
    return cache, y


# %% batch_norm_forward: through_float32
# Wrong: computes with torch in float32, so the result has the wrong type and loses digits.
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    xt = torch.tensor(x, dtype=torch.float32)
    g = torch.tensor(gamma, dtype=torch.float32)
    b = torch.tensor(beta, dtype=torch.float32)
    mu = xt.mean(dim=0)
    var = ((xt - mu) ** 2).mean(dim=0)
    std = torch.sqrt(var + eps)
    x_hat = (xt - mu) / std
    y = g * x_hat + b
    return y.numpy(), (x_hat.numpy(), gamma, std.numpy())


# %% batch_norm_forward: eps_is_hard_coded
# Wrong: the argument eps is ignored, 1e-5 is written into the formula.
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    N, C = x.shape
    x_hat = np.zeros((N, C))
    std = np.zeros(C)
    for j in range(C):
        column = x[:, j]
        m = sum(column) / N
        v = sum((column - m) ** 2) / N
        std[j] = (v + 0.00001) ** 0.5
        x_hat[:, j] = (column - m) / std[j]
    return x_hat * gamma + beta, (x_hat, gamma, std)


# %% batch_norm_forward: unbiased_and_outside
# Wrong: two slips: the unbiased variance, and eps outside the root.
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    n = x.shape[0]
    mu = x.mean(axis=0)
    var = ((x - mu) ** 2).sum(axis=0) / (n - 1)
    std = var**0.5 + eps
    x_hat = (x - mu) / std
    return gamma * x_hat + beta, (x_hat, gamma, std)


# %% batch_norm_forward: whole_batch_and_no_beta
# Wrong: two slips: one mean and variance for the whole batch, and beta is not added.
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    mu = x.mean()
    var = ((x - mu) ** 2).mean()
    std = np.sqrt(var + eps)
    x_hat = (x - mu) / std
    y = x_hat * gamma
    return y, (x_hat, gamma, np.full(x.shape[1], std))


# %% batch_norm_forward: min_max
# Wrong: takes normalising for min-max scaling, each column is brought to 0 to 1 before gamma and beta.
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    lo = x.min(axis=0)
    hi = x.max(axis=0)
    x_hat = (x - lo) / (hi - lo + eps)
    y = gamma * x_hat + beta
    return y, (x_hat, gamma, hi - lo + eps)


# %% batch_norm_forward: root_mean_square
# Wrong: only scales by the root mean square; the mean is never subtracted from x.
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    std = np.sqrt(np.mean(np.square(x), axis=0) + eps)
    x_hat = x / std
    return gamma * x_hat + beta, (x_hat, gamma, std)


# %% batch_norm_forward: stops_at_x_hat
# Wrong: unfinished: formula (4) is missing, x_hat itself is returned as y.
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=0)
    var = x.var(axis=0)
    std = np.sqrt(var + eps)
    x_hat = (x - mu) / std
    # TODO gamma and beta
    return x_hat, (x_hat.copy(), gamma, std)


# %% batch_norm_forward: gamma_as_a_column
# Wrong: gamma and beta are made columns, which raises an exception unless N equals C.
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=0)
    std = np.sqrt(((x - mu) ** 2).mean(axis=0) + eps)
    x_hat = (x - mu) / std
    y = x_hat * gamma.reshape(-1, 1) + beta.reshape(-1, 1)
    if y.shape != x.shape:
        raise ValueError("shapes do not fit")
    return y, (x_hat, gamma, std)


# %% batch_norm_forward: projection_matrix
# Right: the mean is removed by a matrix (identity less 1/N), after a shift by the first row; the cache is a dict.
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    n = len(x)
    centring = np.eye(n) - np.full((n, n), 1 / n)
    residual = centring @ (x - x[0])
    std = np.hypot(np.linalg.norm(residual, axis=0) / np.sqrt(n), np.sqrt(eps))
    x_hat = residual / std
    return x_hat @ np.diag(gamma) + beta, dict(x_hat=x_hat, gamma=gamma.copy(), std=std)


# %% batch_norm_forward: einsum_over_columns
# Right: one generator over the transposed columns, stacked at the end, with an einsum for the variance.
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    def column(c):
        d = c - c.sum() / c.size
        root = (np.einsum("i,i->", d, d) / c.size + eps) ** 0.5
        return d / root, root

    hats, roots = zip(*(column(c) for c in x.T))
    x_hat, std = np.stack(hats, axis=1), np.array(roots)
    return np.einsum("nc,c->nc", x_hat, gamma) + beta, (x_hat, gamma, std)


# %% backward_by_stages: gamma_forgotten
# Wrong: stage F: dx_hat is dy itself, without the factor gamma.
def backward_by_stages(dy, centred, std, x_hat, gamma):
    N = dy.shape[0]
    dx_hat = dy.copy()
    dstd = -np.sum(dx_hat * centred, axis=0) / std**2
    dvar = dstd / (2 * std)
    dcentred = dx_hat / std + 2 * centred * dvar / N
    dmu = -dcentred.sum(axis=0)
    dx = dcentred + dmu / N
    return dx_hat, dstd, dvar, dcentred, dmu, dx


# %% backward_by_stages: plus_in_stage_e
# Wrong: stage E: the minus of the derivative of 1/std is lost, dstd has the other sign.
def backward_by_stages(dy, centred, std, x_hat, gamma):
    n = len(dy)
    dx_hat = dy * gamma
    dstd = (dx_hat * centred / std**2).sum(0)
    dvar = 0.5 * dstd / std
    dcentred = dx_hat / std + dvar * 2 * centred / n
    dmu = -dcentred.sum(0)
    return dx_hat, dstd, dvar, dcentred, dmu, dcentred + dmu / n


# %% backward_by_stages: std_not_squared
# Wrong: stage E: dstd is divided by std once and not by its square.
def backward_by_stages(dy, centred, std, x_hat, gamma):
    N, C = dy.shape
    dx_hat = gamma * dy
    dstd = -(dx_hat * centred).sum(axis=0) / std
    dvar = dstd * 0.5 / std
    dcentred = dx_hat / std
    dcentred = dcentred + centred * 2 / N * dvar
    dmu = -1.0 * dcentred.sum(axis=0)
    dx = dcentred + np.ones((N, C)) * dmu / N
    return dx_hat, dstd, dvar, dcentred, dmu, dx


# %% backward_by_stages: half_forgotten_in_d
# Wrong: stage D: dvar lacks the factor one half.
def backward_by_stages(dy, centred, std, x_hat, gamma):
    m = dy.shape[0]
    dxhat = dy * gamma
    dstd = np.sum(-dxhat * x_hat / std, axis=0)
    dvar = dstd / std
    dcentred = dxhat / std + (2.0 / m) * centred * dvar
    dmu = -np.sum(dcentred, axis=0)
    dx = dcentred + dmu / m
    return dxhat, dstd, dvar, dcentred, dmu, dx


# %% backward_by_stages: two_forgotten_in_c
# Wrong: stage C: the derivative of the square lacks its 2.
def backward_by_stages(dy, centred, std, x_hat, gamma):
    N = dy.shape[0]
    dx_hat = dy * gamma
    dstd = -(dx_hat * centred).sum(axis=0) / (std * std)
    dvar = dstd / std / 2
    # two paths
    from_e = dx_hat / std
    from_c = centred * dvar / N
    dcentred = from_e + from_c
    dmu = -dcentred.sum(axis=0)
    dx = dcentred + dmu / N
    return dx_hat, dstd, dvar, dcentred, dmu, dx


# %% backward_by_stages: one_over_n_forgotten_in_c
# Wrong: stage C: the mean of the squares is treated as a sum, 1/N is missing in dcentred.
def backward_by_stages(dy, centred, std, x_hat, gamma):
    dx_hat = dy * gamma
    dstd = -(dx_hat * centred).sum(0) / std**2
    dvar = dstd / (2 * std)
    dcentred = dx_hat / std + 2 * centred * dvar
    dmu = -dcentred.sum(0)
    dx = dcentred + dmu / dy.shape[0]
    return dx_hat, dstd, dvar, dcentred, dmu, dx


# %% backward_by_stages: mu_without_minus
# Wrong: stage B: dmu is the plus sum of dcentred, its minus is missing.
def backward_by_stages(dy, centred, std, x_hat, gamma):
    N = len(centred)
    F = dy * gamma
    E = -(F * centred).sum(axis=0) * std**-2
    D = E * 0.5 * std**-1
    C = F / std + centred * D * 2 / N
    B = C.sum(axis=0)
    A = C + B / N
    return F, E, D, C, B, A


# %% backward_by_stages: mu_whole_to_every_row
# Wrong: stage A: every row gets the whole of dmu and not one N-th of it.
def backward_by_stages(dy, centred, std, x_hat, gamma):
    N = dy.shape[0]
    dx_hat = dy * gamma
    dstd = -(dx_hat * x_hat).sum(axis=0) / std
    dvar = dstd / (2 * std)
    dcentred = dx_hat / std + 2 / N * centred * dvar
    dmu = -dcentred.sum(axis=0)
    dx = dcentred + dmu
    return dx_hat, dstd, dvar, dcentred, dmu, dx


# %% backward_by_stages: mean_for_dstd
# Wrong: stage E: dstd is the mean over the rows and not their sum.
def backward_by_stages(dy, centred, std, x_hat, gamma):
    N = dy.shape[0]
    dx_hat = dy * gamma
    dstd = np.mean(-dx_hat * centred / std**2, axis=0)
    dvar = dstd / (2 * std)
    dcentred = dx_hat / std + 2 * centred * dvar / N
    dmu = -np.sum(dcentred, axis=0)
    dx = dcentred + dmu / N
    return dx_hat, dstd, dvar, dcentred, dmu, dx


# %% backward_by_stages: sample_variance_habit
# Wrong: stage C is differentiated as if the variance had been divided by N - 1.
def backward_by_stages(dy, centred, std, x_hat, gamma):
    N = dy.shape[0]
    dx_hat = dy * gamma
    dstd = -(dx_hat * centred).sum(axis=0) / np.square(std)
    dvar = 0.5 * dstd / std
    dcentred = dx_hat / std + dvar * 2.0 * centred / (N - 1)
    dmu = -dcentred.sum(axis=0)
    dx = dcentred + dmu / N
    return dx_hat, dstd, dvar, dcentred, dmu, dx


# %% backward_by_stages: inverse_std_habit
# Wrong: like other notes it differentiates 1/std as its own stage and hands back that gradient as dstd.
def backward_by_stages(dy, centred, std, x_hat, gamma):
    N, _ = dy.shape
    ivar = 1.0 / std
    dxhat = dy * gamma
    divar = np.sum(dxhat * centred, axis=0)
    dxmu1 = dxhat * ivar
    dsqrtvar = -1.0 / (std**2) * divar
    dvar = 0.5 * 1.0 / std * dsqrtvar
    dsq = 1.0 / N * np.ones(dy.shape) * dvar
    dxmu2 = 2 * centred * dsq
    dx1 = dxmu1 + dxmu2
    dmu = -1 * np.sum(dx1, axis=0)
    dx2 = 1.0 / N * np.ones(dy.shape) * dmu
    return dxhat, divar, dvar, dx1, dmu, dx1 + dx2


# %% backward_by_stages: with_autograd
# Wrong: lets torch differentiate, which raises where autograd is switched off.
def backward_by_stages(dy, centred, std, x_hat, gamma):
    mu = torch.zeros(dy.shape[1], dtype=torch.float64, requires_grad=True)
    x = torch.tensor(centred, requires_grad=True)
    c = x - mu
    c.retain_grad()
    eps = torch.tensor(std**2 - (centred**2).mean(axis=0))
    var = (c**2).mean(dim=0)
    var.retain_grad()
    s = torch.sqrt(var + eps)
    s.retain_grad()
    h = c / s
    h.retain_grad()
    (torch.tensor(gamma) * h).backward(torch.tensor(dy))
    dx = x.grad + mu.grad / len(dy)
    return tuple(t.numpy() for t in (h.grad, s.grad, var.grad, c.grad, mu.grad, dx))


# %% backward_by_stages: forward_order
# Wrong: the six gradients are right and are returned in the order of the forward pass, dx first.
def backward_by_stages(dy, centred, std, x_hat, gamma):
    N = dy.shape[0]
    dx_hat = dy * gamma
    dstd = -(dx_hat * centred).sum(axis=0) / std**2
    dvar = dstd / (2 * std)
    dcentred = dx_hat / std + 2 * centred * dvar / N
    dmu = -dcentred.sum(axis=0)
    dx = dcentred + dmu / N
    return dx, dmu, dcentred, dvar, dstd, dx_hat


# %% backward_by_stages: overwrites_dy
# Wrong: dy is multiplied by gamma in place, so the caller's array changes.
def backward_by_stages(dy, centred, std, x_hat, gamma):
    n = dy.shape[0]
    dy *= gamma
    dstd = -(dy * x_hat).sum(axis=0) / std
    dvar = dstd / (2 * std)
    dcentred = dy / std + 2 * centred * dvar / n
    dmu = -dcentred.sum(axis=0)
    dx = dcentred + dmu / n
    return dy.copy(), dstd, dvar, dcentred, dmu, dx


# %% backward_by_stages: dcentred_becomes_dx
# Wrong: dmu is added to dcentred in place, so dcentred and dx are the same array with dx's numbers.
def backward_by_stages(dy, centred, std, x_hat, gamma):
    N = dy.shape[0]
    dx_hat = dy * gamma
    dstd = -(dx_hat * centred).sum(axis=0) / std**2
    dvar = dstd / (2 * std)
    dcentred = dx_hat / std
    dcentred += 2 * centred * dvar / N
    dmu = -dcentred.sum(axis=0)
    dx = dcentred
    dx += dmu / N
    return dx_hat, dstd, dvar, dcentred, dmu, dx


# %% backward_by_stages: keeps_the_axis
# Wrong: dstd, dvar and dmu have the shape (1, C) and not (C,).
def backward_by_stages(dy, centred, std, x_hat, gamma):
    N = dy.shape[0]
    dx_hat = dy * gamma
    dstd = -np.sum(dx_hat * centred, axis=0, keepdims=True) / std**2
    dvar = dstd / (2 * std)
    dcentred = dx_hat / std + 2 * centred * dvar / N
    dmu = -np.sum(dcentred, axis=0, keepdims=True)
    dx = dcentred + dmu / N
    return dx_hat, dstd, dvar, dcentred, dmu, dx


# %% backward_by_stages: no_root_and_columns_for_n
# Wrong: two slips: dvar is multiplied by 2 std instead of divided, and N is taken from the columns.
def backward_by_stages(dy, centred, std, x_hat, gamma):
    N = dy.shape[1]
    dx_hat = dy * gamma
    dstd = -(dx_hat * centred).sum(axis=0) / std**2
    dvar = dstd * 2 * std
    dcentred = dx_hat / std + 2 * centred * dvar / N
    dmu = -dcentred.sum(axis=0)
    dx = dcentred + dmu / N
    return dx_hat, dstd, dvar, dcentred, dmu, dx


# %% backward_by_stages: x_hat_for_centred_and_no_mean_path
# Wrong: two slips: stages E and C take x_hat where centred belongs, and dx lacks the path through mu.
def backward_by_stages(dy, centred, std, x_hat, gamma):
    n = dy.shape[0]
    dx_hat = dy * gamma
    dstd = -(dx_hat * x_hat).sum(axis=0) / std**2
    dvar = dstd / (2 * std)
    dcentred = dx_hat / std + 2 * x_hat * dvar / n
    dmu = -dcentred.sum(axis=0)
    dx = dcentred.copy()
    return dx_hat, dstd, dvar, dcentred, dmu, dx


# %% backward_by_stages: statistics_are_constants
# Wrong: takes mean and variance for constants: nothing flows back through std, var and mu.
def backward_by_stages(dy, centred, std, x_hat, gamma):
    C = dy.shape[1]
    dx_hat = dy * gamma
    dcentred = dx_hat / std
    dx = dcentred * 1.0
    return dx_hat, np.zeros(C), np.zeros(C), dcentred, np.zeros(C), dx


# %% backward_by_stages: undoes_the_stages
# Wrong: takes the way back for the inverse of each stage: divides by gamma and multiplies by std.
def backward_by_stages(dy, centred, std, x_hat, gamma):
    N = dy.shape[0]
    dx_hat = dy / gamma
    dcentred = dx_hat * std
    dstd = (dx_hat * centred).sum(axis=0)
    dvar = dstd**2
    dmu = dcentred.mean(axis=0)
    dx = dcentred + dmu
    return dx_hat, dstd, dvar, dcentred, dmu, dx


# %% backward_by_stages: only_down_to_dvar
# Wrong: unfinished: dcentred has only the path from E, and dmu and dx are left at zero.
def backward_by_stages(dy, centred, std, x_hat, gamma):
    dx_hat = dy * gamma
    dstd = -(dx_hat * centred).sum(axis=0) / std**2
    dvar = dstd / (2 * std)
    dcentred = dx_hat / std  # and the one from var?
    dmu = np.zeros_like(std)
    dx = np.zeros_like(dy)
    return dx_hat, dstd, dvar, dcentred, dmu, dx


# %% backward_by_stages: row_by_row_shapes
# Wrong: raises: std is made a column and divides the (N, C) array, which does not fit unless N equals C.
def backward_by_stages(dy, centred, std, x_hat, gamma):
    N, C = dy.shape
    s = std.reshape(C, 1)
    dx_hat = dy * gamma
    dstd = -((dx_hat * centred) / s**2).sum(axis=0)
    dvar = dstd / (2 * std)
    dcentred = dx_hat / s + 2 * centred * dvar / N
    dmu = -dcentred.sum(axis=0)
    dx = dcentred + dmu / N
    return dx_hat, dstd, dvar, dcentred, dmu, dx


# %% backward_by_stages: every_number_in_loops
# Right: plain loops over columns and rows, every element by itself, all arrays filled with zeros first.
def backward_by_stages(dy, centred, std, x_hat, gamma):
    rows, cols = dy.shape
    dx_hat, dcentred, dx = (np.zeros((rows, cols)) for _ in range(3))
    dstd, dvar, dmu = (np.zeros(cols) for _ in range(3))
    for j in range(cols):
        for i in range(rows):
            dx_hat[i, j] = dy[i, j] * gamma[j]
            dstd[j] -= dx_hat[i, j] * x_hat[i, j] / std[j]
        dvar[j] = dstd[j] / std[j] / 2
        for i in range(rows):
            dcentred[i, j] = dx_hat[i, j] / std[j] + dvar[j] / rows * 2 * centred[i, j]
            dmu[j] -= dcentred[i, j]
        for i in range(rows):
            dx[i, j] = dcentred[i, j] + dmu[j] / rows
    return dx_hat, dstd, dvar, dcentred, dmu, dx


# %% backward_by_stages: jacobian_matrices
# Right: einsums and a centring matrix; dx is the centring matrix times dcentred.
def backward_by_stages(dy, centred, std, x_hat, gamma):
    n = len(dy)
    dx_hat = np.einsum("nc,c->nc", dy, gamma)
    dstd = -np.einsum("nc,nc,c,c->c", dx_hat, centred, 1 / std, 1 / std)
    dvar = dstd / np.sqrt(4 * std**2)
    dcentred = np.divide(dx_hat, std) + np.einsum("nc,c->nc", centred, dvar) / (n / 2)
    dmu = -(np.ones(n) @ dcentred)
    dx = (np.eye(n) - np.ones((n, n)) / n) @ dcentred
    return dx_hat, dstd, dvar, dcentred, dmu, dx


# %% batch_norm_backward: gamma_and_beta_swapped
# Wrong: returns (dx, dbeta, dgamma): the last two are in the wrong order.
def batch_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx_hat = dy * gamma
    dx = (dx_hat - dx_hat.mean(axis=0) - x_hat * (dx_hat * x_hat).mean(axis=0)) / std
    return dx, dbeta, dgamma


# %% batch_norm_backward: dgamma_from_dx_hat
# Wrong: dgamma is made of dx_hat, so it has a factor gamma too many.
def batch_norm_backward(dy, cache):
    xh, g, s = cache
    dxh = dy * g
    dgamma = np.sum(dxh * xh, axis=0)
    dbeta = np.sum(dy, axis=0)
    dx = (dxh - np.mean(dxh, axis=0) - xh * np.mean(dxh * xh, axis=0)) / s
    return dx, dgamma, dbeta


# %% batch_norm_backward: means_for_sums
# Wrong: dgamma and dbeta are means over the rows and not sums.
def batch_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    dgamma = (dy * x_hat).mean(axis=0)
    dbeta = dy.mean(axis=0)
    dx = gamma / std * (dy - dbeta - x_hat * dgamma)
    return dx, dgamma, dbeta


# %% batch_norm_backward: mean_not_removed
# Wrong: the mean of dx_hat is not taken off in (7).
def batch_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    dbeta = dy.sum(axis=0)
    dgamma = np.einsum("ij,ij->j", dy, x_hat)
    dx_hat = dy * gamma
    along = np.einsum("ij,ij->j", dx_hat, x_hat) / len(dy)
    dx = (dx_hat - x_hat * along) / std
    return dx, dgamma, dbeta


# %% batch_norm_backward: no_part_along_x_hat
# Wrong: the last term of (7), what points along x_hat, is missing.
def batch_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    dgamma = np.sum(dy * x_hat, axis=0)
    dbeta = np.sum(dy, axis=0)
    dx_hat = dy * gamma
    dx = (dx_hat - dx_hat.mean(axis=0)) / std
    return dx, dgamma, dbeta


# %% batch_norm_backward: adds_the_last_term
# Wrong: the last term of (7) has a plus.
def batch_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    N = dy.shape[0]
    dx_hat = gamma * dy
    a = dx_hat.sum(axis=0) / N
    b = (dx_hat * x_hat).sum(axis=0) / N
    dx = 1 / std * (dx_hat - a + x_hat * b)
    return dx, (dy * x_hat).sum(axis=0), dy.sum(axis=0)


# %% batch_norm_backward: gamma_only_in_the_first_term
# Wrong: puts dbeta and dgamma into (7), so two of its three terms lack the factor gamma.
def batch_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    m = len(x_hat)
    dbeta = dy.sum(0)
    dgamma = (dy * x_hat).sum(0)
    dx = (dy * gamma - dbeta / m - x_hat * dgamma / m) / std
    return dx, dgamma, dbeta


# %% batch_norm_backward: divides_by_the_variance
# Wrong: (7) is divided by std squared and not by std.
def batch_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    mean = lambda a: a.mean(axis=0)  # noqa: E731
    dx_hat = dy * gamma
    dx = (dx_hat - mean(dx_hat) - x_hat * mean(dx_hat * x_hat)) / std**2
    dgamma = (dy * x_hat).sum(axis=0)
    dbeta = dy.sum(axis=0)
    return dx, dgamma, dbeta


# %% batch_norm_backward: times_inverse_that_is_none
# Wrong: takes the cached std for 1/std, as other notes keep it, and multiplies by it.
def batch_norm_backward(dy, cache):
    x_hat, gamma, inv_std = cache
    N = dy.shape[0]
    dgamma = np.sum(dy * x_hat, axis=0)
    dbeta = np.sum(dy, axis=0)
    dx = (gamma * inv_std / N) * (N * dy - dbeta - x_hat * dgamma)
    return dx, dgamma, dbeta


# %% batch_norm_backward: std_taken_for_the_variance
# Wrong: takes the cached std for the variance and divides by the root of std + eps.
def batch_norm_backward(dy, cache, eps=1e-5):
    x_hat, gamma, var = cache
    root = np.sqrt(var + eps)
    dx_hat = dy * gamma
    dx = (dx_hat - dx_hat.mean(axis=0) - x_hat * (dx_hat * x_hat).mean(axis=0)) / root
    dgamma = (dy * x_hat).sum(axis=0)
    dbeta = dy.sum(axis=0)
    return dx, dgamma, dbeta


# %% batch_norm_backward: layer_norm_axis
# Wrong: the two means in (7) run along each row, as in layer normalisation.
def batch_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    dx_hat = dy * gamma
    m1 = dx_hat.mean(axis=1, keepdims=True)
    m2 = (dx_hat * x_hat).mean(axis=1, keepdims=True)
    dx = (dx_hat - m1 - x_hat * m2) / std
    return dx, (dy * x_hat).sum(axis=0), dy.sum(axis=0)


# %% batch_norm_backward: a_mean_loss_again
# Wrong: the gradients of the parameters and dx are divided by N once more, as if dy were not a mean's yet.
def batch_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    N = dy.shape[0]
    dy = dy / N
    dx_hat = dy * gamma
    dgamma = (dy * x_hat).sum(axis=0)
    dbeta = dy.sum(axis=0)
    dx = (dx_hat - dx_hat.mean(axis=0) - x_hat * (dx_hat * x_hat).mean(axis=0)) / std
    return dx, dgamma, dbeta


# %% batch_norm_backward: dictionary_of_gradients
# Wrong: returns a dict of the three gradients and no tuple, as another course does.
def batch_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    dx_hat = dy * gamma
    grads = {}
    grads["dx"] = (dx_hat - dx_hat.mean(0) - x_hat * (dx_hat * x_hat).mean(0)) / std
    grads["dgamma"] = (dy * x_hat).sum(0)
    grads["dbeta"] = dy.sum(0)
    return grads


# %% batch_norm_backward: dy_in_place
# Wrong: dy is multiplied by gamma in place, so a second call gives another result.
def batch_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dy *= gamma
    dx = (dy - dy.mean(axis=0) - x_hat * (dy * x_hat).mean(axis=0)) / std
    return dx, dgamma, dbeta


# %% batch_norm_backward: cache_in_place
# Wrong: x_hat in the cache is multiplied in place, so the second call with it is wrong.
def batch_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    dgamma = (dy * x_hat).sum(axis=0)
    dbeta = dy.sum(axis=0)
    dx_hat = dy * gamma
    s = (dx_hat * x_hat).mean(axis=0)
    x_hat *= s
    dx = dx_hat - dx_hat.mean(axis=0)
    dx -= x_hat
    dx /= std
    return dx, dgamma, dbeta


# %% batch_norm_backward: keepdims_everywhere
# Wrong: dgamma and dbeta have the shape (1, C).
def batch_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    N = dy.shape[0]
    dbeta = np.sum(dy, axis=0, keepdims=True)
    dgamma = np.sum(dy * x_hat, axis=0, keepdims=True)
    dx = gamma * (dy - dbeta / N - x_hat * dgamma / N) / std
    return dx, dgamma, dbeta


# %% batch_norm_backward: no_std_and_sums
# Wrong: two slips: (7) has sums over the rows where means belong, and is not divided by std.
def batch_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    dx_hat = dy * gamma
    dx = dx_hat - np.sum(dx_hat, axis=0) - x_hat * np.sum(dx_hat * x_hat, axis=0)
    dgamma = np.sum(dy * x_hat, axis=0)
    dbeta = np.sum(dy, axis=0)
    return dx, dgamma, dbeta


# %% batch_norm_backward: no_gamma_and_n_minus_one
# Wrong: two slips: dx_hat is dy without gamma, and the last mean is divided by N - 1.
def batch_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    n = dy.shape[0]
    dgamma = (dy * x_hat).sum(axis=0)
    dbeta = dy.sum(axis=0)
    dx = (dy - dbeta / n - x_hat * dgamma / (n - 1)) / std
    return dx, dgamma, dbeta


# %% batch_norm_backward: as_in_evaluation
# Wrong: takes mu and std for constants, so dx is dy gamma / std alone.
def batch_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    dgamma = (dy * x_hat).sum(axis=0)
    dbeta = dy.sum(axis=0)
    dx = dy * gamma / std
    return dx, dgamma, dbeta


# %% batch_norm_backward: normalises_the_gradient
# Wrong: takes the backward pass for a batch normalisation of dx_hat: centred, and divided by its own deviation.
def batch_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    dx_hat = dy * gamma
    dx = (dx_hat - dx_hat.mean(axis=0)) / np.sqrt(dx_hat.var(axis=0) + 1e-5)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    return dx, dgamma, dbeta


# %% batch_norm_backward: dx_hat_for_dx
# Wrong: unfinished: formulas (5) and (6) are there, and dx_hat is returned as dx.
def batch_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx_hat = dy * gamma
    # formula (7) comes here
    dx = dx_hat
    return dx, dgamma, dbeta


# %% batch_norm_backward: another_cache
# Wrong: raises: unpacks five things where the cache has three.
def batch_norm_backward(dy, cache):
    x, x_hat, gamma, mu, std = cache
    N = dy.shape[0]
    dx_hat = dy * gamma
    dstd = -(dx_hat * (x - mu)).sum(axis=0) / std**2
    dvar = dstd / (2 * std)
    dcentred = dx_hat / std + 2 * (x - mu) * dvar / N
    dx = dcentred - dcentred.sum(axis=0) / N
    return dx, (dy * x_hat).sum(axis=0), dy.sum(axis=0)


# %% batch_norm_backward: jacobian_of_each_column
# Right: builds the N by N Jacobian of every column and multiplies by it.
def batch_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    n, c = dy.shape
    dx = np.empty((n, c))
    for j in range(c):
        h = x_hat[:, j]
        jacobian = (np.identity(n) - 1 / n - np.outer(h, h) / n) * (gamma[j] / std[j])
        dx[:, j] = jacobian.T @ dy[:, j]
    return dx, np.diagonal(x_hat.T @ dy).copy(), np.ones(n) @ dy


# %% batch_norm_backward: through_torch_arithmetic
# Right: torch tensors in double for the arithmetic of (5) to (7), with dgamma and dbeta used again in (7).
def batch_norm_backward(dy, cache):
    h, g, s = (torch.tensor(a, dtype=torch.float64) for a in cache)
    d = torch.tensor(dy, dtype=torch.float64)
    both = torch.stack([d * h, d]).sum(dim=1)
    dx = torch.addcmul(d, h, both[0], value=-1 / len(d)).sub(both[1] / len(d)).mul(g).div(s)
    return dx.numpy(), both[0].numpy().copy(), both[1].numpy().copy()


# %% BatchNorm1d: biased_running_variance
# Wrong: the running variance is updated with the biased variance, N / (N - 1) is missing.
class BatchNorm1d:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.gamma = np.ones(num_features)
        self.beta = np.zeros(num_features)
        self.running_mean = np.zeros(num_features)
        self.running_var = np.ones(num_features)
        self.eps = eps
        self.momentum = momentum
        self.training = True

    def __call__(self, x):
        if self.training:
            if len(x) < 2:
                raise ValueError("need at least two rows")
            mu = x.mean(axis=0)
            var = x.var(axis=0)
            m = self.momentum
            self.running_mean = (1 - m) * self.running_mean + m * mu
            self.running_var = (1 - m) * self.running_var + m * var
        else:
            mu, var = self.running_mean, self.running_var
        return self.gamma * (x - mu) / np.sqrt(var + self.eps) + self.beta

    def train(self):
        self.training = True

    def eval(self):
        self.training = False


# %% BatchNorm1d: unbiased_everywhere
# Wrong: the unbiased variance is used in formula (3) too.
class BatchNorm1d:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.C, self.eps, self.m = num_features, eps, momentum
        self.gamma, self.beta = np.ones(self.C), np.zeros(self.C)
        self.running_mean, self.running_var = np.zeros(self.C), np.ones(self.C)
        self.mode = "train"

    def __call__(self, x):
        if self.mode == "train":
            if x.shape[0] == 1:
                raise ValueError("a single row has no variance")
            mu, var = np.mean(x, axis=0), np.var(x, axis=0, ddof=1)
            self.running_mean = self.running_mean + self.m * (mu - self.running_mean)
            self.running_var = self.running_var + self.m * (var - self.running_var)
        else:
            mu, var = self.running_mean, self.running_var
        x_hat = (x - mu) / np.sqrt(var + self.eps)
        return x_hat * self.gamma + self.beta

    def train(self):
        self.mode = "train"

    def eval(self):
        self.mode = "eval"


# %% BatchNorm1d: momentum_weighs_the_old
# Wrong: momentum weighs the old value as in Keras, though the default stays 0.1.
class BatchNorm1d:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.eps = eps
        self.momentum = momentum
        self.gamma = np.ones(num_features)
        self.beta = np.zeros(num_features)
        self.running_mean = np.zeros(num_features)
        self.running_var = np.ones(num_features)
        self.is_training = True

    def __call__(self, x):
        if not self.is_training:
            std = np.sqrt(self.running_var + self.eps)
            return (x - self.running_mean) / std * self.gamma + self.beta
        N = x.shape[0]
        if N < 2:
            raise ValueError("N must be at least 2")
        y, _ = batch_norm_forward(x, self.gamma, self.beta, self.eps)
        self.running_mean = self.momentum * self.running_mean + (1 - self.momentum) * x.mean(0)
        self.running_var = self.momentum * self.running_var + (1 - self.momentum) * x.var(0, ddof=1)
        return y

    def train(self):
        self.is_training = True

    def eval(self):
        self.is_training = False


# %% BatchNorm1d: keras_in_full
# Wrong: Keras's defaults and convention: eps 1e-3, momentum 0.99 of the old value.
class BatchNorm1d:
    def __init__(self, num_features, eps=1e-3, momentum=0.99):
        self.gamma = np.ones((num_features,))
        self.beta = np.zeros((num_features,))
        self.running_mean = np.zeros((num_features,))
        self.running_var = np.ones((num_features,))
        self._eps = eps
        self._momentum = momentum
        self._training = True

    def _normalise(self, x, mean, variance):
        return (x - mean) / np.sqrt(variance + self._eps) * self.gamma + self.beta

    def __call__(self, x):
        if self._training:
            if len(x) == 1:
                raise ValueError("one row only")
            mean, variance = x.mean(axis=0), x.var(axis=0)
            unbiased = variance * len(x) / (len(x) - 1)
            k = self._momentum
            self.running_mean = k * self.running_mean + (1 - k) * mean
            self.running_var = k * self.running_var + (1 - k) * unbiased
            return self._normalise(x, mean, variance)
        return self._normalise(x, self.running_mean, self.running_var)

    def train(self):
        self._training = True

    def eval(self):
        self._training = False


# %% BatchNorm1d: averages_move_in_evaluation
# Wrong: the running averages are updated in evaluation as well (if there is more than one row).
class BatchNorm1d:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
        self.eps, self.momentum, self.training = eps, momentum, True

    def __call__(self, x):
        N = len(x)
        if N < 2 and self.training:
            raise ValueError("batch of one")
        mu, var = x.mean(axis=0), x.var(axis=0)
        if self.training:
            y = (x - mu) / np.sqrt(var + self.eps)
        else:
            y = (x - self.running_mean) / np.sqrt(self.running_var + self.eps)
        if N > 1:
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mu
            self.running_var = (1 - self.momentum) * self.running_var + self.momentum * var * N / (N - 1)
        return self.gamma * y + self.beta

    def train(self):
        self.training = True

    def eval(self):
        self.training = False


# %% BatchNorm1d: inverse_correction
# Wrong: the running variance is corrected the wrong way round, by (N - 1) / N.
class BatchNorm1d:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.gamma = np.ones(num_features)
        self.beta = np.zeros(num_features)
        self.running_mean = np.zeros(num_features)
        self.running_var = np.ones(num_features)
        self.train()

    def __call__(self, x):
        if self.training:
            n = x.shape[0]
            if n == 1:
                raise ValueError("Expected more than 1 value per channel when training")
            mu = x.mean(axis=0)
            var = ((x - mu) ** 2).mean(axis=0)
            self.running_mean *= 1 - self.momentum
            self.running_mean += self.momentum * mu
            self.running_var *= 1 - self.momentum
            self.running_var += self.momentum * var * (n - 1) / n
        else:
            mu = self.running_mean
            var = self.running_var
        return (x - mu) / np.sqrt(var + self.eps) * self.gamma + self.beta

    def train(self):
        self.training = True

    def eval(self):
        self.training = False


# %% BatchNorm1d: averages_the_deviation
# Wrong: running_var is an average of the standard deviation, squared again only in evaluation.
class BatchNorm1d:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.gamma = np.ones(num_features)
        self.beta = np.zeros(num_features)
        self.running_mean = np.zeros(num_features)
        self.running_var = np.ones(num_features)
        self.eps, self.m, self.on = eps, momentum, True

    def __call__(self, x):
        if self.on:
            if x.shape[0] < 2:
                raise ValueError
            mu = x.mean(axis=0)
            std = np.sqrt(x.var(axis=0) + self.eps)
            self.running_mean = (1 - self.m) * self.running_mean + self.m * mu
            self.running_var = (1 - self.m) * self.running_var + self.m * x.std(axis=0, ddof=1)
        else:
            mu = self.running_mean
            std = np.sqrt(self.running_var**2 + self.eps)
        return self.gamma * ((x - mu) / std) + self.beta

    def train(self):
        self.on = True

    def eval(self):
        self.on = False


# %% BatchNorm1d: variance_starts_at_zero
# Wrong: running_var starts at zeros and not at ones.
class BatchNorm1d:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.gamma = np.ones(num_features)
        self.beta, self.running_mean, self.running_var = (np.zeros(num_features) for _ in range(3))
        self.eps = eps
        self.momentum = momentum
        self.training = True

    def __call__(self, x):
        mu, var = self.running_mean, self.running_var
        if self.training:
            N = len(x)
            if N <= 1:
                raise ValueError("N must be above 1")
            mu = x.mean(axis=0)
            var = ((x - mu) ** 2).sum(axis=0) / N
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mu
            self.running_var = (1 - self.momentum) * self.running_var + self.momentum * var * N / (N - 1)
        return self.gamma * (x - mu) / np.sqrt(var + self.eps) + self.beta

    def train(self):
        self.training = True

    def eval(self):
        self.training = False


# %% BatchNorm1d: no_error_for_one_row
# Wrong: a single row in training raises nothing, it gives beta and moves the averages.
class BatchNorm1d:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.gamma = np.ones(num_features)
        self.beta = np.zeros(num_features)
        self.running_mean = np.zeros(num_features)
        self.running_var = np.ones(num_features)
        self.eps = eps
        self.momentum = momentum
        self.training = True

    def __call__(self, x):
        if self.training:
            N = x.shape[0]
            mu = x.mean(axis=0)
            var = x.var(axis=0)
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mu
            self.running_var = (1 - self.momentum) * self.running_var + self.momentum * var * N / max(N - 1, 1)
        else:
            mu = self.running_mean
            var = self.running_var
        return self.gamma * (x - mu) / np.sqrt(var + self.eps) + self.beta

    def train(self):
        self.training = True

    def eval(self):
        self.training = False


# %% BatchNorm1d: mean_moved_before_the_error
# Wrong: for a single row in training the running mean is updated before ValueError is raised.
class BatchNorm1d:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
        self.eps, self.momentum = eps, momentum
        self.training = True

    def update(self, mu, var, n):
        m = self.momentum
        self.running_mean = (1 - m) * self.running_mean + m * mu
        if n == 1:
            raise ValueError("a single row has no variance")
        self.running_var = (1 - m) * self.running_var + m * n / (n - 1) * var

    def __call__(self, x):
        mu, var = self.running_mean, self.running_var
        if self.training:
            mu, var = x.mean(axis=0), x.var(axis=0)
            self.update(mu, var, x.shape[0])
        return (x - mu) / np.sqrt(var + self.eps) * self.gamma + self.beta

    def train(self):
        self.training = True

    def eval(self):
        self.training = False


# %% BatchNorm1d: error_in_both_modes
# Wrong: a single row raises ValueError in evaluation as well.
class BatchNorm1d:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.eps, self.momentum = eps, momentum
        self.gamma = np.ones(num_features)
        self.beta = np.zeros(num_features)
        self.running_mean = np.zeros(num_features)
        self.running_var = np.ones(num_features)
        self.evaluating = False

    def __call__(self, x):
        n = len(x)
        if n < 2:
            raise ValueError("at least two rows are needed")
        if self.evaluating:
            x_hat = (x - self.running_mean) / np.sqrt(self.running_var + self.eps)
            return self.gamma * x_hat + self.beta
        y, _ = batch_norm_forward(x, self.gamma, self.beta, self.eps)
        self.running_mean += self.momentum * (x.mean(axis=0) - self.running_mean)
        self.running_var += self.momentum * (x.var(axis=0) * n / (n - 1) - self.running_var)
        return y

    def train(self):
        self.evaluating = False

    def eval(self):
        self.evaluating = True


# %% BatchNorm1d: averages_in_the_class
# Wrong: the running averages are kept in the class, in dicts by width, and shared by all instances.
class BatchNorm1d:
    means = {}
    variances = {}

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.gamma = np.ones(num_features)
        self.beta = np.zeros(num_features)
        self.running_mean = BatchNorm1d.means.setdefault(num_features, np.zeros(num_features))
        self.running_var = BatchNorm1d.variances.setdefault(num_features, np.ones(num_features))
        self.eps = eps
        self.momentum = momentum
        self.training = True

    def __call__(self, x):
        if self.training:
            n = len(x)
            if n == 1:
                raise ValueError("one row")
            mu, var = x.mean(axis=0), x.var(axis=0)
            self.running_mean[:] = (1 - self.momentum) * self.running_mean + self.momentum * mu
            self.running_var[:] = (1 - self.momentum) * self.running_var + self.momentum * var * n / (n - 1)
        else:
            mu, var = self.running_mean, self.running_var
        return self.gamma * (x - mu) / np.sqrt(var + self.eps) + self.beta

    def train(self):
        self.training = True

    def eval(self):
        self.training = False


# %% BatchNorm1d: parameters_bound_at_the_start
# Wrong: gamma and beta of the constructor are bound into a function, so arrays set later are not read.
class BatchNorm1d:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        gamma = np.ones(num_features)
        beta = np.zeros(num_features)
        self.gamma, self.beta = gamma, beta
        self.running_mean = np.zeros(num_features)
        self.running_var = np.ones(num_features)
        self.momentum = momentum
        self.training = True
        self.apply = lambda x, mu, var: gamma * (x - mu) / np.sqrt(var + eps) + beta

    def __call__(self, x):
        if not self.training:
            return self.apply(x, self.running_mean, self.running_var)
        if x.shape[0] < 2:
            raise ValueError("too few rows")
        mu, var = x.mean(axis=0), x.var(axis=0)
        a, b = 1 - self.momentum, self.momentum
        self.running_mean = a * self.running_mean + b * mu
        self.running_var = a * self.running_var + b * x.var(axis=0, ddof=1)
        return self.apply(x, mu, var)

    def train(self):
        self.training = True

    def eval(self):
        self.training = False


# %% BatchNorm1d: first_batch_is_copied
# Wrong: the first batch sets the averages to its own values instead of moving them from 0 and 1.
class BatchNorm1d:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.gamma = np.ones(num_features)
        self.beta = np.zeros(num_features)
        self.running_mean = np.zeros(num_features)
        self.running_var = np.ones(num_features)
        self.eps = eps
        self.momentum = momentum
        self.training = True
        self.seen = 0

    def __call__(self, x):
        if self.training:
            if len(x) < 2:
                raise ValueError("batch too small")
            mu, var, unbiased = x.mean(axis=0), x.var(axis=0), x.var(axis=0, ddof=1)
            if self.seen == 0:
                self.running_mean, self.running_var = mu, unbiased
            else:
                self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mu
                self.running_var = (1 - self.momentum) * self.running_var + self.momentum * unbiased
            self.seen += 1
        else:
            mu, var = self.running_mean, self.running_var
        return self.gamma * (x - mu) / np.sqrt(var + self.eps) + self.beta

    def train(self):
        self.training = True

    def eval(self):
        self.training = False


# %% BatchNorm1d: bias_correction_habit
# Wrong: evaluation corrects the running averages as Adam does, by dividing by 1 - (1 - m) to the power of t.
class BatchNorm1d:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
        self.eps, self.m, self.t, self.training = eps, momentum, 0, True

    def __call__(self, x):
        if self.training:
            if len(x) == 1:
                raise ValueError("a batch of one row")
            self.t += 1
            mu, var = x.mean(0), x.var(0)
            self.running_mean = (1 - self.m) * self.running_mean + self.m * mu
            self.running_var = (1 - self.m) * self.running_var + self.m * var * len(x) / (len(x) - 1)
        else:
            c = 1 - (1 - self.m) ** self.t if self.t and self.m else 1
            mu, var = self.running_mean / c, self.running_var / c
        return self.gamma * (x - mu) / np.sqrt(var + self.eps) + self.beta

    def train(self):
        self.training = True

    def eval(self):
        self.training = False


# %% BatchNorm1d: momentum_zero_is_default
# Wrong: a momentum of 0 is taken for none and replaced by 0.1.
class BatchNorm1d:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.gamma = np.ones(num_features)
        self.beta = np.zeros(num_features)
        self.running_mean = np.zeros(num_features)
        self.running_var = np.ones(num_features)
        self.eps = eps or 1e-5
        self.momentum = momentum or 0.1
        self.training = True

    def __call__(self, x):
        if self.training:
            N = len(x)
            if N < 2:
                raise ValueError("N < 2")
            mu = x.mean(axis=0)
            var = x.var(axis=0)
            self.running_mean += self.momentum * (mu - self.running_mean)
            self.running_var += self.momentum * (var * N / (N - 1) - self.running_var)
        else:
            mu, var = self.running_mean, self.running_var
        return self.gamma * (x - mu) / np.sqrt(var + self.eps) + self.beta

    def train(self):
        self.training = True

    def eval(self):
        self.training = False


# %% BatchNorm1d: spread_around_the_running_mean
# Wrong: two slips: the spread of (9) is taken around the running mean, and it is divided by N.
class BatchNorm1d:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.gamma = np.ones(num_features)
        self.beta = np.zeros(num_features)
        self.running_mean = np.zeros(num_features)
        self.running_var = np.ones(num_features)
        self.eps = eps
        self.momentum = momentum
        self.training = True

    def __call__(self, x):
        if self.training:
            if x.shape[0] < 2:
                raise ValueError("batch too small")
            m = self.momentum
            self.running_mean = (1 - m) * self.running_mean + m * x.mean(axis=0)
            spread = ((x - self.running_mean) ** 2).mean(axis=0)
            self.running_var = (1 - m) * self.running_var + m * spread
            return batch_norm_forward(x, self.gamma, self.beta, self.eps)[0]
        return self.gamma * (x - self.running_mean) / np.sqrt(self.running_var + self.eps) + self.beta

    def train(self):
        self.training = True

    def eval(self):
        self.training = False


# %% BatchNorm1d: never_back_and_no_gamma
# Wrong: two slips: train() after eval() does not switch back, and evaluation leaves gamma and beta out.
class BatchNorm1d:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
        self.eps, self.momentum = eps, momentum
        self.training, self.evaluation = True, False

    def __call__(self, x):
        if self.evaluation:
            return (x - self.running_mean) / np.sqrt(self.running_var + self.eps)
        N = len(x)
        if N == 1:
            raise ValueError("single row")
        mu, var = x.mean(axis=0), x.var(axis=0)
        self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mu
        self.running_var = (1 - self.momentum) * self.running_var + self.momentum * var * N / (N - 1)
        return self.gamma * (x - mu) / np.sqrt(var + self.eps) + self.beta

    def train(self):
        self.training = True

    def eval(self):
        self.evaluation = True


# %% BatchNorm1d: trains_with_the_averages
# Wrong: misunderstands the averages: training too normalises with the running mean and variance, once updated.
class BatchNorm1d:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.gamma = np.ones(num_features)
        self.beta = np.zeros(num_features)
        self.running_mean = np.zeros(num_features)
        self.running_var = np.ones(num_features)
        self.eps = eps
        self.momentum = momentum
        self.training = True

    def __call__(self, x):
        if self.training:
            N = x.shape[0]
            if N == 1:
                raise ValueError("cannot train on a single row")
            m = self.momentum
            self.running_mean = (1 - m) * self.running_mean + m * x.mean(axis=0)
            self.running_var = (1 - m) * self.running_var + m * x.var(axis=0) * N / (N - 1)
        x_hat = (x - self.running_mean) / np.sqrt(self.running_var + self.eps)
        return self.gamma * x_hat + self.beta

    def train(self):
        self.training = True

    def eval(self):
        self.training = False


# %% BatchNorm1d: evaluation_measures_again
# Wrong: misunderstands evaluation: it only stops the update, and still normalises with the batch's own statistics.
class BatchNorm1d:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.gamma = np.ones(num_features)
        self.beta = np.zeros(num_features)
        self.running_mean = np.zeros(num_features)
        self.running_var = np.ones(num_features)
        self.eps = eps
        self.momentum = momentum
        self.frozen = False

    def __call__(self, x):
        if len(x) == 1 and not self.frozen:
            raise ValueError("one row in training")
        out, _ = batch_norm_forward(x, self.gamma, self.beta, self.eps)
        if not self.frozen:
            n = len(x)
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * np.mean(x, axis=0)
            self.running_var = (1 - self.momentum) * self.running_var + self.momentum * np.var(x, axis=0) * n / (n - 1)
        return out

    def train(self):
        self.frozen = False

    def eval(self):
        self.frozen = True


# %% BatchNorm1d: mean_only
# Wrong: unfinished: running_var is never updated.
class BatchNorm1d:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.gamma = np.ones(num_features)
        self.beta = np.zeros(num_features)
        self.running_mean = np.zeros(num_features)
        self.running_var = np.ones(num_features)
        self.eps = eps
        self.momentum = momentum
        self.training = True

    def __call__(self, x):
        if self.training:
            if x.shape[0] == 1:
                raise ValueError("a single row has no variance")
            mu = x.mean(axis=0)
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mu
            # TODO running_var, formula (9)
            var = x.var(axis=0)
        else:
            mu, var = self.running_mean, self.running_var
        return self.gamma * (x - mu) / np.sqrt(var + self.eps) + self.beta

    def train(self):
        self.training = True

    def eval(self):
        self.training = False


# %% BatchNorm1d: train_takes_no_mode
# Wrong: raises: eval() calls train(False) as PyTorch does, but train takes no argument.
class BatchNorm1d:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.gamma = np.ones(num_features)
        self.beta = np.zeros(num_features)
        self.running_mean = np.zeros(num_features)
        self.running_var = np.ones(num_features)
        self.eps = eps
        self.momentum = momentum
        self.training = True

    def __call__(self, x):
        if self.training:
            if x.shape[0] == 1:
                raise ValueError("Expected more than 1 value per channel when training")
            mu, var = x.mean(axis=0), x.var(axis=0)
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mu
            self.running_var = (1 - self.momentum) * self.running_var + self.momentum * x.var(axis=0, ddof=1)
        else:
            mu, var = self.running_mean, self.running_var
        return self.gamma * (x - mu) / np.sqrt(var + self.eps) + self.beta

    def train(self):
        self.training = True

    def eval(self):
        self.train(False)


# %% BatchNorm1d: modes_as_methods
# Right: each mode is a method, and train() and eval() say which of the two a call goes to.
class BatchNorm1d:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.gamma, self.beta, self.running_mean, self.running_var = np.array([[1.0], [0.0], [0.0], [1.0]]).repeat(
            num_features, axis=1
        )
        self.eps, self.momentum = eps, momentum
        self.train()

    def _measure(self, x):
        if len(x) < 2:
            raise ValueError("a single row has no variance: use eval() or more rows")
        mu = x.mean(axis=0)
        spread = np.sum((x - mu) ** 2, axis=0)
        keep, new = 1 - self.momentum, self.momentum
        self.running_mean = keep * self.running_mean + new * mu
        self.running_var = keep * self.running_var + new * spread / (len(x) - 1)
        return mu, spread / len(x)

    def _recall(self, x):
        return self.running_mean, self.running_var

    def __call__(self, x):
        mean, variance = self._statistics(x)
        return (x - mean) * (self.gamma / np.sqrt(variance + self.eps)) + self.beta

    def train(self):
        self._statistics = self._measure

    def eval(self):
        self._statistics = self._recall


# %% BatchNorm1d: a_layer_with_a_flag_in_a_set
# Right: statistics by np.cov of every column, the mode is the presence of a word in a set of flags.
class BatchNorm1d:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.__dict__.update(eps=eps, momentum=momentum, flags={"training"})
        for name, start in dict(gamma=1, beta=0, running_mean=0, running_var=1).items():
            setattr(self, name, np.full(num_features, float(start)))

    def __call__(self, x):
        rows = x.shape[0]
        if "training" not in self.flags:
            z = np.subtract(x, self.running_mean)
            z /= np.sqrt(self.running_var + self.eps)
            return z * self.gamma + self.beta
        if rows == 1:
            raise ValueError("a variance needs two rows or more")
        y = batch_norm_forward(x, self.gamma, self.beta, self.eps)[0]
        unbiased = np.array([float(np.cov(column)) for column in x.T])
        for name, new in (("running_mean", x.mean(axis=0)), ("running_var", unbiased)):
            setattr(self, name, (1 - self.momentum) * getattr(self, name) + self.momentum * new)
        return y

    def train(self):
        self.flags.add("training")

    def eval(self):
        self.flags.discard("training")


# %% batch_norm_2d: every_pixel_by_itself
# Wrong: averages over the images alone (axis 0), so every pixel has its own mean and variance.
def batch_norm_2d(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=0)
    var = x.var(axis=0)
    x_hat = (x - mu) / np.sqrt(var + eps)
    return gamma[:, None, None] * x_hat + beta[:, None, None]


# %% batch_norm_2d: instance_norm
# Wrong: averages over the pixels of each image alone (axes 2 and 3), as instance normalisation does.
def batch_norm_2d(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=(2, 3), keepdims=True)
    var = ((x - mu) ** 2).mean(axis=(2, 3), keepdims=True)
    x_hat = (x - mu) / np.sqrt(var + eps)
    g = gamma.reshape(1, -1, 1, 1)
    b = beta.reshape(1, -1, 1, 1)
    return g * x_hat + b


# %% batch_norm_2d: layer_norm
# Wrong: averages over everything but the images (axes 1, 2, 3), as layer normalisation does.
def batch_norm_2d(x, gamma, beta, eps=1e-5):
    N, C, H, W = x.shape
    out = np.empty_like(x)
    for n in range(N):
        image = x[n]
        normal = (image - image.mean()) / np.sqrt(image.var() + eps)
        for c in range(C):
            out[n, c] = gamma[c] * normal[c] + beta[c]
    return out


# %% batch_norm_2d: reshaped_without_transposing
# Wrong: reshapes to (-1, C) without moving the channel axis last, so the columns mix channels.
def batch_norm_2d(x, gamma, beta, eps=1e-5):
    rows = x.reshape(-1, x.shape[1])
    y, _ = batch_norm_forward(rows, gamma, beta, eps)
    return y.reshape(x.shape)


# %% batch_norm_2d: not_transposed_back
# Wrong: turns pixels into rows correctly, and reshapes straight to (N, C, H, W) on the way back.
def batch_norm_2d(x, gamma, beta, eps=1e-5):
    n, c, h, w = x.shape
    flat = x.transpose(0, 2, 3, 1).reshape(n * h * w, c)
    out, cache = batch_norm_forward(flat, gamma, beta, eps)
    return out.reshape(n, c, h, w)


# %% batch_norm_2d: mean_of_the_variances
# Wrong: the variance is the mean of each image's own variance, so the spread between images is missing.
def batch_norm_2d(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=(0, 2, 3))
    var = x.var(axis=(2, 3)).mean(axis=0)
    mu, var, gamma, beta = (a[:, np.newaxis, np.newaxis] for a in (mu, var, gamma, beta))
    return gamma * (x - mu) / np.sqrt(var + eps) + beta


# %% batch_norm_2d: divided_by_images_only
# Wrong: both sums are divided by N and not by N H W.
def batch_norm_2d(x, gamma, beta, eps=1e-5):
    N = x.shape[0]
    shape = (-1, 1, 1)
    mu = (np.sum(x, axis=(0, 2, 3)) / N).reshape(shape)
    var = (np.sum((x - mu) ** 2, axis=(0, 2, 3)) / N).reshape(shape)
    x_hat = (x - mu) / np.sqrt(var + eps)
    return gamma.reshape(shape) * x_hat + beta.reshape(shape)


# %% batch_norm_2d: eps_outside
# Wrong: eps is added to the standard deviation, outside the root.
def batch_norm_2d(x, gamma, beta, eps=1e-5):
    mu = x.mean((0, 2, 3), keepdims=True)
    std = x.std((0, 2, 3), keepdims=True)
    y = (x - mu) / (std + eps)
    y *= gamma[None, :, None, None]
    y += beta[None, :, None, None]
    return y


# %% batch_norm_2d: channels_last_habit
# Wrong: takes the last axis for the channels as in TensorFlow, and lets gamma and beta run along it where they fit.
def batch_norm_2d(x, gamma, beta, eps=1e-5):
    axes = (0, 1, 2)
    mean = np.mean(x, axis=axes)
    variance = np.var(x, axis=axes)
    x_hat = (x - mean) / np.sqrt(variance + eps)
    if x.shape[-1] == len(gamma):
        return gamma * x_hat + beta
    return gamma[:, None, None] * x_hat + beta[:, None, None]


# %% batch_norm_2d: torch_var_default
# Wrong: uses torch's var with its default, the unbiased variance.
def batch_norm_2d(x, gamma, beta, eps=1e-5):
    t = torch.from_numpy(x)
    mu = t.mean(dim=(0, 2, 3), keepdim=True)
    var = t.var(dim=(0, 2, 3), keepdim=True)
    g = torch.from_numpy(gamma).view(1, -1, 1, 1)
    b = torch.from_numpy(beta).view(1, -1, 1, 1)
    return (g * (t - mu) / torch.sqrt(var + eps) + b).numpy()


# %% batch_norm_2d: keras_default_eps
# Wrong: the default of eps is 1e-3 as in Keras.
def batch_norm_2d(x, gamma, beta, eps=0.001):
    C = x.shape[1]
    y = np.zeros(x.shape)
    for c in range(C):
        channel = x[:, c, :, :]
        y[:, c, :, :] = (channel - channel.mean()) / np.sqrt(channel.var() + eps) * gamma[c] + beta[c]
    return y


# %% batch_norm_2d: returns_the_cache_too
# Wrong: returns the tuple (y, cache), as batch_norm_forward does, and not y alone.
def batch_norm_2d(x, gamma, beta, eps=1e-5):
    N, C, H, W = x.shape
    y, cache = batch_norm_forward(np.moveaxis(x, 1, -1).reshape(-1, C), gamma, beta, eps)
    return np.moveaxis(y.reshape(N, H, W, C), -1, 1), cache


# %% batch_norm_2d: eps_not_handed_on
# Wrong: eps is not handed on to batch_norm_forward, which takes its default.
def batch_norm_2d(x, gamma, beta, eps=1e-5):
    n, c, h, w = x.shape
    pixels = x.transpose(1, 0, 2, 3).reshape(c, -1).T
    y = batch_norm_forward(pixels, gamma, beta)[0]
    return y.T.reshape(c, n, h, w).transpose(1, 0, 2, 3)


# %% batch_norm_2d: writes_into_x
# Wrong: normalises channel by channel in place: x is changed and returned itself.
def batch_norm_2d(x, gamma, beta, eps=1e-5):
    for c in range(x.shape[1]):
        v = x[:, c]
        mean, root = v.mean(), np.sqrt(v.var() + eps)
        x[:, c] = gamma[c] * (v - mean) / root + beta[c]
    return x


# %% batch_norm_2d: squeezed
# Wrong: the result is squeezed, so a height or width of 1 (or one channel) disappears from the shape.
def batch_norm_2d(x, gamma, beta, eps=1e-5):
    N, C, H, W = x.shape
    rows = np.rollaxis(x, 1, 4).reshape(-1, C)
    rows = batch_norm_forward(rows, gamma, beta, eps)[0]
    return np.squeeze(np.rollaxis(rows.reshape(N, H, W, C), 3, 1))


# %% batch_norm_2d: result_channels_last
# Wrong: the result stays in the shape (N, H, W, C).
def batch_norm_2d(x, gamma, beta, eps=1e-5):
    xt = np.transpose(x, (0, 2, 3, 1))
    mu = xt.mean(axis=(0, 1, 2))
    var = xt.var(axis=(0, 1, 2))
    return (xt - mu) / np.sqrt(var + eps) * gamma + beta


# %% batch_norm_2d: one_statistic_and_no_root
# Wrong: two slips: one mean and variance for all channels together, and the root is missing.
def batch_norm_2d(x, gamma, beta, eps=1e-5):
    m, v = np.mean(x), np.var(x)
    g, b = np.expand_dims(gamma, (1, 2)), np.expand_dims(beta, (1, 2))
    return g * ((x - m) / (v + eps)) + b


# %% batch_norm_2d: swapped_axes_and_no_shift
# Wrong: two slips: the way back takes (W, H) for (H, W), so a square image comes out transposed and another in the wrong shape; and beta is left out.
def batch_norm_2d(x, gamma, beta, eps=1e-5):
    N, C, H, W = x.shape
    flat = x.transpose(1, 0, 2, 3).reshape(C, -1)
    mu = flat.mean(axis=1, keepdims=True)
    std = np.sqrt(flat.var(axis=1, keepdims=True) + eps)
    y = (flat - mu) / std * gamma[:, None]
    return y.reshape(C, N, H, W).transpose(1, 0, 3, 2)


# %% batch_norm_2d: pixel_after_pixel
# Wrong: misunderstands "every pixel is a row": calls batch_norm_forward for each place (h, w) by itself and adds up the mean of the results.
def batch_norm_2d(x, gamma, beta, eps=1e-5):
    N, C, H, W = x.shape
    y = np.zeros_like(x)
    total = np.zeros((N, C))
    for h in range(H):
        for w in range(W):
            total += batch_norm_forward(x[:, :, h, w], gamma, beta, eps)[0]
    y += (total / (H * W))[:, :, None, None]
    return y


# %% batch_norm_2d: twice_in_a_row
# Wrong: misunderstands the three axes: normalises over the images first and then the result over height and width.
def batch_norm_2d(x, gamma, beta, eps=1e-5):
    first = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)
    mu = first.mean(axis=(2, 3), keepdims=True)
    var = first.var(axis=(2, 3), keepdims=True)
    second = (first - mu) / np.sqrt(var + eps)
    return gamma[:, None, None] * second + beta[:, None, None]


# %% batch_norm_2d: only_the_first_channels
# Wrong: unfinished: the loop leaves out the last channel, which stays at zero.
def batch_norm_2d(x, gamma, beta, eps=1e-5):
    y = np.zeros_like(x)
    channels = x.shape[1] - 1
    for c in range(max(channels, 1)):
        mu = x[:, c].mean()
        var = ((x[:, c] - mu) ** 2).mean()
        y[:, c] = gamma[c] * (x[:, c] - mu) / np.sqrt(var + eps) + beta[c]
    return y


# %% batch_norm_2d: gamma_along_the_width
# Wrong: gamma and beta keep the shape (C,) and run along W, which raises an exception unless W equals C or 1.
def batch_norm_2d(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=(0, 2, 3), keepdims=True)
    var = x.var(axis=(0, 2, 3), keepdims=True)
    x_hat = (x - mu) / np.sqrt(var + eps)
    y = gamma * x_hat + beta
    assert y.shape == x.shape
    return y


# %% batch_norm_2d: stack_of_channels
# Right: a list of channels, each as one long vector, stacked along axis 1.
def batch_norm_2d(x, gamma, beta, eps=1e-5):
    channels = []
    for plane, g, b in zip(np.swapaxes(x, 0, 1), gamma, beta):
        line = plane.ravel() - np.average(plane)
        line = line * (g / (line @ line / line.size + eps) ** 0.5) + b
        channels.append(line.reshape(plane.shape))
    return np.stack(channels, axis=1)


# %% batch_norm_2d: einsum_letters
# Right: einsum with the names of the axes for both averages and for scale and shift.
def batch_norm_2d(x, gamma, beta, eps=1e-5):
    share = x.shape[1] / x.size
    centred = x - np.einsum("nchw->c", x)[:, None, None] * share
    rate = gamma / np.sqrt(np.einsum("nchw,nchw->c", centred, centred) * share + eps)
    return np.einsum("nchw,c->nchw", centred, rate) + beta[None, :, None, None]
