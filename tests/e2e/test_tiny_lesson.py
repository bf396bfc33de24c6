"""Compares what the lesson on a tiny text says about its run with the run.

Catches: prose that promises a curve which this engine does not produce.
"""

from __future__ import annotations

import math

import pytest

from system.project import ROOT

LESSON = ROOT / "docs/lessons/a-tiny-text.md"


@pytest.mark.full
@pytest.mark.skipif(not LESSON.is_file(), reason="this project has taken the lesson away")
def test_the_tiny_text_is_memorised(served: str, visit) -> None:
    visit.go(f"{served}/lessons/a-tiny-text.html")
    visit.press("Start")
    visit.wait("session.status === 'done'", 300)
    history = visit.session("session.history")
    val = {at: loss for at, loss in zip(history["iteration"], history["val"], strict=True) if loss is not None}
    lowest = min(val, key=val.__getitem__)
    assert 50 < lowest < 400, "it falls, and turns well before the end"
    later = [loss for at, loss in val.items() if at >= lowest]
    assert later == sorted(later), "and from there on it climbs"
    assert max(loss for loss in history["train"][-20:] if loss is not None) < 0.3
    phases = visit.session("session.samples.map(({ phase }) => phase)")
    assert phases[-1] == phases[-3], "what is learnt by heart does not move the phase"
    uniform = math.log(visit.session("session.options.corpus.vocab_size"))
    assert visit.session("session.whole_val_nll") > uniform, "it ends above what knowing nothing costs"
