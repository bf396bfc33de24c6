"""Catches: a wrong count or interpolation, counts from the validation part, contexts that reach into training."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from texts import corpus as corpora
from texts import rungs

SHAKESPEARE_RUNGS = {
    "uniform": 4.17,
    "unigram": 3.35,
    "bigram": 2.49,
    "trigram": 2.05,
    "fourgram": 1.77,
    "fivegram": 1.67,
}


def brute_force(train: str, context: str, character: str, vocab_size: int) -> Fraction:
    """p(character | context) by Witten and Bell, straight from the formula: exact, recursive, slow."""
    if context == "<uniform>":
        return Fraction(1, vocab_size)
    below = brute_force(train, context[1:] if context else "<uniform>", character, vocab_size)
    length = len(context)
    followers = [train[i + length] for i in range(len(train) - length) if train[i : i + length] == context]
    if not followers:
        return below
    different = len(set(followers))
    return (followers.count(character) + different * below) / (len(followers) + different)


@pytest.mark.parametrize(
    ("train", "validation"),
    [
        ("abracadabra abracadabra", "abra cadab"),
        ("aaaaaaaaab", "ba"),
        ("to be or not to be", "that is"),  # characters and contexts that are not in the training part
        ("xy", "yxyxyx"),  # shorter than the highest order
    ],
)
def test_agrees_with_the_formula(train: str, validation: str) -> None:
    vocab_size = len(set(train + validation))
    got = rungs.cross_entropies(train, validation, vocab_size, highest_order=5)
    assert got[0] == math.log(vocab_size)
    for order in range(1, 6):
        probabilities = [
            brute_force(train, validation[max(0, i - order + 1) : i], character, vocab_size)
            for i, character in enumerate(validation)
        ]
        # The first order - 1 characters have shorter contexts, as at the beginning of a model's window.
        expected = -sum(math.log(p) for p in probabilities) / len(validation)
        assert got[order] == pytest.approx(expected, abs=1e-12)


def test_every_distribution_sums_to_one() -> None:
    train, vocabulary = "she sells sea shells by the sea shore", sorted(set("she sells sea shells by the sea shore!"))
    for context in ["", "s", "se", "sea", "ell", "zz"]:
        # Scores context + c for every c; the probability of c alone follows from the difference of two sums.
        total = 0.0
        for character in vocabulary:
            whole = rungs.cross_entropies(train, context + character, len(vocabulary), 4)[4] * (len(context) + 1)
            start = rungs.cross_entropies(train, context, len(vocabulary), 4)[4] * len(context) if context else 0.0
            total += math.exp(start - whole)
        assert total == pytest.approx(1.0, abs=1e-12)


def test_of_the_corpus_at_hand(corpus: corpora.Corpus) -> None:
    got = corpus.rungs()
    assert got is not None
    assert list(got) == list(rungs.NAMES)
    assert got["uniform"] == math.log(len(corpus.vocab))
    assert got["uniform"] > got["unigram"] > got["bigram"] > got["trigram"]
    if corpus.name == corpora.SHAKESPEARE:
        assert {name: round(value, 2) for name, value in got.items()} == SHAKESPEARE_RUNGS


def test_a_window_s_surprises_are_those_of_its_own_context() -> None:
    train, window = "abracadabra abracadabra", "dabra cab"
    found = rungs.surprises(train, window, 6)
    assert list(found) == list(rungs.NAMES)
    for order, surprises in enumerate(found.values()):
        for i, nats in enumerate(surprises, start=1):
            context = window[max(0, i - order + 1) : i] if order else "<uniform>"
            assert nats == pytest.approx(-math.log(brute_force(train, context, window[i], 6)), abs=1e-12)
