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
# # 06 Learning-rate decay
#
# Large steps bring you near the minimum; small steps let you land there. So let the learning rate fall while you train.
#
# ## The problem
#
# Fit a line to 256 points that were made from $y = 4 + 3x$ and noise, with batches of 8 rows. Near the minimum the true gradient is almost
# zero. The gradient of a batch is not: its 8 rows always want a slightly different line. Each step follows them, and the next batch pulls
# back.
#
# The second cell below holds a PyTorch training loop. One thing in it is new: once an epoch, a *scheduler* may change the rate.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import math
import textwrap
import warnings

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
import torch

from course import check, data, plots, training

rng = np.random.default_rng(0)
x = rng.uniform(-1, 1, size=256)
y = 4 + 3 * x + rng.normal(size=256)
A = np.stack([np.ones(256), x], axis=1)  # a column for b and a column for w
best = np.linalg.lstsq(A, y, rcond=None)[0]


def line_loss(b, w):
    """Mean squared error of the line b + w*x, for arrays b and w of one shape."""
    return np.mean((b[..., None] + w[..., None] * x - y) ** 2, axis=-1)


print(f"minimum at b = {best[0]:.2f}, w = {best[1]:.2f}, loss {line_loss(*best):.2f}")


# %% nbgrader={"grade": false, "grade_id": "walk", "locked": true, "schema_version": 3, "solution": false, "task": false}
def walk(lr, make_scheduler=None, epochs=30):
    """Fit the line with batches of 8 from (0, 0); returns b and w after each update, (32 * epochs, 2)."""
    theta = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=lr)
    scheduler = make_scheduler(optimizer) if make_scheduler else None
    rng, points = np.random.default_rng(0), []
    for _ in range(epochs):
        for rows in np.split(rng.permutation(256), 32):
            optimizer.zero_grad()
            torch.mean((torch.from_numpy(A[rows]) @ theta - torch.from_numpy(y[rows])) ** 2).backward()
            optimizer.step()
            points.append(theta.tolist())
        if scheduler:
            scheduler.step()
    return np.array(points)


print("30 epochs of 32 updates each")

# %% [markdown]
# **Predict.** Four walks read the same batches for 30 epochs. Three have a fixed rate: 0.3, 0.03 and 0.003. The fourth starts at 0.3 and falls
# to 0, with a scheduler of PyTorch's. Draw their loss above the minimum, on a logarithmic axis. Which one is lowest after 2 epochs? Which one
# at the end? Do the fixed ones ever stop falling?


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "hover", "locked": true, "schema_version": 3, "solution": false, "task": false}
def falling(optimizer):
    return torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=30)


walks = {"0.3, falling": walk(0.3, falling), "0.3": walk(0.3), "0.03": walk(0.03), "0.003": walk(0.003)}
figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 4), width_ratios=[1.35, 1])
left.set(xlabel="epoch", ylabel="loss above the minimum, mean of the epoch", yscale="log")
left.set(xlim=(0, 30), ylim=(1e-5, 30), title="A fixed rate hovers; a falling one lands")
above = {name: line_loss(*points.T) - line_loss(*best) for name, points in walks.items()}
plots.curves(left, {name: values.reshape(30, 32).mean(axis=1) for name, values in above.items()}, start=1)
plots.contours(right, line_loss, (3.4, 4.6), (2.1, 3.9))
for name, color, place in (("0.3", 1, (3.45, 3.75)), ("0.3, falling", 0, (4.12, 2.2))):
    right.plot(*walks[name][-160:].T, "o", markersize=3, color=plots.PALETTE[color])
    right.text(*place, name, color=plots.PALETTE[color], weight="bold")
right.plot(*best, "*", markersize=14, color="0.15", markeredgecolor="white")
right.set(xlabel="intercept b", ylabel="slope w", title="The last 5 epochs, 160 updates")
plots.show(
    figure,
    "Left, loss above the minimum over 30 epochs, logarithmic. The rate 0.3 falls fastest and stays at 0.05. The rate 0.03 settles near "
    "0.001. The rate 0.003 is still on its way. The falling rate ends below 0.0001. Right, the last 160 points: those of the fixed rate "
    "are scattered widely around the minimum, those of the falling rate lie close beside it.",
)

# %% [markdown]
# <details>
# <summary>What to see</summary>
# <p>
# After 2 epochs the rate 0.3 is far ahead. Then it stops: its points jump about the minimum for ever. With a tenth of the rate the walk
# takes longer to come down and hovers about 40 times lower. With a hundredth, 30 epochs are too few to arrive at all. The falling rate has the
# fast start of the first and, in the end, smaller steps than any of them.
# </p>
# </details>

# %% [markdown]
# ## At the end you can
#
# - say how high above the minimum a fixed rate hovers, and why decay helps;
# - write five schedules as functions of the epoch, and choose between them;
# - lower the rate when a loss stalls;
# - drive any PyTorch optimiser with a schedule of your own, in the right order.
#
# About 60 minutes, 10 points. It uses the training loop of lesson 01. The experiments run your own code: when one stops with
# `NotImplementedError`, fill in the exercise above it first.
#
# You build it from scratch: to your answers PyTorch's own optimisers and schedules, clipping and normalisation, and pandas' exponential
# averages are not available, in the check and in grading alike. The experiments may use them. The class `torch.optim.Optimizer`, which
# computes nothing, may be inherited from.

# %% [markdown]
# ## The idea
#
# Take one parameter $\theta$ and the loss $\frac12 c\,\theta^2$ with its minimum at 0. $c$ is the curvature. Let the gradient of each batch
# be the true one, $c\,\theta$, plus noise of mean 0 and variance $\sigma^2$, new at every step. All four are numbers.
#
# Each step shrinks $\theta$ by the factor $1 - lr \cdot c$ and adds new noise, $lr$ times the gradient's. When as much comes in as goes out,
# the mean loss stays at
#
# $$\text{floor} = \frac{lr\, \sigma^2}{2\,(2 - lr \cdot c)} \tag{1}$$
#
# For small rates this is $lr\,\sigma^2/4$: **half the rate, half the floor**. But the distance shrinks by only $lr \cdot c$ a step, so **half
# the rate, twice the time**. A schedule spends its steps on both, one after the other.

