"""The texts that models are trained on: where each comes from, what is checked, and the form the page takes it in.

`load(choice)` gives one Corpus. The choice is a name (`shakespeare`, `play-machine`, the stem of a file in
docs/corpora/) or a path; without one it is what the environment variable PRESS_START_CORPUS says, and without that
the text that engine/model.json names. Where that is Shakespeare and there is no network, the play machine stands in.
Every failure is a CorpusError, whose text says what to do.
"""

from __future__ import annotations

import base64
import difflib
import gzip
import hashlib
import json
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import download
import rungs as n_grams

ROOT = Path(__file__).resolve().parent.parent
VARIABLE = "PRESS_START_CORPUS"
SHAKESPEARE, PLAY_MACHINE = "shakespeare", "play-machine"
PROJECT = "project"  # to commands: the text that engine/model.json names, and nothing in its place
SHAKESPEARE_FILE = download.Wanted(
    what="tiny Shakespeare",
    url="https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
    size_bytes=1_115_394,
    sha256="86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
)
OTHER_WAYS = (
    f"set {VARIABLE} to a copy of it or to a text of your own, "
    "or choose the corpus play-machine, which needs no network"
)
TITLES = {SHAKESPEARE: "Tiny Shakespeare", PLAY_MACHINE: "The play machine"}
CREDITS = {
    SHAKESPEARE: "From the plays of William Shakespeare, as selected by Andrej Karpathy for char-rnn (2015).",
    PLAY_MACHINE: "Written by a small machine of this project, build/play_machine.py: a grammar that speaks in plays.",
}
RUNG_NAMES = ("uniform", "unigram", "bigram", "trigram", "fourgram", "fivegram")


class CorpusError(Exception):
    """What is wrong with a corpus and one way out, in words for the author of the page."""


@dataclass(frozen=True)
class Corpus:
    """One text, normalised, with everything that the page says about it."""

    name: str  # how blocks and the page call it
    title: str  # how readers see it called
    text: str  # after `normalise`
    credits: str
    root: Path = field(default=ROOT, repr=False)

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the normalised text as UTF-8, in hex: which corpus a recording belongs to is decided by it."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @cached_property
    def bytes(self) -> int:
        """Length of the normalised text as UTF-8."""
        return len(self.text.encode())

    @cached_property
    def vocab(self) -> list[str]:
        """Every character of the text, by code point: a character's token is its place in this list."""
        return sorted(set(self.text))

    @cached_property
    def split(self) -> int:
        """Characters before this index train the model; those from it on validate."""
        return int(_model_json(self.root)["evaluation"]["train_fraction"] * len(self.text))

    @property
    def train(self) -> str:
        return self.text[: self.split]

    @property
    def validation(self) -> str:
        return self.text[self.split :]

    def rungs(self) -> dict[str, float] | None:
        """n-gram cross-entropies of the validation part, nats per character, by name from `uniform` to `fivegram`.

        None where that part is shorter than one window and the character after it. Computed once per text.
        """
        if len(self.validation) < _model_json(self.root)["model"]["block_size"] + 1:
            return None
        values = _cached(
            self,
            "rungs",
            [Path(n_grams.__file__)],
            lambda: n_grams.cross_entropies(self.train, self.validation, len(self.vocab), len(RUNG_NAMES) - 1),
        )
        return dict(zip(RUNG_NAMES, values, strict=True))

    @cached_property
    def floor(self) -> float | None:
        """-ln p(validation | training) per character, exact, where what wrote the text is known; else None."""
        if self.name != PLAY_MACHINE:
            return None
        import play_machine

        return _cached(self, "floor", _play_machine_sources(), lambda: play_machine.validation_floor_nats(self.text))

    @property
    def in_use(self) -> str:
        """The sentence that a build prints: which text this is, and how large."""
        return f"Corpus: {self.title} ({self.name}), {len(self.text):,} characters, {len(self.vocab)} different ones."


def load(choice: str | None = None, root: Path = ROOT) -> Corpus:
    """The corpus of that name or path; without a choice the site's main one (see the head of this file).

    Raises CorpusError: unknown name, unreadable file, not UTF-8, too few or too many different characters, a download
    that is not the expected text, no network although Shakespeare was asked for by name.
    """
    if choice:
        return _by_choice(choice, root, asked_by="")
    variable = os.environ.get(VARIABLE, "").strip()
    if variable:
        return _by_choice(variable, root, asked_by=f"{VARIABLE}: ")
    named = project_choice(root)
    if named != SHAKESPEARE:
        return _by_choice(named, root, asked_by="engine/model.json, corpus: ")
    try:
        return _shakespeare(root)
    except download.Unreachable as problem:
        _say_once(f"{problem}\nGoing on with the play machine, a text generator of this project, in its place.")
        return _play_machine(root)


