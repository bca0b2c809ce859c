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
# # 09 Warm-up, restarts, chains, switching
#
# The first updates of a run do the most harm, and what is good for its beginning is not what is good for its
# end. So plan the rate from the very first update, one phase after the other.
#
# ## The problem
#
# A transformer reads a digit as eight words: each of its 8 rows of pixels is a token. Six layers follow,
# PyTorch's `nn.TransformerEncoderLayer(32, 4, 64)` without dropout, and a linear layer that classifies. Five
# networks make 150 updates with Adam and batches of 32.
#
# Both runs below fall along half a cosine from a rate of 0.01 to 0. One starts at 0.01. The other takes 30
# updates to get there.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np
import torch

from course import check, data, predict, quiz, training
from course.figures import lesson_09 as figures

digits = data.digits()
X, y = torch.from_numpy(digits.X_train), torch.from_numpy(digits.y_train)

# %% [markdown]
# **Predict.** Knowing nothing costs $\ln 10 = 2.30$ nats. The run that takes its time ends at 0.32. Where does
# the other one end, which had a full rate for all of the 150 updates: "lower", "about the same", "twice as
# high" or "near 2.3"?

# %%
predict("full_rate", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "picture", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.full_rate()

# %% [markdown]
# <details><summary>What to see</summary>
#
# A full rate from the start has not only been slower: it has broken something. Its loss lies near 2.3 to the
# end, while its rate falls to 0.
#
# Is that fair to the run without a warm-up? At the best of three rates, 0.001, 0.003 and 0.01, it ends at
# 0.66. With 30 updates of warm-up the best of the three is 0.01, which ends at 0.32.
#
# </details>

# %% [markdown]
# ## At the end you can
#
# - say what a warm-up protects a run from, and write two kinds;
# - put any schedules one after the other, and see what happens at the seams;
# - change the optimiser in the middle of a run, and choose its rate;
# - restart a cosine, exactly.
#
# About 85 minutes, 10 points. It builds on lesson 05 (Adam) and lesson 06 (schedules). The experiments run
# your own code: when one stops with `NotImplementedError`, fill in the exercise above it first.
#
# You build it from scratch: PyTorch's own optimisers and schedules are not available to your answers, in the
# check and in grading alike. The experiments may use them.

# %% [markdown]
# ## The idea
#
# Adam's first step divides a gradient by its own size (lesson 05): every weight moves by the whole of $lr$,
# up or down. Which of the two, one batch says, and its word may be an accident.
#
# **Predict.** Take two batches of 64 digits, drawn at random, and one network that has learnt nothing yet.
# Each batch has a sign for each weight. For how many of 100 weights do the two agree? By chance it would be
# 50.

# %%
predict("two_batches", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "two_batches", "locked": true, "schema_version": 3, "solution": false, "task": false}
models, rng = training.networks(seeds=5), np.random.default_rng(0)


def directions(size):
    """Adam's first step from one batch, as signs: (5, weights)."""
    rows = rng.permutation(len(X))[:size]
    scores = models(X[rows]).mT
    loss = torch.nn.functional.cross_entropy(scores, y[rows].expand(5, -1), reduction="sum")
    grads = torch.autograd.grad(loss, list(models.parameters()))
    return torch.cat([grad.reshape(5, -1) for grad in grads], dim=1).sign().numpy()


pairs = {n: [(directions(n), directions(n)) for _ in range(10)] for n in (4, 16, 64, 256)}
figures.two_batches(pairs)

# %% [markdown]
# <details><summary>Explain: why does this do harm?</summary>
#
# With 64 digits more than a quarter of the weights would have gone the other way, had the batch been another. Later
# such accidents cancel in Adam's averages, and steps shrink (lesson 05). In the first updates there is little
# to average, and every step is a full one.
#
# Our digits network gets over it. In a deep one the first layers feed all others: where they saturate, or all
# inputs come out alike, no gradient leads back. Xiong and others (2020) found the gradients of a post-norm
# transformer to be largest near its output at the start.
#
# </details>
#
# A **warm-up** keeps the first steps short. It lasts until the averages rest on many batches.

# %% [markdown]
# ## Warm-up, then a cosine
#
# Count the updates from 0: $t$ is the step (`step`), $w$ the length of the warm-up (`warmup`), $T$ the step
# at which the rate arrives at its lowest (`total`), the warm-up included. All are ints. The rate rises in
# equal steps:
#
# $$lr(t) = lr_0 \cdot \frac{t + 1}{w + 1} \qquad \text{for } t < w \tag{1}$$
#
# From step $w$ on it falls along half a cosine, as in lesson 06, and then stays:
#
# $$lr(t) = lr_{min} + (lr_0 - lr_{min}) \cdot \frac{1 + \cos(\pi s)}{2}, \qquad s = \min\!\left(\frac{t -
# w}{T - w},\, 1\right) \tag{2}$$
#
# The rise is the plain one of Goyal and others (2017), the cosine that of Loshchilov and Hutter (2017).
#
# In lesson 06's challenge, `planned_rates`, you derived such a plan from epochs and batches: its warm-up's
# last update ran at the peak. Here the peak is step $w$, one later: the first step of the cosine.

# %% [markdown]
# ### By hand
#
# $lr_0 = 0.8$, $lr_{min} = 0$, $w = 3$, $T = 7$:
#
# | step | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 |
# |---|---|---|---|---|---|---|---|---|---|
# | formula | (1) | (1) | (1) | (2) | (2) | (2) | (2) | (2) | (2) |
# | rate | 0.2 | 0.4 | 0.6 | 0.8 | 0.6828 | 0.4 | 0.1172 | 0 | 0 |
#
# ## Exercise 1: a warm-up and a cosine
#
# *2 points · difficulty 2 of 5 · about 10 minutes*
#
# Three fence posts: the first rate is not 0, the peak is step $w$, and past $T$ nothing rises again.


# %% nbgrader={"grade": false, "grade_id": "warmup_cosine", "locked": false, "schema_version": 3, "solution": true, "task": false}
def warmup_cosine(lr0, lr_min, warmup, total, step):
    """The rate of a linear warm-up and half a cosine, formulas (1) and (2).

    Args:
        lr0, lr_min: numbers: the rate at step warmup and the one from step total on.
        warmup: w, an int, 0 or more; with 0 the cosine begins at once.
        total: T, an int above warmup.
        step: t, an int, 0 or more, also above total; or an array of such ints, shape (n,), in any
            order.

    Returns:
        lr: a number, or a new float64 array of shape (n,). The steps stay unchanged.
    """
    ### BEGIN SOLUTION
    rising = lr0 * (step + 1) / (warmup + 1)  # (1)
    share = np.minimum((step - warmup) / (total - warmup), 1)  # s in (2)
    falling = lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * share)) / 2  # (2)
    return np.where(step < warmup, rising, falling)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_warmup_cosine", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("warmup_cosine", warmup_cosine)

