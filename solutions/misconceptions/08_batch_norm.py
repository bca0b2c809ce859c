"""Lesson 08, wrong on purpose: what each mistake changes in the reference solution; see autograder.catalogue."""

from autograder.catalogue import wrong

NOTES = "course notes"
LIBRARIES = "another library's convention"
CLASSROOM = "common in first implementations"

# What the edits replace.
MU = "mu = x.mean(axis=0)  # (1)"
VAR = "var = ((x - mu) ** 2).mean(axis=0)  # (2)"
STD = "std = np.sqrt(var + eps)"
X_HAT = "x_hat = (x - mu) / std  # (3)"
Y = "y = gamma * x_hat + beta  # (4)"
DBETA = "dbeta = dy.sum(axis=0)  # (5)"
DGAMMA = "dgamma = (dy * x_hat).sum(axis=0)  # (5)"
DX_HAT = "dx_hat = dy * gamma  # (6)"
DX_HAT_STAGE = "dx_hat = dy * gamma  # F"
DSTD = "dstd = -(dx_hat * x_hat).sum(axis=0) / std  # E"
DVAR = "dvar = dstd / (2 * std)  # D"
DCENTRED = "dcentred = dx_hat / std + 2 / n * centred * dvar  # E and C"
DMU = "dmu = -dcentred.sum(axis=0)  # B"
DX_STAGE = "dx = dcentred + dmu / n  # B and A"
DX = "dx = (dx_hat - dx_hat.mean(axis=0) - x_hat * (dx_hat * x_hat).mean(axis=0)) / std  # (7)"
REFUSAL = """            if n == 1:
                raise ValueError("A single row has no variance: use two or more, or eval().")
"""
NEW_MEAN = "self.running_mean = (1 - m) * self.running_mean + m * mu  # (8)"
NEW_VAR = "self.running_var = (1 - m) * self.running_var + m * unbiased  # (9)"
UNBIASED = "unbiased = n / (n - 1) * var  # (9)"
STORED = "mu, var = self.running_mean, self.running_var  # (10)"
NORMALISE = "x_hat = (x - mu) / np.sqrt(var + self.eps)  # (3)"
RETURN = "return self.gamma * x_hat + self.beta  # (4)"
MU_2D = "mu = x.mean(axis=(0, 2, 3), keepdims=True)  # (11)"
VAR_2D = "var = ((x - mu) ** 2).mean(axis=(0, 2, 3), keepdims=True)  # (11)"
X_HAT_2D = "x_hat = (x - mu) / np.sqrt(var + eps)  # (3)"
Y_2D = "y = gamma[:, None, None] * x_hat + beta[:, None, None]  # (4)"

