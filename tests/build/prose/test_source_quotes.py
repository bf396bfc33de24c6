"""Quoted source is the source that runs; a missing quote is reported with what to do."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from prose.source_quotes import source
from prose.value_formats import UnprintableError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "engine").mkdir()
    lines = "a();\n  // quote begins: one\n  if (b < 1) {\n    c();\n  }\n  // quote ends\n"
    lines += "// quote begins: open\nd();\n"
    (tmp_path / "engine/x.ts").write_text(lines, encoding="utf-8")
    return tmp_path


def test_the_quoted_lines_are_all_and_alone_there(folder: Path) -> None:
    html = source(folder, "engine/x.ts", "one")
    code = html[html.index("<code>") : html.index("</pre>")]
    assert "\n" not in html, "it stands for a value in a line of Markdown"
    assert unescape(re.sub(r"<[^>]+>", "", code)) == "if (b < 1) {\n  c();\n}"


@pytest.mark.parametrize(
    ("path", "name", "said"),
    [
        ("engine/x.ts", "ome", "engine/x.ts has no quote “ome”; did you mean “one”?"),
        ("engine/x.ts", "open", "the quote “open” in engine/x.ts does not end"),
        ("engine/y.ts", "one", "there is no file engine/y.ts; did you mean “x.ts”?"),
        ("../secret.txt", "one", "quotes files of the folders engine, build and docs/snippets"),
        ("engine/../../secret.txt", "one", "quotes files of the folders engine, build and docs/snippets"),
    ],
)
def test_what_cannot_be_quoted_is_reported(folder: Path, path: str, name: str, said: str) -> None:
    with pytest.raises(UnprintableError, match=re.escape(said)):
        source(folder, path, name)


def test_the_lesson_shows_the_few_lines_that_pause_a_hidden_tab(root: Path) -> None:
    code = source(root, "engine/page.ts", "leaving-the-tab")
    assert code.count("&#10;") <= 5
    assert "hide" in code and "show" in code
