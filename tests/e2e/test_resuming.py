"""Runs saved at random moments go on in fresh profiles to the very end of the run that was never stopped.

Catches: a file of a run under way that lacks an iteration, a measurement or a moment; a resumed run on a graphics card
whose kernels begin elsewhere.
"""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable

import pytest

from file_hand import bring

PAGE, CARD = "trials/resuming.html", "trials/resuming-on-a-card.html?software-gpu"
SOFTWARE_CARD = ("--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader")
# Saves the run at these iterations, or a few later, because the page hears of them ten times a second; resolves at its
# end.
SAVES = """async ([moments, engine]) => {
  const session = pressStart.sessions.main, files = [];
  session.prefer(engine);
  session.start();
  for (const moment of moments) {
    while (session.iteration < moment) await new Promise((resolve) => setTimeout(resolve));
    const bytes = new Uint8Array(await (await session.save()).arrayBuffer());
    files.push(btoa(String.fromCharCode(...bytes)));
  }
  while (!session.ended) await new Promise((resolve) => setTimeout(resolve, 10));
  return [files, await session.fingerprint(), JSON.stringify([session.samples, session.history.val])];
}"""


def iteration_of(file: bytes) -> int:
    header = json.loads(file[8 : 8 + int.from_bytes(file[:8], "little")])
    return json.loads(header["__metadata__"]["press_start"])["iteration"]


def check(make_visit: Callable, url: str, engine: str, moments: list[int]) -> None:
    first = make_visit()
    first.go(url)
    files, end, record = first.page.evaluate(SAVES, [sorted(moments), engine])
    assert first.session("session.engine.kind") == engine
    assert len(files) == len(moments) and len({iteration_of(base64.b64decode(file)) for file in files}) > len(files) / 2
    for file in files:
        visit = make_visit()
        visit.go(url)
        bring(visit.page, "drop", ("run.safetensors", base64.b64decode(file)))
        visit.page.locator(".ps-file-panel[role=dialog]").wait_for()
        ended = iteration_of(base64.b64decode(file)) == first.session("session.iterations")
        visit.press_when_read("Load this finished run" if ended else "Go on from this file")
        visit.wait("session.status === 'done'")
        assert visit.session("session.engine.kind") == engine
        assert visit.session("session.fingerprint()") == end
        assert visit.session("JSON.stringify([session.samples, session.history.val])") == record
        visit.page.context.close()


@pytest.mark.full
def test_saved_at_twenty_random_moments_a_run_ends_with_the_same_bytes(served: str, visit_as) -> None:
    moments = random.Random("twenty moments").sample(range(250), 20)
    check(visit_as, f"{served}/{PAGE}", "cpu", moments)


@pytest.mark.full
def test_saved_at_six_random_moments_a_run_on_a_graphics_card_ends_with_the_same_bytes(served: str, visit_with) -> None:
    moments = random.Random("six moments").sample(range(22), 6)
    check(lambda: visit_with(*SOFTWARE_CARD), f"{served}/{CARD}", "webgpu", moments)
