"""The pictures of README and the instructor's page: of a lesson in JupyterLab, and of what `make demo` wrote."""

import io
import re
import sys
import tempfile
from pathlib import Path

from in_browser import Student, chromium, served
from PIL import Image

from autograder.catalogue.answers import misconceptions
from autograder.catalogue.lesson import find

ROOT = Path(__file__).parents[2]
LESSON, EXERCISE, MISTAKE = "05_adam", "adam_update", "only_m_corrected"
# Wide enough for every line of the exercise, and narrow enough to be read beside another picture.
WIDTH, HEIGHT = 1000, 2000
REPORT_WIDTH, REPORT_HEIGHT = 1100, 1500
FEEDBACK_WIDTH, FEEDBACK_HEIGHT = 900, 1000
# Text and a few colours: with so many nobody sees the difference.
COLOURS = 256


def photograph(browser, gradebook):
    """Write the pictures into docs/.

    Args:
        gradebook: the folder of a graded class.
    """
    lesson = find(LESSON)
    (wrong,) = (one for one in misconceptions(lesson, EXERCISE) if one.misconception.id == MISTAKE)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "handed_out")
        for room in ("course", "lessons"):
            (place / room).mkdir(parents=True)
        (place / "lessons" / f"{LESSON}.ipynb").write_bytes(lesson.student_path.read_bytes())
        command = [sys.executable, "-m", "course", "lab", "--lessons", str(place / "lessons")]
        with served(command, place, own=Path(folder), python=[ROOT]) as address:
            page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
            student = Student(page)
            student.opens(address, f"{LESSON}.ipynb")
            page.keyboard.press("Control+b")
            student.runs("from functools")
            answer = wrong.code(lesson.solutions()[EXERCISE])
            student.runs(
                f"def {EXERCISE}", re.sub(r"(?m)^ *### (BEGIN|END) SOLUTION\n?", "", answer).rstrip()
            )
            student.runs(f'check("{EXERCISE}"')
            write(lesson_part(page), ROOT / "docs" / "lesson.png")
    page = browser.new_page(viewport={"width": REPORT_WIDTH, "height": REPORT_HEIGHT})
    page.goto((gradebook / "report.html").resolve().as_uri())
    write(page.screenshot(), ROOT / "docs" / "report.png")
    pages = sorted(gradebook.glob(f"feedback/*/{LESSON}/{LESSON}.html"))
    told = next(path for path in pages if "This looks like" in path.read_text(encoding="utf-8"))
    page = browser.new_page(viewport={"width": FEEDBACK_WIDTH, "height": FEEDBACK_HEIGHT})
    page.goto(told.resolve().as_uri())
    write(page.screenshot(), ROOT / "docs" / "feedback.png")


def lesson_part(page):
    """The cells from the exercise's heading to the card of its check."""
    first, last = page.evaluate(
        """() => {
          const cells = jupyterapp.shell.currentWidget.content.widgets;
          const begins = text => cells.find(cell => cell.model.sharedModel.source.startsWith(text)).node;
          jupyterapp.shell.currentWidget.content.activeCellIndex = 0;
          begins('## Exercise 1').scrollIntoView();
          return ['## Exercise 1', 'check("adam_update"'].map(text => {
            const place = begins(text).getBoundingClientRect();
            return {x: place.x, y: place.y, width: place.width, bottom: place.bottom};
          });
        }"""
    )
    height = last["bottom"] - first["y"]
    return page.screenshot(clip={"x": first["x"], "y": first["y"], "width": first["width"], "height": height})


def write(picture, path):
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    found = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "gradebook")
    if not (found / "report.html").is_file():
        sys.exit(
            f"There is no report in {found}: run `make demo` first, which grades a sample class and writes it."
        )
    with chromium() as opened:
        photograph(opened, found)
