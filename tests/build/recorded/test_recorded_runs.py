"""Recorded runs reach prose and pages only while they are up to date.

Catches: prose that quotes another text's run, a recording not renewed after model.json, presets.yml or the text
changed, a file that breaks the build without a message, a page without JavaScript that shows no run.
"""

from __future__ import annotations

import copy
import itertools
import json
import re
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from markupsafe import Markup, escape

from authoring.presets import read as read_presets
from model.model_json import read_description, with_own
from model.preset import Presets
from prose import known_values, page_values
from reading.error_messages import Follows
from recorded import recorded_curve, recorded_runs
from recorded.recorded_file import RecordedFileError
from recorded.recorded_runs import Recording
from recorded.recorded_speed import Recorded
from texts import corpus as corpora

COMMAND = "python3 build record --corpus small"


@pytest.fixture
def small(root: Path) -> corpora.Corpus:
    return corpora.Corpus("small", "small", "A small text of words, and of words again.\n" * 80, "", root)


@pytest.fixture
def run(root: Path, small: corpora.Corpus) -> dict[str, Any]:
    """A recording in `record`'s format; its numbers are made up, because pages will not show them."""
    config = recorded_runs.run_config(read_description(root), len(small.vocab))
    phases = config["phases"]
    texts = {0: ("xqz", phases[0], 4.19), 2: ("the\n*b*", phases[2], 2.25), 4: ("HENRY:", phases[3], 2.5)}
    return {
        "format": 1,
        "config": config,
        "corpus": {"name": small.name, "sha256": small.sha256, "vocab_size": len(small.vocab)},
        "engine": "cpu",
        "module": "fma",
        "seed": config["seed"],
        "curve": [
            {"iteration": i, "train": 4 - i / 2 if i < 4 else None, "val": texts[i][2] if i in texts else None}
            for i in range(5)
        ],
        "samples": [
            {"iteration": i, "val": val, "phase": phase, "prompt": "A small", "text": text}
            for i, (text, phase, val) in texts.items()
        ],
        "whole_val": 2.375,
        "fingerprints": {"0": "00", "4": "ff"},
        "fingerprint": "ff",
        "base": {"fingerprints": {"0": "00", "4": "fe"}, "fingerprint": "fe", "samples_alike": 2},
    }


def save(folder: Path, name: str, content: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / name).write_text(text, encoding="utf-8")


def values(
    root: Path, corpus: corpora.Corpus, recordings: list[Recording], presets: Presets | None = None
) -> dict[str, Any]:
    return known_values.known_values(
        known_values.Sources(
            description=read_description(root),
            main=corpus,
            corpus_names=[corpus.name],
            corpus=lambda _name: corpus,
            corpus_choice=corpus.name,
            recordings=recordings,
            presets=read_presets(root) if presets is None else presets,
            speed=Recorded(None, None),
            quote=lambda _recording, sample: Markup("<q>{}</q>").format(sample["text"]),
            single_file_bytes=25_000_000,
        )
    )


def why_stale(root: Path, run: dict, sha256: str | None) -> str | None:
    name = recorded_runs.file_name("small", run.get("preset"))
    recording = Recording(f"docs/recorded/{name}", run)
    found = recorded_runs.stale(recording, read_description(root), read_presets(root), sha256, "small")
    return None if found is None else str(found)


