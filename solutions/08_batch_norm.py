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
# *About 90 minutes, 10 points. It builds on lesson 02 (averages) and recalls lessons 01, 05 and 06.*
#
# ## The problem
#
# Seven lessons have improved how our trainer *steps*. Its patient was always the same: a network with one hidden layer. Now give
# it one with ten, and look inside before any training. Each layer multiplies by random weights and cuts off what
# is negative. How different do two digits still look after ten such layers?

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np
import torch
from torch import nn

from course import check, data, predict, quiz, training
from course.figures import lesson_08 as figures
from course.figures import lesson_08_runs as runs
from course.figures import trainer

digits = data.digits()
print(f"{len(digits.X_train)} digits to train on, {len(digits.X_test)} to test")


# %% nbgrader={"grade": false, "grade_id": "stack", "locked": true, "schema_version": 3, "solution": false, "task": false}
def stack(depth, norm=None, he=False, seed=0, width=32):
    """A classifier of digits with `depth` hidden layers, from PyTorch's start or He's."""
    layers, inputs = [], 64
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        for _ in range(depth):
            linear = nn.Linear(inputs, width)
            if he:
                nn.init.kaiming_normal_(linear.weight, nonlinearity="relu")
                nn.init.zeros_(linear.bias)
            layers += [linear, norm(width), nn.ReLU()] if norm else [linear, nn.ReLU()]
            inputs = width
        layers.append(nn.Linear(inputs, 10))
    return nn.Sequential(*layers).double()


# %% [markdown]
# See where `norm` goes: between a linear layer and its ReLU. PyTorch's start is what `nn.Linear` does by itself. He's start (He and others, 2015) draws larger weights,
# so that the size of the signal survives the ReLUs.
#
# The figure shows what reaches each ReLU, less that unit's mean over all digits: how far one digit stands out from the others. In this
# one cell the batch normalisation is PyTorch's. Further down you write it.
#
# **Predict.** With PyTorch's start, how much of the spread in layer 1 is left in layer 10? Choose "a half", "a tenth", "a hundredth" or "less
# than a thousandth".

# %%
predict("left_in_layer_ten", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "ten_layers", "locked": true, "schema_version": 3, "solution": false, "task": false}
kinds = {
    "PyTorch's start": {},
    "He's start": {"he": True},
    "batch norm": {"norm": nn.BatchNorm1d},
}
networks = {}
for name, kind in kinds.items():
    networks[name] = [stack(10, seed=seed, **kind) for seed in range(5)]
figures.ten_layers(networks)

# %% [markdown]
# <details>
# <summary>What to see</summary>
# <p>
# From PyTorch's start each layer keeps about two fifths of the spread. Two fifths nine times over is next to nothing: whatever the
# digit, layer 10 gets the same numbers. He's start roughly keeps the size of the signal, but more and more of it is common to
# all digits. With normalisation the spread is about 1 in every layer.
# </p>
# </details>

# %% [markdown]
# ## At the end you can
#
# - write batch normalisation from its four formulas and say what $\gamma$ and $\beta$ are for;
# - derive its gradient stage by stage, and write it by hand;
# - build the layer with its two modes, and say why evaluation must differ from training;
# - normalise images channel by channel, and say what all this gains and what it costs.

# %% [markdown]
# You build it from scratch: PyTorch's own optimisers, schedules, clipping and normalisation, and pandas' exponential averages, are not
# available to your answers, neither in the check nor in grading. The experiments may use them. The class `torch.optim.Optimizer`, which
# computes nothing, may be inherited from.
#
# The experiments run your own code. What would take minutes, several seeds at many rates, was measured beforehand
# with the reference solution and is drawn as a band from the lowest seed to the highest; your own runs are the red rings.

# %% [markdown]
# ## The idea
#
# A layer hands on a batch $x$ of shape $(N, C)$: $N$ rows, one for each example, and $C$ columns, one for each unit. Write $x_i$ for row
# $i$. Take the mean and the variance of every column, over the rows of this batch:
#
# $$\mu = \frac1N \sum_{i=1}^{N} x_i \tag{1}$$
#
# $$var = \frac1N \sum_{i=1}^{N} (x_i - \mu)^2 \tag{2}$$
#
# Both have the shape $(C,)$. Squares, roots and quotients are taken element by element. The sum in (2) is divided by $N$ and not by $N - 1$: it is the
# *biased* variance. Remember this; it will matter twice.

# %% [markdown]
# Now subtract and divide, so that every column has mean 0 and variance 1. Then let the network choose another mean and another spread, if
# it wants them:
#
# $$\hat x_i = \frac{x_i - \mu}{\sqrt{var + \epsilon}} \tag{3}$$
#
# $$y_i = \gamma\, \hat x_i + \beta \tag{4}$$
#
# $\hat x$ ("x hat") and $y$ have the shape of $x$. $\epsilon$ (usually $10^{-5}$) stands *inside* the root and prevents a division by zero in a
# column that does not vary. $\gamma$ and $\beta$, of shape $(C,)$, are parameters: they are learned like weights, and start at 1 and 0. Formulas (1) to (4) are Algorithm 1
# of Ioffe and Szegedy (2015).

