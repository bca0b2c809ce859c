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
# Gradient descent forgets every gradient as soon as it has used it. Momentum remembers: each step follows an average of the
# gradients so far.

# %% [markdown]
# ## The problem
#
# Take the plainest ravine there is, a loss of two parameters: $L(a, b) = \frac12\left(a^2 + 50\, b^2\right)$. Its minimum is at
# $(0, 0)$ and its gradient is $(a, 50\,b)$. Across the ravine, along $b$, it curves 50 times as much as along it. This ratio is called the
# **condition number**.
#
# Across the ravine, gradient descent multiplies $b$ by $1 - 50\, lr$ at every step. For $lr > 0.04$ that is below $-1$, so $b$ grows: 0.04
# is the speed limit. Along the ravine it multiplies $a$ by $1 - lr$, which is then at best 0.96. The steep direction sets the limit, and
# the flat one crawls.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
import torch

from course import check, data, plots, training

CURVATURE = np.array([1.0, 50.0])
START = np.array([-10.0, 2.0])


def ravine(a, b):
    """The loss, for arrays a and b of one shape."""
    return 0.5 * (CURVATURE[0] * a**2 + CURVATURE[1] * b**2)


def settled(points):
    """The step from which the loss stays below 1% of its first value; infinite where it does not."""
    above = np.flatnonzero(~(ravine(*points.T) <= 0.01 * ravine(*points[0])))
    return above[-1] + 1 if above[-1] + 1 < len(points) else np.inf


print(f"gradient at the start: {CURVATURE * START}")


# %% nbgrader={"grade": false, "grade_id": "descend", "locked": true, "schema_version": 3, "solution": false, "task": false}
def descend(make_optimizer, steps=100):
    """Walk down the ravine from (-10, 2); returns every point, shape (steps + 1, 2)."""
    theta = torch.tensor(START, requires_grad=True)
    optimizer = make_optimizer([theta])
    points = [theta.tolist()]
    for _ in range(steps):
        optimizer.zero_grad()
        ravine(theta[0], theta[1]).backward()
        optimizer.step()
        points.append(theta.tolist())
    return np.array(points)


first = descend(lambda params: torch.optim.SGD(params, lr=0.038), steps=1)[1]
print(f"One step of gradient descent leads to a = {first[0]:.2f}, b = {first[1]:.2f}")

# %% [markdown]
# **Predict.** Both runs below start at $(-10, 2)$ and have $lr = 0.038$, just below the limit. What will the path of gradient descent
# (SGD) look like? The second run adds momentum. Say what averaging the gradients should do to the swings across the ravine, and what to
# the motion along it. The optimisers in this one cell are PyTorch's. Further down you build your own.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "two_paths", "locked": true, "schema_version": 3, "solution": false, "task": false}
paths = {
    "SGD": descend(lambda params: torch.optim.SGD(params, lr=0.038)),
    "momentum": descend(lambda params: torch.optim.SGD(params, lr=0.038, momentum=0.7)),
}
words = {"SGD": "zigzags", "momentum": "strides along"}
figure, axes = plt.subplots(2, 1, figsize=(7, 5), sharex=True, sharey=True)
for ax, (name, points) in zip(axes, paths.items(), strict=True):
    plots.contours(ax, ravine, (-11, 4), (-2.6, 2.6))
    plots.path(ax, points[:47], name, goal=(0, 0))
    ax.set(title=f"{name} {words[name]}: settled after {settled(points)} steps", ylabel="b, across")
axes[1].set_xlabel("a, along the ravine")
figure.suptitle("At the same lr, momentum needs a third of the steps")
plots.show(
    figure,
    "Two paths over the contour lines of a long ravine. SGD jumps from wall to wall and creeps "
    "towards the minimum; it needs 46 steps. Momentum swings a few times, moves along in long "
    "strides and needs 14.",
)

# %% [markdown]
# A run counts as settled once its loss stays below 1% of where it began.
#
# <details><summary>What to see</summary>
#
# SGD jumps from wall to wall, and each pair of jumps brings it only a little way along. Momentum begins with the same first step. Then
# pushes to and fro partly cancel, so its swings die out a little faster. Pushes along the ravine add up, so its strides grow to almost three times the length of SGD's.
#
# </details>

