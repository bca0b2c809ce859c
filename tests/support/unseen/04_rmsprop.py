# %% adagrad_update: root_forgotten
# Wrong: divides by acc itself and not by its root.
def adagrad_update(theta, grad, acc, lr, eps=1e-10):
    acc = acc + grad ** 2
    theta = theta - lr * grad / (acc + eps)
    return theta, acc

# %% adagrad_update: eps_under_the_root
# Wrong: eps stands inside the root.
def adagrad_update(theta, grad, acc, lr, eps=1e-10):
    new_acc = acc + np.square(grad)
    rate = lr / np.sqrt(new_acc + eps)
    return theta - rate * grad, new_acc

# %% adagrad_update: root_of_yesterday
# Wrong: the step divides by the root of the acc before this step, the new one is only returned.
def adagrad_update(theta, grad, acc, lr, eps=1e-10):
    denominator = np.sqrt(acc) + eps
    theta_new = theta - lr * grad / denominator
    acc_new = acc + grad * grad
    return theta_new, acc_new

# %% adagrad_update: sums_absolute_values
# Wrong: acc adds up absolute values instead of squares (the root is still taken).
def adagrad_update(theta, grad, acc, lr, eps=1e-10):
    size = np.abs(grad)
    total = acc + size
    step = lr * (grad / (np.sqrt(total) + eps))
    return theta - step, total

# %% adagrad_update: climbs
# Wrong: the step is added, so it goes uphill.
def adagrad_update(theta, grad, acc, lr, eps=1e-10):
    a = acc + grad**2
    return theta + lr * grad / (np.sqrt(a) + eps), a

# %% adagrad_update: sign_lost_in_the_root
# Wrong: takes the root of the whole fraction g^2/acc, so the sign of the gradient is lost.
def adagrad_update(theta, grad, acc, lr, eps=1e-10):
    sq = np.power(grad, 2)
    acc_t = acc + sq
    fraction = np.sqrt(sq) / (np.sqrt(acc_t) + eps)
    theta_t = theta - lr * fraction
    return (theta_t, acc_t)

# %% adagrad_update: rate_in_the_record
# Wrong: adds up the squares of lr * grad and not of grad.
def adagrad_update(theta, grad, acc, lr, eps=1e-10):
    scaled = lr * grad
    acc = acc + scaled ** 2
    theta = theta - scaled / (np.sqrt(acc) + eps)
    return theta, acc

# %% adagrad_update: length_of_the_whole_gradient
# Wrong: adds the squared norm of the whole gradient to every element, so all share one rate.
def adagrad_update(theta, grad, acc, lr, eps=1e-10):
    acc_new = acc + np.sum(grad ** 2)
    theta_new = theta - lr * grad / (np.sqrt(acc_new) + eps)
    return theta_new, acc_new

# %% adagrad_update: keras_start
# Wrong: as Keras does, a fresh acc (all zeros) is taken to be 0.1.
def adagrad_update(theta, grad, acc, lr, eps=1e-10):
    if not np.any(acc):
        acc = np.full_like(acc, 0.1)
    acc = acc + grad ** 2
    theta = theta - lr * grad / (np.sqrt(acc) + eps)
    return theta, acc

# %% adagrad_update: already_forgetting
# Wrong: carries over RMSprop, acc is a running average with 0.9 and not a sum.
def adagrad_update(theta, grad, acc, lr, eps=1e-10):
    decay = 0.9
    acc = decay * acc + (1 - decay) * grad * grad
    theta = theta - lr / (np.sqrt(acc) + eps) * grad
    return theta, acc

# %% adagrad_update: usual_epsilon
# Wrong: the default of eps is 1e-7 as in Keras and not 1e-10.
def adagrad_update(theta, grad, acc, lr, eps=1e-7):
    acc = acc + grad**2
    theta = theta - lr * grad / (np.sqrt(acc) + eps)
    return theta, acc

# %% adagrad_update: delta_like_optax
# Wrong: returns the update that is to be added, as optax does, and not the new parameters.
def adagrad_update(theta, grad, acc, lr, eps=1e-10):
    sum_of_squares = acc + np.square(grad)
    updates = -lr * grad / (np.sqrt(sum_of_squares) + eps)
    return updates, sum_of_squares

# %% adagrad_update: state_first
# Wrong: returns (acc, theta), in the wrong order.
def adagrad_update(theta, grad, acc, lr, eps=1e-10):
    acc = acc + grad ** 2
    theta = theta - lr * grad / (np.sqrt(acc) + eps)
    return acc, theta

# %% adagrad_update: plus_equals
# Wrong: acc += changes the caller's array, and the same array is returned.
def adagrad_update(theta, grad, acc, lr, eps=1e-10):
    acc += grad ** 2
    new_theta = theta - lr * grad / (np.sqrt(acc) + eps)
    return new_theta, acc

# %% adagrad_update: nothing_to_do
# Wrong: for a gradient of zeros it hands back the very arrays that came in.
def adagrad_update(theta, grad, acc, lr, eps=1e-10):
    if np.count_nonzero(grad) == 0:
        return theta, acc
    acc = acc + grad ** 2
    return theta - lr * grad / (np.sqrt(acc) + eps), acc

# %% adagrad_update: always_a_vector
# Wrong: flattens everything and returns vectors, so the shape of theta is lost.
def adagrad_update(theta, grad, acc, lr, eps=1e-10):
    out_theta, out_acc = [], []
    for p, g, a in zip(np.ravel(theta), np.ravel(grad), np.ravel(acc)):
        a = a + g * g
        out_acc.append(a)
        out_theta.append(p - lr * g / (a ** 0.5 + eps))
    return np.array(out_theta), np.array(out_acc)

# %% adagrad_update: square_of_the_sum_uphill
# Wrong: two slips, acc sums the gradients without squaring (its absolute value is the denominator) and the step has a plus.
def adagrad_update(theta, grad, acc, lr, eps=1e-10):
    acc = acc + grad
    theta = theta + lr * grad / (np.sqrt(acc ** 2) + eps)
    return theta, acc

# %% adagrad_update: stale_and_inside
# Wrong: two slips, the old acc is in the denominator and eps is inside the root.
def adagrad_update(theta, grad, acc, lr, eps=1e-10):
    new_theta = theta - lr * grad / np.sqrt(acc + eps)
    new_acc = acc + np.multiply(grad, grad)
    return new_theta, new_acc

# %% adagrad_update: no_memory
# Wrong: misses the idea of a record, acc is only the square of the present gradient.
def adagrad_update(theta, grad, acc, lr, eps=1e-10):
    acc = grad ** 2   # how large the gradients of each parameter are
    eff = lr / (np.sqrt(acc) + eps)
    theta = theta - eff * grad
    return theta, acc

# %% adagrad_update: rate_and_record
# Wrong: misunderstands what is wanted, it subtracts the effective rate itself, without multiplying by the gradient.
def adagrad_update(theta, grad, acc, lr, eps=1e-10):
    acc = acc + grad ** 2
    effective_lr = lr / (np.sqrt(acc) + eps)
    theta = theta - effective_lr
    return theta, acc

# %% adagrad_update: second_formula_to_do
# Wrong: unfinished, formula (1) is there but theta is only copied.
def adagrad_update(theta, grad, acc, lr, eps=1e-10):
    new_acc = acc + grad ** 2
    new_theta = np.array(theta, dtype=float)
    # TODO formula (2)
    return new_theta, new_acc

# %% adagrad_update: index_by_index
# Wrong: loops over len(theta), which raises TypeError for a single number (shape ()).
def adagrad_update(theta, grad, acc, lr, eps=1e-10):
    theta2 = np.copy(theta)
    acc2 = np.copy(acc)
    for i in range(len(theta)):
        acc2[i] = acc[i] + grad[i] ** 2
        theta2[i] = theta[i] - lr * grad[i] / (np.sqrt(acc2[i]) + eps)
    return theta2, acc2

