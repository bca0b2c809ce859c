# %% fans: out_and_in_swapped
# Wrong: reads the shape as (in, out), so the two fans are swapped.
def fans(shape):
    if len(shape) < 2:
        raise ValueError("a weight has two sizes at least")
    k = 1
    for size in shape[2:]:
        k *= size
    return shape[0] * k, shape[1] * k


# %% fans: kernel_ignored
# Wrong: the kernel's sizes are ignored, the fans are in and out alone.
def fans(shape):
    if len(shape) < 2:
        raise ValueError(f"no fans for {shape}")
    out, in_ = shape[0], shape[1]
    return in_, out


# %% fans: first_kernel_size_only
# Wrong: only the first size of the kernel counts.
def fans(shape):
    if len(shape) < 2:
        raise ValueError("too short")
    k = shape[2] if len(shape) > 2 else 1
    fan_in = shape[1] * k
    fan_out = shape[0] * k
    return fan_in, fan_out


# %% fans: square_kernels
# Wrong: takes every kernel for a square one: k is the first kernel size squared.
def fans(shape):
    if len(shape) <= 1:
        raise ValueError("shape must have at least two entries")
    kernel = shape[2] ** 2 if len(shape) >= 3 else 1
    return int(shape[1] * kernel), int(shape[0] * kernel)


# %% fans: sum_of_the_kernel
# Wrong: k is the sum of the kernel's sizes and not their product.
def fans(shape):
    if len(shape) < 2:
        raise ValueError("shape")
    o, i, *kernel = shape
    k = sum(kernel) if kernel else 1
    return i * k, o * k


# %% fans: fan_out_without_kernel
# Wrong: fan_out is out alone, without the kernel.
def fans(shape):
    import math

    if len(shape) < 2:
        raise ValueError("need (out, in, ...)")
    return math.prod(shape[1:]), shape[0]


# %% fans: fan_out_of_everything
# Wrong: fan_out is the product of all sizes, in included.
def fans(shape):
    if len(shape) < 2:
        raise ValueError("at least two numbers")
    fan_in = 1
    for n in shape[1:]:
        fan_in *= n
    fan_out = shape[0] * fan_in
    return fan_in, fan_out


# %% fans: results_in_the_shapes_order
# Wrong: the numbers are right and are returned as (fan_out, fan_in) for kernels only; a linear layer is right.
def fans(shape):
    if len(shape) < 2:
        raise ValueError("not a weight")
    if len(shape) == 2:
        return shape[1], shape[0]
    k = 1
    for s in shape[2:]:
        k = k * s
    return shape[0] * k, shape[1] * k


# %% fans: tensorflow_layout
# Wrong: takes TensorFlow's layout, kernel sizes first and then in and out.
def fans(shape):
    if len(shape) < 2:
        raise ValueError("shape needs two dimensions")
    receptive = 1
    for s in shape[:-2]:
        receptive *= s
    return shape[-2] * receptive, shape[-1] * receptive


# %% fans: keras_vectors
# Wrong: as Keras does, a vector has (n, n) and () has (1, 1): no ValueError.
def fans(shape):
    if len(shape) < 1:
        return 1, 1
    if len(shape) == 1:
        return shape[0], shape[0]
    k = 1
    for s in shape[2:]:
        k *= s
    return shape[1] * k, shape[0] * k


# %% fans: counts_the_bias
# Wrong: fan_in has one more for the bias, as another course counts a unit's inputs.
def fans(shape):
    if len(shape) < 2:
        raise ValueError("needs (out, in)")
    k = 1
    for s in shape[2:]:
        k *= s
    return shape[1] * k + 1, shape[0] * k


# %% fans: linear_and_images_only
# Wrong: only shapes of two or four sizes are known, others (as of 1-d and 3-d convolutions) raise ValueError as too short ones do.
def fans(shape):
    if len(shape) == 2:
        out, inn = shape
        return inn, out
    if len(shape) == 4:
        out, inn, h, w = shape
        return inn * h * w, out * h * w
    raise ValueError(f"cannot count the fans of {shape}")


# %% fans: floats_from_prod
# Wrong: np.prod of an empty tuple is 1.0, so a linear layer's fans are floats.
def fans(shape):
    if len(shape) < 2:
        raise ValueError("less than two numbers")
    k = np.prod(shape[2:])
    return shape[1] * k, shape[0] * k


# %% fans: a_dict
# Wrong: returns a dict and no tuple.
def fans(shape):
    if len(shape) < 2:
        raise ValueError("shape has fewer than two numbers")
    k = 1
    for s in shape[2:]:
        k *= s
    return {"fan_in": shape[1] * k, "fan_out": shape[0] * k}


# %% fans: assertion
# Wrong: a shape that is too short raises AssertionError and not ValueError.
def fans(shape):
    assert len(shape) >= 2, "shape has fewer than two numbers"
    rest = list(shape[2:])
    k = 1
    while rest:
        k *= rest.pop()
    return k * shape[1], k * shape[0]


# %% fans: only_the_empty_shape
# Wrong: raises ValueError for () alone; (3,) gives (1, 3).
def fans(shape):
    if not shape:
        raise ValueError("empty shape")
    fan_in = 1
    for s in shape[1:]:
        fan_in *= s
    fan_out = shape[0]
    for s in shape[2:]:
        fan_out *= s
    return fan_in, fan_out


# %% fans: swapped_and_summed
# Wrong: two slips: in and out are swapped, and the kernel's sizes are added.
def fans(shape):
    if len(shape) < 2:
        raise ValueError
    k = max(1, sum(shape[2:]))
    return shape[0] * k, shape[1] * k


# %% fans: largest_size_and_no_error
# Wrong: two slips: k is the largest kernel size, and a vector gives (1, n) without ValueError.
def fans(shape):
    shape = tuple(shape) + (1,) * max(0, 2 - len(shape))
    k = max(shape[2:], default=1)
    return shape[1] * k, shape[0] * k


# %% fans: number_of_weights
# Wrong: misunderstands fans as numbers of weights: both are the product of all sizes.
def fans(shape):
    if len(shape) < 2:
        raise ValueError("a matrix at least")
    n = 1
    for s in shape:
        n *= s
    return n, n


