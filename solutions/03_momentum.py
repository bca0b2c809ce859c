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
# # 03 Momentum
#
# Gradient descent forgets every gradient as soon as it has used it. Momentum remembers: each step follows an average of the gradients so
# far.
#
# ## The problem
#
# Take the plainest ravine there is, a loss of two parameters: $L(a, b) = \frac12\left(a^2 + 50\, b^2\right)$. Its minimum is at $(0, 0)$
# and its gradient is $(a, 50\,b)$. Across the ravine, along $b$, it curves 50 times as much as along it. This ratio is called the
# **condition number**.
#
# Across the ravine, gradient descent multiplies $b$ by $1 - 50\, lr$ at every step. For $lr > 0.04$ that is below $-1$, so $b$ grows:
# 0.04 is the limit of the learning rate. Along the ravine it multiplies $a$ by $1 - lr$, at best 0.96. The steep direction sets the
# limit, and the flat one crawls.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np
import torch

from course import check, data, predict, quiz, training
from course.figures import lesson_03 as figures
from course.figures import trainer

CURVATURE = np.array([1.0, 50.0])
START = np.array([-10.0, 2.0])
print(f"gradient at the start: {CURVATURE * START}")


# %% nbgrader={"grade": false, "grade_id": "descend", "locked": true, "schema_version": 3, "solution": false, "task": false}
def descend(make_optimizer, steps=100):
    """Walk down the ravine from (-10, 2); returns every point, shape (steps + 1, 2)."""
    theta = torch.tensor(START, requires_grad=True)
    optimizer = make_optimizer([theta])
    points = [theta.tolist()]
    for _ in range(steps):
        optimizer.zero_grad()
        (0.5 * (theta[0] ** 2 + 50 * theta[1] ** 2)).backward()
        optimizer.step()
        points.append(theta.tolist())
    return np.array(points)


# %% [markdown]
# Three runs start at $(-10, 2)$. Plain gradient descent (SGD) goes at $lr = 0.038$, just below the limit, and at 0.045, just above it.
# The third run goes at 0.045 too, with momentum. A run has settled once its loss stays below 1% of where it began. The optimisers in this
# one cell are PyTorch's; further down you build your own.
#
# **Predict.** Compared with SGD at 0.038, the run with momentum "explodes", "arrives later" or "arrives sooner"?

