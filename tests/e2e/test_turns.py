"""Several runs and measurements on one page, started at the same time, in a real browser.

Catches: two runs, or a run and a measurement, that compute at the same time; one that never continues.
"""

from __future__ import annotations

import pytest


@pytest.mark.full
def test_one_of_two_runners_and_a_measurement_computes_and_the_others_say_what_they_wait_for(
    served: str, visit
) -> None:
    page, second = visit.page, "pressStart.sessions.second"
    visit.go(f"{served}/trials/together.html")
    visit.evaluate(f"{second}.prefer('cpu')")
    buttons, badges = page.locator(".ps-runner .ps-primary"), page.locator(".ps-runner .ps-badge")
    visit.press("Start")
    visit.wait("session.iteration > 5")
    buttons.nth(1).click()
    at = visit.session("session.iteration")
    visit.wait(f"session.iteration > {at + 5}")
    assert visit.evaluate(f"[{second}.status, {second}.iteration, {second}.history.iteration.length]") == [
        "waiting",
        0,
        0,
    ]
    assert badges.nth(1).inner_text() == "waiting for the run above: pause that run to begin this one"

    buttons.nth(0).click()  # Pause
    visit.wait_until(f"{second}.iteration > 5")
    stands = visit.session("session.iteration")
    page.wait_for_timeout(600)
    buttons.nth(0).click()  # Resume
    assert badges.nth(0).inner_text() == f"waiting for the run below, at iteration {stands}"
    assert visit.evaluate(f"{second}.status") == "running"

    visit.press("Measure")
    assert [text.split(", ")[0] for text in badges.all_inner_texts()] == ["waiting for the speed measurement below"] * 2
    page.wait_for_timeout(300)
    stands = visit.evaluate(f"[pressStart.sessions.main.iteration, {second}.iteration]")
    page.wait_for_timeout(300)
    assert visit.evaluate(f"[pressStart.sessions.main.iteration, {second}.iteration]") == stands
    visit.press("Stop")
    visit.wait_until(f"{second}.iteration > {stands[1]}")
    visit.evaluate(f"{second}.reset()")
    visit.wait(f"session.iteration > {stands[0]}")
    assert visit.complaints == []
