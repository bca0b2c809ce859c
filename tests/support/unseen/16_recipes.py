# %% label_smoothing_cross_entropy: over_the_other_classes
# Wrong: epsilon is spread over the K - 1 other classes, the label gets 1 - epsilon.
def label_smoothing_cross_entropy(logits, labels, smoothing=0.1):
    m, K = logits.shape
    q = np.full((m, K), smoothing / max(K - 1, 1))
    q[np.arange(m), labels] = 1 - smoothing
    z = logits - logits.max(axis=1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    loss = -(q * logp).sum() / m
    return float(loss), (np.exp(logp) - q) / m


# %% label_smoothing_cross_entropy: label_without_its_share
# Wrong: the label's target is 1 - epsilon, its own epsilon / K is missing, so targets do not add up to 1.
def label_smoothing_cross_entropy(logits, labels, smoothing=0.1):
    m, K = logits.shape
    target = np.ones((m, K)) * smoothing / K
    for i in range(m):
        target[i, labels[i]] = 1 - smoothing
    c = logits.max(1)[:, None]
    log_p = logits - c - np.log(np.exp(logits - c).sum(1))[:, None]
    loss = float(np.mean(-(target * log_p).sum(1)))
    return loss, (np.exp(log_p) - target) / m


# %% label_smoothing_cross_entropy: gradient_not_a_mean
# Wrong: the gradient is p - q, not divided by m.
def label_smoothing_cross_entropy(logits, labels, smoothing=0.1):
    K = logits.shape[1]
    q = smoothing / K + (1 - smoothing) * np.eye(K)[labels]
    shifted = logits - np.max(logits, axis=-1, keepdims=True)
    log_p = shifted - np.log(np.sum(np.exp(shifted), axis=-1, keepdims=True))
    return float(-np.mean(np.sum(q * log_p, axis=-1))), np.exp(log_p) - q


# %% label_smoothing_cross_entropy: mean_of_everything
# Wrong: the mean runs over rows and classes, loss and gradient are divided by K too.
def label_smoothing_cross_entropy(logits, labels, smoothing=0.1):
    m, K = logits.shape
    q = (1 - smoothing) * (np.arange(K) == np.reshape(labels, (-1, 1))) + smoothing / K
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return float(np.mean(-q * log_p)), (np.exp(log_p) - q) / (m * K)


# %% label_smoothing_cross_entropy: hard_gradient
# Wrong: the loss is smoothed, but the gradient is that of the hard label.
def label_smoothing_cross_entropy(logits, labels, smoothing=0.1):
    m, K = logits.shape
    rows = np.arange(m)
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    nll = -log_p[rows, labels]
    uniform = -log_p.mean(axis=1)
    loss = ((1 - smoothing) * nll + smoothing * uniform).mean()
    grad = np.exp(log_p)
    grad[rows, labels] -= 1
    return float(loss), grad / m


# %% label_smoothing_cross_entropy: confidence
# Wrong: smoothing is taken for what the label keeps, epsilon and 1 - epsilon are exchanged.
def label_smoothing_cross_entropy(logits, labels, smoothing=0.1):
    m, K = logits.shape
    confidence = smoothing
    q = np.full((m, K), (1 - confidence) / K)
    q[np.arange(m), labels] += confidence
    top = logits.max(axis=1, keepdims=True)
    log_p = logits - top - np.log(np.exp(logits - top).sum(axis=1, keepdims=True))
    return float(-(q * log_p).sum(axis=1).mean()), (np.exp(log_p) - q) / m


# %% label_smoothing_cross_entropy: kl_to_the_target
# Wrong: the Kullback-Leibler divergence, q log q is added to the loss, so it is 0 at p = q.
def label_smoothing_cross_entropy(logits, labels, smoothing=0.1):
    m, K = logits.shape
    q = np.eye(K)[labels] * (1 - smoothing) + smoothing / K
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    entropy = np.where(q > 0, q * np.log(np.where(q > 0, q, 1)), 0.0).sum(axis=1)
    loss = (entropy - (q * log_p).sum(axis=1)).mean()
    return float(loss), (np.exp(log_p) - q) / m


# %% label_smoothing_cross_entropy: target_minus_prediction
# Wrong: the gradient has the wrong sign, q - p.
def label_smoothing_cross_entropy(logits, labels, smoothing=0.1):
    m, K = logits.shape
    grad = np.empty((m, K))
    loss = 0.0
    for i in range(m):
        q = np.full(K, smoothing / K)
        q[labels[i]] += 1 - smoothing
        log_p = logits[i] - np.logaddexp.reduce(logits[i])
        loss -= q @ log_p / m
        grad[i] = (q - np.exp(log_p)) / m
    return float(loss), grad


# %% label_smoothing_cross_entropy: clipped_probabilities
# Wrong: Keras' habit, the logarithm of probabilities clipped at 1e-7, which cuts large losses off.
def label_smoothing_cross_entropy(logits, labels, smoothing=0.1):
    m, K = logits.shape
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    y_true = np.eye(K)[labels] * (1 - smoothing) + smoothing / K
    loss = -(y_true * np.log(np.clip(p, 1e-7, 1 - 1e-7))).sum(axis=-1).mean()
    return float(loss), (p - y_true) / m


# %% label_smoothing_cross_entropy: zero_is_the_default
# Wrong: `smoothing or 0.1` turns a smoothing of 0 into 0.1.
def label_smoothing_cross_entropy(logits, labels, smoothing=None):
    eps = smoothing or 0.1
    m, K = logits.shape
    q = np.full_like(logits, eps / K)
    q[range(m), labels] += 1 - eps
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return float(-np.sum(q * log_p) / m), (np.exp(log_p) - q) / m


# %% label_smoothing_cross_entropy: float_one_hot
# Wrong: targets and all else in torch's float32, half of the digits are lost.
def label_smoothing_cross_entropy(logits, labels, smoothing=0.1):
    z = torch.tensor(logits, dtype=torch.float32)
    y = torch.as_tensor(np.asarray(labels, dtype=np.int64))
    m, K = z.shape
    q = torch.nn.functional.one_hot(y, K).float() * (1 - smoothing) + smoothing / K
    log_p = torch.log_softmax(z, dim=1)
    loss = -(q * log_p).sum(dim=1).mean()
    return loss.item(), ((log_p.exp() - q) / m).numpy()


# %% label_smoothing_cross_entropy: sum_over_rows
# Wrong: PyTorch's reduction="sum", loss and gradient are sums over the rows.
def label_smoothing_cross_entropy(logits, labels, smoothing=0.1):
    z = torch.tensor(logits, requires_grad=True)
    y = torch.as_tensor(np.asarray(labels, dtype=np.int64))
    log_p = z.log_softmax(dim=-1)
    nll = -log_p.gather(1, y[:, None]).squeeze(1)
    smooth = -log_p.mean(dim=-1)
    loss = ((1 - smoothing) * nll + smoothing * smooth).sum()
    loss.backward()
    return loss.item(), z.grad.numpy()


# %% label_smoothing_cross_entropy: one_maximum
# Wrong: subtracts the largest logit of all rows, a row far below underflows to the log of 0.
def label_smoothing_cross_entropy(logits, labels, smoothing=0.1):
    m, K = logits.shape
    z = logits - logits.max()
    with np.errstate(divide="ignore", invalid="ignore"):
        log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    q = smoothing / K + (1 - smoothing) * np.eye(K)[labels]
    return float(-(q * log_p).sum() / m), (np.exp(log_p) - q) / m


# %% label_smoothing_cross_entropy: nothing_subtracted
# Wrong: exp of the logits as they are, at 1000 it is infinite and the result NaN.
def label_smoothing_cross_entropy(logits, labels, smoothing=0.1):
    m, K = logits.shape
    with np.errstate(all="ignore"):
        p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        q = np.full((m, K), smoothing / K)
        q[np.arange(m), labels] += 1 - smoothing
        loss = -np.sum(q * np.log(p)) / m
    return float(loss), (p - q) / m


# %% label_smoothing_cross_entropy: shifts_in_place
# Wrong: subtracts the row maximum from the caller's logits.
def label_smoothing_cross_entropy(logits, labels, smoothing=0.1):
    m, K = logits.shape
    logits -= logits.max(axis=1, keepdims=True)
    log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    q = np.eye(K)[labels]
    q *= 1 - smoothing
    q += smoothing / K
    return float(-(q * log_p).sum() / m), (np.exp(log_p) - q) / m


# %% label_smoothing_cross_entropy: loss_of_each_row
# Wrong: returns an array with each row's loss and not their mean.
def label_smoothing_cross_entropy(logits, labels, smoothing=0.1):
    m, K = logits.shape
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    q = np.eye(K)[labels] * (1 - smoothing) + smoothing / K
    return -(q * log_p).sum(axis=1), (np.exp(log_p) - q) / m


# %% label_smoothing_cross_entropy: k_minus_one_and_no_mean
# Wrong: two slips, epsilon is spread over K - 1 classes, and the gradient is not divided by m.
def label_smoothing_cross_entropy(logits, labels, smoothing=0.1):
    m, K = logits.shape
    onehot = np.zeros((m, K))
    onehot[np.arange(m), labels] = 1
    q = onehot * (1 - smoothing) + (1 - onehot) * smoothing / (K - 1)
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return float(-(q * log_p).sum() / m), np.exp(log_p) - q


# %% label_smoothing_cross_entropy: eps_for_each_class_and_base_two
# Wrong: two slips, every class gets epsilon and not epsilon / K, and the loss is in bits (log2).
def label_smoothing_cross_entropy(logits, labels, smoothing=0.1):
    m, K = logits.shape
    q = np.full((m, K), float(smoothing))
    q[np.arange(m), labels] += 1 - smoothing
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return float(-(q * log_p / np.log(2)).sum() / m), (np.exp(log_p) - q) / m


# %% label_smoothing_cross_entropy: smooths_the_prediction
# Wrong: softens the predictions p and not the labels.
def label_smoothing_cross_entropy(logits, labels, smoothing=0.1):
    m, K = logits.shape
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    soft = (1 - smoothing) * p + smoothing / K
    rows = np.arange(m)
    with np.errstate(divide="ignore"):
        loss = -np.log(soft[rows, labels]).mean()
    grad = soft.copy()
    grad[rows, labels] -= 1
    return float(loss), grad / m


# %% label_smoothing_cross_entropy: bonus_for_doubt
# Wrong: takes smoothing for a bonus on the prediction's entropy, loss = cross-entropy - epsilon * entropy.
def label_smoothing_cross_entropy(logits, labels, smoothing=0.1):
    m, K = logits.shape
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    p = np.exp(log_p)
    H = -(p * log_p).sum(axis=1, keepdims=True)
    ce = -log_p[np.arange(m), labels]
    grad = p - np.eye(K)[labels] + smoothing * p * (log_p + H)
    return float((ce - smoothing * H[:, 0]).mean()), grad / m


# %% label_smoothing_cross_entropy: hard_labels_so_far
# Wrong: unfinished, smoothing is not used yet in loss or gradient.
def label_smoothing_cross_entropy(logits, labels, smoothing=0.1):
    m = len(labels)
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    loss = -log_p[np.arange(m), labels].mean()
    grad = np.exp(log_p)
    grad[np.arange(m), labels] -= 1.0
    # smoothing ...
    return float(loss), grad / m


# %% label_smoothing_cross_entropy: labels_as_a_matrix
# Wrong: takes K from labels.shape[1], as if they were one-hot, and raises for integers.
def label_smoothing_cross_entropy(logits, labels, smoothing=0.1):
    m, K = labels.shape[0], labels.shape[1]
    q = labels * (1 - smoothing) + smoothing / K
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return float(-(q * log_p).sum() / m), (np.exp(log_p) - q) / m


# %% label_smoothing_cross_entropy: gaps_between_logits
# Right: -log p_k is the log of the sum of exp(z_j - z_k), from a table of all gaps, without log p anywhere.
def label_smoothing_cross_entropy(logits, labels, smoothing=0.1):
    m, K = logits.shape
    gaps = logits[:, None, :] - logits[:, :, None]
    surprise = np.logaddexp.reduce(gaps, axis=2)
    picked = np.take_along_axis(surprise, np.asarray(labels)[:, None], axis=1)[:, 0]
    loss = (1 - smoothing) * picked.mean() + smoothing * surprise.mean()
    grad = np.exp(-surprise) - smoothing / K
    np.subtract.at(grad, (np.arange(m), labels), 1 - smoothing)
    return float(loss), grad / m


# %% label_smoothing_cross_entropy: autograd_of_logsumexp
# Right: the loss is logsumexp minus the target's mean logit, torch's autograd gives the gradient.
def label_smoothing_cross_entropy(logits, labels, smoothing=0.1):
    z = torch.tensor(logits, dtype=torch.float64, requires_grad=True)
    y = torch.tensor(np.asarray(labels, dtype=np.int64)).unsqueeze(1)
    wanted = smoothing * z.mean(dim=1) + (1 - smoothing) * z.gather(1, y).squeeze(1)
    loss = (torch.logsumexp(z, dim=1) - wanted).mean()
    (grad,) = torch.autograd.grad(loss, [z])
    return float(loss.detach()), grad.numpy().copy()


# %% mixup: inputs_alone
# Wrong: only the rows are mixed, the targets are the row's own one-hot labels.
def mixup(X, labels, classes, alpha, rng):
    lam = rng.beta(alpha, alpha)
    perm = rng.permutation(len(X))
    return lam * X + (1 - lam) * X[perm], np.eye(classes)[labels]


# %% mixup: a_weight_for_each_row
# Wrong: a weight of its own is drawn for each row.
def mixup(X, labels, classes, alpha, rng):
    m = X.shape[0]
    lam = rng.beta(alpha, alpha, size=m)
    perm = rng.permutation(m)
    Y = np.zeros((m, classes))
    Y[np.arange(m), labels] = 1
    a = lam.reshape((m,) + (1,) * (X.ndim - 1))
    b = lam[:, None]
    return a * X + (1 - a) * X[perm], b * Y + (1 - b) * Y[perm]


# %% mixup: permutation_first
# Wrong: asks for the permutation before the weight.
def mixup(X, labels, classes, alpha, rng):
    order = rng.permutation(len(labels))
    weight = rng.beta(alpha, alpha)
    one_hot = (np.arange(classes)[None, :] == np.asarray(labels)[:, None]).astype(float)
    X_mix = weight * X + (1 - weight) * X[order]
    Y_mix = weight * one_hot + (1 - weight) * one_hot[order]
    return X_mix, Y_mix


# %% mixup: weight_of_the_other
# Wrong: lambda goes to the other row and 1 - lambda to the row itself.
def mixup(X, labels, classes, alpha, rng):
    t = rng.beta(alpha, alpha)
    p = rng.permutation(X.shape[0])
    Y = np.eye(classes)[labels]
    return X + t * (X[p] - X), Y + t * (Y[p] - Y)


# %% mixup: at_least_a_half
# Wrong: a habit of other libraries, lambda is max(lambda, 1 - lambda), so the row itself weighs more.
def mixup(X, labels, classes, alpha, rng):
    lam = rng.beta(alpha, alpha)
    lam = max(lam, 1 - lam)
    index = rng.permutation(len(X))
    y = np.zeros((len(X), classes))
    for i, label in enumerate(labels):
        y[i, label] += lam
        y[i, labels[index[i]]] += 1 - lam
    return lam * X + (1 - lam) * X[index], y


# %% mixup: four_results
# Wrong: the authors' code, returns (X_mix, y_a, y_b, lam) for the loss to mix, and not the mixed targets.
def mixup(X, labels, classes, alpha, rng):
    lam = rng.beta(alpha, alpha)
    index = rng.permutation(X.shape[0])
    mixed_x = lam * X + (1 - lam) * X[index]
    y_a, y_b = np.eye(classes)[labels], np.eye(classes)[labels[index]]
    return mixed_x, y_a, y_b, lam


# %% mixup: neighbours
# Wrong: each row is mixed with the one at the other end of the batch (X[::-1]), the permutation is drawn and not used.
def mixup(X, labels, classes, alpha, rng):
    lam = rng.beta(alpha, alpha)
    rng.permutation(len(X))
    Y = np.eye(classes)[labels]
    return lam * X + (1 - lam) * X[::-1], lam * Y + (1 - lam) * Y[::-1]


# %% mixup: back_to_front
# Wrong: the permutation is turned round, row pi(i) gets row i (the inverse permutation).
def mixup(X, labels, classes, alpha, rng):
    m = len(labels)
    lam = rng.beta(alpha, alpha)
    perm = rng.permutation(m)
    Y = np.zeros((m, classes))
    Y[np.arange(m), labels] = 1.0
    X_mix, Y_mix = lam * X, lam * Y
    for i in range(m):
        X_mix[perm[i]] += (1 - lam) * X[i]
        Y_mix[perm[i]] += (1 - lam) * Y[i]
    return X_mix, Y_mix


# %% mixup: assigned_not_added
# Wrong: the two parts of a target are assigned one after the other, with two rows of one class it is only 1 - lambda.
def mixup(X, labels, classes, alpha, rng):
    m = X.shape[0]
    lam = rng.beta(alpha, alpha)
    perm = rng.permutation(m)
    X_mix = lam * X + (1 - lam) * X[perm]
    Y_mix = np.zeros((m, classes))
    Y_mix[np.arange(m), labels] = lam
    Y_mix[np.arange(m), np.asarray(labels)[perm]] = 1 - lam
    return X_mix, Y_mix


# %% mixup: classes_of_this_batch
# Wrong: the targets have as many columns as the largest label of the batch needs, not `classes`.
def mixup(X, labels, classes, alpha, rng):
    lam = rng.beta(alpha, alpha)
    perm = rng.permutation(len(labels))
    Y = np.eye(int(np.max(labels)) + 1)[labels]
    return lam * X + (1 - lam) * X[perm], lam * Y + (1 - lam) * Y[perm]


# %% mixup: mixed_numbers
# Wrong: the labels themselves are averaged to numbers of shape (m,), half a 3 and half a 7 make a 5.
def mixup(X, labels, classes, alpha, rng):
    lam = rng.beta(alpha, alpha)
    perm = rng.permutation(len(labels))
    y = np.asarray(labels, dtype=float)
    return lam * X + (1 - lam) * X[perm], lam * y + (1 - lam) * y[perm]


# %% mixup: torch_one_hot
# Wrong: targets from torch's one_hot times a float, float32 and not float64.
def mixup(X, labels, classes, alpha, rng):
    lam = float(rng.beta(alpha, alpha))
    perm = rng.permutation(len(labels))
    Y = torch.nn.functional.one_hot(torch.as_tensor(np.asarray(labels, dtype=np.int64)), classes)
    Y_mix = (lam * Y + (1 - lam) * Y[torch.as_tensor(perm)]).numpy()
    return lam * X + (1 - lam) * X[perm], Y_mix


# %% mixup: in_the_batch_itself
# Wrong: X is mixed in place, the caller's rows change.
def mixup(X, labels, classes, alpha, rng):
    lam = rng.beta(alpha, alpha)
    perm = rng.permutation(len(labels))
    other = X[perm]
    X *= lam
    X += (1 - lam) * other
    Y = np.eye(classes)[labels]
    return X, lam * Y + (1 - lam) * Y[perm]


# %% mixup: partners_drawn_with_replacement
# Wrong: the partners are rng.integers(m, size=m) and no permutation.
def mixup(X, labels, classes, alpha, rng):
    m = X.shape[0]
    lam = rng.beta(alpha, alpha)
    partner = rng.integers(m, size=m)
    Y = np.eye(classes)[labels]
    return lam * X + (1 - lam) * X[partner], lam * Y + (1 - lam) * Y[partner]


# %% mixup: shuffles_twice
# Wrong: one permutation is drawn for the rows and another for the targets.
def mixup(X, labels, classes, alpha, rng):
    lam = rng.beta(alpha, alpha)
    Y = np.eye(classes)[labels]

    def mix(A):
        return lam * A + (1 - lam) * A[rng.permutation(len(A))]

    return mix(X), mix(Y)


# %% mixup: originals_too
# Wrong: returns the old rows and below them the mixed ones, 2m rows.
def mixup(X, labels, classes, alpha, rng):
    lam = rng.beta(alpha, alpha)
    perm = rng.permutation(len(X))
    Y = np.eye(classes)[labels]
    X_new = lam * X + (1 - lam) * X[perm]
    Y_new = lam * Y + (1 - lam) * Y[perm]
    return np.concatenate([X, X_new]), np.concatenate([Y, Y_new])


# %% mixup: swapped_weight_for_labels_and_order
# Wrong: two slips, the permutation is drawn first, and in the targets lambda goes to the other row.
def mixup(X, labels, classes, alpha, rng):
    perm = rng.permutation(len(X))
    lam = rng.beta(alpha, alpha)
    Y = np.eye(classes)[labels]
    return lam * X + (1 - lam) * X[perm], (1 - lam) * Y + lam * Y[perm]


# %% mixup: uniform_weight_and_labels_alone
# Wrong: two slips, lambda comes from rng.random() and not from the Beta distribution, and targets are the heavier row's label.
def mixup(X, labels, classes, alpha, rng):
    lam = rng.random()
    perm = rng.permutation(len(X))
    Y = np.eye(classes)[labels]
    return lam * X + (1 - lam) * X[perm], Y if lam >= 0.5 else Y[perm]


# %% mixup: cut_and_paste
# Wrong: takes mixing for replacing (CutMix), a share 1 - lambda of the rows is exchanged for their partners.
def mixup(X, labels, classes, alpha, rng):
    m = len(X)
    lam = rng.beta(alpha, alpha)
    perm = rng.permutation(m)
    Y = np.eye(classes)[labels]
    X_mix, Y_mix = X.copy(), Y.copy()
    cut = int(round((1 - lam) * m))
    X_mix[:cut] = X[perm][:cut]
    Y_mix[:cut] = Y[perm][:cut]
    return X_mix, Y_mix


# %% mixup: alpha_is_the_weight
# Wrong: takes alpha itself (cut off at 1) for the weight, nothing is drawn but the permutation after the Beta.
def mixup(X, labels, classes, alpha, rng):
    rng.beta(alpha, alpha)
    lam = min(1.0, alpha)
    perm = rng.permutation(len(X))
    Y = np.eye(classes)[labels]
    return lam * X + (1 - lam) * X[perm], lam * Y + (1 - lam) * Y[perm]


# %% mixup: rows_done
# Wrong: unfinished, the targets come back as an array of zeros.
def mixup(X, labels, classes, alpha, rng):
    lam = rng.beta(alpha, alpha)
    perm = rng.permutation(X.shape[0])
    X_mix = lam * X + (1 - lam) * X[perm]
    Y_mix = np.zeros((X.shape[0], classes))
    return X_mix, Y_mix


# %% mixup: two_axes
# Wrong: unpacks m, d = X.shape, rows of any other shape raise.
def mixup(X, labels, classes, alpha, rng):
    m, d = X.shape
    lam = rng.beta(alpha, alpha)
    perm = rng.permutation(m)
    X_mix = np.zeros((m, d))
    Y_mix = np.zeros((m, classes))
    for i in range(m):
        X_mix[i] = lam * X[i] + (1 - lam) * X[perm[i]]
        Y_mix[i, labels[i]] += lam
        Y_mix[i, labels[perm[i]]] += 1 - lam
    return X_mix, Y_mix


# %% mixup: a_mixing_matrix
# Right: one (m, m) matrix mixes rows and targets alike.
def mixup(X, labels, classes, alpha, rng):
    lam = rng.beta(alpha, alpha)
    m = len(labels)
    mixer = lam * np.eye(m) + (1 - lam) * np.eye(m)[rng.permutation(m)]
    Y = np.equal.outer(np.asarray(labels), np.arange(classes)).astype(np.float64)
    return np.tensordot(mixer, X, axes=1), mixer @ Y


# %% mixup: counts_by_add_at
# Right: np.add.at for the targets, the partner's rows taken with np.take.
def mixup(X, labels, classes, alpha, rng):
    own = rng.beta(alpha, alpha)
    partner = rng.permutation(np.shape(X)[0])
    rows = np.arange(partner.size)
    targets = np.zeros((rows.size, classes), dtype=np.float64)
    np.add.at(targets, (rows, np.asarray(labels)), own)
    np.add.at(targets, (rows, np.take(labels, partner)), 1.0 - own)
    blended = np.multiply(X, own)
    blended += (1.0 - own) * np.take(X, partner, axis=0)
    return blended, targets


# %% param_groups: by_the_name_bias
# Wrong: goes by names, what is called bias does not decay and all else does, also the scales of norm layers.
def param_groups(model, weight_decay):
    decay, no_decay = [], []
    for name, p in model.named_parameters():
        if not p.requires_grad:
            continue
        if name.endswith("bias"):
            no_decay.append(p)
        else:
            decay.append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": no_decay, "weight_decay": 0.0}]


# %% param_groups: more_than_two
# Wrong: only what has more than two dimensions decays, matrices do not.
def param_groups(model, weight_decay):
    trainable = [p for p in model.parameters() if p.requires_grad]
    return [
        {"params": [p for p in trainable if p.ndim > 2], "weight_decay": weight_decay},
        {"params": [p for p in trainable if p.ndim <= 2], "weight_decay": 0.0},
    ]


# %% param_groups: vectors_decay
# Wrong: one or more dimensions decay, only single numbers do not.
def param_groups(model, weight_decay):
    groups = [{"params": [], "weight_decay": weight_decay}, {"params": [], "weight_decay": 0.0}]
    for p in model.parameters():
        if p.requires_grad:
            groups[0 if p.dim() >= 1 else 1]["params"].append(p)
    return groups


# %% param_groups: frozen_too
# Wrong: frozen parameters are put in the groups as well.
def param_groups(model, weight_decay):
    ps = list(model.parameters())
    decay = [p for p in ps if p.dim() >= 2]
    rest = [p for p in ps if p.dim() < 2]
    return [dict(params=decay, weight_decay=weight_decay), dict(params=rest, weight_decay=0.0)]


# %% param_groups: frozen_do_not_decay
# Wrong: frozen parameters go into the second group, where there is no decay.
def param_groups(model, weight_decay):
    decay, no_decay = [], []
    for p in model.parameters():
        if p.requires_grad and len(p.shape) >= 2:
            decay.append(p)
        else:
            no_decay.append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": no_decay, "weight_decay": 0.0}]


# %% param_groups: larger_than_one
# Wrong: goes by numel() > 1, not by dimensions, so vectors of several numbers decay and 1 x 1 matrices do not.
def param_groups(model, weight_decay):
    decay = []
    no_decay = []
    for p in model.parameters():
        if p.requires_grad is False:
            continue
        (decay if p.numel() > 1 else no_decay).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": no_decay, "weight_decay": 0.0}]


# %% param_groups: without_axes_of_one
# Wrong: axes of length 1 are squeezed away first, a weight of shape (1, 5) counts as a vector.
def param_groups(model, weight_decay):
    yes, no = [], []
    for p in filter(lambda p: p.requires_grad, model.parameters()):
        if p.squeeze().ndim >= 2:
            yes += [p]
        else:
            no += [p]
    return [{"params": yes, "weight_decay": weight_decay}, {"params": no, "weight_decay": 0.0}]


# %% param_groups: no_decay_first
# Wrong: the two groups are in the other order, no_decay before decay.
def param_groups(model, weight_decay):
    ps = [p for p in model.parameters() if p.requires_grad]
    no_decay = {"params": [p for p in ps if p.dim() < 2], "weight_decay": 0.0}
    decay = {"params": [p for p in ps if p.dim() >= 2], "weight_decay": weight_decay}
    return [no_decay, decay]


# %% param_groups: optimisers_default
# Wrong: the second group has no "weight_decay", so AdamW's default of 0.01 applies.
def param_groups(model, weight_decay):
    ps = [p for p in model.parameters() if p.requires_grad]
    return [
        {"params": [p for p in ps if p.dim() >= 2], "weight_decay": weight_decay},
        {"params": [p for p in ps if p.dim() < 2]},
    ]


# %% param_groups: by_the_module
# Wrong: minGPT's habit, only the weights of Linear and convolution layers decay, embeddings and matrices of one's own do not.
def param_groups(model, weight_decay):
    wanted = (torch.nn.Linear, torch.nn.Conv1d, torch.nn.Conv2d, torch.nn.Conv3d)
    decay_ids = {id(mod.weight) for mod in model.modules() if isinstance(mod, wanted)}
    decay, no_decay = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if id(p) in decay_ids else no_decay).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": no_decay, "weight_decay": 0.0}]


