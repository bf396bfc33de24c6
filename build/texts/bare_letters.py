"""A text in bare letters, as Shannon counted English: lower case, and one space for whatever is not a letter.

What the full text costs beyond it is the price of capitals, punctuation and line breaks. The two differ in length,
so their losses per character do not compare directly: each is multiplied by its own number of characters first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_OTHERS = re.compile(r"[\W\d_]+")


@dataclass(frozen=True)
class BareLetters:
    characters: int
    symbols: int  # different ones; 27 for English
    # Its characters for each character of the full text, on the validation part; below 1.
    per_character: float
    # By n-gram model, nats per character of this text.
    rungs: dict[str, float]

    def extra(self, full: dict[str, float]) -> dict[str, float]:
        """By n-gram model, what each character of the full text costs beyond its share of this one, in nats."""
        return {name: nats - self.rungs[name] * self.per_character for name, nats in full.items()}


@lru_cache(maxsize=8)  # `serve` needs it at every edit, and the text hardly ever changes
def bare(text: str) -> str:
    return _OTHERS.sub(" ", text.lower())
