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
# # 15 Stabilising GANs
#
# A generative adversarial network (GAN) is two networks, each with a loss that the other one moves. You build the losses and the loop, and four ways to keep the game going.
#
# *About 80 minutes, 10 points. It builds on lessons 05 (Adam) and 12 (normalisation).*

# %% [markdown]
# ## The problem
#
# The data are points around eight centres on a circle: eight *modes*. A generator with two hidden layers turns random numbers into points, and a discriminator of the same size tells them from the
# data. Each trains with Adam for 600 steps of 64 points. The generator's rate is 0.005, the discriminator's 0.001: five seeds, five games.
#
# A mode counts as found when at least 2% of the generator's points lie within three standard deviations of its centre.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np
import torch

from course import check, predict, quiz
from course.figures import lesson_15 as figures
from course.figures import lesson_15_games as games

# %% [markdown]
# **Predict.** Of eight modes, how many does the generator find in the median of the five games?

# %%
predict("modes_at_first", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "at_first", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.at_first()

# %% [markdown]
# <details>
# <summary>What to see</summary>
# <p>
# The generator does not settle. It runs to where the discriminator is weak at the moment, all points together, and is gone when the discriminator has learned the place. This is called <em>mode
# collapse</em>. No loss has blown up, and no gradient is missing: each network does what its own loss asks of it. No game ends with more than 1 mode.
# </p>
# </details>

# %% [markdown]
# ## At the end you can
#
# - write both losses of a GAN from logits, so that no logit breaks them, and say what the saturating one costs;
# - write a training step in which neither network's update disturbs the other's;
# - use four remedies, and say of each what it does to the discriminator: labels, rates, noise and a penalty;
# - penalise a network's slope, which takes a gradient of a gradient.
#
# You build it from scratch: PyTorch's own optimisers, clipping, normalisation and binary cross-entropy, and pandas' exponential averages, are not available to your answers, neither in the check nor in
# grading. `torch.nn.functional.softplus` and autograd are.

# %% [markdown]
# ## The idea
#
# The **generator** $G$ turns a row $z$ of random numbers into a sample $G(z)$. The **discriminator** $D$ gives a row one number, a *logit* $s$: large where it takes the row for real. Its
# probability of "real" is $\sigma(s) = 1/(1 + e^{-s})$.
#
# Each step has two halves. First $D$ learns to tell a batch of data from a batch of samples. Then $G$ learns to move its samples to where $D$ gives higher logits: the gradient reaches $G$ *through* $D$. What $G$
# learns from is therefore not $D$'s verdict, but its slope: a verdict may be right everywhere and its slope point nowhere.

# %% [markdown]
# ## The discriminator's loss
#
# The cross-entropy of one logit $s$ with a label $y$ between 0 and 1 is
#
# $$\ell(s, y) = -y \log \sigma(s) - (1 - y) \log(1 - \sigma(s)) \tag{1}$$
#
# $D$ gets the logits $s_1, \dots, s_m$ of real rows and $\tilde s_1, \dots, \tilde s_n$ of fake ones. Its loss has a mean for each side (Goodfellow and others, 2014):
#
# $$L_D = \frac1m \sum_{i=1}^{m} \ell(s_i, y_{real}) + \frac1n \sum_{j=1}^{n} \ell(\tilde s_j, y_{fake}) \tag{2}$$
#
# with $y_{real} = 1$ and $y_{fake} = 0$, unless said otherwise. Do not compute (1) as it stands: at $s = 1000$ it takes the logarithm of 0. It equals
#
# $$\ell(s, y) = \max(s, 0) - y\,s + \log(1 + e^{-\lvert s \rvert}) \tag{3}$$
#
# which no logit breaks.

# %% [markdown]
# The gradient is short. Since $\sigma'(s) = \sigma(s)(1 - \sigma(s))$, all but one difference cancels:
#
# $$\frac{\partial \ell}{\partial s} = \sigma(s) - y \tag{4}$$
#
# In $L_D$ it is divided by $m$ or by $n$.
#
# **By hand.** Real logits 0 and 2, fake ones −2 and 2. Here $\log(1 + e^{-2}) = 0.127$ and $\log 2 = 0.693$. By (3) the real rows lose 0.693 and 0.127, mean 0.410; the fake ones 0.127 and 2.127, mean 1.127. So $L_D = 1.537$. By (4), with
# $\sigma(2) = 0.881$: the real rows have gradients $(0.5 - 1)/2 = -0.25$ and $-0.060$, the fake ones $0.060$ and $0.440$.

# %% [markdown]
# ## Exercise 1: the discriminator's loss
#
# *2 points · difficulty 2 of 5 · about 12 minutes*
#
# Write formulas (2) to (4). `np.logaddexp(0, -a)` is $\log(1 + e^{-a})$; $\sigma$ must not overflow either: `np.exp(1000)` is infinite, `np.exp(-1000)` is a harmless 0.


# %% nbgrader={"grade": false, "grade_id": "discriminator_loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
def discriminator_loss(real_logits, fake_logits, real_label=1.0, fake_label=0.0):
    """The discriminator's loss and its gradients: formulas (2) to (4).

    Args:
        real_logits, fake_logits: float64, shapes (m,) and (n,); m and n may differ, and logits
            reach 1000 in size.
        real_label, fake_label: numbers from 0 to 1, one for all real and one for all fake rows.

    Returns:
        (loss, d_real, d_fake): a float, and the gradients of the loss with respect to the two
        arrays, new arrays of their shapes. The inputs stay unchanged.
    """
    ### BEGIN SOLUTION
    loss, gradients = 0.0, []
    for s, y in ((real_logits, real_label), (fake_logits, fake_label)):
        small = np.exp(-np.abs(s))
        sigma = np.where(s >= 0, 1.0, small) / (1.0 + small)
        each = np.maximum(s, 0.0) - y * s + np.log1p(small)  # (3)
        loss += each.mean()  # (2)
        gradients.append((sigma - y) / len(s))  # (4)
    return float(loss), gradients[0], gradients[1]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_discriminator_loss", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("discriminator_loss", discriminator_loss)

# %% [markdown]
# ### Experiment: soft labels, with sliders
#
# With $y_{real} = 1$ a real row's loss falls for ever: $D$ is paid for being ever more certain. *One-sided label smoothing* (Salimans and others, 2016) asks for 0.9 instead. The sliders set the label and a logit; the
# figure draws your loss of one real row.
#
# **Predict.** With the label 0.9, at which logit is the loss lowest?

# %%
predict("best_logit", ...)

# %% [markdown]
# **Goal:** find the label whose lowest point lies at the logit 0. Then see what the labels above 1 do, which some notes draw at random "from 0.7 to 1.2".

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "soft_labels", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.soft_labels(discriminator_loss)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "soft_label_lines", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.soft_label_lines(discriminator_loss)

# %% [markdown]
# <details>
# <summary>Explain: why smooth the real side only?</summary>
# <p>
# By (4) the gradient is 0 where sigma(s) is the label: certainty has an end. Above 1 there is no such place, and the loss falls below zero without end. With a soft label on the fake side, too, D would be paid for calling
# samples a little real wherever there are no data, and G would be drawn to where it already is.
# </p>
# </details>

# %% [markdown]
# ## The generator's loss
#
# The game as it was first written has one loss, which $G$ maximises and $D$ minimises. $G$'s part of it, to be minimised, is
#
# $$L_{sat} = \frac1n \sum_{j=1}^{n} \log\left(1 - \sigma(\tilde s_j)\right) \tag{5}$$
#
# It *saturates*: where $D$ is certain that a sample is fake, it is flat. So the same paper trains $G$ with real labels instead:
#
# $$L_G = -\frac1n \sum_{j=1}^{n} \log \sigma(\tilde s_j) \tag{6}$$
#
# which is the mean of $\ell(\tilde s_j, 1)$. Both fall when a logit rises. They differ in how steeply.
#
# **By hand**, with the fake logits −2 and 2: $L_G = (2.127 + 0.127)/2 = 1.127$ with gradients $-0.440$ and $-0.060$; $L_{sat} = -(0.127 + 2.127)/2 = -1.127$ with $-0.060$ and $-0.440$.

# %% [markdown]
# ## Challenge: the generator's loss
#
# *1 point · difficulty 3 of 5 · about 10 minutes*
#
# As they stand, (5) and (6) break: (5) at $s = 1000$, (6) at $s = -1000$. Nor are their slopes printed here. Derive both, for each loss: a form that no logit breaks, and its slope, in which $\sigma$ is all there is. The
# numbers by hand are your test.


# %% nbgrader={"grade": false, "grade_id": "generator_loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
def generator_loss(fake_logits, saturating=False):
    """The generator's loss, formula (6), or (5) where it is to saturate; and its gradient.

    Args:
        fake_logits: float64, shape (n,), the logits of samples; they reach 1000 in size.
        saturating: formula (5) in the place of (6).

    Returns:
        (loss, grad): a float, and the gradient of the loss with respect to fake_logits, a new
        array of shape (n,). The input stays unchanged.
    """
    ### BEGIN SOLUTION
    small = np.exp(-np.abs(fake_logits))
    sigma = np.where(fake_logits >= 0, 1.0, small) / (1.0 + small)
    if saturating:
        each = -(np.maximum(fake_logits, 0.0) + np.log1p(small))  # (5)
        slope = -sigma
    else:
        each = np.maximum(-fake_logits, 0.0) + np.log1p(small)  # (6)
        slope = sigma - 1.0
    return float(each.mean()), slope / len(fake_logits)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_generator_loss", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("generator_loss", generator_loss)

# %% [markdown]
# <details>
# <summary>What had to be found</summary>
# <p>
# 1 &minus; &sigma;(s) is &sigma;(&minus;s), so each logarithm is minus the softplus of s or of &minus;s, which (3) writes without overflow. (6) is the cross-entropy with the label 1 and has the slope &sigma;(s) &minus; 1, by (4). (5) is
# <em>minus</em> the cross-entropy with the label 0: its slope is &minus;&sigma;(s).
# </p>
# </details>

# %% [markdown]
# ### Experiment: who gets the gradient?
#
# Early in training samples are poor and $D$ is certain: logits of about −5.
#
# **Predict.** At $s = -5$ the slope of (6) is 0.993 in size. What is that of (5)?

# %%
predict("saturated_slope", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "slopes", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.slopes(generator_loss)

# %% [markdown]
# <details>
# <summary>Explain: what does it mean to "train G with real labels"?</summary>
# <p>
# The saturating loss gives its gradient to samples that pass already, the other one to those that do not. With cross-entropy at hand there is nothing to program: (6) is D's own loss of a sample with the label 1. That
# label is 1 whatever D's real_label is. Smoothing is for the discriminator.
# </p>
# </details>

# %% [markdown]
# ## A step of the game
#
# One call of `step(real, z)`:
#
# 1. Clear $D$'s gradients: the generator's last update has left some there.
# 2. $D$'s loss (2) on the real rows, with `real_label`, and on $G(z)$, with 0. Here $G(z)$ is *detached*: this loss is none of $G$'s business.
# 3. Update $D$.
# 4. At every `d_steps`-th call: clear $G$'s gradients, compute $G(z)$'s loss (6) through the $D$ that there is *now*, with the label 1 whatever `real_label` is, and update $G$ alone.
#
# For tensors, $\ell(s, y)$ is `softplus(s) - y * s`: that is (3), since `torch.nn.functional.softplus` is $\log(1 + e^s)$.

# %% [markdown]
# ## Exercise 2: the trainer
#
# *3 points · difficulty 3 of 5 · about 15 minutes*


# %% nbgrader={"grade": false, "grade_id": "GANTrainer", "locked": false, "schema_version": 3, "solution": true, "task": false}
class GANTrainer:
    """Trains a generator and a discriminator against each other, a step at a time.

    Two instances share nothing.

    Args:
        generator: a module from z, shape (n, k), to samples in the shape of data.
        discriminator: a module from rows to logits, shape (m,) or (m, 1).
        opt_g, opt_d: optimisers of the two, with zero_grad() and step().
        real_label: what the discriminator is to say of data; ValueError outside (0, 1].
        d_steps: updates of the discriminator for one of the generator; ValueError below 1.
    """

    def __init__(self, generator, discriminator, opt_g, opt_d, real_label=0.9, d_steps=1):
        ### BEGIN SOLUTION
        if not 0 < real_label <= 1:
            raise ValueError(f"real_label is {real_label}: it should be above 0 and at most 1.")
        if d_steps < 1:
            raise ValueError(f"d_steps is {d_steps}: at least 1 is needed.")
        self.generator, self.discriminator = generator, discriminator
        self.opt_g, self.opt_d = opt_g, opt_d
        self.real_label = real_label
        self.d_steps = d_steps
        self.calls = 0
        ### END SOLUTION

    def step(self, real, z):
        """One call of the four points above.

        real, z: tensors, shapes (m, ...) and (n, k). Gradients may be left from before.

        Returns (loss_d, loss_g), floats, each before its own update. In a call that does not
        update the generator loss_g is None, and the generator gets no gradient.
        """
        ### BEGIN SOLUTION
        softplus = torch.nn.functional.softplus
        self.opt_d.zero_grad()
        s = self.discriminator(real)
        fake = self.generator(z).detach()
        s_fake = self.discriminator(fake)
        loss_d = (softplus(s) - self.real_label * s).mean() + softplus(s_fake).mean()  # (2)
        loss_d.backward()
        self.opt_d.step()
        self.calls += 1
        if self.calls % self.d_steps != 0:
            return loss_d.item(), None
        self.opt_g.zero_grad()
        loss_g = softplus(-self.discriminator(self.generator(z))).mean()  # (6)
        loss_g.backward()
        self.opt_g.step()
        return loss_d.item(), loss_g.item()
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_GANTrainer", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("GANTrainer", GANTrainer)

# %% [markdown]
# ### Experiment: watch the modes appear
#
# Your class plays the five games of the first figure, which stand side by side in one pair of networks; then with the two rates exchanged: 0.001 for the generator, 0.005 for the discriminator.
#
# **Predict.** With the rates exchanged, how many of the eight modes are found in the median?

# %%
predict("modes_with_rates_exchanged", ...)


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "two_rates", "locked": true, "schema_version": 3, "solution": false, "task": false}
def play(lr_g, lr_d):
    game = games.Game(seeds=5, lr_g=lr_g, lr_d=lr_d)
    trainer = GANTrainer(game.generator, game.discriminator, game.opt_g, game.opt_d)
    for real, z in game.batches(games.STEPS):
        loss_d, _ = trainer.step(real, z)
        game.note(loss_d)
    return game


played = {"G faster": play(0.005, 0.001)}

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "modes_appear", "locked": true, "schema_version": 3, "solution": false, "task": false}
played["D faster"] = play(0.001, 0.005)
figures.modes_appear(played)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "modes_and_losses", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.modes_and_losses(played)

