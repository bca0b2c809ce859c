"""A cell as plain Python: what IPython alone understands is taken out, and named where answers do without it.

IPython's own reading of a cell is not used: it takes hours for a text that is made to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from autograder.sandbox.allowed import words

# `!ls`, `%time f()`, `x = !ls`, `x = %time f()`, `?f`, `,f x`, `;f x` and `/f x`.
COMMAND = re.compile(
    r"(?P<indent>[ \t]*)(?P<to>[\w.,\[\]' \t]{1,80}=[ \t]*(?=[!%]))?(?P<mark>[!%?,;/])(?P<rest>.*)"
)
HELP = re.compile(r"(?P<indent>[ \t]*)[%\w.*]{1,200}\?{1,2}[ \t]*;?[ \t]*")
# What somebody copied out of a session.
PROMPT = re.compile(r"(?m)^[ \t]*(?:In \[\d*\]: ?|>>> ?|\.\.\.+:? ?)")

# Before Python of the student's own: on their line, or in their cell where they have two marks.
ON_LINE, IN_CELL = words("config prun time timeit"), words("capture prun time timeit")
MAGICS = (
    words(
        """autoreload cd colors conda env html javascript js latex load_ext logstart ls markdown matplotlib
        mkdir pip precision pwd pylab reload_ext reset svg tensorboard watermark who who_ls whos writefile
        xmode"""
    )
    | ON_LINE
    | IN_CELL
)
OPTIONS = re.compile(
    r"(?:-\w+(?:[ \t]+(?:\d+|calls|cumtime|cumulative|ncalls|time|tottime)\b)?(?:[ \t]+|$))*"
)
# Their line is a command of the shell's.
SHELL = words("conda ls mkdir pip")
# What brings more magics.
EXTENSIONS = words("autoreload google.colab.data_table tensorboard watermark")
# Programs that look around, or install.
PROGRAMS = words(
    """apt apt-get cat conda curl date df du echo free head ls lscpu mkdir nvidia-smi nvcc pip pip3 pwd tail
    uname unzip wc wget which whoami"""
)
# Python in a command, another command behind it, or a place that is not a notebook's.
NOT_PLAIN = re.compile(r"[`$<>|;&{}()]|/proc|/sys|--use|-execute")
# A package that lies there runs code of its own when it is installed.
INSTALLS_OWN = re.compile(r"\b(?:pip3?|conda)\b.*\s[./]")


def plain(source: str) -> tuple[str, list[str]]:
    """A cell without what IPython alone understands, line for line; and what of that answers do without."""
    named: list[str] = []
    text = source
    if PROMPT.match(text.lstrip()):
        text = PROMPT.sub("", text)
    lines = text.splitlines()
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    if lines and lines[first].startswith("%%"):
        name, _, argument = lines[first][2:].strip().partition(" ")
        if name not in MAGICS:
            return "", [f"%%{name}"]
        if name not in IN_CELL:
            return "", []
        lines[first] = _argument(name, argument) if name in ON_LINE else "pass"
    return "\n".join(_plain_lines(lines, named)), named


def _plain_lines(lines: list[str], named: list[str]) -> Iterator[str]:
    waiting = iter(lines)
    for line in waiting:
        if found := COMMAND.fullmatch(line):
            said = found["rest"]
            blank = 0
            while said.endswith("\\"):  # it goes on in the next line
                said = said[:-1] + next(waiting, "")
                blank += 1
            yield found["indent"] + _code(found["mark"], said, named)
            yield from [""] * blank
        elif help := HELP.fullmatch(line):
            yield f"{help['indent']}pass"
        else:
            yield line


def _code(mark: str, rest: str, named: list[str]) -> str:
    """The Python that stands in a line of IPython's; ``pass`` where there is none."""
    if mark == "?":
        return "pass"
    if mark == "!":
        named += _shell(rest.lstrip("!"))
        return "pass"
    if mark != "%":
        named.append(mark)  # a call without its brackets
        return "pass"
    name, _, argument = rest.lstrip("%").strip().partition(" ")
    if name in ON_LINE:
        return _argument(name, argument)
    if name in SHELL:
        named += [command.replace("!", "%") for command in _shell(f"{name} {argument}")]
    elif name not in MAGICS or re.search(r"[${]", argument):
        named.append(f"%{name}")
    elif name == "load_ext" and argument.strip() not in EXTENSIONS:
        named.append(f"%{name} {argument.strip()}")
    return "pass"


def _argument(name: str, argument: str) -> str:
    """The Python that a magic is given; ``pass`` where it is none."""
    if name == "config":  # `%config InlineBackend.figure_format = "svg"`
        return argument.partition("=")[2].strip() or "pass"
    return OPTIONS.sub("", argument.lstrip(), count=1).strip() or "pass"


def _shell(command: str) -> list[str]:
    """The name of a command, where it is none that looks around or installs."""
    program, *arguments = command.split()[:50] or [""]
    if program.startswith("python"):
        harmless = arguments in (["--version"], ["-V"]) or arguments[:3] == ["-m", "pip", "install"]
    elif program == "git":
        harmless = arguments[:1] == ["clone"] and len(arguments) == 2
    else:
        harmless = program in PROGRAMS
    suspect = NOT_PLAIN.search(command) or INSTALLS_OWN.search(command)
    return [] if harmless and not suspect else ["!" + re.split(r"[^\w.-]", program)[0]]
