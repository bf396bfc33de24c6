"""The floor, recomputed from the text alone by an independent parser that shares no code with the automaton.

The parser reads `play_machine.toml` itself and works top-down, alternative by alternative, with the probability of each
choice that the text reveals. The automaton works character by character instead.
"""

import bisect
import math
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

import pytest

from texts import play_machine

POSITIONS = 1_000
LONGEST_DEPENDENCY = 40  # characters, as the project's notes promise
# For logarithms of products of up to 10^6 floats: far above their rounding errors, far below any real mistake.
TOLERANCE_NATS = 1e-9


class Parser:
    """Rules as {name: [(probability, [piece])]}; a piece is ("text", literal) or ("rule", name)."""

    def __init__(self, grammar_name: str):
        content = tomllib.loads(play_machine.GRAMMAR_FILE.read_text(encoding="utf-8"))
        self.rules: dict[str, list[tuple[Fraction, tuple]]] = {}
        for name, words in content["words"].items():
            listed = words.split()
            if grammar_name == "easy":
                listed = listed[: max(4, -(-len(listed) // 3))]
            weighted = [(5040 // (rank + 6), (("text", word),)) for rank, word in enumerate(listed, 1)]
            self.rules[name] = self.normalised(weighted)
        self.words = {
            name: {pieces[0][1]: p for p, pieces in alternatives} for name, alternatives in self.rules.items()
        }
        for name, alternatives in content["rules"].items():
            weighted = []
            for alternative in alternatives:
                weight, text = alternative.split(" ", 1)
                pieces = [
                    ("rule", part[1:-1]) if part[:1] == "{" else ("text", part)
                    for part in re.split(r"(\{\w+\})", text)
                    if part
                ]
                weighted.append((int(weight), tuple(pieces)))
            self.rules[name] = self.normalised(weighted)
        # Rules that never end: they lead to the rest of the play.
        self.endless = {"play"}
        while True:
            more = {
                name
                for name, alternatives in self.rules.items()
                if any(("rule", on) in pieces for _, pieces in alternatives for on in self.endless)
            }
            if more <= self.endless:
                break
            self.endless |= more

    @staticmethod
    def normalised(weighted: list) -> list:
        total = sum(weight for weight, _ in weighted)
        return [(Fraction(weight, total), pieces) for weight, pieces in weighted]

    def readings(self, pieces: tuple, text: str, at: int) -> Iterator[tuple[int, Fraction, str | None]]:
        """All ways to read `pieces` in `text` from `at` on: (end, probability, the endless rule that remains)."""
        if not pieces:
            yield at, Fraction(1), None
            return
        (kind, name), rest = pieces[0], pieces[1:]
        if kind == "text":
            if text.startswith(name, at):
                yield from self.readings(rest, text, at + len(name))
        elif name in self.endless:
            assert not rest
            yield at, Fraction(1), name
        elif name in self.words:
            word = re.compile("[A-Za-z]+").match(text, at)
            if word and word[0] in self.words[name]:
                for end, p, on in self.readings(rest, text, word.end()):
                    yield end, p * self.words[name][word[0]], on
        else:
            for choice, alternative in self.rules[name]:
                for middle, p, _ in self.readings(alternative, text, at):
                    for end, q, on in self.readings(rest, text, middle):
                        yield end, choice * p * q, on

    def moves(self, rule: str, text: str, at: int) -> Iterator[tuple[int, Fraction, str]]:
        """`readings` of an endless rule up to the next endless rule, skipping those that only lead to another."""
        for choice, alternative in self.rules[rule]:
            for end, p, on in self.readings(alternative, text, at):
                if end > at:
                    yield end, choice * p, on
                else:
                    for further, q, last in self.moves(on, text, at):
                        yield further, choice * p * q, last

    def steps(self, text: str) -> Iterator[tuple[int, str, float]]:
        """The reading of a whole play at each place where only one is left: (place, endless rule, nats before it).

        After a full stop and a new line, another line or a blank one may follow. Such readings are kept in parallel,
        the shortest continuing first, until the text leaves only one.
        """
        live = [(0, "play", 0.0)]
        while live[0][0] < len(text):
            if len(live) == 1:
                yield live[0]
            at, rule, nats = live.pop(0)
            for end, p, on in self.moves(rule, text, at):
                live.append((end, on, nats + math.log(p.denominator) - math.log(p.numerator)))
            live.sort()
            places = [(at, rule) for at, rule, _ in live]
            assert places, f"no reading of {text[at : at + 80]!r} as {rule}"
            assert len(set(places)) == len(places), f"two readings of what leads to {places[0]}"
        assert [rule for _, rule, _ in live] == ["play"]
        yield live[0]

    def ahead(self, pieces: tuple, text: str) -> Counter:
        """{c: probability that the output of `pieces` begins with text + c}."""
        (kind, name), rest = pieces[0], pieces[1:]
        found = Counter()
        if kind == "rule":
            for choice, alternative in self.rules[name]:
                for character, p in self.ahead(alternative + rest, text).items():
                    found[character] += choice * p
        elif text.startswith(name):
            found = self.ahead(rest, text[len(name) :])
        elif name.startswith(text):
            found[name[len(text)]] = Fraction(1)
        return found


@pytest.fixture(scope="module")
def parsed(plays) -> dict[str, tuple[Parser, list]]:
    """By grammar: its parser, and the steps of its play, closed with the blank line that the file's end cut off."""
    result = {}
    for name, text in plays.items():
        parser = Parser(name)
        result[name] = parser, list(parser.steps(text + "\n"))
    return result


def step_before(steps: list, place: int) -> tuple[int, str, float]:
    """A step some lines before `place`, so that the text that excludes the other readings also precedes `place`."""
    latest = bisect.bisect_right(steps, place - 200, key=lambda step: step[0])
    return steps[max(0, latest - 1)]


def nats_before(parser: Parser, steps: list, text: str, place: int) -> float:
    """-ln of the probability that a play begins with text[:place]."""
    at, rule, nats = step_before(steps, place)
    return nats - math.log(sum(parser.ahead((("rule", rule),), text[at:place]).values()))


def test_parser_finds_the_same_floor(play, grammar_name, parsed):
    parser, steps = parsed[grammar_name]
    split = len(play) * 9 // 10
    nats = nats_before(parser, steps, play, len(play)) - nats_before(parser, steps, play, split)
    floor = play_machine.validation_floor_nats(play, grammar_name)
    assert floor == pytest.approx(nats / (len(play) - split), abs=TOLERANCE_NATS)
    # Not trivial, and far from the loss of an untrained model (ln 65 = 4.17).
    assert 0.35 < floor < 1.0


def test_scores_sum_to_the_probability_of_the_text(play, grammar_name, parsed):
    parser, steps = parsed[grammar_name]
    scores = play_machine.nll_per_character(play, grammar_name)
    assert len(scores) == len(play)
    for place in (1, 2, 1_000, 54_321, len(play)):
        nats = nats_before(parser, steps, play, place)
        assert math.fsum(scores[:place]) == pytest.approx(nats, abs=TOLERANCE_NATS * len(play))


def test_next_character_probabilities(play, grammar_name, parsed):
    """At 1,000 places they equal the parser's exactly, and their sum is exactly 1."""
    parser, steps = parsed[grammar_name]
    places = [(2 * i + 1) * len(play) // (2 * POSITIONS) for i in range(POSITIONS)]
    states = {place: state for place, (_, state) in enumerate(play_machine.walk(play, grammar_name))}
    for place in places:
        at, rule, _ = step_before(steps, place)
        expected = parser.ahead((("rule", rule),), play[at:place])
        mass = sum(expected.values())
        probabilities = states[place].probabilities()
        assert sum(probabilities.values()) == 1
        assert probabilities == {character: p / mass for character, p in expected.items()}
        assert probabilities[play[place]] > 0


def test_next_character_probabilities_of_a_beginning():
    assert sum(play_machine.next_character_probabilities("").values()) == 1
    assert play_machine.next_character_probabilities("KIN") == {"G": 1}
    enter = play_machine.next_character_probabilities("Enter FOX, yawning.\n\n")
    assert enter == {"F": 1}


def test_mean_score_is_the_entropy(play, grammar_name):
    """The random choices follow their probabilities: mean scores equal the choices' entropies within 5 sigma."""
    surplus, variance = 0.0, 0.0
    moments = {}
    for character, state in play_machine.walk(play, grammar_name):
        if state not in moments:
            surprise = {c: -math.log(p) for c, p in state.probabilities().items()}
            p = state.probabilities()
            entropy = sum(float(p[c]) * surprise[c] for c in p)
            moments[state] = entropy, sum(float(p[c]) * (surprise[c] - entropy) ** 2 for c in p), surprise
        entropy, spread, surprise = moments[state]
        surplus += surprise[character] - entropy
        variance += spread
    assert abs(surplus) < 5 * math.sqrt(variance)


def test_no_dependency_is_longer_than_40_characters(grammar_name):
    """40 characters determine the state, whatever came before: starting from all states at once, all those that can
    read the same 40 characters end in one. (The test follows sets of possible states, level by level.)"""
    automaton = play_machine.load_grammar(grammar_name)
    undecided = {frozenset(automaton.states())}
    length = 0
    while undecided:
        length += 1
        assert length <= LONGEST_DEPENDENCY
        following = set()
        for states in undecided:
            by_character = {}
            for state in states:
                for character in state.characters:
                    by_character.setdefault(character, set()).add(automaton.step(state, character))
            following |= {frozenset(group) for group in by_character.values() if len(group) > 1}
        undecided = following
    assert length > 10