# %% [markdown]
# <details>
# <summary>Where (1) comes from, in three lines</summary>
# <p>
# The step is $\theta \leftarrow (1 - lr \cdot c)\,\theta - lr\,\xi$ with the noise $\xi$. The noise knows nothing of $\theta$, so variances add:
# $V \leftarrow (1 - lr \cdot c)^2\, V + lr^2 \sigma^2$.
# </p>
# <p>
# Once $V$ stays the same, $V \cdot \big(1 - (1 - lr \cdot c)^2\big) = lr^2\sigma^2$, and the bracket is $lr \cdot c\,(2 - lr \cdot c)$. So
# $V = lr\,\sigma^2 / \big(c\,(2 - lr \cdot c)\big)$.
# </p>
# <p>
# The mean loss is $\frac12 c\,V$, which is (1).
# </p>
# </details>
#
# ### Experiment: the noise floor
#
# **Predict.** With $c = \sigma = 1$, what is the floor for $lr = 0.1$? For 1? And what happens close to $lr = 2$?


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "noise_floor", "locked": true, "schema_version": 3, "solution": false, "task": false}
def bowl(rates, particles=2000):
    """Mean loss of many noisy walks on 0.5 * theta**2 after each step; one rate a step."""
    rng, theta, losses = np.random.default_rng(0), np.full(particles, 5.0), []
    for lr in rates:
        theta = theta - lr * (theta + rng.normal(size=particles))
        losses.append(0.5 * np.mean(theta**2))
    return np.array(losses)


fixed = np.array([0.01, 0.03, 0.1, 0.3, 1.0, 1.5, 1.9])
floors = np.array([bowl(np.full(int(200 + 10 / lr), lr))[-100:].mean() for lr in fixed])
grid = np.geomspace(0.008, 1.97, 200)
figure, ax = plt.subplots()
ax.plot(grid, grid / (2 * (2 - grid)), color="0.6", label="formula (1)")
ax.plot(fixed, floors, "o", markersize=7, label="measured")
ax.text(0.012, 0.05, "line: formula (1)\ndots: measured", color="0.3")
ax.set(xlabel="learning rate", ylabel="mean loss where it stays", xscale="log", yscale="log")
ax.set_title("The floor is proportional to the rate, until the rate is too large")
plots.show(
    figure,
    "Mean loss against the learning rate, both logarithmic. Seven measured dots lie on the line of formula (1). It rises in proportion to the "
    "rate up to about 0.3 and then steeply, towards infinity at 2.",
)
for lr, floor in zip(fixed[[0, 2, 4]], floors[[0, 2, 4]], strict=True):
    print(f"lr = {lr:<4}: measured {floor:.3f}, formula (1) {lr / (2 * (2 - lr)):.3f}")

# %% [markdown]
# Below a rate of about 0.3, ten times less rate is ten times less floor. Near $lr = 2/c$ the walk no longer settles, and above it
# diverges: the old limit of gradient descent.
#
# In the first figure a tenth of the rate lowered the floor by a factor of 40, not 10. There each epoch uses every row exactly once. At a small rate the pulls of one epoch
# nearly cancel; in (1) the noise is new at every step.

# %% [markdown]
# ## Five schedules
#
# A schedule is a function of the epoch. Let $e = 0, 1, 2, \dots$ be the epoch, counted from 0 as PyTorch does, and $lr_0$ the rate of
# epoch 0. All symbols from here to (6) are numbers; where you pass an array of epochs, you get an array of rates.
#
# **Inverse time** divides by a number that grows steadily. $k \ge 0$ is the decay rate:
#
# $$lr(e) = \frac{lr_0}{1 + k\, e} \tag{2}$$
#
# It is the classic: Robbins and Monro (1951) showed that noisy steps converge when their rates add up to infinity while the squares of the
# rates do not. (2) fulfils both.

# %% [markdown]
# ### By hand
#
# Each schedule of this lesson starts at $lr_0 = 0.8$ here. Check a row with pencil and paper when you come to its formula.
#
# | | formula | settings | $e = 0$ | 1 | 2 | 3 | 4 |
# |---|---|---|---|---|---|---|---|
# | inverse time | (2) | $k = 1$ | 0.8 | 0.4 | 0.2667 | 0.2 | 0.16 |
# | step | (3) | $\gamma = 0.5$, $s = 2$ | 0.8 | 0.8 | 0.4 | 0.4 | 0.2 |
# | multi-step | (4) | $\gamma = 0.5$, milestones 1 and 4 | 0.8 | 0.4 | 0.4 | 0.4 | 0.2 |
# | exponential | (5) | $\gamma = 0.5$ | 0.8 | 0.4 | 0.2 | 0.1 | 0.05 |
# | cosine | (6) | $lr_{min} = 0$, $T = 4$ | 0.8 | 0.6828 | 0.4 | 0.1172 | 0 |

# %% [markdown]
# ## Exercise 1: inverse time (1 point)
#
# Write formula (2). `decay_rate` stands for $k$.


# %% nbgrader={"grade": false, "grade_id": "inverse_time_decay", "locked": false, "schema_version": 3, "solution": true, "task": false}
def inverse_time_decay(lr0, decay_rate, epoch):
    """The rate of inverse time decay, formula (2).

    Args:
        lr0: the initial rate, a number.
        decay_rate: k in formula (2), a number, 0 or more.
        epoch: an int, 0 or more, or an array of such ints, shape (n,), in any order.

    Returns:
        lr: a number for an int, a new float64 array of shape (n,) for an array. The array of epochs stays
        unchanged.
    """
    ### BEGIN SOLUTION
    lr = lr0 / (1 + decay_rate * epoch)  # (2)
    return lr
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_inverse_time_decay", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("inverse_time_decay", inverse_time_decay)


# %% [markdown]
# **Step decay** keeps the rate for $s$ epochs (`step_size`), then multiplies it by $\gamma$ ("gamma"), and so on: a staircase.
#
# $$lr(e) = lr_0 \cdot \gamma^{\lfloor e/s \rfloor} \tag{3}$$
#
# $\lfloor\ \rfloor$ rounds down. With $s = 2$, epochs 0 and 1 are on the first stair, epochs 2 and 3 on the second.
#
# ## Exercise 2: step decay (1 point)


