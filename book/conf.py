"""How Sphinx makes the book, of the sources that ``python -m autograder.book`` writes.

Nothing is fetched, when pages are made or when they are read: formulas are MathML, which browsers show by
themselves, fonts are the system's, and what the theme brings lies beside the pages.
"""

import os
import re
import shutil
from pathlib import Path

from docutils.nodes import SkipNode, Text, math
from sphinx.util import logging

from autograder.grade.feedback.formulas import as_mathml

PUNCTUATION = re.compile(r"[^\s\w]+")
LOG = logging.getLogger(__name__)

project = "Descent"
html_title = "Descent"
language = "en"

extensions = ["myst_nb"]
nb_execution_mode = "off"
nb_merge_streams = True
nb_code_prompt_show = "Show the code"
nb_code_prompt_hide = "Hide the code"
myst_enable_extensions = ["dollarmath"]
# As deep as docs/api.md goes; the names are those that links in the documents use.
myst_heading_anchors = 4
# The documents stand by themselves too, where a heading may follow one two levels above.
suppress_warnings = ["myst.header"]
html_math_renderer = "mathml"

html_theme = "sphinx_book_theme"
html_theme_options = {
    "use_download_button": False,
    "use_fullscreen_button": False,
    "show_navbar_depth": 1,
    "home_page_in_toc": True,
    "toc_title": "On this page",
    "footer_content_items": [],
    # The search stands beside the page; a bar above it would have nothing else.
    "navbar_start": [],
    "navbar_center": [],
    "navbar_end": [],
    "navbar_persistent": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_context = {"default_mode": "auto"}
templates_path = ["templates"]
html_static_path = ["looks"]
# The folder that the book's sources are written to has this one beside them.
html_extra_path = [os.environ["DESCENT_BESIDE"]]
html_css_files = ["book.css"]
html_js_files = [("answers.js", {"defer": "defer"})]
# From a folder a browser lets no script read other pages, of which a search would show some lines.
html_show_search_summary = False
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_show_copyright = False
html_use_index = False
html_domain_indices = False

# Of what the theme brings: maps for its authors, words of other languages, icons that the pages do not show.
UNUSED = (
    "**/*.map",
    "*macros.html",
    "locales",
    "scripts/fontawesome.js*",
    "vendor/fontawesome/webfonts/fa-brands-*",
)


def keep_punctuation(app, tree, name):
    """What follows a formula without a space stays on its line: browsers would break before a comma."""
    for node in tree.findall(math):
        after = node.next_node(descend=False, siblings=True)
        if isinstance(after, Text) and (found := PUNCTUATION.match(after)):
            node["after"] = found[0]
            node.parent.replace(after, Text(after[found.end() :]))


def visit_math(writer, node):
    """A formula within a line."""
    after = writer.encode(node.get("after", ""))
    writer.body.append(f'<span class="in-line">{formula(node, False)}{after}</span>')
    raise SkipNode


def visit_block(writer, node):
    """A formula of its own."""
    writer.body.append(f'<div class="apart">{formula(node, True)}</div>')
    raise SkipNode


def formula(node, block):
    made = as_mathml(node.astext(), block)
    if made.startswith("<code>"):
        LOG.warning("a formula that can't be read: %s", node.astext(), location=node)
    return made


def load_figures(app, name, template, context, tree):
    """The script of the figures that move, on pages that have one; its file is joined from ``book/play``."""
    beside = Path(os.environ["DESCENT_BESIDE"])
    if 'class="play"' in context.get("body", "") and (beside / "_static" / "play" / "play.js").is_file():
        app.add_css_file("play/play.css")
        app.add_js_file("play/play.js", defer="defer")


def leave_out_unused(app, problem):
    if problem or app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    for pattern in UNUSED:
        for path in static.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    (Path(app.outdir) / ".buildinfo").unlink(missing_ok=True)


def setup(app):
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_block, None))
    app.connect("doctree-resolved", keep_punctuation)
    app.connect("html-page-context", load_figures)
    app.connect("build-finished", leave_out_unused)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
