"""The pages as files: what they hold and don't, where their links lead, that twice is the same."""

import hashlib
import re
import sys
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest

from autograder.book.make import make
from autograder.catalogue.lesson import lessons, project
from autograder.errors import DescentError
from course.questions import questions

pytestmark = pytest.mark.slow

# Of a page with all that it loads but the search's index: what a reader waits for.
LIMIT = 1_500_000
# Shorter lines, "return out", stand in stubs and given code as well.
TELLING = 20


class Read(HTMLParser):
    """What a page links to and loads, and what can be linked to in it."""

    def __init__(self, path):
        super().__init__()
        self.links, self.loaded, self.ids = [], [], set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        has = dict(attributes)
        self.ids |= {has[name] for name in ("id", "name") if name in has}
        if tag == "a" and "href" in has:
            self.links.append(has["href"])
        if tag in ("img", "script", "source", "iframe") and "src" in has:
            self.loaded.append(has["src"])
        if tag == "link" and has.get("rel") in ("stylesheet", "icon", "shortcut icon"):
            self.loaded.append(has["href"])


read = cache(Read)


def pages_of(site):
    return sorted(site.rglob("*.html"))


def inside(page, address):
    """The file that a relative address leads to."""
    path = unquote(urlsplit(address).path)
    return (page.parent / path).resolve() if path else page


def test_every_lesson_has_its_page_and_its_notebook(site):
    for lesson in lessons():
        assert (site / "lessons" / f"{lesson.name}.html").is_file()
        assert (site / "lessons" / f"{lesson.name}.ipynb").read_bytes() == lesson.student_path.read_bytes()


def test_no_link_is_dead(site):
    dead = []
    for page in pages_of(site):
        for address in read(page).links:
            parts = urlsplit(address)
            if parts.scheme:
                continue
            target = inside(page, address)
            if not target.is_file() or (
                parts.fragment
                and target.suffix == ".html"
                and unquote(parts.fragment) not in read(target).ids
            ):
                dead.append((page.name, address))
    assert not dead


def test_nothing_is_loaded_from_elsewhere(site):
    for page in pages_of(site):
        for address in read(page).loaded:
            assert not urlsplit(address).scheme and not urlsplit(address).netloc, (page.name, address)
            assert inside(page, address).is_file(), (page.name, address)
    for style in site.rglob("*.css"):
        for address in re.findall(r"(?:@import|url\()\s*[\"']?((?:https?:)?//[^\"')]+)", style.read_text()):
            raise AssertionError(f"{style.name} loads {address}")


def test_a_page_is_small(site):
    for page in pages_of(site):
        loaded = {inside(page, address) for address in read(page).loaded} - {site / "searchindex.js"}
        size = page.stat().st_size + sum(path.stat().st_size for path in loaded)
        assert size < LIMIT, f"{page.name} weighs {size / 1e6:.2f} MB"


def test_no_line_of_a_solution_is_on_a_page(site):
    """Not in the text of a page, nor in what is loaded with it, the search's index and the notebooks included."""
    held = {
        path: plain(path) for path in site.rglob("*") if path.suffix in (".html", ".ipynb", ".js", ".txt")
    }
    assert held
    # What some notebook hands out is no secret: "return np.array(points)".
    given = "".join(plain(lesson.student_path) for lesson in lessons())
    for lesson in lessons():
        lines = [line for line in solution_lines(lesson) if line not in given]
        assert lines
        for line in lines:
            shown = [path.name for path, text in held.items() if line in text]
            assert not shown, f"{lesson.name}: {line!r} stands in {shown}"


def solution_lines(lesson):
    """The lines that students write in a lesson, without spaces, as far as they tell something."""
    executed = nbformat.read(lesson.notebook_path, as_version=4)
    students = lesson.student_notebook()
    for run, given in zip(executed.cells, students.cells, strict=True):
        for line in set(run.source.splitlines()) - set(given.source.splitlines()):
            line = re.sub(r"\s", "", line.partition("  #")[0])
            if len(line) >= TELLING and not line.startswith("###"):
                yield line


def plain(path):
    """A file's text without tags and spaces."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        collected = []
        parser = HTMLParser()
        parser.handle_data = collected.append
        parser.feed(text)
        text = "".join(collected)
    elif path.suffix == ".ipynb":
        text = "\n".join(cell.source for cell in nbformat.reads(text, 4).cells)
    return re.sub(r"\s", "", text)


def test_no_answer_of_a_quiz_is_in_plain_sight(site):
    for lesson in lessons():
        text = (site / "lessons" / f"{lesson.name}.html").read_text(encoding="utf-8")
        asked = questions(lesson.name)
        assert text.count('class="question"') == len(asked)
        for question in asked:
            for said in (question.because, question.otherwise, *question.wrong.values()):
                assert not said or said not in text


def test_twice_is_the_same(site, tmp_path):
    """One lesson is enough: what is made for one is made for each."""
    two = [lesson for lesson in lessons() if lesson.name in ("02_ema", "05_adam")]
    for name in ("first", "second"):
        make(tmp_path / name, project(), two)
    first, second = (
        {
            path.relative_to(tmp_path / name): digest(path)
            for path in (tmp_path / name).rglob("*")
            if path.is_file()
        }
        for name in ("first", "second")
    )
    assert first == second


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_nothing_else_is_written_over(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(DescentError, match="holds something else"):
        make(tmp_path, project(), [])
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_without_sphinx_a_sentence_says_so(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "myst_nb", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(DescentError, match=r"pip install -e '\.\[site\]'"):
        make(Path(tmp_path / "site"), project(), [])
