"""A student's first five minutes, in a real browser: from `lab` to a first right answer, by keyboard.

Once by day on a window of 1024 pixels, and once in the dark on the same window at 200 %, where everything has
half the room.
"""

import shutil
import sys
import time
from pathlib import Path

import pytest
from in_browser import BEGINS_IN_VIEW, Student, served
from playwright.sync_api import expect

from autograder.catalogue.answers import misconceptions
from autograder.catalogue.lesson import find

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
LESSON = find("05_adam")
RIGHT = LESSON.solutions()["adam_update"]
WRONG = next(
    one for one in misconceptions(LESSON, "adam_update") if one.misconception.id == "no_bias_correction"
)
# Seconds: far more than a figure takes on any machine, and far less than a test may hang.
PATIENCE = 20
INSTRUCTORS = ("Formgrader", "Course List", "Create Assignment")


@pytest.fixture
def lab(tmp_path_factory):
    """The address of what a student opens with what was handed out, in a folder with a name as students have."""
    own, place = tmp_path_factory.mktemp("own"), tmp_path_factory.mktemp("Übung Eins")
    for room in ("course", "lessons"):
        shutil.copytree(ROOT / room, place / room, ignore=shutil.ignore_patterns("__pycache__"))
    with served([sys.executable, "-m", "course", "lab"], place, own=own, python=[place]) as address:
        yield address


def pale(output):
    """The words of an output that stand on their ground with less contrast than 4.5, as WCAG 2.2 counts it."""
    return output.evaluate(
        """output => {
          const canvas = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
          const mixed = colours => {
            canvas.clearRect(0, 0, 1, 1);
            for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
            return [...canvas.getImageData(0, 0, 1, 1).data];
          };
          const luminance = ([r, g, b]) => [r, g, b].map(part => part / 255).map(
            part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
          ).reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
          const found = [];
          const shown = output.querySelector('.jp-OutputArea-output');
          const words = document.createTreeWalker(shown, NodeFilter.SHOW_TEXT);
          while (words.nextNode()) {
            const text = words.currentNode.textContent.trim(), holder = words.currentNode.parentElement;
            if (!text || !holder.checkVisibility()) continue;
            const grounds = [];
            for (let at = holder; at; at = at.parentElement) grounds.unshift(getComputedStyle(at).backgroundColor);
            const ground = mixed(['white', ...grounds]);
            const ink = mixed(['white', ...grounds, getComputedStyle(holder).color]);
            const [dark, light] = [luminance(ground), luminance(ink)].sort((one, other) => one - other);
            if ((light + 0.05) / (dark + 0.05) < 4.5) found.push(text);
          }
          return found;
        }"""
    )


def cut(page):
    """What is wider than its room: of the page itself, and of all that cells show below them."""
    return page.evaluate(
        """() => {
          const found = [];
          const root = document.documentElement;
          if (root.scrollWidth > root.clientWidth) found.push('the page');
          const notebook = jupyterapp.shell.currentWidget.content.node;
          const edge = notebook.getBoundingClientRect().right;
          for (const one of notebook.querySelectorAll('.jp-OutputArea-output, .jp-OutputArea-output *')) {
            const room = one.getBoundingClientRect();
            if (room.width && room.right > edge + 1) found.push(one.outerHTML.slice(0, 120));
            const style = getComputedStyle(one);
            if (style.overflowX !== 'visible' && one.scrollWidth > one.clientWidth + 1 && one.clientWidth)
              found.push(one.outerHTML.slice(0, 120));
          }
          return found;
        }"""
    )


def is_saving(response):
    return response.request.method == "PUT" and "/api/contents/" in response.url


@pytest.mark.parametrize(
    ("theme", "width", "zoom"), [("JupyterLab Light", 1024, 1), ("JupyterLab Dark", 1024, 2)]
)
def test_the_first_five_minutes(browser, lab, capsys, theme, width, zoom):
    window = browser.new_context(
        viewport={"width": width // zoom, "height": 1600 // zoom}, device_scale_factor=zoom
    )
    page = window.new_page()
    student = Student(page)
    student.opens(lab, "start.ipynb")
    page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
    page.wait_for_selector(f"body[data-jp-theme-name='{theme}']", state="attached")
    if zoom > 1:
        page.keyboard.press("Control+b")  # the list of files takes half of the window
    assert cut(page) == []
    page.get_by_role("link", name="Adam and AdamW").first.click()
    student.waits_for("05_adam.ipynb")

    assert page.get_by_role("dialog").count() == 0
    offered = page.evaluate("jupyterapp.commands.listCommands().map(id => jupyterapp.commands.label(id))")
    assert not [tool for tool in INSTRUCTORS if tool in offered]

    student.runs("from functools")
    student.runs("def descend")
    assert '"SGD", "Adam"' in student.runs('predict("tuned_ravine"').inner_text()
    student.runs('predict("tuned_ravine"', 'predict("tuned_ravine", "Adam")')
    assert 'You said "Adam"; it is "SGD".' in student.runs("rates =").inner_text()

    student.runs("def adam_update")
    assert "Not attempted yet." in student.runs('check("adam_update"').inner_text()
    assert "adam_update, which is not written yet" in student.runs("def walk").inner_text()
    waiting = student.runs("figures.race_map(")
    assert not student.sees("adam_update")
    waiting.get_by_role("link", name="adam_update").click()
    page.wait_for_function(BEGINS_IN_VIEW, arg="adam_update", timeout=1000 * PATIENCE)
    student.runs("def adam_update", WRONG.code(RIGHT))
    card = student.runs('check("adam_update"')
    assert f"This looks like: {WRONG.misconception.name}." in card.inner_text()
    assert pale(card) == []
    student.runs("def adam_update", RIGHT)
    card = student.runs('check("adam_update"')
    assert "2.5 of 2.5 points" in card.inner_text()
    assert pale(card) == []

    student.runs("def walk")
    figure = student.runs("figures.race(")
    rate = figure.get_by_role("slider", name="lr")
    picture = figure.get_by_role("img")
    before = picture.get_attribute("alt")
    rate.focus()
    began = time.perf_counter()
    page.keyboard.press("ArrowRight")
    expect(picture).not_to_have_attribute("alt", before, timeout=1000 * PATIENCE)
    took = time.perf_counter() - began
    with capsys.disabled():
        print(f"\na lesson's figure follows its slider in {1000 * took:.0f} ms, {theme} at {zoom}00 %")

    assert (
        student.runs('quiz("steady_gradient"', 'quiz("steady_gradient", 0.001)')
        .inner_text()
        .startswith("Not quite.")
    )
    assert (
        student.runs('quiz("steady_gradient"', 'quiz("steady_gradient", 0.1)')
        .inner_text()
        .startswith("Right.")
    )

    assert cut(page) == []
    with page.expect_response(is_saving, timeout=1000 * PATIENCE):
        page.keyboard.press("Control+s")
    told = student.runs("from course import ready").inner_text()
    assert "05_adam: 2.5 of 10 points" in told
    assert "The file to hand in" in told
    assert cut(page) == []
    assert student.trouble == []
    window.close()
