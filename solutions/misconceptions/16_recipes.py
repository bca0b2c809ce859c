"""Lesson 16, wrong on purpose: what each mistake changes in the reference solution; see autograder.catalogue."""

from autograder.catalogue import wrong

NOTES = "course notes"
CLASSROOM = "common in first implementations"
TORCH = "PyTorch"

# What the edits replace.
SPREAD = "target = np.full((m, classes), smoothing / classes)"
LABEL = "target[np.arange(m), labels] += 1 - smoothing  # (1)"
SHIFT = "shifted = logits - logits.max(axis=1, keepdims=True)"
LOSS = "loss = -(target * log_p).sum(axis=1).mean()  # (2)"
GRAD = "grad = (np.exp(log_p) - target) / m  # (4)"
LAM = "lam = rng.beta(alpha, alpha)"
DRAWS = "    lam = rng.beta(alpha, alpha)\n    order = rng.permutation(len(X))\n"
X_MIX = "X_mix = lam * X + (1 - lam) * X[order]  # (5)"
Y_MIX = "Y_mix = lam * Y + (1 - lam) * Y[order]  # (6)"
EVERY = "for param in model.parameters():"
TRAINED = "if param.requires_grad:"
CHOICE = "group = decay if param.ndim >= 2 else no_decay"
GROUPS = (
    "    return [\n"
    '        {"params": decay, "weight_decay": weight_decay},\n'
    '        {"params": no_decay, "weight_decay": 0.0},\n'
    "    ]\n"
)
BAD_PATIENCE = "if patience < 1:"
BAD_DELTA = "if min_delta < 0:"
BETTER = "if metric < self.best - self.min_delta:  # (7)"
NEW_BEST = "self.best = metric"
RESET = "            self.waited = 0\n            self.kept = {"
KEPT = "self.kept = {name: each.clone() for name, each in model.state_dict().items()}"
STARTS = "self.kept = None"
DUE = "return self.waited >= self.patience"
BACK = "model.load_state_dict(self.kept)"
CLEAR = "    optimizer.zero_grad()\n"
SHARE = "loss = loss_fn(model(x), y) * (len(x) / rows)"
BACKWARD = "        loss.backward()\n"
NORM = "    grad_norm = torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)\n"
STEP = "    optimizer.step()\n"
RATE = '    lr = optimizer.param_groups[0]["lr"]\n'
PLAN = "    scheduler.step()\n"
RETURNED = "return total, grad_norm.item(), lr"
KERAS = "Keras"
MIXMATCH = "MixMatch (Berthelot and others, 2019)"
LOOP = (
    "    for x, y in batches:\n"
    "        loss = loss_fn(model(x), y) * (len(x) / rows)\n"
    "        loss.backward()\n"
    "        total += loss.item()\n"
)

