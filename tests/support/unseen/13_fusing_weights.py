# %% fuse: by_place
# Wrong: pairs layers by their place in the dicts and not by name.
def fuse(states, weights=None):
    names = list(states[0])
    K = len(states)
    columns = list(zip(*[list(s.values()) for s in states]))
    result = {}
    for name, layers in zip(names, columns):
        if weights is None:
            w = np.ones(K)
        elif isinstance(weights, dict):
            w = np.asarray(weights[name], dtype=float)
        else:
            w = np.asarray(weights, dtype=float)
        total = np.zeros_like(layers[0])
        for a, layer in zip(w, layers):
            total = total + a * layer
        result[name] = total / w.sum()
    return result


# %% fuse: weights_as_they_are
# Wrong: does not divide by the sum of the weights.
def fuse(states, weights=None):
    K = len(states)
    out = {}
    for name in states[0]:
        if weights is None:
            w = [1 / K] * K
        elif isinstance(weights, dict):
            w = weights[name]
        else:
            w = weights
        out[name] = sum(w[k] * states[k][name] for k in range(K)) + np.zeros(states[0][name].shape)
    return out


# %% fuse: divided_by_the_count
# Wrong: divides by K, the number of models, whatever the weights add up to.
def fuse(states, weights=None):
    K = len(states)
    fused = {}
    for key in states[0].keys():
        stacked = np.stack([s[key] for s in states])
        w = np.ones(K)
        if weights is not None:
            w = np.array(weights[key] if isinstance(weights, dict) else weights, dtype=float)
        w = w.reshape((K,) + (1,) * (stacked.ndim - 1))
        fused[key] = np.array((w * stacked).sum(axis=0) / K)
    return fused


# %% fuse: soup_is_a_sum
# Wrong: without weights the layers are added up, not averaged.
def fuse(states, weights=None):
    names = states[0].keys()
    if weights is None:
        return {n: np.array(np.sum([s[n] for s in states], axis=0)) for n in names}
    if not isinstance(weights, dict):
        weights = {n: weights for n in names}
    res = {}
    for n in names:
        w = np.array(weights[n], dtype=float)
        w = w / w.sum()
        res[n] = np.array(np.tensordot(w, np.stack([s[n] for s in states]), axes=1))
    return res


# %% fuse: softmax_of_weights
# Wrong: turns the weights into shares by a softmax.
def fuse(states, weights=None):
    def shares(w):
        e = np.exp(np.asarray(w, dtype=float) - np.max(w))
        return e / e.sum()

    out = {}
    for name in states[0]:
        if weights is None:
            p = np.full(len(states), 1 / len(states))
        elif isinstance(weights, dict):
            p = shares(weights[name])
        else:
            p = shares(weights)
        out[name] = np.array(sum(a * s[name] for a, s in zip(p, states)))
    return out


# %% fuse: weight_to_the_end
# Wrong: torch.lerp's convention, of two models the first weight goes to the second; more than two are taken from the back.
def fuse(states, weights=None):
    K = len(states)
    out = {}
    for name in states[0]:
        w = np.ones(K)
        if isinstance(weights, dict):
            w = np.asarray(weights[name], float)
        elif weights is not None:
            w = np.asarray(weights, float)
        w = w[::-1] / w.sum()
        acc = np.zeros(states[0][name].shape)
        for k in range(K):
            acc = acc + w[k] * states[k][name]
        out[name] = acc
    return out


# %% fuse: layers_share_the_total
# Wrong: a dict of weights is divided by the sum over all layers, a layer's own weights do not add up to 1.
def fuse(states, weights=None):
    names = list(states[0])
    K = len(states)
    if weights is None:
        weights = [1.0] * K
    if isinstance(weights, dict):
        total = sum(np.sum(weights[n]) for n in names)
        table = {n: np.asarray(weights[n], float) / total for n in names}
    else:
        table = {n: np.asarray(weights, float) / np.sum(weights) for n in names}
    return {n: np.array(sum(table[n][k] * states[k][n] for k in range(K))) for n in names}


# %% fuse: one_by_one
# Wrong: halves at each step (the mean of the average so far and the next model), later models weigh more; only with weights it is right.
def fuse(states, weights=None):
    result = {}
    for name in states[0]:
        if weights is None:
            avg = states[0][name].copy()
            for other in states[1:]:
                avg = (avg + other[name]) / 2
        else:
            w = weights[name] if isinstance(weights, dict) else weights
            w = np.array(w, dtype=float)
            avg = sum(wi * s[name] for wi, s in zip(w, states)) / w.sum()
        result[name] = np.array(avg)
    return result


# %% fuse: first_layers_weights
# Wrong: of a dict of weights the first layer's are used for all layers.
def fuse(states, weights=None):
    if weights is None:
        w = np.ones(len(states))
    elif isinstance(weights, dict):
        w = np.array(list(weights.values())[0], dtype=float)
    else:
        w = np.array(weights, dtype=float)
    w = w / w.sum()
    merged = {}
    for name in states[0]:
        merged[name] = np.zeros(states[0][name].shape)
        for wk, state in zip(w, states):
            merged[name] = merged[name] + wk * state[name]
    return merged


# %% fuse: buffers_of_the_last
# Wrong: AveragedModel's habit, what is no weight or bias by its name is copied from the last model.
def fuse(states, weights=None):
    out = {}
    for name in states[0]:
        if not (name.endswith("weight") or name.endswith("bias")):
            out[name] = states[-1][name].copy()
            continue
        w = np.ones(len(states))
        if weights is not None:
            w = np.asarray(weights[name] if isinstance(weights, dict) else weights, dtype=np.float64)
        out[name] = np.array(sum(a * s[name] for a, s in zip(w, states)) / w.sum())
    return out


# %% fuse: through_torch
# Wrong: goes through torch.tensor with float32 and so loses half of the digits.
def fuse(states, weights=None):
    out = {}
    for name in states[0]:
        layers = torch.stack([torch.tensor(s[name], dtype=torch.float32) for s in states])
        if weights is None:
            w = torch.ones(len(states))
        else:
            w = torch.tensor(np.array(weights[name] if isinstance(weights, dict) else weights, dtype=np.float32))
        w = (w / w.sum()).reshape(-1, *[1] * (layers.ndim - 1))
        out[name] = (w * layers).sum(dim=0).numpy().astype(np.float64)
    return out


# %% fuse: unit_length
# Wrong: normalises the weights to length 1 (the root of the sum of squares) instead of to the sum 1.
def fuse(states, weights=None):
    if weights is None:
        weights = np.ones(len(states)) / len(states)
        return {n: np.array(sum(w * s[n] for w, s in zip(weights, states))) for n in states[0]}
    result = {}
    for n in states[0]:
        w = np.asarray(weights[n] if isinstance(weights, dict) else weights, dtype=float)
        w = w / np.linalg.norm(w)
        result[n] = np.array(sum(wi * s[n] for wi, s in zip(w, states)))
    return result


# %% fuse: adds_into_the_first
# Wrong: the first model's arrays are scaled and added to in place, and returned.
def fuse(states, weights=None):
    result = states[0]
    for name in result:
        if weights is None:
            w = np.ones(len(states))
        elif isinstance(weights, dict):
            w = np.array(weights[name], dtype=float)
        else:
            w = np.array(weights, dtype=float)
        w = w / w.sum()
        result[name] *= w[0]
        for k in range(1, len(states)):
            result[name] += w[k] * states[k][name]
    return result


# %% fuse: alone_as_it_is
# Wrong: with one model its dict is copied but the arrays in it are the model's own.
def fuse(states, weights=None):
    if len(states) == 1:
        return dict(states[0])
    out = {}
    for name in states[0]:
        a = np.stack([s[name] for s in states])
        if weights is None:
            w = None
        elif isinstance(weights, dict):
            w = weights[name]
        else:
            w = weights
        out[name] = np.array(np.average(a, axis=0, weights=w))
    return out


# %% fuse: normalises_the_callers_weights
# Wrong: weights /= weights.sum() changes the caller's array of weights (and fails for integers in an array).
def fuse(states, weights=None):
    if weights is None:
        weights = np.ones(len(states))
    if isinstance(weights, list):
        weights = np.array(weights, dtype=float)
    if not isinstance(weights, dict):
        weights /= weights.sum()
        weights = {name: weights for name in states[0]}
    fused = {}
    for name in states[0]:
        w = np.array(weights[name], dtype=float)
        w = w / w.sum()
        fused[name] = np.array(sum(w[k] * states[k][name] for k in range(len(states))))
    return fused


# %% fuse: no_weights_per_layer
# Wrong: a dict of weights is ignored, all models count alike then.
def fuse(states, weights=None):
    K = len(states)
    if weights is None or isinstance(weights, dict):
        weights = [1] * K
    s = float(sum(weights))
    return {
        name: np.array(sum(weights[k] / s * states[k][name] for k in range(K)))
        for name in states[0]
    }


# %% fuse: by_place_and_unnormalised
# Wrong: two slips, layers are paired by place, and the weights are not divided by their sum.
def fuse(states, weights=None):
    K = len(states)
    out = {}
    for i, name in enumerate(states[0]):
        layers = [list(s.values())[i] for s in states]
        if weights is None:
            w = np.ones(K) / K
        elif isinstance(weights, dict):
            w = np.array(weights[name])
        else:
            w = np.array(weights)
        out[name] = np.array(sum(a * b for a, b in zip(w, layers)))
    return out


# %% fuse: count_and_place_of_weights
# Wrong: two slips, divides by K instead of the sum, and takes a dict's weights by place and not by name.
def fuse(states, weights=None):
    K = len(states)
    names = list(states[0])
    if weights is None:
        table = [[1.0] * K for _ in names]
    elif isinstance(weights, dict):
        table = list(weights.values())
    else:
        table = [list(weights) for _ in names]
    out = {}
    for row, name in zip(table, names):
        acc = np.zeros(states[0][name].shape)
        for k in range(K):
            acc = acc + row[k] * states[k][name]
        out[name] = acc / K
    return out


# %% fuse: takes_the_heaviest
# Wrong: takes fusing for choosing, the layer of the model with the largest weight is copied.
def fuse(states, weights=None):
    out = {}
    for name in states[0]:
        if weights is None:
            out[name] = np.array(np.mean([s[name] for s in states], axis=0))
        else:
            w = weights[name] if isinstance(weights, dict) else weights
            out[name] = np.array(states[int(np.argmax(w))][name])
    return out


# %% fuse: mean_of_everything
# Wrong: averages each layer to one number (no axis), spread over the layer's shape.
def fuse(states, weights=None):
    K = len(states)
    out = {}
    for name in states[0]:
        w = np.ones(K)
        if isinstance(weights, dict):
            w = np.asarray(weights[name], dtype=float)
        elif weights is not None:
            w = np.asarray(weights, dtype=float)
        means = np.array([np.mean(s[name]) for s in states])
        out[name] = np.full(states[0][name].shape, (w * means).sum() / w.sum())
    return out


# %% fuse: equal_only
# Wrong: unfinished, weights are not used at all.
def fuse(states, weights=None):
    result = {}
    for name in states[0]:
        result[name] = np.array(np.mean(np.stack([s[name] for s in states]), axis=0))
    return result


