# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 16 Recipes
#
# Every lesson so far gave you one tool. A training run is all of them together, in an order, with numbers that fit each other. Here you build what is still missing, and then put your own pieces together.
#
# *About 85 minutes, 10 points. It builds on lesson 07 (clipping); the recipes use what you wrote in lessons 03 to 12.*

# %% [markdown]
# ## The problem
#
# A Transformer with four layers reads each digit as eight tokens, the rows of the image. Its layers normalise *after* the residual sum, as the first Transformer did. It trains for 100 updates of 16 digits with AdamW, from a rate of 0.02 down along a cosine. Four runs: as it is, with clipping at norm 1, with 50 of the updates as warm-up, and with both.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
from functools import partial

import numpy as np
import torch
from torch import nn

from course import check, predict, quiz
from course.figures import lesson_16 as figures
from course.figures import lesson_16_networks as networks
from course.figures import lesson_16_pieces, lesson_16_recipes
from course.figures import lesson_16_runs as runs

# %% [markdown]
# **Predict.** The run as it is fails. Which of the two, by itself, adds more than 10 points to the share of test digits that are right, in the median of five seeds: "clipping", "warm-up" or "neither"?

# %%
predict("what_saves_it", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "at_first", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.at_first()

# %% [markdown]
# <details>
# <summary>What to see</summary>
# <p>
# As it is, the network is little better than guessing: 13%. Clipping shortens gradients, but AdamW divides by their size anyway: 19%. Warm-up keeps the steps themselves short while AdamW's averages have seen little: 52%, and with clipping 57%.
# </p>
# <p>
# A smaller rate is another way out. Of 0.005, 0.01 and 0.02, each at its best, clipping without warm-up reads 51% and both together 58%. So a piece is worth what it adds at its rival's best rate, and no more. You will see it for all recipes below.
# </p>
# </details>

# %% [markdown]
# ## At the end you can
#
# - soften labels, and say what that does to the loss and to its gradient;
# - mix the rows of a batch and their labels, so that a small training set goes further;
# - tell which parameters should decay, and stop training at the right time with the right weights;
# - put clipping, accumulation, an optimiser and a schedule into one step, in the order that is right.
#
# You build it from scratch: PyTorch's own optimisers, normalisation and cross-entropy, and pandas' exponential averages, are not available to your answers, neither in the check nor in grading. `torch.nn.utils` is, with its clipping.

# %% [markdown]
# ## The idea
#
# A recipe is a default that has survived. It says for a kind of network which pieces go together:
#
# | network | keeps signals in size | optimiser | rate | guard |
# |---|---|---|---|---|
# | CNN | batch norm (08) | momentum (03) | cosine (06) | augmentation |
# | RNN | orthogonal start | Adam (05) | step decay (06) | clipping (07) |
# | Transformer | layer norm (12) | AdamW (05) | warm-up, cosine (09) | clipping (07) |
# | CNN, then Transformer | both, each in its part | AdamW | warm-up, cosine | clipping |

# %% [markdown]
# An orthogonal matrix leaves the length of what it multiplies as it is, however often (Saxe and others, 2014): a good start for what is multiplied by itself at every time step.
#
# The last row's order has a reason: convolutions see what is near, and cheaply; attention then relates what is far (Xiao and others, 2021).
#
# The recipe makes training work. To work on *new* digits is a second matter, with tools of its own. They come first.

# %% [markdown]
# ## Labels that leave room for doubt
#
# Cross-entropy with a hard label is never content: a loss of 0 takes an infinite logit. *Label smoothing* (Szegedy and others, 2016) spreads a part $\varepsilon$ of the label evenly over all $K$ classes. For a row with the label $y$ the target is
#
# $$q_k = \frac{\varepsilon}{K} + (1 - \varepsilon)\,[k = y] \tag{1}$$
#
# where $[k = y]$ is 1 for the label and 0 elsewhere.

# %% [markdown]
# The loss is the mean over $m$ rows of the cross-entropy with $q$:
#
# $$L = -\frac1m \sum_{i=1}^{m} \sum_{k=1}^{K} q_{ik} \log p_{ik} \tag{2}$$
#
# With logits $z$ of up to 1000 in size, $\log p$ needs care. With $c = \max_k z_k$ of the row,
#
# $$\log p_k = z_k - c - \log \sum_j e^{z_j - c} \tag{3}$$
#
# The gradient of $L$ in the logits has the form that you know: the prediction minus the target, as a mean,
#
# $$\frac{\partial L}{\partial z_{ik}} = \frac{p_{ik} - q_{ik}}{m} \tag{4}$$

# %% [markdown]
# **By hand:** two classes, logits $(\log 3, 0)$, so $p = (0.75, 0.25)$; the label is class 0 and $\varepsilon = 0.2$. Then $q = (0.9, 0.1)$, and $L = -0.9 \log 0.75 - 0.1 \log 0.25 = 0.3975$. The gradient is $(-0.15, 0.15)$.
#
# The gradient is zero at $p = q$, which finite logits reach. Beyond it the loss *rises* again: the label's probability should be 0.9, and not more.
#
# ## Exercise 1: label smoothing
#
# *2 points · difficulty 2 of 5 · about 10 minutes*


# %% nbgrader={"grade": false, "grade_id": "label_smoothing_cross_entropy", "locked": false, "schema_version": 3, "solution": true, "task": false}
def label_smoothing_cross_entropy(logits, labels, smoothing=0.1):
    """Cross-entropy with soft labels and its gradient: formulas (1) to (4).

    Args:
        logits: float64, shape (m, K), up to 1000 in size.
        labels: integers from 0 to K - 1, shape (m,).
        smoothing: epsilon, from 0 to 1, both included.

    Returns:
        (loss, grad): a float, the mean over rows, and its gradient in the logits, shape (m, K).
        The arguments stay unchanged.
    """
    ### BEGIN SOLUTION
    m, classes = logits.shape
    target = np.full((m, classes), smoothing / classes)
    target[np.arange(m), labels] += 1 - smoothing  # (1)
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))  # (3)
    loss = -(target * log_p).sum(axis=1).mean()  # (2)
    grad = (np.exp(log_p) - target) / m  # (4)
    return float(loss), grad
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_label_smoothing_cross_entropy", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("label_smoothing_cross_entropy", label_smoothing_cross_entropy)

