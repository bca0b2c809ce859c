"""Lesson 12, wrong on purpose: what each mistake changes in the reference solution; see autograder.catalogue."""

from autograder.catalogue import wrong

NOTES = "course notes"
LIBRARIES = "another library's convention"
CLASSROOM = "common in first implementations"

# What the edits replace.
MU = "mu = x.mean(axis=-1, keepdims=True)  # (1)"
VAR = "var = ((x - mu) ** 2).mean(axis=-1, keepdims=True)  # (2)"
STD = "std = np.sqrt(var + eps)"
Y = "y = gamma * x_hat + beta  # (4)"
MEAN_SQUARE = "mean_square = (x**2).mean(axis=-1, keepdims=True)"
RMS = "y = gamma * x / np.sqrt(mean_square + eps)  # (5)"
ROWS = "rows = tuple(range(dy.ndim - 1))"
DBETA = "dbeta = dy.sum(axis=rows)  # (6)"
DGAMMA = "dgamma = (dy * x_hat).sum(axis=rows)  # (6)"
DX_HAT = "dx_hat = dy * gamma"
ALONG_MU = "along_mu = dx_hat.mean(axis=-1, keepdims=True)"
ALONG_X_HAT = "along_x_hat = x_hat * (dx_hat * x_hat).mean(axis=-1, keepdims=True)"
DX = "dx = (dx_hat - along_mu - along_x_hat) / std"
REFUSAL = (
    '        raise ValueError(f"{groups} groups can\'t share {c} channels: groups has to divide them.")\n'
)
GROUPED = "grouped = x.reshape(n, groups, -1)"
MU_GROUP = "mu = grouped.mean(axis=2, keepdims=True)  # (7)"
VAR_GROUP = "var = ((grouped - mu) ** 2).mean(axis=2, keepdims=True)  # (7)"
X_HAT_GROUP = "x_hat = ((grouped - mu) / np.sqrt(var + eps)).reshape(x.shape)  # (3)"
BESIDE = "beside = (c,) + (1,) * (x.ndim - 2)"
Y_GROUP = "return gamma.reshape(beside) * x_hat + beta.reshape(beside)  # (4)"
COPIES = "self.u, self.v = u.copy(), v.copy()"
COUNT = "        if n_iterations < 1:\n"
TRAINING = "if self.training:"
LOOP = "for _ in range(self.n_iterations):"
MATRIX = "matrix = W.reshape(len(W), -1)"
WV = "Wv = matrix @ self.v"
U = "self.u = Wv / np.linalg.norm(Wv)  # (8)"
WU = "Wu = matrix.T @ self.u"
V = "self.v = Wu / np.linalg.norm(Wu)  # (9)"
SIGMA = "sigma = self.u @ matrix @ self.v"
DIVIDED = "return W / sigma  # (10)"

