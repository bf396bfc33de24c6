"""Checks of attention heads: which of them have a high score, and how far back one looks."""

from __future__ import annotations

from claims.check import Figure, Found, Words, check
from claims.facts import Facts, WrongPathError
from claims.figures import value_of, written

SCORES = ("previous", "prefix", "distance")
NONE = "none"  # named alone, where no head has such a score


@check
def heads_above(facts: Facts, run: str, score: str, iteration: int, level: Figure, heads: Words) -> Found:
    """Of all heads of an observed run, exactly those named have a score above a figure: 1.2 is layer 1, head 2.

    The score is previous, prefix, or distance, which is how many characters a head looks back on average.
    """
    if score not in SCORES:
        raise WrongPathError(f"score is “{score}”; it is one of {', '.join(SCORES)}")
    found, limit, n_head = facts.at(f"{run}.{score}.{iteration}"), value_of(facts, level), facts.at(f"{run}.n_head")
    named = {f"{place // n_head + 1}.{place % n_head + 1}": value for place, value in found.items()}
    unknown = [head for head in heads if head not in named and head != NONE]
    if unknown:
        raise WrongPathError(f"there is no head {unknown[0]}; the last one is {[*named][-1]}")
    above = [head for head, value in named.items() if value > limit]
    said = ", ".join(f"{head} with {written(named[head])}" for head in above) or "no head"
    return Found(above == [head for head in named if head in heads], f"above {written(limit)} there is {said}")
