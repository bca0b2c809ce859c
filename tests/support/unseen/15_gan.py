# %% discriminator_loss: half_of_the_sum
# Wrong: half of the sum of the two means, loss and gradients are half as large.
def _sigmoid(s):
    e = np.exp(-np.abs(s))
    return np.where(s >= 0, 1 / (1 + e), e / (1 + e))


def _bce(s, y):
    return np.maximum(s, 0) - y * s + np.logaddexp(0, -np.abs(s))


def discriminator_loss(real_logits, fake_logits, real_label=1.0, fake_label=0.0):
    loss = 0.5 * (_bce(real_logits, real_label).mean() + _bce(fake_logits, fake_label).mean())
    d_real = 0.5 * (_sigmoid(real_logits) - real_label) / len(real_logits)
    d_fake = 0.5 * (_sigmoid(fake_logits) - fake_label) / len(fake_logits)
    return float(loss), d_real, d_fake


# %% discriminator_loss: one_mean_of_all
# Wrong: real and fake rows are joined and one mean is taken over all m + n.
def discriminator_loss(real_logits, fake_logits, real_label=1.0, fake_label=0.0):
    s = np.concatenate([real_logits, fake_logits])
    y = np.concatenate([np.full(real_logits.size, real_label), np.full(fake_logits.size, fake_label)])
    loss = np.mean(np.maximum(s, 0) - y * s + np.log1p(np.exp(-np.abs(s))))
    sig = np.exp(-np.logaddexp(0, -s))
    grad = (sig - y) / s.size
    return float(loss), grad[: real_logits.size].copy(), grad[real_logits.size:].copy()


# %% discriminator_loss: plus_ys
# Wrong: the sign of y s in formula (3) is plus in the loss.
def discriminator_loss(real_logits, fake_logits, real_label=1.0, fake_label=0.0):
    def ell(s, y):
        return np.maximum(s, 0) + y * s + np.logaddexp(0, -np.abs(s))

    def slope(s, y):
        return np.exp(-np.logaddexp(0, -s)) - y

    m, n = real_logits.shape[0], fake_logits.shape[0]
    loss = ell(real_logits, real_label).sum() / m + ell(fake_logits, fake_label).sum() / n
    return float(loss), slope(real_logits, real_label) / m, slope(fake_logits, fake_label) / n


# %% discriminator_loss: not_the_size_of_s
# Wrong: log(1 + exp(-s)) without the absolute value in formula (3), wrong for negative logits.
def discriminator_loss(real_logits, fake_logits, real_label=1.0, fake_label=0.0):
    results = []
    for s, y in ((real_logits, real_label), (fake_logits, fake_label)):
        each = np.maximum(s, 0) - y * s + np.logaddexp(0, -s)
        p = np.exp(-np.logaddexp(0, -s))
        results.append((each.mean(), (p - y) / len(s)))
    (a, d_real), (b, d_fake) = results
    return float(a + b), d_real, d_fake


# %% discriminator_loss: gradient_not_divided
# Wrong: the gradients are sigma - y, not divided by m and n.
def discriminator_loss(real_logits, fake_logits, real_label=1.0, fake_label=0.0):
    sigma = lambda s: np.where(s > 0, 1 / (1 + np.exp(-np.abs(s))), np.exp(-np.abs(s)) / (1 + np.exp(-np.abs(s))))
    ce = lambda s, y: np.mean(np.maximum(s, 0) - y * s + np.logaddexp(0, -np.abs(s)))
    loss = ce(real_logits, real_label) + ce(fake_logits, fake_label)
    return float(loss), sigma(real_logits) - real_label, sigma(fake_logits) - fake_label


# %% discriminator_loss: both_by_m
# Wrong: the gradient of the fake logits is divided by m, the number of real rows.
def discriminator_loss(real_logits, fake_logits, real_label=1.0, fake_label=0.0):
    m = len(real_logits)

    def stable_sigmoid(s):
        out = np.empty_like(s)
        for i, v in enumerate(s):
            out[i] = 1 / (1 + np.exp(-v)) if v >= 0 else np.exp(v) / (1 + np.exp(v))
        return out

    def loss_of(s, y):
        return np.maximum(s, 0) - y * s + np.logaddexp(0, -np.abs(s))

    loss = loss_of(real_logits, real_label).mean() + loss_of(fake_logits, fake_label).mean()
    d_real = (stable_sigmoid(real_logits) - real_label) / m
    d_fake = (stable_sigmoid(fake_logits) - fake_label) / m
    return float(loss), d_real, d_fake


# %% discriminator_loss: mirror_label
# Wrong: fake rows get the label 1 - real_label, fake_label is not used.
def discriminator_loss(real_logits, fake_logits, real_label=1.0, fake_label=0.0):
    fake_label = 1.0 - real_label
    m, n = real_logits.size, fake_logits.size
    p_real = 0.5 * (1 + np.tanh(real_logits / 2))
    p_fake = 0.5 * (1 + np.tanh(fake_logits / 2))
    loss = np.sum(np.logaddexp(0, real_logits) - real_label * real_logits) / m
    loss += np.sum(np.logaddexp(0, fake_logits) - fake_label * fake_logits) / n
    return float(loss), (p_real - real_label) / m, (p_fake - fake_label) / n


# %% discriminator_loss: hard_gradient
# Wrong: the labels are used in the loss, but the gradients are those of the labels 1 and 0.
def discriminator_loss(real_logits, fake_logits, real_label=1.0, fake_label=0.0):
    def bce(s, y):
        return (np.logaddexp(0.0, s) - y * s).mean()

    p_real = np.exp(-np.logaddexp(0, -real_logits))
    p_fake = np.exp(-np.logaddexp(0, -fake_logits))
    return (
        float(bce(real_logits, real_label) + bce(fake_logits, fake_label)),
        (p_real - 1.0) / len(p_real),
        p_fake / len(p_fake),
    )


# %% discriminator_loss: cut_at_minus_100
# Wrong: PyTorch's BCELoss after a sigmoid, logarithms below -100 count as -100.
def discriminator_loss(real_logits, fake_logits, real_label=1.0, fake_label=0.0):
    def side(s, y):
        log_p = np.maximum(-np.logaddexp(0, -s), -100)
        log_not = np.maximum(-np.logaddexp(0, s), -100)
        return np.mean(-y * log_p - (1 - y) * log_not), (np.exp(-np.logaddexp(0, -s)) - y) / s.size

    a, d_real = side(real_logits, real_label)
    b, d_fake = side(fake_logits, fake_label)
    return float(a + b), d_real, d_fake


# %% discriminator_loss: keras_epsilon
# Wrong: Keras' habit, probabilities are clipped to 1e-7 ... 1 - 1e-7 before the logarithm, in loss and gradient.
def discriminator_loss(real_logits, fake_logits, real_label=1.0, fake_label=0.0):
    eps = 1e-7

    def sigmoid(s):
        return 1 / (1 + np.exp(-np.clip(s, -700, 700)))

    total, grads = 0.0, []
    for s, y in [(real_logits, real_label), (fake_logits, fake_label)]:
        p = sigmoid(s)
        inside = (p > eps) & (p < 1 - eps)
        q = np.clip(p, eps, 1 - eps)
        total += np.mean(-y * np.log(q) - (1 - y) * np.log(1 - q))
        grads.append(np.where(inside, p - y, 0.0) / len(s))
    return float(total), grads[0], grads[1]


# %% discriminator_loss: hinge
# Wrong: the hinge loss of other GANs, max(0, 1 - s) and max(0, 1 + s); the labels are not used.
def discriminator_loss(real_logits, fake_logits, real_label=1.0, fake_label=0.0):
    loss = np.maximum(0, 1 - real_logits).mean() + np.maximum(0, 1 + fake_logits).mean()
    d_real = -(real_logits < 1).astype(float) / real_logits.size
    d_fake = (fake_logits > -1).astype(float) / fake_logits.size
    return float(loss), d_real, d_fake


# %% discriminator_loss: mse_slope
# Wrong: the gradient has a factor sigma (1 - sigma) too much, as for a squared error after a sigmoid.
def discriminator_loss(real_logits, fake_logits, real_label=1.0, fake_label=0.0):
    def parts(s, y):
        p = 0.5 + 0.5 * np.tanh(0.5 * s)
        value = np.maximum(s, 0) - y * s + np.logaddexp(0, -np.abs(s))
        return value.mean(), (p - y) * p * (1 - p) / s.shape[0]

    lr, gr = parts(real_logits, real_label)
    lf, gf = parts(fake_logits, fake_label)
    return float(lr + lf), gr, gf


# %% discriminator_loss: overwrites_the_logits
# Wrong: the gradients are computed in place, the caller's logits are changed.
def discriminator_loss(real_logits, fake_logits, real_label=1.0, fake_label=0.0):
    loss = 0.0
    for s, y in ((real_logits, real_label), (fake_logits, fake_label)):
        loss += np.mean(np.logaddexp(0, s) - y * s)
        np.negative(s, out=s)
        np.logaddexp(0, s, out=s)
        np.exp(-s, out=s)
        s -= y
        s /= len(s)
    return float(loss), real_logits.copy(), fake_logits.copy()


# %% discriminator_loss: fake_before_real
# Wrong: returns the gradient of the fake logits before that of the real ones.
def discriminator_loss(real_logits, fake_logits, real_label=1.0, fake_label=0.0):
    def each(s, y):
        loss = (np.maximum(s, 0) - y * s + np.logaddexp(0, -np.abs(s))).mean()
        grad = (np.exp(-np.logaddexp(0, -s)) - y) / s.size
        return loss, grad

    fake_loss, d_fake = each(fake_logits, fake_label)
    real_loss, d_real = each(real_logits, real_label)
    return float(real_loss + fake_loss), d_fake, d_real