def test_a_texts_own_run_belongs_to_runners_that_name_the_text(
    root: Path, small: corpora.Corpus, run: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = {"training": {"iterations": 4}, "sampling": {"every": 2}}
    monkeypatch.setitem(corpora.BUILT_IN, "small", corpora.About("small", run=own))
    text, described = replace(small, own_run=own), read_description(root)
    usual = copy.deepcopy(run)
    run["config"] |= {section: run["config"][section] | settings for section, settings in own.items()}
    recording = Recording("docs/recorded/run-small.json", run)
    assert recorded_runs.stale(recording, with_own(described, own), read_presets(root), text.sha256, "small") is None
    island = {"model": described["model"]} | {name: run["config"][name] for name in ("seed", "training", "phases")}
    island |= {"evaluation": described["evaluation"], "sampling": run["config"]["sampling"] | {"early": []}}
    assert recorded_runs.of_island([recording], island, described, text) is recording
    assert recorded_runs.of_island([recording], island | {"training": described["training"]}, described, text) is None
    lesson = Recording("docs/recorded/run-small.json", usual)
    assert recorded_runs.of_island([lesson], island, described, text) is None
    recorded = values(root, text, [recording])["recorded"]
    assert recorded["runs"]["small"]["iterations"] == 4
    with pytest.raises(KeyError):
        _ = recorded["run"]


def test_prose_can_name_each_part_of_a_run(root: Path, small: corpora.Corpus, run: dict) -> None:
    recorded = values(root, small, [Recording("docs/recorded/run-small.json", run)])["recorded"]
    named = recorded["run"]
    assert (named["seed"], named["iterations"], named["engine"]) == (run["seed"], 4, "cpu")
    assert dict(named["val_nll"].items()) == {0: 4.19, 2: 2.25, 4: 2.5}
    assert dict(named["train_nll"].items()) == {0: 4, 1: 3.5, 2: 3, 3: 2.5}
    assert (named["best_val_nll"], named["best_iteration"], named["whole_val"]) == (2.25, 2, 2.375)
    assert (named["highest_train_nll"], named["lowest_train_nll"], named["last_train_nll"]) == (4, 2.5, 2.5)
    assert named["sample"][2] == "the\n*b*" and named["quote"][2] == "<q>the\n*b*</q>"
    assert dict(named["phase_began"].items()) == {0: 0, 2: 2, 3: 4}
    assert recorded["runs"]["small"]["sample"][4] == "HENRY:"


def test_another_version_of_the_text_has_no_run(root: Path, small: corpora.Corpus, run: dict) -> None:
    run["corpus"]["sha256"] = "0" * 64
    recorded = values(root, small, [Recording("docs/recorded/run-small.json", run)])["recorded"]
    with pytest.raises(KeyError):
        recorded["run"]
    assert recorded.explain("run").endswith(f"has not been recorded on this text, small; record it: {COMMAND}")
    presets = recorded["presets"]
    with pytest.raises(KeyError):
        presets["dead"]
    said = "the presets have not been recorded on this text, small; record them: "
    assert presets.explain("dead") == f"{said}python3 build record --preset all --corpus small"


def test_only_what_follows_from_a_reported_mistake_says_so(root: Path, small: corpora.Corpus) -> None:
    """A build lists the cause alone. A file without experiments has no cause to list, so each place is reported."""
    broken = values(root, small, [], Presets())["recorded"]
    without = values(root, small, [], replace(read_presets(root), experiments={}))["recorded"]
    for found, said, follows in (
        (broken["presets"], "docs/presets.yml has errors; fix those first", True),
        (broken["experiments"], "docs/presets.yml has errors; fix those first", True),
        (without["experiments"], "docs/presets.yml has no experiments", False),
    ):
        message = found.explain("x")
        assert message.endswith(f"has no “x”, because {said}") and isinstance(message, Follows) is follows
    page = page_values.render("{{ recorded.presets.x }}", "docs/x.md", 1, {"recorded": broken})
    assert [error.follows for error in page.errors] == [True]


def test_a_run_that_the_project_describes_is_not_stale(root: Path, small: corpora.Corpus, run: dict) -> None:
    assert why_stale(root, run, small.sha256) is None
    run["config"]["sampling"]["rest_ms"] += 1  # the length of rests does not change any result
    assert why_stale(root, run, None) is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"training": {"learning_rate": 0.01}}, "training.learning_rate 0.01, not 0.003"),
        ({"model": {"n_layer": 2}}, "model.n_layer 2, not 4"),
        ({"sampling": {"temperature": 1}}, "sampling.temperature 1, not 0.8"),
        ({"seed": "x"}, "the seed “x”, not “"),
        ({"phases": ["a", "b", "c", "d"]}, "other phase names"),
    ],
)
def test_a_run_of_another_description_is_stale(
    root: Path, small: corpora.Corpus, run: dict, change: dict, said: str
) -> None:
    for name, value in change.items():
        run["config"][name] = run["config"][name] | value if isinstance(value, dict) else value
    sentence = why_stale(root, run, small.sha256)
    assert sentence.startswith("docs/recorded/run-small.json was recorded with") and said in sentence
    assert sentence.endswith(f"Renew it: {COMMAND}")


def test_a_run_on_the_module_that_rounds_twice_is_stale(root: Path, small: corpora.Corpus, run: dict) -> None:
    run["module"] = "base"
    del run["base"]
    assert "was recorded with the module base, not fma. Renew it" in why_stale(root, run, small.sha256)


def test_a_run_on_another_version_of_its_text_is_stale(root: Path, small: corpora.Corpus, run: dict) -> None:
    assert "another version of the text small" in why_stale(root, run, "0" * 64)


