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
# Clipping puts a limit on the gradient before the step is taken. One bad batch can then no longer undo all the good ones.
#
# ## The problem
#
# A recurrent network reads 30 random numbers, one after the other, and then has to say what the first one was. It has to
# carry that number through 29 steps that do not matter.
#
# It reads with one matrix that is used at every step. Backpropagation goes back through that matrix as many times, so a gradient can
# grow or shrink 29 times in a row. The next three cells make the task, the network and a loop that trains it.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import math
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
import torch
from torch import nn

from course import check, plots

mse = nn.functional.mse_loss


def batch(rng, length=30):
    """32 sequences of random numbers from -1 to 1, shape (32, length, 1), and the first of each, (32,)."""
    x = torch.from_numpy(rng.uniform(-1, 1, size=(32, length, 1)))
    return x, x[:, 0, 0]


x, y = batch(np.random.default_rng(1))
print(f"x {tuple(x.shape)}, y {tuple(y.shape)}")
print(f"Who always answers 0 has a loss of about {1 / 3:.2f}, the mean square of a number from -1 to 1.")


# %% nbgrader={"grade": false, "grade_id": "network", "locked": true, "schema_version": 3, "solution": false, "task": false}
class Recall(nn.Module):
    """A recurrent network with 32 units and a linear readout of its last state."""

    def __init__(self, gain=1.25):
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(1)
            self.rnn = nn.RNN(1, 32, batch_first=True)  # h_t = tanh(W x_t + U h_(t-1) + biases)
            self.readout = nn.Linear(32, 1)
            nn.init.orthogonal_(self.rnn.weight_hh_l0, gain)  # U: keeps lengths, times gain
            nn.init.normal_(self.rnn.weight_ih_l0, std=0.2)
            nn.init.normal_(self.readout.weight, std=32**-0.5)
            nn.init.zeros_(self.readout.bias)
        self.double()

    def forward(self, x):
        states, _ = self.rnn(x)
        return self.readout(states[:, -1])[:, 0]


weights = nn.utils.parameters_to_vector(Recall().parameters())
print(f"{len(weights)} parameters in {len(list(Recall().parameters()))} tensors")
print(f"As one long vector, the parameters have the length {weights.norm().item():.1f}.")


# %% nbgrader={"grade": false, "grade_id": "training_loop", "locked": true, "schema_version": 3, "solution": false, "task": false}
def plain_step(model, loss_fn, x, y, optimizer):
    """One update without clipping; the library measures the norm."""
    optimizer.zero_grad()
    loss = loss_fn(model(x), y)
    loss.backward()
    norm = nn.utils.get_total_norm([theta.grad for theta in model.parameters()])
    optimizer.step()
    return loss.item(), float(norm)


def train(step, lr=0.1, updates=200):
    """Losses and gradient norms of a run; it ends early once a norm is above a thousand million."""
    model, rng = Recall(), np.random.default_rng(1)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses, norms = [], []
    while len(losses) < updates and max(norms, default=0) < 1e9:
        loss, norm = step(model, mse, *batch(rng), optimizer)
        losses.append(loss)
        norms.append(norm)
    return np.array(losses), np.array(norms)


plain_losses, plain_norms = train(plain_step)
print(f"The run ended after {len(plain_losses)} of 200 updates.")

# %% [markdown]
# **Predict.** The gradient has as many elements as the network has parameters. Its length as one long vector, its norm, is 8 at the first
# update. The learning rate is 0.1. How long is the first step, and how does that compare with the length of the parameters? What will the norm look
# like over the next updates?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "spike", "locked": true, "schema_version": 3, "solution": false, "task": false}
figure, (top, bottom) = plt.subplots(2, 1, figsize=(7, 5.5), sharex=True)
updates = np.arange(1, len(plain_norms) + 1)
for ax, values in ((top, plain_norms), (bottom, plain_losses)):
    ax.plot(updates, values, marker="o", markersize=4, color=plots.PALETTE[3])
    ax.set(yscale="log", xlim=(0.5, len(updates) + 0.5))
top.annotate(
    "the first spike", (4, plain_norms[3]), xytext=(2.2, 1e7), arrowprops={"arrowstyle": "->", "color": "0.2"}
)
top.set(ylabel="gradient norm", title="One spike, and the run never comes back")
bottom.axhline(1 / 3, color="0.5", linewidth=1)
bottom.text(18.3, 0.5, "always answering 0", color="0.35", ha="right", va="bottom")
bottom.set(xlabel="update", ylabel="loss")
plots.show(
    figure,
    "Gradient norm and loss over 18 updates, both on logarithmic axes. The norm is 8 at first, 236 at update 4, and above 10 to the "
    "9 at the end. The loss is between 0.8 and 3.5 for four updates and then rises to more than 10 to the 14.",
)
print("norms: ", ", ".join(f"{norm:.0f}" for norm in plain_norms[:6]))
print("losses:", ", ".join(f"{loss:.2g}" for loss in plain_losses[:6]))

