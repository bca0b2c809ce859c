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
# # 14 Hyper-parameter search
#
# A learning rate can't be learned by its own gradient. You try values, and the question is which to try next.
#
# *About 85 minutes, 10 points. It builds on lesson 03 (momentum); any optimiser will do.*

# %% [markdown]
# ## The problem
#
# A *hyper-parameter* is a number that you set before training: a learning rate, a momentum, a width. One *trial* trains with one setting and reports a loss. Trials are dear, so their number is a budget.
#
# Here a trial is a network with 32 hidden units, 60 updates of SGD with momentum, batches of 32 digits. The loss is measured on 300 *validation* digits that were kept out of training. A run that diverges counts as guessing, 2.30.
#
# You don't know the right learning rate to a factor of 10,000: anything from 0.0001 to 1. The budget is 25 trials.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np
import torch

from course import check, predict, quiz

# %% [markdown]
# **Predict.** A grid of 5 × 5, five rates on a log axis and five momenta, against 25 random points on the same axes: where is the lowest loss found, in the median of five seeds? Answer "grid", "random points" or "about the same" (less than 0.05 apart).

# %%
predict("grid_or_chance", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "problem", "locked": true, "schema_version": 3, "solution": false, "task": false}
from course.figures import lesson_14 as figures

figures.problem()

# %% [markdown]
# <details>
# <summary>What to see</summary>
# <p>
# Dark is guessing. The grid spends five trials on each rate, and three of its five rates learn next to nothing: it ends at 0.40, and
# the random points, which try 25 rates, at 0.28. The loss is narrow in the rate and wide in momentum: one axis matters more, and you don't know beforehand which. With luck
# a column of the grid stands in the right place: over 0.0001 to 10 one does, and it ends at 0.27.
# </p>
# </details>

# %% [markdown]
# ## At the end you can
#
# - set up a search space, with each hyper-parameter on the axis that suits it;
# - search it by grid, by chance, with a Gaussian process and by generations, and say what each costs;
# - derive expected improvement, and say where it looks next;
# - run Optuna, and read what it draws.
#
# You build it from scratch: PyTorch's own optimisers, clipping and normalisation, pandas' exponential averages and Optuna are not available to your answers, neither in the check nor in grading. The experiments use Optuna for real.

# %% [markdown]
# ## The idea
#
# A search is a loop: *ask* for a point, run the trial, *tell* the loss. Methods differ in what they do with what they were told.
#
# | | uses earlier losses | trials at once |
# |---|---|---|
# | grid, random | no | all |
# | genetic | those of the last generation | a generation |
# | Gaussian process | all | one |
#
# Compare on validation rows. The test rows are looked at once, when the search is over: the lowest of 25 losses is partly luck, and luck does not carry over.

# %% [markdown]
# ## Grid
#
# A *space* names each hyper-parameter and its values. With $n_1, \dots, n_k$ values for the $k$ names, the grid has
#
# $$N = n_1 \cdot n_2 \cdots n_k \tag{1}$$
#
# points: every combination once. Five values each for six names are 15,625 trials.
#
# **By hand:** `{"lr": [0.1, 1.0], "momentum": [0.0, 0.9]}` has four points: (0.1, 0.0), (0.1, 0.9), (1.0, 0.0), (1.0, 0.9). The last name varies fastest, as the last digit of a counter does.

# %% [markdown]
# ## Exercise 1: a grid
#
# *1 point · difficulty 1 of 5 · about 6 minutes*


# %% nbgrader={"grade": false, "grade_id": "grid", "locked": false, "schema_version": 3, "solution": true, "task": false}
def grid(space):
    """Every combination of the values: formula (1).

    Args:
        space: a dict {name: list of values}, numbers or texts. A list may be empty, and so may
            the space.

    Returns:
        A list of points, each a dict {name: value} of its own, with all names of the space. The
        last name varies fastest, the first slowest; values come in the order in which they
        stand in the space. An empty list of values gives no points; the empty space {} gives
        one, {}. The space stays unchanged.
    """
    ### BEGIN SOLUTION
    points = [{}]
    for name, values in space.items():
        points = [{**point, name: value} for point in points for value in values]
    return points
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_grid", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("grid", grid)