# %% discriminator_loss: loss_of_each_side
# Wrong: the loss is a pair (real, fake) and not their sum.
def discriminator_loss(real_logits, fake_logits, real_label=1.0, fake_label=0.0):
    t_real = torch.tensor(real_logits, requires_grad=True)
    t_fake = torch.tensor(fake_logits, requires_grad=True)
    softplus = torch.nn.functional.softplus
    a = (softplus(t_real) - real_label * t_real).mean()
    b = (softplus(t_fake) - fake_label * t_fake).mean()
    (a + b).backward()
    return (a.item(), b.item()), t_real.grad.numpy(), t_fake.grad.numpy()


# %% discriminator_loss: single_precision
# Wrong: computed in float32, loss and gradients lose half of their digits.
def discriminator_loss(real_logits, fake_logits, real_label=1.0, fake_label=0.0):
    r = torch.tensor(real_logits, dtype=torch.float32)
    f = torch.tensor(fake_logits, dtype=torch.float32)
    sp = torch.nn.functional.softplus
    loss = (sp(r) - real_label * r).mean() + (sp(f) - fake_label * f).mean()
    d_real = (torch.sigmoid(r) - real_label) / len(r)
    d_fake = (torch.sigmoid(f) - fake_label) / len(f)
    return float(loss), d_real.numpy(), d_fake.numpy()


# %% discriminator_loss: sums_and_swapped_labels
# Wrong: two slips, sums in the place of means, and the labels of the two sides are exchanged.
def discriminator_loss(real_logits, fake_logits, real_label=1.0, fake_label=0.0):
    def bce(s, y):
        return np.sum(np.logaddexp(0, s) - y * s), np.exp(-np.logaddexp(0, -s)) - y

    a, d_real = bce(real_logits, fake_label)
    b, d_fake = bce(fake_logits, real_label)
    return float(a + b), d_real, d_fake


# %% discriminator_loss: half_and_target_first
# Wrong: two slips, the loss is half of the sum, and the gradients have the wrong sign (label minus sigma).
def discriminator_loss(real_logits, fake_logits, real_label=1.0, fake_label=0.0):
    loss_r = np.mean(np.logaddexp(0, real_logits) - real_label * real_logits)
    loss_f = np.mean(np.logaddexp(0, fake_logits) - fake_label * fake_logits)
    s_r = np.exp(-np.logaddexp(0, -real_logits))
    s_f = np.exp(-np.logaddexp(0, -fake_logits))
    return float((loss_r + loss_f) / 2), (real_label - s_r) / s_r.size, (fake_label - s_f) / s_f.size


# %% discriminator_loss: critic_of_wasserstein
# Wrong: takes the discriminator for a Wasserstein critic, mean of fake minus mean of real logits.
def discriminator_loss(real_logits, fake_logits, real_label=1.0, fake_label=0.0):
    loss = fake_logits.mean() - real_logits.mean()
    return float(loss), np.full(real_logits.shape, -1 / real_logits.size), np.full(fake_logits.shape, 1 / fake_logits.size)


# %% discriminator_loss: logits_are_probabilities
# Wrong: takes the logits for probabilities (clipped into 0 to 1), no sigmoid anywhere.
def discriminator_loss(real_logits, fake_logits, real_label=1.0, fake_label=0.0):
    p = np.clip(real_logits, 1e-12, 1 - 1e-12)
    q = np.clip(fake_logits, 1e-12, 1 - 1e-12)
    loss = -np.mean(real_label * np.log(p) + (1 - real_label) * np.log(1 - p))
    loss -= np.mean(fake_label * np.log(q) + (1 - fake_label) * np.log(1 - q))
    return float(loss), (p - real_label) / p.size, (q - fake_label) / q.size


# %% discriminator_loss: real_side_only
# Wrong: unfinished, only the real rows count, the fake rows' loss and gradient are 0.
def discriminator_loss(real_logits, fake_logits, real_label=1.0, fake_label=0.0):
    s = real_logits
    loss = np.mean(np.maximum(s, 0) - real_label * s + np.logaddexp(0, -np.abs(s)))
    d_real = (np.exp(-np.logaddexp(0, -s)) - real_label) / len(s)
    d_fake = np.zeros(len(fake_logits))
    return float(loss), d_real, d_fake


# %% discriminator_loss: two_rows_of_a_table
# Wrong: stacks the real and the fake logits to one table, which raises where m and n differ.
def discriminator_loss(real_logits, fake_logits, real_label=1.0, fake_label=0.0):
    table = np.stack([real_logits, fake_logits])
    labels = np.array([[real_label], [fake_label]])
    losses = np.maximum(table, 0) - labels * table + np.logaddexp(0, -np.abs(table))
    grads = (np.exp(-np.logaddexp(0, -table)) - labels) / table.shape[1]
    return float(losses.mean(axis=1).sum()), grads[0].copy(), grads[1].copy()


# %% discriminator_loss: two_logaddexps
# Right: y log(1 + e^-s) + (1 - y) log(1 + e^s), and sigma by tanh.
def discriminator_loss(real_logits, fake_logits, real_label=1.0, fake_label=0.0):
    def side(s, y):
        yes, no = np.logaddexp(0, -s), np.logaddexp(0, s)
        return np.dot(yes, np.full(s.shape, y / s.size)) + np.dot(no, np.full(s.shape, (1 - y) / s.size))

    def pull(s, y):
        return ((1 + np.tanh(s / 2)) / 2 - y) / s.size

    loss = side(real_logits, real_label) + side(fake_logits, fake_label)
    return float(loss), pull(real_logits, real_label), pull(fake_logits, fake_label)


# %% discriminator_loss: row_after_row
# Right: plain Python with math, one logit after the other.
import math


def discriminator_loss(real_logits, fake_logits, real_label=1.0, fake_label=0.0):
    total, slopes = 0.0, []
    for logits, label in ((real_logits, real_label), (fake_logits, fake_label)):
        count = len(logits)
        side = []
        for s in logits.tolist():
            small = math.exp(-abs(s))
            total += (max(s, 0.0) - label * s + math.log1p(small)) / count
            prob = 1 / (1 + small) if s >= 0 else small / (1 + small)
            side.append((prob - label) / count)
        slopes.append(np.array(side))
    return total, slopes[0], slopes[1]


# %% generator_loss: saturating_with_a_plus
# Wrong: the saturating loss and its gradient have the wrong sign, +log(1 + e^s) and +sigma.
def generator_loss(fake_logits, saturating=False):
    s = fake_logits
    n = s.size
    sig = np.exp(-np.logaddexp(0, -s))
    if saturating:
        return float(np.logaddexp(0, s).mean()), sig / n
    return float(np.logaddexp(0, -s).mean()), (sig - 1) / n


# %% generator_loss: exchanged
# Wrong: the two losses are exchanged, saturating=True gives (6).
def generator_loss(fake_logits, saturating=False):
    n = len(fake_logits)
    p = 0.5 * (1 + np.tanh(fake_logits / 2))
    if not saturating:
        loss = -np.mean(np.logaddexp(0, fake_logits))
        grad = -p / n
    else:
        loss = np.mean(np.logaddexp(0, -fake_logits))
        grad = (p - 1) / n
    return float(loss), grad


# %% generator_loss: steep_where_it_should_be_flat
# Wrong: the saturating loss has the slope sigma - 1 of the other one.
def generator_loss(fake_logits, saturating=False):
    s = np.array(fake_logits)
    if saturating:
        loss = -np.logaddexp(0, s).sum() / s.size
    else:
        loss = np.logaddexp(0, -s).sum() / s.size
    grad = (np.exp(-np.logaddexp(0, -s)) - 1) / s.size
    return float(loss), grad


# %% generator_loss: wrong_side_of_the_softplus
# Wrong: for the saturating loss 1 - sigma(s) is taken for sigma(s), log sigma(s) is averaged; its gradient belongs to it.
def generator_loss(fake_logits, saturating=False):
    n = fake_logits.shape[0]
    neg_log_sigma = np.logaddexp(0, -fake_logits)
    sigma = np.exp(-neg_log_sigma)
    if saturating:
        return float(-neg_log_sigma.mean()), (1 - sigma) / n
    return float(neg_log_sigma.mean()), -(1 - sigma) / n


# %% generator_loss: gradient_of_the_sum
# Wrong: the gradient is not divided by n.
def generator_loss(fake_logits, saturating=False):
    e = np.exp(-np.abs(fake_logits))
    sigma = np.where(fake_logits >= 0, 1, e) / (1 + e)
    if saturating:
        loss = -(np.maximum(fake_logits, 0) + np.log1p(e)).mean()
        return float(loss), -sigma
    loss = (np.maximum(-fake_logits, 0) + np.log1p(e)).mean()
    return float(loss), sigma - 1


# %% generator_loss: climbs
# Wrong: the sign of the gradient is turned in both losses, as for a generator that maximises.
def generator_loss(fake_logits, saturating=False):
    n = len(fake_logits)
    sigma = np.exp(-np.logaddexp(0, -fake_logits))
    if saturating:
        return float(np.mean(-np.logaddexp(0, fake_logits))), sigma / n
    return float(np.mean(np.logaddexp(0, -fake_logits))), (1 - sigma) / n


