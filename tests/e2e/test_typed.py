"""What readers type: seeds and rates.

Catches: a phone or a browser that may change what was typed; a seed that looks like another but trains another run; a
field that does not show what is used; a long seed that shifts the page; a rate that is not what the reader meant.
"""

from __future__ import annotations

import pytest

PAGE = "trials/everything.html"
RUN = "pressStart.sessions.preset"
AS_IT_IS = {
    "autocapitalize": "none",
    "autocorrect": "off",
    "spellcheck": "false",
    "autocomplete": "off",
    "translate": "no",
}
FIELDS = """(names) => [...document.querySelectorAll(".press-start input")]
  .filter(({ type }) => !["checkbox", "radio", "range"].includes(type))
  .map((field) => [
    field.classList[0],
    Object.fromEntries(names.map((name) => [name, field.getAttribute(name)])),
    field.inputMode,
  ])"""
# Elements wider than the window, and the height of each widget that shows a seed.
LOOK = """(() => ({
  width: document.documentElement.scrollWidth - innerWidth,
  heights: [...document.querySelectorAll("[data-ps]")].map((root) => root.offsetHeight),
}))()"""
# How much a widget may grow for a long seed, in CSS pixels: a few lines on a phone.
FEW_LINES = 120
UNSEEN = "mac\u200bbeth\u00a0\u2013 3\u2060"


@pytest.mark.full
def test_seeds_and_rates_are_used_exactly_as_typed(served: str, visit) -> None:
    page = visit.page
    page.set_viewport_size({"width": 360, "height": 800})
    visit.go(f"{served}/{PAGE}?seed=%E2%80%8Blady%C2%A0macbeth")
    fields = page.evaluate(FIELDS, list(AS_IT_IS))
    assert {name for name, *_ in fields} == {"ps-seed", "ps-rate"}
    assert all(attributes == AS_IT_IS and mode in ("", "text") for _, attributes, mode in fields), fields
    seed = page.locator(".ps-seed").first
    assert (seed.input_value(), visit.session("session.seed")) == ("lady macbeth", "lady macbeth")

    seed.fill("\u200b\u00a0\ufeff")
    visit.press("Start")
    assert "only spaces or invisible characters" in visit.text(".ps-seed-hint")
    assert visit.session("session.status") == "idle"
    said = []
    for typed in (UNSEEN, "macbeth - 3", "Macbeth - 3"):
        seed.fill(typed)
        visit.press("Start")
        visit.wait("session.samples.length > 0")
        said.append((seed.input_value(), visit.session("session.seed"), visit.session("session.samples[0].text")))
        visit.press("Pause")
        page.wait_for_timeout(1100 if len(said) == 3 else 0)  # the page's last line is redrawn once a second
        before = visit.evaluate(LOOK)
        visit.press("Reset")
    assert said[0] == said[1] and said[0][:2] == ("macbeth - 3", "macbeth - 3")
    assert said[2][:2] == ("Macbeth - 3", "Macbeth - 3") and said[2][2] != said[0][2]

    visit.session("session.reset('W'.repeat(4000))")
    visit.session("session.start()")
    visit.wait("session.iteration > 0")
    visit.session("session.pause()")
    page.wait_for_timeout(1100)
    story = visit.text(".ps-complete-story")
    assert "W … W" in story and "(4,000 characters)" in story and len(story) < 300
    after = visit.evaluate(LOOK)
    assert before["width"] == after["width"] == 0
    assert all(abs(a - b) <= FEW_LINES for a, b in zip(before["heights"], after["heights"], strict=True)), (
        before,
        after,
    )
    assert visit.session("session.seed.length") == 4000 and len(seed.input_value()) == 4000

    rate = page.locator(".ps-rate")
    for typed, said_of_it in [
        ("1,000", "“1,000” can be read in two ways. Type 1000 or 1.000."),
        ("1e39", "which end near 3.4e38"),
        ("\u22121", "was read as -1"),
        ("0x10", "cannot be read as one number"),
    ]:
        rate.fill(typed)
        rate.press("Enter")
        assert said_of_it in visit.text(".ps-rate-hint")
        assert visit.evaluate(f"{RUN} === undefined")
    for typed, value in [("2\u00a0\u00d7\u00a010\u207b\u00b2", 0.02), ("0,03", 0.03)]:
        rate.fill(typed)
        rate.press("Enter")
        assert visit.evaluate(f"{RUN}.options.training.learning_rate") == value
        assert visit.text(".ps-rate-hint").endswith(f"was read as {value}.")
        assert visit.text(".ps-preset-title") == f"lr = {value}"
    assert "W … W" in visit.text(".ps-presets .ps-facts")
    assert visit.evaluate(LOOK)["width"] == 0
    assert visit.complaints == []
