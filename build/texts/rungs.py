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
from collections.abc import Callable

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

    Counts come only from `train`. The first characters of `validation` have shorter contexts, which do not reach back
    into `train`. Every character of `validation` must be one of the vocab_size characters that p is a distribution
    over. `validation` must not be empty. `before_order` is called with each order before it is counted, which takes a
    while.
    """
    uniform = 1.0 / vocab_size
    probabilities = [uniform] * len(validation)  # of each validation character, under the current order
    rungs = [-math.log(uniform)]
    for order in range(1, highest_order + 1):
        if before_order is not None:
            before_order(order)
        followed, total, different = _counts(train, order)
        for end in range(order, len(validation) + 1):
            gram = validation[end - order : end]
            seen = total.get(gram[:-1])
            if seen:
                novel = different[gram[:-1]]
                probabilities[end - 1] = (followed.get(gram, 0) + novel * probabilities[end - 1]) / (seen + novel)
        rungs.append(-math.fsum(map(math.log, probabilities)) / len(probabilities))
    return rungs


def _counts(text: str, order: int) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """By gram of that length: occurrences. By context: occurrences, and number of different followers."""
    followed = Counter(text[i : i + order] for i in range(len(text) - order + 1))
    total: Counter[str] = Counter()
    for gram, count in followed.items():
        total[gram[:-1]] += count
    different = Counter(gram[:-1] for gram in followed)
    return followed, total, different
