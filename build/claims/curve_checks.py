"""Checks of figures and curves: where a loss lies, what it stays near, when it passes a level, which run is lowest."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from claims.check import Count, Curve, Figure, Found, Stretch, Table, check
from claims.facts import Facts, WrongPathError
from claims.figures import points_of, value_of, written

WAYS = {"up": 1, "down": -1}


@check
def lies(
    facts: Facts,
    figure: Figure,
    above: Figure | None = None,
    below: Figure | None = None,
    near: Figure | None = None,
    within: float | None = None,
) -> Found:
    """A figure is above one, below another, or within so much of a third."""
    value = value_of(facts, figure)
    return _lies(facts, f"{_named(figure)} is {written(value)}", value, above, below, near, within)


def _lies(facts: Facts, what: str, value: float, above: Any, below: Any, near: Any = None, within: Any = None) -> Found:
    if (near is None) != (within is None) or (above is None and below is None and near is None):
        raise WrongPathError("it needs above, below, or near together with within")
    limits = {name: value_of(facts, one) for name, one in (("above", above), ("below", below)) if one is not None}
    if "above" in limits and not value > limits["above"]:
        return Found(False, f"{what}, which is not above {written(limits['above'])}")
    if "below" in limits and not value < limits["below"]:
        return Found(False, f"{what}, which is not below {written(limits['below'])}")
    if near is not None:
        middle = value_of(facts, near)
        if not abs(value - middle) <= within:
            return Found(False, f"{what}, which is not within {written(within)} of {written(middle)}")
    return Found(True, what)


@check
def stays(
    facts: Facts,
    curve: Curve,
    between: Stretch | None = None,
    above: Figure | None = None,
    below: Figure | None = None,
    smoothed: Count = 1,
) -> Found:
    """Every point of a curve, in a stretch of iterations, is above one figure or below another."""
    found = Found(False, "nothing")
    above, below = (None if one is None else value_of(facts, one) for one in (above, below))
    for at, value in points_of(facts, curve, between, smoothed).items():
        found = _lies(facts, f"{curve} is {written(value)} at iteration {at}", value, above, below)
        if not found.holds:
            break
    return found


@check
def stays_near(facts: Facts, curve: Curve, other: Curve, within: float, between: Stretch, smoothed: Count = 1) -> Found:
    """A curve stays within so much of another between two iterations."""
    ours, theirs = (points_of(facts, path, between, smoothed) for path in (curve, other))
    both = {at: abs(ours[at] - theirs[at]) for at in ours if at in theirs}
    if not both:
        raise WrongPathError(f"{curve} and {other} have no iteration in common there")
    far = next((at for at, distance in both.items() if not distance <= within), None)  # NaN is far, too
    at = max(both, key=both.__getitem__) if far is None else far
    return Found(far is None, f"{curve} is {written(both[at])} away from {other} at iteration {at}")


@check
def passes(
    facts: Facts, curve: Curve, level: Figure, way: str, between: Stretch, after: int = 0, smoothed: Count = 1
) -> Found:
    """A curve first passes a level, up or down, between two iterations; `after` leaves out those before it."""
    limit, sign = value_of(facts, level), _sign(way)
    points = points_of(facts, curve, None, smoothed)
    first = next((at for at, value in points.items() if at >= after and sign * (value - limit) > 0), None)
    what = f"goes {'above' if sign > 0 else 'below'} {written(limit)}"
    if first is None:
        return Found(False, f"{curve} never {what}")
    holds = between[0] <= first <= between[1]
    return Found(holds, f"{curve} first {what} at iteration {first}, not between {between[0]} and {between[1]}")


@check
def goes(facts: Facts, curve: Curve, way: str, between: Stretch | None = None, smoothed: Count = 1) -> Found:
    """Every point of a curve is higher, or lower, than the one before it."""
    sign = _sign(way)
    points = points_of(facts, curve, between, smoothed)
    for (_, before), (at, value) in pairwise(points.items()):
        if not sign * (value - before) > 0:
            return Found(False, f"{curve} goes from {written(before)} to {written(value)} at iteration {at}")
    return Found(len(points) > 1, f"{curve} goes {way}")


@check
def rises_as_it_falls(facts: Facts, rising: Curve, falling: Curve, high: Figure, low: Figure, least: Figure) -> Found:
    """While one curve falls from above `high` of its first value to below `low` of it, another makes at least the part
    `least` of its whole rise, from its first point to its highest."""
    rises, falls = points_of(facts, rising), points_of(facts, falling)
    first = next(iter(falls.values()))
    above, below = (value_of(facts, {"product": [part, first]}) for part in (high, low))
    end = next((at for at, value in falls.items() if value < below), None)
    start = next((at for at in reversed(falls) if falls[at] > above and (end is None or at < end)), None)
    if start is None or end is None:
        return Found(False, f"{falling} does not fall from above {written(above)} to below {written(below)}")
    if not {start, end} <= {*rises}:
        raise WrongPathError(f"{rising} has no point at iteration {start} or {end}")
    whole, then = max(rises.values()) - next(iter(rises.values())), rises[end] - rises[start]
    said = f"{rising} rises by {written(then)} of {written(whole)} between iterations {start} and {end}"
    return Found(whole > 0 and then >= value_of(facts, {"product": [least, whole]}), said)


@check
def steps(facts: Facts, curve: Curve, below: Figure, between: Stretch | None = None) -> Found:
    """No point of a curve is as far as a figure from the one before it."""
    limit = value_of(facts, below)
    pairs = {
        at: abs(value - before) for (_, before), (at, value) in pairwise(points_of(facts, curve, between, 1).items())
    }
    if not pairs:
        raise WrongPathError(f"{curve} has fewer than two points there")
    at = max(pairs, key=pairs.__getitem__)
    found = f"{curve} changes by {written(pairs[at])} at iteration {at}, not by less than {written(limit)}"
    return Found(all(step < limit for step in pairs.values()), found)


@check
def finite(facts: Facts, curve: Curve, points: Figure | None = None) -> Found:
    """Every point of a curve is a finite number, and there are as many as the claim says."""
    found = points_of(facts, curve)
    wrong = next((at for at, value in found.items() if not math.isfinite(value)), None)
    if wrong is not None:
        return Found(False, f"{curve} is {found[wrong]} at iteration {wrong}")
    wanted = len(found) if points is None else value_of(facts, points)
    return Found(len(found) == wanted, f"{curve} has {len(found)} points, not {written(wanted)}")


@check
def ranked(facts: Facts, figures: Table, lowest: str | None = None, highest: str | None = None) -> Found:
    """Among named figures, such as the ends of several runs, the lowest or the highest is the one named."""
    if len(figures) < 2:
        raise WrongPathError(f"figures has {len(figures)}; it needs two or more, to compare them")
    values = {name: value_of(facts, one) for name, one in figures.items()}
    unknown = next((name for name in (lowest, highest) if name is not None and name not in values), None)
    if unknown is not None or (lowest is None and highest is None):
        raise WrongPathError(f"it needs lowest or highest, the name of one of {', '.join(values)}")
    order = sorted(values, key=values.__getitem__)
    said = ", ".join(f"{name} {written(values[name])}" for name in order)
    holds = (lowest is None or order[0] == lowest) and (highest is None or order[-1] == highest)
    return Found(holds, f"from the lowest up they are {said}")


@check
def verdict(facts: Facts, run: str, name: str, between: Stretch | None = None) -> Found:
    """A recorded run has that verdict, at an iteration in that stretch."""
    found = facts.at(f"{run}.verdict")
    said = f"the verdict of {run} is {found['name']}"
    if found["name"] != name:
        return Found(False, said)
    at = found.get("iteration")
    return Found(between is None or (at is not None and between[0] <= at <= between[1]), f"{said} at iteration {at}")


@check
def equals(facts: Facts, fact: str, value: Figure) -> Found:
    """A fact is exactly that value: a number, a word or a list."""
    found = facts.at(fact)
    if isinstance(found, Mapping):
        raise WrongPathError(f"{fact} names a group of facts; name one of them")
    return Found(found == value, f"{fact} is {found}")


def _sign(way: str) -> int:
    if way not in WAYS:
        raise WrongPathError(f"way is “{way}”; it is up or down")
    return WAYS[way]


def _named(wanted: Any) -> str:
    return wanted if isinstance(wanted, str) else "it"