# %% nbgrader={"grade": false, "grade_id": "step_decay", "locked": false, "schema_version": 3, "solution": true, "task": false}
def step_decay(lr0, gamma, step_size, epoch):
    """The rate of step decay, formula (3).

    Args:
        lr0, gamma: numbers.
        step_size: how many epochs a stair is long, an int, 1 or more.
        epoch: an int, 0 or more, or an array of such ints, shape (n,), in any order.

    Returns:
        lr: a number for an int, a new float64 array of shape (n,) for an array. The array of epochs stays
        unchanged.
    """
    ### BEGIN SOLUTION
    lr = lr0 * gamma ** (epoch // step_size)  # (3)
    return lr
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_step_decay", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("step_decay", step_decay)


# %% [markdown]
# **Multi-step decay** lets you choose the epochs of the drops, the milestones $m_1 < m_2 < \dots$. Residual networks were trained so, with a
# tenth of the rate whenever the error stalled (He and others, 2016).
#
# $$lr(e) = lr_0 \cdot \gamma^{\,n(e)}, \qquad n(e) = \text{number of milestones } m_i \le e \tag{4}$$
#
# A milestone counts from its own epoch on. Without milestones $n$ is 0 everywhere.
#
# ## Exercise 3: multi-step decay (1 point)
#
# There is a NumPy function that finds where a number belongs in a sorted list. Comparing with each milestone works too. Try your function with an
# empty list *and* an array of epochs.


# %% nbgrader={"grade": false, "grade_id": "multistep_decay", "locked": false, "schema_version": 3, "solution": true, "task": false}
def multistep_decay(lr0, gamma, milestones, epoch):
    """The rate of multi-step decay, formula (4): multiplied by gamma at each milestone.

    Args:
        lr0, gamma: numbers.
        milestones: a list of ints above 0 that increase and do not repeat; it may be empty. A milestone
            counts from its own epoch on.
        epoch: an int, 0 or more, or an array of such ints, shape (n,), in any order.

    Returns:
        lr: a number for an int, a new float64 array of shape (n,) for an array, also where milestones is
        empty. The list of milestones and the array of epochs stay unchanged.
    """
    ### BEGIN SOLUTION
    passed = np.searchsorted(milestones, epoch, side="right")  # how many milestones are <= epoch
    lr = lr0 * gamma**passed  # (4)
    return lr
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_multistep_decay", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("multistep_decay", multistep_decay)


# %% [markdown]
# **Exponential decay** takes the same share away in every epoch:
#
# $$lr(e) = lr_0 \cdot \gamma^{\,e} \tag{5}$$
#
# ## Exercise 4: exponential decay (1 point)


# %% nbgrader={"grade": false, "grade_id": "exponential_decay", "locked": false, "schema_version": 3, "solution": true, "task": false}
def exponential_decay(lr0, gamma, epoch):
    """The rate of exponential decay, formula (5).

    Args:
        lr0, gamma: numbers.
        epoch: an int, 0 or more, or an array of such ints, shape (n,), in any order.

    Returns:
        lr: a number for an int, a new float64 array of shape (n,) for an array. The array of epochs stays
        unchanged.
    """
    ### BEGIN SOLUTION
    lr = lr0 * gamma**epoch  # (5)
    return lr
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_exponential_decay", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("exponential_decay", exponential_decay)


# %% [markdown]
# ### Two ways to write an exponential
#
# Many notes write $lr_0 \exp(-kt)$, where $t$ is the epoch. That is (5) with $\gamma = \exp(-k)$. For a small $k$, $\exp(-k)$ is about
# $1 - k$: $k = 0.1$ takes about a tenth away in each epoch.
#
# **Predict.** You read $\exp(-0.1\,t)$ and set $\gamma = 0.9$. Is your rate too high or too low after 50 epochs, and by how much?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "two_exponentials", "locked": true, "schema_version": 3, "solution": false, "task": false}
epoch = np.array([1, 10, 50])
k = 0.1
print("epoch                        ", "".join(f"{e:12d}" for e in epoch))
for label, rates in {
    "exp(-0.1 t)": np.exp(-k * epoch),
    "yours, gamma = exp(-0.1)": exponential_decay(1.0, math.exp(-k), epoch),
    "yours, gamma = 1 - 0.1": exponential_decay(1.0, 1 - k, epoch),
    "yours, gamma = 0.1": exponential_decay(1.0, k, epoch),
}.items():
    print(f"{label:29}", "".join(f"{rate:12.2g}" for rate in rates))

# %% [markdown]
# <details>
# <summary>Explain</summary>
# <p>
# $\exp(-0.1) = 0.9048$ is a little more than 0.9. The small error is multiplied by itself 50 times: 0.0067 becomes 0.0052, a quarter less. The last
# line is the costly mistake: $k$ and $\gamma$ are different things, and $\gamma = 0.1$ ends training after three epochs.
# </p>
# </details>
#
# **Cosine decay** falls along half a turn of a cosine, from $lr_0$ at epoch 0 to $lr_{min}$ at epoch $T$ (`t_max`):
#
# $$lr(e) = lr_{min} + (lr_0 - lr_{min}) \cdot \frac{1 + \cos(\pi e / T)}{2} \tag{6}$$
#
# It is flat at both ends: it stays high for long, falls fast in the middle and ends gently (Loshchilov and Hutter, 2017).
#
# ## Exercise 5: cosine decay (1 point)


# %% nbgrader={"grade": false, "grade_id": "cosine_decay", "locked": false, "schema_version": 3, "solution": true, "task": false}
def cosine_decay(lr0, lr_min, t_max, epoch):
    """The rate of cosine decay, formula (6), from lr0 at epoch 0 to lr_min at epoch t_max.

    Args:
        lr0, lr_min: numbers.
        t_max: the last epoch, an int, 1 or more.
        epoch: an int from 0 to t_max, or an array of such ints, shape (n,), in any order.

    Returns:
        lr: a number for an int, a new float64 array of shape (n,) for an array. The array of epochs stays
        unchanged.
    """
    ### BEGIN SOLUTION
    lr = lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * epoch / t_max)) / 2  # (6)
    return lr
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_cosine_decay", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("cosine_decay", cosine_decay)


