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
# # 12 The normalisation family
#
# Batch norm measures across the batch. Its relatives measure within one example, or the weights themselves, and need no batch.
#
# *About 85 minutes, 10 points. It builds on lesson 08 (batch normalisation).*
#
# ## The problem
#
# Batch norm takes its mean and variance from the examples that happen to share a batch. With few of them the two are noise. The next figure shows networks
# with six hidden layers that learn the digits with plain SGD: 300 updates with batches of 2, 8 and 32 digits, five seeds, each kind at its best of the rates 0.001, 0.003, 0.01, 0.03,
# 0.1 and 0.3.
#
# Two kinds have no normalisation: PyTorch's start, and He's (lessons 08 and 11). Two are normalised before every ReLU, from PyTorch's start: by batch norm, and by layer norm, which you write in this lesson.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np
import torch
from torch import nn

from course import check, data, predict, quiz, training
from course.figures import lesson_12 as figures
from course.figures import lesson_12_runs as runs
from course.figures import lesson_12_weights as weights

digits = data.digits()

# %% [markdown]
# **Predict.** Guessing is wrong on 90% of the test digits. On how many percent is batch norm wrong after batches of *two* digits?

# %%
predict("batch_norm_from_pairs", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "small_batches", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.small_batches()

# %% [markdown]
# <details>
# <summary>What to see</summary>
# <p>
# From pairs batch norm learns next to nothing: 83% are wrong. Of two numbers it always makes +1 and −1, whatever they are: all that is left is which was larger. Layer norm learns at every size, from a start with which the plain network is still guessing: 46% are wrong after pairs. It is no miracle. He's start does as well
# with pairs, at 48%, and with 32 digits batch norm is ahead: 3.0% against layer norm's 6.7%.
# </p>
# </details>

# %% [markdown]
# ## At the end you can
#
# - write layer, RMS and group normalisation, and say which numbers share a mean in each;
# - derive layer norm's gradient from batch norm's, and say what must not be copied;
# - choose among them, and know the two values of eps that differ between libraries;
# - estimate the largest singular value of a weight with two products, and say what the estimate bounds.
#
# You build it from scratch: PyTorch's own optimisers, clipping and normalisation (spectral normalisation too), and pandas' exponential averages, are not
# available to your answers, neither in the check nor in grading. The experiments run your own code.

# %% [markdown]
# ## The idea
#
# Every member of the family subtracts a mean and divides by a standard deviation. They differ in *who shares them*. The figure shows a batch of $N = 4$ examples with
# $C = 6$ channels each; a field stands for all pixels of one channel. Fields of one colour and number share a mean and a variance.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "sharing", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.sharing()

# %% [markdown]
# Only batch norm mixes rows. For the others an example's result is the same in whatever company, so training and evaluation agree: no running averages, no
# `eval()` to forget.

# %% [markdown]
# ## Layer norm
#
# Let $x$ be an array whose last axis has $D$ entries: one row of features for each example, or for each word of each sentence. For one such row $x_1, \dots, x_D$:
#
# $$\mu = \frac1D \sum_{j=1}^{D} x_j \tag{1}$$
#
# $$var = \frac1D \sum_{j=1}^{D} (x_j - \mu)^2 \tag{2}$$
#
# $$\hat x_j = \frac{x_j - \mu}{\sqrt{var + \epsilon}} \tag{3}$$
#
# $$y_j = \gamma_j\, \hat x_j + \beta_j \tag{4}$$
#
# $\mu$ and $var$ are two numbers for each *row*; $\gamma$ and $\beta$, of shape $(D,)$, belong to the *columns* and are learned. These are the formulas of lesson 08 with one change: the sum
# runs along the row (Ba and others, 2016).

# %% [markdown]
# ### By hand
#
# The row $x = (1, 2, 3, 6)$ with $\gamma = (1, 2, 2, 4)$ and $\beta = (0, 1, 0, -1)$. Take $\epsilon = 0.5$: far too large, but the root comes out even.
#
# By (1), $\mu = 3$. By (2), $var = (4 + 1 + 0 + 9)/4 = 3.5$. So the root in (3) is $\sqrt{3.5 + 0.5} = 2$.
#
# | | 1 | 2 | 3 | 6 |
# |---|---|---|---|---|
# | $\hat x_j$, by (3) | −1 | −0.5 | 0 | 1.5 |
# | $y_j$, by (4) | −1 | 0 | 0 | 5 |

# %% [markdown]
# ## Exercise 1: layer norm
#
# *2 points · difficulty 1 of 5 · about 8 minutes*
#
# Write formulas (1) to (4) for any number of axes before the last. `keepdims=True` keeps the axis that a mean is taken over, so that NumPy lines up the shapes.
#
# As in lesson 08 you also return a `cache` for your backward pass. A good one is `(x_hat, gamma, std)` with `std = np.sqrt(var + eps)`, of the shape that `keepdims` gives.


# %% nbgrader={"grade": false, "grade_id": "layer_norm_forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def layer_norm_forward(x, gamma, beta, eps=1e-5):
    """Normalise along the last axis, then scale and shift: formulas (1) to (4).

    Args:
        x: float64, shape (..., D): the last axis, D at least 2, and any axes before it, also
            none. Entries may all be equal.
        gamma, beta: float64, shape (D,).
        eps: a number above 0.

    Returns:
        (y, cache). y is a new array in the shape of x. cache is whatever your
        layer_norm_backward will need, in any form. The inputs stay unchanged, and y shares no
        memory with them.
    """
    ### BEGIN SOLUTION
    mu = x.mean(axis=-1, keepdims=True)  # (1)
    var = ((x - mu) ** 2).mean(axis=-1, keepdims=True)  # (2)
    std = np.sqrt(var + eps)
    x_hat = (x - mu) / std  # (3)
    y = gamma * x_hat + beta  # (4)
    return y, (x_hat, gamma, std)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_layer_norm_forward", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("layer_norm_forward", layer_norm_forward)

# %% [markdown]
# ## RMS norm
#
# Zhang and Sennrich (2019) left out the mean. What remains is the *root mean square*, the size of a row:
#
# $$y_j = \gamma_j \frac{x_j}{\sqrt{\frac1D \sum_{k=1}^{D} x_k^2 + \epsilon}} \tag{5}$$
#
# No $\mu$, no $\beta$: one pass over the row instead of two. Many of today's large language models use it. T5's code calls the mean square in (5) "variance"; it is not. For $x = (1, 2, 3, 6)$ the mean square is $(1 + 4 + 9 + 36)/4 = 12.5$, the variance 3.5.
#
# **By hand**, with $\epsilon = 3.5$ and the $\gamma$ from above: the root is $\sqrt{12.5 + 3.5} = 4$, and $y = (0.25,\ 1,\ 1.5,\ 6)$.

# %% [markdown]
# ## Exercise 2: RMS norm
#
# *1 point · difficulty 1 of 5 · about 5 minutes*
#
# Write formula (5), again for any number of axes before the last.


# %% nbgrader={"grade": false, "grade_id": "rms_norm", "locked": false, "schema_version": 3, "solution": true, "task": false}
def rms_norm(x, gamma, eps=1e-6):
    """Divide by the root mean square along the last axis, then scale: formula (5).

    Args:
        x: float64, shape (..., D), any axes before the last, also none. A row may be all 0.
        gamma: float64, shape (D,).
        eps: a number above 0.

    Returns:
        y: a new array in the shape of x. The inputs stay unchanged.
    """
    ### BEGIN SOLUTION
    mean_square = (x**2).mean(axis=-1, keepdims=True)
    y = gamma * x / np.sqrt(mean_square + eps)  # (5)
    return y
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_rms_norm", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("rms_norm", rms_norm)

# %% [markdown]
# ### Experiment: what they ignore, with sliders
#
# Take one row of twelve numbers. The sliders multiply it by `scale` and then add `shift` to every entry; the figure draws what your two functions make of it.
#
# **Predict.** Which of the two gives the same result after a shift of 2: "both", "layer norm alone", "RMS norm alone" or "neither"?

# %%
predict("ignores_a_shift", ...)

# %% [markdown]
# **Goal:** find one setting other than scale 1 and shift 0 at which *neither* result moves visibly. Then the setting that squeezes RMS norm's twelve values most closely together.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "ignored", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.ignored(layer_norm_forward, rms_norm)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "ignored_lines", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.ignored_lines(layer_norm_forward, rms_norm)

# %% [markdown]
# <details>
# <summary>Explain: why does the scale drop out of both, and the shift of one?</summary>
# <p>
# Numerator and denominator grow by the same factor, so long as eps is small beside them. A shift moves x and the mean alike, and only layer norm subtracts the mean. With a large shift all
# entries look alike to RMS norm: it divides by a number that is mostly shift.
# </p>
# </details>

# %% [markdown]
# ### Experiment: a row that is nearly zero
#
# `nn.RMSNorm` takes its default eps from the precision: `torch.finfo(x.dtype).eps`, in float32 about `1.2e-7`. T5 has `1e-6`. Feed it rows whose entries are all 0.0001.
#
# **Predict.** A perfect normalisation would give entries of 1. What does PyTorch's default in float32 give?

# %%
predict("tiny_row", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "tiny_rows", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.tiny_rows(rms_norm)

# %% [markdown]
# <details>
# <summary>Explain: how can so small an eps matter?</summary>
# <p>
# It stands beside a square. Entries of 0.0001 have a mean square of 0.00000001, a twelfth of PyTorch's eps: 0.28 is left, and with T5's eps 0.10. So weights that were trained with one eps
# are not at home with the other. In float64 PyTorch's default is so small that the same row comes out as 1.
# </p>
# </details>

# %% [markdown]
# ## The way back
#
# The gradient $dy$ arrives in the shape of $x$. $\gamma$ and $\beta$ act on every row, so their gradients add up over all axes but the last:
#
# $$d\beta_j = \sum_{rows} dy_j, \qquad d\gamma_j = \sum_{rows} dy_j\, \hat x_j \tag{6}$$
#
# For $dx$ you have lesson 08's result. There, with one $\gamma$ for each column and means over the rows of a batch,
#
# $$dx = \frac{\gamma}{std}\left(dy - \overline{dy} - \hat x \cdot \overline{dy\, \hat x}\right) \qquad \text{(batch norm)}$$
#
# It is tempting to copy this line and change the axis. The result would have the right shape, and be wrong.

# %% [markdown]
# ## Challenge: layer norm's gradient
#
# *2 points · difficulty 4 of 5 · about 15 minutes*
#
# Find out what has to change in that line besides the axis. Three hints:
#
# 1. Where does $\gamma$ come from, and why was it allowed to stand in front of the bracket in batch norm?
# 2. Adding one number to a whole row of $x$ changes nothing in $y$. So what does each row of $dx$ add up to?
# 3. Stretching a row about its mean changes nothing in $y$, but for eps. So which direction can $dx$ not have a part in?
#
# To compare: with the row, $\gamma$ and $\epsilon$ from above and $dy = (4, 0, 2, 1)$, $dx = (0.75,\ {-1.375},\ 0.5,\ 0.125)$.
#
# It is judged with the cache of your own `layer_norm_forward`; where that is not right yet and has the form `(x_hat, gamma, std)`, with a right one.


# %% nbgrader={"grade": false, "grade_id": "layer_norm_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def layer_norm_backward(dy, cache):
    """The gradients of layer normalisation.

    Args:
        dy: the gradient of the loss with respect to y, float64, shape (..., D), any axes before
            the last, also none; it may be zero.
        cache: what layer_norm_forward returned beside y.

    Returns:
        (dx, dgamma, dbeta): new arrays of shape (..., D), (D,) and (D,). dy and the cache stay
        unchanged: a second call with the same two gives the same result. Nothing returned
        shares memory with dy.
    """
    ### BEGIN SOLUTION
    x_hat, gamma, std = cache
    rows = tuple(range(dy.ndim - 1))
    dbeta = dy.sum(axis=rows)  # (6)
    dgamma = (dy * x_hat).sum(axis=rows)  # (6)
    dx_hat = dy * gamma
    along_mu = dx_hat.mean(axis=-1, keepdims=True)
    along_x_hat = x_hat * (dx_hat * x_hat).mean(axis=-1, keepdims=True)
    dx = (dx_hat - along_mu - along_x_hat) / std
    return dx, dgamma, dbeta
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_layer_norm_backward", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("layer_norm_backward", layer_norm_backward)

# %% [markdown]
# <details>
# <summary>What had to change</summary>
#
# In batch norm everything that shares a mean is one column, with one $\gamma$. It is the same factor in all three terms of the bracket, so it could be taken out. In layer norm a mean runs over a row, whose entries
# have *different* $\gamma$s: $\gamma$ has to go inside, to each entry, before any mean is taken.
#
# </details>
#
# ### Experiment: one digit at a time
#
# As in lesson 08, the next cell makes a layer of your two functions. Then five networks with six hidden layers learn with batches of *one* digit, which batch norm refuses in training.


# %% nbgrader={"grade": false, "grade_id": "into_autograd", "locked": true, "schema_version": 3, "solution": false, "task": false}
class Normalise(torch.autograd.Function):
    """Your forward and your backward as one operation of PyTorch."""

    @staticmethod
    def forward(ctx, x, gamma, beta):
        y, ctx.cache = layer_norm_forward(x.numpy(), gamma.numpy(), beta.numpy())
        return torch.from_numpy(y)

    @staticmethod
    def backward(ctx, dy):
        return tuple(map(torch.from_numpy, layer_norm_backward(dy.numpy(), ctx.cache)))


class LayerNorm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(width, dtype=torch.float64))
        self.beta = nn.Parameter(torch.zeros(width, dtype=torch.float64))

    def forward(self, x):
        return Normalise.apply(x, self.gamma, self.beta)


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "one_digit", "locked": true, "schema_version": 3, "solution": false, "task": false}
def sgd(params):
    return torch.optim.SGD(params, lr=0.01)


