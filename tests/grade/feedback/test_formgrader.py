"""formgrader in a real browser: an instructor comments and gives points, and presses nbgrader's own buttons."""

import sys

import pytest
from bs4 import BeautifulSoup
from in_browser import served
from small_class import HONEST, LESSON, judged_marks, submit

from autograder.catalogue.sample import answered
from autograder.grade import record
from autograder.grade.folder import CourseFolder
from autograder.grade.grade_class import grade_class

pytestmark = pytest.mark.slow

COMMENT = "The *decay* belongs outside, see $\\theta_t$. <script>alert(1)</script>"
# Milliseconds: far more than it takes on a busy machine.
PATIENCE = 240_000
# formgrader asks for points and comments once its page is there, and writes them over what stands in their places.
IS_FILLED_IN = "window.formgrader?.grades?.loaded && window.formgrader?.comments?.loaded"


@pytest.fixture(scope="module")
def desk(tmp_path_factory, browser):
    """A folder with a graded class, and a page on the Jupyter server that was started in it."""
    place = tmp_path_factory.mktemp("desk")
    folder = CourseFolder(place / "gradebook")
    folder.setup([LESSON])
    for student in ("right", "wrong"):
        submit(folder, student, HONEST[student])
    list(grade_class(folder, [LESSON], seed=11))
    (place / "own").mkdir()
    command = [sys.executable, "-m", "jupyterlab", "--LabApp.news_url=None"]
    command.append("--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate")
    with served(command, folder.path, own=place / "own") as address:
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        page.route(lambda url: not url.startswith(address), lambda route: route.abort())
        yield folder, page, address
        page.close()


def saved(page, what, fill):
    """Wait until formgrader has sent what is filled in."""
    with page.expect_response(
        lambda said: f"/api/{what}/" in said.url and said.request.method == "PUT"
    ) as answer:
        fill()
    assert answer.value.ok


def test_comments_and_points_by_hand_are_on_the_page_after_the_next_run(desk):
    folder, page, address = desk
    with folder.open() as gradebook:
        number = gradebook.find_submission_notebook(LESSON.name, LESSON.name, "wrong").id
    page.goto(f"{address}/formgrader/submissions/{number}/")
    page.wait_for_function(IS_FILLED_IN)

    def fill(place, text):
        page.fill(place, text)
        page.keyboard.press("Tab")

    saved(page, "comment", lambda: fill("#AdamW-comment", COMMENT))
    saved(page, "grade", lambda: fill("input#check_AdamW", "1.25"))
    (done,) = grade_class(folder, [LESSON], seed=11)
    assert (done.graded, done.renewed) == ([], 1)
    made = folder.feedback("wrong", LESSON).read_text()
    assert "<script" not in made
    soup = BeautifulSoup(made, "html.parser")
    assert soup.find(id="comment-1").em.text == "decay"
    row = next(row for row in soup.table("tr") if row.a and row.a.text == "AdamW")
    assert [cell.text for cell in row("td")][2:] == ["1.25", "1.25 of 2.5"]
    assert record.scores(folder, LESSON)["wrong"] == 10 - 2.5 + 1.25


def test_what_counts_as_extra_takes_points_by_hand_as_extra_credit(desk):
    folder, page, address = desk
    policy = folder.path / "policy.toml"
    before = policy.read_text()
    policy.write_text(f'[lessons.{LESSON.name}]\nextra = ["amsgrad_update"]\n')
    list(grade_class(folder, [LESSON], seed=11))
    counted = record.scores(folder, LESSON)["right"]
    with folder.open() as gradebook:
        number = gradebook.find_submission_notebook(LESSON.name, LESSON.name, "right").id
    page.goto(f"{address}/formgrader/submissions/{number}/")
    page.wait_for_function(IS_FILLED_IN)

    def fill(text):
        page.fill("input#check_amsgrad_update_extra_credit", text)
        page.keyboard.press("Tab")

    saved(page, "grade", lambda: fill("0.75"))
    (done,) = grade_class(folder, [LESSON], seed=11)
    assert (done.graded, done.renewed) == ([], 1)
    assert record.scores(folder, LESSON)["right"] == counted + 0.75
    made = BeautifulSoup(folder.feedback("right", LESSON).read_text(), "html.parser")
    row = next(row for row in made.table("tr") if row.a and row.a.text == "amsgrad_update")
    assert "0.75" in row.text
    policy.write_text(before)
    list(grade_class(folder, [LESSON], seed=11))


def pressed(page, address, column, student):
    """What formgrader says after one of its buttons, in its list of submissions."""
    page.goto(f"{address}/formgrader/manage_submissions/{LESSON.name}")
    row = page.locator("tr", has=page.get_by_text(student, exact=True))
    row.locator(f"td.{column} a").click()
    page.wait_for_selector(".modal.in, .modal.show")
    return page.locator(".modal").inner_text()


def test_its_buttons_grade_in_the_sandbox(desk, tmp_path):
    folder, page, address = desk
    trace = tmp_path / "ran-outside"
    outside = f"try:\n    open({str(trace)!r}, 'w').close()\nexcept OSError:\n    pass"
    submit(folder, "right", answered(LESSON, {"Adam": f"{outside}\n{LESSON.solutions()['Adam']}"}))
    said = pressed(page, address, "autograde", "right")
    assert "Success" in said, said
    assert "Done by Descent" in said
    assert not trace.exists()
    assert judged_marks(folder)["right"].state == "graded"
    assert "descent-feedback" in folder.feedback("right", LESSON).read_text()


def test_its_feedback_is_ours(desk):
    folder, page, address = desk
    folder.feedback("wrong", LESSON).unlink()
    said = pressed(page, address, "generate-feedback", "wrong")
    assert "Done by Descent" in said, said
    assert "descent-feedback" in folder.feedback("wrong", LESSON).read_text()
