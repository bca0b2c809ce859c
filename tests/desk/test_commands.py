"""`python -m course` as a student says it: plain sentences, never a traceback."""

import ast
import json
import os
import re
import shutil
import signal
import socket
import sys
import time
import urllib.request
from urllib.error import URLError

import pytest
from elsewhere import ROOT, started

from course.desk.copies import bring

# What `doctor` loads before it knows which Python it runs on.
FIRST = ("__init__", "__main__", "desk/__init__", "desk/doctor", "desk/place", "printable")


def test_progress_before_the_first_lab(place, say):
    code, printed, errors = say("progress")
    assert (code, errors) == (0, "")
    assert printed.splitlines()[-1] == "Next: Begin with 02 Exponential moving averages."
    assert not place.work.exists()


def test_commands_find_the_lessons_from_the_folder_of_work_too(place, say, monkeypatch):
    bring(place)
    monkeypatch.chdir(place.work)
    assert say("progress")[0] == 0
    assert not (place.work / "work").exists()


def test_lessons_elsewhere(place, say, tmp_path, monkeypatch):
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    code, printed, _ = say("reset", "5", "--lessons", place.lessons)
    assert code == 0 and str(here / "work" / "05_adam.ipynb") in printed
    assert not place.work.exists()


@pytest.mark.parametrize("name", ["05_adam", "05", "5", "Adam", "work/05_adam.ipynb"])
def test_a_lesson_is_known_by_whatever_names_it(place, say, name):
    code, printed, _ = say("reset", name)
    assert code == 0 and f"{place.copy('05_adam')} is as it was handed out." in printed


@pytest.mark.parametrize("name", ["06", "a", "", "../05_sgd", "[", "\x1b[2K", "9" * 5000, "²"])
def test_a_lesson_that_is_not_there_is_said_with_those_that_are(place, say, name):
    code, printed, errors = say("reset", name)
    assert (code, printed) == (2, "")
    assert errors.endswith("The lessons are: 02_ema, 05_adam.\n") and "\x1b" not in errors
    assert len(errors.splitlines()) == 1


def test_reset_says_where_the_old_copy_is(place, say):
    bring(place)
    place.copy("05_adam").write_text("mine")
    code, printed, _ = say("reset", "05_adam")
    assert code == 0
    assert f"What you had is kept in {place.work / '05_adam_kept_1.ipynb'}." in printed
    assert (place.work / "05_adam_kept_1.ipynb").read_text() == "mine"


@pytest.mark.parametrize("command", [("lab",), ("progress",), ("reset", "05_adam")])
def test_a_lesson_that_is_broken(place, say, command):
    bring(place)
    place.copy("05_adam").write_text("mine")
    before = sorted(path.name for path in place.work.iterdir())
    (place.lessons / "05_adam.ipynb").write_text("{")
    code, _, errors = say(*command)
    assert code == 2 and "can't be read as a notebook: take it from what you were handed out" in errors
    assert len(errors.splitlines()) == 1
    assert sorted(path.name for path in place.work.iterdir()) == before
    assert place.copy("05_adam").read_text() == "mine"


@pytest.mark.parametrize("command", [("lab",), ("reset", "05_adam")])
def test_work_that_is_no_folder(place, say, command):
    place.work.write_text("mine")
    code, _, errors = say(*command)
    assert code == 2 and len(errors.splitlines()) == 1 and str(place.work) in errors
    assert place.work.read_text() == "mine"


def test_another_program_s_progress(place, say):
    place.work.mkdir()
    (place.work / "progress.json").write_text('{"epoch": 3}')
    for command in ("lab", "progress"):
        code, _, errors = say(command)
        assert code == 2 and "is another program's: move it elsewhere." in errors
    assert (place.work / "progress.json").read_text() == '{"epoch": 3}'


@pytest.mark.parametrize("arguments", [(), ("labs",), ("progress", "--port"), ("reset",)])
def test_a_command_that_is_not_there(place, say, arguments):
    code, _, errors = say(*arguments)
    assert code == 2 and errors.startswith("usage: python -m course")


@pytest.mark.parametrize("port", ["x", "-1", "65536", "9" * 5000, "²", ""])
def test_a_port_that_is_none(place, say, port):
    code, _, errors = say("lab", f"--port={port}")
    assert code == 2 and errors.endswith("argument --port: a port is a number from 0, for any, to 65535\n")


@pytest.mark.parametrize(
    ("flags", "why"),
    [
        (["--nosuch"], "JupyterLab does not understand a flag (argument --nosuch: "),
        (["--prot", "9"], "JupyterLab does not understand a flag (argument --prot: there is no such flag)"),
        (["--prot=9"], "JupyterLab does not understand a flag (argument --prot: there is no such flag)"),
        (["--ip"], "JupyterLab does not understand a flag (argument --ServerApp.ip: "),
        (["05_adam"], "There is no 05_adam in "),
    ],
)
def test_what_jupyterlab_does_not_understand_is_said_before_anything_is_made(place, say, flags, why):
    code, printed, errors = say("lab", "--no-browser", *flags)
    assert (code, printed, len(errors.splitlines())) == (2, "", 1)
    assert errors.startswith(f"course: {why}") and "python -m course lab" in errors
    assert not place.work.exists()


def test_ready_before_the_first_lab(place, say):
    code, _, errors = say("ready", "5")
    assert (code, errors) == (
        2, f"course: There is no {place.copy('05_adam')} yet: python -m course lab makes it.\n",
    )  # fmt: skip


