"""What weighs and what does not, and which submissions share enough."""

from functools import cache

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.alike.groups import groups
from autograder.alike.rarity import COMMON_MOST, ENOUGH, MOST_OF_PLACE, Rarity, distinct
from autograder.alike.submissions import LIMIT, everybodys, submission
from autograder.alike.traits import Trait, traits
from autograder.catalogue.lesson import find
from autograder.catalogue.sample import answered

LESSON = find("02_ema")
EXERCISE = LESSON.exercises[0].id
GIVEN = LESSON.student_notebook()
# Nobody else would write this.
ODD = """def wobble(quux, frobs):
    # the marmot told me to start at the third pebble
    zorp = [quux * 3 + frob ** 2 for frob in frobs if frob > 0.37]
    for blip, zap in enumerate(zorp):
        quux += zap / (blip + 7) - 2 * quux
    return quux, zorp"""


def handed_in(student, *own, cells=None):
    made = answered(LESSON, cells or {})
    made.cells += own
    return submission(student, made, GIVEN)


@cache
def crowd(count):
    return [handed_in(f"other{number:03}", new_code_cell(f"number_{number} = 1")) for number in range(count)]


@cache
def known():
    return everybodys(LESSON, [GIVEN])


def found(entries):
    rarity = Rarity(distinct(entries), known())
    return [group.students for group in groups(rarity)]


def test_what_was_handed_out_is_nobodys_own():
    assert submission("ann", GIVEN, GIVEN).places == ()
    placed = handed_in("ann", new_markdown_cell("My notes.")).places
    assert [place.name for place in placed] == [*LESSON.solutions(), "own cell 1"]
    assert not placed[-1].is_code


def test_the_same_right_answers_are_nothing_to_look_at():
    assert found([handed_in(f"student{number}") for number in range(9)]) == []


def test_what_two_alone_share_is_found_and_what_a_quarter_shares_is_not():
    odd = new_code_cell(ODD)
    assert found([*crowd(20), handed_in("ann", odd), handed_in("bob", odd)]) == [["ann", "bob"]]
    many = [handed_in(f"s{number}", odd, new_code_cell(f"mine_{number} = 2")) for number in range(12)]
    assert found([*crowd(20), *many]) == []


def test_many_who_hand_in_the_same_notebook_are_one_group():
    same = [handed_in(f"s{number:02}", new_code_cell(ODD)) for number in range(23)]
    assert found([*crowd(3), *same]) == [[f"s{number:02}" for number in range(23)]]


def test_an_unnamed_mistake_and_its_names_are_found_in_any_place():
    mistake = f"def {EXERCISE}(*args):\n    " + ODD.replace("\n", "\n    ") + "\n    return wobble(*args)"
    as_cell = new_code_cell(ODD.replace("marmot", "otter"))
    assert found([*crowd(8), handed_in("ann", cells={EXERCISE: mistake}), handed_in("bob", as_cell)]) == [
        ["ann", "bob"]
    ]


def test_groups_hang_together_and_each_member_stands_beside_the_most_alike():
    own = [ODD, ODD.replace("marmot", "otter"), ODD.replace("zorp", "zonk")]
    entries = [handed_in(f"s{number}", new_code_cell(text)) for number, text in enumerate(own)]
    rarity = Rarity(distinct([*crowd(40), *entries]), known())
    (group,) = groups(rarity)
    assert group.students == ["s0", "s1", "s2"]
    assert len(group.besides) == 2
    row = group.besides[0].rows[0]
    assert row.left.place.text[slice(*row.left.spans[0])] in ODD


def test_rarity_falls_from_one_to_nothing():
    name = Trait("name", "zorp")
    entries = [handed_in(f"s{n:03}", new_code_cell(f"zorp = {n}; b{n} = 1")) for n in range(COMMON_MOST)]
    others = crowd(300)
    falling = [Rarity([*others, *entries[:count]], set()).of(name) for count in (2, 5, 20, COMMON_MOST)]
    assert falling == sorted(falling, reverse=True)
    assert falling[0] == 1
    assert falling[-1] == 0


def test_no_cell_of_any_size_weighs_more_than_a_place_may():
    long = "\n".join(f"strange_{number} = other_{number} ** {number}" for number in range(400))
    entry = handed_in("ann", new_code_cell(long))
    rarity = Rarity([entry, handed_in("bob", new_code_cell(long))], known())
    assert ENOUGH <= rarity.weight(entry, entry) <= MOST_OF_PLACE


def test_of_far_too_much_the_beginning_is_looked_at():
    entry = handed_in("ann", new_code_cell("x = 1\n" * LIMIT))
    assert entry.cut
    assert sum(len(place.text) for place in entry.places) <= LIMIT
    assert not handed_in("bob").cut


def test_traits_of_words_and_names():
    values = {(trait.kind, trait.value) for trait in traits("# The Marmot, told me!\nzorp = x + __name__")}
    assert values == {("words", "the marmot told me"), ("name", "zorp")}
    assert {trait.kind for trait in traits("def f(x):\n    return the marmot told me", is_code=False)} == {
        "words"
    }


def test_cells_that_a_notebook_only_repeats_are_handed_out_too():
    again = nbformat.from_dict({**GIVEN, "cells": GIVEN.cells * 2})
    assert submission("ann", again, GIVEN).places == ()
