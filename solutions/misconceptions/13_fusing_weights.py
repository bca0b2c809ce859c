"""Lesson 13, wrong on purpose: what each mistake changes in the reference solution; see autograder.catalogue."""

from autograder.catalogue import wrong

NOTES = "course notes"
LIBRARIES = "another library's convention"
CLASSROOM = "common in first implementations"

# What the edits replace.
LAYERS = "layers = np.stack([state[name] for state in states])"
PER_LAYER = "w = weights[name] if isinstance(weights, dict) else weights"
EQUAL = "w = np.ones(len(states)) if w is None else np.asarray(w, dtype=float)"
AVERAGE = "np.tensordot(w / w.sum(), layers, axes=1)"
FUSED = f"fused[name] = {AVERAGE}  # (1)"
COSINES = "cosines = rows @ mean / np.where(lengths > 0, lengths, 1.0)  # (2)"
EXPONENTS = "exponents = cosines / temperature"
EXP = "e = np.exp(exponents - exponents.max())"
ROWS = "rows = np.stack([state[name].ravel() for state in states])"
LOG = "return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))"
TEACHER = "log_softmax(teacher_logits / T)"
HARD = "hard = -log_hard[np.arange(n), labels].sum() / n"
SHIFTED = "shifted = logits - logits.max(axis=1, keepdims=True)"
SOFT = "soft = (p * (log_p - log_q)).sum() / n  # (5)"
LOG_HARD = "log_hard = log_softmax(student_logits)"
LOSS = "alpha * T**2 * soft"
GRAD = "alpha * T * (q - p)"
BY_ROWS = "(np.exp(log_hard) - one_hot)) / n  # (7)"
CHANGES = "changes = models - base"
SMALLEST = "smallest_kept = np.sort(np.abs(changes), axis=1)[:, [-k]]"
KEPT = "kept = np.where(np.abs(changes) >= smallest_kept, changes, 0.0)"
SIGN = "sign = np.sign(kept.sum(axis=0))"
AGREE = "agree = (np.sign(kept) == sign) & (kept != 0)"
COUNT = "count = np.maximum(agree.sum(axis=0), 1)"
SUMMED = "np.where(agree, kept, 0.0).sum(axis=0)"
MERGED = "return base + scale * merged"
GRADS = "grads = torch.autograd.grad(loss, self.params, retain_graph=True, allow_unused=True)"
FISHER = "self.fisher[i] = self.fisher[i] + square / count  # (8)"
ANCHOR = "\n        self.anchor = [p.detach().clone() for p in self.params]"
PENALTY = "total = total + (F * (p - a) ** 2).sum()"

