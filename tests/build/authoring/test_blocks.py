"""Blocks are resolved to what the engine runs; every mistake in one is reported with its line and what to do."""

from __future__ import annotations

import copy
import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from authoring import blocks, presets, shapes
from authoring.block_fields import schemas
from model.model_json import read_description
from reading.strict_yaml import defaults
from recorded.recorded_runs import Recording, run_config


@dataclass
class SmallText:
    name: str
    text: str
    vocab: str
    phases: tuple[str, ...] = ("one", "two", "three", "four")

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


TEXTS = {
    "shakespeare": SmallText("shakespeare", "x" * 10_000, "x" * 65),
    "play-machine": SmallText("play-machine", "x" * 10_000, "x" * 65),
    "tiny": SmallText("tiny", "x" * 60, "x" * 12),
}


# A run on a text that is not available, so that a replay of it needs none of the texts above.
RECORDED = {
    "corpus": {"name": "elsewhere", "sha256": "", "vocab_size": 9},
    "config": {"training": {"iterations": 1}},
    "engine": "cpu",
    "seed": "x",
    "whole_val": None,
    "curve": [{"iteration": 0, "train": 2.0, "val": None}],
    "samples": [],
}


@pytest.fixture(scope="module")
def site(root: Path) -> blocks.Site:
    given = {
        "shapes": shapes.read(root),
        "presets": presets.read(root),
        "recordings": [Recording("docs/recorded/run-elsewhere.json", RECORDED)],
    }
    return blocks.Site(read_description(root), "shakespeare", list(TEXTS), TEXTS.__getitem__, **given)


def read(site: blocks.Site, markdown: str) -> blocks.Page:
    return blocks.read_page(markdown, "docs/x.md", range(1, markdown.count("\n") + 2), site)


def runner(fields: str) -> str:
    return f"```runner\n{fields}\n```"


def test_an_empty_runner_is_the_lesson_of_model_json(site: blocks.Site) -> None:
    (block,) = read(site, "```runner\n```").blocks
    said = site.description
    assert block.island == {
        "kind": "runner",
        "session": "main",
        "seed": said["seed"],
        "corpus": "shakespeare",
        "model": said["model"],
        "training": said["training"],
        "sampling": said["sampling"],
        "evaluation": said["evaluation"],
        "phases": ["one", "two", "three", "four"],
    }


def test_every_field_reaches_the_island(site: blocks.Site) -> None:
    fields = """session: second
seed: " Ophelia "
iterations: 300
batch_size: 8
learning_rate: 1e-2
warmup_iterations: 20
model: {n_layer: 2, n_head: 2, n_embd: 32, block_size: 16}
corpus: play-machine
phases: [a, b, c, d]"""
    (block,) = read(site, runner(fields)).blocks
    assert block.errors == []
    island = block.island
    assert (island["session"], island["seed"], island["corpus"]) == ("second", "Ophelia", "play-machine")
    assert island["phases"] == ["a", "b", "c", "d"]
    changed = {"iterations": 300, "batch_size": 8, "learning_rate": 0.01, "warmup_iterations": 20}
    assert island["training"] == site.description["training"] | changed
    assert island["model"] == site.description["model"] | {"n_layer": 2, "n_head": 2, "n_embd": 32, "block_size": 16}
    json.dumps(island, allow_nan=False)


def test_defaults_come_from_the_schema_and_are_valid_themselves(site: blocks.Site) -> None:
    for kind, schema in schemas(site.description).items():
        if "required" in schema:
            continue  # a question has no default
        page = read(site, f"```{kind}\n{json.dumps(defaults(schema))}\n```\n\n```runner\nsession: other\n```")
        assert [error for error in page.errors if "no runner on this page" not in error.message] == []
        for name, field in schema["properties"].items():
            assert field["description"].endswith("."), name


def test_a_seed_is_read_as_in_the_page(site: blocks.Site) -> None:
    (block,) = read(site, runner('seed: "  cafe\u0301\u200b\u00a0group\u20113 "')).blocks
    assert block.island["seed"] == "caf\u00e9 group-3"


def test_a_samples_block_requests_early_samples_from_its_runner(site: blocks.Site) -> None:
    page = read(site, "```samples\nearly: false\n```\n```runner\n```\n```runner\nsession: b\n```")
    panel, first, second = page.blocks
    assert panel.island == {"kind": "samples", "session": "main", "early": [], "corpus": "shakespeare"}
    assert first.island["sampling"]["early"] == []
    assert second.island["sampling"]["early"] == site.description["sampling"]["early"]


def test_a_block_leaves_a_keyed_fence_at_its_place(site: blocks.Site) -> None:
    page = read(site, "a\n\n- b\n\n    ~~~runner\n    seed: x\n    ~~~\n\nc")
    (block,) = page.blocks
    assert page.markdown == f"a\n\n- b\n\n    ```{blocks.PLACE}\n    {block.key}\n    ```\n\nc"


