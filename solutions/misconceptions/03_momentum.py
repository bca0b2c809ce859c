"""Lesson 03, wrong on purpose: what each mistake changes in the reference solution; see autograder.catalogue."""

from autograder.catalogue import wrong
from autograder.catalogue.optimisers import ClassText, UpdateText, class_traps, update_traps

COURSES = "course notes and other frameworks"
CLASSROOM = "common in first implementations"
NEIGHBOUR = "the other form's formula"

# What the edits replace.
AVERAGE = "v = beta * v + (1 - beta) * grad  # (1)"
AVERAGE_STEP = "theta = theta - lr * v  # (2)"
SUM = "buf = mu * buf + grad  # (3)"
SUM_STEP = "theta = theta - lr * buf  # (4)"
RATE = "lr * (1 - beta)"
RATIO = "torch_mus[1:] *= lrs[:-1] / lrs[1:]"
SKIP = """            if theta.grad is None:
                continue
"""
G = "g = theta.grad + wd * theta  # (6)"
FIRST = "if self.buf[i] is None or mu == 0:"
BUF = "self.buf[i] = mu * self.buf[i] + (1 - tau) * g  # (7), t >= 2"
NESTEROV = "theta -= self.lr * (g + mu * self.buf[i])  # (8)"
MOVE = "theta -= self.lr * self.buf[i]  # (4)"
STATE = "self.buf = [None] * len(self.params)  # None until the first gradient"

MOMENTUM_UPDATE = (
    wrong(
        "momentum_update", "no_weight_for_the_new_gradient", "the new gradient is added at full weight",
        "Formula (1) is an average: its two weights add up to one. Without 1 - beta it is the sum of formula (3), "
        "which is exercise 2.",
        NEIGHBOUR, ("(1 - beta) * grad", "grad"),
    ),
    wrong(
        "momentum_update", "weights_swapped", "beta and 1 - beta have changed places",
        "In formula (1) beta weights what is remembered, and 1 - beta weights what is new.",
        "frameworks that give the weight of the new value", (AVERAGE, "v = (1 - beta) * v + beta * grad"),
    ),
    wrong(
        "momentum_update", "steps_along_the_gradient", "the step follows the gradient, not the average",
        "Formula (2) moves along v. With the gradient alone in its place, the average is computed and never used.",
        CLASSROOM, ("lr * v  # (2)", "lr * grad"),
    ),
    wrong(
        "momentum_update", "old_average_in_the_step", "the step follows the average from before this gradient",
        "Formula (2) uses the average at time t, with this step's gradient already in it: compute formula (1) first.",
        CLASSROOM,
        (f"{AVERAGE}\n    {AVERAGE_STEP}", "theta = theta - lr * v\n    v = beta * v + (1 - beta) * grad"),
    ),
    wrong(
        "momentum_update", "lr_inside_the_average", "the learning rate stands inside the average",
        "In formula (1) the gradient enters as it is; lr appears once, in formula (2). Some frameworks do it "
        "otherwise: see the table of conventions.",
        COURSES, (AVERAGE, "v = beta * v + (1 - beta) * lr * grad"), ("lr * v  # (2)", "v"),
    ),
    wrong(
        "momentum_update", "starts_at_the_first_gradient", "the average starts at the first gradient instead of at zero",
        "Formula (1) treats v = 0 like any other state, which makes the first steps short. No special case is needed.",
        COURSES, (AVERAGE, "v = np.where(v == 0, grad, beta * v + (1 - beta) * grad)"),
    ),
    wrong(
        "momentum_update", "average_is_not_returned", "the average that comes back is the one that went in",
        "The next step needs what formula (1) gives now: return the new v, not the old one.",
        CLASSROOM, (f"{AVERAGE}\n    {AVERAGE_STEP}", "theta = theta - lr * (beta * v + (1 - beta) * grad)"),
    ),
    wrong(
        "momentum_update", "uphill", "the step goes up the slope",
        "Formula (2) subtracts the step: the gradient points to where the loss grows.",
        CLASSROOM, ("theta - lr * v", "theta + lr * v"),
    ),
    wrong(
        "momentum_update", "changes_its_inputs", "v is changed in place",
        "The caller's arrays must stay as they were: an in-place operator on an argument writes into the caller's "
        "memory. Make a new array instead.",
        CLASSROOM, (AVERAGE, "v *= beta\n    v += (1 - beta) * grad"),
    ),
    wrong(
        "momentum_update", "steps_ahead", "the step is Nesterov's",
        "Formula (2) moves along v alone. Looking one step ahead belongs to formula (8), which is for the class in exercise 4.",
        "Nesterov's formula", ("lr * v  # (2)", "lr * (beta * v + (1 - beta) * grad)"),
    ),
    wrong(
        "momentum_update", "velocity_points_downhill", "v holds the step itself, with lr and a minus sign",
        "That is Keras's velocity. In formula (1) v averages the gradients as they are; sign and lr come in with formula (2).",
        "Sutskever and others (2013); Keras",
        (AVERAGE, "v = beta * v - lr * grad"), ("theta - lr * v  # (2)", "theta + v"),
    ),
    wrong(
        "momentum_update", "correction_of_the_first_step", "v is divided by 1 - beta before the step",
        "Formula (2) takes v as it is: momentum does without the correction of lesson 02, and its first step is short.",
        COURSES, ("lr * v  # (2)", "lr * v / (1 - beta)"),
    ),
    wrong(
        "momentum_update", "step_goes_on", "v is multiplied by lr, and so goes on to the next step",
        "lr stands in formula (2) alone. What goes on to the next step is the v of formula (1), without it.",
        CLASSROOM, (AVERAGE_STEP, "v = lr * v\n    theta = theta - v"),
    ),
    wrong(
        "momentum_update", "changes_both_inputs", "theta and v are both changed in place",
        "The caller's arrays must stay as they were: in-place operators on arguments write into the caller's memory. "
        "Make new arrays in formulas (1) and (2).",
        CLASSROOM, (AVERAGE, "v *= beta\n    v += (1 - beta) * grad"), (AVERAGE_STEP, "theta -= lr * v"),
    ),
)  # fmt: skip