# %% [markdown]
# ### Experiment: your plan for the transformer, with sliders
#
# On the left is your schedule. On the right is what five transformers made of it; their runs are stored, as
# each takes some seconds.
#
# **Goal:** end below 0.4. How long a warm-up does a peak of 0.01 need?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "sliders", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.game(warmup_cosine)

# %% [markdown]
# When you have found a setting, or given up, look at all of them.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "slider_map", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.game_map()

# %% [markdown]
# <details><summary>Explain: what does a warm-up buy?</summary>
#
# The larger the rate, the more it buys. At 0.001 the loss falls from 1.27 without a warm-up to 1.18 with 30
# updates of it, at 0.003 from 0.66 to 0.43, at 0.01 from 2.31 to 0.32. And it can be too short: after 10
# updates up to 0.01, two of the five networks end at 1.85 or above.
#
# </details>
#
# ### Experiment: strides
#
# Press play. Each histogram shows how far Adam moves the weights of the digits network in one update. On the
# left it has the full rate of 0.01, on the right your warm-up of 20 updates to it. The figure below says the
# same without moving.


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "strides", "locked": true, "schema_version": 3, "solution": false, "task": false}
def strides(rates):
    """How far each weight of five networks moves in each update of Adam: (updates, weights)."""
    models = training.networks(seeds=5)
    places = [torch.nn.utils.parameters_to_vector(models.parameters()).detach().clone()]

    def after(update, optimizer):
        places.append(torch.nn.utils.parameters_to_vector(models.parameters()).detach().clone())
        optimizer.param_groups[0]["lr"] = float(rates[min(update, len(rates) - 1)])

    def make(params):
        return torch.optim.Adam(params, lr=float(rates[0]))

    training.train_each(models, make, digits.X_train, digits.y_train, len(rates), after_step=after)
    return np.abs(np.diff(torch.stack(places).numpy(), axis=0))