# %% [markdown]
# ## At the end you can
#
# - write momentum in the form of most courses and in PyTorch's, and turn the learning rate of one into that of the other;
# - build `MomentumSGD`, with Nesterov and dampening, and train a network with it;
# - say how long a step really is, given $lr$ and the momentum;
# - tell what momentum speeds up by itself, and what only a larger learning rate does.
#
# About 60 minutes, 10 points. It builds on lesson 01 (gradient descent) and lesson 02 (averages).
#
# You build it from scratch: to your answers PyTorch's own optimisers and schedules, clipping and normalisation, and pandas' exponential
# averages are not available, in the check and in grading alike. The experiments may use them. The class `torch.optim.Optimizer`, which
# computes nothing, may be inherited from.

# %% [markdown]
# ## The idea
#
# Look at the zigzag one direction at a time. Across the ravine the gradient changes its sign at every step. Along the ravine it always
# points the same way. An average of the last few gradients is small in the first direction, where they cancel, and whole in the second. So follow the
# average.
#
# Polyak (1964) called this the heavy ball method: each gradient is a push, and a ball that rolls keeps most of the motion it has. Neural networks took it up as
# *momentum*. *Inertia* says it better: what matters is that the motion persists. This has a price as well. A ball rolls past the lowest point
# before it turns back.

# %% [markdown]
# ### The formula
#
# Let $\theta$ be a parameter array of any shape, and $g_t$ the gradient of the loss at step $t = 1, 2, 3, \dots$, in the shape of $\theta$.
# Keep one more array of that shape, $v$, for the average. It starts as zeros.
#
# $$v_t = \beta\, v_{t-1} + (1 - \beta)\, g_t \tag{1}$$
#
# $$\theta_t = \theta_{t-1} - lr \cdot v_t \tag{2}$$
#
# $\beta$, usually 0.9, is a number in $[0, 1)$. It is the share of the average that is kept, so the average reaches back about $1/(1-\beta)$ steps, as in
# lesson 02. With $\beta = 0$ this is gradient descent. $lr$ is the learning rate. We call this the **averaging form**. Many
# courses teach it.

# %% [markdown]
# ### By hand
#
# One parameter, $\theta_0 = 1$, $v_0 = 0$. The gradients are $g_1 = 0.5$ and $g_2 = -0.25$. Take $lr = 0.1$ and $\beta = 0.9$. Check each number with pencil and
# paper.
#
# | | formula | $t = 1$ | $t = 2$ |
# |---|---|---|---|
# | $g_t$ | | 0.5 | −0.25 |
# | $v_t$ | (1) | 0.1 · 0.5 = 0.05 | 0.9 · 0.05 + 0.1 · (−0.25) = 0.02 |
# | $\theta_t$ | (2) | 1 − 0.1 · 0.05 = 0.995 | 0.995 − 0.1 · 0.02 = 0.993 |
#
# At $t = 2$ the gradient has turned, yet $\theta$ still goes down. That is the inertia. The first step is small because $v$ starts at zero:
# lesson 02 corrected for that, momentum usually does not.

# %% [markdown]
# ## Exercise 1: the averaging form (2 points)
#
# Write formulas (1) and (2) in NumPy, line for line.