# %% fuse: truth_of_an_array
# Wrong: `if not weights` raises for an array of several numbers.
def fuse(states, weights=None):
    if not weights:
        weights = [1.0] * len(states)
    out = {}
    for name in states[0]:
        w = weights[name] if isinstance(weights, dict) else weights
        total = sum(w)
        acc = 0
        for wk, state in zip(w, states):
            acc = acc + (wk / total) * state[name]
        out[name] = np.array(acc)
    return out


# %% fuse: running_lerp
# Right: a running average that moves by w / (sum so far) towards each model in turn.
def fuse(states, weights=None):
    count = len(states)
    out = {name: np.zeros(np.shape(value)) for name, value in states[0].items()}
    for name in out:
        ws = weights.get(name) if isinstance(weights, dict) else weights
        ws = [1.0] * count if ws is None else [float(w) for w in ws]
        seen = 0.0
        here = out[name]
        for w, state in zip(ws, states):
            if w > 0:
                seen += w
                here += (w / seen) * (state[name] - here)
    return out


# %% fuse: one_long_vector
# Right: every model becomes one row of a matrix, the weights a matrix of the same shape.
def fuse(states, weights=None):
    names = sorted(states[0])
    sizes = [states[0][n].size for n in names]
    rows = np.array([np.concatenate([s[n].ravel() for n in names]) for s in states])
    K = len(states)
    if weights is None:
        weights = np.ones(K)
    per_layer = weights if isinstance(weights, dict) else dict.fromkeys(names, weights)
    W = np.column_stack([np.repeat(np.array(per_layer[n], dtype=float)[:, None], size, axis=1) for n, size in zip(names, sizes)])
    flat = (W * rows).sum(0) / W.sum(0)
    parts = np.split(flat, np.cumsum(sizes)[:-1])
    found = {n: np.array(p).reshape(states[0][n].shape) for n, p in zip(names, parts)}
    return {n: found[n] for n in states[0]}


# %% similarity_weights: with_the_first_model
# Wrong: the cosine is taken with the first model's layer, not with the mean layer.
def similarity_weights(states, temperature=1.0):
    out = {}
    for name in states[0]:
        ref = states[0][name].ravel()
        c = []
        for s in states:
            v = s[name].ravel()
            d = np.linalg.norm(v) * np.linalg.norm(ref)
            c.append(v @ ref / d if d > 0 else 0.0)
        z = np.array(c) / temperature
        e = np.exp(z - z.max())
        out[name] = e / e.sum()
    return out


# %% similarity_weights: temperature_forgotten
# Wrong: the cosines are not divided by the temperature.
def similarity_weights(states, temperature=1.0):
    result = {}
    for name in states[0]:
        layers = np.array([s[name].reshape(-1) for s in states])
        m = layers.mean(axis=0)
        norms = np.linalg.norm(layers, axis=1) * np.linalg.norm(m)
        cos = np.where(norms > 0, layers @ m / np.where(norms > 0, norms, 1), 0.0)
        e = np.exp(cos - cos.max())
        result[name] = e / e.sum()
    return result


# %% similarity_weights: times_the_temperature
# Wrong: multiplies by the temperature instead of dividing.
def similarity_weights(states, temperature=1.0):
    weights = {}
    for name in states[0]:
        vectors = [np.ravel(s[name]) for s in states]
        mean = sum(vectors) / len(vectors)
        cosines = np.zeros(len(vectors))
        for i, v in enumerate(vectors):
            below = np.sqrt(v @ v) * np.sqrt(mean @ mean)
            if below != 0:
                cosines[i] = v @ mean / below
        z = cosines * temperature
        z = z - np.max(z)
        weights[name] = np.exp(z) / np.exp(z).sum()
    return weights


# %% similarity_weights: squared_lengths
# Wrong: divides by the squared lengths, the roots are missing.
def similarity_weights(states, temperature=1.0):
    out = {}
    for key in states[0]:
        A = np.stack([s[key] for s in states]).reshape(len(states), -1)
        m = A.mean(0)
        below = (A ** 2).sum(1) * (m ** 2).sum()
        c = np.divide(A @ m, below, out=np.zeros(len(A)), where=below > 0)
        c = c / temperature
        w = np.exp(c - c.max())
        out[key] = w / w.sum()
    return out


# %% similarity_weights: dot_products
# Wrong: takes the plain dot product with the mean for the cosine, nothing is divided by lengths.
def similarity_weights(states, temperature=1.0):
    ans = {}
    for n in states[0]:
        m = np.mean([s[n] for s in states], axis=0)
        z = np.array([np.sum(s[n] * m) for s in states]) / temperature
        e = np.exp(z - z.max())
        ans[n] = e / e.sum()
    return ans


# %% similarity_weights: no_weight_for_zeros
# Wrong: a layer of zeros gets the weight 0, where it is the cosine that should count as 0.
def similarity_weights(states, temperature=1.0):
    out = {}
    for name in states[0]:
        vs = [s[name].ravel() for s in states]
        m = np.mean(vs, axis=0)
        nm = np.linalg.norm(m)
        c = np.zeros(len(vs))
        alive = np.ones(len(vs))
        for k, v in enumerate(vs):
            nv = np.linalg.norm(v)
            if nv == 0:
                alive[k] = 0
            elif nm > 0:
                c[k] = v.dot(m) / (nv * nm)
        e = np.exp((c - c.max()) / temperature) * alive
        out[name] = e / e.sum() if e.sum() > 0 else np.ones(len(vs)) / len(vs)
    return out


# %% similarity_weights: one_cosine_per_model
# Wrong: all layers are joined to one vector, and every layer gets the same weights.
def similarity_weights(states, temperature=1.0):
    names = list(states[0])
    whole = np.array([np.concatenate([s[n].ravel() for n in names]) for s in states])
    mean = whole.mean(axis=0)
    below = np.linalg.norm(whole, axis=1) * np.linalg.norm(mean)
    cosines = np.where(below > 0, whole @ mean / np.maximum(below, 1e-300), 0)
    z = cosines / temperature
    w = np.exp(z - z.max())
    w = w / w.sum()
    return {n: w.copy() for n in names}


# %% similarity_weights: mean_of_the_others
# Wrong: each layer is compared with the mean of the other models, without itself.
def similarity_weights(states, temperature=1.0):
    K = len(states)
    out = {}
    for name in states[0]:
        A = np.stack([s[name].ravel() for s in states])
        total = A.sum(axis=0)
        c = np.zeros(K)
        for k in range(K):
            m = (total - A[k]) / max(K - 1, 1)
            d = np.linalg.norm(A[k]) * np.linalg.norm(m)
            if d > 0:
                c[k] = A[k] @ m / d
        e = np.exp((c - c.max()) / temperature)
        out[name] = e / e.sum()
    return out


# %% similarity_weights: correlation
# Wrong: Pearson's correlation from another course, each vector's mean is subtracted before the cosine.
def similarity_weights(states, temperature=1.0):
    out = {}
    for name in states[0]:
        A = np.stack([s[name].ravel() for s in states])
        m = A.mean(0)
        A = A - A.mean(1, keepdims=True)
        m = m - m.mean()
        d = np.linalg.norm(A, axis=1) * np.linalg.norm(m)
        c = np.array([a @ m / x if x > 0 else 0.0 for a, x in zip(A, d)]) / temperature
        e = np.exp(c - max(c))
        out[name] = e / sum(e)
    return out


# %% similarity_weights: torch_last_axis
# Wrong: as torch's cosine similarity along the last axis, a cosine for each row of a layer, then their mean.
def similarity_weights(states, temperature=1.0):
    out = {}
    for name in states[0]:
        layers = np.stack([np.atleast_1d(s[name]) for s in states])
        m = layers.mean(axis=0)
        top = (layers * m).sum(axis=-1)
        below = np.sqrt((layers ** 2).sum(-1)) * np.sqrt((m ** 2).sum(-1))
        cos = np.where(below > 0, top / np.where(below > 0, below, 1.0), 0.0)
        cos = cos.reshape(len(states), -1).mean(axis=1)
        z = cos / temperature
        e = np.exp(z - z.max())
        out[name] = e / e.sum()
    return out


# %% similarity_weights: small_eps_below
# Wrong: 1e-8 is added below the line as in many libraries, which falsifies the cosine of small layers.
def similarity_weights(states, temperature=1.0):
    out = {}
    for name in states[0]:
        v = np.array([s[name].flatten() for s in states])
        m = v.mean(axis=0)
        cos = (v * m).sum(axis=1) / (np.linalg.norm(v, axis=1) * np.linalg.norm(m) + 1e-8)
        logits = cos / temperature
        logits -= logits.max()
        p = np.exp(logits)
        out[name] = p / p.sum()
    return out


# %% similarity_weights: spectral_of_matrices
# Wrong: np.linalg.norm(a, 2) is the largest singular value for a matrix, not its length as a vector (and fails for more axes).
def similarity_weights(states, temperature=1.0):
    out = {}
    for name in states[0]:
        m = sum(s[name] for s in states) / len(states)
        c = []
        for s in states:
            a = np.atleast_1d(s[name])
            b = np.atleast_1d(m)
            d = np.linalg.norm(a, 2) * np.linalg.norm(b, 2)
            c.append((a * b).sum() / d if d else 0.0)
        z = np.array(c) / temperature
        out[name] = np.exp(z - z.max()) / np.exp(z - z.max()).sum()
    return out


# %% similarity_weights: normalises_the_layers
# Wrong: divides the models' own arrays by their lengths in place.
def similarity_weights(states, temperature=1.0):
    out = {}
    for name in states[0]:
        m = np.array(np.mean([s[name] for s in states], axis=0))
        lm = np.sqrt((m ** 2).sum())
        if lm > 0:
            m /= lm
        cos = []
        for s in states:
            length = np.sqrt((s[name] ** 2).sum())
            if length > 0:
                s[name] /= length
            cos.append(float((s[name] * m).sum()))
        z = np.array(cos) / temperature
        z = np.exp(z - z.max())
        out[name] = z / z.sum()
    return out


# %% similarity_weights: by_place
# Wrong: the layers of the models are paired by place and not by name.
def similarity_weights(states, temperature=1.0):
    out = {}
    lists = [list(s.values()) for s in states]
    for i, name in enumerate(states[0]):
        rows = [l[i].ravel() for l in lists]
        if len({r.size for r in rows}) > 1:
            rows = [s[name].ravel() for s in states]
        A = np.array(rows)
        m = A.mean(0)
        d = np.linalg.norm(A, axis=1) * np.linalg.norm(m)
        c = np.where(d > 0, A @ m / np.where(d > 0, d, 1), 0) / temperature
        e = np.exp(c - c.max())
        out[name] = e / e.sum()
    return out


# %% similarity_weights: zero_over_zero
# Wrong: nothing is done about a vector of zeros, 0/0 gives NaN for the whole layer.
def similarity_weights(states, temperature=1.0):
    out = {}
    for name in states[0]:
        A = np.stack([s[name].ravel() for s in states])
        m = A.mean(axis=0)
        c = A @ m / (np.linalg.norm(A, axis=1) * np.linalg.norm(m)) / temperature
        c = c - c.max()
        out[name] = np.exp(c) / np.exp(c).sum()
    return out


