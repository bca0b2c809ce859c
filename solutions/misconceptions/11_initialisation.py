"""Lesson 11, wrong on purpose: what each mistake changes in the reference solution; see autograder.catalogue."""

from autograder.catalogue import wrong
from autograder.catalogue.answers import WrongAnswer

NOTES = "course notes"
LIBRARIES = "another library's convention"
CLASSROOM = "common in first implementations"

# What the edits replace.
REFUSAL = """    if len(shape) < 2:
        raise ValueError("Fans need a shape of two numbers or more.")
    out, inputs, *kernel = shape
"""
PIXELS = "pixels = int(np.prod(kernel))"
RETURN_FANS = "return inputs * pixels, out * pixels  # (2)"
BOUND = "a = gain * np.sqrt(6 / (fan_in + fan_out))  # (4)"
UNIFORM = "return rng.uniform(-a, a, size=shape)"
MODES = """    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"mode is {mode!r}: it should be 'fan_in' or 'fan_out'.")
"""
FAN = 'fan = fan_in if mode == "fan_in" else fan_out'
STD = "std = np.sqrt(2 / ((1 + slope**2) * fan))  # (6)"
NORMAL = "return rng.normal(0.0, std, size=shape)"
INIT = "self.weights.append(init((outputs, inputs), rng))"
ZEROS = "self.biases.append(np.zeros(outputs))"
KEEP = "self.inputs = []"
APPEND = "self.inputs.append(h)"
LINEAR = "y = h @ W.T + b  # (7)"
RELU = "h = np.maximum(0.0, y)  # (8)"
DW = "dW = dy.T @ h  # (9)"
DB = "db = dy.sum(axis=0)  # (9)"
BACK = "dy = (dy @ W) * (h > 0)  # (10): h is above 0 where y was"
RETURN_GRADS = "return grads[::-1]"
SCALE = "scaled.append(W / (h @ W.T).std())"
NEXT = "h = np.maximum(0.0, h @ scaled[-1].T)"


def draws(exercise: str, returned: str) -> tuple[WrongAnswer, ...]:
    """What goes wrong in whatever draws a weight and returns it, ``returned``."""
    return (
        wrong(
            exercise,
            "single_precision",
            "the weight is rounded to single precision",
            "PyTorch's default is float32. The docstring asks for float64.",
            LIBRARIES,
            (returned, f"{returned}.astype(np.float32)"),
        ),
        wrong(
            exercise,
            "vectors_pass",
            "a vector is taken for a matrix with one column",
            "A vector has no fans: the docstring asks for ValueError, which your function fans raises.",
            LIBRARIES,
            (
                "fan_in, fan_out = fans(shape)",
                "fan_in, fan_out = fans(shape if len(shape) > 1 else (*shape, 1, 1))",
            ),
        ),
        wrong(
            exercise,
            "matrices_alone",
            "only a shape of two numbers is understood",
            "The shape may go on with a kernel. Your function fans counts it.",
            CLASSROOM,
            ("fan_in, fan_out = fans(shape)", "fan_out, fan_in = shape"),
        ),
    )


