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
# # 08 Batch normalisation
#
# Batch normalisation gives every unit of a network a mean and a spread that you choose, whatever the layers before it do.
#
# ## The problem
#
# Take a network with ten hidden layers, fresh from PyTorch's default start, and hand it 1500 digits. Each layer multiplies by small random
# weights and cuts off what is negative. What is left of the differences between the digits after ten such layers?
#
# The first cell loads the digits, the second makes such networks, and the third follows the digits through the layers.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import math

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
import torch
from torch import nn

from course import check, data, plots, training

digits = data.digits()
print(f"{len(digits.X_train)} digits to train on, {len(digits.X_test)} to test")


# %% nbgrader={"grade": false, "grade_id": "stack", "locked": true, "schema_version": 3, "solution": false, "task": false}
def stack(depth, norm=None, seed=0, width=32):
    """A classifier of digits with `depth` hidden layers; norm(width) makes what stands before each ReLU."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        layers, inputs = [], 64
        for _ in range(depth):
            layers.append(nn.Linear(inputs, width))
            layers += [norm(width)] if norm else []
            layers.append(nn.ReLU())
            inputs = width
        layers.append(nn.Linear(inputs, 10))
    return nn.Sequential(*layers).double()


print(f"ten hidden layers have {sum(p.numel() for p in stack(10).parameters())} parameters")


# %% nbgrader={"grade": false, "grade_id": "before_each_relu", "locked": true, "schema_version": 3, "solution": false, "task": false}
@torch.no_grad()
def before_each_relu(model):
    """Every unit's value at its ReLU, relative to its mean over the digits: one row a value and layer."""
    values, rows = torch.from_numpy(digits.X_train), []
    for module in model:
        if isinstance(module, nn.ReLU):
            relative = (values - values.mean(dim=0))[::10].flatten().numpy()
            rows.append(pd.DataFrame({"layer": len(rows) + 1, "relative": relative}))
        values = module(values)
    return pd.concat(rows)


print(f"{len(before_each_relu(stack(10)))} values in ten layers")

# %% [markdown]
# **Predict.** The figure shows what reaches each ReLU, for 32 units in each of ten layers. Each value is given relative to its unit's mean over all digits: how far does *this*
# digit stand out? Will the violins grow, shrink or keep their height from layer 1 to layer 10?
#
# In this one cell the batch normalisation is PyTorch's. Further down you write it.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "ten_layers", "locked": true, "schema_version": 3, "solution": false, "task": false}
figure, axes = plt.subplots(2, 1, figsize=(7, 5.5), sharex=True)
titles = {
    "Without: by layer 4 all digits look alike": None,
    "With: layer 10 sees as much as layer 1": nn.BatchNorm1d,
}
for ax, (title, norm) in zip(axes, titles.items(), strict=True):
    table = before_each_relu(stack(10, norm))
    look = {"color": plots.PALETTE[0], "inner": None, "cut": 0, "linewidth": 0.8, "density_norm": "width"}
    sns.violinplot(table, x="layer", y="relative", ax=ax, **look)
    ax.set(title=title, xlabel="", ylabel="relative to the mean")
    spread = table.groupby("layer").relative.std()
    print(f"spread in layer 1: {spread[1]:.2f}, in layer 4: {spread[4]:.4f}, in layer 10: {spread[10]:.5f}")
axes[1].set_xlabel("layer")
plots.show(
    figure,
    "Violins of the values that reach the ReLUs of ten layers, relative to each unit's mean. Without batch normalisation they "
    "shrink to a line by layer 4. With it every layer has a spread of about 1.",
)

# %% [markdown]
# <details>
# <summary>What to see</summary>
# <p>
# Without normalisation each layer keeps a third to a half of the spread, so the tenth sees almost nothing of the input: whatever the digit, it
# gets the same numbers. Gradients shrink the same way on their way back. Such a network learns very slowly or not at all. With normalisation the spread
# is about 1 in every layer, from the first step on.
# </p>
# </details>
#
# ## At the end you can
#
# - write batch normalisation from its four formulas and say what $\gamma$ and $\beta$ are for;
# - derive its gradient and write it by hand;
# - build the layer with its two modes, and say why evaluation must differ from training;
# - normalise images channel by channel, and say what all this changes for depth and learning rate.
#
# About 75 minutes, 10 points. It builds on lesson 02 (averages); the last section uses lessons 03, 06 and 07. The experiments run your own
# code: when one stops with `NotImplementedError`, fill in the exercise above it first.
#
# You build it from scratch: to your answers PyTorch's own optimisers and schedules, clipping and normalisation, and pandas' exponential
# averages are not available, in the check and in grading alike. The experiments may use them. The class `torch.optim.Optimizer`, which
# computes nothing, may be inherited from.

# %% [markdown]
# ## The idea
#
# A layer hands on a batch $x$ of shape $(N, C)$: $N$ rows, one for each example, and $C$ columns, one for each unit. Write $x_i$ for row $i$.
# Take the mean and the variance of every column, over the rows of this batch:
#
# $$\mu = \frac1N \sum_{i=1}^{N} x_i \tag{1}$$
#
# $$var = \frac1N \sum_{i=1}^{N} (x_i - \mu)^2 \tag{2}$$
#
# Both have the shape $(C,)$. Squares, roots and quotients are element by element. The sum in (2) is divided by $N$ and not by $N - 1$: it is the
# *biased* variance. Remember this; it will matter twice.

# %% [markdown]
# Now subtract and divide, so that every column has mean 0 and variance 1. Then let the network choose another mean and another spread, if it likes:
#
# $$\hat x_i = \frac{x_i - \mu}{\sqrt{var + \epsilon}} \tag{3}$$
#
# $$y_i = \gamma\, \hat x_i + \beta \tag{4}$$
#
# $\hat x$ ("x hat") and $y$ have the shape of $x$. $\epsilon$ (usually $10^{-5}$) stands *inside* the root and avoids a division by zero in a column that
# does not vary. $\gamma$ and $\beta$, of shape $(C,)$, are parameters: they are learned like weights, and start at 1 and 0. Formulas (1) to (4) are Algorithm 1 of
# Ioffe and Szegedy (2015).

# %% [markdown]
# **Why $\gamma$ and $\beta$?** Without them every unit would have mean 0 and variance 1 for ever, and a unit that works better with another range could not
# have it. With them nothing is lost: $\gamma = \sqrt{var + \epsilon}$ and $\beta = \mu$ give $y = x$. What is gained is that mean and spread are now two numbers of their own
# instead of a result of all the weights before.
#
# Batch normalisation usually stands between a linear layer and its activation. The bias of that linear layer can go: (1) takes it out again, and $\beta$
# does its work.

