"""Firefox and WebKit on the pages of the end-to-end tests, served and from a disk."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from driven import RECORDER, Driven, Running
from starting import STARTS, start


@pytest.fixture(scope="session", params=STARTS)
def running(request: pytest.FixtureRequest) -> Iterator[Running]:
    """Each of these browsers, once for all its tests."""
    one = start(request.param)
    yield one
    one.close()


@pytest.fixture
def driven(running: Running) -> Iterator[Driven]:
    """A tab with nothing stored."""
    tab = running.open_tab()
    yield tab
    tab.close()


@pytest.fixture(scope="session")
def watched_site(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, in a folder whose name would trip a careless link, with one script more before everything else."""
    folder = tmp_path_factory.mktemp("watched") / "a sité, 100% #1"
    shutil.copytree(site, folder)
    (folder / "recorder.js").write_text(RECORDER, encoding="utf-8")
    for page in folder.rglob("*.html"):
        up = "../" * (len(page.relative_to(folder).parts) - 1)
        html = page.read_text(encoding="utf-8")
        assert html.count("<head>") == 1
        page.write_text(html.replace("<head>", f'<head><script src="{up}recorder.js"></script>'), encoding="utf-8")
    return folder


@pytest.fixture(params=["http", "file"])
def base(request: pytest.FixtureRequest, watched_site: Path, serve_folder) -> str:
    return watched_site.as_uri() if request.param == "file" else serve_folder(watched_site)
