"""Lesson 07, wrong on purpose: what each mistake changes in the reference solution; see autograder.catalogue."""

from autograder.catalogue import wrong

NOTES = "course notes"
FORUM = "asked again and again in forums"
LIBRARIES = "another library's convention"
CLASSROOM = "common in first implementations"

# What the edits replace.
VALUE = "np.minimum(clip_value, np.maximum(-clip_value, g))"
LARGEST = "np.max([np.max(np.abs(g)) for g in grads])"
TOTAL = "sum(np.sum(np.abs(g) ** p) for g in grads)"
ROOT = "total ** (1 / p)"
BY_NORM = "norm = global_norm(grads, p)"
FACTOR = "s = np.minimum(1.0, max_norm / (norm + 1e-6))  # (4)"
SCALED = "clipped = [s * g for g in grads]"
RESULT = "return clipped, norm"
ZERO = "    optimizer.zero_grad()  # line 1\n"
GRADS = "grads = [theta.grad for theta in model.parameters() if theta.grad is not None]"
STEP_NORM = "norm = torch.sqrt(sum(torch.sum(g**2) for g in grads))"
STEP_FACTOR = "s = torch.clamp(max_norm / (norm + 1e-6), max=1.0)"
IN_PLACE = "g *= s"
STEP = "    optimizer.step()  # line 5\n"
STEP_RESULT = "return loss.item(), norm.item()"

CLIP_BY_VALUE = (
    wrong(
        "clip_by_value", "upper_side_alone", "large negative elements are not clipped",
        "Formula (1) limits both sides: an element below -c becomes -c.",
        CLASSROOM, (VALUE, "np.minimum(clip_value, g)"),
    ),
    wrong(
        "clip_by_value", "outside_becomes_zero", "elements outside the limit become 0",
        "In formula (1) an element beyond the limit is moved to the limit, c or -c. It is not thrown away.",
        CLASSROOM, (VALUE, "np.where(np.abs(g) > clip_value, 0.0, g)"),
    ),
    wrong(
        "clip_by_value", "all_at_the_limit", "every element is put at the limit",
        "Formula (1) moves only what is beyond the limit. An element between -c and c stays as it is.",
        CLASSROOM, (VALUE, "clip_value * np.sign(g)"),
    ),
    wrong(
        "clip_by_value", "sign_lost", "the sign of negative elements is lost",
        "Formula (1) keeps the sign: a large negative element becomes -c.",
        CLASSROOM, (VALUE, "np.minimum(clip_value, np.abs(g))"),
    ),
    wrong(
        "clip_by_value", "array_scaled_to_its_largest", "each array is scaled by its largest element",
        "Formula (1) looks at every element alone. One factor for many elements is what formula (5) does, with a norm.",
        NOTES, (VALUE, "g * np.minimum(1.0, clip_value / np.max(np.abs(g)))"),
    ),
    wrong(
        "clip_by_value", "norm_instead_of_value", "the arrays are clipped by their norm",
        "Formula (1) looks at every element alone; there is no norm in it.",
        FORUM, (VALUE, "g * np.minimum(1.0, clip_value / np.linalg.norm(g))"),
    ),
    wrong(
        "clip_by_value", "writes_into_the_gradients", "the caller's arrays are overwritten",
        "The results are new arrays, and the inputs stay unchanged. Only PyTorch's functions whose names end in _ work in "
        "place.",
        CLASSROOM, (VALUE, "np.clip(g, -clip_value, clip_value, out=g)"),
    ),
    wrong(
        "clip_by_value", "unclipped_arrays_shared", "an array with nothing to clip is returned itself, not a copy",
        "The results share no memory with the inputs, also where formula (1) changes nothing.",
        CLASSROOM, (VALUE, f"g if np.max(np.abs(g)) <= clip_value else {VALUE}"),
    ),
    wrong(
        "clip_by_value", "nan_becomes_zero", "a NaN is turned into 0",
        "A NaN says that something went wrong earlier. Formula (1) leaves it in place, so that it is seen.",
        CLASSROOM, (VALUE, "np.clip(np.nan_to_num(g), -clip_value, clip_value)"),
    ),
    wrong(
        "clip_by_value", "all_scaled_to_the_largest", "all arrays are scaled by the largest element of all",
        "Formula (1) looks at every element alone. One factor for all of them keeps the direction, which this rule does not do.",
        NOTES, (VALUE, "g * np.minimum(1.0, clip_value / max(np.max(np.abs(h)) for h in grads))"),
    ),
    wrong(
        "clip_by_value", "global_norm_instead_of_value", "all arrays are clipped by their norm together",
        "That is formulas (4) and (5). Formula (1) looks at every element alone; there is no norm in it.",
        FORUM, (VALUE, "g * np.minimum(1.0, clip_value / np.sqrt(sum(np.sum(h**2) for h in grads)))"),
    ),
    wrong(
        "clip_by_value", "single_number_fails", "a gradient of shape () fails",
        "A gradient may be a single number, of shape (): it has no length and no rows to go through.",
        CLASSROOM, (VALUE, f"np.array([{VALUE.replace('g)', 'row)')} for row in g])"),
    ),
    wrong(
        "clip_by_value", "single_number_becomes_a_row", "a gradient of shape () comes back with the shape (1,)",
        "Each result has the shape of its gradient, and () is a shape as well.",
        CLASSROOM, (VALUE, f"np.atleast_1d({VALUE})"),
    ),
    wrong(
        "clip_by_value", "flattened", "every gradient comes back as one row",
        "Each result has the shape of its gradient: a limit for every element changes no shape.",
        CLASSROOM, (VALUE, f"np.ravel({VALUE})"),
    ),
    wrong(
        "clip_by_value", "squashed", "the elements are squashed smoothly, also those within the limit",
        "Formula (1) leaves an element between -c and c as it is. A tanh changes every one.",
        NOTES, (VALUE, "clip_value * np.tanh(g / clip_value)"),
    ),
    wrong(
        "clip_by_value", "infinite_becomes_nan", "an infinite element becomes NaN",
        "0 times infinity is NaN. Formula (1) multiplies nothing: an infinite element becomes c or -c.",
        CLASSROOM, (VALUE, "g * np.minimum(1.0, clip_value / np.maximum(np.abs(g), 1e-300))"),
    ),
    wrong(
        "clip_by_value", "nan_becomes_the_limit", "a NaN becomes one of the limits",
        "A NaN stays a NaN, so that it is seen. NumPy has two kinds of minimum and maximum: one of them leaves NaN out.",
        CLASSROOM, (VALUE, "np.fmin(clip_value, np.fmax(-clip_value, g))"),
    ),
)  # fmt: skip

