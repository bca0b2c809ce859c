# %% momentum_update: shares_exchanged
# Wrong: beta and 1 - beta are exchanged in the average.
def momentum_update(theta, grad, v, lr, beta):
    v_new = (1 - beta) * v + beta * grad
    return theta - lr * v_new, v_new

# %% momentum_update: fading_sum
# Wrong: the factor 1 - beta is missing (PyTorch's form).
def momentum_update(theta, grad, v, lr, beta):
    v = beta * v + grad
    theta = theta - lr * v
    return theta, v

# %% momentum_update: step_with_the_old_average
# Wrong: the step uses v before the update.
def momentum_update(theta, grad, v, lr, beta):
    new_theta = theta - lr * v
    new_v = beta * v + (1 - beta) * grad
    return new_theta, new_v

# %% momentum_update: uphill
# Wrong: adds lr times the average.
def momentum_update(theta, grad, v, lr, beta):
    average = np.add(np.multiply(beta, v), np.multiply(1 - beta, grad))
    return np.add(theta, lr * average), average

# %% momentum_update: step_with_the_gradient
# Wrong: the step follows the gradient itself, the average is only computed.
def momentum_update(theta, grad, v, lr, beta):
    v2 = beta * v + (1 - beta) * grad
    theta2 = theta - lr * grad
    return theta2, v2

# %% momentum_update: whole_bracket
# Wrong: 1 - beta stands before beta v + g as a whole, so the old average is too small.
def momentum_update(theta, grad, v, lr, beta):
    v_next = (1 - beta) * (beta * v + grad)
    theta_next = theta - lr * v_next
    return theta_next, v_next

# %% momentum_update: beta_left_out_of_the_old
# Wrong: the old average is not multiplied by beta.
def momentum_update(theta, grad, v, lr, beta):
    avg = np.array(v, dtype=float)
    avg += (1 - beta) * grad
    pos = np.array(theta, dtype=float)
    pos -= lr * avg
    return pos, avg

# %% momentum_update: average_first
# Wrong: returns (v, theta), in the wrong order.
def momentum_update(theta, grad, v, lr, beta):
    v = beta * v + (1 - beta) * grad
    return v, theta - lr * v

# %% momentum_update: look_ahead
# Wrong: Nesterov's step: the new average is mixed with the gradient once more.
def momentum_update(theta, grad, v, lr, beta):
    v = beta * v + (1 - beta) * grad
    ahead = beta * v + (1 - beta) * grad
    return theta - lr * ahead, v

# %% momentum_update: rate_in_the_memory
# Wrong: the rate stands inside the memory (Keras): v = beta v - lr g is returned and added.
def momentum_update(theta, grad, v, lr, beta):
    velocity = beta * v - lr * (1 - beta) * grad
    return theta + velocity, velocity

# %% momentum_update: corrected_as_in_adam
# Wrong: divides the average by 1 - beta for the step, as Adam corrects its first step.
def momentum_update(theta, grad, v, lr, beta):
    m = beta * v + (1 - beta) * grad
    m_hat = m / (1 - beta)
    return theta - lr * m_hat, m

# %% momentum_update: second_moment
# Wrong: averages the square of the gradient and divides by its root (RMSprop).
def momentum_update(theta, grad, v, lr, beta):
    s = beta * v + (1 - beta) * grad**2
    step = lr * grad / (np.sqrt(np.abs(s)) + 1e-8)
    return theta - step, s

# %% momentum_update: memory_updated_in_place
# Wrong: updates v in place and returns the same array, so the input is changed.
def momentum_update(theta, grad, v, lr, beta):
    v *= beta
    v += (1 - beta) * grad
    return theta - lr * v, v

# %% momentum_update: theta_updated_in_place
# Wrong: updates theta in place (v is new), so the input is changed.
def momentum_update(theta, grad, v, lr, beta):
    new = beta * v + (1 - beta) * grad
    theta -= lr * new
    return theta, new

# %% momentum_update: same_objects_at_a_flat_place
# Wrong: where the gradient is all zeros it returns the inputs themselves, without fading v or moving.
def momentum_update(theta, grad, v, lr, beta):
    if not np.any(grad):
        return theta, v
    v = beta * v + (1 - beta) * grad
    theta = theta - lr * v
    return theta, v

# %% momentum_update: only_theta
# Wrong: returns theta alone and not the pair.
def momentum_update(theta, grad, v, lr, beta):
    v = beta * v + (1 - beta) * grad
    theta = theta - lr * v
    return theta

# %% momentum_update: float32
# Wrong: goes through float32 tensors, so seven digits are left.
def momentum_update(theta, grad, v, lr, beta):
    th, g, m = (torch.tensor(np.asarray(a), dtype=torch.float32) for a in (theta, grad, v))
    m = beta * m + (1 - beta) * g
    th = th - lr * m
    return th.numpy(), m.numpy()

# %% momentum_update: positions_averaged
# Wrong: misunderstands what is averaged: the average of theta and the plain step, and v keeps the gradient.
def momentum_update(theta, grad, v, lr, beta):
    plain = theta - lr * grad
    return beta * theta + (1 - beta) * plain, np.array(grad)

# %% momentum_update: starts_from_nothing
# Wrong: misunderstands the memory: v is set to zeros in each call, so nothing is remembered.
def momentum_update(theta, grad, v, lr, beta):
    v = np.zeros_like(theta)
    v = beta * v + (1 - beta) * grad
    return theta - lr * v, v

# %% momentum_update: sum_and_plus
# Wrong: two slips: 1 - beta is missing, and the step goes along the average and not against it.
def momentum_update(theta, grad, v, lr, beta):
    buf = grad + beta * v
    return theta + lr * buf, buf

# %% momentum_update: theta_to_do
# Wrong: unfinished: only the average is updated, theta comes back as a copy.
def momentum_update(theta, grad, v, lr, beta):
    v_t = beta * v + (1 - beta) * grad
    theta_t = theta.copy()
    return theta_t, v_t

# %% momentum_update: element_by_element
# Wrong: loops over len(theta), which raises TypeError for shape ().
def momentum_update(theta, grad, v, lr, beta):
    new_v = np.zeros_like(v)
    new_theta = np.zeros_like(theta)
    for i in range(len(theta)):
        new_v[i] = beta * v[i] + (1 - beta) * grad[i]
        new_theta[i] = theta[i] - lr * new_v[i]
    return new_theta, new_v

# %% momentum_update: matrix_of_the_step
# Right: one 2 x 3 matrix of coefficients times the three arrays stacked.
def momentum_update(theta, grad, v, lr, beta):
    a, b = beta, 1 - beta
    step = np.array([[1.0, -lr * b, -lr * a], [0.0, b, a]])
    new = np.tensordot(step, np.stack([theta, grad, v]), axes=1)
    return np.array(new[0]), np.array(new[1])

# %% momentum_update: out_arguments
# Right: ufuncs with out= into two arrays that are allocated first.
def momentum_update(theta, grad, v, lr, beta):
    moved, average = np.empty(np.shape(theta)), np.empty(np.shape(theta))
    np.multiply(v, beta, out=average)
    np.add(average, (1 - beta) * np.asarray(grad), out=average)
    np.multiply(average, -lr, out=moved)
    np.add(moved, theta, out=moved)
    return moved, average