# %% param_groups: names_in_the_groups
# Wrong: the lists hold pairs (name, parameter), as named_parameters gives them, and not parameters.
def param_groups(model, weight_decay):
    named = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    return [
        {"params": [(n, p) for n, p in named if p.ndim >= 2], "weight_decay": weight_decay},
        {"params": [(n, p) for n, p in named if p.ndim < 2], "weight_decay": 0.0},
    ]


# %% param_groups: no_gradient_yet
# Wrong: takes p.grad is None for frozen, before the first backward() nothing is in the groups.
def param_groups(model, weight_decay):
    live = [p for p in model.parameters() if p.grad is not None and p.requires_grad]
    groups = []
    for matrices, wd in ((True, weight_decay), (False, 0.0)):
        groups.append({"params": [p for p in live if (p.ndim >= 2) == matrices], "weight_decay": wd})
    return groups


# %% param_groups: empty_group_dropped
# Wrong: a group without parameters is left out of the list.
def param_groups(model, weight_decay):
    ps = [p for p in model.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in ps if p.dim() >= 2], "weight_decay": weight_decay},
        {"params": [p for p in ps if p.dim() < 2], "weight_decay": 0.0},
    ]
    return [g for g in groups if g["params"]]


# %% param_groups: both_names
# Wrong: remove_duplicate=False, a tensor under two names is in the groups twice.
def param_groups(model, weight_decay):
    decay, no_decay = [], []
    for _, p in model.named_parameters(remove_duplicate=False):
        if not p.requires_grad:
            continue
        if p.ndim >= 2:
            decay.append(p)
        else:
            no_decay.append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": no_decay, "weight_decay": 0.0}]


