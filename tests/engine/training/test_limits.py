"""engine/model.json alone says what the engines take.

Catches: a limit that also stands elsewhere, so that raising it there is refused or computes something else, and a run
beyond the limits that trains.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from recorded import headless
from texts import corpus as corpora

BEYOND = {"batch_size": 96, "n_layer": 9}
MODEL = {"n_layer": 9, "n_head": 2, "n_embd": 16, "block_size": 8}


@pytest.fixture
def project(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of what trains, for a small model with more layers and larger batches than model.json takes."""
    monkeypatch.setenv("DENO_DIR", str(root / ".cache/deno"))
    shutil.copytree(root / "engine", tmp_path / "engine")
    (tmp_path / "deno.json").write_text('{"unstable": ["raw-imports"]}', encoding="utf-8")
    edit(
        tmp_path,
        {"model": MODEL, "training": {"batch_size": BEYOND["batch_size"]}, "evaluation": {"windows": 100}},
    )
    return tmp_path


def edit(project: Path, changes: dict[str, dict[str, Any]]) -> None:
    path = project / "engine/model.json"
    description = json.loads(path.read_text(encoding="utf-8"))
    for section, values in changes.items():
        description[section] |= values
    path.write_text(json.dumps(description), encoding="utf-8")


@pytest.mark.full
def test_raising_a_limit_takes_one_edit(
    project: Path, corpus: corpora.Corpus, capfd: pytest.CaptureFixture[str]
) -> None:
    out = project / "run.json"
    for refused in ["n_layer is 9; the engine takes whole numbers from 1 to 8", "batch_size is 96; the engine takes"]:
        assert headless.record(corpus, out, iterations=40, workers=2, root=project) != 0
        assert refused in capfd.readouterr().err
        name = refused.split()[0]
        edit(project, {"limits": {name: {"min": 1, "max": BEYOND[name]}}})
    assert headless.record(corpus, out, iterations=40, workers=2, root=project) == 0
    run = json.loads(out.read_text(encoding="utf-8"))
    losses = [row["train"] for row in run["curve"][:40]]
    assert sum(losses[-10:]) < sum(losses[:10]) - 0.1, losses
    assert run["config"]["training"]["batch_size"] == 96 and run["config"]["model"]["n_layer"] == 9