HEAVY_BALL_UPDATE = (
    wrong(
        "heavy_ball_update", "averages", "buf averages the gradients instead of summing them",
        "In formula (3) the gradient enters whole: there is no 1 - mu. That factor belongs to formula (1).",
        NEIGHBOUR, (SUM, "buf = mu * buf + (1 - mu) * grad"),
    ),
    wrong(
        "heavy_ball_update", "lr_inside_the_sum", "the learning rate stands inside buf",
        "In formula (3) the gradient enters as it is; lr multiplies the whole of buf, in formula (4). The other "
        "order is Keras's: see the table of conventions.",
        "Sutskever and others (2013); Keras", (SUM, "buf = mu * buf + lr * grad"), ("lr * buf  # (4)", "buf"),
    ),
    wrong(
        "heavy_ball_update", "velocity_points_downhill", "buf holds the step itself, with lr and a minus sign",
        "That is Keras's velocity. In formula (3) buf sums the gradients as they are; sign and lr come in with formula (4).",
        "Sutskever and others (2013); Keras",
        (SUM, "buf = mu * buf - lr * grad"), ("theta - lr * buf  # (4)", "theta + buf"),
    ),
    wrong(
        "heavy_ball_update", "new_gradient_fades_too", "mu multiplies the new gradient as well",
        "In formula (3) mu stands before the old buf alone. Look at your brackets.",
        CLASSROOM, (SUM, "buf = mu * (buf + grad)"),
    ),
    wrong(
        "heavy_ball_update", "old_sum_in_the_step", "the step follows the sum from before this gradient",
        "Formula (4) uses buf at time t, with this step's gradient already in it: compute formula (3) first.",
        CLASSROOM, (f"{SUM}\n    {SUM_STEP}", "theta = theta - lr * buf\n    buf = mu * buf + grad"),
    ),
    wrong(
        "heavy_ball_update", "nothing_fades", "buf is a plain sum: nothing fades",
        "Formula (3) multiplies the old buf by mu before it adds the gradient.",
        CLASSROOM, (SUM, "buf = buf + grad"),
    ),
    wrong(
        "heavy_ball_update", "steps_ahead", "the step is Nesterov's",
        "Formula (4) moves along buf alone. Adding the gradient once more is formula (8), which is for the class in exercise 4.",
        "Nesterov's formula", ("lr * buf  # (4)", "lr * (grad + mu * buf)"),
    ),
    wrong(
        "heavy_ball_update", "uphill", "the step goes up the slope",
        "Formula (4) subtracts the step: the gradient points to where the loss grows.",
        CLASSROOM, ("theta - lr * buf", "theta + lr * buf"),
    ),
    wrong(
        "heavy_ball_update", "changes_its_inputs", "buf is changed in place",
        "The caller's arrays must stay as they were: an in-place operator on an argument writes into the caller's "
        "memory. Make a new array instead.",
        CLASSROOM, (SUM, "buf *= mu\n    buf += grad"),
    ),
    wrong(
        "heavy_ball_update", "velocity_steps_ahead", "this is Nesterov's step in Keras's form",
        "Formula (3) sums the gradients without lr, and formula (4) moves along buf alone: see the table of conventions.",
        "Keras, nesterov=True",
        (SUM, "buf = mu * buf - lr * grad"), ("theta - lr * buf  # (4)", "theta + mu * buf - lr * grad"),
    ),
    wrong(
        "heavy_ball_update", "averages_and_makes_up", "buf is the average, and the step makes up for its weight",
        "From a buf of zeros theta comes out right, but buf itself is not that of formula (3), and goes on to the next step.",
        NEIGHBOUR, (SUM, "buf = mu * buf + (1 - mu) * grad"), ("lr * buf  # (4)", "lr * buf / (1 - mu)"),
    ),
    wrong(
        "heavy_ball_update", "step_at_the_effective_rate", "lr is divided by 1 - mu",
        "The effective rate lr / (1 - mu) is where steps end up on an even slope. Formula (4) has lr alone: buf grows by itself.",
        CLASSROOM, ("lr * buf  # (4)", "lr / (1 - mu) * buf"),
    ),
    wrong(
        "heavy_ball_update", "step_at_the_averages_rate", "lr is multiplied by 1 - mu",
        "Formula (4) has lr alone. With 1 - mu the steps are those of the averaging form, formulas (1) and (2).",
        NEIGHBOUR, ("lr * buf  # (4)", "lr * (1 - mu) * buf"),
    ),
    wrong(
        "heavy_ball_update", "step_goes_on", "buf is multiplied by lr, and so goes on to the next step",
        "lr stands in formula (4) alone. What goes on to the next step is the buf of formula (3), without it.",
        CLASSROOM, (SUM_STEP, "buf = lr * buf\n    theta = theta - buf"),
    ),
    wrong(
        "heavy_ball_update", "starts_at_the_first_gradient", "an empty buf is filled with 1 - mu of the gradient",
        "Formula (3) treats a buf of zeros like any other: the gradient enters whole.",
        NEIGHBOUR, (SUM, "buf = np.where(buf == 0, (1 - mu) * grad, mu * buf + grad)"),
    ),
    wrong(
        "heavy_ball_update", "changes_both_inputs", "theta and buf are both changed in place",
        "The caller's arrays must stay as they were: in-place operators on arguments write into the caller's memory. "
        "Make new arrays in formulas (3) and (4).",
        CLASSROOM, (SUM, "buf *= mu\n    buf += grad"), (SUM_STEP, "theta -= lr * buf"),
    ),
)  # fmt: skip

