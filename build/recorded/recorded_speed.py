"""Speeds measured once, elsewhere: docs/recorded/speed.json (this engine) and peers.json (other programs).

speed.json is what the speed page posts if its address has `?bench`; see docs/reference/speed.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recorded import recorded_file
from recorded.recorded_file import RecordedFileError

# What each file must have, and what each of its lists' entries must have.
PEERS = {"note": (), "rows": ("name", "machine", "iterations_per_second", "how")}
OURS = {
    "adapter": (),
    "browser": (),
    "date": (),
    "rows": ("B", "plan", "iterations_per_second", "ms_per_iteration", "gflops", "mb_per_iteration", "dispatches"),
    "kernels": ("label", "kernel", "microseconds", "per_iteration"),
    "growth": ("n_embd", "block_size", "plan", "B", "iterations_per_second"),
    "losses": (),
}


@dataclass(frozen=True)
class Recorded:
    """The contents of both files; None for a missing one."""

    peers: dict[str, Any] | None
    ours: dict[str, Any] | None


def read(root: Path) -> Recorded:
    """The recorded speeds of the project in `root`. Raises RecordedFileError."""
    folder = root / "docs" / "recorded"
    return Recorded(_read(folder / "peers.json", PEERS), _read(folder / "speed.json", OURS))


def _read(path: Path, wanted: dict[str, tuple[str, ...]]) -> dict[str, Any] | None:
    if not path.is_file():
        return None
    found = recorded_file.facts_of(path, wanted)
    for name, fields in wanted.items():
        for index, entry in enumerate(found[name]) if fields else ():
            missing = [field for field in fields if field not in entry]
            if missing:
                raise RecordedFileError(f"{recorded_file.where(path)}: {name}[{index}] has no “{missing[0]}”.")
    return found
