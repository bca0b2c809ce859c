"""Each figure that moves, from a folder, in a real browser: by keyboard, by mouse, by finger, and without motion."""

import json
import re

import pytest
from javascript import PLAY, join
from playwright.sync_api import expect

from course.plots.look import CONTRAST, contrast

pytestmark = pytest.mark.slow

FIGURES = ("descent", "window", "schedule", "cliff", "norm")
MINUS = "\N{MINUS SIGN}"
# A whole pixel: browsers round.
CUT = """() => [...document.querySelectorAll('body, .play, .play *')].filter(one => {
  const {right, width} = one.getBoundingClientRect();
  return width && right > document.documentElement.clientWidth + 1 && !one.closest('svg');
}).map(one => one.outerHTML.slice(0, 80))"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A name as students have, and what a page needs in it."""
    place = tmp_path_factory.mktemp("Übung Eins") / "play"
    join().write(place)
    return place


@pytest.fixture
def opens(browser, folder):
    """Opens the page of all figures in a window of its own; nothing may be asked for elsewhere, or go wrong."""
    windows, asked, trouble = [], [], []

    def open_page(**settings):
        window = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **settings})
        windows.append(window)
        page = window.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda said: trouble.append(said.text))
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.goto((folder / "index.html").as_uri())
        return page

    yield open_page
    for window in windows:
        window.close()
    assert trouble == []
    assert {url.rpartition("/")[0] for url in asked} == {folder.as_uri()}


@pytest.fixture
def page(opens):
    return opens()


def figure(page, name):
    return page.locator(f"[data-figure='{name}']")


def said(page, name):
    return figure(page, name).locator(".play-said")


def press(page, place, *keys):
    place.focus()
    for key in keys:
        page.keyboard.press(key)


def test_every_figure_is_there_and_says_what_it_shows(page):
    for name in FIGURES:
        assert figure(page, name).locator("figure figcaption").inner_text()
        assert said(page, name).inner_text()
    # Every picture and control has a name.
    tree = page.locator("main").aria_snapshot()
    assert not re.findall(r"- (?:slider|checkbox|button|combobox|group|grid)(?: \[|:|$)", tree, re.MULTILINE)


def test_a_descent_by_keyboard(page):
    words, place = said(page, "descent"), figure(page, "descent")
    start = place.get_by_role("slider", name="Start of the descents")
    press(page, place.get_by_role("slider", name="step", exact=True), "Home")
    press(page, place.get_by_role("button", name="Step on"), *["Enter"] * 25)
    # The closed form of gradient descent on the ravine of lesson 03, at its best rate.
    loss = 0.5 * (100 * (1 - 0.03) ** 50 + 50 * 4 * (1 - 0.03 * 50) ** 50)
    expect(words).to_contain_text(f"after 25 steps: SGD {loss:.3g}, momentum ")
    before = words.inner_text()
    press(page, start, "ArrowRight", "ArrowDown", "PageUp")
    assert start.get_attribute("aria-valuetext") == f"a, along = {MINUS}5.88, b, across = 1.87"
    expect(words).not_to_have_text(before)
    press(page, place.get_by_role("slider", name="SGD: lr"), *["ArrowRight"] * 3)
    expect(words).to_contain_text(re.compile(r"SGD \d.\d+e\d+, "))  # beyond 2 / 50 it diverges
    press(page, place.get_by_role("button", name="Best rate for each"), "Enter")
    expect(place.locator("output").nth(1)).to_have_text("0.03")
    press(page, place.get_by_role("checkbox", name="Lion"), "Space")
    expect(words).to_contain_text("Lion")
    place.get_by_role("combobox", name="landscape").select_option("a cliff")
    assert start.get_attribute("aria-valuetext") == "w = 1.2, b = 0.3"


def test_every_optimiser_gets_down_every_landscape(page):
    place = figure(page, "descent")
    for box in place.get_by_role("checkbox").all():
        box.check()
    for landscape in place.get_by_role("option").all_inner_texts():
        place.get_by_role("combobox").select_option(landscape)
        press(page, place.get_by_role("slider", name="step", exact=True), "Home")
        first = float(re.search(r"SGD ([\d.e]+)", said(page, "descent").inner_text())[1])
        press(page, place.get_by_role("slider", name="step", exact=True), "End")
        standing = said(page, "descent").inner_text().replace(MINUS, "-")
        ends = re.findall(r"([\d.]+(?:e-?\d+)?)(?=, |\.$)", standing)
        assert len(ends) == 11
        assert max(map(float, ends)) < first