step = np.arange(40)
planned = warmup_cosine(0.01, 0.01, 20, 40, step)
figures.strides({"0.01 at once": strides(np.full(40, 0.01)), "your warm-up": strides(planned)})

# %% [markdown]
# <details><summary>Explain: does Adam not set its own rates?</summary>
#
# Adam divides by what it has seen, and the schedule multiplies the result: the two are factors. In the first
# update the quotient is 1 for every weight that has a gradient, so the rate alone says how long the step is.
# Later the quotient is smaller wherever batches disagree, and so are the steps, at the same rate.
#
# </details>

# %% [markdown]
# ## Noam's schedule
#
# The first transformers were trained with a rate that rises in a line and then falls with the root of the
# step (Vaswani and others, 2017). It is often called Noam's, after one of the authors. With the model's width
# $d$ (`d_model`), $w$ steps of warm-up, and the step $t$ counted **from 1**:
#
# $$lr(t) = d^{-1/2} \cdot \min\!\left(t^{-1/2},\; t \cdot w^{-3/2}\right) \tag{3}$$
#
# Both terms are equal at $t = w$, the peak: $1/\sqrt{d\,w}$. For $d = 512$ and $w = 4000$ that is 0.0007.
#
# By hand: $d = 4$ and $w = 4$ give 0.0625, 0.125, 0.1875 and 0.25 for the steps 1 to 4, 0.1667 for step 9 and
# 0.125 for step 16.
#
# ## Exercise 2: Noam's schedule
#
# *1 point · difficulty 1 of 5 · about 5 minutes*
#
# An int and an array should both do.


# %% nbgrader={"grade": false, "grade_id": "noam", "locked": false, "schema_version": 3, "solution": true, "task": false}
def noam(d_model, warmup, step):
    """The rate of Noam's schedule, formula (3).

    Args:
        d_model: d, an int, 1 or more.
        warmup: w, an int, 1 or more.
        step: t, an int, 1 or more, or an array of such ints, shape (n,), in any order.

    Returns:
        lr: a number, or a new float64 array of shape (n,). The steps stay unchanged.
    """
    ### BEGIN SOLUTION
    lr = d_model**-0.5 * np.minimum(step**-0.5, step * warmup**-1.5)  # (3)
    return lr
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_noam", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("noam", noam)

# %% [markdown]
# **Predict.** Many notes write (3) as the function `lambda step: min(step**-0.5, step * 4000**-1.5)` and hand
# it to PyTorch's `LambdaLR`, which counts from 0. What does the run do at its start: "waits at rate 0",
# "starts at the peak" or "stops with an error"?

# %%
predict("noam_at_zero", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "noam_at_zero", "locked": true, "schema_version": 3, "solution": false, "task": false}
optimizer = torch.optim.Adam([torch.zeros(1)], lr=512**-0.5)
try:
    notes = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(step**-0.5, step * 4000**-1.5))
    found = notes.get_last_lr()[0]
except Exception as error:
    found = error
figures.noam_at_zero(found, noam)

# %% [markdown]
# <details><summary>Explain: how to mend it</summary>
#
# Count from 1 inside: `lambda step: noam(512, 4000, step + 1)`, with an optimiser whose own rate is 1, as
# `LambdaLR` multiplies by that.
#
# </details>