# %% fans: shared_out_among_units
# Wrong: misunderstands the kernel: divides by its pixels instead of multiplying (in whole numbers, 1 at least).
def fans(shape):
    if len(shape) < 2:
        raise ValueError("two sizes at least")
    k = 1
    for s in shape[2:]:
        k *= s
    return max(shape[1] // k, 1), max(shape[0] // k, 1)


# %% fans: fan_in_twice
# Wrong: unfinished: fan_out is not counted yet, fan_in is returned in its place.
def fans(shape):
    if len(shape) < 2:
        raise ValueError("shape too short")
    fan_in = shape[1]
    for s in shape[2:]:
        fan_in *= s
    fan_out = fan_in  # TODO
    return fan_in, fan_out


# %% fans: pops_from_a_tuple
# Wrong: raises AttributeError, as a tuple has no pop.
def fans(shape):
    if len(shape) < 2:
        raise ValueError("shape has fewer than two numbers")
    out = shape.pop(0)
    inn = shape.pop(0)
    k = 1
    for s in shape:
        k *= s
    return inn * k, out * k


# %% fans: reduce_and_unpack
# Right: reduces the kernel with functools and operator, and turns the unpacking's error into the same ValueError.
def fans(shape):
    from functools import reduce
    from operator import mul

    try:
        outputs, inputs, *kernel = shape
    except ValueError:
        raise ValueError("a vector has no fans") from None
    return reduce(mul, kernel, inputs), reduce(mul, kernel, outputs)


# %% fans: match_statement
# Right: a match statement takes the shape apart, math.prod multiplies the kernel, a generator makes the tuple.
def fans(shape):
    import math

    match tuple(shape):
        case (out, in_, *kernel):
            pixels = math.prod(kernel)
            return tuple(int(n) * int(pixels) for n in (in_, out))
        case _:
            raise ValueError("expected (out, in, *kernel), got " + repr(shape))


# %% xavier_uniform: normal_draw
# Wrong: draws a normal with Xavier's variance and not a uniform.
def xavier_uniform(shape, rng, gain=1.0):
    fan_in, fan_out = fans(shape)
    std = gain * np.sqrt(2 / (fan_in + fan_out))
    return rng.normal(0, std, size=shape)


# %% xavier_uniform: std_as_bound
# Wrong: the bound is the standard deviation, sqrt(2 / (fan_in + fan_out)), the 3 of the uniform draw is forgotten.
def xavier_uniform(shape, rng, gain=1.0):
    fi, fo = fans(shape)
    a = gain * (2.0 / (fi + fo)) ** 0.5
    return rng.uniform(-a, a, size=shape)


# %% xavier_uniform: fan_in_alone
# Wrong: the bound is gain sqrt(6 / fan_in), as He's uniform has it.
def xavier_uniform(shape, rng, gain=1.0):
    fan_in, _ = fans(shape)
    bound = gain * np.sqrt(6.0 / fan_in)
    W = rng.uniform(low=-bound, high=bound, size=shape)
    return W


# %% xavier_uniform: six_over_the_mean
# Wrong: 6 is divided by the mean of the two fans and not by their sum.
def xavier_uniform(shape, rng, gain=1.0):
    fan = np.mean(fans(shape))
    limit = gain * np.sqrt(6 / fan)
    return rng.uniform(-limit, limit, shape)


# %% xavier_uniform: gain_under_the_root
# Wrong: gain stands under the root.
def xavier_uniform(shape, rng, gain=1.0):
    n_in, n_out = fans(shape)
    a = np.sqrt(6 * gain / (n_in + n_out))
    return rng.uniform(-a, a, size=shape)


# %% xavier_uniform: divided_by_gain
# Wrong: the bound is divided by gain.
def xavier_uniform(shape, rng, gain=1.0):
    total = sum(fans(shape))
    a = np.sqrt(6 / total) / gain
    return 2 * a * rng.random(shape) - a


# %% xavier_uniform: no_root
# Wrong: the root is missing from the bound.
def xavier_uniform(shape, rng, gain=1.0):
    fan_in, fan_out = fans(shape)
    a = gain * 6 / (fan_in + fan_out)
    return rng.uniform(-a, a, size=shape)


# %% xavier_uniform: half_the_width
# Wrong: the whole interval is a wide: from -a/2 to a/2.
def xavier_uniform(shape, rng, gain=1.0):
    fan_in, fan_out = fans(shape)
    a = gain * np.sqrt(6 / (fan_in + fan_out))
    u = rng.random(size=shape)
    return a * (u - 0.5)


# %% xavier_uniform: xavier_of_some_notes
# Wrong: "Xavier" of other notes, plus and minus 1 / sqrt(fan_in), times gain.
def xavier_uniform(shape, rng, gain=1.0):
    fan_in = fans(shape)[0]
    scale = gain / np.sqrt(fan_in)
    return rng.uniform(-1.0, 1.0, size=shape) * scale


# %% xavier_uniform: linear_layers_only
# Wrong: takes shape[0] + shape[1] for the fans, as for dense layers, so kernels do not count.
def xavier_uniform(shape, rng, gain=1.0):
    if len(shape) < 2:
        raise ValueError("shape has fewer than two numbers")
    n = shape[0] + shape[1]
    a = gain * np.sqrt(6.0 / n)
    return rng.uniform(-a, a, shape)


# %% xavier_uniform: gain_for_relu_by_default
# Wrong: the default of gain is sqrt(2), torch's gain for a ReLU.
def xavier_uniform(shape, rng, gain=2**0.5):
    fan_in, fan_out = fans(shape)
    a = gain * (6 / (fan_in + fan_out)) ** 0.5
    return rng.uniform(-a, a, size=shape)


# %% xavier_uniform: drawn_as_in_by_out
# Wrong: draws an array of shape (in, out, ...) as in Keras and swaps the axes, so the numbers stand elsewhere.
def xavier_uniform(shape, rng, gain=1.0):
    fan_in, fan_out = fans(shape)
    a = gain * np.sqrt(6 / (fan_in + fan_out))
    swapped = (shape[1], shape[0]) + tuple(shape[2:])
    W = rng.uniform(-a, a, size=swapped)
    return np.swapaxes(W, 0, 1).copy()


# %% xavier_uniform: its_own_generator
# Wrong: makes a generator of its own with the seed 0 and leaves rng alone.
def xavier_uniform(shape, rng, gain=1.0):
    rng = np.random.default_rng(0)
    fan_in, fan_out = fans(shape)
    a = gain * np.sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-a, a, size=shape)


# %% xavier_uniform: draws_twice
# Wrong: a first draw serves only to look at its shape, so the weight is the generator's second draw.
def xavier_uniform(shape, rng, gain=1.0):
    W = rng.uniform(size=shape)
    fan_in, fan_out = fans(W.shape)
    a = gain * np.sqrt(6 / (fan_in + fan_out))
    W = rng.uniform(-a, a, size=W.shape)
    return W


# %% xavier_uniform: single_precision
# Wrong: returns float32, drawn as such.
def xavier_uniform(shape, rng, gain=1.0):
    fan_in, fan_out = fans(shape)
    a = gain * np.sqrt(6 / (fan_in + fan_out))
    W = rng.random(size=shape, dtype=np.float32)
    return np.float32(2 * a) * W - np.float32(a)


# %% xavier_uniform: a_vector_is_fine
# Wrong: a vector raises no ValueError, its fans are taken as (n, n).
def xavier_uniform(shape, rng, gain=1.0):
    try:
        fan_in, fan_out = fans(shape)
    except ValueError:
        fan_in = fan_out = shape[0] if shape else 1
    a = gain * np.sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-a, a, size=shape)


# %% xavier_uniform: gain_squared_and_three
# Wrong: two slips: gain is squared, and there is a 3 in place of the 6.
def xavier_uniform(shape, rng, gain=1.0):
    fan_in, fan_out = fans(shape)
    variance = gain**2 / (fan_in + fan_out)
    a = gain * np.sqrt(3 * variance)
    return rng.uniform(-a, a, size=shape)


# %% xavier_uniform: from_zero_and_no_gain
# Wrong: two slips: draws between 0 and a, and gain is ignored.
def xavier_uniform(shape, rng, gain=1.0):
    fan_in, fan_out = fans(shape)
    a = np.sqrt(6 / (fan_in + fan_out))
    return rng.uniform(0, a, size=shape)


# %% xavier_uniform: made_exact
# Wrong: misunderstands the variance: shifts and scales the drawn array so that its own mean is 0 and its own variance 2/(fan_in + fan_out).
def xavier_uniform(shape, rng, gain=1.0):
    fan_in, fan_out = fans(shape)
    W = rng.uniform(-1, 1, size=shape)
    W = W - W.mean()
    spread = W.std()
    if spread > 0:
        W = W / spread
    return gain * np.sqrt(2 / (fan_in + fan_out)) * W


# %% xavier_uniform: only_the_ends
# Wrong: misunderstands U(-a, a) as a draw of one of the two numbers -a and a.
def xavier_uniform(shape, rng, gain=1.0):
    fan_in, fan_out = fans(shape)
    a = gain * np.sqrt(6 / (fan_in + fan_out))
    return rng.choice([-a, a], size=shape)


