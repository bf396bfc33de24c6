"""Normalises seeds as engine/training/seed.ts does in the page, from the same table, seed_characters.json."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable

from system.project import ROOT

TABLE = ROOT / "engine/training/seed_characters.json"
# Messages shorten longer seeds to this many characters of the beginning and of the end.
LONGEST_SHOWN, BEGINNING, END = 48, 24, 16
EMPTY = "nothing is left of the seed without spaces and characters that have no width; any word will do"


def _code_points(ranges: Iterable[str]) -> Iterable[int]:
    for one in ranges:
        first, _, last = one.partition("-")
        yield from range(int(first, 16), int(last or first, 16) + 1)


def _folds() -> dict[int, str]:
    table = json.loads(TABLE.read_text(encoding="utf-8"))
    folds = dict.fromkeys(_code_points(table["removed"]["ranges"]), "")
    for fold in table["folded"]:
        folds |= dict.fromkeys(_code_points(fold["ranges"]), fold["into"])
    return folds


_FOLDS = _folds()


def normalised(seed: str) -> str:
    """The seed without characters of no width, with plain spaces and hyphens, in NFC, trimmed. It may be empty."""
    return unicodedata.normalize("NFC", seed.translate(_FOLDS)).strip(" ")


def shown(seed: str) -> str:
    """The seed for a sentence; a very long one is shortened to its beginning, its end and its length."""
    if len(seed) <= LONGEST_SHOWN:
        return seed
    return f"{seed[:BEGINNING]} … {seed[-END:]} ({len(seed):,} characters)"
