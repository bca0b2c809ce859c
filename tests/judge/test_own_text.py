"""A student's own texts in the pages of stock nbgrader: nothing runs or calls home, and what is honest is shown.

The pages are made by nbgrader's own exporters, as its feedback and formgrader's server make them.
"""

import re
import shutil
import subprocess
import time

import nbformat
import pytest
from bs4 import BeautifulSoup
from corpus.texts import ACTIVE, HONEST, TRICKS, attachments, huge_picture, pasted, picture, with_text
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.server_extensions.formgrader.formgrader import FormgradeExtension

from autograder.catalogue.lesson import find
from autograder.judge.handed_out import HandedOut
from autograder.judge.own_text import SHOWN_TEXT, SHOWN_TEXTS, make_safe
from autograder.judge.pictures import BYTES_OF_ALL, PIXELS_LIMIT, PIXELS_OF_ALL
from autograder.judge.submission import restore

LESSON = find("05_adam")
TEXTS = {**ACTIVE, **TRICKS, **HONEST}
FORMGRADER = {
    "assignment_id": "05_adam",
    "notebook_id": "05_adam",
    "submission_id": "1",
    "index": 0,
    "total": 1,
    "base_url": "",
    "student": "eve",
    "last_name": None,
    "first_name": None,
    "notebook_path": "x",
}
FEEDBACK = {"nbgrader": {"notebook": "05_adam", "score": 1.0, "max_score": 1.0, "late_penalty": 0.0}}

MAY_STAY = {
    *(
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "p",
        "div",
        "pre",
        "blockquote",
        "hr",
        "br",
        "center",
        "table",
        "thead",
    ),
    *(
        "tbody",
        "tr",
        "th",
        "td",
        "details",
        "summary",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "input",
        "a",
        "img",
    ),
    *("span", "b", "strong", "i", "em", "u", "s", "del", "sub", "sup", "code", "kbd"),
}
MAY_STAY_OF = {
    "ol": {"start"},
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height"},
    "input": {"type", "checked", "disabled"},
    "td": {"style"},
    "th": {"style"},
    "div": {"class"},
    "span": {"class"},
}


def own_cell(text, pictures=None):
    cell = nbformat.v4.new_markdown_cell(text)
    if pictures is not None:
        cell.attachments = pictures
    return cell


def safe(text, pictures=None):
    """What is put in the place of one text, and the ids of the flags."""
    cell = own_cell(text, pictures)
    flags = [entry.id for entry in make_safe([cell])]
    assert "attachments" not in cell
    return cell.source, flags


def exporter(template):
    if template == "formgrader":
        return HTMLExporter(config=FormgradeExtension().build_extra_config()), FORMGRADER
    return HTMLExporter(config=GenerateFeedback(coursedir=CourseDirectory()).config), FEEDBACK


def page(template, notebook):
    """The page that nbgrader makes of a notebook."""
    made, resources = exporter(template)
    return made.from_notebook_node(notebook, resources=dict(resources))[0]


def texts_of(made):
    return BeautifulSoup(made, "html.parser").select(".text_cell_render")


@pytest.fixture(scope="module")
def submission():
    """A notebook that holds every text, restored as a submission is."""
    notebook = LESSON.student_notebook()
    for name, text in TEXTS.items():
        with_text(notebook, text, attachments() if name in TRICKS else None)
    # Each is cut, or left out, only for its own length.
    cells, fixed = notebook.cells[-len(TEXTS) :], []
    for cell in cells:
        alone = LESSON.student_notebook()
        alone.cells.append(cell)
        fixed.append(restore(alone, HandedOut(LESSON)).notebook.cells[-1])
        fixed[-1]["id"] = f"own-{len(fixed)}"
    return nbformat.v4.new_notebook(cells=fixed)


@pytest.fixture(scope="module", params=["feedback", "formgrader"])
def shown(request, submission):
    """Each text as a page shows it, and the whole page without them."""
    made = page(request.param, submission)
    texts = texts_of(made)
    assert len(texts) == len(TEXTS)
    return dict(zip(TEXTS, texts, strict=True)), made


def assert_harmless(text):
    """Of the text of one cell in a page, nothing runs, loads or leads elsewhere by itself."""
    for tag in text.find_all(True):
        assert tag.name in MAY_STAY
        assert tag.attrs.keys() <= MAY_STAY_OF.get(tag.name, set())
        assert re.match("https?://|mailto:", tag.get("href", "https://"))
        assert re.match("data:image/(png|jpeg|gif);base64,", tag.get("src", "data:image/png;base64,"))
        assert re.fullmatch("(text-align: ?[a-z]+;?)?", tag.get("style", ""))
        assert all(name in ("", "highlight") or len(name) <= 3 for name in tag.get("class", []))
        assert tag.get("type", "checkbox") == "checkbox"


