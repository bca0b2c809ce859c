"""The formulas of a text as MathML, which a browser shows by itself: a page needs no script and no network."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
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
ALIGNED = re.compile(r"\{(?:aligned?|split|gathered|gather\*?)\}")
# A longer formula is shown as it was typed, as is one that can't be read.
LENGTH_LIMIT = 2000
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
# MathML says by its variant which letters these are; of a variant browsers know "normal" alone.
ALPHABETS = {
    "bold": (0x1D400, 0x1D41A),
    "script": (0x1D49C, 0x1D4B6),
    "fraktur": (0x1D504, 0x1D51E),
    "double-struck": (0x1D538, 0x1D552),
    "sans-serif": (0x1D5A0, 0x1D5BA),
    "monospace": (0x1D670, 0x1D68A),
}
# Those that stood elsewhere in Unicode before.
ELSEWHERE = {
    **dict(zip((0x1D49C + i for i in (1, 4, 5, 7, 8, 11, 12, 17)), "ℬℰℱℋℐℒℳℛ", strict=True)),
    **dict(zip((0x1D4B6 + i for i in (4, 6, 14)), "ℯℊℴ", strict=True)),
    **dict(zip((0x1D504 + i for i in (2, 7, 8, 17, 25)), "ℭℌℑℜℨ", strict=True)),
    **dict(zip((0x1D538 + i for i in (2, 7, 13, 15, 16, 17, 25)), "ℂℍℕℙℚℝℤ", strict=True)),
}


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
        return made
    said = f'<span class="number">({html.escape(html.unescape(number[1]))})</span>' if number else ""
    return f'<span class="formula">{made}{said}</span>'


def _mend(tree: Element, block: bool) -> None:
    """What browsers show otherwise than LaTeX does."""
    for node in tree.iter():
        words = html.unescape(node.text or "")
        if node.tag == "mo" and words in ("|", "‖"):
            # As what stands around a quantity: between two it would be set apart.
            node.attrib |= {"form": "prefix", "stretchy": node.get("stretchy", "false")}
        if block and node.tag == "msub" and html.unescape(node[0].text or "") in WITH_LIMITS:
            node.tag = "munder"
        if node.get("mathvariant") in ALPHABETS:
            node.text = _in_alphabet(words, node.attrib.pop("mathvariant"))
        if node.tag in ("mrow", "mstyle", "mtd"):
            _set_apart(node)


def _set_apart(row: Element) -> None:
    """Thin spaces around functions that stand beside what is no operator."""
    children = list(row)
    for before, after in pairwise(children):
        functions = [child.tag == "mi" and child.text in FUNCTIONS for child in (before, after)]
        if any(functions) and not {"mo", "mspace"} & {before.tag, after.tag}:
            row.insert(list(row).index(after), Element("mspace", width=THIN))


def _in_alphabet(words: str, variant: str) -> str:
    capital, small = ALPHABETS[variant]
    places = [
        capital + ord(sign) - 65 if sign.isupper() else small + ord(sign) - 97
        if sign.isascii() and sign.isalpha()
        else ord(sign)
        for sign in words
    ]
    return "".join(ELSEWHERE.get(place) or chr(place) for place in places)


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
