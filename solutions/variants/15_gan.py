"""Right answers of lesson 15 in other styles. Each is the text of a solution cell; see autograder.catalogue."""

import numpy as np
import torch

from autograder.catalogue import variant

# discriminator_loss


@variant("discriminator_loss")
def with_logaddexp(real_logits, fake_logits, real_label=1.0, fake_label=0.0):
    def side(s, y):
        loss = np.mean(np.logaddexp(0, s) - y * s)
        return loss, (np.exp(-np.logaddexp(0, -s)) - y) / s.size

    loss_real, d_real = side(real_logits, real_label)
    loss_fake, d_fake = side(fake_logits, fake_label)
    return loss_real + loss_fake, d_real, d_fake


@variant("discriminator_loss")
def through_autograd(real_logits, fake_logits, real_label=1.0, fake_label=0.0):
    real = torch.tensor(real_logits, requires_grad=True)
    fake = torch.tensor(fake_logits, requires_grad=True)
    softplus = torch.nn.functional.softplus
    loss = (softplus(real) - real_label * real).mean() + (softplus(fake) - fake_label * fake).mean()
    loss.backward()
    return loss.item(), real.grad.numpy(), fake.grad.numpy()


@variant("discriminator_loss")
def by_two_logarithms(real_logits, fake_logits, real_label=1.0, fake_label=0.0):
    results = []
    for s, y in [(real_logits, real_label), (fake_logits, fake_label)]:
        log_yes, log_no = -np.logaddexp(0, -s), -np.logaddexp(0, s)
        each = -(y * log_yes + (1 - y) * log_no)
        results.append((np.average(each), (0.5 * (1 + np.tanh(s / 2)) - y) / s.shape[0]))
    (real, d_real), (fake, d_fake) = results
    return float(real + fake), d_real, d_fake


@variant("discriminator_loss")
def row_by_row(real_logits, fake_logits, real_label=1.0, fake_label=0.0):
    def cross_entropy(s, y):
        if s > 0:
            return np.log1p(np.exp(-s)) + (1 - y) * s, 1 / (1 + np.exp(-s)) - y
        return np.log1p(np.exp(s)) - y * s, np.exp(s) / (1 + np.exp(s)) - y

    real = np.array([cross_entropy(s, real_label) for s in real_logits])
    fake = np.array([cross_entropy(s, fake_label) for s in fake_logits])
    return real[:, 0].mean() + fake[:, 0].mean(), real[:, 1] / len(real), fake[:, 1] / len(fake)


# generator_loss


@variant("generator_loss")
def logaddexp_of_the_negative(fake_logits, saturating=False):
    if saturating:
        return -np.logaddexp(0, fake_logits).mean(), -np.exp(
            -np.logaddexp(0, -fake_logits)
        ) / fake_logits.size
    return np.logaddexp(0, -fake_logits).mean(), -np.exp(-np.logaddexp(0, fake_logits)) / fake_logits.size


@variant("generator_loss")
def logsigmoid_and_autograd(fake_logits, saturating=False):
    s = torch.tensor(fake_logits, requires_grad=True)
    log_sigmoid = torch.nn.functional.logsigmoid
    loss = log_sigmoid(-s).mean() if saturating else -log_sigmoid(s).mean()
    (grad,) = torch.autograd.grad(loss, s)
    return float(loss), grad.numpy()


@variant("generator_loss")
def by_mirroring(fake_logits, saturating=False):
    side = -1.0 if saturating else 1.0
    s = side * np.asarray(fake_logits)
    loss = side * np.mean(np.logaddexp(0, -s))
    return loss, (0.5 * (1 + np.tanh(s / 2)) - 1) / len(s)


@variant("generator_loss")
def sigma_by_tanh(fake_logits, saturating=False):
    sigma = 0.5 + 0.5 * np.tanh(0.5 * fake_logits)
    size = np.abs(fake_logits)
    rest = np.log(1 + np.exp(-size))
    n = len(fake_logits)
    if saturating:
        return -np.sum((fake_logits + size) / 2 + rest) / n, -sigma / n
    return np.sum((size - fake_logits) / 2 + rest) / n, (sigma - 1) / n


# GANTrainer


