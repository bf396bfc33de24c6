"""A visitor's view of a page in any browser: its session, its widgets, and ways to wait for them."""

from __future__ import annotations

import json
import time
from typing import Any


class View:
    """A page's session, and what the page shows of it."""

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page."""
        raise NotImplementedError

    def session(self, expression: str) -> Any:
        """The value of an expression in which `session` is the page's session."""
        return self.evaluate(f"(() => {{ const session = pressStart.sessions.main; return {expression}; }})()")

    def wait_until(self, expression: str, seconds: float = 90) -> None:
        """Waits until the expression is true. Polls from Python, because a background page draws no frames."""
        end = time.monotonic() + seconds
        while not self.evaluate(f"Boolean({expression})"):
            assert time.monotonic() < end, f"not true after {seconds} s: {expression}"
            time.sleep(0.02)

    def wait(self, expression: str, seconds: float = 90) -> None:
        """Waits until an expression of `session` is true; fails at once if the session has failed."""
        end = time.monotonic() + seconds
        while not self.session(f"Boolean({expression})"):
            state = self.session("[session.status, session.detail, session.iteration, session.failure]")
            assert state[0] != "failed", state
            assert time.monotonic() < end, f"not true after {seconds} s: {expression}; {state}"
            time.sleep(0.02)

    def wait_mounted(self) -> None:
        """Waits until all widgets are mounted, then chooses the CPU engine, which these tests use."""
        alive = "document.querySelector('.ps-mounted') && !document.querySelector('[data-ps]:not(.ps-mounted)')"
        self.wait_until(alive)
        self.session("session.prefer('cpu')")

    def text(self, selector: str) -> str:
        return self.evaluate(f"document.querySelector({json.dumps(selector)}).textContent")

    @property
    def badge(self) -> str:
        return self.text(".ps-badge")

    @property
    def counter(self) -> str:
        return self.text(".ps-iteration")

    def press_when_read(self, button: str) -> None:
        """Presses like a reader who has read the label: for half a second after a change presses do not count."""
        time.sleep(0.6)
        self.press(button)

    def press(self, button: str) -> None:
        raise NotImplementedError

    def readout(self, label: str) -> str:
        return self.text(f"[data-readout='{label}']")

    def pause_at_sample(self, iteration: int) -> None:
        """Makes the run pause exactly at that iteration, when the model begins to write."""
        self.session(
            f"session.on('sample', (sample) => {{ if (sample.iteration === {iteration}) session.pause(); }}) && null"
        )
