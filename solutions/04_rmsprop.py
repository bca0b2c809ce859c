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
# # 04 RMSprop, from AdaGrad
#
# RMSprop gives every parameter a stride of its own, and sets it from the sizes of its recent gradients.
#
# ## The problem
#
# How many minutes does it take to answer a mail? Say that the word "order" adds 2 minutes and the word "refund" adds 3. You
# don't know these numbers and want to learn them from 400 mails. Half of the mails hold "order", one in 80 holds "refund", none
# holds both.
#
# There are two parameters, $w_1$ and $w_2$: the minutes for each word. The loss is half the mean squared error. A mail without
# the word says nothing about it, so the loss curves in each direction just as much as the word is common: 0.5 along $w_1$,
# 0.0125 along $w_2$.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import math

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
import torch

from course import check, data, plots, training

mail = np.arange(400)
X = np.stack([mail % 2 == 0, mail % 80 == 1], axis=1).astype(float)  # one row a mail, one column a word
minutes = X @ np.array([2.0, 3.0])
common, rare = X.mean(axis=0)


def loss(w1, w2):
    """Half the mean squared error, for arrays w1 and w2 of one shape."""
    return (common * (w1 - 2) ** 2 + rare * (w2 - 3) ** 2) / 2


print(f'"order" is in {common:.2%} of the mails, "refund" in {rare:.2%}')


# %% nbgrader={"grade": false, "grade_id": "walk", "locked": true, "schema_version": 3, "solution": false, "task": false}
def walk(update, steps=60):
    """The points (w1, w2) that update(w, grad, state) -> (w, state) visits from (0, 0), shape (steps + 1, 2)."""
    w = state = np.zeros(2)
    points = [w]
    for _ in range(steps):
        grad = X.T @ (X @ w - minutes) / len(X)
        w, state = update(w, grad, state)
        points.append(w)
    return np.array(points)


def draw_walk(points, name, title, alt):
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.8), width_ratios=(3, 2))
    plots.contours(left, loss, (-0.4, 4.4), (-0.4, 3.6))
    plots.path(left, points, name, goal=(2, 3))
    left.set(xlabel='w1, minutes for "order"', ylabel='w2, minutes for "refund"')
    right.set(xlabel="step", ylabel="minutes", xlim=(0, len(points) - 1), ylim=(-0.4, 4.4))
    plots.curves(right, {"w1": points[:, 0], "w2": points[:, 1]})
    figure.suptitle(title)
    plots.show(figure, alt)


print(f"the loss at the start is {loss(0, 0):.2f}, most of it along w1: {loss(0, 3):.2f}")

# %% [markdown]
# **Predict.** Gradient descent with $lr = 3.8$ multiplies the error of $w_1$ by $1 - 0.5\, lr = -0.9$ at every step. By what
# does it multiply the error of $w_2$? What will the two look like over 60 steps?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "one_rate", "locked": true, "schema_version": 3, "solution": false, "task": false}
draw_walk(
    walk(lambda w, grad, state: (w - 3.8 * grad, state)),
    "SGD",
    "One rate for two slopes: w1 rings, w2 crawls",
    "Left, the path of gradient descent over flat elliptic contours: it swings from side to side along w1 and climbs slowly "
    "along w2. Right, both parameters over 60 steps: w1 swings around 2 and settles; w2 creeps up to 2.8.",
)

# %% [markdown]
# <details><summary>What to see</summary>
#
# The error of $w_2$ is multiplied by $1 - 0.0125 \cdot 3.8 = 0.95$. No other rate helps both: from $lr = 4$ on $w_1$ never
# settles, and a smaller one makes $w_2$ slower still. A rate of 2 would be perfect for $w_1$, a rate of 80 for $w_2$.
#
# </details>

# %% [markdown]
# ## At the end you can
#
# - write the updates of AdaGrad and RMSprop, and say which problem each one solves;
# - say why AdaGrad is good for rare features, and why it comes to a halt;
# - build `RMSprop` with PyTorch's interface, with momentum and the centered form, and train a network with it;
# - compute the effective learning rate of every parameter, and the longest step it can take.
#
# About 60 minutes, 10 points. It builds on lesson 02 (averages) and 03 (momentum).
#
# You build it from scratch: to your answers PyTorch's own optimisers and schedules, clipping and normalisation, and pandas' exponential
# averages are not available, in the check and in grading alike. The experiments may use them. The class `torch.optim.Optimizer`, which
# computes nothing, may be inherited from.

