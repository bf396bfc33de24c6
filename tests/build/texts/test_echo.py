"""Echo is always the same bytes in the same form, and its floors are those of the rules, computed in another way."""

import hashlib
import math
from collections import Counter
from fractions import Fraction
from itertools import pairwise

import pytest

from texts import echo
from texts.play_machine import UnknownTextError

# A change of the rules or of the random numbers changes it, and every recorded run on this text.
SHA256 = "edc447470a210c63a70d13b0ef2228fef5cd32c190d193ae53a3ec6b34a61dac"
LENGTHS = range(4, 9)


@pytest.fixture(scope="module")
def text() -> str:
    return echo.generate()


def test_same_seed_same_bytes(text):
    assert hashlib.sha256(text.encode("ascii")).hexdigest() == SHA256
    assert echo.generate("another", 1_000) != text[: len(echo.generate("another", 1_000))]


def test_each_line_is_a_run_of_4_to_8_letters_written_four_times(text):
    lines = text.removesuffix("\n").split("\n")
    runs = [line.split(" ") for line in lines]
    assert all(len(written) == 4 and len({*written}) == 1 for written in runs)
    assert {len(run) for run, *_ in runs} == {*LENGTHS}
    assert {*"".join(run for run, *_ in runs)} == {*"abcdefghijklmnop"}
    assert 300_000 <= len(text) < 300_036


def test_lengths_and_letters_are_equally_frequent(text):
    """Chi-square: a bound that a fair generator would pass by chance in all but one of 10,000 seeds."""
    runs = [line.split(" ")[0] for line in text.splitlines()]
    for counts, bound in ((Counter(map(len, runs)), 23.5), (Counter("".join(runs)), 44.3)):
        mean = counts.total() / len(counts)
        assert sum((count - mean) ** 2 / mean for count in counts.values()) < bound


def probability_of_beginning(line: str) -> Fraction:
    """Of all lines that begin like this, summed length by length."""
    total = Fraction(0)
    for length in LENGTHS:
        run = line.split(" ")[0][:length]
        fits = len(run) == length or " " not in line  # the letters of a longer run are still free
        whole = run.ljust(length, "?")
        written = " ".join([whole] * 4) + "\n"
        if fits and all(one in (other, "?") for one, other in zip(written, line, strict=False)):
            total += Fraction(1, 5 * 16 ** len(run))
    return total


def test_the_probabilities_are_those_of_the_rules(text):
    beginning = text[: text.index("\n", 400) + 1]
    expected = []
    for line in beginning.splitlines(keepends=True):
        known = [probability_of_beginning(line[:place]) for place in range(len(line) + 1)]
        assert known[0] == 1
        expected += [math.log(before / after) for before, after in pairwise(known)]
    assert echo.nll_per_character(beginning) == pytest.approx(expected, abs=1e-12)


def test_floors_are_the_means(text):
    found, nll = echo.floors(text), echo.nll_per_character(text)
    lengths = [len(line.split(" ")[0]) for line in text.splitlines()]
    nats = sum(length * math.log(16) + math.log(5) for length in lengths)
    assert found.first == pytest.approx(nats / sum(length + 1 for length in lengths))
    assert found.copies == 0
    assert found.whole == pytest.approx(math.fsum(nll) / len(text)) == pytest.approx(nats / len(text))
    assert echo.expected_floors() == pytest.approx(found, abs=1e-3)
    split = len(text) * 9 // 10
    assert echo.validation_floor_nats(text) == pytest.approx(math.fsum(nll[split:]) / len(nll[split:]))
    assert echo.validation_floors(text) == echo.floors(text, split)


def test_hardly_any_run_of_the_validation_part_is_in_the_training_part(text):
    split = len(text) * 9 // 10
    trained, validated = ({line.split(" ")[0] for line in part.splitlines()} for part in (text[:split], text[split:]))
    assert len(validated & trained) < 0.02 * len(validated)


@pytest.mark.parametrize(
    "line", ["abc abc abc abc\n", "abcd abcd abcd abcd", "abcd abcd abcd abce\n", "abcz abcz abcz abcz\n", "\n"]
)
def test_a_line_of_another_form_is_refused(line):
    with pytest.raises(UnknownTextError, match="line 1"):
        echo.nll_per_character(f"abcd abcd abcd abcd\n{line}")
