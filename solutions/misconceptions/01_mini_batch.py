"""Known mistakes of lesson 01: how the answers of its exercises are got wrong, with a hint for each."""

from autograder.catalogue import wrong
from autograder.catalogue.optimisers import ClassText, class_traps

NOTES = "course notes on mini-batch gradient descent, their usual questions"
FORUM = "questions on forums and code reviews"
ERROR = "slips of sign, index and factor"

SGD = ClassText(
    "SGD",
    walk="        for theta in self.params:\n",
    refusals=('raise ValueError("lr and weight_decay must not be negative.")',),
)

MISCONCEPTIONS = (
    # minibatch_indices
    wrong(
        "minibatch_indices",
        "last_batch_lost",
        "the short last batch is always left out",
        (
            "Formula (1) counts the batches with the ceiling of n / m: the rows that are left over make "
            "one more."
        ),
        NOTES,
        ("for start in range(0, n, batch_size)]", "for start in range(0, n - batch_size + 1, batch_size)]"),
    ),
    wrong(
        "minibatch_indices",
        "drop_last_ignored",
        "drop_last has no effect",
        "With drop_last the number of batches in formula (1) is rounded down instead of up.",
        NOTES,
        ("if drop_last and n % batch_size != 0:", "if False:"),
    ),
    wrong(
        "minibatch_indices",
        "drops_a_full_batch",
        "drop_last leaves out the last batch even where it is full",
        "drop_last is about a batch that is shorter than batch_size. Where n is a multiple of it, none is.",
        FORUM,
        ("if drop_last and n % batch_size != 0:", "if drop_last and batches:"),
    ),
    wrong(
        "minibatch_indices",
        "rng_ignored",
        "the rows stay in order although there is an rng",
        "With an rng the order in formula (1) is a permutation of the rows, drawn from that rng.",
        NOTES,
        ("order = np.arange(n) if rng is None else rng.permutation(n)", "order = np.arange(n)"),
    ),
    wrong(
        "minibatch_indices",
        "another_generator",
        "the rows are shuffled by another generator than the one that is handed in",
        (
            "The order is the next permutation that rng draws. A generator made in here deals the same "
            "order every time."
        ),
        FORUM,
        ("else rng.permutation(n)", "else np.random.default_rng(0).permutation(n)"),
    ),
    wrong(
        "minibatch_indices",
        "empty_last_batch",
        "an empty batch follows where the rows come out even",
        (
            "Formula (1) counts the batches with the ceiling of n / m: where m divides n, nothing is left"
            " for one more."
        ),
        NOTES,
        ("range(0, n, batch_size)", "range(0, n + 1, batch_size)"),
    ),
    wrong(
        "minibatch_indices",
        "batches_shuffled_not_rows",
        "whole batches are shuffled, and the same rows always stay together",
        "Shuffle the rows first and cut afterwards: in formula (1) the permutation is inside the batches.",
        FORUM,
        ("order = np.arange(n) if rng is None else rng.permutation(n)", "order = np.arange(n)"),
        (
            "    return batches",
            "    return batches if rng is None else [batches[k] for k in rng.permutation(len(batches))]",
        ),
    ),
    wrong(
        "minibatch_indices",
        "new_order_for_every_batch",
        "each batch is cut from an order of its own, so that some rows come twice and some never",
        "Draw the permutation once a call. All batches of an epoch are cut from that one order.",
        FORUM,
        (
            "[order[start : start + batch_size] for start",
            "[(order if rng is None else rng.permutation(n))[start : start + batch_size] for start",
        ),
    ),
    wrong(
        "minibatch_indices",
        "with_replacement",
        "rows are drawn with replacement, so that some come twice in an epoch and some never",
        "An epoch sees every row once: take rng.permutation(n), as the docstring says.",
        FORUM,
        ("else rng.permutation(n)", "else rng.integers(n, size=n)"),
    ),
    wrong(
        "minibatch_indices",
        "number_of_batches",
        "batch_size is taken for the number of batches",
        "batch_size counts the rows in one batch. How many batches that makes is in formula (1).",
        FORUM,
        (
            "batches = [order[start : start + batch_size] for start in range(0, n, batch_size)]",
            "batches = [] if n == 0 else np.array_split(order, batch_size)",
        ),
    ),
    wrong(
        "minibatch_indices",
        "one_row_too_few",
        "each batch ends one row too early",
        "A slice leaves out its end. Compare the two ends of the slice with formula (1).",
        ERROR,
        ("order[start : start + batch_size]", "order[start : start + batch_size - 1]"),
    ),
    # mse_gradient
    wrong(
        "mse_gradient",
        "factor_two_missing",
        "the factor 2 of the squared error's derivative is missing",
        "Formula (2) has no 1/2 in front of the squares, so the 2 stays in formulas (3) and (4).",
        "courses whose loss is 1 / (2m) times the sum of squares",
        ("dw = 2 / m *", "dw = 1 / m *"),
        ("db = 2 / m *", "db = 1 / m *"),
    ),
    wrong(
        "mse_gradient",
        "sum_instead_of_mean",
        "the errors are summed and not averaged over the batch",
        "Formula (2) is a mean over the batch: formulas (3) and (4) divide by m.",
        NOTES,
        ("dw = 2 / m *", "dw = 2 *"),
        ("db = 2 / m *", "db = 2 *"),
    ),
    wrong(
        "mse_gradient",
        "sign_of_error",
        "the error has the wrong sign, so that it points downhill",
        "The error in formulas (3) and (4) is the prediction minus the target.",
        ERROR,
        ("error = X @ w + b - y", "error = y - X @ w - b"),
    ),
    wrong(
        "mse_gradient",
        "bias_regularised",
        "the L2 term is added to db as well",
        "Only w stands in the L2 term of formula (2), so that formula (4) has no l2.",
        NOTES,
        ("db = 2 / m * error.sum()", "db = 2 / m * error.sum() + l2 / m * b"),
    ),
    wrong(
        "mse_gradient",
        "l2_not_divided",
        "the L2 term is not divided by the size of the batch",
        "Look at the denominator of the second term of formula (3).",
        FORUM,
        ("+ l2 / m * w", "+ l2 * w"),
    ),
    wrong(
        "mse_gradient",
        "l2_doubled",
        "the L2 term is twice too large",
        "The 2 of the derivative and the 2 below the L2 term in formula (2) cancel.",
        ERROR,
        ("+ l2 / m * w", "+ 2 * l2 / m * w"),
    ),
    wrong(
        "mse_gradient",
        "l2_missing",
        "the L2 term is missing",
        "Formula (3) has two terms; the second holds l2.",
        ERROR,
        (" + l2 / m * w", ""),
    ),
    wrong(
        "mse_gradient",
        "divides_by_features",
        "m is taken for the number of columns",
        "m in formulas (3) and (4) counts the rows of the batch, its examples.",
        ERROR,
        ("m = len(y)", "m = X.shape[1]"),
    ),
    # SGD
    wrong(
        "SGD",
        "uphill",
        "the parameters move along the gradient, uphill",
        "Look at the sign in front of lr in formula (7).",
        ERROR,
        ("theta -= self.lr", "theta += self.lr"),
    ),
    wrong(
        "SGD",
        "decay_missing",
        "the weight decay is missing",
        "Formula (7) adds something to the gradient g before it multiplies by lr.",
        ERROR,
        ("(g + self.weight_decay * theta)", "g"),
    ),
    wrong(
        "SGD",
        "decay_sign",
        "the weight decay lets the weights grow",
        "In formula (7) the decay has the sign of the gradient: both are taken off theta.",
        ERROR,
        ("g + self.weight_decay", "g - self.weight_decay"),
    ),
    wrong(
        "SGD",
        "decay_without_lr",
        "the weight decay is not multiplied by lr",
        "In formula (7) lr stands before the bracket: it scales the decay and the gradient alike.",
        "libraries that decay by a factor of its own",
        ("self.lr * (g + self.weight_decay * theta)", "self.lr * g + self.weight_decay * theta"),
    ),
    wrong(
        "SGD",
        "decay_after_step",
        "the weight decay uses the parameter after the step",
        "Both terms in the bracket of formula (7) belong to theta as it was before the step.",
        FORUM,
        ("(g + self.weight_decay * theta)", "g"),
        ("# (7)", "\n            theta -= self.lr * self.weight_decay * theta"),
    ),
    wrong(
        "SGD",
        "decay_into_grad",
        "the weight decay is added to .grad itself",
        "step() leaves every .grad as it is. Make the bracket of formula (7) a tensor of its own.",
        FORUM,
        ("g = theta.grad\n", "g = theta.grad.add_(self.weight_decay * theta)\n"),
        ("(g + self.weight_decay * theta)", "g"),
    ),
    wrong(
        "SGD",
        "new_memory",
        "step() gives each parameter new memory and does not update it in place",
        "Who looked at the old memory does not see the step: change the values inside the tensor.",
        FORUM,
        ("theta -= self.lr", "theta.data = theta.data - self.lr"),
    ),
    wrong(
        "SGD",
        "none_not_skipped",
        "a parameter whose gradient is None is not skipped",
        "A parameter that took no part in the loss has no gradient: leave it out of formula (7).",
        FORUM,
        ("if theta.grad is None:", "if False:"),
    ),
    wrong(
        "SGD",
        "generator_used_up",
        "the parameters are not kept, and a generator is empty after its first use",
        "model.parameters() is a generator: it can be gone through once. Keep what it gives in a list.",
        FORUM,
        ("self.params = list(params)", "self.params = params"),
    ),
    wrong(
        "SGD",
        "lr_fixed_at_start",
        "the learning rate is kept from the start and self.lr is not read",
        "A schedule changes self.lr from outside: read it in every step.",
        FORUM,
        ("self.lr = lr", "self.lr = self.start = lr"),
        ("theta -= self.lr", "theta -= self.start"),
    ),
    wrong(
        "SGD",
        "parameters_shared",
        "all instances share one list of parameters",
        "What is written in the class and not in __init__ belongs to all instances together.",
        FORUM,
        ("    def __init__(self", "    params = []\n\n    def __init__(self"),
        ("self.params = list(params)", "self.params.extend(params)"),
    ),
    wrong(
        "SGD",
        "zero_grad_forgot_none",
        "zero_grad() fails where a gradient is None",
        "A parameter without a gradient has nothing to clear.",
        ERROR,
        ("            theta.grad = None\n", "            theta.grad.zero_()\n"),
    ),
    wrong(
        "SGD",
        "no_validation",
        "bad hyper-parameters are accepted",
        "A negative lr or weight_decay raises ValueError; the docstring of the class says which.",
        ERROR,
        ("if lr < 0 or weight_decay < 0:", "if False:"),
    ),
    *class_traps(SGD),
    # fit_linear
    wrong(
        "fit_linear",
        "one_order_for_all_epochs",
        "every epoch goes through the rows in the same order",
        "Deal the rows anew at the start of every epoch: the rng goes on by itself.",
        NOTES,
        (
            "    for _ in range(epochs):\n        for rows in minibatch_indices(len(y), batch_size, rng):",
            (
                "    batches = minibatch_indices(len(y), batch_size, rng)\n    for _ in range(epochs):\n"
                "        for rows in batches:"
            ),
        ),
    ),
    wrong(
        "fit_linear",
        "rows_not_shuffled",
        "the rows are never shuffled",
        "minibatch_indices keeps the order of the rows where it gets no rng.",
        NOTES,
        ("minibatch_indices(len(y), batch_size, rng)", "minibatch_indices(len(y), batch_size)"),
    ),
    wrong(
        "fit_linear",
        "one_epoch_too_few",
        "there is one epoch less than was asked for",
        "epochs says how often to go through all the rows; for 1 that is once.",
        ERROR,
        ("in range(epochs)", "in range(1, epochs)"),
    ),
    wrong(
        "fit_linear",
        "one_epoch_too_many",
        "there is one epoch more than was asked for",
        "epochs says how often to go through all the rows; for 1 that is once.",
        ERROR,
        ("in range(epochs)", "in range(epochs + 1)"),
    ),
    wrong(
        "fit_linear",
        "last_batch_dropped",
        "the short last batch is not used",
        "An epoch makes as many updates as formula (1) counts batches without drop_last.",
        NOTES,
        (
            "minibatch_indices(len(y), batch_size, rng)",
            "minibatch_indices(len(y), batch_size, rng, drop_last=True)",
        ),
    ),
    wrong(
        "fit_linear",
        "loss_after_update",
        "each loss is the one after its update",
        "Write the loss down before w and b move: it is what the gradient of this update is taken of.",
        FORUM,
        ("            losses.append(np.mean((X[rows] @ w + b - y[rows]) ** 2))  # (2)\n", ""),
        (
            "            b = b - lr * db  # (5)\n",
            (
                "            b = b - lr * db  # (5)\n            losses.append(np.mean((X[rows] @ w + b -"
                " y[rows]) ** 2))\n"
            ),
        ),
    ),
    wrong(
        "fit_linear",
        "one_loss_an_epoch",
        "there is one loss for each epoch and not one for each update",
        "An epoch makes several updates, formula (1), and each of them has its loss.",
        NOTES,
        (
            "            losses.append(np.mean((X[rows] @ w + b - y[rows]) ** 2))  # (2)\n",
            "            loss = np.mean((X[rows] @ w + b - y[rows]) ** 2)\n",
        ),
        (
            "            b = b - lr * db  # (5)\n",
            "            b = b - lr * db  # (5)\n        losses.append(loss)\n",
        ),
    ),
    wrong(
        "fit_linear",
        "loss_of_all_rows",
        "each loss is taken over all the rows and not over the mini-batch",
        "The loss in the list is the mini-batch's own: formula (2) with its m rows.",
        NOTES,
        ("np.mean((X[rows] @ w + b - y[rows]) ** 2)", "np.mean((X @ w + b - y) ** 2)"),
    ),
    wrong(
        "fit_linear",
        "gradient_of_all_rows",
        "each update uses the gradient over all the rows",
        "That is batch gradient descent, many times an epoch. The gradient is the mini-batch's own.",
        FORUM,
        ("mse_gradient(X[rows], y[rows], w, b)", "mse_gradient(X, y, w, b)"),
    ),
    wrong(
        "fit_linear",
        "bias_left_out",
        "b stays at zero",
        "Formula (5) has two lines; the second one moves b.",
        ERROR,
        ("            b = b - lr * db  # (5)\n", ""),
    ),
    wrong(
        "fit_linear",
        "bias_sees_the_new_weights",
        "the step of b is computed with w after its step",
        "Both gradients in formula (5) belong to w and b as they were before the update.",
        ERROR,
        (
            "            b = b - lr * db  # (5)\n",
            "            dw, db = mse_gradient(X[rows], y[rows], w, b)\n            b = b - lr * db  # (5)\n",
        ),
    ),
    wrong(
        "fit_linear",
        "uphill",
        "w and b move along the gradient, uphill",
        "Look at the signs in formula (5).",
        ERROR,
        ("w = w - lr * dw", "w = w + lr * dw"),
        ("b = b - lr * db", "b = b + lr * db"),
    ),
    # accumulated_step
    wrong(
        "accumulated_step",
        "mean_of_the_pieces",
        "every piece counts alike, however many rows it has",
        (
            "Try pieces of 2 rows and of 1 row by hand: what does each row weigh in the whole batch, and "
            "what in yours?"
        ),
        "libraries that accumulate gradients",
        ("loss = loss_fn(model(X), y) * (len(y) / rows)", "loss = loss_fn(model(X), y) / len(pieces)"),
    ),
    wrong(
        "accumulated_step",
        "sum_of_the_pieces",
        "the gradients of the pieces are added up, with no weights",
        "Two pieces that are alike should give the gradient of one of them, and not twice as much.",
        FORUM,
        (" * (len(y) / rows)", ""),
    ),
    wrong(
        "accumulated_step",
        "weighed_by_the_first",
        "each piece is weighed as if all were as long as the first",
        "Count the rows of every piece: the last one may be shorter.",
        FORUM,
        ("rows = sum(len(y) for _, y in pieces)", "rows = len(pieces[0][1]) * len(pieces)"),
    ),
    wrong(
        "accumulated_step",
        "rows_summed",
        "the rows are summed, and not averaged",
        "The loss of the whole batch is a mean over all of its rows. What is still to be divided by?",
        ERROR,
        ("len(y) / rows", "len(y)"),
    ),
    wrong(
        "accumulated_step",
        "cleared_for_every_piece",
        "the gradients are cleared for every piece, so that the last one alone is left",
        "What backward() adds up has to last until the step.",
        NOTES,
        ("    optimizer.zero_grad()\n", ""),
        ("        loss.backward()", "        optimizer.zero_grad()\n        loss.backward()"),
    ),
    wrong(
        "accumulated_step",
        "a_step_for_every_piece",
        "every piece makes a step of its own",
        "The later pieces would meet other parameters than the first. The whole batch makes one step.",
        NOTES,
        (
            "        total += loss.item()\n    optimizer.step()",
            "        total += loss.item()\n        optimizer.step()",
        ),
    ),
    wrong(
        "accumulated_step",
        "old_gradients_kept",
        "old gradients are not cleared",
        "backward() adds to what is there already, also from the batch before.",
        FORUM,
        ("    optimizer.zero_grad()\n", ""),
    ),
    wrong(
        "accumulated_step",
        "pieces_joined",
        "the pieces are put together and go through the model at once",
        "The whole batch does not fit into memory: the model may see one piece at a time.",
        ERROR,
        (
            "    for X, y in pieces:\n",
            "    pieces = [tuple(torch.cat(parts) for parts in zip(*pieces))]\n    for X, y in pieces:\n",
        ),
    ),
    wrong(
        "accumulated_step",
        "loss_of_the_last_piece",
        "the loss of the last piece is returned",
        "The number to return is the mean over all rows of the batch.",
        FORUM,
        ("total += loss.item()", "total = loss.item() * rows / len(y)"),
    ),
    wrong(
        "accumulated_step",
        "mean_of_the_losses",
        "the loss returned is the mean of the pieces' losses, however many rows they have",
        "The number to return is the mean over all rows of the batch: what does each piece weigh in it?",
        FORUM,
        ("total += loss.item()", "total += loss.item() * rows / len(y) / len(pieces)"),
    ),
    wrong(
        "accumulated_step",
        "loss_as_a_tensor",
        "the loss is returned as a tensor, with the graph of every piece",
        (
            "Kept as a tensor, each loss keeps all that its piece computed: the memory that you wanted to"
            " save. Return a number."
        ),
        FORUM,
        ("total += loss.item()", "total = total + loss"),
    ),
    wrong(
        "minibatch_indices",
        "empty_last_batch_kept",
        "an empty batch follows where the rows come out even, unless drop_last",
        "Formula (1) counts the batches with the ceiling of n / m: where m divides n, nothing is left for one more.",
        NOTES,
        ("range(0, n, batch_size)", "range(0, n + 1, batch_size)"),
        ("if drop_last and n % batch_size != 0:", "if drop_last:"),
    ),
)