# %% heavy_ball_update: averaging_form
# Wrong: the averaging form, with 1 - mu before the gradient.
def heavy_ball_update(theta, grad, buf, lr, mu):
    buf = mu * buf + (1 - mu) * grad
    return theta - lr * buf, buf

# %% heavy_ball_update: step_with_the_old_sum
# Wrong: the step uses buf before the update.
def heavy_ball_update(theta, grad, buf, lr, mu):
    theta_new = theta - lr * buf
    return theta_new, mu * buf + grad

# %% heavy_ball_update: nesterov
# Wrong: Nesterov's step g + mu buf in place of buf.
def heavy_ball_update(theta, grad, buf, lr, mu):
    buf_new = mu * buf + grad
    return theta - lr * (grad + mu * buf_new), buf_new

# %% heavy_ball_update: polyak
# Wrong: Polyak's form: the rate is inside the memory, u = mu u - lr g, and u is added.
def heavy_ball_update(theta, grad, buf, lr, mu):
    u = mu * buf - lr * grad
    return theta + u, u

# %% heavy_ball_update: mu_at_the_gradient
# Wrong: mu multiplies the gradient and not the old sum.
def heavy_ball_update(theta, grad, buf, lr, mu):
    new_buf = buf + mu * grad
    new_theta = theta - lr * new_buf
    return new_theta, new_buf

# %% heavy_ball_update: mu_at_both
# Wrong: mu multiplies the bracket buf + g.
def heavy_ball_update(theta, grad, buf, lr, mu):
    b = mu * (buf + grad)
    t = theta - lr * b
    return t, b

# %% heavy_ball_update: nothing_fades
# Wrong: mu is left out, the gradients are summed up without fading.
def heavy_ball_update(theta, grad, buf, lr, mu):
    total = np.add(buf, grad)
    return np.subtract(theta, lr * total), total

# %% heavy_ball_update: rolls_uphill
# Wrong: adds lr * buf.
def heavy_ball_update(theta, grad, buf, lr, mu):
    memory = grad + mu * buf
    return theta + memory * lr, memory

# %% heavy_ball_update: effective_rate
# Wrong: divides the rate by 1 - mu (the effective learning rate) in the step.
def heavy_ball_update(theta, grad, buf, lr, mu):
    buf_t = mu * buf + grad
    effective = lr / (1 - mu)
    return theta - effective * buf_t, buf_t

# %% heavy_ball_update: rate_twice_and_kept
# Wrong: the rate is multiplied into the gradient and again into the step.
def heavy_ball_update(theta, grad, buf, lr, mu):
    buf_t = mu * buf + lr * grad
    return theta - lr * buf_t, buf_t

# %% heavy_ball_update: memory_of_another_sign
# Wrong: keeps the negative sum (buf = mu buf - g) and adds lr * buf, so buf has the wrong sign and old pushes turn round.
def heavy_ball_update(theta, grad, buf, lr, mu):
    velocity = mu * buf - grad
    theta = theta + lr * velocity
    return theta, velocity

# %% heavy_ball_update: dampened
# Wrong: takes mu for PyTorch's dampening as well, except that the first gradient (buf all zeros) enters whole.
def heavy_ball_update(theta, grad, buf, lr, mu):
    if not np.any(buf):
        new = np.array(grad, dtype=float)
    else:
        new = mu * buf + (1 - mu) * grad
    return theta - lr * new, new

# %% heavy_ball_update: gradient_becomes_the_memory
# Wrong: where buf is all zeros it returns grad itself as buf, which shares its memory.
def heavy_ball_update(theta, grad, buf, lr, mu):
    if not buf.any():
        buf = grad
    else:
        buf = mu * buf + grad
    return theta - lr * buf, buf

# %% heavy_ball_update: buf_in_place
# Wrong: buf is updated in place and returned, so the input is changed.
def heavy_ball_update(theta, grad, buf, lr, mu):
    buf[...] = mu * buf + grad
    theta = theta - lr * buf
    return theta, buf

# %% heavy_ball_update: all_in_place
# Wrong: theta is moved in place and the same object is returned.
def heavy_ball_update(theta, grad, buf, lr, mu):
    new_buf = mu * buf + grad
    np.subtract(theta, lr * new_buf, out=theta)
    return theta, new_buf

# %% heavy_ball_update: step_returned_too
# Wrong: returns three things, (theta, buf, step), where two are asked for.
def heavy_ball_update(theta, grad, buf, lr, mu):
    b = mu * buf + grad
    step = -lr * b
    return theta + step, b, step

# %% heavy_ball_update: swapped_results
# Wrong: returns (buf, theta), in the wrong order.
def heavy_ball_update(theta, grad, buf, lr, mu):
    buf_next = mu * buf + grad
    theta_next = theta - lr * buf_next
    return buf_next, theta_next

# %% heavy_ball_update: gradient_of_length_1
# Wrong: misunderstands a push: the gradient is brought to length 1 before it enters.
def heavy_ball_update(theta, grad, buf, lr, mu):
    norm = np.sqrt(np.sum(np.square(grad)))
    push = grad / norm if norm > 0 else np.zeros_like(theta)
    buf = mu * buf + push
    return theta - lr * buf, buf

# %% heavy_ball_update: turns_at_the_floor
# Wrong: misunderstands the ball: where the gradient's sign differs from buf's, buf is set to 0 before (a restart).
def heavy_ball_update(theta, grad, buf, lr, mu):
    kept = np.where(grad * buf < 0, 0.0, buf)
    new = mu * kept + grad
    return theta - lr * new, new

# %% heavy_ball_update: averaged_and_old
# Wrong: two slips: 1 - mu before the gradient, and the step uses the old buf.
def heavy_ball_update(theta, grad, buf, lr, mu):
    theta = theta - lr * buf
    buf = mu * buf + (1 - mu) * grad
    return theta, buf

# %% heavy_ball_update: memory_to_do
# Wrong: unfinished: a plain step of gradient descent, buf comes back as a copy.
def heavy_ball_update(theta, grad, buf, lr, mu):
    theta = theta - lr * grad
    # TODO: buf
    return theta, buf.copy()

# %% heavy_ball_update: zip_over_elements
# Wrong: zip over the arrays raises TypeError for shape ().
def heavy_ball_update(theta, grad, buf, lr, mu):
    bufs = [mu * b + g for b, g in zip(buf, grad)]
    thetas = [t - lr * b for t, b in zip(theta, bufs)]
    return np.array(thetas).reshape(theta.shape), np.array(bufs).reshape(theta.shape)

# %% heavy_ball_update: over_the_averaging_form
# Right: calls momentum_update with the translated memory and rate wherever mu < 1: v = (1 - mu) buf.
def heavy_ball_update(theta, grad, buf, lr, mu):
    if mu >= 1:
        b = buf * mu + grad
        return theta - b * lr, b
    share = 1 - mu
    moved, v = momentum_update(theta, grad, share * buf, lr / share, mu)
    return moved, v / share

