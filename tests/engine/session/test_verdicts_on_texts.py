"""Verdicts allow for the text: two letters or 256, much to learn, little or nothing.

Catches: a healthy run with a bad verdict because of its text; a bad run without one. Every run is real, with a model
small enough to train in a second. Its batch of 64 sequences of 16 characters contains as many characters as a healthy
preset's.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable

import pytest

from system import deno_program
from texts import rungs as rungs_of_text

LENGTH = 24_000
HEALTHY = {"iterations": 110, "batch_size": 64, "learning_rate": 1e-2}


def dice(weights: dict[str, float]) -> str:
    """Independent characters."""
    return "".join(random.Random(7).choices(list(weights), list(weights.values()), k=LENGTH))


def stays(letters: str, stay: float) -> str:
    """Each character repeats the previous one with probability `stay`, otherwise it is random."""
    chance, text = random.Random(7), letters[0]
    while len(text) < LENGTH:
        text += text[-1] if chance.random() < stay else chance.choice(letters)
    return text


def words(characters: str) -> str:
    """Forty made-up words in random order."""
    chance = random.Random(7)
    vocabulary = ["".join(chance.choices(characters, k=chance.randint(2, 7))) for _ in range(40)]
    return "".join(chance.choices([*characters], k=len(characters) * 2)) + " ".join(chance.choices(vocabulary, k=5000))


def many(count: int) -> str:
    return "".join(chr(0x4E00 + i) for i in range(count))


TEXTS: dict[str, Callable[[], str]] = {
    "two letters, one of them rare": lambda: dice({"a": 9, "b": 1}),
    "two letters, nearly even": lambda: dice({"a": 7, "b": 3}),
    "two letters, nothing to learn": lambda: dice({"a": 1, "b": 1}),
    "two letters that stay": lambda: stays("ab", 0.9),
    "three letters that stay": lambda: stays("abc", 0.7),
    "two letters, in turn": lambda: "ab" * (LENGTH // 2),
    "nearly one letter": lambda: dice({"a": 2000, **dict.fromkeys("bcdefghijklmnopqrstuvwxyz", 1)}),
    "ten digits, nothing to learn": lambda: dice(dict.fromkeys("0123456789", 1)),
    "256 characters, nothing to learn": lambda: dice(dict.fromkeys(many(256), 1)),
    "256 characters, some of them often": lambda: dice({c: 1 / (i + 1) for i, c in enumerate(many(256))}),
    "words of twenty letters": lambda: words("abcdefghijklmnopqrst"),
}


def known(text: str) -> dict:
    end = LENGTH * 9 // 10
    vocab_size = len(set(text))
    found = rungs_of_text.cross_entropies(text[:end], text[end:], vocab_size)
    return {"text": text, "rungs": dict(zip(rungs_of_text.NAMES, found, strict=True))}


def judged(*runs: dict) -> list[dict]:
    arguments = ["--frozen", "--cached-only", "--no-check", "tests/engine/session/verdict_runs.ts"]
    wanted = json.dumps(runs)
    result = deno_program.run("run", *arguments, input=wanted, capture_output=True, text=True, encoding="utf-8")
    assert result.returncode == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_healthy_run_is_clean_on_every_text() -> None:
    for name, found in zip(TEXTS, judged(*({**known(text()), **HEALTHY} for text in TEXTS.values())), strict=True):
        assert found["trail"] == ["too short to tell", "clean"], (name, found)


@pytest.mark.parametrize(
    "text",
    [
        "two letters that stay",
        pytest.param("two letters, one of them rare", marks=pytest.mark.full),
        pytest.param("three letters that stay", marks=pytest.mark.full),
    ],
)
def test_a_sick_run_is_named_on_few_letters_too(text: str) -> None:
    sick = {
        "noisy": {"batch_size": 4},
        "flat": {"learning_rate": 1e-7},
        "exploded": {"learning_rate": 10},
    }
    runs = [{**known(TEXTS[text]()), **HEALTHY, **change} for change in sick.values()]
    for name, found in zip(sick, judged(*runs), strict=True):
        assert found["verdict"]["name"] == name, found