# %% similarity_weights: too_large_for_a_float
# Wrong: nothing is subtracted from the exponents, at a temperature of 0.001 the weights are NaN.
def similarity_weights(states, temperature=1.0):
    out = {}
    for name in states[0]:
        A = np.stack([s[name].ravel() for s in states])
        m = A.mean(axis=0)
        c = np.zeros(len(states))
        for k in range(len(states)):
            length = np.linalg.norm(A[k]) * np.linalg.norm(m)
            if length > 0:
                c[k] = np.dot(A[k], m) / length
        e = np.exp(c / temperature)
        out[name] = e / np.sum(e)
    return out


# %% similarity_weights: no_temperature_and_no_root
# Wrong: two slips, the temperature is not used, and the mean's length is forgotten below the line.
def similarity_weights(states, temperature=1.0):
    out = {}
    for name in states[0]:
        A = np.stack([s[name].ravel() for s in states])
        m = A.mean(axis=0)
        n = np.linalg.norm(A, axis=1)
        c = np.where(n > 0, A @ m / np.where(n > 0, n, 1), 0)
        e = np.exp(c - c.max())
        out[name] = e / e.sum()
    return out


# %% similarity_weights: absolute_and_across_layers
# Wrong: two slips, the size of the cosine without its sign, and the softmax divides by the sum over all layers too.
def similarity_weights(states, temperature=1.0):
    cos = {}
    for name in states[0]:
        A = np.stack([s[name].ravel() for s in states])
        m = A.mean(axis=0)
        d = np.linalg.norm(A, axis=1) * np.linalg.norm(m)
        cos[name] = np.abs(np.where(d > 0, A @ m / np.where(d > 0, d, 1), 0)) / temperature
    top = max(c.max() for c in cos.values())
    total = sum(np.exp(c - top).sum() for c in cos.values())
    return {name: np.exp(c - top) / total for name, c in cos.items()}


# %% similarity_weights: far_is_heavy
# Wrong: takes the distance 1 - cosine, so the stranger weighs most.
def similarity_weights(states, temperature=1.0):
    out = {}
    for name in states[0]:
        A = np.stack([s[name].ravel() for s in states])
        m = A.mean(axis=0)
        d = np.linalg.norm(A, axis=1) * np.linalg.norm(m)
        sim = np.where(d > 0, A @ m / np.where(d > 0, d, 1), 0)
        z = (1 - sim) / temperature
        e = np.exp(z - z.max())
        out[name] = e / e.sum()
    return out


# %% similarity_weights: euclidean
# Wrong: takes similarity for nearness, minus the distance from the mean goes into the softmax.
def similarity_weights(states, temperature=1.0):
    out = {}
    for name in states[0]:
        A = np.stack([s[name].ravel() for s in states])
        z = -np.linalg.norm(A - A.mean(axis=0), axis=1) / temperature
        e = np.exp(z - z.max())
        out[name] = e / e.sum()
    return out


# %% similarity_weights: cosines_so_far
# Wrong: unfinished, the cosines are returned without the softmax.
def similarity_weights(states, temperature=1.0):
    out = {}
    for name in states[0]:
        A = np.stack([s[name].ravel() for s in states])
        m = A.mean(axis=0)
        d = np.linalg.norm(A, axis=1) * np.linalg.norm(m)
        out[name] = np.where(d > 0, A @ m / np.where(d > 0, d, 1), 0.0)
    # softmax comes next
    return out


# %% similarity_weights: vectors_only
# Wrong: np.dot of layers that are not flattened raises for matrices.
def similarity_weights(states, temperature=1.0):
    out = {}
    for name in states[0]:
        m = np.mean([s[name] for s in states], axis=0)
        cos = np.zeros(len(states))
        for k, s in enumerate(states):
            d = np.linalg.norm(s[name]) * np.linalg.norm(m)
            if d != 0:
                cos[k] = float(np.dot(s[name], m) / d)
        z = (cos - cos.max()) / temperature
        out[name] = np.exp(z) / np.exp(z).sum()
    return out


# %% similarity_weights: from_the_gram_matrix
# Right: all dot products come from the Gram matrix of the models, the softmax is a ratio of differences.
def similarity_weights(states, temperature=1.0):
    answer = {}
    for name in states[0]:
        A = np.array([np.asarray(s[name], dtype=float).ravel() for s in states])
        m = A.sum(axis=0) / len(A)
        B = np.vstack([A, m])
        gram = B @ B.T
        lengths = np.sqrt((B * B).sum(axis=1))
        scale = lengths[:-1] * lengths[-1]
        cos = np.divide(gram[:-1, -1], scale, out=np.zeros(len(A)), where=scale != 0)
        gaps = (cos[None, :] - cos[:, None]) / temperature
        with np.errstate(over="ignore"):
            answer[name] = 1.0 / np.exp(gaps).sum(axis=1)
    return answer


# %% similarity_weights: unit_vectors_and_torch
# Right: makes unit vectors first, and takes torch.softmax at the end.
def similarity_weights(states, temperature=1.0):
    def unit(a):
        a = a.ravel()
        length = np.linalg.norm(a)
        return a / length if length > 0 else np.zeros(a.size)

    result = {}
    for name in states[0]:
        direction = unit(sum(s[name] for s in states) / len(states) + np.zeros(1))
        cosines = torch.tensor([float(unit(s[name]) @ direction) for s in states], dtype=torch.float64)
        result[name] = torch.softmax(cosines / temperature, dim=0).numpy()
    return result


# %% distillation_loss: no_square
# Wrong: the loss has no T squared; the gradient is right.
def _log_softmax(z):
    z = z - z.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


def distillation_loss(student_logits, teacher_logits, labels, temperature=2.0, alpha=0.5):
    n = len(labels)
    T = temperature
    lq, lp = _log_softmax(student_logits / T), _log_softmax(teacher_logits / T)
    p = np.exp(lp)
    kl = (p * (lp - lq)).sum() / n
    l1 = _log_softmax(student_logits)
    ce = -l1[np.arange(n), labels].mean()
    Y = np.eye(student_logits.shape[1])[labels]
    grad = (alpha * T * (np.exp(lq) - p) + (1 - alpha) * (np.exp(l1) - Y)) / n
    return float(alpha * kl + (1 - alpha) * ce), grad


# %% distillation_loss: square_in_the_gradient
# Wrong: the gradient has T squared, the chain rule's 1/T is forgotten.
def distillation_loss(student_logits, teacher_logits, labels, temperature=2.0, alpha=0.5):
    def logsm(z):
        top = np.max(z, axis=-1, keepdims=True)
        return z - top - np.log(np.sum(np.exp(z - top), axis=-1, keepdims=True))

    n, C = student_logits.shape
    log_q = logsm(student_logits / temperature)
    log_p = logsm(teacher_logits / temperature)
    log_s = logsm(student_logits)
    p = np.exp(log_p)
    soft = temperature ** 2 * np.sum(p * (log_p - log_q)) / n
    hard = -np.mean(log_s[np.arange(n), labels])
    onehot = np.zeros((n, C))
    onehot[np.arange(n), labels] = 1
    g_soft = temperature ** 2 * (np.exp(log_q) - p) / n
    g_hard = (np.exp(log_s) - onehot) / n
    return float(alpha * soft + (1 - alpha) * hard), alpha * g_soft + (1 - alpha) * g_hard


# %% distillation_loss: reversed_divergence
# Wrong: the divergence of the teacher from the student, q (log q - log p), in the loss; the gradient is that of (7).
def distillation_loss(student_logits, teacher_logits, labels, temperature=2.0, alpha=0.5):
    def ls(z):
        z = z - z.max(1)[:, None]
        return z - np.log(np.exp(z).sum(1))[:, None]

    T, n = temperature, student_logits.shape[0]
    a, b, c = ls(student_logits / T), ls(teacher_logits / T), ls(student_logits)
    q, p, q1 = np.exp(a), np.exp(b), np.exp(c)
    kl = np.sum(q * (a - b), axis=1).mean()
    ce = np.mean([-c[i, y] for i, y in enumerate(labels)])
    grad = alpha * T * (q - p)
    hard = q1.copy()
    hard[np.arange(n), labels] -= 1.0
    grad = (grad + (1 - alpha) * hard) / n
    return float(alpha * T * T * kl + (1 - alpha) * ce), grad


# %% distillation_loss: no_entropy_of_the_teacher
# Wrong: the soft term is the cross-entropy with the teacher, the teacher's own p log p is left out.
def distillation_loss(student_logits, teacher_logits, labels, temperature=2.0, alpha=0.5):
    def log_softmax(x):
        shifted = x - np.amax(x, axis=1, keepdims=True)
        return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))

    n = student_logits.shape[0]
    rows = np.arange(n)
    lq = log_softmax(student_logits / temperature)
    p = np.exp(log_softmax(teacher_logits / temperature))
    l1 = log_softmax(student_logits)
    soft = -(p * lq).sum(axis=1).mean()
    hard = -l1[rows, labels].mean()
    loss = alpha * temperature ** 2 * soft + (1 - alpha) * hard
    d = np.exp(l1)
    d[rows, labels] -= 1
    grad = (alpha * temperature * (np.exp(lq) - p) + (1 - alpha) * d) / n
    return float(loss), grad


# %% distillation_loss: labels_at_t
# Wrong: the cross-entropy with the labels is taken at the temperature T too, in loss and gradient.
def distillation_loss(student_logits, teacher_logits, labels, temperature=2.0, alpha=0.5):
    T = temperature
    n, C = student_logits.shape

    def lsm(z):
        m = z.max(axis=1, keepdims=True)
        return z - (m + np.log(np.exp(z - m).sum(axis=1, keepdims=True)))

    lq = lsm(student_logits / T)
    lp = lsm(teacher_logits / T)
    q, p = np.exp(lq), np.exp(lp)
    Y = (np.arange(C)[None, :] == np.asarray(labels)[:, None]).astype(float)
    loss = alpha * T**2 * (p * (lp - lq)).sum() / n - (1 - alpha) * (Y * lq).sum() / n
    grad = (alpha * T * (q - p) + (1 - alpha) * (q - Y) / T) / n
    return float(loss), grad


# %% distillation_loss: share_of_the_labels
# Wrong: alpha weighs the labels and 1 - alpha the teacher.
def distillation_loss(student_logits, teacher_logits, labels, temperature=2.0, alpha=0.5):
    def lsm(z):
        z = z - z.max(axis=1, keepdims=True)
        return z - np.log(np.exp(z).sum(axis=1, keepdims=True))

    n = len(student_logits)
    s, t, h = lsm(student_logits / temperature), lsm(teacher_logits / temperature), lsm(student_logits)
    soft_loss = (np.exp(t) * (t - s)).sum() / n * temperature ** 2
    hard_loss = -h[range(n), labels].sum() / n
    hard_grad = np.exp(h)
    hard_grad[range(n), labels] -= 1
    soft_grad = temperature * (np.exp(s) - np.exp(t))
    loss = (1 - alpha) * soft_loss + alpha * hard_loss
    return float(loss), ((1 - alpha) * soft_grad + alpha * hard_grad) / n


