"""Catches: a recorded run that lacks a part, depends on the number of Workers or is not reproducible, a headless
program that never ends, a bench row without its numbers, an option that is passed but not read."""

from __future__ import annotations

import functools
import json
import re
import subprocess
from pathlib import Path

import pytest

from model.model_json import read_description
from recorded import headless
from system import deno_program
from texts import corpus as corpora

LIMIT_S = 240  # far longer than a few iterations: only a program that hangs reaches it


@pytest.fixture(autouse=True)
def ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(headless.deno_program, "run", functools.partial(deno_program.run, timeout=LIMIT_S))


def test_a_recorded_run_is_whole(corpus: corpora.Corpus, root: Path, tmp_path: Path) -> None:
    out = tmp_path / "a folder, with a comma" / "run.json"
    assert headless.record(corpus, out, seed="ophelia", iterations=3, workers=2) == 0
    run = json.loads(out.read_text(encoding="utf-8"))
    described = read_description(root)
    assert run["format"] == 1
    assert (run["seed"], run["engine"]) == ("ophelia", "cpu")
    assert run["corpus"] == {"name": corpus.name, "sha256": corpus.sha256, "vocab_size": len(corpus.vocab)}
    assert run["config"]["training"] == described["training"] | {"iterations": 3}
    assert described["model"].items() <= run["config"]["model"].items()
    assert [point["iteration"] for point in run["curve"]] == [0, 1, 2, 3]
    assert all(2 < point["train"] < 6 for point in run["curve"][:-1])
    first, last = run["samples"][0], run["samples"][-1]
    assert (first["iteration"], last["iteration"]) == (0, 3)
    assert first["phase"] == described["phases"][0]
    assert last["val"] < first["val"]  # three steps already help
    assert first["prompt"] == corpus.validation[: described["sampling"]["prompt_characters"]]
    assert len(first["text"]) == described["sampling"]["characters"]
    assert set(first["text"]) <= set(corpus.vocab)
    assert run["fingerprints"]["3"] == run["fingerprint"] != run["fingerprints"]["0"]
    assert len(bytes.fromhex(run["fingerprint"])) == 32


@pytest.mark.full
def test_a_run_says_which_module_made_it_and_keeps_the_fingerprints_of_both(
    corpus: corpora.Corpus, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    runs = {}
    for module in (None, "base"):
        assert headless.record(corpus, tmp_path / "run.json", iterations=2, workers=1, module=module) == 0
        runs[module] = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
        assert f"module {runs[module]['module']}." in capfd.readouterr().err
    usual, base = runs[None], runs["base"]
    assert base["module"] == "base" and "base" not in base
    if usual["module"] == "base":
        pytest.skip("not run here: this processor rounds twice")
    alike = sum(mine["text"] == other["text"] for mine, other in zip(usual["samples"], base["samples"], strict=True))
    assert usual["base"] == {key: base[key] for key in ("fingerprints", "fingerprint")} | {"samples_alike": alike}
    assert usual["fingerprints"]["0"] == base["fingerprints"]["0"]
    assert usual["fingerprint"] != base["fingerprint"]


@pytest.mark.full
@pytest.mark.parametrize("program", ["record", "bench"])
def test_the_module_fma_is_refused_where_the_processor_rounds_twice(
    program: str,
    corpus: corpora.Corpus,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    run = deno_program.run
    without_fma = "--v8-flags=--no-enable-fma3"  # then deno computes as on such a processor
    monkeypatch.setattr(headless.deno_program, "run", lambda verb, *args, **how: run(verb, without_fma, *args, **how))
    out = tmp_path / "run.json"
    if program == "record":
        assert headless.record(corpus, out, iterations=1, module="fma") != 0
    else:
        assert headless.bench(corpus, "cpu", [2], [1], module="fma") != 0
    assert "cannot round a product and its sum once, as the module fma does" in capfd.readouterr().err
    assert not out.exists()
    assert headless.record(corpus, out, iterations=1, workers=1) == 0
    assert json.loads(out.read_text(encoding="utf-8"))["module"] == "base"


@pytest.mark.full
def test_bench_prints_a_line_of_numbers_for_each_row(corpus: corpora.Corpus, capfd: pytest.CaptureFixture[str]) -> None:
    assert headless.bench(corpus, "cpu", [2], [1]) == 0
    (line,) = capfd.readouterr().out.splitlines()
    row = json.loads(line)
    assert (row["engine"], row["batch_size"], row["workers"]) == ("cpu", 2, 1)
    assert row["module"] in ("fma", "base")
    assert row["iterations_per_second"] * row["ms_per_iteration"] == pytest.approx(1000, rel=0.05)
    assert row["memory_bytes"] > 1_000_000


def test_a_missing_engine_is_reported(corpus: corpora.Corpus, tmp_path: Path, capfd) -> None:
    assert headless.record(corpus, tmp_path / "run.json", engine="abacus", iterations=1) != 0
    assert "abacus does not run here" in capfd.readouterr().err
    assert not (tmp_path / "run.json").exists()


@pytest.mark.parametrize("program", ["record", "bench"])
def test_what_is_handed_over_is_what_is_read(
    program: str, corpus: corpora.Corpus, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed = []

    def keep(_name: str, wanted: dict, *_: object, **__: object) -> subprocess.CompletedProcess:
        handed.extend(wanted)
        return subprocess.CompletedProcess([], 1, b"")

    monkeypatch.setattr(headless, "_run", keep)
    assert (headless.record(corpus, tmp_path / "run.json") if program == "record" else headless.bench(corpus)) == 1
    source = (root / f"engine/headless/{program}.ts").read_text(encoding="utf-8")
    declared = re.findall(r"^  (\w+):", re.search(r"interface Wanted \{(.*?)\n\}", source, re.DOTALL)[1], re.MULTILINE)
    assert sorted(handed) == sorted(declared)
    assert [key for key in declared if f"wanted.{key}" not in source] == []


def test_the_timeout_of_these_tests_works() -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        deno_program.run("eval", "setTimeout(() => {}, 60_000)", timeout=1)
