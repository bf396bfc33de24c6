"""The fields of every widget block, defined once: their types, limits, defaults and meaning.

Each kind of block is a JSON Schema whose limits and defaults come from engine/model.json. The checks, the error
messages and the documentation's tables all read these schemas, so a new field is one entry here.
"""

from __future__ import annotations

from typing import Any

from reading.strict_yaml import Schema

# A session's name becomes part of HTML ids and of `pressStart.sessions`.
SESSION_NAME = r"^[a-z][a-z0-9-]*$"


def schemas(description: dict[str, Any]) -> dict[str, Schema]:
    """The JSON Schema of each kind of block, by the word on its fence line."""
    return {
        "runner": _runner(description),
        "samples": _samples(),
        "speed": _speed(description),
        "quiz": _quiz(),
        "shapes": _shapes(),
        "complete": _complete(),
        "replay": _replay(),
        "presets": _presets(),
    }


def _fields(description: str, properties: dict[str, Schema]) -> Schema:
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "additionalProperties": False,
    }


def _session() -> Schema:
    return {
        "type": "string",
        # `sessions.preset` is reserved for runs of presets, and every JavaScript object has a `constructor`.
        "pattern": SESSION_NAME.replace("^", "^(?!(preset|constructor)$)"),
        "default": "main",
        "description": "Name of the training run that blocks on one page share.",
        "x-form": "a name of small letters, digits and hyphens that starts with a letter, and neither preset nor "
        "constructor, which the page has a use for",
    }


def _whole(meaning: str, default: int, limits: dict[str, int]) -> Schema:
    """A whole number within the engines' limits, which model.json writes as min, max and step."""
    schema = {"type": "integer", "description": meaning, "default": default, "minimum": limits["min"]}
    if "max" in limits:
        schema["maximum"] = limits["max"]
    if "step" in limits:
        schema["multipleOf"] = limits["step"]
    return schema


def _runner(description: dict[str, Any]) -> Schema:
    model, training, limits = description["model"], description["training"], description["limits"]
    rate = training["learning_rate"]
    size = {
        "n_layer": _whole("Transformer blocks.", model["n_layer"], limits["n_layer"]),
        "n_head": _whole("Attention heads; n_embd is a multiple of it.", model["n_head"], {"min": 1}),
        "n_embd": _whole("Channels of the residual stream.", model["n_embd"], limits["n_embd"]),
        "block_size": _whole("Context length in characters.", model["block_size"], limits["block_size"]),
    }
    return _fields(
        "Trains the model: buttons, readouts and the loss curve.",
        {
            "session": _session(),
            "seed": {
                "type": "string",
                "pattern": r"\S",
                "default": description["seed"],
                "description": "Decides the first weights, the batches and the samples; readers can type their own.",
                "x-form": "a word or two, in quotes where it looks like a number",
            },
            "iterations": _whole("Weight updates that the run plans for.", training["iterations"], {"min": 1}),
            "batch_size": _whole("Sequences per iteration.", training["batch_size"], limits["batch_size"]),
            "learning_rate": {
                "type": "number",
                "exclusiveMinimum": 0,
                "default": rate,
                "description": "Peak of the schedule, reached at the end of the warm-up.",
            },
            "warmup_iterations": _whole(
                "Iterations over which the rate climbs to its peak.", training["warmup_iterations"], {"min": 0}
            ),
            "model": _fields("The transformer's shape, in nanoGPT's names.", size),
            "corpus": {
                "type": "string",
                "pattern": r"\S",
                "description": "Name of the text to train on; left out, the text that the site was built with.",
                "x-form": "the name of a text",
            },
            "phases": {
                "type": "array",
                "items": {"type": "string", "pattern": r"\S", "x-form": "a few words"},
                "minItems": len(description["phases"]),
                "maxItems": len(description["phases"]),
                "description": "The four names that the phase label takes, from the first to the last; "
                f"left out, the text's own, usually {_listed(description['phases'])}.",
            },
        },
    )


def _listed(phases: list[str]) -> str:
    return ", ".join(f"“{phase}”" for phase in phases)


def _samples() -> Schema:
    return _fields(
        "Shows what the model of a runner writes while it learns.",
        {
            "session": _session() | {"description": "Name of the runner's session whose samples it shows."},
            "early": {
                "type": "boolean",
                "default": True,
                "description": "Whether short extra samples are taken before the first regular one.",
            },
        },
    )


def _speed(description: dict[str, Any]) -> Schema:
    training, limits = description["training"], description["limits"]
    return _fields(
        "Measures how fast the engines train the lesson's model in this tab, beside recorded speeds.",
        {"batch_size": _whole("Sequences per iteration.", training["batch_size"], limits["batch_size"])},
    )


def _prose(meaning: str) -> Schema:
    return {
        "type": "string",
        "pattern": r"\S",
        "description": f"{meaning} One paragraph of Markdown, with values as in the page's own text.",
        "x-form": "a sentence or two",
    }


def _quiz() -> Schema:
    option = _fields(
        "One of the answers.",
        {
            "text": _prose("The answer."),
            "correct": {"type": "boolean", "default": False, "description": "True for the one right answer."},
            "why": _prose("What a reader who chose it is told: why it is right, or what speaks against it."),
        },
    )
    fields = _fields(
        "A question: the reader answers first, and then reads why.",
        {
            "question": _prose("The question."),
            "options": {
                "type": "array",
                "items": option | {"required": ["text", "why"]},
                "minItems": 2,
                "maxItems": 6,
                "description": "The answers in the order in which they are shown.",
            },
        },
    )
    return fields | {"required": ["question", "options"]}


def _shapes() -> Schema:
    return _fields(
        "Textbook loss curves from docs/shapes.yml, drawn and described, each under a heading of its own.",
        {
            "only": {
                "type": "array",
                "items": {"type": "string", "pattern": r"\S", "x-form": "the name of a shape"},
                "minItems": 1,
                "description": "Names of the shapes to show, in this order; left out, all of them.",
            }
        },
    )


def _complete() -> Schema:
    return _fields(
        "The end of a lesson: where its run stands now, a mark that the browser remembers, and a way to print.",
        {"session": _session() | {"description": "Name of the runner's session that it tells of."}},
    )


def _replay() -> Schema:
    return _fields(
        "Plays a recorded run: its curve and its samples, at the reader's pace, without training anything.",
        {
            "run": {
                "type": "string",
                "pattern": r"\S",
                "description": "Name of the text whose recorded run is shown first; left out, the site's own text.",
                "x-form": "the name of a text in docs/recorded",
            }
        },
    )


def _presets() -> Schema:
    return _fields(
        "Ways to train a runner's model, good and bad, from docs/presets.yml: a button, a curve and a verdict each.",
        {
            "session": _session() | {"description": "Name of the runner's session whose text and model they have."},
            "presets": {
                "type": "array",
                "items": {"type": "string", "pattern": r"\S", "x-form": "the name of a preset"},
                "minItems": 1,
                "description": "Names of the presets to offer, in this order; left out, all of them.",
            },
        },
    )