losses = []
for seed in range(5):
    model = figures.stack(LayerNorm, seed)
    X, y = digits.X_train, digits.y_train
    losses.append(training.train(model, sgd, X, y, steps=400, batch_size=1, seed=seed))
figures.one_digit_at_a_time(losses)

# %% [markdown]
# ## Group norm
#
# In images a channel has many pixels, and channels differ. Group norm (Wu and He, 2018) splits the $C$ channels of one example into `groups` of neighbours. Let $G$ be the set of all
# entries, channels and pixels, of one group of one example, and $\lvert G \rvert$ how many they are:
#
# $$\mu_G = \frac{1}{\lvert G \rvert} \sum_{i \in G} x_i, \qquad var_G = \frac{1}{\lvert G \rvert} \sum_{i \in G} (x_i - \mu_G)^2 \tag{7}$$
#
# Then come (3) and (4), with one $\gamma$ and one $\beta$ for each *channel*. Two ends have names of their own. With $C$ groups each channel of each image stands alone: **instance norm**
# (Ulyanov and others, 2016). With a single group it is a layer norm over channels and pixels.
#
# **By hand:** $x = (1, 3, 2, 6)$ as four channels without pixels, in two groups. The means are 2 and 4, the standard deviations 1 and 2, and $\hat x = (-1, 1, -1, 1)$. With $\gamma = (1, 2, 3, 4)$ and
# $\beta = (0, 0, 1, 1)$ that becomes $y = (-1, 2, -2, 5)$.

