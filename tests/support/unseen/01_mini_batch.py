# %% minibatch_indices: whole_batches_only
# Wrong: makes n // batch_size batches, so the short last batch is always left out.
def minibatch_indices(n, batch_size, rng=None, drop_last=False):
    order = np.arange(n) if rng is None else rng.permutation(n)
    count = n // batch_size
    return [order[k * batch_size : (k + 1) * batch_size] for k in range(count)]

# %% minibatch_indices: last_one_always_dropped
# Wrong: drop_last leaves out the last batch also where it is full.
def minibatch_indices(n, batch_size, rng=None, drop_last=False):
    if rng is None:
        order = np.arange(n)
    else:
        order = rng.permutation(n)
    batches = []
    for start in range(0, n, batch_size):
        batches.append(order[start : start + batch_size])
    if drop_last:
        batches = batches[:-1]
    return batches

# %% minibatch_indices: drop_last_turned_round
# Wrong: drop_last is read the wrong way: False leaves out the short batch and True keeps it.
def minibatch_indices(n, batch_size, rng=None, drop_last=False):
    idx = rng.permutation(n) if rng is not None else np.arange(n)
    if drop_last:
        stop = n
    else:
        stop = n - n % batch_size
    return [idx[i : min(i + batch_size, stop)] for i in range(0, stop, batch_size)]

# %% minibatch_indices: one_too_few_in_each
# Wrong: the slices end one too early, as if the end of a slice were included.
def minibatch_indices(n, batch_size, rng=None, drop_last=False):
    order = np.arange(n)
    if rng is not None:
        order = rng.permutation(n)
    batches = []
    k = 0
    while k * batch_size < n:
        full = min((k + 1) * batch_size, n) - k * batch_size
        if full == batch_size or not drop_last:
            batches.append(order[k * batch_size : k * batch_size + full - 1])
        k += 1
    return batches

# %% minibatch_indices: empty_batch_at_the_end
# Wrong: n // batch_size + 1 batches, which adds an empty one where batch_size divides n (also for n = 0).
def minibatch_indices(n, batch_size, rng=None, drop_last=False):
    order = rng.permutation(n) if rng is not None else np.arange(n)
    batches = n // batch_size
    if not drop_last:
        batches += 1
    return [order[k * batch_size : (k + 1) * batch_size] for k in range(batches)]

# %% minibatch_indices: rng_ignored
# Wrong: never shuffles, rng is not used.
def minibatch_indices(n, batch_size, rng=None, drop_last=False):
    rows = np.arange(n)
    parts = [rows[i : i + batch_size] for i in range(0, n, batch_size)]
    return [part for part in parts if len(part) == batch_size or not drop_last]

# %% minibatch_indices: shuffles_without_rng
# Wrong: shuffles with a generator of its own where rng is None, instead of keeping the order.
def minibatch_indices(n, batch_size, rng=None, drop_last=False):
    if rng is None:
        rng = np.random.default_rng(0)
    order = rng.permutation(n)
    end = n // batch_size * batch_size if drop_last else n
    return [order[s : min(s + batch_size, end)] for s in range(0, end, batch_size)]

# %% minibatch_indices: with_replacement
# Wrong: draws the rows with replacement (rng.integers), so some come twice and others not at all.
def minibatch_indices(n, batch_size, rng=None, drop_last=False):
    if n == 0:
        return []
    if rng is None:
        order = np.arange(n)
    else:
        order = rng.integers(0, n, size=n)
    batches = [order[a : a + batch_size] for a in range(0, n, batch_size)]
    if drop_last and len(batches[-1]) < batch_size:
        batches.pop()
    return batches

# %% minibatch_indices: another_draw
# Wrong: draws with rng.choice(n, n, replace=False), a shuffle but not the order of rng.permutation(n).
def minibatch_indices(n, batch_size, rng=None, drop_last=False):
    order = np.arange(n) if rng is None or n == 0 else rng.choice(n, size=n, replace=False, shuffle=True)
    out = [order[k : k + batch_size] for k in range(0, n, batch_size)]
    if drop_last:
        out = [o for o in out if o.size == batch_size]
    return out

# %% minibatch_indices: even_parts
# Wrong: np.array_split makes batches of nearly equal size instead of full ones and a short last one.
def minibatch_indices(n, batch_size, rng=None, drop_last=False):
    if n == 0:
        return []
    order = np.arange(n) if rng is None else rng.permutation(n)
    if drop_last:
        order = order[: n - n % batch_size]
        if len(order) == 0:
            return []
    return np.array_split(order, int(np.ceil(len(order) / batch_size)))