@pytest.mark.parametrize("command", [("lab",), ("progress",), ("ready", "5"), ("reset", "5")])
def test_on_a_python_that_is_too_old_every_command_says_so(place, say, monkeypatch, command):
    monkeypatch.setattr("course.desk.doctor.OLDEST", (99, 0))
    code, printed, errors = say(*command)
    assert (code, printed) == (2, "")
    assert errors.endswith(" is too old: install 99.0 or newer from python.org.\n")
    assert not place.work.exists()


@pytest.mark.slow
def test_a_terminal_of_few_letters(place):
    process = started("env", "PYTHONIOENCODING=ascii", sys.executable, "-m", "course", "reset", "5")
    printed, errors = process.communicate()
    assert (process.returncode, errors) == (0, "")
    assert "\\xdcbung eins" in printed


@pytest.mark.parametrize("name", FIRST)
def test_a_python_that_is_too_old_can_read_what_says_so(name):
    text = (ROOT / "course" / f"{name}.py").read_text(encoding="utf-8")
    ast.parse(text, feature_version=(3, 8))


@pytest.mark.slow
@pytest.mark.parametrize("command", ["doctor", "lab", "progress"])
def test_where_nothing_is_installed_a_sentence_says_what_to_do(place, command):
    """A Python without any package."""
    process = started(sys.executable, "-S", "-m", "course", command)
    printed, errors = process.communicate()
    assert "Traceback" not in errors
    if command == "doctor":
        assert process.returncode == 1 and errors == ""
        assert re.search(r"^mend  ", printed, re.M) and " -m pip install " in printed.splitlines()[-1]
    elif command == "lab":
        assert process.returncode == 2
        assert errors.endswith("can't be loaded: `python -m course doctor` says what to do.\n")
    else:
        assert process.returncode == 0


@pytest.mark.slow
def test_doctor_finds_nothing_to_mend_here(place):
    bring(place)
    process = started(sys.executable, "-m", "course", "doctor")
    printed, errors = process.communicate()
    assert (process.returncode, errors) == (0, ""), printed + errors
    lines = printed.splitlines()
    assert lines[-1] == "All is well: python -m course lab opens the lessons."
    assert all(line.startswith("ok    ") for line in lines[:-2])
    assert {"ok    kernel", "ok    progress", "ok    sliders in JupyterLab"} <= set(lines)


@pytest.mark.slow
def test_doctor_says_what_to_mend(place, tmp_path):
    """A kernel of another Python in the student's own folder, as other courses leave it; a broken file."""
    bring(place)
    (place.work / "progress.json").write_text("{")
    spec = tmp_path / "jupyter" / "kernels" / "python3"
    spec.mkdir(parents=True)
    argv = [shutil.which("false"), "-f", "{connection_file}"]
    (spec / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "x", "language": "python"}))
    process = started("env", f"JUPYTER_PATH={tmp_path / 'jupyter'}", sys.executable, "-m", "course", "doctor")
    printed, errors = process.communicate()
    assert (process.returncode, errors) == (1, "")
    kernel, progress = printed.splitlines()[-2:]
    assert kernel.startswith("Notebooks' kernel does not start (") and " -m pip install " in kernel
    assert progress.endswith("can't be read: run python -m course lab, which keeps it and begins anew.")


def address(process):
    said = []
    for line in process.stderr:
        said.append(line)
        if found := re.search(r"(http://127\.0\.0\.1:\d+/)lab/tree/start\.ipynb\?token=(\w+)", line):
            return found[1], found[2]
    raise AssertionError("".join(said))


def asked_for(page):
    """What a server answers that may not be listening yet."""
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(page, timeout=30) as answer:
                return json.load(answer)
        except URLError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


@pytest.mark.slow
def test_lab_opens_the_start_page_and_a_second_one_goes_to_the_first(place, tmp_path, monkeypatch):
    for name in ("CONFIG", "DATA", "RUNTIME"):
        monkeypatch.setenv(f"JUPYTER_{name}_DIR", str(tmp_path / name))
    monkeypatch.delenv("PYTHONPATH", raising=False)
    lab = (sys.executable, "-m", "course", "lab", "--no-browser")
    first = started(*lab, "--port", "18765", "--ServerApp.ip=127.0.0.1", start_new_session=True)
    try:
        url, token = address(first)
        listed = {entry["name"] for entry in asked_for(f"{url}api/contents?token={token}")["content"]}
        assert listed == {"02_ema.ipynb", "05_adam.ipynb", "progress.json", "start.ipynb"}
        second = started(*lab)
        printed, errors = second.communicate(timeout=60)
        assert (second.returncode, errors) == (0, "")
        assert printed == (
            f"JupyterLab is open on these lessons already: {url}lab/tree/start.ipynb?token={token}\n"
        )
    finally:
        os.killpg(first.pid, signal.SIGKILL)
        first.communicate()
    # What a killed one left behind is no JupyterLab; and what a student asks for beside what `lab` does, wins.
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = (
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        f"--ServerApp.root_dir={place.work.parent}",
    )
    third = started(*lab, "--port", "18765", *own, start_new_session=True)
    try:
        url, other = address(third)
        assert (url, other != token) == (f"http://127.0.0.1:{port}/", True)
        listed = {entry["name"] for entry in asked_for(f"{url}api/contents?token={other}")["content"]}
        assert listed == {"lessons", "work"}
    finally:
        os.killpg(third.pid, signal.SIGKILL)
        third.communicate()
