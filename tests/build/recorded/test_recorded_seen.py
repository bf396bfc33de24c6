"""The inside of recorded runs: what the engine reported at each milestone.

Catches: a committed recording of other weights than the runs that pages quote, or of another line than pages show; one
that is too large for a page; maps that Python reads otherwise than the page; an option of `record` that is ignored.
"""

from __future__ import annotations

import base64
import copy
import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

from authoring.presets import read as read_presets
from model.preset import Presets
from recorded import headless, heads, record_command, recorded_file, recorded_runs, recorded_seen
from recorded.recorded_file import RecordedFileError
from recorded.recorded_runs import Recording
from recorded.recorded_seen import Seen
from system.project import ROOT
from texts import corpus as corpora

FOLDER = ROOT / recorded_file.FOLDER
MOST_BYTES = 150_000  # of a recording: a page shows about all of it
LENGTH, LAYERS, HEADS = 3, 2, 2
FINGERPRINT = "a" * 64


def made_up() -> dict[str, Any]:
    maps = bytes(range(2 * LAYERS * HEADS * LENGTH**2))
    norms = {"gradient": [1.5, "Infinity", 2, 3], "update": [0.1, 0.2, 0.3, 0.4], "weight": [1, 2, 3, 4]}
    line = {"surprise": [1, 2, 3], "stream_rms": [1, 1, 1], "previous": [0.5] * 4, "prefix": [0, 0.1, 0.2, 0.3]}
    return {
        "format": 1,
        "config": {
            "seed": "hamlet",
            "model": {"n_layer": LAYERS, "n_head": HEADS},
            "training": {"iterations": 200},
            "evaluation": {},
            "sampling": {},
            "phases": [],
        },
        "corpus": {"name": "small", "sha256": "b" * 64, "vocab_size": 9},
        "engine": "cpu",
        "module": "fma",
        "seed": "hamlet",
        "observe": {"lines": {"starts": [7], "length": LENGTH}, "norms": True, "writings": False},
        "text": "abcd",
        "milestones": [
            {"iteration": 0, "norms": None, "line": line, "writings": None},
            {"iteration": 200, "norms": norms, "line": line, "writings": None},
        ],
        "attention": {"iterations": [0, 200], "packed": base64.b64encode(gzip.compress(maps)).decode()},
        "samples": {"candidates": 5, "iterations": [], "characters": [], "early": [], "packed": ""},
        "heads_off": {"line": [1, 2, 3, 4], "copies": None},
        "fingerprints": {"0": FINGERPRINT, "200": FINGERPRINT},
        "seeds": {},
        "presets": {"dead": {"milestones": [{"iteration": 25, "norms": norms}], "fingerprint": FINGERPRINT}},
    }


@pytest.fixture
def facts() -> dict[str, Any]:
    return made_up()


def recordings() -> list[Recording]:
    """Of the run that was observed, and of its preset."""
    facts = made_up()
    run = {name: facts[name] for name in ("config", "corpus", "module")}
    run |= {"fingerprints": facts["fingerprints"], "fingerprint": FINGERPRINT}
    preset = run | {"preset": "dead", "fingerprint": FINGERPRINT}
    return [
        Recording("docs/recorded/run-small.json", copy.deepcopy(run)),
        Recording("docs/recorded/preset-small-dead.json", preset),
    ]


def test_maps_and_numbers_are_read_by_iteration(tmp_path: Path, facts: dict[str, Any]) -> None:
    (tmp_path / "seen-small.json").write_text(json.dumps(facts))
    (seen,) = recorded_seen.read(tmp_path)
    size = LAYERS * HEADS * LENGTH**2
    assert {at: [*maps] for at, maps in seen.maps.items()} == {0: [*range(size)], 200: [*range(size, 2 * size)]}
    tree = seen.tree()
    assert tree["surprise"][200] == {0: 1, 1: 2, 2: 3} and tree["line_nll"] == {0: 2, 200: 2}
    assert tree["norms"]["gradient"] == {200: {0: 1.5, 1: float("inf"), 2: 2, 3: 3}}
    assert tree["presets"]["dead"]["update"][25][3] == 0.4
    assert tree["n_head"] == HEADS and len(tree["distance"][200]) == LAYERS * HEADS
    assert tree["distance"][200][1] == heads.distance(seen.maps[200][LENGTH**2 : 2 * LENGTH**2]) > 0
    assert tree["heads_off"] == {"line": {0: 1, 1: 2, 2: 3, 3: 4}}
    assert [one["iteration"] for one in seen.norms()] == [0, 200]
    assert [one["iteration"] for one in seen.norms("dead")] == [25] and seen.norms("clean") == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda facts: facts.update(format=0), "lacks “format”: 1"),
        (lambda facts: facts.pop("attention"), "has no “attention”"),
        (lambda facts: facts["attention"].update(packed="AAAA"), "cannot be read"),
        (lambda facts: facts["observe"]["lines"].update(length=4), "maps of another size"),
    ],
)
def test_a_damaged_recording_is_refused(tmp_path: Path, change: Any, said: str, facts: dict[str, Any]) -> None:
    change(facts)
    (tmp_path / "seen-small.json").write_text(json.dumps(facts))
    with pytest.raises(RecordedFileError, match=said):
        recorded_seen.read(tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda facts: facts["config"]["training"].update(iterations=9), "training.iterations 9, not 200"),
        (lambda facts: facts["corpus"].update(sha256="0" * 64), "another version of the text small"),
        (lambda facts: facts["fingerprints"].update({"200": "0" * 64}), "other weights at iteration 200"),
        (lambda facts: facts["observe"]["lines"].update(starts=[8]), "other lines of the text than pages show"),
        (lambda facts: facts["presets"]["dead"].update(fingerprint="0" * 64), "another run of the preset dead"),
        (lambda facts: facts["presets"].pop("dead"), "no preset dead"),
    ],
)
def test_what_was_seen_of_another_run_is_stale(change: Any, said: str, facts: dict[str, Any]) -> None:
    observe = made_up()["observe"]
    change(facts)
    found = recorded_seen.stale(Seen("docs/recorded/seen-small.json", facts), recordings(), ["dead"], "small", observe)
    assert said in found and found.endswith("Renew it: python3 build record --observe --corpus small")


