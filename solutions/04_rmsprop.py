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
# About 75 minutes, 10 points. It builds on lesson 02 (averages) and lesson 03 (momentum).

# %% [markdown]
# ## The problem
#
# In Shakespeare's sonnets, how often does a vowel follow an h, and how often an x? Our text is twelve sonnets. It holds 387 h's, but only
# 6 x's. Let a model learn two numbers, $w_h$ and $w_x$: the share of vowels after each letter. The loss is half the mean squared error over all 393
# places.
#
# A place that holds an h says nothing about $w_x$. So the loss curves along each weight in proportion to how common its letter is: 0.985 along $w_h$, 0.0153
# along $w_x$.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np
import torch

from course import check, data, predict, quiz, training
from course.figures import lesson_04 as figures
from course.figures import lesson_04_runs as runs
from course.figures import trainer

places, answer = runs.vowel_after("h", "x")
print(f"places: {places}, answers: {answer.round(3)}")


# %% nbgrader={"grade": false, "grade_id": "walk", "locked": true, "schema_version": 3, "solution": false, "task": false}
def walk(update, steps=60):
    """The points (w_h, w_x) that update(w, grad, state) -> (w, state) visits from (0, 0)."""
    w = state = np.zeros(2)
    points = [w]
    for _ in range(steps):
        grad = places / places.sum() * (w - answer)
        w, state = update(w, grad, state)
        points.append(w)
    return np.array(points)


def sgd(lr):
    return lambda w, grad, state: (w - lr * grad, state)


# %% [markdown]
# **Predict.** Gradient descent with $lr = 1.9$ multiplies the error of $w_h$ by $1 - 0.985\,lr = -0.87$ at every step. By what does it multiply the error of
# $w_x$? So what share of its way, in per cent, does $w_x$ still have before it after 60 steps?

