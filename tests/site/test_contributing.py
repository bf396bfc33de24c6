"""The guide for contributors, followed to the letter.

Catches: a step of "Add a lesson" that no longer leads to a page with a live widget; a step of "Add a readout" after
which the number does not reach the page; a guide that names a file that has moved.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from reading.fences import fences
from system import deno_program

GUIDE = ".github/CONTRIBUTING.md"
GUIDES = [GUIDE, "README.md", "engine/README.md", "engine/wgsl/README.md"]
# A path in running text or in code; paths with one of these words are for the reader to create.
PATH = re.compile(r"(?<![\w/.])(?:build|docs|engine|overrides|tests|\.github)/[\w./*-]*\.\w+")
EXAMPLE = re.compile("tally|first-words")


def recipe(root: Path, heading: str) -> list[str]:
    """The lines under a heading of the guide."""
    text = (root / GUIDE).read_text(encoding="utf-8")
    return re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)[1].splitlines()


def add_a_lesson(root: Path) -> tuple[list[str], dict[str, str]]:
    """The recipe's lines, and the contents of its code blocks by language."""
    rows = recipe(root, "Add a lesson")
    shown = [(fence.opening.info, "\n".join(fence.content)) for fence in fences(rows)]
    assert [language for language, _ in shown] == ["markdown", "yaml", "sh"], "a file, a line of the menu, a command"
    return rows, dict(shown)


def test_following_add_a_lesson_gives_a_lesson(root: Path, whole_project, chromium: Browser) -> None:
    rows, shown = add_a_lesson(root)
    said = "\n".join(rows)
    file = re.search(r"Make `(docs/[^`]+)`", said)[1]
    menu = whole_project.folder / re.search(r"In `([^`]+)` the first of these lines is already there", said)[1]
    page = whole_project.folder / re.search(r"Open `([^`]+)` and press Start", said)[1]

    (whole_project.folder / file).write_text(shown["markdown"] + "\n", encoding="utf-8")
    there, new = shown["yaml"].splitlines()
    # An author who has already followed the guide has this lesson.
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


def readout_edits(root: Path) -> dict[str, list[tuple[str, str]]]:
    """The changes of "Add a readout": for each file, old lines and new lines."""
    steps = re.findall(r"^\*\*\d\.\*\* `([^`]+)`.*?^```diff\n(.*?)^```$", said(root), re.DOTALL | re.MULTILINE)
    edits = {}
    for file, diff in steps:
        hunks = [hunk.strip("\n").splitlines() for hunk in re.split("^@@$", diff, flags=re.MULTILINE)]
        edits[file] = [
            tuple("".join(f"{line[1:]}\n" for line in hunk if line[0] in kept) for kept in (" -", " +"))
            for hunk in hunks
        ]
    return edits


def said(root: Path) -> str:
    return "\n".join(recipe(root, "Add a readout"))


def follow_add_a_readout(root: Path, folder: Path) -> None:
    """Makes the recipe's edits in a copy of the project. Each place that it shows must occur exactly once."""
    edits = readout_edits(root)
    assert said(root).count("```diff") == len(edits) <= 6, "an edit without its file, or too many files"
    for file, hunks in edits.items():
        text = (folder / file).read_text(encoding="utf-8")
        for before, after in hunks:
            assert text.count(before) == 1, f"{file} no longer has these lines, once:\n{before}"
            text = text.replace(before, after)
        (folder / file).write_text(text, encoding="utf-8")


PAGE = """# A run

```runner
iterations: 5
warmup_iterations: 1
model: {n_layer: 1, n_head: 2, n_embd: 16, block_size: 16}
```
"""


@pytest.mark.full
def test_following_add_a_readout_shows_it_on_the_page(root: Path, whole_project, chromium: Browser) -> None:
    folder = whole_project.folder
    follow_add_a_readout(root, folder)
    config = (folder / "mkdocs.yml").read_text(encoding="utf-8")
    config = config[: config.index("nav:")] + config[config.index("theme:") :]
    (folder / "mkdocs.yml").write_text(config, encoding="utf-8")
    for page in (folder / "docs").rglob("*.md"):
        page.unlink()
    whole_project.write("index.md", PAGE)
    text = folder / "small.txt"
    text.write_text("To be, or not to be: that is the question.\n" * 40, encoding="utf-8")
    whole_project.environment["PRESS_START_CORPUS"] = str(text)
    result = whole_project.build()
    assert result.returncode == 0, result.stderr

    tab = chromium.new_page()
    tab.goto((folder / "site/index.html").as_uri())
    readout = tab.locator(".ps-mounted [data-readout='largest gradient']")
    assert readout.text_content() == "–"
    before_the_script = re.findall(r'<dt>([^<]+)</dt><dd class="ps-value"', whole_project.page("index.html"))
    assert tab.locator(".ps-mounted .ps-readout dt").all_text_contents() == before_the_script
    tab.evaluate("pressStart.sessions.main.prefer('cpu')")
    tab.get_by_role("button", name="Start", exact=True).click()
    expect(readout).to_have_text(re.compile(r"^0\.\d+$"))
    told = tab.evaluate("pressStart.sessions.main.last_report.largest_gradients.at(-1)")
    assert told > 0


@pytest.mark.full
def test_what_add_a_readout_adds_passes_types_lints_and_format(root: Path, whole_project) -> None:
    follow_add_a_readout(root, whole_project.folder)
    for check in (["check", "--frozen", "--cached-only", "engine"], ["lint"], ["fmt", "--check"]):
        result = deno_program.run(*check, root=whole_project.folder, capture_output=True, text=True, encoding="utf-8")
        assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("guide", GUIDES)
def test_every_file_that_a_guide_names_is_there(guide: str, root: Path) -> None:
    text = (root / guide).read_text(encoding="utf-8")
    named = {root / path for path in PATH.findall(text) if not EXAMPLE.search(path)}
    linked = {(root / guide).parent / to for to in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in to}
    assert named | linked
    assert [str(path) for path in named | linked if not any(path.parent.glob(path.name))] == []
