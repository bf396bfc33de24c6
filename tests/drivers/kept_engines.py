"""What a browser has stored about its engines, in the form of engine/session/measured_engines.ts."""

from __future__ import annotations

import json
from typing import Any

KEY = "press-start::engines"
# JavaScript for the stored text; null if the browser has stored nothing.
STORED = f"localStorage.getItem('{KEY}')"


def kept_in(stored: str) -> dict[str, Any]:
    """What is kept for the only size of model that the browser has seen."""
    (kept,) = json.loads(stored).values()
    return kept


def storing_eight_workers(stored: str) -> str:
    """JavaScript that has a browser remember that eight Workers were fastest, as they may not be on this machine."""
    kept = {about: {**kept, "workers": 8} for about, kept in json.loads(stored).items()}
    return f"localStorage.setItem('{KEY}', {json.dumps(json.dumps(kept))})"
