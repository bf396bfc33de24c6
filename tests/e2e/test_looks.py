"""The page's looks with forced colours, in print, and on a high-resolution screen.

Catches: information shown only by colour or background; chart labels that stay dark on a reader's black background; a
preset without its name in print; a printed input field; dashes that shrink to dots on a high-resolution screen.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable

import pytest
from playwright.sync_api import Page

PAGE = "trials/everything.html"
# The dash pattern of each line drawn, in CSS pixels.
NOTE_DASHES = """{
  const setLineDash = CanvasRenderingContext2D.prototype.setLineDash;
  globalThis.dashes = new Set();
  CanvasRenderingContext2D.prototype.setLineDash = function (dash) {
    dashes.add(Array.from(dash, (length) => Math.round(10 * length / devicePixelRatio) / 10).join());
    return setLineDash.call(this, dash);
  };
}"""
# Colours in part of a canvas's width. Half-transparent pixels are edges and are ignored.
INKS = """([selector, from, to]) => {
  const canvas = document.querySelector(selector), width = canvas.width * (to - from);
  const { data } = canvas.getContext("2d").getImageData(canvas.width * from, 0, width, canvas.height);
  const found = new Map();
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] < 250) continue;
    const ink = [...data.slice(i, i + 3)].join();
    found.set(ink, (found.get(ink) ?? 0) + 1);
  }
  return [...found].filter(([, times]) => times > 20).map(([ink]) => ink.split(",").map(Number));
}"""
COLOURS = """async (png) => {
  const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
  const picture = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const canvas = new OffscreenCanvas(picture.width, picture.height), context = canvas.getContext("2d");
  context.drawImage(picture, 0, 0);
  return new Set(new Uint32Array(context.getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size;
}"""
# The label of each enabled button, and its colour, which with forced colours is drawn on the reader's background.
BUTTONS = r"""[...document.querySelectorAll(".press-start button:enabled")].filter((one) => one.offsetHeight > 0)
  .map((one) => [one.textContent, getComputedStyle(one).color.match(/\d+/g).map(Number)])"""
# The swatches of each chart's legend.
KEYS = {".ps-runner": ["train", "val", "rung"], ".ps-preset-stage": ["train", "val", "textbook"]}
BADGES = ["idle", "loading", "running", "paused", "done", "failed"]
PRINTED_FIELDS = ".md-content :is(input, select, textarea, progress):visible"


def luminance(colour: Iterable[float]) -> float:
    parts = [one / 255 / 12.92 if one <= 10 else ((one / 255 + 0.055) / 1.055) ** 2.4 for one in colour]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: Iterable[float], other: Iterable[float]) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def picture(page: Page, selector: str, width: float, height: float) -> bytes:
    """A picture of an element's top left corner, where its swatch or dot is."""
    element = page.locator(selector).first
    element.scroll_into_view_if_needed()
    box = element.bounding_box()
    return page.screenshot(clip={"x": box["x"], "y": box["y"], "width": width, "height": height})


def colours(page: Page, png: bytes) -> int:
    """The number of colours in a picture: one if nothing is drawn."""
    return page.evaluate(COLOURS, base64.b64encode(png).decode())


@pytest.fixture
def trained(served: str, visit):
    """A page with all widgets, a run that has written three samples, and one that diverged on purpose."""
    visit.page.add_init_script(NOTE_DASHES)
    visit.go(f"{served}/{PAGE}")
    visit.press("Start")
    visit.wait("session.samples.length > 2")
    visit.press("Pause")
    visit.page.locator(".ps-runner .ps-toggle").first.click()
    visit.page.locator("[data-preset=overfit] button").click()
    visit.wait_until("pressStart.sessions.preset?.iteration > 20")
    visit.evaluate("document.querySelector('.ps-preset-head button').click()")  # does nothing if the run has ended
    visit.page.locator(".ps-quiz label").first.click()
    return visit


@pytest.mark.full
def test_forced_colours_paper_and_fine_pixels(trained) -> None:
    check_forced_colours(trained.page)
    check_paper(trained)
    check_fine_pixels(trained)
    assert trained.complaints == []


def drawn(page: Page, canvas: str, least: int) -> list:
    """The colours of a chart, which is redrawn a moment after the colours change, later on a busy machine."""
    for _ in range(50):
        inks = page.evaluate(INKS, [canvas, 0, 1])
        if len(inks) >= least:
            break
        page.wait_for_timeout(100)
    return inks


def check_forced_colours(page: Page) -> None:
    for scheme, paper in (("dark", (0, 0, 0)), ("light", (255, 255, 255))):
        page.emulate_media(forced_colors="active", color_scheme=scheme)
        page.wait_for_timeout(300)
        inks = drawn(page, ".ps-runner canvas", 3)
        assert len(inks) >= 3 and all(contrast(ink, paper) >= 3 for ink in inks), (scheme, inks)
        labels = page.evaluate(INKS, [".ps-runner canvas", 0.86, 1])
        assert labels and all(contrast(ink, paper) >= 4.5 for ink in labels), (scheme, labels)
        inks = drawn(page, ".ps-preset-stage canvas", 2)
        assert len(inks) >= 2 and all(contrast(ink, paper) >= 3 for ink in inks), (scheme, inks)
        buttons = page.evaluate(BUTTONS)
        assert len(buttons) > 10
        assert [one for one in buttons if contrast(one[1], paper) < 4.5] == [], scheme
        for widget, names in KEYS.items():
            keys = [picture(page, f"{widget} .ps-key-{name}", 20, 20) for name in names]
            assert len(set(keys)) == len(names) and all(colours(page, key) > 1 for key in keys), (scheme, widget)
        assert colours(page, picture(page, ".ps-runner .ps-progress", 200, 10)) >= 3
        looks = "(one) => { const { color, fontStyle } = getComputedStyle(one); return [color, fontStyle]; }"
        for stage in (".ps-samples .ps-stage", ".ps-replay .ps-stage"):
            prompt, said = (page.locator(f"{stage} .ps-{part}").first.evaluate(looks) for part in ("prompt", "said"))
            assert prompt[0] != said[0] and prompt[1] != said[1]
        badges = []
        for status in BADGES:
            page.evaluate(
                "(status) => { document.querySelector('.ps-runner .ps-panel').dataset.status = status; }", status
            )
            badges.append(picture(page, ".ps-runner .ps-badge", 13, 20))
        assert len(set(badges)) == len(BADGES) and all(colours(page, badge) > 1 for badge in badges), scheme


def check_paper(trained) -> None:
    page = trained.page
    page.emulate_media(media="print", forced_colors="none", color_scheme="light")
    names = page.locator("[data-preset] > button").all_inner_texts()
    assert len(names) == 6 and "noisy" in names
    for name in names:
        assert page.locator(".ps-mounted .ps-preset-list").get_by_text(name, exact=True).first.is_visible(), name
    assert page.locator(PRINTED_FIELDS).count() == 0, page.locator(PRINTED_FIELDS).first.evaluate(
        "(one) => one.outerHTML"
    )
    assert page.locator(".press-start button:visible:not(.ps-preset-list > li > button)").count() == 0
    assert "seed “hamlet”" in "".join(page.locator(".ps-runner").all_inner_texts())
    assert page.locator(".ps-replay .ps-recorded-label").inner_text().count("with the seed") == 1
    chosen = "(label) => getComputedStyle(label.querySelector('input + span'), '::before').content"
    marks = page.locator(".ps-quiz-form label").evaluate_all(f"(labels) => labels.map({chosen})")
    assert marks == ['"● "', '"○ "']
    kept = "(key) => getComputedStyle(key, '::before').webkitPrintColorAdjust"
    assert set(page.locator(".ps-key").evaluate_all(f"(keys) => keys.map({kept})")) == {"exact"}
    page.emulate_media(media="screen")


def check_fine_pixels(trained) -> None:
    """Checks a screen whose resolution increases while the page is open, as when a reader zooms."""
    page = trained.page
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(null))))")
    page.evaluate("dashes.clear()")
    devtools = page.context.new_cdp_session(page)
    # Also a little narrower: without a new layout, Chromium's emulation may not re-evaluate the media queries.
    fine = {"width": 1270, "height": 900, "deviceScaleFactor": 3, "mobile": False}
    devtools.send("Emulation.setDeviceMetricsOverride", fine)
    trained.wait_until("devicePixelRatio === 3 && dashes.size > 0", 10)
    page.wait_for_timeout(300)  # for the other charts
    dashes = set(page.evaluate("[...dashes]"))
    assert {"9,5", "3,4"} <= dashes, dashes
    narrow = {"width": 320, "height": 700, "deviceScaleFactor": 2, "mobile": False}
    devtools.send("Emulation.setDeviceMetricsOverride", narrow)
    page.wait_for_timeout(300)
    assert page.evaluate("document.documentElement.scrollWidth") == 320
