"""Right answers of lesson 08 in other styles. Each is the text of a solution cell; see autograder.catalogue."""

import numpy as np
import torch

from autograder.catalogue import variant

# batch_norm_forward


@variant("batch_norm_forward")
def var_of_numpy(x, gamma, beta, eps=1e-5):
    mean = np.mean(x, axis=0, keepdims=True)
    inverse = (np.var(x, axis=0, keepdims=True) + eps) ** -0.5
    normalised = inverse * (x - mean)
    return normalised * gamma + beta, {"normalised": normalised, "gamma": gamma, "inverse": inverse}


@variant("batch_norm_forward")
def column_by_column(x, gamma, beta, eps=1e-5):
    y = np.empty_like(x)
    stats = []
    for c in range(x.shape[1]):
        column = x[:, c]
        mean = sum(column) / len(column)
        var = sum((value - mean) ** 2 for value in column) / len(column)
        y[:, c] = gamma[c] * (column - mean) / np.sqrt(var + eps) + beta[c]
        stats.append((mean, var))
    return y, (x, gamma, eps, stats)


@variant("batch_norm_forward")
def scale_and_shift(x, gamma, beta, eps=1e-5):
    mean = x.mean(0)
    centred = x - mean
    scale = gamma / np.sqrt(np.einsum("nc,nc->c", centred, centred) / x.shape[0] + eps)
    return centred * scale + beta, None


@variant("batch_norm_forward")
def through_torch(x, gamma, beta, eps=1e-5):
    rows = torch.tensor(x)
    var, mean = torch.var_mean(rows, dim=0, correction=0)
    x_hat = ((rows - mean) * torch.rsqrt(var + eps)).numpy()
    return x_hat * gamma + beta, [x_hat, gamma, torch.sqrt(var + eps).numpy()]


@variant("batch_norm_forward")
def transposed(x, gamma, beta, eps=1e-5):
    columns = x.T
    mean = columns.mean(axis=1)[:, None]
    std = np.sqrt(np.square(columns - mean).mean(axis=1)[:, None] + eps)
    x_hat = ((columns - mean) / std).T
    return np.multiply(x_hat, gamma) + beta, (x_hat, gamma, std.ravel())


# backward_by_stages


@variant("backward_by_stages")
def through_the_square(dy, centred, std, x_hat, gamma):
    n = dy.shape[0]
    dx_hat = gamma * dy
    dstd = np.sum(dx_hat * -centred / std**2, axis=0)
    dvar = 0.5 * dstd * (std**2) ** -0.5
    dsquares = np.ones_like(dy) / n * dvar
    dcentred = 1 / std * dx_hat + 2 * centred * dsquares
    dmu = -1.0 * np.sum(dcentred, axis=0)
    return dx_hat, dstd, dvar, dcentred, dmu, dcentred + np.ones_like(dy) / n * dmu


@variant("backward_by_stages")
def by_the_closed_form(dy, centred, std, x_hat, gamma):
    dx_hat = dy * gamma
    mean, along = dx_hat.mean(0), (dx_hat * x_hat).mean(0)
    n = len(dy)
    dstd = -n * along / std
    return [
        dx_hat,
        dstd,
        dstd / std / 2,
        (dx_hat - x_hat * along) / std,
        -n * mean / std,
        (dx_hat - mean - x_hat * along) / std,
    ]


@variant("backward_by_stages")
def stage_by_stage_in_columns(dy, centred, std, x_hat, gamma):
    n, columns = dy.shape
    dx_hat, dcentred, dx = np.zeros((3, n, columns))
    dstd, dvar, dmu = np.zeros((3, columns))
    for c in range(columns):
        for i in range(n):
            dx_hat[i, c] = dy[i, c] * gamma[c]
            dstd[c] -= dx_hat[i, c] * centred[i, c] / std[c] ** 2
        dvar[c] = dstd[c] / (2 * std[c])
        for i in range(n):
            dcentred[i, c] = dx_hat[i, c] / std[c] + dvar[c] * 2 * centred[i, c] / n
            dmu[c] -= dcentred[i, c]
        dx[:, c] = dcentred[:, c] + dmu[c] / n
    return dx_hat, dstd, dvar, dcentred, dmu, dx


@variant("backward_by_stages")
def with_tensors(dy, centred, std, x_hat, gamma):
    dy, centred, std, x_hat, gamma = (torch.from_numpy(a) for a in (dy, centred, std, x_hat, gamma))
    dx_hat = dy * gamma
    dstd = -(dx_hat * x_hat / std).sum(dim=0)
    dvar = dstd / std.mul(2)
    dcentred = dx_hat.div(std) + centred * dvar * 2 / len(dy)
    dmu = dcentred.sum(dim=0).neg()
    dx = dcentred + dmu / len(dy)
    return dx_hat, dstd, dvar, dcentred, dmu, dx


