"""A preset: a whole run that differs in one setting from a healthy one. authoring/presets.py reads presets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

FILE = "docs/presets.yml"


@dataclass(frozen=True)
class Preset:
    """One run. `training`, `evaluation` and `sampling` are complete, in the form of engine/model.json."""

    name: str
    label: str
    about: str
    shape: str
    careless_switch: bool
    # The changed setting, as {"key", "value", "healthy"}; "healthy": None means the whole text. None: the clean run.
    change: dict[str, Any] | None
    training: dict[str, Any]
    evaluation: dict[str, Any]
    sampling: dict[str, Any]

    def seed(self, seed: str) -> str:
        """The seed of this run, derived from the runner's seed; presets.ts does the same."""
        return f"{seed} / {self.name}"


@dataclass(frozen=True)
class Presets:
    by_name: dict[str, Preset] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Preset]:
        return iter(self.by_name.values())

    @property
    def names(self) -> list[str]:
        return list(self.by_name)
