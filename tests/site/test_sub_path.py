"""Catches: a page that works only at a server's root, a 404 page without its styles, two builds that differ."""

from __future__ import annotations

import filecmp
import functools
import http.server
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from system.project import ROOT
from texts import corpus as corpora
from walk import Walk

LESSON = "lessons/watch-it-learn.html"
URL = "https://school.example/press-start/"


def build(folder: Path, **variables: str) -> Path:
    choice = os.environ.get(corpora.VARIABLE) or corpora.PLAY_MACHINE
    given = {**os.environ, "PYTHONUTF8": "1", corpora.VARIABLE: choice, **variables}
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-d", str(folder)]
    result = subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, encoding="utf-8")
    assert result.returncode == 0, result.stderr
    return folder


class AsPagesServe(http.server.SimpleHTTPRequestHandler):
    """Answers requests for missing files with the site's 404.html, at the requested address."""

    def send_error(self, code: int, *_rest: object) -> None:
        page = (Path(self.directory) / "press-start" / "404.html").read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_arguments: object) -> None:
        """Logs nothing."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The site under /press-start/, as GitHub Pages serves a project; the server has nothing else."""
    folder = tmp_path_factory.mktemp("server")
    build(folder / "press-start", PRESS_START_URL=URL)
    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(AsPagesServe, directory=str(folder)))
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    running.server_close()


@pytest.mark.full
def test_a_lesson_below_a_sub_path_is_alive(server: str, chromium: Browser) -> None:
    walk = Walk(chromium)
    walk.page.goto(f"{server}/press-start/{LESSON}")
    walk.page.wait_for_function("() => globalThis.pressStart?.sessions.main?.status === 'idle'")
    walk.search("seed")
    assert walk.troubles == []
    assert [url for url in walk.requests if not url.startswith((f"{server}/press-start/", "data:", "blob:"))] == []


@pytest.mark.parametrize("address", ["nowhere.html", "lessons/very/deep/nowhere.html"])
def test_a_missing_page_has_the_site_s_own_styles(server: str, chromium: Browser, address: str) -> None:
    walk = Walk(chromium)
    walk.page.goto(f"{server}/press-start/{address}")
    assert walk.page.get_by_role("heading", level=1).inner_text() == "Page not found"
    # The console reports once that the page itself came with status 404.
    assert [words for words in walk.troubles if "status of 404" not in words] == [] and len(walk.troubles) <= 1
    assert walk.page.evaluate("getComputedStyle(document.body).maxWidth") == "528px", "its style came with it"
    assert [url for url in walk.requests if not url.startswith("data:")] == [walk.page.url]
    walk.page.get_by_role("link", name="Go to the first page").click()
    assert walk.page.url == f"{server}/press-start/index.html"
    assert walk.page.get_by_role("heading", level=1).inner_text().startswith("Press Start")


def test_without_an_address_a_missing_page_promises_no_link(lesson_site: Path, chromium: Browser) -> None:
    page = chromium.new_page()
    page.goto((lesson_site / "404.html").as_uri())
    assert page.get_by_text("delete the last part of the address").is_visible()
    assert page.get_by_role("link").count() == 0


def test_two_builds_are_the_same_to_the_byte(lesson_site: Path, tmp_path: Path) -> None:
    """The second build is in another folder, on another day, with sets and dicts in another order."""
    again = build(tmp_path / "again", PYTHONHASHSEED="7", TZ="Asia/Tokyo")
    files = sorted(path.relative_to(again).as_posix() for path in again.rglob("*") if path.is_file())
    assert files == sorted(
        path.relative_to(lesson_site).as_posix() for path in lesson_site.rglob("*") if path.is_file()
    )
    assert "sitemap.xml.gz" in files
    _, different, missing = filecmp.cmpfiles(lesson_site, again, files, shallow=False)
    assert (different, missing) == ([], [])
