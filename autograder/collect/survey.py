"""What is in a source: each student's attempts at one lesson, and what could not be taken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from nbgrader.utils import parse_utc

from autograder.catalogue.lesson import Lesson
from autograder.collect import plain
from autograder.collect.archive import Entry, is_zip
from autograder.collect.attempts import Attempt, attempt, in_order, may_be_notebook
from autograder.collect.platforms import PLAIN, PLATFORMS, Sender, recognised
from autograder.collect.reasons import Problem, Refused
from autograder.collect.source import Source
from autograder.collect.times import Worksheet
from autograder.collect.whose import Matcher
from autograder.grade.handed_in import TIMESTAMP, TIMESTAMP_LIMIT
from autograder.roster.roster import Roster

# What nbgrader's exchange puts beside a notebook.
ITS_OWN = {TIMESTAMP, "submission_secret.txt", "history.json"}


@dataclass(frozen=True)
class Survey:
    """What was found.

    Attributes:
        platform: one of ``platforms.TITLES``.
        attempts: of each student, the one to grade last.
        problems: what a person should look at.
        elsewhere: how many files are of other lessons by the folders that they stand in.
    """

    platform: str
    attempts: dict[str, list[Attempt]]
    problems: list[Problem]
    elsewhere: int


def survey(
    source: Source,
    lesson: Lesson,
    lessons: list[Lesson],
    roster: Roster,
    worksheet: Worksheet | None,
    advance: Callable[[int], None] = lambda count: None,
) -> Survey:
    """Read all that was handed in.

    Args:
        lessons: all of them.
        roster: empty where there is none.
        worksheet: None where there is none.
        advance: told of each file that is done.
    """
    names = [one.name for one in lessons]
    files = [entry for entry in source.entries if entry.parts[-1] not in ITS_OWN]
    platform = recognised(files)
    if platform == PLAIN:
        senders = plain.senders(files, names, roster)
    else:
        senders = {entry.parts: PLATFORMS[platform](entry) for entry in files}
    times = _times(source.entries) if platform == PLAIN else {}
    matcher = Matcher(platform, roster, worksheet, filter(None, senders.values()))
    problems = [Problem("", refused) for refused in source.refused]
    found: dict[str, list[Attempt]] = defaultdict(list)
    left: list[tuple[str, Problem]] = []
    elsewhere = 0
    for entry in files:
        advance(1)
        sender = senders[entry.parts]
        if sender and sender.lesson not in ("", lesson.name):
            elsewhere += 1
            continue
        student = ""
        try:
            student = _student(entry, sender, matcher)
            assert sender is not None
            time = sender.time or times.get(entry.parts[:-1])
            tried = attempt(entry, sender, lesson, lessons, time)
            found[student].append(tried)
        except Refused as refused:
            who = student or (sender.name if sender else "")
            left.append((student, Problem(who, refused.reason)))
    attempts = {}
    for student, several in sorted(found.items()):
        attempts[student], said = in_order(several, student)
        problems += said
        attempts[student][-1] = _dated(attempts[student][-1], worksheet)
    # Whoever handed in the notebook too has lost nothing.
    problems += [
        replace(problem, lost=student not in attempts)
        for student, problem in left
        if problem.reason.id != "typed" or student not in attempts
    ]
    problems.sort(key=lambda problem: (not problem.lost, problem.who, problem.reason.sentence))
    return Survey(platform, attempts, problems, elsewhere)


def _student(entry: Entry, sender: Sender | None, matcher: Matcher) -> str:
    if sender is None:
        # A worksheet or a reader's notes beside what was handed in are nobody's work.
        raise Refused("nobody" if may_be_notebook(entry.name) else "not_a_notebook", file=entry.name)
    return matcher.student(sender, entry.name)


def _times(entries: list[Entry]) -> dict[tuple[str, ...], datetime]:
    """What nbgrader's timestamp.txt says, by the folder that it stands in.

    One in a zip is the student's own: it could say anything.
    """
    found = {}
    for entry in entries:
        packed = any(map(is_zip, entry.parts))
        if entry.parts[-1] == TIMESTAMP and entry.size <= TIMESTAMP_LIMIT and not packed:
            try:
                said = entry.read()[:TIMESTAMP_LIMIT].decode().strip()
                if said:
                    found[entry.parts[:-1]] = parse_utc(said)
            except (Refused, ValueError, OverflowError, TypeError):
                continue  # grading says so of one that is there
    return found


def _dated(newest: Attempt, worksheet: Worksheet | None) -> Attempt:
    """The worksheet knows when the newest was handed in."""
    line = worksheet.of(newest.sender) if worksheet and newest.time is None else None
    return replace(newest, time=line.time) if line else newest