FORWARD = (
    wrong(
        "batch_norm_forward", "row_statistics", "mean and variance are taken over each row, not over each column",
        "In formulas (1) and (2) the sum runs over the rows i of the batch: every column gets a mean and a variance "
        "of its own. Over each row it would be layer normalisation.",
        CLASSROOM,
        (MU, "mu = x.mean(axis=1, keepdims=True)"), (VAR, "var = ((x - mu) ** 2).mean(axis=1, keepdims=True)"),
    ),
    wrong(
        "batch_norm_forward", "one_mean_for_all", "one mean and one variance are used for all columns",
        "mu and var of formulas (1) and (2) have the shape (C,): one number for each column.",
        CLASSROOM, (MU, "mu = x.mean()"), (VAR, "var = x.var()"),
    ),
    wrong(
        "batch_norm_forward", "unbiased_variance", "the variance is divided by N - 1, not by N",
        "Formula (2) divides by N, the biased variance. The unbiased one, with N - 1, is for running_var alone, in "
        "formula (9).",
        NOTES, (VAR, "var = x.var(axis=0, ddof=1)"),
    ),
    wrong(
        "batch_norm_forward", "eps_outside_the_root", "eps is added to the root, not under it",
        "In formula (3) eps stands under the root, beside var.",
        LIBRARIES, (STD, "std = np.sqrt(var) + eps"),
    ),
    wrong(
        "batch_norm_forward", "no_eps", "eps is missing",
        "In formula (3) eps is added to var under the root. Without it a column that does not vary divides by zero.",
        CLASSROOM, (STD, "std = np.sqrt(var)"),
    ),
    wrong(
        "batch_norm_forward", "divided_by_the_variance", "the root is missing: x is divided by the variance",
        "Formula (3) divides by the root of var + eps, so that the result has variance 1.",
        CLASSROOM, (STD, "std = var + eps"),
    ),
    wrong(
        "batch_norm_forward", "mean_not_subtracted", "the mean is not subtracted",
        "The numerator of formula (3) is x - mu.",
        CLASSROOM, (X_HAT, "x_hat = x / std"),
    ),
    wrong(
        "batch_norm_forward", "not_divided", "x is centred and never scaled",
        "Formula (3) divides x - mu by the root of var + eps.",
        CLASSROOM, (X_HAT, "x_hat = x - mu"),
    ),
    wrong(
        "batch_norm_forward", "variance_around_zero", "the variance is the mean of the squares of x itself",
        "Formula (2) squares the distance from the mean, x - mu, and not x.",
        CLASSROOM, (VAR, "var = (x**2).mean(axis=0)"),
    ),
    wrong(
        "batch_norm_forward", "difference_of_two_means", "the variance is a difference of two large numbers",
        "The mean of x**2 minus mu**2 equals formula (2) on paper. When the mean is large against the spread, nearly "
        "all digits cancel. Subtract the mean first, then square.",
        NOTES, (VAR, "var = (x**2).mean(axis=0) - mu**2"),
    ),
    wrong(
        "batch_norm_forward", "gamma_and_beta_swapped", "gamma and beta have changed places",
        "In formula (4) gamma multiplies and beta is added.",
        CLASSROOM, (Y, "y = beta * x_hat + gamma"),
    ),
    wrong(
        "batch_norm_forward", "no_affine_step", "gamma and beta are not used",
        "x_hat of formula (3) is not the result yet: formula (4) scales and shifts it.",
        CLASSROOM, (Y, "y = x_hat"),
    ),
    wrong(
        "batch_norm_forward", "shifted_before_it_is_scaled", "beta is added before gamma multiplies",
        "In formula (4) gamma multiplies x_hat alone, and beta is added afterwards.",
        CLASSROOM, (Y, "y = gamma * (x_hat + beta)"),
    ),
    wrong(
        "batch_norm_forward", "affine_step_first", "gamma and beta are applied to x, before it is normalised",
        "The order is that of the formulas: normalise first, (3), then scale and shift, (4). The other way round the "
        "normalisation takes gamma and beta out again.",
        CLASSROOM, (MU, "x = gamma * x + beta\n    mu = x.mean(axis=0)"), (Y, "y = x_hat"),
    ),
    wrong(
        "batch_norm_forward", "changes_x", "x itself is changed",
        "x -= mu writes into the caller's array. Formula (3) makes a new one.",
        CLASSROOM, (MU, "mu = x.mean(axis=0)\n    x -= mu\n    mu = 0.0"),
    ),
    wrong(
        "batch_norm_forward", "eps_of_keras", "the default of eps is 1e-3",
        "The signature says eps=1e-5, PyTorch's default. In Keras it is 1e-3.",
        LIBRARIES, ("eps=1e-5", "eps=1e-3"),
    ),
    wrong(
        "batch_norm_forward", "standard_score_of_other_notes", "x is divided by the unbiased deviation plus eps",
        "Two things at once: formula (2) divides by N, and in formula (3) eps stands under the root.",
        NOTES, (STD, "std = x.std(axis=0, ddof=1) + eps"),
    ),
    wrong(
        "batch_norm_forward", "eps_in_and_beside_the_root", "eps is added under the root and once more beside it",
        "In formula (3) eps stands in one place alone, under the root.",
        CLASSROOM, (STD, "std = np.sqrt(var + eps) + eps"),
    ),
    wrong(
        "batch_norm_forward", "eps_is_a_floor", "eps is a lower limit of the deviation",
        "In formula (3) eps is added to var, whatever var is.",
        CLASSROOM, (STD, "std = np.maximum(np.sqrt(var), eps)"),
    ),
    wrong(
        "batch_norm_forward", "eps_for_constant_columns_alone", "eps is added only where the variance is 0",
        "In formula (3) eps is added to var in every column.",
        CLASSROOM, (STD, "std = np.sqrt(np.where(var == 0, eps, var))"),
    ),
    wrong(
        "batch_norm_forward", "scaled_to_its_range", "each column is scaled by its range, from the least to the largest",
        "Formula (3) divides by the root of the variance. A range hangs on two rows of the batch alone.",
        NOTES, (X_HAT, "x_hat = (x - x.min(axis=0)) / (np.ptp(x, axis=0) + eps)"),
    ),
    wrong(
        "batch_norm_forward", "mean_of_the_distances", "the spread is the mean distance from the mean",
        "Formula (2) squares the distances before it averages them, and formula (3) takes the root.",
        CLASSROOM, (STD, "std = np.abs(x - mu).mean(axis=0) + eps"),
    ),
)  # fmt: skip