# %% [markdown]
# <details>
# <summary>Explain: why should the discriminator be quick?</summary>
# <p>
# G follows D's slope, and that is only worth following where D knows the present samples. Where D is slow, the samples have left the region that it has learned before it has an answer. Two rates, D's the larger, are called TTUR, the
# two time-scale update rule (Heusel and others, 2017). Several updates of D for one of G, <code>d_steps</code>, are the older means to the same end, and cost as many times D's work. Exchanging the rates changed both; the last figure
# has all four pairs.
# </p>
# </details>

# %% [markdown]
# ## Noise for the discriminator
#
# Data lie on thin sets; samples lie on others. Two thin sets hardly ever meet, so a good discriminator can tell them apart with certainty, and its slope says little. Blur both, and they overlap (Sønderby and others, 2017). The noise fades while training goes on:
#
# $$\tilde x = x + \sigma_0 \max\left(0,\ 1 - \frac{step}{total}\right) \xi, \qquad \xi \sim \mathcal N(0, 1) \tag{7}$$
#
# with a draw of its own for each entry of $x$. It goes on everything that $D$ sees: data and samples, also when $G$ learns. Without the maximum, noise would come back after `total`.
#
# **By hand:** $\sigma_0 = 2$, step 3 of 4, a draw of −1: 2 · 0.25 · (−1) = −0.5 is added.