# %% [markdown]
# ## Random points
#
# Bergstra and Bengio (2012) showed that chance beats the grid where few of the names matter: each trial tries a new value of *every* name.
#
# From one uniform draw $u$ in $[0, 1)$ comes a value between $low$ and $high$. On a plain axis:
#
# $$low + u\,(high - low) \tag{2}$$
#
# On a log axis each factor of ten gets the same share:
#
# $$low \cdot (high / low)^{u} \tag{3}$$
#
# An integer, with both ends included, and one of $m$ values, counted from 0:
#
# $$low + \lfloor u\,(high - low + 1) \rfloor \tag{4}$$
#
# $$values[\lfloor u\, m \rfloor] \tag{5}$$

# %% [markdown]
# **By hand:** $u = 0.5$ between 0.0001 and 10 gives 5.00005 by (2), and $0.0001 \cdot 100000^{0.5} = 0.0316$ by (3). Between the integers 1 and 3, it gives $1 + \lfloor 1.5 \rfloor = 2$.

# %% [markdown]
# ## Exercise 2: random points
#
# *2 points · difficulty 2 of 5 · about 12 minutes*
#
# Random draws come in an order, and a search can be repeated only where that order is fixed. The docstring says it, number by number.


# %% nbgrader={"grade": false, "grade_id": "random_points", "locked": false, "schema_version": 3, "solution": true, "task": false}
def random_points(space, n, rng):
    """n points drawn from a space: formulas (2) to (5).

    One draw u = rng.random() for each value, in this order: all values of the first point, in
    the order of the space's names, then all of the second point, and so on. Nothing else is drawn.

    Args:
        space: a dict {name: domain}; it may be empty. A domain is ("uniform", low, high),
            ("log", low, high), ("int", low, high) or ("choice", values). low is at most high,
            and may be negative but for "log"; for "int" both are integers, both included;
            values is a list of numbers or texts.
        n: how many points; 0 gives an empty list.
        rng: a NumPy generator.

    Returns:
        A list of n points, each a dict {name: value} of its own. A value of "int" is an
        integer. The space stays unchanged.
    """
    ### BEGIN SOLUTION
    points = []
    for _ in range(n):
        point = {}
        for name, (kind, *given) in space.items():
            u = rng.random()
            if kind == "choice":
                values = given[0]
                point[name] = values[int(u * len(values))]  # (5)
                continue
            low, high = given
            if kind == "uniform":
                point[name] = low + u * (high - low)  # (2)
            elif kind == "log":
                point[name] = low * (high / low) ** u  # (3)
            else:
                point[name] = low + int(u * (high - low + 1))  # (4)
        points.append(point)
    return points
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_random_points", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("random_points", random_points)

# %% [markdown]
# ### Experiment: the axis
#
# Nobody tells you beforehand that a rate of 10 is too much: from here on the range is 0.0001 to 10. The good rates lie from 0.1 to 1.
#
# **Predict.** You draw 25 rates *uniformly* between 0.0001 and 10. How many are below 0.1, in the median of five seeds?

