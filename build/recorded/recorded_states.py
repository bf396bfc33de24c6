"""States of the lesson's recorded run, docs/recorded/checkpoint-*.json and weights-*.png.

They are for the lesson on checkpoints: pictures of its weights, its losses after going on from a checkpoint with parts
missing, and what one flipped bit does. `python3 build record --checkpoint` makes them
(engine/headless/record_checkpoint.ts says how). They belong to the recording of that run: its fingerprints must be
theirs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model.model_json import read_description
from recorded import headless, png, recorded_file
from recorded.recorded_file import FOLDER, RecordedFileError
from recorded.recorded_runs import MODULE, Recording, differences
from system import replaced_file
from system.project import ROOT
from system.shell_words import command_line, option
from texts.corpus import Corpus

WANTED = ("config", "corpus", "module", "seed", "at", "further", "val_every", "ways", "bits", "states", "picture")
PICTURED = (0, 200, 2000)  # the iterations whose weights are shown
AT = 1000  # the checkpoint's iteration
FURTHER = 200  # iterations after it, for each way of going on
VAL_EVERY = 10
OTHER_SEED = "macbeth"
PNG_WORDS = ("Text", "Iteration", "Fingerprint")


@dataclass(frozen=True)
class States:
    file: str  # as authors know it: docs/recorded/checkpoint-shakespeare.json
    facts: dict[str, Any]
    pictures: Mapping[int, bytes]  # PNG files, by iteration

    @property
    def corpus(self) -> str:
        return self.facts["corpus"]["name"]

    @property
    def sha256(self) -> str:
        """The hash of the text that the run was trained on."""
        return self.facts["corpus"]["sha256"]

    def _state(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """A state with its parts by name: tensors, with no dots in their names, and characters."""
        tensors = {name.replace(".", "_"): about for name, about in state["tensors"].items()}
        characters = dict(zip(self.facts["corpus"]["characters"], state["characters"], strict=True))
        neurons = dict(enumerate(state["neurons"]))
        rows = dict(enumerate(state["characters"]))
        return {**state, "tensors": tensors, "characters": characters, "rows": rows, "neurons": neurons}

    def _sizes(self) -> dict[str, dict[int, float]]:
        """The root mean square of each tensor, by iteration."""
        states = {state["iteration"]: state["tensors"] for state in self.facts["states"]}
        names = [*next(iter(states.values()))]
        return {name.replace(".", "_"): {at: own[name]["rms"] for at, own in states.items()} for name in names}

    def tree(self) -> dict[str, Any]:
        """The facts under the names that prose and claims use.

        The losses of a way of going on are by the iterations made since the checkpoint; `excess` is how much higher its
        val loss is than with the whole checkpoint.
        """
        facts, every, bits = self.facts, self.facts["val_every"], self.facts["bits"]
        whole = facts["ways"]["whole"]["val"]
        ways = {
            name: {
                "train_nll": dict(enumerate(way["train"])),
                "val_nll": {number * every: val for number, val in enumerate(way["val"])},
                "excess": {number * every: val - whole[number] for number, val in enumerate(way["val"])},
            }
            for name, way in facts["ways"].items()
        }
        flips = {one["bit"]: {"value": one["value"], "val_nll": one["val"]} for one in bits["flipped"]}
        return {name: facts[name] for name in ("at", "further", "seed", "other_seed", "file")} | {
            "ways": ways,
            "sizes": self._sizes(),
            "states": {state["iteration"]: self._state(state) for state in facts["states"]},
            "bits": {"character": bits["character"], "value": bits["value"], "val_nll": bits["val"], "flipped": flips},
        }


def file_name(corpus: str) -> str:
    return f"checkpoint-{corpus}.json"


def picture_name(corpus: str, iteration: int) -> str:
    return f"weights-{corpus}-{iteration}.png"


def command(corpus_choice: str) -> str:
    return command_line("record", "--checkpoint", *option("--corpus", corpus_choice))


def measures(corpus: Corpus, root: Path = ROOT) -> bool:
    """Whether the text's validation part is long enough to measure a loss on it, as engine/training/corpus.ts asks."""
    return len(corpus.validation) > read_description(root)["model"]["block_size"]