# %% [markdown]
# ## Exercise 3: instance noise
#
# *1 point · difficulty 1 of 5 · about 6 minutes*


# %% nbgrader={"grade": false, "grade_id": "instance_noise", "locked": false, "schema_version": 3, "solution": true, "task": false}
def instance_noise(x, step, total, sigma, rng):
    """x with normal noise that fades to nothing: formula (7).

    Args:
        x: float64, any shape, also ().
        step: an integer from 0 on; it may be larger than total.
        total: an integer above 0: from this step on there is no noise.
        sigma: the standard deviation of the noise at step 0.
        rng: a np.random.Generator. Up to total it is asked for rng.standard_normal(x.shape),
            once, and for nothing else; afterwards it may be asked or not.

    Returns:
        A new array in the shape of x, which shares no memory with it, also after total.
    """
    ### BEGIN SOLUTION
    left = max(0.0, 1.0 - step / total)
    return x + sigma * left * rng.standard_normal(x.shape)  # (7)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_instance_noise", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("instance_noise", instance_noise)

# %% [markdown]
# ## A penalty on the slope
#
# A discriminator that rises like a cliff between data and samples gives $G$ no slope to climb. Gulrajani and others (2017) ask for a gentle hillside, of slope 1. A *critic* is a discriminator whose number need not be a
# logit. Take a point between a real row and a fake one,
#
# $$\hat x_i = \epsilon_i\, x_i + (1 - \epsilon_i)\, G(z)_i \tag{8}$$
#
# with an $\epsilon_i$ of its own for each row, and add to the critic's loss
#
# $$P = \lambda \cdot \frac1m \sum_{i=1}^{m} \left(\Vert \nabla_{\hat x} D(\hat x_i) \Vert_2 - 1\right)^2 \tag{9}$$
#
# The norm is over all entries of a row: for an image over all its pixels and channels. The slopes are taken with respect to the *input*; and $P$ is to change the *critic*.

