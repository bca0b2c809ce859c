"""Lesson 04, wrong on purpose: what each mistake changes in the reference solution; see autograder.catalogue."""

from autograder.catalogue import wrong
from autograder.catalogue.optimisers import ClassText, UpdateText, class_traps, update_traps

COURSES = "course notes and other frameworks"
CLASSROOM = "common in first implementations"
PAPERS = "a neighbouring algorithm's formula"

# What the edits replace.
ADAGRAD_STEP = "theta = theta - lr * grad / (np.sqrt(acc) + eps)  # (2)"
RMSPROP_AVERAGE = "s = alpha * s + (1 - alpha) * grad**2  # (3)"
RMSPROP_STEP = "theta = theta - lr * grad / (np.sqrt(s) + eps)  # (4)"
G = "g = theta.grad + self.weight_decay * theta  # (5)"
S = "self.s[i] = self.alpha * self.s[i] + (1 - self.alpha) * g**2  # (3)"
D = "d = torch.sqrt(self.s[i]) + self.eps  # (4)"
G_BAR = "self.g_bar[i] = self.alpha * self.g_bar[i] + (1 - self.alpha) * g  # (6)"
CENTERED_D = "d = torch.sqrt(self.s[i] - self.g_bar[i] ** 2) + self.eps  # (6)"
BUFFER = "self.buf[i] = self.mu * self.buf[i] + g / d  # (7)"
MOVE = "theta -= self.lr * self.buf[i]  # (7)"
SKIP = """            if theta.grad is None:
                continue
"""
S_STATE = "self.s = [torch.zeros_like(theta) for theta in self.params]"
STATE = f"""        {S_STATE}
        self.g_bar = [torch.zeros_like(theta) for theta in self.params]
        self.buf = [torch.zeros_like(theta) for theta in self.params]"""
FROM_TWO_STEPS = "alpha = scaled[1] / scaled[0] - (grads[1, 0] / grads[0, 0]) ** 2"
FROM_FIRST_STRIDE = "lr = stride[0] * np.sqrt(1 - alpha)"
RETURN = "return lr, alpha"