# %% heavy_ball_update: torch_doubles
# Right: float64 tensors made from copies, in-place arithmetic on them, and back to NumPy.
def heavy_ball_update(theta, grad, buf, lr, mu):
    t, g, b = (torch.from_numpy(np.array(a, dtype=np.float64, order="C")) for a in (theta, grad, buf))
    b.mul_(mu).add_(g)
    t.add_(b, alpha=-float(lr))
    return t.numpy(), b.numpy()

# %% matching_lr: divided
# Wrong: divides by 1 - beta instead of multiplying.
def matching_lr(lr, beta):
    return lr / (1 - beta)

# %% matching_lr: times_beta
# Wrong: multiplies by beta and not by 1 - beta.
def matching_lr(lr, beta):
    return beta * lr

# %% matching_lr: unchanged
# Wrong: misunderstands the two forms as the same: the rate is handed on unchanged.
def matching_lr(lr, beta):
    return lr

# %% matching_lr: one_plus_beta
# Wrong: multiplies by 1 + beta.
def matching_lr(lr, beta):
    lr_torch = lr * (1 + beta)
    return lr_torch

# %% matching_lr: squared_share
# Wrong: multiplies by the square of 1 - beta.
def matching_lr(lr, beta):
    factor = 1 - beta
    return lr * factor**2

# %% matching_lr: one_minus_the_square
# Wrong: multiplies by 1 - beta**2, as if from the second step on.
def matching_lr(lr, beta):
    t = 2
    return lr * (1 - beta**t)

# %% matching_lr: root_of_the_share
# Wrong: multiplies by the square root of 1 - beta.
def matching_lr(lr, beta):
    return lr * np.sqrt(1 - beta)

# %% matching_lr: ratio_of_the_limits
# Wrong: multiplies by the ratio of the two limits of stability, (1-beta)/(1+beta).
def matching_lr(lr, beta):
    limit_averaging = (1 + beta) / (1 - beta)
    return lr / limit_averaging

# %% matching_lr: always_a_tenth
# Wrong: divides by 10, which is right for beta = 0.9 only.
def matching_lr(lr, beta):
    """each step is ten times as long"""
    return lr / 10

# %% matching_lr: share_of_the_rate
# Wrong: 1 - lr * beta: brackets are set wrongly.
def matching_lr(lr, beta):
    return 1 - lr * beta

# %% matching_lr: difference
# Wrong: lr - beta * lr**2: the bracket is multiplied out with one factor lr too many.
def matching_lr(lr, beta):
    return lr - lr * beta * lr

# %% matching_lr: without_momentum_nothing
# Wrong: returns 0 for beta = 0, where the rate should stay the same.
def matching_lr(lr, beta):
    if beta == 0:
        return 0.0
    return lr * (1 - beta)

# %% matching_lr: rounded
# Wrong: rounds the result to three decimals.
def matching_lr(lr, beta):
    return round(lr * (1 - beta), 3)

# %% matching_lr: a_pair
# Wrong: returns a pair (lr, momentum) and not a number.
def matching_lr(lr, beta):
    momentum = beta
    return lr * (1 - beta), momentum

# %% matching_lr: keyword_arguments
# Wrong: returns a dictionary of PyTorch's arguments and not a number.
def matching_lr(lr, beta):
    return dict(lr=lr * (1 - beta), momentum=beta)

# %% matching_lr: geometric_sum_cut_off
# Wrong: divides by the sum of only ten powers of beta, which is not 1/(1-beta).
def matching_lr(lr, beta):
    total = 0.0
    for k in range(10):
        total += beta**k
    return lr / total

# %% matching_lr: at_least_something
# Wrong: a lower limit of 1e-3, so small rates and lr = 0 come out too large.
def matching_lr(lr, beta):
    return max(1e-3, lr * (1 - beta))

# %% matching_lr: zero_rate_refused
# Wrong: raises ValueError for lr = 0, which is allowed.
def matching_lr(lr, beta):
    if lr <= 0 or beta < 0 or beta >= 1:
        raise ValueError("lr must be positive and beta in [0, 1)")
    return lr * (1 - beta)

# %% matching_lr: divided_and_times_beta
# Wrong: two slips: divides by 1 - beta and multiplies by beta.
def matching_lr(lr, beta):
    return lr * beta / (1 - beta)

# %% matching_lr: over_beta
# Wrong: lr (1-beta) / beta, from comparing the old memories; ZeroDivisionError for beta = 0.
def matching_lr(lr, beta):
    return lr * (1 - beta) / beta

# %% matching_lr: memory_length_in_days
# Wrong: misunderstands the question: gives the number of steps that are remembered, times lr and rounded to a whole number.
def matching_lr(lr, beta):
    steps = round(1 / (1 - beta))
    return lr * steps

# %% matching_lr: only_the_factor
# Wrong: unfinished: returns the factor 1 - beta and forgets lr.
def matching_lr(lr, beta):
    factor = 1 - beta
    return factor

# %% matching_lr: measured_in_one_step
# Right: runs one step of each form from zeros with the gradient 1 and compares the lengths.
def matching_lr(lr, beta):
    zero, one = np.array(0.0), np.array(1.0)
    averaged, _ = momentum_update(zero, one, zero, lr, beta)
    summed, _ = heavy_ball_update(zero, one, zero, 1.0, beta)
    return float(averaged / summed)

# %% matching_lr: multiplied_out
# Right: the bracket multiplied out: the sum of lr and -beta lr.
def matching_lr(lr, beta):
    return sum((lr, -beta * lr))

