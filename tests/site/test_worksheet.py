"""The teacher's pack: a worksheet to print, what to expect on it, and a short run for slow machines.

Catches: a worksheet that spills onto a third page, prints the site's frame or a dark page, or has no room to write; an
answer that quotes no recording; a short run as long as the lesson's own.
"""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from authoring import presets

A4 = {"width": 794, "height": 1123}  # CSS pixels
MARGINS = 2 * 60  # about 16 mm at the top and at the bottom
PAGE = re.compile(rb"/Type\s*/Page\b")


@pytest.fixture
def paper(chromium_of_all: Browser, lesson_site: Path):
    context = chromium_of_all.new_context(viewport=A4, color_scheme="dark")
    page = context.new_page()
    page.goto((lesson_site / "teachers/worksheet.html").as_uri())
    yield page
    context.close()


def test_the_worksheet_prints_on_two_pages(paper) -> None:
    margin = dict.fromkeys(("top", "right", "bottom", "left"), "16mm")  # wider than most browsers' own
    assert len(PAGE.findall(paper.pdf(format="A4", margin=margin))) == 2


def test_each_page_has_room_to_spare_and_nothing_but_the_worksheet(paper) -> None:
    paper.emulate_media(media="print", color_scheme="light")
    first, second = (paper.locator(f".ps-sheet >> nth={at}").bounding_box() for at in (0, 1))
    heading = paper.locator("h1").bounding_box()
    room = A4["height"] - MARGINS
    assert first["y"] + first["height"] - heading["y"] < room
    assert second["height"] < room
    for frame in (".md-header", ".md-footer", ".md-sidebar", ".ps-neighbours"):
        assert paper.locator(f"{frame}:visible").count() == 0, frame


def test_there_is_room_to_write(paper) -> None:
    paper.emulate_media(media="print", color_scheme="light")
    assert paper.locator(".ps-blank").count() >= 10
    empty = paper.locator(".ps-sheet td:empty")
    heights = empty.evaluate_all("(cells) => cells.map((cell) => cell.getBoundingClientRect().height)")
    assert len(heights) >= 15 and min(heights) > 30
    assert paper.locator(".ps-sheet-axes").bounding_box()["width"] > 500


def test_the_worksheet_begins_at_the_loss_of_an_even_guess(lesson_site: Path, corpus) -> None:
    sheet = html.unescape((lesson_site / "teachers/worksheet.html").read_text(encoding="utf-8"))
    assert f"{corpus.rungs()['uniform']:.2f}" in sheet


def test_the_answers_quote_every_presets_recorded_verdict(lesson_site: Path, root: Path, corpus) -> None:
    answers = html.unescape((lesson_site / "teachers/answers.html").read_text(encoding="utf-8"))
    for name in presets.read(root).names:
        recording = json.loads((root / f"docs/recorded/preset-{corpus.name}-{name}.json").read_text(encoding="utf-8"))
        assert recording["verdict"]["words"] in answers, name


def test_the_short_run_is_a_fifth_of_the_lessons(lesson_site: Path, root: Path) -> None:
    page = (lesson_site / "teachers/short-floor.html").read_text(encoding="utf-8")
    islands = [json.loads(found) for found in re.findall(r'<script type="application/json">(.*?)</script>', page)]
    runner = next(island for island in islands if island["kind"] == "runner")
    whole = json.loads((root / "engine/model.json").read_text(encoding="utf-8"))["training"]["iterations"]
    assert runner["corpus"] == "play-machine" and 5 * runner["training"]["iterations"] == whole