# %% generator_loss: cross_entropy_with_zero
# Wrong: (6) is taken as the cross-entropy with the label 0, the discriminator's own loss of samples.
def generator_loss(fake_logits, saturating=False):
    n = fake_logits.size

    def bce(s, y):
        return (np.maximum(s, 0) - y * s + np.logaddexp(0, -np.abs(s))).mean()

    sigma = 0.5 + 0.5 * np.tanh(fake_logits / 2)
    if saturating:
        return float(-bce(fake_logits, 0.0)), -sigma / n
    return float(bce(fake_logits, 0.0)), sigma / n


# %% generator_loss: breaks_at_a_thousand
# Wrong: the formulas as they stand, logarithms of sigma and 1 - sigma are infinite at large logits.
def generator_loss(fake_logits, saturating=False):
    n = len(fake_logits)
    with np.errstate(all="ignore"):
        sigma = 1 / (1 + np.exp(-fake_logits))
        if saturating:
            return float(np.mean(np.log(1 - sigma))), -sigma / n
        return float(-np.mean(np.log(sigma))), (sigma - 1) / n


# %% generator_loss: log_of_p_plus_eps
# Wrong: the habit of many notebooks, log(p + 1e-8), which cuts the loss off at 18.4.
def generator_loss(fake_logits, saturating=False):
    n = len(fake_logits)
    p = np.exp(-np.logaddexp(0, -fake_logits))
    if saturating:
        loss = np.log(1 - p + 1e-8).mean()
        grad = -p / n
    else:
        loss = -np.log(p + 1e-8).mean()
        grad = -(1 - p) / n
    return float(loss), grad


# %% generator_loss: smoothed_label
# Wrong: the discriminator's smoothed label of 0.9 is used for the generator too.
def generator_loss(fake_logits, saturating=False):
    n = fake_logits.size
    sigma = np.exp(-np.logaddexp(0, -fake_logits))
    if saturating:
        return float(-np.logaddexp(0, fake_logits).mean()), -sigma / n
    label = 0.9
    loss = np.mean(np.logaddexp(0, fake_logits) - label * fake_logits)
    return float(loss), (sigma - label) / n


# %% generator_loss: clamp_at_100
# Wrong: logarithms below -100 count as -100 and have the gradient 0, as in PyTorch's BCELoss.
def generator_loss(fake_logits, saturating=False):
    t = torch.tensor(fake_logits, requires_grad=True)
    if saturating:
        loss = torch.clamp(torch.nn.functional.logsigmoid(-t), min=-100).mean()
    else:
        loss = -torch.clamp(torch.nn.functional.logsigmoid(t), min=-100).mean()
    (g,) = torch.autograd.grad(loss, t)
    return loss.item(), g.numpy()


# %% generator_loss: least_squares
# Wrong: LSGAN's loss, (sigma - 1)^2, in the place of (6).
def generator_loss(fake_logits, saturating=False):
    n = fake_logits.size
    sigma = np.exp(-np.logaddexp(0, -fake_logits))
    if saturating:
        return float(-np.logaddexp(0, fake_logits).mean()), -sigma / n
    return float(((sigma - 1) ** 2).mean()), 2 * (sigma - 1) * sigma * (1 - sigma) / n


# %% generator_loss: in_place
# Wrong: works in place on fake_logits.
def generator_loss(fake_logits, saturating=False):
    n = len(fake_logits)
    if saturating:
        loss = -np.logaddexp(0, fake_logits).mean()
    else:
        loss = np.logaddexp(0, -fake_logits).mean()
    fake_logits *= -1
    sigma = np.exp(-np.logaddexp(0, fake_logits))
    return float(loss), (-sigma if saturating else sigma - 1) / n


# %% generator_loss: loss_per_sample
# Wrong: the loss is an array, one number a sample, and not their mean.
def generator_loss(fake_logits, saturating=False):
    n = fake_logits.shape[0]
    sigma = np.exp(-np.logaddexp(0, -fake_logits))
    if saturating:
        return -np.logaddexp(0, fake_logits), -sigma / n
    return np.logaddexp(0, -fake_logits), (sigma - 1) / n


# %% generator_loss: mean_gradient
# Wrong: the gradient is one number, its mean over the samples, and not an array of shape (n,).
def generator_loss(fake_logits, saturating=False):
    sigma = np.exp(-np.logaddexp(0, -fake_logits))
    if saturating:
        return float(-np.mean(np.logaddexp(0, fake_logits))), float(np.mean(-sigma))
    return float(np.mean(np.logaddexp(0, -fake_logits))), float(np.mean(sigma - 1))


# %% generator_loss: option_ignored
# Wrong: saturating is ignored, (6) is computed always.
def generator_loss(fake_logits, saturating=False):
    s = fake_logits
    loss = np.maximum(s, 0) - s + np.logaddexp(0, -np.abs(s))
    grad = np.exp(-np.logaddexp(0, -s)) - 1.0
    return float(loss.mean()), grad / s.size


# %% generator_loss: plus_and_sum
# Wrong: two slips, both losses are sums over the samples, and the saturating slope is +sigma.
def generator_loss(fake_logits, saturating=False):
    sigma = np.exp(-np.logaddexp(0, -fake_logits))
    if saturating:
        return float(-np.sum(np.logaddexp(0, fake_logits))), sigma
    return float(np.sum(np.logaddexp(0, -fake_logits))), sigma - 1


# %% generator_loss: exchanged_slopes_and_a_clip
# Wrong: two slips, the slopes of the two losses are exchanged, and logits are clipped to 50 in size.
def generator_loss(fake_logits, saturating=False):
    s = np.clip(fake_logits, -50, 50)
    n = s.size
    sigma = 1 / (1 + np.exp(-s))
    if saturating:
        return float(-np.logaddexp(0, s).mean()), (sigma - 1) / n
    return float(np.logaddexp(0, -s).mean()), -sigma / n


# %% generator_loss: share_that_passes
# Wrong: takes the loss for the share of samples that D takes for fake, with sigma's slope as gradient.
def generator_loss(fake_logits, saturating=False):
    n = fake_logits.size
    sigma = np.exp(-np.logaddexp(0, -fake_logits))
    loss = np.mean(1 - sigma)
    return float(loss), -sigma * (1 - sigma) / n


# %% generator_loss: minus_the_mean_logit
# Wrong: takes it for a Wasserstein generator, minus the mean logit.
def generator_loss(fake_logits, saturating=False):
    n = fake_logits.size
    sign = 1.0 if saturating else -1.0
    return float(sign * fake_logits.mean()), np.full(n, sign / n)


# %% generator_loss: no_saturating_slope_yet
# Wrong: unfinished, for saturating=True the loss is there and the gradient is all zeros.
def generator_loss(fake_logits, saturating=False):
    n = fake_logits.size
    if saturating:
        loss = -np.logaddexp(0, fake_logits).mean()
        return float(loss), np.zeros(n)
    loss = np.logaddexp(0, -fake_logits).mean()
    return float(loss), (np.exp(-np.logaddexp(0, -fake_logits)) - 1) / n


# %% generator_loss: math_exp_overflows
# Wrong: math.exp(-s) raises OverflowError at s = -1000.
import math


def generator_loss(fake_logits, saturating=False):
    n = len(fake_logits)
    loss, grad = 0.0, np.zeros(n)
    for i, s in enumerate(fake_logits):
        sigma = 1 / (1 + math.exp(-s))
        if saturating:
            loss += -np.logaddexp(0, s) / n
            grad[i] = -sigma / n
        else:
            loss += np.logaddexp(0, -s) / n
            grad[i] = (sigma - 1) / n
    return float(loss), grad


# %% generator_loss: a_sign_for_both
# Right: one formula with a sign: sign times softplus(sign s), sign is -1 for (6) and +1 (with a minus in front) for (5).
def generator_loss(fake_logits, saturating=False):
    side = 1.0 if saturating else -1.0
    turned = side * fake_logits
    loss = -side * np.logaddexp(0.0, turned).mean()
    grad = -np.exp(-np.logaddexp(0.0, -turned)) / turned.size
    return float(loss), grad


# %% generator_loss: softplus_and_autograd
# Right: torch's softplus on a copy and its gradient by autograd.
def generator_loss(fake_logits, saturating=False):
    s = torch.tensor(fake_logits, dtype=torch.float64, requires_grad=True)
    softplus = torch.nn.functional.softplus
    loss = -softplus(s).mean() if saturating else softplus(-s).mean()
    loss.backward()
    return loss.item(), s.grad.numpy().copy()


# %% GANTrainer: samples_not_detached
# Wrong: G(z) is not detached in D's loss, so the generator gets gradients also in calls that do not update it.
softplus = torch.nn.functional.softplus


class GANTrainer:
    def __init__(self, generator, discriminator, opt_g, opt_d, real_label=0.9, d_steps=1):
        if not 0 < real_label <= 1:
            raise ValueError("real_label")
        if d_steps < 1:
            raise ValueError("d_steps")
        self.G, self.D = generator, discriminator
        self.opt_g, self.opt_d = opt_g, opt_d
        self.real_label, self.d_steps = real_label, d_steps
        self.calls = 0

    def step(self, real, z):
        self.calls += 1
        self.opt_d.zero_grad()
        s, f = self.D(real), self.D(self.G(z))
        loss_d = (softplus(s) - self.real_label * s).mean() + softplus(f).mean()
        loss_d.backward()
        self.opt_d.step()
        if self.calls % self.d_steps:
            return loss_d.item(), None
        self.opt_g.zero_grad()
        f = self.D(self.G(z))
        loss_g = softplus(-f).mean()
        loss_g.backward()
        self.opt_g.step()
        return loss_d.item(), loss_g.item()


