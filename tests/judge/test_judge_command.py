"""``autograder judge`` on real notebooks in real kernels: right answers, mistakes, broken files."""

import json
import subprocess
import sys

import nbformat
import pytest
from corpus.entry import WITHOUT_ADAM, left_without

from autograder.catalogue.answers import misconceptions, variants
from autograder.catalogue.lesson import find, lessons
from autograder.catalogue.pairs import together
from autograder.catalogue.sample import answered, right_answers
from autograder.judge.grader import Grader
from autograder.judge.judgement import Judgement
from autograder.sandbox.confine import Limits
from course.cells import EXPERIMENT, grade_id
from course.problems import MESSAGE_LIMIT

pytestmark = pytest.mark.slow

LESSON = find("05_adam")


@pytest.fixture(scope="module")
def grader():
    return Grader(seed=20)


def save(folder, notebook, name="05_adam.ipynb"):
    path = folder / name
    path.write_text(nbformat.writes(notebook) if not isinstance(notebook, str) else notebook)
    return path


def judged(grader, tmp_path, cells):
    return grader.judge(save(tmp_path, answered(LESSON, cells))).judgement


RIGHT = list(right_answers(LESSON))


def test_there_are_six_right_notebooks_in_different_styles():
    assert len(RIGHT) >= 6
    assert all(len(cells) == len(LESSON.exercises) for cells in RIGHT[:3])


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.name)
def test_the_right_answers_of_a_sample_class_are_right(grader, tmp_path, lesson):
    for number, cells in enumerate(right_answers(lesson)):
        found = grader.judge(save(tmp_path, answered(lesson, cells), f"{number}.ipynb")).judgement
        assert (found.state, found.score) == ("graded", 10.0), found.to_line()


def test_a_raise_keeps_the_other_exercises(grader, tmp_path):
    found = judged(grader, tmp_path, {"adam_update": "raise RuntimeError('I gave up here')"})
    assert (found.state, found.score) == ("graded", left_without("adam_update"))
    said = "The cell ended with an error before it was done: RuntimeError: I gave up here."
    assert all(entry.message.startswith(said) for entry in found.exercises[0].properties)


PROSE = "Well done! This is right, and the points are yours. " * 100
FORGED = {
    "prose": ({"kind": "raised", "sentence": PROSE}, "What the notebook gave of this case is no evidence."),
    "an id of its own": ({"id": PROSE, "values": {}}, "What the notebook gave of this case is no evidence."),
    "what only the grader says": (
        {"id": "stopped", "values": {"name": "adam_update", "reason": PROSE}},
        "What the notebook gave of this case is no evidence.",
    ),
    "advice": (
        {"id": "raised", "values": {"name": "adam_update", "exception": "E", "advice": PROSE}},
        "What the notebook gave of this case is no evidence.",
    ),
    "a long message": (
        {"id": "raised", "values": {"name": "adam_update", "exception": "E", "text": PROSE}},
        f"adam_update raised E: {PROSE[:MESSAGE_LIMIT]}.",
    ),
    "half of a character": (
        {"id": "raised", "values": {"name": "adam_update", "exception": "E", "text": "\ud800"}},
        r"adam_update raised E: \ud800.",
    ),
}


@pytest.mark.parametrize("forged", FORGED)
def test_a_process_has_no_words_of_its_own_in_the_report(grader, tmp_path, forged):
    problem, said = FORGED[forged]
    sent = json.dumps([{"readings": [], "problem": problem}])
    cell = (
        f"import sys\nsent = {sent!r}.encode()\n"
        "sys.modules['autograder.sandbox.interpreter'].encode_evidence = lambda evidence: sent\n"
        "def adam_update(*arguments):\n    pass"
    )
    found = judged(grader, tmp_path, {"adam_update": cell})
    assert all(entry.message.startswith(said) for entry in found.exercises[0].properties)
    assert not any("Well done" in entry.message.removeprefix(said) for entry in found.exercises[0].properties)
    assert found.exercises[0].score == 0.0


def test_a_syntax_error_is_named(grader, tmp_path):
    found = judged(grader, tmp_path, {"AdamW": "class AdamW(:\n    pass"})
    assert found.score == left_without("AdamW")
    assert "SyntaxError" in found.exercises[2].properties[0].message


def test_an_untouched_notebook_is_graded_and_not_attempted(grader, tmp_path):
    found = grader.judge(save(tmp_path, LESSON.student_notebook())).judgement
    assert (found.state, found.score, found.max_score) == ("graded", 0.0, 10.0)
    assert [entry.attempted for entry in found.exercises] == [False] * len(LESSON.exercises)


def test_an_endless_loop_ends_as_a_timeout_and_keeps_what_came_before(tmp_path):
    endless = save(tmp_path, answered(LESSON, {"Adam": "while True: pass"}))
    found = Grader(seed=1, limits=Limits(cell=2)).judge(endless).judgement
    assert (found.state, found.score) == ("timeout", WITHOUT_ADAM)
    assert "a cell ran for more than 2 s and was stopped (Adam)" in found.sentences


def test_a_dead_kernel_ends_as_crashed(grader, tmp_path):
    found = judged(grader, tmp_path, {"AdamW": "import os\nos._exit(1)"})
    assert (found.state, found.score) == ("crashed", left_without("AdamW"))


def test_warnings_prints_and_stderr_cost_nothing(grader, tmp_path):
    noisy = "import sys, warnings\nwarnings.warn('careful')\nprint('note', file=sys.stderr)\n"
    found = judged(grader, tmp_path, {name: noisy + code for name, code in LESSON.solutions().items()})
    assert found.score == 10.0