def available(root: Path = ROOT) -> list[str]:
    """The names that a block may give as its corpus: the two built-in ones and the author's own texts."""
    own = (root / "docs" / "corpora").glob("*.txt")
    return [SHAKESPEARE, PLAY_MACHINE, *sorted(_name_of(path) for path in own)]


def project_choice(root: Path = ROOT) -> str:
    """The name of the text that the project is set to, in engine/model.json. Raises CorpusError."""
    own = root / "docs" / "corpora" / f"{PROJECT}.txt"
    if own.is_file():
        raise CorpusError(
            f"docs/corpora/{own.name}: “{PROJECT}” stands for the text that engine/model.json names; "
            "give the file another name."
        )
    return _model_json(root).get("corpus", SHAKESPEARE)


def choice(name: str, root: Path = ROOT) -> str:
    """What --corpus takes for the text of that name: the name, or the path where no name leads to it."""
    own_file = os.environ.get(VARIABLE, "").strip()
    return own_file if name not in available(root) and own_file else name


def normalise(data: bytes) -> str:
    """UTF-8 to text, without a byte order mark and without carriage returns. Raises UnicodeDecodeError."""
    return data.decode("utf-8-sig").replace("\r", "")


def check_length(corpus: Corpus, block_size: int) -> None:
    """Raises CorpusError where the text holds less than two windows of block_size characters with their targets."""
    if len(corpus.text) >= 2 * (block_size + 1):
        return
    largest = len(corpus.text) // 2 - 1
    smallest = _model_json(corpus.root)["limits"]["block_size"]["min"]
    way_out = (
        f"the largest block_size that fits it is {largest}"
        if largest >= smallest
        else f"a text needs at least {2 * (smallest + 1)} characters"
    )
    raise CorpusError(
        f"the corpus {corpus.name} has {len(corpus.text)} characters, "
        f"too few for a block_size of {block_size}: {way_out}."
    )


def page_script(corpus: Corpus) -> str:
    """The classic script `assets/press-start/corpus-<name>.js`: it works from file://, where a page cannot fetch.

    Built twice, it is the same byte for byte (with one version of zlib).
    """
    content = {
        "name": corpus.name,
        "title": corpus.title,
        "sha256": corpus.sha256,
        "bytes": corpus.bytes,
        "vocab_size": len(corpus.vocab),
        "rungs": corpus.rungs(),
        "credits": corpus.credits,
        "floor": corpus.floor,
        "gzip_base64": _gzip_base64(corpus.text),
    }
    name = json.dumps(corpus.name)
    return f"(globalThis.pressStartCorpora ??= {{}})[{name}] = {json.dumps(content)};\n"


@lru_cache(maxsize=8)
def _gzip_base64(text: str) -> str:
    """Kept, because `serve` writes the script again at every edit and the text hardly ever changes."""
    zipped = bytearray(gzip.compress(text.encode(), 9, mtime=0))
    zipped[9] = 255  # "unknown operating system": the same script on all of them
    return base64.b64encode(bytes(zipped)).decode("ascii")


def text_file(corpus: Corpus) -> Path:
    """The normalised text as a file, for programs that read it from disk."""
    path = _cache_file(corpus.root, corpus.name, corpus.sha256)
    if not path.exists():
        download.write_whole(path, corpus.text.encode())
    return path


def _by_choice(choice: str, root: Path, asked_by: str) -> Corpus:
    if choice == SHAKESPEARE:
        try:
            return _shakespeare(root)
        except download.Unreachable as problem:
            raise CorpusError(f"{asked_by}{problem} Connect to a network, or {OTHER_WAYS}.") from problem
    if choice == PLAY_MACHINE:
        return _play_machine(root)
    for path in (root / "docs" / "corpora").glob("*.txt"):
        if choice in (path.stem, _name_of(path)):
            return _from_file(path, root, asked_by)
    path = Path(choice).expanduser()
    if path.is_file():
        return _from_file(path.resolve(), root, asked_by)
    names = available(root)
    close = difflib.get_close_matches(choice, names, 1)
    hint = (
        f"Did you mean {close[0]}?" if close else f"Known names: {', '.join(names)}; a path to a text file will do too."
    )
    raise CorpusError(f"{asked_by}there is no corpus and no file called {choice!r}. {hint}")


