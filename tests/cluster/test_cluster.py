"""A class that is graded on Dask's workers: the gradebook is the one that this machine makes."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from alike import files, tables
from cluster_class import LESSON, finished, grade, judgements
from term.commands import blocks

PAGE = Path(__file__).parents[2] / "docs" / "cluster.md"
pytestmark = pytest.mark.slow


def test_two_workers_make_the_gradebook_that_this_machine_makes(cluster, ungraded, here):
    cluster.scheduler(), cluster.worker(), cluster.worker()
    finished(grade(ungraded, "--cluster", cluster.address))
    assert tables(ungraded) == tables(here)
    assert files(ungraded) == files(here)
    assert len(judgements(ungraded)) == len(list(ungraded.path.glob(f"submitted/*/{LESSON.name}")))


def test_where_no_scheduler_is_one_sentence_says_so(cluster, ungraded):
    said = finished(grade(ungraded, "--cluster", cluster.address), 2)
    assert said.splitlines()[-1].startswith("autograder: There is no Dask scheduler to be reached at")
    assert not judgements(ungraded)


def test_where_no_worker_is_one_sentence_says_how_to_start_one(cluster, ungraded):
    cluster.scheduler()
    said = finished(grade(ungraded, "--cluster", cluster.address), 2)
    assert f"dask worker {cluster.address} --nthreads 1" in said.splitlines()[-1]
    assert not judgements(ungraded)


def test_with_the_certificates_of_the_page_nobody_else_is_let_in(cluster, ungraded, here):
    found = blocks(re.search(r"^## Safety$(.*?)^## ", PAGE.read_text(), re.DOTALL | re.MULTILINE)[1])
    said = subprocess.run(
        ["bash", "-e", "-c", f"{found[0]}\n{found[1].partition('dask scheduler')[0]}\nenv -0"],
        cwd=cluster.folder,
        capture_output=True,
        check=True,
    ).stdout.decode()
    named = (entry.partition("=") for entry in said.split("\0") if entry.startswith("DASK_"))
    cluster.environment = {
        name: str(cluster.folder / value) if value.endswith((".pem", ".key")) else value
        for name, _, value in named
    }
    assert len(cluster.environment) == 8
    cluster.protocol = "tls"
    cluster.scheduler(), cluster.worker()
    finished(grade(ungraded, "--cluster", cluster.address, environment=cluster.environment))
    assert files(ungraded) == files(here)
    said = finished(grade(ungraded, "--cluster", cluster.address, "--force"), 2)
    assert said.splitlines()[-1].startswith("autograder: There is no Dask scheduler to be reached at")


def test_a_worker_with_another_version_is_refused_before_anything_is_graded(cluster, ungraded):
    (cluster.folder / "sitecustomize.py").write_text(
        "from autograder.cluster import versions\nfound = versions.versions()\nfound['torch'] = '2.0.0'\n"
    )
    path = os.pathsep.join([str(cluster.folder), os.environ.get("PYTHONPATH", os.getcwd())])
    cluster.scheduler(), cluster.worker(environment={"PYTHONPATH": path})
    said = finished(grade(ungraded, "--cluster", cluster.address), 2)
    assert "has torch 2.0.0 (here" in said
    assert not judgements(ungraded)


def test_a_worker_without_a_sandbox_is_refused_before_anything_is_graded(cluster, ungraded):
    # All that is on the way here but bubblewrap.
    tools = cluster.folder / "tools"
    tools.mkdir()
    for folder in reversed(os.environ["PATH"].split(os.pathsep)):
        for tool in os.scandir(folder) if os.path.isdir(folder) else ():
            if tool.name != "bwrap":
                (tools / tool.name).unlink(missing_ok=True)
                (tools / tool.name).symlink_to(shutil.which(tool.name, path=folder) or tool.path)
    cluster.scheduler(), cluster.worker(environment={"PATH": str(tools)})
    said = finished(grade(ungraded, "--cluster", cluster.address), 2)
    assert "can't judge" in said
    assert "bubblewrap" in said
    assert not judgements(ungraded)
