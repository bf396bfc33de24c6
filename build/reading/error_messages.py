"""What an author reads when a block is wrong: one sentence with the place, the problem and what to do.

Terms in all of build/: the name of an exception ends in `Error`. `AuthorError` has such a name too, but is collected
and never raised: it is a mistake with its file and line. A `Problem` (strict_yaml.py) is a mistake whose file is not
known yet. A *trouble* is a sentence about the site as a whole, shown at the top of every page. We do not say "failure"
or "fault".
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from jsonschema import ValidationError


@dataclass(frozen=True)
class AuthorError:
    path: str  # as the author knows it, such as docs/lessons/watch-it-learn.md
    line: int
    message: str
    # Whether its cause is elsewhere, such as a run that has not been recorded. Reported once for all its places.
    shared: bool = False

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


class Shared(str):
    """A message whose cause is elsewhere: see AuthorError.shared."""

    __slots__ = ()


def told(errors: Iterable[AuthorError]) -> list[str]:
    """A message for each error. A shared cause is reported once, at its first place, with the other places below."""
    groups: dict[object, list[AuthorError]] = {}
    for number, error in enumerate(errors):
        groups.setdefault(error.message if error.shared else number, []).append(error)
    return [_told(group) for group in groups.values()]


def _told(group: list[AuthorError]) -> str:
    first, others = group[0], dict.fromkeys((one.path, one.line) for one in group[1:])
    if not others:
        return str(first)
    lines: dict[str, list[str]] = {}
    for path, line in others:
        lines.setdefault(path, []).append(str(line))
    places = "; ".join(f"{path} on line {', '.join(numbers)}" for path, numbers in lines.items())
    return f"{first}\n    The same in {places}."


_PLACED = re.compile(r"(?P<file>[^\s:]+):(?P<line>\d+): (?P<message>.*)")


def annotations(errors: Iterable[str]) -> list[str]:
    """On GitHub, the workflow commands that show each error at its line of the file; elsewhere nothing."""
    if os.environ.get("GITHUB_ACTIONS") != "true":
        return []
    rows = (row for error in errors for row in error.split("\n"))
    placed = [found for row in rows if (found := _PLACED.fullmatch(row))]
    return [f"::error file={one['file']},line={one['line']}::{one['message'].replace('%', '%25')}" for one in placed]


_TYPES = {
    "integer": "a whole number",
    "number": "a number, such as 0.003 or 3e-3",
    "string": "text",
    "boolean": "true or false",
    "array": "a list",
    "object": "fields of its own, indented below it",
}


# Former names of blocks and fields, and today's names, which are spelt too differently to be found by spelling.
FORMER_NAMES = {"pathologies": "presets"}


def closest(given: str, allowed: Iterable[str], cutoff: float) -> str | None:
    """The allowed word that the author probably meant: one spelt similarly, or today's word for a former name."""
    names = {name: name for name in allowed}
    names |= {former: name for former, name in FORMER_NAMES.items() if name in names}
    close = difflib.get_close_matches(given.lower(), names, 1, cutoff)
    return names[close[0]] if close else None


def one_of(what: str, given: str, allowed: Iterable[str]) -> str:
    """“did you mean ...?” if one of the allowed words is close, else a list of all of them."""
    allowed = list(allowed)
    close = closest(str(given), allowed, cutoff=0.6)
    if close:
        return f"did you mean “{close}”?"
    return f"the {'only ' if len(allowed) == 1 else ''}{what} here: {', '.join(allowed)}"


def sentences(problem: ValidationError) -> list[tuple[list[str | int], str]]:
    """A schema violation in words for an author: (path of the field, sentence) for each field concerned."""
    path = list(problem.absolute_path)
    if problem.validator == "required":
        # The library reports each missing field separately, and names it only in its message.
        missing = next(key for key in problem.validator_value if problem.message.startswith(f"{key!r} "))
        return [(path, f"the field {missing} is missing{f' in {_name(problem)}' if path else ''}")]
    if problem.validator != "additionalProperties":
        return [(path, _sentence(problem))]
    known = problem.schema["properties"]
    inside = f" in {_name(problem)}" if path else ""
    unknown = [key for key in problem.instance if key not in known]
    return [([*path, key], f"unknown field “{key}”{inside}; {one_of('fields', key, known)}") for key in unknown]


def _sentence(problem: ValidationError) -> str:
    limit = problem.validator_value
    wanted = {
        "type": lambda: f"it must be {_TYPES[limit]}" + _quoting(problem),
        "minimum": lambda: f"it must be at least {limit}",
        "maximum": lambda: f"it can be at most {limit}",
        "exclusiveMinimum": lambda: f"it must be above {limit}",
        "multipleOf": lambda: f"it must be a multiple of {limit}",
        "pattern": lambda: f"it must be {problem.schema.get('x-form', 'text')}",
        "minItems": lambda: f"it must have {_least(problem)}{limit} entries",
        "maxItems": lambda: f"it must have {_most(problem)}{limit} entries",
    }.get(problem.validator)
    if wanted is None:
        raise NotImplementedError(f"no sentence for the schema's {problem.validator}: {problem.message}")
    return f"{_name(problem)} is {_said(problem.instance)}; {wanted()}"


def _least(problem: ValidationError) -> str:
    return "" if problem.schema.get("maxItems") == problem.validator_value else "at least "


def _most(problem: ValidationError) -> str:
    return "" if problem.schema.get("minItems") == problem.validator_value else "at most "


def _name(problem: ValidationError) -> str:
    return _named(list(problem.absolute_path))


def _named(path: list[str | int]) -> str:
    """A field by its path: model.n_layer, entry 2 of phases, why in entry 1 of options."""
    if not path:
        return ""
    *outer, last = path
    around = _named(outer)
    if isinstance(last, int):
        return f"entry {last + 1}" + (f" of {around}" if around else "")
    if not around:
        return last
    return f"{last} in {around}" if isinstance(outer[-1], int) else f"{around}.{last}"


def _said(value: Any) -> str:
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"the text “{value}”" if value.strip() else "empty"
    if isinstance(value, int | float):
        return f"{value}"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return "a group of fields" if isinstance(value, dict) else f"“{value}”"


def _quoting(problem: ValidationError) -> str:
    """How to quote a value that was meant as text, but that YAML read as a number, a date, a list or the like."""
    value = problem.instance
    if problem.validator_value != "string" or value is None:
        return ""
    if isinstance(value, list):
        return ', and one that begins with a bracket is put in quotes: "[...]"'
    if isinstance(value, dict):
        return ', and one that begins with a value in braces is put in quotes: "{{ ... }}"'
    return f', so put it in quotes: "{_said(value).strip("“”")}"'
