"""Figures and controls as a browser shows them: JupyterLab, nbconvert's pages and a page of feedback.

One JupyterLab with one notebook is opened, run, moved by keyboard, and opened again as a file that is not trusted.
"""

import re
import sys
import time
from io import BytesIO

import nbformat
import pytest
from in_browser import KERNEL_IS_THERE, served
from nbconvert.exporters import HTMLExporter
from PIL import Image

from autograder.catalogue.lesson import find
from autograder.catalogue.sample import answered
from autograder.grade import feedback
from autograder.grade.class_run import ClassRun
from autograder.grade.folder import CourseFolder
from autograder.judge.grader import Grader

pytestmark = pytest.mark.slow

ALT = 'A curve that falls from "3" to 1 & stays.'
FIGURE = f"""
import matplotlib.pyplot as plt
from course import plots

figure, ax = plt.subplots()
plots.curves(ax, {{"Adam": [3, 2, 1, 1]}})
ax.set(title="The loss falls", xlabel="step", ylabel="loss")
plots.show(figure, {ALT!r})
"""
SLIDERS = """
def draw(lr=0.2, n_steps=20):
    figure, ax = plt.subplots()
    plots.curves(ax, {"SGD": [(1 - lr) ** step for step in range(n_steps)]})
    ax.set(title=f"{n_steps} steps at {lr}", xlabel="step", ylabel="loss")
    return figure

plots.sliders(draw, lr=[0.1, 0.2, 0.4, 0.8], n_steps=[5, 10, 20])
"""
PLAY = """
def frame(step):
    figure, ax = plt.subplots()
    plots.contours(ax, lambda x, y: x**2 + 10 * y**2, (-3, 3), (-2, 2))
    plots.arrow(ax, (-2 + step / 5, 1), (0.5, -0.5), "velocity")
    return figure, f"The ball after {step} steps."

plots.play(frame, 6)
"""


@pytest.fixture
def page(browser):
    opened = browser.new_page(viewport={"width": 1200, "height": 2000})
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The address of a JupyterLab, and the folder that it works in."""
    folder = tmp_path_factory.mktemp("lab")
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(text) for text in (FIGURE, SLIDERS, PLAY)]
    )
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    (folder / "work").mkdir()
    nbformat.write(notebook, folder / "work" / "figures.ipynb")
    command = [sys.executable, "-m", "jupyterlab", "--LabApp.news_url=None"]
    command.append("--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate")
    with served(command, folder / "work", own=folder) as address:
        yield address, folder / "work"


def alts(page, place=".jp-OutputArea"):
    """The alt text of each picture, and its size on the page and in itself."""
    return page.eval_on_selector_all(
        f"{place} img", "all => all.map(img => [img.getAttribute('alt'), img.width, img.naturalWidth])"
    )


def opened(page, address):
    page.goto(f"{address}/lab/tree/figures.ipynb?reset")
    page.wait_for_selector(".jp-NotebookPanel .jp-CodeCell")


def test_jupyterlab(page, lab, capsys):
    opened(page, lab[0])
    page.evaluate(KERNEL_IS_THERE)
    page.evaluate("void jupyterapp.commands.execute('notebook:run-all-cells')")
    page.wait_for_selector("[role=slider][aria-label=step]", timeout=120_000)
    assert alts(page) == [
        [ALT, 700, 1400],
        ["20 steps at 0.2.", 700, 1400],
        ["The ball after 0 steps.", 700, 1400],
    ]
    handles = page.get_by_role("slider")
    assert handles.evaluate_all(
        "all => all.map(one => [one.getAttribute('aria-label'), one.getAttribute('aria-valuetext')])"
    ) == [["lr", "0.2"], ["n steps", "20"], ["step", "0"]]

    lr, step = page.get_by_role("slider", name="lr"), page.get_by_role("slider", name="step", exact=True)
    lr.focus()
    began = time.perf_counter()
    page.keyboard.press("ArrowRight")
    page.get_by_alt_text("20 steps at 0.4.").wait_for()
    with capsys.disabled():
        print(f"\na slider's figure is drawn again in {1000 * (time.perf_counter() - began):.0f} ms")
    assert lr.get_attribute("aria-valuetext") == "0.4"
    page.wait_for_function("document.querySelectorAll('.widget-html img')[0].naturalWidth === 1400")

    step.focus()
    page.keyboard.press("ArrowRight")
    page.get_by_alt_text("The ball after 1 steps.").wait_for()
    page.get_by_role("button", name="Play or pause").click()
    page.get_by_alt_text("The ball after 5 steps.").wait_for()
    assert step.get_attribute("aria-valuetext") == "5"
    page.keyboard.press("Control+s")
    page.wait_for_selector(".jp-DocumentWidget-dirty, .jp-mod-dirty", state="detached")


def test_jupyterlab_shows_what_it_does_not_trust_in_the_dark(page, lab):
    address, folder = lab
    notebook = nbformat.read(folder / "figures.ipynb", 4)
    notebook.cells[0].outputs = [nbformat.v4.new_output("display_data", displayed())]
    nbformat.write(notebook, folder / "figures.ipynb")
    opened(page, address)
    page.evaluate("jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})")
    page.wait_for_selector("body[data-jp-theme-light=false]", state="attached")
    picture = page.get_by_alt_text(ALT)
    picture.wait_for()
    assert page.locator(".jp-RenderedHTML.jp-mod-trusted").count() == 0
    assert alts(page, ".jp-RenderedHTML") == [[ALT, 700, 1400]]
    corner = Image.open(BytesIO(picture.screenshot())).convert("RGB").getpixel((4, 4))
    assert corner == (255, 255, 255), "what is drawn in black stands on no white"


def displayed():
    """What `plots.show` displays, without a kernel."""
    from IPython.core.displaypub import CapturingDisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    shell.display_pub = CapturingDisplayPublisher()
    try:
        exec("import matplotlib; matplotlib.use('agg')\n" + FIGURE, {})
        (output,) = shell.display_pub.outputs
        return output["data"]
    finally:
        InteractiveShell.clear_instance()


def offline(page, path):
    page.route(re.compile("^https?:"), lambda route: route.abort())
    page.goto(path.as_uri())


@pytest.mark.parametrize("template", ["lab", "classic"])
def test_nbconvert(page, template, tmp_path):
    cell = nbformat.v4.new_code_cell(FIGURE, outputs=[nbformat.v4.new_output("display_data", displayed())])
    made, _ = HTMLExporter(template_name=template).from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    (tmp_path / "page.html").write_text(made)
    offline(page, tmp_path / "page.html")
    assert alts(page, "body") == [[ALT, 700, 1400]]


def test_feedback(page, tmp_path):
    lesson = find("05_adam")
    notebook = answered(lesson, {})
    notebook.cells.append(nbformat.v4.new_code_cell(FIGURE))
    folder = CourseFolder(tmp_path / "gradebook")
    folder.setup([lesson])
    folder.submit("zoe", lesson, nbformat.writes(notebook))
    list(ClassRun(folder, lesson, Grader(folder.seed(), hidden=folder.hidden())).run(1))
    assert [tried.problem for tried in feedback.write(folder, lesson, ["zoe"], 1)] == [""]
    offline(page, folder.feedback("zoe", lesson))
    shown = alts(page, "body")
    assert [ALT, 700, 1400] in shown
    assert all(alt for alt, _, _ in shown)