SMOOTHING = (
    wrong(
        "label_smoothing_cross_entropy", "others_only", "the smoothing is spread over the other classes alone",
        "Formula (1) spreads epsilon over all K classes, the label's too. Some notes take the other K - 1.",
        NOTES,
        (SPREAD, "target = np.full((m, classes), smoothing / (classes - 1))"),
        (LABEL, "target[np.arange(m), labels] = 1 - smoothing"),
    ),
    wrong(
        "label_smoothing_cross_entropy", "below_one", "the targets of a row add up to less than 1",
        "By formula (1) the label has its share of epsilon / K besides 1 - epsilon.",
        CLASSROOM, (LABEL, "target[np.arange(m), labels] = 1 - smoothing"),
    ),
    wrong(
        "label_smoothing_cross_entropy", "hard_gradient", "the gradient is that of the hard label",
        "Formula (4) has q of formula (1), as the loss has.",
        CLASSROOM, (GRAD, "grad = (np.exp(log_p) - np.eye(classes)[labels]) / m"),
    ),
    wrong(
        "label_smoothing_cross_entropy", "overflow", "the exponential overflows for large logits",
        "exp(1000) is infinite. Formula (3) subtracts the largest logit of the row first.",
        CLASSROOM, (SHIFT, "shifted = logits"),
    ),
    wrong(
        "label_smoothing_cross_entropy", "single_precision", "the targets are float32",
        "float32 keeps seven digits. Make the targets float64, as the logits are.",
        TORCH, (SPREAD, "target = np.full((m, classes), smoothing / classes, dtype=np.float32)"),
    ),
    wrong(
        "label_smoothing_cross_entropy", "summed", "the rows are added up, not averaged",
        "Formulas (2) and (4) divide by m.",
        CLASSROOM,
        (LOSS, "loss = -(target * log_p).sum()"), (GRAD, "grad = np.exp(log_p) - target"),
    ),
    wrong(
        "label_smoothing_cross_entropy", "mean_over_classes", "the loss is divided by the number of classes too",
        "Formula (2) adds over classes and averages over rows.",
        CLASSROOM, (LOSS, "loss = -(target * log_p).mean()"),
    ),
    wrong(
        "label_smoothing_cross_entropy", "uphill", "the gradient is the target minus the prediction",
        "Formula (4): p - q. Where p is below q, a larger logit makes the loss smaller.",
        CLASSROOM, (GRAD, "grad = (target - np.exp(log_p)) / m"),
    ),
    wrong(
        "label_smoothing_cross_entropy", "gradient_summed", "the gradient is that of the sum over rows",
        "The loss is a mean over m rows; so formula (4) divides by m.",
        CLASSROOM, (GRAD, "grad = np.exp(log_p) - target"),
    ),
    wrong(
        "label_smoothing_cross_entropy", "binary_formula", "epsilon is spread as if there were two classes",
        "Formula (1) divides epsilon by K. One half is right for two classes alone.",
        KERAS, (SPREAD, "target = np.full((m, classes), smoothing / 2)"),
    ),
    wrong(
        "label_smoothing_cross_entropy", "hard_loss", "the loss is that of the hard label",
        "Formula (2) has q of formula (1): every class has its share of the loss.",
        CLASSROOM, (LOSS, "loss = -log_p[np.arange(m), labels].mean()"),
    ),
    wrong(
        "label_smoothing_cross_entropy", "kl_divergence", "the entropy of the target is subtracted from the loss",
        "Formula (2) is the cross-entropy, not the divergence of p from q. It does not reach 0.",
        NOTES,
        (LOSS, "sure = target * np.log(np.where(target > 0, target, 1.0))\n"
               "    loss = (sure - target * log_p).sum(axis=1).mean()"),
    ),
    wrong(
        "label_smoothing_cross_entropy", "smooths_prediction", "the prediction is smoothed, not the label",
        "By formula (1) the target gets the share epsilon / K. Formula (3) has p as it is.",
        CLASSROOM,
        (SPREAD, "target = np.zeros((m, classes))"),
        (LABEL, "target[np.arange(m), labels] = 1.0"),
        (LOSS, "spread = smoothing / classes + (1 - smoothing) * np.exp(log_p)\n"
               "    safe = np.where(spread > 0, spread, 1e-300)\n"
               "    loss = -(target * np.log(safe)).sum(axis=1).mean()"),
    ),
    wrong(
        "label_smoothing_cross_entropy", "clipped_log", "the probability is clipped before its logarithm",
        "Clipping stops the loss from growing. Formula (3) needs none: it never takes the logarithm of 0.",
        KERAS, (LOSS, "kept = np.clip(np.exp(log_p), 1e-7, 1.0)\n    loss = -(target * np.log(kept)).sum(axis=1).mean()"),
    ),
    wrong(
        "label_smoothing_cross_entropy", "gradient_overflows", "the gradient's exponential overflows for large logits",
        "p of formula (4) is e to the log p of formula (3), which is safe already.",
        CLASSROOM,
        (GRAD, "raw = np.exp(logits)\n    grad = (raw / raw.sum(axis=1, keepdims=True) - target) / m"),
    ),
    wrong(
        "label_smoothing_cross_entropy", "in_probabilities", "the gradient is that in the probabilities",
        "Formula (4) is the gradient in the logits: what stands before the softmax.",
        CLASSROOM, (GRAD, "grad = -target / np.exp(log_p) / m"),
    ),
    wrong(
        "label_smoothing_cross_entropy", "changes_logits", "the largest logit is subtracted in the caller's array",
        "logits -= writes into what was handed over. The arguments stay unchanged.",
        CLASSROOM, (SHIFT, "logits -= logits.max(axis=1, keepdims=True)\n    shifted = logits"),
    ),
)  # fmt: skip

