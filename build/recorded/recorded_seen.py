"""The inside of recorded runs, docs/recorded/seen-*.json: what the engine reported at each milestone.

The lesson's run is trained again and observed: what the model expected where it wrote and on one line of the text,
where its heads looked, how large gradients and updates were; and the norms of each preset. `python3 build record
--observe` makes the file: engine/headless/record_seen.ts says how, and engine/training/seen.ts describes it and unpacks
it in a page. It belongs to the recordings of the same runs: their fingerprints must be its own.
"""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from model.model_json import read_description, with_own
from model.preset import OBSERVED, Preset
from recorded import headless, heads, health, recorded_file
from recorded.recorded_file import FOLDER, RecordedFileError
from recorded.recorded_runs import MODULE, Recording, differences
from system import replaced_file
from system.project import ROOT
from system.shell_words import command_line, option
from texts.corpus import Corpus
from texts.observed_line import observed_lines
from texts.text_about import ECHO

WANTED = ("config", "corpus", "module", "seed", "observe", "text", "milestones", "attention", "samples", "heads_off")
WANTED += ("fingerprints", "seeds", "presets")
# A page has no room for the maps of every milestone. The run on echo is shorter, and its copies are learned in between.
ATTENTION_AT, ATTENTION_AT_ECHO = (0, 200, 400, 800, 1200, 2000), (0, 100, 150, 200, 250, 400)
WINDOWS = 32  # for the loss of copies with a head off
OTHER_SEEDS = ("macbeth", "ophelia")  # for a text of writings and copies: whether its claims hold for other seeds


@dataclass(frozen=True)
class Seen:
    file: str  # as authors know it, with its folder
    facts: dict[str, Any]

    @property
    def corpus(self) -> str:
        return self.facts["corpus"]["name"]

    @property
    def sha256(self) -> str:
        """The hash of the text that the run was trained on."""
        return self.facts["corpus"]["sha256"]

    @property
    def heads(self) -> int:
        """How many heads the model has."""
        model = self.facts["config"]["model"]
        return model["n_layer"] * model["n_head"]

    @cached_property
    def maps(self) -> dict[int, bytes]:
        """Where the heads look on the observed line, by iteration: [L NH, t, t], in 255ths."""
        packed = self.facts["attention"]
        if packed is None:
            return {}
        data, count = gzip.decompress(base64.b64decode(packed["packed"])), len(packed["iterations"])
        size = len(data) // count
        return {at: data[number * size : (number + 1) * size] for number, at in enumerate(packed["iterations"])}

    def norms(self, preset: str | None = None) -> list[dict[str, Any]]:
        """The milestones with their norms: of the lesson's run, or of a preset (none if it was not recorded)."""
        if preset is None:
            return [{"iteration": one["iteration"], "norms": one["norms"]} for one in self.facts["milestones"]]
        return self.facts["presets"].get(preset, {"milestones": []})["milestones"]

    def tree(self) -> dict[str, Any]:
        """The facts under the names that claims use, by iteration; of heads, a list in the order of layers."""
        milestones = self.facts["milestones"]

        def by_iteration(of: str, name: str, among: Iterable[Mapping[str, Any]] = milestones) -> dict[int, Any]:
            return {one["iteration"]: _counted(one[of][name]) for one in among if one[of]}

        lines = {name: by_iteration("line", name) for name in ("surprise", "previous", "prefix", "stream_rms")}
        best = {f"best_{name}": _best(lines[name]) for name in ("previous", "prefix")}
        mean = {at: sum(all.values()) / len(all) for at, all in lines["surprise"].items()}
        norms = {name: by_iteration("norms", name) for name in ("gradient", "update", "weight")}
        presets = {
            name.replace(".", "_"): {
                part: by_iteration("norms", part, run["milestones"]) for part in ("gradient", "update", "weight")
            }
            | health.whole(run["milestones"])
            for name, run in self.facts["presets"].items()
        }
        seeds = {
            seed: {
                f"best_{name}": _best(by_iteration("line", name, run["milestones"])) for name in ("previous", "prefix")
            }
            | {"writings": _writings(run["milestones"])}
            for seed, run in self.facts["seeds"].items()
        }
        off = {name: _counted(found) for name, found in self.facts["heads_off"].items() if found is not None}
        facts = {
            **lines,
            **best,
            "distance": {
                at: {place: heads.distance(own) for place, own in enumerate(heads.maps_of(maps, self.heads))}
                for at, maps in self.maps.items()
            },
            "n_head": self.facts["config"]["model"]["n_head"],
            "line_nll": mean,
            "text": self.facts["text"],
            "corpus": self.corpus,
            "norms": norms,
            "heads_off": off,
            "presets": presets,
            "seeds": seeds,
        }
        return facts | {
            "writings": _writings(milestones),
            "gap": self._gap() if self.facts["observe"]["writings"] else {},
        }

    def _gap(self) -> dict[int, dict[int, float]]:
        """How much each head looks at the last space or line break, on average over the letters after one."""
        text = self.facts["text"][:-1]  # the last character is only predicted
        last: dict[int, int] = {}
        for place, character in enumerate(text):
            before = max(text.rfind(gap, 0, place) for gap in " \n")
            if character not in " \n" and before >= 0:
                last[place] = before
        t = len(text)

        def score(maps: bytes, head: int) -> float:
            return sum(maps[(head * t + i) * t + j] for i, j in last.items()) / len(last) / 255

        return {at: {head: score(maps, head) for head in range(self.heads)} for at, maps in self.maps.items()}


def _best(scores: Mapping[int, Mapping[int, float]]) -> dict[int, float]:
    """The highest score of a head, by iteration."""
    return {at: max(heads.values()) for at, heads in scores.items()}