# %%
predict("rare_letter_left", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "one_rate", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.one_rate({lr: walk(sgd(lr)) for lr in (0.5, 1.9, 2.05)}, answer)

# %% [markdown]
# <details><summary>Explain: is there no better rate?</summary>
#
# Not for both. From $lr = 2.03$ on, $w_h$ never settles, and every smaller rate makes $w_x$ slower still. A rate of 1 would be perfect for $w_h$, a rate of 66 for
# $w_x$.
#
# </details>

# %% [markdown]
# ## At the end you can
#
# - write the updates of AdaGrad and RMSprop, and say which problem each of them solves;
# - say when AdaGrad is the better choice, and when RMSprop is;
# - build `RMSprop` with PyTorch's interface, with momentum and the centred form, and train a network with it;
# - say how long a step can get, and read a run's settings from its log.
#
# You build it from scratch: to your answers PyTorch's own optimisers and schedules, clipping and normalisation, and pandas' exponential
# averages are not available, in the check and in grading alike. The experiments may use them. The class `torch.optim.Optimizer`, which
# computes nothing, may be inherited from.

# %% [markdown]
# ## The idea: divide by what you have seen
#
# A parameter with large gradients needs short steps, and one with small gradients needs long ones. So keep a record of how large the
# gradients of each parameter were, and divide by it.
#
# Let $\theta$ be a parameter array of any shape, and $g_t$ its gradient at step $t = 1, 2, 3, \dots$, in the same shape. AdaGrad
# (Duchi, Hazan and Singer, 2011) keeps one more array of that shape, $acc$. It starts at zero and adds up squares:
#
# $$acc_t = acc_{t-1} + g_t^2 \tag{1}$$
#
# $$\theta_t = \theta_{t-1} - lr \cdot \frac{g_t}{\sqrt{acc_t} + \epsilon} \tag{2}$$
#
# Square, root and division are **element by element**: no parameter sees another's gradients. $lr$ is the learning rate. $\epsilon$, here $10^{-10}$, avoids a
# division by zero.

# %% [markdown]
# ### Why the square, and why the root
#
# The square makes the record blind to the sign. The root brings it back to the unit of a gradient. In the fraction of (2) that unit
# then cancels: a step has the unit of $lr$, however large the gradients are.
#
# There is another way to read (2): each element has its own **effective learning rate**, $lr / (\sqrt{acc_t} + \epsilon)$.
#
# ### By hand
#
# One parameter, $\theta_0 = 1$, $acc_0 = 0$, gradients $g_1 = 0.5$ and $g_2 = -0.25$, $lr = 0.1$.
#
# | | formula | t = 1 | t = 2 |
# |---|---|---|---|
# | gradient | | 0.5 | −0.25 |
# | acc | (1) | 0 + 0.25 = 0.25 | 0.25 + 0.0625 = 0.3125 |
# | step | (2) | 0.1 · 0.5 / 0.5 = 0.1 | 0.1 · (−0.25) / 0.559017 = −0.044721 |
# | theta | (2) | 0.9 | 0.944721 |
#
# The first step is $lr$, whatever the gradient.

# %% [markdown]
# ## Exercise 1: the AdaGrad update
#
# *1.5 points · difficulty 1 of 5 · about 8 minutes*
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


# %% nbgrader={"grade": true, "grade_id": "check_adagrad_update", "locked": true, "points": 1.5, "schema_version": 3, "solution": false, "task": false}
check("adagrad_update", adagrad_update)

# %% [markdown]
# ### Experiment: the two letters again
#
# Press play to watch your AdaGrad walk, with $lr = 0.2$. The bars are the effective rates of the two weights. Before you do: at the start the gradient along $w_x$ is 142 times
# smaller than along $w_h$. What does that do to the bars, and to the first step?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "own_rates", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.play_walk(adagrad_update, walk, answer)

# %% [markdown]
# <details><summary>Explain: would the walk change if x were ten times as rare?</summary>
#
# No. The gradients along $w_x$ would all be smaller by that factor, and so would $\sqrt{acc}$. In (2) the factor cancels, up to $\epsilon$. With $lr = 0.5$ both weights
# are within 5% of their answers after 4 steps.
#
# </details>

# %% [markdown]
# ### Experiment: turn the valley
#
# "Element by element" has a catch. Let $\theta = R\,w$, where $R$ turns the plane. The landscape stays the same, but its long valley now lies at an angle to the axes.
# Gradient descent goes the same way as before, only turned.
#
# **Predict.** With the valley at 45 degrees, after how many steps are both weights within 5% of their answers, when AdaGrad takes the best of five rates from 0.2 to 5?
# At 0 degrees it is 4 steps.

# %%
predict("turned_valley", ...)


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "turned", "locked": true, "schema_version": 3, "solution": false, "task": false}
def turned(angle, update, lr):
    """An update for walk that works in turned coordinates, theta = R w."""
    R = runs.rotation(angle)

    def step(w, grad, state):
        theta, state = update(R @ w, R @ grad, state, lr)
        return R.T @ theta, state

    return step


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "turned_valley", "locked": true, "schema_version": 3, "solution": false, "task": false}
rates = (0.2, 0.5, 1.0, 2.0, 5.0)
walks = {
    angle: [walk(turned(angle, adagrad_update, lr), 200) for lr in rates]
    for angle in (0, 15, 30, 45, 60, 75, 90)
}
figures.turned_valley(walks, [walk(sgd(lr), 200) for lr in (1.0, 1.5, 1.9, 2.0)], answer)

# %% [markdown]
# Now move the sliders. At 0 degrees and $lr = 0.5$ the walk takes 4 steps. Turn the valley to 15 degrees and leave the rate as it is.
#
# **Goal:** at 15 degrees, arrive in fewer than 33 steps. Does the rate that does it also suit 45 degrees?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "turn", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.turn(walk, turned, adagrad_update, answer)

