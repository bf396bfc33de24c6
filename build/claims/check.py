"""How a check is written: a function whose parameters, with their types, are what `with` may hold in docs/claims.yml.

A check takes the facts and answers Found: whether the claim holds, and what it found, for the message. The types name
the schemas below; a parameter without a default must be given.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reading.strict_yaml import Schema

Figure = Any  # as figures.py describes it
Curve = str
Iterations = list[int]
Stretch = list[int]  # the first and the last iteration
Count = int  # of points, letters or the like
Pattern = str  # a regular expression
Words = list[str]
Table = dict[str, Any]  # figures by name

TEXT: Schema = {"type": "string", "pattern": r"\S", "x-form": "text"}
ITERATION: Schema = {"type": "integer", "minimum": 0}
SCHEMAS: dict[str, Schema] = {
    "Figure": {},  # figures.py says what is wrong with one
    "Curve": TEXT | {"x-form": "the path of a curve"},
    "str": TEXT,
    "Pattern": TEXT,
    "float": {"type": "number"},
    "int": ITERATION,
    "Count": {"type": "integer", "minimum": 1, "maximum": 10_000},
    "bool": {"type": "boolean"},
    "Stretch": {"type": "array", "items": ITERATION, "minItems": 2, "maxItems": 2},
    "Iterations": {"type": "array", "items": ITERATION, "minItems": 1},
    "Words": {"type": "array", "items": TEXT | {"pattern": r"(?s:.)"}, "minItems": 1},  # a character may be a space
    "Table": {"type": "object"},
}


@dataclass(frozen=True)
class Found:
    holds: bool
    said: str  # what was found, for a message after “... is not so: ”


Check = Callable[..., Found]
CHECKS: dict[str, Check] = {}


def check(function: Check) -> Check:
    """Adds a check under its own name."""
    CHECKS[function.__name__] = function
    return function


def parameters(name: str) -> Schema:
    """The JSON Schema of a check's parameters."""
    given = [*inspect.signature(CHECKS[name]).parameters.values()][1:]  # without the facts
    return {
        "type": "object",
        "properties": {one.name: SCHEMAS[one.annotation.removesuffix(" | None")] for one in given},
        "required": [one.name for one in given if one.default is inspect.Parameter.empty],
        "additionalProperties": False,
    }
