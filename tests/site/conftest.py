"""What the tests of the site share: a copy of the project's pages that a test may change, and MkDocs to build it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from texts import corpus as corpora
import pytest
from model.model_json import read_description
from gate import Gate
from model.model_facts import count_parameters
from playwright.sync_api import Browser
from system.project import ROOT

TEXT = "To be, or not to be: that is what a small text for quick tests may ask.\nANNA: Is it?\nBERT: It is.\n\n"


@dataclass
class Project:
    """A folder with mkdocs.yml, docs/ and overrides/ of its own; hooks, engine and build are the real ones."""

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
    text = folder / "small текст.txt"  # from anywhere in the world
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
    """The same, one for all tests of a file."""
    return on_a_small_text(tmp_path_factory.mktemp("shared"))


@pytest.fixture
def whole_project(tmp_path: Path, copy_tracked: Callable[[Path], None]) -> Project:
    """All of the project, to be changed at will; what is fetched for it once is not fetched again."""
    folder = tmp_path / "project"
    copy_tracked(folder)
    for fetched in (".venv", ".cache", "node_modules"):
        _link(ROOT / fetched, folder / fetched)
    return Project(folder, {**os.environ, "PYTHONUTF8": "1"})


def _link(folder: Path, place: Path) -> None:
    if os.name == "nt":  # a symbolic link would need an administrator there
        import _winapi

        _winapi.CreateJunction(str(folder), str(place))
    else:
        place.symlink_to(folder, target_is_directory=True)


@pytest.fixture
def gate() -> Iterator[Gate]:
    """Where all requests of `gated_chromium` arrive that are not for this machine."""
    one = Gate()
    yield one
    one.close()


@pytest.fixture
def gated_chromium(launch: Callable[..., Browser], gate: Gate) -> Browser:
    """A Chromium from which nothing leaves this machine unseen."""
    return launch(f"--proxy-server=127.0.0.1:{gate.port}")


@pytest.fixture(scope="session")
def parameters(corpus: corpora.Corpus) -> str:
    """How a page says the size of the lesson's model, which depends on the text."""
    model = read_description(ROOT)["model"] | {"vocab_size": len(corpus.vocab)}
    return f"{count_parameters(model):,} parameters"


@pytest.fixture(scope="session")
def lesson_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real site, built by plain MkDocs into a folder whose name would trip a careless link."""
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
