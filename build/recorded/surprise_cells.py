"""What surprises a model on one line, drawn for readers without JavaScript and for paper: two bars for each character.

engine/widgets/instruments/surprise_line.ts draws the same for a reader's own run.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup, escape

BETTER = 1.0  # nats by which the model is less surprised where a character is marked
UNEVEN = 1.5  # of the surprise of an even guess, ln V: higher bars are cut
HEIGHT, TRACE = 40, 0.6  # of a cell's drawing; a surprise of 0 still shows a trace
TERMS = 3  # of a sum, written out at its beginning
SIGNS = {"\n": "↵", " ": "␣", "\t": "⇥"}  # engine/widgets/instruments/visible_characters.ts has the same


def top(vocab_size: int) -> float:
    """The height at which bars are cut, in nats."""
    return round(UNEVEN * math.log(vocab_size), 2)


def visible(character: str) -> str:
    return SIGNS.get(character, character)


def better_at(model: Sequence[float], counting: Sequence[float]) -> list[int]:
    """The places where the model is better by BETTER nats or more, the largest difference first."""
    gains = [other - own for own, other in zip(model, counting, strict=True)]
    return sorted((place for place, gain in enumerate(gains) if gain >= BETTER), key=lambda place: -gains[place])


def drawn(line: str, model: Sequence[float] | None, counting: Sequence[float], top_nats: float) -> Markup:
    """The cells of the line: its first character is given, and has no bars. Without a model, the other bars alone."""
    marked = better_at(model, counting) if model else []
    cells = [f'<span class="ps-surprise-cell ps-surprise-given"><span>{escape(visible(line[0]))}</span></span>']
    for place, character in enumerate(line[1:]):
        both = [model[place] if model else None, counting[place]]
        states = " data-better" if place in marked else ""
        states += " data-cut" if max(nats or 0 for nats in both) > top_nats else ""
        bars = _bar("ps-bar-model", 1, both[0], top_nats) + _bar("ps-bar-counting", 6, both[1], top_nats)
        drawing = f'<svg viewBox="0 0 10 {HEIGHT}" preserveAspectRatio="none">{bars}</svg>'
        shown = f"<span>{escape(visible(character))}</span>"
        cells.append(f'<span class="ps-surprise-cell"{states}>{drawing}{shown}</span>')
    return Markup("".join(cells))


def _bar(kind: str, x: int, nats: float | None, top_nats: float) -> str:
    height = 0 if nats is None else max(TRACE, HEIGHT * min(nats, top_nats) / top_nats)
    return f'<rect class="{kind}" x="{x}" width="3.5" height="{height:.1f}" y="{HEIGHT - height:.1f}"/>'


def worked_out(surprise: Sequence[float]) -> str:
    """The mean worked out: (0.31 + 2.10 + 0.02 + … + 1.20) / 40 = 70.80 / 40 = 1.77"""
    terms, total, count = [f"{nats:.2f}" for nats in surprise], math.fsum(surprise), len(surprise)
    shown = terms if count <= TERMS + 2 else [*terms[:TERMS], "…", terms[-1]]
    return f"({' + '.join(shown)}) / {count} = {total:.2f} / {count} = {total / count:.2f}"
