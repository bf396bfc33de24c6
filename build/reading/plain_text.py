"""Reads a text file of the project, whatever encoding an editor used, and reports what is wrong, with its line."""

from __future__ import annotations

import codecs
from pathlib import Path

_UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
SAVE = "save it as UTF-8"


def read(data: bytes) -> tuple[str, int, str]:
    """(the text as well as it can be read, the line of a mistake, what the mistake is); (text, 0, "") without one."""
    encoding = next((name for mark, name in _UTF_16.items() if data.startswith(mark)), "")
    even, odd = data[0::2].count(0), data[1::2].count(0)
    if not encoding and even + odd > len(data) // 4:
        encoding = "utf-16-be" if even > odd else "utf-16-le"
    if encoding:
        return _text(data.decode(encoding, "replace")), 1, f"the file is UTF-16; {SAVE}"
    try:
        text = _text(data.decode("utf-8"))
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        text = data.decode("cp1252", "replace")
        shown = data[problem.start : problem.start + 1].decode("cp1252", "replace")
        return _text(text), line, f"the file is not UTF-8 (it may be Latin-1, with “{shown}” on this line); {SAVE}"
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        return text.replace("\0", ""), line, "the line holds a NUL, which no text has; delete it"
    return text, 0, ""


def read_file(path: Path) -> tuple[str, int, str]:
    """As `read`; a file that cannot be opened is a mistake in line 1."""
    try:
        return read(path.read_bytes())
    except OSError as problem:
        return "", 1, f"the file cannot be read: {problem.strerror}"


def _text(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