# %% [markdown]
# ### Experiment: how sure is sure enough?
#
# One row of ten classes: the label's logit is a *gap* above the other nine, which are equal. The figures draw your loss against the gap.
#
# **Predict.** With $\varepsilon = 0.1$, at which gap is the loss lowest? By (1) you can work it out: there $p = q$.

# %%
predict("gap_at_a_tenth", ...)

# %% [markdown]
# **Goal:** find the smoothing that wants a gap of 3.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "room_for_doubt", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.room_for_doubt(label_smoothing_cross_entropy)

# %% [markdown]
# The next figure says the same without sliders.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "rooms_for_doubt", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.rooms_for_doubt(label_smoothing_cross_entropy)

# %% [markdown]
# <details>
# <summary>Explain: where does the number come from?</summary>
# <p>
# By (1) the label's target is 0.91 and each other one's 0.01. At p = q the ratio of two probabilities is e to the gap, so the gap is log 91 = 4.51. Without smoothing the ratio is infinite: there is always something to gain from larger weights.
# </p>
# </details>

# %% [markdown]
# ## Rows that are mixed
#
# *Mixup* (Zhang and others, 2018) makes new rows from old ones. One weight $\lambda$ is drawn for the batch, from a Beta distribution with both parameters $\alpha$: near 0 or 1 for a small $\alpha$, near one half for a large one. Then a permutation $\pi$ of the rows is drawn, and
#
# $$\tilde X_i = \lambda X_i + (1 - \lambda) X_{\pi(i)} \tag{5}$$
#
# $$\tilde Y_i = \lambda Y_i + (1 - \lambda) Y_{\pi(i)} \tag{6}$$
#
# where $Y_i$ is 1 at the label of row $i$ and 0 elsewhere. Inputs alone would teach a wrong label: half a 3 is no whole 3.

# %% [markdown]
# **By hand:** rows 2 and 6 with labels 0 and 1, $\lambda = 0.75$, $\pi$ exchanges them: $\tilde X = (3, 5)$, and the targets are $(0.75, 0.25)$ and $(0.25, 0.75)$.
#
# ## Exercise 2: mixup
#
# *1 point · difficulty 1 of 5 · about 8 minutes*