# %% nbgrader={"grade": false, "grade_id": "momentum_update", "locked": false, "schema_version": 3, "solution": true, "task": false}
def momentum_update(theta, grad, v, lr, beta):
    """One step of momentum in the averaging form, formulas (1) and (2).

    Args:
        theta: the parameters, a float64 array of any shape; also a single number (shape ()).
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


# %% nbgrader={"grade": true, "grade_id": "check_momentum_update", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("momentum_update", momentum_update)

# %% [markdown]
# ### Experiment: what the average keeps
#
# Take the gradients that SGD met in the first figure and pass them through your function, with $\beta = 0.9$. With $lr = 0$ it only averages.
#
# **Predict.** Across the ravine the gradient starts at $50 \cdot 2 = 100$ and changes its sign at every step. Along the ravine it starts at
# $-10$, keeps its sign and shrinks slowly. Sketch $v$ in both directions.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "what_is_kept", "locked": true, "schema_version": 3, "solution": false, "task": false}
gradients = CURVATURE * paths["SGD"][:31]
v = np.zeros(2)
averages = []
for g in gradients:
    _, v = momentum_update(np.zeros(2), g, v, lr=0.0, beta=0.9)
    averages.append(v)
averages = np.array(averages)
figure, axes = plt.subplots(1, 2, figsize=(7.5, 3.8))
for ax, index, title in ((axes[0], 1, "Across: the swings cancel"), (axes[1], 0, "Along: the slope stays")):
    ax.set(xlabel="step", xlim=(0, 31), title=title)
    series = {"gradient": gradients[:, index], "average v": averages[:, index]}
    plots.curves(ax, series, start=1, marker="o", markersize=3)
axes[0].set_ylabel("component of the gradient")
figure.suptitle("The average loses what swings and keeps what stays")
plots.show(
    figure,
    "Gradients of SGD and their average over 31 steps. Across the ravine the gradient swings, "
    "from plus to minus 100 at first, and the average stays within 10 of zero. Along it the "
    "gradient goes from -10 to -3, and the average catches up with it.",
)

# %% [markdown]
# <details><summary>Explain: why can the learning rate now be larger?</summary>
#
# The limit of 0.04 came from the swings across the ravine. The average takes out most of each swing, so a larger $lr$ still does not
# make them grow. In the averaging form on a quadratic the limit is $\frac{2}{c} \cdot \frac{1+\beta}{1-\beta}$, where $c$ is the largest curvature. For
# $c = 50$ and $\beta = 0.9$ that is 0.76, which is 19 times as much as without momentum. You will test it with sliders below.
#
# </details>

# %% [markdown]
# ## The same idea in PyTorch's form
#
# `torch.optim.SGD` has a momentum too, but a different formula. Its memory is called `buf`, an array of the shape of $\theta$ that starts as
# zeros:
#
# $$buf_t = \mu\, buf_{t-1} + g_t \tag{3}$$
#
# $$\theta_t = \theta_{t-1} - lr \cdot buf_t \tag{4}$$
#
# $\mu$ is called `momentum`, and plays the part of $\beta$. What is missing is the $(1 - \mu)$. So `buf` is not an average of the gradients but a sum of
# them that fades. This is Polyak's heavy ball.
#
# With the numbers from above and $\mu = 0.9$: $buf_1 = 0.5$ and $\theta_1 = 0.95$, then $buf_2 = 0.9 \cdot 0.5 - 0.25 = 0.2$ and $\theta_2 = 0.93$. Each step is ten times as
# long as in the averaging form.

# %% [markdown]
# ## Exercise 2: PyTorch's form (2 points)
#
# Write formulas (3) and (4).


# %% nbgrader={"grade": false, "grade_id": "heavy_ball_update", "locked": false, "schema_version": 3, "solution": true, "task": false}
def heavy_ball_update(theta, grad, buf, lr, mu):
    """One step of momentum in PyTorch's form, formulas (3) and (4).

    Args:
        theta: the parameters, a float64 array of any shape; also a single number (shape ()).
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


# %% nbgrader={"grade": true, "grade_id": "check_heavy_ball_update", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("heavy_ball_update", heavy_ball_update)

# %% [markdown]
# ### Experiment: how long is a step?
#
# On a long even slope the gradient is the same at every step. Take $g = 1$ and $lr = 1$, and watch the length of the steps.
#
# **Predict.** How long does the step become in each form, for 0.5, 0.9 and 0.95? How many steps does it take to get there?


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "step_lengths", "locked": true, "schema_version": 3, "solution": false, "task": false}
def step_lengths(update, keep):
    """Lengths of 60 steps with the gradient 1 and lr = 1."""
    theta = memory = np.array(0.0)
    positions = [0.0]
    for _ in range(60):
        theta, memory = update(theta, np.array(1.0), memory, 1.0, keep)
        positions.append(float(theta))
    return -np.diff(positions)


figure, axes = plt.subplots(1, 2, figsize=(7.5, 3.8), sharey=True)
for ax, update, symbol in ((axes[0], momentum_update, "beta"), (axes[1], heavy_ball_update, "mu")):
    ax.set(xlabel="step", xlim=(0, 60), ylim=(0, 22), yticks=range(0, 21, 5))
    plots.curves(ax, {f"{symbol} = {keep}": step_lengths(update, keep) for keep in (0.5, 0.9, 0.95)}, start=1)
axes[0].set(title="Averaging form: up to lr", ylabel="length of the step, in units of lr")
axes[1].set_title("PyTorch's form: up to lr / (1 - mu)")
figure.suptitle("On an even slope the average stops at lr, the sum goes on")
plots.show(
    figure,
    "Step lengths for a constant gradient. In the averaging form they rise to 1 lr whatever "
    "beta is. In PyTorch's form they rise to 2, 10 and 20 lr for mu = 0.5, 0.9 and 0.95.",
)

# %% [markdown]
# <details><summary>Explain: where does 1/(1 − mu) come from?</summary>
#
# With a constant gradient, $buf = g + \mu g + \mu^2 g + \dots$, a geometric series whose sum is $g/(1-\mu)$. So on an even slope PyTorch's step is $lr/(1-\mu)$
# times the gradient, the **effective learning rate**: ten times $lr$ at 0.9, a hundred times at 0.99. It takes about $1/(1-\mu)$ steps
# to get two thirds of the way there.
#
# Raising `momentum` from 0.9 to 0.99 in PyTorch therefore raises the effective rate tenfold, unless you divide `lr` by ten.
#
# </details>

