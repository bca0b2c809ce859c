"""Why something that was handed in is not taken, or wants a look: an id for code, a sentence for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from autograder.errors import DescentError
from course.printable import printable

SHOWN_LIMIT = 160
SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        # A zip that is not opened.
        "no_zip": "{file} is no zip, or only a part of one: download it again",
        "damaged": "{file} is damaged: download it again",
        "encrypted": "{file} is locked with a password: unpack it yourself, or ask for one without",
        "odd_packing": "{file} is packed in a way that is not read here: unpack it and collect the folder",
        "leads_out": "{file} holds a path that leads out of it ({inside}): no platform makes such a zip",
        "holds_link": "{file} holds a link ({inside}): no platform makes such a zip",
        "holds_device": "{file} holds what is neither a file nor a folder ({inside}): "
        "no platform makes such a zip",
        "twice": "{file} holds {inside} twice: no platform makes such a zip",
        "deep": "{file} holds folders in folders more than {limit} deep, or a path of more than "
        "{longest} characters",
        "too_many": "{file} holds more than {limit} files: collect one assignment at a time",
        "overlapping": "{file} holds files that lie on top of each other, as only a trap does",
        "bomb": "{file} would unpack to {size} MB, as only a trap does",
        "nested": "{file} is a zip in a zip in a zip: unpack it and collect the folder",
        "large_zip": "{file} is larger than {limit} MB: unpack it and collect the folder",
        # A file that is not looked at.
        "not_seen": "{file} has characters in its name that are not seen: rename it",
        "reserved": "{file} has a name that Windows cannot hold: rename it",
        "link": "{file} is a link: the file itself is needed",
        "not_a_file": "{file} is neither a file nor a folder",
        "cannot_open": "{file} can't be opened: {why}",
        "too_large": "{file} is larger than {limit} MB",
        # A file that is not the lesson's notebook.
        "typed": "{file} is what was typed in or linked to on the platform: no notebook",
        "other_archive": "{file} is an archive of another kind than zip: unpack it",
        "not_a_notebook": "{file} is not a notebook",
        "other_lesson": "{file} is lesson {lesson}",
        "no_lesson": "{file} has no cell of any lesson",
        "unreadable": "{why}",
        # A notebook that is taken, or not, for another.
        "taken_unreadable": "taken, but it can't be graded: {why}",
        "taken_no_lesson": "taken, but it can't be graded: {file} has no cell of any lesson",
        "not_the_newest": "the newest that can be graded is taken, and not {file}",
        "two": "two notebooks of the lesson at once: {taken} is taken, {file} is kept in collected/",
        # Whose it is.
        "nobody": "nothing in the name of {file} says whose it is",
        "hidden": "the platform hid the names ({file}): download it again with names",
        "stranger": "nobody in the roster is {who}: {file}",
        "namesakes": "{who} may be {students}: add the lms_id to the roster, {file}",
        "same_name": "{count} people are called {who}: tell them apart with --roster, {file}",
        "no_folder_name": "{who} can't be a student's id ({why}): rename it, or give a --roster",
        # What stands in the gradebook folder.
        "in_the_way": "{place} is a link, or no folder: remove it and run the same command again",
    }
)


@dataclass(frozen=True)
class Reason:
    """Why; the sentence has no full stop.

    Attributes:
        id: one of ``SENTENCES``; what code and tests know it by.
        values: what the sentence names.
    """

    id: str
    values: Mapping[str, str | int] = field(default_factory=dict, hash=False)

    @property
    def sentence(self) -> str:
        return SENTENCES[self.id].format(**self.values)


def reason(id: str, **values: str | int) -> Reason:
    """A reason whose sentence is one line that can be shown anywhere, whatever a file is called."""
    return Reason(
        id, {name: _shown(value) if isinstance(value, str) else value for name, value in values.items()}
    )


def _shown(value: str) -> str:
    """A long name is told by its beginning and its end."""
    half = SHOWN_LIMIT // 2
    return printable(value if len(value) <= SHOWN_LIMIT else f"{value[:half]}…{value[-half:]}")


class Refused(DescentError):
    """A file or a zip is not taken.

    Attributes:
        reason: the same, for code.
    """

    def __init__(self, id: str, **values: str | int):
        self.reason = reason(id, **values)
        super().__init__(f"{self.reason.sentence}.")


@dataclass(frozen=True)
class Problem:
    """Something for a person to look at.

    Attributes:
        who: the student, or the name that the platform gives; empty where nothing tells.
        reason: what it is.
        lost: whether because of it somebody's work may not be among what is graded.
    """

    who: str
    reason: Reason
    lost: bool = True