# %%
predict("below_a_tenth", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "axis", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.drawn_rates(random_points)

# %% [markdown]
# <details>
# <summary>Explain: where did the small rates go?</summary>
# <p>
# Between 0.0001 and 0.1 lies 1% of the length of the axis, but three of its five factors of ten. What works by ratios (rates, decays, eps) belongs on a log axis, what works by differences (momentum, dropout) on a plain one.
# </p>
# </details>

# %% [markdown]
# ### Experiment: directions, with sliders
#
# The loss often depends on one direction of the space alone: a hyper-parameter, or a combination of two. The red ticks show where the points lie along it; the *longest gap* is the stretch in which a narrow valley would be missed.
#
# **Goal:** find a direction in which the grid's longest gap is less than half of that of the random points. Then the two at which it is worst.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "coverage", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.coverage(grid, random_points)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "coverage_lines", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.coverage_lines(grid, random_points)

# %% [markdown]
# <details>
# <summary>Explain: is a grid so bad, then?</summary>
# <p>
# In a slanted direction its points fall onto different places, evenly, and evenly beats chance. The trouble is that people choose axes with a meaning, and one of them alone often matters: then 25 trials are worth five.
# </p>
# </details>

# %% [markdown]
# ## A model of the loss
#
# Grid and chance forget every loss at once. A *Gaussian process* remembers (Rasmussen and Williams, 2006): it believes that near points have similar losses. How similar, says the kernel of two points $a$ and $b$ in $d$ dimensions:
#
# $$k(a, b) = \exp\left(-\frac{\Vert a - b \Vert^2}{2\,length^2}\right) \tag{6}$$
#
# Let $K$, of shape $(n, n)$, hold $k$ between the $n$ points that were tried, and $k_*$, of shape $(n,)$, between these and a new one. With the losses $y$ of shape $(n,)$:
#
# $$mean = k_*^\top (K + noise \cdot I)^{-1} y \tag{7}$$
#
# $$std^2 = 1 - k_*^\top (K + noise \cdot I)^{-1} k_* \tag{8}$$
#

# %% [markdown]
# Before any trial it believes in a mean of 0 and a variance of $k(a, a) = 1$: scale your losses to that.

# %% [markdown]
# **By hand:** $y = (1, -1)$ at 0 and 1, without noise, $length = 1$. Between the two $k = e^{-0.5} = 0.6065$. At 0.5 both entries of $k_*$ are $e^{-0.125} = 0.8825$. By symmetry the mean is 0, and the variance is $1 - 2 \cdot 0.8825^2 / 1.6065 = 0.0305$: a standard deviation of 0.175. At 2 it is 0.739, and the mean −1.198.
#
# **Solve, don't invert.** $(K + noise\,I)^{-1} k_*$ is the solution of a linear system: `np.linalg.solve`. With points close together $K$ is nearly singular, and an inverse loses digits: with 30 points between 0 and 1 and noise $10^{-10}$ the smallest variance by `inv` is some millionths *below* 0, by `solve` at most a hundredth of that.

# %% [markdown]
# ## Exercise 3: what the process believes
#
# *2 points · difficulty 3 of 5 · about 12 minutes*


# %% nbgrader={"grade": false, "grade_id": "gp_posterior", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gp_posterior(X, y, X_new, length=1.0, noise=1e-6):
    """What a Gaussian process with prior mean 0 believes after n values: formulas (6) to (8).

    Args:
        X: the points that were tried, float64, shape (n, d), n and d at least 1.
        y: their values, shape (n,).
        X_new: where to look, shape (m, d), m at least 1; points of X may be among them.
        length: the kernel's length scale, above 0.
        noise: the variance of the noise in y, 0 or more.

    Returns:
        (mean, std), each of shape (m,): of the function itself, not of a new noisy value. A
        variance that rounding brings below 0 counts as 0. The inputs stay unchanged.
    """

    ### BEGIN SOLUTION
    def kernel(A, B):
        squares = ((A[:, None, :] - B[None, :, :]) ** 2).sum(axis=2)
        return np.exp(-squares / (2 * length**2))  # (6)

    K = kernel(X, X) + noise * np.eye(len(X))
    K_new = kernel(X, X_new)
    solved = np.linalg.solve(K, K_new)
    mean = solved.T @ y  # (7)
    variance = 1 - (K_new * solved).sum(axis=0)  # (8)
    return mean, np.sqrt(np.maximum(variance, 0))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_gp_posterior", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("gp_posterior", gp_posterior)

# %% [markdown]
# ### Experiment: far away
#
# Four trials between 0.8 and 4.6 have losses of 0.9, 0.2, 0.4 and 1.3, in this order.
#
# **Predict.** What does your process expect at 10: "the last value", "the mean of the four values" or "0"?

# %%
predict("far_away", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "posterior", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.posterior(gp_posterior)

# %% [markdown]
# <details>
# <summary>Explain: why does it not go on upwards?</summary>
# <p>
# Far from all points every entry of k is 0, and (7) and (8) give the prior: 0 and 1. The process does not extrapolate; it says that it does not know. So shift and scale the losses to mean 0 and spread 1 first: then "unknown" means "average".
# </p>
# </details>

# %% [markdown]
# ## Where to look next
#
# A low mean promises a low loss. A large std promises a surprise. *Expected improvement* (Jones and others, 1998) weighs both: by how much will the loss $f$ at the new point lie below the best so far, on average? With $f$ normal, of mean $\mu$ and standard deviation $\sigma$:
#
# $$EI = \int_{-\infty}^{\infty} \max(best - \xi - f,\ 0)\; p(f)\, df \tag{9}$$
#
# A loss that is no improvement counts as 0, not as a loss. $\xi$ asks for at least so much.

# %% [markdown]
# ## Challenge: expected improvement
#
# *2 points · difficulty 4 of 5 · about 15 minutes*
#
# Solve (9). The answer has two terms.
#
# 1. Write $f = \mu + \sigma t$ with $t$ standard normal. From where to where is the integrand not 0?
# 2. Split it into a constant times the density $\varphi(t)$, and $t$ times the density. The first integrates to $\Phi$.
# 3. For the second: what is the derivative of $\varphi(t)$?
#
# To compare, with $best = 0.3$: at $\mu = 0.4$, $\sigma = 0.2$ it is 0.0396; at $\mu = 0.1$, $\sigma = 0$ it is 0.2. `torch.special.ndtr` is $\Phi$; it takes and gives tensors.


# %% nbgrader={"grade": false, "grade_id": "expected_improvement", "locked": false, "schema_version": 3, "solution": true, "task": false}
def expected_improvement(mean, std, best, xi=0.0):
    """The integral (9) in closed form, element by element; lower losses are better.

    Args:
        mean, std: what the process believes, float64 arrays of one shape, any shape, also ();
            std is 0 or more.
        best: the lowest loss so far, a number.
        xi: by how much a new loss has to be lower to count, 0 or more.

    Returns:
        An array in the shape of mean. Where std is 0 it is the improvement that is certain:
        best - mean - xi, or 0 where that is negative. The inputs stay unchanged.
    """
    ### BEGIN SOLUTION
    gain = best - mean - xi
    z = gain / np.where(std > 0, std, 1.0)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    below = torch.special.ndtr(torch.as_tensor(z)).numpy()
    hoped = gain * below + std * density
    return np.where(std > 0, hoped, np.maximum(gain, 0))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_expected_improvement", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("expected_improvement", expected_improvement)

# %% [markdown]
# <details>
# <summary>The two terms</summary>
#
# Let $g = best - \mu - \xi$ and $z = g/\sigma$. The integrand is $(g - \sigma t)\,\varphi(t)$ for $t < z$. The first part gives $g\,\Phi(z)$; as $\varphi'(t) = -t\,\varphi(t)$, the second gives $\sigma\,\varphi(z)$.
#
# </details>

# %% [markdown]
# ### Experiment: trial by trial
#
# One hyper-parameter, two trials at 0.8 and 4.6. The dotted curve is the true loss, which the search doesn't see. Below it is EI.
#
# **Predict.** Where does the first new trial go: "where the mean is lowest", "where std is largest" or "at neither"?

# %%
predict("where_next", ...)

# %% [markdown]
# Press play. Watch when it explores and when it digs in.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "next_trials", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.next_trials(gp_posterior, expected_improvement)

# %% [markdown]
# ## Generations
#
# A *genetic* search keeps no model, only points (Holland, 1975). One generation has `size` points of $d$ numbers.
#
# - **Rule 1.** The first generation is uniform between $low$ and $high$.
# - **Rule 2.** The `elite` points of lowest loss stay, the best first.
# - **Rule 3.** Each other place gets a child of two of the elite, $a$ and $b$, maybe the same one twice. Every number of the child comes from $a$ where a draw is below 0.5, else from $b$.
# - **Rule 4.** The child *mutates*: to each number a normal draw with standard deviation $sigma$ is added, times $high - low$.
# - **Rule 5.** What left its range is set to the end that it left by.

# %% [markdown]
# **By hand:** $a = (1, 10)$, $b = (3, 20)$, draws 0.7 and 0.2: the child is $(3, 10)$. With $high - low = (4, 40)$ and mutations 0.05 and −0.1 it becomes $(3.2, 6)$.

# %% [markdown]
# ## Exercise 4: a genetic search
#
# *3 points · difficulty 3 of 5 · about 15 minutes*


# %% nbgrader={"grade": false, "grade_id": "GeneticSearch", "locked": false, "schema_version": 3, "solution": true, "task": false}
class GeneticSearch:
    """Generations of points, each made of the best of the one before: rules 1 to 5.

    Two instances share nothing.

    Args:
        low, high: the ranges, float64, shape (d,).
        size: how many points a generation has.
        rng: a NumPy generator; what is drawn from it, and in which order, is said below.
        elite: how many points stay; ValueError unless it is from 1 to size.
        sigma: the mutation's standard deviation, as a share of high - low; ValueError below 0.

    Attributes:
        best: the point with the lowest loss of all generations, shape (d,); None at first.
        best_loss: its loss; inf at first.
    """

    def __init__(self, low, high, size, rng, elite=2, sigma=0.1):
        """The first generation is one draw: rng.uniform(low, high, (size, d))."""
        ### BEGIN SOLUTION
        if not 1 <= elite <= size:
            raise ValueError(f"elite is {elite}; it has to be from 1 to size, {size}.")
        if sigma < 0:
            raise ValueError(f"sigma is {sigma}; it can't be negative.")
        self.low, self.high, self.size, self.rng = low, high, size, rng
        self.elite, self.sigma = elite, sigma
        self.population = rng.uniform(low, high, (size, len(low)))  # rule 1
        self.best, self.best_loss = None, np.inf
        ### END SOLUTION

    def ask(self):
        """The points to try now, a copy, shape (size, d)."""
        ### BEGIN SOLUTION
        return self.population.copy()
        ### END SOLUTION

    def tell(self, losses):
        """Take the losses of the points that ask() gave, and make the next generation.

        Lower is better; points of equal loss keep their order; NaN comes last, and is never
        best. best and best_loss change only for a loss below best_loss. The next generation is
        the elite, best first, and below it size - elite children, one after the other. For each
        child three draws, in this order: rng.integers(elite, size=2), rng.random(d) and
        rng.normal(0, sigma, d).

        losses: float64, shape (size,).
        """
        ### BEGIN SOLUTION
        order = np.argsort(losses, kind="stable")  # NaN last
        if losses[order[0]] < self.best_loss:
            self.best, self.best_loss = self.population[order[0]], float(losses[order[0]])
        elite = self.population[order[: self.elite]]  # rule 2
        children = []
        for _ in range(self.size - self.elite):
            a, b = self.rng.integers(self.elite, size=2)  # rule 3
            mask = self.rng.random(len(self.low)) < 0.5
            child = np.where(mask, elite[a], elite[b])
            mutation = self.rng.normal(0, self.sigma, len(self.low))  # rule 4
            child = child + mutation * (self.high - self.low)
            children.append(np.clip(child, self.low, self.high))  # rule 5
        self.population = np.array([*elite, *children])
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_GeneticSearch", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("GeneticSearch", GeneticSearch)

# %% [markdown]
# ### Experiment: watch it close in
#
# Twelve points over a valley, three of them stay (rings). Press play.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "generations", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.generations(GeneticSearch)

# %% [markdown]
# ## The race
#
# All searches get the same 25 trials: your random points with the rate on a plain axis and on a log axis; your genetic search, five generations of five; your process, 5 random trials and then the best EI of 500 random candidates (length 0.2, noise 0.01, on logarithms of the losses); and Optuna's default, TPE. But for the first all have the rate on a log axis. Settings are each method's usual ones, none was tuned.
#
# **Predict.** Which is *last*, with the highest loss after 25 trials, in the median of five seeds: "uniform", "log-uniform", "genetic", "process" or "Optuna"?

# %%
predict("highest_of_25", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "race", "locked": true, "schema_version": 3, "solution": false, "task": false}
from course.figures import lesson_14_race as races

searches = races.mine(random_points, gp_posterior, expected_improvement, GeneticSearch)
races.race(searches)

# %% [markdown]
# <details>
# <summary>Explain: what made the difference?</summary>
# <p>
# The axis: with a uniform rate 25 trials end at 0.41, on a log axis at 0.30. What uses earlier losses ends a little lower, the process at 0.26 and Optuna at 0.27. Five generations of five are too few for the genetic search: it ends at 0.31, no better than chance. With two hyper-parameters chance is hard to beat by much; models pay when trials are dear.
# </p>
# </details>

# %% [markdown]
# ### Experiment: how much of it is luck?
#
# The winner of each of your five log-uniform searches is trained again from five other starts, with the same settings.
#
# **Predict.** How far apart are the lowest and the highest of five losses of *one* setting, in the median of five winners?

# %%
predict("spread_of_starts", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "again", "locked": true, "schema_version": 3, "solution": false, "task": false}
races.again(searches["log-uniform"])

# %% [markdown]
# <details>
# <summary>Explain: what does it say about the race?</summary>
# <p>
# Chance in the start moves a loss by more than what separates the four best methods. One run a setting finds the right region; to choose between two good settings takes several seeds each.
# </p>
# </details>

# %% [markdown]
# ### Experiment: what a search says of itself
#
# A search reports the lowest loss that it saw. Twenty searches of 100 random trials each are judged by 30 validation rows, and by 300, on digits that each splits anew. Then the winner's settings are trained from five starts that no search saw, and judged on 297 rows that chose nothing: that is their *true* loss.
#
# **Predict.** With 30 rows and 100 trials: how many times the reported loss is the true one, in the median of the 20 searches?

# %%
predict("flattery", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "flattery", "locked": true, "schema_version": 3, "solution": false, "task": false}
races.flattery()

# %% [markdown]
# <details>
# <summary>Explain: where does the difference come from?</summary>
# <p>
# The lowest of 100 numbers is low by merit and by luck: a start that suited, rows that were easy. Luck does not come twice. After 100 trials by 30 rows the searches report 0.17, and the truth is 0.31; by 300 rows they report 0.23, and the truth is 0.29. What is reported falls with every trial; the truth has hardly moved since the 25th. More rows and several starts a trial help. What you publish comes from rows and starts that chose nothing.
# </p>
# </details>

# %% [markdown]
# ## Optuna
#
# You would not write this anew for every project. Optuna (Akiba and others, 2019) asks you for a function of a *trial*; the trial suggests values, and so the space is written where it is used. Its default, TPE, draws its first 10 trials at random; then it models where good and where bad trials lie (Bergstra and others, 2011).

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "optuna", "locked": true, "schema_version": 3, "solution": false, "task": false}
import optuna

from course.figures import lesson_14_optuna as tool
from course.figures import lesson_14_runs as runs

optuna.logging.set_verbosity(optuna.logging.WARNING)


def objective(trial):
    lr = trial.suggest_float("lr", 1e-4, 10, log=True)
    momentum = trial.suggest_float("momentum", 0, 0.98)
    return runs.validation_losses([lr], [momentum], [0])[0]


study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=0))
study.optimize(objective, n_trials=25)
print({name: round(value, 2) for name, value in study.best_params.items()})
tool.history(study, searches)

