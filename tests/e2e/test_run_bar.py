"""The bar at the window's lower edge while a run goes on and its stage has left the view.

Catches: a bar beside a stage that is in view, or for a run that has ended; a bar that shows another run than the one
that trains; one that covers the page's end or what has the focus; more than one tab stop; one that cannot be closed, or
stays closed for the next run; a jump where the reader wants no motion; a bar on paper.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

FAR = "trials/far.html"


@pytest.fixture(params=[pytest.param((1280, 720), marks=pytest.mark.full), (360, 740)], ids=["desk", "phone"])
def far(request: pytest.FixtureRequest, visit_as, served: str):
    """A page with two runs far apart, whose first run goes on while the reader is between the two."""
    width, height = request.param
    visit = visit_as(viewport={"width": width, "height": height}, reduced_motion="reduce")
    visit.go(f"{served}/{FAR}")
    assert bar(visit.page).is_hidden()
    visit.press("Start")
    visit.wait("session.iteration > 0")
    assert bar(visit.page).is_hidden(), "the stage is in view"
    leave(visit.page)
    expect(bar(visit.page)).to_be_visible()
    read(visit.page)
    return visit


def bar(page: Page):
    return page.locator(".ps-bar")


def read(page: Page) -> None:
    """For half a second after buttons have appeared or changed, a press may be meant for what was there before."""
    page.wait_for_timeout(600)


def leave(page: Page) -> None:
    page.get_by_role("heading", name="between").evaluate("(heading) => heading.scrollIntoView({ block: 'center' })")


def test_it_says_where_the_run_is_and_pauses_it(far) -> None:
    page = far.page
    words = page.locator(".ps-bar-where")
    button = bar(page).get_by_role("button").first
    button.click()
    far.wait("session.status === 'paused'")
    expect(button).to_have_text("Resume")
    iteration, val, phase = far.session("[session.iteration, session.val_nll, session.phase]")
    for text in (f"iter {iteration} / 3000", f"val NLL {val:.4f}", phase):
        expect(words).to_contain_text(text)
    read(page)
    button.click()
    far.wait(f"session.iteration > {iteration}")


def test_it_leads_back_without_motion_and_the_focus_goes_along(far) -> None:
    page = far.page
    there = page.evaluate("""() => {
      document.querySelector(".ps-bar [aria-label='Back to the run']").click();
      return document.querySelector(".ps-together").getBoundingClientRect().top;
    }""")
    assert 0 <= there < 100, "at once, because this reader wants no motion"
    expect(bar(page)).to_be_hidden()
    leave(page)
    expect(bar(page)).to_be_visible()
    read(page)
    page.get_by_role("button", name="Back to the run").press("Enter")
    expect(bar(page)).to_be_hidden()
    expect(page.locator(".ps-primary").first).to_be_focused()


@pytest.mark.full
def test_closed_it_stays_away_until_the_next_run(far) -> None:
    page = far.page
    page.get_by_role("button", name="Close this bar until the next run").click()
    expect(bar(page)).to_be_hidden()
    far.session("session.pause()")
    far.wait("session.status === 'paused'")
    far.session("session.start()")
    far.wait("session.status === 'running'")
    page.wait_for_timeout(400)
    expect(bar(page)).to_be_hidden()
    far.session("(session.reset(), session.start())")
    expect(bar(page)).to_be_visible()


def test_it_is_one_tab_stop_and_the_arrow_keys_move_inside(far) -> None:
    page = far.page
    stops = "document.querySelectorAll('.ps-bar [tabindex=\"0\"], .ps-bar button:not([tabindex])').length"
    buttons = bar(page).get_by_role("button")
    assert bar(page).get_attribute("role") == "toolbar"
    assert bar(page).get_attribute("aria-label") == "Training run main"
    assert page.evaluate(stops) == 1
    buttons.nth(0).focus()
    for key, index in (
        ("ArrowRight", 1),
        ("ArrowRight", 2),
        ("ArrowRight", 0),
        ("ArrowLeft", 2),
        ("Home", 0),
        ("End", 2),
    ):
        page.keyboard.press(key)
        expect(buttons.nth(index)).to_be_focused()
        assert page.evaluate(stops) == 1
    page.keyboard.press("Shift+Tab")
    assert not page.evaluate("document.querySelector('.ps-bar').contains(document.activeElement)")
    page.keyboard.press("Tab")
    expect(buttons.nth(2)).to_be_focused()
    page.keyboard.press("Enter")
    expect(bar(page)).to_be_hidden()


@pytest.mark.full
def test_it_covers_neither_the_page_s_end_nor_what_has_the_focus(far) -> None:
    page = far.page
    top = bar(page).bounding_box()["y"]
    assert page.viewport_size["height"] - top <= 80, "slim"
    link = page.get_by_role("link", name="a link below the fold")
    link.evaluate("(link) => { scrollTo(0, 0); scrollTo(0, link.getBoundingClientRect().top - innerHeight - 200); }")
    link.focus()
    box = link.bounding_box()
    assert box["y"] + box["height"] <= top
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    page.wait_for_timeout(200)
    if bar(page).is_visible():
        last = page.locator(".md-footer").bounding_box()
        assert last["y"] + last["height"] <= bar(page).bounding_box()["y"] + 1


def test_it_shows_the_run_that_trains_and_none_that_has_ended(far) -> None:
    page = far.page
    far.session("session.pause()")
    far.wait("session.status === 'paused'")
    page.locator(".ps-primary").nth(1).click()
    far.wait_until("pressStart.sessions.second.iteration > 0")
    expect(bar(page)).to_be_hidden()  # the run that trains is in view, although the other one is paused
    page.evaluate("scrollTo(0, 0)")
    expect(bar(page)).to_have_attribute("aria-label", "Training run second")
    far.evaluate("pressStart.sessions.second.reset()")
    expect(bar(page)).to_be_hidden()  # the paused run's stage is in view here
    leave(page)
    expect(bar(page)).to_have_attribute("aria-label", "Training run main")
    page.emulate_media(media="print")
    expect(bar(page)).to_be_hidden()
    page.emulate_media(media="screen")
    far.session("session.reset()")
    expect(bar(page)).to_be_hidden()
