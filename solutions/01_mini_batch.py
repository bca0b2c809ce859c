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
# ## The problem
#
# Fit a line to 512 points that were made from $y = 4 + 3x$ and noise. There are two parameters, the intercept $b$ and the slope $w$.
# The loss is the mean squared error. Gradient descent goes downhill on it, step by step.
#
# What does one step cost? The loss is a mean over 512 rows, and so is its gradient. Reading all rows gives the exact slope, for
# one step. Reading one row gives a rough idea of the slope, and 512 steps for the same reading.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import math

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
import torch
from torch.nn import functional as F
from torch.utils.data import DataLoader, RandomSampler, TensorDataset

from course import check, data, plots, training

rng = np.random.default_rng(0)
x = rng.uniform(-1, 1, size=512)
y = 4 + 3 * x + rng.normal(size=512)
A = np.stack([np.ones(512), x], axis=1)  # a column for b and a column for w
best = np.linalg.lstsq(A, y, rcond=None)[0]


def line_loss(b, w):
    """Mean squared error of the line b + w*x, for arrays b and w of one shape."""
    return np.mean((b[..., None] + w[..., None] * x - y) ** 2, axis=-1)


print(f"minimum at b = {best[0]:.2f}, w = {best[1]:.2f}, loss {line_loss(*best):.2f}")

# %% [markdown]
# The next cell walks down this loss from $(0, 0)$, with batches of any size. It is a PyTorch training loop. You will know each line of it
# by the end of the lesson; for now, look at the picture it makes.
#
# **Predict.** Three walks read the same data, four times through. Their batches hold all 512 rows, 64 rows, and one row. All take
# the same learning rate, 0.1. Which one ends nearest to the star? Which one is straight?


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "three_descents", "locked": true, "schema_version": 3, "solution": false, "task": false}
def descend(batch_size, epochs=4, lr=0.1):
    """Walk down the loss of the line; returns every point (b, w), shape (updates + 1, 2)."""
    rows = TensorDataset(torch.from_numpy(x), torch.from_numpy(y))
    order = torch.Generator().manual_seed(0)
    loader = DataLoader(rows, batch_size=batch_size, shuffle=True, generator=order)
    theta = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=lr)
    points = [theta.tolist()]
    for _ in range(epochs):  # an epoch reads every row once
        for x_batch, y_batch in loader:
            optimizer.zero_grad()
            loss = F.mse_loss(theta[0] + theta[1] * x_batch, y_batch)
            loss.backward()
            optimizer.step()
            points.append(theta.tolist())
    return np.array(points)


walks = {batch_size: descend(batch_size) for batch_size in (512, 64, 1)}
for batch_size, points in walks.items():
    above = line_loss(*points[-1]) - line_loss(*best)
    print(f"batch {batch_size:3}: {len(points) - 1:4} updates, ends {above:.2f} above the minimum")

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "three_descents_figure", "locked": true, "schema_version": 3, "solution": false, "task": false}
figure, axes = plt.subplots(1, 3, figsize=(7, 3.3), sharey=True)
words = {512: "straight, still far", 64: "nearly there", 1: "there, and restless"}
for ax, (batch_size, points) in zip(axes, walks.items(), strict=True):
    plots.contours(ax, line_loss, (-0.8, 6.8), (-1, 5.5))
    plots.path(ax, points, "SGD", goal=best)
    ax.set_title(f"batch {batch_size}: {words[batch_size]}", fontsize=9)
axes[0].set_ylabel("slope w")
figure.supxlabel("intercept b", fontsize=10)
figure.suptitle("The same reading buys 4, 32 or 2048 updates")
plots.show(
    figure,
    "Three paths over the same contour lines. With the whole batch, four straight steps end half way. "
    "Batch 64 takes 32 slightly crooked steps and ends near the minimum. Batch 1 gets there early and "
    "then fills a cloud around it.",
)

# %% [markdown]
# <details><summary>What to see</summary>
#
# The whole batch has the best gradient and the fewest steps: four. One row at a time gives 2048 steps, each with a poor gradient; the walk
# reaches the minimum early and cannot stay there. Batch 64 takes a nearly straight way, and eight times as many steps as the
# whole batch.
#
# </details>

# %% [markdown]
# ## At the end you can
#
# - deal a data set into shuffled mini-batches and count the updates of an epoch;
# - write the gradient of a mini-batch's loss, with L2 term;
# - build `SGD` with PyTorch's interface and name the five steps of a training loop;
# - say what the batch size and the learning rate do to noise, speed and stability.
#
# About 60 minutes, 10 points. This is the first lesson: it needs NumPy and the derivative of a square. The experiments run your own code:
# when one stops with `NotImplementedError`, fill in the exercise above it first.
#
# You build it from scratch: to your answers PyTorch's own optimisers and schedules, clipping and normalisation, and pandas' exponential
# averages are not available, in the check and in grading alike. The experiments may use them. The class `torch.optim.Optimizer`, which
# computes nothing, may be inherited from.

