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
# Large steps bring you near the minimum; small steps let you land there. So let the learning rate fall while
# you train.
#
# ## The problem
#
# Up to now our trainer has used one learning rate from the first update to the last. To see what that costs,
# take a problem that we can see through: fit a line to 256 points, made from $y = 4 + 3x$ and noise, with
# batches of 8 rows.
#
# Near the minimum the true gradient is almost zero. The gradient of a batch is not: its 8 rows always want a
# slightly different line. Each step follows them, and the next batch pulls back.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np
import torch

from course import check, data, predict, quiz, training
from course.figures import lesson_06 as figures
from course.figures import trainer

rng = np.random.default_rng(0)
x = rng.uniform(-0.5, 0.5, size=256)
y = 4 + 3 * x + rng.normal(size=256)
A = np.stack([np.ones(256), x], axis=1)  # a column for b and a column for w
best = np.linalg.lstsq(A, y, rcond=None)[0]
curvature = 2 / 256 * A.T @ A


def above(points):
    """Mean squared error above its minimum of lines (b, w): shape (..., 2) to (...)."""
    gap = points - best
    return 0.5 * np.sum((gap @ curvature) * gap, axis=-1)


# %% [markdown]
# A **walk** fits the line. It starts at $b = w = 0$, draws 8 rows for each update, and takes the rate that
# stands in `rates` for it. The cell makes 200 walks at once.


# %% nbgrader={"grade": false, "grade_id": "walk", "locked": true, "schema_version": 3, "solution": false, "task": false}
def walk(rates, walks=200):
    """Fit the line, one update for each rate; returns b and w after each, (updates, walks, 2)."""
    rng, theta, points = np.random.default_rng(2), np.zeros((walks, 2)), []
    for lr in rates:
        rows = rng.integers(256, size=(walks, 8))
        error = np.einsum("wrk,wk->wr", A[rows], theta) - y[rows]
        theta = theta - lr * 2 / 8 * np.einsum("wr,wrk->wk", error, A[rows])
        points.append(theta)
    return np.array(points)


# %% [markdown]
# **Predict.** Four kinds of walk make 600 updates. Three have a fixed rate: 0.3, 0.03 and 0.003. The fourth
# starts at 0.3 and falls to 0 in a straight line. Sketch their losses. With 0.3 and with 0.03 the loss stops
# falling at some height above the minimum. How much lower is it with a tenth of the rate: "3 times", "10
# times" or "100 times"?

# %%
predict("tenth_of_the_rate", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "hover", "locked": true, "schema_version": 3, "solution": false, "task": false}
runs = {f"{lr}": walk(np.full(600, lr)) for lr in (0.3, 0.03, 0.003)}
runs["0.3, falling"] = walk(0.3 * (1 - np.arange(600) / 600))
figures.hover(runs, above)

# %% [markdown]
# <details><summary>What to see</summary>
#
# The rate 0.3 is far ahead after 30 updates. Then its points jump about the minimum for ever. A tenth of the
# rate arrives later and hovers about ten times lower. A hundredth is still on its way.
#
# Is that fair to the fixed rates? The best of eleven, from 0.003 to 0.5, is 0.03, which ends at 0.006. The
# falling one ends at 0.003, and a cosine, which you will write, at 0.001 with the best of five first rates.
#
# </details>

# %% [markdown]
# ## At the end you can
#
# - say how high above the minimum a fixed rate hovers, and what decay buys;
# - write five schedules as functions of the epoch, and choose between them;
# - lower the rate when a loss stalls;
# - drive any PyTorch optimiser with a schedule of your own;
# - plan the rates of a whole run, with a warm-up, as practice does.
#
# About 85 minutes, 10 points. It builds on lesson 01 (mini-batches) and lesson 05 (Adam). The experiments run
# your own code: when one stops with `NotImplementedError`, fill in the exercise above it first.
#
# You build it from scratch: to your answers PyTorch's own optimisers and schedules, clipping and
# normalisation, and pandas' exponential averages are not available, in the check and in grading alike. The
# experiments may use them. The class `torch.optim.Optimizer`, which computes nothing, may be inherited from.

# %% [markdown]
# ## The idea
#
# Take one parameter $\theta$ and the loss $\frac12 c\,\theta^2$ with its minimum at 0; $c$ is the curvature.
# Let each batch's gradient be the true one, $c\,\theta$, plus noise of mean 0 and variance $\sigma^2$, new at
# every update. All four are numbers.
#
# Each update shrinks $\theta$ by the factor $1 - lr \cdot c$ and brings in new noise. When as much comes in
# as goes out, the mean loss stays at
#
# $$\text{floor} = \frac{lr\, \sigma^2}{2\,(2 - lr \cdot c)} \tag{1}$$
#
# For small rates this is $lr\,\sigma^2/4$: a tenth of the rate, a tenth of the floor. But $\theta$ also
# shrinks ten times more slowly. Speed and precision ask for different rates, so use one after the other.

