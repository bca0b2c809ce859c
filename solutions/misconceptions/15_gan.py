"""Lesson 15, wrong on purpose: what each mistake changes in the reference solution; see autograder.catalogue."""

from autograder.catalogue import wrong

NOTES = "course notes"
CLASSROOM = "common in first implementations"

# What the edits replace.
SIDES = "for s, y in ((real_logits, real_label), (fake_logits, fake_label)):"
SIGMA = "sigma = np.where(s >= 0, 1.0, small) / (1.0 + small)"
EACH = "each = np.maximum(s, 0.0) - y * s + np.log1p(small)  # (3)"
SUM = "loss += each.mean()  # (2)"
BACK = "gradients.append((sigma - y) / len(s))  # (4)"
RETURNED = "return float(loss), gradients[0], gradients[1]"
SIGMA_G = "sigma = np.where(fake_logits >= 0, 1.0, small) / (1.0 + small)"
FLAG = "if saturating:"
EACH_5 = "each = -(np.maximum(fake_logits, 0.0) + np.log1p(small))  # (5)"
SLOPE_5 = "slope = -sigma"
EACH_6 = "each = np.maximum(-fake_logits, 0.0) + np.log1p(small)  # (6)"
SLOPE_6 = "slope = sigma - 1.0"
RETURN_G = "return float(each.mean()), slope / len(fake_logits)"
LEFT = "left = max(0.0, 1.0 - step / total)"
NOISY = "return x + sigma * left * rng.standard_normal(x.shape)  # (7)"
MIX = "mix = eps.reshape(-1, *[1] * (real.dim() - 1))"
POINTS = "points = (mix * real + (1 - mix) * fake).detach().requires_grad_()  # (8)"
SLOPES = "(slopes,) = torch.autograd.grad(scores.sum(), points, create_graph=True)"
NORMS = "norms = slopes.flatten(1).norm(dim=1)"
PENALTY = "return weight * ((norms - 1) ** 2).mean()  # (9)"
BAD_LABEL = "if not 0 < real_label <= 1:"
BAD_STEPS = "if d_steps < 1:"
KEEPS = "self.real_label = real_label"
STARTS = "self.calls = 0"
CLEAR_D = "        self.opt_d.zero_grad()\n"
FAKE = "fake = self.generator(z).detach()"
LOSS_D = "loss_d = (softplus(s) - self.real_label * s).mean() + softplus(s_fake).mean()  # (2)"
UPDATE_D = "        loss_d.backward()\n        self.opt_d.step()\n"
COUNT = "self.calls += 1"
DUE = "if self.calls % self.d_steps != 0:"
CLEAR_G = "        self.opt_g.zero_grad()\n"
LOSS_G = "loss_g = softplus(-self.discriminator(self.generator(z))).mean()  # (6)"
UPDATE_G = "        loss_g.backward()\n        self.opt_g.step()\n"
LAST = "return loss_d.item(), loss_g.item()"
KERAS = "Keras"
BCE_LOSS = "PyTorch's BCELoss"
TURN = (
    "        if self.calls % self.d_steps != 0:\n"
    "            return loss_d.item(), None\n"
    "        self.opt_g.zero_grad()\n"
)

