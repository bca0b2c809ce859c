"""docs/checks.md: what the checks catch, for instructors and the curious."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from autograder.measure import figure as matrix_figure
from autograder.measure import recognition_table
from autograder.measure.costs import MUCH, Cost, middle
from autograder.measure.matrix import Matrix
from autograder.measure.recognition import Recognition, totals
from autograder.measure.table import HEADS, rows, total_row
from course.known import known

FIGURE = "checks.png"
TEXT = """# How good are the checks?

A check is worth something when it refuses every wrong answer and accepts every right one. So all known wrong
answers and many right ones are tried on every check, and this page shows what came of it. It is made by

```
autograder sensitivity --page{options}
```

- A **mistake** is a wrong answer that students, textbooks or other frameworks really produce. There are
  {mistakes}, in `solutions/misconceptions/`; most are the reference solution with a few words changed.
- A **variant** is a right answer in another style: loops, closures, torch operations, formulas rearranged.
  There are {variants}, in `solutions/variants/`.
- The **public** cases are those that students run, always the same. The **graded** ones are more and harsher,
  and are drawn from a secret seed. Here they are drawn {draws}, from seed {first} on, and what is counted
  holds every time.
- A mistake is **caught** when it costs points, and **named** when the report says which mistake it is. That
  takes one mistake of the catalogue that explains all of the evidence, to eight digits. Where none does, one
  **pair** of mistakes made at once may. Otherwise nothing is named, and the first difference is shown alone.
- Beside the catalogue the check knows **small changes**: all that rules make of the reference solution, one
  term left out, one name in the place of another. {changes} do something else than every mistake and than
  each other. What one mistake or change alone does not explain, two may, or one for the most part, which is
  said so; and some is told by the evidence itself: an input that is changed, a factor too much, an argument
  without effect.
- A variant is **accepted** when it gets full marks every time. Where the exercise takes float32 inputs it is
  given those too, and has to be right to the precision of float32.

## By exercise

{table}

## What it has not seen

Who writes the checks knows the mistakes. So {wrong} wrong answers and {right} right ones, in
`tests/support/unseen/`, were written from the text of the lessons alone, by hands that knew neither the
solutions nor the catalogue. They are tried on the public cases (`autograder unseen`): of the wrong answers
that are **caught**, how many are **named**, how many for the most part (**in part**), and of how many is said
at least where they go wrong (**placed**): by a name, by the line that an exception came from, or by a
line of their own of which a change would mend all or a part (`check(..., explain=True)`, `autograder grade
--explain`).

{unseen}

## What a mistake costs

The *cost* of a mistake is what the reference solution loses when this mistake alone is made in it: the
points of the properties that fail then, as a share of the points of the exercise. All other answers of the
lesson are right.

One slip costs what it breaks: the points of a property are lost for its own reason alone, and an answer that
adds rightly to a wrong one keeps what it adds. Half of the mistakes cost at most {median:.0%} of the points
of their exercise on the public cases. {above} of {mistakes} cost more than {much:.0%}.

{costs}

### More than {much:.0%}

These break the formula on which everything else in the exercise rests, or keep the code from running.

{expensive}

### Points lost in another exercise

{elsewhere}

## Not caught on public cases

{uncaught}

## Wrong names

Each mistake is also taken out of the catalogue, alone and in all its pairs: then it should get no name.
Another name was given {wrong_names} times. No variant ever gets a name.

{parts}
Two mistakes make a pair when their changes to the solution do not touch: there are {pairs_pairs} pairs.
On public cases {pairs_named_public} of these are named, on graded cases {pairs_named_graded}. The others do
just what one mistake or another pair does, and so are not named as pairs. Some differ in grading alone:
a student's machine holds a few sums of what a pair does, and these must differ by more than rounding.

## The matrix

![{alt}]({figure})

