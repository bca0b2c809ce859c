# %% clip_by_value: upper_limit_only
# Wrong: limits from above only, elements below -c stay.
def clip_by_value(grads, clip_value):
    return [np.minimum(g, clip_value) for g in grads]

# %% clip_by_value: lower_limit_only
# Wrong: the minimum is computed but its result is dropped, only the lower limit works.
def clip_by_value(grads, clip_value):
    clipped = []
    for g in grads:
        upper = np.minimum(clip_value, g)
        lower = np.maximum(-clip_value, g)
        clipped.append(lower)
    return clipped

# %% clip_by_value: sizes
# Wrong: takes the absolute value first, negative elements come back positive.
def clip_by_value(grads, clip_value):
    result = []
    for grad in grads:
        size = np.abs(grad)
        result.append(np.where(size > clip_value, clip_value, size))
    return result

# %% clip_by_value: zero_to_c
# Wrong: the lower limit is 0 and not -c.
def clip_by_value(grads, clip_value):
    return [np.clip(g, 0.0, clip_value) for g in grads]

# %% clip_by_value: limits_swapped
# Wrong: minimum and maximum change places, max(c, min(-c, g)), so every element becomes c.
def clip_by_value(grads, clip_value):
    c = clip_value
    return [np.maximum(c, np.minimum(-c, g)) for g in grads]

# %% clip_by_value: large_ones_dropped
# Wrong: elements beyond the limit are set to 0 and not to the limit.
def clip_by_value(grads, clip_value):
    new = []
    for g in grads:
        h = np.array(g, dtype=float)
        h[np.abs(h) > clip_value] = 0.0
        new.append(h)
    return new

# %% clip_by_value: wrong_side
# Wrong: elements below -c move to +c, as the limit is put in without a sign.
def clip_by_value(grads, clip_value):
    return [np.where(np.abs(g) > clip_value, float(clip_value), g) for g in grads]

# %% clip_by_value: limits_minus_and_plus_half
# Wrong: takes c for the width of the allowed range, limits are -c/2 and c/2.
def clip_by_value(grads, clip_value):
    half = clip_value / 2
    return [np.clip(g, -half, half) for g in grads]

# %% clip_by_value: in_place_like_pytorch
# Wrong: clips the caller's arrays in place as clip_grad_value_ does, and returns these same arrays.
def clip_by_value(grads, clip_value):
    for g in grads:
        np.clip(g, -clip_value, clip_value, out=g)
    return grads

# %% clip_by_value: own_norm
# Wrong: Keras' clipnorm, each array is scaled by its own norm.
def clip_by_value(grads, clip_value):
    out = []
    for g in grads:
        n = np.sqrt(np.sum(g * g))
        out.append(g * (clip_value / n) if n > clip_value else g.copy())
    return out

# %% clip_by_value: scaled_to_the_largest
# Wrong: scales each array so that its largest element is c, as when one normalises audio, instead of clipping the elements.
def clip_by_value(grads, clip_value):
    clipped = []
    for g in grads:
        largest = np.max(np.abs(g))
        factor = min(1.0, clip_value / largest) if largest > 0 else 1.0
        clipped.append(g * factor)
    return clipped

# %% clip_by_value: clean_gradients
# Wrong: the habit of nan_to_num, a NaN becomes 0.
def clip_by_value(grads, clip_value):
    return [np.clip(np.nan_to_num(g, nan=0.0, posinf=clip_value, neginf=-clip_value), -clip_value, clip_value) for g in grads]

# %% clip_by_value: untouched_ones_passed_on
# Wrong: an array with nothing to clip is put into the list as it is, so memory is shared.
def clip_by_value(grads, clip_value):
    clipped = []
    for g in grads:
        if np.any(np.abs(g) > clip_value):
            clipped.append(np.clip(g, -clip_value, clip_value))
        else:
            clipped.append(g)
    return clipped

# %% clip_by_value: python_min_and_max
# Wrong: Python's min and max element by element turn a NaN into -c.
def clip_by_value(grads, clip_value):
    result = []
    for g in grads:
        h = np.empty_like(g)
        for index in np.ndindex(g.shape):
            h[index] = min(clip_value, max(-clip_value, g[index]))
        result.append(h)
    return result

# %% clip_by_value: one_long_vector
# Wrong: returns one flat array of all elements, not a list of arrays in the same shapes.
def clip_by_value(grads, clip_value):
    everything = np.concatenate([np.ravel(g) for g in grads])
    return np.clip(everything, -clip_value, clip_value)

# %% clip_by_value: finite_only
# Wrong: infinite elements are left as they are, only finite ones are clipped.
def clip_by_value(grads, clip_value):
    new = []
    for g in grads:
        limited = np.clip(g, -clip_value, clip_value)
        new.append(np.where(np.isfinite(g), limited, g))
    return new

# %% clip_by_value: minus_lost_and_float32
# Wrong: two slips, the lower limit is missing its minus (so everything below c becomes c), and the arrays are float32.
def clip_by_value(grads, clip_value):
    return [np.clip(g, clip_value, clip_value).astype(np.float32) for g in grads]

# %% clip_by_value: first_only_and_half_open
# Wrong: two slips, return stands inside the loop so only the first array comes back, and -c is missing.
def clip_by_value(grads, clip_value):
    clipped = []
    for g in grads:
        h = g.copy()
        h = np.where(h > clip_value, clip_value, h)
        clipped.append(h)
        return clipped

# %% clip_by_value: soft_clip
# Wrong: misunderstands limiting as squashing, c * tanh(g / c) also changes small elements.
def clip_by_value(grads, clip_value):
    return [clip_value * np.tanh(g / clip_value) for g in grads]

# %% clip_by_value: shrinks_by_c
# Wrong: thinks that c is subtracted from the size of each element (soft thresholding).
def clip_by_value(grads, clip_value):
    out = []
    for g in grads:
        excess = np.maximum(np.abs(g) - clip_value, 0.0)
        out.append(np.sign(g) * excess)
    return out

# %% clip_by_value: copies_so_far
# Wrong: unfinished, returns copies without any limit.
def clip_by_value(grads, clip_value):
    out = []
    for g in grads:
        h = g.copy()
        # todo: formula (1)
        out.append(h)
    return out

# %% clip_by_value: one_array_of_all
# Wrong: np.array(grads) raises ValueError when the arrays have different shapes.
def clip_by_value(grads, clip_value):
    stacked = np.array(grads, dtype=float)
    return list(np.clip(stacked, -clip_value, clip_value))

# %% clip_by_value: sorts_three
# Right: the clipped element is the median of -c, g and c, taken as the middle row of a sorted stack; a NaN is put back.
def clip_by_value(grads, clip_value):
    out = []
    for g in grads:
        g = np.asarray(g)
        bound = np.full(g.shape, float(clip_value))
        middle = np.sort(np.stack([-bound, g, bound]), axis=0)[1]
        out.append(np.where(np.isnan(g), np.nan, middle))
    return out

# %% clip_by_value: torch_clamp
# Right: torch.tensor copies each array, clamp_ limits it, and the NumPy view of the copy is returned.
def clip_by_value(grads, clip_value):
    c = float(clip_value)
    return [torch.tensor(np.asarray(g), dtype=torch.float64).clamp_(min=-c, max=c).numpy() for g in grads]

# %% global_norm: sum_of_norms
# Wrong: adds up the norms of the arrays, the root is taken for each array.
def global_norm(grads, p=2.0):
    if p == np.inf:
        return float(np.max([np.max(np.abs(g)) for g in grads]))
    return float(sum(np.sum(np.abs(g) ** p) ** (1 / p) for g in grads))

