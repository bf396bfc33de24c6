"""The fields of a block, or of a file in docs/, as a table in a page: {{ fields_of("runner") }}.

Made from the schemas that check what authors write, so the guide cannot describe a field that the build refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from markupsafe import Markup

from prose.value_formats import UnprintableError, escaped, number
from reading.error_messages import one_of
from reading.strict_yaml import Schema

HEAD = "| field | what it takes | left out | what it is |\n| --- | --- | --- | --- |"
PLAIN = {"string": "text", "boolean": "`true` or `false`", "object": "fields of its own"}


def fields_of(name: str, schemas: Mapping[str, Schema]) -> Markup:
    """The table of one schema as Markdown. Raises UnprintableError."""
    if name not in schemas:
        raise UnprintableError(f"nothing with fields is called “{name}”; {one_of('names', name, schemas)}")
    rows = ["| " + " | ".join(row) + " |" for row in _rows(_members(schemas[name]), "")]
    return Markup("\n".join([HEAD, *rows]))


def _members(schema: Schema) -> Schema:
    """The schema whose fields to list: for a list, that of one entry."""
    return schema["items"] if schema.get("type") == "array" else schema


def _rows(schema: Schema, prefix: str) -> Iterator[tuple[str, str, str, str]]:
    for name, field in schema["properties"].items():
        yield (
            f"`{prefix}{name}`",
            _taken(field),
            _left_out(name, field, schema.get("required", ())),
            escaped(field.get("description", "")),
        )
        inner = _members(field)
        if "properties" in inner:
            yield from _rows(inner, f"{prefix}{name}.")


def _taken(field: Schema) -> str:
    kinds = field.get("type", "string")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    told = [_kind(kind, field) for kind in kinds if kind != "null"]
    return " or ".join([*told, *(["`null`"] if "null" in kinds else [])])


def _kind(kind: str, field: Schema) -> str:
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    if kind in ("integer", "number"):
        return _number(kind, field)
    if kind == "array":
        return _list(field)
    return escaped(field["x-form"]) if "x-form" in field else PLAIN[kind]


def _number(kind: str, field: Schema) -> str:
    words = "a whole number" if kind == "integer" else "a number"
    low, high, above = (field.get(name) for name in ("minimum", "maximum", "exclusiveMinimum"))
    if low is not None and high is not None:
        words += f" from {number(low)} to {number(high)}"
    elif low is not None:
        words += f" of {number(low)} or more"
    elif above is not None:
        words += f" above {number(above)}"
    return words + (f", in steps of {field['multipleOf']}" if "multipleOf" in field else "")


def _list(field: Schema) -> str:
    least, most = field.get("minItems"), field.get("maxItems")
    if least is not None and least == most:
        return f"a list of {least}"
    if least is not None and most is not None:
        return f"a list of {least} to {most}"
    return "a list"


def _left_out(name: str, field: Schema, required: Any) -> str:
    if name in required:
        return "not possible"
    if "default" not in field:
        return ""
    value = field["default"]
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, list):
        return escaped(", ".join(map(str, value)))
    return f"`{number(value) if isinstance(value, int | float) else value}`"


def for_pages(schemas: Mapping[str, Schema]) -> Callable[[str], Markup]:
    """`fields_of` in the form in which pages call it."""
    return lambda name: fields_of(name, schemas)
