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
# # 11 Initialisation
#
# Before the first step there is a draw: how large it is decides whether a deep network learns at all.
#
# *About 80 minutes, 10 points. It builds on lesson 01 (SGD, backward passes), lesson 03 (momentum) and lesson 08 (deep networks).*
#
# ## The problem
#
# Take a network with 30 layers of 256 units, each a linear layer without bias and a ReLU. Draw all the weights at random, and feed it numbers of mean 0 and variance 1. No training: one pass
# forward. How large are the numbers that come out of layer 30?
#
# That depends on the variance of the weights. The next cell draws them in four ways; all look like small random numbers.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
from functools import partial

import numpy as np
import torch
from torch import nn

from course import check, data, predict, quiz, training
from course.figures import lesson_11 as figures

digits = data.digits()
print(f"{len(digits.X_train)} digits to train on, {digits.X_train.shape[1]} pixels each")

# %% [markdown]
# The figure shows the root mean square (RMS) of what each layer hands on: the size of the signal. "PyTorch's default" is what `nn.Linear` does by itself. In
# this one cell the draws are PyTorch's. Further down you write them.
#
# **Predict.** The input has an RMS of 1. With PyTorch's default, how much is left after layer 30: "about 1", "about a tenth", "about a thousandth" or "less than a
# billionth"?

# %%
predict("left_after_thirty", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "four_starts", "locked": true, "schema_version": 3, "solution": false, "task": false}
starts = {
    "He": lambda W: nn.init.kaiming_normal_(W, nonlinearity="relu"),
    "Xavier": nn.init.xavier_uniform_,
    "PyTorch's default": lambda W: nn.init.kaiming_uniform_(W, a=5**0.5),
    "std = 0.01": lambda W: nn.init.normal_(W, std=0.01),
}
figures.thirty_layers(starts)

# %% [markdown]
# <details>
# <summary>What to see</summary>
# <p>
# On the log axis all four are straight lines: each layer multiplies the signal by a constant. He's constant is 1. PyTorch's is 0.41, and 0.41 thirty times over is 2e-12. Where nothing
# arrives, nothing depends on the weights any more, and the gradient, which makes the same journey backwards, vanishes as well.
# </p>
# </details>

# %% [markdown]
# ## At the end you can
#
# - count both fans of any weight, and derive from them how large it should be;
# - write Xavier's and He's initialisation, and say which activation each is for;
# - build a network with its own backward pass, and say which starts it can never leave;
# - start a network by measurement where no formula fits.
#
# The experiments run your own code. What would take minutes, several seeds at many rates, was measured beforehand with the reference solution; your own runs are drawn over it.

# %% [markdown]
# You build it from scratch: PyTorch's own initialisers, optimisers, schedules, clipping and normalisation, and pandas' exponential averages, are not
# available to your answers, neither in the check nor in grading. The experiments may use them.

# %% [markdown]
# ## The idea
#
# One unit adds up $n$ products, $y = \sum_j w_j x_j$. The weights are drawn independently of each other and of $x$, with mean 0 and variance $Var(w)$. Then every product has mean 0 and the
# variance $Var(w)\, E[x_j^2]$, and variances of independent numbers add up:
#
# $$Var(y) = fan\_in \cdot Var(w) \cdot E[x^2] \tag{1}$$
#
# $fan\_in = n$ is the number of inputs of a unit, and $E[x^2]$ the mean square of what comes in. It is not the variance of $x$: a ReLU hands on numbers whose mean is not 0. If $y$ is to be
# as large as $x$, the weights need a variance near $1 / fan\_in$: the more terms, the smaller each.

# %% [markdown]
# ### Two fans
#
# PyTorch keeps the weight of a linear layer in the shape (out, in), and that of a convolution as (out, in, height, width). A unit of a convolution adds up one product for each input
# channel *and* each pixel of its kernel. Write $k$ for the number of pixels, the product of all sizes after the first two (1 for a linear layer):
#
# $$fan\_in = in \cdot k, \qquad fan\_out = out \cdot k \tag{2}$$
#
# $fan\_out$ is how many products one *input* takes part in. It counts on the way back: the gradient of one input is a sum of $fan\_out$ products, so by the same argument
#
# $$Var(dx) = fan\_out \cdot Var(w) \cdot E[dy^2] \tag{3}$$
#
# where a $d$ before a name stands for the gradient of the loss with respect to it.

