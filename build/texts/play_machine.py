"""The play machine: a seeded generator of play script whose entropy is known exactly.

It writes some 1.1 MB in the 65 characters of tiny Shakespeare, and replaces it where there is no network. It is also
the only text for which we know how well any model can ever predict it. `play_machine.toml` is a probabilistic grammar
with integer weights. It is right-linear, so a finite automaton over characters knows, after any text, the exact
probability of each next character. We walk that automaton in two ways: with random choices, to write a play, and along
a given text, to score it. The score, -ln p(character | all before it), is the floor of the loss: no model's expected
score is lower.

Method: forward filtering of a hidden Markov source (Rabiner, "A tutorial on hidden Markov models", 1989), with integers
instead of floats. The hidden state is which alternative is being written. All alternatives that are still possible are
kept, each with its weight, until the text decides between them.
"""

from __future__ import annotations

import functools
import hashlib
import math
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

GRAMMAR_FILE = Path(__file__).with_name("play_machine.toml")
# The name of each grammar -> n: it keeps the commonest 1/n of each word list, but at least SHORTEST_LIST words.
GRAMMARS = {"play-machine": 1, "easy": 3}
SHORTEST_LIST = 4
START = "play"  # the rule that a text begins with
REFERENCE = re.compile(r"\{(\w+)\}")
ALTERNATIVE = re.compile(r"([1-9]\d*) (.+)", re.DOTALL)
# The word of rank r weighs ZIPF_SCALE // (r + ZIPF_SHIFT).
ZIPF_SCALE, ZIPF_SHIFT = 5040, 6
TRAINING_TENTHS = 9  # floor(0.9 n) characters are for training, the rest for validation


class GrammarError(ValueError):
    """The grammar cannot be used; the message names the rule."""


class UnknownTextError(ValueError):
    """This grammar cannot have written the text; the message names the place."""


class Reference(NamedTuple):
    """A piece of an alternative, in place of which any alternative of the named rule is written."""

    name: str


Piece = str | Reference  # a string is written as it is
Alternatives = list[tuple[int, tuple[Piece, ...]]]
# The pieces still to be written after some text, as a linked list: (first, rest), or () if there are none.
Rest = tuple


class State:
    """The automaton's state after some text. Texts after which the same can follow share one State.

    characters  the possible next characters, sorted
    weights     their weights, integers: character i follows with probability weights[i] / total
    total       the sum of the weights
    """

    __slots__ = ("characters", "following", "possible", "total", "weights")

    def __init__(self, belief: dict[Rest, int]) -> None:
        weights: dict[str, int] = {}
        self.possible: dict[str, list[tuple[Rest, int]]] = {}  # by next character: what may be written from there on
        for (literal, rest), weight in belief.items():
            character = literal[0]
            weights[character] = weights.get(character, 0) + weight
            self.possible.setdefault(character, []).append(((literal[1:], rest), weight))
        self.characters = "".join(sorted(weights))
        self.weights = [weights[character] for character in self.characters]
        self.total = sum(self.weights)
        self.following: dict[str, State] = {}  # filled by Grammar.step when a text leads there

    def probabilities(self) -> dict[str, Fraction]:
        """The exact probability of each next character."""
        pairs = zip(self.characters, self.weights, strict=True)
        return {character: Fraction(weight, self.total) for character, weight in pairs}