# %% param_groups: used_up_generators
# Wrong: "params" are generators and not lists.
def param_groups(model, weight_decay):
    return [
        {"params": (p for p in model.parameters() if p.requires_grad and p.ndim >= 2), "weight_decay": weight_decay},
        {"params": (p for p in model.parameters() if p.requires_grad and p.ndim < 2), "weight_decay": 0.0},
    ]


# %% param_groups: detached_data
# Wrong: the lists hold p.data, other tensors than the model's parameters, which get no gradient.
def param_groups(model, weight_decay):
    decay, no_decay = [], []
    for p in model.parameters():
        if not p.requires_grad:
            continue
        if p.data.dim() >= 2:
            decay.append(p.data)
        else:
            no_decay.append(p.data)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": no_decay, "weight_decay": 0.0}]


# %% param_groups: frozen_in_and_no_zero
# Wrong: two slips, frozen parameters are included, and the second group has the given decay too.
def param_groups(model, weight_decay):
    decay, no_decay = [], []
    for p in model.parameters():
        (decay if p.ndim > 1 else no_decay).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": no_decay, "weight_decay": weight_decay}]


# %% param_groups: by_weight_in_the_name_and_twice
# Wrong: two slips, goes by "weight" in the name, and a tensor under two names comes twice.
def param_groups(model, weight_decay):
    decay, no_decay = [], []
    for module_name, module in model.named_modules():
        for name, p in module.named_parameters(recurse=False):
            if p.requires_grad:
                (decay if "weight" in name else no_decay).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": no_decay, "weight_decay": 0.0}]


