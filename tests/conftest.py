"""What all tests share: a text to train on, a browser, a server for a folder, and projects that they may change.

`python3 build test` installs the packages and the browser. After that, plain `pytest` inside .venv works too.
"""

from __future__ import annotations

import functools
import http.server
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from system.project import ROOT
from testing import browser
from texts import corpus as corpora

TEXT = "To be, or not to be: that is what a small text for quick tests may ask.\nANNA: Is it?\nBERT: It is.\n\n"


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def corpus() -> corpora.Corpus:
    """The text to train on: the one named by PRESS_START_CORPUS, or the play machine's, which needs no network."""
    return corpora.load(os.environ.get(corpora.VARIABLE) or corpora.PLAY_MACHINE)


@pytest.fixture(scope="session")
def corpus_file(corpus: corpora.Corpus) -> Path:
    """That text as a file, normalised."""
    return corpora.text_file(corpus)


@pytest.fixture(scope="session")
def copy_tracked() -> Callable[[Path], None]:
    """copy_tracked(folder) copies the project's files, committed or not, but nothing that a build produced."""

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
    """A Chromium that starts on this machine. Without one, the test fails; it is never skipped."""
    return browser.chromium(get=False)


@pytest.fixture(scope="session")
def chromium_arguments() -> list[str]:
    """The arguments that this Chromium needs on this machine."""
    return browser.arguments()


@pytest.fixture(scope="session")
def playwright(chromium_path: Path) -> Iterator[Playwright]:
    """Playwright, shared by all tests of this process, because a process can have only one."""
    with sync_playwright() as one:
        yield one


@pytest.fixture
def launch(
    playwright: Playwright, chromium_path: Path, chromium_arguments: list[str]
) -> Iterator[Callable[..., Browser]]:
    """launch(argument, ..., option=...) starts a Chromium for one test, with arguments and Playwright options."""
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
    """A headless browser with nothing stored. The contexts that a test opens in it are closed after the test."""
    yield chromium_of_all
    for context in chromium_of_all.contexts:
        context.close()


@pytest.fixture
def serve_folder() -> Iterator[Callable[[Path], str]]:
    """serve_folder(path) serves a folder on loopback until the test ends. Returns its address without a final slash."""
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
        """Prints nothing."""


@dataclass
class Project:
    """A folder with its own mkdocs.yml, docs/ and overrides/; hooks, engine and build are the real ones."""

    folder: Path
    environment: dict[str, str]

    def write(self, page: str, markdown: str) -> None:
        path = self.folder / "docs" / page
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(markdown, encoding="utf-8")

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "mkdocs", *arguments]

    def build(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command("build", *arguments),
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=300,
        )

    def page(self, path: str) -> str:
        return (self.folder / "site" / path).read_text(encoding="utf-8")


def almost_empty(folder: Path) -> Project:
    config = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    config = config.replace("- build/hooks.py", f"- {(ROOT / 'build/hooks.py').as_posix()}")
    config = config.replace("  - engine\n", "")
    shutil.copytree(ROOT / "overrides", folder / "overrides")
    for part in ("assets", "stylesheets"):
        shutil.copytree(ROOT / "docs" / part, folder / "docs" / part)
    config = config[: config.index("nav:")] + config[config.index("theme:") :]
    (folder / "docs/index.md").write_text("# Home\n", encoding="utf-8")
    (folder / "mkdocs.yml").write_text(config, encoding="utf-8")
    return Project(folder, {**os.environ, "PYTHONUTF8": "1"})


def on_a_small_text(folder: Path) -> Project:
    text = folder / "small текст.txt"  # readers may have non-Latin file names
    text.write_text(TEXT * 40, encoding="utf-8")
    (folder / "project").mkdir()
    made = almost_empty(folder / "project")
    made.environment["PRESS_START_CORPUS"] = str(text)
    return made


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An almost empty site on a small text, for pages that a test writes."""
    return on_a_small_text(tmp_path)


@pytest.fixture(scope="module")
def shared_project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The same, shared by all tests of a file."""
    return on_a_small_text(tmp_path_factory.mktemp("shared"))


@pytest.fixture
def whole_project(tmp_path: Path, copy_tracked: Callable[[Path], None]) -> Project:
    """A copy of the whole project, which a test may change. Downloaded packages are linked, not fetched again."""
    folder = tmp_path / "project"
    copy_tracked(folder)
    for fetched in (".venv", ".cache", "node_modules"):
        _link(ROOT / fetched, folder / fetched)
    return Project(folder, {**os.environ, "PYTHONUTF8": "1"})


def _link(folder: Path, place: Path) -> None:
    if os.name == "nt":  # a symbolic link would need administrator rights there
        import _winapi

        _winapi.CreateJunction(str(folder), str(place))
    else:
        place.symlink_to(folder, target_is_directory=True)


@pytest.fixture(scope="session")
def lesson_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real site, built by plain MkDocs into a folder whose name breaks links that are not escaped."""
    folder = tmp_path_factory.mktemp("lesson")
    built = folder / "a sité, 100% #1"
    choice = os.environ.get(corpora.VARIABLE) or corpora.PLAY_MACHINE
    result = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-d", str(built)],
        cwd=ROOT,
        env={**os.environ, "PYTHONUTF8": "1", corpora.VARIABLE: choice},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
    )
    assert result.returncode == 0, result.stderr
    return built
