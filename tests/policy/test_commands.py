"""The commands: the policy's own, and grading one exercise again."""

from datetime import UTC, datetime

import pytest
from small_class import LESSON, copy_of

from autograder.grade import ruled_table
from autograder.grade.ruling import Ruled
from autograder.grade.scores import CellScore, SubmissionScores
from autograder.policy.terms import Terms

DUE = 'zone = "Europe/Berlin"\n[late]\nper_day = 1\n[lessons.05_adam]\ndue = 2026-01-01T12:00:00\n'


@pytest.mark.slow
def test_the_policy_is_shown_and_put_into_force(graded, tmp_path, command_line):
    folder = copy_of(graded[0], tmp_path)
    (folder.path / "policy.toml").write_text(DUE)
    code, out, err = command_line("policy", "--dry-run", "--gradebook", folder.path)
    due = "05_adam: due 2026-01-01 12:00 CET.\n"
    assert (code, err) == (0, f"{due}Changed by the policy: 1 score, if it were not a dry run.\n")
    assert "the policy would change 1 score" in out
    assert not (folder.path / "report.html").exists()
    code, out, err = command_line("policy", "--gradebook", folder.path)
    assert code == 0
    assert out.split()[-1].endswith("report.html")
    assert err.endswith("Changed by the policy: 1 score.\n")
    code, out, err = command_line("policy", "--gradebook", folder.path)
    assert (code, out, err) == (0, "", f"{due}Changed by the policy: 0 scores.\n")


@pytest.mark.slow
def test_a_fault_stops_grading_with_its_sentence(graded, tmp_path, command_line):
    folder = copy_of(graded[0], tmp_path)
    (folder.path / "policy.toml").write_text("zone = 3\n[lat]\n")
    for arguments in (("policy",), ("grade", LESSON.name)):
        code, out, err = command_line(*arguments, "--gradebook", folder.path)
        assert (code, out) == (2, "")
        assert err.count("policy.toml: ") == 2


@pytest.mark.slow
def test_grading_puts_it_into_force_and_grades_an_exercise_again(graded, tmp_path, command_line):
    folder = copy_of(graded[0], tmp_path)
    (folder.path / "policy.toml").write_text(DUE)
    grade = ("grade", LESSON.name, "--gradebook", folder.path, "--seed", 11)
    code, out, err = command_line(*grade, "--exercise", "AdamV")
    assert (code, err.strip()) == (2, 'autograder: There is no exercise "AdamV"; did you mean "Adam"?')
    code, out, err = command_line(
        *grade, "--exercise", "AdamW", "--student", "late", "--student", "untouched"
    )
    assert code == 0
    assert "the policy changed 1 score" in out
    # "untouched" did not attempt it.
    assert "1 submissions of 05_adam are graded and have not changed." in err
    code, out, err = command_line(*grade)
    assert "7 submissions of 05_adam are graded and have not changed." in err


def test_what_holds_is_said_in_a_line():
    due = datetime(2026, 2, 1, 23, 59, tzinfo=UTC)
    terms = Terms(due, {"ben": due, "anna": due}, None, {"Adam": 2.5}, frozenset({"AdamW"}), frozenset({"x"}))
    assert ruled_table.holds(LESSON, terms) == (
        "05_adam: due 2026-02-01 23:59 UTC; extended for anna, ben; Adam gives 2.5 points; "
        "left out: AdamW; extra credit: x."
    )


def test_of_many_the_first_are_listed_and_all_counted_within_80_columns(capsys):
    from rich.console import Console

    def scores(points, penalty=0.0):
        return SubmissionScores(None, penalty, {"check_Adam": CellScore(points, maximum=10.0)})

    changed = {f"student{i:03}" + "x" * 30: (scores(10.0), scores(7.5, 2.125)) for i in range(300)}
    ruled = Ruled(LESSON, changed, by_hand=list(changed), left=["a[b]"])
    Console(width=80).print(ruled_table.table(ruled))
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) < 25
    assert "the policy changed 300 scores" in lines[0]
    assert any("and 285 more" in line for line in lines)
    sentences = list(ruled_table.sentences(ruled))
    assert [sentence[-1] for sentence in sentences] == [".", "."]
    assert "and 285 more in formgrader" in sentences[0]