MIXUP = (
    wrong(
        "mixup", "order_first", "the permutation is drawn before the weight",
        "The docstring has the draws in their order: rng.beta first.",
        CLASSROOM, (DRAWS, "    order = rng.permutation(len(X))\n    lam = rng.beta(alpha, alpha)\n"),
    ),
    wrong(
        "mixup", "weight_a_row", "each row has a weight of its own",
        "In formula (5) lambda has no index: one weight for the batch.",
        CLASSROOM,
        (LAM, "each = rng.beta(alpha, alpha, size=len(X))"),
        (X_MIX, "lam = each.reshape(-1, *[1] * (X.ndim - 1))\n    X_mix = lam * X + (1 - lam) * X[order]"),
        (Y_MIX, "Y_mix = each[:, None] * Y + (1 - each[:, None]) * Y[order]"),
    ),
    wrong(
        "mixup", "labels_kept", "the targets are not mixed",
        "Formula (6): a row that is partly another one has a target that is partly the other's.",
        CLASSROOM, (Y_MIX, "Y_mix = Y"),
    ),
    wrong(
        "mixup", "overwrites", "X itself is overwritten",
        "Formula (5) makes new rows. Written into X, they are gone for the next epoch.",
        CLASSROOM, (X_MIX, "X[...] = lam * X + (1 - lam) * X[order]\n    X_mix = X.copy()"),
    ),
    wrong(
        "mixup", "weight_swapped", "lambda weights the other row",
        "In formulas (5) and (6) lambda belongs to the row itself, 1 - lambda to the other.",
        TORCH,
        (X_MIX, "X_mix = (1 - lam) * X + lam * X[order]"), (Y_MIX, "Y_mix = (1 - lam) * Y + lam * Y[order]"),
    ),
    wrong(
        "mixup", "two_permutations", "the targets are mixed with other rows than the inputs",
        "Formulas (5) and (6) have the same permutation: it is drawn once.",
        CLASSROOM, (Y_MIX, "Y_mix = lam * Y + (1 - lam) * Y[rng.permutation(len(X))]"),
    ),
    wrong(
        "mixup", "two_weights", "the targets have another weight than the inputs",
        "Formulas (5) and (6) have the same lambda: it is drawn once for the batch.",
        CLASSROOM, (Y_MIX, "other = rng.beta(alpha, alpha)\n    Y_mix = other * Y + (1 - other) * Y[order]"),
    ),
    wrong(
        "mixup", "label_of_the_larger", "a mixed row gets the label of its larger part alone",
        "Formula (6) mixes the targets in the proportion of the rows.",
        CLASSROOM, (Y_MIX, "Y_mix = Y.copy() if lam >= 0.5 else Y[order]"),
    ),
    wrong(
        "mixup", "labels_as_numbers", "the labels are mixed as numbers",
        "Y of formula (6) has a column for each class: between the labels 0 and 2 there is no label 1.",
        CLASSROOM, (Y_MIX, "Y_mix = lam * labels + (1 - lam) * labels[order]"),
    ),
    wrong(
        "mixup", "rows_mixed_already", "a row is mixed with one that is mixed already",
        "Both rows of formula (5) are those of the batch as it came.",
        CLASSROOM,
        (X_MIX, "X_mix, Y_mix = X.copy(), Y.copy()\n    for i, j in enumerate(order):\n"
                "        X_mix[i] = lam * X_mix[i] + (1 - lam) * X_mix[j]\n"
                "        Y_mix[i] = lam * Y_mix[i] + (1 - lam) * Y_mix[j]"),
        ("    " + Y_MIX + "\n", ""),
    ),
    wrong(
        "mixup", "neighbour", "each row is mixed with the one before it",
        "The other row of formula (5) is the one that the permutation names.",
        CLASSROOM,
        (X_MIX, "X_mix = lam * X + (1 - lam) * np.roll(X, 1, axis=0)"),
        (Y_MIX, "Y_mix = lam * Y + (1 - lam) * np.roll(Y, 1, axis=0)"),
    ),
    wrong(
        "mixup", "larger_weight", "the row itself always has the larger weight",
        "In formula (5) lambda may be below one half: the row itself is the smaller part then.",
        MIXMATCH, (LAM, "lam = rng.beta(alpha, alpha)\n    lam = max(lam, 1 - lam)"),
    ),
)  # fmt: skip

