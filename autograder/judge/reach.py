"""What the text of a cell reaches for that an answer does not need: told to a person, never to the score.

What answers use is silent, and everything else is named: see ``autograder.sandbox.allowed``. Names are
followed to the modules they stand for, over imports, assignments and attributes, as far as the modules that
are loaded here tell; nothing is imported, and nothing of a student's is run.
"""

from __future__ import annotations

import ast
import sys
import warnings
from collections.abc import Iterable, Iterator
from textwrap import dedent
from types import ModuleType

from autograder.judge.magics import plain
from autograder.judge.paths import TORCH_OPTIM, Path, held_by, is_module, unusual_path
from autograder.sandbox.allowed import OPEN, PARTS, words

# Characters of a cell that is looked through. No answer has a tenth of it.
LENGTH_LIMIT = 50_000
# Attributes in a row, and modules that one name may stand for, that are followed.
STEPS, MEANINGS = 12, 8

# What a notebook of the course has imported when its first cell has run, and what is known by its own name.
USUAL = {
    "np": "numpy",
    "nn": "torch.nn",
    "F": "torch.nn.functional",
    "plt": "matplotlib.pyplot",
    "pd": "pandas",
    "sns": "seaborn",
    "data": "course.data",
    "plots": "course.plots",
    "training": "course.training",
    **{
        name: name
        for name in words("builtins course ctypes gc importlib inspect math numpy os subprocess sys torch")
    },
}
NAMES = words("__builtins__ __import__ __loader__ __spec__ breakpoint compile eval exec get_ipython")
NAMESPACES = words("globals locals")
ATTRIBUTE_NAMES = words("delattr getattr hasattr setattr")
# Attributes of whatever it may be: frames and code, and what is below Python.
ATTRIBUTES = words(
    """ag_code ag_frame cr_code cr_frame f_back f_builtins f_code f_globals f_locals gi_code gi_frame tb_frame
    _C _cdata _exit _getframe _refs _decomp CDLL PyDLL LoadLibrary pythonapi meta_path setprofile settrace"""
)
# With two underscores on each side: what classes and messages are made of.
DUNDERS = words(
    """__abs__ __add__ __all__ __annotations__ __array__ __bool__ __call__ __class__ __contains__ __copy__
    __deepcopy__ __del__ __delitem__ __dict__ __doc__ __enter__ __eq__ __exit__ __file__ __float__
    __format__ __ge__ __getattr__ __getitem__ __getstate__ __gt__ __hash__ __iadd__ __init__
    __init_subclass__ __int__ __isub__ __iter__ __le__ __len__ __lt__ __matmul__ __members__
    __module__ __mul__ __name__ __ne__ __neg__ __new__ __next__ __path__ __post_init__ __pow__
    __qualname__ __radd__ __repr__ __rmul__ __rsub__ __setattr__ __setitem__ __setstate__ __slots__
    __stderr__ __stdout__ __str__ __sub__ __truediv__ __version__"""
)
# What a module may be given to: they only show it.
SHOW = words("dir display help id isinstance print repr str type")

Meanings = frozenset[Path]
NOTHING: Meanings = frozenset()


class NotLookedThrough(ValueError):
    """The text is too long, too deep, or nothing that Python reads although it may run."""


