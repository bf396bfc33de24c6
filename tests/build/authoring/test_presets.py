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
        ("batch_size: 1}", "batch_size: 0}", 4, "batch_size is 0; it must be at least 1"),
        ("batch_size: 1}", "batch_size: 4}", 4, "batch_size: 4 is what common has already; give another value"),
        ("batch_size: 1}", "batch_size: 1, learning_rate: 1}", 4, "it must differ from clean in one value"),
        ("name: loud", "name: clean", 4, "there are two presets “clean”; give one of them another name"),
        ("{batch_size: 1}", "{}", 2, "clean and loud both change nothing; exactly one must have “change: {}”"),
        ("change: {},", "change: {learning_rate: 1},", 2, "no preset changes nothing"),
        ("iterations: 20", "iterations: 5", 3, "a warm-up of 10 iterations does not fit into 5"),
        ("{batch_size: 1}", "{training_characters: 64}", 4, "it must be at least 65"),
        (", about: Badly.", "", 4, "the field about is missing in entry 2 of presets"),
        ("common: {", "common: {iterations: 4, ", 1, "unknown field “iterations” in common"),
        ("shape: noisy", "shape: nosy", 4, "there is no shape “nosy” in docs/shapes.yml; did you mean “noisy”?"),
        ("label: Loud", "label: Loud, label: L", 4, "the field label is given twice"),
        ("learning_rate: 3e-3", "learning_rate: .nan", 1, "common.learning_rate is nan"),
    ],
)
def test_a_mistake_is_reported_with_its_line(old: str, new: str, line: int, words: str) -> None:
    assert SMALL.count(old) == 1
    told = complaints(SMALL.replace(old, new), shapes=["clean", "noisy"])
    assert [text for text in told if text.startswith(f"docs/presets.yml:{line}: ") and words in text], told


def test_all_mistakes_are_reported_at_once_in_the_order_of_their_lines() -> None:
    told = complaints(SMALL.replace("about: Well.", "abut: Well.").replace("batch_size: 1", "batch_size: one"))
    assert [text.split(":")[1] for text in told] == ["3", "3", "4"]


def test_a_file_without_fields_is_reported() -> None:
    assert complaints("- clean\n") == ["docs/presets.yml:1: expected two fields, common and presets"]
