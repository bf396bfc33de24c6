"""Blocks are resolved to what the engine runs; every mistake in one is reported with its line and what to do."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import small_site
from authoring import blocks
from authoring.block_fields import schemas
from reading.strict_yaml import defaults
from recorded.recorded_runs import Recording, run_config
from small_site import TEXTS, SmallText, read, runner


@pytest.fixture(scope="module")
def site(root: Path) -> blocks.Site:
    return small_site.site(root)


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
phases: [a, b, c, d]
predict: curve"""
    (block,) = read(site, runner(fields)).blocks
    assert block.errors == []
    island = block.island
    assert (island["session"], island["seed"], island["corpus"]) == ("second", "Ophelia", "play-machine")
    assert (island["phases"], island["predict"]) == (["a", "b", "c", "d"], "curve")
    changed = {"iterations": 300, "batch_size": 8, "learning_rate": 0.01, "warmup_iterations": 20}
    assert island["training"] == site.description["training"] | changed
    assert island["model"] == site.description["model"] | {"n_layer": 2, "n_head": 2, "n_embd": 32, "block_size": 16}
    json.dumps(island, allow_nan=False)


def test_defaults_come_from_the_schema_and_are_valid_themselves(site: blocks.Site) -> None:
    for kind, schema in schemas(site.description).items():
        page = read(site, f"```{kind}\n{json.dumps(defaults(schema))}\n```\n\n```runner\nsession: other\n```")
        # A question, for one, has no default.
        apart = ("no runner on this page", " missing")
        assert [error for error in page.errors if not any(words in error.message for words in apart)] == []
        for name, field in schema["properties"].items():
            assert field["description"].endswith("."), name


def test_a_seed_is_read_as_in_the_page(site: blocks.Site) -> None:
    (block,) = read(site, runner('seed: "  cafe\u0301\u200b\u00a0group\u20113 "')).blocks
    assert block.island["seed"] == "caf\u00e9 group-3"


def test_a_samples_block_requests_early_samples_from_its_runner(site: blocks.Site) -> None:
    page = read(site, "```samples\nearly: false\n```\n```runner\n```\n```runner\nsession: b\n```")
    panel, first, second = page.blocks
    island = {"kind": "samples", "session": "main", "early": [], "corpus": "shakespeare", "prompt": "x" * 32}
    assert panel.island == island
    assert first.island["sampling"]["early"] == []
    assert second.island["sampling"]["early"] == site.description["sampling"]["early"]


RUNNER, SAMPLES = "```runner\n```", "```samples\n```"


@pytest.mark.parametrize(
    ("markdown", "keys"),
    [
        (f"{RUNNER}\n\n{SAMPLES}", [["ps-runner-1", "ps-samples-2"]]),
        (f"{RUNNER}\n{SAMPLES}\n{SAMPLES}", [["ps-runner-1", "ps-samples-2"], ["ps-samples-3"]]),
        (f"{SAMPLES}\n \n\n{RUNNER}", [["ps-samples-1", "ps-runner-2"]]),
        (f"- a\n\n    {RUNNER}\n\n    {SAMPLES}".replace("\n```", "\n    ```"), [["ps-runner-1", "ps-samples-2"]]),
        (f"{RUNNER}\n\na\n\n{SAMPLES}", [["ps-runner-1"], ["ps-samples-2"]]),
        (f"{RUNNER}\n\n<!-- a -->\n\n{SAMPLES}", [["ps-runner-1"], ["ps-samples-2"]]),
        (f"{RUNNER}\n```text\n```\n{SAMPLES}", [["ps-runner-1"], ["ps-samples-2"]]),
        (f"> {RUNNER}\n\n{SAMPLES}".replace("r\n```", "r\n> ```"), [["ps-runner-1"], ["ps-samples-2"]]),
        (f"{RUNNER}\n```runner\nsession: b\n```\n{SAMPLES}", [["ps-runner-1"], ["ps-runner-2"], ["ps-samples-3"]]),
        (
            f"{RUNNER}\n```runner\nsession: b\n```\n```samples\nsession: b\n```",
            [["ps-runner-1"], ["ps-runner-2", "ps-samples-3"]],
        ),
    ],
)
def test_a_runner_and_samples_of_its_session_that_are_neighbours_share_a_place(
    site: blocks.Site, markdown: str, keys: list[list[str]]
) -> None:
    page = read(site, markdown)
    assert page.errors == []
    by_key = {block.key: block for block in page.blocks}
    places = [by_key[line.strip("> ")] for line in page.markdown.split("\n") if line.strip("> ") in by_key]
    assert [[block.key, block.partner.key] if block.partner else [block.key] for block in places] == keys