GLOBAL_NORM = (
    wrong(
        "global_norm", "norms_added_up", "the norms of the arrays are added up",
        "Formula (2) takes one root, at the end, of the sum over all elements of all arrays.",
        FORUM, (TOTAL, "sum(np.sum(np.abs(g) ** p) ** (1 / p) for g in grads) ** p"),
    ),
    wrong(
        "global_norm", "largest_of_the_norms", "the largest norm of one array is taken for the norm of all",
        "Formula (2) sums over all elements of all arrays, so every array makes the norm larger.",
        CLASSROOM, (TOTAL, "max(np.sum(np.abs(g) ** p) for g in grads)"),
    ),
    wrong(
        "global_norm", "root_missing", "the root is missing",
        "Formula (2) ends with the power 1/p: for p = 2 that is the square root.",
        CLASSROOM, (ROOT, "total"),
    ),
    wrong(
        "global_norm", "square_root_for_every_p", "the square root is taken, whatever p is",
        "The power outside the sum in formula (2) is 1/p. It is the square root for p = 2 alone.",
        CLASSROOM, (ROOT, "total**0.5"),
    ),
    wrong(
        "global_norm", "absolute_value_missing", "negative elements cancel positive ones: the absolute value is missing",
        "Formula (2) has bars around the element. For p = 2 the square hides that, for p = 1 and 3 it does not.",
        CLASSROOM, (TOTAL, "sum(np.sum(g**p) for g in grads)"),
    ),
    wrong(
        "global_norm", "always_euclidean", "p is not used: the norm is always the Euclidean one",
        "The power inside formula (2) is p and the one outside is 1/p. For p = inf it is formula (3).",
        CLASSROOM, ("    if p == np.inf:", "    p = 2.0\n    if p == np.inf:"),
    ),
    wrong(
        "global_norm", "infinity_put_into_formula_2", "p = inf is put into formula (2)",
        "A number to the power inf is 0, 1 or inf, and any root of order inf is 1. Formula (3) is the limit.",
        CLASSROOM, ("if p == np.inf:", "if False:"),
    ),
    wrong(
        "global_norm", "largest_with_its_sign", "for p = inf large negative elements are overlooked",
        "Formula (3) is the largest absolute value.",
        CLASSROOM, (LARGEST, "np.max([np.max(g) for g in grads])"),
    ),
    wrong(
        "global_norm", "mean_instead_of_sum", "the mean over the elements is taken, not the sum",
        "Formula (2) has a sum and no division by the number of elements.",
        NOTES, (ROOT, "(total / sum(g.size for g in grads)) ** (1 / p)"),
    ),
    wrong(
        "global_norm", "nan_left_out", "elements that are NaN are left out of the norm",
        "A norm that leaves out NaN looks healthy while the gradients are not. With a NaN in formula (2) or (3) the "
        "norm is NaN.",
        CLASSROOM, ("np.max(np.abs(g))", "np.nanmax(np.abs(g))"), (TOTAL, "sum(np.nansum(np.abs(g) ** p) for g in grads)"),
    ),
    wrong(
        "global_norm", "matrix_norms", "two-dimensional arrays get a matrix norm, and single numbers fail",
        "NumPy's norm of a 2-D array is that of a matrix unless the array is flattened. Formula (2) sums over elements, "
        "whatever the shape.",
        CLASSROOM, (TOTAL, "sum(np.linalg.norm(g, p) ** p for g in grads)"),
    ),
    wrong(
        "global_norm", "matrix_norms_of_matrices", "two-dimensional arrays get a matrix norm",
        "NumPy's norm of a 2-D array is that of a matrix unless the array is flattened. Formula (2) sums over elements, "
        "whatever the shape.",
        CLASSROOM, (TOTAL, "sum(np.linalg.norm(np.atleast_1d(g), p) ** p for g in grads)"),
    ),
    wrong(
        "global_norm", "euclidean_norm_of_the_norms", "the arrays' p-norms are put together as for p = 2",
        "The sum of formula (2) has powers p throughout: the norm of norms is right only where both have the same p.",
        CLASSROOM,
        (TOTAL, "sum((np.sum(np.abs(g) ** p) ** (1 / p)) ** 2 for g in grads)"), (ROOT, "np.sqrt(total)"),
    ),
    wrong(
        "global_norm", "mean_of_the_norms", "the mean of the arrays' norms is taken",
        "Formula (2) takes one root of one sum over all elements of all arrays, and divides by nothing.",
        NOTES, (TOTAL, "np.mean([np.sum(np.abs(g) ** p) ** (1 / p) for g in grads]) ** p"),
    ),
    wrong(
        "global_norm", "joined_without_flattening", "arrays of different shapes fail",
        "Arrays can be joined to one vector only when each is a row first, also those of shape ().",
        CLASSROOM, (TOTAL, "np.sum(np.abs(np.concatenate(grads)) ** p)"),
    ),
    wrong(
        "global_norm", "largest_of_the_euclidean_norms", "for p = inf the largest Euclidean norm of one array is taken",
        "Formula (3) is the largest element of all, not the longest array.",
        CLASSROOM, (LARGEST, "np.max([np.sqrt(np.sum(g**2)) for g in grads])"),
    ),
    wrong(
        "global_norm", "small_number_added", "1e-6 is added to the norm",
        "Formula (2) is the norm itself. The small number belongs to formula (4), where something is divided by it.",
        CLASSROOM, (ROOT, "total ** (1 / p) + 1e-6"), (LARGEST, f"{LARGEST} + 1e-6"),
    ),
    wrong(
        "global_norm", "divided_by_the_largest", "all elements are divided by the largest first, also where that is 0 or infinite",
        "0 / 0 and infinity / infinity are NaN. Formula (2) gives 0 for zeros, and infinity where an element is infinite.",
        CLASSROOM,
        (TOTAL, "sum(np.sum((np.abs(g) / max(np.max(np.abs(h)) for h in grads)) ** p) for g in grads)"),
        (ROOT, f"{ROOT} * max(np.max(np.abs(g)) for g in grads)"),
    ),
    wrong(
        "global_norm", "powers_written_into_the_gradients", "the caller's arrays hold the powers afterwards",
        "The arrays stay unchanged: take the absolute value and the power of formula (2) into new ones.",
        CLASSROOM, (TOTAL, "sum(np.sum(np.power(np.abs(g), p, out=g)) for g in grads)"),
    ),
    wrong(
        "global_norm", "p_below_1_is_refused", "a p below 1 is refused",
        "p is any number above 0. Below 1 it is no norm in the strict sense, and formula (2) holds all the same.",
        CLASSROOM, ("    if p == np.inf:", "    if p < 1:\n        raise ValueError('p must be 1 or more')\n    if p == np.inf:"),
    ),
)  # fmt: skip

