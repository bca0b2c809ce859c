"""Lesson 09, wrong on purpose: what each mistake changes in the reference solution; see autograder.catalogue."""

from autograder.catalogue import wrong

CLASSROOM = "common in first implementations"
LIBRARIES = "transformers.get_cosine_schedule_with_warmup"
NEIGHBOUR = "a neighbouring schedule's formula"
NOTES = "course notes"

# What the edits replace.
RISING = "rising = lr0 * (step + 1) / (warmup + 1)  # (1)"
SHARE = "share = np.minimum((step - warmup) / (total - warmup), 1)  # s in (2)"
FALLING = "falling = lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * share)) / 2  # (2)"
CHOICE = "return np.where(step < warmup, rising, falling)"
NOAM = "lr = d_model**-0.5 * np.minimum(step**-0.5, step * warmup**-1.5)  # (3)"
CHECK = """        if len(milestones) != len(factors) - 1:
            raise ValueError("There must be one milestone fewer than there are factors.")
"""
INITIAL = 'self.initial_lrs = [group["lr"] for group in optimizer.param_groups]'
FIRST = """        self.t = 0
        self._set_rates()
"""
LAST = 'return [group["lr"] for group in self.optimizer.param_groups]'
PHASE = "i = sum(start <= self.t for start in self.starts) - 1"
FACTOR = "factor = self.factors[i](self.t - self.starts[i])"
LOOP = "for group, initial_lr in zip(self.optimizer.param_groups, self.initial_lrs, strict=True):"
RATE = 'group["lr"] = initial_lr * factor  # (4)'
NEGATIVE = """        if switch_at < 0:
            raise ValueError("switch_at must not be negative.")
"""
GROUPS = "return self._next().param_groups"
STEP = """        self._next().step()
        self.steps += 1
"""
ZERO = "self._next().zero_grad()"
NEXT = "return self.first if self.steps < self.switch_at else self.second"
CYCLES = """    since = np.array(step)  # steps in the cycle
    length = np.full(np.shape(step), t_0)  # of the cycle
    for _ in range(np.max(step, initial=0)):  # there are no more cycles than steps
        over = since >= length
        since = np.where(over, since - length, since)
        length = np.where(over, length * t_mult, length)
"""
GROWN = "length = np.where(over, length * t_mult, length)"
RESTART = "return lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * since / length)) / 2"


def of_steps(exercise, formula):
    """What goes wrong with an array of steps in each of the three functions, where ``formula`` begins."""
    return (
        wrong(
            exercise, "places_for_steps", "in an array the place of a step is taken for the step",
            "The steps of an array may come in any order and leave some out: each rate belongs to the number that stands there.",
            CLASSROOM, (formula, f"step = np.arange(len(step)) if np.ndim(step) else step\n    {formula}"),
        ),
        wrong(
            exercise, "sorted_steps", "the rates of an array come in the order of rising steps",
            "The steps of an array may come in any order, and the rates come in the same: the first rate is that of the first.",
            CLASSROOM, (formula, f"step = np.sort(step) if np.ndim(step) else step\n    {formula}"),
        ),
    )  # fmt: skip


