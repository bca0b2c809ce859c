"""The formulas of a text as MathML, which a browser shows by itself, without a script or a network."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from itertools import pairwise
from xml.etree.ElementTree import Element

from latex2mathml.converter import convert_to_element

# Where formulas stand in a page, as MathJax is told in JupyterLab; not in what these elements hold.
FORMULA = re.compile(
    r"(?<!\\)\$\$(?P<tex_block>.+?)(?<!\\)\$\$"
    r"|(?<![$\\])\$(?P<tex>[^$]+?)(?<!\\)\$"
    r"|\\\[(?P<latex_block>.+?)\\\]"
    r"|\\\((?P<latex>.+?)\\\)"
    r"|(?P<environment>\\begin\{(?P<name>[a-z]+\*?)\}.+?\\end\{(?P=name)\})",
    re.DOTALL,
)
VERBATIM = {"pre", "code", "kbd", "samp", "math", "svg"}
TAG = re.compile(r"(</?([a-z][a-z0-9]*)[^<>]*>)", re.IGNORECASE)
NUMBER = re.compile(r"\\tag\{([^{}]*)\}")
# Rows that are aligned, in the one form that the converter knows without numbers of its own.
ALIGNED = re.compile(r"\{(?:align(?:ed)?|split|gathered|gather\*?)\}")
# A longer formula is shown as it was typed, as is one that can't be read.
LENGTH_LIMIT = 2000
# Signs of a formula within a line that may not fit on a telephone.
LINE = 9
# What MathML may hold, of what students typed too: no address, no style, no name.
ELEMENTS = {
    *("math", "mrow", "mi", "mo", "mn", "mtext", "mspace", "msub", "msup", "msubsup", "munder", "mover"),
    *("munderover", "mfrac", "msqrt", "mroot", "mtable", "mtr", "mtd", "mstyle", "mpadded", "mphantom"),
}
ATTRIBUTES = {
    *("display", "displaystyle", "scriptlevel", "stretchy", "fence", "form", "accent", "accentunder"),
    *("minsize", "maxsize", "width", "height", "depth", "linethickness", "columnalign", "mathvariant"),
}
VALUE = re.compile(r"[a-z0-9. +-]{1,40}")
# Where limits stand below the word in a formula of its own.
WITH_LIMITS = {"lim", "max", "min", "sup", "inf", "argmax", "argmin", "limsup", "liminf"}
# Stand apart from what they are taken of.
FUNCTIONS = {"sin", "cos", "tan", "tanh", "ln", "log", "exp"}
THIN = "0.167em"
# A sign is that of a number after any other operator, but for what ends something.
SIGNS, CLOSING = {"&#x02212;", "&#x0002B;"}, {"&#x00029;", "&#x0005D;", "&#x0007C;", "&#x02016;", "!"}
# The height of an index: where there is such a font it changes nothing that is seen.
STRUT = "0.9em"
# MathML says by its variant which letters these are; of variants browsers know "normal" alone. Their names in
# Unicode begin like one of these.
ALPHABETS = {
    "bold": ("MATHEMATICAL BOLD",),
    "bold-italic": ("MATHEMATICAL BOLD ITALIC",),
    "script": ("MATHEMATICAL SCRIPT", "SCRIPT"),
    "fraktur": ("MATHEMATICAL FRAKTUR", "BLACK-LETTER"),
    "double-struck": ("MATHEMATICAL DOUBLE-STRUCK", "DOUBLE-STRUCK"),
    "sans-serif": ("MATHEMATICAL SANS-SERIF",),
    "monospace": ("MATHEMATICAL MONOSPACE",),
}
LETTER = re.compile(r"(?:(?:LATIN|GREEK) (CAPITAL|SMALL) LETTER|(DIGIT)) (\w+)")


def with_formulas(made: str) -> str:
    """HTML with MathML in place of each formula; one that can't be read stands there as code.

    Args:
        made: as nh3 writes it: each "<" is a tag's.
    """
    return "".join(_pieces(made))


def _pieces(made: str) -> Iterator[str]:
    within = 0
    # A text, a tag, its name, the next text, and so on.
    parts = TAG.split(made)
    for text, tag, name in zip(parts[::3], [*parts[1::3], ""], [*parts[2::3], ""], strict=True):
        yield text if within else FORMULA.sub(_formula, text)
        yield tag
        if name.lower() in VERBATIM and not tag.endswith("/>"):
            within = max(0, within + (-1 if tag.startswith("</") else 1))


def _formula(found: re.Match[str]) -> str:
    block = found["tex_block"] or found["latex_block"] or found["environment"]
    return as_mathml(html.unescape(block or found["tex"] or found["latex"]), bool(block))


@lru_cache(maxsize=10_000)
def as_mathml(latex: str, block: bool) -> str:
    """One formula, without its delimiters; a block has its number, if it has one, at the right."""
    number = NUMBER.search(latex) if block else None
    try:
        if len(latex) > LENGTH_LIMIT:
            raise ValueError("it is too long")
        plain = ALIGNED.sub("{align*}", NUMBER.sub("", latex).strip())
        tree = convert_to_element(plain, display="block" if block else "inline")
        _mend(tree, block)
        made = _written(tree)
    except Exception:  # the converter raises many kinds for what a student may type
        return f"<code>{html.escape(latex, quote=False)}</code>"
    if not block:
        long = sum(bool(node.text) for node in tree.iter()) > LINE
        return f'<span class="long">{made}</span>' if long else made
    said = f'<span class="number">({html.escape(html.unescape(number[1]))})</span>' if number else ""
    return f'<span class="formula">{made}{said}</span>'


def _mend(tree: Element, block: bool) -> None:
    """What browsers show otherwise than LaTeX does."""
    for node in list(tree.iter()):
        words = html.unescape(node.text or "")
        node.tag = {"±": "mo", "∓": "mo", "∞": "mi"}.get(words, node.tag)
        if node.tag == "mo" and words in ("|", "‖"):
            # As what stands around a quantity: between two it would be set apart.
            node.attrib |= {"form": "prefix", "stretchy": node.get("stretchy", "false")}
        if block and node.tag == "msub" and html.unescape(node[0].text or "") in WITH_LIMITS:
            node.tag = "munder"
        elif node.tag == "msub":
            _lower(node)
        if node.get("mathvariant") in ALPHABETS:
            variant = node.attrib.pop("mathvariant")
            node.text = "".join(_in_alphabet(sign, variant) for sign in words)
        if node.tag in ("mrow", "mstyle", "mtd"):
            _set_apart(node)


def _lower(node: Element) -> None:
    """Keep a small index below the line, where no font for formulas is installed that says how far."""
    lowered = Element("mrow")
    lowered.extend([Element("mspace", height=STRUT), node[1]])
    node[1] = lowered


def _set_apart(row: Element) -> None:
    """Thin spaces around functions that stand beside what is no operator, none after a number's sign."""
    for before, after in pairwise(list(row)):
        if {before.tag, after.tag} == {"mo"} and after.text in SIGNS and before.text not in CLOSING:
            after.set("form", "prefix")
        functions = [child.tag == "mi" and child.text in FUNCTIONS for child in (before, after)]
        if any(functions) and not {"mo", "mspace"} & {before.tag, after.tag}:
            row.insert(list(row).index(after), Element("mspace", width=THIN))


def _in_alphabet(sign: str, variant: str) -> str:
    """A letter or digit of the alphabet; itself where that has none such."""
    if found := LETTER.fullmatch(unicodedata.name(sign, "")):
        for begins in ALPHABETS[variant]:
            with suppress(KeyError):
                return unicodedata.lookup(f"{begins} {found[1] or found[2]} {found[3]}")
    return sign


def _written(node: Element) -> str:
    """An element as HTML: its text escaped, which the converter's own writing leaves as it was typed."""
    if node.tag not in ELEMENTS:
        raise ValueError(f"{node.tag} is none of what a formula is made of")
    attributes = "".join(
        f' {name}="{value}"'
        for name, value in node.attrib.items()
        if name in ATTRIBUTES and VALUE.fullmatch(value)
    )
    text = html.escape(html.unescape(node.text or ""), quote=False)
    return f"<{node.tag}{attributes}>{text}{''.join(map(_written, node))}</{node.tag}>"