GROUPED = (
    wrong(
        "param_groups", "by_name", "the groups go by names",
        "The rule counts dimensions. A vector may be called weight, as a norm layer's scale is.",
        NOTES,
        (EVERY, "for name, param in model.named_parameters():"),
        (CHOICE, 'group = decay if "weight" in name else no_decay'),
    ),
    wrong(
        "param_groups", "frozen_kept", "frozen parameters are in a group",
        "What asks for no gradient is not trained, and belongs in neither group.",
        CLASSROOM, (TRAINED, "if True:"),
    ),
    wrong(
        "param_groups", "shared_twice", "a parameter with two names comes twice",
        "One tensor under two names is one parameter. An optimiser refuses it twice.",
        CLASSROOM,
        (EVERY, "for _, param in model.named_parameters(remove_duplicate=False):"),
    ),
    wrong(
        "param_groups", "drops_empty", "a group without parameters is left out",
        "Two groups are returned, whatever the model has: an empty one stays.",
        CLASSROOM,
        (GROUPS, GROUPS.replace("return [", "groups = [") + '    return [each for each in groups if each["params"]]\n'),
    ),
    wrong(
        "param_groups", "matrices_only", "only matrices decay",
        "Two or more dimensions decay: the kernel of a convolution has four.",
        CLASSROOM, (CHOICE, "group = decay if param.ndim == 2 else no_decay"),
    ),
    wrong(
        "param_groups", "swapped", "the two groups have changed places",
        "What has two or more dimensions decays, and is in the first group.",
        CLASSROOM, (CHOICE, "group = decay if param.ndim < 2 else no_decay"),
    ),
    wrong(
        "param_groups", "freezes", "what does not decay is frozen",
        "Without decay a parameter is still trained: requires_grad stays as it is.",
        CLASSROOM, (CHOICE, CHOICE + "\n            param.requires_grad_(param.ndim >= 2)"),
    ),
    wrong(
        "param_groups", "all_decay", "the second group decays too",
        "The second group is there for what should not decay: its weight_decay is 0.0.",
        CLASSROOM, ('{"params": no_decay, "weight_decay": 0.0}', '{"params": no_decay, "weight_decay": weight_decay}'),
    ),
    wrong(
        "param_groups", "numbers_left_out", "a parameter of shape () is in no group",
        "What has fewer than two dimensions does not decay: vectors, and single numbers too.",
        CLASSROOM, (CHOICE, "group = decay if param.ndim >= 2 else no_decay if param.ndim == 1 else []"),
    ),
    wrong(
        "param_groups", "no_key", "the second group says nothing of its decay",
        "What a group leaves out is the optimiser's default, and AdamW's decay is 0.01 by default. Say 0.0.",
        TORCH, ('{"params": no_decay, "weight_decay": 0.0}', '{"params": no_decay}'),
    ),
    wrong(
        "param_groups", "biases_by_name", "only what is called a bias is spared",
        "The rule counts dimensions: the scale of a norm layer is no bias, and does not decay either.",
        NOTES,
        (EVERY, "for name, param in model.named_parameters():"),
        (CHOICE, 'group = no_decay if "bias" in name else decay'),
    ),
    wrong(
        "param_groups", "one_row_is_a_vector", "a matrix of one row does not decay",
        "The rule counts dimensions, also those of size 1.",
        CLASSROOM, (CHOICE, "group = decay if param.squeeze().ndim >= 2 else no_decay"),
    ),
    wrong(
        "param_groups", "frozen_spared", "what is frozen is in the group without decay",
        "Frozen parameters are in neither group: an optimiser has nothing to do with them.",
        CLASSROOM,
        (TRAINED, "if True:"), (CHOICE, "group = decay if param.requires_grad and param.ndim >= 2 else no_decay"),
    ),
    wrong(
        "param_groups", "unfreezes", "frozen parameters are thawed",
        "What is frozen is to stay so. The model stays as it is.",
        CLASSROOM, (TRAINED, "if param.requires_grad_(True) is not None:"),
    ),
    wrong(
        "param_groups", "compared_by_value", "parameters are compared by value to find those that come twice",
        "The operator `in` asks tensors whether their numbers are equal, which needs one shape. Ask whether they are one object.",
        CLASSROOM,
        (EVERY, "for _, param in model.named_parameters(remove_duplicate=False):"),
        (CHOICE + "\n            group.append(param)",
         CHOICE + "\n            if param not in group:\n                group.append(param)"),
    ),
    wrong(
        "param_groups", "zero_is_none", "a weight_decay of 0 becomes that of AdamW",
        "0 is a number like others, and the first group has the decay that is given.",
        CLASSROOM, ('{"params": decay, "weight_decay": weight_decay}', '{"params": decay, "weight_decay": weight_decay or 0.01}'),
    ),
)  # fmt: skip