FORWARD = (
    wrong(
        "layer_norm_forward", "over_the_batch", "mean and variance are taken over the batch, as in batch norm",
        "In formulas (1) and (2) the sum runs over the D entries of one row: the last axis. Over the batch it would be "
        "batch normalisation.",
        CLASSROOM,
        (MU, "mu = x.mean(axis=0, keepdims=True)"), (VAR, "var = ((x - mu) ** 2).mean(axis=0, keepdims=True)"),
    ),
    wrong(
        "layer_norm_forward", "one_mean_for_all", "one mean and one variance are used for all rows",
        "Each row has a mean and a variance of its own: the sums of formulas (1) and (2) run over the last axis alone.",
        CLASSROOM, (MU, "mu = x.mean()"), (VAR, "var = x.var()"),
    ),
    wrong(
        "layer_norm_forward", "unbiased_variance", "the variance is divided by D - 1, not by D",
        "Formula (2) divides by D, the number of entries of a row.",
        NOTES, (VAR, "var = x.var(axis=-1, ddof=1, keepdims=True)"),
    ),
    wrong(
        "layer_norm_forward", "eps_outside_the_root", "eps is added to the root, not under it",
        "In formula (3) eps stands under the root, beside var.",
        NOTES, (STD, "std = np.sqrt(var) + eps"),
    ),
    wrong(
        "layer_norm_forward", "no_eps", "eps is not used",
        "In formula (3) eps stands under the root. Without it a row of equal numbers is divided by 0.",
        CLASSROOM, (STD, "std = np.sqrt(var)"),
    ),
    wrong(
        "layer_norm_forward", "no_root", "x - mu is divided by the variance, not by its root",
        "The denominator of formula (3) is a root.",
        CLASSROOM, (STD, "std = var + eps"),
    ),
    wrong(
        "layer_norm_forward", "variance_around_0", "the variance is taken around 0, not around the mean",
        "Formula (2) averages the squares of x - mu. The mean of the squares of x itself is RMS norm's.",
        CLASSROOM, (VAR, "var = (x**2).mean(axis=-1, keepdims=True)"),
    ),
    wrong(
        "layer_norm_forward", "no_affine_step", "gamma and beta are not used",
        "x_hat of formula (3) is not the result yet: formula (4) scales and shifts it.",
        CLASSROOM, (Y, "y = x_hat.copy()"),
    ),
    wrong(
        "layer_norm_forward", "mean_left_in", "the mean is not subtracted: that is RMS norm with a variance",
        "The numerator of formula (3) is x - mu.",
        CLASSROOM, ("x_hat = (x - mu) / std  # (3)", "x_hat = x / std"),
    ),
    wrong(
        "layer_norm_forward", "matrices_alone", "the mean is taken over axis 1, which is the last one of a matrix alone",
        "Formulas (1) and (2) go along the last axis, and x may have one axis or several.",
        CLASSROOM,
        (MU, "mu = x.mean(axis=1, keepdims=True)"), (VAR, "var = ((x - mu) ** 2).mean(axis=1, keepdims=True)"),
    ),
    wrong(
        "layer_norm_forward", "changes_x", "x itself is changed",
        "x -= mu writes into the caller's array. Formula (3) makes a new one.",
        CLASSROOM, (VAR, "x -= mu\n    mu = 0.0\n    var = (x**2).mean(axis=-1, keepdims=True)"),
    ),
    wrong(
        "layer_norm_forward", "eps_of_keras", "the default of eps is 1e-3",
        "The signature says eps=1e-5, as PyTorch does. 1e-3 is Keras's.",
        LIBRARIES, ("eps=1e-5", "eps=1e-3"),
    ),
    wrong(
        "layer_norm_forward", "eps_of_flax", "the default of eps is 1e-6",
        "The signature says eps=1e-5, as PyTorch does. 1e-6 is Flax's, and that of RMS norm here.",
        LIBRARIES, ("eps=1e-5", "eps=1e-6"),
    ),
    wrong(
        "layer_norm_forward", "eps_twice", "eps is added under the root and to the root as well",
        "In formula (3) eps stands in one place: under the root.",
        CLASSROOM, (STD, "std = np.sqrt(var + eps) + eps"),
    ),
    wrong(
        "layer_norm_forward", "eps_as_floor", "eps is a floor of the variance and not added to it",
        "In formula (3) eps is added, to every variance.",
        CLASSROOM, (STD, "std = np.sqrt(np.maximum(var, eps))"),
    ),
    wrong(
        "layer_norm_forward", "mean_deviation", "the mean distance from mu stands in the place of the standard deviation",
        "Formula (2) averages squares, and the root of formula (3) comes after.",
        CLASSROOM, (VAR, "var = np.abs(x - mu).mean(axis=-1, keepdims=True) ** 2"),
    ),
    wrong(
        "layer_norm_forward", "variance_over_the_batch", "the mean is that of the row, and the variance that of the column",
        "Both sums, (1) and (2), run along the row.",
        CLASSROOM, (VAR, "var = ((x - mu) ** 2).mean(axis=0, keepdims=True)"),
    ),
    wrong(
        "layer_norm_forward", "shift_scaled", "beta is multiplied by gamma",
        "In formula (4) gamma scales x_hat alone; beta is added after that.",
        CLASSROOM, (Y, "y = gamma * (x_hat + beta)"),
    ),
    wrong(
        "layer_norm_forward", "shift_by_row", "one beta, the first, is added to every column",
        "beta has one number for each column: formula (4).",
        CLASSROOM, (Y, "y = gamma * x_hat + beta[0]"),
    ),
)  # fmt: skip

