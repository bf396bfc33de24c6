"""Reads authors' YAML strictly: no duplicate keys, no surprise types, and the line of every problem.

For widget blocks, docs/shapes.yml, docs/presets.yml and others. Lines are counted from 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from reading import invisible, yaml_marks
from reading.error_messages import all_sentences

Schema = dict[str, Any]  # a JSON Schema


@dataclass(frozen=True)
class Problem:
    line: int
    message: str


class StrictYamlError(Exception):
    """The text cannot be read as YAML; `problems` say why, each with its line."""

    def __init__(self, problem: Problem, text: str) -> None:
        super().__init__(problem.message)
        self.problems = with_hidden([problem], text)


@lru_cache(maxsize=512)
def parse(text: str) -> Any:
    """The YAML with its line numbers, for `line_of`, `problems` and `plain`. Raises StrictYamlError.

    Never change the result: it is cached, because `serve` reads the same text again at every edit.
    """
    yaml = YAML(typ="rt", pure=True)
    try:
        return yaml.load(text)
    except MarkedYAMLError as error:
        misread = None if "duplicate key" in str(error.problem) else yaml_marks.refusal(error, text)
        if misread:
            raise StrictYamlError(Problem(misread.line, misread.message), text) from error
        mark = error.problem_mark or error.context_mark
        line = min(mark.line, text.count("\n")) if mark else 0
        raise StrictYamlError(Problem(line, _yaml_problem(error)), text) from error
    except YAMLError as error:
        raise StrictYamlError(Problem(-1, f"this is not YAML: {str(error).splitlines()[0]}"), text) from error


def problems(values: Any, schema: Schema, text: str) -> list[Problem]:
    """Everything in the parsed `values` that the schema refuses, and everything in `text` that YAML dropped or misread.

    What the schema says about a line that YAML misread is left out: it only follows from that. The line is -1 if the
    text as a whole lacks something.
    """
    lost = losses(text)
    wrong = Draft202012Validator(schema).iter_errors(values)
    found = [Problem(line_of(values, path), sentence) for path, sentence in all_sentences(wrong)]
    found += _unbounded(values, [], values)
    lines = {problem.line for problem in lost}
    return with_hidden(lost + [problem for problem in found if problem.line not in lines], text)


@lru_cache(maxsize=512)
def losses(text: str) -> list[Problem]:
    """What YAML dropped from the text, or read as something else, without an error."""
    return [Problem(misread.line, misread.message) for misread in yaml_marks.losses(text)]


def with_hidden(found: list[Problem], text: str) -> list[Problem]:
    """The problems, with any invisible or look-alike characters that may be their cause."""
    lines = text.split("\n")
    found = [Problem(one.line, _with_alike(one, lines)) for one in found]
    if not found or not invisible.SOME.search(text):
        return found
    told = {problem.line for problem in found}
    hidden = [row for row, line in enumerate(lines) if row not in told and invisible.in_the_frame(line)]
    found = [Problem(one.line, _with_hidden(one.message, lines[max(one.line, 0)])) for one in found]
    return found + [Problem(row, invisible.named(lines[row])) for row in hidden]


def _with_hidden(message: str, line: str) -> str:
    name = invisible.named(line)
    return message if not name or name in message else f"{message}; {name}"


def _with_alike(problem: Problem, lines: list[str]) -> str:
    """Adds a look-alike character as a possible cause.

    YAML may report the line of the mistake, the one above it or the one below it, so all three are searched.
    """
    rows = [row for row in (problem.line, problem.line - 1, problem.line + 1) if 0 <= row < len(lines)]
    names = [(row, invisible.alike(lines[row])) for row in rows]
    row, name = next((one for one in names if one[1]), (0, ""))
    if not name or name in problem.message:
        return problem.message
    place = {0: "", -1: "in the line above, ", 1: "in the line below, "}[row - problem.line]
    return f"{problem.message}; {place}{name}"


def line_of(values: Any, path: Sequence[str | int]) -> int:
    """The line of the deepest part of `path` that exists in the YAML, or -1 if no part does."""
    line = -1
    for step in path:
        places = getattr(getattr(values, "lc", None), "data", None) or {}
        if step not in places:
            break
        line = places[step][0]
        values = values[step]
    return line


def plain(values: Any) -> Any:
    """The parsed YAML as ordinary dicts, lists, numbers and strings, for JSON."""
    if isinstance(values, dict):
        return {str(key): plain(value) for key, value in values.items()}
    if isinstance(values, list):
        return [plain(value) for value in values]
    for kind in (bool, int, float, str):
        if isinstance(values, kind):
            return kind(values)
    return values


def filled(schema: Schema, values: dict[str, Any]) -> dict[str, Any]:
    """The values, and the defaults of the fields that they leave out."""
    full = defaults(schema) | values
    for name, field_schema in schema["properties"].items():
        if "properties" in field_schema:
            full[name] = filled(field_schema, values.get(name, {}))
    return full


def defaults(schema: Schema) -> dict[str, Any]:
    """Every field's default, nested as in the block. Fields without one are left out."""
    values: dict[str, Any] = {}
    for name, field in schema["properties"].items():
        if "properties" in field:
            values[name] = defaults(field)
        elif "default" in field:
            values[name] = field["default"]
    return values


def _unbounded(values: Any, path: list[str | int], root: Any) -> list[Problem]:
    """Reports NaN and infinity: JSON has neither, and a schema's limits let NaN pass."""
    if isinstance(values, float) and not math.isfinite(values):
        name = ".".join(str(step) for step in path)
        return [Problem(line_of(root, path), f"{name} is {values}; it must be an ordinary number")]
    steps = values.items() if isinstance(values, dict) else enumerate(values) if isinstance(values, list) else ()
    return [problem for step, value in steps for problem in _unbounded(value, [*path, step], root)]


def _yaml_problem(error: MarkedYAMLError) -> str:
    problem = str(error.problem)
    if "\\t" in problem:
        return "the line is indented with a tab; YAML allows only spaces"
    if "duplicate key" in problem:
        name = problem.split('"')[1] if '"' in problem else ""
        return f"the field {name} is given twice; keep one of the two lines"
    if "mapping values are not allowed" in problem:
        return "there is one colon too many; put the value in quotes if the colon belongs to it"
    if "another document" in problem:
        return "the line “---” or “...” ends the fields, but more follow; remove it"
    return f"this is not YAML: {problem}"