# %% [markdown]
# **Why $\gamma$ and $\beta$?** Without them every unit would have mean 0 and variance 1 for ever, even where another range works better.
# With them nothing is lost: $\gamma = \sqrt{var + \epsilon}$ and $\beta = \mu$ give $y = x$. What is gained is that mean and spread
# are now two numbers of their own, instead of a result of all the weights before.
#
# The bias of the linear layer before it can go: (1) takes it out again, and $\beta$ does its work.

# %% [markdown]
# ### By hand
#
# One column of four rows, $x = (2, 4, 4, 10)$, with $\gamma = 4$ and $\beta = 1$. Take $\epsilon = 7$: absurdly large, but the
# root comes out even, and you see where it goes. Check each number with pencil and paper.
#
# By (1), $\mu = 20 / 4 = 5$. By (2), $var = (9 + 1 + 1 + 25) / 4 = 9$. So the root in (3) is $\sqrt{9 + 7} = 4$.
#
# | row | $x_i$ | $x_i$ less $\mu$ | $\hat x_i$, by (3) | $y_i$, by (4) |
# |---|---|---|---|---|
# | 1 | 2 | −3 | −0.75 | 4 · (−0.75) + 1 = −2 |
# | 2 | 4 | −1 | −0.25 | 0 |
# | 3 | 4 | −1 | −0.25 | 0 |
# | 4 | 10 | 5 | 1.25 | 6 |

# %% [markdown]
# ## Exercise 1: forward
#
# *1.5 points · difficulty 1 of 5 · about 8 minutes*
#
# Write formulas (1) to (4) in NumPy, for all columns at once. `mu` stands for $\mu$, `var` for $var$, `x_hat` for $\hat x$.
#
# Return $y$ and a `cache`: whatever your own backward pass will want. A good one is the tuple `(x_hat, gamma, std)` with
# `std = np.sqrt(var + eps)`. If your cache has this form, exercise 2 can be judged on its own even while exercise 1 is not right yet.


