"""The pages in a real browser, from a server and from file://: links, search, a phone, no JavaScript."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, expect

LESSON = "lessons/watch-it-learn.html"


class Visit:
    """A page with its requests and its errors."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("requestfailed", self.failed)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda message: message.type == "error" and self.complaints.append(message.text))

    def failed(self, request: Request) -> None:
        # A Worker that was still starting, or a text that was still loading, when the browser left the page.
        left = request.url.startswith("blob:") or "/corpus-" in request.url
        if not left or request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"failed: {request.url}, {request.failure}")


@pytest.fixture(params=[pytest.param("http", marks=pytest.mark.full), "file"])
def base(request: pytest.FixtureRequest, lesson_site: Path, serve_folder) -> str:
    return lesson_site.as_uri() if request.param == "file" else serve_folder(lesson_site)


@pytest.fixture
def visit(chromium: Browser) -> Visit:
    return Visit(chromium.new_page(viewport={"width": 1280, "height": 900}))


def mounted(page: Page) -> None:
    # By selectors, because the page's policy forbids evaluating a string while waiting.
    page.locator(".ps-mounted").first.wait_for()
    expect(page.locator("[data-ps]:not(.ps-mounted)")).to_have_count(0)


def test_the_widgets_come_alive_and_nothing_is_asked_of_others(base: str, visit: Visit) -> None:
    visit.page.goto(f"{base}/{LESSON}")
    mounted(visit.page)
    assert visit.page.evaluate("pressStart.sessions.main.status") == "idle"
    assert [url for url in visit.requests if not url.startswith((base, "data:", "blob:"))] == []
    assert visit.complaints == []


def test_links_lead_to_pages(base: str, visit: Visit) -> None:
    page = visit.page
    page.goto(f"{base}/index.html")
    page.get_by_role("link", name="Start the lesson").click()
    assert page.url.endswith(LESSON)
    mounted(page)  # leaving the page sooner would cancel its requests
    assert page.get_by_role("heading", level=1).inner_text().startswith("Press start, and watch what it says")
    back = page.locator(".md-footer__link--prev")
    before = back.evaluate("({ href }) => href")  # the page before this one in the menu
    back.click()
    page.wait_for_url(before)
    assert visit.complaints == []


def test_search_finds_the_lesson(base: str, visit: Visit) -> None:
    page = visit.page
    page.goto(f"{base}/index.html")
    page.locator(".md-search__input").click()
    page.locator(".md-search__input").press_sequentially("rungs")
    expect(page.locator(f".md-search-result__link[href*='{LESSON}']").first).to_be_visible()
    assert visit.complaints == []


def test_a_worker_made_from_a_blob_is_a_real_one(base: str, visit: Visit) -> None:
    """Search on file:// replaces the Worker class, which must not affect the engine's Workers."""
    visit.page.goto(f"{base}/{LESSON}")
    answer = visit.page.evaluate("""() => new Promise((resolve) => {
        const source = "postMessage([typeof document, self instanceof WorkerGlobalScope])";
        const worker = new Worker(URL.createObjectURL(new Blob([source])));
        worker.onmessage = ({ data }) => resolve([...data, worker instanceof Worker]);
    })""")
    assert answer == ["undefined", True, True]


@pytest.mark.parametrize("scheme", [pytest.param("light", marks=pytest.mark.full), "dark"])
def test_a_phone_shows_the_page_without_scrolling_sideways(base: str, chromium: Browser, scheme: str) -> None:
    page = chromium.new_page(viewport={"width": 360, "height": 740}, color_scheme=scheme)
    for name in ("index.html", LESSON):
        page.goto(f"{base}/{name}")
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_without_javascript_no_dead_button_is_shown(base: str, chromium: Browser, parameters: str) -> None:
    page = chromium.new_context(java_script_enabled=False).new_page()
    page.goto(f"{base}/{LESSON}")
    assert page.locator(".ps-noscript").first.is_visible()
    assert page.get_by_text("2 back (trigram)").first.is_visible()
    assert page.get_by_text(parameters).first.is_visible()
    assert page.locator("button.ps-button:visible").count() == 0
    assert page.locator(".ps-samples").locator("xpath=..").locator(".ps-prompt:visible").first.inner_text().strip()
