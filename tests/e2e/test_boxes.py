"""Boxes, tables and code in running text.

Catches: a box in Material's own colours, in either scheme; a table in smaller type than the prose, or that scrolls
sideways on a phone; code that is cut off there; a copy button on two lines; names of lines that overlap on a chart.
"""

from __future__ import annotations

import pytest

LESSON, GUIDE = "lessons/watch-it-learn.html", "authoring.html"
COLOURS = """() => {
  const box = document.querySelector(".md-content details:not([class*=ps-])"), summary = box.querySelector("summary");
  const probe = document.body.appendChild(document.createElement("span"));
  probe.style.color = "var(--site-accent)";
  const accent = getComputedStyle(probe).color, { borderLeftColor, borderTopColor } = getComputedStyle(box);
  probe.style.color = "var(--site-rule)";
  const rule = getComputedStyle(probe).color;
  probe.remove();
  return { left: borderLeftColor === accent, top: borderTopColor === rule,
    title: getComputedStyle(summary).backgroundColor, sign: getComputedStyle(summary, "::before").display };
}"""
SIZES = """() => {
  const size = (one) => parseFloat(getComputedStyle(one).fontSize);
  return [size(document.querySelector(".md-content__inner > p:not(.lead)")),
    size(document.querySelector(".md-content table:not([class])"))];
}"""
WIDER = """(selector) => [...document.querySelectorAll(selector)]
  .filter((one) => one.scrollWidth > one.clientWidth + 1 || one.getBoundingClientRect().right > innerWidth)
  .map((one) => one.textContent.slice(0, 60))"""


@pytest.mark.parametrize("scheme", [pytest.param("light", marks=pytest.mark.full), "dark"])
def test_boxes_have_the_colours_of_the_site(served: str, visit, scheme: str) -> None:
    visit.page.emulate_media(color_scheme=scheme)
    visit.page.goto(f"{served}/{LESSON}")
    visit.page.wait_for_timeout(300)
    looks = visit.page.evaluate(COLOURS)
    assert looks == {"left": True, "top": True, "title": "rgba(0, 0, 0, 0)", "sign": "none"}


def test_the_tables_of_the_lesson_read_like_its_prose_and_fit_a_phone(served: str, visit) -> None:
    page = visit.page
    page.goto(f"{served}/{LESSON}")
    prose, table = page.evaluate(SIZES)
    assert table == pytest.approx(prose, abs=0.1)
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate(SIZES)[1] >= 0.9 * page.evaluate(SIZES)[0] and page.evaluate(SIZES)[1] >= 15
    assert page.evaluate(WIDER, ".md-content .md-typeset__scrollwrap") == []
    assert page.evaluate(WIDER, ".md-content pre > code") == []


def test_code_in_the_guides_is_whole_on_a_phone(served: str, visit) -> None:
    visit.page.set_viewport_size({"width": 360, "height": 740})
    for path in (GUIDE, "teachers.html"):
        visit.page.goto(f"{served}/{path}")
        assert visit.page.evaluate(WIDER, ".md-content pre > code") == [], path


def test_copy_is_one_line(served: str, visit) -> None:
    visit.page.set_viewport_size({"width": 360, "height": 740})
    visit.go(f"{served}/trials/tiny.html")
    visit.press("Start")
    visit.wait("session.samples.length > 2")
    copies = visit.page.locator(".ps-copy")
    assert copies.count() > 0
    rows = "(all) => all.map((one) => { const r = document.createRange(); r.selectNodeContents(one); return r; })"
    rows += ".map((range) => new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size)"
    assert set(copies.evaluate_all(rows)) == {1}
