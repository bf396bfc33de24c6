"""The rungs on the loss chart: the losses that counting models reach on the same text.

An n-gram model predicts the next character from the n - 1 before it, by counting what followed them in the training
part. Counts of long contexts are sparse, so each order is interpolated with the order below, as in Witten and Bell: a
context h seen N(h) times with D(h) different followers gives

    p(c | h) = (N(h c) + D(h) p(c | h')) / (N(h) + D(h)),     h' = h without its first character,

down to the uniform 1 / vocab_size. (I. H. Witten, T. C. Bell, "The zero-frequency problem: estimating the probabilities
of novel events in adaptive text compression", IEEE Transactions on Information Theory 37, 1991, method C.)
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Container, Iterator

from system.project import ROOT

# From the lowest order up: the name of each rung in recordings, scripts and the engine -> its name on pages.
FILE = ROOT / "engine/training/rungs.json"
NAMES: dict[str, str] = json.loads(FILE.read_text(encoding="utf-8"))
HIGHEST_ORDER = len(NAMES) - 1


def cross_entropies(
    train: str,
    validation: str,
    vocab_size: int,
    highest_order: int = 5,
    before_order: Callable[[int], None] | None = None,
) -> list[float]:
    """Mean -ln p(character) over the validation part, in nats, for orders 0 (uniform) to highest_order.

    `validation` must not be empty; the rest is as in `probabilities`.
    """
    uniform, *by_order = probabilities(train, validation, vocab_size, highest_order, before_order)
    return [-math.log(uniform[0]), *(-math.fsum(map(math.log, own)) / len(own) for own in by_order)]


def surprises(train: str, window: str, vocab_size: int) -> dict[str, list[float]]:
    """-ln p of the characters of a window after its first, in nats, by the name of the model that counts.

    Like the transformer, these models see only the window.
    """
    known = {window[end - length : end] for end in range(1, len(window)) for length in range(HIGHEST_ORDER)}
    by_order = probabilities(train, window, vocab_size, HIGHEST_ORDER, contexts=known)
    return {name: [-math.log(p) for p in own[1:]] for name, own in zip(NAMES, by_order, strict=True)}


def probabilities(
    train: str,
    validation: str,
    vocab_size: int,
    highest_order: int,
    before_order: Callable[[int], None] | None = None,
    contexts: Container[str] | None = None,
) -> Iterator[list[float]]:
    """For orders 0 (uniform) to highest_order: p of each character of `validation`.

    Counts come only from `train`. The first characters of `validation` have shorter contexts, which do not reach back
    into `train`. Every character of `validation` must be one of the vocab_size characters that p is a distribution
    over. `before_order` is called with each order before it is counted, which takes a while; counting only what follows
    certain `contexts`, which must be all that occur in `validation`, is faster.
    """
    found = [1.0 / vocab_size] * len(validation)
    yield list(found)
    for order in range(1, highest_order + 1):
        if before_order is not None:
            before_order(order)
        followed, total, different = _counts(train, order, contexts)
        for end in range(order, len(validation) + 1):
            gram = validation[end - order : end]
            seen = total.get(gram[:-1])
            if seen:
                novel = different[gram[:-1]]
                found[end - 1] = (followed.get(gram, 0) + novel * found[end - 1]) / (seen + novel)
        yield list(found)


def _counts(
    text: str, order: int, contexts: Container[str] | None = None
) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """By gram of that length: occurrences. By context: occurrences, and number of different followers."""
    starts = range(len(text) - order + 1)
    if contexts is not None:
        starts = (i for i in starts if text[i : i + order - 1] in contexts)
    followed = Counter(text[i : i + order] for i in starts)
    total: Counter[str] = Counter()
    for gram, count in followed.items():
        total[gram[:-1]] += count
    different = Counter(gram[:-1] for gram in followed)
    return followed, total, different
