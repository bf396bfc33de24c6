"""Thins a recorded curve. Keeps the lowest and highest loss of each stretch, so that the noise stays visible.

thin() in engine/widgets/shared/curve.ts does the same for a live run; the tests of both use thinning_cases.json.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypeVar

Row = TypeVar("Row")


def thinned(
    rows: Sequence[Row], stretches: int, loss: Callable[[Row], float | None], stays: Callable[[Row], bool] | None = None
) -> list[Row]:
    """At most two rows of each stretch and every row that `stays`, in order. A loss of None is not compared."""
    size = max(1, math.ceil(len(rows) / stretches))
    if size <= 2:
        return list(rows)
    kept: list[Row] = []
    for start in range(0, len(rows), size):
        stretch = rows[start : start + size]
        compared = [row for row in stretch if loss(row) is not None]
        ends = [end(compared, key=loss) for end in (min, max)] if compared else []
        kept += [row for row in stretch if any(row is end for end in ends) or (stays is not None and stays(row))]
    return kept