# %% [markdown]
# ### Experiment: all five together
#
# All five start at 1 and run for 60 epochs. **Predict.** On a logarithmic axis, which one is a straight line? Which is highest in epoch
# 20? Which one is lowest at the very end?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "all_five", "locked": true, "schema_version": 3, "solution": false, "task": false}
epoch = np.arange(61)
schedules = {
    "inverse time": inverse_time_decay(1.0, 0.2, epoch),
    "step": step_decay(1.0, 0.3, 15, epoch),
    "multi-step": multistep_decay(1.0, 0.1, [30, 50], epoch),
    "exponential": exponential_decay(1.0, 0.93, epoch),
    "cosine": cosine_decay(1.0, 0.001, 60, epoch),
}
figure, axes = plt.subplots(1, 2, figsize=(10, 4))
for ax, scale, limits in zip(axes, ("linear", "log"), ((0, 1.05), (8e-4, 1.5)), strict=True):
    ax.set(xlabel="epoch", xlim=(0, 60), yscale=scale, ylim=limits)
for (name, rates), style in zip(schedules.items(), plots.line_styles(list(schedules)), strict=True):
    axes[0].plot(epoch, rates, label=name, **style)
plots.curves(axes[1], schedules)
axes[0].set(ylabel="learning rate", title="Step and multi-step jump")
axes[1].set_title("Exponential is straight, cosine ends lowest")
plots.show(
    figure,
    "Five schedules over 60 epochs, on a linear and on a logarithmic axis. Inverse time falls at once and then flattens at 0.08. Step and "
    "multi-step are staircases. Exponential is a straight line on the logarithmic axis, down to 0.013. Cosine stays high longest and ends at 0.001.",
)

# %% [markdown]
# <details>
# <summary>Explain: which one should you choose?</summary>
# <p>
# If you know how long you will train, cosine is a good default: besides $lr_0$ it has hardly anything to set. Step and multi-step are easy to
# read in a loss curve, and each drop needs a choice. Exponential is sensitive: 0.93 and 0.97 differ by a factor of 12 after 60 epochs. Inverse
# time suits training without a planned end. It falls fast when it should not and slowly when it should.
# </p>
# </details>

# %% [markdown]
# ### Experiment: too early, too late
#
# Now a ravine, as in lesson 03: two parameters with curvature 1 and 0.05, and a gradient with noise. To keep it simple an epoch is one step. The rate
# is 0.5 and drops to 0.05 once, at an epoch of your choice. There are 200 epochs.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "ravine", "locked": true, "schema_version": 3, "solution": false, "task": false}
CURVATURE = np.array([1.0, 0.05])


def ravine(rates, particles=1000):
    """Mean final loss of many noisy walks in the ravine, from (5, 5); one rate a step."""
    rng, theta = np.random.default_rng(0), np.full((particles, 2), 5.0)
    for lr in rates:
        theta = theta - lr * (CURVATURE * theta + rng.normal(size=theta.shape))
    return np.mean(np.sum(0.5 * CURVATURE * theta**2, axis=1))


print(f"fixed rate 0.5: final loss {ravine(np.full(200, 0.5)):.2f}, 0.05: {ravine(np.full(200, 0.05)):.2f}")

# %% [markdown]
# **Predict.** Sketch the final loss against the epoch of the drop, from 0 to 200. Where is it lowest, and how wide is the
# good region? What goes wrong on either side of it?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "too_early", "locked": true, "schema_version": 3, "solution": false, "task": false}
epoch = np.arange(200)
drops = np.array([1, *range(5, 200, 5), 199])
finals = np.array([ravine(multistep_decay(0.5, 0.1, [int(drop)], epoch)) for drop in drops])
never, cosine = ravine(multistep_decay(0.5, 0.1, [], epoch)), ravine(cosine_decay(0.5, 0.0, 199, epoch))
figure, ax = plt.subplots()
ax.plot(drops, finals, marker="o", markersize=4)
ax.set(xlabel="epoch at which the rate drops from 0.5 to 0.05", ylabel="mean loss after 200 epochs")
ax.set(xlim=(0, 200), ylim=(0, 0.37))
for value, name in ((never, "never: 0.5 all the way"), (cosine, "cosine from 0.5 to 0")):
    ax.axhline(value, color="0.6", linewidth=1.2)
    ax.text(100, value - 0.02, name, color="0.35", ha="center")
ax.text(14, 0.21, "too early: not there yet", color="0.2")
ax.text(188, 0.21, "too late: still hovering", color="0.2", ha="right")
ax.set_title("Too early freezes far away, too late leaves no time to settle")
plots.show(
    figure,
    "Final loss against the epoch of the drop: a valley. A drop at the start ends at 0.25, drops between epochs 50 and 110 near 0.1, a drop at "
    "the very end at 0.3, like no drop at all. Cosine decay ends below the whole valley.",
)
print(
    f"best drop: epoch {drops[finals.argmin()]}, loss {finals.min():.2f}; cosine {cosine:.2f}; never {never:.2f}"
)

# %% [markdown]
# <details>
# <summary>Explain: what makes the two sides of the valley?</summary>
# <p>
# On the left the flat direction is to blame. It shrinks by $1 - 0.05 \cdot lr$ a step: 0.975 at the high rate, 0.9975 at the low one. After an early drop
# it has hardly moved when the 200 epochs are over. On the right the noise is to blame: the low rate needs time until the hovering of the high one has died
# down.
# </p>
# <p>
# An exponential decay can freeze for good. All its rates together add up to $lr_0/(1-\gamma)$, and no more than that is ever travelled per unit of
# gradient. With $\gamma = 0.5$ that is no more than two steps at the initial rate.
# </p>
# </details>

# %% [markdown]
# ## When the loss stalls
#
# The right epoch for a drop is hard to know in advance. So watch a metric $m$ once an epoch, such as the loss on data that is not
# trained on, and drop when it stalls. Let $m_{best}$ be the best metric so far, infinite at the start. An epoch is **good** if
#
# $$m < (1 - \tau)\, m_{best} \tag{7}$$
#
# where $\tau$ (`threshold`) is the relative gain that it takes. In a good epoch $m_{best}$ becomes $m$. Every other epoch is **bad**. When more bad epochs
# than `patience` have come in a row, the rate $lr$ drops by the factor $f$ (`factor`), but not below $lr_{min}$ (`min_lr`), and the count of
# bad epochs begins anew:
#
# $$lr \leftarrow \max(f \cdot lr,\; lr_{min}) \tag{8}$$

# %% [markdown]
# ### Cooldown
#
# After a drop, training may need a moment. For the next `cooldown` epochs the count of bad epochs is kept at zero. Good epochs
# still set $m_{best}$. NaN is not less than anything, so (7) makes it a bad epoch.