# %% [markdown]
# ## The idea: divide by what you have seen
#
# A parameter with large gradients needs short steps, one with small gradients long steps. So keep a record of how large the
# gradients of each parameter were, and divide by it.
#
# Let $\theta$ be a parameter array of any shape and $g_t$ its gradient at step $t = 1, 2, 3, \dots$, of the same shape. AdaGrad
# (Duchi, Hazan and Singer, 2011) keeps one more array of that shape, $acc$. It starts at zero and adds up squares:
#
# $$acc_t = acc_{t-1} + g_t^2 \tag{1}$$
#
# $$\theta_t = \theta_{t-1} - lr \cdot \frac{g_t}{\sqrt{acc_t} + \epsilon} \tag{2}$$
#
# Square, root and division are **element by element**: no parameter sees another's gradients. $lr$ is the learning rate, and
# $\epsilon$, here $10^{-10}$, avoids a division by zero.

# %% [markdown]
# ### Why the square, and why the root
#
# The square makes the record blind to the sign. The root brings it back to the unit of a gradient. In the fraction of (2) the unit
# then cancels: a step has the unit of $lr$, however large the gradients are.
#
# Read (2) in another way: each element has its own **effective learning rate** $lr / (\sqrt{acc_t} + \epsilon)$.

# %% [markdown]
# ### By hand
#
# One parameter, $\theta_0 = 1$, $acc_0 = 0$, gradients $g_1 = 0.5$ and $g_2 = -0.25$, $lr = 0.1$.
#
# | | formula | $t = 1$ | $t = 2$ |
# |---|---|---|---|
# | $g_t$ | | 0.5 | −0.25 |
# | $acc_t$ | (1) | 0 + 0.25 = 0.25 | 0.25 + 0.0625 = 0.3125 |
# | step | (2) | 0.1 · 0.5 / 0.5 = 0.1 | 0.1 · (−0.25) / 0.559017 = −0.044721 |
# | $\theta_t$ | (2) | 0.9 | 0.944721 |
#
# The first step is $lr$, whatever the gradient.

# %% [markdown]
# ## Exercise 1: the AdaGrad update (2 points)
#
# Write formulas (1) and (2), line for line, in NumPy.


# %% nbgrader={"grade": false, "grade_id": "adagrad_update", "locked": false, "schema_version": 3, "solution": true, "task": false}
def adagrad_update(theta, grad, acc, lr, eps=1e-10):
    """One step of AdaGrad, formulas (1) and (2).

    Args:
        theta: the parameters, a float64 array of any shape; also a single number (shape ()).
        grad, acc: gradient and sum of squares before the step, in the shape of theta; grad may be zero.
        lr, eps: numbers, as in the formulas.

    Returns:
        (theta, acc) after the step: new arrays in the shape of theta. The inputs stay unchanged, and the
        results share no memory with them, also where nothing changes.
    """
    ### BEGIN SOLUTION
    acc = acc + grad**2  # (1)
    theta = theta - lr * grad / (np.sqrt(acc) + eps)  # (2)
    return theta, acc
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_adagrad_update", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("adagrad_update", adagrad_update)

# %% [markdown]
# ### Experiment: the two words again
#
# **Predict.** The gradient along $w_2$ is 27 times smaller than along $w_1$ at the start. How long is the first step of your
# AdaGrad along each?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "own_rates", "locked": true, "schema_version": 3, "solution": false, "task": false}
draw_walk(
    walk(lambda w, grad, acc: adagrad_update(w, grad, acc, lr=1.0)),
    "AdaGrad",
    "A rate for each slope: both words are learnt at one pace",
    "Left, AdaGrad's path: it starts along the diagonal and bends to the minimum without swinging. Right, both parameters "
    "rise smoothly; w1 reaches 2 and w2 reaches 3 within 60 steps.",
)

# %% [markdown]
# <details><summary>Explain: would the picture change if "refund" were in one mail in 8000?</summary>
#
# No. Its gradients would all be 100 times smaller, and so would $\sqrt{acc}$. In (2) the factor cancels, up to $\epsilon$.
#
# </details>

# %% [markdown]
# ### Experiment: sixty words
#
# Now 2000 mails are made up of 60 words, the commonest in 60% of them, the rarest in 0.4%. Every word costs one minute, and
# the times are a little noisy. The mails come one at a time, each once. SGD and your AdaGrad try ten rates each; the figure
# shows the best run of each.
#
# **Predict.** For which words will the two differ?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "sixty_words", "locked": true, "schema_version": 3, "solution": false, "task": false}
rng = np.random.default_rng(0)
share = np.geomspace(0.6, 0.004, 60)
mails = (rng.random((2000, 60)) < share).astype(float)
times = mails.sum(axis=1) + 0.1 * rng.normal(size=2000)


def errors(update, lr):
    """How far each weight is from 1 after one pass, shape (60,); infinite if the run diverges."""
    w = state = np.zeros(60)
    for x, time in zip(mails, times, strict=True):
        w, state = update(w, (x @ w - time) * x, state, lr)
        if np.abs(w).max() > 1e6:
            return np.full(60, np.inf)
    return np.abs(w - 1)


