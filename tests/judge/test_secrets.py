"""What one hand-in learns of the secret cases is of no use to the next, and its page does not show it."""

import json
from collections import Counter

import nbformat
import pytest
from corpus.entry import notebook
from corpus.secrets import MARK, RECORDERS, SECRETS, published, recording, shown, table

from autograder.catalogue.lesson import find
from autograder.judge.attempt import NOT_SHOWN
from autograder.judge.battery import POOL, Batteries
from autograder.judge.grader import Grader
from autograder.sandbox.confine import Limits
from course.judging.judge import ERRORS_LIMIT
from course.printable import printable

pytestmark = pytest.mark.slow

LESSON = find("05_adam")
SEED = 7
# The cells that end the process, or don't, by whether it saw cases.
STATES = {"a cell that ends the process after it has shown them": "crashed"}
CUT_SHORT = (
    "a cell that ends any process but the one that saw cases",
    "a cell that never ends but where cases were seen",
)


@pytest.fixture(scope="module")
def grader():
    # The one cell without end is soon over; what is honest has time on a busy machine too.
    return Grader(seed=SEED, limits=Limits(cell=6, notebook=60))


def save(folder, made, lesson=LESSON):
    path = folder / f"{lesson.name}.ipynb"
    nbformat.write(made, path)
    return path


@pytest.mark.parametrize("way", RECORDERS)
def test_a_page_shows_nothing_of_the_cases(grader, tmp_path, way):
    found, page, _ = grader.judge(save(tmp_path, recording(LESSON, *RECORDERS[way])), LESSON)
    assert found.state == STATES.get(way, "graded")
    assert found.exercises[0].attempted
    assert MARK not in nbformat.writes(page) + json.dumps(found.to_line())
    assert (NOT_SHOWN in shown(page)) == (way in CUT_SHORT)


def test_honest_outputs_are_all_there_and_the_judgement_is_as_it_was(grader, tmp_path):
    cells = ("print('one')\ncount = 1", "count += 1\nprint('count is', count)\ncount")
    made = notebook(LESSON, LESSON.solutions(), *cells)
    found, page, _ = grader.judge(save(tmp_path, made), LESSON)
    assert (found.score, found.state, found.flags) == (10.0, "graded", ())
    assert [output.get("text") for output in page.cells[0].outputs] == ["one\n"]
    texts = [output.get("text") or output.data["text/plain"] for output in page.cells[-1].outputs]
    assert texts == ["count is 2\n", "2"]


def test_a_hand_in_meets_one_battery_of_eight_and_always_the_same():
    drawn = [Batteries(seed).number(f"student{number}/digest") for seed in (1, 2) for number in range(800)]
    assert drawn[:800] == [Batteries(1).number(f"student{number}/digest") for number in range(800)]
    assert drawn[:800] != drawn[800:]
    assert set(drawn) == set(range(POOL))
    assert max(Counter(drawn).values()) < 2 * len(drawn) / POOL


def test_all_batteries_ask_equally_much_and_none_the_same():
    pool = Batteries(SEED)
    batteries = [pool.of("adam_update", LESSON, number) for number in range(POOL)]
    assert len({tuple(case.property for case in battery.cases) for battery in batteries}) == 1
    assert len({battery.packed.cases for battery in batteries}) == POOL


def test_a_table_of_one_battery_earns_points_on_that_alone(grader, tmp_path):
    pool = Batteries(SEED)
    battery = pool.of("adam_update", LESSON, 3)
    path = save(tmp_path, notebook(LESSON, {"adam_update": table(battery.cases, battery.expected)}))
    numbers, scores = {}, {}
    for number in range(100):
        numbers.setdefault(pool.number(f"eve/{number}"), f"eve/{number}")
    for number, hand_in in sorted(numbers.items()):
        scores[number] = grader.judge(path, LESSON, hand_in).judgement.score
    points = LESSON.exercises[0].points
    assert scores == {number: points if number == 3 else 0.0 for number in range(POOL)}


def test_a_friend_meets_another_battery_and_the_same_file_the_same(grader, tmp_path):
    path = save(tmp_path, notebook(LESSON, LESSON.solutions()))
    assert grader.judge(path, LESSON).judgement == grader.judge(path, LESSON).judgement
    pool = Batteries(SEED)
    assert len({pool.number(f"student{number}/one digest") for number in range(60)}) == POOL


def test_published_numbers_earn_nothing(grader, tmp_path):
    lesson = find("06_lr_decay")
    found = grader.judge(save(tmp_path, published(lesson), lesson), lesson).judgement
    passed = [(entry.id, each.id) for entry in found.exercises for each in entry.properties if each.passed]
    assert (passed, found.score) == ([], 0.0)
    assert all(entry.attempted for entry in found.exercises[:6])


TALKING = """
import json, sys
count = 0
def talk(evidence):
    global count
    count += 1
    said = [chr(0x4e00 + (count * 97 + place) % 20_000) * 1 for place in range(5000)]
    values = {"name": "".join(said)[:160], "exception": "".join(said)[:100], "text": "".join(said)}
    values |= {"line": count, "place": "cell", "source": "".join(said)}
    return json.dumps([{"readings": [], "problem": {"id": "raised", "values": values}}]).encode()
sys.modules["autograder.sandbox.interpreter"].encode_evidence = talk
def adam_update(*given): pass
class Adam: pass
class AdamW: pass
"""


def test_a_report_has_no_room_for_a_table(grader, tmp_path):
    answers = {name: f"class {name}: pass" for name in ("Adam", "AdamW")} | {"adam_update": TALKING}
    found = grader.judge(save(tmp_path, notebook(LESSON, answers)), LESSON).judgement
    for exercise in found.exercises:
        told = "".join({entry.message for entry in exercise.properties})
        of_the_process = [character for character in told if ord(character) >= 0x4E00]
        assert 0 < len(of_the_process) <= ERRORS_LIMIT
    assert found.score == 0.0


@pytest.mark.parametrize("entry", SECRETS, ids=lambda entry: entry.name)
def test_a_state_is_what_the_grader_saw_and_a_flag_is_one_line(grader, entry, tmp_path):
    path = tmp_path / entry.file
    path.write_bytes(entry.content(LESSON))
    found = grader.judge(path, LESSON).judgement
    assert (found.state, found.score) == (entry.state, entry.score)
    raised = [each for each in found.flags if each.id == "cell_raised" and each.values["exercise"] == "Adam"]
    assert [entry.flag in each.sentence for each in raised] == [True]
    assert len(raised[0].sentence) < 120
    for text in (*found.sentences, *(each.message for each in found.exercises[1].properties)):
        assert printable(text) == text
