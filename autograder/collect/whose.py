"""Whose a file is: what its name says of the sender, against the roster."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from autograder.collect.platforms import PLAIN, Sender
from autograder.collect.reasons import Refused
from autograder.collect.times import Worksheet
from autograder.roster.names import unusable, why_no_student
from autograder.roster.roster import Roster, Student


class Matcher:
    """Finds the student behind a sender.

    Args:
        platform: see ``platforms.recognised``.
        roster: empty where there is none: folders' names are students' ids then.
        worksheet: tells more of the senders; None where there is none.
        senders: all of them: without a roster, two of one name can't be told apart.
    """

    def __init__(self, platform: str, roster: Roster, worksheet: Worksheet | None, senders: Iterable[Sender]):
        self.platform = platform
        self.roster = roster
        self.worksheet = worksheet
        self._ids_of: dict[str, set[str]] = defaultdict(set)
        for sender in senders:
            self._ids_of[sender.name].add(sender.id)

    def student(self, sender: Sender, file: str) -> str:
        """The id of the student.

        Args:
            file: what to name where nobody is found.

        Raises:
            Refused: it could be nobody or several; the sentence says what to do.
        """
        if not self.roster:
            return self._as_named(sender, file)
        if found := self._by_worksheet(sender) or self._by_id(sender):
            return found.id
        named = self.roster.by_name(sender.name)
        if len(named) == 1:
            return named[0].id
        if named:
            several = " or ".join(student.id for student in named)
            raise Refused("namesakes", who=sender.name, students=several, file=file)
        if sender.hidden:
            raise Refused("hidden", file=file)
        raise Refused("stranger", who=sender.name or sender.id, file=file)

    def _by_worksheet(self, sender: Sender) -> Student | None:
        """The worksheet knows addresses, which are nobody else's."""
        line = self.worksheet.of(sender) if self.worksheet else None
        if line is None:
            return None
        return next(filter(None, map(self.roster.by_id, (line.email, line.number))), None)

    def _by_id(self, sender: Sender) -> Student | None:
        if self.platform == PLAIN:
            return self.roster.by_lms_id(sender.name) or self.roster.by_id(sender.name)
        if self.platform != "moodle":
            return self.roster.by_lms_id(sender.id) or self.roster.by_id(sender.name)
        # Moodle's number is the participant's of one assignment, and only by chance somebody's of the roster:
        # it tells those apart who have the same name.
        found = self.roster.by_lms_id(sender.id)
        agrees = found and (not found.name or found in self.roster.by_name(sender.name))
        return found if agrees else self.roster.by_id(sender.name)

    def _as_named(self, sender: Sender, file: str) -> str:
        if sender.hidden:
            raise Refused("hidden", file=file)
        if (count := len(self._ids_of[sender.name])) > 1:
            raise Refused("same_name", who=sender.name, count=count, file=file)
        if why := why_no_student(sender.name) or unusable(sender.name):
            raise Refused("no_folder_name", who=sender.name, why=why)
        return sender.name