FUSE = (
    wrong(
        "fuse", "not_normalised", "the weights are not divided by their sum",
        "Weights need not add up to 1. Look at the denominator of formula (1).",
        CLASSROOM, (AVERAGE, "np.tensordot(w, layers, axes=1)"),
    ),
    wrong(
        "fuse", "divided_by_k", "the weighted sum is divided by the number of models",
        "Formula (1) divides by the sum of the weights. That is K only where every weight is 1.",
        CLASSROOM, (AVERAGE, "np.tensordot(w, layers, axes=1) / len(states)"),
    ),
    wrong(
        "fuse", "by_position", "layers are matched by their place in the dict, not by name",
        "A dict's order says nothing: two models may list the same layers differently. Which key do they share?",
        CLASSROOM,
        (LAYERS, "place = list(states[0]).index(name)\n"
                 "        layers = np.stack([list(state.values())[place] for state in states])"),
    ),
    wrong(
        "fuse", "weights_of_one_layer", "the weights of one layer are used for all",
        "Where weights is a dict each name has weights of its own.",
        CLASSROOM, (PER_LAYER, "w = next(iter(weights.values())) if isinstance(weights, dict) else weights"),
    ),
    wrong(
        "fuse", "in_place", "the first model's dict is overwritten",
        "The result goes into the first model itself. Whoever handed it in still needs it: start from a dict of your own.",
        CLASSROOM, ("fused = {}", "fused = states[0]"),
    ),
    wrong(
        "fuse", "weights_ignored", "the weights are ignored",
        "Every model counts alike here. In formula (1) each layer is multiplied by its model's weight.",
        CLASSROOM, (EQUAL, "w = np.ones(len(states))"),
    ),
    wrong(
        "fuse", "one_model_handed_back", "a single model is handed back as it is",
        "Its arrays are then the caller's own: whoever changes the result changes the model. Return new ones.",
        CLASSROOM, ("fused = {}", "if len(states) == 1:\n        return dict(states[0])\n    fused = {}"),
    ),
    wrong(
        "fuse", "weights_reversed", "the weights go to the models in the opposite order",
        "In formula (1) the first weight belongs to the first model. Some libraries give theirs to the last.",
        LIBRARIES, (AVERAGE, "np.tensordot(w[::-1] / w.sum(), layers, axes=1)"),
    ),
    wrong(
        "fuse", "weights_changed", "the weights are divided in place",
        "np.asarray makes no copy of an array, so /= changes the one that was handed in.",
        CLASSROOM, (EQUAL, f"{EQUAL}\n        w /= w.sum()"),
    ),
    wrong(
        "fuse", "added_to_the_first", "the sum is formed in the first model's own layer",
        "+= and *= write into an array that the first model still holds. Start from a new one.",
        CLASSROOM,
        (FUSED, "total = states[0][name]\n        total *= w[0]\n"
                "        for k in range(1, len(states)):\n            total += w[k] * states[k][name]\n"
                "        fused[name] = total / w.sum()"),
    ),
    wrong(
        "fuse", "truth_of_an_array", "an array of weights is asked whether it is true",
        "NumPy has no answer for an array of several numbers. Ask whether weights is None.",
        CLASSROOM, (EQUAL, "w = np.asarray(w, dtype=float) if weights else np.ones(len(states))"),
    ),
    wrong(
        "fuse", "halfway_each_time", "model after model is averaged half and half with what there is",
        "Formula (1) divides once, by the sum of all weights. Otherwise the last model has half of the say.",
        CLASSROOM,
        (EQUAL, "w = 2.0 ** np.maximum(np.arange(len(states)), 1) if w is None else np.asarray(w, dtype=float)"),
    ),
    wrong(
        "fuse", "first_two_alone", "only the first two models are fused",
        "The sums of formula (1) run over all K models, and K may be 1.",
        "interpolation, which has two ends",
        (AVERAGE, "np.tensordot(w[:2] / w[:2].sum(), layers[:2], axes=1)"),
    ),
    wrong(
        "fuse", "softmax_of_the_weights", "the weights go through a softmax",
        "Only proportions matter: formula (1) divides by the sum of the weights, without an exponential.",
        "attention", (AVERAGE, "np.tensordot(np.exp(w - w.max()) / np.exp(w - w.max()).sum(), layers, axes=1)"),
    ),
    wrong(
        "fuse", "divided_by_all_weights", "a layer's weights are divided by the sum of those of all layers",
        "Where weights is a dict each name has weights of its own, and formula (1) holds for each by itself.",
        CLASSROOM,
        (FUSED, "every = w.sum() if not isinstance(weights, dict) else sum(np.sum(each) for each in weights.values())\n"
                "        fused[name] = np.tensordot(w / every, layers, axes=1)"),
    ),
    wrong(
        "fuse", "weights_by_position", "the weights of a layer are looked for by its place, not by its name",
        "Where weights is a dict its keys are names, and it may list them in another order than a model.",
        CLASSROOM,
        (PER_LAYER, "w = list(weights.values())[list(states[0]).index(name)] if isinstance(weights, dict) else weights"),
    ),
    wrong(
        "fuse", "all_of_the_weight_handed_back", "a model with all of the weight is handed back itself",
        "The result shares no memory with the inputs, whatever the weights are.",
        CLASSROOM,
        (FUSED, "fused[name] = states[w.argmax()][name] if w.max() == w.sum() else " + AVERAGE),
    ),
)  # fmt: skip