# %% [markdown]
# ## One schedule after the other
#
# Warm up, hold, fall; or any other **phases**. Let $\lambda_0, \lambda_1, \dots$ be functions of a step
# (`factors`), and $m_1 < m_2 < \dots$ the steps at which each but the first takes over (`milestones`); $m_0 =
# 0$. In step $t$ the phase $i$ is the last one with $m_i \le t$. Every group's *initial* rate $lr_g$ is
# multiplied:
#
# $$lr_g(t) = lr_g \cdot \lambda_i(t - m_i) \tag{4}$$
#
# Each phase counts its own steps from 0 and starts from $lr_g$, not from where the last one ended.
#
# By hand: one group with 0.8, $m_1 = 3$, $\lambda_0(k) = (k + 1)/4$ and $\lambda_1(k) = 0.5^k$ give 0.2, 0.4,
# 0.6, then 0.8, 0.4, 0.2, 0.1.

# %% [markdown]
# ## Exercise 3: a chain of schedules
#
# *3 points · difficulty 3 of 5 · about 15 minutes*
#
# Lesson 06's `LambdaSchedule` with phases. A factor may be 0, and the next phase then starts from $lr_g$ all
# the same.


# %% nbgrader={"grade": false, "grade_id": "SequentialSchedule", "locked": false, "schema_version": 3, "solution": true, "task": false}
class SequentialSchedule:
    """Sets the rate of every param group of an optimiser, phase by phase: formula (4).

    Two instances share nothing.

    Args:
        optimizer: one of PyTorch's, or anything with its param_groups, zero_grad() and step(). Use nothing
            else of it. param_groups is a list of dicts, each with its own "lr".
        factors: a list of one function or more; each takes an int, 0 or more, and returns a factor, which
            may be 0 or above 1. All groups share them.
        milestones: a list of ints, positive and increasing: the steps at which factors[1],
            factors[2], ... take over.

    Raises:
        ValueError: milestones are not one fewer than factors.
    """

    def __init__(self, optimizer, factors, milestones):
        """Remember each group's initial rate; apply factors[0](0) at once: the rates of step 0."""
        ### BEGIN SOLUTION
        if len(milestones) != len(factors) - 1:
            raise ValueError("There must be one milestone fewer than there are factors.")
        self.optimizer, self.factors = optimizer, factors
        self.starts = [0, *milestones]
        self.initial_lrs = [group["lr"] for group in optimizer.param_groups]
        self.t = 0
        self._set_rates()
        ### END SOLUTION

    def step(self):
        """Go on to the next step and set its rates. Called after the optimiser's own step()."""
        ### BEGIN SOLUTION
        self.t += 1
        self._set_rates()
        ### END SOLUTION

    def get_last_lr(self):
        """The rates that were set last: a list with a float for each group, in their order."""
        ### BEGIN SOLUTION
        return [group["lr"] for group in self.optimizer.param_groups]

    def _set_rates(self):
        i = sum(start <= self.t for start in self.starts) - 1
        factor = self.factors[i](self.t - self.starts[i])
        for group, initial_lr in zip(self.optimizer.param_groups, self.initial_lrs, strict=True):
            group["lr"] = initial_lr * factor  # (4)
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_SequentialSchedule", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("SequentialSchedule", SequentialSchedule)

# %% [markdown]
# **Predict.** A rise from a quarter of the rate to all of it in 4 steps, and a fall by a tenth in every step.
# In sequence the rate peaks at 1, in step 4. PyTorch can also *chain* them: `ChainedScheduler` applies both in
# each step, and their factors multiply. How high does the rate get then?

# %%
predict("chained_peak", ...)


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "chained", "locked": true, "schema_version": 3, "solution": false, "task": false}
def rates_of(make, steps):
    """The rates that a schedule sets, from its constructor's on."""
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    schedule, rates = make(optimizer), []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return np.array(rates)


def in_chain(optimizer):
    rise = torch.optim.lr_scheduler.LinearLR(optimizer, 0.25, total_iters=4)
    fall = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)
    return torch.optim.lr_scheduler.ChainedScheduler([rise, fall])


phases = [lambda k: 0.25 + 0.75 * k / 4, lambda k: 0.9**k]
sequence = rates_of(lambda optimizer: SequentialSchedule(optimizer, phases, [4]), 12)
figures.chained(sequence, rates_of(in_chain, 12))

