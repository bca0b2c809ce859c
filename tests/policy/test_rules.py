"""The policy in a real gradebook: what it changes, that all of it comes back, and what people gave stays."""

import errno
import json
import shutil
import sqlite3

import nbformat
import pytest
from small_class import HONEST, LESSON, copy_of, grade, judged_marks, submit

from autograder.errors import DescentError
from autograder.grade import grade_class
from autograder.grade.folder import CourseFolder
from autograder.grade.marks import class_marks
from autograder.grade.ruling import rule, rules_of
from autograder.policy.in_force import NAME

pytestmark = pytest.mark.slow

ZONE = 'zone = "Europe/Berlin"\n'
# "late" handed in on 2 January at 03:04:05 UTC, sixteen hours after this.
DUE = "[lessons.05_adam]\ndue = 2026-01-01T12:00:00\n"
POINTS = 'points = {adam_update = 5}\nexcluded = ["AdamW"]\nextra = ["amsgrad_update"]\n'
STRICT = f'{ZONE}[late]\nper_day = "10 %"\n{DUE}'
EXTENDED = f'{STRICT}[[extensions]]\nstudents = ["late"]\nby = "1 day"\n'


def decide(folder, text):
    """Write the policy and put it into force; what changed."""
    (folder.path / "policy.toml").write_text(text)
    return rule(folder, rules_of(folder), LESSON)


def dump(folder):
    """Every table of the gradebook, row by row."""
    with sqlite3.connect(folder.path / "gradebook.db") as database:
        return list(database.iterdump())


def _disk_is_full(path, data):
    raise OSError(errno.ENOSPC, "No space left on device", str(path))


def scores(folder):
    return {student: mark.score for student, mark in judged_marks(folder).items()}


@pytest.fixture
def folder(graded, tmp_path):
    return copy_of(graded[0], tmp_path)


def test_points_of_exercises_excluded_ones_and_extra_credit(folder):
    before = scores(folder)
    found = decide(folder, f"[lessons.05_adam]\n{POINTS}")
    # Of 2.5, 3.5, 2.5 and 1.5 points: the first count double, the third nothing, the last above the maximum.
    marks = class_marks(folder, [LESSON]).lessons[LESSON.name]
    assert (before["right"], before["zoé"], before["untouched"]) == (10.0, 7.5, 0.0)
    assert (marks.max_score, scores(folder)["right"], scores(folder)["zoé"]) == (8.5, 10.0, 5.0)
    assert scores(folder)["wrong"] == 10.0  # the mistake is in what does not count
    assert set(found.changed) == set(before)
    assert (found.changed["zoé"][0].score, found.changed["zoé"][1].maximum) == (7.5, 8.5)
    assert {name: tuple(entry) for name, entry in marks.counting.items()} == {
        "adam_update": ("points", 5.0),
        "AdamW": ("excluded", 0.0),
        "amsgrad_update": ("extra", 1.5),
    }


def test_nbgrader_says_the_same(folder):
    decide(folder, EXTENDED.replace('by = "1 day"', 'by = "1 hour"').replace(DUE, DUE + POINTS))
    with folder.open() as gradebook:
        submission = gradebook.find_submission(LESSON.name, "late")
        assert (submission.score, submission.max_score) == (10.0, 8.5)
        assert str(submission.duedate) == "2026-01-01 12:00:00"  # one hour later, and one earlier in UTC
        assert submission.total_seconds_late == 15 * 3600 + 4 * 60 + 5
        assert submission.late_submission_penalty == 0.85
    assert scores(folder)["late"] == 9.15


def test_two_policies_changed_and_changed_back_give_the_identical_gradebook(folder):
    with folder.open() as gradebook:
        gradebook.find_grade("check_AdamW", LESSON.name, LESSON.name, "wrong").manual_score = 2.2
        gradebook.find_grade("check_AdamW", LESSON.name, LESSON.name, "zoé").extra_credit = 0.3
        gradebook.find_comment("AdamW", LESSON.name, LESSON.name, "wrong").manual_comment = "Well tried."
        gradebook.find_assignment(LESSON.name).duedate = None
        gradebook.grant_extension(LESSON.name, "right", hours=5)
        gradebook.db.commit()
    policies = ["", STRICT, EXTENDED, STRICT.replace(DUE, DUE + POINTS), f"[lessons.05_adam]\n{POINTS}"]
    dumps = []
    for text in policies:
        decide(folder, text)
        dumps.append(dump(folder))
    assert len(set(map(tuple, dumps))) == len(policies)
    for text, expected in [*zip(policies, dumps, strict=True)][::-1]:
        decide(folder, text)
        assert dump(folder) == expected
    assert not (folder.path / NAME).exists()
    assert (scores(folder)["wrong"], dump(folder)) == (9.7, dumps[0])


def test_nothing_changes_twice_and_a_dry_run_nothing_at_all(folder):
    before = dump(folder)
    (folder.path / "policy.toml").write_text(EXTENDED + f"[lessons.06_lr_decay]\n{DUE.splitlines()[1]}\n")
    done = list(grade_class.apply_policy(folder, dry_run=True))
    assert (dump(folder), (folder.path / NAME).exists()) == (before, False)
    again = list(grade_class.apply_policy(folder))
    assert [entry.ruled.changed.keys() for entry in done] == [entry.ruled.changed.keys() for entry in again]
    in_force = dump(folder)
    assert not any(entry.ruled.changed for entry in grade_class.apply_policy(folder))
    assert dump(folder) == in_force != before


