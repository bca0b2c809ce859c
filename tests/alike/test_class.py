"""Copies that were planted are found, and honest students are left alone: how many of each, as numbers.

Honest students are made of known answers, with names and comments of their own. Where the command is not told
of these answers, all that they write is as new to it as what students write.
"""

import random
import time
from collections import Counter
from itertools import combinations, cycle

import pytest
from alike_class import copies, honest, notebook

from autograder.alike.rarity import ENOUGH_OF_SAME, Rarity, distinct
from autograder.alike.submissions import everybodys, submission
from autograder.alike.traits import traits
from autograder.catalogue.lesson import find, lessons

pytestmark = pytest.mark.slow

# As they are measured in turn; the last is more than the command promises.
KINDS = ("identical", "renamed", "comments moved", "other order", "own cells", "renamed, no comments")


def told_of_no_answers():
    """What the command knows where it has no catalogue: what was handed out, and the solutions."""
    cells = (cell for lesson in lessons() for cell in lesson.source().cells)
    return {trait for cell in cells for trait in traits(cell.source, cell.cell_type == "code")}


def class_of(lesson, size, rng, *, once, planted):
    """Submissions of honest students, and for each pair with a copy in it of which kind that is."""
    given = lesson.student_notebook()
    students = list(honest(lesson, size, rng, once))
    entries = [submission(f"honest{n:03}", notebook(lesson, one), given) for n, one in enumerate(students)]
    others = honest(lesson, planted, rng)
    kinds = {}
    # Of those with a helper of their own, so that there is one to copy.
    victims = [n for n, one in enumerate(students) if any(text.count("\n") > 5 for text in one.own)]
    for victim, kind, other in zip(victims, cycle(KINDS), others, strict=False):
        copied = copies(lesson, students[victim], other, rng)[kind]
        entries.append(submission(f"planted{victim:03}", copied, given))
        kinds[f"honest{victim:03}", f"planted{victim:03}"] = kind
    return entries, kinds


def alike(entries, known):
    """The pairs of students that the command would let somebody look at."""
    merged = distinct(entries)
    rarity = Rarity(merged, known)
    found = {
        (a, b) for _, one, two in rarity.pairs() for a in merged[one].students for b in merged[two].students
    }
    for entry in merged:
        if rarity.weight(entry, entry) >= ENOUGH_OF_SAME:
            found |= set(combinations(entry.students, 2))
    return {tuple(sorted(pair)) for pair in found}


def counted(found, kinds, size, record):
    """How many of each kind were found, of how many there are; and the share of honest pairs in the list."""
    there, seen = Counter(kinds.values()), Counter(kinds[pair] for pair in found if pair in kinds)
    alarms = sum(all(name.startswith("honest") for name in pair) for pair in found)
    share = alarms / (size * (size - 1) / 2)
    said = {kind: f"{seen[kind]} of {there[kind]}" for kind in KINDS if there[kind]}
    record("alike", f"{said}; false alarms {alarms}, {100 * share:.2f} % of honest pairs")
    print(said, f"false alarms {alarms}, {100 * share:.2f} % of honest pairs")
    return {kind: there[kind] - seen[kind] for kind in there}, share


@pytest.mark.parametrize("name", ["02_ema", "07_clipping", "12_normalisation"])
def test_a_small_class_whose_answers_are_all_new(name, record_property):
    lesson, rng = find(name), random.Random(1)
    entries, kinds = class_of(lesson, 14, rng, once=True, planted=12)
    missed, share = counted(alike(entries, told_of_no_answers()), kinds, 14, record_property)
    assert not any(missed[kind] for kind in missed if kind != KINDS[-1])
    assert share < 0.005


def test_a_large_class_of_which_ten_write_each_answer(record_property):
    lesson, rng = find("05_adam"), random.Random(0)
    entries, kinds = class_of(lesson, 300, rng, once=False, planted=60)
    missed, share = counted(alike(entries, told_of_no_answers()), kinds, 300, record_property)
    assert not any(missed[kind] for kind in missed if kind != KINDS[-1])
    assert share < 0.005


def test_a_large_class_as_the_command_sees_it(record_property):
    lesson, rng = find("02_ema"), random.Random(0)
    entries, kinds = class_of(lesson, 300, rng, once=False, planted=0)
    known = everybodys(lesson, [lesson.student_notebook()])
    _, share = counted(alike(entries, known), kinds, 300, record_property)
    assert share < 0.001


def test_two_thousand_students_take_seconds(record_property):
    """Each with an answer of their own, and a hundred times the same twenty lines of strange code among them."""
    lesson, rng = find("02_ema"), random.Random(0)
    some, _ = class_of(lesson, 100, rng, once=False, planted=0)
    entries = []
    for number in range(2000):
        places = some[number % 100].places
        own = "\n".join(f"of_{number % 700}_{line} = {rng.random()} * {line}" for line in range(20))
        entries.append(type(some[0])((f"s{number:04}",), (*places, type(places[0])("own cell 9", own, True))))
    before = time.process_time()
    found = alike(entries, everybodys(lesson, [lesson.student_notebook()]))
    seconds = time.process_time() - before
    record_property("seconds", seconds)
    print(f"{seconds:.1f} s, {len(found)} pairs")
    assert len(found) >= 2000 - 700
    assert seconds < 60
