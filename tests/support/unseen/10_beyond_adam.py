# %% lion_update: sign_of_the_new_average
# Wrong: m is updated with beta2 first, and the sign is that of the new m mixed with g by beta1.
def lion_update(theta, grad, m, lr=1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0):
    m = beta2 * m + (1 - beta2) * grad
    c = beta1 * m + (1 - beta1) * grad
    theta = (1 - lr * weight_decay) * theta - lr * np.sign(c)
    return theta, m


# %% lion_update: betas_swapped
# Wrong: beta2 makes the direction and beta1 the average.
def lion_update(theta, grad, m, lr=1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0):
    direction = beta2 * m + (1 - beta2) * grad
    average = beta1 * m + (1 - beta1) * grad
    new_theta = theta * (1 - lr * weight_decay) - lr * np.sign(direction)
    return new_theta, average


# %% lion_update: one_average_only
# Wrong: the average kept is c itself, beta2 is not used.
def lion_update(theta, grad, m, lr=1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0):
    m_new = beta1 * m + (1 - beta1) * grad
    step = np.sign(m_new)
    return theta - lr * (step + weight_decay * theta), m_new


# %% lion_update: average_of_the_direction
# Wrong: formula (3) starts from c instead of the old m.
def lion_update(theta, grad, m, lr=1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0):
    c = m * beta1
    c = c + grad * (1 - beta1)
    t = theta - theta * lr * weight_decay
    t = t - lr * np.sign(c)
    c = c * beta2
    c = c + grad * (1 - beta2)
    return t, c


# %% lion_update: weights_the_wrong_way
# Wrong: beta1 and beta2 weigh the new gradient and 1 - beta the old average.
def lion_update(theta, grad, m, lr=1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0):
    c = (1 - beta1) * m + beta1 * grad
    theta_new = (1 - lr * weight_decay) * theta - lr * np.sign(c)
    m_new = (1 - beta2) * m + beta2 * grad
    return theta_new, m_new


# %% lion_update: decay_without_lr
# Wrong: theta is multiplied by 1 - wd, the factor lr is missing.
def lion_update(theta, grad, m, lr=1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0):
    c = beta1 * m + (1 - beta1) * grad
    shrunk = (1.0 - weight_decay) * theta
    return shrunk - lr * np.sign(c), beta2 * m + (1 - beta2) * grad


# %% lion_update: decay_after_the_step
# Wrong: the decay multiplies theta after the sign step and so shrinks the step as well.
def lion_update(theta, grad, m, lr=1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0):
    update = np.sign(beta1 * m + (1 - beta1) * grad)
    stepped = theta - lr * update
    decayed = stepped * (1 - lr * weight_decay)
    m = m + (1 - beta2) * (grad - m)
    return decayed, m


# %% lion_update: uphill
# Wrong: the sign is added: the step goes up the gradient.
def lion_update(theta, grad, m, lr=1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0):
    c = beta1 * m + (1 - beta1) * grad
    m1 = beta2 * m + (1 - beta2) * grad
    return (1 - lr * weight_decay) * theta + lr * np.sign(c), m1


# %% lion_update: l2_in_the_gradient
# Wrong: weight decay is L2 added to the gradient, as in PyTorch's Adam, and so goes through sign and average.
def lion_update(theta, grad, m, lr=1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0):
    g = grad + weight_decay * theta
    c = beta1 * m + (1 - beta1) * g
    return theta - lr * np.sign(c), beta2 * m + (1 - beta2) * g


# %% lion_update: undamped_momentum
# Wrong: the average is kept as PyTorch's SGD keeps its buffer, beta2 m + g.
def lion_update(theta, grad, m, lr=1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0):
    c = beta1 * m + (1 - beta1) * grad
    theta = theta * (1 - lr * weight_decay)
    theta = theta - lr * np.sign(c)
    buf = beta2 * m + grad
    return theta, buf


# %% lion_update: adams_defaults
# Wrong: the defaults are Adam's, lr 1e-3 and beta2 0.999.
def lion_update(theta, grad, m, lr=1e-3, beta1=0.9, beta2=0.999, weight_decay=0.0):
    direction = np.sign(beta1 * m + (1 - beta1) * grad)
    return (1 - lr * weight_decay) * theta - lr * direction, beta2 * m + (1 - beta2) * grad


# %% lion_update: soft_sign
# Wrong: as in Adam it divides by a root with an eps, c / sqrt(c*c + 1e-8), which is no sign for small c.
def lion_update(theta, grad, m, lr=1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0):
    eps = 1e-8
    c = beta1 * m + (1 - beta1) * grad
    v = c * c
    theta = theta - lr * weight_decay * theta - lr * c / np.sqrt(v + eps)
    m = beta2 * m + (1 - beta2) * grad
    return theta, m


# %% lion_update: all_in_place
# Wrong: theta and m are changed in place and returned themselves.
def lion_update(theta, grad, m, lr=1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0):
    c = beta1 * m + (1 - beta1) * grad
    theta *= 1 - lr * weight_decay
    theta -= lr * np.sign(c)
    m *= beta2
    m += (1 - beta2) * grad
    return theta, m


# %% lion_update: nothing_to_do
# Wrong: where gradient and average are zero it returns the inputs themselves, without the decay.
def lion_update(theta, grad, m, lr=1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0):
    if not np.any(grad) and not np.any(m):
        return theta, m
    c = beta1 * m + (1 - beta1) * grad
    return (1 - lr * weight_decay) * theta - lr * np.sign(c), beta2 * m + (1 - beta2) * grad


# %% lion_update: sign_of_zero_is_one
# Wrong: the sign is made with np.where(c >= 0, 1, -1), so 0 counts as positive.
def lion_update(theta, grad, m, lr=1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0):
    c = beta1 * m + (1 - beta1) * grad
    sign = np.where(c >= 0, 1.0, -1.0)
    return theta * (1 - lr * weight_decay) - lr * sign, m * beta2 + grad * (1 - beta2)


# %% lion_update: m_comes_first
# Wrong: the results are in the wrong order, (m, theta).
def lion_update(theta, grad, m, lr=1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0):
    c = beta1 * m + (1 - beta1) * grad
    new_m = beta2 * m + (1 - beta2) * grad
    new_theta = (1 - lr * weight_decay) * theta - lr * np.sign(c)
    return new_m, new_theta


# %% lion_update: decay_without_lr_and_old_average
# Wrong: two slips: wd is taken off without lr after the step, and the sign is that of the old average alone.
def lion_update(theta, grad, m, lr=1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0):
    p = theta - lr * np.sign(m)
    p = p - weight_decay * p
    m = beta2 * m + (1 - beta2) * grad
    return p, m


# %% lion_update: no_sign_and_swapped
# Wrong: two slips: the sign is missing from the step, and beta1 and beta2 are swapped.
def lion_update(theta, grad, m, lr=1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0):
    c = beta2 * m + (1 - beta2) * grad
    theta = theta - lr * (c + weight_decay * theta)
    m = beta1 * m + (1 - beta1) * grad
    return theta, m


# %% lion_update: a_vote_of_signs
# Wrong: misunderstands the idea: averages the signs of m and g instead of taking the sign of the average.
def lion_update(theta, grad, m, lr=1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0):
    vote = beta1 * np.sign(m) + (1 - beta1) * np.sign(grad)
    theta = (1 - lr * weight_decay) * theta - lr * vote
    return theta, beta2 * m + (1 - beta2) * grad


# %% lion_update: one_length_for_all
# Wrong: misunderstands the equal steps: divides the whole direction by its norm instead of taking each element's sign.
def lion_update(theta, grad, m, lr=1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0):
    c = beta1 * m + (1 - beta1) * grad
    length = np.sqrt(np.sum(c**2))
    unit = c / length if length > 0 else np.zeros_like(c)
    return (1 - lr * weight_decay) * theta - lr * unit, beta2 * m + (1 - beta2) * grad


# %% lion_update: average_not_moved
# Wrong: unfinished: formula (3) is missing, a copy of the old m is returned.
def lion_update(theta, grad, m, lr=1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0):
    c = beta1 * m + (1 - beta1) * grad
    theta = (1 - lr * weight_decay) * theta - lr * np.sign(c)
    return theta, np.copy(m)


# %% lion_update: loops_over_elements
# Wrong: raises for a single number of shape (), which has no len().
def lion_update(theta, grad, m, lr=1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0):
    new_theta = np.zeros_like(theta)
    new_m = np.zeros_like(m)
    for i in range(len(theta)):
        c = beta1 * m[i] + (1 - beta1) * grad[i]
        new_theta[i] = (1 - lr * weight_decay) * theta[i] - lr * np.sign(c)
        new_m[i] = beta2 * m[i] + (1 - beta2) * grad[i]
    return new_theta, new_m


# %% lion_update: sign_by_comparison
# Right: the sign is the difference of two comparisons, both averages come from one small matrix product.
def lion_update(theta, grad, m, lr=1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0):
    mixing = np.array([[beta1, 1 - beta1], [beta2, 1 - beta2]])
    direction, average = np.tensordot(mixing, np.stack([np.asarray(m), np.asarray(grad)]), axes=1)
    sign = np.greater(direction, 0).astype(float) - np.less(direction, 0)
    return np.array(theta - lr * (weight_decay * theta) - lr * sign), np.array(average)


# %% lion_update: flat_torch_tensors
# Right: everything in torch, with lerp for the averages, and copies back to NumPy.
def lion_update(theta, grad, m, lr=1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0):
    p, g, a = (torch.tensor(np.asarray(v), dtype=torch.float64) for v in (theta, grad, m))
    stride = a.mul(beta1).add(g, alpha=1 - beta1).sign()
    p = p.mul(1 - lr * weight_decay).sub(stride, alpha=lr)
    return p.numpy(), (beta2 * a + (1 - beta2) * g).numpy()


