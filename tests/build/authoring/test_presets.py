"""docs/presets.yml: what it resolves to, and the errors that its author sees.

Catches: a preset that differs from `clean` in more than one value, a wrong line, a mistake that is not reported.
"""

from __future__ import annotations

import pytest

from authoring.presets import CHANGES, PresetsError, parse, read
from model.model_json import read_description
from system.project import ROOT

DESCRIPTION = read_description(ROOT)
FILE = (ROOT / "docs/presets.yml").read_text(encoding="utf-8")
SMALL = """\
common: {batch_size: 4, learning_rate: 3e-3, warmup_iterations: 10, val_every: 5, val_windows: 8}
presets:
  - {name: clean, label: Clean, change: {}, iterations: 20, shape: clean, about: Well.}
  - {name: loud, label: Loud, change: {batch_size: 1}, iterations: 30, shape: noisy, about: Badly.}
"""


EXPERIMENT = (
    SMALL
    + """\
experiments:
  - {name: grid, label: A grid, iterations: 20, rows: {batch_size: [4, 8]}, columns: {warmup_iterations: [10, 0]}}
"""
)


def complaints(text: str, **options) -> list[str]:
    with pytest.raises(PresetsError) as caught:
        parse(text, DESCRIPTION, **options)
    return [str(error) for error in caught.value.errors]


def test_every_preset_differs_from_clean_in_exactly_one_value() -> None:
    presets = read()
    (clean,) = [preset for preset in presets if preset.change is None]
    assert len(presets.names) > 1
    for preset in presets:
        assert (preset.evaluation, preset.sampling) == (clean.evaluation, clean.sampling)
        changed = {key for key, value in preset.training.items() if value != clean.training[key]} - {"iterations"}
        assert changed == ({preset.change["key"]} if preset.change else set())
        if preset.change:
            key = preset.change["key"]
            assert key in CHANGES
            assert (preset.change["value"], preset.change["healthy"]) == (preset.training[key], clean.training[key])


def test_a_run_is_the_lessons_own_but_for_what_the_file_says() -> None:
    loud = parse(SMALL, DESCRIPTION).by_name["loud"]
    own = {"iterations": 30, "batch_size": 1, "learning_rate": 3e-3, "warmup_iterations": 10}
    assert loud.training == DESCRIPTION["training"] | own
    assert loud.evaluation == DESCRIPTION["evaluation"] | {"every": 5, "windows": 8, "whole_at_end": False}
    assert (loud.sampling["every"], loud.sampling["early"], loud.sampling["characters"]) == (5, [], 0)
    assert loud.seed("hamlet") == "hamlet / loud"


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("batch_size: 1}", "batch_sise: 1}", 4, "unknown field “batch_sise” in change"),
        ("batch_size: 1}", "batch_size: 0}", 4, "change.batch_size in entry 2 of presets is 0; it must be at least 1"),
        ("batch_size: 1}", "batch_size: 4}", 4, "batch_size: 4 is the value that common has already; give another"),
        ("batch_size: 1}", "batch_size: 1, learning_rate: 1}", 4, "it must differ from clean in one value"),
        ("name: loud", "name: clean", 4, "there are two presets “clean”; give one of them another name"),
        (
            "{batch_size: 1}",
            "{}",
            2,
            "clean and loud both leave everything unchanged; exactly one must have “change: {}”",
        ),
        ("change: {},", "change: {learning_rate: 1},", 2, "no preset leaves everything unchanged"),
        ("iterations: 20", "iterations: 5", 3, "a warm-up of 10 iterations does not fit into 5"),
        ("{batch_size: 1}", "{training_characters: 64}", 4, "it must be at least 65"),
        (", about: Badly.", "", 4, "the field about is missing in entry 2 of presets"),
        ("common: {", "common: {iterations: 4, ", 1, "unknown field “iterations” in common"),
        ("shape: noisy", "shape: nosy", 4, "there is no shape “nosy” in docs/shapes.yml; did you mean “noisy”?"),
        ("label: Loud", "label: Loud, label: L", 4, "the field label is given twice"),
        ("learning_rate: 3e-3", "learning_rate: .nan", 1, "common.learning_rate is nan"),
        ("{batch_size: 1}", "{final_learning_rate_fraction: -1}", 4, "it must be at least 0"),
        ("{batch_size: 1}", "{final_learning_rate_fraction: 0.1}", 4, "0.1 is the value that every run has already"),
        ("about: Badly.", "about: Badly., seed_of: clear", 4, "seed_of: clear is not the name of a preset"),
        ("about: Badly.", "about: Badly., seed_of: loud", 4, "seed_of: loud is not the name of a preset"),
    ],
)
def test_a_mistake_is_reported_with_its_line(old: str, new: str, line: int, words: str) -> None:
    assert SMALL.count(old) == 1
    told = complaints(SMALL.replace(old, new), shapes=["clean", "noisy"])
    assert [text for text in told if text.startswith(f"docs/presets.yml:{line}: ") and words in text], told