ADAGRAD_UPDATE = (
    wrong(
        "adagrad_update", "eps_inside_the_root", "eps stands inside the square root",
        "In formula (2) eps is added to the root, after it was taken. Inside the root it acts as its own root "
        "would outside, and that is much larger.",
        COURSES, ("np.sqrt(acc) + eps", "np.sqrt(acc + eps)"),
    ),
    wrong(
        "adagrad_update", "no_root", "the step is divided by the sum itself, without the square root",
        "Formula (2) divides by the root of acc. Check the units: acc holds squared gradients, so that only its "
        "root can cancel the size of the gradient.",
        CLASSROOM, ("np.sqrt(acc) + eps", "acc + eps"),
    ),
    wrong(
        "adagrad_update", "old_sum_in_the_step", "the step is divided by the sum from before this gradient",
        "Formula (2) uses the sum at time t, with this step's gradient already in it: compute formula (1) first.",
        CLASSROOM,
        (
            f"acc = acc + grad**2  # (1)\n    {ADAGRAD_STEP}",
            "theta = theta - lr * grad / (np.sqrt(acc) + eps)\n    acc = acc + grad**2",
        ),
    ),
    wrong(
        "adagrad_update", "sum_of_sizes", "acc adds up absolute values, not squares",
        "Formula (1) adds the square of each gradient. The root of a sum of squares is not the sum of the sizes.",
        CLASSROOM, ("acc + grad**2", "acc + np.abs(grad)"), ("np.sqrt(acc) + eps", "acc + eps"),
    ),
    wrong(
        "adagrad_update", "no_square", "the gradient is added without being squared",
        "Formula (1) adds the square of the gradient. Without it, gradients of either sign cancel and acc can "
        "turn negative, which has no root.",
        CLASSROOM, ("acc + grad**2", "acc + grad"),
    ),
    wrong(
        "adagrad_update", "one_sum_for_all_elements", "all elements share one sum of squares",
        "In formula (1) the square is taken element by element: acc has the shape of theta, and each parameter "
        "keeps a history of its own.",
        "the scalar form, known as AdaGrad-Norm", ("acc + grad**2", "acc + np.sum(grad**2)"),
    ),
    wrong(
        "adagrad_update", "sum_is_not_returned", "the sum that comes back is the one that went in",
        "The next step needs what formula (1) gives now: return the new acc, not the old one.",
        CLASSROOM,
        (
            f"acc = acc + grad**2  # (1)\n    {ADAGRAD_STEP}",
            "theta = theta - lr * grad / (np.sqrt(acc + grad**2) + eps)",
        ),
    ),
    wrong(
        "adagrad_update", "changes_its_inputs", "acc is changed in place",
        "The caller's arrays must stay as they were: an in-place operator on an argument writes into the caller's "
        "memory. Make a new array instead.",
        CLASSROOM, ("acc = acc + grad**2", "acc += grad**2"),
    ),
    wrong(
        "adagrad_update", "uphill", "the step goes up the slope",
        "Formula (2) subtracts the step: the gradient points to where the loss grows.",
        CLASSROOM, ("theta = theta - lr", "theta = theta + lr"),
    ),
    wrong(
        "adagrad_update", "eps_twice", "eps stands inside the root and beside it",
        "In formula (2) eps appears once: it is added to the root, after it was taken.",
        COURSES, ("np.sqrt(acc) + eps", "np.sqrt(acc + eps) + eps"),
    ),
    wrong(
        "adagrad_update", "eps_is_a_floor", "eps is the least denominator, instead of being added to it",
        "In formula (2) eps is added to every root, also to one that is large.",
        CLASSROOM, ("(np.sqrt(acc) + eps)", "np.maximum(np.sqrt(acc), eps)"),
    ),
    wrong(
        "adagrad_update", "eps_squared_inside", "eps stands inside the root, as its square",
        "A root of a sum is not the sum of the roots: with eps squared inside, formula (2) comes out smaller for small gradients.",
        CLASSROOM, ("np.sqrt(acc) + eps", "np.sqrt(acc + eps**2)"),
    ),
    wrong(
        "adagrad_update", "eps_outside_the_fraction", "eps is added to the quotient, not to the root",
        "In formula (2) eps is part of the denominator. Look at your brackets: a division comes before an addition.",
        CLASSROOM, ("grad / (np.sqrt(acc) + eps)", "(grad / np.sqrt(acc) + eps)"),
    ),
    wrong(
        "adagrad_update", "forgets", "acc is an average of the squares, as in RMSprop",
        "Formula (1) adds up squares and forgets none. The average is formula (3), which is exercise 2.",
        PAPERS, ("acc + grad**2", "0.9 * acc + 0.1 * grad**2"),
    ),
    wrong(
        "adagrad_update", "starts_at_a_tenth", "an empty acc is filled with 0.1 first",
        "Formula (1) starts from acc as it comes, also from zero. Starting at 0.1 is Keras's way: see the table of conventions.",
        "Keras and optax", ("acc + grad**2", "np.where(acc == 0, 0.1, acc) + grad**2"),
    ),
    wrong(
        "adagrad_update", "root_is_kept", "acc comes back as a root",
        "The root is taken in formula (2), for the step alone. What goes on to the next step is the sum of formula (1).",
        CLASSROOM, ("acc = acc + grad**2", "acc = np.sqrt(acc + grad**2)"), ("np.sqrt(acc) + eps", "acc + eps"),
    ),
    wrong(
        "adagrad_update", "gradient_squared_in_place", "the gradient is squared, and then used for the step as well",
        "Formula (1) squares the gradient for acc alone. In formula (2) it stands as it is, with its sign.",
        CLASSROOM, ("acc = acc + grad**2", "grad = grad**2\n    acc = acc + grad"),
    ),
)  # fmt: skip

