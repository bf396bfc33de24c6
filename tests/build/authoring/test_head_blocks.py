"""Blocks about attention heads: what their widgets and templates read, and every mistake in one with its line.

Catches: tokens of another line than the one on which the run is observed; the heads of another run; a head's cost that
belongs to another head; copies of a text that has none.
"""

from __future__ import annotations

import base64
import gzip
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import small_site
from authoring import blocks, head_facts
from authoring.block import Block
from recorded import png
from recorded.recorded_seen import Seen
from small_site import TEXTS, SmallText, read
from texts import echo

ECHO = SmallText("echo", echo.generate(characters=9000), sorted({*echo.generate(characters=9000)}))
LINE = "abcab"
SHAPE = {"n_layer": 1, "n_head": 2}


@pytest.fixture(scope="module")
def site(root: Path) -> blocks.Site:
    texts = TEXTS | {"echo": ECHO}
    return replace(small_site.site(root), corpus_names=list(texts), corpus=texts.__getitem__)


def observed(iteration: int, shift: float, writings: dict[str, float] | None) -> dict[str, Any]:
    scores = {"previous": [0.1 + shift, 0.2], "prefix": [0.05, 0.3 + shift]}
    line = {"surprise": [1.0, 2.0, 3.0, 4.0], "stream_rms": [1.0, 1.0], **scores}
    return {"iteration": iteration, "norms": None, "line": line, "writings": writings}


def seen(writings: bool = False, **other: Any) -> Seen:
    """Two heads on four characters, observed at three milestones; the maps of two are kept."""
    losses = [{"first": 2.8, "copies": 2.8}, {"first": 2.3, "copies": 1.2}, {"first": 2.2, "copies": 0.05}]
    maps = bytes([0] * 32) + bytes([255] * 16 + [0] * 16)
    facts = {
        "config": {"model": {"n_layer": 1, "n_head": 2}},
        "corpus": {"name": "echo", "sha256": "x"},
        "text": LINE,
        "milestones": [
            observed(at, shift, losses[number] if writings else None)
            for number, (at, shift) in enumerate([(0, 0.0), (100, 0.2), (200, 0.5)])
        ],
        "attention": {
            "iterations": [0, 200],
            "packed": base64.b64encode(gzip.compress(maps)).decode(),
        },
        "heads_off": {"line": [2.6, 2.5], "copies": [0.06, 1.3] if writings else None},
    }
    return Seen("docs/recorded/seen-echo.json", facts | other)


def block(**more: Any) -> Block:
    return Block(
        "attention",
        "key",
        1,
        {"kind": "attention", "score": "prefix", "moments": 6, "floors": {"first": 2.1, "copies": 0.0}, **more},
    )


def test_an_attention_block_has_the_observed_line_and_its_tokens(site: blocks.Site) -> None:
    page = read(site, "```attention\nscore: prefix\n```\n\n```runner\ncorpus: echo\n```")
    assert page.errors == []
    attention, runner = (one.island for one in page.blocks)
    start, length = runner["observe"]["lines"]["starts"][0], runner["observe"]["lines"]["length"]
    assert attention["line"] == ECHO.text[start : start + length + 1]
    assert "".join(ECHO.vocab[token] for token in attention["tokens"]) == attention["line"]
    assert (attention["score"], attention["writings"], attention["corpus"]) == ("prefix", True, "echo")


def test_a_copies_block_has_the_floors_of_its_text(site: blocks.Site) -> None:
    page = read(site, "```runner\ncorpus: echo\n```\n\n```copies\n```")
    assert page.errors == []
    runner, copies = (one.island for one in page.blocks)
    floors = echo.validation_floors(ECHO.text)
    assert copies["floors"] == {"first": floors.first, "copies": 0.0}
    assert runner["observe"]["writings"] is True and runner["observe"]["lines"]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("```attention\n```", 1, "no runner on this page has the session “main”"),
        ("```runner\n```\n```attention\nscore: other\n```", 4, "other"),
        (
            "```runner\ncorpus: tiny\nmodel: {block_size: 8}\nbatch_size: 4\n```\n```attention\n```",
            6,
            "the validation part of the text tiny is too short for a line",
        ),
        ("```runner\n```\n```copies\n```", 3, "trains on the text shakespeare, which has no copies"),
    ],
)
def test_each_mistake_has_its_line(site: blocks.Site, text: str, line: int, said: str) -> None:
    (error,) = read(site, text).errors
    assert error.line == line and said in error.message


def test_the_heads_of_the_recorded_run_are_shown() -> None:
    facts = head_facts.attention(block(), SHAPE, seen(), "../")
    recorded = facts["island"]["recorded"]
    assert recorded["iterations"] == [0, 200] and recorded["line"] == LINE
    assert recorded["previous"] == [[0.1, 0.2], [0.6, 0.2]] and recorded["prefix"] == [[0.05, 0.3], [0.05, 0.8]]
    assert recorded["off"] == {"called": "on this line", "loss": 2.5, "without": [2.6, 2.5]}
    assert [head.does for head in facts["heads"]] == [
        "looks mostly at the character just before",
        "looks mostly at what followed the same character earlier",
    ]
    assert [head.off for head in facts["heads"]] == [2.6, 2.5]
    assert facts["best"] == "best prefix match 0.80, layer 1, head 2"
    assert facts["names"] == ["L1 H1", "L1 H2"]
    assert facts["picture"] == "../assets/press-start/heads-echo.png" and facts["iteration"] == 200
    picture = png.read(head_facts.picture(seen()))
    assert (picture.width, picture.height) == facts["size"]


def test_a_page_has_at_most_so_many_moments_with_the_first_and_the_last() -> None:
    maps = b"".join(bytes([at] * 32) for at in range(6))
    milestones = [observed(at, 0.0, None) for at in range(6)]
    packed = {"iterations": [*range(6)], "packed": base64.b64encode(gzip.compress(maps)).decode()}
    for most, kept in ((2, [0, 5]), (4, [0, 2, 3, 5]), (6, [*range(6)]), (9, [*range(6)])):
        found = seen(milestones=milestones, attention=packed)
        recorded = head_facts.attention(block(moments=most), SHAPE, found, "")["island"]["recorded"]
        assert recorded["iterations"] == kept
        own = gzip.decompress(base64.b64decode(recorded["attention"]))
        assert [*own[::32]] == kept and len(recorded["previous"]) == len(kept)


def test_on_a_text_with_copies_a_head_s_cost_is_theirs() -> None:
    off = head_facts.attention(block(), SHAPE, seen(writings=True), "")["island"]["recorded"]["off"]
    assert off == {"called": "of the copies", "loss": 0.05, "without": [0.06, 1.3]}


def test_without_a_recording_a_block_says_nothing_of_one() -> None:
    for found in (None, seen(attention=None)):
        facts = head_facts.attention(block(), SHAPE, found, "")
        assert facts["island"]["recorded"] is None and facts["heads"] == []
    assert head_facts.copies_of(block(), seen(writings=False))["rows"] == []
    assert head_facts.copies_of(block(), None)["island"]["recorded"] == []


def test_the_best_head_of_each_milestone_is_named() -> None:
    facts = head_facts.copies_of(block(), seen(writings=True))
    assert facts["island"]["recorded"][-1] == {
        "iteration": 200,
        "first": 2.2,
        "copies": 0.05,
        "prefix": 0.8,
        "head": 1,
    }
    assert [row["of"] for row in facts["rows"]] == ["layer 1, head 2"] * 3
    assert 'id="key-losses"' in facts["losses"] and 'id="key-scores"' in facts["scores"]