print(
    f"a mail holds {mails.sum(axis=1).mean():.1f} words; the rarest are in {mails.sum(axis=0).min():.0f} mails"
)


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "best_runs", "locked": true, "schema_version": 3, "solution": false, "task": false}
def best_run(update):
    """The errors with the best of ten rates, and that rate."""
    runs = {lr: errors(update, lr) for lr in (0.003, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)}
    lr = min(runs, key=lambda lr: runs[lr].mean())
    return runs[lr], lr


best = {
    "SGD": best_run(lambda w, grad, state, lr: (w - lr * grad, state)),
    "AdaGrad": best_run(adagrad_update),
}
for name, (error, lr) in best.items():
    print(
        f"{name:8} lr {lr}: mean error {error.mean():.3f}, of the ten rarest words {error[-10:].mean():.3f}"
    )

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "sixty_words_figure", "locked": true, "schema_version": 3, "solution": false, "task": false}
figure, ax = plt.subplots()
ax.set(xscale="log", xlim=(0.7, 0.0038), ylim=(0, 0.45))  # common words at the left, rare ones at the right
ax.set(
    xlabel="share of the mails that hold the word, from common to rare",
    ylabel="error of its weight (minutes)",
)
for name, (error, _) in best.items():
    marker = {"SGD": "x", "AdaGrad": "o"}[name]
    ax.scatter(share, error, color=plots.OPTIMISERS[name]["color"], marker=marker, s=22, alpha=0.5)
groups = {name: np.repeat(error.reshape(6, 10).mean(axis=1), 10) for name, (error, _) in best.items()}
plots.curves(ax, groups, x=share)
ax.set_title("AdaGrad learns the rare words as well as the common ones")
plots.show(
    figure,
    "Error of 60 weights, from common to rare words, with the means of groups of ten. AdaGrad's errors stay below 0.1, "
    "their means near 0.03. SGD's mean is about 0.06 for common words and 0.18 for the ten rarest, one of them at 0.4.",
)

# %% [markdown]
# <details><summary>Explain: why can't SGD just take a larger rate?</summary>
#
# A mail holds seven words on average, and a larger rate makes their weights jump too far together: at $lr = 0.5$ the run diverges.
# The common words set the limit for all. AdaGrad gives a word that appears for the first time a step of full length, $lr$, and
# shortens the steps of a word with every mail that holds it. This is its gift for sparse features, where most gradients are zero.
#
# </details>

# %% [markdown]
# ## The price, and how to forget
#
# $acc$ can only grow. With gradients of a constant size, $acc_t = t\, g^2$, and the step of (2) is $lr / \sqrt t$. For convex
# problems that is what theory asks for. In a network the early gradients, from a region that you left long ago, go on
# shortening every later step.
#
# RMSprop (Hinton, 2012) replaces the sum by a running average, as in lesson 02. The array $s$ has the shape of $\theta$ and
# starts at zero:
#
# $$s_t = \alpha\, s_{t-1} + (1 - \alpha)\, g_t^2 \tag{3}$$
#
# $$\theta_t = \theta_{t-1} - lr \cdot \frac{g_t}{\sqrt{s_t} + \epsilon} \tag{4}$$
#
# $\sqrt{s_t}$ is the root of the mean square, the *RMS*, of the recent gradients. $\alpha$, usually 0.9 to 0.99, is a number in
# $[0, 1)$: the average remembers about $1/(1-\alpha)$ steps. $\epsilon$ is $10^{-8}$ here.

# %% [markdown]
# ### Strides of RMSprop
#
# - **If gradients keep their size, a step is $lr$.** Then $\sqrt{s_t}$ tends to $|g|$, and (4) to $lr$ with the sign of $g$.
# - **The first steps are longer.** $s$ starts at zero and is not corrected: $s_1 = (1-\alpha)\, g_1^2$, so the first step is
#   $lr/\sqrt{1-\alpha}$. With $\alpha = 0.99$ that is $10\, lr$.
# - **No step is longer than that.** From (3), $s_t \ge (1-\alpha)\, g_t^2$ at every step, however large $g_t$ is.

# %% [markdown]
# ### By hand
#
# As before, $\theta_0 = 1$, $g_1 = 0.5$, $g_2 = -0.25$, $lr = 0.1$. Start from $s_0 = 0$ and take $\alpha = 0.9$.
#
# | | formula | $t = 1$ | $t = 2$ |
# |---|---|---|---|
# | $s_t$ | (3) | 0.1 · 0.25 = 0.025 | 0.9 · 0.025 + 0.1 · 0.0625 = 0.02875 |
# | step | (4) | 0.1 · 0.5 / 0.158114 = 0.316228 | 0.1 · (−0.25) / 0.169558 = −0.147442 |
# | $\theta_t$ | (4) | 0.683772 | 0.831214 |

