"""The texts that models are trained on: where each comes from, and what is checked.

`load(choice)` returns one Corpus (one_text.py). The choice is a path or a name: `shakespeare`, `play-machine`, `echo`,
or that of a file in docs/corpora/ (text_names.py). The default is what the environment variable PRESS_START_CORPUS
says, else the text that engine/model.json names. If that is Shakespeare and there is no network, the play machine
replaces it. Every failure is a CorpusError, which says what to do. text_files.py turns bytes into text, text_about.py
reads what is known about a text (such as its author), and corpus_script.py makes the form in which a page loads it.
"""

from __future__ import annotations

import difflib
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from system import cached_results, replaced_file
from system.project import ROOT
from texts import download, text_files, text_names, text_remarks
from texts.generated import GENERATORS
from texts.one_text import Corpus, characters_of_a_run, described, say_once
from texts.text_about import BUILT_IN, PLAY_MACHINE, SHAKESPEARE, About, about_file
from texts.text_files import CorpusError

VARIABLE = "PRESS_START_CORPUS"
PROJECT = "project"  # for commands: the text that engine/model.json names, with no replacement
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
# Reserved names, which an author's text cannot have, and what they stand for.
TAKEN = {name: f"{about.title}, which is built in" for name, about in BUILT_IN.items()}
TAKEN |= {PROJECT: "the text that engine/model.json names"}


def load(choice: str | None = None, root: Path = ROOT) -> Corpus:
    """The corpus of that name or path; without a choice, the site's main text (see the head of this file).

    Raises CorpusError: unknown name, unreadable file, not UTF-8, too few or too many different characters, a download
    that is not the expected text, no network for a choice of Shakespeare by name.
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
    except download.UnreachableError as problem:
        say_once(f"{problem}\nGoing on with the play machine, a text generator of this project, in its place.")
        return _generated(PLAY_MACHINE, root)


def available(root: Path = ROOT) -> list[str]:
    """The names that a block may give as its corpus: the built-in texts and the author's own."""
    return [*BUILT_IN, *own_texts(root).files]


def own_texts(root: Path = ROOT) -> text_names.OwnTexts:
    """The author's texts in docs/corpora/, and what is wrong with the names there.

    For machines without a network, tiny Shakespeare itself may be there under its reserved name.
    """
    texts = text_names.own_texts(root, TAKEN)
    if _shakespeare_file(root) is None:
        return texts
    rest = {key: problems for key, problems in texts.problems.items() if key != SHAKESPEARE}
    return text_names.OwnTexts(texts.files, rest, texts.lonely)


def about(name: str, root: Path = ROOT) -> About | None:
    """What is known about a text without reading it; None if no text has that name. Raises CorpusError."""
    if name in BUILT_IN:
        return BUILT_IN[name]
    path = own_texts(root).named(name)
    return _about_file(path, root) if path else None


def at_hand(main: str, names: Iterable[str]) -> set[str]:
    """The texts that need no network: all but Shakespeare, and Shakespeare too if it is the site's main text."""
    return {main, *(name for name in names if name != SHAKESPEARE)}


def title(name: str) -> str:
    """The title that readers see for the text that a recording names, whether or not it is at hand."""
    return BUILT_IN[name].title if name in BUILT_IN else text_names.title_of(name)


def phases(name: str, root: Path = ROOT) -> list[str] | None:
    """The phase names of that text; None if it is neither built in nor in docs/corpora/. Raises CorpusError."""
    known = about(name, root)
    return None if known is None else list(known.phases or described(root)["phases"])


def has_own_run(name: str) -> bool:
    """Whether the recording of that text is of a run of its own, and not of the lesson's."""
    return name in BUILT_IN and bool(BUILT_IN[name].run)


def project_choice(root: Path = ROOT) -> str:
    """The name of the text that engine/model.json chooses for the project. Raises CorpusError."""
    problem = own_texts(root).problem(PROJECT)
    if problem:
        raise CorpusError(problem)
    return described(root).get("corpus", SHAKESPEARE)


def choice(name: str, root: Path = ROOT) -> str:
    """What to give --corpus for the text of that name: the name, or the path of a file outside docs/corpora/."""
    own_file = os.environ.get(VARIABLE, "").strip()
    return own_file if name not in available(root) and own_file else name


def check_length(corpus: Corpus, block_size: int) -> None:
    """Raises CorpusError if the text is shorter than two windows of block_size characters and the one after each."""
    if len(corpus.text) >= 2 * (block_size + 1):
        return
    largest = len(corpus.text) // 2 - 1
    smallest = described(corpus.root)["limits"]["block_size"]["min"]
    way_out = (
        f"the largest block_size that fits it is {largest}"
        if largest >= smallest
        else f"a text needs at least {2 * (smallest + 1)} characters"
    )
    raise CorpusError(
        f"the corpus {corpus.name} has {len(corpus.text)} characters, "
        f"too few for a block_size of {block_size}: {way_out}."
    )


def text_file(corpus: Corpus) -> Path:
    """The normalised text as a file, for programs that read it from disk."""
    path = _cache_file(corpus.root, corpus.name, corpus.sha256)
    if not path.exists():
        replaced_file.write_whole(path, corpus.text.encode())
    return path