def test_a_run_may_have_the_seed_of_another() -> None:
    loud = parse(SMALL.replace("about: Badly.", "about: Badly., seed_of: clean"), DESCRIPTION).by_name["loud"]
    assert loud.seed("hamlet") == "hamlet / clean"


def test_an_experiment_has_a_run_for_every_pair_of_values() -> None:
    presets = parse(EXPERIMENT, DESCRIPTION)
    clean, grid = presets.by_name["clean"], presets.experiments["grid"]
    assert [run.name for run in grid] == ["grid-4-10", "grid-4-0", "grid-8-10", "grid-8-0"]
    assert list(presets.runs) == ["clean", "loud", *(run.name for run in grid)]
    assert presets.names == ["clean", "loud"]
    assert grid.cells[8][0].training == clean.training | {"batch_size": 8, "warmup_iterations": 0}
    assert grid.cells[8][0].label == "8 sequences per batch, no warm-up"
    assert grid.cells[4][10].training == clean.training
    assert {run.seed("hamlet") for run in grid} == {"hamlet / clean"}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("name: grid", "name: loud", "the name “loud” is already used; give this experiment another one"),
        ("warmup_iterations: [10, 0]", "batch_size: [4, 2]", "rows and columns both vary batch_size"),
        ("batch_size: [4, 8]", "batch_size: [6, 8]", "batch_size must also have its usual value, 4"),
        ("[10, 0]", "[10, 30]", "a warm-up of 30 iterations does not fit into 20"),
        ("batch_size: [4, 8]", "training_characters: [70, 80]", "cannot vary the length of the text"),
        ("rows: {batch_size: [4, 8]}", "axes: {batch_size: [4, 8]}", "the two settings stand under rows and columns"),
        ("[10, 0]", "[10, 0, 0]", "columns.warmup_iterations in entry 1 of experiments has 0 twice; keep one"),
        ("[10, 0]", "[10, 10.0]", "has 10.0 twice; keep one of the two"),
        (
            "{batch_size: [4, 8]}",
            "{learning_rate: [3e-3, 3.0000001e-3]}",
            "0.003 and 0.0030000001 are the same to six digits, 0.003; change or remove one of them",
        ),
        ("name: grid", "name: all", "“all” stands for all presets in --preset all"),
        ("[4, 8]", "[4]", "rows.batch_size in entry 1 of experiments is a list of 1; it must have at least 2 entries"),
        (", label: A grid", "", "the field label is missing in entry 1 of experiments"),
        (
            "{batch_size: [4, 8]}",
            "{batch_size: [4, 8], learning_rate: [3e-3, 1]}",
            "rows must have exactly one setting",
        ),
        ("{batch_size: [4, 8]}", "{}", "rows must have exactly one setting"),
    ],
)
def test_a_mistake_in_an_experiment_is_reported_with_its_line(old: str, new: str, words: str) -> None:
    assert EXPERIMENT.count(old) == 1
    (told,) = complaints(EXPERIMENT.replace(old, new), shapes=["clean", "noisy"])
    assert told.startswith("docs/presets.yml:6: ") and words in told


def test_a_run_of_an_experiment_has_a_name_of_its_own() -> None:
    (told,) = complaints(EXPERIMENT.replace("name: loud", "name: grid-8-10"))
    assert told.startswith(
        "docs/presets.yml:6: one of its runs would be called “grid-8-10”, as a preset or another run"
    )


def test_a_preset_has_no_name_that_a_command_needs() -> None:
    (told,) = complaints(SMALL.replace("name: loud", "name: all"))
    assert told == "docs/presets.yml:4: “all” stands for all presets in --preset all; choose another name"


def test_all_mistakes_are_reported_at_once_in_the_order_of_their_lines() -> None:
    told = complaints(SMALL.replace("about: Well.", "abut: Well.").replace("batch_size: 1", "batch_size: one"))
    assert [text.split(":")[1] for text in told] == ["3", "4"]


def test_a_file_without_fields_is_reported() -> None:
    assert complaints("- clean\n") == ["docs/presets.yml:1: expected two fields, common and presets"]