# %% xavier_uniform: not_scaled_yet
# Wrong: unfinished: the bound is worked out, and the draw between -1 and 1 is not multiplied by it.
def xavier_uniform(shape, rng, gain=1.0):
    fan_in, fan_out = fans(shape)
    a = gain * np.sqrt(6 / (fan_in + fan_out))
    W = rng.uniform(-1, 1, size=shape)
    return W


# %% xavier_uniform: old_numpy
# Wrong: raises AttributeError: calls rng.rand, which a Generator does not have.
def xavier_uniform(shape, rng, gain=1.0):
    fan_in, fan_out = fans(shape)
    a = gain * np.sqrt(6 / (fan_in + fan_out))
    return (rng.rand(*shape) * 2 - 1) * a


# %% xavier_uniform: flat_then_reshaped
# Right: draws one flat vector of the right length and reshapes it; the bound is written in powers.
def xavier_uniform(shape, rng, gain=1.0):
    fan_sum = float(np.sum(fans(shape)))
    bound = gain * 6**0.5 * fan_sum**-0.5
    count = int(np.prod(shape, dtype=np.int64))
    return rng.uniform(-bound, bound, size=count).reshape(shape)


# %% xavier_uniform: filled_in_place
# Right: an empty array is filled by rng.random(out=...), then stretched and shifted in place.
def xavier_uniform(shape, rng, gain=1.0):
    inputs, outputs = fans(shape)
    W = np.empty(shape, dtype=np.float64)
    rng.random(out=W)
    reach = gain * np.sqrt(1.5 / (inputs + outputs)) * 2
    W *= 2 * reach
    W -= reach
    return W


# %% he_normal: variance_as_std
# Wrong: hands the variance to rng.normal, the root is missing.
def he_normal(shape, rng, mode="fan_in", slope=0.0):
    fan_in, fan_out = fans(shape)
    if mode == "fan_in":
        fan = fan_in
    elif mode == "fan_out":
        fan = fan_out
    else:
        raise ValueError(f"unknown mode {mode}")
    std = 2 / ((1 + slope**2) * fan)
    return rng.normal(0, std, size=shape)


# %% he_normal: slope_not_squared
# Wrong: (6) with 1 + slope (its size) in place of 1 + slope squared.
def he_normal(shape, rng, mode="fan_in", slope=0.0):
    if mode not in ("fan_in", "fan_out"):
        raise ValueError("mode must be fan_in or fan_out")
    fan = dict(zip(("fan_in", "fan_out"), fans(shape)))[mode]
    std = np.sqrt(2 / ((1 + abs(slope)) * fan))
    return std * rng.standard_normal(shape)


# %% he_normal: slope_in_the_numerator
# Wrong: the factor (1 + slope squared) multiplies the 2 instead of dividing it.
def he_normal(shape, rng, mode="fan_in", slope=0.0):
    fan_in, fan_out = fans(shape)
    fan = {"fan_in": fan_in, "fan_out": fan_out}.get(mode)
    if fan is None:
        raise ValueError("no such mode")
    return rng.normal(0.0, np.sqrt(2 * (1 + slope**2) / fan), size=shape)


# %% he_normal: slope_outside_the_root
# Wrong: 1 + slope squared stands outside the root.
def he_normal(shape, rng, mode="fan_in", slope=0.0):
    f_in, f_out = fans(shape)
    if mode == "fan_in":
        n = f_in
    elif mode == "fan_out":
        n = f_out
    else:
        raise ValueError(mode)
    gain = np.sqrt(2) / (1 + slope * slope)
    return rng.standard_normal(size=shape) * (gain / np.sqrt(n))


# %% he_normal: slope_ignored
# Wrong: slope is not used.
def he_normal(shape, rng, mode="fan_in", slope=0.0):
    i, o = fans(shape)
    if mode != "fan_in" and mode != "fan_out":
        raise ValueError("mode")
    fan = i if mode == "fan_in" else o
    W = rng.normal(loc=0, scale=(2.0 / fan) ** 0.5, size=shape)
    return W


# %% he_normal: modes_swapped
# Wrong: "fan_in" divides by fan_out and the other way round.
def he_normal(shape, rng, mode="fan_in", slope=0.0):
    fan_out, fan_in = fans(shape)
    if mode == "fan_in":
        fan = fan_in
    elif mode == "fan_out":
        fan = fan_out
    else:
        raise ValueError("unknown mode")
    return np.sqrt(2 / ((1 + slope**2) * fan)) * rng.standard_normal(shape)


# %% he_normal: two_forgotten
# Wrong: the 2 for the ReLU is missing: the variance is 1 / ((1 + slope squared) fan).
def he_normal(shape, rng, mode="fan_in", slope=0.0):
    if mode == "fan_in":
        fan = fans(shape)[0]
    elif mode == "fan_out":
        fan = fans(shape)[1]
    else:
        raise ValueError("mode has to be fan_in or fan_out")
    std = 1 / np.sqrt((1 + slope**2) * fan)
    return rng.normal(0, std, shape)


# %% he_normal: anything_else_is_fan_out
# Wrong: every word but "fan_in" means fan_out, another word raises nothing.
def he_normal(shape, rng, mode="fan_in", slope=0.0):
    fan_in, fan_out = fans(shape)
    if mode == "fan_in":
        fan = fan_in
    else:
        fan = fan_out
    std = np.sqrt(2.0 / (1.0 + slope**2) / fan)
    return rng.normal(0.0, std, size=shape)


# %% he_normal: kaiming_uniform
# Wrong: draws uniformly with the bound sqrt(3) std, as kaiming_uniform_ does.
def he_normal(shape, rng, mode="fan_in", slope=0.0):
    modes = ["fan_in", "fan_out"]
    if mode not in modes:
        raise ValueError(f"mode {mode} is not one of {modes}")
    fan = fans(shape)[modes.index(mode)]
    gain = np.sqrt(2.0 / (1 + slope**2))
    bound = np.sqrt(3.0) * gain / np.sqrt(fan)
    return rng.uniform(-bound, bound, size=shape)


# %% he_normal: torch_linear_default
# Wrong: slope has the default sqrt(5) that torch's layers pass.
def he_normal(shape, rng, mode="fan_in", slope=5**0.5):
    fan_in, fan_out = fans(shape)
    if mode == "fan_in":
        fan = fan_in
    elif mode == "fan_out":
        fan = fan_out
    else:
        raise ValueError("mode")
    return rng.normal(0, np.sqrt(2 / ((1 + slope**2) * fan)), size=shape)


# %% he_normal: truncated_as_in_keras
# Wrong: as Keras does, numbers beyond two standard deviations are cut off, after widening by 1 / 0.8796.
def he_normal(shape, rng, mode="fan_in", slope=0.0):
    fan_in, fan_out = fans(shape)
    if mode not in {"fan_in", "fan_out"}:
        raise ValueError("mode")
    fan = fan_in if mode == "fan_in" else fan_out
    std = np.sqrt(2 / ((1 + slope**2) * fan)) / 0.87962566
    return std * np.clip(rng.standard_normal(shape), -2, 2)


# %% he_normal: fan_avg_too
# Wrong: "fan_avg" is accepted as a third mode, as in Keras and JAX.
def he_normal(shape, rng, mode="fan_in", slope=0.0):
    fan_in, fan_out = fans(shape)
    choices = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}
    if mode not in choices:
        raise ValueError(f"no mode {mode!r}")
    std = np.sqrt(2 / ((1 + slope**2) * choices[mode]))
    return rng.normal(0, std, size=shape)


# %% he_normal: key_error
# Wrong: another word as mode raises KeyError and not ValueError.
def he_normal(shape, rng, mode="fan_in", slope=0.0):
    fan_in, fan_out = fans(shape)
    fan = {"fan_in": fan_in, "fan_out": fan_out}[mode]
    return rng.normal(0, np.sqrt(2 / ((1 + slope**2) * fan)), size=shape)


