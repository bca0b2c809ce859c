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
# # 05 Adam and AdamW
#
# Adam keeps two running averages for every parameter. One says which way to go, the other how long the step should be.
#
# ## The problem
#
# Fit a line to 100 points that were made from $y = 4 + 3x$ and a little noise. There are two parameters, the intercept $b$
# and the slope $w$. The loss is the mean squared error. Its surface is a ravine: $x$ lies between $-0.5$ and $0.5$, so
# changing $w$ alters the predictions much less than changing $b$. Across the ravine, along $b$, the loss curves 12 times as
# much as along it.
#
# One learning rate has to serve both directions. The first cell sets up the data and a loop that walks down this loss.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import math

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
import torch

from course import check, data, plots, training

x = np.linspace(-0.5, 0.5, 100)
y = 4 + 3 * x + 0.2 * np.random.default_rng(0).normal(size=100)
A = np.stack([np.ones(100), x], axis=1)  # a column for b and a column for w
best = np.linalg.lstsq(A, y, rcond=None)[0]


def ravine(b, w):
    """Mean squared error of the line b + w*x, for arrays b and w of one shape."""
    return np.mean((b[..., None] + w[..., None] * x - y) ** 2, axis=-1)


curvature = np.linalg.eigvalsh(2 * A.T @ A / len(y))
print(f"minimum at b = {best[0]:.2f}, w = {best[1]:.2f}")
print(f"curvature {curvature[1]:.2f} along b, {curvature[0]:.2f} along w")


# %% nbgrader={"grade": false, "grade_id": "descend", "locked": true, "schema_version": 3, "solution": false, "task": false}
def descend(make_optimizer, steps=50, scale=1.0):
    """Walk down the ravine from (0, 0) on scale * loss; returns every point, shape (steps + 1, 2)."""
    theta = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    optimizer = make_optimizer([theta])
    points = [theta.tolist()]
    for _ in range(steps):
        optimizer.zero_grad()
        loss = scale * torch.mean((torch.from_numpy(A) @ theta - torch.from_numpy(y)) ** 2)
        loss.backward()
        optimizer.step()
        points.append(theta.tolist())
    return np.array(points)


print(f"As the crow flies, it is {np.linalg.norm(best):.1f} from the start to the minimum.")

# %% [markdown]
# **Predict.** Four optimisers start at $(0, 0)$ and take 50 steps towards the star at $(4, 3)$. Gradient descent (SGD) sees
# a gradient that points almost straight across the ravine. Which optimisers will go straight to the star, and which will
# swing from wall to wall? The optimisers in this one cell are PyTorch's own. Further down you replace Adam by yours.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "four_paths", "locked": true, "schema_version": 3, "solution": false, "task": false}
paths = {
    "SGD": descend(lambda params: torch.optim.SGD(params, lr=0.95)),
    "momentum": descend(lambda params: torch.optim.SGD(params, lr=0.1, momentum=0.9)),
    "RMSprop": descend(lambda params: torch.optim.RMSprop(params, lr=0.05)),
    "Adam": descend(lambda params: torch.optim.Adam(params, lr=0.3)),
}
words = {"SGD": "zigzags", "momentum": "swings past", "RMSprop": "goes straight", "Adam": "nearly so"}
figure, axes = plt.subplots(2, 2, figsize=(7, 6), sharex=True, sharey=True)
for ax, (name, points) in zip(axes.flat, paths.items(), strict=True):
    length = np.linalg.norm(np.diff(points, axis=0), axis=1).sum()
    plots.contours(ax, ravine, (-0.8, 8.8), (-1, 5.5))
    plots.path(ax, points, name, goal=best)
    ax.set_title(f"{name} {words[name]}: {length:.0f} units", fontsize=10)
figure.supxlabel("intercept b", fontsize=10)
figure.supylabel("slope w", fontsize=10)
figure.suptitle("The steeper wall rules SGD; RMSprop and Adam treat both alike")
plots.show(
    figure,
    "Four paths over the contour lines of a ravine. SGD zigzags between the walls, "
    "momentum swings past the minimum, RMSprop and Adam leave the start along the "
    "diagonal and reach the minimum almost directly.",
)

# %% [markdown]
# <details>
# <summary>What to see</summary>
# <p>
# SGD's first step is long in $b$ and tiny in $w$, because the gradient is. A larger rate would make it diverge along $b$,
# a smaller one would make it crawl along $w$. Momentum cancels part of the zigzag and overshoots instead. RMSprop and Adam
# begin on the diagonal: they divide each component by its own size, so $b$ and $w$ move equally fast.
# </p>
# </details>
#
# ## At the end you can
#
# - write the Adam update from its four formulas and say what each one is for;
# - say what goes wrong without the bias correction, and by how much;
# - build `Adam` and `AdamW` with PyTorch's interface, and train a network with them;
# - explain why weight decay belongs outside the gradient.
#
# About 60 minutes, 10 points. It builds on lessons 02 (averages), 03 (momentum) and 04 (RMSprop). The experiments run your own code:
# when one stops with `NotImplementedError`, fill in the exercise above it first.
#
# You build it from scratch: to your answers PyTorch's own optimisers and schedules, clipping and normalisation, and pandas' exponential
# averages are not available, in the check and in grading alike. The experiments may use them. The class `torch.optim.Optimizer`, which
# computes nothing, may be inherited from.