# %% param_groups: decays_right_away
# Wrong: takes it for doing the decay, the matrices are multiplied by 1 - weight_decay in the model, and both groups have 0.
def param_groups(model, weight_decay):
    ps = [p for p in model.parameters() if p.requires_grad]
    with torch.no_grad():
        for p in ps:
            if p.ndim >= 2:
                p.mul_(1 - weight_decay)
    return [
        {"params": [p for p in ps if p.ndim >= 2], "weight_decay": 0.0},
        {"params": [p for p in ps if p.ndim < 2], "weight_decay": 0.0},
    ]


# %% param_groups: freezes_the_rest
# Wrong: takes "does not decay" for "does not learn", vectors are frozen in the model and left out.
def param_groups(model, weight_decay):
    decay = []
    for p in model.parameters():
        if p.ndim >= 2:
            if p.requires_grad:
                decay.append(p)
        else:
            p.requires_grad_(False)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": [], "weight_decay": 0.0}]


# %% param_groups: top_level_only
# Wrong: unfinished, only parameters that hang on the model itself are looked at, not those of its layers.
def param_groups(model, weight_decay):
    decay, no_decay = [], []
    for p in model.parameters(recurse=False):
        if p.requires_grad:
            (decay if p.ndim >= 2 else no_decay).append(p)
    # and the submodules?
    return [{"params": decay, "weight_decay": weight_decay}, {"params": no_decay, "weight_decay": 0.0}]


# %% param_groups: in_a_list
# Wrong: `p not in seen` compares tensors entry by entry and raises for tensors of several numbers.
def param_groups(model, weight_decay):
    seen, decay, no_decay = [], [], []
    for p in model.parameters():
        if p.requires_grad and p not in seen:
            seen.append(p)
            if p.ndim >= 2:
                decay.append(p)
            else:
                no_decay.append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": no_decay, "weight_decay": 0.0}]


# %% param_groups: a_dict_by_identity
# Right: walks through all modules' own tables of parameters, a dict by id removes doubles.
def param_groups(model, weight_decay):
    unique = {}
    for module in model.modules():
        for p in module._parameters.values():
            if p is not None and p.requires_grad:
                unique.setdefault(id(p), p)
    split = {True: [], False: []}
    for p in unique.values():
        split[len(p.size()) >= 2].append(p)
    return [{"params": split[key], "weight_decay": wd} for key, wd in ((True, weight_decay), (False, 0.0))]