def test_examples_stay_examples(site: blocks.Site) -> None:
    markdown = "````markdown\n```runner\nsed: x\n```\n````\n\n~~~text\n```samples\n```\n~~~\n\n```python\nx = 1\n```"
    page = read(site, markdown)
    assert page.blocks == [] and page.markdown == markdown


# What an author writes, the error's line, and words that the error must contain.
MISTAKES = {
    "unknown field": (runner("iterations: 10\nsed: x"), 3, "unknown field “sed”; did you mean “seed”?"),
    "unknown field inside": (runner("model:\n  n_layers: 2"), 3, "“n_layers” in model; did you mean “n_layer”?"),
    "text for a number": (runner("learning_rate: fast"), 2, "learning_rate is the text “fast”; it must be a number"),
    "fraction for a count": (runner("iterations: 1.5"), 2, "iterations is 1.5; it must be a whole number"),
    "number for text": (runner("seed: 42"), 2, 'put it in quotes: "42"'),
    "truth value for text": (runner("seed: true"), 2, 'put it in quotes: "true"'),
    "nothing for text": (runner("iterations: 200\nseed:"), 3, "seed is empty; it must be text"),
    "blank seed": (runner('seed: "  "'), 2, "seed is empty"),
    "seed that cannot be seen": (runner("iterations: 200\nseed: \u200b\u2060"), 3, "nothing is left of the seed"),
    "seed that looks like spaces": (runner('seed: "\u3164\ufe0f"'), 2, "nothing is left of the seed"),
    "too few": (runner("batch_size: 0"), 2, "batch_size is 0; it must be at least 1"),
    "too many": (runner("batch_size: 65"), 2, "it can be at most 64"),
    "zero rate": (runner("learning_rate: 0"), 2, "it must be above 0"),
    "not a number": (runner("learning_rate: .nan"), 2, "must be an ordinary number"),
    "infinite": (runner("learning_rate: .inf"), 2, "must be an ordinary number"),
    "odd width": (runner("model: {n_embd: 65}"), 2, "model.n_embd is 65; it must be a multiple of 16"),
    "heads that do not fit": (runner("model:\n  n_head: 3"), 3, "n_head can be 1, 2, 4 or 8 here"),
    "width that does not fit": (runner("model:\n  n_embd: 16"), 3, "gives heads of 4 channels"),
    "three phases": (runner("phases: [a, b, c]"), 2, "phases is a list of 3; it must have 4 entries"),
    "a phase that is a number": (
        runner("phases:\n - a\n - 2\n - c\n - d"),
        4,
        "entry 2 of phases is 2; it must be text",
    ),
    "session name": (runner("session: Main run"), 2, "a name of small letters, digits and hyphens"),
    "session name taken": (runner("session: preset"), 2, "neither preset nor constructor"),
    "unknown corpus": (runner("corpus: shakespear"), 2, "no corpus “shakespear”; did you mean “shakespeare”?"),
    "text too short": (runner("seed: a\ncorpus: tiny"), 3, "the largest that fits is block_size: 29"),
    "long warm-up": (runner("iterations: 50"), 2, "a warm-up of 100 iterations does not fit into 50"),
    "duplicate": (runner("seed: a\nseed: b"), 3, "the field seed is given twice"),
    "tab": (runner("model:\n\tn_layer: 2"), 3, "indented with a tab"),
    "two colons": (runner("seed: a: b"), 2, "a colon too many"),
    "open bracket": (runner("phases: [a, b"), 2, "this is not YAML"),
    "a sentence": (runner("please train"), 2, "expected lines of the form “field: value”"),
    "a list": (runner("- seed"), 2, "expected lines of the form “field: value”"),
    "misspelt fence": ("text\n\n```runer\n```", 3, "there is no “runer” block; did you mean “runner”?"),
    "singular fence": ("```sample\n```", 1, "did you mean “samples”?"),
    "capital fence": ("```Runner\n```", 1, "write “runner” alone"),
    "fence with attributes": ("```runner {#big}\n```", 1, "write “runner” alone"),
    "fence in braces": ("```{.runner}\n```", 1, "write “runner” alone"),
    "unclosed": ("a\n```runner\nseed: x\n\nmore text", 2, "never closed; add a line with ``` alone"),
    "unclosed in a list": ("- a\n\n    ```runner\n    seed: x\n\nmore text", 3, "indent every line between"),
    "unclosed code": ("```python\nx = 1", 1, "in a code fence: the ``` that opens it is never closed"),
    "two runners, one name": (
        "```runner\n```\n\n```runner\n```",
        4,
        "the runner at line 1 already has the session “main”",
    ),
    "no runner": ("```samples\n```", 1, "add a runner block to the page"),
    "another runner": ("```runner\nsession: b\n```\n```samples\n```", 4, "the only session here: b"),
    "misspelt session": ("```runner\n```\n```samples\nsession: mian\n```", 3, "did you mean “main”?"),
}


