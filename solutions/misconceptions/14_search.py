"""Lesson 14, wrong on purpose: what each mistake changes in the reference solution; see autograder.catalogue."""

from autograder.catalogue import wrong

NOTES = "course notes"
LIBRARIES = "another library's convention"
CLASSROOM = "common in first implementations"

# What the edits replace.
GRID = "points = [{**point, name: value} for point in points for value in values]"
START = "    points = [{}]\n"
NAMES = "for name, values in space.items():"
U = "            u = rng.random()\n"
LOOPS = "for name, (kind, *given) in space.items():"
CHOICE = "point[name] = values[int(u * len(values))]  # (5)"
UNIFORM = "point[name] = low + u * (high - low)  # (2)"
LOG = "point[name] = low * (high / low) ** u  # (3)"
INT = "point[name] = low + int(u * (high - low + 1))  # (4)"
KERNEL = "return np.exp(-squares / (2 * length**2))  # (6)"
SQUARES = "squares = ((A[:, None, :] - B[None, :, :]) ** 2).sum(axis=2)"
K = "K = kernel(X, X) + noise * np.eye(len(X))"
MEAN = "mean = solved.T @ y  # (7)"
VARIANCE = "variance = 1 - (K_new * solved).sum(axis=0)  # (8)"
STD = "return mean, np.sqrt(np.maximum(variance, 0))"
GAIN = "gain = best - mean - xi"
Z = "z = gain / np.where(std > 0, std, 1.0)"
HOPED = "hoped = gain * below + std * density"
SURE = "return np.where(std > 0, hoped, np.maximum(gain, 0))"
DENSITY = "density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)"
ASK = "return self.population.copy()"
ORDER = 'order = np.argsort(losses, kind="stable")  # NaN last'
BETTER = "if losses[order[0]] < self.best_loss:"
BEST = "self.best, self.best_loss = self.population[order[0]], float(losses[order[0]])"
ELITE = "elite = self.population[order[: self.elite]]  # rule 2"
COUNT = "for _ in range(self.size - self.elite):"
PARENTS = "a, b = self.rng.integers(self.elite, size=2)  # rule 3"
MASK = "mask = self.rng.random(len(self.low)) < 0.5"
CHILD = "child = np.where(mask, elite[a], elite[b])"
MUTATION = "mutation = self.rng.normal(0, self.sigma, len(self.low))  # rule 4"
MUTATED = "child = child + mutation * (self.high - self.low)"
CLIPPED = "children.append(np.clip(child, self.low, self.high))  # rule 5"
NEXT = "self.population = np.array([*elite, *children])"