# %%
predict("past_limit", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "three_runs", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.three_runs(
    {
        "SGD, lr = 0.038": descend(lambda params: torch.optim.SGD(params, lr=0.038)),
        "SGD, lr = 0.045": descend(lambda params: torch.optim.SGD(params, lr=0.045)),
        "momentum, lr = 0.045": descend(lambda params: torch.optim.SGD(params, 0.045, 0.7)),
    }
)

# %% [markdown]
# <details><summary>What to see</summary>
#
# At 0.038 SGD jumps from wall to wall and needs 46 steps. At 0.045 each jump is longer than the one before. Momentum swings a few times
# and has settled after 14. SGD's other rates do not help: of 0.001 to 0.039, in steps of 0.001, none settles in fewer than 46.
#
# </details>
#
# ## At the end you can
#
# - write momentum in the form of most courses and in PyTorch's, and turn a recipe for one into a recipe for the other;
# - build `MomentumSGD`, with Nesterov and dampening, and train a network with it;
# - say how long a step really is, given $lr$ and the momentum;
# - say when momentum helps, by how much, and why.

# %% [markdown]
# About 85 minutes, 10 points. It builds on lesson 01 (gradient descent) and lesson 02 (averages).
#
# You build it from scratch: to your answers PyTorch's own optimisers and schedules, clipping and normalisation, and pandas' exponential
# averages are not available, in the check and in grading alike. The experiments may use them. The class `torch.optim.Optimizer`, which
# computes nothing, may be inherited from.

# %% [markdown]
# ## The idea
#
# Look at the zigzag one direction at a time. Across the ravine the gradient changes its sign at every step. Along the ravine it always
# points the same way. In an average of the last few gradients the first kind cancels and the second stays whole. So follow the average.
#
# The method is known as the *heavy ball* (Polyak, 1964): each gradient is a push, and a ball that rolls keeps most of its motion. For
# neural networks it is called *momentum*; *inertia* would say it better. It has a price: a ball rolls past the lowest point before it
# turns back.

# %% [markdown]
# ### The formula
#
# Let $\theta$ be a parameter array of any shape, and $g_t$ the gradient of the loss at step $t = 1, 2, 3, \dots$, in the shape of
# $\theta$. Keep one more array of that shape, $v$, for the average. It starts as zeros.
#
# $$v_t = \beta\, v_{t-1} + (1 - \beta)\, g_t \tag{1}$$
#
# $$\theta_t = \theta_{t-1} - lr \cdot v_t \tag{2}$$
#
# $\beta$, usually 0.9, is a number in $[0, 1)$: the share that is kept. The average reaches back about $1/(1-\beta)$ steps, as in lesson
# 02. With $\beta = 0$ this is gradient descent. $lr$ is the learning rate. We call this the **averaging form**; many courses teach it.

# %% [markdown]
# ### By hand
#
# One parameter, $\theta_0 = 1$, $v_0 = 0$. The gradients are $g_1 = 0.5$ and $g_2 = -0.25$. Take $lr = 0.1$ and $\beta = 0.9$, and check
# each number with pencil and paper.
#
# | | formula | $t = 1$ | $t = 2$ |
# |---|---|---|---|
# | $g_t$ | | 0.5 | −0.25 |
# | $v_t$ | (1) | 0.1 · 0.5 = 0.05 | 0.9 · 0.05 + 0.1 · (−0.25) = 0.02 |
# | $\theta_t$ | (2) | 1 − 0.1 · 0.05 = 0.995 | 0.995 − 0.1 · 0.02 = 0.993 |
#
# At $t = 2$ the gradient has turned, yet $\theta$ still goes down. That is the inertia. The first step is short because $v$ starts at
# zero: lesson 02 corrected for that, momentum usually does not.

# %% [markdown]
# ## Exercise 1: the averaging form
#
# *1.5 points · difficulty 1 of 5 · about 8 minutes*
#
# Write formulas (1) and (2) in NumPy, line for line.


# %% nbgrader={"grade": false, "grade_id": "momentum_update", "locked": false, "schema_version": 3, "solution": true, "task": false}
def momentum_update(theta, grad, v, lr, beta):
    """One step of momentum in the averaging form, formulas (1) and (2).

    Args:
        theta: the parameters, a float64 array of any shape, also ().
        grad, v: gradient and average before the step, in the shape of theta. The gradient may be zero,
            and v need not be.
        lr, beta: numbers, as in the formulas.

    Returns:
        (theta, v) after the step: new arrays in the shape of theta. The inputs stay unchanged, and the
        results share no memory with them, also where nothing changes.
    """
    ### BEGIN SOLUTION
    v = beta * v + (1 - beta) * grad  # (1)
    theta = theta - lr * v  # (2)
    return theta, v
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_momentum_update", "locked": true, "points": 1.5, "schema_version": 3, "solution": false, "task": false}
check("momentum_update", momentum_update)

# %% [markdown]
# ### Experiment: the average alone
#
# Your function walks down the ravine at $lr = 0.038$ twice: with $\beta = 0$, which is SGD, and with $\beta = 0.7$.
#
# **Predict.** SGD needs 46 steps. How many does it take with $\beta = 0.7$, at the same rate?

# %%
predict("same_rate", ...)


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "average_alone", "locked": true, "schema_version": 3, "solution": false, "task": false}
def walk(update, lr, keep, steps=100):
    """The points that an update rule visits on the ravine, shape (steps + 1, 2)."""
    theta, memory = START, np.zeros(2)
    points = [theta]
    for _ in range(steps):
        theta, memory = update(theta, CURVATURE * theta, memory, lr, keep)
        points.append(theta)
    return np.array(points)


figures.average_alone({beta: walk(momentum_update, 0.038, beta) for beta in (0.0, 0.7)})

# %% [markdown]
# <details><summary>Explain</summary>
#
# 44 steps instead of 46: an average of gradients is no longer than a gradient, so along the ravine nothing is gained. But the swings die
# out, and that leaves room for a larger rate. How much room, and what it is worth, you find out next.
#
# </details>
#
# ### Experiment: find the setting, with sliders
#
# The sliders start at $lr = 0.02$ and $\beta = 0.9$.
#
# **Goal:** settle in 15 steps or fewer. Should $\beta$ go up or down? And $lr$? Try one slider alone first, and see how far it gets you.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "race", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.race(walk, momentum_update)

# %% [markdown]
# ### The ball moves
#
# Here it is step by step, with $lr = 0.1$ and $\beta = 0.9$. One arrow is what is left of the motion it had ("velocity"), the other what
# the newest gradient adds. Together they are the step.
#
# **Predict.** Gradient descent with a small rate goes downhill at every step. In how many of its first 20 steps does this ball go uphill?

