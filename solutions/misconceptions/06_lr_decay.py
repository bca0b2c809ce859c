"""Lesson 06, wrong on purpose: what each mistake changes in the reference solution; see autograder.catalogue."""

from autograder.catalogue import wrong

COURSES = "course notes and other frameworks"
CLASSROOM = "common in first implementations"
NEIGHBOUR = "a neighbouring schedule's formula"
KERAS = "keras.callbacks.ReduceLROnPlateau"

# What the edits replace.
INVERSE = "lr = lr0 / (1 + decay_rate * epoch)  # (2)"
STEP = "lr = lr0 * gamma ** (epoch // step_size)  # (3)"
PASSED = 'passed = np.searchsorted(milestones, epoch, side="right")  # how many milestones are <= epoch'
MULTISTEP = "lr = lr0 * gamma**passed  # (4)"
EXPONENTIAL = "lr = lr0 * gamma**epoch  # (5)"
COSINE = "lr = lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * epoch / t_max)) / 2  # (6)"
GOOD = "if metric < (1 - self.threshold) * self.best:  # (7)"
BETTER = f"""{GOOD}
            self.best = metric
            self.bad_epochs = 0
"""
DROP = "self.lr = max(self.factor * self.lr, self.min_lr)  # (8)"
ENOUGH = "if self.bad_epochs > self.patience:"
AGAIN = """            self.waiting = self.cooldown
            self.bad_epochs = 0
"""
WAIT = """        if self.waiting > 0:
            self.waiting -= 1
            self.bad_epochs = 0
"""
INITIAL = 'self.initial_lrs = [group["lr"] for group in optimizer.param_groups]'
LOOP = "for group, initial_lr in zip(self.optimizer.param_groups, self.initial_lrs, strict=True):"
RATE = 'group["lr"] = initial_lr * self.lr_lambda(self.epoch)  # (9)'
FIRST = """        self.epoch = 0
        self._set_rates()
"""
NEXT = """        self.epoch += 1
        self._set_rates()
"""
RISE = "warm_up = peak * update / peak_at"
SHARE = "share = (update - peak_at) / (last - peak_at)"
LAST = 'return [group["lr"] for group in self.optimizer.param_groups]'


def of_epochs(exercise, formula, last):
    """What goes wrong with the epochs in each of the five schedules.

    Args:
        formula: the line that the epochs stand in.
        last: the line that makes the rate; it may be the same.
    """
    return (
        wrong(
            exercise, "array_fails", "an array of epochs fails",
            "The epoch may be an array of ints. An if wants a single number; write the formula so that it holds for both.",
            CLASSROOM, (formula, f"if epoch < 0:\n        raise ValueError('no such epoch')\n    {formula}"),
        ),
        wrong(
            exercise, "places_for_epochs", "in an array the place of an epoch is taken for the epoch",
            "The epochs of an array may come in any order and leave some out: each rate belongs to the number that stands there.",
            CLASSROOM, (formula, f"epoch = np.arange(len(epoch)) if np.ndim(epoch) else epoch\n    {formula}"),
        ),
        wrong(
            exercise, "sorted_epochs", "the rates of an array come in the order of rising epochs",
            "The epochs of an array may come in any order, and the rates come in the same: the first rate is that of the first.",
            CLASSROOM, (formula, f"epoch = np.sort(epoch) if np.ndim(epoch) else epoch\n    {formula}"),
        ),
        wrong(
            exercise, "all_up_to_the_epoch", "one epoch gives the rates of all epochs up to it",
            "An int is the number of one epoch, and gives the rate of that epoch alone.",
            CLASSROOM, (formula, f"epoch = epoch if np.ndim(epoch) else np.arange(epoch + 1)\n    {formula}"),
        ),
        wrong(
            exercise, "rounded_to_four_digits", "the rate is rounded to four digits",
            "The numbers of the worked example are rounded for reading. The rate itself has all its digits.",
            CLASSROOM, (last, f"{last.partition('  #')[0]}\n    lr = np.round(lr, 4)"),
        ),
    )  # fmt: skip


INVERSE_TIME_DECAY = (
    wrong(
        "inverse_time_decay", "counts_from_one", "the epochs are counted from 1",
        "Epoch 0 is the first: formula (2) gives lr0 there.",
        CLASSROOM, (INVERSE, "lr = lr0 / (1 + decay_rate * (epoch + 1))"),
    ),
    wrong(
        "inverse_time_decay", "falls_in_a_line", "the rate falls in a straight line",
        "Formula (2) divides. A rate from which something is subtracted each epoch ends below zero.",
        CLASSROOM, (INVERSE, "lr = lr0 * (1 - decay_rate * epoch)"),
    ),
    wrong(
        "inverse_time_decay", "rate_outside_the_bracket", "decay_rate multiplies the 1 as well",
        "In formula (2) k stands before the epoch alone. At epoch 0 nothing has decayed yet.",
        CLASSROOM, (INVERSE, "lr = lr0 / (decay_rate * (1 + epoch) + (decay_rate == 0))"),
    ),
    wrong(
        "inverse_time_decay", "one_is_missing", "the 1 in the denominator is missing",
        "At epoch 0 the denominator of formula (2) is 1. Without the 1 it is 0.",
        CLASSROOM, (INVERSE, "lr = lr0 / np.maximum(decay_rate * epoch, 1e-8)"),
    ),
    wrong(
        "inverse_time_decay", "natural_exponential", "the rate decays exponentially",
        "Formula (2) has no power and no exponential: its rate falls like 1/epoch, which is much slower in the end.",
        NEIGHBOUR, (INVERSE, "lr = lr0 * np.exp(-decay_rate * epoch)"),
    ),
    wrong(
        "inverse_time_decay", "square_root", "the root is taken of what lr0 is divided by",
        "Some notes divide by the root of the epoch, or of 1 + k e. Formula (2) divides by 1 + k e itself.",
        COURSES, (INVERSE, "lr = lr0 / np.sqrt(1 + decay_rate * epoch)"),
    ),
    wrong(
        "inverse_time_decay", "whole_numbers", "the result is cut to a whole number",
        "An array of epochs holds integers, and so does an array made like it. Rates need a float array.",
        CLASSROOM, (INVERSE, "lr = (lr0 / (1 + decay_rate * epoch) * np.ones_like(epoch)).astype(np.asarray(epoch).dtype)"),
    ),
    *of_epochs("inverse_time_decay", INVERSE, INVERSE),
    wrong(
        "inverse_time_decay", "falls_by_a_share", "the rate is divided by 1 + k once more in every epoch",
        "In formula (2) the epoch multiplies k. A power of 1 + k is an exponential decay, and much faster in the end.",
        NEIGHBOUR, (INVERSE, "lr = lr0 / (1 + decay_rate) ** epoch"),
    ),
    wrong(
        "inverse_time_decay", "compounds", "each epoch divides the rate of the one before by 1 + k e",
        "Formula (2) divides lr0 and not the last rate: the divisions do not add up.",
        COURSES,
        (INVERSE, "lr = lr0 / np.vectorize(lambda e: np.prod(1 + decay_rate * np.arange(e + 1.0)), otypes=[float])(epoch)"),
    ),
    wrong(
        "inverse_time_decay", "decay_rate_is_a_power", "decay_rate is taken for a power of the epoch",
        "In formula (2) k multiplies the epoch. A power of 1 + e is another schedule of the same family.",
        COURSES, (INVERSE, "lr = lr0 / (1.0 + epoch) ** decay_rate"),
    ),
    wrong(
        "inverse_time_decay", "whole_stairs", "the rate falls in stairs: k e is rounded down",
        "Keras does so with staircase=True. In formula (2) nothing is rounded.",
        "keras.optimizers.schedules.InverseTimeDecay", (INVERSE, "lr = lr0 / (1 + np.floor(decay_rate * epoch))"),
    ),
)  # fmt: skip