@pytest.mark.parametrize("name", TEXTS)
def test_nothing_of_a_text_runs_or_calls_home(shown, name):
    assert_harmless(shown[0][name])


def test_no_text_gets_out_of_its_cell(shown):
    made = shown[1]
    template = "formgrader" if "backbone" in made else "feedback"
    plain = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_markdown_cell("text", id=f"own-{number}") for number in range(len(TEXTS))]
    )

    def outside(made):
        soup = BeautifulSoup(made, "html.parser")
        for text in soup.select(".text_cell_render"):
            text.clear()
        return str(soup)

    assert outside(made) == outside(page(template, plain))


@pytest.mark.parametrize("name", ACTIVE)
def test_what_is_taken_out_is_flagged(name):
    assert safe(ACTIVE[name])[1] == ["text_cleaned"]


def as_nbconvert(text):
    """What the pages made of a text before, less what they add of their own to headings and lists."""
    made = BeautifulSoup(MarkdownWithMath(renderer=IPythonRenderer(escape=False)).render(text), "html.parser")
    for tag in made.find_all(True):
        if tag.get("class") == ["anchor-link"]:
            tag.decompose()
        elif re.fullmatch("h[1-6]|li|input|code", tag.name):
            tag.attrs = {name: value for name, value in tag.attrs.items() if name not in ("id", "class")}
    return parts(made)


def parts(made):
    """Tags, attributes and words, whatever the blanks between."""
    return [
        (tag.name, sorted(tag.attrs.items()), [" ".join(text.split()) for text in tag.find_all(string=True)])
        for tag in made.find_all(True)
    ]


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_text_looks_as_nbconvert_shows_it(shown, name):
    (wrapped,) = shown[0][name].find_all("div", recursive=False) or [None]
    block = wrapped if wrapped and "highlight" not in wrapped.get("class", []) else shown[0][name]
    expected = as_nbconvert(HONEST[name].replace("x<y>z", "xz"))
    assert parts(block) == expected
    assert safe(HONEST[name])[1] == []


@pytest.mark.parametrize("name", ["prose", "formulas", "an environment", "links", "code", "a table", "lists"])
def test_an_honest_text_stays_as_it_was_typed(name):
    assert safe(HONEST[name])[0] == HONEST[name]


@pytest.mark.parametrize("text", [*TEXTS.values()], ids=TEXTS)
def test_no_text_takes_long(text):
    begin = time.process_time()
    source, _ = safe((text * SHOWN_TEXT)[:SHOWN_TEXT])
    HTMLExporter().environment.filters["markdown2html"]({"cell": {}}, source)
    assert time.process_time() - begin < 2


# Pictures


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF"])
def test_a_pasted_picture_is_shown(kind):
    data = pasted(picture(kind), f"image/{kind.lower()}")
    source, flags = safe("# Mine\n\n![my *run*](attachment:image.png)", {"image.png": data})
    (found,) = texts_of(page("feedback", nbformat.v4.new_notebook(cells=[own_cell(source)])))
    assert found.img["src"] == f"data:image/{kind.lower()};base64,{next(iter(data.values()))}"
    assert found.img["alt"] == "my run"
    assert flags == []


def test_a_pasted_picture_of_another_size_is_shown():
    source, _ = safe('<img src="attachment:a b.png" width="200" alt="x">', {"a b.png": pasted(picture())})
    assert f'src="data:image/png;base64,{pasted(picture())["image/png"]}"' in source
    assert 'width="200"' in source
    assert "<img" in safe("![x](attachment:a%20b.png)", {"a b.png": pasted(picture())})[0]


@pytest.mark.parametrize(
    "pictures",
    [
        {},
        {"a.png": {}},
        {"a.png": {"image/png": "no base64!"}},
        {"a.png": {"image/png": 3}},
        {"a.png": "iVBOR"},
        {"a.png": pasted(b"<script>")},
        {"a.png": pasted(b"<svg onload='alert(1)'/>", "image/svg+xml")},
        {"a.png": pasted(picture("PNG")[:20])},
        {"a.png": pasted(huge_picture())},
    ],
    ids=range(9),
)
def test_a_note_stands_for_a_picture_that_a_page_can_not_show(pictures):
    source, flags = safe("see ![*my* run](attachment:a.png)", pictures)
    assert "picture left out" in source
    assert "<em>my</em> run]" in source
    assert "<img" not in source
    assert flags == []
    page("feedback", nbformat.v4.new_notebook(cells=[own_cell(source)]))