@variant("GANTrainer")
class WithClosures:
    def __init__(self, generator, discriminator, opt_g, opt_d, real_label=0.9, d_steps=1):
        if d_steps < 1:
            raise ValueError("d_steps")
        if real_label <= 0 or real_label > 1:
            raise ValueError("real_label")
        self.G, self.D, self.opt_g, self.opt_d = generator, discriminator, opt_g, opt_d
        self.label, self.every, self.until = real_label, d_steps, d_steps

    def cross_entropy(self, x, label):
        s = self.D(x)
        return (torch.relu(s) - label * s + torch.log1p(torch.exp(-s.abs()))).mean()

    def step(self, real, z):
        with torch.no_grad():
            fake = self.G(z)
        self.opt_d.zero_grad()
        loss_d = self.cross_entropy(real, self.label) + self.cross_entropy(fake, 0.0)
        loss_d.backward()
        self.opt_d.step()
        self.until -= 1
        loss_g = None
        if self.until == 0:
            self.until = self.every
            self.opt_g.zero_grad()
            loss = self.cross_entropy(self.G(z), 1.0)
            loss.backward()
            self.opt_g.step()
            loss_g = float(loss.detach())
        return float(loss_d.detach()), loss_g


@variant("GANTrainer")
class OneForwardOfG:
    def __init__(self, generator, discriminator, opt_g, opt_d, real_label=0.9, d_steps=1):
        if not (0 < real_label <= 1 and d_steps >= 1):
            raise ValueError(f"real_label = {real_label}, d_steps = {d_steps}")
        self.nets, self.opts = (generator, discriminator), (opt_g, opt_d)
        self.real_label, self.d_steps, self.t = real_label, d_steps, 0

    def step(self, real, z):
        (G, D), (opt_g, opt_d) = self.nets, self.opts
        softplus = torch.nn.functional.softplus
        fake = G(z)
        on_real = D(real)
        loss_d = softplus(on_real).mean() - self.real_label * on_real.mean()
        loss_d = loss_d + softplus(D(fake.detach())).mean()
        opt_d.zero_grad()
        loss_d.backward()
        opt_d.step()
        self.t = (self.t + 1) % self.d_steps
        if self.t:
            return loss_d.item(), None
        loss_g = -torch.nn.functional.logsigmoid(D(fake)).mean()
        opt_g.zero_grad()
        loss_g.backward()
        opt_g.step()
        return loss_d.item(), loss_g.item()


@variant("GANTrainer")
class FrozenDiscriminator:
    def __init__(self, generator, discriminator, opt_g, opt_d, real_label=0.9, d_steps=1):
        if real_label > 1 or real_label <= 0 or d_steps <= 0:
            raise ValueError("a label in (0, 1] and at least one step")
        self.generator, self.discriminator = generator, discriminator
        self.opt_g, self.opt_d = opt_g, opt_d
        self.real_label, self.d_steps, self.steps = real_label, d_steps, 0

    def step(self, real, z):
        log_sigmoid = torch.nn.functional.logsigmoid
        self.opt_d.zero_grad()
        s, t = self.discriminator(real), self.discriminator(self.generator(z).detach())
        soft = self.real_label * log_sigmoid(s) + (1 - self.real_label) * log_sigmoid(-s)
        loss_d = -soft.mean() - log_sigmoid(-t).mean()
        loss_d.backward()
        self.opt_d.step()
        self.steps += 1
        loss_g = None
        if self.steps % self.d_steps == 0:
            for p in self.discriminator.parameters():
                p.requires_grad_(False)
            self.opt_g.zero_grad()
            lost = -log_sigmoid(self.discriminator(self.generator(z))).mean()
            lost.backward()
            self.opt_g.step()
            for p in self.discriminator.parameters():
                p.requires_grad_(True)
            loss_g = lost.item()
        return loss_d.item(), loss_g


