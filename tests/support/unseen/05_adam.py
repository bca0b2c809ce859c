# %% adam_update: betas_crossed_in_the_correction
# Wrong: m is corrected with beta2 and v with beta1.
def adam_update(theta, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    m_hat = m / (1 - beta2**t)
    v_hat = v / (1 - beta1**t)
    theta = theta - lr * m_hat / (np.sqrt(v_hat) + eps)
    return theta, m, v

# %% adam_update: counts_one_too_far
# Wrong: off by one, the corrections use t + 1 because t is thought to count from 0.
def adam_update(theta, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    step = t + 1
    m_t = beta1 * m + (1 - beta1) * grad
    v_t = beta2 * v + (1 - beta2) * np.square(grad)
    m_hat = m_t / (1 - np.power(beta1, step))
    v_hat = v_t / (1 - np.power(beta2, step))
    return theta - lr * m_hat / (np.sqrt(v_hat) + eps), m_t, v_t

# %% adam_update: eps_under_root
# Wrong: eps is inside the root, sqrt(v_hat + eps).
def adam_update(theta, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * (grad * grad)
    mh = m / (1 - beta1**t)
    vh = v / (1 - beta2**t)
    return theta - lr * mh / np.sqrt(vh + eps), m, v

# %% adam_update: hands_on_the_hats
# Wrong: returns the corrected m_hat and v_hat as the averages.
def adam_update(theta, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = (beta1 * m + (1 - beta1) * grad) / (1 - beta1**t)
    v = (beta2 * v + (1 - beta2) * grad**2) / (1 - beta2**t)
    theta = theta - lr * m / (np.sqrt(v) + eps)
    return theta, m, v

# %% adam_update: only_m_corrected
# Wrong: v is not corrected, only m is.
def adam_update(theta, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    first = m * beta1 + grad * (1 - beta1)
    second = v * beta2 + grad**2 * (1 - beta2)
    first_hat = first / (1 - beta1**t)
    new = theta - lr * first_hat / (np.sqrt(second) + eps)
    return new, first, second

# %% adam_update: no_root
# Wrong: divides by v_hat and not by its root.
def adam_update(theta, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    theta = theta - lr * m_hat / (v_hat + eps)
    return theta, m, v

# %% adam_update: t_as_a_factor
# Wrong: reads beta^t as beta times t in the correction (abs so that the root can be taken).
def adam_update(theta, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    m_hat = m / (1 - beta1 * t)
    v_hat = np.abs(v / (1 - beta2 * t))
    theta = theta - lr * m_hat / (np.sqrt(v_hat) + eps)
    return theta, m, v

# %% adam_update: square_of_the_average
# Wrong: v averages the square of m and not the square of the gradient.
def adam_update(theta, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m_new = beta1 * m + (1 - beta1) * grad
    v_new = beta2 * v + (1 - beta2) * m_new**2
    m_hat, v_hat = m_new / (1 - beta1**t), v_new / (1 - beta2**t)
    theta_new = theta - lr * m_hat / (np.sqrt(v_hat) + eps)
    return theta_new, m_new, v_new

# %% adam_update: faster_order
# Wrong: Keras' order of the paper's section 2, eps is added to sqrt(v) without correction and weighs more in early steps.
def adam_update(theta, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = m + (grad - m) * (1 - beta1)
    v = v + (np.square(grad) - v) * (1 - beta2)
    alpha = lr * np.sqrt(1 - beta2**t) / (1 - beta1**t)
    return theta - alpha * m / (np.sqrt(v) + eps), m, v

# %% adam_update: uncorrected
# Wrong: formula (3) is left out, as in some course notes; t is not used.
def adam_update(theta, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    theta = theta - lr * m / (np.sqrt(v) + eps)
    return theta, m, v

# %% adam_update: buffer_as_in_sgd
# Wrong: m is PyTorch's momentum buffer beta1 * m + grad, without the factor 1 - beta1.
def adam_update(theta, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    buf = beta1 * m + grad
    sq = beta2 * v + (1 - beta2) * grad**2
    m_hat = buf / (1 - beta1**t)
    v_hat = sq / (1 - beta2**t)
    theta = theta - lr * m_hat / (np.sqrt(v_hat) + eps)
    return theta, buf, sq

# %% adam_update: fastai_default
# Wrong: the default of beta2 is 0.99 as in fast.ai, not 0.999.
def adam_update(theta, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.99, eps=1e-8):
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return theta - lr * m_hat / (np.sqrt(v_hat) + eps), m, v

# %% adam_update: averages_in_place
# Wrong: *= and += change the caller's m and v, and these same arrays are returned.
def adam_update(theta, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m *= beta1
    m += (1 - beta1) * grad
    v *= beta2
    v += (1 - beta2) * grad**2
    theta = theta - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return theta, m, v

# %% adam_update: rests_without_gradient
# Wrong: when the gradient is all zeros it returns what came in, though m still moves theta and both averages should decay.
def adam_update(theta, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    if np.all(grad == 0):
        return np.copy(theta), np.copy(m), np.copy(v)
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return theta - lr * m_hat / (np.sqrt(v_hat) + eps), m, v

# %% adam_update: v_before_m
# Wrong: returns (theta, v, m), the averages in the wrong order.
def adam_update(theta, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    v = beta2 * v + (1 - beta2) * grad**2
    m = beta1 * m + (1 - beta1) * grad
    rms = np.sqrt(v / (1 - beta2**t)) + eps
    theta = theta - lr * m / (1 - beta1**t) / rms
    return theta, v, m

# %% adam_update: at_least_one_dimension
# Wrong: np.atleast_1d turns a single number, shape (), into shape (1,).
def adam_update(theta, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    theta, grad, m, v = map(np.atleast_1d, (theta, grad, m, v))
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    theta = theta - lr * m_hat / (np.sqrt(v_hat) + eps)
    return theta, m, v

# %% adam_update: stale_m_and_plus
# Wrong: two slips, the numerator uses the old m and the step is added.
def adam_update(theta, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    v_t = beta2 * v + (1 - beta2) * grad**2
    m_hat = m / (1 - beta1**t)
    v_hat = v_t / (1 - beta2**t)
    theta_t = theta + lr * m_hat / (np.sqrt(v_hat) + eps)
    m_t = beta1 * m + (1 - beta1) * grad
    return theta_t, m_t, v_t

# %% adam_update: swapped_weights_and_eps
# Wrong: two slips, in (1) beta1 and 1 - beta1 have changed places, and eps is inside the root.
def adam_update(theta, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = (1 - beta1) * m + beta1 * grad
    v = beta2 * v + (1 - beta2) * grad**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    theta = theta - (lr / np.sqrt(v_hat + eps)) * m_hat
    return theta, m, v

# %% adam_update: gradient_steers
# Wrong: misses what m is for, the present gradient is divided by sqrt(v_hat) (RMSprop with correction) and m is only carried along.
def adam_update(theta, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    v_hat = v / (1 - beta2**t)
    theta = theta - lr * grad / (np.sqrt(v_hat) + eps)
    return theta, m, v

# %% adam_update: step_is_lr
# Wrong: takes "the step is about lr" for the rule and moves by lr times the sign of m.
def adam_update(theta, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    theta = theta - lr * np.sign(m)
    return theta, m, v

# %% adam_update: momentum_half
# Wrong: unfinished, only the m half is there: v comes back as it was and the step is not divided.
def adam_update(theta, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    new_m = beta1 * m + (1 - beta1) * grad
    m_hat = new_m / (1 - beta1**t)
    new_v = v.copy()
    # todo: second moment
    new_theta = theta - lr * m_hat
    return new_theta, new_m, new_v

# %% adam_update: if_on_an_array
# Wrong: asks "if v_hat > 0" of an array, which raises ValueError for more than one element.
def adam_update(theta, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    if v_hat > 0:
        theta = theta - lr * m_hat / (np.sqrt(v_hat) + eps)
    else:
        theta = theta - 0.0
    return theta, m, v

# %% adam_update: both_averages_at_once
# Right: m and v are rows of one stack, updated and corrected together by broadcasting.
def adam_update(theta, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    theta = np.asarray(theta, dtype=float)
    beta = np.array([beta1, beta2]).reshape((2,) + (1,) * theta.ndim)
    both = beta * np.stack([m, v]) + (1 - beta) * np.stack([grad, np.square(grad)])
    hat = both / (1 - beta**t)
    return theta - lr * hat[0] / (np.sqrt(hat[1]) + eps), both[0].copy(), both[1].copy()

# %% adam_update: element_by_element
# Right: plain Python arithmetic for one element, lifted to arrays with np.vectorize.
def adam_update(theta, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    def one(p, g, a, b):
        a = beta1 * a + (1 - beta1) * g
        b = beta2 * b + (1 - beta2) * g * g
        p = p - lr * (a / (1 - beta1**t)) / ((b / (1 - beta2**t)) ** 0.5 + eps)
        return p, a, b

    return tuple(np.vectorize(one, otypes=[float] * 3)(theta, grad, m, v))

# %% Adam: one_clock_for_all
# Wrong: a single t for all parameters, which advances also for those that were skipped.
class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        if lr < 0 or eps < 0 or weight_decay < 0:
            raise ValueError("lr, eps and weight_decay must not be negative")
        for beta in betas:
            if not 0 <= beta < 1:
                raise ValueError("betas must be in [0, 1)")
        self.params = list(params)
        self.lr = lr
        self.beta1, self.beta2 = betas
        self.eps = eps
        self.weight_decay = weight_decay
        self.m = [torch.zeros_like(p) for p in self.params]
        self.v = [torch.zeros_like(p) for p in self.params]
        self.t = 0

    @torch.no_grad()
    def step(self):
        self.t += 1
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            g = p.grad + self.weight_decay * p
            self.m[i] = self.beta1 * self.m[i] + (1 - self.beta1) * g
            self.v[i] = self.beta2 * self.v[i] + (1 - self.beta2) * g**2
            m_hat = self.m[i] / (1 - self.beta1**self.t)
            v_hat = self.v[i] / (1 - self.beta2**self.t)
            p -= self.lr * m_hat / (torch.sqrt(v_hat) + self.eps)

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% Adam: clock_ticks_in_the_loop
# Wrong: the common t is increased inside the loop, once for every parameter, so later parameters have a larger t.
class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        b1, b2 = betas
        if min(lr, eps, weight_decay, b1, b2) < 0 or max(b1, b2) >= 1:
            raise ValueError("bad settings")
        self.ps = list(params)
        self.lr, self.b1, self.b2, self.eps, self.wd = lr, b1, b2, eps, weight_decay
        self.ms = [torch.zeros_like(p) for p in self.ps]
        self.vs = [torch.zeros_like(p) for p in self.ps]
        self.t = 0

    @torch.no_grad()
    def step(self):
        for p, m, v in zip(self.ps, self.ms, self.vs):
            if p.grad is None:
                continue
            self.t += 1
            g = p.grad + self.wd * p
            m.mul_(self.b1).add_((1 - self.b1) * g)
            v.mul_(self.b2).add_((1 - self.b2) * g * g)
            p.sub_(self.lr * m / (1 - self.b1**self.t) / ((v / (1 - self.b2**self.t)).sqrt() + self.eps))

    def zero_grad(self):
        for p in self.ps:
            if p.grad is not None:
                p.grad.zero_()

# %% Adam: decay_not_in_v
# Wrong: the decayed gradient goes into m only, v averages the square of the raw gradient.
class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        if lr < 0:
            raise ValueError("lr")
        if eps < 0:
            raise ValueError("eps")
        if weight_decay < 0:
            raise ValueError("weight_decay")
        if not (0 <= betas[0] < 1 and 0 <= betas[1] < 1):
            raise ValueError("betas")
        self.lr = lr
        self.betas = betas
        self.eps = eps
        self.weight_decay = weight_decay
        self.state = []
        for p in params:
            self.state.append({"p": p, "m": torch.zeros_like(p), "v": torch.zeros_like(p), "t": 0})

    @torch.no_grad()
    def step(self):
        b1, b2 = self.betas
        for st in self.state:
            p = st["p"]
            if p.grad is None:
                continue
            st["t"] += 1
            g = p.grad
            st["m"] = b1 * st["m"] + (1 - b1) * (g + self.weight_decay * p)
            st["v"] = b2 * st["v"] + (1 - b2) * g**2
            m_hat = st["m"] / (1 - b1 ** st["t"])
            v_hat = st["v"] / (1 - b2 ** st["t"])
            p -= self.lr * m_hat / (v_hat.sqrt() + self.eps)

    def zero_grad(self):
        for st in self.state:
            st["p"].grad = None

# %% Adam: corrected_values_go_on
# Wrong: the corrected m_hat and v_hat are stored as the averages of the next step.
class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        if lr < 0 or eps < 0 or weight_decay < 0 or any(b < 0 or b >= 1 for b in betas):
            raise ValueError("out of range")
        self.params = list(params)
        self.lr, self.betas, self.eps, self.weight_decay = lr, tuple(betas), eps, weight_decay
        self.m = [torch.zeros_like(p) for p in self.params]
        self.v = [torch.zeros_like(p) for p in self.params]
        self.t = [0] * len(self.params)

    @torch.no_grad()
    def step(self):
        beta1, beta2 = self.betas
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            self.t[i] += 1
            g = p.grad + self.weight_decay * p
            self.m[i] = beta1 * self.m[i] + (1 - beta1) * g
            self.v[i] = beta2 * self.v[i] + (1 - beta2) * g * g
            self.m[i] /= 1 - beta1 ** self.t[i]
            self.v[i] /= 1 - beta2 ** self.t[i]
            p -= self.lr * self.m[i] / (self.v[i].sqrt() + self.eps)

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% Adam: rate_times_decay
# Wrong: adds lr * wd * theta to the gradient instead of wd * theta.
class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        beta1, beta2 = betas
        if lr < 0 or eps < 0 or weight_decay < 0:
            raise ValueError("negative")
        if not 0 <= beta1 < 1 or not 0 <= beta2 < 1:
            raise ValueError("beta")
        self.params, self.lr, self.eps, self.wd = [*params], lr, eps, weight_decay
        self.beta1, self.beta2 = beta1, beta2
        self.m, self.v = [torch.zeros_like(p) for p in self.params], [torch.zeros_like(p) for p in self.params]
        self.t = [0 for _ in self.params]

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is not None:
                self.t[i] += 1
                g = p.grad + self.lr * self.wd * p
                self.m[i].mul_(self.beta1).add_(g, alpha=1 - self.beta1)
                self.v[i].mul_(self.beta2).addcmul_(g, g, value=1 - self.beta2)
                m_hat = self.m[i] / (1 - self.beta1 ** self.t[i])
                v_hat = self.v[i] / (1 - self.beta2 ** self.t[i])
                p.addcdiv_(m_hat, v_hat.sqrt() + self.eps, value=-self.lr)

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% Adam: betas_read_backwards
# Wrong: unpacks betas as (beta2, beta1), so m remembers long and v short.
class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        if lr < 0 or eps < 0 or weight_decay < 0 or not all(0 <= b < 1 for b in betas):
            raise ValueError("settings")
        self.params = list(params)
        self.lr = lr
        self.beta2, self.beta1 = betas
        self.eps = eps
        self.weight_decay = weight_decay
        self.memory = {i: (torch.zeros_like(p), torch.zeros_like(p), 0) for i, p in enumerate(self.params)}

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            m, v, t = self.memory[i]
            t = t + 1
            g = p.grad + self.weight_decay * p
            m = self.beta1 * m + (1 - self.beta1) * g
            v = self.beta2 * v + (1 - self.beta2) * g**2
            self.memory[i] = (m, v, t)
            p -= self.lr * (m / (1 - self.beta1**t)) / ((v / (1 - self.beta2**t)) ** 0.5 + self.eps)

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% Adam: eps_joins_v
# Wrong: eps is added to v_hat before the root.
class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        if lr < 0 or eps < 0 or weight_decay < 0:
            raise ValueError
        if betas[0] < 0 or betas[0] >= 1 or betas[1] < 0 or betas[1] >= 1:
            raise ValueError
        self.params = list(params)
        self.lr = lr
        self.betas = betas
        self.eps = eps
        self.weight_decay = weight_decay
        self.m = [torch.zeros_like(p) for p in self.params]
        self.v = [torch.zeros_like(p) for p in self.params]
        self.t = [0 for p in self.params]

    @torch.no_grad()
    def step(self):
        beta1, beta2 = self.betas
        for i in range(len(self.params)):
            theta = self.params[i]
            if theta.grad is None:
                continue
            self.t[i] = self.t[i] + 1
            g = theta.grad + self.weight_decay * theta
            self.m[i] = beta1 * self.m[i] + (1 - beta1) * g
            self.v[i] = beta2 * self.v[i] + (1 - beta2) * g * g
            m_hat = self.m[i] / (1 - beta1 ** self.t[i])
            v_hat = self.v[i] / (1 - beta2 ** self.t[i])
            theta -= self.lr * m_hat / torch.sqrt(v_hat + self.eps)

    def zero_grad(self):
        for theta in self.params:
            theta.grad = None

# %% Adam: decay_after_the_step
# Wrong: wd * theta is added to m_hat in the numerator only at the step, not to the gradient, so it enters neither average.
class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        if lr < 0 or eps < 0 or weight_decay < 0 or not 0 <= betas[0] < 1 or not 0 <= betas[1] < 1:
            raise ValueError("check lr, betas, eps, weight_decay")
        self.params = list(params)
        self.lr, (self.beta1, self.beta2), self.eps, self.wd = lr, betas, eps, weight_decay
        self.m = [torch.zeros_like(p) for p in self.params]
        self.v = [torch.zeros_like(p) for p in self.params]
        self.t = [0] * len(self.params)

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            g = p.grad
            if g is None:
                continue
            self.t[i] += 1
            self.m[i] = self.beta1 * self.m[i] + (1 - self.beta1) * g
            self.v[i] = self.beta2 * self.v[i] + (1 - self.beta2) * g**2
            m_hat = self.m[i] / (1 - self.beta1 ** self.t[i])
            v_hat = self.v[i] / (1 - self.beta2 ** self.t[i])
            p -= self.lr * (m_hat + self.wd * p) / (v_hat.sqrt() + self.eps)

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% Adam: decoupled_already
# Wrong: weight decay shrinks theta directly, which is AdamW's formula (6) and not (5).
class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        if not (lr >= 0 and eps >= 0 and weight_decay >= 0):
            raise ValueError("negative value")
        if not all(0.0 <= b < 1.0 for b in betas):
            raise ValueError("beta out of range")
        self.params = list(params)
        self.lr, self.betas, self.eps, self.weight_decay = lr, betas, eps, weight_decay
        self.exp_avg = [torch.zeros_like(p) for p in self.params]
        self.exp_avg_sq = [torch.zeros_like(p) for p in self.params]
        self.steps = [0] * len(self.params)

    @torch.no_grad()
    def step(self):
        beta1, beta2 = self.betas
        for i, (p, exp_avg, exp_avg_sq) in enumerate(zip(self.params, self.exp_avg, self.exp_avg_sq)):
            if p.grad is None:
                continue
            self.steps[i] += 1
            p.mul_(1 - self.lr * self.weight_decay)
            exp_avg.lerp_(p.grad, 1 - beta1)
            exp_avg_sq.mul_(beta2).addcmul_(p.grad, p.grad, value=1 - beta2)
            bias1 = 1 - beta1 ** self.steps[i]
            bias2 = 1 - beta2 ** self.steps[i]
            denom = (exp_avg_sq / bias2).sqrt().add_(self.eps)
            p.addcdiv_(exp_avg / bias1, denom, value=-self.lr)

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% Adam: keras_eps_hat
# Wrong: the faster order of Keras, eps is added to the uncorrected sqrt(v).
class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        if lr < 0 or eps < 0 or weight_decay < 0 or not 0 <= betas[0] < 1 or not 0 <= betas[1] < 1:
            raise ValueError("invalid")
        self.variables = list(params)
        self.lr = lr
        self.beta_1, self.beta_2 = betas
        self.epsilon = eps
        self.weight_decay = weight_decay
        self.momentums = [torch.zeros_like(x) for x in self.variables]
        self.velocities = [torch.zeros_like(x) for x in self.variables]
        self.iterations = [0 for x in self.variables]

    @torch.no_grad()
    def step(self):
        for i, x in enumerate(self.variables):
            if x.grad is None:
                continue
            self.iterations[i] += 1
            t = self.iterations[i]
            g = x.grad + self.weight_decay * x
            m, v = self.momentums[i], self.velocities[i]
            m += (g - m) * (1 - self.beta_1)
            v += (g * g - v) * (1 - self.beta_2)
            alpha = self.lr * (1 - self.beta_2**t) ** 0.5 / (1 - self.beta_1**t)
            x -= alpha * m / (v.sqrt() + self.epsilon)

    def zero_grad(self):
        for x in self.variables:
            x.grad = None

# %% Adam: asserts
# Wrong: checks the settings with assert, so AssertionError is raised and not ValueError.
class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        assert lr >= 0, "lr must not be negative"
        assert eps >= 0, "eps must not be negative"
        assert weight_decay >= 0, "weight_decay must not be negative"
        assert 0 <= betas[0] < 1 and 0 <= betas[1] < 1, "betas must be in [0, 1)"
        self.params = list(params)
        self.lr = lr
        self.betas = betas
        self.eps = eps
        self.weight_decay = weight_decay
        self.m = [torch.zeros_like(p) for p in self.params]
        self.v = [torch.zeros_like(p) for p in self.params]
        self.t = [0 for _ in self.params]

    @torch.no_grad()
    def step(self):
        beta1, beta2 = self.betas
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            self.t[i] += 1
            g = p.grad + self.weight_decay * p
            self.m[i] = beta1 * self.m[i] + (1 - beta1) * g
            self.v[i] = beta2 * self.v[i] + (1 - beta2) * g**2
            m_hat = self.m[i] / (1 - beta1 ** self.t[i])
            v_hat = self.v[i] / (1 - beta2 ** self.t[i])
            p -= self.lr * m_hat / (v_hat.sqrt() + self.eps)

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% Adam: schedule_ignored
# Wrong: takes the rate from a dict of defaults made in the constructor, so a change of self.lr has no effect.
class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        if lr < 0 or eps < 0 or weight_decay < 0 or not 0 <= betas[0] < 1 or not 0 <= betas[1] < 1:
            raise ValueError("hyperparameters")
        self.defaults = dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay)
        self.lr = lr
        self.params = list(params)
        self.state = {p: dict(step=0, m=torch.zeros_like(p), v=torch.zeros_like(p)) for p in self.params}

    @torch.no_grad()
    def step(self):
        lr, (beta1, beta2) = self.defaults["lr"], self.defaults["betas"]
        eps, wd = self.defaults["eps"], self.defaults["weight_decay"]
        for p in self.params:
            if p.grad is None:
                continue
            st = self.state[p]
            st["step"] += 1
            g = p.grad.add(p, alpha=wd)
            st["m"].mul_(beta1).add_(g, alpha=1 - beta1)
            st["v"].mul_(beta2).addcmul_(g, g, value=1 - beta2)
            mh = st["m"] / (1 - beta1 ** st["step"])
            vh = st["v"] / (1 - beta2 ** st["step"])
            p.sub_(lr * mh / (vh.sqrt() + eps))

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% Adam: state_in_the_class
# Wrong: m, v and t are kept in a dict of the class by tensor, so two instances on the same tensor share them.
class Adam:
    state = {}

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        if lr < 0 or eps < 0 or weight_decay < 0 or not 0 <= betas[0] < 1 or not 0 <= betas[1] < 1:
            raise ValueError("wrong hyperparameter")
        self.params = list(params)
        self.lr, self.betas, self.eps, self.weight_decay = lr, betas, eps, weight_decay
        for p in self.params:
            if p not in self.state:
                self.state[p] = [torch.zeros_like(p), torch.zeros_like(p), 0]

    @torch.no_grad()
    def step(self):
        b1, b2 = self.betas
        for p in self.params:
            if p.grad is None:
                continue
            m, v, t = self.state[p]
            t += 1
            g = p.grad + self.weight_decay * p
            m = b1 * m + (1 - b1) * g
            v = b2 * v + (1 - b2) * g**2
            self.state[p] = [m, v, t]
            p -= self.lr * m / (1 - b1**t) / (torch.sqrt(v / (1 - b2**t)) + self.eps)

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% Adam: none_counts_as_zero
# Wrong: a grad of None is taken for zeros, so the parameter coasts on and its averages and t go on.
class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        if lr < 0 or eps < 0 or weight_decay < 0 or not 0 <= betas[0] < 1 or not 0 <= betas[1] < 1:
            raise ValueError("invalid hyperparameter")
        self.params = list(params)
        self.lr = lr
        self.beta1 = betas[0]
        self.beta2 = betas[1]
        self.eps = eps
        self.weight_decay = weight_decay
        self.m = [torch.zeros_like(p) for p in self.params]
        self.v = [torch.zeros_like(p) for p in self.params]
        self.t = [0] * len(self.params)

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            g = p.grad if p.grad is not None else torch.zeros_like(p)
            g = g + self.weight_decay * p
            self.t[i] += 1
            self.m[i] = self.beta1 * self.m[i] + (1 - self.beta1) * g
            self.v[i] = self.beta2 * self.v[i] + (1 - self.beta2) * g**2
            m_hat = self.m[i] / (1 - self.beta1 ** self.t[i])
            v_hat = self.v[i] / (1 - self.beta2 ** self.t[i])
            p -= self.lr * m_hat / (v_hat.sqrt() + self.eps)

    def zero_grad(self):
        for p in self.params:
            if p.grad is not None:
                p.grad = torch.zeros_like(p)

# %% Adam: only_renames
# Wrong: theta = theta - ... binds a new name, the parameters never change.
class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        if lr < 0 or eps < 0 or weight_decay < 0:
            raise ValueError("must be >= 0")
        beta1, beta2 = betas
        if beta1 < 0 or beta1 >= 1 or beta2 < 0 or beta2 >= 1:
            raise ValueError("must be in [0, 1)")
        self.params = list(params)
        self.lr, self.beta1, self.beta2, self.eps, self.weight_decay = lr, beta1, beta2, eps, weight_decay
        self.m = [torch.zeros_like(p) for p in self.params]
        self.v = [torch.zeros_like(p) for p in self.params]
        self.t = [0] * len(self.params)

    @torch.no_grad()
    def step(self):
        for k, theta in enumerate(self.params):
            if theta.grad is None:
                continue
            g = theta.grad + self.weight_decay * theta
            self.t[k] += 1
            self.m[k] = self.beta1 * self.m[k] + (1 - self.beta1) * g
            self.v[k] = self.beta2 * self.v[k] + (1 - self.beta2) * g * g
            m_hat = self.m[k] / (1 - self.beta1 ** self.t[k])
            v_hat = self.v[k] / (1 - self.beta2 ** self.t[k])
            theta = theta - self.lr * m_hat / (torch.sqrt(v_hat) + self.eps)

    def zero_grad(self):
        for theta in self.params:
            theta.grad = None

# %% Adam: decay_into_grad
# Wrong: adds the weight decay to theta.grad in place, so the gradient is changed and grows when step() is called again.
class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        if lr < 0 or eps < 0 or weight_decay < 0 or not 0 <= betas[0] < 1 or not 0 <= betas[1] < 1:
            raise ValueError("?")
        self.groups = [[p, torch.zeros_like(p), torch.zeros_like(p), 0] for p in params]
        self.lr, self.betas, self.eps, self.weight_decay = lr, betas, eps, weight_decay

    @torch.no_grad()
    def step(self):
        beta1, beta2 = self.betas
        for group in self.groups:
            p, m, v, t = group
            if p.grad is None:
                continue
            if self.weight_decay > 0:
                p.grad.add_(self.weight_decay * p)
            t += 1
            group[3] = t
            m.mul_(beta1).add_((1 - beta1) * p.grad)
            v.mul_(beta2).add_((1 - beta2) * p.grad**2)
            p.sub_(self.lr * (m / (1 - beta1**t)) / ((v / (1 - beta2**t)).sqrt() + self.eps))

    def zero_grad(self):
        for p, *_ in self.groups:
            p.grad = None

# %% Adam: no_v_correction_and_beta_one
# Wrong: two slips, v is not corrected, and a beta of exactly 1 is accepted.
class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        if lr < 0 or eps < 0 or weight_decay < 0:
            raise ValueError("negative hyperparameter")
        if not 0 <= betas[0] <= 1 or not 0 <= betas[1] <= 1:
            raise ValueError("beta must be between 0 and 1")
        self.params = list(params)
        self.lr, self.betas, self.eps, self.weight_decay = lr, betas, eps, weight_decay
        self.m = [torch.zeros_like(p) for p in self.params]
        self.v = [torch.zeros_like(p) for p in self.params]
        self.t = [0] * len(self.params)

    @torch.no_grad()
    def step(self):
        beta1, beta2 = self.betas
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            self.t[i] += 1
            g = p.grad + self.weight_decay * p
            self.m[i] = beta1 * self.m[i] + (1 - beta1) * g
            self.v[i] = beta2 * self.v[i] + (1 - beta2) * g**2
            m_hat = self.m[i] / (1 - beta1 ** self.t[i])
            p -= self.lr * m_hat / (self.v[i].sqrt() + self.eps)

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% Adam: used_up_and_not_checked
# Wrong: two slips, the parameters of a generator are lost because it is read twice, and negative eps or weight_decay are not refused.
class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        if lr < 0:
            raise ValueError("learning rate must not be negative")
        if not 0 <= betas[0] < 1 or not 0 <= betas[1] < 1:
            raise ValueError("betas")
        self.lr = lr
        self.betas = betas
        self.eps = eps
        self.weight_decay = weight_decay
        self.m = [torch.zeros_like(p) for p in params]
        self.v = [torch.zeros_like(m) for m in self.m]
        self.t = [0 for m in self.m]
        self.params = list(params)

    @torch.no_grad()
    def step(self):
        b1, b2 = self.betas
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            self.t[i] += 1
            g = p.grad + self.weight_decay * p
            self.m[i].copy_(b1 * self.m[i] + (1 - b1) * g)
            self.v[i].copy_(b2 * self.v[i] + (1 - b2) * g * g)
            p.sub_(self.lr * self.m[i] / (1 - b1 ** self.t[i]) / ((self.v[i] / (1 - b2 ** self.t[i])).sqrt() + self.eps))

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% Adam: one_stride_for_the_tensor
# Wrong: thinks of each tensor as one parameter, v is the mean of the squares over its elements.
class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        if lr < 0 or eps < 0 or weight_decay < 0 or not 0 <= betas[0] < 1 or not 0 <= betas[1] < 1:
            raise ValueError("not allowed")
        self.params = list(params)
        self.lr, self.betas, self.eps, self.weight_decay = lr, betas, eps, weight_decay
        self.m = [0.0] * len(self.params)
        self.v = [0.0] * len(self.params)
        self.t = [0] * len(self.params)

    @torch.no_grad()
    def step(self):
        beta1, beta2 = self.betas
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            g = p.grad + self.weight_decay * p
            self.t[i] += 1
            self.m[i] = beta1 * self.m[i] + (1 - beta1) * g
            self.v[i] = beta2 * self.v[i] + (1 - beta2) * torch.mean(g**2)
            m_hat = self.m[i] / (1 - beta1 ** self.t[i])
            v_hat = self.v[i] / (1 - beta2 ** self.t[i])
            p -= self.lr * m_hat / (v_hat**0.5 + self.eps)

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% Adam: zero_grad_forgets_all
# Wrong: thinks that zero_grad() is a fresh start and sets m, v and t back to zero, so nothing is remembered between batches.
class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        if lr < 0 or eps < 0 or weight_decay < 0 or not 0 <= betas[0] < 1 or not 0 <= betas[1] < 1:
            raise ValueError("lr, betas, eps or weight_decay")
        self.params = list(params)
        self.lr, self.betas, self.eps, self.weight_decay = lr, betas, eps, weight_decay
        self.zero_grad()

    @torch.no_grad()
    def step(self):
        beta1, beta2 = self.betas
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            self.t[i] += 1
            g = p.grad + self.weight_decay * p
            self.m[i] = beta1 * self.m[i] + (1 - beta1) * g
            self.v[i] = beta2 * self.v[i] + (1 - beta2) * g**2
            m_hat = self.m[i] / (1 - beta1 ** self.t[i])
            v_hat = self.v[i] / (1 - beta2 ** self.t[i])
            p -= self.lr * m_hat / (v_hat.sqrt() + self.eps)

    def zero_grad(self):
        self.m = [torch.zeros_like(p) for p in self.params]
        self.v = [torch.zeros_like(p) for p in self.params]
        self.t = [0] * len(self.params)
        for p in self.params:
            p.grad = None

# %% Adam: grad_left_standing
# Wrong: unfinished, zero_grad has only a pass, so gradients pile up.
class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        if lr < 0 or eps < 0 or weight_decay < 0 or not 0 <= betas[0] < 1 or not 0 <= betas[1] < 1:
            raise ValueError("hyperparameter")
        self.params = list(params)
        self.lr, self.betas, self.eps, self.weight_decay = lr, betas, eps, weight_decay
        self.m = [torch.zeros_like(p) for p in self.params]
        self.v = [torch.zeros_like(p) for p in self.params]
        self.t = [0] * len(self.params)

    @torch.no_grad()
    def step(self):
        beta1, beta2 = self.betas
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            self.t[i] += 1
            g = p.grad + self.weight_decay * p
            self.m[i] = beta1 * self.m[i] + (1 - beta1) * g
            self.v[i] = beta2 * self.v[i] + (1 - beta2) * g**2
            m_hat = self.m[i] / (1 - beta1 ** self.t[i])
            v_hat = self.v[i] / (1 - beta2 ** self.t[i])
            p -= self.lr * m_hat / (v_hat.sqrt() + self.eps)

    def zero_grad(self):
        pass

# %% Adam: numpy_update
# Wrong: takes p.numpy() of tensors that require a gradient, which raises RuntimeError.
class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        if lr < 0 or eps < 0 or weight_decay < 0 or not 0 <= betas[0] < 1 or not 0 <= betas[1] < 1:
            raise ValueError("hyperparameter out of range")
        self.params = list(params)
        self.lr, self.betas, self.eps, self.weight_decay = lr, betas, eps, weight_decay
        self.m = [np.zeros(tuple(p.shape)) for p in self.params]
        self.v = [np.zeros(tuple(p.shape)) for p in self.params]
        self.t = [0] * len(self.params)

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            self.t[i] += 1
            theta = p.numpy()
            g = p.grad.numpy() + self.weight_decay * theta
            new, self.m[i], self.v[i] = adam_update(
                theta, g, self.m[i], self.v[i], self.t[i], self.lr, *self.betas, self.eps
            )
            p.copy_(torch.from_numpy(new))

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% Adam: one_flat_vector
# Right: m and v are flat vectors, and the powers of the betas are kept as running products instead of t.
class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        beta1, beta2 = betas
        problems = [name for name, value in (("lr", lr), ("eps", eps), ("weight_decay", weight_decay)) if value < 0]
        problems += [f"beta {b}" for b in (beta1, beta2) if not 0 <= b < 1]
        if problems:
            raise ValueError("out of range: " + ", ".join(problems))
        self.params = tuple(params)
        self.lr, self.beta1, self.beta2, self.eps, self.weight_decay = lr, beta1, beta2, eps, weight_decay
        self.m = [torch.zeros(p.numel(), dtype=p.dtype, device=p.device) for p in self.params]
        self.v = [torch.zeros(p.numel(), dtype=p.dtype, device=p.device) for p in self.params]
        self.power1 = [1.0] * len(self.params)
        self.power2 = [1.0] * len(self.params)

    @torch.no_grad()
    def step(self):
        for k, p in enumerate(self.params):
            if p.grad is None:
                continue
            g = (p.grad + self.weight_decay * p).reshape(-1)
            self.power1[k] *= self.beta1
            self.power2[k] *= self.beta2
            self.m[k] = self.beta1 * self.m[k] + (1 - self.beta1) * g
            self.v[k] = self.beta2 * self.v[k] + (1 - self.beta2) * g * g
            m_hat = self.m[k] / (1 - self.power1[k])
            v_hat = self.v[k] / (1 - self.power2[k])
            p -= (self.lr * m_hat / (v_hat.sqrt() + self.eps)).reshape(p.shape)

    def zero_grad(self):
        for p in self.params:
            if p.grad is not None:
                p.grad = p.grad.new_zeros(p.grad.shape)

# %% Adam: closures
# Right: the constructor builds one update function for each parameter, which keeps its averages in a closure.
class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        if lr < 0 or eps < 0 or weight_decay < 0 or min(betas) < 0 or max(betas) >= 1:
            raise ValueError("lr, eps, weight_decay >= 0 and betas in [0, 1)")
        self.lr = lr

        def make(theta):
            t = 0
            m = torch.zeros_like(theta, requires_grad=False)
            v = torch.zeros_like(theta, requires_grad=False)

            def move():
                nonlocal t, m, v
                if theta.grad is None:
                    return
                t += 1
                g = torch.add(theta.grad, theta, alpha=weight_decay)
                m = betas[0] * m + (1 - betas[0]) * g
                v = betas[1] * v + (1 - betas[1]) * g.square()
                theta.sub_(self.lr * (m / (1 - betas[0] ** t)) / (torch.sqrt(v / (1 - betas[1] ** t)) + eps))

            return move

        self._all = [(theta, make(theta)) for theta in params]

    @torch.no_grad()
    def step(self):
        for _, move in self._all:
            move()

    def zero_grad(self):
        for theta, _ in self._all:
            theta.grad = None

# %% AdamW: both_decays
# Wrong: hands weight_decay on to Adam as well, so the decay acts twice, by (6) and by (5).
class AdamW(Adam):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        params = list(params)
        super().__init__(params, lr, betas, eps, weight_decay)
        self.shrinkable = params
        self.shrinkage = weight_decay

    @torch.no_grad()
    def step(self):
        for p in self.shrinkable:
            if p.grad is not None:
                p.mul_(1 - self.lr * self.shrinkage)
        super().step()

# %% AdamW: rate_left_out
# Wrong: shrinks by 1 - wd, without the factor lr.
class AdamW(Adam):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        if weight_decay < 0:
            raise ValueError("weight_decay must not be negative")
        self.tensors = list(params)
        super().__init__(self.tensors, lr=lr, betas=betas, eps=eps, weight_decay=0.0)
        self.pull = weight_decay

    @torch.no_grad()
    def step(self):
        for theta in self.tensors:
            if theta.grad is not None:
                theta -= self.pull * theta
        super().step()

# %% AdamW: grows
# Wrong: the sign in (6) is plus, the parameters grow.
class AdamW(Adam):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        plist = [p for p in params]
        if weight_decay < 0:
            raise ValueError(f"weight_decay is {weight_decay}")
        super().__init__(plist, lr, betas, eps)
        self.plist = plist
        self.lam = weight_decay

    @torch.no_grad()
    def step(self):
        for p in self.plist:
            if p.grad is None:
                continue
            p.add_(p, alpha=self.lr * self.lam)
        super().step()

# %% AdamW: brackets_misplaced
# Wrong: multiplies by (1 - lr) * wd instead of 1 - lr * wd.
class AdamW(Adam):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        if weight_decay < 0:
            raise ValueError("negative weight decay")
        self.those = list(params)
        self.coefficient = weight_decay
        super().__init__(self.those, lr, betas, eps, 0)

    @torch.no_grad()
    def step(self):
        for p in self.those:
            if p.grad is not None:
                p.mul_((1 - self.lr) * self.coefficient)
        Adam.step(self)

# %% AdamW: shrinks_all
# Wrong: shrinks the parameters whose grad is None, too.
class AdamW(Adam):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        if weight_decay < 0:
            raise ValueError("weight_decay")
        self.everything = list(params)
        super().__init__(self.everything, lr, betas, eps, 0.0)
        self.rate_of_decay = weight_decay

    @torch.no_grad()
    def step(self):
        for p in self.everything:
            p *= 1 - self.lr * self.rate_of_decay
        super().step()

# %% AdamW: step_then_shrink
# Wrong: the wrong order, Adam's step is taken first and then its result shrunk.
class AdamW(Adam):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        if weight_decay < 0:
            raise ValueError("weight_decay must be >= 0")
        self.mine = list(params)
        super().__init__(self.mine, lr, betas, eps, 0.0)
        self.lambda_ = weight_decay

    @torch.no_grad()
    def step(self):
        super().step()
        for p in self.mine:
            if p.grad is not None:
                p -= self.lr * self.lambda_ * p

# %% AdamW: first_rate_for_ever
# Wrong: the factor lr * wd is computed once in the constructor, a later change of self.lr does not reach the decay.
class AdamW(Adam):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        if weight_decay < 0:
            raise ValueError("weight_decay < 0")
        theta_list = list(params)
        super().__init__(theta_list, lr, betas, eps, weight_decay=0)
        self.theta_list = theta_list
        self.factor = 1 - lr * weight_decay

    @torch.no_grad()
    def step(self):
        for theta in self.theta_list:
            if theta.grad is not None:
                theta *= self.factor
        super().step()

# %% AdamW: squared_length
# Wrong: subtracts lr * wd * theta^2, as if the decay were the penalty and not its gradient.
class AdamW(Adam):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        self.all_thetas = list(params)
        super().__init__(self.all_thetas, lr, betas, eps, 0.0)
        if weight_decay < 0:
            raise ValueError("weight_decay")
        self.penalty = weight_decay

    @torch.no_grad()
    def step(self):
        for theta in self.all_thetas:
            if theta.grad is None:
                continue
            theta.sub_(self.lr * self.penalty * theta**2)
        super().step()

# %% AdamW: keras_default
# Wrong: the default of weight_decay is 0.004 as in Keras, not 0.01.
class AdamW(Adam):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.004):
        if weight_decay < 0:
            raise ValueError("weight_decay must not be negative")
        weights = list(params)
        super().__init__(weights, lr, betas, eps, 0.0)
        self.weights = weights
        self.strength = weight_decay

    @torch.no_grad()
    def step(self):
        for w in self.weights:
            if w.grad is not None:
                w.mul_(1.0 - self.lr * self.strength)
        super().step()

# %% AdamW: no_decay_for_biases
# Wrong: the habit of training scripts, vectors and single numbers (biases) are not decayed.
class AdamW(Adam):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        if weight_decay < 0:
            raise ValueError("weight decay must not be negative")
        params = list(params)
        super().__init__(params, lr, betas, eps, weight_decay=0.0)
        self.decayed = [p for p in params if p.dim() >= 2]
        self.amount = weight_decay

    @torch.no_grad()
    def step(self):
        for p in self.decayed:
            if p.grad is not None:
                p.mul_(1 - self.lr * self.amount)
        super().step()

# %% AdamW: schedule_factor_of_the_paper
# Wrong: multiplies wd by self.lr / initial lr, the schedule's factor of the paper, and not by lr.
class AdamW(Adam):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        if weight_decay < 0:
            raise ValueError("weight_decay")
        self.owned = list(params)
        super().__init__(self.owned, lr, betas, eps, 0.0)
        self.initial = lr
        self.w_dec = weight_decay

    @torch.no_grad()
    def step(self):
        eta = self.lr / self.initial if self.initial else 0.0
        for p in self.owned:
            if p.grad is not None:
                p.sub_(eta * self.w_dec * p)
        super().step()

# %% AdamW: decay_inside_the_gradient
# Wrong: the old L2 habit, nothing is decoupled: Adam with its own weight decay (5) and another default.
class AdamW(Adam):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        super().__init__(params, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay)

    @torch.no_grad()
    def step(self):
        super().step()

# %% AdamW: negative_decay_accepted
# Wrong: a negative weight_decay raises nothing, as Adam is told 0 and does not see it.
class AdamW(Adam):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        self.tensors = list(params)
        self.w_decay = weight_decay
        super().__init__(self.tensors, lr, betas, eps, weight_decay=0.0)

    @torch.no_grad()
    def step(self):
        for p in self.tensors:
            if p.grad is not None:
                p.mul_(1 - self.lr * self.w_decay)
        super().step()

# %% AdamW: generator_used_up
# Wrong: super().__init__ reads the generator first, the list for the decay stays empty and nothing shrinks.
class AdamW(Adam):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        if weight_decay < 0:
            raise ValueError("weight_decay must be at least 0")
        super().__init__(params, lr, betas, eps, 0.0)
        self.to_shrink = list(params)
        self.lam = weight_decay

    @torch.no_grad()
    def step(self):
        for p in self.to_shrink:
            if p.grad is not None:
                p.mul_(1 - self.lr * self.lam)
        super().step()

# %% AdamW: data_reassigned
# Wrong: theta.data = ... puts the shrunk parameter into new memory.
class AdamW(Adam):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        if weight_decay < 0:
            raise ValueError("weight_decay is negative")
        self.plist = list(params)
        self.how_much = weight_decay
        super().__init__(self.plist, lr, betas, eps, 0.0)

    @torch.no_grad()
    def step(self):
        for p in self.plist:
            if p.grad is None:
                continue
            p.data = p.data * (1 - self.lr * self.how_much)
        super().step()

# %% AdamW: decay_of_the_class
# Wrong: the weight decay is stored in the class, so the last instance that was made decides for all.
class AdamW(Adam):
    strength = 0.0

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        if weight_decay < 0:
            raise ValueError("weight_decay: at least 0")
        self.parts = list(params)
        super().__init__(self.parts, lr, betas, eps, 0.0)
        AdamW.strength = weight_decay

    @torch.no_grad()
    def step(self):
        for p in self.parts:
            if p.grad is not None:
                p -= self.lr * AdamW.strength * p
        super().step()

# %% AdamW: late_and_without_rate
# Wrong: two slips, it shrinks after Adam's step, and without the factor lr.
class AdamW(Adam):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        if weight_decay < 0:
            raise ValueError
        self.vars = list(params)
        self.w = weight_decay
        super().__init__(self.vars, lr, betas, eps, 0.0)

    @torch.no_grad()
    def step(self):
        super().step()
        for var in self.vars:
            if var.grad is None:
                continue
            var.mul_(1 - self.w)

# %% AdamW: default_betas_and_decay_of_all
# Wrong: two slips, betas and eps are not handed on to Adam (its defaults are used), and parameters without a gradient shrink.
class AdamW(Adam):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        if lr < 0 or eps < 0 or weight_decay < 0 or not 0 <= betas[0] < 1 or not 0 <= betas[1] < 1:
            raise ValueError("bad settings")
        self.thetas = list(params)
        super().__init__(self.thetas, lr)
        self.lambd = weight_decay

    @torch.no_grad()
    def step(self):
        for theta in self.thetas:
            theta.mul_(1 - self.lr * self.lambd)
        super().step()

# %% AdamW: decay_by_the_clock
# Wrong: misunderstands decoupling as a decay of the rate, self.lr is multiplied by 1 - wd at every step and the parameters are not shrunk.
class AdamW(Adam):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        super().__init__(params, lr, betas, eps, 0.0)
        if weight_decay < 0:
            raise ValueError("weight_decay must not be negative")
        self.amount = weight_decay

    @torch.no_grad()
    def step(self):
        self.lr = self.lr * (1 - self.amount)
        super().step()

# %% AdamW: shrinks_the_gradient
# Wrong: misunderstands what is to be shrunk, the gradients are multiplied by 1 - lr * wd in place and not the parameters.
class AdamW(Adam):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        if weight_decay < 0:
            raise ValueError("weight_decay")
        self.tensors = list(params)
        super().__init__(self.tensors, lr, betas, eps, 0.0)
        self.damping = weight_decay

    @torch.no_grad()
    def step(self):
        for p in self.tensors:
            if p.grad is not None:
                p.grad.mul_(1 - self.lr * self.damping)
        super().step()

# %% AdamW: constructor_only
# Wrong: unfinished, step() is plain Adam and the weight decay is only stored.
class AdamW(Adam):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        if weight_decay < 0:
            raise ValueError("weight_decay must be >= 0")
        super().__init__(params, lr, betas, eps, weight_decay=0.0)
        self.still_to_use = weight_decay

    @torch.no_grad()
    def step(self):
        # TODO: shrink first
        super().step()

# %% AdamW: recorded_by_autograd
# Wrong: the decorator no_grad is gone, shrinking a leaf in place raises RuntimeError.
class AdamW(Adam):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        if weight_decay < 0:
            raise ValueError("weight_decay must be >= 0")
        self.tensors = list(params)
        super().__init__(self.tensors, lr, betas, eps, weight_decay=0.0)
        self.lam = weight_decay

    def step(self):
        for p in self.tensors:
            if p.grad is not None:
                p -= self.lr * self.lam * p
        super().step()

# %% AdamW: in_full_without_super
# Right: written out in full, the shrinking and Adam's step folded into one in-place assignment; state in a dict by position.
class AdamW(Adam):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        b1, b2 = betas
        if not (lr >= 0 and eps >= 0 and weight_decay >= 0 and 0 <= b1 < 1 and 0 <= b2 < 1):
            raise ValueError("AdamW: a setting is out of range")
        self._tensors = list(params)
        self.lr, self._b1, self._b2, self._eps, self._lam = lr, b1, b2, eps, weight_decay
        self._memory = {}

    @torch.no_grad()
    def step(self):
        for k, p in enumerate(self._tensors):
            if p.grad is None:
                continue
            t, m, v = self._memory.get(k, (0, torch.zeros_like(p), torch.zeros_like(p)))
            t, m = t + 1, self._b1 * m + (1 - self._b1) * p.grad
            v = self._b2 * v + (1 - self._b2) * p.grad**2
            self._memory[k] = t, m, v
            adam = (m / (1 - self._b1**t)) / ((v / (1 - self._b2**t)).sqrt() + self._eps)
            p.copy_(p - self.lr * self._lam * p - self.lr * adam)

    def zero_grad(self):
        for p in self._tensors:
            p.grad = None

# %% AdamW: holds_an_adam
# Right: composition besides inheritance, an inner Adam without decay does the stepping and is handed self.lr each time.
class AdamW(Adam):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        if weight_decay < 0:
            raise ValueError("weight_decay must not be negative")
        self._held = tuple(params)
        self._inner = Adam(self._held, lr=lr, betas=betas, eps=eps, weight_decay=0.0)
        self._keep = lambda: 1 - self.lr * weight_decay
        self.lr = lr

    @torch.no_grad()
    def step(self):
        for p in filter(lambda p: p.grad is not None, self._held):
            p.copy_(self._keep() * p)
        self._inner.lr = self.lr
        self._inner.step()

    def zero_grad(self):
        self._inner.zero_grad()

# %% amsgrad_update: largest_corrected
# Wrong: takes the maximum of the corrected v_hat as optax does, and stores that.
def amsgrad_update(theta, grad, m, v, v_max, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    v_max = np.maximum(v_max, v_hat)
    theta = theta - lr * m_hat / (np.sqrt(v_max) + eps)
    return theta, m, v, v_max

# %% amsgrad_update: paper_to_the_letter
# Wrong: no bias correction at all, as in the paper's Algorithm 2.
def amsgrad_update(theta, grad, m, v, v_max, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m_t = beta1 * m + (1 - beta1) * grad
    v_t = beta2 * v + (1 - beta2) * grad * grad
    v_hat = np.maximum(v_max, v_t)
    x = theta - lr * m_t / (np.sqrt(v_hat) + eps)
    return x, m_t, v_t, v_hat

# %% amsgrad_update: largest_before_this_step
# Wrong: the step divides by the v_max from before this step.
def amsgrad_update(theta, grad, m, v, v_max, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m_new = beta1 * m + (1 - beta1) * grad
    v_new = beta2 * v + (1 - beta2) * np.square(grad)
    denom = np.sqrt(v_max / (1 - beta2**t)) + eps
    theta_new = theta - lr * m_new / (1 - beta1**t) / denom
    return theta_new, m_new, v_new, np.maximum(v_max, v_new)

# %% amsgrad_update: smallest
# Wrong: takes the minimum of v_max and v.
def amsgrad_update(theta, grad, m, v, v_max, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    v_max = np.where(v_max < v, v_max, v)
    theta = theta - lr * (m / (1 - beta1**t)) / (np.sqrt(v_max / (1 - beta2**t)) + eps)
    return theta, m, v, v_max

# %% amsgrad_update: maximum_becomes_the_average
# Wrong: v is overwritten by the maximum, so the average that goes on is v_max as well.
def amsgrad_update(theta, grad, m, v, v_max, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    v = np.maximum(v, v_max)
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    theta = theta - lr * m_hat / (np.sqrt(v_hat) + eps)
    return theta, m, v, v.copy()

# %% amsgrad_update: stores_the_corrected_maximum
# Wrong: the step is right, but the v_max that is returned has been divided by 1 - beta2^t.
def amsgrad_update(theta, grad, m, v, v_max, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    v_max = np.maximum(v_max, v) / (1 - beta2**t)
    theta = theta - lr * m / (1 - beta1**t) / (np.sqrt(v_max) + eps)
    return theta, m, v, v_max

# %% amsgrad_update: only_m_is_corrected
# Wrong: m is corrected, the maximum is not.
def amsgrad_update(theta, grad, m, v, v_max, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    first = m * beta1 + grad * (1 - beta1)
    second = v * beta2 + grad**2 * (1 - beta2)
    largest = np.maximum(second, v_max)
    first_hat = first / (1 - beta1**t)
    return theta - lr * first_hat / (np.sqrt(largest) + eps), first, second, largest

# %% amsgrad_update: largest_of_all_elements
# Wrong: takes one maximum over all elements of the array, not element by element.
def amsgrad_update(theta, grad, m, v, v_max, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    largest = max(np.max(v), np.max(v_max))
    v_max = np.ones_like(v) * largest
    m_hat = m / (1 - beta1**t)
    v_hat = v_max / (1 - beta2**t)
    theta = theta - lr * m_hat / (np.sqrt(v_hat) + eps)
    return theta, m, v, v_max

# %% amsgrad_update: alpha_over_root_t
# Wrong: divides the rate by sqrt(t), the alpha_t of the paper's theorem.
def amsgrad_update(theta, grad, m, v, v_max, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    alpha_t = lr / np.sqrt(t)
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    v_max = np.maximum(v_max, v)
    m_hat = m / (1 - beta1**t)
    v_hat = v_max / (1 - beta2**t)
    return theta - alpha_t * m_hat / (np.sqrt(v_hat) + eps), m, v, v_max

# %% amsgrad_update: beta_with_an_index
# Wrong: reads beta_1t as beta1 / t, a momentum that fades, in (1) and in its correction.
def amsgrad_update(theta, grad, m, v, v_max, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    beta1t = beta1 / t
    m = beta1t * m + (1 - beta1t) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    v_max = np.maximum(v_max, v)
    theta = theta - lr * (m / (1 - beta1t**t)) / (np.sqrt(v_max / (1 - beta2**t)) + eps)
    return theta, m, v, v_max

# %% amsgrad_update: adamax
# Wrong: carries over AdaMax, the maximum is of beta2 * v_max and |g| and is neither rooted nor corrected.
def amsgrad_update(theta, grad, m, v, v_max, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    u = np.maximum(beta2 * v_max, np.abs(grad))
    theta = theta - lr / (1 - beta1**t) * m / (u + eps)
    return theta, m, v, u

# %% amsgrad_update: keras_epsilon
# Wrong: Keras' order, eps is added to the uncorrected root of v_max.
def amsgrad_update(theta, grad, m, v, v_max, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = m + (1 - beta1) * (grad - m)
    v = v + (1 - beta2) * (grad**2 - v)
    v_max = np.maximum(v_max, v)
    alpha = lr * np.sqrt(1 - beta2**t) / (1 - beta1**t)
    return theta - alpha * m / (np.sqrt(v_max) + eps), m, v, v_max

# %% amsgrad_update: maximum_in_place
# Wrong: np.maximum writes into the caller's v_max, and this same array is returned.
def amsgrad_update(theta, grad, m, v, v_max, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    v_max = np.asarray(v_max)
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    np.maximum(v_max, v, out=v_max)
    theta = theta - lr * m / (1 - beta1**t) / (np.sqrt(v_max / (1 - beta2**t)) + eps)
    return theta, m, v, v_max

# %% amsgrad_update: old_array_if_no_record
# Wrong: where no element sets a new record it returns the caller's own v_max, which shares its memory.
def amsgrad_update(theta, grad, m, v, v_max, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    if np.any(v > v_max):
        v_max = np.maximum(v_max, v)
    m_hat, v_hat = m / (1 - beta1**t), v_max / (1 - beta2**t)
    theta = theta - lr * m_hat / (np.sqrt(v_hat) + eps)
    return theta, m, v, v_max

# %% amsgrad_update: v_max_before_v
# Wrong: returns (theta, m, v_max, v).
def amsgrad_update(theta, grad, m, v, v_max, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    v_hat = np.maximum(v_max, v)
    theta = theta - lr * (m / (1 - beta1**t)) / (np.sqrt(v_hat / (1 - beta2**t)) + eps)
    return theta, m, v_hat, v

# %% amsgrad_update: skips_a_zero_gradient
# Wrong: a gradient of zeros changes nothing at all, neither averages nor theta.
def amsgrad_update(theta, grad, m, v, v_max, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    if not np.asarray(grad).any():
        return tuple(np.array(a, dtype=float) for a in (theta, m, v, v_max))
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    v_max = np.maximum(v_max, v)
    theta = theta - lr * (m / (1 - beta1**t)) / (np.sqrt(v_max / (1 - beta2**t)) + eps)
    return theta, m, v, v_max

# %% amsgrad_update: maximum_of_old_v_and_uphill
# Wrong: two slips, the maximum is taken with the v from before the step, and the step is added.
def amsgrad_update(theta, grad, m, v, v_max, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    v_max_new = np.maximum(v_max, v)
    m_new = beta1 * m + (1 - beta1) * grad
    v_new = beta2 * v + (1 - beta2) * grad**2
    m_hat = m_new / (1 - beta1**t)
    v_hat = v_max_new / (1 - beta2**t)
    theta_new = theta + lr * m_hat / (np.sqrt(v_hat) + eps)
    return theta_new, m_new, v_new, v_max_new

# %% amsgrad_update: eps_inside_and_v_from_v_max
# Wrong: two slips, v goes on from v_max instead of from v, and eps is inside the root.
def amsgrad_update(theta, grad, m, v, v_max, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v_max + (1 - beta2) * grad**2
    v_max = np.maximum(v_max, v)
    theta = theta - lr * (m / (1 - beta1**t)) / np.sqrt(v_max / (1 - beta2**t) + eps)
    return theta, m, v, v_max

# %% amsgrad_update: largest_gradient
# Wrong: misunderstands the maximum, v_max is the largest squared gradient so far and not the largest average.
def amsgrad_update(theta, grad, m, v, v_max, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    v_max = np.maximum(v_max, grad**2)
    theta = theta - lr * (m / (1 - beta1**t)) / (np.sqrt(v_max / (1 - beta2**t)) + eps)
    return theta, m, v, v_max

# %% amsgrad_update: one_direction_only
# Wrong: thinks that a new record should be waited for, elements whose v is below v_max do not move.
def amsgrad_update(theta, grad, m, v, v_max, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    record = v >= v_max
    v_max = np.maximum(v_max, v)
    step = lr * (m / (1 - beta1**t)) / (np.sqrt(v_max / (1 - beta2**t)) + eps)
    theta = np.where(record, theta - step, theta)
    return theta, m, v, v_max

# %% amsgrad_update: maximum_kept_but_not_used
# Wrong: unfinished, v_max is kept up to date but the step is still that of Adam.
def amsgrad_update(theta, grad, m, v, v_max, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    new_theta, new_m, new_v = adam_update(theta, grad, m, v, t, lr, beta1, beta2, eps)
    new_v_max = np.maximum(v_max, new_v)
    return new_theta, new_m, new_v, new_v_max

# %% amsgrad_update: powers_overflow
# Wrong: computes beta^t as 1 / (1/beta)^t, which raises OverflowError when t is large (and ZeroDivisionError when beta is 0).
def amsgrad_update(theta, grad, m, v, v_max, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    v_max = np.maximum(v_max, v)
    power1 = 1 / (1 / beta1) ** t
    power2 = 1 / (1 / beta2) ** t
    theta = theta - lr * (m / (1 - power1)) / (np.sqrt(v_max / (1 - power2)) + eps)
    return theta, m, v, v_max

# %% amsgrad_update: borrowed_from_adam
# Right: lets adam_update make the two averages and puts only the step together itself, in place on a copy.
def amsgrad_update(theta, grad, m, v, v_max, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    averages = adam_update(theta, grad, m, v, t, lr, beta1, beta2, eps)[1:]
    highest = np.maximum(v_max, averages[1])
    hats = [a / (1 - beta**t) for a, beta in zip((averages[0], highest), (beta1, beta2))]
    moved = np.array(theta, dtype=float)
    moved -= lr * hats[0] / (hats[1] ** 0.5 + eps)
    return (moved, *averages, highest)

# %% amsgrad_update: fmax_of_a_stack
# Right: the maximum as a reduction of a stack, the corrections through expm1 and log where beta is not 0.
def amsgrad_update(theta, grad, m, v, v_max, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    def missing(beta):
        return 1.0 if beta == 0 else -np.expm1(t * np.log(beta))

    m = np.einsum("i,i...->...", [beta1, 1 - beta1], np.stack([m, grad]))
    v = np.einsum("i,i...->...", [beta2, 1 - beta2], np.stack([v, np.square(grad)]))
    top = np.stack([v, v_max]).max(axis=0)
    step = lr * (m / missing(beta1)) / (np.sqrt(top / missing(beta2)) + eps)
    return np.subtract(theta, step), m, v, top

