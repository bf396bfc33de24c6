"""Catches: a mean over other characters than the line's, a count of another milestone or of another model."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from prose.line_values import line_values
from recorded.recorded_seen import Seen

LINE = {0: [4.0, 4.0, 4.0], 200: [1.0, 2.5, 0.5]}
COUNTED = {"unigram": [3.0, 3.0, 3.0], "trigram": [2.0, 2.0, 2.0]}


def seen(text: str | None) -> Seen:
    milestones = [{"iteration": at, "line": {"surprise": own}} for at, own in LINE.items()]
    return Seen("docs/recorded/seen-x.json", {"text": text, "milestones": milestones})


def test_prose_can_name_the_line_and_what_models_that_count_say_of_it() -> None:
    corpus = SimpleNamespace(surprises=lambda window: COUNTED if window == "abcd" else {})
    line = line_values(seen("abcd"), corpus)
    assert line["characters"] == 3
    assert [line["nll"][at] for at in LINE] == pytest.approx([4.0, 4 / 3])
    assert line["counted"]["trigram"] == pytest.approx(2.0)
    assert [line["better"][model][200] for model in COUNTED] == [2, 2] and line["better"]["trigram"][0] == 0
    assert line["better"].explain("bigram").startswith("recorded.line.better has no “bigram”")


def test_a_text_without_an_observed_line_has_no_values() -> None:
    assert line_values(None, SimpleNamespace()) is None and line_values(seen(None), SimpleNamespace()) is None