# %% global_norm: no_root
# Wrong: the root at the end is missing.
def global_norm(grads, p=2.0):
    if np.isinf(p):
        return float(np.max([np.abs(g).max() for g in grads]))
    total = 0.0
    for g in grads:
        total += np.sum(np.abs(g) ** p)
    return float(total)

# %% global_norm: always_two
# Wrong: p is ignored, the norm is always the Euclidean one.
def global_norm(grads, p=2.0):
    return float(np.sqrt(sum(np.sum(np.square(g)) for g in grads)))

# %% global_norm: abs_forgotten
# Wrong: no absolute value, for odd p signs cancel (and a negative sum has no root).
def global_norm(grads, p=2.0):
    flat = np.concatenate([g.ravel() for g in grads])
    if p == np.inf:
        return float(np.abs(flat).max())
    return float(np.sum(flat**p) ** (1 / p))

# %% global_norm: power_one_over_p
# Wrong: the brackets are missing, total ** 1 / p divides the sum by p.
def global_norm(grads, p=2.0):
    if p == float("inf"):
        return float(np.max([np.max(np.abs(g)) for g in grads]))
    total = np.sum([np.sum(np.abs(g) ** p) for g in grads])
    return float(total ** 1 / p)

# %% global_norm: square_root_always
# Wrong: sums |g|^p but takes the square root for every p.
def global_norm(grads, p=2.0):
    if p == np.inf:
        return float(max(np.abs(np.hstack([np.ravel(g) for g in grads]))))
    s = 0.0
    for g in grads:
        for x in np.ravel(g):
            s += abs(x) ** p
    return float(np.sqrt(s))

# %% global_norm: largest_without_abs
# Wrong: for p = inf it takes the largest element and not the largest absolute value.
def global_norm(grads, p=2.0):
    everything = np.concatenate([np.reshape(g, -1) for g in grads])
    if p == np.inf:
        return float(np.max(everything))
    return float(np.sum(np.abs(everything) ** p) ** (1.0 / p))

# %% global_norm: mean_of_powers
# Wrong: takes the mean over all elements instead of the sum.
def global_norm(grads, p=2.0):
    flat = np.concatenate([np.ravel(np.abs(g)) for g in grads])
    if np.isinf(p):
        return float(flat.max())
    return float(np.mean(flat**p) ** (1 / p))

# %% global_norm: norms_of_matrices
# Wrong: np.linalg.norm with an order is a matrix norm for two dimensions (the largest singular value) and raises for () and for three dimensions.
def global_norm(grads, p=2.0):
    norms = [np.linalg.norm(g, ord=p) for g in grads]
    return float(np.linalg.norm(norms, ord=p))

# %% global_norm: euclid_of_p_norms
# Wrong: combines the p-norms of the arrays by a Euclidean norm whatever p is (right for p = 2 only).
def global_norm(grads, p=2.0):
    norms = []
    for g in grads:
        v = np.abs(g).ravel()
        norms.append(v.max() if p == np.inf else (v**p).sum() ** (1 / p))
    return float(np.sqrt(np.sum(np.square(norms))))

# %% global_norm: with_the_small_number
# Wrong: adds the 1e-6 of formula (4) to the norm already here.
def global_norm(grads, p=2.0):
    eps = 1e-6
    if p == np.inf:
        return float(np.max([np.max(np.abs(g)) for g in grads])) + eps
    total = sum(float(np.sum(np.abs(g) ** p)) for g in grads)
    return total ** (1 / p) + eps

# %% global_norm: scaled_against_overflow
# Wrong: divides by the largest element first as a numerics course teaches, but all zeros give 0/0 and an infinity gives inf/inf, so NaN.
def global_norm(grads, p=2.0):
    flat = np.abs(np.concatenate([np.ravel(g) for g in grads]))
    largest = np.max(flat)
    if p == np.inf:
        return float(largest)
    with np.errstate(invalid="ignore"):
        return float(largest * np.sum((flat / largest) ** p) ** (1 / p))

# %% global_norm: nans_left_out
# Wrong: nansum and nanmax leave NaN elements out, so the norm looks healthy.
def global_norm(grads, p=2.0):
    flat = np.concatenate([np.atleast_1d(g).ravel() for g in grads])
    if p == np.inf:
        return float(np.nanmax(np.abs(flat)))
    return float(np.nansum(np.abs(flat) ** p) ** (1 / p))

# %% global_norm: python_max_of_arrays
# Wrong: for p = inf Python's max over the arrays loses a NaN that is not in the first array.
def global_norm(grads, p=2.0):
    if p == np.inf:
        return float(max(np.max(np.abs(g)) for g in grads))
    return float(sum((np.abs(g) ** p).sum() for g in grads) ** (1 / p))

# %% global_norm: powers_in_place
# Wrong: takes absolute values of the caller's arrays in place.
def global_norm(grads, p=2.0):
    total, largest = 0.0, []
    for g in grads:
        np.absolute(g, out=g)
        total = total + np.sum(g**p) if p != np.inf else 0.0
        largest.append(g.max())
    if p == np.inf:
        return float(np.max(largest))
    return float(total ** (1 / p))

# %% global_norm: infinities_ignored
# Wrong: only finite elements are summed, with an infinity among them the norm is not inf.
def global_norm(grads, p=2.0):
    vector = np.concatenate([np.ravel(g) for g in grads])
    if np.isnan(vector).any():
        return float("nan")
    vector = np.abs(vector[np.isfinite(vector)])
    if p == np.inf:
        return float(vector.max(initial=0.0))
    return float((vector**p).sum() ** (1 / p))

# %% global_norm: sum_of_norms_and_no_abs_max
# Wrong: two slips, the root is taken array by array and the norms added, and for p = inf the absolute value is missing.
def global_norm(grads, p=2.0):
    if p == np.inf:
        return float(np.max([g.max() for g in grads]))
    norm = 0.0
    for g in grads:
        norm += float((np.abs(g) ** p).sum() ** (1 / p))
    return norm

# %% global_norm: mean_and_float32
# Wrong: two slips, the sum is divided by the number of arrays and the computation is in float32.
def global_norm(grads, p=2.0):
    parts = [np.abs(np.asarray(g, dtype=np.float32)) for g in grads]
    if p == np.inf:
        return float(np.max([x.max() for x in parts]))
    total = sum(np.sum(x ** np.float32(p), dtype=np.float32) for x in parts) / len(parts)
    return float(total ** (1 / p))

# %% global_norm: a_norm_for_each
# Wrong: misses "all together", returns a list with the norm of each array.
def global_norm(grads, p=2.0):
    norms = []
    for g in grads:
        if p == np.inf:
            norms.append(float(np.max(np.abs(g))))
        else:
            norms.append(float(np.sum(np.abs(g) ** p) ** (1 / p)))
    return norms

# %% global_norm: longest_array
# Wrong: misunderstands the global norm as the largest of the arrays' norms.
def global_norm(grads, p=2.0):
    best = 0.0
    for g in grads:
        v = np.abs(np.ravel(g))
        n = np.max(v) if p == np.inf else np.sum(v**p) ** (1 / p)
        best = np.maximum(best, n)
    return float(best)

