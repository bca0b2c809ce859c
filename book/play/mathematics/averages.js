/** Exponential moving averages of a series, as in lesson 02. A series is an array of numbers, oldest first. */

/** The average after each value. It begins at 0, towards which the first ones lean. */
export function ema(x, beta) {
  let v = 0;
  return x.map((value) => (v = beta * v + (1 - beta) * value));
}

/** The same divided by what its weights add up to: corrected for reading, and never fed back. */
export const emaCorrected = (x, beta) => ema(x, beta).map((v, i) => v / (1 - beta ** (i + 1)));

/** The weight of each of t values in the average after the last of them, oldest first. */
export const emaWeights = (beta, t) => Array.from({ length: t }, (_, i) => (1 - beta) * beta ** (t - 1 - i));
