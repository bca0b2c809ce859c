/** Runs of the optimisers over a loss of a few parameters. */

import { settings } from "./optimizers.js";

/**
 * A descent from a start: for each step, the first included, its theta, the gradient there, the state that led
 * there, and where the loss is measured.
 */
export function descend(optimizer, given, gradient, start, steps) {
  const hyper = settings(optimizer, given);
  let [theta, state] = [start, optimizer.start(start)];
  const path = [];
  for (let step = 0; step <= steps; step++) {
    const grad = gradient(theta);
    path.push({ theta, grad, state, at: step && optimizer.evaluated ? optimizer.evaluated(state) : theta });
    [theta, state] = optimizer.step(theta, grad, state, hyper);
  }
  return path;
}

/** Rates that are tried and can be chosen, from 0.0001 to 10. */
export const rates = [-4, -3, -2, -1, 0].flatMap((decade) =>
  [1, 1.5, 2, 3, 5, 7].map((digits) => Number(`${digits}e${decade}`)),
);

/**
 * The best of `rates` for an optimiser on a landscape: after the fewest steps the loss above the lowest stays below
 * a hundredth of its first. Where no rate comes so far, the rate that ends lowest.
 */
export function bestRate(optimizer, hyper, landscape, start, steps) {
  const above = (point) => landscape.value(point) - landscape.lowest;
  const enough = above(start) / 100;
  const found = rates.map((lr) => {
    const path = descend(optimizer, { ...hyper, lr }, landscape.gradient, start, steps);
    const losses = path.map(({ at }) => above(at));
    // Not "above enough": a descent that has gone astray is at NaN.
    const last = losses.findLastIndex((loss) => !(loss <= enough));
    const end = losses[steps];
    return { lr, settled: last < steps ? last + 1 : Infinity, end: Number.isNaN(end) ? Infinity : end };
  });
  const better = (one, other) => one.settled - other.settled || one.end - other.end;
  return found.reduce((best, each) => (better(each, best) < 0 ? each : best)).lr;
}