# %% nbgrader={"grade": false, "grade_id": "mixup", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mixup(X, labels, classes, alpha, rng):
    """Rows and targets, each mixed with another of its batch: formulas (5) and (6).

    Args:
        X: float64, shape (m, ...): m rows of any shape, also ().
        labels: integers from 0 to classes - 1, shape (m,).
        classes: how many classes there are.
        alpha: a positive number.
        rng: a np.random.Generator. It is asked first for rng.beta(alpha, alpha), which is the
            weight of the row itself, then for rng.permutation(m).

    Returns:
        (X_mix, Y_mix), new float64 arrays in the shape of X and of shape (m, classes). The
        arguments stay unchanged.
    """
    ### BEGIN SOLUTION
    lam = rng.beta(alpha, alpha)
    order = rng.permutation(len(X))
    Y = np.eye(classes)[labels]
    X_mix = lam * X + (1 - lam) * X[order]  # (5)
    Y_mix = lam * Y + (1 - lam) * Y[order]  # (6)
    return X_mix, Y_mix
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_mixup", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("mixup", mixup)

# %% [markdown]
# ### Experiment: eight digits, mixed
#
# The digits 0 to 7 as one batch, mixed by your function. Below each stands its target.
#
# **Predict.** Zhang and others recommend $\alpha$ from 0.1 to 0.4 on ImageNet. With $\alpha = 0.2$, in what percentage of batches does one of the two rows have a weight above 0.9?

# %%
predict("nearly_pure", ...)

# %% [markdown]
# **Goal:** find a setting in which no row is more than 60% of anything, and no digit stays alone.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "mixed_digits", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.mixed_digits(mixup)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "weights_drawn", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.weights_drawn(mixup)

# %% [markdown]
# ## What should decay
#
# Weight decay pulls parameters towards 0. For a matrix of weights that is what you want: smaller weights make a smoother function. For a bias it does no such thing, and for the scale of a norm layer, whose start is 1, it undoes what the layer is there for. The rule that has survived goes by *dimensions*, not by names: what has two or more decays; vectors and single numbers do not.
#
# An optimiser takes *param groups* for that: dicts with `"params"` and settings of their own. A setting that a group leaves out is the optimiser's default, and `torch.optim.AdamW` decays by 0.01 by default. So say 0.0 where you mean none.

# %% [markdown]
# Two traps. A frozen parameter has no business in an optimiser. And a model may hold one tensor under two names, as a language model does with its first and its last matrix: twice in the groups, PyTorch refuses it.
#
# ## Exercise 3: param groups
#
# *2 points · difficulty 2 of 5 · about 8 minutes*


# %% nbgrader={"grade": false, "grade_id": "param_groups", "locked": false, "schema_version": 3, "solution": true, "task": false}
def param_groups(model, weight_decay):
    """The model's parameters in two groups: what decays, and what does not.

    Args:
        model: a torch.nn.Module, its parameters of any shape, also (), under any names. Some
            may be frozen (requires_grad is False), some may be held under two names.
        weight_decay: a number, 0 or more.

    Returns:
        [decay, no_decay], two dicts with the names "params", a list of parameters, and
        "weight_decay", a number. The first has all parameters of two or more dimensions and
        the given decay; the second the rest, and 0.0. Frozen parameters are in neither, each
        other one is in one of them, once. A group without parameters stays, with an empty list.
        The model stays as it is.
    """
    ### BEGIN SOLUTION
    decay, no_decay = [], []
    for param in model.parameters():
        if param.requires_grad:
            group = decay if param.ndim >= 2 else no_decay
            group.append(param)
    return [
        {"params": decay, "weight_decay": weight_decay},
        {"params": no_decay, "weight_decay": 0.0},
    ]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_param_groups", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("param_groups", param_groups)

# %% [markdown]
# ### Experiment: what is left out?
#
# The rule leaves out every bias and every norm layer's scale and shift: in a Transformer more than half of the *tensors*.
#
# **Predict.** What percentage of the Transformer's *numbers* decays?

