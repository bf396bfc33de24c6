"""One interface for the browsers that Playwright does not drive: a tab of Firefox, and a window of WebKitGTK."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Protocol

from view import View

LOAD_S = 60
SETTLE_S = 10

# For WebKitGTK, whose driver tells nothing of the console: the first script of a page, which keeps what goes wrong.
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
    """A browser that this machine lacks, or something that it cannot do here; says which."""


class Running(Protocol):
    """A browser's process."""

    def open_tab(self) -> Driven:
        """A tab with nothing stored."""

    def close(self) -> None:
        """Ends the process and all that was started for it."""


class Driven(View):
    """A tab of a running browser."""

    # A name of this machine that is no secure context, as a teacher's server in the local network is none.
    lan_name: str

    def open(self, url: str) -> None:
        """Loads a page and waits until it is whole."""
        raise NotImplementedError

    def reload(self) -> None:
        raise NotImplementedError

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression, awaited where it is a promise. Fails where it throws."""
        raise NotImplementedError

    def click(self, selector: str) -> None:
        """A click of the mouse on the first such element, scrolled into view."""
        raise NotImplementedError

    def screenshot(self, path: Path) -> None:
        raise NotImplementedError

    def leave(self) -> None:
        """Hides the page for real: the browser itself tells it so."""
        raise NotImplementedError

    def come_back(self) -> None:
        raise NotImplementedError

    def complaints(self) -> list[str]:
        """Errors that the page has thrown or written to the console since it was opened."""
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError

    def go(self, url: str) -> None:
        self.open(url)
        self.wait_mounted()

    def wait_mounted(self) -> None:
        """A page that was loaded has run its script: where that has failed, nothing is to be waited for."""
        assert self.evaluate("typeof pressStart") == "object", self.complaints()
        super().wait_mounted()

    def press(self, button: str) -> None:
        """A click on the button of that name; on the first where there are several."""
        self.evaluate(f"""(() => {{
            const named = (one) => (one.getAttribute("aria-label") ?? one.textContent).trim() === {button!r};
            const found = [...document.querySelectorAll("button")].find((one) => named(one) && !one.disabled);
            if (!found) throw new Error("no button is named " + {button!r});
            found.setAttribute("data-pressed", "");
        }})()""")
        self.click("[data-pressed]")
        self.evaluate("document.querySelector('[data-pressed]')?.removeAttribute('data-pressed')")

    def settle(self, expression: str) -> None:
        """Waits until the browser has done what it was told."""
        end = time.monotonic() + SETTLE_S
        while not self.evaluate(expression):
            if time.monotonic() > end:
                raise AssertionError(f"not true after {SETTLE_S} s: {expression}")
            time.sleep(0.05)
