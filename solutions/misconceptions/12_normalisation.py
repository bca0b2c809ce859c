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
)  # fmt: skip

MISCONCEPTIONS = (*FORWARD, *RMS_NORM, *BACKWARD, *GROUP_NORM, *SPECTRAL_NORM)