# %% [markdown]
# ### By hand
#
# $lr = 0.8$, $f = 0.5$, patience 1, $\tau = 0.1$, no cooldown. With patience 1 the second bad epoch in a row is one too many.
#
# | epoch | 1 | 2 | 3 | 4 | 5 | 6 | 7 |
# |---|---|---|---|---|---|---|---|
# | $m$ | 1.0 | 0.8 | 0.79 | 0.78 | 0.6 | 0.62 | 0.61 |
# | $0.9\, m_{best}$ | infinite | 0.9 | 0.72 | 0.72 | 0.72 | 0.54 | 0.54 |
# | | good | good | bad, 1 | bad, 2: drop | good | bad, 1 | bad, 2: drop |
# | $lr$ after it | 0.8 | 0.8 | 0.8 | 0.4 | 0.4 | 0.4 | 0.2 |

# %% [markdown]
# ## Exercise 6: reduce on plateau (3 points)
#
# `step(metric)` takes one metric and returns the rate from now on. Three traps. $m_{best}$ changes in good epochs alone. A metric may be
# 0, negative or NaN, also the first. And in a cooldown you still look at the metric.


# %% nbgrader={"grade": false, "grade_id": "ReduceOnPlateau", "locked": false, "schema_version": 3, "solution": true, "task": false}
class ReduceOnPlateau:
    """Lowers the rate when a metric, such as the test loss, stops falling: formulas (7) and (8).

    Two instances share nothing.

    Args:
        lr: the initial rate, 0 or more; the rate as it is now is kept in self.lr.
        factor: f in formula (8), below 1.
        patience: how many bad epochs in a row are forgiven, an int, 0 or more.
        threshold: tau in formula (7), 0 or more: what relative gain it takes.
        cooldown: after a drop, for how many epochs no bad epoch is counted, an int; good ones still
            are noticed.
        min_lr: no drop goes below this; never larger than lr.

    Raises:
        ValueError: lr is negative, or factor is 1 or more.
    """

    def __init__(self, lr, factor=0.1, patience=10, threshold=1e-4, cooldown=0, min_lr=0.0):
        """Keep the settings; no metric has been seen yet."""
        ### BEGIN SOLUTION
        if lr < 0:
            raise ValueError("lr must not be negative.")
        if factor >= 1:
            raise ValueError("factor must be less than 1.")
        self.lr = lr
        self.factor = factor
        self.patience = patience
        self.threshold = threshold
        self.cooldown = cooldown
        self.min_lr = min_lr
        self.best = np.inf
        self.bad_epochs = 0
        self.waiting = 0  # epochs of the cooldown that are left
        ### END SOLUTION

    def step(self, metric):
        """Take in the metric of one epoch, and lower the rate if it is time.

        Args:
            metric: a float, the smaller the better; it may be 0, negative or NaN, also the first one.
                Formula (7) holds as it is, and NaN makes a bad epoch.

        Returns:
            lr: the rate from now on, a float.
        """
        ### BEGIN SOLUTION
        if metric < (1 - self.threshold) * self.best:  # (7)
            self.best = metric
            self.bad_epochs = 0
        else:
            self.bad_epochs += 1
        if self.waiting > 0:
            self.waiting -= 1
            self.bad_epochs = 0
        if self.bad_epochs > self.patience:
            self.lr = max(self.factor * self.lr, self.min_lr)  # (8)
            self.waiting = self.cooldown
            self.bad_epochs = 0
        return self.lr
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_ReduceOnPlateau", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("ReduceOnPlateau", ReduceOnPlateau)


# %% [markdown]
# ### Experiment: what patience buys
#
# A noisy loss stalls by chance, too. Below, your class watches a loss that falls from 1 to 0.1 and has noise on it: where the loss really
# falls, any drop is a false alarm.
#
# **Predict.** How much of the rate will be left at epoch 50 with patience 0? With 2? With 8?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "patience", "locked": true, "schema_version": 3, "solution": false, "task": false}
epoch = np.arange(120)
truth = 0.1 + 0.9 * np.exp(-epoch / 15)
metrics = truth * np.random.default_rng(3).lognormal(sigma=0.1, size=120)
rates = {}
for patience in (0, 2, 8):
    plateau = ReduceOnPlateau(1.0, factor=0.5, patience=patience, min_lr=1e-3)
    rates[f"patience {patience}"] = np.array([plateau.step(float(metric)) for metric in metrics])
figure, (top, bottom) = plt.subplots(2, 1, figsize=(7, 5.5), sharex=True)
top.plot(epoch, metrics, ".", color="0.6")
top.plot(epoch, truth, color="0.3", linewidth=1.5)
top.set(ylabel="loss", title="A loss that falls, then stalls, with noise on it", ylim=(0, 1.25))
bottom.set(xlabel="epoch", ylabel="learning rate", yscale="log", ylim=(5e-4, 1.5), xlim=(0, 120))
plots.curves(bottom, rates, drawstyle="steps-post")
bottom.set_title("Without patience the rate is gone before the loss has stalled")
plots.show(
    figure,
    "Above, a loss that falls during the first 50 epochs and then stays at 0.1, with noise. Below, the rate for three values of patience on a "
    "logarithmic axis. With patience 0 it is down to a thousandth after 18 epochs; with 2 it drops first in epoch 4 and has little left at epoch 50; with 8 "
    "it drops first in epoch 77, when the loss has stalled.",
)
for name, values in rates.items():
    first = np.flatnonzero(values < 1)[0]
    print(f"{name:11} first drop at epoch {first:2}, rate at epoch 50: {values[50]:.3f}")

# %% [markdown]
# <details>
# <summary>Explain: so is more patience always better?</summary>
# <p>
# It costs time: each drop comes at least patience + 1 epochs after the loss has stalled. Noise is the reason for patience, so you may also take
# the noise away: measure on more data, or smooth the metric first (lesson 02). A threshold works the other way round. It turns tiny gains
# into bad epochs, so that a loss which falls by a millionth an epoch counts as stalled.
# </p>
# </details>

# %% [markdown]
# ## Driving an optimiser
#
# A PyTorch optimiser keeps its rate in `param_groups`, a list of dicts. Each group has its own tensors and its own `"lr"`; often there is
# one group, sometimes more (a small rate for a pretrained part, a large one for a new layer). `optimizer.step()` reads `group["lr"]`
# each time. To change the rate, write there.
#
# A schedule multiplies every group's *initial* rate by one factor $\lambda(e)$, a function of the epoch:
#
# $$lr_g(e) = lr_g \cdot \lambda(e) \tag{9}$$
#
# $lr_g$ is the rate of group $g$ before any schedule touched it. By hand: two groups with 0.8 and 0.2 and $\lambda(e) = 0.5^e$ have 0.8 and
# 0.2 in epoch 0, 0.4 and 0.1 in epoch 1.

