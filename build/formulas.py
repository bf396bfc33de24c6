r"""Formulas in prose, `$\ln V$` in a line and `$$ ... $$` on lines of their own, as MathML: no script, no fonts.

A dollar sign begins a formula where no space follows it, and ends one where no space stands before it and no digit
follows; `\$` is always a dollar sign.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from xml.etree import ElementTree

from latex2mathml.converter import convert
from literal_text import LINE_NUMBER
from markupsafe import Markup
from value_formats import escaped

_DOLLAR = "&#36;"
# No formula runs on over a blank line.
_BLANK = rf"\n[^\S\n]*(?:{LINE_NUMBER.pattern.replace('(', '(?:')})?\n"
_FORMULA = re.compile(
    r"(?P<dollar>\\\$)"
    rf"|(?<!\$)\$\$(?P<display>(?:(?!{_BLANK}|\$\$).)+)\$\$(?!\$)"
    rf"|(?<![\$\\])\$(?P<inline>(?![\s$])(?:(?!{_BLANK})[^$])*?(?<![\s\\]))\$(?![\d$])",
    re.DOTALL,
)


class FormulaProblem(Exception):
    """What cannot be read in a formula, for its author."""


def with_formulas(markdown: str, tell: Callable[[int, str], str]) -> str:
    """The Markdown with MathML in it. `tell` takes a problem, with its place, and gives what stands there instead."""

    def replaced(match: re.Match[str]) -> str:
        if match["dollar"]:
            return _DOLLAR
        display = match["display"] is not None
        latex = LINE_NUMBER.sub("", match["display"] if display else match["inline"])
        try:
            return mathml(latex, display)
        except FormulaProblem as problem:
            return tell(match.start(), str(problem))

    return _FORMULA.sub(replaced, markdown)


def mathml(latex: str, display: bool) -> Markup:
    """One formula on one line, in which Markdown finds nothing to change. Raises FormulaProblem."""
    latex = " ".join(latex.split())
    bare = re.sub(r"\\.", "", latex)
    if bare.count("{") != bare.count("}"):
        raise FormulaProblem(f"in the formula {latex}: {bare.count('{')} opening braces and {bare.count('}')} closing")
    try:
        written = convert(latex, display="block" if display else "inline")
    except Exception as problem:
        # The library's errors have no kind in common, and hardly a message: their names say what they mean.
        said = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(problem).__name__.removesuffix("Error")).lower()
        raise FormulaProblem(f"in the formula {latex}: {said}") from problem
    unknown = re.search(r">\s*(\\[A-Za-z]+)", written)
    if unknown:
        raise FormulaProblem(f"in the formula {latex}: there is no command {unknown[1]}")
    try:
        tree = ElementTree.fromstring(written.replace(' xmlns="http://www.w3.org/1998/Math/MathML"', ""))
    except ElementTree.ParseError as problem:
        raise FormulaProblem(f"in the formula {latex}: an & belongs into arrays alone; write \\&") from problem
    _space_functions(tree)
    written = ElementTree.tostring(tree, encoding="unicode")
    # Inside a <span>, since Markdown takes a line that begins with <math> for a block of HTML.
    inner = re.sub(r">([^<]+)<", lambda text: f">{escaped(unescape(text[1]))}<", written)
    kind = "ps-formula ps-formula-display" if display else "ps-formula"
    return Markup(f'<span class="{kind}">{inner}</span>')


def _space_functions(tree: ElementTree.Element) -> None:
    """Sets the name of a function apart from its neighbours, as TeX does: ln p and not lnp."""
    for row in tree.iter("mrow"):
        children = list(row)
        for index in range(len(children) - 1, 0, -1):
            left, right = children[index - 1], children[index]
            if "mo" not in (left.tag, right.tag) and (_is_function(left) or _is_function(right)):
                row.insert(index, ElementTree.Element("mspace", width="0.17em"))


def _is_function(element: ElementTree.Element) -> bool:
    """ln, and log with a base below it."""
    name = element[0] if element.tag in ("msub", "msup", "munder") else element
    return name.tag == "mi" and len(name.text or "") > 1