# %% [markdown]
# <details>
# <summary>What to see</summary>
# <p>
# A step of SGD is $lr$ times the gradient, so its length is a tenth of the norm: 0.8, 1.1 and 2.6 at first, and then 24. All the
# parameters together are a vector of length 7. One such step throws it far away, to a place where the loss is steeper still. The
# run is lost, and one batch was enough.
# </p>
# </details>
#
# ## At the end you can
#
# - clip gradients by value and by global norm, and say which of them keeps the direction;
# - put clipping in its one right place in a training step;
# - choose a threshold from a histogram of norms;
# - say what a NaN or an infinite gradient does to the rest, and why that is right.
#
# About 60 minutes, 10 points. It builds on lesson 01 (SGD, the training loop). The experiments run your own code: when one stops
# with `NotImplementedError`, fill in the exercise above it first.
#
# You build it from scratch: to your answers PyTorch's own optimisers and schedules, clipping and normalisation, and pandas' exponential
# averages are not available, in the check and in grading alike. The experiments may use them. The class `torch.optim.Optimizer`, which
# computes nothing, may be inherited from.

# %% [markdown]
# ## Where the spike comes from
#
# Let $h_t$, a vector of 32 numbers, be the network's state after step $t$, and $L$ the loss. The chain rule carries the gradient
# from one state to the one before:
#
# $$\frac{\partial L}{\partial h_{t-1}} = J_t^\top\, \frac{\partial L}{\partial h_t}, \qquad J_t = \frac{\partial h_t}{\partial h_{t-1}}$$
#
# $J_t$ is a 32 × 32 matrix: $U$ with each row multiplied by a slope of tanh, which is at most 1. From step 30 to step 1 there are 29 of them. If each
# lengthens the vector by a quarter, it ends $1.25^{29} = 646$ times as long: the gradient **explodes**. If each shortens it by a quarter,
# $0.75^{29} = 0.0002$ of it is left: it **vanishes** (Bengio and others, 1994).
#
# **Predict.** The next cell takes a $U$ that keeps lengths exactly and multiplies it by 0.75, 1, 1.25 (as above) or 2. How does the gradient change
# on its way back from step 30 to step 1? Tanh has a say as well.


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "through_time", "locked": true, "schema_version": 3, "solution": false, "task": false}
def gradient_through_time(gain):
    """The length of the loss's gradient with respect to each state, (30,): step 1 first."""
    model = Recall(gain)
    W, U, *biases = model.rnn.parameters()
    x, y = batch(np.random.default_rng(1))
    h, states = torch.zeros(32, 32, dtype=torch.float64), []
    for x_t in x.unbind(dim=1):
        h = torch.tanh(x_t @ W.T + h @ U.T + sum(biases))
        h.retain_grad()
        states.append(h)
    mse(model.readout(h)[:, 0], y).backward()
    return np.array([h.grad.norm().item() for h in states])


lengths = {f"U × {gain}": gradient_through_time(gain) for gain in (0.75, 1, 1.25, 2)}
steps = np.arange(30, 0, -1)
figure, ax = plt.subplots()
ax.set(xlabel="step of the sequence", ylabel="length, relative to step 30", yscale="log")
ax.set(xlim=(30, 1), xticks=[30, 20, 10, 1], ylim=(1e-5, 1e3))
plots.curves(ax, {name: (values / values[-1])[::-1] for name, values in lengths.items()}, x=steps)
ax.set_title("Going back through time, gradients vanish or explode")
plots.show(
    figure,
    "Length of the gradient with respect to the state, from step 30 back to step 1, on a logarithmic axis. With 0.75 it falls to "
    "0.00005, with 1 to 0.04, with 1.25 it ends where it began, with 2 it grows to about 200.",
)
for name, values in lengths.items():
    print(f"{name}: at step 1 it is {values[0] / values[-1]:.2g} times as long as at step 30")

# %% [markdown]
# <details>
# <summary>Explain: why not 646 times, and does clipping help both?</summary>
# <p>
# The slopes of tanh are below 1 and work against $U$. With 1.25 the two just balance, which suits a memory; this is where the network of the first figure
# starts. Training then changes every weight, and nothing keeps the balance.
# </p>
# <p>
# Clipping shortens what is too long, and no more. A gradient that has vanished carries no more information, and no factor brings it back. For that
# there are other remedies: gates (LSTM, GRU), a $U$ that keeps lengths at the start, shortcuts. Gated networks explode as well,
# and are usually trained with clipping.
# </p>
# </details>
#
# ## Idea 1: limit every element
#
# Let $g_1, \dots, g_K$ be the gradients of the $K$ parameter tensors, each in the shape of its parameter. $g_{k,i}$ is element $i$ of $g_k$. $c > 0$ is
# the limit, `clip_value`.
#
# $$g_{k,i} \leftarrow \min\big(c,\ \max(-c,\ g_{k,i})\big) \tag{1}$$
#
# Elements between $-c$ and $c$ stay; the others are moved to the nearer limit. Mikolov (2012) trained his language models this way.
#
# **By hand.** Two gradients, $g_1 = (3, -4)$ and the single number $g_2 = 12$. With $c = 5$ only the last element is beyond the limit. The result
# is $(3, -4)$ and $5$.