# %% [markdown]
# ### The order of the two `step()` calls
#
# The constructor of a schedule sets the rates of epoch 0. `schedule.step()` goes on to the next epoch. So it belongs *after* the
# optimiser's steps, at the end of the epoch. **Predict.** Which rates are used in three epochs of one update each, with $\gamma = 0.5$ and
# $lr_0 = 0.8$, in the right order? In the wrong one? Both schedules here are PyTorch's.


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "order", "locked": true, "schema_version": 3, "solution": false, "task": false}
def rates_used(optimizer_first):
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.8)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
    rates = []
    for _ in range(3):
        if not optimizer_first:
            scheduler.step()
        rates.append(round(optimizer.param_groups[0]["lr"], 4))
        optimizer.step()
        if optimizer_first:
            scheduler.step()
    return rates


with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    print("optimizer.step(), scheduler.step():", rates_used(optimizer_first=True))
    print(f"warnings: {len(caught)}")
    print("scheduler.step(), optimizer.step():", rates_used(optimizer_first=False))
    print(f"warnings: {len(caught)}")
print(textwrap.fill(str(caught[0].message), 100))

# %% [markdown]
# The wrong order never uses $lr_0$. PyTorch warns, once and only if the *first* call of all is in the wrong order. A loop that calls
# `scheduler.step()` after every batch instead of every epoch gets no warning: its rate simply falls 93 times too fast on the digits
# below.
#
# ## Exercise 7: a schedule that drives an optimiser (2 points)
#
# `LambdaSchedule` is formula (9). The check hands over an optimiser with up to three param groups. Two traps: the initial rates are those
# from *before* the first factor, and a factor may be 0, after which no product of factors ever comes back.


# %% nbgrader={"grade": false, "grade_id": "LambdaSchedule", "locked": false, "schema_version": 3, "solution": true, "task": false}
class LambdaSchedule:
    """Sets the rate of every param group of an optimiser, epoch by epoch: formula (9).

    Two instances share nothing.

    Args:
        optimizer: one of PyTorch's, or anything with its param_groups, zero_grad() and step(). Use nothing
            else of it. param_groups is a list of dicts, each with its own "lr".
        lr_lambda: a function of the epoch, an int from 0 on; it returns a factor, which may be 0 or above
            1. All groups share it.
    """

    def __init__(self, optimizer, lr_lambda):
        """Remember each group's initial rate; apply lr_lambda(0) at once: the rates of epoch 0."""
        ### BEGIN SOLUTION
        self.optimizer = optimizer
        self.lr_lambda = lr_lambda
        self.initial_lrs = [group["lr"] for group in optimizer.param_groups]
        self.epoch = 0
        self._set_rates()
        ### END SOLUTION

    def step(self):
        """Go on to the next epoch and set its rates. Called after the optimiser's own step()."""
        ### BEGIN SOLUTION
        self.epoch += 1
        self._set_rates()
        ### END SOLUTION

    def get_last_lr(self):
        """The rates that were set last: a list with a float for each group, in their order."""
        ### BEGIN SOLUTION
        return [group["lr"] for group in self.optimizer.param_groups]

    def _set_rates(self):
        for group, initial_lr in zip(self.optimizer.param_groups, self.initial_lrs, strict=True):
            group["lr"] = initial_lr * self.lr_lambda(self.epoch)  # (9)
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_LambdaSchedule", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("LambdaSchedule", LambdaSchedule)


# %% [markdown]
# ### Experiment: digits
#
# Now on real data: a network with 32 hidden units, 1500 digits, batches of 16, 12 epochs, PyTorch's SGD. The initial rate is 0.8, which is bold. Your `LambdaSchedule` drives
# the optimiser with your five functions; your `ReduceOnPlateau` gets the training loss after
# each epoch.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "digits_loop", "locked": true, "schema_version": 3, "solution": false, "task": false}
digits = data.digits()
X, Y = torch.from_numpy(digits.X_train), torch.from_numpy(digits.y_train)


def train(lr0, factor=None, plateau=None, epochs=12):
    """Train on the digits; returns the training loss, test loss and test accuracy after each epoch."""
    model = training.network(seed=0)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr0)
    schedule = LambdaSchedule(optimizer, factor) if factor else None
    rng, results = np.random.default_rng(0), []
    for _ in range(epochs):
        for rows in np.split(rng.permutation(1500)[:1488], 93):
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(model(X[rows]), Y[rows])
            loss.backward()
            optimizer.step()
        train_loss, _ = training.evaluate(model, digits.X_train, digits.y_train)
        if schedule:
            schedule.step()
        if plateau:
            optimizer.param_groups[0]["lr"] = plateau.step(train_loss)
        results.append((train_loss, *training.evaluate(model, digits.X_test, digits.y_test)))
    return np.array(results)


print("93 updates of 16 images an epoch")

# %% [markdown]
# **Predict.** Six runs: a fixed rate of 0.8, four schedules that start there, and your plateau class. How will the curve of the fixed one look? Which run
# has the lowest training loss after 12 epochs? Will it also be the best on the test images?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "digits_runs", "locked": true, "schema_version": 3, "solution": false, "task": false}
runs = {
    "fixed": train(0.8),
    "inverse time": train(0.8, lambda e: inverse_time_decay(1.0, 0.3, e)),
    "step": train(0.8, lambda e: step_decay(1.0, 0.3, 4, e)),
    "exponential": train(0.8, lambda e: exponential_decay(1.0, 0.8, e)),
    "cosine": train(0.8, lambda e: cosine_decay(1.0, 0.0, 12, e)),
    "plateau": train(0.8, plateau=ReduceOnPlateau(0.8, factor=0.3, patience=0)),
}
figure, ax = plt.subplots(figsize=(8, 4.5))
ax.set(xlabel="epoch", ylabel="training loss (nats)", yscale="log", xlim=(1, 12), ylim=(0.02, 2.2))
plots.curves(ax, {name: results[:, 0] for name, results in runs.items()}, start=1)
ax.set_title("A bold fixed rate keeps jumping; every schedule settles")
plots.show(
    figure,
    "Training loss over 12 epochs on a logarithmic axis. The run with the fixed rate falls to 0.06, jumps up to 0.4 in epoch 10 and ends at "
    "0.07. The others become smooth; all of them end lower, cosine and plateau lowest.",
)
for name, results in runs.items():
    train_loss, test_loss, accuracy = results[-1]
    print(f"{name:13} training loss {train_loss:.2f}, test loss {test_loss:.2f}, {accuracy:.0%} right")