RMSPROP_UPDATE = (
    wrong(
        "rmsprop_update", "eps_inside_the_root", "eps stands inside the square root",
        "In formula (4) eps is added to the root, after it was taken. Some course notes put it inside; PyTorch, "
        "and this course, do not.",
        COURSES, ("np.sqrt(s) + eps", "np.sqrt(s + eps)"),
    ),
    wrong(
        "rmsprop_update", "no_root", "the step is divided by s itself, without the square root",
        "Formula (4) divides by the root of s: it is the R in RMS. Check the units: s holds squared gradients.",
        CLASSROOM, ("np.sqrt(s) + eps", "s + eps"),
    ),
    wrong(
        "rmsprop_update", "weights_swapped", "alpha and 1 - alpha have changed places",
        "In formula (3) alpha weights what is remembered, and 1 - alpha weights what is new.",
        "frameworks that give the weight of the new value", (RMSPROP_AVERAGE, "s = (1 - alpha) * s + alpha * grad**2"),
    ),
    wrong(
        "rmsprop_update", "no_weight_for_the_new_square", "the new square is added at full weight",
        "Formula (3) is an average: its two weights add up to one. Without 1 - alpha, s grows to about "
        "1 / (1 - alpha) times the average.",
        CLASSROOM, ("(1 - alpha) * grad**2", "grad**2"),
    ),
    wrong(
        "rmsprop_update", "never_forgets", "s is AdaGrad's sum: nothing is forgotten",
        "That is formula (1). RMSprop replaces the sum by an average that forgets: formula (3).",
        PAPERS, (RMSPROP_AVERAGE, "s = s + grad**2"),
    ),
    wrong(
        "rmsprop_update", "average_of_the_gradient", "s averages the gradient, not its square",
        "Formula (3) averages the square. The average of the gradient itself is momentum, and it can be "
        "negative, which has no root.",
        CLASSROOM, ("(1 - alpha) * grad**2", "(1 - alpha) * grad"),
    ),
    wrong(
        "rmsprop_update", "old_average_in_the_step", "the step is divided by the average from before this gradient",
        "Formula (4) uses the average at time t, with this step's gradient already in it: compute formula (3) first.",
        CLASSROOM,
        (
            f"{RMSPROP_AVERAGE}\n    {RMSPROP_STEP}",
            "theta = theta - lr * grad / (np.sqrt(s) + eps)\n    s = alpha * s + (1 - alpha) * grad**2",
        ),
    ),
    wrong(
        "rmsprop_update", "one_average_for_all_elements", "all elements share one average",
        "In formula (3) the square is taken element by element: s has the shape of theta, and each parameter "
        "has a stride of its own.",
        CLASSROOM, ("(1 - alpha) * grad**2", "(1 - alpha) * np.mean(grad**2)"),
    ),
    wrong(
        "rmsprop_update", "starts_at_the_first_square", "the average starts at the first square instead of at zero",
        "Formula (3) starts from s = 0 like any other step, which makes the first step long. No special case is needed.",
        "frameworks that start with the first square",
        (RMSPROP_AVERAGE, "s = np.where(s == 0, grad**2, alpha * s + (1 - alpha) * grad**2)"),
    ),
    wrong(
        "rmsprop_update", "eps_outside_the_fraction", "eps is added to the quotient, not to the root",
        "In formula (4) eps is part of the denominator. Look at your brackets: a division comes before an addition.",
        CLASSROOM, ("grad / (np.sqrt(s) + eps)", "(grad / np.sqrt(s) + eps)"),
    ),
    wrong(
        "rmsprop_update", "eps_missing", "eps is missing",
        "In formula (4) eps is part of the denominator. Without it, where every gradient so far was zero, zero is "
        "divided by zero.",
        CLASSROOM, ("np.sqrt(s) + eps", "np.sqrt(s)"),
    ),
    wrong(
        "rmsprop_update", "alpha_fixed_at_0_9", "alpha is always 0.9",
        "Formula (3) uses the argument alpha. 0.9 was the value in the lecture that introduced RMSprop; "
        "the default here is 0.99.",
        "Hinton (2012)", (RMSPROP_AVERAGE, "s = 0.9 * s + 0.1 * grad**2"),
    ),
    wrong(
        "rmsprop_update", "changes_its_inputs", "s is changed in place",
        "The caller's arrays must stay as they were: an in-place operator on an argument writes into the caller's "
        "memory. Make a new array instead.",
        CLASSROOM, (RMSPROP_AVERAGE, "s *= alpha\n    s += (1 - alpha) * grad**2"),
    ),
    wrong(
        "rmsprop_update", "eps_twice", "eps stands inside the root and beside it",
        "In formula (4) eps appears once: it is added to the root, after it was taken.",
        COURSES, ("np.sqrt(s) + eps", "np.sqrt(s + eps) + eps"),
    ),
    wrong(
        "rmsprop_update", "eps_is_a_floor", "eps is the least denominator, instead of being added to it",
        "In formula (4) eps is added to every root, also to one that is large.",
        CLASSROOM, ("(np.sqrt(s) + eps)", "np.maximum(np.sqrt(s), eps)"),
    ),
    wrong(
        "rmsprop_update", "eps_squared_inside", "eps stands inside the root, as its square",
        "A root of a sum is not the sum of the roots: formula (4) adds eps after the root.",
        CLASSROOM, ("np.sqrt(s) + eps", "np.sqrt(s + eps**2)"),
    ),
    wrong(
        "rmsprop_update", "starts_at_one", "an empty average is filled with 1 first",
        "Formula (3) starts from s as it comes, also from zero. Starting at 1 is TensorFlow 1's way: see the table of conventions.",
        "TensorFlow 1", (RMSPROP_AVERAGE, "s = alpha * np.where(s == 0, 1.0, s) + (1 - alpha) * grad**2"),
    ),
    wrong(
        "rmsprop_update", "correction_of_the_first_step", "s is divided by 1 - alpha before the root",
        "RMSprop has no bias correction: formula (4) uses s as it is, and the first step is long.",
        PAPERS, ("np.sqrt(s) + eps", "np.sqrt(s / (1 - alpha)) + eps"),
    ),
    wrong(
        "rmsprop_update", "root_is_kept", "s comes back as a root",
        "The root is taken in formula (4), for the step alone. What goes on to the next step is the average of formula (3).",
        CLASSROOM,
        (RMSPROP_AVERAGE, "s = np.sqrt(alpha * s + (1 - alpha) * grad**2)"), ("np.sqrt(s) + eps", "s + eps"),
    ),
    wrong(
        "rmsprop_update", "gradient_squared_in_place", "the gradient is squared, and then used for the step as well",
        "Formula (3) squares the gradient for s alone. In formula (4) it stands as it is, with its sign.",
        CLASSROOM, (RMSPROP_AVERAGE, "grad = grad**2\n    s = alpha * s + (1 - alpha) * grad"),
    ),
    wrong(
        "rmsprop_update", "steps_along_the_weighted", "the numerator is 1 - alpha times the gradient",
        "The weight 1 - alpha belongs to the average, formula (3). In formula (4) the gradient enters whole.",
        "code carried over from momentum", ("lr * grad / (np", "lr * (1 - alpha) * grad / (np"),
    ),
    wrong(
        "rmsprop_update", "largest_square", "s keeps the largest square instead of an average",
        "Formula (3) is an average: it takes in every square, and forgets.",
        "AdaMax (Kingma and Ba 2015)", (RMSPROP_AVERAGE, "s = np.maximum(alpha * s, grad**2)"),
    ),
)  # fmt: skip