MATCHING_LR = (
    wrong(
        "matching_lr", "the_other_direction", "the rate is translated in the other direction",
        "PyTorch's steps are longer at the same rate, so its rate has to be smaller. Check it with the "
        "worked example and formula (5): does your number turn 0.95 into 0.995?",
        CLASSROOM, (RATE, "lr / (1 - beta)"),
    ),
    wrong(
        "matching_lr", "times_beta", "the factor is beta, not 1 - beta",
        "Compare formulas (1) and (3): which factor stands before the new gradient in the one and not in the other? "
        "That is the one that lr has to take over for formula (5) to hold.",
        CLASSROOM, (RATE, "lr * beta"),
    ),
    wrong(
        "matching_lr", "the_same_rate", "the rate is passed on as it is",
        "At the same rate the two forms take steps of different lengths, and formula (5) wants the same step.",
        COURSES, (RATE, "lr"),
    ),
    wrong(
        "matching_lr", "only_for_beta_0_9", "the factor is always 0.1",
        "A factor of 0.1 is right for beta = 0.9 alone. Formula (5) should hold for any beta.",
        CLASSROOM, (RATE, "0.1 * lr"),
    ),
    wrong(
        "matching_lr", "nesterov_factor", "the factor is that of a first Nesterov step",
        "Formula (8) is not part of this: the rate is matched to the plain step of formula (4).",
        "Nesterov's formula", (RATE, "lr * (1 - beta) / (1 + beta)"),
    ),
    wrong(
        "matching_lr", "squared", "the factor is taken twice",
        "Formula (5) compares steps, and in each of them v is 1 - beta times as large as buf: once, not squared.",
        CLASSROOM, (RATE, "lr * (1 - beta) ** 2"),
    ),
    wrong(
        "matching_lr", "root", "the factor is the root of 1 - beta",
        "A root belongs to averages of squares. v and buf are both linear in the gradients, and so is formula (5).",
        CLASSROOM, (RATE, "lr * (1 - beta) ** 0.5"),
    ),
    wrong(
        "matching_lr", "noise_of_an_average", "the factor is how much less noise an average has",
        "The root of (1 - beta) / (1 + beta) is about gradients that are noise. Formula (5) holds for any gradients: put "
        "t = 1 of the worked example into it.",
        "the noise of an average, lesson 02", (RATE, "lr * ((1 - beta) / (1 + beta)) ** 0.5"),
    ),
    wrong(
        "matching_lr", "second_step", "the factor fits the second step of an even slope alone",
        "Formula (5) has to hold at every step, whatever the gradients are. Try t = 1 of the worked example.",
        CLASSROOM, (RATE, "lr * (1 - beta**2)"),
    ),
    wrong(
        "matching_lr", "zero_refused", "a beta or an lr of 0 is refused",
        "The docstring allows both: with beta = 0 the two forms are the same, and lr = 0 is a step of length 0.",
        CLASSROOM, ("return lr", 'if not (lr > 0 and beta > 0):\n        raise ValueError("lr and beta must be positive.")\n    return lr'),
    ),
)  # fmt: skip

