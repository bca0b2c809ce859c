"""Texts that students wrote themselves, made such that any page may show them.

Stock formgrader and nbgrader's feedback make HTML of a text as nbconvert does, scripts and all, in pages that
can set grades. What comes out is not to be told from the source: so a text is rendered here as it will be
there, and the HTML is cleaned by a list of what may stay. Where that changes nothing the text stays as it was
typed. Else the cleaned HTML takes its place, in a form that Markdown leaves alone; each time that is tried.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

import nh3
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from pygments.token import STANDARD_TYPES

from autograder.judge.flags import Flag, flag
from autograder.judge.pictures import LEFT_OUT, Pictures, as_source

# Characters of one text, and of all: how long it takes to make a page of Markdown grows with the square.
SHOWN_TEXT, SHOWN_TEXTS = 10_000, 100_000
# What the time grows with, besides: a text with more of it is no prose, and is shown as it was typed.
LINES_LIMIT, MARKS_LIMIT, FORMULAS_LIMIT = 1000, 1500, 200
MARKS, FORMULAS = re.compile(r"[\[*_<`]"), re.compile(r"\\\\[\[(]|\\begin\{|\$\$")
# nbconvert looks through the HTML of a text for addresses that begin like this, from each bracket on.
FILES = re.compile(r"\]\(/?files/|(?:src|href)=['\"]?/?files/")
BRACKETS_LIMIT = 100
# The code that gets colours: Pygments takes long over other languages, or to find that it has none such.
COLOURED = {"python", "python3", "py", "bash", "sh", "json", "latex", "tex", "text"}

# No id, by which formgrader finds its own parts; no style but a column's side; no class but coloured code's.
TAGS = {
    *("h1", "h2", "h3", "h4", "h5", "h6", "p", "div", "pre", "blockquote", "hr", "br", "center", "figure"),
    *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "figcaption", "details", "summary"),
    *("ul", "ol", "li", "dl", "dt", "dd", "input", "a", "img", "span", "b", "strong", "i", "em", "u", "s"),
    *("del", "ins", "sub", "sup", "small", "mark", "q", "cite", "abbr", "code", "kbd", "samp", "var"),
}
ATTRIBUTES: dict[str, set[str]] = {
    "*": set(),
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height"},
    "th": {"style"},
    "td": {"style"},
    "ol": {"start"},
    "abbr": {"title"},
}
SIDES = {"align": {"left", "center", "right"}}
CLASSES = {"div": {"highlight"}, "span": set(STANDARD_TYPES.values()) - {""}}
LINK = re.compile(r"(?:https?://|mailto:)[^\s\\]+", re.IGNORECASE)
DATA = re.compile(r"data:image/\w+;base64,([A-Za-z0-9+/=]+)", re.IGNORECASE)
ATTACHMENT = "attachment:"
NUMBER = re.compile(r"[0-9]{1,4}")

# What a person should know of where it is taken out: all that could run, load or lead away; found in HTML
# that nh3 wrote, in which each "<" is a tag's.
ACTIVE_TAGS = {
    *("script", "iframe", "frame", "object", "embed", "applet", "meta", "link", "base", "svg", "math"),
    *("audio", "video", "source", "template", "noscript"),
}
ACTIVE = re.compile(
    rf'<(?:{"|".join(sorted(ACTIVE_TAGS))})[ >]|<[^<>]* on\w+="|<a [^<>]*href="(?!https?:|mailto:)'
    r'|<img [^<>]*src="(?!data:image/(?!svg))',
    re.IGNORECASE,
)
_WITH_ACTIVE = nh3.Cleaner(
    tags=TAGS | ACTIVE_TAGS,
    clean_content_tags=set(),
    attributes={"a": {"href"}, "img": {"src"}},
    generic_attribute_prefixes={"on"},
    url_schemes={"javascript", "vbscript", "data", "blob", "file", "http", "https", "mailto"},
    url_relative="deny",
    link_rel=None,
)
_STOCK = MarkdownWithMath(renderer=IPythonRenderer(escape=False))


def cleaner(attribute: Callable[[str, str, str], str | None]) -> nh3.Cleaner:
    """What leaves of HTML only what a page may show.

    Args:
        attribute: given a tag, and name and value of an attribute that may be there, what may stay of it.
    """
    return nh3.Cleaner(
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=attribute,
        tag_attribute_values={"p": SIDES, "div": SIDES, "input": {"checked": {""}, "disabled": {""}}},
        # Lists of things to do have boxes to tick; no other field is left.
        set_tag_attribute_values={"input": {"type": "checkbox"}},
        allowed_classes=CLASSES,
        filter_style_properties={"text-align"},
        url_schemes={"http", "https", "mailto", "data", "attachment"},
        url_relative="deny",
        link_rel=None,  # no link opens a window
    )


def make_safe(cells: Iterable[NotebookNode]) -> Iterator[Flag]:
    """Put in the place of each of one student's texts what any page may show of it, with its pictures."""
    left = SHOWN_TEXTS
    cut = taken = False
    pictures = Pictures()
    for cell in cells:
        attached = cell.pop("attachments", {})
        typed = cell.source[: min(SHOWN_TEXT, left)]
        cut = cut or len(typed) < len(cell.source)
        left -= len(typed)
        if cell.cell_type == "raw":
            cell.source = html.escape(typed, quote=False)
            continue
        text = _Text(typed, attached, pictures)
        cell.source = text.shown()
        taken = taken or text.taken
    if cut:
        yield flag("texts_cut")
    if taken:
        yield flag("text_cleaned")