# %% [markdown]
# ## The idea
#
# Momentum steers. RMSprop sets the stride. Adam does both, with one running average for each.
#
# Let $\theta$ be a parameter array of any shape, and $g_t$ the gradient of the loss at step $t = 1, 2, 3, \dots$, in the
# shape of $\theta$. Adam keeps two more arrays of that shape, $m$ and $v$. Both start at zero.
#
# $$m_t = \beta_1\, m_{t-1} + (1 - \beta_1)\, g_t \tag{1}$$
#
# $$v_t = \beta_2\, v_{t-1} + (1 - \beta_2)\, g_t^2 \tag{2}$$
#
# $m$ averages the gradient, as momentum does: what changes sign cancels. $v$ averages its square, element by element, as RMSprop does.
# $\beta_1$ (usually 0.9) and $\beta_2$ (usually 0.999) are numbers in $[0, 1)$. They set how long the averages
# remember: about $1/(1-\beta)$ steps, here 10 and 1000.

# %% [markdown]
# ### Averages that start too low
#
# At $t = 1$, $m_1 = 0.1\, g_1$: only a tenth of the gradient, because the other nine tenths are the zero it started
# from. You met this in lesson 02. If the gradient were constant, $m_t$ would be $(1 - \beta_1^t)\, g$, and $v_t$ would be
# $(1 - \beta_2^t)\, g^2$. So divide by exactly that:
#
# $$\hat m_t = \frac{m_t}{1 - \beta_1^t}, \qquad \hat v_t = \frac{v_t}{1 - \beta_2^t} \tag{3}$$
#
# Here $\beta^t$ is $\beta$ to the power $t$. The corrected values are read once, in the step below. The averages that go
# on to step $t+1$ are the uncorrected $m_t$ and $v_t$.

# %% [markdown]
# ### The step
#
# $$\theta_t = \theta_{t-1} - lr \cdot \frac{\hat m_t}{\sqrt{\hat v_t} + \epsilon} \tag{4}$$
#
# $lr$ is the learning rate. $\epsilon$ (usually $10^{-8}$) avoids a division by zero. Root and division are element by element.
#
# Formulas (1) to (4) are Algorithm 1 of Kingma and Ba (2015). Two things follow from (4):
#
# - **The step is about $lr$ or less.** If gradients agree, $|\hat m| = \sqrt{\hat v}$ and each element moves by $lr$. If they
#   disagree, $\hat m$ shrinks and $\sqrt{\hat v}$ does not, so the step is shorter. Only a
#   burst of large gradients after a long quiet gives longer ones, up to 7.3 $lr$ with the default betas.
# - **The scale cancels.** Multiply the loss by 1000: $\hat m$ and $\sqrt{\hat v}$ both grow by 1000, the step stays.

# %% [markdown]
# ### By hand
#
# One parameter, $\theta_0 = 1$, $m_0 = v_0 = 0$. The gradients are $g_1 = 0.5$ and $g_2 = -0.25$. Take $lr = 0.1$,
# $\beta_1 = 0.9$, $\beta_2 = 0.999$, $\epsilon = 10^{-8}$. Check each number with pencil and paper.
#
# | | formula | $t = 1$ | $t = 2$ |
# |---|---|---|---|
# | $g_t$ | | 0.5 | −0.25 |
# | $m_t$ | (1) | 0.1 · 0.5 = 0.05 | 0.9 · 0.05 + 0.1 · (−0.25) = 0.02 |
# | $v_t$ | (2) | 0.001 · 0.25 = 0.00025 | 0.999 · 0.00025 + 0.001 · 0.0625 = 0.00031225 |
# | $\hat m_t$ | (3) | 0.05 / 0.1 = 0.5 | 0.02 / 0.19 = 0.105263 |
# | $\hat v_t$ | (3) | 0.00025 / 0.001 = 0.25 | 0.00031225 / 0.001999 = 0.156203 |
# | step | (4) | 0.1 · 0.5 / 0.5 = 0.1 | 0.1 · 0.105263 / 0.395225 = 0.026634 |
# | $\theta_t$ | (4) | 0.9 | 0.873366 |
#
# The first step is $lr$, whatever the gradient's size. At $t = 2$ the gradient has turned, yet $\theta$ still goes down: $m$ steers,
# and its sign is still that of $g_1$. The step is short because the two gradients disagree.

# %% [markdown]
# ## Exercise 1: the update rule (3 points)
#
# Write formulas (1) to (4), line for line, in NumPy. `m_hat` stands for $\hat m_t$, `v_hat` for $\hat v_t$. Return the
# averages $m_t$ and $v_t$, not their corrected values.