STEP_DECAY = (
    wrong(
        "step_decay", "true_division", "the rate falls in every epoch",
        "The exponent of formula (3) is rounded down to a whole number: between two stairs nothing changes.",
        CLASSROOM, ("epoch // step_size", "epoch / step_size"),
    ),
    wrong(
        "step_decay", "one_epoch_late", "each drop comes one epoch late",
        "With 3 epochs to a stair, epochs 0, 1 and 2 have lr0 and epoch 3 has less. Check formula (3) at epoch = step_size.",
        CLASSROOM, ("(epoch // step_size)", "(np.maximum(epoch - 1, 0) // step_size)"),
    ),
    wrong(
        "step_decay", "one_epoch_early", "each drop comes one epoch early",
        "Epochs are counted from 0: epoch step_size - 1 is still on the first stair of formula (3).",
        CLASSROOM, ("(epoch // step_size)", "((epoch + 1) // step_size)"),
    ),
    wrong(
        "step_decay", "rounds_to_the_nearest", "the number of stairs is rounded to the nearest",
        "Half a stair is no stair: the brackets in formula (3) round down.",
        CLASSROOM, ("(epoch // step_size)", "np.round(epoch / step_size)"),
    ),
    wrong(
        "step_decay", "one_drop_only", "the rate drops only once",
        "Formula (3) multiplies by gamma again at every further stair: the number of stairs is its exponent.",
        CLASSROOM, ("(epoch // step_size)", "np.minimum(epoch // step_size, 1)"),
    ),
    wrong(
        "step_decay", "divides_by_gamma", "the rate rises",
        "gamma is below 1 and multiplies: a positive power of it in formula (3).",
        CLASSROOM, (STEP, "lr = lr0 / gamma ** (epoch // step_size)"),
    ),
    wrong(
        "step_decay", "gamma_times_stairs", "gamma is multiplied by the number of stairs",
        "Two stairs mean gamma times gamma, not gamma times two: formula (3) has a power.",
        CLASSROOM, (STEP, "lr = lr0 * np.where(epoch // step_size > 0, gamma * (epoch // step_size), 1.0)"),
    ),
    wrong(
        "step_decay", "changes_the_epochs", "the array of epochs is changed in place",
        "The caller's array must stay as it was: an in-place operator on an argument writes into the caller's memory.",
        CLASSROOM, (STEP, "epoch //= step_size\n    lr = lr0 * gamma**epoch"),
    ),
    *of_epochs("step_decay", STEP, STEP),
    wrong(
        "step_decay", "drop_at_multiples_alone", "the rate is lower in the epochs of the drops alone",
        "A drop lasts: formula (3) keeps the lower rate until the next one. What is the exponent one epoch after a drop?",
        CLASSROOM, (STEP, "lr = lr0 * np.where((epoch % step_size == 0) & (epoch > 0), gamma, 1.0)"),
    ),
    wrong(
        "step_decay", "gamma_is_what_is_lost", "gamma is taken for the share that a drop takes away",
        "gamma is the share that stays after a drop: formula (3) multiplies by it.",
        COURSES, (STEP, "lr = lr0 * (1 - gamma) ** (epoch // step_size)"),
    ),
    wrong(
        "step_decay", "natural_exponential", "gamma is used as the rate of a natural exponential",
        "In formula (3) gamma itself is raised to a power, the number of drops.",
        COURSES, (STEP, "lr = lr0 * np.exp(-gamma * (epoch // step_size))"),
    ),
    wrong(
        "step_decay", "inverse_time_in_stairs", "each stair follows inverse time decay",
        "That is formula (2) with the number of stairs in the place of the epoch. Formula (3) has a power of gamma.",
        NEIGHBOUR, (STEP, "lr = lr0 / (1 + gamma * (epoch // step_size))"),
    ),
    wrong(
        "step_decay", "every_epoch_after_the_first_stair", "after the first stair the rate falls in every epoch",
        "Each stair is step_size epochs long, the second as well as the first: the exponent of formula (3) stays for so long.",
        NEIGHBOUR, (STEP, "lr = lr0 * gamma ** np.maximum(epoch - step_size + 1, 0)"),
    ),
)  # fmt: skip

