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
# *About 80 minutes, 10 points. It builds on lessons 02 (averages), 03 (momentum) and 04 (RMSprop).*
#
# ## The problem
#
# Fit a line to 100 points that were made from $y = 4 + 3x$ and a little noise. There are two parameters, the intercept $b$ and the slope $w$.
# The loss is the mean squared error. Its surface is a ravine: along $b$ it curves 12 times as much as along $w$.
#
# The first cell makes the data and the loss. A run counts as **settled** once its loss stays within 1% of the way from the minimum to the start.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
from functools import partial

import numpy as np
import torch

from course import check, data, predict, quiz, training
from course.figures import lesson_05 as figures
from course.figures import trainer

x = np.linspace(-0.5, 0.5, 100)
y = 4 + 3 * x + 0.2 * np.random.default_rng(0).normal(size=100)
A = np.stack([np.ones(100), x], axis=1)  # a column for b and a column for w
best = np.linalg.lstsq(A, y, rcond=None)[0]


def loss(theta):
    return np.mean((theta @ A.T - y) ** 2, axis=-1)


def settled(points):
    above = loss(points) - loss(best)
    late = np.flatnonzero(~(above <= 0.01 * above[0]))[-1] + 1
    return late if late < len(points) else np.inf


# %% nbgrader={"grade": false, "grade_id": "descend", "locked": true, "schema_version": 3, "solution": false, "task": false}
def descend(make_optimizer, factor=1, steps=50):
    """Every point of a walk from (0, 0) down the loss times a factor, shape (steps + 1, 2)."""
    theta = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    optimizer = make_optimizer([theta])
    points = [theta.tolist()]
    for _ in range(steps):
        optimizer.zero_grad()
        residuals = torch.from_numpy(A) @ theta - torch.from_numpy(y)
        (factor * torch.mean(residuals**2)).backward()
        optimizer.step()
        points.append(theta.tolist())
    return np.array(points)


# %% [markdown]
# Gradient descent (SGD) and Adam both start at $(0, 0)$. Each gets its own best rate, the one of 0.1, 0.2, up to 1.0 with which it settles first. Then each
# walks once more with that same rate, while the loss is the *sum* of the 100 squares instead of their mean. In this one cell both are
# PyTorch's. Further down you replace Adam by yours.
#
# **Predict.** With the mean, each at its best rate: which of the two settles first, "SGD" or "Adam"?

# %%
predict("tuned_ravine", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "tuned_paths", "locked": true, "schema_version": 3, "solution": false, "task": false}
rates = np.arange(1, 11) / 10
chosen, paths = {}, {}
for name, kind in (("SGD", torch.optim.SGD), ("Adam", torch.optim.Adam)):
    chosen[name] = min(rates, key=lambda lr, kind=kind: settled(descend(partial(kind, lr=lr))))
    tuned = partial(kind, lr=chosen[name])
    paths[name] = descend(tuned)
    paths[f"{name}, summed"] = descend(tuned, factor=len(y))
figures.tuned_paths(loss, best, paths, chosen, settled)

# %% [markdown]
# <details><summary>What to see</summary>
#
# SGD wins: it settles at step 7, Adam at step 28. On a small, smooth problem a well-chosen rate is hard to beat.
#
# But that rate belongs to this one loss. Take the sum instead of the mean, and the first step of SGD leads to $b = 562$. Adam takes the same path as before.
#
# Every change of the loss, the data or the network changes the size of the gradients, and the search for SGD's rate begins again. A rate that carries over is why so many use Adam, although it does
# not win every race. The rest of the lesson shows how it does this, and what it costs.
#
# </details>