# %% [markdown]
# <details><summary>Where (1) comes from, in three lines</summary>
#
# The update is $\theta \leftarrow (1 - lr \cdot c)\,\theta - lr\,\xi$ with the noise $\xi$. The noise knows
# nothing of $\theta$, so variances add: the mean square $V$ of $\theta$ becomes $(1 - lr \cdot c)^2\, V +
# lr^2 \sigma^2$.
#
# Once $V$ stays the same, $V \cdot lr \cdot c\,(2 - lr \cdot c) = lr^2\sigma^2$.
#
# The mean loss is $\frac12 c\,V$, which is (1).
#
# </details>
#
# **Predict.** The line has two such directions, with curvatures 2.0 and 0.18, and their floors add up. So no
# rate above $2/2.0 = 1$ can work. Your walks hover at 0.06 with a rate of 0.3. Where do they hover with 0.9:
# at "0.2", at "0.5", at "more than 1", or "it diverges"?

# %%
predict("near_the_limit", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "floors", "locked": true, "schema_version": 3, "solution": false, "task": false}
fixed = [0.03, 0.1, 0.3, 0.6, 0.9]
hovers = [above(walk(np.full(1000, lr)))[-100:].mean() for lr in fixed]
figures.floors(fixed, hovers, A, y)

# %% [markdown]
# <details><summary>Explain: why not three times as high?</summary>
#
# Only small rates make (1) a straight line. At 0.9 the bracket $2 - lr \cdot c$ is down to 0.2: each update
# overshoots to the other side and loses next to nothing of its old distance, so noise piles up.
#
# </details>

# %% [markdown]
# ## Five schedules
#
# A schedule is a function of the epoch $e = 0, 1, 2, \dots$, counted from 0 as PyTorch does; $lr_0$ is the
# rate of epoch 0. All symbols up to (6) are numbers.
#
# **Inverse time**, with the decay rate $k \ge 0$:
#
# $$lr(e) = \frac{lr_0}{1 + k\, e} \tag{2}$$
#
# Robbins and Monro (1951) showed that noisy steps converge when their rates add up to infinity while the
# rates' squares do not. For $k > 0$ formula (2) fulfils both. A fixed rate fulfils only the first.
#
# **Step** keeps the rate for $s$ epochs (`step_size`), then multiplies it by $\gamma$ ("gamma"), and so on;
# $\lfloor\ \rfloor$ rounds down:
#
# $$lr(e) = lr_0 \cdot \gamma^{\lfloor e/s \rfloor} \tag{3}$$

# %% [markdown]
# **Multi-step** lets you choose the epochs of the drops, the milestones $m_1 < m_2 < \dots$. A milestone
# counts from its own epoch on:
#
# $$lr(e) = lr_0 \cdot \gamma^{\,n(e)}, \qquad n(e) = \text{number of milestones } m_i \le e \tag{4}$$
#
# **Exponential** takes the same share away in every epoch:
#
# $$lr(e) = lr_0 \cdot \gamma^{\,e} \tag{5}$$
#
# Many notes write $lr_0 \exp(-k e)$, which is (5) with $\gamma = \exp(-k)$.
#
# **Cosine** falls along half a turn of a cosine to $lr_{min}$ at epoch $T$ (`t_max`), flat at both ends
# (Loshchilov and Hutter, 2017):
#
# $$lr(e) = lr_{min} + (lr_0 - lr_{min}) \cdot \frac{1 + \cos(\pi e / T)}{2} \tag{6}$$

# %% [markdown]
# ### By hand
#
# Each schedule starts at $lr_0 = 0.8$. Check a row with pencil and paper before you write its function.
#
# | | formula | settings | $e = 0$ | 1 | 2 | 3 | 4 |
# |---|---|---|---|---|---|---|---|
# | inverse time | (2) | $k = 1$ | 0.8 | 0.4 | 0.2667 | 0.2 | 0.16 |
# | step | (3) | $\gamma = 0.5$, $s = 2$ | 0.8 | 0.8 | 0.4 | 0.4 | 0.2 |
# | multi-step | (4) | $\gamma = 0.5$, milestones 1 and 4 | 0.8 | 0.4 | 0.4 | 0.4 | 0.2 |
# | exponential | (5) | $\gamma = 0.5$ | 0.8 | 0.4 | 0.2 | 0.1 | 0.05 |
# | cosine | (6) | $lr_{min} = 0$, $T = 4$ | 0.8 | 0.6828 | 0.4 | 0.1172 | 0 |
#
# ## Exercises 1 to 5
#
# All five share a contract. `epoch` is an int, 0 or more, or an array of such ints, shape (n,), in any order.
# An int gives a number, an array a new float64 array of shape (n,). Nothing that is passed in changes.
#
# ### Exercise 1: inverse time
#
# *0.75 points · difficulty 1 of 5 · about 3 minutes*


