"""What a graded class looks like: the numbers, the table in the terminal, the page in a browser."""

import html
import io
import json
import re
import shutil
import subprocess
from dataclasses import replace

import pytest
from rich.console import Console
from small_class import LESSON, WRONG, copy_of, grade, submit

from autograder.catalogue.answers import misconceptions
from autograder.catalogue.pairs import together
from autograder.catalogue.sample import answered
from autograder.errors import DescentError
from autograder.grade import record
from autograder.report import figures
from autograder.report import page as class_report
from autograder.report.results import results
from autograder.report.table import table

pytestmark = pytest.mark.slow


def test_table_and_report_have_a_row_for_everyone(graded):
    folder, done = graded
    found = results(folder, LESSON)
    assert [row.student for row in found.rows] == sorted(done)
    assert table(found).row_count == len(done)
    page = class_report.write(folder).read_text()
    for student in ("O&#39;Neil, Jr", "zoé", "renamed"):
        assert f'<a href="feedback/{student}/05_adam/05_adam.html">{student}</a>' in page
    assert "http://" not in page
    assert "https://" not in page
    assert "<script" not in page
    assert page.count("<img") == page.count('alt="') == 2
    assert WRONG.misconception.hint.split("`")[0][:40].replace("'", "&#39;") in page


MEASURE = """<script>document.title = JSON.stringify({
  overflow: document.documentElement.scrollWidth - innerWidth,
  pictures: [...document.images].map(image => image.naturalWidth),
  text: document.body.innerText.length,
})</script>"""


@pytest.mark.parametrize("width", [1200, 500])
def test_the_report_fits_the_browser_and_its_pictures_load(graded, tmp_path, width):
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert browser, (
        "This test needs Chromium: `make test` installs it on Debian as root; elsewhere install it by hand."
    )
    page = tmp_path / "measured.html"
    page.write_text(class_report.write(graded[0]).read_text() + MEASURE)
    flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
    ]
    command = [
        browser,
        *flags,
        f"--user-data-dir={tmp_path}",
        f"--window-size={width},900",
        "--dump-dom",
        page.as_uri(),
    ]
    dom = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    measured = json.loads(html.unescape(re.search("<title>(.*?)</title>", dom)[1]))
    assert measured["overflow"] <= 0
    assert len(measured["pictures"]) == 2
    assert all(natural > 300 for natural in measured["pictures"])
    assert measured["text"] > 500


def test_exercise_counts_add_up(graded):
    folder, done = graded
    for count in results(folder, LESSON).exercises:
        assert count.full + count.part + count.none + count.not_attempted == len(done)


def test_every_figure_says_what_it_shows(graded):
    found = results(graded[0], LESSON)
    for picture in (figures.scores(found), figures.exercises(found), figures.heat_map([found, found])):
        assert picture.image.startswith("data:image/png;base64,")
        assert picture.alt.endswith(".")


def test_names_in_the_table_are_no_markup(graded):
    found = results(graded[0], LESSON)
    (row,) = (row for row in found.rows if row.student == "right")
    found.rows[:] = [replace(row, student="[/]")]
    console = Console(file=io.StringIO(), width=200)
    console.print(table(found))
    assert "[/]" in console.file.getvalue()


def test_mistakes_are_named_by_the_judgements_alone(graded, tmp_path):
    folder = copy_of(graded[0], tmp_path)
    wrong = {entry.misconception.id: entry for entry in misconceptions(LESSON, "adam_update")}
    both = together(wrong["eps_inside_root"], wrong["uphill"], LESSON.solutions()["adam_update"])
    submit(folder, "right", answered(LESSON, {"adam_update": both}))
    one = wrong["uphill"].code(LESSON.solutions()["adam_update"])
    submit(folder, "untouched", answered(LESSON, {"adam_update": one}))
    grade(folder)
    # What the catalogue calls it today is nothing to what was found then.
    path = next(folder.path.glob("judgements/wrong/05_adam/*.json"))
    path.write_text(path.read_text().replace(WRONG.misconception.name, "a name of its own"))
    found = results(folder, LESSON).mistakes
    students = {
        "uphill": ["right", "untouched"],
        WRONG.misconception.id: ["wrong"],
        "eps_inside_root": ["right"],
    }
    assert {mistake.id: mistake.students for mistake in found} == students
    assert found[0].id == "uphill"
    assert all(mistake.hint for mistake in found)
    assert {mistake.id: mistake.name for mistake in found}[WRONG.misconception.id] == "a name of its own"
    assert "a name of its own" in class_report.write(folder).read_text()


def test_a_judgement_of_another_version_is_one_sentence_and_is_graded_again(graded, tmp_path):
    folder = copy_of(graded[0], tmp_path)
    path = next(folder.path.glob("judgements/wrong/05_adam/*.json"))
    path.write_text(path.read_text().replace('"format": 1', '"format": 0'))
    with pytest.raises(DescentError, match=r"run `autograder grade 05_adam` to grade again\.$") as error:
        results(folder, LESSON)
    assert str(path) in str(error.value)
    assert list(grade(folder)) == ["wrong"]
    assert len(results(folder, LESSON).rows) == len(graded[1])


def test_a_folder_of_before_there_were_judgements_is_graded_again(graded, tmp_path):
    folder = copy_of(graded[0], tmp_path)
    shutil.rmtree(folder.path / record.STEP)
    with pytest.raises(DescentError, match="Nothing is graded"):
        class_report.write(folder)
    assert grade(folder).keys() == graded[1].keys()