# %% [markdown]
# **By hand.** A convolution from 3 to 16 channels with kernels of 5 × 5 has a weight of shape (16, 3, 5, 5). There $k = 25$, $fan\_in = 75$, $fan\_out = 400$. A vector, such as a bias, has no
# fans.
#
# ## Exercise 1: count
#
# *1 point · difficulty 1 of 5 · about 5 minutes*
#
# Write formula (2), for any number of sizes after the first two.


# %% nbgrader={"grade": false, "grade_id": "fans", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fans(shape):
    """How many inputs a unit has, and how many units an input: formula (2).

    Args:
        shape: a tuple of ints, (out, in, *kernel); the kernel has any number of sizes, also
            none.

    Returns:
        (fan_in, fan_out), two ints.

    Raises:
        ValueError: shape has fewer than two numbers, as (3,) and () do.
    """
    ### BEGIN SOLUTION
    if len(shape) < 2:
        raise ValueError("Fans need a shape of two numbers or more.")
    out, inputs, *kernel = shape
    pixels = int(np.prod(kernel))
    return inputs * pixels, out * pixels  # (2)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_fans", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("fans", fans)

# %% [markdown]
# ## Xavier
#
# For a network without activations, (1) asks for $Var(w) = 1/fan\_in$ and (3) for $1/fan\_out$. Both at once is possible only where the fans are equal. Glorot and Bengio (2010) take the mean of the two fans: $Var(w) =
# 2/(fan\_in + fan\_out)$. A uniform draw between $-a$ and $a$ has the variance $a^2/3$, which leads to
#
# $$w \sim U(-a, a), \qquad a = gain \cdot \sqrt{\frac{6}{fan\_in + fan\_out}} \tag{4}$$
#
# $gain$, a number, makes room for an activation behind the layer; without one it is 1. Xavier is Glorot's first name, and the method goes by both.

# %% [markdown]
# **By hand.** Shape (4, 2): $fan\_in = 2$, $fan\_out = 4$, so $a = \sqrt{6/6} = 1$. The first number that `np.random.default_rng(0)` draws between −1 and 1 is 0.274.
#
# ## Exercise 2: Xavier
#
# *2 points · difficulty 2 of 5 · about 8 minutes*
#
# Write formula (4). Your `fans` is used as you wrote it. `rng` is a generator of NumPy's: `rng.uniform(low, high, size=shape)` draws the whole array at once.


# %% nbgrader={"grade": false, "grade_id": "xavier_uniform", "locked": false, "schema_version": 3, "solution": true, "task": false}
def xavier_uniform(shape, rng, gain=1.0):
    """A weight drawn by formula (4).

    Args:
        shape: a tuple of two ints or more, (out, in, *kernel).
        rng: a np.random.Generator. It is drawn from once, for the whole array in its order;
            what it draws next is checked too.
        gain: a number above 0.

    Returns:
        W: a float64 array of that shape.

    Raises:
        ValueError: shape has fewer than two numbers.
    """
    ### BEGIN SOLUTION
    fan_in, fan_out = fans(shape)
    a = gain * np.sqrt(6 / (fan_in + fan_out))  # (4)
    return rng.uniform(-a, a, size=shape)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_xavier_uniform", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("xavier_uniform", xavier_uniform)

# %% [markdown]
# ### Experiment: which gain? With sliders
#
# Your `xavier_uniform` draws 30 layers of equal width. The figure follows the RMS from layer to layer: without an activation, with tanh, and with ReLU.
#
# **Predict.** Without an activation a gain of 1 keeps the size. Which gain keeps it with ReLU?

# %%
predict("gain_for_relu", ...)

# %% [markdown]
# **Goal:** find the gain at which the ReLU network hands on in layer 30 what came in. Then make the layers narrow. What changes, and what does not?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "gains", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.gains(xavier_uniform)

