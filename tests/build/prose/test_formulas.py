"""The build turns formulas into MathML, and nothing else.

Catches: a formula changed by Markdown or a typographic extension, a price or a code fence read as a formula, an unknown
command that reaches the page unchanged, an error without its line.
"""

from __future__ import annotations

import re
from html import unescape

import pytest
from markdown import Markdown

from prose.page_values import Rendered, render


def written(markdown: str, **values: object) -> Rendered:
    return render(markdown, "docs/x.md", 1, values)


def html(markdown: str) -> str:
    result = written(markdown)
    assert result.errors == []
    return Markdown(extensions=["smarty", "tables", "attr_list", "md_in_html"]).convert(result.markdown)


def words(markdown: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", html(markdown)))


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        (r"A loss of $\ln V$ nats.", "A loss of lnV nats."),
        (r"$x_1 * y_1$ and $x_2*y_2$", "x1*y1 and x2*y2"),
        (r"$p(x_t \mid x_{<t})$", "p(xt∣x<t)"),
        ("$a$ begins a line\nand $b$ ends\n$c$ one", "a begins a line\nand b ends\nc one"),
        (r"| $a$ | b |" + "\n| - | - |\n" + r"| $\sum_i x_i$ | 2 |", "\n\n\na\nb\n\n\n\n\n∑ixi\n2\n\n\n"),
        (r"\$5 and $x$", "$5 and x"),
    ],
)
def test_a_formula_is_written_as_it_reads(markdown: str, text: str) -> None:
    assert words(markdown) == text


@pytest.mark.parametrize(
    "markdown", ["costs $5 and $6", "a $ b $ c", "$HOME alone", "`$x$`", "```\n$x$\n```", "<!-- $x$ -->", "$a\n\nb$"]
)
def test_other_text_is_left_alone(markdown: str) -> None:
    assert written(markdown).markdown == markdown


def test_the_markup_is_mathml_alone() -> None:
    inline, display = html(r"$\frac{a}{b}$"), html("$$\n\\frac{a}{b}\n$$")
    assert inline.startswith('<p><span class="ps-formula"><math display="inline"><mrow><mfrac>')
    assert '<math display="block">' in display
    assert "http" not in inline + display and "script" not in inline + display


def test_a_function_stands_apart_from_what_it_is_of() -> None:
    assert '<mi>ln</mi><mspace width="0.17em" /><mi>p</mi><mo' in html(r"$\ln p(x)$")
    assert '<mi>y</mi><mspace width="0.17em" /><msub><mi>log</mi><mn>2</mn></msub>' in html(r"$y \log_2 x$")
    assert "<mi>ln</mi><mo" in html(r"$\ln(x)$")


ALIGNED = r"\begin{aligned} a &= \ln p \\[2pt] &= c \end{aligned}"


@pytest.mark.parametrize(
    ("latex", "cells"),
    [
        (ALIGNED, ["a", "=lnp", "", "=c"]),
        (ALIGNED.replace("aligned", "align*"), ["a", "=lnp", "", "=c"]),
        (ALIGNED.replace("aligned", "align").replace("c ", r"c \nonumber\label{eq:x} "), ["a", "=lnp", "", "=c"]),
        (ALIGNED.replace("{aligned} a", "{aligned}[t] a"), ["a", "=lnp", "", "=c"]),
        (r"\begin{alignedat}{2} a &= b & c &= d \end{alignedat}", ["a", "=b", "c", "=d"]),
        (r"\left\{ \begin{aligned} x &= 1 \\ y &= 2 \end{aligned} \right.", ["x", "=1", "y", "=2"]),
        (r"f(x) = \begin{dcases} x & x > 0 \\ 0 & \text{else} \end{dcases}", ["x", "x>0", "0", "else"]),
        (r"\begin{rcases} a & b \end{rcases} = c", ["a", "b"]),
        (r"\begin{gathered} a \\ b + c \end{gathered}", ["a", "b+c"]),
        (r"\begin{pmatrix*} 1 & 2 \\ 3 & 4 \end{pmatrix*}", ["1", "2", "3", "4"]),
    ],
)
def test_lines_and_columns_stand_below_each_other(latex: str, cells: list[str]) -> None:
    written = html(f"$$\n{latex}\n$$")
    found = re.findall(r"<mtd[^>]*?(?:/>|>(.*?)</mtd>)", written)
    assert [unescape(re.sub(r"<[^>]+>", "", cell)) for cell in found] == cells
    assert not re.search(r"\\|&amp;|\(1\)", written)


def test_a_function_stands_apart_in_a_column_too() -> None:
    assert '<mi>ln</mi><mspace width="0.17em" /><mi>p</mi></mtd>' in html(f"$${ALIGNED}$$")


def test_an_equation_environment_adds_nothing() -> None:
    assert html(r"$$\begin{equation*} x = 1 \end{equation*}$$") == html("$$x = 1$$")


def test_values_may_stand_in_formulas() -> None:
    result = written(r"$\ln {{ n }} = {{ 4.25 }}$", n=70)
    assert re.sub(r"<[^>]+>", "", unescape(result.markdown)) == "ln70=4.25"


MISTAKES = {
    "unknown command": (r"$\fraq{a}{b}$", r"there is no command \fraq"),
    "open brace": (r"$x^{2$", "1 opening braces and 0 closing"),
    "left without right": (r"$\left( x$", "extra left or missing right"),
    "ampersand": (r"$a & b$", "an & belongs only in arrays"),
    "unknown environment": (
        r"$\begin{alignd} a \end{alignd}$",
        "there is no environment “alignd”; did you mean “aligned”?",
    ),
    "never ended": (r"$\begin{aligned} a &= b$", r"\begin{aligned} has no \end{aligned}"),
    "never begun": (r"$a \end{cases}$", r"\end{cases} has no \begin{cases} before it"),
    "ended as another": (r"$\begin{cases} a \end{aligned}$", r"\end{aligned} has no \begin{aligned} before it"),
    "two exponents": (r"$x^a^b$", "double superscripts"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_formula_that_cannot_be_read_is_reported_with_its_line(mistake: str) -> None:
    markdown, said = MISTAKES[mistake]
    page = f"$$\na\n$$\n\n{{% if 1 == 2 %}}\nx\n{{% endif %}}\ntext\n{markdown}\n"
    (error,) = written(page).errors
    assert (
        error.line == 9 and said in error.message and str(error).startswith("docs/x.md:9: in the text: in the formula")
    )


def test_a_formula_over_several_lines_keeps_the_count() -> None:
    result = written("a\n\n$$\nx\n+ y\n$$\n\nb\n")
    assert [result.lines[index] for index, row in enumerate(result.markdown.split("\n")) if row in ("a", "b")] == [1, 8]
