"""Debian's Chromium, and a JupyterLab of its own for it to open: nothing of this machine's user takes part."""

import os
import shutil
import sys
from contextlib import contextmanager

from playwright.sync_api import sync_playwright
from servers import answering, free_port

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
# Of the cell with an id, as links know it.
BEGINS_IN_VIEW = """id => {
  const notebook = jupyterapp.shell.currentWidget.content;
  const {top, bottom} = notebook.node.getBoundingClientRect();
  const cell = notebook.widgets.find(widget => widget.model.id === id).node;
  const begins = cell.getBoundingClientRect().top;
  return cell.isConnected && top - 2 <= begins && begins < bottom;
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
    port = free_port()
    places = {
        name: str(own / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    }
    found = os.pathsep.join(filter(None, [*map(str, python), *sys.path]))
    flags = (
        *("--no-browser", "--allow-root", f"--port={port}", "--IdentityProvider.token="),
        "--LabApp.expose_app_in_browser=True",
    )
    environment = {**os.environ, **places, "PYTHONPATH": found}
    with answering([*command, *flags], port, own / "log", cwd=place, env=environment) as address:
        yield address


class Student:
    """Someone at the keyboard of a notebook that is open on a page."""

    def __init__(self, page):
        self.page = page
        self.trouble = []
        page.on("console", lambda said: self.trouble.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.trouble.append(str(error)))

    def opens(self, address, name):
        self.page.goto(f"{address}/lab/tree/{name}?reset")
        self.waits_for(name)

    def waits_for(self, name):
        """Until a notebook is in front and has its kernel."""
        self.page.wait_for_function(
            "name => window.jupyterapp?.shell.currentWidget?.context?.path === name",
            arg=name,
            timeout=60_000,
        )
        # One that was in front before stays on the page, hidden.
        self.page.wait_for_selector(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell", timeout=60_000)
        self.page.evaluate(KERNEL_IS_THERE)

    def sees(self, cell):
        """Whether the cell with this id begins in view."""
        return self.page.evaluate(BEGINS_IN_VIEW, cell)

    def runs(self, begins, text=None):
        """Go to the cell that begins like this, write another text where one is given, run it; its output."""
        place = self.page.evaluate(
            """async begins => {
              const notebook = jupyterapp.shell.currentWidget.content;
              const place = notebook.widgets.findIndex(cell => cell.model.sharedModel.source.startsWith(begins));
              notebook.activeCellIndex = place;
              await notebook.scrollToItem(place);
              notebook.activate();
              notebook.widgets[place].node.dataset.place = place;
              return place;
            }""",
            begins,
        )
        assert place >= 0, f"no cell begins with {begins!r}"
        if text is not None:
            self.page.keyboard.press("Enter")
            self.page.keyboard.press("Control+a")
            self.page.keyboard.insert_text(text)
        self.page.keyboard.press("Control+Enter")
        self.page.wait_for_function(
            """place => {
              const model = jupyterapp.shell.currentWidget.content.widgets[place].model;
              return model.executionCount && model.executionState === 'idle';
            }""",
            arg=place,
            timeout=120_000,
        )
        return self.page.locator(f"[data-place='{place}'] .jp-OutputArea").first