# %% [markdown]
# <details><summary>Explain: what is lost at 45 degrees?</summary>
#
# There both parameters see nearly the same gradients, so their two records are nearly equal, and AdaGrad divides both by the same number. That is gradient descent with a rate that shrinks. It
# takes 143 steps, more than plain gradient descent with its best rate, 97. Adam and all other rules that work element by element see axes only, too. In a network the axes are the
# single weights, and they often do differ in scale.
#
# </details>

# %% [markdown]
# ### Experiment: real sparse features
#
# Now all 27 characters of the sonnets, 26 letters and the space. A table $W$ of 27 × 27 weights predicts, from the letter at one place, which letter comes next: row by row the scores of a softmax.
# The 7110 places come one at a time, each once. At each of them, only one row has a gradient that is not zero. The space has its turn 1369 times, j and q 3 times
# each.

# %% [markdown]
# Five random orders of the places are tried. SGD may take another rate for each group of letters, the best of 0.03, 0.1, 0.3, 1, 3 and 10: one for the 9 commonest, one for the 9 in between, one for the
# 9 rarest. AdaGrad has to serve all with $lr = 1$.
#
# **Predict.** In which groups does AdaGrad end with the lower loss: "none", "the rare ones" or "all three"?

# %%
predict("one_for_all", ...)


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "one_pass", "locked": true, "schema_version": 3, "solution": false, "task": false}
letters = np.array([runs.LETTERS.index(letter) for letter in data.sonnets()])


def one_pass(update, lr):
    """Learns which letter follows which from one pass over the text, in random order."""
    W = state = np.zeros((27, 27))
    for place in np.random.default_rng(0).permutation(len(letters) - 1):
        now, following = letters[place : place + 2]
        grad = np.zeros((27, 27))
        grad[now] = np.exp(W[now]) / np.exp(W[now]).sum()
        grad[now, following] -= 1
        W, state = update(W, grad, state, lr)
    return W


figures.letter_gaps(one_pass(adagrad_update, lr=1.0))

# %% [markdown]
# <details><summary>Explain: why does it win for common letters as well?</summary>
#
# A letter that comes for the first time gets a step of full length, $lr$. With every visit its steps get shorter, like $lr/\sqrt{\text{visits}}$. So a q is learnt from
# three examples, while the space, after a thousand, is no longer shaken by each new one. A fixed rate can't do both: 0.087 against AdaGrad's 0.029 for the common
# letters, where SGD does best with 0.3, and 0.659 against 0.378 for the rare ones, where it does best with 3. (For q and z by themselves, SGD with 3 is ahead.) For sparse data AdaGrad is still a good choice.
#
# </details>

# %% [markdown]
# ## The price, and how to forget
#
# $acc$ can only grow. With gradients of a constant size, $acc_t = t\, g^2$, and the step of (2) is $lr / \sqrt t$. For convex
# problems that is what theory asks for. In a network the early gradients come from a region that you left long ago.
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
# - **If gradients keep their size, a step is $lr$.** Then $\sqrt{s_t}$ tends to $|g|$, and the step to $lr$ times the sign of $g$.
# - **The first steps are longer.** $s$ starts at zero and is not corrected: $s_1 = (1-\alpha)\, g_1^2$, so the first step is
#   $lr/\sqrt{1-\alpha}$. With $\alpha = 0.99$ that is $10\, lr$.
# - **No step of (4) is longer than that.** From (3), $s_t \ge (1-\alpha)\, g_t^2$ at every step, however large $g_t$ is.
#
# ### By hand
#
# As before, $\theta_0 = 1$, $g_1 = 0.5$, $g_2 = -0.25$, $lr = 0.1$. Start from $s_0 = 0$ and take $\alpha = 0.9$.
#
# | | formula | t = 1 | t = 2 |
# |---|---|---|---|
# | s | (3) | 0.1 · 0.25 = 0.025 | 0.9 · 0.025 + 0.1 · 0.0625 = 0.02875 |
# | step | (4) | 0.1 · 0.5 / 0.158114 = 0.316228 | 0.1 · (−0.25) / 0.169558 = −0.147442 |
# | theta | (4) | 0.683772 | 0.831214 |