def test_no_code_is_run_and_pages_show_what_changed(folder, monkeypatch):
    monkeypatch.setattr("autograder.judge.grader.run", None)
    before = folder.feedback("late", LESSON).read_text()
    (folder.path / "policy.toml").write_text(STRICT.replace(DUE, DUE + POINTS))
    (done,) = grade_class.apply_policy(folder)
    assert (done.renewed, done.without_page) == (7, [])
    page = folder.feedback("late", LESSON).read_text()
    assert "does not count" in page
    assert "1.5 of 1.5 extra" in page
    assert "A right answer to adam_update gives 5 points in this class" in page
    assert "due 1 January 2026, 11:00 UTC, handed in 2 January 2026, 03:04 UTC" in page
    assert "<strong>9.15</strong> of 8.5" in page
    (folder.path / "policy.toml").write_text("")
    (done,) = grade_class.apply_policy(folder)
    assert done.renewed == 7
    assert folder.feedback("late", LESSON).read_text() == before


def test_who_is_graded_later_has_the_same_as_who_was_graded_before(folder):
    text = EXTENDED.replace(DUE, DUE + POINTS)
    decide(folder, text)
    late = submit(folder, "new", HONEST["wrong"])
    (late / "timestamp.txt").write_text("2026-01-02 03:04:05 UTC")
    submit(folder, "late", HONEST["wrong"])
    assert sorted(grade(folder)) == ["late", "new"]
    assert (scores(folder)["new"], scores(folder)["late"]) == (9.15, 10.0)
    before = dump(folder)
    assert not decide(folder, text).changed
    assert dump(folder) == before
    assert decide(folder, "").changed.keys() == set(scores(folder))
    assert scores(folder)["new"] == scores(folder)["late"] == 9.25


def test_points_by_hand_stay_and_come_back_and_are_named(folder):
    with folder.open() as gradebook:
        gradebook.find_grade("check_adam_update", LESSON.name, LESSON.name, "zoé").manual_score = 1.5
        gradebook.find_grade("check_AdamW", LESSON.name, LESSON.name, "wrong").manual_score = 2.0
        gradebook.db.commit()
    found = decide(folder, f"[lessons.05_adam]\n{POINTS}")
    assert found.by_hand == ["zoé"]
    assert judged_marks(folder)["zoé"].exercises["adam_update"].score == 1.5
    assert judged_marks(folder)["wrong"].exercises["AdamW"].score == 0.0  # it counts for nobody
    kept = json.loads((folder.path / NAME).read_text())
    assert kept["05_adam"]["by_hand"] == {"wrong": {"check_AdamW": [2.0, None]}}
    decide(folder, "")
    assert judged_marks(folder)["wrong"].exercises["AdamW"].manual == 2.0


def test_what_formgrader_says_holds_where_the_policy_says_nothing(folder):
    with (folder.path / "nbgrader_config.py").open("a") as settings:
        settings.write('c.LateSubmissionPlugin.penalty_method = "zero"\n')
    with folder.open() as gradebook:
        gradebook.update_or_create_assignment(LESSON.name, duedate="2026-01-01 00:00:00")
    folder = CourseFolder(folder.path)
    assert decide(folder, "").changed == {}
    assert decide(folder, f"[lessons.05_adam]\n{POINTS}").changed["late"][1].penalty == 10.0
    assert decide(folder, EXTENDED).changed["late"][1].penalty == 0.0
    decide(folder, "")
    with folder.open() as gradebook:
        assert str(gradebook.find_assignment(LESSON.name).duedate) == "2026-01-01 00:00:00"


def test_flags_say_what_is_late_now_and_what_has_no_time(folder):
    decide(folder, STRICT)
    flags = {student: mark.judgement.sentences for student, mark in judged_marks(folder).items()}
    assert flags["late"] == ["handed in late: 1 points less"]
    assert flags["right"] == ["it has a due date, and no timestamp.txt says when it was handed in"]
    decide(folder, "")
    assert not judged_marks(folder)["late"].flags + judged_marks(folder)["right"].flags


def test_stopped_before_the_end_it_is_as_if_it_had_not_begun(folder, monkeypatch):
    before = dump(folder)
    with monkeypatch.context() as full, pytest.raises(OSError, match="No space"):
        full.setattr("autograder.policy.in_force.put_whole", _disk_is_full)
        decide(folder, EXTENDED)
    assert dump(folder) == before
    assert "late" in decide(folder, EXTENDED.replace("1 day", "1 hour")).changed
    decide(folder, "")
    assert dump(folder) == before


def test_whose_graded_notebook_is_gone_is_named_and_left(folder):
    shutil.rmtree(folder.autograded("right", LESSON).parent)
    found = decide(folder, f"[lessons.05_adam]\n{POINTS}")
    assert found.left == ["right"]


def test_a_notebook_that_another_program_graded_is_counted_from_its_own_points(folder):
    path = folder.autograded("wrong", LESSON)
    path.write_text(nbformat.writes(nbformat.read(path, as_version=4)) + "\n")
    before = dump(folder)
    assert decide(folder, f"[lessons.05_adam]\n{POINTS}").changed["wrong"][1].score == 10.0
    decide(folder, "")
    assert dump(folder) == before


def test_a_gradebook_whose_points_setup_put_back_is_mended(folder):
    decide(folder, f"[lessons.05_adam]\n{POINTS}")
    before = dump(folder)
    folder.setup([LESSON])
    assert dump(folder) != before
    assert decide(folder, f"[lessons.05_adam]\n{POINTS}").changed
    assert dump(folder) == before


def test_a_file_that_was_changed_by_hand_is_one_sentence(folder):
    (folder.path / NAME).write_text('{"05_adam": 1}')
    with pytest.raises(DescentError, match=r"is not as the policy left it: put back the file of before\.$"):
        decide(folder, "")