# %% [markdown]
# ## The idea
#
# The gradient of a mean over $n$ rows is the mean of $n$ gradients, one for each row. To estimate a mean you need not ask everybody: the mean over a few
# rows drawn at random is right on average, and much cheaper.
#
# Put the row numbers $0, \dots, n-1$ into a random $\mathit{order}$ and deal them out. With $m$ rows in a batch, batch number $k$ is a slice of it, written as in Python:
#
# $$B_k = \mathit{order}\,[\,k m : (k+1)\,m\,], \qquad k = 0, 1, \dots, \lceil n/m \rceil - 1 \tag{1}$$
#
# If $m$ does not divide $n$, the last batch is shorter: the slice ends at $n$. Leaving it out ("drop last") makes $\lfloor n/m \rfloor$ batches.

# %% [markdown]
# Two words that are easily mixed up:
#
# - an **iteration**, or update: one batch, one gradient, one step;
# - an **epoch**: once through all $n$ rows, so $\lceil n/m \rceil$ iterations.
#
# The order is drawn anew for each epoch. Without that, the same rows would always meet in the same batch. With a file sorted by class, each batch would even
# hold one class only, and pull the model towards it.
#
# Three names for three sizes: $m = n$ is **batch** gradient descent, $m = 1$ is **stochastic** gradient descent (Robbins and Monro, 1951), and
# what lies between is **mini-batch** gradient descent. In practice all of it is called SGD.

# %% [markdown]
# ## Exercise 1: deal the rows (3 points)
#
# Formula (1) in NumPy. The check starts with three rows in batches of two, which the worked example below uses: `[0, 1]` and `[2]`.


# %% nbgrader={"grade": false, "grade_id": "minibatch_indices", "locked": false, "schema_version": 3, "solution": true, "task": false}
def minibatch_indices(n, batch_size, rng=None, drop_last=False):
    """The row numbers 0, 1, ..., n - 1, dealt into mini-batches: formula (1).

    Args:
        n: how many rows there are, 0 or more.
        batch_size: how many rows a batch holds, 1 or more; it may be larger than n.
        rng: a NumPy generator. The order is then rng.permutation(n), drawn once a call. Without it (None)
            the rows keep their order.
        drop_last: True leaves out the last batch if it is shorter than batch_size; a full one stays.

    Returns:
        A list of integer arrays, one for each batch, in the order of formula (1). For n = 0 it is empty.
    """
    ### BEGIN SOLUTION
    order = np.arange(n) if rng is None else rng.permutation(n)
    batches = [order[start : start + batch_size] for start in range(0, n, batch_size)]  # (1)
    if drop_last and n % batch_size != 0:
        batches.pop()
    return batches
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_minibatch_indices", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("minibatch_indices", minibatch_indices)

# %% [markdown]
# ### Two epochs
#
# **Predict.** Ten rows in batches of four: how many updates does an epoch make? Row 7 is in the first batch of epoch 1. Must it be in the
# first batch of epoch 2?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "two_epochs", "locked": true, "schema_version": 3, "solution": false, "task": false}
rng = np.random.default_rng(2)
for epoch in (1, 2):
    batches = minibatch_indices(10, 4, rng)
    print(f"epoch {epoch}:", "  ".join(str(batch) for batch in batches))
print("every row once an epoch:", sorted(np.concatenate(batches).tolist()))

# %% [markdown]
# ## The loss of a mini-batch
#
# Let $X$ of shape $(m, d)$ hold the $m$ rows of one batch, with $d$ numbers each, and $y$ of shape $(m,)$ their targets. The model is linear: weights
# $w$ of shape $(d,)$ and a number $b$. $x_i$ is row $i$ of $X$.
#
# $$J(w, b) = \frac1m \sum_{i=1}^{m} (x_i \cdot w + b - y_i)^2 + \frac{l_2}{2m} \lVert w \rVert^2 \tag{2}$$
#
# The first term is the mean squared error. The second, with $l_2 \ge 0$, keeps the weights small; $b$ is left out of it. Note the
# $m$: each mini-batch has a loss of its own, over its own rows, and divides by its own size.

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
# Formula (3) is where **vectorisation** comes in. One matrix product serves all $m$ rows, and a processor does it in far less than $m$ times the time of one row.

