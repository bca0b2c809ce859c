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
# # 01 Mini-batch gradient descent
#
# Do not read all the data before every step: read a few rows, take a step, and go on with the next few.
#
# In this course you build the optimisers that train neural networks, one a lesson, and the experiments run on the code that you wrote. Lessons 01 to 08 share
# one patient: a small network that reads handwritten digits. Whatever trains it is **our trainer**. Today it gets its loop; each later lesson teaches it something more.
#
# About 85 minutes, 10 points. It builds on lesson 00 (gradients, steps downhill) or what you know of them, on NumPy, and on what `loss.backward()` does in PyTorch.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np
import torch
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from course import check, data, predict, quiz, training
from course.figures import lesson_01 as figures
from course.figures import trainer

# %% [markdown]
# ## The problem
#
# Fit a line to 512 points that were made from $y = 4 + 3x$ and noise, by walking down the mean squared error from $b = 0$, $w = 0$. That loss is a mean over 512 rows, and so is its gradient.
# Reading all the rows gives the exact gradient, for one step. Reading one row gives a rough idea of it, and 512 steps for the same reading.

# %% [markdown]
# The next figure compares batches of 512, 64 and 1 rows, each with its best learning rate of 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5 and 0.75. Batch 64 reads the rows once, in eight steps.
#
# **Predict.** How many times must the whole batch read them, one step each time, to get as near to the minimum as that? Write a number in place of the three dots.

