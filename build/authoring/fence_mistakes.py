"""Lines meant to open or close a fence that do not: too few backticks, marks that look like them, all on one line.

Also fences that Markdown reads correctly, but that end the numbered list around them.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from html import unescape

from reading import invisible
from reading.fences import TAB_LENGTH, Fence

# What keyboards and word processors write for a backtick, and what other programs use for fences.
_ACCENTS = "´ˋˊ‵｀`"
_ALIKE = _ACCENTS + "'\"‘’‚‛“”„‟′″‹›«»ʹʻʼʽ＇＂"
_OTHERS = "~～∼˜⁓:"
# Indentation, quote marks and the mark of a list.
_BEFORE = r"[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)?"
_MARKED = re.compile(r"(?P<before>[^`~]*)(?P<word>[`~]+[ \t]*[\w`~-]+)[ \t]*")
_LOOKS_MARKED = re.compile(
    rf"{_BEFORE}(?:[{_ACCENTS}]+|[{_ALIKE}]{{2,}}|[{_OTHERS}]{{3,}})[ \t]*(?P<word>[\w-]+)[ \t]*"
)
_ONE_LINE = re.compile(
    rf"{_BEFORE}(?P<marks>[{_ACCENTS}]{{3,}}|[{_ALIKE}~]{{3,}})[ \t]*(?P<word>[\w-]+)(?:[ \t:].*)?(?P=marks)[ \t]*"
)
_LONGEST_MARKS = 5
_CLOSING = re.compile(rf"[ \t>]*(?:[{_ACCENTS}]+|[{_ALIKE}{_OTHERS}]{{2,}})[ \t]*")
_ESCAPED = re.compile(r"\\(?=[`~])")
_INLINE = re.compile(r"(`+|~+)[^`~]+\1")
_QUOTE = re.compile(r"(?:[ \t]*>[ ]?)*")
_ITEM = re.compile(r"(?P<indent> *)(?P<number>\d+)\.[ \t]")


def word(line: str) -> str | None:
    """The word after marks that do not open a fence; None if the line is not of that form."""
    line = _as_shown(line)
    match = _MARKED.fullmatch(line)
    if match is not None and not _INLINE.fullmatch(match["word"]):
        # Fewer than three marks after words may begin inline code that continues in the next line.
        if re.search(r"\w", match["before"]) and not match["word"].startswith(("```", "~~~")):
            return None
        return re.sub("[`~]", "", match["word"])
    alike = _LOOKS_MARKED.fullmatch(line)
    return alike["word"] if alike else None


def almost(line: str, words: Container[str]) -> str | None:
    """One of these words, alone on a line after marks of which one or two are wrong or missing, “`<`quiz”; else None.

    A word with a space between it and inline code is prose, “`n` samples”.
    """
    rest = re.sub(f"^{_BEFORE}", "", _as_shown(line))
    for width in range(2, _LONGEST_MARKS + 1):
        marks, named = rest[:width], rest[width:]
        kept = max(map(marks.count, "`~"))
        if kept == 0 or width - kept > 2 or re.search(r"\s", marks):
            continue
        if named[:1].isspace() and (_INLINE.fullmatch(marks) or re.search(r"\w", marks)):
            continue
        if named.strip() in words:
            return named.strip()
    return None


def on_one_line(line: str, words: Container[str]) -> str | None:
    """The word of a fence that opens and closes on one line, if it is one of these words; else None."""
    match = _ONE_LINE.fullmatch(_as_shown(line))
    return match["word"] if match and match["word"] in words else None


def closes(line: str) -> bool:
    """Whether a line was meant to close a fence: it has nothing but marks, of any kind."""
    return _CLOSING.fullmatch(_as_shown(line)) is not None


def _as_shown(line: str) -> str:
    """The line as a reader would see it: marks written with a backslash or as entities become plain marks."""
    return _ESCAPED.sub("", unescape(invisible.seen(line)))


def renumbered(lines: Sequence[str], fence: Fence, later: Sequence[Fence]) -> tuple[str, int] | None:
    """If the fence ends a numbered list: (the number of the next item, which would be shown as 1, the indent needed).

    None if the fence is in no numbered list, or indented far enough. `later` are the page's fences after this one.
    """
    row, ends = fence.last + 1, {one.first: one.last for one in later}
    while row < len(lines) and (not _unquoted(lines[row]).strip() or row in ends):
        row = ends.get(row, row) + 1
    item = _ITEM.match(_unquoted(lines[row])) if row < len(lines) else None
    if item is None:
        return None
    needed, number = len(item["indent"]) + TAB_LENGTH, int(item["number"])
    if not needed - TAB_LENGTH <= len(_unquoted(fence.opening.prefix)) < needed:
        return None
    if fence.first == 0 or _unquoted(lines[fence.first - 1]).strip():
        return None  # without a blank line between, Markdown counts it as part of the item
    for line in reversed(lines[: fence.first]):
        before = _ITEM.match(_unquoted(line))
        if before and before["indent"] == item["indent"]:
            return (item["number"], needed) if int(before["number"]) == number - 1 > 0 else None
        if line.startswith("#"):
            return None
    return None


def _unquoted(line: str) -> str:
    return line[_QUOTE.match(line).end() :].expandtabs(TAB_LENGTH)
