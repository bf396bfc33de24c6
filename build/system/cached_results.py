"""Results that take long to compute, kept as files in .cache/ until the source that computes them changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from system import replaced_file


def source_hash(files: list[Path]) -> str:
    """A short hash of the source files that compute a result: once it changes, the result is stale."""
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


def kept(path: Path, compute: Callable[[], Any]) -> Any:
    """The JSON value in the file `path`; if there is no such file, compute(), which is then written there."""
    if path.exists():
        return json.loads(path.read_text(encoding="utf-8"))
    value = compute()
    replaced_file.write_whole(path, json.dumps(value).encode())
    return value