# %% [markdown]
# ## From one form to the other
#
# Start both from zeros, with $\mu = \beta$ and the same gradients. Then at every step
#
# $$v_t = (1 - \beta)\, buf_t .$$
#
# It holds at $t = 0$. If it holds at $t - 1$, then $v_t = \beta (1-\beta)\, buf_{t-1} + (1-\beta)\, g_t = (1-\beta)\, buf_t$. Put this into (2), compare it
# with (4), and you have the learning rate at which PyTorch goes exactly where the averaging form goes:
#
# $$lr_{torch} = lr \cdot (1 - \beta) \tag{5}$$
#
# It holds at each step, so it stays true when $lr$ changes during training.

# %% [markdown]
# ## Exercise 3: translate a learning rate (1 point)
#
# You read a recipe in the averaging form and want to run it in PyTorch with `momentum=beta`. Which `lr` do you pass?


# %% nbgrader={"grade": false, "grade_id": "matching_lr", "locked": false, "schema_version": 3, "solution": true, "task": false}
def matching_lr(lr, beta):
    """The lr for PyTorch's form that repeats momentum_update(lr, beta) step for step, formula (5).

    Args:
        lr: learning rate of the averaging form, a number that is 0 or more.
        beta: a number in [0, 1); 0 means no momentum.

    Returns:
        A number.
    """
    ### BEGIN SOLUTION
    return lr * (1 - beta)  # (5)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_matching_lr", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("matching_lr", matching_lr)

# %% [markdown]
# Now let both forms walk down the ravine, with different learning rates and, if you are right, along the same path.


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "same_path", "locked": true, "schema_version": 3, "solution": false, "task": false}
def walk(update, lr, keep, steps=100):
    """The points that an update rule visits on the ravine, shape (steps + 1, 2)."""
    theta, memory = START, np.zeros(2)
    points = [theta]
    for _ in range(steps):
        theta, memory = update(theta, CURVATURE * theta, memory, lr, keep)
        points.append(theta)
    return np.array(points)


averaging = walk(momentum_update, 0.2, 0.9)
translated = walk(heavy_ball_update, matching_lr(0.2, 0.9), 0.9)
untranslated = walk(heavy_ball_update, 0.2, 0.9)
gap = np.abs(averaging - translated).max()
print(f"averaging form, lr = 0.2:  settled after {settled(averaging)} steps")
print(f"PyTorch's form, lr = {matching_lr(0.2, 0.9):.2f}: never further than {gap:.6f} from that path")
print(f"PyTorch's form, lr = 0.2:  b = {untranslated[10, 1]:.1e} after 10 steps")

# %% [markdown]
# The last line is what happens to people who copy a learning rate from one convention to the other.

# %% [markdown]
# ## The real thing: three more options
#
# `torch.optim.SGD` has three options beside `momentum`. They act in this order.
#
# **Weight decay.** An L2 penalty $\frac{wd}{2}\lVert\theta\rVert^2$ in the loss adds this to the gradient, before everything else:
#
# $$g_t \leftarrow g_t + wd \cdot \theta_{t-1} \tag{6}$$
#
# **Dampening.** A number $\tau$, 0 by default, takes the place of (3):
#
# $$buf_1 = g_1, \qquad buf_t = \mu\, buf_{t-1} + (1 - \tau)\, g_t \quad (t \ge 2) \tag{7}$$
#
# With $\tau = 0$ this is (3). Mind the first gradient: it enters whole. So $\tau = \mu$ is *not* the averaging form, though nearly. Each parameter counts its own $t$. Without momentum, $\mu = 0$, dampening has
# no effect.

# %% [markdown]
# ### Nesterov: look where you are going
#
# The inertia will carry the ball to about $\theta - lr \cdot \mu\, buf$, whatever the next gradient says. Nesterov (1983) measures the gradient there, one step ahead, so
# that the ball brakes *before* it is through the bottom. But an optimiser only gets the gradient at the parameters it holds. PyTorch
# therefore keeps the point ahead in $\theta$ (the change of variable is due to Bengio and others, 2012), and (4) becomes
#
# $$\theta_t = \theta_{t-1} - lr \cdot (g_t + \mu\, buf_t) \tag{8}$$
#
# That is: the step of $g_t$ that is due, plus the next step's inertia in advance. Nesterov without momentum, or with dampening, makes no sense; PyTorch raises `ValueError`, and so does
# yours.