# %%
predict("uphill_steps", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "ball", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.ball(momentum_update)

# %% [markdown]
# <details><summary>Explain: why uphill?</summary>
#
# Press play. At the floor of the ravine the gradient across is zero, but the velocity is not: the ball rolls up the other wall until the
# gradients have used up its motion. In 8 of the first 20 steps the loss rises.
#
# </details>

# %% [markdown]
# ### Experiment: what the average keeps
#
# Take the gradients that SGD meets at $lr = 0.038$ and pass them through your function with $\beta = 0.9$. With $lr = 0$ it only
# averages.
#
# **Predict.** Across the ravine the gradient starts at $50 \cdot 2 = 100$ and changes its sign at every step. How large, at most, is the
# average there, up to its sign?

# %%
predict("kept_swing", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "what_is_kept", "locked": true, "schema_version": 3, "solution": false, "task": false}
gradients = CURVATURE * walk(momentum_update, 0.038, 0.0)[:31]  # beta = 0: gradient descent
v, averages = np.zeros(2), []
for g in gradients:
    _, v = momentum_update(np.zeros(2), g, v, lr=0.0, beta=0.9)
    averages.append(v)
figures.what_is_kept(gradients, np.array(averages))

# %% [markdown]
# <details><summary>Explain: how much larger can the learning rate be now?</summary>
#
# The average is largest at the very first step, $0.1 \cdot 100 = 10$, and from then on the swings cancel. On a quadratic the limit of the
# averaging form is $\frac{2}{c} \cdot \frac{1+\beta}{1-\beta}$, where $c$ is the largest curvature. For $c = 50$ that is 0.04 with $\beta
# = 0$, 0.23 with 0.7 and 0.76 with 0.9.
#
# </details>

# %% [markdown]
# ## The same idea in PyTorch's form
#
# `torch.optim.SGD` has a momentum too, but a different formula. Its memory is called `buf`, an array in the shape of $\theta$ that starts
# as zeros:
#
# $$buf_t = \mu\, buf_{t-1} + g_t \tag{3}$$
#
# $$\theta_t = \theta_{t-1} - lr \cdot buf_t \tag{4}$$
#
# $\mu$ is called `momentum`, and plays the part of $\beta$. The $(1 - \mu)$ is missing, so `buf` is a fading sum of the gradients and not
# their average.
#
# With the numbers from above and $\mu = 0.9$: $buf_1 = 0.5$ and $\theta_1 = 0.95$, then $buf_2 = 0.9 \cdot 0.5 - 0.25 = 0.2$ and
# $\theta_2 = 0.93$. Each step is ten times as long as in the averaging form.

# %% [markdown]
# ## Exercise 2: PyTorch's form
#
# *1.5 points · difficulty 1 of 5 · about 8 minutes*
#
# Write formulas (3) and (4).


# %% nbgrader={"grade": false, "grade_id": "heavy_ball_update", "locked": false, "schema_version": 3, "solution": true, "task": false}
def heavy_ball_update(theta, grad, buf, lr, mu):
    """One step of momentum in PyTorch's form, formulas (3) and (4).

    Args:
        theta: the parameters, a float64 array of any shape, also ().
        grad, buf: gradient and fading sum before the step, in the shape of theta. The gradient may be
            zero, and buf need not be.
        lr, mu: numbers, as in the formulas.

    Returns:
        (theta, buf) after the step: new arrays in the shape of theta. The inputs stay unchanged, and the
        results share no memory with them, also where nothing changes.
    """
    ### BEGIN SOLUTION
    buf = mu * buf + grad  # (3)
    theta = theta - lr * buf  # (4)
    return theta, buf
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_heavy_ball_update", "locked": true, "points": 1.5, "schema_version": 3, "solution": false, "task": false}
check("heavy_ball_update", heavy_ball_update)

# %% [markdown]
# ### Experiment: how long is a step?
#
# On a long even slope the gradient is the same at every step. Take $g = 1$ and $lr = 1$, and watch the length of the steps over 60 of
# them.
#
# **Predict.** How long is the 60th step in PyTorch's form with $\mu = 0.95$, in units of $lr$?

# %%
predict("even_slope", ...)


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "step_lengths", "locked": true, "schema_version": 3, "solution": false, "task": false}
def step_lengths(update, keep):
    """Lengths of 60 steps with the gradient 1 and lr = 1."""
    theta = memory = np.array(0.0)
    positions = [0.0]
    for _ in range(60):
        theta, memory = update(theta, np.array(1.0), memory, 1.0, keep)
        positions.append(float(theta))
    return -np.diff(positions)


shares = (0.5, 0.9, 0.95)
figures.step_lengths(
    {beta: step_lengths(momentum_update, beta) for beta in shares},
    {mu: step_lengths(heavy_ball_update, mu) for mu in shares},
)