# %% adafactor_update: sums_for_means
# Wrong: R and C are averages of sums along row and column and not of means.
def adafactor_update(theta, grad, row, col, t, lr=1e-2, d=1.0, eps1=2**-52, eps2=1e-3):
    w = t**-0.8
    sq = grad**2
    row = (1 - w) * row + w * sq.sum(axis=1)
    col = (1 - w) * col + w * sq.sum(axis=0)
    V = np.outer(row, col) / max(row.mean(), eps1)
    U = grad / np.sqrt(np.maximum(V, eps1**2))
    U = U / max(1, np.sqrt(np.mean(U**2)) / d)
    theta = theta - max(eps2, np.sqrt(np.mean(theta**2))) * min(lr, 1 / np.sqrt(t)) * U
    return theta, row, col


# %% adafactor_update: not_divided_by_the_mean
# Wrong: V is R times C without the division by the mean of R.
def adafactor_update(theta, grad, row, col, t, lr=1e-2, d=1.0, eps1=2**-52, eps2=1e-3):
    w = t ** (-0.8)
    R = (1 - w) * row + w * np.mean(grad**2, axis=1)
    C = (1 - w) * col + w * np.mean(grad**2, axis=0)
    V = R[:, None] * C[None, :]
    U = grad / np.sqrt(np.maximum(V, eps1**2))
    rms_u = np.sqrt(np.mean(U**2))
    U = U / max(1.0, rms_u / d)
    rms_theta = np.sqrt(np.mean(theta**2))
    step = max(eps2, rms_theta) * min(lr, 1 / np.sqrt(t))
    return theta - step * U, R, C


# %% adafactor_update: weights_the_wrong_way
# Wrong: w weighs the old average and 1 - w the new square, so the first step keeps the zeros.
def adafactor_update(theta, grad, row, col, t, lr=1e-2, d=1.0, eps1=2**-52, eps2=1e-3):
    def rms(a):
        return np.sqrt((a * a).mean())

    beta = t**-0.8
    new_row = beta * row + (1 - beta) * (grad * grad).mean(axis=1)
    new_col = beta * col + (1 - beta) * (grad * grad).mean(axis=0)
    v = np.outer(new_row, new_col) / max(new_row.mean(), eps1)
    u = grad / np.sqrt(np.maximum(v, eps1**2))
    u /= max(1, rms(u) / d)
    return theta - max(eps2, rms(theta)) * min(lr, t**-0.5) * u, new_row, new_col


# %% adafactor_update: old_averages_in_the_product
# Wrong: V is made of the averages from before the step.
def adafactor_update(theta, grad, row, col, t, lr=1e-2, d=1.0, eps1=2**-52, eps2=1e-3):
    w = t**-0.8
    V = np.outer(row, col) / max(np.mean(row), eps1)
    U = grad / np.sqrt(np.maximum(V, eps1**2))
    U = U / max(1, np.sqrt(np.mean(U**2)) / d)
    rho = max(eps2, np.sqrt(np.mean(theta**2)))
    new_theta = theta - rho * min(lr, 1 / np.sqrt(t)) * U
    new_row = (1 - w) * row + w * (grad**2).mean(axis=1)
    new_col = (1 - w) * col + w * (grad**2).mean(axis=0)
    return new_theta, new_row, new_col


# %% adafactor_update: floor_not_squared
# Wrong: the floor of V is eps1 and not its square.
def adafactor_update(theta, grad, row, col, t, lr=1e-2, d=1.0, eps1=2**-52, eps2=1e-3):
    g2 = np.square(grad)
    w = 1 / t**0.8
    row = row + w * (g2.mean(axis=1) - row)
    col = col + w * (g2.mean(axis=0) - col)
    V = np.outer(row, col) / max(row.mean(), eps1)
    U = grad / np.sqrt(np.maximum(V, eps1))
    U = U / max(1.0, np.sqrt(np.mean(np.square(U))) / d)
    size = max(eps2, np.sqrt(np.mean(np.square(theta))))
    return theta - size * min(lr, 1 / t**0.5) * U, row, col


# %% adafactor_update: norm_for_rms
# Wrong: the RMS of U and of theta is the norm: the sum of squares is not divided by the number of elements.
def adafactor_update(theta, grad, row, col, t, lr=1e-2, d=1.0, eps1=2**-52, eps2=1e-3):
    w = t**-0.8
    row = (1 - w) * row + w * (grad**2).mean(1)
    col = (1 - w) * col + w * (grad**2).mean(0)
    U = grad / np.sqrt(np.maximum(np.outer(row, col) / max(row.mean(), eps1), eps1**2))
    U = U / max(1, np.linalg.norm(U) / d)
    return theta - max(eps2, np.linalg.norm(theta)) * min(lr, 1 / np.sqrt(t)) * U, row, col


# %% adafactor_update: always_normalised
# Wrong: U is always divided by RMS(U)/d, also where that is below 1.
def adafactor_update(theta, grad, row, col, t, lr=1e-2, d=1.0, eps1=2**-52, eps2=1e-3):
    w = t**-0.8
    row = (1 - w) * row + w * np.mean(grad**2, axis=1)
    col = (1 - w) * col + w * np.mean(grad**2, axis=0)
    V = np.outer(row, col) / max(row.mean(), eps1)
    U = grad / np.sqrt(np.maximum(V, eps1**2))
    rms = np.sqrt(np.mean(U**2))
    if rms > 0:
        U = d * U / rms
    scale = max(eps2, np.sqrt(np.mean(theta**2)))
    return theta - scale * min(lr, 1 / np.sqrt(t)) * U, row, col


# %% adafactor_update: larger_of_the_two_rates
# Wrong: (7) takes the maximum of lr and 1/sqrt(t).
def adafactor_update(theta, grad, row, col, t, lr=1e-2, d=1.0, eps1=2**-52, eps2=1e-3):
    rms = lambda a: float(np.sqrt(np.mean(a**2)))  # noqa: E731
    w = t**-0.8
    r = (1 - w) * row + w * (grad**2).mean(axis=1)
    c = (1 - w) * col + w * (grad**2).mean(axis=0)
    u = grad / np.sqrt(np.maximum(np.outer(r, c) / max(r.mean(), eps1), eps1**2))
    u = u / max(1, rms(u) / d)
    rate = max(lr, 1 / np.sqrt(t))
    return theta - max(eps2, rms(theta)) * rate * u, r, c


# %% adafactor_update: step_not_relative
# Wrong: the step is not multiplied by the size of the parameters, max(eps2, RMS(theta)) is left out as with scale_parameter=False.
def adafactor_update(theta, grad, row, col, t, lr=1e-2, d=1.0, eps1=2**-52, eps2=1e-3):
    w = float(t) ** -0.8
    sq = grad * grad
    row = (1 - w) * row + w * sq.mean(axis=-1)
    col = (1 - w) * col + w * sq.mean(axis=-2)
    V = np.einsum("i,j->ij", row, col) / max(row.mean(), eps1)
    U = grad / np.sqrt(np.maximum(V, eps1**2))
    U = U / max(1, np.sqrt((U * U).mean()) / d)
    return theta - min(lr, 1 / np.sqrt(t)) * U, row, col


# %% adafactor_update: eps_added_to_the_squares
# Wrong: as in the paper, eps1 is added to the squared gradient, and neither the mean nor V has a floor.
def adafactor_update(theta, grad, row, col, t, lr=1e-2, d=1.0, eps1=2**-52, eps2=1e-3):
    beta2t = 1 - t**-0.8
    update = grad**2 + eps1
    row = beta2t * row + (1 - beta2t) * update.mean(axis=1)
    col = beta2t * col + (1 - beta2t) * update.mean(axis=0)
    V = np.outer(row, col) / row.mean()
    U = grad / np.sqrt(V)
    U = U / max(1, np.sqrt((U**2).mean()) / d)
    alpha = max(eps2, np.sqrt((theta**2).mean())) * min(lr, 1 / np.sqrt(t))
    return theta - alpha * U, row, col


# %% adafactor_update: adams_beta
# Wrong: the averages have Adam's fixed weight 0.001 and its correction by 1 - 0.999**t.
def adafactor_update(theta, grad, row, col, t, lr=1e-2, d=1.0, eps1=2**-52, eps2=1e-3):
    beta2 = 0.999
    row = beta2 * row + (1 - beta2) * np.mean(grad**2, axis=1)
    col = beta2 * col + (1 - beta2) * np.mean(grad**2, axis=0)
    r_hat = row / (1 - beta2**t)
    c_hat = col / (1 - beta2**t)
    V = np.outer(r_hat, c_hat) / max(r_hat.mean(), eps1)
    U = grad / np.sqrt(np.maximum(V, eps1**2))
    U = U / max(1, np.sqrt(np.mean(U**2)) / d)
    theta = theta - max(eps2, np.sqrt(np.mean(theta**2))) * min(lr, 1 / np.sqrt(t)) * U
    return theta, row, col


