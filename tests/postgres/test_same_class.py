"""The same class on SQLite and on PostgreSQL, in a language with an order of its own: nothing tells them apart."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from alike import files, tables

from autograder.catalogue.lesson import find, lessons
from autograder.catalogue.sample import sample_class
from autograder.grade.folder import CourseFolder

pytestmark = pytest.mark.slow

LESSON = find("05_adam")
AUTOGRADER = (sys.executable, "-m", "autograder")
POLICY = """zone = "Europe/Berlin"
[late]
per_day = "10 %"
[lessons.05_adam]
due = 2026-01-01T12:00:00
points = {adam_update = 5}
[[extensions]]
students = ["zoe", "Ämil", "B_1"]
by = "1 day"
"""
ROSTER = (
    'student,name,email,lms_id\nÄmil,"Öz, Ämil",a@x.org,7\nzoe,Zoë Zorn,z@x.org,8\nB_1,Bo Bat,b@x.org,9\n'
)


def run(folder, *arguments):
    done = subprocess.run(
        [*AUTOGRADER, *map(str, arguments), "--gradebook", folder.path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    # Bars of progress say how fast it went.
    lines = (done.stdout + done.stderr).splitlines(keepends=True)
    return "".join(line for line in lines if "━" not in line)


def work_through(folder, place):
    """A class from set-up to export by the commands; what each printed."""
    place.mkdir(parents=True)
    said = [run(folder, "setup")]
    (folder.path / "policy.toml").write_text("")
    (folder.path / "secret_seed").write_text("5\n")
    answers = list(sample_class(LESSON, 8))
    for student, file, text in answers:
        folder.submit(student, LESSON, text, file)
    handed_in = place / "handed in"
    handed_in.mkdir()
    (place / "roster.csv").write_text(ROSTER)
    for student in ("Ämil", "zoe", "B_1"):
        (handed_in / f"{student}.ipynb").write_bytes(LESSON.student_path.read_bytes())
    said.append(run(folder, "collect", LESSON.name, handed_in, "--roster", place / "roster.csv"))
    for student in folder.students(folder.directory.submitted_directory, LESSON):
        late = folder.place(folder.directory.submitted_directory, student, LESSON) / "timestamp.txt"
        late.write_text("2026-01-03 03:04:05 UTC")
    said.append(run(folder, "grade", LESSON.name))
    with folder.open() as gradebook:
        grade = gradebook.find_grade("check_Adam", LESSON.name, LESSON.name, "B_1")
        grade.manual_score, grade.extra_credit = 1.1, 0.3
        gradebook.db.commit()
    (folder.path / "policy.toml").write_text(POLICY)
    said += [run(folder, "policy", "--dry-run"), run(folder, "policy"), run(folder, "report")]
    said.append(run(folder, "export", place / "grades.csv", "--format", "table"))
    said.append((place / "grades.csv").read_text())
    report = re.sub(r"\b[0-9a-f]{32}\b", "ID", (folder.path / "report.html").read_text())
    said.append(re.sub(r"As of <time.*?</time>", "", report))
    return [entry.replace(str(folder.path), "HERE").replace(str(place), "PLACE") for entry in said]


@pytest.fixture(scope="module")
def both(server, tmp_path_factory):
    """The folders on SQLite and on the server, and what was printed on the way."""
    place = tmp_path_factory.mktemp("both")
    on_file, on_server = (CourseFolder(place / name / "gradebook") for name in ("sqlite", "server"))
    run(on_server, "setup", "--database", server.database().replace("+psycopg2", ""))
    on_server = CourseFolder(on_server.path)
    return {
        "sqlite": (on_file, work_through(on_file, place / "sqlite" / "out")),
        "server": (on_server, work_through(on_server, place / "server" / "out")),
    }


def test_every_table_is_the_same(both):
    one, other = (tables(folder) for folder, _ in both.values())
    for name in one:
        assert other[name] == one[name], name
    assert len(one["grade"]) == 11 * len(LESSON.exercises)


def test_every_file_is_the_same(both):
    one, other = (files(folder) for folder, _ in both.values())
    assert one.keys() == other.keys()
    assert [name for name in one if other[name] != one[name]] == []
    assert len([name for name in one if name.endswith(".html")]) == 11
    assert json.loads(one["policy_in_force.json"])[LESSON.name]["extensions"] == {
        "B_1": None,
        "zoe": None,
        "Ämil": None,
    }


def test_what_is_printed_reported_and_exported_is_the_same(both):
    (_, one), (folder, other) = both.values()
    assert one == other
    assert not (folder.path / "gradebook.db").exists()


def test_nothing_that_is_graded_is_graded_again(both, tmp_path):
    folder = both["server"][0]
    assert f"11 submissions of {LESSON.name} are graded and have not changed." in run(
        folder, "grade", LESSON.name
    )


def test_nbgraders_own_export_reads_it(both, tmp_path):
    tables = {}
    for name, (folder, _) in both.items():
        copy = tmp_path / name
        shutil.copytree(folder.path, copy, ignore=shutil.ignore_patterns("report.html"))
        command = [Path(sys.executable).with_name("nbgrader"), "export", "--to", "grades.csv"]
        done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        tables[name] = sorted((copy / "grades.csv").read_text().splitlines())
    assert tables["sqlite"] == tables["server"]
    assert len(tables["server"]) == 1 + 11 * len(lessons())
