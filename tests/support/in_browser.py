"""Debian's Chromium, and a JupyterLab of its own for it to open: nothing of this machine's user takes part."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

from playwright.sync_api import sync_playwright

SWITCHES = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)
# Asked to run cells before that, JupyterLab asks which kernel to take.
KERNEL_IS_THERE = """async () => {
  const notebook = jupyterapp.shell.currentWidget;
  await notebook.context.ready;
  await notebook.sessionContext.ready;
  while (!notebook.sessionContext.session?.kernel) await new Promise(later => setTimeout(later, 50));
  await notebook.sessionContext.session.kernel.info;
}"""


@contextmanager
def chromium():
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert path, "This needs Chromium: `make test` installs it on Debian as root; elsewhere by hand."
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=path, args=SWITCHES)
        yield opened
        opened.close()


@contextmanager
def served(command, place, *, own, python=()):
    """The address of a JupyterLab that a command starts, given its port, once it answers.

    Args:
        command: without the flags that are added here: a port, no token, and what tests drive a page by.
        place: the folder that it runs in.
        own: an empty folder for its settings, its trust and its log.
        python: folders that its Python finds modules in, before those that this one does.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    places = {
        name: str(own / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    }
    found = os.pathsep.join(filter(None, [*map(str, python), *sys.path]))
    flags = (
        *("--no-browser", "--allow-root", f"--port={port}", "--IdentityProvider.token="),
        "--LabApp.expose_app_in_browser=True",
    )
    with (own / "log").open("w") as log:
        server = subprocess.Popen(
            [*command, *flags],
            cwd=place,
            env={**os.environ, **places, "PYTHONPATH": found},
            stdout=log,
            stderr=log,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"{address}/api").close()
                break
            except OSError:
                assert server.poll() is None, (own / "log").read_text()
                time.sleep(0.25)
        yield address
    finally:
        server.terminate()
        server.wait(30)
