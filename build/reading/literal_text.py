"""The parts of a page without values or formulas: code fences, inline code and HTML comments.

Also the numbers added to the ends of lines while a page is processed, so that each line keeps its source line number.
"""

from __future__ import annotations

import re

from reading.fences import comments, fences

# Characters that no text contains, as Unicode keeps them for programs: around the number of a line, and in the place
# of characters that mean themselves.
NUMBER, END = "\ufdd8", "\ufdd9"
LINE_NUMBER = re.compile(f"{NUMBER}(\\d+){END}")
_MEANINGFUL = {"{": "\ufdd0", "$": "\ufdd1", "`": "\ufdd2"}
_HIDE = str.maketrans(_MEANINGFUL)
_SHOW = str.maketrans({hidden: shown for shown, hidden in _MEANINGFUL.items()})
_INLINE_CODE = re.compile(r"(?<![\\`])(`+)(?!`)((?:(?!\n[ \t]*\n).)+?)(?<!`)\1(?!`)", re.DOTALL)


def hidden(markdown: str) -> str:
    """The Markdown, as long as before, with the characters hidden that begin a value or a formula elsewhere."""
    rows = markdown.split("\n")
    # Backticks too: one in a fence opens no inline code behind it.
    literal = [(fence.first, fence.last) for fence in fences(rows)]
    for first, last in [*literal, *comments(rows)]:
        rows[first : last + 1] = [row.translate(_HIDE) for row in rows[first : last + 1]]
    return _INLINE_CODE.sub(lambda code: code[0].translate(_HIDE), "\n".join(rows))


def shown(markdown: str) -> str:
    """What `hidden` hid."""
    return markdown.translate(_SHOW)