# %% adafactor_update: fixed_relative_step
# Wrong: as Hugging Face's relative_step does, lr is replaced by 1e-2 and the argument is ignored.
def adafactor_update(theta, grad, row, col, t, lr=1e-2, d=1.0, eps1=2**-52, eps2=1e-3):
    rho = min(1e-2, 1.0 / np.sqrt(t))
    w = t**-0.8
    row = (1 - w) * row + w * (grad**2).mean(axis=1)
    col = (1 - w) * col + w * (grad**2).mean(axis=0)
    r_factor = 1 / np.sqrt(np.maximum(np.outer(row, col) / max(row.mean(), eps1), eps1**2))
    U = grad * r_factor
    U /= max(1.0, np.sqrt(np.mean(U**2)) / d)
    return theta - max(eps2, np.sqrt(np.mean(theta**2))) * rho * U, row, col


# %% adafactor_update: averages_in_place
# Wrong: row and col are updated in place and returned themselves.
def adafactor_update(theta, grad, row, col, t, lr=1e-2, d=1.0, eps1=2**-52, eps2=1e-3):
    w = t**-0.8
    row *= 1 - w
    row += w * (grad**2).mean(axis=1)
    col *= 1 - w
    col += w * (grad**2).mean(axis=0)
    V = np.outer(row, col) / max(row.mean(), eps1)
    U = grad / np.sqrt(np.maximum(V, eps1**2))
    U = U / max(1, np.sqrt(np.mean(U**2)) / d)
    return theta - max(eps2, np.sqrt(np.mean(theta**2))) * min(lr, 1 / np.sqrt(t)) * U, row, col


# %% adafactor_update: averages_keep_their_axis
# Wrong: row and col come back in the shapes (r, 1) and (1, c).
def adafactor_update(theta, grad, row, col, t, lr=1e-2, d=1.0, eps1=2**-52, eps2=1e-3):
    w = t**-0.8
    R = (1 - w) * row.reshape(-1, 1) + w * np.mean(grad**2, axis=1, keepdims=True)
    C = (1 - w) * col.reshape(1, -1) + w * np.mean(grad**2, axis=0, keepdims=True)
    V = R @ C / max(R.mean(), eps1)
    U = grad / np.sqrt(np.maximum(V, eps1**2))
    U = U / max(1, np.sqrt(np.mean(U**2)) / d)
    theta = theta - max(eps2, np.sqrt(np.mean(theta**2))) * min(lr, 1 / np.sqrt(t)) * U
    return theta, R, C


# %% adafactor_update: d_is_ignored
# Wrong: the clipping takes 1 for d, whatever is given.
def adafactor_update(theta, grad, row, col, t, lr=1e-2, d=1.0, eps1=2**-52, eps2=1e-3):
    w = t**-0.8
    row = (1 - w) * row + w * (grad**2).mean(axis=1)
    col = (1 - w) * col + w * (grad**2).mean(axis=0)
    V = np.outer(row, col) / max(row.mean(), eps1)
    U = grad / np.sqrt(np.maximum(V, eps1**2))
    length = np.sqrt(np.mean(U**2))
    if length > 1:
        U = U / length
    theta = theta - max(eps2, np.sqrt(np.mean(theta**2))) * min(lr, 1 / np.sqrt(t)) * U
    return theta, row, col


# %% adafactor_update: no_floors_at_all
# Wrong: eps1 is used nowhere, so a gradient of zero gives nan.
def adafactor_update(theta, grad, row, col, t, lr=1e-2, d=1.0, eps1=2**-52, eps2=1e-3):
    w = t**-0.8
    row = (1 - w) * row + w * (grad**2).mean(axis=1)
    col = (1 - w) * col + w * (grad**2).mean(axis=0)
    U = grad / np.sqrt(np.outer(row, col) / row.mean())
    U = U / max(1, np.sqrt(np.mean(U**2)) / d)
    return theta - max(eps2, np.sqrt(np.mean(theta**2))) * min(lr, 1 / np.sqrt(t)) * U, row, col


# %% adafactor_update: sum_for_max_and_late_weight
# Wrong: two slips: eps2 is added to RMS(theta) instead of being its floor, and w is (t + 1) to the power of -0.8.
def adafactor_update(theta, grad, row, col, t, lr=1e-2, d=1.0, eps1=2**-52, eps2=1e-3):
    w = (t + 1) ** -0.8
    row = (1 - w) * row + w * (grad**2).mean(axis=1)
    col = (1 - w) * col + w * (grad**2).mean(axis=0)
    V = np.outer(row, col) / max(row.mean(), eps1)
    U = grad / np.sqrt(np.maximum(V, eps1**2))
    U = U / max(1, np.sqrt(np.mean(U**2)) / d)
    theta = theta - (eps2 + np.sqrt(np.mean(theta**2))) * min(lr, 1 / np.sqrt(t)) * U
    return theta, row, col


# %% adafactor_update: no_root_and_divided_by_the_sum
# Wrong: two slips: V is divided by the sum of R, and U by V without the root.
def adafactor_update(theta, grad, row, col, t, lr=1e-2, d=1.0, eps1=2**-52, eps2=1e-3):
    w = t**-0.8
    row = (1 - w) * row + w * (grad**2).mean(axis=1)
    col = (1 - w) * col + w * (grad**2).mean(axis=0)
    V = np.outer(row, col) / max(row.sum(), eps1)
    U = grad / np.maximum(V, eps1**2)
    U = U / max(1, np.sqrt(np.mean(U**2)) / d)
    theta = theta - max(eps2, np.sqrt(np.mean(theta**2))) * min(lr, 1 / np.sqrt(t)) * U
    return theta, row, col


# %% adafactor_update: row_and_column_averaged
# Wrong: misunderstands the factoring: V is the mean of the row's and the column's average, not their product.
def adafactor_update(theta, grad, row, col, t, lr=1e-2, d=1.0, eps1=2**-52, eps2=1e-3):
    w = t**-0.8
    row = (1 - w) * row + w * (grad**2).mean(axis=1)
    col = (1 - w) * col + w * (grad**2).mean(axis=0)
    V = (row[:, None] + col[None, :]) / 2
    U = grad / np.sqrt(np.maximum(V, eps1**2))
    U = U / max(1, np.sqrt(np.mean(U**2)) / d)
    theta = theta - max(eps2, np.sqrt(np.mean(theta**2))) * min(lr, 1 / np.sqrt(t)) * U
    return theta, row, col


# %% adafactor_update: divides_by_its_own_square
# Wrong: misunderstands what the averages are for: keeps them, but divides the gradient by the root of its own square.
def adafactor_update(theta, grad, row, col, t, lr=1e-2, d=1.0, eps1=2**-52, eps2=1e-3):
    w = t**-0.8
    row = (1 - w) * row + w * (grad**2).mean(axis=1)
    col = (1 - w) * col + w * (grad**2).mean(axis=0)
    V = grad**2
    U = grad / np.sqrt(np.maximum(V, eps1**2))
    U = U / max(1, np.sqrt(np.mean(U**2)) / d)
    theta = theta - max(eps2, np.sqrt(np.mean(theta**2))) * min(lr, 1 / np.sqrt(t)) * U
    return theta, row, col


# %% adafactor_update: without_clipping
# Wrong: unfinished: formula (6), the clipping of the update, is missing.
def adafactor_update(theta, grad, row, col, t, lr=1e-2, d=1.0, eps1=2**-52, eps2=1e-3):
    w = t**-0.8
    row = (1 - w) * row + w * (grad**2).mean(axis=1)
    col = (1 - w) * col + w * (grad**2).mean(axis=0)
    V = np.outer(row, col) / max(row.mean(), eps1)
    U = grad / np.sqrt(np.maximum(V, eps1**2))
    # (6) ...
    return theta - max(eps2, np.sqrt(np.mean(theta**2))) * min(lr, 1 / np.sqrt(t)) * U, row, col


# %% adafactor_update: axes_swapped
# Wrong: raises where r and c differ: the row average is taken along axis 0 and the column average along axis 1 (for a square matrix it gives wrong numbers).
def adafactor_update(theta, grad, row, col, t, lr=1e-2, d=1.0, eps1=2**-52, eps2=1e-3):
    w = t**-0.8
    new_row = (1 - w) * row + w * np.mean(grad**2, axis=0)
    new_col = (1 - w) * col + w * np.mean(grad**2, axis=1)
    V = np.outer(new_row, new_col) / max(np.mean(new_row), eps1)
    U = grad / np.sqrt(np.maximum(V, eps1**2))
    U = U / max(1, np.sqrt(np.mean(U**2)) / d)
    theta = theta - max(eps2, np.sqrt(np.mean(theta**2))) * min(lr, 1 / np.sqrt(t)) * U
    return theta, new_row, new_col


# %% adafactor_update: divides_twice
# Right: U is divided by two vectors of roots where V is above its floor; matrix products with ones give the means.
def adafactor_update(theta, grad, row, col, t, lr=1e-2, d=1.0, eps1=2**-52, eps2=1e-3):
    def rms(a):
        return float(np.linalg.norm(a)) / a.size**0.5

    r, c = grad.shape
    w = 1.0 / float(t) ** 0.8
    squares = grad * grad
    new_row = row + w * (squares @ np.full(c, 1 / c) - row) if t > 1 else squares.mean(axis=1)
    new_col = col + w * (np.full(r, 1 / r) @ squares - col) if t > 1 else squares.mean(axis=0)
    scale = new_row / max(float(np.average(new_row)), eps1)
    U = np.empty((r, c))
    for i in range(r):
        for j in range(c):
            U[i, j] = grad[i, j] / max(scale[i] * new_col[j], eps1**2) ** 0.5
    U /= max(1.0, rms(U) / d)
    stride = min(lr, float(t) ** -0.5) * max(eps2, rms(theta))
    return theta - stride * U, new_row, new_col


