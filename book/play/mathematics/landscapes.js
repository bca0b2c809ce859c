/**
 * Losses of two parameters to descend on.
 *
 * A landscape is a record:
 *   name, said: what it is, and a sentence of what there is to see
 *   x, y: the part that is drawn, [from, to]; axes: the names of the two parameters
 *   start: where descents begin; lowest: the smallest loss; goals: where it is
 *   value(point), gradient(point): a point is [x, y]
 */

const bowl = {
  name: "a round bowl",
  said: "Equally steep in every direction: gradient descent goes straight down.",
  x: [-3, 3],
  y: [-2.4, 2.4],
  axes: ["a", "b"],
  start: [-2.4, 1.6],
  lowest: 0,
  goals: [[0, 0]],
  value: ([a, b]) => 0.5 * (a * a + b * b),
  gradient: ([a, b]) => [a, b],
};

/** That of lesson 03. */
const ravine = {
  name: "a ravine",
  said: "50 times as steep across as along: the rate that is safe across crawls along.",
  x: [-11, 4],
  y: [-2.6, 2.6],
  axes: ["a, along", "b, across"],
  start: [-10, 2],
  lowest: 0,
  goals: [[0, 0]],
  value: ([a, b]) => 0.5 * (a * a + 50 * b * b),
  gradient: ([a, b]) => [a, 50 * b],
};

/** The ravine by 45 degrees: u runs along, v across. */
const turned = {
  name: "a turned ravine",
  said: "The same ravine across the axes: a stride for each parameter helps no more.",
  x: [-7, 4],
  y: [-7, 4],
  axes: ["a", "b"],
  start: [-5.5, -3.5],
  lowest: 0,
  goals: [[0, 0]],
  value([a, b]) {
    const [u, v] = [(a + b) / Math.SQRT2, (b - a) / Math.SQRT2];
    return 0.5 * (u * u + 50 * v * v);
  },
  gradient([a, b]) {
    const [u, v] = [(a + b) / Math.SQRT2, (b - a) / Math.SQRT2];
    return [(u - 50 * v) / Math.SQRT2, (u + 50 * v) / Math.SQRT2];
  },
};

const saddle = {
  name: "a saddle",
  said: "Flat in the middle and down to either side: whoever starts near the ridge waits there.",
  x: [-2.2, 2.2],
  y: [-1.7, 1.7],
  axes: ["a", "b"],
  start: [-1.9, 0.01],
  lowest: -0.25,
  goals: [
    [0, -1],
    [0, 1],
  ],
  value: ([a, b]) => 0.5 * a * a - 0.5 * b * b + 0.25 * b ** 4,
  gradient: ([a, b]) => [a, -b + b ** 3],
};

/** Rosenbrock's (1960). */
const bent = {
  name: "a bent valley",
  said: "Into the valley soon, along its bend slowly: Rosenbrock's function.",
  x: [-2, 2],
  y: [-1, 3],
  axes: ["a", "b"],
  start: [-1.5, 2.5],
  lowest: 0,
  goals: [[1, 1]],
  value: ([a, b]) => (1 - a) ** 2 + 100 * (b - a * a) ** 2,
  gradient: ([a, b]) => [-2 * (1 - a) - 400 * a * (b - a * a), 200 * (b - a * a)],
};

/** Himmelblau's (1972). */
const basins = {
  name: "four basins",
  said: "Four minima, all equally low: the start and the rate decide which one it is. Himmelblau's function.",
  x: [-5.5, 5.5],
  y: [-5.5, 5.5],
  axes: ["a", "b"],
  start: [-0.5, -0.8],
  lowest: 0,
  goals: [
    [3, 2],
    [-2.805118, 3.131313],
    [-3.77931, -3.283186],
    [3.584428, -1.848127],
  ],
  value: ([a, b]) => (a * a + b - 11) ** 2 + (a + b * b - 7) ** 2,
  gradient: ([a, b]) => [
    4 * a * (a * a + b - 11) + 2 * (a + b * b - 7),
    2 * (a * a + b - 11) + 4 * b * (a + b * b - 7),
  ],
};

/** That of lesson 07: a network of one unit, h <- w * h + b, ten times, from h = 0 and from h = 1. */
export const cliff = {
  name: "a cliff",
  said: "A wall beside flat ground: one gradient from the wall throws a descent off the map.",
  x: [0.5, 1.4],
  y: [-0.2, 0.6],
  axes: ["w", "b"],
  start: [1.2, 0.3],
  lowest: 0,
  goals: [[0.9, 0.1 / (1 - 0.9 ** 10)]],
  value: ([w, b]) => unrolled(w, b).reduce((sum, { error }) => sum + error ** 2 / 2, 0),
  gradient: ([w, b]) =>
    unrolled(w, b).reduce(([dw, db], { error, byW, byB }) => [dw + error * byW, db + error * byB], [0, 0]),
};

/** For both of its starts, how far h ends from its target, and its derivatives by w and by b. */
function unrolled(w, b) {
  const pairs = [
    [0, 1],
    [1, 1 + 0.9 ** 10],
  ];
  return pairs.map(([start, target]) => {
    let [h, byW, byB] = [start, 0, 0];
    for (let i = 0; i < 10; i++) [h, byW, byB] = [w * h + b, h + w * byW, 1 + w * byB];
    return { error: h - target, byW, byB };
  });
}

export const landscapes = [bowl, ravine, turned, saddle, bent, basins, cliff];
