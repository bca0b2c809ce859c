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
# # 13 Fusing weights
#
# Two trained networks can become one, without their data: by averaging their weights. When that works, when it ruins both, and what else there is.
#
# *About 85 minutes, 10 points. It builds on lesson 02 (averages of weights) and lesson 05 (Adam).*
#
# ## The problem
#
# Take two networks $A$ and $B$ of one shape, each with 98% of the test digits right. Walk from one to the other in a straight line: at $t$ every weight is $(1 - t)\,A + t\,B$. The next figure
# shows the test loss on the way, for five pairs that started from *different* random weights, and for five that shared their first 60 updates and then went their own ways. All ends have a loss of about 0.07.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np
import torch

from course import check, data, predict, quiz
from course.figures import lesson_13 as figures
from course.figures import lesson_13_runs as runs

digits = data.digits()

# %% [markdown]
# **Predict.** Guessing has a loss of 2.3. What is the loss halfway between two networks from different starts?

# %%
predict("halfway", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "on_the_line", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.on_the_line()

# %% [markdown]
# ## At the end you can
#
# - fuse models with equal weights, by sample counts, by interpolation and layer by layer, and weigh layers by similarity;
# - say when an average of weights makes sense, and show two networks that compute the same and whose average does not;
# - teach a small network with a large one's soft answers, with a gradient you derived;
# - keep a network from forgetting an earlier task, and merge changes that quarrel.
#
# You build it from scratch: PyTorch's own optimisers, clipping, normalisation, Kullback-Leibler divergence and cosine similarity, and pandas' exponential averages, are not available to your answers, neither in the check nor in grading.
# `AveragedModel` belongs to the optimisers. The experiments run your own code.

# %% [markdown]
# ## The idea
#
# The loss has many valleys. Within one valley, a *basin*, every point between two good points is good; between two basins there is a ridge. Networks that share a start and then part usually end in one basin; networks from different starts never did in
# the figure.
#
# So averages belong where models share a past: copies trained on separate data (federated learning), several fine-tunings of one pre-trained model (model soups), the last epochs of one run (stochastic weight averaging).

# %% [markdown]
# ## A weighted average, by name
#
# A model is a dict here, as `state_dict()` gives it: from the name of each layer to its array. Let $\theta_1, \dots, \theta_K$ be one layer of $K$ models, all of one shape, and $w_1, \dots, w_K \ge 0$ their weights:
#
# $$\bar\theta = \frac{\sum_{k=1}^{K} w_k\, \theta_k}{\sum_{k=1}^{K} w_k} \tag{1}$$
#
# Only proportions matter. Equal weights are a *soup* (Wortsman and others, 2022). The numbers of training rows are FedAvg (McMahan and others, 2017). $(1 - t,\ t)$ is interpolation. Weights that differ from layer to layer are *layer-wise* fusion.
#
# **By hand:** $A$ has `weight` $(2, 0)$ and `bias` 1, $B$ has $(6, 4)$ and 5; the weights are 3 and 1. `weight`: $(3 \cdot 2 + 6,\ 0 + 4)/4 = (3, 1)$. `bias`: $(3 + 5)/4 = 2$.

# %% [markdown]
# ## Exercise 1: fuse
#
# *2 points · difficulty 2 of 5 · about 10 minutes*
#
# Write formula (1) for every layer. The models may list their layers in different orders: go by name. `np.stack` makes one array of $K$ layers.


# %% nbgrader={"grade": false, "grade_id": "fuse", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fuse(states, weights=None):
    """The weighted average of K models, layer by layer: formula (1).

    Args:
        states: a list of K dicts, K at least 1. All have the same names, maybe in other
            orders; under a name stand float64 arrays of one shape, any shape, also ().
        weights: None: all equal. K numbers, at least 0 and not all 0, in a list or an array:
            one for each model. Or a dict from every layer's name to K such numbers.
            They need not add up to 1.

    Returns:
        A dict with the names of the models. Its arrays are new and share no memory with the
        inputs, also where K is 1; the inputs stay unchanged.
    """
    ### BEGIN SOLUTION
    fused = {}
    for name in states[0]:
        layers = np.stack([state[name] for state in states])
        w = weights[name] if isinstance(weights, dict) else weights
        w = np.ones(len(states)) if w is None else np.asarray(w, dtype=float)
        fused[name] = np.tensordot(w / w.sum(), layers, axes=1)  # (1)
    return fused
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_fuse", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("fuse", fuse)

# %% [markdown]
# ### Experiment: two specialists, with sliders
#
# One network trains for 40 updates on all digits. Two copies of it train on: $A$ sees only the digits 0 to 4, $B$ only 5 to 9. Each forgets the other half. Your `fuse` mixes them, with a share $t$ of $B$ in each of
# the two layers.
#
# **Goal:** find the mixture with the lowest loss on all digits. Is it on the diagonal, where both layers have the same share?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "specialists", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.specialists(fuse)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "specialists_line", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.specialists_line(fuse)

# %% [markdown]
# <details>
# <summary>Explain: what did you just do by hand?</summary>
# <p>
# Optimised fusion: to search for the weights with the lowest loss, on rows that were not trained on. With two numbers a grid will do; with more, gradient descent on the weights of (1), or the searches of the next lesson. Search on
# validation rows, not on the test rows by which you judge the result.
# </p>
# <p>
# With this pair the best mixture lies a little off the diagonal, with shares of 0.3 and 0.6. Its loss is 0.29, the best on the diagonal 0.30; with other pairs the diagonal is as good.
# </p>
# </details>

# %% [markdown]
# ### Experiment: a twin
#
# Number the 32 hidden units of a trained network in another order, and move the columns of the next layer along. Nothing changes: the twin gives the same ten scores for every digit. Then average the network with its twin.
#
# **Predict.** Both get about 98% of the test digits right. What percentage does their average get right, in the median of five networks?

# %%
predict("twin_average", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "twins", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.twins(fuse)

# %% [markdown]
# <details>
# <summary>Explain: how can two equal functions have so poor an average?</summary>
# <p>
# 75% are left in the median. Unit 1 of the one is averaged with another unit of the other, which looks for something else. A layer of 32 units has 32! orders, so every network has that many twins, and between it and each that we tried lies a ridge. Networks
# from different starts have learned similar units in different orders: matching the orders first ("re-basin", Ainsworth and others, 2023) removes most of the ridge, here too.
# </p>
# </details>

# %% [markdown]
# ### Experiment: federated averaging
#
# Three clients hold 1200, 200 and 100 digits, and may not share them. In each of five rounds every client trains a copy of the shared network for 20 updates and sends it back; the server fuses the three. Once it does so with weights by sample counts, once with equal ones.
#
# **Predict.** Which gets more of the test digits right after five rounds: "by counts", "equal", or "within 1% of each other"?

# %%
predict("by_counts", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "federated", "locked": true, "schema_version": 3, "solution": false, "task": false}
found = {"by counts": [1200, 200, 100], "equal": None}
for name, weights in found.items():
    shared = [runs.fresh(seed) for seed in range(5)]
    rounds = [shared]
    for turn in range(5):
        shared = [fuse(runs.clients(start, seed, turn), weights) for seed, start in enumerate(shared)]
        rounds.append(shared)
    found[name] = rounds
figures.federated(found)

# %% [markdown]
# <details>
# <summary>Explain: why do counts help, and by how little?</summary>
# <p>
# A network that saw 100 digits has drifted towards them. With equal weights it has a third of the say, by counts a fifteenth: the fused network is then about as good as one that a single client with all
# rows would have trained. 93.9% of the test digits are right with equal weights, 95.6% by counts.
# </p>
# <p>
# Who gains? After 100 updates alone, the clients reach 96.3%, 88.6% and 86.9%: the small ones do, without showing anybody a digit. The large one could do without them.
# </p>
# </details>

# %% [markdown]
# ## Weights from similarity
#
# A client may be broken, hostile, or from another basin. Without its data, how would you know? Its layers point away from everybody's mean. Let $m$ be the plain mean of one layer, by (1), both taken as long vectors:
#
# $$c_k = \frac{\theta_k \cdot m}{\Vert\theta_k\Vert\, \Vert m\Vert} \tag{2}$$
#
# $$w_k = \frac{e^{c_k/T}}{\sum_{j=1}^{K} e^{c_j/T}} \tag{3}$$
#
# $c_k$ is the cosine of the angle, between $-1$ and 1; where a vector is zero we count it as 0. The temperature $T$ says how strictly we judge: large, and all weights are equal; near 0, and the most similar model takes all.
#
# **By hand:** $(3, 4)$, $(3, 4)$ and $(-3, 4)$ have the mean $(1, 4)$. The cosines are $19/(5\sqrt{17}) = 0.922$, twice, and $13/(5\sqrt{17}) = 0.631$. With $T = 1$ the weights are 0.364, 0.364 and 0.272.

# %% [markdown]
# ## Exercise 2: similarity weights
#
# *1 point · difficulty 2 of 5 · about 9 minutes*
#
# Its result fits the `weights` of your `fuse`. Mind a temperature of 0.001: $e^{1000}$ is too large for a float. What can you subtract from all exponents without changing (3)?


# %% nbgrader={"grade": false, "grade_id": "similarity_weights", "locked": false, "schema_version": 3, "solution": true, "task": false}
def similarity_weights(states, temperature=1.0):
    """For each layer, the softmax of the cosines with the mean layer: formulas (2) and (3).

    Args:
        states: K dicts as fuse takes them, names maybe in other orders; arrays of any shape.
            The mean of formula (2) is the plain one, all models alike.
        temperature: at least 0.001.

    Returns:
        A dict with the names of the models: under each a new float64 array of shape (K,), the
        weights in the order of states. Where a layer or the mean layer is all zeros the
        cosine counts as 0. The inputs stay unchanged.
    """
    ### BEGIN SOLUTION
    weights = {}
    for name in states[0]:
        rows = np.stack([state[name].ravel() for state in states])
        mean = rows.mean(axis=0)
        lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(mean)
        cosines = rows @ mean / np.where(lengths > 0, lengths, 1.0)  # (2)
        exponents = cosines / temperature
        e = np.exp(exponents - exponents.max())
        weights[name] = e / e.sum()  # (3)
    return weights
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_similarity_weights", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("similarity_weights", similarity_weights)

# %% [markdown]
# ### Experiment: a stranger
#
# Four clients have 375 digits each. Three are siblings: they go on from one common start. The fourth never got it and trained from a start of its own. The figure fuses all four, with equal weights and with yours at several temperatures, and the three siblings alone.
#
# **Predict.** At the default $T = 1$, how well does the network fused with similarity weights do: "like equal weights", "in between" or "like the siblings alone"?

# %%
predict("lenient", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "stranger", "locked": true, "schema_version": 3, "solution": false, "task": false}
temperatures = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0]
found = {"similarity": [], "equal weights": [], "three siblings": []}
for seed in range(5):
    states = runs.with_stranger(seed)
    fused = [fuse(states, similarity_weights(states, T)) for T in temperatures]
    found["similarity"].append(fused)
    found["equal weights"].append([fuse(states)] * len(temperatures))
    found["three siblings"].append([fuse(states[:3])] * len(temperatures))
figures.stranger(temperatures, found)

# %% [markdown]
# <details>
# <summary>Explain: why is 1 so lenient, and 0.001 not best?</summary>
# <p>
# Cosines lie between −1 and 1, so at T = 1 no weight can be more than e² times another: in the first layer the stranger still has a weight of about 0.17, where equal ones would be 0.25. Near T = 0 the
# model nearest to the mean takes all, and nothing is averaged any more. Which T is right depends on how far honest models differ: it has to be tried.
# </p>
# </details>

# %% [markdown]
# ## Distillation: fuse what they say
#
# Models of different shapes have no common weights. Let one *teach* the other instead (Hinton and others, 2015). With logits $z$, $C$ of them a row, a softmax at temperature $T$ is
#
# $$q_c(T) = \frac{e^{z_c/T}}{\sum_{j=1}^{C} e^{z_j/T}} \tag{4}$$
#
# Let $q$ be the student's and $p$ the teacher's. Over $n$ rows, the student's *soft* loss is the Kullback-Leibler divergence of its answers from the teacher's:
#
# $$KL = \frac1n \sum_{i=1}^{n} \sum_{c=1}^{C} p_{ic}(T) \left(\log p_{ic}(T) - \log q_{ic}(T)\right) \tag{5}$$
#
# $$L = \alpha\, T^2\, KL + (1 - \alpha)\, \frac1n \sum_{i=1}^{n} -\log q_{i,y_i}(1) \tag{6}$$
#
# The second term is the cross-entropy with the labels $y$, at $T = 1$.

# %% [markdown]
# The gradient in the student's logits is short. With $Y$ the one-hot labels:
#
# $$\frac{\partial L}{\partial z} = \frac1n \left(\alpha\, T \left(q(T) - p(T)\right) + (1 - \alpha) \left(q(1) - Y\right)\right) \tag{7}$$
#
# Where did one $T$ go? The chain rule divides by it once, through $z/T$ in (4).
#
# **By hand**, one row of two classes with $T = 2$ and $\alpha = 0.5$: the student says $(0, 0)$, the teacher $(2\log 3,\ 0)$, the label is 0. Then $p(2) = (0.75, 0.25)$ and $q = (0.5, 0.5)$ at every temperature. $KL = 0.75 \log 1.5 + 0.25 \log 0.5 = 0.131$,
# $L = 2 \cdot 0.131 + 0.5 \cdot 0.693 = 0.608$. The first entry of the gradient: $0.5 \cdot 2 \cdot (-0.25) + 0.5 \cdot (-0.5) = -0.5$.

# %% [markdown]
# ## Exercise 3: distillation loss
#
# *2 points · difficulty 3 of 5 · about 12 minutes*
#
# Logits may be 1000 in size: compute $\log q$ directly, and $q$ from it. A teacher who is that sure has $p_c = 0$ exactly; then $p_c \log p_c$ counts as 0, which $0 \cdot (-1000)$ is and $0 \cdot (-\infty)$ is not.


# %% nbgrader={"grade": false, "grade_id": "distillation_loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
def distillation_loss(student_logits, teacher_logits, labels, temperature=2.0, alpha=0.5):
    """The loss of a student that learns from a teacher and from labels: formulas (4) to (7).

    Args:
        student_logits, teacher_logits: float64, shape (n, C), up to 1000 in size.
        labels: integers from 0 to C - 1, shape (n,).
        temperature: a number above 0, for both sides of the soft term.
        alpha: from 0 to 1, the share of the soft term, 0 and 1 included.

    Returns:
        (loss, grad): a float and a new array of shape (n, C), the gradient of the loss with
        respect to student_logits. The inputs stay unchanged.
    """

    ### BEGIN SOLUTION
    def log_softmax(logits):
        shifted = logits - logits.max(axis=1, keepdims=True)
        return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))

    n, T = len(labels), temperature
    log_p, log_q = log_softmax(teacher_logits / T), log_softmax(student_logits / T)  # (4)
    p, q = np.exp(log_p), np.exp(log_q)
    soft = (p * (log_p - log_q)).sum() / n  # (5)
    log_hard = log_softmax(student_logits)
    hard = -log_hard[np.arange(n), labels].sum() / n
    loss = alpha * T**2 * soft + (1 - alpha) * hard  # (6)
    one_hot = np.eye(student_logits.shape[1])[labels]
    grad = (alpha * T * (q - p) + (1 - alpha) * (np.exp(log_hard) - one_hot)) / n  # (7)
    return float(loss), grad
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_distillation_loss", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("distillation_loss", distillation_loss)

