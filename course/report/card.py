"""How a verdict looks: a card in a notebook, plain text elsewhere. The same words in both."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Sequence
from html import escape

from IPython import get_ipython
from IPython.display import display

from course.exercise import Misconception, PropertyVerdict, Verdict
from course.report.colours import AMBER, GREEN, GREY, RED, tinted
from course.report.trajectory import figure

# Of the text, in characters: nbgrader's `validate` cuts off what is longer.
WIDTH = 80


class Points(float):
    """The points of a check whose card is the result of its cell: as the last value it adds nothing to it."""

    def _ipython_display_(self) -> None:
        pass


def show(verdict: Verdict, place: str = "") -> float:
    """Show the report of a verdict below the cell, or print it outside of a notebook; return its points.

    Args:
        place: a sentence that says where it goes wrong; empty where that was not looked for.
    """
    if os.environ.get("NBGRADER_EXECUTION") == "validate" and verdict.score < verdict.max_score:
        # Of a cell without full marks nbgrader's Validate shows what this stream says, and no card.
        print(as_text(verdict, place), file=sys.stderr)
    return _show(verdict.score, as_text(verdict, place), as_html(verdict, place))


def show_sentence(sentence: str) -> float:
    """Show one sentence in place of a report, where the check could not be made; return its points: none."""
    return _show(0.0, sentence, as_note(sentence))


def as_note(sentence: str) -> str:
    """One sentence as HTML, in the look of the report."""
    return f'<p style="border-left:4px solid {AMBER};padding:6px 12px;margin:4px 0">{escape(sentence)}</p>'


def link(exercise: str, text: str | None = None) -> str:
    """A link to the cell that an exercise is written in, as JupyterLab and nbconvert's pages know it."""
    return f'<a href="#cell-id={escape(exercise)}">{escape(text or exercise)}</a>'


def _show(points: float, text: str, html: str) -> float:
    shell = get_ipython()
    if shell is None:
        print(text)
        return points
    if getattr(shell, "kernel", None) is None:
        display({"text/plain": text, "text/html": html}, raw=True)
        return points
    # In a notebook the card itself is the cell's result, whose plain text nbgrader reads the points from: one
    # output in place of the card and a stray number.
    hook = shell.displayhook
    hook.start_displayhook()
    hook.write_output_prompt()
    hook.write_format_data({"text/plain": repr(float(points)), "text/html": html}, {})
    hook.finish_displayhook()
    return Points(points)


def summary(verdict: Verdict) -> str:
    """ "adam_update: 1.5 of 3 points", with what it means in a word."""
    if not verdict.attempted:
        return f"{verdict.exercise}: not attempted yet, 0 of {verdict.max_score:g} points"
    return f"{verdict.exercise}: {verdict.score:g} of {verdict.max_score:g} points"


def looks_like(misconceptions: Sequence[Misconception]) -> tuple[str, str]:
    """ "This looks like: ..." with what the recognised mistakes are called, and their hints."""
    names = "; and ".join(entry.name for entry in misconceptions)
    hints = " ".join(dict.fromkeys(entry.hint for entry in misconceptions))
    mostly = "" if all(entry.sure for entry in misconceptions) else "mostly "
    both = "" if len(misconceptions) == 1 else "two mistakes at once: "
    return f"This {mostly}looks like: {both}{names}.", hints


def as_text(verdict: Verdict, place: str = "") -> str:
    """The report as plain text, for a terminal and for the notebook's text output."""
    lines = [summary(verdict)]
    if not verdict.attempted:
        lines.append(f"  {NOT_ATTEMPTED}")
        return "\n".join(lines)
    if verdict.misconceptions:
        name, hint = looks_like(verdict.misconceptions)
        lines.append(_indented(f"{name} {hint}", 2))
    if place:
        lines.append(_indented(place, 2))
    for entry, message in zip(verdict.properties, _messages(verdict), strict=True):
        lines.append(f"  {'pass' if entry.passed else 'FAIL'}  {entry.property.name} ({_points(entry)})")
        if message:
            lines.append(_indented(message, 8))
    return "\n".join(lines)


def _indented(text: str, spaces: int) -> str:
    return textwrap.fill(text, WIDTH, initial_indent=" " * spaces, subsequent_indent=" " * spaces)