# %% [markdown]
# <details><summary>Explain: where does 1/(1 − mu) come from?</summary>
#
# With a constant gradient, $buf = g + \mu g + \mu^2 g + \dots$, a geometric series whose sum is $g/(1-\mu)$. So on an even slope
# PyTorch's step grows to $lr/(1-\mu)$ times the gradient, the **effective learning rate**: ten times $lr$ at 0.9, twenty times at 0.95, a
# hundred times at 0.99. After 60 steps with 0.95 it has reached 19 of the 20.
#
# Raising `momentum` from 0.9 to 0.99 in PyTorch therefore raises the effective rate tenfold, unless you divide `lr` by ten.
#
# </details>

# %% [markdown]
# ## Exercise 3: translate a learning rate
#
# *1 point · difficulty 2 of 5 · about 6 minutes*
#
# You read a recipe in the averaging form and want to run it in PyTorch with `momentum=beta`. Which `lr` do you pass? Both start from
# zeros and meet the same gradients. They stay together if they take the same step each time:
#
# $$lr_{torch} \cdot buf_t = lr \cdot v_t \tag{5}$$
#
# Find out how $v_t$ and $buf_t$ are related. Try $t = 1$ and $t = 2$ in the worked example first; then show that it goes on like this.


# %% nbgrader={"grade": false, "grade_id": "matching_lr", "locked": false, "schema_version": 3, "solution": true, "task": false}
def matching_lr(lr, beta):
    """The lr for PyTorch's form that repeats momentum_update(lr, beta) step for step, as (5) asks.

    Args:
        lr: learning rate of the averaging form, a number that is 0 or more.
        beta: a number in [0, 1); 0 means no momentum.

    Returns:
        A number.
    """
    ### BEGIN SOLUTION
    return lr * (1 - beta)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_matching_lr", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("matching_lr", matching_lr)

# %% [markdown]
# <details><summary>The derivation, to compare with yours</summary>
#
# $v_t = (1 - \beta)\, buf_t$ at every step. It holds at $t = 0$, where both are zero. If it holds at $t - 1$, then $v_t = \beta
# (1-\beta)\, buf_{t-1} + (1-\beta)\, g_t = (1-\beta)\, buf_t$. With (5), $lr_{torch} = lr \cdot (1 - \beta)$. As this holds at each step,
# it stays true when $lr$ changes during training.
#
# </details>

# %% [markdown]
# Let both forms walk down the ravine. The last line is what happens to people who copy a learning rate from one convention to the other.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "same_path", "locked": true, "schema_version": 3, "solution": false, "task": false}
averaging = walk(momentum_update, 0.2, 0.9)
translated = walk(heavy_ball_update, matching_lr(0.2, 0.9), 0.9)
copied = walk(heavy_ball_update, 0.2, 0.9)
print(f"translated: never further than {np.abs(averaging - translated).max():.6f} from that path")
print(f"copied: b = {copied[10, 1]:.1e} after 10 steps")

# %% [markdown]
# ### The map of the game
#
# Each field is one run of the game above, in the averaging form.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "race_map", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.race_map(walk, momentum_update)

# %% [markdown]
# <details><summary>Explain: read the map along a column, then along a row</summary>
#
# Along the column $lr = 0.02$ almost nothing changes: 81 to 87 steps, whatever $\beta$ is. What changes is how far to the right you may
# go. So raise both together: **momentum gains by the larger rate that it allows.**
#
# With $\beta = 0.9$ and more the ball has too little friction: its swings shrink by the factor $\sqrt\beta$ a step at best, which is 0.95
# for 0.9, whatever $lr$ is. How much inertia is best depends on the ravine: the narrower, the more.
#
# </details>

# %% [markdown]
# ## The real thing: more options
#
# Three more options of `torch.optim.SGD` matter here. They act in this order.
#
# **Weight decay.** An L2 penalty $\frac{wd}{2}\lVert\theta\rVert^2$ in the loss adds this to the gradient, before everything else:
#
# $$g_t \leftarrow g_t + wd \cdot \theta_{t-1} \tag{6}$$
#
# **Dampening.** A number $\tau$, 0 by default, turns (3) into
#
# $$buf_1 = g_1, \qquad buf_t = \mu\, buf_{t-1} + (1 - \tau)\, g_t \quad (t \ge 2) \tag{7}$$
#
# Mind the first gradient: it enters whole. So $\tau = \mu$ is *not* the averaging form, though nearly. Each parameter counts its own $t$.
# Without momentum, $\mu = 0$, dampening has no effect.