# %% [markdown]
# What it draws it draws of any search: your process stands beside its own study, told to Optuna trial by trial. Its second picture shows each hyper-parameter alone, and is the quickest way to see that a range was too wide.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "slices", "locked": true, "schema_version": 3, "solution": false, "task": false}
tool.slices(study, searches)

# %% [markdown]
# ## The digits network, tuned
#
# The budget of 25 trials is spent; now, once, the test rows. The winners of the race are trained from 20 new starts. Beside them stand two settings that nobody searched for: PyTorch's default for SGD, a rate of 0.001 without momentum, and a rule of thumb, a rate of 0.1 with momentum 0.9, as in many papers (He and others, 2016).
#
# **Predict.** On the test rows, is the loss with the settings that Optuna found "lower" than with the rule of thumb, "higher" or "about the same" (less than 0.05 apart)?

# %%
predict("worth_of_a_search", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "worth", "locked": true, "schema_version": 3, "solution": false, "task": false}
races.worth(searches)

# %% [markdown]
# <details>
# <summary>Explain: was the search worth it?</summary>
# <p>
# Against PyTorch's default, any was: after 60 updates it still guesses, 2.30. The rule of thumb reaches 0.28, Optuna's settings 0.29 and your process's 0.28: other people's trials went into it. So make it your first trial (<code>study.enqueue_trial</code>), and search around it. The uniform axis found nothing better than 0.51.
# </p>
# </details>