# %% nbgrader={"grade": false, "grade_id": "adam_update", "locked": false, "schema_version": 3, "solution": true, "task": false}
def adam_update(theta, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    """One step of Adam, formulas (1) to (4).

    Args:
        theta: the parameters, a float64 array of any shape; also a single number (shape ()).
        grad, m, v: gradient and averages before the step, in the shape of theta; grad may be zero.
        t: the number of this step, counted from 1.
        lr, beta1, beta2, eps: numbers, as in the formulas.

    Returns:
        (theta, m, v) after the step: new arrays in the shape of theta. The inputs stay unchanged, and the
        results share no memory with them, also where nothing changes.
    """
    ### BEGIN SOLUTION
    m = beta1 * m + (1 - beta1) * grad  # (1)
    v = beta2 * v + (1 - beta2) * grad**2  # (2)
    m_hat = m / (1 - beta1**t)  # (3)
    v_hat = v / (1 - beta2**t)  # (3)
    theta = theta - lr * m_hat / (np.sqrt(v_hat) + eps)  # (4)
    return theta, m, v
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_adam_update", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("adam_update", adam_update)

# %% [markdown]
# ### Experiment: the first twenty steps
#
# Is the correction worth the trouble? There is a neat way to switch it off in your own function: pass an enormous `t`. Then
# $\beta^t$ is 0 and (3) divides by 1.
#
# **Predict.** Without correction $m_1 = 0.1\, g_1$ is ten times too small. Will the first step be too short or too long?
# Look at both averages, and at the root, before you answer.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "step_lengths", "locked": true, "schema_version": 3, "solution": false, "task": false}
NEVER = 10**9  # a step number so large that nothing is left to correct


def step_lengths(corrected):
    """Lengths of the first 20 steps, in units of lr, for a gradient that is 1 all the time."""
    theta = m = v = np.array(0.0)
    positions = [0.0]
    for t in range(1, 21):
        theta, m, v = adam_update(theta, np.array(1.0), m, v, t if corrected else NEVER, lr=1.0)
        positions.append(float(theta))
    return -np.diff(positions)


figure, ax = plt.subplots()
ax.set(
    xlabel="step t",
    ylabel="length of the step, in units of lr",
    xlim=(0, 20.5),
    ylim=(0, 7),
    xticks=range(0, 21, 5),
)
lengths = {"corrected": step_lengths(True), "not corrected": step_lengths(False)}
plots.curves(ax, lengths, start=1, marker="o", markersize=4)
ax.set_title("Without correction the first steps are 3 to 7 times too long")
plots.show(
    figure,
    "Step length over the first 20 steps of a constant gradient. With correction every "
    "step is 1 lr. Without, the first is 3.2 lr, the longest, at step 12, is 6.6 lr, and "
    "step 20 is still 6.2 lr.",
)

# %% [markdown]
# <details>
# <summary>Explain: why too long, when m is too small?</summary>
# <p>
# Both averages are too small, but $v$ more so, and $v$ is in the denominator. The step is
# $(1-\beta_1^t)/\sqrt{1-\beta_2^t}$ times as long as it should be. At $t = 1$ this is $0.1/\sqrt{0.001} = 3.16$. Then $m$
# recovers within tens of steps and $v$ needs thousands, so it gets worse first: 6.53 at $t = 10$. The factor is within 5% of 1
# only from step 2375 on.
# </p>
# </details>
#
# Now on real data: 1500 handwritten digits of 8 × 8 pixels, and a linear classifier with 640 weights.
#
# **Predict.** Both runs below have $lr = 0.1$. What will steps of 0.3 to 0.65 instead of 0.1 do to the loss?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "first_twenty", "locked": true, "schema_version": 3, "solution": false, "task": false}
digits = data.digits()


def first_losses(corrected, lr=0.1):
    """Training loss before each of the first 20 steps of a linear classifier on all training digits."""
    W = m = v = np.zeros((64, 10))
    losses = []
    for t in range(1, 21):
        loss, grad = training.softmax_regression(W, digits.X_train, digits.y_train)
        W, m, v = adam_update(W, grad, m, v, t if corrected else NEVER, lr=lr)
        losses.append(loss)
    return losses


figure, ax = plt.subplots()
ax.set(xlabel="step", ylabel="training loss (nats)", xlim=(0, 20.5), ylim=(0, 2.5), xticks=range(0, 21, 5))
losses = {"corrected": first_losses(True), "not corrected": first_losses(False)}
plots.curves(ax, losses, start=1, marker="o", markersize=4)
ax.set_title("The correction takes the jumps out of the start")
plots.show(
    figure,
    "Training loss of a linear classifier of digits over the first 20 steps. With "
    "correction it falls smoothly from 2.3 to 0.2. Without, it drops to 1, jumps back "
    "above 2 and stays jagged for about 15 steps.",
)

# %% [markdown]
# <details>
# <summary>Explain: would a smaller lr save the run without correction?</summary>
# <p>
# Yes, and then it even seems faster: try <code>first_losses(False, lr=0.03)</code> in a cell of your own. But that rate
# suits the start only. As $v$ fills up, over the first few thousand steps, the same <code>lr</code> comes to mean steps that are
# 6 times shorter. With the correction it means the same thing at every step.
# </p>
# </details>

# %% [markdown]
# ## Exercise 2: the optimiser (4 points)
#
# A network has many parameter tensors, and autograd fills in their `.grad`. PyTorch's optimisers share one shape: a constructor
# that takes the parameters, `step()` and `zero_grad()`. Yours will fit any PyTorch training loop.
#
# It also gets an option, weight decay, which pulls every parameter towards zero. `Adam` has it as an L2 penalty:
# $\frac{wd}{2}\lVert\theta\rVert^2$ is added to the loss, so its gradient is added to the gradient, before everything else:
#
# $$g_t \leftarrow g_t + wd \cdot \theta_{t-1} \tag{5}$$
#
# Three traps. Change each tensor **in place**: `theta -= ...`, for `theta.data = ...` moves its memory and `theta = theta - ...`
# only renames. Each parameter has its **own** $t$. And $g_t$ in (5) is a new tensor: `theta.grad` itself must not change.


# %% nbgrader={"grade": false, "grade_id": "Adam", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Adam:
    """Adam with the interface of torch.optim, formulas (1) to (5). Two instances share nothing.

    Args:
        params: the tensors to train, any iterable; it may be a generator, which can be read only once.
        lr: learning rate, kept in self.lr: 0 is fine.
        betas: (beta1, beta2), each in [0, 1).
        eps, weight_decay: numbers, 0 or more.

    Raises:
        ValueError: lr, eps or weight_decay is negative, or a beta is outside [0, 1).
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        """Keep the parameters and the settings; m and v start as zeros, t at 0, for each parameter."""
        ### BEGIN SOLUTION
        if lr < 0 or eps < 0 or weight_decay < 0:
            raise ValueError("lr, eps and weight_decay must not be negative.")
        if not all(0 <= beta < 1 for beta in betas):
            raise ValueError("Each beta must be at least 0 and less than 1.")
        self.params = list(params)
        self.lr = lr
        self.beta1, self.beta2 = betas
        self.eps = eps
        self.weight_decay = weight_decay
        self.m = [torch.zeros_like(theta) for theta in self.params]
        self.v = [torch.zeros_like(theta) for theta in self.params]
        self.t = [0] * len(self.params)
        ### END SOLUTION

    @torch.no_grad()  # autograd must not record the update itself
    def step(self):
        """Update every parameter in place: the tensor and its memory stay the same.

        Reads self.lr each time. A parameter whose grad is None is skipped, and its t does not advance; a
        grad of zeros is a step like any other. Leaves every grad unchanged, so that step() may be called
        again with the same one.
        """
        ### BEGIN SOLUTION
        for i, theta in enumerate(self.params):
            if theta.grad is None:
                continue
            self.t[i] += 1
            g = theta.grad + self.weight_decay * theta  # (5)
            self.m[i] = self.beta1 * self.m[i] + (1 - self.beta1) * g  # (1)
            self.v[i] = self.beta2 * self.v[i] + (1 - self.beta2) * g**2  # (2)
            m_hat = self.m[i] / (1 - self.beta1 ** self.t[i])  # (3)
            v_hat = self.v[i] / (1 - self.beta2 ** self.t[i])  # (3)
            theta -= self.lr * m_hat / (torch.sqrt(v_hat) + self.eps)  # (4)
        ### END SOLUTION

    def zero_grad(self):
        """Leave the grad of every parameter None or all zeros; some may be None already."""
        ### BEGIN SOLUTION
        for theta in self.params:
            theta.grad = None
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_Adam", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check("Adam", Adam)

# %% [markdown]
# ### Experiment: multiply the loss
#
# Back to the ravine, now with your own Adam. The learning rates are those of the first figure.
#
# **Predict.** What happens to SGD's distance from the minimum if the loss is multiplied by 1.2? And to Adam's if it is multiplied by
# 1000? Formula (4) has the answer.


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "loss_scale", "locked": true, "schema_version": 3, "solution": false, "task": false}
def adam(params):
    return Adam(params, lr=0.3)


def sgd(params):
    return torch.optim.SGD(params, lr=0.95)


walks = {"SGD": descend(sgd), "SGD, loss × 1.2": descend(sgd, scale=1.2), "Adam": descend(adam)}
scaled = descend(adam, scale=1000.0)
figure, ax = plt.subplots()
ax.set(xlabel="step", ylabel="distance to the minimum", xlim=(0, 50), yscale="log", ylim=(1e-2, 1e3))
plots.curves(ax, {name: np.linalg.norm(points - best, axis=1) for name, points in walks.items()})
ax.plot(
    range(0, 51, 2),
    np.linalg.norm(scaled - best, axis=1)[::2],
    "ko",
    markerfacecolor="none",
    label="Adam, loss × 1000",
)
ax.text(24, 2, "rings: Adam, loss × 1000")
ax.set_title("Multiply the loss by 1000: Adam takes the same path")
plots.show(
    figure,
    "Distance to the minimum over 50 steps. The rings of Adam with 1000 times the loss "
    "lie on Adam's own curve. SGD converges, but with 1.2 times the loss it diverges.",
)
gap = np.abs(walks["Adam"] - scaled).max()
same = np.abs(walks["Adam"] - descend(lambda params: torch.optim.Adam(params, lr=0.3))).max()
print(f"Largest gap between your Adam with the loss and with 1000 times the loss: {gap:.5f}")
print(f"Largest gap between your Adam and PyTorch's: {same:.5f}")

# %% [markdown]
# <details>
# <summary>Explain: what is left of the scale?</summary>
# <p>
# Only $\epsilon$. It is added to $\sqrt{\hat v}$, so it matters where gradients are as small as $\epsilon$ itself. With
# $\epsilon = 10^{-8}$ you rarely see it. The Keras documentation also names 0.1 and 1, for one Inception network: where
# gradients are smaller than that, Adam behaves like SGD with momentum.
# </p>
# </details>
#
# ## AdamW: decay outside the gradient
#
# In (5) the decay $wd\cdot\theta$ goes through (1) to (4) with the rest of the gradient, and so it is divided by $\sqrt{\hat v}$. A weight with large
# gradients is hardly decayed, and one with tiny gradients is decayed hard. Loshchilov and Hutter (2019) decouple the two.
# First shrink the parameter by the same factor everywhere, then take Adam's step without (5):
#
# $$\theta_{t-1} \leftarrow \theta_{t-1} - lr \cdot wd \cdot \theta_{t-1} \tag{6}$$

# %% [markdown]
# ## Exercise 3: AdamW (3 points)
#
# `AdamW` differs from `Adam` in one line, so the skeleton below inherits from it: `super().step()` is your own `Adam.step`. What
# does your `Adam` have to be told so that it leaves (5) out? If you would rather write the class out in full, do so; only what it
# does is judged. Whatever you inherit is judged as it is.


# %% nbgrader={"grade": false, "grade_id": "AdamW", "locked": false, "schema_version": 3, "solution": true, "task": false}
class AdamW(Adam):
    """Adam with decoupled weight decay, formulas (6) and then (1) to (4).

    The interface and the promises of Adam, zero_grad() among them: in place, own t for each parameter,
    gradients unchanged, self.lr read at every step. Only weight_decay means (6) here, and not (5).

    Raises:
        ValueError: lr, eps or weight_decay is negative, or a beta is outside [0, 1).
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        """Keep the parameters and the settings."""
        ### BEGIN SOLUTION
        super().__init__(params, lr, betas, eps, weight_decay=0.0)  # no L2 term (5)
        if weight_decay < 0:
            raise ValueError("weight_decay must not be negative.")
        self.decoupled_decay = weight_decay
        ### END SOLUTION

    @torch.no_grad()
    def step(self):
        """Shrink every parameter that has a gradient, in place, then take Adam's step."""
        ### BEGIN SOLUTION
        for theta in self.params:
            if theta.grad is not None:
                theta -= self.lr * self.decoupled_decay * theta  # (6)
        super().step()  # (1) to (4)
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_AdamW", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("AdamW", AdamW)

# %% [markdown]
# ### Experiment: who decays what
#
# A network with 32 hidden units learns the digits three times with the same start and the same batches: without decay, with your
# `Adam` and the L2 term (5), with your `AdamW` and (6). Each of the 64 pixels has 32 weights in the first layer. The figure
# shows how much smaller they end than without decay.
#
# Pixels at the edge are white in nearly every image. Their weights get almost no gradient from the loss.
#
# **Predict.** What does (5) do to these quiet weights, once it is divided by $\sqrt{\hat v}$? What does (6) do to them?


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "who_decays_what", "locked": true, "schema_version": 3, "solution": false, "task": false}
def trained(make_optimizer):
    """First-layer weight norm of each pixel, (64,), and the training loss after 10 epochs."""
    model = training.network(seed=0)
    training.train(model, make_optimizer, digits.X_train, digits.y_train, steps=230)
    norms = model[0].weight.detach().norm(dim=0).numpy()
    return norms, training.evaluate(model, digits.X_train, digits.y_train)[0]