# %% [markdown]
# ### By hand
#
# Three rows on the line $y = 2x + 1$: $x = 1, 2, 3$ and $y = 3, 5, 7$. Batches of two in order, $lr = 0.05$, $l_2 = 0$, start at $w = b = 0$. Check each number with pencil and paper.
#
# | | formula | $k = 0$: rows 0, 1 | $k = 1$: row 2 |
# |---|---|---|---|
# | $m$ | (1) | 2 | 1 |
# | error $Xw + b - y$ | | −3, −5 | 3 · 0.65 + 0.4 − 7 = −4.65 |
# | $J$ before the update | (2) | (9 + 25) / 2 = 17 | 21.6225 |
# | $dw$ | (3) | 2/2 · (−3 · 1 − 5 · 2) = −13 | 2/1 · (−4.65 · 3) = −27.9 |
# | $db$ | (4) | 2/2 · (−3 − 5) = −8 | 2/1 · (−4.65) = −9.3 |
# | $w$ after | (5) | 0 + 0.05 · 13 = 0.65 | 0.65 + 0.05 · 27.9 = 2.045 |
# | $b$ after | (5) | 0 + 0.05 · 8 = 0.4 | 0.4 + 0.05 · 9.3 = 0.865 |
#
# $J$ went up from 17 to 21.6, and yet the model got better: over all three rows the error fell from 27.7 to 12.1 and then to 0.003. The second number is of other rows.

# %% [markdown]
# ## Exercise 2: the gradient (2 points)
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
        (dw, db): an array of shape (d,) and a number. The inputs stay unchanged, and dw shares no memory
        with them.
    """
    ### BEGIN SOLUTION
    m = len(y)
    error = X @ w + b - y
    dw = 2 / m * (X.T @ error) + l2 / m * w  # (3)
    db = 2 / m * error.sum()  # (4)
    return dw, db
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_mse_gradient", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("mse_gradient", mse_gradient)

# %% [markdown]
# ## Experiment: how wrong is a mini-batch?
#
# Real data: 1500 handwritten digits of 8 × 8 pixels. The model is linear, and has to say 1 for a zero and 0 for any other digit. The cell
# measures the noise of a mini-batch: how far its gradient lies from the gradient over all 1500 rows, as the root of the mean squared
# distance over at least 300 batches.
#
# **Predict.** Batch 64 reads 64 times as many rows as batch 1. By what factor is its noise smaller: 64, 8, or less? What is the noise of batch 1500?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "noise", "locked": true, "schema_version": 3, "solution": false, "task": false}
digits = data.digits()
X, is_zero = digits.X_train, (digits.y_train == 0).astype(float)
n, d = X.shape


def gradient(rows):
    """Your gradient at w = 0, b = 0 over some rows, as one vector of length d + 1."""
    return np.append(*mse_gradient(X[rows], is_zero[rows], np.zeros(d), 0.0))


def noise(batch_size, batches=300):
    """Root mean squared distance of mini-batch gradients from the gradient over all rows."""
    rng, whole, distances = np.random.default_rng(0), gradient(np.arange(n)), []
    while len(distances) < batches:
        for rows in minibatch_indices(n, batch_size, rng, drop_last=True):
            distances.append(np.linalg.norm(gradient(rows) - whole))
    return math.sqrt(np.mean(np.square(distances)))


sizes = np.array([1, 4, 16, 64, 256, 750])
measured = np.array([noise(size) for size in sizes])
for size, value in zip(sizes, measured, strict=True):
    print(f"batch {size:3}: noise {value:.2f}")
print(f"length of the whole gradient: {np.linalg.norm(gradient(np.arange(n))):.2f}")

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "noise_figure", "locked": true, "schema_version": 3, "solution": false, "task": false}
figure, ax = plt.subplots()
ax.set(xlabel="batch size m (rows)", ylabel="noise of the gradient", xscale="log", yscale="log")
ax.set(
    xlim=(0.8, 2000),
    ylim=(0.04, 4),
    xticks=sizes,
    xticklabels=sizes,
    yticks=[0.1, 1],
    yticklabels=["0.1", "1"],
)
ax.minorticks_off()
ax.plot(sizes, measured[0] / np.sqrt(sizes), "--", color="0.5", label="1/sqrt(m)")
ax.plot(sizes, measured, "o", color=plots.PALETTE[0], markersize=7, label="measured")
ax.text(20, 0.75, "dots: measured", color=plots.PALETTE[0], weight="bold")
ax.text(300, 0.16, "dashed: falls as\n1 / √m", color="0.35")
ax.set_title("64 times the rows, an eighth of the noise")
plots.show(
    figure,
    "Noise of the mini-batch gradient against batch size on log axes. The measured dots fall from 2.3 at "
    "batch 1 to 0.3 at batch 64 along a dashed line that falls as one over the root of m. At batch 750 the "
    "dot lies below the line.",
)

# %% [markdown]
# The mean of $m$ independent draws, each with standard deviation $\sigma$, has the standard deviation
#
# $$\sigma_m = \frac{\sigma}{\sqrt m} \tag{6}$$
#
# Four times the reading halves the noise. That is a poor bargain: the first rows of a batch teach you most.
#
# <details><summary>Explain: from which batch size on is the noise shorter than the gradient itself? Why do the last dots lie below the line?</summary>
#
# The gradient is 0.72 long, and $2.33/\sqrt m = 0.72$ at $m \approx 10$. So a few dozen rows know the way quite well.
#
# The rows of a batch are drawn without replacement and are not quite independent. That multiplies (6) by $\sqrt{(n-m)/(n-1)}$: nearly 1 for small batches,
# 0.71 for half of the data, 0 for all of it.
#
# </details>

# %% [markdown]
# ## Exercise 3: the optimiser (2 points)
#
# A network has many parameter tensors, and autograd fills in their `.grad`. PyTorch's optimisers share one shape: a constructor that
# takes the parameters, `step()` and `zero_grad()`. Yours will fit any PyTorch training loop.
#
# Let $\theta$ be one such tensor and $g$ its gradient. One option, weight decay $wd$, pulls every parameter towards zero as the L2 term of (3) does:
#
# $$\theta \leftarrow \theta - lr \cdot (g + wd \cdot \theta) \tag{7}$$
#
# Two traps. Change each tensor **in place**: `theta -= ...`, for `theta.data = ...` moves its memory and `theta = theta - ...` only renames. And
# the bracket in (7) is a new tensor: `theta.grad` itself must not change.


# %% nbgrader={"grade": false, "grade_id": "SGD", "locked": false, "schema_version": 3, "solution": true, "task": false}
class SGD:
    """Stochastic gradient descent with the interface of torch.optim: formula (7) for each parameter.

    Two instances share nothing.

    Args:
        params: the tensors to train, any iterable; it may be a generator, which can be read only once.
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

        Reads self.lr each time. A parameter whose grad is None is skipped, and those after it are not.
        Leaves every grad unchanged, so that step() may be called again with the same one.
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
# ## The five steps of a training loop
#
# PyTorch deals out the rows with a `DataLoader`: it does your exercise 1 and stacks the rows of each batch.
#
# - `batch_size=64`: how many rows;
# - `shuffle=True`: a new order each epoch. The default is `False`, which is what you want for a test set;
# - `drop_last=False`: the short last batch is kept by default;
# - `num_workers=0`: batches are made in the main process. More workers help when a row is slow to load, such as a photograph on disk; they have
#   little to do for an array in memory;
# - `generator`: makes the order reproducible, like your `rng`.