# %% [markdown]
# <details><summary>Explain: three ways that seams go wrong</summary>
#
# **Chained**, the fall works from step 0 on and takes its tenth off the rise as well. Chains are for factors
# that really are to be multiplied.
#
# **By hand.** PyTorch's `CosineAnnealingLR` and `StepLR` each compute the next rate from the last one. A
# cosine that is stepped to 0 and followed by a `StepLR` stays at 0 for ever: 0 times anything.
#
# **In sequence**, PyTorch's `SequentialLR` and your class start each phase from the *initial* rate. Whoever
# wants to go on from where the last phase ended writes that into the next factor.
#
# </details>
#
# ### All of them together

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "all_drawn", "locked": true, "schema_version": 3, "solution": false, "task": false}
step = np.arange(150)
hold = [lambda k: (k + 1) / 31, lambda k: 1.0, lambda k: 1 - k / 50]
plans = {
    "warm-up, cosine": warmup_cosine(1.0, 0.0, 30, 150, step),
    "Noam": noam(1, 30, step + 1) / noam(1, 30, 30),
    "warm-up, hold, fall": rates_of(lambda opt: SequentialSchedule(opt, hold, [30, 100]), 150),
}
figures.all_drawn(step, plans)

# %% [markdown]
# ## Changing the optimiser
#
# Keskar and Socher (2017) let Adam begin and SGD end: Adam is fast at first, and SGD found solutions in their
# experiments that did better on new data. To a training loop the pair should look like one optimiser:
# `step()`, `zero_grad()`, and `param_groups`, so that a schedule can drive it.
#
# Both hold the same parameters. The first `switch_at` calls of `step()` go to the first optimiser, all others
# to the second. The one whose turn it is *not* does not step at all: its averages stay empty.
#
# ## Exercise 4: a switch
#
# *2 points · difficulty 2 of 5 · about 10 minutes*
#
# A schedule writes the next rate after a step. So `param_groups` must already be those of the optimiser whose
# turn is **next**.


# %% nbgrader={"grade": false, "grade_id": "SwitchOptimizer", "locked": false, "schema_version": 3, "solution": true, "task": false}
class SwitchOptimizer:
    """Two optimisers that look like one: the first makes the first steps, the second all others.

    Two instances share nothing.

    Args:
        first, second: PyTorch's optimisers, or anything with param_groups, zero_grad() and step(). Use
            nothing else of them. Both hold the same parameters, of any shape, also ().
        switch_at: how many calls of step() are first's, an int; with 0 second begins.

    Raises:
        ValueError: switch_at is negative.
    """

    def __init__(self, first, second, switch_at):
        """Keep both; no step has been made."""
        ### BEGIN SOLUTION
        if switch_at < 0:
            raise ValueError("switch_at must not be negative.")
        self.first, self.second, self.switch_at = first, second, switch_at
        self.steps = 0
        ### END SOLUTION

    @property
    def param_groups(self):
        """The param_groups of the optimiser whose turn is next: its own list of its own dicts."""
        ### BEGIN SOLUTION
        return self._next().param_groups
        ### END SOLUTION

    def step(self):
        """One step of the optimiser whose turn it is; the other one does nothing."""
        ### BEGIN SOLUTION
        self._next().step()
        self.steps += 1
        ### END SOLUTION

    def zero_grad(self):
        """Leave every parameter's .grad None or zero; this is no step, however often it is called."""
        ### BEGIN SOLUTION
        self._next().zero_grad()

    def _next(self):
        return self.first if self.steps < self.switch_at else self.second
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_SwitchOptimizer", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("SwitchOptimizer", SwitchOptimizer)

# %% [markdown]
# ### Experiment: from Adam to SGD
#
# The digits network makes 100 updates with Adam at 0.01, then 200 with SGD and momentum 0.9, five seeds.
#
# **Predict.** Four rates are tried for SGD: 0.01, as Adam had it; 0.05; 0.2; 0.5. With which one does the
# training loss end lowest?

# %%
predict("rate_after_switch", ...)


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "switch", "locked": true, "schema_version": 3, "solution": false, "task": false}
def after_switch(lr, adam_lr=0.01, switch_at=100):
    """Training losses of five networks after 300 updates, SGD's with the rate lr: (5,)."""

    def make(params):
        params = list(params)
        sgd = torch.optim.SGD(params, lr=lr, momentum=0.9)
        return SwitchOptimizer(torch.optim.Adam(params, lr=adam_lr), sgd, switch_at)

    models = training.networks(seeds=5)
    training.train_each(models, make, digits.X_train, digits.y_train, 300)
    return training.evaluate_each(models, digits.X_train, digits.y_train)[0]