# %% [markdown]
# ## Exercise 3: group norm
#
# *2 points · difficulty 3 of 5 · about 12 minutes*
#
# Think of a reshape that turns each group of each example into one row: then (7) is (1) and (2) again. Neighbours stay neighbours in a reshape. Mind the way back, and the shapes of
# `gamma` and `beta` beside $x$: NumPy lines up shapes from the right.


# %% nbgrader={"grade": false, "grade_id": "group_norm", "locked": false, "schema_version": 3, "solution": true, "task": false}
def group_norm(x, groups, gamma, beta, eps=1e-5):
    """Normalise groups of neighbouring channels of each example: formulas (7), (3) and (4).

    Args:
        x: float64, shape (N, C, ...): any axes after the channels, also none. Each group has
            two entries or more; they may be equal.
        groups: how many groups. ValueError unless it divides C.
        gamma, beta: float64, shape (C,), one number for each channel.
        eps: a number above 0.

    Returns:
        y: a new array in the shape of x. The inputs stay unchanged, and y shares no memory
        with them.
    """
    ### BEGIN SOLUTION
    n, c = x.shape[:2]
    if c % groups != 0:
        raise ValueError(f"{groups} groups can't share {c} channels: groups has to divide them.")
    grouped = x.reshape(n, groups, -1)
    mu = grouped.mean(axis=2, keepdims=True)  # (7)
    var = ((grouped - mu) ** 2).mean(axis=2, keepdims=True)  # (7)
    x_hat = ((grouped - mu) / np.sqrt(var + eps)).reshape(x.shape)  # (3)
    beside = (c,) + (1,) * (x.ndim - 2)
    return gamma.reshape(beside) * x_hat + beta.reshape(beside)  # (4)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_group_norm", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("group_norm", group_norm)