# %% adafactor_update: in_torch_with_clamp
# Right: double tensors of torch, clamp for the floors and lerp-free averages, then back to NumPy.
def adafactor_update(theta, grad, row, col, t, lr=1e-2, d=1.0, eps1=2**-52, eps2=1e-3):
    P, G, R, C = (torch.tensor(a, dtype=torch.float64) for a in (theta, grad, row, col))
    w = float(t) ** -0.8
    R = R.mul(1 - w).add(G.pow(2).mean(dim=1), alpha=w)
    C = C.mul(1 - w).add(G.pow(2).mean(dim=0), alpha=w)
    V = torch.outer(R, C).div(R.mean().clamp(min=eps1)).clamp(min=eps1**2)
    U = G / V.sqrt()
    U = U / (U.pow(2).mean().sqrt() / d).clamp(min=1.0)
    size = P.pow(2).mean().sqrt().clamp(min=eps2)
    P = P - min(lr, float(t) ** -0.5) * size * U
    return P.numpy(), R.numpy(), C.numpy()


# %% ScheduleFreeSGD: c_of_the_papers_text
# Wrong: c is 1/(t + 1), as the paper's text has it: the start counts and the rates do not.
class ScheduleFreeSGD:
    def __init__(self, params, lr=1.0, momentum=0.9, weight_decay=0.0):
        if lr < 0 or weight_decay < 0 or not 0 < momentum < 1:
            raise ValueError("bad hyperparameter")
        self.params = list(params)
        self.lr, self.momentum, self.weight_decay = lr, momentum, weight_decay
        self.z = [p.detach().clone() for p in self.params]
        self.x = [p.detach().clone() for p in self.params]
        self.t = [0] * len(self.params)
        self.training = True

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            self.t[i] += 1
            self.z[i] -= self.lr * (p.grad + self.weight_decay * p)
            c = 1 / (self.t[i] + 1)
            self.x[i] = (1 - c) * self.x[i] + c * self.z[i]
            p.copy_((1 - self.momentum) * self.z[i] + self.momentum * self.x[i])

    @torch.no_grad()
    def train(self):
        for p, x, z in zip(self.params, self.x, self.z):
            p.copy_((1 - self.momentum) * z + self.momentum * x)

    @torch.no_grad()
    def eval(self):
        for p, x in zip(self.params, self.x):
            p.copy_(x)

    def zero_grad(self):
        for p in self.params:
            p.grad = None


# %% ScheduleFreeSGD: plain_mean
# Wrong: c is 1/t, the plain mean of z, whatever the rates were; only lr = 0 is looked at.
class ScheduleFreeSGD:
    def __init__(self, params, lr=1.0, momentum=0.9, weight_decay=0.0):
        if lr < 0:
            raise ValueError("lr must not be negative")
        if weight_decay < 0:
            raise ValueError("weight_decay must not be negative")
        if momentum <= 0 or momentum >= 1:
            raise ValueError("momentum must be between 0 and 1")
        self.lr = lr
        self.mu = momentum
        self.wd = weight_decay
        self.slots = [dict(p=p, x=p.detach().clone(), z=p.detach().clone(), n=0) for p in params]

    @torch.no_grad()
    def step(self):
        for s in self.slots:
            p = s["p"]
            if p.grad is not None:
                s["n"] += 1
                c = 1 / s["n"] if self.lr > 0 else 0.0
                s["z"] = s["z"] - self.lr * (p.grad + self.wd * p)
                s["x"] = s["x"] + c * (s["z"] - s["x"])
                p.copy_(s["z"] + self.mu * (s["x"] - s["z"]))

    @torch.no_grad()
    def train(self):
        for s in self.slots:
            s["p"].copy_(s["z"] + self.mu * (s["x"] - s["z"]))

    @torch.no_grad()
    def eval(self):
        for s in self.slots:
            s["p"].copy_(s["x"])

    def zero_grad(self):
        for s in self.slots:
            if s["p"].grad is not None:
                s["p"].grad.zero_()


# %% ScheduleFreeSGD: rates_not_squared
# Wrong: c is lr over the sum of the rates, without the squares.
class ScheduleFreeSGD:
    def __init__(self, params, lr=1.0, momentum=0.9, weight_decay=0.0):
        if lr < 0 or weight_decay < 0:
            raise ValueError("negative lr or weight_decay")
        if not 0.0 < momentum < 1.0:
            raise ValueError(f"momentum {momentum} is not between 0 and 1")
        self.lr, self.momentum, self.weight_decay = lr, momentum, weight_decay
        self.params = [p for p in params]
        self.state = {p: [p.detach().clone(), p.detach().clone(), 0.0] for p in self.params}

    def _y(self, p):
        x, z, _ = self.state[p]
        return (1 - self.momentum) * z + self.momentum * x

    @torch.no_grad()
    def step(self):
        for p in self.params:
            if p.grad is None:
                continue
            x, z, total = self.state[p]
            z.add_(p.grad + self.weight_decay * p, alpha=-self.lr)
            total += self.lr
            c = self.lr / total if total else 0
            x.mul_(1 - c).add_(z, alpha=c)
            self.state[p][2] = total
            p.copy_(self._y(p))

    @torch.no_grad()
    def train(self):
        for p in self.params:
            p.copy_(self._y(p))

    @torch.no_grad()
    def eval(self):
        for p in self.params:
            p.copy_(self.state[p][0])

    def zero_grad(self):
        for p in self.params:
            p.grad = None


# %% ScheduleFreeSGD: old_z_in_the_average
# Wrong: x is averaged with z from before the step.
class ScheduleFreeSGD:
    def __init__(self, params, lr=1.0, momentum=0.9, weight_decay=0.0):
        if lr < 0 or weight_decay < 0 or momentum <= 0 or momentum >= 1:
            raise ValueError("lr, momentum or weight_decay is out of range")
        self.params = list(params)
        self.lr = lr
        self.momentum = momentum
        self.weight_decay = weight_decay
        self.xs = [p.clone().detach() for p in self.params]
        self.zs = [p.clone().detach() for p in self.params]
        self.sums = [0.0 for _ in self.params]

    @torch.no_grad()
    def step(self):
        lr, mu = self.lr, self.momentum
        for i in range(len(self.params)):
            p = self.params[i]
            if p.grad is None:
                continue
            self.sums[i] += lr**2
            c = lr**2 / self.sums[i] if self.sums[i] > 0 else 0.0
            self.xs[i] = (1 - c) * self.xs[i] + c * self.zs[i]
            self.zs[i] = self.zs[i] - lr * (p.grad + self.weight_decay * p)
            p.copy_((1 - mu) * self.zs[i] + mu * self.xs[i])

    @torch.no_grad()
    def train(self):
        for p, x, z in zip(self.params, self.xs, self.zs):
            p.copy_((1 - self.momentum) * z + self.momentum * x)

    @torch.no_grad()
    def eval(self):
        for p, x in zip(self.params, self.xs):
            p.copy_(x)

    def zero_grad(self):
        for p in self.params:
            p.grad = None


# %% ScheduleFreeSGD: mu_on_z
# Wrong: (11) is turned round: momentum weighs z and 1 - momentum weighs x.
class ScheduleFreeSGD:
    def __init__(self, params, lr=1.0, momentum=0.9, weight_decay=0.0):
        if lr < 0 or weight_decay < 0:
            raise ValueError("lr and weight_decay cannot be negative")
        if not (momentum > 0 and momentum < 1):
            raise ValueError("momentum has to be inside (0, 1)")
        self.lr, self.momentum, self.weight_decay = lr, momentum, weight_decay
        self.params = list(params)
        self.x = [p.detach().clone() for p in self.params]
        self.z = [p.detach().clone() for p in self.params]
        self.lr_sq = [0.0] * len(self.params)

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            self.z[i].sub_(self.lr * (p.grad + self.weight_decay * p))
            self.lr_sq[i] += self.lr * self.lr
            c = self.lr * self.lr / self.lr_sq[i] if self.lr_sq[i] != 0 else 0
            self.x[i].lerp_(self.z[i], c)
            p.copy_(self.momentum * self.z[i] + (1 - self.momentum) * self.x[i])

    @torch.no_grad()
    def train(self):
        for i, p in enumerate(self.params):
            p.copy_(self.momentum * self.z[i] + (1 - self.momentum) * self.x[i])

    @torch.no_grad()
    def eval(self):
        for i, p in enumerate(self.params):
            p.copy_(self.x[i])

    def zero_grad(self):
        for p in self.params:
            p.grad = None


# %% ScheduleFreeSGD: decay_at_z
# Wrong: the weight decay is taken at z and not at y.
class ScheduleFreeSGD:
    def __init__(self, params, lr=1.0, momentum=0.9, weight_decay=0.0):
        for name, value in (("lr", lr), ("weight_decay", weight_decay)):
            if value < 0:
                raise ValueError(f"{name} is negative")
        if not 0 < momentum < 1:
            raise ValueError("momentum is not between 0 and 1")
        self.lr, self.momentum, self.weight_decay = lr, momentum, weight_decay
        self.params = list(params)
        self.z = [p.detach().clone() for p in self.params]
        self.x = [p.detach().clone() for p in self.params]
        self.sum = [0] * len(self.params)

    @torch.no_grad()
    def step(self):
        for i, (p, x, z) in enumerate(zip(self.params, self.x, self.z)):
            if p.grad is None:
                continue
            z.mul_(1 - self.lr * self.weight_decay)
            z.sub_(self.lr * p.grad)
            self.sum[i] += self.lr**2
            if self.sum[i] > 0:
                c = self.lr**2 / self.sum[i]
                x.copy_((1 - c) * x + c * z)
            p.copy_((1 - self.momentum) * z + self.momentum * x)

    @torch.no_grad()
    def train(self):
        for p, x, z in zip(self.params, self.x, self.z):
            p.copy_((1 - self.momentum) * z + self.momentum * x)

    @torch.no_grad()
    def eval(self):
        for p, x in zip(self.params, self.x):
            p.copy_(x)

    def zero_grad(self):
        for p in self.params:
            p.grad = None