# %% adagrad_update: nditer
# Right: copies the three arrays and walks over all their elements with np.nditer.
def adagrad_update(theta, grad, acc, lr, eps=1e-10):
    theta, grad, acc = (np.array(a, dtype=np.float64) for a in (theta, grad, acc))
    for p, g, a in np.nditer([theta, grad, acc], op_flags=[["readwrite"]] * 3, flags=["zerosize_ok"]):
        a[...] = a + g * g
        p[...] = p - lr * (g / (a**0.5 + eps))
    return theta, acc

# %% adagrad_update: walrus
# Right: one return expression with a walrus, operators spelt as NumPy functions.
def adagrad_update(theta, grad, acc, lr, eps=1e-10):
    return (
        np.subtract(theta, np.multiply(lr, np.divide(grad, np.add(np.sqrt(total := np.add(acc, np.square(grad))), eps)))),
        total,
    )

# %% rmsprop_update: eps_inside
# Wrong: eps is inside the root.
def rmsprop_update(theta, grad, s, lr, alpha=0.99, eps=1e-8):
    s = alpha * s + (1 - alpha) * grad ** 2
    theta = theta - lr * grad / np.sqrt(s + eps)
    return theta, s

# %% rmsprop_update: weights_swapped
# Wrong: alpha weighs the new square and 1 - alpha the old average.
def rmsprop_update(theta, grad, s, lr, alpha=0.99, eps=1e-8):
    s_new = (1 - alpha) * s + alpha * np.square(grad)
    return theta - lr * grad / (np.sqrt(s_new) + eps), s_new

# %% rmsprop_update: mean_absolute
# Wrong: averages absolute values instead of squares and then still takes the root.
def rmsprop_update(theta, grad, s, lr, alpha=0.99, eps=1e-8):
    avg = alpha * s + (1.0 - alpha) * np.abs(grad)
    d = np.sqrt(avg) + eps
    return theta - lr * grad / d, avg

# %% rmsprop_update: mean_square_without_root
# Wrong: divides by the mean square and not by its root.
def rmsprop_update(theta, grad, s, lr, alpha=0.99, eps=1e-8):
    mean_square = s * alpha + grad * grad * (1 - alpha)
    theta = theta - lr * grad / (mean_square + eps)
    return theta, mean_square

# %% rmsprop_update: divide_then_average
# Wrong: the step uses the s from before this step; s is updated after it.
def rmsprop_update(theta, grad, s, lr, alpha=0.99, eps=1e-8):
    theta = theta - lr * grad / (np.sqrt(s) + eps)
    s = alpha * s + (1 - alpha) * grad**2
    return theta, s

# %% rmsprop_update: sum_with_decay
# Wrong: the factor 1 - alpha in front of the square is missing.
def rmsprop_update(theta, grad, s, lr, alpha=0.99, eps=1e-8):
    s_t = alpha * s + grad ** 2
    step = lr * grad / (np.sqrt(s_t) + eps)
    return theta - step, s_t

# %% rmsprop_update: square_of_the_weight_too
# Wrong: squares (1 - alpha) * grad as a whole, so the new square weighs (1 - alpha)^2.
def rmsprop_update(theta, grad, s, lr, alpha=0.99, eps=1e-8):
    new = ((1 - alpha) * grad) ** 2
    s = alpha * s + new
    theta = theta - lr * grad / (np.sqrt(s) + eps)
    return theta, s

# %% rmsprop_update: larger_of_eps_and_rms
# Wrong: takes the larger of eps and the root instead of their sum.
def rmsprop_update(theta, grad, s, lr, alpha=0.99, eps=1e-8):
    s = alpha * s + (1 - alpha) * grad ** 2
    rms = np.maximum(np.sqrt(s), eps)
    return theta - lr * grad / rms, s

# %% rmsprop_update: hinton_default
# Wrong: the default of alpha is 0.9 as in Hinton's lecture and in Keras, not 0.99.
def rmsprop_update(theta, grad, s, lr, alpha=0.9, eps=1e-8):
    s = alpha * s + (1 - alpha) * grad ** 2
    theta = theta - lr * grad / (np.sqrt(s) + eps)
    return theta, s

# %% rmsprop_update: first_square_as_start
# Wrong: where s is still zero it starts from the first square itself, as fast.ai does.
def rmsprop_update(theta, grad, s, lr, alpha=0.99, eps=1e-8):
    g2 = grad ** 2
    s = np.where(s == 0, g2, alpha * s + (1 - alpha) * g2)
    theta = theta - lr * grad / (np.sqrt(s) + eps)
    return theta, s

# %% rmsprop_update: corrected_like_adam
# Wrong: a bias correction from lesson 05, the denominator always uses s / (1 - alpha).
def rmsprop_update(theta, grad, s, lr, alpha=0.99, eps=1e-8):
    s = alpha * s + (1 - alpha) * grad ** 2
    s_hat = s / (1 - alpha)
    theta = theta - lr * grad / (np.sqrt(s_hat) + eps)
    return theta, s

# %% rmsprop_update: tensorflow_one_start
# Wrong: an s of all zeros is taken for a fresh start and set to ones, as TensorFlow 1 does.
def rmsprop_update(theta, grad, s, lr, alpha=0.99, eps=1e-8):
    if np.all(s == 0):
        s = np.ones_like(s)
    s = alpha * s + (1 - alpha) * np.square(grad)
    return theta - lr * grad / (np.sqrt(s) + eps), s

# %% rmsprop_update: in_place_decay
# Wrong: s *= and s += change the caller's average, and the caller's array is returned.
def rmsprop_update(theta, grad, s, lr, alpha=0.99, eps=1e-8):
    s *= alpha
    s += (1 - alpha) * grad ** 2
    theta = theta - lr * grad / (np.sqrt(s) + eps)
    return theta, s

# %% rmsprop_update: zero_means_default
# Wrong: "alpha or 0.99" turns an alpha of 0 into the default.
def rmsprop_update(theta, grad, s, lr, alpha=None, eps=None):
    alpha = alpha or 0.99
    eps = eps or 1e-8
    s = alpha * s + (1 - alpha) * grad ** 2
    theta = theta - lr * grad / (np.sqrt(s) + eps)
    return theta, s

# %% rmsprop_update: single_precision
# Wrong: computes in float32 and returns float32 arrays.
def rmsprop_update(theta, grad, s, lr, alpha=0.99, eps=1e-8):
    theta = np.asarray(theta, dtype=np.float32)
    grad = np.asarray(grad, dtype=np.float32)
    s = np.asarray(s, dtype=np.float32)
    s = np.float32(alpha) * s + np.float32(1 - alpha) * grad * grad
    theta = theta - np.float32(lr) * grad / (np.sqrt(s) + np.float32(eps))
    return theta, s

# %% rmsprop_update: masked_out
# Wrong: elements whose gradient is zero are left out, so their s does not decay.
def rmsprop_update(theta, grad, s, lr, alpha=0.99, eps=1e-8):
    theta, s = np.array(theta, float), np.array(s, float)
    active = np.asarray(grad) != 0
    g = np.asarray(grad)[active]
    s[active] = alpha * s[active] + (1 - alpha) * g ** 2
    theta[active] -= lr * g / (np.sqrt(s[active]) + eps)
    return theta, s

# %% rmsprop_update: swapped_and_stale
# Wrong: two slips, alpha and 1 - alpha are swapped and the step divides by the old average.
def rmsprop_update(theta, grad, s, lr, alpha=0.99, eps=1e-8):
    old_rms = np.sqrt(s) + eps
    new_s = alpha * grad**2 + (1 - alpha) * s
    new_theta = theta - lr * grad / old_rms
    return new_theta, new_s

# %% rmsprop_update: order_and_sign
# Wrong: two slips, the step is added instead of subtracted and the results come as (s, theta).
def rmsprop_update(theta, grad, s, lr, alpha=0.99, eps=1e-8):
    s = alpha * s + (1 - alpha) * grad ** 2
    theta = theta + lr * grad / (np.sqrt(s) + eps)
    return s, theta

