"""What the command prints: problems first, within the terminal, and counts where a class is big."""

import os

import pytest
from class_zips import LESSON, ROSTER, moodle, version
from corpus.archives import zipped
from rich.console import Console

from autograder.collect import table
from autograder.collect.collect import collect

pytestmark = pytest.mark.slow


def said(done, width):
    console = Console(width=width, file=open(os.devnull, "w"), record=True)  # noqa: SIM115 - closed below
    for part in table.rendered(done):
        console.print(part)
    console.file.close()
    return console.export_text()


@pytest.mark.parametrize("width", [80, 120])
def test_the_output_of_a_small_class_fits_the_terminal(folder, given, width):
    files = {
        **{
            f"Student {number}_{number}_assignsubmission_file_/05_adam.ipynb": version(1)
            for number in range(9)
        },
        "Bob [red] ONeil_13_assignsubmission_file_/a very long name of a file that nobody reads.pdf": b"",
    }
    done = collect(folder, LESSON, given("moodle.zip", zipped(files)))
    lines = said(done, width).splitlines()
    assert max(map(len, lines)) <= width
    assert lines[0].startswith("Please look at")
    assert any("Bob [red] ONeil" in line for line in lines)
    assert any("Student 3" in line and "not known" in line and "new" in line for line in lines)


def test_the_output_of_a_big_class_is_counts_and_problems(folder, given):
    roster = "student,name,email\n" + "".join(f"s{number:03},Student {number},\n" for number in range(300))
    files = {
        f"Student {number}_{number}_assignsubmission_file_/05_adam.ipynb": version(number % 7)
        for number in range(250)
    }
    files["Student 0_0_assignsubmission_file_/05_adam.ipynb"] = b"{"
    done = collect(folder, LESSON, given("moodle.zip", zipped(files)), given("roster.csv", roster))
    lines = said(done, 80).splitlines()
    assert len(lines) < 25
    page = " ".join(" ".join(lines).split())
    assert "250 students (250 new)" in page
    assert "Of 300 in the roster 250 have handed in." in page
    assert "s250, s251" in page and "and 20 more" in page
    assert "s000" in page and "s001" not in page


def test_the_command(folder, given, command_line):
    arguments = ("05_adam", given("moodle.zip", moodle()), "--roster", given("roster.csv", ROSTER))
    code, out, _ = command_line("collect", *arguments, "--gradebook", folder.path, "--dry-run")
    assert (code, "Nothing is written" in out) == (0, True)
    code, out, _ = command_line("collect", *arguments, "--gradebook", folder.path)
    assert (code, "Now grade: autograder grade 05_adam" in out) == (0, True)
    code, _, errors = command_line("collect", "05_adam", folder.path / "none.zip", "--gradebook", folder.path)
    assert (code, errors.count("\n")) == (2, 1)
    assert "name the zip that the platform gave you" in errors
