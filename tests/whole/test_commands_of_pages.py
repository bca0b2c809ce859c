"""The commands that pages tell people to type are commands of the command line, with options that it has."""

import re
import shlex

import pytest
import typer
from nbgrader.apps.nbgraderapp import NbGraderApp
from term.commands import PAGE, ROOT, blocks, commands, section

from autograder import cli

PAGES = (ROOT / "README.md", PAGE, ROOT / "docs" / "grading.md", ROOT / "docs" / "cluster.md")
TERM = ("Before the term", "From Moodle", "Policy", "Who worked alike", "At the end")


def typed(text):
    """The words of every command on a page: in its blocks, and in the middle of sentences."""
    inline = re.findall(
        r"`((?:auto|nb)grader [^`]+)`", re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    )
    return [*commands(text), *map(shlex.split, inline)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_of_a_page_is_understood(page):
    ours, theirs = typer.main.get_command(cli.app).commands, NbGraderApp().subcommands
    found = typed(page.read_text(encoding="utf-8"))
    assert found
    for program, name, *arguments in found:
        if program == "nbgrader":
            assert name in theirs
            continue
        assert name in ours, f"autograder {name}"
        # One that is only spoken of has no arguments.
        if arguments and arguments != ["..."]:
            ours[name].make_context(name, arguments)


def test_a_term_has_twelve_commands_at_most():
    assert sum(len(commands(section(title))) for title in TERM) <= 12
    assert len(commands(section("From Moodle"))) == len(commands(section("From Canvas"))) == 4


def test_the_links_of_the_page_lead_somewhere():
    text = PAGE.read_text(encoding="utf-8")
    heads = {
        re.sub(r"[^\w -]", "", head).lower().replace(" ", "-")
        for head in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    }
    for target in re.findall(r"\]\(([^)]+)\)", text):
        if target.startswith("#"):
            assert target[1:] in heads
        elif "://" not in target:
            assert (PAGE.parent / target.partition("#")[0]).exists(), target
    assert blocks(text)