# %% rmsprop_update: mean_over_the_array
# Wrong: reads "mean square" as the mean over the elements, so all elements share one stride.
def rmsprop_update(theta, grad, s, lr, alpha=0.99, eps=1e-8):
    mean_square = np.mean(grad ** 2)
    s = alpha * s + (1 - alpha) * mean_square
    theta = theta - lr * grad / (np.sqrt(s) + eps)
    return theta, s

# %% rmsprop_update: never_longer_than_lr
# Wrong: misunderstands the stride, the step is cut off at lr although the first ones may be longer.
def rmsprop_update(theta, grad, s, lr, alpha=0.99, eps=1e-8):
    s = alpha * s + (1 - alpha) * grad ** 2
    ratio = grad / (np.sqrt(s) + eps)
    ratio = np.clip(ratio, -1, 1)    # a step is lr
    return theta - lr * ratio, s

# %% rmsprop_update: plain_descent_so_far
# Wrong: unfinished, s is averaged but the step is still plain gradient descent.
def rmsprop_update(theta, grad, s, lr, alpha=0.99, eps=1e-8):
    new_s = alpha * s + (1 - alpha) * grad ** 2
    new_theta = theta - lr * grad
    # divide by the rms here
    return new_theta, new_s

# %% rmsprop_update: math_sqrt
# Wrong: math.sqrt takes single numbers only, arrays with more than one element raise TypeError.
def rmsprop_update(theta, grad, s, lr, alpha=0.99, eps=1e-8):
    import math
    s = alpha * s + (1 - alpha) * grad ** 2
    theta = theta - lr * grad / (math.sqrt(s) + eps)
    return theta, s

# %% rmsprop_update: weighted_mean
# Right: the average is np.average of a stack with the two weights, and the step is filled in through out=.
def rmsprop_update(theta, grad, s, lr, alpha=0.99, eps=1e-8):
    avg = np.average(np.stack([s, np.square(grad)]), axis=0, weights=[alpha, 1 - alpha])
    moved = np.array(theta, dtype=float)
    np.subtract(moved, lr * grad / (avg**0.5 + eps), out=moved)
    return moved, avg

# %% rmsprop_update: torch_inside
# Right: makes float64 tensors from copies, computes in torch and returns NumPy arrays.
def rmsprop_update(theta, grad, s, lr, alpha=0.99, eps=1e-8):
    p, g, v = (torch.tensor(np.asarray(a), dtype=torch.float64) for a in (theta, grad, s))
    v.mul_(alpha).addcmul_(g, g, value=1 - alpha)
    p.addcdiv_(g, v.sqrt() + eps, value=-lr)
    return p.numpy(), v.numpy()

# %% RMSprop: decay_pushes_away
# Wrong: weight decay is subtracted from the gradient instead of added.
class RMSprop:
    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False):
        if lr < 0 or eps < 0 or weight_decay < 0:
            raise ValueError("negative setting")
        if not 0 <= alpha < 1 or not 0 <= momentum < 1:
            raise ValueError("alpha and momentum must be in [0, 1)")
        self.params = list(params)
        self.lr, self.alpha, self.eps = lr, alpha, eps
        self.weight_decay, self.momentum, self.centered = weight_decay, momentum, centered
        self.s = [torch.zeros_like(p) for p in self.params]
        self.g_bar = [torch.zeros_like(p) for p in self.params]
        self.buf = [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, s, g_bar, buf in zip(self.params, self.s, self.g_bar, self.buf):
            if p.grad is None:
                continue
            g = p.grad - self.weight_decay * p
            s.mul_(self.alpha).add_((1 - self.alpha) * g * g)
            if self.centered:
                g_bar.mul_(self.alpha).add_((1 - self.alpha) * g)
                d = torch.sqrt(s - g_bar**2) + self.eps
            else:
                d = torch.sqrt(s) + self.eps
            buf.mul_(self.momentum).add_(g / d)
            p -= self.lr * buf

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% RMSprop: mean_not_squared
# Wrong: the centred denominator subtracts g_bar and not its square.
class RMSprop:
    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False):
        for name, value in dict(lr=lr, eps=eps, weight_decay=weight_decay).items():
            if value < 0:
                raise ValueError(f"{name} must not be negative")
        for name, value in dict(alpha=alpha, momentum=momentum).items():
            if value < 0 or value >= 1:
                raise ValueError(f"{name} must be in [0, 1)")
        self.lr = lr
        self.alpha = alpha
        self.eps = eps
        self.wd = weight_decay
        self.mu = momentum
        self.centered = centered
        self.entries = []
        for theta in params:
            self.entries.append({
                "theta": theta,
                "s": torch.zeros_like(theta, requires_grad=False),
                "g_bar": torch.zeros_like(theta, requires_grad=False),
                "buf": torch.zeros_like(theta, requires_grad=False),
            })

    @torch.no_grad()
    def step(self):
        for e in self.entries:
            theta = e["theta"]
            if theta.grad is None:
                continue
            g = theta.grad + self.wd * theta
            e["s"] = self.alpha * e["s"] + (1 - self.alpha) * g ** 2
            variance = e["s"]
            if self.centered:
                e["g_bar"] = self.alpha * e["g_bar"] + (1 - self.alpha) * g
                variance = variance - e["g_bar"]
            e["buf"] = self.mu * e["buf"] + g / (variance.sqrt() + self.eps)
            theta -= self.lr * e["buf"]

    def zero_grad(self):
        for e in self.entries:
            if e["theta"].grad is not None:
                e["theta"].grad.zero_()

# %% RMSprop: buffer_is_an_average
# Wrong: the momentum buffer takes (1 - momentum) of the scaled gradient, an average instead of a sum.
class RMSprop:
    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False):
        if min(lr, eps, weight_decay, alpha, momentum) < 0 or max(alpha, momentum) >= 1:
            raise ValueError("setting out of range")
        self.params = [*params]
        self.lr, self.a, self.eps, self.wd, self.mu, self.c = lr, alpha, eps, weight_decay, momentum, centered
        self.state = [tuple(torch.zeros_like(p) for _ in range(3)) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, (s, m, b) in zip(self.params, self.state):
            if p.grad is None:
                continue
            g = p.grad.add(p, alpha=self.wd)
            s.mul_(self.a).addcmul_(g, g, value=1 - self.a)
            m.mul_(self.a).add_(g, alpha=1 - self.a)
            d = ((s - m * m) if self.c else s).sqrt() + self.eps
            b.mul_(self.mu).add_((1 - self.mu) * g / d)
            p.sub_(self.lr * b)

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% RMSprop: buffer_of_raw_gradients
# Wrong: the buffer sums the raw gradients and the sum is divided by d afterwards.
class RMSprop:
    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False):
        if lr < 0:
            raise ValueError("lr")
        if eps < 0:
            raise ValueError("eps")
        if weight_decay < 0:
            raise ValueError("weight_decay")
        if not (0 <= alpha < 1):
            raise ValueError("alpha")
        if not (0 <= momentum < 1):
            raise ValueError("momentum")
        self.params = list(params)
        self.lr = lr
        self.alpha = alpha
        self.eps = eps
        self.weight_decay = weight_decay
        self.momentum = momentum
        self.centered = centered
        n = len(self.params)
        self.s = [0.0] * n
        self.g_bar = [0.0] * n
        self.buf = [0.0] * n

    @torch.no_grad()
    def step(self):
        for i in range(len(self.params)):
            theta = self.params[i]
            if theta.grad is None:
                continue
            g = theta.grad + self.weight_decay * theta
            self.s[i] = self.alpha * self.s[i] + (1 - self.alpha) * g * g
            self.g_bar[i] = self.alpha * self.g_bar[i] + (1 - self.alpha) * g
            if self.centered:
                d = torch.sqrt(self.s[i] - self.g_bar[i] ** 2) + self.eps
            else:
                d = torch.sqrt(self.s[i]) + self.eps
            self.buf[i] = self.momentum * self.buf[i] + g
            theta -= self.lr * self.buf[i] / d

    def zero_grad(self):
        for theta in self.params:
            if theta.grad is not None:
                theta.grad = torch.zeros_like(theta.grad)