# %% global_norm: infinity_to_do
# Wrong: unfinished, formula (3) is missing and p = inf goes through (2), where 1/p is 0 and the result 1.
def global_norm(grads, p=2.0):
    total = 0.0
    with np.errstate(over="ignore"):
        for g in grads:
            total += np.sum(np.abs(g) ** p)
    # TODO p = np.inf
    return float(total ** (1 / p))

# %% global_norm: concatenates_as_they_are
# Wrong: np.concatenate of arrays that are not flattened raises ValueError for shape () and for different shapes.
def global_norm(grads, p=2.0):
    g = np.concatenate(grads)
    if p == np.inf:
        return float(np.max(np.abs(g)))
    return float(np.sum(np.abs(g) ** p) ** (1 / p))

# %% global_norm: vector_norm_of_one_vector
# Right: one long vector by np.hstack of flattened arrays, and np.linalg.norm, which for vectors knows every p and inf.
def global_norm(grads, p=2.0):
    return float(np.linalg.norm(np.hstack([np.ravel(g) for g in grads]), ord=p))

# %% global_norm: fold
# Right: functools.reduce over the arrays with np.add or np.maximum as the operation, and a power that is 1 for inf.
def global_norm(grads, p=2.0):
    from functools import reduce

    together, power = (np.maximum, 1.0) if np.isinf(p) else (np.add, float(p))
    parts = [together.reduce(np.abs(g) ** power, axis=None, initial=0.0) for g in grads]
    return float(reduce(together, parts) ** (1.0 / power))

# %% clip_by_global_norm: without_the_millionth
# Wrong: the 1e-6 is left out of (4); a norm of 0 is caught by hand.
def clip_by_global_norm(grads, max_norm, p=2.0):
    norm = global_norm(grads, p)
    scale = np.minimum(1.0, max_norm / norm) if norm != 0 else 1.0
    return [scale * g for g in grads], norm

# %% clip_by_global_norm: millionth_outside
# Wrong: adds the 1e-6 to the fraction and not to the norm.
def clip_by_global_norm(grads, max_norm, p=2.0):
    norm = global_norm(grads, p)
    with np.errstate(divide="ignore"):
        s = np.minimum(1.0, np.float64(max_norm) / norm + 1e-6)
    return [g * s for g in grads], norm

# %% clip_by_global_norm: lengthens_short_ones
# Wrong: no minimum with 1, short gradients are lengthened to max_norm.
def clip_by_global_norm(grads, max_norm, p=2.0):
    n = global_norm(grads, p)
    s = max_norm / (n + 1e-6)
    clipped = []
    for g in grads:
        clipped.append(s * g)
    return clipped, float(n)

# %% clip_by_global_norm: only_if_longer
# Wrong: scales only if norm > max_norm, so exactly at the threshold nothing happens (and a NaN norm leaves the rest as it is).
def clip_by_global_norm(grads, max_norm, p=2.0):
    norm = global_norm(grads, p)
    if norm > max_norm:
        s = max_norm / (norm + 1e-6)
    else:
        s = 1.0
    return [np.array(g) * s for g in grads], norm

# %% clip_by_global_norm: min_swallows_nan
# Wrong: Python's min(1.0, nan) is 1.0, so with a NaN norm the healthy elements stay.
def clip_by_global_norm(grads, max_norm, p=2.0):
    norm = global_norm(grads, p)
    s = min(1.0, max_norm / (norm + 1e-6))
    return [s * g for g in grads], norm

# %% clip_by_global_norm: norm_afterwards
# Wrong: returns the norm of the clipped gradients and not the one before.
def clip_by_global_norm(grads, max_norm, p=2.0):
    before = global_norm(grads, p)
    factor = np.minimum(1, max_norm / (before + 1e-6))
    clipped = [g * factor for g in grads]
    return clipped, global_norm(clipped, p)

# %% clip_by_global_norm: p_not_passed_on
# Wrong: global_norm is called without p, so it is always the Euclidean norm.
def clip_by_global_norm(grads, max_norm, p=2.0):
    length = global_norm(grads)
    ratio = np.minimum(1.0, max_norm / (length + 1e-6))
    return [ratio * grad for grad in grads], length

# %% clip_by_global_norm: maximum_for_minimum
# Wrong: takes the maximum of 1 and the fraction.
def clip_by_global_norm(grads, max_norm, p=2.0):
    norm = global_norm(grads, p)
    s = np.maximum(1.0, max_norm / (norm + 1e-6))
    return [np.multiply(s, g) for g in grads], float(norm)

# %% clip_by_global_norm: an_own_norm_for_each
# Wrong: Keras' clipnorm, each array is scaled by its own norm; the returned norm is the global one.
def clip_by_global_norm(grads, max_norm, p=2.0):
    out = []
    for g in grads:
        own = global_norm([g], p)
        out.append(g * np.minimum(1.0, max_norm / (own + 1e-6)))
    return out, global_norm(grads, p)

# %% clip_by_global_norm: tensorflow_all_nan
# Wrong: as in TensorFlow every element becomes NaN when the norm is infinite, not only the infinite ones.
def clip_by_global_norm(grads, max_norm, p=2.0):
    norm = global_norm(grads, p)
    if not np.isfinite(norm):
        return [np.full(np.shape(g), np.nan) for g in grads], norm
    s = min(1.0, max_norm / (norm + 1e-6))
    return [g * s for g in grads], norm

# %% clip_by_global_norm: pytorch_in_place
# Wrong: multiplies the caller's arrays in place as clip_grad_norm_ does, and returns the same list.
def clip_by_global_norm(grads, max_norm, p=2.0):
    total_norm = global_norm(grads, p)
    clip_coef = np.minimum(1.0, max_norm / (total_norm + 1e-6))
    for g in grads:
        g *= clip_coef
    return grads, total_norm

# %% clip_by_global_norm: norm_first
# Wrong: returns (norm, clipped), the wrong order.
def clip_by_global_norm(grads, max_norm, p=2.0):
    norm = global_norm(grads, p)
    s = np.minimum(1.0, max_norm / (norm + 1e-6))
    return norm, [s * g for g in grads]

# %% clip_by_global_norm: same_arrays_if_short
# Wrong: where the factor is 1 it returns the caller's arrays in a new list, so memory is shared.
def clip_by_global_norm(grads, max_norm, p=2.0):
    norm = global_norm(grads, p)
    s = np.minimum(1.0, max_norm / (norm + 1e-6))
    if s == 1.0:
        return list(grads), norm
    return [s * g for g in grads], norm

# %% clip_by_global_norm: clean_zeros
# Wrong: replaces the NaN in the result by 0 (nan_to_num), so a broken gradient can no longer be seen.
def clip_by_global_norm(grads, max_norm, p=2.0):
    norm = global_norm(grads, p)
    s = np.minimum(1.0, max_norm / (norm + 1e-6))
    with np.errstate(invalid="ignore"):
        clipped = [np.nan_to_num(s * np.asarray(g)) for g in grads]
    return clipped, norm

# %% clip_by_global_norm: joined_and_not_split
# Wrong: returns one flat array of all scaled elements and not a list in the old shapes.
def clip_by_global_norm(grads, max_norm, p=2.0):
    flat = np.concatenate([np.ravel(g) for g in grads])
    norm = global_norm([flat], p)
    flat = flat * np.minimum(1.0, max_norm / (norm + 1e-6))
    return flat, norm

# %% clip_by_global_norm: factor_as_second
# Wrong: returns the factor s as the second result and not the norm.
def clip_by_global_norm(grads, max_norm, p=2.0):
    s = float(np.minimum(1.0, max_norm / (global_norm(grads, p) + 1e-6)))
    return [g * s for g in grads], s