MULTISTEP_DECAY = (
    wrong(
        "multistep_decay", "milestone_not_reached_yet", "each drop comes one epoch after its milestone",
        "In formula (4) a milestone counts from its own epoch on: at epoch = milestone the rate has dropped.",
        CLASSROOM, ('side="right"', 'side="left"'),
    ),
    wrong(
        "multistep_decay", "one_epoch_early", "each drop comes one epoch before its milestone",
        "The epoch before a milestone still has the old rate. Formula (4) counts milestones that are at most e.",
        CLASSROOM, ("np.searchsorted(milestones, epoch,", "np.searchsorted(milestones, epoch + 1,"),
    ),
    wrong(
        "multistep_decay", "one_drop_only", "all milestones together lower the rate once",
        "Formula (4) multiplies by gamma at every milestone that is reached: their number is the exponent.",
        CLASSROOM, (MULTISTEP, "lr = lr0 * gamma ** np.minimum(passed, 1)"),
    ),
    wrong(
        "multistep_decay", "milestones_are_lengths", "the milestones are taken for the lengths of the stairs",
        "A milestone is an epoch, counted from the start. In formula (4) nothing is added up.",
        CLASSROOM, ("np.searchsorted(milestones,", "np.searchsorted(np.cumsum(milestones),"),
    ),
    wrong(
        "multistep_decay", "power_of_the_epoch", "the exponent is the epoch, once the first milestone is reached",
        "The exponent in formula (4) is the number of milestones reached. Between two of them the rate stays.",
        NEIGHBOUR, (MULTISTEP, "lr = lr0 * gamma ** np.where(passed > 0, epoch, 0)"),
    ),
    wrong(
        "multistep_decay", "no_milestones_one_number", "without milestones an array of epochs gives a single number",
        "An empty list of milestones is allowed, and an array of epochs still asks for an array: lr0 for each of them.",
        CLASSROOM, (PASSED, "passed = sum((epoch >= milestone) * 1 for milestone in milestones)"),
    ),
    wrong(
        "multistep_decay", "no_milestones_fails", "an empty list of milestones fails",
        "milestones may be empty: then no drop ever comes, and formula (4) gives lr0.",
        CLASSROOM, (PASSED, f"last = milestones[-1]\n    {PASSED}"),
    ),
    wrong(
        "multistep_decay", "eats_the_milestones", "the list of milestones is emptied on the way",
        "The caller's list must stay as it was: a second call with it has to give the same. Look at milestones without "
        "taking them out.",
        CLASSROOM, (MULTISTEP, f"{MULTISTEP}\n    milestones.clear()"),
    ),
    wrong(
        "multistep_decay", "rounded_array", "the result is cut to whole numbers",
        "An array of epochs holds integers, and so does an array made like it. Rates need a float array.",
        CLASSROOM, (MULTISTEP, "lr = lr0 * gamma**passed\n    lr = lr if np.ndim(epoch) == 0 else np.zeros_like(epoch) + lr.astype(int)"),
    ),
    *of_epochs("multistep_decay", PASSED, MULTISTEP),
    wrong(
        "multistep_decay", "at_the_milestones_alone", "the rate is lower at the milestones alone",
        "A milestone counts from its own epoch on, and so in all later ones too: look at what formula (4) counts.",
        CLASSROOM, (PASSED, "passed = np.isin(epoch, milestones) * 1"),
    ),
    wrong(
        "multistep_decay", "all_drops_at_the_last", "nothing happens before the last milestone",
        "Formula (4) counts milestone by milestone: at the first of them the exponent is 1.",
        CLASSROOM, (PASSED, "passed = len(milestones) * (epoch >= np.max(milestones, initial=0))"),
    ),
    wrong(
        "multistep_decay", "gamma_times_milestones", "gamma is multiplied by the number of milestones",
        "Two milestones mean gamma times gamma, not gamma times two: formula (4) has a power.",
        CLASSROOM, (MULTISTEP, "lr = lr0 * np.where(passed > 0, gamma * passed, 1.0)"),
    ),
    wrong(
        "multistep_decay", "gamma_is_what_is_lost", "gamma is taken for the share that a drop takes away",
        "gamma is the share that stays after a milestone: formula (4) multiplies by it.",
        COURSES, (MULTISTEP, "lr = lr0 * (1 - gamma) ** passed"),
    ),
)  # fmt: skip

EXPONENTIAL_DECAY = (
    wrong(
        "exponential_decay", "natural_exponential", "gamma is used as the rate of a natural exponential",
        "In formula (5) gamma itself is raised to the power e. A natural exponential with rate k has gamma = exp(-k).",
        COURSES, (EXPONENTIAL, "lr = lr0 * np.exp(-gamma * epoch)"),
    ),
    wrong(
        "exponential_decay", "gamma_is_what_is_lost", "gamma is taken for the share that is lost",
        "gamma is the share that stays from one epoch to the next: formula (5) multiplies by it.",
        COURSES, (EXPONENTIAL, "lr = lr0 * (1 - gamma) ** epoch"),
    ),
    wrong(
        "exponential_decay", "first_terms_only", "the exponential is replaced by a straight line",
        "Each epoch takes a share of what is left, not of lr0: formula (5) has a power, and it never reaches zero.",
        CLASSROOM, (EXPONENTIAL, "lr = lr0 * (1 - (1 - gamma) * epoch)"),
    ),
    wrong(
        "exponential_decay", "counts_from_one", "the epochs are counted from 1",
        "Epoch 0 is the first, and gamma to the power 0 is 1: formula (5) gives lr0 there.",
        CLASSROOM, (EXPONENTIAL, "lr = lr0 * gamma ** (epoch + 1)"),
    ),
    wrong(
        "exponential_decay", "power_of_the_product", "lr0 is raised to the power as well",
        "In formula (5) the power belongs to gamma alone; lr0 is multiplied once.",
        CLASSROOM, (EXPONENTIAL, "lr = (lr0 * gamma) ** epoch"),
    ),
    wrong(
        "exponential_decay", "power_the_other_way", "base and exponent have changed places",
        "In formula (5) gamma is the base and the epoch is the exponent.",
        CLASSROOM, (EXPONENTIAL, "lr = lr0 * epoch**gamma"),
    ),
    wrong(
        "exponential_decay", "rounded_array", "the result is cut to whole numbers",
        "An array of epochs holds integers, and so does an array made like it. Rates need a float array.",
        CLASSROOM, (EXPONENTIAL, "lr = lr0 * gamma**epoch if np.ndim(epoch) == 0 else np.full_like(epoch, lr0) * 0"),
    ),
    *of_epochs("exponential_decay", EXPONENTIAL, EXPONENTIAL),
    wrong(
        "exponential_decay", "compounds", "each epoch multiplies the rate of the one before by gamma to the power e",
        "Formula (5) multiplies lr0 and not the last rate: from one epoch to the next there is one gamma more.",
        CLASSROOM, (EXPONENTIAL, "lr = lr0 * gamma ** (epoch * (epoch + 1) // 2)"),
    ),
    wrong(
        "exponential_decay", "k_is_one_minus_gamma", "the exponent has 1 - gamma in the place of the logarithm",
        "A natural exponential with rate k has gamma = exp(-k). k is close to 1 - gamma for a gamma near 1, and not the same.",
        COURSES, (EXPONENTIAL, "lr = lr0 * np.exp(-(1 - gamma) * epoch)"),
    ),
    wrong(
        "exponential_decay", "inverse_time", "the rate falls like 1/epoch",
        "That is formula (2) with gamma for k. Formula (5) has a power.",
        NEIGHBOUR, (EXPONENTIAL, "lr = lr0 / (1 + gamma * epoch)"),
    ),
    wrong(
        "exponential_decay", "what_is_lost_so_far", "the result is what the rate has lost, not what is left of it",
        "Formula (5) starts at lr0 and falls. One minus the power is the share that has gone.",
        CLASSROOM, (EXPONENTIAL, "lr = lr0 * (1 - gamma**epoch)"),
    ),
)  # fmt: skip

