"""A preset: a whole run that differs in one setting from a healthy one. An experiment: a grid of such runs.

authoring/presets.py reads both from docs/presets.yml.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

FILE = "docs/presets.yml"
# What is observed of each run, as ObserveOptions of engine/training/observation.ts: norms alone, and these also before
# the first milestone, because a warm-up shows most at its beginning.
OBSERVED = {"lines": None, "norms": True, "writings": False, "early_norms": [1, 2, 5, 10, 20]}


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
    # The preset whose first weights and batches this run has; None if it has its own.
    seed_of: str | None = None

    def seed(self, seed: str) -> str:
        """The seed of this run, derived from the runner's seed; preset_runs.ts does the same."""
        return f"{seed} / {self.seed_of or self.name}"


@dataclass(frozen=True)
class Axis:
    """A setting, and the values that an experiment tries."""

    key: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class Experiment:
    """A run for each pair of values of two settings; all have the first weights and batches of the clean run."""

    name: str
    label: str
    rows: Axis
    columns: Axis
    # By the value in `rows`, then by the value in `columns`.
    cells: dict[float, dict[float, Preset]]

    def __iter__(self) -> Iterator[Preset]:
        return (cell for row in self.cells.values() for cell in row.values())


@dataclass(frozen=True)
class Presets:
    by_name: dict[str, Preset] = field(default_factory=dict)
    experiments: dict[str, Experiment] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Preset]:
        return iter(self.by_name.values())

    @property
    def names(self) -> list[str]:
        return list(self.by_name)

    @property
    def runs(self) -> dict[str, Preset]:
        """Everything that can be recorded, by name: the presets and the runs of all experiments."""
        return self.by_name | {cell.name: cell for experiment in self.experiments.values() for cell in experiment}
