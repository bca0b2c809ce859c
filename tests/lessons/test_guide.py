"""What holds of every lesson's form, whoever wrote it: its time, its code, its questions, what is given away."""

import re
from itertools import pairwise

import pytest

from autograder.catalogue.lesson import lessons, project
from autograder.measure import reading_table
from autograder.measure.reading import ASKS, BEGIN, reading, words
from course.cells import EXPERIMENT, grade_id

LESSONS = lessons()
READINGS = {lesson.name: reading(lesson) for lesson in LESSONS}
every_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)


def cells(lesson, kind):
    return [cell.source for cell in lesson.source().cells if cell.cell_type == kind]


@every_lesson
def test_less_than_three_lines_are_given_for_each_that_is_written(lesson):
    counted = READINGS[lesson.name]
    assert counted.given <= 3 * counted.written


@every_lesson
def test_the_time_that_is_said_is_the_time_that_is_counted(lesson):
    counted = READINGS[lesson.name]
    assert len(counted.exercises) == len(lesson.exercises)
    assert 45 <= counted.said <= 90
    assert counted.said == pytest.approx(counted.minutes, abs=5)


@every_lesson
def test_cells_are_short(lesson):
    for source in cells(lesson, "code"):
        given = source.partition(BEGIN)[0] if BEGIN in source else source
        assert len(given.splitlines()) <= 25, source
        assert max(map(len, source.splitlines())) <= 110, source
    for source in cells(lesson, "markdown"):
        assert words(source) <= 150, source


@every_lesson
def test_there_is_something_to_predict_to_answer_and_to_move(lesson):
    counted = READINGS[lesson.name]
    assert counted.predictions >= 5
    assert 4 <= counted.quiz <= 6
    code = "\n".join(cells(lesson, "code"))
    drawn = code + (project() / "course" / "figures" / f"lesson_{lesson.name[:2]}.py").read_text()
    assert "plots.sliders(" in drawn
    assert "plots.play(" in drawn


@every_lesson
def test_sliders_stand_before_the_middle(lesson):
    figures = (project() / "course" / "figures" / f"lesson_{lesson.name[:2]}.py").read_text()
    movable = {
        found[1]
        for found in re.finditer(r"^def (\w+)\((?:(?!^def ).)*?plots\.sliders\(", figures, re.M | re.S)
    }
    seen, before = 0, None
    for cell in lesson.source().cells:
        calls = {f"figures.{name}(" for name in movable} | {"plots.sliders("}
        if cell.cell_type == "code" and before is None and any(call in cell.source for call in calls):
            before = seen
        if cell.cell_type == "markdown":
            seen += words(cell.source)
    assert before is not None
    assert before <= seen / 2


@every_lesson
def test_what_a_figure_says_does_not_stand_in_its_cell(lesson):
    """Titles and alt texts are read before a figure is seen, and before the guess is made."""
    for source in cells(lesson, "code"):
        assert not re.search(r"plots\.show\(|title\s*\(|title=", source), source


@every_lesson
def test_a_prediction_is_a_cell_of_its_own_after_its_question(lesson):
    ordered = lesson.source().cells
    for before, cell in pairwise(ordered):
        if cell.cell_type == "code" and cell.source.startswith(ASKS):
            assert len(cell.source.splitlines()) == 1
            assert before.cell_type == "markdown"
            if cell.source.startswith("predict("):
                assert "**Predict.**" in before.source


@every_lesson
def test_the_choices_of_a_quiz_are_a_list(lesson):
    source = lesson.source().cells
    for question, answer in pairwise(source):
        if answer.source.startswith("quiz(") and "(a)" in question.source:
            letters = re.findall(r"\(([a-d])\) ", question.source)
            assert letters == re.findall(r"^- \(([a-d])\) ", question.source, re.MULTILINE)


@every_lesson
def test_the_last_cell_says_whether_it_is_ready_to_hand_in(lesson):
    *_, last = lesson.source().cells
    assert grade_id(last) == "hand_in"
    assert last.source == f'from course import ready\n\nready("{lesson.name}")'
    assert EXPERIMENT in last.metadata.tags  # grading does not run it


@every_lesson
def test_formulas_hold_their_signs_as_they_are(lesson):
    # JupyterLab escapes them itself, and MathJax refuses what was escaped twice.
    assert not re.findall(r"\$[^$]*&(?:lt|gt|amp);[^$]*\$", "\n".join(cells(lesson, "markdown")))


@every_lesson
def test_what_chance_has_a_part_in_is_shown_over_five_seeds(lesson):
    assert all(figure.seeds is None or figure.seeds >= 5 for figure in READINGS[lesson.name].figures)


def test_the_page_is_up_to_date():
    made = reading_table.page(list(READINGS.values()))
    assert (project() / "docs" / "lessons.md").read_text() == made, "run `autograder lessons --page`"
