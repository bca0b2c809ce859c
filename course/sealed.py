"""What of PyTorch is kept from students' code, as data: a lesson combines the parts of what it builds.

Where student code is graded, what is sealed is not there: not to import, not on disk, not as native kernels.
A lesson's ``SEALED`` is one of ``OPTIMISERS``, ``CLIPPING``, ``BATCH_NORMALISATION`` and ``INITIALISERS``,
several of them (``OPTIMISERS | CLIPPING``), or a ``Sealed`` of its own; ``COMMON`` is the first three.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

REFUSAL = "are not available while grading"


class NotAvailable(RuntimeError):
    """A student's code calls what is sealed. The class's name tells a refusal from any other error."""


@dataclass(frozen=True)
class Sealed:
    """What PyTorch has of a technique, wherever it has it. ``a | b`` seals both.

    Attributes:
        modules: never loaded; every name in them can be imported and not used.
        functions: of modules that PyTorch can't be imported without: the module and a pattern of names.
        kernels: patterns of the names of native kernels, without ``aten::`` and overload.
        files: what else of the folder ``torch`` says how it is done; the modules' own files need no mention.
        words: what it is, in the plural where it has one: "optimisers".
    """

    modules: tuple[str, ...] = ()
    functions: tuple[tuple[str, str], ...] = ()
    kernels: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    def __or__(self, other: Sealed) -> Sealed:
        both = ((*getattr(self, field.name), *getattr(other, field.name)) for field in fields(self))
        return Sealed(*(tuple(dict.fromkeys(parts)) for parts in both))

    @property
    def refusal(self) -> str:
        """What whoever uses it reads: "PyTorch's own optimisers and clipping are not available ..."."""
        together = " and ".join(filter(None, (", ".join(self.words[:-1]), *self.words[-1:])))
        return f"PyTorch's own {together} {REFUSAL}"


OPTIMISERS = Sealed(
    modules=("torch.optim",),
    kernels=(r"_fused_(?:adam|adamw|sgd|adagrad)_",),
    files=("distributed/optim",),
    words=("optimisers",),
)
CLIPPING = Sealed(modules=("torch.nn.utils.clip_grad",), words=("clipping",))
BATCH_NORMALISATION = Sealed(
    modules=("torch._decomp.decompositions_for_jvp",),
    functions=(("torch._decomp.decompositions", r"\w*batch_norm\w*"),),
    kernels=(r"\w*batch_norm\w*",),
    words=("batch normalisation",),
)
# Not `uniform_`, `normal_`, `constant_` and their like: they are methods of tensors, and say nothing of how.
INITIALISERS = Sealed(
    functions=(("torch.nn.init", r"xavier_\w+|kaiming_\w+|orthogonal_|calculate_gain|_calculate_\w+"),),
    words=("initialisers",),
)

# What the lessons up to batch normalisation build, sealed in each of them: one warm process serves them all.
COMMON = OPTIMISERS | CLIPPING | BATCH_NORMALISATION