def test_experiments_are_skipped(grader, tmp_path):
    notebook = answered(LESSON, {})
    experiments = [cell for cell in notebook.cells if EXPERIMENT in cell.metadata.get("tags", [])]
    assert experiments
    graded = grader.judge(save(tmp_path, notebook)).notebook
    ran = {grade_id(cell): cell.execution_count for cell in graded.cells if cell.cell_type == "code"}
    assert all(ran[grade_id(cell)] is None for cell in experiments)


def test_torch_optim_in_a_solution_is_flagged(grader, tmp_path):
    code = "import torch.optim\n" + LESSON.solutions()["Adam"]
    assert judged(grader, tmp_path, {"Adam": code}).flags == ()
    found = judged(grader, tmp_path, {"Adam": f"{code}\ntheirs = torch.optim.Adam"})
    assert [flag.id for flag in found.flags] == ["imports_torch_optim"]
    assert found.sentences == ["imports torch.optim in a solution cell (Adam)"]


def test_one_json_object_a_line_in_order_and_exit_code_0(tmp_path):
    right = save(tmp_path, answered(LESSON, {}), "right.ipynb")
    broken = save(tmp_path, "not a notebook", "broken.ipynb")
    other = save(tmp_path, nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")]), "other.ipynb")
    command = [sys.executable, "-m", "autograder", "judge", "--seed", "3", right, broken, other]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["notebook"] for line in lines] == [str(right), str(broken), str(other)]
    assert [line["state"] for line in lines] == ["graded", "unreadable", "unknown_lesson"]
    assert [line["lesson"] for line in lines] == ["05_adam", None, None]
    assert [(line["score"], line["max"]) for line in lines] == [(10.0, 10.0), (0.0, 0.0), (0.0, 0.0)]
    assert [Judgement.from_line(line).to_line() for line in lines] == lines
    assert [flag["id"] for line in lines for flag in line["flagged"]] == [
        "renamed",
        "not_json_from_line",
        "no_lesson",
    ]
    assert lines[0]["exercises"][0]["properties"][0] == {
        "id": "worked",
        "name": "the worked example, two steps",
        "passed": True,
        "points": 0.125,
        "message": "",
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["judge", "broken.ipynb"], "broken.ipynb is not a notebook: it is not JSON (line 1)."),
        (["judge", "nowhere.ipynb"], "nowhere.ipynb can't be opened: No such file or directory."),
        (["grade", "06_none"], 'There is no lesson "06_none": the lessons are '),
        (["grade", "05_adam"], "There is no folder "),
        (
            ["grade", "05_adam", "--gradebook", "."],
            " is no gradebook folder: make one with `autograder setup",
        ),
        (["report", "--gradebook", "nowhere"], "There is no folder "),
        (["build", "adam"], 'There is no lesson "adam": the lessons are '),
        (["sample", "05_adam", "--gradebook", "nowhere"], "There is no folder "),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input_gets_one_sentence_and_exit_code_2(tmp_path, monkeypatch, command_line, arguments, said):
    save(tmp_path, "not a notebook", "broken.ipynb")
    monkeypatch.chdir(tmp_path)
    code, _, printed = command_line(*arguments)
    assert code == 2
    assert said in printed
    assert "Traceback" not in printed
    assert len(printed.strip().splitlines()) == 1


def line_of(entry):
    return {**vars(entry.misconception), "sure": True}


def test_a_misconception_is_named_on_secret_cases(grader, tmp_path):
    entry = misconceptions(LESSON, "adam_update")[0]
    code = entry.code(LESSON.solutions()["adam_update"])
    found = judged(grader, tmp_path, {"adam_update": code}).to_line()["exercises"][0]
    assert found["misconception"] == line_of(entry)
    assert found["misconceptions"] == [line_of(entry)]


def test_two_mistakes_at_once_are_named_on_secret_cases(grader, tmp_path):
    wrong = {entry.misconception.id: entry for entry in misconceptions(LESSON, "adam_update")}
    first, second = wrong["eps_inside_root"], wrong["uphill"]
    code = together(first, second, LESSON.solutions()["adam_update"])
    found = judged(grader, tmp_path, {"adam_update": code}).to_line()["exercises"][0]
    assert found["misconception"] == line_of(first)
    assert found["misconceptions"] == [line_of(first), line_of(second)]


def test_a_small_change_that_is_no_known_mistake_is_named_by_the_public_cases(grader, tmp_path):
    code = LESSON.solutions()["adam_update"].replace("grad**2", "grad**3")
    (found,) = judged(grader, tmp_path, {"adam_update": code}).to_line()["exercises"][0]["misconceptions"]
    assert (found["id"].partition("_")[0], found["sure"]) == ("change", True)
    assert found["hint"].endswith("Look at formula (2).")


def test_what_is_known_in_part_is_not_sure(grader, tmp_path):
    unknown = "(np.sqrt(v_hat) + eps) * np.tanh(1.0 + theta**2)"
    code = LESSON.solutions()["adam_update"].replace("grad**2", "grad**4")
    code = code.replace("(np.sqrt(v_hat) + eps)", unknown)
    (found,) = judged(grader, tmp_path, {"adam_update": code}).to_line()["exercises"][0]["misconceptions"]
    assert not found["sure"]
    assert found["hint"].endswith("It does not explain theta.")


def test_there_are_variants_for_every_exercise():
    assert {entry.exercise for entry in variants(LESSON)} == {exercise.id for exercise in LESSON.exercises}
