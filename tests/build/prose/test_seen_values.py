"""What prose says of the inside of a run is what was recorded of it.

Catches: the score of another head or iteration, a head counted from the wrong end, a loss that the text does not have.
"""

from __future__ import annotations

import base64
import gzip
from typing import Any

from prose.echo_values import echo_values
from prose.seen_values import seen_values
from recorded.recorded_seen import Seen
from texts import corpus as corpora
from texts import echo

HEADS = 4


def milestone(iteration: int, previous: list[float], prefix: list[float], writings: dict | None) -> dict[str, Any]:
    line = {"surprise": [1.0], "stream_rms": [1.0], "previous": previous, "prefix": prefix}
    return {"iteration": iteration, "line": line, "norms": None, "writings": writings}


def made_up(corpus: str, writings: dict | None, off: dict[str, list | None]) -> Seen:
    milestones = [
        milestone(0, [0.1, 0.3, 0.1, 0.1], [0.2, 0.1, 0.1, 0.1], writings),
        milestone(9, [0.1, 0.2, 0.7, 0.1], [0.1, 0.1, 0.1, 0.6], writings and {"first": 2.6, "copies": 0.03}),
    ]
    config = {"model": {"n_layer": 2, "n_head": 2}}
    facts = {"corpus": {"name": corpus}, "config": config, "milestones": milestones, "heads_off": off}
    maps = bytearray(HEADS * 4 * 4)
    for i, j in ((1, 0), (3, 2)):  # head 3 looks at the gap before each letter
        maps[(2 * 4 + i) * 4 + j] = 255
    packed = base64.b64encode(gzip.compress(maps)).decode()
    facts |= {
        "attention": {"iterations": [9], "packed": packed},
        "text": "\na bc",
        "observe": {"writings": bool(writings)},
    }
    return Seen("docs/recorded/seen.json", facts | {"seeds": {}, "presets": {}})


def test_scores_are_the_best_ones_and_heads_are_named_at_the_end() -> None:
    losses = {"first": 2.9, "copies": 2.8}
    seen = seen_values([made_up("echo", losses, {"line": [1, 2, 3, 4], "copies": [0.1, 0.9, 0.3, 0.4]})])["echo"]
    assert dict(seen["previous"].items()) == {0: 0.3, 9: 0.7} and dict(seen["prefix"].items()) == {0: 0.2, 9: 0.6}
    assert (seen["previous_head"], seen["prefix_head"]) == ("head 1 of layer 2", "head 2 of layer 2")
    assert dict(seen["first"].items()) == {0: 2.9, 9: 2.6} and dict(seen["copies"].items()) == {0: 2.8, 9: 0.03}
    assert (seen["needed_head"], seen["without_needed_head"]) == ("head 2 of layer 1", 0.9)
    assert dict(seen["heads"][2][1].items()) == {"previous": 0.7, "prefix": 0.1, "distance": 1.0, "off": 0.3}
    assert seen["line_nll"][9] == 1.0
    assert dict(seen["gap"].items()) == {9: 1} and seen["gap_head"] == "head 1 of layer 2"


def test_a_text_without_copies_has_no_losses_of_them() -> None:
    seen = seen_values([made_up("prose", None, {"line": [1, 5, 3, 4], "copies": None})])["prose"]
    assert "first" not in seen and "copies" not in seen and "gap" not in seen
    assert (seen["needed_head"], seen["without_needed_head"]) == ("head 2 of layer 1", 5)


def test_the_rules_and_floors_of_echo_are_its_generators() -> None:
    values = echo_values(corpora.load)
    text = corpora.load("echo").text
    assert (values["letters"], values["lengths"], values["writings"]) == (16, 5, 4)
    assert values["floors"]["first"] == echo.validation_floors(text).first
    assert text[:20].replace("\n", "&#10;") in values["opening"]