WARMUP_COSINE = (
    wrong(
        "warmup_cosine", "first_rate_zero", "the first update has a rate of 0",
        "Formula (1) has t + 1 above: step 0 has taken one step up already. With t alone the first update is wasted.",
        LIBRARIES, (RISING, "rising = lr0 * step / max(warmup, 1)"),
    ),
    wrong(
        "warmup_cosine", "cosine_counts_from_the_start", "the cosine counts from step 0",
        "The cosine of formula (2) begins at step w: what has passed of it there?",
        CLASSROOM, (SHARE, "share = np.minimum(step / total, 1)"),
    ),
    wrong(
        "warmup_cosine", "total_comes_on_top", "the warm-up is not counted into total",
        "T is the step at which the rate arrives, the warm-up included. From w to T there are T - w steps (formula (2)).",
        CLASSROOM, (SHARE, "share = np.minimum((step - warmup) / total, 1)"),
    ),
    wrong(
        "warmup_cosine", "rises_after_the_end", "the rate rises again after step total",
        "Past T the rate stays: the min in formula (2) keeps s at 1. PyTorch's CosineAnnealingLR does rise again.",
        "torch.optim.lr_scheduler.CosineAnnealingLR", (SHARE, "share = (step - warmup) / (total - warmup)"),
    ),
    wrong(
        "warmup_cosine", "min_is_added", "lr_min is added to the whole cosine",
        "At step w the rate is lr0. In formula (2) the cosine spans the distance from lr0 to lr_min.",
        CLASSROOM, (FALLING, "falling = lr_min + lr0 * (1 + np.cos(np.pi * share)) / 2"),
    ),
    wrong(
        "warmup_cosine", "no_half", "the cosine is not halved",
        "1 + cos is 2 where the cosine begins. Formula (2) halves it.",
        CLASSROOM, (FALLING, "falling = lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * share))"),
    ),
    wrong(
        "warmup_cosine", "peak_too_early", "the last step of the warm-up is at the peak already",
        "Formula (1) divides by w + 1: the peak is step w, where the cosine begins. Lesson 06's plan reached it one earlier.",
        "lesson 06's planned_rates", (RISING, "rising = lr0 * (step + 1) / max(warmup, 1)"),
    ),
    wrong(
        "warmup_cosine", "rises_from_the_lowest", "the warm-up starts from lr_min",
        "lr_min is where the run ends. In formula (1) it does not occur.",
        CLASSROOM, (RISING, "rising = lr_min + (lr0 - lr_min) * (step + 1) / (warmup + 1)"),
    ),
    wrong(
        "warmup_cosine", "falls_in_a_line", "the rate falls in a straight line",
        "Formula (2) has a cosine: flat at both ends and steep in the middle.",
        NEIGHBOUR, (FALLING, "falling = lr_min + (lr0 - lr_min) * (1 - share)"),
    ),
    wrong(
        "warmup_cosine", "falls_to_zero_at_last", "from step total on the rate is 0",
        "From T on the rate is lr_min: with s = 1 formula (2) leaves just that.",
        CLASSROOM, (CHOICE, "return np.where(step < warmup, rising, np.where(step < total, falling, 0.0))"),
    ),
    wrong(
        "warmup_cosine", "every_rate_one_step_late", "the warm-up runs one step late, from a rate of 0",
        "Formula (1) has t + 1 above: step 0 has taken one step up already, and step w - 1 is one below the peak.",
        CLASSROOM, (RISING, "rising = lr0 * step / (warmup + 1)"),
    ),
    wrong(
        "warmup_cosine", "arrives_one_step_early", "the cosine arrives one step before total",
        "From step w to step T there are T - w steps: compare the denominator of s in formula (2).",
        CLASSROOM, (SHARE, "share = np.minimum((step - warmup) / max(total - warmup - 1, 1), 1)"),
    ),
    wrong(
        "warmup_cosine", "cosine_one_step_ahead", "the cosine runs one step ahead",
        "In step w the rate is lr0 and s is 0. The + 1 belongs to formula (1) alone.",
        CLASSROOM, (SHARE, "share = np.minimum((step + 1 - warmup) / (total - warmup), 1)"),
    ),
    wrong(
        "warmup_cosine", "min_is_a_floor", "lr_min cuts the cosine off",
        "The cosine of formula (2) comes to rest at lr_min: it spans the distance from lr0 to lr_min and is not cut off there.",
        CLASSROOM, (FALLING, "falling = np.maximum(lr_min, lr0 * (1 + np.cos(np.pi * share)) / 2)"),
    ),
    wrong(
        "warmup_cosine", "no_pi", "the cosine's angle lacks pi",
        "Half a wave is an angle of pi: what stands beside s in formula (2)?",
        CLASSROOM, (FALLING, "falling = lr_min + (lr0 - lr_min) * (1 + np.cos(share)) / 2"),
    ),
    wrong(
        "warmup_cosine", "quarter_of_a_wave", "the rate falls along a quarter of a wave",
        "Formula (2) has half a wave, which is flat at both ends: it adds 1 and halves.",
        CLASSROOM, (FALLING, "falling = lr_min + (lr0 - lr_min) * np.cos(np.pi * share / 2)"),
    ),
    wrong(
        "warmup_cosine", "one_step_only", "an array of steps fails",
        "An if asks one question; an array of steps needs one for each. NumPy has a function that chooses element by element.",
        CLASSROOM, (CHOICE, "return rising if step < warmup else falling"),
    ),
    wrong(
        "warmup_cosine", "changes_the_steps", "the array of steps is changed in place",
        "The caller's array must stay as it was: an in-place operator on an argument writes into the caller's memory.",
        CLASSROOM, (CHOICE, "lr = np.where(step < warmup, rising, falling)\n    step -= warmup\n    return lr"),
    ),
    *of_steps("warmup_cosine", RISING),
    wrong(
        "warmup_cosine", "starts_at_a_third", "the warm-up starts at a third of lr0",
        "PyTorch's LinearLR does so unless told otherwise. Formula (1) starts at one step of w + 1.",
        "torch.optim.lr_scheduler.LinearLR", (RISING, "rising = lr0 * (1 / 3 + 2 / 3 * step / max(warmup, 1))"),
    ),
    wrong(
        "warmup_cosine", "as_planned_rates", "the peak is the last step of the warm-up, and the cosine begins there",
        "That is lesson 06's plan, whose updates count from 1. By formulas (1) and (2) the peak is step w, and T is the first at lr_min.",
        "lesson 06's planned_rates",
        (RISING, "rising = lr0 * (step + 1) / max(warmup, 1)"), (SHARE, "share = np.minimum((step + 1 - warmup) / (total - warmup), 1)"),
    ),
    wrong(
        "warmup_cosine", "falls_to_zero", "lr_min is not used: the rate falls to 0",
        "The cosine of formula (2) comes to rest at lr_min, and stays there.",
        LIBRARIES, (FALLING, "falling = lr0 * (1 + np.cos(np.pi * share)) / 2"),
    ),
    wrong(
        "warmup_cosine", "chained", "the warm-up multiplies a cosine that began with the run",
        "Formulas (1) and (2) come one after the other: in the warm-up there is no cosine, and at its end the rate is lr0.",
        "torch.optim.lr_scheduler.ChainedScheduler",
        (SHARE, "share = np.minimum(step / total, 1)"),
        (CHOICE, "return np.minimum((step + 1) / (warmup + 1), 1) * falling"),
    ),
    wrong(
        "warmup_cosine", "starts_again_after_the_end", "from step total on the cosine starts again",
        "From T on the rate stays at lr_min: the min in formula (2) keeps s at 1.",
        NEIGHBOUR, (SHARE, "share = (step - warmup) / (total - warmup) % 1"),
    ),
    wrong(
        "warmup_cosine", "warm_up_is_curved", "the warm-up rises along a cosine",
        "Formula (1) is a straight line: the rate rises by the same amount in every step.",
        NEIGHBOUR, (RISING, "rising = lr0 * (1 - np.cos(np.pi * (step + 1) / (warmup + 1))) / 2"),
    ),
    wrong(
        "warmup_cosine", "warm_up_is_flat", "the warm-up runs at one small rate",
        "Some early recipes did so. In formula (1) the rate rises by the same amount in every step.",
        NOTES, (RISING, "rising = lr0 / (warmup + 1)"),
    ),
)  # fmt: skip

