"""A page in a real browser: every formula of every lesson, nothing that runs or loads, any screen, any theme."""

import re
from datetime import date
from itertools import pairwise

import nbformat
import pytest
from bs4 import BeautifulSoup
from corpus.texts import ACTIVE, TRICKS
from small_class import HONEST, LESSON

from autograder.catalogue.lesson import lessons
from autograder.grade.feedback.cells import Cells
from autograder.grade.feedback.page import page
from autograder.grade.scores import CellScore, Person, SubmissionScores
from course.cells import CHECK, grade_id

STUDENT, SCORES = Person("zoe", "Zoë", "Ng"), SubmissionScores(None)
LESSONS = {lesson.name: lesson for lesson in lessons()}
# What stands in a text outside of code and formulas is no LaTeX.
RAW = r"""() => {
  const copy = document.querySelector('main').cloneNode(true);
  copy.querySelectorAll('pre, code, math').forEach(one => one.remove());
  return copy.textContent.match(/.{0,20}[$\\].{0,20}/g) || [];
}"""
UNSEEN = """() => [...document.querySelectorAll('math')].filter(one => {
  const {width, height} = one.getBoundingClientRect();
  return !width || !height || one.querySelector('merror') || one.textContent.includes('\\\\');
}).map(one => one.outerHTML)"""
# How far the page reaches past what is seen of it.
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def made(notebook, title="05 Adam and AdamW", student=STUDENT, scores=SCORES):
    return page(title, notebook, Cells(notebook.cells), student, scores, date(2026, 2, 3), None, "0" * 64)


@pytest.fixture
def opened(browser, tmp_path):
    """Opens a page and keeps what it asks for, says and pops up."""
    tabs = []

    def open_page(text, **context):
        tab = browser.new_page(**context)
        tabs.append(tab)
        trouble = []
        tab.on(
            "request",
            lambda asked: None if asked.url.startswith(("file:", "data:")) else trouble.append(asked.url),
        )
        tab.on("console", lambda said: trouble.append(said.text))
        tab.on("dialog", lambda said: (trouble.append(said.message), said.dismiss()))
        path = tmp_path / "page.html"
        path.write_text(text)
        tab.goto(path.as_uri())
        return tab, trouble

    yield open_page
    for tab in tabs:
        tab.close()


def formulas_in(notebook):
    """How many a lesson has, by its dollars outside of code."""
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    plain = re.sub(r"```.*?```|`[^`]*`", "", "\n".join(texts), flags=re.DOTALL)
    return plain.count("$$") // 2 + plain.replace("$$", "").count("$") // 2


@pytest.mark.slow
@pytest.mark.parametrize("name", LESSONS)
def test_every_formula_of_a_lesson_is_shown(opened, name):
    lesson = LESSONS[name]
    notebook = lesson.student_notebook()
    tab, trouble = opened(made(notebook, lesson.title))
    tab.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert tab.evaluate(RAW) == []
    assert tab.evaluate(UNSEEN) == []
    assert tab.locator("math").count() == formulas_in(notebook) > 10
    numbers = tab.locator(".number").all_inner_texts()
    assert len(numbers) == sum(cell.source.count(r"\tag{") for cell in notebook.cells)
    assert tab.evaluate(SIDEWAYS) == 0
    assert trouble == []


@pytest.mark.slow
@pytest.mark.parametrize("wrapped", ["{}", "> {}", "<div>\n\n{}\n\n</div>", "$\\text{{{}}}$"])
def test_nothing_of_a_text_runs_loads_or_leaves_its_place(opened, wrapped):
    # As no program of ours leaves it: what a student typed, in a notebook that is not ours.
    texts = [wrapped.format(text) for text in [*ACTIVE.values(), *TRICKS.values()]]
    cells = [nbformat.v4.new_markdown_cell(text, id=f"own-{i}") for i, text in enumerate(texts)]
    output = nbformat.v4.new_output(
        "display_data", {"text/html": "<script>alert(1)</script>", "text/plain": "x"}
    )
    cells.append(
        nbformat.v4.new_code_cell("</pre><script>alert(1)</script>", outputs=[output], id="own-code")
    )
    tab, trouble = opened(made(nbformat.v4.new_notebook(cells=cells)))
    assert trouble == []
    assert tab.locator(".text").count() == len(texts)
    assert (
        tab.locator(
            "script, iframe, object, embed, form, link, base, svg, audio, video, style ~ style"
        ).count()
        == 0
    )
    said = tab.evaluate("""() => [...document.querySelectorAll('body *')].flatMap(one => one.getAttributeNames()
        .filter(name => name.startsWith('on') || ['src', 'href', 'action', 'data'].includes(name))
        .map(name => `${name}=${one.getAttribute(name)}`))""")
    assert all(
        re.match(r"src=data:image/(png|jpeg|gif);base64,|href=(https?:|mailto:|#cell-id=)", one)
        for one in said
    )


def graded_scores():
    points = {
        CHECK + exercise.id: CellScore(exercise.points / 2, maximum=exercise.points)
        for exercise in LESSON.exercises
    }
    return SubmissionScores(None, 1.0, points, {"Adam": "# Good\n\nSee formula $m_t$."})


def test_a_page_keeps_its_order_of_headings_and_names_what_it_shows():
    person = Person("zoe", "Zoë", "<b>Ng</b>")
    soup = BeautifulSoup(made(HONEST["right"], student=person, scores=graded_scores()), "html.parser")
    levels = [int(heading.name[1]) for heading in soup.find_all(re.compile("^h[1-6]$"))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert [heading.text for heading in soup.find_all("h2")] == ["Points", "Comments", "Your notebook"]
    assert all(
        section.get("aria-label") or section.get("aria-labelledby") for section in soup.find_all("section")
    )
    assert "Zoë <b>Ng</b> (zoe)" in soup.dl.text
    assert [cell.get("scope") for cell in soup.table.find_all("th")].count(None) == 0
    targets = {link["href"][1:] for link in soup.find_all("a", href=re.compile("^#"))}
    assert targets <= {one["id"] for one in soup.find_all(id=True)}
    assert {f"cell-id={grade_id(cell)}" for cell in HONEST["right"].cells if grade_id(cell)} >= targets


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1024])
def test_a_page_fits_every_screen_and_theme(opened, width, scheme):
    tab, trouble = opened(
        made(HONEST["right"], scores=graded_scores()),
        viewport={"width": width, "height": 800},
        color_scheme=scheme,
    )
    assert tab.evaluate(SIDEWAYS) == 0
    contrasts = tab.evaluate(CONTRASTS)
    assert len(contrasts) > 100
    assert [one for one in contrasts if one[0] < 4.5] == []
    assert trouble == []


@pytest.mark.slow
def test_a_page_prints(opened, tmp_path):
    tab, _ = opened(made(HONEST["right"], scores=graded_scores()), color_scheme="dark")
    tab.emulate_media(media="print", color_scheme="dark")
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert tab.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert len(tab.pdf(format="A4")) > 10_000


# The contrast of each text to what it stands on, by the formula of WCAG 2.
CONTRASTS = """() => {
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
  const ground = one => {
    for (; one; one = one.parentElement) {
      const found = numbers(getComputedStyle(one).backgroundColor);
      if (found.length < 4 || found[3] === 1) return found;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll('body *')]
    .filter(one => !one.closest('.output section') && [...one.childNodes].some(child => child.nodeType === 3 && child.data.trim()))
    .map(one => {
      const [a, b] = [light(numbers(getComputedStyle(one).color)), light(ground(one))];
      return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), one.outerHTML.slice(0, 80)];
    });
}"""
