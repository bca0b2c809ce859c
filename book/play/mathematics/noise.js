/** What a schedule does to the noise of mini-batches, on the loss of lesson 06: L = curvature / 2 * theta^2. */

/** A generator of normal numbers, the same ones for the same seed: mulberry32, then Box and Muller. */
export function normals(seed) {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  // 1 - uniform(): a logarithm of 0 is none.
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** The losses of one walk, the start's first: each gradient is the true one plus noise. */
export function noisyLosses(rates, { curvature, noise, start }, normal) {
  let theta = start;
  const losses = [(curvature / 2) * theta ** 2];
  for (const lr of rates) {
    theta -= lr * (curvature * theta + noise * normal());
    losses.push((curvature / 2) * theta ** 2);
  }
  return losses;
}

/** The same in the mean of all walks, with no walk taken: an update shrinks theta and brings in new noise. */
export function meanLosses(rates, { curvature, noise, start }) {
  let square = start ** 2;
  const losses = [(curvature / 2) * square];
  for (const lr of rates) {
    square = (1 - lr * curvature) ** 2 * square + (lr * noise) ** 2;
    losses.push((curvature / 2) * square);
  }
  return losses;
}
