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
# Of the prose and its tables. The tables inside a block have the smaller type of that block.
SIZES = """() => {
  const size = (one) => parseFloat(getComputedStyle(one).fontSize);
  const tables = [...document.querySelectorAll(".md-content table:not([class]):not(figure *)")];
  return [size(document.querySelector(".md-content__inner > p:not(.lead)")), ...new Set(tables.map(size))];
}"""
WIDER = """(selector) => [...document.querySelectorAll(selector)]
  .filter((one) => one.scrollWidth > one.clientWidth + 1 || one.getBoundingClientRect().right > innerWidth)
  .map((one) => one.textContent.slice(0, 60))"""
# Blocks fold away tables of many columns. These may scroll, but in a place of their own that the keyboard reaches.
LOOSE = """async () => {
  const folded = [...document.querySelectorAll("figure details")].filter((one) => one.querySelector("table"));
  for (const one of folded) one.open = true;
  await new Promise((drawn) => setTimeout(drawn, 200)); // a block fills its table when it is opened
  const tables = folded.flatMap((one) => [...one.querySelectorAll("table")]);
  const loose = tables.filter((table) => {
    const place = table.closest("[role=region][tabindex='0']") ?? table;
    return place.getBoundingClientRect().right > innerWidth;
  });
  return { tables: tables.length, loose: loose.map((one) => one.textContent.slice(0, 60)) };
}"""
# How many lines each copy button takes, asked in one step: while the run goes on, it replaces buttons.
ROWS = """() => [...document.querySelectorAll(".ps-copy")].map((one) => {
  const range = document.createRange();
  range.selectNodeContents(one);
  return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size;
})"""


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
    prose, table = page.evaluate(SIZES)  # one size for all of them
    assert table == pytest.approx(prose, abs=0.1)
    page.set_viewport_size({"width": 360, "height": 740})
    prose, table = page.evaluate(SIZES)
    assert table >= 0.9 * prose and table >= 15
    assert page.evaluate(WIDER, ".md-content .md-typeset__scrollwrap:not(figure *)") == []
    page.wait_for_selector(".ps-surprise.ps-mounted")
    folded = page.evaluate(LOOSE)
    assert folded["tables"] >= 3 and folded["loose"] == []
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
    assert set(visit.page.evaluate(ROWS)) == {1}
