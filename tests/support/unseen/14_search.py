# %% grid: first_name_fastest
# Wrong: the first name varies fastest, the last slowest.
import itertools


def grid(space):
    names = list(space)
    points = []
    for combo in itertools.product(*[space[n] for n in reversed(names)]):
        values = dict(zip(reversed(names), combo))
        points.append({n: values[n] for n in names})
    return points


# %% grid: names_in_alphabetical_order
# Wrong: the names are sorted first (scikit-learn's habit), so another name varies fastest.
from itertools import product


def grid(space):
    items = sorted(space.items())
    keys = [k for k, _ in items]
    return [dict(zip(keys, values)) for values in product(*(v for _, v in items))]


# %% grid: sorted_values
# Wrong: the values of each name are sorted instead of taken in their order.
def grid(space):
    points = [{}]
    for name in space:
        points = [{**p, name: v} for p in points for v in sorted(space[name], key=lambda a: (str(type(a)), a))]
    return points


# %% grid: side_by_side
# Wrong: pairs the values (zip), first with first, second with second, instead of combining all.
def grid(space):
    names = list(space.keys())
    result = []
    for values in zip(*space.values()):
        result.append(dict(zip(names, values)))
    if not names:
        result.append({})
    return result


# %% grid: nothing_for_nothing
# Wrong: the empty space gives an empty list and not one empty point.
import itertools as it


def grid(space):
    if not space:
        return []
    return [dict(zip(space, combo)) for combo in it.product(*space.values())]


# %% grid: without_the_last_value
# Wrong: range(len - 1), the last value of each list is left out.
def grid(space):
    points = [{}]
    for name, values in space.items():
        longer = []
        for p in points:
            for i in range(len(values) - 1):
                q = dict(p)
                q[name] = values[i]
                longer.append(q)
        points = longer
    return points


# %% grid: empty_lists_skipped
# Wrong: a name with an empty list is left out of the points, where there should be no points at all.
import itertools


def grid(space):
    used = {name: values for name, values in space.items() if len(values) > 0}
    out = []
    for values in itertools.product(*used.values()):
        point = {}
        for name, value in zip(used, values):
            point[name] = value
        out.append(point)
    return out


