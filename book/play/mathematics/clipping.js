/** Gradient clipping as in lesson 07 and torch.nn.utils. Gradients are a list of arrays of numbers. */

/** Every element by itself, which turns the gradient. */
export const clipByValue = (grads, clip_value) =>
  grads.map((grad) => grad.map((g) => Math.max(-clip_value, Math.min(clip_value, g))));

/** The p-norm of all arrays as one vector. */
export function globalNorm(grads, p = 2) {
  const sizes = grads.flat().map(Math.abs);
  if (p === Infinity) return Math.max(...sizes);
  return sizes.reduce((sum, size) => sum + size ** p, 0) ** (1 / p);
}

/** One factor for all, which keeps the direction; and the norm as it was. A NaN anywhere is one everywhere. */
export function clipByGlobalNorm(grads, max_norm, p = 2) {
  const norm = globalNorm(grads, p);
  const factor = Math.min(1, max_norm / (norm + 1e-6));
  return [grads.map((grad) => grad.map((g) => g * factor)), norm];
}