def test_a_samples_block_knows_the_prompt(site: blocks.Site) -> None:
    def prompt(markdown: str, text: str) -> str:
        known = replace(site, corpus=lambda name: SmallText(name, text, "x" * 65))
        return blocks.read_page(markdown, "a.md", range(1, 99), known).blocks[1].island["prompt"]

    ten_thousand = "".join(chr(0x4E00 + index) for index in range(10_000))
    assert prompt(f"{RUNNER}\n{SAMPLES}", ten_thousand) == ten_thousand[9_000:9_032]
    short = "0123456789" * 50
    assert prompt(f"{RUNNER}\n{SAMPLES}", short) == short[:32], "too short for a window of 64 and the next character"
    assert prompt(f"```runner\nmodel: {{block_size: 49}}\n```\n{SAMPLES}", short) == short[450:482]


def test_a_runner_that_names_a_text_with_a_run_of_its_own_takes_that_runs_settings(site: blocks.Site) -> None:
    own = {"training": {"iterations": 90, "warmup_iterations": 9}, "sampling": {"every": 30}}
    text = SmallText("own", "x" * 10_000, "x" * 65, own_run=own)

    def island(fields: str, **more: Any) -> dict[str, Any]:
        known = replace(site, corpus_names=[*site.corpus_names, "own"], corpus=lambda name: text, **more)
        page = blocks.read_page(runner(fields), "a.md", range(1, 99), known)
        assert page.errors == []
        return page.blocks[0].island

    usual, training = site.description, site.description["training"]
    named = island("corpus: own")
    assert named["training"] == training | own["training"]
    assert named["sampling"] == usual["sampling"] | own["sampling"]
    given = island(f"corpus: own\niterations: {training['iterations']}\nbatch_size: 4")["training"]
    assert given == training | {"warmup_iterations": 9, "batch_size": 4}, "the author's fields come first"
    main = island("batch_size: 4", main_corpus="own")
    assert main["training"] == training | {"batch_size": 4}, "the lesson's run is the same on every main text"
    assert main["sampling"] == usual["sampling"]


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
    "an unknown experiment": (
        "```runner\n```\n\n```experiment\nname: warmup\n```",
        5,
        "there is no experiment “warmup” in docs/presets.yml; did you mean “warm-up”?",
    ),
    "an experiment without recordings": (
        "```runner\n```\n\n```experiment\nname: warm-up\n```",
        5,
        "not been recorded on the text of its runner, shakespeare; record it: python3 build record --preset warm-up",
    ),
    "an experiment without recordings on another text": (
        "```runner\ncorpus: play-machine\n```\n\n```experiment\nname: warm-up\n```",
        6,
        "not been recorded on the text of its runner, play-machine; record it: python3 build record --preset warm-up",
    ),
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
    "misspelt choice": (runner("predict: ends"), 2, "predict is the text “ends”; did you mean “end”?"),
    "no such choice": (runner("seed: a\npredict: true"), 3, "predict is true; it must be “curve” or “end”"),
    "empty choice": (runner("predict:"), 2, "predict is empty; it must be “curve” or “end”"),
    "duplicate": (runner("seed: a\nseed: b"), 3, "the field seed is given twice"),
    "tab": (runner("model:\n\tn_layer: 2"), 3, "indented with a tab"),
    "two colons": (runner("seed: a: b"), 2, "one colon too many"),
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
    "a text's missing run": (
        "```replay\nrun: tiny\n```",
        2,
        "the text tiny has no recorded run; make one: python3 build",
    ),
    "an experiment by its kind": (
        "```runner\n```\n```experiment\nexperiment: warm-up\n```",
        4,
        "unknown field “experiment”; its name stands under name",
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
    assert str(errors[0]).startswith((f"docs/x.md:{line}: in a ", f"docs/x.md:{line}: in an "))


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


def test_two_runners_of_one_name_are_one_mistake(site: blocks.Site) -> None:
    page = read(site, "```runner\nsession: a\n```\n\n```runner\nsession: a\n```\n\n```presets\n```\n\n```complete\n```")
    assert [error.line for error in page.errors] == [5]


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