COSINE_DECAY = (
    wrong(
        "cosine_decay", "no_half", "the factor 1/2 is missing",
        "1 + cos is 2 at epoch 0. Formula (6) halves it, so that the rate starts at lr0.",
        CLASSROOM, ("/ t_max)) / 2", "/ t_max))"),
    ),
    wrong(
        "cosine_decay", "whole_turn", "the cosine makes a whole turn",
        "In formula (6) the angle goes from 0 to pi, which is half a turn: the rate ends at its lowest, not back at lr0.",
        CLASSROOM, ("np.cos(np.pi * epoch / t_max)", "np.cos(2 * np.pi * epoch / t_max)"),
    ),
    wrong(
        "cosine_decay", "quarter_turn", "the cosine makes a quarter of a turn",
        "The angle of formula (6) ends at pi. A quarter turn has no flat end.",
        COURSES, ("(1 + np.cos(np.pi * epoch / t_max)) / 2", "np.cos(np.pi / 2 * epoch / t_max)"),
    ),
    wrong(
        "cosine_decay", "min_is_added", "lr_min is added to the whole curve",
        "At epoch 0 the rate is lr0. In formula (6) the cosine spans the distance lr0 - lr_min.",
        CLASSROOM, ("(lr0 - lr_min) *", "lr0 *"),
    ),
    wrong(
        "cosine_decay", "min_is_a_floor", "lr_min cuts the curve off",
        "Formula (6) reaches lr_min at t_max and not before: the curve is squeezed, not cut off.",
        CLASSROOM, (COSINE, "lr = np.maximum(lr_min, lr0 * (1 + np.cos(np.pi * epoch / t_max)) / 2)"),
    ),
    wrong(
        "cosine_decay", "min_is_a_share", "lr_min is taken for a share of lr0",
        "In some frameworks the lowest rate is given as a share of the initial one. In formula (6) lr_min is a rate.",
        "keras.optimizers.schedules.CosineDecay",
        (COSINE, "lr = lr0 * (lr_min + (1 - lr_min) * (1 + np.cos(np.pi * epoch / t_max)) / 2)"),
    ),
    wrong(
        "cosine_decay", "degrees", "the angle is in degrees",
        "NumPy's cosine takes radians: half a turn is pi, not 180.",
        CLASSROOM, ("np.pi * epoch", "180 * epoch"),
    ),
    wrong(
        "cosine_decay", "one_epoch_short", "the lowest rate comes one epoch early",
        "In formula (6) the angle is pi at e = t_max. There are t_max steps from epoch 0 to it.",
        CLASSROOM, ("epoch / t_max", "epoch / max(t_max - 1, 1)"),
    ),
    wrong(
        "cosine_decay", "rises", "the rate rises",
        "Formula (6) adds the cosine, which starts at 1. With a minus sign the rate starts at lr_min.",
        CLASSROOM, ("1 + np.cos", "1 - np.cos"),
    ),
    wrong(
        "cosine_decay", "straight_line", "the rate falls in a straight line",
        "Formula (6) has a cosine: flat at both ends and steep in the middle.",
        NEIGHBOUR, ("(1 + np.cos(np.pi * epoch / t_max)) / 2", "(1 - epoch / t_max)"),
    ),
    *of_epochs("cosine_decay", COSINE, COSINE),
    wrong(
        "cosine_decay", "epoch_outside_the_cosine", "the epoch multiplies the cosine of pi",
        "In formula (6) the epoch stands within the cosine. The cosine of pi alone is -1, and makes a straight line.",
        CLASSROOM, ("(1 + np.cos(np.pi * epoch / t_max))", "(1 + np.cos(np.pi) * epoch / t_max)"),
    ),
    wrong(
        "cosine_decay", "polynomial", "the rate falls as a polynomial",
        "Formula (6) has a cosine. A power of what is left of the run is flat at its end alone.",
        "keras.optimizers.schedules.PolynomialDecay", ("(1 + np.cos(np.pi * epoch / t_max)) / 2", "(1 - epoch / t_max) ** 2"),
    ),
    wrong(
        "cosine_decay", "counts_from_one", "the epochs are counted from 1, with one epoch more",
        "Epoch 0 is the first: the angle of formula (6) is 0 there, and pi at t_max.",
        CLASSROOM, ("np.pi * epoch / t_max", "np.pi * (epoch + 1) / (t_max + 1)"),
    ),
    wrong(
        "cosine_decay", "no_half_and_min_added", "lr_min is added to the whole curve, and the factor 1/2 is missing",
        "At epoch 0 formula (6) gives lr0: half of 1 + cos is 1 there, and it spans the distance lr0 - lr_min.",
        CLASSROOM, (COSINE, "lr = lr_min + lr0 * (1 + np.cos(np.pi * epoch / t_max))"),
    ),
    wrong(
        "cosine_decay", "rises_after_half", "the lowest rate comes half-way, and the rate rises again",
        "That is the size of a cosine. Formula (6) lifts the cosine by 1, so that it is never negative.",
        CLASSROOM, ("(1 + np.cos(np.pi * epoch / t_max)) / 2", "np.abs(np.cos(np.pi * epoch / t_max))"),
    ),
)  # fmt: skip