RMSPROP = (
    wrong(
        "RMSprop", "centered_squares_nothing", "centered takes off the average gradient, not its square",
        "Formula (6) takes the square of the average gradient off s: mean of the squares minus square of the mean.",
        CLASSROOM, (CENTERED_D, "d = torch.sqrt(self.s[i] - self.g_bar[i]) + self.eps"),
    ),
    wrong(
        "RMSprop", "centered_moves_along_the_difference", "centered takes the average gradient off the gradient",
        "Centering changes the denominator alone, formula (6). The numerator stays the gradient: otherwise a "
        "steady slope would not move the parameter at all.",
        CLASSROOM, ("g / d  # (7)", "(g - self.g_bar[i]) / d"),
    ),
    wrong(
        "RMSprop", "centered_without_an_average", "centered uses the newest gradient in place of its average",
        "Formula (6) needs a running average of the gradient, kept for each parameter like s is.",
        CLASSROOM, (G_BAR, "self.g_bar[i] = (1 - self.alpha) * g"),
    ),
    wrong(
        "RMSprop", "centered_is_ignored", "the argument centered changes nothing",
        "With centered=True the denominator is the standard deviation of formula (6).",
        CLASSROOM, ("if self.centered:", "if False:"),
    ),
    wrong(
        "RMSprop", "momentum_averages", "the momentum buffer averages instead of summing",
        "Formula (7) adds the whole scaled gradient to the buffer: there is no 1 - mu. That factor belongs to "
        "the averaging form of lesson 03.",
        PAPERS, (BUFFER, "self.buf[i] = self.mu * self.buf[i] + (1 - self.mu) * g / d"),
    ),
    wrong(
        "RMSprop", "momentum_before_the_division", "the buffer sums raw gradients and is divided afterwards",
        "In formula (7) each gradient is divided by its own denominator first, and then enters the buffer. "
        "The other order is the one of Adam.",
        PAPERS,
        (BUFFER, "self.buf[i] = self.mu * self.buf[i] + g"), (MOVE, "theta -= self.lr * self.buf[i] / d"),
    ),
    wrong(
        "RMSprop", "lr_inside_the_buffer", "the learning rate stands inside the momentum buffer",
        "In formula (7) lr multiplies the whole buffer. Inside it, old steps keep the old rate when a schedule "
        "changes self.lr.",
        "TensorFlow's and Graves's form",
        (BUFFER, "self.buf[i] = self.mu * self.buf[i] + self.lr * g / d"), (MOVE, "theta -= self.buf[i]"),
    ),
    wrong(
        "RMSprop", "momentum_is_ignored", "the argument momentum changes nothing",
        "Formula (7) keeps a buffer for each parameter: the momentum of lesson 03 on the scaled gradient.",
        CLASSROOM, (BUFFER, "self.buf[i] = g / d"),
    ),
    wrong(
        "RMSprop", "eps_inside_the_root", "eps stands inside the square root",
        "In formulas (4) and (6) eps is added to the root, after it was taken.",
        COURSES,
        (D, "d = torch.sqrt(self.s[i] + self.eps)"),
        (CENTERED_D, "d = torch.sqrt(self.s[i] - self.g_bar[i] ** 2 + self.eps)"),
    ),
    wrong(
        "RMSprop", "bias_correction", "s is corrected for its start at zero",
        "RMSprop has no bias correction: formula (4) uses s as it is, and the first step is long. The correction "
        "came later, with Adam.",
        PAPERS,
        (f"        {S_STATE}\n", f"        {S_STATE}\n        self.t = 0\n"),
        ("        for i, theta in", "        self.t += 1\n        for i, theta in"),
        (D, "d = torch.sqrt(self.s[i] / (1 - self.alpha**self.t)) + self.eps"),
    ),
    wrong(
        "RMSprop", "decoupled_decay", "the weight decay shrinks the parameter directly",
        "Formula (5) adds the decay to the gradient, before anything is squared. Taking it off the parameter "
        "is AdamW's way, in lesson 05.",
        PAPERS,
        (G, "theta *= 1 - self.lr * self.weight_decay\n            g = theta.grad"),
    ),
    wrong(
        "RMSprop", "decay_after_the_square", "the decay is added after the square was averaged",
        "Formula (5) comes first: the gradient with its decay is what formulas (3) to (7) call g.",
        CLASSROOM,
        (G, "g = theta.grad"), (S, f"{S}\n            g = g + self.weight_decay * theta"),
    ),
    wrong(
        "RMSprop", "decay_changes_the_gradient", "the decay is added to p.grad in place",
        "The gradient belongs to the caller, who may use it again: make a new tensor in formula (5).",
        CLASSROOM, (G, "g = theta.grad\n            g += self.weight_decay * theta"),
    ),
    wrong(
        "RMSprop", "none_counts_as_zero", "a gradient that is None is taken as zero",
        "A parameter without a gradient took no part in the loss: skip it, and leave its s, its average and its "
        "buffer alone. With a zero, s would fade and the buffer would still move the parameter.",
        CLASSROOM, (SKIP, ""), (G, "g = self.weight_decay * theta + (0.0 if theta.grad is None else theta.grad)"),
    ),
    wrong(
        "RMSprop", "one_state_for_all", "all parameters share one average",
        "Each parameter has an s of its own shape, all starting at zero.",
        CLASSROOM, (S_STATE, "self.s = [torch.zeros(())] * len(self.params)"),
        (S, "self.s = [self.alpha * self.s[i] + (1 - self.alpha) * (g**2).mean()] * len(self.params)"),
    ),
    wrong(
        "RMSprop", "moves_the_memory", "the parameter gets new memory instead of new values",
        "The model holds on to the old memory. Change the values in place, with an operator that ends in = or a "
        "method that ends in an underscore.",
        CLASSROOM, (MOVE, "theta.data = theta.data - self.lr * self.buf[i]"),
    ),
    wrong(
        "RMSprop", "only_the_name_changes", "the new value never reaches the parameter",
        "theta = theta - ... gives the name theta to a new tensor and leaves the parameter as it was. Change it in place.",
        CLASSROOM, (MOVE, "theta = theta - self.lr * self.buf[i]"),
    ),
    wrong(
        "RMSprop", "state_in_the_class", "the state belongs to the class and is shared by its instances",
        "Two optimisers must share nothing: make the state in __init__, on self.",
        CLASSROOM,
        ("class RMSprop:\n", "class RMSprop:\n    memory = {}\n\n"),
        (STATE, "\n".join(
            f'        self.{name} = self.memory.setdefault("{name}", {{}})' for name in ("s", "g_bar", "buf"))),
        (SKIP, f"{SKIP}            zeros = torch.zeros_like(theta)\n"
               "            if i not in self.s or self.s[i].shape != theta.shape:\n"
               "                self.s[i], self.g_bar[i], self.buf[i] = zeros, zeros, zeros\n"),
    ),
    wrong(
        "RMSprop", "lr_read_once", "the learning rate is read only at the start",
        "A schedule changes self.lr while training runs: read it in every step().",
        CLASSROOM,
        ("self.lr, self.alpha, self.eps = lr, alpha, eps", "self.lr, self.alpha, self.eps = lr, alpha, eps\n"
         "        self.first_lr = lr"),
        (MOVE, "theta -= self.first_lr * self.buf[i]"),
    ),
    wrong(
        "RMSprop", "generator_used_up", "the parameters are read once and are gone afterwards",
        "`params` may be a generator, and a generator can be walked through only once: keep a list of it.",
        CLASSROOM, ("self.params = list(params)", "self.params = params"),
    ),
    wrong(
        "RMSprop", "nothing_is_refused", "bad hyper-parameters are accepted",
        "The constructor should raise ValueError for the values that its docstring names.",
        CLASSROOM,
        ("if lr < 0 or eps < 0 or weight_decay < 0:", "if False:"),
        ("if not (0 <= alpha < 1 and 0 <= momentum < 1):", "if False:"),
    ),
    wrong(
        "RMSprop", "zero_grad_breaks_on_none", "zero_grad() fails where a gradient is None",
        "A parameter may have no gradient yet: zero_grad() has nothing to clear there, and goes on.",
        CLASSROOM, ("            theta.grad = None\n", "            theta.grad.zero_()\n"),
    ),
    wrong(
        "RMSprop", "starts_at_one", "s starts at 1",
        "s starts as zeros, for each parameter. Starting at 1 is TensorFlow 1's way: see the table of conventions.",
        "TensorFlow 1", (S_STATE, "self.s = [torch.ones_like(theta) for theta in self.params]"),
    ),
    wrong(
        "RMSprop", "starts_at_the_first_square", "the average starts at the first square instead of at zero",
        "Formula (3) starts from s = 0 like any other step, which makes the first step long. No special case is needed.",
        "fast.ai's course", (S, f"{S}\n            self.s[i] = self.s[i] if self.buf[i].any() else g**2"),
    ),
    wrong(
        "RMSprop", "defaults_of_keras", "the defaults are Keras's",
        "The defaults stand in the first line of the constructor; other libraries have others for the same names.",
        "Keras", ("lr=1e-2, alpha=0.99, eps=1e-8", "lr=1e-3, alpha=0.9, eps=1e-7"),
    ),
    wrong(
        "RMSprop", "eps_twice", "eps stands inside the root and beside it",
        "In formulas (4) and (6) eps appears once: it is added to the root, after it was taken.",
        COURSES,
        (D, "d = torch.sqrt(self.s[i] + self.eps) + self.eps"),
        (CENTERED_D, "d = torch.sqrt(self.s[i] - self.g_bar[i] ** 2 + self.eps) + self.eps"),
    ),
    wrong(
        "RMSprop", "eps_is_a_floor", "eps is the least denominator, instead of being added to it",
        "In formulas (4) and (6) eps is added to every root, also to one that is large.",
        CLASSROOM,
        (D, "d = torch.sqrt(self.s[i]).clamp(min=self.eps)"),
        (CENTERED_D, "d = torch.sqrt(self.s[i] - self.g_bar[i] ** 2).clamp(min=self.eps)"),
    ),
    wrong(
        "RMSprop", "centered_over_elements", "centered takes the mean over the elements of the gradient",
        "The mean of formula (6) is one over time, kept for each element, and no element sees another one.",
        CLASSROOM, (G_BAR, "self.g_bar[i] = torch.ones_like(g) * g.mean()"),
        (CENTERED_D, "d = torch.sqrt((self.s[i] - self.g_bar[i] ** 2).clamp(min=0)) + self.eps"),
    ),
    wrong(
        "RMSprop", "centered_squares_of_differences", "centered averages the squared distance from the mean",
        "Formula (6) leaves s as it is in formula (3), and takes the square of the mean off it before the root.",
        "AdaBelief (Zhuang and others 2020)",
        (S, "g_bar = self.alpha * self.g_bar[i] + (1 - self.alpha) * g\n            away = g - g_bar if self.centered else g\n"
            "            self.s[i] = self.alpha * self.s[i] + (1 - self.alpha) * away**2"),
        (CENTERED_D, "d = torch.sqrt(self.s[i]) + self.eps"),
    ),
    wrong(
        "RMSprop", "momentum_steps_ahead", "the step along the buffer is Nesterov's",
        "In formula (7) the step goes along the buffer alone. Looking ahead is formula (8) of lesson 03.",
        PAPERS, (MOVE, "theta -= self.lr * (g / d + self.mu * self.buf[i] if self.mu else self.buf[i])"),
    ),
    wrong(
        "RMSprop", "momentum_averages_gradients", "momentum averages the gradients before they are divided, as in Adam",
        "In formula (7) each gradient is divided by its own denominator first, and the buffer sums: no 1 - mu.",
        "Adam, lesson 05",
        (BUFFER, "self.buf[i] = self.mu * self.buf[i] + (1 - self.mu) * g"), (MOVE, "theta -= self.lr * self.buf[i] / d"),
    ),
    wrong(
        "RMSprop", "momentum_before_the_squares", "the buffer takes the gradient's place before it is squared",
        "Formula (3) squares the gradient of formula (5). The buffer comes last, in formula (7).",
        CLASSROOM,
        (S, f"g = self.buf[i] = self.mu * self.buf[i] + g\n            {S}"),
        (BUFFER, "g = g / d"), (MOVE, "theta -= self.lr * g"),
    ),
    wrong(
        "RMSprop", "decays_twice", "the decay acts through the gradient and on the parameter as well",
        "Formula (5) is the whole of the decay here. Taking it off the parameter besides counts it twice.",
        CLASSROOM, (G, "g = theta.grad + self.weight_decay * theta\n            theta *= 1 - self.lr * self.weight_decay"),
    ),
    wrong(
        "RMSprop", "decay_not_squared", "the decay enters the step but not the average of squares",
        "After formula (5) there is one gradient: the same g enters formulas (3), (6) and (7).",
        CLASSROOM, ("(1 - self.alpha) * g**2", "(1 - self.alpha) * theta.grad**2"), (G_BAR, G_BAR.replace("* g ", "* theta.grad ")),
    ),
    wrong(
        "RMSprop", "one_list_for_all_states", "s, the mean and the buffer are one and the same list",
        "a = b = [...] gives two names to one list. Formulas (3), (6) and (7) need a list each.",
        CLASSROOM, (STATE, "        self.s = self.g_bar = self.buf = [torch.zeros_like(theta) for theta in self.params]"),
    ),
    wrong(
        "RMSprop", "shape_of_the_first", "what is kept for each parameter has the shape of the first one",
        "Each parameter has its own s, in its own shape: make it from that parameter.",
        CLASSROOM, (STATE, STATE.replace("zeros_like(theta)", "zeros_like(self.params[0])")),
    ),
)  # fmt: skip

