"""Checks that the fields at the head of a page, between two lines of `---`, are YAML.

MkDocs silently shows what it cannot read there as text; a colon in a description is enough.
"""

from __future__ import annotations

import re

from reading import invisible, strict_yaml
from reading.error_messages import AuthorError

_FIELDS = re.compile(r"\ufeff?---[ \t]*\n(?P<yaml>(?:.*\n)*?)(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
_OPEN = re.compile(r"\ufeff?---[ \t]*\n[A-Za-z_]+:")
# Lines meant to open the fields that do not: other dashes, too many or too few, hidden characters, blank lines before.
_MEANT = re.compile(
    r"(?P<before>\s*)(?P<marks>[\u2010-\u2015\u2212-]{1,9})[ \t]*\n"
    r"(?:description|title|hide|template|icon|status|tags|search):"
)


def errors(source: str, path: str) -> list[AuthorError]:
    """What is wrong with the fields of the page with this source."""
    found = _FIELDS.match(source)
    if found is None and not _OPEN.match(source):
        meant = _MEANT.match(invisible.seen(source.removeprefix("\ufeff")))
        if meant is None:
            return []
        line = meant["before"].count("\n") + 1
        hidden = invisible.named(source.split("\n")[line - 1])
        message = "the first line of the file must be --- alone"
        return [_error(path, line, f"{message}; {hidden}" if hidden else message)]
    if found is None:
        message = "the --- that opens them is never closed; add a line with only --- below the last field"
        return [_error(path, 1, message)]
    try:
        values = strict_yaml.parse(found["yaml"])
    except strict_yaml.StrictYamlError as error:
        return [_error(path, 2 + one.line, one.message) for one in error.problems]
    if values is None or isinstance(values, dict):
        hidden = [key for key in values or () if invisible.SOME.search(str(key))]
        unread = [
            strict_yaml.Problem(strict_yaml.line_of(values, [key]), f"no field is called “{key}”") for key in hidden
        ]
        lost = strict_yaml.with_hidden([*strict_yaml.losses(found["yaml"]), *unread], found["yaml"])
        return [_error(path, 2 + one.line, one.message) for one in lost]
    return [_error(path, 2, "expected lines of the form “field: value”, such as “description: ...”")]


def _error(path: str, line: int, message: str) -> AuthorError:
    return AuthorError(path, line, f"in the page's fields: {message}")
