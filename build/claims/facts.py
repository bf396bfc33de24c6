"""Everything that a claim may be checked against, as one tree: recorded runs, texts, presets and engine/model.json.

A path names a fact by dots, each step a name or a number: `run-shakespeare.val_nll.800`,
`corpora.shakespeare.rungs.trigram`. The first step of a recorded run is its file's name without `.json`. `changed`
gives the same tree with another value at one path, so that a test can see a claim fail.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from model.model_facts import count_parameters, flops_per_iteration
from model.preset import Presets
from reading.error_messages import one_of
from recorded import recorded_speed
from recorded.recorded_file import FOLDER
from recorded.recorded_runs import Recording
from recorded.recorded_seen import Seen
from recorded.recorded_states import States
from texts.corpus import Corpus, CorpusError

BYTES_PER_PARAMETER = 4  # f32
SECTIONS = ("training", "evaluation", "sampling", "limits")
Tree = Mapping[str | int, Any]  # a value that is a function is called when a path first needs it


class NotHereError(Exception):
    """A claim cannot be checked here, because a text or a recording is not at hand; a sentence that says why."""


class NoRecordingError(NotHereError):
    """There is no such recording, which only the author of the claim can fix."""


class WrongPathError(Exception):
    """A path that names nothing: a mistake of its author, in a sentence."""


@dataclass(frozen=True)
class Sources:
    """Where the facts come from."""

    root: Path
    description: Mapping[str, Any]  # engine/model.json
    recordings: list[Recording]
    presets: Presets
    corpus: Callable[[str], Corpus]  # may raise CorpusError
    names: Container[str]  # of all texts
    at_hand: Container[str]  # of the texts that need no network
    states: Sequence[States] = ()
    seen: Sequence[Seen] = ()


@dataclass
class Facts:
    sources: Sources
    trees: dict[str, Any] = field(default_factory=dict)  # by the first step of a path, as far as used

    @property
    def root(self) -> Path:
        return self.sources.root

    def at(self, path: str) -> Any:
        """The fact of that name. Raises NotHereError, WrongPathError."""
        first, *steps = _steps(path)
        value = self._tree(first)
        for number, step in enumerate(steps):
            value = _inside(value, step, ".".join([first, *steps[:number]]))
        return value

    def changed(self, path: str, value: Any) -> Facts:
        """These facts with another value at `path`, which must name a fact. Raises NotHereError, WrongPathError."""
        first, *steps = _steps(path)
        if not steps:
            raise WrongPathError(f"“{path}” names a group of facts; name one of them")
        self.at(path)
        return Facts(self.sources, {**self.trees, first: _replaced(self._tree(first), steps, value)})

    def corpus(self, name: str) -> Corpus:
        """The text of that name. Raises NotHereError, WrongPathError."""
        if name not in self.sources.names:
            raise WrongPathError(f"there is no text “{name}”")
        if name not in self.sources.at_hand:
            raise NotHereError(f"the text {name} is not here; build with it once, or set PRESS_START_CORPUS")
        try:
            return self.sources.corpus(name)
        except CorpusError as problem:
            raise NotHereError(str(problem)) from problem

    def _tree(self, first: str) -> Any:
        if first not in self.trees:
            self.trees[first] = self._made(first)
        return self.trees[first]

    def _made(self, first: str) -> Any:
        description = self.sources.description
        if first in SECTIONS:
            return description[first]
        if first == "presets" and not self.sources.presets.names:
            raise NotHereError("docs/presets.yml cannot be read")
        if first == "presets":
            return {preset.name: preset.training for preset in self.sources.presets}
        if first == "corpora":
            return _Texts(self)
        if first == "speed":
            return recorded_speed.read(self.root).ours or {}
        for recording in self.sources.recordings:
            if Path(recording.file).stem == first:
                return _run(recording.run)
        for more in (*self.sources.states, *self.sources.seen):
            if Path(more.file).stem == first:
                return more.tree()
        if first.startswith(("run-", "preset-", "checkpoint-", "seen-")):
            raise NoRecordingError(f"there is no recording {FOLDER}/{first}.json; make it again, or delete the claim")
        files = [*self.sources.recordings, *self.sources.states, *self.sources.seen]
        known = [*SECTIONS, "presets", "corpora", "speed", *(Path(one.file).stem for one in files)]
        raise WrongPathError(f"there are no facts called “{first}”; {one_of('groups', first, known)}")


class _Texts(dict):
    """The facts of each text, made when they are first asked for."""

    def __init__(self, facts: Facts) -> None:
        super().__init__()
        self.facts = facts

    def __missing__(self, name: str) -> Tree:
        self[name] = _text(self.facts.corpus(name))
        return self[name]


def _text(corpus: Corpus) -> Tree:
    return {
        "characters": len(corpus.text),
        "training_characters": len(corpus.train),
        "validation_characters": len(corpus.validation),
        "vocab_size": len(corpus.vocab),
        "bytes": corpus.bytes,
        "counts": cache(lambda: Counter(corpus.train)),
        "rungs": cache(lambda: corpus.rungs() or {}),
        "bare_letters": cache(lambda: _bare_letters(corpus)),
        "floor": lambda: corpus.floor,
    }


def _bare_letters(corpus: Corpus) -> Tree:
    letters, full = corpus.bare_letters(), corpus.rungs()
    if letters is None or full is None:
        return {}
    counts = {name: getattr(letters, name) for name in ("characters", "symbols", "per_character")}
    return counts | {"rungs": letters.rungs, "extra": letters.extra(full)}


def _run(run: Mapping[str, Any]) -> Tree:
    """A recorded run, under the names that prose uses for its parts."""
    samples, config = run["samples"], run["config"]
    model = config["model"]
    n_params = count_parameters(model)
    flops = flops_per_iteration(model, config["training"]["batch_size"])
    facts: dict[str, Any] = {
        f"{name}_nll": {row["iteration"]: row[name] for row in run["curve"] if row[name] is not None}
        for name in ("train", "val")
    }
    facts |= {part: {one["iteration"]: one[part] for one in samples} for part in ("text", "prompt", "phase")}
    facts |= {"sample": facts.pop("text"), "phases": config["phases"], "seed": run["seed"], "engine": run["engine"]}
    facts |= {"iterations": run["curve"][-1]["iteration"], "samples": len(samples), "corpus": run["corpus"]["name"]}
    facts |= {name: config[name] for name in ("training", "evaluation", "sampling")}
    facts["model"] = model | {"n_params": n_params, "bytes": BYTES_PER_PARAMETER * n_params, "flops": flops["total"]}
    facts |= {"samples_alike": run["base"]["samples_alike"]} if "samples_alike" in run.get("base", {}) else {}
    return facts | {name: run[name] for name in ("whole_val", "verdict") if run.get(name) is not None}


def _steps(path: str) -> list[str]:
    """The steps of a path. A file's name may have dots, but a digit follows those: preset-x-warm-up-0.003-100."""
    first, *rest = re.split(r"\.(?=[^\W\d])", path, maxsplit=1)
    return [first, *(rest[0].split(".") if rest else [])]


def _key(group: Any, step: str) -> Any:
    """The step as the group spells it: in a list or among iterations it is a number."""
    if isinstance(group, list) or (isinstance(group, Mapping) and step not in group and step.isdecimal()):
        return int(step) if step.isdecimal() else step
    return step


def _inside(group: Any, step: str, path: str) -> Any:
    key = _key(group, step)
    try:
        value = group[key]
    except (KeyError, IndexError, TypeError) as problem:
        names = [str(name) for name in group] if isinstance(group, Mapping) else []
        known = one_of("names", step, names[:24]) if names else "it has no parts of that name"
        raise WrongPathError(f"{path} has no “{step}”; {known}") from problem
    return value() if callable(value) else value


def _replaced(group: Any, steps: list[str], value: Any) -> Any:
    key = _key(group, steps[0])
    inner = group[key]() if callable(group[key]) else group[key]
    new = _replaced(inner, steps[1:], value) if len(steps) > 1 else value
    if isinstance(group, list):
        return [*group[:key], new, *group[key + 1 :]]
    return {**group, key: new}