# %% nbgrader={"grade": false, "grade_id": "inverse_time_decay", "locked": false, "schema_version": 3, "solution": true, "task": false}
def inverse_time_decay(lr0, decay_rate, epoch):
    """The rate of inverse time decay, formula (2).

    Args:
        lr0, decay_rate: numbers; decay_rate is k in (2), 0 or more.
        epoch: an int, 0 or more, or an array of such ints, shape (n,), in any order.

    Returns:
        lr: a number, or a new float64 array of shape (n,). The epochs stay unchanged.
    """
    ### BEGIN SOLUTION
    lr = lr0 / (1 + decay_rate * epoch)  # (2)
    return lr
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_inverse_time_decay", "locked": true, "points": 0.75, "schema_version": 3, "solution": false, "task": false}
check("inverse_time_decay", inverse_time_decay)

# %% [markdown]
# ### Exercise 2: step decay
#
# *0.75 points · difficulty 1 of 5 · about 3 minutes*


# %% nbgrader={"grade": false, "grade_id": "step_decay", "locked": false, "schema_version": 3, "solution": true, "task": false}
def step_decay(lr0, gamma, step_size, epoch):
    """The rate of step decay, formula (3).

    Args:
        lr0, gamma: numbers.
        step_size: s in (3), an int, 1 or more.
        epoch: an int, 0 or more, or an array of such ints, shape (n,), in any order.

    Returns:
        lr: a number, or a new float64 array of shape (n,). The epochs stay unchanged.
    """
    ### BEGIN SOLUTION
    lr = lr0 * gamma ** (epoch // step_size)  # (3)
    return lr
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_step_decay", "locked": true, "points": 0.75, "schema_version": 3, "solution": false, "task": false}
check("step_decay", step_decay)

# %% [markdown]
# ### Exercise 3: multi-step decay
#
# *0.75 points · difficulty 2 of 5 · about 6 minutes*
#
# NumPy has a function that finds where a number belongs in a sorted list; comparing with each milestone works
# too. Try your function with an empty list *and* an array of epochs.


# %% nbgrader={"grade": false, "grade_id": "multistep_decay", "locked": false, "schema_version": 3, "solution": true, "task": false}
def multistep_decay(lr0, gamma, milestones, epoch):
    """The rate of multi-step decay, formula (4): multiplied by gamma at each milestone.

    Args:
        lr0, gamma: numbers.
        milestones: a list of ints above 0 that increase and do not repeat; it may be empty, and the
            rate is lr0 then.
        epoch: an int, 0 or more, or an array of such ints, shape (n,), in any order.

    Returns:
        lr: a number, or a new float64 array of shape (n,), also where milestones is empty. The
        milestones and the epochs stay unchanged.
    """
    ### BEGIN SOLUTION
    passed = np.searchsorted(milestones, epoch, side="right")  # how many milestones are <= epoch
    lr = lr0 * gamma**passed  # (4)
    return lr
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_multistep_decay", "locked": true, "points": 0.75, "schema_version": 3, "solution": false, "task": false}
check("multistep_decay", multistep_decay)

# %% [markdown]
# ### Exercise 4: exponential decay
#
# *0.75 points · difficulty 1 of 5 · about 2 minutes*


# %% nbgrader={"grade": false, "grade_id": "exponential_decay", "locked": false, "schema_version": 3, "solution": true, "task": false}
def exponential_decay(lr0, gamma, epoch):
    """The rate of exponential decay, formula (5).

    Args:
        lr0, gamma: numbers.
        epoch: an int, 0 or more, or an array of such ints, shape (n,), in any order.

    Returns:
        lr: a number, or a new float64 array of shape (n,). The epochs stay unchanged.
    """
    ### BEGIN SOLUTION
    lr = lr0 * gamma**epoch  # (5)
    return lr
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_exponential_decay", "locked": true, "points": 0.75, "schema_version": 3, "solution": false, "task": false}
check("exponential_decay", exponential_decay)

# %% [markdown]
# ### Exercise 5: cosine decay
#
# *0.75 points · difficulty 1 of 5 · about 3 minutes*


# %% nbgrader={"grade": false, "grade_id": "cosine_decay", "locked": false, "schema_version": 3, "solution": true, "task": false}
def cosine_decay(lr0, lr_min, t_max, epoch):
    """The rate of cosine decay, formula (6), from lr0 at epoch 0 to lr_min at epoch t_max.

    Args:
        lr0, lr_min: numbers.
        t_max: T in (6), the last epoch, an int, 1 or more.
        epoch: an int from 0 to t_max, or an array of such ints, shape (n,), in any order.

    Returns:
        lr: a number, or a new float64 array of shape (n,). The epochs stay unchanged.
    """
    ### BEGIN SOLUTION
    lr = lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * epoch / t_max)) / 2  # (6)
    return lr
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_cosine_decay", "locked": true, "points": 0.75, "schema_version": 3, "solution": false, "task": false}
check("cosine_decay", cosine_decay)

