"""A reader takes the report card of a machine along: copies it, saves it, or scans its QR code.

Catches: a card whose fingerprint is not that of the lesson's run, three ways that differ in what they give, a QR code
that cannot be read in the dark scheme or at the width of a phone, a browser that refuses the clipboard and leaves the
reader with nothing, a control that the keyboard cannot reach, a card of a measurement that was stopped.
"""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect

from recorded import report_cards
from texts import corpus as corpora

QUICK = "seconds=0.05&blocks=1"
LIMIT_MS = 120_000
PHONE, DESK = {"width": 360, "height": 1800}, {"width": 1100, "height": 1800}
# An image's pixels in shades of grey, one byte each, after its width and height.
GREY = """async (png) => {
    const bytes = Uint8Array.from(atob(png), (character) => character.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const { width, height } = image, canvas = new OffscreenCanvas(width, height).getContext("2d");
    canvas.drawImage(image, 0, 0);
    const { data } = canvas.getImageData(0, 0, width, height);
    let grey = "";
    for (let i = 0; i < data.length; i += 4) grey += String.fromCharCode((data[i] + data[i + 1] + data[i + 2]) / 3);
    return [width, height, btoa(grey)];
}"""


@pytest.fixture
def page(chromium: Browser) -> Page:
    page = chromium.new_context(viewport=DESK).new_page()
    page.add_init_script("Object.defineProperty(Navigator.prototype, 'hardwareConcurrency', { get: () => 2 })")
    return page


def measured(page: Page, address: str) -> str:
    """Measures, and returns the card's text as shown."""
    page.goto(f"{address}/reference/speed.html?{QUICK}")
    card = page.locator(".ps-card")
    expect(card).to_be_hidden()
    page.get_by_role("button", name="Measure").click()
    expect(card).to_be_visible(timeout=LIMIT_MS)
    return page.locator(".ps-card-text").inner_text()


def scanned(page: Page) -> list[str]:
    """What an independent reader of QR codes finds in a picture of the widget."""
    png = base64.b64encode(page.locator(".ps-speed").screenshot()).decode()
    blank = page.context.new_page()
    width, height, grey = blank.evaluate(GREY, png)
    blank.close()
    pixels = np.frombuffer(base64.b64decode(grey), np.uint8).reshape(height, width)
    # Without inverting the picture: many telephones read dark on light alone.
    return [code.text for code in zxingcpp.read_barcodes(pixels, try_invert=False)]


def pasted(page: Page) -> str:
    field = page.context.new_page()
    field.set_content("<textarea></textarea>")
    field.locator("textarea").focus()
    field.keyboard.press("ControlOrMeta+V")
    text = field.locator("textarea").input_value()
    field.close()
    return text


def violations(page: Page) -> list[tuple]:
    found = Axe().run(page).response["violations"]
    return [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found]