# %% [markdown]
# ### Experiment: what a group forgets
#
# Each digit becomes four channels: the image itself, the same at three times the contrast, its negative, and the image made paler by half. Your function normalises them in 1, 2 and 4 groups. The figure shows how large each channel is afterwards.
#
# **Predict.** In which number of groups can the network still see that channel 2 had three times the contrast of channel 1: "1 group only", "1 and 2 groups", or "1, 2 and 4 groups"?

# %%
predict("contrast_survives", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "contrasts", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.contrasts(group_norm)

# %% [markdown]
# <details>
# <summary>Explain: what is lost, and who wants that?</summary>
# <p>
# What shares a standard deviation keeps its ratio; what has one of its own is made alike. Instance norm throws away the contrast of every channel, which is why it came up in style transfer: there the
# contrast of the content image should not matter. For recognition some of it is worth keeping, and group norm keeps it within a group.
# </p>
# </details>

# %% [markdown]
# ## Conventions
#
# The last column is what a layer with its default eps, $\gamma = 1$ and $\beta = 0$, makes of the 6 in the small row $0.0001 \cdot (1, 2, 3, 6)$.
#
# | layer | subtracts the mean | learns | default `eps` | the 6 becomes |
# |---|---|---|---|---|
# | PyTorch `LayerNorm`; this lesson | yes | gamma, beta | 1e-5 | 0.095 |
# | Flax `LayerNorm` | yes | scale, bias | 1e-6 | 0.295 |
# | Keras 3 `LayerNormalization` | yes | gamma, beta | 1e-3 | 0.009 |
# | PyTorch `RMSNorm`, float32 | no | weight | 1.2e-7 | 1.214 |
# | T5; this lesson's `rms_norm` | no | weight | 1e-6 | 0.566 |
# | PyTorch `GroupNorm` | yes | weight, bias | 1e-5 | 0.095 |
# | PyTorch `InstanceNorm2d` | yes | nothing, unless `affine=True` | 1e-5 | 0.095 |

# %% [markdown]
# ## Spectral norm: the weights themselves
#
# Now leave the activations alone and look at a weight $W$. How much can it stretch a vector at most? That factor is its largest singular value $\sigma$, also called its spectral norm. Divide by it, and no vector
# is stretched any more. Miyato and others (2018) tamed the discriminators of GANs with this.
#
# A decomposition at every step would be expensive. **Power iteration** needs two products. Keep a vector $u$ of shape $(out,)$ and $v$ of shape $(columns,)$, both of length 1, from step to step:
#
# $$u \leftarrow \frac{Wv}{\Vert Wv \Vert} \tag{8}$$
#
# $$v \leftarrow \frac{W^\top u}{\Vert W^\top u \Vert} \tag{9}$$
#
# $$\sigma \approx u^\top W v, \qquad \bar W = \frac{W}{u^\top W v} \tag{10}$$

# %% [markdown]
# Each product stretches the part along the strongest direction most, so $u$ and $v$ turn towards it. A weight changes little from step to step, so one iteration a step nearly keeps up.
#
# A convolution's weight $(out, in, h, w)$ is taken as a matrix of `out` rows; all other axes become columns.
#
# **By hand:** $W$ has 16 and 9 on its diagonal, and $v = (0.6, 0.8)$. By (8), $Wv = (9.6, 7.2)$ has length 12 and $u = (0.8, 0.6)$. By (9), $W^\top u = (12.8, 5.4)$ has length 13.89 and $v = (0.921, 0.389)$. By (10), $\sigma \approx 13.89$; the next iteration gives 15.71. True is 16.

# %% [markdown]
# ## Exercise 4: spectral norm
#
# *3 points · difficulty 3 of 5 · about 15 minutes*
#
# In **training** each call first makes `n_iterations` rounds of (8) and (9), in this order, and then (10) with the new $u$ and $v$. In **evaluation** nothing moves: (10) with the $u$ and $v$ that there are, and the $W$ of
# this call.


# %% nbgrader={"grade": false, "grade_id": "SpectralNorm", "locked": false, "schema_version": 3, "solution": true, "task": false}
class SpectralNorm:
    """Divides weights by their largest singular value, estimated by power iteration.

    Two instances share nothing.

    Args:
        u, v: where the iteration starts: float64 vectors of length 1, shapes (out,) and
            (columns,). They are copied.
        n_iterations: rounds for each call in training; ValueError below 1.

    Attributes:
        u, v: the vectors as they are now, in their shapes.
    """

    def __init__(self, u, v, n_iterations=1):
        """A new instance is in training mode."""
        ### BEGIN SOLUTION
        if n_iterations < 1:
            raise ValueError(f"n_iterations is {n_iterations}: at least 1 is needed.")
        self.n_iterations = n_iterations
        self.u, self.v = u.copy(), v.copy()
        self.training = True
        ### END SOLUTION

    def __call__(self, W):
        """W over the estimate of sigma, a new array in the shape of W: formulas (8) to (10).

        W: float64, shape (out, ...), two axes or more; its rows flattened have as many entries
        as v. It stays unchanged. Only in training do u and v move.
        """
        ### BEGIN SOLUTION
        matrix = W.reshape(len(W), -1)
        if self.training:
            for _ in range(self.n_iterations):
                Wv = matrix @ self.v
                self.u = Wv / np.linalg.norm(Wv)  # (8)
                Wu = matrix.T @ self.u
                self.v = Wu / np.linalg.norm(Wu)  # (9)
        sigma = self.u @ matrix @ self.v
        return W / sigma  # (10)
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


# %% nbgrader={"grade": true, "grade_id": "check_SpectralNorm", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("SpectralNorm", SpectralNorm)

# %% [markdown]
# ### Experiment: watch it turn
#
# The weight from above, 16 and 9 on its diagonal, turned by 30 degrees. It maps the circle of all $v$ to an ellipse. Press play: $Wv$ runs to the far end.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "turning", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.turning(SpectralNorm)

# %% [markdown]
# ### Experiment: a hard case
#
# How quickly it turns depends on the second singular value. Take the 1500 digits, less their mean, as a weight of shape (1500, 64): its two largest singular values are 32.4 and 31.0, nearly equal. Your class starts from five random pairs of vectors.
#
# **Predict.** After how many iterations is the estimate within 1% of 32.4, in the median of the five?

# %%
predict("within_one_percent", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "hard_case", "locked": true, "schema_version": 3, "solution": false, "task": false}
centred = digits.X_train - digits.X_train.mean(axis=0)
weights.hard_case(SpectralNorm, centred)

# %% [markdown]
# <details>
# <summary>Explain: why so soon, with two values so close?</summary>
# <p>
# To find the right direction takes long when the values are close. But then a wrong direction hardly matters: any mixture of the two strongest is stretched by something between 31.0 and
# 32.4, and 31.0 is off by 4% only. PyTorch makes 15 iterations at the start and then one at every read of the weight in training.
# </p>
# </details>

# %% [markdown]
# ### Experiment: how far can the output move?
#
# If an input moves by a distance of 1, how far can the ten scores move? ReLU stretches nothing, so at most by the product of the layers' $\sigma$: a *Lipschitz bound*. The next cell trains five networks with three layers, plain and
# with your class, one iteration a step. Adam's rate is 0.001, at which both kinds get the most test digits right; 0.0003 and 0.003 were tried too.
#
# **Predict.** The plain networks' bound is about 16. With yours it is: "exactly 1", "a little below 1", "a little above 1" or "about 5"?

# %%
predict("normalised_bound", ...)


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "bounds", "locked": true, "schema_version": 3, "solution": false, "task": false}
class SpectralLinear(nn.Linear):
    def forward(self, x):
        self.norm(self.weight.detach().numpy())  # your u and v move; below they are constants
        u, v = torch.as_tensor(self.norm.u), torch.as_tensor(self.norm.v)
        return nn.functional.linear(x, self.weight / (u @ self.weight @ v), self.bias)