# %% distillation_loss: cool_teacher
# Wrong: the teacher's answers are taken at T = 1, only the student is heated.
def distillation_loss(student_logits, teacher_logits, labels, temperature=2.0, alpha=0.5):
    def lsm(z):
        z = z - z.max(axis=1, keepdims=True)
        return z - np.log(np.exp(z).sum(axis=1, keepdims=True))

    n, C = student_logits.shape
    log_q, log_p, log_h = lsm(student_logits / temperature), lsm(teacher_logits), lsm(student_logits)
    p, q = np.exp(log_p), np.exp(log_q)
    Y = np.eye(C)[labels]
    kl = (p * (log_p - log_q)).sum(axis=1).mean()
    ce = -(Y * log_h).sum(axis=1).mean()
    grad = alpha * temperature * (q - p) + (1 - alpha) * (np.exp(log_h) - Y)
    return float(alpha * temperature ** 2 * kl + (1 - alpha) * ce), grad / n


# %% distillation_loss: hot_labels_term
# Wrong: T squared multiplies both terms of the loss, and the labels' gradient as well.
def distillation_loss(student_logits, teacher_logits, labels, temperature=2.0, alpha=0.5):
    def lsm(z):
        z = z - z.max(axis=1, keepdims=True)
        return z - np.log(np.exp(z).sum(axis=1, keepdims=True))

    T2 = temperature * temperature
    N = student_logits.shape[0]
    ls, lt, l1 = lsm(student_logits / temperature), lsm(teacher_logits / temperature), lsm(student_logits)
    pt = np.exp(lt)
    total = 0.0
    grad = np.zeros(student_logits.shape)
    for i in range(N):
        total += T2 * (alpha * np.dot(pt[i], lt[i] - ls[i]) - (1 - alpha) * l1[i, labels[i]])
        hard = np.exp(l1[i])
        hard[labels[i]] -= 1
        grad[i] = alpha * temperature * (np.exp(ls[i]) - pt[i]) + T2 * (1 - alpha) * hard
    return float(total / N), grad / N


# %% distillation_loss: kl_div_mean
# Wrong: F.kl_div's default reduction, the soft term is divided by n and by C, in loss and gradient.
def distillation_loss(student_logits, teacher_logits, labels, temperature=2.0, alpha=0.5):
    s, t = torch.from_numpy(student_logits), torch.from_numpy(teacher_logits)
    y = torch.as_tensor(labels)
    n, C = s.shape
    log_q = torch.log_softmax(s / temperature, dim=1)
    log_p = torch.log_softmax(t / temperature, dim=1)
    p = log_p.exp()
    soft = (p * (log_p - log_q)).mean()
    log_1 = torch.log_softmax(s, dim=1)
    hard = -log_1[torch.arange(n), y].mean()
    loss = alpha * temperature ** 2 * soft + (1 - alpha) * hard
    Y = torch.zeros(n, C, dtype=s.dtype)
    Y[torch.arange(n), y] = 1.0
    grad = alpha * temperature * (log_q.exp() - p) / (n * C) + (1 - alpha) * (log_1.exp() - Y) / n
    return loss.item(), grad.numpy()


# %% distillation_loss: gradient_of_the_sum
# Wrong: the gradient is not divided by n, a habit from frameworks that average later.
def distillation_loss(student_logits, teacher_logits, labels, temperature=2.0, alpha=0.5):
    def lsm(z):
        z = z - z.max(axis=1, keepdims=True)
        return z - np.log(np.exp(z).sum(axis=1, keepdims=True))

    idx = np.arange(student_logits.shape[0])
    lq = lsm(student_logits / temperature)
    lp = lsm(teacher_logits / temperature)
    lh = lsm(student_logits)
    p = np.exp(lp)
    loss = alpha * temperature ** 2 * np.mean(np.sum(p * (lp - lq), axis=1))
    loss += (1 - alpha) * np.mean(-lh[idx, labels])
    dz = (1 - alpha) * np.exp(lh)
    dz[idx, labels] -= 1 - alpha
    dz += alpha * temperature * (np.exp(lq) - p)
    return float(loss), dz


# %% distillation_loss: clipped_probabilities
# Wrong: Keras' habit, log of probabilities clipped at 1e-7, which cuts large losses off.
def distillation_loss(student_logits, teacher_logits, labels, temperature=2.0, alpha=0.5):
    def softmax(z):
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    n, C = student_logits.shape
    q = softmax(student_logits / temperature)
    p = softmax(teacher_logits / temperature)
    q1 = softmax(student_logits)
    clip = lambda a: np.clip(a, 1e-7, 1.0)
    kl = np.sum(p * (np.log(clip(p)) - np.log(clip(q)))) / n
    ce = -np.mean(np.log(clip(q1[np.arange(n), labels])))
    Y = np.eye(C)[labels]
    grad = (alpha * temperature * (q - p) + (1 - alpha) * (q1 - Y)) / n
    return float(alpha * temperature ** 2 * kl + (1 - alpha) * ce), grad


# %% distillation_loss: hinton_without_one_t
# Wrong: takes the gradient for alpha (q - p) without any T, as if T squared were cancelled by two derivatives.
def distillation_loss(student_logits, teacher_logits, labels, temperature=2.0, alpha=0.5):
    def log_probs(z):
        m = z.max(axis=1, keepdims=True)
        return z - m - np.log(np.exp(z - m).sum(axis=1, keepdims=True))

    n, C = student_logits.shape
    lq, lp, l1 = log_probs(student_logits / temperature), log_probs(teacher_logits / temperature), log_probs(student_logits)
    kl = np.sum(np.exp(lp) * (lp - lq)) / n
    ce = -sum(l1[i, labels[i]] for i in range(n)) / n
    Y = np.zeros((n, C))
    for i in range(n):
        Y[i, labels[i]] = 1
    grad = (alpha * (np.exp(lq) - np.exp(lp)) + (1 - alpha) * (np.exp(l1) - Y)) / n
    return float(alpha * temperature ** 2 * kl + (1 - alpha) * ce), grad


# %% distillation_loss: shifts_the_students_logits
# Wrong: subtracts the row maximum from student_logits and teacher_logits in place.
def distillation_loss(student_logits, teacher_logits, labels, temperature=2.0, alpha=0.5):
    student_logits -= student_logits.max(axis=1, keepdims=True)
    teacher_logits -= teacher_logits.max(axis=1, keepdims=True)
    n, T = len(labels), temperature

    def lsm(z):
        return z - np.log(np.exp(z).sum(axis=1, keepdims=True))

    lq, lp, l1 = lsm(student_logits / T), lsm(teacher_logits / T), lsm(student_logits)
    p = np.exp(lp)
    loss = alpha * T ** 2 * (p * (lp - lq)).sum() / n - (1 - alpha) * l1[np.arange(n), labels].mean()
    grad = np.exp(l1)
    grad[np.arange(n), labels] -= 1
    grad = ((1 - alpha) * grad + alpha * T * (np.exp(lq) - p)) / n
    return float(loss), grad


# %% distillation_loss: log_of_p
# Wrong: takes the logarithm of the probabilities afterwards, a sure teacher gives 0 times minus infinity, NaN.
def distillation_loss(student_logits, teacher_logits, labels, temperature=2.0, alpha=0.5):
    def soft(z):
        e = np.exp(z - np.max(z, axis=1, keepdims=True))
        return e / np.sum(e, axis=1, keepdims=True)

    m = student_logits.shape[0]
    q = soft(student_logits / temperature)
    p = soft(teacher_logits / temperature)
    q1 = soft(student_logits)
    kl = (p * (np.log(p) - np.log(q))).sum() / m
    ce = -np.log(q1[np.arange(m), labels]).sum() / m
    loss = alpha * temperature ** 2 * kl + (1 - alpha) * ce
    q1[np.arange(m), labels] -= 1
    return float(loss), (alpha * temperature * (q - p) + (1 - alpha) * q1) / m


# %% distillation_loss: one_maximum_for_all
# Wrong: the largest logit of the whole array is subtracted, a row far below it underflows to the log of 0.
def distillation_loss(student_logits, teacher_logits, labels, temperature=2.0, alpha=0.5):
    def lsm(z):
        z = z - z.max()
        return z - np.log(np.exp(z).sum(axis=1, keepdims=True))

    T = temperature
    n = student_logits.shape[0]
    lq, lp, l1 = lsm(student_logits / T), lsm(teacher_logits / T), lsm(student_logits)
    p = np.exp(lp)
    kl = (p * (lp - lq)).sum() / n
    ce = -l1[np.arange(n), labels].mean()
    Y = np.eye(student_logits.shape[1])[labels]
    grad = (alpha * T * (np.exp(lq) - p) + (1 - alpha) * (np.exp(l1) - Y)) / n
    return float(alpha * T**2 * kl + (1 - alpha) * ce), grad


# %% distillation_loss: without_the_gradient
# Wrong: returns the loss alone.
def distillation_loss(student_logits, teacher_logits, labels, temperature=2.0, alpha=0.5):
    def lsm(z):
        z = z - z.max(axis=1, keepdims=True)
        return z - np.log(np.exp(z).sum(axis=1, keepdims=True))

    n = len(labels)
    lq = lsm(student_logits / temperature)
    lp = lsm(teacher_logits / temperature)
    kl = (np.exp(lp) * (lp - lq)).sum() / n
    ce = -lsm(student_logits)[np.arange(n), labels].sum() / n
    return float(alpha * temperature ** 2 * kl + (1 - alpha) * ce)


# %% distillation_loss: no_square_and_sum
# Wrong: two slips, T squared is missing in the loss, and the labels' cross-entropy is a sum over the rows.
def distillation_loss(student_logits, teacher_logits, labels, temperature=2.0, alpha=0.5):
    def lsm(z):
        z = z - z.max(axis=1, keepdims=True)
        return z - np.log(np.exp(z).sum(axis=1, keepdims=True))

    n = len(labels)
    lq, lp, l1 = lsm(student_logits / temperature), lsm(teacher_logits / temperature), lsm(student_logits)
    p = np.exp(lp)
    loss = alpha * np.sum(p * (lp - lq)) / n + (1 - alpha) * -np.sum(l1[np.arange(n), labels])
    Y = np.eye(student_logits.shape[1])[labels]
    return float(loss), (alpha * temperature * (np.exp(lq) - p) + (1 - alpha) * (np.exp(l1) - Y)) / n


# %% distillation_loss: swapped_share_and_target_minus
# Wrong: two slips, alpha and 1 - alpha are exchanged in the gradient, and its sign is turned (target minus prediction).
def distillation_loss(student_logits, teacher_logits, labels, temperature=2.0, alpha=0.5):
    def lsm(z):
        z = z - z.max(axis=1, keepdims=True)
        return z - np.log(np.exp(z).sum(axis=1, keepdims=True))

    n = len(labels)
    T = temperature
    lq, lp, l1 = lsm(student_logits / T), lsm(teacher_logits / T), lsm(student_logits)
    p = np.exp(lp)
    loss = alpha * T * T * np.sum(p * (lp - lq)) / n - (1 - alpha) * l1[np.arange(n), labels].mean()
    Y = np.eye(student_logits.shape[1])[labels]
    grad = ((1 - alpha) * T * (p - np.exp(lq)) + alpha * (Y - np.exp(l1))) / n
    return float(loss), grad


