"""What prose can say of the inside of recorded runs: scores of heads, and losses of first writings and copies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from prose.named_values import Later, Names, named
from prose.value_formats import Nats
from recorded.recorded_seen import Seen

SCORES = ("previous", "prefix")


def seen_values(found: Iterable[Seen]) -> Names:
    """By text: recorded.seen.echo. Losses and scores are named by the iteration at which they were measured."""
    return Names(
        "recorded.seen",
        {seen.corpus: Later(lambda seen=seen: _one(f"recorded.seen.{seen.corpus}", seen)) for seen in found},
    )


def _one(path: str, seen: Seen) -> Names:
    facts = seen.tree()
    scores = {name: facts[name] for name in SCORES if facts[name]}
    off = facts["heads_off"].get("copies") or facts["heads_off"].get("line")
    entries: dict[str, Any] = {
        name: _numbered(f"{path}.{name}", {at: max(heads.values()) for at, heads in by_iteration.items()})
        for name, by_iteration in scores.items()
    }
    for name, by_iteration in scores.items():
        entries[f"{name}_head"] = _called(by_iteration[max(by_iteration)], seen)
    for name, losses in facts["writings"].items():
        if losses:
            entries[name] = _numbered(f"{path}.{name}", {at: Nats(loss) for at, loss in losses.items()})
    if facts["previous"]:
        entries["line_nll"] = _numbered(f"{path}.line_nll", {at: Nats(nats) for at, nats in facts["line_nll"].items()})
        entries["heads"] = _heads(f"{path}.heads", facts, off)
    if facts["gap"]:
        gap, end = facts["gap"], max(facts["gap"])
        head = max(gap[end], key=gap[end].__getitem__)
        entries["gap"] = _numbered(f"{path}.gap", {at: heads[head] for at, heads in gap.items()})
        entries["gap_head"] = _called(gap[end], seen)
    if off:
        entries["needed_head"] = _called(off, seen)
        entries["without_needed_head"] = Nats(max(off.values()))
    return named(path, entries)


def _heads(path: str, facts: Mapping[str, Any], off: Mapping[int, float]) -> Names:
    """At the end, by layer and head, both counted from 1: heads[1][2].previous. `off` is the loss without the head."""
    numbers = {name: found[max(found)] for name in (*SCORES, "distance") if (found := facts[name])}
    numbers |= {"off": {place: Nats(loss) for place, loss in off.items()}} if off else {}
    layers: dict[int, dict[int, Any]] = {}
    for place in numbers["previous"]:
        layer, head = divmod(place, facts["n_head"])
        own = {name: of[place] for name, of in numbers.items()}
        layers.setdefault(layer + 1, {})[head + 1] = Names(f"{path}[{layer + 1}][{head + 1}]", own)
    found = {layer: Names(f"{path}[{layer}]", heads, "of the heads,") for layer, heads in layers.items()}
    return Names(path, found, "of the layers,")


def _numbered(path: str, entries: Mapping[int, Any]) -> Names:
    return Names(path, entries, "of the iterations,")


def _called(heads: Mapping[int, float], seen: Seen) -> str:
    """The head with the largest number; layers and heads are counted from 1."""
    layer, head = divmod(max(heads, key=heads.__getitem__), seen.facts["config"]["model"]["n_head"])
    return f"head {head + 1} of layer {layer + 1}"