plain, _ = trained(lambda params: Adam(params, lr=0.01))
coupled, coupled_loss = trained(lambda params: Adam(params, lr=0.01, weight_decay=1e-3))
decoupled, decoupled_loss = trained(lambda params: AdamW(params, lr=0.01, weight_decay=0.1))
brightness = digits.X_train.mean(axis=0)
figure, ax = plt.subplots()
ax.scatter(brightness, decoupled / plain, marker="o", color=plots.PALETTE[3], s=28)
ax.scatter(brightness, coupled / plain, marker="^", color=plots.PALETTE[0], s=28)
ax.text(0.3, 1.04, "AdamW, decoupled decay (6)", color=plots.PALETTE[3], weight="bold")
ax.text(0.3, 0.45, "Adam, L2 in the gradient (5)", color=plots.PALETTE[0], weight="bold")
ax.set(xlabel="mean ink of the pixel (0 white, 1 black)", ylabel="weights, relative to no decay")
ax.set_title("L2 inside Adam wipes out the quiet weights, AdamW does not")
plots.show(
    figure,
    "Weight norm of 64 pixels relative to training without decay, against the pixel's "
    "mean ink. With AdamW nearly all lie close to 0.9. With L2 in Adam the pixels that "
    "are nearly always white fall to 0, dark ones stay near 0.9.",
)
print(f"training loss: Adam with L2 {coupled_loss:.2f}, AdamW {decoupled_loss:.2f}")