# %% [markdown]
# ### Experiment: all five together
#
# Below, all five start at 1; the exponential one has $\gamma = 0.93$.
#
# **Predict.** Somebody takes $\gamma = 0.97$ instead, a change of four per cent. How many times larger is the
# rate at epoch 60?

# %%
predict("two_gammas", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "all_five", "locked": true, "schema_version": 3, "solution": false, "task": false}
epoch = np.arange(66)
schedules = {
    "inverse time": inverse_time_decay(1.0, 0.2, epoch),
    "step": step_decay(1.0, 0.4, 15, epoch),
    "multi-step": multistep_decay(1.0, 0.2, [30, 50], epoch),
    "exponential": exponential_decay(1.0, 0.93, epoch),
    "cosine": cosine_decay(1.0, 0.001, 65, epoch),
}
ratio = exponential_decay(1.0, 0.97, 60) / exponential_decay(1.0, 0.93, 60)
figures.all_five(epoch, schedules, ratio)

# %% [markdown]
# <details><summary>Explain: which one should you choose?</summary>
#
# If you know how long you will train, cosine is a good default: besides $lr_0$ there is hardly anything to
# set. The drops of step and multi-step show in a loss curve, and each has to be chosen. Exponential is
# sensitive: 60 small changes multiply. Inverse time suits training without a planned end.
#
# </details>
#
# ### A cloud that contracts
#
# Press play. Each dot is one of 200 walks. Those on the left keep a rate of 0.3, those on the right follow
# your cosine. The figure below says the same without moving.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "clouds", "locked": true, "schema_version": 3, "solution": false, "task": false}
update = np.arange(600)
rates = {"fixed": np.full(600, 0.3), "cosine": cosine_decay(0.3, 0.0, 599, update)}
figures.clouds({name: walk(each) for name, each in rates.items()}, rates, best)

# %% [markdown]
# ### Experiment: a schedule, with sliders
#
# Now you choose. The walks have 200 updates and follow your exponential decay, with a new rate for each
# update. The sliders start at a fixed rate of 0.3.
#
# **Goal:** end below 0.003. Two things must both fit: how far all the rates together carry the walk, and how
# small the last ones are.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "sliders", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.game(walk, above, exponential_decay)

# %% [markdown]
# When you have found a setting, or given up, look at the map of the whole game.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "slider_map", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.game_map(walk, above, exponential_decay)

# %% [markdown]
# <details><summary>Explain: why a diagonal?</summary>
#
# The rates add up to about $lr_0/(1-\gamma)$. Times the curvature 0.18 of the flat direction, that must be
# well above 1, or the walk never arrives: it is 1.1 for 0.3 and 0.95, and 4.5 for 0.5 and 0.98. And the last
# rate must be small: 0.5 and 0.98 end at 0.009. The larger $lr_0$, the faster it may fall.
#
# </details>
#
# ### Experiment: too early, too late
#
# **Predict.** Now the rate drops once, from 0.3 to 0.03, at an update of your choice, and there are 200.
# Suppose the drop comes very late, at update 180. How much of the loss that 0.3 would have ended with is left
# after these 20 small steps: "nearly all", "half" or "a fifth"?

# %%
predict("late_drop", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "too_early", "locked": true, "schema_version": 3, "solution": false, "task": false}
update = np.arange(200)
drops = [1, *range(10, 200, 10), 199]
finals = [above(walk(multistep_decay(0.3, 0.1, [drop], update)))[-1].mean() for drop in drops]
never = above(walk(multistep_decay(0.3, 0.1, [], update)))[-1].mean()
cosine = above(walk(cosine_decay(0.3, 0.0, 199, update)))[-1].mean()
figures.drop(drops, finals, never, cosine)

# %% [markdown]
# <details><summary>Explain: what makes the two sides of the valley?</summary>
#
# On the right is the hovering, most of it in the steep direction. There even the small rate takes $0.03 \cdot
# 2.0$, six per cent, off the distance in each update: 20 updates are enough. On the left is the flat
# direction: $1 - 0.03 \cdot 0.18$ is 0.995, and 200 such steps do not cover the way.
#
# So a late drop does its work in a few updates. After an early one the curve looks calm and finished, and is
# not.
#
# </details>