# %% [markdown]
# <details>
# <summary>Explain: why is there no clean floor here?</summary>
# <p>
# Formula (1) has noise of the same strength everywhere. A network that classifies every training image right has nearly the same gradient for each of
# them, close to zero: the noise fades with the loss. What stays true is that a rate of 0.8 is too rough to settle, and that each
# schedule makes it smooth.
# </p>
# <p>
# The order among the schedules is one seed's, and the settings were not tuned. Do not read more from it.
# </p>
# </details>

# %% [markdown]
# ### Experiment: too large, too small
#
# A schedule does not replace the choice of $lr_0$. The next cell trains for 12 epochs with each of five rates, once fixed and once with your
# cosine decay.
#
# **Predict.** Sketch the final test loss against $lr_0$ for both. Where does decay help, where does it harm?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "rate_sweep", "locked": true, "schema_version": 3, "solution": false, "task": false}
rates = np.array([0.1, 0.2, 0.4, 0.6, 0.8])
ends = {
    "fixed": np.array([train(lr)[-1] for lr in rates]),
    "cosine": np.array([train(lr, lambda e: cosine_decay(1.0, 0.0, 12, e))[-1] for lr in rates]),
}
figure, ax = plt.subplots()
ax.set(xlabel="initial learning rate", ylabel="test loss after 12 epochs (nats)", xscale="log")
ax.set(xlim=(0.09, 0.9), ylim=(0, 0.2), xticks=rates, xticklabels=rates)
ax.minorticks_off()
plots.curves(ax, {name: values[:, 1] for name, values in ends.items()}, x=rates, marker="o", markersize=5)
ax.set_title("Decay forgives a rate that is too large, not one that is too small")
plots.show(
    figure,
    "Test loss after 12 epochs against the initial rate. At 0.1 and 0.2 the fixed rate is better, from 0.4 on both are close to 0.05, and at "
    "0.8 the fixed rate has jumped to 0.12 while cosine decay is still at 0.05.",
)
for name, values in ends.items():
    print(f"{name:7}", "  ".join(f"{lr}: {loss:.2f}" for lr, loss in zip(rates, values[:, 1], strict=True)))

# %% [markdown]
# <details>
# <summary>Explain</summary>
# <p>
# Too small: every step counts, and decay takes some of them away. A cosine has half the mean rate of the fixed run. Too large: the fixed run
# jumps to the end, while the decayed one has its small steps still to come.
# </p>
# <p>
# At the best of these rates, 0.6, the fixed run is no worse than cosine. But you have to hit that rate: the next one is nearly three times worse. And there is a limit: at 1.6
# this network hardly learns with either. If training breaks down at once, no schedule that starts there will help; a warm-up may (below).
# </p>
# </details>

# %% [markdown]
# ## Conventions
#
# One name, several formulas. All rows start at 0.8, with 0.5 for the decay and 2 for the period. Rates at epochs 1 and 3:
#
# | where | rate | $e = 1$ | $e = 3$ |
# |---|---|---|---|
# | (3); PyTorch `StepLR`; Keras `ExponentialDecay`, `staircase=True` | $lr_0\, \gamma^{\lfloor e/s \rfloor}$ | 0.8000 | 0.4000 |
# | Keras `ExponentialDecay` | $lr_0\, \gamma^{e/s}$ | 0.5657 | 0.2828 |
# | (5); PyTorch `ExponentialLR` | $lr_0\, \gamma^{e}$ | 0.4000 | 0.1000 |
# | natural exponential, $k = 0.5$ | $lr_0 \exp(-k e)$ | 0.4852 | 0.1785 |
# | (2); course notes | $lr_0/(1 + k e)$ | 0.5333 | 0.3200 |
# | Keras `InverseTimeDecay` | $lr_0/(1 + k e/s)$ | 0.6400 | 0.4571 |
# | (6); PyTorch `CosineAnnealingLR`, $T = 2$ | after $T$ it rises again | 0.4000 | 0.4000 |
# | Keras `CosineDecay`, 2 steps | after $T$ it stays | 0.4000 | 0.0000 |
#
# Keras counts updates where you count epochs: its $e$ goes up with every batch.


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "conventions", "locked": true, "schema_version": 3, "solution": false, "task": false}
def torch_rates(make_scheduler, lr=0.8):
    """The rates of epochs 1 and 3 under one of PyTorch's schedulers."""
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=lr)
    scheduler, rates = make_scheduler(optimizer), []
    for _ in range(4):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates[1::2]


schedulers = torch.optim.lr_scheduler
two = np.array([1, 3])
rows = {
    "your step_decay": step_decay(0.8, 0.5, 2, two),
    "Keras ExponentialDecay": 0.8 * 0.5 ** (two / 2),
    "your exponential_decay": exponential_decay(0.8, 0.5, two),
    "natural exponential": 0.8 * np.exp(-0.5 * two),
    "your inverse_time_decay": inverse_time_decay(0.8, 0.5, two),
    "Keras InverseTimeDecay": 0.8 / (1 + 0.5 * two / 2),
    "PyTorch CosineAnnealingLR": torch_rates(lambda optimizer: schedulers.CosineAnnealingLR(optimizer, 2)),
}
for name, values in rows.items():
    print(f"{name:26}", "  ".join(f"{value:.4f}" for value in values))

# %% [markdown]
# Reducing on a plateau has conventions too. PyTorch drops at bad epoch number patience + 1, Keras at number patience. PyTorch's `threshold` is a share of
# the best metric, as in (7); Keras's `min_delta` is subtracted. Both are $10^{-4}$ by default: for a loss of 0.01 that is a ten-thousandth
# or a hundredth.
#
# PyTorch leaves out a drop that would change the rate by no more than $10^{-8}$. Your class has no such limit.
#
# ## Experiment: a schedule, with sliders
#
# Back to the noisy ravine, 200 steps, with your exponential decay. The sliders start at a fixed rate of 0.5, which ends at 0.29.
#
# **Goal:** a final loss below 0.07. **Predict** first: how much smaller than the first step should the last one be: 2 times, 10 to 50 times or 10 000 times?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "sliders", "locked": true, "schema_version": 3, "solution": false, "task": false}
lrs = [0.05, 0.1, 0.2, 0.5, 1.0, 1.5]
gammas = [0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 1.0]


