"""Right answers of lesson 12 in other styles. Each is the text of a solution cell; see autograder.catalogue."""

import numpy as np
import torch

from autograder.catalogue import variant

# layer_norm_forward


@variant("layer_norm_forward")
def var_of_numpy(x, gamma, beta, eps=1e-5):
    mean = np.mean(x, axis=-1, keepdims=True)
    inverse = (np.var(x, axis=-1, keepdims=True) + eps) ** -0.5
    normalised = inverse * (x - mean)
    return normalised * gamma + beta, {"normalised": normalised, "gamma": gamma, "inverse": inverse}


@variant("layer_norm_forward")
def row_by_row(x, gamma, beta, eps=1e-5):
    rows = x.reshape(-1, x.shape[-1])
    y = np.empty_like(rows)
    for i, row in enumerate(rows):
        mean = sum(row) / len(row)
        var = sum((value - mean) ** 2 for value in row) / len(row)
        y[i] = gamma * (row - mean) / np.sqrt(var + eps) + beta
    return y.reshape(x.shape), (x, gamma, eps)


@variant("layer_norm_forward")
def through_torch(x, gamma, beta, eps=1e-5):
    rows = torch.tensor(x)
    var, mean = torch.var_mean(rows, dim=-1, correction=0, keepdim=True)
    x_hat = ((rows - mean) * torch.rsqrt(var + eps)).numpy()
    return x_hat * gamma + beta, [x_hat, gamma, torch.sqrt(var + eps).numpy()]


@variant("layer_norm_forward")
def last_axis_first(x, gamma, beta, eps=1e-5):
    along = np.moveaxis(x, -1, 0)
    centred = along - along.mean(axis=0)
    std = np.sqrt(np.square(centred).mean(axis=0) + eps)
    x_hat = np.moveaxis(centred / std, 0, -1)
    return np.multiply(x_hat, gamma) + beta, (x_hat, gamma, std)


# rms_norm


@variant("rms_norm")
def root_first(x, gamma, eps=1e-6):
    root = np.sqrt(np.mean(np.square(x), axis=-1, keepdims=True) + eps)
    return x / root * gamma


@variant("rms_norm")
def with_einsum(x, gamma, eps=1e-6):
    squares = np.einsum("...d,...d->...", x, x)[..., None] / x.shape[-1]
    return x * (squares + eps) ** -0.5 * gamma


@variant("rms_norm")
def rows_in_a_loop(x, gamma, eps=1e-6):
    y = [gamma * row / np.sqrt(row @ row / len(row) + eps) for row in x.reshape(-1, len(gamma))]
    return np.array(y).reshape(x.shape)


@variant("rms_norm")
def torch_rsqrt(x, gamma, eps=1e-6):
    rows = torch.tensor(x)
    return (rows * torch.rsqrt(rows.pow(2).mean(-1, keepdim=True) + eps)).numpy() * gamma


# layer_norm_backward


@variant("layer_norm_backward", after="layer_norm_forward")
def over_flat_rows(dy, cache):
    x_hat, gamma, std = cache
    columns = dy.shape[-1]
    flat, hat = dy.reshape(-1, columns), x_hat.reshape(-1, columns)
    g = flat * gamma
    inner = (g * hat).sum(axis=1, keepdims=True)
    dx = (columns * g - g.sum(axis=1, keepdims=True) - hat * inner) / (columns * std.reshape(-1, 1))
    return dx.reshape(dy.shape), (flat * hat).sum(axis=0), flat.sum(axis=0)


@variant("layer_norm_backward", after="layer_norm_forward")
def by_stages(dy, cache):
    x_hat, gamma, std = cache
    columns = dy.shape[-1]
    dx_hat = dy * gamma
    dstd = -(dx_hat * x_hat).sum(axis=-1, keepdims=True) / std
    dvar = dstd / (2 * std)
    dcentred = dx_hat / std + 2 / columns * (x_hat * std) * dvar
    dx = dcentred - dcentred.sum(axis=-1, keepdims=True) / columns
    every = tuple(range(dy.ndim - 1))
    return dx, np.sum(dy * x_hat, axis=every), np.sum(dy, axis=every)


@variant("layer_norm_backward", after="layer_norm_forward")
def through_the_jacobian(dy, cache):
    x_hat, gamma, std = cache
    columns = dy.shape[-1]
    flat, hat = dy.reshape(-1, columns), x_hat.reshape(-1, columns)
    dx = np.empty_like(flat)
    for i, (row, own, root) in enumerate(zip(flat, hat, std.ravel(), strict=True)):
        jacobian = (np.eye(columns) - 1 / columns - np.outer(own, own) / columns) / root
        dx[i] = jacobian @ (gamma * row)
    return dx.reshape(dy.shape), (flat * hat).sum(axis=0), flat.sum(axis=0)


@variant("layer_norm_backward", after="layer_norm_forward")
def with_einsums(dy, cache):
    x_hat, gamma, std = cache
    g = np.einsum("...d,d->...d", dy, gamma)
    mean = g.mean(-1, keepdims=True)
    along = np.einsum("...d,...d->...", g, x_hat)[..., None] / g.shape[-1]
    flat, hat = dy.reshape(-1, len(gamma)), x_hat.reshape(-1, len(gamma))
    return (g - mean - along * x_hat) / std, np.einsum("nd,nd->d", flat, hat), np.einsum("nd->d", flat)


