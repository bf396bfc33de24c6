"""The steps of .github/CONTRIBUTING.md, done as it says.

Catches: a lesson added by the guide that does not build, has a dead block or no place in the menu; a file or a command
that the guide names and the project no longer has.
"""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

GUIDE = ".github/CONTRIBUTING.md"


@pytest.fixture(scope="module")
def guide(root: Path) -> str:
    return (root / GUIDE).read_text(encoding="utf-8")


def section(guide: str, title: str) -> str:
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", guide, re.DOTALL | re.MULTILINE).group(1)


def code(text: str, language: str) -> str:
    """The content of the first fence in that language, without the indentation of the step that it belongs to."""
    found = re.search(rf"^ *(`{{3,}}){language}\n(.*?)^ *\1\n", text, re.DOTALL | re.MULTILINE)
    return textwrap.dedent(found.group(2))


def test_a_lesson_is_added_by_its_steps(guide: str, whole_project) -> None:
    steps = section(guide, "Add a lesson")
    page = re.search(r"Make `docs/(\S+\.md)`", steps).group(1)
    whole_project.write(page, code(steps, "markdown"))
    config = whole_project.folder / "mkdocs.yml"
    menu = config.read_text(encoding="utf-8")
    last = re.search(r"- Lessons:\n(?: +- .*\n)+?(?=  - )", menu).end()
    line = re.search(r"^ +(- .*)$", steps[steps.index("```yaml") :], re.MULTILINE).group(1)
    config.write_text(f"{menu[:last]}      {line}\n{menu[last:]}", encoding="utf-8")
    assert code(steps, "sh") == "python3 build site\n"
    result = whole_project.build("--strict")
    assert result.returncode == 0, result.stderr
    built = whole_project.page(page.replace(".md", ".html"))
    assert re.findall(r'data-ps="(\w+)"', built) == ["runner", "samples", "quiz"]
    assert f'href="{page.replace(".md", ".html")}"' in whole_project.page("index.html"), "it has its place in the menu"


def test_every_file_that_the_guide_names_is_there(guide: str, root: Path) -> None:
    named = set(re.findall(r"`((?:[\w.-]+/)+[\w.-]*)`", guide)) - {"docs/lessons/two-minutes.md"}
    assert len(named) > 20
    assert [name for name in named if not (root / name).exists()] == []


def test_every_command_that_the_guide_names_is_one(guide: str, root: Path) -> None:
    told = subprocess.run([sys.executable, str(root / "build"), "--help"], capture_output=True, text=True, check=True)
    known = re.search(r"serve \|[\w |]+", told.stdout).group().replace("|", " ").split()
    assert {*re.findall(r"python3 build (\w+)", guide)} <= {*known}
