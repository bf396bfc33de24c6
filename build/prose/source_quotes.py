"""Quotes a few lines of the project's own source in prose, from the file that runs.

In the source, two comments enclose the lines: `quote begins: NAME` and `quote ends`. A page quotes them with
{{ source("engine/page.ts", "NAME") }}.
"""

from __future__ import annotations

import re
import textwrap
from pathlib import Path, PurePosixPath

from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_for_filename
from pygments.util import ClassNotFound

from prose.value_formats import UnprintableError
from reading.error_messages import one_of

BEGINS = re.compile(r"^\s*(?://|#|/\*|;)\s*quote begins: (?P<name>[a-z0-9-]+)\s*(?:\*/)?\s*$")
ENDS = re.compile(r"^\s*(?://|#|/\*|;)\s*quote ends\s*(?:\*/)?\s*$")
# Only folders that are published anyway, so that a page cannot show other files of the author's machine.
FOLDERS = ("engine", "build", "docs/snippets")


def source(root: Path, path: str, name: str) -> Markup:
    """The lines between the two comments as highlighted HTML on one line. Raises UnprintableError."""
    lines = textwrap.dedent("\n".join(_quoted(_read(root, path), path, name))).split("\n")
    code = highlight("\n".join(lines), _lexer(path), HtmlFormatter(nowrap=True)).rstrip("\n")
    language = PurePosixPath(path).suffix.lstrip(".")
    # On one line, and without characters that a page could read as a formula or as code.
    one_line = code.replace("\n", "&#10;").replace("$", "&#36;").replace("`", "&#96;")
    return Markup(
        f'<figure class="ps-source"><div class="language-{language} highlight"><pre><code>{one_line}</code></pre></div>'
        f"<figcaption><code>{path}</code></figcaption></figure>"
    )


def _read(root: Path, path: str) -> str:
    parts = PurePosixPath(path).parts
    if ".." in parts or not any(PurePosixPath(path).is_relative_to(folder) for folder in FOLDERS):
        *most, last = FOLDERS
        raise UnprintableError(f"source(...) quotes files of the folders {', '.join(most)} and {last}, and not {path}")
    try:
        return (root / path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        siblings = sorted(file.name for file in (root / path).parent.glob("*.*"))
        raise UnprintableError(f"there is no file {path}; {one_of('files', parts[-1], siblings)}") from None


def _quoted(text: str, path: str, name: str) -> list[str]:
    lines = text.split("\n")
    begins = {match["name"]: index for index, line in enumerate(lines) if (match := BEGINS.match(line))}
    if name not in begins:
        way_out = one_of("quotes", name, begins) if begins else f"add a comment “quote begins: {name}” above the lines"
        raise UnprintableError(f"{path} has no quote “{name}”; {way_out}")
    first = begins[name] + 1
    end = next((index for index in range(first, len(lines)) if ENDS.match(lines[index])), None)
    if end is None:
        raise UnprintableError(f"the quote “{name}” in {path} does not end; add a comment “quote ends” below its lines")
    return lines[first:end]


def _lexer(path: str):  # noqa: ANN202 (Pygments has no types)
    try:
        return get_lexer_for_filename(path)
    except ClassNotFound:
        return get_lexer_for_filename("x.txt")