switched = {lr: after_switch(lr) for lr in (0.01, 0.05, 0.2, 0.5)}
then = {lr: after_switch(0.2, adam_lr=lr) for lr in (0.003, 0.01, 0.03, 0.1)}
alone = {lr: after_switch(0.2, adam_lr=lr, switch_at=300) for lr in then}
figures.switch(switched, then, alone)

# %% [markdown]
# <details><summary>Explain: which rate?</summary>
#
# A rate of Adam's is a stride; one of SGD's is multiplied by a gradient. So one says nothing of the other.
# Keskar and Socher compare Adam's last step $p$ with its gradient $g$. The plain SGD step whose projection on
# $p$ is $p$ itself has the rate
#
# $$\frac{p \cdot p}{-\,p \cdot g} \tag{5}$$
#
# They average it until it settles. Here the median of (5) over updates 81 to 100 is 0.56, while single values
# go from -6 to 140. Momentum 0.9 sums about ten gradients, so take a tenth of it, 0.056: about a quarter of the
# best of the four.
#
# </details>

# %% [markdown]
# <details><summary>Explain: was it worth it?</summary>
#
# On the right Adam has four rates to choose from. Alone it is best at 0.03 and ends at 0.029; with a switch to
# SGD at 0.2 it is best at 0.1 and ends at 0.027, lower in four of five seeds. That is little, for a second rate
# to find.
#
# Compare at 0.01 alone, and the switch seems to win by more: 0.044 against 0.055. A part of that was a rate of
# Adam's that is too small for 300 updates.
#
# </details>

# %% [markdown]
# ## Challenge: restart, exactly
#
# *2 points · difficulty 4 of 5 · about 15 minutes*
#
# Loshchilov and Hutter (2017) let the rate fall and jump up again: **warm restarts**. A long step may lead out
# of a poor place, and the run need not know its end. You are not given the formula. Derive it from the
# demands.

# %% [markdown]
# 1. Steps are counted from 0. The first cycle has `t_0` steps, and each further one `t_mult` times as many as
#    the one before it.
# 2. Within a cycle the rate follows lesson 06's cosine, from `lr0` in its first step on, as if it were to
#    reach `lr_min` in the step *after* its last one. That step begins the next cycle.
# 3. Every cycle begins *exactly* at `lr0`, also the hundredth.
#
# By hand: `lr0` = 0.8, `lr_min` = 0, `t_0` = 2 and `t_mult` = 2 give 0.8, 0.4, then 0.8, 0.6828, 0.4, 0.1172,
# then 0.8 again in step 6.


# %% nbgrader={"grade": false, "grade_id": "cosine_restarts", "locked": false, "schema_version": 3, "solution": true, "task": false}
def cosine_restarts(lr0, lr_min, t_0, t_mult, step):
    """The rate of a cosine with warm restarts (demands 1 to 3).

    Args:
        lr0, lr_min: numbers.
        t_0, t_mult: ints, 1 or more.
        step: an int, 0 or more, or an array of such ints, shape (n,), in any order.

    Returns:
        lr: a number, or a new float64 array of shape (n,). The steps stay unchanged.
    """
    ### BEGIN SOLUTION
    since = np.array(step)  # steps in the cycle
    length = np.full(np.shape(step), t_0)  # of the cycle
    for _ in range(np.max(step, initial=0)):  # there are no more cycles than steps
        over = since >= length
        since = np.where(over, since - length, since)
        length = np.where(over, length * t_mult, length)
    return lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * since / length)) / 2
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_cosine_restarts", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("cosine_restarts", cosine_restarts)

# %% [markdown]
# **Predict.** With `t_0` = 1 and `t_mult` = 3 the cycles have 1, 3, 9, 27 and 81 steps, so step 121 begins the
# sixth. PyTorch's scheduler can be sent there at once, with `step(121)`. Which rate does it set, if `lr0` is 1
# and `lr_min` is 0?

