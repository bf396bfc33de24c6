"""What the end-to-end tests share: a site with the lesson and some shorter pages, and a visitor's view of a run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Worker

import trial_pages
from system.project import ROOT
from texts import corpus as corpora
from view import View

VIEWPORT = {"width": 1280, "height": 900}


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, corpus: corpora.Corpus) -> Path:
    """The project's pages, built as an author would build them, plus the trial pages."""
    folder = tmp_path_factory.mktemp("e2e")
    shutil.copytree(ROOT / "docs", folder / "docs")
    (folder / "docs/trials").mkdir()
    for name, page in trial_pages.PAGES.items():
        (folder / f"docs/trials/{name}.md").write_text(page, encoding="utf-8")
    config = {
        "INHERIT": (ROOT / "mkdocs.yml").as_posix(),
        "not_in_nav": "/trials/",
        "theme": {"custom_dir": (ROOT / "overrides").as_posix()},
        "hooks": [(ROOT / "build/hooks.py").as_posix()],
        "watch": [],
    }
    (folder / "mkdocs.yml").write_text(json.dumps(config), encoding="utf-8")
    choice = os.environ.get(corpora.VARIABLE) or corpora.PLAY_MACHINE
    result = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict"],
        cwd=folder,
        env={**os.environ, "PYTHONUTF8": "1", corpora.VARIABLE: choice},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
    )
    assert result.returncode == 0, result.stderr
    return folder / "site"


class Visit(View):
    """A page in a browser that Playwright drives, with its requests and its errors."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda message: message.type == "error" and self.complaints.append(message.text))

    def evaluate(self, expression: str) -> Any:
        return self.page.evaluate(expression)

    def go(self, url: str) -> None:
        self.page.goto(url)
        self.wait_mounted()

    def press(self, button: str) -> None:
        """Clicks the first button of that name; a page may have a second runner further down."""
        self.page.get_by_role("button", name=button, exact=True).first.click()

    def cores(self, count: int) -> None:
        """Sets the number of cores that the browser reports, which determines the number of Workers."""
        self.page.add_init_script(
            f"Object.defineProperty(Navigator.prototype, 'hardwareConcurrency', {{ get: () => {count} }})"
        )

    def in_workers(self, program: str) -> None:
        """Makes every Worker run this JavaScript before the engine's, until `cure`, so that something goes wrong."""
        ill = json.dumps(f"if (self.name === 'ill') {{ {program} }}\n")
        self.page.add_init_script(f"""{{
            const OwnBlob = Blob, OwnWorker = Worker;
            let name = 'ill';
            globalThis.Blob = class extends OwnBlob {{
                constructor(parts, options) {{ super([{ill}, ...parts], options); }}
            }};
            globalThis.Worker = class extends OwnWorker {{
                constructor(url, options) {{ super(url, {{ ...options, name }}); }}
            }};
            globalThis.cure = () => {{ name = ''; }};
        }}""")

    def cure(self) -> None:
        """New Workers no longer run the program of `in_workers`."""
        self.evaluate("cure()")

    @property
    def workers(self) -> list[Worker]:
        """The engine's Workers; the search has its own, made from a file."""
        return [worker for worker in self.page.workers if worker.url.startswith("blob:")]


