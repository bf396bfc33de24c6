"""A presets block with `ask` before its script runs, and its link to the page that describes the names.

Catches: a label that the page shows before its script covers it; names that link to nothing; a page named wrongly that
is published; a lesson in one file with a link that leads out of it.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from authoring import presets, shapes
from output import single_file

LESSON, DOCTOR = "lessons/watch-it-learn.html", "reference/loss-curve-doctor.html"
BLOCK = "# x\n\n```runner\n```\n\n```presets\nask: true\nmystery: true\ndoctor: %s\n```\n"
LINK = re.compile(r'<p class="press-start ps-doctor">.*?<a href="([^"]*)">Loss Curve Doctor</a>', re.DOTALL)


def shown(html: str) -> str:
    """The block's list as HTML, without what only readers without a script see, and without the JSON."""
    (found,) = re.findall(r'<ul class="ps-preset-list".*?</ul>', html, re.DOTALL)
    return re.sub(r'<span class="ps-noscript">.*?</span>', "", found)


def test_labels_are_covered_before_the_script_runs(lesson_site: Path) -> None:
    html = (lesson_site / LESSON).read_text(encoding="utf-8")
    asked = [preset for preset in presets.read().by_name.values() if preset.change]
    assert [preset.label for preset in asked if preset.label in shown(html)] == []
    assert shown(html).count("<button") == len(presets.read().names)
    for preset in asked:
        assert f'<span class="ps-noscript">{preset.label}</span>' in html, "readers without a script are not asked"


def test_every_name_has_its_entry_behind_the_link(lesson_site: Path) -> None:
    (link,) = LINK.findall((lesson_site / LESSON).read_text(encoding="utf-8"))
    assert (lesson_site / LESSON).parent.joinpath(link).resolve() == (lesson_site / DOCTOR).resolve()
    doctor = (lesson_site / DOCTOR).read_text(encoding="utf-8")
    assert [name for name in shapes.read() if f'id="{name}"' not in doctor] == []


def test_in_one_file_nothing_leads_to_another_page(lesson_site: Path) -> None:
    whole = single_file.make(lesson_site, LESSON, lambda texts: "")
    (line,) = re.findall(r'<p class="press-start ps-doctor">.*?</p>', whole, re.DOTALL)
    assert "<a" not in line and "Loss Curve Doctor" in line


@pytest.mark.parametrize("page", ["missing.md", "../missing.md"])
def test_a_page_that_does_not_exist_is_reported_with_its_line(project, page: str) -> None:
    project.write("lessons/index.md", BLOCK % page)
    result = project.build("--strict")
    assert result.returncode != 0
    message = (
        f"docs/lessons/index.md:9: in a presets block: there is no page “{page}”; name it as a link from this page"
    )
    assert message in result.stderr


def test_an_authors_own_page_is_linked(project) -> None:
    project.write("curves.md", "# Curves\n\n```shapes\n```\n")
    project.write("lessons/mine.md", BLOCK % "../curves.md")
    project.write("index.md", "# x\n\n[mine](lessons/mine.md) [curves](curves.md)\n")
    result = project.build("--strict")
    assert result.returncode == 0, result.stderr
    assert LINK.findall(project.page("lessons/mine.html"))[0].startswith("../curves")
