/**
 * The optimisers of the course, as PyTorch has them: how one step moves the parameters.
 *
 * An optimiser is a record:
 *   name: as figures call it
 *   hyper: its hyper-parameters, under PyTorch's names, with their defaults
 *   start(theta): the state before the first step
 *   step(theta, grad, state, hyper): [theta, state] after it; what it is handed stays as it is
 *   velocity(state): the moving average or sum that it steps along, where it has one
 *
 * theta, grad and what a state holds are arrays of numbers of one length.
 */

/** A function of the elements of several arrays, element by element. */
const each = (combine, ...arrays) => arrays[0].map((_, i) => combine(...arrays.map((array) => array[i])));
const zeros = (theta) => theta.map(() => 0);
/** L2: the gradient of weight_decay / 2 * |theta|^2 is added to the gradient of the loss. */
const decayed = (theta, grad, weight_decay) => each((x, g) => g + weight_decay * x, theta, grad);
/** A moving average of one more value. */
const averaged = (average, value, beta) => each((a, x) => beta * a + (1 - beta) * x, average, value);
const squared = (values) => values.map((x) => x * x);

/** Lesson 01. Gradient descent. */
export const sgd = {
  name: "SGD",
  hyper: { lr: 0.01, weight_decay: 0 },
  start: () => ({}),
  step(theta, grad, state, { lr, weight_decay }) {
    const g = decayed(theta, grad, weight_decay);
    return [each((x, d) => x - lr * d, theta, g), {}];
  },
};

/** Lesson 03. Momentum in PyTorch's form, a fading sum of gradients (Polyak 1964, Sutskever and others 2013). */
export const momentum = {
  name: "momentum",
  hyper: { lr: 0.01, momentum: 0.9, dampening: 0, nesterov: false, weight_decay: 0 },
  start: () => ({ buf: null }),
  step(theta, grad, state, { lr, momentum, dampening, nesterov, weight_decay }) {
    const g = decayed(theta, grad, weight_decay);
    if (momentum === 0) return [each((x, d) => x - lr * d, theta, g), state];
    // The first buffer is the gradient itself: dampening spares it.
    const buf = state.buf ? each((b, d) => momentum * b + (1 - dampening) * d, state.buf, g) : g;
    const ahead = nesterov ? each((d, b) => d + momentum * b, g, buf) : buf;
    return [each((x, d) => x - lr * d, theta, ahead), { buf }];
  },
  velocity: ({ buf }) => buf,
};

/** Lesson 03. The same, looking one step ahead (Nesterov 1983). */
export const nesterov = { ...momentum, name: "Nesterov", hyper: { ...momentum.hyper, nesterov: true } };

/** Lesson 03. Momentum as a moving average of the gradients. */
export const averaging = {
  name: "momentum, averaged",
  hyper: { lr: 0.1, beta: 0.9 },
  start: (theta) => ({ v: zeros(theta) }),
  step(theta, grad, state, { lr, beta }) {
    const v = averaged(state.v, grad, beta);
    return [each((x, d) => x - lr * d, theta, v), { v }];
  },
  velocity: ({ v }) => v,
};

/** Lesson 04. AdaGrad divides by the root of the sum of all squares (Duchi and others 2011). */
export const adagrad = {
  name: "AdaGrad",
  hyper: { lr: 0.01, eps: 1e-10 },
  start: (theta) => ({ acc: zeros(theta) }),
  step(theta, grad, state, { lr, eps }) {
    const acc = each((sum, g) => sum + g * g, state.acc, grad);
    return [each((x, g, sum) => x - (lr * g) / (Math.sqrt(sum) + eps), theta, grad, acc), { acc }];
  },
};

/** Lesson 04. RMSprop divides by the root of their moving average (Hinton 2012, Graves 2013). */
export const rmsprop = {
  name: "RMSprop",
  hyper: { lr: 0.01, alpha: 0.99, eps: 1e-8, weight_decay: 0, momentum: 0, centered: false },
  start: (theta) => ({ s: zeros(theta), mean: zeros(theta), buf: zeros(theta) }),
  step(theta, grad, state, { lr, alpha, eps, weight_decay, momentum, centered }) {
    const g = decayed(theta, grad, weight_decay);
    const s = averaged(state.s, squared(g), alpha);
    const mean = averaged(state.mean, g, alpha);
    const variance = centered ? each((square, m) => square - m * m, s, mean) : s;
    const scaled = each((d, square) => d / (Math.sqrt(square) + eps), g, variance);
    const buf = each((b, d) => momentum * b + d, state.buf, scaled);
    return [each((x, d) => x - lr * d, theta, buf), { s, mean, buf }];
  },
};