REDUCE_ON_PLATEAU = (
    wrong(
        "ReduceOnPlateau", "drops_one_epoch_early", "the rate drops at bad epoch number patience",
        "patience epochs are forgiven, and the next one is not: formula (8) asks for more bad epochs than patience. Keras "
        "drops one epoch earlier.",
        KERAS, (ENOUGH, "if self.bad_epochs >= max(self.patience, 1):"),
    ),
    wrong(
        "ReduceOnPlateau", "drops_without_a_bad_epoch", "the rate drops once there are patience bad epochs, also when that is none",
        "patience epochs are forgiven, and the next one is not: formula (8) asks for more bad epochs than patience. With "
        "\"at least\", patience 0 lowers the rate in every epoch.",
        CLASSROOM, (ENOUGH, "if self.bad_epochs >= self.patience:"),
    ),
    wrong(
        "ReduceOnPlateau", "drops_one_epoch_late", "the rate drops one bad epoch too late",
        "patience + 1 bad epochs in a row are enough for formula (8).",
        CLASSROOM, (ENOUGH, "if self.bad_epochs > self.patience + 1:"),
    ),
    wrong(
        "ReduceOnPlateau", "any_gain_counts", "the threshold is ignored",
        "A gain has to be larger than the share tau of the best: the condition of formula (7) has a factor before the best.",
        CLASSROOM, (GOOD, "if metric < self.best:"),
    ),
    wrong(
        "ReduceOnPlateau", "absolute_threshold", "the threshold is subtracted, not a share",
        "In formula (7) the gain is relative: tau is a share of the best metric. Keras subtracts it.",
        KERAS, (GOOD, "if metric < self.best - self.threshold:"),
    ),
    wrong(
        "ReduceOnPlateau", "size_of_the_best", "the threshold is taken of the best metric's absolute value",
        "For a negative metric that would be more sensible; but formula (7), like PyTorch, multiplies the best as it is.",
        CLASSROOM, (GOOD, "if metric < self.best - self.threshold * abs(self.best) or self.best == np.inf and metric < np.inf:"),
    ),
    wrong(
        "ReduceOnPlateau", "equal_is_better", "an equal metric counts as an improvement",
        "Formula (7) asks for less than, not for at most.",
        CLASSROOM, (GOOD, "if metric <= (1 - self.threshold) * self.best:"),
    ),
    wrong(
        "ReduceOnPlateau", "compares_with_the_last", "the metric is compared with the last one",
        "In formula (7) stands the best metric so far. A bad epoch does not change it.",
        CLASSROOM,
        (BETTER, "good = metric < (1 - self.threshold) * self.best\n        self.best = metric\n        if good:\n            self.bad_epochs = 0\n"),
    ),
    wrong(
        "ReduceOnPlateau", "best_takes_small_gains", "gains too small for the threshold still lower the best",
        "The best changes in a good epoch alone. Otherwise many small gains in a row never add up to a good one.",
        CLASSROOM,
        (BETTER, "good = metric < (1 - self.threshold) * self.best\n        self.best = metric if metric < self.best else self.best\n        if good:\n            self.bad_epochs = 0\n"),
    ),
    wrong(
        "ReduceOnPlateau", "bad_epochs_never_forgotten", "a good epoch does not set the count back",
        "Bad epochs have to come in a row: a good one between them sets the count to zero.",
        CLASSROOM, (BETTER, f"{GOOD}\n            self.best = metric\n"),
    ),
    wrong(
        "ReduceOnPlateau", "count_goes_on_after_a_drop", "after a drop the count goes on",
        "With a new rate, patience begins anew: a drop sets the count of bad epochs to zero.",
        CLASSROOM, (AGAIN, "            self.waiting = self.cooldown\n"),
    ),
    wrong(
        "ReduceOnPlateau", "best_forgotten_after_a_drop", "after a drop the best metric is forgotten",
        "A drop changes the rate and the counts. The best metric of formula (7) stays.",
        CLASSROOM, (AGAIN, f"{AGAIN}            self.best = np.inf\n"),
    ),
    wrong(
        "ReduceOnPlateau", "no_cooldown", "cooldown is ignored",
        "After a drop, as many epochs as cooldown says count as no bad ones.",
        CLASSROOM, (WAIT, ""),
    ),
    wrong(
        "ReduceOnPlateau", "asleep_in_the_cooldown", "metrics that come in the cooldown are not looked at",
        "In the cooldown bad epochs are not counted, but a good one still sets the best: formula (7) goes on.",
        CLASSROOM,
        (GOOD, "if self.waiting > 0:\n            pass\n        elif metric < (1 - self.threshold) * self.best:"),
    ),
    wrong(
        "ReduceOnPlateau", "no_floor", "the rate falls below min_lr",
        "Formula (8) takes the larger of two: the lowered rate, and min_lr.",
        CLASSROOM, (DROP, "self.lr = self.factor * self.lr"),
    ),
    wrong(
        "ReduceOnPlateau", "floor_blocks_the_drop", "a drop that would pass min_lr is left out",
        "Formula (8) takes the larger of two: a drop that would go below min_lr goes to min_lr.",
        CLASSROOM, (DROP, "self.lr = self.factor * self.lr if self.factor * self.lr >= self.min_lr else self.lr"),
    ),
    wrong(
        "ReduceOnPlateau", "first_metric_is_the_best", "the first metric is taken for the best, whatever it is",
        "NaN is never less than anything, also as the first metric: the best so far is then still infinite in formula (7).",
        CLASSROOM,
        ("self.best = np.inf", "self.best = None"),
        (GOOD, "if self.best is None or metric < (1 - self.threshold) * self.best:"),
    ),
    wrong(
        "ReduceOnPlateau", "nan_is_good", "a metric of NaN counts as an improvement",
        "Every comparison with NaN is false. Turned around, formula (7) lets it pass as a good epoch.",
        CLASSROOM, (GOOD, "if not metric >= (1 - self.threshold) * self.best:"),
    ),
    wrong(
        "ReduceOnPlateau", "nan_is_skipped", "an epoch with NaN is skipped",
        "NaN is a bad epoch like any other: it counts.",
        CLASSROOM, (GOOD, "if metric != metric:\n            return self.lr\n        if metric < (1 - self.threshold) * self.best:"),
    ),
    wrong(
        "ReduceOnPlateau", "zero_is_no_best", "a best metric of 0 is taken for none at all",
        "0 is a number like any other: ask whether there is a best yet, not whether it is true.",
        CLASSROOM, (GOOD, "if not self.best or metric < (1 - self.threshold) * self.best:"),
    ),
    wrong(
        "ReduceOnPlateau", "larger_is_better", "a larger metric counts as better",
        "The metric is a loss: formula (7) asks whether it has fallen.",
        "mode max", ("self.best = np.inf", "self.best = -np.inf"), (GOOD, "if metric > (1 + self.threshold) * self.best:"),
    ),
    wrong(
        "ReduceOnPlateau", "from_the_initial_rate", "every drop starts from the initial rate",
        "Formula (8) multiplies the rate as it is now, so that drops add up.",
        CLASSROOM, ("        self.lr = lr\n", "        self.lr = self.initial_lr = lr\n"),
        (DROP, "self.lr = max(self.factor * self.initial_lr, self.min_lr)"),
    ),
    wrong(
        "ReduceOnPlateau", "lr_is_not_kept", "self.lr stays at its first value",
        "The docstring promises that self.lr is the rate as it is now, as well as what step() returns.",
        CLASSROOM,
        ("        self.lr = lr\n", "        self.lr = self.rate = lr\n"),
        (DROP, "self.rate = max(self.factor * self.rate, self.min_lr)"), ("return self.lr", "return self.rate"),
    ),
    wrong(
        "ReduceOnPlateau", "state_in_the_class", "the instances share their state",
        "Two instances must share nothing: make the state in __init__, on self.",
        CLASSROOM,
        ("        self.best = np.inf\n", "        self.__class__.state = {'best': np.inf}\n"),
        (BETTER, "if metric < (1 - self.threshold) * self.state['best']:\n            self.state['best'] = metric\n            self.bad_epochs = 0\n"),
    ),
    wrong(
        "ReduceOnPlateau", "nothing_is_refused", "bad settings are accepted",
        "The constructor should raise ValueError for the values that its docstring names.",
        CLASSROOM, ("if lr < 0:", "if False:"), ("if factor >= 1:", "if False:"),
    ),
    wrong(
        "ReduceOnPlateau", "factor_1_is_accepted", "a factor of 1 is accepted",
        "With a factor of 1 nothing would ever drop: 1 itself is refused too.",
        CLASSROOM, ("if factor >= 1:", "if factor > 1:"),
    ),
    wrong(
        "ReduceOnPlateau", "first_epoch_is_bad", "the first epoch counts as a bad one",
        "The best so far is infinite at the start, so that by formula (7) any first metric but NaN is a good one.",
        CLASSROOM,
        ("self.best = np.inf", "self.best = None"),
        (GOOD, "if self.best is None:\n            self.best = metric\n        if metric < (1 - self.threshold) * self.best:"),
    ),
    wrong(
        "ReduceOnPlateau", "counts_in_the_cooldown", "bad epochs are counted on in the cooldown, only without a drop",
        "In the cooldown the count of bad epochs is kept at zero. Otherwise the first epoch after it brings the next drop.",
        CLASSROOM, (WAIT, "        if self.waiting > 0:\n            self.waiting -= 1\n            return self.lr\n"),
    ),
    wrong(
        "ReduceOnPlateau", "good_ends_the_cooldown", "a good epoch ends the cooldown",
        "The cooldown lasts for as many epochs as it says, good or bad.",
        CLASSROOM, (BETTER, f"{BETTER}            self.waiting = 0\n"),
    ),
    wrong(
        "ReduceOnPlateau", "tiny_drops_left_out", "a drop that would change the rate by very little is left out",
        "PyTorch leaves out a drop of no more than 1e-8. Formula (8) has no such limit.",
        "torch.optim.lr_scheduler.ReduceLROnPlateau",
        (DROP, "new = max(self.factor * self.lr, self.min_lr)\n            self.lr = new if self.lr - new > 1e-8 else self.lr"),
    ),
    wrong(
        "ReduceOnPlateau", "as_keras", "the threshold is subtracted, and the rate drops at bad epoch number patience",
        "Both are Keras's way. Formula (7) takes a share of the best, and formula (8) asks for more bad epochs than patience.",
        KERAS, (GOOD, "if metric < self.best - self.threshold:"), (ENOUGH, "if self.bad_epochs >= max(self.patience, 1):"),
    ),
    wrong(
        "ReduceOnPlateau", "best_anew_after_a_drop", "after a drop the metric of that epoch is taken for the best",
        "A drop changes the rate and the counts. The best metric of formula (7) changes in good epochs alone.",
        CLASSROOM, (AGAIN, f"{AGAIN}            self.best = metric\n"),
    ),
    wrong(
        "ReduceOnPlateau", "nan_drops_at_once", "a metric of NaN lowers the rate at once",
        "NaN is a bad epoch like any other: it counts, and patience holds for it too.",
        CLASSROOM, (ENOUGH, "if self.bad_epochs > self.patience or metric != metric:"),
    ),
    wrong(
        "ReduceOnPlateau", "asserts", "bad settings fail with another exception than ValueError",
        "The docstring names the exception: ValueError. An assert raises AssertionError.",
        CLASSROOM, ("if lr < 0:", "assert lr >= 0\n        if lr < 0:"), ("if factor >= 1:", "assert factor < 1\n        if factor >= 1:"),
    ),
    wrong(
        "ReduceOnPlateau", "rises_again", "a good epoch brings back the initial rate",
        "The rate only falls: formula (8) is the only place where it changes.",
        CLASSROOM, ("        self.lr = lr\n", "        self.lr = self.initial_lr = lr\n"),
        (BETTER, f"{BETTER}            self.lr = self.initial_lr\n"),
    ),
    wrong(
        "ReduceOnPlateau", "count_in_the_class", "the instances share their count of bad epochs",
        "Two instances must share nothing: the count belongs on self, like the best metric.",
        CLASSROOM,
        ("            self.bad_epochs += 1\n", "            type(self).bad_epochs += 1\n"),
        ("        self.bad_epochs = 0\n        self.waiting = 0", "        type(self).bad_epochs = 0\n        self.waiting = 0"),
        (BETTER, f"{GOOD}\n            self.best = metric\n            type(self).bad_epochs = 0\n"),
        (AGAIN, "            self.waiting = self.cooldown\n            type(self).bad_epochs = 0\n"),
        (WAIT, "        if self.waiting > 0:\n            self.waiting -= 1\n            type(self).bad_epochs = 0\n"),
    ),
    wrong(
        "ReduceOnPlateau", "looks_back_patience_epochs", "the metric is compared with the one of patience + 1 epochs ago",
        "Formula (7) compares with the best metric of all epochs so far, and the bad epochs since then are counted.",
        COURSES,
        ("        self.best = np.inf\n", "        self.best = np.inf\n        self.seen = []\n"),
        (GOOD, "self.seen.append(metric)\n        if metric < (1 - self.threshold) * min(self.seen[: -self.patience - 1], default=np.inf):"),
    ),
)  # fmt: skip