# %% GANTrainer: leftovers_in_d
# Wrong: opt_d.zero_grad() is missing, D's update contains what the generator's update left there.
class GANTrainer:
    def __init__(self, generator, discriminator, opt_g, opt_d, real_label=0.9, d_steps=1):
        if real_label <= 0 or real_label > 1 or d_steps < 1:
            raise ValueError("real_label from above 0 to 1, d_steps from 1")
        self.generator = generator
        self.discriminator = discriminator
        self.opt_g = opt_g
        self.opt_d = opt_d
        self.real_label = real_label
        self.d_steps = d_steps
        self.count = 0

    def _loss(self, s, y):
        return (torch.nn.functional.softplus(s) - y * s).mean()

    def step(self, real, z):
        fake = self.generator(z).detach()
        loss_d = self._loss(self.discriminator(real), self.real_label) + self._loss(self.discriminator(fake), 0.0)
        loss_d.backward()
        self.opt_d.step()
        self.count += 1
        loss_g = None
        if self.count % self.d_steps == 0:
            self.opt_g.zero_grad()
            g = self._loss(self.discriminator(self.generator(z)), 1.0)
            g.backward()
            self.opt_g.step()
            loss_g = g.item()
        return loss_d.item(), loss_g


# %% GANTrainer: leftovers_in_g
# Wrong: opt_g.zero_grad() is missing, the generator's gradients add up from call to call.
class GANTrainer:
    def __init__(self, generator, discriminator, opt_g, opt_d, real_label=0.9, d_steps=1):
        if not (0.0 < real_label <= 1.0):
            raise ValueError("real_label must be in (0, 1]")
        if d_steps < 1:
            raise ValueError("d_steps must be at least 1")
        self.g, self.d, self.og, self.od = generator, discriminator, opt_g, opt_d
        self.label, self.every, self.t = real_label, d_steps, 0

    def step(self, real, z):
        F = torch.nn.functional
        self.t += 1
        self.od.zero_grad()
        with torch.no_grad():
            x = self.g(z)
        a, b = self.d(real), self.d(x)
        ld = F.softplus(a).mean() - self.label * a.mean() + F.softplus(b).mean()
        ld.backward()
        self.od.step()
        if self.t % self.every != 0:
            return float(ld), None
        c = self.d(self.g(z))
        lg = (F.softplus(c) - c).mean()
        lg.backward()
        self.og.step()
        return float(ld), float(lg)


# %% GANTrainer: smoothed_for_g_too
# Wrong: the generator's loss has real_label as its label, not 1.
class GANTrainer:
    def __init__(self, generator, discriminator, opt_g, opt_d, real_label=0.9, d_steps=1):
        if not 0 < real_label <= 1:
            raise ValueError("real_label")
        if d_steps < 1:
            raise ValueError("d_steps")
        self.generator, self.discriminator = generator, discriminator
        self.opt_g, self.opt_d = opt_g, opt_d
        self.real_label, self.d_steps = real_label, d_steps
        self.n = 0

    @staticmethod
    def bce(logits, label):
        return torch.mean(torch.nn.functional.softplus(logits) - label * logits)

    def step(self, real, z):
        self.opt_d.zero_grad()
        loss_d = self.bce(self.discriminator(real), self.real_label)
        loss_d = loss_d + self.bce(self.discriminator(self.generator(z).detach()), 0)
        loss_d.backward()
        self.opt_d.step()
        self.n = self.n + 1
        if self.n % self.d_steps:
            return loss_d.item(), None
        self.opt_g.zero_grad()
        loss_g = self.bce(self.discriminator(self.generator(z)), self.real_label)
        loss_g.backward()
        self.opt_g.step()
        return loss_d.item(), loss_g.item()


# %% GANTrainer: minimax
# Wrong: the generator minimises the saturating loss (5), -softplus(s).
class GANTrainer:
    def __init__(self, generator, discriminator, opt_g, opt_d, real_label=0.9, d_steps=1):
        if not 0 < real_label <= 1 or d_steps < 1:
            raise ValueError("settings")
        self.nets = generator, discriminator
        self.opts = opt_g, opt_d
        self.real_label, self.d_steps, self.turn = real_label, d_steps, 0

    def step(self, real, z):
        G, D = self.nets
        opt_g, opt_d = self.opts
        sp = torch.nn.functional.softplus
        opt_d.zero_grad()
        on_real, on_fake = D(real), D(G(z).detach())
        loss_d = (sp(on_real) - self.real_label * on_real).mean() + sp(on_fake).mean()
        loss_d.backward()
        opt_d.step()
        self.turn += 1
        if self.turn % self.d_steps:
            return loss_d.item(), None
        opt_g.zero_grad()
        loss_g = -sp(D(G(z))).mean()
        loss_g.backward()
        opt_g.step()
        return loss_d.item(), loss_g.item()


# %% GANTrainer: the_old_verdict
# Wrong: the generator's loss and gradient are computed with D as it was before its update.
class GANTrainer:
    def __init__(self, generator, discriminator, opt_g, opt_d, real_label=0.9, d_steps=1):
        if not 0 < real_label <= 1 or d_steps < 1:
            raise ValueError("settings")
        self.G, self.D = generator, discriminator
        self.opt_g, self.opt_d = opt_g, opt_d
        self.y, self.d_steps, self.turn = real_label, d_steps, 0

    def step(self, real, z):
        sp = torch.nn.functional.softplus
        self.turn += 1
        update_g = self.turn % self.d_steps == 0
        loss_g = None
        if update_g:
            self.opt_g.zero_grad()
            lg = sp(-self.D(self.G(z))).mean()
            lg.backward()
            loss_g = lg.item()
        self.opt_d.zero_grad()
        a = self.D(real)
        b = self.D(self.G(z).detach())
        ld = (sp(a) - self.y * a).mean() + sp(b).mean()
        ld.backward()
        self.opt_d.step()
        if update_g:
            self.opt_g.step()
        return ld.item(), loss_g


# %% GANTrainer: starts_with_g
# Wrong: off by one, the generator is updated in the calls 1, 1 + d_steps, ... and not in every d_steps-th.
class GANTrainer:
    def __init__(self, generator, discriminator, opt_g, opt_d, real_label=0.9, d_steps=1):
        if not 0 < real_label <= 1 or d_steps < 1:
            raise ValueError("settings")
        self.G, self.D = generator, discriminator
        self.opt_g, self.opt_d = opt_g, opt_d
        self.real_label, self.d_steps = real_label, d_steps
        self.i = 0

    def step(self, real, z):
        sp = torch.nn.functional.softplus
        self.opt_d.zero_grad()
        a, b = self.D(real), self.D(self.G(z).detach())
        ld = (sp(a) - self.real_label * a).mean() + sp(b).mean()
        ld.backward()
        self.opt_d.step()
        lg = None
        if self.i % self.d_steps == 0:
            self.opt_g.zero_grad()
            loss = sp(-self.D(self.G(z))).mean()
            loss.backward()
            self.opt_g.step()
            lg = loss.item()
        self.i += 1
        return ld.item(), lg


# %% GANTrainer: zero_is_allowed
# Wrong: a real_label of 0 is let through, only what is below 0 or above 1 raises.
class GANTrainer:
    def __init__(self, generator, discriminator, opt_g, opt_d, real_label=0.9, d_steps=1):
        if real_label < 0 or real_label > 1:
            raise ValueError("real_label must be between 0 and 1")
        if d_steps < 1:
            raise ValueError("d_steps must be at least 1")
        self.G, self.D, self.opt_g, self.opt_d = generator, discriminator, opt_g, opt_d
        self.real_label, self.d_steps, self.k = real_label, d_steps, 0

    def step(self, real, z):
        sp = torch.nn.functional.softplus
        self.k += 1
        self.opt_d.zero_grad()
        fake = self.G(z).detach()
        r, f = self.D(real), self.D(fake)
        ld = (sp(r) - r * self.real_label).mean() + sp(f).mean()
        ld.backward()
        self.opt_d.step()
        if self.k % self.d_steps == 0:
            self.opt_g.zero_grad()
            lg = sp(-self.D(self.G(z))).mean()
            lg.backward()
            self.opt_g.step()
            return ld.item(), lg.item()
        return ld.item(), None


# %% GANTrainer: inner_loop
# Wrong: WGAN's habit, d_steps updates of D in each call, and one of the generator in every call.
class GANTrainer:
    def __init__(self, generator, discriminator, opt_g, opt_d, real_label=0.9, d_steps=1):
        if not 0 < real_label <= 1:
            raise ValueError("real_label")
        if d_steps < 1:
            raise ValueError("d_steps")
        self.G, self.D, self.opt_g, self.opt_d = generator, discriminator, opt_g, opt_d
        self.real_label, self.d_steps = real_label, d_steps

    def step(self, real, z):
        sp = torch.nn.functional.softplus
        for _ in range(self.d_steps):
            self.opt_d.zero_grad()
            r, f = self.D(real), self.D(self.G(z).detach())
            ld = (sp(r) - r * self.real_label).mean() + sp(f).mean()
            ld.backward()
            self.opt_d.step()
        self.opt_g.zero_grad()
        lg = sp(-self.D(self.G(z))).mean()
        lg.backward()
        self.opt_g.step()
        return ld.item(), lg.item()


