"""The list that a person looks at: who shares what with whom, group by group, with the places."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from autograder.alike.rarity import ENOUGH_OF_SAME, Rarity
from autograder.alike.submissions import Place, Submission
from autograder.alike.traits import Kind, Span, Trait


@dataclass(frozen=True)
class Side:
    """A place, and where in its text stands what is shared.

    Attributes:
        spans: of stretches of code that are alike but for their names.
        rare: of names and lines of words that are the same.
    """

    place: Place
    spans: list[Span]
    rare: list[Span]


@dataclass(frozen=True)
class Row:
    """A place of one beside the place of the other that shares most with it; either may be missing."""

    left: Side | None
    right: Side | None

    @property
    def is_same(self) -> bool:
        """Whether both texts are the same to the letter."""
        both = self.left and self.right
        return bool(both) and self.left.place.text == self.right.place.text  # type: ignore[union-attr]


@dataclass(frozen=True)
class Beside:
    """Two submissions side by side, or one that several students handed in.

    Attributes:
        right: None for one that several students handed in.
        rows: the places with anything shared, those of the left in their order.
        words: lines of comments and texts that hardly anybody else has, as the left has them.
        names: names that hardly anybody else uses.
    """

    left: Submission
    right: Submission | None
    rows: list[Row]
    words: list[str]
    names: list[str]


@dataclass(frozen=True)
class Group:
    """Submissions that hang together: each is put beside the one that it shares most with.

    Attributes:
        members: the submissions.
        besides: what is put side by side, the most alike first.
    """

    members: list[Submission]
    besides: list[Beside]

    @property
    def students(self) -> list[str]:
        return sorted(student for member in self.members for student in member.students)


def groups(rarity: Rarity) -> list[Group]:
    """Those who share enough, the most alike first."""
    class_ = rarity.class_
    leader = list(range(len(class_)))

    def lead(number: int) -> int:
        while leader[number] != number:
            leader[number] = number = leader[leader[number]]
        return number

    kept: list[tuple[float, int, int | None]] = []
    for weight, first, second in rarity.pairs():
        if (one := lead(first)) != (other := lead(second)):
            leader[other] = one
            kept.append((weight, first, second))
    for number, entry in enumerate(class_):
        if len(entry.students) > 1 and (weight := rarity.weight(entry, entry)) >= ENOUGH_OF_SAME:
            kept.append((weight, number, None))
    found: dict[int, list[tuple[float, int, int | None]]] = defaultdict(list)
    for edge in sorted(kept, key=lambda edge: (-edge[0], edge[1])):
        found[lead(edge[1])].append(edge)
    return [_group(edges, rarity) for edges in found.values()]


def _group(edges: list[tuple[float, int, int | None]], rarity: Rarity) -> Group:
    class_ = rarity.class_
    numbers = sorted({number for _, *ends in edges for number in ends if number is not None})
    besides = [
        beside(class_[first], None if second is None else class_[second], rarity)
        for _, first, second in edges
    ]
    return Group([class_[number] for number in numbers], besides)


def beside(left: Submission, right: Submission | None, rarity: Rarity) -> Beside:
    """Two submissions place by place; or one, where nothing is to be put beside it."""
    shared = left.traits & right.traits if right else left.traits
    rare = {trait for trait in shared if rarity.of(trait)}
    ours = _touched(left.places, rare)
    theirs = _touched(right.places, rare) if right else []
    return Beside(
        left,
        right,
        _rows(ours, theirs, rare),
        _quoted("words", ours, rare, lambda text: " ".join(text.split())),
        _quoted("name", ours, rare, str),
    )


def _touched(places: Iterable[Place], rare: set[Trait]) -> list[Place]:
    return [place for place in places if not rare.isdisjoint(place.traits)]


def _rows(ours: Sequence[Place], theirs: Sequence[Place], rare: set[Trait]) -> list[Row]:
    left_over = list(theirs)
    rows = []
    for place in ours:
        here = rare & place.traits.keys()
        best = max(
            left_over,
            key=lambda other: (len(here & other.traits.keys()), other.name == place.name),
            default=None,
        )
        if best is not None and not here.isdisjoint(best.traits):
            left_over.remove(best)
        else:
            best = None
        rows.append(Row(_side(place, rare), _side(best, rare) if best else None))
    return rows + [Row(None, _side(place, rare)) for place in left_over]


def _side(place: Place, rare: set[Trait]) -> Side:
    spans: dict[bool, list[Span]] = {True: [], False: []}
    for trait in rare & place.traits.keys():
        spans[trait.kind == "shape"] += place.traits[trait]
    return Side(place, _joined(spans[True]), _joined(spans[False]))


def _joined(spans: list[Span]) -> list[Span]:
    """The same stretches of a text, none of which meets another."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _quoted(kind: Kind, places: list[Place], rare: set[Trait], said: Callable[[str], str]) -> list[str]:
    """What is shared of one kind, as it stands in the text, in its order and each once."""
    found: dict[Trait, str] = {}
    for place in places:
        chosen = [(spans[0], trait) for trait, spans in place.traits.items() if trait.kind == kind]
        for (start, end), trait in sorted(chosen):
            if trait in rare:
                found.setdefault(trait, said(place.text[start:end]))
    return list(found.values())