def adam(params):
    return torch.optim.Adam(params, lr=0.001)


found = {"plain": [], "with yours": []}
for seed in range(5):
    for name, linear in (("plain", nn.Linear), ("with yours", SpectralLinear)):
        model = runs.three_layers(linear, SpectralNorm, seed)
        training.train(model, adam, digits.X_train, digits.y_train, steps=300)
        found[name].append(model)
weights.bounds(found)

# %% [markdown]
# <details>
# <summary>Explain: why not exactly 1, and what does it cost?</summary>
# <p>
# The estimate comes from below: no u and v of length 1 give more than the true value. So a divided weight keeps a little more than 1, and while training moves W, one iteration a step lags behind. The price is seen on the
# right: scores that may move so little can't be sure of anything, and fewer digits are right, 89% in the median and not 96%. In practice a constant in front, or a critic that needs no certainty, makes up for it.
# </p>
# </details>

# %% [markdown]
# ### Experiment: convolutions
#
# A convolution's weight is flattened to a matrix before (8). But a convolution does more than multiply by that matrix once: each pixel takes part in nine products.
#
# **Predict.** A 3 × 3 convolution from 16 to 16 channels is divided by the $\sigma$ of its flattened weight. By which factor can it then still stretch an image of 8 × 8 pixels: "at most 1", "about
# 1.5" or "about 3"?

