r"""Formulas in prose, `$\ln V$` in a line and `$$ ... $$` on separate lines, as MathML: needs no script and no fonts.

A dollar sign begins a formula if no space follows it, and ends one if there is no space before it and no digit after
it; `\$` is always a dollar sign.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from xml.etree import ElementTree

from latex2mathml.converter import convert
from markupsafe import Markup

from prose.value_formats import escaped
from reading.error_messages import one_of
from reading.literal_text import LINE_NUMBER

_DOLLAR = "&#36;"
# A formula cannot continue past a blank line.
_BLANK = rf"\n[^\S\n]*(?:{LINE_NUMBER.pattern.replace('(', '(?:')})?\n"
_FORMULA = re.compile(
    r"(?P<dollar>\\\$)"
    rf"|(?<!\$)\$\$(?P<display>(?:(?!{_BLANK}|\$\$).)+)\$\$(?!\$)"
    rf"|(?<![\$\\])\$(?P<inline>(?![\s$])(?:(?!{_BLANK})[^$])*?(?<![\s\\]))\$(?![\d$])",
    re.DOTALL,
)
# LaTeX environments that the library lacks -> those that replace them. Formulas are not numbered: each would be (1).
_AS = {
    **dict.fromkeys(("aligned", "align", "align*", "alignedat", "alignat", "alignat*", "flalign", "flalign*"), "split"),
    **dict.fromkeys(("gathered", "gather", "gather*", "multline", "multline*"), "matrix"),
    "dcases": "cases",
    "darray": "array",
}
_ALONE = {"equation", "equation*", "displaymath", "math"}  # they only mark where a formula begins and ends
_KNOWN = {"split", "cases", "array", "smallmatrix", "subarray"} | {f"{kind}matrix" for kind in ("", *"pbBvV")}
_KNOWN |= {f"{name}*" for name in _KNOWN if name.endswith("matrix") and name != "smallmatrix"}
_ENVIRONMENT = re.compile(r"\\(?P<what>begin|end)\s*\{\s*(?P<name>[^{}]*?)\s*\}")
_PLACE = re.compile(r"\s*\[[tcb]\]")  # vertical position relative to the formula's line
_PAIRS = re.compile(r"\s*\{\s*\d+\s*\}")  # how many columns alignedat has
_NO_NUMBER = re.compile(r"\\(?:nonumber|notag)(?![A-Za-z])|\\label\s*\{[^{}]*\}")
_ROW_SPACE = re.compile(r"(\\\\)\*?\s*\[\s*-?[\d.]+\s*[a-z]{2}\s*\]")  # \\[2pt]
_NAMES = [*("aligned", "align", "gathered", "cases", "rcases", "array"), *sorted(_KNOWN - {"split", "cases", "array"})]


class FormulaError(Exception):
    """What is wrong in a formula, in words for its author."""


def with_formulas(markdown: str, tell: Callable[[int, str], str]) -> str:
    """The Markdown with MathML in place of formulas.

    `tell` is called with the position and the message of a problem, and returns what to write instead of the formula.
    """

    def replaced(match: re.Match[str]) -> str:
        if match["dollar"]:
            return _DOLLAR
        display = match["display"] is not None
        latex = LINE_NUMBER.sub("", match["display"] if display else match["inline"])
        try:
            return mathml(latex, display)
        except FormulaError as problem:
            return tell(match.start(), str(problem))

    return _FORMULA.sub(replaced, markdown)


def mathml(latex: str, display: bool) -> Markup:
    """One formula as a line of MathML, escaped so that Markdown changes nothing in it. Raises FormulaError."""
    latex = " ".join(latex.split())
    bare = re.sub(r"\\.", "", latex)
    if bare.count("{") != bare.count("}"):
        raise FormulaError(f"in the formula {latex}: {bare.count('{')} opening braces and {bare.count('}')} closing")
    try:
        written = convert(_with_known_environments(latex), display="block" if display else "inline")
    except FormulaError as problem:
        raise FormulaError(f"in the formula {latex}: {problem}") from None
    except Exception as problem:
        # The library's errors have no common base class and hardly any messages, but their names say what they mean.
        said = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(problem).__name__.removesuffix("Error")).lower()
        raise FormulaError(f"in the formula {latex}: {said}") from problem
    unknown = re.search(r">\s*(\\[A-Za-z]+)", written)
    if unknown:
        raise FormulaError(f"in the formula {latex}: there is no command {unknown[1]}")
    try:
        tree = ElementTree.fromstring(written.replace(' xmlns="http://www.w3.org/1998/Math/MathML"', ""))
    except ElementTree.ParseError as problem:
        raise FormulaError(f"in the formula {latex}: an & belongs only in arrays; write \\&") from problem
    _space_functions(tree)
    written = ElementTree.tostring(tree, encoding="unicode")
    # Inside a <span>, because Markdown treats a line that begins with <math> as a block of HTML.
    inner = re.sub(r">([^<]+)<", lambda text: f">{escaped(unescape(text[1]))}<", written)
    kind = "ps-formula ps-formula-display" if display else "ps-formula"
    return Markup(f'<span class="{kind}">{inner}</span>')


def _with_known_environments(latex: str) -> str:
    """The formula with every environment replaced by one that the library has. Raises FormulaError."""
    parts: list[str] = []
    done = 0
    open_ones: list[str] = []
    latex = _ROW_SPACE.sub(r"\1", _NO_NUMBER.sub("", latex))
    for found in _ENVIRONMENT.finditer(latex):
        name, begins = found["name"], found["what"] == "begin"
        known = _AS.get(name, name)
        if known not in _KNOWN | _ALONE | {"rcases"}:
            raise FormulaError(f"there is no environment “{name}”; {one_of('environments', name, _NAMES)}")
        if not begins and (not open_ones or open_ones.pop() != name):
            raise FormulaError(f"\\end{{{name}}} has no \\begin{{{name}}} before it")
        parts.append(latex[done : found.start()])
        done = found.end()
        if begins:
            open_ones.append(name)
        for options in (_PLACE, _PAIRS) if begins and known != name else ():
            if skipped := options.match(latex, done):
                done = skipped.end()
        parts.append(_written(known, found["what"]))
    if open_ones:
        raise FormulaError(f"\\begin{{{open_ones[-1]}}} has no \\end{{{open_ones[-1]}}}")
    return "".join(parts) + latex[done:]


def _written(name: str, what: str) -> str:
    if name in _ALONE:
        return " "
    if name == "rcases":
        return r"\left. \begin{array}{ll} " if what == "begin" else r" \end{array} \right\}"
    return f"\\{what}{{{name}}}"


def _space_functions(tree: ElementTree.Element) -> None:
    """Adds space around the names of functions, as TeX does: ln p and not lnp."""
    for row in [*tree.iter("mrow"), *tree.iter("mtd")]:
        children = list(row)
        for index in range(len(children) - 1, 0, -1):
            left, right = children[index - 1], children[index]
            if "mo" not in (left.tag, right.tag) and (_is_function(left) or _is_function(right)):
                row.insert(index, ElementTree.Element("mspace", width="0.17em"))


def _is_function(element: ElementTree.Element) -> bool:
    """Whether this is the name of a function, such as ln, or log with a base below it."""
    name = element[0] if element.tag in ("msub", "msup", "munder") else element
    return name.tag == "mi" and len(name.text or "") > 1
