"""Accidental presses in a real browser: a double click, a key held down, a click that comes too late.

Catches: a button that undoes what it has just done; a run or an answer destroyed by one press too many; leaving a page
with a long run without being asked; a question that the keyboard cannot reach or that blocks the run.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

# Makes a Worker's clock run 200 times as fast.
HURRY = "const now = performance.now.bind(performance); performance.now = () => 200 * now();"
MOMENT_MS = 600


def hold_enter(page) -> None:
    for _ in range(6):
        page.keyboard.down("Enter")
    page.keyboard.up("Enter")


@pytest.mark.full
def test_one_press_does_one_thing_and_an_ended_run_stays_until_the_reader_confirms(served: str, visit) -> None:
    page = visit.page
    visit.go(f"{served}/trials/question.html")
    primary, question = page.locator(".ps-primary").first, page.locator(".ps-question").first
    status = "session.status"

    def moment() -> None:
        page.wait_for_timeout(MOMENT_MS)

    # A button pressed by keyboard passes the focus on if it disappears or another button is next.
    switch = page.get_by_role("button", name="use the graphics card").first
    moment()
    switch.focus()
    for _ in range(2):
        page.keyboard.press("Enter")
    visit.wait_until("document.activeElement.textContent === 'Start'")
    assert visit.session(status) == "idle"
    visit.session("session.prefer('cpu')")
    # An Enter that ends the composition of a Chinese or Japanese word in the field does not start the run either.
    composing = "new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true })"
    page.locator(".ps-seed").evaluate(f"(field) => field.dispatchEvent({composing})")
    assert visit.session(status) == "idle"
    # Keys held down, on the button and in the field; double clicks.
    page.locator(".ps-seed").fill("ophelia")
    hold_enter(page)
    assert visit.session(f"[{status} === 'paused', session.seed]") == [False, "ophelia"]
    visit.wait("session.iteration > 2")
    visit.press("Pause")
    moment()
    primary.focus()
    hold_enter(page)
    assert visit.session(status) == "running"
    moment()
    visit.press("Pause")
    page.get_by_role("button", name="Reset").first.focus()
    for _ in range(2):
        page.keyboard.press("Enter")
    assert visit.session(status) == "idle", "the second press is not one of Start"
    primary.dblclick()
    visit.wait("session.samples.length > 0")
    assert visit.session(status) in ("running", "done")
    check = page.get_by_role("button", name="Check my answer")
    page.get_by_label("four").check()
    check.dblclick()
    assert page.get_by_role("button", name="Answer again").is_visible(), "not answered and wiped"
    complete = page.locator(".ps-complete-button")
    complete.focus()
    hold_enter(page)
    assert complete.get_attribute("aria-pressed") == "true"

    # Clicks meant for Pause that arrive as the run ends.
    visit.evaluate("""(() => {
        const button = document.querySelector('.ps-primary');
        pressStart.sessions.main.on('status', (status) => {
            if (status === 'done') for (const ms of [0, 40, 300]) setTimeout(() => button.click(), ms);
        });
    })()""")
    visit.wait("session.status === 'done'")
    samples = visit.session("session.samples.length")
    page.wait_for_timeout(400)
    assert visit.session(f"[{status}, session.samples.length]") == ["done", samples] and question.is_hidden()

    # After a run has ended, both buttons ask; a double click is not an answer; Escape and Keep it lose nothing.
    moment()
    primary.dblclick()
    assert question.locator("p").inner_text() == f"This run and its {samples} samples will be replaced."
    assert page.evaluate("document.activeElement.textContent") == "Keep it"
    page.keyboard.press("Escape")
    assert question.is_hidden() and page.evaluate("document.activeElement.textContent") == "Start again"
    visit.press("Reset")
    assert question.locator("p").inner_text() == f"This run and its {samples} samples will be removed."
    moment()
    visit.press("Keep it")
    assert visit.session(f"[{status}, session.samples.length]") == ["done", samples]

    # Start again uses the seed typed meanwhile; a screen reader's click counts as an answer.
    page.locator(".ps-seed").fill("yorick")
    page.keyboard.press("Enter")
    expect(question).to_be_visible()
    assert visit.session("session.seed") == "ophelia"
    moment()
    question.get_by_role("button", name="Replace it").evaluate("(button) => button.click()")
    visit.wait("session.seed === 'yorick' && session.samples.length > 0")
    assert question.is_hidden() and visit.complaints == []


@pytest.mark.full
def test_a_long_run_is_not_lost_by_reset_by_another_engine_or_by_leaving(served: str, visit) -> None:
    page, asked = visit.page, []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    # A run that the browser keeps is left without a question: test_kept_runs.py.
    page.add_init_script("IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError'); };")
    visit.in_workers(HURRY)
    visit.go(f"{served}/trials/tiny.html")
    visit.session(
        "session.on('metrics', () => session.iteration > 0 && session.pause()) && null"
    )  # a run of less than a minute
    visit.press("Start")
    visit.wait("session.status === 'paused'", 15)
    assert visit.session("[session.long, session.history.iteration.length > 0]") == [False, True]
    page.reload()
    visit.wait_mounted()
    assert asked == [], "a short run is left without a question"

    visit.press("Start")
    visit.wait("session.long && session.status === 'running'", 30)
    visit.evaluate("location.reload()")
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    question = page.locator(".ps-question").first
    for button, words in (
        ("Reset", "will be removed."),
        ("use the graphics card", "Another engine begins at iteration 0"),
    ):
        page.get_by_role("button", name=button, exact=True).click()
        assert words in question.locator("p").inner_text()
        at = visit.session("session.iteration")
        visit.wait(f"session.iteration > {at}")
        page.keyboard.press("Escape")
        assert question.is_hidden() and visit.session("session.iteration") > at
    visit.press("Reset")
    page.wait_for_timeout(MOMENT_MS)
    visit.press("Remove it")
    assert visit.session("[session.status, session.iteration]") == ["idle", 0]
    page.reload()
    visit.wait_mounted()
    assert asked == ["beforeunload"], "nothing is left to ask about"
    assert visit.complaints == []


@pytest.mark.full
def test_a_preset_that_has_trained_long_is_not_replaced_by_one_press(served: str, visit) -> None:
    run = "pressStart.sessions.preset"
    visit.cores(2)
    visit.in_workers(HURRY)
    visit.go(f"{served}/trials/presets.html")
    visit.page.get_by_role("button", name="clean", exact=True).dblclick()
    visit.wait_until(f"{run}.long", 20)
    visit.press("noisy")
    question = visit.page.locator(".ps-presets .ps-question")
    assert question.locator("p").inner_text() == "The run “clean” is still training, and will be replaced."
    assert visit.evaluate(f"{run}.seed").endswith("/ clean")
    visit.page.wait_for_timeout(MOMENT_MS)
    visit.press("Replace it")
    assert visit.evaluate(f"{run}.seed").endswith("/ noisy") and question.is_hidden()
    assert visit.complaints == []
