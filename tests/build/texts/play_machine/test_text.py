"""The play machine always writes the same bytes, with the 65 characters of tiny Shakespeare, in the form of a play."""

import hashlib
import re
import string
from collections import Counter
from itertools import pairwise

import pytest

from texts import play_machine

CHARACTERS = "\n !$&',-.3:;?" + string.ascii_letters
# A change of the grammar or of the random numbers changes these, and every recorded run on this text.
SHA256 = {
    "play-machine": "c40e87f6813683cfba90411332115e73b16c1d2013a39dda78fbe00010359a37",
    "easy": "5aff178a4d88fb20a58eaa0df765bdfe0ba8636de08dc5fd5fb61580f8eb1ae8",
}
WORDS = {"play-machine": (250, 350), "easy": (100, 180)}
# Syllables of the words in each slot; every literal word of the verse has one syllable.
SYLLABLES = {
    "thing": 1, "the": 1, "The": 1, "soft": 2, "does": 2, "goes": 2, "keeps": 1, "keep": 1, "will": 1, "dance": 1,
    "lost": 1, "cold": 1, "forgive": 2, "sing": 1, "beyond": 2, "And": 1, "still": 1, "i_am": 2,
}  # fmt: skip


def training_part(text: str) -> str:
    return text[: len(text) * 9 // 10]


def test_same_seed_same_bytes(play, grammar_name):
    assert hashlib.sha256(play.encode("ascii")).hexdigest() == SHA256[grammar_name]


def test_seed_is_normalised_and_matters():
    composed, decomposed = "caf\u00e9", "  cafe\u0301\n"
    assert play_machine.generate(composed, 2_000) == play_machine.generate(decomposed, 2_000)
    assert play_machine.generate("hamlet", 2_000) != play_machine.generate("hamlet2", 2_000)


@pytest.mark.parametrize("characters", [1, 100, 20_000])
def test_length_is_reached_and_the_last_speech_ends(characters):
    text = play_machine.generate("length", characters)
    assert characters - 1 <= len(text) < characters + 3_000
    assert re.search(r"[.!?]\n\Z", text)


def test_length_is_that_of_tiny_shakespeare(play):
    assert 1_095_000 < len(play) < 1_110_000


def test_all_65_characters_in_the_training_part(play):
    counts = Counter(training_part(play))
    assert "".join(sorted(counts)) == "".join(sorted(CHARACTERS))
    assert min(counts.values()) >= 250  # often enough to be learned
    assert set(play) == set(CHARACTERS)


def test_distinct_words(play, grammar_name):
    least, most = WORDS[grammar_name]
    words = Counter(re.findall(r"[a-z']+", play.lower()))
    assert least <= len(words) <= most
    assert min(words.values()) >= 20  # every word is frequent enough to be learnt


def test_words_follow_zipf(plays):
    words = Counter(re.findall(r"[a-z']+", plays["play-machine"]))
    listed = [piece for _, (piece,) in play_machine.load_grammar().rules["thing"]]
    ratio = words[listed[0]] / words[listed[-1]]
    expected = (len(listed) + play_machine.ZIPF_SHIFT) / (1 + play_machine.ZIPF_SHIFT)
    assert ratio == pytest.approx(expected, rel=0.15)
    counts = [count for _, count in words.most_common()]
    assert sum(counts[:20]) > 0.3 * sum(counts)  # few words do most of the work


def test_it_is_a_play(play):
    labels = re.findall(r"^([A-Z]+):$", play, flags=re.MULTILINE)
    assert len(set(labels)) == 12 and len(labels) > 10_000
    blocks = play.rstrip("\n").split("\n\n")
    business = [block for block in blocks if not re.match(r"[A-Z]+:\n", block)]
    assert all(re.fullmatch(r"(Exit|Enter) [^\n]+\.|[A-Z][a-z]+\.", block) for block in business)
    assert len(business) > 500
    verse = [block for block in blocks if re.match(r"(KING|QUEEN|GHOST|ZEPHYR|WIDOW|DUKE):\n", block)]
    prose = [block for block in blocks if re.match(r"(FOX|JESTER|BAKER|COOK|VICAR|MOLE):\n", block)]
    assert len(verse) + len(prose) + len(business) == len(blocks)
    assert any(block.count("\n") > 3 for block in verse)
    assert all(block.count("\n") == 1 for block in prose)


def test_a_question_is_answered(play):
    blocks = play.rstrip("\n").split("\n\n")
    answers = [after for before, after in pairwise(blocks) if before.endswith("?")]
    first_words = Counter(re.match(r"[A-Z]+:\n([A-Z][a-z]*|'Tis)", answer)[1] for answer in answers)
    assert set(first_words) == {"No", "It", "'Tis", "Ask", "Not", "Perhaps", "Quite", "For"}


def test_verse_scans():
    rules = play_machine.load_grammar().rules
    checked = 0
    for name in ("verse", "line", "next_line", "verse_answer", "culprit", "consent"):
        for _, pieces in rules[name]:
            template = play_machine.spelled_pieces(pieces)
            if name in ("culprit", "consent") and not template.startswith("{noble}"):
                continue
            verse = template.removeprefix("{noble}:\n").replace("{line_end}", "").replace("\n\n{answer}", "")
            if verse == "{line}":
                continue
            slots = re.findall(r"\{(\w+)\}", verse)
            literal_words = re.findall(r"[A-Za-z']+", re.sub(r"\{\w+\}", " ", verse))
            assert sum(SYLLABLES[slot] for slot in slots) + len(literal_words) == 10, template
            checked += 1
    assert checked >= 17