# %% [markdown]
# ## At the end you can
#
# - write the Adam update from its four formulas and say what each one is for;
# - say what goes wrong without the bias correction, and by how much;
# - build `Adam` and `AdamW` with PyTorch's interface, and explain why weight decay belongs outside the gradient;
# - turn a paper's pseudocode into code.
#
# The experiments run your own code: when one stops with `NotImplementedError`, fill in the exercise above it first.
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
# At $t = 1$, $m_1 = 0.1\, g_1$: only a tenth of the gradient, because the other nine tenths are the zero that it started
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
# Formulas (1) to (4) are Algorithm 1 of Kingma and Ba (2015). Two things follow from (4):
#
# - **The step is about $lr$ or less.** If gradients agree, $|\hat m| = \sqrt{\hat v}$ and each element moves by $lr$. If they
#   disagree, $\hat m$ shrinks and $\sqrt{\hat v}$ does not, so the step is shorter. Only a
#   burst of large gradients after a long quiet gives longer ones, up to 7.3 $lr$ with the default betas.
# - **The scale cancels.** Multiply the loss by 1000: $\hat m$ and $\sqrt{\hat v}$ both grow by 1000, and the step stays.

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
# ## Exercise 1: the update rule
#
# *2.5 points · difficulty 2 of 5 · about 10 minutes*
#
# Write formulas (1) to (4), line for line, in NumPy. `m_hat` stands for $\hat m_t$, `v_hat` for $\hat v_t$. Return the
# averages $m_t$ and $v_t$, not their corrected values.


# %% nbgrader={"grade": false, "grade_id": "adam_update", "locked": false, "schema_version": 3, "solution": true, "task": false}
def adam_update(theta, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    """One step of Adam, formulas (1) to (4).

    Args:
        theta: the parameters, a float64 array of any shape; also a single number (shape ()).
        grad, m, v: gradient and averages before the step, in the shape of theta; grad may be
            zero.
        t: the number of this step, counted from 1.
        lr, beta1, beta2, eps: numbers, as in the formulas.

    Returns:
        (theta, m, v) after the step: new arrays in the shape of theta. The inputs stay unchanged,
        and the results share no memory with them, also where nothing changes.
    """
    ### BEGIN SOLUTION
    m = beta1 * m + (1 - beta1) * grad  # (1)
    v = beta2 * v + (1 - beta2) * grad**2  # (2)
    m_hat = m / (1 - beta1**t)  # (3)
    v_hat = v / (1 - beta2**t)  # (3)
    theta = theta - lr * m_hat / (np.sqrt(v_hat) + eps)  # (4)
    return theta, m, v
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_adam_update", "locked": true, "points": 2.5, "schema_version": 3, "solution": false, "task": false}
check("adam_update", adam_update)

# %% [markdown]
# ### The forces, step by step
#
# Press play. Your `adam_update` walks down the ravine with the rate that was best for it. Watch when $m$ and the gradient part ways, and what the step does then. The bars
# show which part of $lr$ each parameter uses.


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "forces", "locked": true, "schema_version": 3, "solution": false, "task": false}
def walk(lr, beta1=0.9, beta2=0.999, steps=100):
    """All points of your adam_update, (steps + 1, 2), and m and v after each step."""
    theta = m = v = np.zeros(2)
    points, averages = [theta], []
    for t in range(1, steps + 1):
        theta, m, v = adam_update(theta, gradient(theta), m, v, t, lr, beta1, beta2)
        points.append(theta)
        averages.append((m, v))
    return np.array(points), np.array(averages)


def gradient(theta):
    return 2 / len(y) * A.T @ (A @ theta - y)


figures.moving_averages(loss, best, gradient, *walk(chosen["Adam"], steps=40))

# %% [markdown]
# ### Experiment: a race, with sliders
#
# On this ravine the gradient has no noise. The sliders start at $lr = 0.3$ and the default betas, which settles at step 34.
#
# **Predict.** To settle sooner, should $m$ have a "shorter" or a "longer" memory than by default?

# %%
predict("race_memory", ...)

# %% [markdown]
# **Goal:** settle at step 10 or earlier. Then turn $\beta_2$ down to 0.9: is a short memory good for $v$ as well?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "race", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.race(loss, best, walk, settled)

# %% [markdown]
# The same without sliders, for $\beta_2 = 0.999$. A dash means that the run has not settled within 100 steps.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "race_map", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.race_map(walk, settled)