# %%
predict("flattened_kernel", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "kernels", "locked": true, "schema_version": 3, "solution": false, "task": false}
weights.kernels(SpectralNorm)

# %% [markdown]
# <details>
# <summary>Explain: what does the matrix not see?</summary>
# <p>
# The matrix maps one patch of nine pixels to one pixel. But neighbouring patches overlap: a change of one pixel is seen by nine outputs, and what they do with it adds up. Of a new <code>nn.Conv2d(16, 16, 3)</code> the
# matrix stretches by 0.74 at most, the convolution by 1.13 on images of 8 × 8 pixels. It never stretches by less than the matrix, and at most by three times as much: no pixel is in more than nine patches, and 3 is the root of 9.
# </p>
# </details>

# %% [markdown]
# ## Quiz
#
# No points. Each answer is checked at once.
#
# **1.** A layer norm over 512 features follows a layer of a language model. How many parameters does it add?

# %%
quiz("layer_norm_parameters", ...)

# %% [markdown]
# **2.** What is layer norm's $\hat x$ for the row $(7, 7, 7, 7)$, with the default eps?
#
# - (a) All 1.
# - (b) All 0.
# - (c) Not a number.
# - (d) All 7.

# %%
quiz("equal_row", ...)

# %% [markdown]
# **3.** Which call of `group_norm` on images with 32 channels is instance norm? Answer with the number of groups.