# %% [markdown]
# ### By hand
#
# One column of four rows, $x = (2, 4, 4, 10)$, with $\gamma = 4$ and $\beta = 1$. Take $\epsilon = 7$. That is absurdly large, but the root comes out even, and you
# see where it goes. Check each number with pencil and paper.
#
# | | formula | row 1 | row 2 | row 3 | row 4 |
# |---|---|---|---|---|---|
# | $x_i$ | | 2 | 4 | 4 | 10 |
# | $\mu$ | (1) | 20 / 4 = 5 | | | |
# | $x_i - \mu$ | | −3 | −1 | −1 | 5 |
# | $var$ | (2) | (9 + 1 + 1 + 25) / 4 = 9 | | | |
# | $\hat x_i$ | (3) | −3 / √16 = −0.75 | −0.25 | −0.25 | 1.25 |
# | $y_i$ | (4) | 4 · (−0.75) + 1 = −2 | 0 | 0 | 6 |

# %% [markdown]
# ## Exercise 1: forward (2 points)
#
# Write formulas (1) to (4) in NumPy, for all columns at once. `mu` stands for $\mu$, `var` for $var$, `x_hat` for $\hat x$.
#
# Return $y$ and a `cache`: whatever your own backward pass will want. A good one is the tuple `(x_hat, gamma, std)` with
# `std = np.sqrt(var + eps)`. If your cache has this form, exercise 2 can be judged on its own even while exercise 1 is not right yet.