# %% [markdown]
# <details><summary>Explain: then why is 0.9 the default?</summary>
#
# Here every gradient is exact. An old gradient only tells $m$ where the slope used to point, so the path overshoots and comes back. Mini-batches have noisy gradients, and
# an average over ten of them has much less noise. Values around 0.9 are a compromise that works for many networks.
#
# For $v$ a short memory is bad even here. Near the minimum gradients are small; a $v$ that forgets shrinks with them, and the steps stay as long as $lr$.
#
# </details>

# %% [markdown]
# ### Experiment: the first twenty steps
#
# Is the correction worth the trouble? You can switch it off in your own function: pass an enormous `t`. Then
# $\beta^t$ is 0 and (3) divides by 1. Let the gradient be 1 all the time.
#
# **Predict.** With the default betas and no correction, how long is the first step, in units of $lr$? Look at both averages, and at the root.

# %%
predict("first_step_length", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "step_lengths", "locked": true, "schema_version": 3, "solution": false, "task": false}
lengths = {}
for name, later in (("corrected", 0), ("not corrected", 10**9)):
    theta = m = v = np.array(0.0)
    positions = [theta]
    for t in range(1, 21):
        theta, m, v = adam_update(theta, np.array(1.0), m, v, t + later, lr=1.0)
        positions.append(theta)
    lengths[name] = -np.diff(positions)
figures.step_lengths(lengths)

# %% [markdown]
# <details><summary>Explain: why too long, when m is too small? And does it hurt?</summary>
#
# Both averages are too small, but $v$ more so, and $v$ is in the denominator. The step is $(1-\beta_1^t)/\sqrt{1-\beta_2^t}$ times as long as it
# should be: $0.1/\sqrt{0.001} = 3.16$ times at $t = 1$, and 6.57 times at $t = 12$, as $m$ recovers faster than $v$. The factor is within 5% of 1 only from step 2375 on.
#
# A smaller $lr$ makes up for it. Each at its best of twelve rates, our trainer even ends lower *without* the correction after 138 updates: 0.030 against 0.048,
# in four of five seeds. By then the factor has fallen from 6.6 to 2.8. That is a learning rate that decays, by accident; lesson 06 does it on purpose. With the correction, $lr$ always means the same.
#
# </details>

# %% [markdown]
# ## Exercise 2: the optimiser
#
# *3.5 points · difficulty 3 of 5 · about 15 minutes*
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
        params: the tensors to train, of any shapes, also (); any iterable, it may be a generator,
            which can be read only once.
        lr: learning rate, kept in self.lr: 0 is fine.
        betas: (beta1, beta2), each in [0, 1).
        eps, weight_decay: numbers, 0 or more.

    Raises:
        ValueError: lr, eps or weight_decay is negative, or a beta is outside [0, 1).
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        """Keep parameters and settings; m and v start as zeros, t at 0, for each parameter."""
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

        Reads self.lr each time. A parameter whose grad is None is skipped, and its t does not
        advance; a grad of zeros is a step like any other. Leaves every grad unchanged, so that
        step() may be called again with the same one.
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


# %% nbgrader={"grade": true, "grade_id": "check_Adam", "locked": true, "points": 3.5, "schema_version": 3, "solution": false, "task": false}
check("Adam", Adam)

# %% [markdown]
# ## Experiment: how well do you have to choose lr?
#
# Our trainer learns the digits for 6 epochs with batches of 64, five seeds, at twelve rates from 0.001 to 4.6, each 2.15 times the one before. SGD, momentum (0.9), RMSprop and Adam
# were measured beforehand, as were their bands; your own Adam runs now, at four of the rates. The cell also defines the trainer for the experiments below.
#
# **Predict.** Each at its best rate: which reaches the lowest training loss, "SGD", "momentum", "RMSprop" or "Adam"?

# %%
predict("best_of_four", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "loss_against_lr", "locked": true, "schema_version": 3, "solution": false, "task": false}
digits = data.digits()


