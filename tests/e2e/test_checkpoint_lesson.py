"""The lesson on checkpoints in a browser: its pictures, its hex view, its flipped bit, its question and its own runs.

Catches: a picture that is not drawn, bytes that the keyboard cannot reach, a flipped bit that touches the reader's run,
curves that show before the answer, a run that does not go on after it has waited, a page that says nothing on paper or
without JavaScript, anything that axe finds.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from axe_rules import violations

LESSON = "lessons/your-checkpoint.html"
ANSWERS_MS = 60_000  # of an engine that has to start first, on a slow machine
PHONE = {"width": 360, "height": 740}
# How many different colours the canvas shows, up to some.
COLOURS = """async () => {
  const canvas = document.querySelector(".ps-weights-frame canvas"), copy = document.createElement("canvas");
  copy.width = canvas.width;
  copy.height = canvas.height;
  const context = copy.getContext("2d");
  context.drawImage(canvas, 0, 0);
  const { data } = context.getImageData(0, 0, copy.width, copy.height);
  return [copy.width, copy.height, new Set(new Uint32Array(data.buffer)).size];
}"""


@pytest.fixture
def page(served: str, visit):
    visit.cores(2)
    visit.go(f"{served}/{LESSON}")
    return visit


def flip(page, bit: int) -> None:
    button = page.page.get_by_role("button", name=f"Flip bit {bit},")
    expect(button).to_be_enabled(timeout=ANSWERS_MS)
    page.page.wait_for_timeout(500)  # a press right after a label has changed does not count
    button.click()


def test_a_reader_looks_into_the_run_s_file_and_the_run_stays_as_it_is(page) -> None:
    inside = page.page
    before = page.evaluate("pressStart.sessions.main.hashes()")
    inside.locator(".ps-weights").scroll_into_view_if_needed()
    expect(inside.locator(".ps-weights-words")).to_contain_text("Recorded run, iteration 0.")
    inside.get_by_label("yours now").check()
    expect(inside.locator(".ps-weights-words")).to_contain_text(
        "Your run with the seed “hamlet”, iteration 0.", timeout=ANSWERS_MS
    )
    inside.locator(".ps-weights").get_by_label("Tensor").select_option("wpe")
    expect(inside.locator(".ps-weights-words")).to_contain_text("wpe: 64 × 64 numbers, 16,384 bytes.")
    width, height, colours = page.evaluate(COLOURS)
    assert (width, height) == (448, 448) and 4 <= colours <= 16

    inside.get_by_role("button", name="Open my file").click()
    words = inside.locator(".ps-bytes-words")
    expect(words).to_contain_text("The header has ", timeout=ANSWERS_MS)
    inside.locator(".ps-bytes-grid").focus()
    for key in ("ArrowDown", "ArrowRight", "End", "PageDown", "Control+End"):
        inside.keyboard.press(key)
    expect(words).to_contain_text("history.val[0] = NaN: not measured.")
    inside.get_by_role("button", name="Part before").click()
    expect(words).to_contain_text("ln_f.bias")
    inside.get_by_role("button", name="Next part").click()

    inside.get_by_role("button", name="Take a copy of my file").click()
    flip(page, 31)
    results = inside.locator(".ps-bit-results")
    expect(results).to_contain_text(" of their 64 digits agree", timeout=ANSWERS_MS)
    expect(results).to_contain_text("The file is damaged: its checksum does not match its content.")
    assert page.evaluate("pressStart.sessions.main.hashes()") == before

    curves = inside.locator(".ps-resumes-recorded").nth(1)
    expect(curves).to_be_hidden()
    inside.locator(".ps-parts").get_by_label("the weights").check()
    inside.locator(".ps-parts").get_by_role("button", name="Check my answer").click()
    expect(inside.locator(".ps-parts .ps-quiz-verdict")).to_have_text(
        "Not quite: 4 more must be there. Each part says why."
    )
    expect(curves).to_be_visible()
    assert page.complaints == []


@pytest.mark.full
def test_a_run_goes_on_both_ways_while_it_waits(page) -> None:
    page.press("Start")
    page.wait("session.iteration >= 30")
    page.page.get_by_role("button", name="Let my run go on both ways").click()
    page.wait("session.status === 'waiting'")
    said = page.page.locator(".ps-resumes .ps-badge").first
    expect(said).to_contain_text("Without the moments the val NLL is furthest", timeout=240_000)
    assert page.page.locator(".ps-resumes-frame polyline").count() == 3
    page.wait("session.status === 'running'")
    assert page.evaluate("Object.keys(pressStart.sessions)") == ["main"]
    assert page.complaints == []


@pytest.mark.full
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("phone", [False, True], ids=["wide", "phone"])
def test_axe_finds_nothing(page, phone: bool, dark: bool) -> None:
    if phone:
        page.page.set_viewport_size(PHONE)
    page.page.emulate_media(color_scheme="dark" if dark else "light")
    assert violations(page.page) == []
    page.press("Open my file")
    page.press("Take a copy of my file")
    flip(page, 0)
    expect(page.page.locator(".ps-bit-results")).to_contain_text("digits agree", timeout=ANSWERS_MS)
    page.page.locator(".ps-parts").get_by_role("button", name="Check my answer").click()
    assert violations(page.page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.full
def test_without_a_script_the_recordings_teach(chromium: Browser, served: str) -> None:
    page = chromium.new_context(java_script_enabled=False).new_page()
    page.goto(f"{served}/{LESSON}")
    assert page.locator(".ps-weights-list img").count() == 3
    expect(page.locator(".ps-bytes-list")).to_contain_text("length of the header")
    expect(page.locator(".ps-bit-recorded")).to_contain_text("exponent, highest bit")
    curves = page.locator(".ps-resumes-recorded .ps-curve")
    assert curves.count() == 7 and all(curve.is_visible() for curve in curves.all())
    blocks = ("weights", "file-bytes", "one-bit", "resumes")
    assert not any(page.locator(f"[data-ps={kind}] .ps-panel:visible").count() for kind in blocks)


@pytest.mark.full
def test_on_paper_the_answers_and_the_pictures_are_there(page) -> None:
    page.page.emulate_media(media="print")
    answers = page.page.locator(".ps-resumes .ps-quiz-answers").last
    expect(answers).to_be_visible()
    expect(answers).to_contain_text("need not be there")
    assert page.page.locator(".ps-weights-list img").first.is_visible()
    curves = page.page.locator(".ps-resumes-recorded .ps-curve")
    assert curves.count() == 7 and all(curve.is_visible() for curve in curves.all())