# %%
predict("numbers_that_decay", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "decaying", "locked": true, "schema_version": 3, "solution": false, "task": false}
models = {
    "CNN": networks.Convolutional(nn.BatchNorm1d),
    "RNN": networks.Recurrent(),
    "Transformer": networks.Transformer(nn.LayerNorm, layers=4, width=16),
}
figures.decaying(models, param_groups)

# %% [markdown]
# ## When to stop
#
# A network with enough weights goes on improving on its training rows after it has stopped improving on others. *Early stopping* looks at a validation metric, the smaller the better, and counts. A metric $m$ is better than the best one so far when
#
# $$m < m_{best} - \delta \tag{7}$$
#
# with $\delta$ the smallest gain that counts, `min_delta`. NaN is never better. At the border it is not better either.
#
# After `patience` calls running that were no better, it is time to stop. By then the model is that of `patience` calls too late: so the best one is kept, and brought back by `restore`.

# %% [markdown]
# **By hand:** patience 2, $\delta = 0.25$. The metrics 1, 0.75, 0.5, 0.5, 0.375: the second is not better (0.75 is the border), the third is, the last two are not. The fifth call returns True, and best is 0.5.
#
# ## Exercise 4: early stopping
#
# *3 points · difficulty 3 of 5 · about 15 minutes*
#
# What is kept is a *copy*, of weights and of buffers: the running means of a batch norm belong to the model as much as its weights do.


# %% nbgrader={"grade": false, "grade_id": "EarlyStopping", "locked": false, "schema_version": 3, "solution": true, "task": false}
class EarlyStopping:
    """Says when to stop, and keeps the best model: formula (7).

    Two instances share nothing. `best` is the best metric so far, infinite at first.

    Args:
        patience: after how many calls running that were no better it is time to stop, an int.
        min_delta: delta in formula (7).

    Raises:
        ValueError: patience is below 1, or min_delta is negative.
    """

    def __init__(self, patience, min_delta=0.0):
        """Keep the settings; nothing has been seen yet."""
        ### BEGIN SOLUTION
        if patience < 1:
            raise ValueError(f"patience is {patience}: at least 1 is needed.")
        if min_delta < 0:
            raise ValueError(f"min_delta is {min_delta}: it must not be negative.")
        self.patience = patience
        self.min_delta = min_delta
        self.best = float("inf")
        self.waited = 0
        self.kept = None
        ### END SOLUTION

    def step(self, metric, model):
        """Take in a metric; where it is better, keep a copy of the model's weights and buffers.

        metric: a float, the smaller the better; it may be 0, negative or NaN, also at first.
        model: a torch.nn.Module, which stays as it is.

        Returns True once the last `patience` calls were no better, else False. After True it is
        not called again.
        """
        ### BEGIN SOLUTION
        if metric < self.best - self.min_delta:  # (7)
            self.best = metric
            self.waited = 0
            self.kept = {name: each.clone() for name, each in model.state_dict().items()}
        else:
            self.waited += 1
        return self.waited >= self.patience
        ### END SOLUTION

    def restore(self, model):
        """Bring the best model back: its weights and buffers, copied into its own tensors.

        It may be called more than once, and what was kept stays as it was. Where nothing was
        kept, nothing changes.
        """
        ### BEGIN SOLUTION
        if self.kept is not None:
            model.load_state_dict(self.kept)
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_EarlyStopping", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("EarlyStopping", EarlyStopping)

# %% [markdown]
# ### Experiment: how much patience?
#
# Five networks learn 50 digits by heart, and are measured on 200 others after each of 50 epochs. Your class decides when each run ends, and what is brought back.
#
# **Predict.** Of 1, 2, 3, 5 and 8: which is the smallest patience with which *all five* runs keep a loss within 0.02 of their lowest?

# %%
predict("enough_patience", ...)

# %% [markdown]
# **Goal:** with `min_delta` 0.05 and seed 0, find the smallest patience that keeps a loss within 0.05 of the lowest.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "when_to_stop", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.when_to_stop(EarlyStopping)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "patiences", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.patiences(EarlyStopping)

# %% [markdown]
# <details>
# <summary>Explain: what does patience cost, and what min_delta?</summary>
# <p>
# Patience costs epochs: patience 8 trains on for 8 epochs after the best. Too little costs the model: with patience 1 one run ends at its second epoch, and keeps a loss of 2.29, that of guessing. A min_delta makes small gains not count, and small gains add up. With 0.05 and patience 3, the run of seed 0 keeps 0.77, where its lowest is 0.57.
# </p>
# </details>

