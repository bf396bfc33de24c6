"""What prose can say of the line on which the lesson's recorded run was observed: recorded.line."""

from __future__ import annotations

import math

from prose.named_values import Names
from prose.value_formats import Nats
from recorded.recorded_seen import Seen
from recorded.surprise_cells import better_at
from texts.corpus import Corpus


def line_values(seen: Seen | None, corpus: Corpus) -> Names | None:
    """Its length and its NLL at each milestone; and of each model that counts, its NLL and where the run is better.

    None if no run on the text was observed on a line: prose checks with {% if recorded.line %}.
    """
    if seen is None or seen.facts["text"] is None:
        return None
    surprises = {one["iteration"]: one["line"]["surprise"] for one in seen.facts["milestones"] if one["line"]}
    counted = corpus.surprises(seen.facts["text"])
    path, iterations = "recorded.line", "of the iterations,"
    better = {
        model: Names(
            f"{path}.better.{model}", {at: len(better_at(own, nats)) for at, own in surprises.items()}, iterations
        )
        for model, nats in counted.items()
    }
    return Names(
        path,
        {
            "characters": len(seen.facts["text"]) - 1,
            "nll": Names(f"{path}.nll", {at: _mean(own) for at, own in surprises.items()}, iterations),
            "counted": Names(f"{path}.counted", {model: _mean(nats) for model, nats in counted.items()}),
            "better": Names(f"{path}.better", better),
        },
    )


def _mean(surprises: list[float]) -> Nats:
    return Nats(math.fsum(surprises) / len(surprises))