# %% [markdown]
# ## Exercise 4: the optimiser (5 points)
#
# A class with PyTorch's interface: a constructor that takes the parameters, `step()` and `zero_grad()`. It fits any PyTorch training loop.
#
# Three traps. Change each tensor **in place**: `theta -= ...`, for `theta.data = ...` moves its memory and `theta = theta - ...` only
# renames. Each parameter has its **own** `buf`. And never write into `theta.grad`: $g_t$ in (6) is a new tensor, and a `buf` that *is* the gradient
# would change it at the next step.


# %% nbgrader={"grade": false, "grade_id": "MomentumSGD", "locked": false, "schema_version": 3, "solution": true, "task": false}
class MomentumSGD:
    """Gradient descent with momentum and the interface of torch.optim, formulas (3), (4), (6), (7), (8).

    Two instances share nothing.

    Args:
        params: the tensors to train, any iterable; it may be a generator, which can be read only once.
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


# %% nbgrader={"grade": true, "grade_id": "check_MomentumSGD", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
check("MomentumSGD", MomentumSGD)

# %% [markdown]
# PyTorch raises the same errors with one exception: it lets `momentum = 1` pass. Then nothing ever fades, and on the ravine the ball swings for ever.
#
# ### Experiment: Nesterov brakes earlier
#
# Back to the ravine with your class, $lr = 0.01$ and $\mu = 0.9$.
#
# **Predict.** Across the ravine the gradient changes quickly, along it slowly. Where does it matter more to look one step ahead: for the swings
# across, or for the roll along?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "nesterov", "locked": true, "schema_version": 3, "solution": false, "task": false}
runs = {
    "momentum": descend(lambda params: MomentumSGD(params, lr=0.01, momentum=0.9)),
    "Nesterov": descend(lambda params: MomentumSGD(params, lr=0.01, momentum=0.9, nesterov=True)),
}
steps = {name: settled(points) for name, points in runs.items()}
figure, axes = plt.subplots(1, 2, figsize=(7.5, 3.8))
titles = {"b": "Across: the swings die out", "a": "Along: hardly a difference"}
for ax, (letter, title) in zip(axes, titles.items(), strict=True):
    ax.set(xlabel="step", xlim=(0, 50), ylabel=letter, title=title)
    plots.curves(ax, {name: points[:51, "ab".index(letter)] for name, points in runs.items()})
figure.suptitle(f"Looking ahead damps the swings: {steps['Nesterov']} steps instead of {steps['momentum']}")
plots.show(
    figure,
    "Positions over 50 steps. Across the ravine ordinary momentum swings back and forth six "
    "times, a little less each time, and Nesterov is still after about 10 steps. Along the "
    "ravine both curves nearly coincide and overshoot the minimum a little.",
)
same = descend(lambda params: torch.optim.SGD(params, lr=0.01, momentum=0.9, nesterov=True))
print(f"largest gap between yours and PyTorch's: {np.abs(runs['Nesterov'] - same).max():.6f}")

# %% [markdown]
# <details><summary>Explain: is Nesterov always better?</summary>
#
# Where it swings, ordinary momentum shrinks the swings by the factor $\sqrt{\mu}$ a step, here 0.95, whatever the curvature $c$ is. Nesterov's factor is
# $\sqrt{\mu\,(1 - lr \cdot c)}$: 0.67 across and 0.94 along. The steeper the direction, the stronger the brake.
#
# The price is a lower limit: on a quadratic $lr < \frac{2}{c} \cdot \frac{1+\mu}{1+2\mu}$, here 0.027. For ordinary momentum it is
# $\frac{2}{c}(1+\mu)$, here 0.076. With the noise of mini-batches the two are often hard to tell apart.
#
# </details>

# %% [markdown]
# ## Conventions
#
# One name, many formulas. The worked example again, $g_1 = 0.5$ and $g_2 = -0.25$ from $\theta_0 = 1$ with 0.9. Where is $\theta_2$ when $lr$ is 0.1
# in both steps, and when a schedule halves it for the second?
#
# | where | memory | step | $\theta_2$, lr 0.1, 0.1 | $\theta_2$, lr 0.1, 0.05 |
# |---|---|---|---|---|
# | many courses: averaging | $v = \beta v + (1-\beta) g$ | $-lr \cdot v$ | 0.99300 | 0.99400 |
# | Polyak's heavy ball; PyTorch | $buf = \mu\, buf + g$ | $-lr \cdot buf$ | 0.93000 | 0.94000 |
# | PyTorch, dampening 0.9 | (7) | $-lr \cdot buf$ | 0.90750 | 0.92875 |
# | Sutskever and others; Keras | $u = \mu u - lr \cdot g$ | $+u$ | 0.93000 | 0.91750 |
# | PyTorch, Nesterov | $buf = \mu\, buf + g$ | $-lr (g + \mu\, buf)$ | 0.91200 | 0.90850 |
# | Keras, Nesterov | $u = \mu u - lr \cdot g$ | $\mu u - lr \cdot g$ | 0.91200 | 0.88825 |

# %% [markdown]
# In Keras and in Sutskever's paper the learning rate stands *inside* the memory $u$. With a constant rate that is PyTorch's form, $u = -lr \cdot buf$. When a schedule lowers the rate,
# PyTorch slows down at once, while in $u$ the old steps coast on at the old rate.
#
# The next cell computes the rows. Your own functions and class do the averaging form and PyTorch's.


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "conventions", "locked": true, "schema_version": 3, "solution": false, "task": false}
def keras(theta, g, u, lr):
    u = 0.9 * u - lr * g
    return theta + u, u


def keras_nesterov(theta, g, u, lr):
    u = 0.9 * u - lr * g
    return theta + 0.9 * u - lr * g, u


def run_rule(rule, rates):
    """theta after two steps of an update rule."""
    theta, memory = 1.0, 0.0
    for g, lr in zip((0.5, -0.25), rates, strict=True):
        theta, memory = rule(theta, g, memory, lr)
    return theta


def run_class(options, rates):
    """theta after two steps of your MomentumSGD."""
    theta = torch.tensor(1.0, dtype=torch.float64)
    optimizer = MomentumSGD([theta], lr=rates[0], **options)
    for g, optimizer.lr in zip((0.5, -0.25), rates, strict=True):
        theta.grad = torch.full_like(theta, g)
        optimizer.step()
    return theta.item()


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "conventions_table", "locked": true, "schema_version": 3, "solution": false, "task": false}
rows = {
    "averaging": (run_rule, lambda theta, g, v, lr: momentum_update(theta, g, v, lr, 0.9)),
    "PyTorch": (run_rule, lambda theta, g, buf, lr: heavy_ball_update(theta, g, buf, lr, 0.9)),
    "PyTorch, dampening 0.9": (run_class, {"dampening": 0.9}),
    "Keras": (run_rule, keras),
    "PyTorch, Nesterov": (run_class, {"nesterov": True}),
    "Keras, Nesterov": (run_rule, keras_nesterov),
}
for name, (run, how) in rows.items():
    print(f"{name:24}{run(how, (0.1, 0.1)):.5f}  {run(how, (0.1, 0.05)):.5f}")

# %% [markdown]
# ## Experiment: digits
#
# A network with 32 hidden units learns 1500 handwritten digits for 6 epochs with your `MomentumSGD`, for four values of `momentum` and many learning rates.
#
# The left panel will show the loss against $lr$, as you pass it. The right one shows the same runs against the effective rate $lr/(1-\mu)$.
#
# **Predict.** On the left, which curve lies furthest to the left? How will the right panel differ? And where do the curves turn up
# again?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "digits_runs", "locked": true, "schema_version": 3, "solution": false, "task": false}
digits = data.digits()
effective = 10.0 ** np.arange(-1.5, 1.01, 0.25)


def final_loss(lr, momentum):
    model = training.network(seed=0)
    X, y = digits.X_train, digits.y_train
    training.train(model, lambda params: MomentumSGD(params, lr, momentum), X, y, steps=138)
    return training.evaluate(model, X, y)[0]


finals = {}
for mu in (0.0, 0.5, 0.9, 0.95):
    finals[mu] = np.array([final_loss(rate * (1 - mu), mu) for rate in effective])
for mu, losses in finals.items():
    at = effective[losses.argmin()]
    print(f"mu = {mu:4}: best loss {losses.min():.2f} at lr = {at * (1 - mu):.2f}, effective {at:.2f}")

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "digits_figure", "locked": true, "schema_version": 3, "solution": false, "task": false}
figure, axes = plt.subplots(1, 2, figsize=(7.5, 4), sharey=True)
axes[0].set(xlabel="lr", ylabel="training loss after 6 epochs (nats)", title="Against lr: far apart")
axes[1].set(xlabel="effective rate, lr / (1 - mu)", title="Against lr / (1 - mu): one curve")
names = [f"mu = {mu}" for mu in finals]
for ax in axes:
    ax.set(xscale="log", yscale="log", ylim=(0.05, 4))
for (mu, losses), style in zip(finals.items(), plots.line_styles(names), strict=True):
    for ax, rates in zip(axes, (effective * (1 - mu), effective), strict=True):
        ax.plot(rates, losses, marker="o", markersize=4, label=f"mu = {mu}", **style)
axes[0].legend(frameon=False)
figure.suptitle("Momentum is a larger learning rate, until the rate is large")
plots.show(
    figure,
    "Training loss after 6 epochs, for momentum 0, 0.5, 0.9 and 0.95. Against lr the curves are "
    "shifted sideways by up to a factor of 20. Against lr / (1 - mu) they coincide up to an "
    "effective rate of 1. There SGD and 0.5 stop learning at 2 to 3, and 0.9 and 0.95 still "
    "reach a loss below 0.1.",
)

# %% [markdown]
# <details><summary>Explain: so does momentum help on the digits or not?</summary>
#
# At $lr = 0.1$ the loss is 0.9 without momentum and 0.1 with 0.9. But most of that is the effective rate: SGD at $lr = 1$ gets to 0.1 as well. As long as
# the rate is small, the weights hardly move while `buf` remembers a gradient. Each gradient then moves them by $lr/(1-\mu)$ in all, at once
# or spread over many steps.
#
# Momentum helps where the rate meets its limit. Plain SGD stops learning at an effective rate of 1.8; with 0.9 you can go on to 3. Here that gains
# little: 0.08 against 0.10. In a narrower ravine it gains more. A comparison is fair only if each $\mu$ has its own best $lr$.
#
# </details>

# %% [markdown]
# ## Experiment: find the setting, with sliders
#
# On the ravine again, with your `momentum_update`. The sliders start at $lr = 0.02$ and $\beta = 0.9$: half the speed limit of gradient descent, and momentum
# settles after 81 steps.
#
# **Goal:** settle in 15 steps or fewer. **Predict** first: raise $\beta$ or lower it? Raise $lr$ or lower it? Try one slider alone, and see how
# far it gets you.


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "race", "locked": true, "schema_version": 3, "solution": false, "task": false}
def draw_race(lr=0.02, beta=0.9):
    with np.errstate(over="ignore", invalid="ignore"):
        points = walk(momentum_update, lr, beta)
        steps = settled(points)
    figure, ax = plt.subplots()
    plots.contours(ax, ravine, (-11, 8), (-2.6, 2.6))
    plots.path(ax, points, "momentum", goal=(0, 0))
    result = f"Settled after {steps:.0f} steps" if steps < np.inf else "Not settled after 100 steps"
    ax.set(xlabel="a, along the ravine", ylabel="b, across")
    ax.set_title(f"{result}. {'Goal reached!' if steps <= 15 else 'Goal: 15 or fewer.'}")
    return figure


lrs = [0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8]
betas = [0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95]
plots.sliders(draw_race, lr=lrs, beta=betas)

# %% [markdown]
# The map of this game, without sliders. Each field is one run.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "race_map", "locked": true, "schema_version": 3, "solution": false, "task": false}
with np.errstate(over="ignore", invalid="ignore"):
    needed = np.array([[settled(walk(momentum_update, lr, beta)) for lr in lrs] for beta in betas])
labels = np.array([[f"{steps:.0f}" if steps < np.inf else ">100" for steps in row] for row in needed])
figure, ax = plt.subplots()
look = {"cmap": "Blues", "vmin": 0, "vmax": 100, "linewidths": 1, "cbar": False, "annot_kws": {"size": 10}}
sns.heatmap(np.minimum(needed, 100), annot=labels, fmt="", xticklabels=lrs, yticklabels=betas, ax=ax, **look)
ax.set(xlabel="lr of the averaging form", ylabel="beta")
ax.set_title("Momentum alone gains nothing; the larger lr that it allows does")
plots.show(
    figure,
    "Steps until settled, for 12 learning rates and 8 values of beta. At lr = 0.02 every beta "
    "needs 81 to 87 steps. From lr = 0.04 beta = 0 never settles. The best fields are near beta "
    "= 0.6 and lr = 0.15, with 13 steps; beta = 0.95 needs over 80.",
)

# %% [markdown]
# <details><summary>Explain: read the map along a column, then along a row</summary>
#
# Along the column $lr = 0.02$ almost nothing changes: an average of gradients is no longer than a gradient. What changes is how far to the right
# you may go. Each $\beta$ has its limit, $0.04 \cdot \frac{1+\beta}{1-\beta}$, and below it a larger $lr$ moves faster along the ravine. So
# raise both together.
#
# With $\beta = 0.9$ and more the ball has too little friction. Its swings shrink by no more than $\sqrt\beta$ a step, which is 0.95 for 0.9, and a larger $lr$
# does not change that. How much inertia is best depends on the ravine: the narrower it is, the more.
#
# </details>

# %% [markdown]
# ## Experiment: leaving a saddle
#
# Bend the ravine down at its end: $L(a, b) = \frac12\left(50\, a^2 - b^2\right)$ is a saddle, flat at $(0, 0)$, with steep walls along $a$ and a way out along $b$.
# Start at $(1, 0.001)$, where the gradient along the way out is tiny.
#
# **Predict.** Every run has $lr = 0.03$, as the walls allow no more than 0.04. Gradient descent multiplies $b$ by 1.03 at each step. How many steps does it
# need from 0.001 to 1? How many with $\mu = 0.9$ in PyTorch's form, and how many in the averaging form with the same $lr$?


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
    return np.array(distances)


escapes = {
    "SGD": leave_saddle(0.03, 0.0),
    "PyTorch's form, 0.9": leave_saddle(0.03, 0.9),
    "averaging form, 0.9": leave_saddle(matching_lr(0.03, 0.9), 0.9),
}
for name, distances in escapes.items():
    print(f"{name:20} {len(distances) - 1:3} steps")

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "saddle_figure", "locked": true, "schema_version": 3, "solution": false, "task": false}
figure, ax = plt.subplots()
ax.set(xlabel="step", ylabel="distance from the saddle, |b|", xlim=(0, 300), yscale="log", ylim=(8e-4, 9))
plots.curves(ax, escapes)
ax.set_title("The longer step leaves the saddle early; the average alone does not")
plots.show(
    figure,
    "Distance from the saddle on a logarithmic axis. In PyTorch's form with 0.9 it reaches 1 "
    "after 55 steps, plain gradient descent after 234, the averaging form at the same lr after "
    "291.",
)

# %% [markdown]
# <details><summary>Explain: why 55 steps, when the effective rate is ten times as large?</summary>
#
# With a rate of 0.3 it would take 27 steps. But the effective rate is reached only on an even slope. Here the slope grows all the time, and the ball, still
# speeding up, lags behind: $b$ grows by 14% a step and not by 30%. The averaging form lags as well and has no longer step to make up for it.
#
# On a plateau, where the gradient stays small and the same for long, PyTorch's form does reach its tenfold step. And a ball that arrives with some speed
# coasts on.
#
# </details>

# %% [markdown]
# ## Recap
#
# 1. An average of gradients cancels what swings and keeps what stays.
# 2. The averaging form steps by about $lr$ times the gradient; PyTorch's form sums, and steps by $lr/(1-\mu)$ times it.
# 3. $lr_{torch} = lr\,(1-\beta)$ turns the one into the other, exactly.
# 4. Momentum gains by the larger rate that it allows, so tune $lr$ again for each $\mu$.
# 5. Nesterov looks one step ahead and damps the swings in steep directions.

# %% [markdown]
# ## Where it breaks
#
# - **A recipe from the other convention.** With 0.9 its rate is wrong by a factor of 10, with 0.99 by 100.
# - **Too much inertia.** With 0.99 the ball swings around the minimum for hundreds of steps, and it carries on after the rate or the data have changed.
# - **Small rates and much noise.** There momentum does what a larger rate would have done (Wang and others, 2024).
# - **One rate for all parameters.** A ravine of condition number $\kappa$ takes gradient descent about $\kappa$ steps, and momentum about $\sqrt\kappa$ at
#   best (Goh, 2017). For $\kappa = 10^6$ that is not enough. Lessons 04 and 05 give each parameter a stride of its own.
# - **It takes memory:** `buf` is one more copy of the parameters.

# %% [markdown]
# ## Further
#
# - B. Polyak (1964). Some methods of speeding up the convergence of iteration methods. USSR Computational Mathematics and Mathematical Physics 4(5).
# - I. Sutskever, J. Martens, G. Dahl and G. Hinton (2013). On the importance of initialization and momentum in deep learning. ICML; on Nesterov's method, with
#   Y. Bengio, N. Boulanger-Lewandowski and R. Pascanu (2012). Advances in Optimizing Recurrent Networks. arXiv:1212.0901
# - G. Goh (2017). Why Momentum Really Works. Distill. doi:10.23915/distill.00006
# - R. Wang and others (2024). The Marginal Value of Momentum for Small Learning Rate SGD. ICLR. arXiv:2307.15196