# %% [markdown]
# ## Challenge: a step in the right order
#
# *2 points · difficulty 4 of 5 · about 15 minutes*
#
# Now the whole step. A batch that is too large for memory comes in *micro-batches*. They count as one batch: the same update as if their rows were joined. The parts, in alphabetical order: backward, clip by global norm (lesson 07), optimiser, scheduler, zero the gradients.

# %% [markdown]
# Their right order, and which of them belong inside the loop over micro-batches, is for you to find. Every wrong place still trains, and looks much like a right one: the five broken runs of the quiz have one wrong place each. To compare: with one row of loss 6 in one micro-batch and three rows of mean loss 2 in another, the loss of the batch is 3.
#
# The last property of the check trains a small model that nobody has seen, with warm-up and clipping. Within 40 updates its loss has to fall below half.


# %% nbgrader={"grade": false, "grade_id": "training_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def training_step(model, loss_fn, batches, optimizer, scheduler, max_norm):
    """One update of a model from micro-batches, clipped, with the schedule's rate.

    Args:
        model: a torch.nn.Module; old gradients may be left on its parameters.
        loss_fn: called as loss_fn(model(x), y), gives a mean over rows, a tensor of shape ().
        batches: a list of one or more pairs (x, y) of tensors, each with any number of rows.
        optimizer: has zero_grad(), step() and param_groups, as those of torch.optim.
        scheduler: its step() sets the rate of the next update.
        max_norm: the largest global norm that the gradient of the whole batch may have.
            torch.nn.utils may be used.

    Returns:
        (loss, grad_norm, lr), three plain numbers and no tensors: the mean over all rows before
        the update, the norm before clipping, and the rate of param group 0 that this update
        used. optimizer.step() is called once, and so is scheduler.step().
    """
    ### BEGIN SOLUTION
    optimizer.zero_grad()
    rows = sum(len(x) for x, _ in batches)
    total = 0.0
    for x, y in batches:
        loss = loss_fn(model(x), y) * (len(x) / rows)
        loss.backward()
        total += loss.item()
    grad_norm = torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    lr = optimizer.param_groups[0]["lr"]
    scheduler.step()
    return total, grad_norm.item(), lr
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_training_step", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("training_step", training_step)

# %% [markdown]
# ## The recipes, of your own pieces
#
# Now everything comes together. The next cell looks for your answers to lessons 03 to 12 in the notebooks beside this one, runs their checks (about ten seconds), and says whose is used. Where one is missing or not right yet, PyTorch's stands in, so you can go on.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "pieces", "locked": true, "schema_version": 3, "solution": false, "task": false}
from course.desk.pieces import own

pieces = own(**lesson_16_pieces.STAND_INS)
batch_norm = lesson_16_pieces.batch_norm(pieces)
layer_norm = lesson_16_pieces.layer_norm(pieces)

# %% [markdown]
# A recipe is a few lines, and nothing in them is new to you. `runs.Grouped` makes one optimiser of yours for each param group; `runs.Plan` sets their rate at each update; `runs.trained` calls your `training_step` on batches of digits and returns what it returned.


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "cnn_and_rnn", "locked": true, "schema_version": 3, "solution": false, "task": false}
def cnn(seed=0, lr=0.1, updates=40):
    model = networks.seeded(lambda: networks.Convolutional(batch_norm), seed)
    sgd = partial(pieces.MomentumSGD, momentum=0.9)
    optimizer = runs.Grouped(sgd, param_groups(model, weight_decay=1e-4), lr)
    plan = runs.Plan(optimizer, lambda t: pieces.cosine_decay(lr, 0.0, updates, t))
    return model, runs.trained(training_step, model, optimizer, plan, updates, seed=seed)


def rnn(seed=0, lr=0.03, updates=60):
    model = networks.seeded(networks.Recurrent, seed)
    runs.start_recurrent(model, pieces.xavier_uniform, seed)
    optimizer = runs.Grouped(pieces.Adam, param_groups(model, weight_decay=0.0), lr)
    plan = runs.Plan(optimizer, lambda t: pieces.step_decay(lr, 0.3, 20, t))
    return model, runs.trained(training_step, model, optimizer, plan, updates, 1.0, seed=seed)


