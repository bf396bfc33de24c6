"""Catches: a text that every reader downloads although few run it, a Start that is lost while its text loads, a text
that a page opened from a file cannot load, a failed load without a word about it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

PAGE = "trials/late.html"
SCRIPT = "**/corpus-harbour.js"
SECOND = "pressStart.sessions.second"


def loads(visit) -> int:
    return sum("corpus-harbour" in url for url in visit.requests)


def test_a_text_loads_when_its_runner_comes_near_the_view(served: str, visit) -> None:
    visit.go(f"{served}/{PAGE}")
    visit.page.wait_for_timeout(1000)  # a text that came at once would have been asked for by now
    assert visit.evaluate("Object.keys(pressStart.sessions)") == ["main", "second"]
    assert visit.evaluate(f"[{SECOND}.status, {SECOND}.options.corpus.title]") == ["idle", "harbour"]
    assert loads(visit) == 0, "not before then"
    visit.page.get_by_text("A line.").last.scroll_into_view_if_needed()
    visit.wait_until("pressStartCorpora.harbour !== undefined", 10)
    second = visit.page.locator("[data-ps=runner]").nth(1)
    second.get_by_role("button", name="Start", exact=True).click()
    visit.wait_until(f"{SECOND}.iteration > 5", 20)
    assert loads(visit) == 1 and visit.complaints == []


@pytest.mark.parametrize("at", [pytest.param("http", marks=pytest.mark.full), "file"])
def test_a_start_before_then_loads_it(served: str, site: Path, visit, at: str) -> None:
    visit.go(f"{served if at == 'http' else site.as_uri()}/{PAGE}")
    visit.evaluate(f"{SECOND}.start()")
    visit.wait_until(f"{SECOND}.iteration > 5", 20)
    assert visit.complaints == []


@pytest.mark.full
def test_a_start_waits_for_a_slow_text_and_says_so(served: str, visit) -> None:
    held = []
    visit.page.route(SCRIPT, lambda route: held.append(route))
    visit.go(f"{served}/{PAGE}")
    second = visit.page.locator("[data-ps=runner]").nth(1)
    second.get_by_role("button", name="Start", exact=True).click()
    visit.wait_until(f"{SECOND}.detail === 'loading the text'", 10)
    assert second.locator(".ps-badge").inner_text() == "loading the text"
    second.get_by_role("button", name="Pause", exact=True).click()
    second.get_by_role("button", name="Start", exact=True).click()
    assert len(held) == 1, "asked for once"
    held[0].continue_()
    visit.wait_until(f"{SECOND}.iteration > 5", 20)


def test_a_text_that_does_not_come_is_reported_and_asked_for_again(served: str, visit) -> None:
    visit.page.route(SCRIPT, lambda route: route.abort())
    visit.go(f"{served}/{PAGE}")
    second = visit.page.locator("[data-ps=runner]").nth(1)
    second.get_by_role("button", name="Start", exact=True).click()
    alert = second.get_by_role("alert").filter(visible=True)
    alert.wait_for()
    said = alert.inner_text()
    assert "The text of this run could not be loaded." in said and "Press reset" in said
    assert not visit.page.locator(".ps-missing").is_visible(), "the rest of the page is whole"
    assert visit.session("session.status") == "idle"
    visit.page.unroute(SCRIPT)
    second.get_by_role("button", name="Reset", exact=True).click()
    visit.page.wait_for_timeout(600)  # presses right after a label has changed do not count
    second.get_by_role("button", name="Start", exact=True).click()
    visit.wait_until(f"{SECOND}.iteration > 5", 20)