STOPPING = (
    wrong(
        "EarlyStopping", "one_late", "it stops one call late",
        "True comes with the call that makes it `patience` calls that were no better, not with the next.",
        TORCH, (DUE, "return self.waited > self.patience"),
    ),
    wrong(
        "EarlyStopping", "not_reset", "the count is not set back",
        "`patience` calls running: a better metric starts the count again.",
        CLASSROOM, (RESET, "            self.kept = {"),
    ),
    wrong(
        "EarlyStopping", "alias", "what is kept is the model's own tensors",
        "state_dict() hands out the tensors themselves, which training goes on changing. Keep copies.",
        CLASSROOM, (KEPT, "self.kept = model.state_dict()"),
    ),
    wrong(
        "EarlyStopping", "no_buffers", "buffers are not kept",
        "The running means of a batch norm are buffers: weights alone are half of the model.",
        CLASSROOM,
        (KEPT, "self.kept = {name: each.detach().clone() for name, each in model.named_parameters()}"),
        (BACK, "model.load_state_dict(self.kept, strict=False)"),
    ),
    wrong(
        "EarlyStopping", "relative_delta", "min_delta is a share of the best metric",
        "Formula (7) subtracts min_delta; it does not multiply by it.",
        TORCH,
        (BETTER, 'if metric < (self.best * (1 - self.min_delta) if self.best != float("inf") else self.best):'),
    ),
    wrong(
        "EarlyStopping", "equal_improves", "a metric at the border counts as better",
        "Formula (7) has a strict sign: at the border nothing was gained.",
        CLASSROOM, (BETTER, "if metric <= self.best - self.min_delta:"),
    ),
    wrong(
        "EarlyStopping", "nan_improves", "NaN counts as better",
        "No comparison with NaN holds, so the opposite question has the wrong answer. Ask whether it is better.",
        CLASSROOM, (BETTER, "if not metric >= self.best - self.min_delta:"),
    ),
    wrong(
        "EarlyStopping", "keeps_last", "the model of the last call is kept, not the best one",
        "A copy is made only where the metric is better.",
        CLASSROOM,
        (DUE, "self.kept = {n: each.detach().clone() for n, each in model.state_dict().items()}\n        " + DUE),
    ),
    wrong(
        "EarlyStopping", "restores_in_step", "step brings the best model back itself",
        "step leaves the model as it is; restore is a call of its own.",
        CLASSROOM,
        (
            DUE,
            "if self.waited and self.kept is not None:\n            model.load_state_dict(self.kept)\n        " + DUE,
        ),
    ),
    wrong(
        "EarlyStopping", "largest_wins", "a larger metric counts as better",
        "The metric is a loss: the smaller, the better.",
        CLASSROOM,
        (BETTER, "if self.kept is None and metric == metric or metric > self.best + self.min_delta:"),
    ),
    wrong(
        "EarlyStopping", "ignores_delta", "min_delta is not used",
        "Formula (7) asks for a gain of more than min_delta.",
        CLASSROOM, (BETTER, "if metric < self.best:"),
    ),
    wrong(
        "EarlyStopping", "accepts_zero", "patience = 0 is accepted",
        "Below 1 there is nothing to wait for: ValueError.",
        CLASSROOM, (BAD_PATIENCE, "if patience < 0:"),
    ),
    wrong(
        "EarlyStopping", "accepts_negative_delta", "a negative min_delta is accepted",
        "With a negative min_delta a worse metric would count as better: ValueError.",
        CLASSROOM, (BAD_DELTA, "if False:"),
    ),
    wrong(
        "EarlyStopping", "class_attribute", "what is kept belongs to the class",
        "A class attribute is one for all instances. Keep it in self.",
        CLASSROOM,
        (STARTS, "self.shared.clear()"),
        (KEPT, "self.shared.update({n: each.detach().clone() for n, each in model.state_dict().items()})"),
        ("if self.kept is not None:", "if self.shared:"),
        (BACK, "model.load_state_dict(self.shared)"),
        ("    def __init__(self, patience, min_delta=0.0):", "    shared = {}\n\n    def __init__(self, patience, min_delta=0.0):"),
    ),
    wrong(
        "EarlyStopping", "restores_at_end", "the call that says stop brings the best model back",
        "step leaves the model as it is, also when it returns True; restore is a call of its own.",
        CLASSROOM,
        (
            DUE,
            "if self.waited >= self.patience and self.kept is not None:\n"
            "            model.load_state_dict(self.kept)\n        " + DUE,
        ),
    ),
    wrong(
        "EarlyStopping", "compared_with_the_last", "a metric is compared with the one before",
        "Formula (7) compares with the best so far: below the last metric is not below the best.",
        CLASSROOM,
        (BETTER, "last, self.last = self.last, metric\n        if metric < last - self.min_delta:"),
        (STARTS, 'self.kept, self.last = None, float("inf")'),
    ),
    wrong(
        "EarlyStopping", "best_follows_small_gains", "best takes gains that do not count",
        "best moves where formula (7) holds, and only there. Otherwise small gains never add up to a large one.",
        CLASSROOM, (DUE, "self.best = min(self.best, metric)\n        " + DUE),
    ),
    wrong(
        "EarlyStopping", "first_is_taken", "the first metric counts as better, even if it is NaN",
        "best is infinite at first, so formula (7) needs no exception; and NaN is never better.",
        CLASSROOM, (BETTER, "if self.kept is None or metric < self.best - self.min_delta:"),
    ),
    wrong(
        "EarlyStopping", "best_is_none", "best is None until the first call",
        "Before the first call best is infinite: any number is smaller.",
        CLASSROOM,
        ('self.best = float("inf")', "self.best = None"),
        (BETTER, "if metric == metric and (self.best is None or metric < self.best - self.min_delta):"),
    ),
    wrong(
        "EarlyStopping", "nan_stops", "NaN stops at once",
        "NaN is a call that was no better, like others: patience decides.",
        "TensorFlow", (DUE, "return metric != metric or self.waited >= self.patience"),
    ),
    wrong(
        "EarlyStopping", "nan_not_counted", "a call with NaN is not counted",
        "NaN is no better than best, so it is one of the `patience` calls.",
        CLASSROOM, ("            self.waited += 1", "            self.waited += metric == metric"),
    ),
    wrong(
        "EarlyStopping", "nothing_kept_raises", "restore raises an error where nothing was kept",
        "Where nothing was kept, restore changes nothing: no error.",
        CLASSROOM, ("if self.kept is not None:", 'if self.kept is None:\n            raise RuntimeError("nothing was kept")\n        else:'),
    ),
    wrong(
        "EarlyStopping", "restores_once", "what was kept is gone after the first restore",
        "restore may be called more than once, and what was kept stays as it was.",
        CLASSROOM, (BACK, BACK + "\n            self.kept = None"),
    ),
    wrong(
        "EarlyStopping", "assigned", "the model is given what was kept itself, not its values",
        "restore copies into the model's own tensors, which the optimiser holds.",
        TORCH, (BACK, "model.load_state_dict(self.kept, assign=True)"),
    ),
    wrong(
        "EarlyStopping", "shared_best", "best belongs to the class",
        "A class attribute is one for all instances. Two instances share nothing: keep best in self.",
        CLASSROOM,
        ('self.best = float("inf")', 'type(self).best = float("inf")'), (NEW_BEST, "type(self).best = metric"),
    ),
    wrong(
        "EarlyStopping", "asserts", "bad settings are met with an assertion",
        "An assert raises AssertionError, and vanishes where Python optimises. ValueError is asked for.",
        CLASSROOM,
        (BAD_PATIENCE, "assert patience >= 1\n        " + BAD_PATIENCE),
        (BAD_DELTA, "assert min_delta >= 0\n        " + BAD_DELTA),
    ),
)  # fmt: skip