# %% [markdown]
# Then each iteration takes five steps, and nearly every PyTorch program you will read has them:
#
# 1. **Take a batch** from the loader.
# 2. **Forward**: compute the predictions and the loss of this batch.
# 3. **Clear** the old gradients with `zero_grad()`. Autograd adds to `.grad`; it never starts over by itself.
# 4. **Backward**: `loss.backward()` fills in every `.grad`.
# 5. **Step**: the optimiser moves the parameters.
#
# Steps 2 and 3 may change places; 3, 4, 5 may not. The cell trains a network with 32 hidden units on the digits, with your `SGD`.
#
# **Predict.** 1500 rows in batches of 64: how many updates are in 5 epochs? What would happen without step 3, after 1 epoch and after 5?


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "five_steps", "locked": true, "schema_version": 3, "solution": false, "task": false}
def train_digits(epochs, clear=True):
    """Train a network with your SGD; returns the updates made and the share of test digits it gets right."""
    model, updates = training.network(seed=0), 0
    rows = TensorDataset(torch.from_numpy(digits.X_train), torch.from_numpy(digits.y_train))
    order = torch.Generator().manual_seed(0)
    loader = DataLoader(rows, batch_size=64, shuffle=True, generator=order)
    optimizer = SGD(model.parameters(), lr=0.3)
    for _ in range(epochs):  # an epoch reads every row once
        for X_batch, y_batch in loader:  # 1. take a batch
            loss = F.cross_entropy(model(X_batch), y_batch)  # 2. forward
            if clear:
                optimizer.zero_grad()  # 3. clear
            loss.backward()  # 4. backward
            optimizer.step()  # 5. step
            updates += 1
    return updates, training.evaluate(model, digits.X_test, digits.y_test)[1]


for epochs in (1, 5):
    updates, right = train_digits(epochs)
    _, without = train_digits(epochs, clear=False)
    print(f"{updates:3} updates: {right:.0%} right, without zero_grad() {without:.0%}")

