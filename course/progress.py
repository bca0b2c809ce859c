"""A student's progress: what checks, predictions and quizzes said, in ``work/progress.json``.

The file itself is the sign that notes are wanted: ``python -m course lab`` makes it, and where none stands
beside the notebook, as in grading, building and testing, nothing is written. It holds ids and numbers, no
times and no code. The ids of exercises, questions and predictions are each unique in the course, so that a
note needs no lesson.

Several kernels may write at once: each takes a lock, reads, and puts a whole new file in the place of the old
one. No note ever disturbs the check that makes it: on a full disk it is dropped, and the next one tries
again.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

FILE = "progress.json"
LOCK = ".progress.lock"
# Of the file: a later one that is written in another way has another number.
FORMAT = 1
# Whoever holds the lock needs it for some milliseconds; a check waits no longer for one that is stopped.
LOCK_SECONDS = 2.0
# Asked for so often that a kernel which writes all the time leaves room for another.
POLL_SECONDS = 0.005


@dataclass(frozen=True)
class Progress:
    """What is known of a student's work, by the ids of the course.

    Attributes:
        exercises: the points of the last check, and the points there are.
        answers: whether the last answer to a question of a quiz was right.
        guesses: the predictions that were made.
        last: the exercise, question or prediction that was noted last; empty at first.
    """

    exercises: dict[str, tuple[float, float]] = field(default_factory=dict)
    answers: dict[str, bool] = field(default_factory=dict)
    guesses: tuple[str, ...] = ()
    last: str = ""

    def without(self, ids: frozenset[str]) -> Progress:
        """The same without some exercises, questions and predictions: those of a lesson that begins anew."""
        return Progress(
            {id: points for id, points in self.exercises.items() if id not in ids},
            {id: right for id, right in self.answers.items() if id not in ids},
            tuple(id for id in self.guesses if id not in ids),
            "" if self.last in ids else self.last,
        )


Change = Callable[[Progress], Progress]


class NotOurs(Exception):
    """A file of the same name that another program wrote: it is left alone."""


def note_check(exercise: str, score: float, max_score: float) -> None:
    """Note what a check gave, where the notebook stands in a folder that `lab` made."""
    _note(
        exercise,
        lambda old: replace(old, exercises={**old.exercises, exercise: (float(score), float(max_score))}),
    )


def note_quiz(question: str, right: bool) -> None:
    """Note whether an answer of a quiz was right, where the notebook stands in a folder that `lab` made."""
    _note(question, lambda old: replace(old, answers={**old.answers, question: right}))


def note_prediction(prediction: str) -> None:
    """Note that a guess was made, where the notebook stands in a folder that `lab` made."""
    _note(prediction, lambda old: replace(old, guesses=tuple(dict.fromkeys((*old.guesses, prediction)))))


def _note(id: str, change: Change) -> None:
    """Change the file beside the notebook, if there is one; nothing that goes wrong reaches the check."""
    with contextlib.suppress(OSError, NotOurs):
        folder = next((folder for folder in _folders() if (folder / FILE).is_file()), None)
        if folder:
            said = update(folder, lambda old: replace(change(old), last=id))
            if said:
                print(said)


def _folders() -> Iterator[Path]:
    """Where the notebook may stand: the current folder, or where its kernel began, if it went elsewhere."""
    yield Path.cwd()
    from IPython import get_ipython  # loaded wherever notes are made

    if shell := get_ipython():
        yield Path(shell.starting_dir)


def read(folder: Path) -> Progress:
    """What the file in a folder holds; nothing yet where there is none, or none that can be read.

    Raises:
        NotOurs: another program's file has the name.
    """
    path = folder / FILE
    if not path.exists():
        return Progress()
    with locked(folder):
        return _read(path) or Progress()


def is_readable(folder: Path) -> bool:
    """Whether the file in a folder, if there is one, can be understood.

    Raises:
        NotOurs: another program's file has the name.
    """
    path = folder / FILE
    return not path.exists() or _read(path) is not None


def update(folder: Path, change: Change) -> str:
    """Put a changed file in the place of the one in a folder; make it where there is none.

    Returns:
        Empty, or one sentence about a file that could not be read: a copy of it is kept.

    Raises:
        NotOurs: another program's file has the name.
        OSError: nothing could be written, and nothing has changed.
    """
    path = folder / FILE
    with locked(folder):
        old = _read(path)
        said = "" if old is not None or not path.exists() else _kept(path)
        new = {"descent": FORMAT, **asdict(change(old or Progress()))}
        replace_file(path, json.dumps(new, indent=1) + "\n")
    return said


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other processes of the course from changing a folder; where it can't be locked, hope."""
    from filelock import FileLock, Timeout  # `doctor` has to start without it

    lock = FileLock(folder / LOCK, timeout=LOCK_SECONDS)
    held = contextlib.ExitStack()
    # A network's file system that knows no locks, a folder that can't be written.
    with contextlib.suppress(Timeout, OSError, NotImplementedError):
        held.enter_context(lock.acquire(poll_interval=POLL_SECONDS))
    with held:
        yield


def _read(path: Path) -> Progress | None:
    """None where there is no file, or none that can be understood."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or "descent" not in found:
        raise NotOurs(f"{path} is another program's: move it elsewhere.")
    return _understood(found)


def _understood(found: dict[str, Any]) -> Progress | None:
    try:
        if found["descent"] != FORMAT:
            return None
        return Progress(
            {str(id): (float(score), float(most)) for id, (score, most) in found["exercises"].items()},
            {str(id): bool(right) for id, right in found["answers"].items()},
            tuple(map(str, found["guesses"])),
            str(found["last"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def replace_file(path: Path, text: str) -> None:
    """Put a whole new file in the place of an old one; where there is no room, that stays as it is."""
    beside = path.with_name(f".{path.stem}-{os.getpid()}{path.suffix}")
    try:
        with beside.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _kept(path: Path) -> str:
    """Keep a copy of a file that can't be read; one sentence that says so."""
    copy = free_name(path, "unreadable")
    shutil.copyfile(path, copy)
    return f"{path.name} could not be read: it is kept as {copy.name}, and progress is noted anew."


def free_name(path: Path, why: str) -> Path:
    """The first name beside a file that nothing has yet: "05_adam_kept_1.ipynb"."""
    number = 1
    while os.path.lexists(found := path.with_name(f"{path.stem}_{why}_{number}{path.suffix}")):
        number += 1
    return found
