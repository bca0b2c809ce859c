"""What a student's process tells of its code while that runs, and what it sends unasked."""

import time

import numpy as np
import pytest
from corpus.noise import CELLS
from corpus.reaching import HONEST, WAYS

from autograder.sandbox.confine import Limits
from autograder.sandbox.process import SILENCED, UNASKED, Isolation, Notice, Stopped
from course.exercises import EXERCISES
from course.sealed import COMMON
from course.wire import decode_evidence, encode_cases

pytestmark = pytest.mark.slow

LIMITS = Limits(cell=30, notebook=90)
CONNECTION = "import sys\nconnection = sys.modules['autograder.sandbox.interpreter'].OUTPUTS.connection\n"


@pytest.fixture
def process():
    with Isolation(LIMITS).start(COMMON) as process:
        yield process


@pytest.fixture(params=(True, False), ids=("sandbox", "no sandbox"))
def anywhere(request):
    with Isolation(LIMITS, request.param).start(COMMON) as process:
        yield process


def told(process, source):
    process.run(source, 30)
    return process.noticed()


@pytest.mark.parametrize("cells", (HONEST, CELLS), ids=("cells", "noise"))
def test_honest_code_tells_nothing(anywhere, cells):
    assert {name: found for name, code in cells.items() if (found := told(anywhere, code))} == {}


@pytest.mark.parametrize(
    "way", ("os.system", "cffi", "a frame", "the registry found in memory", "torch.ctypes")
)
def test_what_reaches_is_told_with_and_without_a_sandbox(anywhere, way):
    code, _, kind = WAYS[way]
    assert {notice.id for notice in told(anywhere, code)} == {kind}


def test_a_thing_is_told_once_and_a_kind_a_few_times(process):
    once = [Notice("started_programs", "os.system")]
    assert told(process, "import os\nfor _ in range(100): os.system('true')") == once
    assert told(process, "os.system('true')") == []
    many = told(process, "for n in range(100):\n    try: open(f'/proc/self/x{n}')\n    except OSError: pass")
    assert [notice.detail for notice in many] == [f"/proc/self/x{number}" for number in range(8)]


def test_what_other_processes_do_is_told_too(process):
    found = told(
        process,
        "import os\nif os.fork() == 0:\n    import gc\n    gc.get_objects()\n    os._exit(0)\nos.wait()",
    )
    assert [notice.id for notice in found] == ["started_programs", "searched_memory"]


@pytest.mark.parametrize(
    "patch",
    (
        "builtins.type = builtins.isinstance = builtins.str = lambda *a: str",
        "sys.modules['os'].write = sys._getframe = lambda *a: 0",
        "watch = sys.modules['autograder.sandbox.watch']\nfor name in list(vars(watch)): setattr(watch, name, None)",
        "__name__ = 'torch'\n__spec__ = sys.__spec__",
        "sys.modules['x'] = 5\n__name__ = 'x'\nspace = dict(system=system, objects=objects, __name__='x')\nexec('system(\"true\")', space)",
        "sys.addaudithook = None\nsys.modules['autograder.sandbox.allowed'].PARTS = {}",
    ),
)
def test_no_name_leads_to_what_tells(process, patch):
    before = "import builtins, gc, os, sys\nsystem, objects = os.system, gc.get_objects"
    found = told(process, f"{before}\n{patch}\nsystem('true')\nobjects()")
    assert {notice.id for notice in found} >= {"started_programs", "searched_memory"}


def test_a_path_that_changes_is_told(process):
    source = (
        "import io\nclass Path:\n    places = ['/tmp/a', '/proc/self/maps', '/proc/self/maps']\n"
        "    def __fspath__(self): return self.places.pop(0)\nio.FileIO(Path()).read()"
    )
    assert [notice.id for notice in told(process, source)] == ["opened_system_files"]


def test_near_the_end_of_the_stack_nothing_is_done_unseen(process):
    source = (
        "import os\ndone = []\ndef deep():\n    try: deep()\n    except RecursionError: pass\n"
        "    if not done:\n        try: done.append(os.system('true'))\n        except RecursionError: pass\ndeep()\nassert done"
    )
    assert process.run(source, 30)[1] == ""
    assert Notice("started_programs", "os.system") in process.noticed()


def test_who_closes_what_tells_is_told_of(process):
    source = (
        CONNECTION
        + "import os\nfor number in set(range(3, 64)) - {connection.fileno()}:\n    try: os.close(number)\n    except OSError: pass"
    )
    assert told(process, source) == [Notice(SILENCED)]
    assert process.run("1 + 1", 30)[1] == ""


def test_what_is_told_in_no_known_words_is_noted_and_ends_nothing(process):
    source = (
        CONNECTION
        + "import os\nfor number in set(range(3, 64)) - {connection.fileno()}:\n    try: os.write(number, b'\\xff\\nfree_points 4\\n')\n    except OSError: pass"
    )
    assert set(told(process, source)) == {Notice(UNASKED)}


@pytest.mark.parametrize(
    "sent",
    (
        "b'E\\0\\0\\0\\x02{}' + b'D\\0\\0\\0\\0' * 2 + b'S\\0\\0\\0\\0' + b'Z\\0\\0\\0\\x01x'",
        "b'D\\0\\0\\0\\x08' + b'12345678'",
    ),
    ids=("evidence, the end, the start and an unknown kind", "the end with another tag"),
)
def test_what_was_sent_before_it_was_asked_for_answers_nothing(process, sent):
    code = "def adam_update(theta, grad, m, v, t, **hyper):\n    return theta, m, v\n"
    later = f"def later():\n    time.sleep(0.1)\n    connection.sendall({sent})\n"
    process.run(
        f"{CONNECTION}{code}import threading, time\n{later}threading.Thread(target=later).start()", 30
    )
    time.sleep(0.3)  # nothing has been asked for
    cases = EXERCISES["adam_update"].cases(np.random.default_rng(0), "public")[:3]
    evidence = [
        decode_evidence(packed)[0] for packed in process.observe("adam_update", encode_cases(cases), 30)
    ]
    assert [entry.problem for entry in evidence] == [None] * 3
    assert process.noticed() == [Notice(UNASKED)]


def test_outputs_between_requests_are_nothing_to_notice(process):
    process.run(
        "import threading, time\nfrom IPython.display import display\ndef later():\n    time.sleep(0.1)\n    display(1)\nthread = threading.Thread(target=later)\nthread.start()",
        30,
    )
    time.sleep(0.3)
    outputs, error = process.run("thread.join()", 30)
    assert (len(outputs), error, process.noticed()) == (1, "", [])


def test_millions_of_empty_frames_end_the_process_soon(process):
    with pytest.raises(Stopped, match="sent more than") as stopped:
        process.run(f"{CONNECTION}while True: connection.sendall(b'E\\0\\0\\0\\0' * 10_000)", 30)
    assert stopped.value.state == "crashed"
    assert Notice(UNASKED) in process.noticed()
