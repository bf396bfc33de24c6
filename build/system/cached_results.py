"""What took long to compute, kept as a file in .cache/ for as long as the source that computed it is the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from system import replaced_file


def source_hash(files: list[Path]) -> str:
    """A short hash of the source that computed something: what it computed is stale once the source changes."""
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


def kept(path: Path, compute: Callable[[], Any]) -> Any:
    """What `path` holds as JSON, else compute(), written there."""
    if path.exists():
        return json.loads(path.read_text(encoding="utf-8"))
    value = compute()
    replaced_file.write_whole(path, json.dumps(value).encode())
    return value
