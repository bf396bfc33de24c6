"""What a page's blocks want to see of a run's inside: ObserveOptions in engine/training/observation.ts.

Observing takes time at each milestone, so a run is only observed where a block of its page shows it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from authoring.block_fit import Text
from texts.observed_line import observed_lines

LINES, NORMS, WRITINGS = "lines", "norms", "writings"


def observe_options(wanted: Iterable[str], runner: dict[str, Any], corpus: Text) -> dict[str, Any] | None:
    """The options for the run of a runner's island; None if its blocks want nothing."""
    wanted = {*wanted}
    if not wanted:
        return None
    lines = lines_of(runner, corpus) if LINES in wanted else None
    return {"lines": lines, "norms": NORMS in wanted, "writings": WRITINGS in wanted}


def lines_of(runner: dict[str, Any], corpus: Text) -> dict[str, Any] | None:
    """The lines on which the run is observed; None if the text's validation part is too short for one."""
    split = int(runner["evaluation"]["train_fraction"] * len(corpus.text))
    return observed_lines(corpus.text, split, runner["model"]["block_size"])