# %% nbgrader={"grade": false, "grade_id": "batch_norm_forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    """Normalise each column of a batch, then scale and shift it: formulas (1) to (4).

    Args:
        x: the batch, float64, shape (N, C), N at least 2. A column may be constant. Its mean may be as large
            as 100 000 with a spread of about 1: the variance must be right there too.
        gamma, beta: float64, shape (C,), one number for each column.
        eps: a number above 0.

    Returns:
        (y, cache). y is a new array, shape (N, C). cache is whatever your batch_norm_backward will need, in
        any form. The inputs stay unchanged, and y shares no memory with them.
    """
    ### BEGIN SOLUTION
    mu = x.mean(axis=0)  # (1)
    var = ((x - mu) ** 2).mean(axis=0)  # (2)
    std = np.sqrt(var + eps)
    x_hat = (x - mu) / std  # (3)
    y = gamma * x_hat + beta  # (4)
    return y, (x_hat, gamma, std)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_batch_norm_forward", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("batch_norm_forward", batch_norm_forward)

# %% [markdown]
# ### Experiment: two features
#
# 600 rows with two features. The first lies around 5 with a standard deviation of 2, the second around −3 with 0.5.
#
# **Predict.** What will the two histograms look like after your function with $\gamma = (1, 1)$ and $\beta = (0, 0)$? And with $\gamma = (1, 3)$ and
# $\beta = (0, 4)$? Does the *shape* of a histogram change?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "two_features", "locked": true, "schema_version": 3, "solution": false, "task": false}
rng = np.random.default_rng(0)
features = np.stack([rng.normal(5.0, 2.0, 600), rng.gamma(2.0, 0.5 / math.sqrt(2), 600) - 3.7], axis=1)
plain, _ = batch_norm_forward(features, np.ones(2), np.zeros(2))
chosen, _ = batch_norm_forward(features, np.array([1.0, 3.0]), np.array([0.0, 4.0]))
figure, axes = plt.subplots(3, 1, figsize=(7, 7), sharex=True)
steps = {
    "Before: two means, two spreads": features,
    "After (3): both have mean 0 and variance 1": plain,
    "After (4): the second is moved to 4 and stretched by 3": chosen,
}
for ax, (title, values) in zip(axes, steps.items(), strict=True):
    for column in range(2):
        color = plots.PALETTE[column]
        sns.histplot(values[:, column], kde=True, stat="density", bins=30, color=color, alpha=0.4, ax=ax)
    ax.set(title=title, xlim=(-6, 15), ylabel="density")
axes[0].text(6.5, 0.3, "feature 1", color=plots.PALETTE[0], weight="bold")
axes[0].text(-1.8, 0.6, "feature 2", color=plots.PALETTE[1], weight="bold")
axes[-1].set_xlabel("value")
plots.show(
    figure,
    "Histograms with density curves of two features. Before, one lies around 5 and is wide, the other around -3, narrow and "
    "skewed. After formula (3) they lie on top of each other around 0. After formula (4) the second lies around 4 and is three "
    "times as wide.",
)
print(
    "means after (3):", np.round(plain.mean(axis=0), 3) + 0.0, " variances:", np.round(plain.var(axis=0), 3)
)
print(
    "means after (4):", np.round(chosen.mean(axis=0), 3) + 0.0, " variances:", np.round(chosen.var(axis=0), 3)
)

# %% [markdown]
# <details>
# <summary>Explain: is the second feature a normal distribution now?</summary>
# <p>
# No. Batch normalisation shifts and stretches, nothing else. The second feature leans to one side before and after; only its place and its width are
# new. "Normalised" means mean 0 and variance 1, not the bell curve.
# </p>
# </details>
#
# ## The way back
#
# In training the gradient comes in as $dy$, of shape $(N, C)$: a $d$ before a name stands for the gradient of the loss with respect to it, in its shape.
# You need $d\gamma$, $d\beta$ and $dx$.
#
# Formula (4) is the easy part. $\gamma$ and $\beta$ act on every row, so their gradients add up over the rows:
#
# $$d\beta = \sum_{i=1}^N dy_i, \qquad d\gamma = \sum_{i=1}^N dy_i\, \hat x_i \tag{5}$$
#
# $$d\hat x_i = dy_i\, \gamma \tag{6}$$

# %% [markdown]
# ### Three paths
#
# From $\hat x$ to $x$ it is harder. $x_j$ acts on $\hat x_j$ directly. But it also moves $\mu$ and $var$, and through them the $\hat x_i$ of *every* row.
# Look at one column, and write $std = \sqrt{var + \epsilon}$.
#
# **Step 1, the mean.** Each row enters (1) with the weight $1/N$, so $\dfrac{\partial \mu}{\partial x_j} = \dfrac1N$.
#
# **Step 2, the spread.** In (2), $x_j$ appears in its own square: $\dfrac{\partial\, var}{\partial x_j} = \dfrac{2}{N}(x_j - \mu)$. It also moves $\mu$, but
# that adds nothing, because $\sum_i (x_i - \mu) = 0$. By the chain rule,
#
# $$\frac{\partial\, std}{\partial x_j} = \frac{1}{2\, std} \cdot \frac{2}{N}(x_j - \mu) = \frac{\hat x_j}{N}.$$

# %% [markdown]
# **Step 3, the quotient.** Formula (3) is $\hat x_i = (x_i - \mu)/std$. Its derivative has one term for each path. $\delta_{ij}$ is 1 if $i = j$ and otherwise 0.
#
# $$\frac{\partial \hat x_i}{\partial x_j} = \underbrace{\frac{\delta_{ij}}{std}}_{\text{direct}} - \underbrace{\frac{1}{N\, std}}_{\text{through } \mu} - \underbrace{\frac{x_i - \mu}{std^2} \cdot \frac{\hat x_j}{N}}_{\text{through } var} = \frac{1}{std}\left(\delta_{ij} - \frac1N - \frac{\hat x_i\, \hat x_j}{N}\right)$$
#
# **Step 4, add up.** $dx_j$ is the sum over $i$ of $d\hat x_i$ times this derivative:
#
# $$dx_j = \frac{1}{std}\left(d\hat x_j - \frac1N \sum_{i=1}^N d\hat x_i - \hat x_j \cdot \frac1N \sum_{i=1}^N d\hat x_i\, \hat x_i\right) \tag{7}$$

# %% [markdown]
# Read (7) as a sentence: take $d\hat x$, remove its mean, remove what points along $\hat x$, divide by the standard deviation. What is removed is what (3) would undo anyway. Adding
# the same number to all rows changes nothing in $\hat x$, so $dx$ must add up to 0.
#
# **By hand**, with the numbers from above and $dy = (3, 0, 0, 3)$, so $std = 4$:
#
# | | formula | row 1 | row 2 | row 3 | row 4 |
# |---|---|---|---|---|---|
# | $d\beta$, $d\gamma$ | (5) | 3 + 3 = 6 | 3 · (−0.75) + 3 · 1.25 = 1.5 | | |
# | $d\hat x_i$ | (6) | 12 | 0 | 0 | 12 |
# | its mean; mean of $d\hat x_i\, \hat x_i$ | | 24 / 4 = 6 | (−9 + 15) / 4 = 1.5 | | |
# | bracket of (7) | | 12 − 6 + 1.125 = 7.125 | −6 + 0.375 = −5.625 | −5.625 | 12 − 6 − 1.875 = 4.125 |
# | $dx_i$ | (7) | 1.78125 | −1.40625 | −1.40625 | 1.03125 |
#
# The last line adds up to 0, as it should.

# %% [markdown]
# ## Exercise 2: backward (3 points)
#
# Write formulas (5) to (7). It is judged with the cache of your own `batch_norm_forward`. Where that is not right yet and your cache is `(x_hat, gamma, std)`, it is judged with a right one.


# %% nbgrader={"grade": false, "grade_id": "batch_norm_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def batch_norm_backward(dy, cache):
    """The gradients of batch normalisation, formulas (5) to (7).

    Args:
        dy: the gradient of the loss with respect to y, float64, shape (N, C); it may be zero.
        cache: what batch_norm_forward returned beside y.

    Returns:
        (dx, dgamma, dbeta): new arrays of shape (N, C), (C,) and (C,). dy and the cache stay unchanged: a
        second call with the same two gives the same result. Nothing returned shares memory with dy.
    """
    ### BEGIN SOLUTION
    x_hat, gamma, std = cache
    dbeta = dy.sum(axis=0)  # (5)
    dgamma = (dy * x_hat).sum(axis=0)  # (5)
    dx_hat = dy * gamma  # (6)
    dx = (dx_hat - dx_hat.mean(axis=0) - x_hat * (dx_hat * x_hat).mean(axis=0)) / std  # (7)
    return dx, dgamma, dbeta
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_batch_norm_backward", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("batch_norm_backward", batch_norm_backward)

# %% [markdown]
# ### Into autograd
#
# PyTorch computes gradients by itself only for operations it knows. `torch.autograd.Function` is how you teach it a new one: a `forward` and a `backward`, and between them
# whatever the backward needs. The next cell hands over yours. From here on your two functions train real networks.


# %% nbgrader={"grade": false, "grade_id": "into_autograd", "locked": true, "schema_version": 3, "solution": false, "task": false}
class Normalise(torch.autograd.Function):
    """Your forward and your backward as one operation of PyTorch."""

    @staticmethod
    def forward(ctx, x, gamma, beta):
        y, ctx.cache = batch_norm_forward(x.numpy(), gamma.numpy(), beta.numpy())
        return torch.from_numpy(y)

    @staticmethod
    def backward(ctx, dy):
        return tuple(torch.from_numpy(gradient) for gradient in batch_norm_backward(dy.numpy(), ctx.cache))


class BatchNorm(nn.Module):
    """A layer with your formulas, for training only: it has no running averages yet."""

    def __init__(self, width):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(width, dtype=torch.float64))
        self.beta = nn.Parameter(torch.zeros(width, dtype=torch.float64))

    def forward(self, x):
        return Normalise.apply(x, self.gamma, self.beta)


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "gradcheck", "locked": true, "schema_version": 3, "solution": false, "task": false}
inputs = [torch.tensor(values, requires_grad=True) for values in (features[:5], np.ones(2), np.zeros(2))]
print("your gradient agrees with finite differences:", torch.autograd.gradcheck(Normalise.apply, inputs))

# %% [markdown]
# ### Experiment: how deep can it be?
#
# Networks with 1 to 12 hidden layers learn the digits for 4 epochs with plain SGD, $lr = 0.1$. Three kinds: as PyTorch starts them; with He's start, which chooses
# the weights so that the spread survives the ReLUs (He and others, 2015; a later lesson); and with your batch normalisation.
#
# The next cell has the start and the loop.


# %% nbgrader={"grade": false, "grade_id": "loss_after", "locked": true, "schema_version": 3, "solution": false, "task": false}
def he_start(model, seed=1):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        for module in model:
            if isinstance(module, nn.Linear):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                nn.init.zeros_(module.bias)
    return model


def loss_after(model, lr, steps=115, batch_size=64):
    """Mean training loss of the last 10 of `steps` updates with SGD."""

    def sgd(params):
        return torch.optim.SGD(params, lr=lr)

    return training.train(model, sgd, digits.X_train, digits.y_train, steps, batch_size)[-10:].mean()


# %% [markdown]
# **Predict.** You saw that ten layers without normalisation hand on almost nothing. Up to which depth does each kind still learn?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "depth", "locked": true, "schema_version": 3, "solution": false, "task": false}
depths = [1, 2, 4, 8, 12]
by_depth = {
    "PyTorch's start": [loss_after(stack(depth), 0.1, steps=92) for depth in depths],
    "He's start": [loss_after(he_start(stack(depth)), 0.1, steps=92) for depth in depths],
    "your batch norm": [loss_after(stack(depth, BatchNorm), 0.1, steps=92) for depth in depths],
}
figure, ax = plt.subplots()
ax.set(xlabel="hidden layers", ylabel="training loss after 4 epochs (nats)", xlim=(0.5, 12), ylim=(0, 2.6))
ax.set_xticks(depths)
guessing = math.log(10)  # what is worse is drawn there
curves = {name: np.minimum(losses, guessing) for name, losses in by_depth.items()}
plots.curves(ax, curves, x=depths, marker="o", markersize=4)
ax.axhline(guessing, color="0.6", linewidth=1)
ax.text(0.7, guessing + 0.04, "guessing: log 10", color="0.35")
ax.set_title("With batch norm, 12 layers still learn")
plots.show(
    figure,
    "Training loss after 4 epochs against the number of hidden layers. With PyTorch's start it is at guessing from 4 layers on. "
    "With He's start it is 0.4 at 4 layers and above 1.5 from 8 on. With batch norm it stays below 0.6 up to 12 layers.",
)

# %% [markdown]
# <details>
# <summary>Explain: is batch norm the only cure for depth?</summary>
# <p>
# No. He's start repairs the spread at the first step, and that is worth a lot: at 4 layers it makes the difference between learning and not. But nothing
# holds the spread in place afterwards. Batch norm measures it anew at every step. Other cures are residual connections and other kinds of normalisation; most deep
# networks use several together.
# </p>
# </details>

# %% [markdown]
# ## One row at a time
#
# In training a digit's result depends on the other digits of its batch. At the end you want an answer for *one* digit, and the same answer tomorrow. So the layer remembers,
# while it trains, what mean and variance usually are. After each batch it moves two running averages a little, as in lesson 02:
#
# $$running\_mean \leftarrow (1 - m)\, running\_mean + m\, \mu \tag{8}$$
#
# $$running\_var \leftarrow (1 - m)\, running\_var + m\, \frac{N}{N-1}\, var \tag{9}$$
#
# Both have the shape $(C,)$. They start at 0 and 1. $m$ is called `momentum` (0.1 by default) and is the weight of the *new* value: in the words of lesson 02, $m = 1 - \beta$.
# They are no parameters: no gradient reaches them.

# %% [markdown]
# ### Biased here, unbiased there
#
# The biased variance (2) is the spread of *this* batch, and that is what has to be divided out for the result to have variance 1. The running variance
# estimates something else: the spread of *all* data. For that the biased one is too small, on average by the factor $(N-1)/N$, since the mean was fitted to the same rows. So (9)
# multiplies by $N/(N-1)$, the *unbiased* variance. With $N = 64$ it hardly matters. With $N = 2$ it is a factor of two.
#
# In **evaluation** nothing is measured and nothing is updated. Formulas (3) and (4) use what was remembered:
#
# $$\mu = running\_mean, \qquad var = running\_var \tag{10}$$

# %% [markdown]
# ### By hand
#
# The batch $x = (2, 4, 4, 10)$ again, a new layer with the default $m = 0.1$ and $\epsilon = 10^{-5}$. Here $\mu = 5$, $var = 9$, and $\frac{4}{3} \cdot 9 = 12$.
#
# | | formula | start | after the batch |
# |---|---|---|---|
# | $running\_mean$ | (8) | 0 | 0.9 · 0 + 0.1 · 5 = 0.5 |
# | $running\_var$ | (9) | 1 | 0.9 · 1 + 0.1 · 12 = 2.1 |
#
# Now evaluate the single row $x = 5$: (3) and (10) give $(5 - 0.5)/\sqrt{2.1} = 3.105$. In training this value, the batch's own mean, became 0. One batch is
# not enough to know the data: the averages still lean towards their start.

# %% [markdown]
# ## Exercise 3: the layer (3 points)
#
# A class with NumPy arrays inside, so that you can see both modes at work. A new layer is in training mode. `train()` and `eval()` switch. In training a single row has no variance, and the layer
# raises `ValueError`, as PyTorch does.
#
# Three traps: (3) takes the biased variance and (9) the unbiased one; evaluation must leave the averages alone; and a layer that was evaluated must be able to
# train on.


# %% nbgrader={"grade": false, "grade_id": "BatchNorm1d", "locked": false, "schema_version": 3, "solution": true, "task": false}
class BatchNorm1d:
    """Batch normalisation with its own parameters and running averages. Two instances share nothing.

    Args:
        num_features: C, the number of columns.
        eps: as in formula (3).
        momentum: weight of the new value in formulas (8) and (9), a number from 0 to 1.

    Attributes:
        gamma, beta: NumPy arrays of shape (C,), ones and zeros at first. They may be set to new arrays at any
            time: every call reads them.
        running_mean, running_var: NumPy arrays of shape (C,), zeros and ones at first.
    """

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        """A new layer is in training mode."""
        ### BEGIN SOLUTION
        self.eps = eps
        self.momentum = momentum
        self.gamma = np.ones(num_features)
        self.beta = np.zeros(num_features)
        self.running_mean = np.zeros(num_features)
        self.running_var = np.ones(num_features)
        self.training = True
        ### END SOLUTION

    def __call__(self, x):
        """Normalise x, float64 of shape (N, C); returns a new array and leaves x unchanged.

        In training: with the batch's mean and variance, and the running averages are updated. A single row
        raises ValueError and updates nothing. In evaluation: with the running averages, which stay as they
        are; N may be 1.
        """
        ### BEGIN SOLUTION
        if self.training:
            n = len(x)
            if n == 1:
                raise ValueError("A single row has no variance: hand in at least two, or call eval().")
            mu = x.mean(axis=0)  # (1)
            var = ((x - mu) ** 2).mean(axis=0)  # (2)
            unbiased = n / (n - 1) * var  # (9)
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mu  # (8)
            self.running_var = (1 - self.momentum) * self.running_var + self.momentum * unbiased  # (9)
        else:
            mu, var = self.running_mean, self.running_var  # (10)
        x_hat = (x - mu) / np.sqrt(var + self.eps)  # (3)
        return self.gamma * x_hat + self.beta  # (4)
        ### END SOLUTION

    def train(self):
        """Switch to training mode."""
        ### BEGIN SOLUTION
        self.training = True
        ### END SOLUTION

    def eval(self):
        """Switch to evaluation mode."""
        ### BEGIN SOLUTION
        self.training = False
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_BatchNorm1d", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("BatchNorm1d", BatchNorm1d)

# %% [markdown]
# ### Experiment: the wrong mode
#
# The next cell makes a module of your layer: autograd in training, your running averages in evaluation. A network with two hidden layers learns the digits.
# Then it classifies the test digits in batches of 2, 4, 8, ... **in training mode**, as if somebody had forgotten `eval()`.


# %% nbgrader={"grade": false, "grade_id": "both_modes", "locked": true, "schema_version": 3, "solution": false, "task": false}
class BatchNormBoth(BatchNorm):
    """A layer with both modes: Normalise in training, your BatchNorm1d keeps the averages and evaluates."""

    def __init__(self, width):
        super().__init__(width)
        self.own = BatchNorm1d(width)

    def train(self, mode=True):
        self.own.train() if mode else self.own.eval()
        return super().train(mode)

    def forward(self, x):
        self.own.gamma, self.own.beta = self.gamma.detach().numpy(), self.beta.detach().numpy()
        y = self.own(x.detach().numpy())  # in training this updates the running averages
        return super().forward(x) if self.training else torch.from_numpy(y)


def error(model, X, y):
    """Share of rows that are classified wrong, in the mode that the model is in."""
    return 1 - training.evaluate(model, X, y)[1]


# %% [markdown]
# **Predict.** In evaluation mode it makes 3% errors. How many will it make in training mode with batches of 2? And with one batch of all 297?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "wrong_mode", "locked": true, "schema_version": 3, "solution": false, "task": false}
model = stack(2, BatchNormBoth)
loss_after(model, 0.1)
model.eval()
right_mode = error(model, digits.X_test, digits.y_test)
model.train()
sizes = [2, 4, 8, 16, 32, 64, 148, 297]
wrong_mode = []
for size in sizes:
    batches = [range(start, start + size) for start in range(0, 297 - size + 1, size)]
    wrong_mode.append(np.mean([error(model, digits.X_test[rows], digits.y_test[rows]) for rows in batches]))
figure, ax = plt.subplots()
ax.plot(sizes, 100 * np.array(wrong_mode), "o--", color=plots.PALETTE[3])
ax.axhline(100 * right_mode, color=plots.PALETTE[0])
ax.text(4, 100 * right_mode - 4, "evaluation mode, any batch size", color=plots.PALETTE[0])
ax.text(5, 32, "training mode", color=plots.PALETTE[3])
ax.set(xscale="log", xlabel="digits in a batch at evaluation", ylabel="test error (%)", ylim=(-3, 70))
ax.set_xticks(sizes, sizes)
ax.minorticks_off()
ax.set_title("In training mode the answer depends on the neighbours")
plots.show(
    figure,
    "Test error against the batch size at evaluation. In training mode it is about 60 percent for batches of 2 and falls to 3 percent for "
    "all 297 at once. In evaluation mode it is 3 percent whatever the batch.",
)
print(
    f"training mode: {wrong_mode[0]:.0%} with 2, {wrong_mode[3]:.0%} with 16, {wrong_mode[-1]:.0%} with 297"
)

# %% [markdown]
# <details>
# <summary>Explain: why is a batch of 2 so bad?</summary>
# <p>
# With two rows, (3) gives +1 and −1 in nearly every column: all that is left is which of the two had the larger value. The network hears about the neighbour as much as about the
# digit. With 297 rows the batch's mean and variance are close to those of all digits, and the result is as good as in evaluation. Forgetting <code>eval()</code> is among the
# most common bugs with this layer, and with large test batches it goes unnoticed.
# </p>
# </details>
#
# ### Experiment: how long to remember, with sliders
#
# A unit has the mean 3 and the standard deviation 2. Your layer sees 100 batches of $N$ rows. The figure shows `running_mean` after each.
#
# **Goal:** from batch 31 on, never further than 0.3 from 3, with batches as small as possible. **Predict** first: what does a larger `momentum` spoil? And a smaller one?


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "track", "locked": true, "schema_version": 3, "solution": false, "task": false}
def track(momentum, N, batches=100):
    """running_mean after each batch, (100,), and its largest distance from 3 from batch 31 on."""
    rng, layer, means = np.random.default_rng(0), BatchNorm1d(1, momentum=momentum), []
    for _ in range(batches):
        layer(rng.normal(3.0, 2.0, size=(64, 1))[:N])
        means.append(layer.running_mean[0])
    means = np.array(means)
    return means, np.abs(means[30:] - 3).max()


def draw_track(momentum=0.5, N=8):
    means, worst = track(momentum, N)
    figure, ax = plt.subplots()
    ax.axhspan(2.7, 3.3, color="0.9")
    ax.axvline(31, color="0.6", linewidth=1)
    ax.set(xlabel="batch", ylabel="running_mean", xlim=(0, 100), ylim=(0, 5))
    ax.plot(np.arange(1, 101), means, color=plots.PALETTE[0])
    verdict = "Goal reached!" if worst <= 0.3 else "Goal: 0.30."
    ax.set_title(f"Largest distance from batch 31 on: {worst:.2f}. {verdict}")
    return figure


momenta, batch_sizes = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0], [2, 4, 8, 16, 32, 64]
plots.sliders(draw_track, momentum=momenta, N=batch_sizes)

# %% [markdown]
# The next figure is the map of this game, without sliders.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "track_map", "locked": true, "schema_version": 3, "solution": false, "task": false}
worst = np.array([[track(momentum, N)[1] for momentum in momenta] for N in batch_sizes])
figure, ax = plt.subplots()
sns.heatmap(worst, annot=True, fmt=".2f", cmap="Blues", linewidths=1, cbar=False, vmax=2, ax=ax)
ax.set(xlabel="momentum", ylabel="rows in a batch, N", xticklabels=momenta, yticklabels=batch_sizes)
ax.tick_params("y", rotation=0)
ax.set_title("Too small remembers the start, too large the last batch")
plots.show(
    figure,
    "Largest distance of running_mean from the true mean from batch 31 on, for seven momenta and six batch sizes. For small momenta it is "
    "large whatever the batch size; for large momenta it is large for small batches. The smallest values are near momentum 0.1.",
)

# %% [markdown]
# <details>
# <summary>Explain: what are the two errors?</summary>
# <p>
# Of the start, the share $(1-m)^t$ is left after $t$ batches: with $m = 0.02$ still 53% after 31. That is the false start of lesson 02, and no batch size
# helps. On the other side, the average holds about $1/m$ batches, so its noise falls with $1/m$ and with $N$: with $m = 1$ it is the noise of the last batch alone. PyTorch's 0.1 suits runs of
# hundreds of batches. Frameworks that set it to 0.01 expect thousands.
# </p>
# </details>

# %% [markdown]
# ## Conventions
#
# Everybody means (1) to (4), and nearly everybody differs somewhere else. The table shows a new layer after the worked batch $x = (2, 4, 4, 10)$; $y_4$ is the last row's result with
# $\gamma = 4$, $\beta = 1$, $\epsilon = 7$.
#
# | where | `momentum` | default $\epsilon$ | $y_4$ | $running\_mean$ | $running\_var$ |
# |---|---|---|---|---|---|
# | PyTorch; this lesson | 0.1, weighs the new value | 1e-5 | 6 | 0.5 | 2.1 |
# | PyTorch, `momentum=None` | none: the plain mean of all batches | 1e-5 | 6 | 5 | 12 |
# | the paper, Algorithm 2 | none: averaged after training, unbiased | | 6 | 5 | 12 |
# | Keras 3 | 0.99, weighs the *old* value | 1e-3 | 6 | 0.05 | 1.08 |
# | some course notes: biased `running_var` | 0.1, new | 1e-5 | 6 | 0.5 | 1.8 |
# | other notes: unbiased in (3) too | 0.1, new | 1e-5 | 5.588 | 0.5 | 2.1 |
#
# The names differ as well: $\gamma$ and $\beta$ are `weight` and `bias` in PyTorch, `gamma` and `beta` in Keras.


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "conventions", "locked": true, "schema_version": 3, "solution": false, "task": false}
def pytorch_row(momentum):
    norm = nn.BatchNorm1d(1, momentum=momentum).double()
    norm(torch.tensor([[2.0], [4.0], [4.0], [10.0]], dtype=torch.float64))
    return f"running_mean {norm.running_mean.item():.2f}, running_var {norm.running_var.item():.2f}"


own = BatchNorm1d(1)
own(np.array([[2.0], [4.0], [4.0], [10.0]]))
print(f"yours                  running_mean {own.running_mean[0]:.2f}, running_var {own.running_var[0]:.2f}")
print("PyTorch               ", pytorch_row(0.1))
print("PyTorch, momentum=None", pytorch_row(None))
far = torch.tensor([[1e4], [1e4 + 1]])
cancelled = (far**2).mean() - far.mean() ** 2
print(
    f"variance of 10000 and 10001 in float32: {far.var(correction=0):.2f} by (2), {cancelled:.2f} as a difference"
)

# %% [markdown]
# The last line is about another convention: $var$ as the mean of $x^2$ minus $\mu^2$. On paper that equals (2). In floating point it subtracts two
# large numbers that agree in nearly all their digits. Subtract first, then square.
#
# ## Images
#
# A convolution slides the same weights over all places of an image, so all places of one channel should be normalised alike. For $x$ of shape
# $(N, C, H, W)$ each channel $c$ has one mean and one variance, over all images and all pixels:
#
# $$\mu_c = \frac{1}{NHW} \sum_{n,h,w} x_{nchw}, \qquad var_c = \frac{1}{NHW} \sum_{n,h,w} (x_{nchw} - \mu_c)^2 \tag{11}$$
#
# Then (3) and (4), with one $\gamma$ and one $\beta$ a channel. In other words: every pixel of every image is a row, and every channel a column. A layer for 64 channels has $2 \cdot 64 = 128$
# parameters, whatever the size of the images.

# %% [markdown]
# ## Exercise 4: images (2 points)
#
# Write (11), (3) and (4) for images. Either average over three axes at once, or turn pixels into rows and call your `batch_norm_forward`; it is used as you wrote it. NumPy lines up
# shapes from the right, so an array of shape $(C,)$ beside $(N, C, H, W)$ would run along $W$: give it the shape $(C, 1, 1)$.


# %% nbgrader={"grade": false, "grade_id": "batch_norm_2d", "locked": false, "schema_version": 3, "solution": true, "task": false}
def batch_norm_2d(x, gamma, beta, eps=1e-5):
    """Normalise each channel of a batch of images, formulas (11), (3) and (4), as in training.

    Args:
        x: the images, float64, shape (N, C, H, W), N at least 2; H and W may differ and may be 1. A channel
            may be constant.
        gamma, beta: float64, shape (C,), one number for each channel.
        eps: a number above 0.

    Returns:
        y: a new array, shape (N, C, H, W). The inputs stay unchanged, and y shares no memory with them.
    """
    ### BEGIN SOLUTION
    mu = x.mean(axis=(0, 2, 3), keepdims=True)  # (11)
    var = ((x - mu) ** 2).mean(axis=(0, 2, 3), keepdims=True)  # (11)
    x_hat = (x - mu) / np.sqrt(var + eps)  # (3)
    y = gamma[:, None, None] * x_hat + beta[:, None, None]  # (4)
    return y
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_batch_norm_2d", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("batch_norm_2d", batch_norm_2d)

# %% [markdown]
# ## Experiment: the highest learning rate that still works
#
# Four hidden layers, 5 epochs of plain SGD, ten learning rates; losses above 3 are drawn at 3. Both networks begin with He's start, so that the one without batch norm has a fair chance.
#
# **Predict.** Each curve has a valley. Which network has the wider one? By what factor does batch norm raise the highest rate with a loss below 0.5?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "highest_rate", "locked": true, "schema_version": 3, "solution": false, "task": false}
rates = 10.0 ** (np.arange(10) / 2 - 3)  # 0.001 to 32
by_rate = {
    "without": np.array([loss_after(he_start(stack(4)), lr) for lr in rates]),
    "with batch norm": np.array([loss_after(he_start(stack(4, BatchNorm)), lr) for lr in rates]),
}
figure, ax = plt.subplots()
ax.set(
    xlabel="learning rate",
    ylabel="training loss after 5 epochs (nats)",
    xscale="log",
    ylim=(0, 3),
    xlim=(8e-4, 40),
)
styles = plots.line_styles(list(by_rate))
for (name, losses), style in zip(by_rate.items(), styles, strict=True):
    ax.plot(rates, np.minimum(losses, 3), label=name, marker="o", markersize=4, **style)
    good = rates[losses < 0.5]
    print(f"{name:15}  best loss {losses.min():.2f}, below 0.5 up to lr = {good.max():.2g}")
ax.text(1.1, 2.1, "without", color=plots.PALETTE[0], weight="bold")
ax.text(1.3e-3, 2.75, "with batch norm", color=plots.PALETTE[1], weight="bold")
ax.set_title("Batch norm allows larger steps")
plots.show(
    figure,
    "Training loss after 5 epochs against the learning rate on a log axis, with and without batch norm. Without, only rates around 0.1 "
    "work. With, the loss stays below 0.5 up to about 3 and the lowest loss is much lower.",
)

# %% [markdown]
# <details>
# <summary>Explain: why does a large step do less harm?</summary>
# <p>
# Multiply all weights of a layer by 10: $x$, $\mu$ and $\sqrt{var}$ all grow by 10, and (3) gives the same $\hat x$. So the output does not depend on the scale of the weights, and the gradient
# with respect to them shrinks by 10. A step that was too large makes the weights larger, and the next steps are smaller in comparison. The layer brakes by itself. It
# also means that weight decay on such a layer does not limit the function: it changes the effective learning rate.
# </p>
# </details>
#
# ### Experiment: small batches
#
# Now the price. Two hidden layers, 300 updates at $lr = 0.03$, batches of 4 to 32 digits, then the test error in evaluation mode. Without
# batch norm the curve is bumpy: small batches are noisy for everybody.
#
# **Predict.** Does batch norm help at every batch size, or is there one below which it does harm?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "small_batches", "locked": true, "schema_version": 3, "solution": false, "task": false}
small_sizes = [4, 8, 16, 32]
test_error = {"without": [], "with batch norm": []}
for size in small_sizes:
    for name, norm in (("without", None), ("with batch norm", BatchNormBoth)):
        model = he_start(stack(2, norm))
        loss_after(model, 0.03, steps=300, batch_size=size)
        test_error[name].append(100 * error(model.eval(), digits.X_test, digits.y_test))
figure, ax = plt.subplots()
ax.set(
    xlabel="digits in a training batch", ylabel="test error (%)", xscale="log", xlim=(3.8, 33), ylim=(0, 20)
)
ax.set_xticks(small_sizes, small_sizes)
ax.minorticks_off()
plots.curves(ax, test_error, x=small_sizes, marker="o", markersize=4)
ax.set_title("Batch norm helps from 8 rows on; with 4 it does harm")
plots.show(
    figure,
    "Test error after 300 updates against the size of the training batches. With batch norm it is 15 percent at 4 rows, against 12 "
    "without. From 8 rows on it is lower than without: 6 against 10 percent at 32.",
)
for name, errors in test_error.items():
    print(
        f"{name:15}",
        "  ".join(f"{size}: {value:.0f}%" for size, value in zip(small_sizes, errors, strict=True)),
    )

# %% [markdown]
# <details>
# <summary>Explain: what to do when a batch has to be small?</summary>
# <p>
# With 2 rows it is far worse still: more than half of the test digits are wrong, and a start that differs in the 14th digit ends elsewhere, so there is no number to
# print. $\mu$ of $N$ rows has a noise of one standard deviation divided by $\sqrt N$: 18% with 32 rows, 71% with 2. A little of it regularises, a lot drowns the
# signal, and the running averages describe no batch that was ever seen. Take a layer that needs no batch: LayerNorm, GroupNorm or RMSNorm (a later lesson). In recurrent networks
# batch norm has one more problem, since every time step has statistics of its own.
# </p>
# </details>

# %% [markdown]
# ## Why does it help?
#
# Ioffe and Szegedy explained it so: while the early layers learn, the inputs of the later ones keep changing. They called this *internal covariate shift*, and
# batch norm is meant to reduce it.
#
# Santurkar and others (2018) tested the story. They put random noise *after* each batch norm, which shifts and stretches every unit anew at every step. So they made the covariate shift
# worse than without batch norm, and the networks trained nearly as well as before. The next cells repeat the idea on our digits, with six hidden layers.
#
# How far does a unit's mean move in one update? The next cell measures it in standard deviations of that unit, for three kinds of networks: with He's start, with batch norm, and with batch norm and
# a jitter after it.
#
# **Predict.** The jitter makes the means move more than without any batch norm. If steady inputs are what counts, which of the three should learn worst?


# %% nbgrader={"grade": false, "grade_id": "jitter_layer", "locked": true, "schema_version": 3, "solution": false, "task": false}
class BatchNormJitter(BatchNorm):
    """Batch norm, and after it in training a stretch and a shift of every unit, drawn anew at each step."""

    def __init__(self, width):
        super().__init__(width)
        self.rng = np.random.default_rng(0)

    def forward(self, x):
        normalised = super().forward(x)
        if not self.training:
            return normalised
        stretch, shift = (
            np.exp(0.2 * self.rng.normal(size=x.shape[1])),
            0.4 * self.rng.normal(size=x.shape[1]),
        )
        return normalised * torch.from_numpy(stretch) + torch.from_numpy(shift)


@torch.no_grad()
def unit_means(model):
    """Mean and standard deviation of what reaches each ReLU, over 100 digits: two tensors (layers, units)."""
    values, statistics = torch.from_numpy(digits.X_train[:100]), []
    for module in model:
        if isinstance(module, nn.ReLU):
            statistics.append((values.mean(dim=0), values.std(dim=0)))
        values = module(values)
    means, deviations = zip(*statistics, strict=True)
    return torch.stack(means), torch.stack(deviations)


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "jitter", "locked": true, "schema_version": 3, "solution": false, "task": false}
class Watched(torch.optim.SGD):
    """SGD that notes how far the unit means move in each update, in standard deviations."""

    def __init__(self, model):
        super().__init__(model.parameters(), lr=0.1)
        self.model, self.moves = model, []

    def step(self):
        before, deviation = unit_means(self.model)
        super().step()
        after, _ = unit_means(self.model)
        self.moves.append(((after - before).abs() / deviation).median().item())


for name, norm in {
    "He's start": None,
    "batch norm": BatchNorm,
    "batch norm + jitter": BatchNormJitter,
}.items():
    model = he_start(stack(6, norm))
    optimizer = Watched(model)
    training.train(model, lambda _, own=optimizer: own, digits.X_train, digits.y_train, steps=115)
    loss, accuracy = training.evaluate(model.eval(), digits.X_train, digits.y_train)
    print(
        f"{name:20} moves by {np.mean(optimizer.moves):.3f} an update; loss {loss:.2f}, {accuracy:.0%} right"
    )

# %% [markdown]
# <details>
# <summary>Explain: what is left of the story?</summary>
# <p>
# With jitter the units move more than without any normalisation, and yet the network learns better than the plain one. So steady inputs
# cannot be what makes the start so fast. (The jitter has a price of its own: after ten epochs the plain network has caught up.) Santurkar and others show that batch norm makes the loss smoother instead: the gradient changes less along a step, so it can be trusted further. Bjorck
# and others (2018) come to a similar view: without batch norm, large rates make the activations of deep layers grow out of hand, so only small ones are possible. Our one run proves neither; it only
# shows that the first explanation does not suffice.
# </p>
# </details>
#
# ## All together
#
# The last network uses four lessons at once: a small convolutional network for the digits, with your batch norm, momentum (lesson 03), cosine decay (lesson 06) and gradient clipping
# (lesson 07). A notebook cannot import another one, so **paste your own** `MomentumSGD`, `cosine_decay` and `clip_by_global_norm` into the next cell, as you wrote them. Nothing here
# is graded.


# %% tags=["paste"] nbgrader={"grade": false, "grade_id": "pieces", "locked": false, "schema_version": 3, "solution": true, "task": false}
class MomentumSGD:
    """Yours from lesson 03: paste it here."""

    def __init__(self, params, lr, momentum=0.9):
        ### BEGIN SOLUTION
        self.params, self.lr, self.momentum = list(params), lr, momentum
        self.buf = [torch.zeros_like(theta) for theta in self.params]
        ### END SOLUTION

    @torch.no_grad()
    def step(self):
        ### BEGIN SOLUTION
        for theta, buf in zip(self.params, self.buf, strict=True):
            buf.mul_(self.momentum).add_(theta.grad)
            theta -= self.lr * buf
        ### END SOLUTION

    def zero_grad(self):
        ### BEGIN SOLUTION
        for theta in self.params:
            theta.grad = None
        ### END SOLUTION


def cosine_decay(lr0, lr_min, t_max, epoch):
    """Yours from lesson 06: paste it here."""
    ### BEGIN SOLUTION
    return lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * epoch / t_max)) / 2
    ### END SOLUTION


def clip_by_global_norm(grads, max_norm, p=2.0):
    """Yours from lesson 07: paste it here."""
    ### BEGIN SOLUTION
    norm = math.sqrt(sum(float(np.sum(g**2)) for g in grads))
    return [g * min(1.0, max_norm / (norm + 1e-6)) for g in grads], norm
    ### END SOLUTION


# %% nbgrader={"grade": false, "grade_id": "convolutional", "locked": true, "schema_version": 3, "solution": false, "task": false}
class BatchNormImages(BatchNormBoth):
    """Your batch norm for images: every pixel is a row, as in (11)."""

    def forward(self, x):
        n, c, h, w = x.shape
        rows = x.permute(0, 2, 3, 1).reshape(-1, c)
        return super().forward(rows).reshape(n, h, w, c).permute(0, 3, 1, 2)


def convolutional(norm=True, seed=0):
    """Three 3 x 3 convolutions with 8, 16 and 16 channels, then a linear layer to the 10 digits."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        layers, before = [nn.Unflatten(1, (1, 8, 8))], 1
        for channels in (8, 16, 16):
            layers.append(nn.Conv2d(before, channels, kernel_size=3, padding=1))
            layers += [BatchNormImages(channels)] if norm else []
            layers += [nn.ReLU()] + ([nn.MaxPool2d(2)] if channels == 16 else [])
            before = channels
        layers += [nn.Flatten(), nn.Linear(16 * 2 * 2, 10)]
    return nn.Sequential(*layers).double()