# %% [markdown]
# ## Exercise 2: the RMSprop update
#
# *2.5 points · difficulty 1 of 5 · about 8 minutes*
#
# Write formulas (3) and (4). Mind where $\epsilon$ stands: outside the root.


# %% nbgrader={"grade": false, "grade_id": "rmsprop_update", "locked": false, "schema_version": 3, "solution": true, "task": false}
def rmsprop_update(theta, grad, s, lr, alpha=0.99, eps=1e-8):
    """One step of RMSprop, formulas (3) and (4).

    Args:
        theta: the parameters, a float64 array of any shape; also a single number (shape ()).
        grad, s: gradient and average of squares before the step, in the shape of theta; grad may be zero.
        lr, alpha, eps: numbers, as in the formulas; alpha may be 0.

    Returns:
        (theta, s) after the step: new arrays in the shape of theta. The inputs stay unchanged, and the
        results share no memory with them, also where nothing changes.
    """
    ### BEGIN SOLUTION
    s = alpha * s + (1 - alpha) * grad**2  # (3)
    theta = theta - lr * grad / (np.sqrt(s) + eps)  # (4)
    return theta, s
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_rmsprop_update", "locked": true, "points": 2.5, "schema_version": 3, "solution": false, "task": false}
check("rmsprop_update", rmsprop_update)

# %% [markdown]
# ### Experiment: out of a steep valley
#
# A parameter sees gradients of 1 for 300 steps. Then it reaches flatter ground and sees 0.1.
#
# **Predict.** How long is RMSprop's first step on the flat ground, step 301, in units of $lr$? And how will it go on from there?

# %%
predict("after_the_change", ...)


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "strides", "locked": true, "schema_version": 3, "solution": false, "task": false}
def strides(update, steps=1200):
    """Lengths of the steps in units of lr, for gradients of 1 that fall to 0.1 after step 300."""
    theta = state = np.array(0.0)
    positions = [0.0]
    for t in range(1, steps + 1):
        theta, state = update(theta, np.array(1.0 if t <= 300 else 0.1), state, lr=1.0)
        positions.append(float(theta))
    return -np.diff(positions)


figures.strides({"AdaGrad": strides(adagrad_update), "RMSprop": strides(rmsprop_update)}, 300)

# %% [markdown]
# <details><summary>Explain: how long does RMSprop take to forget?</summary>
#
# The old squares are 100 times as large as the new ones, and fade by a factor of 0.99 a step. $0.99^{k} = 1/100$ at $k = 458$: there, old
# and new weigh about the same. With $\alpha = 0.9$ it would take 44 steps.
#
# </details>

# %% [markdown]
# ### Experiment: a mistake in the first epoch
#
# Our trainer is the digits network of lessons 01 to 03, with batches of 64. Somebody forgot to scale the pixels: in the first epoch they go from 0 to 16. Then the mistake is
# put right, and training goes on for 12 more epochs with pixels from 0 to 1.
#
# SGD, AdaGrad, and RMSprop with $\alpha = 0.9$ each get their best rate from a grid, from 0.001 to 1 in steps of $\sqrt{10}$.
#
# **Predict.** RMSprop ends with a training loss of 0.07. Where does AdaGrad end, compared with that: "the same", "twice as high" or "more than five times as high"?

# %%
predict("late_correction", ...)


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "late_correction", "locked": true, "schema_version": 3, "solution": false, "task": false}
digits = data.digits()


def late_correction(update, **settings):
    """Mini-batch losses, (299,): one epoch with pixels from 0 to 16, then from 0 to 1."""
    model = training.network(seed=0)
    optimizer = runs.Driven(model.parameters(), update, **settings)
    losses = [
        training.train(model, lambda params: optimizer, pixels, digits.y_train, steps)
        for pixels, steps in ((16 * digits.X_train, 23), (digits.X_train, 276))
    ]
    return np.concatenate(losses)


