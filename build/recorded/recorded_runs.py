"""Recorded runs, docs/recorded/run-*.json and preset-*.json: reading them, choosing among them, finding stale ones.

`python3 build record` writes them in the form RecordedRun (engine/headless/record.ts). A text's hash decides which
recordings belong to it. So numbers in prose are true for the text that the site was built with, or the build reports
that it has none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unicodedata import normalize

from model import seeds
from model.model_json import with_own
from model.preset import Preset, Presets
from recorded import recorded_file
from recorded.recorded_file import FOLDER, RecordedFileError
from system.shell_words import command_line, option
from texts.corpus import Corpus

MODULE = "fma"  # the module of the CPU engine that pages quote; most readers' browsers run it
MODULES = (MODULE, "base")
EVERY_PRESET = "all"  # the value of --preset that means every preset
WANTED = ("config", "corpus", "engine", "seed", "curve", "samples", "whole_val", "fingerprints", "fingerprint")
# These sections decide what the engine computes; the keys in PACE, such as the rest between samples, do not.
SECTIONS = ("model", "training", "evaluation", "sampling")
PACE = {"rest_ms"}


@dataclass(frozen=True)
class Stale:
    """An out-of-date recording, and why."""

    file: str
    corpus_choice: str  # the value for --corpus
    preset: str | None
    reason: str

    def __str__(self) -> str:
        return f"{self.file} was recorded with {self.reason}. Renew it: {command(self.corpus_choice, self.preset)}"


@dataclass(frozen=True)
class Recording:
    file: str  # as authors know it: docs/recorded/run-shakespeare.json
    run: dict[str, Any]

    @property
    def corpus(self) -> str:
        return self.run["corpus"]["name"]

    @property
    def sha256(self) -> str:
        """The hash of the text that it was trained on."""
        return self.run["corpus"]["sha256"]

    @property
    def preset(self) -> str | None:
        return self.run.get("preset")

    def fingerprints(self, module: str) -> dict[str, str]:
        """By iteration, those of a module of the CPU engine. A recording is of one, and may keep those of another."""
        run = self.run
        return (run if run.get("module", "base") == module else run.get(module, {})).get("fingerprints", {})


def read(folder: Path) -> list[Recording]:
    """Every recording in `folder`, by file name. Raises RecordedFileError."""
    files = sorted([*folder.glob("run-*.json"), *folder.glob("preset-*.json")])
    return [_read(path) for path in files]


def _read(path: Path) -> Recording:
    run, where = recorded_file.facts_of(path, WANTED), recorded_file.where(path)
    own = ["module"] if run["engine"] == "cpu" else []
    recorded_file.require(path, run, [*own, *(["base"] if run.get("module") == MODULE else [])])
    recording = Recording(where, run)
    name = file_name(recording.corpus, recording.preset)
    if normalize("NFC", path.name) != name:  # some file systems store accents apart from letters
        raise RecordedFileError(f"{where} contains the recording for {FOLDER}/{name}; give it that name.")
    return recording


def file_name(corpus: str, preset: str | None = None) -> str:
    return f"preset-{corpus}-{preset}.json" if preset else f"run-{corpus}.json"


def command(corpus: str, preset: str | None = None) -> str:
    """The command with which an author makes a recording. `corpus` is a name or a path, as for --corpus."""
    return command_line("record", *(option("--preset", preset) if preset else []), *option("--corpus", corpus))


def differences(recording: Recording, wanted: Mapping[str, Any]) -> Iterator[str]:
    """The settings of a recording that differ from `wanted`, the run's configuration in the project as it is now."""
    config = recording.run["config"]
    if config["seed"] != wanted["seed"]:
        yield f"the seed “{seeds.shown(config['seed'])}”, not “{seeds.shown(wanted['seed'])}”"
    for section in SECTIONS:
        was, now = config[section], wanted[section]
        for key in sorted({*was, *now} - PACE):
            if was.get(key) != now.get(key):
                yield f"{section}.{key} {_said(was.get(key))}, not {_said(now.get(key))}"
    if config["phases"] != wanted["phases"]:
        yield "other phase names"


def _said(value: Any) -> str:
    return "unset" if value is None else json.dumps(value)