class _Text(IPythonRenderer):
    """One text on its way, and the renderer of its Markdown.

    Attributes:
        taken: whether something was taken out that a person should know of.
    """

    def __init__(self, typed: str, attached: Mapping[str, Any], pictures: Pictures):
        super().__init__(escape=False, exclude_anchor_links=True)
        self.taken = False
        self._typed = typed
        self._attached = attached
        self._pictures = pictures
        self._sources: dict[str, str | None] = {}
        self._differs = False
        self._cleaner = cleaner(self._attribute)

    def shown(self) -> str:
        """What takes the text's place: itself or its HTML; its characters alone where neither can be."""
        heavy = (
            self._typed.count("\n") > LINES_LIMIT
            or len(MARKS.findall(self._typed)) > MARKS_LIMIT
            or len(FORMULAS.findall(self._typed)) > FORMULAS_LIMIT
        )
        if not heavy:
            try:
                return self._safe()
            except Exception:  # mistune and nbconvert raise many kinds for what a text can hold
                self.taken = False
        return _block(f"<pre>{html.escape(self._typed, quote=False)}</pre>")

    def _safe(self) -> str:
        """The text or its HTML, whichever may be shown; raises ValueError where neither may."""
        made = MarkdownWithMath(renderer=self).render(self._typed)
        clean = self._cleaner.clean(made)
        if not self._differs and _is_soon_searched(page := _page(self._typed)) and _as_cleaned(page) == clean:
            return self._typed
        block = _block(clean)
        if (
            FILES.search(block)
            or _page(block).rstrip() != block
            or self._cleaner.clean(block) != f"<div>{clean.strip()}</div>"
        ):
            raise ValueError("rendered again, it is not the same")
        self.taken = self.taken or _is_active(made)
        return block

    def block_code(self, code: str, info: str | None = None) -> str:
        """Code, in colours where its language has them."""
        words = (info or "").split()
        if words and words[0] not in COLOURED:
            self._differs, info = True, None
        return str(super().block_code(code, info))

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """A picture of Markdown's; where a page can't show it, a link to it or a note."""
        self._differs = True
        # mistune's own: nbconvert's looks for attachments itself, and for files.
        made = str(super(IPythonRenderer, self).image(text, url, title))
        if self._source(url):
            return made
        self.taken = self.taken or _is_active(made)
        said = text or html.escape(url)
        if LINK.fullmatch(url):
            return f'<a href="{html.escape(url)}">{said}</a>'
        return f"<em>[{LEFT_OUT}: {said}]</em>"

    def _attribute(self, tag: str, name: str, value: str) -> str | None:
        """What may stay of an attribute that may be there; None where nothing may."""
        match tag, name:
            case "a", "href":
                return value if LINK.fullmatch(value) else None
            case "img", "src":
                return self._source(value)
            case "img", "width" | "height":
                return value if NUMBER.fullmatch(value) else None
        return value

    def _source(self, url: str) -> str | None:
        """The picture that an address leads to, as an address within the page; None where there is none."""
        if url not in self._sources:
            data = self._data(url)
            kind = self._pictures.take(data)
            source = as_source(kind, data) if kind else None
            self._sources[url] = source
            if source:
                self._sources[source] = source
        return self._sources[url]

    def _data(self, url: str) -> bytes:
        """The bytes of a picture in the text, or pasted into its cell; empty where there are none."""
        if found := DATA.fullmatch(url):
            return _decoded(found[1])
        if not url.startswith(ATTACHMENT):
            return b""
        name = url.removeprefix(ATTACHMENT)
        kinds = self._attached.get(name) or self._attached.get(unquote(name))
        return next(map(_decoded, kinds.values()), b"") if isinstance(kinds, Mapping) else b""


def _is_active(made: str) -> bool:
    return bool(ACTIVE.search(_WITH_ACTIVE.clean(made)))


def _decoded(text: object) -> bytes:
    try:
        return base64.b64decode(text if isinstance(text, str) else "")
    except ValueError:
        return b""


def _page(source: str) -> str:
    """What the pages make of a text, until nbconvert looks for files in it."""
    return str(_STOCK.render(source))


def _is_soon_searched(page: str) -> bool:
    """Whether nbconvert finds no address of a file in the HTML, and takes no time over it."""
    return not FILES.search(page) and page.count("[") <= BRACKETS_LIMIT


def _as_cleaned(made: str) -> str:
    """HTML as nh3 writes it, were there nothing to take out; of no other can it make what nh3 writes."""
    made = re.sub(r"<(br|hr) />", r"<\1>", made)
    return re.sub(r"(?<=>)[^<>]+", lambda text: text[0].replace("&quot;", '"'), made)


def _block(clean: str) -> str:
    """One block of HTML to Markdown: without an empty line, and without a bracket for nbconvert."""
    whole = clean.strip().replace("\r", "&#13;").replace("[", "&#91;")
    return "<div>" + re.sub(r"\n(?=[^\S\n]*\n)", "&#10;", whole) + "</div>"
