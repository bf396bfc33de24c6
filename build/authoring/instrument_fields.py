"""The fields of the blocks that show the inside of a run; block_fields.py has those of all other blocks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reading.strict_yaml import Schema
from texts import rungs

Fields = Callable[[str, dict[str, Schema]], Schema]
# Models that count, which a block can compare a run with: all but the uniform one, which counts nothing.
COUNTING = [*rungs.NAMES][1:]


def schemas(fields: Fields, session: Schema) -> dict[str, Schema]:
    """The JSON Schema of each kind. `fields` makes that of a group of fields."""
    own = session | {"description": "Name of the runner's session that it shows."}
    return {
        "surprise": _surprise(fields, session),
        "attention": _attention(fields, own),
        "copies": fields(
            "For a runner of the text echo: losses of first writings and copies, and the best prefix-match score.",
            {"session": own},
        ),
    }


def _surprise(fields: Fields, session: Schema) -> Schema:
    compare: dict[str, Any] = {
        "enum": COUNTING,
        "default": "trigram",
        "description": "The model that counts, with which the run is compared first; readers can choose another.",
    }
    return fields(
        "How much each character of one line surprises the model of a runner, at each milestone of its run.",
        {"session": session | {"description": "Name of the runner's session that it shows."}, "compare": compare},
    )


def _attention(fields: Fields, session: Schema) -> Schema:
    score: dict[str, Any] = {
        "enum": ["previous", "prefix"],
        "default": "previous",
        "description": "Which score decides what head is shown first: the highest previous-character score, or the "
        "highest prefix-match score.",
    }
    moments: dict[str, Any] = {
        "type": "integer",
        "minimum": 2,
        "default": 6,
        "description": "At most so many milestones of the recorded run are in the page, the first and the last among "
        "them; each adds about 10 KB.",
    }
    return fields(
        "Where the attention heads of a runner's model look on one line, at each milestone of its run.",
        {"session": session, "score": score, "moments": moments},
    )
