"""One line's surprise, character by character, at each milestone of a run and of the recorded one.

Catches: numbers other than the engine's, a milestone that is missed, a block that forgets the reader's choice or shows
a run that was reset; a line that only a mouse can ask about, that a phone cuts off, or that paper and readers without
JavaScript do not get.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from axe_rules import assert_nothing_found, violations
from output import single_file

OWN, RECORDED = "trials/surprise.html", "trials/lesson-surprise.html"
PHONE = {"width": 360, "height": 740}
# What the block's table says of the model.
COLUMN = "[...document.querySelectorAll('.ps-surprise tbody tr')].map((row) => row.cells[1].textContent)"
SLIDER = "Milestone of the run"
# Of the observation at an index: the surprises and their mean, as the page writes numbers.
MEASURED = """(() => {
  const { surprise } = session.observations.at(%d).line;
  return [...surprise, surprise.reduce((sum, nats) => sum + nats, 0) / surprise.length].map((nats) => nats.toFixed(2));
})()"""


def where(visit) -> str:
    return visit.text(".ps-surprise .ps-iteration")


def test_it_shows_what_the_engine_measured_at_each_milestone(base: str, visit) -> None:
    visit.go(f"{base}/{OWN}")
    assert where(visit).startswith("no run yet") and visit.evaluate(COLUMN)[0] == "–"
    visit.press("Start")
    visit.wait("session.status === 'done'")
    milestones = visit.session("session.observations.map(({ iteration }) => iteration)")
    assert milestones == [0, 25, 50, 100, 120]
    visit.wait_until("document.querySelector('.ps-surprise .ps-iteration').textContent === 'your run, iteration 120'")
    assert visit.evaluate(COLUMN) == visit.session(MEASURED % -1)
    slider = visit.page.get_by_label(SLIDER)
    slider.focus()
    visit.page.keyboard.press("Home")
    assert where(visit) == "your run, iteration 0" and visit.evaluate(COLUMN) == visit.session(MEASURED % 0)
    visit.page.keyboard.press("ArrowRight")
    assert visit.evaluate(COLUMN) == visit.session(MEASURED % 1)
    sums = visit.page.locator(".ps-surprise-sum").all_inner_texts()
    terms = [float(one) for one in visit.session(MEASURED % 1)[:-1]]
    assert f"{terms[0]:.2f} + {terms[1]:.2f} + {terms[2]:.2f} + … + {terms[-1]:.2f}) / 16 = " in sums[0]
    assert float(sums[0].split(" = ")[-1]) == pytest.approx(sum(terms) / len(terms), abs=0.01)
    # Mounted again, it shows the run's end; after a reset it shows no run.
    visit.evaluate("pressStart.mount(document.querySelector('[data-ps=surprise]'))")
    assert where(visit) == "your run, iteration 120"
    visit.session("session.reset()")
    assert where(visit).startswith("no run yet") and visit.complaints == []


@pytest.mark.full
def test_pointing_at_a_sample_shows_the_line_at_that_iteration(served: str, visit) -> None:
    visit.go(f"{served}/{OWN}")
    visit.press("Start")
    visit.wait("session.status === 'done'")
    entry = visit.page.locator(".ps-log .ps-entry").filter(has_text="iteration 25")
    entry.scroll_into_view_if_needed()
    entry.hover()
    visit.wait_until("document.querySelector('.ps-surprise .ps-iteration').textContent === 'your run, iteration 25'", 5)
    visit.page.mouse.move(0, 0)
    visit.wait_until(
        "document.querySelector('.ps-surprise .ps-iteration').textContent === 'your run, iteration 120'", 5
    )


@pytest.mark.full
def test_the_recorded_run_moves_with_its_replay_until_the_reader_trains(served: str, visit) -> None:
    visit.go(f"{served}/{RECORDED}")
    block, page = visit.page.locator(".ps-surprise"), visit.page
    assert where(visit) == "recorded run, iteration 2,000"
    end = visit.evaluate(COLUMN)
    scrubber = page.get_by_label("Iteration of the recorded run")
    scrubber.focus()
    page.keyboard.press("End")  # it stands at the beginning
    page.keyboard.press("Home")
    assert where(visit) == "recorded run, iteration 0" and visit.evaluate(COLUMN) != end
    page.keyboard.press("End")
    assert where(visit) == "recorded run, iteration 2,000" and visit.evaluate(COLUMN) == end
    block.get_by_label("compared with the").select_option("bigram")
    expect(block.locator(".ps-surprise-better")).to_contain_text("better than the bigram")
    expect(block.locator(".ps-surprise-sum").nth(1)).to_contain_text("the bigram")
    visit.pause_at_sample(0)
    visit.press("Start")
    visit.wait("session.status === 'paused'")
    assert where(visit) == "your run, iteration 0"
    block.get_by_label("the recorded run").check()
    assert where(visit) == "recorded run, iteration 2,000" and visit.evaluate(COLUMN) == end
    assert visit.complaints == []


def test_each_character_can_be_asked_by_keyboard_and_by_pointer(served: str, visit) -> None:
    visit.go(f"{served}/{RECORDED}")
    page, asked = visit.page, visit.page.locator(".ps-surprise-asked")
    line = page.locator(".ps-surprise-cell")
    assert line.count() == 41
    place = page.locator(".ps-surprise-place input")
    place.focus()
    page.keyboard.press("End")
    said = asked.inner_text()
    assert re.match(r"“.+” after “.+”: the model [\d.]+ nats \(p .+%\), the trigram [\d.]+ nats", said), said
    assert place.get_attribute("aria-valuetext") == said
    line.nth(3).click()
    assert asked.inner_text() != said and page.locator("[data-pointed]").count() == 1
    third = visit.evaluate(COLUMN)[2]
    assert f"the model {third} nats" in asked.inner_text()


@pytest.mark.full
def test_it_fits_a_phone_and_axe_finds_nothing(served: str, visit_as) -> None:
    visit = visit_as(viewport=PHONE)
    visit.go(f"{served}/{RECORDED}")
    visit.page.locator(".ps-surprise details").evaluate("(one) => { one.open = true; }")
    assert visit.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert visit.evaluate("document.querySelectorAll('.ps-surprise-cell[data-better]').length") > 0
    assert_nothing_found(visit, "on a phone")
    visit.page.emulate_media(forced_colors="active")
    assert violations(visit.page) == []


@pytest.mark.full
def test_paper_has_the_bars_and_no_controls(served: str, visit) -> None:
    visit.go(f"{served}/{RECORDED}")
    visit.page.emulate_media(media="print")
    block = visit.page.locator(".ps-surprise")
    assert block.locator(":is(input, select, button):visible").count() == 0
    assert block.locator(".ps-surprise-cell svg:visible").count() == 40
    assert block.locator(".ps-surprise-sum:visible").count() == 2
    assert "better than the trigram" in block.locator(".ps-surprise-better").inner_text()


def test_without_javascript_the_recorded_line_is_there(chromium: Browser, served: str) -> None:
    page = chromium.new_context(java_script_enabled=False, viewport=PHONE).new_page()
    page.goto(f"{served}/{RECORDED}")
    block = page.locator(".ps-surprise")
    assert block.locator(".ps-noscript:visible").inner_text() == "The end of the recorded run, iteration 2,000."
    assert block.locator(":is(input, select, button):visible").count() == 0
    assert block.locator(".ps-surprise-cell svg:visible").count() == 40
    block.locator("summary").click()
    rows = block.locator("tbody tr")
    assert rows.count() == 40 and re.fullmatch(r"“.” [\d.]+( [\d.]+){5}", " ".join(rows.nth(1).inner_text().split()))
    assert re.search(r"\) / 40 = [\d.]+ / 40 = [\d.]+$", block.locator(".ps-surprise-sum").first.inner_text())


@pytest.mark.full
def test_it_works_in_one_file(site: Path, visit, tmp_path: Path) -> None:
    whole = tmp_path / "surprise.html"
    whole.write_text(single_file.make(site, RECORDED, lambda _texts: ""), encoding="utf-8")
    visit.go(whole.as_uri())
    assert where(visit) == "recorded run, iteration 2,000"
    visit.page.get_by_label(SLIDER).focus()
    visit.page.keyboard.press("Home")
    assert where(visit) == "recorded run, iteration 0" and visit.complaints == []