FANS = (
    wrong(
        "fans", "fans_swapped", "fan_in and fan_out have changed places",
        "The shape is (out, in, *kernel), and fan_in comes first in what is returned. Look at formula (2).",
        CLASSROOM, (RETURN_FANS, "return out * pixels, inputs * pixels"),
    ),
    wrong(
        "fans", "kernel_left_out", "the pixels of the kernel are not counted",
        "A unit adds up one product for each channel and each pixel: k in formula (2).",
        CLASSROOM, (RETURN_FANS, "return inputs, out"),
    ),
    wrong(
        "fans", "kernel_in_one_fan", "the pixels of the kernel are counted in fan_in alone",
        "An input takes part in one product for each output channel and each pixel, too: both fans of formula (2) have k.",
        NOTES, (RETURN_FANS, "return inputs * pixels, out"),
    ),
    wrong(
        "fans", "kernel_in_fan_out_alone", "the pixels of the kernel are counted in fan_out alone",
        "Both fans of formula (2) have k.",
        CLASSROOM, (RETURN_FANS, "return inputs, out * pixels"),
    ),
    wrong(
        "fans", "sides_added", "the sides of the kernel are added",
        "k of formula (2) is the number of pixels, the product of the sides; without a kernel it is 1.",
        CLASSROOM, (PIXELS, "pixels = sum(kernel) if kernel else 1"),
    ),
    wrong(
        "fans", "first_side_alone", "of the kernel only its first side is counted",
        "k of formula (2) is the product of all sizes after the first two.",
        CLASSROOM, (PIXELS, "pixels = kernel[0] if kernel else 1"),
    ),
    wrong(
        "fans", "vectors_pass", "a shape of one number or none is accepted",
        "A vector has no fans: the docstring asks for ValueError.",
        CLASSROOM, (REFUSAL, "    out, inputs, *kernel = (*shape, 1, 1) if len(shape) < 2 else shape\n"),
    ),
    wrong(
        "fans", "kernel_first", "the shape is read as (*kernel, in, out)",
        "Keras and JAX keep weights so. Here the shape is (out, in, *kernel), as in PyTorch: see above formula (2).",
        LIBRARIES, ("out, inputs, *kernel = shape", "*kernel, inputs, out = shape"),
    ),
    wrong(
        "fans", "channels_last", "the input channels are looked for at the end of the shape",
        "The shape is (out, in, *kernel): both numbers of channels come first.",
        LIBRARIES, ("out, inputs, *kernel = shape", "out, *kernel, inputs = shape"),
    ),
    wrong(
        "fans", "matrices_alone", "only a shape of two numbers is understood",
        "A kernel may follow the first two numbers, with any number of sizes: k of formula (2).",
        CLASSROOM, ("out, inputs, *kernel = shape", "out, inputs = shape"), (PIXELS, "pixels = 1"),
    ),
    wrong(
        "fans", "only_images", "only matrices and kernels of two sizes are understood",
        "The kernel has any number of sizes: k of formula (2) is the product of all of them.",
        CLASSROOM, ("if len(shape) < 2:", "if len(shape) not in (2, 4):"),
    ),
    wrong(
        "fans", "two_sides_alone", "of the kernel only the first two sides are counted",
        "The kernel has any number of sizes: k of formula (2) is the product of all of them.",
        CLASSROOM, (PIXELS, "pixels = int(np.prod(kernel[:2]))"),
    ),
    wrong(
        "fans", "square_kernels", "all sides of a kernel are taken to be the same",
        "A kernel may be higher than wide: k of formula (2) is the product of its sides.",
        CLASSROOM, (PIXELS, "pixels = kernel[0] ** len(kernel) if kernel else 1"),
    ),
    wrong(
        "fans", "another_exception", "a shape that is too short raises another exception than ValueError",
        "The docstring asks for ValueError, with a sentence that says what is wrong.",
        CLASSROOM, (REFUSAL, "    out, inputs, kernel = shape[0], shape[1], shape[2:]\n"),
    ),
    wrong(
        "fans", "only_vectors_refused", "a shape of no number is accepted",
        "() has fewer than two numbers as well: the docstring names it.",
        CLASSROOM, (REFUSAL, REFUSAL.replace("< 2", "== 1").replace("= shape", "= shape or (1, 1)")),
    ),
)  # fmt: skip

