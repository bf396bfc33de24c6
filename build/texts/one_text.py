"""One text, and what is computed from it: its split, its rungs, its floor. Computed once, and kept in .cache/."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from model.model_json import DescriptionError, read_description
from system import cached_results
from system.project import ROOT
from texts import bare_letters
from texts import rungs as n_grams
from texts.generated import GENERATORS
from texts.text_files import CorpusError


@dataclass(frozen=True)
class Corpus:
    """One text, normalised, with everything that the page says about it."""

    name: str  # its name in blocks and on the page
    title: str  # the name that readers see
    text: str  # after `normalise`
    credits: str
    root: Path = field(default=ROOT, repr=False)
    own_phases: tuple[str, ...] | None = None
    # The settings of its own run that differ from engine/model.json, by section; see text_about.py.
    own_run: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the normalised text as UTF-8, in hex. It identifies the text that a recording belongs to."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @cached_property
    def bytes(self) -> int:
        """Length of the normalised text as UTF-8."""
        return len(self.text.encode())

    @cached_property
    def vocab(self) -> list[str]:
        """Every character of the text, by code point: a character's token is its index in this list."""
        return sorted(set(self.text))

    @cached_property
    def split(self) -> int:
        """Characters before this index train the model; those from it on validate."""
        return int(described(self.root)["evaluation"]["train_fraction"] * len(self.text))

    @property
    def train(self) -> str:
        return self.text[: self.split]

    @property
    def validation(self) -> str:
        return self.text[self.split :]

    @property
    def phases(self) -> list[str]:
        """The names of the phases that a model of this text goes through: its own, else those of engine/model.json."""
        return list(self.own_phases or described(self.root)["phases"])

    @property
    def is_long(self) -> bool:
        """Whether it has more characters than a whole run of the lesson reads."""
        return len(self.text) > characters_of_a_run(self.root)

    def rungs(self) -> dict[str, float] | None:
        """n-gram cross-entropies of the validation part, nats per character, by name from `uniform` to `fivegram`.

        None if that part is shorter than one window and the character after it. Computed once per text.
        """
        if len(self.validation) < described(self.root)["model"]["block_size"] + 1:
            return None
        values = _cached(
            self,
            "rungs",
            [Path(n_grams.__file__), n_grams.FILE],
            lambda: n_grams.cross_entropies(
                self.train, self.validation, len(self.vocab), n_grams.HIGHEST_ORDER, self._counting
            ),
        )
        return dict(zip(n_grams.NAMES, values, strict=True))

    def surprises(self, window: str) -> dict[str, list[float]]:
        """-ln p of the characters of a window after its first, in nats, by the name of a rung. Computed once."""
        own = hashlib.sha256(window.encode()).hexdigest()[:16]
        return _cached(
            self,
            f"surprises/{own}",
            [Path(n_grams.__file__), n_grams.FILE],
            lambda: n_grams.surprises(self.train, window, len(self.vocab)),
        )

    def bare_letters(self) -> bare_letters.BareLetters | None:
        """This text without capitals, punctuation and line breaks. None if it has no rungs, or hardly any letters.

        Computed once per text.
        """
        train, validation, whole = map(bare_letters.bare, (self.train, self.validation, self.text))
        if self.rungs() is None or len(set(whole)) < 2 or not validation:
            return None
        values = _cached(
            self,
            "bare-letters",
            [Path(n_grams.__file__), n_grams.FILE, Path(bare_letters.__file__)],
            lambda: n_grams.cross_entropies(train, validation, len(set(whole)), n_grams.HIGHEST_ORDER, self._counting),
        )
        rungs = dict(zip(n_grams.NAMES, values, strict=True))
        return bare_letters.BareLetters(len(whole), len(set(whole)), len(validation) / len(self.validation), rungs)

    def _counting(self, order: int) -> None:
        if self.is_long:
            _say(f"Counting in {self.name} for the rungs: {order} of {n_grams.HIGHEST_ORDER}.")

    @cached_property
    def floor(self) -> float | None:
        """-ln p(validation | training) per character, exact, for a generated text; None for any other.

        The distribution that any other text was drawn from is unknown.
        """
        generator = GENERATORS.get(self.name)
        if generator is None:
            return None
        return _cached(self, "floor", generator.sources, lambda: generator.floor(self.text))

    @property
    def in_use(self) -> str:
        """The sentence that a build prints about its text: the name and the size."""
        return f"Corpus: {self.title} ({self.name}), {len(self.text):,} characters, {len(self.vocab)} different ones."


def characters_of_a_run(root: Path) -> int:
    """How many characters a whole run of the lesson reads."""
    lesson = described(root)
    training = lesson["training"]
    return training["iterations"] * training["batch_size"] * lesson["model"]["block_size"]


def described(root: Path) -> dict[str, Any]:
    """engine/model.json. Raises CorpusError."""
    try:
        return read_description(root)
    except DescriptionError as problem:
        raise CorpusError(str(problem)) from problem


def _cached(corpus: Corpus, what: str, sources: list[Path], compute: Callable[[], Any]) -> Any:
    """compute(), cached in .cache/ by the text's hash, the split and the hash of the source that computes it."""
    key = f"{corpus.sha256[:16]}-{corpus.split}-{cached_results.source_hash(sources)}"
    return cached_results.kept(corpus.root / ".cache" / what / f"{key}.json", compute)


_said: set[str] = set()


def say_once(sentence: str) -> None:
    """Prints a sentence unless it has been printed before: `serve` builds again at every edit."""
    if sentence not in _said:
        _said.add(sentence)
        _say(sentence)


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