# %% [markdown]
# Three things stand between (9) and its code:
#
# 1. One call of `torch.autograd.grad` gives the gradient of *one* number. Take the sum of all scores: each depends on its own row alone, so what the sum's gradient has in a row is that row's own slope.
# 2. $P$ holds gradients, and $P$ is differentiated again. So autograd has to keep a graph of the gradients; its documentation has an argument for that.
# 3. $P$ is the critic's business. The samples come from a generator, and `backward()` goes wherever a graph leads: cut the points off from what made them, then have them ask for a gradient.

# %% [markdown]
# ## Exercise 4: the gradient penalty
#
# *3 points · difficulty 4 of 5 · about 15 minutes*
#
# To compare: with the critic $D(x) = 3x_1 + 4x_2$ each slope is $(3, 4)$, with the norm 5. Whatever the rows and $\epsilon$ are, $P = 10 \cdot (5 - 1)^2 = 160$.


# %% nbgrader={"grade": false, "grade_id": "gradient_penalty", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gradient_penalty(critic, real, fake, eps, weight=10.0):
    """The penalty of formula (9), at the points of formula (8).

    Args:
        critic: a module from rows to numbers, shape (m,) or (m, 1). Each depends on its own row
            alone, and no slope is 0.
        real, fake: float64 tensors of one shape (m, ...): rows of any shape. They may hang on a
            graph, as samples do.
        eps: a float64 tensor, shape (m,), a number from 0 to 1 for each row.
        weight: lambda.

    Returns:
        A 0-d tensor. Its backward() reaches the critic's parameters, and neither real nor fake.
        This call changes none of its inputs, and no .grad, the critic's either.
    """
    ### BEGIN SOLUTION
    mix = eps.reshape(-1, *[1] * (real.dim() - 1))
    points = (mix * real + (1 - mix) * fake).detach().requires_grad_()  # (8)
    scores = critic(points)
    (slopes,) = torch.autograd.grad(scores.sum(), points, create_graph=True)
    norms = slopes.flatten(1).norm(dim=1)
    return weight * ((norms - 1) ** 2).mean()  # (9)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_gradient_penalty", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("gradient_penalty", gradient_penalty)