adagrad_run = late_correction(adagrad_update, lr=0.0316)
rmsprop_run = late_correction(rmsprop_update, lr=0.01, alpha=0.9)
figures.late_correction({"AdaGrad": adagrad_run, "RMSprop": rmsprop_run})

# %% [markdown]
# <details><summary>Explain: could AdaGrad be saved?</summary>
#
# Not by a larger rate: the first epoch is the very time when large steps hurt. At its best rate, 0.03, it ends at 0.55. SGD remembers nothing, but the rate that survives the first epoch, 0.1, is too small for the others: 0.62. What helps is
# to throw the record away: a fresh AdaGrad from the second epoch on ends at 0.12.
#
# RMSprop forgets by itself, and how fast depends on $\alpha$. With 0.9 it ends at 0.07; with 0.99, whose memory is four epochs long, at 0.31. A long memory is a little AdaGrad.
#
# </details>

# %% [markdown]
# ### Experiment: a rate for each pixel
#
# A linear classifier of the digits has ten weights for each of its 64 pixels, and $s$ holds a number for each of these. The map shows the effective rate
# $lr/(\sqrt{s}+\epsilon)$ after 300 steps of your RMSprop, as the median of the ten.
#
# **Predict.** Where in the image are the rates largest: "the middle", "the left and right edge" or "all alike"?

# %%
predict("pixel_rates", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "pixel_rates", "locked": true, "schema_version": 3, "solution": false, "task": false}
rng = np.random.default_rng(0)
W, history = np.zeros((64, 10)), [np.zeros((64, 10))]
for _ in range(300):
    rows = rng.integers(0, len(digits.X_train), 64)
    _, grad = training.softmax_regression(W, digits.X_train[rows], digits.y_train[rows])
    W, s = rmsprop_update(W, grad, history[-1], lr=0.01)
    history.append(s)
figures.pixel_rates(history[1:], 0.01, digits.X_train)
figures.watch_rates(history[1:], 0.01)

# %% [markdown]
# <details><summary>Explain: is a rate of 1000 not dangerous?</summary>
#
# It is large because the gradients were tiny. What moves a weight is the product of the two, and that is never more than
# $lr/\sqrt{1-\alpha} = 0.1$. But look at the three grey pixels. They were always white, so $s = 0$ and the rate is
# $lr/\epsilon = 10^6$. The first time that one of them is inked, its weights move by the full 0.1, whether or not that image means anything.
#
# </details>

# %% [markdown]
# ## Exercise 3: the optimiser
#
# *4.5 points · difficulty 3 of 5 · about 15 minutes*
#
# `RMSprop` in PyTorch has more options; you build three of them. **Weight decay** ($wd$) is added to the gradient first:
#
# $$g_t \leftarrow g_t + wd \cdot \theta_{t-1} \tag{5}$$
#
# **Centred** (Graves, 2013) replaces the denominator of (4), $d_t = \sqrt{s_t} + \epsilon$. It subtracts the square of the mean gradient, which
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
# Settings out of their range raise ValueError, as in PyTorch. PyTorch also accepts an `alpha` or a `momentum` of 1 or more. Your class refuses these: $s$ would never
# leave zero, or the buffer would never fade.