# %% [markdown]
# The next figure says the same without sliders.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "gains_at_thirty", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.gains_at_thirty(xavier_uniform)

# %% [markdown]
# <details>
# <summary>Explain: why does tanh forgive, and ReLU not?</summary>
# <p>
# A ReLU has no scale of its own: twice the input gives twice the output. So a gain that is off by 10% is off by 10% in every layer, and 1.1 to the power of 30 is 17. tanh saturates: what is too large is cut down to 1, and
# the signal settles at a size of its own. With a gain of 1 it still fades, slowly: to 0.23 after 10 layers of 256, to 0.13 after 30. In
# narrow layers the lines wander, each draw another way; the right gain stays the same.
# </p>
# </details>

# %% [markdown]
# ## He
#
# What does a ReLU do to (1)? Where weights are as often negative as positive, so is $y$. The ReLU sets the negative half to 0, and with it half of the squares: $E[h^2] = Var(y)/2$ for $h = \max(0, y)$. A *leaky* ReLU, which multiplies negative numbers by a $slope$ instead, keeps some of them:
#
# $$E[h^2] = \frac{1 + slope^2}{2}\, Var(y) \tag{5}$$
#
# Put (5) into (1). So that $E[h^2]$ is the same in every layer, He and others (2015) draw
#
# $$w \sim N(0, std^2), \qquad std = \sqrt{\frac{2}{(1 + slope^2)\, fan}} \tag{6}$$
#
# $fan$ is $fan\_in$, or $fan\_out$ for those who care more about the way back.

# %% [markdown]
# **By hand.** Shape (3, 8), mode `"fan_in"`, slope 0: $std = \sqrt{2/8} = 0.5$. The first number that `np.random.default_rng(0)` draws then is 0.063.
#
# ## Exercise 3: He
#
# *2 points · difficulty 2 of 5 · about 8 minutes*
#
# Write formula (6). `rng.normal(0, std, size=shape)` and `std * rng.standard_normal(shape)` draw the same numbers.


# %% nbgrader={"grade": false, "grade_id": "he_normal", "locked": false, "schema_version": 3, "solution": true, "task": false}
def he_normal(shape, rng, mode="fan_in", slope=0.0):
    """A weight drawn by formula (6).

    Args:
        shape: a tuple of two ints or more, (out, in, *kernel).
        rng: a np.random.Generator, drawn from once, as in xavier_uniform.
        mode: "fan_in" or "fan_out", the fan that (6) divides by.
        slope: of the leaky ReLU, any number; 0 is the plain ReLU.

    Returns:
        W: a float64 array of that shape.

    Raises:
        ValueError: shape has fewer than two numbers, or mode is another word.
    """
    ### BEGIN SOLUTION
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"mode is {mode!r}: it should be 'fan_in' or 'fan_out'.")
    fan_in, fan_out = fans(shape)
    fan = fan_in if mode == "fan_in" else fan_out
    std = np.sqrt(2 / ((1 + slope**2) * fan))  # (6)
    return rng.normal(0.0, std, size=shape)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_he_normal", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("he_normal", he_normal)

# %% [markdown]
# ### Experiment: layer by layer
#
# The film goes down the 30 layers. It shows the distribution of what reaches the ReLUs, for your two functions. Press play.
#
# **Goal:** stop where Xavier's distribution is a tenth as wide as at the first layer. Could you have known from (5) in which layer that is?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "layer_by_layer", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.layer_by_layer({"Xavier": xavier_uniform, "He": he_normal})

# %% [markdown]
# <details>
# <summary>Explain: in which layer?</summary>
# <p>
# Each layer halves the variance, so it takes a hundredth of the variance and log(100)/log(2) = 6.6 layers: in layer 8 the width is below a tenth. Xavier was derived for layers without an activation. For tanh, which is nearly straight around 0, it is a good start.
# For ReLU it misses a factor of 2 in each layer.
# </p>
# </details>