# %% clip_by_global_norm: euclid_and_norm_after
# Wrong: two slips, p is ignored, and the norm that is returned is the one after clipping.
def clip_by_global_norm(grads, max_norm, p=2.0):
    norm = np.sqrt(sum((g**2).sum() for g in grads))
    s = np.minimum(1.0, max_norm / (norm + 1e-6))
    return [s * g for g in grads], float(s * norm)

# %% clip_by_global_norm: own_factor_without_eps
# Wrong: two slips, every array has a factor from its own norm, and the 1e-6 is missing.
def clip_by_global_norm(grads, max_norm, p=2.0):
    clipped = []
    for g in grads:
        n = global_norm([g], p)
        clipped.append(np.copy(g) if n <= max_norm else g * (max_norm / n))
    return clipped, global_norm(grads, p)

# %% clip_by_global_norm: elements_limited
# Wrong: misses the idea of one factor, limits every element to max_norm as formula (1) does.
def clip_by_global_norm(grads, max_norm, p=2.0):
    return [np.clip(g, -max_norm, max_norm) for g in grads], global_norm(grads, p)

# %% clip_by_global_norm: long_ones_thrown_away
# Wrong: misunderstands clipping as leaving out, gradients that are longer than max_norm are all set to zero.
def clip_by_global_norm(grads, max_norm, p=2.0):
    norm = global_norm(grads, p)
    keep = 0.0 if norm > max_norm else 1.0
    return [keep * g for g in grads], norm

# %% clip_by_global_norm: factor_not_applied
# Wrong: unfinished, the factor is computed but the arrays are only copied.
def clip_by_global_norm(grads, max_norm, p=2.0):
    norm = global_norm(grads, p)
    s = np.minimum(1.0, max_norm / (norm + 1e-6))
    clipped = []
    for g in grads:
        clipped.append(np.array(g))  # times s
    return clipped, norm

# %% clip_by_global_norm: error_if_nonfinite
# Wrong: raises RuntimeError when the norm is NaN or infinite, as PyTorch does on request.
def clip_by_global_norm(grads, max_norm, p=2.0):
    norm = global_norm(grads, p)
    if np.isnan(norm) or np.isinf(norm):
        raise RuntimeError(f"The total norm of order {p} for gradients is non-finite, so it cannot be clipped.")
    s = min(1.0, max_norm / (norm + 1e-6))
    return [s * g for g in grads], norm

# %% clip_by_global_norm: clip_of_the_fraction
# Right: np.clip bounds the fraction and keeps a NaN; the arrays are scaled with np.multiply over a map.
def clip_by_global_norm(grads, max_norm, p=2.0):
    norm = float(global_norm(grads, p))
    s = np.clip(np.divide(max_norm, norm + 1e-6), None, 1.0)
    with np.errstate(invalid="ignore"):
        return list(map(lambda g: np.multiply(g, s), grads)), norm

# %% clip_by_global_norm: flat_and_split_again
# Right: scales one long vector in place on a fresh copy and splits it into the old shapes; compares with not (q >= 1) so that NaN passes.
def clip_by_global_norm(grads, max_norm, p=2.0):
    shapes = [np.shape(g) for g in grads]
    long = np.concatenate([np.ravel(g) for g in grads]).astype(float)
    norm = float(global_norm([long], p))
    q = max_norm / (norm + 1e-6)
    if not q >= 1:
        with np.errstate(invalid="ignore"):
            long *= q
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
    pieces = np.split(long, ends[:-1])
    return [piece.reshape(shape).copy() for piece, shape in zip(pieces, shapes)], norm

# %% clipped_training_step: clipped_too_early
# Wrong: the norm is measured and the gradients clipped before backward(), where there are none yet or only old ones; the step is unclipped.
def clipped_training_step(model, loss_fn, x, y, optimizer, max_norm):
    optimizer.zero_grad()
    loss = loss_fn(model(x), y)
    total = 0.0
    for theta in model.parameters():
        if theta.grad is not None:
            total += float((theta.grad**2).sum())
    norm = total**0.5
    s = min(1.0, max_norm / (norm + 1e-6))
    for theta in model.parameters():
        if theta.grad is not None:
            theta.grad *= s
    loss.backward()
    optimizer.step()
    return loss.item(), norm

# %% clipped_training_step: clipped_too_late
# Wrong: clips after optimizer.step(), so the update uses the full gradients.
def clipped_training_step(model, loss_fn, x, y, optimizer, max_norm):
    optimizer.zero_grad()
    loss = loss_fn(model(x), y)
    loss.backward()
    optimizer.step()
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    norm = torch.sqrt(sum((g**2).sum() for g in grads)).item()
    scale = min(1.0, max_norm / (norm + 1e-6))
    for g in grads:
        g.mul_(scale)
    return loss.item(), norm

# %% clipped_training_step: old_gradients_stay
# Wrong: zero_grad() is missing, gradients of earlier batches are added to.
def clipped_training_step(model, loss_fn, x, y, optimizer, max_norm):
    loss = loss_fn(model(x), y)
    loss.backward()
    thetas = [t for t in model.parameters() if t.grad is not None]
    clipped, norm = clip_by_global_norm([t.grad.numpy() for t in thetas], max_norm)
    for t, g in zip(thetas, clipped):
        t.grad.copy_(torch.from_numpy(np.asarray(g)))
    optimizer.step()
    return float(loss), float(norm)

# %% clipped_training_step: a_factor_for_each_tensor
# Wrong: each parameter's gradient is clipped by its own norm; the norm returned is the global one.
def clipped_training_step(model, loss_fn, x, y, optimizer, max_norm):
    optimizer.zero_grad()
    loss = loss_fn(model(x), y)
    loss.backward()
    squares = 0.0
    for p in model.parameters():
        if p.grad is None:
            continue
        n = p.grad.pow(2).sum().sqrt()
        squares += n.item() ** 2
        p.grad.mul_(torch.clamp(max_norm / (n + 1e-6), max=1.0))
    optimizer.step()
    return loss.item(), squares**0.5

# %% clipped_training_step: norm_after_clipping
# Wrong: the norm is computed again after clipping, and this one is returned.
def clipped_training_step(model, loss_fn, x, y, optimizer, max_norm):
    def total_norm():
        return float(sum(p.grad.pow(2).sum() for p in model.parameters() if p.grad is not None)) ** 0.5

    optimizer.zero_grad()
    loss = loss_fn(model(x), y)
    loss.backward()
    factor = min(1.0, max_norm / (total_norm() + 1e-6))
    for p in model.parameters():
        if p.grad is not None:
            p.grad = p.grad * factor
    optimizer.step()
    return loss.item(), total_norm()

# %% clipped_training_step: first_group_only
# Wrong: measures and clips the parameters of the optimiser's first group and not all of the model's.
def clipped_training_step(model, loss_fn, x, y, optimizer, max_norm):
    optimizer.zero_grad()
    loss = loss_fn(model(x), y)
    loss.backward()
    params = [p for p in optimizer.param_groups[0]["params"] if p.grad is not None]
    norm = torch.sqrt(sum(torch.sum(p.grad**2) for p in params))
    s = torch.clamp(max_norm / (norm + 1e-6), max=1.0)
    for p in params:
        p.grad.mul_(s)
    optimizer.step()
    return loss.item(), norm.item()

