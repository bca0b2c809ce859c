"""The button below a wrong answer's card, in a real browser with a real JupyterLab."""

import shutil
import sys
from pathlib import Path

import pytest
from in_browser import Student, served
from playwright.sync_api import expect

from autograder.catalogue.lesson import find
from course.repair.here import ASKED

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
RIGHT = find("02_ema").solutions()["ema_weights"]
WRONG = """def ema_weights(beta, t):
    steps = np.arange(1.0, t + 1.0)
    return (1 - beta) * beta ** (t + steps)
"""
SAID = "Line 3 of your cell is where it goes wrong: return (1 - beta) * beta ** (t + steps)"
# Milliseconds: far more than a search takes on any machine, and far less than a test may hang.
PATIENCE = 300_000
# Presses of the Tab key until a button is reached from the cell that shows it.
PRESSES = 20


@pytest.fixture
def lab(tmp_path_factory):
    own, place = tmp_path_factory.mktemp("own"), tmp_path_factory.mktemp("handed out")
    for room in ("course", "lessons"):
        shutil.copytree(ROOT / room, place / room, ignore=shutil.ignore_patterns("__pycache__"))
    with served([sys.executable, "-m", "course", "lab"], place, own=own, python=[place]) as address:
        yield address


def opened(browser, lab):
    """A student in front of the lesson."""
    page = browser.new_context(viewport={"width": 1024, "height": 1200}).new_page()
    student = Student(page)
    student.opens(lab, "start.ipynb")
    page.get_by_role("link", name="moving averages").first.click()
    student.waits_for("02_ema.ipynb")
    student.runs("import numpy as np")
    return student


def focus(page):
    return page.evaluate("document.activeElement.textContent.trim()")


def test_by_keyboard_the_button_says_the_line_and_leaves_no_broken_page(browser, lab):
    student = opened(browser, lab)
    page = student.page
    student.runs("def ema_weights", WRONG)
    output = student.runs('check("ema_weights"')
    button = output.get_by_role("button", name=ASKED)
    expect(button).to_be_visible()
    for _ in range(PRESSES):
        page.keyboard.press("Tab")
        if focus(page) == ASKED:
            break
    assert focus(page) == ASKED
    page.keyboard.press("Enter")
    expect(output.get_by_role("status")).to_have_text(SAID, timeout=PATIENCE)
    expect(button).to_be_visible()
    assert focus(page) == ASKED

    student.runs('predict("peak_delay"')
    expect(button).to_have_count(0)
    expect(output.get_by_role("status")).to_have_text(SAID)
    page.evaluate("jupyterapp.commands.execute('docmanager:save')")
    page.wait_for_selector(".jp-mod-current .jp-mod-dirty", state="detached")
    assert student.trouble == []

    page.evaluate("jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    page.reload()
    student.waits_for("02_ema.ipynb")
    output = page.locator(".jp-OutputArea", has_text="This looks like").first
    expect(output.get_by_role("status")).to_have_text(SAID)
    assert "widget" not in output.inner_text()
    assert student.trouble == []