# %% [markdown]
# ## A network of your own
#
# Now the real thing: a network to which the start is handed as a function. Its layers are numbered $l = 1 \dots L$. Layer $l$ has the weight $W_l$ of shape (out, in) and the bias $b_l$ of shape (out,). With $h_0 = x$, of shape (N, in), where each row is an example:
#
# $$y_l = h_{l-1} W_l^\top + b_l \tag{7}$$
#
# $$h_l = \max(0, y_l) \quad \text{for } l < L \tag{8}$$
#
# The result is $y_L$: no ReLU after the last layer. Going back, $dy_L$ is given, and for each layer from the last to the first
#
# $$dW_l = dy_l^\top h_{l-1}, \qquad db_l = \sum_{i=1}^{N} dy_{l,i} \tag{9}$$
#
# $$dy_{l-1} = (dy_l\, W_l) \odot [\,y_{l-1} > 0\,] \tag{10}$$
#
# $\odot$ multiplies element by element, and the bracket is 1 where it holds and 0 elsewhere: at 0 the slope of the ReLU is 0.

# %% [markdown]
# **By hand.** One row, $x = (1, 2)$, no biases, $W_1 = \begin{pmatrix} 1 & 1 \\ 1 & -1 \end{pmatrix}$, $W_2 = (2 \;\; 5)$.
#
# | | formula | numbers |
# |---|---|---|
# | $y_1$, $h_1$ | (7), (8) | (3, −1), (3, 0) |
# | $y_2$ | (7) | 6 |
# | $dW_2$, $db_2$ for $dy_2 = 1$ | (9) | (3, 0), 1 |
# | $dy_1$ | (10) | (2, 5) becomes (2, 0) |
# | $dW_1$, $db_1$ | (9) | rows (2, 4) and (0, 0); (2, 0) |
#
# The second hidden unit was off: neither of its weights gets a gradient.

# %% [markdown]
# ## Exercise 4: the network
#
# *3 points · difficulty 3 of 5 · about 16 minutes*
#
# `sizes` are the widths from the input to the output: [64, 32, 10] has two layers. `backward` needs what the latest `forward` has seen; keep it there, and leave it as it is: `backward` may be called again.
#
# Three traps: the shape is (out, in); the last layer has no ReLU; and the gradient of a loss that is a mean comes in divided by N already.


# %% nbgrader={"grade": false, "grade_id": "MLP", "locked": false, "schema_version": 3, "solution": true, "task": false}
class MLP:
    """Linear layers with a ReLU between them, their start handed in, their gradients by hand.

    Two instances share nothing.

    Args:
        sizes: a list of widths, two or more: the input's, the hidden layers', the output's.
        init: a function, called as init((out, in), rng) once a layer, from the input on.
        rng: a np.random.Generator, handed to init and otherwise left alone.

    Attributes:
        weights, biases: lists of float64 arrays, one a layer from the input on, of shapes
            (out, in) and (out,). Weights are what init returned; biases start at 0. Both may
            change before a forward, in place or replaced in their lists.
    """

    def __init__(self, sizes, init, rng):
        ### BEGIN SOLUTION
        self.weights = []
        self.biases = []
        for outputs, inputs in zip(sizes[1:], sizes[:-1], strict=True):
            self.weights.append(init((outputs, inputs), rng))
            self.biases.append(np.zeros(outputs))
        ### END SOLUTION

    def forward(self, x):
        """Formulas (7) and (8) for x, float64 of shape (N, in); returns y of the last layer.

        x stays unchanged. N may be 1.
        """
        ### BEGIN SOLUTION
        self.inputs = []
        h = x
        for W, b in zip(self.weights, self.biases, strict=True):
            self.inputs.append(h)
            y = h @ W.T + b  # (7)
            h = np.maximum(0.0, y)  # (8)
        return y
        ### END SOLUTION

    def backward(self, dy):
        """Formulas (9) and (10) for the latest forward, whose x has not changed since.

        dy: the gradient of the loss with respect to y, in its shape; it stays unchanged.
        Returns a list of pairs (dW, db), one a layer from the input on. It may be called any
        number of times after a forward, with the same dy or another.
        """
        ### BEGIN SOLUTION
        grads = []
        for W, h in zip(reversed(self.weights), reversed(self.inputs), strict=True):
            dW = dy.T @ h  # (9)
            db = dy.sum(axis=0)  # (9)
            grads.append((dW, db))
            dy = (dy @ W) * (h > 0)  # (10): h is above 0 where y was
        return grads[::-1]
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_MLP", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("MLP", MLP)