@variant("backward_by_stages")
def gradients_with_einsum(dy, centred, std, x_hat, gamma):
    n = len(dy)
    dx_hat = np.einsum("nc,c->nc", dy, gamma)
    dstd = -np.einsum("nc,nc->c", dx_hat, centred) / std**2
    dvar = dstd / std * 0.5
    dcentred = dx_hat / std + centred * dvar * (2.0 / n)
    dmu = -np.einsum("nc->c", dx_hat) / std  # the column centred adds up to 0
    return dx_hat, dstd, dvar, dcentred, dmu, dcentred - dcentred.mean(axis=0)


# batch_norm_backward


@variant("batch_norm_backward", after="batch_norm_forward")
def by_dbeta_and_dgamma(dy, cache):
    x_hat, gamma, std = cache
    n = len(dy)
    dbeta, dgamma = dy.sum(axis=0), (dy * x_hat).sum(axis=0)
    dx = gamma / (n * std) * (n * dy - dbeta - x_hat * dgamma)
    return dx, dgamma, dbeta


@variant("batch_norm_backward", after="batch_norm_forward")
def path_by_path(dy, cache):
    x_hat, gamma, std = cache
    n = dy.shape[0]
    dx_hat = gamma * dy
    centred = x_hat * std
    dvar = np.sum(dx_hat * centred, axis=0) * -0.5 * std**-3.0
    dmean = np.sum(dx_hat, axis=0) * (-1.0 / std) + dvar * np.mean(-2.0 * centred, axis=0)
    dx = dx_hat / std + dvar * 2.0 * centred / n + dmean / n
    return dx, np.sum(dy * x_hat, axis=0), np.sum(dy, axis=0)


@variant("batch_norm_backward", after="batch_norm_forward")
def column_by_column_back(dy, cache):
    x_hat, gamma, std = cache
    dx, dgamma, dbeta = np.zeros(dy.shape), np.zeros(dy.shape[1]), np.zeros(dy.shape[1])
    for c in range(dy.shape[1]):
        g, z = dy[:, c], x_hat[:, c]
        dbeta[c], dgamma[c] = g.sum(), g @ z
        dx[:, c] = gamma[c] / std[c] * (g - g.mean() - z * (g @ z) / len(g))
    return dx, dgamma, dbeta


@variant("batch_norm_backward", after="batch_norm_forward")
def jacobian(dy, cache):
    x_hat, gamma, std = cache
    n = len(dy)
    same = np.eye(n)[:, :, None]
    matrix = (same - 1 / n - x_hat[:, None, :] * x_hat[None, :, :] / n) * gamma / std
    return np.einsum("ijc,jc->ic", matrix, dy), np.einsum("nc,nc->c", dy, x_hat), np.einsum("nc->c", dy)


@variant("batch_norm_backward", after="batch_norm_forward")
def projections(dy, cache):
    x_hat, gamma, std = cache
    dx_hat = dy * gamma
    without_mean = dx_hat - np.mean(dx_hat, axis=0, keepdims=True)
    along = np.mean(without_mean * x_hat, axis=0, keepdims=True)
    return [(without_mean - along * x_hat) / std, (x_hat * dy).sum(0), dy.sum(0)]


# BatchNorm1d


@variant("BatchNorm1d")
class WithTheForward:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.eps, self.momentum, self.training = eps, momentum, True
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)

    def __call__(self, x):
        if not self.training:
            return self.gamma * (x - self.running_mean) / np.sqrt(self.running_var + self.eps) + self.beta
        if len(x) == 1:
            raise ValueError("one row has no variance")
        self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * x.mean(axis=0)
        self.running_var = (1 - self.momentum) * self.running_var + self.momentum * x.var(axis=0, ddof=1)
        y, _ = batch_norm_forward(x, self.gamma, self.beta, self.eps)
        return y

    def train(self):
        self.training = True

    def eval(self):
        self.training = False


@variant("BatchNorm1d")
class InPlace:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.eps = eps
        self.momentum = momentum
        self.gamma = np.full(num_features, 1.0)
        self.beta = np.full(num_features, 0.0)
        self.running_mean = np.zeros(num_features)
        self.running_var = np.ones(num_features)
        self.mode = "train"

    def train(self):
        self.mode = "train"
        return self

    def eval(self):
        self.mode = "eval"
        return self

    def __call__(self, x):
        mean, var = self.running_mean, self.running_var
        if self.mode == "train":
            rows = x.shape[0]
            if rows < 2:
                raise ValueError("Expected more than one row in training.")
            mean, var = x.mean(0), x.var(0)
            self.running_mean += self.momentum * (mean - self.running_mean)
            self.running_var += self.momentum * (var * rows / (rows - 1) - self.running_var)
        return (x - mean) * (self.gamma / np.sqrt(var + self.eps)) + self.beta