# %% [markdown]
# <details>
# <summary>Explain: the pixels with no ink at all are at 0 and at 0.79. Why?</summary>
# <p>
# They get no gradient from the loss, so in (5) $g = wd\cdot\theta$ is all there is. Adam divides it by its own size: each
# step is about $lr = 0.01$, whatever $wd$ is, and weights of at most 0.125 are gone after about a dozen steps. In (6) the same
# weights shrink by the factor $1 - lr\cdot wd = 0.999$ at every step, and $0.999^{230} = 0.79$.
# </p>
# <p>
# The two $wd$ are not comparable: 0.001 and 0.1 were chosen because they give about the same training loss.
# </p>
# </details>

# %% [markdown]
# ## Conventions
#
# The same name stands for slightly different formulas. The first step, from $\theta = 0$, $m_0 = v_0 = 0$ and with the default
# betas, shows by how much. The step is given in units of $lr$, for an ordinary gradient and for a tiny one.
#
# | where | denominator | $\epsilon$ | step, $g = 0.5$ | step, $g = 10^{-6}$ |
# |---|---|---|---|---|
# | the paper, Algorithm 1; this lesson | $\sqrt{\hat v} + \epsilon$ | 1e-8 | 1.000 | 0.990 |
# | PyTorch, `torch.optim.Adam` | the same | 1e-8 | 1.000 | 0.990 |
# | the paper's faster order, end of section 2 | $\sqrt{v} + \hat\epsilon$ | 1e-8 | 1.000 | 0.760 |
# | Keras | $\sqrt{v} + \hat\epsilon$ | 1e-7 | 1.000 | 0.240 |
# | some course notes | $\sqrt{\hat v + \epsilon}$ | 1e-8 | 1.000 | 0.010 |
# | other notes: no correction | $\sqrt{v} + \epsilon$ | 1e-8 | 3.162 | 2.403 |
#
# In rows 3 and 4 the step is $lr \cdot \frac{\sqrt{1-\beta_2^t}}{1-\beta_1^t} \cdot \frac{m}{\sqrt v + \hat\epsilon}$. That is (4) when
# $\hat\epsilon = \epsilon\sqrt{1-\beta_2^t}$; a constant $\hat\epsilon$ is not the same thing, above all in early steps.


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "conventions", "locked": true, "schema_version": 3, "solution": false, "task": false}
def first_step(rule):
    return "  ".join(f"{rule(g, 0.1 * g, 0.001 * g**2):.3f}" for g in (0.5, 1e-6))


