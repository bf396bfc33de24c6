"""A page's session tells what the model expected: of each sample, and of a line while the run goes on.

Catches: readings that do not arrive from the Worker, that belong to another sample, or that a reset leaves behind; a
question between two iterations that changes the run.
"""

from __future__ import annotations

import math

import pytest

TINY = "trials/tiny-120.html"
SURPRISES = "session.samples.map((sample) => [...session.reading(sample).surprise])"
# Asks for a line with all heads, and with one switched off, while the run goes on.
ASKED = """async () => {
  const session = pressStart.sessions.main, tokens = Uint8Array.from({ length: 12 }, (_, i) => i);
  const asked = [session.observe(tokens), session.observe(tokens, Uint8Array.of(1, 0))];
  const [all, off] = await Promise.all(asked), status = session.status;
  const maps = (line) => line.attention.length, finite = (line) => line.surprise.every(Number.isFinite);
  const alike = all.surprise.every((nats, i) => nats === off.surprise[i]);
  return { lengths: [all.surprise.length, maps(all), maps(off)], finite: finite(all) && finite(off), alike, status };
}"""


def test_a_run_tells_what_it_expected_and_answers_between_iterations(served: str, visit) -> None:
    visit.go(f"{served}/{TINY}")
    visit.press("Start")
    visit.wait("session.samples.length >= 2")
    asked = visit.page.evaluate(ASKED)
    assert asked["lengths"] == [11, 2 * 11**2, 2 * 11**2] and asked["finite"] and not asked["alike"]
    visit.wait("session.status === 'done'")
    samples, surprises = visit.session("session.samples"), visit.session(SURPRISES)
    assert [len(nats) for nats in surprises] == [len(sample["text"]) for sample in samples]
    # Untrained, the model expects each character about equally.
    vocabulary = visit.session("session.options.corpus.vocab_size")
    first = sum(surprises[0]) / len(surprises[0])
    assert first == pytest.approx(math.log(vocabulary), abs=0.2)
    assert sum(surprises[-1]) / len(surprises[-1]) < first
    prints = visit.session("session.fingerprint()")
    assert visit.session("session.observations") == []  # no block of this page asks for any

    visit.page.evaluate("globalThis.old = [...pressStart.sessions.main.samples]")
    visit.session("session.reset()")  # the button asks first where a run has taken long
    assert visit.session("old.every((sample) => session.reading(sample) === null)")
    visit.session("session.start()")
    visit.wait("session.status === 'done'")
    assert visit.session("session.fingerprint()") == prints
    assert visit.session(SURPRISES) == surprises
    assert visit.complaints == []