# %% nbgrader={"grade": false, "grade_id": "recipe", "locked": true, "schema_version": 3, "solution": false, "task": false}
def recipe(norm=True, momentum=0.9, decay=True, clip=True, lr=0.3, epochs=4, batch_size=50):
    """Train the network with your pieces; returns the loss of every update and the test error after each epoch."""
    model, rng = convolutional(norm), np.random.default_rng(0)
    optimizer = MomentumSGD(model.parameters(), lr, momentum)
    X, y = torch.from_numpy(digits.X_train), torch.from_numpy(digits.y_train)
    losses, errors, steps = [], [], epochs * len(X) // batch_size
    for _ in range(epochs):
        for rows in rng.permutation(len(X)).reshape(-1, batch_size):
            optimizer.lr = cosine_decay(lr, 0.0, steps, len(losses)) if decay else lr
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(X[rows]), y[rows])
            loss.backward()
            if clip:
                clipped, _ = clip_by_global_norm([theta.grad.numpy() for theta in model.parameters()], 1.0)
                for theta, gradient in zip(model.parameters(), clipped, strict=True):
                    theta.grad.copy_(torch.from_numpy(gradient))
            optimizer.step()
            losses.append(loss.item())
        model.eval()
        errors.append(100 * error(model, digits.X_test, digits.y_test))
        model.train()
    return np.array(losses), errors