DISCRIMINATOR = (
    wrong(
        "discriminator_loss", "half", "the two means are averaged, not added",
        "Formula (2) adds the mean of each side. Some code halves the sum, which halves the learning rate.",
        NOTES, (RETURNED, "return float(loss) / 2, gradients[0] / 2, gradients[1] / 2"),
    ),
    wrong(
        "discriminator_loss", "one_mean", "one mean is taken over all rows, real and fake",
        "Formula (2) has a mean for each side, over m and over n: neither side counts more for having more rows.",
        CLASSROOM,
        (SUM, "loss += each.sum() / (len(real_logits) + len(fake_logits))"),
        (BACK, "gradients.append((sigma - y) / (len(real_logits) + len(fake_logits)))"),
    ),
    wrong(
        "discriminator_loss", "overflow", "the exponential overflows for large logits",
        "exp(1000) is infinite. Formula (3) takes the exponential of minus the size of the logit.",
        CLASSROOM,
        (SIGMA, "sigma = 1.0 / (1.0 + np.exp(-s))"), (EACH, "each = np.log(1.0 + np.exp(s)) - y * s"),
    ),
    wrong(
        "discriminator_loss", "clipped_probability", "the probability is clipped before its logarithm",
        "Clipping hides the infinity and stops the loss from growing. Formula (3) needs no clipping.",
        CLASSROOM,
        (EACH, "p = np.clip(sigma, 1e-15, 1 - 1e-15)\n        each = -y * np.log(p) - (1 - y) * np.log1p(-p)"),
    ),
    wrong(
        "discriminator_loss", "hard_labels", "the labels that are given are not used",
        "In formula (2) the labels are y_real and y_fake, which may lie between 0 and 1.",
        CLASSROOM, (SIDES, "for s, y in ((real_logits, 1.0), (fake_logits, 0.0)):"),
    ),
    wrong(
        "discriminator_loss", "smooths_both", "a soft real_label softens the fake side too",
        "Each side has a label of its own: fake_label stays what it is when real_label is 0.9.",
        NOTES, (SIDES, "fake_label += 1.0 - real_label\n    " + SIDES),
    ),
    wrong(
        "discriminator_loss", "sums", "the losses of a side are added up, not averaged",
        "Formula (2) divides by the number of rows of a side, and so does the gradient.",
        CLASSROOM, (SUM, "loss += each.sum()"), (BACK, "gradients.append(sigma - y)"),
    ),
    wrong(
        "discriminator_loss", "gradient_not_divided", "the gradients are not divided by the number of rows",
        "The loss is a mean: formula (4), divided by m or by n.",
        CLASSROOM, (BACK, "gradients.append(sigma - y)"),
    ),
    wrong(
        "discriminator_loss", "gradient_upside_down", "the gradients have the wrong sign",
        "By formula (4) it is sigma(s) - y: a real logit that is too small has a negative gradient.",
        CLASSROOM, (BACK, "gradients.append((y - sigma) / len(s))"),
    ),
    wrong(
        "discriminator_loss", "changes_logits", "the logits themselves are changed",
        "s *= y writes into the caller's array. Formula (3) makes new ones.",
        CLASSROOM, (EACH, "each = np.maximum(s, 0.0) + np.log1p(small)\n        s *= y\n        each -= s"),
    ),
    wrong(
        "discriminator_loss", "labels_swapped", "the labels of the two sides have changed places",
        "In formula (2) real rows have the label y_real, and fake ones y_fake.",
        CLASSROOM, (SIDES, "for s, y in ((real_logits, fake_label), (fake_logits, real_label)):"),
    ),
    wrong(
        "discriminator_loss", "fake_label_ignored", "fake_label is not used",
        "In formula (2) the fake side has a label, too, which need not be 0.",
        CLASSROOM, (SIDES, "for s, y in ((real_logits, real_label), (fake_logits, 0.0)):"),
    ),
    wrong(
        "discriminator_loss", "one_logarithm", "a soft label only scales the loss of a hard one",
        "Formula (1) has two terms: with a label between 0 and 1 neither of them vanishes.",
        CLASSROOM,
        (SIDES, "for s, y, hard in ((real_logits, real_label, 1.0), (fake_logits, 1.0 - fake_label, 0.0)):"),
        (EACH, "each = y * (np.maximum(s, 0.0) - hard * s + np.log1p(small))"),
        (BACK, "gradients.append(y * (sigma - hard) / len(s))"),
    ),
    wrong(
        "discriminator_loss", "no_absolute_value", "the exponent has the logit without its absolute value",
        "Formula (3) has the absolute value of s in the exponent: the maximum has taken care of the sign.",
        CLASSROOM, (EACH, "each = np.maximum(s, 0.0) - y * s + np.logaddexp(0.0, -s)"),
    ),
    wrong(
        "discriminator_loss", "slope_of_sigma_again", "the gradients are multiplied by the slope of sigma",
        "In formula (4) that factor has cancelled already.",
        CLASSROOM, (BACK, "gradients.append((sigma - y) * sigma * (1.0 - sigma) / len(s))"),
    ),
    wrong(
        "discriminator_loss", "gradients_in_the_other_order", "the two gradients have changed places",
        "The gradient of the real logits is returned first, then that of the fake ones.",
        CLASSROOM, (RETURNED, "return float(loss), gradients[1], gradients[0]"),
    ),
    wrong(
        "discriminator_loss", "as_it_stands", "formula (1) is computed as it stands",
        "For a large logit it takes the logarithm of 0. Formula (3) is the same without that.",
        CLASSROOM, (EACH, "each = -y * np.log(sigma) - (1 - y) * np.log(1 - sigma)"),
    ),
    wrong(
        "discriminator_loss", "clipped_as_in_keras", "probabilities are held between 1e-7 and 1 - 1e-7",
        "The table of conventions has it as Keras's: the loss ends at 16.1, and its gradient at 0. Formula (3) goes on.",
        KERAS,
        (EACH, "p = np.clip(sigma, 1e-7, 1 - 1e-7)\n        each = -y * np.log(p) - (1 - y) * np.log(1 - p)"),
        (BACK, "gradients.append(np.where(p == sigma, sigma - y, 0.0) / len(s))"),
    ),
    wrong(
        "discriminator_loss", "logarithms_end_at_100", "logarithms below -100 count as -100",
        "The table of conventions has it as BCELoss's. Formula (3) gives 1000 where this gives 100.",
        BCE_LOSS,
        (EACH, "tiny = np.exp(-100.0)\n        logs = np.log(np.maximum(sigma, tiny)), np.log(np.maximum(1 - sigma, tiny))\n"
               "        each = -y * logs[0] - (1 - y) * logs[1]"),
    ),
    wrong(
        "discriminator_loss", "large_over_large", "sigma is infinite over infinite for large logits",
        "e to the s over 1 plus that is sigma, too, but e to the 1000 is infinite. See the advice on sigma above.",
        CLASSROOM, (SIGMA, "sigma = np.exp(s) / (1.0 + np.exp(s))"),
    ),
    wrong(
        "discriminator_loss", "half_of_the_smoothing", "labels are moved half of the way only",
        "In formula (2) the label is what is given. Keras spreads its label_smoothing over both classes.",
        KERAS, (SIDES, "for s, y in ((real_logits, (1 + real_label) / 2), (fake_logits, fake_label / 2)):"),
    ),
    wrong(
        "discriminator_loss", "gradient_of_hard_labels", "the gradients have the label 0 or 1, not the soft one",
        "In formula (4) y is the label of formula (1), which may lie between 0 and 1.",
        CLASSROOM, (BACK, "gradients.append((sigma - round(y)) / len(s))"),
    ),
    wrong(
        "discriminator_loss", "both_by_real_rows", "both sides are divided by the number of real rows",
        "Formula (2) divides the fake side by n, its own number of rows.",
        CLASSROOM,
        (SUM, "loss += each.sum() / len(real_logits)"), (BACK, "gradients.append((sigma - y) / len(real_logits))"),
    ),
)  # fmt: skip

