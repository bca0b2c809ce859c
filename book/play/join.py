"""The modules of the figures that move as one plain script, for pages that are opened from a folder.

From a folder a browser loads no ES modules. So each module becomes a function that is called once, after
those that it imports, and what it exports is handed on in a table; nothing else of it is changed.

    python book/play/join.py FOLDER     writes play.js, play.css and index.html, which shows all figures

What a page says to have a figure stands at the top of ``play.js``, in this folder.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
ENTRY = "play.js"
# Under this name the script leaves the table behind, by the modules' paths.
TABLE = "descentPlay"
IMPORT = re.compile(r'^import \{([^}]*)\} from "([^"]+)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:const|function|class) (\w+))", re.MULTILINE)
# Modules that are written otherwise than with these two would be joined wrongly.
OTHER = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)


def joined(folder: Path = HERE) -> str:
    """The script: all that ``play.js`` in the folder imports, and itself.

    Raises:
        ValueError: two modules import each other, or one imports or exports in another form.
    """
    modules = "\n".join(_as_function(name, text) for name, text in _in_order(folder, ENTRY, ()))
    return (
        f'(() => {{\n"use strict";\nconst modules = {{}};\n{modules}\nglobalThis.{TABLE} = modules;\n}})();\n'
    )


def _in_order(
    folder: Path, name: str, above: tuple[str, ...], done: set[str] | None = None
) -> Iterator[tuple[str, str]]:
    """Name and text of a module, after those of all that it imports, each once; names start at the folder."""
    done = set() if done is None else done
    if name in above:
        raise ValueError(f"{' imports '.join((*above, name))}: modules import each other.")
    if name in done:
        return
    text = (folder / name).read_text(encoding="utf-8")
    text = IMPORT.sub(lambda found: f'import {{{found[1]}}} from "{_place(name, found[2])}";\n', text)
    for _, imported in IMPORT.findall(text):
        yield from _in_order(folder, imported, (*above, name), done)
    done.add(name)
    yield name, text


def _place(importer: str, address: str) -> str:
    """Where a relative address leads, from the folder of all modules."""
    parts = list(Path(importer).parent.parts)
    for part in Path(address).parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


def _as_function(name: str, text: str) -> str:
    exported = ", ".join(EXPORT.findall(text))
    text = EXPORT.sub("", IMPORT.sub(r'const {\1} = modules["\2"];\n', text))
    if other := OTHER.search(text):
        forms = '`import { a } from "./b.js";` and `export const a = ...`'
        raise ValueError(f'{name} has "{other[0]}": write {forms}.')
    return f'modules["{name}"] = (() => {{\n{text}return {{ {exported} }};\n}})();'


def write(folder: Path) -> None:
    """Write what pages need into a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ENTRY).write_text(joined(), encoding="utf-8")
    for name in ("play.css", "index.html"):
        shutil.copyfile(HERE / name, folder / name)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