NOAM_MISTAKES = (
    wrong(
        "noam", "counts_from_zero", "the steps are counted from 0",
        "The step comes counted from 1: nothing is to be added in formula (3).",
        NOTES, (NOAM, "step = step + 1\n    lr = d_model**-0.5 * np.minimum(step**-0.5, step * warmup**-1.5)"),
    ),
    wrong(
        "noam", "no_width", "the model's width is left out",
        "Formula (3) has d to the power -1/2 before the min: wider models get smaller rates.",
        NOTES, (NOAM, "lr = np.minimum(step**-0.5, step * warmup**-1.5)"),
    ),
    wrong(
        "noam", "the_larger_of_the_two", "the larger of the two terms is taken",
        "Before the peak the straight line is the smaller of the two in formula (3), after it the root is.",
        CLASSROOM, (NOAM, "lr = d_model**-0.5 * np.maximum(step**-0.5, step * warmup**-1.5)"),
    ),
    wrong(
        "noam", "wrong_power", "the warm-up has another power",
        "Both terms of formula (3) are equal at t = w: there t times w to the power -3/2 is w to the power -1/2.",
        CLASSROOM, (NOAM, "lr = d_model**-0.5 * np.minimum(step**-0.5, step * warmup**-0.5)"),
    ),
    wrong(
        "noam", "falls_too_fast", "past the peak the rate falls like 1/t",
        "Past the peak formula (3) falls with the root of the step.",
        NEIGHBOUR, (NOAM, "lr = d_model**-0.5 * np.minimum(warmup**0.5 / step, step * warmup**-1.5)"),
    ),
    wrong(
        "noam", "times_the_width", "the rate grows with the model's width",
        "The power of d in formula (3) is negative: wider models get smaller rates.",
        CLASSROOM, (NOAM, "lr = d_model**0.5 * np.minimum(step**-0.5, step * warmup**-1.5)"),
    ),
    wrong(
        "noam", "width_without_a_root", "the rate is divided by the width itself",
        "The power of d in formula (3) is -1/2: a width 4 times as large halves the rate.",
        CLASSROOM, (NOAM, "lr = np.minimum(step**-0.5, step * warmup**-1.5) / d_model"),
    ),
    wrong(
        "noam", "halved_after_the_power", "a power is taken before its exponent is divided",
        "Python takes a power before it divides. Which of the exponents of formula (3) are in parentheses in your code?",
        CLASSROOM, (NOAM, "lr = d_model**-1 / 2 * np.minimum(step**-1 / 2, step * warmup**-3 / 2)"),
    ),
    wrong(
        "noam", "one_step_only", "an array of steps fails",
        "Python's min compares two things as a whole. NumPy has one that compares element by element.",
        CLASSROOM, (NOAM, "lr = d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)"),
    ),
    wrong(
        "noam", "whole_numbers", "the result is cut to whole numbers",
        "An array of steps holds integers, and so does an array made like it. Rates need a float array.",
        CLASSROOM,
        ("return lr", "return np.where(np.ones_like(step) == 1, lr, 0) if np.ndim(step) == 0 else np.zeros_like(step) + lr.astype(int)"),
    ),
    *of_steps("noam", NOAM),
    wrong(
        "noam", "always_4000_steps", "the warm-up is that of the paper, 4000 steps",
        "w in formula (3) is the argument warmup. 4000 is what Vaswani and others chose.",
        NOTES, (NOAM, "lr = d_model**-0.5 * np.minimum(step**-0.5, step * 4000**-1.5)"),
    ),
    wrong(
        "noam", "always_512_wide", "the width is that of the paper, 512",
        "d in formula (3) is the argument d_model. 512 is the width that Vaswani and others chose.",
        NOTES, (NOAM, "lr = 512**-0.5 * np.minimum(step**-0.5, step * warmup**-1.5)"),
    ),
    wrong(
        "noam", "constant_up_to_the_peak", "up to the peak the rate is constant",
        "Other models of this kind start at the peak and stay there for a while. In formula (3) the rate rises from step 1 on.",
        "Raffel and others (2020)", (NOAM, "lr = d_model**-0.5 * np.maximum(step, warmup) ** -0.5"),
    ),
    wrong(
        "noam", "peak_of_one", "the rates are scaled so that the peak is 1",
        "That is a factor for another rate. The peak of formula (3) is the root of 1 / (d w).",
        NOTES, (NOAM, "lr = np.minimum((warmup / step) ** 0.5, step / warmup)"),
    ),
    wrong(
        "noam", "root_counts_from_the_peak", "past the peak the root counts from the peak on",
        "In formula (3) t is the step of the whole run, in the root as well.",
        CLASSROOM,
        (NOAM, "root = (warmup * np.maximum(step - warmup + 1, 1)) ** -0.5\n"
               "    lr = d_model**-0.5 * np.minimum(root, step * warmup**-1.5)"),
    ),
    wrong(
        "noam", "counts_one_less", "the first step has a rate of 0",
        "Steps count from 1 here, and step 1 has a rate: nothing is to be taken off t in formula (3).",
        LIBRARIES, (NOAM, "step = np.maximum(step - 1, 1e-12)\n    lr = d_model**-0.5 * np.minimum(step**-0.5, step * warmup**-1.5)"),
    ),
)  # fmt: skip