# %% RMSprop: decay_only_steers
# Wrong: s and g_bar are made from the raw gradient, weight decay is added only in the numerator.
class RMSprop:
    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False):
        if lr < 0 or eps < 0 or weight_decay < 0 or not 0 <= alpha < 1 or not 0 <= momentum < 1:
            raise ValueError
        self.lr, self.alpha, self.eps = lr, alpha, eps
        self.weight_decay, self.momentum, self.centered = weight_decay, momentum, centered
        self.params = list(params)
        self.s = [torch.zeros_like(t) for t in self.params]
        self.mean = [torch.zeros_like(t) for t in self.params]
        self.buf = [torch.zeros_like(t) for t in self.params]

    @torch.no_grad()
    def step(self):
        for k, t in enumerate(self.params):
            if t.grad is None:
                continue
            g = t.grad
            self.s[k] = self.alpha * self.s[k] + (1 - self.alpha) * g.square()
            v = self.s[k].clone()
            if self.centered:
                self.mean[k] = self.alpha * self.mean[k] + (1 - self.alpha) * g
                v -= self.mean[k].square()
            d = v.sqrt() + self.eps
            self.buf[k] = self.momentum * self.buf[k] + (g + self.weight_decay * t) / d
            t -= self.lr * self.buf[k]

    def zero_grad(self):
        for t in self.params:
            t.grad = None

# %% RMSprop: one_buffer_behind
# Wrong: with momentum the parameter moves along the buffer from before this step, which is updated after it (plain steps are right).
class RMSprop:
    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False):
        if any(x < 0 for x in (lr, eps, weight_decay)) or not all(0 <= x < 1 for x in (alpha, momentum)):
            raise ValueError("bad hyperparameter")
        self.__dict__.update(lr=lr, alpha=alpha, eps=eps, weight_decay=weight_decay, momentum=momentum, centered=centered)
        self.params = list(params)
        self.s, self.g_bar, self.buf = ([torch.zeros_like(p) for p in self.params] for _ in range(3))

    @torch.no_grad()
    def step(self):
        for p, s, g_bar, buf in zip(self.params, self.s, self.g_bar, self.buf):
            if p.grad is None:
                continue
            g = p.grad + self.weight_decay * p
            s.copy_(self.alpha * s + (1 - self.alpha) * g**2)
            g_bar.copy_(self.alpha * g_bar + (1 - self.alpha) * g)
            root = (s - g_bar**2).sqrt() if self.centered else s.sqrt()
            scaled = g / (root + self.eps)
            if self.momentum > 0:
                p.sub_(self.lr * buf)
                buf.copy_(self.momentum * buf + scaled)
            else:
                p.sub_(self.lr * scaled)

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% RMSprop: eps_in_the_centred_root
# Wrong: in the centred form eps stands inside the root; the plain form is right.
class RMSprop:
    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False):
        if lr < 0.0 or eps < 0.0 or weight_decay < 0.0:
            raise ValueError("lr, eps and weight_decay must be at least 0")
        if alpha < 0.0 or alpha >= 1.0 or momentum < 0.0 or momentum >= 1.0:
            raise ValueError("alpha and momentum must lie in [0, 1)")
        self.params = list(params)
        self.lr = lr
        self.alpha = alpha
        self.eps = eps
        self.weight_decay = weight_decay
        self.momentum = momentum
        self.centered = centered
        self.s = [torch.zeros_like(p) for p in self.params]
        self.g_bar = [torch.zeros_like(p) for p in self.params]
        self.buf = [torch.zeros_like(p) for p in self.params]

    def _denominator(self, i, g):
        self.s[i].mul_(self.alpha).add_(g.pow(2), alpha=1 - self.alpha)
        if not self.centered:
            return self.s[i].sqrt().add_(self.eps)
        self.g_bar[i].mul_(self.alpha).add_(g, alpha=1 - self.alpha)
        return (self.s[i] - self.g_bar[i].pow(2) + self.eps).sqrt()

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            g = p.grad + self.weight_decay * p
            d = self._denominator(i, g)
            self.buf[i].mul_(self.momentum).add_(g / d)
            p.add_(self.buf[i], alpha=-self.lr)

    def zero_grad(self):
        for p in self.params:
            if p.grad is not None:
                p.grad.detach_()
                p.grad.zero_()