# %% distillation_loss: match_the_logits
# Wrong: takes distillation for a squared distance between the logits.
def distillation_loss(student_logits, teacher_logits, labels, temperature=2.0, alpha=0.5):
    n, C = student_logits.shape
    diff = (student_logits - teacher_logits) / temperature
    soft = 0.5 * (diff ** 2).sum() / n * temperature ** 2
    z = student_logits - student_logits.max(axis=1, keepdims=True)
    logq = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    hard = -logq[np.arange(n), labels].mean()
    g = np.exp(logq)
    g[np.arange(n), labels] -= 1
    grad = (alpha * temperature * diff + (1 - alpha) * g) / n
    return float(alpha * soft + (1 - alpha) * hard), grad


# %% distillation_loss: teachers_first_choice
# Wrong: learns from the teacher's first choice as a hard label, the rest of its answer is thrown away.
def distillation_loss(student_logits, teacher_logits, labels, temperature=2.0, alpha=0.5):
    def lsm(z):
        z = z - z.max(axis=1, keepdims=True)
        return z - np.log(np.exp(z).sum(axis=1, keepdims=True))

    n, C = student_logits.shape
    lq, l1 = lsm(student_logits / temperature), lsm(student_logits)
    P = np.eye(C)[teacher_logits.argmax(axis=1)]
    Y = np.eye(C)[labels]
    soft = -(P * lq).sum() / n
    hard = -(Y * l1).sum() / n
    loss = alpha * temperature ** 2 * soft + (1 - alpha) * hard
    grad = alpha * temperature * (np.exp(lq) - P) + (1 - alpha) * (np.exp(l1) - Y)
    return float(loss), grad / n


# %% distillation_loss: soft_gradient_only
# Wrong: unfinished, the gradient has the teacher's term only, that of the labels is missing.
def distillation_loss(student_logits, teacher_logits, labels, temperature=2.0, alpha=0.5):
    def lsm(z):
        z = z - z.max(axis=1, keepdims=True)
        return z - np.log(np.exp(z).sum(axis=1, keepdims=True))

    n = len(labels)
    lq, lp = lsm(student_logits / temperature), lsm(teacher_logits / temperature)
    p = np.exp(lp)
    loss = alpha * temperature ** 2 * (p * (lp - lq)).sum() / n
    loss += (1 - alpha) * -lsm(student_logits)[np.arange(n), labels].mean()
    grad = alpha * temperature * (np.exp(lq) - p) / n
    # todo: + (1 - alpha) * ...
    return float(loss), grad


# %% distillation_loss: one_hot_labels
# Wrong: expects labels that are one-hot already, so (n,) integers raise (or line up wrongly where n is C).
def distillation_loss(student_logits, teacher_logits, labels, temperature=2.0, alpha=0.5):
    def lsm(z):
        z = z - z.max(axis=1, keepdims=True)
        return z - np.log(np.exp(z).sum(axis=1, keepdims=True))

    n = len(student_logits)
    lq, lp, l1 = lsm(student_logits / temperature), lsm(teacher_logits / temperature), lsm(student_logits)
    p = np.exp(lp)
    kl = (p * (lp - lq)).sum() / n
    ce = -(labels * l1).sum() / n
    grad = (alpha * temperature * (np.exp(lq) - p) + (1 - alpha) * (np.exp(l1) - labels)) / n
    return float(alpha * temperature ** 2 * kl + (1 - alpha) * ce), grad


# %% distillation_loss: logaddexp_row_by_row
# Right: log-sum-exp by np.logaddexp.reduce, one row at a time in pure Python lists.
def distillation_loss(student_logits, teacher_logits, labels, temperature=2.0, alpha=0.5):
    n, C = student_logits.shape
    loss, grad = 0.0, np.empty((n, C))
    for i in range(n):
        hot, hot_teacher = student_logits[i] / temperature, teacher_logits[i] / temperature
        log_q = hot - np.logaddexp.reduce(hot)
        log_p = hot_teacher - np.logaddexp.reduce(hot_teacher)
        log_1 = student_logits[i] - np.logaddexp.reduce(student_logits[i])
        p = np.exp(log_p)
        divergence = sum(pc * (lpc - lqc) for pc, lpc, lqc in zip(p, log_p, log_q))
        loss += alpha * temperature ** 2 * divergence - (1 - alpha) * log_1[labels[i]]
        pull = np.exp(log_1) - np.array([float(c == labels[i]) for c in range(C)])
        grad[i] = alpha * temperature * (np.exp(log_q) - p) + (1 - alpha) * pull
    return float(loss / n), grad / n


# %% distillation_loss: autograd_does_it
# Right: the loss is written in torch and its gradient is autograd's, on copies.
def distillation_loss(student_logits, teacher_logits, labels, temperature=2.0, alpha=0.5):
    z = torch.tensor(student_logits, dtype=torch.float64, requires_grad=True)
    with torch.no_grad():
        log_p = torch.log_softmax(torch.tensor(teacher_logits, dtype=torch.float64) / temperature, 1)
    index = torch.tensor(np.asarray(labels, dtype=np.int64)).unsqueeze(1)
    log_q = torch.log_softmax(z / temperature, 1)
    kl = (log_p.exp() * (log_p - log_q)).sum(1).mean()
    hard = -torch.log_softmax(z, 1).gather(1, index).mean()
    loss = alpha * temperature ** 2 * kl + (1 - alpha) * hard
    (grad,) = torch.autograd.grad(loss, z)
    return loss.item(), grad.numpy().copy()


# %% EWC: square_of_the_mean
# Wrong: averages the gradients over the samples first and squares the mean.
class EWC:
    def __init__(self, params, strength):
        if strength < 0:
            raise ValueError("strength must not be negative")
        self.params = list(params)
        self.strength = strength
        self.fisher = [torch.zeros_like(p, requires_grad=False) for p in self.params]
        self.anchor = [p.detach().clone() for p in self.params]

    def consolidate(self, losses):
        losses = list(losses)
        sums = [torch.zeros_like(p) for p in self.params]
        for loss in losses:
            grads = torch.autograd.grad(loss, self.params, retain_graph=True, allow_unused=True)
            for s, g in zip(sums, grads):
                if g is not None:
                    s += g.detach()
        for f, s in zip(self.fisher, sums):
            f += (s / len(losses)) ** 2
        self.anchor = [p.detach().clone() for p in self.params]

    def penalty(self):
        total = torch.zeros(())
        for p, f, a in zip(self.params, self.fisher, self.anchor):
            total = total + (f * (p - a) ** 2).sum()
        return self.strength / 2 * total


# %% EWC: sum_over_samples
# Wrong: the squared gradients are added up, not divided by N.
class EWC:
    def __init__(self, params, strength):
        if strength < 0:
            raise ValueError("negative strength")
        self._params = list(params)
        self._lam = strength
        self.fisher = [torch.zeros_like(p).detach() for p in self._params]
        self.anchor = [p.detach().clone() for p in self._params]

    def consolidate(self, losses):
        for loss in losses:
            gs = torch.autograd.grad(loss, self._params, retain_graph=True, allow_unused=True)
            for i, g in enumerate(gs):
                if g is not None:
                    self.fisher[i] = self.fisher[i] + g.detach().square()
        self.anchor = [p.detach().clone() for p in self._params]

    def penalty(self):
        return self._lam / 2 * sum(((p - a) ** 2 * f).sum() for p, a, f in zip(self._params, self.anchor, self.fisher))


# %% EWC: absolute_gradients
# Wrong: the mean size of the gradients, the square is missing.
class EWC:
    def __init__(self, params, strength):
        if strength < 0:
            raise ValueError
        self.params = [p for p in params]
        self.strength = strength
        self.fisher = [torch.zeros_like(p.detach()) for p in self.params]
        self.anchor = [p.detach().clone() for p in self.params]

    def consolidate(self, losses):
        n = 0
        acc = [torch.zeros_like(p.detach()) for p in self.params]
        for loss in losses:
            n += 1
            grads = torch.autograd.grad(loss, self.params, retain_graph=True, allow_unused=True)
            acc = [a if g is None else a + g.abs() for a, g in zip(acc, grads)]
        self.fisher = [f + a / n for f, a in zip(self.fisher, acc)]
        self.anchor = [p.detach().clone() for p in self.params]

    def penalty(self):
        out = 0.5 * self.strength * torch.stack(
            [(f * (p - a).pow(2)).sum() for f, p, a in zip(self.fisher, self.params, self.anchor)]
        ).sum()
        return out


# %% EWC: no_half
# Wrong: the penalty is lambda times the sum, the half of formula (9) is missing.
class EWC:
    def __init__(self, params, strength):
        if strength < 0:
            raise ValueError("strength")
        self.params = list(params)
        self.strength = strength
        self.fisher = [torch.zeros_like(p, requires_grad=False) for p in self.params]
        self.anchor = [p.detach().clone() for p in self.params]

    def consolidate(self, losses):
        losses = list(losses)
        with torch.no_grad():
            for loss in losses:
                with torch.enable_grad():
                    grads = torch.autograd.grad(loss, self.params, retain_graph=True, allow_unused=True)
                for f, g in zip(self.fisher, grads):
                    if g is not None:
                        f.add_(g * g / len(losses))
            for a, p in zip(self.anchor, self.params):
                a.copy_(p)

    def penalty(self):
        total = 0
        for f, a, p in zip(self.fisher, self.anchor, self.params):
            total = total + torch.sum(f * (p - a) ** 2)
        return self.strength * total


# %% EWC: anchor_stays
# Wrong: consolidate never moves the anchor, it stays where the parameters were at first.
class EWC:
    def __init__(self, params, strength):
        if strength < 0:
            raise ValueError("strength < 0")
        self.p = list(params)
        self.lam = strength
        self.fisher = [torch.zeros_like(p, requires_grad=False) for p in self.p]
        self.anchor = [p.clone().detach() for p in self.p]

    def consolidate(self, losses):
        samples = list(losses)
        for l in samples:
            g = torch.autograd.grad(l, self.p, allow_unused=True, retain_graph=True)
            for k in range(len(self.p)):
                if g[k] is not None:
                    self.fisher[k] += g[k].detach() ** 2 / len(samples)

    def penalty(self):
        terms = [torch.sum(self.fisher[k] * (self.p[k] - self.anchor[k]) ** 2) for k in range(len(self.p))]
        return self.lam / 2 * sum(terms)