GENERATOR = (
    wrong(
        "generator_loss", "swapped", "the two losses have changed places",
        "saturating = True asks for formula (5); the default is (6), with real labels.",
        CLASSROOM, (FLAG, "if not saturating:"),
    ),
    wrong(
        "generator_loss", "helps_d", "the loss falls when samples look fake",
        "Formula (6) has a minus sign: the loss falls when a logit rises.",
        CLASSROOM,
        (EACH_6, "each = -(np.maximum(-fake_logits, 0.0) + np.log1p(small))"), (SLOPE_6, "slope = 1.0 - sigma"),
    ),
    wrong(
        "generator_loss", "not_averaged", "the losses of the samples are added up, not averaged",
        "Formulas (5) and (6) divide by n.",
        CLASSROOM, (RETURN_G, "return float(each.sum()), slope"),
    ),
    wrong(
        "generator_loss", "overflow", "the exponential overflows for large logits",
        "exp(1000) is infinite. As in formula (3), take the exponential of minus the size of the logit.",
        CLASSROOM,
        (SIGMA_G, "sigma = 1.0 / (1.0 + np.exp(-fake_logits))"),
        (EACH_5, "each = -np.log(1.0 + np.exp(fake_logits))"),
        (EACH_6, "each = np.log(1.0 + np.exp(-fake_logits))"),
    ),
    wrong(
        "generator_loss", "clipped_log", "the probability is clipped before its logarithm",
        "Clipping hides the infinity and stops the loss from growing: it should be 1000 for a logit of -1000.",
        CLASSROOM,
        (EACH_5, "each = np.log(np.maximum(np.where(fake_logits >= 0, small, 1.0) / (1.0 + small), 1e-12))"),
        (EACH_6, "each = -np.log(np.maximum(sigma, 1e-12))"),
    ),
    wrong(
        "generator_loss", "saturating_sign", "the saturating loss has the wrong sign",
        "Formula (5) is to be minimised as it stands: it falls when a logit rises.",
        CLASSROOM, (EACH_5, "each = np.maximum(fake_logits, 0.0) + np.log1p(small)"), (SLOPE_5, "slope = sigma"),
    ),
    wrong(
        "generator_loss", "saturating_ignored", "saturating is not looked at",
        "With saturating = True the loss is formula (5), and its slope is another, too.",
        CLASSROOM, (FLAG, "if False:"),
    ),
    wrong(
        "generator_loss", "slope_of_the_other", "the saturating loss has the slope of the other one",
        "Formulas (5) and (6) differ in their slopes: derive that of (5), too.",
        CLASSROOM, (SLOPE_5, "slope = sigma - 1.0"),
    ),
    wrong(
        "generator_loss", "slope_of_saturating", "the loss of formula (6) has the slope of (5)",
        "Formulas (5) and (6) differ in how steeply they fall: derive the slope of (6), too.",
        CLASSROOM, (SLOPE_6, "slope = -sigma"),
    ),
    wrong(
        "generator_loss", "chain_forgotten", "the saturating slope is that in the probability, not in the logit",
        "Formula (5) has sigma inside of the logarithm: its own slope is a factor of the chain rule.",
        CLASSROOM, (SLOPE_5, "slope = -1.0 / (1.0 - sigma)"),
    ),
    wrong(
        "generator_loss", "clipped_as_in_keras", "probabilities are held between 1e-7 and 1 - 1e-7",
        "The table of conventions has it as Keras's: where it clips there is no gradient. Both formulas go on.",
        KERAS,
        (FLAG, "p = np.clip(sigma, 1e-7, 1 - 1e-7)\n    " + FLAG),
        (EACH_5, "each = np.log(1 - p)"), (EACH_6, "each = -np.log(p)"),
        (RETURN_G, "return float(each.mean()), np.where(p == sigma, slope, 0.0) / len(fake_logits)"),
    ),
    wrong(
        "generator_loss", "logarithms_end_at_100", "logarithms below -100 count as -100",
        "The table of conventions has it as BCELoss's. At the logit -1000 formula (6) is 1000.",
        BCE_LOSS,
        (EACH_5, "each = np.log(np.maximum(1 - sigma, np.exp(-100.0)))"),
        (EACH_6, "each = -np.log(np.maximum(sigma, np.exp(-100.0)))"),
    ),
    wrong(
        "generator_loss", "written_into_the_logits", "the gradient is written into the caller's array",
        "The gradient is a new array, and the input stays unchanged.",
        CLASSROOM, (RETURN_G, "fake_logits[...] = slope / len(fake_logits)\n    return float(each.mean()), fake_logits.copy()"),
    ),
)  # fmt: skip

