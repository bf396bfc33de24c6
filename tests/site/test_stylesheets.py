"""docs/stylesheets: which sheets there are, and the variables that they share with the charts and the templates.

Catches: a sheet not named after what it styles; a print rule outside the print sheet; a variable that is used but not
defined, so that its colour is missing; a variable that is no longer used; a sheet that pages do not load.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from authoring.block_kinds import KINDS

# Sheets for more than one block: the page, its boxes and the ways through it, what blocks share, curves, prose, the
# stage, the prediction before a run, questions about samples, runs that the browser keeps, and two for readers' own
# needs.
NAMED = {
    "site",
    "ask",
    "worksheet",
    "boxes",
    "sections",
    "shared",
    "choices",
    "curves",
    "prose",
    "stage",
    "prediction",
    "kept",
    "contrast",
    "print",
}
DEFINED = re.compile(r"(?<![\w-])(--(?:ps|site)-[\w-]+)\s*:")
USED = re.compile(r"var\((--(?:ps|site)-[\w-]+)")
# Scripts contain the full name of each variable that they read.
NAMED_IN_SCRIPTS = re.compile(r"(?<![\w-])(--ps-[\w-]+)")


def sheets(root: Path) -> dict[str, str]:
    return {path.stem: _without_comments(path) for path in sorted((root / "docs/stylesheets").glob("*.css"))}


def _without_comments(path: Path) -> str:
    return re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)


def variables(styles: Iterable[str], scripts: Iterable[str]) -> tuple[set[str], set[str]]:
    """Variables used but not defined, and variables defined but not used."""
    styles, scripts = list(styles), list(scripts)
    defined = {name for text in styles for name in DEFINED.findall(text)}
    used = {name for text in styles + scripts for name in USED.findall(text)}
    used |= {name for text in scripts for name in NAMED_IN_SCRIPTS.findall(text)}
    return used - defined, defined - used


def scripts(root: Path) -> list[str]:
    files = [path for part in ("engine", "overrides", "build") for path in (root / part).rglob("*")]
    return [path.read_text(encoding="utf-8") for path in files if path.suffix in (".ts", ".html", ".py")]


def test_sheets_are_named_after_blocks(root: Path) -> None:
    assert set(KINDS) >= set(sheets(root)) - NAMED
    assert set(sheets(root)) >= NAMED


def test_every_sheet_is_loaded_by_the_pages(root: Path) -> None:
    config = (root / "mkdocs.yml").read_text(encoding="utf-8")
    loaded = re.findall(r"^  - stylesheets/([\w-]+)\.css$", config, re.MULTILINE)
    assert sorted(set(loaded) - {"chart", "fonts"}) == sorted(sheets(root)), "chart and fonts are made by the build"
    assert loaded[-1] == "print", "paper has the last word"


def test_rules_for_paper_are_in_one_sheet(root: Path) -> None:
    assert [name for name, text in sheets(root).items() if "print" in re.findall(r"@media[^{]*\b(print)\b", text)] == [
        "print"
    ]


def test_every_variable_is_defined_and_used(root: Path) -> None:
    assert variables(sheets(root).values(), scripts(root)) == (set(), set())


@pytest.mark.parametrize(
    ("style", "script", "found"),
    [
        ("a { color: var(--ps-paper, transparent) }", "", ({"--ps-paper"}, set())),
        ("a { --ps-gone: red }", "", (set(), {"--ps-gone"})),
        ("a { --ps-train: red }", 'colour("--ps-train")', (set(), set())),
        ("a { --ps-train: red; color: var(--ps-train) }", 'size("--ps-train-width")', ({"--ps-train-width"}, set())),
        ("a { --site-ink: red; --ps-ink: var(--site-ink); color: var(--ps-ink) }", "", (set(), set())),
    ],
)
def test_a_variable_that_lacks_its_other_half_is_found(
    style: str, script: str, found: tuple[set[str], set[str]]
) -> None:
    assert variables([style], [script]) == found