# %% clipped_training_step: without_the_root
# Wrong: the root is forgotten, the sum of squares is used and returned as the norm.
def clipped_training_step(model, loss_fn, x, y, optimizer, max_norm):
    optimizer.zero_grad()
    loss = loss_fn(model(x), y)
    loss.backward()
    norm = 0.0
    for p in model.parameters():
        if p.grad is not None:
            norm = norm + (p.grad * p.grad).sum().item()
    s = min(1.0, max_norm / (norm + 1e-6))
    for p in model.parameters():
        if p.grad is not None:
            p.grad *= s
    optimizer.step()
    return loss.item(), norm

# %% clipped_training_step: loss_of_the_new_weights
# Wrong: returns the loss after the update, computed anew.
def clipped_training_step(model, loss_fn, x, y, optimizer, max_norm):
    optimizer.zero_grad()
    loss_fn(model(x), y).backward()
    with_grad = [p for p in model.parameters() if p.grad is not None]
    norm = float(np.sqrt(sum(float(p.grad.double().pow(2).sum()) for p in with_grad)))
    s = min(1.0, max_norm / (norm + 1e-6))
    for p in with_grad:
        p.grad.mul_(s)
    optimizer.step()
    with torch.no_grad():
        loss = loss_fn(model(x), y)
    return loss.item(), norm

# %% clipped_training_step: clip_grad_value
# Wrong: the habit of clip_grad_value_, every element is clamped to max_norm instead of one factor for all.
def clipped_training_step(model, loss_fn, x, y, optimizer, max_norm):
    optimizer.zero_grad()
    loss = loss_fn(model(x), y)
    loss.backward()
    total = 0.0
    for p in model.parameters():
        if p.grad is not None:
            total += p.grad.norm().item() ** 2
            p.grad.clamp_(-max_norm, max_norm)
    optimizer.step()
    return loss.item(), total**0.5

# %% clipped_training_step: tensorflow_scale
# Wrong: TensorFlow's factor max_norm / max(norm, max_norm), without the 1e-6.
def clipped_training_step(model, loss_fn, x, y, optimizer, max_norm):
    optimizer.zero_grad()
    loss = loss_fn(model(x), y)
    loss.backward()
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    norm = float(sum(g.square().sum() for g in grads)) ** 0.5
    for g in grads:
        g.mul_(max_norm / max(norm, max_norm))
    optimizer.step()
    return loss.item(), norm

# %% clipped_training_step: optimizers_parameters
# Wrong: takes all groups of the optimiser instead of model.parameters(), so what the optimiser does not hold is missing from the norm.
def clipped_training_step(model, loss_fn, x, y, optimizer, max_norm):
    optimizer.zero_grad()
    loss = loss_fn(model(x), y)
    loss.backward()
    params = []
    for group in optimizer.param_groups:
        for p in group["params"]:
            if p.grad is not None:
                params.append(p)
    norm = torch.linalg.vector_norm(torch.cat([p.grad.reshape(-1) for p in params])).item()
    s = min(1.0, max_norm / (norm + 1e-6))
    for p in params:
        p.grad.mul_(s)
    optimizer.step()
    return loss.item(), norm

# %% clipped_training_step: zero_at_the_end
# Wrong: the other habit, zero_grad() comes after the step, so old gradients left on the parameters count in this update.
def clipped_training_step(model, loss_fn, x, y, optimizer, max_norm):
    loss = loss_fn(model(x), y)
    loss.backward()
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    norm = float(torch.stack([g.pow(2).sum() for g in grads]).sum().sqrt())
    scale = min(1.0, max_norm / (norm + 1e-6))
    for g in grads:
        g.mul_(scale)
    optimizer.step()
    optimizer.zero_grad()
    return loss.item(), norm

# %% clipped_training_step: loss_still_a_tensor
# Wrong: returns the loss and the norm as tensors, the loss with its graph.
def clipped_training_step(model, loss_fn, x, y, optimizer, max_norm):
    optimizer.zero_grad()
    loss = loss_fn(model(x), y)
    loss.backward()
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    grad_norm = torch.sqrt(sum((g * g).sum() for g in grads))
    s = torch.clamp(max_norm / (grad_norm + 1e-6), max=1.0)
    for g in grads:
        g.mul_(s)
    optimizer.step()
    return loss, grad_norm

# %% clipped_training_step: clipped_list_forgotten
# Wrong: the clipped arrays are never written back into .grad, the step is unclipped.
def clipped_training_step(model, loss_fn, x, y, optimizer, max_norm):
    optimizer.zero_grad()
    loss = loss_fn(model(x), y)
    loss.backward()
    grads = [theta.grad.numpy() for theta in model.parameters() if theta.grad is not None]
    grads, norm = clip_by_global_norm(grads, max_norm)
    optimizer.step()
    return loss.item(), norm

# %% clipped_training_step: norm_then_loss
# Wrong: returns (grad_norm, loss), the wrong order.
def clipped_training_step(model, loss_fn, x, y, optimizer, max_norm):
    optimizer.zero_grad()
    loss = loss_fn(model(x), y)
    loss.backward()
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    total = torch.cat([g.flatten() for g in grads]).norm()
    coef = (max_norm / (total + 1e-6)).clamp(max=1.0)
    for g in grads:
        g.mul_(coef)
    optimizer.step()
    return total.item(), loss.item()

# %% clipped_training_step: none_becomes_zero
# Wrong: a .grad of None is replaced by zeros, so an optimiser with weight decay or momentum moves parameters that take no part.
def clipped_training_step(model, loss_fn, x, y, optimizer, max_norm):
    optimizer.zero_grad()
    loss = loss_fn(model(x), y)
    loss.backward()
    for p in model.parameters():
        if p.grad is None:
            p.grad = torch.zeros_like(p)
    norm = sum((p.grad**2).sum().item() for p in model.parameters()) ** 0.5
    s = min(1.0, max_norm / (norm + 1e-6))
    for p in model.parameters():
        p.grad.mul_(s)
    optimizer.step()
    return loss.item(), norm

# %% clipped_training_step: sum_of_norms_and_always_scaled
# Wrong: two slips, the norms of the tensors are added up, and short gradients are lengthened because there is no minimum with 1.
def clipped_training_step(model, loss_fn, x, y, optimizer, max_norm):
    optimizer.zero_grad()
    loss = loss_fn(model(x), y)
    loss.backward()
    norm = 0.0
    for p in model.parameters():
        if p.grad is not None:
            norm += torch.linalg.vector_norm(p.grad).item()
    for p in model.parameters():
        if p.grad is not None:
            p.grad.mul_(max_norm / (norm + 1e-6))
    optimizer.step()
    return loss.item(), norm

# %% clipped_training_step: steps_twice_unzeroed
# Wrong: two slips, zero_grad() is missing, and optimizer.step() stands inside the loop over the parameters, so it is called once for each.
def clipped_training_step(model, loss_fn, x, y, optimizer, max_norm):
    loss = loss_fn(model(x), y)
    loss.backward()
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    norm = sum(g.pow(2).sum().item() for g in grads) ** 0.5
    s = min(1.0, max_norm / (norm + 1e-6))
    for g in grads:
        g.mul_(s)
        optimizer.step()
    return loss.item(), norm

# %% clipped_training_step: clips_the_weights
# Wrong: misunderstands what is clipped, after the step the parameters themselves are scaled so that their norm is at most max_norm.
def clipped_training_step(model, loss_fn, x, y, optimizer, max_norm):
    optimizer.zero_grad()
    loss = loss_fn(model(x), y)
    loss.backward()
    norm = sum(p.grad.pow(2).sum().item() for p in model.parameters() if p.grad is not None) ** 0.5
    optimizer.step()
    with torch.no_grad():
        size = sum(p.pow(2).sum().item() for p in model.parameters()) ** 0.5
        s = min(1.0, max_norm / (size + 1e-6))
        for p in model.parameters():
            p.mul_(s)
    return loss.item(), norm

