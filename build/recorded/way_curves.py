"""How a recorded run goes on from its checkpoint with parts missing: curves as inline SVG, and their words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from recorded import recorded_curve

# Each way in words, after “goes on”.
LABELS = {
    "whole": "with the whole checkpoint",
    "no-moments": "without both moments",
    "no-m": "without m, the mean of the gradients",
    "no-v": "without v, the mean of their squares",
    "no-iteration": "without the iteration's number",
    "weights-only": "from the weights alone, as a new run",
    "other-seed": "with another seed",
}
STRETCHES = 40  # a drawing is half as wide as others, or less
TICK = 0.25  # nats; a drawing's heights are multiples of this
MOST = 1.0  # nats above the whole checkpoint's highest loss that a drawing shows; what goes beyond leaves at the top


def of(facts: Mapping[str, Any], ways: Sequence[str]) -> dict[str, Any]:
    """What a block knows of these ways: their labels, their val losses and those of the whole checkpoint."""
    every, recorded = facts["val_every"], facts["ways"]

    def rows(name: str) -> list[dict[str, Any]]:
        vals = {number * every: val for number, val in enumerate(recorded[name]["val"])}
        train = recorded[name]["train"]
        return [
            {"iteration": at, "train": train[at] if at < len(train) else None, "val": vals.get(at)}
            for at in range(facts["further"] + 1)
        ]

    shown = {name: rows(name) for name in ("whole", *ways)}
    losses = {name: [row[which] for row in shown[name] for which in ("train", "val")] for name in shown}
    heights = {name: [loss for loss in losses[name] if loss is not None] for name in shown}
    lowest, most = min(map(min, heights.values())), max(heights["whole"]) + MOST
    highest = min(most, max(map(max, heights.values())))
    return {
        "at": facts["at"],
        "further": facts["further"],
        "span": [lowest // TICK * TICK, -(-highest // TICK) * TICK],
        "ways": [{"name": name, "label": LABELS[name], "says": _says(facts, name)} for name in ("whole", *ways)],
        "rows": shown,
    }


def _says(facts: Mapping[str, Any], name: str) -> str:
    """The first iteration with another loss, where its val loss is furthest above the other, and how it ends."""
    every, whole = facts["val_every"], facts["ways"]["whole"]["val"]
    both = zip(facts["ways"][name]["train"], facts["ways"]["whole"]["train"], strict=True)
    parts = next((number for number, (one, other) in enumerate(both) if one != other), None)
    if parts is None:
        return "The same losses, to the last digit."
    above = [val - other for val, other in zip(facts["ways"][name]["val"], whole, strict=True)]
    most = max(range(len(above)), key=above.__getitem__)
    began = f"The losses first differ after {parts} iteration{'' if parts == 1 else 's'}."
    at_most = f"{began} The val loss is furthest above after {every * most}: {_signed(above[most])} nats"
    return f"{at_most}; after {facts['further']}: {_signed(above[-1])}."


def _signed(nats: float) -> str:
    return f"{nats:+.3f}".replace("-", "−")


def drawn(found: Mapping[str, Any], name: str, key: str) -> Markup:
    """The curve of one way, over that of the whole checkpoint."""
    title = f"Loss of the run that goes on {LABELS[name]}"
    low, high = found["span"]
    rows, whole = ([_within(row, high) for row in found["rows"][one]] for one in (name, "whole"))
    return recorded_curve.drawn(rows, [], key, title, (low, high), behind=whole, stretches=STRETCHES)


def _within(row: Mapping[str, Any], high: float) -> dict[str, Any]:
    """The losses of a row, cut at the top of the drawing."""
    cut = {which: None if row[which] is None else min(row[which], high) for which in ("train", "val")}
    return {"iteration": row["iteration"], **cut}
