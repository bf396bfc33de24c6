"""What the norms of a run's updates say, from health.json beside strip_words.ts, which does the same in the page.

Norms stand in recordings as `{iteration, norms: {gradient, update, weight}}`, each a list with a number for each group
of weights: the embeddings, each block, the last LayerNorm. Infinity and NaN are strings there.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Context
from functools import cache
from typing import Any

from system.project import ROOT

FILE = "engine/widgets/instruments/health.json"
QUANTITIES = ("gradient", "ratio", "stream")
NormsAt = Mapping[str, Any]


@cache
def described() -> dict[str, Any]:
    """Limits, names and sentences."""
    return json.loads((ROOT / FILE).read_text(encoding="utf-8"))


def of_milestones(milestones: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What the strip shows of recorded milestones: those after the first update, and what was observed there."""
    found = []
    for one in milestones:
        line = one.get("line")
        if one["norms"]:
            more = {"stream_rms": line["stream_rms"]} if line else {}
            found.append({"iteration": one["iteration"], "norms": one["norms"], **more})
    return found


def group_names(count: int) -> list[str]:
    return [name_of(number, count) for number in range(count)]


def name_of(number: int, count: int) -> str:
    return "embeddings" if number == 0 else f"block {number}" if number < count - 1 else "final LayerNorm"


def values(quantity: str, one: NormsAt) -> list[float]:
    """A number for each group; empty if it was not observed."""
    if quantity == "stream":
        return _numbers(one.get("stream_rms") or [])
    norms = _norms(one)
    if quantity == "gradient":
        return norms["gradient"]
    return [_divided(update, weight) for update, weight in zip(norms["update"], norms["weight"], strict=True)]


def ratio(one: NormsAt) -> float:
    """Norm of the update over norm of the weights, of all weights together."""
    norms = _norms(one)
    return _divided(_whole(norms["update"]), _whole(norms["weight"]))


def whole(milestones: Iterable[Mapping[str, Any]]) -> dict[str, dict[int, float]]:
    """By iteration: the norm of the gradient, and `ratio`, of all weights together."""
    found = of_milestones(milestones)
    return {
        "gradient_norm": {one["iteration"]: _whole(_norms(one)["gradient"]) for one in found},
        "update_ratio": {one["iteration"]: ratio(one) for one in found},
    }


def short(value: float) -> str:
    """Two digits: 0.85, 12, 4.8e-7, 0; the largest numbers as “above 1e38”."""
    if math.isnan(value):
        return "NaN"
    largest = described()["largest"]
    if value > largest:
        return f"above {_plain(f'{largest:.0e}')}"
    if value == 0:
        return "0"
    digits = f"{Context(prec=2, rounding=ROUND_HALF_UP).create_decimal_from_float(value):.1e}"
    if value < 0.00995 or value >= 999.5:
        return _plain(digits)
    if value >= 99.5:
        return f"{value:.0f}"
    exponent = int(digits.split("e")[1])
    return f"{float(digits):.{1 - exponent}f}"


def _plain(scientific: str) -> str:
    """As JavaScript writes it: 4.8e-7, not 4.8e-07."""
    return re.sub(r"e\+?(-?)0*(?=\d)", r"e\1", scientific)


def saying(one: NormsAt) -> str:
    """The sentence about a milestone."""
    words, norms = described(), _norms(one)
    whole, moved = _whole(norms["gradient"]), ratio(one)
    names = group_names(len(norms["gradient"]))
    unreached = [name for name, norm in zip(names, norms["gradient"], strict=True) if norm == 0]
    filled = {"iteration": f"{one['iteration']:,}", "gradient": short(whole), "ratio": short(moved)}
    filled |= {"apart": _apart(words["wanted_ratio"], moved), "groups": ", ".join(unreached)}
    sizes = [*norms["gradient"], *norms["update"], *norms["weight"]]
    if not all(norm <= words["largest"] for norm in sizes):
        return words["overflow"].format(**filled)
    if whole == 0:
        return words["no_gradient"].format(**filled)
    also = f" {words['unreached'].format(**filled)}" if unreached else ""
    if moved == 0:
        return words["no_update"].format(**filled) + also
    found = next(one for one in words["ratios"] if one["below"] is None or moved < one["below"])
    return found["says"].format(**filled) + also


def _apart(wanted: float, found: float) -> str:
    """How many times apart, with one digit: 2,000."""
    return f"{float(f'{wanted / found:.0e}'):,.0f}" if 0 < found <= wanted else ""


def _norms(one: NormsAt) -> dict[str, list[float]]:
    return {name: _numbers(norms) for name, norms in one["norms"].items()}


def _numbers(written: Iterable[float | str]) -> list[float]:
    return [float(number) for number in written]


def _whole(norms: Sequence[float]) -> float:
    return math.hypot(*norms)


def _divided(one: float, other: float) -> float:
    """As floating point divides: infinity and NaN where Python would raise an error."""
    if other == 0:
        return math.nan if one == 0 or math.isnan(one) else math.inf
    return one / other
