"""Unusable grammars and texts are refused with a sentence that names the place."""

import pytest

from texts import play_machine

WORDS = "[words]\nthing = 'moon sea'\n[rules]\n"


def made(rules: str) -> play_machine.Grammar:
    return play_machine.Grammar(play_machine.read_rules(WORDS + rules))


def walked(rules: str) -> int:
    return len(list(made(rules).states()))


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ("play = ['The {thnig}. {play}']", "'play'.*should be a weight"),
        ("play = ['0 The {thing}. {play}']", "should be a weight"),
        ("play = ['1 The {thnig}. {play}']", "{thnig}, which is neither"),
        ("verse = ['1 The {thing}. {verse}']", "no rule 'play'"),
        ("play = ['1 {play}']", "'play' leads back to itself without"),
        ("play = ['1 The {play} ends. {play}']", "'play' leads back to itself before"),
        ("play = ['1 {a}{play}']\na = ['1 x{b}y']\nb = ['1 {a}']", "leads back to itself before"),
        ("thing = ['1 x']\nplay = ['1 {thing}{play}']", "'thing' is both"),
        ("play = ['1 The end']", "ends the play"),
        ("play = ['1 A{play}', '2 A{play}']", "ambiguous"),
        ("play = ['1 The {thing}. {play}', '2 The moon. {play}']", "ambiguous"),
    ],
)
def test_unusable_grammar(rules, message):
    with pytest.raises(play_machine.GrammarError, match=message):
        walked(rules)


def test_word_twice():
    with pytest.raises(play_machine.GrammarError, match="a word occurs twice in the list 'thing'"):
        play_machine.read_rules("[words]\nthing = 'moon moon'\n[rules]\nplay = ['1 x{play}']")


def test_probabilities_of_a_small_grammar():
    grammar = made("play = ['3 a{play}', '1 ab{play}']")
    assert grammar.start.probabilities() == {"a": 1}
    after_a = grammar.step(grammar.start, "a")
    # After "a": with probability 1/4 "b" follows; otherwise the play continues, always with "a".
    assert {c: str(p) for c, p in after_a.probabilities().items()} == {"a": "3/4", "b": "1/4"}
    assert grammar.step(after_a, "b") is grammar.start


def test_two_endings_of_the_same_text_are_told_apart_by_what_follows():
    grammar = made("play = ['1 {long}', '2 {short}']\nlong = ['1 la la {play}']\nshort = ['1 la.{play}']")
    state = grammar.start
    for character in "la":
        state = grammar.step(state, character)
    assert {c: str(p) for c, p in state.probabilities().items()} == {" ": "1/3", ".": "2/3"}


def test_every_state_has_somewhere_to_go(grammar_name):
    states = list(play_machine.load_grammar(grammar_name).states())
    assert all(state.characters and min(state.weights) > 0 for state in states)
    assert 1_000 < len(states) < 20_000
    # Each character takes one 64-bit random number.
    assert max(state.total for state in states) < 1 << 48


def test_foreign_text():
    with pytest.raises(play_machine.UnknownTextError, match=r"never writes 'w' after 'KING:\\nNo' \(character 8\)"):
        play_machine.nll_per_character("KING:\nNow be it so")
    with pytest.raises(play_machine.UnknownTextError, match="did not write"):
        play_machine.validation_floor_nats("A LATECOMER:\nA text of someone else")


def test_unknown_grammar():
    with pytest.raises(play_machine.GrammarError, match="no grammar 'hard'; choose one of easy, play-machine"):
        play_machine.generate(grammar="hard")
