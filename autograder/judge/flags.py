"""What a person should look at in a submission: an id and values for code, a sentence for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from course.printable import printable

Value = str | int | float

SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        # The file, which is no notebook that could be graded.
        "link": "{file} is a link to another file: the file itself is needed.",
        "stands_in_link": "{file} stands in {folder}, which is a link: the folder itself is needed.",
        "not_a_file": "{file} is not a file.",
        "not_a_folder": "{folder} is not a folder: {file} is needed in a folder of that name.",
        "too_large": "{file} is larger than {limit} MB.",
        "cannot_open": "{file} can't be opened: {reason}.",
        "not_text": "{file} is not a notebook: it is not text in UTF-8.",
        "empty": "{file} is empty.",
        "not_json": "{file} is not a notebook: it is not JSON.",
        "not_json_from_line": "{file} is not a notebook: it is not JSON (line {line}).",
        "not_a_notebook": "{file} is JSON, but not a notebook.",
        "too_many_values": "{file} holds more than {limit} million lists and objects: clear its outputs.",
        "too_many_cells": "{file} has more than {limit} cells.",
        "too_much_text": "The cells of {file} hold more than {limit} MB of text.",
        "other_lesson": "{file} is lesson {lesson}.",
        "no_lesson": "{file} has no cell of any lesson.",
        "renamed": "the file is named {file}, not {lesson}.ipynb",
        # What was done to the cells that were handed out.
        "cell_repeated": "cell {cell} is there more than once: the first counts",
        "cell_changed": "cell {cell} was changed: restored",
        "cell_turned": "cell {cell} was turned into {kind}: restored",
        "cell_settings_changed": "cell {cell} had its tags or settings changed: restored",
        "cell_missing": "cell {cell} is missing: put back",
        # What the student's own text holds.
        "imports_torch_optim": "imports torch.optim in a solution cell ({cell})",
        "solution_uses": "uses {names} in a solution cell ({cell})",
        "own_cell_uses": "uses {names} in a cell of the student's own",
        "not_looked_through": "a cell is too long, or no plain Python: not looked through ({cell})",
        # What the code reached for while it ran.
        "went_below_python": "{where} reached below Python: {details}",
        "started_programs": "{where} started or ended processes: {details}",
        "used_network": "{where} looked for a network: {details}",
        "opened_system_files": "{where} opened files of the system or of the course: {details}",
        "imported_modules": "{where} imported what answers do not need: {details}",
        "searched_memory": "{where} searched Python's memory: {details}",
        "entered_interpreter": "{where} looked into the running interpreter: {details}",
        "made_code": "{where} made code while it ran: {details}",
        "unpickled_code": "{where} read a pickle that runs code: {details}",
        "sent_unasked": "{where} sent the grader what nobody asked for",
        "silenced": "{where} closed what tells the grader what code reaches for",
        "text_cleaned": (
            "a text of the student's own holds a script, or a link or picture that a page must not follow: "
            "taken out"
        ),
        "texts_cut": "the student's own texts are longer than a page shows: cut",
        # What came of running it.
        "cell_raised": "the cell of {exercise} ended with {exception}",
        "cell_stopped": "a cell {what} ({cell})",
        "own_cell_stopped": "a cell {what} (one of the student's own)",
        "exercise_stopped": "{exercise} {what}",
        "calls_pytorch": "{exercise} calls what PyTorch has of it, which is not available",
        "unprotected": "graded without the sandbox",
        # What came of it in the grader itself.
        "grader_failed": "the grader failed on it ({error}): grade it by hand",
        "grader_failed_on": "the grader failed on {exercise} ({error}): grade that by hand",
        "grader_memory": "to read and judge it takes more memory than there is for one: grade it by hand",
        "grader_died": "the grader's process ended while it was at work on it: grade it by hand",
        "took_workers": "where it was being judged, the process ended, {times} times: grade it by hand",
        "grader_time": "to read and judge it took more than {seconds:g} s: grade it by hand",
        # What is handed in and not graded.
        "left_out_name": "the folder {student} in {place} has a name that no table can show as it is: "
        "rename it and run the same command again",
        "left_out_long": "the folder {student} in {place} has a name of more than {limit} characters: "
        "rename it and run the same command again",
        "left_out_failed": "the grades of {student} could not be written ({error}): "
        "mend that and run the same command again",
        # When it was handed in.
        "late": "handed in late: {points:g} points less",
        "undated": "it has a due date, and no timestamp.txt says when it was handed in",
        "no_date": "timestamp.txt holds no date that can be read: not {like}",
    }
)


@dataclass(frozen=True)
class Flag:
    """Something that a person should look at.

    Attributes:
        id: one of ``SENTENCES``; what code and tests know it by.
        values: what its sentence names.

    Raises:
        ValueError: there is no such flag, or a value that its sentence names is missing.
    """

    id: str
    values: Mapping[str, Value] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        try:
            SENTENCES[self.id].format(**self.values)
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"There is no flag {self.id!r} with the values {dict(self.values)}.") from error

    @property
    def sentence(self) -> str:
        return SENTENCES[self.id].format(**self.values)


def flag(id: str, **values: Value) -> Flag:
    """A flag whose sentence is one line that can be shown anywhere, whatever a student named something."""
    return Flag(
        id, {name: printable(entry) if isinstance(entry, str) else entry for name, entry in values.items()}
    )


def distinct(flags: Iterable[Flag]) -> tuple[Flag, ...]:
    """Each once, in the order in which they came."""
    return tuple(dict.fromkeys(flags))
