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
# # 10 Beyond Adam: less memory, no schedule
#
# Adam keeps two more numbers for each parameter and wants a schedule for its rate. Four ideas since 2018 make do with less.
#
# *About 85 minutes, 10 points. It builds on lessons 03 (momentum), 05 (Adam) and 06 (learning-rate decay).*
#
# ## The problem
#
# A layer of 1024 × 1024 weights has 1,048,576 parameters. While it is trained, something else lies beside them in memory: what the
# optimiser keeps from step to step. Adam keeps $m$ and $v$: 2,097,152 numbers. For the largest models this decides how many machines are needed.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
from functools import partial

import numpy as np
import torch

from course import check, data, predict, quiz, training
from course.figures import lesson_10 as figures
from course.figures.lesson_10_runs import Each, gradients_of, recorded

# %% [markdown]
# Lion keeps one average instead of two. Adafactor (Shazeer and Stern, 2018) keeps no full average at all, yet it divides each gradient by an estimate of its own size, as Adam does.
#
# **Predict.** How many numbers does Adafactor keep for this layer?

# %%
predict("adafactor_memory", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "memory", "locked": true, "schema_version": 3, "solution": false, "task": false}
layer, kept = torch.zeros(1024, 1024, requires_grad=True), {}
for kind in (torch.optim.Adam, torch.optim.Adafactor):
    optimizer, layer.grad = kind([layer]), torch.ones(1024, 1024)
    optimizer.step()
    state = optimizer.state[layer].values()
    kept[kind.__name__] = sum(entry.numel() for entry in state if entry.dim())
figures.memory(layer.numel(), kept)

# %% [markdown]
# <details><summary>What to see</summary>
#
# 2048 numbers: one for each row and one for each column. That is a thousandth of what Adam keeps.
#
# Does it train as well? Further down three of them train the digits network, each at its own best rate. The memory stays what it is; the loss is the question, and Adam wins it there.
#
# </details>

# %% [markdown]
# ## At the end you can
#
# - write Lion and Adafactor, and say what each forgoes;
# - say when an average of squares is the product of a row and a column, and what happens when it is not;
# - build `ScheduleFreeSGD`, and say which of its three points to evaluate;
# - turn every singular value of a matrix towards 1 with matrix products alone.
#
# The experiments run your own code. To your answers PyTorch's own optimisers and schedules, clipping and normalisation, and pandas' exponential averages are not available, in the check and in
# grading alike.

# %% [markdown]
# ## Lion: only the sign
#
# Lion (Chen and others, 2023) was found by a computer's search through programs. It keeps one average $m$, and steps by a sign. $\theta$, $g$, $m$ have the same shape, any shape; $m_0 = 0$.
#
# $$c_t = \beta_1\, m_{t-1} + (1 - \beta_1)\, g_t \tag{1}$$
#
# $$\theta_t = (1 - lr \cdot wd)\, \theta_{t-1} - lr \cdot \mathrm{sign}(c_t) \tag{2}$$
#
# $$m_t = \beta_2\, m_{t-1} + (1 - \beta_2)\, g_t \tag{3}$$
#
# $lr$ is the learning rate, $wd$ the weight decay, which has no part in the sign, as in AdamW. The sign of 0 is 0. By default $\beta_1 = 0.9$ and $\beta_2 = 0.99$:
# the direction $c_t$ listens to the new gradient more than the average that is kept.

# %% [markdown]
# ### By hand
#
# $\theta_0 = (1, -2)$, $m_0 = 0$, $lr = 0.1$, $\beta_1 = 0.5$, $\beta_2 = 0.9$, $wd = 0.5$. So $1 - lr \cdot wd = 0.95$.
#
# | | formula | $t$ is 1 | $t$ is 2 |
# |---|---|---|---|
# | $g_t$ | | (0.5, −4) | (−0.1, 1) |
# | $c_t$ | (1) | (0.25, −2) | (−0.025, 0.3) |
# | $\theta_t$ | (2) | (0.95 − 0.1, −1.9 + 0.1) = (0.85, −1.8) | (0.8075 + 0.1, −1.71 − 0.1) = (0.9075, −1.81) |
# | $m_t$ | (3) | (0.05, −0.4) | (0.035, −0.26) |
#
# Apart from the decay both elements move equally far, although one gradient is 8 times the other. At $t = 2$ the direction $c$ has turned, and the average $m$ has not.