RMS_NORM = (
    wrong(
        "rms_norm", "variance", "the variance stands in the place of the mean square",
        "T5's code calls it variance, but formula (5) averages x squared itself: nothing is subtracted before.",
        LIBRARIES, (MEAN_SQUARE, "mean_square = x.var(axis=-1, keepdims=True)"),
    ),
    wrong(
        "rms_norm", "centred", "the mean is subtracted from x",
        "That is layer norm. Formula (5) leaves the mean where it is.",
        CLASSROOM, (MEAN_SQUARE, "x = x - x.mean(axis=-1, keepdims=True)\n    " + MEAN_SQUARE),
    ),
    wrong(
        "rms_norm", "sum_of_squares", "the squares are added up, not averaged",
        "Formula (5) divides the sum of the squares by D: the result does not depend on how long the row is.",
        CLASSROOM, (MEAN_SQUARE, "mean_square = (x**2).sum(axis=-1, keepdims=True)"),
    ),
    wrong(
        "rms_norm", "eps_outside_the_root", "eps is added to the root, not under it",
        "In formula (5) eps stands under the root, beside the mean of the squares.",
        LIBRARIES, (RMS, "y = gamma * x / (np.sqrt(mean_square) + eps)"),
    ),
    wrong(
        "rms_norm", "no_eps", "eps is not used",
        "In formula (5) eps stands under the root. Without it a row of zeros is divided by 0.",
        CLASSROOM, (RMS, "y = gamma * x / np.sqrt(mean_square)"),
    ),
    wrong(
        "rms_norm", "no_root", "x is divided by the mean square, not by its root",
        "The denominator of formula (5) is a root: twice the row has to give the same result.",
        CLASSROOM, (RMS, "y = gamma * x / (mean_square + eps)"),
    ),
    wrong(
        "rms_norm", "over_the_batch", "the mean is taken over the first axis",
        "The sum of formula (5) runs over the D entries of one row: the last axis.",
        CLASSROOM, (MEAN_SQUARE, "mean_square = (x**2).mean(axis=0, keepdims=True)"),
    ),
    wrong(
        "rms_norm", "one_mean_for_all", "one mean square is used for all rows",
        "Each row has a mean square of its own: the sum of formula (5) runs over the last axis alone.",
        CLASSROOM, (MEAN_SQUARE, "mean_square = (x**2).mean()"),
    ),
    wrong(
        "rms_norm", "no_gamma", "gamma is not used",
        "Formula (5) multiplies by gamma, one number for each column.",
        CLASSROOM, (RMS, "y = x / np.sqrt(mean_square + eps)"),
    ),
    wrong(
        "rms_norm", "eps_of_layer_norm", "the default of eps is 1e-5",
        "The signature says eps=1e-6, as in T5. 1e-5 is layer norm's.",
        LIBRARIES, ("eps=1e-6", "eps=1e-5"),
    ),
    wrong(
        "rms_norm", "eps_of_torch", "the default of eps is that of the precision",
        "The signature says eps=1e-6, as in T5. PyTorch's layer takes the smallest step of its numbers.",
        LIBRARIES, ("eps=1e-6", "eps=2**-52"),
    ),
    wrong(
        "rms_norm", "eps_twice", "eps is added under the root and to the root as well",
        "In formula (5) eps stands in one place: under the root.",
        CLASSROOM, (RMS, "y = gamma * x / (np.sqrt(mean_square + eps) + eps)"),
    ),
    wrong(
        "rms_norm", "eps_as_floor", "eps is a floor of the mean square and not added to it",
        "In formula (5) eps is added, to every mean square.",
        CLASSROOM, (RMS, "y = gamma * x / np.sqrt(np.maximum(mean_square, eps))"),
    ),
    wrong(
        "rms_norm", "eps_to_every_square", "eps is added to every square before they are added up, and again under the root",
        "In formula (5) eps stands in one place: under the root, beside the mean.",
        CLASSROOM, (MEAN_SQUARE, "mean_square = (x**2 + eps).mean(axis=-1, keepdims=True)"),
    ),
    wrong(
        "rms_norm", "mean_size", "the mean of the absolute values stands in the place of the root mean square",
        "Formula (5) averages squares; the root comes after.",
        CLASSROOM, (MEAN_SQUARE, "mean_square = np.abs(x).mean(axis=-1, keepdims=True) ** 2"),
    ),
    wrong(
        "rms_norm", "matrices_alone", "the mean is taken over axis 1, which is the last one of a matrix alone",
        "Formula (5) goes along the last axis, and x may have one axis or several.",
        CLASSROOM, (MEAN_SQUARE, "mean_square = (x**2).mean(axis=1, keepdims=True)"),
    ),
    wrong(
        "rms_norm", "gamma_first", "gamma multiplies before the mean square is taken",
        "Formula (5) divides x by its own size; gamma scales what comes out.",
        CLASSROOM, (MEAN_SQUARE, "x, gamma = gamma * x, 1.0\n    " + MEAN_SQUARE),
    ),
    wrong(
        "rms_norm", "divided_by_the_one_less", "the sum of the squares is divided by one less than their number",
        "Formula (5) divides by D.",
        CLASSROOM,
        (MEAN_SQUARE, "mean_square = (x**2).sum(axis=-1, keepdims=True) / (x.shape[-1] - 1)"),
    ),
    wrong(
        "rms_norm", "changes_x", "x itself is changed",
        "x *= gamma writes into the caller's array. Make a new one.",
        CLASSROOM, (RMS, "x *= gamma\n    y = x / np.sqrt(mean_square + eps)"),
    ),
)  # fmt: skip