SEQUENTIAL_SCHEDULE = (
    wrong(
        "SequentialSchedule", "counts_on", "each factor counts from the start of the run",
        "In formula (4) a phase's factor gets t - m_i: its own step 0 is its milestone.",
        CLASSROOM, (FACTOR, "factor = self.factors[i](self.t)"),
    ),
    wrong(
        "SequentialSchedule", "one_step_late", "each phase begins one step after its milestone",
        "A milestone is the first step of its own phase: m_i <= t in formula (4).",
        CLASSROOM, (PHASE, "i = max(sum(start < self.t for start in self.starts) - 1, 0)"),
    ),
    wrong(
        "SequentialSchedule", "one_step_early", "each phase begins one step before its milestone",
        "The step before a milestone still belongs to the phase before (formula (4)).",
        CLASSROOM, (PHASE, "i = sum(start <= self.t + (start > 0) for start in self.starts) - 1"),
        (FACTOR, "factor = self.factors[i](self.t - self.starts[i] + (i > 0))"),
    ),
    wrong(
        "SequentialSchedule", "first_count_is_one", "each phase but the first counts from 1",
        "At its milestone a phase is in its own step 0: t - m_i in formula (4).",
        CLASSROOM, (FACTOR, "factor = self.factors[i](self.t - self.starts[i] + (i > 0))"),
    ),
    wrong(
        "SequentialSchedule", "all_multiplied", "the factors of all phases are multiplied",
        "In formula (4) one phase works at a time. A product of all is what PyTorch calls a chain.",
        "torch.optim.lr_scheduler.ChainedScheduler",
        (FACTOR, "factor = np.prod([f(max(self.t - s, 0)) for f, s in zip(self.factors, self.starts, strict=True)]).item()"),
    ),
    wrong(
        "SequentialSchedule", "reached_are_multiplied", "phases that are over go on multiplying",
        "A phase ends where the next begins: in formula (4) one phase works at a time.",
        CLASSROOM,
        (FACTOR, "factor = np.prod([self.factors[k](self.t - self.starts[k]) for k in range(i + 1)]).item()"),
    ),
    wrong(
        "SequentialSchedule", "from_the_last_rate", "each phase starts from the rate at which the last one ended",
        "Every phase of formula (4) multiplies the initial rate, the one from before the first factor.",
        CLASSROOM,
        (FACTOR, f"{FACTOR}\n        if self.t in self.starts[1:]:\n            self.initial_lrs = self.get_last_lr()"),
    ),
    wrong(
        "SequentialSchedule", "compounds", "each factor multiplies the last rate",
        "Formula (4) multiplies the initial rate, in every step. A factor of 0 would otherwise never be left again.",
        CLASSROOM, (RATE, 'group["lr"] = group["lr"] * factor'),
    ),
    wrong(
        "SequentialSchedule", "first_group_only", "only the first param group gets new rates",
        "Formula (4) holds for every group, each with its own initial rate.",
        CLASSROOM, (LOOP, "for group, initial_lr in zip(self.optimizer.param_groups[:1], self.initial_lrs, strict=False):"),
    ),
    wrong(
        "SequentialSchedule", "one_rate_for_all", "all groups get the first group's rate",
        "Each group keeps its own initial rate in formula (4).",
        CLASSROOM, (RATE, 'group["lr"] = self.initial_lrs[0] * factor'),
    ),
    wrong(
        "SequentialSchedule", "number_unchecked", "any number of milestones is accepted",
        "Between n factors there are n - 1 seams: another number of milestones should raise ValueError.",
        CLASSROOM, (CHECK, ""),
    ),
    wrong(
        "SequentialSchedule", "too_many_pass", "too many milestones are accepted",
        "Between n factors there are n - 1 seams: more milestones should raise ValueError, too.",
        CLASSROOM, ("if len(milestones) != len(factors) - 1:", "if len(milestones) < len(factors) - 1:"),
    ),
    wrong(
        "SequentialSchedule", "idle_at_start", "the constructor sets no rate",
        "The rates of step 0 are formula (4) as well: factors[0](0) is applied when the schedule is made.",
        CLASSROOM, (FIRST, "        self.t = 0\n"),
    ),
    wrong(
        "SequentialSchedule", "one_step_ahead", "the constructor goes a step too far",
        "The constructor sets the rates of step 0. The first call of step() goes on to step 1.",
        CLASSROOM, (FIRST, "        self.t = 0\n        self.step()\n"),
    ),
    wrong(
        "SequentialSchedule", "sets_before_counting", "step() sets the rates of the step that is over",
        "step() goes on to the next step first: the rates that it sets are those of the new t in formula (4).",
        CLASSROOM,
        ("        self.t += 1\n        self._set_rates()\n", "        self._set_rates()\n        self.t += 1\n"),
    ),
    wrong(
        "SequentialSchedule", "milestones_as_lengths", "milestones are taken for the lengths of the phases",
        "Milestones are steps of the whole run: in formula (4) a phase begins when t has reached its own.",
        CLASSROOM, ("self.starts = [0, *milestones]", "self.starts = [sum(milestones[:i]) for i in range(len(factors))]"),
    ),
    wrong(
        "SequentialSchedule", "factor_as_rate", "the factor is set as the rate",
        "Formula (4) multiplies each group's initial rate by the factor.",
        CLASSROOM, (RATE, 'group["lr"] = factor'),
    ),
    wrong(
        "SequentialSchedule", "zero_means_unchanged", "a factor of 0 leaves the rate as it was",
        "0 is a factor like any other: formula (4) then gives a rate of 0.",
        CLASSROOM, (RATE, 'group["lr"] = initial_lr * factor or group["lr"]'),
    ),
    wrong(
        "SequentialSchedule", "get_last_lr_gives_no_list", "get_last_lr() returns something else than a list",
        "There is a rate for each group: get_last_lr() returns a list, also for a single group.",
        CLASSROOM, (LAST, 'return self.optimizer.param_groups[0]["lr"]'),
    ),
    wrong(
        "SequentialSchedule", "get_last_lr_gives_the_initial_rates", "get_last_lr() returns the initial rates",
        "get_last_lr() returns the rates that formula (4) set last.",
        CLASSROOM, (LAST, "return list(self.initial_lrs)"),
    ),
    wrong(
        "SequentialSchedule", "steps_the_optimiser", "step() takes a step of the optimiser as well",
        "The training loop calls the optimiser's step() itself. The schedule only sets rates.",
        CLASSROOM, ("        self.t += 1\n", "        self.optimizer.step()\n        self.t += 1\n"),
    ),
    wrong(
        "SequentialSchedule", "state_in_the_class", "the instances share their initial rates",
        "Two schedules must share nothing: keep the initial rates on self.",
        CLASSROOM, (INITIAL, 'self.__class__.initial_lrs = [group["lr"] for group in optimizer.param_groups]'),
    ),
    wrong(
        "SequentialSchedule", "a_step_for_each_group", "every param group counts as a step",
        "All groups of one call are in the same step: formula (4) has one t for every group.",
        CLASSROOM,
        (LOOP, f"self.t -= 1\n        {LOOP}"),
        (FACTOR, f"{FACTOR}\n        factors = self.factors[i]"),
        (RATE, 'self.t += 1\n            group["lr"] = initial_lr * factors(self.t - self.starts[i])'),
    ),
    wrong(
        "SequentialSchedule", "two_phases_at_most", "only the first milestone counts",
        "There may be any number of phases: formula (4) looks for the last milestone that is reached.",
        CLASSROOM, (PHASE, "i = int(len(self.starts) > 1 and self.t >= self.starts[1])"),
    ),
    wrong(
        "SequentialSchedule", "factor_at_most_one", "the factor is cut at 1",
        "A factor may be above 1: formula (4) multiplies by it as it is.",
        CLASSROOM, (RATE, 'group["lr"] = initial_lr * min(1.0, factor)'),
    ),
    wrong(
        "SequentialSchedule", "ends_at_a_factor_of_0", "after a factor of 0 the phase goes on at 0",
        "0 is a factor like any other, and the next phase has its own: formula (4) starts from the initial rate in every step.",
        CLASSROOM, (RATE, 'group["lr"] = initial_lr * factor if group["lr"] else 0.0'),
    ),
    wrong(
        "SequentialSchedule", "get_last_lr_of_the_first_step", "get_last_lr() returns the rates of step 0 for ever",
        "get_last_lr() returns the rates that formula (4) set last: look them up when it is called.",
        CLASSROOM,
        (FIRST, f"{FIRST}        self.rates = [group['lr'] for group in optimizer.param_groups]\n"), (LAST, "return list(self.rates)"),
    ),
    wrong(
        "SequentialSchedule", "get_last_lr_gives_the_factors", "get_last_lr() returns the factors",
        "get_last_lr() returns rates: the factor times the group's initial rate, formula (4).",
        CLASSROOM, (LAST, 'return [group["lr"] / lr for group, lr in zip(self.optimizer.param_groups, self.initial_lrs, strict=True)]'),
    ),
    wrong(
        "SequentialSchedule", "get_last_lr_steps", "get_last_lr() goes on to the next step",
        "get_last_lr() only tells the rates. It is step() that goes on to the next step.",
        CLASSROOM, (LAST, 'self.step()\n        return [group["lr"] for group in self.optimizer.param_groups]'),
    ),
    wrong(
        "SequentialSchedule", "asserts", "a wrong number of milestones fails with another exception than ValueError",
        "The docstring names the exception: ValueError. An assert raises AssertionError.",
        CLASSROOM, (CHECK, "        assert len(milestones) == len(factors) - 1\n"),
    ),
    wrong(
        "SequentialSchedule", "one_phase_is_refused", "a single phase without a milestone is refused",
        "factors is a list of one function or more. With one of them there is no seam and no milestone.",
        CLASSROOM, (CHECK, f"        if not milestones:\n            raise ValueError('no milestone')\n{CHECK}"),
    ),
    wrong(
        "SequentialSchedule", "steps_in_the_class", "the instances share their count of steps",
        "Two schedules must share nothing: count the steps on self.",
        CLASSROOM,
        (FIRST, "        type(self).t = 0\n        self._set_rates()\n"), ("        self.t += 1\n", "        type(self).t += 1\n"),
    ),
)  # fmt: skip