STAGES = (
    wrong(
        "backward_by_stages", "gamma_missing_in_dx_hat", "dx_hat is dy, without gamma",
        "Stage F multiplies by gamma, and so does its way back: formula (6).",
        CLASSROOM, (DX_HAT_STAGE, "dx_hat = dy"),
    ),
    wrong(
        "backward_by_stages", "dstd_without_its_sign", "dstd has the wrong sign",
        "A larger std makes x_hat smaller: the derivative of 1 / std is negative.",
        CLASSROOM, (DSTD, "dstd = (dx_hat * x_hat).sum(axis=0) / std"),
    ),
    wrong(
        "backward_by_stages", "dstd_not_divided", "dstd lacks a division by std",
        "Stage E again: the derivative of centred / std with respect to std is -centred / std**2, which is -x_hat / std.",
        CLASSROOM, (DSTD, "dstd = -(dx_hat * x_hat).sum(axis=0)"),
    ),
    wrong(
        "backward_by_stages", "dstd_as_a_mean", "dstd is a mean over the rows, not a sum",
        "All rows share one std. By rule 2 what they send back adds up. Only a mean in the forward pass brings a 1/N.",
        CLASSROOM, (DSTD, "dstd = -(dx_hat * x_hat).mean(axis=0) / std"),
    ),
    wrong(
        "backward_by_stages", "dvar_without_the_half", "dvar lacks the factor of the root, one half",
        "Stage D is a square root: its derivative is 1 / (2 std).",
        CLASSROOM, (DVAR, "dvar = dstd / std"),
    ),
    wrong(
        "backward_by_stages", "dvar_times_std", "dvar is multiplied by 2 std, not divided",
        "Stage D takes the root of var + eps. The derivative of var with respect to std is 2 std; here the other is wanted.",
        CLASSROOM, (DVAR, "dvar = dstd * 2 * std"),
    ),
    wrong(
        "backward_by_stages", "centred_used_once", "dcentred is what comes back from stage E alone",
        "centred is used in stage E and in stage C. By rule 1 what comes back from both adds up.",
        CLASSROOM, (DCENTRED, "dcentred = dx_hat / std"),
    ),
    wrong(
        "backward_by_stages", "mean_of_squares_without_n", "the way back through stage C is not divided by N",
        "Stage C is a mean: by rule 3 each row gets 1/N of dvar, times the derivative of its square.",
        CLASSROOM, (DCENTRED, "dcentred = dx_hat / std + 2 * centred * dvar"),
    ),
    wrong(
        "backward_by_stages", "square_without_its_two", "the way back through the square lacks its factor 2",
        "Stage C squares: the derivative of centred**2 is 2 centred.",
        CLASSROOM, (DCENTRED, "dcentred = dx_hat / std + centred * dvar / n"),
    ),
    wrong(
        "backward_by_stages", "dmu_without_its_sign", "dmu has the wrong sign",
        "Stage B subtracts mu: what goes back through it changes its sign.",
        CLASSROOM, (DMU, "dmu = dcentred.sum(axis=0)"),
    ),
    wrong(
        "backward_by_stages", "dmu_as_a_mean", "dmu is a mean over the rows, not a sum",
        "All rows share one mu. By rule 2 what they send back adds up; the 1/N comes on the way back through stage A.",
        CLASSROOM, (DMU, "dmu = -dcentred.mean(axis=0)"),
    ),
    wrong(
        "backward_by_stages", "dmu_not_divided_by_n", "dx gets the whole of dmu, not 1/N of it",
        "Stage A is a mean: by rule 3 each row gets 1/N of dmu.",
        CLASSROOM, (DX_STAGE, "dx = dcentred + dmu"),
    ),
    wrong(
        "backward_by_stages", "x_used_once", "dx is what comes back from stage B alone",
        "x is used in stage B and in stage A. By rule 1 what comes back from both adds up.",
        CLASSROOM, (DX_STAGE, "dx = dcentred"),
    ),
    wrong(
        "backward_by_stages", "changes_dy", "dy itself is changed",
        "dy *= gamma writes into the caller's array. Formula (6) makes a new one.",
        CLASSROOM, (DX_HAT_STAGE, "dy *= gamma\n    dx_hat = dy.copy()"),
    ),
    wrong(
        "backward_by_stages", "dx_in_the_memory_of_dcentred", "dcentred is changed while dx is made of it",
        "A second name makes no copy: what is then added to dx is added to dcentred too. Each of the six is an array of its own.",
        CLASSROOM, (DX_STAGE, "dx = dcentred\n    dx += dmu / n"),
    ),
    wrong(
        "backward_by_stages", "dcentred_in_the_memory_of_dx_hat", "dx_hat is changed while dcentred is made of it",
        "dx_hat is a result, too: divide it by std into a new array.",
        CLASSROOM, (DCENTRED, "dcentred = dx_hat\n    dcentred /= std\n    dcentred += 2 / n * centred * dvar"),
    ),
    wrong(
        "backward_by_stages", "changes_centred", "centred itself is changed",
        "centred belongs to the caller. The way back through stage C makes an array of its own.",
        CLASSROOM, (DCENTRED, "centred *= 2 / n * dvar\n    dcentred = dx_hat / std + centred"),
    ),
    wrong(
        "backward_by_stages", "dvar_without_eps", "dvar is made of the variance without eps",
        "Stage D takes the root of var + eps. What stage D made is std: eps is in it.",
        CLASSROOM, (DVAR, "dvar = -(dx_hat * centred).sum(axis=0) / (2 * ((centred**2).mean(axis=0) + 1e-300) ** 1.5)"),
    ),
    wrong(
        "backward_by_stages", "dmu_for_each_row", "dmu is not summed over the rows",
        "All rows share one mu: by rule 2 it gets the sum over the rows of what comes back, one number a column.",
        CLASSROOM, (DMU, "dmu = -dcentred"),
    ),
    wrong(
        "backward_by_stages", "paths_are_averaged", "where a quantity is used twice, the mean of what comes back is taken",
        "By rule 1 what comes back from two stages adds up: there is no division by two.",
        CLASSROOM, (DCENTRED, "dcentred = (dx_hat / std + 2 / n * centred * dvar) / 2"), (DX_STAGE, "dx = (dcentred + dmu / n) / 2"),
    ),
    wrong(
        "backward_by_stages", "n_counts_every_number", "N is the number of elements, not of rows",
        "The means of stages A and C run over the rows of a column: N is the number of rows.",
        CLASSROOM, ("n = len(dy)", "n = np.size(dy)"),
    ),
)  # fmt: skip