MOMENTUM_SGD = (
    wrong(
        "MomentumSGD", "averages", "buf averages the gradients instead of summing them",
        "This class is in PyTorch's form: the gradient enters formula (3) whole, unless dampening says otherwise. "
        "There is no 1 - mu.",
        NEIGHBOUR,
        (BUF, "self.buf[i] = mu * self.buf[i] + (1 - mu) * (1 - tau) * g"),
        ("self.buf[i] = g  # (7), t = 1", "self.buf[i] = (1 - mu) * g"),
    ),
    wrong(
        "MomentumSGD", "dampening_equals_momentum", "every gradient but the first is weighted with 1 - mu",
        "1 - tau in formula (7) is about dampening, which is 0 by default. Momentum alone scales no gradient: formula (3).",
        NEIGHBOUR, ("(1 - tau) * g", "(1 - mu) * g"),
    ),
    wrong(
        "MomentumSGD", "lr_inside_the_buffer", "the learning rate stands inside buf",
        "In formula (4) lr multiplies the whole of buf. Inside it, old steps keep the old rate when a schedule "
        "changes self.lr.",
        "Sutskever and others (2013); Keras",
        ("self.buf[i] = g  # (7), t = 1", "self.buf[i] = self.lr * g"),
        (BUF, "self.buf[i] = mu * self.buf[i] + (1 - tau) * self.lr * g"),
        (NESTEROV, "theta -= self.lr * g + mu * self.buf[i]"), (MOVE, "theta -= self.buf[i]"),
    ),
    wrong(
        "MomentumSGD", "first_gradient_is_dampened", "the first gradient is dampened as well",
        "In formula (7) the first gradient that a parameter gets fills buf whole; 1 - tau begins with its second.",
        CLASSROOM, ("self.buf[i] = g  # (7), t = 1", "self.buf[i] = (1 - tau if mu else 1) * g"),
    ),
    wrong(
        "MomentumSGD", "first_means_empty", "a buf of zeros is taken for one that is not there yet",
        "A first gradient of zero is a first gradient too. In formula (7) t counts the gradients that a parameter "
        "got, whatever they were.",
        CLASSROOM, (FIRST, "if self.buf[i] is None or not self.buf[i].any() or mu == 0:"),
    ),
    wrong(
        "MomentumSGD", "one_first_step_for_all", "all parameters share one first step",
        "In formula (7) each parameter counts its own t: one that gets its first gradient late is not dampened then.",
        CLASSROOM,
        (STATE, "self.buf = [torch.zeros_like(theta) for theta in self.params]\n        self.t = 0"),
        ("        for i, theta in enumerate(self.params):", "        self.t += 1\n        for i, theta in enumerate(self.params):"),
        (FIRST, "if self.t == 1 or mu == 0:"),
    ),
    wrong(
        "MomentumSGD", "dampens_the_memory", "dampening weakens buf, not the gradient",
        "In formula (7) the factor 1 - tau stands before the new gradient. What buf keeps is mu alone.",
        CLASSROOM, (BUF, "self.buf[i] = (1 - tau) * mu * self.buf[i] + g"),
    ),
    wrong(
        "MomentumSGD", "dampening_is_the_weight", "the new gradient is weighted with tau instead of 1 - tau",
        "In formula (7) dampening takes away: 0 leaves the gradient whole.",
        CLASSROOM, ("(1 - tau) * g  # (7), t >= 2", "(tau or 1.0) * g"),
    ),
    wrong(
        "MomentumSGD", "dampening_is_ignored", "the argument dampening changes nothing",
        "Formula (7) weights every gradient of a parameter but its first with 1 - tau.",
        CLASSROOM, ("(1 - tau) * g  # (7), t >= 2", "g"),
    ),
    wrong(
        "MomentumSGD", "dampened_without_momentum", "dampening acts without momentum too",
        "With momentum = 0 there is no buf to dampen: the step is plain gradient descent, whatever dampening is.",
        CLASSROOM, (FIRST, "if self.buf[i] is None:"),
    ),
    wrong(
        "MomentumSGD", "nesterov_without_the_gradient", "the Nesterov step leaves out the gradient itself",
        "Formula (8) has two terms: the gradient that is due now, and the next step's inertia in advance.",
        CLASSROOM, (NESTEROV, "theta -= self.lr * mu * self.buf[i]"),
    ),
    wrong(
        "MomentumSGD", "nesterov_without_mu", "the Nesterov step adds buf at full weight",
        "In formula (8) buf is multiplied by mu: that is how much of it will be left one step ahead.",
        CLASSROOM, (NESTEROV, "theta -= self.lr * (g + self.buf[i])"),
    ),
    wrong(
        "MomentumSGD", "nesterov_weights_swapped", "in the Nesterov step mu multiplies the gradient, not buf",
        "Look at the two terms of formula (8): the gradient enters whole, and buf is multiplied by mu.",
        CLASSROOM, (NESTEROV, "theta -= self.lr * (mu * g + self.buf[i])"),
    ),
    wrong(
        "MomentumSGD", "nesterov_is_ignored", "the Nesterov step is the ordinary one",
        "With nesterov=True the step is formula (8), with buf at time t in it. With the old buf it is formula (4) again.",
        CLASSROOM, ("            if self.nesterov:\n", "            if False:\n"),
    ),
    wrong(
        "MomentumSGD", "decay_is_ignored", "the argument weight_decay changes nothing",
        "Formula (6) adds wd times the parameter to its gradient, before everything else.",
        CLASSROOM, (G, "g = theta.grad.clone()"),
    ),
    wrong(
        "MomentumSGD", "decoupled_decay", "the weight decay acts on the parameter directly and never enters buf",
        "Formula (6) comes first: the gradient with its decay is what formulas (7) and (8) call g. Taking the decay "
        "off the parameter is AdamW's way, in lesson 05.",
        "a neighbouring algorithm's formula",
        (G, "theta *= 1 - self.lr * wd\n            g = theta.grad.clone()"),
    ),
    wrong(
        "MomentumSGD", "decay_changes_the_gradient", "the decay is added to theta.grad in place",
        "The gradient belongs to the caller, who may use it again: make a new tensor in formula (6).",
        CLASSROOM,
        (G, "g = theta.grad\n            g += wd * theta"), ("self.buf[i] = g  # (7), t = 1", "self.buf[i] = g.clone()"),
    ),
    wrong(
        "MomentumSGD", "buffer_is_the_gradient", "buf is the gradient tensor itself, and changes it",
        "The first gradient must be copied into buf. If buf is the same tensor, updating it in place writes into theta.grad.",
        CLASSROOM,
        (G, "g = theta.grad if wd == 0 else theta.grad + wd * theta"), (BUF, "self.buf[i].mul_(mu).add_(g, alpha=1 - tau)"),
    ),
    wrong(
        "MomentumSGD", "none_counts_as_zero", "a gradient that is None is taken as zero",
        "A parameter without a gradient took no part in the loss: skip it, and leave its buf alone. With a zero, buf "
        "would fade and still move the parameter.",
        CLASSROOM, (SKIP, ""), (G, "g = (torch.zeros_like(theta) if theta.grad is None else theta.grad) + wd * theta"),
    ),
    wrong(
        "MomentumSGD", "averaging_form", "this is the averaging form, from an average of zero",
        "Formulas (1) and (2) are another form of momentum. In formula (7) the first gradient enters whole, and the "
        "later ones are weighted by the dampening alone.",
        NEIGHBOUR,
        ("self.buf[i] = g  # (7), t = 1", "self.buf[i] = (1 - mu) * g"),
        (BUF, "self.buf[i] = mu * self.buf[i] + (1 - mu) * g"),
    ),
    wrong(
        "MomentumSGD", "fades_without_a_gradient", "buf fades in a step without a gradient",
        "A parameter whose gradient is None sits the step out: neither it nor its buf changes.",
        CLASSROOM,
        (
            SKIP,
            "            if theta.grad is None:\n"
            "                self.buf[i] = None if self.buf[i] is None else mu * self.buf[i]\n"
            "                continue\n",
        ),
    ),
    wrong(
        "MomentumSGD", "one_buffer_for_all", "all parameters share one buf",
        "Each parameter has a buf of its own, in its own shape.",
        CLASSROOM,
        (STATE, "self.memory = None"),
        (FIRST, "if self.memory is None or self.memory.shape != g.shape or mu == 0:"),
        ("self.buf[i] = g  # (7), t = 1", "self.memory = g"),
        (BUF, "self.memory = mu * self.memory + (1 - tau) * g"),
        (NESTEROV, "theta -= self.lr * (g + mu * self.memory)"), (MOVE, "theta -= self.lr * self.memory"),
    ),
    wrong(
        "MomentumSGD", "moves_the_memory", "the parameter gets new memory instead of new values",
        "The model holds on to the old memory. Change the values in place, with an operator that ends in = or a "
        "method that ends in an underscore.",
        CLASSROOM,
        (NESTEROV, "theta.data = theta.data - self.lr * (g + mu * self.buf[i])"),
        (MOVE, "theta.data = theta.data - self.lr * self.buf[i]"),
    ),
    wrong(
        "MomentumSGD", "only_the_name_changes", "the new value never reaches the parameter",
        "theta = theta - ... gives the name theta to a new tensor and leaves the parameter as it was. Change it in place.",
        CLASSROOM,
        (NESTEROV, "theta = theta - self.lr * (g + mu * self.buf[i])"), (MOVE, "theta = theta - self.lr * self.buf[i]"),
    ),
    wrong(
        "MomentumSGD", "state_in_the_class", "buf belongs to the class and is shared by its instances",
        "Two optimisers must share nothing: make the state in __init__, on self.",
        CLASSROOM,
        ("        self.params = list(params)\n", "        self.params = list(params)\n        self.__class__.buf = getattr(self, 'buf', {})\n"),
        (STATE, "for i, theta in enumerate(self.params):\n"
                "            if i not in self.buf or self.buf[i] is None or self.buf[i].shape != theta.shape:\n"
                "                self.buf[i] = None"),
    ),
    wrong(
        "MomentumSGD", "lr_read_once", "the learning rate is read only at the start",
        "A schedule changes self.lr while training runs: read it in every step().",
        CLASSROOM,
        ("        self.lr = lr\n", "        self.lr = self.first_lr = lr\n"),
        (NESTEROV, "theta -= self.first_lr * (g + mu * self.buf[i])"), (MOVE, "theta -= self.first_lr * self.buf[i]"),
    ),
    wrong(
        "MomentumSGD", "generator_used_up", "the parameters are read once and are gone afterwards",
        "`params` may be a generator, and a generator can be walked through only once: keep a list of it.",
        CLASSROOM, ("self.params = list(params)", "self.params = params"), (STATE, "self.buf = dict.fromkeys(range(99))"),
    ),
    wrong(
        "MomentumSGD", "no_momentum_by_default", "momentum is 0 unless it is given",
        "Look at the signature: here momentum is 0.9 by default. In torch.optim.SGD it is 0.",
        "torch.optim.SGD's default", ("momentum=0.9", "momentum=0.0"),
    ),
    wrong(
        "MomentumSGD", "nothing_is_refused", "bad hyper-parameters are accepted",
        "The constructor should raise ValueError for the values that its docstring names.",
        CLASSROOM,
        ("if lr < 0 or weight_decay < 0:", "if False:"),
        ("if not 0 <= momentum < 1:", "if False:"),
        ("if nesterov and (momentum == 0 or dampening != 0):", "if False:"),
    ),
    wrong(
        "MomentumSGD", "nesterov_is_not_checked", "Nesterov is accepted without momentum, or with dampening",
        "The constructor's docstring names two settings that make no sense with nesterov=True: both raise ValueError.",
        CLASSROOM, ("if nesterov and (momentum == 0 or dampening != 0):", "if False:"),
    ),
    wrong(
        "MomentumSGD", "momentum_1_is_accepted", "a momentum of 1 is accepted",
        "momentum belongs to [0, 1), where 1 itself is left out: with it nothing would ever fade. PyTorch lets it "
        "pass, this class should not.",
        "torch.optim.SGD's check", ("if not 0 <= momentum < 1:", "if not 0 <= momentum <= 1:"),
    ),
    wrong(
        "MomentumSGD", "zero_grad_breaks_on_none", "zero_grad() fails where a gradient is None",
        "A parameter may have no gradient yet: zero_grad() has nothing to clear there, and goes on.",
        CLASSROOM, ("            theta.grad = None\n", "            theta.grad.zero_()\n"),
    ),
    wrong(
        "MomentumSGD", "nesterov_step_is_kept", "buf becomes the Nesterov step",
        "Formula (8) reads buf and leaves it as formula (7) made it. What goes on to the next step is buf itself.",
        CLASSROOM, (NESTEROV, "self.buf[i] = g + mu * self.buf[i]\n                theta -= self.lr * self.buf[i]"),
    ),
    wrong(
        "MomentumSGD", "nesterov_two_steps_ahead", "the Nesterov step looks two steps ahead",
        "Formula (8) adds the inertia of one further step: buf at time t is already up to date, and is multiplied by mu once.",
        CLASSROOM, (NESTEROV, "theta -= self.lr * (g + mu * (g + mu * self.buf[i]))"),
    ),
    wrong(
        "MomentumSGD", "nesterov_gradient_without_decay", "in the Nesterov step the gradient comes without its decay",
        "After formula (6) there is one gradient: the same g enters formulas (7) and (8).",
        CLASSROOM, (NESTEROV, "theta -= self.lr * (theta.grad + mu * self.buf[i])"),
    ),
    wrong(
        "MomentumSGD", "nesterov_on_top", "the Nesterov step is added to the ordinary one",
        "Formula (8) takes the place of formula (4). It is the one or the other, not both.",
        CLASSROOM, ("            else:\n                theta -= self.lr", "            if True:\n                theta -= self.lr"),
    ),
    wrong(
        "MomentumSGD", "dampens_the_step", "dampening shortens the step",
        "In formula (7) the factor 1 - tau stands before the gradient that enters buf. Formulas (4) and (8) have no tau.",
        CLASSROOM, ("(1 - tau) * g  # (7), t >= 2", "g"), (MOVE, "theta -= self.lr * (1 - tau) * self.buf[i]"),
    ),
    wrong(
        "MomentumSGD", "decays_twice", "the decay acts through the gradient and on the parameter as well",
        "Formula (6) is the whole of the decay here. Taking it off the parameter besides counts it twice.",
        CLASSROOM, (G, "g = theta.grad + wd * theta\n            theta *= 1 - self.lr * wd"),
    ),
    wrong(
        "MomentumSGD", "decay_without_the_half", "the decay is twice as strong",
        "The derivative of half a square has no 2. Formula (6) is the gradient of wd / 2 times the squared norm.",
        CLASSROOM, ("+ wd * theta  # (6)", "+ 2 * wd * theta"),
    ),
    wrong(
        "MomentumSGD", "decay_of_the_sign", "the decay has the same size for small and large parameters",
        "That is the gradient of an L1 penalty. The one of formula (6) is in proportion to theta itself.",
        "L1 in the place of L2", ("+ wd * theta  # (6)", "+ wd * torch.sign(theta)"),
    ),
    wrong(
        "MomentumSGD", "decay_times_lr", "the decay holds the learning rate already",
        "lr comes in once, in formula (4) or (8), for the gradient and its decay alike. Formula (6) is without it.",
        CLASSROOM, ("+ wd * theta  # (6)", "+ self.lr * wd * theta"),
    ),
    wrong(
        "MomentumSGD", "still_without_momentum", "with momentum = 0 no parameter moves",
        "Without momentum the step is plain gradient descent: formula (4) with g in the place of buf.",
        CLASSROOM, ("if self.buf[i] is None or mu == 0:", "if mu == 0:\n                continue\n            if self.buf[i] is None:"),
    ),
    wrong(
        "MomentumSGD", "dampening_refused_without_momentum", "dampening without momentum is refused",
        "The docstring allows it: with momentum = 0 dampening has no effect, and raises nothing.",
        CLASSROOM, ("if not 0 <= momentum < 1:", "if not 0 <= momentum < 1 or dampening and not momentum:"),
    ),
    wrong(
        "MomentumSGD", "average_with_correction", "buf is an average that is corrected for its start at zero",
        "Formula (3) is a plain sum that fades: there is no 1 - mu, and nothing to correct. That is Adam's way, in lesson 05.",
        "a neighbouring algorithm's formula",
        (STATE, f"{STATE}\n        self.t = [0] * len(self.params)"),
        ("self.buf[i] = g  # (7), t = 1", "self.t[i], self.buf[i] = 1, (1 - mu) * g"),
        (BUF, "self.t[i] += 1\n                self.buf[i] = mu * self.buf[i] + (1 - mu) * g"),
        (MOVE, "theta -= self.lr * self.buf[i] / (1 - mu ** self.t[i])"),
    ),
    wrong(
        "MomentumSGD", "buffer_in_float32", "buf is kept in float32",
        "About seven digits are right. Give buf the type of its parameter.",
        "habits from training on graphics cards",
        ("self.buf[i] = g  # (7), t = 1", "self.buf[i] = g.float()"),
        (BUF, "self.buf[i] = (mu * self.buf[i] + (1 - tau) * g).float()"),
    ),
)  # fmt: skip