SWITCH_OPTIMIZER = (
    wrong(
        "SwitchOptimizer", "one_step_late", "first makes one step too many",
        "Exactly switch_at calls of step() are first's. How many has it made when second's turn comes?",
        CLASSROOM, (NEXT, "return self.first if self.steps <= self.switch_at and self.switch_at else self.second"),
    ),
    wrong(
        "SwitchOptimizer", "one_step_early", "first makes one step too few",
        "Exactly switch_at calls of step() are first's: count from 0 before the first of them.",
        CLASSROOM, (NEXT, "return self.first if self.steps < self.switch_at - 1 else self.second"),
    ),
    wrong(
        "SwitchOptimizer", "counts_before_stepping", "a step counts before it is made",
        "Whose turn it is depends on the steps that are over: count one when it has been made.",
        CLASSROOM, (STEP, "        self.steps += 1\n        self._next().step()\n"),
    ),
    wrong(
        "SwitchOptimizer", "both_step", "both optimisers make every step",
        "One of the two moves the parameters in each step; the other does nothing.",
        CLASSROOM, (STEP, "        self.first.step()\n        self.second.step()\n        self.steps += 1\n"),
    ),
    wrong(
        "SwitchOptimizer", "first_goes_on", "first goes on after the switch, beside second",
        "After the switch every step is second's alone.",
        CLASSROOM, (STEP, f"        if self.steps >= self.switch_at:\n            self.first.step()\n{STEP}"),
    ),
    wrong(
        "SwitchOptimizer", "second_watches_early", "second steps along before its turn, at a rate of 0",
        "The one whose turn it is not does not step at all: its averages stay empty.",
        CLASSROOM,
        (STEP, "        if self.steps < self.switch_at:\n            groups = self.second.param_groups\n"
         '            lrs = [group["lr"] for group in groups]\n            for group in groups:\n'
         '                group["lr"] = 0.0\n            self.second.step()\n'
         "            for group, lr in zip(groups, lrs, strict=True):\n"
         f'                group["lr"] = lr\n{STEP}'),
    ),
    wrong(
        "SwitchOptimizer", "groups_of_the_first", "param_groups are always first's",
        "A schedule that writes into param_groups has to reach the optimiser whose turn is next.",
        CLASSROOM, (GROUPS, "return self.first.param_groups"),
    ),
    wrong(
        "SwitchOptimizer", "groups_of_the_second", "param_groups are always second's",
        "Before the switch it is first whose turn is next: a schedule has to reach its rate.",
        CLASSROOM, (GROUPS, "return self.second.param_groups"),
    ),
    wrong(
        "SwitchOptimizer", "groups_of_the_last", "param_groups are those of the one that stepped last",
        "A schedule writes the next rate after a step: param_groups are those of the one whose turn is next.",
        CLASSROOM, (GROUPS, "return (self.first if 0 < self.steps <= self.switch_at else self._next()).param_groups"),
    ),
    wrong(
        "SwitchOptimizer", "groups_of_both", "param_groups lists the groups of both",
        "Only the optimiser whose turn is next is to be driven: param_groups is its own list.",
        CLASSROOM, (GROUPS, "return self.second.param_groups + self.first.param_groups"),
    ),
    wrong(
        "SwitchOptimizer", "copied_groups", "param_groups is a copy",
        "A rate that is written into a copy reaches nobody: hand out the optimiser's own dicts.",
        CLASSROOM, (GROUPS, "return [dict(group) for group in self._next().param_groups]"),
    ),
    wrong(
        "SwitchOptimizer", "zero_grad_counts", "zero_grad() counts as a step",
        "Only calls of step() are counted, however often zero_grad() comes.",
        CLASSROOM, (ZERO, f"{ZERO}\n        self.steps += 1"),
    ),
    wrong(
        "SwitchOptimizer", "nothing_is_cleared", "zero_grad() leaves the gradients",
        "zero_grad() leaves every parameter's .grad None or zero; both optimisers hold the same ones.",
        CLASSROOM, (ZERO, "pass"),
    ),
    wrong(
        "SwitchOptimizer", "zero_never_switches", "with switch_at = 0 second never begins",
        "0 is a number of steps like any other: then second makes the very first one.",
        CLASSROOM, (NEXT, "return self.first if not self.switch_at or self.steps < self.switch_at else self.second"),
    ),
    wrong(
        "SwitchOptimizer", "switches_back", "the two go on taking turns",
        "There is one switch: from step switch_at on all are second's.",
        CLASSROOM,
        (NEXT, "return self.first if self.switch_at and self.steps % (self.switch_at + 1) < self.switch_at else self.second"),
    ),
    wrong(
        "SwitchOptimizer", "negatives_pass", "a negative switch_at is accepted",
        "A negative number of steps makes no sense: it should raise ValueError.",
        CLASSROOM, (NEGATIVE, ""),
    ),
    wrong(
        "SwitchOptimizer", "zero_is_refused", "switch_at = 0 is refused",
        "0 is a number of steps like any other: then second makes the very first one.",
        CLASSROOM, ("if switch_at < 0:", "if switch_at <= 0:"),
    ),
    wrong(
        "SwitchOptimizer", "state_in_the_class", "the instances share their count",
        "Two instances share nothing: keep the count on self.",
        CLASSROOM, ("        self._next().step()\n        self.steps += 1\n", "        self._next().step()\n        type(self).steps = self.steps + 1\n"),
        ("        self.steps = 0\n", "        type(self).steps = 0\n"),
    ),
    wrong(
        "SwitchOptimizer", "groups_of_the_start", "param_groups are for ever those of whoever makes the first step",
        "After the switch a schedule has to reach second: look up whose turn is next whenever param_groups is read.",
        CLASSROOM,
        ("        self.steps = 0\n", "        self.steps = 0\n        self.groups = self._next().param_groups\n"),
        (GROUPS, "return self.groups"),
    ),
    wrong(
        "SwitchOptimizer", "rate_is_handed_over", "second takes over first's rate",
        "Each of the two has a rate of its own: second's groups stay as they are until a schedule writes into them.",
        CLASSROOM,
        (STEP, f"{STEP}        if self.steps == self.switch_at:\n"
               "            for group, old in zip(self.second.param_groups, self.first.param_groups, strict=True):\n"
               '                group["lr"] = old["lr"]\n'),
    ),
    wrong(
        "SwitchOptimizer", "both_at_the_seam", "at the switch both make the step",
        "Each step is made by one of the two. The first switch_at steps are first's, and the next is second's alone.",
        CLASSROOM, (STEP, f"        if self.switch_at and self.steps == self.switch_at:\n            self.first.step()\n{STEP}"),
    ),
    wrong(
        "SwitchOptimizer", "cleared_at_the_switch", "the gradients are cleared at the switch, before second has used them",
        "second's first step uses the gradients that are there. step() clears nothing.",
        CLASSROOM, (STEP, f"        if self.switch_at and self.steps == self.switch_at:\n            self.first.zero_grad()\n{STEP}"),
    ),
    wrong(
        "SwitchOptimizer", "asserts", "a negative switch_at fails with another exception than ValueError",
        "The docstring names the exception: ValueError. An assert raises AssertionError.",
        CLASSROOM, (NEGATIVE, "        assert switch_at >= 0\n"),
    ),
    wrong(
        "SwitchOptimizer", "ends_after_as_many_steps", "second makes as many steps as first, and then nobody",
        "Only the first is limited: all further steps are second's.",
        CLASSROOM,
        (STEP, "        if not self.switch_at or self.steps < 2 * self.switch_at:\n            self._next().step()\n        self.steps += 1\n"),
    ),
)  # fmt: skip