# %% ScheduleFreeSGD: decay_without_the_rate
# Wrong: the decay in (8) is not multiplied by the rate.
class ScheduleFreeSGD:
    def __init__(self, params, lr=1.0, momentum=0.9, weight_decay=0.0):
        if lr < 0 or weight_decay < 0 or not 0 < momentum < 1:
            raise ValueError("out of range")
        self.lr, self.momentum, self.weight_decay = lr, momentum, weight_decay
        self.entries = []
        for p in params:
            start = p.detach()
            self.entries.append([p, start.clone(), start.clone(), 0.0])

    @torch.no_grad()
    def step(self):
        for entry in self.entries:
            p, x, z, total = entry
            if p.grad is None:
                continue
            z -= self.lr * p.grad + self.weight_decay * p
            total = total + self.lr**2
            c = 0.0 if total == 0 else self.lr**2 / total
            x += c * (z - x)
            entry[3] = total
            p.copy_(z + self.momentum * (x - z))

    @torch.no_grad()
    def train(self):
        for p, x, z, _ in self.entries:
            p.copy_(z + self.momentum * (x - z))

    @torch.no_grad()
    def eval(self):
        for p, x, _, _ in self.entries:
            p.copy_(x)

    def zero_grad(self):
        for entry in self.entries:
            entry[0].grad = None


# %% ScheduleFreeSGD: sum_without_the_present_rate
# Wrong: the sum in (9) has only the rates before this step (and c is 1 in the first), and is capped at 1.
class ScheduleFreeSGD:
    def __init__(self, params, lr=1.0, momentum=0.9, weight_decay=0.0):
        if lr < 0 or weight_decay < 0:
            raise ValueError("negative")
        if not 0 < momentum < 1:
            raise ValueError("momentum")
        self.lr, self.mu, self.wd = lr, momentum, weight_decay
        self.params = list(params)
        self.x = [p.detach().clone() for p in self.params]
        self.z = [p.detach().clone() for p in self.params]
        self.s = [0.0 for p in self.params]

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            self.z[i] = self.z[i] - self.lr * (p.grad + self.wd * p)
            c = min(1.0, self.lr**2 / self.s[i]) if self.s[i] > 0 else 1.0
            self.s[i] += self.lr**2
            self.x[i] = (1 - c) * self.x[i] + c * self.z[i]
            p.copy_((1 - self.mu) * self.z[i] + self.mu * self.x[i])

    @torch.no_grad()
    def train(self):
        for p, x, z in zip(self.params, self.x, self.z):
            p.copy_((1 - self.mu) * z + self.mu * x)

    @torch.no_grad()
    def eval(self):
        for p, x in zip(self.params, self.x):
            p.copy_(x)

    def zero_grad(self):
        for p in self.params:
            p.grad = None


# %% ScheduleFreeSGD: largest_rate_so_far
# Wrong: the weights are the squares of the largest rate so far, as in the package schedulefree.
class ScheduleFreeSGD:
    def __init__(self, params, lr=1.0, momentum=0.9, weight_decay=0.0):
        if lr < 0 or weight_decay < 0 or not 0 < momentum < 1:
            raise ValueError("invalid argument")
        self.params = list(params)
        self.lr, self.momentum, self.weight_decay = lr, momentum, weight_decay
        self.state = [{"z": p.detach().clone(), "x": p.detach().clone(), "lr_max": 0.0, "weight_sum": 0.0} for p in self.params]
        self.train_mode = True

    @torch.no_grad()
    def step(self):
        for p, s in zip(self.params, self.state):
            if p.grad is None:
                continue
            s["lr_max"] = max(self.lr, s["lr_max"])
            weight = s["lr_max"] ** 2
            s["weight_sum"] += weight
            ckp1 = weight / s["weight_sum"] if s["weight_sum"] > 0 else 0
            s["z"].sub_(p.grad + self.weight_decay * p, alpha=self.lr)
            s["x"].lerp_(s["z"], ckp1)
            p.copy_(torch.lerp(s["z"], s["x"], self.momentum))

    @torch.no_grad()
    def train(self):
        for p, s in zip(self.params, self.state):
            p.copy_(torch.lerp(s["z"], s["x"], self.momentum))

    @torch.no_grad()
    def eval(self):
        for p, s in zip(self.params, self.state):
            p.copy_(s["x"])

    def zero_grad(self):
        for p in self.params:
            p.grad = None


# %% ScheduleFreeSGD: decay_added_to_grad
# Wrong: the decay is added to .grad in place, so a second step() with the same gradient has it twice.
class ScheduleFreeSGD:
    def __init__(self, params, lr=1.0, momentum=0.9, weight_decay=0.0):
        if lr < 0 or weight_decay < 0 or not 0 < momentum < 1:
            raise ValueError("out of range")
        self.params = list(params)
        self.lr, self.momentum, self.weight_decay = lr, momentum, weight_decay
        self.z = [p.detach().clone() for p in self.params]
        self.x = [p.detach().clone() for p in self.params]
        self.total = [0.0] * len(self.params)

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            grad = p.grad
            if self.weight_decay != 0:
                grad.add_(p, alpha=self.weight_decay)
            self.z[i].add_(grad, alpha=-self.lr)
            self.total[i] += self.lr**2
            c = self.lr**2 / self.total[i] if self.total[i] else 0.0
            self.x[i].mul_(1 - c).add_(self.z[i], alpha=c)
            p.copy_(self.z[i] * (1 - self.momentum) + self.x[i] * self.momentum)

    @torch.no_grad()
    def train(self):
        for p, z, x in zip(self.params, self.z, self.x):
            p.copy_(z * (1 - self.momentum) + x * self.momentum)

    @torch.no_grad()
    def eval(self):
        for p, x in zip(self.params, self.x):
            p.copy_(x)

    def zero_grad(self):
        for p in self.params:
            p.grad = None


# %% ScheduleFreeSGD: heavy_ball_habit
# Wrong: momentum is used as in SGD: z moves by a velocity 0.9 v + g, besides its part in (11).
class ScheduleFreeSGD:
    def __init__(self, params, lr=1.0, momentum=0.9, weight_decay=0.0):
        if lr < 0 or weight_decay < 0 or not 0 < momentum < 1:
            raise ValueError("lr, momentum, weight_decay")
        self.params = list(params)
        self.lr, self.momentum, self.weight_decay = lr, momentum, weight_decay
        self.v = [torch.zeros_like(p) for p in self.params]
        self.z = [p.detach().clone() for p in self.params]
        self.x = [p.detach().clone() for p in self.params]
        self.sums = [0.0] * len(self.params)

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            self.v[i] = self.momentum * self.v[i] + p.grad + self.weight_decay * p
            self.z[i] = self.z[i] - self.lr * self.v[i]
            self.sums[i] += self.lr**2
            c = self.lr**2 / self.sums[i] if self.sums[i] > 0 else 0
            self.x[i] = (1 - c) * self.x[i] + c * self.z[i]
            p.copy_((1 - self.momentum) * self.z[i] + self.momentum * self.x[i])

    @torch.no_grad()
    def train(self):
        for i, p in enumerate(self.params):
            p.copy_((1 - self.momentum) * self.z[i] + self.momentum * self.x[i])

    @torch.no_grad()
    def eval(self):
        for i, p in enumerate(self.params):
            p.copy_(self.x[i])

    def zero_grad(self):
        for p in self.params:
            p.grad = None


# %% ScheduleFreeSGD: ordinary_checks
# Wrong: the checks are those of torch's SGD: momentum 0 and above is allowed, also 0, 1 and 1.5.
class ScheduleFreeSGD:
    def __init__(self, params, lr=1.0, momentum=0.9, weight_decay=0.0):
        if lr < 0.0:
            raise ValueError(f"Invalid learning rate: {lr}")
        if momentum < 0.0:
            raise ValueError(f"Invalid momentum value: {momentum}")
        if weight_decay < 0.0:
            raise ValueError(f"Invalid weight_decay value: {weight_decay}")
        self.params = list(params)
        self.lr, self.momentum, self.weight_decay = lr, momentum, weight_decay
        self.x = [p.detach().clone() for p in self.params]
        self.z = [p.detach().clone() for p in self.params]
        self.sum = [0.0] * len(self.params)

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            self.z[i] -= self.lr * (p.grad + self.weight_decay * p)
            self.sum[i] += self.lr**2
            c = self.lr**2 / self.sum[i] if self.sum[i] else 0.0
            self.x[i] += c * (self.z[i] - self.x[i])
            p.copy_(self.z[i] + self.momentum * (self.x[i] - self.z[i]))

    @torch.no_grad()
    def train(self):
        for p, x, z in zip(self.params, self.x, self.z):
            p.copy_(z + self.momentum * (x - z))

    @torch.no_grad()
    def eval(self):
        for p, x in zip(self.params, self.x):
            p.copy_(x)

    def zero_grad(self):
        for p in self.params:
            p.grad = None