# %% [markdown]
# ## Conventions
#
# | | this lesson | Optuna 5.0 |
# |---|---|---|
# | better is | lower | lower, unless `direction="maximize"` |
# | a log axis | `("log", low, high)` | `suggest_float(..., log=True)`; `suggest_loguniform` is deprecated |
# | an integer | both ends included | both ends included |
# | order of a grid | the last name varies fastest | `GridSampler` shuffles it, by its seed |
# | first random trials | 5 (process) | 10 (TPE) |
# | a failed trial | NaN, ranks last | NaN makes the trial fail; the study goes on |
#
# NumPy's `rng.integers(low, high)` leaves the top out. A study repeats itself only with a seed: `TPESampler(seed=0)`. `GPSampler` is Optuna's Gaussian process; it needs SciPy, which this course does without.

# %% [markdown]
# ## Quiz
#
# No points. Each answer is checked at once.
#
# **1.** Four hyper-parameters with five values each: how many trials has the grid?

# %%
quiz("grid_of_four", ...)

# %% [markdown]
# **2.** A weight decay is drawn log-uniformly between 0.00001 and 0.1. How likely is it below 0.001, in percent?

# %%
quiz("below_the_middle", ...)

# %% [markdown]
# **3.** Your process has std 0 at a point whose mean is above the best loss so far. What is its EI?
#
# - (a) Negative: it would make things worse.
# - (b) 0.
# - (c) The difference of the two.
# - (d) Not a number.

