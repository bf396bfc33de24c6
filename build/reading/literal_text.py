"""The parts of a page where values and formulas are not read: code fences, inline code and HTML comments.

Also the numbers added to the ends of lines while a page is processed, so that each line keeps its source line number.
"""

from __future__ import annotations

import re

from reading.fences import comments, fences

# Characters that no text contains, because Unicode reserves them for programs. NUMBER and END enclose the number of a
# line; those in _MEANINGFUL replace characters that a page must show as they are.
NUMBER, END = "\ufdd8", "\ufdd9"
LINE_NUMBER = re.compile(f"{NUMBER}(\\d+){END}")
_MEANINGFUL = {"{": "\ufdd0", "$": "\ufdd1", "`": "\ufdd2"}
_HIDE = str.maketrans(_MEANINGFUL)
_SHOW = str.maketrans({hidden: shown for shown, hidden in _MEANINGFUL.items()})
_INLINE_CODE = re.compile(r"(?<![\\`])(`+)(?!`)((?:(?!\n[ \t]*\n).)+?)(?<!`)\1(?!`)", re.DOTALL)


def hidden(markdown: str) -> str:
    """The Markdown, of the same length, with the characters replaced that would begin a value or a formula."""
    rows = markdown.split("\n")
    # Backticks too: one inside a fence must not open inline code after the fence.
    literal = [(fence.first, fence.last) for fence in fences(rows)]
    for first, last in [*literal, *comments(rows)]:
        rows[first : last + 1] = [row.translate(_HIDE) for row in rows[first : last + 1]]
    return _INLINE_CODE.sub(lambda code: code[0].translate(_HIDE), "\n".join(rows))


def shown(markdown: str) -> str:
    """Undoes `hidden`."""
    return markdown.translate(_SHOW)