# %% [markdown]
# <details>
# <summary>Explain: why has such a critic no batch norm?</summary>
# <p>
# With batch norm a score depends on the other rows of its batch, too. The gradient of the sum would then mix what the rows do to each other into every slope, and (9) would penalise something else. Layer norm and spectral norm look at one
# row or at none, and may stay.
# </p>
# </details>

# %% [markdown]
# ### Experiment: the cure
#
# The rates exchanged, most modes are found, but not all in every game. Nothing is added but this: once the discriminator sees through your noise, with $\sigma_0 = 0.5$, once it gets your penalty, with the weight 0.1.
#
# **Predict.** Which finds more modes there, in the median of five: "noise", "penalty" or "as many"?

# %%
predict("noise_or_penalty", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "the_cure", "locked": true, "schema_version": 3, "solution": false, "task": false}
rng = np.random.default_rng(0)


def noise(x, step):
    return instance_noise(x, step, games.STEPS, 0.5, rng)


cured = {"noise": games.played(GANTrainer, games.Game(5, lr_g=0.001, lr_d=0.005, noise=noise))}


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "the_penalty", "locked": true, "schema_version": 3, "solution": false, "task": false}
def penalty(critic, real, fake, eps):
    return gradient_penalty(critic, real, fake, eps, weight=0.1)