# %% GANTrainer: half_as_in_the_tutorial
# Wrong: the habit of many notes, D's loss is half of the sum of its two sides.
class GANTrainer:
    def __init__(self, generator, discriminator, opt_g, opt_d, real_label=0.9, d_steps=1):
        if not 0 < real_label <= 1 or d_steps < 1:
            raise ValueError("settings")
        self.generator, self.discriminator = generator, discriminator
        self.optimizer_G, self.optimizer_D = opt_g, opt_d
        self.real_label, self.d_steps, self.batches_done = real_label, d_steps, 0

    def adversarial_loss(self, validity, target):
        return (torch.nn.functional.softplus(validity) - target * validity).mean()

    def step(self, real_imgs, z):
        self.batches_done += 1
        self.optimizer_D.zero_grad()
        gen_imgs = self.generator(z)
        real_loss = self.adversarial_loss(self.discriminator(real_imgs), self.real_label)
        fake_loss = self.adversarial_loss(self.discriminator(gen_imgs.detach()), 0.0)
        d_loss = (real_loss + fake_loss) / 2
        d_loss.backward()
        self.optimizer_D.step()
        if self.batches_done % self.d_steps:
            return d_loss.item(), None
        self.optimizer_G.zero_grad()
        g_loss = self.adversarial_loss(self.discriminator(self.generator(z)), 1.0)
        g_loss.backward()
        self.optimizer_G.step()
        return d_loss.item(), g_loss.item()


# %% GANTrainer: hard_by_default
# Wrong: the default of real_label is 1, as in most libraries, and not 0.9.
class GANTrainer:
    def __init__(self, generator, discriminator, opt_g, opt_d, real_label=1.0, d_steps=1):
        if not 0 < real_label <= 1 or d_steps < 1:
            raise ValueError("settings")
        self.G, self.D, self.opt_g, self.opt_d = generator, discriminator, opt_g, opt_d
        self.real_label, self.d_steps, self.seen = real_label, d_steps, 0

    def step(self, real, z):
        sp = torch.nn.functional.softplus
        self.opt_d.zero_grad()
        r = self.D(real)
        f = self.D(self.G(z).detach())
        loss_d = torch.mean(sp(r) - self.real_label * r) + torch.mean(sp(f))
        loss_d.backward()
        self.opt_d.step()
        self.seen += 1
        if self.seen % self.d_steps > 0:
            return loss_d.item(), None
        self.opt_g.zero_grad()
        s = self.D(self.G(z))
        loss_g = torch.mean(sp(s) - s)
        loss_g.backward()
        self.opt_g.step()
        return loss_d.item(), loss_g.item()


# %% GANTrainer: soft_on_both_sides
# Wrong: fake rows get the label 1 - real_label, smoothing on both sides.
class GANTrainer:
    def __init__(self, generator, discriminator, opt_g, opt_d, real_label=0.9, d_steps=1):
        if not 0 < real_label <= 1 or d_steps < 1:
            raise ValueError("settings")
        self.G, self.D, self.opt_g, self.opt_d = generator, discriminator, opt_g, opt_d
        self.real_label, self.fake_label = real_label, 1 - real_label
        self.d_steps, self.seen = d_steps, 0

    def step(self, real, z):
        def ell(s, y):
            return (torch.nn.functional.softplus(s) - y * s).mean()

        self.opt_d.zero_grad()
        loss_d = ell(self.D(real), self.real_label) + ell(self.D(self.G(z).detach()), self.fake_label)
        loss_d.backward()
        self.opt_d.step()
        self.seen += 1
        if self.seen % self.d_steps:
            return loss_d.item(), None
        self.opt_g.zero_grad()
        loss_g = ell(self.D(self.G(z)), 1.0)
        loss_g.backward()
        self.opt_g.step()
        return loss_d.item(), loss_g.item()


# %% GANTrainer: updates_d_twice
# Wrong: after the generator's backward pass opt_d steps too, D is updated by the generator's loss.
class GANTrainer:
    def __init__(self, generator, discriminator, opt_g, opt_d, real_label=0.9, d_steps=1):
        if not 0 < real_label <= 1 or d_steps < 1:
            raise ValueError("settings")
        self.G, self.D, self.opt_g, self.opt_d = generator, discriminator, opt_g, opt_d
        self.real_label, self.d_steps, self.seen = real_label, d_steps, 0

    def _update(self, loss, *optimizers):
        for o in optimizers:
            o.zero_grad()
        loss.backward()
        for o in optimizers:
            o.step()
        return loss.item()

    def step(self, real, z):
        sp = torch.nn.functional.softplus
        r, f = self.D(real), self.D(self.G(z).detach())
        loss_d = self._update((sp(r) - self.real_label * r).mean() + sp(f).mean(), self.opt_d)
        self.seen += 1
        if self.seen % self.d_steps:
            return loss_d, None
        return loss_d, self._update(sp(-self.D(self.G(z))).mean(), self.opt_g, self.opt_d)


# %% GANTrainer: keeps_d_frozen
# Wrong: freezes D for the generator's update and never thaws it, so the next call fails or leaves D as it is.
class GANTrainer:
    def __init__(self, generator, discriminator, opt_g, opt_d, real_label=0.9, d_steps=1):
        if not 0 < real_label <= 1 or d_steps < 1:
            raise ValueError("settings")
        self.G, self.D, self.opt_g, self.opt_d = generator, discriminator, opt_g, opt_d
        self.real_label, self.d_steps, self.seen = real_label, d_steps, 0

    def step(self, real, z):
        sp = torch.nn.functional.softplus
        self.opt_d.zero_grad()
        r, f = self.D(real), self.D(self.G(z).detach())
        loss_d = (sp(r) - self.real_label * r).mean() + sp(f).mean()
        if loss_d.requires_grad:
            loss_d.backward()
            self.opt_d.step()
        self.seen += 1
        if self.seen % self.d_steps:
            return loss_d.item(), None
        self.D.requires_grad_(False)
        self.opt_g.zero_grad()
        loss_g = sp(-self.D(self.G(z))).mean()
        loss_g.backward()
        self.opt_g.step()
        return loss_d.item(), loss_g.item()


# %% GANTrainer: counts_for_everybody
# Wrong: the counter of calls belongs to the class, two trainers count together.
class GANTrainer:
    calls = 0

    def __init__(self, generator, discriminator, opt_g, opt_d, real_label=0.9, d_steps=1):
        if not 0 < real_label <= 1 or d_steps < 1:
            raise ValueError("settings")
        self.G, self.D, self.opt_g, self.opt_d = generator, discriminator, opt_g, opt_d
        self.real_label, self.d_steps = real_label, d_steps

    def step(self, real, z):
        sp = torch.nn.functional.softplus
        GANTrainer.calls += 1
        self.opt_d.zero_grad()
        r, f = self.D(real), self.D(self.G(z).detach())
        loss_d = (sp(r) - self.real_label * r).mean() + sp(f).mean()
        loss_d.backward()
        self.opt_d.step()
        if GANTrainer.calls % self.d_steps:
            return loss_d.item(), None
        self.opt_g.zero_grad()
        loss_g = sp(-self.D(self.G(z))).mean()
        loss_g.backward()
        self.opt_g.step()
        return loss_d.item(), loss_g.item()


# %% GANTrainer: last_known_loss
# Wrong: in calls without an update of the generator loss_g is the last known number (0.0 at first), not None.
class GANTrainer:
    def __init__(self, generator, discriminator, opt_g, opt_d, real_label=0.9, d_steps=1):
        if not 0 < real_label <= 1 or d_steps < 1:
            raise ValueError("settings")
        self.G, self.D, self.opt_g, self.opt_d = generator, discriminator, opt_g, opt_d
        self.real_label, self.d_steps, self.seen, self.loss_g = real_label, d_steps, 0, 0.0

    def step(self, real, z):
        sp = torch.nn.functional.softplus
        self.opt_d.zero_grad()
        r, f = self.D(real), self.D(self.G(z).detach())
        loss_d = (sp(r) - self.real_label * r).mean() + sp(f).mean()
        loss_d.backward()
        self.opt_d.step()
        self.seen += 1
        if self.seen % self.d_steps == 0:
            self.opt_g.zero_grad()
            loss_g = sp(-self.D(self.G(z))).mean()
            loss_g.backward()
            self.opt_g.step()
            self.loss_g = loss_g.item()
        return loss_d.item(), self.loss_g


# %% GANTrainer: joined_mean_and_soft_g
# Wrong: two slips, D's loss is one mean over real and fake rows together, and the generator's label is real_label.
class GANTrainer:
    def __init__(self, generator, discriminator, opt_g, opt_d, real_label=0.9, d_steps=1):
        if not 0 < real_label <= 1 or d_steps < 1:
            raise ValueError("settings")
        self.G, self.D, self.opt_g, self.opt_d = generator, discriminator, opt_g, opt_d
        self.real_label, self.d_steps, self.seen = real_label, d_steps, 0

    def step(self, real, z):
        sp = torch.nn.functional.softplus
        self.opt_d.zero_grad()
        r, f = self.D(real).flatten(), self.D(self.G(z).detach()).flatten()
        loss_d = torch.cat([sp(r) - self.real_label * r, sp(f)]).mean()
        loss_d.backward()
        self.opt_d.step()
        self.seen += 1
        if self.seen % self.d_steps:
            return loss_d.item(), None
        self.opt_g.zero_grad()
        s = self.D(self.G(z))
        loss_g = (sp(s) - self.real_label * s).mean()
        loss_g.backward()
        self.opt_g.step()
        return loss_d.item(), loss_g.item()


