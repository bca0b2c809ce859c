"""The environment of a process for which some packages are not there, whatever is installed."""

import os

REFUSE = """
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {names!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Refuse())
"""


def without(folder, *names, path=()):
    """The variables of such a process.

    Args:
        folder: an empty one, for what Python runs before all else.
        names: the packages that are missing.
        path: folders to import from, before what is installed.
    """
    (folder / "sitecustomize.py").write_text(REFUSE.format(names=set(names)), encoding="utf-8")
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (folder, *path)))}