# %% [markdown]
# <details><summary>Explain: what does the loop do without step 3?</summary>
#
# Each `.grad` becomes the sum of all gradients since the start, so that a step repeats all earlier ones. That is a ball without friction. In the first epoch it
# gains speed and seems the better choice; then it rushes past the minimum and swings ever further. No error is raised, which makes this mistake hard to find. Lesson 03 adds the friction, and
# calls it momentum.
#
# </details>

# %% [markdown]
# ## Exercise 4: the whole loop (3 points)
#
# Now the same loop in NumPy, for the linear model, out of your own pieces: `minibatch_indices` for step 1, `mse_gradient` for steps 2 to 4, formula (5)
# for step 5. It is judged with your two functions as they are: pass their checks first. The check contains the worked example: its losses are 17 and 21.6225.


# %% nbgrader={"grade": false, "grade_id": "fit_linear", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fit_linear(X, y, batch_size, lr, epochs, rng):
    """Fit y = X w + b by mini-batch gradient descent, from w = 0 and b = 0, without an L2 term.

    Args:
        X, y: all the rows, float64 of shape (n, d), and their targets, shape (n,).
        batch_size: how many rows a mini-batch holds; the short last batch is used too.
        lr: the learning rate in (5).
        epochs: how often to go through all the rows, 1 or more; each time in a new order.
        rng: a NumPy generator, for minibatch_indices.

    Returns:
        (w, b, losses): an array of shape (d,), a number, and a list or array with one number for each
        update: the mean squared error of its mini-batch, before the update. X and y stay unchanged.
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


# %% nbgrader={"grade": true, "grade_id": "check_fit_linear", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("fit_linear", fit_linear)

# %% [markdown]
# ## Experiment: the curve that shakes
#
# Your `fit_linear` learns to tell the zeros from the other digits, twice with $lr = 0.03$ and 288 updates: once with the whole batch, once with batch 64.
#
# **Predict.** Which of the two loss curves can rise from one update to the next? Which run ends with the lower loss over all rows?


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "shaking", "locked": true, "schema_version": 3, "solution": false, "task": false}
def fit_zeros(batch_size, lr, epochs):
    """Your fit on the digits: the mini-batch losses, and the loss over all rows at the end."""
    with np.errstate(all="ignore"):  # a run that diverges overflows in the end
        w, b, losses = fit_linear(X, is_zero, batch_size, lr, epochs, np.random.default_rng(0))
        return np.array(losses), np.mean((X @ w + b - is_zero) ** 2)


whole, whole_end = fit_zeros(1500, lr=0.03, epochs=288)
mini, mini_end = fit_zeros(64, lr=0.03, epochs=12)
figure, ax = plt.subplots()
ax.set(xlabel="update", ylabel="mean squared error of the batch", xlim=(0, 290), ylim=(0, 0.2))
ax.set(yticks=[0, 0.05, 0.1, 0.15, 0.2])
plots.curves(ax, {"batch 64": mini, "all 1500": whole}, start=1)
ax.lines[0].set_linewidth(0.9)
ax.lines[1].set_linewidth(3)
ax.set_title("All rows: a smooth fall. 64 rows: the same fall, shaken")
plots.show(
    figure,
    "Mini-batch loss over 288 updates. With all 1500 rows it falls smoothly from 0.097 to 0.024. With "
    "batches of 64 it falls just as fast on average, but jumps up and down by about a quarter of its "
    "value from update to update.",
)
print(f"all 1500: loss over all rows {whole_end:.3f} after 288 epochs")
print(f"batch 64: loss over all rows {mini_end:.3f} after  12 epochs")
print(f"batch 64: {np.mean(np.diff(mini) > 0):.0%} of the updates are followed by a higher loss")

# %% [markdown]
# <details><summary>Explain: does a rising curve mean that training goes wrong?</summary>
#
# No: about every second number is higher than the one before, and the run still arrives. Two things shake it. Each number is measured on other rows, as in the worked
# example. And each step follows a noisy gradient, so it is not exactly downhill. Both average out: the two runs end level, and batch 64 has read a 24th as much.
#
# The whole batch measures the same function every time. With a small enough $lr$ each step lowers it, so the curve never rises. If yours does, $lr$ is too large, or there is a bug.
# To judge a mini-batch run, average the losses over an epoch.
#
# </details>

# %% [markdown]
# ## Experiment: the learning rate
#
# The whole batch again, 100 updates, three learning rates. Along a direction in which the loss curves by $\lambda$, one step multiplies the distance from the minimum by $1 - lr \cdot \lambda$. This
# shrinks the distance only if $lr < 2/\lambda$. The direction with the largest $\lambda$ sets the limit, and the cell computes it.
#
# **Predict.** $lr = 0.08$ works. How will 0.09 do, and how will 0.001?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "learning_rates", "locked": true, "schema_version": 3, "solution": false, "task": false}
columns = np.column_stack([X, np.ones(n)])
curvature = np.linalg.eigvalsh(2 / n * columns.T @ columns)  # in all 65 directions
print(f"largest curvature {curvature[-1]:.1f}, so lr must stay below {2 / curvature[-1]:.4f}")
runs = {"0.001 crawls": 0.001, "0.08 is right": 0.08, "0.09 diverges": 0.09}
figure, ax = plt.subplots()
ax.set(xlabel="update", ylabel="mean squared error", xlim=(0, 100), yscale="log", ylim=(0.01, 10))
ax.set(yticks=[0.01, 0.1, 1, 10], yticklabels=["0.01", "0.1", "1", "10"])
curves = {name: fit_zeros(1500, lr, epochs=100)[0] for name, lr in runs.items()}
visible = {name: np.where(losses < 10, losses, np.nan) for name, losses in curves.items()}
plots.curves(ax, visible, start=1)
ax.set_title("Between crawling and exploding: the limit is 0.087")
plots.show(
    figure,
    "Loss over 100 updates on a log axis. With 0.001 it hardly moves from 0.1. With 0.08 it falls to "
    "0.024. With 0.09 it falls at first, turns after 7 updates and passes 10 after 56.",
)

# %% [markdown]
# <details><summary>Explain: why does 0.09 fall first and explode afterwards?</summary>
#
# The loss curves in 65 directions. In 64 of them 0.09 does no harm. In the steepest one each step multiplies the distance by
# $1 - 0.09 \cdot 22.9 = -1.06$: it jumps across the minimum and lands a little further away on the other side. That part starts small, and its loss grows by 13% an update until it
# outweighs all others.
#
# So the curve tells you about $lr$. A loss that grows to infinity or NaN: too large. One that falls in a nearly level line: too small. A fast fall that levels off: about right.
#
# </details>

# %% [markdown]
# ## Experiment: four batch sizes, two ways to count
#
# The network learns the digits with your `SGD` and your `minibatch_indices`, with batches of 1500, 256, 32 and 4 and always $lr = 0.3$. After each update the cell measures the loss
# over all 1500 rows. It counts the updates, and it counts the row gradients: one for each row of each batch, so 1500 of them are an epoch.
#
# **Predict.** How many times more updates does batch 32 need than the whole batch to bring the loss below 0.35: 47 times, because it reads a 47th? And batch 4?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "four_batch_sizes", "locked": true, "schema_version": 3, "solution": false, "task": false}
X_all, y_all = torch.from_numpy(X), torch.from_numpy(digits.y_train)


def train_and_watch(batch_size, updates=240):
    """Train the network; returns the row gradients so far and the loss over all rows, (updates,) each."""
    model, rng = training.network(seed=0), np.random.default_rng(0)
    optimizer, batches, losses = SGD(model.parameters(), lr=0.3), [], []
    while len(batches) < updates:
        batches += minibatch_indices(n, batch_size, rng)
    for rows in batches[:updates]:
        loss = F.cross_entropy(model(X_all[rows]), y_all[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(training.evaluate(model, X, digits.y_train)[0])
    return np.cumsum([len(rows) for rows in batches[:updates]]), np.array(losses)


watched = {f"batch {size}": train_and_watch(size) for size in (1500, 256, 32, 4)}
for name, (read, losses) in watched.items():
    first = np.argmax(losses < 0.35)
    print(f"{name:10} reaches 0.35 after {first + 1:3} updates, {read[first]:6} row gradients")

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "four_batch_sizes_figure", "locked": true, "schema_version": 3, "solution": false, "task": false}
losses = {name: loss for name, (_, loss) in watched.items()}
figure, axes = plt.subplots(2, 1, figsize=(7, 6.4))
axes[0].set(xlabel="updates", ylabel="loss over all rows (nats)", xlim=(0, 240), ylim=(0, 2.5))
plots.curves(axes[0], losses, start=1)
axes[0].set_title("An update is worth the same with 32 rows as with 1500 ...")
axes[1].set(xlabel="row gradients (an epoch is 1500)", ylabel="loss over all rows (nats)")
axes[1].set(xscale="log", xlim=(3, 4e5), ylim=(0, 2.7))
for (name, (read, loss)), style in zip(watched.items(), plots.line_styles(list(watched)), strict=True):
    axes[1].plot(read, loss, label=name, **style)
    axes[1].text(read[0], 2.42, name, color=style["color"], weight="bold")
axes[1].set_title("... and costs a 47th of the reading")
plots.show(
    figure,
    "Training loss of a network with batches of 1500, 256, 32 and 4, twice. Against updates the three larger "
    "ones lie on one another and batch 4 falls later and shakes. Against row gradients, on a log axis, "
    "they are far apart: batch 4 is first, then 32, 256 and 1500.",
)

# %% [markdown]
# <details><summary>Explain: so which batch size is best?</summary>
#
# With the same $lr$, 32, 256 and 1500 rows walk almost the same path: their noise is small against the gradient. Rows beyond the first few dozen are read for nothing. Batch 4 shakes: it dips
# below 0.35 after 193 updates and comes up again. Counted in rows it is still the cheapest start.
#
# What do you pay for? If for rows, take small batches. But the rows of a batch are computed at once, and then you pay for updates: batch 4 pays 193 of them, batch 32 only 105. The
# middle has the best of both. Where it lies depends on the noise of the problem (McCandlish and others, 2018).
#
# </details>

# %% [markdown]
# ## Choosing a batch size
#
# - **Up to about 2000 rows** you can use them all, if an update is fast.
# - **Otherwise** start between 64 and 512, by custom with a power of two. The batch, and all that the network computes of it, must fit in memory.
# - **Batch 1 loses vectorisation.** On one core `gradient` took 9 µs for one row and 12 µs for 64 rows. Try it: `%timeit gradient(np.arange(64))`.
# - **The whole batch waits:** a million rows are read before the first step.
# - **Change the rate with the batch.** Less noise allows a longer step, up to a limit. "Batch times $k$, rate times $k$" is a common rule (Goyal and others, 2017).

# %% [markdown]
# ## Conventions
#
# The same words stand for slightly different formulas. The cell below checks the last column.
#
# | where | what differs | by how much |
# |---|---|---|
# | this lesson; `F.mse_loss` | the mean of the squared errors | equal |
# | many course notes | $\frac{1}{2m}\sum$, no 2 in the gradient | the same path at twice the $lr$ |
# | `F.mse_loss(reduction="sum")` | no $1/m$ | gradient $m$ times as large: 64 times for batch 64 |
# | `weight_decay` in (7) | $wd$ in place of $l_2/m$ in (3) | equal for $wd = l_2/m$; given $b$ as well, it decays $b$ too |
# | `DataLoader` | `shuffle=False` by default | the same order each epoch |
# | the short last batch | a mean over fewer rows | 28 rows of 1500 weigh 64/28 = 2.3 times as much |
# | theory | rows drawn with replacement | an epoch of $n$ draws meets about 63% of the rows |

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "conventions", "locked": true, "schema_version": 3, "solution": false, "task": false}
rows, w, b, l2 = np.arange(64), np.full(d, 0.1), 0.1, 3.2
dw, _ = mse_gradient(X[rows], is_zero[rows], w, b)
dw_l2, _ = mse_gradient(X[rows], is_zero[rows], w, b, l2)


def torch_gradient(reduction):
    weight = torch.tensor(w, requires_grad=True)
    F.mse_loss(X_all[rows] @ weight + b, torch.from_numpy(is_zero[rows]), reduction=reduction).backward()
    return weight.grad.numpy()


halved = X[rows].T @ (X[rows] @ w + b - is_zero[rows]) / 64  # of the loss with 1/(2m)
print(f"torch's mse_loss and yours: {np.abs(dw - torch_gradient('mean')).max():.3f} apart")
print(
    f"yours is {dw[30] / halved[30]:.1f} times that of 1/(2m); a sum is {torch_gradient('sum')[30] / dw[30]:.1f} times yours"
)
print(f"wd = l2/m: {np.abs(dw_l2 - (dw + l2 / 64 * w)).max():.3f} apart")
print("DataLoader's batches:", [batch.tolist() for batch in DataLoader(range(10), batch_size=4)])
last = minibatch_indices(n, 64)[-1]
print(f"the last batch has {len(last)} rows, each with {64 / len(last):.1f} times the weight")
order = torch.Generator().manual_seed(0)
drawn = list(RandomSampler(range(100_000), replacement=True, generator=order))
print(f"with replacement: {len(set(drawn)) / len(drawn):.0%} of the rows")

# %% [markdown]
# ## Experiment: a race, with sliders
#
# Five epochs of reading for your `fit_linear`, and two sliders. They start at the whole batch with $lr = 0.01$, which ends at 0.083. The minimum is 0.021.
#
# **Goal:** a loss over all rows below 0.025, with at most 500 updates. **Predict** first: which batch sizes leave you at most 500 updates in five epochs?


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "race", "locked": true, "schema_version": 3, "solution": false, "task": false}
def draw_race(batch_size=1500, lr=0.01):
    losses, end = fit_zeros(batch_size, lr, epochs=5)
    reached = end < 0.025 and len(losses) <= 500
    figure, ax = plt.subplots()
    ax.plot(
        np.arange(1, len(losses) + 1),
        np.clip(losses, 1e-4, 10),
        linewidth=1,
        marker="." if len(losses) < 40 else "",
    )
    ax.axhline(0.025, color="0.4", linestyle="--")
    ax.set(xlabel="update", ylabel="mean squared error of the batch", yscale="log", ylim=(3e-3, 10))
    result = f"Ends at {end:.4f}" if end < 10 else "Diverged"
    ax.set_title(
        f"{result}, {len(losses)} updates. {'Goal reached!' if reached else 'Goal: below 0.025 in 500.'}"
    )
    return figure


batch_sizes = [1, 4, 16, 32, 64, 256, 1500]
lrs = [0.001, 0.003, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1]
plots.sliders(draw_race, batch_size=batch_sizes, lr=lrs)

# %% [markdown]
# The next figure is the map of this game, without sliders: each field is one run, and those that reach the goal have a frame.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "race_map", "locked": true, "schema_version": 3, "solution": false, "task": false}
ends = np.array([[fit_zeros(batch_size, lr, epochs=5)[1] for lr in lrs] for batch_size in batch_sizes])
labels = np.array([[f"{end:.3f}" if end < 1 else "–" for end in row] for row in ends])
updates = [5 * math.ceil(n / batch_size) for batch_size in batch_sizes]
figure, ax = plt.subplots(figsize=(7, 4.2))
look = {"cmap": "Blues_r", "linewidths": 1, "cbar": False, "annot_kws": {"size": 10}}
sns.heatmap(np.where(ends < 0.1, ends, 0.1), annot=labels, fmt="", xticklabels=lrs, ax=ax, **look)
rows = [f"{size}, {count} updates" for size, count in zip(batch_sizes, updates, strict=True)]
ax.set_yticklabels(rows, rotation=0)
for row, column in np.argwhere((ends < 0.025) & (np.array(updates)[:, None] <= 500)):
    ax.add_patch(plt.Rectangle((column, row), 1, 1, fill=False, edgecolor=plots.PALETTE[3], linewidth=3))
ax.set(xlabel="lr", ylabel="batch size")
ax.set_title("Neither end wins: batches of 16 and 32 reach the goal")
plots.show(
    figure,
    "Loss after five epochs for seven batch sizes and eight learning rates; a dash marks a run that "
    "diverged. Only fields with 16 and 32 rows have a frame: below 0.025 in at most 500 updates. The best "
    "rate is 0.01 for batch 1, 0.04 for batch 4 and up to 0.08 for the larger ones.",
)

# %% [markdown]
# <details><summary>Explain: look at the best rate of each row. Why does it grow with the batch, and why does it stop?</summary>
#
# With a small batch the noise sets the limit: each step is partly random, and a large $lr$ makes the random part large. Batch 1 is best near 0.01, batch 4 near 0.04: four times the
# rows, four times the rate. From 16 rows on the best rates lie between 0.04 and 0.08, just below the limit that the curvature sets: $2/\lambda = 0.087$. "Batch times $k$, rate times $k$" works until then.
#
# </details>

# %% [markdown]
# ## Recap
#
# 1. A mini-batch gradient is an estimate of the whole one: right on average, with noise that falls as $1/\sqrt m$.
# 2. An epoch reads every row once, in a new order, and makes $\lceil n/m \rceil$ updates.
# 3. The whole batch falls smoothly; a mini-batch shakes, because each loss is of other rows.
# 4. Beyond $2/\lambda$ the loss explodes; far below, it crawls.
# 5. Training loop: batch, forward, clear, backward, step.

# %% [markdown]
# ## Where it breaks
#
# - **With a constant $lr$ it never lands.** The noise keeps it in a cloud around the minimum, as in the first picture. Lesson 06 lets the rate fall.
# - **One rate for all directions.** In a ravine the steep direction sets the limit and the flat one crawls. Lessons 03 to 05 are about this.
# - **Very large batches** can lead to networks that do worse on new data (Keskar and others, 2017); a rate that fits the batch mends much of it (Goyal and others, 2017).
# - **Rows that depend on each other**, such as neighbours in time, make a poor sample if they stay together. Shuffle, or draw whole sequences.

# %% [markdown]
# ## Further
#
# - H. Robbins and S. Monro (1951). A Stochastic Approximation Method. Annals of Mathematical Statistics 22(3)
# - L. Bottou, F. Curtis and J. Nocedal (2018). Optimization Methods for Large-Scale Machine Learning. SIAM Review 60(2). arXiv:1606.04838
# - S. McCandlish and others (2018). An Empirical Model of Large-Batch Training. arXiv:1812.06162
# - N. Keskar and others (2017). On Large-Batch Training for Deep Learning: Generalization Gap and Sharp Minima. ICLR. arXiv:1609.04836;
#   with P. Goyal and others (2017). Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour. arXiv:1706.02677