def stale(
    recording: Recording,
    description: Mapping[str, Any],
    presets: Presets,
    sha256: str | None,
    corpus_choice: str,
    phases: Sequence[str] | None = None,
) -> Stale | str | None:
    """Why a recording is out of date, and what to do; None if it is up to date.

    `description` is engine/model.json; `presets` is empty if their file cannot be read (already reported);
    `sha256` is the present hash of the recording's text, or None if the text is not at hand; `phases` are that text's,
    or None for those of engine/model.json.
    """
    preset = presets.runs.get(recording.preset) if recording.preset else None
    if recording.preset and not preset:
        deleted = f"{recording.file}: docs/presets.yml has no preset “{recording.preset}”; delete the file."
        return deleted if presets.names else None
    wanted = run_config(description, recording.run["corpus"]["vocab_size"], preset, phases)
    reasons = list(differences(recording, wanted))
    if recording.run.get("module", MODULE) != MODULE:
        reasons.append(f"the module {recording.run['module']}, not {MODULE}")
    if sha256 is not None and recording.sha256 != sha256:
        reasons.insert(0, f"another version of the text {recording.corpus}")
    if not reasons:
        return None
    listed = "; ".join(reasons[:3]) + ("; and more" if len(reasons) > 3 else "")
    return Stale(recording.file, corpus_choice, recording.preset, listed)


def told(found: Iterable[Stale | str]) -> list[str]:
    """The sentences to print. Recordings with the same reason share one: a changed model affects all of them."""
    by_reason: dict[str, list[Stale]] = {}
    sentences = []
    for one in found:
        if isinstance(one, Stale):
            by_reason.setdefault(one.reason, []).append(one)
        else:
            sentences.append(one)
    return [*sentences, *(_together(group) for group in by_reason.values())]


def _together(group: list[Stale]) -> str:
    if len(group) == 1:
        return str(group[0])
    names = [Path(one.file).name for one in group]
    listed = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    presets: dict[str, list[str]] = {}
    commands = []
    for one in group:
        if one.preset is None:
            commands.append(command(one.corpus_choice))
        else:
            presets.setdefault(one.corpus_choice, []).append(one.preset)
    commands += [command(choice, names[0] if len(names) == 1 else EVERY_PRESET) for choice, names in presets.items()]
    rows = "".join(f"\n    {line}" for line in commands)
    return f"{len(group)} recordings in {FOLDER}/ were made with {group[0].reason}: {listed}. Renew them:{rows}"


def run_config(
    description: Mapping[str, Any],
    vocab_size: int,
    preset: Preset | None = None,
    phases: Sequence[str] | None = None,
) -> dict[str, Any]:
    """A run's configuration from engine/model.json and docs/presets.yml, in the form of a recording's `config`."""
    config = {name: description[name] for name in ("seed", *SECTIONS, "phases")}
    config["model"] = description["model"] | {"vocab_size": vocab_size}
    config["phases"] = list(phases or description["phases"])
    if preset is None:
        return config
    changed = {"training": preset.training, "evaluation": preset.evaluation, "sampling": preset.sampling}
    return config | changed | {"seed": preset.seed(description["seed"])}


def of_island(
    recordings: Iterable[Recording], island: Mapping[str, Any], description: Mapping[str, Any], corpus: Corpus
) -> Recording | None:
    """The recording of exactly the run that a runner's island describes; None if there is none.

    Compares the sampling of the project, or of the text's own run: when a panel shows samples does not affect the
    training.
    """
    wanted = {name: island[name] for name in ("seed", *SECTIONS, "phases")}
    sampling = with_own(description, corpus.own_run)["sampling"]
    wanted |= {"model": island["model"] | {"vocab_size": len(corpus.vocab)}, "sampling": sampling}
    return _of_run(recordings, wanted, corpus)


def of_lesson(recordings: Iterable[Recording], description: Mapping[str, Any], corpus: Corpus) -> Recording | None:
    """The recording of the run that engine/model.json describes, on this text; None if there is none."""
    return _of_run(recordings, run_config(description, len(corpus.vocab), phases=corpus.phases), corpus)


def _of_run(recordings: Iterable[Recording], wanted: Mapping[str, Any], corpus: Corpus) -> Recording | None:
    for recording in recordings:
        if recording.preset is None and recording.sha256 == corpus.sha256 and not [*differences(recording, wanted)]:
            return recording
    return None