NOISE = (
    wrong(
        "instance_noise", "constant", "the noise does not fade",
        "In formula (7) the noise is multiplied by what is left of it: 1 at step 0, 0 from total on.",
        CLASSROOM, (LEFT, "left = 1.0"),
    ),
    wrong(
        "instance_noise", "no_floor", "after total the noise comes back",
        "1 - step/total is below 0 after total. Formula (7) has a maximum with 0 for that.",
        CLASSROOM, (LEFT, "left = 1.0 - step / total"),
    ),
    wrong(
        "instance_noise", "uniform", "the noise is uniform, not normal",
        "In formula (7) xi is drawn from a normal distribution with mean 0: rng.standard_normal.",
        CLASSROOM, (NOISY, NOISY.replace("standard_normal", "random")),
    ),
    wrong(
        "instance_noise", "in_place", "x itself is changed",
        "x += writes into the caller's data. Formula (7) makes a new array.",
        CLASSROOM, (NOISY, "x += sigma * left * rng.standard_normal(x.shape)\n    return x"),
    ),
    wrong(
        "instance_noise", "one_number", "the same number is added to all entries",
        "Each entry of x has a draw of its own: ask rng for numbers in the shape of x.",
        CLASSROOM, (NOISY, NOISY.replace("(x.shape)", "()")),
    ),
    wrong(
        "instance_noise", "x_itself_at_the_end", "after total x is handed back without a copy",
        "The result is a new array, also where nothing was added.",
        CLASSROOM, (LEFT, LEFT + "\n    if left == 0.0:\n        return x"),
    ),
    wrong(
        "instance_noise", "one_step_early", "the noise is always one step ahead",
        "In formula (7) step 0 has the whole noise.",
        CLASSROOM, (LEFT, "left = max(0.0, 1.0 - (step + 1) / total)"),
    ),
    wrong(
        "instance_noise", "fades_squared", "the noise fades too quickly at first",
        "In formula (7) the standard deviation fades in a straight line.",
        CLASSROOM, (LEFT, "left = max(0.0, 1.0 - step / total) ** 2"),
    ),
    wrong(
        "instance_noise", "own_generator", "the draws come from another generator than rng",
        "All randomness comes from the rng that is given: the same seed should give the same noise.",
        CLASSROOM, (NOISY, NOISY.replace("rng.", "np.random.default_rng(0).")),
    ),
    wrong(
        "instance_noise", "as_variance", "sigma is taken for a variance",
        "In formula (7) sigma and what is left of it multiply the draw: they are a standard deviation.",
        CLASSROOM, (NOISY, NOISY.replace("sigma * left", "np.sqrt(sigma * left)")),
    ),
    wrong(
        "instance_noise", "switched_off", "the noise is whole until total, and then gone",
        "In formula (7) it fades with every step: the quotient is no integer division.",
        CLASSROOM, (LEFT, "left = 1.0 if step < total else 0.0"),
    ),
    wrong(
        "instance_noise", "fades_exponentially", "the noise fades exponentially",
        "In formula (7) the standard deviation fades in a straight line.",
        NOTES, (LEFT, "left = np.exp(-5.0 * step / total) if step < total else 0.0"),
    ),
    wrong(
        "instance_noise", "fades_as_a_cosine", "the noise fades along a cosine",
        "The cosine is lesson 06's way to lower a rate. Formula (7) is a straight line.",
        NOTES, (LEFT, "left = (1.0 + np.cos(np.pi * min(step / total, 1.0))) / 2"),
    ),
    wrong(
        "instance_noise", "variance_fades", "the variance fades in a straight line, not the standard deviation",
        "In formula (7) what is left stands beside sigma, which multiplies the draw: no root is taken.",
        CLASSROOM, (LEFT, "left = np.sqrt(max(0.0, 1.0 - step / total))"),
    ),
    wrong(
        "instance_noise", "times_x", "the noise is in proportion to x",
        "Formula (7) adds noise of the same size to each entry: an entry of 0 gets some, too.",
        CLASSROOM, (NOISY, "return x * (1.0 + sigma * left * rng.standard_normal(x.shape))"),
    ),
    wrong(
        "instance_noise", "one_draw_a_row", "all entries of a row get the same number",
        "Formula (7) has a draw of its own for each entry.",
        CLASSROOM,
        (NOISY, "drawn = rng.standard_normal(x.shape[:1]).reshape(x.shape[:1] + (1,) * (x.ndim - 1))\n"
                "    return x + sigma * left * drawn"),
    ),
    wrong(
        "instance_noise", "rows_alike", "all rows get the same noise",
        "Formula (7) has a draw of its own for each entry, in every row.",
        CLASSROOM, (NOISY, NOISY.replace("(x.shape)", "(x.shape[1:])")),
    ),
)  # fmt: skip