# %% [markdown]
# ## Exercise 1: Lion
#
# *1 point · difficulty 1 of 5 · about 8 minutes*
#
# Write formulas (1) to (3). Mind which average the direction is made of.


# %% nbgrader={"grade": false, "grade_id": "lion_update", "locked": false, "schema_version": 3, "solution": true, "task": false}
def lion_update(theta, grad, m, lr=1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0):
    """One step of Lion, formulas (1) to (3).

    Args:
        theta: the parameters, a float64 array of any shape; also a single number (shape ()).
        grad, m: gradient and average before the step, in the shape of theta; both may be
            zero, and the sign of 0 is 0.
        lr, beta1, beta2, weight_decay: numbers, as in the formulas.

    Returns:
        (theta, m) after the step: new arrays in the shape of theta. The inputs stay unchanged,
        and the results share no memory with them, also where nothing changes.
    """
    ### BEGIN SOLUTION
    c = beta1 * m + (1 - beta1) * grad  # (1)
    theta = (1 - lr * weight_decay) * theta - lr * np.sign(c)  # (2)
    m = beta2 * m + (1 - beta2) * grad  # (3)
    return theta, m
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_lion_update", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("lion_update", lion_update)

# %% [markdown]
# ### Experiment: how near does Lion come?
#
# The loss $\frac12\left(a^2 + 10\, b^2\right)$ has no noise. Gradient descent comes ever nearer to its minimum at $(0, 0)$, as its gradient falls. Your Lion starts at
# $(-4.03, 2.02)$ with $lr = 0.1$ and the default betas.
#
# **Predict.** In steps 800 to 1000, what is the largest distance $\lvert a \rvert$ from the minimum?

# %%
predict("lion_floor", ...)


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "lion_floor", "locked": true, "schema_version": 3, "solution": false, "task": false}
def walk(lr, beta1=0.9, beta2=0.99, steps=100):
    """All points of your lion_update, (steps + 1, 2)."""
    theta, m = np.array([-4.03, 2.02]), np.zeros(2)
    points = [theta]
    for _ in range(steps):
        theta, m = lion_update(theta, np.array([1.0, 10.0]) * theta, m, lr, beta1, beta2)
        points.append(theta)
    return np.array(points)


figures.lion_floor({lr: walk(lr, steps=1000) for lr in (0.1, 0.02)})

# %% [markdown]
# <details><summary>Explain: why no nearer?</summary>
#
# Every step is $lr$ long in every element, near the minimum as far from it. So Lion ends by stepping to and fro across it: with $lr = 0.1$ up to 0.13 away, with $lr = 0.02$ exactly half a step, 0.01.
# Only a smaller rate brings it nearer. A schedule is not a refinement here but a necessity. Adam's steps shrink when gradients disagree; Lion's do not.
#
# </details>
#
# **Goal:** with the sliders, bring the loss at the end of 100 steps below 0.02. The end is the median of the last 20 points.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "lion_race", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.lion_race(walk)

# %% [markdown]
# The same without sliders, for $\beta_2 = 0.99$:

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "lion_map", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.lion_map(walk)

# %% [markdown]
# <details><summary>Explain: what does beta1 do here?</summary>
#
# At $lr = 0.05$ the loss at the end grows from 0.004 to 0.76 as $\beta_1$ goes from 0 to 0.95. There is no noise, so there is nothing to average out: with $\beta_1 = 0$ a step follows the newest gradient
# and turns as soon as that does. A direction that is made of old gradients turns late, when Lion is past the minimum already.
#
# </details>

