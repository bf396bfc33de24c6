"""A reader asks the model of now and of then the same, and trains twins that are equal to the last bit.

Catches: an answer that depends on anything but weights, prompt, settings and dice; a question that changes the run, or
leaves a Worker behind; a character that is dropped in silence; twins or a neighbour's file wrongly called equal; hashes
other than those of `python3 build record`; a page on disk that cannot do it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from axe_rules import assert_nothing_found
from by_module import WITHOUT_FMA
from file_hand import bring
from output import single_file
from system.project import ROOT
from texts import corpus as corpora

TALK, TWINS, LESSON_TWINS = (f"trials/{name}.html" for name in ("talk", "twins", "lesson-twins"))
EQUAL = "Equal to the last bit: all weights, both moments and the 42 losses."
# `record` does not measure at iteration 40, so that one loss is in one file only.
RECORDED_EQUAL = EQUAL.replace("42", "41")
UNTIL = 40
SOFTWARE_CARD = ("--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader")


def answers(visit) -> list[str]:
    return visit.page.locator(".ps-talk-answer .ps-said").all_inner_texts()


def ask(visit, length: int, columns: int) -> list[str]:
    """Presses Ask, and returns what the model has written once all answers are whole."""
    visit.press_when_read("Ask")
    said = "[...document.querySelectorAll('.ps-talk-answer .ps-said')]"
    whole = f"{said}.filter((one) => [...one.textContent].length === {length}).length === {columns}"
    visit.wait_until(f"{whole} && {said}.every((one) => !one.classList.contains('ps-writing'))", 30)
    return answers(visit)


def verdict(visit) -> str:
    visit.wait_until("document.querySelector('.ps-twin-verdict').textContent", 120)
    return visit.text(".ps-twin-verdict")


def own_workers(visit) -> int:
    """The Workers of the page's run on the CPU engine."""
    return visit.evaluate("Math.min(4, navigator.hardwareConcurrency)")


def test_the_model_of_now_and_of_then_answer_the_same_question(served: str, visit) -> None:
    visit.go(f"{served}/{TALK}")
    visit.pause_at_sample(100)
    visit.press("Start")
    visit.wait("session.status === 'paused'")
    page, before = visit.page, visit.session("session.fingerprint()")
    fields = page.locator(".ps-talk-fields")
    expect(fields.get_by_label("and compare with").locator("option")).to_have_text(
        ["no other model", "now, at iteration 100", *[f"at iteration {at}" for at in (100, 50, 25, 0)]]
    )
    fields.get_by_label("and compare with").select_option("25")
    fields.get_by_label("Characters").fill("40")
    now, then = ask(visit, 40, 2)
    # With the run's own prompt and seed as dice, each writes what the run wrote there.
    assert then == visit.session("session.samples.find((one) => one.iteration === 25).text")
    assert now == visit.session("session.samples.find((one) => one.iteration === 100).text")
    fields.get_by_label("Top-k").fill("2")
    assert ask(visit, 40, 2)[0] != now
    page.get_by_label("Prompt").fill("Café")
    visit.press_when_read("Ask")
    expect(page.locator(".ps-talk-remarks").first).to_have_text(
        "The model does not know “é”: its text has no such character. Replace it and ask again."
    )
    assert visit.session("session.fingerprint()") == before and visit.session("session.iteration") == 100
    assert len(visit.workers) == own_workers(visit) and visit.complaints == []


def test_twins_are_equal_and_another_letter_parts_them(base: str, visit) -> None:
    visit.go(f"{base}/{TWINS}")
    visit.press("Train both")
    assert verdict(visit) == EQUAL
    hashes = visit.page.locator(".ps-twin-table .ps-hash").all_inner_texts()
    assert hashes[:2] == hashes[2:] and all(len(one) == 64 for one in hashes)
    visit.page.get_by_label("Seed on the right").fill("Hamlet")
    visit.press_when_read("Train both")
    expect(visit.page.locator(".ps-twin-verdict")).to_contain_text("The losses differ from iteration 0 on. Their seeds")
    again = visit.page.locator(".ps-twin-table .ps-hash").all_inner_texts()
    assert again[:2] == hashes[:2] and again[2:] != hashes[2:]
    # The page's own run may have been rehearsed.
    assert len(visit.workers) <= own_workers(visit) and visit.complaints == []


