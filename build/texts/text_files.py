"""A file's bytes as the text that a model reads: UTF-8, one kind of line end, no byte order mark.

Bytes that are not such a text are refused, with line, column and what to do.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter

SAVE = "save it as UTF-8 (most editors ask for the encoding at “Save as”) and try again."
MARKS = {
    codecs.BOM_UTF32_LE: "UTF-32",  # before UTF-16, because this mark begins with that of UTF-16
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
DOCUMENTS = {b"%PDF": "a PDF document", b"PK\x03\x04": "a Word document or a zip", b"{\\rtf": "an RTF document"}
BOM = "\ufeff"
SHOWN = 8  # how many characters or places a sentence lists
# Characters for syllables or words. A text written in them has more different characters than any alphabet has.
SYLLABLES = re.compile("[\u3400-\u9fff\uac00-\ud7a3\U00020000-\U0003ffff]")


class CorpusError(Exception):
    """What is wrong with a corpus and one way to fix it, in words for the author of the page."""


def normalise(data: bytes) -> str:
    """UTF-8 to text, without byte order marks at the start, every line end a line feed. Raises UnicodeDecodeError."""
    text = data.decode("utf-8").lstrip(BOM)  # all of them: the page's decoder would drop one that we leave
    # A carriage return before a line feed is dropped; alone it is the line end of old Macs.
    return re.sub("\r+\n?", _line_ends, text) if "\r" in text else text


def _line_ends(found: re.Match[str]) -> str:
    return "\n" if found[0].endswith("\n") else "\n" * len(found[0])


def read(data: bytes, source: str) -> str:
    """The text in a file's bytes; `source` names the file in messages. Raises CorpusError."""
    for mark, encoding in MARKS.items():
        if data.startswith(mark):
            shown = mark.hex(" ").upper()
            raise CorpusError(f"{source} is {encoding}, not UTF-8 (line 1, column 1: the bytes {shown}): {SAVE}")
    for beginning, kind in DOCUMENTS.items():
        if data.startswith(beginning):
            raise CorpusError(f"{source} is {kind}, not plain text: save it as plain text, in UTF-8.")
    if b"\0" in data:
        at = place(data[: data.index(b"\0")].decode("utf-8-sig", errors="replace"))
        raise CorpusError(
            f"{source} has a NUL, a byte of zeros, at {at}. Text in UTF-8 has none, and text in UTF-16 has many: {SAVE}"
        )
    try:
        return normalise(data)
    except UnicodeDecodeError as problem:
        byte = data[problem.start : problem.start + 1]
        at = place(data[: problem.start].decode("utf-8-sig"))
        raise CorpusError(
            f"{source} is not UTF-8: the byte {byte.hex().upper()} at {at} does not belong there{_meant(byte)}: {SAVE}"
        ) from problem


def _meant(byte: bytes) -> str:
    try:
        letter = byte.decode("cp1252")
    except UnicodeDecodeError:
        return ""
    name = "Windows-1252" if byte < b"\xa0" else "Windows-1252 and Latin-1"
    return f" ({name} write it for “{letter}”)" if letter.isprintable() else ""


def place(before: str) -> str:
    """Line and column, counted from 1, of what follows `before` in a text. Any kind of line end counts."""
    lines = re.split("\r\n|\r|\n", before)
    return f"line {len(lines):,}, column {len(lines[-1]) + 1:,}"


def marks_inside(text: str, source: str) -> str | None:
    """Reports byte order marks inside a text; None without any. They are invisible, but the model would learn them."""
    count = text.count(BOM)
    if count == 0:
        return None
    more = f" and {count - 1:,} more" if count > 1 else ""
    return (
        f"{source} contains a byte order mark at {place(text[: text.index(BOM)])}{more}. It is invisible, but the "
        "model learns it as a character. Joining files leaves such marks behind. Delete it there."
    )


def too_many(text: str, most: int, source: str) -> str:
    """What to do about a text with more than `most` different characters: the rarest, where they are, how often."""
    counts = Counter(text)
    rare = sorted(counts, key=lambda character: (counts[character], character))
    excess = len(rare) - most
    spare = rare[:excess]
    listed = "; ".join(_shown(character, counts[character], text) for character in spare[:SHOWN])
    more = f"; and {excess - SHOWN:,} more" if excess > SHOWN else ""
    opening = f"{source} has {len(rare):,} different characters, and the model takes at most {most}"
    share = sum(counts[character] for character in rare if SYLLABLES.match(character)) / len(text)
    if share > 0.3:
        return (
            f"{opening}. Most of its signs stand for whole syllables or words, and there are too many of those: write "
            "it in an alphabet (pinyin for Chinese, kana for Japanese, single jamo for Korean), or choose another "
            f"text. Its rarest: {listed}{more}."
        )
    gone = sum(counts[character] for character in spare)
    return (
        f"{opening}: {excess:,} too many. The {excess:,} rarest occur {gone:,} times in all: replace or delete them. "
        f"They are {listed}{more}."
    )


def _shown(character: str, count: int, text: str) -> str:
    sign = f"“{character}” " if character.isprintable() and not character.isspace() else ""
    times = "once" if count == 1 else f"{count:,} times, first"
    return f"{sign}U+{ord(character):04X}, {times} at {place(text[: text.index(character)])}"
