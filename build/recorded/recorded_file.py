"""A file in docs/recorded/ that a command has made: read strictly, so that a page never shows half of one."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

FOLDER = "docs/recorded"
FORMAT = 1  # of all these files


class RecordedFileError(Exception):
    """A page cannot show a recorded file; one sentence that names the file."""


def where(path: Path) -> str:
    """The file as authors know it, with its folder."""
    return f"{FOLDER}/{path.name}"


def facts_of(path: Path, wanted: Iterable[str] = ()) -> dict[str, Any]:
    """What the file says, with everything that is `wanted`. Raises RecordedFileError."""
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as problem:
        raise RecordedFileError(f"{where(path)} is not JSON: {problem}; record it again.") from problem
    if not isinstance(facts, dict) or facts.get("format") != FORMAT:
        raise RecordedFileError(f"{where(path)} lacks “format”: {FORMAT}; record it again with this version.")
    require(path, facts, wanted)
    return facts


def require(path: Path, facts: dict[str, Any], wanted: Iterable[str]) -> None:
    missing = next((name for name in wanted if name not in facts), None)
    if missing is not None:
        raise RecordedFileError(f"{where(path)} has no “{missing}”; record it again with this version.")