# %% [markdown]
# ## Exercise 1: by value (2 points)
#
# Write formula (1) for a list of arrays. Return new arrays, also where there was nothing to clip.


# %% nbgrader={"grade": false, "grade_id": "clip_by_value", "locked": false, "schema_version": 3, "solution": true, "task": false}
def clip_by_value(grads, clip_value):
    """Limit every element of every gradient, formula (1).

    Args:
        grads: a list of at least one float64 array, each of any shape, also () for a single number.
        clip_value: the limit c, a positive number.

    Returns:
        A list of as many new arrays in the same shapes, each element within [-c, c]. The inputs stay unchanged,
        and the results share no memory with them, also where nothing was clipped. An infinite element becomes
        c or -c; a NaN stays a NaN.
    """
    ### BEGIN SOLUTION
    clipped = []
    for g in grads:
        clipped.append(np.minimum(clip_value, np.maximum(-clip_value, g)))  # (1)
    return clipped
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_clip_by_value", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
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
# ## Exercise 2: the global norm (2 points)
#
# Write formulas (2) and (3). One sum goes over all elements of all arrays, and one root is taken at the end.


# %% nbgrader={"grade": false, "grade_id": "global_norm", "locked": false, "schema_version": 3, "solution": true, "task": false}
def global_norm(grads, p=2.0):
    """The p-norm of all gradients together, as if they were one long vector, formulas (2) and (3).

    Args:
        grads: a list of at least one float64 array, each of any shape, also ().
        p: a number above 0, or np.inf, which takes the largest absolute value.

    Returns:
        The norm, a float. The arrays stay unchanged. With a NaN among the elements the norm is NaN; else, with
        an inf or -inf among them, it is inf.
    """
    ### BEGIN SOLUTION
    if p == np.inf:
        return float(np.max([np.max(np.abs(g)) for g in grads]))  # (3)
    total = sum(np.sum(np.abs(g) ** p) for g in grads)
    return float(total ** (1 / p))  # (2)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_global_norm", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
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
# **By hand.** $\lVert g \rVert_2 = 13$ and $\tau = 6.5$ give $s = 6.5/13.000001 = 0.49999996$. So $(3, -4)$ becomes $(1.5, -2)$ and 12 becomes 6, but
# for the eighth digit. With $\tau = 20$, $s$ is 1 and nothing changes.

# %% [markdown]
# ## Exercise 3: by global norm (3 points)
#
# Write formulas (4) and (5). You may call your `global_norm`; it is used as you wrote it, so let its check pass first. Return the norm as it was
# *before* clipping: that is the number to plot.
#
# A trap: if the norm is NaN, $s$ has to be NaN, and so does every element of the result. Not every minimum does that. Try
# `min(1.0, float("nan"))` in a cell of your own.


# %% nbgrader={"grade": false, "grade_id": "clip_by_global_norm", "locked": false, "schema_version": 3, "solution": true, "task": false}
def clip_by_global_norm(grads, max_norm, p=2.0):
    """Scale all gradients by one factor so that their global norm is at most max_norm, formulas (4) and (5).

    Args:
        grads: a list of at least one float64 array, each of any shape, also ().
        max_norm: the threshold tau, a positive number.
        p: which norm, as in global_norm.

    Returns:
        (clipped, norm): a list of as many new arrays in the same shapes, and the norm before clipping, a float.
        The inputs stay unchanged, and the results share no memory with them, also where the factor is 1.
        Whatever the norm is, formulas (4) and (5) are followed to the letter: 1e-6 counts also exactly at the
        threshold, a NaN norm makes every element NaN, an infinite one makes finite elements 0 and infinite
        ones NaN.
    """
    ### BEGIN SOLUTION
    norm = global_norm(grads, p)  # (2), (3)
    s = np.minimum(1.0, max_norm / (norm + 1e-6))  # (4)
    clipped = [s * g for g in grads]  # (5)
    return clipped, norm
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_clip_by_global_norm", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("clip_by_global_norm", clip_by_global_norm)

# %% [markdown]
# ### Experiment: which of them turns the gradient?
#
# Take the gradient of the first batch, six arrays. Clip it harder and harder, in three ways: by value with (1), by global norm with (4)
# and (5), and by a norm of its own for each array, as some libraries do.
#
# **Predict.** When half of the length is left, by how many degrees has each of them turned the direction?


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "direction", "locked": true, "schema_version": 3, "solution": false, "task": false}
def angle(grads, clipped):
    """Degrees between two gradients, each taken as one long vector."""
    a, b = (np.concatenate([np.ravel(g) for g in arrays]) for arrays in (grads, clipped))
    return math.degrees(math.acos(min(1.0, a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))))