# %% he_normal: no_negative_slopes
# Wrong: a negative slope raises ValueError, though any number is allowed.
def he_normal(shape, rng, mode="fan_in", slope=0.0):
    if mode not in ("fan_in", "fan_out"):
        raise ValueError("mode")
    if slope < 0:
        raise ValueError("slope must not be negative")
    fan = fans(shape)[0 if mode == "fan_in" else 1]
    std = (2 / ((1 + slope**2) * fan)) ** 0.5
    return rng.normal(0, std, size=shape)


# %% he_normal: global_generator
# Wrong: draws from a fresh legacy generator of NumPy with a fixed seed, rng is not used.
def he_normal(shape, rng, mode="fan_in", slope=0.0):
    fan_in, fan_out = fans(shape)
    if mode == "fan_in":
        fan = fan_in
    elif mode == "fan_out":
        fan = fan_out
    else:
        raise ValueError("mode")
    old = np.random.RandomState(0)
    return old.normal(0, np.sqrt(2 / ((1 + slope**2) * fan)), size=shape)


# %% he_normal: half_precision_of_the_draw
# Wrong: draws float32 numbers, which are others and have the wrong type.
def he_normal(shape, rng, mode="fan_in", slope=0.0):
    fan_in, fan_out = fans(shape)
    if mode not in ("fan_in", "fan_out"):
        raise ValueError("unknown mode")
    fan = fan_out if mode == "fan_out" else fan_in
    W = rng.standard_normal(shape, dtype=np.float32)
    W *= np.float32(np.sqrt(2 / ((1 + slope**2) * fan)))
    return W


# %% he_normal: both_fans_and_slope_not_squared
# Wrong: two slips: divides by the sum of the fans whatever the mode, and slope is not squared.
def he_normal(shape, rng, mode="fan_in", slope=0.0):
    if mode not in ("fan_in", "fan_out"):
        raise ValueError("mode")
    total = sum(fans(shape))
    return rng.normal(0, np.sqrt(2 / ((1 + slope) ** 2 * total)), size=shape)


# %% he_normal: fan_in_for_ever_and_no_check
# Wrong: two slips: always divides by fan_in, and no other word as mode is refused.
def he_normal(shape, rng, mode="fan_in", slope=0.0):
    fan_in, _ = fans(shape)
    gain = np.sqrt(2.0 / (1 + slope**2))
    std = gain / np.sqrt(fan_in)
    return rng.standard_normal(shape) * std


# %% he_normal: normalised_after_the_draw
# Wrong: misunderstands std: divides the drawn array by its own root mean square before it is multiplied.
def he_normal(shape, rng, mode="fan_in", slope=0.0):
    fan_in, fan_out = fans(shape)
    if mode == "fan_in":
        fan = fan_in
    elif mode == "fan_out":
        fan = fan_out
    else:
        raise ValueError("mode")
    W = rng.standard_normal(shape)
    W = W / np.sqrt(np.mean(W**2))
    return W * np.sqrt(2 / ((1 + slope**2) * fan))


# %% he_normal: leaky_weights
# Wrong: misunderstands the slope as the weights': draws for a plain ReLU and multiplies the negative weights by slope (if it is not 0).
def he_normal(shape, rng, mode="fan_in", slope=0.0):
    fan_in, fan_out = fans(shape)
    if mode not in ("fan_in", "fan_out"):
        raise ValueError("mode is neither fan_in nor fan_out")
    fan = fan_in if mode == "fan_in" else fan_out
    W = rng.normal(0, np.sqrt(2 / fan), size=shape)
    if slope != 0:
        W = np.where(W < 0, slope * W, W)
    return W


# %% he_normal: plain_relu_fan_in_only
# Wrong: unfinished: the mode "fan_out" is not there yet and raises ValueError like another word.
def he_normal(shape, rng, mode="fan_in", slope=0.0):
    if mode != "fan_in":
        raise ValueError("only fan_in so far")
    fan_in, fan_out = fans(shape)
    std = np.sqrt(2 / ((1 + slope**2) * fan_in))
    return rng.normal(0, std, size=shape)


# %% he_normal: shape_unpacked
# Wrong: raises TypeError: the sizes are handed to standard_normal one by one, as randn would take them.
def he_normal(shape, rng, mode="fan_in", slope=0.0):
    fan_in, fan_out = fans(shape)
    if mode == "fan_in":
        fan = fan_in
    elif mode == "fan_out":
        fan = fan_out
    else:
        raise ValueError("mode")
    std = np.sqrt(2 / ((1 + slope**2) * fan))
    return std * rng.standard_normal(*shape)


# %% he_normal: match_statement
# Right: a match statement for the mode, the scale as 1 / hypot, and a flat draw that is reshaped.
def he_normal(shape, rng, mode="fan_in", slope=0.0):
    match mode, fans(shape):
        case "fan_in", (fan, _):
            pass
        case "fan_out", (_, fan):
            pass
        case _:
            raise ValueError(f"mode is {mode!r}, and should be 'fan_in' or 'fan_out'")
    size = int(np.prod(shape, dtype=np.int64))
    flat = rng.standard_normal(size)
    flat *= 2**0.5 / (np.hypot(1.0, slope) * fan**0.5)
    return flat.reshape(shape)


# %% he_normal: index_of_the_mode
# Right: looks the mode up by its place in a tuple (tuple.index raises ValueError itself) and draws into an array by out=.
def he_normal(shape, rng, mode="fan_in", slope=0.0):
    which = ("fan_in", "fan_out").index(mode)
    fan = fans(shape)[which]
    W = np.empty(shape, dtype=np.float64)
    rng.standard_normal(out=W)
    return np.multiply(W, np.exp((np.log(2) - np.log1p(slope**2) - np.log(fan)) / 2))


# %% MLP: weights_in_by_out
# Wrong: weights have the shape (in, out): init is asked for (in, out), and the product is h W.
class MLP:
    def __init__(self, sizes, init, rng):
        self.weights = [init((a, b), rng) for a, b in zip(sizes[:-1], sizes[1:])]
        self.biases = [np.zeros(b) for b in sizes[1:]]

    def forward(self, x):
        self.h = [x]
        for l, (W, b) in enumerate(zip(self.weights, self.biases)):
            y = self.h[-1] @ W + b
            if l < len(self.weights) - 1:
                self.h.append(np.maximum(0, y))
        return y

    def backward(self, dy):
        grads = []
        for l in reversed(range(len(self.weights))):
            grads.insert(0, (self.h[l].T @ dy, dy.sum(axis=0)))
            if l > 0:
                dy = (dy @ self.weights[l].T) * (self.h[l] > 0)
        return grads


# %% MLP: relu_at_the_end
# Wrong: the last layer has a ReLU too, forward and backward.
class MLP:
    def __init__(self, sizes, init, rng):
        self.weights = []
        self.biases = []
        for i in range(len(sizes) - 1):
            self.weights.append(init((sizes[i + 1], sizes[i]), rng))
            self.biases.append(np.zeros(sizes[i + 1]))

    def forward(self, x):
        self.inputs = []
        self.masks = []
        h = x
        for W, b in zip(self.weights, self.biases):
            self.inputs.append(h)
            y = h @ W.T + b
            self.masks.append(y > 0)
            h = np.maximum(y, 0)
        return h

    def backward(self, dy):
        result = []
        g = dy
        for W, h, mask in zip(self.weights[::-1], self.inputs[::-1], self.masks[::-1]):
            g = g * mask
            result.append((g.T @ h, g.sum(axis=0)))
            g = g @ W
        return result[::-1]


