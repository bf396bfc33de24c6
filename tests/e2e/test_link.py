"""A link that opens the lesson in a chosen state, from a server and from disk.

Catches: a seed that is shown but not used, or set in the wrong run; a preset that starts by itself; a control that is
invisible but still reachable by keyboard.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from authoring import presets

LESSON = "lessons/watch-it-learn.html"
PRESETS = "trials/presets.html"
# Browsers allow least on a disk, so these tests run on a server only with --full.
FROM_DISK = pytest.mark.parametrize("base", ["file", pytest.param("http", marks=pytest.mark.full)], indirect=True)


@FROM_DISK
@pytest.mark.full
def test_a_seed_and_a_text_choose_a_run_and_its_seed(base: str, visit) -> None:
    visit.go(f"{base}/{LESSON}?seed=ophelia&corpus=play-machine")
    seeds = "Object.fromEntries(Object.entries(pressStart.sessions).map(([name, { seed }]) => [name, seed]))"
    texts = visit.evaluate("Object.values(pressStart.sessions).map(({ options }) => options.corpus.name)")
    meant = texts.index("play-machine")  # the page's first run, if the site was built with that text
    expected = {"main": "hamlet", "floor": "hamlet", ["main", "floor"][meant]: "ophelia"}
    assert visit.evaluate(seeds) == expected
    runner = visit.page.locator("[data-ps=runner]").nth(meant)
    assert visit.page.locator(".ps-seed").nth(meant).input_value() == "ophelia"
    assert meant == 0 or 0 <= runner.bounding_box()["y"] < 450
    visit.go(f"{base}/{LESSON}?seed=ophelia")
    assert visit.evaluate(seeds)["main"] == "ophelia"
    visit.press("Start")
    visit.wait("session.samples.length > 0")
    said = visit.session("session.samples[0].text")
    visit.go(f"{base}/{LESSON}")
    visit.page.locator(".ps-seed").first.fill("ophelia")
    visit.press("Start")
    visit.wait("session.samples.length > 0")
    assert visit.session("session.samples[0].text") == said
    assert visit.complaints == []


@FROM_DISK
def test_a_preset_is_offered_but_not_started(base: str, visit) -> None:
    visit.go(f"{base}/{PRESETS}?preset=diverge-slow&hide=presets,rate,seed,reset")
    page = visit.page
    assert visit.evaluate("document.activeElement.textContent") == "diverge (slow)"
    assert page.locator(".ps-preset-list button:visible").all_inner_texts() == ["diverge (slow)"]
    for hidden in (".ps-own-rate", ".ps-seed-field"):
        assert not page.locator(hidden).is_visible()
    assert page.get_by_role("button", name="Reset").count() == 0
    assert visit.evaluate("typeof pressStart.sessions.preset") == "undefined"
    page.keyboard.press("Enter")
    visit.wait_until("pressStart.sessions.preset?.iteration > 0")
    assert visit.complaints == []


def test_the_page_says_what_a_link_asks_for_in_vain(served: str, visit, root: Path) -> None:
    visit.go(f"{served}/{PRESETS}?preset=deed&corpus=hamlet")
    note = visit.page.get_by_role("status").filter(has_text="The link to this page").inner_text()
    assert "asks for the text “hamlet”" in note
    assert f"preset “deed”; this page has {', '.join(presets.read(root).names)}." in note
