"""What is kept from students' code, as data: a lesson combines the parts of what it builds.

Where student code is graded, what is sealed is not there: not to import, not on disk, not as native kernels.
While ``check`` runs an answer it is refused in the same words; ``course.sealing`` does that. A lesson's
``SEALED`` is one of ``OPTIMISERS``, ``CLIPPING``, ``NORMALISATION``, ``AVERAGES``, ``INITIALISERS``,
``CROSS_ENTROPY``, ``SOFTMAX_CROSS_ENTROPY``, ``DIVERGENCE``, ``COSINES``, ``OPTUNA``, several of them
(``OPTIMISERS | CLIPPING``), or a ``Sealed`` of its own; ``COMMON`` is the first four.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

REFUSAL = "are not available while checking or grading"


class NotAvailable(RuntimeError):
    """A student's code calls what is sealed. The class's name tells a refusal from any other error."""


@dataclass(frozen=True)
class Sealed:
    """What PyTorch and others have of a technique, wherever they have it. ``a | b`` seals both.

    A pattern is a regular expression for whole names, qualified ("Kind.method") or not. A module stands for
    itself and everything below it.

    Attributes:
        modules: never loaded; every name in them can be imported and not used.
        bases: classes of ``modules`` that compute nothing and may be inherited from: the module of
            each, which holds nothing else of the technique, and its name.
        functions: of modules that can't be done without: the module and a pattern of names.
        compiled: the same of compiled modules, functions and classes.
        kernels: patterns of the names of PyTorch's native kernels, without ``aten::`` and overload.
        words: what of PyTorch's it is, in the plural where it has one: "optimisers".
        others: what it is of another library's: "pandas' exponential averages".
    """

    modules: tuple[str, ...] = ()
    bases: tuple[tuple[str, str], ...] = ()
    functions: tuple[tuple[str, str], ...] = ()
    compiled: tuple[tuple[str, str], ...] = ()
    kernels: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    def __or__(self, other: Sealed) -> Sealed:
        both = ((*getattr(self, field.name), *getattr(other, field.name)) for field in fields(self))
        return Sealed(*(tuple(dict.fromkeys(parts)) for parts in both))

    @property
    def refusal(self) -> str:
        """What whoever uses it reads: "PyTorch's own optimisers and clipping are not available ..."."""
        every = (*self.words, *self.others)
        together = " and ".join(filter(None, (", ".join(every[:-1]), *every[-1:])))
        return " ".join(filter(None, ("PyTorch's own" if self.words else "", together, REFUSAL)))


OPTIMISERS = Sealed(
    modules=("torch.optim", "torch.distributed.optim"),
    bases=(("torch.optim.optimizer", "Optimizer"),),
    kernels=(r"_fused_(?:adam|adamw|sgd|adagrad)_?",),
    words=("optimisers",),
)
CLIPPING = Sealed(
    modules=("torch.nn.utils.clip_grad",),
    # `renorm` scales down what is longer than a limit.
    functions=(("torch._refs", r"renorm"),),
    kernels=(r"(?:embedding_)?renorm_?",),
    words=("clipping",),
)
# Over the batch, a layer, a group or an instance: each is the other of a transposed array. And of weights.
NORMALISATION = Sealed(
    modules=(
        "torch.nn.utils.spectral_norm",
        "torch._decomp.decompositions_for_jvp",
        "torch._vendor.quack",
        # PyTorch's own tests, which say it once more.
        "torch.testing._internal",
    ),
    functions=(
        ("torch._decomp.decompositions", r"\w*(?:batch|layer|group|instance|rms)_norm\w*"),
        ("torch._refs", r"_normalize|\w*(?:batch|layer|group|instance|rms)_norm\w*"),
        ("torch.nn.utils.fusion", r"fuse_\w+"),
        ("torch.nn.utils.parametrizations", r"_SpectralNorm\..+|spectral_norm"),
        ("torch.nested._internal.ops", r"\w*(?:layer|rms)_norm\w*"),
    ),
    # These run layer normalisation below the dispatcher, and fold batch normalisation into other layers.
    compiled=(
        (
            "torch._C",
            r"StaticModule|_(?:fuse|jit)_to_static_module|_jit_pass_(?:fold_\w*bn|optimize_frozen_graph)",
        ),
    ),
    kernels=(r"\w*(?:batch|layer|group|instance|rms)_norm\w*",),
    words=("normalisation",),
)
AVERAGES = Sealed(
    functions=(
        (
            "pandas.core.window",
            r"(?:Online)?ExponentialMovingWindow\w*\..+|EWMMeanState\..+|\w*(?:ewm|ewma)\w*",
        ),
    ),
    compiled=(("pandas._libs.window.aggregations", r"ewm\w*"),),
    others=("pandas' exponential averages",),
)
# Not `uniform_`, `normal_`, `constant_` and their like: they are methods of tensors, and say nothing of how.
INITIALISERS = Sealed(
    functions=(("torch.nn.init", r"xavier_\w+|kaiming_\w+|orthogonal_|calculate_gain|_calculate_\w+"),),
    words=("initialisers",),
)
# Its grids, draws, processes and generations are what the lesson on search builds.
OPTUNA = Sealed(modules=("optuna",), others=("Optuna",))
# From logits and from probabilities. softplus and logsigmoid stay: they are functions, and no loss.
CROSS_ENTROPY = Sealed(
    functions=(("torch._decomp.decompositions", r"binary_cross_entropy\w*"),),
    kernels=(r"binary_cross_entropy\w*",),
    words=("binary cross-entropy",),
)
# With hard labels, smoothed ones or probabilities. log_softmax, nll_loss and kl_div stay: they are its parts.
SOFTMAX_CROSS_ENTROPY = Sealed(
    functions=(("torch.nn.functional", r"(?:linear_)?cross_entropy"),),
    kernels=(r"cross_entropy_loss",),
    words=("cross-entropy",),
)
# Of two distributions over classes. log_softmax and cross_entropy stay: they are parts of it.
DIVERGENCE = Sealed(
    functions=(("torch.distributions.kl", r"kl_divergence|_kl_categorical_categorical"),),
    kernels=(r"kl_div",),
    words=("Kullback-Leibler divergence",),
)
# The loss is 1 minus the cosine. Lengths and products of vectors stay.
COSINES = Sealed(
    kernels=(r"cosine_similarity|cosine_embedding_loss",),
    words=("cosine similarity",),
)
# The course's own right answers: an oracle runs where no student's code does. Every lesson seals them.
ORACLES = Sealed(
    functions=(
        ("course.exercises", r"oracle|expected|_?torch_\w+|_weights|_travelled"),
        ("course.families", r"oracle|expected|torch_\w+"),
    ),
)

# What the lessons up to batch normalisation build, sealed in each of them: one warm process serves them all.
COMMON = OPTIMISERS | CLIPPING | NORMALISATION | AVERAGES | ORACLES