def draw_schedule(lr0=0.5, gamma=1.0):
    step = np.arange(200)
    rates = exponential_decay(lr0, gamma, step)
    final = ravine(rates)
    figure, ax = plt.subplots()
    ax.plot(step, rates)
    ax.set(xlabel="step", ylabel="learning rate", yscale="log", xlim=(0, 200), ylim=(1e-5, 3))
    verdict = "Goal reached!" if final < 0.07 else "Goal: below 0.07."
    ax.set_title(f"Final loss {final:.3f}. {verdict}")
    return figure


plots.sliders(draw_schedule, lr0=lrs, gamma=gammas)

# %% [markdown]
# The next figure is the map of this game, without sliders.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "slider_map", "locked": true, "schema_version": 3, "solution": false, "task": false}
finals = np.array(
    [[ravine(exponential_decay(lr0, gamma, np.arange(200))) for lr0 in lrs] for gamma in gammas]
)
figure, ax = plt.subplots(figsize=(7, 4.5))
sns.heatmap(
    np.log10(finals),
    annot=finals,
    fmt=".2f",
    cmap="Blues",
    linewidths=1,
    cbar=False,
    ax=ax,
    vmin=-1.4,
    vmax=1,
)
ax.set(xlabel="lr0", ylabel="gamma", xticklabels=lrs, yticklabels=gammas)
ax.tick_params("y", rotation=0)
ax.set_title("Final loss: the best fields lie on a diagonal")
plots.show(
    figure,
    "Final loss for six initial rates and eight values of gamma. With gamma 0.8 it is above 0.4 everywhere. The lowest values, near 0.07, lie at "
    "gamma 0.98 for rates 1 and 1.5, and at 0.99 for a rate of 0.5. A fixed rate, gamma 1, is best at 0.2 and never below 0.12.",
)

# %% [markdown]
# <details>
# <summary>Explain: why a diagonal?</summary>
# <p>
# Two things must fit. The rates have to add up to enough to cross the flat direction: $lr_0/(1-\gamma)$ times its curvature, 0.05, should be
# well above 1. And the last rate, $lr_0\,\gamma^{199}$, should be small: 0.02 for $lr_0 = 1$ and $\gamma = 0.98$, 56 times less than the
# first. For 0.5 and 0.99 it is 7 times less. A larger $lr_0$ can afford a faster decay. With $\gamma = 0.8$ all is over after 20 steps.
# </p>
# </details>

# %% [markdown]
# ## A look ahead: composing schedules
#
# Large models often start with a *warm-up*: the rate rises from a small value for some epochs, then decays (Goyal and others, 2017). PyTorch chains
# schedulers with `SequentialLR`: the first up to a milestone, then the second. You could do the same with one `LambdaSchedule`.


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "warm_up", "locked": true, "schema_version": 3, "solution": false, "task": false}
def warm_up_then_cosine(optimizer):
    warm_up = schedulers.LinearLR(optimizer, start_factor=0.1, total_iters=5)
    cosine = schedulers.CosineAnnealingLR(optimizer, T_max=25)
    return schedulers.SequentialLR(optimizer, [warm_up, cosine], milestones=[5])


optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.8)
scheduler, rates = warm_up_then_cosine(optimizer), []
for _ in range(31):
    rates.append(optimizer.param_groups[0]["lr"])
    optimizer.step()
    scheduler.step()
figure, ax = plt.subplots(figsize=(7, 3.2))
ax.plot(rates, marker="o", markersize=4)
ax.set(xlabel="epoch", ylabel="learning rate", xlim=(0, 30), ylim=(0, 0.9))
ax.text(5.6, 0.82, "milestone 5: cosine takes over", color="0.3")
ax.set_title("Five epochs of warm-up, then cosine decay")
plots.show(
    figure,
    "Learning rate over 30 epochs: it rises in a line from 0.08 to 0.8 in five epochs, then falls along a cosine to 0.",
)
print("epochs 0, 1, 5, 30:", ", ".join(f"{rates[e]:.3f}" for e in (0, 1, 5, 30)))

# %% [markdown]
# Without `start_factor`, `LinearLR` starts at a third of the rate. Warm-up, cycles and restarts get a lesson of their own.
#
# ## Recap
#
# 1. With noisy gradients a fixed rate hovers: half the rate, half the floor, twice the time.
# 2. So start high and end low. Too early freezes far away, too late leaves no time to settle.
# 3. Schedules are functions of the epoch: inverse time, step, multi-step, exponential ($\gamma = \exp(-k)$), cosine.
# 4. Reduce on plateau watches a metric and waits for more than `patience` bad epochs in a row.
# 5. `optimizer.step()` first, then `scheduler.step()`, once an epoch.

# %% [markdown]
# ## Where it breaks
#
# - **Without noise.** With the whole data set in every batch there is no floor (1), and decay only makes the way longer.
# - **Unknown length.** Cosine and milestones need to know the end. If you train on after $T$, PyTorch's cosine rises again.
# - **Training on new data.** A rate that has decayed to nothing cannot follow data that changes.
# - **Batch size instead.** Raising the batch size lowers the noise and can take the place of decay (Smith and others, 2018).
# - **Averages instead.** An average of the weights (lesson 02) also takes the hovering out.
# - **Weight decay follows.** In PyTorch's AdamW the decay is multiplied by $lr$ (lesson 05), so a schedule scales both.

# %% [markdown]
# ## Further
#
# - H. Robbins and S. Monro (1951). A Stochastic Approximation Method. Annals of Mathematical Statistics 22(3).
# - I. Loshchilov and F. Hutter (2017). SGDR: Stochastic Gradient Descent with Warm Restarts. ICLR. arXiv:1608.03983
# - P. Goyal and others (2017). Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour. arXiv:1706.02677
# - S. Smith and others (2018). Don't Decay the Learning Rate, Increase the Batch Size. ICLR. arXiv:1711.00489
# - K. He and others (2016). Deep Residual Learning for Image Recognition. CVPR. arXiv:1512.03385
