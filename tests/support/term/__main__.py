"""``make term``: a class of 300 through three lessons, for each platform, and how long each command takes."""

import argparse
import tempfile
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from term.term import DESKS, LESSONS, Done, Term


def table(done: list[Done]) -> Table:
    """A row for each command: the seconds of each lesson, and of each that was handed in."""
    made = Table(title="A term, in seconds", title_justify="left", box=box.SIMPLE, pad_edge=False)
    made.add_column("command", overflow="fold")
    for lesson in LESSONS:
        made.add_column(lesson.name[:2], justify="right")
    made.add_column("each", justify="right")
    platform = ""
    for (of, words), seconds in _by_command(done).items():
        if of != platform:
            platform = of
            made.add_section()
            made.add_row(f"[bold]{platform}[/]")
        each = _each(done, of, words)
        made.add_row(
            words,
            *[f"{seconds[lesson.name]:.1f}" if lesson.name in seconds else "" for lesson in LESSONS],
            each,
        )
    return made


def _by_command(done: list[Done]) -> dict[tuple[str, str], dict[str, float]]:
    found: dict[tuple[str, str], dict[str, float]] = {}
    for entry in done:
        lesson = entry.lesson or LESSONS[0].name
        found.setdefault((entry.platform, _words(entry)), {})[lesson] = entry.ran.seconds
    return found


def _words(entry: Done) -> str:
    """A command without what differs from lesson to lesson."""
    words = entry.ran.command.split()
    return " ".join(words[:2]) if entry.lesson else " ".join(words[:3])


def _each(done: list[Done], platform: str, words: str) -> str:
    own = [entry for entry in done if (entry.platform, _words(entry)) == (platform, words)]
    count = sum(entry.submissions for entry in own)
    return f"{sum(entry.ran.seconds for entry in own) / count:.3f}" if count else ""


def main() -> None:
    parser = argparse.ArgumentParser(prog="make term", description=__doc__)
    parser.add_argument("--students", type=int, default=300, help="12 or more")
    parser.add_argument("--platform", action="append", choices=DESKS, help="all unless given")
    parser.add_argument("--aloud", action="store_true", help="show what each command says, as the page does")
    asked = parser.parse_args()
    console = Console(width=100)
    done: list[Done] = []

    def tell(entry: Done) -> None:
        done.append(entry)
        console.print(f"{entry.ran.seconds:7.1f} s  {entry.ran.command}", highlight=False, soft_wrap=True)
        if asked.aloud:
            console.print(Text(entry.ran.said), soft_wrap=True)

    for platform in asked.platform or DESKS:
        with tempfile.TemporaryDirectory(prefix="descent-term-") as place:
            Term(platform, asked.students, Path(place), LESSONS, tell).go()
    console.print(table(done))
    console.print("Nobody is lost: every point, page and empty cell is what the gradebook says.")


if __name__ == "__main__":
    main()