# %% ScheduleFreeSGD: swaps_without_a_mode
# Wrong: x is worked out from y and z at each eval() and y at each train(), without a note of the mode, so a second call moves the tensors on.
class ScheduleFreeSGD:
    def __init__(self, params, lr=1.0, momentum=0.9, weight_decay=0.0):
        if lr < 0 or weight_decay < 0 or not 0 < momentum < 1:
            raise ValueError("bad argument")
        self.params = list(params)
        self.lr, self.momentum, self.weight_decay = lr, momentum, weight_decay
        self.z = [p.detach().clone() for p in self.params]
        self.sums = [0.0] * len(self.params)

    @torch.no_grad()
    def step(self):
        mu = self.momentum
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            x = (p - (1 - mu) * self.z[i]) / mu
            self.z[i].sub_(self.lr * (p.grad + self.weight_decay * p))
            self.sums[i] += self.lr**2
            c = self.lr**2 / self.sums[i] if self.sums[i] else 0.0
            x = (1 - c) * x + c * self.z[i]
            p.copy_((1 - mu) * self.z[i] + mu * x)

    @torch.no_grad()
    def train(self):
        for p, z in zip(self.params, self.z):
            p.mul_(self.momentum).add_(z, alpha=1 - self.momentum)

    @torch.no_grad()
    def eval(self):
        for p, z in zip(self.params, self.z):
            p.sub_(z, alpha=1 - self.momentum).div_(self.momentum)

    def zero_grad(self):
        for p in self.params:
            p.grad = None


# %% ScheduleFreeSGD: data_points_at_x
# Wrong: eval() sets p.data to the tensor x itself, so train() writes y into x.
class ScheduleFreeSGD:
    def __init__(self, params, lr=1.0, momentum=0.9, weight_decay=0.0):
        if lr < 0 or weight_decay < 0 or not 0 < momentum < 1:
            raise ValueError("bad argument")
        self.params = list(params)
        self.lr, self.momentum, self.weight_decay = lr, momentum, weight_decay
        self.x = [p.data.clone() for p in self.params]
        self.z = [p.data.clone() for p in self.params]
        self.sum = [0.0] * len(self.params)

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            self.z[i] -= self.lr * (p.grad + self.weight_decay * p.data)
            self.sum[i] += self.lr**2
            c = self.lr**2 / self.sum[i] if self.sum[i] else 0.0
            self.x[i] += c * (self.z[i] - self.x[i])
            p.data.copy_((1 - self.momentum) * self.z[i] + self.momentum * self.x[i])

    @torch.no_grad()
    def train(self):
        for p, x, z in zip(self.params, self.x, self.z):
            p.data.copy_((1 - self.momentum) * z + self.momentum * x)

    @torch.no_grad()
    def eval(self):
        for p, x in zip(self.params, self.x):
            p.data = x

    def zero_grad(self):
        for p in self.params:
            p.grad = None


# %% ScheduleFreeSGD: none_is_zero
# Wrong: a grad that is None is taken for zeros, so its decay, its average and its sum go on.
class ScheduleFreeSGD:
    def __init__(self, params, lr=1.0, momentum=0.9, weight_decay=0.0):
        if lr < 0 or weight_decay < 0 or not 0 < momentum < 1:
            raise ValueError("arguments")
        self.params = list(params)
        self.lr, self.momentum, self.weight_decay = lr, momentum, weight_decay
        self.x = [p.detach().clone() for p in self.params]
        self.z = [p.detach().clone() for p in self.params]
        self.total = 0.0

    @torch.no_grad()
    def step(self):
        self.total += self.lr**2
        c = self.lr**2 / self.total if self.total > 0 else 0.0
        for i, p in enumerate(self.params):
            g = torch.zeros_like(p) if p.grad is None else p.grad
            self.z[i] = self.z[i] - self.lr * (g + self.weight_decay * p)
            self.x[i] = (1 - c) * self.x[i] + c * self.z[i]
            p.copy_((1 - self.momentum) * self.z[i] + self.momentum * self.x[i])

    @torch.no_grad()
    def train(self):
        for i, p in enumerate(self.params):
            p.copy_((1 - self.momentum) * self.z[i] + self.momentum * self.x[i])

    @torch.no_grad()
    def eval(self):
        for i, p in enumerate(self.params):
            p.copy_(self.x[i])

    def zero_grad(self):
        for p in self.params:
            p.grad = None


# %% ScheduleFreeSGD: one_sum_for_all
# Wrong: one sum of (9) is kept for all parameters, so a step that a parameter skipped counts in its own sum.
class ScheduleFreeSGD:
    def __init__(self, params, lr=1.0, momentum=0.9, weight_decay=0.0):
        if not (lr >= 0 and weight_decay >= 0 and 0 < momentum < 1):
            raise ValueError("lr, momentum or weight_decay is not allowed")
        self.params = list(params)
        self.lr, self.momentum, self.weight_decay = lr, momentum, weight_decay
        self.x, self.z = ([p.detach().clone() for p in self.params] for _ in range(2))
        self.lr_sum = 0.0

    @torch.no_grad()
    def step(self):
        lr2 = float(self.lr) ** 2
        self.lr_sum += lr2
        c = 0.0 if self.lr_sum == 0 else lr2 / self.lr_sum
        for p, x, z in zip(self.params, self.x, self.z):
            if p.grad is None:
                continue
            z.sub_(self.lr * (p.grad + self.weight_decay * p))
            x.add_(c * (z - x))
            p.copy_(z.lerp(x, self.momentum))

    @torch.no_grad()
    def train(self):
        for p, x, z in zip(self.params, self.x, self.z):
            p.copy_(z.lerp(x, self.momentum))

    @torch.no_grad()
    def eval(self):
        for p, x in zip(self.params, self.x):
            p.copy_(x)

    def zero_grad(self):
        for p in self.params:
            if p.grad is not None:
                p.grad = torch.zeros_like(p)


# %% ScheduleFreeSGD: rate_kept_elsewhere
# Wrong: two slips: step() takes the rate of the constructor and does not read self.lr, and the weight decay is taken at x and not at y.
class ScheduleFreeSGD:
    def __init__(self, params, lr=1.0, momentum=0.9, weight_decay=0.0):
        if lr < 0 or weight_decay < 0 or momentum <= 0 or momentum >= 1:
            raise ValueError("not in range")
        self.params = list(params)
        self.lr = lr
        self.hyper = dict(lr=lr, mu=momentum, wd=weight_decay)
        self.x = [p.detach().clone() for p in self.params]
        self.z = [p.detach().clone() for p in self.params]
        self.sums = [0.0] * len(self.params)

    @torch.no_grad()
    def step(self):
        lr, mu, wd = self.hyper["lr"], self.hyper["mu"], self.hyper["wd"]
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            self.z[i] = self.z[i] - lr * (p.grad + wd * self.x[i])
            self.sums[i] += lr**2
            c = lr**2 / self.sums[i] if self.sums[i] else 0.0
            self.x[i] = (1 - c) * self.x[i] + c * self.z[i]
            p.copy_((1 - mu) * self.z[i] + mu * self.x[i])

    @torch.no_grad()
    def train(self):
        mu = self.hyper["mu"]
        for i, p in enumerate(self.params):
            p.copy_((1 - mu) * self.z[i] + mu * self.x[i])

    @torch.no_grad()
    def eval(self):
        for i, p in enumerate(self.params):
            p.copy_(self.x[i])

    def zero_grad(self):
        for p in self.params:
            p.grad = None


# %% ScheduleFreeSGD: one_list_and_negative_decay
# Wrong: two slips: x and z are one and the same list, so nothing is averaged; and a negative weight_decay is not refused.
class ScheduleFreeSGD:
    def __init__(self, params, lr=1.0, momentum=0.9, weight_decay=0.0):
        if lr < 0 or not 0 < momentum < 1:
            raise ValueError("wrong hyperparameters")
        self.params = list(params)
        self.lr, self.momentum, self.weight_decay = lr, momentum, weight_decay
        self.x = self.z = [p.detach().clone() for p in self.params]
        self.sums = [0.0] * len(self.params)

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            self.z[i] -= self.lr * (p.grad + self.weight_decay * p)
            self.sums[i] += self.lr**2
            c = self.lr**2 / self.sums[i] if self.sums[i] else 0.0
            self.x[i] = (1 - c) * self.x[i] + c * self.z[i]
            p.copy_((1 - self.momentum) * self.z[i] + self.momentum * self.x[i])

    @torch.no_grad()
    def train(self):
        for i, p in enumerate(self.params):
            p.copy_((1 - self.momentum) * self.z[i] + self.momentum * self.x[i])

    @torch.no_grad()
    def eval(self):
        for i, p in enumerate(self.params):
            p.copy_(self.x[i])

    def zero_grad(self):
        for p in self.params:
            p.grad = None


# %% ScheduleFreeSGD: gradient_at_z
# Wrong: misunderstands y: in training the tensors hold z, as in plain SGD with averaging, and y is never made.
class ScheduleFreeSGD:
    def __init__(self, params, lr=1.0, momentum=0.9, weight_decay=0.0):
        if lr < 0 or weight_decay < 0 or not 0 < momentum < 1:
            raise ValueError("check lr, momentum, weight_decay")
        self.params = list(params)
        self.lr, self.momentum, self.weight_decay = lr, momentum, weight_decay
        self.average = [p.detach().clone() for p in self.params]
        self.backup = [p.detach().clone() for p in self.params]
        self.sums = [0.0] * len(self.params)

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            p.sub_(self.lr * (p.grad + self.weight_decay * p))
            self.backup[i].copy_(p)
            self.sums[i] += self.lr**2
            c = self.lr**2 / self.sums[i] if self.sums[i] else 0.0
            self.average[i].mul_(1 - c).add_(p, alpha=c)

    @torch.no_grad()
    def train(self):
        for p, z in zip(self.params, self.backup):
            p.copy_(z)

    @torch.no_grad()
    def eval(self):
        for p, x in zip(self.params, self.average):
            p.copy_(x)

    def zero_grad(self):
        for p in self.params:
            p.grad = None


