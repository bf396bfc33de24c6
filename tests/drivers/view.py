"""What a visitor sees of a page, whichever browser shows it: the page's session, its widgets, and waiting for both."""

from __future__ import annotations

import json
import time
from typing import Any


class View:
    """The session of a page and what the page shows of it."""

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page."""
        raise NotImplementedError

    def session(self, expression: str) -> Any:
        """An expression in which `session` is the page's one."""
        return self.evaluate(f"(() => {{ const session = pressStart.sessions.main; return {expression}; }})()")

    def wait_until(self, expression: str, seconds: float = 90) -> None:
        """Polled from here: a page in the background draws no frames."""
        end = time.monotonic() + seconds
        while not self.evaluate(f"Boolean({expression})"):
            assert time.monotonic() < end, f"not true after {seconds} s: {expression}"
            time.sleep(0.02)

    def wait(self, expression: str, seconds: float = 90) -> None:
        """Until an expression of `session` holds; fails at once where the session has."""
        end = time.monotonic() + seconds
        while not self.session(f"Boolean({expression})"):
            state = self.session("[session.status, session.detail, session.iteration, session.failure]")
            assert state[0] != "failed", state
            assert time.monotonic() < end, f"not true after {seconds} s: {expression}; {state}"
            time.sleep(0.02)

    def wait_mounted(self) -> None:
        """Until the page is alive. Then it gets the CPU engine, as a reader may choose it: these tests are of that."""
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
        """As a reader who has seen what the button says now: for half a second after a change no press counts."""
        time.sleep(0.6)
        self.press(button)

    def press(self, button: str) -> None:
        raise NotImplementedError

    def readout(self, label: str) -> str:
        return self.text(f"[data-readout='{label}']")

    def pause_at_sample(self, iteration: int) -> None:
        """Has the run paused by hand exactly there, when the model has begun to write."""
        self.session(
            f"session.on('sample', (sample) => {{ if (sample.iteration === {iteration}) session.pause(); }}) && null"
        )
