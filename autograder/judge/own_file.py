"""Opens what was handed in: a file of the student's own, and never a link to somebody else's."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from autograder.errors import DescentError
from autograder.judge.flags import Value, flag

# Neither a link that comes to stand there meanwhile is followed, nor is anything waited for.
AS_IT_IS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Unreadable(DescentError):
    """The file is no notebook; the sentence says why.

    Attributes:
        flag: the same, for code.
    """

    def __init__(self, id: str, path: Path, **values: Value):
        self.flag = flag(id, file=path.name, **values)
        super().__init__(self.flag.sentence)


def contents(path: Path, root: Path, limit: int) -> bytes:
    """The bytes of a file.

    Args:
        path: the file, somewhere below ``root``.
        root: a folder; none of the path below it may be a link, itself it may be reached by one.
        limit: bytes that it may have.

    Raises:
        Unreadable: it is a link, or stands in one; it is not a file, is larger or can't be opened.
    """
    *folders, name = path.relative_to(root).parts or (".",)
    try:
        place = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for folder in folders:
                above, place = place, _open_folder(folder, place, path)
                os.close(above)
            file = _open_file(name, place, path)
        finally:
            os.close(place)
        with open(file, "rb") as opened:
            if os.fstat(file).st_size > limit:
                raise Unreadable("too_large", path, limit=limit // 1_000_000)
            data = opened.read(limit + 1)
    except OSError as error:
        raise Unreadable("cannot_open", path, reason=str(error.strerror)) from error
    if len(data) > limit:  # it grows meanwhile
        raise Unreadable("too_large", path, limit=limit // 1_000_000)
    return data


def _open_folder(name: str, place: int, path: Path) -> int:
    kind = os.stat(name, dir_fd=place, follow_symlinks=False).st_mode
    if stat.S_ISLNK(kind):
        raise Unreadable("stands_in_link", path, folder=name)
    if not stat.S_ISDIR(kind):
        raise Unreadable("not_a_folder", path, folder=name)
    return os.open(name, AS_IT_IS | os.O_DIRECTORY, dir_fd=place)


def _open_file(name: str, place: int, path: Path) -> int:
    kind = os.stat(name, dir_fd=place, follow_symlinks=False).st_mode
    if stat.S_ISLNK(kind):
        raise Unreadable("link", path)
    if stat.S_ISREG(kind):  # to open what is no file may already do something
        file = os.open(name, AS_IT_IS, dir_fd=place)
        if stat.S_ISREG(os.fstat(file).st_mode):
            return file
        os.close(file)
    raise Unreadable("not_a_file", path)