SETTINGS_FROM_LOG = (
    wrong(
        "settings_from_log", "lr_is_the_first_stride", "lr is taken to be the length of the first step",
        "That would be AdaGrad. s starts at zero and gets only 1 - alpha of the first square, so the first step is "
        "longer than lr: put s_1 from formula (3) into (4).",
        CLASSROOM, (FROM_FIRST_STRIDE, "lr = stride[0]"),
    ),
    wrong(
        "settings_from_log", "alpha_ignores_the_second_gradient", "alpha leaves out the square that the second step adds",
        "By formula (3) s_2 is more than alpha times s_1: it also holds 1 - alpha times the square of the second "
        "gradient.",
        CLASSROOM, (FROM_TWO_STEPS, "alpha = scaled[1] / scaled[0]"),
    ),
    wrong(
        "settings_from_log", "no_squares", "the sizes are compared without being squared",
        "Formula (4) holds the root of s, and formula (3) is about s itself: square what you read from the log.",
        CLASSROOM, ("scaled = (grads[:2, 0] / stride) ** 2", "scaled = np.abs(grads[:2, 0] / stride)"),
        ("(grads[1, 0] / grads[0, 0]) ** 2", "np.abs(grads[1, 0] / grads[0, 0])"),
    ),
    wrong(
        "settings_from_log", "weights_swapped", "1 - alpha is returned in place of alpha",
        "In formula (3) alpha weights what is remembered, and 1 - alpha weights what is new.",
        "frameworks that give the weight of the new value",
        (RETURN, "return lr, 1 - alpha"),
    ),
    wrong(
        "settings_from_log", "wrong_order", "alpha and lr come back in each other's place",
        "The docstring asks for (lr, alpha), in this order.",
        CLASSROOM, (RETURN, "return alpha, lr"),
    ),
    wrong(
        "settings_from_log", "negative_rate", "lr has the sign of the first step",
        "A step goes against its gradient, so the log can hold either sign. A rate is positive: compare lengths.",
        CLASSROOM, ("stride = np.abs(np.diff(theta[:3, 0]))", "stride = np.diff(theta[:3, 0])"),
    ),
    wrong(
        "settings_from_log", "root_of_alpha", "lr uses the root of alpha, not of 1 - alpha",
        "By formula (3) s_1 is 1 - alpha times the square of the first gradient.",
        CLASSROOM, (FROM_FIRST_STRIDE, "lr = stride[0] * np.sqrt(alpha)"),
    ),
    wrong(
        "settings_from_log", "one_for_each_parameter", "there is one lr and one alpha for each parameter",
        "All parameters of a run share lr and alpha: return one number each.",
        CLASSROOM,
        ("theta[:3, 0]", "theta[:3], axis=0"), ("grads[:2, 0] / stride", "grads[:2] / stride"),
        ("(grads[1, 0] / grads[0, 0])", "(grads[1] / grads[0])"),
    ),
    wrong(
        "settings_from_log", "averages_the_parameters", "the parameters are averaged before anything is computed",
        "Formulas (3) and (4) hold element by element. They do not hold for the mean of several parameters: take one of them.",
        CLASSROOM,
        ("theta[:3, 0]", "theta[:3].mean(axis=1)"), ("grads[:2, 0] / stride", "grads[:2].mean(axis=1) / stride"),
        ("(grads[1, 0] / grads[0, 0])", "(grads[1].mean() / grads[0].mean())"),
    ),
    wrong(
        "settings_from_log", "only_two_steps", "a log of more than two steps is refused",
        "T is at least 2: a longer log holds more than you need.",
        CLASSROOM, ("    stride = np.abs", "    first, second = grads[:, 0]\n    stride = np.abs"),
    ),
    wrong(
        "settings_from_log", "alpha_is_taken_as_given", "alpha is taken to be its default",
        "Nobody remembers alpha. The first step says something about lr and alpha together, the second one the rest.",
        CLASSROOM, (FROM_TWO_STEPS, "alpha = 0.99"),
    ),
    wrong(
        "settings_from_log", "corrected_squares", "s is taken to be corrected for its start at zero",
        "RMSprop has no correction: s_1 in formula (3) is 1 - alpha times the first square, and the first step is long.",
        "Adam, lesson 05",
        (FROM_TWO_STEPS, "ratio, newer = scaled[1] / scaled[0], (grads[1, 0] / grads[0, 0]) ** 2\n    alpha = (ratio - newer) / (1 - ratio)"),
        (FROM_FIRST_STRIDE, "lr = stride[0]"),
    ),
    wrong(
        "settings_from_log", "sums_of_squares", "s is taken to be AdaGrad's sum",
        "Formula (3) averages: the old s is weighted with alpha, and the new square with 1 - alpha, in both steps.",
        PAPERS,
        (FROM_TWO_STEPS, "alpha = (scaled[1] / scaled[0]) / (1 + (grads[1, 0] / grads[0, 0]) ** 2)"), (FROM_FIRST_STRIDE, "lr = stride[0]"),
    ),
    wrong(
        "settings_from_log", "squares_the_log", "the gradients of the log are squared in place",
        "The caller's log must stay as it is: an in-place operator on an argument writes into the caller's memory.",
        CLASSROOM,
        ("scaled = (grads[:2, 0] / stride) ** 2", "grads **= 2\n    scaled = grads[:2, 0] / stride**2"),
        ("(grads[1, 0] / grads[0, 0]) ** 2", "grads[1, 0] / grads[0, 0]"),
    ),
)  # fmt: skip

SHARED = (
    *update_traps(UpdateText("adagrad_update", "acc = acc + grad**2  # (1)", ("theta", "acc"), fades=False)),
    *update_traps(UpdateText("rmsprop_update", RMSPROP_AVERAGE, ("theta", "s"))),
    *class_traps(
        ClassText(
            "RMSprop",
            refusals=(
                'raise ValueError("lr, eps and weight_decay must not be negative.")',
                'raise ValueError("alpha and momentum must be at least 0 and less than 1.")',
            ),
            state=tuple(STATE.strip().split("\n        ")),
            coasts=False,
        )
    ),
)

MISCONCEPTIONS = (*ADAGRAD_UPDATE, *RMSPROP_UPDATE, *RMSPROP, *SETTINGS_FROM_LOG, *SHARED)
