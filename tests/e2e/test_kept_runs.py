"""A run stays in the browser: it goes on after a crash, and is replaced only by a run that has something to keep.

Catches: a run that is lost or goes on with other bytes, an offer to the wrong page or with a wrong sentence, a new run
that deletes the one before, a page that asks before it is left although nothing would be lost, and a reader who is not
told, or told twice, that the browser keeps nothing. test_killed.py kills the browser.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Error

from axe_rules import assert_nothing_found
from kept_runs import OFFER, at, kept, offered, wait_kept
from output import single_file

TINY, SHORT = "trials/tiny.html", "trials/tiny-120.html"
STORED = "reference/stored-runs.html"
PHONE = {"width": 360, "height": 740}
LONG = pytest.mark.full


def another(visit):
    """A visit in another tab of the same browser."""
    return type(visit)(visit.page.context.new_page())


def begun(visit, url: str, iteration: int) -> None:
    """Trains up to that sample, pauses, and waits until the run is kept."""
    visit.go(url)
    visit.pause_at_sample(iteration)
    visit.press("Start")
    visit.wait("session.status === 'paused'")
    wait_kept(visit, at(iteration))


@pytest.fixture(params=["file", pytest.param("http", marks=LONG), pytest.param("one file", marks=LONG)])
def short_run(request: pytest.FixtureRequest, site: Path, serve_folder, tmp_path: Path) -> str:
    """The address of a page with a short run."""
    if request.param == "http":
        return f"{serve_folder(site)}/{SHORT}"
    if request.param == "file":
        return (site / SHORT).as_uri()
    one = tmp_path / "one file.html"
    one.write_text(single_file.make(site, SHORT, lambda _: ""), encoding="utf-8")
    return one.as_uri()


def test_a_run_goes_on_after_a_crash_with_the_bytes_of_a_run_without_one(
    short_run: str, visit, visit_as: Callable
) -> None:
    url = short_run
    whole = visit_as()
    whole.go(url)
    whole.session("session.start()")
    begun(visit, url, 50)
    with visit.page.expect_event("crash"), suppress(Error):
        visit.page.goto("chrome://crash")
    again = another(visit)
    again.go(url)
    assert offered(again) == "You stopped at iteration 50, seed “hamlet”, just now."
    again.press_when_read("Go on")
    again.wait("session.status === 'done'")
    whole.wait("session.status === 'done'")
    for view in ("session.fingerprint()", "session.history", "session.samples", "session.whole_val_nll"):
        assert again.session(view) == whole.session(view), view
    assert again.complaints == [] and not again.evaluate(f"document.querySelector('{OFFER}')")


@LONG
def test_a_new_run_does_not_delete_the_run_before_it(served: str, visit) -> None:
    begun(visit, f"{served}/{TINY}", 200)
    visit.go(f"{served}/{TINY}")
    offered(visit)
    visit.pause_at_sample(0)
    visit.press_when_read("Start")
    visit.wait("session.status === 'paused'")
    assert not visit.evaluate(f"document.querySelector('{OFFER}')")
    time.sleep(1.5)
    assert kept(visit)[0]["newest"]["iteration"] == 200, "a new run has nothing to keep yet"
    visit.press_when_read("Reset")
    assert offered(visit).startswith("You stopped at iteration 200,"), "and is offered again after a reset"
    visit.pause_at_sample(50)
    visit.press_when_read("Start afresh")
    visit.wait("session.status === 'paused'")
    visit.press_when_read("Resume")
    visit.wait("session.status === 'paused' && session.iteration === 50")
    (run,) = wait_kept(visit, lambda runs: runs[0]["newest"]["iteration"] == 50)
    assert run["before"]["iteration"] == 200 and run["files"] <= 3
    visit.page.goto(f"{served}/{STORED}")
    rows = visit.page.locator(".ps-stored li")
    rows.nth(1).filter(has_text="the run before that one").get_by_role("button", name="Delete").click()
    time.sleep(0.6)
    visit.page.get_by_role("group").get_by_role("button", name="Delete").click()
    rows.nth(1).wait_for(state="detached")
    (run,) = kept(visit)
    assert run["newest"]["iteration"] == 50 and run["before"] is None and run["files"] <= 2


@LONG
def test_a_finished_run_is_offered_quietly_and_only_until_the_reader_has_closed_it(served: str, visit) -> None:
    visit.go(f"{served}/{SHORT}")
    visit.session("session.start()")
    visit.wait("session.status === 'done'")
    wait_kept(visit, at(120))
    visit.go(f"{served}/{SHORT}")
    assert offered(visit) == "Your run of 120 iterations is still here: seed “hamlet”, just now."
    visit.press_when_read("Show it")
    visit.wait("session.status === 'done'")
    assert visit.session("session.samples.length") == 5
    visit.go(f"{served}/{SHORT}")
    offered(visit)
    visit.press_when_read("Close")
    visit.go(f"{served}/{SHORT}")
    time.sleep(1)
    assert not visit.evaluate(f"document.querySelector('{OFFER}')")
    assert kept(visit)[0]["newest"]["iteration"] == 120, "closing deletes nothing"


@LONG
def test_a_run_that_the_page_cannot_continue_is_offered_as_a_file(served: str, visit) -> None:
    begun(visit, f"{served}/{TINY}", 50)
    # An author has edited the lesson: the page of the same address has another batch size.
    visit.page.route(
        f"**/{TINY}",
        lambda route: route.fulfill(
            body=route.fetch().text().replace('"batch_size": 4', '"batch_size": 5'), content_type="text/html"
        ),
    )
    visit.go(f"{served}/{TINY}")
    said = offered(visit)
    assert said.startswith("The page has changed since you stopped at iteration 50, seed “hamlet”, just now. "), said
    assert said.endswith("The file’s run trains with batch_size = 4; this one with 5."), said
    time.sleep(0.6)
    with visit.page.expect_download() as download:
        visit.page.get_by_role("button", name="Save as a file").first.click()
    assert download.value.suggested_filename == "press-start-hamlet-50.safetensors"
    assert download.value.path().stat().st_size == kept(visit)[0]["newest"]["bytes"]


@LONG
def test_the_offer_can_be_pressed_by_keyboard_and_axe_finds_nothing(served: str, visit) -> None:
    begun(visit, f"{served}/{TINY}", 50)
    visit.go(f"{served}/{TINY}")
    offered(visit)
    assert_nothing_found(visit, "an offer")
    visit.page.set_viewport_size(PHONE)
    assert_nothing_found(visit, "an offer on a phone")
    time.sleep(0.6)
    visit.page.locator(".ps-primary").first.focus()
    names = []
    for _ in range(3):
        visit.page.keyboard.press("Tab")
        names.append(visit.evaluate("document.activeElement.textContent"))
    assert names == ["Go on", "Start afresh", "All stored runs"]
    visit.page.get_by_role("button", name="Go on").focus()
    visit.page.keyboard.press("Enter")
    visit.wait("session.iteration > 50")


@LONG
def test_stored_runs_are_listed_saved_and_deleted(served: str, visit) -> None:
    visit.page.goto(f"{served}/{STORED}")
    visit.wait_until("document.querySelector('.ps-stored .ps-badge').textContent.includes('stores no runs')", 10)
    begun(visit, f"{served}/{TINY}", 50)
    visit.page.goto(f"{served}/{STORED}")
    rows = visit.page.locator(".ps-stored li")
    rows.first.wait_for()
    said = " ".join(rows.first.inner_text().split())
    assert said.startswith("tiny iteration 50 of 3,000, seed “hamlet”, val NLL "), said
    assert_nothing_found(visit, "the list")
    visit.page.set_viewport_size(PHONE)
    assert_nothing_found(visit, "the list on a phone")
    time.sleep(0.6)
    with visit.page.expect_download() as download:
        rows.first.get_by_role("button", name="Save as a file").click()
    assert download.value.suggested_filename == "press-start-hamlet-50.safetensors"
    rows.first.get_by_role("button", name="Delete").click()
    time.sleep(0.6)
    visit.page.get_by_role("group").get_by_role("button", name="Delete").click()
    rows.first.wait_for(state="detached")
    assert kept(visit) == [] and visit.complaints == []


REFUSED = {
    "refused": "IDBFactory.prototype.open = () => { throw new DOMException('denied', 'SecurityError'); };",
    "missing": "Object.defineProperty(globalThis, 'indexedDB', { value: undefined });",
    "full": "IDBObjectStore.prototype.put = () => { throw new DOMException('', 'QuotaExceededError'); };",
}


@LONG
@pytest.mark.parametrize("how", [*REFUSED, "quota", "newer"])
def test_training_goes_on_where_nothing_can_be_kept_and_it_is_said_once(
    served: str, visit_with: Callable, how: str
) -> None:
    visit = visit_with()
    devtools = visit.page.context.new_cdp_session(visit.page)
    if how in REFUSED:
        visit.page.add_init_script(REFUSED[how])
    elif how == "quota":
        visit.page.goto(f"{served}/index.html")
        devtools.send("Storage.overrideQuotaForOrigin", {"origin": served, "quotaSize": 1000})
    else:
        visit.page.goto(f"{served}/index.html")
        visit.evaluate("new Promise((done) => indexedDB.open('press-start', 2).onsuccess = () => done())")
    visit.go(f"{served}/{TINY}")
    visit.evaluate("""(() => {
        globalThis.said = 0;
        let was = "";
        new MutationObserver(() => {
            const now = document.querySelector(".ps-offer:not([hidden]) > p")?.textContent ?? "";
            if (now !== was && now !== "") said++;
            was = now;
        }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
    })()""")
    visit.press("Start")
    sentence = offered(visit)
    assert sentence.endswith("Training goes on; save the run as a file instead."), sentence
    assert {"full": "no room left", "quota": "no room left", "newer": "A newer Press Start page"}.get(
        how, "does not let the page keep your run"
    ) in sentence
    before = visit.session("session.iteration")
    visit.wait(f"session.iteration > {before + 300}")
    visit.press_when_read("Close")
    visit.press_when_read("Pause")
    time.sleep(1.5)
    visit.press_when_read("Resume")
    visit.wait("session.status === 'running'")
    assert visit.evaluate("said") == 1
    assert visit.complaints == []


@LONG
def test_a_run_is_kept_again_after_its_database_was_deleted(served: str, visit) -> None:
    begun(visit, f"{served}/{TINY}", 50)
    what = {"origin": served, "storageTypes": "indexeddb"}
    visit.page.context.new_cdp_session(visit.page).send("Storage.clearDataForOrigin", what)
    visit.pause_at_sample(200)
    visit.press_when_read("Resume")
    visit.wait("session.status === 'paused' && session.iteration === 200")
    wait_kept(visit, at(200))
    visit.go(f"{served}/{TINY}")
    assert offered(visit).startswith("You stopped at iteration 200")


@LONG
def test_two_pages_and_two_sessions_keep_their_runs_apart(served: str, visit) -> None:
    def places(runs: list[dict]) -> set[tuple[str, str]]:
        return {(run["path"], run["session"]) for run in runs}

    begun(visit, f"{served}/{TINY}", 50)
    path = "/trials/together.html"
    visit.go(f"{served}{path}")
    for name in ("second", "main"):
        visit.evaluate(f"(() => {{ const one = pressStart.sessions['{name}']; one.prefer('cpu'); one.start(); }})()")
        visit.wait_until(f"pressStart.sessions['{name}'].samples.length > 2")
        visit.evaluate(f"pressStart.sessions['{name}'].pause()")
        wait_kept(visit, lambda runs, name=name: (path, name) in places(runs))
    assert places(kept(visit)) == {(f"/{TINY}", "main"), (path, "main"), (path, "second")}


@LONG
@pytest.mark.parametrize("keeps", [True, False])
def test_leaving_asks_only_if_a_long_run_is_not_kept(served: str, visit, keeps: bool) -> None:
    asked = []
    visit.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    if not keeps:
        visit.page.add_init_script(REFUSED["full"])
    visit.go(f"{served}/{TINY}")
    visit.press("Start")
    visit.evaluate("""Object.defineProperty(pressStart.sessions.main, "taken_ms", { get: () => 100_000 })""")
    visit.wait("session.iteration > 200")
    if keeps:
        wait_kept(visit, at(100))
    else:
        offered(visit)
    visit.wait("session.iteration > 400")
    visit.page.goto(f"{served}/index.html")
    assert asked == ([] if keeps else ["beforeunload"])
