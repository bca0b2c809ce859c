"""The report in a browser: what is shown, sorted, searched, filtered, printed; what a student wrote is text."""

import json
import re

import pytest
from large_class import enlarge
from small_class import LESSON, WRONG, copy_of, submit

from autograder.catalogue.lesson import find
from autograder.catalogue.sample import answered
from autograder.grade.folder import CourseFolder
from autograder.grade.grade_class import grade_class
from autograder.report import page as class_report
from autograder.report.views import NONE

pytestmark = pytest.mark.slow

OTHER = find("02_ema")
HOSTILE = "</script><script>hit()</script><img src=x onerror=hit()>\"'&{{7*7}}"
ROWS = "#students tbody tr"


@pytest.fixture(scope="module")
def term(graded, tmp_path_factory):
    """Two lessons, a name and an address to escape, points of a person, a notebook in a wrong place."""
    folder = copy_of(graded[0], tmp_path_factory.mktemp("term"))
    folder.setup([LESSON, OTHER])
    for student in ("right", "zoé"):
        folder.submit(student, OTHER, OTHER.student_path.read_text())
    (done,) = grade_class(folder, [OTHER], seed=3)
    assert len(done.graded) == 2
    with folder.open() as gradebook:
        gradebook.update_or_create_student("absent", first_name="Zoë", last_name=HOSTILE, email=HOSTILE)
        gradebook.find_grade("check_Adam", LESSON.name, LESSON.name, "untouched").manual_score = 2.0
        gradebook.db.commit()
    astray = folder.path / "submitted" / 'a"><script>hit()<script>.ipynb'
    astray.write_text("{}")
    judgement = folder.path / "judgements" / "wrong" / LESSON.name / "judgement.json"
    content = json.loads(judgement.read_text())
    content["judgement"]["flagged"].append(
        {"id": "used_network", "values": {"where": HOSTILE, "details": "x"}}
    )
    content["judgement"]["exercises"][2]["misconceptions"][0]["name"] = HOSTILE
    judgement.write_text(json.dumps(content))
    class_report.write(folder)
    return folder


@pytest.fixture
def opened(browser, term):
    """Opens the report, offline; what it asked for and complained of must be nothing."""
    asked, pages = [], []

    def open_page(place="", path=None, **settings):
        page = browser.new_page(**settings)
        page.on("console", lambda said: asked.append(said.text))
        page.on("pageerror", lambda error: asked.append(str(error)))
        page.on(
            "request", lambda request: asked.append(request.url) if "report.html" not in request.url else None
        )
        page.add_init_script("window.hit = () => console.log('hit')")
        page.goto((path or term.path / "report.html").as_uri() + place)
        pages.append(page)
        return page

    open_page.asked = asked
    yield open_page
    for page in pages:
        page.close()
    assert asked == []


def students(page):
    return [name.strip() for name in page.locator(f"{ROWS} th > a, {ROWS} th:not(:has(a))").all_inner_texts()]


def choose(page, field, label):
    box = page.locator(f"#ask [name={field}]")
    values = box.locator("option").evaluate_all("all => all.map(one => [one.label, one.value])")
    box.select_option(next(value for shown, value in values if shown.startswith(label)))


def test_problems_come_first_and_totals_are_shown(opened):
    page = opened()
    assert students(page)[:2] == ["O'Neil, Jr", "wrong"]
    heads = page.locator("#students thead button").all_inner_texts()
    assert [head.split("\n")[0] for head in heads][:5] == [
        "Student",
        "State",
        "total",
        "graded, of 2",
        "02_ema",
    ]
    choose(page, "lesson", "05")
    assert students(page)[:2] == ["O'Neil, Jr", "wrong"]
    assert page.locator("#count").inner_text() == f"{len(students(page))} of {len(students(page))} students"


def test_points_of_a_person_are_named_and_parts_add_up(opened):
    page = opened("#lesson=05_adam&text=untouched")
    (row,) = page.locator(ROWS).all()
    score, *parts = (cell.split("\n") for cell in row.locator("td.n").all_inner_texts())
    assert float(score[0]) == sum(float(part[0]) for part in parts if part[0] != NONE) == 2
    assert ["2", "manual"] in parts