# %% param_groups: sorted_by_key
# Right: sorts by whether it has an axis beyond the first, and cuts the list in two.
def param_groups(model, weight_decay):
    learning = sorted((p for p in model.parameters() if p.requires_grad), key=lambda p: p.dim() < 2)
    border = sum(p.dim() >= 2 for p in learning)
    names = ("params", "weight_decay")
    return [dict(zip(names, (learning[:border], weight_decay))), dict(zip(names, (learning[border:], 0.0)))]


# %% EarlyStopping: border_counts
# Wrong: <= for <, at the border a metric counts as better.
class EarlyStopping:
    def __init__(self, patience, min_delta=0.0):
        if patience < 1:
            raise ValueError("patience below 1")
        if min_delta < 0:
            raise ValueError("min_delta is negative")
        self.patience, self.min_delta = patience, min_delta
        self.best = float("inf")
        self.waiting = 0
        self.kept = None

    def step(self, metric, model):
        if metric <= self.best - self.min_delta:
            self.best = metric
            self.waiting = 0
            self.kept = {k: v.detach().clone() for k, v in model.state_dict().items()}
        else:
            self.waiting += 1
        return self.waiting >= self.patience

    def restore(self, model):
        if self.kept is not None:
            model.load_state_dict(self.kept)


# %% EarlyStopping: delta_added
# Wrong: the sign of delta, a metric is better below best + delta, so it may even be worse.
import copy


class EarlyStopping:
    def __init__(self, patience, min_delta=0.0):
        if patience < 1 or min_delta < 0:
            raise ValueError("patience from 1, min_delta from 0")
        self.patience = patience
        self.min_delta = min_delta
        self.best = np.inf
        self.counter = 0
        self.state = None

    def step(self, metric, model):
        if metric < self.best + self.min_delta:
            self.best = metric
            self.state = copy.deepcopy(model.state_dict())
            self.counter = 0
            return False
        self.counter += 1
        return self.counter >= self.patience

    def restore(self, model):
        if self.state:
            model.load_state_dict(self.state)


# %% EarlyStopping: one_more_call
# Wrong: > for >=, it stops after patience + 1 calls with no gain, as ReduceLROnPlateau counts.
class EarlyStopping:
    def __init__(self, patience, min_delta=0.0):
        if not patience >= 1 or not min_delta >= 0:
            raise ValueError("settings")
        self.patience, self.min_delta = patience, min_delta
        self.best, self.bad_epochs, self.saved = float("inf"), 0, None

    def step(self, metric, model):
        if metric < self.best - self.min_delta:
            self.best, self.bad_epochs = metric, 0
            self.saved = {name: t.clone() for name, t in model.state_dict().items()}
        else:
            self.bad_epochs += 1
        return self.bad_epochs > self.patience

    def restore(self, model):
        if self.saved is not None:
            model.load_state_dict(self.saved)


# %% EarlyStopping: never_set_back
# Wrong: the counter is not set back to 0 after a gain, calls with no gain are counted altogether.
class EarlyStopping:
    def __init__(self, patience, min_delta=0.0):
        if patience < 1:
            raise ValueError("patience")
        if min_delta < 0.0:
            raise ValueError("min_delta")
        self.best = float("inf")
        self._patience = patience
        self._delta = min_delta
        self._n = 0
        self._copy = None

    def step(self, metric, model):
        better = metric < self.best - self._delta
        if better:
            self.best = metric
            self._copy = [t.detach().clone() for t in [*model.parameters(), *model.buffers()]]
        else:
            self._n += 1
        return self._n >= self._patience

    def restore(self, model):
        if self._copy is None:
            return
        with torch.no_grad():
            for t, c in zip([*model.parameters(), *model.buffers()], self._copy):
                t.copy_(c)


# %% EarlyStopping: relative_delta
# Wrong: PyTorch's relative threshold, a metric is better below best * (1 - delta).
class EarlyStopping:
    def __init__(self, patience, min_delta=0.0):
        if patience < 1 or min_delta < 0:
            raise ValueError("bad settings")
        self.patience, self.threshold = patience, min_delta
        self.best, self.count, self.weights = float("inf"), 0, {}

    def step(self, metric, model):
        if metric < self.best * (1 - self.threshold) or (self.best == float("inf") and metric < self.best):
            self.best = metric
            self.count = 0
            self.weights = {k: v.clone() for k, v in model.state_dict().items()}
        else:
            self.count += 1
        return self.count >= self.patience

    def restore(self, model):
        if self.weights:
            model.load_state_dict(self.weights)


# %% EarlyStopping: every_small_gain_moves_best
# Wrong: best follows every lower metric, also gains smaller than delta that do not count, so small gains never add up.
class EarlyStopping:
    def __init__(self, patience, min_delta=0.0):
        if patience < 1 or min_delta < 0:
            raise ValueError("bad settings")
        self.patience, self.min_delta = patience, min_delta
        self.best, self.count, self.weights = float("inf"), 0, None

    def step(self, metric, model):
        if metric < self.best - self.min_delta:
            self.count = 0
            self.weights = {k: v.clone() for k, v in model.state_dict().items()}
        else:
            self.count += 1
        if metric < self.best:
            self.best = metric
        return self.count >= self.patience

    def restore(self, model):
        if self.weights is not None:
            model.load_state_dict(self.weights)


# %% EarlyStopping: larger_is_better
# Wrong: as for an accuracy, the larger metric is the better one; best starts at minus infinity.
class EarlyStopping:
    def __init__(self, patience, min_delta=0.0):
        if patience < 1 or min_delta < 0:
            raise ValueError("bad settings")
        self.patience, self.min_delta = patience, min_delta
        self.best, self.count, self.weights = -float("inf"), 0, None

    def step(self, metric, model):
        if metric > self.best + self.min_delta:
            self.best, self.count = metric, 0
            self.weights = {k: v.clone() for k, v in model.state_dict().items()}
        else:
            self.count += 1
        return self.count >= self.patience

    def restore(self, model):
        if self.weights is not None:
            model.load_state_dict(self.weights)


# %% EarlyStopping: worse_than_the_last_call
# Wrong: compares with the metric of the call before and not with the best one.
class EarlyStopping:
    def __init__(self, patience, min_delta=0.0):
        if patience < 1 or min_delta < 0:
            raise ValueError("bad settings")
        self.patience, self.min_delta = patience, min_delta
        self.best, self.last, self.count, self.weights = float("inf"), float("inf"), 0, None

    def step(self, metric, model):
        if metric < self.last - self.min_delta:
            self.count = 0
        else:
            self.count += 1
        if metric < self.best - self.min_delta:
            self.best = metric
            self.weights = {k: v.clone() for k, v in model.state_dict().items()}
        self.last = metric
        return self.count >= self.patience

    def restore(self, model):
        if self.weights is not None:
            model.load_state_dict(self.weights)


# %% EarlyStopping: first_metric_is_best
# Wrong: a common recipe with `if self.best is None`, best is None at first and a first NaN becomes the best for ever.
class EarlyStopping:
    def __init__(self, patience, min_delta=0.0):
        if patience < 1 or min_delta < 0:
            raise ValueError("bad settings")
        self.patience, self.min_delta = patience, min_delta
        self.best = None
        self.counter = 0
        self.checkpoint = None

    def step(self, metric, model):
        if self.best is None or metric < self.best - self.min_delta:
            self.best = metric
            self.counter = 0
            self.checkpoint = {k: v.detach().clone() for k, v in model.state_dict().items()}
        else:
            self.counter += 1
        return self.counter >= self.patience

    def restore(self, model):
        if self.checkpoint is not None:
            model.load_state_dict(self.checkpoint)


# %% EarlyStopping: keras_restores_nothing
# Wrong: a shallow state_dict as in many snippets, the kept tensors are the model's own and move on with it.
class EarlyStopping:
    def __init__(self, patience, min_delta=0.0):
        if patience < 1 or min_delta < 0:
            raise ValueError("bad settings")
        self.patience, self.min_delta = patience, min_delta
        self.best, self.wait, self.best_weights = np.inf, 0, None

    def step(self, metric, model):
        if metric < self.best - self.min_delta:
            self.best = metric
            self.wait = 0
            self.best_weights = model.state_dict().copy()
        else:
            self.wait += 1
        return self.wait >= self.patience

    def restore(self, model):
        if self.best_weights is not None:
            model.load_state_dict(self.best_weights)