/** Lesson 05. Adam; weight decay is L2 (Kingma and Ba 2015). */
export const adam = {
  name: "Adam",
  hyper: { lr: 1e-3, beta1: 0.9, beta2: 0.999, eps: 1e-8, weight_decay: 0 },
  start: (theta) => ({ t: 0, m: zeros(theta), v: zeros(theta) }),
  step(theta, grad, state, { lr, beta1, beta2, eps, weight_decay }) {
    const g = decayed(theta, grad, weight_decay);
    const t = state.t + 1;
    const m = averaged(state.m, g, beta1);
    const v = averaged(state.v, squared(g), beta2);
    // Both averages begin at zero and lean towards it: the correction.
    const m_hat = m.map((x) => x / (1 - beta1 ** t));
    const v_hat = v.map((x) => x / (1 - beta2 ** t));
    return [each((x, a, b) => x - (lr * a) / (Math.sqrt(b) + eps), theta, m_hat, v_hat), { t, m, v }];
  },
  velocity: ({ m }) => m,
};

/** Lesson 05. AdamW: the decay shrinks the parameter, apart from the step (Loshchilov and Hutter 2019). */
export const adamw = {
  ...adam,
  name: "AdamW",
  hyper: { ...adam.hyper, weight_decay: 1e-2 },
  step(theta, grad, state, { weight_decay, ...hyper }) {
    const shrunk = theta.map((x) => x * (1 - hyper.lr * weight_decay));
    return adam.step(shrunk, grad, state, { ...hyper, weight_decay: 0 });
  },
};

/** Lesson 05. AMSGrad divides by the root of the largest second moment so far (Reddi and others 2018). */
export const amsgrad = {
  ...adam,
  name: "AMSGrad",
  hyper: { lr: 1e-3, beta1: 0.9, beta2: 0.999, eps: 1e-8 },
  start: (theta) => ({ ...adam.start(theta), v_max: zeros(theta) }),
  step(theta, grad, state, { lr, beta1, beta2, eps }) {
    const t = state.t + 1;
    const m = averaged(state.m, grad, beta1);
    const v = averaged(state.v, squared(grad), beta2);
    // The largest before the correction, as PyTorch has it.
    const v_max = each((largest, x) => Math.max(largest, x), state.v_max, v);
    const m_hat = m.map((x) => x / (1 - beta1 ** t));
    const v_hat = v_max.map((x) => x / (1 - beta2 ** t));
    return [each((x, a, b) => x - (lr * a) / (Math.sqrt(b) + eps), theta, m_hat, v_hat), { t, m, v, v_max }];
  },
};

/** Lesson 10. Lion steps along signs, by one rate in every direction (Chen and others 2023). */
export const lion = {
  name: "Lion",
  hyper: { lr: 1e-4, beta1: 0.9, beta2: 0.99, weight_decay: 0 },
  start: (theta) => ({ m: zeros(theta) }),
  step(theta, grad, state, { lr, beta1, beta2, weight_decay }) {
    const direction = averaged(state.m, grad, beta1).map(Math.sign);
    const m = averaged(state.m, grad, beta2);
    return [each((x, d) => x * (1 - lr * weight_decay) - lr * d, theta, direction), { m }];
  },
  velocity: ({ m }) => m,
};

/**
 * Lesson 10. Schedule-free SGD (Defazio and others 2024). Its theta is y, where gradients are taken; what the
 * training comes to is the average x.
 */
export const scheduleFree = {
  name: "schedule-free",
  hyper: { lr: 1, momentum: 0.9, weight_decay: 0 },
  start: (theta) => ({ z: theta, x: theta, sum: 0 }),
  step(theta, grad, state, { lr, momentum, weight_decay }) {
    const g = decayed(theta, grad, weight_decay);
    const z = each((a, d) => a - lr * d, state.z, g);
    const sum = state.sum + lr * lr;
    const c = sum === 0 ? 0 : (lr * lr) / sum;
    const x = each((a, b) => (1 - c) * a + c * b, state.x, z);
    const y = each((a, b) => (1 - momentum) * a + momentum * b, z, x);
    return [y, { z, x, sum }];
  },
  /** Where the loss is measured, for the optimisers that do not measure it at theta. */
  evaluated: ({ x }) => x,
};

export const optimizers = [
  ...[sgd, momentum, nesterov, averaging, adagrad, rmsprop],
  ...[adam, adamw, amsgrad, lion, scheduleFree],
];

/** The hyper-parameters of a descent, defaults filled in; a RangeError where PyTorch would refuse one. */
export function settings(optimizer, given = {}) {
  const hyper = { ...optimizer.hyper, ...given };
  const refuse = (wrong, name) => {
    if (wrong) throw new RangeError(`${optimizer.name}: ${name} = ${hyper[name]}`);
  };
  for (const name of ["lr", "eps", "weight_decay"]) refuse(hyper[name] < 0, name);
  for (const name of ["momentum", "alpha", "beta", "beta1", "beta2"]) {
    refuse(hyper[name] < 0 || hyper[name] >= 1, name);
  }
  refuse(hyper.nesterov && (hyper.momentum === 0 || hyper.dampening !== 0), "nesterov");
  // Without any of it y is z: nothing is averaged.
  refuse(optimizer === scheduleFree && hyper.momentum === 0, "momentum");
  return hyper;
}
