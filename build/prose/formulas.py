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
from markupsafe import Markup

from prose.value_formats import escaped
from reading.error_messages import one_of
from reading.literal_text import LINE_NUMBER

_DOLLAR = "&#36;"
# No formula runs on over a blank line.
_BLANK = rf"\n[^\S\n]*(?:{LINE_NUMBER.pattern.replace('(', '(?:')})?\n"
_FORMULA = re.compile(
    r"(?P<dollar>\\\$)"
    rf"|(?<!\$)\$\$(?P<display>(?:(?!{_BLANK}|\$\$).)+)\$\$(?!\$)"
    rf"|(?<![\$\\])\$(?P<inline>(?![\s$])(?:(?!{_BLANK})[^$])*?(?<![\s\\]))\$(?![\d$])",
    re.DOTALL,
)
# Environments of LaTeX by others that the library has. No numbers stand beside formulas: each would be (1).
_AS = {
    **dict.fromkeys(("aligned", "align", "align*", "alignedat", "alignat", "alignat*", "flalign", "flalign*"), "split"),
    **dict.fromkeys(("gathered", "gather", "gather*", "multline", "multline*"), "matrix"),
    "dcases": "cases",
    "darray": "array",
}
_ALONE = {"equation", "equation*", "displaymath", "math"}  # what they add is an outside
_KNOWN = {"split", "cases", "array", "smallmatrix", "subarray"} | {f"{kind}matrix" for kind in ("", *"pbBvV")}
_KNOWN |= {f"{name}*" for name in _KNOWN if name.endswith("matrix") and name != "smallmatrix"}
_ENVIRONMENT = re.compile(r"\\(?P<what>begin|end)\s*\{\s*(?P<name>[^{}]*?)\s*\}")
_PLACE = re.compile(r"\s*\[[tcb]\]")  # of the lines beside the formula's
_PAIRS = re.compile(r"\s*\{\s*\d+\s*\}")  # how many columns alignedat has
_NO_NUMBER = re.compile(r"\\(?:nonumber|notag)(?![A-Za-z])|\\label\s*\{[^{}]*\}")
_ROW_SPACE = re.compile(r"(\\\\)\*?\s*\[\s*-?[\d.]+\s*[a-z]{2}\s*\]")  # \\[2pt]
_NAMES = [*("aligned", "align", "gathered", "cases", "rcases", "array"), *sorted(_KNOWN - {"split", "cases", "array"})]


class FormulaError(Exception):
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
        except FormulaError as problem:
            return tell(match.start(), str(problem))

    return _FORMULA.sub(replaced, markdown)


def mathml(latex: str, display: bool) -> Markup:
    """One formula on one line, in which Markdown finds nothing to change. Raises FormulaError."""
    latex = " ".join(latex.split())
    bare = re.sub(r"\\.", "", latex)
    if bare.count("{") != bare.count("}"):
        raise FormulaError(f"in the formula {latex}: {bare.count('{')} opening braces and {bare.count('}')} closing")
    try:
        written = convert(_with_known_environments(latex), display="block" if display else "inline")
    except FormulaError as problem:
        raise FormulaError(f"in the formula {latex}: {problem}") from None
    except Exception as problem:
        # The library's errors have no kind in common, and hardly a message: their names say what they mean.
        said = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(problem).__name__.removesuffix("Error")).lower()
        raise FormulaError(f"in the formula {latex}: {said}") from problem
    unknown = re.search(r">\s*(\\[A-Za-z]+)", written)
    if unknown:
        raise FormulaError(f"in the formula {latex}: there is no command {unknown[1]}")
    try:
        tree = ElementTree.fromstring(written.replace(' xmlns="http://www.w3.org/1998/Math/MathML"', ""))
    except ElementTree.ParseError as problem:
        raise FormulaError(f"in the formula {latex}: an & belongs into arrays alone; write \\&") from problem
    _space_functions(tree)
    written = ElementTree.tostring(tree, encoding="unicode")
    # Inside a <span>, since Markdown takes a line that begins with <math> for a block of HTML.
    inner = re.sub(r">([^<]+)<", lambda text: f">{escaped(unescape(text[1]))}<", written)
    kind = "ps-formula ps-formula-display" if display else "ps-formula"
    return Markup(f'<span class="{kind}">{inner}</span>')


def _with_known_environments(latex: str) -> str:
    """The formula in environments that the library has. Raises FormulaError."""
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
            raise FormulaError(f"\\end{{{name}}} ends what has not begun")
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
    """Sets the name of a function apart from its neighbours, as TeX does: ln p and not lnp."""
    for row in [*tree.iter("mrow"), *tree.iter("mtd")]:
        children = list(row)
        for index in range(len(children) - 1, 0, -1):
            left, right = children[index - 1], children[index]
            if "mo" not in (left.tag, right.tag) and (_is_function(left) or _is_function(right)):
                row.insert(index, ElementTree.Element("mspace", width="0.17em"))


def _is_function(element: ElementTree.Element) -> bool:
    """ln, and log with a base below it."""
    name = element[0] if element.tag in ("msub", "msup", "munder") else element
    return name.tag == "mi" and len(name.text or "") > 1