LAMBDA_SCHEDULE = (
    wrong(
        "LambdaSchedule", "compounds", "the factor multiplies the rate as it is now",
        "In formula (9) the factor multiplies the initial rate of the group, so that the factors do not add up. Torch calls "
        "the other thing MultiplicativeLR.",
        "torch.optim.lr_scheduler.MultiplicativeLR", (RATE, 'group["lr"] *= self.lr_lambda(self.epoch)'),
    ),
    wrong(
        "LambdaSchedule", "first_group_only", "only the first param group is changed",
        "Formula (9) holds for every param group of the optimiser.",
        CLASSROOM, (LOOP, "for group, initial_lr in list(zip(self.optimizer.param_groups, self.initial_lrs, strict=True))[:1]:"),
    ),
    wrong(
        "LambdaSchedule", "one_rate_for_all_groups", "all groups get the first group's rate",
        "In formula (9) each group g has an initial rate of its own.",
        CLASSROOM, (RATE, 'group["lr"] = self.initial_lrs[0] * self.lr_lambda(self.epoch)'),
    ),
    wrong(
        "LambdaSchedule", "starts_with_the_first_step", "the constructor does not apply lr_lambda(0)",
        "Formula (9) holds at epoch 0 too: the constructor sets the rates of the first epoch.",
        CLASSROOM, (FIRST, "        self.epoch = 0\n"),
    ),
    wrong(
        "LambdaSchedule", "one_epoch_late", "each factor comes one epoch late",
        "The first step() ends epoch 0: formula (9) then takes the factor of epoch 1.",
        CLASSROOM, (NEXT, "        self._set_rates()\n        self.epoch += 1\n"),
    ),
    wrong(
        "LambdaSchedule", "counts_from_one", "the epochs are counted from 1",
        "Epoch 0 is the first: the constructor applies lr_lambda(0), not lr_lambda(1).",
        CLASSROOM, (FIRST, "        self.epoch = 1\n        self._set_rates()\n"),
    ),
    wrong(
        "LambdaSchedule", "factor_is_the_rate", "the factor is taken for the rate",
        "lr_lambda returns a factor. Formula (9) multiplies it by the group's initial rate.",
        CLASSROOM, (RATE, 'group["lr"] = self.lr_lambda(self.epoch)'),
    ),
    wrong(
        "LambdaSchedule", "initial_rate_read_late", "the initial rates are read after lr_lambda(0) was applied",
        "The initial rate in formula (9) is the one that the optimiser was made with: remember it before the first change.",
        CLASSROOM, (FIRST, f"{FIRST}        {INITIAL}\n"),
    ),
    wrong(
        "LambdaSchedule", "never_reaches_the_optimiser", "the optimiser does not get the new rates",
        "Computing the rates is not enough: the optimiser reads its own param_groups.",
        CLASSROOM,
        (RATE, "self.rates = [lr * self.lr_lambda(self.epoch) for lr in self.initial_lrs]"), (LAST, "return self.rates"),
    ),
    wrong(
        "LambdaSchedule", "zero_means_unchanged", "a factor of 0 leaves the rate as it was",
        "0 is a factor like any other: formula (9) then gives a rate of 0.",
        CLASSROOM, (RATE, 'group["lr"] = initial_lr * self.lr_lambda(self.epoch) or group["lr"]'),
    ),
    wrong(
        "LambdaSchedule", "never_rises", "the rate is not allowed to rise",
        "A schedule may rise, as a warm-up does: formula (9) asks for no minimum.",
        CLASSROOM, (RATE, 'group["lr"] = min(group["lr"], initial_lr * self.lr_lambda(self.epoch))'),
    ),
    wrong(
        "LambdaSchedule", "get_last_lr_gives_no_list", "get_last_lr() returns something else than a list",
        "There is a rate for each group: get_last_lr() returns a list, also for a single group.",
        CLASSROOM, (LAST, 'return self.optimizer.param_groups[0]["lr"]'),
    ),
    wrong(
        "LambdaSchedule", "get_last_lr_gives_the_initial_rates", "get_last_lr() returns the initial rates",
        "get_last_lr() returns the rates that formula (9) set last.",
        CLASSROOM, (LAST, "return list(self.initial_lrs)"),
    ),
    wrong(
        "LambdaSchedule", "get_last_lr_gives_the_factors", "get_last_lr() returns the factors",
        "get_last_lr() returns rates: the factor times the group's initial rate, formula (9).",
        CLASSROOM, (LAST, "return [self.lr_lambda(self.epoch) for _ in self.initial_lrs]"),
    ),
    wrong(
        "LambdaSchedule", "steps_the_optimiser", "step() takes a step of the optimiser as well",
        "The training loop calls the optimiser's step() itself. The schedule only sets rates.",
        CLASSROOM, (NEXT, f"        self.optimizer.step()\n{NEXT}"),
    ),
    wrong(
        "LambdaSchedule", "state_in_the_class", "the instances share their initial rates",
        "Two schedules must share nothing: keep the initial rates on self.",
        CLASSROOM,
        (INITIAL, 'self.__class__.initial_lrs = [group["lr"] for group in optimizer.param_groups]'),
    ),
    wrong(
        "LambdaSchedule", "an_epoch_for_each_group", "every param group counts as an epoch",
        "All groups of one call get the factor of the same epoch: formula (9) has one e for every g.",
        CLASSROOM,
        (FIRST, "        self.epoch = -1\n        self._set_rates()\n"), (NEXT, "        self._set_rates()\n"),
        (RATE, 'self.epoch += 1\n            group["lr"] = initial_lr * self.lr_lambda(self.epoch)'),
    ),
    wrong(
        "LambdaSchedule", "get_last_lr_of_the_first_epoch", "get_last_lr() returns the rates of epoch 0 for ever",
        "get_last_lr() returns the rates that formula (9) set last: look them up when it is called.",
        CLASSROOM,
        (FIRST, f"{FIRST}        self.rates = [group['lr'] for group in optimizer.param_groups]\n"), (LAST, "return list(self.rates)"),
    ),
    wrong(
        "LambdaSchedule", "get_last_lr_looks_ahead", "get_last_lr() returns the rates of the next epoch",
        "get_last_lr() returns the rates that formula (9) set last, not those that it will set next.",
        CLASSROOM, (LAST, "return [lr * self.lr_lambda(self.epoch + 1) for lr in self.initial_lrs]"),
    ),
    wrong(
        "LambdaSchedule", "get_last_lr_steps", "get_last_lr() goes on to the next epoch",
        "get_last_lr() only tells the rates. It is step() that goes on to the next epoch.",
        CLASSROOM, (LAST, 'self.step()\n        return [group["lr"] for group in self.optimizer.param_groups]'),
    ),
    wrong(
        "LambdaSchedule", "epochs_in_the_class", "the instances share their count of epochs",
        "Two schedules must share nothing: count the epochs on self.",
        CLASSROOM,
        (FIRST, "        type(self).epoch = 0\n        self._set_rates()\n"),
        (NEXT, "        type(self).epoch += 1\n        self._set_rates()\n"),
    ),
)  # fmt: skip