# %% [markdown]
# ## Exercise 2: the RMSprop update (3 points)
#
# Write formulas (3) and (4). Mind where $\epsilon$ stands: outside the root.


# %% nbgrader={"grade": false, "grade_id": "rmsprop_update", "locked": false, "schema_version": 3, "solution": true, "task": false}
def rmsprop_update(theta, grad, s, lr, alpha=0.99, eps=1e-8):
    """One step of RMSprop, formulas (3) and (4).

    Args:
        theta: the parameters, a float64 array of any shape; also a single number (shape ()).
        grad, s: gradient and average of squares before the step, in the shape of theta; grad may be zero.
        lr, alpha, eps: numbers, as in the formulas.

    Returns:
        (theta, s) after the step: new arrays in the shape of theta. The inputs stay unchanged, and the
        results share no memory with them, also where nothing changes.
    """
    ### BEGIN SOLUTION
    s = alpha * s + (1 - alpha) * grad**2  # (3)
    theta = theta - lr * grad / (np.sqrt(s) + eps)  # (4)
    return theta, s
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_rmsprop_update", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("rmsprop_update", rmsprop_update)

# %% [markdown]
# ### Experiment: out of a steep valley
#
# A parameter sees gradients of 1 for 300 steps, then it gets to flatter ground and sees 0.1.
#
# **Predict.** How long are the steps of each rule, in units of $lr$, at step 1, at step 300, just after the change and in the end?


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "strides", "locked": true, "schema_version": 3, "solution": false, "task": false}
def strides(update, steps=1200):
    """Lengths of the steps in units of lr, for gradients of 1 that fall to 0.1 after step 300."""
    theta = state = np.array(0.0)
    positions = [0.0]
    for t in range(1, steps + 1):
        theta, state = update(theta, np.array(1.0 if t <= 300 else 0.1), state, lr=1.0)
        positions.append(float(theta))
    return -np.diff(positions)


lengths = {"AdaGrad": strides(adagrad_update), "RMSprop": strides(rmsprop_update)}
figure, ax = plt.subplots()
ax.set(
    xlabel="step", ylabel="length of the step, in units of lr", xlim=(0, 1200), yscale="log", ylim=(3e-3, 20)
)
plots.curves(ax, lengths, start=1)
ax.axvline(300, color="0.6", linewidth=1)
ax.text(310, 12, "the gradient falls from 1 to 0.1", color="0.35", va="center")
ax.set_title("AdaGrad remembers the steep ground for ever; RMSprop forgets it")
plots.show(
    figure,
    "Step lengths on a log scale. AdaGrad's fall from 1 to 0.06 by step 300, drop tenfold there and stay at 0.006. RMSprop's "
    "start at 10, fall to 1, drop to 0.1 at step 301 and climb back to 1 over the next 800 steps.",
)
for name, length in lengths.items():
    print(name, "".join(f"  step {t}: {length[t - 1]:6.3f}" for t in (1, 300, 301, 800, 1200)))

# %% [markdown]
# <details><summary>Explain: how long does RMSprop take to forget?</summary>
#
# The old squares are 100 times as large as the new ones, and fade by 0.99 a step. $0.99^{k} = 1/100$ at $k = 458$: there, old
# and new weigh about the same. With $\alpha = 0.9$ it would take 44 steps.
#
# </details>

# %% [markdown]
# ### Experiment: the digits get new names
#
# A linear classifier learns 1500 handwritten digits of 8 × 8 pixels. After every 200 steps each digit gets the name of the
# next: what was called 3 is now called 4. The minimum moves, and the model has to follow.
#
# The two rates are chosen so that both rules are about equally good in the first 200 steps.
#
# **Predict.** Which rule follows, and what happens to the other over ten such changes?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "renamed", "locked": true, "schema_version": 3, "solution": false, "task": false}
digits = data.digits()


def renamed(update, steps=2000):
    """Mini-batch losses, (steps,), while all digits change their names after every 200 steps."""
    rng = np.random.default_rng(0)
    W = state = np.zeros((64, 10))
    losses = np.empty(steps)
    for t in range(steps):
        rows = rng.integers(0, len(digits.X_train), 64)
        names = (digits.y_train[rows] + t // 200) % 10
        losses[t], grad = training.softmax_regression(W, digits.X_train[rows], names)
        W, state = update(W, grad, state)
    return losses


followed = {
    "AdaGrad": renamed(lambda W, grad, acc: adagrad_update(W, grad, acc, lr=0.1)),
    "RMSprop": renamed(lambda W, grad, s: rmsprop_update(W, grad, s, lr=0.01)),
}
ends = {name: losses.reshape(10, 200)[:, -50:].mean(axis=1) for name, losses in followed.items()}

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "renamed_figure", "locked": true, "schema_version": 3, "solution": false, "task": false}
figure, ax = plt.subplots()
ax.set(xlabel="steps", ylabel="loss in the 50 steps before a change (nats)", xlim=(150, 2050), ylim=(0, 1.25))
plots.curves(ax, ends, x=np.arange(200, 2001, 200), marker="o", markersize=5)
ax.set_title("Where the landscape moves, AdaGrad stalls and RMSprop goes on")
plots.show(
    figure,
    "Loss at the end of each of ten phases of 200 steps. Both start at about 0.2. RMSprop's rises to 0.35 in four phases and "
    "stays there; AdaGrad's grows with every phase and ends above 1.1.",
)
print(
    "  ".join(
        f"{name}: {values[0]:.2f} at first, {values[-1]:.2f} in the end" for name, values in ends.items()
    )
)

