"""Figures that a claim computes from facts: a number, a path, or one of these groups.

    {mean: CURVE, between: [A, B]}      likewise highest, lowest, and jump: the median step from a point to the next
    {where_lowest: CURVE}               the iteration of the lowest point; likewise where_highest
    {difference: [F, F]}                likewise ratio, sum, product, power
    {ln: F}                             likewise exp

A CURVE is the path of values by iteration; `between` may be left out everywhere, and includes both ends.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

from claims.facts import Facts, WrongPathError
from reading.error_messages import one_of, said

Series = dict[int, float]


def _jump(points: Series) -> float:
    if len(points) < 2:
        raise WrongPathError("a jump needs two points or more")
    return statistics.median(abs(after - before) for before, after in pairwise(points.values()))


OF_CURVES: dict[str, Callable[[Series], float]] = {
    "mean": lambda points: statistics.fmean(points.values()),
    "highest": lambda points: max(points.values()),
    "lowest": lambda points: min(points.values()),
    "jump": _jump,
    "where_highest": lambda points: max(points, key=points.__getitem__),
    "where_lowest": lambda points: min(points, key=points.__getitem__),
}
OF_FIGURES: dict[str, Callable[..., float]] = {
    "difference": lambda a, b: a - b,
    "ratio": lambda a, b: a / b,  # a TypeError means too many figures or too few
    "sum": lambda *all_of_them: math.fsum(all_of_them),
    "product": lambda *all_of_them: math.prod(all_of_them),
    "power": lambda a, b: float(a) ** b,
    "ln": lambda a: math.log(a),
    "exp": lambda a: math.exp(a),
}
TAKEN = "a figure is a number, the path of a fact, or a group such as {mean: run-shakespeare.train_nll}"


def value_of(facts: Facts, wanted: Any) -> float:
    """The number that `wanted` describes. Raises NotHereError, WrongPathError."""
    if isinstance(wanted, str):
        return _number(facts.at(wanted), f"{wanted} is not a number")
    if isinstance(wanted, Mapping):
        return _computed(facts, wanted)
    return _number(wanted, f"{TAKEN}, not {said(wanted)}")


def _number(value: Any, otherwise: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise WrongPathError(otherwise)
    try:
        float(value)
    except OverflowError as problem:
        raise WrongPathError("a figure has more than 300 digits") from problem
    return value


def _computed(facts: Facts, wanted: Mapping[str, Any]) -> float:
    ways = [*OF_CURVES, *OF_FIGURES]
    names = [name for name in wanted if name != "between"]
    name = next((name for name in names if name not in ways), None)
    if name is not None:
        raise WrongPathError(f"a figure cannot be made with “{name}”; {one_of('ways', name, ways)}")
    if len(names) != 1:
        raise WrongPathError(
            f"a figure has {' and '.join(names) or 'no way to make it'}; give it one of {', '.join(ways)}"
        )
    (name,) = names
    if name in OF_CURVES:
        return OF_CURVES[name](points_of(facts, wanted[name], wanted.get("between")))
    if "between" in wanted:
        raise WrongPathError(f"between belongs to a curve, and {name} is made of figures; remove it")
    parts = wanted[name] if isinstance(wanted[name], list) else [wanted[name]]
    values = [value_of(facts, part) for part in parts]
    impossible = f"there is no {name} of {', '.join(map(written, values))}"
    try:
        return _number(OF_FIGURES[name](*values), impossible)
    except TypeError as problem:
        raise WrongPathError(f"{name} has {len(parts)} figures, which are too many or too few") from problem
    except (ArithmeticError, ValueError) as problem:
        raise WrongPathError(impossible) from problem


def points_of(facts: Facts, path: Any, between: Any = None, smoothed: int = 1) -> Series:
    """The points of a curve in a stretch of iterations. `smoothed` replaces each by the mean of it and those before it.

    Raises NotHereError, WrongPathError.
    """
    if not isinstance(path, str):
        raise WrongPathError(f"a curve is a path, such as run-shakespeare.train_nll, not {said(path)}")
    points = facts.at(path)
    if not isinstance(points, Mapping) or not points or not all(isinstance(at, int) for at in points):
        raise WrongPathError(f"{path} is not a curve")
    points = {at: _loss(value, path) for at, value in points.items()}
    if smoothed > 1:
        values = [*points.values()]
        means = [statistics.fmean(values[max(0, end - smoothed) : end]) for end in range(1, len(values) + 1)]
        points = dict(zip(points, means, strict=True))
    first, last = (min(points), max(points)) if between is None else _stretch(between)
    found = {at: value for at, value in points.items() if first <= at <= last}
    if len(found) < 1:
        raise WrongPathError(f"{path} has no point between iterations {first} and {last}")
    return found


def _loss(value: Any, path: str) -> float:
    """A point of a curve. Where a run has diverged it may be a word: JSON has no NaN."""
    return math.nan if value == "NaN" else _number(value, f"{path} is not a curve")


def _stretch(between: Any) -> tuple[int, int]:
    whole = isinstance(between, list) and all(isinstance(at, int) and not isinstance(at, bool) for at in between)
    if not whole or len(between) != 2 or between[0] > between[1]:
        raise WrongPathError(f"between is {said(between)}; it must be two iterations, such as [275, 299]")
    return between[0], between[1]


def written(value: Any) -> str:
    """A figure for a message: four digits, or all of a whole number."""
    if isinstance(value, float) and math.isfinite(value) and not (value.is_integer() and abs(value) < 1e9):
        return f"{value:.4g}"
    return str(int(value)) if isinstance(value, float) and math.isfinite(value) else str(value)