def pytorch_step(g, m, v):
    theta = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    theta.grad = torch.full_like(theta, g)
    torch.optim.Adam([theta], lr=1.0).step()
    return -theta.item()


early = math.sqrt(0.001) / 0.1  # of the faster order, at t = 1
print("paper, Algorithm 1 ", first_step(lambda g, m, v: (m / 0.1) / (math.sqrt(v / 0.001) + 1e-8)))
print("PyTorch            ", first_step(pytorch_step))
print("paper, faster order", first_step(lambda g, m, v: early * m / (math.sqrt(v) + 1e-8)))
print("Keras              ", first_step(lambda g, m, v: early * m / (math.sqrt(v) + 1e-7)))
print("eps in the root    ", first_step(lambda g, m, v: (m / 0.1) / math.sqrt(v / 0.001 + 1e-8)))
print("no correction      ", first_step(lambda g, m, v: m / (math.sqrt(v) + 1e-8)))

# %% [markdown]
# Weight decay has conventions too. In PyTorch `weight_decay` means (5) in `Adam` and (6) in `AdamW`, where the default is 0.01 and not 0.
# PyTorch's (6) has the factor $lr$. The AdamW paper has the schedule's factor alone there, so its $\lambda$ is our $lr \cdot wd$ at the
# initial rate.
#
# ## Experiment: how well do you have to choose lr?
#
# The same network learns the digits for 6 epochs, once for each of twelve learning rates and four optimisers. Adam is yours, the other three are PyTorch's with
# their defaults (momentum 0.9).
#
# **Predict.** Which optimiser reaches the lowest loss if you choose its best rate? Which one allows the largest error in that choice? Guess a number:
# how many of the twelve rates bring each below a loss of 0.3?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "loss_against_lr", "locked": true, "schema_version": 3, "solution": false, "task": false}
contenders = {
    "SGD": lambda params, lr: torch.optim.SGD(params, lr=lr),
    "momentum": lambda params, lr: torch.optim.SGD(params, lr=lr, momentum=0.9),
    "RMSprop": lambda params, lr: torch.optim.RMSprop(params, lr=lr),
    "Adam": lambda params, lr: Adam(params, lr=lr),
}
rates = 10.0 ** (np.arange(12) / 3 - 3)  # 0.001 to 4.6


