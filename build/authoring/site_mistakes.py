"""What a page, mkdocs.yml or a style sheet requests in vain: missing pages, other hosts' files, refused scripts."""

from __future__ import annotations

import difflib
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any

from authoring import refused_content
from authoring.block_kinds import KINDS
from reading.error_messages import AuthorError
from reading.fences import comments, fences

OWN = "{} comes from elsewhere, which the pages' policy refuses; copy the file into docs/ and use its path there"


@dataclass(frozen=True)
class Asked:
    """What mkdocs.yml requests, and which files exist."""

    config_file: Path | None
    nav: Any
    assets: Sequence[str]  # the style sheets and scripts of every page
    pages: Sequence[str]  # each by its path in docs/
    files: Container[str]
    sheets: Mapping[str, Path]  # an author's own, by the path that the author knows


def of(asked: Asked) -> Iterator[AuthorError]:
    """What mkdocs.yml and the style sheets request but readers would not get, each with its file and line."""
    written = asked.config_file.read_text(encoding="utf-8") if asked.config_file else ""
    file = asked.config_file.name if asked.config_file else "mkdocs.yml"
    for target in _targets(asked.nav):
        if re.match(r"[a-z][a-z0-9+.-]*:|/", target) or PurePath(target).as_posix() in asked.files:
            continue
        close = difflib.get_close_matches(target, asked.pages, 1)
        hint = f"did you mean {close[0]}?" if close else "delete the line, or bring the page back"
        yield AuthorError(file, _line(written, target), f"nav names {target}, which is not in docs/; {hint}")
    for name in asked.assets:
        if refused_content.OUTSIDE.match(name):
            yield AuthorError(file, _line(written, name), OWN.format(name))
    for name, path in asked.sheets.items():
        css = path.read_text(encoding="utf-8", errors="replace")
        yield from refused_content.errors(refused_content.in_styles(css), css, name)


def of_page(html: str, source: str, path: str) -> list[AuthorError]:
    """What a browser would refuse in a page's HTML. Code samples only show such things, so they are skipped."""
    found = refused_content.in_page(html)
    if not found:
        return []
    rows = source.split("\n")
    samples = [(fence.first, fence.last) for fence in fences(rows) if fence.opening.info not in KINDS]
    literal = {row for first, last in [*samples, *comments(rows)] for row in range(first, last + 1)}
    errors = refused_content.errors(found, source, path, literal)
    return [replace(error, message=f"in the text: {error.message}") for error in errors]


def _targets(nav: Any) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
    for part in nav.values() if isinstance(nav, dict) else nav if isinstance(nav, list) else ():
        yield from _targets(part)


def _line(text: str, words: str) -> int:
    return text[: max(text.find(words), 0)].count("\n") + 1
