"""docs/api.md: what a lesson author uses, from the docstrings.

``python -m autograder.build.api_page`` writes it.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import textwrap
from collections.abc import Iterator
from functools import cached_property
from types import FunctionType, ModuleType
from typing import Any, ForwardRef

from autograder.catalogue.lesson import project
from course import families
from course.exercise import Property

HEAD = """# What a lesson author uses

The public names of `course`, and of `autograder.catalogue` what mistakes and right answers are written with.
[CONTRIBUTING.md](../CONTRIBUTING.md) shows them at work. This page is made from the docstrings by
`.venv/bin/python -m autograder.build.api_page`, and a test fails when it is not what that makes.
"""
# In the order in which an author meets them: what a lesson imports, what its exercises are made of, the rest.
FOR_LESSONS = (
    "course.check",
    "course.data",
    "course.plots",
    *(f"course.plots.{part}" for part in ("look", "output", "lines", "fields", "controls")),
    "course.training",
    "course.characters",
    "course.questions",
    "course.questions.asked",
    "course.measured",
    "course.desk.own_notebook",
    "course.desk.pieces",
)
FOR_EXERCISES = (
    "course.exercise",
    *(f"course.families.{found.name}" for found in pkgutil.iter_modules(families.__path__)),
    "course.readings",
    "course.problems",
    "course.sealed",
)
FOR_JUDGING = ("course.judging.judge", "course.judging.mistakes", "course.judging.pairs")
FOR_CATALOGUES = {"autograder.catalogue.answers": ("wrong", "variant")}


class _AsWritten(str):
    """An annotation, shown as it stands in the source and not as a quoted string."""

    def __repr__(self) -> str:
        return str(self)


def page() -> str:
    """The text of docs/api.md."""
    parts = [HEAD]
    for title, modules in (
        ("In a lesson", FOR_LESSONS),
        ("In its exercises", FOR_EXERCISES),
        ("In judging", FOR_JUDGING),
    ):
        parts.append(f"## {title}\n")
        for name in modules:
            module = importlib.import_module(name)
            parts += _module(module, public_names(module))
    parts.append("## In lists of mistakes and right answers\n")
    for name, chosen in FOR_CATALOGUES.items():
        module = importlib.import_module(name)
        parts += _module(module, {each: vars(module)[each] for each in chosen})
    return re.sub(r"\n{3,}", "\n\n", "\n".join(parts)).rstrip() + "\n"


def public_names(module: ModuleType) -> dict[str, Any]:
    """The functions, classes and properties (of exercises) that a module defines, in its order."""
    return {name: value for name, value in vars(module).items() if _is_public(name, value, module)}


def _is_public(name: str, value: Any, module: ModuleType) -> bool:
    if name.startswith("_"):
        return False
    is_code = inspect.isroutine(value) or inspect.isclass(value)
    return isinstance(value, Property) or (is_code and value.__module__ == module.__name__)


def _module(module: ModuleType, names: dict[str, Any]) -> Iterator[str]:
    yield f"### `{module.__name__}`\n"
    yield _markdown(module) + "\n"
    judged = {name: value for name, value in names.items() if isinstance(value, Property)}
    if judged:
        yield "| property | id | name in the report |\n| --- | --- | --- |"
        for name, value in judged.items():
            yield f"| `{name}` | `{value.id}` | {value.name} |"
        yield ""
    for name, value in names.items():
        if name not in judged:
            yield f"#### `{name}`\n"
            yield _signature(name, value)
            yield _markdown(value) + "\n"
            if inspect.isclass(value):
                members = list(_members(value))
                yield from ("Members:\n", *members, "") if members else ()


def _members(described: type) -> Iterator[str]:
    """The public methods that a class explains itself; what it only overrides is explained above it."""
    for name, member in vars(described).items():
        if name.startswith("_") or not isinstance(member, (FunctionType, property, cached_property)):
            continue
        if not member.__doc__:
            continue
        text = textwrap.indent(_markdown(member), "  ").strip()
        if isinstance(member, FunctionType):
            yield f"- `{name}{_parameters(member)}`: {text}"
        else:
            yield f"- `{name}`: {text}"


def _signature(name: str, value: Any) -> str:
    line = f"{name}{_parameters(value)}"
    wrapped = textwrap.fill(
        line, 100, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
    )
    return f"```python\n{wrapped}\n```\n"


def _parameters(value: Any) -> str:
    try:
        signature = inspect.signature(value)
    except ValueError:  # a protocol, an exception: made by nobody by hand
        return ""
    parameters = [
        parameter.replace(annotation=_as_written(parameter.annotation))
        for name, parameter in signature.parameters.items()
        if name != "self"
    ]
    returned = inspect.Signature.empty if inspect.isclass(value) else signature.return_annotation
    shown = signature.replace(parameters=parameters, return_annotation=_as_written(returned))
    # Whatever a dataclass makes anew for each.
    return str(shown).replace("<factory>", "...")


def _as_written(annotation: Any) -> Any:
    if isinstance(annotation, ForwardRef):  # of a NamedTuple's field
        annotation = annotation.__forward_arg__
    return _AsWritten(annotation) if isinstance(annotation, str) else annotation


def _markdown(value: Any) -> str:
    """A docstring as Markdown: its sections become lists."""
    text = re.sub(r"``(.+?)``", r"`\1`", inspect.getdoc(value) or "")
    lines = []
    section = False
    for line in text.splitlines():
        if re.fullmatch(r"(Args|Attributes|Returns|Raises|Yields):", line):
            section = True
            lines += [line, ""]
        elif section and line.startswith("    ") and not line.startswith("     "):
            lines.append(re.sub(r"^    ([\w, *]+): ", r"- `\1`: ", line) if ":" in line else line.strip())
        else:
            section = section and (line.startswith(" ") or not line)
            lines.append(f"  {line.strip()}".rstrip() if section else line)
    return "\n".join(lines).strip()


if __name__ == "__main__":
    (project() / "docs" / "api.md").write_text(page(), encoding="utf-8")
