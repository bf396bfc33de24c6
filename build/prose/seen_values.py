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
    if off:
        entries["needed_head"] = _called(off, seen)
        entries["without_needed_head"] = Nats(max(off.values()))
    return named(path, entries)


def _numbered(path: str, entries: Mapping[int, Any]) -> Names:
    return Names(path, entries, "of the iterations,")


def _called(heads: Mapping[int, float], seen: Seen) -> str:
    """The head with the largest number; layers and heads are counted from 1."""
    layer, head = divmod(max(heads, key=heads.__getitem__), seen.facts["config"]["model"]["n_head"])
    return f"head {head + 1} of layer {layer + 1}"
