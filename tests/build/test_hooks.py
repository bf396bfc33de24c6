"""When the text, the program or a template breaks, `serve` continues and reports what is wrong."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import jinja2
import pytest
from mkdocs.config import load_config
from mkdocs.exceptions import PluginError

import hooks
from authoring import blocks
from output import bundle, site_parts
from output.site_parts import Build
from system.project import ROOT
from texts import corpus as corpora


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks, "build", Build())


def broken_bundle(_root: Path, _entry: str) -> bytes:
    raise bundle.BundleError("engine/page.ts:1: a semicolon is missing")


def test_a_broken_program_is_reported_and_the_last_one_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "build", lambda _root, entry: entry.encode())
    works = {
        site_parts.SCRIPT: b"engine/page.ts",
        site_parts.WORKER: b"engine/late.ts",
        site_parts.SPEED: b"engine/widgets/speed/script.ts",
        site_parts.CHECKPOINT: b"engine/widgets/checkpoint/script.ts",
        site_parts.INSTRUMENTS: b"engine/widgets/instruments/script.ts",
    }
    assert works.items() <= hooks.build.assets().items()
    monkeypatch.setattr(bundle, "build", broken_bundle)
    assert works.items() <= hooks.build.assets().items()
    assert hooks.build.troubles == ["engine/page.ts:1: a semicolon is missing"]


def test_without_a_program_there_is_no_site(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "build", broken_bundle)
    with pytest.raises(PluginError, match="a semicolon is missing"):
        hooks.on_files([], SimpleNamespace())


def test_a_text_that_vanishes_is_reported_and_the_last_one_stays(
    monkeypatch: pytest.MonkeyPatch, corpus: corpora.Corpus
) -> None:
    monkeypatch.setattr(corpora, "load", lambda root: corpus)
    assert hooks.build._main_corpus(ROOT) is corpus

    def gone(root: Path) -> corpora.Corpus:
        raise corpora.CorpusError("the file is gone")

    monkeypatch.setattr(corpora, "load", gone)
    assert hooks.build._main_corpus(ROOT) is corpus
    assert hooks.build.troubles == ["the file is gone"]


@pytest.mark.parametrize("serving", [True, False])
def test_trouble_fails_a_build_and_not_a_server(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture, serving: bool
) -> None:
    hooks.build.serving = serving
    hooks.build.troubles.append("the file is gone")
    if serving:
        hooks.on_env(SimpleNamespace(), SimpleNamespace(), [])
        assert "the file is gone" in capsys.readouterr().err
    else:
        with pytest.raises(PluginError, match="the file is gone"):
            hooks.on_env(SimpleNamespace(), SimpleNamespace(), [])


@pytest.mark.parametrize(
    ("template", "line", "words"),
    [("<p>\n{% if x }", 2, "unexpected '}'"), ("<p>\n\n{{ island.nope.more }}", 3, "has no attribute 'nope'")],
)
def test_a_mistake_in_a_template_is_reported_with_its_line(
    tmp_path: Path, template: str, line: int, words: str
) -> None:
    file = tmp_path / "overrides/widgets/complete.html"
    file.parent.mkdir(parents=True)
    file.write_text(template, encoding="utf-8")
    hooks.build.templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(tmp_path / "overrides"), undefined=jinja2.StrictUndefined
    )
    hooks.build.site = SimpleNamespace(description={})
    block = blocks.Block("complete", "ps-complete-1", 1, island={})
    assert 'id="ps-complete-1"' in hooks.build.render(block) and hooks.build.render(block)
    (told,) = hooks.build.troubles
    assert told.startswith(f"overrides/widgets/complete.html:{line}: in a template: ") and words in told


def test_without_a_network_serve_asks_for_shakespeare_once(
    monkeypatch: pytest.MonkeyPatch, corpus: corpora.Corpus, root: Path
) -> None:
    """Otherwise each edit would wait for a missing network."""
    monkeypatch.setenv(corpora.VARIABLE, "")
    hooks.build.serving = True
    asked = []

    def load(name: str | None = None, root: Path = root) -> corpora.Corpus:
        asked.append(name or os.environ[corpora.VARIABLE])
        return corpus

    monkeypatch.setattr(corpora, "load", load)
    for _ in range(2):
        hooks.on_config(load_config(str(root / "mkdocs.yml")))
    assert asked.count("") == 1, asked  # without a name: the project's text, which may need a download
    assert os.environ[corpora.VARIABLE] == corpus.name