XAVIER = (
    wrong(
        "xavier_uniform", "std_as_bound", "the standard deviation is taken for the bound",
        "A uniform draw between -a and a has the variance a**2/3, not a**2: that is where the 6 of formula (4) comes from.",
        NOTES, (BOUND, "a = gain * np.sqrt(2 / (fan_in + fan_out))"),
    ),
    wrong(
        "xavier_uniform", "fan_in_alone", "only fan_in is counted",
        "Formula (4) divides by the sum of both fans. 1/sqrt(fan_in) is the bound of PyTorch's default.",
        NOTES, (BOUND, "a = gain * np.sqrt(3 / fan_in)"),
    ),
    wrong(
        "xavier_uniform", "half_of_the_six", "the bound has a 3 in the place of the 6",
        "The mean of the fans is half of their sum. With the sum below the fraction, formula (4) has a 6 above.",
        CLASSROOM, (BOUND, "a = gain * np.sqrt(3 / (fan_in + fan_out))"),
    ),
    wrong(
        "xavier_uniform", "six_over_the_mean", "the 6 is divided by the mean of the fans, not by their sum",
        "In formula (4) the sum of both fans stands below the 6. The 2 of the mean is in the 6 already.",
        CLASSROOM, (BOUND, "a = gain * np.sqrt(6 / ((fan_in + fan_out) / 2))"),
    ),
    wrong(
        "xavier_uniform", "bound_of_the_default", "the bound is 1 over the root of fan_in, that of PyTorch's default",
        "Some notes call this Xavier. Formula (4) has the sum of both fans, and a 6 above it.",
        NOTES, (BOUND, "a = gain / np.sqrt(fan_in)"),
    ),
    wrong(
        "xavier_uniform", "kernel_left_out", "the pixels of the kernel are not counted",
        "Both fans of formula (4) are those of formula (2), with k. Your function fans counts them.",
        CLASSROOM, (BOUND, "a = gain * np.sqrt(6 / (shape[0] + shape[1]))"),
    ),
    wrong(
        "xavier_uniform", "no_root", "the root is missing",
        "Formula (4) takes the root of the fraction: a is a bound, the fraction three times a variance.",
        CLASSROOM, (BOUND, "a = gain * 6 / (fan_in + fan_out)"),
    ),
    wrong(
        "xavier_uniform", "gain_ignored", "the gain is not used",
        "In formula (4) the gain multiplies the bound.",
        CLASSROOM, (BOUND, "a = np.sqrt(6 / (fan_in + fan_out))"),
    ),
    wrong(
        "xavier_uniform", "gain_under_the_root", "the gain stands under the root",
        "In formula (4) the gain multiplies the root: it is a factor of the size, not of the variance.",
        CLASSROOM, (BOUND, "a = np.sqrt(gain * 6 / (fan_in + fan_out))"),
    ),
    wrong(
        "xavier_uniform", "only_positive", "the draw is from 0 to a",
        "Formula (4) draws between -a and a: the weights have mean 0.",
        CLASSROOM, (UNIFORM, "return rng.uniform(0, a, size=shape)"),
    ),
    wrong(
        "xavier_uniform", "normal_draws", "the draw is normal, not uniform",
        "Formula (4) draws uniformly between -a and a. With a normal draw it would be xavier_normal.",
        CLASSROOM, (UNIFORM, "return rng.normal(0, np.sqrt(2 / (fan_in + fan_out)) * gain, size=shape)"),
    ),
    wrong(
        "xavier_uniform", "own_generator", "the numbers do not come from rng",
        "Draw from the generator that is handed in: with another one nobody can repeat the start.",
        CLASSROOM, (UNIFORM, "return np.random.default_rng(0).uniform(-a, a, size=shape)"),
    ),
    wrong(
        "xavier_uniform", "drawn_twice", "rng is drawn from twice",
        "Draw the array once. What is drawn and thrown away changes all that is drawn after it.",
        CLASSROOM, (UNIFORM, "W = rng.uniform(-a, a, size=shape)\n    rng.random()\n    return W"),
    ),
    wrong(
        "xavier_uniform", "bound_of_he", "the 6 is divided by fan_in alone, as for a ReLU",
        "That is He's bound, with one fan. Formula (4) has the sum of both.",
        LIBRARIES, (BOUND, "a = gain * np.sqrt(6 / fan_in)"),
    ),
    wrong(
        "xavier_uniform", "geometric_mean", "the fans are multiplied, and the root taken, for their mean",
        "Formula (4) has the sum of both fans: twice their mean.",
        CLASSROOM, (BOUND, "a = gain * np.sqrt(3 / np.sqrt(fan_in * fan_out))"),
    ),
    wrong(
        "xavier_uniform", "mean_of_the_bounds", "the bounds of both fans are averaged",
        "Formula (4) averages the fans, within the fraction: their sum stands below the 6.",
        CLASSROOM, (BOUND, "a = gain * (np.sqrt(3 / fan_in) + np.sqrt(3 / fan_out)) / 2"),
    ),
    wrong(
        "xavier_uniform", "root_of_the_six_alone", "the fans do not stand under the root",
        "The root of formula (4) reaches over the whole fraction, the fans below it too.",
        CLASSROOM, (BOUND, "a = gain * np.sqrt(6) / (fan_in + fan_out)"),
    ),
    *draws("xavier_uniform", UNIFORM),
)  # fmt: skip