# %% EarlyStopping: nan_is_skipped
# Wrong: a NaN is passed over, it neither counts nor changes anything, so patience is too long.
class EarlyStopping:
    def __init__(self, patience, min_delta=0.0):
        if patience < 1 or min_delta < 0:
            raise ValueError("bad settings")
        self.patience, self.min_delta = patience, min_delta
        self.best, self.count, self.weights = float("inf"), 0, None

    def step(self, metric, model):
        if metric != metric:
            return False
        if metric < self.best - self.min_delta:
            self.best, self.count = metric, 0
            self.weights = {k: v.clone() for k, v in model.state_dict().items()}
        else:
            self.count += 1
        return self.count >= self.patience

    def restore(self, model):
        if self.weights is not None:
            model.load_state_dict(self.weights)


# %% EarlyStopping: parameters_without_buffers
# Wrong: only the parameters are kept, the running averages of a batch norm are not brought back.
class EarlyStopping:
    def __init__(self, patience, min_delta=0.0):
        if patience < 1 or min_delta < 0:
            raise ValueError("bad settings")
        self.patience, self.min_delta = patience, min_delta
        self.best, self.count, self.weights = float("inf"), 0, None

    def step(self, metric, model):
        if metric < self.best - self.min_delta:
            self.best, self.count = metric, 0
            self.weights = [p.detach().clone() for p in model.parameters()]
        else:
            self.count += 1
        return self.count >= self.patience

    @torch.no_grad()
    def restore(self, model):
        if self.weights is not None:
            for p, w in zip(model.parameters(), self.weights):
                p.copy_(w)


# %% EarlyStopping: hands_its_copy_out
# Wrong: restore sets p.data to the kept tensors themselves, so training on changes what was kept.
class EarlyStopping:
    def __init__(self, patience, min_delta=0.0):
        if patience < 1 or min_delta < 0:
            raise ValueError("bad settings")
        self.patience, self.min_delta = patience, min_delta
        self.best, self.count, self.weights = float("inf"), 0, None

    def step(self, metric, model):
        if metric < self.best - self.min_delta:
            self.best, self.count = metric, 0
            self.weights = [t.detach().clone() for t in (*model.parameters(), *model.buffers())]
        else:
            self.count += 1
        return self.count >= self.patience

    def restore(self, model):
        if self.weights is None:
            return
        for t, w in zip((*model.parameters(), *model.buffers()), self.weights):
            t.data = w


# %% EarlyStopping: restores_once
# Wrong: restore pops what was kept, a second call changes nothing.
class EarlyStopping:
    def __init__(self, patience, min_delta=0.0):
        if patience < 1 or min_delta < 0:
            raise ValueError("bad settings")
        self.patience, self.min_delta = patience, min_delta
        self.best, self.count, self.stack = float("inf"), 0, []

    def step(self, metric, model):
        if metric < self.best - self.min_delta:
            self.best, self.count = metric, 0
            self.stack = [{k: v.clone() for k, v in model.state_dict().items()}]
        else:
            self.count += 1
        return self.count >= self.patience

    def restore(self, model):
        if self.stack:
            model.load_state_dict(self.stack.pop())


# %% EarlyStopping: no_complaints
# Wrong: neither a patience below 1 nor a negative min_delta raises ValueError.
class EarlyStopping:
    def __init__(self, patience, min_delta=0.0):
        self.patience = max(1, int(patience))
        self.min_delta = abs(min_delta)
        self.best, self.count, self.weights = float("inf"), 0, None

    def step(self, metric, model):
        if metric < self.best - self.min_delta:
            self.best, self.count = metric, 0
            self.weights = {k: v.clone() for k, v in model.state_dict().items()}
        else:
            self.count += 1
        return self.count >= self.patience

    def restore(self, model):
        if self.weights is not None:
            model.load_state_dict(self.weights)


# %% EarlyStopping: kept_in_the_class
# Wrong: the kept weights are a dict of the class that is filled in place, two instances share them.
class EarlyStopping:
    weights = {}

    def __init__(self, patience, min_delta=0.0):
        if patience < 1 or min_delta < 0:
            raise ValueError("bad settings")
        self.patience, self.min_delta = patience, min_delta
        self.best, self.count = float("inf"), 0

    def step(self, metric, model):
        if metric < self.best - self.min_delta:
            self.best, self.count = metric, 0
            for k, v in model.state_dict().items():
                self.weights[k] = v.detach().clone()
        else:
            self.count += 1
        return self.count >= self.patience

    def restore(self, model):
        if self.weights:
            model.load_state_dict(self.weights)


# %% EarlyStopping: zero_is_nothing
# Wrong: two slips, `not self.best` takes a best metric of 0 for none, and delta is not used.
class EarlyStopping:
    def __init__(self, patience, min_delta=0.0):
        if patience < 1 or min_delta < 0:
            raise ValueError("bad settings")
        self.patience, self.min_delta = patience, min_delta
        self.best, self.count, self.weights = float("inf"), 0, None

    def step(self, metric, model):
        if not self.best or metric < self.best:
            self.best, self.count = metric, 0
            self.weights = {k: v.clone() for k, v in model.state_dict().items()}
        else:
            self.count += 1
        return self.count >= self.patience

    def restore(self, model):
        if self.weights is not None:
            model.load_state_dict(self.weights)


# %% EarlyStopping: one_late_and_no_copy
# Wrong: two slips, it stops one call too late, and keeps references instead of copies.
class EarlyStopping:
    def __init__(self, patience, min_delta=0.0):
        if patience < 1 or min_delta < 0:
            raise ValueError("bad settings")
        self.patience, self.min_delta = patience, min_delta
        self.best, self.count, self.weights = float("inf"), 0, None

    def step(self, metric, model):
        if metric < self.best - self.min_delta:
            self.best, self.count = metric, 0
            self.weights = [*model.parameters(), *model.buffers()]
            return False
        if self.count >= self.patience:
            return True
        self.count += 1
        return False

    def restore(self, model):
        if self.weights is not None:
            with torch.no_grad():
                for t, w in zip([*model.parameters(), *model.buffers()], self.weights):
                    t.copy_(w)


# %% EarlyStopping: keeps_the_latest
# Wrong: the model is kept at every call, restore brings back the last one and not the best.
class EarlyStopping:
    def __init__(self, patience, min_delta=0.0):
        if patience < 1 or min_delta < 0:
            raise ValueError("bad settings")
        self.patience, self.min_delta = patience, min_delta
        self.best, self.count, self.weights = float("inf"), 0, None

    def step(self, metric, model):
        self.weights = {k: v.clone() for k, v in model.state_dict().items()}
        if metric < self.best - self.min_delta:
            self.best, self.count = metric, 0
        else:
            self.count += 1
        return self.count >= self.patience

    def restore(self, model):
        if self.weights is not None:
            model.load_state_dict(self.weights)


# %% EarlyStopping: patience_in_calls
# Wrong: takes patience for the number of calls altogether, from the patience-th call on it stops at the first that is no gain.
class EarlyStopping:
    def __init__(self, patience, min_delta=0.0):
        if patience < 1 or min_delta < 0:
            raise ValueError("bad settings")
        self.patience, self.min_delta = patience, min_delta
        self.best, self.calls, self.weights = float("inf"), 0, None

    def step(self, metric, model):
        self.calls += 1
        if metric < self.best - self.min_delta:
            self.best = metric
            self.weights = {k: v.clone() for k, v in model.state_dict().items()}
            return False
        return self.calls >= self.patience

    def restore(self, model):
        if self.weights is not None:
            model.load_state_dict(self.weights)


# %% EarlyStopping: restore_to_be_written
# Wrong: unfinished, counting works, but nothing is kept and restore does nothing.
class EarlyStopping:
    def __init__(self, patience, min_delta=0.0):
        if patience < 1 or min_delta < 0:
            raise ValueError("bad settings")
        self.patience, self.min_delta = patience, min_delta
        self.best, self.count = float("inf"), 0

    def step(self, metric, model):
        if metric < self.best - self.min_delta:
            self.best = metric
            self.count = 0
        else:
            self.count += 1
        return self.count >= self.patience

    def restore(self, model):
        pass


# %% EarlyStopping: loads_none
# Wrong: restore raises where nothing was kept, load_state_dict(None).
class EarlyStopping:
    def __init__(self, patience, min_delta=0.0):
        if patience < 1 or min_delta < 0:
            raise ValueError("bad settings")
        self.patience, self.min_delta = patience, min_delta
        self.best, self.count, self.weights = float("inf"), 0, None

    def step(self, metric, model):
        if metric < self.best - self.min_delta:
            self.best, self.count = metric, 0
            self.weights = {k: v.clone() for k, v in model.state_dict().items()}
        else:
            self.count += 1
        return self.count >= self.patience

    def restore(self, model):
        model.load_state_dict(self.weights)


