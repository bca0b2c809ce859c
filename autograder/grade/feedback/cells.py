"""The cells of a notebook as HTML in which nothing runs or loads; those handed out are made once."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator

from nbconvert.filters import Highlight2HTML, strip_ansi
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode

from autograder.grade.feedback.formulas import with_formulas
from autograder.judge.own_text import LINK, cleaner

# The title of a lesson stands below the page's own and that of the notebook.
HEADING, BELOW, LAST = re.compile(r"(</?h)([1-6])"), 2, 6
TABLE = re.compile(r"<(/?)table>")
PICTURE = re.compile(r"data:image/(?:png|jpeg|gif);base64,[A-Za-z0-9+/=]+")
PICTURES = ("image/png", "image/jpeg")


class Cells:
    """Makes HTML of cells.

    Args:
        handed_out: those that everybody has, whose HTML is made once.
    """

    def __init__(self, handed_out: Iterable[NotebookNode] = ()):
        self._coloured = Highlight2HTML(pygments_lexer="ipython3")
        self._cleaner = cleaner(_attribute)
        self._made: dict[tuple[str, str], str] = {}
        self._made = {_key(cell): self.source(cell) for cell in handed_out}

    def is_handed_out(self, cell: NotebookNode) -> bool:
        return _key(cell) in self._made

    def source(self, cell: NotebookNode) -> str:
        """What a cell says: code in colours, a text as Markdown."""
        if (made := self._made.get(_key(cell))) is not None:
            return made
        if cell.cell_type == "code":
            return str(self._coloured(cell.source))
        if cell.cell_type == "raw":
            # What a student typed is escaped in the notebook; see autograder/judge/own_text.py.
            return f"<pre>{html.escape(html.unescape(cell.source), quote=False)}</pre>"
        return self.text(cell.source, cell.get("attachments"))

    def text(self, source: str, attachments: dict[str, dict[str, str]] | None = None) -> str:
        """Markdown as HTML, whoever wrote it; as it was typed where it is none."""
        renderer = IPythonRenderer(escape=False, exclude_anchor_links=True, attachments=attachments or {})
        try:
            made = self._cleaner.clean(MarkdownWithMath(renderer=renderer).render(source))
        except Exception:  # mistune and nbconvert raise many kinds for what a text can hold
            return f"<pre>{html.escape(source, quote=False)}</pre>"
        return TABLE.sub(_scrolling, with_formulas(HEADING.sub(_lowered, made)))


def _key(cell: NotebookNode) -> tuple[str, str]:
    return cell.cell_type, cell.source


def _attribute(tag: str, name: str, value: str) -> str | None:
    """What may stay of an attribute that may be there; None where nothing may."""
    match tag, name:
        case "a", "href":
            return value if LINK.fullmatch(value) else None
        case "img", "src":
            return value if PICTURE.fullmatch(value) else None
    return value


def _lowered(found: re.Match[str]) -> str:
    return f"{found[1]}{min(int(found[2]) + BELOW, LAST)}"


def _scrolling(found: re.Match[str]) -> str:
    """A table that is wider than the screen has its own bar to scroll it by, and the keyboard."""
    return "</table></div>" if found[1] else '<div class="wide" tabindex="0"><table>'


def outputs(cell: NotebookNode, with_card: bool) -> Iterator[str]:
    """What a cell showed.

    Args:
        with_card: its HTML is the grader's own, and is shown.
    """
    for output in cell.get("outputs", ()):
        if output.output_type == "stream":
            yield _printed(output.text, output.name)
        elif output.output_type == "error":
            yield _printed("\n".join(output.traceback) or f"{output.ename}: {output.evalue}", "error")
        elif with_card and "text/html" in output.data:
            yield output.data["text/html"]
        else:
            yield _shown(output)


def _shown(output: NotebookNode) -> str:
    """A picture, or what stands for it in words."""
    words = output.data.get("text/plain", "")
    for kind in PICTURES:
        source = f"data:{kind};base64,{''.join(output.data.get(kind, '').split())}"
        if PICTURE.fullmatch(source):
            alt = output.metadata.get(kind, {}).get("alt") or words
            return f'<img src="{source}" alt="{html.escape(str(alt))}">'
    return _printed(words, "result") if words else ""


def _printed(text: str, kind: str) -> str:
    return f'<pre class="{html.escape(kind)}">{html.escape(strip_ansi(text), quote=False)}</pre>'