def recorded(folder: Path, seed: str, *options: str) -> Path:
    """The lesson's run up to the twins' last iteration, by `python3 build record`."""
    file = folder / f"{seed}{'-'.join(options)}.safetensors"
    choice = os.environ.get(corpora.VARIABLE) or corpora.PLAY_MACHINE
    command = [sys.executable, str(ROOT / "build"), "record", "--corpus", choice, "--seed", seed, "--until", str(UNTIL)]
    result = subprocess.run([*command, *options, "--save", str(file)], capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr
    return file


def neighbours(visit, file: Path, lines: int, said: str) -> list[str]:
    """Opens a file of which the page says this, and returns what it says of each run beside it."""
    results = visit.page.locator(".ps-neighbour-results > li")
    visit.page.locator(".ps-neighbour input[type=file]").set_input_files(file)
    expect(visit.page.locator(".ps-neighbour-badge")).to_contain_text(said, timeout=30_000)
    visit.wait_until(f"document.querySelectorAll('.ps-neighbour-results > li').length === {lines}", 60)
    return results.all_inner_texts()


@pytest.mark.full
@pytest.mark.parametrize("where", ["http", "file", "one file"])
def test_twins_have_the_bits_of_a_run_that_was_recorded_elsewhere(
    where: str, site: Path, served: str, visit, tmp_path: Path
) -> None:
    url = f"{served}/{LESSON_TWINS}" if where == "http" else (site / LESSON_TWINS).as_uri()
    if where == "one file":
        whole = tmp_path / "lesson-twins.html"
        whole.write_text(single_file.make(site, LESSON_TWINS, lambda _texts: ""), encoding="utf-8")
        url = whole.as_uri()
    same, other = recorded(tmp_path, "hamlet"), recorded(tmp_path, "ophelia")
    visit.go(url)
    visit.press("Train both")
    assert verdict(visit) == EQUAL
    left, right = neighbours(visit, same, 2, "seed “hamlet”, iteration 40")
    assert [left, right] == [f"Beside the run on the {side}: {RECORDED_EQUAL}" for side in ("left", "right")]
    parted = neighbours(visit, other, 2, "seed “ophelia”, iteration 40")
    assert all(
        "The losses differ from iteration 0 on. Their seeds differ: “hamlet” and “ophelia”" in one for one in parted
    )
    # The neighbour's seed, trained here up to the neighbour's iteration.
    visit.press_when_read("Train “ophelia” here up to iteration 40, and compare")
    visit.wait_until(f"document.querySelector('.ps-neighbour-results').textContent.includes({RECORDED_EQUAL!r})", 120)
    assert visit.complaints == []


@pytest.mark.full
def test_equality_is_never_claimed_across_modules(served: str, visit_with, tmp_path: Path) -> None:
    visit = visit_with(WITHOUT_FMA)
    visit.go(f"{served}/{LESSON_TWINS}")
    visit.press("Train both")
    assert verdict(visit) == EQUAL
    same, other = recorded(tmp_path, "hamlet", "--module", "base"), recorded(tmp_path, "hamlet", "--module", "fma")
    assert all(RECORDED_EQUAL in one for one in neighbours(visit, same, 2, "module base"))
    for line in neighbours(visit, other, 2, "module fma"):
        # After 40 iterations the difference is still too small for a bit of the loss.
        assert "The weights differ." in line and "Equal" not in line
        assert "The module fma rounds a product and its sum once" in line


@pytest.mark.full
def test_a_file_that_is_dropped_on_the_twins_is_only_compared(served: str, visit) -> None:
    visit.go(f"{served}/{TWINS}")
    visit.press("Train both")
    verdict(visit)
    file = visit.evaluate("""(async () => {
        const session = pressStart.sessions.main, file = await session.save();
        return [...new Uint8Array(await file.arrayBuffer())];
    })()""")
    place = visit.page.locator(".ps-neighbour")
    place.scroll_into_view_if_needed()
    visit.page.evaluate(
        """(bytes) => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(bytes)], "mine.safetensors"));
        const options = { bubbles: true, cancelable: true, dataTransfer: data };
        document.querySelector(".ps-neighbour").dispatchEvent(new DragEvent("drop", options));
    }""",
        file,
    )
    expect(visit.page.locator(".ps-neighbour-results > li").first).to_contain_text(
        "One is at iteration 40, the other at 0"
    )
    expect(visit.page.locator(".ps-file-panel")).to_be_hidden()
    assert visit.session("session.status") == "idle"


@pytest.mark.full
def test_a_model_trained_in_numpy_talks(served: str, visit, tmp_path: Path) -> None:
    file, script = tmp_path / "elsewhere.safetensors", ROOT / "tests/build/recorded/test_other_programs.py"
    paths = os.pathsep.join(str(ROOT / folder) for folder in ("build", "tests/drivers"))
    command = [sys.executable, str(script), "numpy", str(file)]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": paths}, timeout=300)
    visit.go(f"{served}/{TALK}")
    bring(visit.page, "drop", (file.name, file.read_bytes()))
    expect(visit.page.get_by_role("dialog", name=f"What is in “{file.name}”")).to_be_focused()
    visit.press_when_read("Open it beside the run")
    visit.wait_until("'file' in pressStart.sessions")
    model = visit.page.locator(".ps-talk-fields select").first  # “Model”; the other’s options say it too
    visit.page.get_by_label("Prompt").hover()
    model.select_option("file")
    (text,) = ask(visit, 60, 1)
    assert " " in text and visit.complaints == []


@pytest.mark.full
def test_a_run_on_a_graphics_card_is_asked_on_the_cpu_engine(served: str, visit_with) -> None:
    visit = visit_with(*SOFTWARE_CARD)
    visit.go(f"{served}/{TALK}?software-gpu")
    visit.session("session.prefer('webgpu')")
    visit.pause_at_sample(50)
    visit.session("session.start()")
    visit.wait("session.status === 'paused'")
    assert visit.session("session.engine.kind") == "webgpu"
    visit.page.get_by_label("Characters").fill("40")
    visit.page.get_by_label("and compare with").select_option("25")
    written = visit.session("[50, 25].map((at) => session.samples.find((one) => one.iteration === at).text)")
    assert ask(visit, 40, 2) == written


@pytest.mark.full
def test_without_a_script_the_blocks_show_what_was_recorded(served: str, visit_as) -> None:
    page = visit_as(java_script_enabled=False).page
    page.goto(f"{served}/{LESSON_TWINS}")
    expect(page.locator(".ps-talk, .ps-twins").first).to_be_hidden()
    expect(page.locator(".ps-talk-recorded .ps-said")).to_have_count(2)
    hashes = page.locator(".ps-recorded-run .ps-hash").all_inner_texts()
    assert len(hashes) >= 4 and hashes[0] == hashes[1] and hashes[2] != hashes[3]


@pytest.mark.full
def test_axe_finds_nothing_in_answers_and_results(served: str, visit) -> None:
    visit.go(f"{served}/{TWINS}")
    visit.press("Train both")
    verdict(visit)
    assert_nothing_found(visit, "twins")
    visit.go(f"{served}/{TALK}")
    visit.page.get_by_label("Prompt").fill("")
    visit.page.get_by_label("and compare with").select_option("now")
    ask(visit, 60, 2)
    assert_nothing_found(visit, "talk")


@pytest.mark.full
@pytest.mark.parametrize("width", [320, 360, 768])
def test_nothing_moves_when_the_blocks_are_drawn_and_no_page_is_wider_than_the_screen(
    served: str, visit, width: int
) -> None:
    page = visit.page
    page.set_viewport_size({"width": width, "height": 800})
    page.add_init_script(
        "globalThis.shifts = []; new PerformanceObserver((list) => list.getEntries().forEach((one) => "
        "shifts.push(one.value))).observe({ type: 'layout-shift', buffered: true });"
    )
    for path in (TALK, TWINS):
        visit.go(f"{served}/{path}")
        page.wait_for_timeout(500)
        assert sum(visit.evaluate("shifts")) < 0.01, path
        assert visit.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
