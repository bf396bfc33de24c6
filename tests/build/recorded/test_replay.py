"""The result of a replay block.

Catches: a curve that loses its noise or a val loss on the way to the page, another text's lines behind the curve, the
wrong run shown first, an unrecorded name that is ignored silently, samples whose probabilities are another run's.
"""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path

import pytest

from authoring import blocks
from model.model_json import read_description
from recorded import replay
from recorded.recorded_runs import Recording
from recorded.recorded_seen import Seen
from recorded.thinning import thinned
from texts import corpus as corpora

VALIDATED = (0, 50, 1000)
MODEL = {"n_layer": 1, "n_head": 1, "n_embd": 8, "block_size": 8, "mlp_ratio": 4, "vocab_size": 20}


def recording(name: str, sha256: str = "", preset: str | None = None) -> Recording:
    """A run of 1,000 iterations with a spike at 617 and a dip at 618."""
    spikes = {617: 9.0, 618: 0.1}
    curve = [
        {
            "iteration": i,
            "train": None if i == 1000 else spikes.get(i, 2 + i % 7 / 10),
            "val": 3.123456 if i in VALIDATED else None,
        }
        for i in range(1001)
    ]
    samples = [{"iteration": i, "val": 3.1, "phase": "random", "prompt": "a", "text": "b"} for i in VALIDATED]
    run = {
        "corpus": {"name": name, "sha256": sha256, "vocab_size": 65},
        "config": {"training": {"iterations": 1000}, "model": MODEL},
        "engine": "cpu",
        "seed": "ophelia",
        "whole_val": 3.0,
        "curve": curve,
        "samples": samples,
    }
    return Recording(f"docs/recorded/run-{name}.json", run | ({"preset": preset} if preset else {}))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> corpora.Corpus:
    path = tmp_path_factory.mktemp("text") / "small.txt"
    path.write_text("To be, or not to be: that is the question.\n" * 60, encoding="utf-8")
    return corpora.load(str(path))


def read(
    root: Path, small: corpora.Corpus, recordings: list[Recording], fields: str = "", seen: list[Seen] | None = None
) -> blocks.Page:
    def corpus(name: str) -> corpora.Corpus:
        assert name == "small", f"{name} is not at hand: it may need a network"
        return small

    site = blocks.Site(read_description(root), "small", ["small"], corpus, recordings=recordings, seen=seen or [])
    markdown = f"```replay\n{fields}\n```"
    return blocks.read_page(markdown, "docs/x.md", range(1, markdown.count("\n") + 2), site)


def test_the_curve_keeps_its_noise_and_every_val_loss() -> None:
    rows = replay.for_a_screen(recording("small").run["curve"])
    assert len(rows) <= 2 * replay.STRETCHES + len(VALIDATED)
    kept = {row["iteration"]: row for row in rows}
    assert kept[617]["train"] == 9.0 and kept[618]["train"] == 0.1
    assert [i for i, row in kept.items() if row["val"] is not None] == list(VALIDATED)
    assert list(kept) == sorted(kept)


def test_a_recorded_curve_is_thinned_as_a_live_one_is(root: Path) -> None:
    for case in json.loads((root / "tests/engine/widgets/shared/thinning_cases.json").read_text(encoding="utf-8")):
        rows = list(zip(count(), case["train"], case["val"], strict=False))
        kept = thinned(rows, case["stretches"], lambda row: row[1], lambda row: row[2] is not None)
        assert [place for place, _, _ in kept] == case["kept"], case["what"]


def test_the_site_s_own_text_comes_first_with_its_lines_and_presets_are_left_out(
    root: Path, small: corpora.Corpus
) -> None:
    found = [recording("another"), recording("small", preset="noisy"), recording("small", small.sha256)]
    page = read(root, small, found)
    assert page.errors == []
    first, second = page.blocks[0].island["runs"]
    assert (first["name"], first["title"], first["seed"], first["engine"]) == (
        "small",
        "small",
        "ophelia",
        "CPU engine",
    )
    assert first["rungs"] == small.rungs() is not None and second["rungs"] is second["floor"] is None
    assert first["curve"]["val"][0] == 3.1235, "as many digits as are shown"
    assert first["samples"] == found[2].run["samples"]
    assert len(json.dumps(page.blocks[0].island)) < 60_000


def seen_of(sha256: str) -> Seen:
    config = {"model": {"n_layer": 3}, "sampling": {"temperature": 0.7}}
    facts = {"corpus": {"name": "small", "sha256": sha256}, "config": config, "samples": {"candidates": 5}}
    return Seen("docs/recorded/seen-small.json", facts)


def test_readers_can_ask_about_samples_whose_probabilities_were_recorded(root: Path, small: corpora.Corpus) -> None:
    found = [recording("small", small.sha256), recording("another", "other")]
    first, second = read(root, small, found, seen=[seen_of(small.sha256), seen_of("other")]).blocks[0].island["runs"]
    known = {"samples": {"candidates": 5}, "characters": [*small.vocab], "temperature": 0.7, "n_layer": 3}
    assert (first["seen"], second["seen"]) == (known, None), "without its text, a run's vocabulary is not known"
    (run,) = read(root, small, found[:1], seen=[seen_of("of a version before")]).blocks[0].island["runs"]
    assert run["seen"] is None


def test_lines_of_a_text_that_has_changed_are_not_drawn(root: Path, small: corpora.Corpus) -> None:
    page = read(root, small, [recording("small", "of a version before")])
    assert page.errors == [] and page.blocks[0].island["runs"][0]["rungs"] is None


def test_a_run_by_name_and_one_that_was_not_recorded(root: Path, small: corpora.Corpus) -> None:
    found = [recording("small", small.sha256), recording("another")]
    assert [run["name"] for run in read(root, small, found, "run: another").blocks[0].island["runs"]] == [
        "another",
        "small",
    ]
    (error,) = read(root, small, found, "\nrun: anther").errors
    assert (error.line, "did you mean “another”" in error.message) == (3, True), error
    (error,) = read(root, small, []).errors
    assert "python3 build record --corpus small" in error.message


def test_a_text_s_own_run_is_replayed_only_where_a_block_names_it(root: Path, small: corpora.Corpus) -> None:
    found = [recording("echo"), recording("small", small.sha256)]

    def shown(fields: str) -> list[str]:
        return [run["name"] for run in read(root, small, found, fields).blocks[0].island["runs"]]

    assert (shown(""), shown("run: echo")) == (["small"], ["echo", "small"])
    (error,) = read(root, small, found[:1]).errors
    assert "there is no recorded run to replay" in error.message


def test_a_replay_plays_by_itself_only_if_its_author_says_so(root: Path, small: corpora.Corpus) -> None:
    recordings = [recording("small", small.sha256)]
    for fields, plays in (("", None), ("autoplay: false\n", None), ("autoplay: true\n", True)):
        page = read(root, small, recordings, fields)
        assert not page.errors and page.blocks[0].island.get("autoplay") is plays, fields
    assert "it must be true or false" in str(read(root, small, recordings, "autoplay: often\n").errors[0])