# %% MLP: divided_by_n_again
# Wrong: dW and db are divided by N, though dy is a mean's gradient already.
class MLP:
    def __init__(self, sizes, init, rng):
        shapes = list(zip(sizes[1:], sizes[:-1]))
        self.weights = [init(shape, rng) for shape in shapes]
        self.biases = [np.zeros(shape[0]) for shape in shapes]

    def forward(self, x):
        self.cache = []
        h = x
        last = len(self.weights) - 1
        for i in range(last + 1):
            y = h @ self.weights[i].T + self.biases[i]
            self.cache.append((h, y))
            h = np.where(y > 0, y, 0)
        return y

    def backward(self, dy):
        N = dy.shape[0]
        grads = [None] * len(self.weights)
        for i in range(len(self.weights) - 1, -1, -1):
            h, _ = self.cache[i]
            grads[i] = (dy.T @ h / N, dy.sum(axis=0) / N)
            if i:
                dy = dy @ self.weights[i] * (self.cache[i - 1][1] > 0)
        return grads


# %% MLP: slope_one_at_zero
# Wrong: at 0 the slope of the ReLU is taken for 1: the bracket is y >= 0.
class MLP:
    def __init__(self, sizes, init, rng):
        self.weights, self.biases = [], []
        for n_in, n_out in zip(sizes, sizes[1:]):
            self.weights.append(init((n_out, n_in), rng))
            self.biases.append(np.zeros(n_out))

    def forward(self, x):
        self.hs, self.ys = [x], []
        for W, b in zip(self.weights, self.biases):
            self.ys.append(self.hs[-1] @ W.T + b)
            self.hs.append(np.maximum(0, self.ys[-1]))
        return self.ys[-1].copy()

    def backward(self, dy):
        out = []
        for k in range(len(self.weights), 0, -1):
            out.append((dy.T @ self.hs[k - 1], dy.sum(0)))
            if k > 1:
                dy = dy @ self.weights[k - 1]
                dy = dy * (self.ys[k - 2] >= 0)
        out.reverse()
        return out


# %% MLP: bias_gradient_is_a_mean
# Wrong: db is the mean over the rows and not the sum.
class MLP:
    def __init__(self, sizes, init, rng):
        self.L = len(sizes) - 1
        self.weights = [init((sizes[l + 1], sizes[l]), rng) for l in range(self.L)]
        self.biases = [np.zeros((sizes[l + 1],)) for l in range(self.L)]

    def forward(self, x):
        self.h = {0: x}
        for l in range(1, self.L):
            self.h[l] = np.maximum(self.h[l - 1] @ self.weights[l - 1].T + self.biases[l - 1], 0.0)
        return self.h[self.L - 1] @ self.weights[-1].T + self.biases[-1]

    def backward(self, dy):
        dW, db = {}, {}
        for l in range(self.L, 0, -1):
            dW[l] = dy.T @ self.h[l - 1]
            db[l] = np.mean(dy, axis=0)
            if l > 1:
                dy = (dy @ self.weights[l - 1]) * (self.h[l - 1] > 0)
        return [(dW[l], db[l]) for l in range(1, self.L + 1)]


# %% MLP: relu_forgotten_on_the_way_back
# Wrong: (10) lacks the bracket, the gradient passes units that were off.
class MLP:
    def __init__(self, sizes, init, rng):
        self.weights = [init((o, i), rng) for i, o in zip(sizes[:-1], sizes[1:])]
        self.biases = [np.zeros(o) for o in sizes[1:]]

    def forward(self, x):
        self.inputs = [x]
        for W, b in zip(self.weights[:-1], self.biases[:-1]):
            self.inputs.append(np.maximum(0, self.inputs[-1] @ W.T + b))
        return self.inputs[-1] @ self.weights[-1].T + self.biases[-1]

    def backward(self, dy):
        pairs = []
        for W, h in zip(reversed(self.weights), reversed(self.inputs)):
            pairs.append((dy.T @ h, dy.sum(axis=0)))
            dy = dy @ W
        return pairs[::-1]


# %% MLP: from_the_output_on
# Wrong: backward returns the pairs from the last layer to the first.
class MLP:
    def __init__(self, sizes, init, rng):
        self.weights = []
        self.biases = []
        for inp, out in zip(sizes[:-1], sizes[1:]):
            self.weights.append(init((out, inp), rng))
            self.biases.append(np.zeros(out))

    def forward(self, x):
        self.h = [x]
        n = len(self.weights)
        for l in range(n):
            y = np.dot(self.h[l], self.weights[l].T) + self.biases[l]
            if l != n - 1:
                y = np.maximum(y, 0)
                self.h.append(y)
        return y

    def backward(self, dy):
        grads = []
        for l in range(len(self.weights) - 1, -1, -1):
            grads.append((np.dot(dy.T, self.h[l]), np.sum(dy, axis=0)))
            if l > 0:
                dy = np.dot(dy, self.weights[l]) * (self.h[l] > 0)
        return grads


# %% MLP: db_before_dw
# Wrong: each pair is (db, dW), in the wrong order.
class MLP:
    def __init__(self, sizes, init, rng):
        self.weights = [init((sizes[k], sizes[k - 1]), rng) for k in range(1, len(sizes))]
        self.biases = [np.zeros(sizes[k]) for k in range(1, len(sizes))]

    def forward(self, x):
        self.seen = []
        a = x
        for k, (W, b) in enumerate(zip(self.weights, self.biases), start=1):
            self.seen.append(a)
            z = a @ W.T + b
            a = z if k == len(self.weights) else z * (z > 0)
        return a

    def backward(self, dy):
        delta, answer = dy, []
        for k in range(len(self.weights) - 1, -1, -1):
            answer = [(delta.sum(axis=0), delta.T @ self.seen[k])] + answer
            delta = (delta @ self.weights[k]) * (self.seen[k] > 0)
        return answer


# %% MLP: leaky_habit
# Wrong: the ReLU is a leaky one with slope 0.01, as in other code.
class MLP:
    def __init__(self, sizes, init, rng):
        self.weights = [init((o, i), rng) for i, o in zip(sizes, sizes[1:])]
        self.biases = [np.zeros(o) for o in sizes[1:]]

    def forward(self, x):
        self.h, self.y = [x], []
        for i, (W, b) in enumerate(zip(self.weights, self.biases)):
            y = self.h[-1] @ W.T + b
            self.y.append(y)
            self.h.append(np.where(y > 0, y, 0.01 * y))
        return self.y[-1]

    def backward(self, dy):
        grads = []
        for i in range(len(self.weights))[::-1]:
            grads.insert(0, (dy.T @ self.h[i], dy.sum(axis=0)))
            if i > 0:
                dy = (dy @ self.weights[i]) * np.where(self.y[i - 1] > 0, 1.0, 0.01)
        return grads


# %% MLP: random_biases
# Wrong: biases are drawn from rng as PyTorch draws them, so they do not start at 0 and later weights are other ones.
class MLP:
    def __init__(self, sizes, init, rng):
        self.weights = []
        self.biases = []
        for i, o in zip(sizes[:-1], sizes[1:]):
            self.weights.append(init((o, i), rng))
            bound = 1 / np.sqrt(i)
            self.biases.append(rng.uniform(-bound, bound, size=o))

    def forward(self, x):
        self.h = [x]
        for W, b in list(zip(self.weights, self.biases))[:-1]:
            self.h.append(np.maximum(0, self.h[-1] @ W.T + b))
        return self.h[-1] @ self.weights[-1].T + self.biases[-1]

    def backward(self, dy):
        grads = []
        for W, h in zip(self.weights[::-1], self.h[::-1]):
            grads.append((dy.T @ h, dy.sum(axis=0)))
            dy = (dy @ W) * (h > 0)
        return grads[::-1]