PLANNED_RATES = (
    wrong(
        "planned_rates", "starts_at_zero", "the first update runs at a rate of 0",
        "The rate would have been 0 *before* the first update (demand 2): the first one already takes a step up. Several "
        "libraries start at 0, and their first update does nothing.",
        "transformers.get_cosine_schedule_with_warmup", (RISE, "warm_up = peak * (update - 1) / max(1, peak_at - 1)"),
    ),
    wrong(
        "planned_rates", "peak_after_the_warm_up", "the peak comes one update after the warm-up, and the end is not reached",
        "The warm-up's last update runs at the peak, and the run's last at lr_min. Count the steps between them (demands 2 and 3).",
        "transformers.get_cosine_schedule_with_warmup",
        (RISE, "warm_up = peak * (update - 1) / peak_at"),
        (SHARE, "share = (update - 1 - peak_at) / (last - peak_at)"),
        ("np.where(update <= peak_at,", "np.where(update - 1 < peak_at,"),
    ),
    wrong(
        "planned_rates", "starts_at_a_third", "the warm-up starts at a third of the peak",
        "PyTorch's LinearLR does so unless told otherwise. In demand 2 the rate rises as if from 0.",
        "torch.optim.lr_scheduler.LinearLR",
        (RISE, "warm_up = peak * (1 / 3 + 2 / 3 * (update - 1) / max(1, peak_at - 1))"),
        ("update <= peak_at,", "(update <= peak_at) & (warmup_epochs > 0),"),
    ),
    wrong(
        "planned_rates", "starts_from_lr_min", "the warm-up starts from lr_min",
        "lr_min is where the run ends. In demand 2 the rate rises as if from 0.",
        CLASSROOM, (RISE, "warm_up = lr_min + (peak - lr_min) * update / peak_at"),
    ),
    wrong(
        "planned_rates", "short_batch_forgotten", "the short last batch of an epoch is not counted",
        "A short batch is an update too (demand 1): how many batches do 10 rows make, 4 at a time?",
        "drop_last=True", ("-(-rows // batch_size)", "max(1, rows // batch_size)"),
    ),
    wrong(
        "planned_rates", "short_batch_where_there_is_none", "each epoch has one update too many where the batches divide the rows",
        "8 rows in batches of 4 make two updates, not three (demand 1): round up, do not add 1.",
        CLASSROOM, ("-(-rows // batch_size)", "rows // batch_size + 1"),
    ),
    wrong(
        "planned_rates", "warm_up_in_updates", "warmup_epochs is taken for a number of updates",
        "The warm-up lasts for whole epochs (demand 2), and an epoch has several updates.",
        CLASSROOM, ("warmup_epochs * per_epoch)", "warmup_epochs)"),
    ),
    wrong(
        "planned_rates", "changes_once_an_epoch", "the rate changes from epoch to epoch, not from update to update",
        "Demands 2 and 3 ask for a new rate in every update: within an epoch it rises or falls, too.",
        CLASSROOM,
        (RISE, "warm_up = peak * -(-update // per_epoch) / max(1, warmup_epochs)"),
        (SHARE, "share = (-(-update // per_epoch) * per_epoch - peak_at) / (last - peak_at)"),
    ),
    wrong(
        "planned_rates", "cosine_from_the_start", "the cosine counts from the start of the run",
        "The half cosine begins at the peak (demand 3): what has passed of it in the warm-up's last update?",
        CLASSROOM, (SHARE, "share = update / last"),
    ),
    wrong(
        "planned_rates", "cosine_too_long", "the cosine is stretched over as many updates as the whole run has",
        "From the peak to the last update there are fewer steps than in the whole run (demand 3): the rate has to arrive.",
        CLASSROOM, (SHARE, "share = (update - peak_at) / last"),
    ),
    wrong(
        "planned_rates", "one_step_short_of_the_end", "the last update does not run at lr_min",
        "Count the steps from the update at the peak to the last one (demand 3): one fewer than there are updates from it on.",
        CLASSROOM, (SHARE, "share = (update - peak_at) / (last - peak_at + 1)"),
    ),
    wrong(
        "planned_rates", "falls_in_a_line", "the rate falls in a straight line",
        "Demand 3 asks for half a cosine, as in formula (6): flat at both ends.",
        NEIGHBOUR, ("(1 + np.cos(np.pi * share)) / 2", "(1 - share)"),
    ),
    wrong(
        "planned_rates", "falls_to_zero", "the rate falls to 0 and not to lr_min",
        "The last update runs at lr_min exactly (demand 3): the cosine spans the distance from the peak to it.",
        CLASSROOM, ("lr_min + (peak - lr_min) * (1 +", "peak * (1 +"),
    ),
    wrong(
        "planned_rates", "no_peak_without_a_warm_up", "without a warm-up the first update is already below the peak",
        "Without a warm-up the first update runs at the peak (demand 4): nothing of the cosine has passed there.",
        CLASSROOM, ("max(1, warmup_epochs * per_epoch)", "warmup_epochs * per_epoch"), (RISE, "warm_up = peak * update / max(1, peak_at)"),
    ),
    wrong(
        "planned_rates", "as_pytorch", "the warm-up starts at a third, and the peak comes one update after it",
        "That is PyTorch's LinearLR and then its cosine, with their defaults. Demand 2 rises as if from 0 and has the peak in "
        "the warm-up's last update; demand 3 ends at lr_min in the run's last.",
        "torch.optim.lr_scheduler.SequentialLR",
        (RISE, "warm_up = peak * (1 / 3 + 2 / 3 * (update - 1) / peak_at)"),
        (SHARE, "share = (update - 1 - peak_at) / (last - peak_at)"),
        ("np.where(update <= peak_at,", "np.where(update - 1 < peak_at,"),
    ),
    wrong(
        "planned_rates", "epochs_run_into_one_another", "the batches run on from one epoch into the next",
        "Each epoch ends with a short batch of its own where the batches do not divide the rows (demand 1).",
        CLASSROOM,
        ("last = epochs * per_epoch", "last = -(-epochs * rows // batch_size)"),
        ("warmup_epochs * per_epoch", "-(-warmup_epochs * rows // batch_size)"),
    ),
    wrong(
        "planned_rates", "warm_up_comes_on_top", "the warm-up's epochs are added to the epochs",
        "The warm-up is the first part of the run (demand 2): all of it passes over the rows as often as epochs says.",
        CLASSROOM, ("last = epochs * per_epoch", "last = (epochs + warmup_epochs) * per_epoch"),
    ),
    wrong(
        "planned_rates", "warm_up_is_curved", "the warm-up does not rise by equal amounts",
        "From update to update the rate rises by the same amount (demand 2): a straight line.",
        CLASSROOM, (RISE, "warm_up = peak * (1 - np.cos(np.pi * update / peak_at)) / 2"),
    ),
    wrong(
        "planned_rates", "peak_runs_twice", "the peak runs twice, at the end of the warm-up and at the start of the cosine",
        "The rate falls from the warm-up's last update on (demand 3): the next one is already below the peak.",
        CLASSROOM, (SHARE, "share = (update - 1 - peak_at) / max(1, last - peak_at - 1)"),
    ),
    wrong(
        "planned_rates", "never_below_lr_min", "the warm-up does not go below lr_min",
        "lr_min is where the run ends. The warm-up rises by equal amounts, as if from 0 (demand 2).",
        CLASSROOM, (RISE, "warm_up = np.maximum(lr_min, peak * update / peak_at)"),
    ),
    wrong(
        "planned_rates", "cosine_in_each_epoch", "the cosine begins anew in each epoch",
        "There is one half cosine, from the peak to the run's last update (demand 3).",
        CLASSROOM, (SHARE, "share = np.where(update <= peak_at, 0, (update - 1) % per_epoch + 1) / per_epoch"),
    ),
)  # fmt: skip

MISCONCEPTIONS = (
    *INVERSE_TIME_DECAY, *STEP_DECAY, *MULTISTEP_DECAY, *EXPONENTIAL_DECAY, *COSINE_DECAY, *REDUCE_ON_PLATEAU,
    *LAMBDA_SCHEDULE, *PLANNED_RATES,
)  # fmt: skip