GRADIENT_PENALTY = (
    wrong(
        "gradient_penalty", "no_create_graph", "the penalty is cut off from the critic",
        "The value is right, and backward() reaches nothing: to be differentiated again, a gradient needs a graph of "
        "its own, and the penalty has to stay a tensor. See the second point above this exercise.",
        CLASSROOM, ("points, create_graph=True)", "points)"),
    ),
    wrong(
        "gradient_penalty", "one_norm", "one norm is taken over the whole batch",
        "Formula (9) has a norm for each row, compares it with 1, and then takes the mean.",
        CLASSROOM, (NORMS, "norms = slopes.norm()"),
    ),
    wrong(
        "gradient_penalty", "eps_swapped", "eps multiplies the fake rows",
        "In formula (8) eps is the share of the real row.",
        NOTES, (POINTS, "points = (mix * fake + (1 - mix) * real).detach().requires_grad_()"),
    ),
    wrong(
        "gradient_penalty", "one_eps", "one eps is used for all rows",
        "In formula (8) each row has an eps of its own.",
        CLASSROOM, (MIX, "mix = eps[0]"),
    ),
    wrong(
        "gradient_penalty", "reaches_g", "the gradient reaches what made the samples",
        "The penalty is the critic's. Cut the points off from the graph before their own gradient is asked for.",
        CLASSROOM,
        (POINTS, "points = mix * real + (1 - mix) * fake\n"
                 "    if not points.requires_grad:\n        points.requires_grad_()"),
    ),
    wrong(
        "gradient_penalty", "at_the_samples", "the slopes are taken at the samples, not between",
        "Formula (8) takes points between data and samples.",
        CLASSROOM, (POINTS, "points = fake.detach().clone().requires_grad_()"),
    ),
    wrong(
        "gradient_penalty", "no_target", "slopes are pushed to 0, not to 1",
        "Formula (9) measures how far a slope's norm is from 1.",
        NOTES, (PENALTY, "return weight * (norms**2).mean()"),
    ),
    wrong(
        "gradient_penalty", "not_squared", "the distance from 1 is not squared",
        "Formula (9) squares what it averages.",
        CLASSROOM, (PENALTY, "return weight * (norms - 1).abs().mean()"),
    ),
    wrong(
        "gradient_penalty", "weight_ignored", "the weight is always 10",
        "lambda in formula (9) is the argument weight.",
        CLASSROOM, (PENALTY, "return 10.0 * ((norms - 1) ** 2).mean()"),
    ),
    wrong(
        "gradient_penalty", "last_axis_alone", "the norm is taken over the last axis alone",
        "A row may have any shape: its slope's norm is over all of its entries.",
        CLASSROOM, (NORMS, "norms = slopes.norm(dim=-1)"),
    ),
    wrong(
        "gradient_penalty", "summed", "the squares are added up, not averaged",
        "Formula (9) divides by m, the number of rows.",
        CLASSROOM, (PENALTY, "return weight * ((norms - 1) ** 2).sum()"),
    ),
    wrong(
        "gradient_penalty", "slopes_left_in_grad", "the slopes are made by backward(), which changes every .grad",
        "backward() adds to the .grad of all parameters of the critic. torch.autograd.grad hands a gradient back and "
        "leaves them alone.",
        CLASSROOM,
        (SLOPES, "scores.sum().backward(create_graph=True)\n    slopes = points.grad"),
    ),
    wrong(
        "gradient_penalty", "mean_of_scores", "the gradient is that of the mean of all scores",
        "The mean divides every row's slope by m. See the first point above this exercise.",
        CLASSROOM, (SLOPES, SLOPES.replace("scores.sum()", "scores.mean()")),
    ),
    wrong(
        "gradient_penalty", "norm_squared", "the squared norm is compared with 1",
        "Formula (9) has the norm itself: the root of the sum of squares.",
        CLASSROOM, (NORMS, "norms = (slopes.flatten(1) ** 2).sum(dim=1)"),
    ),
    wrong(
        "gradient_penalty", "mean_of_norms_first", "the norms are averaged before they are compared with 1",
        "In formula (9) the square is inside the mean: each row has its own distance from 1.",
        CLASSROOM, (PENALTY, "return weight * (norms.mean() - 1) ** 2"),
    ),
    wrong(
        "gradient_penalty", "one_sided", "only slopes above 1 are penalised",
        "Formula (9) penalises slopes below 1 as well.",
        NOTES, (PENALTY, "return weight * (norms - 1).clamp(min=0).square().mean()"),
    ),
    wrong(
        "gradient_penalty", "root_mean_square", "the norm is divided by the root of a row's size",
        "The norm in formula (9) is the root of a sum of squares, not of their mean.",
        CLASSROOM, (NORMS, "norms = (slopes.flatten(1) ** 2).mean(dim=1).sqrt()"),
    ),
    wrong(
        "gradient_penalty", "at_the_data", "the slopes are taken at the data, not between",
        "Formula (8) takes points between data and samples.",
        CLASSROOM, (POINTS, "points = real.detach().clone().requires_grad_()"),
    ),
    wrong(
        "gradient_penalty", "half_way", "every point lies half-way between the two rows",
        "In formula (8) eps says where each point lies.",
        CLASSROOM, (MIX, "mix = 0.5"),
    ),
    wrong(
        "gradient_penalty", "mean_eps", "all rows are mixed by the mean of eps",
        "In formula (8) each row has an eps of its own.",
        CLASSROOM, (MIX, "mix = eps.mean()"),
    ),
    wrong(
        "gradient_penalty", "eps_along_columns", "eps is laid along the columns of a row",
        "In formula (8) eps has the index of the row: its shape should make it the same for all entries of a row.",
        CLASSROOM, (MIX, "mix = eps"),
    ),
    wrong(
        "gradient_penalty", "scores_of_one_shape", "a critic that returns (m, 1) is not expected",
        "The docstring has two shapes of scores. The sum of the first point above takes both.",
        NOTES,
        (SLOPES, "ones = torch.ones(len(points), dtype=scores.dtype)\n"
                 "    (slopes,) = torch.autograd.grad(scores, points, ones, create_graph=True)"),
    ),
    wrong(
        "gradient_penalty", "first_row_alone", "only the first row has a slope",
        "A gradient of the first score alone is 0 in all other rows: see the first point above this exercise.",
        CLASSROOM, (SLOPES, SLOPES.replace("scores.sum()", "scores.flatten()[0]")),
    ),
    wrong(
        "gradient_penalty", "norm_of_the_mean_slope", "the slopes are averaged before their norm is taken",
        "Formula (9) has a norm for each row. Slopes that point apart would cancel in a mean.",
        CLASSROOM, (NORMS, "norms = slopes.flatten(1).mean(dim=0).norm()"),
    ),
    wrong(
        "gradient_penalty", "only_fake_cut_off", "the gradient reaches what the real rows came from",
        "The points are to be cut off from both, the real rows and the samples.",
        CLASSROOM,
        (POINTS, "points = mix * real + (1 - mix) * fake.detach()\n"
                 "    if not points.requires_grad:\n        points.requires_grad_()"),
    ),
    wrong(
        "gradient_penalty", "rows_ask_for_gradients", "real and fake are made to ask for gradients",
        "It is the points that ask for a gradient. This call changes none of its inputs.",
        CLASSROOM,
        (POINTS, "points = mix * real.requires_grad_() + (1 - mix) * fake.requires_grad_()"),
    ),
)  # fmt: skip