model = Recall()
mse(model(x), y).backward()
grads = [theta.grad.numpy() for theta in model.parameters()]
ways = {
    "by value": lambda limit: clip_by_value(grads, limit),
    "each array alone": lambda limit: [clip_by_global_norm([g], limit)[0][0] for g in grads],
    "by global norm": lambda limit: clip_by_global_norm(grads, limit)[0],
}
left, turned = {}, {}
for name, clip in ways.items():
    tried = [clip(limit) for limit in global_norm(grads) * 10.0 ** np.linspace(0, -4, 61)]
    left[name] = [100 * global_norm(clipped) / global_norm(grads) for clipped in tried]
    turned[name] = [angle(grads, clipped) for clipped in tried]

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "direction_figure", "locked": true, "schema_version": 3, "solution": false, "task": false}
figure, ax = plt.subplots()
ax.set(xlabel="length that is left (%)", ylabel="direction turned by (degrees)", xlim=(100, 0), ylim=(-2, 60))
plots.curves(ax, turned, x=left)
ax.set_title("Only the global norm keeps the direction")
plots.show(
    figure,
    "Angle between the gradient before and after clipping, against the length that is left. By global norm it is 0 throughout. By value "
    "and for each array alone it is about 30 degrees when half of the length is left, and grows further.",
)
for name in ways:
    half = np.argmin(np.abs(np.array(left[name]) - 50))
    print(f"{name:16} {turned[name][half]:.0f} degrees with {left[name][half]:.0f}% of the length left")

# %% [markdown]
# <details>
# <summary>Explain: is a turned direction a disaster?</summary>
# <p>
# Not always. Clipping by value keeps every sign, so the angle stays below 90 degrees and a small step still goes downhill.
# It favours small elements over large ones, a little as RMSprop does. But it is no longer the direction of steepest descent, how far
# it turns depends on the limit, and a limit that is far too low leaves little more than the signs.
# </p>
# </details>
#
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
# ## Exercise 4: the clipped training step (3 points)
#
# Write the five lines. For line 4 you may write the formulas in torch, or call your NumPy functions: `theta.grad.numpy()` is the gradient as an array
# that shares its memory. Either way the result has to end up in `.grad`. Do without `torch.nn.utils`.
#
# Return plain numbers: a loss that is still a tensor keeps its whole graph in memory.


