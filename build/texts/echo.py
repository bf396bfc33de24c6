"""Echo: a generated text that only a model that looks back can predict.

Each line has a random run of letters, written WRITINGS times: “dkfa dkfa dkfa dkfa”. The first writing cannot be
guessed. Its copies can, by a model that finds the run in what it has just read; counting letters does not help, because
each run is independent of all others. So first writings and copies have floors of their own, both known exactly.

A run has SHORTEST to LONGEST letters. All these lengths are equally likely, and so are all LETTERS at each place. A
first writing of n letters therefore costs n ln 16 for the letters and ln 5 for the length, spread over the characters
from the fifth on. A copy costs nothing, assuming a reader who knows these rules and has the line from its beginning:
letters, length and the number of writings so far can all be read there.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from texts.play_machine import TRAINING_TENTHS, Dice, UnknownTextError

LETTERS = "abcdefghijklmnop"
SHORTEST, LONGEST = 4, 8
WRITINGS = 4
CHARACTERS = 300_000


class Floors(NamedTuple):
    """Mean -ln p of a reader who knows the rules, in nats per character."""

    first: float  # of first writings, each with the space after it
    copies: float  # of the other writings, with the space or line break after each
    whole: float  # of all characters


def generate(seed: str = "echo", characters: int = CHARACTERS) -> str:
    """Whole lines, of at least `characters` characters together. The same seed gives the same text on every machine."""
    dice = Dice(seed)
    lines: list[str] = []
    written = 0
    while written < characters:
        length = SHORTEST + dice.below(LONGEST - SHORTEST + 1)
        run = "".join(LETTERS[dice.below(len(LETTERS))] for _ in range(length))
        lines.append(_line(run))
        written += len(lines[-1])
    return "".join(lines)


def _line(run: str) -> str:
    return " ".join([run] * WRITINGS) + "\n"


def nll_per_character(text: str) -> list[float]:
    """-ln p(character | all characters before it), in nats, for each character of `text`.

    Raises UnknownTextError if the generator cannot have written it.
    """
    return [nats for nats, _ in _scored(text)]


def floors(text: str, start: int = 0) -> Floors:
    """The floors of the characters from `start` on."""
    scored = [*_scored(text)][start:]
    first = [nats for nats, is_first in scored if is_first]
    copies = [nats for nats, is_first in scored if not is_first]
    return Floors(_mean(first), _mean(copies), _mean(first + copies))


def expected_floors() -> Floors:
    """The floors of an endless text: sums over a run of mean length."""
    letters = (SHORTEST + LONGEST) / 2
    nats = letters * math.log(len(LETTERS)) + math.log(LONGEST - SHORTEST + 1)
    return Floors(nats / (letters + 1), 0.0, nats / (WRITINGS * (letters + 1)))


def validation_floors(text: str) -> Floors:
    return floors(text, len(text) * TRAINING_TENTHS // 10)


def validation_floor_nats(text: str) -> float:
    """-ln p(validation part | training part) per character of the validation part, in nats: the floor of val NLL."""
    return validation_floors(text).whole


def _scored(text: str) -> Iterator[tuple[float, bool]]:
    """-ln p of each character, and whether it is in a first writing. Raises UnknownTextError."""
    for number, line in enumerate(text.splitlines(keepends=True)):
        run = line.split(" ", 1)[0]
        if line != _line(run) or not SHORTEST <= len(run) <= LONGEST or not set(run) <= set(LETTERS):
            raise UnknownTextError(f"the generator never writes line {number}, {line!r}")
        for place in range(len(line)):
            if place <= len(run):
                yield _nats(place, ends=place == len(run)), True
            else:
                yield 0.0, False


def _nats(letters: int, ends: bool) -> float:
    """-ln p of a first writing's next character, after so many letters of it."""
    lengths = LONGEST - max(letters, SHORTEST) + 1  # that are still possible
    if ends:
        return math.log(lengths)
    goes_on = lengths if letters < SHORTEST else lengths - 1
    return math.log(lengths / goes_on * len(LETTERS))


def _mean(nats: list[float]) -> float:
    return math.fsum(nats) / len(nats) if nats else math.nan