SIMILARITY = (
    wrong(
        "similarity_weights", "no_temperature", "the temperature is not used",
        "Formula (3) divides every cosine by T before the exponential.",
        CLASSROOM, (EXPONENTS, "exponents = cosines"),
    ),
    wrong(
        "similarity_weights", "times_temperature", "the cosines are multiplied by the temperature",
        "A low temperature should make differences larger. Compare with formula (3).",
        CLASSROOM, (EXPONENTS, "exponents = cosines * temperature"),
    ),
    wrong(
        "similarity_weights", "overflow", "the exponential overflows at a low temperature",
        "A cosine of 1 over a temperature of 0.001 is 1000. What may be subtracted from all exponents of formula (3)?",
        CLASSROOM, (EXP, "e = np.exp(exponents)"),
    ),
    wrong(
        "similarity_weights", "dot_product", "the dot product stands in the place of the cosine",
        "Long layers then count for more. Formula (2) divides by both lengths.",
        CLASSROOM, (COSINES, "cosines = rows @ mean"),
    ),
    wrong(
        "similarity_weights", "nan_at_zero", "a layer of zeros gives nan",
        "Its length is 0, and formula (2) would be 0 over 0: there the cosine counts as 0.",
        CLASSROOM, (COSINES, "cosines = rows @ mean / lengths"),
    ),
    wrong(
        "similarity_weights", "only_own_length", "the cosine is not divided by the length of the mean",
        "Formula (2) divides by two lengths: that of the layer and that of the mean.",
        CLASSROOM, ("np.linalg.norm(rows, axis=1) * np.linalg.norm(mean)", "np.linalg.norm(rows, axis=1)"),
    ),
    wrong(
        "similarity_weights", "by_position", "layers are matched by their place in the dict, not by name",
        "A dict's order says nothing: two models may list the same layers differently. Which key do they share?",
        CLASSROOM,
        (ROWS, "place = list(states[0]).index(name)\n"
               "        rows = np.stack([list(state.values())[place].ravel() for state in states])"),
    ),
    wrong(
        "similarity_weights", "whole_models", "one cosine is taken of all layers together",
        "Formula (2) is about one layer, and each layer has weights of its own.",
        CLASSROOM,
        (ROWS, "rows = np.stack([np.concatenate([state[key].ravel() for key in states[0]]) for state in states])"),
    ),
    wrong(
        "similarity_weights", "added_to_lengths", "a small number is added to the lengths",
        "It moves every cosine of formula (2) a little, and a temperature of 0.001 makes a thousand times of it. "
        "Only a length of 0 needs care.",
        CLASSROOM, (COSINES, "cosines = rows @ mean / (lengths + 1e-8)"),
    ),
    wrong(
        "similarity_weights", "mean_of_directions", "all layers are brought to length 1 before their mean is taken",
        "The m of formula (2) is the plain mean of the layers as they are: long ones pull it towards them.",
        CLASSROOM,
        ("mean = rows.mean(axis=0)",
         "sizes = np.linalg.norm(rows, axis=1, keepdims=True)\n"
         "        mean = (rows / np.where(sizes > 0, sizes, 1.0)).mean(axis=0)"),
    ),
    wrong(
        "similarity_weights", "sizes_of_cosines", "a cosine below 0 is made positive",
        "A layer that points away from the mean is the least similar: formula (3) takes the cosine with its sign.",
        CLASSROOM, (EXPONENTS, "exponents = np.abs(cosines) / temperature"),
    ),
    wrong(
        "similarity_weights", "zeros_left_out", "a layer of zeros gets no weight",
        "Its cosine counts as 0, and formula (3) gives it the weight of that.",
        CLASSROOM, (EXP, "e = np.exp(exponents - exponents.max()) * rows.any(axis=1)"),
    ),
    wrong(
        "similarity_weights", "row_by_row", "of a layer with several axes the cosines along the last are averaged",
        "Formula (2) takes a layer as one long vector.",
        "torch.nn.functional.cosine_similarity",
        (ROWS, "last = np.atleast_1d(states[0][name]).shape[-1]\n"
               "        parts = np.stack([state[name].reshape(-1, last) for state in states])\n"
               "        middle = parts.mean(axis=0)\n"
               "        rows = np.stack([state[name].ravel() for state in states])"),
        (COSINES, "sizes = np.linalg.norm(parts, axis=2) * np.linalg.norm(middle, axis=1)\n"
                  "        cosines = ((parts * middle).sum(axis=2) / np.where(sizes > 0, sizes, 1.0)).mean(axis=1)"),
    ),
    wrong(
        "similarity_weights", "shared_among_layers", "the weights of all layers together add up to 1",
        "Formula (3) is about one layer: the weights of each add up to 1.",
        CLASSROOM,
        ("    return weights\n", "    return {name: each / len(weights) for name, each in weights.items()}\n"),
    ),
    wrong(
        "similarity_weights", "temperature_bounded", "a small temperature is replaced by a larger one",
        "The temperature is what was asked for. What may be subtracted from all exponents of formula (3)?",
        CLASSROOM, (EXPONENTS, "exponents = cosines / max(temperature, 0.01)"),
    ),
    wrong(
        "similarity_weights", "exponents_clipped", "exponents are cut off where the exponential would overflow",
        "All that are cut off become alike. What may be subtracted from all exponents of formula (3)?",
        CLASSROOM, (EXP, "e = np.exp(np.minimum(exponents, 700))"),
    ),
)  # fmt: skip

