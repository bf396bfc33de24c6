"""The experiments of docs/presets.yml: two settings, some values of each, and a run for every pair of values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from model.preset import Axis, Experiment, Preset
from reading.strict_yaml import Schema

# A setting in words, for the title of a run.
WORDS = {
    "learning_rate": "learning rate {}",
    "batch_size": "{} sequences per batch",
    "warmup_iterations": "warm-up of {} iterations",
    "final_learning_rate_fraction": "last learning rate {} of the peak",
}
# Settings of a preset that an experiment cannot vary, and why.
NO_AXES = {
    "training_characters": "an experiment cannot vary the length of the text, because the whole text has no number here"
}
Mistake = tuple[list[Any], str]  # the path of a value in the file, and what is wrong with it


def schema(name: Schema, words: Schema, iterations: Schema, settings: dict[str, Schema]) -> Schema:
    """A list of experiments. `settings` are the schemas of what an axis may name."""
    values = {
        key: {"type": "array", "items": one, "minItems": 2, "maxItems": 4, "uniqueItems": True}
        for key, one in settings.items()
    }
    axis = {
        "type": "object",
        "properties": values,
        "additionalProperties": False,
        "x-unknown": NO_AXES,
    }
    fields = {"name": name, "label": words, "iterations": iterations, "rows": axis, "columns": axis}
    axes = "the two settings stand under rows and columns, each with its values"
    one = {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
    one["x-unknown"] = {"axes": axes, "axis": axes}
    return {"type": "array", "items": one}


def mistakes(values: Any, healthy: dict[str, Any]) -> Iterator[Mistake]:
    """What the schema cannot check. `values` is the whole file, `healthy` the settings of the clean run."""
    taken = {preset["name"] for preset in values["presets"]}
    for index, experiment in enumerate(values.get("experiments", [])):
        path, name = ["experiments", index], experiment["name"]
        if name in taken:
            yield [*path, "name"], f"the name “{name}” is already used; give this experiment another one"
        taken.add(name)
        several = [side for side in ("rows", "columns") if len(experiment[side]) != 1]
        for side in several:
            form = "such as {learning_rate: [3e-3, 1e-2]}"
            yield [*path, side], f"{side} must have exactly one setting with its values, {form}"
        if several:
            continue
        ((row, down),), ((column, across),) = experiment["rows"].items(), experiment["columns"].items()
        if row == column:
            yield [*path, "columns", column], f"rows and columns both vary {row}; vary another setting in one of them"
        for side, key in (("rows", row), ("columns", column)):
            for message in _of_axis(key, experiment[side][key], experiment["iterations"], healthy[key]):
                yield [*path, side, key], message
        runs = [_run_name(name, one, other) for one in down for other in across]
        for run in sorted(taken & {*runs}):
            message = f"one of its runs would be called “{run}”, as a preset or another run is; give it another name"
            yield [*path, "name"], message
        taken |= {*runs}


def _of_axis(key: str, tried: list[float], iterations: int, usual: float) -> Iterator[str]:
    if usual not in tried:
        yield f"{key} must also have its usual value, {usual}, so that one run is the healthy one"
    if key == "warmup_iterations" and max(tried) > iterations:
        yield f"a warm-up of {max(tried)} iterations does not fit into {iterations}"
    for index, value in enumerate(tried):
        alike = [other for other in tried[:index] if _rounded(other) == _rounded(value)]
        if alike:
            yield f"{alike[0]} and {value} are the same to six digits, {_rounded(value)}; change or remove one of them"


def _rounded(value: float) -> str:
    """A value as it stands in the name of its run."""
    return f"{value:g}"


def _run_name(experiment: str, one: float, other: float) -> str:
    return f"{experiment}-{_rounded(one)}-{_rounded(other)}"


def resolved(entry: dict[str, Any], clean: Preset) -> Experiment:
    """An experiment with a whole run in each cell."""
    ((row, down),), ((column, across),) = entry["rows"].items(), entry["columns"].items()

    def cell(one: float, other: float) -> Preset:
        training = clean.training | {"iterations": entry["iterations"], row: one, column: other}
        return Preset(
            name=_run_name(entry["name"], one, other),
            label=f"{_said(row, one)}, {_said(column, other)}",
            about="",
            shape=clean.shape,
            careless_switch=False,
            change=None,
            training=training,
            evaluation=clean.evaluation,
            sampling=clean.sampling,
            seed_of=clean.seed_of or clean.name,
        )

    cells = {one: {other: cell(one, other) for other in across} for one in down}
    return Experiment(entry["name"], entry["label"], Axis(row, tuple(down)), Axis(column, tuple(across)), cells)


def _said(key: str, value: float) -> str:
    return "no warm-up" if (key, value) == ("warmup_iterations", 0) else WORDS[key].format(f"{value:.12g}")
