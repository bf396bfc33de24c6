"""Where the heads of a recorded run look: their maps as one picture, and what each head does, from its scores."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from recorded import png

# A head with at least this score looks mostly there; with at least that one, often.
# engine/widgets/instruments/head_words.ts says the same of the reader's run.
MOSTLY, OFTEN = 0.5, 0.25
THERE = {"previous": "at the character just before", "prefix": "at what followed the same character earlier"}
WHOLE = 255
SHADES = 64
PAPER, INK = (255, 255, 255), (31, 35, 40)
GAP = 2  # pixels between two maps
SCALE = 2  # pixels for each number, so that printers do not blur them


@dataclass(frozen=True)
class Head:
    name: str
    previous: float
    prefix: float
    does: str
    off: float | None = None  # the loss without it, where it was recorded


def name(head: int, n_head: int) -> str:
    """Layers and heads are counted from 1."""
    return f"layer {head // n_head + 1}, head {head % n_head + 1}"


def maps_of(attention: bytes, heads: int) -> list[bytes]:
    """The maps of all heads of one moment, [L NH][t t], in 255ths."""
    size = len(attention) // heads
    return [attention[head * size : (head + 1) * size] for head in range(heads)]


def distance(attention: bytes) -> float:
    """How far back a head looks: the mean of i - j over all positions i after the first, weighted by its attention."""
    t = math.isqrt(len(attention))
    pairs = [(i - j, attention[i * t + j]) for i in range(1, t) for j in range(i + 1)]
    weights = sum(weight for _, weight in pairs)
    return sum(back * weight for back, weight in pairs) / weights if weights else 0.0


def does(previous: float, prefix: float, back: float) -> str:
    which, most = ("previous", previous) if previous >= prefix else ("prefix", prefix)
    if most >= MOSTLY:
        return f"looks mostly {THERE[which]}"
    if most >= OFTEN:
        return f"often looks {THERE[which]}"
    return f"looks {back:.1f} characters back, on average"


def described(
    maps: Sequence[bytes],
    previous: Sequence[float],
    prefix: Sequence[float],
    n_head: int,
    off: Sequence[float] | None = None,
) -> list[Head]:
    """Each head, in the order of layers."""
    return [
        Head(name(head, n_head), one, other, does(one, other, distance(maps[head])), off[head] if off else None)
        for head, (one, other) in enumerate(zip(previous, prefix, strict=True))
    ]


def best(described: Sequence[Head], score: str) -> str:
    """The highest score and its head: “best prefix match 0.52, layer 3, head 1”."""
    first = max(described, key=lambda head: getattr(head, score))
    named = {"previous": "previous character", "prefix": "prefix match"}[score]
    return f"best {named} {getattr(first, score):.2f}, {first.name}"


def picture(maps: Sequence[bytes], n_head: int) -> png.Picture:
    """All maps of one moment: a row of maps for each layer."""
    t = math.isqrt(len(maps[0]))
    side = t * SCALE + GAP
    width, height = n_head * side - GAP, len(maps) // n_head * side - GAP
    pixels = bytearray([SHADES]) * (width * height)  # transparent
    for head, own in enumerate(maps):
        left, top = head % n_head * side, head // n_head * side
        for row in range(t * SCALE):
            across = [_shade(own[row // SCALE * t + column // SCALE]) for column in range(t * SCALE)]
            start = (top + row) * width + left
            pixels[start : start + t * SCALE] = bytes(across)
    palette = [
        [round(one + (other - one) * shade / (SHADES - 1)) for one, other in zip(PAPER, INK, strict=True)]
        for shade in range(SHADES)
    ]
    return png.Picture(width, height, bytes(pixels), palette, {})


def _shade(weight: int) -> int:
    """Darker is more; the root shows small weights, too, as engine/widgets/instruments/head_map.ts does."""
    return round(math.sqrt(weight / WHOLE) * (SHADES - 1))