# %% minibatch_indices: size_is_the_number
# Wrong: takes batch_size for the number of batches.
def minibatch_indices(n, batch_size, rng=None, drop_last=False):
    order = np.arange(n) if rng is None else rng.permutation(n)
    m = max(1, n // batch_size)
    batches = [order[i : i + m] for i in range(0, n, m)]
    if drop_last and batches and len(batches[-1]) < m:
        del batches[-1]
    return batches

# %% minibatch_indices: dealt_like_cards
# Wrong: deals like cards, every so many rows (order[k::count]), and not slices one after the other.
def minibatch_indices(n, batch_size, rng=None, drop_last=False):
    order = rng.permutation(n) if rng is not None else np.arange(n)
    count = -(-n // batch_size)
    if drop_last:
        count = n // batch_size
        order = order[: count * batch_size]
    return [order[k::count] for k in range(count)]

# %% minibatch_indices: order_of_the_batches
# Wrong: shuffles the order of the batches and not the rows, so the same rows stay together.
def minibatch_indices(n, batch_size, rng=None, drop_last=False):
    rows = np.arange(n)
    batches = [rows[i : i + batch_size] for i in range(0, n, batch_size)]
    if drop_last and batches and len(batches[-1]) < batch_size:
        batches.pop()
    if rng is not None:
        batches = [batches[j] for j in rng.permutation(len(batches))]
    return batches

# %% minibatch_indices: new_order_for_each_batch
# Wrong: draws a new permutation for every batch, so rows are repeated and others left out.
def minibatch_indices(n, batch_size, rng=None, drop_last=False):
    result = []
    for start in range(0, n, batch_size):
        if rng is None:
            order = np.arange(n)
        else:
            order = rng.permutation(n)
        batch = order[start : start + batch_size]
        if drop_last and len(batch) < batch_size:
            continue
        result.append(batch)
    return result

# %% minibatch_indices: lists_of_numbers
# Wrong: the batches are Python lists and not integer arrays.
def minibatch_indices(n, batch_size, rng=None, drop_last=False):
    order = list(range(n)) if rng is None else rng.permutation(n).tolist()
    batches, current = [], []
    for row in order:
        current.append(row)
        if len(current) == batch_size:
            batches.append(current)
            current = []
    if current and not drop_last:
        batches.append(current)
    return batches

# %% minibatch_indices: float_rows
# Wrong: the arrays are float64 (filled into np.zeros), which cannot index.
def minibatch_indices(n, batch_size, rng=None, drop_last=False):
    order = np.zeros(n)
    order[:] = range(n) if rng is None else rng.permutation(n)
    batches = []
    for i in range(0, n, batch_size):
        b = order[i : i + batch_size]
        if len(b) == batch_size or drop_last is False:
            batches.append(b)
    return batches

# %% minibatch_indices: a_generator
# Wrong: yields the batches one by one, so the call returns a generator and not a list.
def minibatch_indices(n, batch_size, rng=None, drop_last=False):
    order = np.arange(n) if rng is None else rng.permutation(n)
    for i in range(0, n, batch_size):
        batch = order[i : i + batch_size]
        if drop_last and batch.size < batch_size:
            return
        yield batch

# %% minibatch_indices: filled_up_from_the_front
# Wrong: fills the short last batch up with rows from the front, as distributed samplers do.
def minibatch_indices(n, batch_size, rng=None, drop_last=False):
    if n == 0:
        return []
    order = np.arange(n) if rng is None else rng.permutation(n)
    rest = n % batch_size
    if rest and drop_last:
        order = order[:-rest]
    elif rest:
        order = np.concatenate([order, np.resize(order, batch_size - rest)])
    return [order[i : i + batch_size] for i in range(0, len(order), batch_size)]

# %% minibatch_indices: from_one_and_always_short
# Wrong: two slips: the rows are numbered from 1 to n, and drop_last is ignored.
def minibatch_indices(n, batch_size, rng=None, drop_last=False):
    order = np.arange(1, n + 1)
    if rng is not None:
        order = 1 + rng.permutation(n)
    return [order[i : i + batch_size] for i in range(0, n, batch_size)]

# %% minibatch_indices: chance_sample
# Wrong: misunderstands the epoch: returns one single batch of batch_size random rows (or the first ones).
def minibatch_indices(n, batch_size, rng=None, drop_last=False):
    order = np.arange(n) if rng is None else rng.permutation(n)
    if n == 0 or (drop_last and n < batch_size):
        return []
    return [order[:batch_size]]

# %% minibatch_indices: drop_last_to_do
# Wrong: unfinished: drop_last is ignored, the short batch is always there.
def minibatch_indices(n, batch_size, rng=None, drop_last=False):
    if rng is None:
        perm = np.arange(n)
    else:
        perm = rng.permutation(n)
    num = int(np.ceil(n / batch_size))
    return [perm[batch_size * k : batch_size * (k + 1)] for k in range(num)]

# %% minibatch_indices: reshaped
# Wrong: reshape(-1, batch_size) raises ValueError where batch_size does not divide n and nothing is dropped.
def minibatch_indices(n, batch_size, rng=None, drop_last=False):
    order = np.arange(n) if rng is None else rng.permutation(n)
    if drop_last:
        order = order[: n // batch_size * batch_size]
    return list(order.reshape(-1, batch_size))

# %% minibatch_indices: split_at_multiples
# Right: np.split at the multiples of batch_size, the short rest cut off from the order before it.
def minibatch_indices(n, batch_size, rng=None, drop_last=False):
    order = (np.arange if rng is None else rng.permutation)(n)
    keep = n - (n % batch_size) * bool(drop_last)
    return np.split(order[:keep], range(batch_size, keep, batch_size)) if keep > 0 else []

# %% minibatch_indices: eaten_from_the_front
# Right: eats the order from the front with a while loop until nothing, or too little, is left.
def minibatch_indices(n, batch_size, rng=None, drop_last=False):
    rest = np.array(range(n), dtype=int) if rng is None else rng.permutation(n)
    enough = batch_size if drop_last else 1
    dealt = []
    while rest.size >= enough:
        dealt.append(rest[:batch_size].copy())
        rest = rest[batch_size:]
    return dealt

# %% mse_gradient: no_factor_2
# Wrong: the factor 2 of the squares is missing in both gradients (loss taken as halved).
def mse_gradient(X, y, w, b, l2=0.0):
    m = len(y)
    err = X @ w + b - y
    dw = X.T @ err / m + l2 / m * w
    db = err.sum() / m
    return dw, db

# %% mse_gradient: sum_not_mean
# Wrong: the data term is not divided by m (gradient of the summed squares).
def mse_gradient(X, y, w, b, l2=0.0):
    m = X.shape[0]
    residual = np.dot(X, w) + b - y
    return 2 * np.dot(X.T, residual) + (l2 / m) * w, 2 * np.sum(residual)

# %% mse_gradient: l2_not_divided
# Wrong: the L2 term is l2 * w, without 1/m, as PyTorch's weight_decay.
def mse_gradient(X, y, w, b, l2=0.0):
    m = len(X)
    e = X.dot(w) + b - y
    dw = (2 / m) * X.T.dot(e) + l2 * w
    db = (2 / m) * np.sum(e)
    return dw, db

# %% mse_gradient: l2_twice
# Wrong: the L2 term has the factor 2 (as if the loss had l2/m and not l2/(2m)).
def mse_gradient(X, y, w, b, l2=0.0):
    m, d = X.shape
    diff = X @ w + b - y
    dw = np.zeros(d)
    for j in range(d):
        dw[j] = 2 / m * np.sum(diff * X[:, j]) + 2 * l2 / m * w[j]
    return dw, 2 / m * np.sum(diff)

# %% mse_gradient: target_minus_prediction
# Wrong: the error is y minus the prediction, so both data gradients have the wrong sign.
def mse_gradient(X, y, w, b, l2=0.0):
    error = y - (X @ w + b)
    m = error.shape[0]
    return 2 / m * X.T @ error + l2 / m * w, 2 / m * error.sum()

# %% mse_gradient: bias_decayed
# Wrong: the L2 term is added to db as well.
def mse_gradient(X, y, w, b, l2=0.0):
    m = y.size
    r = X @ w + b - y
    dw = 2 * (r @ X) / m + l2 * w / m
    db = 2 * r.mean() + l2 * b / m
    return dw, db

# %% mse_gradient: bias_left_out
# Wrong: the prediction is X @ w without b.
def mse_gradient(X, y, w, b, l2=0.0):
    m = X.shape[0]
    y_hat = X @ w
    dw = 2.0 / m * (X.T @ (y_hat - y)) + l2 / m * w
    db = 2.0 / m * np.sum(y_hat - y)
    return dw, db

# %% mse_gradient: divides_by_columns
# Wrong: m is taken from the wrong axis, the number of columns.
def mse_gradient(X, y, w, b, l2=0.0):
    m = X.shape[1]
    err = X @ w + b - y
    return 2 / m * X.T @ err + l2 / m * w, 2 / m * err.sum()

# %% mse_gradient: bias_first
# Wrong: returns (db, dw), in the wrong order.
def mse_gradient(X, y, w, b, l2=0.0):
    m = len(y)
    g = 2 * (X @ w + b - y) / m
    db = g.sum()
    dw = g @ X + l2 * w / m
    return db, dw

# %% mse_gradient: penalty_as_a_number
# Wrong: adds the L2 loss l2/(2m) * |w|**2, a number, to every element of dw.
def mse_gradient(X, y, w, b, l2=0.0):
    m = X.shape[0]
    err = np.matmul(X, w) + b - y
    penalty = l2 / (2 * m) * np.sum(w**2)
    dw = 2 / m * np.matmul(X.T, err) + penalty
    db = 2 / m * np.sum(err)
    return dw, db

# %% mse_gradient: minus_l2
# Wrong: the L2 term is taken off instead of added.
def mse_gradient(X, y, w, b, l2=0.0):
    m = len(X)
    dw = np.zeros(len(w))
    db = 0.0
    for xi, yi in zip(X, y):
        e = xi @ w + b - yi
        dw += 2 / m * e * xi
        db += 2 / m * e
    dw -= l2 / m * w
    return dw, db

# %% mse_gradient: sign_of_the_error
# Wrong: the gradient of the mean absolute error: the sign of the error instead of twice the error.
def mse_gradient(X, y, w, b, l2=0.0):
    m = X.shape[0]
    s = np.sign(X @ w + b - y)
    return X.T @ s / m + l2 / m * w, s.mean()

# %% mse_gradient: root_of_the_mean
# Wrong: the gradient of the root mean squared error (another course's loss).
def mse_gradient(X, y, w, b, l2=0.0):
    m = X.shape[0]
    err = X @ w + b - y
    rmse = np.sqrt(np.mean(err**2))
    if rmse == 0:
        return l2 / m * w, 0.0
    return X.T @ err / (m * rmse) + l2 / m * w, err.sum() / (m * rmse)

# %% mse_gradient: l1_penalty
# Wrong: the penalty is that of L1: l2/m times the sign of w.
def mse_gradient(X, y, w, b, l2=0.0):
    m = float(len(y))
    e = X @ w + b - y
    dw = 2.0 * np.einsum("md,m->d", X, e) / m + l2 * np.sign(w) / m
    return dw, 2.0 * e.sum() / m

# %% mse_gradient: y_overwritten
# Wrong: forms the error in place in y (y -= ...), so the targets are changed.
def mse_gradient(X, y, w, b, l2=0.0):
    m = len(y)
    y -= X @ w + b
    dw = -2 / m * X.T @ y + l2 / m * w
    db = -2 / m * y.sum()
    return dw, db

# %% mse_gradient: w_overwritten
# Wrong: dw is built up in w itself: w is changed, and dw shares its memory.
def mse_gradient(X, y, w, b, l2=0.0):
    m = len(y)
    err = X @ w + b - y
    dw = w
    dw *= l2 / m
    dw += 2 / m * (X.T @ err)
    db = 2 / m * np.sum(err)
    return dw, db

# %% mse_gradient: column_of_weights
# Wrong: dw comes back as a column of shape (d, 1) and db as an array of shape (1,).
def mse_gradient(X, y, w, b, l2=0.0):
    m = len(X)
    w_col = w.reshape(-1, 1)
    y_col = y.reshape(-1, 1)
    err = X @ w_col + b - y_col
    dw = 2 / m * X.T @ err + l2 / m * w_col
    db = 2 / m * err.sum(axis=0)
    return dw, db

# %% mse_gradient: half_precision_of_torch
# Wrong: calculates with torch.float32 tensors and autograd, so seven digits are left.
def mse_gradient(X, y, w, b, l2=0.0):
    tw = torch.tensor(w, dtype=torch.float32, requires_grad=True)
    tb = torch.tensor(float(b), requires_grad=True)
    pred = torch.tensor(X, dtype=torch.float32) @ tw + tb
    loss = ((pred - torch.tensor(y, dtype=torch.float32)) ** 2).mean() + l2 / (2 * len(y)) * (tw**2).sum()
    loss.backward()
    return tw.grad.numpy().astype(float), tb.grad.item()

# %% mse_gradient: sum_and_no_m_in_l2
# Wrong: two slips: no factor 2 in dw (but in db), and the L2 term is not divided by m.
def mse_gradient(X, y, w, b, l2=0.0):
    n_rows = X.shape[0]
    error = X @ w + b - y
    dw = (1 / n_rows) * X.T @ error + l2 * w
    db = (2 / n_rows) * error.sum()
    return dw, db

# %% mse_gradient: gradient_row_by_row
# Wrong: misunderstands the batch gradient: returns one gradient for each row, dw of shape (m, d) and db of shape (m,).
def mse_gradient(X, y, w, b, l2=0.0):
    m = len(y)
    err = X @ w + b - y
    dw = 2 * err[:, None] * X + l2 / m * w
    db = 2 * err
    return dw, db

# %% mse_gradient: l2_left_for_later
# Wrong: unfinished: l2 is not used at all.
def mse_gradient(X, y, w, b, l2=0.0):
    predictions = X @ w + b
    errors = predictions - y
    dw = 2 * np.mean(X * errors[:, np.newaxis], axis=0)
    db = 2 * np.mean(errors)
    return dw, db

# %% mse_gradient: transposed_the_wrong_way
# Wrong: w.T @ X and X @ err do not fit: raises ValueError unless X is square (and then gives wrong numbers).
def mse_gradient(X, y, w, b, l2=0.0):
    m = X.shape[0]
    err = w.T @ X + b - y
    dw = 2 / m * X @ err + l2 / m * w
    db = 2 / m * err.sum()
    return dw, db

# %% mse_gradient: bias_as_a_column
# Right: the bias is a column of ones next to X, one product gives both parts, and a penalty vector ends in 0.
def mse_gradient(X, y, w, b, l2=0.0):
    m = X.shape[0]
    Z = np.column_stack([X, np.ones(m)])
    theta = np.append(w, b)
    penalty = np.append(np.ones_like(w, dtype=float), 0.0) * l2
    g = (2 * Z.T @ (Z @ theta - y) + penalty * theta) / m
    return g[:-1].copy(), float(g[-1])

# %% mse_gradient: means_of_products
# Right: means of products row by row, accumulated in plain loops with numbers.
def mse_gradient(X, y, w, b, l2=0.0):
    m, d = X.shape
    dw = [l2 * float(w[j]) / m for j in range(d)]
    db = 0.0
    for i in range(m):
        off = sum(float(X[i, j]) * float(w[j]) for j in range(d)) + b - float(y[i])
        share = (off + off) / m
        db += share
        for j in range(d):
            dw[j] += share * float(X[i, j])
    return np.array(dw, dtype=np.float64), db

# %% fit_linear: loss_after_the_update
# Wrong: the loss of each mini-batch is measured after the update and not before.
def fit_linear(X, y, batch_size, lr, epochs, rng):
    w, b, losses = np.zeros(X.shape[1]), 0.0, []
    for _ in range(epochs):
        for rows in minibatch_indices(len(y), batch_size, rng):
            dw, db = mse_gradient(X[rows], y[rows], w, b)
            w, b = w - lr * dw, b - lr * db
            losses.append(np.mean((X[rows] @ w + b - y[rows]) ** 2))
    return w, b, losses

# %% fit_linear: one_loss_for_an_epoch
# Wrong: the losses hold one number for each epoch, the mean over its batches, and not one for each update.
def fit_linear(X, y, batch_size, lr, epochs, rng):
    n, d = X.shape
    w = np.zeros(d)
    b = 0.0
    history = []
    for epoch in range(epochs):
        epoch_losses = []
        for idx in minibatch_indices(n, batch_size, rng):
            Xb, yb = X[idx], y[idx]
            epoch_losses.append(float(np.mean((Xb @ w + b - yb) ** 2)))
            dw, db = mse_gradient(Xb, yb, w, b)
            w = w - lr * dw
            b = b - lr * db
        history.append(np.mean(epoch_losses))
    return w, b, history

# %% fit_linear: order_drawn_once
# Wrong: the batches are dealt once before the loop, so every epoch has the same order.
def fit_linear(X, y, batch_size, lr, epochs, rng):
    w = np.zeros(X.shape[1])
    b = 0.0
    losses = []
    batches = minibatch_indices(X.shape[0], batch_size, rng)
    for _ in range(epochs):
        for batch in batches:
            losses.append(np.mean((X[batch] @ w + b - y[batch]) ** 2))
            dw, db = mse_gradient(X[batch], y[batch], w, b)
            w = w - lr * dw
            b = b - lr * db
    return w, b, losses

# %% fit_linear: never_shuffled
# Wrong: does not hand rng to minibatch_indices, so the rows keep their order.
def fit_linear(X, y, batch_size, lr, epochs, rng):
    w = np.zeros(X.shape[1])
    b = 0.0
    losses = np.array([])
    for e in range(epochs):
        for i in minibatch_indices(len(X), batch_size):
            losses = np.append(losses, ((X[i] @ w + b - y[i]) ** 2).mean())
            dw, db = mse_gradient(X[i], y[i], w, b)
            w -= lr * dw
            b -= lr * db
    return w, b, losses

# %% fit_linear: short_batch_dropped
# Wrong: passes drop_last=True, so the short last batch is not used.
def fit_linear(X, y, batch_size, lr, epochs, rng):
    n, d = X.shape
    w, b = np.zeros(d), 0.0
    losses = []
    for _ in range(epochs):
        for rows in minibatch_indices(n, batch_size, rng, drop_last=True):
            xb = X[rows]
            yb = y[rows]
            pred = xb @ w + b
            losses.append(((pred - yb) ** 2).mean())
            gw, gb = mse_gradient(xb, yb, w, b)
            w = w - lr * gw
            b = b - lr * gb
    return w, b, losses

# %% fit_linear: bias_sees_the_new_weights
# Wrong: w is updated first and db is then computed with the new w.
def fit_linear(X, y, batch_size, lr, epochs, rng):
    w = np.zeros(X.shape[1])
    b = 0.0
    losses = []
    for _ in range(epochs):
        for r in minibatch_indices(len(y), batch_size, rng):
            losses.append(float(np.mean(np.square(X[r] @ w + b - y[r]))))
            w = w - lr * mse_gradient(X[r], y[r], w, b)[0]
            b = b - lr * mse_gradient(X[r], y[r], w, b)[1]
    return w, b, losses

# %% fit_linear: uphill
# Wrong: adds lr times the gradient and so climbs.
def fit_linear(X, y, batch_size, lr, epochs, rng):
    w, b = np.zeros_like(X[0]), 0.0
    losses = []
    for _ in range(epochs):
        for rows in minibatch_indices(X.shape[0], batch_size, rng):
            grads = mse_gradient(X[rows], y[rows], w, b)
            losses.append(np.mean((X[rows] @ w + b - y[rows]) ** 2))
            w = w + lr * grads[0]
            b = b + lr * grads[1]
    return w, b, losses

# %% fit_linear: halved_loss
# Wrong: writes down half of the mean squared error, as in many course notes.
def fit_linear(X, y, batch_size, lr, epochs, rng):
    theta_w, theta_b, J = np.zeros(X.shape[1]), 0.0, []
    for epoch in range(epochs):
        for B in minibatch_indices(len(X), batch_size, rng):
            m = len(B)
            J.append(1 / (2 * m) * np.sum((X[B] @ theta_w + theta_b - y[B]) ** 2))
            dw, db = mse_gradient(X[B], y[B], theta_w, theta_b)
            theta_w, theta_b = theta_w - lr * dw, theta_b - lr * db
    return theta_w, theta_b, J

# %% fit_linear: loss_of_all_rows
# Wrong: the losses are those over all rows and not of the update's mini-batch.
def fit_linear(X, y, batch_size, lr, epochs, rng):
    w, b, losses = np.zeros(X.shape[1]), 0.0, []
    for _ in range(epochs):
        for rows in minibatch_indices(len(y), batch_size, rng):
            losses.append(np.mean((X @ w + b - y) ** 2))
            dw, db = mse_gradient(X[rows], y[rows], w, b)
            w, b = w - lr * dw, b - lr * db
    return w, b, losses

# %% fit_linear: summed_loss
# Wrong: the sum of squared errors of the batch is written down, not the mean.
def fit_linear(X, y, batch_size, lr, epochs, rng):
    w = np.zeros((X.shape[1],))
    b = 0.0
    losses = []
    count = 0
    while count < epochs:
        for rows in minibatch_indices(len(y), batch_size, rng):
            err = X[rows] @ w + b - y[rows]
            losses.append(err @ err)
            dw, db = mse_gradient(X[rows], y[rows], w, b)
            w = w - lr * dw
            b = b - lr * db
        count += 1
    return w, b, losses

# %% fit_linear: rate_divided_by_the_batch
# Wrong: divides lr by the batch size once more, although the gradient is a mean already.
def fit_linear(X, y, batch_size, lr, epochs, rng):
    w, b = np.zeros(X.shape[1]), 0.0
    losses = []
    for _ in range(epochs):
        for rows in minibatch_indices(len(y), batch_size, rng):
            X_b, y_b = X[rows], y[rows]
            losses.append(np.mean((X_b @ w + b - y_b) ** 2))
            dw, db = mse_gradient(X_b, y_b, w, b)
            w = w - lr / len(rows) * dw
            b = b - lr / len(rows) * db
    return w, b, losses

# %% fit_linear: ones_to_begin_with
# Wrong: starts from w = 1 and not from w = 0.
def fit_linear(X, y, batch_size, lr, epochs, rng):
    w = np.ones(X.shape[1])
    b = 0.0
    losses = []
    for _ in range(epochs):
        for idx in minibatch_indices(len(X), batch_size, rng):
            losses.append(((X[idx] @ w + b - y[idx]) ** 2).mean())
            dw, db = mse_gradient(X[idx], y[idx], w, b)
            w = w - lr * dw
            b = b - lr * db
    return w, b, losses

# %% fit_linear: losses_first
# Wrong: returns (losses, w, b), in the wrong order.
def fit_linear(X, y, batch_size, lr, epochs, rng):
    w, b, losses = np.zeros(X.shape[1]), 0.0, []
    for _ in range(epochs):
        for rows in minibatch_indices(len(y), batch_size, rng):
            losses.append(np.mean((X[rows] @ w + b - y[rows]) ** 2))
            dw, db = mse_gradient(X[rows], y[rows], w, b)
            w, b = w - lr * dw, b - lr * db
    return losses, w, b

# %% fit_linear: gradient_of_all_rows
# Wrong: the gradient is that over all rows at every update, the batch serves for the loss only.
def fit_linear(X, y, batch_size, lr, epochs, rng):
    n, d = X.shape
    w, b = np.zeros(d), 0.0
    losses = []
    for _ in range(epochs):
        for batch in minibatch_indices(n, batch_size, rng):
            losses.append(np.mean((X[batch] @ w + b - y[batch]) ** 2))
            dw, db = mse_gradient(X, y, w, b)
            w = w - lr * dw
            b = b - lr * db
    return w, b, losses

# %% fit_linear: update_at_the_end_of_the_epoch
# Wrong: misunderstands mini-batches: the gradients of an epoch are averaged and one update is made at its end.
def fit_linear(X, y, batch_size, lr, epochs, rng):
    w, b, losses = np.zeros(X.shape[1]), 0.0, []
    for _ in range(epochs):
        dws, dbs = [], []
        for rows in minibatch_indices(len(y), batch_size, rng):
            losses.append(np.mean((X[rows] @ w + b - y[rows]) ** 2))
            dw, db = mse_gradient(X[rows], y[rows], w, b)
            dws.append(dw)
            dbs.append(db)
        w = w - lr * np.mean(dws, axis=0)
        b = b - lr * np.mean(dbs)
    return w, b, losses

# %% fit_linear: data_permuted_in_place
# Wrong: puts X and y into a new order in place for each epoch, so the inputs are changed (and batches are then taken in order).
def fit_linear(X, y, batch_size, lr, epochs, rng):
    w = np.zeros(X.shape[1])
    b = 0.0
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(y))
        X[:] = X[order]
        y[:] = y[order]
        for rows in minibatch_indices(len(y), batch_size):
            losses.append(np.mean((X[rows] @ w + b - y[rows]) ** 2))
            dw, db = mse_gradient(X[rows], y[rows], w, b)
            w = w - lr * dw
            b = b - lr * db
    return w, b, losses

# %% fit_linear: averaged_weights
# Wrong: returns the average of w and b over all updates (Polyak averaging) and not the last ones.
def fit_linear(X, y, batch_size, lr, epochs, rng):
    w, b, losses = np.zeros(X.shape[1]), 0.0, []
    all_w, all_b = [], []
    for _ in range(epochs):
        for rows in minibatch_indices(len(y), batch_size, rng):
            losses.append(np.mean((X[rows] @ w + b - y[rows]) ** 2))
            dw, db = mse_gradient(X[rows], y[rows], w, b)
            w, b = w - lr * dw, b - lr * db
            all_w.append(w)
            all_b.append(b)
    return np.mean(all_w, axis=0), np.mean(all_b), losses

# %% fit_linear: same_seed_each_epoch
# Wrong: deals with a new default_rng(0) in every epoch instead of the generator that it is given.
def fit_linear(X, y, batch_size, lr, epochs, rng):
    w, b, losses = np.zeros(X.shape[1]), 0.0, []
    for _ in range(epochs):
        rng = np.random.default_rng(0)
        for rows in minibatch_indices(len(y), batch_size, rng):
            losses.append(np.mean((X[rows] @ w + b - y[rows]) ** 2))
            dw, db = mse_gradient(X[rows], y[rows], w, b)
            w -= lr * dw
            b -= lr * db
    return w, b, losses

# %% fit_linear: root_and_one_epoch_less
# Wrong: two slips: the losses are roots of the mean squared errors, and epochs is counted from 1, so one epoch too few is made.
def fit_linear(X, y, batch_size, lr, epochs, rng):
    w, b, losses = np.zeros(X.shape[1]), 0.0, []
    for epoch in range(1, epochs):
        for rows in minibatch_indices(len(y), batch_size, rng):
            losses.append(np.sqrt(np.mean((X[rows] @ w + b - y[rows]) ** 2)))
            dw, db = mse_gradient(X[rows], y[rows], w, b)
            w, b = w - lr * dw, b - lr * db
    return w, b, losses

# %% fit_linear: starts_anew_each_epoch
# Wrong: w and b are set to 0 at the start of every epoch, so only the last epoch counts.
def fit_linear(X, y, batch_size, lr, epochs, rng):
    losses = []
    for _ in range(epochs):
        w = np.zeros(X.shape[1])
        b = 0.0
        for rows in minibatch_indices(len(y), batch_size, rng):
            losses.append(float(((X[rows] @ w + b - y[rows]) ** 2).mean()))
            dw, db = mse_gradient(X[rows], y[rows], w, b)
            w = w - lr * dw
            b = b - lr * db
    return w, b, losses

# %% fit_linear: bias_to_do
# Wrong: unfinished: b is never updated and stays 0.
def fit_linear(X, y, batch_size, lr, epochs, rng):
    w = np.zeros(X.shape[1])
    b = 0.0
    losses = []
    for _ in range(epochs):
        for rows in minibatch_indices(len(y), batch_size, rng):
            losses.append(np.mean((X[rows] @ w + b - y[rows]) ** 2))
            dw, db = mse_gradient(X[rows], y[rows], w, b)
            w = w - lr * dw
    return w, b, losses

# %% fit_linear: losses_array_too_short
# Wrong: the array for the losses has n // batch_size places an epoch: IndexError where there is a short last batch.
def fit_linear(X, y, batch_size, lr, epochs, rng):
    n = len(y)
    losses = np.zeros(epochs * (n // batch_size))
    w, b, k = np.zeros(X.shape[1]), 0.0, 0
    for _ in range(epochs):
        for rows in minibatch_indices(n, batch_size, rng):
            losses[k] = np.mean((X[rows] @ w + b - y[rows]) ** 2)
            dw, db = mse_gradient(X[rows], y[rows], w, b)
            w, b, k = w - lr * dw, b - lr * db, k + 1
    return w, b, losses

# %% fit_linear: reduce_over_a_stream
# Right: one generator hands out the batches of all epochs, and functools.reduce carries the state through.
def fit_linear(X, y, batch_size, lr, epochs, rng):
    from functools import reduce
    stream = (rows for _ in range(epochs) for rows in minibatch_indices(len(y), batch_size, rng))

    def update(state, rows):
        w, b, losses = state
        A, t = X[rows], y[rows]
        losses.append(float(np.mean((A @ w + b - t) ** 2)))
        dw, db = mse_gradient(A, t, w, b)
        return w - lr * dw, b - lr * db, losses

    return reduce(update, stream, (np.zeros(X.shape[1]), 0.0, []))

# %% fit_linear: one_vector_of_parameters
# Right: weights and bias live in one vector, updated in place through views, and the losses become an array.
def fit_linear(X, y, batch_size, lr, epochs, rng):
    d = X.shape[1]
    theta = np.zeros(d + 1)
    losses = np.empty(0)
    for _ in [None] * epochs:
        for rows in minibatch_indices(X.shape[0], batch_size, rng):
            error = np.hstack([X[rows], np.ones((rows.size, 1))]) @ theta - y[rows]
            losses = np.concatenate([losses, [np.vdot(error, error) / rows.size]])
            theta -= lr * np.append(*mse_gradient(X[rows], y[rows], theta[:d], theta[d]))
    return theta[:d].copy(), float(theta[d]), losses

# %% SGD: generator_kept
# Wrong: keeps params as it comes: a generator is used up after the first step or zero_grad.
class SGD:
    def __init__(self, params, lr, weight_decay=0.0):
        if lr < 0 or weight_decay < 0:
            raise ValueError("negative setting")
        self.params = params
        self.lr = lr
        self.weight_decay = weight_decay

    @torch.no_grad()
    def step(self):
        for p in self.params:
            if p.grad is not None:
                p -= self.lr * (p.grad + self.weight_decay * p)

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% SGD: only_renames
# Wrong: theta = theta - ... makes a new tensor and leaves the parameter as it was.
class SGD:
    def __init__(self, params, lr, weight_decay=0.0):
        if lr < 0:
            raise ValueError("lr")
        if weight_decay < 0:
            raise ValueError("weight_decay")
        self.params, self.lr, self.wd = list(params), lr, weight_decay

    @torch.no_grad()
    def step(self):
        for theta in self.params:
            if theta.grad is None:
                continue
            theta = theta - self.lr * (theta.grad + self.wd * theta)

    def zero_grad(self):
        for theta in self.params:
            theta.grad = None

# %% SGD: data_replaced
# Wrong: assigns theta.data anew, so the values come out right but the memory moves.
class SGD:
    def __init__(self, params, lr, weight_decay=0.0):
        if lr < 0 or weight_decay < 0:
            raise ValueError("lr and weight_decay must not be negative")
        self.params = [p for p in params]
        self.lr = lr
        self.weight_decay = weight_decay

    @torch.no_grad()
    def step(self):
        for p in self.params:
            if p.grad is None:
                continue
            p.data = p.data - self.lr * (p.grad.data + self.weight_decay * p.data)

    def zero_grad(self):
        for p in self.params:
            if p.grad is not None:
                p.grad.zero_()

# %% SGD: decay_written_into_the_gradient
# Wrong: adds the weight decay in place to theta.grad, which changes it.
class SGD:
    def __init__(self, params, lr, weight_decay=0.0):
        if not lr >= 0:
            raise ValueError(f"lr is {lr}")
        if not weight_decay >= 0:
            raise ValueError(f"weight_decay is {weight_decay}")
        self.params = list(params)
        self.lr = lr
        self.weight_decay = weight_decay

    @torch.no_grad()
    def step(self):
        for p in self.params:
            g = p.grad
            if g is None:
                continue
            if self.weight_decay != 0:
                g += self.weight_decay * p
            p -= self.lr * g

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% SGD: nothing_refused
# Wrong: raises no ValueError for a negative lr or weight_decay.
class SGD:
    def __init__(self, params, lr, weight_decay=0.0):
        self.params = tuple(params)
        self.lr = lr
        self.weight_decay = weight_decay

    @torch.no_grad()
    def step(self):
        for p in self.params:
            if p.grad is not None:
                p.sub_(self.lr * (p.grad + self.weight_decay * p))

    def zero_grad(self):
        for p in self.params:
            if p.grad is not None:
                p.grad.zero_()

# %% SGD: zero_rate_refused
# Wrong: refuses lr = 0 as well (lr <= 0 raises).
class SGD:
    def __init__(self, params, lr, weight_decay=0.0):
        if lr <= 0:
            raise ValueError("the learning rate must be positive")
        if weight_decay < 0:
            raise ValueError("the weight decay must not be negative")
        self.lr = lr
        self.weight_decay = weight_decay
        self.parameters = list(params)

    @torch.no_grad()
    def step(self):
        for w in self.parameters:
            if w.grad is not None:
                w -= self.lr * (w.grad + self.weight_decay * w)

    def zero_grad(self):
        for w in self.parameters:
            w.grad = None

# %% SGD: none_ends_the_step
# Wrong: returns at the first parameter without a gradient, so those after it are not updated.
class SGD:
    def __init__(self, params, lr, weight_decay=0.0):
        if lr < 0 or weight_decay < 0:
            raise ValueError
        self.params = list(params)
        self.lr = lr
        self.weight_decay = weight_decay

    @torch.no_grad()
    def step(self):
        for p in self.params:
            if p.grad is None:
                return
            p -= self.lr * (p.grad + self.weight_decay * p)

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% SGD: none_not_expected
# Wrong: step raises TypeError for a parameter whose grad is None.
class SGD:
    def __init__(self, params, lr, weight_decay=0.0):
        if lr < 0:
            raise ValueError("lr < 0")
        if weight_decay < 0:
            raise ValueError("weight_decay < 0")
        self.params = list(params)
        self.lr = lr
        self.weight_decay = weight_decay

    @torch.no_grad()
    def step(self):
        for p in self.params:
            p -= self.lr * (p.grad + self.weight_decay * p)

    def zero_grad(self):
        for p in self.params:
            if p.grad is not None:
                p.grad.zero_()

# %% SGD: rate_fixed_at_the_start
# Wrong: computes with the rate of the constructor, a later change of self.lr is not read.
class SGD:
    def __init__(self, params, lr, weight_decay=0.0):
        if lr < 0 or weight_decay < 0:
            raise ValueError("negative")
        self.lr = lr
        self.params = list(params)
        self._shrink = 1 - lr * weight_decay
        self._rate = lr

    @torch.no_grad()
    def step(self):
        for p in self.params:
            if p.grad is not None:
                p.mul_(self._shrink).sub_(self._rate * p.grad)

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% SGD: decay_pushes_away
# Wrong: the sign of the weight decay is turned, it pushes the parameters away from zero.
class SGD:
    def __init__(self, params, lr, weight_decay=0.0):
        if min(lr, weight_decay) < 0:
            raise ValueError("lr and weight_decay must be 0 or more")
        self.params, self.lr, self.weight_decay = list(params), lr, weight_decay

    @torch.no_grad()
    def step(self):
        for p in filter(lambda q: q.grad is not None, self.params):
            p -= self.lr * (p.grad - self.weight_decay * p)

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% SGD: decay_without_rate
# Wrong: the weight decay is not multiplied by lr: theta - lr g - wd theta.
class SGD:
    def __init__(self, params, lr, weight_decay=0.0):
        if lr < 0 or weight_decay < 0:
            raise ValueError("lr, weight_decay")
        self.params = list(params)
        self.lr = lr
        self.weight_decay = weight_decay

    @torch.no_grad()
    def step(self):
        for theta in self.params:
            if theta.grad is None:
                continue
            theta -= self.lr * theta.grad + self.weight_decay * theta

    def zero_grad(self):
        for theta in self.params:
            theta.grad = None

# %% SGD: decays_the_new_value
# Wrong: the decay is applied after the step and so takes the new theta and not the old one.
class SGD:
    def __init__(self, params, lr, weight_decay=0.0):
        if lr < 0 or weight_decay < 0:
            raise ValueError("lr or weight_decay is negative")
        self.params = list(params)
        self.lr = lr
        self.weight_decay = weight_decay

    @torch.no_grad()
    def step(self):
        for p in self.params:
            if p.grad is None:
                continue
            p -= self.lr * p.grad
            p -= self.lr * self.weight_decay * p

    def zero_grad(self):
        for p in self.params:
            if p.grad is not None:
                p.grad = torch.zeros_like(p)

# %% SGD: matrices_only_decay
# Wrong: weight decay is left out for biases and scalars (fewer than two axes), a habit of large training scripts.
class SGD:
    def __init__(self, params, lr, weight_decay=0.0):
        if lr < 0 or weight_decay < 0:
            raise ValueError("negative hyperparameter")
        self.params = list(params)
        self.lr = lr
        self.weight_decay = weight_decay

    @torch.no_grad()
    def step(self):
        for p in self.params:
            if p.grad is None:
                continue
            wd = self.weight_decay if p.ndim >= 2 else 0.0
            p.add_(p.grad + wd * p, alpha=-self.lr)

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% SGD: clears_after_each_step
# Wrong: step clears the gradients when it is done, so it cannot be called again with them.
class SGD:
    def __init__(self, params, lr, weight_decay=0.0):
        if lr < 0 or weight_decay < 0:
            raise ValueError("settings must not be negative")
        self.params = list(params)
        self.lr = lr
        self.weight_decay = weight_decay

    @torch.no_grad()
    def step(self):
        for p in self.params:
            if p.grad is not None:
                p -= self.lr * (p.grad + self.weight_decay * p)
        self.zero_grad()

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% SGD: clearing_needs_a_gradient
# Wrong: zero_grad raises AttributeError where a grad is None already.
class SGD:
    def __init__(self, params, lr, weight_decay=0.0):
        if lr < 0.0:
            raise ValueError("Invalid learning rate")
        if weight_decay < 0.0:
            raise ValueError("Invalid weight_decay value")
        self.params = list(params)
        self.lr = lr
        self.weight_decay = weight_decay

    @torch.no_grad()
    def step(self):
        for p in self.params:
            if p.grad is None:
                continue
            d_p = p.grad.add(p, alpha=self.weight_decay)
            p.add_(d_p, alpha=-self.lr)

    def zero_grad(self):
        for p in self.params:
            p.grad.zero_()

# %% SGD: list_in_the_class
# Wrong: the parameters are collected in a list of the class, so all instances share them.
class SGD:
    params = []

    def __init__(self, params, lr, weight_decay=0.0):
        if lr < 0 or weight_decay < 0:
            raise ValueError("lr or weight_decay < 0")
        self.params.extend(params)
        self.lr = lr
        self.weight_decay = weight_decay

    @torch.no_grad()
    def step(self):
        for p in self.params:
            if p.grad is not None:
                p -= self.lr * (p.grad + self.weight_decay * p)

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% SGD: flat_gradient_skipped
# Wrong: a gradient of zeros is skipped like None, so the weight decay does not act there.
class SGD:
    def __init__(self, params, lr, weight_decay=0.0):
        if lr < 0 or weight_decay < 0:
            raise ValueError("lr < 0 or weight_decay < 0")
        self.params = [*params]
        self.lr = lr
        self.weight_decay = weight_decay

    @torch.no_grad()
    def step(self):
        for p in self.params:
            if p.grad is None or not torch.any(p.grad):
                continue
            p -= self.lr * (p.grad + self.weight_decay * p)

    def zero_grad(self):
        for p in self.params:
            if p.grad is not None:
                p.grad.zero_()

# %% SGD: works_on_copies
# Wrong: misunderstands in-place: keeps clones of the parameters and updates those, the model does not move.
class SGD:
    def __init__(self, params, lr, weight_decay=0.0):
        if lr < 0 or weight_decay < 0:
            raise ValueError("negative lr or weight_decay")
        self.originals = list(params)
        self.params = [p.detach().clone() for p in self.originals]
        self.lr = lr
        self.weight_decay = weight_decay

    @torch.no_grad()
    def step(self):
        for mine, p in zip(self.params, self.originals):
            if p.grad is None:
                continue
            mine -= self.lr * (p.grad + self.weight_decay * mine)

    def zero_grad(self):
        for p in self.originals:
            p.grad = None

# %% SGD: with_momentum
# Wrong: adds momentum of 0.9, the habit of most training scripts, so from the second step on it goes too far.
class SGD:
    def __init__(self, params, lr, weight_decay=0.0, momentum=0.9):
        if lr < 0 or weight_decay < 0:
            raise ValueError("lr and weight_decay have to be >= 0")
        self.params = list(params)
        self.lr, self.weight_decay, self.momentum = lr, weight_decay, momentum
        self.velocity = [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, v in zip(self.params, self.velocity):
            if p.grad is None:
                continue
            v.mul_(self.momentum).add_(p.grad + self.weight_decay * p)
            p -= self.lr * v

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% SGD: double_decay_and_unchecked_decay
# Wrong: two slips: the decay has a factor 2 (gradient of wd * theta**2), and a negative weight_decay is not refused.
class SGD:
    def __init__(self, params, lr, weight_decay=0.0):
        if lr < 0:
            raise ValueError("lr must be >= 0")
        self.params = list(params)
        self.lr = lr
        self.weight_decay = weight_decay

    @torch.no_grad()
    def step(self):
        for p in self.params:
            if p.grad is not None:
                p -= self.lr * (p.grad + 2 * self.weight_decay * p)

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% SGD: clearing_to_do
# Wrong: unfinished: zero_grad does nothing.
class SGD:
    def __init__(self, params, lr, weight_decay=0.0):
        if lr < 0 or weight_decay < 0:
            raise ValueError("negative value")
        self.params = list(params)
        self.lr = lr
        self.weight_decay = weight_decay

    @torch.no_grad()
    def step(self):
        for p in self.params:
            if p.grad is not None:
                p -= self.lr * (p.grad + self.weight_decay * p)

    def zero_grad(self):
        pass

# %% SGD: row_by_row
# Wrong: loops over the rows of a tensor, which raises TypeError for a tensor of shape ().
class SGD:
    def __init__(self, params, lr, weight_decay=0.0):
        if lr < 0 or weight_decay < 0:
            raise ValueError("lr/weight_decay")
        self.params = list(params)
        self.lr = lr
        self.weight_decay = weight_decay

    @torch.no_grad()
    def step(self):
        for p in self.params:
            if p.grad is None:
                continue
            for i in range(len(p)):
                p[i] -= self.lr * (p.grad[i] + self.weight_decay * p[i])

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% SGD: copied_in_at_once
# Right: writes (1 - lr wd) theta - lr g into theta with copy_, and keeps the settings through __dict__.
class SGD:
    def __init__(self, params, lr, weight_decay=0.0):
        if any(setting < 0 for setting in (lr, weight_decay)):
            raise ValueError("neither lr nor weight_decay may be negative")
        self.__dict__.update(lr=lr, weight_decay=weight_decay, params=tuple(params))

    @torch.no_grad()
    def step(self):
        keep = 1 - self.lr * self.weight_decay
        for theta, g in [(p, p.grad) for p in self.params if p.grad is not None]:
            theta.copy_(keep * theta - self.lr * g)

    def zero_grad(self):
        for p in self.params:
            p.grad = None if p.grad is None else torch.zeros_like(p.grad)

# %% SGD: inherits_from_optimizer
# Right: inherits from torch.optim.Optimizer for the bookkeeping, with lr as an attribute that step reads.
class SGD(torch.optim.Optimizer):
    def __init__(self, params, lr, weight_decay=0.0):
        for name, number in {"lr": lr, "weight_decay": weight_decay}.items():
            if number < 0:
                raise ValueError(f"{name} must not be negative: {number}")
        super().__init__(list(params), {})
        self.lr = lr
        self.weight_decay = weight_decay

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if (g := p.grad) is not None:
                    p += -self.lr * torch.add(g, p, alpha=self.weight_decay)

    def zero_grad(self):
        for group in self.param_groups:
            for p in group["params"]:
                p.grad = None

# %% accumulated_step: mean_of_the_pieces
# Wrong: divides each piece's loss by the number of pieces, so short pieces weigh too much.
def accumulated_step(model, loss_fn, pieces, optimizer):
    optimizer.zero_grad()
    total = 0.0
    for X, y in pieces:
        loss = loss_fn(model(X), y) / len(pieces)
        loss.backward()
        total += loss.item()
    optimizer.step()
    return total

# %% accumulated_step: gradients_added_up
# Wrong: backward on the pieces' mean losses as they are: the gradients add up without any weights (the loss is right).
def accumulated_step(model, loss_fn, pieces, optimizer):
    optimizer.zero_grad()
    rows, total = 0, 0.0
    for X, y in pieces:
        loss = loss_fn(model(X), y)
        loss.backward()
        total += loss.item() * len(y)
        rows += len(y)
    optimizer.step()
    return total / rows

# %% accumulated_step: sum_over_rows
# Wrong: multiplies by the rows of a piece and forgets to divide by all rows (the loss is right).
def accumulated_step(model, loss_fn, pieces, optimizer):
    optimizer.zero_grad()
    n = sum(X.shape[0] for X, _ in pieces)
    running = 0.0
    for X, y in pieces:
        loss = loss_fn(model(X), y) * X.shape[0]
        loss.backward()
        running += loss.item()
    optimizer.step()
    return running / n

# %% accumulated_step: divided_by_all_rows_only
# Wrong: divides the mean loss of a piece by all rows without multiplying by the piece's own.
def accumulated_step(model, loss_fn, pieces, optimizer):
    n = sum(len(X) for X, y in pieces)
    optimizer.zero_grad()
    mean_loss = 0.0
    for X, y in pieces:
        loss = loss_fn(model(X), y) / n
        loss.backward()
        mean_loss += float(loss)
    optimizer.step()
    return mean_loss

# %% accumulated_step: old_gradients_left
# Wrong: does not clear before the first piece but after the step, so gradients of an earlier batch get in.
def accumulated_step(model, loss_fn, pieces, optimizer):
    n = sum(len(y) for _, y in pieces)
    total = 0.0
    for X, y in pieces:
        loss = loss_fn(model(X), y) * (len(y) / n)
        loss.backward()
        total += loss.item()
    optimizer.step()
    optimizer.zero_grad()
    return total

# %% accumulated_step: cleared_at_each_piece
# Wrong: clears in front of every piece, so the step sees the last piece alone.
def accumulated_step(model, loss_fn, pieces, optimizer):
    n = sum(len(y) for _, y in pieces)
    total = 0.0
    for X, y in pieces:
        optimizer.zero_grad()
        loss = loss_fn(model(X), y) * len(y) / n
        loss.backward()
        total += loss.item()
    optimizer.step()
    return total

# %% accumulated_step: step_at_each_piece
# Wrong: misunderstands one update: the optimiser steps after each piece.
def accumulated_step(model, loss_fn, pieces, optimizer):
    n = sum(y.shape[0] for _, y in pieces)
    total = 0.0
    for X, y in pieces:
        optimizer.zero_grad()
        loss = loss_fn(model(X), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * y.shape[0] / n
    return total

# %% accumulated_step: returns_a_tensor
# Wrong: returns a tensor and not a float.
def accumulated_step(model, loss_fn, pieces, optimizer):
    optimizer.zero_grad()
    all_rows = sum(len(X) for X, _ in pieces)
    total = 0
    for X, y in pieces:
        loss = loss_fn(model(X), y) * len(X) / all_rows
        loss.backward()
        total = total + loss.detach()
    optimizer.step()
    return total

# %% accumulated_step: unweighted_report
# Wrong: the update is right, but the returned loss is the unweighted mean of the pieces' losses.
def accumulated_step(model, loss_fn, pieces, optimizer):
    optimizer.zero_grad()
    n = sum(X.size(0) for X, _ in pieces)
    losses = []
    for X, y in pieces:
        loss = loss_fn(model(X), y)
        losses.append(loss.item())
        (loss * X.size(0) / n).backward()
    optimizer.step()
    return float(np.mean(losses))

# %% accumulated_step: summed_report
# Wrong: the update is right, but the returned loss is the sum over all rows and not their mean.
def accumulated_step(model, loss_fn, pieces, optimizer):
    lengths = [len(y) for _, y in pieces]
    batch = sum(lengths)
    optimizer.zero_grad()
    report = 0.0
    for (X, y), m in zip(pieces, lengths):
        loss = loss_fn(model(X), y)
        (m / batch * loss).backward()
        report += m * loss.item()
    optimizer.step()
    return report

# %% accumulated_step: loss_of_the_last_piece
# Wrong: returns the mean loss of the last piece only.
def accumulated_step(model, loss_fn, pieces, optimizer):
    optimizer.zero_grad()
    total_rows = 0
    for X, y in pieces:
        total_rows += len(X)
    for X, y in pieces:
        loss = loss_fn(model(X), y)
        weighted = loss * (len(X) / total_rows)
        weighted.backward()
    optimizer.step()
    return loss.item()

# %% accumulated_step: loss_after_the_update
# Wrong: the returned loss is measured after the update.
def accumulated_step(model, loss_fn, pieces, optimizer):
    optimizer.zero_grad()
    n = sum(len(y) for _, y in pieces)
    for X, y in pieces:
        (loss_fn(model(X), y) * len(y) / n).backward()
    optimizer.step()
    with torch.no_grad():
        return sum(loss_fn(model(X), y).item() * len(y) for X, y in pieces) / n

# %% accumulated_step: length_of_the_first_piece
# Wrong: weighs all pieces with the length of the first one, as if they were equally long.
def accumulated_step(model, loss_fn, pieces, optimizer):
    size = len(pieces[0][1])
    n = size * len(pieces)
    optimizer.zero_grad()
    total = 0.0
    for X, y in pieces:
        loss = loss_fn(model(X), y)
        (loss * size / n).backward()
        total += loss.item() * len(y)
    optimizer.step()
    return total / sum(len(y) for _, y in pieces)

# %% accumulated_step: one_large_batch
# Wrong: puts the pieces together and gives the model the whole batch at once.
def accumulated_step(model, loss_fn, pieces, optimizer):
    X = torch.cat([piece[0] for piece in pieces])
    y = torch.cat([piece[1] for piece in pieces])
    optimizer.zero_grad()
    loss = loss_fn(model(X), y)
    loss.backward()
    optimizer.step()
    return loss.item()

# %% accumulated_step: evaluation_mode_left_on
# Right: puts the model into evaluation mode and does not put it back, of which the text asks nothing.
def accumulated_step(model, loss_fn, pieces, optimizer):
    model.eval()
    optimizer.zero_grad()
    n = sum(len(X) for X, _ in pieces)
    total = 0.0
    for X, y in pieces:
        loss = loss_fn(model(X), y) * len(X) / n
        loss.backward()
        total += loss.item()
    optimizer.step()
    return total

# %% accumulated_step: exchanged_arguments
# Wrong: calls loss_fn(y, prediction), the habit of Keras, which is another loss for most of them.
def accumulated_step(model, loss_fn, pieces, optimizer):
    optimizer.zero_grad()
    n = float(sum(len(y) for _, y in pieces))
    total = 0.0
    for X, y in pieces:
        prediction = model(X)
        loss = loss_fn(y, prediction)
        (loss * (len(y) / n)).backward()
        total += loss.item() * len(y) / n
    optimizer.step()
    return total

# %% accumulated_step: clipped_gradient
# Wrong: clips the accumulated gradient to length 1 before the step, as training scripts do.
def accumulated_step(model, loss_fn, pieces, optimizer):
    optimizer.zero_grad()
    n = sum(len(y) for _, y in pieces)
    total = 0.0
    for X, y in pieces:
        loss = loss_fn(model(X), y) * len(y) / n
        loss.backward()
        total += loss.item()
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    norm = float(torch.sqrt(sum((g**2).sum() for g in grads)))
    if norm > 1:
        for g in grads:
            g /= norm
    optimizer.step()
    return total

# %% accumulated_step: running_mean_of_losses
# Wrong: halves the running loss at each piece, so the last piece weighs a half, the one before a quarter (gradient and loss).
def accumulated_step(model, loss_fn, pieces, optimizer):
    optimizer.zero_grad()
    mean = None
    for X, y in pieces:
        loss = loss_fn(model(X), y)
        mean = loss if mean is None else (mean + loss) / 2
    mean.backward()
    optimizer.step()
    return mean.item()

# %% accumulated_step: not_cleared_and_not_weighted
# Wrong: two slips: old gradients are not cleared, and the pieces are weighed equally.
def accumulated_step(model, loss_fn, pieces, optimizer):
    k = len(pieces)
    value = 0.0
    for X, y in pieces:
        loss = loss_fn(model(X), y)
        (loss / k).backward()
        value += loss.item() / k
    optimizer.step()
    return value

# %% accumulated_step: best_piece
# Wrong: misunderstands accumulation: only the piece with the largest loss is used for the step.
def accumulated_step(model, loss_fn, pieces, optimizer):
    optimizer.zero_grad()
    n = sum(len(y) for _, y in pieces)
    losses = [loss_fn(model(X), y) for X, y in pieces]
    mean = sum(l.item() * len(y) for l, (_, y) in zip(losses, pieces)) / n
    max(losses, key=lambda l: l.item()).backward()
    optimizer.step()
    return mean

# %% accumulated_step: step_missing
# Wrong: unfinished: the gradients are accumulated rightly, but optimizer.step() is not called.
def accumulated_step(model, loss_fn, pieces, optimizer):
    optimizer.zero_grad()
    rows = sum(len(X) for X, y in pieces)
    total = 0.0
    for X, y in pieces:
        loss = loss_fn(model(X), y)
        share = len(X) / rows
        (share * loss).backward()
        total += share * loss.item()
    return total

# %% accumulated_step: under_no_grad
# Wrong: computes the losses under torch.no_grad() "to save memory", so backward raises RuntimeError.
def accumulated_step(model, loss_fn, pieces, optimizer):
    optimizer.zero_grad()
    n = sum(len(y) for _, y in pieces)
    total = 0.0
    for X, y in pieces:
        with torch.no_grad():
            prediction = model(X)
            loss = loss_fn(prediction, y) * len(y) / n
        loss.backward()
        total += loss.item()
    optimizer.step()
    return total

# %% accumulated_step: one_row_at_a_time
# Right: feeds the rows one by one as batches of one, each with the weight 1/n.
def accumulated_step(model, loss_fn, pieces, optimizer):
    rows = [(X[i : i + 1], y[i : i + 1]) for X, y in pieces for i in range(len(X))]
    optimizer.zero_grad()
    value = 0.0
    for x, target in rows:
        loss = loss_fn(model(x), target)
        loss.backward(gradient=torch.full_like(loss, 1 / len(rows)))
        value += loss.item()
    optimizer.step()
    return value / len(rows)

# %% accumulated_step: rescaled_as_it_goes
# Right: keeps the exact mean gradient so far, rescaling what has accumulated before each further piece.
def accumulated_step(model, loss_fn, pieces, optimizer):
    optimizer.zero_grad()
    seen, mean = 0, 0.0
    for X, y in pieces:
        now = len(X)
        old_share, new_share = seen / (seen + now), now / (seen + now)
        for p in model.parameters():
            if p.grad is not None:
                p.grad = p.grad * old_share
        loss = loss_fn(model(X), y)
        (new_share * loss).backward()
        mean = old_share * mean + new_share * float(loss.detach())
        seen += now
    optimizer.step()
    return mean
