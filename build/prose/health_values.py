"""What prose can say of the health of recorded runs: how large the gradients and the updates of a preset were."""

from __future__ import annotations

from typing import Any

from prose.named_values import Names, named
from recorded import health
from recorded.recorded_seen import Seen


def health_values(seen: Seen | None) -> Names | None:
    """By preset: recorded.health.dead.ratio[100], written as in the strip. None if these runs were not observed."""
    if seen is None:
        return None
    path = "recorded.health"
    presets = {name: _one(f"{path}.{name}", run["milestones"]) for name, run in seen.facts["presets"].items()}
    return Names(path, presets)


def _one(path: str, milestones: list[dict[str, Any]]) -> Names:
    found = health.whole(milestones)
    entries: dict[str, Any] = {
        name: Names(f"{path}.{name}", {at: health.short(one) for at, one in values.items()}, "of the iterations,")
        for name, values in (("gradient", found["gradient_norm"]), ("ratio", found["update_ratio"]))
    }
    ratios = found["update_ratio"].values()
    return named(path, entries | ({"highest_ratio": health.short(max(ratios))} if ratios else {}))