def test_the_window_by_keyboard(page):
    words, place = said(page, "window"), figure(page, "window")
    day = place.get_by_role("slider", name="Day of the average")
    press(page, day, "ArrowRight")
    assert day.get_attribute("aria-valuetext") == "1 May 2012"
    expect(words).to_contain_text("1 May 2012: ")
    press(page, place.get_by_role("slider", name="day", exact=True), "Home")
    expect(words).to_have_text(
        "1 January 2012: 12.8 °C; the average over about 10 days is 1.28 °C. Its weights add up to 0.1."
    )
    press(page, place.get_by_role("checkbox", name="bias correction"), "Space")
    expect(words).to_contain_text("is 12.8 °C. Its weights add up to 1.")
    press(page, place.get_by_role("slider", name="β"), "End")
    expect(words).to_contain_text("about 100 days")
    press(page, day, "End")
    expect(words).to_contain_text("31 December 2013: ")


def test_schedules_by_keyboard(page):
    words, place = said(page, "schedule"), figure(page, "schedule")
    press(page, place.get_by_role("slider", name="Step to look at"), "End")
    # At a constant rate of 0.5: formula (1) of lesson 06.
    expect(words).to_contain_text("after 280 steps: constant 0.17 at a rate of 0.5")
    press(page, place.get_by_role("slider", name="noise"), "Home")
    expect(words).not_to_contain_text("constant 0.17")
    for box in place.get_by_role("checkbox").all():
        press(page, box, "Space")
    expect(words).to_contain_text("Noam")
    expect(words).not_to_contain_text("constant")


def test_the_cliff_by_keyboard(page):
    words, place = said(page, "cliff"), figure(page, "cliff")
    press(page, place.get_by_role("slider", name="step", exact=True), "End")
    expect(words).to_contain_text("not clipped: off the map")
    expect(words).to_contain_text("clipped: at the goal")
    press(page, place.get_by_role("slider", name="max_norm"), "Home")
    expect(words).to_contain_text("; clipped: 0.2")  # a step of lr times 0.1 is too short to arrive
    press(page, place.get_by_role("slider", name="Start of both descents"), *["ArrowDown"] * 3)
    expect(words).not_to_contain_text("norm of the gradient 1000")


def test_norms_by_keyboard(page):
    words, place = said(page, "norm"), figure(page, "norm")
    values = place.get_by_role("grid", name="values")
    press(page, values.get_by_role("gridcell", selected=True), "ArrowRight", "ArrowDown")
    expect(words).to_contain_text("batch norm: sample 2, channel 2 shares its mean")
    expect(words).to_contain_text("with channel 2 of all samples, 16 values")
    press(page, place.get_by_role("slider", name="add to the field"), "End")
    expect(words).to_contain_text("4 of 24 fields come out changed")
    shared = {"layer norm": "all of sample 2, 24 values", "instance norm": "its own field, 4 values"}
    for norm, whom in shared.items():
        place.get_by_role("combobox").select_option(norm)
        expect(words).to_contain_text(whom)
    place.get_by_role("combobox").select_option("group norm")
    expect(words).to_contain_text("channels 1 to 3 of sample 2, 12 values")
    expect(place.locator("table").last.locator(".play-moved")).to_have_count(3)


def test_it_plays_on_demand_alone_and_interrupts_nobody(page):
    words, place = said(page, "cliff"), figure(page, "cliff")
    page.wait_for_timeout(400)
    expect(words).to_contain_text("After 12 steps")
    play = place.get_by_role("button", name="Play")
    press(page, play, "Enter")
    expect(words).not_to_contain_text("After 12 steps")
    assert words.get_attribute("aria-live") == "off"
    press(page, place.get_by_role("button", name="Pause"), "Enter")
    assert words.get_attribute("aria-live") == "polite"
    standing = words.inner_text()
    page.wait_for_timeout(400)
    expect(words).to_have_text(standing)


def test_who_asks_for_less_motion_gets_steps(opens):
    page = opens(reduced_motion="reduce")
    for name in FIGURES[:4]:
        expect(figure(page, name).get_by_role("button", name="Play")).to_have_count(0)
    press(page, figure(page, "cliff").get_by_role("button", name="Step on"), "Enter", "Enter")
    expect(said(page, "cliff")).to_contain_text("After 14 steps")


def middle(place):
    room = place.bounding_box()
    return room["x"] + room["width"] / 2, room["y"] + room["height"] / 2