# %% [markdown]
# The Transformer and the fourth recipe differ in one argument: what normalises the channels of the convolutions that come first. Without that norm the fourth hardly learns.


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "transformers", "locked": true, "schema_version": 3, "solution": false, "task": false}
def transformer(stem=None, seed=0, lr=0.01, layers=4, warmup=50, max_norm=1.0):
    def make():
        return networks.Transformer(layer_norm, layers, width=16, stem=stem)

    model = networks.seeded(make, seed)
    optimizer = runs.Grouped(pieces.AdamW, param_groups(model, weight_decay=0.01), lr)
    plan = runs.Plan(optimizer, lambda t: pieces.warmup_cosine(lr, 0.0, warmup, 100, t))
    log = runs.trained(training_step, model, optimizer, plan, 100, max_norm, 16, seed)
    return model, log


# %% [markdown]
# ### Experiment: watch two runs
#
# The Transformer of the beginning, at the rate 0.02, with your step: as it is, and with warm-up and clipping. Press play, and look at the norm, too: which run has the smaller gradients in the second half, the one that learns or the one that does not?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "watch", "locked": true, "schema_version": 3, "solution": false, "task": false}
_, cold = transformer(lr=0.02, warmup=0, max_norm=np.inf)
_, warm = transformer(lr=0.02)
figures.watch({"as it is": cold, "warm-up and clipping": warm}, max_norm=1.0)

# %% [markdown]
# <details>
# <summary>Explain: why are small gradients no good sign?</summary>
# <p>
# The run that does not learn has the smaller ones, but for a few spikes. It gives nearly the same answer to every digit, so the gradients of different digits cancel: its loss stays near 2.3. A norm that falls says that something is flat, not that it is low. Read it beside the loss.
# </p>
# </details>

# %% [markdown]
# ### Experiment: a piece less
#
# Each recipe, at the best of its rates, against the same with one piece left out, at the best of *its* rates: CNN 0.1, 0.3 and 1; RNN 0.01, 0.03 and 0.1; Transformer 0.005, 0.01 and 0.02. The Transformer that lost its warm-up keeps its clipping. Five seeds each were measured beforehand; your own four runs are the rings.
#
# **Predict.** The pieces are batch norm, clipping and the orthogonal start of the RNN, warm-up, and the convolutions before a Transformer of two layers. For how many of the five is the recipe ahead in at least four of five seeds?

# %%
predict("pieces_missed", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "a_piece_less", "locked": true, "schema_version": 3, "solution": false, "task": false}
own_runs = {
    "CNN": cnn(),
    "RNN": rnn(),
    "Transformer": transformer(),
    "CNN, then Transformer": transformer(stem=batch_norm, layers=2),
}
own_accuracy = {name: runs.accuracy(model) for name, (model, _) in own_runs.items()}
lesson_16_recipes.with_a_piece_less(own_accuracy)

# %% [markdown]
# <details>
# <summary>Explain: is each piece of a recipe needed?</summary>
# <p>
# Two are. Batch norm adds 5 points to the CNN, and warm-up 7 to the Transformer, ahead in every seed. Convolutions add 4 in the median and are ahead in three seeds of five: too little to tell from chance.
# </p>
# <p>
# The RNN reads eight rows. That is too short for gradients to explode or to vanish: without clipping it reads 2 points more, and PyTorch's start does as well as the orthogonal one. Both are an insurance for long sequences. A recipe is where you begin; what is not missed can go.
# </p>
# </details>

# %% [markdown]
# ## What helps on new digits
#
# To train well and to read *new* digits are two things. They part where there is little to learn from. Here five small convolutional networks learn 150 digits each, no two of them the same, in 200 updates of 25 digits, with batch norm, momentum and a cosine. Then they read 897 new ones. Each remedy has its best setting, by 300 other digits:
#
# | remedy | what is tried |
# |---|---|
# | nothing | the rates 0.02 and 0.05; all others have 0.05 |
# | shifts | 0.5 or 0.8 of the rows move by up to a pixel, each time anew |
# | dropout, label smoothing | 0.5 and 0.75; 0.1 and 0.3 |
# | weight decay, mixup | 0.03, 0.1 and 0.3; alpha 0.2 and 1 |
# | early stopping | patience 3 and 6, with 30 of the 150 digits held out |