# %% RMSprop: mean_before_this_step
# Wrong: the centred denominator uses g_bar from before the step, because g_bar is updated last.
class RMSprop:
    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False):
        if lr < 0 or eps < 0 or weight_decay < 0:
            raise ValueError("must be >= 0")
        if not (0 <= alpha < 1 and 0 <= momentum < 1):
            raise ValueError("must be in [0, 1)")
        self.params = list(params)
        self.lr, self.alpha, self.eps, self.weight_decay = lr, alpha, eps, weight_decay
        self.momentum, self.centered = momentum, centered
        self.s = [torch.zeros_like(p) for p in self.params]
        self.g_bar = [torch.zeros_like(p) for p in self.params]
        self.buf = [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        a = self.alpha
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            g = p.grad.clone()
            if self.weight_decay:
                g += self.weight_decay * p
            self.s[i] = a * self.s[i] + (1 - a) * g**2
            d = self.s[i]
            if self.centered:
                d = d - self.g_bar[i] ** 2
            d = d.sqrt() + self.eps
            self.buf[i] = self.momentum * self.buf[i] + g / d
            p -= self.lr * self.buf[i]
            self.g_bar[i] = a * self.g_bar[i] + (1 - a) * g

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% RMSprop: keras_momentum
# Wrong: lr is inside the momentum buffer as in Keras, which shows when lr changes between steps.
class RMSprop:
    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False):
        if lr < 0 or eps < 0 or weight_decay < 0 or not 0 <= alpha < 1 or not 0 <= momentum < 1:
            raise ValueError("invalid setting")
        self.params = list(params)
        self.lr, self.rho, self.eps = lr, alpha, eps
        self.weight_decay, self.momentum, self.centered = weight_decay, momentum, centered
        self.velocities = [torch.zeros_like(p) for p in self.params]
        self.averages = [torch.zeros_like(p) for p in self.params]
        self.means = [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for var, vel, avg, mean in zip(self.params, self.velocities, self.averages, self.means):
            if var.grad is None:
                continue
            g = var.grad + self.weight_decay * var
            avg.copy_(self.rho * avg + (1 - self.rho) * g * g)
            if self.centered:
                mean.copy_(self.rho * mean + (1 - self.rho) * g)
                d = torch.sqrt(avg - mean * mean) + self.eps
            else:
                d = torch.sqrt(avg) + self.eps
            vel.copy_(self.momentum * vel + self.lr * g / d)
            var.sub_(vel)

    def zero_grad(self):
        for var in self.params:
            var.grad = None

# %% RMSprop: decoupled_decay
# Wrong: weight decay shrinks the parameters directly, as AdamW does, and is not added to the gradient.
class RMSprop:
    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False):
        if lr < 0 or eps < 0 or weight_decay < 0:
            raise ValueError("negative")
        if not 0 <= alpha < 1 or not 0 <= momentum < 1:
            raise ValueError("not in [0, 1)")
        self.params = list(params)
        self.lr = lr
        self.alpha = alpha
        self.eps = eps
        self.weight_decay = weight_decay
        self.momentum = momentum
        self.centered = centered
        self.state = {}
        for i, p in enumerate(self.params):
            self.state[i] = [torch.zeros_like(p), torch.zeros_like(p), torch.zeros_like(p)]

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            s, g_bar, buf = self.state[i]
            g = p.grad
            p.mul_(1 - self.lr * self.weight_decay)
            s.mul_(self.alpha).addcmul_(g, g, value=1 - self.alpha)
            if self.centered:
                g_bar.mul_(self.alpha).add_(g, alpha=1 - self.alpha)
                d = s.addcmul(g_bar, g_bar, value=-1).sqrt_().add_(self.eps)
            else:
                d = s.sqrt().add_(self.eps)
            buf.mul_(self.momentum).addcdiv_(g, d)
            p.add_(buf, alpha=-self.lr)

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% RMSprop: pytorch_ranges
# Wrong: checks the settings as PyTorch does, so an alpha or a momentum of 1 or more is accepted.
class RMSprop:
    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False):
        if not 0.0 <= lr:
            raise ValueError(f"Invalid learning rate: {lr}")
        if not 0.0 <= eps:
            raise ValueError(f"Invalid epsilon value: {eps}")
        if not 0.0 <= momentum:
            raise ValueError(f"Invalid momentum value: {momentum}")
        if not 0.0 <= weight_decay:
            raise ValueError(f"Invalid weight_decay value: {weight_decay}")
        if not 0.0 <= alpha:
            raise ValueError(f"Invalid alpha value: {alpha}")
        self.params = list(params)
        self.lr, self.alpha, self.eps = lr, alpha, eps
        self.weight_decay, self.momentum, self.centered = weight_decay, momentum, centered
        self.square_avg = [torch.zeros_like(p) for p in self.params]
        self.grad_avg = [torch.zeros_like(p) for p in self.params]
        self.momentum_buffer = [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for i, param in enumerate(self.params):
            grad = param.grad
            if grad is None:
                continue
            if self.weight_decay != 0:
                grad = grad.add(param, alpha=self.weight_decay)
            square_avg = self.square_avg[i]
            square_avg.mul_(self.alpha).addcmul_(grad, grad, value=1 - self.alpha)
            if self.centered:
                grad_avg = self.grad_avg[i]
                grad_avg.lerp_(grad, 1 - self.alpha)
                avg = square_avg.addcmul(grad_avg, grad_avg, value=-1).sqrt_()
            else:
                avg = square_avg.sqrt()
            avg = avg.add_(self.eps)
            if self.momentum > 0:
                buf = self.momentum_buffer[i]
                buf.mul_(self.momentum).addcdiv_(grad, avg)
                param.add_(buf, alpha=-self.lr)
            else:
                param.addcdiv_(grad, avg, value=-self.lr)

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% RMSprop: fastai_start
# Wrong: s starts at the first squared gradient instead of at zero, as in fast.ai's course.
class RMSprop:
    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False):
        if lr < 0 or eps < 0 or weight_decay < 0 or alpha < 0 or momentum < 0 or alpha >= 1 or momentum >= 1:
            raise ValueError("out of range")
        self.params = list(params)
        self.lr, self.alpha, self.eps = lr, alpha, eps
        self.weight_decay, self.momentum, self.centered = weight_decay, momentum, centered
        self.s = [None for _ in self.params]
        self.g_bar = [torch.zeros_like(p) for p in self.params]
        self.buf = [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            g = p.grad + self.weight_decay * p
            if self.s[i] is None:
                self.s[i] = g**2
            else:
                self.s[i] = self.alpha * self.s[i] + (1 - self.alpha) * g**2
            self.g_bar[i] = self.alpha * self.g_bar[i] + (1 - self.alpha) * g
            var = self.s[i] - self.g_bar[i] ** 2 if self.centered else self.s[i]
            self.buf[i] = self.momentum * self.buf[i] + g / (var.sqrt() + self.eps)
            p -= self.lr * self.buf[i]

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% RMSprop: generator_kept
# Wrong: keeps the iterable itself, so a generator is used up in the constructor and nothing is ever trained.
class RMSprop:
    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False):
        if lr < 0 or eps < 0 or weight_decay < 0:
            raise ValueError
        if not 0 <= alpha < 1:
            raise ValueError
        if not 0 <= momentum < 1:
            raise ValueError
        self.params = params
        self.lr = lr
        self.alpha = alpha
        self.eps = eps
        self.weight_decay = weight_decay
        self.momentum = momentum
        self.centered = centered
        self.s = [torch.zeros_like(p) for p in params]
        self.g_bar = [torch.zeros_like(s) for s in self.s]
        self.buf = [torch.zeros_like(s) for s in self.s]

    @torch.no_grad()
    def step(self):
        for p, s, g_bar, buf in zip(self.params, self.s, self.g_bar, self.buf):
            if p.grad is not None:
                g = p.grad + self.weight_decay * p
                s *= self.alpha
                s += (1 - self.alpha) * g**2
                g_bar *= self.alpha
                g_bar += (1 - self.alpha) * g
                if self.centered:
                    d = torch.sqrt(s - g_bar**2) + self.eps
                else:
                    d = torch.sqrt(s) + self.eps
                buf *= self.momentum
                buf += g / d
                p -= self.lr * buf

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% RMSprop: gradient_plus_equals
# Wrong: weight decay is added into theta.grad itself, so the gradient changes.
class RMSprop:
    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False):
        if lr < 0 or eps < 0 or weight_decay < 0 or not 0 <= alpha < 1 or not 0 <= momentum < 1:
            raise ValueError("please check the settings")
        self.thetas = list(params)
        self.lr, self.alpha, self.eps, self.wd, self.mu, self.centered = lr, alpha, eps, weight_decay, momentum, centered
        self.memory = [{"s": torch.zeros_like(t), "mean": torch.zeros_like(t), "buf": torch.zeros_like(t)} for t in self.thetas]

    @torch.no_grad()
    def step(self):
        for theta, mem in zip(self.thetas, self.memory):
            g = theta.grad
            if g is None:
                continue
            g += self.wd * theta
            mem["s"] = self.alpha * mem["s"] + (1 - self.alpha) * g * g
            mem["mean"] = self.alpha * mem["mean"] + (1 - self.alpha) * g
            d = torch.sqrt(mem["s"] - self.centered * mem["mean"] ** 2) + self.eps
            mem["buf"] = self.mu * mem["buf"] + g / d
            theta -= self.lr * mem["buf"]

    def zero_grad(self):
        for theta in self.thetas:
            theta.grad = None