game = games.Game(5, lr_g=0.001, lr_d=0.005, penalty=penalty)
cured["penalty"] = games.played(GANTrainer, game)
figures.the_cure(played["D faster"], cured)

# %% [markdown]
# <details>
# <summary>Explain: what do both do to the discriminator?</summary>
# <p>
# They make it smoother, so that its slope points to the data from further away, and is good for longer. Noise does it through the data: what is blurred has no edges. The penalty does it to the function itself. With the penalty all five
# games end with all 8 modes. With noise three of them do, and the other two have one mode less than without: that is no proof of a gain. The paper's weight of 10 is for a critic without a sigmoid; here 0.1 is enough.
# </p>
# </details>

# %% [markdown]
# ## Conventions
#
# The first three rows are $L_D$ of the example by hand, the others the loss of one real row with the label 1 and the logit −1000.
#
# | who | what | comes to |
# |---|---|---|
# | this lesson's `discriminator_loss` | two means, added | 1.537 |
# | this lesson's `GANTrainer` | the same with the label 0.9 for real rows | 1.637 |
# | some notes | half of the sum | 0.768 |
# | PyTorch `BCEWithLogitsLoss`; this lesson | from logits, as (3) | 1000 |
# | PyTorch `BCELoss`, after a sigmoid | logarithms below −100 count as −100 | 100 |
# | Keras 3 `BinaryCrossentropy`, after a sigmoid | probabilities from 1e-7 to 1 - 1e-7 | 16.1 |
#
# Where the logarithm is cut off, its gradient is 0: a sample that is bad enough is given up.
#
# Formula (9) was written for a critic whose loss is the mean of its numbers for samples minus that for data, with the weight 10 (WGAN-GP). The penalty is the same for any $D$, its best weight is not. Adam's first beta is 0.5
# here, as DCGAN has it (Radford and others, 2016).

# %% [markdown]
# ## What else
#
# **Inputs.** Pixels from 0 to 255 go in as $(x - 127.5)/127.5$, from −1 to 1, and the generator ends in `tanh`, which has that range. Both networks then start where the data are.
#
# **Spectral norm.** Lesson 12's `SpectralNorm` in every layer of $D$ bounds its slope everywhere, at two products a step.
#
# The next figure has every change of this lesson in five games each: at the first figure's rates, at all four pairs of the two rates, and one change at a time with the rates exchanged.
#
# **Predict.** With the rates exchanged, how many modes does the generator find, in the median, when the data are 60 times as large and nothing normalises them?