class Grammar:
    """A grammar and its automaton, whose states are made when a text first reaches them."""

    def __init__(self, rules: dict[str, Alternatives]) -> None:
        self.rules = rules
        self._totals = {name: sum(weight for weight, _ in alternatives) for name, alternatives in rules.items()}
        self._states: dict[frozenset, State] = {}
        check_references(rules)
        self.start = self._state([((Reference(START), ()), 1)])

    def _expand(self, belief: Iterable[tuple[Rest, int]]) -> dict[Rest, Fraction]:
        """Replaces each leading reference by its rule's alternatives, until every entry begins with a character."""
        open_entries = [(rest, Fraction(weight)) for rest, weight in belief]
        closed: dict[Rest, Fraction] = {}
        while open_entries:
            (first, rest), weight = open_entries.pop()
            if isinstance(first, Reference):
                for choice, pieces in self.rules[first.name]:
                    entry = rest
                    for piece in reversed(pieces):
                        entry = (piece, entry)
                    open_entries.append((entry, weight * choice / self._totals[first.name]))
            elif not first:
                if not rest:
                    raise GrammarError("an alternative ends the play: end each with a rule that continues it")
                open_entries.append((rest, weight))
            elif (first, rest) in closed:
                raise GrammarError(f"ambiguous: {spelled((first, rest))!r} can be produced in two ways")
            else:
                closed[first, rest] = weight
        return closed

    def _state(self, belief: Iterable[tuple[Rest, int]]) -> State:
        closed = self._expand(belief)
        scale = math.lcm(*(weight.denominator for weight in closed.values()))
        whole = {rest: int(weight * scale) for rest, weight in closed.items()}
        divisor = math.gcd(*whole.values())
        lowest = {rest: weight // divisor for rest, weight in whole.items()}
        key = frozenset(lowest.items())
        if key not in self._states:
            self._states[key] = State(lowest)
        return self._states[key]

    def step(self, state: State, character: str) -> State:
        """The state after one more character. Raises KeyError if `character` cannot come next."""
        following = state.following.get(character)
        if following is None:
            following = state.following[character] = self._state(state.possible[character])
        return following

    def states(self) -> Iterator[State]:
        """Every state of the automaton, from the start, breadth first."""
        seen = {id(self.start)}
        queue = [self.start]
        for state in queue:
            yield state
            for character in state.characters:
                following = self.step(state, character)
                if id(following) not in seen:
                    seen.add(id(following))
                    queue.append(following)


def spelled(rest: Rest) -> str:
    """A linked list of pieces, written as in the grammar file."""
    pieces: list[Piece] = []
    while rest:
        piece, rest = rest
        pieces.append(piece)
    return spelled_pieces(pieces)


def spelled_pieces(pieces: Iterable[Piece]) -> str:
    """The pieces of an alternative, written as in the grammar file."""
    return "".join(piece if isinstance(piece, str) else f"{{{piece.name}}}" for piece in pieces)


def check_references(rules: dict[str, Alternatives]) -> None:
    """Raises GrammarError unless the rules make a finite automaton.

    Every reference must name a rule. A rule may lead back to itself only at the end of an alternative (elsewhere the
    list of pieces still to be written would grow without limit), and only after it has written a character.
    """
    if START not in rules:
        raise GrammarError(f"the grammar has no rule {START!r}, where a text begins")
    every: dict[str, set[str]] = {name: set() for name in rules}
    inner: dict[str, set[str]] = {name: set() for name in rules}
    leading: dict[str, set[str]] = {name: set() for name in rules}
    for name, alternatives in rules.items():
        for _, pieces in alternatives:
            for place, piece in enumerate(pieces):
                if isinstance(piece, str):
                    continue
                if piece.name not in rules:
                    raise GrammarError(f"rule {name!r} mentions {{{piece.name}}}, which is neither a rule nor words")
                every[name].add(piece.name)
                if place < len(pieces) - 1:
                    inner[name].add(piece.name)
                if place == 0:
                    leading[name].add(piece.name)
    for name in rules:
        if any(name in reachable(every, target) for target in inner[name]):
            raise GrammarError(f"rule {name!r} leads back to itself before the end of an alternative")
        if any(name in reachable(leading, target) for target in leading[name]):
            raise GrammarError(f"rule {name!r} leads back to itself without writing a character")


def reachable(edges: dict[str, set[str]], start: str) -> set[str]:
    """All names that `edges` lead to from `start`, and `start` itself."""
    seen, queue = {start}, [start]
    for name in queue:
        queue.extend(edges[name] - seen)
        seen |= edges[name]
    return seen


def zipf_weight(rank: int) -> int:
    """The weight of the word of this rank, 1 for the commonest."""
    return ZIPF_SCALE // (rank + ZIPF_SHIFT)


def read_rules(source: str, share: int = 1) -> dict[str, Alternatives]:
    """The rules of a grammar file (TOML): name -> [(weight, pieces)], word lists included.

    share  only the commonest 1/share of each word list is kept, but at least SHORTEST_LIST words
    Raises GrammarError if an alternative has no weight, or a word or a name occurs twice.
    """
    content = tomllib.loads(source)
    rules: dict[str, Alternatives] = {}
    for name, words in content["words"].items():
        listed = words.split()
        if len(set(listed)) < len(listed):
            raise GrammarError(f"a word occurs twice in the list {name!r}")
        kept = max(SHORTEST_LIST, math.ceil(len(listed) / share))
        rules[name] = [(zipf_weight(rank), (word,)) for rank, word in enumerate(listed[:kept], 1)]
    for name, alternatives in content["rules"].items():
        if name in rules:
            raise GrammarError(f"{name!r} is both a rule and a list of words")
        rules[name] = [read_alternative(name, alternative) for alternative in alternatives]
    return rules


def read_alternative(name: str, alternative: str) -> tuple[int, tuple[Piece, ...]]:
    """'3 The {thing} falls' -> (3, ('The ', Reference('thing'), ' falls'))."""
    match = ALTERNATIVE.fullmatch(alternative)
    if not match:
        raise GrammarError(f"rule {name!r}: {alternative!r} should be a weight, a space and a text, as in '3 The end'")
    parts = REFERENCE.split(match[2])  # text, name, text, name, ..., text
    pieces = [Reference(part) if place % 2 else part for place, part in enumerate(parts)]
    return int(match[1]), tuple(piece for piece in pieces if piece)


@functools.cache
def load_grammar(name: str = "play-machine") -> Grammar:
    """The grammar of this name, one of GRAMMARS. Raises GrammarError for any other name."""
    if name not in GRAMMARS:
        raise GrammarError(f"there is no grammar {name!r}; choose one of {', '.join(sorted(GRAMMARS))}")
    return Grammar(read_rules(GRAMMAR_FILE.read_text(encoding="utf-8"), GRAMMARS[name]))


class Dice:
    """A stream of fair choices that depends only on the seed string, the same on every machine.

    SHA-256 in counter mode: block i is the digest of "play machine", the seed and i, read as four 64-bit numbers. The
    seed is NFC-normalised, trimmed and encoded as UTF-8. (`random` promises the same sequence only for some methods.)
    """

    def __init__(self, seed: str) -> None:
        key = unicodedata.normalize("NFC", seed).strip().encode()
        self._hash = hashlib.sha256(b"play machine\0" + key + b"\0")
        self._words = self._stream()

    def _stream(self) -> Iterator[int]:
        block = 0
        while True:
            hashed = self._hash.copy()
            hashed.update(block.to_bytes(8, "little"))
            digest = hashed.digest()
            for place in range(0, 32, 8):
                yield int.from_bytes(digest[place : place + 8], "little")
            block += 1

    def below(self, total: int) -> int:
        """A number from 0 to total - 1, all equally likely: words that would favour small numbers are rejected."""
        fair = (1 << 64) - (1 << 64) % total
        for word in self._words:
            if word < fair:
                return word % total
        raise AssertionError("the stream has no end")


def generate(seed: str = "play-machine", characters: int = 1_100_000, grammar: str = "play-machine") -> str:
    """A play of at least `characters` characters. It ends with the speech that reaches that length.

    The same seed, length and grammar give the same text on every machine, with every version of Python.
    """
    automaton = load_grammar(grammar)
    dice = Dice(seed)
    state = automaton.start
    written: list[str] = []
    while len(written) < characters or written[-2:] != ["\n", "\n"]:
        character = state.characters[0]
        if len(state.characters) > 1:
            thrown = dice.below(state.total)
            for character, weight in zip(state.characters, state.weights, strict=True):  # noqa: B007
                if thrown < weight:
                    break
                thrown -= weight
        written.append(character)
        state = state.following.get(character) or automaton.step(state, character)
    return "".join(written[:-1])  # one newline at the end, as a file has it


def walk(text: str, grammar: str = "play-machine") -> Iterator[tuple[str, State]]:
    """Each character of `text` with the state before it. Raises UnknownTextError if the grammar cannot write it."""
    automaton = load_grammar(grammar)
    state = automaton.start
    for place, character in enumerate(text):
        if character not in state.characters:
            raise UnknownTextError(
                f"the grammar {grammar!r} never writes {character!r} after {text[max(0, place - 40) : place]!r} "
                f"(character {place}): this grammar did not write the text"
            )
        yield character, state
        state = state.following.get(character) or automaton.step(state, character)


def next_character_probabilities(text: str, grammar: str = "play-machine") -> dict[str, Fraction]:
    """The exact probability of every character that can follow `text`, which must be the beginning of a play."""
    automaton = load_grammar(grammar)
    state = automaton.start
    for character, before in walk(text, grammar):
        state = automaton.step(before, character)
    return state.probabilities()


def nll_per_character(text: str, grammar: str = "play-machine") -> list[float]:
    """-ln p(character | all characters before it), in nats, for each character of `text`."""
    scores: dict[tuple[State, str], float] = {}
    result = []
    for character, state in walk(text, grammar):
        score = scores.get((state, character))
        if score is None:
            weight = state.weights[state.characters.index(character)]
            score = scores[state, character] = math.log(state.total / weight)
        result.append(score)
    return result


def validation_floor_nats(text: str, grammar: str = "play-machine") -> float:
    """-ln p(validation part | training part) per character of the validation part, in nats: the floor of val NLL."""
    scores = nll_per_character(text, grammar)[len(text) * TRAINING_TENTHS // 10 :]
    return math.fsum(scores) / len(scores)
