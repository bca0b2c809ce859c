"""The numbers of a graded class: who there is, what to look at, what was done how often."""

import shutil
import time

import pytest
from entered_class import ADAM, DECAY, entered_class
from small_class import LESSON, WRONG, copy_of, grade, submit

from autograder.catalogue.answers import misconceptions
from autograder.catalogue.pairs import together
from autograder.catalogue.sample import answered
from autograder.errors import DescentError
from autograder.grade import record
from autograder.report import page as class_report
from autograder.report.results import class_results, results

pytestmark = pytest.mark.slow


def test_everybody_has_a_row_and_counts_add_up(graded):
    folder, done = graded
    found = results(folder, LESSON)
    assert [row.student for row in found.rows] == sorted(done, key=str.casefold)
    assert [row.student for row in found.to_do] == ["O'Neil, Jr"]
    assert (found.kinds["graded"], found.kinds["unreadable"]) == (len(done) - 1, 1)
    for count in found.exercises:
        assert count.full + count.part + count.none + count.not_attempted == len(done)


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
def test_what_to_look_at_without_a_judgement(tmp_path):
    folder = entered_class(tmp_path / "gradebook")
    folder.submit("dora", ADAM, "{}").replace(folder.path / "submitted" / "dora" / "05_adam.ipynb")
    (folder.path / "submitted" / "dora" / ADAM.name).rmdir()
    found = {row.student: row for row in results(folder, ADAM).rows}
    kinds = {student: row.kinds for student, row in found.items()}
    assert kinds["ann"] == ("unjudged", "no_page")
    assert kinds["emil"] == ("unjudged", "manual", "no_page")
    assert kinds["fred"] == ("unjudged", "by_hand", "no_page")
    assert (kinds["carl"], kinds["dora"]) == (("waiting",), ("misplaced",))
    assert found["dora"].sentences == [
        "nothing looks at submitted/dora/05_adam.ipynb: move it and run `autograder grade 05_adam`"
    ]
    assert len(results(folder, DECAY).missing) == len(found) - 1
    both = class_results(folder, [ADAM, DECAY])
    assert (both.lessons, dict(both.waiting)) == ([], {"05_adam": 7, "06_lr_decay": 1})
    with pytest.raises(DescentError, match="Nothing is graded"):
        class_report.write(folder, both)


def test_what_happened_since_is_told(graded, tmp_path):
    folder = copy_of(graded[0], tmp_path)
    time.sleep(0.02)
    submit(folder, "right", "another")
    shutil.rmtree(folder.path / "feedback" / "late")
    with folder.open() as gradebook:
        entry = gradebook.find_grade("check_Adam", LESSON.name, LESSON.name, "untouched")
        entry.manual_score = 2.0
        gradebook.update_or_create_student("absent")
    found = {row.student: row for row in results(folder, LESSON).rows}
    assert (found["right"].worst, found["late"].worst) == ("changed", "no_page")
    assert (found["untouched"].kinds, found["absent"].kinds) == (("graded", "by_hand"), ("missing",))
    assert (found["absent"].page, found["late"].page) == (None, None)
    assert found["zoé"].page == "feedback/zo%C3%A9/05_adam/05_adam.html"


def test_a_student_in_the_address_is_no_scheme(graded, tmp_path):
    folder = copy_of(graded[0], tmp_path)
    folder.directory.directory_structure = "{student_id}/{nbgrader_step}/{assignment_id}"
    folder.feedback("javascript:alert(1)#?%", LESSON).parent.mkdir(parents=True)
    from autograder.report.results import _address

    made = _address(folder.feedback("javascript:alert(1)#?%", LESSON), folder.path)
    assert made.startswith("javascript%3Aalert%281%29%23%3F%25/feedback/")


def test_mistakes_are_named_by_the_judgements_alone(graded, tmp_path):
    folder = copy_of(graded[0], tmp_path)
    wrong = {entry.misconception.id: entry for entry in misconceptions(LESSON, "adam_update")}
    both = together(wrong["eps_inside_root"], wrong["uphill"], LESSON.solutions()["adam_update"])
    submit(folder, "right", answered(LESSON, {"adam_update": both}))
    one = wrong["uphill"].code(LESSON.solutions()["adam_update"])
    submit(folder, "untouched", answered(LESSON, {"adam_update": one}))
    grade(folder)
    # What the catalogue calls it today is nothing to what was found then.
    path = next(folder.path.glob("judgements/wrong/05_adam/*.json"))
    path.write_text(path.read_text().replace(WRONG.misconception.name, "a name of its own"))
    found = results(folder, LESSON).mistakes
    students = {
        "uphill": ["right", "untouched"],
        WRONG.misconception.id: ["wrong"],
        "eps_inside_root": ["right"],
    }
    assert {mistake.id: mistake.students for mistake in found} == students
    assert found[0].id == "uphill"
    assert all(mistake.hint for mistake in found)
    assert {mistake.id: mistake.name for mistake in found}[WRONG.misconception.id] == "a name of its own"
    assert "a name of its own" in class_report.write(folder).read_text()


def test_answers_to_the_quiz_are_counted_where_they_are_given(graded, tmp_path):
    folder = copy_of(graded[0], tmp_path)
    notebook = answered(LESSON, {})
    said = {
        'quiz("gradient_stops", ...)': 'quiz("gradient_stops", "(C)")',
        'quiz("adam_memory", ...)': 'quiz("adam_memory", 80)',
    }
    for cell in notebook.cells:
        cell.source = said.get(cell.source, cell.source)
    submit(folder, "right", notebook)
    grade(folder)
    memory, steady, stops = results(folder, LESSON).quiz[:3]
    assert [count for count in memory.counts if count[1]] == [("80", 1, True)]
    assert (memory.answer, steady.given) == ("80", 0)
    assert [count for count in stops.counts if count[1]] == [("(c) It divides 0 by 0.", 1, False)]
    assert stops.question.startswith("After 100 steps of training")


def test_a_judgement_of_another_version_is_one_sentence_and_is_graded_again(graded, tmp_path):
    folder = copy_of(graded[0], tmp_path)
    path = next(folder.path.glob("judgements/wrong/05_adam/*.json"))
    path.write_text(path.read_text().replace('"format": 1', '"format": 0'))
    with pytest.raises(DescentError, match=r"run `autograder grade 05_adam` to grade again\.$") as error:
        results(folder, LESSON)
    assert str(path) in str(error.value)
    assert list(grade(folder)) == ["wrong"]
    assert len(results(folder, LESSON).rows) == len(graded[1])


def test_a_folder_of_before_there_were_judgements_is_graded_again(graded, tmp_path):
    folder = copy_of(graded[0], tmp_path)
    shutil.rmtree(folder.path / record.STEP)
    with pytest.raises(DescentError, match="Nothing is graded"):
        class_report.write(folder)
    assert grade(folder).keys() == graded[1].keys()
