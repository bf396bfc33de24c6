"""Catches: a seed that Python and the page read differently, so that a recording is not the run that a reader sees; an
empty seed that is accepted silently."""

from __future__ import annotations

import json
import sys
import unicodedata
from pathlib import Path

import pytest

from model import seeds
from recorded import record_command
from system.project import ROOT

CASES = json.loads((ROOT / "tests/engine/training/seed_cases.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("given", "read"), CASES, ids=range(len(CASES)))
def test_a_seed_is_read_as_in_the_page(given: str, read: str) -> None:
    assert seeds.normalised(given) == read
    assert seeds.normalised(read) == read


def test_every_character_of_a_kind_is_read_alike() -> None:
    for code in range(sys.maxunicode + 1):
        kind, one = unicodedata.category(chr(code)), chr(code)
        if kind == "Zs" or one in "\t\n\v\f\r\x85\u2028\u2029":
            wanted = "a b"
        elif kind == "Pd":
            wanted = "a-b"
        elif kind == "Cc":
            wanted = "ab"
        elif 0x20 <= code < 0x7F:
            wanted = f"a{one}b"
        else:
            continue
        assert seeds.normalised(f"a{one}b") == wanted, f"{code:04x}"


def test_a_long_seed_is_shortened_as_in_the_page() -> None:
    assert seeds.shown("macbeth") == "macbeth"
    assert seeds.shown("a" * 4000) == f"{'a' * 24} … {'a' * 16} (4,000 characters)"


@pytest.mark.parametrize("seed", ["", " \u00a0", "\u200b\ufeff", "\u3164"])
def test_an_empty_seed_is_refused_before_anything_is_recorded(tmp_path: Path, seed: str) -> None:
    out = tmp_path / "run.json"
    with pytest.raises(record_command.RecordError, match="--seed: nothing is left of the seed"):
        record_command.record(None, None, out, seed=seed)  # refused before text and presets are needed
    assert not out.exists()
