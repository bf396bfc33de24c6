"""What `record` runs and where it writes: another run never overwrites one that the pages quote."""

from __future__ import annotations

import errno
import json
import re
import subprocess
from pathlib import Path

import pytest

from authoring.presets import read as read_presets
from recorded import headless, recorded_runs
from recorded.record_command import RecordError, record
from texts import corpus as corpora


@pytest.fixture
def asked(corpus: corpora.Corpus, corpus_file: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict]:
    """Replaces training: collects what the engine would run, and where the run would be written."""
    calls: list[dict] = []
    corpus.rungs()  # this and its file are written once per text

    def run(*arguments: str, **_options: object) -> subprocess.CompletedProcess:
        calls.append(json.loads(arguments[-1]))
        return subprocess.CompletedProcess(arguments, 0, b"{}")

    def write(path: Path, data: bytes) -> None:
        assert data == b"{}"
        calls[-1]["out"] = path

    monkeypatch.setattr(headless.deno_program, "run", run)
    monkeypatch.setattr(headless.replaced_file, "write_whole", write)
    return calls


def test_the_run_goes_where_pages_quote_it_from(corpus: corpora.Corpus, root: Path, asked: list[dict]) -> None:
    assert record(corpus, read_presets) == 0
    (wanted,) = asked
    assert wanted["out"] == root / "docs/recorded" / recorded_runs.file_name(corpus.name)
    assert wanted["preset"] is None and wanted["until"] is None
    assert wanted["module"] == "fma"


@pytest.mark.parametrize("module", [None, "fma", "base"])
def test_elsewhere_a_run_may_be_made_on_any_module(
    corpus: corpora.Corpus, tmp_path: Path, asked: list[dict], module: str | None
) -> None:
    assert record(corpus, read_presets, tmp_path / "run.json", module=module) == 0
    assert asked[0]["module"] == module


def test_every_preset_is_recorded_as_presets_yml_has_it(corpus: corpora.Corpus, root: Path, asked: list[dict]) -> None:
    assert record(corpus, read_presets, preset="all") == 0
    known = read_presets()
    assert [wanted["preset"] for wanted in asked] == list(known.runs) and len(asked) > len(known.names) > 1
    for wanted, preset in zip(asked, known.runs.values(), strict=True):
        seed = wanted["seed"].removesuffix(f" / {preset.seed_of or preset.name}")
        assert wanted["training"] == preset.training and seed == "hamlet"
        assert wanted["out"].name == f"preset-{corpus.name}-{preset.name}.json"


def test_the_name_of_an_experiment_means_all_its_runs(corpus: corpora.Corpus, asked: list[dict]) -> None:
    assert record(corpus, read_presets, preset="warm-up") == 0
    names = ["warm-up-0.003-100", "warm-up-0.003-0", "warm-up-0.01-100", "warm-up-0.01-0"]
    assert [wanted["preset"] for wanted in asked] == names
    assert {wanted["seed"] for wanted in asked} == {"hamlet / clean"}
    assert record(corpus, read_presets, preset=names[1]) == 0
    assert asked[-1] == asked[1]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"seed": "x"}, "With --seed it is not the run that the pages quote: add --out FILE."),
        ({"module": "base"}, "With --module it is not the run that the pages quote: add --out FILE."),
        (
            {"iterations": 9, "engine": "webgpu"},
            "With --iterations and --engine it is not the run that the pages quote",
        ),
        ({"preset": "all", "out": Path("x.json")}, "presets do not fit into one file"),
        ({"preset": "nosiy"}, "docs/presets.yml has no preset “nosiy”; did you mean “noisy”?"),
    ],
)
def test_what_would_overwrite_a_recording_is_refused(
    corpus: corpora.Corpus, asked: list[dict], options: dict, said: str
) -> None:
    with pytest.raises(RecordError, match=re.escape(said)):
        record(corpus, read_presets, **options)
    assert asked == []


def test_an_unwritable_place_is_reported_before_training(
    corpus: corpora.Corpus, asked: list[dict], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    for out, problem in [(tmp_path, IsADirectoryError), (tmp_path / "file" / "run.json", OSError)]:
        with pytest.raises(problem):
            record(corpus, read_presets, out)
    assert asked == []


def test_a_run_is_not_lost_when_its_place_is_full_at_the_end(
    corpus: corpora.Corpus, tmp_path: Path, asked: list[dict], monkeypatch: pytest.MonkeyPatch, capfd
) -> None:
    def full(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(headless.replaced_file, "write_whole", full)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setattr(headless.tempfile, "tempdir", str(tmp_path / "elsewhere"))
    assert record(corpus, read_presets, tmp_path / "run.json") == 1
    said = capfd.readouterr().err
    assert f"{tmp_path / 'run.json'} could not be written or read: the disk is full" in said
    (kept,) = (tmp_path / "elsewhere").iterdir()
    assert kept.read_bytes() == b"{}" and str(kept) in said
    assert len(asked) == 1 and not (tmp_path / "run.json").exists()