# %% GANTrainer: tensors_and_no_check
# Wrong: two slips, the losses are returned as tensors on their graphs, and d_steps below 1 raises nothing.
class GANTrainer:
    def __init__(self, generator, discriminator, opt_g, opt_d, real_label=0.9, d_steps=1):
        if not 0 < real_label <= 1:
            raise ValueError("real_label")
        self.G, self.D, self.opt_g, self.opt_d = generator, discriminator, opt_g, opt_d
        self.real_label, self.d_steps, self.seen = real_label, d_steps, 0

    def step(self, real, z):
        sp = torch.nn.functional.softplus
        self.opt_d.zero_grad()
        r, f = self.D(real), self.D(self.G(z).detach())
        loss_d = (sp(r) - self.real_label * r).mean() + sp(f).mean()
        loss_d.backward()
        self.opt_d.step()
        self.seen += 1
        if self.seen % self.d_steps:
            return loss_d, None
        self.opt_g.zero_grad()
        loss_g = sp(-self.D(self.G(z))).mean()
        loss_g.backward()
        self.opt_g.step()
        return loss_d, loss_g


# %% GANTrainer: g_learns_to_be_fake
# Wrong: takes "the generator's loss" for D's loss of its samples with the label 0, so G helps D.
class GANTrainer:
    def __init__(self, generator, discriminator, opt_g, opt_d, real_label=0.9, d_steps=1):
        if not 0 < real_label <= 1 or d_steps < 1:
            raise ValueError("settings")
        self.G, self.D, self.opt_g, self.opt_d = generator, discriminator, opt_g, opt_d
        self.real_label, self.d_steps, self.seen = real_label, d_steps, 0

    def step(self, real, z):
        sp = torch.nn.functional.softplus
        self.opt_d.zero_grad()
        r, f = self.D(real), self.D(self.G(z).detach())
        loss_d = (sp(r) - self.real_label * r).mean() + sp(f).mean()
        loss_d.backward()
        self.opt_d.step()
        self.seen += 1
        if self.seen % self.d_steps:
            return loss_d.item(), None
        self.opt_g.zero_grad()
        loss_g = sp(self.D(self.G(z))).mean()
        loss_g.backward()
        self.opt_g.step()
        return loss_d.item(), loss_g.item()


# %% GANTrainer: one_loss_for_both
# Wrong: takes the game for one common loss, both networks are updated from one backward pass of the sum of both losses.
class GANTrainer:
    def __init__(self, generator, discriminator, opt_g, opt_d, real_label=0.9, d_steps=1):
        if not 0 < real_label <= 1 or d_steps < 1:
            raise ValueError("settings")
        self.G, self.D, self.opt_g, self.opt_d = generator, discriminator, opt_g, opt_d
        self.real_label, self.d_steps, self.seen = real_label, d_steps, 0

    def step(self, real, z):
        sp = torch.nn.functional.softplus
        self.opt_d.zero_grad()
        self.opt_g.zero_grad()
        self.seen += 1
        r, f = self.D(real), self.D(self.G(z).detach())
        loss_d = (sp(r) - self.real_label * r).mean() + sp(f).mean()
        if self.seen % self.d_steps:
            loss_d.backward()
            self.opt_d.step()
            return loss_d.item(), None
        loss_g = sp(-self.D(self.G(z))).mean()
        (loss_d + loss_g).backward()
        self.opt_d.step()
        self.opt_g.step()
        return loss_d.item(), loss_g.item()


# %% GANTrainer: discriminator_only
# Wrong: unfinished, the generator's loss is computed but never trained.
class GANTrainer:
    def __init__(self, generator, discriminator, opt_g, opt_d, real_label=0.9, d_steps=1):
        if not 0 < real_label <= 1 or d_steps < 1:
            raise ValueError("settings")
        self.G, self.D, self.opt_g, self.opt_d = generator, discriminator, opt_g, opt_d
        self.real_label, self.d_steps, self.seen = real_label, d_steps, 0

    def step(self, real, z):
        sp = torch.nn.functional.softplus
        self.opt_d.zero_grad()
        r, f = self.D(real), self.D(self.G(z).detach())
        loss_d = (sp(r) - self.real_label * r).mean() + sp(f).mean()
        loss_d.backward()
        self.opt_d.step()
        self.seen += 1
        if self.seen % self.d_steps:
            return loss_d.item(), None
        with torch.no_grad():
            loss_g = sp(-self.D(self.G(z))).mean()
        # TODO update G
        return loss_d.item(), loss_g.item()


# %% GANTrainer: same_graph_again
# Wrong: D's logits of the attached samples are used for both losses, the second backward() raises (the graph is gone).
class GANTrainer:
    def __init__(self, generator, discriminator, opt_g, opt_d, real_label=0.9, d_steps=1):
        if not 0 < real_label <= 1 or d_steps < 1:
            raise ValueError("settings")
        self.G, self.D, self.opt_g, self.opt_d = generator, discriminator, opt_g, opt_d
        self.real_label, self.d_steps, self.seen = real_label, d_steps, 0

    def step(self, real, z):
        sp = torch.nn.functional.softplus
        self.opt_d.zero_grad()
        fake_logits = self.D(self.G(z))
        r = self.D(real)
        loss_d = (sp(r) - self.real_label * r).mean() + sp(fake_logits).mean()
        loss_d.backward()
        self.opt_d.step()
        self.seen += 1
        if self.seen % self.d_steps:
            return loss_d.item(), None
        self.opt_g.zero_grad()
        loss_g = sp(-fake_logits).mean()
        loss_g.backward()
        self.opt_g.step()
        return loss_d.item(), loss_g.item()


# %% GANTrainer: a_cycle_of_turns
# Right: itertools.cycle says whose turn it is, logsigmoid-free losses with logaddexp, one helper for both halves.
import itertools


class GANTrainer:
    def __init__(self, generator, discriminator, opt_g, opt_d, real_label=0.9, d_steps=1):
        if not (real_label > 0 and real_label <= 1):
            raise ValueError(f"real_label {real_label} is outside (0, 1]")
        if d_steps < 1:
            raise ValueError(f"d_steps {d_steps} is below 1")
        self._g, self._d = (generator, opt_g), (discriminator, opt_d)
        self._y = real_label
        self._turns = itertools.cycle([False] * (d_steps - 1) + [True])

    @staticmethod
    def _learn(optimizer, make_loss):
        optimizer.zero_grad()
        loss = make_loss()
        loss.backward()
        optimizer.step()
        return loss.item()

    def step(self, real, z):
        (G, opt_g), (D, opt_d) = self._g, self._d

        def ell(s, y):
            return torch.logaddexp(s, torch.zeros_like(s)).sub(y * s).mean()

        loss_d = self._learn(opt_d, lambda: ell(D(real), self._y) + ell(D(G(z).detach()), 0.0))
        if not next(self._turns):
            return loss_d, None
        return loss_d, self._learn(opt_g, lambda: ell(D(G(z)), 1.0))


# %% GANTrainer: countdown
# Right: a countdown to the generator's next update, the label's part of the loss written as two softplus terms.
class GANTrainer:
    def __init__(self, generator, discriminator, opt_g, opt_d, real_label=0.9, d_steps=1):
        for wrong, text in ((not 0 < real_label <= 1, "real_label"), (d_steps < 1, "d_steps")):
            if wrong:
                raise ValueError(text)
        self.__dict__.update(G=generator, D=discriminator, opt_g=opt_g, opt_d=opt_d)
        self.real_label, self.d_steps, self.left = real_label, d_steps, d_steps

    def step(self, real, z):
        soft = torch.nn.functional.softplus
        self.opt_d.zero_grad()
        with torch.no_grad():
            fake = self.G(z)
        s, t = self.D(real), self.D(fake)
        loss_d = self.real_label * soft(-s).mean() + (1 - self.real_label) * soft(s).mean() + soft(t).mean()
        loss_d.backward()
        self.opt_d.step()
        told = [loss_d.item(), None]
        self.left -= 1
        if self.left == 0:
            self.left = self.d_steps
            self.opt_g.zero_grad()
            loss_g = soft(-self.D(self.G(z))).mean()
            loss_g.backward()
            self.opt_g.step()
            told[1] = loss_g.item()
        return tuple(told)


# %% instance_noise: comes_back
# Wrong: the maximum is missing, after total the noise comes back with the other sign.
def instance_noise(x, step, total, sigma, rng):
    return np.array(x + sigma * (1 - step / total) * rng.standard_normal(x.shape))


# %% instance_noise: fades_in
# Wrong: the noise grows with step / total instead of fading.
def instance_noise(x, step, total, sigma, rng):
    scale = sigma * min(1.0, step / total)
    noise = rng.standard_normal(x.shape)
    return np.array(x + scale * noise)