TRAINER = (
    wrong(
        "GANTrainer", "d_not_cleared", "the discriminator's gradients are not cleared before its update",
        "The generator's update leaves gradients in the discriminator, too. Point 1 of the step comes first.",
        CLASSROOM, (CLEAR_D, ""),
    ),
    wrong(
        "GANTrainer", "not_detached", "the discriminator's loss reaches the generator",
        "In point 2 of the step G(z) is detached: D's loss is no business of G's.",
        CLASSROOM, (FAKE, "fake = self.generator(z)"),
    ),
    wrong(
        "GANTrainer", "smooths_g", "the generator gets real_label, too",
        "Smoothing is for the discriminator. In point 4 of the step the label is 1.",
        NOTES, (LOSS_G, "s_new = self.discriminator(self.generator(z))\n"
                        "        loss_g = (softplus(s_new) - self.real_label * s_new).mean()"),
    ),
    wrong(
        "GANTrainer", "smooths_fake", "the fake side is smoothed as well",
        "Smoothing is one-sided: in point 2 of the step the label of G(z) is 0.",
        NOTES, (LOSS_D, "loss_d = (softplus(s) - self.real_label * s).mean()\n"
                        "        loss_d = loss_d + (softplus(s_fake) - (1 - self.real_label) * s_fake).mean()"),
    ),
    wrong(
        "GANTrainer", "hard_label", "real_label is not used",
        "In point 2 of the step the label of real rows is real_label.",
        CLASSROOM, (KEEPS, "self.real_label = 1.0"),
    ),
    wrong(
        "GANTrainer", "g_first", "the generator is updated before the discriminator",
        "The order of a step is D, then G through the D that there is then.",
        CLASSROOM,
        (f"        {COUNT}\n        {DUE}\n            return loss_d.item(), None\n{CLEAR_G}        {LOSS_G}\n{UPDATE_G}        {LAST}",
         "        return loss_d.item(), loss_g"),
        (CLEAR_D, "        self.calls += 1\n        loss_g = None\n        if self.calls % self.d_steps == 0:\n"
                  "            self.opt_g.zero_grad()\n"
                  "            lost = softplus(-self.discriminator(self.generator(z))).mean()\n"
                  "            lost.backward()\n            self.opt_g.step()\n"
                  "            loss_g = lost.item()\n        self.opt_d.zero_grad()\n"),
    ),
    wrong(
        "GANTrainer", "g_at_first_call", "the generator is updated at the first call, then at every d_steps-th",
        "With d_steps = 3 the generator's turn is at calls 3, 6, 9: count the call before you look.",
        CLASSROOM, (f"        {COUNT}\n        {DUE}\n            return loss_d.item(), None\n",
                    "        self.calls += 1\n        if (self.calls - 1) % self.d_steps != 0:\n"
                    "            return loss_d.item(), None\n"),
    ),
    wrong(
        "GANTrainer", "moves_d", "the generator's update moves the discriminator, too",
        "In point 4 of the step G alone is updated: opt_d makes one step a call.",
        CLASSROOM, (UPDATE_G, UPDATE_G + "        self.opt_d.step()\n"),
    ),
    wrong(
        "GANTrainer", "shared_count", "all instances count their calls together",
        "What stands in the class is shared; self.calls of an instance is its own.",
        CLASSROOM,
        (STARTS, "type(self).counted = [0]"),
        (COUNT, "self.counted[0] += 1"), (DUE, "if self.counted[0] % self.d_steps != 0:"),
    ),
    wrong(
        "GANTrainer", "saturating", "the generator minimises the saturating loss",
        "Point 4 of the step has formula (6), with the label 1.",
        NOTES, (LOSS_G, "loss_g = -softplus(self.discriminator(self.generator(z))).mean()"),
    ),
    wrong(
        "GANTrainer", "g_not_cleared", "the generator's gradients are not cleared before its update",
        "Point 4 of the step begins with clearing: gradients add up otherwise.",
        CLASSROOM, (CLEAR_G, ""),
    ),
    wrong(
        "GANTrainer", "old_discriminator", "the generator learns from the discriminator before its update",
        "In point 4 of the step the logits of G(z) come from the D that there is now.",
        CLASSROOM,
        (UPDATE_D, "        early = softplus(-self.discriminator(self.generator(z))).mean()\n"
                   "        g_params = list(self.generator.parameters())\n"
                   "        early_grads = torch.autograd.grad(early, g_params)\n" + UPDATE_D),
        (LOSS_G, "loss_g = early"),
        (UPDATE_G, "        for param, grad in zip(g_params, early_grads):\n            param.grad = grad\n"
                   "        self.opt_g.step()\n"),
    ),
    wrong(
        "GANTrainer", "label_unchecked", "a real_label outside of 0 to 1 is accepted",
        "A label is a probability: the constructor raises ValueError at 0 and below, and above 1.",
        CLASSROOM, (BAD_LABEL, "if False:"),
    ),
    wrong(
        "GANTrainer", "steps_unchecked", "d_steps below 1 is accepted",
        "Below 1 the generator would never have its turn: the constructor raises ValueError.",
        CLASSROOM, (BAD_STEPS, "if False:"),
    ),
    wrong(
        "GANTrainer", "summed_rows", "the losses of the rows are added up, not averaged",
        "Formula (2) has a mean for each side.",
        CLASSROOM, (LOSS_D, "loss_d = (softplus(s) - self.real_label * s).sum() + softplus(s_fake).sum()"),
    ),
    wrong(
        "GANTrainer", "halved", "the discriminator's loss is halved",
        "Formula (2) adds the means of the two sides.",
        NOTES, (LOSS_D, "loss_d = ((softplus(s) - self.real_label * s).mean() + softplus(s_fake).mean()) / 2"),
    ),
    wrong(
        "GANTrainer", "zero_for_none", "a call that leaves the generator alone returns 0 for its loss",
        "In such a call there is no loss of the generator: loss_g is None.",
        CLASSROOM, ("return loss_d.item(), None", "return loss_d.item(), 0.0"),
    ),
    wrong(
        "GANTrainer", "minimises_label_0", "the generator minimises the loss with the label 0",
        "In point 4 of the step the label is 1: G wants its samples to pass for real.",
        CLASSROOM, (LOSS_G, "loss_g = softplus(self.discriminator(self.generator(z))).mean()"),
    ),
    wrong(
        "GANTrainer", "several_steps_in_a_call", "one call makes all d_steps updates of the discriminator",
        "One call is one update of D. The generator has its turn at every d_steps-th call.",
        CLASSROOM,
        (f"        {COUNT}\n        {DUE}\n            return loss_d.item(), None\n",
         "        for _ in range(self.d_steps - 1):\n            self.opt_d.zero_grad()\n"
         "            again = self.discriminator(real)\n"
         "            again = (softplus(again) - self.real_label * again).mean()\n"
         "            (again + softplus(self.discriminator(fake)).mean()).backward()\n"
         "            self.opt_d.step()\n"),
    ),
    wrong(
        "GANTrainer", "loss_after_the_update", "the discriminator's loss is that after its update",
        "Each loss is returned as it was before its own update.",
        CLASSROOM,
        (UPDATE_D, UPDATE_D + "        with torch.no_grad():\n            s = self.discriminator(real)\n"
                              "            s_fake = self.discriminator(fake)\n            " + LOSS_D + "\n"),
    ),
    wrong(
        "GANTrainer", "refuses_1", "a real_label of 1 is refused",
        "1 is the hard label, and allowed: ValueError is for 0 and below, and for more than 1.",
        CLASSROOM, (BAD_LABEL, "if not 0 < real_label < 1:"),
    ),
    wrong(
        "GANTrainer", "learns_from_detached", "the generator learns from samples that are cut off from it",
        "Only in point 2 of the step is G(z) detached. In point 4 the gradient has to come through to G.",
        CLASSROOM, (LOSS_G, "loss_g = softplus(-self.discriminator(fake)).mean()"),
    ),
    wrong(
        "GANTrainer", "z_of_its_own", "the generator learns from random numbers of its own",
        "Point 4 of the step has G(z), with the z that was handed over.",
        NOTES,
        (LOSS_G, "z = torch.randn(z.shape, dtype=z.dtype, generator=torch.Generator().manual_seed(0))\n        " + LOSS_G),
    ),
    wrong(
        "GANTrainer", "leaves_d_frozen", "the discriminator is frozen for the generator's update, and stays so",
        "After the step D has to learn again. Clearing its gradients, as point 1 does, is enough: it needs no freezing.",
        CLASSROOM,
        (CLEAR_G, CLEAR_G + "        for param in self.discriminator.parameters():\n            param.requires_grad_(False)\n"),
    ),
    wrong(
        "GANTrainer", "cleared_at_the_end", "gradients are cleared after a step, and not before",
        "Gradients may be left from before the first call: points 1 and 4 begin with clearing.",
        CLASSROOM,
        (CLEAR_D, ""),
        (TURN, "        if self.calls % self.d_steps != 0:\n            self.opt_d.zero_grad()\n"
               "            return loss_d.item(), None\n"),
        (UPDATE_G, UPDATE_G + "        self.opt_g.zero_grad()\n        self.opt_d.zero_grad()\n"),
    ),
    wrong(
        "GANTrainer", "d_waits", "the discriminator waits for d_steps updates of the generator",
        "d_steps is how many updates D gets for one of G: D learns at every call.",
        CLASSROOM,
        (f"        self.opt_d.step()\n        {COUNT}\n        {DUE}\n            return loss_d.item(), None\n",
         "        self.calls += 1\n        if self.calls % self.d_steps == 0:\n            self.opt_d.step()\n"),
    ),
    wrong(
        "GANTrainer", "one_mean", "one mean is taken over real and fake rows together",
        "Formula (2) has a mean for each side, and adds the two.",
        CLASSROOM,
        (LOSS_D, "both = torch.cat([(softplus(s) - self.real_label * s).flatten(), softplus(s_fake).flatten()])\n"
                 "        loss_d = 2 * both.mean()"),
    ),
    wrong(
        "GANTrainer", "zero_sum", "the generator's loss is minus the discriminator's",
        "That is the game as it was first written, which saturates. Point 4 of the step has formula (6).",
        NOTES,
        (LOSS_G, "s = self.discriminator(real)\n"
                 "        s_fake = self.discriminator(self.generator(z))\n"
                 "        loss_g = (self.real_label * s - softplus(s)).mean() - softplus(s_fake).mean()"),
    ),
    wrong(
        "GANTrainer", "loss_of_before", "a call that leaves the generator alone returns its loss of before",
        "In such a call there is no loss of the generator: loss_g is None.",
        CLASSROOM,
        (STARTS, STARTS + "\n        self.last = None"),
        ("return loss_d.item(), None", "return loss_d.item(), self.last"),
        (LAST, "self.last = loss_g.item()\n        return loss_d.item(), self.last"),
    ),
    wrong(
        "GANTrainer", "asserts", "bad settings are met with an assertion",
        "An assert raises AssertionError, and vanishes where Python optimises. ValueError is asked for.",
        CLASSROOM,
        (BAD_LABEL, "assert 0 < real_label <= 1\n        " + BAD_LABEL),
        (BAD_STEPS, "assert d_steps >= 1\n        " + BAD_STEPS),
    ),
)  # fmt: skip

MISCONCEPTIONS = (*DISCRIMINATOR, *GENERATOR, *NOISE, *GRADIENT_PENALTY, *TRAINER)