# %% RMSprop: new_memory
# Wrong: assigns a fresh tensor to theta.data, so the parameter's memory moves.
class RMSprop:
    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False):
        if lr < 0 or eps < 0 or weight_decay < 0 or not 0 <= alpha < 1 or not 0 <= momentum < 1:
            raise ValueError("wrong value")
        self.params = list(params)
        self.lr = lr
        self.alpha = alpha
        self.eps = eps
        self.weight_decay = weight_decay
        self.momentum = momentum
        self.centered = centered
        self.s = [torch.zeros_like(p.data) for p in self.params]
        self.g_bar = [torch.zeros_like(p.data) for p in self.params]
        self.buf = [torch.zeros_like(p.data) for p in self.params]

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            g = p.grad.data + self.weight_decay * p.data
            self.s[i] = self.alpha * self.s[i] + (1 - self.alpha) * g**2
            d2 = self.s[i]
            if self.centered:
                self.g_bar[i] = self.alpha * self.g_bar[i] + (1 - self.alpha) * g
                d2 = d2 - self.g_bar[i] ** 2
            self.buf[i] = self.momentum * self.buf[i] + g / (torch.sqrt(d2) + self.eps)
            p.data = p.data - self.lr * self.buf[i]

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% RMSprop: state_of_those_with_gradients
# Wrong: zips only the parameters that have a gradient with the lists of state, so after a None the states belong to the wrong parameters.
class RMSprop:
    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False):
        if lr < 0 or eps < 0 or weight_decay < 0 or not 0 <= alpha < 1 or not 0 <= momentum < 1:
            raise ValueError("invalid")
        self.params = list(params)
        self.lr, self.alpha, self.eps = lr, alpha, eps
        self.weight_decay, self.momentum, self.centered = weight_decay, momentum, centered
        self.s = [0 for p in self.params]
        self.g_bar = [0 for p in self.params]
        self.buf = [0 for p in self.params]

    @torch.no_grad()
    def step(self):
        active = [p for p in self.params if p.grad is not None]
        for i, p in enumerate(active):
            g = p.grad + self.weight_decay * p
            self.s[i] = self.alpha * self.s[i] + (1 - self.alpha) * g**2
            self.g_bar[i] = self.alpha * self.g_bar[i] + (1 - self.alpha) * g
            if self.centered:
                d = (self.s[i] - self.g_bar[i] ** 2).sqrt() + self.eps
            else:
                d = self.s[i].sqrt() + self.eps
            self.buf[i] = self.momentum * self.buf[i] + g / d
            p.sub_(self.lr * self.buf[i])

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% RMSprop: rate_frozen_and_swapped
# Wrong: two slips, the rate is frozen at construction (a later change of self.lr is ignored), and s takes alpha of the new square and 1 - alpha of the old.
class RMSprop:
    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False):
        if lr < 0 or eps < 0 or weight_decay < 0 or not 0 <= alpha < 1 or not 0 <= momentum < 1:
            raise ValueError("settings")
        self.params = list(params)
        self.lr = lr
        self.settings = (lr, alpha, eps, weight_decay, momentum, centered)
        self.s = [torch.zeros_like(p) for p in self.params]
        self.g_bar = [torch.zeros_like(p) for p in self.params]
        self.buf = [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        lr, alpha, eps, wd, mu, centered = self.settings
        for p, s, g_bar, buf in zip(self.params, self.s, self.g_bar, self.buf):
            if p.grad is None:
                continue
            g = p.grad + wd * p
            s.mul_(1 - alpha).add_(alpha * g**2)
            g_bar.mul_(alpha).add_((1 - alpha) * g)
            d = torch.sqrt(s - g_bar**2 if centered else s) + eps
            buf.mul_(mu).add_(g / d)
            p.sub_(lr * buf)

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% RMSprop: zero_rate_and_zero_gradients
# Wrong: two slips, an lr of 0 is refused, and a gradient of zeros is skipped like None so that s and the buffer do not decay.
class RMSprop:
    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False):
        if lr <= 0:
            raise ValueError("the learning rate must be positive")
        if eps < 0 or weight_decay < 0:
            raise ValueError("eps and weight_decay must not be negative")
        if not 0 <= alpha < 1 or not 0 <= momentum < 1:
            raise ValueError("alpha and momentum must be in [0, 1)")
        self.params = list(params)
        self.lr, self.alpha, self.eps = lr, alpha, eps
        self.weight_decay, self.momentum, self.centered = weight_decay, momentum, centered
        self.state = [(torch.zeros_like(p), torch.zeros_like(p), torch.zeros_like(p)) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, (s, g_bar, buf) in zip(self.params, self.state):
            if p.grad is None or not p.grad.any():
                continue
            g = p.grad + self.weight_decay * p
            s.mul_(self.alpha).add_((1 - self.alpha) * g**2)
            if self.centered:
                g_bar.mul_(self.alpha).add_((1 - self.alpha) * g)
            d = (s - g_bar**2).sqrt() + self.eps
            buf.mul_(self.momentum).add_(g / d)
            p.sub_(self.lr * buf)

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% RMSprop: centres_the_gradient
# Wrong: takes "centred" to mean that the mean gradient is subtracted from the gradient in the numerator; the denominator stays the RMS.
class RMSprop:
    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False):
        if lr < 0 or eps < 0 or weight_decay < 0 or not 0 <= alpha < 1 or not 0 <= momentum < 1:
            raise ValueError("bad argument")
        self.params = list(params)
        self.lr, self.alpha, self.eps = lr, alpha, eps
        self.weight_decay, self.momentum, self.centered = weight_decay, momentum, centered
        self.s = [torch.zeros_like(p) for p in self.params]
        self.g_bar = [torch.zeros_like(p) for p in self.params]
        self.buf = [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for i in range(len(self.params)):
            p = self.params[i]
            if p.grad is None:
                continue
            g = p.grad + self.weight_decay * p
            self.s[i] = self.alpha * self.s[i] + (1 - self.alpha) * g**2
            if self.centered:
                self.g_bar[i] = self.alpha * self.g_bar[i] + (1 - self.alpha) * g
                g = g - self.g_bar[i]
            self.buf[i] = self.momentum * self.buf[i] + g / (self.s[i].sqrt() + self.eps)
            p -= self.lr * self.buf[i]

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% RMSprop: one_number_per_tensor
# Wrong: misses "element by element", each tensor has a single s, g_bar: the mean over all its elements.
class RMSprop:
    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False):
        if lr < 0 or eps < 0 or weight_decay < 0 or not 0 <= alpha < 1 or not 0 <= momentum < 1:
            raise ValueError("out of range")
        self.params = list(params)
        self.lr, self.alpha, self.eps = lr, alpha, eps
        self.weight_decay, self.momentum, self.centered = weight_decay, momentum, centered
        self.s = [0.0] * len(self.params)
        self.g_bar = [0.0] * len(self.params)
        self.buf = [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            g = p.grad + self.weight_decay * p
            self.s[i] = self.alpha * self.s[i] + (1 - self.alpha) * (g**2).mean()
            self.g_bar[i] = self.alpha * self.g_bar[i] + (1 - self.alpha) * g.mean()
            var = self.s[i] - self.g_bar[i] ** 2 if self.centered else self.s[i]
            self.buf[i].mul_(self.momentum).add_(g / (var.sqrt() + self.eps))
            p.sub_(self.buf[i], alpha=self.lr)

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% RMSprop: without_the_centred_form
# Wrong: unfinished, centered is stored but formula (6) is never used.
class RMSprop:
    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False):
        if lr < 0 or eps < 0 or weight_decay < 0 or not 0 <= alpha < 1 or not 0 <= momentum < 1:
            raise ValueError("out of range")
        self.params = list(params)
        self.lr, self.alpha, self.eps = lr, alpha, eps
        self.weight_decay, self.momentum = weight_decay, momentum
        self.centered = centered  # later
        self.s = [torch.zeros_like(p) for p in self.params]
        self.buf = [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, s, buf in zip(self.params, self.s, self.buf):
            if p.grad is None:
                continue
            g = p.grad + self.weight_decay * p
            s.mul_(self.alpha).add_((1 - self.alpha) * g**2)
            d = s.sqrt() + self.eps
            buf.mul_(self.momentum).add_(g / d)
            p -= self.lr * buf

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% RMSprop: zeroes_what_is_not_there
# Wrong: zero_grad calls .zero_() on every grad and raises AttributeError where it is None.
class RMSprop:
    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False):
        if lr < 0 or eps < 0 or weight_decay < 0 or not 0 <= alpha < 1 or not 0 <= momentum < 1:
            raise ValueError("out of range")
        self.params = list(params)
        self.lr = lr
        self.alpha = alpha
        self.eps = eps
        self.weight_decay = weight_decay
        self.momentum = momentum
        self.centered = centered
        self.s = [torch.zeros_like(p) for p in self.params]
        self.g_bar = [torch.zeros_like(p) for p in self.params]
        self.buf = [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            g = p.grad + self.weight_decay * p
            self.s[i] = self.alpha * self.s[i] + (1 - self.alpha) * g**2
            self.g_bar[i] = self.alpha * self.g_bar[i] + (1 - self.alpha) * g
            if self.centered:
                d = torch.sqrt(self.s[i] - self.g_bar[i] ** 2) + self.eps
            else:
                d = torch.sqrt(self.s[i]) + self.eps
            self.buf[i] = self.momentum * self.buf[i] + g / d
            p -= self.lr * self.buf[i]

    def zero_grad(self):
        for p in self.params:
            p.grad.zero_()

# %% RMSprop: one_object_per_tensor
# Right: a small class holds the arrays of a single tensor, the optimiser only tells each to move.
class _Cell:
    def __init__(self, theta):
        self.theta = theta
        self.squares, self.mean, self.buf = torch.zeros_like(theta, requires_grad=False).expand(3, *theta.shape).clone()

    def move(self, lr, alpha, eps, wd, mu, centered):
        if self.theta.grad is None:
            return
        g = self.theta.grad + wd * self.theta.detach()
        self.squares = alpha * self.squares + (1 - alpha) * g * g
        self.mean = alpha * self.mean + (1 - alpha) * g
        spread = self.squares - self.mean * self.mean if centered else self.squares
        self.buf = mu * self.buf + g / (spread.sqrt() + eps)
        self.theta -= lr * self.buf


class RMSprop:
    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False):
        if min(lr, eps, weight_decay) < 0 or not (0 <= alpha < 1) or not (0 <= momentum < 1):
            raise ValueError("lr, eps, weight_decay >= 0; alpha and momentum in [0, 1)")
        self.lr = lr
        self._rest = alpha, eps, weight_decay, momentum, centered
        self._cells = [_Cell(theta) for theta in params]

    @torch.no_grad()
    def step(self):
        for cell in self._cells:
            cell.move(self.lr, *self._rest)

    def zero_grad(self):
        for cell in self._cells:
            cell.theta.grad = None