# %% [markdown]
# ### Experiment: what the square is for
#
# Leave out $T^2$: how large is the gradient of the soft term then? The next cell divides it out again, for random logits.
#
# **Predict.** By which factor does the gradient without $T^2$ shrink when $T$ goes from 1 to 4?

# %%
predict("soft_gradient", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "soft_gradients", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.soft_gradients(distillation_loss)

# %% [markdown]
# <details>
# <summary>Explain: formula (7) has one T; where does the rest come from?</summary>
# <p>
# Without its square, one T is left below q − p: that is a factor of 4. The other hides in q − p itself. The hotter, the flatter are both answers, and the smaller is their difference: by another factor of 3.5.
# </p>
# </details>

# %% [markdown]
# ### Experiment: a hundred labels
#
# A teacher with 64 hidden units has learned from all 1500 digits. A student with 32 sees a hundred of them. It learns from their labels alone; or from the teacher's answers to the same hundred, at $T = 4$; or from the teacher's answers to all 1500 images, for which it needs no labels.
#
# **Predict.** From labels alone the student gets about 87% of the test digits right. How many with the teacher's answers to the *same* hundred images?

# %%
predict("same_hundred", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "hundred", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.hundred_labels(runs.distilled(distillation_loss))

# %% [markdown]
# <details>
# <summary>Explain: what does a teacher say that a label does not?</summary>
# <p>
# From the same hundred images it gets 95% right. A soft answer says that this 3 looks a little like an 8, and not at all like a 1. The teacher's first choice is the label for at least 98 of the hundred: what helps is the rest of its answer, and T brings that up. With all 1500 images, and no label, it gets 96%: the teacher
# stands in for whoever would have to label them.
# </p>
# </details>

# %% [markdown]
# ## One model, one task after the other
#
# Train a network on task A, then on task B without A's data: it forgets A. Elastic weight consolidation, EWC (Kirkpatrick and others, 2017), asks which weights A needs. After A, let $\ell_1, \dots, \ell_N$ be the losses of $N$ samples, one each. The *Fisher information* of a weight, estimated, is its mean squared gradient:
#
# $$F = \frac1N \sum_{i=1}^{N} \left(\frac{\partial \ell_i}{\partial \theta}\right)^2 \tag{8}$$
#
# and $a = \theta$, the *anchor*, is where the weights are now. While B is learned, a penalty is added to its loss:
#
# $$\Omega(\theta) = \frac{\lambda}{2} \sum F\, (\theta - a)^2 \tag{9}$$
#
# $F$ and $a$ have the shape of each parameter; the sum runs over all entries of all parameters; $\lambda$ is the `strength`. A weight that A's losses feel is held by a stiff spring, another by a soft one.

# %% [markdown]
# Mind the order in (8): square first, then average. At the end of training the samples pull either way, and their mean gradient is nearly 0 whatever A needs: for the network of the next experiment, with 200 samples, its square is about 1% of $F$, all weights added up.
#
# The gradients come from the data's own labels: this is the *empirical* Fisher information. The true one draws labels from the model's own answers.
#
# **By hand:** one weight with gradients 1 and $-3$ for two samples: $F = (1 + 9)/2 = 5$; the square of the mean would be 1. With $\lambda = 2$, half a step away from the anchor: $\Omega = \frac22 \cdot 5 \cdot 0.25 = 1.25$.

# %% [markdown]
# ## Exercise 4: EWC
#
# *3 points · difficulty 4 of 5 · about 15 minutes*
#
# `torch.autograd.grad(loss, params)` returns gradients and leaves every `.grad` alone. Look up two of its options: `allow_unused`, for a parameter that a loss does not use, and `retain_graph`, because the losses may be entries of one tensor and share a graph.


# %% nbgrader={"grade": false, "grade_id": "EWC", "locked": false, "schema_version": 3, "solution": true, "task": false}
class EWC:
    """Elastic weight consolidation. Two instances share nothing.

    Args:
        params: an iterable of tensors, maybe a generator, of any shapes, also ().
        strength: lambda of formula (9); ValueError where it is negative, 0 is fine.

    Attributes:
        fisher, anchor: lists of tensors, one for each parameter and of its shape. At first
            zeros, and copies of the parameters. They require no gradient and share no memory
            with the parameters.
    """

    def __init__(self, params, strength):
        ### BEGIN SOLUTION
        if strength < 0:
            raise ValueError(f"strength is {strength}: it should be 0 or more.")
        self.params = list(params)
        self.strength = strength
        self.fisher = [torch.zeros_like(p) for p in self.params]
        self.anchor = [p.detach().clone() for p in self.params]
        ### END SOLUTION

    def consolidate(self, losses):
        """Add a task's Fisher information, formula (8), and move the anchor to the parameters.

        losses: an iterable, maybe a generator, of one or more 0-d tensors, one a sample; they
        may share a graph. A parameter that a loss does not use has a gradient of 0 there.
        A second call adds to fisher. Parameters and every .grad stay as they are.
        """
        ### BEGIN SOLUTION
        squares = [torch.zeros_like(p) for p in self.params]
        count = 0
        for loss in losses:
            grads = torch.autograd.grad(loss, self.params, retain_graph=True, allow_unused=True)
            for square, grad in zip(squares, grads, strict=True):
                if grad is not None:
                    square += grad**2
            count += 1
        for i, square in enumerate(squares):
            self.fisher[i] = self.fisher[i] + square / count  # (8)
        self.anchor = [p.detach().clone() for p in self.params]
        ### END SOLUTION

    def penalty(self):
        """Formula (9), a 0-d tensor to add to a loss: gradients flow from it to the parameters.

        It is 0 before the first consolidate().
        """
        ### BEGIN SOLUTION
        total = 0.0
        for F, p, a in zip(self.fisher, self.params, self.anchor, strict=True):
            total = total + (F * (p - a) ** 2).sum()
        return self.strength / 2 * total  # (9)
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_EWC", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("EWC", EWC)

# %% [markdown]
# ### Experiment: do not forget
#
# Task A: the digits. Task B: the digits with their 64 pixels in another order, the same for every image. Five networks with 64 hidden units learn A in 300 updates, then B in 300, with your penalty at three strengths and without.
#
# **Predict.** After A, about 98% of A's test digits are right. How many are after B, without a penalty?

# %%
predict("forgets", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "two_tasks", "locked": true, "schema_version": 3, "solution": false, "task": false}
found = {strength: runs.second_task(EWC, strength) for strength in (0, 10, 100, 1000)}
figures.two_tasks(found)

# %% [markdown]
# Press play to see it happen, update by update, without and with your penalty.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "forgetting", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.forgetting(found[0], found[100])

# %% [markdown]
# <details>
# <summary>Explain: what does the spring cost?</summary>
# <p>
# Without a penalty A falls to 31%. With a strength of 100 it keeps 80%, and B reaches 93% where it had 96%; with 1000 both are at 87%. One network has only so many weights, and what A holds B can't have. Which strength is right depends on what each task is worth to you.
# </p>
# </details>

# %% [markdown]
# ## Challenge: merge what quarrels
#
# *2 points · difficulty 4 of 5 · about 14 minutes*
#
# Several fine-tunings of one `base` are vectors of $P$ numbers. Their *changes*, model minus base, are averaged and added to the base. Two things spoil that: thousands of tiny changes that mean nothing, and changes of opposite sign that cancel. TIES (Yadav and others, 2023) does three steps. Derive the code from the words:

# %% [markdown]
# 1. **Trim.** Of each model's changes keep the $k$ largest *in size*; the others become 0.
# 2. **Elect.** Each of the $P$ numbers gets one sign: that in which the kept changes, added up over the models, weigh more. Size counts, not heads.
# 3. **Merge.** For each number average the kept changes *of the elected sign* only, over as many as there are. Where nothing was kept, or the sum is 0, there is no change.
#
# To compare: with `base` all 1, $k = 2$ and models $(5, 0, 3, 1.5)$, $(-1, -2, 2, 2.5)$ and $(0, 1.25, 5, -1)$, the result is $(5,\ {-2},\ 4,\ {-1})$.


# %% nbgrader={"grade": false, "grade_id": "ties_merge", "locked": false, "schema_version": 3, "solution": true, "task": false}
def ties_merge(base, models, k, scale=1.0):
    """Trim, elect and merge the changes of several models.

    Args:
        base: float64, shape (P,).
        models: float64, shape (K, P), one model a row, K at least 1.
        k: how many changes of each model are kept, from 1 to P. No two changes of a model
            that compete for the last place are equal in size.
        scale: what the merged change is multiplied by before it is added to base.

    Returns:
        A new array of shape (P,), base itself where nothing is kept or the kept changes add up
        to 0. The inputs stay unchanged.
    """
    ### BEGIN SOLUTION
    changes = models - base
    smallest_kept = np.sort(np.abs(changes), axis=1)[:, [-k]]
    kept = np.where(np.abs(changes) >= smallest_kept, changes, 0.0)
    sign = np.sign(kept.sum(axis=0))
    agree = (np.sign(kept) == sign) & (kept != 0)
    count = np.maximum(agree.sum(axis=0), 1)
    merged = np.where(agree, kept, 0.0).sum(axis=0) / count
    return base + scale * merged
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_ties_merge", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("ties_merge", ties_merge)

# %% [markdown]
# ### Experiment: how much of a change matters?
#
# A network trains for 240 updates from a common start. Of its 2410 changes your function keeps the largest and drops the others (*pruned fusion*); on the right it merges three specialists, for the digits 0 to 2, 3 to 5 and 6 to 9, beside the plain mean, each with the best of the scales 0.25, 0.5 and 1.
#
# **Predict.** With all of its changes the one network gets 98% right, without any 89%. How many with the larger *half* of them?

# %%
predict("half_kept", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "merged", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.merged(ties_merge)

# %% [markdown]
# <details>
# <summary>Explain: why does TIES gain nothing here?</summary>
# <p>
# It was made for many fine-tunings of large networks: its authors merged seven to eleven. Here are three small ones, and where they quarrel the mean is as fair a judge as the election. A method that repairs a fault gains nothing where the fault
# does little harm. The plain mean is the rival to beat, each time anew.
# </p>
# </details>

# %% [markdown]
# ## Conventions
#
# | where | what differs |
# |---|---|
# | `torch.lerp(start, end, t)` | the weight goes to the *end*; papers often write `t*A + (1-t)*B`, where it goes to the first |
# | `swa_utils.AveragedModel` | equal weights, one model after the other; the first is copied |
# | the same, with BatchNorm | buffers are copied from the last model: `update_bn` has to measure them anew |
# | `F.kl_div(input, target)` | `input` are *log*-probabilities of the student and come first |
# | its default `reduction="mean"` | divides by $C$ too: with 10 classes a tenth of (5), which is `"batchmean"` |
# | `F.cosine_similarity` | a vector of zeros has the cosine 0 |

# %% [markdown]
# ## Quiz
#
# No points. Each answer is checked at once.
#
# **1.** `fuse([A, B], [30, 10])`: what is the share of $B$?

# %%
quiz("share_of_b", ...)

# %% [markdown]
# **2.** Two networks were trained from different random starts on the same data. Their average is poor. What helps most likely?
#
# - (a) To train both longer.
# - (b) To average with weights by their accuracies.
# - (c) To give both a common start, or to match their hidden units first.
# - (d) To average only the biases.

# %%
quiz("poor_average", ...)

# %% [markdown]
# **3.** Somebody computes (6) with `F.kl_div(..., reduction="mean")` on ten classes. By which factor is the soft term too small?

# %%
quiz("default_reduction", ...)

# %% [markdown]
# **4.** For EWC a batch of 100 samples goes through the network at once, and the gradient of their *mean* loss is squared. At the end of training this is
#
# - (a) the same as formula (8).
# - (b) far smaller: gradients of either sign have cancelled.
# - (c) far larger: all gradients have been added up.
# - (d) negative for some weights.

# %%
quiz("batch_gradient", ...)

# %% [markdown]
# **5.** Three models change one number by $+3$, $-1$ and $-1$; nothing is trimmed and the scale is 1. By how much does TIES change it?

# %%
quiz("elected", ...)

# %% [markdown]
# ## Recap
#
# 1. An average of weights needs one basin: a common start, or matched units.
# 2. Formula (1) is soup, FedAvg, interpolation and layer-wise fusion; only the weights differ.
# 3. Cosines with the mean give strangers away, once the temperature is strict.
# 4. A teacher's soft answers replace labels; $T^2$ keeps their gradient in play.
# 5. EWC holds what an earlier task needs; TIES trims, elects and merges.

# %% [markdown]
# ## Where it breaks
#
# - **Different starts, or twins.** See the first figure: halfway the loss is 0.43.
# - **BatchNorm.** Averaged weights with a single model's running averages: run `update_bn`.
# - **EWC on new classes.** Digits 0 to 4, then 5 to 9: without a penalty 0% of the first half are right after the second, with a strength of 1000 it is 50%, and 97% of the second half. The output layer has to tell old from new, and never sees both.
# - **TIES with few models.** See the last figure: the plain mean is as good.

# %% [markdown]
# ## Further
#
# - G. Hinton, O. Vinyals and J. Dean (2015). Distilling the Knowledge in a Neural Network. arXiv:1503.02531
# - B. McMahan and others (2017). Communication-Efficient Learning of Deep Networks from Decentralized Data. AISTATS. arXiv:1602.05629
# - J. Kirkpatrick and others (2017). Overcoming Catastrophic Forgetting in Neural Networks. PNAS. arXiv:1612.00796
# - M. Wortsman and others (2022). Model Soups. ICML. arXiv:2203.05482
# - S. Ainsworth, J. Hayase and S. Srinivasa (2023). Git Re-Basin: Merging Models modulo Permutation Symmetries. ICLR. arXiv:2209.04836
# - P. Yadav and others (2023). TIES-Merging: Resolving Interference When Merging Models. NeurIPS. arXiv:2306.01708

# %% [markdown]
# ## Ready to hand in?
#
# Save the notebook and run the cell below. It tries the saved file in a fresh kernel, as grading does, and says what is right, what is
# untouched, and which file to hand in. It takes about ten seconds.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "hand_in", "locked": true, "schema_version": 3, "solution": false, "task": false}
from course import ready

ready("13_fusing_weights")