@variant("BatchNorm1d")
class TwoMethods:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.gamma, self.beta = np.ones((num_features,)), np.zeros((num_features,))
        self.running_mean, self.running_var = np.zeros((num_features,)), np.ones((num_features,))
        self.eps, self.momentum = eps, momentum
        self.train()

    def train(self):
        self._forward = self._in_training

    def eval(self):
        self._forward = self._in_evaluation

    def __call__(self, x):
        return self._forward(x)

    def _in_training(self, x):
        if x.shape[0] == 1:
            raise ValueError("a single row")
        mean, m = np.mean(x, axis=0), self.momentum
        squares = np.sum((x - mean) ** 2, axis=0)
        self.running_mean = self.running_mean * (1 - m) + mean * m
        self.running_var = self.running_var * (1 - m) + squares / (len(x) - 1) * m
        return self._apply(x, mean, squares / len(x))

    def _in_evaluation(self, x):
        return self._apply(x, self.running_mean, self.running_var)

    def _apply(self, x, mean, var):
        return self.gamma * ((x - mean) / np.sqrt(var + self.eps)) + self.beta


@variant("BatchNorm1d")
class WithTensors:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.gamma = torch.ones(num_features, dtype=torch.float64)
        self.beta = torch.zeros(num_features, dtype=torch.float64)
        self.running_mean = torch.zeros_like(self.gamma)
        self.running_var = torch.ones_like(self.gamma)
        self.eps, self.momentum, self.training = eps, momentum, True

    def train(self):
        self.training = True

    def eval(self):
        self.training = False

    def __call__(self, x):
        if self.training:
            if x.shape[0] < 2:
                raise ValueError("a batch needs two rows")
            mean, var = x.mean(dim=0), x.var(dim=0, correction=0)
            self.running_mean = torch.lerp(self.running_mean, mean, self.momentum)
            self.running_var = torch.lerp(self.running_var, x.var(dim=0), self.momentum)
        else:
            mean, var = self.running_mean, self.running_var
        return (x - mean) / torch.sqrt(var + self.eps) * self.gamma + self.beta


# batch_norm_2d


@variant("batch_norm_2d")
def pixels_as_rows(x, gamma, beta, eps=1e-5):
    n, c, h, w = x.shape
    rows = x.transpose(0, 2, 3, 1).reshape(-1, c)
    y, _ = batch_norm_forward(rows, gamma, beta, eps)
    return y.reshape(n, h, w, c).transpose(0, 3, 1, 2)


@variant("batch_norm_2d")
def channel_by_channel(x, gamma, beta, eps=1e-5):
    y = np.zeros_like(x)
    for c in range(x.shape[1]):
        channel = x[:, c]
        y[:, c] = gamma[c] * (channel - channel.mean()) / np.sqrt(channel.var() + eps) + beta[c]
    return y


@variant("batch_norm_2d")
def channels_first(x, gamma, beta, eps=1e-5):
    channels = np.swapaxes(x, 0, 1)
    flat = channels.reshape(len(gamma), -1)
    z = (flat - flat.mean(axis=1, keepdims=True)) / np.sqrt(flat.var(axis=1, keepdims=True) + eps)
    return np.swapaxes((gamma[:, None] * z + beta[:, None]).reshape(channels.shape), 0, 1).copy()


@variant("batch_norm_2d")
def with_einsum(x, gamma, beta, eps=1e-5):
    count = x.size / x.shape[1]
    mean = np.einsum("nchw->c", x) / count
    centred = x - mean.reshape(1, -1, 1, 1)
    var = np.einsum("nchw,nchw->c", centred, centred) / count
    return np.einsum("nchw,c->nchw", centred, gamma / np.sqrt(var + eps)) + beta.reshape(1, -1, 1, 1)


@variant("batch_norm_2d")
def torch_statistics(x, gamma, beta, eps=1e-5):
    images = torch.tensor(x)
    var, mean = torch.var_mean(images, dim=(0, 2, 3), correction=0, keepdim=True)
    y = (images - mean) / (var + eps).sqrt() * torch.tensor(gamma).view(1, -1, 1, 1)
    return (y + torch.tensor(beta).view(1, -1, 1, 1)).numpy()
