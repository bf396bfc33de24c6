"""The checks that a claim can name, as a table for the authors' guide: {{ claim_checks }}. Made from the checks."""

from __future__ import annotations

import inspect

from markupsafe import Markup

from claims.check import CHECKS, parameters

HEAD = "| check | parameters | what it checks |\n| --- | --- | --- |"


def table() -> Markup:
    """A row for each check. Parameters that may be left out stand in brackets."""
    return Markup("\n".join([HEAD, *map(_row, CHECKS)]))


def _row(name: str) -> str:
    schema = parameters(name)
    required = schema["required"]
    names = [f"`{one}`" for one in required] + [f"[`{one}`]" for one in schema["properties"] if one not in required]
    return f"| `{name}` | {', '.join(names)} | {' '.join(inspect.getdoc(CHECKS[name]).split())} |"
