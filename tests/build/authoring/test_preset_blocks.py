"""Blocks of presets and experiments are resolved to runs and recordings; every mistake in one has its line.

Catches: recordings of another text or model shown as a runner's own; a preset lost, renamed or out of order.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import small_site
from authoring import blocks
from model.preset import Presets
from reading.error_messages import told
from recorded.recorded_runs import Recording, run_config
from small_site import TEXTS, read


@pytest.fixture(scope="module")
def site(root: Path) -> blocks.Site:
    return small_site.site(root)


EXPERIMENT = "```experiment\nask: true\nname: warm-up\n```"


@pytest.fixture
def recorded(site: blocks.Site) -> blocks.Site:
    """The site with recordings of the warm-up experiment: on two texts, with other losses."""
    found = []
    for text, low in (("shakespeare", 1.0), ("play-machine", 2.0)):
        for number, run in enumerate(site.presets.experiments["warm-up"]):
            config = run_config(site.description, 65, run)
            rows = [{"iteration": 0, "train": 4.0, "val": 4.1}, {"iteration": 300, "train": None, "val": low + number}]
            if number == 3:
                rows[1:] = [{"iteration": 25, "train": None, "val": low - 1}]  # it diverged there
            corpus = {"name": text, "sha256": TEXTS[text].sha256, "vocab_size": 65}
            recording = {"config": config, "corpus": corpus, "preset": run.name, "curve": rows}
            found.append(Recording(f"docs/recorded/preset-{text}-{run.name}.json", recording))
    return replace(site, recordings=found)


@pytest.mark.parametrize(("text", "low"), [("shakespeare", 1.0), ("play-machine", 2.0)])
def test_an_experiment_has_the_recordings_of_its_runners_text(recorded: blocks.Site, text: str, low: float) -> None:
    page = read(recorded, f"{EXPERIMENT}\n\n```runner\ncorpus: {text}\n```")
    assert page.errors == []
    island = page.blocks[0].island
    assert island["corpus"] == text
    assert [run["end"] for run in island["runs"]] == [low, low + 1, low + 2, None], "the last one diverged"
    assert island["span"][0] <= low - 1 and island["span"][1] >= 4.1
    json.dumps(island, allow_nan=False)


def test_an_experiment_refuses_a_runner_of_another_model_and_waits_for_a_broken_one(recorded: blocks.Site) -> None:
    (error,) = read(recorded, f"```runner\nmodel: {{n_layer: 2}}\n```\n{EXPERIMENT}").errors
    words = "the runner at line 1 has n_layer 2, but experiments are recorded with 4; use the session of"
    assert error.line == 6 and words in error.message
    found = read(recorded, f"```runner\nsed: x\n```\n{EXPERIMENT}").errors
    assert [error.line for error in found] == [2, 4]
    for one in recorded.recordings:
        one.run["config"] |= {"training": one.run["config"]["training"] | {"batch_size": 3}}
    (error,) = read(recorded, f"```runner\n```\n{EXPERIMENT}").errors
    assert "recorded with another model or other settings; record it again: python3 build record --preset" in str(error)
    assert told([error]) == [], "the stale recordings are reported as a whole"


def test_an_experiment_of_a_small_runner_is_not_to_be_recorded_first(site: blocks.Site) -> None:
    """Recordings have the usual model, so this one would not help."""
    (error,) = read(site, f"```runner\nmodel: {{n_embd: 32}}\ncorpus: play-machine\n```\n{EXPERIMENT}").errors
    assert "has n_embd 32, but experiments are recorded with 64" in error.message and "record it" not in error.message


@pytest.mark.parametrize("block", ["presets", "experiment\nname: warm-up", "shapes"])
def test_what_follows_from_a_file_with_errors_is_not_listed(site: blocks.Site, block: str) -> None:
    page = read(replace(site, presets=Presets(), shapes={}), f"```runner\n```\n\n```{block}\n```")
    assert ["has errors" in one.message for one in page.errors] == [True]
    assert told(page.errors) == []


PRESETS = "```runner\n```\n\n```presets\n"


def test_the_presets_block_gets_every_preset_with_its_shape_and_the_text_of_its_runner(site: blocks.Site) -> None:
    markdown = PRESETS.replace("```runner\n", "```runner\ncorpus: play-machine\n") + "```"
    page = read(site, markdown)
    assert page.errors == []
    island = page.blocks[1].island
    assert (island["corpus"], [preset["name"] for preset in island["presets"]]) == ("play-machine", site.presets.names)
    for preset in island["presets"]:
        expected = site.presets.by_name[preset["name"]]
        assert (preset["training"], preset["change"]) == (expected.training, expected.change)
        assert preset["shape"]["train"] == site.shapes[expected.shape].train
    assert island["evaluation"]["whole_at_end"] is False
    json.dumps(island, allow_nan=False)


def test_without_ask_or_mystery_a_presets_block_asks_nothing(site: blocks.Site) -> None:
    island = read(site, PRESETS + "```").blocks[1].island
    assert [island[name] for name in ("ask", "mystery", "names", "doctor")] == [False, False, [], ""]


@pytest.mark.parametrize("field", ["ask", "mystery"])
def test_readers_choose_from_the_names_of_all_shapes(site: blocks.Site, field: str) -> None:
    page = read(site, PRESETS + f"{field}: true\npresets: [clean, dead]\n```")
    assert page.errors == []
    island = page.blocks[1].island
    assert island[field] is True
    assert island["names"] == [{"name": shape.name, "title": shape.title} for shape in site.shapes.values()]
    assert [preset["shape"]["name"] for preset in island["presets"]] == ["clean", "flat"]


def test_an_author_chooses_presets_and_their_order(site: blocks.Site) -> None:
    page = read(site, PRESETS + "presets: [noisy, clean]\n```")
    assert [preset["name"] for preset in page.blocks[1].island["presets"]] == ["noisy", "clean"]


@pytest.mark.parametrize(
    ("fields", "line", "words"),
    [
        ("presets: [noise, clean]", 5, "there is no preset “noise” in docs/presets.yml; did you mean “noisy”?"),
        ("presets:\n- clean\n- clean", 7, "the preset “clean” is named twice; keep one of the two"),
        ("session: second", 4, "no runner on this page has the session “second”"),
        ("preset: [clean]", 5, "unknown field “preset”; did you mean “presets”?"),
        ("presets: []", 5, "it must have at least 1 entry"),
        ("mystery: true\npresets: [clean]", 5, "here is only one; name another, or remove mystery"),
        ("ask: sometimes", 5, "must be true or false"),
        ("doctor: ../doctor.md", 5, "doctor is for readers who name a curve; add “ask: true” or “mystery: true”"),
        (
            "ask: true\ndoctor: the doctor",
            6,
            "doctor is the text “the doctor”; it must be a page, such as ../reference/loss-curve-doctor.md",
        ),
    ],
)
def test_a_mistake_in_a_presets_block_is_reported_with_its_line(
    site: blocks.Site, fields: str, line: int, words: str
) -> None:
    errors = read(site, f"{PRESETS}{fields}\n```").errors
    assert [error.line for error in errors if words in error.message] == [line], errors
