"""The fields at the head of a page, between two lines of `---`, held to be YAML.

MkDocs shows what it cannot read there as text, without a word, and takes a description with a colon in it for that.
"""

from __future__ import annotations

import re

import strict_yaml
from block_errors import AuthorError

_FIELDS = re.compile(r"\ufeff?---[ \t]*\n(?P<yaml>(?:.*\n)*?)(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
_OPEN = re.compile(r"\ufeff?---[ \t]*\n[A-Za-z_]+:")


def errors(source: str, path: str) -> list[AuthorError]:
    """What is wrong with the fields of the page with that source."""
    found = _FIELDS.match(source)
    if found is None:
        message = "the --- that opens them is never closed; add a line with --- alone below the last"
        return [_error(path, 1, message)] if _OPEN.match(source) else []
    try:
        values = strict_yaml.parse(found["yaml"])
    except strict_yaml.StrictYamlError as error:
        return [_error(path, 2 + error.problem.line, error.problem.message)]
    if values is None or isinstance(values, dict):
        return []
    return [_error(path, 2, "expected lines of the form “field: value”, such as “description: ...”")]


def _error(path: str, line: int, message: str) -> AuthorError:
    return AuthorError(path, line, f"in the page's fields: {message}")