# %% [markdown]
# Besides: dense layers with as many parameters, twice the digits, and remedies together. "All four" are shifts, decay, dropout and smoothing. A gain is the median over five pairs: the same digits with a remedy and without.
#
# **Predict.** Which of these gains most on new digits: "shifts", "dropout", "mixup" or "weight decay"?

# %%
predict("helps_most", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "what_helps", "locked": true, "schema_version": 3, "solution": false, "task": false}
from course.figures import lesson_16_generalising as generalising

generalising.what_helps()

# %% [markdown]
# <details>
# <summary>Explain: why do so few of them help?</summary>
# <p>
# A digit that has moved by a pixel is the same digit, but the network does not know it: of new digits that are moved so it reads 38%, after shifts 83%. Convolutions find a stroke wherever it is; the layer above them has a weight for each place. So dense layers are hardly behind.
# </p>
# <p>
# Decay gains a little in each pair. Smoothing does nothing here, and mixup harm: half a 3 on half a 7 is no digit that will ever come. (Its authors train on sets of 50,000 and more, for long.) Early stopping costs what it holds out: 120 digits lose 1.9 points without it, 2.9 with it.
# </p>
# </details>

# %% [markdown]
# ### Experiment: your own pieces
#
# The same with what you wrote, in 100 updates. Change settings, mix remedies; `shifts` and `dropout` are there too.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "own_remedies", "locked": true, "schema_version": 3, "solution": false, "task": false}
from course.figures.lesson_16_few import Pieces

generalising.own_remedies(
    Pieces(mixup, label_smoothing_cross_entropy, param_groups, EarlyStopping),
    {
        "nothing": {},
        "mixup": {"mixup": 0.2},
        "label smoothing": {"smoothing": 0.3},
        "weight decay": {"decay": 0.1},
        "early stopping": {"patience": 3},
    },
)

# %% [markdown]
# ### Balance
#
# Of each network's 150 digits about twelve are 8s. Now all but three of them are taken away. The network is told nothing of it.
#
# **Predict.** With all its 8s it reads 84% of the new ones. What percentage with three?

# %%
predict("three_eights", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "three_eights", "locked": true, "schema_version": 3, "solution": false, "task": false}
generalising.three_eights()

# %% [markdown]
# <details>
# <summary>Explain: why are weights no cure?</summary>
# <p>
# Balanced, each class counts alike in the loss, three 8s as much as all the 3s. That is no cure: in the median of five pairs it brings 1 point on new 8s and costs 0.4 on the rest. A weight makes three digits louder, but not more. Shifts do make more of them: they bring 13 points. The cure is more 8s. And look at classes one by one: all new digits together fall from 92% to 88% only.
# </p>
# </details>

# %% [markdown]
# <details>
# <summary>Explain: and all together?</summary>
# <p>
# Remedies do not add up. Shifts gain 3.3 points, decay 1.4; decay on top of shifts gains 0.8 more. All four gain 2.3, less than shifts alone in four of five pairs: each makes training harder, in as many updates. Add one at a time, and measure it against the best that you have.
# </p>
# </details>

# %% [markdown]
# ## Quiz: five broken runs
#
# No points. Each answer is checked at once. The digits network trains with plain gradient descent on batches of 128 rows, in micro-batches of 60, 60 and 8, with `max_norm` 0.2 and four updates of warm-up. Five runs have one mistake each in their training step. The log has what the step returned, the rate that was planned, and `moved`: how far all parameters went, the length of the update.
#
# Two numbers to hold on to: ten classes and no idea make a loss of 2.3; and gradient descent moves by the rate times the length of the gradient that it sees.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "broken_runs", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.broken_runs()

# %% [markdown]
# **1.** Run A. What is wrong in its step?
#
# - (a) It does not clip.
# - (b) It does not clear old gradients.
# - (c) It adds up the means of the micro-batches.
# - (d) It steps the scheduler first.

# %%
quiz("run_a", ...)