# %%
quiz("sure_and_worse", ...)

# %% [markdown]
# **4.** `sigma` of your genetic search is 0. What can later generations still find?
#
# - (a) Nothing new at all.
# - (b) Any point of the range.
# - (c) New combinations of numbers that the first generation had.
# - (d) Means of the points that there were.

# %%
quiz("no_mutation", ...)

# %% [markdown]
# **5.** You have 64 machines and one evening. Which search uses them best, as it stands in this lesson?
#
# - (a) The Gaussian process: it needs the fewest trials.
# - (b) Random points: all of them can run at once.
# - (c) The genetic search with one point a generation.

# %%
quiz("many_machines", ...)

# %% [markdown]
# ## Recap
#
# 1. A hyper-parameter is set before training; compare settings on validation rows.
# 2. The axis counts for more than the method: rates on a log axis.
# 3. A grid wastes trials where one axis alone matters; chance does not.
# 4. A Gaussian process says what it expects and how sure it is; EI turns both into the next trial.
# 5. A difference between two settings means something when it is larger than that between two starts. The lowest loss that a search saw flatters it.

# %% [markdown]
# ## Where it breaks
#
# - **Many hyper-parameters.** In ten dimensions 25 random points lie so far apart that a process of length 0.2 knows nothing in between: at a new point its std is 1.00, the prior's.
# - **Many trials.** Solving with $K$ costs $n^3$: ten times the trials are a thousand times the work.
# - **Long trials.** All this trains each trial to its end. Optuna's pruners stop those that lag behind (`trial.should_prune`).
# - **Losses far from normal.** One diverged run of 2.30 among losses of 0.3 bends the process; take logarithms or cap it, as here.
# - **Noise.** Another start is another loss: give the process a noise, and the winner several starts.