# %% clipped_training_step: rate_turned_down
# Wrong: misunderstands clipping as a smaller rate, scales every group's lr by the factor (for good) and leaves the gradients as they are.
def clipped_training_step(model, loss_fn, x, y, optimizer, max_norm):
    optimizer.zero_grad()
    loss = loss_fn(model(x), y)
    loss.backward()
    norm = sum(p.grad.pow(2).sum().item() for p in model.parameters() if p.grad is not None) ** 0.5
    s = min(1.0, max_norm / (norm + 1e-6))
    for group in optimizer.param_groups:
        group["lr"] *= s
    optimizer.step()
    return loss.item(), norm

# %% clipped_training_step: measures_only
# Wrong: unfinished, the norm is measured and returned but nothing is clipped; parameters are updated as usual and max_norm is unused.
def clipped_training_step(model, loss_fn, x, y, optimizer, max_norm):
    optimizer.zero_grad()
    loss = loss_fn(model(x), y)
    loss.backward()
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    if len(grads) == 0:
        norm = 0.0
    else:
        norm = global_norm([g.numpy() for g in grads])
        if norm > max_norm:
            pass  # to be written
    optimizer.step()
    return loss.item(), norm

# %% clipped_training_step: no_question_about_none
# Wrong: takes .grad of every parameter, which raises AttributeError where it is None.
def clipped_training_step(model, loss_fn, x, y, optimizer, max_norm):
    optimizer.zero_grad()
    loss = loss_fn(model(x), y)
    loss.backward()
    arrays = [theta.grad.numpy() for theta in model.parameters()]
    clipped, norm = clip_by_global_norm(arrays, max_norm)
    for theta, grad in zip(model.parameters(), clipped):
        theta.grad.copy_(torch.as_tensor(grad))
    optimizer.step()
    return loss.item(), norm

# %% clipped_training_step: views_of_the_gradients
# Right: the NumPy arrays share memory with .grad, so multiplying them in place clips; the norm is the norm of the tensors' norms.
def clipped_training_step(model, loss_fn, x, y, optimizer, max_norm):
    optimizer.zero_grad()
    (loss := loss_fn(model(x), y)).backward()
    views = [theta.grad.numpy() for theta in model.parameters() if theta.grad is not None]
    lengths = [np.sqrt(np.sum(np.square(v, dtype=np.float64))) for v in views]
    norm = float(np.linalg.norm([0.0, *lengths]))
    s = np.minimum(1.0, max_norm / (norm + 1e-6))
    for v in views:
        v *= v.dtype.type(s)
    optimizer.step()
    return loss.item(), norm

# %% clipped_training_step: swapped_gradients
# Right: a torch computation that gives each parameter a new, scaled .grad tensor, with a generator for those that have one.
def clipped_training_step(model, loss_fn, x, y, optimizer, max_norm):
    def moving():
        return (theta for theta in model.parameters() if theta.grad is not None)

    optimizer.zero_grad()
    loss = loss_fn(model(x), y)
    loss.backward()
    with torch.no_grad():
        squares = sum((theta.grad.double().square().sum() for theta in moving()), torch.zeros((), dtype=torch.float64))
        norm = squares.sqrt()
        s = torch.minimum(torch.ones_like(norm), max_norm / (norm + 1e-6))
        for theta in list(moving()):
            theta.grad = (theta.grad * s.to(theta.grad.dtype)).detach()
    optimizer.step()
    return float(loss.detach()), float(norm)

# %% SpikeGuard: remembers_the_clipped_norm
# Wrong: the norm after clipping is remembered, so the limit can never rise above the first norm.
class SpikeGuard:
    def __init__(self, window=100, quantile=0.9, skip_above=5.0):
        self.window = window
        self.quantile = quantile
        self.skip_above = skip_above
        self.norms = []

    def clip(self, grads):
        norm = global_norm(grads)
        if not np.isfinite(norm):
            return None
        if not self.norms:
            self.norms.append(norm)
            return [g.copy() for g in grads]
        limit = np.quantile(self.norms, self.quantile)
        if norm > self.skip_above * limit:
            return None
        clipped, _ = clip_by_global_norm(grads, limit)
        self.norms.append(global_norm(clipped))
        self.norms = self.norms[-self.window:]
        return clipped

# %% SpikeGuard: say_in_its_own_limit
# Wrong: the norm is remembered before the limit is taken, so a batch has a say in its own limit.
class SpikeGuard:
    def __init__(self, window=100, quantile=0.9, skip_above=5.0):
        from collections import deque
        self.memory = deque(maxlen=window)
        self.quantile, self.skip_above = quantile, skip_above

    def clip(self, grads):
        norm = np.sqrt(sum(np.sum(g**2) for g in grads))
        if not np.isfinite(norm):
            return None
        first = len(self.memory) == 0
        before = list(self.memory)
        self.memory.append(float(norm))
        if first:
            return [np.array(g) for g in grads]
        limit = np.quantile(self.memory, self.quantile)
        if norm > self.skip_above * limit:
            self.memory.clear()
            self.memory.extend(before)
            return None
        s = min(1.0, limit / (norm + 1e-6))
        return [s * g for g in grads]

# %% SpikeGuard: whole_past
# Wrong: window is ignored, all norms are remembered for ever.
class SpikeGuard:
    def __init__(self, window=100, quantile=0.9, skip_above=5.0):
        self.window = window
        self.quantile = quantile
        self.skip_above = skip_above
        self.history = np.array([])

    def clip(self, grads):
        norm = global_norm(grads, 2.0)
        if np.isnan(norm) or np.isinf(norm):
            return None
        out = [1.0 * g for g in grads]
        if self.history.size > 0:
            limit = np.quantile(self.history, self.quantile)
            if norm > limit * self.skip_above:
                return None
            out, _ = clip_by_global_norm(grads, limit)
        self.history = np.append(self.history, norm)
        return out

# %% SpikeGuard: spikes_leave_a_trace
# Wrong: the norm of a batch that is skipped for its length (rule 4) is remembered all the same.
class SpikeGuard:
    def __init__(self, window=100, quantile=0.9, skip_above=5.0):
        self.window, self.q, self.skip_above = window, quantile, skip_above
        self.seen = []

    def clip(self, grads):
        norm = global_norm(grads)
        if not np.isfinite(norm):
            return None
        past = self.seen[-self.window:]
        self.seen.append(norm)
        if not past:
            return [g.copy() for g in grads]
        limit = float(np.quantile(past, self.q))
        if norm > self.skip_above * limit:
            return None
        return clip_by_global_norm(grads, limit)[0]

# %% SpikeGuard: first_batch_clipped_to_itself
# Wrong: while nothing is remembered the batch's own norm is the limit, so the 1e-6 shortens it a little.
class SpikeGuard:
    def __init__(self, window=100, quantile=0.9, skip_above=5.0):
        self.window = window
        self.quantile = quantile
        self.skip_above = skip_above
        self.norms = []

    def clip(self, grads):
        norm = global_norm(grads)
        if not np.isfinite(norm):
            return None
        limit = np.quantile(self.norms, self.quantile) if self.norms else norm
        if norm > self.skip_above * limit:
            return None
        self.norms.append(norm)
        if len(self.norms) > self.window:
            del self.norms[0]
        s = min(1.0, limit / (norm + 1e-6))
        return [g * s for g in grads]