# %% nbgrader={"grade": false, "grade_id": "RMSprop", "locked": false, "schema_version": 3, "solution": true, "task": false}
class RMSprop:
    """RMSprop with the interface of torch.optim, formulas (3) to (7). Two instances share nothing.

    Args:
        params: the tensors to train, of any shape, also (); any iterable, also a generator, which can
            be read only once.
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


# %% nbgrader={"grade": true, "grade_id": "check_RMSprop", "locked": true, "points": 4.5, "schema_version": 3, "solution": false, "task": false}
check("RMSprop", RMSprop)

# %% [markdown]
# ### Experiment: how long can a step get?
#
# "No step of (4) is longer than $lr/\sqrt{1-\alpha}$", here $10\,lr$. Your class can do more than (4). Let the gradient be 0.5 at every one of 1500 steps.
#
# **Predict.** How long, in units of $lr$, is the longest step with `centered=True`?

# %%
predict("longest_stride", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "long_strides", "locked": true, "schema_version": 3, "solution": false, "task": false}
settings = {"RMSprop": {}, "centred": {"centered": True}, "with momentum 0.9": {"momentum": 0.9}}
figures.long_strides({name: runs.lengths(RMSprop, 1500, **s) for name, s in settings.items()})

# %% [markdown]
# <details><summary>Explain: where do these lengths come from?</summary>
#
# A gradient that never varies has no variance: $s - \bar g^{\,2}$ goes to zero, and the step to $lr\,g/\epsilon$. It is 1878 $lr$ by step 1500, and still growing. Momentum adds up the long first steps, 29.9 $lr$ at
# step 11, and settles at $lr/(1-\mu) = 10\,lr$. Real gradients are noisy, so centring rarely goes that far. A flat, even region of the loss is where it does.
#
# </details>

# %% [markdown]
# ### Experiment: the options on our trainer
#
# The digits network learns for 138 updates, six epochs, with your class: as it is, centred, and with momentum 0.9. Eight rates, from $10^{-4.5}$ to 0.1, in steps of $\sqrt{10}$.
#
# **Predict.** In lesson 03 a buffer with $\mu = 0.9$ made each gradient count 10 times in the long run. How does the best rate with momentum compare with the best without: "10 times larger", "the same",
# "3 times smaller" or "10 times smaller"?

# %%
predict("momentum_rate", ...)


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "options", "locked": true, "schema_version": 3, "solution": false, "task": false}
def final_loss(lr, options):
    """Training loss of our trainer after 138 updates with your class."""
    model = training.network(seed=0)
    X, y = digits.X_train, digits.y_train
    training.train(model, lambda params: RMSprop(params, lr=lr, **options), X, y, steps=138)
    return training.evaluate(model, X, y)[0]


rates = 10.0 ** np.arange(-4.5, -0.5, 0.5)
figures.options({name: [final_loss(lr, s) for lr in rates] for name, s in settings.items()})

# %% [markdown]
# <details><summary>Explain: does momentum simply multiply lr by 10?</summary>
#
# On the left, nearly: momentum at $lr = 10^{-4}$ ends at 0.66, as plain RMSprop does at $10^{-3}$, with 0.64. There the gradients agree from step to step,
# and the buffer adds up ten of them. But the best rate falls by 3, not by 10, and the loss there is lower, 0.038 instead of 0.125. The buffer sums what agrees
# and averages away what is noise, so it covers the same distance with less shaking. Adam, in lesson 05, is built on this. Centring makes little difference here: 0.127.
#
# </details>

# %% [markdown]
# ## Challenge: a log without its settings
#
# *1.5 points · difficulty 4 of 5 · about 15 minutes*
#
# A colleague trained with plain RMSprop and kept a log: the parameters before the first step and after each step, and the gradients. Nobody remembers $lr$ and $\alpha$. Are they in the log?
#
# They are. Formulas (3) and (4) tie each step to its gradient, $s$ started at zero, and two steps hold two equations. Take pencil and paper before you program. What does the first step say
# about $lr$ and $\alpha$ together? What does the second one add? Your table by hand is such a log, to test it on.


# %% nbgrader={"grade": false, "grade_id": "settings_from_log", "locked": false, "schema_version": 3, "solution": true, "task": false}
def settings_from_log(theta, grads):
    """The lr and alpha of an RMSprop run, formulas (3) and (4) with s_0 = 0 and eps = 0.

    Args:
        theta: parameters before the first step and after each, a float64 array of shape (T + 1, n).
        grads: the gradient of each step, a float64 array of shape (T, n). No entry is zero; they have
            either sign. T is at least 2 and n at least 1. All n parameters have the same lr and alpha.

    Returns:
        (lr, alpha): two numbers, right to six digits; alpha may be 0. The inputs stay unchanged.
    """
    ### BEGIN SOLUTION
    stride = np.abs(np.diff(theta[:3, 0]))
    scaled = (grads[:2, 0] / stride) ** 2  # s_1 and s_2, in units of lr^2
    alpha = scaled[1] / scaled[0] - (grads[1, 0] / grads[0, 0]) ** 2
    lr = stride[0] * np.sqrt(1 - alpha)
    return lr, alpha
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_settings_from_log", "locked": true, "points": 1.5, "schema_version": 3, "solution": false, "task": false}
check("settings_from_log", settings_from_log)

# %% [markdown]
# ## Conventions
#
# The first step from a fresh start, in units of $lr$, shows how far apart the forms are: for an ordinary gradient, 0.5, and for a tiny one, 1e-6.
#
# | where | denominator | starts at | alpha | eps | 0.5 | 1e-6 |
# |---|---|---|---|---|---|---|
# | Hinton's lecture | `sqrt(s)` | 0 | 0.9 | none | 3.162 | 3.162 |
# | PyTorch; this lesson | `sqrt(s) + eps` | 0 | 0.99 | 1e-8 | 10.000 | 9.091 |
# | Keras | `sqrt(s + eps)` | 0 | 0.9 | 1e-7 | 3.162 | 0.003 |
# | optax | `sqrt(s + eps)` | 0 | 0.9 | 1e-8 | 3.162 | 0.010 |
# | TensorFlow 1 | `sqrt(s + eps)` | 1 | 0.9 | 1e-10 | 0.520 | 0.000 |
# | fast.ai's course | `sqrt(s) + eps` | first square | 0.99 | 1e-5 | 1.000 | 0.091 |
# | AdaGrad, PyTorch; this lesson | `sqrt(acc) + eps` | 0 | none | 1e-10 | 1.000 | 1.000 |
# | AdaGrad, Keras and optax | `sqrt(acc + eps)` | 0.1 | none | 1e-7 | 0.845 | 0.000 |
#
# Inside the root, $\epsilon$ counts as about $\sqrt\epsilon$ would outside. It takes 9% off the first step at $g = 10^{-6}$ in PyTorch, and already at 0.0022 in Keras. fast.ai's start does
# without the long first step.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "conventions", "locked": true, "schema_version": 3, "solution": false, "task": false}
for g in (0.5, 1e-6):
    zero = np.zeros(1)
    rules = (rmsprop_update, adagrad_update)
    print(g, *(f"{-update(zero, g + zero, zero, lr=1.0)[0][0]:.3f}" for update in rules))

# %% [markdown]
# Three more differences do not show in a first step. Keras and TensorFlow keep $lr$ **inside** the momentum buffer:
# $buf_t = \mu\, buf_{t-1} + lr \cdot g_t / d_t$. At a constant rate the steps are the same as with (7). PyTorch's `alpha` is called `rho` in
# Keras and `decay` in optax and TensorFlow 1. And PyTorch's `maximize=True` turns the sign of the gradient; you can do that to the loss yourself.

# %% [markdown]
# ## Quiz
#
# No points, as many tries as you like.
#
# **1.** How long is RMSprop's first step with $\alpha = 0.999$, in units of $lr$? ($\epsilon$ is too small to matter.)

# %%
quiz("stride_at_0999", ...)

# %% [markdown]
# **2.** A model has 7 billion weights in float32, 4 bytes each. How many GB ($10^9$ bytes) does RMSprop keep, centred and with momentum, besides weights and gradients?

# %%
quiz("rmsprop_memory", ...)

# %% [markdown]
# **3.** Somebody multiplies the loss by 1000, from the first step on. What happens to RMSprop's steps?
#
# - (a) They are 1000 times as long.
# - (b) Next to nothing.
# - (c) They are about 32 times as long.
# - (d) They shrink, because of $\epsilon$.

# %%
quiz("loss_times_1000", ...)

# %% [markdown]
# **4.** AdaGrad has seen the same gradient 400 times. How long is its 400th step, in units of $lr$?

# %%
quiz("adagrad_step_400", ...)

# %% [markdown]
# **5.** All gradients are 1, but the 100th is 30. Which curve is RMSprop's with $\alpha = 0.99$: (a) A, (b) B or (c) C? The other two are AdaGrad's, and RMSprop's with 0.9.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "which_is_which", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.which_is_which(adagrad_update, rmsprop_update)

# %% [markdown]
# Your answer to question 5:

# %%
quiz("which_curve", ...)

# %% [markdown]
# ## What our trainer can do now
#
# It takes a stride of its own for each of its weights. By itself that gains nothing on this patient, whose pixels are all of one scale: with the best rate of a grid in steps of $\sqrt{10}$, RMSprop ends at 0.125 and SGD at 0.120. With momentum 0.9 on top it ends at 0.038, where SGD with
# momentum, at its best, ends at 0.091. That is the row of this lesson.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "trainer", "locked": true, "schema_version": 3, "solution": false, "task": false}
trainer.so_far("04_rmsprop")

# %% [markdown]
# ## Recap
#
# 1. Dividing by the root of past squares gives every parameter its own effective rate; the scale of its gradients cancels.
# 2. AdaGrad sums all squares: a gift for rare features, but what it has once seen shortens every later step.
# 3. RMSprop averages the squares and forgets the old ones: its stride comes back to $lr$.
# 4. $s$ starts at zero, so the first step is $lr/\sqrt{1-\alpha}$. Without momentum and not centred, no step is longer.
# 5. $\epsilon$ inside the root is a much larger $\epsilon$: look where it stands before you copy a number.

# %% [markdown]
# ## Where it breaks
#
# - **The first steps are too long**, 10 times $lr$ with the defaults, just when the model knows least. Adam corrects this.
# - **Very rare features.** On the sonnets RMSprop with $\alpha = 0.99$, at the best of six rates, ends 0.102 above the least possible loss, AdaGrad 0.032. Between two visits $s$ fades, and the next step is
#   long again.
# - **It does not stop.** Its steps keep the size of $lr$. On the two letters, with $lr = 0.1$, both weights end up jumping from 0.05 below their answer to 0.05 above it and back.
#   Lesson 06 lets the rate fall.

# %% [markdown]
# - **Centred, with gradients that hardly vary,** its steps grow without end, as you saw. And rounding can make the difference in (6) negative: in float32, with 1000 parameters whose gradients never change
#   and $\alpha = 0.9$, PyTorch has more than a third NaN within 150 steps.

# %% [markdown]
# - **It sees axes only**, as AdaGrad does: a valley that lies across the parameters gets no help.
# - **There are convex problems** on which it goes the wrong way (Reddi, Kale and Kumar, 2018). Let the gradients be 3, −1, −1, over and over, and $\alpha = 0.1$. Their mean is positive, yet $\theta$ grows: every 3 shortens
#   its own step most.

# %% [markdown]
# ## Further
#
# - J. Duchi, E. Hazan and Y. Singer (2011). Adaptive Subgradient Methods for Online Learning and Stochastic Optimization. JMLR 12, 2121-2159
# - G. Hinton, N. Srivastava and K. Swersky (2012). Neural Networks for Machine Learning, lecture 6e: RMSprop. Slides of a Coursera course
# - A. Graves (2013). Generating Sequences With Recurrent Neural Networks. arXiv:1308.0850
# - S. Reddi, S. Kale and S. Kumar (2018). On the Convergence of Adam and Beyond. ICLR. arXiv:1904.09237