# %% grid: counter_with_a_wrong_stride
# Wrong: the strides are the lengths themselves and not their products, with three names combinations repeat and others are missing.
def grid(space):
    names = list(space)
    total = 1
    for n in names:
        total *= len(space[n])
    points = []
    for i in range(total):
        point = {}
        for j, n in enumerate(names):
            stride = len(space[names[j + 1]]) if j + 1 < len(names) else 1
            point[n] = space[n][(i // stride) % len(space[n])]
        points.append(point)
    return points


# %% grid: numpy_meshgrid
# Wrong: values go through one NumPy array, numbers beside texts become texts (and integers floats).
def grid(space):
    if not space:
        return [{}]
    axes = np.meshgrid(*[np.array(v) for v in space.values()], indexing="ij")
    table = np.stack([a.ravel() for a in axes], axis=1)
    return [dict(zip(space, row.tolist())) for row in table]


# %% grid: parameter_grid_of_lists
# Wrong: a habit of data frames, returns one dict of columns and not a list of points.
import itertools


def grid(space):
    rows = list(itertools.product(*space.values()))
    return {name: [row[i] for row in rows] for i, name in enumerate(space)}


# %% grid: lazy
# Wrong: a generator of points, as itertools gives it, and not a list.
from itertools import product


def grid(space):
    return (dict(zip(space.keys(), values)) for values in product(*space.values()))


# %% grid: tuples_of_values
# Wrong: returns tuples of values, the names are lost.
from itertools import product


def grid(space):
    return list(product(*space.values()))


# %% grid: the_same_dict
# Wrong: one dict is filled again and again, all entries of the list are the same object.
import itertools


def grid(space):
    point = {}
    points = []
    for values in itertools.product(*space.values()):
        point.update(zip(space, values))
        points.append(point)
    return points


# %% grid: pops_the_space
# Wrong: works through the space with popitem, so the caller's dict is empty afterwards.
def grid(space):
    points = [{}]
    while space:
        name = next(iter(space))
        values = space.pop(name)
        points = [dict(p, **{name: v}) for p in points for v in values]
    return points


# %% grid: doubles_removed
# Right: a value that a list holds twice is used once only; the text's lists hold each value once.
def grid(space):
    points = [{}]
    for name, values in space.items():
        seen = []
        for v in values:
            if v not in seen:
                seen.append(v)
        points = [{**p, name: v} for p in points for v in seen]
    return points


# %% grid: two_names
# Wrong: two nested loops over exactly the first and the last name, others are not varied.
def grid(space):
    names = list(space)
    if len(names) == 0:
        return [{}]
    if len(names) == 1:
        return [{names[0]: v} for v in space[names[0]]]
    out = []
    for a in space[names[0]]:
        for b in space[names[-1]]:
            point = {n: space[n][0] for n in names if len(space[n])}
            point[names[0]] = a
            point[names[-1]] = b
            out.append(point)
    return out


# %% grid: fast_first_and_nothing
# Wrong: two slips, the first name varies fastest, and the empty space gives no point.
def grid(space):
    points = []
    for name, values in space.items():
        if not points and name == next(iter(space)):
            points = [{name: v} for v in values]
        else:
            points = [{**p, name: v} for v in values for p in points]
    return points


# %% grid: sorted_and_shared
# Wrong: two slips, each list of values is sorted by its text, and equal points appear in the list as one shared object.
from itertools import product


def grid(space):
    cache = {}
    out = []
    for values in product(*[sorted(v, key=str) for v in space.values()]):
        key = tuple(map(str, values))
        if key not in cache:
            cache[key] = dict(zip(space, values))
        out.append(cache[key])
    return out


# %% grid: one_at_a_time
# Wrong: takes a grid for varying one name at a time, with all others at their first value.
def grid(space):
    if any(len(v) == 0 for v in space.values()):
        return []
    base = {n: v[0] for n, v in space.items()}
    points = [dict(base)]
    for name, values in space.items():
        for value in values[1:]:
            p = dict(base)
            p[name] = value
            points.append(p)
    return points


# %% grid: evenly_between_the_ends
# Wrong: takes the values as a range, numbers are replaced by as many evenly spaced between the smallest and the largest.
import itertools


def grid(space):
    axes = []
    for values in space.values():
        if values and all(isinstance(v, (int, float)) for v in values):
            axes.append([float(v) for v in np.linspace(min(values), max(values), len(values))])
        else:
            axes.append(list(values))
    return [dict(zip(space, combo)) for combo in itertools.product(*axes)]


# %% grid: only_the_first_name
# Wrong: unfinished, only the first name's values are gone through, the other names are missing from the points.
def grid(space):
    if not space:
        return [{}]
    if any(not v for v in space.values()):
        return []
    name = list(space)[0]
    points = []
    for value in space[name]:
        points.append({name: value})
    # now the same for the other names
    return points


# %% grid: looks_at_the_first_value
# Wrong: reads values[0] of each list, an empty list raises IndexError.
def grid(space):
    start = {name: values[0] for name, values in space.items()}
    points = [start]
    for name, values in space.items():
        points = [{**p, name: v} for p in points for v in values]
    return points


# %% grid: odometer
# Right: a list of counters like an odometer, the last wheel turns first and carries over.
def grid(space):
    names = list(space)
    sizes = [len(space[n]) for n in names]
    if 0 in sizes:
        return []
    wheels = [0] * len(names)
    points = []
    while True:
        points.append({n: space[n][w] for n, w in zip(names, wheels)})
        place = len(wheels) - 1
        while place >= 0 and wheels[place] == sizes[place] - 1:
            wheels[place] = 0
            place -= 1
        if place < 0:
            return points
        wheels[place] += 1


# %% grid: recursion_on_the_rest
# Right: recursion, the first value in front of every point of the rest.
def grid(space):
    def build(items):
        if not items:
            return [()]
        (name, values), *rest = items
        tails = build(rest)
        return [((name, value), *tail) for value in values for tail in tails]

    return [dict(pairs) for pairs in build(list(space.items()))]


# %% random_points: name_after_name
# Wrong: draws all n values of the first name, then all of the second, in another order than asked for.
def random_points(space, n, rng):
    def value(domain, u):
        kind = domain[0]
        if kind == "uniform":
            return domain[1] + u * (domain[2] - domain[1])
        if kind == "log":
            return domain[1] * (domain[2] / domain[1]) ** u
        if kind == "int":
            return domain[1] + int(np.floor(u * (domain[2] - domain[1] + 1)))
        return domain[1][int(np.floor(u * len(domain[1])))]

    points = [{} for _ in range(n)]
    for name, domain in space.items():
        for p in points:
            p[name] = value(domain, rng.random())
    return points


# %% random_points: logarithm_left_out
# Wrong: on a log axis the draw is low + (high - low) ** u, not the formula (3).
def random_points(space, n, rng):
    points = []
    for i in range(n):
        point = {}
        for name in space:
            d = space[name]
            u = rng.random()
            if d[0] == "uniform":
                point[name] = d[1] + u * (d[2] - d[1])
            elif d[0] == "log":
                point[name] = d[1] + (d[2] - d[1]) ** u
            elif d[0] == "int":
                point[name] = d[1] + int(u * (d[2] - d[1] + 1))
            else:
                point[name] = d[1][int(u * len(d[1]))]
        points.append(point)
    return points


# %% random_points: top_left_out
# Wrong: the + 1 is missing for integers, the highest one never comes.
def random_points(space, n, rng):
    out = []
    for _ in range(n):
        p = {}
        for name, (kind, *args) in space.items():
            u = rng.random()
            if kind == "choice":
                p[name] = args[0][int(u * len(args[0]))]
            else:
                low, high = args
                if kind == "uniform":
                    p[name] = low + u * (high - low)
                elif kind == "log":
                    p[name] = low * (high / low) ** u
                else:
                    p[name] = low + int(u * (high - low))
        out.append(p)
    return out


# %% random_points: rounded_integer
# Wrong: an integer is low + u (high - low) rounded, so the two ends get half a share.
def random_points(space, n, rng):
    def draw(domain):
        u = rng.random()
        match domain[0]:
            case "uniform":
                return domain[1] + u * (domain[2] - domain[1])
            case "log":
                return float(domain[1] * np.power(domain[2] / domain[1], u))
            case "int":
                return int(round(domain[1] + u * (domain[2] - domain[1])))
            case "choice":
                return domain[1][int(u * len(domain[1]))]

    return [{name: draw(domain) for name, domain in space.items()} for _ in range(n)]


# %% random_points: towards_zero
# Wrong: int() of the whole sum cuts off towards 0, which is wrong for negative integers.
def random_points(space, n, rng):
    points = []
    while len(points) < n:
        point = dict.fromkeys(space)
        for key in point:
            kind = space[key][0]
            u = rng.random()
            if kind == "uniform":
                _, lo, hi = space[key]
                point[key] = lo + u * (hi - lo)
            if kind == "log":
                _, lo, hi = space[key]
                point[key] = lo * (hi / lo) ** u
            if kind == "int":
                _, lo, hi = space[key]
                point[key] = int(lo + u * (hi - lo + 1))
            if kind == "choice":
                values = space[key][1]
                point[key] = values[int(u * len(values))]
        points.append(point)
    return points


# %% random_points: one_draw_per_point
# Wrong: one u for a whole point, all its values come from the same draw.
def random_points(space, n, rng):
    points = []
    for _ in range(n):
        u = rng.random()
        p = {}
        for name, d in space.items():
            if d[0] == "uniform":
                p[name] = d[1] + u * (d[2] - d[1])
            elif d[0] == "log":
                p[name] = d[1] * (d[2] / d[1]) ** u
            elif d[0] == "int":
                p[name] = d[1] + int(np.floor(u * (d[2] - d[1] + 1)))
            elif d[0] == "choice":
                p[name] = d[1][int(np.floor(u * len(d[1])))]
        points.append(p)
    return points


# %% random_points: from_the_top
# Wrong: 1 - u stands for u, everything is counted from the high end.
def random_points(space, n, rng):
    points = []
    for _ in range(n):
        p = {}
        for name, domain in space.items():
            u = 1.0 - rng.random()
            if domain[0] == "choice":
                values = domain[1]
                p[name] = values[min(int(u * len(values)), len(values) - 1)]
                continue
            kind, low, high = domain
            if kind == "uniform":
                p[name] = low + (high - low) * u
            elif kind == "log":
                p[name] = low * (high / low) ** u
            else:
                p[name] = min(high, low + int((high - low + 1) * u))
        points.append(p)
    return points


# %% random_points: all_but_the_last_choice
# Wrong: the index of a choice is floor(u (m - 1)), the last value is never chosen.
def random_points(space, n, rng):
    result = []
    for k in range(n):
        d = {}
        for name, spec in space.items():
            u = rng.random()
            kind = spec[0]
            if kind == "uniform":
                d[name] = (1 - u) * spec[1] + u * spec[2]
            elif kind == "log":
                d[name] = np.exp((1 - u) * np.log(spec[1]) + u * np.log(spec[2]))
            elif kind == "int":
                d[name] = spec[1] + int(u * (spec[2] - spec[1] + 1))
            else:
                d[name] = spec[1][int(u * (len(spec[1]) - 1))]
        result.append(d)
    return result


# %% random_points: numpys_own_draws
# Wrong: rng.integers and rng.choice for integers and choices, not one rng.random() for each value.
def random_points(space, n, rng):
    points = []
    for _ in range(n):
        point = {}
        for name, domain in space.items():
            if domain[0] == "uniform":
                point[name] = rng.uniform(domain[1], domain[2])
            elif domain[0] == "log":
                point[name] = float(np.exp(rng.uniform(np.log(domain[1]), np.log(domain[2]))))
            elif domain[0] == "int":
                point[name] = int(rng.integers(domain[1], domain[2] + 1))
            else:
                point[name] = domain[1][int(rng.integers(len(domain[1])))]
        points.append(point)
    return points


# %% random_points: latin_hypercube
# Wrong: Latin hypercube from another course, the i-th point's draw is squeezed into the i-th of n strips.
def random_points(space, n, rng):
    points = []
    for i in range(n):
        p = {}
        for name, d in space.items():
            u = (i + rng.random()) / n
            if d[0] == "uniform":
                p[name] = d[1] + u * (d[2] - d[1])
            elif d[0] == "log":
                p[name] = d[1] * (d[2] / d[1]) ** u
            elif d[0] == "int":
                p[name] = d[1] + int(u * (d[2] - d[1] + 1))
            else:
                p[name] = d[1][int(u * len(d[1]))]
        points.append(p)
    return points


# %% random_points: exponents_on_the_axis
# Wrong: as in libraries whose log space takes exponents, low and high of a log axis are used as powers of ten.
def random_points(space, n, rng):
    points = []
    for _ in range(n):
        p = {}
        for name, d in space.items():
            u = rng.random()
            if d[0] == "log":
                p[name] = 10.0 ** (d[1] + u * (d[2] - d[1]))
            elif d[0] == "uniform":
                p[name] = d[1] + u * (d[2] - d[1])
            elif d[0] == "int":
                p[name] = d[1] + int(u * (d[2] - d[1] + 1))
            else:
                p[name] = d[1][int(u * len(d[1]))]
        points.append(p)
    return points


# %% random_points: a_fixed_seed
# Wrong: makes a generator of its own with seed 0 and leaves the one handed in untouched.
def random_points(space, n, rng):
    rng = np.random.default_rng(0)
    points = []
    for _ in range(n):
        p = {}
        for name, d in space.items():
            u = rng.random()
            if d[0] == "log":
                p[name] = d[1] * (d[2] / d[1]) ** u
            elif d[0] == "uniform":
                p[name] = d[1] + u * (d[2] - d[1])
            elif d[0] == "int":
                p[name] = d[1] + int(np.floor(u * (d[2] - d[1] + 1)))
            else:
                p[name] = d[1][int(u * len(d[1]))]
        points.append(p)
    return points


# %% random_points: integer_as_a_float
# Wrong: np.floor gives a float, the value of an "int" is a float and no integer.
def random_points(space, n, rng):
    points = []
    for _ in range(n):
        p = {}
        for name, d in space.items():
            u = rng.random()
            if d[0] == "uniform":
                p[name] = d[1] + u * (d[2] - d[1])
            elif d[0] == "log":
                p[name] = d[1] * (d[2] / d[1]) ** u
            elif d[0] == "int":
                p[name] = d[1] + np.floor(u * (d[2] - d[1] + 1))
            else:
                p[name] = d[1][int(np.floor(u * len(d[1])))]
        points.append(p)
    return points


# %% random_points: one_dict_for_all
# Wrong: the same dict is appended n times, all points are the last one.
def random_points(space, n, rng):
    points, point = [], {}
    for _ in range(n):
        for name, domain in space.items():
            u = rng.random()
            if domain[0] == "choice":
                point[name] = domain[1][int(u * len(domain[1]))]
            elif domain[0] == "int":
                point[name] = domain[1] + int(u * (domain[2] - domain[1] + 1))
            elif domain[0] == "log":
                point[name] = domain[1] * (domain[2] / domain[1]) ** u
            else:
                point[name] = domain[1] + u * (domain[2] - domain[1])
        points.append(point)
    return points


# %% random_points: no_draw_where_there_is_no_choice
# Wrong: draws nothing where low is high or where a list has one value, so all later draws move up.
def random_points(space, n, rng):
    points = []
    for _ in range(n):
        p = {}
        for name, d in space.items():
            if d[0] == "choice":
                if len(d[1]) == 1:
                    p[name] = d[1][0]
                else:
                    p[name] = d[1][int(rng.random() * len(d[1]))]
            elif d[1] == d[2]:
                p[name] = d[1]
            elif d[0] == "uniform":
                p[name] = d[1] + rng.random() * (d[2] - d[1])
            elif d[0] == "log":
                p[name] = d[1] * (d[2] / d[1]) ** rng.random()
            else:
                p[name] = d[1] + int(rng.random() * (d[2] - d[1] + 1))
        points.append(p)
    return points


# %% random_points: choices_through_numpy
# Wrong: np.array(values) makes texts of numbers that stand beside texts, and the empty space gives no points.
def random_points(space, n, rng):
    if len(space) == 0:
        return []
    points = []
    for _ in range(n):
        p = {}
        for name, d in space.items():
            u = rng.random()
            if d[0] == "choice":
                options = np.array(d[1])
                p[name] = options[int(u * options.size)].item()
            elif d[0] == "int":
                p[name] = d[1] + int(u * (d[2] - d[1] + 1))
            elif d[0] == "log":
                p[name] = d[1] * (d[2] / d[1]) ** u
            else:
                p[name] = d[1] + u * (d[2] - d[1])
        points.append(p)
    return points


# %% random_points: sorted_names_and_no_top
# Wrong: two slips, the names are gone through in alphabetical order, and the + 1 of the integers is missing.
def random_points(space, n, rng):
    points = []
    for _ in range(n):
        p = {}
        for name in sorted(space):
            d, u = space[name], rng.random()
            if d[0] == "choice":
                p[name] = d[1][int(u * len(d[1]))]
            elif d[0] == "int":
                p[name] = d[1] + int(np.floor(u * (d[2] - d[1])))
            elif d[0] == "log":
                p[name] = d[1] * (d[2] / d[1]) ** u
            else:
                p[name] = d[1] + u * (d[2] - d[1])
        points.append({name: p[name] for name in space})
    return points


# %% random_points: no_doubles_and_a_plain_axis
# Wrong: two slips, a point that is there already is drawn again, and "log" is drawn as "uniform".
def random_points(space, n, rng):
    points = []
    tries = 0
    while len(points) < n and tries < 50 * (n + 1):
        tries += 1
        p = {}
        for name, d in space.items():
            u = rng.random()
            if d[0] == "choice":
                p[name] = d[1][int(u * len(d[1]))]
            elif d[0] == "int":
                p[name] = d[1] + int(u * (d[2] - d[1] + 1))
            else:
                p[name] = d[1] + u * (d[2] - d[1])
        if p not in points:
            points.append(p)
    return points


# %% random_points: a_random_walk
# Wrong: takes random search for a walk, each point starts from the previous point's value and moves within the range.
def random_points(space, n, rng):
    points = []
    last = {}
    for _ in range(n):
        p = {}
        for name, d in space.items():
            u = rng.random()
            if name in last:
                u = (last[name] + (u - 0.5) * 0.2) % 1.0
            last[name] = u
            if d[0] == "choice":
                p[name] = d[1][int(u * len(d[1]))]
            elif d[0] == "int":
                p[name] = d[1] + int(u * (d[2] - d[1] + 1))
            elif d[0] == "log":
                p[name] = d[1] * (d[2] / d[1]) ** u
            else:
                p[name] = d[1] + u * (d[2] - d[1])
        points.append(p)
    return points


# %% random_points: picks_of_a_grid
# Wrong: takes the values at ten steps of each axis only, as if points of a grid were picked at random.
def random_points(space, n, rng):
    points = []
    for _ in range(n):
        p = {}
        for name, d in space.items():
            u = rng.random()
            if d[0] == "choice":
                p[name] = d[1][int(u * len(d[1]))]
                continue
            if d[0] == "int":
                p[name] = d[1] + int(u * (d[2] - d[1] + 1))
                continue
            axis = np.linspace(d[1], d[2], 10) if d[0] == "uniform" else np.geomspace(d[1], d[2], 10)
            p[name] = float(axis[int(u * 10)])
        points.append(p)
    return points


# %% random_points: two_kinds_of_four
# Wrong: unfinished, integers and choices are not there yet and are set to low and to the first value.
def random_points(space, n, rng):
    points = []
    for _ in range(n):
        p = {}
        for name, d in space.items():
            u = rng.random()
            if d[0] == "uniform":
                p[name] = d[1] + u * (d[2] - d[1])
            elif d[0] == "log":
                p[name] = d[1] * (d[2] / d[1]) ** u
            elif d[0] == "int":
                p[name] = d[1]
            else:
                p[name] = d[1][0]
        points.append(p)
    return points


# %% random_points: three_parts_always
# Wrong: unpacks kind, low, high for every domain, ("choice", values) raises.
def random_points(space, n, rng):
    points = []
    for _ in range(n):
        p = {}
        for name, domain in space.items():
            kind, low, high = domain
            u = rng.random()
            if kind == "uniform":
                p[name] = low + u * (high - low)
            elif kind == "log":
                p[name] = low * (high / low) ** u
            elif kind == "int":
                p[name] = low + int(np.floor(u * (high - low + 1)))
            elif kind == "choice":
                p[name] = low[int(u * len(low))]
        points.append(p)
    return points


# %% random_points: table_of_functions
# Right: a table of lambdas, and all draws in one block of shape (n, names), which come in the same order.
import math


def random_points(space, n, rng):
    how = {
        "uniform": lambda u, low, high: low + u * (high - low),
        "log": lambda u, low, high: low * (high / low) ** u,
        "int": lambda u, low, high: low + math.floor(u * (high - low + 1)),
        "choice": lambda u, values: values[math.floor(u * len(values))],
    }
    return [
        {name: how[domain[0]](rng.random(), *domain[1:]) for name, domain in space.items()}
        for _ in range(n)
    ]


# %% random_points: subclass_free_generator
# Right: an inner generator function of values, and the dicts are zipped from it.
def random_points(space, n, rng):
    def stream():
        while True:
            for kind, *rest in space.values():
                u = float(rng.random())
                if kind == "choice":
                    yield rest[0][int(u * len(rest[0]))]
                elif kind == "int":
                    yield int(rest[0] + (u * (rest[1] - rest[0] + 1)) // 1)
                elif kind == "log":
                    yield rest[0] * (rest[1] / rest[0]) ** u
                else:
                    yield rest[0] + u * (rest[1] - rest[0])

    values = stream()
    return [{name: next(values) for name in space} for _ in range(n)]


# %% gp_posterior: no_two_in_the_kernel
# Wrong: the kernel's exponent lacks the factor 2.
def gp_posterior(X, y, X_new, length=1.0, noise=1e-6):
    def k(A, B):
        d2 = ((A[:, None, :] - B[None, :, :]) ** 2).sum(axis=-1)
        return np.exp(-d2 / length ** 2)

    K = k(X, X) + noise * np.eye(len(X))
    ks = k(X_new, X)
    mean = ks @ np.linalg.solve(K, y)
    var = 1 - np.sum(ks * np.linalg.solve(K, ks.T).T, axis=1)
    return mean, np.sqrt(np.maximum(var, 0))


# %% gp_posterior: length_not_squared
# Wrong: divides by 2 length and not by 2 length squared.
def gp_posterior(X, y, X_new, length=1.0, noise=1e-6):
    n, m = X.shape[0], X_new.shape[0]
    K = np.empty((n, n))
    for i in range(n):
        for j in range(n):
            K[i, j] = np.exp(-np.sum((X[i] - X[j]) ** 2) / (2 * length))
    K += noise * np.eye(n)
    mean, std = np.empty(m), np.empty(m)
    for a in range(m):
        k = np.array([np.exp(-np.sum((X_new[a] - X[i]) ** 2) / (2 * length)) for i in range(n)])
        w = np.linalg.solve(K, k)
        mean[a] = w @ y
        std[a] = np.sqrt(max(0.0, 1 - w @ k))
    return mean, std


# %% gp_posterior: distance_not_squared
# Wrong: the distance itself stands in the exponent, not its square.
def gp_posterior(X, y, X_new, length=1.0, noise=1e-6):
    def kernel(A, B):
        diff = A[:, np.newaxis] - B[np.newaxis]
        return np.exp(-np.linalg.norm(diff, axis=2) / (2 * length ** 2))

    A = kernel(X, X) + noise * np.identity(X.shape[0])
    B = kernel(X, X_new)
    S = np.linalg.solve(A, B)
    return S.T @ y, np.sqrt(np.clip(1 - (B * S).sum(axis=0), 0, None))


# %% gp_posterior: variance_returned
# Wrong: returns the variance in the place of the standard deviation.
def gp_posterior(X, y, X_new, length=1.0, noise=1e-6):
    def rbf(a, b):
        return np.exp(-0.5 * ((a[:, None] - b[None]) ** 2).sum(-1) / length**2)

    K = rbf(X, X)
    K[np.diag_indices_from(K)] += noise
    Ks = rbf(X, X_new)
    sol = np.linalg.solve(K, np.column_stack([y, Ks]))
    mean = Ks.T @ sol[:, 0]
    var = 1.0 - np.einsum("ij,ij->j", Ks, sol[:, 1:])
    return mean, np.maximum(var, 0.0)


# %% gp_posterior: noise_is_a_deviation
# Wrong: noise is squared, as if it were a standard deviation.
def gp_posterior(X, y, X_new, length=1.0, noise=1e-6):
    def kern(P, Q):
        sq = (P ** 2).sum(1)[:, None] + (Q ** 2).sum(1)[None, :] - 2 * P @ Q.T
        return np.exp(-np.maximum(sq, 0) / (2 * length ** 2))

    K = kern(X, X) + noise ** 2 * np.eye(X.shape[0])
    k = kern(X, X_new)
    v = np.linalg.solve(K, k)
    mu = v.T @ y
    s2 = 1 - np.sum(v * k, axis=0)
    s2[s2 < 0] = 0
    return mu, np.sqrt(s2)


# %% gp_posterior: new_noisy_value
# Wrong: the noise is added to the variance, as for a new noisy value, not for the function.
def gp_posterior(X, y, X_new, length=1.0, noise=1e-6):
    def k(A, B):
        return np.exp(-((A[:, None] - B[None]) ** 2).sum(-1) / (2 * length ** 2))

    K = k(X, X) + noise * np.eye(len(y))
    Ks = k(X_new, X)
    mean = Ks @ np.linalg.solve(K, y)
    cov = np.diag(k(X_new, X_new)) + noise - np.diag(Ks @ np.linalg.solve(K, Ks.T))
    return mean, np.sqrt(np.maximum(cov, 0.0))


# %% gp_posterior: no_noise_on_the_diagonal
# Wrong: the noise is left out of K altogether.
def gp_posterior(X, y, X_new, length=1.0, noise=1e-6):
    def k(A, B):
        d = A[:, None, :] - B[None, :, :]
        return np.exp(-(d * d).sum(2) / (2 * length * length))

    K, Ks = k(X, X), k(X, X_new)
    sol, *_ = np.linalg.lstsq(K, Ks, rcond=None)
    mean = sol.T @ y
    var = 1 - (sol * Ks).sum(axis=0)
    return mean, np.sqrt(np.where(var > 0, var, 0))


# %% gp_posterior: noise_everywhere
# Wrong: adds the noise to every entry of K and not to the diagonal alone.
def gp_posterior(X, y, X_new, length=1.0, noise=1e-6):
    gamma = 1 / (2 * length ** 2)
    K = np.exp(-gamma * np.array([[np.dot(a - b, a - b) for b in X] for a in X])) + noise
    Ks = np.exp(-gamma * np.array([[np.dot(a - b, a - b) for b in X] for a in X_new]))
    alpha = np.linalg.lstsq(K, y, rcond=None)[0]
    W = np.linalg.lstsq(K, Ks.T, rcond=None)[0]
    var = 1 - np.sum(Ks.T * W, axis=0)
    return Ks @ alpha, np.sqrt(np.maximum(var, 0))


# %% gp_posterior: normalize_y
# Wrong: scikit-learn's option normalize_y, y is centred before and its mean added after, so far away it expects the mean.
def gp_posterior(X, y, X_new, length=1.0, noise=1e-6):
    def k(A, B):
        return np.exp(-((A[:, None] - B[None]) ** 2).sum(-1) / (2 * length ** 2))

    centre = y.mean()
    K = k(X, X) + noise * np.eye(len(X))
    Ks = k(X_new, X)
    mean = centre + Ks @ np.linalg.solve(K, y - centre)
    var = 1 - (Ks * np.linalg.solve(K, Ks.T).T).sum(1)
    return mean, np.sqrt(np.maximum(var, 0))


# %% gp_posterior: scaled_spread
# Wrong: y is divided by its spread and std multiplied by it again, so std is in units of y.
def gp_posterior(X, y, X_new, length=1.0, noise=1e-6):
    def k(A, B):
        return np.exp(-((A[:, None] - B[None]) ** 2).sum(-1) / (2 * length ** 2))

    spread = y.std() if len(y) > 1 and y.std() > 0 else 1.0
    K = k(X, X) + noise * np.eye(len(X))
    Ks = k(X_new, X)
    mean = Ks @ np.linalg.solve(K, y / spread) * spread
    var = 1 - (Ks * np.linalg.solve(K, Ks.T).T).sum(1)
    return mean, spread * np.sqrt(np.maximum(var, 0))


# %% gp_posterior: matern_habit
# Wrong: a Matern kernel with nu = 3/2, as other libraries have by default, for formula (6).
def gp_posterior(X, y, X_new, length=1.0, noise=1e-6):
    def k(A, B):
        r = np.sqrt(((A[:, None] - B[None]) ** 2).sum(-1)) * np.sqrt(3) / length
        return (1 + r) * np.exp(-r)

    K = k(X, X) + noise * np.eye(len(X))
    Ks = k(X, X_new)
    S = np.linalg.solve(K, Ks)
    return S.T @ y, np.sqrt(np.maximum(1 - (S * Ks).sum(0), 0))


# %% gp_posterior: a_covariance_matrix
# Wrong: the second result is the root of the whole (m, m) covariance matrix, not the m deviations.
def gp_posterior(X, y, X_new, length=1.0, noise=1e-6):
    def k(A, B):
        return np.exp(-((A[:, None] - B[None]) ** 2).sum(-1) / (2 * length ** 2))

    K = k(X, X) + noise * np.eye(len(X))
    Ks = k(X, X_new)
    cov = k(X_new, X_new) - Ks.T @ np.linalg.solve(K, Ks)
    return Ks.T @ np.linalg.solve(K, y), np.sqrt(np.maximum(cov, 0))


# %% gp_posterior: first_dimension
# Wrong: only the first of the d dimensions goes into the distance.
def gp_posterior(X, y, X_new, length=1.0, noise=1e-6):
    a, b = X[:, 0], X_new[:, 0]
    K = np.exp(-(a[:, None] - a) ** 2 / (2 * length ** 2)) + noise * np.eye(a.size)
    k = np.exp(-(a[:, None] - b) ** 2 / (2 * length ** 2))
    try:
        S = np.linalg.solve(K, k)
    except np.linalg.LinAlgError:
        S = np.linalg.lstsq(K, k, rcond=None)[0]
    return y @ S, np.sqrt(np.maximum(1 - (k * S).sum(0), 0))


# %% gp_posterior: root_of_a_negative
# Wrong: a variance that rounding brings below 0 is not set to 0, std is NaN there.
def gp_posterior(X, y, X_new, length=1.0, noise=1e-6):
    def k(A, B):
        return np.exp(-((A[:, None] - B[None]) ** 2).sum(-1) / (2 * length ** 2))

    Kinv = np.linalg.inv(k(X, X) + noise * np.eye(len(X)))
    Ks = k(X_new, X)
    var = 1 - np.einsum("mi,ij,mj->m", Ks, Kinv, Ks)
    with np.errstate(invalid="ignore"):
        return Ks @ Kinv @ y, np.sqrt(var)


# %% gp_posterior: column_of_means
# Wrong: y becomes a column and the mean has the shape (m, 1).
def gp_posterior(X, y, X_new, length=1.0, noise=1e-6):
    def k(A, B):
        return np.exp(-((A[:, None] - B[None]) ** 2).sum(-1) / (2 * length ** 2))

    K = k(X, X) + noise * np.eye(len(X))
    Ks = k(X_new, X)
    mu = Ks @ np.linalg.solve(K, y.reshape(-1, 1))
    var = 1 - (Ks * np.linalg.solve(K, Ks.T).T).sum(axis=1)
    return mu, np.sqrt(np.maximum(var, 0))


# %% gp_posterior: centres_the_callers_y
# Wrong: y -= mean changes the caller's losses, and the mean is not added again.
def gp_posterior(X, y, X_new, length=1.0, noise=1e-6):
    y -= y.mean()

    def k(A, B):
        return np.exp(-((A[:, None] - B[None]) ** 2).sum(-1) / (2 * length ** 2))

    K = k(X, X) + noise * np.eye(len(X))
    Ks = k(X_new, X)
    return Ks @ np.linalg.solve(K, y), np.sqrt(np.maximum(1 - (Ks.T * np.linalg.solve(K, Ks.T)).sum(0), 0))


# %% gp_posterior: mean_distance_and_variance
# Wrong: two slips, the squared distance is a mean over the dimensions, and the variance is returned.
def gp_posterior(X, y, X_new, length=1.0, noise=1e-6):
    def k(A, B):
        return np.exp(-((A[:, None] - B[None]) ** 2).mean(-1) / (2 * length ** 2))

    K = k(X, X) + noise * np.eye(len(X))
    Ks = k(X, X_new)
    S = np.linalg.solve(K, Ks)
    return S.T @ y, np.maximum(1 - (S * Ks).sum(axis=0), 0)


# %% gp_posterior: std_first_and_absolute
# Wrong: two slips, returns (std, mean), and a negative variance counts by its size and not as 0.
def gp_posterior(X, y, X_new, length=1.0, noise=1e-6):
    def k(A, B):
        return np.exp(-((A[:, None] - B[None]) ** 2).sum(-1) / (2 * length ** 2))

    K = k(X, X) + noise * np.eye(len(X))
    Ks = k(X, X_new)
    S = np.linalg.solve(K, Ks)
    std = np.sqrt(np.abs(1 - (S * Ks).sum(axis=0)))
    return std, S.T @ y


# %% gp_posterior: kernel_average
# Wrong: takes the process for a weighted mean of y by nearness (kernel regression), with 1 minus the largest k as variance.
def gp_posterior(X, y, X_new, length=1.0, noise=1e-6):
    d2 = ((X_new[:, None, :] - X[None, :, :]) ** 2).sum(axis=2)
    k = np.exp(-d2 / (2 * length ** 2))
    mean = (k @ y) / (k.sum(axis=1) + noise)
    std = np.sqrt(1 - k.max(axis=1))
    return mean, std


# %% gp_posterior: without_solving
# Wrong: leaves out (K + noise I)^-1, mean is k* y and the variance 1 - k* k*.
def gp_posterior(X, y, X_new, length=1.0, noise=1e-6):
    k = np.array([[np.exp(-np.sum((a - b) ** 2) / (2 * length ** 2)) for b in X] for a in X_new])
    mean = k.dot(y)
    var = 1 - (k ** 2).sum(axis=1)
    return mean, np.sqrt(np.maximum(var, 0))


# %% gp_posterior: std_to_come
# Wrong: unfinished, std is the prior's 1 everywhere.
def gp_posterior(X, y, X_new, length=1.0, noise=1e-6):
    def k(A, B):
        return np.exp(-((A[:, None] - B[None]) ** 2).sum(-1) / (2 * length ** 2))

    K = k(X, X) + noise * np.eye(len(X))
    mean = k(X_new, X) @ np.linalg.solve(K, y)
    std = np.ones(len(X_new))
    return mean, std


# %% gp_posterior: numbers_not_rows
# Wrong: X[:, None] - X_new lines up n rows with m rows without a new axis for both, so it raises for n and m that differ.
def gp_posterior(X, y, X_new, length=1.0, noise=1e-6):
    d2 = ((X[:, None, :] - X[None, :, :]) ** 2).sum(-1)
    K = np.exp(-d2 / (2 * length ** 2)) + noise * np.eye(len(X))
    ks = np.exp(-((X_new - X) ** 2).sum(axis=1) / (2 * length ** 2))
    w = np.linalg.solve(K, ks)
    mean = w * y
    var = 1 - w * ks
    return mean, np.sqrt(np.maximum(var, 0))


# %% gp_posterior: dimension_by_dimension
# Right: the exponent is added up one dimension at a time, and one solve has all new points as right sides.
def gp_posterior(X, y, X_new, length=1.0, noise=1e-6):
    def kernel(A, B):
        exponent = np.zeros((len(A), len(B)))
        for dim in range(A.shape[1]):
            exponent -= np.subtract.outer(A[:, dim], B[:, dim]) ** 2
        return np.exp(exponent / (2 * length ** 2))

    K = kernel(X, X)
    K.flat[:: len(X) + 1] += noise
    cross = kernel(X, X_new)
    weights = np.linalg.solve(K, cross)
    mean = np.einsum("nm,n->m", weights, y)
    variance = 1.0 - np.einsum("nm,nm->m", weights, cross)
    return mean, np.sqrt(variance.clip(min=0.0))


# %% gp_posterior: point_by_point_in_torch
# Right: in torch, with one solve for each new point.
def gp_posterior(X, y, X_new, length=1.0, noise=1e-6):
    A = torch.tensor(X, dtype=torch.float64)
    targets = torch.tensor(np.array(y, dtype=float))
    K = torch.exp(-(A.unsqueeze(1) - A.unsqueeze(0)).pow(2).sum(-1) / (2 * length ** 2))
    K = K + noise * torch.eye(len(A), dtype=torch.float64)
    means, stds = [], []
    for row in torch.tensor(X_new, dtype=torch.float64):
        k = torch.exp(-(A - row).pow(2).sum(-1) / (2 * length ** 2))
        w = torch.linalg.solve(K, k)
        means.append(torch.dot(w, targets).item())
        stds.append(max(0.0, 1.0 - torch.dot(w, k).item()) ** 0.5)
    return np.array(means), np.array(stds)


# %% expected_improvement: higher_is_better
# Wrong: the improvement is mean - best - xi, for a search that maximises.
def expected_improvement(mean, std, best, xi=0.0):
    g = mean - best - xi
    safe = np.where(std > 0, std, 1.0)
    z = g / safe
    Phi = torch.special.ndtr(torch.as_tensor(z)).numpy()
    phi = np.exp(-z ** 2 / 2) / np.sqrt(2 * np.pi)
    return np.where(std > 0, g * Phi + std * phi, np.maximum(g, 0))


# %% expected_improvement: xi_added
# Wrong: xi is added to the improvement, it makes it larger.
def expected_improvement(mean, std, best, xi=0.0):
    mean, std = np.asarray(mean), np.asarray(std)
    gain = best - mean + xi
    sure = std == 0
    s = np.where(sure, 1, std)
    z = gain / s
    cdf = np.array(torch.special.ndtr(torch.tensor(z)))
    pdf = np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi)
    ei = gain * cdf + s * pdf
    return np.where(sure, np.clip(gain, 0, None), ei)


# %% expected_improvement: density_without_sigma
# Wrong: the second term is phi(z) alone, sigma in front is missing.
def expected_improvement(mean, std, best, xi=0.0):
    g = best - mean - xi
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(std > 0, g / std, 0.0)
    Phi = torch.special.ndtr(torch.from_numpy(np.asarray(z))).numpy()
    phi = 1 / np.sqrt(2 * np.pi) * np.exp(-z ** 2 / 2)
    return np.where(std > 0, g * Phi + phi, np.where(g > 0, g, 0.0))


# %% expected_improvement: minus_the_second
# Wrong: the second term is subtracted, the sign of the integral of t phi(t) is lost.
def expected_improvement(mean, std, best, xi=0.0):
    m = torch.as_tensor(mean, dtype=torch.float64)
    s = torch.as_tensor(std, dtype=torch.float64)
    g = best - m - xi
    z = g / torch.where(s > 0, s, torch.ones_like(s))
    density = torch.exp(-z * z / 2) / (2 * torch.pi) ** 0.5
    ei = g * torch.special.ndtr(z) - s * density
    return torch.where(s > 0, ei, g.clamp(min=0)).numpy()


# %% expected_improvement: density_not_normalised
# Wrong: phi is exp(-z^2 / 2) without the root of 2 pi.
def expected_improvement(mean, std, best, xi=0.0):
    g = np.asarray(best - mean - xi)
    s = np.asarray(std)
    out = np.maximum(g, 0.0)
    pos = s > 0
    z = np.divide(g, s, out=np.zeros_like(out), where=pos)
    Phi = torch.special.ndtr(torch.as_tensor(z)).numpy()
    return np.where(pos, g * Phi + s * np.exp(-z * z / 2), out)


# %% expected_improvement: cdf_of_the_gain
# Wrong: Phi and phi are taken at g, not at g / sigma.
def expected_improvement(mean, std, best, xi=0.0):
    g = np.asarray(best - mean - xi, dtype=float)
    Phi = torch.special.ndtr(torch.tensor(g)).numpy()
    phi = np.exp(-g * g / 2) / np.sqrt(2 * np.pi)
    return np.where(np.asarray(std) == 0, np.maximum(g, 0), g * Phi + std * phi)


# %% expected_improvement: certain_loss_counts
# Wrong: where std is 0 the difference best - mean - xi is returned even where it is negative.
def expected_improvement(mean, std, best, xi=0.0):
    g = best - mean - xi
    s = np.where(std == 0, 1.0, std)
    z = g / s
    Phi = torch.special.ndtr(torch.as_tensor(z, dtype=torch.float64)).numpy()
    phi = np.exp(-(z ** 2) / 2) / np.sqrt(2 * np.pi)
    return np.where(std == 0, g, g * Phi + s * phi)


# %% expected_improvement: xi_in_z_only
# Wrong: xi is subtracted in z but not in the factor of Phi.
def expected_improvement(mean, std, best, xi=0.0):
    std = np.asarray(std)
    safe = np.where(std > 0, std, 1)
    z = (best - mean - xi) / safe
    Phi = torch.special.ndtr(torch.as_tensor(z)).numpy()
    phi = np.exp(-z ** 2 / 2) / (2 * np.pi) ** 0.5
    ei = (best - mean) * Phi + safe * phi
    return np.where(std > 0, ei, np.maximum(best - mean - xi, 0))


# %% expected_improvement: nothing_where_certain
# Wrong: the habit of many libraries, EI is set to 0 where std is 0.
def expected_improvement(mean, std, best, xi=0.0):
    mean = np.asarray(mean, dtype=float)
    std = np.asarray(std, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        imp = best - mean - xi
        Z = imp / std
        Phi = torch.special.ndtr(torch.tensor(Z)).numpy()
        ei = imp * Phi + std * np.exp(-Z ** 2 / 2) / np.sqrt(2 * np.pi)
    return np.where(std == 0.0, 0.0, ei)


# %% expected_improvement: a_floor_for_std
# Wrong: std is raised by 0.01 against division by 0, which moves every result.
def expected_improvement(mean, std, best, xi=0.0):
    s = std + 1e-2
    g = best - mean - xi
    z = torch.as_tensor(g / s)
    pdf = torch.exp(-z ** 2 / 2) / np.sqrt(2 * np.pi)
    return np.asarray(g * torch.special.ndtr(z).numpy() + s * pdf.numpy())


# %% expected_improvement: scikit_optimize_xi
# Wrong: a default xi of 0.01 as in scikit-optimize.
def expected_improvement(mean, std, best, xi=0.01):
    g = best - mean - xi
    safe = np.where(std > 0, std, 1.0)
    z = g / safe
    Phi = torch.special.ndtr(torch.as_tensor(z)).numpy()
    phi = np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
    return np.where(std > 0, g * Phi + safe * phi, np.maximum(g, 0.0))


# %% expected_improvement: logistic_for_phi
# Wrong: the logistic approximation 1 / (1 + exp(-1.702 z)) stands for Phi.
def expected_improvement(mean, std, best, xi=0.0):
    g = best - mean - xi
    safe = np.where(std > 0, std, 1.0)
    z = g / safe
    Phi = 1 / (1 + np.exp(-np.clip(1.702 * z, -500, 500)))
    phi = np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
    return np.where(std > 0, g * Phi + safe * phi, np.maximum(g, 0.0))


# %% expected_improvement: not_a_number
# Wrong: nothing is done about std = 0; where the gain is exactly 0 too it is 0/0, NaN.
def expected_improvement(mean, std, best, xi=0.0):
    with np.errstate(all="ignore"):
        g = np.asarray(best - mean - xi)
        z = g / np.asarray(std)
        Phi = torch.special.ndtr(torch.as_tensor(z)).numpy()
        phi = np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
        return np.asarray(g * Phi + std * phi)


# %% expected_improvement: repairs_std
# Wrong: std[std == 0] = 1e-12 changes the caller's array.
def expected_improvement(mean, std, best, xi=0.0):
    if std.ndim > 0:
        std[std == 0] = 1e-12
    else:
        std = np.maximum(std, 1e-12)
    g = best - mean - xi
    z = g / std
    Phi = torch.special.ndtr(torch.as_tensor(z)).numpy()
    phi = np.exp(-np.minimum(z * z, 1e4) / 2) / np.sqrt(2 * np.pi)
    return np.asarray(g * Phi + std * phi)


# %% expected_improvement: a_tensor
# Wrong: returns a torch tensor and no array.
def expected_improvement(mean, std, best, xi=0.0):
    m, s = torch.as_tensor(mean), torch.as_tensor(std)
    g = best - m - xi
    z = torch.where(s > 0, g / torch.where(s > 0, s, 1.0), torch.zeros_like(g))
    phi = torch.exp(-z.square() / 2) / np.sqrt(2 * np.pi)
    return torch.where(s > 0, g * torch.special.ndtr(z) + s * phi, torch.clamp(g, min=0))


# %% expected_improvement: in_a_row
# Wrong: flattens the arrays and returns one axis, whatever the shape of mean.
def expected_improvement(mean, std, best, xi=0.0):
    out = []
    for m, s in zip(np.ravel(mean), np.ravel(std)):
        g = best - m - xi
        if s == 0:
            out.append(max(g, 0.0))
            continue
        z = g / s
        Phi = torch.special.ndtr(torch.tensor(float(z), dtype=torch.float64)).item()
        out.append(g * Phi + s * np.exp(-z * z / 2) / np.sqrt(2 * np.pi))
    return np.array(out)


# %% expected_improvement: maximised_and_zero_where_certain
# Wrong: two slips, mean - best - xi for best - mean - xi, and 0 where std is 0.
def expected_improvement(mean, std, best, xi=0.0):
    ok = np.asarray(std) > 0
    s = np.where(ok, std, 1.0)
    z = (mean - best - xi) / s
    cdf = torch.special.ndtr(torch.as_tensor(z)).numpy()
    ei = s * (z * cdf + np.exp(-z * z / 2) / np.sqrt(2 * np.pi))
    return np.where(ok, ei, 0.0)


# %% expected_improvement: variance_and_xi
# Wrong: two slips, std is taken for a variance (its root is used), and xi is ignored.
def expected_improvement(mean, std, best, xi=0.0):
    s = np.sqrt(std)
    g = best - mean
    safe = np.where(s > 0, s, 1.0)
    z = g / safe
    Phi = torch.special.ndtr(torch.as_tensor(z)).numpy()
    phi = np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
    return np.where(s > 0, g * Phi + safe * phi, np.maximum(g, 0.0))


# %% expected_improvement: probability_only
# Wrong: takes the probability of an improvement, Phi(z), for the expected improvement.
def expected_improvement(mean, std, best, xi=0.0):
    g = best - mean - xi
    safe = np.where(std > 0, std, 1.0)
    Phi = torch.special.ndtr(torch.as_tensor(g / safe)).numpy()
    return np.where(std > 0, Phi, np.maximum(g, 0.0))


# %% expected_improvement: improvement_of_the_expected
# Wrong: the improvement of the mean, max(best - mean - xi, 0), the spread is not used: the maximum is taken after the average.
def expected_improvement(mean, std, best, xi=0.0):
    return np.asarray(np.maximum(best - np.asarray(mean) - xi, 0.0))


# %% expected_improvement: first_term
# Wrong: unfinished, g Phi(z) is there and sigma phi(z) is missing.
def expected_improvement(mean, std, best, xi=0.0):
    g = best - mean - xi
    safe = np.where(std > 0, std, 1.0)
    z = g / safe
    first = g * torch.special.ndtr(torch.as_tensor(z)).numpy()
    # second = ?
    return np.where(std > 0, first, np.maximum(g, 0.0))


# %% expected_improvement: if_on_an_array
# Wrong: `if std == 0` raises for arrays of more than one number.
import math


def expected_improvement(mean, std, best, xi=0.0):
    g = best - mean - xi
    if std == 0:
        return np.maximum(g, 0.0)
    z = g / std
    Phi = 0.5 * (1 + math.erf(z / math.sqrt(2)))
    phi = math.exp(-z ** 2 / 2) / math.sqrt(2 * math.pi)
    return np.array(g * Phi + std * phi).reshape(np.shape(mean))


# %% expected_improvement: erfc_elementwise
# Right: math.erfc in a vectorised plain function, the shape restored at the end.
import math


def expected_improvement(mean, std, best, xi=0.0):
    def single(mu, sigma):
        gain = best - mu - xi
        if sigma == 0:
            return gain if gain > 0 else 0.0
        z = gain / sigma
        tail = math.erfc(-z / math.sqrt(2)) / 2
        return gain * tail + sigma * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

    values = [single(float(m), float(s)) for m, s in zip(np.ravel(mean), np.ravel(std))]
    return np.array(values, dtype=np.float64).reshape(np.shape(mean))


# %% expected_improvement: sigma_in_front
# Right: sigma (z Phi(z) + phi(z)) where std is above 0, filled into an array of certain improvements by a mask.
def expected_improvement(mean, std, best, xi=0.0):
    mu = torch.tensor(np.array(mean, dtype=np.float64)).reshape(-1)
    sigma = torch.tensor(np.array(std, dtype=np.float64)).reshape(-1)
    result = torch.relu(best - xi - mu)
    unsure = sigma > 0
    s = sigma[unsure]
    z = (best - mu[unsure] - xi) / s
    normal = torch.exp(-0.5 * z ** 2) * (0.5 / torch.pi) ** 0.5
    result[unsure] = s * (z * torch.special.ndtr(z) + normal)
    return result.reshape(np.shape(mean)).numpy()


# %% GeneticSearch: highest_survive
# Wrong: the elite are the points of the highest loss.
class GeneticSearch:
    def __init__(self, low, high, size, rng, elite=2, sigma=0.1):
        if not 1 <= elite <= size or sigma < 0:
            raise ValueError("elite or sigma")
        self.low, self.high = np.array(low, float), np.array(high, float)
        self.size, self.rng, self.elite, self.sigma = size, rng, elite, sigma
        self.points = rng.uniform(low, high, (size, len(self.low)))
        self.best, self.best_loss = None, np.inf

    def ask(self):
        return self.points.copy()

    def tell(self, losses):
        losses = np.where(np.isnan(losses), -np.inf, losses)
        order = np.argsort(-losses, kind="stable")
        for i in range(self.size):
            if losses[i] > -np.inf and losses[i] < self.best_loss:
                self.best_loss, self.best = losses[i], self.points[i].copy()
        parents = self.points[order[: self.elite]]
        new = [p for p in parents]
        for _ in range(self.size - self.elite):
            i, j = self.rng.integers(self.elite, size=2)
            mask = self.rng.random(len(self.low)) < 0.5
            child = np.where(mask, parents[i], parents[j])
            child = child + self.rng.normal(0, self.sigma, len(self.low)) * (self.high - self.low)
            new.append(np.clip(child, self.low, self.high))
        self.points = np.array(new)


# %% GeneticSearch: nan_is_zero
# Wrong: NaN becomes 0 by nan_to_num and so ranks among the low losses, and can be best.
class GeneticSearch:
    def __init__(self, low, high, size, rng, elite=2, sigma=0.1):
        if elite < 1 or elite > size:
            raise ValueError("elite")
        if sigma < 0:
            raise ValueError("sigma")
        self.low, self.high = np.copy(low), np.copy(high)
        self.size, self.rng = size, rng
        self.elite, self.sigma = elite, sigma
        self.d = len(low)
        self.population = rng.uniform(low, high, (size, self.d))
        self.best = None
        self.best_loss = float("inf")

    def ask(self):
        return self.population.copy()

    def tell(self, losses):
        losses = np.nan_to_num(np.asarray(losses, dtype=float))
        rank = np.argsort(losses, kind="stable")
        if losses[rank[0]] < self.best_loss:
            self.best_loss = float(losses[rank[0]])
            self.best = self.population[rank[0]].copy()
        elite = self.population[rank[: self.elite]]
        children = np.empty((self.size - self.elite, self.d))
        for c in range(len(children)):
            a, b = elite[self.rng.integers(self.elite, size=2)]
            pick = self.rng.random(self.d)
            noise = self.rng.normal(0, self.sigma, self.d)
            children[c] = np.where(pick < 0.5, a, b) + noise * (self.high - self.low)
        self.population = np.vstack([elite, np.clip(children, self.low, self.high)])


# %% GeneticSearch: ties_turned_round
# Wrong: sorts downwards and reverses, so points of equal loss change their order.
class GeneticSearch:
    def __init__(self, low, high, size, rng, elite=2, sigma=0.1):
        if elite not in range(1, size + 1):
            raise ValueError("elite has to be from 1 to size")
        if sigma < 0:
            raise ValueError("sigma below 0")
        self.low, self.high = low.copy(), high.copy()
        self.size, self.rng, self.elite, self.sigma = size, rng, elite, sigma
        self.pop = rng.uniform(self.low, self.high, (size, low.size))
        self.best = None
        self.best_loss = np.inf

    def ask(self):
        return np.array(self.pop)

    def tell(self, losses):
        d = self.low.size
        safe = np.where(np.isnan(losses), np.inf, losses)
        order = np.argsort(-safe, kind="stable")[::-1]
        top = order[0]
        if safe[top] < self.best_loss:
            self.best_loss, self.best = safe[top], self.pop[top].copy()
        fathers = self.pop[order][: self.elite]
        rows = list(fathers)
        while len(rows) < self.size:
            i, j = self.rng.integers(self.elite, size=2)
            u = self.rng.random(d)
            e = self.rng.normal(0, self.sigma, d)
            kid = np.where(u < 0.5, fathers[i], fathers[j]) + e * (self.high - self.low)
            rows.append(np.minimum(np.maximum(kid, self.low), self.high))
        self.pop = np.array(rows)


# %% GeneticSearch: b_below_a_half
# Wrong: a number comes from b where the draw is below 0.5, and from a else.
class GeneticSearch:
    def __init__(self, low, high, size, rng, elite=2, sigma=0.1):
        if elite < 1 or elite > size or sigma < 0:
            raise ValueError("bad settings")
        self.low = np.array(low, dtype=float)
        self.high = np.array(high, dtype=float)
        self.size = size
        self.rng = rng
        self.elite = elite
        self.sigma = sigma
        self.points = rng.uniform(self.low, self.high, (size, self.low.size))
        self.best = None
        self.best_loss = np.inf

    def ask(self):
        return self.points.copy()

    def _child(self, parents):
        a, b = self.rng.integers(self.elite, size=2)
        u = self.rng.random(self.low.size)
        noise = self.rng.normal(0, self.sigma, self.low.size)
        child = parents[a].copy()
        child[u < 0.5] = parents[b][u < 0.5]
        child += noise * (self.high - self.low)
        return child.clip(self.low, self.high)

    def tell(self, losses):
        order = np.argsort(losses, kind="stable")
        first = order[0]
        if losses[first] < self.best_loss:
            self.best_loss = losses[first]
            self.best = self.points[first].copy()
        parents = self.points[order[: self.elite]].copy()
        kids = [self._child(parents) for _ in range(self.size - self.elite)]
        self.points = np.array([*parents, *kids])


# %% GeneticSearch: mutation_without_the_range
# Wrong: the normal draw is added as it is, not times high - low.
class GeneticSearch:
    def __init__(self, low, high, size, rng, elite=2, sigma=0.1):
        if not (1 <= elite <= size):
            raise ValueError("elite must be between 1 and size")
        if sigma < 0:
            raise ValueError("sigma must not be negative")
        self.low, self.high = np.array(low), np.array(high)
        self.size, self.elite, self.sigma = size, elite, sigma
        self.rng = rng
        self.gen = rng.uniform(low, high, (size, self.low.shape[0]))
        self.best, self.best_loss = None, np.inf

    def ask(self):
        return self.gen.copy()

    def tell(self, losses):
        losses = np.asarray(losses)
        order = np.argsort(losses, kind="stable")
        if losses[order[0]] < self.best_loss:
            self.best_loss = losses[order[0]]
            self.best = self.gen[order[0]].copy()
        nxt = np.empty_like(self.gen)
        nxt[: self.elite] = self.gen[order[: self.elite]]
        d = self.low.shape[0]
        for r in range(self.elite, self.size):
            a, b = self.rng.integers(self.elite, size=2)
            mask = self.rng.random(d) < 0.5
            nxt[r] = np.where(mask, nxt[a], nxt[b])
            nxt[r] += self.rng.normal(0, self.sigma, d)
            nxt[r] = np.clip(nxt[r], self.low, self.high)
        self.gen = nxt


# %% GeneticSearch: better_or_equal
# Wrong: best changes for an equal loss too (<=).
class GeneticSearch:
    def __init__(self, low, high, size, rng, elite=2, sigma=0.1):
        if not (1 <= elite <= size) or sigma < 0:
            raise ValueError("elite, sigma")
        self.low, self.high = np.array(low), np.array(high)
        self.size, self.elite, self.sigma, self.rng = size, elite, sigma, rng
        self.gen = rng.uniform(low, high, (size, self.low.shape[0]))
        self.best, self.best_loss = None, np.inf

    def ask(self):
        return self.gen.copy()

    def tell(self, losses):
        for point, loss in zip(self.gen, losses):
            if loss <= self.best_loss:
                self.best, self.best_loss = point.copy(), float(loss)
        order = sorted(range(self.size), key=lambda i: (bool(np.isnan(losses[i])), 0.0 if np.isnan(losses[i]) else losses[i]))
        elite = [self.gen[i].copy() for i in order[: self.elite]]
        d = self.low.shape[0]
        children = []
        for _ in range(self.size - self.elite):
            i, j = self.rng.integers(self.elite, size=2)
            u = self.rng.random(d)
            e = self.rng.normal(0, self.sigma, d)
            child = [a if x < 0.5 else b for x, a, b in zip(u, elite[i], elite[j])]
            children.append(np.clip(np.array(child) + e * (self.high - self.low), self.low, self.high))
        self.gen = np.array(elite + children)


# %% GeneticSearch: best_of_this_generation
# Wrong: best and best_loss are those of the last generation, also where an earlier one was better.
class GeneticSearch:
    def __init__(self, low, high, size, rng, elite=2, sigma=0.1):
        if not (1 <= elite <= size) or sigma < 0:
            raise ValueError("elite, sigma")
        self.low, self.high = np.array(low), np.array(high)
        self.size, self.elite, self.sigma, self.rng = size, elite, sigma, rng
        self.gen = rng.uniform(low, high, (size, self.low.shape[0]))
        self.best, self.best_loss = None, np.inf

    def ask(self):
        return self.gen.copy()

    def tell(self, losses):
        order = np.argsort(losses, kind="stable")
        if not np.isnan(losses[order[0]]):
            self.best = self.gen[order[0]].copy()
            self.best_loss = float(losses[order[0]])
        E = self.gen[order[: self.elite]]
        C = np.empty((self.size - self.elite, E.shape[1]))
        for c in C:
            i, j = self.rng.integers(self.elite, size=2)
            left = self.rng.random(c.size) < 0.5
            c[:] = np.where(left, E[i], E[j]) + self.rng.normal(0, self.sigma, c.size) * (self.high - self.low)
        self.gen = np.concatenate([E, C.clip(self.low, self.high)])


# %% GeneticSearch: parents_from_everybody
# Wrong: the parents are drawn among all points of the generation (integers(size)), not among the elite.
class GeneticSearch:
    def __init__(self, low, high, size, rng, elite=2, sigma=0.1):
        if not (1 <= elite <= size) or sigma < 0:
            raise ValueError("elite, sigma")
        self.low, self.high = np.array(low), np.array(high)
        self.size, self.elite, self.sigma, self.rng = size, elite, sigma, rng
        self.gen = rng.uniform(low, high, (size, self.low.shape[0]))
        self.best, self.best_loss = None, np.inf

    def ask(self):
        return self.gen.copy()

    def tell(self, losses):
        ranked = self.gen[np.argsort(losses, kind="stable")]
        k = np.argsort(losses, kind="stable")[0]
        if losses[k] < self.best_loss:
            self.best_loss, self.best = losses[k], self.gen[k].copy()
        new = [row.copy() for row in ranked[: self.elite]]
        for _ in range(self.elite, self.size):
            mother, father = ranked[self.rng.integers(self.size, size=2)]
            choose = self.rng.random(len(mother))
            shift = self.rng.normal(0, self.sigma, len(mother)) * (self.high - self.low)
            new.append(np.clip(np.where(choose < 0.5, mother, father) + shift, self.low, self.high))
        self.gen = np.array(new)


# %% GeneticSearch: two_different_parents
# Wrong: a habit of other genetic searches, the two parents are always different ones (choice without replacement).
class GeneticSearch:
    def __init__(self, low, high, size, rng, elite=2, sigma=0.1):
        if not (1 <= elite <= size) or sigma < 0:
            raise ValueError("elite, sigma")
        self.low, self.high = np.array(low), np.array(high)
        self.size, self.elite, self.sigma, self.rng = size, elite, sigma, rng
        self.gen = rng.uniform(low, high, (size, self.low.shape[0]))
        self.best, self.best_loss = None, np.inf

    def ask(self):
        return self.gen.copy()

    def tell(self, losses):
        order = np.argsort(losses, kind="stable")
        if losses[order[0]] < self.best_loss:
            self.best_loss = losses[order[0]]
            self.best = self.gen[order[0]].copy()
        elite = self.gen[order[: self.elite]]
        d = elite.shape[1]
        new = list(elite)
        for _ in range(self.size - self.elite):
            if self.elite == 1:
                i = j = 0
            else:
                i, j = self.rng.choice(self.elite, size=2, replace=False)
            child = np.where(self.rng.random(d) < 0.5, elite[i], elite[j])
            child = child + self.rng.normal(0, self.sigma, d) * (self.high - self.low)
            new.append(np.clip(child, self.low, self.high))
        self.gen = np.stack(new)


# %% GeneticSearch: crossover_point
# Wrong: one-point crossover from the textbook, the child is a up to a place and b after it.
class GeneticSearch:
    def __init__(self, low, high, size, rng, elite=2, sigma=0.1):
        if not (1 <= elite <= size) or sigma < 0:
            raise ValueError("elite, sigma")
        self.low, self.high = np.array(low), np.array(high)
        self.size, self.elite, self.sigma, self.rng = size, elite, sigma, rng
        self.gen = rng.uniform(low, high, (size, self.low.shape[0]))
        self.best, self.best_loss = None, np.inf

    def ask(self):
        return self.gen.copy()

    def tell(self, losses):
        order = np.argsort(losses, kind="stable")
        if losses[order[0]] < self.best_loss:
            self.best_loss, self.best = losses[order[0]], self.gen[order[0]].copy()
        top = self.gen[order[: self.elite]]
        d = top.shape[1]
        new = list(top)
        while len(new) < self.size:
            i, j = self.rng.integers(self.elite, size=2)
            u = self.rng.random(d)
            cut = int(u[0] * (d + 1))
            child = np.concatenate([top[i][:cut], top[j][cut:]])
            child += self.rng.normal(0, self.sigma, d) * (self.high - self.low)
            new.append(np.clip(child, self.low, self.high))
        self.gen = np.array(new)


# %% GeneticSearch: bounces_back
# Wrong: what left its range is reflected at the end instead of set to it.
class GeneticSearch:
    def __init__(self, low, high, size, rng, elite=2, sigma=0.1):
        if not (1 <= elite <= size) or sigma < 0:
            raise ValueError("elite, sigma")
        self.low, self.high = np.array(low), np.array(high)
        self.size, self.elite, self.sigma, self.rng = size, elite, sigma, rng
        self.gen = rng.uniform(low, high, (size, self.low.shape[0]))
        self.best, self.best_loss = None, np.inf

    def ask(self):
        return self.gen.copy()

    def tell(self, losses):
        order = np.argsort(losses, kind="stable")
        if losses[order[0]] < self.best_loss:
            self.best_loss, self.best = losses[order[0]], self.gen[order[0]].copy()
        top = self.gen[order[: self.elite]]
        new = list(top)
        for _ in range(self.size - self.elite):
            i, j = self.rng.integers(self.elite, size=2)
            mask = self.rng.random(self.low.size) < 0.5
            step = self.rng.normal(0, self.sigma, self.low.size) * (self.high - self.low)
            child = np.where(mask, top[i], top[j]) + step
            child = np.where(child < self.low, 2 * self.low - child, child)
            child = np.where(child > self.high, 2 * self.high - child, child)
            new.append(np.clip(child, self.low, self.high))
        self.gen = np.array(new)


# %% GeneticSearch: elite_mutates_too
# Wrong: mutations are drawn at the end for the whole generation, and the elite mutates too.
class GeneticSearch:
    def __init__(self, low, high, size, rng, elite=2, sigma=0.1):
        if not (1 <= elite <= size) or sigma < 0:
            raise ValueError("elite, sigma")
        self.low, self.high = np.array(low), np.array(high)
        self.size, self.elite, self.sigma, self.rng = size, elite, sigma, rng
        self.gen = rng.uniform(low, high, (size, self.low.shape[0]))
        self.best, self.best_loss = None, np.inf

    def ask(self):
        return self.gen.copy()

    def tell(self, losses):
        order = np.argsort(losses, kind="stable")
        if losses[order[0]] < self.best_loss:
            self.best_loss, self.best = losses[order[0]], self.gen[order[0]].copy()
        parents = self.gen[order[: self.elite]]
        d = parents.shape[1]
        new = [p.copy() for p in parents]
        for _ in range(self.size - self.elite):
            i, j = self.rng.integers(self.elite, size=2)
            new.append(np.where(self.rng.random(d) < 0.5, parents[i], parents[j]))
        for k in range(self.size):
            new[k] = np.clip(new[k] + self.rng.normal(0, self.sigma, d) * (self.high - self.low), self.low, self.high)
        self.gen = np.array(new)


# %% GeneticSearch: its_own_array
# Wrong: ask returns the array that the search works with, no copy.
class GeneticSearch:
    def __init__(self, low, high, size, rng, elite=2, sigma=0.1):
        if not (1 <= elite <= size) or sigma < 0:
            raise ValueError("elite, sigma")
        self.low, self.high = np.array(low), np.array(high)
        self.size, self.elite, self.sigma, self.rng = size, elite, sigma, rng
        self.gen = rng.uniform(low, high, (size, self.low.shape[0]))
        self.best, self.best_loss = None, np.inf

    def ask(self):
        return self.gen

    def tell(self, losses):
        order = np.argsort(losses, kind="stable")
        if losses[order[0]] < self.best_loss:
            self.best_loss, self.best = losses[order[0]], self.gen[order[0]].copy()
        top = self.gen[order[: self.elite]]
        new = list(top)
        for _ in range(self.size - self.elite):
            i, j = self.rng.integers(self.elite, size=2)
            mask = self.rng.random(self.low.size) < 0.5
            step = self.rng.normal(0, self.sigma, self.low.size) * (self.high - self.low)
            new.append(np.clip(np.where(mask, top[i], top[j]) + step, self.low, self.high))
        self.gen = np.array(new)


# %% GeneticSearch: any_elite
# Wrong: an elite larger than size (and a sigma below 0) raises no ValueError, elite is cut down to size.
class GeneticSearch:
    def __init__(self, low, high, size, rng, elite=2, sigma=0.1):
        if elite < 1:
            raise ValueError("elite must be at least 1")
        self.low, self.high = np.array(low), np.array(high)
        self.size, self.elite, self.sigma, self.rng = size, min(elite, size), abs(sigma), rng
        self.gen = rng.uniform(low, high, (size, self.low.shape[0]))
        self.best, self.best_loss = None, np.inf

    def ask(self):
        return self.gen.copy()

    def tell(self, losses):
        order = np.argsort(losses, kind="stable")
        if losses[order[0]] < self.best_loss:
            self.best_loss, self.best = losses[order[0]], self.gen[order[0]].copy()
        top = self.gen[order[: self.elite]]
        new = list(top)
        for _ in range(self.size - self.elite):
            i, j = self.rng.integers(self.elite, size=2)
            mask = self.rng.random(self.low.size) < 0.5
            step = self.rng.normal(0, self.sigma, self.low.size) * (self.high - self.low)
            new.append(np.clip(np.where(mask, top[i], top[j]) + step, self.low, self.high))
        self.gen = np.array(new)


# %% GeneticSearch: all_draws_at_once
# Wrong: draws all parents, then all u, then all mutations of a generation in blocks, not child by child.
class GeneticSearch:
    def __init__(self, low, high, size, rng, elite=2, sigma=0.1):
        if not (1 <= elite <= size) or sigma < 0:
            raise ValueError("elite, sigma")
        self.low, self.high = np.array(low), np.array(high)
        self.size, self.elite, self.sigma, self.rng = size, elite, sigma, rng
        self.gen = rng.uniform(low, high, (size, self.low.shape[0]))
        self.best, self.best_loss = None, np.inf

    def ask(self):
        return self.gen.copy()

    def tell(self, losses):
        order = np.argsort(losses, kind="stable")
        if losses[order[0]] < self.best_loss:
            self.best_loss, self.best = losses[order[0]], self.gen[order[0]].copy()
        top = self.gen[order[: self.elite]]
        m, d = self.size - self.elite, self.low.size
        pairs = self.rng.integers(self.elite, size=(m, 2))
        u = self.rng.random((m, d))
        steps = self.rng.normal(0, self.sigma, (m, d)) * (self.high - self.low)
        kids = np.where(u < 0.5, top[pairs[:, 0]], top[pairs[:, 1]]) + steps
        self.gen = np.vstack([top, np.clip(kids, self.low, self.high)])


# %% GeneticSearch: best_in_the_class
# Wrong: best and best_loss belong to the class, a second search starts with the first one's best.
class GeneticSearch:
    best = None
    best_loss = np.inf

    def __init__(self, low, high, size, rng, elite=2, sigma=0.1):
        if not (1 <= elite <= size) or sigma < 0:
            raise ValueError("elite, sigma")
        self.low, self.high = np.array(low), np.array(high)
        self.size, self.elite, self.sigma, self.rng = size, elite, sigma, rng
        self.gen = rng.uniform(low, high, (size, self.low.shape[0]))

    def ask(self):
        return self.gen.copy()

    def tell(self, losses):
        order = np.argsort(losses, kind="stable")
        if losses[order[0]] < GeneticSearch.best_loss:
            GeneticSearch.best_loss = losses[order[0]]
            GeneticSearch.best = self.gen[order[0]].copy()
        top = self.gen[order[: self.elite]]
        new = list(top)
        for _ in range(self.size - self.elite):
            i, j = self.rng.integers(self.elite, size=2)
            mask = self.rng.random(self.low.size) < 0.5
            step = self.rng.normal(0, self.sigma, self.low.size) * (self.high - self.low)
            new.append(np.clip(np.where(mask, top[i], top[j]) + step, self.low, self.high))
        self.gen = np.array(new)


# %% GeneticSearch: unsorted_elite_and_no_clip
# Wrong: two slips, the elite stays in its old order and not best first, and nothing is clipped to its range.
class GeneticSearch:
    def __init__(self, low, high, size, rng, elite=2, sigma=0.1):
        if not (1 <= elite <= size) or sigma < 0:
            raise ValueError("elite, sigma")
        self.low, self.high = np.array(low), np.array(high)
        self.size, self.elite, self.sigma, self.rng = size, elite, sigma, rng
        self.gen = rng.uniform(low, high, (size, self.low.shape[0]))
        self.best, self.best_loss = None, np.inf

    def ask(self):
        return self.gen.copy()

    def tell(self, losses):
        order = np.argsort(losses, kind="stable")
        if losses[order[0]] < self.best_loss:
            self.best_loss, self.best = losses[order[0]], self.gen[order[0]].copy()
        keep = np.sort(order[: self.elite])
        top = self.gen[keep]
        new = list(top)
        for _ in range(self.size - self.elite):
            i, j = self.rng.integers(self.elite, size=2)
            mask = self.rng.random(self.low.size) < 0.5
            step = self.rng.normal(0, self.sigma, self.low.size) * (self.high - self.low)
            new.append(np.where(mask, top[i], top[j]) + step)
        self.gen = np.array(new)


# %% GeneticSearch: normal_first_and_children_on_top
# Wrong: two slips, the mutation is drawn before the mask, and the children stand above the elite.
class GeneticSearch:
    def __init__(self, low, high, size, rng, elite=2, sigma=0.1):
        if not (1 <= elite <= size) or sigma < 0:
            raise ValueError("elite, sigma")
        self.low, self.high = np.array(low), np.array(high)
        self.size, self.elite, self.sigma, self.rng = size, elite, sigma, rng
        self.gen = rng.uniform(low, high, (size, self.low.shape[0]))
        self.best, self.best_loss = None, np.inf

    def ask(self):
        return self.gen.copy()

    def tell(self, losses):
        order = np.argsort(losses, kind="stable")
        if losses[order[0]] < self.best_loss:
            self.best_loss, self.best = losses[order[0]], self.gen[order[0]].copy()
        top = self.gen[order[: self.elite]]
        kids = []
        for _ in range(self.size - self.elite):
            i, j = self.rng.integers(self.elite, size=2)
            step = self.rng.normal(0, self.sigma, self.low.size) * (self.high - self.low)
            mask = self.rng.random(self.low.size) < 0.5
            kids.append(np.clip(np.where(mask, top[i], top[j]) + step, self.low, self.high))
        self.gen = np.array(kids + list(top))


# %% GeneticSearch: means_of_parents
# Wrong: takes a child for the mean of its parents, the draws only weigh them (blend crossover).
class GeneticSearch:
    def __init__(self, low, high, size, rng, elite=2, sigma=0.1):
        if not (1 <= elite <= size) or sigma < 0:
            raise ValueError("elite, sigma")
        self.low, self.high = np.array(low), np.array(high)
        self.size, self.elite, self.sigma, self.rng = size, elite, sigma, rng
        self.gen = rng.uniform(low, high, (size, self.low.shape[0]))
        self.best, self.best_loss = None, np.inf

    def ask(self):
        return self.gen.copy()

    def tell(self, losses):
        order = np.argsort(losses, kind="stable")
        if losses[order[0]] < self.best_loss:
            self.best_loss, self.best = losses[order[0]], self.gen[order[0]].copy()
        top = self.gen[order[: self.elite]]
        new = list(top)
        for _ in range(self.size - self.elite):
            i, j = self.rng.integers(self.elite, size=2)
            u = self.rng.random(self.low.size)
            step = self.rng.normal(0, self.sigma, self.low.size) * (self.high - self.low)
            new.append(np.clip(u * top[i] + (1 - u) * top[j] + step, self.low, self.high))
        self.gen = np.array(new)


# %% GeneticSearch: steps_around_the_best
# Wrong: takes the search for random steps around the best point of all, without parents or crossing.
class GeneticSearch:
    def __init__(self, low, high, size, rng, elite=2, sigma=0.1):
        if not (1 <= elite <= size) or sigma < 0:
            raise ValueError("elite, sigma")
        self.low, self.high = np.array(low), np.array(high)
        self.size, self.elite, self.sigma, self.rng = size, elite, sigma, rng
        self.gen = rng.uniform(low, high, (size, self.low.shape[0]))
        self.best, self.best_loss = None, np.inf

    def ask(self):
        return self.gen.copy()

    def tell(self, losses):
        order = np.argsort(losses, kind="stable")
        if losses[order[0]] < self.best_loss:
            self.best_loss, self.best = losses[order[0]], self.gen[order[0]].copy()
        centre = self.gen[order[0]] if self.best is None else self.best
        new = list(self.gen[order[: self.elite]])
        for _ in range(self.size - self.elite):
            self.rng.integers(self.elite, size=2)
            self.rng.random(self.low.size)
            step = self.rng.normal(0, self.sigma, self.low.size) * (self.high - self.low)
            new.append(np.clip(centre + step, self.low, self.high))
        self.gen = np.array(new)


# %% GeneticSearch: elite_only_so_far
# Wrong: unfinished, the elite stays and the other places are filled with fresh uniform points instead of children.
class GeneticSearch:
    def __init__(self, low, high, size, rng, elite=2, sigma=0.1):
        if not (1 <= elite <= size) or sigma < 0:
            raise ValueError("elite, sigma")
        self.low, self.high = np.array(low), np.array(high)
        self.size, self.elite, self.sigma, self.rng = size, elite, sigma, rng
        self.gen = rng.uniform(low, high, (size, self.low.shape[0]))
        self.best, self.best_loss = None, np.inf

    def ask(self):
        return self.gen.copy()

    def tell(self, losses):
        order = np.argsort(losses, kind="stable")
        if losses[order[0]] < self.best_loss:
            self.best_loss, self.best = losses[order[0]], self.gen[order[0]].copy()
        fresh = self.rng.uniform(self.low, self.high, (self.size - self.elite, self.low.size))
        # TODO: rules 3 to 5
        self.gen = np.vstack([self.gen[order[: self.elite]], fresh])


# %% GeneticSearch: minimum_of_nan
# Wrong: looks for the place of np.min in a list; where a loss is NaN the minimum is NaN, which is in no list, and it raises.
class GeneticSearch:
    def __init__(self, low, high, size, rng, elite=2, sigma=0.1):
        if not (1 <= elite <= size) or sigma < 0:
            raise ValueError("elite, sigma")
        self.low, self.high = np.array(low), np.array(high)
        self.size, self.elite, self.sigma, self.rng = size, elite, sigma, rng
        self.gen = rng.uniform(low, high, (size, self.low.shape[0]))
        self.best, self.best_loss = None, np.inf

    def ask(self):
        return self.gen.copy()

    def tell(self, losses):
        values = losses.tolist()
        lowest = values.index(float(np.min(losses)))
        if values[lowest] < self.best_loss:
            self.best_loss, self.best = values[lowest], self.gen[lowest].copy()
        order = sorted(range(self.size), key=lambda i: values[i])
        top = self.gen[order[: self.elite]]
        new = list(top)
        for _ in range(self.size - self.elite):
            i, j = self.rng.integers(self.elite, size=2)
            mask = self.rng.random(self.low.size) < 0.5
            step = self.rng.normal(0, self.sigma, self.low.size) * (self.high - self.low)
            new.append(np.clip(np.where(mask, top[i], top[j]) + step, self.low, self.high))
        self.gen = np.array(new)


# %% GeneticSearch: linked_rows
# Right: a sorted list of tuples and a child generator, numbers one by one in plain Python.
class GeneticSearch:
    def __init__(self, low, high, size, rng, elite=2, sigma=0.1):
        if elite < 1 or elite > size:
            raise ValueError("elite must be from 1 to size")
        if sigma < 0:
            raise ValueError("sigma must be 0 or more")
        self._ends = list(zip(np.array(low, dtype=float).tolist(), np.array(high, dtype=float).tolist()))
        self._rng, self._elite, self._sigma = rng, elite, sigma
        self._now = rng.uniform(low, high, (size, len(self._ends))).tolist()
        self.best, self.best_loss = None, float("inf")

    def ask(self):
        return np.array(self._now)

    def _children(self, elite, how_many):
        d = len(self._ends)
        for _ in range(how_many):
            i, j = self._rng.integers(self._elite, size=2)
            draws, jumps = self._rng.random(d), self._rng.normal(0, self._sigma, d)
            child = []
            for k, (lo, hi) in enumerate(self._ends):
                number = elite[i][k] if draws[k] < 0.5 else elite[j][k]
                number = float(number + jumps[k] * (hi - lo))
                child.append(lo if number < lo else hi if number > hi else number)
            yield child

    def tell(self, losses):
        told = [float(loss) for loss in losses]
        ranked = sorted(range(len(told)), key=lambda i: (told[i] != told[i], told[i] if told[i] == told[i] else 0.0, i))
        if told[ranked[0]] < self.best_loss:
            self.best_loss = told[ranked[0]]
            self.best = np.array(self._now[ranked[0]])
        elite = [self._now[i] for i in ranked[: self._elite]]
        self._now = elite + list(self._children(elite, len(told) - self._elite))


# %% GeneticSearch: in_units_of_the_range
# Right: lexsort with NaN as a first key, the children written row by row into a copy of the generation.
class GeneticSearch:
    best = None
    best_loss = np.inf

    def __init__(self, low, high, size, rng, elite=2, sigma=0.1):
        if elite not in range(1, size + 1) or sigma < 0:
            raise ValueError("elite from 1 to size, sigma not below 0")
        self.__dict__.update(size=size, rng=rng, elite=elite, sigma=sigma)
        self.bounds = np.array([low, high], dtype=np.float64)
        self.generation = rng.uniform(low, high, (size, self.bounds.shape[1]))

    def ask(self):
        return +self.generation

    def tell(self, losses):
        losses = np.array(losses, dtype=np.float64)
        missing = np.isnan(losses)
        order = np.lexsort((np.arange(self.size), np.where(missing, 0.0, losses), missing))
        champion = order[0]
        if not missing[champion] and losses[champion] < self.best_loss:
            self.best_loss = float(losses[champion])
            self.best = self.generation[champion].copy()
        low, high = self.bounds
        following = self.generation[order]
        for row in range(self.elite, self.size):
            pair = self.rng.integers(self.elite, size=2)
            side = (self.rng.random(low.size) >= 0.5).astype(int)
            mutation = self.rng.normal(0, self.sigma, low.size) * (high - low)
            child = following[pair[side], np.arange(low.size)] + mutation
            following[row] = np.minimum(high, np.maximum(low, child))
        self.generation = following