# %% [markdown]
# ## Adafactor: a row and a column
#
# Adam divides by the root of $v$, an average of squared gradients, as many as there are parameters. Let $\theta$ and its gradient $g$ be of shape $(r, c)$. Adafactor keeps the average of $v$
# along each row, $R$ of shape $(r)$, and along each column, $C$ of shape $(c)$. Both start at zero.
#
# $$R \leftarrow (1 - w)\, R + w\, \mathrm{mean}_{\text{row}}(g^2), \qquad C \leftarrow (1 - w)\, C + w\, \mathrm{mean}_{\text{column}}(g^2), \qquad w = t^{-0.8} \tag{4}$$
#
# $t$ counts from 1. The first step has $w = 1$, so nothing is left of the zeros and no correction is needed. Later $w$ falls, and the memory grows.
#
# $\mathrm{mean}_{\text{row}}$ is one number for each row.

# %% [markdown]
# ### The product
#
# $$V = \frac{R\, C^\top}{\max(\mathrm{mean}(R),\, \epsilon_1)}, \qquad U = \frac{g}{\sqrt{\max(V,\, \epsilon_1^2)}} \tag{5}$$
#
# If $v_{ij} = p_i q_j$, a matrix of rank 1, then $R_i = p_i\, \bar q$ and $C_j = \bar p\, q_j$, with the means $\bar p$ and $\bar q$. Their product is $\bar p\, \bar q$ times too large. That is the mean of $R$. So divide by it,
# and $V = v$ exactly. Some notes drop this division: their $V$ has the unit of a gradient to the fourth power.
#
# $\epsilon_1 = 2^{-52}$ keeps a gradient of zero from dividing by zero.

# %% [markdown]
# ### The length of the step
#
# RMS is the root of the mean square of all elements.
#
# $$U \leftarrow \frac{U}{\max(1,\, \mathrm{RMS}(U) / d)} \tag{6}$$
#
# $$\theta \leftarrow \theta - \max(\epsilon_2,\, \mathrm{RMS}(\theta)) \cdot \min(lr,\, 1/\sqrt t)\; U \tag{7}$$
#
# (6) clips the update: its RMS is at most $d = 1$. Without momentum, $V$ is at times far behind the gradient. In (7) a step is a share of the parameters' own size: $lr = 0.01$ moves them by about 1%. $\epsilon_2 = 0.001$
# lets parameters leave zero. With torch's $lr$ of 0.01, $1/\sqrt t$ counts only after step 10,000.
#
# Formulas (4) to (7) are PyTorch's form of Algorithm 4 of Shazeer and Stern.

# %% [markdown]
# ### By hand
#
# $t = 1$, $R = C = 0$, $lr = 0.1$, $d = 1$, every $\lvert\theta_{ij}\rvert = 3$ with the signs $(+, -; +, +)$, so $\mathrm{RMS}(\theta) = 3$. The semicolon starts a new row.
#
# | | formula | value |
# |---|---|---|
# | $g$ | | (1, −1; 3, 1) |
# | $R$, $C$ | (4) | (1, 5) and (5, 1) |
# | $V$ | (5), over 3 | (1.667, 0.333; 8.333, 1.667) |
# | $U$ | (5) | (0.775, −1.732; 1.039, 0.775) |
# | RMS | (6) | 1.149, so divide by it |
# | $U$ | (6) | (0.674, −1.508; 0.905, 0.674) |
# | $\theta$ | (7), times 0.3 | (2.798, −2.548; 2.729, 2.798) |
#
# $g^2$ is (1, 1; 9, 1): not of rank 1. So $V$ is off, by up to 3 times.

# %% [markdown]
# ## Exercise 2: Adafactor
#
# *3 points · difficulty 3 of 5 · about 15 minutes*
#
# Write formulas (4) to (7) for one matrix.


# %% nbgrader={"grade": false, "grade_id": "adafactor_update", "locked": false, "schema_version": 3, "solution": true, "task": false}
def adafactor_update(theta, grad, row, col, t, lr=1e-2, d=1.0, eps1=2**-52, eps2=1e-3):
    """One step of Adafactor for a matrix, formulas (4) to (7).

    Args:
        theta, grad: parameters and gradient, float64 arrays of shape (r, c), r and c from 1
            on; both may be zero.
        row, col: the averages before the step, of shapes (r,) and (c,): R and C.
        t: the number of this step, counted from 1. It may be large.
        lr, d, eps1, eps2: numbers, as in the formulas. None of them need be small.

    Returns:
        (theta, row, col) after the step: new arrays in the shapes of theta, row and col. The
        inputs stay unchanged, and the results share no memory with them.
    """
    ### BEGIN SOLUTION
    w = t**-0.8
    row = (1 - w) * row + w * np.mean(grad**2, axis=1)  # (4)
    col = (1 - w) * col + w * np.mean(grad**2, axis=0)  # (4)
    V = np.outer(row, col) / max(np.mean(row), eps1)  # (5)
    U = grad / np.sqrt(np.maximum(V, eps1**2))  # (5)
    rms = np.sqrt(np.mean(U**2))
    U = U / max(1, rms / d)  # (6)
    size = np.sqrt(np.mean(theta**2))
    theta = theta - max(eps2, size) * min(lr, 1 / np.sqrt(t)) * U  # (7)
    return theta, row, col
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_adafactor_update", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("adafactor_update", adafactor_update)