# %% [markdown]
# <details><summary>Explain: would a larger rate save AdaGrad?</summary>
#
# For a while. With `lr=1.0` it ends at 0.18 here, from 0.08 after the first 200 steps. But its strides go on shrinking: any rate that
# is right now is too small later. RMSprop settles at a level that depends on $lr$ and stays there.
#
# </details>

# %% [markdown]
# ### Experiment: a rate for each pixel
#
# Back to digits with their true names. The classifier has ten weights for each pixel, 640 in all, and $s$ holds a number for each.
# The second map shows the effective rate $lr/(\sqrt{s}+\epsilon)$ after 300 steps of your RMSprop, as the median of the ten.
#
# **Predict.** Where in the image are the rates largest?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "pixel_rates", "locked": true, "schema_version": 3, "solution": false, "task": false}
rng = np.random.default_rng(0)
W = s = np.zeros((64, 10))
for _ in range(300):
    rows = rng.integers(0, len(digits.X_train), 64)
    _, grad = training.softmax_regression(W, digits.X_train[rows], digits.y_train[rows])
    W, s = rmsprop_update(W, grad, s, lr=0.01)
rates = np.median(0.01 / (np.sqrt(s) + 1e-8), axis=1).reshape(8, 8)
blank = s.max(axis=1).reshape(8, 8) == 0
ink = digits.X_train.mean(axis=0).reshape(8, 8)

figure, axes = plt.subplots(1, 2, figsize=(8, 4.2))
plain = {"cbar": False, "square": True, "xticklabels": False, "yticklabels": False, "linewidths": 0.5}
numbers = {"annot": True, "annot_kws": {"size": 9}}
sns.heatmap(ink, fmt=".2f", cmap="Greys", ax=axes[0], **plain, **numbers)
sns.heatmap(np.log10(rates), mask=blank, fmt=".1f", cmap="Blues", vmax=4.5, ax=axes[1], **plain, **numbers)
axes[1].set_facecolor("0.85")
axes[0].set_title("mean ink of the pixel, 0 to 1", weight="normal")
axes[1].set_title("log10 of the effective rate", weight="normal")
figure.suptitle("Pixels that are seldom inked get the largest rates")
plots.show(
    figure,
    "Two heat maps of 8 by 8 pixels. Left, the mean ink: high in the middle, near zero along the left and right edge. Right, the "
    "effective rate: 1 to 2 in the middle, 20 to 7000 at the edges; three pixels that were always white are grey.",
)

# %% [markdown]
# <details><summary>Explain: is a rate of 1000 not dangerous?</summary>
#
# It is large because the gradients were tiny. What moves a weight is the product of the two, and that is never more than
# $lr/\sqrt{1-\alpha} = 0.1$. But look at the three grey pixels: they were always white, so $s = 0$ and the rate is
# $lr/\epsilon = 10^6$. The first time that one is inked, its weights move by the full 0.1, whether or not that image means anything.
#
# </details>

# %% [markdown]
# ## Exercise 3: the optimiser (5 points)
#
# `RMSprop` in PyTorch has three options. **Weight decay** ($wd$) is added to the gradient first:
#
# $$g_t \leftarrow g_t + wd \cdot \theta_{t-1} \tag{5}$$
#
# **Centered** (Graves, 2013) replaces the denominator of (4), $d_t = \sqrt{s_t} + \epsilon$. It subtracts the square of the mean gradient, which
# leaves the variance:
#
# $$\bar g_t = \alpha\, \bar g_{t-1} + (1-\alpha)\, g_t, \qquad d_t = \sqrt{s_t - \bar g_t^{\,2}} + \epsilon \tag{6}$$
#
# **Momentum** ($\mu$, the argument `momentum`) sums the scaled gradients in a buffer, and the step goes along the buffer:
#
# $$buf_t = \mu\, buf_{t-1} + \frac{g_t}{d_t}, \qquad \theta_t = \theta_{t-1} - lr \cdot buf_t \tag{7}$$
#
# $\bar g$ and $buf$ start at zero. With $\mu = 0$, (7) is (4).