# %% [markdown]
# ### Nesterov: look where you are going
#
# Inertia will carry the ball on by about $-lr \cdot \mu\, buf$, whatever the next gradient says. Nesterov (1983) measures the gradient
# there, one step ahead, so that the ball brakes *before* it is through the bottom. But an optimiser only gets the gradient at the
# parameters it holds. PyTorch therefore keeps the point ahead in $\theta$ (a change of variable by Bengio and others, 2012), and (4)
# becomes
#
# $$\theta_t = \theta_{t-1} - lr \cdot (g_t + \mu\, buf_t) \tag{8}$$
#
# That is the step that $g_t$ itself asks for and, in advance, what inertia will do in the next one. Nesterov without momentum or with
# dampening makes no sense: PyTorch raises `ValueError`, and so does yours.

# %% [markdown]
# ## Exercise 4: the optimiser
#
# *4.5 points · difficulty 3 of 5 · about 20 minutes*
#
# A class with PyTorch's interface, which fits any training loop. Of the points 1.75 are for momentum itself, 1.5 for the options of (6)
# to (8), and 1.25 for what every optimiser should do, as the docstrings say.
#
# Three traps. Change each tensor **in place**: write `theta -= ...`, since `theta.data = ...` moves its memory and `theta = theta - ...`
# only renames. Each parameter has its **own** `buf`. And never write into `theta.grad`: $g_t$ in (6) is a new tensor, and a `buf` that
# *is* the gradient would change it at the next step.


# %% nbgrader={"grade": false, "grade_id": "MomentumSGD", "locked": false, "schema_version": 3, "solution": true, "task": false}
class MomentumSGD:
    """Gradient descent with momentum and the interface of torch.optim, formulas (3), (4), (6), (7), (8).

    Two instances share nothing.

    Args:
        params: the tensors to train, of any shapes, also (); any iterable, also a generator, which can be
            read only once.
        lr: learning rate, kept in self.lr: 0 is fine.
        momentum: mu, in [0, 1); with 0 this is plain gradient descent, and dampening has no effect.
        dampening: tau in formula (7); the first gradient that a parameter gets, zero or not, enters whole.
        nesterov: whether the step is (8) instead of (4).
        weight_decay: wd in formula (6), 0 or more.

    Raises:
        ValueError: lr or weight_decay is negative; momentum is outside [0, 1); nesterov is asked for
            with momentum 0, or with a dampening that is not 0.
    """

    def __init__(self, params, lr, momentum=0.9, dampening=0.0, nesterov=False, weight_decay=0.0):
        """Keep the parameters and the settings; no parameter has had a gradient yet."""
        ### BEGIN SOLUTION
        if lr < 0 or weight_decay < 0:
            raise ValueError("lr and weight_decay must not be negative.")
        if not 0 <= momentum < 1:
            raise ValueError("momentum must be at least 0 and less than 1.")
        if nesterov and (momentum == 0 or dampening != 0):
            raise ValueError("Nesterov needs momentum, and no dampening.")
        self.params = list(params)
        self.lr = lr
        self.momentum = momentum
        self.dampening = dampening
        self.nesterov = nesterov
        self.weight_decay = weight_decay
        self.buf = [None] * len(self.params)  # None until the first gradient
        ### END SOLUTION

    @torch.no_grad()  # autograd must not record the update itself
    def step(self):
        """Update every parameter in place: the tensor and its memory stay the same.

        Reads self.lr each time. A parameter whose grad is None is skipped: neither it nor its buf changes. A
        grad of zeros is a step like any other. Leaves every grad unchanged, so that step() may be called
        again with the same one.
        """
        ### BEGIN SOLUTION
        mu, tau, wd = self.momentum, self.dampening, self.weight_decay
        for i, theta in enumerate(self.params):
            if theta.grad is None:
                continue
            g = theta.grad + wd * theta  # (6)
            if self.buf[i] is None or mu == 0:
                self.buf[i] = g  # (7), t = 1
            else:
                self.buf[i] = mu * self.buf[i] + (1 - tau) * g  # (7), t >= 2
            if self.nesterov:
                theta -= self.lr * (g + mu * self.buf[i])  # (8)
            else:
                theta -= self.lr * self.buf[i]  # (4)
        ### END SOLUTION

    def zero_grad(self):
        """Leave the grad of every parameter None or all zeros; some may be None already."""
        ### BEGIN SOLUTION
        for theta in self.params:
            theta.grad = None
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_MomentumSGD", "locked": true, "points": 4.5, "schema_version": 3, "solution": false, "task": false}
check("MomentumSGD", MomentumSGD)

# %% [markdown]
# PyTorch is more lenient in one point: it refuses a negative momentum, but accepts 1 and more. With 1 nothing ever fades, and on the
# ravine the ball swings for ever.
#
# ### Experiment: what Nesterov buys
#
# Back to the ravine with your class. On the left both have $lr = 0.01$ and $\mu = 0.9$. On the right each $\mu$ has its own best rate of
# 0.001 to 0.08, in steps of 0.001, and counts its steps until settled.
#
# **Predict.** At $\mu = 0.9$ ordinary momentum needs 38 steps at its best rate. How many does Nesterov need at its own?