def final_loss(make_optimizer, lr):
    model = training.network(seed=0)
    training.train(
        model, lambda params: make_optimizer(params, lr), digits.X_train, digits.y_train, steps=138
    )
    return training.evaluate(model, digits.X_train, digits.y_train)[0]


finals = {name: np.array([final_loss(make, lr) for lr in rates]) for name, make in contenders.items()}
for name, losses in finals.items():
    good = np.sum(losses < 0.3)
    rate = rates[losses.argmin()]
    print(f"{name:9} best loss {losses.min():.2f} at lr = {rate:.2g}; below 0.3 at {good} of 12 rates")

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "loss_against_lr_figure", "locked": true, "schema_version": 3, "solution": false, "task": false}
figure, ax = plt.subplots()
ax.set(xlabel="learning rate", ylabel="training loss after 6 epochs (nats)", xscale="log", yscale="log")
ax.set(xlim=(8e-4, 5.5), ylim=(0.05, 4), yticks=[0.1, 0.3, 1, 3], yticklabels=["0.1", "0.3", "1", "3"])
for name, losses in finals.items():
    style = plots.OPTIMISERS[name]
    ax.plot(rates, losses, label=name, marker="o", markersize=4, **style)
    lowest = (rates[losses.argmin()], 0.86 * losses.min())
    side = "right" if name == "RMSprop" else "center"
    ax.text(*lowest, name, color=style["color"], weight="bold", ha=side, va="top")
ax.axhline(math.log(10), color="0.6", linewidth=1)
ax.text(1e-3, 1.06 * math.log(10), "guessing: log 10", color="0.35")
ax.set_title("All four learn the digits, at rates a hundredfold apart")
plots.show(
    figure,
    "Training loss after 6 epochs against the learning rate, both on log axes. Each "
    "optimiser has a valley with a floor near 0.1. It lies near 0.01 for RMSprop, 0.02 "
    "for Adam, 0.1 for momentum and 1 for SGD, whose valley is the narrowest.",
)

# %% [markdown]
# <details>
# <summary>Explain: is Adam the best of the four here?</summary>
# <p>
# After 6 epochs it is a little ahead: 0.09, to momentum's 0.11. After 12 epochs the two tie at 0.02. What differs more is how
# well you have to aim. For SGD only two rates in a row are good, and the next one no longer learns at all. The others allow four or five,
# a factor of 10 or 20 between the smallest and the largest.
# </p>
# <p>
# The place of the valley matters too. SGD's moves with the scale of the loss: sum over the batch of 64 instead of taking the mean,
# and every good rate is 64 times smaller. Adam's stays, as you saw on the ravine. So a rate found on one problem is a fair
# guess for the next.
# </p>
# </details>
#
# ## Experiment: a race, with sliders
#
# Back on the ravine. A run counts as settled when the loss is within 1% of the way from the minimum to the start, and stays there. The
# sliders start at $lr = 0.3$ and the default betas, which takes 34 steps.
#
# **Goal:** settle in 10 steps or fewer. **Predict** first: the gradient here has no noise. Should Adam remember more than it does
# by default, or less?


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "race", "locked": true, "schema_version": 3, "solution": false, "task": false}
def race(lr, beta1, beta2, steps=100):
    """The points that your adam_update visits, (steps + 1, 2), and the step from which it has settled."""
    theta = m = v = np.zeros(2)
    points = [theta]
    for t in range(1, steps + 1):
        grad = 2 / len(y) * A.T @ (A @ theta - y)
        theta, m, v = adam_update(theta, grad, m, v, t, lr, beta1, beta2)
        points.append(theta)
    points = np.array(points)
    above = ravine(*points.T) - ravine(*best)
    settled = np.flatnonzero(above > 0.01 * above[0])[-1] + 1
    return points, settled if settled <= steps else math.inf


def draw_race(lr=0.3, beta1=0.9, beta2=0.999):
    points, settled = race(lr, beta1, beta2)
    figure, ax = plt.subplots()
    plots.contours(ax, ravine, (-0.8, 8.8), (-1, 5.5))
    plots.path(ax, points, "Adam", goal=best)
    result = f"Settled after {settled:.0f} steps" if settled < math.inf else "Not settled after 100 steps"
    verdict = "Goal reached!" if settled <= 10 else "Goal: 10 or fewer."
    ax.set(xlabel="intercept b", ylabel="slope w", title=f"{result}. {verdict}")
    return figure


lrs = [0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0]
beta1s = [0.0, 0.5, 0.7, 0.8, 0.9, 0.95]
plots.sliders(draw_race, lr=lrs, beta1=beta1s, beta2=[0.5, 0.9, 0.99, 0.999])