# %% ScheduleFreeSGD: exponential_average
# Wrong: misunderstands the average: x is an exponential average of z with the weight 1 - momentum, (9) is not used.
class ScheduleFreeSGD:
    def __init__(self, params, lr=1.0, momentum=0.9, weight_decay=0.0):
        if lr < 0 or weight_decay < 0 or not 0 < momentum < 1:
            raise ValueError("lr >= 0, 0 < momentum < 1, weight_decay >= 0")
        self.lr, self.momentum, self.weight_decay = lr, momentum, weight_decay
        self.params = list(params)
        self.z = {id(p): p.detach().clone() for p in self.params}
        self.x = {id(p): p.detach().clone() for p in self.params}

    @torch.no_grad()
    def step(self):
        mu = self.momentum
        for p in self.params:
            if p.grad is None:
                continue
            z, x = self.z[id(p)], self.x[id(p)]
            z -= self.lr * (p.grad + self.weight_decay * p)
            x.copy_(mu * x + (1 - mu) * z)
            p.copy_((1 - mu) * z + mu * x)

    @torch.no_grad()
    def train(self):
        for p in self.params:
            p.copy_((1 - self.momentum) * self.z[id(p)] + self.momentum * self.x[id(p)])

    @torch.no_grad()
    def eval(self):
        for p in self.params:
            p.copy_(self.x[id(p)])

    def zero_grad(self):
        for p in self.params:
            p.grad = None


# %% ScheduleFreeSGD: no_way_back
# Wrong: unfinished: train() does nothing, so the tensors keep x after an eval().
class ScheduleFreeSGD:
    def __init__(self, params, lr=1.0, momentum=0.9, weight_decay=0.0):
        if lr < 0 or weight_decay < 0 or not 0 < momentum < 1:
            raise ValueError("argument out of range")
        self.params = list(params)
        self.lr, self.momentum, self.weight_decay = lr, momentum, weight_decay
        self.x = [p.detach().clone() for p in self.params]
        self.z = [p.detach().clone() for p in self.params]
        self.sums = [0.0] * len(self.params)

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            self.z[i] -= self.lr * (p.grad + self.weight_decay * p)
            self.sums[i] += self.lr**2
            c = self.lr**2 / self.sums[i] if self.sums[i] else 0.0
            self.x[i] = (1 - c) * self.x[i] + c * self.z[i]
            p.copy_((1 - self.momentum) * self.z[i] + self.momentum * self.x[i])

    @torch.no_grad()
    def train(self):
        pass  # step() writes y anyway

    @torch.no_grad()
    def eval(self):
        for p, x in zip(self.params, self.x):
            p.copy_(x)

    def zero_grad(self):
        for p in self.params:
            p.grad = None


# %% ScheduleFreeSGD: zero_over_zero
# Wrong: raises ZeroDivisionError in a first step with lr = 0, as the sum is not looked at.
class ScheduleFreeSGD:
    def __init__(self, params, lr=1.0, momentum=0.9, weight_decay=0.0):
        if lr < 0 or weight_decay < 0 or not 0 < momentum < 1:
            raise ValueError("argument out of range")
        self.params = list(params)
        self.lr, self.momentum, self.weight_decay = lr, momentum, weight_decay
        self.x = [p.detach().clone() for p in self.params]
        self.z = [p.detach().clone() for p in self.params]
        self.squares = [0.0] * len(self.params)

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            self.z[i] = self.z[i] - self.lr * (p.grad + self.weight_decay * p)
            self.squares[i] += self.lr**2
            c = self.lr**2 / self.squares[i]
            self.x[i] = self.x[i] + c * (self.z[i] - self.x[i])
            p.copy_((1 - self.momentum) * self.z[i] + self.momentum * self.x[i])

    @torch.no_grad()
    def train(self):
        for p, x, z in zip(self.params, self.x, self.z):
            p.copy_((1 - self.momentum) * z + self.momentum * x)

    @torch.no_grad()
    def eval(self):
        for p, x in zip(self.params, self.x):
            p.copy_(x)

    def zero_grad(self):
        for p in self.params:
            if p.grad is not None:
                p.grad.zero_()


# %% ScheduleFreeSGD: one_object_per_parameter
# Right: a small inner class walks one parameter with its three points, the optimiser only hands the calls on.
class ScheduleFreeSGD:
    class _Walker:
        def __init__(self, tensor):
            self.tensor = tensor
            self.z, self.x, self.y = (tensor.detach().clone() for _ in "zxy")
            self.weight = 0.0

        def go(self, lr, mu, wd):
            if self.tensor.grad is None:
                return
            new = float(lr) ** 2
            self.weight += new
            self.z = self.z - lr * (self.tensor.grad.detach() + wd * self.y)
            share = new / self.weight if self.weight else 0.0
            self.x = torch.add((1 - share) * self.x, self.z, alpha=share)
            self.y = (1 - mu) * self.z + mu * self.x
            self.show(self.y)

        def show(self, point):
            self.tensor.copy_(point)

    def __init__(self, params, lr=1.0, momentum=0.9, weight_decay=0.0):
        problems = [lr < 0, weight_decay < 0, not 0 < momentum < 1]
        if any(problems):
            raise ValueError("lr and weight_decay must be 0 or more, momentum strictly between 0 and 1")
        self.walkers = tuple(map(self._Walker, params))
        self.lr, self.rest = lr, (momentum, weight_decay)

    @torch.no_grad()
    def step(self):
        for walker in self.walkers:
            walker.go(self.lr, *self.rest)

    @torch.no_grad()
    def train(self):
        for walker in self.walkers:
            walker.show(walker.y)

    @torch.no_grad()
    def eval(self):
        for walker in self.walkers:
            walker.show(walker.x)

    def zero_grad(self):
        for walker in self.walkers:
            walker.tensor.grad = None


# %% ScheduleFreeSGD: weighted_sum_instead_of_average
# Right: x is kept as a running weighted sum of z over the sum of the squared rates.
class ScheduleFreeSGD:
    def __init__(self, params, lr=1.0, momentum=0.9, weight_decay=0.0):
        if min(lr, weight_decay) < 0:
            raise ValueError("lr and weight_decay may not be negative")
        if momentum <= 0 or momentum >= 1:
            raise ValueError("momentum must lie between 0 and 1")
        self.lr, self.momentum, self.weight_decay = lr, momentum, weight_decay
        self.tensors = [*params]
        self.points = [(p.detach().clone(), torch.zeros_like(p.detach()), p.detach().clone()) for p in self.tensors]
        self.weights = [0.0] * len(self.tensors)

    def _x(self, i):
        start, summed, _ = self.points[i]
        return summed / self.weights[i] if self.weights[i] > 0 else start

    def _y(self, i):
        z = self.points[i][2]
        return z + self.momentum * (self._x(i) - z)

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.tensors):
            if p.grad is not None:
                _, summed, z = self.points[i]
                z.sub_(self._y(i).mul(self.weight_decay).add(p.grad).mul(self.lr))
                summed.add_(z, alpha=self.lr**2)
                self.weights[i] += self.lr**2
                p.copy_(self._y(i))

    @torch.no_grad()
    def train(self):
        for i, p in enumerate(self.tensors):
            p.copy_(self._y(i))

    @torch.no_grad()
    def eval(self):
        for i, p in enumerate(self.tensors):
            p.copy_(self._x(i))

    def zero_grad(self):
        for p in filter(lambda p: p.grad is not None, self.tensors):
            p.grad = torch.zeros_like(p)


# %% newton_schulz: largest_singular_value
# Wrong: G is divided by its largest singular value (the spectral norm) and not by the Frobenius norm.
def newton_schulz(G, steps=5, coefficients=(3.4445, -4.7750, 2.0315)):
    a, b, c = coefficients
    X = G / max(np.linalg.norm(G, 2), 1e-7)
    for _ in range(steps):
        A = X @ X.T
        X = a * X + b * A @ X + c * A @ A @ X
    return X


# %% newton_schulz: norm_not_rooted
# Wrong: G is divided by the sum of the squares, the root is missing.
def newton_schulz(G, steps=5, coefficients=(3.4445, -4.7750, 2.0315)):
    a, b, c = coefficients
    norm = np.sum(G**2)
    X = G / max(norm, 1e-7)
    for step in range(steps):
        XXT = X @ X.T
        third = XXT @ X
        fifth = XXT @ third
        X = a * X + b * third + c * fifth
    return X


# %% newton_schulz: no_fifth_power
# Wrong: the term with c is left out: only the first and third powers.
def newton_schulz(G, steps=5, coefficients=(3.4445, -4.7750, 2.0315)):
    a, b, c = coefficients
    X = G / max(np.sqrt((G * G).sum()), 1e-7)
    for _ in range(steps):
        X = a * X + b * (X @ X.T @ X)
    return X


# %% newton_schulz: fourth_power_of_the_other_side
# Wrong: the last term is c A X with A = X X^T once, so c belongs to the third power as well.
def newton_schulz(G, steps=5, coefficients=(3.4445, -4.7750, 2.0315)):
    a, b, c = coefficients
    X = G / max(np.linalg.norm(G), 1e-7)
    while steps > 0:
        A = X.dot(X.T)
        B = b * A + c * A
        X = a * X + B.dot(X)
        steps -= 1
    return X


