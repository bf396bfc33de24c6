"""States of the recorded run: pictures of its weights, and how it goes on without parts of its checkpoint.

Catches: a committed picture of other weights than the recording's, a picture that no browser can read, states that are
older than their run and shown all the same, a curve that leaves its drawing, an option of `record` that is ignored.
"""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest

from model.model_json import read_description
from recorded import headless, png, record_command, recorded_runs, recorded_states, way_curves
from recorded.recorded_file import RecordedFileError
from recorded.recorded_states import States
from system.project import ROOT
from texts import corpus as corpora

FOLDER = ROOT / recorded_states.FOLDER
ALL = recorded_states.read(FOLDER)
RUNS = recorded_runs.read(FOLDER)
MOST_BYTES = 110_000  # of a picture


@pytest.fixture
def facts() -> dict[str, Any]:
    return copy.deepcopy(ALL[0].facts)


@pytest.mark.parametrize("states", ALL, ids=lambda states: states.corpus)
def test_the_states_belong_to_the_recorded_run(states: States) -> None:
    run = recorded_states.run_of(states, RUNS)
    assert recorded_states.stale(states, run, states.corpus) is None
    assert tuple(states.pictures) == recorded_states.PICTURED
    assert (states.facts["at"], states.facts["further"]) == (recorded_states.AT, recorded_states.FURTHER)
    whole, train = states.facts["ways"]["whole"], {row["iteration"]: row["train"] for row in run.run["curve"]}
    assert whole["train"] == [train[states.facts["at"] + number] for number in range(states.facts["further"])]


@pytest.mark.parametrize("states", ALL, ids=lambda states: states.corpus)
def test_every_picture_is_small_and_says_whose_weights_it_shows(states: States) -> None:
    for iteration, data in states.pictures.items():
        picture = png.read(data)
        assert len(data) <= MOST_BYTES
        assert picture.words["Fingerprint"] == recorded_states.run_of(states, RUNS).fingerprints("fma")[str(iteration)]
        assert (picture.width, picture.height) == (states.facts["picture"]["width"], states.facts["picture"]["height"])
        assert [list(colour) for colour in picture.palette] == states.facts["picture"]["palette"]


@pytest.mark.full
@pytest.mark.parametrize("states", ALL, ids=lambda states: states.corpus)
def test_the_states_are_what_the_engine_computes(states: States) -> None:
    """Up to iteration 200; test_same_bits.py trains further, and the picture of iteration 0 has a test in deno."""
    text = corpora.load(states.corpus)
    more = {"other_seed": "macbeth", "pictured": [0, 200], "at": 200, "further": 10, "val_every": 10}
    status, output = headless.states(text, more)
    now, _, pixels = output.partition(b"\0")
    found = json.loads(now)
    assert status == 0
    assert found["states"] == states.facts["states"][:2]
    assert found["ways"]["whole"]["val"][0] == found["ways"]["no-v"]["val"][0] < found["ways"]["no-v"]["val"][1]
    both = png.read(states.pictures[0]).pixels + png.read(states.pictures[200]).pixels
    assert pixels == both


def test_a_picture_is_read_as_it_was_written() -> None:
    picture = png.Picture(3, 2, bytes([0, 1, 2, 2, 1, 0]), [(1, 2, 3), (4, 5, 6)], {"Text": "small"})
    assert png.read(png.written(picture)) == picture
    for data in (b"", b"GIF89a", png.written(picture)[:-20], png.written(picture).replace(b"small", b"smell")):
        with pytest.raises(ValueError, match=r"not a PNG|damaged"):
            png.read(data)


def test_a_picture_of_other_weights_is_refused(tmp_path: Path, facts: dict[str, Any]) -> None:
    for path in FOLDER.glob("weights-*.png"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    facts["states"][1]["fingerprint"] = "0" * 64
    (tmp_path / recorded_states.file_name(facts["corpus"]["name"])).write_text(json.dumps(facts))
    with pytest.raises(RecordedFileError, match="shows other weights"):
        recorded_states.read(tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda facts: facts["config"]["training"].update(batch_size=16), "training.batch_size 16, not 32"),
        (lambda facts: facts["corpus"].update(sha256="0" * 64), "another version of the text"),
        (lambda facts: facts["states"][2].update(fingerprint="0" * 64), "other weights at iteration 2000"),
    ],
)
def test_states_of_another_run_are_stale(change: Any, said: str, facts: dict[str, Any]) -> None:
    change(facts)
    states = States(ALL[0].file, facts, {})
    found = recorded_states.stale(states, recorded_states.run_of(states, RUNS), "small")
    assert said in found and found.endswith("Renew it: python3 build record --checkpoint --corpus small")


def test_a_loss_beyond_the_drawing_is_cut_at_its_top(facts: dict[str, Any]) -> None:
    found = way_curves.of(facts, ["no-v", "no-m"])
    low, high = found["span"]
    assert max(facts["ways"]["no-v"]["val"]) > high > max(facts["ways"]["whole"]["val"])
    drawn = str(way_curves.drawn(found, "no-v", "key"))
    heights = [
        float(pair.split(",")[1]) for points in re.findall(r'points="([^"]+)"', drawn) for pair in points.split()
    ]
    assert min(heights) == 0 and max(heights) <= 1000 and low < high
    assert drawn.count("<polyline") == 3


def test_what_a_curve_shows_is_said_beside_it(facts: dict[str, Any]) -> None:
    said = {way["name"]: way["says"] for way in way_curves.of(facts, ["no-moments"])["ways"]}
    excess = States("", facts, {}).tree()["ways"]["no-moments"]["excess"]
    assert max(excess, key=excess.__getitem__) == 10
    began = "The losses first differ after 1 iteration. The val loss is furthest above after 10: "
    assert said["no-moments"].startswith(f"{began}+{excess[10]:.3f} nats; after 200: ")
    assert said["whole"] == "The same losses, to the last digit."


def test_no_other_option_goes_with_the_states(capsys: pytest.CaptureFixture[str]) -> None:
    text = corpora.Corpus("small", "small", "Some words.\n" * 400, "", ROOT)
    with pytest.raises(record_command.RecordError, match="leave out --seed"):
        record_command.record_states(text, None, ["--seed"])
    short = corpora.Corpus("short", "short", "Some words.\n" * 12, "", ROOT)
    with pytest.raises(record_command.RecordError, match="The text short is too short to measure"):
        record_command.record_states(short, None, [])
    assert read_description(ROOT)["seed"] != recorded_states.OTHER_SEED