# Former names of blocks and fields, which an author may remember.
FORMER = {
    "```runner\n```\n\n```pathologies\npresets: [clean]\n```": (
        "docs/x.md:4: in a presets block: there is no “pathologies” block; did you mean “presets”?"
    ),
    "```runner\n```\n\n``pathologies\n``": (
        "docs/x.md:4: in a presets block: the line says “``pathologies”; write “```presets” alone on it"
    ),
    "```runner\n```\n\n```pathology\n```": (
        "docs/x.md:4: in a presets block: there is no “pathology” block; did you mean “presets”?"
    ),
    "```runner\n```\n\n```Pathologies {#bad}\n```": (
        "docs/x.md:4: in a presets block: the fence line says “Pathologies {#bad}”; write “presets” alone, and its "
        "fields below"
    ),
    "```runner\n```\n\n```presets\npathologies: [clean]\n```": (
        "docs/x.md:5: in a presets block: unknown field “pathologies”; did you mean “presets”?"
    ),
}


@pytest.mark.parametrize("markdown", FORMER)
def test_a_former_name_leads_to_the_one_of_today(site: blocks.Site, markdown: str) -> None:
    assert [str(error) for error in read(site, markdown).errors] == [FORMER[markdown]]


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_reported_with_its_line(site: blocks.Site, mistake: str) -> None:
    markdown, line, words = MISTAKES[mistake]
    errors = read(site, markdown).errors
    assert [(error.line, words in error.message) for error in errors] == [(line, True)], [str(e) for e in errors]
    assert str(errors[0]).startswith(f"docs/x.md:{line}: in a ")


def test_all_mistakes_of_a_page_are_reported_at_once(site: blocks.Site) -> None:
    page = read(site, "```runner\nsed: 1\niterations: none\n```\n\n```samples\nearly: maybe\n```\n\n```runer\n```")
    assert [error.line for error in page.errors] == [2, 3, 7, 10]


def test_a_fence_left_open_does_not_swallow_the_next_block(site: blocks.Site) -> None:
    page = read(site, "```python\nx = 1\n\n```runner\nsed: x\n```\n\n```runner\n\n```samples\n```\n")
    assert [(error.line, error.message.split(":")[0]) for error in page.errors] == [
        (1, "in a code fence"),
        (5, "in a runner block"),
        (8, "in a runner block"),
    ]


def test_lines_count_from_the_top_of_the_file(site: blocks.Site) -> None:
    page = blocks.read_page(runner("sed: x"), "docs/x.md", [11, 12, 13], site)
    assert [str(error).split(" ")[0] for error in page.errors] == ["docs/x.md:12:"]


def test_yaml_is_read_as_people_mean_it(site: blocks.Site) -> None:
    (block,) = read(site, runner("learning_rate: 1e-3\nphases: [on, yes, no, off]")).blocks
    assert block.island["training"]["learning_rate"] == 0.001
    assert block.island["phases"] == ["on", "yes", "no", "off"]


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
        ("presets: []", 5, "at least 1"),
    ],
)
def test_a_mistake_in_a_presets_block_is_reported_with_its_line(
    site: blocks.Site, fields: str, line: int, words: str
) -> None:
    errors = read(site, f"{PRESETS}{fields}\n```").errors
    assert [error.line for error in errors if words in error.message] == [line], errors


def test_a_speed_block_knows_the_recorded_fingerprints_of_exactly_the_lessons_run(site: blocks.Site) -> None:
    text = TEXTS["shakespeare"]
    base = {"fingerprints": {"50": "b"}}
    run = {
        "config": run_config(site.description, len(text.vocab), phases=text.phases),
        "corpus": {"name": text.name, "sha256": text.sha256, "vocab_size": len(text.vocab)},
        "module": "fma",
        "fingerprints": {"25": "a", "50": "c"},
        "base": base,
    }

    def known(run: dict, markdown: str = "```speed\n```") -> dict:
        one = replace(site, recordings=[*site.recordings, Recording("docs/recorded/run-shakespeare.json", run)])
        (block,) = read(one, markdown).blocks
        return block.island["recorded"]

    both = {"fma": {"25": "a", "50": "c"}, "base": {"50": "b"}}
    assert known(run) == both
    assert known(run, "```speed\nbatch_size: 2\n```") == both, "a card compares the lesson's run, not what is measured"
    faster = copy.deepcopy(run)
    faster["config"]["training"]["learning_rate"] *= 2
    for other in (faster, run | {"preset": "clean"}, run | {"corpus": run["corpus"] | {"sha256": ""}}):
        assert known(other) == {}