# %% nbgrader={"grade": false, "grade_id": "batch_norm_forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    """Normalise each column of a batch, then scale and shift it: formulas (1) to (4).

    Args:
        x: the batch, float64, shape (N, C), N at least 2. A column may be constant. Its mean
            may be as large as 100 000 with a spread of about 1: the variance must be right
            there too.
        gamma, beta: float64, shape (C,), one number for each column.
        eps: a number above 0.

    Returns:
        (y, cache). y is a new array, shape (N, C). cache is whatever your batch_norm_backward
        will need, in any form. The inputs stay unchanged, and y shares no memory with them.
    """
    ### BEGIN SOLUTION
    mu = x.mean(axis=0)  # (1)
    var = ((x - mu) ** 2).mean(axis=0)  # (2)
    std = np.sqrt(var + eps)
    x_hat = (x - mu) / std  # (3)
    y = gamma * x_hat + beta  # (4)
    return y, (x_hat, gamma, std)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_batch_norm_forward", "locked": true, "points": 1.5, "schema_version": 3, "solution": false, "task": false}
check("batch_norm_forward", batch_norm_forward)

# %% [markdown]
# ### Experiment: two pixels
#
# Take two pixels of the digits as columns. Pixel 14 is white in most images and pixel 3 dark, so each piles up at one end of its range.
#
# **Predict.** Your function gives the column of pixel 14 mean 0 and variance 1. What will its histogram look like then: "a bell", or "as lopsided as before"?

# %%
predict("shape_of_a_pixel", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "two_pixels", "locked": true, "schema_version": 3, "solution": false, "task": false}
pixels = digits.X_train[:, [14, 3]]
normalised, _ = batch_norm_forward(pixels, np.ones(2), np.zeros(2))
affine, _ = batch_norm_forward(pixels, np.array([1.0, 3.0]), np.array([0.0, 4.0]))
figures.two_pixels(pixels, normalised, affine)

# %% [markdown]
# ### Experiment: the company a digit keeps, with sliders
#
# By (1) and (2) every result depends on the whole batch. The sliders put one and the same digit into 200 random batches of $N$ digits and
# draw what your function makes of it, for one unit of our trainer's network. `scale` multiplies the batch beforehand.
#
# **Predict.** From 8 digits on: how many times as many digits does it take to halve the spread of the 200 results?

# %%
predict("steadier_company", ...)

# %% [markdown]
# **Goal:** the smallest batch in which the results spread by less than 0.2. One of the sliders does not help at all: which, and why?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "neighbours", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.neighbours(batch_norm_forward)

# %% [markdown]
# The next figure says the same without sliders.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "neighbours_map", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.neighbours_map(batch_norm_forward)

# %% [markdown]
# <details>
# <summary>Explain: why four times, and why does the scale not matter?</summary>
# <p>
# The mean of N rows has a noise of one standard deviation divided by the root of N (lesson 01). So half the noise takes four times as many rows.
# The scale drops out in (3): numerator and denominator grow by the same factor. Both facts will return, the first as a price, the second as a gain.
# </p>
# </details>

# %% [markdown]
# ## The way back
#
# In training the gradient comes in as $dy$, of shape $(N, C)$: a $d$ before a name stands for the gradient of the loss with respect to it,
# in its shape. You need $d\gamma$, $d\beta$ and $dx$.
#
# Formula (4) is the easy part. $\gamma$ and $\beta$ act on every row, so their gradients add up over the rows:
#
# $$d\beta = \sum_{i=1}^N dy_i, \qquad d\gamma = \sum_{i=1}^N dy_i\, \hat x_i \tag{5}$$
#
# $$d\hat x_i = dy_i\, \gamma \tag{6}$$
#
# From $\hat x$ to $x$ it is harder: each $x_i$ acts on its own $\hat x_i$, and through $\mu$ and $var$ on those of every other row.

# %% [markdown]
# ## Challenge: the gradient, stage by stage
#
# *2 points · difficulty 4 of 5 · about 15 minutes*
#
# Here is the forward pass once more, one small stage at a time:
#
# | stage | code |
# |---|---|
# | A | `mu = x.mean(axis=0)` |
# | B | `centred = x - mu` |
# | C | `var = (centred**2).mean(axis=0)` |
# | D | `std = np.sqrt(var + eps)` |
# | E | `x_hat = centred / std` |
# | F | `y = gamma * x_hat + beta` |
#
# Derive the gradient of every quantity on the way, from F back to A. The chain rule and three rules for arrays are all you need:
#
# 1. A quantity that is used in two stages gets the *sum* of what comes back from both.
# 2. A number that all rows of a column share gets the *sum over the rows*.
# 3. A mean of $N$ rows sends $1/N$ of its own gradient to each of them.

# %% [markdown]
# Find out first which two quantities are used twice. Then take one stage after the other, on paper.
#
# To compare: with the numbers from above and $dy = (3, 0, 0, 3)$, $d\hat x = (12, 0, 0, 12)$, and at the very end $dx = (1.78125,\ {-1.40625},\ {-1.40625},\ 1.03125)$.
# The check looks at all six gradients and so tells you which stage went wrong.


# %% nbgrader={"grade": false, "grade_id": "backward_by_stages", "locked": false, "schema_version": 3, "solution": true, "task": false}
def backward_by_stages(dy, centred, std, x_hat, gamma):
    """The gradient of each quantity on the way from y back to x, by hand.

    Autograd is switched off while the check or the grader runs this function.

    Args:
        dy: the gradient of the loss with respect to y, float64, shape (N, C); it may be zero.
        centred, x_hat: what stages B and E made, float64, shape (N, C). A column may be zero.
        std: what stage D made, float64, shape (C,).
        gamma: float64, shape (C,).

    Returns:
        (dx_hat, dstd, dvar, dcentred, dmu, dx): new arrays, each in the shape of its quantity:
        (N, C), (C,), (C,), (N, C), (C,) and (N, C). dcentred and dx are whole: what comes back
        from both stages that use the quantity. The inputs stay unchanged.
    """
    ### BEGIN SOLUTION
    n = len(dy)
    dx_hat = dy * gamma  # F
    dstd = -(dx_hat * x_hat).sum(axis=0) / std  # E
    dvar = dstd / (2 * std)  # D
    dcentred = dx_hat / std + 2 / n * centred * dvar  # E and C
    dmu = -dcentred.sum(axis=0)  # B
    dx = dcentred + dmu / n  # B and A
    return dx_hat, dstd, dvar, dcentred, dmu, dx
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_backward_by_stages", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("backward_by_stages", backward_by_stages)

# %% [markdown]
# ### From six stages to one line
#
# Put each stage into the next, and nearly everything cancels. What is left is one formula:
#
# $$dx = \frac{1}{std}\left(d\hat x - \overline{d\hat x} - \hat x \cdot \overline{d\hat x\, \hat x}\right) \tag{7}$$
#
# A bar stands for the mean over the rows, $\overline{d\hat x} = \frac1N \sum_i d\hat x_i$, one number a column. Try to get there from your own stages before you unfold the way.
#
# <details>
# <summary>The way from the stages to (7)</summary>
#
# Write $s = \overline{d\hat x\, \hat x}$. Then $dstd = -N s / std$ and $dvar = -N s / (2\, std^2)$. With $centred = std\; \hat x$,
#
# $$dcentred = \frac{d\hat x}{std} + \frac{2}{N}\, std\; \hat x\, dvar = \frac{d\hat x - \hat x\, s}{std}$$
#
# The column $\hat x$ adds up to 0, so $dmu = -N\, \overline{d\hat x} / std$, and $dx = dcentred + dmu / N$ is (7).
#
# </details>

# %% [markdown]
# Read (7) as a sentence: take $d\hat x$, remove its mean, remove what points along $\hat x$, divide by the standard deviation. What is removed
# is what (3) would undo anyway. Adding one number to all rows changes nothing in $\hat x$, so $dx$ must add up to 0.
#
# **By hand**, with $dy = (3, 0, 0, 3)$ again. By (5), $d\beta = 6$ and $d\gamma = 3 \cdot (-0.75) + 3 \cdot 1.25 = 1.5$. The mean of $d\hat x$ is $24 / 4 = 6$, that of $d\hat x\, \hat x$ is $(-9 + 15) / 4 = 1.5$.
#
# | row | $d\hat x_i$, by (6) | bracket of (7) | $dx_i$ |
# |---|---|---|---|
# | 1 | 12 | 12 − 6 + 1.125 = 7.125 | 1.78125 |
# | 2 | 0 | −6 + 0.375 = −5.625 | −1.40625 |
# | 3 | 0 | −5.625 | −1.40625 |
# | 4 | 12 | 12 − 6 − 1.875 = 4.125 | 1.03125 |

# %% [markdown]
# ## Exercise 2: backward
#
# *2.5 points · difficulty 2 of 5 · about 8 minutes*
#
# Write formulas (5) to (7). Your function is judged with the cache of your own `batch_norm_forward`. Where that is not right yet and your cache is
# `(x_hat, gamma, std)`, it is judged with a right one.


# %% nbgrader={"grade": false, "grade_id": "batch_norm_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def batch_norm_backward(dy, cache):
    """The gradients of batch normalisation, formulas (5) to (7).

    Args:
        dy: the gradient of the loss with respect to y, float64, shape (N, C); it may be zero.
        cache: what batch_norm_forward returned beside y.

    Returns:
        (dx, dgamma, dbeta): new arrays of shape (N, C), (C,) and (C,). dy and the cache stay
        unchanged: a second call with the same two gives the same result. Nothing returned
        shares memory with dy.
    """
    ### BEGIN SOLUTION
    x_hat, gamma, std = cache
    dbeta = dy.sum(axis=0)  # (5)
    dgamma = (dy * x_hat).sum(axis=0)  # (5)
    dx_hat = dy * gamma  # (6)
    dx = (dx_hat - dx_hat.mean(axis=0) - x_hat * (dx_hat * x_hat).mean(axis=0)) / std  # (7)
    return dx, dgamma, dbeta
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_batch_norm_backward", "locked": true, "points": 2.5, "schema_version": 3, "solution": false, "task": false}
check("batch_norm_backward", batch_norm_backward)

# %% [markdown]
# ### Into autograd
#
# `torch.autograd.Function` is how you teach PyTorch a new operation: a `forward`, a `backward`, and between them whatever the backward needs. The next cell
# hands over yours. From here on your two functions train real networks.


# %% nbgrader={"grade": false, "grade_id": "into_autograd", "locked": true, "schema_version": 3, "solution": false, "task": false}
class Normalise(torch.autograd.Function):
    """Your forward and your backward as one operation of PyTorch."""

    @staticmethod
    def forward(ctx, x, gamma, beta):
        y, ctx.cache = batch_norm_forward(x.numpy(), gamma.numpy(), beta.numpy())
        return torch.from_numpy(y)

    @staticmethod
    def backward(ctx, dy):
        return tuple(map(torch.from_numpy, batch_norm_backward(dy.numpy(), ctx.cache)))


class BatchNorm(nn.Module):
    """A layer with your formulas, for training only: it has no running averages yet."""

    def __init__(self, width):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(width, dtype=torch.float64))
        self.beta = nn.Parameter(torch.zeros(width, dtype=torch.float64))

    def forward(self, x):
        return Normalise.apply(x, self.gamma, self.beta)


# %% [markdown]
# ### Experiment: how deep can it be?
#
# Networks with 2, 4, 8 and 12 hidden layers learn the digits with plain SGD: 138 updates, six epochs with batches of 64. Each kind runs at its best of ten rates,
# half a decade apart from 0.001 to 32, with five seeds. The two starts run without batch norm; yours begins from He's start.
#
# **Predict.** Guessing has a loss of 2.3. With He's start and *no* batch norm, which is the deepest of the four that gets below 0.5, in four of five seeds at least?

# %%
predict("deepest_without", ...)


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "depth", "locked": true, "schema_version": 3, "solution": false, "task": false}
def loss_after(model, lr, steps=138, batch_size=64):
    """Mean training loss of the last 10 of `steps` updates with plain SGD."""

    def sgd(params):
        return torch.optim.SGD(params, lr=lr)

    X, y = digits.X_train, digits.y_train
    return training.train(model, sgd, X, y, steps, batch_size)[-10:].mean()


runs.depths(loss_after(stack(12, BatchNorm, he=True), lr=0.3))

# %% [markdown]
# <details>
# <summary>Explain: is batch norm the only cure for depth?</summary>
# <p>
# No. At 4 layers He's start makes the difference between learning and not: 0.32 against 1.9. But it acts once: 12 layers from it end at 1.55. Batch norm measures
# the spread again at every step, and 12 layers with it end at 0.28. Residual connections are another cure; most deep networks use several together.
# </p>
# </details>

# %% [markdown]
# ## One row at a time
#
# In training a digit's result depends on the other digits of its batch. In the end you want an answer for *one* digit, and the same answer
# tomorrow. So while it trains the layer remembers what mean and variance usually are. After each batch it moves two running averages a little, as in lesson 02:
#
# $$running\_mean \leftarrow (1 - m)\, running\_mean + m\, \mu \tag{8}$$
#
# $$running\_var \leftarrow (1 - m)\, running\_var + m\, \frac{N}{N-1}\, var \tag{9}$$
#
# Both have the shape $(C,)$, and start at 0 and 1. $m$ is called `momentum` (0.1 by default) and is the weight of the *new* value: in the words of lesson
# 02, $m = 1 - \beta$. They are not parameters: no gradient reaches them.

# %% [markdown]
# ### Biased here, unbiased there
#
# The biased variance (2) is the spread of *this* batch, which has to be divided out. The running variance estimates the spread of
# *all* data. For that the biased one is too small, on average by the factor $(N-1)/N$, since the mean was fitted to the same rows. With $N = 64$ this hardly matters; with $N = 2$ it is a factor of two.
#
# In **evaluation** nothing is measured and nothing is updated. Formulas (3) and (4) use what was remembered:
#
# $$\mu = running\_mean, \qquad var = running\_var \tag{10}$$

# %% [markdown]
# ### By hand
#
# The batch $x = (2, 4, 4, 10)$ again, and a new layer with the default $m = 0.1$ and $\epsilon = 10^{-5}$. Here $\mu = 5$, $var = 9$, and the unbiased variance is $\frac43 \cdot 9 = 12$.
#
# | | formula | start | after the batch |
# |---|---|---|---|
# | `running_mean` | (8) | 0 | 0.9 · 0 + 0.1 · 5 = 0.5 |
# | `running_var` | (9) | 1 | 0.9 · 1 + 0.1 · 12 = 2.1 |
#
# Now evaluate the single row $x = 5$: (3) and (10) give $(5 - 0.5)/\sqrt{2.1} = 3.105$. In training this value, the batch's own mean, became
# 0. One batch is not enough to know the data: the averages still lean towards their start.

# %% [markdown]
# ## Exercise 3: the layer
#
# *2.5 points · difficulty 3 of 5 · about 14 minutes*
#
# A new layer is in training mode; `train()` and `eval()` switch. A single row has no variance, so in training the layer raises `ValueError`, as PyTorch does.
#
# Three traps: (3) takes the biased variance and (9) the unbiased one; evaluation must leave the averages alone; and a layer that was
# evaluated must be able to train on.


# %% nbgrader={"grade": false, "grade_id": "BatchNorm1d", "locked": false, "schema_version": 3, "solution": true, "task": false}
class BatchNorm1d:
    """Batch normalisation with its own parameters and running averages.

    Two instances share nothing.

    Args:
        num_features: C, the number of columns.
        eps: as in formula (3).
        momentum: weight of the new value in formulas (8) and (9), a number from 0 to 1.

    Attributes:
        gamma, beta: arrays of shape (C,), ones and zeros at first. They may be set to new
            arrays at any time: every call reads them.
        running_mean, running_var: arrays of shape (C,), zeros and ones at first.
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

        In training: with the batch's mean and variance, and the running averages are updated.
        A single row raises ValueError and updates nothing. In evaluation: with the running
        averages, which stay as they are; N may be 1.
        """
        ### BEGIN SOLUTION
        if self.training:
            n = len(x)
            if n == 1:
                raise ValueError("A single row has no variance: use two or more, or eval().")
            mu = x.mean(axis=0)  # (1)
            var = ((x - mu) ** 2).mean(axis=0)  # (2)
            unbiased = n / (n - 1) * var  # (9)
            m = self.momentum
            self.running_mean = (1 - m) * self.running_mean + m * mu  # (8)
            self.running_var = (1 - m) * self.running_var + m * unbiased  # (9)
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


# %% nbgrader={"grade": true, "grade_id": "check_BatchNorm1d", "locked": true, "points": 2.5, "schema_version": 3, "solution": false, "task": false}
check("BatchNorm1d", BatchNorm1d)

# %% [markdown]
# ### Experiment: watch it remember
#
# The film shows one unit of our trainer's network. Grey is what the unit gives for all 1500 digits. Your layer sees batches of 32; below stand the mean and
# standard deviation that it remembers, and the true ones. Press play.
#
# **Goal:** stop when the remembered mean has come nine tenths of the way. Then work out from (8), without a film, how many batches that takes with
# a momentum of 0.01.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "remembered", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.remembered(BatchNorm1d)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "memory", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.memory(BatchNorm1d)

# %% [markdown]
# <details>
# <summary>Explain: how many batches, and what does a large momentum spoil?</summary>
# <p>
# Of the start, the share (1 − m) to the power of t is left after t batches. With 0.1 a tenth is left after about 22 batches, with 0.01 after about 229: the false start of lesson 02. On
# the other side an average of about 1/m batches has the noise of so few: with 0.5 it shakes with every batch.
# </p>
# </details>

# %% [markdown]
# ### Experiment: the wrong mode
#
# The next cell makes a module of your layer. Five networks with two hidden layers learn the digits with it. Then they classify the test
# digits in batches of 2, 4, 8, ... **in training mode**, as if somebody had forgotten `eval()`.
#
# **Predict.** In evaluation mode they get about 2% wrong. How many per cent in training mode, with batches of 2?

# %%
predict("pairs_in_training_mode", ...)


# %% nbgrader={"grade": false, "grade_id": "both_modes", "locked": true, "schema_version": 3, "solution": false, "task": false}
class BatchNormBoth(BatchNorm):
    """Normalise in training; your BatchNorm1d keeps the averages, and evaluates."""

    def __init__(self, width):
        super().__init__(width)
        self.own = BatchNorm1d(width)

    def train(self, mode=True):
        self.own.train() if mode else self.own.eval()
        return super().train(mode)

    def forward(self, x):
        self.own.gamma = self.gamma.detach().numpy()
        self.own.beta = self.beta.detach().numpy()
        y = self.own(x.detach().numpy())  # in training this updates the running averages
        return super().forward(x) if self.training else torch.from_numpy(y)


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "wrong_mode", "locked": true, "schema_version": 3, "solution": false, "task": false}
trained = [stack(2, BatchNormBoth, he=True, seed=seed) for seed in range(5)]
for model in trained:
    loss_after(model, lr=0.3)
figures.wrong_mode(trained)

# %% [markdown]
# <details>
# <summary>Explain: why is a batch of 2 so bad?</summary>
# <p>
# With two rows, (3) gives +1 and −1 in nearly every column: all that is left is which of the two had the larger value. With all 297 test digits at once the
# statistics are close to those of all digits, and a forgotten <code>eval()</code> goes unnoticed.
# </p>
# </details>

# %% [markdown]
# ## Conventions
#
# Everybody means (1) to (4), and nearly everybody differs somewhere else. The table shows a new layer after the worked batch $x = (2, 4, 4, 10)$;
# $y_4$ is the last row's result with $\gamma = 4$, $\beta = 1$, $\epsilon = 7$.
#
# | where | `momentum` | default `eps` | $y_4$ | `running_mean` | `running_var` |
# |---|---|---|---|---|---|
# | PyTorch; this lesson | 0.1, weighs the new value | 1e-5 | 6 | 0.5 | 2.1 |
# | PyTorch, `momentum=None` | none: the plain mean of all batches | 1e-5 | 6 | 5 | 12 |
# | the paper, Algorithm 2 | none: averaged after training, unbiased | not given | 6 | 5 | 12 |
# | Keras 3 | 0.99, weighs the *old* value | 1e-3 | 6 | 0.05 | 1.08 |
# | Flax (JAX; optax has no layers) | 0.99, weighs the *old* value | 1e-5 | 6 | 0.05 | 1.08 |
# | some course notes: biased `running_var` | 0.1, weighs the new value | 1e-5 | 6 | 0.5 | 1.8 |
# | other notes: unbiased in (3) too | 0.1, weighs the new value | 1e-5 | 5.588 | 0.5 | 2.1 |

# %% [markdown]
# $\gamma$ and $\beta$ are `weight` and `bias` in PyTorch, `gamma` and `beta` in Keras, `scale` and `bias` in Flax.
#
# Some code computes $var$ as the mean of $x^2$ minus $\mu^2$. On paper that equals (2). In floating point two large numbers are subtracted that agree in nearly all
# their digits: in float32, for 10000 and 10001, (2) gives 0.25 and the difference 0. Subtract first, then square.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "conventions", "locked": true, "schema_version": 3, "solution": false, "task": false}
worked = np.array([[2.0], [4.0], [4.0], [10.0]])
own, theirs = BatchNorm1d(1), nn.BatchNorm1d(1).double()
own(worked)
theirs(torch.from_numpy(worked))
for name, layer in {"yours": own, "PyTorch": theirs}.items():
    mean, var = float(layer.running_mean[0]), float(layer.running_var[0])
    print(f"{name:8} running_mean {mean:.2f}, running_var {var:.2f}")

# %% [markdown]
# ## Images
#
# A convolution slides the same weights over all places of an image, so all places of a channel are normalised alike. For $x$ of shape
# $(N, C, H, W)$ each channel $c$ has one mean and one variance, over all images and pixels:
#
# $$\mu_c = \frac{1}{NHW} \sum_{n,h,w} x_{nchw}, \qquad var_c = \frac{1}{NHW} \sum_{n,h,w} (x_{nchw} - \mu_c)^2 \tag{11}$$
#
# Then come (3) and (4), with one $\gamma$ and one $\beta$ for each channel. In other words: every pixel is a row, and every channel a column.

# %% [markdown]
# ## Exercise 4: images
#
# *1.5 points · difficulty 2 of 5 · about 8 minutes*
#
# Write (11), (3) and (4) for images. Either average over three axes at once, or turn pixels into rows and call your `batch_norm_forward`; it is
# used as you wrote it. NumPy lines up shapes from the right, so an array of shape $(C,)$ beside $(N, C, H, W)$ would run along $W$: give it the
# shape $(C, 1, 1)$.


# %% nbgrader={"grade": false, "grade_id": "batch_norm_2d", "locked": false, "schema_version": 3, "solution": true, "task": false}
def batch_norm_2d(x, gamma, beta, eps=1e-5):
    """Normalise each channel of a batch of images as in training: formulas (11), (3) and (4).

    Args:
        x: the images, float64, shape (N, C, H, W), N at least 2; H and W may differ and may
            be 1. A channel may be constant.
        gamma, beta: float64, shape (C,), one number for each channel.
        eps: a number above 0.

    Returns:
        y: a new array, shape (N, C, H, W). The inputs stay unchanged, and y shares no memory
        with them.
    """
    ### BEGIN SOLUTION
    mu = x.mean(axis=(0, 2, 3), keepdims=True)  # (11)
    var = ((x - mu) ** 2).mean(axis=(0, 2, 3), keepdims=True)  # (11)
    x_hat = (x - mu) / np.sqrt(var + eps)  # (3)
    y = gamma[:, None, None] * x_hat + beta[:, None, None]  # (4)
    return y
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_batch_norm_2d", "locked": true, "points": 1.5, "schema_version": 3, "solution": false, "task": false}
check("batch_norm_2d", batch_norm_2d)

# %% [markdown]
# ## Experiment: the highest rate that still works
#
# Four hidden layers from He's start, 138 updates of plain SGD at each of the ten rates, five seeds.
#
# **Predict.** Take the highest rate at which at least four of the five seeds end below a loss of 0.5. How much higher is it with batch norm than without: "no higher", "3
# times", "10 times" or "100 times"?

# %%
predict("higher_rates", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "highest_rate", "locked": true, "schema_version": 3, "solution": false, "task": false}
rates = (0.1, 1.0, 3.0)
runs.highest_rate({lr: loss_after(stack(4, BatchNorm, he=True), lr) for lr in rates})

# %% [markdown]
# <details>
# <summary>Explain: why does a large step do less harm?</summary>
# <p>
# By (3) the output does not depend on the scale of the weights before it. A step that was too large makes these weights larger, and the next steps smaller in comparison: the layer brakes by
# itself. Weight decay on such a layer, in turn, does not limit the function; it changes the effective learning rate (van Laarhoven, 2017).
# </p>
# </details>

# %% [markdown]
# ### Experiment: the price
#
# Two hidden layers, 300 updates with batches of 2 to 32 digits, then the test error in evaluation mode: medians of eight seeds, each kind at its best of six rates from 0.01 to 3.2.
# The figure also has layer normalisation, which normalises each row over its own units and needs no batch.
#
# **Predict.** Which is the largest of the batch sizes 2, 4, 8, 16 and 32 at which batch norm makes the error *worse* in most seeds?

# %%
predict("harmful_batch", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "small_batches", "locked": true, "schema_version": 3, "solution": false, "task": false}
errors = {}
for size, lr in ((4, 0.1), (16, 0.3)):
    model = stack(2, BatchNormBoth, he=True)
    loss_after(model, lr, steps=300, batch_size=size)
    _, right = training.evaluate(model.eval(), digits.X_test, digits.y_test)
    errors[size] = 100 * (1 - right)
runs.small_batches(errors)

# %% [markdown]
# <details>
# <summary>Explain: what to do when a batch has to be small?</summary>
# <p>
# With 2 rows 52% of the test digits are wrong, against 21% without. With 4 nobody wins clearly. With 8 batch norm is ahead, 4.7% against 9.4%. You know the reason: the noise of
# a mean is 71% of a standard deviation with 2 rows and 18% with 32. It drowns the signal, and the running averages describe no batch that was
# ever seen. For small batches take a layer that needs none: layer norm, or GroupNorm for images (Wu and He, 2018).
# </p>
# </details>

# %% [markdown]
# ## Why does it help?
#
# Ioffe and Szegedy had an explanation: while the early layers learn, the inputs of the later ones keep changing. They called this *internal covariate shift*,
# and batch norm is meant to reduce it. So it was told for years. Then Ali Rahimi, accepting the test-of-time award at NIPS in 2017, called
# machine learning alchemy, and took this very explanation as an example (Rahimi and Recht, 2017).
#
# Santurkar and others (2018) put it to the test. *After* each batch norm they added noise that shifts and stretches every unit anew at each step. This makes
# the inputs of later layers less steady than without batch norm. The next cell does the same with yours.

# %% [markdown]
# The figure compares six hidden layers with He's start alone, with batch norm, and with batch norm and this jitter: how far a unit's mean moves in one update, and the loss. Each is at its best of
# six rates from 0.01 to 3.2, five seeds.
#
# **Predict.** Which one ends with the highest training loss: "He's start", "batch norm", "batch norm + jitter", or is there "no difference"?

# %%
predict("worst_learner", ...)


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "jitter", "locked": true, "schema_version": 3, "solution": false, "task": false}
class Jitter(BatchNorm):
    """Batch norm, then a stretch and a shift of every unit, drawn anew at each step."""

    def forward(self, x):
        stretch, shift = torch.randn(2, x.shape[1], dtype=x.dtype)
        return super().forward(x) * torch.exp(0.2 * stretch) + 0.4 * shift


torch.manual_seed(0)
runs.steady(loss_after(stack(6, Jitter, he=True), lr=0.3))

# %% [markdown]
# <details>
# <summary>Explain: what is left of the story?</summary>
# <p>
# With jitter the units are less steady than without any normalisation, and yet these networks end at a third of the plain network's loss. So steady inputs cannot be what makes it learn.
# Santurkar and others show instead that batch norm makes the loss smoother: the gradient changes less along a step, so it can be trusted further. Bjorck and others (2018) find that without it large
# rates make the activations of deep layers grow out of hand. Our experiment proves neither; it only shows that the first story does not suffice.
# </p>
# </details>

# %% [markdown]
# ## Quiz
#
# No points. Each answer is checked at once.
#
# **1.** A convolution with 64 channels, for images of 32 × 32 pixels, is followed by batch norm. How many *parameters* does the batch norm add?

# %%
quiz("parameters_of_a_layer", ...)

# %% [markdown]
# **2.** A new layer with `momentum=0.1` sees one batch of two rows, 1 and 3, in training. What is its `running_var` afterwards?

# %%
quiz("variance_of_two_rows", ...)

# %% [markdown]
# **3.** All weights of a linear layer before a batch norm are multiplied by 10. What happens to the gradient with respect to them?
#
# - (a) It becomes ten times as large.
# - (b) It stays the same.
# - (c) It becomes a tenth.
# - (d) It becomes a hundredth.

# %%
quiz("ten_times_the_weights", ...)

# %% [markdown]
# **4.** `dy` is 1 for every row, and `gamma` is 1. What is `dx`?
#
# - (a) 0 for every row.
# - (b) `1 / std` for every row.
# - (c) `2 / std` for every row.
# - (d) `N` for every row.

# %%
quiz("constant_gradient", ...)

# %% [markdown]
# **5.** A colleague trains for 50 updates with `momentum=0.001`. In training mode her network gets 4% of the test digits wrong, in evaluation mode 80%. What is
# the cause?
#
# - (a) It has overfitted.
# - (b) The running averages are still close to their start.
# - (c) She forgot `eval()`.
# - (d) `eps` is too large.

# %%
quiz("good_in_training_mode", ...)

# %% [markdown]
# **6.** What is `batch_norm_forward(x.T, np.ones(N), np.zeros(N))[0].T` for `x` of shape (N, C)?
#
# - (a) The same as without the two `.T`.
# - (b) `batch_norm_2d`.
# - (c) An error: the shapes do not fit.
# - (d) Layer normalisation.

# %%
quiz("transposed", ...)

# %% [markdown]
# ## What our trainer can do now
#
# Our trainer's own network, one hidden layer deep, was never hard to train. Batch norm helps even here. With it before the ReLU, Adam and a cosine over the 138 updates, each at the best of the
# rates 0.01, 0.03, 0.1 and 0.3, it ends at a training loss of 0.010; without, at 0.055. And it can now take on patients with twelve layers.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "trainer", "locked": true, "schema_version": 3, "solution": false, "task": false}
trainer.so_far("08_batch_norm")

# %% [markdown]
# ## Recap
#
# 1. Each column of a batch gets mean 0 and variance 1, then a mean and a spread that are learned.
# 2. The gradient goes back on three paths: $dx$ has no mean and no part along $\hat x$.
# 3. Training uses the batch's statistics, evaluation the running ones. Biased in (3), unbiased in (9).
# 4. For images every pixel is a row: one mean and one variance for each channel.
# 5. Deep networks start to learn and larger rates work; very small batches pay for it.

# %% [markdown]
# ## Where it breaks
#
# - **Very small batches.** See the price above. LayerNorm and GroupNorm do not use the batch.
# - **Rows that are not alike.** If batches are sorted, or come from one source each, the running averages fit none of them.
# - **The forgotten mode.** `model.eval()` before every evaluation, `model.train()` before training goes on.
# - **Averaged weights** (lesson 02) need running averages of their own: measure them again, as PyTorch's `update_bn` does.
# - **Sequences.** Every time step has statistics of its own. Transformers use layer norm or RMSNorm, which treat each row by itself.

# %% [markdown]
# ## Further
#
# - K. He and others (2015). Delving Deep into Rectifiers: Surpassing Human-Level Performance on ImageNet Classification. ICCV. arXiv:1502.01852
# - S. Ioffe and C. Szegedy (2015). Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift. ICML. arXiv:1502.03167
# - A. Rahimi and B. Recht (2017). Reflections on Random Kitchen Sinks. Speech at NIPS, archives.argmin.net/2017/12/05/kitchen-sinks
# - S. Santurkar and others (2018). How Does Batch Normalization Help Optimization? NeurIPS. arXiv:1805.11604
# - J. Bjorck and others (2018). Understanding Batch Normalization. NeurIPS. arXiv:1806.02375
# - T. van Laarhoven (2017). L2 Regularization versus Batch and Weight Normalization. arXiv:1706.05350
# - Y. Wu and K. He (2018). Group Normalization. ECCV. arXiv:1803.08494
