"""The guide for contributors, followed to the letter.

Catches: a step of "Add a lesson" that no longer leads to a page with a live widget; a guide that names a file that was moved.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from reading.fences import fences
from playwright.sync_api import Browser

GUIDE = ".github/CONTRIBUTING.md"
GUIDES = [GUIDE, "README.md", "engine/README.md", "engine/wgsl/README.md"]
# A path in running text or in code; those with such a word are for the reader to make.
PATH = re.compile(r"(?<![\w/.])(?:build|docs|engine|overrides|tests|\.github)/[\w./*-]*\.\w+")
EXAMPLE = re.compile("tally|first-words")


def add_a_lesson(root: Path) -> tuple[list[str], dict[str, str]]:
    """The recipe's lines, and what its code blocks hold, by their language."""
    text = (root / GUIDE).read_text(encoding="utf-8")
    rows = re.search(r"^## Add a lesson\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)[1].splitlines()
    shown = [(fence.opening.info, "\n".join(fence.content)) for fence in fences(rows)]
    assert [language for language, _ in shown] == ["markdown", "yaml", "sh"], "a file, a line of the menu, a command"
    return rows, dict(shown)


def test_whoever_follows_add_a_lesson_has_a_lesson(root: Path, whole_project, chromium: Browser) -> None:
    rows, shown = add_a_lesson(root)
    said = "\n".join(rows)
    file = re.search(r"Make `(docs/[^`]+)`", said)[1]
    menu = whole_project.folder / re.search(r"In `([^`]+)` the first of these lines is already there", said)[1]
    page = whole_project.folder / re.search(r"Open `([^`]+)` and press Start", said)[1]

    (whole_project.folder / file).write_text(shown["markdown"] + "\n", encoding="utf-8")
    there, new = shown["yaml"].splitlines()
    # An author who has followed the guide already has this very lesson.
    before = menu.read_text(encoding="utf-8").replace(f"{new}\n", "")
    assert before.splitlines().count(there) == 1, f"{menu.name} has no line {there!r}"
    menu.write_text(before.replace(f"{there}\n", f"{there}\n{new}\n"), encoding="utf-8")
    program, *arguments = shlex.split(shown["sh"])
    assert program == "python3"
    result = subprocess.run(
        [sys.executable, *arguments],
        cwd=whole_project.folder,
        env=whole_project.environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
    )
    assert result.returncode == 0, result.stderr

    tab = chromium.new_page()
    tab.goto(page.as_uri())
    kinds = re.findall(r"^```(\w+)$", shown["markdown"], re.MULTILINE)
    for kind in kinds:
        tab.locator(f".ps-mounted[data-ps={kind}]").wait_for()
    assert "runner" in kinds
    start = tab.get_by_role("button", name="Start", exact=True)
    assert start.is_enabled()
    title = new.split(":")[0].strip("- ")
    tab.goto((page.parent.parent / "index.html").as_uri())
    assert tab.locator(".md-nav__link", has_text=title).count() == 1


@pytest.mark.parametrize("guide", GUIDES)
def test_every_file_that_a_guide_names_is_there(guide: str, root: Path) -> None:
    text = (root / guide).read_text(encoding="utf-8")
    named = {root / path for path in PATH.findall(text) if not EXAMPLE.search(path)}
    linked = {(root / guide).parent / to for to in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in to}
    assert named | linked
    assert [str(path) for path in named | linked if not any(path.parent.glob(path.name))] == []