# %% [markdown]
# Three traps. Change each tensor **in place**: `theta -= ...`, for `theta.data = ...` moves its memory and `theta = theta - ...` only renames.
# In (7) $lr$ stands **outside** the buffer, as in PyTorch's momentum; this shows when a schedule changes $lr$. And $g_t$ in (5) is a new tensor:
# `theta.grad` itself must not change.
#
# Settings out of their range raise ValueError, as in PyTorch. PyTorch lets `alpha=1` and `momentum=1` and larger values pass, but your
# class refuses them too: $s$ would never leave zero, or the buffer would never fade.


# %% nbgrader={"grade": false, "grade_id": "RMSprop", "locked": false, "schema_version": 3, "solution": true, "task": false}
class RMSprop:
    """RMSprop with the interface of torch.optim, formulas (3) to (7). Two instances share nothing.

    Args:
        params: the tensors to train, any iterable; it may be a generator, which can be read only once.
        lr: learning rate, kept in self.lr: 0 is fine.
        alpha, momentum: numbers in [0, 1).
        eps, weight_decay: numbers, 0 or more.
        centered: whether the denominator is that of (6) instead of (4).

    Raises:
        ValueError: lr, eps or weight_decay is negative, or alpha or momentum is outside [0, 1).
    """

    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False):
        """Keep the parameters and the settings; s, g_bar and buf start as zeros for each parameter."""
        ### BEGIN SOLUTION
        if lr < 0 or eps < 0 or weight_decay < 0:
            raise ValueError("lr, eps and weight_decay must not be negative.")
        if not (0 <= alpha < 1 and 0 <= momentum < 1):
            raise ValueError("alpha and momentum must be at least 0 and less than 1.")
        self.params = list(params)
        self.lr, self.alpha, self.eps = lr, alpha, eps
        self.weight_decay, self.mu, self.centered = weight_decay, momentum, centered
        self.s = [torch.zeros_like(theta) for theta in self.params]
        self.g_bar = [torch.zeros_like(theta) for theta in self.params]
        self.buf = [torch.zeros_like(theta) for theta in self.params]
        ### END SOLUTION

    @torch.no_grad()  # autograd must not record the update itself
    def step(self):
        """Update every parameter in place: the tensor and its memory stay the same.

        Reads self.lr each time. A parameter whose grad is None is skipped, with everything that is kept for
        it; a grad of zeros is a step like any other. Leaves every grad unchanged, so that step() may be
        called again with the same one.
        """
        ### BEGIN SOLUTION
        for i, theta in enumerate(self.params):
            if theta.grad is None:
                continue
            g = theta.grad + self.weight_decay * theta  # (5)
            self.s[i] = self.alpha * self.s[i] + (1 - self.alpha) * g**2  # (3)
            d = torch.sqrt(self.s[i]) + self.eps  # (4)
            if self.centered:
                self.g_bar[i] = self.alpha * self.g_bar[i] + (1 - self.alpha) * g  # (6)
                d = torch.sqrt(self.s[i] - self.g_bar[i] ** 2) + self.eps  # (6)
            self.buf[i] = self.mu * self.buf[i] + g / d  # (7)
            theta -= self.lr * self.buf[i]  # (7)
        ### END SOLUTION

    def zero_grad(self):
        """Leave the grad of every parameter None or all zeros; some may be None already."""
        ### BEGIN SOLUTION
        for theta in self.params:
            theta.grad = None
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_RMSprop", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
check("RMSprop", RMSprop)

# %% [markdown]
# ### Experiment: what the options do
#
# A network with 32 hidden units learns the digits for 10 epochs, with eight rates and three settings of your own class: as it is, centered, and with
# momentum 0.9.
#
# **Predict.** In lesson 03 a buffer with $\mu = 0.9$ made each gradient count 10 times in the long run. Where, then, will the best rate with
# momentum lie?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "options", "locked": true, "schema_version": 3, "solution": false, "task": false}
rates = 10.0 ** np.arange(-4.5, -0.5, 0.5)
settings = {"RMSprop": {}, "centered": {"centered": True}, "with momentum 0.9": {"momentum": 0.9}}


def final_loss(lr, options):
    model = training.network(seed=0)
    training.train(
        model, lambda params: RMSprop(params, lr=lr, **options), digits.X_train, digits.y_train, steps=230
    )
    return training.evaluate(model, digits.X_train, digits.y_train)[0]


print(f"loss with the default settings: {final_loss(0.01, {}):.2f}")

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "options_figure", "locked": true, "schema_version": 3, "solution": false, "task": false}
finals = {name: np.array([final_loss(lr, options) for lr in rates]) for name, options in settings.items()}
figure, ax = plt.subplots()
ax.set(
    xlabel="learning rate",
    ylabel="training loss after 10 epochs (nats)",
    xscale="log",
    yscale="log",
    xlim=(2.5e-5, 0.12),
    ylim=(0.015, 4),
)
plots.curves(ax, finals, x=rates, marker="o", markersize=4)
ax.set_title("Momentum moves the best rate down, and the loss with it")
plots.show(
    figure,
    "Training loss against learning rate, three curves with a minimum each. RMSprop and its centered form nearly coincide, lowest at "
    "0.07 near lr 0.01. With momentum the curve lies further left and lower: 0.02 near lr 0.003.",
)
for name, losses in finals.items():
    print(f"{name:17} best loss {losses.min():.2f} at lr = {rates[losses.argmin()]:.2g}")