# %% [markdown]
# ### Experiment: a funnel
#
# A network from 512 units down to 16, each layer half as wide as the one before. In a funnel the two fans differ by a factor of two, so (1) and (3) cannot both be satisfied. The start is your `he_normal`, once in each mode.
#
# **Predict.** With `"fan_in"`, how large is the gradient that arrives at the first layer, against the one that came in at the last: "as large", "about a quarter" or "about a thousandth"?

# %%
predict("gradient_in_a_funnel", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "funnel", "locked": true, "schema_version": 3, "solution": false, "task": false}
sizes = [512, 256, 128, 64, 32, 16]
networks = {"fan_in": [], "fan_out": []}
for mode, each in networks.items():
    init = partial(he_normal, mode=mode)
    for seed in range(5):
        each.append(MLP(sizes, init, np.random.default_rng(seed)))
figures.funnel(networks)

# %% [markdown]
# <details>
# <summary>Explain: which mode should you take?</summary>
# <p>
# Either. By (3) and (6) each layer multiplies the variance of the gradient by fan_out/fan_in, one half here. Multiplied over all layers the widths between cancel, and what is left is the width of the last layer over that of the first: 16/256, in size a quarter. It does not grow
# with depth. That is why He and others call either mode sufficient, and why the factor of 2 in every layer, which does grow with depth, is what matters.
# </p>
# </details>

# %% [markdown]
# ### Experiment: starts that cannot be left
#
# The sizes are right now. Why random at all? The next cell starts a network with one hidden layer of 32 units three times: all weights 0, all weights 0.1, and with your `he_normal`. Each learns the digits for
# 100 updates with SGD and momentum, using your `backward`.
#
# **Predict.** From all weights 0, what has moved after 100 updates: "everything", "W2 and b2", "only b2" or "nothing"?

# %%
predict("moved_from_zero", ...)


# %% nbgrader={"grade": false, "grade_id": "train", "locked": true, "schema_version": 3, "solution": false, "task": false}
def train(net, lr, steps=200, seed=0):
    """Losses of `steps` updates on 64 digits each: SGD, momentum 0.9, your two passes."""
    rng = np.random.default_rng(seed)
    params = net.weights + net.biases
    velocity = [np.zeros_like(p) for p in params]
    losses = []
    for _ in range(steps):
        rows = rng.choice(len(digits.X_train), size=64, replace=False)
        scores = net.forward(digits.X_train[rows])
        # The cross-entropy and its gradient: the scores are the weights of 64 features.
        loss, dy = training.softmax_regression(scores, np.eye(64), digits.y_train[rows])
        dW, db = zip(*net.backward(dy), strict=True)
        for p, v, g in zip(params, velocity, dW + db, strict=True):
            v[...] = 0.9 * v + g
            p -= lr * v
        losses.append(loss)
    return np.array(losses)


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "symmetry", "locked": true, "schema_version": 3, "solution": false, "task": false}
fills = {
    "all 0": lambda shape, rng: np.zeros(shape),
    "all 0.1": lambda shape, rng: np.full(shape, 0.1),
    "He": he_normal,
}
trained = {}
for name, fill in fills.items():
    net = MLP([64, 32, 10], fill, np.random.default_rng(0))
    start = [p.copy() for p in net.weights + net.biases]
    train(net, lr=0.1, steps=100)
    trained[name] = net, start
figures.symmetry(trained)