BACKWARD = (
    wrong(
        "batch_norm_backward", "statistics_as_constants", "mu and var are treated as constants",
        "x also acts through mu and var, which depend on every row. Formula (7) has two terms for that beside dx_hat.",
        CLASSROOM, (DX, "dx = dx_hat / std"),
    ),
    wrong(
        "batch_norm_backward", "no_path_through_mu", "the path through the mean is missing",
        "In formula (7) the mean of dx_hat is subtracted: that is the path through mu. Check that each column of dx "
        "adds up to 0.",
        CLASSROOM, (DX, "dx = (dx_hat - x_hat * (dx_hat * x_hat).mean(axis=0)) / std"),
    ),
    wrong(
        "batch_norm_backward", "no_path_through_var", "the path through the variance is missing",
        "The last term of formula (7), with x_hat in front, is the path through var.",
        CLASSROOM, (DX, "dx = (dx_hat - dx_hat.mean(axis=0)) / std"),
    ),
    wrong(
        "batch_norm_backward", "sums_instead_of_means", "formula (7) has sums in the place of its means",
        "The two averages in formula (7) are divided by N, because mu and var are.",
        CLASSROOM, (DX, "dx = (dx_hat - dx_hat.sum(axis=0) - x_hat * (dx_hat * x_hat).sum(axis=0)) / std"),
    ),
    wrong(
        "batch_norm_backward", "sign_of_the_last_term", "the last term of formula (7) has the wrong sign",
        "Both averages are subtracted in formula (7).",
        CLASSROOM, (DX, "dx = (dx_hat - dx_hat.mean(axis=0) + x_hat * (dx_hat * x_hat).mean(axis=0)) / std"),
    ),
    wrong(
        "batch_norm_backward", "x_hat_missing_in_front", "the last term of formula (7) has lost its x_hat",
        "The average of dx_hat * x_hat is one number a column. Formula (7) multiplies it by x_hat, row by row.",
        CLASSROOM, (DX, "dx = (dx_hat - dx_hat.mean(axis=0) - (dx_hat * x_hat).mean(axis=0)) / std"),
    ),
    wrong(
        "batch_norm_backward", "gamma_missing_in_dx", "dx is computed from dy, without gamma",
        "Formula (6) comes first: dx_hat is dy times gamma.",
        CLASSROOM, (DX_HAT, "dx_hat = dy"),
    ),
    wrong(
        "batch_norm_backward", "not_divided_by_std", "dx is not divided by the standard deviation",
        "Formula (7) divides by the root of var + eps, because formula (3) does.",
        CLASSROOM, (" / std  # (7)", ""),
    ),
    wrong(
        "batch_norm_backward", "divided_by_the_variance", "dx is divided by var + eps, without the root",
        "Formula (7) divides once by the root of var + eps.",
        CLASSROOM, (" / std  # (7)", " / std**2"),
    ),
    wrong(
        "batch_norm_backward", "means_in_dgamma_and_dbeta", "dgamma and dbeta are means over the rows, not sums",
        "gamma and beta act on every row, and formula (5) adds up what comes back from each. The division by N is in "
        "the loss already, where there is one.",
        CLASSROOM, (DBETA, "dbeta = dy.mean(axis=0)"), (DGAMMA, "dgamma = (dy * x_hat).mean(axis=0)"),
    ),
    wrong(
        "batch_norm_backward", "dgamma_without_x_hat", "dgamma is the sum of dy, without x_hat",
        "In formula (4) gamma multiplies x_hat, so formula (5) has dy times x_hat in the sum for dgamma.",
        CLASSROOM, (DGAMMA, "dgamma = dy.sum(axis=0)"),
    ),
    wrong(
        "batch_norm_backward", "dgamma_from_dx_hat", "dgamma is computed from dx_hat",
        "dgamma in formula (5) has dy in it, not dx_hat: gamma itself is not part of its own gradient.",
        CLASSROOM, (DGAMMA, "dgamma = (dy * gamma * x_hat).sum(axis=0)"),
    ),
    wrong(
        "batch_norm_backward", "dgamma_and_dbeta_swapped", "dgamma and dbeta are returned in the wrong order",
        "The function returns dx, dgamma, dbeta, in this order.",
        CLASSROOM, ("return dx, dgamma, dbeta", "return dx, dbeta, dgamma"),
    ),
    wrong(
        "batch_norm_backward", "dgamma_and_dbeta_for_each_row", "dgamma and dbeta are not summed over the rows",
        "gamma and beta have the shape (C,), and so have their gradients: formula (5) sums over the rows.",
        CLASSROOM, (DBETA, "dbeta = dy"), (DGAMMA, "dgamma = dy * x_hat"),
    ),
    wrong(
        "batch_norm_backward", "changes_dy", "dy itself is changed",
        "dy *= gamma writes into the caller's array. Formula (6) makes a new one, and formula (5) needs the old.",
        CLASSROOM, (DX_HAT, "dy *= gamma\n    dx_hat = dy"),
    ),
    wrong(
        "batch_norm_backward", "means_over_each_row", "the means of formula (7) are taken over each row",
        "mu and var are those of a column, and so are the two means of formula (7): they run over the rows.",
        CLASSROOM,
        (DX, "dx = (dx_hat - dx_hat.mean(axis=1, keepdims=True)"
             " - x_hat * (dx_hat * x_hat).mean(axis=1, keepdims=True)) / std"),
    ),
    wrong(
        "batch_norm_backward", "means_of_dy", "the two means of formula (7) are those of dy, without gamma",
        "dx_hat of formula (6) stands in all three terms of formula (7).",
        CLASSROOM, (DX, "dx = (dx_hat - dy.mean(axis=0) - x_hat * (dy * x_hat).mean(axis=0)) / std"),
    ),
    wrong(
        "batch_norm_backward", "divided_by_n_minus_1", "the means of formula (7) are divided by N - 1",
        "mu and var of formulas (1) and (2) divide by N, and so do both means of formula (7).",
        CLASSROOM,
        (DX, "n = len(dy)\n    dx = (dx_hat - dx_hat.sum(axis=0) / (n - 1)"
             " - x_hat * (dx_hat * x_hat).sum(axis=0) / (n - 1)) / std"),
    ),
    wrong(
        "batch_norm_backward", "n_times_too_large", "dx is N times too large",
        "With sums in the place of the means, formula (7) has N dx_hat in front, and all of it is divided by N at the end.",
        NOTES, (DX, "dx = (len(dy) * dx_hat - dx_hat.sum(axis=0) - x_hat * (dx_hat * x_hat).sum(axis=0)) / std"),
    ),
    wrong(
        "batch_norm_backward", "last_term_not_normalised", "the last term has x - mu in the place of x_hat",
        "In formula (7) x_hat stands twice in the last term: x - mu divided by the root already.",
        CLASSROOM, (DX, "away = x_hat * std\n    dx = (dx_hat - dx_hat.mean(axis=0) - away * (dx_hat * away).mean(axis=0)) / std"),
    ),
    wrong(
        "batch_norm_backward", "one_number_for_all_columns", "dgamma and dbeta are sums over the whole batch",
        "Each column has a gamma and a beta of its own: formula (5) sums over the rows alone.",
        CLASSROOM, (DBETA, "dbeta = dy.sum()"), (DGAMMA, "dgamma = (dy * x_hat).sum()"),
    ),
    wrong(
        "batch_norm_backward", "summed_over_the_columns", "dgamma and dbeta have one number for each row",
        "Formula (5) sums over the rows, axis 0: what is left is one number for each column.",
        CLASSROOM, (DBETA, "dbeta = dy.sum(axis=1)"), (DGAMMA, "dgamma = (dy * x_hat).sum(axis=1)"),
    ),
    wrong(
        "batch_norm_backward", "changes_the_cache", "the cache is changed, so that a second call gives another result",
        "x_hat in the cache is the very array that forward kept. In formula (7) multiply it into a new one.",
        CLASSROOM,
        (DX, "x_hat *= (dx_hat * x_hat).mean(axis=0)\n    dx = (dx_hat - dx_hat.mean(axis=0) - x_hat) / std"),
    ),
)  # fmt: skip