def test_the_start_follows_the_mouse(page):
    start = page.get_by_role("slider", name="Start of the descents")
    start.scroll_into_view_if_needed()
    x, y = middle(start)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 100, y + 40, steps=4)
    page.mouse.up()
    page.mouse.move(x, y)
    now = middle(start)
    assert abs(now[0] - x - 100) < 2 and abs(now[1] - y - 40) < 2


def test_the_start_follows_a_finger_and_the_page_stays(opens):
    page = opens(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    start = page.get_by_role("slider", name="Start of the descents")
    start.scroll_into_view_if_needed()
    scrolled, (x, y) = page.evaluate("scrollY"), middle(start)
    touch = page.context.new_cdp_session(page)

    def finger(kind, *points):
        places = [{"x": x, "y": y} for x, y in points]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    finger("touchStart", (x, y))
    for step in range(1, 5):
        finger("touchMove", (x + 15 * step, y + 10 * step))
    finger("touchEnd")
    now = middle(start)
    assert abs(now[0] - x - 60) < 2 and abs(now[1] - y - 40) < 2
    assert page.evaluate("scrollY") == scrolled


@pytest.mark.parametrize("width", [360, 1440, 3840])
def test_nothing_is_cut(opens, width):
    page = opens(viewport={"width": width, "height": 900})
    assert page.evaluate(CUT) == []
    # Drawn anew where the window changes; letters keep their size.
    page.set_viewport_size({"width": 500, "height": 900})
    picture = figure(page, "descent").locator(".play-plot").first
    expect(picture).to_have_attribute("width", re.compile(r"^4\d\d$"))
    assert page.evaluate(CUT) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_colour_can_be_read_on_its_ground(theme):
    text = (PLAY / "play.css").read_text(encoding="utf-8")
    pairs = dict(re.findall(r"--play-(\w+): light-dark\((#\w+, #\w+)\)", text))
    colours = {name: pair.split(", ")[theme == "dark"] for name, pair in pairs.items()}
    for name in ("ink", "soft", *map(str, range(1, 12))):
        assert contrast(colours[name], colours["ground"]) >= CONTRAST, name
    assert contrast(colours["ink"], colours["raised"]) >= CONTRAST


def test_the_theme_of_a_page_comes_before_that_of_the_system(opens):
    page = opens(color_scheme="dark")
    ground = "getComputedStyle(document.querySelector('.play')).backgroundColor"
    dark = page.evaluate(ground)
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    light = page.evaluate(ground)
    assert (dark, light) == ("rgb(18, 20, 23)", "rgb(255, 255, 255)")


def test_without_javascript_a_sentence_says_what_is_missing(opens):
    page = opens(java_script_enabled=False)
    for name in FIGURES:
        expect(figure(page, name)).to_contain_text("This figure needs JavaScript.")


def test_a_page_chooses_by_options(opens):
    page = opens()
    page.evaluate(
        """() => {
          const place = document.querySelector("[data-figure='descent']");
          const options = {landscape: 'a saddle', offered: ['SGD', 'Adam'], optimizers: ['Adam'], steps: 20};
          descentPlay['play.js'].mount(place, 'descent', options);
        }"""
    )
    place = figure(page, "descent")
    assert place.get_by_role("checkbox").count() == 3
    expect(place.get_by_role("combobox")).to_have_value("a saddle")
    expect(said(page, "descent")).to_have_text(
        re.compile(r"^Loss above the lowest after 20 steps: Adam \d\.\d+\.$")
    )


@pytest.mark.parametrize(
    ("figure", "options", "said"),
    [
        ("race", {}, 'data-figure "race": choose from descent, window, '),
        ("descent", {"optimizers": ["Adams"]}, 'optimiser "Adams": choose from SGD, momentum, '),
        ("descent", {"landscape": "ravine"}, 'landscape "ravine": choose from a round bowl, a ravine, '),
        ("schedule", {"schedules": ["linear"]}, 'schedule "linear": choose from constant, '),
        ("norm", {"norm": "batch"}, 'norm "batch": choose from batch norm, '),
    ],
)
def test_a_name_that_is_none_leaves_the_sentence_and_the_other_figures(
    browser, folder, figure, options, said
):
    place = f"<div class='play' data-figure='{figure}' data-options='{json.dumps(options)}'>A sentence.</div>"
    page, trouble = browser.new_page(), []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.set_content(f"{place}<div class='play' data-figure='window'></div>")
    page.add_script_tag(path=folder / "play.js")
    expect(page.locator(".play").first).to_have_text("A sentence.")
    expect(page.locator(".play").last.locator("figure")).to_have_count(1)
    page.close()
    (sentence,) = trouble
    assert said in sentence