BACKWARD = (
    wrong(
        "layer_norm_backward", "statistics_as_constants", "mu and var are treated as constants",
        "x also acts through mu and var, which depend on every entry of its row. Batch norm's gradient has two terms for "
        "that beside dx_hat, and layer norm's has the same two.",
        CLASSROOM, (DX, "dx = dx_hat / std"),
    ),
    wrong(
        "layer_norm_backward", "no_path_through_mu", "the path through the mean is missing",
        "A number added to a whole row changes nothing in y, so each row of dx adds up to 0. Which term sees to that?",
        CLASSROOM, (DX, "dx = (dx_hat - along_x_hat) / std"),
    ),
    wrong(
        "layer_norm_backward", "no_path_through_var", "the path through the variance is missing",
        "A row that is stretched gives the same y, so dx has no part along x_hat, but for what eps leaves. Which term "
        "sees to that?",
        CLASSROOM, (DX, "dx = (dx_hat - along_mu) / std"),
    ),
    wrong(
        "layer_norm_backward", "gamma_outside", "gamma multiplies at the end, as it may in batch norm",
        "In batch norm one gamma belongs to all that a mean runs over, so it can be taken out. Here a mean runs over "
        "entries with different gammas: it has to be of dy times gamma.",
        NOTES,
        (DX_HAT, "dx_hat = dy"), (DX, "dx = gamma * (dx_hat - along_mu - along_x_hat) / std"),
    ),
    wrong(
        "layer_norm_backward", "gamma_in_the_first_term_alone", "gamma is in the first term alone, not in the two means",
        "Every term of the bracket comes from the gradient with respect to x_hat. What is that, for one entry?",
        CLASSROOM,
        (ALONG_MU, "along_mu = dy.mean(axis=-1, keepdims=True)"),
        (ALONG_X_HAT, "along_x_hat = x_hat * (dy * x_hat).mean(axis=-1, keepdims=True)"),
    ),
    wrong(
        "layer_norm_backward", "gamma_twice", "gamma is inside the means and in front of the bracket too",
        "gamma multiplies once on the way there, and once on the way back: inside or in front, not both.",
        CLASSROOM, (DX, "dx = gamma * (dx_hat - along_mu - along_x_hat) / std"),
    ),
    wrong(
        "layer_norm_backward", "gamma_in_dgamma", "dgamma is multiplied by gamma",
        "gamma stands beside x_hat in formula (4), so its gradient has x_hat and dy in it, and no gamma: formula (6).",
        CLASSROOM, (DGAMMA, "dgamma = (dy * gamma * x_hat).sum(axis=rows)"),
    ),
    wrong(
        "layer_norm_backward", "gamma_missing", "dx is computed from dy, without gamma",
        "Formula (4) multiplies x_hat by gamma, and so does the way back through it.",
        CLASSROOM, (DX_HAT, "dx_hat = dy"),
    ),
    wrong(
        "layer_norm_backward", "first_axis_only", "dgamma and dbeta are summed over the first axis alone",
        "gamma and beta have the shape (D,), and so have their gradients: formula (6) sums over every axis but the last.",
        CLASSROOM, (ROWS, "rows = 0 if dy.ndim > 1 else ()"),
    ),
    wrong(
        "layer_norm_backward", "means_over_the_batch", "the means in dx run over the batch",
        "What shares a mean on the way back is what shared it on the way there: the entries of one row.",
        CLASSROOM,
        (ALONG_MU, "along_mu = dx_hat.mean(axis=0)"), (ALONG_X_HAT, "along_x_hat = x_hat * (dx_hat * x_hat).mean(axis=0)"),
    ),
    wrong(
        "layer_norm_backward", "means_in_dgamma_and_dbeta", "dgamma and dbeta are means over the rows, not sums",
        "gamma and beta act on every row, and formula (6) adds up what comes back from each.",
        CLASSROOM,
        (DBETA, "dbeta = dy.mean(axis=rows)"), (DGAMMA, "dgamma = (dy * x_hat).mean(axis=rows)"),
    ),
    wrong(
        "layer_norm_backward", "sums_instead_of_means", "dx has sums in the place of its means",
        "mu and var are means over a row, and each sends 1/D of its own gradient to every entry.",
        CLASSROOM,
        (ALONG_MU, "along_mu = dx_hat.sum(axis=-1, keepdims=True)"),
        (ALONG_X_HAT, "along_x_hat = x_hat * (dx_hat * x_hat).sum(axis=-1, keepdims=True)"),
    ),
    wrong(
        "layer_norm_backward", "not_divided_by_std", "dx is not divided by the standard deviation",
        "Formula (3) divides by the root of var + eps, and so does the way back.",
        CLASSROOM, (DX, "dx = dx_hat - along_mu - along_x_hat"),
    ),
    wrong(
        "layer_norm_backward", "changes_dy", "dy itself is changed",
        "dy *= gamma writes into the caller's array, and a second call finds other numbers there.",
        CLASSROOM, (DX_HAT, "dy *= gamma\n    dx_hat = dy"),
    ),
    wrong(
        "layer_norm_backward", "divided_by_one_less", "the means in dx are divided by D - 1",
        "mu and var are means over all D entries of a row, and so are the means on the way back.",
        CLASSROOM,
        (ALONG_MU, "along_mu = dx_hat.sum(axis=-1, keepdims=True) / (dy.shape[-1] - 1)"),
        (ALONG_X_HAT, "along_x_hat = x_hat * (dx_hat * x_hat).sum(axis=-1, keepdims=True) / (dy.shape[-1] - 1)"),
    ),
    wrong(
        "layer_norm_backward", "batch_norms_line", "dx is batch norm's line as it stands, with means over the batch",
        "What shares a mean is one row now, and its entries have different gammas. See the three hints.",
        "batch normalisation, lesson 08",
        (DX_HAT, "dx_hat = dy"),
        (ALONG_MU, "along_mu = dx_hat.mean(axis=0)"), (ALONG_X_HAT, "along_x_hat = x_hat * (dx_hat * x_hat).mean(axis=0)"),
        (DX, "dx = gamma * (dx_hat - along_mu - along_x_hat) / std"),
    ),
    wrong(
        "layer_norm_backward", "one_mean_for_all", "the means in dx run over all rows together",
        "What shares a mean on the way back is what shared it on the way there: the entries of one row.",
        CLASSROOM,
        (ALONG_MU, "along_mu = dx_hat.mean()"), (ALONG_X_HAT, "along_x_hat = x_hat * (dx_hat * x_hat).mean()"),
    ),
    wrong(
        "layer_norm_backward", "sums_along_the_rows", "dgamma and dbeta are summed along the rows",
        "gamma and beta belong to the columns: formula (6) sums over every axis but the last.",
        CLASSROOM, (ROWS, "rows = -1"),
    ),
    wrong(
        "layer_norm_backward", "summed_for_a_single_row_too", "dgamma and dbeta are summed over the first axis, whatever it is",
        "Where x has one axis there are no rows to add up, and where it has three there are two axes of them: formula (6).",
        CLASSROOM, (ROWS, "rows = 0"),
    ),
    wrong(
        "layer_norm_backward", "both_from_dx_hat", "dgamma and dbeta are made of dy times gamma",
        "Formula (6) has dy itself: gamma stands beside x_hat in formula (4), on the way to x.",
        CLASSROOM,
        (DBETA, "dbeta = (dy * gamma).sum(axis=rows)"), (DGAMMA, "dgamma = (dy * gamma * x_hat).sum(axis=rows)"),
    ),
    wrong(
        "layer_norm_backward", "exact_projection", "the part along x_hat is taken off altogether",
        "Stretching a row changes nothing in y, but for eps: dx keeps a little along x_hat. What is the mean of the "
        "squares of x_hat?",
        CLASSROOM,
        (ALONG_X_HAT, "length = np.maximum((x_hat**2).sum(axis=-1, keepdims=True), 1e-300)\n"
                      "    along_x_hat = x_hat * (dx_hat * x_hat).sum(axis=-1, keepdims=True) / length"),
    ),
    wrong(
        "layer_norm_backward", "changes_the_cache", "x_hat in the cache is changed",
        "x_hat *= ... writes into the cache, and a second call finds other numbers there.",
        CLASSROOM,
        (ALONG_X_HAT, "x_hat *= (dx_hat * x_hat).mean(axis=-1, keepdims=True)\n    along_x_hat = x_hat"),
    ),
    wrong(
        "layer_norm_backward", "divided_twice", "dx is divided by the variance and not by its root",
        "Formula (3) divides by the root of var + eps, once, and so does the way back.",
        CLASSROOM, (DX, "dx = (dx_hat - along_mu - along_x_hat) / std**2"),
    ),
    wrong(
        "layer_norm_backward", "gamma_in_the_means_alone", "gamma is in the two means, and missing in the first term",
        "Every term of the bracket comes from the gradient with respect to x_hat, the first one too.",
        CLASSROOM, (DX, "dx = (dy - along_mu - along_x_hat) / std"),
    ),
)  # fmt: skip