BATCH_NORM_1D = (
    wrong(
        "BatchNorm1d", "biased_running_var", "running_var averages the biased variance",
        "Formula (9) has the factor N / (N - 1): what is stored is the unbiased variance. Only the normalisation "
        "itself uses formula (2) as it is.",
        NOTES, (UNBIASED, "unbiased = var"),
    ),
    wrong(
        "BatchNorm1d", "unbiased_normalisation", "the batch is normalised with the unbiased variance",
        "In training formula (3) uses the biased variance of formula (2). The factor N / (N - 1) belongs to formula "
        "(9) alone.",
        NOTES, (NEW_VAR, f"{NEW_VAR}\n            var = unbiased"),
    ),
    wrong(
        "BatchNorm1d", "momentum_weighs_the_old_value", "momentum weighs the old value, not the new one",
        "In formulas (8) and (9) the new value enters with the weight momentum, and the old one keeps 1 - momentum. "
        "In Keras and in lesson 02 it is the other way round.",
        LIBRARIES,
        (NEW_MEAN, "self.running_mean = self.momentum * self.running_mean + (1 - self.momentum) * mu"),
        (NEW_VAR, "self.running_var = self.momentum * self.running_var + (1 - self.momentum) * unbiased"),
    ),
    wrong(
        "BatchNorm1d", "batch_statistics_in_evaluation", "evaluation uses the batch's own statistics",
        "In evaluation formula (10) takes mu and var from the running averages, so that one row's result does not "
        "depend on its neighbours.",
        CLASSROOM, (STORED, "mu, var = x.mean(axis=0), x.var(axis=0)"),
    ),
    wrong(
        "BatchNorm1d", "evaluation_updates_the_averages", "evaluation updates the running averages too",
        "Formulas (8) and (9) are for training. In evaluation the averages are read and never written.",
        CLASSROOM,
        (STORED, f"{STORED}\n            self.running_mean = (1 - self.momentum) * self.running_mean"
                 " + self.momentum * x.mean(axis=0)"),
    ),
    wrong(
        "BatchNorm1d", "running_averages_in_training", "training normalises with the running averages",
        "In training formula (3) uses mu and var of the batch itself. The running averages are only kept up to date.",
        CLASSROOM, (NEW_VAR, f"{NEW_VAR}\n            mu, var = self.running_mean, self.running_var"),
    ),
    wrong(
        "BatchNorm1d", "running_var_starts_at_0", "running_var starts at 0",
        "running_var starts at 1: a layer that has seen nothing yet then leaves its input nearly as it is.",
        CLASSROOM, ("self.running_var = np.ones(num_features)", "self.running_var = np.zeros(num_features)"),
    ),
    wrong(
        "BatchNorm1d", "averages_never_updated", "the running averages are never updated",
        "In training every call updates both, formulas (8) and (9).",
        CLASSROOM, (NEW_MEAN, "pass"), (NEW_VAR, "pass"),
    ),
    wrong(
        "BatchNorm1d", "last_batch_alone", "the running averages hold the last batch alone",
        "Formulas (8) and (9) keep the share 1 - momentum of the old value.",
        CLASSROOM, (NEW_MEAN, "self.running_mean = mu"), (NEW_VAR, "self.running_var = unbiased"),
    ),
    wrong(
        "BatchNorm1d", "sum_instead_of_average", "the running averages lose nothing of the old value",
        "In formulas (8) and (9) the old value is multiplied by 1 - momentum before the new one is added.",
        CLASSROOM,
        (NEW_MEAN, "self.running_mean = self.running_mean + self.momentum * mu"),
        (NEW_VAR, "self.running_var = self.running_var + self.momentum * unbiased"),
    ),
    wrong(
        "BatchNorm1d", "average_of_the_deviation", "running_var averages the standard deviation",
        "Formula (9) averages the variance. The root is taken in formula (3), after the average.",
        CLASSROOM, (NEW_VAR, NEW_VAR.replace("* unbiased", "* np.sqrt(unbiased)")),
    ),
    wrong(
        "BatchNorm1d", "starts_in_evaluation", "a new layer is in evaluation mode",
        "A new layer is in training mode until eval() is called.",
        CLASSROOM, ("self.running_var = np.ones(num_features)\n        self.training = True",
                    "self.running_var = np.ones(num_features)\n        self.training = False"),
    ),
    wrong(
        "BatchNorm1d", "never_back_to_training", "after eval() the layer stays in evaluation mode",
        "train() switches back: from then on formulas (1) to (4), (8) and (9) hold again.",
        CLASSROOM, ('"""Switch to training mode."""\n        ### BEGIN SOLUTION\n        self.training = True',
                    '"""Switch to training mode."""\n        ### BEGIN SOLUTION\n        pass'),
    ),
    wrong(
        "BatchNorm1d", "single_row_not_refused", "a single row is not refused in training",
        "One row has no variance, and formula (9) would divide by zero. In training the layer raises ValueError.",
        CLASSROOM, (REFUSAL, "            n = max(n, 1 + 1e-9)\n"),
    ),
    wrong(
        "BatchNorm1d", "single_row_refused_always", "a single row is refused in evaluation too",
        "In evaluation formula (10) needs no batch: a single row is an everyday case there.",
        CLASSROOM, ("        if self.training:\n            n = len(x)\n",
                    "        n = len(x)\n        if n == 1:\n            raise ValueError\n        if self.training:\n"),
        (REFUSAL, ""),
    ),
    wrong(
        "BatchNorm1d", "no_affine_step", "gamma and beta are kept but not used",
        "Formula (4) comes last, in training and in evaluation: scale by self.gamma, shift by self.beta.",
        CLASSROOM, (RETURN, "return x_hat"),
    ),
    wrong(
        "BatchNorm1d", "no_affine_step_in_evaluation", "evaluation does not use gamma and beta as they are now",
        "Only mu and var change in evaluation. Formula (4) comes last in both modes, with self.gamma and self.beta as "
        "they are at the call.",
        CLASSROOM, (RETURN, "return self.gamma * x_hat + self.beta if self.training else x_hat"),
    ),
    wrong(
        "BatchNorm1d", "eps_outside_the_root", "eps is added to the root, not under it",
        "In formula (3) eps stands under the root, beside var.",
        LIBRARIES, (NORMALISE, "x_hat = (x - mu) / (np.sqrt(var) + self.eps)"),
    ),
    wrong(
        "BatchNorm1d", "defaults_of_keras", "the defaults are those of Keras",
        "The signature says eps=1e-5 and momentum=0.1, as PyTorch does.",
        LIBRARIES, ("eps=1e-5, momentum=0.1", "eps=1e-3, momentum=0.01"),
    ),
    wrong(
        "BatchNorm1d", "instances_share_their_averages", "all instances share one pair of running averages",
        "Each layer of a network has running averages of its own: make new arrays in __init__.",
        CLASSROOM,
        ("class BatchNorm1d:\n", "class BatchNorm1d:\n    shared = {}\n\n"),
        ("self.running_mean = np.zeros(num_features)\n        self.running_var = np.ones(num_features)\n",
         "new = np.zeros(num_features), np.ones(num_features)\n"
         "        self.running_mean, self.running_var = self.shared.setdefault(num_features, new)\n"
         "        self.running_mean[:], self.running_var[:] = 0.0, 1.0\n"),
        (NEW_MEAN, "self.running_mean += self.momentum * (mu - self.running_mean)"),
        (NEW_VAR, "self.running_var += self.momentum * (unbiased - self.running_var)"),
    ),
    wrong(
        "BatchNorm1d", "plain_mean_of_all_batches", "the running averages are plain means of all batches",
        "PyTorch does so with momentum=None. In formulas (8) and (9) the new value has the weight momentum, however many came before.",
        LIBRARIES,
        ("        self.training = True\n        ### END SOLUTION\n\n    def __call__", "        self.seen = 0\n        self.training = True\n        ### END SOLUTION\n\n    def __call__"),
        ("m = self.momentum\n", "self.seen += 1\n            m = 1 / self.seen\n"),
    ),
    wrong(
        "BatchNorm1d", "as_flax", "momentum weighs the old value, and running_var averages the biased variance",
        "Both are the way of Keras and Flax. In formulas (8) and (9) momentum weighs the new value, and formula (9) has N / (N - 1).",
        LIBRARIES, ("m = self.momentum\n", "m = 1 - self.momentum\n"), (UNBIASED, "unbiased = var"),
    ),
    wrong(
        "BatchNorm1d", "bias_corrected", "evaluation corrects the running averages for their start",
        "Lesson 02's correction has no place here: formula (10) takes the running averages as they are.",
        NOTES,
        ("        self.training = True\n        ### END SOLUTION\n\n    def __call__", "        self.seen = 0\n        self.training = True\n        ### END SOLUTION\n\n    def __call__"),
        ("m = self.momentum\n", "m = self.momentum\n            self.seen += 1\n"),
        (STORED, "share = 1 - (1 - self.momentum) ** self.seen if self.seen and self.momentum else 1.0\n"
                 "            mu, var = self.running_mean / share, self.running_var / share"),
    ),
    wrong(
        "BatchNorm1d", "first_batch_whole", "the first batch sets the running averages to its own statistics",
        "Formulas (8) and (9) hold for the first batch too: the averages start at 0 and 1, and keep the share 1 - momentum of it.",
        CLASSROOM,
        ("        self.training = True\n        ### END SOLUTION\n\n    def __call__", "        self.fresh = True\n        self.training = True\n        ### END SOLUTION\n\n    def __call__"),
        ("m = self.momentum\n", "m = 1.0 if self.fresh else self.momentum\n            self.fresh = False\n"),
    ),
    wrong(
        "BatchNorm1d", "refused_after_the_update", "a single row is refused when running_mean has taken it in already",
        "A single row updates nothing: ask for it before formula (8).",
        CLASSROOM,
        (REFUSAL, ""), (NEW_MEAN, "pass"),
        (UNBIASED, f"m = self.momentum\n            {NEW_MEAN.partition('  #')[0]}\n"
                   "            if n == 1:\n                raise ValueError('a single row')\n            unbiased = n / (n - 1) * var"),
    ),
    wrong(
        "BatchNorm1d", "single_row_divides_by_zero", "a single row fails with ZeroDivisionError",
        "The docstring names the exception: ValueError. Ask for the single row before you divide by N - 1.",
        CLASSROOM, (REFUSAL, ""),
    ),
    wrong(
        "BatchNorm1d", "statistics_of_the_last_batch", "evaluation uses the statistics of the last training batch",
        "In evaluation formula (10) takes mu and var from the running averages, which remember many batches.",
        CLASSROOM,
        (NEW_VAR, f"{NEW_VAR}\n            self.last = mu, var"),
        (STORED, "mu, var = getattr(self, 'last', (self.running_mean, self.running_var))"),
    ),
    wrong(
        "BatchNorm1d", "modes_toggle", "train() and eval() switch to whatever the mode is not",
        "train() means training, also when it is called twice, and eval() evaluation.",
        CLASSROOM,
        ('"""Switch to training mode."""\n        ### BEGIN SOLUTION\n        self.training = True',
         '"""Switch to training mode."""\n        ### BEGIN SOLUTION\n        self.training = not self.training'),
        ("self.training = False", "self.training = not self.training"),
    ),
)  # fmt: skip

