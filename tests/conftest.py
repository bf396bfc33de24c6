"""What tests share: the text to train on, the browser to drive, a folder to serve.

`python3 build test` prepares the packages and the browser. Plain `pytest` inside .venv works too, once that has run.
"""

from __future__ import annotations

import functools
import http.server
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from system.project import ROOT
from testing import browser
from texts import corpus as corpora


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def corpus() -> corpora.Corpus:
    """The text that tests train on: what PRESS_START_CORPUS says, else the play machine's, which needs no network."""
    return corpora.load(os.environ.get(corpora.VARIABLE) or corpora.PLAY_MACHINE)


@pytest.fixture(scope="session")
def corpus_file(corpus: corpora.Corpus) -> Path:
    """That text as a file, normalised."""
    return corpora.text_file(corpus)


@pytest.fixture(scope="session")
def copy_tracked() -> Callable[[Path], None]:
    """copy_tracked(folder) copies the project's files as they are, committed or not, and nothing that a build made."""

    def copy(folder: Path) -> None:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for name in filter(None, listed.split("\0")):
            if (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, folder / name)

    return copy


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """A Chromium that starts on this machine. Its absence is a failure, never a skip."""
    return browser.chromium(get=False)


@pytest.fixture(scope="session")
def chromium_arguments() -> list[str]:
    """What that Chromium has to be started with here."""
    return browser.arguments()


@pytest.fixture(scope="session")
def playwright(chromium_path: Path) -> Iterator[Playwright]:
    """The program that drives browsers: one for all tests of this process, which is as many as it bears."""
    with sync_playwright() as one:
        yield one


@pytest.fixture
def launch(
    playwright: Playwright, chromium_path: Path, chromium_arguments: list[str]
) -> Iterator[Callable[..., Browser]]:
    """launch(argument, ..., option=...) is a Chromium of the test's own: its arguments, and options of Playwright."""
    running = []

    def start(*arguments: str, **options: Any) -> Browser:
        all_arguments = [*chromium_arguments, *arguments]
        running.append(playwright.chromium.launch(executable_path=chromium_path, args=all_arguments, **options))
        return running[-1]

    yield start
    for one in running:
        one.close()


@pytest.fixture(scope="session")
def chromium_of_all(playwright: Playwright, chromium_path: Path, chromium_arguments: list[str]) -> Iterator[Browser]:
    one = playwright.chromium.launch(executable_path=chromium_path, args=chromium_arguments)
    yield one
    one.close()


@pytest.fixture
def chromium(chromium_of_all: Browser) -> Iterator[Browser]:
    """A browser without a window and with nothing stored: the contexts that a test opens in it end with the test."""
    yield chromium_of_all
    for context in chromium_of_all.contexts:
        context.close()


@pytest.fixture
def serve_folder() -> Iterator[Callable[[Path], str]]:
    """serve_folder(path) serves a folder on loopback until the test ends; gives its address, without a final slash."""
    servers = []

    def serve(folder: Path) -> str:
        handler = functools.partial(_QuietHandler, directory=str(folder))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


class _QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        """A request that goes well is no news."""
