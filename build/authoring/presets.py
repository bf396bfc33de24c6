"""Reads docs/presets.yml, the runs of the presets block, strictly. Authors edit that file; no run is named in code.

Every preset becomes a complete run: the lesson's settings, overridden by `common`, then by the preset's one change.
experiments.py reads the grids of runs that the file may have besides.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from authoring import experiments
from authoring.block_fields import SESSION_NAME
from model.model_json import read_description
from model.preset import FILE, Preset, Presets
from reading import plain_text, strict_yaml
from reading.error_messages import AuthorError, one_of
from reading.strict_yaml import Schema
from recorded.recorded_runs import EVERY_PRESET
from system.project import ROOT

# What a preset may change of `common`.
CHANGES = ("learning_rate", "batch_size", "warmup_iterations", "training_characters", "final_learning_rate_fraction")


class PresetsError(Exception):
    """docs/presets.yml cannot be used; `errors` says why, each with its line."""

    def __init__(self, errors: list[AuthorError]) -> None:
        super().__init__("\n".join(str(error) for error in errors))
        self.errors = errors


def read(root: Path = ROOT, shapes: list[str] | None = None) -> Presets:
    """The presets in the file's order. Raises PresetsError.

    `shapes` are the names that `shape` may have; None if they are not known.
    """
    return parse(_text(root), read_description(root), shapes)


def _text(root: Path) -> str:
    text, line, wrong = plain_text.read_file(root / FILE)
    if wrong:
        raise PresetsError([_error(line - 1, wrong)])
    return text


def parse(text: str, description: dict[str, Any], shapes: list[str] | None = None) -> Presets:
    """Like `read`, from the file's text and engine/model.json. Raises PresetsError."""
    try:
        values = strict_yaml.parse(text)
    except strict_yaml.StrictYamlError as error:
        raise PresetsError([_error(one.line, one.message) for one in error.problems]) from error
    if not isinstance(values, dict):
        raise PresetsError([_error(0, "expected two fields, common and presets")])
    problems = strict_yaml.problems(values, schema(description), text)
    found = [_error(problem.line, problem.message) for problem in problems]
    if not found:
        found = list(_clashes(values, shapes, description["training"]))
    if found:
        raise PresetsError(sorted(found, key=lambda error: error.line))
    plain = strict_yaml.plain(values)
    found = [_resolved(entry, plain["common"], description) for entry in plain["presets"]]
    clean = next(preset for preset in found if preset.change is None)
    grids = [experiments.resolved(entry, clean) for entry in plain.get("experiments", [])]
    return Presets({preset.name: preset for preset in found}, {grid.name: grid for grid in grids})


def schema(description: dict[str, Any]) -> Schema:
    """The file's JSON Schema, with the limits of engine/model.json."""
    training, window = description["training"], description["model"]["block_size"] + 1
    words = {"type": "string", "pattern": r"\S", "x-form": "a few words"}
    changes: dict[str, Schema] = {
        "learning_rate": {"type": "number", "exclusiveMinimum": 0},
        "batch_size": _whole(description["limits"]["batch_size"]["min"], description["limits"]["batch_size"]["max"]),
        "warmup_iterations": _whole(0),
        "training_characters": _whole(window),
        "final_learning_rate_fraction": {"type": "number", "minimum": 0},
    }
    common = changes | {"val_every": _whole(1), "val_windows": _whole(1)}
    name = {
        "type": "string",
        "pattern": SESSION_NAME,
        "x-form": "a name of small letters, digits and hyphens that starts with a letter",
    }
    preset = {
        "name": name,
        "label": words,
        "change": _group(changes, []),
        "iterations": _whole(1, training["iterations"]),
        "shape": words,
        "about": words,
        "careless_switch": {"type": "boolean"},
        "seed_of": words,
    }
    needed = ["learning_rate", "batch_size", "warmup_iterations", "val_every", "val_windows"]
    every = [field for field in preset if field not in ("careless_switch", "seed_of")]
    listed = {"type": "array", "minItems": 1, "items": _group(preset, every)}
    # The whole text has no number, so the length of the text cannot be an axis.
    axes = {key: value for key, value in changes.items() if key != "training_characters"}
    grids = experiments.schema(name, words, preset["iterations"], axes)
    whole = {"common": _group(common, needed), "presets": listed, "experiments": grids}
    return _group(whole, ["common", "presets"])