class Reader:
    """Reads the cells of one notebook, in their order: what a name stands for is remembered."""

    def __init__(self) -> None:
        self._known = {name: frozenset({tuple(module.split("."))}) for name, module in USUAL.items()}
        # Names that stand for something of the student's own as well.
        self._own: set[str] = set()

    def read(self, source: str) -> list[str]:
        """The names, sorted, that a cell uses and that an answer to an exercise does not need.

        PyTorch's optimisers are ``TORCH_OPTIM``, by whatever way they are reached. What Python can't read and
        IPython neither uses nothing.

        Raises:
            NotLookedThrough: it was not looked through.
        """
        tree, named = _parse(source)
        if tree is None:
            return sorted(set(named))
        self._learn(tree)
        return sorted({*named, *self._found(tree)})

    def _learn(self, tree: ast.Module) -> None:
        """Remember what names stand for. Twice: an alias may stand before what it is an alias of."""
        followed: set[str] = set()
        for _ in range(2):
            for node in ast.walk(tree):
                for name, meanings in self._bound(node):
                    followed.add(name)
                    known = self._known.get(name, NOTHING) | meanings
                    self._known[name] = known if len(known) <= MEANINGS else self._known[name]
        self._own |= {name for node in ast.walk(tree) for name in _stored(node)} - followed

    def _bound(self, node: ast.AST) -> Iterator[tuple[str, Meanings]]:
        if isinstance(node, ast.Import):
            for alias in node.names:
                whole = tuple(alias.name.split("."))
                yield alias.asname or whole[0], frozenset({whole if alias.asname else whole[:1]})
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                path = (*node.module.split("."), alias.name)
                if alias.name == "*":
                    held = vars(sys.modules.get(node.module, ModuleType(""))).items()
                    yield from (
                        (name, frozenset({tuple(value.__name__.split("."))}))
                        for name, value in held
                        if isinstance(value, ModuleType)
                    )
                else:
                    yield alias.asname or alias.name, frozenset({path})
        elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.For, ast.comprehension)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            value = node.iter if isinstance(node, (ast.For, ast.comprehension)) else node.value
            meanings = self._meanings(value) if value else NOTHING
            for target in targets:
                if meanings and isinstance(target, ast.Name):
                    yield target.id, meanings
                elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                    for name, part in zip(target.elts, value.elts, strict=False):
                        if isinstance(name, ast.Name) and (part_of := self._meanings(part)):
                            yield name.id, part_of

    def _meanings(self, node: ast.expr, depth: int = STEPS) -> Meanings:
        """The modules, or what they hold, that an expression may stand for, as paths of names."""
        if depth == 0:
            return NOTHING
        if isinstance(node, ast.Name):
            return self._known.get(node.id, NOTHING)
        if isinstance(node, ast.Attribute):
            return _below(self._meanings(node.value, depth - 1), node.attr)
        if isinstance(node, ast.Call):
            return self._called(node, depth)
        parts: Iterable[ast.expr] = ()
        if isinstance(node, ast.IfExp):
            parts = (node.body, node.orelse)
        elif isinstance(node, ast.NamedExpr):
            parts = (node.value,)
        elif isinstance(node, (ast.Tuple, ast.List, ast.Set)):
            parts = node.elts[:MEANINGS]
        elif isinstance(node, (ast.BoolOp, ast.Dict)):
            parts = node.values[:MEANINGS]
        elif isinstance(node, ast.Subscript):
            parts = (node.value,) if not isinstance(node.value, (ast.Name, ast.Attribute)) else ()
        return NOTHING.union(*(self._meanings(part, depth - 1) for part in parts))

    def _called(self, node: ast.Call, depth: int) -> Meanings:
        """`getattr(torch, "nn")` stands for what `torch.nn` does."""
        if isinstance(node.func, ast.Name) and node.func.id == "getattr" and len(node.args) > 1:
            name = node.args[1]
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                return _below(self._meanings(node.args[0], depth - 1), name.value)
        return NOTHING

    def _found(self, tree: ast.Module) -> Iterator[str]:
        harmless = _harmless(tree)
        own = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                yield from self._attribute(node, id(node) in harmless)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and id(node) not in harmless:
                yield from self._name(node.id, own)
            elif isinstance(node, ast.Import):
                yield from (
                    found for alias in node.names if (found := unusual_path(tuple(alias.name.split("."))))
                )
            elif isinstance(node, ast.ImportFrom):
                yield from _imported(node)
            elif isinstance(node, ast.Call):
                yield from self._call(node)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield from (place for place in ("/proc", "/sys") if f"{node.value}/".startswith(f"{place}/"))

    def _name(self, name: str, own: set[str]) -> Iterator[str]:
        if name in NAMES | NAMESPACES | ATTRIBUTE_NAMES - {"hasattr"} and name not in own:
            yield name
        for path in self._known.get(name, NOTHING) if name not in self._own else ():
            # A module that is not for everybody, handed about.
            if path[0] not in OPEN and ".".join(path) in PARTS and path[0] not in ("course", "IPython"):
                yield ".".join(path)

    def _attribute(self, node: ast.Attribute, harmless: bool) -> Iterator[str]:
        own = _root(node) in self._own
        for path in _below(self._meanings(node.value), node.attr):
            if own and held_by(path) is None:
                continue
            if not harmless and (found := unusual_path(path)):
                yield found
            elif not isinstance(node.ctx, ast.Load) and not own and _is_patched(path):
                yield f"{'.'.join(path)} ="
        dunder = node.attr.startswith("__") and node.attr.endswith("__")
        if (
            node.attr in ATTRIBUTES
            or (dunder and node.attr not in DUNDERS)
            or node.attr.startswith("_fused_")
        ):
            yield node.attr

    def _call(self, node: ast.Call) -> Iterator[str]:
        """`vars(torch)`, and `getattr(torch, name)` of a name that is worked out."""
        if not isinstance(node.func, ast.Name) or not node.args:
            return
        called, modules = node.func.id, [path for path in self._meanings(node.args[0]) if is_module(path)]
        if called in ATTRIBUTE_NAMES and len(node.args) > 1:
            name = node.args[1]
            if not isinstance(name, ast.Constant) or not isinstance(name.value, str):
                if modules:
                    yield called
            elif called != "hasattr":
                attribute = ast.Attribute(node.args[0], name.value, ast.Load())
                yield from self._attribute(attribute, False)
                if called != "getattr" and modules:
                    yield called
        elif called == "vars" and modules:
            yield called