`autograder sensitivity --json` prints every cell, with the names of the mistakes.
"""


def write(
    matrix: Matrix,
    costs: Sequence[Cost],
    found: Sequence[Recognition],
    seeds: Sequence[int],
    root: Path,
) -> list[Path]:
    """Write the page and its figure below ``root``; returns both paths.

    Args:
        matrix: of all lessons.
        costs: of all their mistakes.
        found: what came of the unseen answers.
        seeds: of the graded cases.
    """
    page, figure = root / "docs" / "checks.md", root / "docs" / FIGURE
    alt = matrix_figure.draw(matrix, figure)
    page.write_text(_text(matrix, costs, found, seeds, alt), encoding="utf-8")
    return [page, figure]


def markdown_row(row: Sequence[str | int]) -> str:
    """One line of the page's table."""
    return f"| {' | '.join(map(str, row))} |"


def _text(
    matrix: Matrix, costs: Sequence[Cost], found: Sequence[Recognition], seeds: Sequence[int], alt: str
) -> str:
    table = [markdown_row(HEADS), markdown_row(["---", *["---:"] * (len(HEADS) - 1)])]
    table += [markdown_row(row) for row in (*rows(matrix), total_row(matrix))]
    return TEXT.format(
        **matrix.totals(),
        **{f"pairs_{key}": count for key, count in matrix.pair_totals().items()},
        **{key: count for key, count in totals(found).items() if key in ("wrong", "right")},
        unseen=_unseen(found),
        changes=sum(
            len(stored.slips.slips) - len(stored.mistakes) for stored in map(known, matrix.exercises)
        ),
        options=_options(seeds),
        draws="once" if len(seeds) == 1 else f"{len(seeds)} times",
        first=seeds[0],
        table="\n".join(table),
        median=middle(costs),
        much=MUCH,
        above=sum(cost.share > MUCH for cost in costs),
        costs=cost_table(costs),
        expensive=_listed(
            f"- `{cost.exercise}`: {cost.mistake.replace('_', ' ')}, {cost.lost:g} of {cost.of:g}."
            for cost in costs
            if cost.share > MUCH
        ),
        elsewhere=_listed(
            f"- `{cost.exercise}`: {cost.mistake.replace('_', ' ')}, {points:g} in `{other}`."
            for cost in costs
            for other, points in cost.elsewhere.items()
        ),
        uncaught=_uncaught(matrix),
        parts=_parts(matrix),
        alt=alt,
        figure=FIGURE,
    )


def _unseen(found: Sequence[Recognition]) -> str:
    """The shares of unseen answers that are caught, named and placed, by lesson."""
    lines = [recognition_table.HEADS, ("---", *["---:"] * (len(recognition_table.HEADS) - 1))]
    return "\n".join(map(markdown_row, (*lines, *recognition_table.rows(found))))


def cost_table(costs: Sequence[Cost]) -> str:
    """The median and the largest share of its exercise's points that a mistake costs, by exercise."""
    lines = [("exercise", "points", "mistakes", "median", "largest"), ("---", "---:", "---:", "---:", "---:")]
    for exercise in dict.fromkeys(cost.exercise for cost in costs):
        own = [cost for cost in costs if cost.exercise == exercise]
        largest = max(cost.share for cost in own)
        lines.append(
            (f"`{exercise}`", f"{own[0].of:g}", str(len(own)), f"{middle(own):.0%}", f"{largest:.0%}")
        )
    return "\n".join(map(markdown_row, lines))


def _listed(lines: Iterable[str]) -> str:
    return "\n".join(lines) or "None."


def _options(seeds: Sequence[int]) -> str:
    first = f" --seed {seeds[0]}" if seeds[0] else ""
    return first + (f" --seeds {len(seeds)}" if len(seeds) > 1 else "")


def _uncaught(matrix: Matrix) -> str:
    passed = [
        f"- `{trial.exercise}`: {trial.id.replace('_', ' ')}."
        for trial in matrix.trials
        if trial.kind == "mistake" and trial.level == "public" and trial.full_marks
    ]
    return "\n".join(passed) or "None: all mistakes are caught on the cases that students run."


def _parts(matrix: Matrix) -> str:
    parts = [
        f"- `{exercise}`: {mistake.replace('_', ' ')} ({pair.replace('+', ' and ').replace('_', ' ')})."
        for (exercise, mistake), pair in matrix.in_two_parts().items()
    ]
    if not parts:
        return ""
    said = "On all cases these mistakes are two others at once, and were called so, which is right:"
    return "\n".join([said, "", *parts, ""])
