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
    # Whether it only follows from another mistake, which is reported. The page shows it; the list leaves it out.
    follows: bool = False

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


class Shared(str):
    """A message whose cause is elsewhere: see AuthorError.shared."""

    __slots__ = ()


class Follows(str):
    """A message that only follows from another mistake, which is reported: see AuthorError.follows."""

    __slots__ = ()


def told(errors: Iterable[AuthorError]) -> list[str]:
    """A message for each error. A shared cause is reported once, at its first place, with the other places below."""
    groups: dict[object, list[AuthorError]] = {}
    for number, error in enumerate(one for one in errors if not one.follows):
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
    """“did you mean ...?” if one of the allowed words is close, else a list of all of them. `what` is their plural."""
    allowed = list(allowed)
    close = closest(str(given), allowed, cutoff=0.6)
    if close:
        return f"did you mean “{close}”?"
    what = f"only {what.removesuffix('s')}" if len(allowed) == 1 else what
    return f"the {what} here: {', '.join(allowed)}"


Path = list[str | int]


def all_sentences(problems: Iterable[ValidationError]) -> list[tuple[Path, str]]:
    """Like `sentences`, for all that is wrong with a text. The fields that one place lacks share a sentence.

    A field counts as there if its name is only misspelt, which has a sentence of its own.
    """
    problems = [*problems]
    misspelt = {(*path, close) for one in problems for path, _, close in _unknown(one) if close}
    explained = {(*one.absolute_path,) for one in problems for _, key, _ in _unknown(one) if key in _reasons(one)}
    lacking: dict[tuple[str | int, ...], list[str]] = {}
    found = []
    for one in problems:
        if one.validator != "required":
            found += sentences(one)
            continue
        place, name = (*one.absolute_path,), _lacking(one)
        if place in explained:
            continue
        # What an “else” requires may not be needed once the misspelt field counts.
        beside = {path[-1] for path in misspelt if path[:-1] == place}
        instead = "else" in one.schema_path and bool(beside - {*one.validator_value})
        if name not in beside and not instead:
            lacking.setdefault(place, []).append(name)
    return [*found, *(([*place], missing(names, _named([*place]))) for place, names in lacking.items())]


def sentences(problem: ValidationError) -> list[tuple[Path, str]]:
    """A schema violation in words for an author: (path of the field, sentence) for each field concerned."""
    path = list(problem.absolute_path)
    if problem.validator == "required":
        return [(path, missing([_lacking(problem)], _name(problem)))]
    if problem.validator != "additionalProperties":
        return [(path, _sentence(problem))]
    known = problem.schema["properties"]
    inside = f" in {_name(problem)}" if path else ""
    why = _reasons(problem)
    return [
        ([*path, key], f"unknown field “{key}”{inside}; {why.get(key) or one_of('fields', key, known)}")
        for _, key, _ in _unknown(problem)
    ]


def _unknown(problem: ValidationError) -> list[tuple[Path, str, str | None]]:
    """The fields that the schema does not know: where, their name, and the name that was probably meant."""
    if problem.validator != "additionalProperties":
        return []
    known = problem.schema["properties"]
    path = list(problem.absolute_path)
    return [(path, key, closest(str(key), known, cutoff=0.6)) for key in problem.instance if key not in known]


def _reasons(problem: ValidationError) -> dict[str, str]:
    """What to say of unknown fields that an author might expect, by name."""
    return problem.schema.get("x-unknown", {})


def _lacking(problem: ValidationError) -> str:
    """The library reports each missing field separately, and names it only in its message."""
    return next(key for key in problem.validator_value if problem.message.startswith(f"{key!r} "))


def missing(names: list[str], inside: str = "") -> str:
    fields = f"field {names[0]} is" if len(names) == 1 else f"fields {', '.join(names[:-1])} and {names[-1]} are"
    return f"the {fields} missing{f' in {inside}' if inside else ''}"


def _sentence(problem: ValidationError) -> str:
    limit = problem.validator_value
    if problem.validator == "uniqueItems":
        return f"{_name(problem)} has {said(_twice(problem.instance))} twice; keep one of the two"
    wanted = {
        "type": lambda: f"it must be {_TYPES[limit]}" + _quoting(problem),
        "minimum": lambda: f"it must be at least {limit}",
        "maximum": lambda: f"it can be at most {limit}",
        "exclusiveMinimum": lambda: f"it must be above {limit}",
        "multipleOf": lambda: f"it must be a multiple of {limit}",
        "pattern": lambda: f"it must be {problem.schema.get('x-form', 'text')}",
        "minItems": lambda: f"it must have {_least(problem)}{_entries(limit)}",
        "maxItems": lambda: f"it must have {_most(problem)}{_entries(limit)}",
        "enum": lambda: _choice(problem.instance, limit),
    }.get(problem.validator)
    if wanted is None:
        raise NotImplementedError(f"no sentence for the schema's {problem.validator}: {problem.message}")
    return f"{_name(problem)} is {said(problem.instance)}; {wanted()}"


def _choice(given: Any, words: list[str]) -> str:
    close = closest(given, words, cutoff=0.6) if isinstance(given, str) else None
    quoted = [f"“{word}”" for word in words]
    choice = " or ".join(filter(None, [", ".join(quoted[:-1]), quoted[-1]]))
    return f"did you mean “{close}”?" if close else f"it must be {choice}"


def _twice(values: list[Any]) -> Any:
    """The first value that a list contains a second time."""
    return next((value for index, value in enumerate(values) if value in values[:index]), None)


def _entries(number: int) -> str:
    return "1 entry" if number == 1 else f"{number} entries"


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
    if isinstance(last, int):
        around = _named(outer)
        return f"entry {last + 1}" + (f" of {around}" if around else "")
    inside = len(path)
    while inside and isinstance(path[inside - 1], str):
        inside -= 1
    field = ".".join(map(str, path[inside:]))
    return f"{field} in {_named(path[:inside])}" if inside else field


def said(value: Any) -> str:
    """A value as messages name it, after “is”."""
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
        return ', and put quotes around one that begins with a value in braces: "{{ ... }}"'
    return f', so put it in quotes: "{said(value).strip("“”")}"'