DISTILLATION = (
    wrong(
        "distillation_loss", "no_square", "the soft term lacks the square of the temperature",
        "Without it the soft gradient shrinks with the square of T. Look at the first term of formula (6).",
        CLASSROOM, (LOSS, "alpha * soft"), (GRAD, "alpha / T * (q - p)"),
    ),
    wrong(
        "distillation_loss", "square_in_gradient", "the gradient has the square of the temperature",
        "The chain rule through z/T divides by T once. How many are left of the two in formula (6)?",
        CLASSROOM, (GRAD, "alpha * T**2 * (q - p)"),
    ),
    wrong(
        "distillation_loss", "reversed_divergence", "the divergence is taken the other way round",
        "The teacher's answers weigh the logarithms: p stands in front in formula (5), not q.",
        CLASSROOM, (SOFT, "soft = (q * (log_q - log_p)).sum() / n"),
    ),
    wrong(
        "distillation_loss", "mean_over_classes", "the divergence is divided by the number of classes too",
        "That is PyTorch's default reduction. Formula (5) divides by n, the number of rows.",
        LIBRARIES, (SOFT, "soft = (p * (log_p - log_q)).mean()"),
    ),
    wrong(
        "distillation_loss", "overflow", "the exponential overflows for large logits",
        "Formula (4) does not change when the same number is taken from all logits of a row. Which one keeps it small?",
        CLASSROOM, (SHIFTED, "shifted = logits"),
    ),
    wrong(
        "distillation_loss", "labels_at_temperature", "the cross-entropy with the labels is taken at T too",
        "In formula (6) the second term stands at a temperature of 1.",
        CLASSROOM, (LOG_HARD, "log_hard = log_softmax(student_logits / T)"),
    ),
    wrong(
        "distillation_loss", "gradient_not_averaged", "the gradient is not divided by the number of rows",
        "The loss is a mean over rows, and so is its gradient: see the front of formula (7).",
        CLASSROOM, (BY_ROWS, "(np.exp(log_hard) - one_hot))"),
    ),
    wrong(
        "distillation_loss", "loss_not_averaged", "the loss is not divided by the number of rows",
        "Both terms are means over the rows: see the 1/n in formulas (5) and (6).",
        CLASSROOM, (SOFT, SOFT.replace(" / n", "")), (HARD, HARD.replace(" / n", "")),
    ),
    wrong(
        "distillation_loss", "alpha_exchanged", "alpha and 1 - alpha are exchanged",
        "In formula (6) alpha is the share of the soft term: with alpha = 1 the teacher alone counts.",
        LIBRARIES,
        ("n, T = len(labels), temperature", "n, T, alpha = len(labels), temperature, 1 - alpha"),
    ),
    wrong(
        "distillation_loss", "teacher_not_softened", "the temperature is missing on the teacher's side",
        "In formula (5) p and q are both taken at T.",
        CLASSROOM, (TEACHER, "log_softmax(teacher_logits)"),
    ),
    wrong(
        "distillation_loss", "cross_entropy_with_teacher", "the teacher's own logarithm is left out of the loss",
        "That is the cross-entropy with the teacher. Its gradient is the same; formula (5) is 0 where both agree.",
        LIBRARIES, (SOFT, "soft = -(p * log_q).sum() / n"),
    ),
    wrong(
        "distillation_loss", "no_temperature_in_gradient", "the soft gradient has no temperature in front",
        "Formula (6) has two of T and the chain rule through z/T takes one away. See the first term of formula (7).",
        CLASSROOM, (GRAD, "alpha * (q - p)"),
    ),
    wrong(
        "distillation_loss", "log_of_softmax", "the logarithm is taken of answers that are rounded to 0",
        "Where logits are far apart formula (4) gives exactly 0, and its logarithm is minus infinity. Write log q out: "
        "a logarithm of a quotient is a difference.",
        CLASSROOM, (LOG, "return np.log(np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True))"),
    ),
    wrong(
        "distillation_loss", "student_not_softened", "the temperature is missing on the student's side",
        "In formula (5) p and q are both taken at T.",
        CLASSROOM, ("log_softmax(student_logits / T)", "log_softmax(student_logits)"),
    ),
    wrong(
        "distillation_loss", "square_before_both_terms", "both terms are multiplied by the square of the temperature",
        "In formula (6) it belongs to the soft term alone: the labels are at a temperature of 1.",
        CLASSROOM,
        ("(1 - alpha) * hard", "(1 - alpha) * T**2 * hard"), ("(1 - alpha) * (np", "(1 - alpha) * T**2 * (np"),
    ),
    wrong(
        "distillation_loss", "logits_changed", "the student's logits are shifted in place",
        "-= changes the array that was handed in. Make a new one.",
        CLASSROOM, (SHIFTED, "logits -= logits.max(axis=1, keepdims=True)\n        shifted = logits"),
    ),
    wrong(
        "distillation_loss", "teachers_first_choice", "the teacher's answers are taken for labels",
        "In formula (5) p is soft: what the teacher thinks of the other classes is the point.",
        "pseudo-labels",
        ("p, q = np.exp(log_p), np.exp(log_q)",
         "p, q = np.eye(log_p.shape[1])[log_p.argmax(axis=1)], np.exp(log_q)\n    log_p = np.zeros_like(p)"),
    ),
    wrong(
        "distillation_loss", "labels_replaced", "the labels' term is that of the teacher's first choice",
        "The y of formula (6) are the labels, also where the teacher is wrong.",
        "pseudo-labels",
        (LOG_HARD, "log_hard = log_softmax(student_logits)\n    labels = teacher_logits.argmax(axis=1)"),
    ),
    wrong(
        "distillation_loss", "temperature_of_logits_after", "the answers are softened by a power, and not brought to a sum of 1 again",
        "In formula (4) the sum is over the exponentials at T.",
        CLASSROOM,
        ("log_softmax(teacher_logits / T), log_softmax(student_logits / T)",
         "log_softmax(teacher_logits) / T, log_softmax(student_logits) / T"),
    ),
    wrong(
        "distillation_loss", "logits_clipped", "large logits are cut off before the exponential",
        "All that are cut off become alike. What may be subtracted from all logits of a row in formula (4)?",
        CLASSROOM, (SHIFTED, "shifted = np.clip(logits, -100.0, 100.0)"),
    ),
)  # fmt: skip