def unusual(source: str) -> list[str]:
    """What ``Reader.read`` finds in one cell by itself."""
    return Reader().read(source)


def _parse(source: str) -> tuple[ast.Module | None, list[str]]:
    """The cell as Python reads it, and what IPython alone does that answers do without."""
    if len(source) > LENGTH_LIMIT:
        raise NotLookedThrough
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return ast.parse(source), []
            except (SyntaxError, ValueError):
                text, named = plain(source)
            try:
                return ast.parse(dedent(text)), named
            except (SyntaxError, ValueError):
                if text == source:
                    return None, []  # IPython reads no more of it than Python
    except (RecursionError, MemoryError):
        pass
    raise NotLookedThrough


def _harmless(tree: ast.Module) -> set[int]:
    """Names and attributes where they stand lead nowhere: `print(os)`, `"torch" in sys.modules`."""
    found: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            found.add(id(node.value))
        elif isinstance(node, (ast.Assign, ast.NamedExpr)):
            # What it is given to stands for it from then on.
            found.add(id(node.value)) if isinstance(
                node.value, ast.Name
            ) and node.value.id not in NAMES else None
        elif isinstance(node, ast.Compare) and all(isinstance(op, (ast.In, ast.NotIn)) for op in node.ops):
            for right in node.comparators:
                if isinstance(right, ast.Attribute) and right.attr == "modules":
                    found.add(id(right))
                elif (
                    isinstance(right, ast.Call)
                    and isinstance(right.func, ast.Name)
                    and right.func.id in NAMESPACES
                ):
                    found.add(id(right.func))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in ATTRIBUTE_NAMES:
                found |= {id(node.func), *map(id, node.args[:1])}
            elif node.func.id in SHOW:
                found |= set(map(id, node.args))
    return found


def _stored(node: ast.AST) -> Iterator[str]:
    """The names that a statement or expression gives a value."""
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name


def _root(node: ast.expr) -> str:
    """The name that a row of attributes begins with; "" where it is none."""
    for _ in range(STEPS):
        if isinstance(node, ast.Attribute):
            node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _is_patched(path: Path) -> bool:
    """Whether it is a library that gets another function, and not a switch of PyTorch's."""
    return path[0] in (*OPEN, "course") and path[:2] != ("torch", "backends") and is_module(path[:-1])


def _below(meanings: Meanings, name: str) -> Meanings:
    return frozenset((*path, name) for path in meanings if len(path) < STEPS)


def _imported(node: ast.ImportFrom) -> Iterator[str]:
    module = tuple((node.module or "").split("."))
    for alias in node.names:
        if alias.name == "*" and node.module == TORCH_OPTIM:
            yield TORCH_OPTIM
        elif found := unusual_path(module if alias.name == "*" else (*module, alias.name)):
            yield found