# %% [markdown]
# ## When the loss stalls
#
# The right epoch for a drop is hard to know in advance. So watch a metric $m$ once an epoch, such as the loss
# on held-out data, and drop when it stalls. He and others (2016) divided the rate of their residual networks
# by 10 "when the error plateaus". Let $m_{best}$ be the best metric so far, infinite at the start. An epoch
# is **good** if
#
# $$m < (1 - \tau)\, m_{best} \tag{7}$$
#
# where $\tau$ (`threshold`) is the relative gain that it takes. In a good epoch $m_{best}$ becomes $m$. Every
# other epoch is **bad**. When more bad epochs than `patience` have come in a row, the rate $lr$ drops by the
# factor $f$ (`factor`), not below $lr_{min}$ (`min_lr`), and the count begins anew:
#
# $$lr \leftarrow \max(f \cdot lr,\; lr_{min}) \tag{8}$$

# %% [markdown]
# After a drop, training may need a moment: for the next `cooldown` epochs the count of bad epochs is kept at
# zero. Good epochs still set $m_{best}$. NaN is not less than anything, so (7) makes it a bad epoch.
#
# ### By hand
#
# $lr = 0.8$, $f = 0.5$, patience 1, $\tau = 0.1$, no cooldown. With patience 1 the second bad epoch in a row
# is one too many.
#
# | epoch | 1 | 2 | 3 | 4 | 5 | 6 | 7 |
# |---|---|---|---|---|---|---|---|
# | $m$ | 1.0 | 0.8 | 0.79 | 0.78 | 0.6 | 0.62 | 0.61 |
# | $0.9\, m_{best}$ | infinite | 0.9 | 0.72 | 0.72 | 0.72 | 0.54 | 0.54 |
# | | good | good | bad, 1 | bad, 2: drop | good | bad, 1 | bad, 2: drop |
# | $lr$ after it | 0.8 | 0.8 | 0.8 | 0.4 | 0.4 | 0.4 | 0.2 |
#
# ## Exercise 6: reduce on plateau
#
# *2.5 points · difficulty 3 of 5 · about 12 minutes*
#
# Three traps. $m_{best}$ changes in good epochs alone. A metric may be 0, negative or NaN, also the first.
# And in a cooldown you still look at the metric.


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


# %% nbgrader={"grade": true, "grade_id": "check_ReduceOnPlateau", "locked": true, "points": 2.5, "schema_version": 3, "solution": false, "task": false}
check("ReduceOnPlateau", ReduceOnPlateau)

# %% [markdown]
# ### Experiment: what patience buys
#
# A noisy loss stalls by chance, too. Below, your class watches a loss that falls from 1 to 0.1 and has noise
# on it. While the loss really falls, any drop is a false alarm. Each drop halves the rate.
#
# **Predict.** The loss is still falling at epoch 50. How much of the rate is left there with patience 2:
# "all", "half", "a tenth" or "nothing"?

# %%
predict("patience_of_two", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "patience", "locked": true, "schema_version": 3, "solution": false, "task": false}
truth = 0.1 + 0.9 * np.exp(-np.arange(120) / 15)
metrics = truth * np.random.default_rng(3).lognormal(sigma=0.1, size=(20, 120))


def watched(patience, row):
    plateau = ReduceOnPlateau(1.0, factor=0.5, patience=patience, min_lr=1e-3)
    return [plateau.step(float(metric)) for metric in row]


rates = {f"patience {p}": np.array([watched(p, row) for row in metrics]) for p in (0, 2, 8)}
figures.patience(metrics, truth, rates)

# %% [markdown]
# <details><summary>Explain: so is more patience always better?</summary>
#
# It costs time: each drop comes at least patience + 1 epochs after the loss has stalled. Patience is there
# because of the noise, so you may also reduce that: measure on more data, or smooth the metric first (lesson
# 02).
#
# </details>

# %% [markdown]
# ## Driving an optimiser
#
# A PyTorch optimiser keeps its rate in `param_groups`, a list of dicts, each with its own tensors and its own
# `"lr"`. `optimizer.step()` reads `group["lr"]` each time; to change the rate, write there.
#
# A schedule multiplies every group's *initial* rate $lr_g$, the one before any schedule touched it, by one
# factor $\lambda(e)$:
#
# $$lr_g(e) = lr_g \cdot \lambda(e) \tag{9}$$
#
# By hand: two groups with 0.8 and 0.2 and $\lambda(e) = 0.5^e$ have 0.8 and 0.2 in epoch 0, 0.4 and 0.1 in
# epoch 1.

