"""The fields of the blocks that show a run's state; block_fields.py has those of all other blocks."""

from __future__ import annotations

from collections.abc import Callable

from reading.strict_yaml import Schema

Fields = Callable[[str, dict[str, Schema]], Schema]
Prose = Callable[[str], Schema]
# Ways to go on from a checkpoint, as engine/headless/record_checkpoint.ts names them: without a part of the state.
WAYS = ("no-moments", "no-m", "no-v", "no-iteration", "weights-only", "other-seed")
SHOWN = {
    "weights": "Pictures of a model's weights: of the recorded run, and of the reader's own now.",
    "file-bytes": "A run's checkpoint, byte by byte, with its parts named.",
    "one-bit": "Flips one bit of one weight in a run's checkpoint, and shows what the page and the model make of it.",
}


def schemas(fields: Fields, session: Schema, prose: Prose) -> dict[str, Schema]:
    """The JSON Schema of each kind. The functions make those of a group of fields, and of an author's prose."""
    own = session | {"description": "Name of the runner's session that it shows."}
    return {kind: fields(words, {"session": own}) for kind, words in SHOWN.items()} | {
        "resumes": _resumes(fields, session, prose)
    }


def _resumes(fields: Fields, session: Schema, prose: Prose) -> Schema:
    part = fields(
        "What a checkpoint may hold.",
        {
            "text": prose("The part."),
            "needed": {"type": "boolean", "default": False, "description": "Whether a checkpoint must hold it."},
            "why": prose("What readers read once they have answered: why it must be there, or why not."),
        },
    ) | {"required": ["text", "why"]}
    return fields(
        "A recorded run that goes on from its checkpoint with parts of it missing: a curve for each way.",
        {
            "session": session | {"description": "Name of the runner's session that readers let go on so themselves."},
            "ways": {
                "type": "array",
                "items": {"enum": list(WAYS)},
                "minItems": 1,
                "description": "The ways to show, in this order, besides going on with the whole file; left out, all.",
            },
            "question": prose("Asked before the curves are shown: which of the parts must a checkpoint hold?"),
            "parts": {
                "type": "array",
                "items": part,
                "minItems": 2,
                "maxItems": 14,
                "description": "With `question`: the parts to choose from.",
            },
            "live": {
                "type": "boolean",
                "default": False,
                "description": "Whether readers can let their own run go on, from the file and from its weights.",
            },
        },
    )
