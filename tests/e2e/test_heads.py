"""The blocks about attention heads in a browser: a live run's maps and scores, heads switched off, and copies.

Catches: numbers that are not the engine's, a map that is not drawn, a head, a character or a milestone out of the
keyboard's reach, a head that stays off, a block that changes the run, a page that is too wide for a phone, anything
that axe finds.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from axe_rules import assert_nothing_found

HEADS, COPIES = "trials/heads.html", "trials/copies.html"
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
    block.get_by_role("button", name="Switch this head off").click()
    expect(said).to_contain_text("With 2 heads off", timeout=ANSWERS_MS)
    visit.page.wait_for_timeout(600)  # a press right after a label has changed does not count
    block.get_by_role("button", name="Switch all heads on").click()
    expect(said).to_have_text("")
    assert visit.evaluate(FINGERPRINT) == before
    assert visit.complaints == []


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


@pytest.mark.parametrize("path", [HEADS, COPIES])
def test_axe_finds_nothing_and_a_phone_is_wide_enough(trained, path: str) -> None:
    visit = trained(path, 2)
    for fold in visit.page.locator("[data-ps] details summary").all():
        fold.click()
    assert_nothing_found(visit, path)
    visit.page.set_viewport_size(PHONE)
    assert_nothing_found(visit, f"{path} on a phone")
    assert visit.evaluate("document.documentElement.scrollWidth <= innerWidth")