# %% EarlyStopping: number_of_the_last_gain
# Right: remembers at which call the last gain was and compares call numbers; the copies are a tuple of tensors.
class EarlyStopping:
    def __init__(self, patience, min_delta=0.0):
        if patience < 1:
            raise ValueError(f"patience {patience} is below 1")
        if min_delta < 0:
            raise ValueError(f"min_delta {min_delta} is negative")
        self._limit, self._gain = patience, min_delta
        self._now = self._last_gain = 0
        self._kept = ()
        self.best = float("inf")

    @staticmethod
    def _tensors(model):
        yield from model.parameters()
        yield from model.buffers()

    def step(self, metric, model):
        self._now += 1
        if self.best - self._gain > metric:
            self.best, self._last_gain = metric, self._now
            self._kept = tuple(t.detach().clone() for t in self._tensors(model))
        return self._now - self._last_gain >= self._limit

    def restore(self, model):
        with torch.no_grad():
            for own, kept in zip(self._tensors(model), self._kept):
                own.copy_(kept)


# %% EarlyStopping: a_queue_of_verdicts
# Right: a deque of the last verdicts says whether none of them was a gain, the copy is two dicts by name.
from collections import deque


class EarlyStopping:
    def __init__(self, patience, min_delta=0.0):
        if patience < 1 or min_delta < 0:
            raise ValueError("patience has to be 1 or more, min_delta 0 or more")
        self.min_delta = min_delta
        self.verdicts = deque([True] * patience, maxlen=patience)
        self.best = np.inf
        self.saved = {}

    def step(self, metric, model):
        gained = bool(metric < self.best - self.min_delta)
        self.verdicts.append(gained)
        if gained:
            self.best = metric
            named = {**dict(model.named_parameters()), **dict(model.named_buffers())}
            self.saved = {name: tensor.detach().clone() for name, tensor in named.items()}
        return not any(self.verdicts)

    def restore(self, model):
        own = {**dict(model.named_parameters()), **dict(model.named_buffers())}
        for name, tensor in self.saved.items():
            own[name].data.copy_(tensor)


# %% training_step: mean_of_the_means
# Wrong: every micro-batch counts alike, its loss is divided by their number and not weighted by its rows.
def training_step(model, loss_fn, batches, optimizer, scheduler, max_norm):
    optimizer.zero_grad()
    total = 0.0
    for x, y in batches:
        loss = loss_fn(model(x), y) / len(batches)
        loss.backward()
        total += loss.item()
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    lr = optimizer.param_groups[0]["lr"]
    optimizer.step()
    scheduler.step()
    return total, norm.item(), lr


# %% training_step: adds_up_the_means
# Wrong: the micro-batches' mean losses are added up, nothing is divided.
def training_step(model, loss_fn, batches, optimizer, scheduler, max_norm):
    model.zero_grad()
    optimizer.zero_grad()
    losses = []
    for x, y in batches:
        loss = loss_fn(model(x), y)
        loss.backward()
        losses.append(float(loss))
    grad_norm = float(torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm))
    lr = float(optimizer.param_groups[0]["lr"])
    optimizer.step()
    scheduler.step()
    return sum(losses), grad_norm, lr


# %% training_step: weights_in_the_report_only
# Wrong: the reported loss is weighted by rows, but what goes backward is the mean of the means.
def training_step(model, loss_fn, batches, optimizer, scheduler, max_norm):
    optimizer.zero_grad()
    rows, weighted = 0, 0.0
    for x, y in batches:
        loss = loss_fn(model(x), y)
        (loss / len(batches)).backward()
        rows += x.shape[0]
        weighted += loss.item() * x.shape[0]
    grad_norm = torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    rate = optimizer.param_groups[0]["lr"]
    optimizer.step()
    scheduler.step()
    return weighted / rows, grad_norm.item(), rate


# %% training_step: rows_of_the_first
# Wrong: all micro-batches are taken to be as large as the first one when they are weighted.
def training_step(model, loss_fn, batches, optimizer, scheduler, max_norm):
    optimizer.zero_grad()
    n = sum(len(x) for x, _ in batches)
    size = len(batches[0][0])
    total = 0.0
    for x, y in batches:
        loss = loss_fn(model(x), y) * size / n
        loss.backward()
        total += loss.item()
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm).item()
    lr = optimizer.param_groups[0]["lr"]
    optimizer.step()
    scheduler.step()
    return total, norm, lr


# %% training_step: clears_in_the_loop
# Wrong: zero_grad stands inside the loop, only the last micro-batch's gradient is left.
def training_step(model, loss_fn, batches, optimizer, scheduler, max_norm):
    n = sum(len(y) for _, y in batches)
    total = 0.0
    for x, y in batches:
        optimizer.zero_grad()
        loss = loss_fn(model(x), y) * (len(y) / n)
        loss.backward()
        total += loss.item()
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    lr = optimizer.param_groups[0]["lr"]
    optimizer.step()
    scheduler.step()
    return total, float(norm), lr


# %% training_step: clips_each_piece
# Wrong: clipping stands inside the loop, after each backward the gradient so far is clipped.
def training_step(model, loss_fn, batches, optimizer, scheduler, max_norm):
    optimizer.zero_grad()
    n = sum(x.shape[0] for x, _ in batches)
    total, norm = 0.0, 0.0
    for x, y in batches:
        loss = loss_fn(model(x), y)
        share = x.shape[0] / n
        (loss * share).backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm).item()
        total += loss.item() * share
    lr = optimizer.param_groups[0]["lr"]
    optimizer.step()
    scheduler.step()
    return total, norm, lr


# %% training_step: scheduler_first
# Wrong: the scheduler steps before the optimiser (as before PyTorch 1.1), the update uses the next rate, and that is returned.
def training_step(model, loss_fn, batches, optimizer, scheduler, max_norm):
    optimizer.zero_grad()
    scheduler.step()
    n = sum(x.shape[0] for x, _ in batches)
    total = 0.0
    for x, y in batches:
        loss = loss_fn(model(x), y) * x.shape[0] / n
        loss.backward()
        total += loss.item()
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm).item()
    optimizer.step()
    return total, norm, optimizer.param_groups[0]["lr"]


# %% training_step: next_rate
# Wrong: the rate is read after scheduler.step(), it is that of the next update.
def training_step(model, loss_fn, batches, optimizer, scheduler, max_norm):
    sizes = [len(x) for x, _ in batches]
    optimizer.zero_grad()
    mean = 0.0
    for (x, y), size in zip(batches, sizes):
        piece = loss_fn(model(x), y) * (size / sum(sizes))
        piece.backward()
        mean += piece.item()
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    scheduler.step()
    return mean, norm.item(), optimizer.param_groups[0]["lr"]


# %% training_step: lightnings_value_clip
# Wrong: clips each entry to max_norm (clip_grad_value_) and not the global norm; the norm is right.
def training_step(model, loss_fn, batches, optimizer, scheduler, max_norm):
    optimizer.zero_grad()
    n = sum(len(x) for x, _ in batches)
    total = 0.0
    for x, y in batches:
        loss = loss_fn(model(x), y) * (len(x) / n)
        loss.backward()
        total += loss.item()
    norm = sum((p.grad ** 2).sum() for p in model.parameters() if p.grad is not None) ** 0.5
    torch.nn.utils.clip_grad_value_(model.parameters(), max_norm)
    lr = optimizer.param_groups[0]["lr"]
    optimizer.step()
    scheduler.step()
    return total, float(norm), lr


# %% training_step: keras_clipnorm
# Wrong: Keras' clipnorm, each parameter's gradient is clipped by its own norm.
def training_step(model, loss_fn, batches, optimizer, scheduler, max_norm):
    optimizer.zero_grad()
    n = sum(len(x) for x, _ in batches)
    total = 0.0
    for x, y in batches:
        loss = loss_fn(model(x), y) * (len(x) / n)
        loss.backward()
        total += loss.item()
    squares = 0.0
    for p in model.parameters():
        if p.grad is not None:
            squares += torch.nn.utils.clip_grad_norm_([p], max_norm).item() ** 2
    lr = optimizer.param_groups[0]["lr"]
    optimizer.step()
    scheduler.step()
    return total, squares ** 0.5, lr


# %% training_step: clears_afterwards
# Wrong: many tutorials' order, zero_grad at the end, so what was left on the parameters before is added to this update.
def training_step(model, loss_fn, batches, optimizer, scheduler, max_norm):
    n = sum(len(x) for x, _ in batches)
    total = 0.0
    for x, y in batches:
        loss = loss_fn(model(x), y) * (len(x) / n)
        loss.backward()
        total += loss.item()
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    lr = optimizer.param_groups[0]["lr"]
    optimizer.step()
    scheduler.step()
    optimizer.zero_grad()
    return total, norm.item(), lr