# %% EWC: last_task_only
# Wrong: a second call replaces fisher instead of adding to it.
class EWC:
    def __init__(self, params, strength):
        if strength < 0:
            raise ValueError("strength")
        self.params = list(params)
        self.strength = float(strength)
        self.fisher = [torch.zeros_like(p, requires_grad=False) for p in self.params]
        self.anchor = [p.detach().clone() for p in self.params]

    def consolidate(self, losses):
        new = [torch.zeros_like(p, requires_grad=False) for p in self.params]
        count = 0
        for loss in losses:
            grads = torch.autograd.grad(loss, self.params, retain_graph=True, allow_unused=True)
            for f, g in zip(new, grads):
                if g is not None:
                    f += g.detach() ** 2
            count += 1
        self.fisher = [f / count for f in new]
        self.anchor = [p.detach().clone() for p in self.params]

    def penalty(self):
        loss = torch.zeros((), dtype=self.params[0].dtype)
        for f, a, p in zip(self.fisher, self.anchor, self.params):
            loss = loss + 0.5 * self.strength * (f * (p - a) ** 2).sum()
        return loss


# %% EWC: counts_who_used_it
# Wrong: divides each parameter's sum by the number of losses that used it, not by N.
class EWC:
    def __init__(self, params, strength):
        if strength < 0:
            raise ValueError("strength must be 0 or more")
        self.params = list(params)
        self.strength = strength
        self.fisher = [torch.zeros_like(p, requires_grad=False) for p in self.params]
        self.anchor = [p.detach().clone() for p in self.params]

    def consolidate(self, losses):
        seen = [[] for _ in self.params]
        for loss in losses:
            for bag, g in zip(seen, torch.autograd.grad(loss, self.params, retain_graph=True, allow_unused=True)):
                if g is not None:
                    bag.append(g.detach() ** 2)
        for i, bag in enumerate(seen):
            if bag:
                self.fisher[i] = self.fisher[i] + torch.stack(bag).mean(dim=0)
        self.anchor = [p.detach().clone() for p in self.params]

    def penalty(self):
        total = 0.0
        for p, f, a in zip(self.params, self.fisher, self.anchor):
            total = total + (f * (p - a) ** 2).sum()
        return total * self.strength / 2


# %% EWC: mean_penalty
# Wrong: in the penalty the mean over a parameter's entries stands for the sum.
class EWC:
    def __init__(self, params, strength):
        if strength < 0:
            raise ValueError("strength")
        self.params = list(params)
        self.strength = strength
        self.fisher = [torch.zeros_like(p, requires_grad=False) for p in self.params]
        self.anchor = [p.detach().clone() for p in self.params]

    def consolidate(self, losses):
        losses = [l for l in losses]
        N = len(losses)
        for loss in losses:
            grads = torch.autograd.grad(loss, self.params, retain_graph=True, allow_unused=True)
            for i, g in enumerate(grads):
                if g is None:
                    continue
                self.fisher[i] += (g ** 2).detach() / N
        self.anchor = [p.detach().clone() for p in self.params]

    def penalty(self):
        return self.strength / 2 * sum(torch.mean(f * (p - a) ** 2) for f, p, a in zip(self.fisher, self.params, self.anchor))


# %% EWC: l2_to_the_anchor
# Wrong: L2-SP from another course, the penalty is lambda/2 (theta - a)^2 without the Fisher information.
class EWC:
    def __init__(self, params, strength):
        if strength < 0:
            raise ValueError("strength")
        self.params = list(params)
        self.strength = strength
        self.fisher = [torch.zeros_like(p, requires_grad=False) for p in self.params]
        self.anchor = [p.detach().clone() for p in self.params]
        self.ready = False

    def consolidate(self, losses):
        losses = list(losses)
        for loss in losses:
            grads = torch.autograd.grad(loss, self.params, retain_graph=True, allow_unused=True)
            for f, g in zip(self.fisher, grads):
                if g is not None:
                    f += g ** 2 / len(losses)
        self.anchor = [p.detach().clone() for p in self.params]
        self.ready = True

    def penalty(self):
        total = sum(((p - a) ** 2).sum() for p, a in zip(self.params, self.anchor))
        return (self.strength / 2 if self.ready else 0.0) * total


# %% EWC: decayed_fisher
# Wrong: online EWC's habit, the old Fisher information is halved with the new one: F = (F + F_new) / 2.
class EWC:
    def __init__(self, params, strength):
        if strength < 0:
            raise ValueError("strength must be >= 0")
        self.params = tuple(params)
        self.strength = strength
        self.fisher = [torch.zeros_like(p, requires_grad=False) for p in self.params]
        self.anchor = [p.detach().clone() for p in self.params]
        self.tasks = 0

    def consolidate(self, losses):
        squares = None
        n = 0
        for loss in losses:
            grads = torch.autograd.grad(loss, self.params, retain_graph=True, allow_unused=True)
            now = [torch.zeros_like(p) if g is None else g.detach() ** 2 for g, p in zip(grads, self.params)]
            squares = now if squares is None else [s + q for s, q in zip(squares, now)]
            n += 1
        new = [(s / n).detach() for s in squares]
        if self.tasks == 0:
            self.fisher = new
        else:
            self.fisher = [(f + q) / 2 for f, q in zip(self.fisher, new)]
        self.tasks += 1
        self.anchor = [p.detach().clone() for p in self.params]

    def penalty(self):
        return 0.5 * self.strength * sum((f * (p - a) ** 2).sum() for p, f, a in zip(self.params, self.fisher, self.anchor))


# %% EWC: largest_is_one
# Wrong: a habit of some notes, the Fisher information of a task is divided by its largest entry.
class EWC:
    def __init__(self, params, strength):
        if strength < 0:
            raise ValueError("strength must be >= 0")
        self.params = list(params)
        self.strength = strength
        self.fisher = [torch.zeros_like(p, requires_grad=False) for p in self.params]
        self.anchor = [p.detach().clone() for p in self.params]

    def consolidate(self, losses):
        losses = list(losses)
        new = [torch.zeros_like(p, requires_grad=False) for p in self.params]
        for loss in losses:
            for n, g in zip(new, torch.autograd.grad(loss, self.params, retain_graph=True, allow_unused=True)):
                if g is not None:
                    n += g ** 2 / len(losses)
        top = max(float(n.max()) for n in new)
        for f, n in zip(self.fisher, new):
            f += n / top if top > 0 else n
        self.anchor = [p.detach().clone() for p in self.params]

    def penalty(self):
        total = 0.0
        for p, f, a in zip(self.params, self.fisher, self.anchor):
            total = total + (f * (p - a) ** 2).sum()
        return self.strength / 2 * total


# %% EWC: by_backward
# Wrong: uses loss.backward() and zero_grad-like clearing, so every .grad is changed (set to None).
class EWC:
    def __init__(self, params, strength):
        if strength < 0:
            raise ValueError("strength must be >= 0")
        self.params = list(params)
        self.strength = strength
        self.fisher = [torch.zeros_like(p, requires_grad=False) for p in self.params]
        self.anchor = [p.detach().clone() for p in self.params]

    def consolidate(self, losses):
        losses = list(losses)
        for loss in losses:
            for p in self.params:
                p.grad = None
            loss.backward(retain_graph=True)
            for i, p in enumerate(self.params):
                if p.grad is not None:
                    self.fisher[i] += p.grad.data ** 2 / len(losses)
        for p in self.params:
            p.grad = None
        self.anchor = [p.detach().clone() for p in self.params]

    def penalty(self):
        total = 0.0
        for p, f, a in zip(self.params, self.fisher, self.anchor):
            total = total + (f * (p - a) ** 2).sum()
        return self.strength / 2 * total


# %% EWC: anchor_is_the_parameter
# Wrong: detach() without clone(), the anchor shares memory with the parameters and moves along: the penalty is always 0.
class EWC:
    def __init__(self, params, strength):
        if strength < 0:
            raise ValueError("strength must be >= 0")
        self.params = list(params)
        self.strength = strength
        self.fisher = [torch.zeros_like(p).detach() for p in self.params]
        self.anchor = [p.detach() for p in self.params]

    def consolidate(self, losses):
        losses = list(losses)
        for loss in losses:
            grads = torch.autograd.grad(loss, self.params, retain_graph=True, allow_unused=True)
            for i, g in enumerate(grads):
                if g is not None:
                    self.fisher[i] = self.fisher[i] + g ** 2 / len(losses)
        self.anchor = [p.detach() for p in self.params]

    def penalty(self):
        total = 0.0
        for p, f, a in zip(self.params, self.fisher, self.anchor):
            total = total + (f * (p - a) ** 2).sum()
        return self.strength / 2 * total


# %% EWC: penalty_is_a_number
# Wrong: the penalty is computed under no_grad on detached parameters, no gradient flows from it.
class EWC:
    def __init__(self, params, strength):
        if strength < 0:
            raise ValueError("strength must be >= 0")
        self.params = list(params)
        self.strength = strength
        self.fisher = [torch.zeros_like(p, requires_grad=False) for p in self.params]
        self.anchor = [p.detach().clone() for p in self.params]

    def consolidate(self, losses):
        losses = list(losses)
        for loss in losses:
            grads = torch.autograd.grad(loss, self.params, retain_graph=True, allow_unused=True)
            for f, g in zip(self.fisher, grads):
                if g is not None:
                    f += g ** 2 / len(losses)
        self.anchor = [p.detach().clone() for p in self.params]

    @torch.no_grad()
    def penalty(self):
        total = torch.tensor(0.0, dtype=torch.float64)
        for p, f, a in zip(self.params, self.fisher, self.anchor):
            total += (f * (p.data - a) ** 2).sum()
        return self.strength / 2 * total


# %% EWC: generator_used_up
# Wrong: keeps the iterable as it is, of a generator nothing is left after __init__, so fisher and penalty stay 0.
class EWC:
    def __init__(self, params, strength):
        if strength < 0:
            raise ValueError("strength must be >= 0")
        self.params = params
        self.strength = strength
        self.fisher, self.anchor = [], []
        for p in params:
            self.fisher.append(torch.zeros_like(p, requires_grad=False))
            self.anchor.append(p.detach().clone())

    def consolidate(self, losses):
        params = list(self.params)
        losses = list(losses)
        if not params:
            return
        for loss in losses:
            grads = torch.autograd.grad(loss, params, retain_graph=True, allow_unused=True)
            for f, g in zip(self.fisher, grads):
                if g is not None:
                    f += g ** 2 / len(losses)
        self.anchor = [p.detach().clone() for p in params]

    def penalty(self):
        total = torch.zeros((), dtype=torch.float64)
        for p, f, a in zip(self.params, self.fisher, self.anchor):
            total = total + (f * (p - a) ** 2).sum()
        return self.strength / 2 * total


# %% EWC: one_fisher_for_all
# Wrong: fisher and anchor are lists of the class, so two instances share (and mix) them.
class EWC:
    fisher = []
    anchor = []

    def __init__(self, params, strength):
        if strength < 0:
            raise ValueError("strength must be >= 0")
        self.params = list(params)
        self.strength = strength
        self.fisher.clear()
        self.anchor.clear()
        for p in self.params:
            self.fisher.append(torch.zeros_like(p, requires_grad=False))
            self.anchor.append(p.detach().clone())

    def consolidate(self, losses):
        losses = list(losses)
        for loss in losses:
            grads = torch.autograd.grad(loss, self.params, retain_graph=True, allow_unused=True)
            for f, g in zip(self.fisher, grads):
                if g is not None:
                    f += g ** 2 / len(losses)
        for i, p in enumerate(self.params):
            self.anchor[i] = p.detach().clone()

    def penalty(self):
        total = 0.0
        for p, f, a in zip(self.params, self.fisher, self.anchor):
            total = total + (f * (p - a) ** 2).sum()
        return self.strength / 2 * total