def test_sort_search_and_filter_by_state_mistake_and_exercise(opened):
    page = opened("#lesson=05_adam")
    everybody = students(page)
    for turn in (False, True):
        page.get_by_role("button", name=re.compile("^score")).click()
        scores = [
            float(cell)
            for cell in page.locator(f"{ROWS} td:nth-of-type(2)").all_inner_texts()
            if cell != NONE
        ]
        assert scores == sorted(scores, reverse=turn)
    assert page.locator("th[aria-sort=descending]").count() == 1
    page.get_by_role("button", name="Student").click()
    assert students(page)[0].startswith("absent")
    choose(page, "kind", "unreadable")
    assert students(page) == ["O'Neil, Jr"]
    choose(page, "kind", "to look at")
    assert set(students(page)) == {"O'Neil, Jr", "wrong"}
    choose(page, "kind", "everybody")
    choose(page, "mistake", HOSTILE[:20])
    assert students(page) == ["wrong"]
    choose(page, "mistake", "any")
    page.locator("[name=exercise]").select_option(label="AdamW")
    assert "wrong" in students(page)
    assert "right" not in students(page)
    page.locator("[name=exercise]").select_option(label="any")
    page.keyboard.press("Escape")
    page.locator("#students").focus()
    page.keyboard.press("/")
    page.keyboard.type("ZOE")
    assert [name.split("\n")[0] for name in students(page)] == ["absent", "zoé"]
    page.reload()
    assert [name.split("\n")[0] for name in students(page)] == ["absent", "zoé"]
    page.locator("[name=text]").fill("")
    assert len(students(page)) == len(everybody)


def test_it_works_by_keyboard_alone(opened):
    page = opened("#lesson=05_adam")
    page.locator("[name=exercise]").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "students"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.dataset.column") == "student"
    assert page.locator("th[aria-sort=ascending]").inner_text().startswith("Student")


def test_links_lead_to_the_pages_and_into_formgrader(opened, term):
    page = opened("#lesson=05_adam&text=zoé&kind=graded")
    (link,) = page.locator(f"{ROWS} th a").all()
    assert link.get_attribute("href") == "feedback/zo%C3%A9/05_adam/05_adam.html"
    assert (term.path / "feedback" / "zoé" / "05_adam" / "05_adam.html").is_file()
    with term.open() as gradebook:
        (notebook,) = gradebook.find_submission(LESSON.name, "zoé").notebooks
        own = f"formgrader/submissions/{notebook.id}/"
    away = page.locator(f"{ROWS} .away")
    assert away.get_attribute("href") == f"http://localhost:8888/{own}"
    for said, leads in (
        ("https://hub.x.org/user/me", "https://hub.x.org/user/me/"),
        ("javascript:hit()", "http://localhost:8888/"),
    ):
        page.locator("[name=jupyter]").fill(said)
        assert away.get_attribute("href") == f"{leads}{own}"
    page.locator("#title-05_adam").scroll_into_view_if_needed()
    page.locator("#\\30 5_adam a", has_text=re.compile("unreadable")).click()
    assert students(page) == ["O'Neil, Jr"]


def test_what_students_wrote_is_text(opened, term):
    text = (term.path / "report.html").read_text()
    assert text.count("<script") == 2
    assert "onerror=hit()>" not in text
    page = opened("#lesson=05_adam&text=absent")
    assert HOSTILE in page.locator(ROWS).inner_text()
    page.locator("[name=text]").fill("network")
    assert f"{HOSTILE} looked for a network: x" in page.locator(f"{ROWS} .look").inner_text()
    assert 'submitted/a"><script>hit()<script>.ipynb' in page.locator(".notice").first.inner_text()
    assert page.locator("body img").count() == 0
    assert page.evaluate("fetch('https://x.invalid/').then(() => 'out', () => 'kept in')") == "kept in"
    assert opened.asked
    assert all("Content Security Policy" in said for said in opened.asked)
    opened.asked.clear()


