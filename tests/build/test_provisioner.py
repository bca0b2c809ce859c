"""Warm kernels: ordinary kernels that are ready at once, share nothing, and end with who started them."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from nbclient.exceptions import DeadKernelError

from autograder.build.provisioner import KERNEL_FOLDER, KERNEL_NAME, notebook_client

pytestmark = pytest.mark.slow


def run(tmp_path, *sources, timeout=30, **options):
    """The cells after they ran in one warm kernel."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    notebook = nbformat.v4.new_notebook(cells=cells)
    client = notebook_client(notebook, str(tmp_path), timeout=timeout, **options)
    asyncio.run(client.async_execute(cwd=str(tmp_path)))
    return notebook.cells


def printed(cell):
    return "".join(output.text for output in cell.outputs if output.output_type == "stream")


def test_a_warm_kernel_is_an_ordinary_one_in_its_own_folder(tmp_path):
    cell, result = run(tmp_path, "import os\nprint(os.getcwd())", "6 * 7")
    assert printed(cell).strip() == str(tmp_path)
    assert result.outputs[0].data["text/plain"] == "42"


def test_what_lessons_import_is_loaded_already(tmp_path):
    (cell,) = run(
        tmp_path, "import sys\nprint([m in sys.modules for m in ('torch', 'seaborn', 'course.plots')])"
    )
    assert printed(cell).strip() == "[True, True, True]"


def test_kernels_share_nothing(tmp_path):
    code = "import numpy as np\nprint(hasattr(np, 'spoilt'), 'mine' in globals())\nnp.spoilt = mine = 1"
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (cell,) = run(tmp_path / name, code)
        assert printed(cell).strip() == "False False"


def test_figures_are_shown_inline(tmp_path):
    (cell,) = run(tmp_path, "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()")
    assert any("image/png" in output.get("data", {}) for output in cell.outputs)


def test_a_kernel_that_ends_itself_is_seen_to_be_dead(tmp_path):
    with pytest.raises(DeadKernelError):
        run(tmp_path, "import os\nos._exit(3)")


def test_a_kernel_that_is_killed_is_seen_to_be_dead(tmp_path):
    with pytest.raises(DeadKernelError):
        run(tmp_path, "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")


def test_a_busy_kernel_and_its_children_end_with_the_notebook(tmp_path):
    code = "import subprocess, os\nchild = subprocess.Popen(['sleep', '600'])\nprint(os.getpid(), child.pid)"
    (cell,) = run(tmp_path, code)
    time.sleep(0.2)
    for pid in map(int, printed(cell).split()):
        assert not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text().split()[2]


OWNER = """
import sys, asyncio, tempfile, nbformat, os, signal
from autograder.build.provisioner import notebook_client, warm_process
folder = tempfile.mkdtemp()
notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import time; time.sleep(600)")])
client = notebook_client(notebook, folder)
async def main():
    async with client.async_setup_kernel(cwd=folder):
        print(client.km.provisioner.pid, warm_process().pid, flush=True)
        await client.async_execute_cell(notebook.cells[0], 0)
asyncio.run(main())
"""


def test_nothing_outlives_a_process_that_is_killed():
    owner = subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True)
    kernel, warm = map(int, owner.stdout.readline().split())
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    owner.stdout.close()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and any(_runs(pid) for pid in (kernel, warm)):
        time.sleep(0.05)
    assert not _runs(kernel)
    assert not _runs(warm)


def _runs(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


def test_jupyter_finds_the_kernel_by_its_folder():
    environment = {**os.environ, "JUPYTER_PATH": str(KERNEL_FOLDER.parent)}
    command = [sys.executable, "-m", "jupyter", "kernelspec", "list", "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    spec = json.loads(done.stdout)["kernelspecs"][KERNEL_NAME]["spec"]
    assert spec["metadata"]["kernel_provisioner"]["provisioner_name"] == "descent-warm"