POINTS = (
    wrong(
        "grid",
        "first_fastest",
        "the first name varies fastest",
        "Between two neighbouring points the last name of the space should change first, as the last digit of a counter does.",
        LIBRARIES,
        (GRID, "points = [{**point, name: value} for value in values for point in points]"),
    ),
    wrong(
        "grid",
        "zipped",
        "the first values are put together, then the second ones, and so on",
        "Formula (1) counts every combination: each value of one name with each value of another.",
        CLASSROOM,
        (
            "",
            "def grid(space):\n    return [dict(zip(space, values)) for values in zip(*space.values())] if space else [{}]\n",
        ),
    ),
    wrong(
        "grid",
        "sorted_names",
        "names are taken in the alphabet's order",
        "The names come in the order in which they stand in the space; which varies fastest depends on it.",
        LIBRARIES,
        (NAMES, "for name, values in sorted(space.items()):"),
    ),
    wrong(
        "grid",
        "sorted_values",
        "the values are sorted",
        "Values come in the order in which they stand in the space, be it ascending or not.",
        CLASSROOM,
        (GRID, "points = [{**point, name: value} for point in points for value in sorted(values)]"),
    ),
    wrong(
        "grid",
        "empty_space",
        "the empty space has no point",
        "Formula (1) is a product: with no factors it is 1. The one point of the empty space is {}.",
        CLASSROOM,
        (START, "    points = [{}] if space else []\n"),
    ),
    wrong(
        "grid",
        "one_dict",
        "one dict is filled again and again, and is every point",
        "A list holds the dict itself and no copy. Each point needs a dict of its own.",
        CLASSROOM,
        (
            "",
            "def grid(space):\n    points, point = [], {}\n\n    def fill(names):\n        if not names:\n            points.append(point)\n            return\n"
            "        for value in space[names[0]]:\n            point[names[0]] = value\n            fill(names[1:])\n\n    fill(list(space))\n    return points\n",
        ),
    ),
    wrong(
        "random_points",
        "log_uniform_in_value",
        'a "log" value is drawn uniformly between its ends',
        "Formula (3) is uniform in the exponent: each factor of ten gets the same share.",
        CLASSROOM,
        (LOG, "point[name] = low + u * (high - low)"),
    ),
    wrong(
        "random_points",
        "int_without_top",
        'the upper end of "int" is never drawn',
        "In formula (4) both ends count: from low to high there are high - low + 1 integers.",
        LIBRARIES,
        (INT, "point[name] = low + int(u * (high - low))"),
    ),
    wrong(
        "random_points",
        "int_rounded",
        '"int" values are rounded, so that the two ends come half as often',
        "Formula (4) cuts [0, 1) into high - low + 1 equal pieces, and rounds down.",
        CLASSROOM,
        (INT, "point[name] = int(round(low + u * (high - low)))"),
    ),
    wrong(
        "random_points",
        "cut_towards_zero",
        'below 0 an "int" value is cut off towards zero',
        "In formula (4) it is the part above low that is rounded down; low is added afterwards.",
        CLASSROOM,
        (INT, "point[name] = int(low + u * (high - low + 1))"),
    ),
    wrong(
        "random_points",
        "int_as_float",
        'an "int" value is a float',
        "A width of 3.0 is refused by most that takes a width. The value of formula (4) should be an integer.",
        CLASSROOM,
        (INT, "point[name] = low + np.floor(u * (high - low + 1))"),
    ),
    wrong(
        "random_points",
        "another_draw",
        '"int" and "choice" draw by rng.integers',
        "Each value takes one u = rng.random(), of every kind: formulas (4) and (5) say what is made of it.",
        CLASSROOM,
        (U, "            u = rng.random() if kind in ('uniform', 'log') else None\n"),
        (CHOICE, "point[name] = values[rng.integers(len(values))]"),
        (INT, "point[name] = int(rng.integers(low, high + 1))"),
    ),
    wrong(
        "random_points",
        "name_by_name",
        "all draws of one name come before those of the next",
        "The docstring says in which order u is drawn: all values of one point, then those of the next.",
        CLASSROOM,
        (
            "        point = {}\n",
            "        point = dict.fromkeys(space)\n",
        ),
        ("    points = []\n", "    points = []\n    table = {name: rng.random(n) for name in space}\n"),
        (U, "            u = float(table[name][len(points)])\n"),
    ),
    wrong(
        "random_points",
        "one_u_for_all",
        "one u a point serves all of its values",
        "With one u for all names the points lie on a line through the space. Each value takes a draw of its own.",
        CLASSROOM,
        ("        point = {}\n", "        point = {}\n        u = rng.random()\n"),
        (U, ""),
    ),
    wrong(
        "random_points",
        "one_dict",
        "one dict is filled again and again, and is every point",
        "A list holds the dict itself and no copy. Each point needs a dict of its own.",
        CLASSROOM,
        ("    points = []\n", "    points = []\n    point = {}\n"),
        ("        point = {}\n", ""),
    ),
)