HE = (
    wrong(
        "he_normal", "variance_as_std", "the variance is taken for the standard deviation",
        "rng.normal takes the standard deviation, the root in formula (6).",
        CLASSROOM, (STD, "std = 2 / ((1 + slope**2) * fan)"),
    ),
    wrong(
        "he_normal", "no_two", "the 2 is missing",
        "The ReLU halves the mean square, formula (5), and the 2 in formula (6) makes up for it.",
        NOTES, (STD, "std = np.sqrt(1 / ((1 + slope**2) * fan))"),
    ),
    wrong(
        "he_normal", "root_of_the_two_alone", "the fan does not stand under the root",
        "The root of formula (6) reaches over the whole fraction, the fan below it too.",
        CLASSROOM, (STD, "std = np.sqrt(2 / (1 + slope**2)) / fan"),
    ),
    wrong(
        "he_normal", "times_the_fan", "the 2 is multiplied by the fan, not divided by it",
        "In formula (6) the fan stands below the line: the more terms, the smaller each weight. 2 / a * b is not 2 / (a * b).",
        CLASSROOM, (STD, "std = np.sqrt(2 / (1 + slope**2) * fan)"),
    ),
    wrong(
        "he_normal", "mode_ignored", "the mode is not used",
        'fan in formula (6) is fan_out where the mode is "fan_out".',
        CLASSROOM, (FAN, "fan = fan_in"),
    ),
    wrong(
        "he_normal", "modes_swapped", "the two modes have changed places",
        "The mode names the fan that formula (6) divides by.",
        CLASSROOM, (FAN, 'fan = fan_out if mode == "fan_in" else fan_in'),
    ),
    wrong(
        "he_normal", "both_fans", "the mean of both fans is taken",
        "That is Xavier's. He's formula (6) divides by one fan, which the mode names.",
        CLASSROOM, (FAN, "fan = (fan_in + fan_out) / 2"),
    ),
    wrong(
        "he_normal", "slope_not_squared", "the slope is not squared",
        "Formula (5) is about squares: a slope of 0.2 keeps 0.04 of the squares of the negative half.",
        CLASSROOM, (STD, "std = np.sqrt(2 / ((1 + slope) * fan))"),
    ),
    wrong(
        "he_normal", "slope_above_the_line", "1 + slope**2 stands above the line",
        "A leaky ReLU keeps more of the signal, so its weights are smaller: in formula (6) 1 + slope squared divides.",
        CLASSROOM, (STD, "std = np.sqrt(2 * (1 + slope**2) / fan)"),
    ),
    wrong(
        "he_normal", "slope_ignored", "the slope is not used",
        "A leaky ReLU keeps more of the signal than a ReLU does, so its weights are smaller: formula (6).",
        CLASSROOM, (STD, "std = np.sqrt(2 / fan)"),
    ),
    wrong(
        "he_normal", "any_mode_passes", "any word passes for a mode",
        'The docstring allows "fan_in" and "fan_out", and asks for ValueError for other words.',
        CLASSROOM, (MODES, ""),
    ),
    wrong(
        "he_normal", "uniform_draws", "the draw is uniform, not normal",
        "Formula (6) draws from a normal distribution.",
        CLASSROOM, (NORMAL, "return rng.uniform(-(3**0.5) * std, 3**0.5 * std, size=shape)"),
    ),
    wrong(
        "he_normal", "own_generator", "the numbers do not come from rng",
        "Draw from the generator that is handed in: with another one nobody can repeat the start.",
        CLASSROOM, (NORMAL, "return np.random.default_rng(0).normal(0.0, std, size=shape)"),
    ),
    wrong(
        "he_normal", "kernel_left_out", "the pixels of the kernel are not counted",
        "The fan of formula (6) is one of formula (2), with k. Your function fans counts it.",
        CLASSROOM, (FAN, 'fan = shape[1] if mode == "fan_in" else shape[0]'),
    ),
    wrong(
        "he_normal", "mean_of_fans_passes", 'the mode "fan_avg" is accepted',
        'The docstring allows "fan_in" and "fan_out", and asks for ValueError for other words.',
        LIBRARIES,
        ('if mode not in ("fan_in", "fan_out"):', 'if mode not in ("fan_in", "fan_out", "fan_avg"):'),
        (FAN, 'fan = {"fan_in": fan_in, "fan_out": fan_out}.get(mode, (fan_in + fan_out) / 2)'),
    ),
    wrong(
        "he_normal", "another_exception", "an unknown mode raises another exception than ValueError",
        "The docstring asks for ValueError, with a sentence that says what is wrong.",
        CLASSROOM, (MODES, ""), (FAN, 'fan = {"fan_in": fan_in, "fan_out": fan_out}[mode]'),
    ),
    wrong(
        "he_normal", "leaky_by_default", "a slope of 0 counts as 0.01",
        "A slope of 0 is the plain ReLU: 1 + slope squared is 1 in formula (6).",
        LIBRARIES, (STD, "std = np.sqrt(2 / ((1 + (slope or 0.01) ** 2) * fan))"),
    ),
    wrong(
        "he_normal", "slope_outside_the_root", "1 + slope**2 stands outside the root",
        "The root of formula (6) reaches over the whole fraction.",
        CLASSROOM, (STD, "std = np.sqrt(2 / fan) / (1 + slope**2)"),
    ),
    wrong(
        "he_normal", "square_of_the_sum", "1 + slope is squared as a whole",
        "In formula (6) only the slope is squared, before the 1 is added.",
        CLASSROOM, (STD, "std = np.sqrt(2 / ((1 + slope) ** 2 * fan))"),
    ),
    wrong(
        "he_normal", "minus_the_square", "slope**2 is subtracted from 1",
        "A leaky ReLU keeps some of the negative half: formula (5) adds its square.",
        CLASSROOM, (STD, "std = np.sqrt(2 / (abs(1 - slope**2) * fan))"),
    ),
    wrong(
        "he_normal", "negative_slope_refused", "a negative slope is refused",
        "The slope is any number: only its square counts in formula (6).",
        CLASSROOM, (MODES, f"{MODES}    if slope < 0:\n        raise ValueError('slope should be 0 or more')\n"),
    ),
    wrong(
        "he_normal", "widened", "the deviation is divided by 0.8796, as for a truncated draw",
        "Keras and JAX cut the normal off and widen it. Formula (6) draws from the whole of it.",
        LIBRARIES, (NORMAL, "return rng.normal(0.0, std / 0.8796, size=shape)"),
    ),
    *draws("he_normal", NORMAL),
)  # fmt: skip