def trained(make_optimizer, pixels=1, factor=1, steps=138):
    """Five digits networks, their pixels and their loss multiplied, and the training losses."""

    def scaled(params):
        params = list(params)
        for theta in params:
            theta.register_hook(lambda g: factor * g)
        return make_optimizer(params)

    X, models = pixels * digits.X_train, training.networks(seeds=5)
    training.train_each(models, scaled, X, digits.y_train, steps)
    return models, training.evaluate_each(models, X, digits.y_train)[0]


own = {lr: trained(partial(Adam, lr=lr))[1] for lr in (0.001, 0.01, 0.1, 1.0)}
figures.loss_against_lr(own)

# %% [markdown]
# <details><summary>Explain: is Adam the best of the four?</summary>
#
# By a narrow margin: 0.048 to momentum's 0.056, lower in four of five seeds. On test images it is 0.087 to 0.097. Another network may well turn this round.
#
# What differs more is how well you have to aim. Of the twelve rates 2 bring SGD below a loss of 0.3, 4 momentum, 5 each RMSprop and Adam. And the valley of SGD ends in a cliff: the
# next rate after its best one no longer learns at all.
#
# </details>

# %% [markdown]
# ## Experiment: one rate for three jobs
#
# Now the trainer gets two more jobs. In one, the loss is summed over the 64 images of a batch. In the other the pixels run from 0 to 16, as the data set stores them. The images, and
# what is to be learnt, stay the same.
#
# You may choose a single learning rate for all three jobs. The best one is that whose *worst* job ends lowest.
#
# **Predict.** Momentum at its best single rate: is the loss of its worst job nearest to "0.08", "0.3" or "1"?

# %%
predict("one_rate", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "three_jobs", "locked": true, "schema_version": 3, "solution": false, "task": false}
jobs = {"as before": (1, 1), "loss summed": (1, 64), "pixels 0 to 16": (16, 1)}
adam = partial(Adam, lr=10 ** (-5 / 3))
figures.three_jobs({job: trained(adam, *scales)[1] for job, scales in jobs.items()})

# %% [markdown]
# <details><summary>Explain: what does Adam forgive, and what not?</summary>
#
# The best single rate of momentum is 0.01, and its worst job ends at 1.02. Adam's is 0.022, and all three jobs end at 0.08. A factor on the loss cancels in (4): where runs are stable,
# the first two valleys of Adam are the same.
#
# Larger pixels are another matter. They make each *weight* count for more, and Adam's steps are as long as ever. Its valley moves too, from 0.046 to 0.01: at 0.046, the best rate for
# the first job, the third ends at 0.74. Adam spares you a search over decades, not the search.
#
# </details>

# %% [markdown]
# ## AdamW: decay outside the gradient
#
# In (5) the decay $wd\cdot\theta$ goes through (1) to (4) with the rest of the gradient, and so it is divided by $\sqrt{\hat v}$: what the loss asks of a weight decides how hard it decays. Loshchilov and
# Hutter (2019) decouple the two. First shrink the parameter by the same factor everywhere, then take Adam's step without (5):
#
# $$\theta_{t-1} \leftarrow \theta_{t-1} - lr \cdot wd \cdot \theta_{t-1} \tag{6}$$

# %% [markdown]
# ## Exercise 3: AdamW
#
# *2.5 points · difficulty 2 of 5 · about 8 minutes*
#
# `AdamW` differs from `Adam` in one line, so the skeleton below inherits from it: `super().step()` is your own `Adam.step`. What
# does your `Adam` have to be told so that it leaves (5) out? If you would rather write the class out in full, do so: only what it
# does is judged. Whatever you inherit is judged as it is.


