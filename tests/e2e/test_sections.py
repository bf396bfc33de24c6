"""The list of a lesson's sections, its ticks, and the links between pages that belong together.

Catches: a section that the list lacks; a list that covers the lesson's widest figures, or is there twice at one width;
a tick for a section that the reader has only jumped over, or none for one that is done; ticks that a reload forgets;
a page without a way back to the lesson.
"""

from __future__ import annotations

import pytest

from axe_rules import violations

LESSON, TRIAL, EXPERIMENT = "lessons/watch-it-learn.html", "trials/sections.html", "trials/sections-experiment.html"
TOGETHER = ["lessons/watch-it-learn.html", "reference/loss-curve-doctor.html", "teachers.html"]
# The widest figure, which the list must not narrow; Material enlarges its rem on wide screens.
FIGURE_REM, REM = 54, "parseFloat(getComputedStyle(document.documentElement).fontSize)"
TICKED = """[...document.querySelectorAll('.ps-sections-fold [data-section]')]
  .filter((link) => link.querySelector('.ps-tick')).map((link) => link.dataset.section)"""
OVERLAPS = """() => {
  const { left, right } = document.querySelector(".ps-sections-rail").getBoundingClientRect();
  return [...document.querySelectorAll(".md-content__inner > *")].map((one) => one.getBoundingClientRect())
    .filter((rect) => rect.width > 0 && rect.left < right && rect.right > left).length;
}"""


@pytest.mark.parametrize(
    "width", [360, 1760, *(pytest.param(width, marks=pytest.mark.full) for width in (1280, 1366, 1700, 1920))]
)
def test_the_sections_are_listed_once_and_cover_nothing(served: str, visit, width: int) -> None:
    page = visit.page
    page.set_viewport_size({"width": width, "height": 740})
    visit.go(f"{served}/{LESSON}")
    fold, rail = page.locator(".ps-sections-fold"), page.locator(".ps-sections-rail")
    headings = page.locator(".md-content h2").evaluate_all("(all) => all.map((one) => one.id)")
    assert len(headings) >= 5
    for listed in (fold, rail):
        assert listed.locator("a").evaluate_all("(all) => all.map((one) => one.hash.slice(1))") == headings
    assert (fold.is_visible(), rail.is_visible()) == (width < 1760, width >= 1760)
    if width >= 1760:
        assert page.evaluate(OVERLAPS) == 0
    assert page.locator(".md-content .ps-figure").first.bounding_box()["width"] == min(
        width - 32, FIGURE_REM * page.evaluate(REM)
    )
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.emulate_media(media="print")
    assert not fold.is_visible() and not rail.is_visible()


def test_the_fold_closes_when_the_reader_leaves_it(served: str, visit) -> None:
    page = visit.page
    visit.go(f"{served}/{TRIAL}")
    fold, summary = page.locator(".ps-sections-fold"), page.locator(".ps-sections-fold summary")
    for leave in ("Escape", "outside", "link"):
        summary.focus()
        page.keyboard.press("Enter")
        assert fold.locator("nav").is_visible()
        if leave == "Escape":
            page.keyboard.press("Escape")
        elif leave == "outside":
            page.mouse.click(5, 500)
        else:
            fold.get_by_role("link", name="Question").click()
        assert not fold.locator("nav").is_visible(), leave
    assert page.url.endswith("#question")
    assert visit.complaints == []


def test_a_section_is_ticked_once_it_is_done_and_stays_so(served: str, visit) -> None:
    page = visit.page
    page.set_viewport_size({"width": 1000, "height": 700})
    visit.go(f"{served}/{TRIAL}")
    assert visit.evaluate(TICKED) == [] and visit.text(".ps-sections-count").strip() == "0 of 4 done"
    page.evaluate("document.querySelector('#last').scrollIntoView()")
    page.wait_for_timeout(300)
    assert visit.evaluate(TICKED) == [], "jumped over, not read"
    page.evaluate("scrollTo(0, 0)")
    visit.press("Start")
    visit.wait_until(f"{TICKED}.join() === 'run'")
    page.locator(".ps-quiz label").first.click()
    page.get_by_role("button", name="Check my answer").click()
    page.wait_for_timeout(200)
    assert visit.evaluate(TICKED) == ["run"], "a wrong answer does not answer the question"
    page.locator(".ps-quiz label").nth(1).click()
    page.get_by_role("button", name="Check my answer").click()
    visit.wait_until(f"{TICKED}.join() === 'run,question'")
    for place in ("#reading", "#last"):
        page.evaluate(f"document.querySelector('{place}').scrollIntoView()")
        page.wait_for_timeout(200)
    visit.wait_until(f"{TICKED}.join() === 'run,question,reading'")
    assert page.locator(".ps-sections-fold .ps-tick").first.get_attribute("aria-label") == "done:"
    stored = visit.evaluate("JSON.parse(localStorage.getItem(`press-start:${location.pathname}:sections`))")
    assert stored[0] == "runner:main" and stored[1].startswith("quiz:"), "what was asked, not where it stands"
    visit.go(f"{served}/{TRIAL}")
    assert visit.evaluate(TICKED) == ["run", "question", "reading"]
    assert visit.text(".ps-sections-count").strip() == "3 of 4 done"
    assert visit.complaints == []


def test_the_section_with_an_experiment_asks_for_it(served: str, visit) -> None:
    """Its question is answered by choosing a run."""
    page = visit.page
    visit.go(f"{served}/{EXPERIMENT}")
    assert visit.evaluate(TICKED) == []
    page.get_by_role("button", name="This one").first.click()
    visit.wait_until(f"{TICKED}.join() === 'experiment'")
    assert visit.complaints == []


@pytest.mark.parametrize("scheme", [pytest.param("light", marks=pytest.mark.full), "dark"])
def test_axe_finds_nothing_in_the_open_fold_and_the_rail(served: str, visit, scheme: str) -> None:
    page = visit.page
    page.emulate_media(color_scheme=scheme)
    visit.go(f"{served}/{TRIAL}")
    visit.press("Start")
    visit.wait_until(f"{TICKED}.join() === 'run'")
    page.locator(".ps-sections-fold summary").click()
    assert violations(page) == []
    page.set_viewport_size({"width": 1920, "height": 1080})
    assert page.locator(".ps-sections-rail .ps-tick").is_visible()
    assert violations(page) == []


def test_without_a_script_the_sections_are_plain_links(served: str, chromium) -> None:
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 720})
    page = context.new_page()
    page.goto(f"{served}/{LESSON}")
    page.locator(".ps-sections-fold summary").click()
    link = page.locator(".ps-sections-fold a").last
    target = link.get_attribute("href").split("#")[1]
    link.click()
    assert page.url.endswith(f"#{target}") and page.locator(f"[id='{target}']").is_visible()
    context.close()


def test_pages_that_belong_together_link_to_each_other(served: str, visit) -> None:
    page = visit.page
    for own in TOGETHER:
        page.goto(f"{served}/{own}")
        nav = page.locator(".ps-neighbours")
        urls = nav.locator("a").evaluate_all("(all) => all.map((one) => one.href)")
        assert {f"{served}/{other}" for other in TOGETHER if other != own} <= {*urls}
        assert nav.locator("[aria-current=page]").count() == 1 and f"{served}/{own}" not in urls
        assert page.locator(".ps-neighbours").is_visible()
