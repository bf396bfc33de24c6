"""The teachers' page lists what links can do, and the program does it.

Catches: a control or a preset that the page lists and links do not support, or the reverse.
"""

from __future__ import annotations

import html
import re
from pathlib import Path

from authoring import presets


def test_the_page_lists_what_a_link_can_choose(lesson_site: Path, root: Path) -> None:
    page = html.unescape((lesson_site / "teachers.html").read_text(encoding="utf-8"))
    rows = {
        row[0]: row[1]
        for row in re.findall(r"<td><code[^>]*>\?(\w+)=[^<]*</code></td>\s*<td>(.*?)</td>", page, re.DOTALL)
    }
    assert set(rows) == {"seed", "corpus", "preset", "hide"}
    source = (root / "engine/widgets/shared/link_state.ts").read_text(encoding="utf-8")
    hideable = re.findall(r'"(\w+)"', re.search(r"HIDEABLE = \[(.*?)\]", source)[1])
    named = re.findall(r"<code[^>]*>([\w-]+)</code>", rows["hide"])
    assert named == hideable
    styles = (root / "docs/stylesheets/shared.css").read_text(encoding="utf-8")
    assert re.findall(r'\[data-hide~="(\w+)"\]', styles) == hideable
    assert re.findall(r"<code[^>]*>([\w-]+)</code>", rows["preset"]) == presets.read(root).names