GROUP_NORM = (
    wrong(
        "group_norm", "interleaved", "a group takes every so-many-th channel, not neighbours",
        "In formula (7) group g holds neighbouring channels: with 6 channels in 2 groups 0, 1, 2 and 3, 4, 5.",
        CLASSROOM,
        (GROUPED, "order = np.argsort(np.arange(c) % groups, kind='stable')\n"
                  "    grouped = x[:, order].reshape(n, groups, -1)"),
        (X_HAT_GROUP, "x_hat = ((grouped - mu) / np.sqrt(var + eps)).reshape(x.shape)[:, np.argsort(order)]"),
    ),
    wrong(
        "group_norm", "size_for_number", "groups is taken for the number of channels in a group",
        "groups says how many groups there are; each holds C / groups channels.",
        CLASSROOM, (GROUPED, "grouped = x.reshape(n, c // groups, -1)"),
    ),
    wrong(
        "group_norm", "over_the_batch", "the statistics run over the batch as well",
        "Each example has statistics of its own: formula (7) sums over one group's channels and pixels, and not over N.",
        CLASSROOM,
        (MU_GROUP, "mu = grouped.mean(axis=(0, 2), keepdims=True)"),
        (VAR_GROUP, "var = ((grouped - mu) ** 2).mean(axis=(0, 2), keepdims=True)"),
    ),
    wrong(
        "group_norm", "unbiased_variance", "the variance is divided by one less than the number of entries",
        "Formula (7) divides by the number of entries of a group, as formula (2) does.",
        NOTES, (VAR_GROUP, "var = grouped.var(axis=2, ddof=1, keepdims=True)"),
    ),
    wrong(
        "group_norm", "affine_by_group", "all channels of a group get the gamma and beta of its first",
        "gamma and beta have one number for each channel, not for each group.",
        CLASSROOM,
        (Y_GROUP, "first = np.arange(c) // (c // groups) * (c // groups)\n"
                  "    return gamma[first].reshape(beside) * x_hat + beta[first].reshape(beside)"),
    ),
    wrong(
        "group_norm", "images_alone", "only images, with four axes, are understood",
        "x may have any axes after the channels, also none: let the shape of gamma and beta follow from x.ndim.",
        CLASSROOM, (BESIDE, "beside = (c, 1, 1)"),
    ),
    wrong(
        "group_norm", "a_mean_for_each_place", "every pixel has a mean of its own, over the channels of the group",
        "Formula (7) sums over all pixels of the group's channels together.",
        CLASSROOM,
        (GROUPED, "grouped = x.reshape(n, groups, c // groups, -1)"),
    ),
    wrong(
        "group_norm", "eps_outside_the_root", "eps is added to the root, not under it",
        "In formula (3) eps stands under the root, beside var.",
        LIBRARIES, (X_HAT_GROUP, "x_hat = ((grouped - mu) / (np.sqrt(var) + eps)).reshape(x.shape)"),
    ),
    wrong(
        "group_norm", "no_eps", "eps is not used",
        "In formula (3) eps stands under the root. Without it a group of equal numbers is divided by 0.",
        CLASSROOM, (X_HAT_GROUP, "x_hat = ((grouped - mu) / np.sqrt(var)).reshape(x.shape)"),
    ),
    wrong(
        "group_norm", "no_affine_step", "gamma and beta are not used",
        "x_hat of formula (3) is not the result yet: formula (4) scales and shifts it.",
        CLASSROOM, (Y_GROUP, "return x_hat"),
    ),
    wrong(
        "group_norm", "not_refused", "channels that groups does not divide are cut off without a word",
        "Where groups does not divide C there is no right answer: the function raises ValueError.",
        CLASSROOM,
        ("    if c % groups != 0:\n" + REFUSAL, "    if c % groups != 0:\n        return x.copy()\n"),
    ),
    wrong(
        "group_norm", "eps_of_keras", "the default of eps is 1e-3",
        "The signature says eps=1e-5, as PyTorch does. 1e-3 is Keras's.",
        LIBRARIES, ("eps=1e-5", "eps=1e-3"),
    ),
    wrong(
        "group_norm", "eps_as_floor", "eps is a floor of the variance and not added to it",
        "In formula (3) eps is added, to every variance.",
        CLASSROOM, (X_HAT_GROUP, "x_hat = ((grouped - mu) / np.sqrt(np.maximum(var, eps))).reshape(x.shape)"),
    ),
    wrong(
        "group_norm", "each_channel_by_itself", "every channel is normalised by itself, whatever groups says",
        "That is instance norm, which formula (7) gives with C groups. Otherwise a group has several channels.",
        "instance normalisation", (GROUPED, "grouped = x.reshape(n, c, -1)"),
    ),
    wrong(
        "group_norm", "all_channels_together", "all channels are normalised together, whatever groups says",
        "That is what formula (7) gives with a single group. Otherwise there are several means for an example.",
        "layer normalisation of images", (GROUPED, "grouped = x.reshape(n, 1, -1)"),
    ),
    wrong(
        "group_norm", "by_turns", "the entries of an example are dealt out to the groups by turns",
        "In a reshape neighbours stay neighbours along the last axis. In formula (7) the channels of a group are neighbours.",
        CLASSROOM,
        (GROUPED, "grouped = x.reshape(n, -1, groups)"),
        (MU_GROUP, "mu = grouped.mean(axis=1, keepdims=True)"),
        (VAR_GROUP, "var = ((grouped - mu) ** 2).mean(axis=1, keepdims=True)"),
    ),
    wrong(
        "group_norm", "mean_of_the_channels_variances", "the variances of the channels are averaged, each around its own mean",
        "Formula (7) has one mean for the whole group: channels with different means spread it too.",
        CLASSROOM,
        (VAR_GROUP, "var = x.reshape(n, groups, c // groups, -1).var(axis=3).mean(axis=2)[..., None]"),
    ),
    wrong(
        "group_norm", "changes_x", "x itself is changed, through a reshaped view of it",
        "A reshape shares the memory of x, so what changes it in place writes into the caller's array. Make a new one.",
        CLASSROOM,
        (VAR_GROUP, "grouped -= mu\n    var = (grouped**2).mean(axis=2, keepdims=True)"),
        (X_HAT_GROUP, "x_hat = (grouped / np.sqrt(var + eps)).reshape(x.shape)"),
    ),
    wrong(
        "group_norm", "another_exception", "groups that do not divide the channels raise another exception than ValueError",
        "The docstring asks for ValueError, with a sentence that says what is wrong.",
        CLASSROOM, (REFUSAL, REFUSAL.replace("ValueError", "AssertionError")),
    ),
    wrong(
        "group_norm", "too_many_alone_refused", "only more groups than channels are refused",
        "Groups that do not divide the channels leave some over: there is no right answer either.",
        CLASSROOM, ("if c % groups != 0:", "groups = groups if c % groups == 0 or groups > c else 1\n    if groups > c:"),
    ),
    wrong(
        "group_norm", "shift_scaled", "beta is multiplied by gamma",
        "In formula (4) gamma scales x_hat alone; beta is added after that.",
        CLASSROOM, (Y_GROUP, "return gamma.reshape(beside) * (x_hat + beta.reshape(beside))"),
    ),
)  # fmt: skip

