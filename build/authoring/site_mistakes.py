"""What a page, mkdocs.yml or a style sheet asks for and no reader gets: missing pages, other hosts' files, scripts."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files

from authoring import refused_content
from authoring.block_kinds import KINDS
from reading.author_errors import AuthorError
from reading.fences import comments, fences

OWN = "{} comes from elsewhere, and the pages' policy refuses that; copy the file into docs/ and name its path there"


def of(config: MkDocsConfig, files: Files) -> Iterator[AuthorError]:
    """What mkdocs.yml and the style sheets ask for, each with the line of its file."""
    written = Path(config.config_file_path).read_text(encoding="utf-8") if config.config_file_path else ""
    file = Path(config.config_file_path or "mkdocs.yml").name
    known = [page.src_uri for page in files.documentation_pages()]
    for target in _targets(config.nav):
        if re.match(r"[a-z][a-z0-9+.-]*:|/", target) or files.get_file_from_path(target) is not None:
            continue
        close = difflib.get_close_matches(target, known, 1)
        hint = f"did you mean {close[0]}?" if close else "delete the line, or bring the page back"
        yield AuthorError(file, _line(written, target), f"nav names {target}, which is not in docs/; {hint}")
    for name in (*config.extra_css, *config.extra_javascript):
        if refused_content.OUTSIDE.match(str(name)):
            yield AuthorError(file, _line(written, str(name)), OWN.format(name))
    docs = Path(config.docs_dir)
    for sheet in files.css_files():
        if sheet.abs_src_path and Path(sheet.abs_src_path).is_relative_to(docs):
            css = Path(sheet.abs_src_path).read_text(encoding="utf-8", errors="replace")
            yield from refused_content.errors(refused_content.in_styles(css), css, f"{docs.name}/{sheet.src_uri}")


def of_page(html: str, source: str, path: str) -> list[AuthorError]:
    """What of a page's HTML a browser would refuse; samples of code show such things and do not do them."""
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