# %% [markdown]
# The next figure is the map of this game, without sliders: each field is one run with $\beta_2 = 0.999$.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "race_map", "locked": true, "schema_version": 3, "solution": false, "task": false}
needed = np.array([[race(lr, beta1, 0.999)[1] for lr in lrs] for beta1 in beta1s])
labels = np.where(needed <= 100, np.char.mod("%.0f", needed), ">100")
figure, ax = plt.subplots()
sns.heatmap(np.minimum(needed, 100), annot=labels, fmt="", cmap="Blues", linewidths=1, cbar=False, ax=ax)
ax.set(xlabel="lr", ylabel="beta1", xticklabels=lrs, yticklabels=beta1s)
ax.tick_params("y", rotation=0)
ax.set_title("Steps until settled: without noise, a short memory wins")
plots.show(
    figure,
    "Steps until settled for nine learning rates and six values of beta1. With beta1 = "
    "0.5 and lr = 1 it takes 5 steps, with beta1 = 0.9 never fewer than 31, with 0.95 "
    "more than 60.",
)

# %% [markdown]
# <details>
# <summary>Explain: then why is 0.9 the default?</summary>
# <p>
# Here every gradient is exact, so an old gradient only tells $m$ where the slope used to point: the path overshoots and
# comes back. Training uses mini-batches. Their gradients are noisy, and an average over ten of them has much less noise. Values
# around 0.9 are a compromise that works for many networks.
# </p>
# </details>
#
# ## Experiment: leaving a saddle
#
# At a minimum of $n$ parameters the loss curves up in all $n$ directions. If each were up or down by the toss of a coin, that would happen
# once in $2^n$ cases. So in high dimension almost every flat point is a saddle: up in some directions, down in others (Dauphin and others, 2014).
#
# Take $\frac12(p^2 - q^2)$, which is flat at $(0, 0)$, and start at $(1, 10^{-6})$. The way out is along $q$, where the gradient is tiny.
#
# **Predict.** All three below have $lr = 0.1$. How many steps until $|q| > 1$?


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "saddle", "locked": true, "schema_version": 3, "solution": false, "task": false}
def steps_to_leave(make_optimizer):
    theta = torch.tensor([1.0, 1e-6], dtype=torch.float64, requires_grad=True)
    optimizer = make_optimizer([theta])
    for step in range(1, 1001):
        optimizer.zero_grad()
        (0.5 * (theta[0] ** 2 - theta[1] ** 2)).backward()
        optimizer.step()
        if abs(theta[1].item()) > 1:
            return step


print("SGD     ", steps_to_leave(lambda params: torch.optim.SGD(params, lr=0.1)), "steps")
print("momentum", steps_to_leave(lambda params: torch.optim.SGD(params, lr=0.1, momentum=0.9)), "steps")
print("Adam    ", steps_to_leave(lambda params: Adam(params, lr=0.1)), "steps")

# %% [markdown]
# <details>
# <summary>Explain</summary>
# <p>
# SGD's step along $q$ is a tenth of a tiny gradient. Adam divides the gradient by its own size and leaves at about $lr$ a
# step. The same property has a price: where a gradient is little more than noise, Adam still takes sizeable steps.
# </p>
# </details>
#
# ## Recap
#
# 1. $m$ averages gradients and steers; $v$ averages their squares and sets the stride of each parameter.
# 2. Both start at zero; without (3) the first steps are 3 to 7 times too long.
# 3. A step is about $lr$ or less, and does not depend on the scale of the loss.
# 4. L2 inside Adam decays weights unevenly; AdamW shrinks all by the same factor.
# 5. Adam forgives a badly chosen rate better than SGD does. It does not always find the best network.

# %% [markdown]
# ## Where it breaks
#
# - **Well-tuned SGD with momentum** often generalises as well or better for convolutional networks on images (Wilson and others, 2017). When
#   everything is tuned, $\epsilon$ included, Choi and others (2019) never found Adam worse. For Transformers, AdamW is the usual choice.
# - **It sees axes only.** Each parameter has its own stride, so it helps little in a ravine that lies diagonally across the parameters.
# - **It can forget.** There are convex problems where rare, large gradients fade from $v$ too soon and Adam does not converge (Reddi and others, 2018);
#   AMSGrad is a remedy.
# - **It does not stop.** With a constant $lr$ and noisy gradients it hovers around the minimum. Lesson 06 lets the rate fall.
# - **It takes memory:** $m$ and $v$ are two more copies of the parameters.

# %% [markdown]
# ## Further
#
# - D. Kingma and J. Ba (2015). Adam: A Method for Stochastic Optimization. ICLR. arXiv:1412.6980
# - I. Loshchilov and F. Hutter (2019). Decoupled Weight Decay Regularization. ICLR. arXiv:1711.05101
# - A. Wilson and others (2017). The Marginal Value of Adaptive Gradient Methods in Machine Learning. NeurIPS. arXiv:1705.08292;
#   with the reply of D. Choi and others (2019). On Empirical Comparisons of Optimizers for Deep Learning. arXiv:1910.05446
# - Y. Dauphin and others (2014). Identifying and attacking the saddle point problem in high-dimensional non-convex optimization. NeurIPS. arXiv:1406.2572
