"""A class whose exercises count otherwise: the report, the export, the feedback and nbgrader say the same."""

import csv
import io

import pytest
from bs4 import BeautifulSoup
from small_class import LESSON, copy_of

from autograder.export.export import export
from autograder.export.formats import Format
from autograder.grade.grade_class import apply_policy
from autograder.report import page as class_report
from autograder.report.results import results
from autograder.report.views import NONE, views
from course.cells import CHECK

pytestmark = pytest.mark.slow

# Of 2.5, 3.5, 2.5 and 1.5 points: the first count double, the third nothing, the last above the maximum.
POLICY = """zone = "Europe/Berlin"
[late]
per_day = "10 %"
[lessons.05_adam]
due = 2026-01-01T12:00:00
points = {adam_update = 5}
excluded = ["AdamW"]
extra = ["amsgrad_update"]
"""
COUNTED = {"adam_update": "of 5", "Adam": "of 3.5", "amsgrad_update": "of 1.5 extra"}


@pytest.fixture(scope="module")
def folder(graded, tmp_path_factory):
    """The small class with the policy in force, late and by hand too."""
    folder = copy_of(graded[0], tmp_path_factory.mktemp("counting"))
    with folder.open() as gradebook:
        gradebook.find_grade("check_Adam", LESSON.name, LESSON.name, "untouched").manual_score = 2.0
        gradebook.find_grade("check_AdamW", LESSON.name, LESSON.name, "wrong").manual_score = 2.0
        gradebook.find_grade("check_Adam", LESSON.name, LESSON.name, "wrong").extra_credit = 0.25
        gradebook.db.commit()
    (folder.path / "policy.toml").write_text(POLICY)
    (done,) = apply_policy(folder)
    assert not done.without_page
    class_report.write(folder)
    return folder


def exported(folder):
    """The rows of the table of everything, by student."""
    data = export(folder, folder.path.parent / "out.csv", Format.TABLE, [LESSON]).data
    rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    return {
        row["student"]: {head.removeprefix("05_adam "): cell for head, cell in row.items()} for row in rows
    }


def reported(folder):
    """The cells of each student in the report's table as it stands in the page, by student and head."""
    soup = BeautifulSoup((folder.path / "report.html").read_text(), "html.parser").noscript
    heads = [" ".join(head.text.split()) for head in soup.thead("th")]
    rows = {row.th.a.text: [cell.text.split() for cell in row("td")] for row in soup.tbody("tr")}
    return {name: dict(zip(heads[1:], cells, strict=True)) for name, cells in rows.items()}


def returned(folder, student):
    """The last cell of each row of the page's table of points, by the first."""
    soup = BeautifulSoup(folder.feedback(student, LESSON).read_text(), "html.parser")
    return {row.th.text.partition(":")[0]: row("td")[-1].text for row in soup.main.table("tr") if row.td}


def number(text):
    return float(text) if text not in ("", NONE) else 0.0


def test_every_point_is_the_same_wherever_it_stands(folder):
    table, report = exported(folder), reported(folder)
    assert set(table) == set(report) == {row.student for row in results(folder, LESSON).rows}
    with folder.open() as gradebook:
        theirs = {entry.student_id: entry for entry in gradebook.assignment_submissions(LESSON.name)}
        for student, row in table.items():
            shown, page, submission = report[student], returned(folder, student), theirs[student]
            score = submission.score - submission.late_submission_penalty
            assert number(row["total of 8.5"]) == pytest.approx(score)
            assert number(shown["score of 8.5"][0]) == pytest.approx(score)
            assert page["Together"] == f"{score:.4g} of 8.5"
            assert (page["AdamW"], shown["AdamW does not count"]) == (NONE, [NONE])
            for name, said in COUNTED.items():
                points = number(row[_head(name, said)])
                assert number(shown[f"{name} {said}"][0]) == points
                assert page[name] == f"{points:g} {said}"
                assert points == gradebook.find_grade(CHECK + name, *[LESSON.name] * 2, student).score


def _head(name, said):
    """What the export calls a column of the report."""
    return f"{name} extra {said.removesuffix(' extra')}" if said.endswith("extra") else f"{name} {said}"


def test_parts_add_up(folder):
    for student, row in exported(folder).items():
        parts = sum(number(row[_head(name, said)]) for name, said in COUNTED.items())
        assert number(row["total of 8.5"]) == pytest.approx(parts - number(row["late"])), student
        assert parts == pytest.approx(number(row["automatic"]) + number(row["by hand"])), student
    rows = exported(folder)
    assert (rows["late"]["late"], rows["wrong"]["by hand"], rows["untouched"]["by hand"]) == (
        "0.85",
        "0.25",
        "2",
    )
    assert not any(head.startswith("AdamW") for head in rows["right"])


def test_what_is_hard_is_told_in_the_points_of_the_class(folder):
    found = results(folder, LESSON)
    sums = dict.fromkeys((exercise.id for exercise in LESSON.exercises), 0.0)
    for item in found.items:
        sums[item.exercise] += item.points
    assert sums == pytest.approx({"adam_update": 5.0, "Adam": 3.5, "AdamW": 0.0, "amsgrad_update": 1.5})
    assert [count.counting for count in found.exercises] == ["points", None, "excluded", "extra"]
    # Who made the mistake in what does not count is as good as the others.
    assert found.mistakes


def test_the_page_names_what_counts_otherwise_and_asks_for_no_points_of_what_does_not(folder, browser):
    page = browser.new_page()
    trouble = []
    page.on("console", lambda said: trouble.append(said.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.goto((folder.path / "report.html").as_uri())
    heads = [" ".join(head.split()) for head in page.locator("#students thead button").all_inner_texts()]
    assert heads[2:-1] == [
        *("score of 8.5", "adam_update of 5", "Adam of 3.5", "AdamW does not count"),
        "amsgrad_update of 1.5 extra",
    ]
    asked = page.locator("[name=exercise] optgroup").first.locator("option").all_inner_texts()
    assert asked == list(COUNTED)
    section = page.locator("section.lesson")
    counts = section.locator(".side table th[scope=row]").all_inner_texts()
    assert [" ".join(count.split()) for count in counts] == [
        *("adam_update", "Adam", "AdamW does not count", "amsgrad_update extra credit")
    ]
    text = page.locator("body").inner_text()
    assert "NaN" not in text
    assert "Infinity" not in text
    page.close()
    assert trouble == []


def test_nobody_is_lost_where_the_policy_is_taken_back(folder, tmp_path):
    again = copy_of(folder, tmp_path)
    (again.path / "policy.toml").write_text("")
    list(apply_policy(again))
    (view,) = views(class_report.class_results(again, [LESSON]))
    assert [column.said for column in view.columns] == ["of 10", "of 2.5", "of 3.5", "of 2.5", "of 1.5"]