# %% [markdown]
# ### Experiment: is it of rank 1?
#
# Five digits networks at their start, 50 batches of 64 each. Their first layers have 32 × 64 weights. $v$ is the mean of the squared gradients, weight by weight. $V$ is what (5) makes of its rows and columns: 96 numbers for 2048.
#
# **Predict.** By which factor is a typical weight's $V$ off, too large or too small: "1.1", "1.7" or "5"? Typical is the median.

# %%
predict("rank_one", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "rank_one", "locked": true, "schema_version": 3, "solution": false, "task": false}
digits = data.digits()
factored, true = [], []
for grads in gradients_of(training.networks(5), digits, batches=50):
    true.append(np.mean(grads**2, axis=0))
    # One step with the root of v for a gradient: what it leaves behind are the means of v.
    start = np.zeros_like(true[-1])
    _, row, col = adafactor_update(start, np.sqrt(true[-1]), start[:, 0], start[0], t=1)
    factored.append(np.outer(row, col) / row.mean())
figures.rank_one(np.array(true), np.array(factored))

# %% [markdown]
# <details><summary>Explain: why so near?</summary>
#
# The gradient of a weight for one image is the input's pixel times the signal that comes back to its hidden unit. If the two were independent, the mean of the square would be the product of two means: rank 1. They are not,
# but not far from it. Of the weights that have a gradient, 81% are within a factor of 3. The others are mostly small gradients, whose $V$ is too large: they take shorter steps than Adam's.
#
# Without the division by $\mathrm{mean}(R)$ every $V$ would be over 20,000 times too small here, and $U$ over 150 times too long before (6) cuts it.
#
# </details>

# %% [markdown]
# ### Experiment: does it train as well?
#
# Adam, Lion and Adafactor train the digits for 6 epochs with batches of 64, five seeds, at thirteen rates from 0.0001 to 1, each 2.15 times the one before, without decay. These runs were made beforehand;
# your own Lion and Adafactor run now, at one of the rates each. A bias is not factored: it is a matrix with one column.
#
# In (2) every step is as long as Adam's very first one (lesson 05), and never shorter.
#
# **Predict.** Adam's best rate is how many times Lion's?

# %%
predict("lion_rate", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "three_of_them", "locked": true, "schema_version": 3, "solution": false, "task": false}
own = {}
for name, rule, lr in (("Lion", lion_update, 0.01), ("Adafactor", adafactor_update, 0.1)):
    models = training.networks(5)
    make = partial(Each, update=rule, matrices=name == "Adafactor", lr=lr)
    training.train_each(models, make, digits.X_train, digits.y_train, steps=138)
    own[name] = lr, training.evaluate_each(models, digits.X_train, digits.y_train)[0]
figures.three_of_them(own)

# %% [markdown]
# <details><summary>What to see</summary>
#
# Adam's best rate is 4.6 times Lion's. The paper says to take a rate 3 to 10 times smaller, and a decay as much larger, as their product is what counts in (2).
#
# Adam ends lowest, at 0.048. Lion ends at 0.091 and Adafactor at 0.088, and Adam is ahead of each in four of five seeds. Here the memory that they save is not free. Adafactor
# has no momentum here, and Lion no rate that falls.
#
# To the right Adafactor's curve is flat: from $lr = 0.22$ on, $1/\sqrt t$ is the smaller of the two in (7) after at most 22 of the 138 updates, and $lr$ hardly has a say.
#
# </details>