def _messages(verdict: Verdict) -> list[str]:
    """The message of each property; one that only repeats an earlier sentence says so."""
    seen: set[str] = set()
    messages = []
    for entry in verdict.properties:
        sentence = entry.difference.sentence if entry.difference else ""
        messages.append("The same as above." if sentence in seen else entry.message)
        if sentence:
            seen.add(sentence)
    return messages


NOT_ATTEMPTED = "Fill in the cell above, run it, then run this check again."


def as_html(verdict: Verdict, place: str = "") -> str:
    """The report as an HTML card: one section, its styles inline, no script, no colour without a word."""
    full = verdict.score == verdict.max_score
    colour = GREY if not verdict.attempted else GREEN if full else RED if verdict.score == 0 else AMBER
    parts = [
        f'<section aria-label="{escape(summary(verdict))}" style="border:1px solid #8886;'
        f"border-left:5px solid {colour};border-radius:4px;padding:8px 14px;margin:4px 0;max-width:54em;"
        'line-height:1.45">',
        f'<p style="margin:0 0 4px"><strong>{escape(verdict.exercise)}</strong> '
        f'<span style="float:right"><strong>{verdict.score:g}</strong> '
        f"of {verdict.max_score:g} points</span></p>",
    ]
    if verdict.attempted:
        if verdict.misconceptions:
            name, hint = looks_like(verdict.misconceptions)
            parts.append(
                f'<p style="margin:6px 0;padding:6px 10px;background:{AMBER}22;border-radius:3px">'
                f"<strong>{escape(name)}</strong> "
                f"{with_code(hint)}</p>"
            )
        if place:
            parts.append(f'<p style="margin:6px 0">{with_code(place)}</p>')
        parts.append(_table(verdict))
    else:
        fill_in = NOT_ATTEMPTED.replace("the cell above", link(verdict.exercise, "the cell above"))
        parts.append(f'<p style="margin:0">Not attempted yet. {fill_in}</p>')
    return "".join([*parts, "</section>"])


def _table(verdict: Verdict) -> str:
    drawn = next(
        (
            entry
            for entry in verdict.properties
            if entry.difference and figure(entry.difference.expected, entry.difference.found)
        ),
        None,
    )
    head = "".join(
        f'<th scope="col" style="text-align:left;padding:2px 8px">{name}</th>' for name in ("", "Property")
    )
    first = next((entry for entry in verdict.properties if not entry.passed), None)
    rows = [
        _row(entry, message, folded=entry is not first, draw=entry is drawn)
        for entry, message in zip(verdict.properties, _messages(verdict), strict=True)
    ]
    return (
        '<table style="border-collapse:collapse;table-layout:auto;width:100%;margin:0;font-size:inherit">'
        f'<thead><tr>{head}<th scope="col" style="text-align:right;padding:2px 8px">Points</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _row(entry: PropertyVerdict, message: str, folded: bool, draw: bool) -> str:
    """One property. The first failing one shows its message; the others fold theirs away."""
    sign, colour, word = ("&#10003;", GREEN, "pass") if entry.passed else ("&#10007;", RED, "fail")
    weight = "normal" if entry.passed else "bold"
    name = f'<span style="font-weight:{weight}">{escape(entry.property.name)}</span>'
    if message:
        said = f'<div style="margin:2px 0 4px">{with_code(message)}</div>'
        if draw and entry.difference:
            said += figure(entry.difference.expected, entry.difference.found)
        name = f"<details><summary>{name}</summary>{said}</details>" if folded else name + said
    cell = "padding:2px 8px;vertical-align:top;text-align"
    return (
        f'<tr><td style="{cell}:left;white-space:nowrap;{tinted(colour)};width:4em">{sign} {word}</td>'
        f'<td style="{cell}:left;width:100%">{name}</td>'
        f'<td style="{cell}:right;white-space:nowrap">{_points(entry)}</td></tr>'
    )


def _points(entry: PropertyVerdict) -> str:
    return f"{entry.property.points if entry.passed else 0:g} of {entry.property.points:g}"


def with_code(text: str) -> str:
    """Escaped text with `backticks` as code."""
    pieces = escape(text).split("`")
    return "".join(f"<code>{piece}</code>" if i % 2 else piece for i, piece in enumerate(pieces))