MLP = (
    wrong(
        "MLP", "weights_of_shape_in_out", "weights have the shape (in, out)",
        "init is called with (out, in), as PyTorch keeps weights, and formula (7) transposes them.",
        LIBRARIES,
        (INIT, "self.weights.append(init((inputs, outputs), rng))"), (LINEAR, "y = h @ W + b"),
        (DW, "dW = h.T @ dy"), (BACK, "dy = (dy @ W.T) * (h > 0)"),
    ),
    wrong(
        "MLP", "relu_after_the_last", "the last layer has a ReLU too",
        "Formula (8) is for every layer but the last: the result may be negative.",
        CLASSROOM, ("return y\n", "return h\n"),
    ),
    wrong(
        "MLP", "no_relu", "there is no ReLU",
        "Formula (8) stands between every two layers. Without it the whole network is one linear map.",
        CLASSROOM, (RELU, "h = y"),
    ),
    wrong(
        "MLP", "no_mask_on_the_way_back", "the gradient passes units that were off",
        "The bracket of formula (10) is 0 where the ReLU cut off: nothing goes back through these.",
        CLASSROOM, (BACK, "dy = dy @ W"),
    ),
    wrong(
        "MLP", "slope_1_at_0", "the slope of the ReLU at 0 is 1",
        "The bracket of formula (10) holds where y is above 0, not at 0.",
        CLASSROOM,
        (KEEP, "self.inputs = []\n        self.masks = [True]"),
        (RELU, "self.masks.append(y >= 0)\n            h = np.maximum(0.0, y)"),
        (BACK, "dy = (dy @ W) * self.masks[len(self.weights) - len(grads)]"),
    ),
    wrong(
        "MLP", "last_layer_masked", "the gradient of the last layer is cut off too",
        "The bracket of formula (10) belongs to layers with a ReLU. The last has none: its dy comes as it is.",
        CLASSROOM,
        (KEEP, "self.inputs = []\n        self.outputs = []"),
        (LINEAR, "y = h @ W.T + b\n            self.outputs.append(y)"),
        ("        grads = []\n", "        grads = []\n        dy = dy * (self.outputs[-1] > 0)\n"),
    ),
    wrong(
        "MLP", "gradient_from_before_the_relu", "dW is made from what stood before the ReLU",
        "Formula (9) has h, what the layer got: the ReLU has acted on it.",
        CLASSROOM,
        (KEEP, "self.inputs = []\n        y = x"), (APPEND, "self.inputs.append(y)"),
    ),
    wrong(
        "MLP", "dW_transposed", "dW has the shape (in, out)",
        "dW has the shape of W, (out, in): formula (9) transposes dy, not h.",
        CLASSROOM, (DW, "dW = h.T @ dy"),
    ),
    wrong(
        "MLP", "way_back_transposed", "the weight is transposed on the way back",
        "On the way there formula (7) transposes W; on the way back (10) takes it as it is. Square weights hide it.",
        CLASSROOM, (BACK, "dy = (dy @ W.T) * (h > 0)"),
    ),
    wrong(
        "MLP", "means_over_the_rows", "gradients are means over the rows",
        "Formula (9) adds up over the rows. Where the loss is a mean, dy has the 1/N already.",
        CLASSROOM, (DW, "dW = dy.T @ h / len(dy)"), (DB, "db = dy.mean(axis=0)"),
    ),
    wrong(
        "MLP", "output_first", "the gradients come from the last layer on",
        "The pairs are wanted in the order of weights and biases: from the input on.",
        CLASSROOM, (RETURN_GRADS, "return grads"),
    ),
    wrong(
        "MLP", "first_forward_kept", "backward goes by the first forward",
        "Each forward starts its notes anew: backward is for the latest.",
        CLASSROOM,
        (KEEP, "first = not hasattr(self, 'inputs')\n        self.inputs = [] if first else self.inputs"),
        (APPEND, "if first:\n                self.inputs.append(h)"),
    ),
    wrong(
        "MLP", "fresh_generator_a_layer", "every layer gets a generator of its own",
        "Hand rng itself to init. With a fresh generator of one seed all layers start from the same numbers.",
        CLASSROOM, (INIT, "self.weights.append(init((outputs, inputs), np.random.default_rng(0)))"),
    ),
    wrong(
        "MLP", "last_layer_drawn_first", "the weights are drawn from the output on",
        "init is called for the first layer first: the order decides which numbers a layer gets.",
        CLASSROOM,
        ("in zip(sizes[1:], sizes[:-1], strict=True):", "in zip(sizes[:0:-1], sizes[-2::-1], strict=True):"),
        (INIT, "self.weights.insert(0, init((outputs, inputs), rng))"),
        (ZEROS, "self.biases.insert(0, np.zeros(outputs))"),
    ),
    wrong(
        "MLP", "biases_drawn", "the biases are drawn too",
        "Biases start at 0: the weights alone break the symmetry.",
        LIBRARIES, (ZEROS, "self.biases.append(rng.uniform(-1, 1, size=outputs) / np.sqrt(inputs))"),
    ),
    wrong(
        "MLP", "biases_left_out", "forward does not add the biases",
        "Formula (7) adds b to every row.",
        CLASSROOM, (LINEAR, "y = h @ W.T"),
    ),
    wrong(
        "MLP", "biases_not_summed", "db is one row for each example",
        "A bias acts on every row, so formula (9) adds up what comes back from each.",
        CLASSROOM, (DB, "db = dy"),
    ),
    wrong(
        "MLP", "copies_at_the_start", "forward uses copies from the constructor",
        "Every forward reads weights and biases as they are now: training changes them.",
        CLASSROOM,
        ("h = x\n", "h = x\n        kept = self.__dict__.setdefault('kept', [np.array(W) for W in self.weights])\n"),
        ("for W, b in zip(self.weights, self.biases, strict=True):", "for W, b in zip(kept, self.biases, strict=True):"),
    ),
    wrong(
        "MLP", "notes_used_up", "backward uses up what forward has kept",
        "backward may be called again after one forward: leave the notes as they are.",
        CLASSROOM, (RETURN_GRADS, "self.inputs = [0 * h for h in self.inputs]\n        return grads[::-1]"),
    ),
    wrong(
        "MLP", "drawn_the_other_way", "each weight is drawn as (in, out) and transposed",
        "init is called with (out, in), and what it returns is the weight.",
        LIBRARIES, (INIT, "self.weights.append(init((inputs, outputs), rng).T)"),
    ),
    wrong(
        "MLP", "notes_of_the_class", "what forward has seen is kept by the class and not by the instance",
        "Two instances share nothing. What belongs to one of them is kept in self.",
        CLASSROOM, (KEEP, "type(self).inputs = []"),
    ),
    wrong(
        "MLP", "sign_of_the_gradient", "negative gradients are cut off on the way back",
        "The bracket of formula (10) asks for the sign of y, what the layer gave, and not for that of the gradient.",
        "guided backpropagation", (BACK, "dy = np.maximum(0.0, dy @ W)"),
    ),
    wrong(
        "MLP", "times_h", "the gradient is multiplied by h",
        "The bracket of formula (10) is 1 or 0: whether the unit was on, not how far.",
        CLASSROOM, (BACK, "dy = (dy @ W) * h"),
    ),
    wrong(
        "MLP", "two_lists", "the gradients of all weights come first, and then those of all biases",
        "backward returns one pair (dW, db) for each layer.",
        CLASSROOM, (RETURN_GRADS, "return [tuple(dW for dW, _ in grads[::-1]), tuple(db for _, db in grads[::-1])]"),
    ),
    wrong(
        "MLP", "gradients_add_up", "gradients are added to those of the backward before",
        "PyTorch's .grad adds up. Here backward returns the gradients of this call.",
        LIBRARIES,
        (RETURN_GRADS,
         "old = self.__dict__.setdefault('sums', [(0.0, 0.0)] * len(grads))\n"
         "        self.sums = [(A + dW, b + db) for (A, b), (dW, db) in zip(old, grads[::-1], strict=True)]\n"
         "        return self.sums"),
    ),
    wrong(
        "MLP", "notes_popped", "backward takes the notes of forward away, so that a second call fails",
        "backward may be called again after one forward: leave the notes as they are.",
        CLASSROOM,
        ("for W, h in zip(reversed(self.weights), reversed(self.inputs), strict=True):\n",
         "for W in reversed(self.weights):\n            h = self.inputs.pop()\n"),
    ),
    wrong(
        "MLP", "single_row_flattened", "a single row comes back without its axis",
        "N may be 1: y has the shape (N, out) all the same.",
        CLASSROOM, ("        return y\n", "        return y[0] if len(y) == 1 else y\n"),
    ),
    wrong(
        "MLP", "replacements_not_seen", "forward goes on with the arrays that stood in the lists at first",
        "Weights may be replaced in their list: read them there at every forward.",
        CLASSROOM,
        ("h = x\n", "h = x\n        kept = self.__dict__.setdefault('kept', list(zip(self.weights, self.biases, strict=True)))\n"),
        ("for W, b in zip(self.weights, self.biases, strict=True):", "for W, b in kept:"),
    ),
)  # fmt: skip