# %% nbgrader={"grade": false, "grade_id": "compare", "locked": true, "schema_version": 3, "solution": false, "task": false}
def compare(name, title, everything, ablated, alt):
    """One figure: the loss of the whole recipe and of the recipe without one piece."""
    figure, ax = plt.subplots()
    ax.set(xlabel="update", ylabel="training loss (nats)", yscale="log", xlim=(0, 120), ylim=(5e-3, 4))
    smooth = {"everything": everything[0], name: ablated[0]}
    plots.curves(ax, {key: pd.Series(loss).rolling(8).mean() for key, loss in smooth.items()})
    ax.set_title(title)
    plots.show(figure, alt)
    for key, (loss, errors) in {"everything": everything, name: ablated}.items():
        print(f"{key:17} last epoch's loss {loss[-30:].mean():.3f}, test error {errors[-1]:.1f}%")


# %% [markdown]
# ### First the whole recipe, then without batch norm
#
# Everything runs at $lr = 0.3$ with momentum 0.9, a cosine from there to 0 over 4 epochs, and a largest gradient norm of 1. Curves are means over 8 updates, which hides the noise of single
# batches.
#
# **Predict.** One piece is taken away at a time, and nothing else is tuned again. Which of the four will be missed most?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "without_norm", "locked": true, "schema_version": 3, "solution": false, "task": false}
everything = recipe()
compare(
    "no batch norm",
    "Without batch norm: a slow start, never made up for",
    everything,
    recipe(norm=False),
    "Training loss over 120 updates on a log axis. Without batch norm it stays near 2.3 for the first updates and remains above the curve of the whole recipe to the end.",
)