# %% [markdown]
# ## Further
#
# - J. H. Holland (1975). Adaptation in Natural and Artificial Systems. University of Michigan Press
# - D. R. Jones, M. Schonlau and W. J. Welch (1998). Efficient Global Optimization of Expensive Black-Box Functions. Journal of Global Optimization 13
# - C. E. Rasmussen and C. K. I. Williams (2006). Gaussian Processes for Machine Learning. MIT Press
# - J. Bergstra, R. Bardenet, Y. Bengio and B. Kégl (2011). Algorithms for Hyper-Parameter Optimization. NeurIPS
# - J. Bergstra and Y. Bengio (2012). Random Search for Hyper-Parameter Optimization. JMLR 13
# - K. He, X. Zhang, S. Ren and J. Sun (2016). Deep Residual Learning for Image Recognition. CVPR. arXiv:1512.03385
# - T. Akiba and others (2019). Optuna: A Next-generation Hyperparameter Optimization Framework. KDD. arXiv:1907.10902

# %% [markdown]
# ## Ready to hand in?
#
# Save the notebook and run the cell below. It tries the saved file in a fresh kernel, as grading does, and says what is right, what is
# untouched, and which file to hand in. It takes about ten seconds.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "hand_in", "locked": true, "schema_version": 3, "solution": false, "task": false}
from course import ready

ready("14_search")