class Tab(View):
    """A tab that can really be hidden; Playwright makes its own pages believe that they are always visible.

    It belongs to the browser's first window, which Playwright does not control, and is driven by messages of the
    DevTools protocol. `leave` and `come_back` really switch between this tab and another one.
    """

    def __init__(self, browser: Browser) -> None:
        self._devtools = browser.new_browser_cdp_session()
        self._replies: dict[int, dict] = {}
        self._asked = 0
        self._devtools.on("Target.receivedMessageFromTarget", self._hear)
        self._own, self._other = (self._send("Target.createTarget", url="about:blank")["targetId"] for _ in range(2))
        self._attached = self._send("Target.attachToTarget", targetId=self._own, flatten=False)["sessionId"]
        self.come_back()

    def go(self, url: str) -> None:
        self._ask("Page.navigate", url=url)
        self.wait_until("globalThis.pressStart && document.readyState === 'complete'")
        self.wait_mounted()

    def press(self, button: str) -> None:
        self.evaluate(
            f"[...document.querySelectorAll('.ps-button')].find((one) => one.textContent === '{button}').click()"
        )

    def leave(self) -> None:
        self._send("Target.activateTarget", targetId=self._other)
        self.wait_until("document.hidden", 10)

    def come_back(self) -> None:
        self._send("Target.activateTarget", targetId=self._own)
        self.wait_until("!document.hidden", 10)

    def evaluate(self, expression: str) -> Any:
        reply = self._ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in reply, reply
        return reply["result"].get("value")

    def _send(self, method: str, **parameters: Any) -> dict:
        return self._devtools.send(method, parameters)

    def _hear(self, event: dict) -> None:
        message = json.loads(event["message"])
        if "id" in message:
            self._replies[message["id"]] = message

    def _ask(self, method: str, **parameters: Any) -> dict:
        self._asked += 1
        message = json.dumps({"id": self._asked, "method": method, "params": parameters})
        self._send("Target.sendMessageToTarget", sessionId=self._attached, message=message)
        end = time.monotonic() + 30
        while self._asked not in self._replies:
            assert time.monotonic() < end, f"no answer to {method}"
            self._send("Browser.getVersion")  # lets the reply arrive
        reply = self._replies.pop(self._asked)
        assert "result" in reply, reply
        return reply["result"]


@pytest.fixture
def tab(launch: Callable[..., Browser]) -> Tab:
    return Tab(launch())


@pytest.fixture
def as_people_start_it(launch: Callable[..., Browser]) -> Tab:
    """A tab of a Chromium that throttles background tabs, as it does for readers; Playwright normally disables that."""
    spared = ["--disable-background-timer-throttling", "--disable-renderer-backgrounding"]
    return Tab(launch(ignore_default_args=[*spared, "--disable-backgrounding-occluded-windows"]))


@pytest.fixture
def visit(chromium: Browser) -> Visit:
    return Visit(chromium.new_context(viewport=VIEWPORT).new_page())


@pytest.fixture
def visit_as(chromium: Browser) -> Callable[..., Visit]:
    """visit_as(option=...) is a visit with options of a browser's context, such as a phone's screen."""
    return lambda **options: Visit(chromium.new_context(**options).new_page())


@pytest.fixture(params=[pytest.param("http", marks=pytest.mark.full), "file"])
def base(request: pytest.FixtureRequest, site: Path, serve_folder) -> str:
    """The site's address without a final slash: first on a server, then on disk."""
    return site.as_uri() if request.param == "file" else serve_folder(site)


@pytest.fixture(scope="session")
def record(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], dict]:
    """record(workers) returns what `python3 build record` writes for the lesson's first 50 iterations."""
    folder = tmp_path_factory.mktemp("recorded")
    choice = os.environ.get(corpora.VARIABLE) or corpora.PLAY_MACHINE

    def run(workers: int) -> dict:
        out = folder / f"{workers}.json"
        options = ["--engine", "cpu", "--iterations", "50", "--workers", str(workers), "--corpus", choice]
        command = [sys.executable, str(ROOT / "build"), "record", *options, "--out", str(out)]
        result = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=300)
        assert result.returncode == 0, result.stderr
        return json.loads(out.read_text(encoding="utf-8"))

    return run


@pytest.fixture(scope="session")
def recorded(record: Callable[[int], dict]) -> dict:
    """The lesson's first 50 iterations, trained without a browser."""
    return record(2)


@pytest.fixture
def served(site: Path, serve_folder) -> str:
    return serve_folder(site)


@pytest.fixture
def visit_with(launch: Callable[..., Browser]) -> Callable[..., Visit]:
    """visit_with(argument, ...) is a visit by a Chromium with the given command-line arguments."""
    return lambda *arguments: Visit(launch(*arguments).new_page(viewport=VIEWPORT))