@pytest.mark.full
def test_copy_file_and_code_say_what_the_page_shows(
    base: str, page: Page, recorded: dict, corpus: corpora.Corpus, tmp_path: Path
) -> None:
    shown = measured(page, base)
    card = json.loads(shown)
    assert card["cpu"]["fingerprint"] == recorded["fingerprint"], "50 iterations of the lesson"
    assert card["cpu"]["module"] == recorded["module"]
    assert card["cpu"]["recorded"] == recorded["fingerprint"], "of docs/recorded"
    expect(page.locator(".ps-card-weights")).to_contain_text("reached the recorded weights, bit for bit")
    assert card["run"] == {"text": corpus.name, "seed": recorded["seed"], "iterations": 50}
    assert [*card["cpu"]["iterations_per_second"]] == ["1", "2"]
    assert (card["cores"], card["batch_size"]) == (2, 32)
    assert card["webgpu"] == {"missing": "no-adapter"}
    assert "headless Chrome" in card["browser"] and "Mozilla" not in shown
    rates = page.locator(".ps-speed tbody td:nth-child(3)").all_inner_texts()
    assert [float(rate) for rate in rates] == pytest.approx([*card["cpu"]["iterations_per_second"].values()], rel=0.01)

    page.get_by_role("button", name="Copy the card").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert pasted(page) == shown
    page.bring_to_front()

    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a file").click()
    name = download.value.suggested_filename
    assert name == f"press-start-report-{card['date']}.json"
    folder = tmp_path / report_cards.FOLDER
    folder.mkdir(parents=True)
    download.value.save_as(folder / name)
    (read,), mistakes = report_cards.read(tmp_path, {"training": {"batch_size": 32}})
    assert mistakes == [] and read.card == card

    assert scanned(page) == []
    page.get_by_role("button", name="Show as a QR code").click()
    for scheme, width in (("light", DESK), ("dark", DESK), ("dark", PHONE), ("light", PHONE)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(width)
        assert scanned(page) == [shown], (scheme, width)


@pytest.mark.full
def test_the_card_is_reached_by_keyboard_and_axe_finds_nothing(served: str, page: Page) -> None:
    shown = measured(page, served)
    page.get_by_role("button", name="Measure again").focus()
    stops = []
    for _ in range(7):
        page.keyboard.press("Tab")
        stops.append(
            page.evaluate("document.activeElement.getAttribute('aria-label') || document.activeElement.innerText")
        )
    ways = ["Copy the card", "Save as a file", "Show as a QR code"]
    assert stops == ["Copy as JSON", "Copy as text", "Results", "The report card", *ways]
    page.keyboard.press("Enter")
    code = page.get_by_role("img", name="QR code that contains the report card’s text")
    expect(code).to_be_visible()
    assert page.get_by_role("button", name="Hide the QR code").get_attribute("aria-expanded") == "true"
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(500)  # the transition between the schemes
        assert violations(page) == [], scheme
    page.set_viewport_size(PHONE)
    assert violations(page) == [], "on a phone"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"
    page.keyboard.press("Enter")
    expect(code).to_be_hidden()

    page.evaluate("""(Object.defineProperty(navigator, 'clipboard', { value: undefined }),
        document.execCommand = () => false, null)""")
    page.get_by_role("button", name="Copy the card").click()
    expect(page.get_by_role("button", name="Selected: now copy it")).to_be_visible()
    assert page.evaluate("getSelection().toString()") == shown

    page.get_by_role("button", name="Measure again").click()
    expect(page.locator(".ps-card")).to_be_hidden()
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(".ps-speed .ps-badge")).to_have_text("stopped")
    expect(page.locator(".ps-card")).to_be_hidden()


@pytest.mark.full
@pytest.mark.parametrize(
    ("known", "said"),
    [
        ("f" * 64, "did not reach the recorded weights. Please send this card"),
        (None, "has no recorded run of its text"),
    ],
    ids=["other weights", "no recording"],
)
def test_the_page_tells_at_once_whether_the_weights_are_the_recorded_ones(
    served: str, page: Page, known: str | None, said: str
) -> None:
    def changed(route: Route) -> None:
        response = route.fetch()
        html, found = re.subn(
            r'"recorded": *\{"(?:[^{}]|\{[^{}]*\})*\}',
            json.dumps({"recorded": {name: {"50": known} for name in ("fma", "base")} if known else {}})[1:-1],
            response.text(),
        )
        assert found == 1
        route.fulfill(response=response, body=html)

    page.route("**/reference/speed.html*", changed)
    card = json.loads(measured(page, served))
    assert card["cpu"].get("recorded") == known
    expect(page.locator(".ps-card-weights")).to_contain_text(said)


def test_only_the_speed_page_loads_its_script(site: Path, served: str, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.split("/")[-1]))
    page.goto(f"{served}/lessons/watch-it-learn.html")
    page.locator("[data-ps=runner].ps-mounted").first.wait_for()
    assert "press-start.js" in asked and "speed.js" not in asked
    page.goto(f"{served}/reference/speed.html")
    page.locator("[data-ps=speed].ps-mounted").wait_for()
    assert "speed.js" in asked


def test_a_speed_page_without_its_script_says_so(served: str, page: Page) -> None:
    page.route("**/speed.js", lambda route: route.abort())
    page.goto(f"{served}/reference/speed.html")
    expect(page.locator(".ps-speed .ps-failure")).to_contain_text("The script of this part of the page did not arrive.")