# %% newton_schulz: coefficients_backwards
# Wrong: the coefficients are read in falling powers: the first for the fifth power and the last for the first.
def newton_schulz(G, steps=5, coefficients=(3.4445, -4.7750, 2.0315)):
    c5, c3, c1 = coefficients
    Y = G / max(np.linalg.norm(G, "fro"), 1e-7)
    for _ in range(steps):
        S = Y @ Y.T
        Y = c1 * Y + (c3 * S + c5 * S @ S) @ Y
    return Y


# %% newton_schulz: product_of_the_first_matrix
# Wrong: X X^T is made once before the loop and not of the present X in each step.
def newton_schulz(G, steps=5, coefficients=(3.4445, -4.7750, 2.0315)):
    a, b, c = coefficients
    X = G / max(np.linalg.norm(G), 1e-7)
    A = X @ X.T
    for _ in range(steps):
        X = a * X + b * (A @ X) + c * (A @ (A @ X))
    return X


# %% newton_schulz: one_step_less
# Wrong: counts from 1, so one step too few is made.
def newton_schulz(G, steps=5, coefficients=(3.4445, -4.7750, 2.0315)):
    a, b, c = coefficients
    X = np.array(G) / max(np.linalg.norm(G), 1e-7)
    for k in range(1, steps):
        P = X.T @ X
        X = X @ (a * np.eye(P.shape[0]) + b * P + c * P @ P)
    return X


# %% newton_schulz: minus_before_b
# Wrong: b is subtracted, though it is negative already.
def newton_schulz(G, steps=5, coefficients=(3.4445, -4.7750, 2.0315)):
    a, b, c = coefficients
    X = G / max(np.linalg.norm(G), 1e-7)
    for _ in range(steps):
        A = X @ X.T
        AX = A @ X
        X = a * X - b * AX + c * A @ AX
    return X


# %% newton_schulz: eps_added
# Wrong: as in Muon's first code 1e-7 is added to the norm, which is felt where the norm is small.
def newton_schulz(G, steps=5, coefficients=(3.4445, -4.7750, 2.0315)):
    a, b, c = coefficients
    X = G / (np.linalg.norm(G) + 1e-7)
    if G.shape[0] > G.shape[1]:
        X = X.T
    for _ in range(steps):
        A = X @ X.T
        B = b * A + c * A @ A
        X = a * X + B @ X
    if G.shape[0] > G.shape[1]:
        X = X.T
    return X


# %% newton_schulz: classical_iteration
# Wrong: takes the classical Newton-Schulz coefficients (1.5, -0.5, 0), the argument is not used.
def newton_schulz(G, steps=5, coefficients=(3.4445, -4.7750, 2.0315)):
    X = G / max(np.linalg.norm(G), 1e-7)
    for _ in range(steps):
        X = 1.5 * X - 0.5 * X @ X.T @ X
    return X


# %% newton_schulz: muons_scale
# Wrong: the result is multiplied by the root of max(1, rows / columns), as Muon does with its step.
def newton_schulz(G, steps=5, coefficients=(3.4445, -4.7750, 2.0315)):
    a, b, c = coefficients
    rows, cols = G.shape
    X = G / max(np.linalg.norm(G), 1e-7)
    for _ in range(steps):
        A = X @ X.T
        X = a * X + (b * A + c * A @ A) @ X
    X = X * max(1, rows / cols) ** 0.5
    return X


# %% newton_schulz: low_precision
# Wrong: works in torch's bfloat16 as Muon does, the result is off by about one per cent.
def newton_schulz(G, steps=5, coefficients=(3.4445, -4.7750, 2.0315)):
    a, b, c = coefficients
    X = torch.tensor(G).bfloat16()
    X = X / X.norm().clamp(min=1e-7)
    for _ in range(steps):
        A = X @ X.T
        B = b * A + c * A @ A
        X = a * X + B @ X
    return X.double().numpy()


# %% newton_schulz: divides_g_in_place
# Wrong: G is divided by its norm in place.
def newton_schulz(G, steps=5, coefficients=(3.4445, -4.7750, 2.0315)):
    a, b, c = coefficients
    G /= max(np.linalg.norm(G), 1e-7)
    X = G.copy()
    for _ in range(steps):
        A = X @ X.T
        X = a * X + b * A @ X + c * A @ A @ X
    return X


# %% newton_schulz: tall_stays_transposed
# Wrong: a tall matrix is transposed before the loop and not transposed back.
def newton_schulz(G, steps=5, coefficients=(3.4445, -4.7750, 2.0315)):
    a, b, c = coefficients
    X = G.T if G.shape[0] > G.shape[1] else G
    X = X / max(np.linalg.norm(X), 1e-7)
    for _ in range(steps):
        A = X @ X.T
        B = b * A + c * (A @ A)
        X = a * X + B @ X
    return X


# %% newton_schulz: no_steps_no_work
# Wrong: with steps = 0 G itself is returned, neither divided nor copied.
def newton_schulz(G, steps=5, coefficients=(3.4445, -4.7750, 2.0315)):
    if steps == 0:
        return G
    a, b, c = coefficients
    X = G / max(np.linalg.norm(G), 1e-7)
    for _ in range(steps):
        A = X @ X.T
        X = a * X + b * A @ X + c * A @ A @ X
    return X


# %% newton_schulz: zero_over_zero
# Wrong: the floor of 1e-7 is missing, so a zero matrix becomes nan.
def newton_schulz(G, steps=5, coefficients=(3.4445, -4.7750, 2.0315)):
    a, b, c = coefficients
    X = G / np.sqrt(np.trace(G @ G.T))
    for _ in range(steps):
        A = X @ X.T
        X = (a * np.identity(len(A)) + b * A + c * np.linalg.matrix_power(A, 2)) @ X
    return X


# %% newton_schulz: largest_entry_and_one_more
# Wrong: two slips: G is divided by its largest entry, and one step too many is made.
def newton_schulz(G, steps=5, coefficients=(3.4445, -4.7750, 2.0315)):
    a, b, c = coefficients
    X = G / max(np.abs(G).max(), 1e-7)
    k = 0
    while k <= steps:
        A = X @ X.T
        X = a * X + b * A @ X + c * A @ A @ X
        k += 1
    return X


# %% newton_schulz: normalised_each_time_and_wrong_power
# Wrong: two slips: X is divided by its norm in every step, and the last term has the seventh power.
def newton_schulz(G, steps=5, coefficients=(3.4445, -4.7750, 2.0315)):
    a, b, c = coefficients
    X = G / max(np.linalg.norm(G), 1e-7)
    for _ in range(steps):
        X = X / max(np.linalg.norm(X), 1e-7)
        A = X @ X.T
        X = a * X + b * A @ X + c * A @ A @ A @ X
    return X


# %% newton_schulz: element_by_element
# Wrong: misunderstands the singular values: the polynomial is applied to every element of X.
def newton_schulz(G, steps=5, coefficients=(3.4445, -4.7750, 2.0315)):
    a, b, c = coefficients
    X = G / max(np.linalg.norm(G), 1e-7)
    for _ in range(steps):
        X = a * X + b * X**3 + c * X**5
    return X


# %% newton_schulz: exactly_orthogonal
# Wrong: misunderstands "near 1": returns U V^T from the decomposition with all singular values 1, whatever steps and coefficients are.
def newton_schulz(G, steps=5, coefficients=(3.4445, -4.7750, 2.0315)):
    U, s, Vt = np.linalg.svd(G, full_matrices=False)
    return U @ Vt


# %% newton_schulz: one_step_whatever_is_asked
# Wrong: unfinished: makes a single step, the loop over steps is missing.
def newton_schulz(G, steps=5, coefficients=(3.4445, -4.7750, 2.0315)):
    a, b, c = coefficients
    X = G / max(np.linalg.norm(G), 1e-7)
    A = X @ X.T
    X = a * X + b * A @ X + c * A @ A @ X  # TODO: repeat
    return X


# %% newton_schulz: powers_of_a_matrix
# Wrong: raises for a matrix that is not square: takes matrix powers of X itself (and for a square one they are not what is asked for).
def newton_schulz(G, steps=5, coefficients=(3.4445, -4.7750, 2.0315)):
    a, b, c = coefficients
    X = G / max(np.linalg.norm(G), 1e-7)
    for _ in range(steps):
        X = a * X + b * np.linalg.matrix_power(X, 3) + c * np.linalg.matrix_power(X, 5)
    return X


# %% newton_schulz: values_from_a_decomposition
# Right: one decomposition, and Horner's rule on the vector of singular values.
def newton_schulz(G, steps=5, coefficients=(3.4445, -4.7750, 2.0315)):
    a, b, c = coefficients
    left, values, right = np.linalg.svd(G, full_matrices=False)
    values = values / max(float(np.sqrt(np.sum(values**2))), 1e-7)
    for _ in range(steps):
        square = values * values
        values = values * (a + square * (b + square * c))
    return (left * values) @ right


# %% newton_schulz: recursion_with_einsum
# Right: recursion on the number of steps, Horner's rule with the smaller Gram matrix, products by einsum.
def newton_schulz(G, steps=5, coefficients=(3.4445, -4.7750, 2.0315)):
    a, b, c = coefficients

    def again(X, left):
        if left <= 0:
            return X
        gram = np.einsum("ij,kj->ik", X, X)
        inner = b * X + c * np.einsum("ik,kj->ij", gram, X)
        return again(a * X + np.einsum("ik,kj->ij", gram, inner), left - 1)

    start = np.divide(G, np.maximum(np.sqrt(np.einsum("ij,ij->", G, G)), 1e-7))
    if len(G) <= G.shape[1]:
        return again(start, steps)
    return again(start.T.copy(), steps).T.copy()