# %% [markdown]
# <details><summary>Explain: does momentum simply multiply lr by 10?</summary>
#
# On the left, nearly: momentum at $lr = 10^{-4}$ ends at 0.41, as plain RMSprop does at $10^{-3}$. There the gradients agree from step to step,
# and the buffer adds up ten of them. But the best rate falls by 3, not by 10, and the loss there is lower. The buffer sums what agrees
# and averages away what is noise, so it covers the same distance with less shaking. Adam, in lesson 05, is built on this. Centering makes
# little difference here: at $lr = 10^{-3}$, $\bar g^{\,2}$ is 6% of $s$ for the median weight, so its steps are 3% longer.
#
# </details>

# %% [markdown]
# ## Conventions
#
# The first step from a fresh start, in units of $lr$, shows how far apart the forms are. One gradient is ordinary, one is tiny.
#
# | where | denominator | starts at | $\alpha$ | $\epsilon$ | $g = 0.5$ | $g = 10^{-6}$ |
# |---|---|---|---|---|---|---|
# | Hinton's lecture | $\sqrt{s}$ | 0 | 0.9 | none | 3.162 | 3.162 |
# | PyTorch; this lesson | $\sqrt{s} + \epsilon$ | 0 | 0.99 | 1e-8 | 10.000 | 9.091 |
# | Keras | $\sqrt{s + \epsilon}$ | 0 | 0.9 | 1e-7 | 3.162 | 0.003 |
# | TensorFlow 1 | $\sqrt{s + \epsilon}$ | 1 | 0.9 | 1e-10 | 0.520 | 0.000 |
# | AdaGrad, PyTorch; this lesson | $\sqrt{acc} + \epsilon$ | 0 | | 1e-10 | 1.000 | 1.000 |
# | AdaGrad, Keras | $\sqrt{acc + \epsilon}$ | 0.1 | | 1e-7 | 0.845 | 0.000 |
#
# Inside the root, $\epsilon$ counts as about $\sqrt\epsilon$ would outside: Keras's 1e-7 shortens the steps of gradients below 0.0003, PyTorch's
# 1e-8 only of those near $10^{-8}$.


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "conventions", "locked": true, "schema_version": 3, "solution": false, "task": false}
def first_step(denominator):
    return "  ".join(f"{g / denominator(g**2):.3f}" for g in (0.5, 1e-6))


def pytorch_step(make_optimizer):
    steps = []
    for g in (0.5, 1e-6):
        theta = torch.zeros(1, dtype=torch.float64, requires_grad=True)
        theta.grad = torch.full_like(theta, g)
        make_optimizer([theta], lr=1.0).step()
        steps.append(f"{-theta.item():.3f}")
    return "  ".join(steps)


print("Hinton          ", first_step(lambda square: math.sqrt(0.1 * square)))
print("PyTorch         ", pytorch_step(torch.optim.RMSprop))
print("your RMSprop    ", pytorch_step(RMSprop))
print("Keras           ", first_step(lambda square: math.sqrt(0.1 * square + 1e-7)))
print("TensorFlow 1    ", first_step(lambda square: math.sqrt(0.9 + 0.1 * square + 1e-10)))
print("PyTorch AdaGrad ", pytorch_step(torch.optim.Adagrad))
print("Keras AdaGrad   ", first_step(lambda square: math.sqrt(0.1 + square + 1e-7)))

# %% [markdown]
# Two more differences do not show in a first step. Keras and TensorFlow keep $lr$ **inside** the momentum buffer:
# $buf_t = \mu\, buf_{t-1} + lr \cdot g_t / d_t$. At a constant rate the steps are the same as with (7). And PyTorch's `alpha` is called `rho` in
# Keras and `decay` in TensorFlow 1.

# %% [markdown]
# ## Experiment: choose lr and alpha, with sliders
#
# The digits change their names again, five times 200 steps. The score is the mean loss over all 1000 steps. The sliders start at $lr = 0.003$ and
# $\alpha = 0.9$, which scores 1.90.
#
# **Goal:** a mean loss below 0.5. **Predict** first: a short memory makes the strides noisy, a long one adapts them late. Should RMSprop
# remember more here, or less? Can you reach the goal with the rate alone?


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "follow", "locked": true, "schema_version": 3, "solution": false, "task": false}
def follow(lr, alpha):
    """Mini-batch losses of your rmsprop_update on digits that change their names, (1000,)."""
    return renamed(lambda W, grad, s: rmsprop_update(W, grad, s, lr, alpha), steps=1000)


