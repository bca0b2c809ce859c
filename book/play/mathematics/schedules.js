/**
 * The schedules of lessons 06 and 09, as PyTorch has them: the learning rate at an epoch, or at a step, from 0.
 *
 * Settings come by name, under the names of the course.
 */

export const inverseTimeDecay = ({ lr0, decay_rate }, epoch) => lr0 / (1 + decay_rate * epoch);

export const stepDecay = ({ lr0, gamma, step_size }, epoch) => lr0 * gamma ** Math.floor(epoch / step_size);

export const multistepDecay = ({ lr0, gamma, milestones }, epoch) =>
  lr0 * gamma ** milestones.filter((milestone) => milestone <= epoch).length;

export const exponentialDecay = ({ lr0, gamma }, epoch) => lr0 * gamma ** epoch;

/** Down half a cosine, from lr0 at epoch 0 to lr_min at epoch t_max (Loshchilov and Hutter 2017). */
export const cosineDecay = ({ lr0, lr_min, t_max }, epoch) =>
  lr_min + 0.5 * (lr0 - lr_min) * (1 + Math.cos((Math.PI * epoch) / t_max));

/** Up to lr0 in `warmup` steps, none of them at a rate of 0, then down a cosine, which ends at step `total`. */
export function warmupCosine({ lr0, lr_min, warmup, total }, step) {
  if (step < warmup) return (lr0 * (step + 1)) / (warmup + 1);
  if (step >= total) return lr_min;
  return cosineDecay({ lr0, lr_min, t_max: total - warmup }, step - warmup);
}

/** Up in proportion to the step, down with its root (Vaswani and others 2017). Here steps count from 1. */
export const noam = ({ d_model, warmup }, step) =>
  d_model ** -0.5 * Math.min(step ** -0.5, step * warmup ** -1.5);

/** A cosine that begins anew, after t_0 steps and then after t_mult times as many each time. */
export function cosineRestarts({ lr0, lr_min, t_0, t_mult }, step) {
  // Counted, not from a logarithm, which rounds to the cycle before where a cycle begins.
  let [cycle, since] = [t_0, step];
  while (since >= cycle) [cycle, since] = [cycle * t_mult, since - cycle];
  return cosineDecay({ lr0, lr_min, t_max: cycle }, since);
}