BATCH_NORM_2D = (
    wrong(
        "batch_norm_2d", "a_mean_for_each_pixel", "every pixel position has a mean and a variance of its own",
        "Formula (11) averages over N, H and W together: all pixels of a channel share one mean and one variance.",
        CLASSROOM, (MU_2D, "mu = x.mean(axis=0)"), (VAR_2D, "var = ((x - mu) ** 2).mean(axis=0)"),
    ),
    wrong(
        "batch_norm_2d", "a_mean_for_each_image", "every image has statistics of its own",
        "Formula (11) averages over N as well. Without N it would be instance normalisation.",
        CLASSROOM,
        (MU_2D, "mu = x.mean(axis=(2, 3), keepdims=True)"),
        (VAR_2D, "var = ((x - mu) ** 2).mean(axis=(2, 3), keepdims=True)"),
    ),
    wrong(
        "batch_norm_2d", "over_the_channels_of_an_image", "the statistics are those of a whole image",
        "Formula (11) keeps the channels apart and averages over the images. The other way round it would be layer "
        "normalisation.",
        CLASSROOM,
        (MU_2D, "mu = x.mean(axis=(1, 2, 3), keepdims=True)"),
        (VAR_2D, "var = ((x - mu) ** 2).mean(axis=(1, 2, 3), keepdims=True)"),
    ),
    wrong(
        "batch_norm_2d", "one_mean_for_all", "all channels share one mean and one variance",
        "Formula (11) keeps one mean and one variance for each channel: C of each.",
        CLASSROOM, (MU_2D, "mu = x.mean()"), (VAR_2D, "var = x.var()"),
    ),
    wrong(
        "batch_norm_2d", "channels_last", "the last axis is taken for the channels",
        "x has the shape (N, C, H, W), so the channels are axis 1. Formula (11) averages over the axes 0, 2 and 3. "
        "Channels last is the habit of another library.",
        LIBRARIES,
        (MU_2D, "mu = x.mean(axis=(0, 1, 2), keepdims=True)"),
        (VAR_2D, "var = ((x - mu) ** 2).mean(axis=(0, 1, 2), keepdims=True)"),
    ),
    wrong(
        "batch_norm_2d", "reshaped_without_transpose", "the channels are mixed up by a reshape",
        "A reshape of (N, C, H, W) to (-1, C) does not put a channel into a column: bring axis 1 to the end first.",
        CLASSROOM, ("", "def batch_norm_2d(x, gamma, beta, eps=1e-5):\n"
                        "    rows = x.reshape(-1, x.shape[1])\n"
                        "    x_hat = (rows - rows.mean(axis=0)) / np.sqrt(rows.var(axis=0) + eps)\n"
                        "    return (gamma * x_hat + beta).reshape(x.shape)\n"),
    ),
    wrong(
        "batch_norm_2d", "affine_along_the_width", "gamma and beta run along the width, not along the channels",
        "NumPy lines up the last axes, and the last axis of x is W. Give gamma and beta the shape (C, 1, 1) for "
        "formula (4).",
        CLASSROOM, (Y_2D, "y = gamma * x_hat + beta"),
    ),
    wrong(
        "batch_norm_2d", "affine_along_the_height", "gamma and beta run along the height, not along the channels",
        "The shape (C, 1) lines up with H and W. Give gamma and beta the shape (C, 1, 1) for formula (4).",
        CLASSROOM, (Y_2D, "y = gamma[:, None] * x_hat + beta[:, None]"),
    ),
    wrong(
        "batch_norm_2d", "no_affine_step", "gamma and beta are not used",
        "x_hat of formula (3) is not the result yet: formula (4) scales and shifts every channel.",
        CLASSROOM, (Y_2D, "y = x_hat"),
    ),
    wrong(
        "batch_norm_2d", "unbiased_variance", "the variance is divided by NHW - 1, not by NHW",
        "Formula (11) divides by N H W, the biased variance.",
        NOTES, (VAR_2D, "var = x.var(axis=(0, 2, 3), ddof=1, keepdims=True)"),
    ),
    wrong(
        "batch_norm_2d", "eps_outside_the_root", "eps is added to the root, not under it",
        "In formula (3) eps stands under the root, beside var.",
        LIBRARIES, (X_HAT_2D, "x_hat = (x - mu) / (np.sqrt(var) + eps)"),
    ),
    wrong(
        "batch_norm_2d", "changes_x", "x itself is changed",
        "x -= mu writes into the caller's array. Formula (3) makes a new one.",
        CLASSROOM, (VAR_2D, "x -= mu\n    mu = 0.0\n    var = (x**2).mean(axis=(0, 2, 3), keepdims=True)"),
    ),
    wrong(
        "batch_norm_2d", "not_moved_back", "the rows of pixels are reshaped back without moving the channels",
        "After the way into rows the channels are the last axis. A reshape does not bring them back to axis 1: transpose again.",
        CLASSROOM, ("", "def batch_norm_2d(x, gamma, beta, eps=1e-5):\n"
                        "    rows = x.transpose(0, 2, 3, 1).reshape(-1, x.shape[1])\n"
                        "    x_hat = (rows - rows.mean(axis=0)) / np.sqrt(rows.var(axis=0) + eps)\n"
                        "    return (gamma * x_hat + beta).reshape(x.shape)\n"),
    ),
    wrong(
        "batch_norm_2d", "height_and_width_exchanged", "height and width have changed places on the way back",
        "The channels go back to axis 1, and H stays before W: which order of axes undoes the first one?",
        CLASSROOM, ("", "def batch_norm_2d(x, gamma, beta, eps=1e-5):\n"
                        "    pixels = x.transpose(0, 2, 3, 1)\n"
                        "    rows = pixels.reshape(-1, x.shape[1])\n"
                        "    x_hat = (rows - rows.mean(axis=0)) / np.sqrt(rows.var(axis=0) + eps)\n"
                        "    return (gamma * x_hat + beta).reshape(pixels.shape).transpose(0, 3, 2, 1)\n"),
    ),
    wrong(
        "batch_norm_2d", "mean_of_the_images_variances", "the variance is the mean of the images' own variances",
        "Formula (11) takes the distance from the mean of the whole channel. What images differ in by their means belongs to it.",
        CLASSROOM, (VAR_2D, "var = x.var(axis=(2, 3), keepdims=True).mean(axis=0, keepdims=True)"),
    ),
    wrong(
        "batch_norm_2d", "affine_step_first", "gamma and beta are applied to x, before it is normalised",
        "The order is that of the formulas: normalise first, (3), then scale and shift, (4).",
        CLASSROOM, (MU_2D, f"x = gamma[:, None, None] * x + beta[:, None, None]\n    {MU_2D}"), (Y_2D, "y = x_hat"),
    ),
    wrong(
        "batch_norm_2d", "standard_score_of_other_notes", "x is divided by the unbiased deviation plus eps",
        "Two things at once: formula (11) divides by N H W, and in formula (3) eps stands under the root.",
        NOTES, (X_HAT_2D, "x_hat = (x - mu) / (x.std(axis=(0, 2, 3), ddof=1, keepdims=True) + eps)"),
    ),
    wrong(
        "batch_norm_2d", "axes_of_length_1_lost", "axes of length 1 are lost",
        "An image may be a single pixel high or wide. The result has the shape of x, with every axis.",
        CLASSROOM, ("    return y\n", "    return np.squeeze(y)\n"),
    ),
    wrong(
        "batch_norm_2d", "eps_is_a_floor", "eps is a lower limit of the deviation",
        "In formula (3) eps is added to var, whatever var is.",
        CLASSROOM, (X_HAT_2D, "x_hat = (x - mu) / np.maximum(np.sqrt(var), eps)"),
    ),
)  # fmt: skip