# %%
predict("step_121", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "step_121", "locked": true, "schema_version": 3, "solution": false, "task": false}
optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
restarts = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0=1, T_mult=3)
restarts.step(121)
figures.step_121(optimizer.param_groups[0]["lr"], cosine_restarts)

# %% [markdown]
# <details><summary>Explain: what went wrong?</summary>
#
# PyTorch takes the number of the cycle from a logarithm: $\log_3 243$ is 5, but the computer's quotient of
# two logarithms is 4.999999999999999, which is cut to 4. So step 121 is taken for the end of the fifth cycle.
# Stepped one by one, with `step()`, PyTorch counts, and is right. With `T_0=1, T_mult=10` the same happens at
# step 111.
#
# </details>
#
# ### Experiment: one cosine or three
#
# The digits network makes 161 updates with Adam. One plan is a single cosine, the other your cycles of 23, 46
# and 92 updates. Each is tried with the first rates 0.02, 0.05, 0.1 and 0.2.
#
# **Predict.** At its own best rate, which ends at a lower training loss in at least four of five seeds:
# "restarts", "one cosine" or "neither"?

# %%
predict("restarts_or_one", ...)


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "restarts", "locked": true, "schema_version": 3, "solution": false, "task": false}
def losses_along(rates):
    """Training losses of five networks, every 23 updates of Adam at these rates: (7, 5)."""
    models, losses = training.networks(seeds=5), []
    adam = torch.optim.Adam(models.parameters(), lr=float(rates[0]))

    def after(update, optimizer):
        optimizer.param_groups[0]["lr"] = float(rates[min(update, len(rates) - 1)])
        if update % 23 == 0:
            losses.append(training.evaluate_each(models, digits.X_train, digits.y_train)[0])

    X, y = digits.X_train, digits.y_train
    training.train_each(models, lambda params: adam, X, y, len(rates), after_step=after)
    return np.array(losses)


step = np.arange(161)
ways = {"one cosine": warmup_cosine(1, 0, 0, 161, step), "restarts": cosine_restarts(1, 0, 23, 2, step)}
firsts = [0.02, 0.05, 0.1, 0.2]
runs = {way: np.array([losses_along(lr * shape) for lr in firsts]) for way, shape in ways.items()}
figures.restarts(firsts, runs)

# %% [markdown]
# <details><summary>Explain: what are restarts good for?</summary>
#
# Both are best at 0.1. Restarts end at 0.041, the single cosine at 0.044: a little, and in five of five seeds.
# Notes often say that they also give a better network on the way. Not here: after 69 updates, at the end of
# the second cycle, restarts are at 0.121 and the long cosine at 0.126, and the lower of the two changes from
# seed to seed. What a cycle's end gives for certain is a network whose last steps were short.
#
# </details>

# %% [markdown]
# ## Conventions
#
# Warm-ups differ by fence posts. With 3 updates of warm-up and a peak of 0.8:
#
# | where | step 0 | step 1 | step 2 | step 3 |
# |---|---|---|---|---|
# | yours, (1) | 0.2000 | 0.4000 | 0.6000 | 0.8000 |
# | `planned_rates` of lesson 06 | 0.2667 | 0.5333 | 0.8000 | falls |
# | PyTorch `LinearLR(total_iters=3)` | 0.2667 | 0.4444 | 0.6222 | 0.8000 |
# | Hugging Face; Keras, optax from 0: `t / w` | 0.0000 | 0.2667 | 0.5333 | 0.8000 |
#
# With `t / w` the first update is wasted, at rate 0. `LinearLR` starts at a third, unless told otherwise.

# %% [markdown]
# | what | PyTorch | elsewhere |
# |---|---|---|
# | after the end of a cosine | `CosineAnnealingLR` rises again | Keras, optax and yours stay |
# | last rate of a cycle of 10 | 0.0245 of the first | the same in Keras and optax |
# | which cycle a step is in | `step()` counts, `step(epoch)` uses a logarithm | Keras uses a logarithm |
# | peaks of later cycles | all equal | Keras: times `m_mul`, 1 by default |
# | what cycles besides the rate | `CyclicLR` and `OneCycleLR` move momentum, too, by default | yours: nothing |
#
# Keras's `CosineDecayRestarts` has 2 as its default for `t_mul`, PyTorch's `T_mult` is 1.

