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
ORDER = "order = rng.permutation(len(X))"
DRAWS = "    lam = rng.beta(alpha, alpha)\n    order = rng.permutation(len(X))\n"
HOT = "Y = np.eye(classes)[labels]"
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
TOTAL = "total += loss.item()"
NORM = "    grad_norm = torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)\n"
STEP = "    optimizer.step()\n"
RATE = '    lr = optimizer.param_groups[0]["lr"]\n'
PLAN = "    scheduler.step()\n"
RETURNED = "return total, grad_norm.item(), lr"

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
)  # fmt: skip

MISCONCEPTIONS = (*SMOOTHING, *MIXUP, *GROUPED, *STOPPING, *STEPPED)
