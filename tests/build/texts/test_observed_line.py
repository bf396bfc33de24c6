"""Catches: a line that a model trains on, that is cut off, or that another window than the recorded one shows."""

from __future__ import annotations

from texts.observed_line import FURTHER, LENGTH, SHORTEST, observed_lines, window

TRAINING = "x" * 900
SPEECH = "GREMIO:\nGood morrow, neighbour Baptista.\n"


def lines_of(validation: str, block_size: int = 64) -> dict | None:
    return observed_lines(TRAINING + validation, len(TRAINING), block_size)


def test_it_is_the_first_whole_line_with_what_precedes_it() -> None:
    text = TRAINING + "?\n\n" + SPEECH + "\nGood morrow, neighbour Gremio.\n" + "and so on\n" * 9
    lines = observed_lines(text, len(TRAINING), 64)
    assert lines["length"] == LENGTH and window(text, lines) == SPEECH
    assert len(lines["starts"]) == 1 + FURTHER


def test_lines_that_are_too_short_or_too_long_are_passed_over() -> None:
    good = "a" * SHORTEST
    for other in ("b" * (SHORTEST - 1), "b" * (LENGTH + 1)):
        text = TRAINING + (other + "\n") * 3 + good + "\n" + "c" * 99
        assert window(text, observed_lines(text, len(TRAINING), 64)).endswith(f"\n{good}\n")


def test_a_line_that_reaches_back_into_the_training_text_is_passed_over() -> None:
    lines = lines_of("a" * 30 + "\n" + "b" * 30 + "\n" + "c" * 99)
    assert lines["starts"][0] == len(TRAINING) + 62 - LENGTH - 1


def test_a_text_without_such_a_line_has_the_first_window() -> None:
    assert lines_of("on and on " * 20)["starts"][0] == len(TRAINING)


def test_every_window_fits_the_context_and_the_validation_part() -> None:
    for block_size in (8, 24, 40, 64):
        lines = lines_of("some words of a line.\n" * 20, block_size)
        assert lines["length"] == min(LENGTH, block_size)
        last = len(TRAINING) + 22 * 20 - lines["length"] - 1
        further = lines["starts"][1:]
        assert further == sorted(further) and (further[0], further[-1]) == (len(TRAINING), last)
        assert len(TRAINING) <= lines["starts"][0] <= last


def test_a_validation_part_too_short_for_a_window_has_no_line() -> None:
    assert lines_of("a" * LENGTH) is None
    assert lines_of("a" * (LENGTH + 1))["starts"] == [len(TRAINING)] * (1 + FURTHER)