# %% [markdown]
# ## Schedule-free: an average instead of a decay
#
# Lesson 06 let the rate fall, so that the last steps average the noise out. The price: you must know the number of steps beforehand. An average of all points does the same without falling rates, but
# averages of a fast run lag behind. Schedule-free SGD (Defazio and others, 2024) takes gradients near the average. For each parameter there are three points, of its shape; all start at the initial $\theta$.
#
# $$z_t = z_{t-1} - lr_t\, (g_t + wd \cdot y_{t-1}), \qquad g_t = \nabla L(y_{t-1}) \tag{8}$$
#
# $z$ walks as SGD does. $x$ is its average, $y$ is between the two, and the gradient is taken at $y$.

# %% [markdown]
# ### The average
#
# $$c_t = \frac{lr_t^2}{\sum_{i=1}^{t} lr_i^2} \tag{9}$$
#
# $$x_t = (1 - c_t)\, x_{t-1} + c_t\, z_t \tag{10}$$
#
# $$y_t = (1 - \mu)\, z_t + \mu\, x_t \tag{11}$$
#
# $\mu$ is called momentum, 0.9 by default. With a constant rate $c_t = 1/t$, and $x_t$ is the plain mean of $z_1, \dots, z_t$: the start counts for nothing. With a warm-up the early, small steps count for less. Where the sum is still 0, $c_t = 0$.
#
# The text of the paper has $c_t = 1/(t+1)$, which counts the start as well; its code has (9).

# %% [markdown]
# ### Two modes
#
# The tensors of the model can hold one point only. While training they hold $y$, where gradients are needed. To evaluate or to save, call `eval()`: they hold $x$. `train()` brings $y$ back. This is the first optimiser of
# the course that must be told what comes next.
#
# **By hand.** $\theta_0 = 1$, $lr = 0.4$, $\mu = 0.75$, $wd = 0$; gradients 0.5 and −0.25.
#
# | | formula | $t$ is 1 | $t$ is 2 |
# |---|---|---|---|
# | $z_t$ | (8) | 1 − 0.2 = 0.8 | 0.8 + 0.1 = 0.9 |
# | $c_t$ | (9) | 1 | 0.5 |
# | $x_t$ | (10) | 0.8 | 0.85 |
# | $y_t$ | (11) | 0.8 | 0.225 + 0.6375 = 0.8625 |
#
# Two arrays suffice: of $x$, $y$ and $z$, the third follows from the other two.

# %% [markdown]
# ## Exercise 3: schedule-free SGD
#
# *4 points · difficulty 4 of 5 · about 20 minutes*
#
# Write the class with PyTorch's interface, formulas (8) to (11), and the two modes.