# %% [markdown]
# **2.** Run B?
#
# - (a) It does not clip.
# - (b) It does not clear old gradients.
# - (c) It adds up the means of the micro-batches.
# - (d) It clears gradients before each micro-batch.

# %%
quiz("run_b", ...)

# %% [markdown]
# **3.** Run C?
#
# - (a) It does not clip.
# - (b) It does not clear old gradients.
# - (c) It adds up the means of the micro-batches.
# - (d) It returns the rate of the next update.

# %%
quiz("run_c", ...)

# %% [markdown]
# **4.** Run D?
#
# - (a) It clips too much.
# - (b) It does not clear old gradients.
# - (c) It takes the mean of the means.
# - (d) It clears gradients before each micro-batch.

# %%
quiz("run_d", ...)

# %% [markdown]
# **5.** Run E?
#
# - (a) It returns the rate of the next update.
# - (b) It steps the scheduler before the optimiser.
# - (c) It never steps the scheduler.
# - (d) Its warm-up is longer than planned.

# %%
quiz("run_e", ...)

# %% [markdown]
# ## Conventions
#
# | who | what | comes to |
# |---|---|---|
# | this lesson, PyTorch, Keras | the label's target, K = 10, smoothing 0.1 | 0.91 |
# | some notes: the rest over K - 1 classes | the same | 0.9 |
# | this lesson's `EarlyStopping` | calls with no gain until it stops, patience 3 | 3 |
# | PyTorch `ReduceLROnPlateau`, absolute threshold | calls with no gain until it acts, patience 3 | 4 |
# | this lesson's `no_decay` group | its decay | 0 |
# | `torch.optim.AdamW`, a group without the key | its decay | 0.01 |
# | `F.one_hot` times a float, PyTorch | its precision | float32 |

# %% [markdown]
# ## Recap
#
# 1. A recipe names what keeps signals in size, the optimiser, the rate and the guard. It is where you begin: measure what each piece is worth.
# 2. Soft labels have a loss that finite logits minimise: prediction minus target.
# 3. Mix rows and labels by the same weight. On few digits moving them by a pixel helps more.
# 4. Matrices decay, vectors don't. Keep the best model, buffers too.
# 5. However many pieces a batch comes in: one mean, one norm, one update, one rate.

# %% [markdown]
# ## Where it breaks
#
# - **Few digits.** The CNN sees 1280 digits and reads 95%; the Transformer sees 1600 and reads 58%. It has to learn first that neighbours belong together.
# - **Warm-up mends a design.** With the norm *before* the residual sum, Transformers train without it (Xiong and others, 2020).
# - **Smoothed losses.** With ten classes and $\varepsilon = 0.1$ no loss is below 0.50, so losses of different smoothing can't be compared. A smoothed teacher also teaches students worse (Müller and others, 2019).
# - **Micro-batches and batch norm.** Each piece is normalised by its own mean, so its update is not that of the joined batch.
# - **Early stopping** chooses by its validation rows: the lowest loss is partly luck. Measure on others.

# %% [markdown]
# ## Further
#
# - A. M. Saxe, J. L. McClelland and S. Ganguli (2014). Exact Solutions to the Nonlinear Dynamics of Learning in Deep Linear Neural Networks. ICLR. arXiv:1312.6120
# - C. Szegedy and others (2016). Rethinking the Inception Architecture for Computer Vision. CVPR. arXiv:1512.00567
# - H. Zhang and others (2018). mixup: Beyond Empirical Risk Minimization. ICLR. arXiv:1710.09412
# - R. Müller, S. Kornblith and G. Hinton (2019). When Does Label Smoothing Help? NeurIPS. arXiv:1906.02629
# - R. Xiong and others (2020). On Layer Normalization in the Transformer Architecture. ICML. arXiv:2002.04745
# - T. Xiao and others (2021). Early Convolutions Help Transformers See Better. NeurIPS. arXiv:2106.14881

# %% [markdown]
# ## Ready to hand in?
#
# Save the notebook and run the cell below. It tries the saved file in a fresh kernel, as grading does, and says what is right, what is untouched, and which file to hand in. It takes about ten seconds.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "hand_in", "locked": true, "schema_version": 3, "solution": false, "task": false}
from course import ready

ready("16_recipes")