# %%
quiz("groups_of_instance_norm", ...)

# %% [markdown]
# **4.** A row of $x$ is multiplied by 10, and eps is tiny. What happens to $dx$ of layer norm, for the same $dy$?
#
# - (a) It is ten times as large.
# - (b) It stays the same.
# - (c) It is a tenth.
# - (d) It is a hundredth.

# %%
quiz("ten_times_the_row", ...)

# %% [markdown]
# **5.** The weights of a layer are doubled between two calls in *evaluation*. What does a right `SpectralNorm` return at the second call?
#
# - (a) Twice the first result.
# - (b) The same as at the first.
# - (c) Half of it.
# - (d) It can't be said without new iterations.

# %%
quiz("doubled_weights", ...)

# %% [markdown]
# ## Recap
#
# 1. The family differs in who shares a mean: a column of the batch, a row, a group of channels, one channel of one image.
# 2. Without the batch, training and evaluation are the same function, and a batch of one will do.
# 3. Layer norm ignores shift and scale of a row, RMS norm the scale alone.
# 4. In layer norm's gradient $\gamma$ stays inside the means.
# 5. Spectral norm divides weights by an estimate from below, two products a step.

# %% [markdown]
# ## Where it breaks
#
# - **Large batches.** There batch norm is hard to beat: with 32 digits it was best in the first figure too.
# - **Eps from another library.** See the table: small activations come out ten times as large or as small.
# - **Spatial size 1 with C groups.** A group of one entry has no variance: PyTorch refuses it.
# - **Guarantees for convolutions.** The flattened $\sigma$ is no bound, as the last figure shows.

# %% [markdown]
# ## Further
#
# - J. L. Ba, J. R. Kiros and G. E. Hinton (2016). Layer Normalization. arXiv:1607.06450
# - D. Ulyanov, A. Vedaldi and V. Lempitsky (2016). Instance Normalization: The Missing Ingredient for Fast Stylization. arXiv:1607.08022
# - Y. Wu and K. He (2018). Group Normalization. ECCV. arXiv:1803.08494
# - T. Miyato and others (2018). Spectral Normalization for Generative Adversarial Networks. ICLR. arXiv:1802.05957
# - B. Zhang and R. Sennrich (2019). Root Mean Square Layer Normalization. NeurIPS. arXiv:1910.07467

# %% [markdown]
# ## Ready to hand in?
#
# Save the notebook and run the cell below. It tries the saved file in a fresh kernel, as grading does, and says what is right, what is
# untouched, and which file to hand in. It takes about ten seconds.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "hand_in", "locked": true, "schema_version": 3, "solution": false, "task": false}
from course import ready

ready("12_normalisation")