COSINE_RESTARTS = (
    wrong(
        "cosine_restarts", "logarithm", "a logarithm finds the cycle, and rounds the wrong way",
        "A quotient of two logarithms falls a hair short of a whole number at some restarts (demand 3). Find the cycle with "
        "whole numbers.",
        "torch.optim.lr_scheduler.CosineAnnealingWarmRestarts.step(epoch)",
        (CYCLES, "    step = np.array(step)\n    if t_mult == 1:\n        since, length = step % t_0, t_0\n    else:\n"
         "        cycle = np.floor(np.log(step / t_0 * (t_mult - 1) + 1) / np.log(t_mult)).astype(int)\n"
         "        since = step - t_0 * (t_mult**cycle - 1) // (t_mult - 1)\n        length = t_0 * t_mult**cycle\n"),
    ),
    wrong(
        "cosine_restarts", "equal_cycles", "every cycle has t_0 steps",
        "Each cycle has t_mult times as many steps as the one before it (demand 1).",
        CLASSROOM, (GROWN, "length = np.where(over, length, length)"),
    ),
    wrong(
        "cosine_restarts", "cycles_grow_by_adding", "each cycle is t_mult steps longer than the one before",
        "A cycle has t_mult times as many steps as the one before it (demand 1): multiply.",
        CLASSROOM, (GROWN, "length = np.where(over, length + (t_mult > 1) * t_mult, length)"),
    ),
    wrong(
        "cosine_restarts", "one_step_late", "each restart comes one step late",
        "A cycle of 2 steps has the steps 0 and 1; step 2 begins the next one (demands 1 and 2).",
        CLASSROOM,
        ("over = since >= length", "over = since > length"),
    ),
    wrong(
        "cosine_restarts", "minimum_reached", "a cycle's last step reaches lr_min",
        "The cosine would reach lr_min in the step after the cycle's last one, and that begins the next cycle (demand 2).",
        CLASSROOM, (RESTART, "return lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * since / np.maximum(length - 1, 1))) / 2"),
    ),
    wrong(
        "cosine_restarts", "never_restarts", "there is one cosine, and no restart",
        "After the first cycle the rate is back at lr0 (demand 3).",
        NEIGHBOUR, (CYCLES, "    since, length = np.array(step), t_0\n"),
    ),
    wrong(
        "cosine_restarts", "min_is_added", "lr_min is added to the whole curve",
        "Every cycle begins exactly at lr0 (demand 3): the cosine spans the distance from lr0 to lr_min.",
        CLASSROOM, (RESTART, "return lr_min + lr0 * (1 + np.cos(np.pi * since / length)) / 2"),
    ),
    wrong(
        "cosine_restarts", "lower_peaks", "each cycle begins lower than the one before",
        "Every cycle begins exactly at lr0, also the hundredth (demand 3). Keras has an option for lower ones.",
        "keras.optimizers.schedules.CosineDecayRestarts",
        (CYCLES, CYCLES + "    lr0 = lr0 * 0.9 ** (np.log(length / t_0) / np.log(max(t_mult, 2)))\n"),
    ),
    wrong(
        "cosine_restarts", "powers_of_the_length", "each cycle's length is multiplied by the first one's",
        "Each cycle has t_mult times as many steps as the one before it (demand 1), whatever t_0 is.",
        CLASSROOM, (GROWN, "length = np.where(over, length * (t_mult if t_mult == 1 else t_0), length)"),
    ),
    wrong(
        "cosine_restarts", "restarts_at_multiples", "t_mult multiplies the steps of the restarts and not the lengths",
        "With t_0 = 2 and t_mult = 2 the cycles have 2, 4 and 8 steps (demand 1). At which steps do they begin?",
        CLASSROOM,
        (CYCLES, "    since, length = np.array(step), np.full(np.shape(step), t_0)\n    end = length\n"
         "    for _ in range(np.max(step, initial=0)):\n        over = since >= length\n        since = np.where(over, since - length, since)\n"
         "        length = np.where(over, end * (t_mult - 1) if t_mult > 1 else t_0, length)\n"
         "        end = np.where(over, end + length, end)\n"),
    ),
    wrong(
        "cosine_restarts", "first_cycle_too_long", "the first cycle is multiplied already",
        "The first cycle has t_0 steps, whatever t_mult is (demand 1).",
        CLASSROOM, ("np.full(np.shape(step), t_0)", "np.full(np.shape(step), t_0 * t_mult)"),
    ),
    wrong(
        "cosine_restarts", "angle_of_the_first_cycle", "every cycle's cosine is as long as the first one's",
        "Within each cycle the cosine spans that cycle's own length (demand 2).",
        CLASSROOM, (RESTART, "return lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * since / t_0)) / 2"),
    ),
    wrong(
        "cosine_restarts", "one_step_only", "an array of steps fails",
        "The steps of an array are in different cycles: each asks for its own.",
        CLASSROOM,
        (CYCLES, "    since, length = step, t_0\n    for _ in range(step):\n        if since >= length:\n            since, length = since - length, length * t_mult\n"),
    ),
    *of_steps("cosine_restarts", "since = np.array(step)  # steps in the cycle"),
    wrong(
        "cosine_restarts", "cycles_counted_as_equal", "the cycle is found as if all cycles were as long as the first",
        "The second cycle is longer already: it has t_0 times t_mult steps, and the third begins after those (demand 1).",
        CLASSROOM, (CYCLES, "    cycle = np.array(step) // t_0\n    since, length = np.array(step) % t_0, t_0 * float(t_mult) ** cycle\n"),
    ),
    wrong(
        "cosine_restarts", "modulo_of_the_length", "the place in a cycle is the rest of a division by its length",
        "Before a longer cycle come shorter ones: take off the step at which the cycle begins (demands 1 and 2).",
        CLASSROOM, (RESTART, RESTART.replace("since", "(np.array(step) % length)")),
    ),
    wrong(
        "cosine_restarts", "ten_cycles_at_most", "after ten cycles there is no restart",
        "Every cycle begins at lr0, also the hundredth (demand 3). How many cycles can there be up to a step?",
        CLASSROOM, ("range(np.max(step, initial=0))", "range(10)"),
    ),
    wrong(
        "cosine_restarts", "one_cycle_for_all_steps", "all steps of an array are taken to be in the cycle of the last one",
        "The steps of an array are in different cycles: each asks for its own.",
        CLASSROOM, ("over = since >= length", "over = np.full(np.shape(step), np.max(since) >= np.max(length))"),
    ),
    wrong(
        "cosine_restarts", "a_step_more_for_the_minimum", "each cycle has one step more, at lr_min",
        "The step after a cycle's last one begins the next cycle at lr0: lr_min itself is never reached (demand 2).",
        CLASSROOM, ("over = since >= length", "over = since > length"), ("since - length, since)", "since - length - 1, since)"),
    ),
    wrong(
        "cosine_restarts", "cosine_over_all_cycles", "the cosine goes on over the restarts, only stretched",
        "Within each cycle the cosine starts anew (demand 2): its angle is 0 in the cycle's first step.",
        CLASSROOM, (RESTART, RESTART.replace("since", "np.array(step)")),
    ),
)  # fmt: skip

MISCONCEPTIONS = (
    *WARMUP_COSINE, *NOAM_MISTAKES, *SEQUENTIAL_SCHEDULE, *SWITCH_OPTIMIZER, *COSINE_RESTARTS,
)  # fmt: skip