LSUV = (
    wrong(
        "lsuv", "unbiased_variance", "the variance is divided by one less than the count",
        "Formula (11) divides by N times out, all numbers of the layer's output.",
        CLASSROOM, (SCALE, "scaled.append(W / (h @ W.T).std(ddof=1))"),
    ),
    wrong(
        "lsuv", "size_in_place_of_spread", "the mean is not subtracted",
        "Formula (11) takes the variance around the mean of the layer's output; behind a ReLU that is not 0.",
        CLASSROOM, (SCALE, "scaled.append(W / np.sqrt(((h @ W.T) ** 2).mean()))"),
    ),
    wrong(
        "lsuv", "each_unit_by_itself", "every unit is scaled by itself",
        "One positive number for each weight matrix: formula (11) has one variance for the whole layer.",
        CLASSROOM, (SCALE, "scaled.append(W / (h @ W.T).std(axis=0)[:, None])"),
    ),
    wrong(
        "lsuv", "divided_by_the_variance", "weights are divided by the variance",
        "Half the weight is a quarter of the variance. What is to be divided by, so that formula (11) holds?",
        CLASSROOM, (SCALE, "scaled.append(W / (h @ W.T).var())"),
    ),
    wrong(
        "lsuv", "multiplied_by_the_spread", "weights are multiplied by the spread of the output",
        "A layer whose output spreads too far needs smaller weights.",
        CLASSROOM, (SCALE, "scaled.append(W * (h @ W.T).std())"),
    ),
    wrong(
        "lsuv", "spread_of_the_weights", "every weight is divided by its own spread",
        "Formula (11) is about the output of a layer on this batch, not about the numbers in its weight.",
        CLASSROOM, (SCALE, "scaled.append(W / W.std() if W.std() else W / np.abs(W))"),
    ),
    wrong(
        "lsuv", "mean_of_the_units_variances", "the variances of the units are averaged, each around its own mean",
        "Formula (11) has one mean for the whole layer: units with different means spread it too.",
        CLASSROOM, (SCALE, "scaled.append(W / np.sqrt((h @ W.T).var(axis=0).mean()))"),
    ),
    wrong(
        "lsuv", "later_layers_see_the_old", "later layers are measured behind the weights as they were",
        "Once a layer is scaled, the next one sees something else: formula (11) is to hold for the network as it is then.",
        CLASSROOM, (NEXT, "h = np.maximum(0.0, h @ W.T)"),
    ),
    wrong(
        "lsuv", "no_relu_between", "there is no ReLU between the layers",
        "Formula (8): a layer gets what the ReLU before it hands on.",
        CLASSROOM, (NEXT, "h = h @ scaled[-1].T"),
    ),
    wrong(
        "lsuv", "behind_the_relu", "the variance is measured behind the ReLU",
        "Formula (11) is about y, before the ReLU.",
        CLASSROOM, (SCALE, "scaled.append(W / np.maximum(0.0, h @ W.T).std())"),
    ),
    wrong(
        "lsuv", "batch_in_place_of_layer", "every weight is divided by the spread of what it gets",
        "Formula (11) is about what a layer gives, not about what it gets.",
        CLASSROOM, (SCALE, "scaled.append(W / h.std())"),
    ),
    wrong(
        "lsuv", "weights_changed_in_place", "the given weights are changed",
        "The docstring asks for new arrays: W /= ... writes into the caller's.",
        CLASSROOM, (SCALE, "W /= (h @ W.T).std()\n        scaled.append(W)"),
    ),
    wrong(
        "lsuv", "last_layer_alone", "only the last weight is scaled",
        "Formula (11) is to hold for every layer.",
        CLASSROOM,
        (SCALE, "scaled.append(W / (h @ W.T).std() if len(scaled) == len(weights) - 1 else W.copy())"),
    ),
    wrong(
        "lsuv", "small_number_added", "a small number is added to what is divided by",
        "No output is constant, so nothing needs care, and formula (11) is to hold exactly.",
        LIBRARIES, (SCALE, "scaled.append(W / ((h @ W.T).std() + 1e-8))"),
    ),
    wrong(
        "lsuv", "orthogonal_first", "the weights are made orthogonal before they are scaled",
        "Mishkin and Matas begin so. Here each weight is the given one times a positive number.",
        "Mishkin and Matas 2016",
        (SCALE, "left, _, right = np.linalg.svd(W, full_matrices=False)\n"
                "        W = left @ right\n        scaled.append(W / (h @ W.T).std())"),
    ),
    wrong(
        "lsuv", "centred_for_the_next", "the mean is taken off before the ReLU as well",
        "The mean of formula (11) is for the variance alone: the next layer gets what formulas (7) and (8) hand on.",
        "batch normalisation, lesson 08",
        (NEXT, "h = h @ scaled[-1].T\n        h = np.maximum(0.0, h - h.mean())"),
    ),
    wrong(
        "lsuv", "relu_on_the_batch", "the ReLU acts on the batch already",
        "A ReLU stands between two layers: the first one gets x as it is.",
        CLASSROOM, ("    h = x\n", "    h = np.maximum(0.0, x)\n"),
    ),
    wrong(
        "lsuv", "norm_of_the_output", "weights are divided by the norm of the output",
        "A norm grows with the number of rows. Formula (11) has a mean of squares.",
        CLASSROOM, (SCALE, "scaled.append(W / np.linalg.norm(h @ W.T))"),
    ),
    wrong(
        "lsuv", "kept_where_right", "a weight that is right already is handed back itself",
        "Nothing returned shares memory with what was handed in, also where nothing has to change.",
        CLASSROOM, (SCALE, "std = (h @ W.T).std()\n        scaled.append(W if abs(std - 1) < 1e-12 else W / std)"),
    ),
    wrong(
        "lsuv", "mean_of_the_units_spreads", "the spreads of the units are averaged",
        "Formula (11) has one mean and one variance for a whole layer: roots and means do not change places.",
        CLASSROOM, (SCALE, "scaled.append(W / (h @ W.T).std(axis=0).mean())"),
    ),
    wrong(
        "lsuv", "each_row_by_itself", "the spread is taken over the units, for each example, and averaged",
        "The sum of formula (11) runs over examples and units together.",
        CLASSROOM, (SCALE, "scaled.append(W / max((h @ W.T).std(axis=1).mean(), 1e-12))"),
    ),
    wrong(
        "lsuv", "near_enough", "a layer whose variance is within a tenth of 1 is left as it is",
        "Mishkin and Matas stop there. Here formula (11) is to hold exactly.",
        "Mishkin and Matas 2016",
        (SCALE, "std = (h @ W.T).std()\n        scaled.append(W.copy() if abs(std**2 - 1) < 0.1 else W / std)"),
    ),
    wrong(
        "lsuv", "by_formula", "the sizes come from He's formula, and not from the batch",
        "Measure: formula (11) is about the outputs on this batch.",
        "He's initialisation",
        (SCALE, "scaled.append(W * np.sqrt(2 / W.shape[1]) / np.sqrt((W**2).mean()))"),
    ),
)  # fmt: skip

MISCONCEPTIONS = FANS + XAVIER + HE + MLP + LSUV