# %%
predict("ahead_at_09", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "nesterov", "locked": true, "schema_version": 3, "solution": false, "task": false}
runs = {
    "momentum": descend(lambda params: MomentumSGD(params, lr=0.01)),
    "Nesterov": descend(lambda params: MomentumSGD(params, lr=0.01, nesterov=True)),
}
figures.nesterov(runs, MomentumSGD)

# %% [markdown]
# <details><summary>Explain: is Nesterov always better?</summary>
#
# No. Each at the best of all its settings, both settle after 12 steps: momentum with $\mu = 0.6$, Nesterov with 0.85. Up to 0.75 ordinary
# momentum is ahead. What Nesterov forgives is a $\mu$ that is too large for the ravine, and the usual 0.9 is too large for this one.
#
# Ordinary swings shrink by the factor $\sqrt{\mu}$ a step, Nesterov's by $\sqrt{\mu\,(1 - lr \cdot c)}$: on the left by 0.67 instead of
# 0.95. The price is a lower limit, $\frac{2}{c} \cdot \frac{1+\mu}{1+2\mu}$ instead of $\frac{2}{c}(1+\mu)$, here 0.027 instead of 0.076.
#
# </details>

# %% [markdown]
# ## When the rate changes
#
# Polyak wrote his method without any memory but the last two positions. With a rate $lr_t$ and a momentum $\mu_t$ for each step:
#
# $$\theta_t = \theta_{t-1} - lr_t\, g_t + \mu_t\,(\theta_{t-1} - \theta_{t-2}) \tag{9}$$
#
# and $\theta_{-1} = \theta_0$. At a constant rate that is PyTorch's form, (3) and (4). Under a schedule it is not. Take an even slope
# again, $g = 1$ and $\mu = 0.9$. The rate is 1 for 30 steps, and then 0.1.
#
# **Predict.** The 30th step is 9.6 long in both forms. How long is the 31st in Polyak's form?