def test_a_preset_is_held_to_its_own_description(root: Path, small: corpora.Corpus, run: dict) -> None:
    preset = read_presets(root).by_name["noisy"]
    config = recorded_runs.run_config(read_description(root), len(small.vocab), preset)
    assert config["seed"] == f"{run['seed']} / noisy" and config["training"]["batch_size"] == 1
    noisy = {**run, "preset": "noisy", "config": config}
    assert why_stale(root, noisy, small.sha256) is None
    changed = copy.deepcopy(noisy)
    changed["config"]["training"]["batch_size"] = 2
    sentence = why_stale(root, changed, small.sha256)
    assert sentence.endswith("Renew it: python3 build record --preset noisy --corpus small")
    assert "has no preset “gone”; delete the file" in why_stale(root, {**noisy, "preset": "gone"}, small.sha256)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("run-small.json", "{", "run-small.json is not JSON"),
        ("run-small.json", {"format": 2}, "run-small.json lacks “format”: 1"),
        ("run-small.json", {"format": 1, "config": {}}, "run-small.json has no “corpus”"),
        ("run-small.json", "module", "run-small.json has no “module”; record it again"),
        ("run-small.json", "base", "run-small.json has no “base”; record it again"),
        ("run-other.json", None, "run-other.json contains the recording for docs/recorded/run-small.json"),
        ("preset-small-dead.json", None, "contains the recording for docs/recorded/run-small.json"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, run: dict, name: str, content: object, said: str) -> None:
    if isinstance(content, str) and content in run:
        del run[content]  # the name of a part to leave out
        content = None
    save(tmp_path, name, run if content is None else content)
    with pytest.raises(RecordedFileError, match=re.escape(said)):
        recorded_runs.read(tmp_path)


def test_every_recording_of_the_project_can_be_read(root: Path) -> None:
    found = recorded_runs.read(root / "docs/recorded")
    assert corpora.PLAY_MACHINE in {one.corpus for one in found if one.preset is None}, "the tests' own text"
    assert {one.preset for one in found if one.preset} <= {*read_presets(root).runs}


def test_a_stale_recording_stops_the_build_with_the_command_that_renews_it(project, root: Path) -> None:
    recording = json.loads((root / "docs/recorded/run-play-machine.json").read_text(encoding="utf-8"))
    recording["config"]["training"]["batch_size"] = 33
    save(project.folder / "docs/recorded", "run-play-machine.json", recording)
    result = project.build()
    assert result.returncode != 0 and "Traceback" not in result.stderr
    assert "docs/recorded/run-play-machine.json was recorded with training.batch_size 33, not 32" in result.stderr
    assert "Renew it: python3 build record --corpus play-machine" in result.stderr


def test_without_a_script_a_page_shows_the_recorded_run(project, root: Path) -> None:
    recorded = root / "docs/recorded/run-play-machine.json"
    run = json.loads(recorded.read_text(encoding="utf-8"))
    save(project.folder / "docs/recorded", recorded.name, run)
    runner = "```runner\ncorpus: play-machine\n```\n\n```samples\nearly: false\n```\n"
    other = "```runner\ncorpus: play-machine\nsession: b\nseed: another seed\n```\n\n```samples\nsession: b\n```\n"
    project.write("page.md", f"# Run\n\n{runner}\n## Another\n\n{other}")
    result = project.build("--strict")
    assert result.returncode == 0, result.stderr
    html = project.page("page.html")
    first, second = html.split('<h2 id="another"')
    assert first.count('<svg class="ps-curve"') == 1 and "ps-curve" not in second
    shown = [int(number) for number in re.findall(r'ps-at">iteration (\d+)', first)]
    assert shown == [sample["iteration"] for sample in run["samples"] if sample["iteration"] not in (25, 50, 100)]
    last = run["samples"][-1]["text"].split("\n")[0]
    assert str(escape(last)) in first
    assert "ps-recorded-run" not in second, "another seed's run is not recorded"


def test_the_curve_says_what_it_shows_and_stays_inside_its_frame(run: dict, small: corpora.Corpus) -> None:
    lines = recorded_curve.levels({"uniform": 4.2, "unigram": 3.0, "bigram": 2.4}, 1.25, 66)
    assert [line.name for line in lines] == ["ln 66", "unigram", "bigram", "floor"]
    svg = recorded_curve.drawn(run["curve"], lines, "k", "A <title>")
    assert '<title id="k-title">A &lt;title&gt;</title>' in svg and 'aria-labelledby="k-title k-words"' in svg
    assert "Validation loss falls from 4.19 nats at iteration 0 to 2.50 at iteration 4." in svg
    assert "below these lines: ln 66, unigram." in svg and "floor" in svg
    points = [point.split(",") for group in re.findall(r'points="([^"]*)"', svg) for point in group.split()]
    assert len(points) == 4 + 3
    assert all(0 <= float(x) <= 1000 and 0 <= float(y) <= 1000 for x, y in points)
    places = [float(place) for place in re.findall(r'(?:x|y|x1|x2|y1|y2|cx|cy)="(-?[\d.]+)%"', svg)]
    assert places and all(0 <= place <= 100 for place in places)