EWC = (
    wrong(
        "EWC", "square_of_mean", "the mean gradient is squared, not the mean of the squares taken",
        "Gradients of either sign cancel in their mean. In formula (8) each sample's gradient is squared first.",
        CLASSROOM,
        ("square += grad**2", "square += grad"), (FISHER, "self.fisher[i] = self.fisher[i] + (square / count) ** 2"),
    ),
    wrong(
        "EWC", "sum_of_squares", "the squared gradients are added up, not averaged",
        "Formula (8) divides by N: twice as many samples do not make a weight twice as important.",
        CLASSROOM, (FISHER, "self.fisher[i] = self.fisher[i] + square"),
    ),
    wrong(
        "EWC", "anchor_alias", "the anchor is the parameters themselves, and moves along with them",
        "detach() shares the memory. The anchor of formula (9) stays where the parameters were.",
        CLASSROOM, (f"# (8){ANCHOR}", "# (8)\n        self.anchor = [p.detach() for p in self.params]"),
    ),
    wrong(
        "EWC", "anchor_stays", "consolidate leaves the anchor where it was",
        "What is held is what a task has just learned: every call moves the anchor to the parameters as they are.",
        CLASSROOM, (f"# (8){ANCHOR}", "# (8)"),
    ),
    wrong(
        "EWC", "fisher_replaced", "a second task replaces the Fisher information of the first",
        "The first task is to be kept as well: a second call adds what formula (8) gives.",
        CLASSROOM, (FISHER, "self.fisher[i] = square / count"),
    ),
    wrong(
        "EWC", "frees_the_graph", "losses that share a graph fail after the first",
        "PyTorch frees a graph once a gradient was taken through it. Which option of torch.autograd.grad keeps it?",
        CLASSROOM, ("retain_graph=True, ", ""),
    ),
    wrong(
        "EWC", "grad_changed", "consolidate changes the .grad of the parameters",
        "backward() writes into .grad, which may hold what an optimiser is about to use. torch.autograd.grad returns "
        "gradients and writes nowhere.",
        CLASSROOM,
        (GRADS, "for p in self.params:\n                p.grad = None\n"
                "            loss.backward(retain_graph=True)\n"
                "            grads = [p.grad for p in self.params]"),
    ),
    wrong(
        "EWC", "penalty_detached", "no gradient flows from the penalty",
        "In formula (9) theta is the parameter itself. Only the Fisher information and the anchor are constants.",
        CLASSROOM, (PENALTY, "total = total + (F * (p.detach() - a) ** 2).sum()"),
    ),
    wrong(
        "EWC", "no_half", "the half of the penalty is missing",
        "Formula (9) has half of lambda in front, so that the pull is lambda times F times the way.",
        NOTES, ("self.strength / 2 * total", "self.strength * total"),
    ),
    wrong(
        "EWC", "negative_passes", "a negative strength is accepted",
        "It would push the parameters away from the anchor: raise ValueError.",
        CLASSROOM, ("if strength < 0:", "if False:"),
    ),
    wrong(
        "EWC", "needs_a_list", "the losses have to be a list",
        "A generator has no length. Count the losses while you go through them, once.",
        CLASSROOM, ("count = 0\n", "count = len(losses)\n"), ("            count += 1\n", ""),
    ),
    wrong(
        "EWC", "unused_parameter", "a parameter that a loss does not use ends in an error",
        "Its gradient is 0 there. torch.autograd.grad has an option for this, and then gives None.",
        CLASSROOM, (", allow_unused=True", ""),
    ),
    wrong(
        "EWC", "generator_used_up", "the parameters are kept as they were handed in, a generator too",
        "A generator can be gone through once. Keep a list of what comes out of it.",
        CLASSROOM, ("self.params = list(params)", "self.params = params"),
    ),
    wrong(
        "EWC", "gradients_pile_up", "each sample's gradient is added to those of the samples before it",
        "backward() adds to .grad. torch.autograd.grad returns the gradient of one loss and writes nowhere.",
        CLASSROOM,
        (GRADS, "loss.backward(retain_graph=True)\n            grads = [p.grad for p in self.params]"),
    ),
    wrong(
        "EWC", "anchor_attached", "the anchor is part of the graph",
        "A clone hands gradients on to the parameter, and they cancel the pull of formula (9). Detach it, too.",
        CLASSROOM, (f"# (8){ANCHOR}", "# (8)\n        self.anchor = [p.clone() for p in self.params]"),
    ),
    wrong(
        "EWC", "no_strength", "the strength is not used",
        "Formula (9) has lambda in front of the sum.",
        CLASSROOM, ("self.strength / 2 * total", "total / 2"),
    ),
    wrong(
        "EWC", "mean_of_entries", "the penalty averages over the entries of a parameter",
        "The sum of formula (9) runs over all entries, or large layers would be held less than small ones.",
        CLASSROOM, (PENALTY, "total = total + (F * (p - a) ** 2).mean()"),
    ),
    wrong(
        "EWC", "zero_refused", "a strength of 0 is refused",
        "It means no penalty, which is fine. Only a negative strength is an error.",
        CLASSROOM, ("if strength < 0:", "if strength <= 0:"),
    ),
    wrong(
        "EWC", "sizes_for_squares", "the gradients' absolute values are averaged",
        "Formula (8) squares each gradient.",
        CLASSROOM, ("square += grad**2", "square += grad.abs()"),
    ),
    wrong(
        "EWC", "averaged_over_tasks", "a second task is averaged with the first",
        "The first task is to be held as before: a second call adds what formula (8) gives.",
        CLASSROOM,
        ("self.strength = strength\n", "self.strength = strength\n        self.seen = 0\n"),
        ("count = 0\n", "count = 0\n        self.seen += 1\n"),
        (FISHER, "self.fisher[i] = self.fisher[i] + (square / count - self.fisher[i]) / self.seen"),
    ),
    wrong(
        "EWC", "a_spring_for_each_task", "each task keeps an anchor of its own, and the penalty adds up over tasks",
        "The paper does so. Here there is one anchor, which every call moves, and one sum of Fisher information.",
        "Kirkpatrick and others 2017",
        (f"# (8){ANCHOR}",
         "# (8)\n        self.anchor = [p.detach().clone() for p in self.params]\n"
         "        each = [square / count for square in squares]\n"
         "        self.tasks = [*getattr(self, 'tasks', []), (each, self.anchor)]"),
        ("for F, p, a in zip(self.fisher, self.params, self.anchor, strict=True):\n            " + PENALTY,
         "for F, p in zip(self.fisher, self.params, strict=True):\n            total = total + (F * p).sum() * 0.0\n"
         "        for fisher, anchor in getattr(self, 'tasks', []):\n"
         "            for F, p, a in zip(fisher, self.params, anchor, strict=True):\n"
         "                total = total + (F * (p - a) ** 2).sum()"),
    ),
    wrong(
        "EWC", "fisher_attached", "the Fisher information is part of the graph",
        "In formula (9) F is a constant: take the gradients without a graph of their own.",
        CLASSROOM, ("retain_graph=True", "create_graph=True"),
    ),
    wrong(
        "EWC", "anchor_at_zero", "the anchor is zero at first",
        "At first the anchor is a copy of the parameters; the Fisher information is zero.",
        "weight decay",
        ("self.anchor = [p.detach().clone() for p in self.params]\n        ### END SOLUTION\n\n    def consolidate",
         "self.anchor = [torch.zeros_like(p) for p in self.params]\n        ### END SOLUTION\n\n    def consolidate"),
    ),
    wrong(
        "EWC", "fisher_of_the_class", "the Fisher information is kept by the class and not by the instance",
        "Two instances share nothing. What belongs to one of them is kept in self.",
        CLASSROOM, ("self.fisher = [", "type(self).fisher = ["),
    ),
    wrong(
        "EWC", "another_exception", "a negative strength raises another exception than ValueError",
        "The docstring asks for ValueError, with a sentence that says what is wrong.",
        CLASSROOM, ("raise ValueError(", "raise AssertionError("),
    ),
    wrong(
        "EWC", "square_of_sum", "the gradients are added up, squared, and divided by their number",
        "Gradients of either sign cancel in their sum. In formula (8) each sample's gradient is squared first.",
        CLASSROOM,
        ("square += grad**2", "square += grad"), (FISHER, "self.fisher[i] = self.fisher[i] + square**2 / count"),
    ),
    wrong(
        "EWC", "last_loss_alone", "only the last sample counts",
        "Formula (8) averages over all samples: add up what each of them gives.",
        CLASSROOM, ("square += grad**2", "square[...] = grad**2"), (FISHER, "self.fisher[i] = self.fisher[i] + square"),
    ),
)  # fmt: skip

