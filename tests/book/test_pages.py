"""The pages as a browser shows them, opened from a folder: light and dark, narrow and wide, without a script."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from autograder.catalogue.lesson import lessons
from course.questions import predictions, questions

pytestmark = pytest.mark.slow

NARROW, WIDE = {"width": 360, "height": 740}, {"width": 1440, "height": 900}
NAMES = (
    "index",
    "play",
    "search",
    "CONTRIBUTING",
    *(f"docs/{name}" for name in ("instructor", "grading", "checks", "lessons", "api")),
    *(f"lessons/{lesson.name}" for lesson in lessons()),
)


class Reader:
    """A page, and what went wrong in it: every request that leaves, every error."""

    def __init__(self, browser, **options):
        self.context = browser.new_context(**options)
        self.trouble = []
        self.page = self.context.new_page()
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.trouble.append(str(error)))
        self.page.on("requestfailed", lambda request: self.trouble.append(f"failed: {request.url}"))
        self.page.route("**/*", self._route)

    def _said(self, said):
        if said.type in ("error", "warning"):
            self.trouble.append(said.text)

    def _route(self, route):
        if route.request.url.startswith(("file:", "data:")):
            route.continue_()
        else:
            self.trouble.append(f"a request leaves: {route.request.url}")
            route.abort()

    def opens(self, site, name):
        self.page.goto((site / f"{name}.html").as_uri())
        return self.page


@pytest.fixture
def reader(browser):
    opened = []

    def open_(**options):
        opened.append(Reader(browser, **options))
        return opened[-1]

    yield open_
    for each in opened:
        each.context.close()


def test_every_page_of_the_book_is_tried(site):
    made = {str(path.relative_to(site).with_suffix("")) for path in site.rglob("*.html")}
    assert made - {"_static/webpack-macros"} == set(NAMES)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_everybody_can_read_it(reader, site, name, scheme):
    """axe finds nothing serious, no request leaves, nothing goes wrong."""
    one = reader(viewport=WIDE, color_scheme=scheme)
    page = one.opens(site, name)
    assert page.evaluate("document.documentElement.dataset.theme") == scheme
    assert not one.trouble
    # Not to load the styles once more, which no script may from a folder.
    found = Axe().run(page, options={"preload": False}).response["violations"]
    said = [
        (each["id"], each["nodes"][0]["html"][:200], len(each["nodes"]))
        for each in found
        if each["impact"] in ("serious", "critical")
    ]
    assert not said


@pytest.mark.parametrize("name", NAMES)
def test_a_telephone_is_wide_enough(reader, site, name):
    page = reader(viewport=NARROW).opens(site, name)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]


@pytest.mark.parametrize("name", NAMES)
def test_without_a_script_all_is_there(reader, site, name):
    page = reader(viewport=WIDE, java_script_enabled=False).opens(site, name)
    if name == "search":
        return  # which is one
    assert page.locator("article h1").is_visible()
    assert (
        page.locator("article img").count()
        == page.locator("article img:visible, article details img").count()
    )
    for formula in page.locator("article math").all()[:3]:
        assert formula.count() == 1


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.name)
def test_every_question_is_answered_in_the_page(reader, site, lesson):
    """As the course answers it: each choice, and each usual number, and one that nobody gives."""
    page = reader(viewport=WIDE).opens(site, f"lessons/{lesson.name}")
    for question in questions(lesson.name):
        box = page.locator(f"#quiz-{question.id}")
        numbers = not isinstance(question.right, str)
        for answer in (question.right, *question.wrong, *([-987.5] if numbers else [])):
            if numbers:
                box.get_by_role("textbox").fill(repr(answer))
            else:
                box.get_by_label(f"({answer})").check()
            box.get_by_role("button", name="Check").click()
            assert box.get_by_role("status").text_content().strip() == question.response(answer).strip()


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.name)
def test_every_guess_is_answered_by_its_figure(reader, site, lesson):
    page = reader(viewport=WIDE).opens(site, f"lessons/{lesson.name}")
    for asked in predictions(lesson.name):
        box, found = page.locator(f"#predict-{asked.id}"), page.locator(f'[data-guess="predict-{asked.id}"]')
        assert found.count() == 1, asked.id
        assert not found.is_visible(), asked.id
        if asked.choices:
            box.get_by_label(asked.choices[0], exact=True).check()
        else:
            box.get_by_role("textbox").fill("-3")
        box.get_by_role("button", name="Guess").click()
        guessed = asked.said(asked.choices[0] if asked.choices else -3.0)
        found_to_be = asked.said(asked.answer)
        same = f"You said {guessed}, and so it is."
        assert found.text_content() == (
            same if guessed == found_to_be else f"You said {guessed}; it is {found_to_be}."
        )
    assert page.locator(".found:visible").count() == len(predictions(lesson.name))


def test_the_search_works_from_a_folder(reader, site):
    one = reader(viewport=WIDE)
    page = one.opens(site, "search")
    page.goto(f"{page.url}?q=AMSGrad")
    page.get_by_role("link", name="Adam and AdamW").first.wait_for()
    assert not one.trouble