# %% [markdown]
# The constructor sets the rates of epoch 0; `schedule.step()` goes on to the next epoch. So it comes *after*
# the optimiser's steps, at the end of the epoch. The other way round $lr_0$ is never used. PyTorch warns
# about that, once, and only if the very first call is in the wrong order.
#
# ## Exercise 7: a schedule that drives an optimiser
#
# *1.75 points · difficulty 2 of 5 · about 10 minutes*
#
# Write formula (9), for up to three param groups. Two traps: the initial rates are those from *before* the
# first factor, and a factor may be 0, after which no product of factors ever comes back.


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


# %% nbgrader={"grade": true, "grade_id": "check_LambdaSchedule", "locked": true, "points": 1.75, "schema_version": 3, "solution": false, "task": false}
check("LambdaSchedule", LambdaSchedule)

# %% [markdown]
# **Predict.** A schedule made for epochs takes a tenth off in each: $\lambda(e) = 0.9^e$. Our trainer makes 6
# epochs of 23 updates. By an indent too many, `schedule.step()` is called after every *update*, and nobody is
# warned. How much of the rate is left at the end: "half of it", "a hundredth of it" or "a millionth of it"?

# %%
predict("step_per_batch", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "too_often", "locked": true, "schema_version": 3, "solution": false, "task": false}
optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.8)
schedule = LambdaSchedule(optimizer, lambda e: 0.9**e)
rates = schedule.get_last_lr()
for _ in range(6 * 23):
    optimizer.step()
    schedule.step()
    rates += schedule.get_last_lr()
figures.too_often(rates)

# %% [markdown]
# ## Challenge: plan a whole run
#
# *2 points · difficulty 4 of 5 · about 15 minutes*
#
# Large models get a new rate in every update, and start gently: in a **warm-up** the rate rises, then it
# decays (Goyal and others, 2017). You are not given the formula. Derive it from the four demands below, and
# count the fence posts on paper first: 10 rows in batches of 4, 3 epochs, 1 of them warm-up.

# %% [markdown]
# 1. The run passes over all `rows` `epochs` times, in batches of `batch_size`. A short last batch is used.
#    Each batch is one update, and each update has a rate.
# 2. The first `warmup_epochs` epochs are the warm-up. From update to update the rate rises by the same
#    amount, as if it had been 0 before the first. The warm-up's *last* update runs at the peak.
# 3. From that update on the rate falls along half a cosine, update by update. The run's last update runs at
#    `lr_min` exactly.
# 4. Without a warm-up the *first* update runs at the peak.


