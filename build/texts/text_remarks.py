"""Warnings about a text that a model can train on, but that may not give what its author expects.

Above all: is the end like the rest? The last tenth is kept for validation. If a licence, an index or another language
is there, the validation loss measures that, and stays high, or climbs above ln V, however well the model learns the
text itself.
"""

from __future__ import annotations

import gzip
import itertools
import math
import re
from collections import Counter
from collections.abc import Iterator

from texts.text_files import SHOWN, marks_inside, place

PARTS = 10
GUTENBERG = re.compile(r"^.*\*\*\* ?(START|END) OF (THE|THIS) PROJECT GUTENBERG.*$", re.IGNORECASE | re.MULTILINE)
# The last part is unlike the rest if its bigram loss exceeds that of every other part by UNLIKE_NATS plus an allowance
# for chance, which is CHANCE / sqrt(characters counted in a part).
UNLIKE_NATS, CHANCE = 0.2, 2.0
# Only so many characters of a part are counted; they are enough to judge it.
ENOUGH = 100_000


def remarks(text: str, split: int, characters_of_a_run: int, source: str) -> list[str]:
    """Sentences about what may be wrong; none if nothing is. text[split:] is the validation text."""
    found = [marks_inside(text, source), _length(text, characters_of_a_run, source)]
    framed = _gutenberg(text, source)
    end = [framed] if framed else [*_only_at_the_end(text, split, source), *_unlike_the_rest(text, source)]
    return [*filter(None, found), *end]


def _length(text: str, characters_of_a_run: int, source: str) -> str | None:
    if len(text) <= characters_of_a_run:
        return None
    sample = text[:1_000_000]
    script_bytes = len(gzip.compress(sample.encode(), 6)) / len(sample) * len(text) * 4 / 3
    return (
        f"{source} is long: {len(text):,} characters; a whole run of the lesson reads only {characters_of_a_run:,}. "
        f"Each page with it will be about {script_bytes / 1e6:.1f} MB to load, and building will take minutes. "
        "One or two million characters teach the model just as much."
    )


def _gutenberg(text: str, source: str) -> str | None:
    marks = list(GUTENBERG.finditer(text))
    if not marks:
        return None
    lines = " and ".join(f"line {text.count(chr(10), 0, mark.start()) + 1:,}" for mark in marks[:2])
    return (
        f"{source} still has Project Gutenberg's notes and licence around it, marked at {lines}. The last tenth of a "
        "text is kept for validation, so the val loss would measure how well the model knows a licence: delete "
        "everything outside the marks, and say where the text comes from in the file beside it."
    )


def _only_at_the_end(text: str, split: int, source: str) -> Iterator[str]:
    train = set(text[:split])
    new = sorted(set(text[split:]) - train, key=lambda character: text.index(character, split))
    if not new or not train:
        return
    places = (f"{character!r} at {place(text[: text.index(character, split)])}" for character in new[:SHOWN])
    more = f" and {len(new) - SHOWN} more" if len(new) > SHOWN else ""
    count = sum(map(text[split:].count, new))
    yield (
        f"{source}: {len(new)} of its characters occur only in the last tenth, which is kept for validation, so the "
        f"model never learns them and each of the {count:,} raises the val loss: {'; '.join(places)}{more}."
    )


def _unlike_the_rest(text: str, source: str) -> Iterator[str]:
    losses = _losses_of_parts(text)
    if not losses:
        return
    *others, last = losses
    chance = CHANCE / math.sqrt(min(len(text) // PARTS, ENOUGH))
    if last > max(others) + UNLIKE_NATS + chance:
        yield (
            f"{source}: its last tenth, from {place(text[: len(text) * (PARTS - 1) // PARTS])} on, is unlike the rest: "
            f"predicted from the pairs in the rest, it costs {last:.2f} nats a character, and no other tenth more "
            f"than {max(others):.2f}. It is kept for validation, so the val loss would stay high, or even climb above "
            "ln V. If it is a licence, an index or a foreign passage: delete it, or move it forward."
        )


def _losses_of_parts(text: str) -> list[float]:
    """For each tenth of the text: its loss in nats per character under a bigram model counted on the other nine.

    Smoothed like the rungs (build/texts/rungs.py). Empty if a tenth has less than two characters.
    """
    edges = [len(text) * part // PARTS for part in range(PARTS + 1)]
    if edges[1] < 2:
        return []
    parts = [text[start : min(end, start + ENOUGH)] for start, end in itertools.pairwise(edges)]
    pairs = [Counter(itertools.pairwise(part)) for part in parts]
    total: Counter[tuple[str, str]] = Counter()
    for counted in pairs:
        total.update(counted)
    return [_loss(counted, total, len(set(text))) for counted in pairs]


def _loss(part: Counter[tuple[str, str]], total: Counter[tuple[str, str]], vocab_size: int) -> float:
    followed = {pair: count - part[pair] for pair, count in total.items() if count > part[pair]}
    contexts: Counter[str] = Counter()
    followers: Counter[str] = Counter()
    single: Counter[str] = Counter()
    for (before, after), count in followed.items():
        contexts[before] += count
        followers[before] += 1
        single[after] += count
    everything, different = sum(single.values()), len(single)

    def loss(before: str, after: str) -> float:
        p = (single[after] + different / vocab_size) / (everything + different)
        seen, novel = contexts[before], followers[before]
        return -math.log((followed.get((before, after), 0) + novel * p) / (seen + novel) if seen else p)

    return sum(count * loss(*pair) for pair, count in part.items()) / sum(part.values())