# %% RMSprop: coroutines
# Right: each tensor has a generator that keeps s, g_bar and buf as local variables and is sent the rate.
class RMSprop:
    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False):
        for bad, name in (
            (lr < 0, "lr"), (eps < 0, "eps"), (weight_decay < 0, "weight_decay"),
            (alpha < 0 or alpha >= 1, "alpha"), (momentum < 0 or momentum >= 1, "momentum"),
        ):
            if bad:
                raise ValueError(name)
        self.lr = lr

        def worker(theta):
            s = g_bar = buf = torch.zeros_like(theta, requires_grad=False)
            move = None
            while True:
                g, rate = yield move
                g = g + weight_decay * theta.detach()
                s = alpha * s + (1 - alpha) * g.square()
                g_bar = alpha * g_bar + (1 - alpha) * g
                d = (s - g_bar.square()).sqrt() if centered else s.sqrt()
                buf = momentum * buf + g / (d + eps)
                move = rate * buf

        self.params = list(params)
        self.workers = [worker(theta) for theta in self.params]
        for w in self.workers:
            next(w)

    @torch.no_grad()
    def step(self):
        for theta, w in zip(self.params, self.workers):
            if theta.grad is not None:
                theta.sub_(w.send((theta.grad, self.lr)))

    def zero_grad(self):
        for theta in self.params:
            if theta.grad is not None:
                theta.grad = torch.zeros_like(theta.grad)

# %% settings_from_log: first_stride_as_lr
# Wrong: returns the length of the first step as lr, the factor sqrt(1 - alpha) is forgotten; alpha is right.
def settings_from_log(theta, grads):
    first = abs(theta[0, 0] - theta[1, 0])
    second = abs(theta[1, 0] - theta[2, 0])
    g1, g2 = grads[0, 0], grads[1, 0]
    alpha = ((first * g2 / second) ** 2 - g2**2) / g1**2
    return first, alpha

# %% settings_from_log: no_root_over_the_weight
# Wrong: multiplies the first stride by 1 - alpha and not by its root.
def settings_from_log(theta, grads):
    steps = np.abs(np.diff(theta, axis=0))
    k = steps[0]
    q = k / steps[1]
    alpha = (q**2 - 1) * grads[1] ** 2 / grads[0] ** 2
    alpha = float(np.median(alpha))
    return float(np.mean(k)) * (1 - alpha), alpha

# %% settings_from_log: gradients_exchanged
# Wrong: g1 and g2 change places in the formula of alpha.
def settings_from_log(theta, grads):
    d1, d2 = theta[0] - theta[1], theta[1] - theta[2]
    g1, g2 = grads[0], grads[1]
    ratio = (d1 / d2) ** 2
    alpha = np.mean(g1**2 / g2**2 * (ratio - 1))
    lr = np.mean(np.abs(d1)) * np.sqrt(max(1 - alpha, 0.0))
    return float(lr), float(alpha)

# %% settings_from_log: ratio_not_squared
# Wrong: the ratio of the two strides is not squared.
def settings_from_log(theta, grads):
    a = abs(theta[1, 0] - theta[0, 0])
    b = abs(theta[2, 0] - theta[1, 0])
    g1 = grads[0, 0] ** 2
    g2 = grads[1, 0] ** 2
    alpha = (a / b - 1) * g2 / g1
    lr = a * (1 - alpha) ** 0.5
    return lr, alpha

# %% settings_from_log: signed_stride
# Wrong: no absolute value, lr gets the sign of the first gradient.
def settings_from_log(theta, grads):
    t0, t1, t2 = theta[:3, 0]
    g1, g2 = grads[:2, 0]
    K = t0 - t1
    L = t1 - t2
    alpha = (K**2 * g2**2 / L**2 - g2**2) / g1**2
    lr = K * np.sqrt(1 - alpha)
    return lr, alpha

# %% settings_from_log: weight_of_the_new_square
# Wrong: returns 1 - alpha in place of alpha; lr is right.
def settings_from_log(theta, grads):
    stride = np.abs(theta[:-1] - theta[1:])
    r = grads[1, 0] / grads[0, 0]
    decay = r**2 * ((stride[0, 0] / stride[1, 0]) ** 2 - 1)
    one_minus = 1 - decay
    return float(stride[0, 0] * np.sqrt(one_minus)), float(one_minus)

# %% settings_from_log: forgot_the_second_square
# Wrong: sets the second mean square to alpha * g1^2 only, its own g2^2 is left out.
def settings_from_log(theta, grads):
    step1 = np.abs(theta[1] - theta[0])
    step2 = np.abs(theta[2] - theta[1])
    # step2 = step1 * |g2| / sqrt(alpha * g1^2)
    alpha = (step1 * grads[1] / (step2 * grads[0])) ** 2
    alpha = float(alpha.mean())
    lr = float(step1.mean() * np.sqrt(abs(1 - alpha)))
    return lr, alpha

# %% settings_from_log: shifted_by_a_row
# Wrong: off by one, pairs the gradients with the rows after them, so the second step is taken for the first (where T > 2; with T = 2 it repeats itself).
def settings_from_log(theta, grads):
    steps = np.diff(theta, axis=0)
    i = min(1, len(grads) - 2)
    j = min(2, len(grads) - 1)
    s1, s2 = abs(steps[1, 0]), abs(steps[j, 0])
    g1, g2 = grads[i, 0], grads[j, 0]
    alpha = ((s1 / s2) ** 2 - 1) * (g2 / g1) ** 2
    lr = s1 * np.sqrt(abs(1 - alpha))
    return float(lr), float(alpha)

# %% settings_from_log: adams_correction
# Wrong: carries over Adam's bias correction, takes the first stride to be lr and corrects s by 1 - alpha^t.
def settings_from_log(theta, grads):
    lr = abs(theta[1, 0] - theta[0, 0])
    d = abs(theta[2, 0] - theta[1, 0])
    g1, g2 = grads[0, 0] ** 2, grads[1, 0] ** 2
    s_hat = lr**2 * g2 / d**2
    # s_hat = (alpha * g1 + g2) / (1 + alpha)
    alpha = (g2 - s_hat) / (s_hat - g1)
    return float(lr), float(alpha)

