"""What `serve` does when the text or the program breaks while it runs: it goes on with the last that worked."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import bundle
import corpus as corpora
import hooks
import pytest
from mkdocs.exceptions import PluginError


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks, "build", hooks.Build())
    monkeypatch.setattr(hooks, "last_scripts", None)
    monkeypatch.setattr(hooks, "last_corpus", None)


def broken_bundle(_root: Path, _entry: str) -> bytes:
    raise bundle.BundleError("engine/page.ts:1: a semicolon is missing")


def test_a_broken_program_is_told_and_the_last_one_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "build", lambda _root, entry: entry.encode())
    works = {hooks.SCRIPT: b"engine/page.ts", hooks.WORKER: b"engine/worker_source.ts"}
    assert hooks._scripts() == works
    monkeypatch.setattr(bundle, "build", broken_bundle)
    assert hooks._scripts() == works
    assert hooks.build.troubles == ["engine/page.ts:1: a semicolon is missing"]


def test_without_a_program_there_is_no_site(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "build", broken_bundle)
    with pytest.raises(PluginError, match="a semicolon is missing"):
        hooks._scripts()


def test_a_text_that_vanishes_is_told_and_the_last_one_stays(
    monkeypatch: pytest.MonkeyPatch, corpus: corpora.Corpus
) -> None:
    monkeypatch.setattr(corpora, "load", lambda root: corpus)
    assert hooks._main_corpus() is corpus

    def gone(root: Path) -> corpora.Corpus:
        raise corpora.CorpusError("the file is gone")

    monkeypatch.setattr(corpora, "load", gone)
    assert hooks._main_corpus() is corpus
    assert hooks.build.troubles == ["the file is gone"]


@pytest.mark.parametrize("serving", [True, False])
def test_trouble_fails_a_build_and_not_a_server(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture, serving: bool
) -> None:
    monkeypatch.setattr(hooks, "serving", serving)
    hooks.build.troubles.append("the file is gone")
    if serving:
        hooks.on_env(SimpleNamespace(), SimpleNamespace(), [])
        assert "the file is gone" in capsys.readouterr().err
    else:
        with pytest.raises(PluginError, match="the file is gone"):
            hooks.on_env(SimpleNamespace(), SimpleNamespace(), [])
