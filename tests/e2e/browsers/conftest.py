"""Firefox and WebKit on the pages of the end-to-end tests, from a server and from disk.

Nothing may leave this machine: after each test, the fixture `driven` checks the gate.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from driven import RECORDER, Driven, Running
from gate import Gate
from starting import USUAL, start


@pytest.fixture(scope="session")
def gate() -> Iterator[Gate]:
    """The proxy that gets all requests to other machines."""
    one = Gate()
    yield one
    one.close()


@pytest.fixture(scope="session", params=USUAL)
def running(request: pytest.FixtureRequest, gate: Gate) -> Iterator[Running]:
    """Each of the browsers, started once for all its tests."""
    one = start(request.param, gate.port)
    yield one
    one.close()


@pytest.fixture
def driven(running: Running, gate: Gate) -> Iterator[Driven]:
    """A tab with nothing stored. The test fails if a request leaves this machine."""
    gate.asked.clear()
    tab = running.open_tab()
    yield tab
    tab.close()
    assert gate.left() == []


@pytest.fixture(scope="session")
def watched_site(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site in a folder whose name breaks links that are not escaped, with the recorder as the first script."""
    folder = tmp_path_factory.mktemp("watched") / "a sité, 100% #1"
    shutil.copytree(site, folder)
    (folder / "recorder.js").write_text(RECORDER, encoding="utf-8")
    for page in folder.rglob("*.html"):
        up = "../" * (len(page.relative_to(folder).parts) - 1)
        html = page.read_text(encoding="utf-8")
        assert html.count("<head>") == 1
        page.write_text(html.replace("<head>", f'<head><script src="{up}recorder.js"></script>'), encoding="utf-8")
    return folder


@pytest.fixture(params=[pytest.param("http", marks=pytest.mark.full), "file"])
def base(request: pytest.FixtureRequest, watched_site: Path, serve_folder) -> str:
    return watched_site.as_uri() if request.param == "file" else serve_folder(watched_site)
