"""Formulas become MathML that shows them as LaTeX does, and nothing that a student types in one gets out of it."""

import re

import pytest

from autograder.grade.feedback.formulas import LENGTH_LIMIT, as_mathml, with_formulas


def words(made):
    return re.sub("<[^>]*>", "", made)


@pytest.mark.parametrize(
    ("typed", "block"),
    [
        ("a $x_1$ b", False),
        (r"a \(x_1\) b", False),
        ("a $$x_1$$ b", True),
        (r"a \[x_1\] b", True),
        (r"a \begin{align}x_1\end{align} b", True),
    ],
)
def test_a_formula_is_found_between_its_delimiters(typed, block):
    made = with_formulas(typed)
    assert made.count("<math ") == 1
    assert ('display="block"' in made) == block
    assert words(made) == "a x1 b"
    assert "<msub><mi>x</mi>" in made


@pytest.mark.parametrize(
    "text", ["costs $5", r"\$5 and \$6", "<code>$x$</code>", "<pre><span>$x$</span> $y$</pre>", "a $ b", "$$"]
)
def test_what_is_no_formula_stays(text):
    assert with_formulas(text) == text


def test_a_formula_after_code_is_found():
    assert with_formulas("<pre>$</pre> $x$ <br> $y$").count("<math ") == 2


def test_a_formula_has_its_number_at_its_side():
    made = as_mathml(r"m = 1 \tag{1}", block=True)
    assert made.endswith('</math><span class="number">(1)</span></span>')
    assert "1)" not in made[: made.index("</math>")]


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        (r"\lim_{h \to 0} h", "<munder><mo>lim</mo>"),
        (r"\ln x", '<mi>ln</mi><mspace width="0.167em"></mspace><mi>x</mi>'),
        (r"\ln(x)", '<mi>ln</mi><mo stretchy="false">(</mo>'),
        ("x = -1", '<mo>=</mo><mo form="prefix">\u2212</mo>'),
        ("(x)-1", '<mo stretchy="false">)</mo><mo>\u2212</mo>'),
        (r"\mathcal{L} \mathbb R \mathbf x \mathbf{\theta}", "ℒℝ𝐱𝛉"),
        (r"\lvert x \rvert", '<mo form="prefix" stretchy="false">|</mo>'),
        (r"\begin{aligned} a &= b \\ c &= d \end{aligned}", "<mtd"),
    ],
)
def test_a_formula_looks_as_it_does_in_latex(latex, expected):
    made = as_mathml(latex, block=True)
    assert expected in made or expected in words(made)


@pytest.mark.parametrize(
    "latex",
    [
        r"\text{<img src=x onerror=alert(1)>}",
        r"\text{</mtext></math><script>alert(1)</script>}",
        r"\href{javascript:alert(1)}{x}",
        r"\style{background:url(https://evil.example)}{x}",
        r"\class{highlight}{x}",
        r'\color{red"><script>alert(1)</script>}x',
        r"\tag{<b>1</b>} x",
        "x<script>alert(1)</script>",
        r"\text{&lt;script&gt;alert(1)}",
    ],
)
@pytest.mark.parametrize("block", [True, False])
def test_nothing_gets_out_of_a_formula(latex, block):
    made = as_mathml(latex, block)
    tags = re.findall(r"<[^>]*>", made)
    assert {re.match(r"</?(\w+)", tag)[1] for tag in tags} <= {
        *("math", "mrow", "mi", "mo", "mn", "mtext", "mstyle", "mspace", "msub", "span", "code"),
    }
    assert not re.search(r"href=|style=|src=|on\w+=|url\(", "".join(tags))


@pytest.mark.parametrize(
    "latex",
    ["{" * 2000, r"\sqrt" * 300, "x_1_2", "^", r"\begin{matrix}" * 100, "x" * (LENGTH_LIMIT + 1), r"\frac"],
)
def test_what_can_not_be_read_is_shown_as_it_was_typed(latex):
    assert as_mathml(latex, block=False) == f"<code>{latex}</code>"