TIES = (
    wrong(
        "ties_merge", "no_trimming", "no change is trimmed",
        "Step 1 keeps k changes of each model; the others become 0.",
        CLASSROOM, (SMALLEST, "smallest_kept = np.zeros((len(models), 1))"),
    ),
    wrong(
        "ties_merge", "signed_size", "the most positive changes are kept, not the largest in size",
        "A change of -3 is larger in size than one of 2: see step 1.",
        CLASSROOM,
        (SMALLEST, "smallest_kept = np.sort(changes, axis=1)[:, [-k]]"),
        (KEPT, "kept = np.where(changes >= smallest_kept, changes, 0.0)"),
    ),
    wrong(
        "ties_merge", "divided_by_k", "the sum is divided by the number of all models",
        "Step 3 averages over those that kept a change of the elected sign: for each number there may be fewer.",
        CLASSROOM, (COUNT, "count = len(models)"),
    ),
    wrong(
        "ties_merge", "head_count", "the sign is elected by heads",
        "In step 2 size counts: one change of +3 outweighs two of -1.",
        CLASSROOM, (SIGN, "sign = np.sign(np.sign(kept).sum(axis=0))"),
    ),
    wrong(
        "ties_merge", "no_election", "changes of both signs are averaged",
        "After step 2 the changes of the other sign are left out; step 3 averages the rest.",
        CLASSROOM, (AGREE, "agree = kept != 0"),
    ),
    wrong(
        "ties_merge", "elected_before_trimming", "the sign is elected by all changes, also those that are trimmed",
        "The steps have an order: step 2 adds up what step 1 kept.",
        CLASSROOM, (SIGN, "sign = np.sign(changes.sum(axis=0))"),
    ),
    wrong(
        "ties_merge", "base_scaled", "the base is scaled too",
        "scale multiplies what is added to the base, and not the base.",
        CLASSROOM, (MERGED, "return scale * (base + merged)"),
    ),
    wrong(
        "ties_merge", "scale_ignored", "scale is not used",
        "scale multiplies the merged change before it is added to the base.",
        CLASSROOM, (MERGED, "return base + merged"),
    ),
    wrong(
        "ties_merge", "trimmed_together", "the changes of all models are trimmed together",
        "Step 1 keeps k changes of each model, also of one whose changes are all small.",
        CLASSROOM, (SMALLEST, "smallest_kept = np.sort(np.abs(changes), axis=None)[-k * len(models)]"),
    ),
    wrong(
        "ties_merge", "counts_both_signs", "the sum is divided by all that kept a change, of either sign",
        "Step 3 averages the changes of the elected sign over as many as there are of these.",
        CLASSROOM, (COUNT, "count = np.maximum((kept != 0).sum(axis=0), 1)"),
    ),
    wrong(
        "ties_merge", "not_averaged", "the changes of the elected sign are added up, not averaged",
        "Step 3 takes their mean: three models that agree are no reason to go three times as far.",
        CLASSROOM, (f"{SUMMED} / count", SUMMED),
    ),
    wrong(
        "ties_merge", "nan_where_none", "where nothing was kept comes nan",
        "The mean of no changes is 0 over 0. Step 3 says what there should be.",
        CLASSROOM, (COUNT, "count = agree.sum(axis=0)"),
    ),
    wrong(
        "ties_merge", "untrimmed_merged", "trimmed changes come back when it is averaged",
        "Step 3 is about the kept changes: those that step 1 made 0 take no part in it.",
        CLASSROOM,
        (AGREE, "agree = (np.sign(changes) == sign) & (changes != 0)"),
        (SUMMED, "np.where(agree, changes, 0.0).sum(axis=0)"),
    ),
    wrong(
        "ties_merge", "models_changed", "the base is taken from the models in place",
        "-= changes the array that was handed in. Make a new one for the changes.",
        CLASSROOM, (CHANGES, "models -= base\n    changes = models"),
    ),
    wrong(
        "ties_merge", "loudest_elects", "the largest kept change alone elects the sign",
        "Step 2 adds the kept changes up: two middling ones may outweigh a large one.",
        CLASSROOM,
        (SIGN, "loudest = np.abs(kept).argmax(axis=0)\n    sign = np.sign(kept[loudest, np.arange(len(base))])"),
    ),
    wrong(
        "ties_merge", "largest_of_the_elected", "of the elected sign the largest change is taken",
        "Step 3 averages the changes of the elected sign.",
        CLASSROOM, (f"{SUMMED} / count", "sign * np.abs(np.where(agree, kept, 0.0)).max(axis=0)"),
    ),
    wrong(
        "ties_merge", "trimmed_at_the_end", "the merged change is trimmed, and not that of each model",
        "The steps have an order: step 1 trims each model's changes.",
        CLASSROOM,
        (SMALLEST, "smallest_kept = np.zeros((len(models), 1))"),
        (MERGED, "merged = np.where(np.abs(merged) >= np.sort(np.abs(merged))[-k], merged, 0.0)\n    return base + scale * merged"),
    ),
    wrong(
        "ties_merge", "zero_is_positive", "where the sum is 0 the positive changes are merged",
        "Where changes add up to 0 no sign is elected: there is no change, says step 3.",
        "the authors' code, which gives such places the sign of the majority",
        (SIGN, "sign = np.where(kept.sum(axis=0) >= 0, 1.0, -1.0)"),
    ),
    wrong(
        "ties_merge", "unanimous", "where kept changes have both signs there is no change at all",
        "Step 2 elects one of the signs, and step 3 averages the changes that have it.",
        CLASSROOM,
        (AGREE, "agree = (np.sign(kept) == sign) & (kept != 0) & ~((kept * sign) < 0).any(axis=0)"),
    ),
    wrong(
        "ties_merge", "base_changed", "the merged change is added to the base in place",
        "+= changes the array that was handed in. Return a new one.",
        CLASSROOM, (MERGED, "base += scale * merged\n    return base"),
    ),
    wrong(
        "ties_merge", "changes_of_the_first_alone", "only the first model is trimmed by its own changes",
        "Step 1 keeps k changes of each model: what is the smallest kept one differs from model to model.",
        CLASSROOM, (SMALLEST, "smallest_kept = np.sort(np.abs(changes[0]))[-k]"),
    ),
    wrong(
        "ties_merge", "weighed_by_size", "large changes count for more in the mean",
        "Size counts in step 2. Step 3 is a plain mean.",
        CLASSROOM,
        (f"{SUMMED} / count", "(sign * np.where(agree, kept**2, 0.0).sum(axis=0)\n"
                              "              / np.maximum(np.where(agree, np.abs(kept), 0.0).sum(axis=0), 1e-300))"),
    ),
)  # fmt: skip

MISCONCEPTIONS = FUSE + SIMILARITY + DISTILLATION + EWC + TIES