def record(corpus: Corpus, workers: int | None = None, root: Path = ROOT) -> int:
    """Trains the lesson's run on the text, and writes its states into docs/recorded/. Returns the exit status."""
    more = {"other_seed": OTHER_SEED, "pictured": PICTURED, "at": AT, "further": FURTHER, "val_every": VAL_EVERY}
    status, output = headless.states(corpus, more, workers, root)
    if status != 0:
        return status
    text, _, pixels = output.partition(b"\0")  # JSON has no such byte
    facts = json.loads(text)
    folder = root / FOLDER
    for name, data in _pictures(corpus.name, facts, pixels).items():
        replaced_file.write_whole(folder / name, data)
    replaced_file.write_whole(folder / file_name(corpus.name), json.dumps(facts, separators=(",", ":")).encode())
    return 0


def _pictures(corpus: str, facts: Mapping[str, Any], pixels: bytes) -> dict[str, bytes]:
    """The PNG files by name, each with its run and its weights' fingerprint inside."""
    width, height, palette = (facts["picture"][name] for name in ("width", "height", "palette"))
    found = {}
    for number, state in enumerate(facts["states"]):
        own = pixels[number * width * height : (number + 1) * width * height]
        words = dict(zip(PNG_WORDS, (corpus, str(state["iteration"]), state["fingerprint"]), strict=True))
        name = picture_name(corpus, state["iteration"])
        found[name] = png.written(png.Picture(width, height, own, palette, words))
    return found


def read(folder: Path) -> list[States]:
    """All recorded states in `folder`, by file name. Raises RecordedFileError."""
    return [_read(path) for path in sorted(folder.glob("checkpoint-*.json"))]


def _read(path: Path) -> States:
    facts, where = recorded_file.facts_of(path, WANTED), recorded_file.where(path)
    corpus, pictures = facts["corpus"]["name"], {}
    for state in facts["states"]:
        name = picture_name(corpus, state["iteration"])
        pictures[state["iteration"]] = _picture(path.parent / name, (corpus, state["iteration"], state["fingerprint"]))
    return States(where, facts, pictures)


def _picture(path: Path, belongs: tuple[str, int, str]) -> bytes:
    """The PNG file, which says to which weights it belongs."""
    where = f"{FOLDER}/{path.name}"
    try:
        data = path.read_bytes()
        words = png.read(data).words
    except (OSError, ValueError) as problem:
        raise RecordedFileError(f"{where} cannot be read: {problem}; record it again.") from problem
    if tuple(words.get(name) for name in PNG_WORDS) != tuple(map(str, belongs)):
        raise RecordedFileError(f"{where} shows other weights than {file_name(belongs[0])} describes; record it again.")
    return data


def of_text(found: Iterable[States], sha256: str) -> States | None:
    """The states of the run on the text with this hash."""
    return next((states for states in found if states.sha256 == sha256), None)


def run_of(states: States, recordings: Iterable[Recording]) -> Recording | None:
    """The recording of the whole run on the same text."""
    return next((one for one in recordings if one.preset is None and one.corpus == states.corpus), None)


def stale(states: States, run: Recording, corpus_choice: str) -> str | None:
    """Why they do not belong to the recording of their run, which is up to date, and what to do; None if they do."""
    reasons = [*differences(Recording(states.file, states.facts), run.run["config"])]
    known = run.fingerprints(MODULE)
    other = [
        one["iteration"] for one in states.facts["states"] if known.get(str(one["iteration"])) != one["fingerprint"]
    ]
    if states.sha256 != run.sha256:
        reasons.insert(0, f"another version of the text {states.corpus}")
    elif other and not reasons:
        reasons = [f"other weights at iteration {other[0]} than {run.file} has"]
    if not reasons:
        return None
    return f"{states.file} was recorded with {'; '.join(reasons[:3])}. Renew it: {command(corpus_choice)}"