CLIP_BY_GLOBAL_NORM = (
    wrong(
        "clip_by_global_norm", "one_norm_for_each_array", "every array is clipped by a norm of its own",
        "The factor in formula (4) is made of the norm of all arrays together. One factor for all keeps the "
        "direction, one for each does not.",
        LIBRARIES, (SCALED, "clipped = [np.minimum(1.0, max_norm / (global_norm([g], p) + 1e-6)) * g for g in grads]"),
    ),
    wrong(
        "clip_by_global_norm", "small_number_missing", "the 1e-6 in the denominator is missing",
        "Formula (4) divides by the norm plus 1e-6, as PyTorch does; it shows in the seventh digit, and where the norm is tiny.",
        LIBRARIES, ("(norm + 1e-6)", "norm"),
    ),
    wrong(
        "clip_by_global_norm", "norm_after_clipping", "the norm after clipping is returned",
        "The norm to return is the one of formula (2) before clipping. After clipping it would say little: it is never "
        "above the threshold.",
        FORUM, (RESULT, "return clipped, global_norm(clipped, p)"),
    ),
    wrong(
        "clip_by_global_norm", "always_scaled_to_the_limit", "small gradients are blown up to the threshold",
        "The factor in formula (4) is at most 1: what is below the threshold stays.",
        NOTES, (FACTOR, "s = max_norm / (norm + 1e-6)"),
    ),
    wrong(
        "clip_by_global_norm", "only_above_the_limit", "nothing is done where the norm is not above the threshold",
        "Formula (4) asks no question. Exactly at the threshold and a little below it, the 1e-6 makes the factor "
        "smaller than 1; and a NaN is not above anything, so it slips through the question.",
        NOTES, (FACTOR, "s = max_norm / (norm + 1e-6) if norm > max_norm else 1.0"),
    ),
    wrong(
        "clip_by_global_norm", "rule_of_the_paper", "the rule is the one with an if, and without 1e-6",
        "Pascanu and others ask whether the norm is above the threshold, and divide by the norm alone. Formula (4) has "
        "one factor for all cases, with 1e-6 in it: it counts also below the threshold, and with a NaN.",
        "Pascanu, Mikolov and Bengio (2013), algorithm 1", (FACTOR, "s = max_norm / norm if norm > max_norm else 1.0"),
    ),
    wrong(
        "clip_by_global_norm", "nan_slips_through_min", "with a NaN norm the gradients are left as they are",
        "Every comparison with NaN is false, in Python's min(1, ...) as in an if, and so nothing is clipped. In "
        "formula (4) a NaN norm makes the factor NaN: NumPy has a minimum that does.",
        CLASSROOM, ("np.minimum(1.0, max_norm / (norm + 1e-6))", "min(1.0, max_norm / (norm + 1e-6))"),
    ),
    wrong(
        "clip_by_global_norm", "bad_gradients_zeroed", "gradients with a NaN or infinite norm are set to 0",
        "That hides the fault. Formulas (4) and (5) leave a NaN where the norm is NaN or the element infinite.",
        FORUM, (SCALED, "clipped = [s * g if np.isfinite(norm) else np.zeros_like(g) for g in grads]"),
    ),
    wrong(
        "clip_by_global_norm", "norm_is_always_euclidean", "p is not passed on: the norm is always the Euclidean one",
        "The norm in formula (4) is the p-norm that the caller asked for.",
        CLASSROOM, (BY_NORM, "norm = global_norm(grads)"),
    ),
    wrong(
        "clip_by_global_norm", "clipped_by_value", "the elements are clipped at the threshold, one by one",
        "Formula (5) multiplies all elements by one factor. Clipping each at a limit is formula (1), and it turns the "
        "direction.",
        FORUM, (SCALED, "clipped = [np.clip(g, -max_norm, max_norm) for g in grads]"),
    ),
    wrong(
        "clip_by_global_norm", "inputs_returned_when_small", "below the threshold the caller's own arrays are returned",
        "The results share no memory with the inputs, also where the factor in formula (4) is 1.",
        CLASSROOM, (SCALED, "clipped = list(grads) if s == 1.0 else [s * g for g in grads]"),
    ),
    wrong(
        "clip_by_global_norm", "writes_into_the_gradients", "the caller's arrays are overwritten",
        "Formula (5) gives new arrays here, and the inputs stay unchanged. PyTorch's clip_grad_norm_ works in place, as "
        "the _ at its end says.",
        LIBRARIES, (SCALED, "clipped = [np.multiply(s, g, out=g) for g in grads]"),
    ),
    wrong(
        "clip_by_global_norm", "keras_clipnorm", "every array is clipped by a norm of its own, and without 1e-6",
        "That is Keras's clipnorm. The factor of formula (4) is made of the norm of all arrays together, with 1e-6 in it.",
        LIBRARIES,
        (SCALED, "norms = [global_norm([g], p) for g in grads]\n"
                 "    clipped = [g * (max_norm / n if n > max_norm else 1.0) for g, n in zip(grads, norms, strict=True)]"),
    ),
    wrong(
        "clip_by_global_norm", "larger_of_norm_and_limit", "the factor is the threshold over the larger of norm and threshold",
        "So do TensorFlow and optax. In formula (4) 1e-6 stands beside the norm: it counts at the threshold and where the "
        "norm is tiny.",
        LIBRARIES, (FACTOR, "s = max_norm / np.maximum(norm, max_norm)"),
    ),
    wrong(
        "clip_by_global_norm", "infinite_norm_makes_all_nan", "with an infinite norm every element becomes NaN",
        "TensorFlow does so. By formulas (4) and (5) the factor is 0 then: finite elements become 0, infinite ones NaN.",
        LIBRARIES, (SCALED, "clipped = [(s if np.isfinite(norm) else np.nan) * g for g in grads]"),
    ),
    wrong(
        "clip_by_global_norm", "raises_where_not_finite", "a norm that is NaN or infinite raises an exception",
        "PyTorch's function does so when it is asked to. Here formulas (4) and (5) are followed, whatever the norm is.",
        LIBRARIES, (FACTOR, f"if not np.isfinite(norm):\n        raise ValueError('norm')\n    {FACTOR}"),
    ),
    wrong(
        "clip_by_global_norm", "small_number_returned_too", "the norm is returned with the 1e-6 added",
        "The 1e-6 belongs to the denominator of formula (4). What is returned is the norm of formula (2) or (3).",
        CLASSROOM, (BY_NORM, "norm = global_norm(grads, p) + 1e-6"), (FACTOR, "s = np.minimum(1.0, max_norm / norm)"),
    ),
    wrong(
        "clip_by_global_norm", "norm_cut_at_the_limit", "the norm is returned as at most the threshold",
        "The norm to return is the one before clipping, however long it is: that is the number to plot.",
        CLASSROOM, (RESULT, "return clipped, float(np.minimum(norm, max_norm))"),
    ),
    wrong(
        "clip_by_global_norm", "factor_returned", "the factor is returned in the place of the norm",
        "The function returns the clipped arrays and the norm before clipping, not s of formula (4).",
        CLASSROOM, (RESULT, "return clipped, float(s)"),
    ),
    wrong(
        "clip_by_global_norm", "factor_of_the_longest_array", "the factor is made of the norm of the longest array",
        "In formula (4) stands the norm of all arrays together, which is longer than each of them.",
        CLASSROOM, (FACTOR, "s = np.minimum(1.0, max_norm / (np.max([global_norm([g], p) for g in grads]) + 1e-6))"),
    ),
    wrong(
        "clip_by_global_norm", "short_arrays_left", "an array that is short enough by itself is left as it is",
        "Formula (5) scales every array by the same factor, the short ones too: only then the direction stays.",
        CLASSROOM, (SCALED, "clipped = [s * g if global_norm([g], p) > max_norm else g.copy() for g in grads]"),
    ),
)  # fmt: skip

