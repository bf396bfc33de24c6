"""The fields of every widget block, defined once: their types, limits, defaults and meaning.

Each kind of block is a JSON Schema whose limits and defaults come from engine/model.json. The checks, the error
messages and the documentation's tables all read these schemas, so a new field is one entry here.
"""

from __future__ import annotations

from typing import Any

from authoring import instrument_fields, state_fields
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
        "experiment": _experiment(),
        "stored": _stored(),
        "instruments": _instruments(),
        "checkpoint": _checkpoint(),
        **state_fields.schemas(_fields, _session(), _prose),
        **instrument_fields.schemas(_fields, _session()),
        "talk": _talk(description),
        "twin-seeds": _twin_seeds(description),
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
            "predict": {
                "enum": ["curve", "end"],
                "description": "What readers may predict before the run: the whole curve, which they draw on the "
                "chart, or the number where it ends. Left out, they are not asked.",
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


def _stored() -> Schema:
    return _fields("Lists the runs that the reader's browser keeps for this site.", {})


def _prose(meaning: str) -> Schema:
    return {
        "type": "string",
        "pattern": r"\S",
        "description": f"{meaning} One paragraph of Markdown, with values as in the page's own text.",
        "x-form": "a sentence or two",
    }


# How well an answer fits the evidence, for a question without one right answer.
FITS = ("well", "partly", "poorly")


def _quiz() -> Schema:
    option = _fields(
        "One of the answers.",
        {
            "text": _prose("The answer."),
            "correct": {"type": "boolean", "default": False, "description": "True for the one right answer."},
            "why": _prose("What a reader who chose it reads: why it is right, or why it is wrong."),
            "fits": {
                "enum": list(FITS),
                "description": "In a question with a `name`, in place of `correct`: how well the evidence supports it.",
            },
            "for": _prose("In a question with a `name`, in place of `why`: the case for it."),
            "against": _prose("In a question with a `name`: the case against it."),
        },
    ) | {"required": ["text"]}
    fields = _fields(
        "A question: the reader answers first, and then reads why.",
        {
            "question": _prose("The question."),
            "options": {
                "type": "array",
                "items": option,
                "minItems": 2,
                "maxItems": 6,
                "description": "The answers in the order in which they are shown.",
            },
            "name": {
                "type": "string",
                "pattern": SESSION_NAME,
                "x-form": "a name of small letters, digits and hyphens that starts with a letter",
                "description": "Makes it a question that a later block asks again, and that has no right answer.",
            },
            "again": {
                "type": "string",
                "pattern": SESSION_NAME,
                "x-form": "the name of a question",
                "description": "Alone in its block: asks the question with that name again, and shows both answers.",
            },
        },
    )
    return fields | {
        "if": {"required": ["again"]},
        "else": {"required": ["question", "options"]},
    }


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
        "The end of a lesson: where its run stands, what the reader said, a mark of completion, and a way to print.",
        {"session": _session() | {"description": "Name of the runner's session that it reports."}},
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
            },
            "autoplay": {
                "type": "boolean",
                "default": False,
                "description": "True to play by itself once it is in view, except for readers who prefer less motion. "
                "Without JavaScript it then shows the last sample only.",
            },
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
            "ask": {
                "type": "boolean",
                "default": False,
                "description": "Covers what a preset does until the reader has named its curve.",
            },
            "mystery": {
                "type": "boolean",
                "default": False,
                "description": "Adds a button that trains one of the presets without saying which.",
            },
            "doctor": {
                "type": "string",
                "pattern": r"\.md$",
                "description": "The page whose `shapes` block describes the names; needs `ask` or `mystery`.",
                "x-form": "a page, such as ../reference/loss-curve-doctor.md",
            },
        },
    )


def _experiment() -> Schema:
    fields = _fields(
        "An experiment from docs/presets.yml: the recorded curves of its runs, side by side, to be trained again here.",
        {
            "session": _session() | {"description": "Name of the runner's session whose text and model the runs have."},
            "name": {
                "type": "string",
                "pattern": r"\S",
                "description": "Name of the experiment.",
                "x-form": "the name of an experiment",
            },
            "ask": {
                "type": "boolean",
                "default": False,
                "description": "Whether the curves stay covered until the reader has said which run ends lowest.",
            },
        },
    )
    return fields | {
        "required": ["name"],
        "x-unknown": {"experiment": "its name stands under name, as in “name: warm-up”"},
    }


def _instruments() -> Schema:
    return _fields(
        "The health of a run: how large gradients and updates are, for each group of weights at each milestone.",
        {
            "session": _session() | {"description": "Name of the runner's session whose run, text or model it shows."},
            "preset": {
                "type": "string",
                "pattern": r"\S",
                "description": "Name of the preset whose run it shows; left out, the run of the session.",
                "x-form": "the name of a preset",
            },
        },
    )


def _checkpoint() -> Schema:
    return _fields(
        "Saves a run as a file, whole or its weights alone, loads one, and shows the two hashes of the run.",
        {"session": _session() | {"description": "Name of the runner's session that it saves and loads."}},
    )


def _talk(description: dict[str, Any]) -> Schema:
    temperature = description["sampling"]["temperature"]
    return _fields(
        "Lets readers ask the model of a runner, as it is now and as it was at each of its samples.",
        {
            "session": _session() | {"description": "Name of the runner's session whose model answers first."},
            "prompt": {
                "type": "string",
                "description": "What the model continues, in characters of its text; readers can change it. Left out, "
                "the beginning of the validation text, from which the samples go on too.",
                "x-form": "a few words, in quotes",
            },
            "temperature": {
                "type": "number",
                "minimum": 0,
                "maximum": MOST_TEMPERATURE,
                "default": temperature,
                "description": "At 0 the model always writes the most probable character.",
            },
            "top_k": {
                "type": "integer",
                "minimum": 1,
                "description": "Only so many of the most probable characters can be drawn; left out, all of them.",
            },
            "characters": _whole("Length of an answer.", ANSWERED, {"min": 1, "max": MOST_ANSWERED}),
        },
    )


# A temperature above this draws almost evenly; engine/widgets/checkpoint/talk.ts has the same limits.
MOST_TEMPERATURE = 5
ANSWERED, MOST_ANSWERED = 200, 1000
# Iterations of twins: some seconds on a slow machine.
TWIN_ITERATIONS, MOST_TWIN_ITERATIONS = 40, 400


def _twin_seeds(description: dict[str, Any]) -> Schema:
    seed = description["seed"]
    return _fields(
        "Trains two seeds side by side, shows whether they are the same run, and compares a neighbour's file.",
        {
            "session": _session() | {"description": "Name of the runner's session whose text and model they have."},
            "seeds": {
                "type": "array",
                "items": {"type": "string", "pattern": r"\S", "x-form": "a word or two"},
                "minItems": 2,
                "maxItems": 2,
                "default": [seed, seed],
                "description": "The two seeds that stand there first; readers can type others.",
            },
            "iterations": _whole("How far both are trained.", TWIN_ITERATIONS, {"min": 1, "max": MOST_TWIN_ITERATIONS}),
        },
    )
