"""Whatever a schema refuses, an author reads a sentence.

Catches: a new keyword of a schema that ends in a traceback, a misspelt field that is reported twice.
"""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from authoring import presets, shapes
from authoring.block_fields import schemas
from claims import claims_file
from claims.check import CHECKS, parameters
from model.model_json import read_description
from reading.error_messages import all_sentences, one_of
from reading.strict_yaml import Schema
from recorded import report_cards
from system.project import ROOT

DESCRIPTION = read_description(ROOT)
SCHEMAS = {
    **schemas(DESCRIPTION),
    "presets.yml": presets.schema(DESCRIPTION),
    "shapes.yml": shapes.schema(),
    "claims.yml": claims_file.schema({"claims": [{"check": "lies"}]}),
    **{f"check {name}": parameters(name) for name in CHECKS},
    "report card": report_cards.SCHEMA,
}
# These describe, or only hold other schemas.
SILENT = {"description", "default", "properties", "items", "prefixItems", "if", "then", "else"}
# A value and a schema of each keyword that refuses it.
REFUSED: dict[str, tuple[Any, Schema]] = {
    "type": (1, {"type": "string"}),
    "minimum": (1, {"minimum": 2}),
    "maximum": (3, {"maximum": 2}),
    "exclusiveMinimum": (0, {"exclusiveMinimum": 0}),
    "multipleOf": (3, {"multipleOf": 2}),
    "pattern": ("", {"pattern": "x"}),
    "minItems": ([], {"minItems": 1}),
    "maxItems": ([1, 2], {"maxItems": 1}),
    "uniqueItems": ([1, [2], [2]], {"uniqueItems": True}),
    "enum": (1, {"enum": ["a", "b", "c"]}),
    "required": ({}, {"required": ["a", "b"]}),
    "additionalProperties": ({"z": 1}, {"properties": {"a": {}}, "additionalProperties": False}),
}


def keywords(schema: Any) -> set[str]:
    """The keywords of a JSON Schema and of those inside it."""
    if not isinstance(schema, dict):
        return set()
    inside = [*schema.get("properties", {}).values(), *schema.get("prefixItems", [])]
    inside += [schema[name] for name in ("items", "if", "then", "else") if name in schema]
    if isinstance(schema.get("additionalProperties"), dict):
        inside.append(schema["additionalProperties"])
    return {name for name in schema if not name.startswith("x-")}.union(*map(keywords, inside))


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_keyword_of_a_schema_has_its_sentence(name: str) -> None:
    assert keywords(SCHEMAS[name]) - SILENT <= {*REFUSED}


@pytest.mark.parametrize("keyword", REFUSED)
def test_what_a_keyword_refuses_is_one_sentence(keyword: str) -> None:
    value, schema = REFUSED[keyword]
    ((path, words),) = sentences({"x": value}, {"properties": {"x": schema}})
    assert path[0] == "x" and len(words) > 12


def sentences(value: Any, schema: Schema) -> list[tuple[list[str | int], str]]:
    return all_sentences(Draft202012Validator(schema).iter_errors(value))


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"nmae": "x", "size": 1}, ["unknown field “nmae”; did you mean “name”?"]),
        ({"nmae": "x"}, ["unknown field “nmae”; did you mean “name”?", "the field size is missing"]),
        ({}, ["the fields name and size are missing"]),
        ({"colour": 1, "size": 1}, ["unknown field “colour”; leave it to the page"]),
        ({"zzz": 1, "size": 1}, ["unknown field “zzz”; the fields here: name, size", "the field name is missing"]),
    ],
)
def test_a_mistake_is_told_once(value: Any, told: list[str]) -> None:
    schema: Schema = {
        "properties": {"name": {}, "size": {}},
        "required": ["name", "size"],
        "additionalProperties": False,
        "x-unknown": {"colour": "leave it to the page"},
    }
    assert [words for _, words in sentences(value, schema)] == told


def test_known_names_are_listed() -> None:
    assert one_of("names", "x", ["alpha"]) == "the only name here: alpha"
    assert one_of("names", "x", ["alpha", "beta"]) == "the names here: alpha, beta"
    assert one_of("names", "alpa", ["alpha", "beta"]) == "did you mean “alpha”?"
