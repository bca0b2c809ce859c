"""nbgrader's exchange with a lesson of ours: what JupyterLab's Assignments and Validate ask a real server for."""

import json
import os
import shutil
import subprocess
import sys
import urllib.parse
import urllib.request

import nbformat
import pytest
from servers import answering, free_port

from autograder.catalogue.lesson import find
from autograder.grade.folder import CourseFolder
from course.cells import grade_id

pytestmark = pytest.mark.slow

LESSON = find("02_ema")
TOKEN = "exchange"
# Seconds: far more than any answer takes on a busy machine, and far less than a test may hang.
PATIENCE = 240


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The address of a student's Jupyter server, the student's folder, and the course that released a lesson."""
    folder = tmp_path_factory.mktemp("exchange")
    home, exchange = folder / "home", folder / "exchange"
    for place in (home, exchange):
        place.mkdir()
    exchange.chmod(0o777)
    course = CourseFolder(folder / "course")
    course.setup([LESSON])
    settings = f'c.Exchange.root = "{exchange}"\nc.Exchange.cache = "{folder / "cache"}"\n'
    with (folder / "course" / "nbgrader_config.py").open("a") as own:
        own.write(settings)
    (folder / "JUPYTER_CONFIG_DIR").mkdir()
    (folder / "JUPYTER_CONFIG_DIR" / "nbgrader_config.py").write_text(
        # What the course folder says of Validate holds for students, too, where they share its settings.
        "c = get_config()\n" + settings + 'c.CourseDirectory.course_id = "descent"\n'
        'c.Validator.Execute.skip_cells_with_tag = "experiment"\n'
    )
    own = {
        name: str(folder / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    }
    tools = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    environment = {**os.environ, **own, "PATH": tools, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    nbgrader("release_assignment", LESSON.name, folder=course.path, environment=environment)
    port = free_port()
    command = [
        *(sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", f"--port={port}"),
        *(f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={home}"),
    ]
    with answering(command, port, folder / "log", cwd=home, env=environment) as address:
        yield address, home, course, environment


def nbgrader(*arguments, folder, environment):
    command = [sys.executable, "-m", "nbgrader", *arguments]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,  # asked something, it is answered nothing
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired as late:
        pytest.fail(f"nbgrader {arguments[0]} did not end within {PATIENCE} s; it said: {late.stderr}")
    assert done.returncode == 0, done.stderr


def asked(address, path, /, **values):
    """What the server answers to what JupyterLab's extension sends it."""
    data = urllib.parse.urlencode(values).encode() if values else None
    request = urllib.request.Request(f"{address}/{path}", data, {"Authorization": f"token {TOKEN}"})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.loads(answer.read())
    except TimeoutError:
        pytest.fail(f"the server did not answer {path} within {PATIENCE} s")


def test_a_lesson_is_fetched_validated_handed_in_and_collected(server):
    address, home, course, environment = server
    listed = asked(address, "assignments?course_id=descent")
    assert [(one["assignment_id"], one["status"]) for one in listed["value"]] == [(LESSON.name, "released")]
    which = {"assignment_id": LESSON.name, "course_id": "descent"}
    fetched = asked(address, "assignments/fetch", **which)
    assert [one["status"] for one in fetched["value"]] == ["fetched"]
    notebook = home / LESSON.name / f"{LESSON.name}.ipynb"
    assert nbformat.read(notebook, 4) == LESSON.student_notebook()

    # Validate, with one exercise right, one wrong, the others untouched.
    filled = nbformat.read(notebook, 4)
    first, second, *others = LESSON.exercises
    for cell in filled.cells:
        if grade_id(cell) == first.id:
            cell.source = LESSON.solutions()[first.id]
        elif grade_id(cell) == second.id:
            cell.source = f"def {second.id}(*arguments):\n    return None"
    nbformat.write(filled, notebook)
    answer = asked(address, "assignments/validate", path=f"{LESSON.name}/{LESSON.name}.ipynb")
    assert answer["success"], answer
    said = {cell["source"]: cell["raw_error"] for cell in answer["value"]["failed"]}
    checks = {entry.id: f'check("{entry.id}", {entry.id})' for entry in LESSON.exercises}
    assert set(said) == {checks[entry.id] for entry in (second, *others)}
    assert f"{second.id} returned None" in said[checks[second.id]]
    for entry in others:
        assert said[checks[entry.id]].startswith(
            f"{entry.id}: not attempted yet, 0 of {entry.points:g} points"
        )
    # `nbgrader validate` in a terminal cuts off what is longer.
    assert max(len(line) for error in said.values() for line in error.splitlines()) <= 83

    handed_in = asked(address, "assignments/submit", **which)
    assert {one["status"] for one in handed_in["value"]} >= {"submitted"}, handed_in
    nbgrader("collect", LESSON.name, folder=course.path, environment=environment)
    (place,) = course.students(course.directory.submitted_directory, LESSON).values()
    assert (place / f"{LESSON.name}.ipynb").read_bytes() == notebook.read_bytes()
    shutil.rmtree(place)
