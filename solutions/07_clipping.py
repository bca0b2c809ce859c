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
# # 07 Gradient clipping
#
# Clipping puts a limit on the gradient before the step is taken.
#
# About 85 minutes, 10 points. It builds on lesson 01 (SGD, the training loop).

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import math
from functools import partial

import numpy as np
import torch

from course import characters, check, predict, quiz
from course.figures import cliff, trainer
from course.figures import lesson_07 as figures

# %% [markdown]
# ## The problem
#
# A small recurrent network learns to spell. It reads 40 characters of *Alice's Adventures in Wonderland*, one after the other, and guesses each time what
# follows. Its loss is the cross-entropy in nats; guessing blindly among the 36 characters costs $\ln 36 = 3.6$.
#
# SGD runs at $lr = 1.5$, the largest of seven rates from 0.1 to 4 at which all of five seeds learn. All goes well for 149 updates. Then one page comes out of the scanner
# spoilt: in batch 150, all eight rows are dashes. Batch 151 is Alice again.
#
# **Predict.** The loss was 2.0 before the page. How long until it is back there: `"5 updates"`, `"50 updates"`, or `"not in 100 updates"`?

# %%
predict("after_the_page", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "spoilt_page", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.spoilt_page()

# %% [markdown]
# <details>
# <summary>What to see</summary>
# <p>
# Up to the page the five runs are healthy. The gradient of the page is some 15 times as long as usual, and its step throws the weights to a place where
# four of the five networks do worse than blind guessing. None comes back within 100 updates: one bad batch undid 149 good ones.
# </p>
# </details>

# %% [markdown]
# ## At the end you can
#
# - clip gradients by value and by global norm, and say which of them keeps the direction;
# - put clipping in its one right place in a training step;
# - choose a threshold from the norms of a healthy run, and say what it costs;
# - build a guard that finds its own limit and leaves out what is broken.
#
# The experiments run your own code: when one stops with `NotImplementedError`, fill in the exercise above it first.

# %% [markdown]
# You build it from scratch: to your answers PyTorch's own optimisers and schedules, clipping and normalisation, and pandas' exponential
# averages are not available, in the check and in grading alike. The experiments may use them. The class `torch.optim.Optimizer`, which
# computes nothing, may be inherited from.

# %% [markdown]
# ## Where long gradients come from
#
# Let $h_t$, a row of 32 numbers, be the network's state after character $t$, and $L$ the loss. The state is made from the one before,
# $h_t = \tanh(W_{x_t} + h_{t-1} U + b)$, with the same matrix $U$ every time. So the chain rule multiplies by $U$ once a step on the way back:
#
# $$\frac{\partial L}{\partial h_{t-1}} = \frac{\partial L}{\partial h_t}\, D_t\, U^\top$$
#
# $D_t$ is diagonal and holds the slopes of tanh, which are at most 1. From character 40 to character 1 there are 39 such factors. If each lengthened the
# gradient by a quarter, it would end $1.25^{39} \approx 6000$ times as long: it **explodes**. If each shortened it by a quarter, 0.00001 of it would be left: it
# **vanishes** (Bengio and others, 1994).

# %% [markdown]
# **Predict.** A network starts with a $U$ that keeps the length of every vector exactly. How long is the gradient at character 1, beside the one at character 40:
# `"shorter"`, `"as long"` or `"longer"`?

# %%
predict("back_through_time", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "through_time", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.through_time()

# %% [markdown]
# <details>
# <summary>Explain: why, and does clipping help both?</summary>
# <p>
# Tanh has a say: its slopes are below 1 and shorten the gradient at each step, to about a thousandth in all. Only a U that lengthens vectors by half or more outweighs them.
# Training changes U all the time, and nothing keeps the two in balance.
# </p>
# <p>
# Clipping shortens what is too long, and no more. A gradient that has vanished carries no information, and no factor brings it back. Gates (LSTM, GRU) and shortcuts are for that. Gated networks explode as well, and are usually trained with clipping.
# </p>
# </details>

# %% [markdown]
# ## Idea 1: limit every element
#
# Let $g_1, \dots, g_K$ be the gradients of the $K$ parameter tensors, each in the shape of its parameter. $g_{k,i}$ is element $i$ of $g_k$. $c > 0$ is
# the limit, `clip_value`.
#
# $$g_{k,i} \leftarrow \min\big(c,\ \max(-c,\ g_{k,i})\big) \tag{1}$$
#
# Elements between $-c$ and $c$ stay; the others move to the nearer limit. Mikolov (2012) trained his language models this way.
#
# **By hand.** Two gradients, $g_1 = (3, -4)$ and the single number $g_2 = 12$. With $c = 5$ only the last element is beyond the limit. The result
# is $(3, -4)$ and $5$.

# %% [markdown]
# ## Exercise 1: by value
#
# *1.5 points · difficulty 1 of 5 · about 8 minutes*
#
# Write formula (1) for a list of arrays. Return new arrays, also where there was nothing to clip.


# %% nbgrader={"grade": false, "grade_id": "clip_by_value", "locked": false, "schema_version": 3, "solution": true, "task": false}
def clip_by_value(grads, clip_value):
    """Limit every element of every gradient, formula (1).

    Args:
        grads: a list of at least one float64 array, each of any shape, also () for one number.
        clip_value: the limit c, a positive number.

    Returns:
        A list of as many new arrays in the same shapes, each element within [-c, c]. The inputs
        stay unchanged, and the results share no memory with them, also where nothing was
        clipped. An infinite element becomes c or -c; a NaN stays a NaN.
    """
    ### BEGIN SOLUTION
    clipped = []
    for g in grads:
        clipped.append(np.minimum(clip_value, np.maximum(-clip_value, g)))  # (1)
    return clipped
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_clip_by_value", "locked": true, "points": 1.5, "schema_version": 3, "solution": false, "task": false}
check("clip_by_value", clip_by_value)

# %% [markdown]
# ## Idea 2: limit the length
#
# The gradient of all parameters together is one long vector. Its length says how far the step will go. With $p = 2$ it is
# the usual, Euclidean length; other $p$ measure it otherwise:
#
# $$\lVert g \rVert_p = \Big(\sum_{k=1}^{K} \sum_i |g_{k,i}|^p\Big)^{1/p} \tag{2}$$
#
# $$\lVert g \rVert_\infty = \max_{k,i} |g_{k,i}| \tag{3}$$
#
# $p$ is any number above 0. Formula (3) is what (2) tends to as $p$ grows: the largest element outweighs all others.
#
# **By hand.** For $g_1 = (3, -4)$ and $g_2 = 12$: $\lVert g \rVert_2 = \sqrt{9 + 16 + 144} = 13$, $\lVert g \rVert_1 = 3 + 4 + 12 = 19$ and
# $\lVert g \rVert_\infty = 12$. The two arrays alone have the norms 5 and 12. Their sum, 17, is not the norm of both.

# %% [markdown]
# ## Exercise 2: the global norm
#
# *1.5 points · difficulty 2 of 5 · about 8 minutes*
#
# Write formulas (2) and (3). One sum goes over all elements of all arrays, and one root is taken at the end.


# %% nbgrader={"grade": false, "grade_id": "global_norm", "locked": false, "schema_version": 3, "solution": true, "task": false}
def global_norm(grads, p=2.0):
    """The p-norm of all gradients together, as of one long vector, formulas (2) and (3).

    Args:
        grads: a list of at least one float64 array, each of any shape, also ().
        p: a number above 0, or np.inf, which takes the largest absolute value.

    Returns:
        The norm, a float. The arrays stay unchanged. With a NaN among the elements the norm is
        NaN; otherwise, with an inf or -inf among them, it is inf.
    """
    ### BEGIN SOLUTION
    if p == np.inf:
        return float(np.max([np.max(np.abs(g)) for g in grads]))  # (3)
    total = sum(np.sum(np.abs(g) ** p) for g in grads)
    return float(total ** (1 / p))  # (2)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_global_norm", "locked": true, "points": 1.5, "schema_version": 3, "solution": false, "task": false}
check("global_norm", global_norm)

# %% [markdown]
# ### One factor for all
#
# Let $\tau > 0$ be the threshold, `max_norm`. A vector that is longer than $\tau$ is shrunk to that length. Pascanu, Mikolov and Bengio
# (2013) introduced this; here it is as PyTorch does it:
#
# $$s = \min\Big(1,\ \frac{\tau}{\lVert g \rVert_p + 10^{-6}}\Big) \tag{4}$$
#
# $$g_k \leftarrow s\, g_k \qquad \text{for every } k = 1, \dots, K \tag{5}$$
#
# All elements of all gradients get the same factor $s$, so the direction stays. The $10^{-6}$ avoids a division by zero. It also makes the
# result a little shorter than $\tau$, and it counts exactly at the threshold as well.
#
# **By hand.** $\lVert g \rVert_2 = 13$ and $\tau = 6.5$ give $s = 6.5/13.000001 = 0.49999996$. So $(3, -4)$ becomes $(1.5, -2)$ and 12 becomes 6, up to
# the eighth digit. With $\tau = 20$, $s$ is 1 and nothing changes.

# %% [markdown]
# ## Exercise 3: by global norm
#
# *2.5 points · difficulty 3 of 5 · about 10 minutes*
#
# Write formulas (4) and (5). You may call your `global_norm`; it is used as you wrote it, so let its check pass first. Return the norm as it was
# *before* clipping: that is the number to plot.
#
# A trap: if the norm is NaN, $s$ has to be NaN, and so does every element of the result. Not every minimum does that. Try
# `min(1.0, float("nan"))` in a cell of your own.


# %% nbgrader={"grade": false, "grade_id": "clip_by_global_norm", "locked": false, "schema_version": 3, "solution": true, "task": false}
def clip_by_global_norm(grads, max_norm, p=2.0):
    """Scale all gradients by one factor, so that their norm is at most max_norm: (4) and (5).

    Args:
        grads: a list of at least one float64 array, each of any shape, also ().
        max_norm: the threshold tau, a positive number.
        p: which norm, as in global_norm.

    Returns:
        (clipped, norm): a list of as many new arrays in the same shapes, and the norm before
        clipping, a float. The inputs stay unchanged, and the results share no memory with them,
        also where the factor is 1. Whatever the norm is, formulas (4) and (5) are followed to
        the letter: 1e-6 counts also exactly at the threshold, a NaN norm makes every element
        NaN, an infinite one makes finite elements 0 and infinite ones NaN.
    """
    ### BEGIN SOLUTION
    norm = global_norm(grads, p)  # (2), (3)
    s = np.minimum(1.0, max_norm / (norm + 1e-6))  # (4)
    clipped = [s * g for g in grads]  # (5)
    return clipped, norm
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_clip_by_global_norm", "locked": true, "points": 2.5, "schema_version": 3, "solution": false, "task": false}
check("clip_by_global_norm", clip_by_global_norm)

# %% [markdown]
# ## Experiment: down the cliff
#
# Pascanu and others drew where spikes come from: the loss of a recurrent network has *cliffs*, walls beside flat ground. Here is one to walk on. A network with a
# single unit, $h_t = w\, h_{t-1} + b$, runs for 10 steps, so $h_{10}$ has a term $w^{10}$. It should end at given values from two starts, which happens at
# the star, $w = 0.9$ and $b = 0.15$. You start on the wall, at $w = 1.2$, $b = 0.3$, where the gradient is 1487 long.
#
# Press play, and watch the gradient (red, as an arrow of fixed length) and the step that is taken.


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "cliff", "locked": true, "schema_version": 3, "solution": false, "task": false}
def descend(lr, max_norm, steps=60):
    """The points visited, (steps + 1, 2) or fewer: it ends when thrown off the map."""
    points = [cliff.WALL]
    while len(points) <= steps and np.abs(points[-1]).max() < 5:
        (grad,), _ = clip_by_global_norm([cliff.gradient(points[-1])], max_norm)
        points.append(points[-1] - lr * grad)
    return np.array(points)


figures.cliff_play(descend)

# %% [markdown]
# **Your turn.** *Goal:* be within 0.05 of the star after at most 15 steps, and stay there. At first nothing is clipped (`max_norm` infinite). What does the first step do, and
# how long may it be?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "cliff_game", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.cliff_game(descend)

# %% [markdown]
# The next figure says without sliders what goes wrong on either side.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "cliff_paths", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.cliff_paths(descend)

# %% [markdown]
# <details>
# <summary>Explain: which settings reach the goal?</summary>
# <p>
# On the wall every gradient is clipped, and a step is $lr \cdot \tau$ long. The way down is about 0.3 long, so a product of 0.03 takes
# about 10 steps: (0.1, 0.3) does it, and (0.03, 1). Near the star the gradient is short, $\tau$ no longer matters, and $lr$ decides: across this valley plain descent is stable up to
# $lr = 0.012$. Above that it swings, by at most about $lr \cdot \tau$, which a small $\tau$ keeps within the goal. One setting needs 3 steps only: (0.01, 10). The next section says why.
# </p>
# </details>

# %% [markdown]
# ### Why a limit on the length?
#
# A step is safe while the slope does not change much along it. Zhang and others (2020) measured the curvature of language models along training: where the
# gradient is long, the loss is also strongly bent. They model that as
#
# $$\lVert \nabla^2 L \rVert \le L_0 + L_1 \lVert g \rVert \tag{6}$$
#
# with two constants of the task. A rate that is safe everywhere has to shrink where the gradient grows, like $1/(L_0 + L_1 \lVert g \rVert)$. Up to a factor of two that is
# $\min(1/L_0,\ 1/(L_1 \lVert g \rVert))$: a constant rate with its step clipped, and $\tau = L_0/L_1$. They prove that clipped descent then needs fewer steps than any constant rate. Does (6) hold on the cliff?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "smoothness", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.smoothness()

# %% [markdown]
# <details>
# <summary>Explain: what do the two constants say about the sliders?</summary>
# <p>
# On the cliff $L_0$ is about 160 and $L_1$ about 13.4. That makes a rate of $1/160 = 0.006$ and a threshold of $160/13.4 = 12$: close to (0.01, 10), the quickest of all settings. For a real network
# nobody knows the constants, and both are found by trying.
# </p>
# </details>

# %% [markdown]
# ### Experiment: which of them turns the gradient?
#
# Take the speller's first gradient, five arrays, for five seeds. Clip it harder and harder, in three ways: by value with (1), by global norm with (4)
# and (5), and by a norm of its own for each array, as some libraries do.
#
# **Predict.** When clipping by value has left half of the length, by how many degrees has it turned the direction?

# %%
predict("turned_by_value", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "direction", "locked": true, "schema_version": 3, "solution": false, "task": false}
ways = {
    "by value": lambda grads, c: clip_by_value(grads, c),
    "each array alone": lambda grads, c: [clip_by_global_norm([g], c)[0][0] for g in grads],
    "by global norm": lambda grads, c: clip_by_global_norm(grads, c)[0],
}
grads = [characters.first_gradients(seed) for seed in range(5)]
figures.directions(grads, ways)

# %% [markdown]
# <details>
# <summary>Explain: is a turned direction a disaster?</summary>
# <p>
# Not always. Clipping by value keeps every sign, so the angle stays below 90 degrees and a small step still goes downhill.
# It favours small elements over large ones, a little as RMSprop does (lesson 04). But it is no longer the direction of steepest descent, and a limit that is far too low leaves little more
# than the signs.
# </p>
# </details>

# %% [markdown]
# ## The real thing: a training step
#
# Clipping changes `.grad`, so there is only one place for it:
#
# 1. `optimizer.zero_grad()` clears old gradients;
# 2. compute the loss, `loss_fn(model(x), y)`;
# 3. `loss.backward()` fills in `.grad`;
# 4. **clip**: formulas (2), (4) and (5) with $p = 2$, over all of `model.parameters()` that have a gradient;
# 5. `optimizer.step()` uses what it finds in `.grad`.
#
# Clip before line 3 and there is nothing to clip. Clip after line 5 and it is too late.

# %% [markdown]
# ## Exercise 4: the clipped training step
#
# *2.5 points · difficulty 3 of 5 · about 12 minutes*
#
# Write the five lines. For line 4 you may write the formulas in torch, or call your NumPy functions: `theta.grad.numpy()` is the gradient as an array
# that shares its memory. Either way the result has to end up in `.grad`. Do without `torch.nn.utils`.
#
# Return plain numbers: a loss that is still a tensor keeps its whole graph in memory.


# %% nbgrader={"grade": false, "grade_id": "clipped_training_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def clipped_training_step(model, loss_fn, x, y, optimizer, max_norm):
    """One update of a model, its gradients clipped by global norm (p = 2): lines 1 to 5.

    Args:
        model: a torch.nn.Module, its parameters of any shape, also (); some of them may take no
            part in the loss and have .grad None.
        loss_fn: called as loss_fn(model(x), y), gives the loss, a tensor of shape ().
        x, y: tensors, one batch.
        optimizer: has zero_grad(), step() and param_groups, as those of torch.optim. Its
            parameters may be in several groups, and it may hold fewer than the model has. Old
            gradients may be left on them.
        max_norm: the threshold tau, a positive number.

    Returns:
        (loss, grad_norm), two plain numbers and no tensors: the loss before the update, and the
        norm of all of model.parameters() that have a gradient, before clipping.
        optimizer.step() is called once.
    """
    ### BEGIN SOLUTION
    optimizer.zero_grad()  # line 1
    loss = loss_fn(model(x), y)  # line 2
    loss.backward()  # line 3
    grads = [theta.grad for theta in model.parameters() if theta.grad is not None]
    norm = torch.sqrt(sum(torch.sum(g**2) for g in grads))  # line 4: (2)
    s = torch.clamp(max_norm / (norm + 1e-6), max=1.0)  # line 4: (4)
    for g in grads:
        g *= s  # line 4: (5), in place
    optimizer.step()  # line 5
    return loss.item(), norm.item()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_clipped_training_step", "locked": true, "points": 2.5, "schema_version": 3, "solution": false, "task": false}
check("clipped_training_step", clipped_training_step)

# %% [markdown]
# ### Experiment: the same page, clipped
#
# The same network, rate and spoilt page, and your training step with $\tau = 0.5$. The page's gradient still points to a network that writes dashes; the step
# in that direction is now $1.5 \cdot 0.5 = 0.75$ long.
#
# **Predict.** How long after the page is the loss first back to 2.2 or less: `"1 to 5 updates"`, `"about 20 updates"` or `"50 or more"`?

# %%
predict("back_after_clipping", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "page_clipped", "locked": true, "schema_version": 3, "solution": false, "task": false}
step = partial(clipped_training_step, max_norm=0.5)
figures.page_clipped(*characters.train(step, lr=1.5, spoilt=150))

# %% [markdown]
# <details>
# <summary>Explain: a safety net?</summary>
# <p>
# The page is over at once. But a net should catch few, and this one catches more than half of the updates. Where $s < 1$ the step is $lr \cdot \tau$ long,
# whatever the gradient's size, and only the direction counts. That is a sensible way to train, close to what is called normalised gradient descent; the rate no longer has a meaning of its own.
# </p>
# </details>

# %% [markdown]
# ## Choosing a threshold
#
# Look before you clip. Run for a while where training is healthy, with $\tau$ infinite; your step returns the norms all the same. Draw a histogram.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "histogram", "locked": true, "schema_version": 3, "solution": false, "task": false}
_, norms = characters.train(partial(clipped_training_step, max_norm=math.inf), lr=1.5)
figures.histogram(norms)

# %% [markdown]
# A rule of thumb: start at the upper end of the bulk, so that the tail is clipped and the rest is not. Pascanu and others look at the average norm
# over many updates and try from half of it to ten times as much.
#
# How critical is it? The page's gradient is 5 to 11 long. Nine thresholds were tried on five seeds each, with the page and $lr = 1.5$: 0.03, 0.1, 0.3, 0.5, 1, 2, 3, 5 and 10.
#
# **Predict.** Which is the largest of the nine with which at least four of the five runs survive the page, that is, end below 2.2?

# %%
predict("largest_threshold", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "thresholds", "locked": true, "schema_version": 3, "solution": false, "task": false}
tau = 0.2  # yours to choose
losses, _ = characters.train(partial(clipped_training_step, max_norm=tau), lr=1.5, spoilt=150)
figures.thresholds(tau, losses)

# %% [markdown]
# <details>
# <summary>Explain: what goes wrong at either end?</summary>
# <p>
# No step is longer than $lr\cdot\tau$. With 0.03 that is 0.045, and 250 such steps do not lead far. From 0.3 to 2 every run survives, and all end within 0.1 of each other. At 3 one run of five is lost, at 5 all of them, although the page's gradient was cut there, too: a step of 7.5 is enough.
# </p>
# <p>
# The upper end of the bulk, about 0.7, is well inside. Half of the average norm to ten times as much, 0.3 to 6, is the range to search, and not all of it is safe.
# </p>
# </details>

# %% [markdown]
# ### Could a smaller rate do the same?
#
# Clipping makes the longest steps shorter. A smaller rate makes all of them shorter. Seven rates, five seeds each, with the page: 0.1, 0.3, 0.5, 1, 1.5, 2 and 4.
#
# **Predict.** Is there a rate at which plain SGD survives the page on all five seeds *and* ends as low as the best clipped runs: `"yes"` or `"no"`?

# %%
predict("a_smaller_rate", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "rates", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.rates()

# %% [markdown]
# <details>
# <summary>Explain: so what does clipping buy?</summary>
# <p>
# Up to 0.5 the plain runs survive, and end at 2.1. From 1 on some or all are lost. Clipped runs end at 1.8 with rates from 1.5 to 2, and even 4 works.
# </p>
# <p>
# Without the page the picture is another: there, at its best rate, plain SGD ends at 1.86, and clipping, at its best, at 1.82. On healthy data clipping gains
# next to nothing here. It buys room above: the rate need not be small enough for the worst batch that may ever come.
# </p>
# </details>

# %% [markdown]
# ### NaN and infinity
#
# A NaN or an infinity in one gradient says that something broke earlier: an overflow, the slope of a root at zero, a bad row in the data.
#
# **Predict.** The gradients are $(1, 2)$ and $(3, \infty)$, the threshold is 1. What do (4) and (5) make of the 1, the 2 and the 3: `"0"`, `"NaN"`, or `"unchanged"`?

# %%
predict("beside_infinity", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "not_finite", "locked": true, "schema_version": 3, "solution": false, "task": false}
for value in (math.inf, math.nan):
    grads = [np.array([1.0, 2.0]), np.array([3.0, value])]
    with np.errstate(invalid="ignore"):  # 0 times infinity is NaN, and NumPy would warn
        figures.not_finite(*clip_by_global_norm(grads, max_norm=1.0))

# %% [markdown]
# <details>
# <summary>Explain: would it not be kinder to set bad gradients to 0?</summary>
# <p>
# It would hide the fault. A NaN norm makes every gradient NaN, and an infinite one leaves at least one: $s$ is 0, and 0 times infinity is NaN. The next loss is NaN, and you notice.
# TensorFlow's function makes all of them NaN in both cases; PyTorch's raises an error if you ask for it with
# <code>error_if_nonfinite=True</code>. If you want to go on, decide it yourself: look at the norm, and skip <code>optimizer.step()</code> for that batch, as training in float16 does.
# </p>
# </details>

# %% [markdown]
# ## Challenge: a guard without a threshold
#
# *2 points · difficulty 4 of 5 · about 15 minutes*
#
# A threshold has to be found anew for every task, and norms drift as training goes on. Seetharaman and others (2020) let the past decide: clip at a quantile of the norms seen so far.
# Build a guard that does so, and that leaves out what is broken.

# %% [markdown]
# Four rules:
#
# 1. A batch whose norm is NaN or infinite is skipped: `clip` returns None.
# 2. The limit is the `quantile` of the norms that the guard remembers, at most the last `window` of them. A batch has no say in its own limit. While nothing is remembered, nothing is clipped.
# 3. What is not skipped is clipped to the limit, and its norm is remembered.
# 4. A norm of more than `skip_above` times the limit is skipped, too. A skipped batch leaves no trace.
#
# Rule 3 leaves one thing open: *which* norm, the one before clipping or the one after? With one of them the limit could never rise above the norm of the very first batch,
# however much longer gradients become. Find out on paper which.


# %% nbgrader={"grade": false, "grade_id": "SpikeGuard", "locked": false, "schema_version": 3, "solution": true, "task": false}
class SpikeGuard:
    """Clips by global norm (p = 2) at a quantile of earlier norms, and skips what is broken.

    Args:
        window: how many norms are remembered at most, 1 or more.
        quantile: from 0 to 1, interpolated linearly between norms, as np.quantile does.
        skip_above: how many times the limit a norm may be, 1 or more.

    Two instances share nothing. Its clip(grads) takes a list of float64 arrays, each of any
    shape, also (), and returns None for a batch to be skipped, or else the list of clipped
    arrays: formulas (4) and (5) with the limit as tau. Norms may be NaN or infinite in any
    batch, also the first.
    """

    def __init__(self, window=100, quantile=0.9, skip_above=5.0):
        """Keep the settings; nothing is remembered yet."""
        ### BEGIN SOLUTION
        self.window, self.quantile, self.skip_above = window, quantile, skip_above
        self.norms = []
        ### END SOLUTION

    def clip(self, grads):
        """The clipped gradients of one batch, or None where it is to be skipped."""
        ### BEGIN SOLUTION
        norm = global_norm(grads)
        limit = np.quantile(self.norms, self.quantile) if self.norms else np.inf  # rule 2
        if not np.isfinite(norm) or norm > self.skip_above * limit:  # rules 1 and 4
            return None
        self.norms = [*self.norms, norm][-self.window :]  # rule 3: before clipping
        clipped, _ = clip_by_global_norm(grads, limit)
        return clipped
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_SpikeGuard", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("SpikeGuard", SpikeGuard)

# %% [markdown]
# ### Experiment: the guard and the page
#
# The guard needs no histogram and has its default settings. It meets the spoilt page at the same rate as before.
#
# **Predict.** How does it end, beside clipping at the hand-picked 0.5: `"better"`, `"about as well"` or `"worse"`?

# %%
predict("guarded", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "guard", "locked": true, "schema_version": 3, "solution": false, "task": false}
guard, skipped = SpikeGuard(), []


def guarded_step(model, loss_fn, x, y, optimizer):
    optimizer.zero_grad()
    loss = loss_fn(model(x), y)
    loss.backward()
    grads = guard.clip([theta.grad.numpy() for theta in model.parameters()])
    skipped.append(grads is None)
    if grads is not None:
        for theta, grad in zip(model.parameters(), grads, strict=True):
            theta.grad.copy_(torch.from_numpy(grad))
        optimizer.step()
    return loss.item(), math.nan


losses, _ = characters.train(guarded_step, lr=1.5, spoilt=150)
figures.guarded(losses, skipped)

# %% [markdown]
# <details>
# <summary>Explain: why remember the norm before clipping?</summary>
# <p>
# The first batch passes whole. If norms were remembered as they are after clipping, nothing remembered would ever be longer than the limit of its time, and the first limit is the
# first batch's norm. So no later limit could be above that one. Remembered as they are before clipping, norms lift the limit when they grow, and a tenth of them stays above it.
# </p>
# </details>

# %% [markdown]
# ## Conventions
#
# "Clip to 4" does not mean the same everywhere. The gradients are those of the worked example, $(3, -4)$ and $12$, and the limit is 4. The last column
# says what becomes of gradients whose norm is exactly the limit.
#
# | where | rule | result | turned by | at the limit |
# |---|---|---|---|---|
# | this lesson; PyTorch, `clip_grad_norm_` | (4) and (5) | (0.923, −1.231), 3.692 | 0° | a little shorter |
# | Pascanu and others, Algorithm 1 | `s = tau / norm if norm >= tau` | the same | 0° | unchanged |
# | TensorFlow, `clip_by_global_norm` | `s = tau / max(norm, tau)` | the same | 0° | unchanged |
# | optax, `clip_by_global_norm` | `s = tau / norm if norm >= tau` | the same | 0° | unchanged |
# | Keras, `clipnorm` | each array by its own norm | (2.4, −3.2), 4 | 22.4° | |
# | PyTorch, `clip_grad_value_`; Keras, `clipvalue`; optax, `clip` | (1) | (3, −4), 4 | 28.7° | |
#
# "The same" means to six digits. PyTorch's functions end in `_`: they change the gradients in place. `clip_grad_norm_` returns the norm before
# clipping, `clip_grad_value_` returns nothing. In Keras, `global_clipnorm` is the global one. Seetharaman and others remember a batch's norm before they take the quantile, so that
# it has a say in its own limit, and skip nothing.

# %% [markdown]
# ## Quiz
#
# **1.** The gradients are $(3, -4)$ and $12$. Each array is clipped by its *own* norm, to 4. What is the global norm of the result?

# %%
quiz("norm_of_both", ...)

# %% [markdown]
# **2.** To save memory you add up the gradients of four small batches before each `optimizer.step()`. Where do you clip?
#
# - (a) after each `backward()`
# - (b) once, after the last `backward()` and before the step
# - (c) after the step
# - (d) before the first `backward()`

# %%
quiz("accumulated", ...)

# %% [markdown]
# **3.** With a loss that is the mean over 64 rows, $\tau = 0.5$ works well. Somebody changes the loss to the *sum* over the rows and divides the rate by 64. Which $\tau$ keeps training as it was?

# %%
quiz("summed_loss", ...)

# %% [markdown]
# **4.** Your log shows norms far above $\tau$ at every single update. You halve $lr$ and double $\tau$. What changes?
#
# - (a) next to nothing
# - (b) the steps get half as long
# - (c) the steps get twice as long
# - (d) the direction of the steps

# %%
quiz("rate_and_threshold", ...)

# %% [markdown]
# **5.** A run logs: loss 2.1, norm `inf`. The next loss is `nan`. What helps?
#
# - (a) a lower threshold
# - (b) skipping such a step, and finding out where the infinity comes from
# - (c) replacing NaN and inf by 0 in all gradients
# - (d) a lower rate

# %%
quiz("infinite_norm", ...)

# %% [markdown]
# ## What our trainer can do now
#
# Our trainer reads digits, not sequences, and its batches are clean. With momentum 0.9, rates from 0.05 to 1 and thresholds of 0.3, 1 and 3, its best clipped runs end at a
# training loss of 0.057, its best plain ones at 0.073. The five seeds of the two overlap, so that is hardly a gain.
#
# The gain shows on a bad day. Let one batch of 138 arrive as raw bytes, with pixels from 0 to 255 and not from 0 to 1. The plain trainer ends above 1.2 on four seeds of five, where blind guessing gives 2.3;
# with clipping it stays below 0.1 on all of them.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "trainer_so_far", "locked": true, "schema_version": 3, "solution": false, "task": false}
trainer.so_far("07_clipping")

# %% [markdown]
# ## Recap
#
# 1. Through many layers or time steps a gradient is a product: it vanishes or explodes.
# 2. By value (1) limits each element and turns the direction; by global norm (4), (5) limits the length and keeps the direction.
# 3. One norm over all parameters, one factor for all.
# 4. The order is zero, loss, backward, **clip**, step. Log the norm before clipping.
# 5. Choose the threshold from the norms of a healthy run, or let a quantile follow them. A NaN should stay visible.

# %% [markdown]
# ## Where it breaks
#
# - **Vanishing gradients** stay as they are. Normalisation (lesson 08) and good initial weights help there.
# - **A threshold that is always exceeded** fixes the length of the step, also near the minimum. Let the rate decay (lesson 06).
# - **Adam** divides by the gradient's size anyway (lesson 05), so a constant factor cancels. Clipping still matters there: one spike stays in $v$ and makes
#   the steps of the next thousand updates too short.
# - **The scale of the loss** is in the norm, and so in the threshold. With loss scaling in float16, unscale first.
# - **It biases noisy gradients.** Rare long ones are shortened, and sometimes they are the informative ones.
# - **A guard that skips** is lost when norms rise for good to more than `skip_above` times the old level: from then on it skips everything. Count what it skips.

# %% [markdown]
# ## Further
#
# - R. Pascanu, T. Mikolov and Y. Bengio (2013). On the difficulty of training recurrent neural networks. ICML. arXiv:1211.5063
# - Y. Bengio, P. Simard and P. Frasconi (1994). Learning long-term dependencies with gradient descent is difficult. IEEE Transactions on Neural Networks 5(2)
# - J. Zhang, T. He, S. Sra and A. Jadbabaie (2020). Why gradient clipping accelerates training: a theoretical justification for adaptivity. ICLR. arXiv:1905.11881
# - P. Seetharaman, G. Wichern, B. Pardo and J. Le Roux (2020). AutoClip: adaptive gradient clipping for source separation networks. MLSP. arXiv:2007.14469
# - T. Mikolov (2012). Statistical Language Models Based on Neural Networks. PhD thesis, Brno University of Technology
