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

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np
import torch

from course import check

# %% [markdown]
# ## Exercise 1: a grid
#
# *1 point · difficulty 1 of 5 · about 5 minutes*


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
# ## Exercise 2: random points
#
# *2 points · difficulty 2 of 5 · about 12 minutes*


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
# ## Exercise 3: the posterior of a Gaussian process
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
# ## Challenge: expected improvement
#
# *2 points · difficulty 4 of 5 · about 15 minutes*


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