# %% nbgrader={"grade": false, "grade_id": "AdamW", "locked": false, "schema_version": 3, "solution": true, "task": false}
class AdamW(Adam):
    """Adam with decoupled weight decay, formulas (6) and then (1) to (4).

    The interface and the promises of Adam, zero_grad() among them: in place, own t for each
    parameter, gradients unchanged, self.lr read at every step. Only weight_decay means (6) here, and
    not (5).

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


# %% nbgrader={"grade": true, "grade_id": "check_AdamW", "locked": true, "points": 2.5, "schema_version": 3, "solution": false, "task": false}
check("AdamW", AdamW)

# %% [markdown]
# ### Experiment: who decays what
#
# The trainer learns the digits for 10 epochs three times, from the same starts and on the same batches: without decay, with your
# `Adam` and (5), with your `AdamW` and (6). Each of the 64 pixels has 32 weights in the first layer. The figure
# shows how much smaller they end than without decay. The two $wd$ were chosen so that the training losses end nearly alike, 0.090 and 0.095.
#
# Pixels at the edge are white in nearly every image. Their weights get almost no gradient from the loss.
#
# **Predict.** What does (5) do to these quiet weights, once it is divided by $\sqrt{\hat v}$? Are they "kept", shrunk "like all" others, or "wiped out"?

# %%
predict("quiet_weights", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "who_decays_what", "locked": true, "schema_version": 3, "solution": false, "task": false}
norms, losses = {}, {}
for name, make in {
    "no decay": partial(Adam, lr=0.01),
    "Adam, L2 in the gradient (5)": partial(Adam, lr=0.01, weight_decay=1e-3),
    "AdamW, decoupled decay (6)": partial(AdamW, lr=0.01, weight_decay=0.1),
}.items():
    models, losses[name] = trained(make, steps=230)
    norms[name] = models.first_weight.detach().norm(dim=1).numpy()
    print(f"{name:28} training loss {np.median(losses[name]):.3f}")
left = {name: norm / norms["no decay"] for name, norm in norms.items()}
figures.who_decays(digits.X_train.mean(axis=0), left)

# %% [markdown]
# <details><summary>Explain: the pixels with no ink at all are at 0 and at 0.79. Why?</summary>
#
# They get no gradient from the loss, so in (5) $g = wd\cdot\theta$ is all there is. Adam divides it by its own size: each
# step is about $lr = 0.01$, whatever $wd$ is, and weights of at most 0.125 are gone after about a dozen steps. In (6) the same
# weights shrink by the factor $1 - lr\cdot wd = 0.999$ at every step, and $0.999^{230} = 0.79$.
#
# </details>

# %% [markdown]
# ## A rare case
#
# One parameter $\theta$, kept between $-1$ and 1. One batch in 51 holds a rare case: its gradient is 60. All others have the gradient $-1$. Over 51 steps they add up to $60 - 50 = 10$, so
# the loss falls towards $\theta = -1$.
#
# Adam runs with $\beta_2 = 0.95$, which remembers about 20 steps, and $lr = 0.03$. Problems of this kind are due to Reddi and others (2018).
#
# **Predict.** Where does $\theta$ end up: near "-1", "0" or "1"? Ask how long a rare step is, and how long the 50 that follow are.

# %%
predict("rare_gradient", ...)


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "rare_gradient", "locked": true, "schema_version": 3, "solution": false, "task": false}
def rare_case(update, state, steps=6000):
    """Theta after each step of an update rule with so many arrays of state, (steps,)."""
    theta, *state = np.zeros(1 + state)
    path = []
    for t in range(1, steps + 1):
        grad = np.array(60.0 if t % 51 == 0 else -1.0)
        theta, *state = update(theta, grad, *state, t, lr=0.03, beta2=0.95)
        theta = np.clip(theta, -1, 1)
        path.append(theta)
    return np.array(path)


figures.rare_gradient({"Adam": rare_case(adam_update, 2)})

# %% [markdown]
# <details><summary>Explain</summary>
#
# In the step with the rare case $\sqrt{\hat v}$ jumps from about 1 to 13 at once, so the large gradient is divided by a large number. Then $v$ forgets it: after 50 more steps less than a tenth of
# it is left, and the many small gradients are divided by a small number again. Adam counts the rare case for less than it is worth.
#
# With the default $\beta_2 = 0.999$, Adam remembers long enough and ends at $-1$ here. A case that is rarer still would be forgotten again.
#
# </details>

# %% [markdown]
# ## Challenge: from the paper's pseudocode
#
# *1.5 points · difficulty 4 of 5 · about 12 minutes*
#
# Reddi and others (2018) cure this with AMSGrad. This is the loop of their Algorithm 2, in *their* symbols:
#
# 1. $g_t = \nabla f_t(x_t)$
# 2. $m_t = \beta_{1t}\, m_{t-1} + (1 - \beta_{1t})\, g_t$
# 3. $v_t = \beta_2\, v_{t-1} + (1 - \beta_2)\, g_t^2$
# 4. $\hat v_t = \max(\hat v_{t-1}, v_t)$ and $\hat V_t = \mathrm{diag}(\hat v_t)$
# 5. $x_{t+1} = \Pi_{\mathcal F, \sqrt{\hat V_t}}\big(x_t - \alpha_t\, m_t / \sqrt{\hat v_t}\big)$
#
# $\Pi_{\mathcal F}$ projects onto the set of allowed parameters. Here all are allowed, and $\beta_{1t}$ and $\alpha_t$ do not change. Write it the way **PyTorch** does: with the bias
# correction and the $\epsilon$ of Adam, where the maximum is taken *before* the correction. Beware of one symbol that means something else in this lesson.


# %% nbgrader={"grade": false, "grade_id": "amsgrad_update", "locked": false, "schema_version": 3, "solution": true, "task": false}
def amsgrad_update(theta, grad, m, v, v_max, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    """One step of AMSGrad with Adam's bias correction, as PyTorch has it.

    Args:
        theta: the parameters, a float64 array of any shape; also a single number (shape ()).
        grad, m, v: as in adam_update; grad may be zero.
        v_max: the largest v so far, element by element, in the shape of theta; zeros before the
            first step.
        t: the number of this step, counted from 1. It may be large.
        lr, beta1, beta2, eps: numbers, as in adam_update.

    Returns:
        (theta, m, v, v_max) after the step: new arrays in the shape of theta; m, v and v_max without
        the correction. The inputs stay unchanged, and the results share no memory with them.
    """
    ### BEGIN SOLUTION
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    v_max = np.maximum(v_max, v)
    m_hat = m / (1 - beta1**t)
    v_hat = v_max / (1 - beta2**t)
    theta = theta - lr * m_hat / (np.sqrt(v_hat) + eps)
    return theta, m, v, v_max
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_amsgrad_update", "locked": true, "points": 1.5, "schema_version": 3, "solution": false, "task": false}
check("amsgrad_update", amsgrad_update)

# %% [markdown]
# Does it cure the run? The same rare case, the same rate, your two functions:

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "cured", "locked": true, "schema_version": 3, "solution": false, "task": false}
paths = {"Adam": rare_case(adam_update, 2), "AMSGrad": rare_case(amsgrad_update, 3)}
figures.rare_gradient(paths)

# %% [markdown]
# ## Experiment: leaving a saddle
#
# At a minimum of $n$ parameters the loss curves up in all $n$ directions. If each were up or down by the toss of a coin, that would happen
# once in $2^n$ cases. So in high dimension almost every flat point is a saddle: up in some directions, down in others (Dauphin and others, 2014).
#
# Take $\frac12(p^2 - q^2)$, which is flat at $(0, 0)$, and start at $p = 1$ and a tiny $q$. The way out is along $q$, where the gradient is tiny too.
#
# **Predict.** From $q = 10^{-3}$, Adam with $lr = 0.1$ needs 11 steps until $q > 1$. How many from $q = 10^{-6}$?

# %%
predict("saddle_start", ...)


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "saddle", "locked": true, "schema_version": 3, "solution": false, "task": false}
def leave(make_optimizer, q, steps=30):
    """The points on the way out, (steps + 1, 2), and the step at which q passes 1."""
    theta = torch.tensor([1.0, q], dtype=torch.float64, requires_grad=True)
    optimizer, points = make_optimizer([theta]), [theta.tolist()]
    for _ in range(steps):
        optimizer.zero_grad()
        (0.5 * (theta[0] ** 2 - theta[1] ** 2)).backward()
        optimizer.step()
        points.append(theta.tolist())
    out = np.array(points)[:, 1] > 1
    return np.array(points), int(out.argmax()) if out.any() else np.inf


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "saddle_figure", "locked": true, "schema_version": 3, "solution": false, "task": false}
momentum = partial(torch.optim.SGD, momentum=0.9)
makers = {"SGD": torch.optim.SGD, "momentum": momentum, "Adam": Adam}
starts, lrs = 10.0 ** -np.arange(1, 13), (0.1, 0.3, 1.0, 1.9)
steps = {
    name: [min(leave(partial(make, lr=lr), q)[1] for lr in lrs) for q in starts]
    for name, make in makers.items()
}
paths = {name: leave(partial(makers[name], lr=0.1), 1e-3, 100)[0] for name in ("SGD", "Adam")}
figures.saddle(paths, starts, steps, leave(partial(Adam, lr=0.1), 1e-6)[1])

# %% [markdown]
# <details><summary>Explain: what is the price?</summary>
#
# SGD multiplies $q$ by $1 + lr$ at each step, so from a thousand times nearer it has a fixed number of steps more to go: 13 instead of 7 from $10^{-6}$, at the best rate of 0.1, 0.3, 1 and 1.9 (its limit is 2).
# Adam divides the gradient by its own size and moves by about $lr$ however tiny it is. Only below $\epsilon = 10^{-8}$ does the start begin to matter.
#
# The same property has a price. Where a gradient is little more than noise, Adam still takes sizeable steps.
#
# </details>

# %% [markdown]
# ## Conventions
#
# The same name stands for slightly different formulas. The first step, from $\theta = 0$, $m_0 = v_0 = 0$ and with the default
# betas, shows by how much. It is given in units of $lr$, for an ordinary gradient and for a tiny one.
#
# | where | denominator | eps | step, g = 0.5 | step, g = 0.000001 |
# |---|---|---|---|---|
# | the paper, Algorithm 1; this lesson | `sqrt(v_hat) + eps` | $10^{-8}$ | 1.000 | 0.990 |
# | PyTorch, `torch.optim.Adam` | `sqrt(v_hat) + eps` | $10^{-8}$ | 1.000 | 0.990 |
# | optax, `optax.adam` | `sqrt(v_hat + eps_root) + eps`, eps_root = 0 | $10^{-8}$ | 1.000 | 0.990 |
# | the paper's faster order, end of section 2 | `sqrt(v) + eps_hat` | $10^{-8}$ | 1.000 | 0.760 |
# | Keras, `keras.optimizers.Adam` | `sqrt(v) + eps_hat` | $10^{-7}$ | 1.000 | 0.240 |
# | some course notes | `sqrt(v_hat + eps)` | $10^{-8}$ | 1.000 | 0.010 |
# | other notes: no correction | `sqrt(v) + eps` | $10^{-8}$ | 3.162 | 2.403 |

# %% [markdown]
# In the rows with $\hat\epsilon$ the step is $lr \cdot \frac{\sqrt{1-\beta_2^t}}{1-\beta_1^t} \cdot \frac{m}{\sqrt v + \hat\epsilon}$. That is (4) when
# $\hat\epsilon = \epsilon\sqrt{1-\beta_2^t}$. A constant $\hat\epsilon$ is not the same thing, above all in early steps.
#
# **Weight decay.** In PyTorch `weight_decay` means (5) in `Adam` and (6) in `AdamW`, where the default is 0.01; in Keras' `AdamW` it is 0.004, in optax's 0.0001.
# The factor $lr$ in (6) is PyTorch's. The AdamW paper has only the schedule's factor there, so its $\lambda$ is our $lr \cdot wd$ at the initial rate.
#
# **AMSGrad.** PyTorch and Keras take the largest $v$ and then correct it. optax takes the largest corrected $\hat v$. The paper does not correct at all.

# %% [markdown]
# ## Quiz
#
# Put your answer in place of the dots and run the cell. There are no points.
#
# **1.** A model has 10 billion parameters, each a float32 number of 4 bytes. How many gigabytes ($10^9$ bytes) do Adam's averages add?

# %%
quiz("adam_memory", ...)

# %% [markdown]
# **2.** The gradient of a parameter is 0.001 at every step, and $lr = 0.1$. How far does Adam move it in step 50?

# %%
quiz("steady_gradient", ...)

# %% [markdown]
# **3.** After 100 steps of training, a parameter's gradient is exactly 0 from now on. What does Adam do with it?
#
# - (a) It stops at once.
# - (b) It coasts for some tens of steps.
# - (c) It divides 0 by 0.

# %%
quiz("gradient_stops", ...)

# %% [markdown]
# **4.** You stop a run, save only the weights, and go on the next day with a new Adam and the same $lr$.
#
# - (a) Nothing changes.
# - (b) The first steps are too small, as $m$ starts at 0.
# - (c) At first every weight moves by about $lr$, and the loss may jump.

# %%
quiz("fresh_optimizer", ...)

# %% [markdown]
# **5.** You multiply the loss by 1000, but not the weight decay. Which trains as before?
#
# - (a) `Adam` with (5).
# - (b) `AdamW` with (6).
# - (c) SGD with weight decay.

# %%
quiz("scaled_with_decay", ...)

# %% [markdown]
# **6.** A weight gets a gradient of 0 from the first step on. `AdamW` has $lr = 0.001$ and $wd = 0.1$. What share of the weight is left after 1000 steps?

# %%
quiz("decay_alone", ...)

# %% [markdown]
# ## What our trainer can do now
#
# The trainer steps with Adam, at the best of the twelve rates above, 0.046, and with the default betas. That brings it to 0.048, with one seed of five at 0.126. What it gained besides is room: with a rate
# that is half or double as large, the median stays below 0.09.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "trainer", "locked": true, "schema_version": 3, "solution": false, "task": false}
trainer.so_far("05_adam")

# %% [markdown]
# ## Recap
#
# 1. $m$ averages gradients and steers; $v$ averages their squares and sets the stride of each parameter.
# 2. Both start at zero. Without (3) the first steps are 3 to 7 times too long, and $lr$ means something else at every step.
# 3. A step is about $lr$ or less, and does not depend on the scale of the loss.
# 4. L2 inside Adam wipes out quiet weights; AdamW shrinks all by the same factor.
# 5. Tuned SGD may win on one problem. Adam's rate carries over to the next one better.

# %% [markdown]
# ## Where it breaks
#
# - **Well-tuned SGD with momentum** often generalises as well or better for convolutional networks on images (Wilson and others, 2017). When
#   everything is tuned, $\epsilon$ included, Choi and others (2019) never found Adam worse. For Transformers, AdamW is the usual choice.
# - **It sees axes only.** In a ravine with curvatures 1 and 1000 along the axes, Adam is 20 times nearer to the minimum after 44 steps. Turn the ravine by 45°, and it takes 348: the median of 12 starts, each at the
#   best of 25 rates from 0.01 to 100.
# - **It can forget,** as in the run above. AMSGrad costs a third array.
# - **It does not stop.** With a constant $lr$ and noisy gradients it hovers around the minimum. Lesson 06 lets the rate fall.
# - **It takes memory:** $m$ and $v$ are two more copies of the parameters.

# %% [markdown]
# ## Further
#
# - D. Kingma and J. Ba (2015). Adam: A Method for Stochastic Optimization. ICLR. arXiv:1412.6980
# - I. Loshchilov and F. Hutter (2019). Decoupled Weight Decay Regularization. ICLR. arXiv:1711.05101
# - S. Reddi, S. Kale and S. Kumar (2018). On the Convergence of Adam and Beyond. ICLR. arXiv:1904.09237
# - A. Wilson and others (2017). The Marginal Value of Adaptive Gradient Methods in Machine Learning. NeurIPS. arXiv:1705.08292;
#   with the reply of D. Choi and others (2019). On Empirical Comparisons of Optimizers for Deep Learning. arXiv:1910.05446
# - Y. Dauphin and others (2014). Identifying and attacking the saddle point problem in high-dimensional non-convex optimization. NeurIPS. arXiv:1406.2572