def _by_choice(choice: str, root: Path, asked_by: str) -> Corpus:
    own = own_texts(root)
    problem = own.problem(choice)
    if problem:
        raise CorpusError(f"{asked_by}{problem}")
    if choice == SHAKESPEARE:
        try:
            return _shakespeare(root)
        except download.UnreachableError as problem:
            raise CorpusError(f"{asked_by}{problem} Connect to a network, or {OTHER_WAYS}.") from problem
    if choice in GENERATORS:
        return _generated(choice, root)
    path = own.named(choice) or Path(choice).expanduser()
    if path.is_file():
        return _from_file(path.resolve(), root, asked_by)
    raise CorpusError(f"{asked_by}there is no corpus and no file called {choice!r}. {_what_there_is(choice, root)}")


def _what_there_is(choice: str, root: Path) -> str:
    overlooked = text_names.overlooked(choice, root)
    if overlooked:
        return overlooked
    names = available(root)
    close = difflib.get_close_matches(choice, names, 1)
    if close:
        return f"Did you mean {close[0]}?"
    return f"Known names: {', '.join(names)}; a path to a text file works too."


def _shakespeare(root: Path) -> Corpus:
    """From the cache, from a file of the author's that is this exact text, or from the network."""
    cached = _cache_file(root, SHAKESPEARE, SHAKESPEARE_FILE.sha256)
    local = Path(os.environ.get(VARIABLE, "").strip() or os.devnull).expanduser()
    for path in filter(None, (cached, local, _shakespeare_file(root))):
        if path.is_file() and _is_shakespeare(path.read_bytes()):
            return _make(SHAKESPEARE, path.read_bytes(), root, BUILT_IN[SHAKESPEARE])
    try:
        data = download.fetch(SHAKESPEARE_FILE)
    except download.WrongContentError as problem:
        raise CorpusError(f"{problem} Run the command again, or {OTHER_WAYS}.") from problem
    replaced_file.write_whole(cached, data)
    return _make(SHAKESPEARE, data, root, BUILT_IN[SHAKESPEARE])


def _shakespeare_file(root: Path) -> Path | None:
    """docs/corpora/shakespeare.txt, if its content is tiny Shakespeare."""
    path = root / text_names.FOLDER / f"{SHAKESPEARE}{text_names.SUFFIX}"
    return path if path.is_file() and _is_shakespeare(path.read_bytes()) else None


def _cache_file(root: Path, name: str, sha256: str) -> Path:
    return root / ".cache" / "corpora" / f"{name}-{sha256[:16]}.txt"


def _is_shakespeare(data: bytes) -> bool:
    """Whether this is tiny Shakespeare, even if a tool has changed its line ends."""
    return hashlib.sha256(data.replace(b"\r\n", b"\n")).hexdigest() == SHAKESPEARE_FILE.sha256


def _generated(name: str, root: Path) -> Corpus:
    """From the cache if the generator's source has not changed, else newly written by it."""
    generator = GENERATORS[name]
    path = root / ".cache" / "corpora" / f"{name}-{cached_results.source_hash(generator.sources)}.txt"
    if not path.exists():
        replaced_file.write_whole(path, generator.generate().encode())
    return _make(name, path.read_bytes(), root, BUILT_IN[name])


def _from_file(path: Path, root: Path, asked_by: str) -> Corpus:
    try:
        data = path.read_bytes()
    except OSError as problem:
        raise CorpusError(f"{asked_by}{path} cannot be read ({problem.strerror}).") from problem
    if _is_shakespeare(data):
        return _make(SHAKESPEARE, data, root, BUILT_IN[SHAKESPEARE])
    name, shown = text_names.name_of(path.stem), _shown(path, root)
    unusable = text_names.unusable(name, shown)
    if unusable:
        raise CorpusError(f"{asked_by}{unusable}")
    other = _other_of_that_name(name, path, root)
    if other:
        raise CorpusError(
            f"{asked_by}the name {name} belongs to another text, {other}: give {shown} another file name."
        )
    source = f"{asked_by}{shown}"
    corpus = _make(name, data, root, _about_file(path, root), source)
    longest = characters_of_a_run(root)
    for sentence in text_remarks.remarks(corpus.text, corpus.split, longest, source):
        say_once(sentence)
    return corpus


def _other_of_that_name(name: str, path: Path, root: Path) -> str | None:
    taken = next((what for known, what in TAKEN.items() if text_names.fold(known) == text_names.fold(name)), None)
    if taken:
        return taken
    own = own_texts(root).named(name)
    return None if own is None or own.resolve() == path.resolve() else f"{text_names.FOLDER}/{own.name}"


def _about_file(path: Path, root: Path) -> About:
    return about_file(path, _shown(path, root), len(described(root)["phases"]))


def _shown(path: Path, root: Path) -> str:
    """The path as its author knows it: inside the project, relative to the project's root."""
    root = root.resolve()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _make(name: str, data: bytes, root: Path, about: About, source: str = "") -> Corpus:
    corpus = Corpus(name, about.title, text_files.read(data, source), about.credits, root, about.phases, about.run)
    limits = described(root)["limits"]["vocab_size"]
    if len(corpus.vocab) < limits["min"]:
        raise CorpusError(
            f"{source} has {len(corpus.vocab)} different characters: a model needs at least {limits['min']}."
        )
    if len(corpus.vocab) > limits["max"]:
        raise CorpusError(text_files.too_many(corpus.text, limits["max"], source))
    say_once(corpus.in_use)
    return corpus