@pytest.mark.parametrize(
    "settings",
    [
        {"viewport": {"width": 1200, "height": 900}},
        {"viewport": {"width": 360, "height": 700}},
        {"color_scheme": "dark"},
    ],
    ids=["wide", "narrow", "dark"],
)
def test_it_fits(opened, settings):
    page = opened("#lesson=05_adam", **settings)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    ground, ink = (
        int(re.search(r"\d+", page.evaluate(f"getComputedStyle(document.body).{which}"))[0])
        for which in ("backgroundColor", "color")
    )
    assert (ground < ink) == ("color_scheme" in settings)


def test_without_scripts_it_is_a_table(opened, term):
    page = opened(java_script_enabled=False)
    assert page.locator("#ask").is_hidden()
    assert page.locator("noscript table").count() == 3
    row = page.locator("noscript table", has_text="05 Adam and AdamW").locator("tr", has_text="untouched")
    assert "2 manual" in " ".join(row.inner_text().split())
    assert WRONG.misconception.hint[:30] in page.locator("main").text_content()


def test_two_thousand_students_are_no_stutter(graded, opened, tmp_path, capsys):
    folder = copy_of(graded[0], tmp_path)
    enlarge(folder, LESSON, 2000)
    page = opened(path=class_report.write(folder))
    assert page.locator(ROWS).count() < 200
    assert "2000 of 2000" in page.locator("#count").inner_text()
    acts = {
        "sort": "document.querySelector('#students thead button[data-column=\"0\"]').click()",
        "filter": "(field => { field.value += 'a'; field.dispatchEvent(new Event('input', { bubbles: true })); })"
        "(document.forms.ask.elements.text)",
    }
    times = {name: min(busy(page, act) for _ in range(5)) for name, act in acts.items()}
    times["load"] = busy(page)
    with capsys.disabled():
        print("\n2,000 students: " + ", ".join(f"{name} {time:.0f} ms" for name, time in times.items()))
    assert max(times["sort"], times["filter"]) < 100
    assert times["load"] < 1000
    choose(page, "kind", "everybody")
    page.locator("[name=text]").fill("")
    for _ in range(3):
        drawn = page.locator(ROWS).count()
        page.locator("#students").evaluate("place => place.scrollTo(0, place.scrollHeight)")
        page.locator(ROWS).nth(drawn).wait_for(state="attached")
    page.pdf()
    assert page.locator(ROWS).count() == 2000


def busy(page, act=None):
    """Milliseconds of the processor, whatever else it does, until an act is painted; to load it without one."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    before = spent(session)
    if act is None:
        page.reload()
        before = 0
    painted = "new Promise(done => requestAnimationFrame(() => setTimeout(done)))"
    page.evaluate(f"async () => {{ {act or ''}; await {painted}; }}")
    return 1000 * (spent(session) - before)


def spent(session):
    metrics = session.send("Performance.getMetrics")["metrics"]
    return next(entry["value"] for entry in metrics if entry["name"] == "TaskDuration")


def test_the_command_writes_it_for_all_or_some_lessons(term, command_line):
    code, printed, _ = command_line("report", "--gradebook", term.path)
    assert (code, printed.splitlines()[-1]) == (0, f"Report: {term.path / 'report.html'}")
    assert "02_ema: 2 submissions" in printed
    code, printed, _ = command_line("report", LESSON.name, "--html", "--gradebook", term.path)
    assert (code, printed) == (0, f"Report: {term.path / 'report.html'}\n")
    assert 'id="02_ema"' not in (term.path / "report.html").read_text()
    class_report.write(term)


def test_a_lesson_that_waits_is_named(graded, tmp_path):
    folder = CourseFolder(copy_of(graded[0], tmp_path).path)
    folder.setup([OTHER])
    folder.submit("right", OTHER, "{}")
    submit(folder, "late", answered(LESSON, {}))
    assert "02_ema: 1 submissions wait" in class_report.write(folder).read_text()