# %% SpikeGuard: skips_at_equality
# Wrong: skips a norm of exactly skip_above times the limit as well (>= instead of >).
class SpikeGuard:
    def __init__(self, window=100, quantile=0.9, skip_above=5.0):
        from collections import deque
        self.norms = deque([], window)
        self.quantile = quantile
        self.skip_above = skip_above

    def clip(self, grads):
        norm = float(np.sqrt(sum((g * g).sum() for g in grads)))
        if not np.isfinite(norm):
            return None
        scale = 1.0
        if len(self.norms):
            limit = np.quantile(list(self.norms), self.quantile)
            if norm >= self.skip_above * limit:
                return None
            scale = min(1.0, limit / (norm + 1e-6))
        self.norms.append(norm)
        return [scale * g for g in grads]

# %% SpikeGuard: one_too_many_remembered
# Wrong: off by one, window + 1 norms are remembered.
class SpikeGuard:
    def __init__(self, window=100, quantile=0.9, skip_above=5.0):
        self.window = window
        self.quantile = quantile
        self.skip_above = skip_above
        self.past = []

    def clip(self, grads):
        norm = global_norm(grads)
        if np.isnan(norm) or np.isinf(norm):
            return None
        result = [np.copy(g) for g in grads]
        if self.past:
            limit = np.quantile(self.past, self.quantile)
            if norm > limit * self.skip_above:
                return None
            result, norm = clip_by_global_norm(grads, limit)
        self.past.append(norm)
        while len(self.past) > self.window + 1:
            self.past.pop(0)
        return result

# %% SpikeGuard: infinity_passes
# Wrong: only NaN is looked for, so an infinite norm in the first batch is passed on and remembered.
class SpikeGuard:
    def __init__(self, window=100, quantile=0.9, skip_above=5.0):
        self.window = window
        self.quantile = quantile
        self.skip_above = skip_above
        self.norms = []

    def clip(self, grads):
        norm = global_norm(grads)
        if np.isnan(norm):
            return None
        if self.norms:
            limit = np.quantile(self.norms, self.quantile)
            if norm > self.skip_above * limit:
                return None
            with np.errstate(all="ignore"):
                grads = [g * np.minimum(1.0, limit / (norm + 1e-6)) for g in grads]
        else:
            grads = [g.copy() for g in grads]
        self.norms = (self.norms + [norm])[-self.window:]
        return grads

# %% SpikeGuard: autoclip
# Wrong: AutoClip as in the paper, the batch's norm is in the quantile and nothing is skipped for its length (rule 4 is missing).
class SpikeGuard:
    def __init__(self, window=100, quantile=0.9, skip_above=5.0):
        self.window, self.quantile, self.skip_above = window, quantile, skip_above
        self.grad_history = []

    def clip(self, grads):
        obs_grad_norm = global_norm(grads)
        if not np.isfinite(obs_grad_norm):
            return None
        self.grad_history.append(obs_grad_norm)
        self.grad_history = self.grad_history[-self.window:]
        clip_value = np.quantile(self.grad_history, self.quantile)
        return clip_by_global_norm(grads, clip_value)[0]

# %% SpikeGuard: percent
# Wrong: np.percentile is given the quantile from 0 to 1, so 0.9 means 0.9 per cent.
class SpikeGuard:
    def __init__(self, window=100, quantile=0.9, skip_above=5.0):
        self.window = window
        self.quantile = quantile
        self.skip_above = skip_above
        self.norms = []

    def clip(self, grads):
        norm = global_norm(grads)
        if not np.isfinite(norm):
            return None
        if not self.norms:
            self.norms.append(norm)
            return [g.copy() for g in grads]
        limit = np.percentile(self.norms, self.quantile)
        if norm > self.skip_above * limit:
            return None
        self.norms.append(norm)
        if len(self.norms) > self.window:
            self.norms.pop(0)
        return clip_by_global_norm(grads, limit)[0]

# %% SpikeGuard: sorted_and_indexed
# Wrong: takes the quantile by index from the sorted norms, without interpolating between two of them.
class SpikeGuard:
    def __init__(self, window=100, quantile=0.9, skip_above=5.0):
        self.window = window
        self.quantile = quantile
        self.skip_above = skip_above
        self.norms = []

    def clip(self, grads):
        norm = global_norm(grads)
        if not np.isfinite(norm):
            return None
        clipped = [g.copy() for g in grads]
        if self.norms:
            ordered = sorted(self.norms)
            limit = ordered[int(self.quantile * (len(ordered) - 1))]
            if norm > self.skip_above * limit:
                return None
            clipped = clip_by_global_norm(grads, limit)[0]
        self.norms.append(norm)
        self.norms = self.norms[-self.window:]
        return clipped

# %% SpikeGuard: array_by_array
# Wrong: each array is scaled by its own norm to the limit, a habit from Keras' clipnorm; the norms remembered are global.
class SpikeGuard:
    def __init__(self, window=100, quantile=0.9, skip_above=5.0):
        self.window = window
        self.quantile = quantile
        self.skip_above = skip_above
        self.norms = []

    def clip(self, grads):
        norm = global_norm(grads)
        if not np.isfinite(norm):
            return None
        out = []
        if self.norms:
            limit = np.quantile(self.norms, self.quantile)
            if norm > self.skip_above * limit:
                return None
            for g in grads:
                out.append(clip_by_global_norm([g], limit)[0][0])
        else:
            out = [np.array(g) for g in grads]
        self.norms.append(norm)
        if len(self.norms) > self.window:
            self.norms = self.norms[1:]
        return out

# %% SpikeGuard: memory_of_the_class
# Wrong: the list of norms belongs to the class, all instances share it.
class SpikeGuard:
    norms = []

    def __init__(self, window=100, quantile=0.9, skip_above=5.0):
        self.window = window
        self.quantile = quantile
        self.skip_above = skip_above

    def clip(self, grads):
        norm = global_norm(grads)
        if not np.isfinite(norm):
            return None
        clipped = [g.copy() for g in grads]
        if len(self.norms) > 0:
            limit = np.quantile(self.norms, self.quantile)
            if norm > self.skip_above * limit:
                return None
            clipped, _ = clip_by_global_norm(grads, limit)
        self.norms.append(norm)
        if len(self.norms) > self.window:
            self.norms.pop(0)
        return clipped

# %% SpikeGuard: with_the_norm
# Wrong: returns (clipped, norm) like clip_by_global_norm and not the list alone.
class SpikeGuard:
    def __init__(self, window=100, quantile=0.9, skip_above=5.0):
        self.window = window
        self.quantile = quantile
        self.skip_above = skip_above
        self.norms = []

    def clip(self, grads):
        norm = global_norm(grads)
        if not np.isfinite(norm):
            return None
        limit = np.inf
        if self.norms:
            limit = np.quantile(self.norms, self.quantile)
            if norm > self.skip_above * limit:
                return None
        self.norms = [*self.norms, norm][-self.window:]
        return clip_by_global_norm(grads, limit)

# %% SpikeGuard: zeros_for_a_skip
# Wrong: a batch to be skipped gives arrays of zeros and not None.
class SpikeGuard:
    def __init__(self, window=100, quantile=0.9, skip_above=5.0):
        from collections import deque
        self.norms = deque(maxlen=window)
        self.quantile = quantile
        self.skip_above = skip_above

    def clip(self, grads):
        norm = global_norm(grads)
        limit = np.quantile(self.norms, self.quantile) if self.norms else np.inf
        if not np.isfinite(norm) or norm > self.skip_above * limit:
            return [np.zeros_like(g) for g in grads]
        self.norms.append(norm)
        return clip_by_global_norm(grads, limit)[0]