def test_what_was_seen_of_the_recorded_run_is_not_stale(facts: dict[str, Any]) -> None:
    seen = Seen("docs/recorded/seen-small.json", facts)
    for observe in (None, facts["observe"]):
        assert recorded_seen.stale(seen, recordings(), ["dead"], "small", observe) is None
    assert recorded_seen.stale(seen, [], ["dead"], "small") is None
    assert recorded_seen.of_text([seen], "b" * 64) is seen and recorded_seen.of_text([seen], "") is None


ALL = recorded_seen.read(FOLDER)
RUNS = recorded_runs.read(FOLDER)


def text_of(seen: Seen) -> corpora.Corpus:
    try:
        return corpora.load(seen.corpus)
    except corpora.CorpusError as problem:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"not run here: {problem}")


@pytest.mark.parametrize("seen", ALL, ids=lambda seen: seen.corpus)
def test_what_was_seen_belongs_to_the_recorded_runs_and_fits_a_page(seen: Seen) -> None:
    text = text_of(seen)
    presets = recorded_seen.presets_of(text, read_presets(ROOT).runs)
    assert recorded_seen.stale(seen, RUNS, presets, seen.corpus, recorded_seen.observed(text)) is None
    assert (ROOT / seen.file).stat().st_size <= MOST_BYTES
    lines = seen.facts["observe"]["lines"]
    start = lines["starts"][0]
    assert seen.facts["text"] == text.text[start : start + lines["length"] + 1]
    assert [*seen.maps] == [*recorded_seen.attention_at(text)]
    for maps in seen.maps.values():
        rows = [maps[at : at + lines["length"]] for at in range(0, len(maps), lines["length"])]
        assert all(abs(sum(row) - 255) <= lines["length"] / 2 for row in rows)
    run = recorded_seen.run_of(seen, RUNS).run
    assert seen.facts["samples"]["iterations"] == [sample["iteration"] for sample in run["samples"]]
    assert seen.facts["samples"]["characters"] == [len(sample["text"]) for sample in run["samples"]]


@pytest.mark.full
@pytest.mark.parametrize("seen", ALL, ids=lambda seen: seen.corpus)
def test_what_was_seen_is_what_the_engine_computes(seen: Seen) -> None:
    """Up to the first milestones; test_same_bits.py trains further."""
    facts, config, until = seen.facts, seen.facts["config"], 25
    run = {"preset": None, "observe": facts["observe"]} | {name: config[name] for name in ("seed", "training")}
    run |= {"evaluation": config["evaluation"], "sampling": config["sampling"] | {"every": until, "early": []}}
    more = {"runs": [run], "attention_at": [0], "windows": 1, "until": until}
    status, output = headless.seen(text_of(seen), more)
    found = json.loads(output)
    assert status == 0
    assert found["fingerprints"] == {at: facts["fingerprints"][at] for at in ("0", "25")}
    assert found["milestones"] == facts["milestones"][:2]
    assert gzip.decompress(base64.b64decode(found["attention"]["packed"])) == seen.maps[0]


def test_no_other_option_goes_with_observing() -> None:
    text = corpora.Corpus("small", "small", "Some words.\n" * 400, "", ROOT)
    with pytest.raises(record_command.RecordError, match="leave out --seed"):
        record_command.record_seen(text, Presets, None, ["--seed"])