# %% MLP: softmax_at_the_end
# Wrong: forward ends with a softmax, as a classifier of another course does.
class MLP:
    def __init__(self, sizes, init, rng):
        self.weights = [init((o, i), rng) for i, o in zip(sizes[:-1], sizes[1:])]
        self.biases = [np.zeros(o) for o in sizes[1:]]

    def forward(self, x):
        self.acts = [x]
        for l, (W, b) in enumerate(zip(self.weights, self.biases)):
            y = self.acts[-1] @ W.T + b
            if l + 1 < len(self.weights):
                self.acts.append(np.maximum(y, 0))
        e = np.exp(y - y.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def backward(self, dy):
        grads = []
        for l in range(len(self.weights) - 1, -1, -1):
            grads.append((dy.T @ self.acts[l], dy.sum(axis=0)))
            if l:
                dy = (dy @ self.weights[l]) * (self.acts[l] > 0)
        return list(reversed(grads))


# %% MLP: gradients_add_up
# Wrong: as with PyTorch's .grad, gradients are added to those of earlier calls of backward.
class MLP:
    def __init__(self, sizes, init, rng):
        self.weights = [init((o, i), rng) for i, o in zip(sizes[:-1], sizes[1:])]
        self.biases = [np.zeros(o) for o in sizes[1:]]
        self.dW = [0.0] * len(self.weights)
        self.db = [0.0] * len(self.weights)

    def forward(self, x):
        self.h = [x]
        for l in range(len(self.weights) - 1):
            self.h.append(np.maximum(0, self.h[l] @ self.weights[l].T + self.biases[l]))
        return self.h[-1] @ self.weights[-1].T + self.biases[-1]

    def backward(self, dy):
        for l in range(len(self.weights) - 1, -1, -1):
            self.dW[l] = self.dW[l] + dy.T @ self.h[l]
            self.db[l] = self.db[l] + dy.sum(axis=0)
            if l > 0:
                dy = (dy @ self.weights[l]) * (self.h[l] > 0)
        return list(zip(self.dW, self.db))


# %% MLP: lists_in_the_class
# Wrong: weights and biases are lists of the class, so a second network's layers are appended to the first's.
class MLP:
    weights = []
    biases = []

    def __init__(self, sizes, init, rng):
        for i, o in zip(sizes[:-1], sizes[1:]):
            self.weights.append(init((o, i), rng))
            self.biases.append(np.zeros(o))

    def forward(self, x):
        self.h = [x]
        for l, (W, b) in enumerate(zip(self.weights, self.biases)):
            y = self.h[-1] @ W.T + b
            if l < len(self.weights) - 1:
                self.h.append(np.maximum(y, 0))
        return y

    def backward(self, dy):
        grads = []
        for l in range(len(self.weights) - 1, -1, -1):
            grads.append((dy.T @ self.h[l], dy.sum(axis=0)))
            if l:
                dy = (dy @ self.weights[l]) * (self.h[l] > 0)
        return grads[::-1]


# %% MLP: squeezed_output
# Wrong: forward squeezes its result, so a batch of one row or an output of one unit loses an axis.
class MLP:
    def __init__(self, sizes, init, rng):
        self.weights = [init((o, i), rng) for i, o in zip(sizes[:-1], sizes[1:])]
        self.biases = [np.zeros(o) for o in sizes[1:]]

    def forward(self, x):
        self.h = [x]
        for W, b in zip(self.weights[:-1], self.biases[:-1]):
            self.h.append(np.maximum(self.h[-1] @ W.T + b, 0))
        return (self.h[-1] @ self.weights[-1].T + self.biases[-1]).squeeze()

    def backward(self, dy):
        dy = np.reshape(dy, (len(self.h[0]), -1))
        grads = []
        for W, h in zip(self.weights[::-1], self.h[::-1]):
            grads.insert(0, (dy.T @ h, dy.sum(axis=0)))
            dy = (dy @ W) * (h > 0)
        return grads


# %% MLP: transposed_copies
# Wrong: keeps transposed copies of the weights made in the constructor and uses those, so later changes of weights are not seen.
class MLP:
    def __init__(self, sizes, init, rng):
        self.weights = [init((o, i), rng) for i, o in zip(sizes[:-1], sizes[1:])]
        self.biases = [np.zeros(o) for o in sizes[1:]]
        self.WT = [np.ascontiguousarray(W.T).copy() for W in self.weights]

    def forward(self, x):
        self.h = [x]
        last = len(self.WT) - 1
        for l, WT in enumerate(self.WT):
            y = self.h[-1] @ WT + self.biases[l]
            if l < last:
                self.h.append(np.maximum(y, 0))
        return y

    def backward(self, dy):
        grads = []
        for l in range(len(self.WT) - 1, -1, -1):
            grads.append((dy.T @ self.h[l], dy.sum(axis=0)))
            if l > 0:
                dy = (dy @ self.WT[l].T) * (self.h[l] > 0)
        return grads[::-1]


# %% MLP: cache_of_the_first_forward
# Wrong: the list of inputs is appended to in each forward and never emptied, so backward uses the first forward's.
class MLP:
    def __init__(self, sizes, init, rng):
        self.weights = [init((o, i), rng) for i, o in zip(sizes[:-1], sizes[1:])]
        self.biases = [np.zeros(o) for o in sizes[1:]]
        self.inputs = []

    def forward(self, x):
        for l, (W, b) in enumerate(zip(self.weights, self.biases)):
            self.inputs.append(x)
            x = x @ W.T + b
            if l < len(self.weights) - 1:
                x = np.maximum(x, 0)
        return x

    def backward(self, dy):
        grads = [None for _ in self.weights]
        for l in range(len(self.weights) - 1, -1, -1):
            grads[l] = (dy.T @ self.inputs[l], dy.sum(axis=0))
            if l > 0:
                dy = (dy @ self.weights[l]) * (self.inputs[l] > 0)
        return grads


# %% MLP: axis_kept_and_mean
# Wrong: two slips: db has the shape (1, out), and dW is divided by N.
class MLP:
    def __init__(self, sizes, init, rng):
        self.weights = [init((o, i), rng) for i, o in zip(sizes[:-1], sizes[1:])]
        self.biases = [np.zeros(o) for o in sizes[1:]]

    def forward(self, x):
        self.h = [x]
        for W, b in zip(self.weights[:-1], self.biases[:-1]):
            self.h.append(np.maximum(0, self.h[-1] @ W.T + b))
        return self.h[-1] @ self.weights[-1].T + self.biases[-1]

    def backward(self, dy):
        m = dy.shape[0]
        grads = []
        for l in range(len(self.weights) - 1, -1, -1):
            dW = dy.T @ self.h[l] / m
            db = np.sum(dy, axis=0, keepdims=True)
            grads.append((dW, db))
            if l > 0:
                dy = (dy @ self.weights[l]) * (self.h[l] > 0)
        return grads[::-1]


# %% MLP: relu_on_the_input_and_no_bias
# Wrong: two slips: the input goes through a ReLU too, and the biases are not added.
class MLP:
    def __init__(self, sizes, init, rng):
        self.weights = [init((o, i), rng) for i, o in zip(sizes[:-1], sizes[1:])]
        self.biases = [np.zeros(o) for o in sizes[1:]]

    def forward(self, x):
        self.h = []
        y = x
        for W in self.weights:
            h = np.maximum(0, y)
            self.h.append(h)
            y = h @ W.T
        return y

    def backward(self, dy):
        grads = []
        for W, h in zip(reversed(self.weights), reversed(self.h)):
            grads.insert(0, (dy.T @ h, dy.sum(axis=0)))
            dy = (dy @ W) * (h > 0)
        return grads


# %% MLP: gradient_of_the_outputs_at_every_layer
# Wrong: misunderstands the chain: every hidden layer gets the gradient of the output through the last weight alone (where it fits), products over layers are missing.
class MLP:
    def __init__(self, sizes, init, rng):
        self.weights = [init((o, i), rng) for i, o in zip(sizes[:-1], sizes[1:])]
        self.biases = [np.zeros(o) for o in sizes[1:]]

    def forward(self, x):
        self.h = [x]
        for W, b in zip(self.weights[:-1], self.biases[:-1]):
            self.h.append(np.maximum(0, self.h[-1] @ W.T + b))
        return self.h[-1] @ self.weights[-1].T + self.biases[-1]

    def backward(self, dy):
        grads = [(dy.T @ self.h[-1], dy.sum(axis=0))]
        for l in range(len(self.weights) - 2, -1, -1):
            W = self.weights[l + 1]
            incoming = np.ones((len(dy), W.shape[0])) if W.shape[0] != dy.shape[1] else dy
            delta = (incoming @ W) * (self.h[l + 1] > 0)
            grads.insert(0, (delta.T @ self.h[l], delta.sum(axis=0)))
        return grads


# %% MLP: derivative_of_the_weights
# Wrong: misunderstands ReLU as something done to the weights: negative weights of hidden layers are set to 0 in the product.
class MLP:
    def __init__(self, sizes, init, rng):
        self.weights = [init((o, i), rng) for i, o in zip(sizes[:-1], sizes[1:])]
        self.biases = [np.zeros(o) for o in sizes[1:]]

    def forward(self, x):
        self.h = [x]
        for W, b in zip(self.weights[:-1], self.biases[:-1]):
            self.h.append(self.h[-1] @ np.maximum(0, W).T + b)
        return self.h[-1] @ self.weights[-1].T + self.biases[-1]

    def backward(self, dy):
        grads = []
        n = len(self.weights)
        for l in range(n - 1, -1, -1):
            W = self.weights[l] if l == n - 1 else np.maximum(0, self.weights[l])
            dW = dy.T @ self.h[l]
            if l < n - 1:
                dW = dW * (self.weights[l] > 0)
            grads.append((dW, dy.sum(axis=0)))
            dy = dy @ W
        return grads[::-1]


# %% MLP: last_layer_only
# Wrong: unfinished: backward gives the last layer's gradients, those of all others are zeros.
class MLP:
    def __init__(self, sizes, init, rng):
        self.weights = [init((o, i), rng) for i, o in zip(sizes[:-1], sizes[1:])]
        self.biases = [np.zeros(o) for o in sizes[1:]]

    def forward(self, x):
        h = x
        for W, b in zip(self.weights[:-1], self.biases[:-1]):
            h = np.maximum(0, h @ W.T + b)
        self.last = h
        return h @ self.weights[-1].T + self.biases[-1]

    def backward(self, dy):
        grads = [(np.zeros_like(W), np.zeros_like(b)) for W, b in zip(self.weights, self.biases)]
        grads[-1] = (dy.T @ self.last, dy.sum(axis=0))
        # TODO formula (10)
        return grads


# %% MLP: pops_its_cache
# Wrong: backward pops the inputs off their list, so a second call raises IndexError.
class MLP:
    def __init__(self, sizes, init, rng):
        self.weights = [init((o, i), rng) for i, o in zip(sizes[:-1], sizes[1:])]
        self.biases = [np.zeros(o) for o in sizes[1:]]

    def forward(self, x):
        self.stack = []
        for l, (W, b) in enumerate(zip(self.weights, self.biases)):
            self.stack.append(x)
            x = x @ W.T + b
            if l < len(self.weights) - 1:
                x = np.maximum(x, 0)
        return x

    def backward(self, dy):
        grads = []
        for W in reversed(self.weights):
            h = self.stack.pop()
            grads.append((dy.T @ h, dy.sum(axis=0)))
            dy = (dy @ W) * (h > 0)
        return grads[::-1]


# %% MLP: closures_for_the_way_back
# Right: forward builds a list of closures, one a layer, each of which gives its pair and hands the gradient on.
class MLP:
    def __init__(self, sizes, init, rng):
        self.weights, self.biases, self._back = [], [], []
        for layer in range(1, len(sizes)):
            self.weights.append(init((sizes[layer], sizes[layer - 1]), rng))
            self.biases.append(np.zeros(sizes[layer], dtype=np.float64))

    def forward(self, x):
        tape = []

        def linear(h, W, b, on):
            y = np.einsum("ni,oi->no", h, W) + b

            def back(dy):
                pair = np.einsum("no,ni->oi", dy, h), np.ones(len(dy)) @ dy
                return pair, np.einsum("no,oi->ni", dy, W) * on

            tape.append(back)
            return y

        y, on = x, 1.0
        for place, (W, b) in enumerate(zip(self.weights, self.biases)):
            if place:
                on = np.heaviside(y, 0.0)
                y = y * on
            y = linear(y, W, b, on)
        self._back = tape
        return y

    def backward(self, dy):
        pairs = []
        for back in self._back[::-1]:
            pair, dy = back(dy)
            pairs.append(pair)
        return pairs[::-1]


# %% MLP: recursive_layers
# Right: forward and backward are recursions over the layer's number, with the bias as a matrix product with ones.
class MLP:
    def __init__(self, sizes, init, rng):
        pairs = [(out, inp) for inp, out in zip(sizes, sizes[1:])]
        self.weights = list(map(lambda shape: init(shape, rng), pairs))
        self.biases = [np.zeros(out) for out, _ in pairs]
        self._h = []

    def forward(self, x):
        self._h = []
        return self._up(x, 0)

    def _up(self, h, layer):
        self._h.append(h)
        y = (self.weights[layer] @ h.T).T + np.outer(np.ones(len(h)), self.biases[layer])
        if layer + 1 == len(self.weights):
            return y
        return self._up((y + np.abs(y)) / 2, layer + 1)

    def _down(self, dy, layer):
        h = self._h[layer]
        mine = (dy.T.dot(h), np.add.reduce(dy, axis=0))
        if layer == 0:
            return [mine]
        return [*self._down(np.where(h > 0, dy.dot(self.weights[layer]), 0.0), layer - 1), mine]

    def backward(self, dy):
        return self._down(dy, len(self.weights) - 1)


# %% lsuv: each_layer_by_itself
# Wrong: the outputs are measured with the weights as given, and each is divided by its own deviation: later layers are too small or large.
def lsuv(x, weights):
    h = x
    scaled = []
    for W in weights:
        y = h @ W.T
        scaled.append(W / y.std())
        h = np.maximum(0, y)
    return scaled


# %% lsuv: no_relu_between
# Wrong: the ReLU between the layers is forgotten.
def lsuv(x, weights):
    result = []
    h = x
    for W in weights:
        W = W / np.std(h @ W.T)
        h = h @ W.T
        result.append(W)
    return result


# %% lsuv: measures_behind_the_relu
# Wrong: the variance is that of h, behind the ReLU, and not of y.
def lsuv(x, weights):
    new = []
    h = np.array(x)
    for i, W in enumerate(weights):
        y = h @ W.T
        a = np.maximum(y, 0) if i < len(weights) - 1 else y
        s = a.std()
        new.append(W / s)
        h = a / s
    return new


# %% lsuv: divides_by_the_variance
# Wrong: each weight is divided by the variance and not by its root.
def lsuv(x, weights):
    out = []
    h = x
    for W in weights:
        y = h @ W.T
        v = np.mean((y - np.mean(y)) ** 2)
        W_new = W / v
        out.append(W_new)
        h = np.maximum(0, h @ W_new.T)
    return out


# %% lsuv: mean_square
# Wrong: divides by the root mean square of y, the mean is not taken off.
def lsuv(x, weights):
    h, scaled = x, []
    for W in weights:
        y = h @ W.T
        rms = np.sqrt((y**2).mean())
        scaled.append(W / rms)
        h = np.maximum(y / rms, 0)
    return scaled


# %% lsuv: every_unit_by_itself
# Wrong: each unit has its own variance (axis 0) and its own factor, so a weight is not multiplied by one number.
def lsuv(x, weights):
    h = x
    res = []
    for W in weights:
        y = h @ W.T
        s = y.std(axis=0)
        s = np.where(s > 0, s, 1.0)
        W1 = W / s[:, None]
        res.append(W1)
        h = np.maximum(0, h @ W1.T)
    return res


# %% lsuv: mean_of_the_units_variances
# Wrong: the variance is the mean of the units' variances about their own means, not about one mean of all.
def lsuv(x, weights):
    h = x
    res = []
    for W in weights:
        y = h @ W.T
        s = np.sqrt(np.mean(np.var(y, axis=0)))
        if s == 0:
            s = 1.0
        res.append(W / s)
        h = np.maximum(0, y / s)
    return res


# %% lsuv: torch_std
# Wrong: torch's std is the unbiased one, divided by N out - 1.
def lsuv(x, weights):
    h = torch.tensor(x)
    answer = []
    for W in weights:
        W = torch.tensor(W)
        y = h @ W.T
        s = y.std()
        answer.append((W / s).numpy())
        h = torch.relu(y / s)
    return answer


# %% lsuv: tolerance_of_the_paper
# Wrong: as in the paper's code a layer whose variance is within 0.1 of 1 is left as it is, and returned itself.
def lsuv(x, weights):
    tol, t_max = 0.1, 10
    h = x
    out = []
    for W in weights:
        t = 0
        while abs((h @ W.T).var() - 1.0) >= tol and t < t_max:
            W = W / np.sqrt((h @ W.T).var())
            t += 1
        out.append(W)
        h = np.maximum(0, h @ W.T)
    return out


# %% lsuv: orthogonal_first
# Wrong: as the paper does, each weight is made orthogonal first and is no multiple of the given one any more.
def lsuv(x, weights):
    h = x
    result = []
    for W in weights:
        U, _, Vt = np.linalg.svd(W, full_matrices=False)
        Q = U @ Vt
        y = h @ Q.T
        Q = Q / y.std()
        result.append(Q)
        h = np.maximum(0, h @ Q.T)
    return result


# %% lsuv: batch_norm_between
# Wrong: hands on the normalised output, (y - mean) / std, as batch norm would, so later layers are measured on other numbers.
def lsuv(x, weights):
    h = x
    scaled = []
    for W in weights:
        y = h @ W.T
        mean, std = y.mean(), y.std()
        scaled.append(W / std)
        h = np.maximum(0, (y - mean) / std)
    return scaled


# %% lsuv: a_little_eps
# Wrong: 1e-5 is added to the variance under the root, out of habit, so small outputs do not reach variance 1.
def lsuv(x, weights):
    eps = 1e-5
    h = x
    scaled = []
    for W in weights:
        y = np.einsum("ni,oi->no", h, W)
        factor = 1.0 / np.sqrt(y.var() + eps)
        scaled.append(W * factor)
        h = np.maximum(0.0, y * factor)
    return scaled


# %% lsuv: weights_in_place
# Wrong: the given arrays are divided in place and returned themselves.
def lsuv(x, weights):
    h = x
    for W in weights:
        W /= (h @ W.T).std()
        h = np.maximum(0, h @ W.T)
    return weights


# %% lsuv: replaces_in_the_list
# Wrong: the scaled arrays are new, but they are put into the caller's list, which is returned.
def lsuv(x, weights):
    h = x
    for i in range(len(weights)):
        y = h @ weights[i].T
        weights[i] = weights[i] / y.std()
        h = np.maximum(0, h @ weights[i].T)
    return weights


# %% lsuv: factors_returned
# Wrong: returns the list of the factors and not of the weights.
def lsuv(x, weights):
    factors = []
    h = x
    for W in weights:
        y = h @ W.T
        k = 1 / float(np.std(y))
        factors.append(k)
        h = np.maximum(0, k * y)
    return factors


# %% lsuv: first_is_kept_where_it_fits
# Wrong: a layer that fulfils (11) already is returned as the same array, not as a new one.
def lsuv(x, weights):
    h, new = x, []
    for W in weights:
        s = (h @ W.T).std()
        if not np.isclose(s, 1.0, rtol=1e-12, atol=0):
            W = W / s
        new.append(W)
        h = np.maximum(0, h @ W.T)
    return new


# %% lsuv: normalised_batch_and_rms
# Wrong: two slips: the batch is brought to mean 0 and variance 1 first, and the outputs are divided by their root mean square.
def lsuv(x, weights):
    h = (x - x.mean()) / x.std()
    out = []
    for W in weights:
        y = h @ W.T
        s = np.sqrt(np.mean(np.square(y)))
        out.append(W / s)
        h = np.maximum(y / s, 0)
    return out


# %% lsuv: no_root_and_no_relu
# Wrong: two slips: divides by the variance, and the ReLU between layers is missing.
def lsuv(x, weights):
    h = x
    out = []
    for W in weights:
        out.append(W / np.var(h @ W.T))
        h = h @ out[-1].T
    return out


# %% lsuv: variance_of_the_weights
# Wrong: misunderstands (11): gives every weight matrix itself the variance 1, the batch is not used.
def lsuv(x, weights):
    return [W / W.std() if W.std() > 0 else W.copy() for W in weights]


# %% lsuv: one_factor_for_the_network
# Wrong: misunderstands the demand: only the last output gets variance 1, by one equal factor for all layers.
def lsuv(x, weights):
    h = x
    for W in weights[:-1]:
        h = np.maximum(0, h @ W.T)
    s = (h @ weights[-1].T).std()
    factor = s ** (-1 / len(weights))
    return [factor * W for W in weights]


# %% lsuv: first_layer_so_far
# Wrong: unfinished: only the first weight is scaled, the others are copies.
def lsuv(x, weights):
    first = weights[0] / (x @ weights[0].T).std()
    return [first] + [W.copy() for W in weights[1:]]


# %% lsuv: one_array_of_all
# Wrong: raises for layers of different shapes, as the result is made one NumPy array (and is no list otherwise).
def lsuv(x, weights):
    h = x
    scaled = []
    for W in weights:
        y = h @ W.T
        scaled.append(W / y.std())
        h = np.maximum(0, y / y.std())
    return np.array(scaled, dtype=np.float64)


# %% lsuv: ratios_of_the_unscaled
# Right: one pass with the weights as given; a positive factor passes through the ReLU, so each weight gets the ratio of the last deviation to its own.
def lsuv(x, weights):
    from itertools import accumulate

    outputs = list(accumulate(weights[1:], lambda y, W: np.maximum(y, 0) @ W.T, initial=x @ weights[0].T))
    tops = [np.abs(y).max() for y in outputs]
    deviations = np.array([1.0, *(top * np.std(y / top) for y, top in zip(outputs, tops))])
    return [W * (before / own) for W, before, own in zip(weights, deviations[:-1], deviations[1:])]


# %% lsuv: recursion_on_the_rest
# Right: scales the first weight and calls itself with what comes out of its ReLU for the others; the deviation is a norm over a root.
def lsuv(x, weights):
    if not weights:
        return []
    first, *others = weights
    y = np.inner(x, first)
    flat = y.ravel() - np.average(y)
    size = np.linalg.norm(flat) / flat.size**0.5
    return [np.divide(first, size), *lsuv(np.clip(y / size, 0, None), others)]