# %% nbgrader={"grade": false, "grade_id": "planned_rates", "locked": false, "schema_version": 3, "solution": true, "task": false}
def planned_rates(peak, lr_min, warmup_epochs, epochs, rows, batch_size):
    """The rate of every update of a run, in order: a warm-up, then half a cosine (demands 1 to 4).

    Args:
        peak, lr_min: the largest rate and the last one, numbers; lr_min may be 0, or equal to peak.
        warmup_epochs: an int, 0 or more, less than epochs.
        epochs: an int. The run has at least two updates.
        rows, batch_size: ints, 1 or more; batch_size may exceed rows, and need not divide them.

    Returns:
        rates: float64 array of shape (updates,), or a list of as many floats.
    """
    ### BEGIN SOLUTION
    per_epoch = -(-rows // batch_size)  # rounded up: a short batch is an update too
    last = epochs * per_epoch
    peak_at = max(1, warmup_epochs * per_epoch)
    update = np.arange(1, last + 1)
    warm_up = peak * update / peak_at
    share = (update - peak_at) / (last - peak_at)  # of the way from the peak to the end
    cosine = lr_min + (peak - lr_min) * (1 + np.cos(np.pi * share)) / 2
    return np.where(update <= peak_at, warm_up, cosine)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_planned_rates", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("planned_rates", planned_rates)

# %% [markdown]
# ### Experiment: our trainer
#
# The digits network again, with Adam: 138 updates, five seeds. The trainer leaves the short last batch out
# and uses 1472 rows an epoch. The function below follows any plan with your `LambdaSchedule`. The figure
# shows your own plan.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "follow", "locked": true, "schema_version": 3, "solution": false, "task": false}
digits = data.digits()


def losses_of(rates):
    """Training losses of five networks after one update of Adam at each rate, shape (5,)."""
    models = training.networks(seeds=5)
    adam = torch.optim.Adam(models.parameters(), lr=1.0)
    schedule = LambdaSchedule(adam, lambda update: rates[min(update, len(rates) - 1)])
    X, y = digits.X_train, digits.y_train
    training.train_each(models, lambda params: adam, X, y, len(rates), after_step=lambda *_: schedule.step())
    return training.evaluate_each(models, X, y)[0]


figures.planned(planned_rates(0.1, 0.0, 1, 6, 1472, 64))

# %% [markdown]
# **Predict.** Four ways to set the rate: fixed; your cosine; a warm-up that then stays; warm-up and cosine.
# Each is tried with six values for its largest rate. Which of the two ingredients *alone*, at its own best,
# ends below the best fixed rate, in the median of five seeds: "warm-up", "cosine", "both" or "neither"?

# %%
predict("which_alone", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "together", "locked": true, "schema_version": 3, "solution": false, "task": false}
update = np.arange(138)
rise = np.minimum(1.0, (update + 1) / 23)
ways = {
    "fixed": np.ones(138),
    "cosine": cosine_decay(1.0, 0.0, 138, update),
    "warm-up": rise,
    "warm-up, cosine": planned_rates(1.0, 0.0, 1, 6, 1472, 64),
}
peaks = [0.03, 0.05, 0.07, 0.1, 0.14, 0.2]
losses = {way: np.transpose([losses_of(peak * shape) for peak in peaks]) for way, shape in ways.items()}
figures.together(peaks, losses)

# %% [markdown]
# <details><summary>Explain: why together?</summary>
#
# Adam's first updates are its roughest: its averages rest on a few gradients, and each parameter moves by
# about $lr$ (lesson 05). A warm-up takes the network through them, so that it can bear a larger rate later.
# But alone it hovers at that rate to the end. A cosine alone takes half of all the stride away, and the rough
# start forbids a larger rate to make up for it.
#
# Together they end at 0.031, against 0.040 for the best fixed rate, and are ahead in four of five seeds. The
# choice matters less, too: at twice its best rate the fixed run is at 0.085, the planned one at 0.037.
#
# </details>

# %% [markdown]
# **Predict.** Does it matter *how* the rate decays? After the same warm-up each of your five schedules was
# tried with two settings and seven peaks, from 0.03 to 0.28. Each is shown at its best. How many times lower
# is the best of the five medians than the worst?

# %%
predict("kinds_apart", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "kinds", "locked": true, "schema_version": 3, "solution": false, "task": false}
decay = exponential_decay(1.0, 0.2 ** (1 / 115), np.arange(1, 116))
figures.kinds(losses_of(0.2 * np.concatenate([rise[:23], decay])))

# %% [markdown]
# <details><summary>Explain</summary>
#
# Each of the five beats no decay in at least four of five seeds. Among themselves they are close. So choose
# by what is easy to set, and spend your time on the peak.
#
# </details>

# %% [markdown]
# ## Conventions
#
# One name, several formulas. All rows start at 0.8, with 0.5 for the decay and 2 for the period. Keras and
# optax count updates where you count epochs.
#
# | where | rate | $e = 1$ | $e = 3$ |
# |---|---|---|---|
# | (3); PyTorch `StepLR`; Keras and optax with `staircase=True` | `lr0 * gamma**(e // s)` | 0.8000 | 0.4000 |
# | `ExponentialDecay` of Keras, `exponential_decay` of optax | `lr0 * gamma**(e / s)` | 0.5657 | 0.2828 |
# | (5); PyTorch `ExponentialLR` | `lr0 * gamma**e` | 0.4000 | 0.1000 |
# | course notes, $k = 0.5$ | `lr0 * exp(-k * e)` | 0.4852 | 0.1785 |
# | (2); course notes | `lr0 / (1 + k * e)` | 0.5333 | 0.3200 |
# | Keras `InverseTimeDecay` | `lr0 / (1 + k * e / s)` | 0.6400 | 0.4571 |
# | (6); PyTorch `CosineAnnealingLR` | rises again after $T$ | 0.4000 | 0.4000 |
# | Keras and optax, cosine | stays after $T$ | 0.4000 | 0.0000 |

# %% [markdown]
# Warm-ups differ by fence posts. A run of 12 updates, 4 of them warm-up, a peak of 0.8, down to 0:
#
# | where | first update | update at the peak | last update |
# |---|---|---|---|
# | yours | 0.2000 | 4 | 0.0000 |
# | PyTorch `LinearLR` with its defaults, then cosine | 0.2667 | 5 | 0.0304 |
# | Hugging Face, Keras, optax | 0.0000 | 5 | 0.0304 |
#
# A first update with a rate of 0 does nothing, and the last one is not at the end of the cosine.
#
# Plateaus: PyTorch drops at bad epoch number patience + 1, Keras at number patience. PyTorch's `threshold` is
# a share of the best metric, as in (7); Keras's `min_delta` is subtracted. PyTorch leaves out a drop that
# would change the rate by no more than $10^{-8}$; your class does not.

# %% [markdown]
# ## Quiz
#
# No points: what you answer is for you.
#
# **1.** A run with a small fixed rate hovers. You halve the rate. What becomes of the floor and of the time
# it takes to get there?
#
# - (a) a quarter of the floor, twice the time
# - (b) half the floor, twice the time
# - (c) the same floor, twice the time
# - (d) half the floor, the same time

# %%
quiz("half_the_rate", ...)

# %% [markdown]
# **2.** In the fold under (1), the mean square $V$ of $\theta$ becomes $(1 - lr)^2\,V + lr^2$ in one update,
# when $c = \sigma = 1$. Now $V = 3$. Which rate makes the next $V$ as small as it can be?

# %%
quiz("best_next_rate", ...)

# %% [markdown]
# **3.** A paper decays its rate as $lr_0 \exp(-0.05\,e)$. Which $\gamma$ do you give to your
# `exponential_decay`? Three digits.

# %%
quiz("gamma_of_k", ...)

# %% [markdown]
# **4.** Your `ReduceOnPlateau` has patience 2 and threshold 0.1. The metrics of epochs 1 to 8 are 1.0, 0.80,
# 0.75, 0.70, 0.66, 0.65, 0.64, 0.64. After which epoch does the rate drop first?

# %%
quiz("when_it_drops", ...)

# %% [markdown]
# **5.** You train with PyTorch's `CosineAnnealingLR`, $lr_0 = 0.8$, $T = 100$ and a lowest rate of 0, and
# decide to go on for longer. What is the rate in epoch 150?

# %%
quiz("past_the_end", ...)

# %% [markdown]
# **6.** From epoch 5 on a training loss falls hardly at all; the curve is perfectly smooth. Somebody sets the
# rate back to its first value, and the loss falls on at once. What had happened?
#
# - (a) the rate was too large
# - (b) the run hovered at its noise floor
# - (c) the rate had decayed too early
# - (d) the run had reached a minimum

# %%
quiz("smooth_and_high", ...)

# %% [markdown]
# ## What our trainer can do now
#
# It plans its rates: a warm-up over the first epoch, then a cosine. Under Adam it ends at a training loss of
# 0.030, with the best of seven peaks and two last rates, 0 and a fifth of the peak. The best fixed rate of
# the same seven ends at 0.040, and higher in five of five seeds.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "trainer", "locked": true, "schema_version": 3, "solution": false, "task": false}
trainer.so_far("06_lr_decay")

# %% [markdown]
# ## Recap
#
# 1. With noisy gradients a fixed rate hovers: half the rate, half the floor, twice the time.
# 2. So start high and end low. After an early drop a run looks finished and is not.
# 3. Schedules are functions of the epoch: inverse time, step, multi-step, exponential ($\gamma = \exp(-k)$),
#    cosine.
# 4. Reduce on plateau waits for more than `patience` bad epochs in a row.
# 5. `optimizer.step()` first, then `schedule.step()`; know whether it counts epochs or updates.
# 6. A warm-up admits a larger peak, and the decay makes use of it.

# %% [markdown]
# ## Where it breaks
#
# - **Too few updates.** With plain SGD our trainer is still on its way after 138 updates. The best fixed rate
#   ends at 0.12, the best cosine at 0.16.
# - **Without noise.** With all 256 rows in every batch there is no floor. After 50 updates a fixed rate of
#   0.9 is 0.00000002 above the minimum, a cosine from it 0.0001.
# - **Averages instead.** The mean of the last 300 points of a walk with the fixed rate 0.3 is only 0.0009
#   above the minimum (lesson 02). That beats the best cosine.
# - **Larger batches instead.** They lower $\sigma^2$ in (1): at the rate 0.3, batches of 80 hover at 0.006, a
#   tenth of 0.06 (Smith and others, 2018).
# - **Weight decay follows.** AdamW multiplies its decay by $lr$ (lesson 05): under a cosine to 0 it is half
#   as strong on average.

# %% [markdown]
# ## Further
#
# - H. Robbins and S. Monro (1951). A Stochastic Approximation Method. Annals of Mathematical Statistics
#   22(3).
# - I. Loshchilov and F. Hutter (2017). SGDR: Stochastic Gradient Descent with Warm Restarts. ICLR.
#   arXiv:1608.03983
# - P. Goyal and others (2017). Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour. arXiv:1706.02677
# - S. Smith and others (2018). Don't Decay the Learning Rate, Increase the Batch Size. ICLR. arXiv:1711.00489
# - K. He and others (2016). Deep Residual Learning for Image Recognition. CVPR. arXiv:1512.03385