# %% settings_from_log: starts_at_the_first_square
# Wrong: assumes fast.ai's start, s_1 = g_1^2, so the first stride is lr and s_2 a weighted mean.
def settings_from_log(theta, grads):
    K = np.abs(theta[0] - theta[1]).mean()
    i = np.argmax(np.abs(grads[0] ** 2 - grads[1] ** 2))
    s2 = (K * grads[1, i] / (theta[1, i] - theta[2, i])) ** 2
    alpha = (s2 - grads[1, i] ** 2) / (grads[0, i] ** 2 - grads[1, i] ** 2)
    return float(K), float(alpha)

# %% settings_from_log: alpha_from_the_manual
# Wrong: takes PyTorch's default alpha = 0.99 for granted and computes only lr.
def settings_from_log(theta, grads):
    alpha = 0.99
    first_step = np.abs(theta[1] - theta[0])
    lr = np.sqrt(1 - alpha) * first_step.mean()
    return float(lr), alpha

# %% settings_from_log: grid_search
# Wrong: tries alphas from a grid in steps of 0.001, as one tunes a setting, so six digits are not reached.
def settings_from_log(theta, grads):
    K = np.abs(theta[0] - theta[1]).mean()
    best, best_error = None, np.inf
    for alpha in np.arange(0, 1, 0.001):
        lr = K * np.sqrt(1 - alpha)
        s = np.zeros(theta.shape[1])
        error = 0.0
        for t in range(len(grads)):
            s = alpha * s + (1 - alpha) * grads[t] ** 2
            predicted = theta[t] - lr * grads[t] / np.sqrt(s)
            error += np.sum((predicted - theta[t + 1]) ** 2)
        if error < best_error:
            best, best_error = (lr, alpha), error
    return best

# %% settings_from_log: alpha_then_lr
# Wrong: returns (alpha, lr), in the wrong order.
def settings_from_log(theta, grads):
    k = abs(theta[0, 0] - theta[1, 0])
    rms2 = k * abs(grads[1, 0]) / abs(theta[1, 0] - theta[2, 0])
    alpha = (rms2**2 - grads[1, 0] ** 2) / grads[0, 0] ** 2
    lr = k * np.sqrt(1 - alpha)
    return alpha, lr

# %% settings_from_log: one_per_parameter
# Wrong: returns two arrays of shape (n,) instead of two numbers.
def settings_from_log(theta, grads):
    d = theta[:-1] - theta[1:]
    g = grads**2
    alpha = (d[0] ** 2 / d[1] ** 2 - 1) * g[1] / g[0]
    lr = np.abs(d[0]) * np.sqrt(1 - alpha)
    return lr, alpha

# %% settings_from_log: squares_in_place
# Wrong: squares the caller's gradients in place.
def settings_from_log(theta, grads):
    grads *= grads
    moves = np.abs(np.diff(theta, axis=0))
    alpha = ((moves[0, 0] / moves[1, 0]) ** 2 - 1) * grads[1, 0] / grads[0, 0]
    return float(moves[0, 0] * np.sqrt(1 - alpha)), float(alpha)

# %% settings_from_log: tidy_numbers
# Wrong: rounds both results to three decimals.
def settings_from_log(theta, grads):
    a = np.abs(theta[1] - theta[0])
    b = np.abs(theta[2] - theta[1])
    alpha = np.median((a**2 / b**2 - 1) * (grads[1] / grads[0]) ** 2)
    lr = np.median(a) * np.sqrt(1 - alpha)
    return round(float(lr), 3), round(float(alpha), 3)

# %% settings_from_log: cancelling_mean_and_swap
# Wrong: two slips, averages signed first steps over the parameters, which cancel, and leaves out the root of 1 - alpha.
def settings_from_log(theta, grads):
    first = (theta[0] - theta[1]).mean()
    k = np.abs(theta[0] - theta[1])
    k2 = np.abs(theta[1] - theta[2])
    alpha = np.mean(((k / k2) ** 2 - 1) * (grads[1] / grads[0]) ** 2)
    lr = abs(first) * (1 - alpha)
    return float(lr), float(alpha)

# %% settings_from_log: plus_and_unsquared
# Wrong: two slips, the ratio plus 1 instead of minus 1, and the gradients' ratio is not squared.
def settings_from_log(theta, grads):
    k, k2 = abs(theta[0, 0] - theta[1, 0]), abs(theta[1, 0] - theta[2, 0])
    alpha = ((k / k2) ** 2 + 1) * abs(grads[1, 0] / grads[0, 0])
    lr = k * np.sqrt(abs(1 - alpha))
    return lr, alpha

# %% settings_from_log: settled_stride
# Wrong: misunderstands the log, takes the last step for lr because "a step is lr" in the long run, and compares it with the first to get alpha.
def settings_from_log(theta, grads):
    last = np.abs(theta[-1] - theta[-2]).mean()
    first = np.abs(theta[1] - theta[0]).mean()
    lr = last
    alpha = 1 - (lr / first) ** 2
    return float(lr), float(alpha)

# %% settings_from_log: effective_rate
# Wrong: misses the division by the RMS, takes step / gradient as lr and the decay of these ratios as alpha.
def settings_from_log(theta, grads):
    effective = (theta[:-1] - theta[1:]) / grads
    lr = float(np.mean(effective[0]))
    alpha = float(np.mean(effective[1] / effective[0]))
    return lr, alpha

# %% settings_from_log: only_the_first_equation
# Wrong: unfinished, it uses the first step alone and returns an alpha of 0.
def settings_from_log(theta, grads):
    # lr / sqrt(1 - alpha) is the first stride
    first = float(np.abs(theta[1, 0] - theta[0, 0]))
    alpha = 0.0
    lr = first * np.sqrt(1 - alpha)
    # second equation: ...
    return float(lr), alpha

# %% settings_from_log: exactly_two_steps
# Wrong: unpacks the logs into three and two rows, which raises ValueError when T is more than 2.
def settings_from_log(theta, grads):
    before, middle, after = theta
    g1, g2 = grads
    k = np.abs(before - middle)
    alpha = ((k / np.abs(middle - after)) ** 2 - 1) * (g2 / g1) ** 2
    lr = k * np.sqrt(1 - alpha)
    return float(lr.mean()), float(alpha.mean())

# %% settings_from_log: bisection
# Right: finds alpha by bisection on the predicted second step of the best conditioned parameter.
def settings_from_log(theta, grads):
    size = np.abs(np.asarray(grads[:2]))
    r = size[1] / size[0]
    i = int(np.argmin((1 + r**2) ** 1.5 / r))
    stride = float(abs(theta[0, i] - theta[1, i]))
    second = float(abs(theta[1, i] - theta[2, i]))

    def predicted(alpha):
        return stride * r[i] / np.sqrt(alpha + r[i] ** 2)

    low, high = 0.0, 1.0
    for _ in range(80):
        middle = 0.5 * (low + high)
        if predicted(middle) > second:
            low = middle
        else:
            high = middle
    alpha = 0.5 * (low + high)
    return stride * (1 - alpha) ** 0.5, alpha

# %% settings_from_log: linear_least_squares
# Right: two unknowns, 1/lr^2 times (1 - alpha) and times alpha (1 - alpha), from a weighted linear least-squares problem.
def settings_from_log(theta, grads):
    d = theta[:2] - theta[1:3]
    g = grads[:2]
    # step 1: g1^2 * u = g1^2 / d1^2 * g1^2 ... with u = (1 - alpha) / lr^2, w = alpha * u:
    #   1 = d1^2 * u                 1 = d2^2 * (u + w * g1^2 / g2^2)
    one = np.stack([d[0] ** 2, np.zeros_like(d[0])], axis=1)
    two = np.stack([d[1] ** 2, d[1] ** 2 * (g[0] / g[1]) ** 2], axis=1)
    rows = np.concatenate([one, two])
    scale = np.abs(rows).max(axis=0)
    u, w = np.linalg.lstsq(rows / scale, np.ones(len(rows)), rcond=None)[0] / scale
    alpha = w / u
    return float(np.sqrt((1 - alpha) / u)), float(alpha)