# %% [markdown]
# <details>
# <summary>Explain: why can neither of the two be left?</summary>
# <p>
# From zeros, h is 0, so dW2 is 0 by (9), and W2 is 0, so nothing goes back by (10). Only b2 moves: it learns how common each digit is, a loss of 2.30. From equal weights every hidden unit computes the same and gets the same gradient: they move, and
# stay equal for ever. The 32 units are worth one. A single layer, without a hidden one, has no such trouble: it learns from zeros. And biases may well start at 0, since the weights make the difference.
# </p>
# </details>

# %% [markdown]
# ### Experiment: eight hidden layers
#
# Eight hidden layers of 64 units learn the digits: 200 updates of SGD with momentum 0.9, five seeds, at six rates from 0.005 to 0.2. Guessing has a loss of 2.3. The start is PyTorch's default (the weights alone; biases are 0), Xavier, or He. Your own networks run at 0.02.
#
# **Predict.** Where does PyTorch's default end, at its best rate?

# %%
predict("default_at_its_best", ...)


# %% nbgrader={"grade": false, "grade_id": "default_start", "locked": true, "schema_version": 3, "solution": false, "task": false}
def default(shape, rng):
    """What nn.Linear draws: uniform between plus and minus 1 / sqrt(fan_in)."""
    bound = 1 / np.sqrt(fans(shape)[0])
    return rng.uniform(-bound, bound, size=shape)


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "eight_layers", "locked": true, "schema_version": 3, "solution": false, "task": false}
sizes = [64] + [64] * 8 + [10]
own = {}
for name, init in {"default": default, "Xavier": xavier_uniform, "He": he_normal}.items():
    own[name] = train(MLP(sizes, init, np.random.default_rng(0)), lr=0.02)[-10:].mean()
figures.eight_layers(own)

# %% [markdown]
# <details>
# <summary>Explain: can a larger rate make up for a small start?</summary>
# <p>
# No. The gradient of the first layer is a product of what comes forward and what comes back, and both shrink by 0.41 a layer. At no rate of the grid does the default leave 2.30 in these 200 updates; Xavier loses 0.71 a layer, a factor of 16 over eight layers. A larger rate makes up for some of it: Xavier ends at 0.18 at its best rate, 0.05, He at 0.07 at 0.02. At 0.2, which the figure leaves out, nobody learns.
# </p>
# </details>

# %% [markdown]
# ## Where the formulas end
#
# (1) speaks of averages over all draws, and takes the sum over many inputs for granted. Your network is *one* draw. Take 30 layers of only 16 units, each drawn with your `he_normal`.
#
# **Predict.** Of 20 seeds, the largest standard deviation of the output is how many times the smallest: "about 2", "about 10" or "more than 50"?