# %%
predict("readings_of_all", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "one_reading", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.one_reading()

# %% [markdown]
# <details><summary>What to see</summary>
#
# The whole batch needs 6 readings to come as near as batch 64 did in one. So a step with 64 rows is worth nearly as much as a step with 512, at an eighth of the price.
#
# Single rows gain nothing more here. Their gradients are so rough that the best rate is tiny: 0.02, where batch 64 takes 0.5.
#
# </details>

# %% [markdown]
# ## At the end you can
#
# - deal a data set into shuffled mini-batches, and count the updates of an epoch;
# - write the gradient of a mini-batch's loss, with its L2 term, and the loop around it;
# - build `SGD` with PyTorch's interface, and name the five steps of a training loop;
# - train on batches that are larger than your memory.
#
# You build it from scratch: to your answers PyTorch's own optimisers and schedules, clipping and normalisation, and pandas' exponential
# averages are not available, in the check and in grading alike. The experiments may use them. The class `torch.optim.Optimizer`, which
# computes nothing, may be inherited from.
#
# When an experiment stops with `NotImplementedError`, fill in the exercise above it first.

# %% [markdown]
# ## The idea
#
# The gradient of a mean over $n$ rows is the mean of $n$ gradients. To estimate a mean you need not ask everybody: a few rows drawn at random are right on average, and much cheaper.
#
# Put the row numbers $0, \dots, n-1$ into a random $\mathit{order}$ and deal them out. With $m$ rows in a batch, batch number $k$ is a slice of it, written as in Python:
#
# $$B_k = \mathit{order}\,[\,k m : (k+1)\,m\,], \qquad k = 0, 1, \dots, \lceil n/m \rceil - 1 \tag{1}$$
#
# If $m$ does not divide $n$, the last batch is shorter: the slice ends at $n$. Leaving it out ("drop last") makes $\lfloor n/m \rfloor$ batches.

# %% [markdown]
# An **iteration**, or update, is one batch, one gradient, one step. An **epoch** is once through all $n$ rows, so $\lceil n/m \rceil$ iterations. Each epoch draws a new order: otherwise the same rows
# would always meet in the same batch.
#
# $m = n$ is **batch** gradient descent, $m = 1$ is **stochastic** gradient descent (Robbins and Monro, 1951), and what lies between is **mini-batch** gradient descent. In practice all
# of it is called SGD.

# %% [markdown]
# ## Exercise 1: deal the rows
#
# *2.5 points · difficulty 2 of 5 · about 10 minutes*
#
# Formula (1) in NumPy. The check starts with three rows in batches of two, which the worked example below uses: `[0, 1]` and `[2]`.


# %% nbgrader={"grade": false, "grade_id": "minibatch_indices", "locked": false, "schema_version": 3, "solution": true, "task": false}
def minibatch_indices(n, batch_size, rng=None, drop_last=False):
    """The row numbers 0, 1, ..., n - 1, dealt into mini-batches: formula (1).

    Args:
        n: how many rows there are, 0 or more.
        batch_size: how many rows a batch holds, 1 or more; it may be larger than n.
        rng: a NumPy generator. The order is then rng.permutation(n), drawn once a call.
            Without it (None) the rows keep their order.
        drop_last: True leaves out the last batch if it is shorter than batch_size.

    Returns:
        A list of integer arrays, one for each batch, in the order of (1); [] for n = 0.
    """
    ### BEGIN SOLUTION
    order = np.arange(n) if rng is None else rng.permutation(n)
    batches = [order[start : start + batch_size] for start in range(0, n, batch_size)]  # (1)
    if drop_last and n % batch_size != 0:
        batches.pop()
    return batches
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_minibatch_indices", "locked": true, "points": 2.5, "schema_version": 3, "solution": false, "task": false}
check("minibatch_indices", minibatch_indices)

# %% [markdown]
# ## The loss of a mini-batch
#
# Let $X$ of shape $(m, d)$ hold the $m$ rows of one batch, with $d$ numbers each, and $y$ of shape $(m,)$ their targets. The model is linear: weights
# $w$ of shape $(d,)$ and a number $b$. $x_i$ is row $i$ of $X$.
#
# $$J(w, b) = \frac1m \sum_{i=1}^{m} (x_i \cdot w + b - y_i)^2 + \frac{l_2}{2m} \lVert w \rVert^2 \tag{2}$$
#
# The first term is the mean squared error. The second, with $l_2 \ge 0$, keeps the weights small; $b$ is left out of it. Both divide by $m$, the size of this batch.

# %% [markdown]
# The inner derivative of the square is $x_i$ for $w$ and 1 for $b$. In matrix form, all rows at once:
#
# $$dw = \frac2m\, X^\top (X w + b - y) + \frac{l_2}{m}\, w \tag{3}$$
#
# $$db = \frac2m \sum_{i=1}^{m} (x_i \cdot w + b - y_i) \tag{4}$$
#
# $dw$ has the shape $(d,)$ of $w$, $db$ is a number. With them, an update goes downhill by the learning rate $lr$:
#
# $$w \leftarrow w - lr \cdot dw, \qquad b \leftarrow b - lr \cdot db \tag{5}$$
#
# Formula (3) is **vectorised**: one matrix product serves all $m$ rows, in far less than $m$ times the time of one.

# %% [markdown]
# ### By hand
#
# Three rows on the line $y = 2x + 1$: $x = 1, 2, 3$ and $y = 3, 5, 7$. Batches of two in order, $lr = 0.05$, $l_2 = 0$, start at $w = b = 0$. Check each number with pencil and paper.
#
# | | formula | $k = 0$: rows 0, 1 | $k = 1$: row 2 |
# |---|---|---|---|
# | $m$ | (1) | 2 | 1 |
# | error `X @ w + b - y` | | −3, −5 | 3 · 0.65 + 0.4 − 7 = −4.65 |
# | $J$ before the update | (2) | (9 + 25) / 2 = 17 | 21.6225 |
# | $dw$ | (3) | 2/2 · (−3 · 1 − 5 · 2) = −13 | 2/1 · (−4.65 · 3) = −27.9 |
# | $db$ | (4) | 2/2 · (−3 − 5) = −8 | 2/1 · (−4.65) = −9.3 |
# | $w$ after | (5) | 0 + 0.05 · 13 = 0.65 | 0.65 + 0.05 · 27.9 = 2.045 |
# | $b$ after | (5) | 0 + 0.05 · 8 = 0.4 | 0.4 + 0.05 · 9.3 = 0.865 |
#
# $J$ went up from 17 to 21.6, and yet the model got better: over all three rows the error fell from 27.7 to 12.1 and then to 0.003. The second number is of other rows.

# %% [markdown]
# ## Exercise 2: the gradient
#
# *1.5 points · difficulty 2 of 5 · about 8 minutes*
#
# Formulas (3) and (4), line for line. The check starts with the two batches of the worked example.


# %% nbgrader={"grade": false, "grade_id": "mse_gradient", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mse_gradient(X, y, w, b, l2=0.0):
    """The gradient of the loss (2) of one mini-batch: formulas (3) and (4).

    Args:
        X: the rows of the batch, float64 of shape (m, d); m is 1 or more.
        y: their targets, shape (m,).
        w, b: weights of shape (d,) and a number, the bias. The L2 term leaves b alone.
        l2: strength of the L2 term, a number, 0 or more.

    Returns:
        (dw, db): an array of shape (d,) and a number. The inputs stay unchanged, and dw
        shares no memory with them.
    """
    ### BEGIN SOLUTION
    m = len(y)
    error = X @ w + b - y
    dw = 2 / m * (X.T @ error) + l2 / m * w  # (3)
    db = 2 / m * error.sum()  # (4)
    return dw, db
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_mse_gradient", "locked": true, "points": 1.5, "schema_version": 3, "solution": false, "task": false}
check("mse_gradient", mse_gradient)

# %% [markdown]
# ### See it move
#
# Back to the 512 points, with your two functions, batches of 64 and $lr = 0.3$. Press play: each batch lights up, and the line answers it. Which of the two parameters arrives first? Does the line ever stand still?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "batch_by_batch", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.batch_by_batch(minibatch_indices, mse_gradient)

# %% [markdown]
# <details><summary>What to see</summary>
#
# The intercept arrives first: the loss curves three times as strongly along $b$ as along $w$, which bends the path. The line never stands still, as each batch would like a slightly different one.
#
# </details>

# %% [markdown]
# ## Experiment: how wrong is a mini-batch?
#
# Real data: 1500 handwritten digits of 8 × 8 pixels. A linear model has to say 1 for a zero and 0 for any other digit. The **noise** of a mini-batch is how far its gradient lies from the gradient over all 1500 rows, as the root of the mean squared
# distance.
#
# **Predict.** Batch 64 reads 64 times as many rows as batch 1. How many times smaller is its noise?

# %%
predict("noise_of_64", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "noise", "locked": true, "schema_version": 3, "solution": false, "task": false}
digits = data.digits()
X, is_zero = digits.X_train, (digits.y_train == 0).astype(float)
n, d = X.shape


def gradient(rows):
    """Your gradient at w = 0, b = 0 over some rows, as one vector of length d + 1."""
    return np.append(*mse_gradient(X[rows], is_zero[rows], np.zeros(d), 0.0))


figures.noise(gradient, minibatch_indices, n)

# %% [markdown]
# The mean of $m$ independent draws, each with standard deviation $\sigma$, has the standard deviation
#
# $$\sigma_m = \frac{\sigma}{\sqrt m} \tag{6}$$
#
# <details><summary>Explain: what would half the noise cost? And what happens to batches of nearly all the rows?</summary>
#
# Four times the reading, so the first rows of a batch teach you most. The whole gradient is 0.72 long, and from about 10 rows on the noise is shorter: a few dozen rows know the way quite well.
#
# Rows drawn without replacement are not quite independent. That multiplies (6) by $\sqrt{(n-m)/(n-1)}$: nearly 1 for small batches, 0.71 for half of the data, 0 for all of it.
#
# </details>

# %% [markdown]
# ## Exercise 3: the whole loop
#
# *2.5 points · difficulty 3 of 5 · about 12 minutes*
#
# `minibatch_indices` deals the rows, `mse_gradient` gives the gradient of each batch, formula (5) makes the step. It is judged with your two functions as they are: pass their checks
# first. The worked example is in the check: its losses are 17 and 21.6225.


# %% nbgrader={"grade": false, "grade_id": "fit_linear", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fit_linear(X, y, batch_size, lr, epochs, rng):
    """Fit y = X w + b by mini-batch gradient descent, from w = 0 and b = 0, without L2 term.

    Args:
        X, y: all the rows, float64 of shape (n, d), and their targets, shape (n,).
        batch_size: how many rows a mini-batch holds; the short last batch is used too.
        lr: the learning rate in (5).
        epochs: how often to go through all the rows, 1 or more; each time in a new order.
        rng: a NumPy generator, for minibatch_indices.

    Returns:
        (w, b, losses): an array of shape (d,), a number, and a list or array with one number
        for each update: the mean squared error of its mini-batch, before the update. X and y
        stay unchanged.
    """
    ### BEGIN SOLUTION
    w, b, losses = np.zeros(X.shape[1]), 0.0, []
    for _ in range(epochs):
        for rows in minibatch_indices(len(y), batch_size, rng):
            losses.append(np.mean((X[rows] @ w + b - y[rows]) ** 2))  # (2)
            dw, db = mse_gradient(X[rows], y[rows], w, b)
            w = w - lr * dw  # (5)
            b = b - lr * db  # (5)
    return w, b, losses
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_fit_linear", "locked": true, "points": 2.5, "schema_version": 3, "solution": false, "task": false}
check("fit_linear", fit_linear)

# %% [markdown]
# ## Experiment: a race, with sliders
#
# Your `fit_linear` learns to tell the zeros from the other digits, in five epochs. You choose the batch size and the rate.
#
# **Goal:** a loss over all rows below 0.025, with at most 500 updates. Before you move anything: which batch sizes make at most 500 updates in five epochs?


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "race", "locked": true, "schema_version": 3, "solution": false, "task": false}
def fit_zeros(batch_size, lr, epochs, seed):
    """Your fit on the digits: the mini-batch losses, and the loss over all rows at the end."""
    with np.errstate(all="ignore"):  # a run that diverges overflows in the end
        w, b, losses = fit_linear(X, is_zero, batch_size, lr, epochs, np.random.default_rng(seed))
        return np.array(losses), np.mean((X @ w + b - is_zero) ** 2)