POLYAK_TO_TORCH = (
    wrong(
        "polyak_to_torch", "nothing_is_translated", "rates and momenta are passed on as they are",
        "With a constant rate that is right. When the rate has changed, buf holds old gradients and takes them all at "
        "the new rate, while formula (9) keeps the last step at the rate it was made with.",
        "schedules copied from one library to another", (RATIO, "torch_mus[1:] *= 1.0"),
    ),
    wrong(
        "polyak_to_torch", "ratio_upside_down", "the ratio of the two rates is upside down",
        "When the rate falls, PyTorch alone would shorten what is left of the last step. Which way does the momentum "
        "have to go to make up for that? Put formula (9) beside formulas (3) and (4).",
        CLASSROOM, (RATIO, "torch_mus[1:] *= lrs[1:] / lrs[:-1]"),
    ),
    wrong(
        "polyak_to_torch", "first_rate_instead_of_last", "each rate is compared with the first one",
        "What formula (9) carries over is the last step alone, so the rate that counts is the one of the step before.",
        CLASSROOM, (RATIO, "torch_mus[1:] *= lrs[0] / lrs[1:]"),
    ),
    wrong(
        "polyak_to_torch", "one_step_early", "the momentum is corrected one step too early",
        "At step t formula (9) looks back, to the rate of step t - 1. Yours looks ahead, to the one of step t + 1.",
        CLASSROOM, (RATIO, "torch_mus[:-1] *= lrs[:-1] / lrs[1:]"),
    ),
    wrong(
        "polyak_to_torch", "momentum_of_the_step_before", "the momentum of the step before is corrected",
        "In formula (9) the momentum of step t stands before the last step. The rate alone is looked up one step back.",
        CLASSROOM, (RATIO, "torch_mus[1:] = mus[:-1] * lrs[:-1] / lrs[1:]"),
    ),
    wrong(
        "polyak_to_torch", "rates_as_in_the_averaging_form", "the rates are those for the averaging form",
        "In formula (9) the newest gradient enters at its full rate, as in formulas (3) and (4): there is no 1 - beta "
        "to make up for.",
        NEIGHBOUR, ("torch_lrs = lrs.copy()", "torch_lrs = lrs * (1 - mus)"),
    ),
    wrong(
        "polyak_to_torch", "results_share_memory", "the rates that come back are the array that went in",
        "The docstring asks for new arrays, also where nothing changes: who changes one later would change the recipe.",
        CLASSROOM, ("torch_lrs = lrs.copy()", "torch_lrs = lrs"),
    ),
    wrong(
        "polyak_to_torch", "changes_its_inputs", "mus is changed in place",
        "The caller's arrays must stay as they were: work on a copy.",
        CLASSROOM, ("torch_mus = mus.copy()", "torch_mus = mus"),
    ),
    wrong(
        "polyak_to_torch", "goes_on_from_the_translated", "each momentum is made from the one that was translated before",
        "Formula (9) has a momentum for every step: translate mu_t itself, with the two rates at t and t - 1.",
        CLASSROOM, (RATIO, "for t in range(1, len(mus)):\n        torch_mus[t] = torch_mus[t - 1] * lrs[t - 1] / lrs[t]"),
    ),
    wrong(
        "polyak_to_torch", "first_looks_at_the_last", "the first momentum is corrected with the last rate",
        "Before the first step there is no other: the docstring says what to return for it. An index of -1 is the end of an array.",
        CLASSROOM, (RATIO, "torch_mus *= np.roll(lrs, 1) / lrs"),
    ),
    wrong(
        "polyak_to_torch", "rate_makes_up", "the rate makes up for the change, not the momentum",
        "At full weight the newest gradient moves theta by lr_t in formula (9), and by the torch_lr of that step in (4). "
        "That settles the rate; the rest falls to the momentum.",
        CLASSROOM, (RATIO, "torch_lrs[1:] *= lrs[:-1] / lrs[1:]"),
    ),
    wrong(
        "polyak_to_torch", "one_step_refused", "a schedule of one step is refused",
        "T is at least 1: with a single step there is nothing before it to make up for.",
        CLASSROOM, ("torch_mus = mus.copy()", 'torch_mus = mus.copy()\n    if len(lrs) < 2:\n        raise ValueError("At least two steps are needed.")'),
    ),
)  # fmt: skip

SHARED = (
    *update_traps(UpdateText("momentum_update", AVERAGE, ("theta", "v"))),
    *update_traps(UpdateText("heavy_ball_update", SUM, ("theta", "buf"))),
    *class_traps(
        ClassText(
            "MomentumSGD",
            refusals=(
                'raise ValueError("lr and weight_decay must not be negative.")',
                'raise ValueError("momentum must be at least 0 and less than 1.")',
                'raise ValueError("Nesterov needs momentum, and no dampening.")',
            ),
            state=(STATE,),
        )
    ),
)

MISCONCEPTIONS = (
    *MOMENTUM_UPDATE,
    *HEAVY_BALL_UPDATE,
    *MATCHING_LR,
    *MOMENTUM_SGD,
    *POLYAK_TO_TORCH,
    *SHARED,
)