# %% nbgrader={"grade": false, "grade_id": "ScheduleFreeSGD", "locked": false, "schema_version": 3, "solution": true, "task": false}
class ScheduleFreeSGD:
    """Schedule-free SGD, formulas (8) to (11). Two instances share nothing.

    Args:
        params: an iterable of torch tensors of any shape, also (); perhaps a generator.
        lr: kept in self.lr; it may change between steps, and may be 0.
        momentum: mu in (11).
        weight_decay: wd in (8).

    Raises:
        ValueError: lr or weight_decay is negative, or momentum is not between 0 and 1, where 0
            and 1 are refused as well.
    """

    def __init__(self, params, lr=1.0, momentum=0.9, weight_decay=0.0):
        """Keep the parameters, x, z and the sum of (9); training comes first."""
        ### BEGIN SOLUTION
        if lr < 0 or weight_decay < 0:
            raise ValueError("lr and weight_decay must not be negative.")
        if not 0 < momentum < 1:
            raise ValueError("momentum must be between 0 and 1.")
        self.params = list(params)
        self.lr = lr
        self.momentum = momentum
        self.weight_decay = weight_decay
        self.x = [theta.detach().clone() for theta in self.params]
        self.z = [theta.detach().clone() for theta in self.params]
        self.total = [0.0] * len(self.params)
        ### END SOLUTION

    @torch.no_grad()
    def step(self):
        """Called in training only: every tensor goes from y to the next y, in place.

        Reads self.lr each time. A parameter whose grad is None is skipped: its points stay,
        and this step is none of the steps in its own sum (9). Leaves every grad unchanged, so
        that step() may be called again with the same one.
        """
        ### BEGIN SOLUTION
        for i, y in enumerate(self.params):
            if y.grad is None:
                continue
            g = y.grad
            self.z[i] = self.z[i] - self.lr * (g + self.weight_decay * y)  # (8)
            self.total[i] += self.lr**2
            c = self.lr**2 / self.total[i] if self.total[i] > 0 else 0.0  # (9)
            self.x[i] = (1 - c) * self.x[i] + c * self.z[i]  # (10)
        self.train()
        ### END SOLUTION

    @torch.no_grad()
    def train(self):
        """Let every tensor hold y, in place; called again, it changes nothing."""
        ### BEGIN SOLUTION
        for y, x, z in zip(self.params, self.x, self.z, strict=True):
            y.copy_((1 - self.momentum) * z + self.momentum * x)  # (11)
        ### END SOLUTION

    @torch.no_grad()
    def eval(self):
        """Let every tensor hold x, in place; called again, it changes nothing."""
        ### BEGIN SOLUTION
        for y, x in zip(self.params, self.x, strict=True):
            y.copy_(x)
        ### END SOLUTION

    def zero_grad(self):
        """Leave the grad of every parameter None or all zeros; some may be None already."""
        ### BEGIN SOLUTION
        for y in self.params:
            y.grad = None
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_ScheduleFreeSGD", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check("ScheduleFreeSGD", ScheduleFreeSGD)

# %% [markdown]
# ### Experiment: one run against three plans
#
# The digits, 400 updates with your `ScheduleFreeSGD`. Its rivals: SGD with momentum 0.9 and a cosine from lesson 06 down to 0, one run planned for 100 updates, one for 200, one for 400. Each rival gets its own best
# rate of 0.05, 0.1, 0.2, 0.4 and 0.8. Yours gets one rate for the whole run, the best at update 400 of 0.5, 1, 2, 4 and 8.
#
# The loss is that of the whole training set, at $x$ for yours; median of five seeds.
#
# **Predict.** Of the three cosines, how many are lower at their own end than your one run is there, in at least four of five seeds?

# %%
predict("one_run", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "one_run", "locked": true, "schema_version": 3, "solution": false, "task": false}
losses = recorded(partial(ScheduleFreeSGD, lr=4.0), digits, momentum=0.9, steps=400, every=20)
figures.one_run(losses["x"])

# %% [markdown]
# <details><summary>What to see</summary>
#
# None of them. The cosines end at 0.076, 0.029 and 0.007, all three best at the rate 0.4. Your one run is at 0.056, 0.023 and 0.006 there: lower in every seed at update 100 and 200, and in three of five at 400, which is a draw.
# On the way each cosine is above the run until its rate has fallen. Then the one to 400 is the lower of the two, from update 240 to 340 in four of five seeds at least; the run comes level at the end.
#
# The price is a rate that must fit: with $lr = 2$ the run ends at 0.024, and with $lr = 8$ it hardly learns, at 0.84.
#
# </details>

# %% [markdown]
# The same run, at its three points. The tensors hold $y$ in training.
#
# **Predict.** At update 100, is the loss at $z$ "lower" than at $x$, "about the same", or "over 10 times" as high?

