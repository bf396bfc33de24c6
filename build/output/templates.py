"""Caches compiled Jinja templates: MkDocs makes a new environment at each build, with `serve` at each edit."""

from __future__ import annotations

import traceback
from pathlib import Path
from types import CodeType

import jinja2
from jinja2.bccache import Bucket

from reading.error_messages import AuthorError


class KeptTemplates(jinja2.BytecodeCache):
    """Keeps each template's compiled code until its source changes."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, CodeType]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        checksum, code = self._known.get(bucket.key, (None, None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[bucket.key] = (bucket.checksum, bucket.code)


def mistake(problem: jinja2.TemplateError) -> AuthorError:
    """What is wrong with a template, at its file and line."""
    places = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(problem.__traceback__)]
    if isinstance(problem, jinja2.TemplateSyntaxError):
        places.append((problem.filename or "", problem.lineno))
    said = f"in a template: {(problem.message or type(problem).__name__).rstrip('.')}"
    for file, line in reversed(places):
        folder = next((folder for folder in Path(file).parents if folder.name == "overrides"), None)
        if folder and file.endswith((".html", ".xml")):
            return AuthorError(Path(file).relative_to(folder.parent).as_posix(), line, said)
    return AuthorError("overrides", 1, said)  # for example, a template that does not exist