CLIPPED_TRAINING_STEP = (
    wrong(
        "clipped_training_step", "step_sees_what_was_not_clipped", "optimizer.step() finds gradients that are not clipped",
        "Line 4 comes between lines 3 and 5, and formula (5) has to change what .grad holds: a scaled copy under another "
        "name changes nothing for line 5.",
        FORUM,
        ("        g *= s  # line 4: (5), in place\n    optimizer.step()  # line 5\n",
         "        pass\n    optimizer.step()\n    for g in grads:\n        g *= s\n"),
    ),
    wrong(
        "clipped_training_step", "old_gradients_kept", "old gradients are not cleared",
        "backward adds to the gradients that are there. Line 1 clears them first.",
        FORUM, (ZERO, ""),
    ),
    wrong(
        "clipped_training_step", "cleared_before_the_step", "the gradients are cleared before the step can use them",
        "Line 1 comes first. Cleared between lines 3 and 5, nothing is left for the step.",
        CLASSROOM, (ZERO, ""), (STEP, "    optimizer.zero_grad()\n    optimizer.step()\n"),
    ),
    wrong(
        "clipped_training_step", "step_missing", "the optimizer's step is missing",
        "Clipping changes gradients alone. It is line 5 that moves the parameters.",
        CLASSROOM, (STEP, ""),
    ),
    wrong(
        "clipped_training_step", "norm_after_clipping", "the norm after clipping is returned",
        "The norm to return is the one before line 4 changes the gradients.",
        FORUM, (STEP_RESULT, "return loss.item(), torch.sqrt(sum(torch.sum(g**2) for g in grads)).item()"),
    ),
    wrong(
        "clipped_training_step", "loss_after_the_update", "the loss after the update is returned",
        "The loss to return is that of line 2, before the parameters move.",
        CLASSROOM, (STEP_RESULT, "return loss_fn(model(x), y).item(), norm.item()"),
    ),
    wrong(
        "clipped_training_step", "loss_returned_as_a_tensor", "the loss is returned as a tensor, with its graph",
        "Kept in a list, a tensor keeps the whole graph of its batch in memory. Return the plain number.",
        FORUM, (STEP_RESULT, "return loss, norm.item()"),
    ),
    wrong(
        "clipped_training_step", "one_norm_for_each_parameter", "every parameter is clipped by a norm of its own",
        "The factor in formula (4) is made of the norm of all gradients together.",
        LIBRARIES, (IN_PLACE, "g *= torch.clamp(max_norm / (torch.linalg.vector_norm(g) + 1e-6), max=1.0)"),
    ),
    wrong(
        "clipped_training_step", "clipped_by_value", "the elements are clipped at the threshold, one by one",
        "Line 4 is clipping by global norm, formulas (4) and (5): one factor for all elements.",
        FORUM, (IN_PLACE, "g.clamp_(-max_norm, max_norm)"),
    ),
    wrong(
        "clipped_training_step", "norm_of_what_the_optimizer_holds", "the norm is taken over the optimizer's parameters",
        "The norm is over model.parameters(): the optimizer may hold fewer.",
        CLASSROOM,
        (GRADS, "params = [theta for group in optimizer.param_groups for theta in group['params']]\n"
                "    grads = [theta.grad for theta in params if theta.grad is not None]"),
    ),
    wrong(
        "clipped_training_step", "first_group_alone", "only the optimizer's first group of parameters is clipped",
        "The norm is over model.parameters(), and formula (5) scales all of them, whichever group they are in.",
        CLASSROOM,
        (GRADS, "params = optimizer.param_groups[0]['params']\n"
                "    grads = [theta.grad for theta in params if theta.grad is not None]"),
    ),
    wrong(
        "clipped_training_step", "fails_without_a_gradient", "a parameter without a gradient is not skipped",
        "A parameter that took no part in the loss has no gradient: leave it out of the norm and of formula (5).",
        FORUM, (" if theta.grad is not None]", "]")
    ),
    wrong(
        "clipped_training_step", "always_scaled_to_the_limit", "small gradients are blown up to the threshold",
        "The factor in formula (4) is at most 1: what is below the threshold stays.",
        NOTES, (STEP_FACTOR, "s = max_norm / (norm + 1e-6)"),
    ),
    wrong(
        "clipped_training_step", "small_number_missing", "the 1e-6 in the denominator is missing",
        "Formula (4) divides by the norm plus 1e-6, as PyTorch does.",
        LIBRARIES, (STEP_FACTOR, "s = torch.clamp(max_norm / norm, max=1.0)"),
    ),
    wrong(
        "clipped_training_step", "cleared_at_the_end", "the gradients are cleared after the step and not before the loss",
        "Old gradients may be left when the function is called. Line 1 comes first.",
        FORUM, (ZERO, ""), (STEP, f"{STEP}    optimizer.zero_grad()\n"),
    ),
    wrong(
        "clipped_training_step", "clips_before_backward", "the gradients are clipped before there are any",
        "Line 3 fills in .grad. Before it there is nothing to clip, and no norm to return.",
        FORUM,
        ("    loss.backward()  # line 3\n", ""),
        (STEP_NORM, "norm = torch.sqrt(sum((torch.sum(g**2) for g in grads), torch.tensor(0.0)))"),
        (STEP, f"    loss.backward()\n{STEP}"),
    ),
    wrong(
        "clipped_training_step", "each_group_alone", "each group of parameters is clipped by a norm of its own",
        "The norm is over model.parameters(), all groups together, and one factor scales them all.",
        CLASSROOM,
        ("    for g in grads:\n        g *= s  # line 4: (5), in place\n",
         "    for held in optimizer.param_groups:\n"
         "        own = [theta.grad for theta in held['params'] if theta.grad is not None]\n"
         "        length = torch.sqrt(sum(torch.sum(g**2) for g in own))\n"
         "        for g in own:\n            g *= torch.clamp(max_norm / (length + 1e-6), max=1.0)\n"),
    ),
    wrong(
        "clipped_training_step", "norm_returned_as_a_tensor", "the norm is returned as a tensor",
        "Return two plain numbers: a tensor takes one more step to plot or to compare.",
        CLASSROOM, (STEP_RESULT, "return loss.item(), norm"),
    ),
    wrong(
        "clipped_training_step", "steps_before_clipping_too", "optimizer.step() is called twice, before and after clipping",
        "There is one step, line 5, and it comes after line 4.",
        CLASSROOM, (GRADS, f"optimizer.step()\n    {GRADS}"),
    ),
    wrong(
        "clipped_training_step", "weights_are_clipped", "the parameters are clipped and not their gradients",
        "Line 4 is about .grad. The parameters themselves move in line 5 alone.",
        FORUM,
        ("        g *= s  # line 4: (5), in place\n", "        pass\n"),
        (STEP, f"{STEP}    for theta in model.parameters():\n        theta.data.clamp_(-max_norm, max_norm)\n"),
    ),
    wrong(
        "clipped_training_step", "updates_by_hand", "the parameters are moved by hand, without optimizer.step()",
        "Line 5 is the optimiser's: it may have several groups, a memory, or a rule of its own.",
        CLASSROOM,
        (STEP, "    with torch.no_grad():\n        for held in optimizer.param_groups:\n            for theta in held['params']:\n"
               "                if theta.grad is not None:\n                    theta -= held['lr'] * theta.grad\n"),
    ),
)  # fmt: skip