# %%
predict("loss_at_z", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "three_points", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.three_points(losses)

# %% [markdown]
# <details><summary>Explain: does z do no harm?</summary>
#
# Over 10 times, in every seed: at update 100 the medians are 0.056 at $x$, 0.068 at $y$ and 2.03 at $z$. With $lr = 4$ the point $z$ is thrown about; its average is not. The gradient never sees $z$ itself, so it does no harm.
#
# On this network $y$, which is nine tenths $x$, would have been as good an answer: 0.021 at update 200, with $x$ at 0.023. The theory is about $x$. Whoever forgets `eval()` will often not notice, and that is the danger.
#
# </details>

# %% [markdown]
# ## Muon: every direction counts the same
#
# A gradient of a weight matrix has singular values: $G = U\, \mathrm{diag}(\sigma)\, V^\top$, with orthonormal columns in $U$ and $V$. Often a few are large and the others small, so a step moves along a few directions alone. Muon (Jordan and others, 2024) replaces a momentum
# matrix by one with the same $U$ and $V$ and all $\sigma$ near 1. It keeps one array, as Lion does.
#
# A singular-value decomposition is too slow for every step. But a polynomial of the $\sigma$ is cheap. Start with
#
# $$X_0 = \frac{G}{\max(\lVert G \rVert_F,\ 10^{-7})} \tag{12}$$
#
# where $\lVert G \rVert_F$ is the root of the sum of all squares: then no $\sigma$ is above 1. Each step keeps $U$ and $V$ and replaces every $\sigma$ by
#
# $$p(\sigma) = a\, \sigma + b\, \sigma^3 + c\, \sigma^5 \tag{13}$$

# %% [markdown]
# Muon takes five steps with $a = 3.4445$, $b = -4.7750$, $c = 2.0315$. These do not converge to 1: they were chosen so that small singular values grow fast, by 3.4445 a step.
#
# **By hand.** $G = \mathrm{diag}(3, 4)$, one step with $(a, b, c) = (2, -1, 0.5)$. $\lVert G \rVert_F = 5$, so $X_0 = \mathrm{diag}(0.6, 0.8)$, and
# $p(0.6) = 1.2 - 0.216 + 0.03888 = 1.02288$, $p(0.8) = 1.6 - 0.512 + 0.16384 = 1.25184$.
#
# ## Challenge: without a decomposition
#
# *2 points · difficulty 5 of 5 · about 15 minutes*
#
# Find the step (13) in terms of $X$ itself. What are the singular values of $X X^\top$, and what are those of $X X^\top X$? Only what comes out is judged; whoever finds no product may fall back on `np.linalg.svd`.


# %% nbgrader={"grade": false, "grade_id": "newton_schulz", "locked": false, "schema_version": 3, "solution": true, "task": false}
def newton_schulz(G, steps=5, coefficients=(3.4445, -4.7750, 2.0315)):
    """The matrix with the singular vectors of G, and singular values near 1: (12), then (13).

    Args:
        G: a float64 array of two dimensions, of any shape from (1, 1) on: wide, tall, of low
            rank, zero.
        steps: how many times (13) is done, also 0.
        coefficients: (a, b, c) of (13).

    Returns:
        X, a new array in the shape of G. G stays unchanged, and X shares no memory with it.
    """
    ### BEGIN SOLUTION
    a, b, c = coefficients
    X = G / max(np.linalg.norm(G), 1e-7)  # (12)
    for _ in range(steps):
        A = X @ X.T
        X = a * X + (b * A + c * A @ A) @ X  # (13)
    return X
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_newton_schulz", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("newton_schulz", newton_schulz)

# %% [markdown]
# ### The values, step by step
#
# The gradient of a digits network's first layer at its start has 32 singular values. Your function takes them through 8 steps.
#
# **Predict.** A singular value of $X_0$ is 0.01. After five steps, is it near "0.05", "0.4" or "0.7"? Each step multiplies what is small by 3.4445.

# %%
predict("after_five", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "values", "locked": true, "schema_version": 3, "solution": false, "task": false}
G = next(gradients_of(training.networks(5), digits, batches=1))[0]
figures.values(G, newton_schulz)
figures.value_paths(G, newton_schulz)

# %% [markdown]
# <details><summary>Explain: why not 1?</summary>
#
# 0.01 ends at 0.699. What starts above 0.005 lands between 0.68 and 1.16 after five steps, what starts at 0.001 is only at 0.47. Two of the 32 values are 0: two hidden units are silent for this batch, and what is 0 stays 0.
#
# None settles at 1: the slope that lifts small values also throws 1 down to 0.70. For a step this is good enough, as every direction now counts about the same.
#
# </details>

# %% [markdown]
# ## Conventions
#
# | what | this lesson | elsewhere |
# |---|---|---|
# | Adafactor's $\epsilon_1$ | a floor of 2⁻⁵² for `mean(R)`, its square for $V$, as PyTorch | the paper adds 1e-30 to `grad**2` |
# | a kernel of shape (64, 32, 3, 3) | not judged | PyTorch factors the last two axes alone: 12,288 numbers for 18,432 |
# | a bias, a vector | not judged | PyTorch, the paper: a full average of squares |
# | schedule-free, c | (9) | the paper's text: `1/(t + 1)`; the package schedulefree 1.4.1: the largest rate so far, squared, in one sum for all |
# | Muon's matrix | float64 | torch.optim.Muon: two dimensions only, bfloat16, off by 1% to 2% |
# | decay in `ScheduleFreeSGD` | added in (8), `.grad` stays | schedulefree 1.4.1 adds it to `.grad` itself |
#
# schedulefree 1.4.1 and (9) agree, to 1e-14, as long as the rate does not fall.
#
# From parameters that are all zero, (7) makes a first update of RMS 0.00001: $\epsilon_2 \cdot lr$. A zero-initialised matrix leaves zero slowly.

# %% [markdown]
# ## Quiz
#
# Put your answer in place of the dots and run the cell. There are no points.
#
# **1.** A matrix of weights has 4096 rows and 1024 columns. How many numbers does `adafactor_update` keep for it?

# %%
quiz("factored_numbers", ...)

# %% [markdown]
# **2.** You add L2 to Lion by adding $wd \cdot \theta$ to $g$, with $wd = 0.01$. A weight of 1 has a gradient of 0.5 at every step. By how much does the L2 term change a step?
#
# - (a) By $lr \cdot wd$.
# - (b) Not at all.
# - (c) It turns the step round.

# %%
quiz("sign_and_decay", ...)

# %% [markdown]
# **3.** You multiply $G$ by 1000. What becomes of `newton_schulz(G)`?
#
# - (a) It is the same.
# - (b) It is 1000 times as large.
# - (c) It blows up.

# %%
quiz("scaled_gradient", ...)

# %% [markdown]
# **4.** You train with `ScheduleFreeSGD`, never call `eval()`, and save the weights. What is saved?
#
# - (a) $x$.
# - (b) $y$.
# - (c) $z$.

# %%
quiz("saved_weights", ...)

# %% [markdown]
# **5.** Three steps with the rates 0.1, 0.2 and 0.2. What is $c_3$?

# %%
quiz("third_weight", ...)

# %% [markdown]
# ## Recap
#
# 1. Lion keeps one average and steps by its sign: every element moves by $lr$, always.
# 2. Adafactor keeps a row and a column of $v$; their product over the mean is exact at rank 1.
# 3. Schedule-free SGD takes gradients at $y$, answers with $x$, and needs no end date.
# 4. Muon lifts all singular values towards 1 by matrix products.
# 5. Less memory is a choice with a price: know which part of Adam you gave up.

# %% [markdown]
# ## Where it breaks
#
# - **Lion never slows down.** Without a schedule it hovers at a distance of $lr$, as above.
# - **Adafactor guesses wrong where $v$ is not of rank 1.** For a diagonal $v$ of shape (32, 32), $V$ is 32 times too small on the diagonal.
# - **Schedule-free without `eval()`** answers with $y$. And the running averages of batch normalisation are those of $y$: before you evaluate at $x$, run some batches through the network to make them anew.
# - **Muon is for matrices.** Biases, gains and embeddings need another optimiser beside it.

# %% [markdown]
# ## Further
#
# - N. Shazeer and M. Stern (2018). Adafactor: Adaptive Learning Rates with Sublinear Memory Cost. ICML. arXiv:1804.04235
# - X. Chen and others (2023). Symbolic Discovery of Optimization Algorithms. NeurIPS. arXiv:2302.06675
# - A. Defazio and others (2024). The Road Less Scheduled. NeurIPS. arXiv:2405.15682
# - K. Jordan and others (2024). Muon: An optimizer for hidden layers in neural networks. kellerjordan.github.io/posts/muon

# %% [markdown]
# ## Ready to hand in?
#
# Save the notebook and run the cell below. It tries the saved file in a fresh kernel, as grading does, and says what is right, what is
# untouched, and which file to hand in. It takes about ten seconds.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "hand_in", "locked": true, "schema_version": 3, "solution": false, "task": false}
from course import ready

ready("10_beyond_adam")