# %% training_step: always_to_max_norm
# Wrong: the gradient is scaled to max_norm always, short gradients are made longer.
def training_step(model, loss_fn, batches, optimizer, scheduler, max_norm):
    optimizer.zero_grad()
    n = sum(len(x) for x, _ in batches)
    total = 0.0
    for x, y in batches:
        loss = loss_fn(model(x), y) * (len(x) / n)
        loss.backward()
        total += loss.item()
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    norm = torch.sqrt(sum((g ** 2).sum() for g in grads)).item()
    if np.isfinite(max_norm):
        for g in grads:
            g.mul_(max_norm / (norm + 1e-6))
    lr = optimizer.param_groups[0]["lr"]
    optimizer.step()
    scheduler.step()
    return total, norm, lr


# %% training_step: a_tensor_each
# Wrong: loss and norm are returned as tensors and not as plain numbers.
def training_step(model, loss_fn, batches, optimizer, scheduler, max_norm):
    optimizer.zero_grad()
    n = sum(len(x) for x, _ in batches)
    total = torch.zeros(())
    for x, y in batches:
        loss = loss_fn(model(x), y) * (len(x) / n)
        loss.backward()
        total = total + loss.detach()
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    lr = optimizer.param_groups[0]["lr"]
    optimizer.step()
    scheduler.step()
    return total, norm, lr


# %% training_step: norm_after_clipping
# Wrong: the norm that is returned is measured after clipping.
def training_step(model, loss_fn, batches, optimizer, scheduler, max_norm):
    optimizer.zero_grad()
    n = sum(len(x) for x, _ in batches)
    total = 0.0
    for x, y in batches:
        loss = loss_fn(model(x), y) * (len(x) / n)
        loss.backward()
        total += loss.item()
    torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    norm = sum(float((p.grad ** 2).sum()) for p in model.parameters() if p.grad is not None) ** 0.5
    lr = optimizer.param_groups[0]["lr"]
    optimizer.step()
    scheduler.step()
    return total, norm, lr


# %% training_step: loss_after_the_update
# Wrong: the loss is measured after the update, in a second pass.
def training_step(model, loss_fn, batches, optimizer, scheduler, max_norm):
    optimizer.zero_grad()
    n = sum(len(x) for x, _ in batches)
    for x, y in batches:
        (loss_fn(model(x), y) * (len(x) / n)).backward()
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm).item()
    lr = optimizer.param_groups[0]["lr"]
    optimizer.step()
    scheduler.step()
    with torch.no_grad():
        total = sum(loss_fn(model(x), y).item() * len(x) for x, y in batches) / n
    return total, norm, lr


# %% training_step: rate_in_the_middle
# Wrong: the order of the results is (loss, lr, grad_norm).
def training_step(model, loss_fn, batches, optimizer, scheduler, max_norm):
    optimizer.zero_grad()
    n = sum(len(x) for x, _ in batches)
    total = 0.0
    for x, y in batches:
        loss = loss_fn(model(x), y) * (len(x) / n)
        loss.backward()
        total += loss.item()
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    lr = optimizer.param_groups[0]["lr"]
    optimizer.step()
    scheduler.step()
    return total, lr, norm.item()


# %% training_step: clip_after_step_and_mean_of_means
# Wrong: two slips, the gradient is clipped after the optimiser's step, and micro-batches count alike.
def training_step(model, loss_fn, batches, optimizer, scheduler, max_norm):
    optimizer.zero_grad()
    total = 0.0
    for x, y in batches:
        loss = loss_fn(model(x), y) / len(batches)
        loss.backward()
        total += loss.item()
    lr = optimizer.param_groups[0]["lr"]
    optimizer.step()
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    scheduler.step()
    return total, norm.item(), lr


# %% training_step: never_cleared_and_next_rate
# Wrong: two slips, no zero_grad at all, and the rate of the next update is returned.
def training_step(model, loss_fn, batches, optimizer, scheduler, max_norm):
    n = sum(len(x) for x, _ in batches)
    total = 0.0
    for x, y in batches:
        loss = loss_fn(model(x), y)
        (loss * len(x) / n).backward()
        total += loss.item() * len(x)
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm).item()
    optimizer.step()
    scheduler.step()
    return total / n, norm, optimizer.param_groups[0]["lr"]


# %% training_step: an_update_for_each_piece
# Wrong: takes each micro-batch for a batch, optimiser and scheduler step inside the loop; returns the means and the first rate.
def training_step(model, loss_fn, batches, optimizer, scheduler, max_norm):
    losses, norms = [], []
    lr = optimizer.param_groups[0]["lr"]
    for x, y in batches:
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm).item())
        optimizer.step()
        scheduler.step()
        losses.append(loss.item())
    return sum(losses) / len(losses), sum(norms) / len(norms), lr


# %% training_step: largest_piece_stands_for_all
# Wrong: takes accumulation for choosing, only the micro-batch with most rows is trained on.
def training_step(model, loss_fn, batches, optimizer, scheduler, max_norm):
    x, y = max(batches, key=lambda pair: len(pair[0]))
    optimizer.zero_grad()
    loss = loss_fn(model(x), y)
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    lr = optimizer.param_groups[0]["lr"]
    optimizer.step()
    scheduler.step()
    return loss.item(), norm.item(), lr


# %% training_step: no_clipping_yet
# Wrong: unfinished, the norm is measured but nothing is clipped.
def training_step(model, loss_fn, batches, optimizer, scheduler, max_norm):
    optimizer.zero_grad()
    n = sum(len(x) for x, _ in batches)
    total = 0.0
    for x, y in batches:
        loss = loss_fn(model(x), y) * (len(x) / n)
        loss.backward()
        total += loss.item()
    norm = sum((p.grad ** 2).sum().item() for p in model.parameters() if p.grad is not None) ** 0.5
    # TODO: clip to max_norm
    lr = optimizer.param_groups[0]["lr"]
    optimizer.step()
    scheduler.step()
    return total, norm, lr


# %% training_step: plateau
# Wrong: scheduler.step(loss) as for ReduceLROnPlateau, which raises for schedulers whose step takes nothing.
def training_step(model, loss_fn, batches, optimizer, scheduler, max_norm):
    optimizer.zero_grad()
    n = sum(len(x) for x, _ in batches)
    total = 0.0
    for x, y in batches:
        loss = loss_fn(model(x), y) * (len(x) / n)
        loss.backward()
        total += loss.item()
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    lr = scheduler.get_last_lr()[0]
    optimizer.step()
    scheduler.step(metrics=total)
    return total, norm.item(), lr


# %% training_step: sums_then_one_division
# Right: goes backward with loss times rows, and divides every gradient by all rows once at the end.
def training_step(model, loss_fn, batches, optimizer, scheduler, max_norm):
    model.zero_grad()
    optimizer.zero_grad()
    rows, summed = 0, 0.0
    for x, y in batches:
        count = x.shape[0]
        piece = loss_fn(model(x), y) * count
        piece.backward()
        rows += count
        summed += piece.item()
    for p in model.parameters():
        if p.grad is not None:
            p.grad.div_(rows)
    grad_norm = torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm).item()
    used = float(optimizer.param_groups[0]["lr"])
    optimizer.step()
    scheduler.step()
    return summed / rows, grad_norm, used


# %% training_step: gradients_by_hand
# Right: autograd.grad for each micro-batch, running weighted sums, a clip of one's own, and .grad is set at the end.
def training_step(model, loss_fn, batches, optimizer, scheduler, max_norm):
    optimizer.zero_grad()
    params = [p for p in model.parameters() if p.requires_grad]
    everything = sum(len(x) for x, _ in batches)
    sums, mean_loss = [None] * len(params), 0.0
    for x, y in batches:
        share = len(x) / everything
        loss = loss_fn(model(x), y)
        mean_loss += share * loss.item()
        for i, g in enumerate(torch.autograd.grad(loss, params, allow_unused=True)):
            if g is not None:
                sums[i] = share * g if sums[i] is None else sums[i] + share * g
    norm = sum(float((g.double() ** 2).sum()) for g in sums if g is not None) ** 0.5
    factor = max_norm / norm if norm > max_norm else 1.0
    for p, g in zip(params, sums):
        p.grad = None if g is None else g * factor
    rate = optimizer.param_groups[0]["lr"]
    optimizer.step()
    scheduler.step()
    return mean_loss, norm, float(rate)