# %% [markdown]
# ## Quiz
#
# No points: what you answer is for you.
#
# **1.** You give PyTorch's `LinearLR` an Adam with a rate of 0.06 and nothing else. With which rate is the
# first update made?

# %%
quiz("linear_lr_default", ...)

# %% [markdown]
# **2.** A script steps a `CosineAnnealingLR` to its end, at rate 0, and then goes on with a `StepLR` on the same
# optimiser, made before. What becomes of the rate, which was 0.1 at first?
#
# - (a) It starts again at 0.1.
# - (b) It stays 0.
# - (c) It rises along the cosine.
# - (d) It is a tenth of 0.1.

# %%
quiz("cosine_then_step", ...)

# %% [markdown]
# **3.** A group has the initial rate 0.4. Your `SequentialSchedule` gets the milestone 3 and two factors:
# $\lambda_0(k) = 0.5^k$, and $\lambda_1(k) = 0.5$ for every $k$. Which rate does step 3 have?

# %%
quiz("first_of_phase_two", ...)

# %% [markdown]
# **4.** Somebody says: "Adam adapts its rates, so it needs no schedule." What is wrong with that?
#
# - (a) Nothing.
# - (b) A schedule replaces Adam's own rates.
# - (c) Adam's quotient and the schedule's rate are multiplied, and only the second falls on purpose.
# - (d) Adam ignores the rate after the first update.

# %%
quiz("adam_and_schedule", ...)

# %% [markdown]
# **5.** A cosine with restarts, $lr_{min} = 0$ and `t_0` = 4, `t_mult` = 1. What share of $lr_0$ does the last
# step of each cycle have?

# %%
quiz("end_of_a_cycle", ...)

# %% [markdown]
# **6.** Noam's schedule, $w = 4000$. At which step past the peak is the rate half of its peak?

# %%
quiz("half_of_noam", ...)

# %% [markdown]
# ## Recap
#
# 1. Adam's first steps are full ones on the word of one batch; a warm-up keeps them short.
# 2. Know the fence posts: the first rate, the peak, the last rate, and what comes after it.
# 3. In sequence each phase counts its own steps and starts from the initial rate; in a chain factors multiply.
# 4. A switch of the optimiser needs a rate of its own.
# 5. Restarts jump back to the full rate; find the cycle with whole numbers, not with a logarithm.

# %% [markdown]
# ## Where it breaks
#
# - **No need.** With pre-norm layers, which normalise before each part and not after it, the same transformer
#   trains at 0.01 from the first update on: it ends at 0.22, with 30 updates of warm-up at 0.19 (Xiong and
#   others, 2020).
# - **A shallow network.** In lesson 06 a warm-up alone did not beat the best fixed rate.
# - **Cut short.** After 69 of its 161 updates the single cosine is at 0.126, and it would have ended at 0.044.
# - **Two rates to find.** A switch from Adam at 0.01 to SGD at 0.5 ends at 0.17, three times as high as Adam
#   alone.

# %% [markdown]
# ## Further
#
# - A. Vaswani and others (2017). Attention Is All You Need. NeurIPS. arXiv:1706.03762
# - P. Goyal and others (2017). Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour. arXiv:1706.02677
# - I. Loshchilov and F. Hutter (2017). SGDR: Stochastic Gradient Descent with Warm Restarts. ICLR.
#   arXiv:1608.03983
# - N. Keskar and R. Socher (2017). Improving Generalization Performance by Switching from Adam to SGD.
#   arXiv:1712.07628
# - R. Xiong and others (2020). On Layer Normalization in the Transformer Architecture. ICML. arXiv:2002.04745

# %% [markdown]
# ## Ready to hand in?
#
# Save the notebook and run the cell below. It tries the saved file in a fresh kernel, as grading does, and says what is right, what is
# untouched, and which file to hand in. It takes about ten seconds.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "hand_in", "locked": true, "schema_version": 3, "solution": false, "task": false}
from course import ready

ready("09_warmup")