# %% instance_noise: whole_division
# Wrong: step // total is whole-numbered, the noise stays full until total.
def instance_noise(x, step, total, sigma, rng):
    fade = max(0, 1 - step // total)
    return np.array(x) + sigma * fade * np.array(rng.standard_normal(x.shape))


# %% instance_noise: one_step_early
# Wrong: counts steps from 1, (step + 1) / total, so it is off by one step.
def instance_noise(x, step, total, sigma, rng):
    left = max(0.0, 1.0 - (step + 1) / total)
    xi = rng.standard_normal(x.shape)
    y = np.empty(x.shape)
    y[...] = x + sigma * left * xi
    return y


# %% instance_noise: variance_given
# Wrong: sigma is taken for a variance, its root scales the noise.
def instance_noise(x, step, total, sigma, rng):
    std = np.sqrt(sigma) * max(0.0, 1 - step / total)
    return np.asarray(x + std * rng.standard_normal(x.shape)).copy()


# %% instance_noise: fading_variance
# Wrong: the variance fades linearly, not the standard deviation (root of the fading factor).
def instance_noise(x, step, total, sigma, rng):
    alpha = max(0.0, (total - step) / total)
    out = x + sigma * alpha ** 0.5 * rng.standard_normal(x.shape)
    return np.array(out)


# %% instance_noise: one_draw_for_all
# Wrong: a single draw is added to all entries.
def instance_noise(x, step, total, sigma, rng):
    xi = rng.standard_normal()
    return np.array(x + sigma * max(0, 1 - step / total) * xi)


# %% instance_noise: a_draw_for_each_row
# Wrong: one draw for each row, shared by all its entries.
def instance_noise(x, step, total, sigma, rng):
    amount = sigma * max(0, 1 - step / total)
    shape = x.shape[:1] + (1,) * max(0, x.ndim - 1)
    return np.array(x + amount * rng.standard_normal(shape))


# %% instance_noise: exponential
# Wrong: an exponential decay from another course, exp(-step / total), which never ends.
def instance_noise(x, step, total, sigma, rng):
    return np.array(x + sigma * np.exp(-step / total) * rng.standard_normal(x.shape))


# %% instance_noise: diffusion_mix
# Wrong: a diffusion model's habit, x is scaled down while noise is added (x keeps its variance).
def instance_noise(x, step, total, sigma, rng):
    s = sigma * max(0.0, 1 - step / total)
    keep = np.sqrt(max(0.0, 1 - s ** 2))
    return np.array(keep * x + s * rng.standard_normal(x.shape))


# %% instance_noise: uniform_draws
# Wrong: uniform draws between -1 and 1 instead of normal ones.
def instance_noise(x, step, total, sigma, rng):
    fade = max(0.0, 1 - step / total)
    return np.array(x + sigma * fade * (2 * rng.random(x.shape) - 1))


# %% instance_noise: clipped_pixels
# Wrong: the result is clipped to -1 ... 1, the range of tanh, as for images.
def instance_noise(x, step, total, sigma, rng):
    noisy = x + sigma * max(0.0, 1 - step / total) * rng.standard_normal(x.shape)
    return np.array(np.clip(noisy, -1, 1))


# %% instance_noise: adds_in_place
# Wrong: x += changes the caller's array and returns it.
def instance_noise(x, step, total, sigma, rng):
    if step < total:
        x += sigma * (1 - step / total) * rng.standard_normal(x.shape)
    return x


# %% instance_noise: x_itself_after_total
# Wrong: after total x itself is returned, not a new array.
def instance_noise(x, step, total, sigma, rng):
    if step >= total:
        return x
    scale = sigma * (1 - step / total)
    return np.array(x + scale * rng.standard_normal(x.shape))


# %% instance_noise: own_generator
# Wrong: draws from a generator of its own, seeded with the step, and does not ask rng.
def instance_noise(x, step, total, sigma, rng):
    own = np.random.default_rng(step)
    scale = sigma * max(0.0, 1 - step / total)
    return np.array(x + scale * own.standard_normal(x.shape))


# %% instance_noise: in_float32
# Wrong: the noise is drawn in float32, another stream and another precision.
def instance_noise(x, step, total, sigma, rng):
    scale = np.float32(sigma * max(0.0, 1 - step / total))
    noise = rng.standard_normal(x.shape, dtype=np.float32)
    return np.array(x.astype(np.float32) + scale * noise)


# %% instance_noise: no_maximum_and_minus
# Wrong: two slips, the maximum is missing, and the noise is subtracted.
def instance_noise(x, step, total, sigma, rng):
    weight = 1 - step / total
    return np.array(x - sigma * weight * rng.standard_normal(x.shape))


# %% instance_noise: pair_and_squared
# Wrong: two slips, sigma is squared, and the noise is returned beside the result.
def instance_noise(x, step, total, sigma, rng):
    noise = sigma ** 2 * max(0.0, 1 - step / total) * rng.standard_normal(x.shape)
    return np.array(x + noise), noise


# %% instance_noise: multiplies
# Wrong: takes noise for a factor, x (1 + sigma fade xi), so zeros stay zeros.
def instance_noise(x, step, total, sigma, rng):
    fade = max(0.0, 1 - step / total)
    return np.array(x * (1 + sigma * fade * rng.standard_normal(x.shape)))


# %% instance_noise: ever_rarer
# Wrong: takes fading for ever fewer entries that get full noise, the first share of the flattened array.
def instance_noise(x, step, total, sigma, rng):
    share = max(0.0, 1 - step / total)
    noise = np.array(rng.standard_normal(x.shape)).ravel()
    noise[int(round(share * noise.size)):] = 0
    return np.array(x + sigma * noise.reshape(x.shape))


# %% instance_noise: does_not_fade_yet
# Wrong: unfinished, the noise has its full size at every step up to total.
def instance_noise(x, step, total, sigma, rng):
    noise = sigma * rng.standard_normal(x.shape)
    # fade: later
    return np.array(x + noise) if step < total else np.array(x)


# %% instance_noise: rows_and_columns
# Wrong: unpacks two axes, so every other shape raises.
def instance_noise(x, step, total, sigma, rng):
    rows, columns = x.shape
    scale = sigma * max(0.0, 1 - step / total)
    return x + scale * rng.standard_normal((rows, columns))


# %% instance_noise: clip_and_out
# Right: np.clip for the fade, the sum is written into a fresh array with out=.
def instance_noise(x, step, total, sigma, rng):
    fresh = np.empty(np.shape(x), dtype=np.float64)
    share = np.clip((total - step) / total, 0.0, None)
    np.multiply(rng.standard_normal(x.shape), sigma * share, out=fresh)
    np.add(fresh, x, out=fresh)
    return fresh


# %% instance_noise: draws_only_while_needed
# Right: a copy first, then an in-place sum on the copy, and no draw after total.
def instance_noise(x, step, total, sigma, rng):
    noisy = np.array(x, dtype=np.float64, copy=True)
    remaining = total - step
    if remaining >= 0:
        noisy += rng.standard_normal(x.shape) * (sigma * remaining / total)
    return noisy


# %% gradient_penalty: no_graph_of_the_gradient
# Wrong: create_graph is missing, the penalty has no graph and backward() cannot reach the critic.
def gradient_penalty(critic, real, fake, eps, weight=10.0):
    e = eps.reshape(-1, *[1] * (real.dim() - 1))
    x = (e * real + (1 - e) * fake).detach().requires_grad_(True)
    (g,) = torch.autograd.grad(critic(x).sum(), x)
    norms = g.reshape(len(g), -1).norm(dim=1)
    return weight * ((norms - 1) ** 2).mean()


# %% gradient_penalty: eps_on_the_samples
# Wrong: eps weighs the fake row and 1 - eps the real one.
def gradient_penalty(critic, real, fake, eps, weight=10.0):
    e = eps.view((-1,) + (1,) * (real.ndim - 1))
    mixed = (e * fake + (1 - e) * real).detach()
    mixed.requires_grad_(True)
    scores = critic(mixed)
    grads = torch.autograd.grad(scores.sum(), mixed, create_graph=True)[0]
    length = grads.flatten(1).pow(2).sum(1).sqrt()
    return weight * (length - 1).pow(2).mean()


# %% gradient_penalty: norm_of_the_batch
# Wrong: one norm over the whole gradient of all rows, not one for each row.
def gradient_penalty(critic, real, fake, eps, weight=10.0):
    shape = [len(eps)] + [1] * (real.dim() - 1)
    w = eps.reshape(shape)
    points = w * real.detach() + (1 - w) * fake.detach()
    points.requires_grad_()
    grad, = torch.autograd.grad(critic(points).sum(), points, create_graph=True)
    return weight * (grad.norm() - 1) ** 2


# %% gradient_penalty: last_axis_only
# Wrong: the norm is over the last axis alone, for images each line of pixels counts by itself.
def gradient_penalty(critic, real, fake, eps, weight=10.0):
    while eps.dim() < real.dim():
        eps = eps.unsqueeze(-1)
    x_hat = (eps * real + (1 - eps) * fake).detach().requires_grad_(True)
    g = torch.autograd.grad(critic(x_hat).sum(), x_hat, create_graph=True)[0]
    return weight * ((g.norm(2, dim=-1) - 1) ** 2).mean()


# %% gradient_penalty: not_squared
# Wrong: the size of norm - 1 is averaged, the square is missing.
def gradient_penalty(critic, real, fake, eps, weight=10.0):
    e = eps.reshape(-1, *([1] * (real.dim() - 1)))
    x = torch.lerp(fake.detach(), real.detach(), e.expand_as(real)).requires_grad_(True)
    g = torch.autograd.grad(critic(x).sum(), x, create_graph=True)[0]
    n = torch.sqrt((g.reshape(g.shape[0], -1) ** 2).sum(dim=1))
    return weight * torch.abs(n - 1).mean()


# %% gradient_penalty: mean_before_the_square
# Wrong: the norms are averaged first, and then 1 is subtracted and squared.
def gradient_penalty(critic, real, fake, eps, weight=10.0):
    e = eps.reshape(-1, *([1] * (real.dim() - 1)))
    x = (e * real + (1 - e) * fake).detach()
    x.requires_grad = True
    out = critic(x)
    g = torch.autograd.grad(out, x, grad_outputs=torch.ones_like(out), create_graph=True)[0]
    return weight * (g.flatten(start_dim=1).norm(dim=1).mean() - 1) ** 2


# %% gradient_penalty: slope_of_the_mean
# Wrong: the gradient of the mean of the scores, each slope is too small by the factor m.
def gradient_penalty(critic, real, fake, eps, weight=10.0):
    e = eps.reshape(-1, *([1] * (real.dim() - 1)))
    x = (e * real + (1 - e) * fake).detach().requires_grad_(True)
    g = torch.autograd.grad(critic(x).mean(), x, create_graph=True)[0]
    norm = g.reshape(x.shape[0], -1).norm(p=2, dim=1)
    return weight * torch.mean((norm - 1.0) ** 2)


# %% gradient_penalty: squared_norm_minus_one
# Wrong: the squared norm minus 1, the root is missing.
def gradient_penalty(critic, real, fake, eps, weight=10.0):
    m = real.shape[0]
    e = eps.reshape(m, *([1] * (real.dim() - 1)))
    x = (e * real + (1 - e) * fake).detach().requires_grad_(True)
    g = torch.autograd.grad(critic(x).sum(), x, create_graph=True)[0]
    sq = (g.reshape(m, -1) ** 2).sum(dim=1)
    return weight * ((sq - 1) ** 2).sum() / m


# %% gradient_penalty: r1
# Wrong: the R1 penalty of other GANs, the mean squared norm, which asks for the slope 0.
def gradient_penalty(critic, real, fake, eps, weight=10.0):
    e = eps.reshape(-1, *([1] * (real.dim() - 1)))
    x = (e * real + (1 - e) * fake).detach().requires_grad_(True)
    g = torch.autograd.grad(critic(x).sum(), x, create_graph=True)[0]
    return weight * g.pow(2).flatten(1).sum(1).mean()


# %% gradient_penalty: one_sided
# Wrong: WGAN-LP's one-sided penalty, norms below 1 cost nothing.
def gradient_penalty(critic, real, fake, eps, weight=10.0):
    e = eps.reshape(-1, *([1] * (real.dim() - 1)))
    x = (e * real + (1 - e) * fake).detach().requires_grad_(True)
    g = torch.autograd.grad(critic(x).sum(), x, create_graph=True)[0]
    n = g.flatten(1).norm(dim=1)
    return weight * torch.clamp(n - 1, min=0).pow(2).mean()


# %% gradient_penalty: one_eps
# Wrong: one epsilon for the whole batch, the first one.
def gradient_penalty(critic, real, fake, eps, weight=10.0):
    e = eps[0]
    x = (e * real + (1 - e) * fake).detach().requires_grad_(True)
    g = torch.autograd.grad(critic(x).sum(), x, create_graph=True)[0]
    n = g.flatten(1).norm(dim=1)
    return weight * ((n - 1) ** 2).mean()


# %% gradient_penalty: half_the_weight
# Wrong: weight / 2, as for a spring (some libraries' convention).
def gradient_penalty(critic, real, fake, eps, weight=10.0):
    e = eps.reshape(-1, *([1] * (real.dim() - 1)))
    x = (e * real + (1 - e) * fake).detach().requires_grad_(True)
    g = torch.autograd.grad(critic(x).sum(), x, create_graph=True)[0]
    return weight / 2 * (torch.linalg.vector_norm(g.flatten(1), dim=1) - 1).square().mean()


# %% gradient_penalty: hangs_on_the_samples
# Wrong: the points are not cut off, backward() reaches the generator and whatever made real and fake.
def gradient_penalty(critic, real, fake, eps, weight=10.0):
    e = eps.reshape(-1, *([1] * (real.dim() - 1)))
    x = e * real + (1 - e) * fake
    if not x.requires_grad:
        x.requires_grad_(True)
    g = torch.autograd.grad(critic(x).sum(), x, create_graph=True)[0]
    return weight * ((g.flatten(1).norm(dim=1) - 1) ** 2).mean()


# %% gradient_penalty: backward_for_the_slopes
# Wrong: the slopes are taken with backward(create_graph=True), which leaves gradients on the critic's parameters.
def gradient_penalty(critic, real, fake, eps, weight=10.0):
    e = eps.reshape(-1, *([1] * (real.dim() - 1)))
    x = (e * real + (1 - e) * fake).detach().requires_grad_(True)
    critic(x).sum().backward(create_graph=True)
    g = x.grad
    return weight * ((g.flatten(1).norm(dim=1) - 1) ** 2).mean()


# %% gradient_penalty: asks_real_for_a_gradient
# Wrong: marks the caller's eps, real and fake as requiring a gradient and leaves them so.
def gradient_penalty(critic, real, fake, eps, weight=10.0):
    for t in (real, fake, eps):
        if t.is_leaf:
            t.requires_grad_(True)
    e = eps.reshape(-1, *([1] * (real.dim() - 1)))
    x = (e * real + (1 - e) * fake).detach().requires_grad_(True)
    g = torch.autograd.grad(critic(x).sum(), x, create_graph=True)[0]
    return weight * ((g.flatten(1).norm(dim=1) - 1) ** 2).mean()


# %% gradient_penalty: a_plain_number
# Wrong: returns a float by item(), nothing can flow back.
def gradient_penalty(critic, real, fake, eps, weight=10.0):
    e = eps.reshape(-1, *([1] * (real.dim() - 1)))
    x = (e * real + (1 - e) * fake).detach().requires_grad_(True)
    g = torch.autograd.grad(critic(x).sum(), x)[0]
    total = 0.0
    for row in g:
        total += (torch.sqrt((row ** 2).sum()).item() - 1) ** 2
    return weight * total / len(g)


# %% gradient_penalty: swapped_and_summed
# Wrong: two slips, eps weighs the fake row, and the penalty is a sum over the rows.
def gradient_penalty(critic, real, fake, eps, weight=10.0):
    e = eps.reshape(-1, *([1] * (real.dim() - 1)))
    x = (real + e * (fake - real)).detach().requires_grad_(True)
    g = torch.autograd.grad(critic(x).sum(), x, create_graph=True)[0]
    return weight * ((g.flatten(1).norm(dim=1) - 1) ** 2).sum()


# %% gradient_penalty: sum_of_sizes_and_no_weight
# Wrong: two slips, the norm is the sum of the absolute slopes, and weight is not used.
def gradient_penalty(critic, real, fake, eps, weight=10.0):
    e = eps.reshape(-1, *([1] * (real.dim() - 1)))
    x = (e * real + (1 - e) * fake).detach().requires_grad_(True)
    g = torch.autograd.grad(critic(x).sum(), x, create_graph=True)[0]
    return ((g.flatten(1).abs().sum(dim=1) - 1) ** 2).mean()


# %% gradient_penalty: slope_of_the_weights
# Wrong: takes the gradient with respect to the critic's parameters and not to the input.
def gradient_penalty(critic, real, fake, eps, weight=10.0):
    e = eps.reshape(-1, *([1] * (real.dim() - 1)))
    x = (e * real + (1 - e) * fake).detach()
    params = [p for p in critic.parameters() if p.requires_grad]
    grads = torch.autograd.grad(critic(x).mean(), params, create_graph=True, allow_unused=True)
    norm = torch.sqrt(sum((g ** 2).sum() for g in grads if g is not None))
    return weight * (norm - 1) ** 2


# %% gradient_penalty: difference_quotient
# Wrong: takes the slope for the difference of the scores over the distance between the real and the fake row.
def gradient_penalty(critic, real, fake, eps, weight=10.0):
    a, b = real.detach(), fake.detach()
    rise = (critic(a).flatten() - critic(b).flatten()).abs()
    run = (a - b).flatten(1).norm(dim=1) + 1e-12
    return weight * ((rise / run - 1) ** 2).mean()


# %% gradient_penalty: at_the_data
# Wrong: unfinished, formula (8) is missing, the slopes are taken at the real rows.
def gradient_penalty(critic, real, fake, eps, weight=10.0):
    x = real.detach().clone().requires_grad_(True)  # TODO points between
    g = torch.autograd.grad(critic(x).sum(), x, create_graph=True)[0]
    return weight * ((g.flatten(1).norm(dim=1) - 1) ** 2).mean()


# %% gradient_penalty: eps_not_lined_up
# Wrong: eps of shape (m,) is not reshaped, it lines up with the last axis: raises, or is wrong where that has m entries.
def gradient_penalty(critic, real, fake, eps, weight=10.0):
    x = (eps * real + (1 - eps) * fake).detach().requires_grad_(True)
    g = torch.autograd.grad(critic(x).sum(), x, create_graph=True)[0]
    return weight * ((g.flatten(1).norm(dim=1) - 1) ** 2).mean()


# %% gradient_penalty: row_by_row
# Right: one row at a time, each with a gradient of its own score.
def gradient_penalty(critic, real, fake, eps, weight=10.0):
    costs = []
    for x, g, e in zip(real.detach(), fake.detach(), eps.detach()):
        point = (e * x + (1 - e) * g).unsqueeze(0).requires_grad_(True)
        score = critic(point).reshape(())
        (slope,) = torch.autograd.grad(score, point, create_graph=True)
        costs.append(((slope * slope).sum().sqrt() - 1).square())
    return weight * torch.stack(costs).mean()


# %% gradient_penalty: vector_of_ones
# Right: lerp under no_grad for the points, grad_outputs of ones, einsum for the squared norms.
def gradient_penalty(critic, real, fake, eps, weight=10.0):
    rows = real.shape[0]
    with torch.no_grad():
        flat = torch.lerp(fake.reshape(rows, -1), real.reshape(rows, -1), eps.unsqueeze(1))
        points = flat.reshape(real.shape)
    points.requires_grad_()
    scores = critic(points)
    slopes = torch.autograd.grad(scores, points, torch.ones_like(scores), create_graph=True)[0].reshape(rows, -1)
    gaps = torch.einsum("ij,ij->i", slopes, slopes).sqrt() - 1.0
    return torch.dot(gaps, gaps) * (weight / rows)
