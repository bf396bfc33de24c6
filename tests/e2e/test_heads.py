"""The blocks about attention heads in a browser: a live run's maps and scores, heads switched off, and copies.

Catches: numbers that are not the engine's or the recording's, a map that is not drawn, a head, a character or a
milestone out of the keyboard's reach, a head that stays off, a block that changes the run, a page that is too wide for
a phone, a page that says nothing on paper or without a script, anything that axe finds.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from axe_rules import assert_nothing_found
from recorded.recorded_seen import Seen, of_text, read
from system.project import ROOT
from texts import corpus as corpora

HEADS, COPIES = "trials/heads.html", "trials/copies.html"
LESSON_HEADS, LESSON_COPIES = "trials/lesson-heads.html", "trials/lesson-copies.html"
ANSWERS_MS = 60_000  # of an engine, on a slow machine
PHONE = {"width": 360, "height": 740}
FINGERPRINT = "pressStart.sessions.main.fingerprint()"
NEWEST = "session.observations.findLast(({ line }) => line)"
# Of each small map: how many pixels are neither empty nor full.
SHADES = """[...document.querySelectorAll(".ps-head canvas")].map((canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.filter((alpha, i) => i % 4 === 3 && alpha > 0 && alpha < 255).length;
})"""
# The loss on the line with the first head off, and with all on, as the engine measures them now.
MEASURED = """(async () => {
  const { main } = pressStart.sessions, root = document.querySelector("[data-ps=attention]");
  const tokens = Uint8Array.from(JSON.parse(root.querySelector("script").textContent).tokens);
  const mean = ({ surprise }) => surprise.reduce((sum, nats) => sum + nats, 0) / surprise.length;
  return [mean(await main.observe(tokens, Uint8Array.of(1, 0))), mean(await main.observe(tokens))];
})()"""


@pytest.fixture
def trained(served: str, visit):
    """trained(path, milestones): a page whose run has paused after so many milestones."""

    def train(path: str, milestones: int):
        visit.cores(1)
        visit.go(f"{served}/{path}")
        visit.session("session.start()")
        visit.wait(f"session.observations.length >= {milestones}")
        visit.session("session.pause()")
        visit.wait("(session.status === 'paused' || session.ended) && !session.speaking")
        visit.page.locator(".ps-attention").scroll_into_view_if_needed()
        return visit

    return train


def test_a_run_s_heads_are_shown_as_the_engine_reports_them(trained) -> None:
    visit = trained(HEADS, 3)
    block = visit.page.locator(".ps-attention")
    previous, prefix, iteration = visit.session(
        f"(({{ line, iteration }}) => [line.previous, line.prefix, iteration])({NEWEST})"
    )
    expect(block.locator(".ps-iteration")).to_contain_text(f"{iteration:,}")
    heads = block.get_by_role("radio", name="Layer 1, head")
    assert [head.get_attribute("aria-label") for head in heads.all()] == [
        f"Layer 1, head {number + 1}: previous character {one:.2f}, prefix match {other:.2f}"
        for number, (one, other) in enumerate(zip(previous, prefix, strict=True))
    ]
    assert all(shades > 50 for shades in visit.evaluate(SHADES))
    best = max(range(2), key=previous.__getitem__)
    expect(heads.nth(best)).to_be_checked()
    expect(block.locator(".ps-head-words")).to_contain_text(f"Layer 1, head {best + 1} ")
    block.get_by_text("All heads as a table").click()
    expect(block.locator("tbody tr").first).to_contain_text(f"{previous[0]:.2f}")

    block.get_by_role("slider", name="Milestone").press("Home")
    first = visit.session("session.observations[0].line.previous[0]")
    assert f"previous character {first:.2f}" in heads.first.get_attribute("aria-label")
    assert visit.complaints == []


@pytest.mark.full
def test_a_reset_run_has_no_heads_to_show(trained) -> None:
    visit = trained(HEADS, 2)
    visit.session("session.reset()")
    expect(visit.page.locator(".ps-attention .ps-iteration")).to_contain_text("no run yet")
    assert visit.page.get_by_role("button", name="Switch this head off").is_disabled()
    assert visit.complaints == []


def test_every_head_and_every_character_is_within_reach_of_the_keyboard(trained) -> None:
    visit = trained(HEADS, 2)
    block = visit.page.locator(".ps-attention")
    block.get_by_role("radio", name="Layer 1, head 1").focus()
    visit.page.keyboard.press("ArrowRight")
    expect(block.locator(".ps-head-words")).to_contain_text("Layer 1, head 2 ")
    visit.page.keyboard.press("ArrowRight")
    expect(block.locator(".ps-head-words")).to_contain_text("Layer 1, head 1 ")
    block.get_by_role("combobox").select_option("prefix")
    prefix = visit.session(f"{NEWEST}.line.prefix")
    assert block.locator(".ps-head-name").first.inner_text() == f"L1 H{1 + max(range(2), key=prefix.__getitem__)}"

    place = block.get_by_role("slider", name="Character that looks")
    place.press("Home")
    expect(block.locator(".ps-head-looks")).to_contain_text("looks at itself: 1.00.")
    place.press("ArrowRight")
    expect(block.locator(".ps-head-looks")).to_contain_text("Character 2, ")
    block.locator(".ps-head-line span").nth(4).click()
    expect(place).to_have_value("4")
    expect(block.locator(".ps-head-looks")).to_contain_text("Character 5, ")


def test_a_head_is_switched_off_and_on_and_the_run_stays_as_it_is(trained) -> None:
    visit = trained(HEADS, 4)
    block, before = visit.page.locator(".ps-attention"), visit.evaluate(FINGERPRINT)
    said = block.locator(".ps-heads-off")
    block.get_by_role("radio", name="Layer 1, head 1").check(force=True)
    block.get_by_role("button", name="Switch this head off").click()
    expect(said).to_contain_text("With layer 1, head 1 off, the loss on this line is", timeout=ANSWERS_MS)
    without, whole = visit.evaluate(MEASURED)
    assert without != whole
    expect(said).to_contain_text(f"is {without:.3f} nats per character; with all heads on, it is {whole:.3f} (")
    expect(block.get_by_role("radio", name=", off")).to_be_checked()
    block.get_by_role("radio", name="Layer 1, head 2").check(force=True)
    visit.page.wait_for_timeout(600)  # a press right after a label has changed does not count
    block.get_by_role("button", name="Switch this head off").click()
    expect(said).to_contain_text("With 2 heads off", timeout=ANSWERS_MS)
    visit.page.wait_for_timeout(600)
    block.get_by_role("button", name="Switch all heads on").click()
    expect(said).to_have_text("")
    assert visit.evaluate(FINGERPRINT) == before
    assert visit.complaints == []


@pytest.mark.full
def test_first_writings_and_copies_are_shown_as_the_engine_reports_them(trained) -> None:
    visit = trained(COPIES, 4)
    block = visit.page.locator(".ps-copies")
    block.scroll_into_view_if_needed()
    rows = visit.session(
        "session.observations.map(({ iteration, writings, line }) => "
        "[iteration, writings.first, writings.copies, Math.max(...line.prefix)])"
    )
    block.get_by_text("The numbers as a table").click()
    cells = [row.locator("th, td").all_inner_texts() for row in block.locator("tbody tr").all()]
    assert [row[:4] for row in cells] == [
        [f"{at:,}", f"{first:.3f}", f"{copies:.3f}", f"{prefix:.2f}"] for at, first, copies, prefix in rows
    ]
    expect(block.locator(".ps-copies-words")).to_contain_text(f"copies {rows[-1][2]:.3f}.")
    assert block.locator("polyline").count() == 3
    assert block.locator(".ps-line-floor").count() == 2
    points = block.locator("polyline").first.get_attribute("points").split()
    assert len(points) == len(rows)
    block.get_by_role("slider", name="Milestone").press("Home")
    expect(block.locator(".ps-copies-words")).to_contain_text(f"copies {rows[0][2]:.3f}.")
    visit.page.locator(".ps-attention").get_by_role("button", name="Switch this head off").click()
    expect(visit.page.locator(".ps-heads-off")).to_contain_text("copies on this line", timeout=ANSWERS_MS)
    assert visit.complaints == []


@pytest.mark.full
@pytest.mark.parametrize("path", [HEADS, COPIES])
def test_axe_finds_nothing_and_a_phone_is_wide_enough(trained, path: str) -> None:
    visit = trained(path, 2)
    for fold in visit.page.locator("[data-ps] details summary").all():
        fold.click()
    visit.evaluate("scrollTo(0, 0)")
    assert_nothing_found(visit, path)
    visit.page.set_viewport_size(PHONE)
    assert_nothing_found(visit, f"{path} on a phone")
    assert visit.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.fixture(scope="module")
def seen(corpus: corpora.Corpus) -> Seen:
    """The recorded run on the text that the site is built with."""
    return of_text(read(ROOT / "docs/recorded"), corpus.sha256)


def test_before_a_run_the_recorded_heads_are_shown(served: str, visit, seen: Seen) -> None:
    visit.go(f"{served}/{LESSON_HEADS}")
    block = visit.page.locator(".ps-attention")
    block.scroll_into_view_if_needed()
    end = seen.facts["milestones"][-1]
    line, n_head = end["line"], seen.facts["config"]["model"]["n_head"]
    expect(block.locator(".ps-iteration")).to_have_text(f"recorded run, iteration {end['iteration']:,}")
    heads = block.locator(".ps-heads").get_by_role("radio")
    expect(heads.last).to_have_attribute("aria-label", re.compile("previous character"))  # the maps are unpacked
    for place, head in enumerate(heads.all()):
        said = head.get_attribute("aria-label")
        assert said.startswith(f"Layer {place // n_head + 1}, head {place % n_head + 1}: previous character "), said
        assert float(said.split()[6].strip(",")) == pytest.approx(line["previous"][place], abs=0.0051)
    visit.wait_until(f"{SHADES}.every((shades) => shades > 50)", 10)
    best = max(range(seen.heads), key=line["previous"].__getitem__)
    expect(heads.nth(best)).to_be_checked()
    off = seen.facts["heads_off"]["line"][best]
    block.get_by_role("button", name="Switch this head off").click()
    expect(block.locator(".ps-heads-off")).to_contain_text(
        f"At the end of the recorded run: with layer {best // n_head + 1}"
    )
    expect(block.locator(".ps-heads-off")).to_contain_text(
        f" off, the loss on this line is {off:.3f} nats per character"
    )
    expect(block.get_by_label("your run")).to_be_disabled()
    assert visit.complaints == []


@pytest.mark.full
def test_a_replay_moves_the_recorded_heads(served: str, visit, seen: Seen) -> None:
    visit.go(f"{served}/{LESSON_HEADS}")
    block = visit.page.locator(".ps-attention")
    visit.page.locator(".ps-replay .ps-scrubber").fill("450")
    shown = max(at for at in seen.maps if at <= 450)
    expect(block.locator(".ps-iteration")).to_have_text(f"recorded run, iteration {shown:,}")


@pytest.mark.full
def test_the_recorded_copies_fall_as_the_score_rises(served: str, visit) -> None:
    visit.go(f"{served}/{LESSON_COPIES}")
    block = visit.page.locator(".ps-copies")
    (echo,) = [one for one in read(ROOT / "docs/recorded") if one.corpus == "echo"]
    rows = [one for one in echo.facts["milestones"] if one["writings"]]
    block.get_by_text("The numbers as a table").click()
    cells = [row.locator("th, td").all_inner_texts() for row in block.locator("tbody tr").all()]
    assert [float(row[2]) for row in cells] == pytest.approx([one["writings"]["copies"] for one in rows], abs=0.00051)
    assert [float(row[3]) for row in cells] == pytest.approx([max(one["line"]["prefix"]) for one in rows], abs=0.0051)
    assert block.locator("polyline").count() == 3
    best = max(range(echo.heads), key=rows[-1]["line"]["prefix"].__getitem__)
    expect(visit.page.locator(".ps-heads").get_by_role("radio").nth(best)).to_be_checked()
    visit.page.locator(".ps-attention").get_by_role("button", name="Switch this head off").click()
    off = echo.facts["heads_off"]["copies"][best]
    expect(visit.page.locator(".ps-heads-off")).to_contain_text(f" off, the loss of the copies is {off:.3f} nats")
    assert visit.complaints == []


@pytest.mark.full
@pytest.mark.parametrize("paper", [False, True], ids=["without a script", "on paper"])
def test_the_recorded_end_is_there_without_a_script_and_on_paper(chromium: Browser, served: str, paper: bool) -> None:
    page = chromium.new_context(java_script_enabled=paper).new_page()
    if paper:
        page.emulate_media(media="print")
    for path, rows in ((LESSON_HEADS, 16), (LESSON_COPIES, 16)):
        page.goto(f"{served}/{path}")
        recorded = page.locator(".ps-attention-recorded")
        expect(recorded.locator("tbody tr")).to_have_count(rows)
        expect(recorded.locator("tbody")).to_contain_text("characters back, on average")
        picture = recorded.locator("img")
        picture.scroll_into_view_if_needed()
        assert picture.is_visible() and picture.evaluate("async (one) => (await one.decode(), one.naturalWidth)") > 300
        expect(page.locator(".ps-attention .ps-panel")).to_be_hidden()
    recorded = page.locator(".ps-copies-recorded")
    expect(recorded.locator("svg.ps-curve")).to_have_count(2)
    expect(recorded.locator("tbody tr").first).to_contain_text("0")
    expect(page.locator(".ps-copies .ps-panel")).to_be_hidden()
