"""Reads docs/claims.yml, the claims that pages make, strictly. Each is a sentence of a page and a check of it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from claims import curve_checks, head_checks, line_checks, text_checks
from claims.check import CHECKS, parameters
from reading import plain_text, strict_yaml
from reading.error_messages import AuthorError, one_of
from reading.strict_yaml import Schema
from system.project import ROOT

FILE = "docs/claims.yml"
TEXT = "TEXT"  # in `with`: the name of each of the claim's `texts`, one after the other
PARAMETER = "with."  # how a path under `altered` begins that names a parameter
CHECK_FILES = (curve_checks, head_checks, line_checks, text_checks)  # imported so that their checks are known


class ClaimsError(Exception):
    """docs/claims.yml cannot be used; `errors` says why, each with its line."""

    def __init__(self, errors: list[AuthorError]) -> None:
        super().__init__("\n".join(str(error) for error in errors))
        self.errors = errors


@dataclass(frozen=True)
class Claim:
    page: str  # its path in docs/
    says: str
    check: str
    given: dict[str, Any]  # the parameters of the check, `with` in the file
    altered: tuple[str, Any]  # the path of one fact or parameter, and a value for which the claim is false
    texts: tuple[str, ...]
    line: int

    @property
    def place(self) -> str:
        return f"{FILE}:{self.line}"

    def variants(self) -> list[dict[str, Any]]:
        """The parameters, once for each of the claim's texts."""
        return [_with_text(self.given, name) for name in self.texts] or [self.given]

    def with_parameter(self, path: str, value: Any) -> Claim:
        """The claim with another value of the parameter that a path under `altered` names. Raises KeyError."""
        given = copy.deepcopy(self.given)
        *outer, last = path.removeprefix(PARAMETER).split(".")
        group = given
        for step in outer:
            group = group[step]
        if last not in group:
            raise KeyError(last)
        group[last] = value
        return Claim(self.page, self.says, self.check, given, self.altered, self.texts, self.line)


@dataclass(frozen=True)
class Unclaimed:
    """A sentence that speaks of a run and needs no claim, and why."""

    page: str
    says: str
    because: str
    line: int

    @property
    def place(self) -> str:
        return f"{FILE}:{self.line}"


@dataclass(frozen=True)
class Claims:
    claims: list[Claim]
    unclaimed: list[Unclaimed]


def read(docs: Path = ROOT / "docs") -> Claims:
    """The claims of the pages in `docs`; none if it has no such file. Raises ClaimsError."""
    path = docs / Path(FILE).name
    if not path.exists():
        return Claims([], [])
    text, line, wrong = plain_text.read_file(path)
    if wrong:
        raise ClaimsError([_error(line - 1, wrong)])
    return parse(text)


@lru_cache(maxsize=2)  # `serve` reads the same text again at every edit
def parse(text: str) -> Claims:
    """Like `read`, from the file's text. Raises ClaimsError."""
    try:
        values = strict_yaml.parse(text)
    except strict_yaml.StrictYamlError as error:
        raise ClaimsError([_error(one.line, one.message) for one in error.problems]) from error
    if not isinstance(values, dict):
        raise ClaimsError([_error(0, "expected two fields, claims and unclaimed")])
    found = [_error(one.line, one.message) for one in strict_yaml.problems(values, schema(values), text)]
    found += [] if found else _clashes(values)
    if found:
        raise ClaimsError(sorted(found, key=lambda error: error.line))
    plain = strict_yaml.plain(values)

    def line(group: str, index: int) -> int:
        return strict_yaml.line_of(values, [group, index]) + 1

    claims = [_claim(entry, line("claims", index)) for index, entry in enumerate(plain["claims"])]
    left = [Unclaimed(**entry, line=line("unclaimed", index)) for index, entry in enumerate(plain["unclaimed"])]
    return Claims(claims, left)


def schema(values: Any = None) -> Schema:
    """The file's JSON Schema; the parameters of each claim of `values` are those of the check that it names."""
    words = {"type": "string", "pattern": r"\S", "x-form": "a few words"}
    texts = {"type": "array", "items": words, "minItems": 1}
    usual = {"page": words, "says": words, "check": words, "with": {"type": "object"}, "altered": {"type": "object"}}
    entries = values.get("claims") if isinstance(values, dict) else None
    each = []
    for entry in entries if isinstance(entries, list) else []:
        name = entry.get("check") if isinstance(entry, dict) else None
        known = isinstance(name, str) and name in CHECKS
        each.append(_group({**usual, "with": parameters(name) if known else {"type": "object"}, "texts": texts}, usual))
    claims = {"type": "array", "prefixItems": each}
    left = {"type": "array", "items": _group(dict.fromkeys(("page", "says", "because"), words))}
    return _group({"claims": claims, "unclaimed": left})


def _group(properties: dict[str, Schema], required: dict[str, Schema] | None = None) -> Schema:
    needed = [*(properties if required is None else required)]
    return {"type": "object", "properties": properties, "required": needed, "additionalProperties": False}


def _clashes(values: Any) -> Iterator[AuthorError]:
    """What the schema cannot check: an unknown check, an alteration of nothing or of too much, a claim made twice."""
    seen: dict[str, int] = {}
    for index, entry in enumerate(values["claims"]):

        def line(*path: str, index: int = index) -> int:
            return strict_yaml.line_of(values, ["claims", index, *path])

        name, altered = entry["check"], entry["altered"]
        if name not in CHECKS:
            yield _error(line("check"), f"there is no check “{name}”; {one_of('checks', name, CHECKS)}")
        for parameter in [one for one, value in entry["with"].items() if value is None]:
            yield _error(line("with", parameter), f"{parameter} in with is empty; give it a value, or remove it")
        if len(altered) != 1:
            yield _error(line("altered"), f"altered has {len(altered)} figures; it needs one, with its other value")
        key = repr(strict_yaml.plain({**entry, "altered": None}))
        if key in seen:
            yield _error(line(), f"this claim occurs twice, first in line {seen[key] + 1}; delete one of them")
        seen.setdefault(key, line())


def _claim(entry: dict[str, Any], line: int) -> Claim:
    ((path, value),) = entry["altered"].items()
    texts = tuple(entry.get("texts", ()))
    return Claim(entry["page"], entry["says"], entry["check"], entry["with"], (path, value), texts, line)


def _error(line: int, message: str) -> AuthorError:
    return AuthorError(FILE, max(line, 0) + 1, message)


def _with_text(value: Any, name: str) -> Any:
    if isinstance(value, str):
        return value.replace(TEXT, name)
    if isinstance(value, list):
        return [_with_text(part, name) for part in value]
    if isinstance(value, dict):
        return {_with_text(key, name): _with_text(part, name) for key, part in value.items()}
    return value