PROCESS = (
    wrong(
        "gp_posterior",
        "noise_squared",
        "the noise is squared",
        "noise is a variance already; formula (7) adds it to the diagonal as it is.",
        LIBRARIES,
        (K, "K = kernel(X, X) + noise**2 * np.eye(len(X))"),
    ),
    wrong(
        "gp_posterior",
        "variance_returned",
        "the variance is returned in place of its root",
        "Formula (8) gives the variance; the standard deviation is its root.",
        CLASSROOM,
        (STD, "return mean, np.maximum(variance, 0)"),
    ),
    wrong(
        "gp_posterior",
        "predictive_std",
        "the noise is added to the variance",
        "Formula (8) is about the function itself. A new value that is measured with noise would vary by more.",
        LIBRARIES,
        (STD, "return mean, np.sqrt(np.maximum(variance, 0) + noise)"),
    ),
    wrong(
        "gp_posterior",
        "no_two",
        "the 2 in the kernel is missing",
        "Look at the denominator in formula (6).",
        CLASSROOM,
        (KERNEL, "return np.exp(-squares / length**2)"),
    ),
    wrong(
        "gp_posterior",
        "length_not_squared",
        "the length is not squared",
        "In formula (6) distance and length are squared alike: their quotient has no unit.",
        CLASSROOM,
        (KERNEL, "return np.exp(-squares / (2 * length))"),
    ),
    wrong(
        "gp_posterior",
        "distance_not_squared",
        "the distance is not squared",
        "Formula (6) has the squared distance. Without the square the function would have kinks.",
        CLASSROOM,
        (SQUARES, "squares = np.sqrt(((A[:, None, :] - B[None, :, :]) ** 2).sum(axis=2))"),
    ),
    wrong(
        "gp_posterior",
        "root_of_negative",
        "the root of a variance that rounding brought below 0 is not a number",
        "At a point that was tried formula (8) is 1 - 1, but for rounding, of either sign. The docstring says what counts then.",
        CLASSROOM,
        (STD, "return mean, np.sqrt(variance)"),
    ),
    wrong(
        "gp_posterior",
        "noise_ignored",
        "the noise is left out",
        "In formula (7) the noise stands on the diagonal of K.",
        CLASSROOM,
        (K, "K = kernel(X, X)"),
    ),
    wrong(
        "expected_improvement",
        "maximises",
        "a higher loss counts as the improvement",
        "Lower is better: an improvement is how far the new loss lies below the best so far.",
        LIBRARIES,
        (GAIN, "gain = mean - best - xi"),
    ),
    wrong(
        "expected_improvement",
        "xi_lowers_the_bar",
        "xi is added to the gain",
        "xi makes it harder to count as an improvement: in (9) it is taken off.",
        CLASSROOM,
        (GAIN, "gain = best - mean + xi"),
    ),
    wrong(
        "expected_improvement",
        "gain_alone",
        "what the spread adds is missing",
        "The integral has two terms. The second is what is left where the mean is no better than the best: see hint 2.",
        CLASSROOM,
        (HOPED, "hoped = gain * below"),
    ),
    wrong(
        "expected_improvement",
        "density_not_scaled",
        "the second term is not multiplied by std",
        "Both terms are in units of the loss. The density at z has none: something of that unit must stand beside it.",
        CLASSROOM,
        (HOPED, "hoped = gain * below + density"),
    ),
    wrong(
        "expected_improvement",
        "zero_when_sure",
        "where std is 0 it is 0",
        "Where there is no doubt the improvement is certain, and may well be above 0.",
        CLASSROOM,
        (SURE, "return np.where(std > 0, hoped, 0.0)"),
    ),
    wrong(
        "expected_improvement",
        "nan_when_sure",
        "where std is 0 it is divided by 0",
        "Where std is 0 there is no z. The docstring says what the improvement is then.",
        CLASSROOM,
        (Z, "z = gain / std"),
        (SURE, "return hoped + 0.0"),
    ),
    wrong(
        "expected_improvement",
        "probability",
        "it is the probability of an improvement",
        "The integral weighs each improvement by its size; the probability counts a tiny one as much as a large one.",
        LIBRARIES,
        (HOPED, "hoped = below"),
    ),
    wrong(
        "expected_improvement",
        "density_without_constant",
        "the normal density lacks its factor",
        "A density has an area of 1: the exponential alone has an area of sqrt(2 pi).",
        CLASSROOM,
        (DENSITY, "density = np.exp(-(z**2) / 2)"),
    ),
)