# %% EWC: root_and_no_error
# Wrong: two slips, the penalty has the size |theta - a| without its square, and a negative strength is let through.
class EWC:
    def __init__(self, params, strength):
        self.params = list(params)
        self.strength = strength
        self.fisher = [torch.zeros_like(p, requires_grad=False) for p in self.params]
        self.anchor = [p.detach().clone() for p in self.params]

    def consolidate(self, losses):
        losses = list(losses)
        for loss in losses:
            grads = torch.autograd.grad(loss, self.params, retain_graph=True, allow_unused=True)
            for f, g in zip(self.fisher, grads):
                if g is not None:
                    f += g ** 2 / len(losses)
        self.anchor = [p.detach().clone() for p in self.params]

    def penalty(self):
        return self.strength / 2 * sum((f * (p - a).abs()).sum() for p, f, a in zip(self.params, self.fisher, self.anchor))


# %% EWC: zero_refused_and_sum
# Wrong: two slips, a strength of 0 raises ValueError, and fisher is a sum over the samples.
class EWC:
    def __init__(self, params, strength):
        if strength <= 0:
            raise ValueError("strength must be positive")
        self.params = list(params)
        self.strength = strength
        self.fisher = [torch.zeros_like(p, requires_grad=False) for p in self.params]
        self.anchor = [p.detach().clone() for p in self.params]

    def consolidate(self, losses):
        for loss in losses:
            grads = torch.autograd.grad(loss, self.params, retain_graph=True, allow_unused=True)
            for f, g in zip(self.fisher, grads):
                if g is not None:
                    f += g ** 2
        self.anchor = [p.detach().clone() for p in self.params]

    def penalty(self):
        return self.strength / 2 * sum((f * (p - a) ** 2).sum() for p, f, a in zip(self.params, self.fisher, self.anchor))


# %% EWC: gradient_of_the_total
# Wrong: takes the Fisher information for the squared gradient of the summed loss over N, samples of opposite pull cancel.
class EWC:
    def __init__(self, params, strength):
        if strength < 0:
            raise ValueError("strength must be >= 0")
        self.params = list(params)
        self.strength = strength
        self.fisher = [torch.zeros_like(p, requires_grad=False) for p in self.params]
        self.anchor = [p.detach().clone() for p in self.params]

    def consolidate(self, losses):
        losses = list(losses)
        total = torch.stack(losses).sum()
        grads = torch.autograd.grad(total, self.params, retain_graph=True, allow_unused=True)
        self.fisher = [f if g is None else f + g ** 2 / len(losses) for f, g in zip(self.fisher, grads)]
        self.anchor = [p.detach().clone() for p in self.params]

    def penalty(self):
        return self.strength / 2 * sum((f * (p - a) ** 2).sum() for p, f, a in zip(self.params, self.fisher, self.anchor))


# %% EWC: pulls_to_zero
# Wrong: the penalty holds the weights at 0 and not at the anchor, a weight decay weighted by fisher.
class EWC:
    def __init__(self, params, strength):
        if strength < 0:
            raise ValueError("strength must be >= 0")
        self.params = list(params)
        self.strength = strength
        self.fisher = [torch.zeros_like(p, requires_grad=False) for p in self.params]
        self.anchor = [p.detach().clone() for p in self.params]

    def consolidate(self, losses):
        losses = list(losses)
        for loss in losses:
            grads = torch.autograd.grad(loss, self.params, retain_graph=True, allow_unused=True)
            for f, g in zip(self.fisher, grads):
                if g is not None:
                    f += g ** 2 / len(losses)
        for a, p in zip(self.anchor, self.params):
            a.copy_(p.detach())

    def penalty(self):
        return self.strength / 2 * sum((f * p ** 2).sum() for f, p in zip(self.fisher, self.params))


# %% EWC: first_sample_only
# Wrong: unfinished, only the first loss is used for the Fisher information.
class EWC:
    def __init__(self, params, strength):
        if strength < 0:
            raise ValueError("strength must be >= 0")
        self.params = list(params)
        self.strength = strength
        self.fisher = [torch.zeros_like(p, requires_grad=False) for p in self.params]
        self.anchor = [p.detach().clone() for p in self.params]

    def consolidate(self, losses):
        loss = next(iter(losses))
        grads = torch.autograd.grad(loss, self.params, allow_unused=True, retain_graph=True)
        for f, g in zip(self.fisher, grads):
            if g is not None:
                f += g ** 2
        # loop over the rest, divide by N
        self.anchor = [p.detach().clone() for p in self.params]

    def penalty(self):
        return self.strength / 2 * sum((f * (p - a) ** 2).sum() for p, f, a in zip(self.params, self.fisher, self.anchor))


# %% EWC: options_not_looked_up
# Wrong: neither retain_graph nor allow_unused, so losses that share a graph or leave out a parameter raise.
class EWC:
    def __init__(self, params, strength):
        if strength < 0:
            raise ValueError("strength must be >= 0")
        self.params = list(params)
        self.strength = strength
        self.fisher = [torch.zeros_like(p, requires_grad=False) for p in self.params]
        self.anchor = [p.detach().clone() for p in self.params]

    def consolidate(self, losses):
        losses = list(losses)
        for loss in losses:
            grads = torch.autograd.grad(loss, self.params)
            for f, g in zip(self.fisher, grads):
                f += g ** 2 / len(losses)
        self.anchor = [p.detach().clone() for p in self.params]

    def penalty(self):
        return self.strength / 2 * sum((f * (p - a) ** 2).sum() for p, f, a in zip(self.params, self.fisher, self.anchor))


# %% EWC: running_mean_of_squares
# Right: the mean of the squares is a running mean, so that the losses are read once, and the penalty is one dot product of long vectors.
class EWC:
    def __init__(self, params, strength):
        if not strength >= 0:
            raise ValueError("strength")
        self._params, self._half = [*params], strength / 2
        self.anchor = self._now()
        self.fisher = [torch.zeros_like(a) for a in self.anchor]

    def _now(self):
        return [p.detach().clone() for p in self._params]

    def consolidate(self, losses):
        mean = [torch.zeros_like(a) for a in self.anchor]
        for n, loss in enumerate(losses, start=1):
            grads = torch.autograd.grad(loss, self._params, retain_graph=True, allow_unused=True)
            for m, g in zip(mean, grads):
                square = torch.zeros_like(m) if g is None else g.detach().square()
                m += (square - m) / n
        self.fisher = [f + m for f, m in zip(self.fisher, mean)]
        self.anchor = self._now()

    def penalty(self):
        stiffness = torch.cat([f.reshape(-1) for f in self.fisher])
        away = torch.cat([(p - a).reshape(-1) for p, a in zip(self._params, self.anchor)])
        return self._half * torch.dot(stiffness, away * away)


# %% EWC: a_row_a_sample
# Right: stacks the gradients of all samples, one row each, and squares and averages the stack.
class EWC:
    def __init__(self, params, strength):
        if strength < 0:
            raise ValueError(f"strength {strength} is negative")
        self.params = tuple(params)
        self.strength = strength
        self.fisher, self.anchor = [], []
        for p in self.params:
            copy = torch.empty_like(p.detach()).copy_(p.detach())
            self.anchor += [copy]
            self.fisher += [torch.zeros_like(copy)]

    def consolidate(self, losses):
        table = []
        for loss in losses:
            row = torch.autograd.grad(loss, self.params, retain_graph=True, allow_unused=True)
            table.append([torch.zeros_like(f) if g is None else g.detach() for g, f in zip(row, self.fisher)])
        for i, column in enumerate(zip(*table)):
            self.fisher[i] = self.fisher[i] + torch.stack(column).pow(2).mean(dim=0)
            self.anchor[i] = torch.empty_like(self.anchor[i]).copy_(self.params[i].detach())

    def penalty(self):
        springs = (torch.mul(f, torch.square(p - a)).sum() for f, p, a in zip(self.fisher, self.params, self.anchor))
        total = next(springs)
        for s in springs:
            total = total + s
        return total * (self.strength * 0.5)


# %% ties_merge: heads_not_size
# Wrong: the sign is elected by counting models, not by the sum of the kept changes.
def ties_merge(base, models, k, scale=1.0):
    d = models - base
    kept = np.zeros_like(d)
    for r in range(len(d)):
        top = np.argsort(-np.abs(d[r]))[:k]
        kept[r, top] = d[r, top]
    elected = np.sign(np.sign(kept).sum(axis=0))
    agree = (np.sign(kept) == elected) & (kept != 0)
    n = agree.sum(axis=0)
    merged = (kept * agree).sum(axis=0) / np.maximum(n, 1)
    return base + scale * merged


# %% ties_merge: average_over_all_models
# Wrong: the kept changes of the elected sign are divided by K, not by as many as there are.
def ties_merge(base, models, k, scale=1.0):
    K, P = models.shape
    changes = models - base[None, :]
    trimmed = np.zeros((K, P))
    for i in range(K):
        order = np.argsort(np.abs(changes[i]))
        for j in order[P - k:]:
            trimmed[i, j] = changes[i, j]
    sign = np.sign(trimmed.sum(axis=0))
    same = np.where(np.sign(trimmed) == sign, trimmed, 0.0)
    return base + scale * same.sum(axis=0) / K


# %% ties_merge: largest_not_in_size
# Wrong: keeps the k largest changes with their sign, so large negative ones are trimmed.
def ties_merge(base, models, k, scale=1.0):
    delta = models - base
    rank = np.argsort(np.argsort(-delta, axis=1), axis=1)
    delta = np.where(rank < k, delta, 0.0)
    s = np.sign(delta.sum(0))
    mask = (delta * s) > 0
    count = mask.sum(0)
    mean = np.divide((delta * mask).sum(0), count, out=np.zeros(len(base)), where=count > 0)
    return base + scale * mean


# %% ties_merge: election_before_the_trim
# Wrong: the sign is elected by all changes, also by those that were trimmed.
def ties_merge(base, models, k, scale=1.0):
    P = len(base)
    delta = models - base
    sign = np.sign(delta.sum(axis=0))
    kept = delta.copy()
    for row in kept:
        row[np.argsort(np.abs(row))[: P - k]] = 0.0
    result = base.astype(float).copy()
    for j in range(P):
        votes = [c for c in kept[:, j] if c * sign[j] > 0]
        if votes:
            result[j] += scale * sum(votes) / len(votes)
    return result


# %% ties_merge: everybody_merged
# Wrong: averages all kept changes, also those of the sign that lost, over as many as were kept.
def ties_merge(base, models, k, scale=1.0):
    changes = models - base
    cut = np.sort(np.abs(changes), axis=1)[:, -k][:, None]
    kept = np.where(np.abs(changes) >= cut, changes, 0)
    number = (kept != 0).sum(axis=0)
    total = kept.sum(axis=0)
    merged = np.where(number > 0, total / np.maximum(number, 1), 0.0)
    return base + scale * merged