# %% [markdown]
# ### Without momentum
#
# **Predict.** Without momentum a step is about ten times shorter at the same $lr$ (lesson 03). Where on the curve will you see it: early, late, or all along?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "without_momentum", "locked": true, "schema_version": 3, "solution": false, "task": false}
compare(
    "no momentum",
    "Without momentum: level at half-time, behind at the end",
    everything,
    recipe(momentum=0.0),
    "Training loss over 120 updates on a log axis. Without momentum the curve falls more slowly at first, is level around update 50, and ends above the whole recipe.",
)

# %% [markdown]
# ### Without decay
#
# **Predict.** At the constant rate 0.3 the loss will fall as well. Where will it end, compared with the cosine?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "without_decay", "locked": true, "schema_version": 3, "solution": false, "task": false}
compare(
    "no decay",
    "Without decay: it hovers instead of landing",
    everything,
    recipe(decay=False),
    "Training loss over 120 updates on a log axis. With a constant rate the curve follows the whole recipe at first, then stays jagged and several times higher.",
)

# %% [markdown]
# ### Without clipping
#
# **Predict.** Batch norm already tames the activations. Is there anything left for clipping to do?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "without_clipping", "locked": true, "schema_version": 3, "solution": false, "task": false}
compare(
    "no clipping",
    "Without clipping: a wild start, never made up for",
    everything,
    recipe(clip=False),
    "Training loss over 120 updates on a log axis. Without clipping the loss begins higher, near 3, and remains above the whole recipe to the end.",
)