STEPPED = (
    wrong(
        "training_step", "scheduler_first", "the scheduler steps before the optimiser",
        "The update should use the rate that is there; the scheduler sets that of the next one.",
        CLASSROOM, (STEP, PLAN + STEP), (RATE + PLAN, RATE),
    ),
    wrong(
        "training_step", "mean_of_means", "each micro-batch counts the same, whatever its rows",
        "A micro-batch of one row has one row's say. What share of all rows does each have?",
        CLASSROOM, (SHARE, "loss = loss_fn(model(x), y) / len(batches)"),
    ),
    wrong(
        "training_step", "sum_of_means", "the means of the micro-batches are added up",
        "Three micro-batches would make a gradient three times as long. Their mean is over all rows.",
        CLASSROOM, (SHARE, "loss = loss_fn(model(x), y)"),
    ),
    wrong(
        "training_step", "clips_each", "the gradient is clipped after each micro-batch",
        "max_norm is for the gradient of the whole batch, which is there after the last backward().",
        CLASSROOM,
        (NORM, ""),
        (BACKWARD, BACKWARD + "    " + NORM),
    ),
    wrong(
        "training_step", "zero_in_loop", "the gradients are cleared within the loop",
        "Cleared before each micro-batch, only the last one's gradient is left.",
        CLASSROOM, (CLEAR, ""), (BACKWARD, "        optimizer.zero_grad()\n" + BACKWARD),
    ),
    wrong(
        "training_step", "not_zeroed", "old gradients are not cleared",
        "backward() adds to what is there.",
        CLASSROOM, (CLEAR, ""),
    ),
    wrong(
        "training_step", "next_rate", "lr is the rate of the next update",
        "lr is what this update used; the scheduler has changed it by then.",
        CLASSROOM, (RATE + PLAN, PLAN + RATE),
    ),
    wrong(
        "training_step", "norm_after", "grad_norm is the norm after clipping",
        "Return the norm before clipping: it tells whether the limit was reached, and by how much.",
        CLASSROOM,
        (RETURNED, "return total, min(grad_norm.item(), max_norm), lr"),
    ),
    wrong(
        "training_step", "never_clips", "the gradient that the optimiser sees is not clipped",
        "Above max_norm the gradient is scaled down, and that before the optimiser's step.",
        CLASSROOM,
        (NORM, '    grad_norm = torch.nn.utils.clip_grad_norm_(model.parameters(), float("inf"))\n'),
    ),
    wrong(
        "training_step", "no_schedule", "the scheduler is never stepped",
        "Where nothing steps the scheduler, the rate stays that of the first update.",
        CLASSROOM, (PLAN, ""),
    ),
    wrong(
        "training_step", "always_scales", "the gradient is brought to max_norm, whatever its norm",
        "max_norm is a limit: a gradient below it stays as it is.",
        CLASSROOM,
        (
            NORM,
            "    grad_norm = torch.nn.utils.get_total_norm([p.grad for p in model.parameters() if p.grad is not None])\n"
            "    for p in model.parameters():\n"
            "        if p.grad is not None:\n"
            "            p.grad.mul_(max_norm / (grad_norm + 1e-6))\n",
        ),
    ),
    wrong(
        "training_step", "cleared_after", "the gradients are cleared after the step, and not before",
        "Gradients may be left from before the first call: they have to go before the first backward().",
        CLASSROOM, (CLEAR, ""), (PLAN, PLAN + CLEAR),
    ),
    wrong(
        "training_step", "schedules_each", "the scheduler steps once for every micro-batch",
        "However many micro-batches there are, they are one update, and it has one rate.",
        CLASSROOM, (PLAN, "    for _ in batches:\n        scheduler.step()\n"),
    ),
    wrong(
        "training_step", "clips_values", "each entry of the gradient is cut off at max_norm",
        "Clipping by norm shortens the whole gradient and keeps its direction (lesson 07).",
        CLASSROOM,
        (NORM, "    held = [p.grad for p in model.parameters() if p.grad is not None]\n"
               "    grad_norm = torch.nn.utils.get_total_norm(held)\n"
               "    torch.nn.utils.clip_grad_value_(model.parameters(), max_norm)\n"),
    ),
    wrong(
        "training_step", "clips_each_parameter", "each parameter's gradient is clipped by itself",
        "max_norm is for the global norm: that of all parameters' gradients together.",
        CLASSROOM,
        (NORM, "    parameters = list(model.parameters())\n"
               "    grad_norm = torch.nn.utils.get_total_norm([p.grad for p in parameters if p.grad is not None])\n"
               "    for one in parameters:\n        torch.nn.utils.clip_grad_norm_(one, max_norm)\n"),
    ),
    wrong(
        "training_step", "last_loss", "the loss of the last micro-batch is returned",
        "The loss is the mean over all rows, of every micro-batch.",
        CLASSROOM,
        (LOOP, LOOP.replace("total += loss.item()", "total = loss.item() * rows / len(x)")),
    ),
    wrong(
        "training_step", "loss_mean_of_means", "the loss that is returned counts each micro-batch the same",
        "The mean is over rows: see the example of one row and three rows.",
        CLASSROOM,
        (LOOP, LOOP.replace("total += loss.item()", "total += loss.item() * rows / len(x) / len(batches)")),
    ),
    wrong(
        "training_step", "all_as_the_first", "all micro-batches count as if they had as many rows as the first",
        "Each pair may have any number of rows, so each has a share of its own.",
        CLASSROOM, ("rows = sum(len(x) for x, _ in batches)", "rows = len(batches) * len(batches[0][0])"),
    ),
    wrong(
        "training_step", "running_total", "backward() is called on the sum of the losses so far",
        "backward() adds gradients up by itself: the first micro-batch's comes again with every further one.",
        CLASSROOM,
        (LOOP, "    running = 0.0\n    for x, y in batches:\n"
               "        running = running + loss_fn(model(x), y) * len(x) / rows\n"
               "        running.backward(retain_graph=True)\n    total = running.item()\n"),
    ),
    wrong(
        "training_step", "loss_after_the_update", "the loss is that after the update",
        "The loss is the mean over all rows before the update: it is there already, from the way to the gradient.",
        CLASSROOM,
        (PLAN, PLAN + "    with torch.no_grad():\n"
                      "        total = sum(loss_fn(model(x), y).item() * len(x) for x, y in batches) / rows\n"),
    ),
    wrong(
        "training_step", "skips_long_gradients", "a gradient above max_norm makes no update",
        "What is too long is shortened to max_norm, and the step is made.",
        CLASSROOM, (STEP, "    if grad_norm <= max_norm:\n        optimizer.step()\n"),
    ),
)  # fmt: skip

MISCONCEPTIONS = (*SMOOTHING, *MIXUP, *GROUPED, *STOPPING, *STEPPED)
