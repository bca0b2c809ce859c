/**
 * What batch, layer, instance and group norm have in common, and the one thing in which they differ: which values
 * share a mean and a variance (lessons 08 and 12).
 */

/** For sample n and channel c of a batch, the number of the set that its values belong to. */
export const norms = {
  "batch norm": (n, c) => c,
  "layer norm": (n) => n,
  "instance norm": (n, c, channels) => n * channels + c,
  // Groups are neighbouring channels.
  "group norm": (n, c, channels, groups) => n * groups + Math.floor((c * groups) / channels),
};

/**
 * The normalised values, and for each value the number, the mean and the variance of its set.
 *
 * x: values of shape [samples, channels, positions] in one array, the last axis fastest.
 * gamma, beta: one number a channel, which scale and shift what comes out.
 */
export function normalise(x, [samples, channels, positions], norm, options = {}) {
  const { groups = 1, gamma, beta, eps = 1e-5 } = options;
  if (channels % groups) throw new RangeError(`${groups} groups do not divide ${channels} channels`);
  const channel = x.map((_, i) => Math.floor(i / positions) % channels);
  const set = x.map((_, i) =>
    norms[norm](Math.floor(i / (channels * positions)), channel[i], channels, groups),
  );
  const mean = means(x, set);
  // Around the mean: the mean of the squares less the square of the mean would lose digits.
  const variance = means(x.map((value, i) => (value - mean[i]) ** 2), set);
  const y = x.map((value, i) => (value - mean[i]) / Math.sqrt(variance[i] + eps));
  const [scale, shift] = [gamma ?? channel.map(() => 1), beta ?? channel.map(() => 0)];
  return { y: y.map((value, i) => scale[channel[i]] * value + shift[channel[i]]), set, mean, variance };
}

/** For each value, the mean of its set. */
function means(values, set) {
  const [sums, counts] = [new Map(), new Map()];
  values.forEach((value, i) => {
    sums.set(set[i], (sums.get(set[i]) ?? 0) + value);
    counts.set(set[i], (counts.get(set[i]) ?? 0) + 1);
  });
  return set.map((number) => sums.get(number) / counts.get(number));
}