# %%
predict("luck_of_the_draw", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "luck", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.luck({"he_normal": he_normal})

# %% [markdown]
# <details>
# <summary>Explain: why does the width matter, when the formula has it in?</summary>
# <p>
# The formula keeps the *average* of the square. Each layer multiplies it by a random factor whose average is 1, and with few units this factor varies a lot. A product of 30 such factors is mostly small and seldom huge. Hanin and Rolnick (2018) show that what counts is the sum of 1/width over the layers.
# </p>
# </details>

# %% [markdown]
# ## Challenge: start by measuring
#
# *2 points · difficulty 4 of 5 · about 14 minutes*
#
# Where a formula misses, measure. You are given the weights of a network, as `MLP` has them but without biases, and a batch $x$. Multiply each weight matrix by *one* positive number, so that afterwards the output $y_l$ of *every* layer, (7), has the variance 1 on this batch:
#
# $$\frac{1}{N\, out} \sum_{i,j} \left(y_{l,ij} - \bar y_l\right)^2 = 1 \quad \text{for every } l \tag{11}$$
#
# $\bar y_l$ is the mean of all $N \cdot out$ numbers: there is one mean and one variance for a whole layer. Between layers stands the ReLU, (8). No code and no formula for the numbers is given: find the order in which to work, and what to divide by. There is exactly one answer.

# %% [markdown]
# To compare: for $x = (2, -2)$, two rows of one input, and two layers with the weights 3 and 4, the result is 0.5 and 2. Work out why it is 2, and not 4.
#
# The idea is that of *layer-sequential unit-variance* initialisation, LSUV (Mishkin and Matas, 2016). They begin with random orthogonal matrices; any start will do.


# %% nbgrader={"grade": false, "grade_id": "lsuv", "locked": false, "schema_version": 3, "solution": true, "task": false}
def lsuv(x, weights):
    """Weights whose every layer gives variance 1 on a batch: formula (11).

    Args:
        x: the batch, float64, shape (N, in).
        weights: a list of float64 arrays of shape (out, in), one a layer from the input on,
            each as wide as the one before is high; one layer or more. The layers have no
            biases, and a ReLU stands between each two of them. No output is constant.

    Returns:
        A list of new arrays in the same order: each is the given weight times one positive
        number, and all outputs fulfil (11). x and weights stay unchanged, also where they
        fulfil it already, and nothing returned shares memory with them.
    """
    ### BEGIN SOLUTION
    scaled = []
    h = x
    for W in weights:
        scaled.append(W / (h @ W.T).std())
        h = np.maximum(0.0, h @ scaled[-1].T)
    return scaled
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_lsuv", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("lsuv", lsuv)

# %% [markdown]
# ### Experiment: the same networks, measured
#
# The 20 narrow networks again, now with your `lsuv`. And the eight hidden layers that did not learn from PyTorch's default: the same draws, scaled by your `lsuv` on the first 64 digits, the same six rates.
#
# **Predict.** At its best rate, where does the default end once it is scaled: "still near 2.3", "about 1" or "below 0.3"?

# %%
predict("scaled_default", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "lucky", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.luck({"he_normal": he_normal, "then lsuv": he_normal}, lsuv)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "scaled", "locked": true, "schema_version": 3, "solution": false, "task": false}
net = MLP(sizes, default, np.random.default_rng(0))
net.weights = lsuv(digits.X_train[:64], net.weights)
own["default + LSUV"] = train(net, lr=0.02)[-10:].mean()
figures.eight_layers(own)

# %% [markdown]
# <details>
# <summary>Explain: what did nine numbers do?</summary>
# <p>
# Nothing but the sizes has changed: every direction, every ratio within a layer is as it was drawn. At its best rate the network ends at 0.09, close to He's 0.07, where it was stuck at 2.30. So it was the size alone that kept the network from learning.
# </p>
# </details>

# %% [markdown]
# ## Conventions
#
# The same two ideas go by many names, and many things by the same name. The last two columns are for a weight of shape (256, 64), and for a deep ReLU network of equal widths.
#
# | who calls it what | draws from | std | RMS a layer |
# |---|---|---|---|
# | Xavier or Glorot: `xavier_uniform_`, Keras's default, this lesson | (4) | 0.0791 | 0.71 |
# | He or Kaiming: `kaiming_normal_`, this lesson | (6) | 0.1768 | 1 |
# | the same, mode `"fan_out"` | (6) | 0.0884 | 1 |
# | LeCun; Flax's default; "Xavier" in some notes | N(0, 1/fan_in) | 0.1250 | 0.71 |
# | PyTorch's default; "Xavier" in other notes | U(±1/√fan_in) | 0.0722 | 0.41 |

# %% [markdown]
# - PyTorch's default has the variance $1/(3\, fan\_in)$: its bound is what LeCun and others (1998) ask for as a standard deviation. The code says `kaiming_uniform_(a=√5)`, and the result has nothing to do with a ReLU.
# - For tanh PyTorch's `calculate_gain` says 5/3. Asking for $E[f(z)^2] = 1$ behind a standard normal $z$ gives 1.593. For GELU it has no entry and raises `ValueError`; the same rule gives 1.534.
# - Keras and JAX draw these normals, He's and LeCun's, *truncated* at two standard deviations, and widen them, dividing by 0.8796, so that the variance is right.
# - The weight of `nn.ConvTranspose2d` has the shape (in, out, ...). PyTorch's initialisers read it as any other: its two fans come out swapped.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "conventions", "locked": true, "schema_version": 3, "solution": false, "task": false}
torch.manual_seed(0)
drawn = {
    "nn.Linear": nn.Linear(64, 256).weight.detach().numpy(),
    "your Xavier": xavier_uniform((256, 64), np.random.default_rng(0)),
    "your He": he_normal((256, 64), np.random.default_rng(0)),
}
for name, W in drawn.items():
    print(f"{name:12} std {W.std():.3f}")

# %% [markdown]
# ## Quiz
#
# No points. Each answer is checked at once.
#
# **1.** A convolution from 16 to 32 channels with kernels of 3 × 3: what is its $fan\_in$?

# %%
quiz("fan_in_of_a_kernel", ...)

# %% [markdown]
# **2.** You want He's variance from a *uniform* draw, for $fan\_in = 24$. What is the bound $a$?

# %%
quiz("uniform_he", ...)

# %% [markdown]
# **3.** What is the variance of the weights of a new `nn.Linear(100, 300)`?

# %%
quiz("variance_of_the_default", ...)

# %% [markdown]
# **4.** All *weights* of a network with one hidden layer start at 0, and its biases at random numbers other than 0, some of them positive. Which arrays get a gradient other than 0 in the first step?
#
# - (a) All four.
# - (b) b2 alone.
# - (c) W2 and b2.
# - (d) None.

# %%
quiz("random_biases", ...)

# %% [markdown]
# **5.** After `lsuv` on a batch $x$ you call it again with $2x$ and the *original* weights. What changes?
#
# - (a) Nothing.
# - (b) The first weight is half as large.
# - (c) Every weight is half as large.
# - (d) The first weight is twice as large.

# %%
quiz("twice_the_batch", ...)

# %% [markdown]
# ## Recap
#
# 1. A layer multiplies the mean square by $fan\_in \cdot Var(w)$, the gradient's by $fan\_out \cdot Var(w)$; a ReLU halves both.
# 2. Xavier averages the two fans and is for layers that are nearly straight. He adds the 2 for ReLU.
# 3. A factor in every layer decides; one factor for the whole network does not.
# 4. Random weights break the symmetry; zeros and equal numbers never do. Biases may be 0.
# 5. Where no formula fits, measure: scale each layer by what it gives.

# %% [markdown]
# ## Where it breaks
#
# - **Narrow and deep.** One draw is not the average: see the 20 seeds above.
# - **Residual networks.** 30 blocks of a ReLU and a layer that He started, each added to its own input, make its RMS 30,000 times as large. Zhang and others (2019) start the last weight of each block at 0.
# - **After the first step.** The formulas hold for random weights. In training, normalisation keeps the sizes (lessons 08 and 12).
# - **Inputs that are not scaled.** (1) keeps the size of what comes in. The digits' pixels have a mean square of 0.23, and every layer sees it.
# - **Few layers.** With one hidden layer of 64 and the best rate from 0.05 to 0.5, 200 updates end at 0.043 from PyTorch's default, at 0.046 from a standard deviation of 0.01, and at 0.037 from He's.

# %% [markdown]
# ## Further
#
# - X. Glorot and Y. Bengio (2010). Understanding the difficulty of training deep feedforward neural networks. AISTATS.
# - K. He and others (2015). Delving Deep into Rectifiers: Surpassing Human-Level Performance on ImageNet Classification. ICCV. arXiv:1502.01852
# - Y. LeCun and others (1998). Efficient BackProp. In Neural Networks: Tricks of the Trade. Springer.
# - D. Mishkin and J. Matas (2016). All you need is a good init. ICLR. arXiv:1511.06422
# - B. Hanin and D. Rolnick (2018). How to Start Training: The Effect of Initialization and Architecture. NeurIPS. arXiv:1803.01719
# - H. Zhang and others (2019). Fixup Initialization: Residual Learning Without Normalization. ICLR. arXiv:1901.09321

# %% [markdown]
# ## Ready to hand in?
#
# Save the notebook and run the cell below. It tries the saved file in a fresh kernel, as grading does, and says what is right, what is
# untouched, and which file to hand in. It takes about ten seconds.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "hand_in", "locked": true, "schema_version": 3, "solution": false, "task": false}
from course import ready

ready("11_initialisation")