SPECTRAL_NORM = (
    wrong(
        "SpectralNorm", "v_first", "v is renewed before u",
        "Formula (8) comes first: u from the old v, then (9), v from the new u.",
        CLASSROOM,
        (f"{WV}\n                {U}", "Wu = matrix.T @ self.u\n                self.v = Wu / np.linalg.norm(Wu)"),
        (f"{WU}\n                {V}", "Wv = matrix @ self.v\n                self.u = Wv / np.linalg.norm(Wv)"),
    ),
    wrong(
        "SpectralNorm", "iterates_in_evaluation", "evaluation moves u and v too",
        "In evaluation nothing moves: formula (10) takes u and v as they are.",
        CLASSROOM, (TRAINING, "if True:"),
    ),
    wrong(
        "SpectralNorm", "sigma_kept_in_evaluation", "evaluation divides by the sigma of the last call in training",
        "In evaluation u and v stay, and sigma is still computed from the W of this call: formula (10).",
        CLASSROOM,
        (SIGMA, "if self.training or not hasattr(self, 'sigma'):\n            self.sigma = self.u @ matrix @ self.v"),
        (DIVIDED, "return W / self.sigma"),
    ),
    wrong(
        "SpectralNorm", "undivided_in_evaluation", "evaluation returns W as it is",
        "In evaluation nothing moves, but W is still divided: formula (10).",
        CLASSROOM, (DIVIDED, "return W / sigma if self.training else W.copy()"),
    ),
    wrong(
        "SpectralNorm", "length_of_W_transposed_u", "sigma is the length of W transposed times u",
        "With the v that has just been made it is the same. In evaluation v may be another one: formula (10) is u times W times v.",
        CLASSROOM, (SIGMA, "sigma = np.linalg.norm(matrix.T @ self.u)"),
    ),
    wrong(
        "SpectralNorm", "frobenius_norm", "W is divided by its Frobenius norm",
        "Formula (10) divides by sigma, the largest singular value. The Frobenius norm is the root of the sum of the "
        "squares of all of them.",
        CLASSROOM, (SIGMA, "sigma = np.linalg.norm(matrix)"),
    ),
    wrong(
        "SpectralNorm", "exact_sigma", "W is divided by its exact largest singular value",
        "Formula (10) asks for the estimate that u and v give, which costs two products and no decomposition.",
        CLASSROOM, (SIGMA, "sigma = np.linalg.norm(matrix, 2)"),
    ),
    wrong(
        "SpectralNorm", "forgets_u_and_v", "every call starts from the first u and v again",
        "Formulas (8) and (9) go on from the u and v of the call before, so that one iteration a call is enough.",
        CLASSROOM,
        (COPIES, "self.u, self.v = u.copy(), v.copy()\n        self.first = v.copy()"),
        (MATRIX, "matrix = W.reshape(len(W), -1)\n        if self.training:\n            self.v = self.first"),
    ),
    wrong(
        "SpectralNorm", "one_iteration", "n_iterations is not used",
        "A call in training makes n_iterations rounds of formulas (8) and (9).",
        CLASSROOM, (LOOP, "for _ in range(1):"),
    ),
    wrong(
        "SpectralNorm", "sigma_of_the_call_before", "sigma is that of the u and v before this call",
        "The order is (8), (9), (10): sigma belongs to the new u and v.",
        CLASSROOM,
        (f"        {SIGMA}\n", ""), (MATRIX, f"{MATRIX}\n        {SIGMA}"),
    ),
    wrong(
        "SpectralNorm", "changes_W", "W itself is changed",
        "W /= sigma writes into the caller's weights. Formula (10) makes a new array.",
        CLASSROOM, (DIVIDED, "W /= sigma\n        return W"),
    ),
    wrong(
        "SpectralNorm", "length_of_Wv", "sigma is the length of W v, with the v of before",
        "Formula (10) is u times W times v, with the new v. Only where u and v are exact do the two agree.",
        CLASSROOM,
        (MATRIX, "matrix = W.reshape(len(W), -1)\n        sigma = np.linalg.norm(matrix @ self.v)"),
        (f"        {SIGMA}\n", ""),
    ),
    wrong(
        "SpectralNorm", "not_of_length_1", "u and v are not divided by their lengths",
        "Formulas (8) and (9) divide by the lengths of W v and of W transposed times u.",
        CLASSROOM, (U, "self.u = Wv"), (V, "self.v = Wu"),
    ),
    wrong(
        "SpectralNorm", "divided_by_the_largest_entry", "u and v are divided by their largest entry, not by their length",
        "The lengths in formulas (8) and (9) are Euclidean: the root of the sum of the squares.",
        NOTES,
        (U, "self.u = Wv / np.abs(Wv).max()"), (V, "self.v = Wu / np.abs(Wu).max()"),
    ),
    wrong(
        "SpectralNorm", "not_copied", "u and v are kept without a copy",
        "What the caller does to its arrays afterwards must not matter: keep copies.",
        CLASSROOM, (COPIES, "self.u, self.v = u, v"),
    ),
    wrong(
        "SpectralNorm", "count_unchecked", "n_iterations below 1 is accepted",
        "Without an iteration nothing is ever estimated: below 1 the constructor raises ValueError.",
        CLASSROOM, (COUNT, "        if False:\n"),
    ),
    wrong(
        "SpectralNorm", "starts_in_evaluation", "a new instance is in evaluation mode",
        "A new instance is in training mode until eval() is called.",
        CLASSROOM, (f"{COPIES}\n        self.training = True", f"{COPIES}\n        self.training = False"),
    ),
    wrong(
        "SpectralNorm", "never_back_to_training", "after eval() the instance stays in evaluation mode",
        "train() switches back: from then on every call moves u and v again.",
        CLASSROOM, ('"""Switch to training mode."""\n        ### BEGIN SOLUTION\n        self.training = True',
                    '"""Switch to training mode."""\n        ### BEGIN SOLUTION\n        pass'),
    ),
    wrong(
        "SpectralNorm", "v_from_the_old_u", "v is made from the old u",
        "Formula (9) takes the u that formula (8) has just made.",
        CLASSROOM,
        (WV, "Wv = matrix @ self.v\n                old = self.u"), (WU, "Wu = matrix.T @ old"),
    ),
    wrong(
        "SpectralNorm", "last_axis_kept", "a weight with more axes is flattened to the wrong matrix",
        "The first axis is that of the rows; all others become columns.",
        CLASSROOM, (MATRIX, "matrix = W.reshape(-1, W.shape[-1])"),
    ),
    wrong(
        "SpectralNorm", "middle_of_the_kernel", "of a kernel only its first pixel is looked at",
        "All axes but the first become columns, those of the kernel too.",
        CLASSROOM, (MATRIX, "matrix = W.reshape(len(W), W.shape[1], -1)[:, :, 0]"),
    ),
    wrong(
        "SpectralNorm", "length_of_the_new_Wv", "sigma is the length of W v, with the new v",
        "Formula (10) is u times W times v. u is not the direction of that W v.",
        CLASSROOM, (SIGMA, "sigma = np.linalg.norm(matrix @ self.v)"),
    ),
    wrong(
        "SpectralNorm", "size_of_sigma", "sigma is made positive",
        "Formula (10) takes the number as it is. In training it comes out positive; with other vectors it may not.",
        CLASSROOM, (SIGMA, "sigma = abs(self.u @ matrix @ self.v)"),
    ),
    wrong(
        "SpectralNorm", "only_large_ones", "weights whose sigma is below 1 are not divided",
        "Formula (10) divides always: small weights grow.",
        "clipping, lesson 07", (DIVIDED, "return W / max(1.0, sigma)"),
    ),
    wrong(
        "SpectralNorm", "to_the_end", "each call in training iterates until the vectors stand still",
        "One iteration a call is enough, as the vectors are kept: n_iterations says how many rounds of (8) and (9) there are.",
        CLASSROOM, (LOOP, "for _ in range(200):"),
    ),
    wrong(
        "SpectralNorm", "fifteen_at_the_start", "the first call in training makes fifteen rounds more",
        "PyTorch does so when the layer is made. Here every call makes n_iterations rounds of (8) and (9).",
        LIBRARIES,
        (COPIES, "self.u, self.v = u.copy(), v.copy()\n        self.more = 15"),
        (LOOP, "more, self.more = self.more, 0\n            for _ in range(self.n_iterations + more):"),
    ),
    wrong(
        "SpectralNorm", "u_alone_moves", "v stays where it was",
        "Both vectors move: formula (9) follows formula (8).",
        CLASSROOM, (V, "pass"),
    ),
    wrong(
        "SpectralNorm", "another_exception", "a count below 1 raises another exception than ValueError",
        "The docstring asks for ValueError, with a sentence that says what is wrong.",
        CLASSROOM, ("raise ValueError(", "raise AssertionError("),
    ),
    wrong(
        "SpectralNorm", "scaled_by_the_sum", "W is divided by the sum of its singular values",
        "Formula (10) divides by the largest alone.",
        CLASSROOM, (SIGMA, "sigma = np.linalg.norm(matrix, 'nuc')"),
    ),
)  # fmt: skip

MISCONCEPTIONS = (*FORWARD, *RMS_NORM, *BACKWARD, *GROUP_NORM, *SPECTRAL_NORM)
