"""Every recorded run is what this engine computes: the beginning of each is trained again and compared, bit for bit.

Catches: a changed engine with old recordings, so that the page shows results that readers would not get.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from authoring.presets import read as read_presets
from by_module import by_module
from recorded import headless, recorded_file, recorded_runs
from system.project import ROOT
from texts import corpus as corpora

SHORT, LONG = 25, 400
RECORDINGS = {Path(found.file).stem: found for found in recorded_runs.read(ROOT / recorded_file.FOLDER)}


def text_of(recording: recorded_runs.Recording) -> corpora.Corpus:
    if recording.corpus not in corpora.available(ROOT):
        pytest.skip(f"not run here: the text {recording.corpus} is not in docs/corpora")
    if recording.run["engine"] != "cpu":
        pytest.skip("not run here: it was recorded on a graphics card, whose numbers are its own")
    try:
        return corpora.load(recording.corpus)
    except corpora.CorpusError as problem:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"not run here: {problem}")


# In the short suite, the lesson's own runs also represent the presets, because the engine is the same.
@pytest.mark.parametrize(
    ("name", "until"),
    [
        pytest.param(
            name, until, marks=[pytest.mark.full] if until == LONG or found.preset or name != "run-shakespeare" else []
        )
        for name, found in RECORDINGS.items()
        for until in (SHORT, LONG)
    ],
)
def test_a_recording_is_what_the_engine_computes(name: str, until: int, root: Path, tmp_path: Path) -> None:
    recording = RECORDINGS[name]
    was = recording.run
    preset = read_presets(root).runs[recording.preset] if recording.preset else None
    out = tmp_path / "run.json"
    assert headless.record(text_of(recording), out, until=until, preset=preset) == 0
    now = json.loads(out.read_text(encoding="utf-8"))
    end = now["curve"][-1]["iteration"]
    assert end == min(until, was["curve"][-1]["iteration"]) and end > 0
    assert all(now[key] == was[key] for key in ("seed", "corpus", "engine"))
    assert was["module"] == recorded_runs.MODULE
    for module in ("fma", "base"):
        if module == "fma" and now["module"] != module:
            continue  # a processor that rounds twice
        before, after = by_module(was, module)["fingerprints"], by_module(now, module)["fingerprints"]
        assert after == {at: hex for at, hex in before.items() if int(at) <= end}
        assert len(after) >= 2
    if now["module"] != was["module"]:
        pytest.skip("not run here: this processor rounds twice; the fingerprints for that are right")
    assert [row["train"] for row in now["curve"][:end]] == [row["train"] for row in was["curve"][:end]]
    assert [row["val"] for row in now["curve"]] == [row["val"] for row in was["curve"][: end + 1]]
    assert now["samples"] == [sample for sample in was["samples"] if sample["iteration"] <= end]