# %%
predict("coasting", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "after_the_drop", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.after_the_drop(heavy_ball_update)

# %% [markdown]
# <details><summary>Explain</summary>
#
# In (9) the last step is kept as it was made, at the old rate: $0.9 \cdot 9.6 + 0.1 = 8.7$. In (4) the new rate multiplies the whole of
# `buf`, old gradients too: the step falls to a tenth of its length at once. Keras has Polyak's behaviour. When training moves from one
# library to another, each drop of a schedule comes out differently (Goyal and others, 2017).
#
# </details>

# %% [markdown]
# ## Challenge: carry a schedule over
#
# *1.5 points · difficulty 4 of 5 · about 15 minutes*
#
# A recipe was tuned in Polyak's form, (9), and both its rate and its momentum change from step to step. You want exactly its path, in
# PyTorch's form. You may set `lr` and `momentum` of (3) and (4) anew before every step. To what?
#
# Nobody tells you the formula this time. Two hints. Both forms must move by the same amount *whatever* the newest gradient is: that
# settles one of the two numbers. And $\theta_{t-1} - \theta_{t-2}$ is the last step; say it in terms of $buf_{t-1}$.


# %% nbgrader={"grade": false, "grade_id": "polyak_to_torch", "locked": false, "schema_version": 3, "solution": true, "task": false}
def polyak_to_torch(lrs, mus):
    """Settings with which PyTorch's form, (3) and (4), goes where Polyak's form, (9), goes.

    Args:
        lrs: lr_1 to lr_T of formula (9), float64, shape (T,), all positive; T is at least 1.
        mus: mu_1 to mu_T, float64, shape (T,), each in [0, 1).

    Returns:
        (torch_lrs, torch_mus): lr and momentum of PyTorch's form for each step, two new arrays of shape
        (T,). A momentum may come out above 1. The first one meets a buf of zeros, so that any would do:
        return mus[0]. The inputs stay unchanged, and the results share no memory with them.
    """
    ### BEGIN SOLUTION
    torch_lrs = lrs.copy()
    torch_mus = mus.copy()
    torch_mus[1:] *= lrs[:-1] / lrs[1:]
    return torch_lrs, torch_mus
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_polyak_to_torch", "locked": true, "points": 1.5, "schema_version": 3, "solution": false, "task": false}
check("polyak_to_torch", polyak_to_torch)

# %% [markdown]
# Try it on the ravine: the rate falls to a tenth halfway, and the momentum rises from 0.5 to 0.9.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "carried_over", "locked": true, "schema_version": 3, "solution": false, "task": false}
lrs, mus = np.repeat([0.04, 0.004], 30), np.linspace(0.5, 0.9, 60)
figures.carried_over(lrs, mus, polyak_to_torch(lrs, mus), heavy_ball_update)

# %% [markdown]
# ## Conventions
#
# One name, many formulas. The worked example again, $g_1 = 0.5$ and $g_2 = -0.25$ from $\theta_0 = 1$ with 0.9. Where is $\theta_2$ when
# $lr$ is 0.1 in both steps, and when a schedule halves it for the second?
#
# | where | memory | step | 0.1, 0.1 | 0.1, 0.05 |
# |---|---|---|---|---|
# | many courses: averaging | `v = beta*v + (1-beta)*g` | `-lr*v` | 0.99300 | 0.99400 |
# | PyTorch; optax, `sgd(lr, momentum)` | `buf = mu*buf + g` | `-lr*buf` | 0.93000 | 0.94000 |
# | PyTorch, `dampening=0.9` | (7) | `-lr*buf` | 0.90750 | 0.92875 |
# | Polyak; Sutskever and others (2013); Keras | `u = mu*u - lr*g` | `+u` | 0.93000 | 0.91750 |
# | PyTorch, optax: `nesterov=True` | `buf = mu*buf + g` | `-lr*(g + mu*buf)` | 0.91200 | 0.90850 |
# | Keras, `nesterov=True` | `u = mu*u - lr*g` | `mu*u - lr*g` | 0.91200 | 0.88825 |
#
# `u` is the last step itself: the rate stands *inside* the memory.

# %% [markdown]
# ## Experiment: digits
#
# Now our trainer: a network with 32 hidden units learns 1500 handwritten digits for 6 epochs. The coloured runs were stored beforehand,
# five seeds each: SGD, momentum 0.9 and Nesterov 0.9, at effective rates $lr/(1-\mu)$ of 0.18 to 7.5, eight to a decade. The dots are
# your own `MomentumSGD`.
#
# **Predict.** Each at its own best rate of this grid, how large is momentum's training loss, compared with SGD's: "about the same",
# "about half" or "a tenth"?

# %%
predict("digits_gain", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "digits", "locked": true, "schema_version": 3, "solution": false, "task": false}
digits = data.digits()
X, y = digits.X_train, digits.y_train


def final_losses(lr, momentum):
    """Training losses of five networks after 6 epochs."""
    models = training.networks(seeds=5)
    training.train_each(models, lambda params: MomentumSGD(params, lr, momentum), X, y, steps=138)
    return training.evaluate_each(models, X, y)[0]


rates = (0.32, 1.0, 2.37)
figures.digits({effective: final_losses(effective * (1 - 0.9), 0.9) for effective in rates})

# %% [markdown]
# <details><summary>Explain: so what does momentum gain here?</summary>
#
# Up to an effective rate of 1, next to nothing: each gradient moves the weights by $lr/(1-\mu)$ in all, at once or spread over many
# steps, and they hardly move in between.
#
# Then SGD meets its limit: its best loss is 0.12, at 1, and soon after it stops learning. Momentum goes on to 2.4 and reaches 0.055.
# Nesterov goes on to 4.2 and reaches 0.030. Had you compared SGD and momentum at $lr = 0.18$, it would have been 0.40 against 0.07: there
# momentum has ten times the effective rate.
#
# </details>

# %% [markdown]
# ## Experiment: leaving a saddle
#
# Bend the ravine down at its end: $L(a, b) = \frac12\left(50\, a^2 - b^2\right)$ is a saddle, flat at $(0, 0)$, with steep walls along
# $a$ and a way out along $b$. Start at $(1, 0.001)$, where the way out is almost level. At $lr = 0.03$ gradient descent needs 234 steps
# until $b$ is 1. How many will momentum need at this $lr$, in PyTorch's form and in the averaging form, each with 0.9?


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "saddle", "locked": true, "schema_version": 3, "solution": false, "task": false}
def leave_saddle(lr, momentum, steps=400):
    """|b| after each step of your MomentumSGD, from 0.001 until it passes 1."""
    theta = torch.tensor([1.0, 1e-3], dtype=torch.float64, requires_grad=True)
    optimizer = MomentumSGD([theta], lr, momentum)
    distances = [1e-3]
    while distances[-1] < 1 and len(distances) <= steps:
        optimizer.zero_grad()
        (0.5 * (50 * theta[0] ** 2 - theta[1] ** 2)).backward()
        optimizer.step()
        distances.append(abs(theta[1].item()))
    return distances


figures.saddle(
    {
        "SGD": leave_saddle(0.03, 0.0),
        "PyTorch's form, 0.9": leave_saddle(0.03, 0.9),
        "averaging form, 0.9": leave_saddle(matching_lr(0.03, 0.9), 0.9),
    }
)