def _whole(least: int, most: int | None = None) -> Schema:
    return {"type": "integer", "minimum": least} | ({} if most is None else {"maximum": most})


def _group(properties: dict[str, Schema], required: list[str]) -> Schema:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _error(line: int, message: str) -> AuthorError:
    return AuthorError(FILE, max(line, 0) + 1, message)


def _clashes(values: Any, shapes: list[str] | None, lesson: dict[str, Any]) -> Iterator[AuthorError]:
    """What the schema cannot check: duplicate names, changes of nothing or of too much, a missing clean run."""
    common, first = values["common"], {}
    healthy = lesson | common
    for index, preset in enumerate(values["presets"]):

        def line(*path: str, index: int = index) -> int:
            return strict_yaml.line_of(values, ["presets", index, *path])

        name, change = preset["name"], preset["change"]
        if name in first:
            yield _error(line("name"), f"there are two presets “{name}”; give one of them another name")
        first.setdefault(name, index)
        if name == EVERY_PRESET:
            yield _error(line("name"), f"“{name}” stands for all presets in --preset {name}; choose another name")
        if len(change) > 1:
            message = f"the preset “{name}” changes {' and '.join(change)}; it must differ from clean in one value"
            yield _error(line("change"), message)
        for key, value in change.items():
            if value == healthy.get(key):
                place = "common has" if key in common else "every run has"
                yield _error(line("change", key), f"{key}: {value} is the value that {place} already; give another")
        warmup = change.get("warmup_iterations", common["warmup_iterations"])
        if warmup > preset["iterations"]:
            place = "change" if "warmup_iterations" in change else "iterations"
            yield _error(line(place), f"a warm-up of {warmup} iterations does not fit into {preset['iterations']}")
        like = preset.get("seed_of")
        own = [one["name"] for one in values["presets"] if "seed_of" not in one]
        if like is not None and like not in own:
            known = one_of("presets with one", like, own)
            message = f"seed_of: {like} is not the name of a preset with a seed of its own; {known}"
            yield _error(line("seed_of"), message)
        if shapes is not None and preset["shape"] not in shapes:
            shape = preset["shape"]
            message = f"there is no shape “{shape}” in docs/shapes.yml; {one_of('shapes', shape, shapes)}"
            yield _error(line("shape"), message)
    clean = [preset["name"] for preset in values["presets"] if not preset["change"]]
    if len(clean) != 1:
        message = (
            "no preset leaves everything unchanged"
            if not clean
            else f"{' and '.join(clean)} both leave everything unchanged"
        )
        yield _error(strict_yaml.line_of(values, ["presets"]), f"{message}; exactly one must have “change: {{}}”")
    for index, experiment in enumerate(values.get("experiments", [])):
        if experiment["name"] == EVERY_PRESET:
            place = strict_yaml.line_of(values, ["experiments", index, "name"])
            yield _error(
                place, f"“{EVERY_PRESET}” stands for all presets in --preset {EVERY_PRESET}; choose another name"
            )
    for path, message in experiments.mistakes(values, healthy):
        yield _error(strict_yaml.line_of(values, path), message)


def _resolved(entry: dict[str, Any], common: dict[str, Any], description: dict[str, Any]) -> Preset:
    # What `common` leaves out is as in the lesson; there, batches come from the whole text (None).
    healthy = {key: common.get(key, description["training"][key]) for key in CHANGES}
    change = [{"key": key, "value": value, "healthy": healthy[key]} for key, value in entry["change"].items()]
    every, windows = common["val_every"], common["val_windows"]
    return Preset(
        name=entry["name"],
        label=entry["label"],
        about=entry["about"],
        shape=entry["shape"],
        careless_switch=entry.get("careless_switch", False),
        change=change[0] if change else None,
        training=description["training"] | healthy | entry["change"] | {"iterations": entry["iterations"]},
        seed_of=entry.get("seed_of"),
        evaluation=description["evaluation"] | {"every": every, "windows": windows, "whole_at_end": False},
        # Presets are only measured: the model generates no text.
        sampling=description["sampling"] | {"every": every, "early": [], "characters": 0, "rest_ms": 0},
    )