def _writings(milestones: Iterable[Mapping[str, Any]]) -> dict[str, dict[int, float]]:
    """The losses of first writings and of copies, by iteration."""
    known = {one["iteration"]: one["writings"] for one in milestones if one["writings"]}
    return {name: {at: losses[name] for at, losses in known.items()} for name in ("first", "copies")}


def _counted(values: Any) -> Any:
    """A list as a mapping from each number's place, so that a path can name it.

    In JSON, infinity and NaN are strings.
    """
    return {place: float(value) for place, value in enumerate(values)} if isinstance(values, list) else values


def file_name(corpus: str) -> str:
    return f"seen-{corpus}.json"


def command(corpus_choice: str) -> str:
    return command_line("record", "--observe", *option("--corpus", corpus_choice))


def observed(corpus: Corpus, root: Path = ROOT) -> dict[str, Any]:
    """ObserveOptions of engine/training/observation.ts for the lesson's run on the text."""
    block_size = with_own(read_description(root), corpus.own_run)["model"]["block_size"]
    lines = observed_lines(corpus.text, corpus.split, block_size)
    return {"lines": lines, "norms": True, "writings": corpus.name == ECHO}


def attention_at(corpus: Corpus) -> tuple[int, ...]:
    """The milestones whose maps are kept."""
    return ATTENTION_AT_ECHO if corpus.name == ECHO else ATTENTION_AT


def presets_of(corpus: Corpus, presets: Iterable[str]) -> list[str]:
    """The presets that are trained on the text: all of them, or none where it has a run of its own."""
    return [] if corpus.own_run else [*presets]


def record(corpus: Corpus, presets: Mapping[str, Preset], workers: int | None = None, root: Path = ROOT) -> int:
    """Trains the lesson's run and the presets on the text, and writes what they report into docs/recorded/.

    Returns the exit status.
    """
    described = with_own(read_description(root), corpus.own_run)
    lesson = {name: described[name] for name in ("seed", "training", "evaluation", "sampling")}
    lesson |= {"preset": None, "observe": observed(corpus, root)}
    runs = [lesson]
    if lesson["observe"]["writings"]:
        runs += [lesson | {"seed": seed} for seed in OTHER_SEEDS]
    for name in presets_of(corpus, presets):
        preset = presets[name]
        own = {"training": preset.training, "evaluation": preset.evaluation, "sampling": preset.sampling}
        runs.append({"preset": name, "seed": preset.seed(described["seed"]), **own, "observe": OBSERVED})
    more = {"runs": runs, "attention_at": attention_at(corpus), "windows": WINDOWS}
    status, output = headless.seen(corpus, more, workers, root)
    if status == 0:
        replaced_file.write_whole(root / FOLDER / file_name(corpus.name), output)
    return status


def read(folder: Path) -> list[Seen]:
    """Everything of that kind in `folder`, by file name. Raises RecordedFileError."""
    return [_read(path) for path in sorted(folder.glob("seen-*.json"))]


def _read(path: Path) -> Seen:
    facts, where = recorded_file.facts_of(path, WANTED), recorded_file.where(path)
    seen = Seen(where, facts)
    try:
        sizes = {len(maps) for maps in seen.maps.values()}
    except (OSError, ValueError, EOFError) as problem:
        raise RecordedFileError(f"{where} cannot be read: {problem}; record it again.") from problem
    lines = facts["observe"]["lines"]
    if sizes - {seen.heads * lines["length"] ** 2 if lines else 0}:
        raise RecordedFileError(f"{where} has maps of another size than its line; record it again.")
    return seen


def of_text(found: Iterable[Seen], sha256: str) -> Seen | None:
    """What was seen of the run on the text with this hash."""
    return next((seen for seen in found if seen.sha256 == sha256), None)


def run_of(seen: Seen, recordings: Iterable[Recording]) -> Recording | None:
    """The recording of the run that was observed."""
    return next((one for one in recordings if one.preset is None and one.corpus == seen.corpus), None)


def stale(
    seen: Seen,
    recordings: Sequence[Recording],
    presets: Iterable[str],
    corpus_choice: str,
    observe: Mapping[str, Any] | None = None,
) -> str | None:
    """Why it does not belong to the recordings of its runs, which are up to date, and what to do; None if it does.

    `presets` are the names in docs/presets.yml; `observe` is what is to be observed now, None if the text is not here.
    """
    run = run_of(seen, recordings)
    if run is None:
        return None
    reasons = [*differences(Recording(seen.file, seen.facts), run.run["config"])]
    known = run.fingerprints(MODULE)
    other = [at for at, fingerprint in seen.facts["fingerprints"].items() if known.get(at) != fingerprint]
    if seen.sha256 != run.sha256:
        reasons.insert(0, f"another version of the text {seen.corpus}")
    elif other and not reasons:
        reasons = [f"other weights at iteration {other[0]} than {run.file} has"]
    elif observe is not None and seen.facts["observe"] != observe and not reasons:
        reasons = ["other lines of the text than pages show"]
    ends = {one.preset: one.run["fingerprint"] for one in recordings if one.preset and one.corpus == seen.corpus}
    have = {name: own["fingerprint"] for name, own in seen.facts["presets"].items()}
    for name in presets:
        if name not in have:
            reasons.append(f"no preset {name}")
        elif ends.get(name, have[name]) != have[name]:
            reasons.append(f"another run of the preset {name}")
    if not reasons:
        return None
    return f"{seen.file} was recorded with {'; '.join(reasons[:3])}. Renew it: {command(corpus_choice)}"