# %% [markdown]
# <details><summary>Explain</summary>
#
# 55 steps, and 291. The average lags behind a slope that keeps growing, and no longer step makes up for it. And if each has its own best
# rate of 0.001 to 0.075, in steps of 0.001? Momentum in PyTorch's form needs 32 steps, at 0.074, and SGD 181, at 0.039. Again it is the
# rate that momentum allows.
#
# </details>

# %% [markdown]
# ## Quiz
#
# Put your answer in place of the dots and run the cell. There are no points.
#
# **1.** A recipe in the averaging form says $lr = 0.3$ and $\beta = 0.99$. Which `lr` do you pass to PyTorch with `momentum=0.99`?

# %%
quiz("recipe_of_099", ...)

# %% [markdown]
# **2.** In PyTorch's form with $lr = 0.1$ and $\mu = 0.9$ the first gradient is 1, and all later ones are 0. How far does $\theta$ move
# in all?

# %%
quiz("one_push", ...)

# %% [markdown]
# **3.** With $\mu = 0.99$ a loss falls fast and then swings up and down, evenly, for hundreds of steps. There is no noise. What helps
# most?
#
# - (a) A larger $\mu$.
# - (b) A smaller $\mu$.
# - (c) A slightly smaller $lr$.

# %%
quiz("long_ringing", ...)

# %% [markdown]
# **4.** A network has 10 million parameters in float32. How many megabytes does `buf` take?

# %%
quiz("memory_of_buf", ...)

# %% [markdown]
# **5.** SGD runs at a small rate, far below its limit. You add momentum 0.9 in PyTorch and divide $lr$ by 10. What do you
# expect?
#
# - (a) About the same curve.
# - (b) A run about ten times faster.
# - (c) An explosion.

# %%
quiz("below_the_limit", ...)

# %% [markdown]
# ## What our trainer can do now
#
# Our trainer can take larger steps: with momentum it bears rates that made plain mini-batches fail. The row is the best of all the runs
# above, of $\mu$ = 0, 0.5, 0.9 and 0.95 and of Nesterov with 0.9, at their effective rates from 0.18 to 7.5. It is Nesterov's.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "trainer", "locked": true, "schema_version": 3, "solution": false, "task": false}
trainer.so_far("03_momentum")

# %% [markdown]
# ## Recap
#
# 1. An average of gradients cancels what swings and keeps what stays.
# 2. The averaging form steps by about $lr$ times the gradient; PyTorch's form sums, and steps by up to $lr/(1-\mu)$ times it.
# 3. By itself the average gains nothing. It allows a larger rate, and that gains: tune $lr$ again for each $\mu$.
# 4. Nesterov looks one step ahead, and forgives a $\mu$ that is too large.
# 5. Polyak's form coasts when a schedule lowers the rate; PyTorch's brakes at once.

# %% [markdown]
# ## Where it breaks
#
# - **A recipe from the other convention.** With 0.9 its rate is wrong by a factor of 10, with 0.99 by 100.
# - **Too much inertia.** With 0.99 the ball needs 402 steps to settle in our ravine, at the best rate of 0.0002 to 0.08. SGD needs 46.
# - **Small rates.** There momentum does what a larger rate would have done; see the digits, and Wang and others (2024).
# - **One rate for all parameters.** A ravine of condition number $\kappa$ takes gradient descent about $\kappa$ steps, and momentum about $\sqrt\kappa$ at
#   best (Goh, 2017). For $\kappa = 10^6$ that is not enough. Lessons 04 and 05 give each parameter a stride of its own.
# - **Memory.** `buf` is one more copy of the parameters.

# %% [markdown]
# ## Further
#
# - G. Goh (2017). Why Momentum Really Works. Distill. doi:10.23915/distill.00006
# - R. Wang and others (2024). The Marginal Value of Momentum for Small Learning Rate SGD. ICLR. arXiv:2307.15196
# - P. Goyal and others (2017). Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour, section 3, "Momentum correction". arXiv:1706.02677
# - The sources: B. Polyak (1964). Some methods of speeding up the convergence of iteration methods. USSR Computational Mathematics and Mathematical Physics 4(5).
#   Y. Nesterov (1983). A method of solving a convex programming problem with convergence rate O(1/k²). Soviet Mathematics Doklady 27(2). Y. Bengio, N. Boulanger-Lewandowski and R. Pascanu
#   (2012). Advances in Optimizing Recurrent Networks. arXiv:1212.0901. I. Sutskever, J. Martens, G. Dahl and G. Hinton (2013). On the importance of initialization and momentum in deep
#   learning. ICML.