# group_norm


@variant("group_norm")
def group_by_group(x, groups, gamma, beta, eps=1e-5):
    channels = x.shape[1]
    if channels % groups:
        raise ValueError("groups has to divide the channels")
    size, y = channels // groups, np.empty_like(x)
    for n in range(len(x)):
        for first in range(0, channels, size):
            part = x[n, first : first + size]
            y[n, first : first + size] = (part - part.mean()) / np.sqrt(part.var() + eps)
    for c in range(channels):
        y[:, c] = gamma[c] * y[:, c] + beta[c]
    return y


@variant("group_norm")
def channels_last(x, groups, gamma, beta, eps=1e-5):
    parts = np.split(x, groups, axis=1)
    every = tuple(range(1, x.ndim))
    done = [
        (part - part.mean(every, keepdims=True)) / np.sqrt(part.var(every, keepdims=True) + eps)
        for part in parts
    ]
    y = np.moveaxis(np.concatenate(done, axis=1), 1, -1) * gamma + beta
    return np.moveaxis(y, -1, 1).copy()


@variant("group_norm")
def as_layer_norm(x, groups, gamma, beta, eps=1e-5):
    if x.shape[1] % groups != 0:
        raise ValueError
    rows = x.reshape(x.shape[0] * groups, -1)
    ones = np.ones(rows.shape[1])
    y = layer_norm_forward(rows, ones, 0 * ones, eps)[0].reshape(*x.shape[:2], -1)
    return (y * gamma[:, None] + beta[:, None]).reshape(x.shape)


@variant("group_norm")
def with_torch(x, groups, gamma, beta, eps=1e-5):
    if x.shape[1] % groups:
        raise ValueError("channels do not divide")
    grouped = torch.tensor(x).reshape(len(x), groups, -1)
    var, mean = torch.var_mean(grouped, dim=2, correction=0, keepdim=True)
    y = ((grouped - mean) / (var + eps).sqrt()).reshape(len(x), x.shape[1], -1)
    y = y * torch.tensor(gamma)[:, None] + torch.tensor(beta)[:, None]
    return y.reshape(x.shape).numpy()


# SpectralNorm


@variant("SpectralNorm")
class WithAHelper:
    def __init__(self, u, v, n_iterations=1):
        if n_iterations <= 0:
            raise ValueError("at least one iteration")
        self.u = np.array(u)
        self.v = np.array(v)
        self.iterations = n_iterations
        self.mode = "train"

    def train(self):
        self.mode = "train"

    def eval(self):
        self.mode = "eval"

    def _iterate(self, matrix):
        self.u = matrix.dot(self.v)
        self.u /= np.sqrt(np.sum(self.u**2))
        self.v = matrix.T.dot(self.u)
        self.v /= np.sqrt(np.sum(self.v**2))

    def __call__(self, W):
        matrix = W.reshape(W.shape[0], -1)
        if self.mode == "train":
            for _ in range(self.iterations):
                self._iterate(matrix)
        return W / np.dot(self.u, matrix @ self.v)


@variant("SpectralNorm")
class WithTensors:
    def __init__(self, u, v, n_iterations=1):
        if not n_iterations >= 1:
            raise ValueError
        self.u, self.v = torch.tensor(u), torch.tensor(v)
        self.n_iterations, self.training = n_iterations, True

    def train(self):
        self.training = True

    def eval(self):
        self.training = False

    def __call__(self, W):
        matrix = torch.tensor(W).flatten(1)
        for _ in range(self.n_iterations if self.training else 0):
            self.u = torch.nn.functional.normalize(matrix @ self.v, dim=0)
            self.v = torch.nn.functional.normalize(matrix.T @ self.u, dim=0)
        return W / float(self.u @ matrix @ self.v)


@variant("SpectralNorm")
class InPlaceOfItsOwn:
    def __init__(self, u, v, n_iterations=1):
        if n_iterations < 1:
            raise ValueError(f"n_iterations = {n_iterations}: at least 1 is needed")
        self.u, self.v = u + 0.0, v + 0.0
        self.rounds = n_iterations
        self.eval_mode = False

    def __call__(self, W):
        matrix = np.concatenate([row.reshape(1, -1) for row in W])
        left = 0 if self.eval_mode else self.rounds
        while left:
            self.u[:] = matrix @ self.v
            self.u /= np.linalg.norm(self.u)
            self.v[:] = self.u @ matrix
            self.v /= np.linalg.norm(self.v)
            left -= 1
        return W * (1 / np.einsum("i,ij,j->", self.u, matrix, self.v))

    def train(self, mode=True):
        self.eval_mode = not mode

    def eval(self):
        self.train(False)


@variant("SpectralNorm")
class LengthAsSigma:
    def __init__(self, u, v, n_iterations=1):
        if n_iterations < 1:
            raise ValueError("n_iterations")
        self.u, self.v, self.n_iterations, self.training = u.copy(), v.copy(), n_iterations, True

    def train(self):
        self.training = True

    def eval(self):
        self.training = False

    def __call__(self, W):
        matrix = W.reshape(len(W), -1)
        if not self.training:
            return W / (self.u @ matrix @ self.v)
        for _ in range(self.n_iterations):
            u = matrix @ self.v
            self.u = u / np.linalg.norm(u)
            back = matrix.T @ self.u
            sigma = np.linalg.norm(back)
            self.v = back / sigma
        return W / sigma