def test_the_names_of_lines_that_lie_close_do_not_touch_each_other_or_the_axis() -> None:
    rungs = {"uniform": 4.2, "unigram": 3.0, "bigram": 2.4, "trigram": 1.3, "fourgram": 1.28, "fivegram": 1.27}
    rows = [{"iteration": i, "train": 4.2 - 0.029 * i, "val": None} for i in range(101)]
    svg = recorded_curve.drawn(rows, recorded_curve.levels(rungs, 1.25, 66), "k", "t")
    names = [float(y) for y in re.findall(r'class="ps-curve-name" x="[\d.]+%" y="([\d.]+)%"', svg)]
    assert len(names) == 7 and names == sorted(names)
    assert min(below - above for above, below in itertools.pairwise(names)) >= recorded_curve.LABEL_GAP - 0.01
    assert names[-1] <= recorded_curve.BOTTOM


def test_a_long_curve_is_small_and_keeps_its_highest_and_lowest() -> None:
    rows = [{"iteration": i, "train": 2 + (i * 7919 % 100) / 100, "val": None} for i in range(2000)]
    rows[1234]["train"], rows[777]["train"] = 5.0, 0.5
    svg = recorded_curve.drawn(rows, [], "k", "t")
    assert len(svg) < 8000
    heights = [float(point.split(",")[1]) for point in re.search(r'points="([^"]*)"', svg)[1].split()]
    assert min(heights) == 0 and max(heights) == pytest.approx(1000 * 4.5 / 5, abs=120)


def test_a_flat_curve_looks_flat() -> None:
    rows = [{"iteration": i, "train": 4.2 + (i % 2) / 100, "val": None} for i in range(100)]
    svg = recorded_curve.drawn(rows, [], "k", "t")
    heights = [float(point.split(",")[1]) for point in re.search(r'points="([^"]*)"', svg)[1].split()]
    assert max(heights) - min(heights) < 1000 / 50


def stale(name: str, preset: str | None = None, reason: str = "training.batch_size 32, not 16") -> recorded_runs.Stale:
    return recorded_runs.Stale(f"docs/recorded/{recorded_runs.file_name(name, preset)}", name, preset, reason)


def test_one_change_of_the_model_is_reported_once_with_every_command(root: Path) -> None:
    presets = [stale(name, preset) for name in ("a b", "small") for preset in ("clean", "dead")]
    other = stale("third", "noisy", "the seed “x”, not “y”")
    together, alone = recorded_runs.told([stale("a b"), stale("small"), *presets, other])
    assert together.split("\n") == [
        "6 recordings in docs/recorded/ were made with training.batch_size 32, not 16: run-a b.json, "
        "run-small.json, preset-a b-clean.json and 3 more. Renew them:",
        "    python3 build record --corpus 'a b'",
        "    python3 build record --corpus small",
        "    python3 build record --preset all --corpus 'a b'",
        "    python3 build record --preset all --corpus small",
    ]
    assert alone == str(other)


def test_a_text_without_a_run_is_reported_once_for_all_places(project) -> None:
    """With the first place's file and line, and a command that can be pasted although the text's name has a comma."""
    text = project.folder.parent / "my text, it's mine.txt"
    Path(project.environment[corpora.VARIABLE]).rename(text)
    project.environment[corpora.VARIABLE] = str(text)
    project.write("index.md", "# Home\n\n{{ recorded.run.seed }}\n\n{{ recorded.run.val_nll[0] }}\n{{ modle }}\n")
    project.write("other.md", "# Other\n\n{{ recorded.run.seed }}\n\n{{ modle }}\n")
    result = project.build()
    assert result.returncode == 1
    said = result.stderr[result.stderr.index("docs/index") :].split("\n")
    command = f"python3 build record --corpus {shlex.quote(str(text))}"
    assert said[0].startswith("docs/index.md:3: ") and said[0].endswith(f"record it: {command}")
    assert said[1] == "    The same in docs/index.md on line 5; docs/other.md on line 3."
    # The same mistake in two places is reported for both.
    assert [line.split(": ")[0] for line in said if "modle" in line] == ["docs/index.md:6", "docs/other.md:5"]
    assert result.stderr.count("record it") == 1
