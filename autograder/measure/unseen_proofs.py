"""What came of the unseen answers of a lesson, stored beside a digest of all that it depends on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

from autograder.catalogue import inputs
from autograder.catalogue.lesson import Lesson
from autograder.catalogue.unseen import FOLDER as ANSWERS
from autograder.measure import proofs, recognition
from autograder.measure.recognition import Recognition, by_lesson

FOLDER = f"{proofs.FOLDER}/unseen"
# Of a lesson's own: its name stands in that of the file.
KEPT = [field.name for field in fields(Recognition) if field.name != "lesson"]


def up_to_date(lesson: Lesson) -> bool:
    """Whether what is stored comes from the inputs as they are, and nobody has changed it since."""
    path = path_of(lesson)
    if not path.is_file():
        return False
    stored = json.loads(path.read_text(encoding="utf-8"))
    return bool(stored["digest"] == _digest(lesson, stored["answers"]))


def load(lesson: Lesson) -> list[Recognition]:
    """What is stored of a lesson."""
    stored = json.loads(path_of(lesson).read_text(encoding="utf-8"))
    return [_read(lesson, row) for row in stored["answers"]]


def renew(lessons: Iterable[Lesson]) -> list[Path]:
    """Try the unseen answers of the lessons of which nothing stands stored, and store what came of it.

    Returns:
        The files that were written.
    """
    stale = {lesson.name: lesson for lesson in lessons if not up_to_date(lesson)}
    written = []
    for name, found in by_lesson(recognition.recognition(stale.values())).items():
        lesson = stale[name]
        answers = [[getattr(entry, key) for key in KEPT] for entry in found]
        path = path_of(lesson)
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = ",\n".join(json.dumps(row, ensure_ascii=False) for row in answers)
        path.write_text(
            f'{{\n"digest": "{_digest(lesson, answers)}",\n"answers": [\n{rows}\n]\n}}\n', encoding="utf-8"
        )
        written.append(path)
    return written


def path_of(lesson: Lesson) -> Path:
    return lesson.root / FOLDER / f"{lesson.name}.json"


def _read(lesson: Lesson, row: list[Any]) -> Recognition:
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in zip(KEPT, row, strict=True)
    }
    return Recognition(lesson=lesson.name, **values)


def _digest(lesson: Lesson, answers: list[list[Any]]) -> str:
    """Of what was tried, of what is known, and of what came of it."""
    texts = (lesson.root / ANSWERS / f"{lesson.name}.py", lesson.hint_texts_path)
    made = hashlib.sha256(inputs.digest(lesson, recognition.__name__).encode())
    for path in texts:
        made.update(path.read_bytes() if path.is_file() else b"")
    made.update(json.dumps(answers, ensure_ascii=False).encode())
    return made.hexdigest()