figures.race(fit_zeros)

# %% [markdown]
# When you have reached the goal, run the next cell: a map of the game, with the median of five shuffles in each field.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "race_map", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.race_map()

# %% [markdown]
# <details><summary>Explain: what sets the best rate of each row?</summary>
#
# With a small batch the noise sets the limit: each step is partly random, and a large $lr$ makes the random part large. Batch 1 is best at 0.003, batch 16 at 0.06. From 256 rows on it is 0.08. What stops it there has nothing
# to do with noise: the experiment after next shows it.
#
# </details>

# %% [markdown]
# ## Experiment: the curve that shakes
#
# The same fit twice, with $lr = 0.03$ and 288 updates: once with the whole batch, once with batch 64.
#
# **Predict.** Of the updates with batch 64, what share is followed by a batch loss that is *higher* than the one before? Give a percentage.

# %%
predict("share_of_rises", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "shaking", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.shaking(fit_zeros)

# %% [markdown]
# <details><summary>Explain: how do you see in such a curve whether training goes well?</summary>
#
# Not by single steps: about half of the numbers are higher than the one before, and the run still arrives. Each is measured on other rows, as in the worked example. The two runs end level, at 0.024, and batch 64 has read a 24th as much. To judge a
# mini-batch run, average the losses over an epoch.
#
# The whole batch measures the same function every time. If its curve rises, $lr$ is too large, or there is a bug.
#
# </details>

# %% [markdown]
# ## Experiment: the learning rate
#
# The whole batch again, 100 updates. With $lr = 0.001$ it crawls; with 0.08 it does well.
#
# **Predict.** And with 0.09? Choose "stalls", "falls, then explodes" or "explodes at once".

# %%
predict("just_over", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "three_rates", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.three_rates(fit_zeros)

# %% [markdown]
# <details><summary>Explain: where is the limit, and what happens beyond it?</summary>
#
# Along a direction in which the loss curves by $\lambda$, one step multiplies the distance from the minimum by $1 - lr \cdot \lambda$. This shrinks it only if $lr < 2/\lambda$. Here there are 65 directions; the steepest has
# $\lambda = 22.95$, so the limit is 0.087.
#
# At 0.09 the other 64 directions are fine. In the steepest each step multiplies the distance by $1 - 0.09 \cdot 22.95 = -1.07$. That part starts small, and its loss grows by 13% an update until it outweighs all others.
#
# </details>

# %% [markdown]
# ## Experiment: right on average?
#
# A few rows are "right on average". That can be tested: average the gradients of an epoch, here of 375 batches of 4 rows with an L2 term, and compare with the gradient over all rows.
#
# **Predict.** Look at the two terms of formula (3). Does the average pull the weights towards zero as much as the gradient over all 1500 rows? Choose "the same", "too much" or "too little".

# %%
predict("average_of_the_batches", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "average_pull", "locked": true, "schema_version": 3, "solution": false, "task": false}
weights, l2 = np.full(d, 0.1), 3.0
batches = minibatch_indices(n, 4, np.random.default_rng(0))
each = [mse_gradient(X[rows], is_zero[rows], weights, 0.0, l2)[0] for rows in batches]
whole = mse_gradient(X, is_zero, weights, 0.0, l2)[0]
figures.average_pull(np.mean(each, axis=0), whole, weights)

# %% [markdown]
# <details><summary>Explain: what does each of the two terms do?</summary>
#
# The first term of (3) is right on average. The second is not: each batch adds $l_2/m \cdot w$, the whole data only $l_2/n \cdot w$. With $l_2 = 3$ that is 0.75 against 0.002: regularisation that grows as
# the batch shrinks. Many course notes write formula (2) all the same.
#
# Divide $l_2$ by the number of all rows, or make the decay a number of its own. PyTorch's `weight_decay` is one, and so will yours be.
#
# </details>

# %% [markdown]
# ## Exercise 4: the optimiser
#
# *2 points · difficulty 2 of 5 · about 12 minutes*
#
# A network has many parameter tensors, and autograd fills in their `.grad`. PyTorch's optimisers all have a constructor that
# takes the parameters, `step()` and `zero_grad()`, so yours will fit any PyTorch training loop.
#
# Let $\theta$ be one such tensor and $g$ its gradient. Weight decay $wd$ pulls every parameter towards zero, whatever the batch size:
#
# $$\theta \leftarrow \theta - lr \cdot (g + wd \cdot \theta) \tag{7}$$
#
# Two traps. Change each tensor **in place**: `theta -= ...`, for `theta.data = ...` moves its memory and `theta = theta - ...` only renames. And
# the bracket in (7) is a new tensor: `theta.grad` itself must not change.


# %% nbgrader={"grade": false, "grade_id": "SGD", "locked": false, "schema_version": 3, "solution": true, "task": false}
class SGD:
    """Stochastic gradient descent with torch.optim's interface: (7) for each parameter.

    Two instances share nothing.

    Args:
        params: the tensors to train, of any shape, also (): any iterable; it may be a
            generator, which can be read only once.
        lr: learning rate, kept in self.lr: 0 is fine.
        weight_decay: a number, 0 or more.

    Raises:
        ValueError: lr or weight_decay is negative.
    """

    def __init__(self, params, lr, weight_decay=0.0):
        """Keep the parameters and the settings."""
        ### BEGIN SOLUTION
        if lr < 0 or weight_decay < 0:
            raise ValueError("lr and weight_decay must not be negative.")
        self.params = list(params)
        self.lr = lr
        self.weight_decay = weight_decay
        ### END SOLUTION

    @torch.no_grad()  # autograd must not record the update itself
    def step(self):
        """Update every parameter in place: the tensor and its memory stay the same.

        Reads self.lr each time. A parameter whose grad is None is skipped, and those after it
        are not. Leaves every grad unchanged, so that step() may be called again with it.
        """
        ### BEGIN SOLUTION
        for theta in self.params:
            if theta.grad is None:
                continue
            g = theta.grad
            theta -= self.lr * (g + self.weight_decay * theta)  # (7)
        ### END SOLUTION

    def zero_grad(self):
        """Leave the grad of every parameter None or all zeros; some may be None already."""
        ### BEGIN SOLUTION
        for theta in self.params:
            theta.grad = None
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_SGD", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("SGD", SGD)

# %% [markdown]
# ## Our trainer: the five steps of a training loop
#
# Meet the patient: 64 pixels, 32 hidden units, 10 scores, one for each digit. Its loss is the cross-entropy; guessing would have $\ln 10 = 2.3$ nats.
#
# A `DataLoader` deals out the rows: your exercise 1, in PyTorch. It takes `batch_size`, `shuffle`, and `num_workers` for rows that are slow to load. Each iteration takes five steps, and nearly every PyTorch program has them:
#
# 1. **Take a batch** from the loader.
# 2. **Forward**: compute the predictions and the loss of this batch.
# 3. **Clear** the old gradients with `zero_grad()`. Autograd adds to `.grad`; it never starts over by itself.
# 4. **Backward**: `loss.backward()` fills in every `.grad`.
# 5. **Step**: the optimiser moves the parameters.

# %% [markdown]
# Clearing may come at any time between a step and the next backward: before the forward pass or right after the step is just as good.
#
# **Predict.** Leave step 3 out. How many test digits will be right after one epoch and after six, compared with the complete loop? Choose "the same", "worse" (at both times) or "better, then worse".

# %%
predict("without_clearing", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "five_steps", "locked": true, "schema_version": 3, "solution": false, "task": false}
rows = TensorDataset(torch.from_numpy(X), torch.from_numpy(digits.y_train))


def train(seed, clear):
    """The per cent of test digits right after each of six epochs."""
    model, order, right = training.network(seed), torch.Generator().manual_seed(seed), []
    optimizer = SGD(model.parameters(), lr=0.3)
    for _ in range(6):
        for X_batch, y_batch in DataLoader(rows, batch_size=64, shuffle=True, generator=order):  # 1
            loss = F.cross_entropy(model(X_batch), y_batch)  # 2
            if clear:
                optimizer.zero_grad()  # 3
            loss.backward()  # 4
            optimizer.step()  # 5
        right.append(100 * training.evaluate(model, digits.X_test, digits.y_test)[1])
    return right


figures.clearing({clear: np.array([train(seed, clear) for seed in range(5)]) for clear in (True, False)})

# %% [markdown]
# <details><summary>Explain: what does the loop do without step 3?</summary>
#
# Each `.grad` becomes the sum of all gradients since the start, so that a step repeats all earlier ones: a ball without friction. In the first epoch it
# gains speed, and seems the better choice; then it rushes past the minimum and swings ever further. No error is raised, which makes this mistake hard to find. Lesson 03 adds the friction, and
# calls it momentum.
#
# </details>

# %% [markdown]
# ## Experiment: five batch sizes
#
# The patient learns with your `SGD` and batches of 4, 16, 64, 256 and 1500 rows, each with its best rate of 0.1, 0.2, 0.4, 0.8, 1, 1.2 and 1.6. The goal is a loss of 0.2 over all 1500 rows.
#
# **Predict.** The whole batch reads 23 times as many rows for an update as batch 64. How many times fewer updates does it need?

# %%
predict("fewer_updates", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "five_batch_sizes", "locked": true, "schema_version": 3, "solution": false, "task": false}
updates = figures.batch_sizes(SGD)

# %% [markdown]
# <details><summary>Explain: what do further rows of a batch buy?</summary>
#
# The whole batch needs 54 updates and batch 64 needs 70, in the median. The exact gradient may not take much longer steps: curvature sets the limit, as above. Once the noise is small
# against the gradient, further rows are read for nothing. Where that happens depends on the problem (McCandlish and others, 2018).
#
# Batch 4 is at the other end: 416 updates, and the least reading of all, 1664 rows.
#
# </details>

# %% [markdown]
# ## What does an update cost?
#
# You pay in time. A row takes time, and so does an update, however small its batch: Python runs, every parameter moves. Say that an update costs as much as $r$ rows, besides its own $m$. Then reaching the goal costs
#
# $$\text{cost} = \text{updates} \cdot (r + m) \tag{8}$$
#
# Your machine has its own $r$. Time `gradient` with `%timeit`, on `np.arange(1)` and on `np.arange(1500)`: $r$ is the first time divided by what each further row adds.
#
# **Predict.** With $r = 50$, which of the five batch sizes is cheapest: "4", "16", "64", "256" or "1500"?

# %%
predict("cheapest_batch", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "cost", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.cost(updates)

# %% [markdown]
# <details><summary>Explain: so how do you choose a batch size?</summary>
#
# Batch 4 is cheapest only below $r = 3$, batch 16 up to about 23, batch 64 up to about 700. Up to $r = 3000$ the whole batch never is. A GPU computes many rows side by side, so its $r$ is large; memory sets an upper limit.
#
# Bengio (2012) calls 32 a good default. Powers of two are a custom. Choose the rate anew whenever you change the batch size.
#
# </details>

# %% [markdown]
# ## Challenge: a batch that does not fit
#
# *1.5 points · difficulty 4 of 5 · about 15 minutes*
#
# You want the step of a batch of 64, and your memory holds 24 rows at a time. So the batch comes in pieces of 24, 24 and 16 rows. Write one update that moves the parameters exactly to where the whole batch would have moved them.
#
# No formula is given. Two hints. What made step 3 of the loop necessary is your friend here. And try pieces of 2 rows and of 1 row on paper first: if $g_1$ and $g_2$ are the gradients of their
# mean losses, what is the gradient of the mean over all three rows?


# %% nbgrader={"grade": false, "grade_id": "accumulated_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def accumulated_step(model, loss_fn, pieces, optimizer):
    """One update with a batch that comes in pieces, exactly that of the whole batch.

    The model sees one piece at a time, or less. optimizer.step() is called once.

    Args:
        model: a PyTorch module; what it says of a row does not depend on other rows.
        loss_fn: loss_fn(prediction, y) is the mean over the rows that it is given.
        pieces: a list of pairs (X, y) of tensors, with 1 or more rows each, any lengths.
        optimizer: has zero_grad() and step(). Gradients of an earlier batch may be left.

    Returns:
        The mean loss over all rows of the batch before the update: a float, no tensor.
    """
    ### BEGIN SOLUTION
    rows = sum(len(y) for _, y in pieces)
    total = 0.0
    optimizer.zero_grad()
    for X, y in pieces:
        loss = loss_fn(model(X), y) * (len(y) / rows)
        loss.backward()
        total += loss.item()
    optimizer.step()
    return total
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_accumulated_step", "locked": true, "points": 1.5, "schema_version": 3, "solution": false, "task": false}
check("accumulated_step", accumulated_step)

# %% [markdown]
# This is **gradient accumulation**: the way to batches far larger than a processor's memory.

# %% [markdown]
# ## Conventions
#
# The same words stand for slightly different formulas.
#
# | where | what differs | by how much |
# |---|---|---|
# | this lesson; `F.mse_loss` | the mean of the squared errors | equal |
# | many course notes | the loss is halved, so no 2 in the gradient | the same path at twice the $lr$ |
# | `F.mse_loss(reduction="sum")` | not divided by $m$ | gradient $m$ times as large: 64 times for batch 64 |
# | L2 term as in (3) | divided by the batch's $m$ | for batch 4 of 1500 rows 375 times that of the whole data |
# | `weight_decay` in (7) | $wd$ in place of $l_2/m$ | equal for one batch size alone; given $b$ as well, it decays $b$ too |
# | `optax.sgd` | has no weight decay; `add_decayed_weights` goes before it | the same step as (7) |
# | `DataLoader` | `shuffle=False` by default | the same order each epoch |
# | the short last batch | a mean over fewer rows | 28 rows of 1500 weigh 64/28 = 2.3 times as much |
# | theory (Bottou and others, 2018) | rows drawn with replacement | $n$ draws meet about 63% of the rows |

# %% [markdown]
# ## Quiz
#
# No points; each answer is answered at once. Write a number or a letter in place of the three dots.
#
# **1.** All 1797 digits, batches of 64, nothing dropped. How many updates make an epoch?

# %%
quiz("updates_in_an_epoch", ...)

# %% [markdown]
# **2.** A batch of 32 is too noisy: you want half the noise. How many rows does that take?

# %%
quiz("half_the_noise", ...)

# %% [markdown]
# **3.** Which order of steps trains nothing?
#
# - (a) clear, forward, backward, step
# - (b) forward, clear, backward, step
# - (c) forward, backward, clear, step
# - (d) forward, backward, step, clear

# %%
quiz("broken_order", ...)

# %% [markdown]
# **4.** A colleague's loss is a mean, and $lr = 0.2$ is right for batches of 32. Yours is a sum over the batch. Which $lr$ takes the same path?

# %%
quiz("rate_for_a_sum", ...)

# %% [markdown]
# **5.** Whole-batch training: the loss falls for ten updates, then grows by the same factor at each update. What happened?
#
# - (a) the rate is far too small
# - (b) the rate is just above the limit of the steepest direction
# - (c) the noise of the gradient took over
# - (d) the rows were not shuffled

# %%
quiz("what_the_curve_says", ...)

# %% [markdown]
# **6.** The patient has $64 \cdot 32 + 32 + 32 \cdot 10 + 10 = 2410$ parameters in float64. How many bytes do its parameters and their gradients take?

# %%
quiz("memory_of_a_copy", ...)

# %% [markdown]
# ## What our trainer can do now
#
# It learns from batches of 64, with $lr = 1$, the best of the seven rates above. After six epochs, 138 updates, its training loss is 0.12 in the median of five seeds; guessing has 2.3. That is the score for later lessons to beat.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "trainer", "locked": true, "schema_version": 3, "solution": false, "task": false}
trainer.so_far("01_mini_batch")

# %% [markdown]
# ## Recap
#
# 1. A mini-batch gradient is right on average, with noise that falls as $1/\sqrt m$. An L2 term divided by $m$ is not.
# 2. An epoch reads every row once, in a new order, and makes $\lceil n/m \rceil$ updates.
# 3. A mini-batch loss shakes, because each is measured on other rows. That alone is not a bad sign.
# 4. Beyond $2/\lambda$ the loss explodes; far below, it crawls.
# 5. Training loop: batch, forward, clear, backward, step.

# %% [markdown]
# ## Where it breaks
#
# - **With a constant $lr$ it never lands.** Noise keeps it moving around the minimum: in the race, batch 4 ends at 0.026 with $lr = 0.04$ and at 0.022 with 0.02. Lesson 06 lets the rate fall.
# - **One rate for all directions.** The steepest of 65 sets the limit of 0.087, and the flat ones crawl: lessons 03 to 05.
# - **Rows in an order that means something.** With the digits sorted by class and never shuffled, our trainer's loss after six epochs is 2.47, worse than guessing.
# - **Very large batches** read for nothing: to the goal of 0.2, the whole batch reads 18 times as much as batch 64.

# %% [markdown]
# ## Further
#
# - H. Robbins and S. Monro (1951). A Stochastic Approximation Method. Annals of Mathematical Statistics 22(3)
# - Y. Bengio (2012). Practical Recommendations for Gradient-Based Training of Deep Architectures. arXiv:1206.5533
# - L. Bottou, F. Curtis and J. Nocedal (2018). Optimization Methods for Large-Scale Machine Learning. SIAM Review 60(2). arXiv:1606.04838
# - S. McCandlish and others (2018). An Empirical Model of Large-Batch Training. arXiv:1812.06162

# %% [markdown]
# ## Ready to hand in?
#
# Save the notebook and run the cell below. It tries the saved file in a fresh kernel, as grading does, and says what is right, what is
# untouched, and which file to hand in. It takes about ten seconds.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "hand_in", "locked": true, "schema_version": 3, "solution": false, "task": false}
from course import ready

ready("01_mini_batch")
