"""Code fences in Markdown, found line by line as pymdownx.superfences finds them.

A fence opens with three or more backticks or tildes, after any indentation or quote marks. The same marks alone, at
the same indentation, close it; a line with less indentation breaks it off. Fences inside HTML comments are left alone.
But Markdown reads fences first: if a fence opens inside a comment and closes after the comment's end, that end is part
of the fence and does not end the comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_OPENING = re.compile(r"(?P<prefix>[> \t]*)(?P<marks>~{3,}|`{3,})[ \t]*(?P<info>[^\n]*?)[ \t]*$")
TAB_LENGTH = 4


@dataclass(frozen=True)
class Opening:
    prefix: str  # indentation and quote marks
    marks: str
    info: str  # what follows the marks


@dataclass(frozen=True)
class Fence:
    opening: Opening
    first: int  # index of the opening line
    last: int  # index of the last line that belongs to it
    content: list[str]  # the lines between, without the prefix
    closed: bool


def opening(line: str) -> Opening | None:
    """The line as the opening of a fence, or None if it does not open one."""
    match = _OPENING.match(line)
    if match is None or (match["marks"][0] == "`" and "`" in match["info"]):
        return None
    return Opening(match["prefix"].expandtabs(TAB_LENGTH), match["marks"], match["info"])


def fences(lines: list[str]) -> Iterator[Fence]:
    """Every fence of a page, in order, except those inside another fence or in an HTML comment."""
    return (part for part in _parts(lines) if isinstance(part, Fence))


def comments(lines: list[str]) -> Iterator[tuple[int, int]]:
    """The first and the last line of every HTML comment that begins a line outside fences."""
    return (part for part in _parts(lines) if not isinstance(part, Fence))


def _parts(lines: list[str]) -> Iterator[Fence | tuple[int, int]]:
    index = 0
    while index < len(lines):
        comment_end = _comment_end(lines, index)
        if comment_end is not None:
            yield index, comment_end
            index = comment_end
        elif (found := opening(lines[index])) is not None:
            fence = _read(lines, index, found)
            yield fence
            index = fence.last
        index += 1


def _comment_end(lines: list[str], start: int) -> int | None:
    """The last line of the HTML comment that begins in this line; None if none begins, or a fence contains its end."""
    if not lines[start].lstrip().startswith("<!--"):
        return None
    end = next((index for index in range(start, len(lines)) if "-->" in lines[index]), None)
    index = start + 1
    while end is not None and index < end:
        found = opening(lines[index])
        fence = _read(lines, index, found) if found else None
        if fence and fence.closed:
            index = fence.last
            if index >= end:
                return None
        index += 1
    return end


def _read(lines: list[str], first: int, found: Opening) -> Fence:
    content: list[str] = []
    for index in range(first + 1, len(lines)):
        line = _without_prefix(lines[index], len(found.prefix))
        if line is None:
            return Fence(found, first, index - 1, content, closed=False)
        if line.rstrip() == found.marks:
            return Fence(found, first, index, content, closed=True)
        content.append(line)
    return Fence(found, first, len(lines) - 1, content, closed=False)


def _without_prefix(line: str, width: int) -> str | None:
    """The line after `width` columns of indentation and quote marks, or None if it has fewer."""
    if not line.strip(" \t>"):
        return ""
    column = index = 0
    while column < width and index < len(line) and line[index] in "> \t":
        column += TAB_LENGTH - column % TAB_LENGTH if line[index] == "\t" else 1
        index += 1
    return line[index:] if column >= width else None