@variant("GANTrainer")
class GradientsByHand:
    def __init__(self, generator, discriminator, opt_g, opt_d, real_label=0.9, d_steps=1):
        if not 0 < real_label <= 1:
            raise ValueError("real_label")
        if not d_steps >= 1:
            raise ValueError("d_steps")
        self.generator, self.discriminator, self.opt_g, self.opt_d = generator, discriminator, opt_g, opt_d
        self.real_label, self.d_steps, self.count = real_label, d_steps, 0

    def update(self, network, optimizer, loss):
        parameters = list(network.parameters())
        for parameter, grad in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
            parameter.grad = grad
        optimizer.step()
        return loss.item()

    def step(self, real, z):
        softplus, D = torch.nn.functional.softplus, self.discriminator
        s = D(real)
        loss = self.real_label * softplus(-s).mean() + (1 - self.real_label) * softplus(s).mean()
        loss_d = self.update(D, self.opt_d, loss + softplus(D(self.generator(z).detach())).mean())
        self.count += 1
        if self.count < self.d_steps:
            return loss_d, None
        self.count = 0
        return loss_d, self.update(self.generator, self.opt_g, softplus(-D(self.generator(z))).mean())


# instance_noise


@variant("instance_noise")
def no_draw_at_the_end(x, step, total, sigma, rng):
    if step >= total:
        return x.copy()
    return x + sigma * (total - step) / total * rng.standard_normal(size=x.shape)


@variant("instance_noise")
def by_normal(x, step, total, sigma, rng):
    fraction = np.clip(1 - step / total, 0, 1)
    return np.array(x) + fraction * sigma * rng.normal(0.0, 1.0, size=x.shape)


@variant("instance_noise")
def in_a_new_array(x, step, total, sigma, rng):
    noisy = np.array(x, dtype=float)
    noisy += rng.standard_normal(noisy.shape) * (sigma * max(total - step, 0) / total)
    return noisy


@variant("instance_noise")
def through_torch(x, step, total, sigma, rng):
    drawn = torch.tensor(rng.standard_normal(x.shape))
    left = min(1.0, max(0.0, 1.0 - step / total))
    return torch.add(torch.tensor(x), drawn, alpha=sigma * left).numpy()


# gradient_penalty


@variant("gradient_penalty")
def row_by_row_norms(critic, real, fake, eps, weight=10.0):
    points = torch.stack(
        [e * r + (1 - e) * f for e, r, f in zip(eps, real.detach(), fake.detach(), strict=True)]
    )
    points.requires_grad_(True)
    slopes = torch.autograd.grad(critic(points).sum(), points, create_graph=True)[0]
    penalties = [(slope.pow(2).sum().sqrt() - 1) ** 2 for slope in slopes]
    return weight * sum(penalties) / len(penalties)


@variant("gradient_penalty")
def with_lerp(critic, real, fake, eps, weight=10.0):
    shape = (len(real),) + (1,) * (real.ndim - 1)
    x_hat = torch.lerp(fake.detach(), real.detach(), eps.view(shape)).requires_grad_()
    score = critic(x_hat)
    grads = torch.autograd.grad(
        outputs=score, inputs=x_hat, grad_outputs=torch.ones_like(score), create_graph=True, retain_graph=True
    )[0]
    grads = grads.view(len(grads), -1)
    return ((torch.linalg.vector_norm(grads, dim=1) - 1) ** 2).mean() * weight


@variant("gradient_penalty")
def one_row_at_a_time(critic, real, fake, eps, weight=10.0):
    total = 0.0
    for i in range(len(real)):
        point = (eps[i] * real[i] + (1 - eps[i]) * fake[i]).detach()[None].requires_grad_()
        slope = torch.autograd.grad(critic(point).squeeze(), point, create_graph=True)[0]
        total = total + (torch.linalg.norm(slope.reshape(-1)) - 1) ** 2
    return weight * total / len(real)


@variant("gradient_penalty")
def with_einsum(critic, real, fake, eps, weight=10.0):
    with torch.no_grad():
        flat = torch.einsum("m,mk->mk", eps, real.flatten(1)) + torch.einsum(
            "m,mk->mk", 1 - eps, fake.flatten(1)
        )
    points = flat.reshape(real.shape).requires_grad_()
    (slopes,) = torch.autograd.grad(critic(points).sum(), points, create_graph=True)
    squares = torch.einsum("mk,mk->m", slopes.flatten(1), slopes.flatten(1))
    return weight * torch.mean((torch.sqrt(squares) - 1).square())