# %% [markdown]
# <details>
# <summary>Explain: is the whole recipe the best one, then?</summary>
# <p>
# At this learning rate every piece helps. But each run without a piece kept the settings that suit the whole. Without momentum, a larger $lr$ would make up for most of the loss; without clipping, a
# smaller one. At $lr = 1$ the run without clipping does not learn at all, and the one without momentum becomes the best. A fair comparison tunes the rate for each, and that is lesson 14's subject. And one seed
# is one seed: with three others the training loss was lowest for the whole recipe each time, while a single test digit is a third of a percent.
# </p>
# </details>
#
# ## Recap
#
# 1. Each column of a batch gets mean 0 and variance 1, then a mean and a spread that are learned.
# 2. The gradient goes back on three paths: $dx$ has no mean and no part along $\hat x$.
# 3. Training uses the batch's statistics, evaluation the running ones. Biased in (3), unbiased in (9).
# 4. For images every pixel is a row: one mean and one variance a channel.
# 5. Deep networks start to learn, and larger rates work; small batches pay for it.

# %% [markdown]
# ## Where it breaks
#
# - **Small batches.** Below about 8 rows the statistics are mostly noise. GroupNorm and LayerNorm do not use the batch.
# - **Rows that are not alike.** If training batches are sorted or come from one source each, the running averages fit none of them.
# - **The forgotten mode.** `model.eval()` before every evaluation, `model.train()` before training goes on.
# - **Averaged weights** (lesson 02) need their own running averages: measure them anew with `update_bn`.
# - **Sequences and Transformers.** They use LayerNorm or RMSNorm, which treat each row by itself.

# %% [markdown]
# ## Further
#
# - S. Ioffe and C. Szegedy (2015). Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift. ICML. arXiv:1502.03167
# - S. Santurkar and others (2018). How Does Batch Normalization Help Optimization? NeurIPS. arXiv:1805.11604
# - J. Bjorck and others (2018). Understanding Batch Normalization. NeurIPS. arXiv:1806.02375
# - Y. Wu and K. He (2018). Group Normalization. ECCV. arXiv:1803.08494; and K. He and others (2015). Delving Deep into Rectifiers. ICCV. arXiv:1502.01852