# %%
predict("modes_of_large_data", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "remedies", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.remedies()

# %% [markdown]
# <details>
# <summary>Explain: which remedy would you try first?</summary>
# <p>
# The rate of D. Where it is 0.001 and G's is 0.005, neither noise nor penalty nor spectral norm brings a game above 1 mode. With 0.005 for both, three games find all 8 modes, the others 7 and 6: against this best pair of the four the
# penalty gains 3 modes in five games, noise none. So tune rates before you add anything. Between the labels 0.9 and 1 five games show no difference. And the cheapest remedy comes before all of them: divided by 60,
# the large data are those of the other rows.
# </p>
# </details>

# %% [markdown]
# ## Quiz
#
# No points. Each answer is checked at once.
#
# **1.** $D$ gives every row, real or fake, the logit 0. What is $L_D$, with hard labels?

# %%
quiz("undecided_loss", ...)

# %% [markdown]
# **2.** After 200 steps $D$'s loss is 0.0001. What does that say?
#
# - (a) The training goes well.
# - (b) The samples look like the data.
# - (c) The game has failed: no sample passes for real.
# - (d) The game is over: both networks have what they want.

# %%
quiz("vanished_loss", ...)

# %% [markdown]
# **3.** `real_label` is 0.9. Which label has $G$'s own loss?
#
# - (a) 1
# - (b) 0.9
# - (c) 0
# - (d) none, it has no label

# %%
quiz("whose_label", ...)

# %% [markdown]
# **4.** What becomes of a black pixel, 0, when images are brought to the range of `tanh`?

# %%
quiz("pixel_of_zero", ...)

# %% [markdown]
# **5.** A critic's slope has the norm 3 everywhere. How large is the penalty, with the default weight?

# %%
quiz("penalty_of_a_steep_critic", ...)

# %% [markdown]
# ## Recap
#
# 1. Two losses, two optimisers; $G$ learns from $D$'s slope, not from its verdict.
# 2. Work with logits. Train $G$ with real labels; smooth $D$'s real side alone.
# 3. Clear, detach, update one at a time: no update disturbs the other network.
# 4. Give $D$ time: the larger rate, or more steps.
# 5. Make $D$ smooth: noise that fades, a penalty on slopes, or spectral norm.

# %% [markdown]
# ## Where it breaks
#
# - **A loss is no measure of quality.** In the games of the first figure $D$'s loss ended at 1.36, close to the 1.386 of a $D$ that knows nothing: as it would with perfect samples. Look at the samples, or count modes.
# - **A $D$ that wins.** Its loss goes to 0, since no sample passes. With the saturating loss $G$ then stands still: the left end of the figure of slopes.
# - **Batch norm in a critic with a penalty.** A row's slope then depends on the other rows.
# - **Noise that never ends.** $G$ learns the blurred data: let it fade.

# %% [markdown]
# ## Further
#
# - I. Goodfellow and others (2014). Generative Adversarial Nets. NeurIPS. arXiv:1406.2661
# - T. Salimans and others (2016). Improved Techniques for Training GANs. NeurIPS. arXiv:1606.03498
# - A. Radford, L. Metz and S. Chintala (2016). Unsupervised Representation Learning with Deep Convolutional Generative Adversarial Networks. ICLR. arXiv:1511.06434
# - I. Gulrajani and others (2017). Improved Training of Wasserstein GANs. NeurIPS. arXiv:1704.00028
# - C. K. Sønderby and others (2017). Amortised MAP Inference for Image Super-resolution. ICLR. arXiv:1610.04490
# - M. Heusel and others (2017). GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash Equilibrium. NeurIPS. arXiv:1706.08500

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "hand_in", "locked": true, "schema_version": 3, "solution": false, "task": false}
from course import ready

ready("15_gan")