GENETIC = (
    wrong(
        "GeneticSearch",
        "largest_wins",
        "the largest losses win",
        "Lower losses are better: the elite of rule 2 are those with the lowest.",
        LIBRARIES,
        (ORDER, 'order = np.argsort(-losses, kind="stable")'),
    ),
    wrong(
        "GeneticSearch",
        "nan_wins",
        "a loss that is NaN ranks first",
        "A run that gave no number is the worst there is: it comes last, and is never best.",
        CLASSROOM,
        (ORDER, 'order = np.argsort(np.nan_to_num(losses, nan=-np.inf), kind="stable")'),
    ),
    wrong(
        "GeneticSearch",
        "no_elite",
        "nothing of the generation before stays",
        "By rule 2 the best stay as they are, and the children come below them.",
        CLASSROOM,
        (COUNT, "for _ in range(self.size):"),
        (NEXT, "self.population = np.array(children)"),
    ),
    wrong(
        "GeneticSearch",
        "absolute_sigma",
        "the mutation does not depend on the range",
        "By rule 4 sigma is a share of high - low: a rate of 0.01 and a width of 100 don't move alike.",
        CLASSROOM,
        (MUTATED, "child = child + mutation"),
    ),
    wrong(
        "GeneticSearch",
        "not_clipped",
        "children may leave their range",
        "By rule 5 a child stays between low and high.",
        CLASSROOM,
        (CLIPPED, "children.append(child)"),
    ),
    wrong(
        "GeneticSearch",
        "whole_parent",
        "a child is the whole of one parent",
        "By rule 3 each number of a child comes from one parent or the other: a draw for each of the d numbers.",
        CLASSROOM,
        (MASK, "mask = self.rng.random() < 0.5"),
    ),
    wrong(
        "GeneticSearch",
        "parents_from_all",
        "parents are drawn from the whole generation",
        "By rule 3 only the elite have children.",
        CLASSROOM,
        (PARENTS, "a, b = self.rng.integers(self.size, size=2)"),
        (CHILD, "child = np.where(mask, self.population[order[a]], self.population[order[b]])"),
    ),
    wrong(
        "GeneticSearch",
        "best_of_generation",
        "best is that of the last generation",
        "best and best_loss are of all generations so far: a worse one does not change them.",
        CLASSROOM,
        (BETTER, "if not np.isnan(losses[order[0]]):"),
    ),
    wrong(
        "GeneticSearch",
        "ask_hands_out_its_own",
        "ask() hands out the search's own array",
        "What a caller does to the array that ask() returned must not change the search.",
        CLASSROOM,
        (ASK, "return self.population"),
    ),
    wrong(
        "GeneticSearch",
        "elite_mutates",
        "the elite mutate too",
        "By rule 2 the elite stay as they are: what has been found can't be lost.",
        CLASSROOM,
        (
            NEXT,
            NEXT
            + "\n        kept = np.random.default_rng(0).normal(0, self.sigma + 0.01, (self.elite, len(self.low)))\n"
            "        self.population[: self.elite] = np.clip(elite + kept * (self.high - self.low), self.low, self.high)",
        ),
    ),
    wrong(
        "GeneticSearch",
        "arithmetic_mean",
        "a child is the mean of its parents",
        "By rule 3 a child takes each number whole from one parent. Means draw all to the middle.",
        CLASSROOM,
        (CHILD, "child = (elite[a] + elite[b]) / 2"),
    ),
    wrong(
        "GeneticSearch",
        "parents_swapped",
        "where the draw is below 0.5 the second parent gives the number",
        "By rule 3 a draw below 0.5 takes the number of a, the first parent.",
        CLASSROOM,
        (CHILD, "child = np.where(mask, elite[b], elite[a])"),
    ),
    wrong(
        "GeneticSearch",
        "anything_goes",
        "an elite that can't be, and a negative sigma, are accepted",
        "The docstring says for which elite and which sigma ValueError is raised.",
        CLASSROOM,
        ("if not 1 <= elite <= size:", "if False:"),
        ("if sigma < 0:", "if False:"),
    ),
)

MISCONCEPTIONS = (*POINTS, *PROCESS, *GENETIC)
