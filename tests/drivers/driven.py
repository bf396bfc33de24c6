"""One interface for the browsers that Playwright does not drive: a tab of Firefox, and a window of WebKitGTK."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Protocol

from view import View

LOAD_S = 60
SETTLE_S = 10

# For WebKitGTK, whose driver does not report the console: the first script of a page, which records errors.
RECORDER = """(() => {
  const complaints = globalThis.complaints = [];
  const say = (...words) => complaints.push(words.map(String).join(" "));
  addEventListener("error", ({ message, target }) => say(message ?? `not loaded: ${target.src ?? target.href}`), true);
  addEventListener("unhandledrejection", ({ reason }) => say(reason));
  addEventListener("securitypolicyviolation", (event) => say(event.violatedDirective, event.blockedURI));
  const { error } = console;
  console.error = (...words) => { say(...words); error.apply(console, words); };
})();
"""


class NotHereError(Exception):
    """This machine lacks a browser, or the browser cannot do something here; the message says what."""


class Running(Protocol):
    """A browser's process."""

    def open_tab(self) -> Driven:
        """Opens a tab with nothing stored."""

    def close(self) -> None:
        """Ends the process and everything that was started for it."""


class Driven(View):
    """A tab of a running browser."""

    # A name of this machine that is not a secure context, like a teacher's server in the local network.
    lan_name: str

    def open(self, url: str) -> None:
        """Loads a page and waits until it has loaded completely."""
        raise NotImplementedError

    def reload(self) -> None:
        raise NotImplementedError

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression; a promise is awaited. Fails if the expression throws."""
        raise NotImplementedError

    def click(self, selector: str) -> None:
        """Scrolls to the first matching element and clicks it with the mouse."""
        raise NotImplementedError

    def screenshot(self, path: Path) -> None:
        raise NotImplementedError

    def leave(self) -> None:
        """Really hides the page, so that the browser itself reports it as hidden."""
        raise NotImplementedError

    def come_back(self) -> None:
        raise NotImplementedError

    def complaints(self) -> list[str]:
        """Errors that the page has thrown or logged since it was opened."""
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError

    def go(self, url: str) -> None:
        self.open(url)
        self.wait_mounted()

    def wait_mounted(self) -> None:
        """Waits until the widgets are mounted; fails at once if the page's script has failed."""
        assert self.evaluate("typeof pressStart") == "object", self.complaints()
        super().wait_mounted()

    def press(self, button: str) -> None:
        """Clicks the first button of that name."""
        self.evaluate(f"""(() => {{
            const named = (one) => (one.getAttribute("aria-label") ?? one.textContent).trim() === {button!r};
            const found = [...document.querySelectorAll("button")].find((one) => named(one) && !one.disabled);
            if (!found) throw new Error("no button is named " + {button!r});
            found.setAttribute("data-pressed", "");
        }})()""")
        self.click("[data-pressed]")
        self.evaluate("document.querySelector('[data-pressed]')?.removeAttribute('data-pressed')")

    def settle(self, expression: str) -> None:
        """Waits until the expression is true."""
        end = time.monotonic() + SETTLE_S
        while not self.evaluate(expression):
            if time.monotonic() > end:
                raise AssertionError(f"not true after {SETTLE_S} s: {expression}")
            time.sleep(0.05)