def draw_follow(lr=0.003, alpha=0.9):
    losses = follow(lr, alpha)
    score = losses.mean()
    figure, ax = plt.subplots()
    ax.plot(np.minimum(losses, 20), color=plots.PALETTE[2], linewidth=1)
    ax.set(xlabel="step", ylabel="mini-batch loss (nats)", xlim=(0, 1000), yscale="log", ylim=(0.02, 25))
    ax.set_title(f"Mean loss {score:.2f}. {'Goal reached!' if score < 0.5 else 'Goal: below 0.5.'}")
    return figure


plots.sliders(draw_follow, lr=[0.003, 0.01, 0.03, 0.1, 0.3], alpha=[0.0, 0.5, 0.9, 0.99, 0.997, 0.999])

# %% [markdown]
# The map of this game, without sliders: each field is one run.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "follow_map", "locked": true, "schema_version": 3, "solution": false, "task": false}
lrs = [0.003, 0.01, 0.03, 0.1, 0.3]
alphas = [0.0, 0.5, 0.9, 0.99, 0.997, 0.999]
scores = np.array([[follow(lr, alpha).mean() for lr in lrs] for alpha in alphas])
figure, ax = plt.subplots()
sns.heatmap(
    scores, annot=True, fmt=".2f", cmap="Blues", vmin=0, vmax=3, linewidths=1, cbar=False,
    xticklabels=lrs, yticklabels=alphas, ax=ax,
)  # fmt: skip
ax.tick_params(axis="y", rotation=0)
ax.set(xlabel="lr", ylabel="alpha", title="With a memory of 10 steps or fewer no rate reaches the goal")
plots.show(
    figure,
    "Mean loss for five learning rates and six values of alpha. Below 0.5 only with alpha 0.99 at lr 0.1, and 0.997 or 0.999 at "
    "lr 0.03. With alpha 0.9 the best is 0.75, with alpha 0 it is 1.78.",
)

# %% [markdown]
# <details><summary>Explain: what is RMSprop with alpha = 0?</summary>
#
# $s_t = g_t^2$, so each step is $lr$ in the direction of the gradient's sign, be the gradient large or tiny. Near the minimum, where the
# gradients are noise, every weight still walks at full stride. A longer memory keeps $\sqrt{s}$ at the size of the usual gradient, so that
# small gradients give small steps.
#
# The other end has a price as well. With $\alpha = 0.999$ the first step is $lr/\sqrt{0.001}$, 32 times $lr$: look at the right column.
#
# </details>

# %% [markdown]
# ## Recap
#
# 1. Dividing by the root of past squares gives every parameter its own effective rate; the scale of its gradients cancels.
# 2. AdaGrad sums all squares: a gift for rare features, but its strides only shrink.
# 3. RMSprop averages the squares and forgets the old ones: its stride comes back to $lr$.
# 4. $s$ starts at zero, so the first step is $lr/\sqrt{1-\alpha}$, and no step is ever longer.
# 5. $\epsilon$ inside the root is a much larger $\epsilon$: look where it stands before you copy a number.

# %% [markdown]
# ## Where it breaks
#
# - **The first steps are too long**, up to 10 times $lr$ with the defaults, just when the model knows least. Adam corrects this.
# - **Very rare features.** Among the sixty words RMSprop with $\alpha = 0.99$, at the best of the ten rates, has a mean error of 0.069; AdaGrad has
#   0.024. Between two visits $s$ fades, and the next step is long again.
# - **It does not stop.** Its steps keep the size of $lr$, so it hovers around the minimum. Lesson 06 lets the rate fall.
# - **Centered, with gradients that hardly vary,** takes the root of a difference of nearly equal numbers, which rounding can make negative.
#   Give PyTorch 1000 float32 parameters whose gradients never change: with $\alpha = 0.9$ more than a third are NaN within 150 steps.
# - **There are convex problems** on which it does not converge (Reddi and others, 2018).
#
# Like AdaGrad, it sees axes only: a ravine that lies diagonally across the parameters gets no help.

# %% [markdown]
# ## Further
#
# - J. Duchi, E. Hazan and Y. Singer (2011). Adaptive Subgradient Methods for Online Learning and Stochastic Optimization. JMLR 12, 2121-2159
# - G. Hinton, N. Srivastava and K. Swersky (2012). Neural Networks for Machine Learning, lecture 6e: RMSprop. Slides of a Coursera course
# - A. Graves (2013). Generating Sequences With Recurrent Neural Networks. arXiv:1308.0850
# - S. Reddi, S. Kale and S. Kumar (2018). On the Convergence of Adam and Beyond. ICLR. arXiv:1904.09237