# %% MomentumSGD: averaging_form
# Wrong: the averaging form: the gradient enters buf with the factor 1 - momentum (dampening is not looked at).
class MomentumSGD:
    def __init__(self, params, lr, momentum=0.9, dampening=0.0, nesterov=False, weight_decay=0.0):
        if lr < 0 or weight_decay < 0 or not 0 <= momentum < 1:
            raise ValueError("lr, momentum or weight_decay out of range")
        if nesterov and (momentum == 0 or dampening != 0):
            raise ValueError("nesterov needs momentum and no dampening")
        self.params = list(params)
        self.lr, self.momentum, self.nesterov, self.weight_decay = lr, momentum, nesterov, weight_decay
        self.bufs = [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, buf in zip(self.params, self.bufs):
            if p.grad is None:
                continue
            g = p.grad + self.weight_decay * p
            buf.mul_(self.momentum).add_((1 - self.momentum) * g)
            p -= self.lr * (g + self.momentum * buf if self.nesterov else buf)

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% MomentumSGD: first_gradient_dampened
# Wrong: dampening acts on the first gradient as well, which should enter whole.
class MomentumSGD:
    def __init__(self, params, lr, momentum=0.9, dampening=0.0, nesterov=False, weight_decay=0.0):
        if lr < 0:
            raise ValueError("lr is negative")
        if weight_decay < 0:
            raise ValueError("weight_decay is negative")
        if momentum < 0 or momentum >= 1:
            raise ValueError("momentum is outside [0, 1)")
        if nesterov and (momentum == 0 or dampening != 0):
            raise ValueError("nesterov with these settings makes no sense")
        self.params = list(params)
        self.lr = lr
        self.momentum = momentum
        self.tau = dampening
        self.nesterov = nesterov
        self.wd = weight_decay
        self.buf = [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            g = p.grad + self.wd * p
            if self.momentum == 0:
                p -= self.lr * g
                continue
            self.buf[i] = self.momentum * self.buf[i] + (1 - self.tau) * g
            if self.nesterov:
                p -= self.lr * (g + self.momentum * self.buf[i])
            else:
                p -= self.lr * self.buf[i]

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% MomentumSGD: dampening_without_momentum
# Wrong: with momentum 0 dampening still scales the gradient from the second step on.
class MomentumSGD:
    def __init__(self, params, lr, momentum=0.9, dampening=0.0, nesterov=False, weight_decay=0.0):
        bad = lr < 0 or weight_decay < 0 or momentum < 0 or momentum >= 1
        if bad or (nesterov and (momentum <= 0 or dampening != 0)):
            raise ValueError("settings")
        self.params = list(params)
        self.lr = lr
        self.mu, self.tau, self.nesterov, self.wd = momentum, dampening, nesterov, weight_decay
        self.state = {}

    @torch.no_grad()
    def step(self):
        for k, p in enumerate(self.params):
            if p.grad is None:
                continue
            g = p.grad + self.wd * p
            if k not in self.state:
                self.state[k] = g.clone()
            else:
                self.state[k].mul_(self.mu).add_(g, alpha=1 - self.tau)
            buf = self.state[k]
            update = g + self.mu * buf if self.nesterov else buf
            p.sub_(self.lr * update)

    def zero_grad(self):
        for p in self.params:
            if p.grad is not None:
                p.grad.zero_()

# %% MomentumSGD: one_buf_for_all
# Wrong: one buf is shared by all parameters instead of one each (created anew where the shapes differ).
class MomentumSGD:
    def __init__(self, params, lr, momentum=0.9, dampening=0.0, nesterov=False, weight_decay=0.0):
        if lr < 0 or weight_decay < 0 or not (0 <= momentum < 1):
            raise ValueError("bad setting")
        if nesterov and (not momentum or dampening):
            raise ValueError("bad nesterov setting")
        self.params = list(params)
        self.lr, self.momentum, self.dampening = lr, momentum, dampening
        self.nesterov, self.weight_decay = nesterov, weight_decay
        self.buf = None

    @torch.no_grad()
    def step(self):
        for p in self.params:
            if p.grad is None:
                continue
            g = p.grad + self.weight_decay * p
            if self.momentum == 0:
                p -= self.lr * g
                continue
            if self.buf is None or self.buf.shape != g.shape:
                self.buf = g.clone()
            else:
                self.buf = self.momentum * self.buf + (1 - self.dampening) * g
            p -= self.lr * (g + self.momentum * self.buf if self.nesterov else self.buf)

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% MomentumSGD: buf_is_the_gradient
# Wrong: the first buf is theta.grad itself (no copy, without weight decay), so it is changed at the next step and by clearing with zero_().
class MomentumSGD:
    def __init__(self, params, lr, momentum=0.9, dampening=0.0, nesterov=False, weight_decay=0.0):
        if lr < 0 or weight_decay < 0 or momentum < 0 or momentum >= 1:
            raise ValueError
        if nesterov and (momentum == 0 or dampening != 0):
            raise ValueError
        self.params = list(params)
        self.bufs = [None for _ in self.params]
        self.lr = lr
        self.momentum = momentum
        self.dampening = dampening
        self.nesterov = nesterov
        self.weight_decay = weight_decay

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            g = p.grad
            if g is None:
                continue
            if self.weight_decay != 0:
                g = g + self.weight_decay * p
            if self.momentum != 0:
                if self.bufs[i] is None:
                    self.bufs[i] = g
                else:
                    self.bufs[i].mul_(self.momentum).add_(g, alpha=1 - self.dampening)
                g = g + self.momentum * self.bufs[i] if self.nesterov else self.bufs[i]
            p.add_(g, alpha=-self.lr)

    def zero_grad(self):
        for p in self.params:
            if p.grad is not None:
                p.grad.zero_()

# %% MomentumSGD: nesterov_with_the_old_buf
# Wrong: Nesterov's step takes buf before the update (g + mu * buf_{t-1}), which is ordinary momentum.
class MomentumSGD:
    def __init__(self, params, lr, momentum=0.9, dampening=0.0, nesterov=False, weight_decay=0.0):
        if min(lr, weight_decay, momentum) < 0 or momentum >= 1:
            raise ValueError("out of range")
        if nesterov and (momentum == 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        self.params = [p for p in params]
        self.lr, self.momentum, self.dampening = lr, momentum, dampening
        self.nesterov, self.weight_decay = nesterov, weight_decay
        self.buf = {}

    @torch.no_grad()
    def step(self):
        for j in range(len(self.params)):
            p = self.params[j]
            if p.grad is None:
                continue
            g = p.grad + self.weight_decay * p
            old = self.buf.get(j)
            if self.momentum == 0:
                new = g
            elif old is None:
                new = g.clone()
            else:
                new = self.momentum * old + (1 - self.dampening) * g
            if self.nesterov:
                before = old if old is not None else torch.zeros_like(p)
                p -= self.lr * (g + self.momentum * before)
            else:
                p -= self.lr * new
            self.buf[j] = new

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% MomentumSGD: keras_memory
# Wrong: the rate is inside the memory (Keras, Polyak), which is seen when lr changes between steps.
class MomentumSGD:
    def __init__(self, params, lr, momentum=0.9, dampening=0.0, nesterov=False, weight_decay=0.0):
        if lr < 0 or weight_decay < 0 or not 0 <= momentum < 1:
            raise ValueError("lr, weight_decay, momentum")
        if nesterov and (momentum == 0 or dampening != 0):
            raise ValueError("nesterov")
        self.params = list(params)
        self.lr = lr
        self.momentum = momentum
        self.dampening = dampening
        self.nesterov = nesterov
        self.weight_decay = weight_decay
        self.velocity = [None] * len(self.params)

    @torch.no_grad()
    def step(self):
        for i, w in enumerate(self.params):
            if w.grad is None:
                continue
            g = w.grad + self.weight_decay * w
            push = -self.lr * g
            if self.momentum == 0:
                w += push
                continue
            if self.velocity[i] is None:
                self.velocity[i] = push
            else:
                self.velocity[i] = self.momentum * self.velocity[i] + (1 - self.dampening) * push
            w += self.momentum * self.velocity[i] + push if self.nesterov else self.velocity[i]

    def zero_grad(self):
        for w in self.params:
            w.grad = None

# %% MomentumSGD: decay_after_the_memory
# Wrong: weight decay does not go through buf: it is added to the step (decoupled, as in AdamW).
class MomentumSGD:
    def __init__(self, params, lr, momentum=0.9, dampening=0.0, nesterov=False, weight_decay=0.0):
        if lr < 0 or weight_decay < 0 or momentum < 0 or momentum >= 1:
            raise ValueError("invalid value")
        if nesterov and (momentum == 0 or dampening != 0):
            raise ValueError("invalid value with nesterov")
        self.params = list(params)
        self.lr, self.momentum, self.dampening, self.nesterov = lr, momentum, dampening, nesterov
        self.weight_decay = weight_decay
        self.bufs = [None] * len(self.params)

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            g = p.grad.clone()
            d = g
            if self.momentum > 0:
                b = self.bufs[i]
                b = g.clone() if b is None else self.momentum * b + (1 - self.dampening) * g
                self.bufs[i] = b
                d = g + self.momentum * b if self.nesterov else b
            p -= self.lr * (d + self.weight_decay * p)

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% MomentumSGD: decay_into_grad
# Wrong: adds the weight decay in place to theta.grad, so the gradients change.
class MomentumSGD:
    def __init__(self, params, lr, momentum=0.9, dampening=0.0, nesterov=False, weight_decay=0.0):
        for name, value in (("lr", lr), ("momentum", momentum), ("weight_decay", weight_decay)):
            if value < 0:
                raise ValueError(name)
        if momentum >= 1:
            raise ValueError("momentum")
        if nesterov and (momentum == 0 or dampening != 0):
            raise ValueError("nesterov")
        self.params = list(params)
        self.lr, self.mu, self.tau, self.nesterov, self.wd = lr, momentum, dampening, nesterov, weight_decay
        self.bufs = {}

    @torch.no_grad()
    def step(self):
        for k, p in enumerate(self.params):
            if p.grad is None:
                continue
            p.grad.add_(p, alpha=self.wd)
            step = p.grad
            if self.mu:
                if k in self.bufs:
                    self.bufs[k] = self.mu * self.bufs[k] + (1 - self.tau) * p.grad
                else:
                    self.bufs[k] = p.grad.clone()
                step = self.bufs[k]
                if self.nesterov:
                    step = p.grad + self.mu * step
            p -= self.lr * step

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% MomentumSGD: one_clock_for_all
# Wrong: the first step of the optimiser counts as t = 1 for all: a parameter whose first gradient comes later has it dampened.
class MomentumSGD:
    def __init__(self, params, lr, momentum=0.9, dampening=0.0, nesterov=False, weight_decay=0.0):
        if lr < 0 or weight_decay < 0 or not 0 <= momentum < 1:
            raise ValueError("range")
        if nesterov and (momentum == 0 or dampening != 0):
            raise ValueError("nesterov")
        self.params = list(params)
        self.lr, self.momentum, self.dampening = lr, momentum, dampening
        self.nesterov, self.weight_decay = nesterov, weight_decay
        self.bufs = [torch.zeros_like(p) for p in self.params]
        self.t = 0

    @torch.no_grad()
    def step(self):
        self.t += 1
        share = 1.0 if self.t == 1 or self.momentum == 0 else 1.0 - self.dampening
        for p, buf in zip(self.params, self.bufs):
            if p.grad is None:
                continue
            g = p.grad + self.weight_decay * p
            buf.copy_(self.momentum * buf + share * g)
            p -= self.lr * (g + self.momentum * buf if self.nesterov else buf)

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% MomentumSGD: zero_buf_means_first
# Wrong: takes a buf of all zeros for "no gradient yet", so after a first gradient of zeros the next one enters undampened again.
class MomentumSGD:
    def __init__(self, params, lr, momentum=0.9, dampening=0.0, nesterov=False, weight_decay=0.0):
        if lr < 0 or weight_decay < 0 or momentum < 0 or momentum >= 1:
            raise ValueError("lr/momentum/weight_decay")
        if nesterov and (momentum == 0 or dampening != 0):
            raise ValueError("nesterov/momentum/dampening")
        self.params = list(params)
        self.lr, self.momentum, self.dampening = lr, momentum, dampening
        self.nesterov, self.weight_decay = nesterov, weight_decay
        self.bufs = [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, buf in zip(self.params, self.bufs):
            if p.grad is None:
                continue
            g = p.grad + self.weight_decay * p
            if self.momentum == 0:
                d = g
            else:
                if not buf.any():
                    buf.copy_(g)
                else:
                    buf.mul_(self.momentum).add_(g, alpha=1 - self.dampening)
                d = g + self.momentum * buf if self.nesterov else buf
            p -= self.lr * d

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% MomentumSGD: rolls_on_without_gradient
# Wrong: a parameter whose grad is None is not skipped: its gradient counts as zeros, so buf fades and the parameter rolls on.
class MomentumSGD:
    def __init__(self, params, lr, momentum=0.9, dampening=0.0, nesterov=False, weight_decay=0.0):
        if lr < 0 or weight_decay < 0 or not 0 <= momentum < 1:
            raise ValueError("not allowed")
        if nesterov and (momentum == 0 or dampening != 0):
            raise ValueError("not allowed")
        self.params = list(params)
        self.lr, self.momentum, self.dampening = lr, momentum, dampening
        self.nesterov, self.weight_decay = nesterov, weight_decay
        self.bufs = [None] * len(self.params)

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            grad = torch.zeros_like(p) if p.grad is None else p.grad
            g = grad + self.weight_decay * p
            if self.momentum == 0:
                p -= self.lr * g
                continue
            if self.bufs[i] is None:
                self.bufs[i] = g
            else:
                self.bufs[i] = self.momentum * self.bufs[i] + (1 - self.dampening) * g
            p -= self.lr * (g + self.momentum * self.bufs[i] if self.nesterov else self.bufs[i])

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% MomentumSGD: data_replaced
# Wrong: assigns theta.data anew, so the parameter's memory moves.
class MomentumSGD:
    def __init__(self, params, lr, momentum=0.9, dampening=0.0, nesterov=False, weight_decay=0.0):
        if lr < 0 or weight_decay < 0 or momentum < 0 or momentum >= 1:
            raise ValueError("invalid")
        if nesterov and (momentum == 0 or dampening != 0):
            raise ValueError("invalid nesterov")
        self.params = list(params)
        self.lr, self.momentum, self.dampening = lr, momentum, dampening
        self.nesterov, self.weight_decay = nesterov, weight_decay
        self.bufs = {}

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            g = p.grad.data + self.weight_decay * p.data
            if self.momentum > 0:
                if i not in self.bufs:
                    buf = self.bufs[i] = torch.clone(g)
                else:
                    buf = self.bufs[i]
                    buf.mul_(self.momentum).add_(g, alpha=1 - self.dampening)
                g = g + self.momentum * buf if self.nesterov else buf
            p.data = p.data - self.lr * g

    def zero_grad(self):
        for p in self.params:
            if p.grad is not None:
                p.grad.zero_()

# %% MomentumSGD: nesterov_unchecked
# Wrong: raises nothing for nesterov with momentum 0 or with dampening.
class MomentumSGD:
    def __init__(self, params, lr, momentum=0.9, dampening=0.0, nesterov=False, weight_decay=0.0):
        if lr < 0:
            raise ValueError("lr")
        if not 0 <= momentum < 1:
            raise ValueError("momentum")
        if weight_decay < 0:
            raise ValueError("weight_decay")
        self.params = list(params)
        self.lr, self.momentum, self.dampening = lr, momentum, dampening
        self.nesterov, self.weight_decay = nesterov, weight_decay
        self.bufs = [None] * len(self.params)

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            g = p.grad + self.weight_decay * p
            if self.momentum == 0:
                p -= self.lr * g
                continue
            b = self.bufs[i]
            b = g if b is None else self.momentum * b + (1 - self.dampening) * g
            self.bufs[i] = b
            p -= self.lr * (g + self.momentum * b) if self.nesterov else self.lr * b

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% MomentumSGD: momentum_1_accepted
# Wrong: checks momentum as PyTorch does: only a negative one is refused, 1 and more are accepted.
class MomentumSGD:
    def __init__(self, params, lr, momentum=0.9, dampening=0.0, nesterov=False, weight_decay=0.0):
        if lr < 0.0:
            raise ValueError(f"Invalid learning rate: {lr}")
        if momentum < 0.0:
            raise ValueError(f"Invalid momentum value: {momentum}")
        if weight_decay < 0.0:
            raise ValueError(f"Invalid weight_decay value: {weight_decay}")
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        self.params = list(params)
        self.lr, self.momentum, self.dampening = lr, momentum, dampening
        self.nesterov, self.weight_decay = nesterov, weight_decay
        self.momentum_buffer = {p: None for p in self.params}

    @torch.no_grad()
    def step(self):
        for p in self.params:
            if p.grad is None:
                continue
            d_p = p.grad.add(p, alpha=self.weight_decay)
            if self.momentum != 0:
                buf = self.momentum_buffer[p]
                if buf is None:
                    buf = torch.clone(d_p).detach()
                else:
                    buf.mul_(self.momentum).add_(d_p, alpha=1 - self.dampening)
                self.momentum_buffer[p] = buf
                d_p = d_p.add(buf, alpha=self.momentum) if self.nesterov else buf
            p.add_(d_p, alpha=-self.lr)

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% MomentumSGD: bufs_of_the_class
# Wrong: the dictionary of bufs belongs to the class and is keyed by position, so two instances share it.
class MomentumSGD:
    bufs = {}

    def __init__(self, params, lr, momentum=0.9, dampening=0.0, nesterov=False, weight_decay=0.0):
        if lr < 0 or weight_decay < 0 or momentum < 0 or momentum >= 1:
            raise ValueError("setting")
        if nesterov and (momentum == 0 or dampening != 0):
            raise ValueError("nesterov")
        self.params = list(params)
        self.lr, self.momentum, self.dampening = lr, momentum, dampening
        self.nesterov, self.weight_decay = nesterov, weight_decay

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            g = p.grad + self.weight_decay * p
            if self.momentum == 0:
                p -= self.lr * g
                continue
            if i in self.bufs and self.bufs[i].shape == g.shape:
                self.bufs[i] = self.momentum * self.bufs[i] + (1 - self.dampening) * g
            else:
                self.bufs[i] = g.clone()
            p -= self.lr * (g + self.momentum * self.bufs[i] if self.nesterov else self.bufs[i])

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% MomentumSGD: memory_lost_with_the_gradients
# Wrong: zero_grad clears the bufs too, so in a training loop nothing is remembered.
class MomentumSGD:
    def __init__(self, params, lr, momentum=0.9, dampening=0.0, nesterov=False, weight_decay=0.0):
        if lr < 0 or weight_decay < 0 or not 0 <= momentum < 1:
            raise ValueError("wrong value")
        if nesterov and (momentum == 0 or dampening != 0):
            raise ValueError("wrong value for nesterov")
        self.params = list(params)
        self.lr, self.momentum, self.dampening = lr, momentum, dampening
        self.nesterov, self.weight_decay = nesterov, weight_decay
        self.bufs = [None] * len(self.params)

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            g = p.grad + self.weight_decay * p
            if self.momentum != 0:
                self.bufs[i] = g if self.bufs[i] is None else self.momentum * self.bufs[i] + (1 - self.dampening) * g
                g = g + self.momentum * self.bufs[i] if self.nesterov else self.bufs[i]
            p -= self.lr * g

    def zero_grad(self):
        for i, p in enumerate(self.params):
            p.grad = None
            self.bufs[i] = None

# %% MomentumSGD: dampening_for_decay_and_plus_tau
# Wrong: two slips: dampening enters as 1 + tau, and weight decay is subtracted from the gradient.
class MomentumSGD:
    def __init__(self, params, lr, momentum=0.9, dampening=0.0, nesterov=False, weight_decay=0.0):
        if lr < 0 or weight_decay < 0 or momentum < 0 or momentum >= 1:
            raise ValueError("value out of range")
        if nesterov and (momentum == 0 or dampening != 0):
            raise ValueError("nesterov makes no sense here")
        self.params = list(params)
        self.lr, self.momentum, self.dampening = lr, momentum, dampening
        self.nesterov, self.weight_decay = nesterov, weight_decay
        self.bufs = [None] * len(self.params)

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            g = p.grad - self.weight_decay * p
            if self.momentum == 0:
                p -= self.lr * g
                continue
            self.bufs[i] = g if self.bufs[i] is None else self.momentum * self.bufs[i] + (1 + self.dampening) * g
            p -= self.lr * (g + self.momentum * self.bufs[i] if self.nesterov else self.bufs[i])

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% MomentumSGD: last_step_repeated
# Wrong: misunderstands inertia: only the previous gradient is remembered (g + mu * g_{t-1}), not the fading sum of all.
class MomentumSGD:
    def __init__(self, params, lr, momentum=0.9, dampening=0.0, nesterov=False, weight_decay=0.0):
        if lr < 0 or weight_decay < 0 or momentum < 0 or momentum >= 1:
            raise ValueError("negative or too large")
        if nesterov and (momentum == 0 or dampening != 0):
            raise ValueError("nesterov")
        self.params = list(params)
        self.lr, self.momentum, self.dampening = lr, momentum, dampening
        self.nesterov, self.weight_decay = nesterov, weight_decay
        self.last = [None] * len(self.params)

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            g = p.grad + self.weight_decay * p
            if self.last[i] is None or self.momentum == 0:
                buf = g
            else:
                buf = self.momentum * self.last[i] + (1 - self.dampening) * g
            self.last[i] = g.clone()
            p -= self.lr * (g + self.momentum * buf if self.nesterov else buf)

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% MomentumSGD: nesterov_moves_the_parameters_first
# Wrong: misunderstands Nesterov in PyTorch's form: moves theta ahead by lr mu buf of the step before and then makes the ordinary step in addition.
class MomentumSGD:
    def __init__(self, params, lr, momentum=0.9, dampening=0.0, nesterov=False, weight_decay=0.0):
        if lr < 0 or weight_decay < 0 or momentum < 0 or momentum >= 1:
            raise ValueError("lr, weight_decay >= 0 and 0 <= momentum < 1")
        if nesterov and (momentum == 0 or dampening != 0):
            raise ValueError("nesterov needs momentum > 0 and dampening = 0")
        self.params = list(params)
        self.lr, self.momentum, self.dampening = lr, momentum, dampening
        self.nesterov, self.weight_decay = nesterov, weight_decay
        self.bufs = [None] * len(self.params)

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            g = p.grad + self.weight_decay * p
            if self.momentum == 0:
                p -= self.lr * g
                continue
            old = self.bufs[i]
            if old is None:
                self.bufs[i] = g.clone()
            else:
                if self.nesterov:
                    p -= self.lr * self.momentum * old
                self.bufs[i] = self.momentum * old + (1 - self.dampening) * g
            p -= self.lr * self.bufs[i]

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% MomentumSGD: options_to_do
# Wrong: unfinished: dampening, nesterov and weight_decay are accepted and checked, but have no effect.
class MomentumSGD:
    def __init__(self, params, lr, momentum=0.9, dampening=0.0, nesterov=False, weight_decay=0.0):
        if lr < 0 or weight_decay < 0 or momentum < 0 or momentum >= 1:
            raise ValueError("invalid argument")
        if nesterov and (momentum == 0 or dampening != 0):
            raise ValueError("invalid combination")
        self.params = list(params)
        self.lr = lr
        self.momentum = momentum
        self.bufs = [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, buf in zip(self.params, self.bufs):
            if p.grad is not None:
                buf *= self.momentum
                buf += p.grad
                p -= self.lr * buf

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% MomentumSGD: bufs_for_gradients_of_now
# Wrong: makes bufs for the parameters that have a gradient in the first step only, so a parameter that gets its first one later raises KeyError.
class MomentumSGD:
    def __init__(self, params, lr, momentum=0.9, dampening=0.0, nesterov=False, weight_decay=0.0):
        if lr < 0 or weight_decay < 0 or momentum < 0 or momentum >= 1:
            raise ValueError("out of bounds")
        if nesterov and (momentum == 0 or dampening != 0):
            raise ValueError("nesterov out of bounds")
        self.params = list(params)
        self.lr, self.momentum, self.dampening = lr, momentum, dampening
        self.nesterov, self.weight_decay = nesterov, weight_decay
        self.bufs = None

    @torch.no_grad()
    def step(self):
        grads = {i: p.grad + self.weight_decay * p for i, p in enumerate(self.params) if p.grad is not None}
        if self.momentum == 0:
            for i, g in grads.items():
                self.params[i] -= self.lr * g
            return
        if self.bufs is None:
            self.bufs = {i: g.clone() for i, g in grads.items()}
        else:
            for i, g in grads.items():
                self.bufs[i] = self.momentum * self.bufs[i] + (1 - self.dampening) * g
        for i, g in grads.items():
            p = self.params[i]
            p -= self.lr * (g + self.momentum * self.bufs[i] if self.nesterov else self.bufs[i])

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% MomentumSGD: a_closure_for_each_parameter
# Right: every parameter gets a small object with its own memory, a generator that is sent the gradients.
class MomentumSGD:
    def __init__(self, params, lr, momentum=0.9, dampening=0.0, nesterov=False, weight_decay=0.0):
        if lr < 0 or weight_decay < 0:
            raise ValueError("lr and weight_decay are 0 or more")
        if not 0 <= momentum < 1:
            raise ValueError("momentum lies in [0, 1)")
        if nesterov and not (momentum > 0 and dampening == 0):
            raise ValueError("nesterov takes momentum and no dampening")

        def remember():
            direction, buf = None, None
            while True:
                g = yield direction
                buf = g.clone() if buf is None else momentum * buf + (1 - dampening) * g
                direction = (g + momentum * buf if nesterov else buf) if momentum else g

        self.lr = lr
        self.weight_decay = weight_decay
        self.pairs = []
        for p in params:
            memory = remember()
            next(memory)
            self.pairs.append((p, memory))

    @torch.no_grad()
    def step(self):
        for p, memory in self.pairs:
            if p.grad is not None:
                p -= self.lr * memory.send(p.grad + self.weight_decay * p)

    def zero_grad(self):
        for p, _ in self.pairs:
            p.grad = None

# %% MomentumSGD: weights_of_two_terms
# Right: the step as a mixture a*g + c*buf whose coefficients are fixed in the constructor, and a count of gradients for each parameter.
class MomentumSGD:
    def __init__(self, params, lr, momentum=0.9, dampening=0.0, nesterov=False, weight_decay=0.0):
        problems = [
            lr < 0,
            weight_decay < 0,
            momentum < 0 or momentum >= 1,
            bool(nesterov) and (momentum == 0 or dampening != 0),
        ]
        if True in problems:
            raise ValueError(f"problem number {problems.index(True)} of the settings")
        self.lr, self.wd, self.mu = lr, weight_decay, momentum
        self.tau = dampening if momentum else 0.0
        self.a, self.c = (1.0, momentum) if nesterov else (0.0, 1.0)
        self.slots = [{"p": p, "buf": torch.zeros_like(p, requires_grad=False), "t": 0} for p in params]

    @torch.no_grad()
    def step(self):
        for slot in self.slots:
            p = slot["p"]
            if p.grad is None:
                continue
            slot["t"] += 1
            g = torch.add(p.grad, p, alpha=self.wd)
            entering = 1.0 if slot["t"] == 1 else 1.0 - self.tau
            slot["buf"] = torch.add(self.mu * slot["buf"], g, alpha=entering) if self.mu else g
            p.sub_((self.a * g + self.c * slot["buf"]) * self.lr)

    def zero_grad(self):
        for slot in self.slots:
            if slot["p"].grad is not None:
                slot["p"].grad = torch.zeros_like(slot["p"].grad)

# %% polyak_to_torch: ratio_turned_round
# Wrong: the ratio of the rates is inverted: mu_t * lr_t / lr_{t-1}.
def polyak_to_torch(lrs, mus):
    torch_mus = mus.copy()
    torch_mus[1:] = mus[1:] * lrs[1:] / lrs[:-1]
    return lrs.copy(), torch_mus

# %% polyak_to_torch: nothing_to_convert
# Wrong: misunderstands the two forms as equal: copies of both inputs.
def polyak_to_torch(lrs, mus):
    return np.array(lrs), np.array(mus)

# %% polyak_to_torch: ratio_to_the_first
# Wrong: compares every rate with lr_1 and not with the one before.
def polyak_to_torch(lrs, mus):
    T = len(lrs)
    new = np.zeros(T)
    for t in range(T):
        new[t] = mus[t] * lrs[0] / lrs[t]
    return np.array(lrs), new

# %% polyak_to_torch: momentum_of_the_step_before
# Wrong: takes mu_{t-1} for step t (the ratio of the rates is right).
def polyak_to_torch(lrs, mus):
    m = [mus[0]]
    for t in range(1, len(lrs)):
        m.append(mus[t - 1] * lrs[t - 1] / lrs[t])
    return lrs.copy(), np.array(m)

# %% polyak_to_torch: next_rate
# Wrong: compares with the next rate: mu_t * lr_{t+1} / lr_t, an index too far.
def polyak_to_torch(lrs, mus):
    following = np.append(lrs[1:], lrs[-1])
    torch_mus = mus * following / lrs
    torch_mus[0] = mus[0]
    return lrs.copy(), torch_mus

# %% polyak_to_torch: rolled_round
# Wrong: np.roll brings the last rate to the front: the first momentum is mu_1 * lr_T / lr_1 and not mu_1.
def polyak_to_torch(lrs, mus):
    return lrs.copy(), mus * np.roll(lrs, 1) / lrs

# %% polyak_to_torch: first_momentum_zero
# Wrong: the first momentum is 0, though mus[0] is asked for.
def polyak_to_torch(lrs, mus):
    previous = np.concatenate(([0.0], lrs[:-1]))
    return np.array(lrs, dtype=float), mus * previous / lrs

# %% polyak_to_torch: effective_rates
# Wrong: multiplies the rates by 1 - mu, as between the averaging form and PyTorch's.
def polyak_to_torch(lrs, mus):
    torch_lrs = lrs * (1 - mus)
    torch_mus = mus.copy()
    torch_mus[1:] *= lrs[:-1] / lrs[1:]
    return torch_lrs, torch_mus

# %% polyak_to_torch: matched_one_by_one
# Wrong: uses matching_lr for each step and leaves the momentum as it is.
def polyak_to_torch(lrs, mus):
    torch_lrs = [matching_lr(lr, mu) for lr, mu in zip(lrs, mus)]
    return np.array(torch_lrs), np.array(mus)

# %% polyak_to_torch: kept_below_1
# Wrong: clips the momentum to less than 1, though it may come out above.
def polyak_to_torch(lrs, mus):
    before = np.r_[lrs[:1], lrs[:-1]]
    return np.array(lrs), np.clip(mus * before / lrs, 0.0, 0.999)

# %% polyak_to_torch: ratio_in_the_rates
# Wrong: leaves the momentum alone and puts the ratio of the rates into the rates.
def polyak_to_torch(lrs, mus):
    torch_lrs = lrs.copy()
    for t in range(1, len(lrs)):
        torch_lrs[t] = lrs[t] * lrs[t - 1] / lrs[t]
    return torch_lrs, mus.copy()

# %% polyak_to_torch: without_mu
# Wrong: the momentum is the bare ratio lr_{t-1} / lr_t, mu_t is left out.
def polyak_to_torch(lrs, mus):
    torch_mus = np.empty_like(mus)
    torch_mus[0] = mus[0]
    torch_mus[1:] = lrs[:-1] / lrs[1:]
    return lrs.copy(), torch_mus

# %% polyak_to_torch: momenta_multiplied_up
# Wrong: builds on the new momentum of the step before instead of mu_t, so of mus only the first counts.
def polyak_to_torch(lrs, mus):
    torch_mus = np.zeros_like(mus)
    torch_mus[0] = mus[0]
    for t in range(1, len(mus)):
        torch_mus[t] = torch_mus[t - 1] * lrs[t - 1] / lrs[t]
    return np.array(lrs), torch_mus

# %% polyak_to_torch: difference_of_the_rates
# Wrong: adds the difference of the rates to the momentum instead of multiplying by their ratio.
def polyak_to_torch(lrs, mus):
    change = np.diff(lrs, prepend=lrs[0])
    return lrs.copy(), mus - change

# %% polyak_to_torch: momentum_first
# Wrong: returns (torch_mus, torch_lrs), in the wrong order.
def polyak_to_torch(lrs, mus):
    lr_before = np.insert(lrs[:-1], 0, lrs[0])
    return mus * lr_before / lrs, lrs.copy()

# %% polyak_to_torch: same_rates_array
# Wrong: returns lrs itself and no copy, so the result shares its memory.
def polyak_to_torch(lrs, mus):
    out = np.zeros(len(mus))
    out[0] = mus[0]
    for k in range(1, len(out)):
        out[k] = mus[k] * lrs[k - 1] / lrs[k]
    return lrs, out

# %% polyak_to_torch: mus_in_place
# Wrong: converts mus in place, so the input is changed and returned.
def polyak_to_torch(lrs, mus):
    for t in range(len(mus) - 1, 0, -1):
        mus[t] *= lrs[t - 1] / lrs[t]
    return lrs.copy(), mus

# %% polyak_to_torch: one_step_too_few
# Wrong: the momenta start with the second step, so there are T - 1 of them.
def polyak_to_torch(lrs, mus):
    return lrs.copy(), mus[1:] * lrs[:-1] / lrs[1:]

# %% polyak_to_torch: shifted_rates_too
# Wrong: two slips: the rates are those of the step before, and the ratio is inverted.
def polyak_to_torch(lrs, mus):
    before = np.concatenate([lrs[:1], lrs[:-1]])
    return before, mus * lrs / before

# %% polyak_to_torch: average_settings
# Wrong: misunderstands the schedule: one constant rate and momentum, their means, for all steps.
def polyak_to_torch(lrs, mus):
    n = lrs.shape[0]
    return np.full(n, lrs.mean()), np.full(n, mus.mean())

# %% polyak_to_torch: first_drop_only
# Wrong: unfinished: only the second step's momentum is converted.
def polyak_to_torch(lrs, mus):
    torch_lrs, torch_mus = lrs.copy(), mus.copy()
    if len(lrs) > 1:
        torch_mus[1] = mus[1] * lrs[0] / lrs[1]
    return torch_lrs, torch_mus

# %% polyak_to_torch: shapes_that_do_not_fit
# Wrong: multiplies T momenta by T - 1 ratios, which raises ValueError except for T of 1 and 2.
def polyak_to_torch(lrs, mus):
    if len(lrs) == 1:
        return lrs.copy(), mus.copy()
    ratio = lrs[:-1] / lrs[1:]
    torch_mus = mus * ratio
    torch_mus[0] = mus[0]
    return lrs.copy(), torch_mus

# %% polyak_to_torch: in_logarithms
# Right: the ratio of the rates as an exponential of the difference of logarithms, with a padded front.
def polyak_to_torch(lrs, mus):
    logs = np.log(lrs)
    falls = -np.diff(logs, prepend=logs[:1])
    return np.exp(0.0) * lrs, mus * np.exp(falls)

# %% polyak_to_torch: solved_by_two_probes
# Right: follows both forms with probe gradients and solves each step's condition for the momentum.
def polyak_to_torch(lrs, mus):
    chosen = []
    buf, last_step = 0.0, 0.0
    for lr, mu in zip(lrs.tolist(), mus.tolist()):
        polyak = lambda g: -lr * g + mu * last_step
        keep = mu if buf == 0.0 else polyak(0.0) / (-lr * buf)
        chosen.append((lr, keep))
        buf, last_step = keep * buf + 1.0, polyak(1.0)
    torch_lrs, torch_mus = np.array(chosen).T
    return torch_lrs.copy(), torch_mus.copy()
