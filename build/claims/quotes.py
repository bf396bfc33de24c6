"""Finds a quoted sentence in a page, whatever its line breaks, markup and quotation marks, and says in which line.

Also cuts a page into sentences, so that those about a run can be separated from the others.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

# Removed before a quotation and a page are compared. Line breaks stay, because lines are counted afterwards.
MARKUP = re.compile(r"\[\^[\w-]+\](?!:)|\{##.*?##\}|</?[a-z][^<>\n]*>|[*`]", re.DOTALL)
LINK = re.compile(r"\[([^\[\]]+)\]\([^()]*\)")
ALIKE = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "−": "-", "\u00a0": " ", "\u202f": " "})
TAG = re.compile(r"\{%.*?%\}", re.DOTALL)
VALUE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
# A sentence ends before a space that a capital, a quotation mark or a value follows.
END = re.compile(r"(?<=[.!?:])[\"')\]]*\s+(?=[\"'(\[]?[A-Z0-9$]|\{\{)")

RUN = re.compile(r"\b(loss|losses|curves?|NLL|iterations?|runs?|samples?|train|val|diverges?|trains)\b", re.IGNORECASE)
FIGURE = re.compile(
    r"\d|\b(three|four|five|six|seven|eight|nine|ten|twenty|thirty|forty|fifty|sixty|hundreds?|dozens?|half|third|quarter|"
    r"tenth|never|lowest|highest)\b|(?<!run )(?<!curve )\b(above|below)\b(?! the chart)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Plain:
    """A text without markup, on one line; `lines` has the line of each of its characters."""

    text: str
    lines: list[int]

    def line_of(self, place: int) -> int:
        return self.lines[min(place, len(self.lines) - 1)] if self.lines else 1


@dataclass(frozen=True)
class Sentence:
    text: str
    line: int
    values: tuple[str, ...]  # what stands between its braces

    @property
    def speaks_of_a_run(self) -> bool:
        """Whether it quotes a recording, or states a figure of a loss, a curve or a run."""
        if self.text.endswith("?") or not re.search("[a-z]", VALUE.sub("", self.text)):
            return False  # a question; a quoted sample; an option that is a number
        if any("recorded." in value for value in self.values):
            return True
        words = VALUE.sub(" 0 ", self.text)
        return bool(RUN.search(words) and FIGURE.search(words))


def plain(text: str) -> Plain:
    return _plain(text)


@lru_cache(maxsize=512)  # the pages and all quotations; `serve` compares them at every edit
def _plain(text: str) -> Plain:
    text = LINK.sub(lambda found: found[1], text.translate(ALIKE))
    text = MARKUP.sub(lambda found: "\n" * found[0].count("\n"), text)
    letters: list[str] = []
    lines: list[int] = []
    line = 1
    for letter in text:
        if not letter.isspace():
            letters.append(letter)
            lines.append(line)
        elif letters and letters[-1] != " ":
            letters.append(" ")
            lines.append(line)
        line += letter == "\n"
    return Plain("".join(letters), lines)


def find(says: str, text: str) -> int | None:
    """The line of `text` in which the quotation begins; None if it is not there."""
    page = plain(text)
    place = page.text.find(plain(says).text.strip())
    return None if place < 0 else page.line_of(place)


def closest(says: str, text: str) -> Sentence | None:
    """The sentence of `text` that is most like the quotation, if one is."""
    found = {one.text: one for one in sentences(text)}
    close = difflib.get_close_matches(plain(says).text.strip(), found, 1, 0.5)
    return found[close[0]] if close else None


def covers(says: str, sentence: Sentence) -> bool:
    """Whether the quotation contains the sentence, or the sentence the quotation."""
    quoted = " ".join(TAG.sub(" ", plain(says).text).split())
    return quoted in sentence.text or sentence.text in quoted


def sentences(text: str) -> Iterator[Sentence]:
    """The sentences of a page or a file of YAML, without front matter, code and tables."""
    line = 1
    for paragraph in _paragraphs(text):
        words = plain(TAG.sub(lambda found: " " + "\n" * found[0].count("\n"), paragraph))
        start = 0
        for end in [*(found.end() for found in END.finditer(words.text)), len(words.text)]:
            said = words.text[start:end].strip()
            if said:
                row = line - 1 + words.line_of(start + len(words.text[start:end]) - len(words.text[start:end].lstrip()))
                yield Sentence(" ".join(said.split()), row, tuple(VALUE.findall(said)))
            start = end
        line += paragraph.count("\n")


def _paragraphs(text: str) -> Iterator[str]:
    """The text in pieces of which no sentence leaves one. Together they have all of its line breaks."""
    piece: list[str] = []
    for kind, row in _rows(text):
        if kind != "prose" and piece:
            yield "\n".join(piece) + "\n"
            piece = []
        if kind == "begins" or kind == "prose":
            piece.append(row)
        else:
            yield "\n"
    if piece:
        yield "\n".join(piece)


FIELD = re.compile(r"^\s*(?:- )?(?:text|why|question|about|symptom|cause|remedy|certainty):(?: >-)?")
OTHER_FIELD = re.compile(r"^\s*(?:- )?[a-z_]+:(?: |$)")
WRITTEN = ("quiz",)  # blocks whose fields are prose


def _rows(text: str) -> Iterator[tuple[str, str]]:
    """Each row: prose, prose that begins a paragraph, or no prose at all."""
    rows = text.split("\n")
    front = rows.index("---", 1) if rows[0] == "---" and "---" in rows[1:] else -1
    code = False
    for number, row in enumerate(rows):
        bare = row.strip()
        fence = re.match(r"\s*```(\w*)", row)
        if fence:
            code = not code and fence[1] not in WRITTEN and bare != "```"
        if number <= front or fence or code or not bare or bare.startswith(("|", "<!--", "#", "{ .")):
            yield "none", row
        elif FIELD.match(row):
            yield "begins", FIELD.sub(lambda found: " " * len(found[0]), row)
        elif OTHER_FIELD.match(row):
            yield "none", row
        else:
            yield "begins" if re.match(r"\s*(?:[-+] |\?\?\?|\[\^)", row) else "prose", row