IN_THE_SHAPES = (
    wrong(
        "batch_norm_forward", "rows_without_keepdims", "mean and variance are taken over each row, as flat arrays",
        "In formulas (1) and (2) the sum runs over the rows i of the batch, axis 0: one number for each column. The N "
        "numbers of a mean over each row do not even line up with x, unless there are as many rows as columns.",
        CLASSROOM, (MU, "mu = x.mean(axis=1)"), (VAR, "var = ((x - mu) ** 2).mean(axis=1)"),
    ),
    wrong(
        "batch_norm_backward", "path_through_mu_is_a_sum", "the path through the mean is not divided by N",
        "mu is a mean: by formula (1) each row has the share 1/N in it, and gets this share of its gradient back. In "
        "formula (7) that is the mean of dx_hat.",
        CLASSROOM, (DX, "dx = (dx_hat - dx_hat.sum(axis=0) - x_hat * (dx_hat * x_hat).mean(axis=0)) / std"),
    ),
    wrong(
        "BatchNorm1d", "mode_kept_as_train", "eval() puts an attribute in the place of the method train()",
        "self.train is the method that switches back. Keep the mode under another name.",
        CLASSROOM, ("self.training = False", "self.train = False"),
    ),
    wrong(
        "BatchNorm1d", "never_to_evaluation", "after eval() the layer stays in training mode",
        "eval() switches over: from then on mu and var are those of formula (10).",
        CLASSROOM, ("self.training = False", "pass"),
    ),
    wrong(
        "batch_norm_2d", "no_keepdims", "mu and var have lost the axes that x has",
        "Without keepdims the C means of formula (11) line up with the last axis, the width. They belong to axis 1: "
        "give them the shape (1, C, 1, 1).",
        CLASSROOM,
        (MU_2D, "mu = x.mean(axis=(0, 2, 3))"), (VAR_2D, "var = ((x - mu) ** 2).mean(axis=(0, 2, 3))"),
    ),
)  # fmt: skip

MISCONCEPTIONS = FORWARD + STAGES + BACKWARD + BATCH_NORM_1D + BATCH_NORM_2D + IN_THE_SHAPES
