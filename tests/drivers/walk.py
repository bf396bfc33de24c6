"""A walk through pages that presses every widget's buttons, searches, and records what the browser refused."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Browser, Page, Request

from driven import Driven

WATCH = """
globalThis.refused = [];
document.addEventListener("securitypolicyviolation", (event) =>
  refused.push(`${event.violatedDirective} refused ${event.blockedURI} (${event.sourceFile}:${event.lineNumber})`));
"""
# Presses everything that a reader may press. The browser's print dialogue would wait for an answer, so it is disabled.
PRESS = """async () => {
  globalThis.print = () => {};
  for (const details of document.querySelectorAll("details")) details.open = true;
  const pressed = [];
  const waiting = () => Object.values(pressStart.sessions).some(({ status, iteration }) =>
    status === "loading" || (status === "running" && iteration < 2));
  for (const root of document.querySelectorAll("[data-ps]")) {
    for (const button of [...root.querySelectorAll("button, input[type=radio], input[type=checkbox]")]) {
      if (button.disabled || !button.isConnected) continue;
      pressed.push(`${root.dataset.ps}: ${button.textContent || button.value}`);
      button.click();
      const end = Date.now() + 30_000;
      do await new Promise((done) => setTimeout(done, 150));
      while (Date.now() < end && waiting());
    }
  }
  return pressed;
}"""


SEARCH = """(() => {
  const input = document.querySelector(".md-search__input");
  if (!input) return;
  input.focus();
  input.value = "seed";
  for (const kind of ["input", "keyup"]) input.dispatchEvent(new Event(kind, { bubbles: true }));
})()"""


class Walk:
    """A browser window, its requests, and its errors."""

    def __init__(self, browser: Browser) -> None:
        self.page: Page = browser.new_page(viewport={"width": 1280, "height": 900})
        self.page.add_init_script(WATCH)
        self.requests: list[str] = []
        self.troubles: list[str] = []
        self.pressed: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("requestfailed", self.failed)
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("console", lambda message: message.type == "error" and self.troubles.append(message.text))

    def failed(self, request: Request) -> None:
        # A Worker that was still starting when the page was left is not an error.
        if not request.url.startswith("blob:") or request.failure != "net::ERR_ABORTED":
            self.troubles.append(f"failed: {request.url}, {request.failure}")

    def through(self, url: str) -> None:
        self.page.goto(url)
        self.page.wait_for_function(
            "() => [...document.querySelectorAll('[data-ps]')].every((root) => root.classList.contains('ps-mounted'))"
        )
        self.pressed += self.page.evaluate(PRESS)
        self.choose_a_scheme()
        if self.page.locator(".md-search__input").count():
            self.search("seed")
        self.troubles += self.page.evaluate("refused")
        self.page.goto("about:blank")  # ends any run

    def choose_a_scheme(self) -> None:
        self.page.locator("form[data-md-component=palette] label:visible").first.click()

    def search(self, word: str) -> None:
        self.page.locator(".md-search__input").click()
        self.page.locator(".md-search__input").press_sequentially(word)
        self.page.locator(".md-search-result__link").first.wait_for()

    def asked_elsewhere(self, base: str) -> list[str]:
        """Requests to addresses outside `base`. Blobs and data URLs belong to the page itself."""
        own = (base, "data:", "about:", f"blob:{re.match('[a-z]+://[^/]*', base)[0]}", "blob:null")
        return [url for url in self.requests if not url.startswith(own)]


def walk_driven(driven: Driven, url: str) -> list[str]:
    """The same walk in a browser that Playwright does not drive. Returns what was pressed."""
    driven.open(url)
    driven.wait_until("!document.querySelector('[data-ps]:not(.ps-mounted)')")
    pressed = driven.evaluate(f"({PRESS})()")
    driven.evaluate("document.querySelector('form[data-md-component=palette] label:not([hidden])')?.click()")
    driven.evaluate(SEARCH)
    driven.wait_until(
        "!document.querySelector('.md-search__input') || document.querySelector('.md-search-result__link')"
    )
    assert driven.complaints() == [], url
    driven.open("about:blank")  # ends any run
    return pressed


def pages(site: Path) -> list[str]:
    """Every page of a built site except 404.html."""
    found = sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))
    return [name for name in found if name != "404.html"]