# %% nbgrader={"grade": false, "grade_id": "clipped_training_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def clipped_training_step(model, loss_fn, x, y, optimizer, max_norm):
    """One update of a PyTorch model with its gradients clipped by global norm (p = 2), lines 1 to 5.

    Args:
        model: a torch.nn.Module; some of its parameters may take no part in the loss and have .grad None.
        loss_fn: called as loss_fn(model(x), y), gives the loss, a tensor of shape ().
        x, y: tensors, one batch.
        optimizer: has zero_grad(), step() and param_groups, as those of torch.optim. Its parameters may be in
            several groups, and it may hold fewer than the model has. Old gradients may be left on them.
        max_norm: the threshold tau, a positive number.

    Returns:
        (loss, grad_norm), two plain numbers and no tensors: the loss before the update, and the norm of all of
        model.parameters() that have a gradient, before clipping. optimizer.step() is called once.
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


# %% nbgrader={"grade": true, "grade_id": "check_clipped_training_step", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("clipped_training_step", clipped_training_step)

# %% [markdown]
# ### Experiment: the same run, with a threshold of 1
#
# Same network, same batches, same $lr = 0.1$ as in the first figure.
#
# **Predict.** How many of the 200 updates will have a norm above 1, and so be clipped? Will the network learn the task, although it takes
# shorter steps?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "before_and_after", "locked": true, "schema_version": 3, "solution": false, "task": false}
after = []


def clipped_and_measured(model, loss_fn, x, y, optimizer):
    loss, norm = clipped_training_step(model, loss_fn, x, y, optimizer, max_norm=1.0)
    after.append(global_norm([theta.grad.numpy() for theta in model.parameters()]))
    return loss, norm


losses, norms = train(clipped_and_measured)
print(f"clipped: {np.mean(norms > 1):.0%} of the updates")
print(f"largest norm before clipping {norms.max():.1f}, after {max(after):.6f}")
print(f"mean loss of the last 20 updates: {losses[-20:].mean():.3f}")

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "before_and_after_figure", "locked": true, "schema_version": 3, "solution": false, "task": false}
blue, orange, red = plots.PALETTE[0], plots.PALETTE[1], plots.PALETTE[3]
figure, (top, bottom) = plt.subplots(2, 1, figsize=(7, 6), sharex=True)
updates = np.arange(1, 201)
top.scatter(updates, norms, s=12, color=blue)
top.plot(updates, after, color=orange)
top.axhline(1, color="0.3", linewidth=1, linestyle="--")
top.text(202, 2.5, "before", color=blue, weight="bold")
top.text(202, 0.6, "after", color=orange, weight="bold")
top.text(202, 1, "threshold", va="center", color="0.3")
top.set(ylabel="gradient norm", yscale="log", xlim=(0, 200))
top.set_title("Nothing passes the threshold, spikes included")
bottom.plot(updates, losses, color=blue, linewidth=1.2)
bottom.plot(np.arange(1, len(plain_losses) + 1), plain_losses, color=red, linestyle="--")
bottom.axhline(1 / 3, color="0.5", linewidth=1)
bottom.text(11, 1.6, "not clipped", color=red, weight="bold")
bottom.text(202, 0.045, "clipped", va="center", color=blue, weight="bold")
bottom.text(198, 0.36, "always answering 0", color="0.35", ha="right", va="bottom")
bottom.set(xlabel="update", ylabel="loss", yscale="log", ylim=(0.01, 4))
bottom.set_title("With clipping the network learns to remember")
plots.show(
    figure,
    "Above, the gradient norm of 200 updates on a logarithmic axis: before clipping between 0.5 and 13, after clipping never above the "
    "dashed line at 1. Below, the loss: with clipping it falls from about 1 to about 0.05, without it leaves the picture at update 5.",
)

# %% [markdown]
# <details>
# <summary>Explain: most updates were clipped. Is that still a safety net?</summary>
# <p>
# Hardly. Where $s &lt; 1$ the step is $lr \cdot \tau$ long, whatever the gradient's size, and only the direction counts. It is a sensible
# way to train, close to what is called normalised gradient descent. But a net should catch few, and then the learning rate keeps its meaning.
# </p>
# </details>
#
# ## Choosing a threshold
#
# Look before you clip. Run a while where training is healthy, note the norms (`clip_by_global_norm` returns them), and draw a histogram. Here:
# 200 updates with $lr = 0.01$, which needs no clipping.
#
# **Predict.** Norms vary by factors, so the axis is logarithmic. Where would you put the threshold: below the bulk, at
# its upper end, or far above the largest norm?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "histogram", "locked": true, "schema_version": 3, "solution": false, "task": false}
healthy_losses, healthy = train(plain_step, lr=0.01)
median, upper = np.quantile(healthy, [0.5, 0.9])
figure, ax = plt.subplots()
sns.histplot(healthy, log_scale=True, bins=24, kde=True, color=plots.PALETTE[0], ax=ax)
ax.set(ylim=(0, 1.25 * ax.get_ylim()[1]), xticks=[0.5, 1, 3, 10], xticklabels=["0.5", "1", "3", "10"])
for value, name, side in ((median, " median ", "right"), (upper, " nine of ten are below ", "left")):
    ax.axvline(value, color="0.2", linewidth=1.2, linestyle="--")
    ax.text(value, 0.97 * ax.get_ylim()[1], f"{name}{value:.1f} ", ha=side, va="top")
ax.set(xlabel="gradient norm", ylabel="updates")
ax.set_title("Most norms are between 0.5 and 3, a few are much larger")
plots.show(
    figure,
    "Histogram of 200 gradient norms on a logarithmic axis, with a smooth density. The bulk lies between 0.5 and 3, the median is 1.5, "
    "nine of ten are below 2.4, and a thin tail reaches beyond 13.",
)
print(f"largest: {healthy.max():.1f}; mean loss of the last 20 updates: {healthy_losses[-20:].mean():.3f}")

# %% [markdown]
# A rule of thumb: start at the upper end of the bulk, so that the tail is clipped and the rest is not. Pascanu and others look at the average norm
# over many updates and try from half of it to ten times as much. Usual values are 0.5 to 5, for losses that are means over the batch.
#
# How critical is it? The next cell trains with $lr = 0.1$, ten times the rate of the histogram, and seven thresholds.
#
# **Predict** the range that works. At such a large rate, should the threshold rather be low or high?


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "thresholds", "locked": true, "schema_version": 3, "solution": false, "task": false}
def final_loss(step, lr=0.1):
    """Mean loss of the last 20 updates; 1 where it is larger, or the run was lost."""
    losses, _ = train(step, lr)
    return min(1.0, losses[-20:].mean()) if len(losses) == 200 else 1.0


thresholds = [0.01, 0.03, 0.1, 0.3, 1.0, 30.0, 100.0]
finals = [final_loss(partial(clipped_training_step, max_norm=tau)) for tau in thresholds]
figure, ax = plt.subplots()
ax.axvspan(*np.quantile(healthy, [0.1, 0.9]), color="0.9")
ax.text(1.3, 0.9, "healthy\nnorms", ha="center", va="top", color="0.35")
ax.plot(thresholds, finals, marker="o", color=plots.PALETTE[0])
ax.axhline(1 / 3, color="0.5", linewidth=1)
ax.text(0.06, 0.35, "always answering 0", color="0.35")
ax.set(
    xlabel="threshold", ylabel="loss at the end (1: or more)", xscale="log", yscale="log", ylim=(0.02, 1.2)
)
ax.set(yticks=[0.03, 0.1, 0.3, 1], yticklabels=["0.03", "0.1", "0.3", "1"])
ax.set_title("A little below the healthy norms works best here")
plots.show(
    figure,
    "Loss at the end against the threshold, both on logarithmic axes. It is 0.35 for 0.01, falls to about 0.04 for 0.3 and 1, and is 1 "
    "or more for 30 and 100. A grey band marks healthy norms, 0.7 to 2.4.",
)
for tau, loss in zip(thresholds, finals, strict=True):
    print(f"threshold {tau:<5g} loss {loss:.2f}" + (" or more" if loss == 1 else ""))

# %% [markdown]
# <details>
# <summary>Explain: what goes wrong at either end?</summary>
# <p>
# No step is longer than $lr\cdot\tau$. With a threshold of 0.01 that is 0.001, and 200 such steps do not lead far. With 30 it is 3 and with
# 100 it is 10, to be compared with a parameter vector of length 7: that is no limit. In between, thresholds a factor of ten
# apart work. From 3 to 10 it is a matter of luck, and so they are left out: such a run depends on the last bit of its numbers, and two processors may disagree.
# </p>
# </details>
#
# ## Conventions
#
# "Clip to 4" does not mean the same everywhere. The gradients are those of the worked example, $(3, -4)$ and $12$, and the limit is 4. The last column
# says what becomes of gradients whose norm is exactly the limit.
#
# | where | rule | result | turned by | at the limit |
# |---|---|---|---|---|
# | this lesson; PyTorch, `clip_grad_norm_` | (4) and (5) | (0.923, −1.231), 3.692 | 0° | a little shorter |
# | Pascanu and others, Algorithm 1 | $s = \tau/\lVert g\rVert$ if $\lVert g\rVert \ge \tau$ | the same | 0° | unchanged |
# | TensorFlow, `clip_by_global_norm` | $s = \tau/\max(\lVert g\rVert, \tau)$ | the same | 0° | unchanged |
# | Keras, `clipnorm` | each array by its own norm | (2.4, −3.2), 4 | 22.4° | |
# | PyTorch, `clip_grad_value_`; Keras, `clipvalue` | (1) | (3, −4), 4 | 28.7° | |
#
# "The same" means to six digits. PyTorch's functions end in `_`: they change the gradients in place. `clip_grad_norm_` returns the norm before
# clipping, `clip_grad_value_` returns nothing. In Keras, `global_clipnorm` is the global one.

# %% [markdown]
# ### NaN and infinity
#
# A NaN or an infinity in one gradient is a sign that something broke earlier: an overflow, the slope of a root at zero, a bad row in the data. What should
# clipping do?
#
# **Predict.** The gradients are $(1, 2)$ and $(3, ?)$, the threshold is 1. What do (4) and (5) give when ? is NaN, and when it is infinite?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "not_finite", "locked": true, "schema_version": 3, "solution": false, "task": false}
for value in (math.nan, math.inf):
    with np.errstate(invalid="ignore"):  # 0 times infinity is NaN, and NumPy would warn
        clipped, norm = clip_by_global_norm([np.array([1.0, 2.0]), np.array([3.0, value])], max_norm=1.0)
    print(f"? = {value}: norm {norm}, clipped {clipped[0]} and {clipped[1]}")

theta = torch.zeros(2)
theta.grad = torch.tensor([1.0, math.nan])
try:
    nn.utils.clip_grad_norm_([theta], max_norm=1.0, error_if_nonfinite=True)
except RuntimeError:
    print("PyTorch's clip_grad_norm_ with error_if_nonfinite=True raises RuntimeError.")

# %% [markdown]
# <details>
# <summary>Explain: would it not be kinder to set bad gradients to 0?</summary>
# <p>
# It would hide the fault. A NaN norm makes every gradient NaN, the next loss is NaN, and you notice. An infinite norm gives $s = 0$: the healthy elements
# become 0, and 0 times infinity is NaN. TensorFlow's function makes all of them NaN in that case. If you want to go on, decide it yourself: look at
# the norm, and skip <code>optimizer.step()</code> for that batch. Training in float16 does exactly this.
# </p>
# </details>
#
# ## Experiment: could a smaller rate do the same?
#
# Clipping makes the longest steps shorter. A smaller rate makes all of them shorter.
#
# **Predict.** Five rates, each with a threshold of 0.3 and without clipping. Which runs are lost? Which single run is the best?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "smaller_rate", "locked": true, "schema_version": 3, "solution": false, "task": false}
rates = [0.003, 0.01, 0.02, 0.1, 0.3]
ends = {
    "clipped": [final_loss(partial(clipped_training_step, max_norm=0.3), lr) for lr in rates],
    "not clipped": [final_loss(plain_step, lr) for lr in rates],
}
figure, ax = plt.subplots()
ax.set(
    xlabel="learning rate",
    ylabel="loss at the end (1: or more)",
    xscale="log",
    yscale="log",
    ylim=(0.02, 1.2),
)
ax.set(xlim=(0.0027, 0.33), yticks=[0.03, 0.1, 0.3, 1], yticklabels=["0.03", "0.1", "0.3", "1"])
plots.curves(ax, ends, x=rates, marker="o", markersize=5)
ax.axhline(1 / 3, color="0.5", linewidth=1)
ax.set_title("Clipping lets larger rates pass")
plots.show(
    figure,
    "Loss at the end against the learning rate, with and without clipping. Without, 0.02 is the best, 0.1 and 0.3 are lost. With a "
    "threshold of 0.3, the small rates are too slow, and 0.1 and 0.3 work.",
)
print("lr           " + "  ".join(f"{lr:<5g}" for lr in rates))
for name, values in ends.items():
    print(f"{name:13}" + "  ".join(f"{loss:<5.2f}" for loss in values))

# %% [markdown]
# <details>
# <summary>Explain: so was clipping worth it?</summary>
# <p>
# On this small task the best run of all is not clipped: $lr = 0.02$ ends at 0.02, the best clipped one at 0.04. You had to try five rates to
# know. What clipping buys is room above: at 0.1 and 0.3 the plain runs are lost, and the clipped ones learn. One bad batch, in the second hour or on
# the tenth day, no longer ends a run. The price: with this threshold the small rates are slower than without.
# </p>
# <p>
# Rate and threshold are not independent: where nearly every step is clipped, only their product counts. $lr = 0.1$ with a threshold of 0.03 and
# $lr = 0.01$ with one of 0.3 both end at 0.17.
# </p>
# </details>
#
# ## Experiment: down the cliff, with sliders
#
# Pascanu and others drew where spikes come from: the loss of a recurrent network has *cliffs*, walls beside flat ground. Here is one to look at. A network with a
# single unit, $h_t = w\, h_{t-1} + b$, runs for 10 steps, so $h_{10}$ has a term $w^{10}$. It should end at given values from two starts, which happens at
# the star, $w = 0.9$ and $b = 0.15$. You start on the wall, at $w = 1.2$, $b = 0.3$.
#
# **Goal:** be within 0.05 of the star after at most 15 steps, and stay there. **Predict** first what one step of $lr = 0.01$ does without clipping
# (`max_norm = inf`): the gradient at the start is 1487 long.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "cliff", "locked": true, "schema_version": 3, "solution": false, "task": false}
STAR = np.array([0.9, 0.1 / (1 - 0.9**10)])


def cliff(w, b):
    """Loss of the one-unit network, from h = 0 and from h = 1; it is 0 at the star."""
    total = 0.0
    for start, target in ((0.0, 1.0), (1.0, 1.0 + 0.9**10)):
        h = start
        for _ in range(10):
            h = w * h + b
        total = total + (h - target) ** 2 / 2
    return total


def descend(lr, max_norm, steps=60):
    """The points visited, and the step from which they stay near the star; ends when thrown far away."""
    points = [np.array([1.2, 0.3])]
    while len(points) <= steps and np.abs(points[-1]).max() < 5:
        theta = torch.tensor(points[-1], requires_grad=True)
        cliff(theta[0], theta[1]).backward()
        (grad,), _ = clip_by_global_norm([theta.grad.numpy()], max_norm)
        points.append(points[-1] - lr * grad)
    points = np.array(points)
    far = np.flatnonzero(np.linalg.norm(points - STAR, axis=1) > 0.05)[-1]
    return points, far + 1 if far < steps and len(points) > steps else math.inf


print(f"loss at the start: {cliff(1.2, 0.3):.0f}; at the star: {cliff(*STAR):.0f}")
print(f"lr = 0.01 without clipping: from w = 1.2 to w = {descend(0.01, math.inf)[0][1, 0]:.0f} in one step")


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "cliff_game", "locked": true, "schema_version": 3, "solution": false, "task": false}
def draw_cliff(lr=0.01, max_norm=math.inf):
    points, arrived = descend(lr, max_norm)
    figure, ax = plt.subplots()
    plots.contours(ax, lambda w, b: np.log1p(cliff(w, b)), (0.5, 1.4), (-0.2, 0.6))
    plots.path(ax, points, "clipped", goal=STAR)
    result = f"There after {arrived} steps" if arrived < math.inf else "Not there after 60 steps"
    if np.abs(points[-1]).max() >= 5:
        result = f"Thrown off the map in step {len(points) - 1}"
    goal = "Goal reached!" if arrived <= 15 else "Goal: 15 or fewer."
    ax.set(xlabel="w", ylabel="b", title=f"{result}. {goal}")
    return figure


lrs = [1e-4, 1e-3, 0.003, 0.01, 0.03, 0.1, 0.3]
limits = [0.1, 0.3, 1.0, 3.0, 10.0, math.inf]
plots.sliders(draw_cliff, lr=lrs, max_norm=limits)

# %% [markdown]
# The next figure is the map of this game, without sliders: one path and one arrow, and the number of steps for every setting.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "cliff_map", "locked": true, "schema_version": 3, "solution": false, "task": false}
needed = np.array([[descend(lr, limit)[1] for lr in lrs] for limit in limits])
figure, (plane, table) = plt.subplots(1, 2, figsize=(10, 4.2), width_ratios=[1, 1.25])
plots.contours(plane, lambda w, b: np.log1p(cliff(w, b)), (0.5, 1.4), (-0.2, 0.6))
plots.path(plane, descend(0.1, 0.3)[0], "clipped", goal=STAR)
start, thrown = descend(0.01, math.inf)[0][:2]
away = start + 0.5 * (thrown - start) / np.linalg.norm(thrown - start)
plane.annotate("", away, start, arrowprops={"arrowstyle": "->", "color": plots.PALETTE[3], "linewidth": 2})
plane.text(0.53, -0.06, "not clipped: to w = −13", color=plots.PALETTE[3], weight="bold")
plane.set(xlabel="w", ylabel="b", title="Clipped, it walks down the wall")
texts = np.where(needed < math.inf, np.char.mod("%.0f", needed), "–")
sns.heatmap(np.minimum(needed, 60), annot=texts, fmt="", cmap="Blues", linewidths=1, cbar=False, ax=table)
table.set(xlabel="lr", ylabel="max_norm", xticklabels=[f"{lr:g}" for lr in lrs])
table.set_yticklabels(["0.1", "0.3", "1", "3", "10", "none"], rotation=0)
table.set_title("Steps to the star (–: not in 60)")
plots.show(
    figure,
    "Left, contour lines of a loss with a steep wall at the upper right. A clipped path walks from the wall to the star; an arrow for the "
    "first unclipped step leaves the map. Right, steps to the star for seven rates and six thresholds: 10 for several pairs on a "
    "diagonal; without clipping only the smallest rate arrives, in 35 steps.",
)

# %% [markdown]
# <details>
# <summary>Explain: why do the good settings lie on a diagonal?</summary>
# <p>
# On the wall every gradient is clipped, and a step is $lr \cdot \tau$ long. The way down is about 0.3 long, so a product of 0.03 takes
# about 10 steps. Near the star $\tau$ no longer matters where the gradient is short, and then $lr$ decides: across this valley plain descent is stable up to
# $lr = 0.012$. Above that it swings, by at most about $lr \cdot \tau$, which a small $\tau$ keeps within the goal.
# </p>
# </details>
#
# ## Recap
#
# 1. Through many layers or time steps a gradient is a product: it vanishes or explodes.
# 2. By value (1) limits each element and turns the direction; by global norm (4), (5) limits the length and keeps the direction.
# 3. One norm over all parameters, one factor for all.
# 4. The order is zero, loss, backward, **clip**, step. Log the norm before clipping.
# 5. Choose the threshold from a histogram of healthy norms. A NaN should stay visible.

# %% [markdown]
# ## Where it breaks
#
# - **Vanishing gradients** are not helped. Gates, normalisation (lesson 08) and good initial weights help there.
# - **A threshold that is always exceeded** fixes the length of the step, also where the gradient gets small near the minimum. Let the
#   rate decay then (lesson 06).
# - **Adam** divides by the gradient's size anyway (lesson 05), so a constant factor cancels. Clipping still matters there: one spike stays in $v$ and makes
#   the steps of the next thousand updates too short.
# - **The scale of the loss** is in the norm. Sum over the batch instead of taking the mean, and the threshold means something else.
# - **Accumulated or scaled gradients.** Clip once, after the last `backward` of an update; with float16 loss scaling, unscale first.
# - **It biases noisy gradients.** Rare large ones are shortened, and sometimes they are the informative ones.

# %% [markdown]
# ## Further
#
# - R. Pascanu, T. Mikolov and Y. Bengio (2013). On the difficulty of training recurrent neural networks. ICML. arXiv:1211.5063
# - Y. Bengio, P. Simard and P. Frasconi (1994). Learning long-term dependencies with gradient descent is difficult. IEEE Transactions on Neural Networks 5(2)
# - J. Zhang, T. He, S. Sra and A. Jadbabaie (2020). Why gradient clipping accelerates training: a theoretical justification for adaptivity. ICLR. arXiv:1905.11881
# - T. Mikolov (2012). Statistical Language Models Based on Neural Networks. PhD thesis, Brno University of Technology