def _shakespeare(root: Path) -> Corpus:
    """From the cache, from the file that PRESS_START_CORPUS names where it is this very text, or from the network."""
    cached = _cache_file(root, SHAKESPEARE, SHAKESPEARE_FILE.sha256)
    local = Path(os.environ.get(VARIABLE, "").strip() or os.devnull).expanduser()
    for path in (cached, local):
        if path.is_file() and _is_shakespeare(path.read_bytes()):
            return _make(SHAKESPEARE, path.read_bytes(), root)
    try:
        data = download.fetch(SHAKESPEARE_FILE)
    except download.WrongContent as problem:
        raise CorpusError(f"{problem} Run the command again, or {OTHER_WAYS}.") from problem
    download.write_whole(cached, data)
    return _make(SHAKESPEARE, data, root)


def _cache_file(root: Path, name: str, sha256: str) -> Path:
    return root / ".cache" / "corpora" / f"{name}-{sha256[:16]}.txt"


def _is_shakespeare(data: bytes) -> bool:
    return hashlib.sha256(data).hexdigest() == SHAKESPEARE_FILE.sha256


def _play_machine(root: Path) -> Corpus:
    """Written afresh by the play machine, or read from the cache while that machine's source is the same."""
    import play_machine

    path = root / ".cache" / "corpora" / f"play-machine-{_source_hash(_play_machine_sources())}.txt"
    if not path.exists():
        download.write_whole(path, play_machine.generate().encode())
    return _make(PLAY_MACHINE, path.read_bytes(), root)


def _from_file(path: Path, root: Path, asked_by: str) -> Corpus:
    try:
        data = path.read_bytes()
    except OSError as problem:
        raise CorpusError(f"{asked_by}{path} cannot be read ({problem.strerror}).") from problem
    if _is_shakespeare(data):
        return _make(SHAKESPEARE, data, root)
    name = _name_of(path)
    own = root / "docs" / "corpora" / f"{path.stem}.txt"
    if name in TITLES or (own.is_file() and own.resolve() != path.resolve()):
        raise CorpusError(f"{asked_by}the name {name} belongs to another text: give {path} another file name.")
    return _make(name, data, root, source=f"{asked_by}{path}")


def _name_of(path: Path) -> str:
    """A file's stem in letters that a URL and a file name take everywhere."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", path.stem).strip("-.") or "text"


def _make(name: str, data: bytes, root: Path, source: str = "") -> Corpus:
    try:
        text = normalise(data)
    except UnicodeDecodeError as problem:
        raise CorpusError(
            f"{source} is not UTF-8 (byte {problem.start:,}): save it as UTF-8 and try again."
        ) from problem
    corpus = Corpus(name, TITLES.get(name, name.replace("-", " ")), text, CREDITS.get(name, ""), root)
    limits = _model_json(root)["limits"]["vocab_size"]
    if len(corpus.vocab) < limits["min"]:
        raise CorpusError(
            f"{source} has {len(corpus.vocab)} different characters: a model needs at least {limits['min']}."
        )
    if len(corpus.vocab) > limits["max"]:
        rare = sorted(corpus.vocab, key=text.count)[:5]
        raise CorpusError(
            f"{source} has {len(corpus.vocab)} different characters, and the model takes at most {limits['max']}: "
            f"replace rare ones, such as {' '.join(map(repr, rare))}."
        )
    _say_once(corpus.in_use)
    return corpus


def _model_json(root: Path) -> dict:
    try:
        return json.loads((root / "engine" / "model.json").read_text(encoding="utf-8"))
    except ValueError as problem:
        raise CorpusError(f"engine/model.json cannot be read: {problem}") from problem


def _play_machine_sources() -> list[Path]:
    """The machine and its grammar."""
    return sorted(Path(__file__).parent.glob("play_machine*.*"))


def _source_hash(files: list[Path]) -> str:
    """A short hash of the source that computed something: what it computed is stale once the source changes."""
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


def _cached(corpus: Corpus, what: str, sources: list[Path], compute: Callable[[], Any]) -> Any:
    """compute(), kept in .cache/ under the text's hash, the split and the hash of the source that computes it."""
    key = f"{corpus.sha256[:16]}-{corpus.split}-{_source_hash(sources)}"
    path = corpus.root / ".cache" / what / f"{key}.json"
    if path.exists():
        return json.loads(path.read_text(encoding="utf-8"))
    value = compute()
    download.write_whole(path, json.dumps(value).encode())
    return value


_said: set[str] = set()


def _say_once(sentence: str) -> None:
    """`serve` builds again at every edit; it says once which corpus it uses."""
    if sentence not in _said:
        _said.add(sentence)
        print(sentence, file=sys.stderr, flush=True)