LIMIT = "np.quantile(self.norms, self.quantile) if self.norms else np.inf"
BROKEN = "if not np.isfinite(norm) or norm > self.skip_above * limit:"
REMEMBER = "        self.norms = [*self.norms, norm][-self.window :]  # rule 3: before clipping\n"
GUARD_CLIP = "        clipped, _ = clip_by_global_norm(grads, limit)\n"
PAPER = "Seetharaman and others (2020), algorithm 1"

SPIKE_GUARD = (
    wrong(
        "SpikeGuard", "remembers_after_clipping", "the norms are remembered as they are after clipping",
        "Rule 3: what is cut to the limit and then remembered can never raise the next limit. Which norm keeps the "
        "quantile that of the batches?",
        CLASSROOM,
        (REMEMBER, ""),
        (GUARD_CLIP, GUARD_CLIP + "        self.norms = [*self.norms, global_norm(clipped)][-self.window :]\n"),
    ),
    wrong(
        "SpikeGuard", "own_norm_counts", "a batch's own norm is among those that its limit is made of",
        "Rule 2: a batch has no say in its own limit. With its own norm among the others, a spike raises it.",
        PAPER, (LIMIT, "np.quantile([*self.norms, norm][-self.window :], self.quantile)"),
    ),
    wrong(
        "SpikeGuard", "spikes_remembered", "what is skipped is remembered",
        "Rule 4: a skipped batch leaves no trace. Remembered, two spikes would make room for a third.",
        CLASSROOM,
        (BROKEN, "if np.isfinite(norm):\n            self.norms = [*self.norms, norm][-self.window :]\n        " + BROKEN),
        (REMEMBER, ""),
    ),
    wrong(
        "SpikeGuard", "spikes_clipped", "what is far above the limit is clipped, not skipped",
        "Rule 4: a norm of more than skip_above times the limit is skipped, and clip returns None.",
        PAPER, (BROKEN, "if not np.isfinite(norm):"),
    ),
    wrong(
        "SpikeGuard", "not_finite_let_through", "a NaN norm is not skipped",
        "Rule 1. A comparison with NaN is never true, so rule 4 does not find it.",
        CLASSROOM, (BROKEN, "if norm > self.skip_above * limit:"),
    ),
    wrong(
        "SpikeGuard", "never_forgets", "the window is not used: nothing is ever forgotten",
        "Rule 2: at most the last window norms are remembered.",
        CLASSROOM, ("[*self.norms, norm][-self.window :]", "[*self.norms, norm]"),
    ),
    wrong(
        "SpikeGuard", "median_for_every_quantile", "the quantile is not used: the limit is the median",
        "Rule 2: the limit is the quantile that the constructor was given.",
        CLASSROOM, ("np.quantile(self.norms, self.quantile)", "np.median(self.norms)"),
    ),
    wrong(
        "SpikeGuard", "mean_plus_deviations", "the limit is a mean and two standard deviations, not a quantile",
        "Rule 2 asks for a quantile of the norms: it does not care how far the largest of them lie out.",
        NOTES, ("np.quantile(self.norms, self.quantile)", "np.mean(self.norms) + 2 * np.std(self.norms)"),
    ),
    wrong(
        "SpikeGuard", "memory_shared", "all instances share one memory",
        "Two instances share nothing: what a guard remembers belongs to it, and is made when it is constructed.",
        CLASSROOM,
        ("        self.norms = []\n", "        self.norms = type(self).__dict__.get('memory', [])\n"
                                       "        type(self).memory = self.norms\n"),
        (REMEMBER, "        self.norms.append(norm)\n        del self.norms[: -self.window]\n"),
    ),
    wrong(
        "SpikeGuard", "first_batch_skipped", "the first batch is skipped, as nothing is remembered yet",
        "Rule 2: while nothing is remembered there is no limit, and nothing is clipped or skipped but by rule 1.",
        CLASSROOM, (LIMIT, "np.quantile(self.norms, self.quantile) if self.norms else 0.0"),
    ),
    wrong(
        "SpikeGuard", "clipped_and_norm_returned", "clip returns a pair, with the norm in it",
        "clip returns the list of clipped arrays alone: clip_by_global_norm returns the norm beside it.",
        CLASSROOM, ("        return clipped\n", "        return clipped, norm\n"),
    ),
    wrong(
        "SpikeGuard", "quantile_in_per_cent", "the quantile is taken for a percentage",
        "quantile goes from 0 to 1. A percentile goes to 100, and 0.9 of it is nearly the smallest norm.",
        CLASSROOM, ("np.quantile(self.norms, self.quantile)", "np.percentile(self.norms, self.quantile)"),
    ),
    wrong(
        "SpikeGuard", "not_interpolated", "the limit is always one of the norms: nothing is interpolated",
        "The quantile is interpolated linearly between norms, as np.quantile does unless told otherwise.",
        CLASSROOM, ("np.quantile(self.norms, self.quantile)", "sorted(self.norms)[int(self.quantile * (len(self.norms) - 1))]"),
    ),
    wrong(
        "SpikeGuard", "waits_for_a_full_window", "nothing is clipped or skipped before the window is full",
        "Rule 2: the limit is the quantile of what is remembered, at most window norms. One is enough.",
        CLASSROOM, (LIMIT, "np.quantile(self.norms, self.quantile) if len(self.norms) == self.window else np.inf"),
    ),
    wrong(
        "SpikeGuard", "zeros_for_a_skipped_batch", "a skipped batch gives gradients of zero",
        "Rules 1 and 4: clip returns None, so that the caller makes no step at all. A step with zeros is one for an optimiser "
        "that has a memory.",
        CLASSROOM, ("            return None\n", "            return [np.zeros_like(g) for g in grads]\n"),
    ),
    wrong(
        "SpikeGuard", "raises_for_a_skipped_batch", "a batch to be skipped raises an exception",
        "Rules 1 and 4: clip returns None, and the next batch comes.",
        CLASSROOM, ("            return None\n", "            raise ValueError('skipped')\n"),
    ),
    wrong(
        "SpikeGuard", "clipped_to_the_skipping_norm", "a batch is clipped to skip_above times the limit",
        "Rule 3: what is not skipped is clipped to the limit itself. skip_above only says what is skipped.",
        CLASSROOM, (GUARD_CLIP, "        clipped, _ = clip_by_global_norm(grads, self.skip_above * limit)\n"),
    ),
)  # fmt: skip

OTHER_LIBRARIES = (
    wrong(
        "clip_by_global_norm", "shrinks_below_the_limit", "the factor of another library: min(norm, limit) / (norm + 1e-7)",
        "That shrinks a little below the limit too. In formula (4) the factor is 1 there, and the small number is 1e-6.",
        "Lasagne, total_norm_constraint", (FACTOR, "s = np.minimum(norm, max_norm) / (norm + 1e-7)"),
    ),
)  # fmt: skip

MISCONCEPTIONS = (
    CLIP_BY_VALUE + GLOBAL_NORM + CLIP_BY_GLOBAL_NORM + CLIPPED_TRAINING_STEP + SPIKE_GUARD + OTHER_LIBRARIES
)