def test_a_page_has_room_for_so_many_pixels():
    side = int(PIXELS_LIMIT**0.5)
    pictures = {"a.png": pasted(huge_picture(side)), "b.png": pasted(huge_picture(side + 1))}
    cells = [own_cell(f"{number}: ![](attachment:a.png)", dict(pictures)) for number in range(8)]
    assert list(make_safe(cells)) == []
    assert sum("<img" in cell.source for cell in cells) == PIXELS_OF_ALL // side**2 == 4
    assert "<img" not in safe("![](attachment:b.png)", pictures)[0]


def test_a_page_has_room_for_so_many_bytes():
    # A picture's bytes may go on after its end.
    data = picture() + bytes(4_500_000)
    cells = [own_cell("![](attachment:a.png)", {"a.png": pasted(data)}) for _ in range(8)]
    assert list(make_safe(cells)) == []
    assert sum("<img" in cell.source for cell in cells) == BYTES_OF_ALL // len(data) == 4


# Texts in notebooks


def restored(notebook, given=None):
    return restore(notebook, HandedOut(LESSON, given))


def test_what_was_handed_out_keeps_its_pictures_and_takes_no_others():
    given = with_text(LESSON.student_notebook(), "![x](attachment:a.png)", {"a.png": pasted(picture())})
    notebook = nbformat.from_dict(given)
    notebook.cells[-1].attachments = {"a.png": pasted(b"<svg onload='alert(1)'/>", "image/svg+xml")}
    last = restored(notebook, given).notebook.cells[-1]
    assert last.source == "![x](attachment:a.png)"
    assert last.attachments == {"a.png": pasted(picture())}
    notebook.cells[1].attachments = {"a.png": pasted(b"x", "text/html")}
    assert "attachments" not in restored(notebook, given).notebook.cells[1]


def test_a_text_that_was_asked_for_is_shown_with_its_pictures():
    asked = nbformat.v4.new_markdown_cell("YOUR ANSWER", id="why")
    asked.metadata.nbgrader = {
        "grade": True, "solution": True, "locked": False, "points": 1, "grade_id": "why", "schema_version": 3
    }  # fmt: skip
    given = LESSON.student_notebook()
    given.cells.append(asked)
    notebook = nbformat.from_dict(given)
    notebook.cells[-1].source = "Because <script>alert(1)</script> ![](attachment:a.png)"
    notebook.cells[-1].attachments = {"a.png": pasted(picture())}
    found = restored(notebook, given)
    assert found.notebook.cells[-1].source.startswith("<div><p>Because  <img")
    assert [entry.id for entry in found.flags] == ["text_cleaned"]


def test_a_raw_text_is_shown_as_it_was_typed():
    for mimetype in ("text/html", "text/markdown", ""):
        notebook = LESSON.student_notebook()
        raw = nbformat.v4.new_raw_cell("<script>alert(1)</script> &lt;b", metadata={"raw_mimetype": mimetype})
        notebook.cells.append(raw)
        found = restored(notebook)
        assert found.flags == ()
        assert found.notebook.cells[-1].metadata == {}
        for template in ("feedback", "formgrader"):
            made = page(template, nbformat.v4.new_notebook(cells=found.notebook.cells[-1:]))
            assert "<script>alert(1)" not in made
            assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp;lt;b" in made


def test_only_so_much_text_is_shown():
    notebook = LESSON.student_notebook()
    for _ in range(12):
        with_text(notebook, "word " * SHOWN_TEXT)
    found = restored(notebook)
    assert [entry.id for entry in found.flags] == ["texts_cut"]
    assert sum(len(cell.source) for cell in found.notebook.cells[-12:]) == SHOWN_TEXTS


# Each attack calls alert. That the browser runs handlers is seen by the title.
RAN = "<script>window.alert = said => document.documentElement.setAttribute('data-ran', said)</script>"
RUNS = "<img src=x onerror=\"document.title = 'handlers run'\">"


@pytest.mark.slow
def test_a_browser_finds_nothing_to_run(shown, tmp_path):
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert browser, "This test needs Chromium: `make test` installs it on Debian as root; elsewhere by hand."
    made = shown[1].replace("<head>", f"<head>{RAN}", 1).replace("</body>", f"{RUNS}</body>")
    (tmp_path / "page.html").write_text(made)
    command = [
        browser,
        *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
        *("--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND"),
        *(f"--user-data-dir={tmp_path / 'browser'}", "--virtual-time-budget=3000", "--dump-dom"),
        (tmp_path / "page.html").as_uri(),
    ]
    dom = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    found = BeautifulSoup(dom, "html.parser")
    assert found.title.string == "handlers run"
    assert "data-ran" not in found.html.attrs
    texts = found.select(".text_cell_render")
    assert len(texts) == len(TEXTS)
    for text in texts:
        assert_harmless(text)


def test_the_pages_load_mathjax_with_what_keeps_formulas_from_linking(shown):
    assert re.search(r"mathjax/2\.7\.\d+/latest\.js\?config=[\w,-]+,Safe\b", shown[1])
