"""What the text of a cell reaches for that an answer does not need: told to a person, never to the score.

What answers use is silent, and everything else is named: see ``autograder.sandbox.allowed``. Names are
followed to the modules they stand for, over imports, assignments and attributes, as far as the modules that
are loaded here tell; nothing is imported, and nothing of a student's is run.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Sequence
from textwrap import dedent
from types import ModuleType

from autograder.judge.magics import IN_CELL, MAGICS, ON_LINE, plain
from autograder.judge.meanings import BINDING, Names, below
from autograder.judge.paths import TORCH_OPTIM, Path, held_by, is_module, unusual_path
from autograder.sandbox.allowed import OPEN, PARTS, words

# Characters of a cell, and of all, that are looked through. No answer has a tenth of it.
LENGTH_LIMIT, LENGTHS_LIMIT = 50_000, 200_000
# Where whatever they are given to does not matter.
NAMES = words("__builtins__ __import__ __loader__ __spec__ breakpoint compile eval exec get_ipython")
# Not called in the usual way they can be given to something else, which calls them.
NAMESPACES, BY_NAME = words("globals locals"), words("delattr getattr hasattr setattr")
FLAGGED = NAMES | NAMESPACES | BY_NAME - {"hasattr"}
# Attributes of whatever it may be: frames and code, modules that lead anywhere, and what is below Python.
ATTRIBUTES = words(
    """ag_code ag_frame cr_code cr_frame f_back f_builtins f_code f_globals f_locals gi_code gi_frame tb_frame
    builtins ctypeslib importlib os posix subprocess sys _C _decomp _refs
    _cdata _exit _getframe CDLL PyDLL LoadLibrary pythonapi from_file meta_path setprofile
    settrace"""
)
# With two underscores on each side: what classes and messages are made of.
DUNDERS = words(
    """__abs__ __add__ __all__ __annotations__ __array__ __bool__ __call__ __cause__ __class__ __contains__
    __context__ __copy__ __deepcopy__ __del__ __delitem__ __dict__ __doc__ __enter__ __eq__ __exit__
    __file__ __float__ __format__ __ge__ __getattr__ __getitem__ __getstate__ __gt__ __hash__
    __iadd__ __init__ __init_subclass__ __int__ __isub__ __iter__ __le__ __len__ __lt__ __matmul__
    __members__ __module__ __mul__ __name__ __ne__ __neg__ __new__ __next__ __path__ __post_init__
    __pow__ __qualname__ __radd__ __repr__ __rmul__ __rsub__ __setattr__ __setitem__ __setstate__
    __slots__ __stderr__ __stdout__ __str__ __sub__ __traceback__ __truediv__ __version__"""
)
# What a class says of itself to whoever reads memory or restores an object.
OF_CLASSES = words("__array_interface__ __array_struct__ __dlpack__ __reduce__ __reduce_ex__")
# What a module may be given to: they only show it.
SHOW = words("dir display help id isinstance print repr str type")
# Handed about as one likes, for what they hold is known by name.
SHARED = ("course", "IPython")
PLAIN_MAGICS = MAGICS - ON_LINE - IN_CELL
PLACES = ("/proc", "/sys")
# The parts of a text that name something: to go through the others would take twice the time.
TELLING = (
    *(ast.Name, ast.Attribute, ast.Call, ast.Constant, ast.Compare, ast.arg),
    *(ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, *BINDING),
)


class NotLookedThrough(ValueError):
    """The text is too long, too deep, or nothing that Python reads although it may run."""


class Reader:
    """Reads the cells of one notebook, in their order: what a name stands for is remembered."""

    def __init__(self) -> None:
        self._names = Names()
        self._left = LENGTHS_LIMIT

    def read(self, source: str) -> list[str]:
        """The names, sorted, that a cell uses and that an answer to an exercise does not need.

        PyTorch's optimisers are ``TORCH_OPTIM``, by whatever way they are reached. What neither Python nor
        IPython can read uses nothing.

        Raises:
            NotLookedThrough: it was not looked through.
        """
        self._left -= len(source)
        if len(source) > LENGTH_LIMIT or self._left < 0:
            raise NotLookedThrough
        tree, named = _parse(source)
        nodes = [node for node in ast.walk(tree) if isinstance(node, TELLING)] if tree else []
        self._names.learn(nodes)
        return sorted({*named, *self._found(nodes)})

    def _found(self, nodes: Sequence[ast.AST]) -> Iterator[str]:
        harmless = {id(part) for node in nodes for part in _harmless(node)}
        own = {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
        for node in nodes:
            if isinstance(node, ast.Name):
                if id(node) not in harmless and node.id not in own:
                    yield from self._name(node)
            elif isinstance(node, ast.Attribute):
                if id(node) not in harmless:
                    yield from self._attribute(node)
            elif isinstance(node, ast.Call):
                yield from self._call(node)
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                yield from _imported(node)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield from (place for place in PLACES if f"{node.value}/".startswith(f"{place}/"))
                yield from OF_CLASSES & {node.value}
            elif isinstance(node, ast.FunctionDef):
                yield from OF_CLASSES & {node.name}

    def _name(self, node: ast.Name) -> Iterator[str]:
        if node.id in FLAGGED or node.id in OF_CLASSES:
            yield node.id
        elif not self._names.is_own(node):
            for path in self._names.meanings(node):
                # A module that is not for everybody, handed about.
                if path[0] not in OPEN and path[0] not in SHARED and ".".join(path) in PARTS:
                    yield ".".join(path)

    def _attribute(self, node: ast.Attribute) -> Iterator[str]:
        own, found = self._names.is_own(node), False
        for path in below(self._names.meanings(node.value), node.attr):
            if own and held_by(path) is None:
                continue
            if named := unusual_path(path):
                found = True
                yield named
            elif not isinstance(node.ctx, ast.Load) and not own and _is_patched(path):
                yield f"{'.'.join(path)} ="
        dunder = node.attr.startswith("__") and node.attr.endswith("__") and node.attr not in DUNDERS
        if not found and (dunder or node.attr in ATTRIBUTES or node.attr.startswith("_fused_")):
            yield node.attr

    def _call(self, node: ast.Call) -> Iterator[str]:
        """`vars(torch)`, and `getattr(torch, name)` of a name that is worked out."""
        if not isinstance(node.func, ast.Name) or node.func.id not in {"vars", *BY_NAME} or not node.args:
            return
        called = node.func.id
        of_module = any(map(is_module, self._names.meanings(node.args[0])))
        name = node.args[1] if len(node.args) > 1 else None
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            if called != "hasattr":
                yield from self._attribute(ast.Attribute(node.args[0], name.value, ast.Load()))
            of_module = of_module and called not in ("getattr", "hasattr")
        if of_module:
            yield called


def unusual(source: str) -> list[str]:
    """What ``Reader.read`` finds in one cell by itself."""
    return Reader().read(source)


def _parse(source: str) -> tuple[ast.Module | None, list[str]]:
    """The cell as Python reads it, and what IPython alone does that answers do without."""
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


def _harmless(node: ast.AST) -> Iterator[ast.expr]:
    """Names and attributes that lead nowhere where they stand: `print(os)`, `"torch" in sys.modules`."""
    if isinstance(node, (ast.Attribute, ast.Assign, ast.NamedExpr)) and isinstance(node.value, ast.Name):
        # Its attribute is looked at; what it is given to stands for it from then on.
        yield from [node.value] if node.value.id not in FLAGGED else []
    elif isinstance(node, ast.Compare) and all(isinstance(by, (ast.In, ast.NotIn)) for by in node.ops):
        for right in node.comparators:
            if isinstance(right, ast.Attribute) and right.attr == "modules":
                yield right
            elif (called := _called(right)) and called.id in NAMESPACES:
                yield called
    elif called := _called(node):
        arguments = node.args if isinstance(node, ast.Call) else []
        if called.id in BY_NAME:
            yield called
            yield from arguments[:1]
        elif called.id in SHOW:
            yield from arguments
            yield from (shell for argument in arguments if (shell := _called(argument, "get_ipython")))
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        # As notebooks are exported: `get_ipython().run_line_magic("matplotlib", "inline")`.
        shell = _called(node.func.value, "get_ipython")
        said = [part.value for part in node.args if isinstance(part, ast.Constant)]
        plain_magic = len(said) == len(node.args) and said[:1] and said[0] in PLAIN_MAGICS
        if shell and node.func.attr == "run_line_magic" and plain_magic:
            yield shell


def _called(node: ast.AST, name: str = "") -> ast.Name | None:
    """The name that is called, if it is that one."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and name in ("", node.func.id):
        return node.func
    return None


def _is_patched(path: Path) -> bool:
    """Whether it is a library that gets another function, and not a switch of PyTorch's."""
    owner = path[:-1]
    if path[0] not in OPEN | {"course"} or path[:2] == ("torch", "backends"):
        return False
    if held_by(owner) is None and len(owner) > 1:
        owner = owner[:-1]  # a module of a library is loaded when it is first used
    return isinstance(held_by(owner), ModuleType)


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    for alias in node.names:
        module = alias.name if isinstance(node, ast.Import) else node.module or ""
        path = tuple(module.split("."))
        if isinstance(node, ast.ImportFrom) and alias.name != "*":
            path = (*path, alias.name)
        if alias.name == "*" and (module == TORCH_OPTIM or (module in PARTS and path[0] not in SHARED)):
            yield module  # with all that it holds
        elif found := unusual_path(path):
            # Of the course the whole module tells more.
            yield module if path[0] == "course" and module.startswith(found) else found