# %% SpikeGuard: newest_is_forgotten
# Wrong: when the window is full the newest norm is thrown away and not the oldest, so the guard stops learning.
class SpikeGuard:
    def __init__(self, window=100, quantile=0.9, skip_above=5.0):
        self.window, self.quantile, self.skip_above = window, quantile, skip_above
        self.norms = []

    def clip(self, grads):
        norm = global_norm(grads)
        if not np.isfinite(norm):
            return None
        clipped = [g.copy() for g in grads]
        if self.norms:
            limit = np.quantile(self.norms, self.quantile)
            if norm > self.skip_above * limit:
                return None
            clipped = clip_by_global_norm(grads, limit)[0]
        self.norms.append(norm)
        self.norms = self.norms[:self.window]
        return clipped

# %% SpikeGuard: clipped_memory_and_wrong_default
# Wrong: two slips, the norm is remembered after clipping (at most the limit), and the default of quantile is 0.5.
class SpikeGuard:
    def __init__(self, window=100, quantile=0.5, skip_above=5.0):
        self.window = window
        self.quantile = quantile
        self.skip_above = skip_above
        self.norms = []

    def clip(self, grads):
        norm = global_norm(grads)
        if not np.isfinite(norm):
            return None
        if len(self.norms) == 0:
            limit = np.inf
        else:
            limit = np.quantile(self.norms, self.quantile)
        if norm > self.skip_above * limit:
            return None
        self.norms.append(min(norm, limit))
        self.norms = self.norms[-self.window:]
        s = min(1.0, limit / (norm + 1e-6))
        return [s * g for g in grads]

# %% SpikeGuard: in_place_and_trace
# Wrong: two slips, the caller's arrays are multiplied in place, and a NaN norm is remembered before the batch is skipped.
class SpikeGuard:
    def __init__(self, window=100, quantile=0.9, skip_above=5.0):
        self.window, self.quantile, self.skip_above = window, quantile, skip_above
        self.norms = []

    def clip(self, grads):
        norm = global_norm(grads)
        past = self.norms[-self.window:]
        self.norms.append(norm)
        if not np.isfinite(norm):
            return None
        if past:
            limit = np.quantile(past, self.quantile)
            if norm > self.skip_above * limit:
                self.norms.pop()
                return None
            for g in grads:
                g *= min(1.0, limit / (norm + 1e-6))
        return grads

# %% SpikeGuard: mean_of_the_past
# Wrong: misses the quantile, the limit is quantile times the mean of the remembered norms.
class SpikeGuard:
    def __init__(self, window=100, quantile=0.9, skip_above=5.0):
        self.window = window
        self.quantile = quantile
        self.skip_above = skip_above
        self.norms = []

    def clip(self, grads):
        norm = global_norm(grads)
        if not np.isfinite(norm):
            return None
        clipped = [g.copy() for g in grads]
        if self.norms:
            limit = self.quantile * np.mean(self.norms)
            if norm > self.skip_above * limit:
                return None
            clipped = clip_by_global_norm(grads, limit)[0]
        self.norms.append(norm)
        self.norms = self.norms[-self.window:]
        return clipped

# %% SpikeGuard: clips_only_full_windows
# Wrong: misunderstands the window as a warm-up, nothing is clipped or skipped for its length until window norms are remembered.
class SpikeGuard:
    def __init__(self, window=100, quantile=0.9, skip_above=5.0):
        self.window = window
        self.quantile = quantile
        self.skip_above = skip_above
        self.norms = []

    def clip(self, grads):
        norm = global_norm(grads)
        if not np.isfinite(norm):
            return None
        if len(self.norms) < self.window:
            self.norms.append(norm)
            return [g.copy() for g in grads]
        limit = np.quantile(self.norms, self.quantile)
        if norm > self.skip_above * limit:
            return None
        self.norms = self.norms[1:] + [norm]
        return clip_by_global_norm(grads, limit)[0]

# %% SpikeGuard: rule_four_missing
# Wrong: unfinished, rules 1 to 3 are there but skip_above is never used.
class SpikeGuard:
    def __init__(self, window=100, quantile=0.9, skip_above=5.0):
        self.window = window
        self.quantile = quantile
        self.skip_above = skip_above  # rule 4: todo
        self.norms = []

    def clip(self, grads):
        norm = global_norm(grads)
        if not np.isfinite(norm):
            return None
        clipped = [g.copy() for g in grads]
        if self.norms:
            clipped, _ = clip_by_global_norm(grads, np.quantile(self.norms, self.quantile))
        self.norms.append(norm)
        if len(self.norms) > self.window:
            self.norms.pop(0)
        return clipped

# %% SpikeGuard: quantile_of_nothing
# Wrong: asks for the quantile of an empty list at the first batch, which raises IndexError.
class SpikeGuard:
    def __init__(self, window=100, quantile=0.9, skip_above=5.0):
        self.window = window
        self.quantile = quantile
        self.skip_above = skip_above
        self.norms = []

    def clip(self, grads):
        norm = global_norm(grads)
        if not np.isfinite(norm):
            return None
        ordered = sorted(self.norms)
        position = self.quantile * (len(ordered) - 1)
        low = int(np.floor(position))
        high = int(np.ceil(position))
        limit = ordered[low] + (position - low) * (ordered[high] - ordered[low])
        if norm > self.skip_above * limit:
            return None
        self.norms.append(norm)
        self.norms = self.norms[-self.window:]
        return clip_by_global_norm(grads, limit)[0]

# %% SpikeGuard: ring_of_nans
# Right: the memory is a ring buffer of NaN, and np.nanquantile sees only what has been written.
class SpikeGuard:
    def __init__(self, window=100, quantile=0.9, skip_above=5.0):
        self._ring = np.full(window, np.nan)
        self._written = 0
        self._quantile = quantile
        self._skip_above = skip_above

    def clip(self, grads):
        norm = float(global_norm(grads))
        if norm - norm != 0:  # NaN for NaN and for infinity
            return None
        scale = 1.0
        if self._written:
            limit = float(np.nanquantile(self._ring, self._quantile))
            if norm > self._skip_above * limit:
                return None
            scale = min(1.0, limit / (norm + 1e-6))
        self._ring[self._written % len(self._ring)] = norm
        self._written += 1
        return [np.array(scale * g) for g in grads]

# %% SpikeGuard: closure_and_deque
# Right: the whole guard is a closure over a deque, the limit is an interpolation on the sorted norms, infinite while there are none.
class SpikeGuard:
    def __init__(self, window=100, quantile=0.9, skip_above=5.0):
        from collections import deque

        memory = deque(maxlen=window)

        def limit():
            if not memory:
                return float("inf")
            ranks = np.arange(len(memory), dtype=float)
            return float(np.interp(quantile * ranks[-1], ranks, sorted(memory)))

        def guard(grads):
            now = limit()
            norm = float(global_norm(grads))
            if not (norm < float("inf") and norm <= skip_above * now):
                return None
            memory.append(norm)
            factor = min(1.0, now / (norm + 1e-6))
            return [np.array(np.multiply(g, factor)) for g in grads]

        self._guard = guard

    def clip(self, grads):
        return self._guard(grads)