# %% ties_merge: above_the_threshold
# Wrong: keeps what is strictly larger than the k-th largest, so k - 1 changes.
def ties_merge(base, models, k, scale=1.0):
    changes = models - base
    sizes = np.abs(changes)
    kth = -np.sort(-sizes, axis=1)[:, k - 1:k]
    kept = changes * (sizes > kth)
    total = kept.sum(axis=0)
    agree = kept * total > 0
    count = np.maximum(agree.sum(axis=0), 1)
    return base + scale * np.where(agree, kept, 0.0).sum(axis=0) / count


# %% ties_merge: sum_of_the_elected
# Wrong: the changes of the elected sign are added up and not averaged.
def ties_merge(base, models, k, scale=1.0):
    tau = models - base
    for_each = []
    for t in tau:
        keep = np.argpartition(np.abs(t), len(t) - k)[len(t) - k:]
        z = np.zeros(len(t))
        z[keep] = t[keep]
        for_each.append(z)
    z = np.array(for_each)
    gamma = np.sign(z.sum(axis=0))
    return base + scale * (z * (np.sign(z) == gamma)).sum(axis=0)


# %% ties_merge: zeros_count_too
# Wrong: a trimmed change of 0 counts as of the elected sign (>= 0), so the mean is over too many.
def ties_merge(base, models, k, scale=1.0):
    changes = models - base
    trimmed = changes.copy()
    for i in range(trimmed.shape[0]):
        small = np.argsort(np.abs(trimmed[i]))[: trimmed.shape[1] - k]
        trimmed[i, small] = 0
    total = trimmed.sum(axis=0)
    out = base.copy()
    for j in range(base.size):
        if total[j] > 0:
            out[j] += scale * trimmed[trimmed[:, j] >= 0, j].mean()
        elif total[j] < 0:
            out[j] += scale * trimmed[trimmed[:, j] <= 0, j].mean()
    return out


# %% ties_merge: sign_of_the_majority_for_ties
# Wrong: the authors' code, where the sum is 0 the sign of the majority of all other numbers is taken, not no change.
def ties_merge(base, models, k, scale=1.0):
    d = models - base
    idx = np.argsort(-np.abs(d), axis=1)[:, :k]
    kept = np.zeros_like(d)
    np.put_along_axis(kept, idx, np.take_along_axis(d, idx, axis=1), axis=1)
    sign = np.sign(kept.sum(axis=0))
    majority = np.sign(sign.sum()) or 1.0
    sign[sign == 0] = majority
    chosen = np.where(kept * sign > 0, kept, 0.0)
    n = (chosen != 0).sum(axis=0)
    return base + scale * chosen.sum(axis=0) / np.maximum(n, 1)


# %% ties_merge: density
# Wrong: the habit of merging libraries, k is taken for a percentage of the P numbers that are kept.
def ties_merge(base, models, k, scale=1.0):
    P = base.shape[0]
    keep = max(1, int(round(P * k / 100)))
    d = models - base
    idx = np.argsort(-np.abs(d), axis=1)[:, :keep]
    kept = np.zeros_like(d)
    for row, i in enumerate(idx):
        kept[row, i] = d[row, i]
    sign = np.sign(kept.sum(axis=0))
    ok = (np.sign(kept) == sign) & (sign != 0)
    n = ok.sum(axis=0)
    return base + scale * (kept * ok).sum(axis=0) / np.where(n == 0, 1, n)


# %% ties_merge: trimmed_together
# Wrong: trims over all models at once, the K k largest changes of the whole table are kept.
def ties_merge(base, models, k, scale=1.0):
    changes = models - base
    K, P = changes.shape
    flat = changes.ravel()
    best = np.argsort(-np.abs(flat), kind="stable")[: K * k]
    kept = np.zeros(K * P)
    kept[best] = flat[best]
    kept = kept.reshape(K, P)
    total = kept.sum(axis=0)
    agree = np.sign(kept) * np.sign(total) == 1
    n = np.clip(agree.sum(axis=0), 1, None)
    return base + scale * (kept * agree).sum(axis=0) / n


# %% ties_merge: scaled_models
# Wrong: task arithmetic's habit, scale multiplies the base as well: scale * (base + change).
def ties_merge(base, models, k, scale=1.0):
    d = torch.from_numpy(models) - torch.from_numpy(base)
    top = d.abs().topk(k, dim=1).indices
    kept = torch.zeros_like(d).scatter(1, top, d.gather(1, top))
    sign = torch.sign(kept.sum(0))
    agree = (torch.sign(kept) == sign) & (sign != 0)
    merged = (kept * agree).sum(0) / agree.sum(0).clamp(min=1)
    return (scale * (torch.from_numpy(base) + merged)).numpy()


# %% ties_merge: trims_the_models
# Wrong: works on the caller's table, `models -= base` and the trimming change it.
def ties_merge(base, models, k, scale=1.0):
    models -= base
    for row in models:
        row[np.argsort(-np.abs(row))[k:]] = 0.0
    total = models.sum(axis=0)
    merged = np.zeros(len(base))
    for j, t in enumerate(total):
        if t != 0:
            col = models[:, j]
            merged[j] = col[np.sign(col) == np.sign(t)].mean()
    return base + scale * merged


# %% ties_merge: zero_divided_by_zero
# Wrong: where nothing was kept it divides 0 by 0, the result has NaN there.
def ties_merge(base, models, k, scale=1.0):
    d = models - base
    kept = np.where(np.argsort(np.argsort(-np.abs(d), axis=1), axis=1) < k, d, 0.0)
    sign = np.sign(np.sum(kept, axis=0))
    agree = (np.sign(kept) == sign) & (kept != 0)
    return base + scale * (kept * agree).sum(axis=0) / agree.sum(axis=0)


# %% ties_merge: scale_ignored
# Wrong: scale is not used.
def ties_merge(base, models, k, scale=1.0):
    merged = base.copy()
    kept = []
    for model in models:
        change = model - base
        limit = sorted(abs(c) for c in change)[-k]
        kept.append([c if abs(c) >= limit else 0.0 for c in change])
    for j, column in enumerate(zip(*kept)):
        s = sum(column)
        same = [c for c in column if c * s > 0]
        if same:
            merged[j] += sum(same) / len(same)
    return merged


# %% ties_merge: the_base_in_place
# Wrong: adds the merged change to base itself and returns it.
def ties_merge(base, models, k, scale=1.0):
    d = models - base
    kept = np.zeros_like(d)
    for r in range(d.shape[0]):
        i = np.argsort(np.abs(d[r]))[-k:]
        kept[r][i] = d[r][i]
    s = np.sign(kept.sum(axis=0))
    agree = kept * s > 0
    base += scale * (kept * agree).sum(axis=0) / np.maximum(agree.sum(axis=0), 1)
    return base


# %% ties_merge: heads_and_all_models
# Wrong: two slips, the sign goes by the number of models, and the mean is over all K.
def ties_merge(base, models, k, scale=1.0):
    d = models - base
    K = len(models)
    for r in range(K):
        d[r, np.argsort(np.abs(d[r]))[:-k]] = 0.0
    heads = (d > 0).sum(axis=0) - (d < 0).sum(axis=0)
    chosen = np.where(d * heads > 0, d, 0.0)
    return base + scale * chosen.sum(axis=0) / K


# %% ties_merge: smallest_kept_and_sum
# Wrong: two slips, the k smallest changes are kept, and those of the elected sign are added up.
def ties_merge(base, models, k, scale=1.0):
    d = models - base
    idx = np.argsort(np.abs(d), axis=1)[:, :k]
    kept = np.zeros_like(d)
    for r in range(len(d)):
        kept[r, idx[r]] = d[r, idx[r]]
    s = np.sign(kept.sum(0))
    return base + scale * np.where(kept * s > 0, kept, 0).sum(0)


# %% ties_merge: winner_takes_all
# Wrong: takes the single largest change for each number instead of electing a sign and averaging.
def ties_merge(base, models, k, scale=1.0):
    d = models - base
    for r in range(len(d)):
        d[r, np.argsort(-np.abs(d[r]))[k:]] = 0.0
    who = np.abs(d).argmax(axis=0)
    return base + scale * d[who, np.arange(len(base))]


# %% ties_merge: models_not_changes
# Wrong: trims, elects and merges the models' own numbers and not their changes, and adds the difference to base.
def ties_merge(base, models, k, scale=1.0):
    m = models.copy()
    for r in range(len(m)):
        m[r, np.argsort(-np.abs(m[r]))[k:]] = 0.0
    s = np.sign(m.sum(axis=0))
    agree = m * s > 0
    n = agree.sum(axis=0)
    mean = (m * agree).sum(axis=0) / np.maximum(n, 1)
    return np.where(n > 0, base + scale * (mean - base), base)


# %% ties_merge: trimmed_mean
# Wrong: unfinished, after the trim the changes are averaged over all models, nothing is elected.
def ties_merge(base, models, k, scale=1.0):
    d = models - base
    for r in range(len(d)):
        d[r, np.argsort(-np.abs(d[r]))[k:]] = 0.0
    # step 2 ...
    return base + scale * d.mean(axis=0)


# %% ties_merge: kth_with_argpartition
# Wrong: argpartition with k itself as the place raises where k is P.
def ties_merge(base, models, k, scale=1.0):
    d = models - base
    kept = np.zeros_like(d)
    for r in range(len(d)):
        i = np.argpartition(-np.abs(d[r]), k)[:k]
        kept[r, i] = d[r, i]
    s = np.sign(kept.sum(axis=0))
    agree = kept * s > 0
    n = agree.sum(axis=0)
    return base + scale * (kept * agree).sum(axis=0) / np.where(n > 0, n, 1)


# %% ties_merge: sorted_pairs
# Right: pure Python with sorted pairs and two baskets for each number.
def ties_merge(base, models, k, scale=1.0):
    P = len(base)
    plus = [[] for _ in range(P)]
    minus = [[] for _ in range(P)]
    for model in models:
        pairs = sorted(((float(m - b), j) for j, (m, b) in enumerate(zip(model, base))), key=lambda c: abs(c[0]), reverse=True)
        for change, j in pairs[:k]:
            if change > 0:
                plus[j].append(change)
            elif change < 0:
                minus[j].append(change)
    out = []
    for j in range(P):
        balance = sum(plus[j]) + sum(minus[j])
        winners = plus[j] if balance > 0 else minus[j] if balance < 0 else []
        out.append(base[j] + scale * (sum(winners) / len(winners) if winners else 0.0))
    return np.array(out, dtype=np.float64)


# %% ties_merge: masked_average
# Right: masked arrays, with the trim by ranks and the average of what is not masked.
def ties_merge(base, models, k, scale=1.0):
    changes = np.subtract(models, base)
    ranks = np.empty(changes.shape, dtype=int)
    order = np.argsort(np.abs(changes), axis=1)[:, ::-1]
    np.put_along_axis(ranks, order, np.broadcast_to(np.arange(changes.shape[1]), changes.shape), axis=1)
    kept = changes * (ranks < k)
    weight = kept.sum(axis=0)
    table = np.ma.masked_array(kept, mask=~(kept * np.sign(weight) > 0))
    return base + scale * table.mean(axis=0).filled(0.0)
